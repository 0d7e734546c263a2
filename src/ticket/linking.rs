//! Words that lead from one value of a sentence to the next, or join two.

use crate::intake::is_conjunction;

/// Words beside the conjunctions that lead from one value of a sentence to the next.
const LEADING: [&str; 37] = [
    "the", "our", "a", "with", "for", "is", "die", "das", "der", "unser", "unsere", "ist", "mit", "le", "la", "l",
    "les", "notre", "est", "el", "con", "nuestro", "o", "os", "com", "il", "lo", "de", "het", "onze", "&", "+", "|",
    "/", "also", "-", "–",
];

/// Whether a word, in lower case, leads on to the next value.
pub(super) fn leads_on(word: &str) -> bool {
    LEADING.contains(&word) || is_conjunction(word)
}

/// `and`, in whichever language, or a mark that stands for it.
pub(super) fn is_linking(word: &str) -> bool {
    let word = word.trim_matches(|one: char| matches!(one, '/' | ',' | '&' | '+' | '|' | '*' | '"' | '(' | '-'));
    word.is_empty() || is_conjunction(word)
}

/// `value and the` without what leads to the next label.
pub(super) fn without_linking_words(text: &str) -> &str {
    let mut text =
        text.trim_end_matches(|one: char| one.is_whitespace() || matches!(one, '*' | '_' | '"' | '{' | '(' | '|'));
    while let Some(at) = text.rfind(char::is_whitespace) {
        let (before, word) = text.split_at(at);
        let word = word.trim().trim_matches(|one: char| matches!(one, '*' | '_' | '"')).to_lowercase();
        if !word.is_empty() && !leads_on(&word) {
            break;
        }
        text = before.trim_end();
    }
    text
}
