//! Links as mail filters rewrite them, and links as they may be shown.

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

/// Finds the address behind a link that a mail filter rewrote: Outlook Safe Links, Proofpoint URL Defense version 3,
/// Google's redirect page.
pub(crate) fn unwrap(text: &str) -> Rewritten {
    let Ok(url) = Url::parse(text) else { return Rewritten::No };
    let host = url.host_str().unwrap_or_default();
    let target = if host.ends_with(".safelinks.protection.outlook.com") {
        parameter(&url, "url")
    } else if host == "urldefense.com" && url.path().starts_with("/v3/__") {
        text.split_once("/v3/__").and_then(|(_, rest)| rest.rsplit_once("__;")).map(|(target, _)| target.to_owned())
    } else if matches!(host, "www.google.com" | "google.com") && url.path() == "/url" {
        parameter(&url, "q").or_else(|| parameter(&url, "url"))
    } else {
        return Rewritten::No;
    };
    match target {
        Some(target) if is_one_https_address(&target) => Rewritten::To(target),
        _ => Rewritten::Unreadable,
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

/// `text` without what may be secret in a URL: user name, password and the query's values.
pub(crate) fn without_private_parts(text: &str) -> String {
    let mut shown = String::new();
    let mut rest = text;
    // An authority ends at the first `/`, `?` or `#`; all before its last `@` is user-info.
    if let Some((scheme, behind)) = text.split_once("://") {
        let end = behind.find(['/', '?', '#', '\\']).unwrap_or(behind.len());
        let (authority, path) = behind.split_at(end);
        shown.push_str(scheme);
        shown.push_str("://");
        match authority.rsplit_once('@') {
            Some((_, host)) => {
                shown.push_str("…@");
                shown.push_str(host);
            }
            None => shown.push_str(authority),
        }
        rest = path;
    }
    match rest.find('?') {
        Some(position) => {
            shown.push_str(rest.get(..position).unwrap_or_default());
            shown.push_str("?…");
        }
        None => shown.push_str(rest),
    }
    shown
}
