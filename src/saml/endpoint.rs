//! The addresses of a role, and whether a browser could be sent there.

use url::Url;

use super::xml::Tag;
use crate::foreign::link::{self, Rewritten};
use crate::foreign::lookalike::{self, Likeness};
use crate::foreign::placeholder;
use crate::request::names::URL_CHARACTERS;
use crate::request::plain_url;

/// The binding that carries requests in the address.
pub const REDIRECT: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect";
/// The binding that carries them in a form.
pub const POST: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST";

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
    /// The host imitates another name.
    Imitation,
    /// No address that a browser could be sent to, and why.
    Broken(&'static str),
}

impl Endpoint {
    pub(super) fn of(tag: &Tag, plain_http: &dyn Fn(&Url) -> bool) -> Self {
        let trimmed = |name| tag.attribute(name).map(|value| value.trim().to_owned());
        let binding = trimmed("Binding").unwrap_or_default();
        let location = trimmed("Location").unwrap_or_default();
        let response_location = trimmed("ResponseLocation");
        // A break inside the value, not before or after it.
        let is_torn = |name| tag.find(name).is_some_and(|one| one.broken && one.value.trim().contains(' '));
        let broken = ["Location", "ResponseLocation", "Binding"].into_iter().any(is_torn);
        let whole: String = binding.split_whitespace().collect();
        let speaks = [REDIRECT, POST].contains(&whole.as_str());
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
            Self::Imitation => Some("host_confusable"),
            Self::Broken(_) => Some("endpoint_syntax"),
        }
    }
}

fn fitness(address: &str, plain_http: &dyn Fn(&Url) -> bool) -> Fitness {
    let odd = |one: char| one.is_whitespace() || one.is_control() || crate::foreign::is_invisible(one);
    if address.is_empty() {
        return Fitness::Broken("is missing");
    }
    if address.chars().count() > URL_CHARACTERS {
        return Fitness::Broken("is longer than 2048 characters");
    }
    if address.contains(odd) {
        return Fitness::Broken("has a blank or an invisible character in it");
    }
    if address.contains('\\') {
        return Fitness::Broken("has a backslash in it, which programs read in two ways");
    }
    // As it stands it is sent to browsers.
    if !plain_url::is_whole(address) {
        return Fitness::Broken("is not a complete web address");
    }
    let Ok(url) = Url::parse(address) else { return Fitness::Broken("is not a complete web address") };
    if !matches!(url.scheme(), "https" | "http") || !url.has_host() {
        return Fitness::Broken("is not a web address");
    }
    let host = url.host_str().unwrap_or_default();
    if address.contains(['{', '}']) || host.split('.').any(placeholder::is_stand_in) {
        return Fitness::Broken("still has a placeholder in it");
    }
    if link::unwrap(address) != Rewritten::No {
        return Fitness::Broken("is a mail filter's link, and not the provider's own address");
    }
    if lookalike::judge(host) == Likeness::Strong {
        return Fitness::Imitation;
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
