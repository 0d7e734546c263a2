//! The words of a reply: templates, sentences and places to click, built in for English, and from a folder of the
//! operator's own for any language.
//!
//! A folder has one folder a language (`en`, `de`, `pt-BR`). A file that a language does not have is taken from the
//! folder's English, then from the built-in one. docs/replies.md lists files and variables.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use crate::checks::reasons::reasons;
use crate::config::read_text;

/// The language that is built in.
pub const ENGLISH: &str = "en";

/// The mails there are, each a file `NAME.txt`.
pub const MAILS: [(&str, &str); 9] = [
    ("prepare_oidc", include_str!("../replies/en/prepare_oidc.txt")),
    ("prepare_saml", include_str!("../replies/en/prepare_saml.txt")),
    ("onboarded", include_str!("../replies/en/onboarded.txt")),
    ("replaced", include_str!("../replies/en/replaced.txt")),
    ("unchanged", include_str!("../replies/en/unchanged.txt")),
    ("staged", include_str!("../replies/en/staged.txt")),
    ("valid", include_str!("../replies/en/valid.txt")),
    ("refused", include_str!("../replies/en/refused.txt")),
    ("unanswered", include_str!("../replies/en/unanswered.txt")),
];

const WORDS: &str = include_str!("../replies/en/words.toml");
const REASONS: &str = include_str!("../replies/en/reasons.toml");
const PLACES: &str = include_str!("../replies/en/places.toml");
const STEPS: &str = include_str!("../replies/en/steps.toml");

/// What the template of an outcome's mail may name, in braces.
pub const VARIABLES: [&str; 17] = [
    "name",
    "owner",
    "team",
    "ticket",
    "ticket_tag",
    "make",
    "provider",
    "issuer",
    "client_id",
    "domains",
    "points",
    "steps",
    "next",
    "notes",
    "values",
    "provisioning",
    "colleagues",
];

/// What `prepare_oidc.txt`, beside `{steps}`, and the `oidc` steps may name.
pub const OIDC_VARIABLES: [&str; 12] = [
    "name",
    "owner",
    "team",
    "ticket",
    "ticket_tag",
    "make",
    "domains",
    "people",
    "challenge_name",
    "challenge",
    "redirect_uri",
    "initiate_login_uri",
];

/// What `prepare_saml.txt`, beside `{steps}`, and the `saml` steps may name.
pub const SAML_VARIABLES: [&str; 17] = [
    "name",
    "owner",
    "team",
    "ticket",
    "ticket_tag",
    "make",
    "domains",
    "people",
    "challenge_name",
    "challenge",
    "account_token",
    "acs_url",
    "acs_pattern",
    "entity_id",
    "relay_state",
    "name_id_format",
    "attributes",
];

/// What a sentence of `reasons.toml` may name.
pub const REASON_VARIABLES: [&str; 13] = [
    "tell",
    "owner",
    "team",
    "make",
    "provider",
    "issuer",
    "client_id",
    "domains",
    "colleagues",
    "customer_gave",
    "provider_says",
    "record_to_set",
    "to_register",
];

/// Texts by key.
type Table = BTreeMap<String, String>;

/// Texts by section and key.
type Sections = BTreeMap<String, Table>;

/// Subject and text by name.
type Mails = BTreeMap<String, (String, String)>;

/// Why the templates cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ReplyError {
    /// No folder of that language.
    #[error("there are no replies in the language `{language}`")]
    NoLanguage {
        /// Which was asked for, printable.
        language: String,
        /// Those there are.
        available: Vec<String>,
    },
    /// A file or folder cannot be read.
    #[error("could not read `{}`", .path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// The system's words.
        #[source]
        source: std::io::Error,
    },
    /// A file is not what it should be.
    #[error("the reply template `{}` is not valid: {reason}", .path.display())]
    Invalid {
        /// Which.
        path: PathBuf,
        /// What is wrong, in words.
        reason: String,
    },
}

/// What replies are worded with: what a folder of the operator's own says, before what is built in.
#[derive(Debug, Clone)]
pub struct Replies {
    /// Subject and text by name of the mail.
    mails: Mails,
    words: Table,
    /// Sentences of a folder: they come before a check's own.
    reasons: Table,
    places: Sections,
    /// How the application is made, by make and protocol.
    steps: Sections,
    /// Whether the customer may be told their colleagues' addresses.
    pub(super) name_colleagues: bool,
}

/// The built-in texts, each file read when the first of its texts is wanted: most mails need one or two of them.
static BUILT_IN_MAILS: LazyLock<Mails> =
    LazyLock::new(|| MAILS.iter().filter_map(|(name, text)| Some(((*name).to_owned(), parted(text).ok()?))).collect());
static BUILT_IN_WORDS: LazyLock<Table> = LazyLock::new(|| table(WORDS).unwrap_or_default());
/// For checks that have no sentence of their own.
static BUILT_IN_REASONS: LazyLock<Table> = LazyLock::new(|| table(REASONS).unwrap_or_default());
static BUILT_IN_PLACES: LazyLock<Sections> = LazyLock::new(|| tables(PLACES).unwrap_or_default());
static BUILT_IN_STEPS: LazyLock<Sections> = LazyLock::new(|| tables(STEPS).unwrap_or_default());

/// Nothing of the operator's own.
static BUILT_IN: Replies = Replies {
    mails: Mails::new(),
    words: Table::new(),
    reasons: Table::new(),
    places: Sections::new(),
    steps: Sections::new(),
    name_colleagues: true,
};

impl Replies {
    /// English, as built in.
    #[must_use]
    pub fn built_in() -> &'static Self {
        &BUILT_IN
    }

    /// The replies of `language`, with the files of `folder` in place of the built-in ones.
    ///
    /// # Errors
    ///
    /// [`ReplyError`]: a language that nobody has written, a file that cannot be read, an unknown file name, variable or
    /// key.
    pub fn load(folder: Option<&Path>, language: &str) -> Result<Self, ReplyError> {
        let mut replies = BUILT_IN.clone();
        let layers = match folder {
            None if language == ENGLISH => Vec::new(),
            None => return Err(no_language(language, vec![ENGLISH.to_owned()])),
            Some(folder) => {
                let available = languages(folder)?;
                if language != ENGLISH && !available.iter().any(|one| one == language) {
                    return Err(no_language(language, available));
                }
                let mut layers = vec![ENGLISH.to_owned()];
                layers.extend((language != ENGLISH).then(|| language.to_owned()));
                layers.into_iter().filter(|one| available.contains(one)).map(|one| folder.join(one)).collect()
            }
        };
        for layer in layers {
            replies.read(&layer)?;
        }
        Ok(replies)
    }

    /// The same, with or without colleagues' addresses.
    #[must_use]
    pub const fn naming_colleagues(mut self, yes: bool) -> Self {
        self.name_colleagues = yes;
        self
    }

    /// Takes over every file of `folder`. One with a name of no meaning is refused: it was meant to do something.
    fn read(&mut self, folder: &Path) -> Result<(), ReplyError> {
        for path in entries(folder)? {
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            if name.starts_with('.') || name.ends_with('~') {
                continue;
            }
            let invalid = |reason: String| ReplyError::Invalid { path: path.clone(), reason };
            let text = || {
                let text = read_text(&path).map_err(|source| ReplyError::Unreadable { path: path.clone(), source })?;
                printable(&text).map_err(invalid)?;
                Ok(text)
            };
            match name.rsplit_once('.') {
                Some(("words", "toml")) => {
                    let read = table(&text()?).map_err(invalid)?;
                    only_known(&read, BUILT_IN_WORDS.keys().map(String::as_str)).map_err(invalid)?;
                    self.words.extend(read);
                }
                Some(("reasons", "toml")) => {
                    let read = table(&text()?).map_err(invalid)?;
                    only_codes(&read).map_err(invalid)?;
                    read.values().try_for_each(|text| only_variables(text, &REASON_VARIABLES)).map_err(invalid)?;
                    self.reasons.extend(read);
                }
                Some(("places", "toml")) => {
                    for (make, read) in tables(&text()?).map_err(invalid)? {
                        only_makes(&make, &BUILT_IN_PLACES).map_err(invalid)?;
                        let known = super::steps::Value::ALL.map(super::steps::Value::key);
                        only_known(&read, known).map_err(invalid)?;
                        self.places.entry(make).or_default().extend(read);
                    }
                }
                Some(("steps", "toml")) => {
                    for (make, read) in tables(&text()?).map_err(invalid)? {
                        only_makes(&make, &BUILT_IN_STEPS).map_err(invalid)?;
                        only_known(&read, STEPS_OF).map_err(invalid)?;
                        for (protocol, text) in &read {
                            only_variables(text, step_variables(protocol)).map_err(invalid)?;
                        }
                        self.steps.entry(make).or_default().extend(read);
                    }
                }
                Some((mail, "txt")) if BUILT_IN_MAILS.contains_key(mail) => {
                    let read = parted(&text()?).map_err(invalid)?;
                    for text in [&read.0, &read.1] {
                        only_variables(text, &mail_variables(mail)).map_err(invalid)?;
                    }
                    self.mails.insert(mail.to_owned(), read);
                }
                _ => {
                    let known = MAILS.map(|(name, _)| format!("{name}.txt")).join(", ");
                    return Err(invalid(format!(
                        "no such file is read; there are {known}, words.toml, reasons.toml, places.toml and steps.toml"
                    )));
                }
            }
        }
        Ok(())
    }

    /// Subject and text of a mail, with its variables still in it.
    pub(in crate::report) fn mail(&self, name: &str) -> Option<(&str, &str)> {
        let (subject, text) = self.mails.get(name).or_else(|| BUILT_IN_MAILS.get(name))?;
        Some((subject, text))
    }

    /// A word between values.
    pub(in crate::report) fn word(&self, key: &str) -> &str {
        self.words.get(key).or_else(|| BUILT_IN_WORDS.get(key)).map_or("", String::as_str)
    }

    /// The sentence of the operator's own for a reason code.
    pub(super) fn own_reason(&self, code: &str) -> Option<&str> {
        self.reasons.get(code).map(String::as_str)
    }

    /// The sentence for a reason code whose check has none, or for any other.
    pub(super) fn reason(&self, code: &str) -> &str {
        let own = |code| self.own_reason(code).or_else(|| BUILT_IN_REASONS.get(code).map(String::as_str));
        own(code).or_else(|| own("otherwise")).unwrap_or("We will come back to you.")
    }

    /// Where a make has a value: its own entry, else that of any make.
    pub(super) fn place(&self, make: &str, value: &str) -> Option<&str> {
        in_section(&self.places, &BUILT_IN_PLACES, make, value)
    }

    /// How the application is made at a make: its own entry, else that of any make.
    pub(in crate::report) fn steps(&self, make: &str, protocol: &str) -> Option<&str> {
        in_section(&self.steps, &BUILT_IN_STEPS, make, protocol)
    }
}

/// The text of a make, be it the operator's own or built in, else that of any make.
fn in_section<'r>(own: &'r Sections, built_in: &'r LazyLock<Sections>, make: &str, key: &str) -> Option<&'r str> {
    let of = |make| own.get(make).and_then(|texts| texts.get(key)).or_else(|| built_in.get(make)?.get(key));
    of(make).or_else(|| of("generic")).map(String::as_str)
}

/// The keys of a section of `steps.toml`.
const STEPS_OF: [&str; 2] = ["oidc", "saml"];

fn step_variables(protocol: &str) -> &'static [&'static str] {
    if protocol == "saml" { &SAML_VARIABLES } else { &OIDC_VARIABLES }
}

fn mail_variables(mail: &str) -> Vec<&'static str> {
    match mail.strip_prefix("prepare_") {
        Some(protocol) => step_variables(protocol).iter().copied().chain(["steps"]).collect(),
        None => VARIABLES.to_vec(),
    }
}

fn no_language(language: &str, available: Vec<String>) -> ReplyError {
    ReplyError::NoLanguage { language: crate::foreign::shown_up_to(language, 40), available }
}

/// The languages that `folder` has, and the built-in one.
fn languages(folder: &Path) -> Result<Vec<String>, ReplyError> {
    let mut names: Vec<String> = entries(folder)?
        .into_iter()
        .filter(|path| path.is_dir())
        .filter_map(|path| path.file_name()?.to_str().map(str::to_owned))
        .filter(|name| name.len() <= 20 && name.bytes().all(|one| one.is_ascii_alphanumeric() || one == b'-'))
        .collect();
    names.sort();
    Ok(names)
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, ReplyError> {
    let unreadable = |source| ReplyError::Unreadable { path: folder.to_owned(), source };
    let listing = std::fs::read_dir(folder).map_err(unreadable)?;
    let mut paths =
        listing.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>().map_err(unreadable)?;
    paths.sort();
    Ok(paths)
}

/// `Subject: …`, a blank line, the text.
fn parted(text: &str) -> Result<(String, String), String> {
    let text = text.replace("\r\n", "\n");
    let (subject, text) = text
        .strip_prefix("Subject:")
        .and_then(|rest| rest.split_once("\n\n"))
        .ok_or_else(|| "it has to begin with the line `Subject: …` and a blank line".to_owned())?;
    let subject = subject.trim();
    if subject.is_empty() || subject.contains('\n') || text.trim().is_empty() {
        return Err("subject and text must not be empty, and the subject is one line".to_owned());
    }
    Ok((subject.to_owned(), text.to_owned()))
}

fn table(text: &str) -> Result<Table, String> {
    toml::from_str(text).map_err(|error| error.message().to_owned())
}

fn tables(text: &str) -> Result<Sections, String> {
    toml::from_str(text).map_err(|error| error.message().to_owned())
}

fn only_known<'k>(read: &Table, known: impl IntoIterator<Item = &'k str>) -> Result<(), String> {
    let known: Vec<&str> = known.into_iter().collect();
    match read.keys().find(|key| !known.contains(&key.as_str())) {
        Some(key) => {
            Err(format!("`{}` is no key of it; there are {}", crate::foreign::shown_up_to(key, 40), known.join(", ")))
        }
        None => Ok(()),
    }
}

/// A reason code that is misspelt would leave the sentence it is for as it was.
fn only_codes(read: &Table) -> Result<(), String> {
    let is_code = |key: &str| BUILT_IN_REASONS.contains_key(key) || reasons().any(|reason| reason.code == key);
    match read.keys().find(|key| !is_code(key)) {
        Some(key) => Err(format!(
            "`{}` is no reason code; docs/checks.md lists them, and `ssoctl explain CODE` says what one means",
            crate::foreign::shown_up_to(key, 40)
        )),
        None => Ok(()),
    }
}

fn only_makes(make: &str, known: &Sections) -> Result<(), String> {
    if known.contains_key(make) {
        return Ok(());
    }
    let known: Vec<&str> = known.keys().map(String::as_str).collect();
    Err(format!("`[{}]` is no make of it; there are {}", crate::foreign::shown_up_to(make, 40), known.join(", ")))
}

/// A mail holds no control characters, and no terminal is to be shown any.
fn printable(text: &str) -> Result<(), String> {
    match text.chars().find(|one| one.is_control() && !matches!(one, '\n' | '\r' | '\t')) {
        Some(control) => Err(format!("it holds the control character U+{:04X}", u32::from(control))),
        None => Ok(()),
    }
}

fn only_variables(text: &str, known: &[&str]) -> Result<(), String> {
    match variables(text).into_iter().find(|name| !known.contains(name)) {
        Some(name) => Err(format!("`{{{name}}}` is no variable of it; there are {}", known.join(", "))),
        None => Ok(()),
    }
}

/// The names in braces that have the shape of a variable.
pub(super) fn variables(text: &str) -> Vec<&str> {
    let shaped = |name: &&str| !name.is_empty() && name.bytes().all(|one| one.is_ascii_lowercase() || one == b'_');
    text.split('{').skip(1).filter_map(|rest| rest.split_once('}').map(|(name, _)| name)).filter(shaped).collect()
}

/// Replaces every `{name}` of `template` in one pass: a value that contains braces is not read again.
pub(in crate::report) fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(template.len() * 2);
    let mut rest = template;
    while let Some(start) = rest.find('{') {
        let (before, from) = rest.split_at(start);
        out.push_str(before);
        let value = from.find('}').and_then(|end| {
            let name = from.get(1..end)?;
            let (_, value) = values.iter().find(|(known, _)| *known == name)?;
            Some((end, value))
        });
        if let Some((end, value)) = value {
            out.push_str(value);
            rest = from.get(end + 1..).unwrap_or_default();
        } else {
            out.push('{');
            rest = from.get(1..).unwrap_or_default();
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_built_in_is_valid_and_names_known_variables_only() {
        for (name, text) in MAILS {
            let (subject, text) = parted(text).unwrap();
            only_variables(&subject, &mail_variables(name)).unwrap();
            only_variables(&text, &mail_variables(name)).unwrap();
            assert!(Replies::built_in().mail(name).is_some());
        }
        table(WORDS).unwrap();
        tables(PLACES).unwrap();
        for (protocol, text) in tables(STEPS).unwrap().values().flatten() {
            only_variables(text, step_variables(protocol)).unwrap();
        }
        for text in table(REASONS).unwrap().values() {
            only_variables(text, &REASON_VARIABLES).unwrap();
        }
    }

    #[test]
    fn a_value_with_braces_is_not_read_again() {
        assert_eq!(fill("Hello {name}, {x} {", &[("name", "{team}"), ("team", "Acme")]), "Hello {team}, {x} {");
    }

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        folder
    }

    #[test]
    fn a_language_of_ones_own_falls_back_to_ones_own_english_and_then_to_the_built_in_one() {
        let folder = folder(&[
            ("en/valid.txt", "Subject: OK\n\nFine, {name}.\n"),
            ("de/refused.txt", "\u{feff}Subject: SSO für {team}\r\n\r\nHallo {name},\r\n\r\n{steps}\r\n"),
            ("de/words.toml", "there = 'zusammen'"),
        ]);
        let replies = Replies::load(Some(folder.path()), "de").unwrap();
        assert_eq!(replies.mail("refused").unwrap().0, "SSO für {team}");
        assert_eq!(replies.mail("valid").unwrap().0, "OK");
        assert_eq!(replies.mail("onboarded"), Replies::built_in().mail("onboarded"));
        assert_eq!((replies.word("there"), replies.word("your_team")), ("zusammen", "your team"));
    }

    #[test]
    fn a_language_that_nobody_wrote_is_refused_with_those_there_are() {
        let folder = folder(&[("de/words.toml", "")]);
        for language in ["fr", "../de", ""] {
            let error = Replies::load(Some(folder.path()), language).unwrap_err();
            assert!(matches!(&error, ReplyError::NoLanguage { available, .. } if available == &["de"]), "{error}");
        }
        assert!(Replies::load(None, "de").is_err());
        assert!(Replies::load(Some(folder.path()), ENGLISH).is_ok(), "English is always there");
    }

    #[test]
    fn a_typing_error_in_a_file_of_ones_own_is_named() {
        for (name, text, named) in [
            ("en/refuse.txt", "Subject: a\n\nb\n", "no such file"),
            ("en/refused.txt", "Subject: a\n\n{stepps}\n", "{stepps}"),
            ("en/refused.txt", "Hello\n", "Subject"),
            ("en/refused.txt", "Subject: a\n\n\n", "empty"),
            ("en/prepare_oidc.txt", "Subject: a\n\n{acs_url}\n", "{acs_url}"),
            ("en/prepare_saml.txt", "Subject: a\n\n{values}\n", "{values}"),
            ("en/steps.toml", "[okta]\noidc = '{acs_url}'", "{acs_url}"),
            ("en/steps.toml", "[okta]\nsaml = '{steps}'", "{steps}"),
            ("en/steps.toml", "[okta]\noauth = 'x'", "`oauth`"),
            ("en/words.toml", "ther = 'x'", "`ther`"),
            ("en/words.toml", "there = 1", "string"),
            ("en/places.toml", "[okta]\nclient = 'x'", "`client`"),
            ("en/reasons.toml", "bad_secret = '{steps}'", "{steps}"),
            ("en/reasons.toml", "bad_secrt = 'x'", "`bad_secrt`"),
            ("en/places.toml", "[octa]\nissuer = 'x'", "`[octa]`"),
            ("en/steps.toml", "[octa]\noidc = 'x'", "`[octa]`"),
            ("en/refused.txt", "Subject: a\n\n\u{1b}[31mb\n", "U+001B"),
        ] {
            let error = Replies::load(Some(folder(&[(name, text)]).path()), ENGLISH).unwrap_err().to_string();
            assert!(error.contains(named), "{name}: {error}");
        }
    }
}
