//! The installation's configuration: one TOML file, every key known, every default the strict one.

mod mail;

use std::io::Read as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

pub use mail::{InboxConfig, PasswordSource, ReplyConfig, SmtpConfig, SmtpSecurity};
use serde::Deserialize;

mod period;
mod policy;
mod team_urls;

pub use period::{Lifetime, Period};
pub use policy::Policy;
pub use team_urls::{ANY_PROVIDER, SamlConfig, ScimConfig};

/// What `ssoctl.toml` says, with defaults where it says nothing.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Where customers reach the product, without a trailing slash.
    pub public_url: String,
    /// The product database.
    pub database: DatabaseConfig,
    /// The sealing key.
    pub key: KeyConfig,
    /// What customers enter at an OpenID Provider.
    pub oidc: OidcConfig,
    /// What customers enter at a SAML identity provider.
    pub saml: SamlConfig,
    /// What customers enter at their provisioning app, and how long its tokens last.
    pub scim: ScimConfig,
    /// Gates.
    pub policy: Policy,
    /// Support mail.
    pub ticket: TicketConfig,
    /// Outgoing requests.
    pub network: NetworkConfig,
    /// Replies to customers.
    pub reply: ReplyConfig,
    /// The server that sends them.
    pub smtp: SmtpConfig,
    /// The mailbox that requests come into.
    pub inbox: InboxConfig,
    /// The folder relative paths start from: the file's own, else the current one.
    #[serde(skip)]
    pub folder: PathBuf,
    /// The file this came from; `None` for the built-in defaults.
    #[serde(skip)]
    pub file: Option<PathBuf>,
}

/// The `public_url` of a fresh configuration: a reserved name, so that nobody mistakes it for a setting.
pub const SAMPLE_PUBLIC_URL: &str = "https://app.example.com";

impl Default for Config {
    fn default() -> Self {
        Self {
            public_url: SAMPLE_PUBLIC_URL.to_owned(),
            database: DatabaseConfig::default(),
            key: KeyConfig::default(),
            oidc: OidcConfig::default(),
            saml: SamlConfig::default(),
            scim: ScimConfig::default(),
            policy: Policy::default(),
            ticket: TicketConfig::default(),
            network: NetworkConfig::default(),
            reply: ReplyConfig::default(),
            smtp: SmtpConfig::default(),
            inbox: InboxConfig::default(),
            folder: PathBuf::from("."),
            file: None,
        }
    }
}

/// The address in the spelling that customers are told, without a trailing slash: scheme and host in small letters, the host
/// as A-labels, no default port. Identity providers compare redirect URIs letter by letter, and the product's own pages are
/// found under this spelling.
///
/// # Errors
///
/// Why it is no address of a product, in words.
pub fn plain_public_url(given: &str) -> Result<String, &'static str> {
    let url = url::Url::parse(given).ok();
    let url = url.filter(|url| matches!(url.scheme(), "https" | "http") && url.host().is_some());
    let url = url.ok_or("it has to be the https address of your product, as https://app.example.com")?;
    let bare = url.username().is_empty() && url.password().is_none() && url.query().is_none();
    if !bare || url.fragment().is_some() {
        return Err("it has to be without user name, password, `?` and `#`");
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

/// `[database]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DatabaseConfig {
    /// `sqlite:PATH`, relative to the configuration's folder, or `postgres://USER@HOST/DATABASE`.
    pub url: String,
    /// PostgreSQL: the schema that our own tables are in, where that is not the one the server looks in first.
    pub schema: Option<String>,
    /// Given by flag or environment: a relative path then starts from the current folder, as any shell user expects.
    #[serde(skip)]
    pub from_flag: bool,
}

impl Default for DatabaseConfig {
    fn default() -> Self {
        Self { url: "sqlite:ssoctl.db".to_owned(), schema: None, from_flag: false }
    }
}

/// `[key]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct KeyConfig {
    /// A JWK Set of AES-256 keys, mode 0600, relative to the configuration's folder.
    pub file: PathBuf,
}

impl Default for KeyConfig {
    fn default() -> Self {
        Self { file: PathBuf::from("ssoctl.key") }
    }
}

/// `[oidc]`: templates with `{public_url}` and `{team_id}`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OidcConfig {
    /// Where the provider sends people back to.
    pub redirect_uri: String,
    /// Where the provider's own tile starts a sign-in (OpenID Connect Core 1.0, section 4).
    pub initiate_login_uri: String,
}

impl Default for OidcConfig {
    fn default() -> Self {
        Self {
            redirect_uri: "{public_url}/sso/oidc/callback".to_owned(),
            initiate_login_uri: "{public_url}/sso/oidc/login".to_owned(),
        }
    }
}

/// `[ticket]`: what is known of the support mailbox.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TicketConfig {
    /// How the help desk writes a ticket's number into subjects: `#{number}` (digits), or `[{ticket}]` (letters, digits,
    /// `-` and `_`).
    pub pattern: String,
    /// The name that the receiving mail server writes at the start of `Authentication-Results`; results of others are
    /// not believed. That server has to remove fields of this name from what it receives (RFC 8601, section 5).
    pub trusted_authserv_id: Option<String>,
    /// Addresses, or whole domains, of the help desk and of colleagues: they pass on what customers wrote.
    pub relays: Vec<String>,
}

impl Default for TicketConfig {
    fn default() -> Self {
        Self { pattern: "#{number}".to_owned(), trusted_authserv_id: None, relays: Vec::new() }
    }
}

/// `[network]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NetworkConfig {
    /// Origins (`https://host:port`) that may be private, loopback or plain http. Link-local and cloud metadata
    /// addresses stay refused.
    pub allow_origins: Vec<String>,
    /// PEM files with further root certificates, relative to the configuration's folder.
    pub ca_certs: Vec<PathBuf>,
    /// The only proxy that is used: the environment's are ignored.
    pub proxy: Option<String>,
    /// Name servers for domain proofs, instead of the system's.
    pub dns_servers: Vec<SocketAddr>,
}

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("could not read the configuration `{}`", .file.display())]
    Unreadable {
        /// Which.
        file: PathBuf,
        /// The system's words.
        #[source]
        source: std::io::Error,
    },
    /// The file was come upon and not named, and is somebody else's.
    #[error("the configuration `{}` belongs to another user (uid {owner})", .file.display())]
    Stranger {
        /// Which.
        file: PathBuf,
        /// Whose.
        owner: u32,
    },
    /// The file is not what it should be.
    #[error("the configuration `{}` is not valid", .file.display())]
    Invalid {
        /// Which.
        file: PathBuf,
        /// Where and what, in words.
        reason: String,
    },
}

/// Largest configuration read, in bytes.
const FILE_BYTES: u64 = 1024 * 1024;

/// The file name looked for where none is given.
pub const FILE_NAME: &str = "ssoctl.toml";

impl Config {
    /// Reads `explicit` (`--config`, `SSOCTL_CONFIG`), else `./ssoctl.toml`, else `ssoctl/ssoctl.toml` in the XDG
    /// configuration folder; the built-in defaults where there is none.
    ///
    /// # Errors
    ///
    /// [`ConfigError`]: an explicit file that is missing, one that was come upon and is another user's, or any file that
    /// cannot be read or has an unknown key.
    pub fn find(explicit: Option<&Path>) -> Result<Self, ConfigError> {
        if let Some(file) = explicit {
            return Self::read(file);
        }
        let Some(file) = Self::place() else { return Ok(Self::default()) };
        if let Some(owner) = stranger(&file) {
            return Err(ConfigError::Stranger { file, owner });
        }
        Self::read(&file)
    }

    /// The file that is taken where none is named; `None` where there is none.
    #[must_use]
    pub fn place() -> Option<PathBuf> {
        std::iter::once(PathBuf::from(FILE_NAME)).chain(xdg_file()).find(|file| file.exists())
    }

    fn read(file: &Path) -> Result<Self, ConfigError> {
        let text = read_text(file).map_err(|source| ConfigError::Unreadable { file: file.to_owned(), source })?;
        let mut config = Self::parse(&text).map_err(|reason| ConfigError::Invalid { file: file.to_owned(), reason })?;
        config.folder = match file.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
            _ => PathBuf::from("."),
        };
        config.file = Some(file.to_owned());
        Ok(config)
    }

    /// Reads the text of a configuration file.
    ///
    /// # Errors
    ///
    /// What is wrong and on which line, in words.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut config: Self = toml::from_str(text).map_err(|error| {
            let Some(span) = error.span() else { return in_plain_words(error.message()) };
            let line = 1 + text.get(..span.start).unwrap_or_default().matches('\n').count();
            // The file of `init` has every section: one that was written below it once more is the usual mistake.
            match text.get(span).filter(|_| error.message() == "duplicate key") {
                Some(word) => {
                    format!("line {line}: `{}` is there already, further up: put what belongs to it there", word.trim())
                }
                None => format!("line {line}: {}", in_plain_words(error.message())),
            }
        })?;
        config.public_url = plain_public_url(&config.public_url).map_err(|reason| format!("public_url: {reason}"))?;
        if config.database.schema.as_deref().is_some_and(|schema| schema.trim().is_empty()) {
            return Err(
                "[database] schema: it is empty; without this line ours is where the server looks first".to_owned()
            );
        }
        config.check_team_urls()?;
        Ok(config)
    }

    /// Whether customers are to reach the product over plain http, and not only on this machine.
    #[must_use]
    pub fn is_plain_http_elsewhere(&self) -> bool {
        let Ok(url) = url::Url::parse(&self.public_url) else { return false };
        let here = match url.host() {
            Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(url::Host::Ipv4(address)) => address.is_loopback(),
            Some(url::Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        url.scheme() == "http" && !here
    }

    /// The folder a relative database path starts from.
    #[must_use]
    pub fn database_folder(&self) -> &Path {
        if self.database.from_flag { Path::new(".") } else { &self.folder }
    }

    /// `path` as seen from the configuration's folder.
    #[must_use]
    pub fn resolve(&self, path: &Path) -> PathBuf {
        if path.is_absolute() { path.to_owned() } else { self.folder.join(path) }
    }

    /// The redirect URI for a team; `None` when the template needs a team and none is known.
    #[must_use]
    pub fn redirect_uri(&self, team_id: Option<&str>) -> Option<String> {
        self.expand(&self.oidc.redirect_uri, team_id)
    }

    /// The initiate-login URI for a team; `None` when the template needs a team and none is known.
    #[must_use]
    pub fn initiate_login_uri(&self, team_id: Option<&str>) -> Option<String> {
        self.expand(&self.oidc.initiate_login_uri, team_id)
    }

    fn expand(&self, template: &str, team_id: Option<&str>) -> Option<String> {
        let with_url = template.replace("{public_url}", &self.public_url);
        if !with_url.contains("{team_id}") {
            return Some(with_url);
        }
        let escaped: String = url::form_urlencoded::byte_serialize(team_id?.as_bytes()).collect();
        Some(with_url.replace("{team_id}", &escaped))
    }
}

/// What the reader of TOML says, without the words of our language's types.
fn in_plain_words(message: &str) -> String {
    const WORDS: [(&str, &str); 5] = [
        ("expected usize", "expected a whole number"),
        ("expected a sequence", "expected a list, as [\"…\"]"),
        ("expected a boolean", "expected true or false"),
        ("expected a string", "expected a text in quotes"),
        ("invalid socket address syntax", "it has to be ADDRESS:PORT"),
    ];
    WORDS.iter().fold(message.to_owned(), |text, (theirs, ours)| text.replace(theirs, ours))
}

/// The text of a regular file of this installation, at most 1 MiB: anything else could make us wait, or never end.
///
/// # Errors
///
/// The system's own, and that it is no regular file, too large, or no UTF-8 text.
pub fn read_text(file: &Path) -> std::io::Result<String> {
    let file = crate::files::open_regular(file)?;
    let mut text = String::new();
    if file.take(FILE_BYTES + 1).read_to_string(&mut text)? as u64 > FILE_BYTES {
        return Err(std::io::Error::other(format!("it is larger than {FILE_BYTES} bytes")));
    }
    // Editors on Windows put a byte order mark in front.
    if text.starts_with('\u{feff}') {
        text.remove(0);
    }
    Ok(text)
}

/// Whose a file is, where it is neither ours nor the system's and lies in a folder in which anybody may leave one. In a
/// colleague's folder, or one that a container has from outside, it is there on purpose.
fn stranger(file: &Path) -> Option<u32> {
    use std::os::unix::fs::MetadataExt as _;
    let owner = std::fs::metadata(file).ok()?.uid();
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let is_open_to_all = std::fs::metadata(folder).ok()?.mode() & 0o002 != 0;
    (is_open_to_all && owner != 0 && owner != rustix::process::geteuid().as_raw()).then_some(owner)
}

/// `ssoctl/ssoctl.toml` in the XDG configuration folder; `None` without a home.
fn xdg_file() -> Option<PathBuf> {
    use etcetera::BaseStrategy as _;
    let strategy = etcetera::choose_base_strategy().ok()?;
    Some(strategy.config_dir().join("ssoctl").join(FILE_NAME))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_file_gives_the_strict_defaults() {
        let config = Config::parse("").unwrap();
        assert!(config.policy.require_team_management && config.policy.refuse_public_mailboxes);
        assert!(config.network.allow_origins.is_empty());
    }

    #[test]
    fn an_unknown_key_is_refused_by_name_and_line() {
        let problem = Config::parse("public_url = \"https://a.example\"\n[policy]\nallowed_plan = []\n").unwrap_err();
        assert!(problem.contains("line 3") && problem.contains("allowed_plan"), "{problem}");
    }

    #[test]
    fn a_schema_without_a_name_is_refused() {
        let problem = Config::parse("[database]\nschema = \" \"").unwrap_err();
        assert!(problem.contains("[database] schema") && problem.contains("empty"), "{problem}");
    }

    #[test]
    fn a_section_that_stands_twice_is_named() {
        let twice = format!("{}\n[inbox]\nmailbox = \"Maildir\"\n", include_str!("cli/init/ssoctl.toml"));
        let problem = Config::parse(&twice).unwrap_err();
        assert!(problem.contains("`inbox` is there already, further up"), "{problem}");
        let problem =
            Config::parse("public_url = \"https://a.example\"\npublic_url = \"https://b.example\"").unwrap_err();
        assert!(problem.starts_with("line 2: `public_url` is there already"), "{problem}");
    }

    #[test]
    fn a_public_url_that_is_none_is_told_how_it_looks() {
        for url in ["app.acme.example", "", "https://", "ftp://acme.example", "localhost:3000"] {
            let problem = Config::parse(&format!("public_url = \"{url}\"")).unwrap_err();
            assert!(problem.contains("as https://app.example.com"), "{url}: {problem}");
        }
        for url in ["https://u:CANARY@acme.example", "https://acme.example/?a=b", "https://acme.example/#a"] {
            let problem = Config::parse(&format!("public_url = \"{url}\"")).unwrap_err();
            assert!(problem.contains("without user name") && !problem.contains("CANARY"), "{url}: {problem}");
        }
    }

    #[test]
    fn the_redirect_uri_follows_the_template() {
        let config = Config::parse("public_url = \"https://app.acme.example/\"").unwrap();
        assert_eq!(config.redirect_uri(None).as_deref(), Some("https://app.acme.example/sso/oidc/callback"));
    }

    #[test]
    fn customers_are_told_the_spelling_that_providers_and_browsers_use() {
        for (typed, told) in [
            ("HTTPS://App.Acme.Example", "https://app.acme.example"),
            ("https://app.acme.example:443/", "https://app.acme.example"),
            ("https://Bücher.example/Shop/", "https://xn--bcher-kva.example/Shop"),
            ("http://LOCALHOST:8080", "http://localhost:8080"),
        ] {
            let config = Config::parse(&format!("public_url = \"{typed}\"")).unwrap();
            assert_eq!(config.public_url, told);
        }
    }

    #[test]
    fn a_value_of_another_kind_is_refused_in_plain_words() {
        for (text, words) in [
            ("[policy]\nmax_domains = -1", "line 2: invalid value: integer `-1`, expected a whole number"),
            ("[network]\nca_certs = \"x\"", "expected a list, as"),
            ("[policy]\nrequire_dns_proof = \"yes\"", "expected true or false"),
            ("public_url = 5", "expected a text in quotes"),
            ("[network]\ndns_servers = [\"dns\"]", "it has to be ADDRESS:PORT"),
        ] {
            let problem = Config::parse(text).unwrap_err();
            assert!(problem.contains(words), "{text}: {problem}");
        }
    }

    #[test]
    fn customers_are_told_no_address_that_is_none() {
        for (text, key) in [
            ("public_url = \"app\"", "public_url: it has to be the https address"),
            ("[oidc]\nredirect_uri = \"/sso/callback\"", "oidc.redirect_uri: it has to be a web address"),
            ("[oidc]\nredirect_uri = \"{public_url}/sso#x\"", "oidc.redirect_uri: it has to be a web address"),
            ("[oidc]\nredirect_uri = \"{public_url}/{team}\"", "one of {public_url}, {team_id}"),
            ("[oidc]\ninitiate_login_uri = \"{public_ur}/login\"", "oidc.initiate_login_uri: what stands in braces"),
        ] {
            let problem = Config::parse(text).unwrap_err();
            assert!(problem.contains(key), "{text}: {problem}");
        }
        Config::parse("[oidc]\nredirect_uri = \"{public_url}/sso?team={team_id}\"").unwrap();
    }

    #[test]
    fn plain_http_is_for_this_machine_alone() {
        for (url, elsewhere) in [
            ("http://app.acme.example", true),
            ("http://192.0.2.7:8080", true),
            ("https://app.acme.example", false),
            ("http://localhost:8080", false),
            ("http://app.localhost", false),
            ("http://127.0.0.1", false),
            ("http://[::1]:8080", false),
        ] {
            let config = Config::parse(&format!("public_url = \"{url}\"")).unwrap();
            assert_eq!(config.is_plain_http_elsewhere(), elsewhere, "{url}");
        }
    }

    #[test]
    fn a_template_with_a_team_needs_one_and_escapes_it() {
        let config = Config::parse("[oidc]\nredirect_uri = \"{public_url}/t/{team_id}\"").unwrap();
        assert_eq!(config.redirect_uri(None), None);
        assert_eq!(config.redirect_uri(Some("a/b")).as_deref(), Some("https://app.example.com/t/a%2Fb"));
    }
}
