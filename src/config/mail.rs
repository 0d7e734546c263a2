//! The mail side of the configuration: how replies are worded, who sends them, and where requests come in.

use std::path::PathBuf;

use serde::Deserialize;

/// `[reply]`: how replies are worded and from whom they come.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ReplyConfig {
    /// A folder of templates, one folder a language in it; relative to the configuration's folder.
    pub folder: Option<PathBuf>,
    /// The language of replies, where `--lang` names no other.
    pub language: String,
    /// Whether a customer may be told which of their colleagues' accounts stand in the way.
    pub name_colleagues: bool,
    /// Who replies come from: `Name <address>`.
    pub from: Option<String>,
    /// Where answers go, where that is not `from`.
    pub reply_to: Option<String>,
    /// Who gets a blind copy of every reply: the support mailbox.
    pub bcc: Vec<String>,
}

impl Default for ReplyConfig {
    fn default() -> Self {
        Self {
            folder: None,
            language: "en".to_owned(),
            name_colleagues: true,
            from: None,
            reply_to: None,
            bcc: Vec::new(),
        }
    }
}

/// `[smtp]`: the server that sends replies.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SmtpConfig {
    /// `host` or `host:port`.
    pub server: Option<String>,
    /// How the connection is encrypted.
    pub security: SmtpSecurity,
    /// Who signs in; `None`: nobody does.
    pub user: Option<String>,
    /// A file with the password, mode 0600, relative to the configuration's folder.
    pub password_file: Option<PathBuf>,
    /// An environment variable with the password.
    pub password_env: Option<String>,
    /// A program, with its arguments, that prints the password.
    pub password_command: Vec<String>,
}

/// How the connection to the SMTP server is encrypted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SmtpSecurity {
    /// It begins in plain text and must be encrypted before anything is said (RFC 3207); port 587.
    #[default]
    Starttls,
    /// Encrypted from the first byte (RFC 8314); port 465.
    Tls,
    /// Not at all: for a relay on this machine; port 25.
    None,
}

/// `[inbox]`: the mailbox that requests come into.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct InboxConfig {
    /// A Maildir, relative to the configuration's folder, or `imaps://host[:port]/Folder`.
    pub mailbox: Option<String>,
    /// Who signs in to the IMAP server.
    pub user: Option<String>,
    /// A file with the password, mode 0600, relative to the configuration's folder.
    pub password_file: Option<PathBuf>,
    /// An environment variable with the password.
    pub password_env: Option<String>,
    /// A program, with its arguments, that prints the password.
    pub password_command: Vec<String>,
}

/// Where a password is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PasswordSource {
    /// In a file.
    File(PathBuf),
    /// In the environment.
    Variable(String),
    /// A program prints it.
    Command(Vec<String>),
}

impl PasswordSource {
    /// The one place that is named.
    ///
    /// # Errors
    ///
    /// In words, where several are named.
    fn of(
        file: Option<&PathBuf>,
        variable: Option<&String>,
        command: &[String],
        section: &str,
    ) -> Result<Option<Self>, String> {
        let mut named = Vec::new();
        named.extend(file.cloned().map(Self::File));
        named.extend(variable.cloned().map(Self::Variable));
        named.extend((!command.is_empty()).then(|| Self::Command(command.to_vec())));
        match named.len() {
            0 | 1 => Ok(named.pop()),
            _ => Err(format!("{section}: name one of password_file, password_env and password_command, not several")),
        }
    }
}

impl SmtpConfig {
    /// Where the password is kept; `None` where none is needed.
    ///
    /// # Errors
    ///
    /// In words, where several places are named.
    pub fn password(&self) -> Result<Option<PasswordSource>, String> {
        PasswordSource::of(self.password_file.as_ref(), self.password_env.as_ref(), &self.password_command, "[smtp]")
    }
}

impl InboxConfig {
    /// Where the password is kept; `None` where none is needed.
    ///
    /// # Errors
    ///
    /// In words, where several places are named.
    pub fn password(&self) -> Result<Option<PasswordSource>, String> {
        PasswordSource::of(self.password_file.as_ref(), self.password_env.as_ref(), &self.password_command, "[inbox]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_kept_in_one_place() {
        let config: SmtpConfig = toml::from_str("password_env = 'A'\npassword_command = ['pass']").unwrap();
        assert!(config.password().unwrap_err().contains("[smtp]"));
        let config: InboxConfig = toml::from_str("password_command = ['pass', 'imap']").unwrap();
        assert_eq!(config.password(), Ok(Some(PasswordSource::Command(vec!["pass".into(), "imap".into()]))));
        assert_eq!(SmtpConfig::default().password(), Ok(None));
    }

    #[test]
    fn the_connection_is_encrypted_unless_told_otherwise() {
        assert_eq!(SmtpConfig::default().security, SmtpSecurity::Starttls);
        assert!(toml::from_str::<SmtpConfig>("security = 'opportunistic'").is_err());
    }
}
