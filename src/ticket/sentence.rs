//! How a label leads to its value within a line: by a colon, by `is`, by nothing, or not at all.

use super::labels::{Field, Occurrence};
use super::linking::{is_linking, without_linking_words};
use super::{address, domains, machine, remark};
use crate::foreign;
use crate::makes;

/// Words between a label and the `is` that leads to its value.
pub(super) const FILLERS: usize = 4;

/// Longest remark in brackets between a label and its value, in bytes.
const REMARK_BYTES: usize = 60;

/// Longest text in brackets that may stand in for a value, the brackets with it, in bytes.
const STAND_IN_BYTES: usize = 61;

impl Occurrence {
    /// Whether the label stands alone, or ends an item of a list, or the line with a colon or `is`: the value is on the next line.
    pub(super) fn leads_or_ends(&self, text: &str) -> bool {
        self.separated
            || self.leads
            || without_bullet(text).len() < text.trim_start().len()
            || text.trim_end().ends_with([':', '：', '='])
            || text.split_whitespace().last().is_some_and(|word| IS.contains(&word.to_lowercase().as_str()))
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
    let rest = within_remark(one, rest).trim_start();
    if let Some(value) = in_brackets(one, rest) {
        return Behind::Value(value, true);
    }
    let rest = without_remark(rest).trim_start();
    if bare(rest).is_empty() {
        return Behind::Nothing;
    }
    let dotted = rest.trim_start_matches(['.', '…']);
    let leader = if rest.len() - dotted.len() >= 3 { rest.get(..rest.len() - dotted.len()) } else { None };
    if let Some(value) = rest.strip_prefix(is_arrow) {
        let value = without_marks(value.trim_start_matches('\u{fe0f}'));
        return if bare(value).is_empty() { Behind::Nothing } else { Behind::Value(value, true) };
    }
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
            !address::mailboxes(first).is_empty() || one.leads && address::mailboxes(rest).len() == 1
        }
        Field::Issuer | Field::Metadata => first.contains("://") || alone,
        Field::Domains => !domains::listed(first).is_empty(),
        _ => alone || machine::is_machines(first) && without_linking_words(rest) == first,
    };
    if telling { Behind::Value(rest, false) } else { Behind::Words }
}

/// An arrow in one sign, as people draw it between a label and its value.
const fn is_arrow(one: char) -> bool {
    matches!(one, '\u{2190}'..='\u{21ff}' | '\u{2794}'..='\u{27bf}' | '\u{2b05}'..='\u{2b11}')
}

/// A value without the marks that lead to it beside the colon: `:= x`, `=> x`, `: - x`. One that sticks to the value may be a
/// part of it.
fn without_marks(value: &str) -> &str {
    let mut value = value.trim_start();
    let marks = ["=>", "->", "→", ">", "=", ":", "-", "–", "—", "|"];
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
    let is_open = one.words.contains(['(', '（']) && !one.words.contains([')', '）']);
    let remark = rest
        .split_once([')', '）'])
        .filter(|(inner, _)| is_open && inner.len() <= 60 && !inner.contains(['(', ':', '=']));
    remark.map_or(rest, |(_, behind)| behind)
}

/// The value that stands in brackets behind its label: `the owner of the team (jane@acme.example)`.
fn in_brackets<'t>(one: &Occurrence, rest: &'t str) -> Option<&'t str> {
    let (inner, behind) = rest.strip_prefix('(')?.split_once(')')?;
    let is_value = match one.field {
        Field::Owner => matches!(address::mailboxes(inner)[..], [mailbox] if mailbox == inner.trim()),
        Field::Issuer | Field::Metadata => inner.starts_with("https://"),
        Field::ClientId | Field::ClientSecret => makes::looks_like_client_id(inner) || machine::is_machines(inner),
        _ => false,
    };
    // What a colon stands behind is a remark.
    let is_remark = behind.trim_start().starts_with([':', '：', '=']);
    (is_value && !is_remark && !inner.contains(char::is_whitespace)).then_some(inner)
}

/// Where the remark in brackets ends that stands between a label and its colon, or ends the line: `Client Secret (not the Secret
/// ID): x`, and `Client ID (Application ID)` above the value.
pub(super) fn remark_end(text: &str, one: &Occurrence) -> Option<usize> {
    let rest = text.get(one.end..).filter(|_| !one.separated)?;
    let is_open = one.words.contains(['(', '（']) && !one.words.contains([')', '）']);
    let inner = if is_open { rest } else { rest.trim_start().strip_prefix(['(', '（'])? };
    let (remark, _) = inner.get(..inner.floor_char_boundary(REMARK_BYTES + 1))?.split_once([')', '）'])?;
    let is_remark = !remark.contains(['(', ':', '=']);
    let behind = inner.get(remark.len()..)?.trim_start_matches([')', '）']);
    let inner = remark;
    let is_question = bare(behind).is_empty() && machine::machines_word(inner).is_none();
    (is_remark && (is_question || behind.trim_start().starts_with([':', '：', '=']))).then(|| text.len() - behind.len())
}

/// A text without the remark in brackets at its start.
pub(super) fn without_remark(text: &str) -> &str {
    let remark = text.strip_prefix(['(', '（']).and_then(|inner| inner.split_once([')', '）']));
    remark.filter(|(inner, _)| inner.len() <= 60).map_or(text, |(_, rest)| rest)
}

/// Whether two labels of different values share what stands behind the second: nothing but linking words parts them.
pub(super) fn is_joint(before: &Occurrence, one: &Occurrence, text: &str) -> bool {
    let between = text.get(before.end..one.start).unwrap_or_default();
    let ends_sentence = text.get(..before.end).is_some_and(|text| text.ends_with(['.', '!', '?', ';', '。']));
    before.field != one.field && !before.separated && !ends_sentence && between.split_whitespace().all(is_linking)
}

/// Words that point at what stands below, in whichever language.
const BELOW: [&str; 16] = [
    "following",
    "follows",
    "below",
    "this",
    "here",
    "suivant",
    "suivante",
    "folgt",
    "folgende",
    "folgender",
    "folgendes",
    "siguiente",
    "seguinte",
    "seguente",
    "volgende",
    "ci-dessous",
];

/// What stands behind `the following:` and its like.
fn announced(text: &str) -> Option<&str> {
    let at = text.get(..text.floor_char_boundary(STAND_IN_BYTES))?.find([':', '：'])?;
    let (words, value) = text.split_at_checked(at)?;
    let last = words.split_whitespace().last()?.to_lowercase();
    (words.split_whitespace().count() <= 3 && BELOW.contains(&last.as_str()))
        .then(|| value.trim_start_matches([':', '：']))
}

/// Whether what stands behind a label says that the value is on the next line: `, here it is again:`. What goes on with another thing
/// says nothing: ` and the URL:`.
pub(super) fn opens(rest: &str) -> bool {
    let points = |word: &str| {
        let word = bare_word(word);
        BELOW.contains(&word.as_str()) || IS.contains(&word.as_str())
    };
    rest.trim_end().ends_with([':', '：'])
        && rest.split_whitespace().any(points)
        && !rest.split_whitespace().any(|word| bare_word(word).is_empty() || is_linking(word))
}

/// Words that lead from a label to its value, in whichever language.
const IS: [&str; 28] = [
    "is",
    "be",
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

/// What follows the first `is`, in whichever language, or the first colon, a few words on; and whether it is set off.
fn behind_is(text: &str) -> Option<(&str, bool)> {
    let mut from = 0;
    for word in text.split_whitespace().take(FILLERS + 1) {
        let at = from + text.get(from..)?.find(word)?;
        from = at + word.len();
        if IS.contains(&word.to_lowercase().as_str()) {
            if let Some(value) = text.get(from..).and_then(announced) {
                return Some((value, true));
            }
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

/// Words by which a value comes before what it is called: `0oa1 is the client ID`.
const IS_BEHIND: [&str; 10] = ["is", "ist", "est", "es", "è", "é", "jest", "är", "er", "becomes"];

/// Words by which it does in the midst of a sentence: `0oa1 as the client ID`.
const AS: [&str; 9] = ["as", "als", "comme", "como", "come", "som", "jako", "(", "（"];

/// Words that may stand between the two.
const BETWEEN: [&str; 24] = [
    "the", "our", "team", "account", "der", "die", "das", "unser", "unsere", "le", "la", "l", "notre", "el", "nuestro",
    "il", "o", "a", "de", "het", "onze", "your", "votre", "new",
];

/// Words before a value that is given: `please use 0oa1 as the client ID`.
const GIVING: [&str; 50] = [
    "tragen",
    "sie",
    "we",
    "i",
    "please",
    "use",
    "using",
    "have",
    "take",
    "set",
    "enter",
    "with",
    "put",
    "add",
    "configure",
    "got",
    "created",
    "the",
    "our",
    "value",
    "values",
    "are",
    "is",
    "it",
    "to",
    "here",
    "hi",
    "hello",
    "bitte",
    "wir",
    "ich",
    "verwenden",
    "nehmen",
    "haben",
    "nutzen",
    "mit",
    "merci",
    "d'utiliser",
    "d’utiliser",
    "utiliser",
    "utilisez",
    "avons",
    "nous",
    "avec",
    "usar",
    "usamos",
    "con",
    "com",
    "usare",
    "gebruik",
];

/// Words before a value by which it is not what it is called.
const NOT: [&str; 21] = [
    "not",
    "if",
    "whether",
    "when",
    "don't",
    "don’t",
    "never",
    "no",
    "nicht",
    "kein",
    "pas",
    "nunca",
    "non",
    "não",
    "niet",
    "instead",
    "than",
    "old",
    "previously",
    "was",
    "wrong",
];

/// Whether the clause before a label says that what is called so is not meant: `we no longer use the domains a.example`.
pub(super) fn is_denied(text: &str, one: &Occurrence) -> bool {
    let before = text.get(..one.start).unwrap_or_default().split_whitespace().rev().take(2 * FILLERS);
    before.take_while(|word| !word.ends_with(['.', ',', ';', ':'])).any(|word| NOT.contains(&bare_word(word).as_str()))
}

/// Words that end a sentence behind what a value is called.
const VERBS: [&str; 13] = [
    "instead",
    "please",
    "now",
    "bitte",
    "stattdessen",
    "ein",
    "eintragen",
    "verwenden",
    "benutzen",
    "nutzen",
    "hinterlegen",
    "einsetzen",
    "eingeben",
];

/// Whether a clause goes on with what takes it back: `, but it expired`.
fn is_restricted(clause: &str) -> bool {
    const WORDS: [&str; 17] = [
        "but", "however", "though", "although", "which", "that", "until", "unless", "aber", "jedoch", "mais", "pero",
        "mas", "ma", "maar", "men", "ale",
    ];
    let first = clause.split_whitespace().map(bare_word).find(|word| !word.is_empty());
    clause.starts_with([',', ';']) && first.is_some_and(|word| WORDS.contains(&word.as_str()))
}

fn bare_word(word: &str) -> String {
    word.trim_matches(|one: char| !one.is_alphanumeric()).to_lowercase()
}

/// Fewest words of a line that breaks off in a sentence.
const BROKEN_WORDS: usize = 3;

/// Whether a line breaks off in the middle of a sentence: it ends with a plain word, and the next line goes on.
pub(super) fn breaks_off(text: &str) -> bool {
    let last = text.split_whitespace().last().unwrap_or_default();
    text.split_whitespace().count() >= BROKEN_WORDS && last.chars().all(char::is_lowercase)
}

/// Whether a line goes on with the sentence of the line above it: no item of a list, and no capital in front.
pub(super) fn goes_on_from_above(text: &str) -> bool {
    text.trim_start().starts_with(char::is_lowercase)
}

/// The value that stands before its label, where `before` is what stands between it and the label before, or the start of the line,
/// and `behind` what follows: `x is the`, `x as our`, and `x -` or `x <-` on a line of their own.
pub(super) fn named_before<'t>(before: &'t str, behind: &str, field: Field) -> Option<&'t str> {
    let ends = behind.trim_start();
    let is_over = ends.is_empty()
        || ends.starts_with(['.', ',', ';', '!', '。', '、'])
        || ends.split_whitespace().next().is_some_and(is_linking)
        || ends.split_whitespace().next().is_some_and(|word| VERBS.contains(&bare_word(word).as_str()));
    let stops = is_over && !ends.ends_with('?') && !is_restricted(ends);
    let is_value = |word: &str| match field {
        Field::Owner => address::mailboxes(word).len() == 1,
        Field::Issuer | Field::Metadata => word.contains("://"),
        Field::ClientId | Field::ClientSecret => machine::is_telling(word),
        _ => false,
    };
    let mut words = before.split_whitespace().rev();
    let (mut is, mut called) = (false, false);
    for word in words.by_ref().take(FILLERS) {
        if is_value(word) {
            let clause = || {
                let ends = |word: &&str| word.ends_with(['.', ',', ';', ':']) || is_linking(word);
                words.clone().take_while(move |word| !ends(word)).map(bare_word).take(2 * FILLERS)
            };
            // "We removed x as the secret": only what asks to use a value, or says that it is, gives it.
            let gives = || clause().all(|word| word.is_empty() || GIVING.contains(&word.as_str()));
            let denied = || clause().take(FILLERS).any(|word| NOT.contains(&word.as_str()));
            return (stops && called && gives() || is && (stops || field == Field::Owner) && !denied()).then(|| {
                match field {
                    Field::Owner => address::mailboxes(word).first().copied().unwrap_or_default(),
                    _ => word,
                }
            });
        }
        let lower = word.to_lowercase();
        let lower = lower.as_str();
        if !BETWEEN.contains(&lower) && !IS_BEHIND.contains(&lower) && !AS.contains(&lower) {
            break;
        }
        is |= IS_BEHIND.contains(&lower);
        called |= AS.contains(&lower);
    }
    let (word, mark) = before.trim().split_once(char::is_whitespace)?;
    let is_alone = is_value(word) && ends.is_empty() && (field != Field::ClientSecret || machine::is_machines(word));
    (is_alone && ["-", "–", "—", "<-", "<--", "←", "<=", "<<"].contains(&mark.trim())).then_some(word)
}
