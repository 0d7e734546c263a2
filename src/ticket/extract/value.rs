//! What stands in a value's place, read as what its label announces, and kept.

use super::super::credential::{self, Held, Setting};
use super::super::labels::{self, Field, Occurrence};
use super::super::{address, choice, domains, machine, marks, remark};
use super::{HITS, Hit, Reader, Spot};

/// Words that a full stop shortens, and ends no sentence.
const SHORTENED: [&str; 19] = [
    "dr", "mr", "mrs", "ms", "prof", "st", "inc", "ltd", "co", "corp", "jr", "sr", "hr", "fr", "mme", "sig", "sra",
    "dra", "ing",
];

/// Words for an address behind a colon, or parts of them.
const ADDRESSES: [&str; 6] = ["mail", "address", "adresse", "correo", "courriel", "indirizzo"];

/// Column from which on a word may have been broken by the mail program.
const BROKEN_COLUMN: usize = 68;

impl Reader {
    /// Reads `text` as a value of `field`, and keeps what it finds; `false` where that is nothing.
    pub(super) fn add(&mut self, spot: Spot<'_>, field: Field, label: &str, text: &str, setting: Setting) -> bool {
        let broken;
        // "Tenant: acme.eu.auth0.com": elsewhere a tenant has no GUID.
        let field = if field == Field::Tenant && machine::guid(text).is_none() { Field::Host } else { field };
        let is_credential = matches!(field, Field::ClientId | Field::ClientSecret);
        let key = credential::private_key(text).filter(|_| is_credential);
        let values: Vec<&str> = match field {
            _ if key.is_some() => key.into_iter().collect(),
            Field::ClientId | Field::ClientSecret => {
                let setting = Setting { words: field == Field::ClientId, ..setting };
                match credential::credential(text, setting) {
                    Held::Nothing => vec![],
                    Held::One(one) => {
                        let whole = continued(one, text, spot).filter(|_| !setting.followed);
                        let plain = || marks::read_back(one).filter(|_| field == Field::ClientSecret);
                        match whole.or_else(plain) {
                            Some(other) => {
                                broken = other;
                                vec![one, &broken]
                            }
                            None => vec![one],
                        }
                    }
                    // Intake takes the full stop off an id, and says so; what a secret ends with is not guessed.
                    Held::OneOf(several) if field == Field::ClientId && is_one_id(&several) => {
                        several.into_iter().take(1).collect()
                    }
                    Held::OneOf(several) => several,
                }
            }
            Field::Issuer | Field::Metadata => match address::addresses(text).as_slice() {
                [one] => match continued_address(one, text, spot) {
                    Some(whole) => {
                        broken = whole;
                        vec![one, &broken]
                    }
                    None => vec![one],
                },
                several => several.to_vec(),
            },
            // Whoever asks back does not know.
            Field::Owner if text.contains(['?', '？']) => vec![],
            Field::Owner => address::mailboxes(own_sentence(text)),
            Field::Requester => address::mailboxes(text),
            Field::Domains => domains::listed(text),
            Field::Tenant => machine::guid(text).into_iter().collect(),
            Field::Host => address::issuing_host(text).into_iter().collect(),
            Field::Other | Field::SecretId => vec![],
        };
        let found = !values.is_empty();
        let old = self.old;
        self.old |= is_credential && remark::is_old_behind(text);
        for value in values {
            self.keep(spot, field, label, value);
        }
        self.old = old;
        found
    }

    /// Remembers what looks like a value in a sentence about it: `we rotated the secret, please use x from now on`.
    pub(super) fn rival(&mut self, spot: Spot<'_>, one: &Occurrence, rest: &str) {
        if self.hits.rivals.len() >= HITS {
            return;
        }
        let word = match one.field {
            Field::ClientSecret => machine::machines_word(rest),
            Field::ClientId => rest.split_whitespace().map(choice::bare).find(|word| machine::is_id(word)),
            Field::Issuer => address::addresses(rest).into_iter().find(|word| word.contains("://")),
            Field::Owner => address::mailboxes(rest).into_iter().next(),
            _ => None,
        };
        // "The old secret x is revoked": what it was, and nothing that replaces it.
        let is_old = |word: &&str| self.old && choice::bare(rest).starts_with(choice::bare(word));
        if let Some(word) = word.filter(|word| !is_old(word)) {
            let hit = Hit { old: false, ..self.hit(spot, one.field, &one.words, word) };
            self.hits.rivals.push(hit);
        }
    }

    pub(super) fn keep(&mut self, spot: Spot<'_>, field: Field, label: &str, value: &str) {
        let hit = self.hit(spot, field, label, value);
        self.hits.labelled.push(hit);
    }

    fn hit(&self, spot: Spot<'_>, field: Field, label: &str, value: &str) -> Hit {
        Hit {
            field,
            value: value.to_owned(),
            rank: spot.layer.rank,
            kind: spot.layer.kind,
            line: spot.position + 1,
            label: Some(label.to_owned()),
            old: self.old,
        }
    }
}

/// Whether two readings of an id differ in nothing but the stop behind it.
fn is_one_id(readings: &[&str]) -> bool {
    matches!(readings, [bare, with_stop] if with_stop.starts_with(bare))
}

/// What is said of an owner, without the sentences behind it: `Jane Doe, in cc. For technical questions ask bob@acme.example`. An
/// address behind a colon is still the owner's: `Jane Doe. E-mail: jane@acme.example`.
fn own_sentence(text: &str) -> &str {
    let ends = text.match_indices(". ").find(|(at, _)| {
        let (before, behind) = (text.get(..*at).unwrap_or_default(), text.get(at + 2..).unwrap_or_default());
        let last = before.split_whitespace().last().unwrap_or_default();
        let last = last.trim_start_matches(|one: char| !one.is_alphanumeric()).to_lowercase();
        let is_short = last.chars().count() == 1 || SHORTENED.contains(&last.as_str());
        let leads_to_address = || {
            let word = behind.split_whitespace().take_while(|word| !word.contains('@')).last().unwrap_or_default();
            let word = word.to_lowercase();
            word.ends_with([':', '：']) && ADDRESSES.iter().any(|one| word.contains(one))
        };
        !is_short && behind.trim_start().starts_with(char::is_uppercase) && !leads_to_address()
    });
    ends.map_or(text, |(at, _)| text.get(..at).unwrap_or(text))
}

/// An address that is broken in its path, with the single word of the next line behind it. One that is broken in its host is not
/// put together: which host is meant is not guessed.
fn continued_address(address: &str, text: &str, spot: Spot<'_>) -> Option<String> {
    let (_, rest) = address.split_once("://")?;
    let is_broken = rest.contains('/')
        && text.trim_end().ends_with(address)
        && (address.ends_with(['-', '/']) || spot.width >= BROKEN_COLUMN);
    let word = spot.next.filter(|_| is_broken)?.joined();
    let is_part = |one: char| one.is_ascii_alphanumeric() || "-._~/%".contains(one);
    let goes_on = word.chars().all(is_part)
        && word.contains(|one: char| one == '/' || one.is_ascii_digit())
        && labels::occurrences(&word).is_empty()
        && !remark::is_moment(&word)
        && !machine::is_file_name(&word);
    goes_on.then(|| format!("{address}{word}"))
}

/// A word that ends where mail programs break lines, with the single word of the next line behind it.
fn continued(token: &str, text: &str, spot: Spot<'_>) -> Option<String> {
    if !text.trim_end().ends_with(token) || marks::is_quoted(token) {
        return None;
    }
    let word = spot.next.or(spot.beyond)?.joined();
    let single = !word.contains(char::is_whitespace) && labels::occurrences(&word).is_empty();
    // A form or a telephone breaks lines sooner than mail programs, and some put a blank line between: there the next line has to
    // look like the value's end.
    let broken = spot.next.is_some() && spot.width >= BROKEN_COLUMN || machine::goes_on(token, &word);
    (single && broken && !word.contains("://") && !word.contains('@') && !remark::is_moment(&word))
        .then(|| format!("{token}{word}"))
}
