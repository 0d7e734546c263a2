//! Web addresses and e-mail addresses in a text.

use super::marks::{ENTITIES, closing, first_token, within_marks, without_copula, without_emphasis};
use crate::makes;

/// Addresses that are looked for in one text: whoever means one of them does not send more.
const ADDRESSES: usize = 64;

/// The web addresses in a text: those with a scheme, else the first word that has the shape of a host.
pub(super) fn addresses(text: &str) -> Vec<&str> {
    let text = without_copula(without_emphasis(text));
    let mut found: Vec<&str> = Vec::new();
    let (mut read_to, mut tried) = (0, 0);
    for (at, _) in text.match_indices("://") {
        // An address within an address is part of it.
        if at < read_to {
            continue;
        }
        if tried >= ADDRESSES {
            break;
        }
        let before = text.get(..at).unwrap_or_default();
        let start = before
            .rfind(|one: char| !one.is_ascii_alphanumeric())
            .map_or(0, |last| last + before.get(last..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8));
        let rest = text.get(start..).unwrap_or_default();
        let scheme = before.get(start..).unwrap_or_default();
        if !scheme.eq_ignore_ascii_case("https") && !scheme.eq_ignore_ascii_case("http") {
            continue;
        }
        let stop = rest.find(|one: char| {
            one.is_whitespace() || matches!(one, '<' | '>' | '"' | '“' | '”' | '`' | ')' | ']' | '|' | '、' | '。')
        });
        let address = rest.get(..stop.unwrap_or(rest.len())).unwrap_or_default();
        let entity = ENTITIES.iter().filter_map(|entity| address.find(entity)).min();
        let address = address.get(..entity.unwrap_or(address.len())).unwrap_or_default();
        (read_to, tried) = (start + address.len(), tried + 1);
        let behind = rest.get(address.len()..).unwrap_or_default();
        if is_stand_in_part(behind)
            || !address.get(scheme.len() + 3..).is_some_and(|host| host.contains(char::is_alphanumeric))
        {
            continue;
        }
        let closes = closing(before.get(..start).unwrap_or_default());
        let address = address.trim_end_matches(|one| matches!(one, '.' | ',' | ';' | '!' | '\'' | '*') || closes(one));
        // Of two that differ in nothing but what stands at their ends, a link shows one and leads to the other.
        let alike = |one: &&str| one.trim_end_matches('/') == address.trim_end_matches('/');
        if !found.iter().any(alike) {
            found.push(address);
        }
    }
    if found.is_empty()
        && let Some((token, _)) = first_token(text)
    {
        let token = token.trim_end_matches(['.', ',', ';']);
        let host = token.split('/').next().unwrap_or_default();
        let labels = host.split('.').count();
        let plain = host.chars().all(|one| one.is_alphanumeric() || matches!(one, '.' | '-' | ':'));
        if labels >= 2 && plain && !host.contains("..") && !host.starts_with('.') && host.len() > 3 {
            found.push(token);
        }
    }
    found
}

/// The address in a text whose host is an issuer at its make, and all of one: `acme.eu.auth0.com`.
pub(super) fn issuing_host(text: &str) -> Option<&str> {
    let [address] = addresses(text)[..] else { return None };
    let (_, rest) = address.split_once("://").unwrap_or(("https", address));
    let host = rest.trim_end_matches('/').to_ascii_lowercase();
    makes::is_issuer_by_host(&host).then_some(address)
}

/// Whether an address is cut off by words in angle brackets that a part of it has to be put in the place of:
/// `https://<company>.okta.example`. An address in angle brackets behind another is the same once more.
fn is_stand_in_part(behind: &str) -> bool {
    let inside = behind.strip_prefix('<').and_then(|rest| rest.split_once('>')).map(|(inside, _)| inside);
    inside.is_some_and(|inside| !inside.is_empty() && !inside.contains([':', '@', '.', '/']))
}

/// The e-mail addresses in a text, each once, whatever its case.
pub(super) fn mailboxes(text: &str) -> Vec<&str> {
    let text = without_copula(text);
    let mut found: Vec<&str> = Vec::new();
    let parts = text.split(|one: char| {
        one.is_whitespace()
            || matches!(
                one,
                '<' | '>'
                    | '('
                    | ')'
                    | '['
                    | ']'
                    | ','
                    | ';'
                    | '"'
                    | '“'
                    | '”'
                    | '‘'
                    | '’'
                    | '`'
                    | '|'
                    | '*'
                    | '、'
                    | '。'
                    | '（'
                    | '）'
            )
    });
    for part in parts {
        let part = within_marks(part.trim_matches(['.', ':', '\'', '/', '?', '!', '=']));
        let part = part
            .get(..7)
            .filter(|scheme| scheme.eq_ignore_ascii_case("mailto:"))
            .map_or(part, |_| part.get(7..).unwrap_or_default());
        let part = part.split('?').next().unwrap_or_default();
        let part = part.rsplit([':', '：', '=']).next().unwrap_or_default();
        let is_one = part
            .split_once('@')
            .is_some_and(|(local, domain)| !local.is_empty() && domain.contains('.') && !domain.contains('@'));
        if found.len() >= ADDRESSES {
            break;
        }
        if is_one && part.len() <= 320 && !found.iter().any(|one| one.eq_ignore_ascii_case(part)) {
            found.push(part);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_found_in_their_wrappings() {
        assert_eq!(addresses("<https://a.example/x>."), ["https://a.example/x"]);
        assert_eq!(addresses("[https://a.example](https://a.example)"), ["https://a.example"]);
        assert_eq!(addresses("https://a.example <https://a.example>"), ["https://a.example"]);
        assert_eq!(addresses("acme.okta.example"), ["acme.okta.example"]);
        assert_eq!(addresses("here: none"), Vec::<&str>::new());
        for text in
            ["https://acme.okta.com. we use it", "https://acme.okta.com . Thanks", "https://acme.okta.com .well done"]
        {
            assert_eq!(addresses(text), ["https://acme.okta.com"], "{text}");
        }
        assert_eq!(addresses("https://idp.acme.local. thanks"), ["https://idp.acme.local"]);
    }

    #[test]
    fn mailboxes_are_found_in_their_wrappings() {
        assert_eq!(
            mailboxes("Jane Doe <mailto:jane@a.example> or \"x@b.example\"."),
            ["jane@a.example", "x@b.example"]
        );
        assert_eq!(mailboxes("Jane@a.example JANE@A.EXAMPLE"), ["Jane@a.example"]);
        assert_eq!(mailboxes("nobody"), Vec::<&str>::new());
    }
}
