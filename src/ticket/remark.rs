//! What is said about a value beside its label, and is no value: how long it holds, what it is called, that it held before.

use super::labels::Occurrence;

/// Words behind a label that make what follows a remark about the value: `Client secret valid until: …`.
const ABOUT: [&str; 62] = [
    "valid",
    "validity",
    "until",
    "till",
    "expire",
    "expires",
    "expiry",
    "expiration",
    "expiring",
    "lifetime",
    "duration",
    "name",
    "description",
    "hint",
    "length",
    "type",
    "status",
    "date",
    "id",
    "location",
    "owner",
    "gültig",
    "gültigkeit",
    "gültigkeitsdauer",
    "bis",
    "läuft",
    "ablauf",
    "ablaufdatum",
    "laufzeit",
    "beschreibung",
    "valable",
    "validité",
    "jusqu'au",
    "expiré",
    "durée",
    "nom",
    "válido",
    "válida",
    "validez",
    "hasta",
    "caduca",
    "caducidad",
    "vence",
    "vencimiento",
    "expira",
    "validade",
    "até",
    "vencimento",
    "valido",
    "validità",
    "scade",
    "scadenza",
    "geldig",
    "geldigheid",
    "tot",
    "verloopt",
    "ważny",
    "ważność",
    "wygasa",
    "giltig",
    "gyldig",
    "действителен",
];

/// Words that say of a value that it held before.
const OLD: [&str; 46] = [
    "old",
    "previous",
    "former",
    "expired",
    "revoked",
    "earlier",
    "prior",
    "outdated",
    "obsolete",
    "alt",
    "alte",
    "alter",
    "altes",
    "bisheriges",
    "bisherige",
    "früheres",
    "abgelaufenes",
    "vorheriges",
    "ancien",
    "ancienne",
    "précédent",
    "périmé",
    "antiguo",
    "antigua",
    "anterior",
    "viejo",
    "caducado",
    "antigo",
    "antiga",
    "expirado",
    "vecchio",
    "vecchia",
    "precedente",
    "scaduto",
    "oud",
    "oude",
    "vorige",
    "verlopen",
    "stary",
    "poprzedni",
    "gammal",
    "gamla",
    "gammel",
    "старый",
    "旧",
    "以前の",
];

/// Words before a label of which one may say that the value is the old one.
const WORDS: usize = 2;

/// Longest remark in brackets, in bytes.
const BRACKETS: usize = 60;

/// Whether one of the words between a label and its colon or `is` makes what follows a remark. A date among them says that
/// the remark is over.
pub(super) fn is_about(words: &str) -> bool {
    let mut words = words.split_whitespace().map(bare);
    !words.clone().any(|word| word.contains(|one: char| one.is_ascii_digit()))
        && words.any(|word| ABOUT.contains(&word.as_str()))
}

/// Whether a whole label says that its value is the old one.
pub(super) fn is_old(label: &str) -> bool {
    label.split_whitespace().any(|word| OLD.contains(&bare(word).as_str()))
}

/// Whether the words before a label, or brackets behind it, say that its value is the old one.
pub(super) fn is_said_old(text: &str, one: &Occurrence) -> bool {
    let before = text.get(..one.start).unwrap_or_default().split_whitespace().rev().take(WORDS);
    let ends_nothing = |word: &&str| !word.ends_with(['.', ',', ';', ':', '!', '?', '/']);
    let behind = text.get(one.end..).unwrap_or_default().trim_start();
    let brackets = behind.strip_prefix('(').and_then(|inner| inner.split_once(')')).map(|(inner, _)| inner);
    before.take_while(ends_nothing).any(is_old)
        || brackets.is_some_and(|inner| inner.len() <= BRACKETS && is_old(inner))
}

/// Whether what stands in a value's place says that the value is on the lines below.
pub(super) fn points_below(text: &str) -> bool {
    const SAYINGS: [&str; 14] = [
        "below",
        "see below",
        "is below",
        "as below",
        "follows",
        "as follows",
        "siehe unten",
        "s. u",
        "unten",
        "voir ci-dessous",
        "ci-dessous",
        "ver abajo",
        "vedi sotto",
        "zie hieronder",
    ];
    let text = text.trim();
    let words = text.trim_matches(|one: char| !one.is_alphanumeric()).to_lowercase();
    !text.is_empty() && text.chars().all(|one| matches!(one, '↓' | '⬇' | '⤵' | '👇' | '\u{fe0f}'))
        || SAYINGS.contains(&words.as_str())
}

/// Whether a word is a day or a time, and no credential: `2027-01-01`, `1/12/27`, `2027-01-01T00:00:00Z`.
pub(super) fn is_moment(word: &str) -> bool {
    let word = word.trim_matches(|one: char| !one.is_ascii_alphanumeric());
    let day = word.split(['T', 't']).next().unwrap_or_default();
    let mut parts = day.split(['-', '/', '.']);
    let is_part = |part: &str| (1..=4).contains(&part.len()) && part.bytes().all(|one| one.is_ascii_digit());
    let rest = word.get(day.len()..).unwrap_or_default();
    parts.clone().count() == 3
        && parts.all(is_part)
        && rest.chars().all(|one| one.is_ascii_digit() || "TtZz:.+-".contains(one))
}

fn bare(word: &str) -> String {
    word.trim_matches(|one: char| !one.is_alphanumeric()).to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_told_from_a_credential() {
        for text in ["2027-01-01", "1/12/27", "01.02.2027.", "2027-01-01T00:00:00Z", "(2027-01-01)"] {
            assert!(is_moment(text), "{text}");
        }
        for text in ["2027-01", "s-1-2-3-4", "12345-1-1", "1.2.3.4", "a-b-c", "never", "2027-01-01x"] {
            assert!(!is_moment(text), "{text}");
        }
    }
}
