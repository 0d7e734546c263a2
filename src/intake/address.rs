//! An issuer's address in its parts: what is mended in it and what it may not be.

use std::net::{Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

use super::clean::{self, Mended};
use super::issuer::{Refusal, ambiguous, stand_in, syntax};
use super::issuer_page::{self, Parts};
use crate::finding::Finding;
use crate::foreign::lookalike::{self, Likeness};
use crate::foreign::placeholder;
use crate::input::Input;
use crate::makes;
use crate::request::plain_url::without_needless_escapes;

/// An address taken apart with its spelling kept.
pub(super) struct Address {
    scheme: String,
    /// As a URL has it: lower case, A-labels, IP addresses in their usual form, no root's dot.
    host: String,
    kind: Host<String>,
    /// Only where it is not the scheme's own.
    port: Option<u16>,
    /// Empty or with a leading slash.
    path: String,
    /// The `?…` or `#…` that followed, if any.
    tail: String,
    /// What the reading of the host changed, in words.
    done: Vec<&'static str>,
}

impl Address {
    pub(super) fn read(text: &str, given: &str) -> Result<Self, Refusal> {
        let (scheme, rest) =
            text.split_once("://").ok_or_else(|| Box::new(syntax("the issuer is not a URL", given)))?;
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, behind) = rest.split_at(end);
        let path_end = behind.find(['?', '#']).unwrap_or(behind.len());
        let (path_written, tail) = behind.split_at(path_end);
        let path = canonical_path(path_written);
        if let Some(control) = escaped_control(path_written) {
            return Err(clean::control_finding(Input::Issuer, control).into());
        }
        if authority.split('.').any(placeholder::is_variable) || authority.eq_ignore_ascii_case("tbd") {
            return Err(stand_in(given).into());
        }
        if authority.contains('@') {
            return Err(syntax("the issuer carries a user name or password in front of the host", given).into());
        }
        let url = Url::parse(&format!("{scheme}://{authority}/")).map_err(|error| {
            let fact = match error {
                url::ParseError::InvalidPort => "the issuer's port is not a number up to 65535",
                url::ParseError::EmptyHost => "the issuer has no host",
                _ => "the issuer's host is not a valid host name",
            };
            Box::new(syntax(fact, given))
        })?;
        let kind =
            url.host().map(|host| host.to_owned()).ok_or_else(|| Box::new(syntax("the issuer has no host", given)))?;
        let host = url.host_str().unwrap_or_default();
        if authority.contains('%') {
            let fact = "the issuer's host has escapes (`%…`) in it, which programs read in different ways";
            return Err(syntax(fact, given).evidence("a browser reads the host as", host).into());
        }
        let mut done = Vec::new();
        let written =
            authority.rsplit_once(':').filter(|(_, port)| !port.contains(']')).map_or(authority, |(host, _)| host);
        let bare = host.strip_suffix('.').unwrap_or(host);
        if bare.len() < host.len() {
            done.push("removed the dot behind the host");
        }
        let written = written.strip_suffix('.').unwrap_or(written);
        if !written.is_ascii() {
            done.push("wrote the host in its ASCII form");
        } else if matches!(kind, Host::Domain(_)) && written != bare {
            done.push("wrote the host in lower case");
        } else if written != bare {
            done.push("wrote the host as the IP address it stands for");
        }
        if matches!(kind, Host::Domain(_)) && !is_dns_name(bare) {
            return Err(syntax("the issuer's host is not a valid host name", given).into());
        }
        let port_written =
            authority.get(authority.rfind(']').unwrap_or_default()..).and_then(|end| end.rsplit_once(':'));
        match (port_written, url.port()) {
            (Some(_), None) => done.push("removed the default port"),
            (Some((_, written)), Some(port)) if written != port.to_string() => done.push("wrote the port plainly"),
            _ => {}
        }
        if url.port() == Some(0) {
            return Err(syntax("the issuer's port is not a number from 1 to 65535", given).into());
        }
        if path != path_written {
            done.push("wrote the path in its plain form");
        }
        Ok(Self {
            scheme: scheme.to_owned(),
            host: bare.to_owned(),
            kind,
            port: url.port(),
            path,
            tail: tail.to_owned(),
            done,
        })
    }

    fn authority(&self) -> String {
        self.port.map_or_else(|| self.host.clone(), |port| format!("{}:{port}", self.host))
    }

    /// The issuer that the address stands for.
    pub(super) fn to_issuer(&self, mended: &mut Mended, given: &str) -> Result<String, Refusal> {
        let authority = self.authority();
        let at = |path: &str| format!("{}://{authority}{path}", self.scheme);
        if let Some(hyphens) = with_hyphens(&self.host) {
            let address =
                format!("{}://{}{}", self.scheme, self.authority().replacen(&self.host, &hyphens, 1), self.path);
            return Err(syntax("the issuer's host has a dash in it, which is another character than a hyphen", given)
                .rerun_with([Input::Issuer.flag(), &address])
                .into());
        }
        if lookalike::judge(&self.host) == Likeness::Strong {
            return Err(confusable(&self.host, given).into());
        }
        // A console's page is named as what it is, whatever its path holds.
        if makes::console(&self.host).is_some() {
            let parts = Parts { host: &self.host, authority: &authority, path: &self.path, was_document: false };
            if let Some(refusal) = issuer_page::judge(parts, given) {
                return Err(refusal.into());
            }
        }
        if self.has_stand_in() {
            return Err(stand_in(given).into());
        }
        if has_broken_escape(&self.path) {
            let fact = "the issuer has a `%` in it without the two digits of an escape behind it";
            return Err(syntax(fact, given).into());
        }
        for word in &self.done {
            mended.done.push(word);
        }
        let (mut path, was_document) = strip_document(&self.path).map_err(|()| {
            let first = self.path.to_ascii_lowercase().find("/.well-known").unwrap_or_default();
            Box::new(ambiguous(&[&at(self.path.get(..first).unwrap_or_default())], given))
        })?;
        if was_document {
            mended.done.push("took the issuer out of its metadata address");
            if let Some(with_policy) = self.policy().and_then(|policy| behind_tenant(&path, &policy)) {
                path = with_policy;
                mended.done.push("put the policy of its query into the path");
            }
        }
        let mut host = self.host.clone();
        let mut page = false;
        if makes::is_okta(&host) {
            if let Some((first, zone)) = host.split_once('.')
                && let Some(organisation) = first.strip_suffix("-admin").filter(|one| !one.is_empty())
            {
                host = format!("{organisation}.{zone}");
                mended.done.push("replaced Okta's admin host by the organisation's");
            }
            let first = path.split('/').nth(1).unwrap_or_default().to_ascii_lowercase();
            let is_page = matches!(first.as_str(), "admin" | "app" | "enduser" | "login" | "signin" | "user" | "home");
            // An app's SAML metadata is no page of the organisation's: the customer means the other protocol.
            if is_page && !path.to_ascii_lowercase().contains("/sso/saml") {
                // The page of an authorization server in the console is about that server.
                let server = path.strip_prefix("/admin/oauth2/as/").and_then(|rest| rest.split('/').next());
                path = server.filter(|id| !id.is_empty()).map(|id| format!("/oauth2/{id}")).unwrap_or_default();
                page = true;
                mended.done.push("dropped the path of an Okta page");
            }
        }
        let authority = self.port.map_or_else(|| host.clone(), |port| format!("{host}:{port}"));
        let parts = Parts { host: &host, authority: &authority, path: &path, was_document };
        if let Some(refusal) = issuer_page::judge(parts, given) {
            return Err(refusal.into());
        }
        if !self.tail.is_empty() {
            if !was_document && !page {
                return Err(syntax("the issuer has a query (`?`) or a fragment (`#`) behind it", given)
                    .rerun_with([Input::Issuer.flag(), &format!("{}://{authority}{path}", self.scheme)])
                    .into());
            }
            mended.done.push("dropped the query or fragment behind it");
        }
        Ok(format!("{}://{authority}{}", self.scheme, path))
    }

    /// The policy that the query of an address of Azure AD B2C names (`?p=b2c_1_signin`): its documents may be had so, too.
    fn policy(&self) -> Option<String> {
        let query = self.tail.strip_prefix('?')?.split('#').next()?;
        let policy = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name.eq_ignore_ascii_case("p"))?.1;
        let is_name = policy.bytes().all(|one| one.is_ascii_alphanumeric() || matches!(one, b'_' | b'-'));
        let is_b2c = makes::is_b2c(&self.host) || makes::is_b2c_policy(&policy);
        (is_name && is_b2c && !policy.is_empty()).then(|| policy.into_owned())
    }

    /// A documentation host, or a part of host or path that stands for a value.
    fn has_stand_in(&self) -> bool {
        let is_stand_in =
            |segment: &str| placeholder::is_stand_in(segment) || placeholder::is_variable(segment) || segment == "TBD";
        is_stand_in_host(&self.host) || self.path.split('/').any(is_stand_in)
    }

    pub(super) fn check_scheme(&self, text: &str, allow_origins: &[String], given: &str) -> Result<(), Refusal> {
        if self.scheme == "https" || self.is_private_by_spelling() || is_allowed(text, allow_origins) {
            return Ok(());
        }
        let secure = text.replacen("http://", "https://", 1);
        Err(Finding::fail("issuer_not_https", "the issuer is a plain http address")
            .evidence("customer gave", given)
            .because("on the way, anybody could read the secret and answer in the provider's name; nothing was sent")
            .next("try the https address; if the provider has none, it cannot be connected")
            .rerun_with([Input::Issuer.flag(), &secure])
            .tell("The issuer URL has to start with https://. Please send the https address of your identity provider.")
            .into())
    }

    fn is_private_by_spelling(&self) -> bool {
        is_private_by_spelling(&self.kind)
    }

    pub(super) fn warnings(&self, given: &str) -> Vec<Finding> {
        let mut warnings = Vec::new();
        let is_address = !matches!(self.kind, Host::Domain(_));
        if is_address && !self.is_private_by_spelling() {
            warnings.push(
                Finding::warn("host_is_ip", "the issuer's host is an IP address")
                    .about(Input::Issuer)
                    .evidence("host", &self.host)
                    .because("few certificates are made for addresses, and an address can change hands")
                    .next("ask the customer whether their provider has a name"),
            );
        }
        if makes::is_shared(&self.host) {
            warnings.push(
                Finding::warn("shared_issuer", "anybody may have an account at this identity provider")
                    .evidence("issuer", given)
                    .because("only the e-mail domain in the ID token tells the customer's people from strangers")
                    .next("make sure that the product accepts verified addresses of the claimed domains alone"),
            );
        }
        if lookalike::judge(&self.host) == Likeness::Slight {
            warnings.push(
                Finding::warn("host_confusable", "the issuer's host has a letter that looks like another one")
                    .about(Input::Issuer)
                    .evidence("in ASCII", &self.host)
                    .next("make sure with the customer that it is spelled like this"),
            );
        }
        warnings
    }
}

/// `/tenant/v2.0` as `/tenant/policy/v2.0`; `None` where the path is another.
fn behind_tenant(path: &str, policy: &str) -> Option<String> {
    let tenant = path.strip_suffix("/v2.0").filter(|tenant| tenant.matches('/').count() == 1)?;
    Some(format!("{tenant}/{policy}/v2.0"))
}

/// Whether a host is one that documentation prints, or a part of it stands for a value.
pub(super) fn is_stand_in_host(host: &str) -> bool {
    let is_sample =
        ["example.com", "example.net", "example.org"].iter().any(|zone| host == *zone || makes::is_below(host, zone));
    let sample_tenant = host
        .strip_prefix("example.")
        .is_some_and(|zone| makes::is_okta(host) || zone.ends_with("auth0.com") || zone == "onelogin.com");
    is_sample || sample_tenant || host.split('.').any(placeholder::is_stand_in)
}

/// The host with hyphens in place of the dashes of word processors, where it has such dashes: no host name has any.
fn with_hyphens(ascii: &str) -> Option<String> {
    if !ascii.contains("xn--") {
        return None;
    }
    let (unicode, _) = idna::domain_to_unicode(ascii);
    let hyphens = unicode.replace(['\u{2012}', '\u{2013}', '\u{2014}', '\u{2015}', '\u{2212}'], "-");
    (hyphens != unicode && hyphens.is_ascii()).then_some(hyphens)
}

fn confusable(host: &str, given: &str) -> Finding {
    Finding::fail("host_confusable", "the issuer's host imitates another name")
        .about(Input::Issuer)
        .evidence("customer gave", given)
        .evidence("really is", host)
        .because("letters of another script stand where Latin ones are expected; the host was not contacted")
        .next("type the address yourself and run again; if the customer sent it like this, be suspicious")
        .tell("The issuer URL you sent contains letters that only look like Latin ones. Please type it again.")
}

/// Removes `/.well-known/openid-configuration` and its OAuth twin, in any case; says whether it was there.
///
/// # Errors
///
/// The suffix is there more than once, or in a place where it makes no sense.
fn strip_document(path: &str) -> Result<(String, bool), ()> {
    const DOCUMENTS: [&str; 2] = ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"];
    // RFC 8414 section 3.1 puts the suffix between host and path.
    let inserted = path.get(..DOCUMENTS[1].len()).is_some_and(|head| head.eq_ignore_ascii_case(DOCUMENTS[1]));
    let trimmed = path.trim_end_matches('/');
    let stripped = DOCUMENTS.iter().find_map(|document| {
        let start = trimmed.len().checked_sub(document.len())?;
        let (head, tail) = (trimmed.get(..start)?, trimmed.get(start..)?);
        tail.eq_ignore_ascii_case(document).then_some(head)
    });
    let (rest, found) = match stripped {
        Some(head) => (head.trim_end_matches('/').to_owned(), true),
        None if inserted => (path.get(DOCUMENTS[1].len()..).unwrap_or_default().to_owned(), true),
        None => (path.to_owned(), false),
    };
    let lower = rest.to_ascii_lowercase();
    // IdentityServer has its key set behind its document: an endpoint, and no second address.
    let before_keys = lower.strip_suffix("/.well-known/openid-configuration/jwks").filter(|_| !found);
    let left = before_keys.unwrap_or(&lower);
    let again = DOCUMENTS.iter().any(|document| left.contains(document));
    if again { Err(()) } else { Ok((rest, found)) }
}

/// The first control character that `path` has as an escape (`%0A`): no address that somebody was given has one.
fn escaped_control(path: &str) -> Option<char> {
    let escapes = path.split('%').skip(1).filter_map(|behind| u8::from_str_radix(behind.get(..2)?, 16).ok());
    escapes.map(char::from).find(char::is_ascii_control)
}

/// Whether a `%` of `path` is not followed by two hexadecimal digits (RFC 3986 section 2.1).
fn has_broken_escape(path: &str) -> bool {
    let is_escape = |behind: &str| behind.get(..2).is_some_and(|two| two.bytes().all(|one| one.is_ascii_hexdigit()));
    path.split('%').skip(1).any(|behind| !is_escape(behind))
}

/// The path as a URL has it: needless escapes undone, `..` resolved, other characters than ASCII escaped. An empty path
/// stays empty.
///
/// Done before anything is judged by the path, so that `/x/%2e%2e/common` is seen for what it is.
///
/// Source: RFC 3986, sections 6.2.2.2 and 6.2.2.3.
fn canonical_path(path: &str) -> String {
    if path.is_empty() {
        return String::new();
    }
    let plain = without_needless_escapes(path);
    let path = Url::parse(&format!("https://host{plain}")).map_or(plain, |url| url.path().to_owned());
    // What is escaped at the end is as little a part of it as what is plain: a sentence's full stop, the blank that was copied
    // along. And no issuer ends in two slashes.
    let mut path = path.as_str();
    while let Some(rest) =
        ["%20", "%C2%A0", "%E2%80%8B", "%EF%BB%BF", "."].iter().find_map(|mark| path.strip_suffix(mark))
    {
        path = rest;
    }
    let bare = path.trim_end_matches('/');
    if path.len() > bare.len() + 1 { format!("{bare}/") } else { path.to_owned() }
}

pub(super) fn is_allowed(text: &str, allow_origins: &[String]) -> bool {
    let Ok(url) = Url::parse(text) else { return false };
    let origin = url.origin();
    allow_origins.iter().any(|allowed| Url::parse(allowed).is_ok_and(|allowed| allowed.origin() == origin))
}

/// Lengths, emptiness and hyphens at the ends that host names do not have (RFC 1123 section 2.1); underscores are seen in
/// the wild.
fn is_dns_name(host: &str) -> bool {
    host.len() <= 253
        && host.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.bytes().all(|one| one.is_ascii_alphanumeric() || matches!(one, b'-' | b'_'))
        })
}

/// Good enough for a warning; the network guard has the full registries.
fn is_public_v4(address: Ipv4Addr) -> bool {
    let [first, second, ..] = address.octets();
    !(address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || address.is_multicast()
        || first == 0
        || first >= 240
        || (first == 100 && (64..128).contains(&second))
        || (first == 198 && matches!(second, 18 | 19)))
}

/// Whether a host never leads to the public internet by its very spelling: the network guard has the word on it.
pub(super) fn is_private_by_spelling<S: AsRef<str>>(host: &Host<S>) -> bool {
    match host {
        Host::Domain(name) => name.as_ref() == "localhost" || name.as_ref().ends_with(".localhost"),
        Host::Ipv4(address) => !is_public_v4(*address),
        Host::Ipv6(address) => !is_public_v6(*address),
    }
}

/// Good enough for a warning; the network guard has the full registries.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [first, second, ..] = address.segments();
    let global = first & 0xE000 == 0x2000;
    global && first != 0x2002 && !(first == 0x2001 && (second < 0x200 || second == 0x0DB8)) && first & 0xFFF0 != 0x3FF0
}
