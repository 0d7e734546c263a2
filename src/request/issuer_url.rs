//! The issuer of an OpenID Provider.

use std::fmt;

use serde::Serialize;

use super::plain_url::{self, UrlProblem};

/// The issuer of an OpenID Provider, exactly as it will be compared: scheme and host lower case, no query, no
/// fragment, no user-info, and a trailing slash only where the provider's own document has one.
///
/// Source: OpenID Connect Discovery 1.0, sections 3 and 4.3.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct IssuerUrl {
    text: String,
    url: url::Url,
}

/// Why a text is no issuer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IssuerProblem {
    /// Not an absolute URL with a host.
    #[error("it is not a URL")]
    Syntax,
    /// A scheme other than https, or http where plain text was not asked for.
    #[error("it is not an https URL")]
    NotHttps,
    /// User name or password before the host.
    #[error("it carries a user name or password")]
    UserInfo,
    /// `?…`.
    #[error("it has a query")]
    Query,
    /// `#…`.
    #[error("it has a fragment")]
    Fragment,
    /// Over [`URL_CHARACTERS`](super::names::URL_CHARACTERS).
    #[error("it is longer than a URL may be")]
    TooLong,
}

impl From<UrlProblem> for IssuerProblem {
    fn from(problem: UrlProblem) -> Self {
        match problem {
            UrlProblem::Syntax => Self::Syntax,
            UrlProblem::UserInfo => Self::UserInfo,
            UrlProblem::TooLong => Self::TooLong,
        }
    }
}

impl IssuerUrl {
    /// Reads an issuer and keeps its spelling.
    ///
    /// `http` is read too, since a private test provider may be allowed by origin: whether plain text may be used is
    /// the guard's decision and [`Self::is_https`] tells it apart.
    ///
    /// # Errors
    ///
    /// [`IssuerProblem`]: which rule of OpenID Connect Discovery 1.0 section 3 it breaks.
    pub fn parse(text: &str) -> Result<Self, IssuerProblem> {
        let url = plain_url::read(text)?;
        if !matches!(url.scheme(), "https" | "http") {
            return Err(IssuerProblem::NotHttps);
        }
        if url.query().is_some() {
            return Err(IssuerProblem::Query);
        }
        if url.fragment().is_some() {
            return Err(IssuerProblem::Fragment);
        }
        Ok(Self { text: text.to_owned(), url })
    }

    /// The spelling that is stored and compared.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The same as a URL.
    #[must_use]
    pub const fn url(&self) -> &url::Url {
        &self.url
    }

    /// Whether the scheme is https.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// The host, lower case; brackets around IPv6.
    #[must_use]
    pub fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// Whether the two are one address, spelled differently: with the default port or without, the host in upper case, an
    /// escape where none is needed, a slash at the end. Sign-in tells such spellings apart; a customer does not.
    #[must_use]
    pub fn differs_in_spelling_alone(&self, other: &Self) -> bool {
        let place = |issuer: &Self| {
            let path = issuer.url.path();
            let behind = issuer.text.split_once("://").map_or("", |(_, behind)| behind);
            let written = behind.find('/').and_then(|start| behind.get(start..)).unwrap_or("/");
            // Steps upwards are not undone: who writes them may mean anything.
            let is_as_written = written == path;
            let plain = plain_url::without_needless_escapes(path.strip_suffix('/').unwrap_or(path));
            is_as_written.then(|| (issuer.url.origin(), plain))
        };
        self.text != other.text && place(self).is_some() && place(self) == place(other)
    }

    /// Where the provider's document lies: a terminating `/` of the path is removed before the suffix is added.
    ///
    /// Source: OpenID Connect Discovery 1.0, section 4.1.
    #[must_use]
    pub fn discovery_url(&self) -> String {
        format!("{}/.well-known/openid-configuration", self.text.strip_suffix('/').unwrap_or(&self.text))
    }
}

impl fmt::Display for IssuerUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl Serialize for IssuerUrl {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_keeps_its_spelling() {
        for text in ["https://idp.acme.example", "https://idp.acme.example/", "https://idp.acme.example/Realms/a/"] {
            assert_eq!(IssuerUrl::parse(text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn an_issuer_cannot_say_one_thing_and_mean_another() {
        let cases = [
            ("https://idp.acme.example\n", IssuerProblem::Syntax),
            ("https://idp.\tacme.example", IssuerProblem::Syntax),
            ("https://idp.\u{200b}acme.example", IssuerProblem::Syntax),
            ("https:///idp.acme.example", IssuerProblem::Syntax),
            ("https:idp.acme.example", IssuerProblem::Syntax),
            ("https://idp.acme.example\\@evil.example", IssuerProblem::Syntax),
            ("https://@idp.acme.example", IssuerProblem::UserInfo),
            ("https://a:b@idp.acme.example", IssuerProblem::UserInfo),
            ("https://idp.acme.example?", IssuerProblem::Query),
            ("https://idp.acme.example#", IssuerProblem::Fragment),
            ("ftp://idp.acme.example", IssuerProblem::NotHttps),
        ];
        for (text, problem) in cases {
            assert_eq!(IssuerUrl::parse(text).unwrap_err(), problem, "{text:?}");
        }
    }

    #[test]
    fn one_address_in_two_spellings_is_one_address() {
        let issuer = |text: &str| IssuerUrl::parse(text).unwrap();
        let plain = issuer("https://idp.acme.example/~a");
        for other in
            ["https://IDP.acme.example:443/~a", "https://idp.acme.example/%7ea/", "https://idp.acme.example/%7Ea"]
        {
            assert!(plain.differs_in_spelling_alone(&issuer(other)), "{other}");
        }
        for other in ["https://idp.acme.example/~a", "https://idp.acme.example/~A", "https://idp.acme.example/x/../~a"]
        {
            assert!(!plain.differs_in_spelling_alone(&issuer(other)), "{other}");
        }
    }
}
