//! The spellings under which an index keyed by the database's `lower()` may hold a domain or an address.
//!
//! SQLite's `lower()` knows ASCII only, and so does PostgreSQL's under the collation `C`: `MÜLLER.EXAMPLE` is indexed as `mÜller.example`. And the product may have written a
//! domain in A-labels or in Unicode. So one name is asked for under each spelling that it may have, and every one of
//! them is an index lookup.

use crate::request::names::{EmailAddress, EmailDomain};

/// Letters outside ASCII up to which every mixture of cases is asked for: 16 of them.
const MIXED: usize = 4;

/// The spellings of all of `domains`, each once.
pub(super) fn of_domains(domains: &[EmailDomain]) -> Vec<String> {
    let mut spellings: Vec<String> = domains.iter().flat_map(of_domain).collect();
    spellings.sort_unstable();
    spellings.dedup();
    spellings
}

/// The spellings of an address.
pub(super) fn of_address(address: &EmailAddress) -> Vec<String> {
    let domains = of_domain(address.domain());
    cases(&address.local_folded())
        .iter()
        .flat_map(|local| domains.iter().map(move |domain| format!("{local}@{domain}")))
        .collect()
}

/// A domain in a spelling that no index lookup foresees (other widths, composed otherwise) is still the same domain.
pub(super) fn is_inside(email: &str, domains: &[EmailDomain]) -> bool {
    let unusual = |domain: &&str| !domain.is_ascii() || domain.contains("--");
    let domain = email.trim().rsplit_once('@').map(|(_, domain)| domain).filter(unusual);
    domain.and_then(|domain| EmailDomain::parse(domain).ok()).is_some_and(|domain| domains.contains(&domain))
}

fn of_domain(domain: &EmailDomain) -> Vec<String> {
    let mut spellings = vec![domain.as_str().to_owned()];
    let unicode = domain.to_unicode();
    if unicode != domain.as_str() {
        spellings.extend(cases(&unicode.to_lowercase()));
    }
    spellings
}

/// `lower` with its letters outside ASCII in either case: in every mixture while they are few, else all small, all
/// capital, or the first one capital.
fn cases(lower: &str) -> Vec<String> {
    let letters = lower.chars().filter(|letter| capital(*letter).is_some()).count();
    let masks: Vec<u64> = match letters {
        0..=MIXED => (0..1 << letters).collect(),
        _ => vec![0, 1, u64::MAX],
    };
    masks.into_iter().map(|mask| with_capitals(lower, mask)).collect()
}

fn with_capitals(lower: &str, mask: u64) -> String {
    let mut letters = 0_u32;
    let spell = |letter: char| match capital(letter) {
        Some(capital) => {
            let chosen = mask.checked_shr(letters).unwrap_or(mask & 1) & 1 == 1;
            letters += 1;
            if chosen { capital } else { letter }
        }
        None => letter,
    };
    lower.chars().map(spell).collect()
}

/// The capital of a letter outside ASCII, where it is one other letter.
fn capital(letter: char) -> Option<char> {
    let mut upper = letter.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(capital), None) if !letter.is_ascii() && capital != letter => Some(capital),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_domain_has_one_spelling() {
        assert_eq!(of_domains(&[EmailDomain::parse("acme.example").unwrap()]), ["acme.example"]);
    }

    #[test]
    fn an_international_domain_is_asked_for_in_a_labels_and_in_both_cases() {
        let spellings = of_domains(&[EmailDomain::parse("Müller.example").unwrap()]);
        assert_eq!(spellings, ["mÜller.example", "müller.example", "xn--mller-kva.example"]);
    }

    #[test]
    fn an_account_is_not_looked_for_under_the_letters_that_an_address_imitates() {
        let address = EmailAddress::parse("mi\u{212a}e@acme.example").unwrap();
        assert!(of_address(&address).iter().all(|spelling| spelling != "mike@acme.example"));
    }

    #[test]
    fn many_letters_outside_ascii_do_not_multiply_without_bound() {
        assert_eq!(cases(&"ü".repeat(40)).len(), 3);
        assert_eq!(cases(&"ü".repeat(70))[2], "Ü".repeat(64) + &"Ü".repeat(6));
    }

    #[test]
    fn the_sharp_s_whose_capital_is_two_letters_stays_small() {
        assert_eq!(cases("straße"), ["straße"]);
    }
}
