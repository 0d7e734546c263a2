//! What intake has to say about a request while it reads it.

use percent_encoding::percent_decode_str;
use zeroize::Zeroizing;

use super::credentials;
use crate::finding::Finding;
use crate::foreign;
use crate::input::Input;
use crate::request::Change;
use crate::request::mail::Mail;
use crate::request::names::EmailDomain;

/// Characters of a secret that give it away in another field. A shorter secret is sought as a whole.
const TELLTALE_CHARACTERS: usize = 24;

/// Shortest secret that is sought at all: anything shorter is part of ordinary words.
const LEAST_CHARACTERS: usize = 6;

/// Changes made and findings so far.
#[derive(Default)]
pub(super) struct Ledger {
    pub(super) changed: Vec<Change>,
    pub(super) findings: Vec<Finding>,
    /// The beginnings of the secret in its spellings, as they would be shown.
    telltales: Vec<Zeroizing<String>>,
}

impl Ledger {
    /// Records that `from` became `to`; says nothing where they are equal.
    pub(super) fn mended(&mut self, input: Input, from: &str, to: &str, done: &[&'static str]) {
        if from == to {
            return;
        }
        let why = words(done);
        let (from, to) = (foreign::shown(from), foreign::shown(to));
        self.findings.push(
            Finding::note("normalised", format!("{} was tidied up: {why}", input.what()))
                .about(input)
                .evidence("customer gave", &from)
                .evidence("used instead", &to),
        );
        self.changed.push(Change { input, from: Some(from), to: Some(to), why });
    }

    /// Records that a secret was changed, without a word of it.
    pub(super) fn mended_secret(&mut self, done: &[&'static str]) {
        if !done.is_empty() {
            self.changed.push(Change { input: Input::ClientSecret, from: None, to: None, why: words(done) });
        }
    }

    /// Reports a value that is not there, and the flag that gives it.
    pub(super) fn missing(&mut self, input: Input) {
        let already = self.findings.iter().any(|one| one.code == "value_missing" && one.about == Some(input));
        if already {
            return;
        }
        let (what, flag) = (input.what(), input.flag());
        self.findings.push(
            Finding::fail("value_missing", format!("{what} is missing ({flag})"))
                .about(input)
                .because("without it the connection cannot be checked or written")
                .next(format!("give it with {flag}; if the ticket does not have it, ask the customer"))
                .tell(format!("Please send us {what} as well: we cannot set up single sign-on without it.")),
        );
    }

    /// Remembers a spelling of the secret, for [`Self::forget_secrets`].
    pub(super) fn remember_secret(&mut self, text: &str) {
        let beginning: Zeroizing<String> = Zeroizing::new(text.chars().take(TELLTALE_CHARACTERS).collect());
        if beginning.chars().count() >= LEAST_CHARACTERS {
            let shown = Zeroizing::new(foreign::shown(&beginning));
            // As host names are written.
            let lower = Zeroizing::new(shown.to_lowercase());
            if *lower != *shown {
                self.telltales.push(lower);
            }
            self.telltales.push(shown);
        }
    }

    /// Whether a finding with this code was made.
    pub(super) fn has_found(&self, code: &str) -> bool {
        self.findings.iter().any(|finding| finding.code == code)
    }

    /// Whether `text` holds the secret, or its beginning; as an address has it, too.
    pub(super) fn holds_secret(&self, text: &str) -> bool {
        is_among(&self.telltales, text)
    }

    /// Drops a value whose `text` holds the secret, and reports that it stands there, where everybody would see it.
    pub(super) fn keep_secret_out<T>(&mut self, value: &mut Option<T>, text: fn(&T) -> String, input: Input) {
        if value.take_if(|value| self.holds_secret(&text(value))).is_some() {
            self.findings.push(secret_elsewhere(input.what(), input.flag()));
        }
    }

    /// The same of domains, of which the others stay.
    pub(super) fn keep_secret_out_of(&mut self, domains: &mut Vec<EmailDomain>, input: Input) {
        let before = domains.len();
        domains.retain(|one| !self.holds_secret(one.as_str()));
        if domains.len() < before {
            self.findings.push(secret_elsewhere(input.what(), input.flag()));
        }
    }

    /// Takes the secret out of everything that will be shown: people paste it into the wrong field too, and name files after it.
    pub(super) fn forget_secrets(&mut self, mail: Option<&mut Mail>) {
        let telltales = std::mem::take(&mut self.telltales);
        let blot = |text: &mut String| {
            if is_among(&telltales, text) {
                "(holds the client secret)".clone_into(text);
            }
        };
        // What is quoted of the request may be too short a secret to be sought, and say that it is one.
        let blot_quoted = |text: &mut String| {
            blot(text);
            if credentials::labelled_secret(text).is_some() {
                "(holds a client secret)".clone_into(text);
            }
        };
        for finding in &mut self.findings {
            finding.evidence.iter_mut().for_each(|one| blot_quoted(&mut one.value));
            finding.rerun_with.iter_mut().for_each(blot);
            finding.tell.iter_mut().for_each(blot);
        }
        for change in &mut self.changed {
            change.from.iter_mut().chain(&mut change.to).for_each(blot_quoted);
        }
        let Some(mail) = mail else { return };
        mail.sources.iter_mut().for_each(|source| blot(&mut source.place));
        let Some(sender) = &mut mail.sender else { return };
        for one in sender.from.iter_mut().chain(&mut sender.reply_to).chain(&mut sender.on_behalf_of) {
            one.name.iter_mut().chain([&mut one.address]).for_each(blot);
        }
    }
}

/// Whether one of `telltales` stands in `text`, as it is or percent-encoded.
fn is_among(telltales: &[Zeroizing<String>], text: &str) -> bool {
    let is_in = |text: &str| telltales.iter().any(|secret| text.contains(secret.as_str()));
    is_in(text)
        || (text.contains('%') && is_in(&Zeroizing::new(percent_decode_str(text).decode_utf8_lossy().into_owned())))
}

/// The secret stands in another field, where everybody would see it.
pub(super) fn secret_elsewhere(what: &str, flag: &str) -> Finding {
    Finding::fail("secret_elsewhere", format!("the client secret stands in {what}"))
        .because("that value is shown, stored and audited in clear; the secret must not be")
        .next(format!("give {what} alone with {flag}"))
}

fn words(done: &[&'static str]) -> String {
    if done.is_empty() { "written in its canonical spelling".to_owned() } else { done.join(", ") }
}
