//! What a link shows, held against where it leads.

use url::Url;

use super::line::Mismatch;
use crate::foreign;
use crate::foreign::link::{Rewritten, unwrap};

/// What a link comes to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Link {
    /// It shows where it leads, or leads nowhere.
    Plain,
    /// It shows no address: this is where it leads.
    Unsaid(String),
    /// It shows one address and leads to another.
    Misleading(Mismatch),
}

/// Schemes of links that lead to no place and do something instead.
const ACTING: [&str; 3] = ["javascript", "vbscript", "data"];

/// Ends of an issuer's address that lead to its own document.
const WELL_KNOWN: [&str; 2] = ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"];

/// Judges a link with this target and this text.
pub(super) fn judge(target: &str, shown: &str) -> Link {
    // Browsers read it so, too. Source: URL Standard, section 4.4.
    let target: String = target.chars().filter(|one| !matches!(one, '\t' | '\n' | '\r')).collect();
    let target = target.trim_matches(|one: char| one <= ' ');
    let shown = shown.trim();
    let misleading = |target: &str| Link::Misleading(Mismatch { shown: shown.to_owned(), target: target.to_owned() });
    let scheme = target.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase()).unwrap_or_default();
    if scheme == "mailto" {
        let address = target.get("mailto:".len()..).unwrap_or_default();
        let address = address.split('?').next().unwrap_or_default();
        if !shown.contains('@') {
            Link::Unsaid(address.to_owned())
        } else if shown.to_ascii_lowercase().contains(&address.to_ascii_lowercase()) {
            Link::Plain
        } else {
            misleading(address)
        }
    } else if ACTING.contains(&scheme.as_str()) {
        // What it would do is of no interest, and may be long.
        Address::shown(shown).map_or(Link::Plain, |_| misleading(&format!("{scheme}:")))
    } else if scheme == "https" || scheme == "http" || target.replace('\\', "/").starts_with("//") {
        let full = if scheme.is_empty() || !target.starts_with(|one: char| one.is_ascii_alphabetic()) {
            format!("https:{}", target.replace('\\', "/"))
        } else {
            target.to_owned()
        };
        let Some(seen) = Address::shown(shown) else { return Link::Unsaid(full) };
        let behind = match unwrap(&full) {
            Rewritten::To(behind) => behind,
            Rewritten::No | Rewritten::Unreadable => full,
        };
        if Url::parse(&behind).is_ok_and(|there| seen.leads_to(&there)) { Link::Plain } else { misleading(&behind) }
    } else {
        Link::Plain
    }
}

/// An address as a reader sees it.
struct Address {
    url: Url,
    /// It is all there, with its scheme: its port and path say something, too.
    whole: bool,
}

impl Address {
    /// Reads a text that is an address as people write it: with a scheme, or a bare name with a dot.
    fn shown(text: &str) -> Option<Self> {
        let text: String = text.chars().filter(|one| !foreign::is_invisible(*one)).collect();
        let text = text.trim().trim_matches(['<', '>', '"', '\'']);
        if text.is_empty() || text.contains(char::is_whitespace) {
            return None;
        }
        let (scheme, rest) = text.split_once("://").map_or((None, text), |(scheme, rest)| (Some(scheme), rest));
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let is_cut = |text: &str| text.contains('…') || text.contains("...");
        if is_cut(authority) || scheme.is_none() && !authority.contains('.') {
            return None;
        }
        let url = Url::parse(&format!("https://{rest}")).ok()?;
        Some(Self { url, whole: scheme.is_some() && !is_cut(text) })
    }

    /// Whether `there` is the place it names. A slash at the end, the way to an issuer's own document, the case of
    /// letters, and what is added to the query make no other place.
    fn leads_to(&self, there: &Url) -> bool {
        let host = |url: &Url| url.host_str().map(|host| host.trim_end_matches('.').to_owned());
        let same_host = host(&self.url) == host(there);
        let same_place = || {
            let pairs = |url: &Url| -> Vec<String> {
                url.query().unwrap_or_default().to_lowercase().split('&').map(str::to_owned).collect()
            };
            let asked = pairs(there);
            let same_query = self.url.query().is_none() || pairs(&self.url).iter().all(|pair| asked.contains(pair));
            self.url.port() == there.port() && path_of(&self.url) == path_of(there) && same_query
        };
        same_host && (!self.whole || same_place())
    }
}

/// The path of an address without what makes no difference, the marks of a sentence that were taken along among it.
fn path_of(url: &Url) -> String {
    let ends = |one: char| matches!(one, '/' | '.' | ',' | ';' | ':' | ')' | ']' | '\'' | '*');
    let mut path = url.path().to_lowercase();
    path =
        path.trim_end_matches(ends).trim_end_matches("%3e").trim_end_matches("%22").trim_end_matches(ends).to_owned();
    let issuer = WELL_KNOWN.iter().find_map(|end| path.strip_suffix(end));
    issuer.unwrap_or(&path).trim_end_matches('/').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn misleads(target: &str, shown: &str) -> bool {
        matches!(judge(target, shown), Link::Misleading(_))
    }

    #[test]
    fn a_link_to_another_host_misleads_however_it_is_written() {
        for target in [
            "https://b.example",
            "//b.example/",
            "\\\\b.example",
            "/\\b.example",
            "https:\\\\b.example",
            "https:b.example",
            "HTTPS:/b.example",
            " ht\ntps://b.example",
            "https://a.example@b.example",
            "javascript:alert(1)",
            "data:text/html,x",
        ] {
            assert!(misleads(target, "https://a.example"), "{target}");
            assert!(misleads(target, "a.example"), "{target}");
            assert!(misleads(target, "https://localhost:46001"), "{target}");
        }
        assert!(misleads("mailto:x@b.example", "j@a.example"));
    }

    #[test]
    fn a_link_to_another_path_or_port_of_the_host_misleads_where_a_whole_address_is_shown() {
        let shown = "https://login.example/aaaa/v2.0";
        for target in [
            "https://login.example/bbbb/v2.0",
            "https://login.example:8443/aaaa/v2.0",
            "https://login.example/",
            "https://login.example/aaaa/v2.0/x",
        ] {
            assert!(misleads(target, shown), "{target}");
            assert!(!misleads(target, "login.example/…"), "{target}");
        }
        assert!(misleads("https://login.example/saml?idp=b", "https://login.example/saml?idp=a"));
    }

    #[test]
    fn what_makes_no_other_place_does_not_mislead() {
        for (target, shown) in [
            ("https://A.example/", "https://a.example"),
            ("https://a.example/T1/", "https://a.example/t1"),
            ("https://a.example/t1/.well-known/openid-configuration", "https://a.example/t1"),
            ("https://a.example/t1", "https://a.example/t1/.well-known/openid-configuration"),
            ("http://a.example/t1", "https://a.example:443/t1"),
            ("https://a.example/t1?utm=x#y", "https://a.example/t1"),
            ("https://a.example/t1?idp=a&utm=x", "https://a.example/t1?idp=a"),
            ("https://a.example/t1.", "https://a.example/t1"),
            ("https://a.example/t1%3E", "<https://a.example/t1>"),
            ("https://a.example/tenant/v2.0", "https://a.example/ten…"),
            ("https://a.example/tenant/v2.0", "https://a.example/ten...2.0"),
            ("https://a.example", "https://a.exa\u{ad}mple"),
            ("https://xn--mller-kva.example", "https://müller.example"),
            ("https://localhost:46001/", "https://localhost:46001"),
            ("//a.example", "https://a.example"),
            ("#top", "https://a.example"),
            ("x-apple-data-detectors://1", "https://a.example"),
            ("javascript:void(0)", "Show more"),
        ] {
            assert_eq!(judge(target, shown), Link::Plain, "{target} {shown}");
        }
        let safe = "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fa.example%2F&data=1";
        assert_eq!(judge(safe, "https://a.example/"), Link::Plain);
        assert!(misleads(safe, "https://a.example/t1"));
    }

    #[test]
    fn a_link_that_shows_no_address_says_where_it_leads() {
        assert_eq!(judge("https://a.example/m", "here"), Link::Unsaid("https://a.example/m".to_owned()));
        assert_eq!(judge("//a.example/m", "our metadata"), Link::Unsaid("https://a.example/m".to_owned()));
        assert_eq!(judge("mailto:j@a.example?subject=x", "Jane"), Link::Unsaid("j@a.example".to_owned()));
    }
}
