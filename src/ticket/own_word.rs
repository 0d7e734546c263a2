//! A label within the word that a credential is: part of the credential, or glued to it.

use super::labels::{self, Field, Occurrence};
use super::marks;
use super::sentence::{Behind, behind};

/// The one word of a line, where it is more than a label with its value: `abc-secret:x`.
pub(super) fn alone(text: &str) -> Option<&str> {
    let word = text.trim();
    let name = word.split([':', '=', '：', '＝']).next().unwrap_or_default();
    (!word.contains(char::is_whitespace) && !labels::is_label(name)).then_some(word)
}

/// The word in the place of a credential, if there is a label in it.
pub(super) struct OwnWord<'t> {
    /// The word, and behind it what else the value may be.
    pub(super) readings: Vec<&'t str>,
    /// Where it ends.
    pub(super) end: usize,
}

/// Looks for a label within the word that a credential is: `abc-secret:x`, `"a issuer=b"`, `abcIssuer: x`. A part of a credential
/// is none, so the word is one whole; where a label was glued to it, both readings are kept, and nobody guesses.
pub(super) fn own_word<'t>(one: &Occurrence, text: &'t str) -> Option<OwnWord<'t>> {
    if !matches!(one.field, Field::ClientId | Field::ClientSecret) {
        return None;
    }
    let text = text.trim_end();
    let Behind::Value(value, _) = behind(one, text.get(one.end..)?) else { return None };
    let (word, rest) = marks::first_token(marks::without_emphasis(value))?;
    let end = text.len() - rest.len();
    let start = end - word.len();
    // Behind the stop of a sentence in East Asia, another word begins without a blank.
    if word.contains("://") || word.contains(['。', '、', '，']) || labels::is_label(word) {
        return None;
    }
    let here = labels::occurrences(word);
    if let Some(label) = here.first().filter(|label| label.separated && label.start == 0 && label.end < word.len()) {
        return Some(OwnWord { readings: vec![word, word.get(label.end..)?], end });
    }
    if let Some(cut) = labels::glued_to(word, text.get(start..)?) {
        return Some(OwnWord { readings: vec![word, cut], end });
    }
    (!here.is_empty()).then(|| OwnWord { readings: vec![word], end })
}
