//! The names a request is made of, each a type that can only hold a well-formed value.
//!
//! Parsing here is strict and mends nothing; what a customer's mail program did to a value is undone in
//! [`crate::intake`], which then calls these.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use unicode_normalization::char::is_combining_mark;

pub use super::issuer_url::{IssuerProblem, IssuerUrl};

/// Longest URL accepted anywhere, in characters.
pub const URL_CHARACTERS: usize = 2048;
/// Longest client id, in characters.
pub const CLIENT_ID_CHARACTERS: usize = 512;
/// Longest client secret, in bytes.
pub const SECRET_BYTES: usize = 8 * 1024;
/// Longest e-mail address, in octets of its A-label form (RFC 5321 section 4.5.3.1.3, less the brackets).
pub const EMAIL_OCTETS: usize = 254;

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Wraps an id that a database gave.
            #[must_use]
            pub fn new(id: impl Into<String>) -> Self {
                Self(id.into())
            }

            /// The id as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }
    };
}

text_id! {
    /// A team in the product database; text whatever the product's own type is.
    TeamId
}
text_id! {
    /// A user in the product database; text whatever the product's own type is.
    UserId
}
text_id! {
    /// One of our connections: a UUID version 7 in its usual spelling.
    ConnectionId
}

text_id! {
    /// One of a connection's SCIM tokens, by which people name it: a UUID version 7 in its usual spelling.
    ScimTokenId
}

impl ConnectionId {
    /// A new id; they sort by the time they were made.
    #[must_use]
    pub fn allocate() -> Self {
        Self(uuid::Uuid::now_v7().to_string())
    }
}

impl ScimTokenId {
    /// A new id; they sort by the time they were made.
    #[must_use]
    pub fn allocate() -> Self {
        Self(uuid::Uuid::now_v7().to_string())
    }
}

/// A mail domain: A-labels, lower case, at least two labels, no trailing dot.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct EmailDomain(String);

/// Why a text is no mail domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DomainProblem {
    /// Nothing there.
    #[error("it is empty")]
    Empty,
    /// Not letters, digits and hyphens in dotted labels; or too long; or a label that IDNA forbids.
    #[error("it is not a domain name")]
    Syntax,
    /// One label only (`localhost`, `com`).
    #[error("it has no dot")]
    SingleLabel,
    /// An IP address.
    #[error("it is an IP address")]
    Address,
}

impl EmailDomain {
    /// Reads a domain in either form, A-labels or Unicode, any case.
    ///
    /// Source: UTS 46 processing with the STD3 rules and DNS lengths; RFC 5890.
    ///
    /// # Errors
    ///
    /// [`DomainProblem`]: the text is not a domain that can receive mail.
    pub fn parse(text: &str) -> Result<Self, DomainProblem> {
        if text.is_empty() {
            return Err(DomainProblem::Empty);
        }
        if text.len() > 1024 {
            return Err(DomainProblem::Syntax);
        }
        let ascii = idna::domain_to_ascii_strict(text).map_err(|_| DomainProblem::Syntax)?;
        if ascii.parse::<std::net::Ipv4Addr>().is_ok() || text.starts_with('[') {
            return Err(DomainProblem::Address);
        }
        if ascii.is_empty() || ascii.len() > 253 || ascii.ends_with('.') {
            return Err(DomainProblem::Syntax);
        }
        if !ascii.contains('.') {
            return Err(DomainProblem::SingleLabel);
        }
        // an A-label that does not survive the round trip through Unicode is a spelling trick.
        let (unicode, outcome) = idna::domain_to_unicode(&ascii);
        let round_trip = idna::domain_to_ascii_strict(&unicode).map_err(|_| DomainProblem::Syntax)?;
        if outcome.is_err() || round_trip != ascii {
            return Err(DomainProblem::Syntax);
        }
        let last = ascii.rsplit('.').next().unwrap_or_default();
        if last.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(DomainProblem::Syntax);
        }
        Ok(Self(ascii))
    }

    /// The A-label spelling (`xn--mller-gmbh-9db.de`).
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The Unicode spelling (`müller-gmbh.de`); the same text for plain ASCII domains.
    #[must_use]
    pub fn to_unicode(&self) -> String {
        idna::domain_to_unicode(&self.0).0
    }
}

impl fmt::Display for EmailDomain {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// An e-mail address: `local@domain`, the local part as written, the domain as an [`EmailDomain`].
///
/// Only the dot-atom form of RFC 5322 section 3.4.1 is taken, in ASCII or UTF-8 (RFC 6531): no comments, no quoted
/// local parts, no address literals. Equality is on the [normalised form](Self::normalised).
#[derive(Debug, Clone, Eq)]
pub struct EmailAddress {
    local: String,
    domain: EmailDomain,
}

/// Why a text is no e-mail address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EmailProblem {
    /// No `@`, or nothing before it.
    #[error("it is not an e-mail address")]
    Syntax,
    /// More than one `@`.
    #[error("it has more than one `@`")]
    SeveralAts,
    /// Longer than mail allows.
    #[error("it is longer than an e-mail address can be")]
    TooLong,
    /// What stands behind the `@`.
    #[error("the part behind the `@` is not a mail domain: {0}")]
    Domain(DomainProblem),
}

impl EmailAddress {
    /// Reads an address.
    ///
    /// # Errors
    ///
    /// [`EmailProblem`]: what keeps the text from being an address.
    pub fn parse(text: &str) -> Result<Self, EmailProblem> {
        if text.len() > 4 * EMAIL_OCTETS {
            return Err(EmailProblem::TooLong);
        }
        let (local, domain) = text.rsplit_once('@').ok_or(EmailProblem::Syntax)?;
        if local.contains('@') {
            return Err(EmailProblem::SeveralAts);
        }
        let dot_atom = !local.is_empty()
            && !local.starts_with('.')
            && !local.ends_with('.')
            && !local.contains("..")
            && local.chars().all(is_local_character);
        if !dot_atom {
            return Err(EmailProblem::Syntax);
        }
        let domain = EmailDomain::parse(domain).map_err(EmailProblem::Domain)?;
        if local.len() > 64 || local.len() + 1 + domain.as_str().len() > EMAIL_OCTETS {
            return Err(EmailProblem::TooLong);
        }
        Ok(Self { local: local.to_owned(), domain })
    }

    /// The part before the `@`, as written.
    #[must_use]
    pub fn local(&self) -> &str {
        &self.local
    }

    /// The part behind the `@`.
    #[must_use]
    pub const fn domain(&self) -> &EmailDomain {
        &self.domain
    }

    /// The part before the `@` as it is compared: in lower case.
    ///
    /// A letter outside ASCII whose small form is one of ASCII stays as it is. The Kelvin sign is no `k`: an address with
    /// it is another account than the one it looks like.
    #[must_use]
    pub fn local_folded(&self) -> String {
        let is_imitation = |one: char| !one.is_ascii() && one.to_lowercase().any(|small| small.is_ascii());
        if !self.local.contains(is_imitation) {
            return self.local.to_lowercase();
        }
        let mut folded = String::with_capacity(self.local.len());
        for one in self.local.chars() {
            if is_imitation(one) {
                folded.push(one);
            } else {
                folded.extend(one.to_lowercase());
            }
        }
        folded
    }

    /// The form addresses are compared in: all lower case, the domain in A-labels.
    #[must_use]
    pub fn normalised(&self) -> String {
        format!("{}@{}", self.local_folded(), self.domain)
    }
}

/// `atext` of RFC 5322 and the dot, plus everything outside ASCII that RFC 6531 adds and a reader can see.
fn is_local_character(character: char) -> bool {
    character.is_ascii_alphanumeric()
        || "!#$%&'*+-/=?^_`{|}~.".contains(character)
        // Accents may be written apart from their letters, and the vowels of many scripts of Asia are.
        || (!character.is_ascii() && (character.is_alphanumeric() || is_combining_mark(character)))
}

impl PartialEq for EmailAddress {
    fn eq(&self, other: &Self) -> bool {
        self.normalised() == other.normalised()
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}@{}", self.local, self.domain)
    }
}

impl Serialize for EmailAddress {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A client id as the provider knows it: 1 to [`CLIENT_ID_CHARACTERS`] visible characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct ClientId(String);

impl ClientId {
    /// Takes a client id; `None` when it is empty, too long, or holds white space or control characters.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let well_formed = !text.is_empty()
            && text.chars().count() <= CLIENT_ID_CHARACTERS
            && text.chars().all(|character| !character.is_whitespace() && crate::foreign::is_harmless(character));
        well_formed.then(|| Self(text.to_owned()))
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A client secret. Wiped from memory when dropped; `Debug` says nothing of it.
#[derive(Debug, Clone)]
pub struct ClientSecret(SecretString);

impl ClientSecret {
    /// The environment variable that it may come in.
    pub const VARIABLE: &str = "SSOCTL_CLIENT_SECRET";

    /// Takes a secret as it is to be sent; cleaning is the intake's.
    #[must_use]
    pub fn new(secret: SecretString) -> Self {
        Self(secret)
    }

    /// The secret itself: for the token request, the sealing of it, and the comparison with a stored one. Nowhere else.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

/// A support ticket's reference, printable, at most 200 characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct TicketRef(String);

impl TicketRef {
    /// Takes a reference; `None` when it is empty, too long, or not printable.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let trimmed = text.trim();
        let well_formed = !trimmed.is_empty()
            && trimmed.chars().count() <= crate::foreign::EXCERPT_CHARACTERS
            && trimmed.chars().all(crate::foreign::is_harmless);
        well_formed.then(|| Self(trimmed.to_owned()))
    }

    /// The reference as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TicketRef {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_has_one_spelling() {
        //
        assert_eq!(EmailDomain::parse("M\u{fc}ller-GmbH.de").unwrap().as_str(), "xn--mller-gmbh-9db.de");
        for text in ["", "com", "a..com", "a.com.", "-a.com", "a_b.com", "127.0.0.1", "xn--a.com", "a.0"] {
            assert!(EmailDomain::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn addresses_are_compared_without_case() {
        assert_eq!(
            EmailAddress::parse("Jane@Acme.Example").unwrap(),
            EmailAddress::parse("jane@acme.example").unwrap()
        );
        assert_eq!(EmailAddress::parse("a@b@c.example").unwrap_err(), EmailProblem::SeveralAts);
    }

    #[test]
    fn a_letter_that_folds_into_ascii_is_not_the_one_that_it_looks_like() {
        let address = |text| EmailAddress::parse(text).unwrap();
        assert_ne!(address("mi\u{212a}e@acme.example"), address("mike@acme.example"));
        assert_ne!(address("M\u{130}KE@acme.example"), address("mike@acme.example"));
        assert_eq!(address("\u{d6}LAF@acme.example"), address("\u{f6}laf@acme.example"));
    }

    #[test]
    fn a_client_secret_shows_nothing_when_debugged() {
        assert!(!format!("{:?}", ClientSecret::new(SecretString::from("CANARY".to_owned()))).contains("CANARY"));
    }
}
