//! Filling a request's gaps by asking the person at the terminal. Every question has a flag.

use super::failure::Failure;
use super::request_args::RequestArgs;
use crate::finding::Verdict;
use crate::intake::{
    Completeness, PastedMetadata, PastedSecret, RequestDraft, SecretSource, is_about_saml, is_document,
};
use crate::ui::Ui;
use crate::ui::prompt;

/// How often a question is put before the answer is taken as it is.
const TRIES: usize = 3;

/// Whether there is something to ask for, and somebody to ask.
pub(super) fn is_needed(draft: &RequestDraft, ui: &Ui) -> bool {
    ui.is_interactive() && !wanting(draft).is_empty()
}

/// Asks for what `onboard` needs and nobody gave. What was answered goes into `args` too, for the command that is
/// printed afterwards; the secret does not. An answer that cannot be right is said at once and asked for again.
pub(super) fn fill(
    args: &mut RequestArgs,
    draft: &mut RequestDraft,
    allow_origins: &[String],
    ui: &Ui,
) -> Result<(), Failure> {
    if !is_needed(draft, ui) {
        return Ok(());
    }
    ui.status("Paste the values as they were sent; what can be mended is mended, and said.");
    if draft.ticket.is_none() {
        args.ticket = prompt::line("Ticket (may stay empty)").map_err(|error| unanswered(&error))?;
        draft.ticket.clone_from(&args.ticket);
    }
    let owner = |value| RequestDraft { owner: Some(value), ..RequestDraft::default() };
    let issuer = |value| RequestDraft { issuer: Some(value), ..RequestDraft::default() };
    let named = |value| PastedMetadata::of_word(value, std::path::Path::exists);
    let metadata = |value| RequestDraft { metadata: Some(named(value)), ..RequestDraft::default() };
    let client_id = |value| RequestDraft { client_id: Some(value), ..RequestDraft::default() };
    let pasted = |text| PastedSecret { text, source: SecretSource::Prompt };
    let secret = |text| RequestDraft { client_secret: Some(pasted(text)), ..RequestDraft::default() };
    let required = |question: &str, flags: &[&str], alone: &dyn Fn(String) -> RequestDraft| {
        let asked = Question { flags, allow_origins, ui };
        until_usable(|| prompt::line(question), |value| is_document(value).then_some(ONE_LINE), alone, &asked)
    };
    if draft.owner.is_none() {
        args.owner = required("Team owner's e-mail", &["--owner"], &owner)?;
        draft.owner.clone_from(&args.owner);
    }
    if draft.is_about_saml() {
        if draft.metadata.is_none() {
            args.metadata = required("SAML metadata: file or URL", &["--metadata"], &metadata)?;
            draft.metadata = args.metadata.clone().map(named);
        }
        return Ok(());
    }
    if draft.issuer.is_none() {
        // The customer sent one or the other; which one it is shows.
        let either = |value: String| if is_about_saml(&value) { metadata(value) } else { issuer(value) };
        let alone = draft.client_id.is_none() && draft.client_secret.is_none();
        let answer = if alone {
            required("Issuer URL, or SAML metadata (URL or file)", &["--issuer", "--metadata"], &either)?
        } else {
            required("Issuer URL", &["--issuer"], &either)?
        };
        if alone && answer.as_deref().is_some_and(is_about_saml) {
            draft.metadata = answer.clone().map(named);
            args.metadata = answer;
            return Ok(());
        }
        args.issuer = answer;
        draft.issuer.clone_from(&args.issuer);
    }
    if draft.client_id.is_none() {
        args.client_id = required("Client ID", &["--client-id"], &client_id)?;
        draft.client_id.clone_from(&args.client_id);
    }
    if draft.client_secret.is_none() {
        let ask = || prompt::secret("Client secret (not shown)");
        let is_cut = |typed: &prompt::Typed| typed.is_cut.then_some(ONE_SECRET);
        let asked = Question { flags: &["--client-secret-file"], allow_origins, ui };
        let answer = until_usable(ask, is_cut, |typed| secret(typed.text), &asked)?;
        draft.client_secret = answer.map(|typed| pasted(typed.text));
    }
    Ok(())
}

/// What is said of an answer of which the terminal took only the first line, and what to do instead.
pub(super) type Cut = [&'static str; 2];

const ONE_BY_ONE: &str = "more lines came with it, and nothing of them was used: give one value at a time, or save the whole \
                          text as a file, which `ssoctl ticket FILE` reads";

const ONE_LINE: Cut = [
    "that is the document itself; a terminal takes only one line of it, so nothing of it was used",
    "save it as a file and give its name here, or give the address it came from",
];

pub(super) const ONE_SECRET: Cut = [
    "a terminal takes only one line, and more came with it, so nothing of it was used",
    "paste the secret alone, without a line break in it, or save it as a file for --client-secret-file",
];

/// How a question is put.
struct Question<'a> {
    /// The flags that would answer it.
    flags: &'a [&'a str],
    allow_origins: &'a [String],
    ui: &'a Ui,
}

/// What a check says to do next, where the same question comes again: the answer is given there, not with a flag.
fn answered_here(next: &str, flags: &[&str]) -> String {
    let mut said = next.to_owned();
    for flag in flags {
        let with = format!(" with {flag}");
        if let Some(at) = said.find(&with)
            && !said[at + with.len()..].starts_with(['-', ' '])
        {
            said.replace_range(at..at + with.len(), " here");
        }
    }
    said
}

/// Asks until there is an answer that intake takes, [`TRIES`] times at most; then takes the last one as it is. One that was
/// cut off is never taken.
fn until_usable<T: Clone>(
    ask: impl Fn() -> std::io::Result<Option<T>>,
    cut: impl Fn(&T) -> Option<Cut>,
    alone: impl Fn(T) -> RequestDraft,
    asked: &Question<'_>,
) -> Result<Option<T>, Failure> {
    let Question { flags, allow_origins, ui } = *asked;
    let mut answer = None;
    for _ in 0..TRIES {
        answer = ask().map_err(|error| unanswered(&error))?;
        let Some(value) = &answer else {
            ui.hint("this one is needed; Ctrl-C ends without writing anything");
            continue;
        };
        if let Some([warning, hint]) = cut(value) {
            // The terminal holds the other lines.
            prompt::discard_rest_of_paste();
            ui.warning(warning);
            ui.hint(hint);
            answer = None;
            continue;
        }
        let read = alone(value.clone()).normalise_allowing(Completeness::WhatIsGiven, usize::MAX, allow_origins);
        let Some(wrong) = read.findings.iter().find(|finding| finding.level == Verdict::Fail) else { break };
        ui.warning(&wrong.fact);
        if let Some(next) = &wrong.next {
            ui.hint(&answered_here(next, flags));
        }
        if prompt::is_more_waiting() {
            // The rest of the mail would answer the next questions, each of them wrong.
            prompt::discard_rest_of_paste();
            ui.hint(ONE_BY_ONE);
        }
    }
    Ok(answer)
}

/// A question that got no answer at all.
pub(super) fn unanswered(error: &std::io::Error) -> Failure {
    Failure::usage("no answer could be read from the terminal: nothing was written").cause(error.to_string())
}

/// The flags of what `onboard` needs and `draft` does not have.
fn wanting(draft: &RequestDraft) -> Vec<&'static str> {
    let (saml, oidc) = (draft.is_about_saml(), !draft.is_about_saml());
    let needed = [
        (draft.owner.is_none(), "--owner EMAIL"),
        (saml && draft.metadata.is_none(), "--metadata FILE, URL or -"),
        (oidc && draft.issuer.is_none(), "--issuer URL (or --metadata FILE for SAML)"),
        (oidc && draft.client_id.is_none(), "--client-id ID"),
        (
            oidc && draft.client_secret.is_none(),
            "--client-secret-file FILE (or --client-secret-stdin, or SSOCTL_CLIENT_SECRET)",
        ),
    ];
    needed.into_iter().filter(|(missing, _)| *missing).map(|(_, flag)| flag).collect()
}

/// The flags that are missing for `onboard`, where nobody can be asked or the answer was empty.
pub(super) fn missing(draft: &RequestDraft, ui: &Ui) -> Option<Failure> {
    let missing = wanting(draft);
    (!missing.is_empty()).then(|| {
        let failure = Failure::usage(if ui.is_interactive() {
            "some values are missing: nothing was checked or written"
        } else {
            "some values are missing, and nobody can be asked for them here"
        });
        missing.into_iter().fold(failure, |failure, flag| failure.hint(format!("add {flag}")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_that_comes_again_is_answered_where_it_stands() {
        let here = |next: &str| answered_here(next, &["--issuer", "--metadata"]);
        assert_eq!(
            here("ask which one it is, then give that one with --issuer"),
            "ask which one it is, then give that one here"
        );
        assert_eq!(
            here("give it with --metadata; if the ticket does not have it, ask the customer"),
            "give it here; if the ticket does not have it, ask the customer"
        );
        assert_eq!(here("give it with --issuer-url or with --owner"), "give it with --issuer-url or with --owner");
    }
}
