//! The addresses of a role, and whether a browser could be sent there.

use url::{Host, Url};

use super::template;
use super::xml::Tag;
use crate::exchange::Forbidden;
use crate::foreign::link::{self, Rewritten};
use crate::foreign::lookalike::{self, Likeness};
use crate::net::forbidden_by_spelling;
use crate::request::plain_url::{self, UrlProblem};

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
    /// It is `ResponseLocation` that cannot be used.
    response_is_unfit: bool,
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
    /// Microsoft's address for many organisations.
    Everybodys,
    /// An address that leads nowhere on the internet, nor in a company's own network; of which kind, with its article.
    Nowhere(&'static str),
    /// No address that a browser could be sent to, and why.
    Broken(&'static str),
}

impl Endpoint {
    /// Reads a `SingleSignOnService`. Nothing is ever answered there, so that a `ResponseLocation` is not judged.
    ///
    /// Source: SAML 2.0 Metadata, section 2.4.3.
    pub(super) fn sign_in(tag: &Tag, allowed: &dyn Fn(&Url) -> bool) -> Self {
        Self::of(tag, &["Location"], allowed)
    }

    /// Reads a `SingleLogoutService`.
    pub(super) fn sign_out(tag: &Tag, allowed: &dyn Fn(&Url) -> bool) -> Self {
        Self::of(tag, &["Location", "ResponseLocation"], allowed)
    }

    fn of(tag: &Tag, addresses: &[&'static str], allowed: &dyn Fn(&Url) -> bool) -> Self {
        let trimmed = |name| tag.attribute(name).map(|value| value.trim().to_owned());
        let binding = trimmed("Binding").unwrap_or_default();
        let location = trimmed("Location").unwrap_or_default();
        let response_location = trimmed("ResponseLocation");
        // A break inside the value, not before or after it.
        let is_torn = |name| tag.find(name).is_some_and(|one| one.broken && one.value.trim().contains(' '));
        let judged = |name| match name {
            name if is_torn(name) => TORN,
            "Location" => fitness(&location, allowed),
            _ => response_location.as_deref().map_or(Fitness::Usable, |address| fitness(address, allowed)),
        };
        let whole: String = binding.split_whitespace().collect();
        let speaks = [REDIRECT, POST].contains(&whole.as_str());
        let unfit = addresses.iter().map(|name| (*name, judged(name))).find(|(_, fitness)| *fitness != Fitness::Usable);
        let fitness = match unfit {
            _ if !speaks => Fitness::OtherBinding,
            _ if is_torn("Binding") => TORN,
            Some((_, unfit)) => unfit,
            None => Fitness::Usable,
        };
        let response_is_unfit = unfit.is_some_and(|(name, _)| name == "ResponseLocation");
        Self { binding, location, response_location, fitness, response_is_unfit }
    }

    /// The address that `fitness` speaks of.
    #[must_use]
    pub fn judged(&self) -> &str {
        self.response_location.as_deref().filter(|_| self.response_is_unfit).unwrap_or(&self.location)
    }

    /// The address in place of a name, where a usable endpoint has one; and its kind, where it is one of a company's own
    /// network.
    #[must_use]
    pub fn literal(&self) -> Option<(String, Option<&'static str>)> {
        let url = Url::parse(&self.location).ok().filter(|_| self.fitness == Fitness::Usable)?;
        let kind = match forbidden_by_spelling(&url, false) {
            Some(Forbidden::Address { kind, .. }) => Some(kind),
            _ => None,
        };
        // `localhost` is a name, and yet an address.
        let host = url.host().filter(|host| kind.is_some() || !matches!(host, Host::Domain(_)))?;
        Some((host.to_string(), kind))
    }
}

const TORN: Fitness = Fitness::Broken("is broken by a line end, as mail programs do");
const PLACEHOLDER: Fitness = Fitness::Broken("still has a placeholder in it");

impl Fitness {
    /// Stable reason for scripts why the address cannot be used; `None` where it can, or is none for a browser.
    #[must_use]
    pub const fn code(self) -> Option<&'static str> {
        match self {
            Self::Usable | Self::OtherBinding => None,
            Self::NotHttps => Some("endpoint_not_https"),
            Self::Imitation => Some("host_confusable"),
            Self::Everybodys => Some("multi_tenant_metadata"),
            Self::Nowhere(_) => Some("endpoint_private"),
            Self::Broken(_) => Some("endpoint_syntax"),
        }
    }
}

fn fitness(address: &str, allowed: &dyn Fn(&Url) -> bool) -> Fitness {
    let odd = |one: char| one.is_whitespace() || one.is_control() || crate::foreign::is_invisible(one);
    if address.is_empty() {
        return Fitness::Broken("is missing");
    }
    if address.contains(odd) {
        return Fitness::Broken("has a blank or an invisible character in it");
    }
    if address.contains('\\') {
        return Fitness::Broken("has a backslash in it, which programs read in two ways");
    }
    // As it stands it is sent to browsers.
    let url = match plain_url::read(address) {
        Ok(url) if matches!(url.scheme(), "https" | "http") => url,
        Ok(_) => return Fitness::Broken("is not a web address"),
        Err(UrlProblem::TooLong) => return Fitness::Broken("is longer than 2048 characters"),
        Err(UrlProblem::UserInfo) => return Fitness::Broken("carries a user name or password"),
        Err(UrlProblem::Syntax) if template::has_placeholder(address) && !address.contains('"') => return PLACEHOLDER,
        Err(UrlProblem::Syntax) => return Fitness::Broken("is not a complete web address"),
    };
    if template::is_everybodys(&url) {
        return Fitness::Everybodys;
    }
    if template::has_placeholder(address) {
        return PLACEHOLDER;
    }
    if link::unwrap(address) != Rewritten::No {
        return Fitness::Broken("is a mail filter's link, and not the provider's own address");
    }
    if lookalike::judge(url.host_str().unwrap_or_default()) == Likeness::Strong {
        return Fitness::Imitation;
    }
    if !plain_url::names_host_plainly(address, &url) {
        return Fitness::Broken("names its host in a way that programs read differently");
    }
    if url.port() == Some(0) {
        return Fitness::Broken("has the port 0, which nothing answers at");
    }
    if url.fragment().is_some() {
        return Fitness::Broken("has a fragment (`#…`), where nothing can be sent to");
    }
    let is_allowed = allowed(&url);
    if url.scheme() == "http" && !is_allowed {
        return Fitness::NotHttps;
    }
    match forbidden_by_spelling(&url, is_allowed) {
        // What is judged here is called by browsers, not from here: those of a company's own network get there, and those of
        // somebody who tries a provider on the machine before them.
        Some(Forbidden::Address { may_be_allowed: true, .. }) => Fitness::Usable,
        Some(Forbidden::Address { kind, .. }) => Fitness::Nowhere(kind),
        _ => Fitness::Usable,
    }
}
