//! The domains that a text lists.

use super::linking::{is_linking, leads_on};

/// Domains that are looked for in one text.
const DOMAINS: usize = 2000;

/// Words behind which domains are named that are not meant, up to the end of their brackets: `acme.example (not acme.test)`.
const EXCEPT: [&str; 20] = [
    "not",
    "no",
    "without",
    "except",
    "excluding",
    "nicht",
    "ohne",
    "außer",
    "pas",
    "sauf",
    "sans",
    "excepto",
    "salvo",
    "sin",
    "exceto",
    "sem",
    "non",
    "eccetto",
    "niet",
    "behalve",
];

/// The names of domains in a list.
pub(super) fn listed(text: &str) -> Vec<&str> {
    let parts = |text| {
        str::split(text, |one: char| one.is_whitespace() || matches!(one, ',' | ';' | '、' | '(' | '<' | '>' | '"'))
    };
    let is_meant = |part: &&str| !EXCEPT.contains(&part.to_lowercase().as_str());
    let meant = text.split([')', ';']).flat_map(|text| parts(text).take_while(is_meant));
    meant.map(without_marks_of_domain).filter(|part| is_domain(part)).take(DOMAINS).collect()
}

fn without_marks_of_domain(word: &str) -> &str {
    word.trim_matches(['.', '*', '@', '\'', '`'])
}

fn is_domain(word: &str) -> bool {
    let letters = word.chars().all(|one| one.is_alphanumeric() || matches!(one, '.' | '-'));
    word.contains('.') && letters && !word.contains("..") && word.len() <= 253
}

/// Whether a line is an item of a list of domains, or several, and nothing else but a remark in brackets.
pub(super) fn is_list_of_domains(text: &str) -> bool {
    let text = text.split(['(', '[']).next().unwrap_or_default();
    let is_item = |word: &str| {
        let name = without_marks_of_domain(word);
        let zone = name.rsplit('.').next().unwrap_or_default();
        let number = word.trim_end_matches(['.', ')']);
        is_domain(name) && !name.starts_with("www.") && zone.chars().all(char::is_alphabetic)
            || leads_on(word)
            || is_linking(word)
            || number.bytes().all(|one| one.is_ascii_digit())
            || name.is_empty()
    };
    !listed(text).is_empty()
        && text.split(|one: char| one.is_whitespace() || matches!(one, ',' | ';' | '、' | '•' | '·')).all(is_item)
}
