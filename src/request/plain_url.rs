//! URLs whose text says what they mean.

use url::{Host, Url};

use super::names::URL_CHARACTERS;
use crate::foreign;

/// Why a text is no such URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UrlProblem {
    /// Not an absolute URL with a host, or one with characters that no URL has.
    #[error("it is not a URL")]
    Syntax,
    /// User name or password before the host.
    #[error("it carries a user name or password")]
    UserInfo,
    /// Over [`URL_CHARACTERS`].
    #[error("it is longer than a URL may be")]
    TooLong,
}

/// Whether `text` names a scheme and a host as it stands. Browsers complete what does not by the page they are on, and read a
/// backslash as a slash where other programs do not.
#[must_use]
pub fn is_whole(text: &str) -> bool {
    let names_host = |behind: &str| !behind.is_empty() && !behind.starts_with('/');
    !text.contains('\\') && text.split_once("://").is_some_and(|(_, behind)| names_host(behind))
}

/// Reads an absolute URL with a host, without the forgiveness of browsers.
///
/// Their parser drops line breaks and surrounding blanks, and takes `https:/host` and backslashes for `https://host`: the
/// text would then say one thing and the URL another.
///
/// # Errors
///
/// [`UrlProblem`]: what the text has that it must not.
///
/// Source: RFC 3986, sections 2 and 3.
pub fn read(text: &str) -> Result<Url, UrlProblem> {
    if text.chars().count() > URL_CHARACTERS {
        return Err(UrlProblem::TooLong);
    }
    let is_unfit = |one: char| one.is_whitespace() || !foreign::is_harmless(one) || "<>\"{}|^`".contains(one);
    let (_, behind) = text.split_once("://").ok_or(UrlProblem::Syntax)?;
    if text.contains(is_unfit) || !is_whole(text) {
        return Err(UrlProblem::Syntax);
    }
    if behind.split(['/', '?', '#']).next().is_some_and(|authority| authority.contains('@')) {
        return Err(UrlProblem::UserInfo);
    }
    let url = Url::parse(text).map_err(|_| UrlProblem::Syntax)?;
    if url.host().is_none() {
        return Err(UrlProblem::Syntax);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(UrlProblem::UserInfo);
    }
    Ok(url)
}

/// Whether `text`, which is read as `url`, spells its host as every program reads it, but for upper case and letters
/// beyond ASCII. Browsers undo escapes in a host, and take `2130706433` and full-width letters for what they stand for;
/// a scheme that stands twice (`https://https://host`) leaves its name as the host.
#[must_use]
pub fn names_host_plainly(text: &str, url: &Url) -> bool {
    let Some(Host::Domain(_) | Host::Ipv4(_)) = url.host() else { return true };
    let (host, written) = (url.host_str().unwrap_or_default(), text.split_once("://").map_or("", |(_, behind)| behind));
    let authority = written.split(['/', '?', '#']).next().unwrap_or_default();
    let written = authority.split_once(':').map_or(authority, |(host, _)| host);
    let is_same = |(written, read): (&str, &str)| {
        if written.is_ascii() { written.eq_ignore_ascii_case(read) } else { read.starts_with("xn--") }
    };
    let labels = |name: &str| name.split('.').count();
    !matches!(host, "http" | "https")
        && labels(written) == labels(host)
        && written.split('.').zip(host.split('.')).all(is_same)
}

/// A path without needless escapes: `%7E` is `~` and `%41` is `A`, for every reader.
///
/// Source: RFC 3986, section 6.2.2.2.
#[must_use]
pub fn without_needless_escapes(path: &str) -> String {
    let mut plain = String::with_capacity(path.len());
    let mut rest = path;
    while let Some((before, behind)) = rest.split_once('%') {
        plain.push_str(before);
        let unreserved = behind
            .get(..2)
            .and_then(|digits| u8::from_str_radix(digits, 16).ok())
            .map(char::from)
            .filter(|one| one.is_ascii_alphanumeric() || matches!(one, '-' | '.' | '_' | '~'));
        if let (Some(one), Some(behind)) = (unreserved, behind.get(2..)) {
            plain.push(one);
            rest = behind;
        } else {
            plain.push('%');
            rest = behind;
        }
    }
    plain.push_str(rest);
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_browser_would_mend_is_refused() {
        for text in [
            "https:\\\\idp.acme.example\\token",
            "https://idp.acme.example\\token",
            "https:/idp.acme.example/token",
            "https:idp.acme.example/token",
            "https:///idp.acme.example/token",
            "https://idp.acme.example/to\nken",
            "https://idp.acme.example/\u{1b}[2J",
            " https://idp.acme.example/token",
            "https://idp.acme.example/token ",
            "https://",
            "/token",
            "mailto:it@acme.example",
        ] {
            assert_eq!(read(text), Err(UrlProblem::Syntax), "{text:?}");
        }
        assert_eq!(read("https://a:b@idp.acme.example/"), Err(UrlProblem::UserInfo));
        let long = format!("https://idp.acme.example/{}", "x".repeat(URL_CHARACTERS));
        assert_eq!(read(&long), Err(UrlProblem::TooLong));
    }

    #[test]
    fn a_host_that_a_browser_would_make_another_of_is_noticed() {
        let is_plain = |text: &str| names_host_plainly(text, &Url::parse(text).unwrap());
        for text in [
            "https://idp%2eacme.example/sso",
            "https://\u{ff49}\u{ff44}\u{ff50}.acme.example/sso",
            "https://idp\u{3002}acme.example/sso",
            "https://2130706433/sso",
            "https://0x7f000001/sso",
            "https://8.8.2056/sso",
            "https://https://idp.acme.example/sso",
        ] {
            assert!(!is_plain(text), "{text}");
        }
        for text in [
            "https://IdP.acme.example:8443/sso?x=a:b",
            "https://m\u{fc}ller.example/sso",
            "https://M\u{dc}LLER.example./sso",
            "https://8.8.8.8/sso",
            "https://[2606:4700:0:0::1111]:8443/sso",
        ] {
            assert!(is_plain(text), "{text}");
        }
    }

    #[test]
    fn queries_ports_and_escapes_are_fine() {
        for text in
            ["https://idp.acme.example:8443/a%20b?p=policy&x=[1]", "https://[2606:4700::1111]/", "https://8.8.8.8"]
        {
            assert!(read(text).is_ok(), "{text}");
        }
    }
}
