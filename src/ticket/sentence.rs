//! How a label leads to its value within a line: by a colon, by `is`, by nothing, or not at all.

use super::labels::{Field, Occurrence};
use super::{remark, value};
use crate::foreign;
use crate::intake::is_conjunction;

/// Words between a label and the `is` that leads to its value.
pub(super) const FILLERS: usize = 4;

/// Longest text in brackets that may stand in for a value, the brackets with it, in bytes.
const STAND_IN_BYTES: usize = 61;

impl Occurrence {
    /// Whether the label stands alone, or ends an item of a list, or the line with a colon: the value is on the next line.
    pub(super) fn leads_or_ends(&self, text: &str) -> bool {
        self.separated
            || self.leads
            || without_bullet(text).len() < text.trim_start().len()
            || text.trim_end().ends_with([':', '：', '='])
    }
}

/// What stands behind a label.
pub(super) enum Behind<'t> {
    /// A value: where it starts, and whether it is set off.
    Value(&'t str, bool),
    /// Nothing at all.
    Nothing,
    /// Words that lead to no value.
    Words,
}

pub(super) fn behind<'t>(one: &Occurrence, rest: &'t str) -> Behind<'t> {
    let trimmed = bare(rest);
    if one.separated {
        return if trimmed.is_empty() { Behind::Nothing } else { Behind::Value(without_marks(rest), true) };
    }
    let rest = without_remark(within_remark(one, rest).trim_start()).trim_start();
    if bare(rest).is_empty() {
        return Behind::Nothing;
    }
    let dotted = rest.trim_start_matches(['.', '…']);
    let leader = if rest.len() - dotted.len() >= 3 { rest.get(..rest.len() - dotted.len()) } else { None };
    for mark in [":", "：", "=", "->", "=>", "→", "–", "—", "- ", "|"].into_iter().chain(leader) {
        if let Some(value) = rest.strip_prefix(mark) {
            return if bare(value).is_empty() {
                Behind::Nothing
            } else {
                Behind::Value(without_marks(value.trim_start_matches(['>', '=', ':'])), true)
            };
        }
    }
    let is_credential = matches!(one.field, Field::ClientId | Field::ClientSecret);
    if let Some((value, set_off)) = behind_is(rest) {
        let between = rest.get(..rest.len() - value.len()).unwrap_or_default();
        if is_credential && remark::is_about(between) {
            return Behind::Words;
        }
        return if bare(value).is_empty() { Behind::Nothing } else { Behind::Value(value, set_off) };
    }
    let first = rest.split_whitespace().next().unwrap_or_default();
    let alone = one.leads && rest.split_whitespace().count() == 1;
    let telling = match one.field {
        Field::Owner | Field::Requester => {
            !value::mailboxes(first).is_empty() || one.leads && value::mailboxes(rest).len() == 1
        }
        Field::Issuer | Field::Metadata => first.contains("://") || alone,
        _ => alone,
    };
    if telling { Behind::Value(rest, false) } else { Behind::Words }
}

/// A value without the marks that lead to it beside the colon: `:= x`, `=> x`, `: - x`. One that sticks to the value may be a
/// part of it.
fn without_marks(value: &str) -> &str {
    let mut value = value.trim_start();
    let marks = ["=>", "->", "→", ">", "=", ":", "-", "–", "—"];
    while let Some(rest) = marks.iter().find_map(|mark| value.strip_prefix(mark))
        && rest.starts_with(char::is_whitespace)
        && !bare(rest).is_empty()
    {
        value = rest.trim_start();
    }
    value
}

/// Where the brackets end that stand in a value's place: `<your client id>` holds the words of a label, and no label.
pub(super) fn stand_in(text: &str, from: usize) -> Option<usize> {
    let rest = text.get(from..)?;
    let value = rest.trim_start();
    let value = value.get(..value.floor_char_boundary(STAND_IN_BYTES))?;
    let close = match value.chars().next()? {
        '<' => '>',
        '{' => '}',
        '[' => ']',
        _ => return None,
    };
    let start = from + (rest.len() - rest.trim_start().len());
    value.find(close).map(|at| start + at)
}

/// A line without the mark of a list in front of it, or the arrow of an answer.
pub(super) fn without_bullet(text: &str) -> &str {
    let text = text.trim_start();
    let rest = ["->", "=>", "→", "-", "*", "•", "–", "·"].iter().find_map(|mark| text.strip_prefix(mark));
    rest.filter(|rest| rest.starts_with(char::is_whitespace)).map_or(text, str::trim_start)
}

/// A text without what merely surrounds a value.
pub(super) fn bare(text: &str) -> &str {
    text.trim_matches(|one: char| {
        one.is_whitespace()
            || foreign::is_invisible(one)
            || matches!(one, '*' | '_' | '?' | '.' | ':' | '`' | '"' | '|' | '：' | '？')
    })
}

/// What stands behind the remark that the label's last word opens: `Client Secret (value, not ID): x`.
fn within_remark<'t>(one: &Occurrence, rest: &'t str) -> &'t str {
    let is_open = one.words.contains('(') && !one.words.contains(')');
    let remark =
        rest.split_once(')').filter(|(inner, _)| is_open && inner.len() <= 60 && !inner.contains(['(', ':', '=']));
    remark.map_or(rest, |(_, behind)| behind)
}

/// A text without the remark in brackets at its start.
pub(super) fn without_remark(text: &str) -> &str {
    let remark = text.strip_prefix('(').and_then(|inner| inner.split_once(')'));
    remark.filter(|(inner, _)| inner.len() <= 60).map_or(text, |(_, rest)| rest)
}

/// Whether two labels of different values share what stands behind the second: nothing but linking words parts them.
pub(super) fn is_joint(before: &Occurrence, one: &Occurrence, text: &str) -> bool {
    let between = text.get(before.end..one.start).unwrap_or_default();
    let ends_sentence = text.get(..before.end).is_some_and(|text| text.ends_with(['.', '!', '?', ';', '。']));
    before.field != one.field && !before.separated && !ends_sentence && between.split_whitespace().all(is_linking)
}

/// `and`, in whichever language, or a mark that stands for it.
pub(super) fn is_linking(word: &str) -> bool {
    let word = word.trim_matches(|one: char| matches!(one, '/' | ',' | '&' | '+' | '|' | '*' | '"' | '(' | '-'));
    word.is_empty() || is_conjunction(word)
}

/// What follows the first `is`, in whichever language, or the first colon, a few words on; and whether it is set off.
fn behind_is(text: &str) -> Option<(&str, bool)> {
    const IS: [&str; 27] = [
        "is",
        "is:",
        "shows",
        "are",
        "ist",
        "lautet",
        "lautet:",
        "sind",
        "heißt",
        "est",
        "sont",
        "es",
        "son",
        "è",
        "é",
        "sono",
        "são",
        "jest",
        "är",
        "er",
        "is=",
        "será",
        "sera",
        "wäre",
        "becomes",
        "reads",
        "はこちら",
    ];
    let mut from = 0;
    for word in text.split_whitespace().take(FILLERS + 1) {
        let at = from + text.get(from..)?.find(word)?;
        from = at + word.len();
        if IS.contains(&word.to_lowercase().as_str()) {
            return text.get(from..).map(|rest| (rest.trim_start().trim_start_matches(':'), false));
        }
        if word.ends_with([':', '：']) {
            return text.get(from..).map(|rest| (rest, true));
        }
        // A clause ends here, or a list goes on: what follows speaks of something else.
        if word.ends_with(['.', ',', ';', '!', '?']) || is_linking(word) {
            return None;
        }
    }
    None
}

/// `jane@acme.example is the`: the address that is said to be the owner's.
pub(super) fn named_before(text: &str) -> Option<&str> {
    let mut words = text.split_whitespace().rev();
    let mut is = false;
    for word in words.by_ref().take(FILLERS) {
        let lower = word.to_lowercase();
        if value::mailboxes(word).len() == 1 {
            return if is { value::mailboxes(word).first().copied() } else { None };
        }
        if ["is", "ist", "est", "es", "è", "é", "jest", "är", "er"].contains(&lower.as_str()) {
            is = true;
        } else if ![
            "the", "our", "team", "account", "der", "die", "unser", "unsere", "le", "la", "notre", "el", "nuestro",
            "il", "o", "de",
        ]
        .contains(&lower.as_str())
        {
            return None;
        }
    }
    None
}
