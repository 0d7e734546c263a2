//! Words as machines make them, told from those of people, and from each other.

use super::remark;
use crate::makes;

/// Shortest credential whose shape sets it apart from the words behind it.
pub(super) const TELLING_CHARACTERS: usize = 12;

/// Whether a word has a shape that sets it apart from the words around it.
pub(super) fn is_telling(word: &str) -> bool {
    word.chars().count() >= TELLING_CHARACTERS
        && word.contains(|one: char| one.is_ascii_digit())
        && !word.contains("://")
        && !remark::is_moment(word)
}

/// Fewest characters of a secret that its shape alone tells from a heading's word: `SUP-1234 - Client secret`.
const MACHINES_CHARACTERS: usize = 20;

/// Whether a word is long and mixed as machines make secrets, and no person a word.
pub(super) fn is_machines(word: &str) -> bool {
    let has = |kind: fn(&char) -> bool| word.chars().any(|one| kind(&one));
    word.chars().count() >= MACHINES_CHARACTERS
        && is_telling(word)
        && has(char::is_ascii_lowercase)
        && has(char::is_ascii_uppercase)
}

/// Whether a word is an id that no person chose: of a shape that a make is known by, a GUID, or long and mixed.
pub(super) fn is_id(word: &str) -> bool {
    makes::looks_like_client_id(word) || makes::is_guid(word) || is_machines(word)
}

/// The first word in a sentence that a machine made, without what ends the sentence.
pub(super) fn machines_word(text: &str) -> Option<&str> {
    let marks = |one: char| matches!(one, ',' | ';' | '.' | '(' | ')' | '"' | '\'' | '`' | '*');
    text.split_whitespace().map(|word| word.trim_matches(marks)).find(|word| is_machines(word))
}

/// Whether two words may come from the same machine: letters and digits of the same kinds, and much the same length.
pub(super) fn are_alike(one: &str, other: &str) -> bool {
    let (shorter, longer) =
        (one.chars().count().min(other.chars().count()), one.chars().count().max(other.chars().count()));
    kinds(one) == kinds(other) && 2 * shorter >= longer
}

/// Whether two ids may be those of one application in two environments: `acme-test` beside `acme-prod`, `abc-111` beside `abc-222`.
pub(super) fn are_siblings(one: &str, other: &str) -> bool {
    let begins_alike =
        one.chars().zip(other.chars()).take_while(|(one, other)| one.eq_ignore_ascii_case(other)).count();
    let are_words = [one, other].iter().all(|id| !id.contains(char::is_whitespace) && !id.contains("://"));
    are_words && one != other && begins_alike >= SIBLING_CHARACTERS
}

/// Fewest characters with which such ids begin alike.
const SIBLING_CHARACTERS: usize = 3;

/// Which of lower-case letters, upper-case letters and digits a text has.
fn kinds(text: &str) -> (bool, bool, bool) {
    let has = |kind: fn(&char) -> bool| text.chars().any(|one| kind(&one));
    (has(char::is_ascii_lowercase), has(char::is_ascii_uppercase), has(char::is_ascii_digit))
}

/// Shortest word that may be the end of a secret that was broken in two.
const END_CHARACTERS: usize = 4;

/// Google's secrets are longer: a shorter one was broken off, although it begins like one.
const END_OF_GOOGLE: usize = 33;

/// Whether `word` looks like the end of a secret whose start is `start`: a word of the same letters, digits and marks, and of digits
/// and letters both, as names, dates, telephone numbers, identifiers and files have not.
pub(super) fn goes_on(start: &str, word: &str) -> bool {
    let word = word.trim();
    let ((lower, upper, digits), of_start) = (kinds(word), kinds(start));
    let is_mark = |one: char| one.is_ascii_alphanumeric() || (one.is_ascii_punctuation() && start.contains(one));
    let is_whole = |text: &str| {
        makes::is_guid(text)
            || makes::looks_like_client_id(text)
            || (text.len() > END_OF_GOOGLE && makes::looks_like_secret(text))
    };
    start.chars().count() >= TELLING_CHARACTERS
        && word.chars().count() >= END_CHARACTERS
        && word.chars().all(is_mark)
        && !word.starts_with(['-', '+', '/', '.', '=', '_'])
        && digits
        && (lower, upper, digits) == of_start
        && !is_file_name(word)
        && !remark::is_moment(word)
        && ![start, word].into_iter().any(is_whole)
}

/// Whether a word ends as the names of files do.
pub(super) fn is_file_name(word: &str) -> bool {
    let end = word.rsplit_once('.').map_or("", |(_, end)| end);
    (2..=5).contains(&end.len()) && kinds(end) != (false, false, true)
}

/// The GUID that a text begins with, be it behind a word or two.
pub(super) fn guid(text: &str) -> Option<&str> {
    let words = text.split_whitespace().take(3).map(|word| word.trim_matches(|one: char| !one.is_ascii_alphanumeric()));
    words.into_iter().find(|word| makes::is_guid(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_broken_secret_is_told_from_what_stands_behind_a_whole_one() {
        let start = "kD3-xZ_9qLmT7vRw2Yb8";
        for word in ["NcJ5", "Nc-J5hPs4GfA6uEo"] {
            assert!(goes_on(start, word), "{word}");
        }
        for word in [
            "Thanks",
            "Jean-Paul",
            "McCoy",
            "0049-30-1234567",
            "12/31/2028",
            "10:02",
            "SUP-1234",
            "image001.png",
            "-v2Ab",
            "v2",
            "9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d",
            "0oa1b2c3d4E5f6G7h8i9",
            "(expires",
            "12.11.2028",
            "~Ab3c4D",
        ] {
            assert!(!goes_on(start, word), "{word}");
        }
        assert!(goes_on("GOCSPX-a1B2c3d4E5", "f6G7h8I9"));
        assert!(!goes_on("0oa1b2c3d4E5f6G7h8i9", "kD3xZ9qLmT7vRw2"));
        assert!(goes_on("a1b2c3d4e5f6a7b8", "c9d0") && !goes_on("a1b2c3d4e5f6a7b8", "C9D0"));
    }
}
