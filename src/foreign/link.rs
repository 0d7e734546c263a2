//! Links as mail filters rewrite them, and links as they may be shown.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use url::Url;

/// What a link turned out to be.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Rewritten {
    /// Not rewritten by any filter we know.
    No,
    /// The address behind it, and whose filter it was.
    To(String),
    /// Rewritten, and it does not hold one https address.
    Unreadable,
}

/// Finds the address behind a link that a mail filter, a chat or a search engine rewrote.
pub(crate) fn unwrap(text: &str) -> Rewritten {
    let Ok(url) = Url::parse(text) else { return Rewritten::No };
    match held(&url, text) {
        Rewritten::To(target) => match unwrap(&target) {
            Rewritten::No if is_one_https_address(&target) => Rewritten::To(target),
            Rewritten::No => Rewritten::Unreadable,
            // Mails pass several filters.
            inner => inner,
        },
        other => other,
    }
}

/// What a rewritten link holds, whatever that is.
fn held(url: &Url, text: &str) -> Rewritten {
    let host = url.host_str().unwrap_or_default();
    let path = url.path();
    let held = match host {
        // Outlook Safe Links, for governments, in Teams and on the web.
        _ if host.ends_with(".safelinks.protection.outlook.com")
            || host.ends_with(".safelinks.protection.office365.us")
            || path.ends_with("/atp-safelinks.html")
            || path.ends_with("/safelink.html") =>
        {
            parameter(url, "url")
        }
        // Proofpoint URL Defense, three versions of it.
        "urldefense.com" | "urldefense.us" | "urldefense.proofpoint.com" if path.starts_with("/v3/__") => {
            let parts = text.split_once("/v3/__").and_then(|(_, rest)| rest.rsplit_once("__;"));
            parts.and_then(|(target, behind)| restored(target, behind.split('!').next().unwrap_or_default()))
        }
        "urldefense.proofpoint.com" if path == "/v2/url" => {
            parameter(url, "u").and_then(|target| decoded(&target.replace('-', "%").replace('_', "/")))
        }
        "urldefense.proofpoint.com" if path == "/v1/url" => parameter(url, "u"),
        // Cisco Secure Email: a token, then the address.
        "secure-web.cisco.com" => path.trim_start_matches('/').split_once('/').and_then(|(_, target)| decoded(target)),
        // Barracuda Link Protection.
        "linkprotect.cudasvc.com" => parameter(url, "a"),
        // Check Point, and Avanan, which it bought.
        "protect.checkpoint.com" | "url.avanan.click" => {
            let parts = text.split_once("___").and_then(|(_, rest)| rest.rsplit_once("___."));
            parts.map(|(target, _)| with_both_slashes(target))
        }
        "avanan.url-protection.com" => parameter(url, "o"),
        // Trellix, formerly FireEye.
        _ if host.ends_with(".fireeye.com") && path == "/v1/url" => parameter(url, "u"),
        // Trend Micro.
        _ if host.ends_with(".trendmicro.com") && path.ends_with("/clicktime/v1/query") => parameter(url, "url"),
        // Sophos writes the address in Base64.
        _ if host.ends_with(".protection.sophos.com") => {
            let held = parameter(url, "u").and_then(|held| STANDARD_NO_PAD.decode(held.trim_end_matches('=')).ok());
            held.and_then(|held| String::from_utf8(held).ok())
        }
        // Symantec, AppRiver and Libraesva.
        "clicktime.symantec.com" | "link.edgepilot.com" | "urlsand.esvalabs.com" => parameter(url, "u"),
        "clicktime.cloud.postoffice.net" => parameter(url, "U"),
        // FortiMail, on a host of the company's own.
        _ if path.ends_with("/fmlurlsvc/") => parameter(url, "url"),
        "l.facebook.com" if path == "/l.php" => parameter(url, "u"),
        "www.linkedin.com" if path == "/safety/go" => parameter(url, "url"),
        // SpamTitan, and Slack.
        "linklock.titanhq.com" | "slack-redir.net" => parameter(url, "url"),
        "www.google.com" | "google.com" if path == "/url" => parameter(url, "q").or_else(|| parameter(url, "url")),
        // Mimecast keeps the address to itself.
        _ if host.ends_with(".mimecastprotect.com") || (host.ends_with(".mimecast.com") && path.starts_with("/s/")) => {
            None
        }
        _ => return Rewritten::No,
    };
    held.map_or(Rewritten::Unreadable, Rewritten::To)
}

/// An address as Proofpoint's third version keeps it: each `*` stands for the next character of `kept`, which is in Base64. A run
/// of characters (`**`) is none that an address here would have.
fn restored(target: &str, kept: &str) -> Option<String> {
    let kept = URL_SAFE_NO_PAD.decode(kept.trim_end_matches('=')).ok()?;
    let mut kept = std::str::from_utf8(&kept).ok()?.chars();
    let whole: Option<String> = target.chars().map(|one| if one == '*' { kept.next() } else { Some(one) }).collect();
    whole.filter(|_| kept.next().is_none() && !target.contains("**")).map(|whole| with_both_slashes(&whole))
}

/// An address of which a browser made one slash out of two that stood within a path.
fn with_both_slashes(target: &str) -> String {
    match target.strip_prefix("https:/") {
        Some(rest) if !rest.starts_with('/') => format!("https://{rest}"),
        _ => target.to_owned(),
    }
}

pub(crate) fn decoded(text: &str) -> Option<String> {
    percent_encoding::percent_decode_str(text).decode_utf8().ok().map(String::from)
}

/// An address without what a mail filter made of it; as it is where none did, or where that cannot be told.
pub(crate) fn unwrapped(text: &str) -> Cow<'_, str> {
    match unwrap(text) {
        Rewritten::To(target) => Cow::Owned(target),
        Rewritten::No | Rewritten::Unreadable => Cow::Borrowed(text),
    }
}

/// The value of a query parameter that is there exactly once.
fn parameter(url: &Url, name: &str) -> Option<String> {
    let mut values = url.query_pairs().filter(|(key, _)| key == name);
    let value = values.next()?.1.into_owned();
    values.next().is_none().then_some(value)
}

fn is_one_https_address(target: &str) -> bool {
    let lower = target.to_ascii_lowercase();
    let plain = !target.contains(|one: char| one.is_control() || one.is_whitespace() || one == '*');
    plain && lower.starts_with("https://") && lower.matches("://").count() == 1 && !lower.contains("%3a%2f%2f")
}

/// `text` without what may be secret in a URL: user name, password, the query's values, and a fragment that has some; be there
/// one URL or several, written well or badly.
pub(crate) fn without_private_parts(text: &str) -> String {
    let end =
        text.find('?').or_else(|| text.find('#').filter(|at| text.get(*at..).is_some_and(|rest| rest.contains('='))));
    let (before, cut) = end.and_then(|at| Some((text.get(..at)?, text.get(at..=at)?))).unwrap_or((text, ""));
    let piece =
        |one: char| one.is_whitespace() || matches!(one, '<' | '>' | '|' | '(' | ')' | '[' | ']' | '"' | ',' | ';');
    // First as one address, since a password may hold any of these.
    let mut shown = without_user(before, false);
    if shown.contains(piece) {
        shown = shown.split_inclusive(piece).map(|one| without_user(one, true)).collect();
    } else {
        shown = without_user(&shown, true);
    }
    if !cut.is_empty() {
        shown.push_str(cut);
        shown.push('…');
    }
    shown
}

/// Takes user name and password out of one address; `anywhere`: though a slash in the password moves the `@` out of the authority.
fn without_user(address: &str, anywhere: bool) -> String {
    let scheme = scheme(address);
    let Some((scheme, authority)) = address.split_at_checked(scheme) else { return address.to_owned() };
    let own = authority.find(['/', '#', '\\']).unwrap_or(authority.len());
    // All before the last `@` of the authority is user-info. Without a scheme that may be a mail address, and what has no
    // colon in it is shown.
    let user = match authority.get(..own).and_then(|own| own.rfind('@')) {
        Some(at) if !scheme.is_empty() || authority.get(..at).is_some_and(|user| user.contains(':')) => Some(at),
        Some(_) => None,
        None if !anywhere => None,
        None => authority.rfind('@').filter(|at| authority.get(..*at).is_some_and(has_password)),
    };
    match user.and_then(|at| authority.get(at..)) {
        Some(host) if !address.starts_with("mailto:") => format!("{scheme}…{host}"),
        _ => address.to_owned(),
    }
}

/// The length of `https://` at the beginning, however it is written: with one slash, the wrong ones, none before it, encoded.
fn scheme(address: &str) -> usize {
    let name = address.find(|one: char| !one.is_ascii_alphanumeric()).unwrap_or_default();
    let lower = address.to_ascii_lowercase();
    let behind = |at: usize| lower.get(at..).unwrap_or_default();
    let colon = match behind(name) {
        rest if rest.starts_with("%3a") => 3,
        rest if rest.starts_with(':') => 1,
        _ => 0,
    };
    let from = if colon == 0 { 0 } else { name + colon };
    let mut at = from;
    loop {
        at += match behind(at) {
            rest if rest.starts_with(['/', '\\']) => 1,
            rest if rest.starts_with("%2f") => 3,
            _ if at > from => return at,
            _ => return 0,
        };
    }
}

/// Whether a colon in it is followed by more than a port.
fn has_password(text: &str) -> bool {
    text.match_indices(':').any(|(at, _)| {
        let behind = text.get(at + 1..).unwrap_or_default();
        let port = behind.split(['/', '\\']).next().unwrap_or_default();
        port.is_empty() || port.len() > 5 || !port.bytes().all(|one| one.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::without_private_parts;

    #[test]
    fn what_may_be_secret_in_an_address_is_not_shown_wherever_it_stands() {
        for (text, shown) in [
            ("https://idp.example/a", "https://idp.example/a"),
            ("https://u:CANARY@idp.example/a?b=CANARY", "https://…@idp.example/a?…"),
            ("https://CANARY@idp.example", "https://…@idp.example"),
            ("https://a.example<https://u:CANARY@idp.example>", "https://a.example<https://…@idp.example>"),
            ("https://a.example https://u:CANARY@idp.example", "https://a.example https://…@idp.example"),
            ("[https://idp.example](https://u:CANARY@idp.example)", "[https://idp.example](https://…@idp.example)"),
            ("u:CANARY@idp.example", "…@idp.example"),
            ("https:/u:CANARY@idp.example", "https:/…@idp.example"),
            ("https:\\\\u:CANARY@idp.example", "https:\\\\…@idp.example"),
            ("//u:CANARY@idp.example", "//…@idp.example"),
            ("https%3A%2F%2Fu:CANARY@idp.example", "https%3A%2F%2F…@idp.example"),
            ("https://u:CAN/ARY@idp.example", "https://…@idp.example"),
            ("https://u:CAN<ARY@idp.example", "https://…@idp.example"),
            ("https://idp.example/cb#access_token=CANARY", "https://idp.example/cb#…"),
            ("https://idp.example/#top", "https://idp.example/#top"),
            ("https://idp.example:8443/@team", "https://idp.example:8443/@team"),
            ("jane@acme.example", "jane@acme.example"),
            ("mailto:jane@acme.example", "mailto:jane@acme.example"),
            ("Müller @ https://ü:CANARY@idp.example", "Müller @ https://…@idp.example"),
            ("", ""),
        ] {
            assert_eq!(without_private_parts(text), shown, "{text}");
        }
    }
}
