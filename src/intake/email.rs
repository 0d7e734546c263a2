//! E-mail addresses as mail programs write them.

use super::clean::{self, Mended};
use super::ledger::Ledger;
use super::wrapping;
use crate::finding::Finding;
use crate::foreign::lookalike::{self, Likeness};
use crate::input::Input;
use crate::request::names::{EmailAddress, EmailProblem};

/// Longest text looked at, in bytes: a display name, an address, and a `mailto:` with its subject.
const RAW_BYTES: usize = 4096;

const LABELS: [&str; 23] = [
    "e-mail",
    "email",
    "email address",
    "e-mail address",
    "mail",
    "owner",
    "owner e-mail",
    "owner email",
    "team owner",
    "account e-mail",
    "account email",
    "account owner",
    "owner e-mail address",
    "owner email address",
    "owner's e-mail",
    "owner's email",
    "team owner's e-mail",
    "team owner's email",
    "team owner email",
    "requester",
    "requested by",
    "from",
    "to",
];

/// Neither the owner nor whoever wrote is told more as long as nobody knows who asked.
const ASK_WHO_ASKED: &str =
    "Please tell us who asks for single sign-on: the e-mail address with which they sign in to our product.";

/// Whose address is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whose {
    Owner,
    Requester,
}

impl Whose {
    const fn input(self) -> Input {
        match self {
            Self::Owner => Input::Owner,
            Self::Requester => Input::RequestedBy,
        }
    }

    const fn why(self) -> &'static str {
        match self {
            Self::Owner => "the address decides which team is changed, so it is not guessed",
            Self::Requester => {
                "whoever asked has to be somebody who may decide for the team, so the address is not guessed"
            }
        }
    }
}

/// Reads one address; what was mended or refused goes into the ledger.
pub(super) fn read(raw: &str, whose: Whose, ledger: &mut Ledger) -> Option<EmailAddress> {
    if raw.len() > RAW_BYTES {
        ledger.findings.push(clean::too_long(whose.input(), "an e-mail address can be"));
        return None;
    }
    if clean::holds_private_key(raw) {
        ledger.findings.push(clean::private_key_finding(whose.input()));
        return None;
    }
    if let Some(control) = clean::hidden_character(raw) {
        ledger.findings.push(clean::control_finding(whose.input(), control));
        return None;
    }
    let mut mended = Mended::new(raw);
    mended.drop_invisible();
    mended.trim();
    if mended.text.is_empty() {
        ledger.missing(whose.input());
        return None;
    }
    let plain = mended.text.replace(['\u{ff20}', '\u{fe6b}'], "@");
    mended.become_text(plain, "wrote the `@` in its plain form");
    if let Err(several) = unpack(&mut mended) {
        ledger.findings.push(ambiguous(whose, raw, &several));
        return None;
    }
    let several = addresses_in(&mended.text);
    if several.len() > 1 {
        ledger.findings.push(ambiguous(whose, raw, &several));
        return None;
    }
    if let [one] = several.as_slice()
        && parts(&mended.text).all(|part| part.is_empty() || part.eq_ignore_ascii_case(one))
    {
        mended.become_text(one.clone(), "took one of several that are the same");
    }
    match EmailAddress::parse(&mended.text) {
        Ok(address) => {
            let unlike = lookalike::judge(address.domain().as_str());
            if unlike == Likeness::Strong {
                ledger.findings.push(confusable(whose, raw, &address));
                return None;
            }
            if mended.text != address.to_string() {
                mended.become_text(address.to_string(), "wrote the domain in its plain lower-case form");
            }
            ledger.mended(whose.input(), raw, &mended.text, &mended.done);
            ledger.findings.extend(unusual(whose, &address, unlike));
            Some(address)
        }
        Err(problem) => {
            ledger.findings.push(syntax(whose, raw, &mended.text, problem));
            None
        }
    }
}

/// Takes the address out of `mailto:`, markdown and `Name <address>`.
///
/// # Errors
///
/// The addresses found, where a name or link text shows another address than the one behind it.
fn unpack(mended: &mut Mended) -> Result<(), Vec<String>> {
    for _ in 0..4 {
        if let Some(bare) = wrapping::without_tags(&mended.text).map(str::to_owned) {
            mended.become_text(bare, "removed the tags of a web page around it");
        }
        mended.peel(&LABELS);
        let before = mended.text.clone();
        // What stands in brackets may be a comment, which mail programs read in different ways (RFC 5322 section 3.2.2).
        let start = before.find('@').filter(|_| !before.contains('(')).map(|at| {
            let front = before.get(..at).unwrap_or_default();
            front.rfind(char::is_whitespace).map_or(0, |blank| blank + 1)
        });
        if let Some(address) = start.and_then(|start| wrapping::among_trimmings(&before, start, &LABELS)) {
            mended.become_text(address.to_owned(), "removed what stood around it");
            continue;
        }
        if let Some((shown, target)) = wrapping::markdown_link(&before).or_else(|| wrapping::anchor(&before)) {
            let bare = without_mailto(target).unwrap_or(target);
            if shown.contains('@') && !shown.eq_ignore_ascii_case(bare) {
                return Err(vec![shown.to_owned(), bare.to_owned()]);
            }
            mended.become_text(bare.to_owned(), "took the address out of a link");
        }
        let text = mended.text.clone();
        if let Some(address) = without_mailto(&text) {
            mended.become_text(address.to_owned(), "removed `mailto:`");
        }
        let text = mended.text.clone();
        if let Some((name, address)) = named(&text) {
            let address = without_mailto(address).unwrap_or(address);
            let name = name.trim().trim_matches(['"', '\'']);
            if name.contains('@') && !name.eq_ignore_ascii_case(address) {
                return Err(vec![name.to_owned(), address.to_owned()]);
            }
            mended.become_text(address.to_owned(), "took the address out of `Name <address>`");
        }
        if mended.text == before {
            break;
        }
    }
    Ok(())
}

/// Name and address of `Name <address>`, or of `Name [mailto:address]`, as Outlook writes it into plain text.
fn named(text: &str) -> Option<(&str, &str)> {
    let (name, address) = match text.strip_suffix('>') {
        Some(text) => text.rsplit_once('<')?,
        None => text.strip_suffix(']')?.rsplit_once('[').filter(|(_, inside)| without_mailto(inside).is_some())?,
    };
    address.contains('@').then_some((name, address))
}

/// What follows `mailto:`, without its `?subject=…`.
fn without_mailto(text: &str) -> Option<&str> {
    let (scheme, rest) = text.split_once(':')?;
    scheme.eq_ignore_ascii_case("mailto").then(|| rest.split('?').next().unwrap_or_default())
}

/// The parts of a list, without the marks that stand around each.
fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split([',', ';', ' ', '\t', '\n', '\r', '\u{a0}', '/', '|'])
        .map(|part| part.trim_matches(['<', '>', '(', ')', '"']))
}

/// The parts of a list that look like addresses, each once.
fn addresses_in(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for part in parts(text) {
        let looks_like_one =
            part.split_once('@').is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty());
        if looks_like_one && !found.iter().any(|one| one.eq_ignore_ascii_case(part)) {
            found.push(part.to_owned());
        }
        if found.len() == 3 {
            break;
        }
    }
    found
}

fn ambiguous(whose: Whose, raw: &str, several: &[String]) -> Finding {
    let mut finding =
        Finding::fail("email_ambiguous", format!("more than one address was given as {}", whose.input().what()))
            .evidence("customer gave", raw);
    for one in several {
        finding = finding.evidence("reads as", one);
    }
    finding
        .because(whose.why())
        .next(format!("ask which one it is, then give that one with {}", whose.input().flag()))
        .tell(match whose {
            Whose::Owner => {
                "You sent us more than one e-mail address. Which of them is the account of the team's owner?"
            }
            Whose::Requester => ASK_WHO_ASKED,
        })
}

fn confusable(whose: Whose, raw: &str, address: &EmailAddress) -> Finding {
    Finding::fail("host_confusable", format!("{} imitates another address", whose.input().what()))
        .about(whose.input())
        .evidence("customer gave", raw)
        .evidence("really is", address.domain().as_str())
        .because("letters of another script stand where Latin ones are expected: it is a different domain")
        .next(format!(
            "type the address yourself and give it with {}; if it came like this, be suspicious",
            whose.input().flag()
        ))
        .tell("The e-mail address you sent contains letters that only look like Latin ones. Please type it again.")
}

fn unusual(whose: Whose, address: &EmailAddress, likeness: Likeness) -> Option<Finding> {
    let local = address.local();
    let routed = local.contains(['%', '!']);
    let foreign = !local.is_ascii() || likeness == Likeness::Slight;
    (routed || foreign).then(|| {
        let fact = if routed {
            format!(
                "{} carries `%` or `!` in front of the `@`: its domain is {}",
                whose.input().what(),
                address.domain()
            )
        } else {
            format!("{} has letters outside ASCII that may be mistaken for others", whose.input().what())
        };
        Finding::warn("email_unusual", fact)
            .evidence("used", address.to_string())
            .because("some mail systems forward such an address to another domain, or it is a slip of typing")
            .next("make sure with the customer that this is the account's address")
    })
}

fn syntax(whose: Whose, raw: &str, text: &str, problem: EmailProblem) -> Finding {
    let fact = if text.contains("://") {
        format!("{} is a web address, not an e-mail address", whose.input().what())
    } else {
        format!("{} cannot be read: {problem}", whose.input().what())
    };
    Finding::fail("email_syntax", fact)
        .evidence("customer gave", raw)
        .because(whose.why())
        .next(format!("ask for the address as it stands in the account, then give it with {}", whose.input().flag()))
        .tell(match whose {
            Whose::Owner => "The e-mail address you sent is not one we can read. Please send the address of the team owner's account.",
            Whose::Requester => ASK_WHO_ASKED,
        })
}
