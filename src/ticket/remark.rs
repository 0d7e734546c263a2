//! What is said about a value beside its label, and is no value: how long it holds, what it is called, that it held before.

use super::labels::Occurrence;
use super::machine;

/// Words behind a label that make what follows a remark about the value: `Client secret valid until: …`.
const ABOUT: [&str; 63] = [
    "version",
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
const OLD: [&str; 73] = [
    "old",
    "previous",
    "former",
    "expired",
    "revoked",
    "earlier",
    "prior",
    "outdated",
    "obsolete",
    "disabled",
    "inactive",
    "deactivated",
    "deleted",
    "retired",
    "invalid",
    "wrong",
    "incorrect",
    "leaked",
    "compromised",
    "ungültig",
    "ungültiges",
    "falsches",
    "gesperrtes",
    "deaktiviertes",
    "widerrufenes",
    "désactivé",
    "révoqué",
    "invalide",
    "revocado",
    "desactivado",
    "revogado",
    "desativado",
    "revocato",
    "disattivato",
    "ongeldig",
    "ingetrokken",
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

/// Words that make what follows something that is made of a secret or leads to it, whatever stands beside them: `Client secret hash
/// (SHA-256): …`.
const DERIVED: [&str; 14] = [
    "hash",
    "checksum",
    "fingerprint",
    "thumbprint",
    "reference",
    "path",
    "prüfsumme",
    "fingerabdruck",
    "referenz",
    "pfad",
    "empreinte",
    "référence",
    "referencia",
    "riferimento",
];

/// Words behind one that calls a value old, by which it is that value's: `(revoked this morning)`, and not `(old one deleted)`.
const WHEN: [&str; 24] = [
    "on",
    "since",
    "this",
    "yesterday",
    "today",
    "already",
    "now",
    "by",
    "in",
    "at",
    "last",
    "seit",
    "am",
    "gestern",
    "heute",
    "le",
    "depuis",
    "hier",
    "el",
    "desde",
    "ayer",
    "dal",
    "ieri",
    "sinds",
];

/// Words that say of a value that it is not the whole of it.
const PARTIAL: [&str; 34] = [
    "half",
    "halves",
    "part",
    "parts",
    "portion",
    "piece",
    "rest",
    "remainder",
    "remaining",
    "partial",
    "incomplete",
    "truncated",
    "shortened",
    "hälfte",
    "teil",
    "teile",
    "unvollständig",
    "moitié",
    "partie",
    "reste",
    "tronqué",
    "mitad",
    "parte",
    "resto",
    "incompleto",
    "metade",
    "metà",
    "helft",
    "deel",
    "połowa",
    "część",
    "前半",
    "後半",
    "一部",
];

/// What opens an archive or a page that holds a secret, and is not the secret.
const KEYS: [&str; 21] = [
    "password",
    "passphrase",
    "passcode",
    "pin",
    "code",
    "passwort",
    "kennwort",
    "passe",
    "contraseña",
    "clave",
    "senha",
    "wachtwoord",
    "hasło",
    "lösenord",
    "username",
    "login",
    "link",
    "url",
    "hint",
    "name",
    "パスワード",
];

/// Words that lead from a key to what it opens.
const OPENING: [&str; 14] =
    ["for", "to", "of", "für", "zum", "zu", "pour", "para", "do", "per", "voor", "för", "von", "de"];

/// Words before a label within which it is said what of the value stands there.
const NEAR: usize = 5;

/// Words before a label of which one may say that the value is the old one.
const WORDS: usize = 2;

/// Longest remark in brackets, in bytes.
const BRACKETS: usize = 60;

/// Whether one of the words between a label and its colon or `is` makes what follows a remark. A date among them says that
/// the remark is over.
pub(super) fn is_about(words: &str) -> bool {
    let mut words = words.split_whitespace().map(bare);
    let holds_digit = |word: String| word.contains(|one: char| one.is_ascii_digit());
    words.clone().any(|word| DERIVED.contains(&word.as_str()))
        || !words.clone().any(holds_digit) && words.any(|word| ABOUT.contains(&word.as_str()))
}

/// Whether a whole label says that its value is the old one.
pub(super) fn is_old(label: &str) -> bool {
    label.split_whitespace().any(|word| OLD.contains(&bare(word).as_str()))
}

/// Whether the words before a label, or brackets behind it, say that its value is the old one.
pub(super) fn is_said_old(text: &str, one: &Occurrence) -> bool {
    let before = text.get(..one.start).unwrap_or_default().split_whitespace().rev().take(WORDS);
    let ends_nothing = |word: &&str| !word.ends_with(['.', ',', ';', ':', '!', '?', '/']);
    let is_before = before.take_while(ends_nothing).any(is_old);
    is_before && !goes_on(text, one) || brackets_behind(text, one).is_some_and(is_old)
}

/// Whether a sentence goes on behind its label, and may come to the value that takes the old one's place: `I sent the wrong secret,
/// this is the right one: x`.
fn goes_on(text: &str, one: &Occurrence) -> bool {
    const LEADING: [&str; 14] =
        ["is", "was", "are", "ist", "war", "lautet", "est", "était", "es", "era", "é", "è", "jest", "var"];
    let rest = text.get(one.end..).unwrap_or_default();
    let mut words = rest.split_whitespace().take_while(|word| !machine::is_telling(word)).map(bare);
    let ends = text.get(..one.end).unwrap_or_default().ends_with(['.', ',', ';', '!', '?']) && !rest.trim().is_empty();
    !one.separated && (ends || words.any(|word| !word.is_empty() && !LEADING.contains(&word.as_str())))
}

/// Whether brackets behind a value say that it is the old one: `x (revoked this morning)`. `x (old one deleted)` speaks of another.
pub(super) fn is_old_behind(text: &str) -> bool {
    let inner = text.split_once(" (").and_then(|(_, inner)| inner.split_once(')')).map(|(inner, _)| inner);
    let mut words = inner.unwrap_or_default().split_whitespace();
    let Some(first) = words.next() else { return false };
    let next = words.next().map(bare);
    let is_over = |word: String| WHEN.contains(&word.as_str()) || word.starts_with(|one: char| one.is_ascii_digit());
    OLD.contains(&bare(first).as_str()) && (first.ends_with([',', ';', '!', ':']) || next.is_none_or(is_over))
}

/// What stands in brackets behind a label, or behind the number of one of several.
fn brackets_behind<'t>(text: &'t str, one: &Occurrence) -> Option<&'t str> {
    let behind = text.get(one.end..)?;
    let behind = behind.get(..behind.floor_char_boundary(2 * BRACKETS))?;
    let behind = behind.trim_start().trim_start_matches(|one: char| one == '#' || one.is_ascii_digit()).trim_start();
    let inner = behind.strip_prefix('(').and_then(|inner| inner.split_once(')')).map(|(inner, _)| inner);
    inner.filter(|inner| inner.len() <= BRACKETS)
}

/// The words of the clause before a label, the nearest first.
fn clause_before<'t>(text: &'t str, one: &Occurrence) -> impl Iterator<Item = &'t str> {
    let before = text.get(..one.start).unwrap_or_default().split_whitespace().rev().take(NEAR);
    before.take_while(|word| !word.ends_with(['.', ',', ';', ':', '!', '?', '/', ')']))
}

/// Whether what stands behind a secret's label is said to be a part of it, or what opens the place where it is kept: `First half
/// of the client secret: x`, `Client secret part 1: x`, `Client secret: x (rest by phone)`, `Password for the client secret: x`.
pub(super) fn is_said_no_secret(text: &str, one: &Occurrence) -> bool {
    let before = || clause_before(text, one).map(bare);
    let is_partial = |words: &str| words.split_whitespace().any(|word| PARTIAL.contains(&bare(word).as_str()));
    // "(part of the Okta app)" speaks of something else.
    let belongs = |words: &str| {
        let mut words = words.split_whitespace().map(bare);
        words.next().is_some_and(|word| ["part", "teil", "partie", "parte", "deel"].contains(&word.as_str()))
            && words.next().is_some_and(|word| {
                ["of", "der", "des", "von", "du", "de", "del", "da", "do", "van"].contains(&word.as_str())
            })
    };
    let is_counted = |words: &str| {
        let mut words = words.split_whitespace().map(bare);
        words.any(|word| ["first", "last", "erste", "ersten", "letzte", "letzten", "premiers"].contains(&word.as_str()))
            && words.next().is_some_and(|word| word.bytes().all(|one| one.is_ascii_digit()))
    };
    let behind = text.get(one.end..).unwrap_or_default();
    let behind = behind.get(..behind.floor_char_boundary(1024)).unwrap_or_default();
    let named = behind.split([':', '=']).next().filter(|named| !one.separated && named.len() < behind.len());
    let in_brackets = |text: &str| {
        let inner = text.split_once('(').and_then(|(_, inner)| inner.split_once([')', '\n'])).map(|(inner, _)| inner);
        inner
            .is_some_and(|inner| inner.len() <= BRACKETS && !belongs(inner) && (is_partial(inner) || is_counted(inner)))
    };
    let opens = || {
        let mut words = before().skip_while(|word| !OPENING.contains(&word.as_str()));
        words.next().is_some() && words.next().is_some_and(|word| KEYS.contains(&word.as_str()))
    };
    before().any(|word| PARTIAL.contains(&word.as_str()))
        || named.is_some_and(|named| named.split_whitespace().count() <= 3 && !named.contains('(') && is_partial(named))
        || in_brackets(behind)
        || opens()
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

/// Whether a word is a day or a time, and no credential: `2027-01-01`, `1/12/27`, `2027-01-01T00:00:00Z`, `10:02`.
pub(super) fn is_moment(word: &str) -> bool {
    let word = word.trim_matches(|one: char| !one.is_ascii_alphanumeric());
    let mut clock = word.split(':');
    if (2..=3).contains(&clock.clone().count())
        && clock.all(|part| (1..=2).contains(&part.len()) && part.bytes().all(|one| one.is_ascii_digit()))
    {
        return true;
    }
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
    use crate::ticket::labels;

    #[test]
    fn a_part_of_a_secret_and_what_opens_one_are_no_secret() {
        let said = |text: &str| {
            let found = labels::occurrences(text);
            found.iter().any(|one| is_said_no_secret(text, one))
        };
        for text in [
            "First half of the client secret: x",
            "Client secret part 1: x",
            "Client secret (first half): x",
            "Client secret: x (first 20 characters)",
            "Client secret: x (the rest by phone)",
            "Password for the client secret: x",
            "the PIN to our client secret is x",
            "Die erste Hälfte vom Client-Secret: x",
        ] {
            assert!(said(text), "{text}");
        }
        for text in [
            "Client secret: x (the last character is a lowercase y)",
            "As part of the setup, the client secret is x",
            "Here is what you asked for: client secret: x",
            "Values for SSO, client secret: x",
            "Client secret for the app: x",
            "password, client secret: x",
        ] {
            assert!(!said(text), "{text}");
        }
    }

    #[test]
    fn a_moment_is_told_from_a_credential() {
        for text in ["2027-01-01", "1/12/27", "01.02.2027.", "2027-01-01T00:00:00Z", "(2027-01-01)", "10:02", "9:02:13"]
        {
            assert!(is_moment(text), "{text}");
        }
        for text in ["2027-01", "s-1-2-3-4", "12345-1-1", "1.2.3.4", "a-b-c", "never", "2027-01-01x"] {
            assert!(!is_moment(text), "{text}");
        }
    }
}
