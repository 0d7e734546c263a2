//! Lists of mail domains.

use std::collections::HashSet;

use super::clean::{self, Mended};
use super::ledger::Ledger;
use super::wrapping;
use crate::finding::Finding;
use crate::foreign::lookalike::{self, Likeness};
use crate::input::Input;
use crate::request::names::{DomainProblem, EmailDomain};

/// Longest single entry looked at, in bytes.
const ENTRY_BYTES: usize = 4096;

/// Faulty entries reported one by one; the rest is counted.
const FAULTS_SHOWN: usize = 20;

const LABELS: [&str; 7] =
    ["domain", "domains", "e-mail domain", "email domain", "mail domain", "e-mail domains", "email domains"];

/// Reads all entries in their order, each domain once.
pub(super) fn read(given: &[String], list: Input, max_domains: usize, ledger: &mut Ledger) -> Vec<EmailDomain> {
    let mut seen_texts: HashSet<String> = HashSet::new();
    let mut entries: Vec<&str> = Vec::new();
    let mut count = 0_usize;
    // Faults count too: a list of junk is cut off like a list of names.
    let ceiling = max_domains.saturating_mul(2).saturating_add(FAULTS_SHOWN);
    for text in given {
        if let Some(only) = pieces(text).next().filter(|first| *first == text.trim()) {
            ledger.mended(list, text, only, &["removed the surrounding blanks"]);
        }
        for entry in pieces(text) {
            count += 1;
            let key = entry.get(..entry.len().min(ENTRY_BYTES)).unwrap_or(entry).to_ascii_lowercase();
            if entries.len() <= ceiling && seen_texts.insert(key) {
                entries.push(entry);
            }
        }
    }
    if entries.len() > ceiling {
        ledger.findings.push(too_many(list, count, max_domains));
        return Vec::new();
    }
    if count == 0 && !given.is_empty() {
        ledger.missing(list);
    }
    let split = entries.len() > given.len();
    let mut domains: Vec<EmailDomain> = Vec::new();
    let mut seen: HashSet<EmailDomain> = HashSet::new();
    let mut faults = Vec::new();
    for entry in entries {
        match read_one(entry, list, split, ledger) {
            Ok(domain) => {
                if seen.insert(domain.clone()) {
                    domains.push(domain);
                }
            }
            Err(fault) => faults.push(fault),
        }
    }
    let unshown = faults.len().saturating_sub(FAULTS_SHOWN);
    ledger.findings.extend(faults.into_iter().take(FAULTS_SHOWN).map(|fault| *fault));
    if unshown > 0 {
        ledger.findings.push(
            Finding::fail("domain_syntax", format!("{unshown} more entries are not domains either"))
                .because("people are added to the team by the domain of their address")
                .next("look at what was given: it does not seem to be a list of domains")
                .tell("Many of the domains you sent cannot be read. Please send the list again, one domain a line."),
        );
    }
    if domains.len() > max_domains {
        ledger.findings.push(too_many(list, domains.len(), max_domains));
        return Vec::new();
    }
    domains
}

/// The domains to claim, the vouched ones among them, each once.
pub(super) fn with_vouched(
    mut domains: Vec<EmailDomain>,
    vouched: &[EmailDomain],
    max_domains: usize,
    ledger: &mut Ledger,
) -> Vec<EmailDomain> {
    let further: Vec<EmailDomain> = vouched.iter().filter(|one| !domains.contains(one)).cloned().collect();
    domains.extend(further);
    if domains.len() > max_domains {
        ledger.findings.push(too_many(Input::Domain, domains.len(), max_domains));
        return Vec::new();
    }
    domains
}

/// The entries of a list in one text; the list itself may stand in brackets, each line with a label or a number in front and a
/// remark in brackets behind.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let separator = |one: char| matches!(one, ',' | ';' | '|' | '、' | '，') || one.is_whitespace();
    text.lines().flat_map(move |line| without_lead(line).split(separator)).filter(|piece| {
        let joins = clean::is_conjunction(piece) || matches!(*piece, "&" | "-" | "•" | "/" | "+");
        let is_remark = piece.starts_with('(') && piece.ends_with(')') && !piece.contains('.');
        !piece.is_empty() && !joins && !is_remark
    })
}

/// A line without `1.`, `2)` and `Domain:` in front of its entries.
fn without_lead(line: &str) -> &str {
    let line = line.trim_start();
    let behind = line.trim_start_matches(|one: char| one.is_ascii_digit());
    let numbered = (behind.len() < line.len()).then(|| behind.strip_prefix(['.', ')'])).flatten();
    let line = numbered.filter(|rest| rest.starts_with(char::is_whitespace)).map_or(line, str::trim_start);
    match line.split_once(':') {
        Some((label, rest)) if clean::is_label(label, &LABELS) => rest,
        _ => line,
    }
}

fn read_one(entry: &str, list: Input, split: bool, ledger: &mut Ledger) -> Result<EmailDomain, Box<Finding>> {
    if entry.len() > ENTRY_BYTES {
        return Err(clean::too_long(list, "a domain name can be").into());
    }
    if let Some(control) = clean::hidden_character(entry) {
        return Err(clean::control_finding(list, control).into());
    }
    let mut mended = Mended::new(entry);
    mended.drop_invisible();
    drop_trimmings(&mut mended);
    mended.peel(&LABELS);
    drop_trimmings(&mut mended);
    let domain =
        EmailDomain::parse(&mended.text).map_err(|problem| Box::new(fault(entry, &mended.text, problem, list)))?;
    let likeness = lookalike::judge(domain.as_str());
    if likeness == Likeness::Strong {
        return Err(Finding::fail("host_confusable", "a domain imitates another one")
            .about(list)
            .evidence("customer gave", entry)
            .evidence("really is", domain.as_str())
            .because("letters of another script stand where Latin ones are expected: it is a different domain")
            .next("type the domain yourself; if the customer sent it like this, be suspicious")
            .tell("One of the domains contains letters that only look like Latin ones. Please type it again.")
            .into());
    }
    if likeness == Likeness::Slight {
        ledger.findings.push(
            Finding::warn("host_confusable", "a domain has a letter that looks like another one")
                .about(list)
                .evidence("in ASCII", domain.as_str())
                .next("make sure with the customer that it is spelled like this"),
        );
    }
    mended.become_text(domain.as_str().to_owned(), "wrote it in its plain lower-case form");
    if split && mended.text != entry {
        mended.done.insert(0, "took it out of a list");
    }
    ledger.mended(list, entry, &mended.text, &mended.done);
    Ok(domain)
}

/// Removes what people and programs write around a domain: `@`, `*.`, a dot, `https://`, a path of nothing, the root's dot, the
/// link that a chat makes of it.
fn drop_trimmings(mended: &mut Mended) {
    for _ in 0..4 {
        let before = mended.text.clone();
        if let Some((shown, target)) = wrapping::markdown_link(&before)
            && wrapping::host_of(shown).is_some_and(|host| wrapping::host_of(target) == Some(host))
        {
            mended.become_text(shown.to_owned(), "took the domain out of a link");
        }
        let lower = mended.text.to_ascii_lowercase();
        for scheme in ["https://", "http://", "mailto:"] {
            if lower.starts_with(scheme) {
                let rest = mended.text.get(scheme.len()..).unwrap_or_default().trim_end_matches('/').to_owned();
                mended.become_text(rest, "removed the scheme");
            }
        }
        if let Some(rest) = mended.text.strip_suffix('/').map(str::to_owned) {
            mended.become_text(rest, "removed the slash at the end");
        }
        if let Some(rest) = mended.text.strip_prefix("*@").or_else(|| mended.text.strip_prefix('@')).map(str::to_owned)
        {
            mended.become_text(rest, "removed the `@` in front");
        }
        if let Some(rest) = mended.text.strip_prefix("*.").map(str::to_owned) {
            mended.become_text(rest, "removed the `*.` in front");
        }
        if let Some(rest) = mended.text.strip_prefix('.').map(str::to_owned) {
            mended.become_text(rest, "removed the dot in front");
        }
        if let Some(rest) = mended.text.strip_suffix('.').map(str::to_owned) {
            mended.become_text(rest, "removed the dot at the end");
        }
        if mended.text == before {
            break;
        }
    }
}

fn fault(entry: &str, text: &str, problem: DomainProblem, list: Input) -> Finding {
    if problem == DomainProblem::SingleLabel && is_top_level(text) {
        return Finding::fail("public_suffix", "a whole top-level domain was given as the company's domain")
            .evidence("customer gave", entry)
            .because("everybody with an address below it would be taken for a member of the team")
            .next(format!("ask for the company's own domain, then give it with {}", list.flag()))
            .tell("Please send us the domain of your company's e-mail addresses, for instance the part behind the @.");
    }
    let fact = if text.contains('@') {
        "an e-mail address was given where a domain belongs".to_owned()
    } else {
        format!("a domain cannot be read: {problem}")
    };
    let finding = Finding::fail("domain_syntax", fact)
        .evidence("customer gave", entry)
        .because("people are added to the team by the domain of their address, so it has to be exact")
        .next(format!("ask for the domain, the part behind the @ of the addresses, and give it with {}", list.flag()))
        .tell("One of the domains you sent cannot be read. Please send it as in your e-mail addresses, behind the @.");
    match text.rsplit_once('@').map(|(_, domain)| EmailDomain::parse(domain)) {
        Some(Ok(domain)) => finding.rerun_with([list.flag(), domain.as_str()]),
        _ => finding,
    }
}

/// Whether a single label is a top-level domain of the public DNS.
fn is_top_level(label: &str) -> bool {
    idna::domain_to_ascii_strict(label)
        .is_ok_and(|ascii| psl::suffix(ascii.as_bytes()).is_some_and(|suffix| suffix.is_known()))
}

fn too_many(list: Input, count: usize, max_domains: usize) -> Finding {
    Finding::fail("too_many_domains", format!("{count} domains were given, at most {max_domains} are taken"))
        .because("each domain routes everybody with such an address to the team; a long list is mostly a mistake")
        .next(format!("give the domains of people who really sign in, or raise `policy.max_domains` ({})", list.flag()))
        .tell(format!("Please send us only the domains your people sign in with, at most {max_domains}."))
}
