//! The body of a request, as programs send one: pairs of a name and a value, run together.

use std::borrow::Cow;

use super::labels;

/// The names and values of a text that is the body of a form, as programs send one: `client_id=…&client_secret=…`. Two of the
/// names have to be labels, and everything between two `&` a name with its value: else a bare `&` may belong to one.
///
/// Source: WHATWG URL, section 5 (`application/x-www-form-urlencoded`).
///
/// Connection strings part theirs by `;`, and encode nothing.
pub(super) fn pairs(text: &str) -> Option<Vec<(String, String)>> {
    let text = text.trim();
    let mark = ['&', ';'].into_iter().find(|mark| text.trim_end_matches(*mark).contains(*mark))?;
    if text.contains(char::is_whitespace) {
        return None;
    }
    let is_label = |pair: &str| pair.split_once('=').is_some_and(|(name, _)| labels::whole(name).is_some());
    let text = if mark == ';' { text.trim_end_matches(mark) } else { text };
    let mut pairs = text.split(mark);
    let is_pair = |pair: &str| pair.split_once('=').is_some_and(|(name, _)| !name.is_empty() && !name.contains("://"));
    let is_form = pairs.clone().all(is_pair) && pairs.by_ref().filter(|pair| is_label(pair)).count() > 1;
    let owned = |pair: &str| pair.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
    is_form.then(|| match mark {
        ';' => text.split(mark).filter_map(owned).collect(),
        _ => url::form_urlencoded::parse(text.as_bytes()).into_owned().collect(),
    })
}

/// Parameters that tell the body of an OAuth request from a value with an `&` in it.
const PARAMETERS: [&str; 4] = ["client_id", "grant_type", "redirect_uri", "scope"];

/// `client_id=…&client_secret=…`, as requests on a command line have it, with its pairs set apart. One with an encoded sign
/// in it is left as it is: what a secret's `%` stands for is not guessed.
pub(super) fn parameters(text: &str) -> Cow<'_, str> {
    let bodies = |word: &str| -> bool {
        let word = word.trim_matches(['"', '\'']);
        let pairs = || word.split('&').map(|pair| pair.split_once('='));
        let is_name = |name: &str| name.bytes().all(|one| one.is_ascii_alphanumeric() || one == b'_' || one == b'-');
        !word.contains("://")
            && !word.contains(['%', '+'])
            && pairs().count() >= 2
            && pairs().all(|pair| pair.is_some_and(|(name, _)| is_name(name)))
            && pairs().flatten().any(|(name, _)| PARAMETERS.contains(&name))
    };
    if !text.split_whitespace().any(bodies) {
        return Cow::Borrowed(text);
    }
    let words = text
        .split_whitespace()
        .map(|word| if bodies(word) { word.trim_matches(['"', '\'']).replace('&', " ") } else { word.to_owned() });
    Cow::Owned(words.collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_body_of_a_request_is_its_pairs_unless_something_in_it_is_encoded() {
        assert_eq!(parameters("curl -d \"client_id=a&client_secret=b\""), "curl -d client_id=a client_secret=b");
        for text in [
            "-d client_id=a&client_secret=b%2Bc",
            "client_secret=a&b=c",
            "client_secret=a&b",
            "https://a.example/?client_id=a&client_secret=b",
        ] {
            assert_eq!(parameters(text), text);
        }
    }
}
