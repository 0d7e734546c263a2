//! Names of the SAML side: entity IDs, account tokens, and where metadata is to be had.

use std::fmt;

use aws_lc_rs::rand;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;

/// Longest entity ID, in characters.
///
/// Source: SAML 2.0 Metadata, section 2.2.1.
pub const ENTITY_ID_CHARACTERS: usize = 1024;

/// The name of a SAML entity: a URI by the specification, any words by what some providers let their customers enter.
/// Compared as text, without normalising.
///
/// Source: SAML 2.0 Core, section 8.3.6; SAML 2.0 Metadata, section 2.2.1.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct EntityId(String);

impl EntityId {
    /// Takes an entity ID; `None` when it is empty, too long, holds control or invisible characters, or white space: in a
    /// URI any at all, which is what wrapping leaves there, else anything but single blanks between words.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_uri = text.contains("://") || text.starts_with("urn:");
        let blank = |character: char| character.is_whitespace() && (is_uri || character != ' ');
        let well_formed = !text.is_empty()
            && text.chars().count() <= ENTITY_ID_CHARACTERS
            && text.split(' ').all(|word| !word.is_empty())
            && text.chars().all(|character| !blank(character) && crate::foreign::is_harmless(character));
        well_formed.then(|| Self(text.to_owned()))
    }

    /// The spelling that is stored and compared.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for EntityId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Where a provider publishes its metadata: http or https, a host, no user-info, no fragment. A query may stand there
/// (Entra ID's `?appid=…`).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MetadataUrl(url::Url);

impl MetadataUrl {
    /// Takes a URL; `None` when it is none that could be asked.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let fits = text.chars().count() <= super::names::URL_CHARACTERS
            && text.chars().all(|character| !character.is_whitespace() && crate::foreign::is_harmless(character))
            && !text.contains('\\');
        let url = url::Url::parse(text).ok().filter(|_| fits)?;
        let plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
        (plain && matches!(url.scheme(), "https" | "http") && url.host().is_some()).then_some(Self(url))
    }

    /// The URL as it is asked for and stored.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The same as a URL.
    #[must_use]
    pub const fn url(&self) -> &url::Url {
        &self.0
    }
}

impl Serialize for MetadataUrl {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// A team's SSO account token: 192 random bits in the URL-safe base64 alphabet, part of its assertion consumer service
/// URL and of its SCIM base URL. It names the team to whoever holds it and proves nothing: no credential.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct AccountToken(String);

/// The system gave no random bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the system gave no random bytes")]
pub struct NoRandomness;

impl AccountToken {
    /// A new one.
    ///
    /// # Errors
    ///
    /// [`NoRandomness`]: the system gave none.
    pub fn allocate() -> Result<Self, NoRandomness> {
        let mut bytes = [0_u8; 24];
        rand::fill(&mut bytes).map_err(|_| NoRandomness)?;
        Ok(Self(URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// Takes what the database kept; `None` for a text that could not stand in a URL's path as it is.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let well_formed = (16..=64).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        well_formed.then(|| Self(text.to_owned()))
    }

    /// The token as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AccountToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entity_id_is_any_uri_as_it_is_spelt() {
        for text in
            ["http://www.okta.com/exk1", "urn:example:idp", "https://IdP.acme.example/Metadata/", "IdP Entity ID"]
        {
            assert_eq!(EntityId::parse(text).unwrap().as_str(), text);
        }
        let long = "a".repeat(ENTITY_ID_CHARACTERS + 1);
        for text in ["", "https://idp.acme.example/ x", "urn:a\n", "urn:a\u{200b}", "a  b", " a", long.as_str()] {
            assert_eq!(EntityId::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_metadata_url_can_be_asked_for_and_hides_nothing() {
        let entra = "https://login.microsoftonline.com/x/federationmetadata/2007-06/federationmetadata.xml?appid=y";
        assert_eq!(MetadataUrl::parse(entra).unwrap().as_str(), entra);
        for text in
            ["metadata.xml", "ftp://a.example/", "https://u:p@a.example/", "https://a.example/#x", "https://a\\b"]
        {
            assert_eq!(MetadataUrl::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn account_tokens_are_long_random_and_fit_a_path() {
        let [one, other] = [AccountToken::allocate().unwrap(), AccountToken::allocate().unwrap()];
        assert_ne!(one, other);
        assert_eq!(one.as_str().len(), 32);
        assert_eq!(AccountToken::parse(one.as_str()), Some(one));
        assert_eq!(AccountToken::parse("../../admin/of/everything"), None);
    }
}
