//! The command that was run, to be pasted into a ticket or run again: quoted for the shell, secret omitted.

use crate::foreign;
use crate::request::OnboardingRequest;

/// `ssoctl VERB` with its flags. Values may come from strangers; they are quoted and made printable when shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CommandLine {
    verb: String,
    flags: Vec<Flag>,
    /// Those by which any command finds the same installation, and the addresses that were allowed.
    everywhere: Vec<Flag>,
}

/// A flag and its value, if it takes one.
type Flag = (String, Option<String>);

impl CommandLine {
    /// A command without flags.
    #[must_use]
    pub fn new(verb: &str) -> Self {
        Self { verb: verb.to_owned(), ..Self::default() }
    }

    /// The command's words, without its flags.
    #[must_use]
    pub fn verb(&self) -> &str {
        &self.verb
    }

    /// Whether one of `flags` is on it.
    #[must_use]
    pub fn has_any(&self, flags: &[&str]) -> bool {
        self.words().any(|(flag, _)| flags.contains(&flag.as_str()))
    }

    /// Adds a flag without a value, where `on`.
    #[must_use]
    pub fn switch(mut self, flag: &str, on: bool) -> Self {
        if on {
            self.flags.push((flag.to_owned(), None));
        }
        self
    }

    /// Adds a flag with its value, where there is one.
    #[must_use]
    pub fn value(mut self, flag: &str, value: Option<impl Into<String>>) -> Self {
        if let Some(value) = value {
            self.flags.push((flag.to_owned(), Some(value.into())));
        }
        self
    }

    /// Adds a flag that every command takes, with its value, where there is one.
    #[must_use]
    pub fn everywhere(mut self, flag: &str, value: Option<impl Into<String>>) -> Self {
        if let Some(value) = value {
            self.everywhere.push((flag.to_owned(), Some(value.into())));
        }
        self
    }

    /// Adds the domains of `request` that were claimed on the operator's word, and the others where `claimed`.
    #[must_use]
    pub fn domains(self, request: &OnboardingRequest, claimed: bool) -> Self {
        let others = request.domains.iter().filter(|domain| claimed && !request.vouched_domains.contains(domain));
        let command = others.fold(self, |command, domain| command.value("--domain", Some(domain.to_string())));
        let vouched = request.vouched_domains.iter();
        vouched.fold(command, |command, domain| command.value("--vouch-domain", Some(domain.to_string())))
    }

    /// Another command for the same installation: with the flags of this one that every command takes.
    #[must_use]
    pub fn beside(&self, verb: &str) -> Self {
        Self { verb: verb.to_owned(), flags: Vec::new(), everywhere: self.everywhere.clone() }
    }

    /// The same command with some flags set anew: `words` as in `["--issuer", "https://…", "--replace"]`.
    #[must_use]
    pub fn with(&self, words: &[String]) -> Self {
        let mut changed = self.clone();
        if changed.verb == "check" && words.iter().any(|word| word == "--replace") {
            // It writes nothing, and has no flag about writing.
            "onboard".clone_into(&mut changed.verb);
        }
        let mut words = words.iter().peekable();
        while let Some(flag) = words.next() {
            let value = words.next_if(|word| !word.starts_with("--")).cloned();
            changed.flags.retain(|(name, _)| name != flag);
            changed.flags.push((flag.clone(), value));
        }
        changed
    }

    /// What is asked comes first, and where it is asked last.
    fn words(&self) -> impl Iterator<Item = &Flag> {
        self.flags.iter().chain(&self.everywhere)
    }
}

impl std::fmt::Display for CommandLine {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "ssoctl {}", self.verb)?;
        for (flag, value) in self.words() {
            write!(formatter, " {flag}")?;
            if let Some(value) = value {
                // Behind a space it would be read as a flag, quoted or not.
                let between = if value.starts_with('-') { '=' } else { ' ' };
                write!(formatter, "{between}{}", quoted(value))?;
            }
        }
        Ok(())
    }
}

/// `word` as one word of a POSIX shell: bare where nothing in it is special, in single quotes otherwise.
#[must_use]
pub fn quoted(word: &str) -> String {
    let word = foreign::shown_up_to(word, 4096);
    let plain = |character: char| character.is_ascii_alphanumeric() || "-_./:@%+=,".contains(character);
    if !word.is_empty() && word.chars().all(plain) && !word.starts_with('-') {
        word
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_stranger_wrote_is_one_quoted_word() {
        let command = CommandLine::new("check").value("--issuer", Some("https://a.example/'; rm -rf ~ #\u{1b}"));
        assert_eq!(command.to_string(), r"ssoctl check --issuer 'https://a.example/'\''; rm -rf ~ #\u{1b}'");
    }

    #[test]
    fn a_flag_given_anew_replaces_the_old_one() {
        let command = CommandLine::new("onboard").value("--issuer", Some("https://a.example")).switch("--yes", true);
        let again = command.with(&["--issuer".to_owned(), "https://b.example".to_owned(), "--replace".to_owned()]);
        assert_eq!(again.to_string(), "ssoctl onboard --yes --issuer https://b.example --replace");
    }

    #[test]
    fn what_is_to_replace_a_connection_is_no_check() {
        let command = CommandLine::new("check").value("--owner", Some("jane@acme.example"));
        let again = command.with(&["--replace".to_owned()]);
        assert_eq!(again.to_string(), "ssoctl onboard --owner jane@acme.example --replace");
    }

    #[test]
    fn another_command_finds_the_same_installation() {
        let command = CommandLine::new("onboard")
            .value("--owner", Some("jane@acme.example"))
            .everywhere("--config", Some("a b.toml"))
            .everywhere("--database", Some("sqlite:other.db"));
        let beside = command.beside("connection suspend c1").to_string();
        assert_eq!(beside, "ssoctl connection suspend c1 --config 'a b.toml' --database sqlite:other.db");
    }

    #[test]
    fn a_value_that_begins_with_a_dash_is_tied_to_its_flag() {
        let command = CommandLine::new("onboard").value("--ticket", Some("-1")).value("--owner", Some("a@b.example"));
        assert_eq!(command.to_string(), "ssoctl onboard --ticket='-1' --owner a@b.example");
    }

    #[test]
    fn a_value_that_looks_like_a_flag_is_quoted() {
        assert_eq!(quoted("-x"), "'-x'");
        assert_eq!(quoted(""), "''");
    }
}
