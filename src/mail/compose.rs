//! A mail as bytes: headers and quoted-printable or base64 text, by the library that also sends it.

use lettre::address::Envelope;
use lettre::message::{Mailbox, SinglePart};
use lettre::{Address, Message};
use serde::{Deserialize, Serialize};

use crate::foreign;
use crate::scim;

/// The mail that a reply answers, as far as its headers are known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Thread {
    /// Its `Message-ID`, with angle brackets.
    pub message_id: Option<String>,
    /// What its own `References` named, oldest first.
    pub references: Vec<String>,
    /// Its subject, printable.
    pub subject: Option<String>,
}

/// A mail to write.
#[derive(Debug, Clone, Copy)]
pub struct Outgoing<'m> {
    /// Who it is from: `Name <address>` or an address.
    pub from: &'m str,
    /// Where answers go, where that is not `from`.
    pub reply_to: Option<&'m str>,
    /// Who it goes to; `None` only for a draft.
    pub to: Option<&'m str>,
    /// Who gets a blind copy.
    pub bcc: &'m [String],
    /// One line.
    pub subject: &'m str,
    /// Plain text.
    pub text: &'m str,
    /// What it answers.
    pub thread: &'m Thread,
    /// The part before the `@` of its own `Message-ID`; the domain is the sender's.
    pub id: &'m str,
    /// When.
    pub at: jiff::Timestamp,
}

/// A mail, ready to be sent or kept.
#[derive(Debug, Clone)]
pub struct Composed {
    /// As it goes over the wire: without the blind copies.
    pub(super) message: Message,
    /// As a mail program keeps it: with them.
    pub draft: Vec<u8>,
    /// Its `Message-ID`, with angle brackets.
    pub message_id: String,
}

/// Why no mail can be made of it.
#[derive(Debug, thiserror::Error)]
pub enum ComposeError {
    /// An address that is none.
    #[error("`{text}` is not an e-mail address that mail can be sent with")]
    Address {
        /// What was given, printable.
        text: String,
    },
    /// It holds a token, and tokens never go by mail.
    #[error("the text holds a bearer token, and tokens never go by mail")]
    Token,
    /// Anything else the library refuses.
    #[error("the mail could not be put together: {reason}")]
    Library {
        /// In its words.
        reason: String,
    },
}

/// Most earlier mails that `References` names: the first and the latest.
const REFERENCES: usize = 20;

/// Longest subject taken over from a mail, in characters.
const SUBJECT: usize = 160;

/// Puts a mail together. In a thread it goes by the thread's subject, so that mail programs keep the two together.
///
/// # Errors
///
/// [`ComposeError`].
///
/// Source: RFC 5322, section 3.6.4, for `In-Reply-To` and `References`.
pub fn compose(mail: &Outgoing<'_>) -> Result<Composed, ComposeError> {
    if holds_token(mail.text) || holds_token(mail.subject) {
        return Err(ComposeError::Token);
    }
    let from = mailbox(mail.from)?;
    let message_id = format!("<{}@{}>", mail.id, from.email.domain());
    let mut builder = Message::builder()
        .from(from.clone())
        .subject(subject(mail))
        .message_id(Some(message_id.clone()))
        .date(std::time::SystemTime::from(mail.at));
    if let Some(reply_to) = mail.reply_to {
        builder = builder.reply_to(mailbox(reply_to)?);
    }
    // The library wants somebody to write to; a draft without anybody is addressed by hand.
    let mut recipients: Vec<Address> = Vec::new();
    if let Some(to) = mail.to {
        let to = mailbox(to)?;
        recipients.push(to.email.clone());
        builder = builder.to(to);
    }
    for copy in mail.bcc {
        let copy = mailbox(copy)?;
        recipients.push(copy.email.clone());
        builder = builder.bcc(copy);
    }
    let references = references(mail.thread);
    if let Some(answered) = references.last() {
        builder = builder.in_reply_to(answered.clone()).references(references.join(" "));
    }
    if recipients.is_empty() {
        recipients.push(from.email.clone());
    }
    let refused = |error: lettre::error::Error| ComposeError::Library { reason: foreign::shown(&error.to_string()) };
    let envelope = Envelope::new(Some(from.email.clone()), recipients).map_err(refused)?;
    let builder = builder.envelope(envelope);
    let text = || SinglePart::plain(mail.text.to_owned());
    let message = builder.clone().singlepart(text()).map_err(refused)?;
    let draft = builder.keep_bcc().singlepart(text()).map_err(refused)?.formatted();
    Ok(Composed { message, draft, message_id })
}

/// The address in `Name <address>`, or the address itself; `None` for anything else.
#[must_use]
pub fn address(text: &str) -> Option<String> {
    parsed(text).ok().map(|mailbox| mailbox.email.to_string())
}

/// The mailbox with its domain in A-labels: not every server on the way takes others.
fn mailbox(text: &str) -> Result<Mailbox, ComposeError> {
    let Mailbox { name, email } = parsed(text)?;
    if email.domain().is_ascii() {
        return Ok(Mailbox { name, email });
    }
    let refused = || ComposeError::Address { text: foreign::shown(text) };
    let domain = idna::domain_to_ascii(email.domain()).map_err(|_| refused())?;
    let email = Address::new(email.user(), domain).map_err(|_| refused())?;
    Ok(Mailbox { name, email })
}

fn parsed(text: &str) -> Result<Mailbox, ComposeError> {
    let refused = || ComposeError::Address { text: foreign::shown(text) };
    if text.chars().any(|one| !foreign::is_harmless(one)) {
        return Err(refused());
    }
    text.trim().parse().map_err(|_| refused())
}

fn subject(mail: &Outgoing<'_>) -> String {
    let Some(answered) = mail.thread.subject.as_deref().map(one_line).filter(|subject| !subject.is_empty()) else {
        return one_line(mail.subject);
    };
    let mut bare = answered.as_str();
    while let Some(rest) = bare.get(..3).filter(|start| start.eq_ignore_ascii_case("re:")).and_then(|_| bare.get(3..)) {
        bare = rest.trim_start();
    }
    format!("Re: {}", foreign::shown_up_to(bare, SUBJECT))
}

/// A header's line: no line break, no control character; and nothing that mail programs would decode into one (RFC 2047).
fn one_line(text: &str) -> String {
    let text: String = text.chars().map(|one| if foreign::is_harmless(one) { one } else { ' ' }).collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace("=?", "= ?")
}

/// The mails before this one, the answered one last; those alone that have the shape of a `Message-ID`, since they come from
/// a stranger's header.
fn references(thread: &Thread) -> Vec<String> {
    let Some(answered) = thread.message_id.as_deref().filter(|id| is_message_id(id)) else { return Vec::new() };
    let earlier = thread.references.iter().map(String::as_str);
    let mut ids: Vec<&str> = earlier.filter(|id| is_message_id(id) && *id != answered).collect();
    if ids.len() >= REFERENCES {
        ids.drain(1..=ids.len() + 1 - REFERENCES);
    }
    ids.into_iter().chain([answered]).map(str::to_owned).collect()
}

fn is_message_id(text: &str) -> bool {
    let inner = text.strip_prefix('<').and_then(|rest| rest.strip_suffix('>'));
    inner.is_some_and(|inner| {
        (3..=250).contains(&inner.len())
            && inner.contains('@')
            && inner.bytes().all(|one| one.is_ascii_graphic() && !matches!(one, b'<' | b'>'))
    })
}

/// Whether `text` holds what a bearer token of ours begins with.
fn holds_token(text: &str) -> bool {
    text.contains(scim::PREFIX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn thread() -> Thread {
        Thread {
            message_id: Some("<a1@acme.example>".to_owned()),
            references: vec!["<first@acme.example>".to_owned(), "x\r\nBcc: evil@evil.example".to_owned()],
            subject: Some("RE: re: SSO for us\r\nBcc: evil@evil.example".to_owned()),
        }
    }

    fn mail<'m>(thread: &'m Thread, bcc: &'m [String]) -> Outgoing<'m> {
        Outgoing {
            from: "Example Support <support@example.com>",
            reply_to: None,
            to: Some("jane@acme.example"),
            bcc,
            subject: "Single sign-on is on for Müller [48213]",
            text: "Hello Jane,\n\nschöne Grüße\n",
            thread,
            id: "ssoctl-7",
            at: jiff::Timestamp::UNIX_EPOCH,
        }
    }

    fn headers(bytes: &[u8]) -> String {
        String::from_utf8_lossy(bytes).split_once("\r\n\r\n").unwrap().0.to_owned()
    }

    #[test]
    fn a_subject_that_would_be_decoded_into_another_header_is_not() {
        let thread = Thread { subject: Some("=?utf-8?q?SSO=0D=0ABcc:_evil=40evil.example?=".to_owned()), ..thread() };
        let composed = compose(&mail(&thread, &[])).unwrap();
        assert!(!headers(&composed.draft).contains("=?utf-8?q?SSO"), "{}", headers(&composed.draft));
    }

    #[test]
    fn a_reply_is_threaded_by_what_it_answers_and_a_strangers_header_brings_no_header_along() {
        let headers = headers(&compose(&mail(&thread(), &[])).unwrap().message.formatted());
        for line in [
            "From: \"Example Support\" <support@example.com>",
            "To: jane@acme.example",
            "Subject: Re: SSO for us Bcc: evil@evil.example",
            "Message-ID: <ssoctl-7@example.com>",
            "In-Reply-To: <a1@acme.example>",
            "References: <first@acme.example> <a1@acme.example>",
            "Date: Thu, 01 Jan 1970 00:00:00 +0000",
        ] {
            assert!(headers.lines().any(|one| one == line), "{line} in\n{headers}");
        }
        assert!(!headers.lines().any(|line| line.starts_with("Bcc")), "{headers}");
    }

    #[test]
    fn a_domain_of_other_letters_goes_as_a_labels() {
        let (thread, bcc) = (Thread::default(), ["x@bücher.example".to_owned()]);
        let from = "Beispiel <hilfe@müller.example>";
        let outgoing = Outgoing { from, to: Some("Jane <jane@müller.example>"), ..mail(&thread, &bcc) };
        let composed = compose(&outgoing).unwrap();
        let headers = headers(&composed.draft);
        for part in ["<jane@xn--mller-kva.example>", "x@xn--bcher-kva.example", "<ssoctl-7@xn--mller-kva.example>"] {
            assert!(headers.contains(part), "{part} in\n{headers}");
        }
        let envelope = composed.message.envelope();
        assert!(envelope.to().iter().chain(envelope.from()).all(|one| one.domain().is_ascii()));
    }

    #[test]
    fn a_blind_copy_is_in_the_draft_and_in_the_envelope_and_not_on_the_wire() {
        let bcc = ["support@example.com".to_owned()];
        let composed = compose(&mail(&Thread::default(), &bcc)).unwrap();
        assert!(headers(&composed.draft).contains("Bcc: support@example.com"));
        assert!(!headers(&composed.message.formatted()).contains("Bcc"));
        assert_eq!(composed.message.envelope().to().len(), 2);
    }

    #[test]
    fn a_long_thread_keeps_its_first_and_its_latest_mails() {
        let mut thread = Thread { message_id: Some("<last@a.example>".to_owned()), ..Thread::default() };
        thread.references = (0..50).map(|number| format!("<{number}@a.example>")).collect();
        let ids = references(&thread);
        assert_eq!(ids.len(), REFERENCES);
        assert_eq!(
            (ids[0].as_str(), ids[18].as_str(), ids[19].as_str()),
            ("<0@a.example>", "<49@a.example>", "<last@a.example>")
        );
    }

    #[test]
    fn a_token_never_goes_by_mail() {
        let thread = Thread::default();
        let text = format!("here it is: {}abc", scim::PREFIX);
        assert!(matches!(compose(&Outgoing { text: &text, ..mail(&thread, &[]) }), Err(ComposeError::Token)));
    }

    #[test]
    fn what_is_no_address_is_refused() {
        let thread = Thread::default();
        for to in ["jane", "jane@acme.example\r\nBcc: x@y.example", "a@b.example, c@d.example", ""] {
            let refused = compose(&Outgoing { to: Some(to), ..mail(&thread, &[]) });
            assert!(matches!(refused, Err(ComposeError::Address { .. })), "{to:?}");
        }
        assert_eq!(address("Jane <jane@acme.example>").as_deref(), Some("jane@acme.example"));
    }

    #[test]
    fn a_draft_needs_nobody_to_write_to() {
        let thread = Thread::default();
        let composed = compose(&Outgoing { to: None, ..mail(&thread, &[]) }).unwrap();
        assert!(!headers(&composed.draft).contains("\nTo:"));
    }
}
