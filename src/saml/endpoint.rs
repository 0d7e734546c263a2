//! The addresses of a role, and whether a browser could be sent there.

use url::Url;

use super::xml::Tag;

/// The binding that carries requests in the address.
pub const REDIRECT: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect";
/// The binding that carries them in a form.
pub const POST: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST";
/// Longest address of an endpoint, characters.
pub const ADDRESS_CHARACTERS: usize = 2048;

/// Where a message is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// `Binding`, exactly.
    pub binding: String,
    /// `Location`, without white space around it.
    pub location: String,
    /// `ResponseLocation`, where answers go elsewhere.
    pub response_location: Option<String>,
    /// Whether it can be used.
    pub fitness: Fitness,
}

/// Whether an endpoint can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fitness {
    /// HTTP-Redirect or HTTP-POST, at an https address or one that was allowed.
    Usable,
    /// Another binding.
    OtherBinding,
    /// A plain http address.
    NotHttps,
    /// No address that a browser could be sent to, and why.
    Broken(&'static str),
}

impl Endpoint {
    pub(super) fn of(tag: &Tag, plain_http: &dyn Fn(&Url) -> bool) -> Self {
        let trimmed = |name| tag.attribute(name).map(|value| value.trim().to_owned());
        let binding = trimmed("Binding").unwrap_or_default();
        let location = trimmed("Location").unwrap_or_default();
        let response_location = trimmed("ResponseLocation");
        let broken = ["Location", "ResponseLocation"].iter().any(|name| {
            // A break inside the value, not before or after it.
            tag.find(name).is_some_and(|one| one.broken && one.value.trim().contains(' '))
        });
        let speaks = [REDIRECT, POST].contains(&binding.as_str());
        let addresses = std::iter::once(&location).chain(&response_location);
        let worst = addresses.map(|address| fitness(address, plain_http)).find(|fitness| *fitness != Fitness::Usable);
        let fitness = match worst {
            _ if !speaks => Fitness::OtherBinding,
            _ if broken => Fitness::Broken("is broken by a line end, as mail programs do"),
            Some(unfit) => unfit,
            None => Fitness::Usable,
        };
        Self { binding, location, response_location, fitness }
    }
}

impl Fitness {
    /// Stable reason for scripts why the address cannot be used; `None` where it can, or is none for a browser.
    #[must_use]
    pub const fn code(self) -> Option<&'static str> {
        match self {
            Self::Usable | Self::OtherBinding => None,
            Self::NotHttps => Some("endpoint_not_https"),
            Self::Broken(_) => Some("endpoint_syntax"),
        }
    }
}

fn fitness(address: &str, plain_http: &dyn Fn(&Url) -> bool) -> Fitness {
    let odd = |one: char| one.is_whitespace() || one.is_control() || crate::foreign::is_invisible(one);
    if address.is_empty() {
        return Fitness::Broken("is missing");
    }
    if address.chars().count() > ADDRESS_CHARACTERS {
        return Fitness::Broken("is longer than 2048 characters");
    }
    if address.contains(odd) {
        return Fitness::Broken("has a blank or an invisible character in it");
    }
    let Ok(url) = Url::parse(address) else { return Fitness::Broken("is not a complete web address") };
    if !matches!(url.scheme(), "https" | "http") || !url.has_host() {
        return Fitness::Broken("is not a web address");
    }
    if address.contains(['{', '}']) {
        return Fitness::Broken("still has a placeholder in it");
    }
    if url.fragment().is_some() {
        return Fitness::Broken("has a fragment (`#…`), where nothing can be sent to");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Fitness::Broken("carries a user name or password");
    }
    if url.scheme() == "http" && !plain_http(&url) {
        return Fitness::NotHttps;
    }
    Fitness::Usable
}
