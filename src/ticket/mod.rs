//! A mail of a customer, read: from its bytes to the values it holds, each with where it stands, and to what is known of
//! who sent it. No network, no files, no terminal; the mail is hostile input, and nothing in it is executed or fetched.
//!
//! [`read`] gives a [`Ticket`]; where values compete, somebody settles them or nobody does; [`Ticket::into_draft`] hands
//! the rest to intake, which mends and refuses as it does for values that were typed.

mod address;
mod authentication;
mod choice;
mod contents;
mod credential;
mod decoded;
mod domains;
mod drawn;
mod element;
mod extract;
mod form;
mod head;
mod html;
mod html_table;
mod json;
mod known;
mod labels;
mod layers;
mod limits;
mod line;
mod linking;
mod links;
mod machine;
pub mod mailbox;
mod marks;
mod metadata;
mod own_word;
mod plain;
mod protocol;
mod reading;
mod reference;
mod remark;
mod remarks;
mod sentence;
mod separated;
mod shapes;
mod table;
#[cfg(test)]
mod tests;
mod wrapping;

use mail_parser::{Address, HeaderName, Message, MessageParser};

pub use choice::{Candidate, Choice};
pub use limits::MAIL_BYTES;
pub use reading::{Metadata, Ticket, Value};
pub use reference::Pattern;

use crate::foreign::file_kind::FileKind;
use crate::makes;
use crate::request::mail::{Mailbox, Sender};
use crate::request::names::TicketRef;

/// What an installation knows of its mail.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// How the help desk writes a ticket's number into subjects.
    pub pattern: Pattern,
    /// The name under which the receiving server writes `Authentication-Results`; nobody is believed without one.
    pub trusted_authserv_id: Option<String>,
    /// Addresses and domains of the help desk and of colleagues, who pass on what customers wrote.
    pub relays: Vec<String>,
}

/// Why a mail is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// More than [`MAIL_BYTES`].
    #[error("the mail is larger than 25 MiB")]
    TooLarge,
    /// A head of more than 1 MiB, or a field of more than 64 KiB.
    #[error("the head of the mail is too long: no mail program writes such a head")]
    HeadTooLong,
    /// Parts within parts, or lines, beyond what any mail program makes.
    #[error("the mail has too many parts or lines to be a customer's")]
    TooManyParts,
    /// A file of another kind, by its first bytes.
    #[error("it is {0}, and no mail")]
    NoMail(&'static str),
    /// Neither a head nor a text.
    #[error("there is no mail in it")]
    Empty,
}

/// Reads one mail (RFC 5322 and MIME).
///
/// # Errors
///
/// [`Unreadable`]: it is none, or more than a mail may be.
pub fn read(mail: &[u8], settings: &Settings) -> Result<Ticket, Unreadable> {
    let mail = &*decoded::file(mail)?;
    if let Some(kind) = other_kind(mail) {
        return Err(Unreadable::NoMail(kind));
    }
    limits::judge(mail)?;
    if is_html(mail) {
        return Ok(without_head(contents::pasted_html(&String::from_utf8_lossy(mail))));
    }
    if head::is_missing(mail) {
        return Ok(without_head(contents::pasted(&String::from_utf8_lossy(mail))));
    }
    let message = MessageParser::default().parse(mail).ok_or(Unreadable::Empty)?;
    let contents = contents::read(&message);
    let sender = sender(&message, settings);
    let reference = reference(&message, settings);
    Ok(reading::Gathered { contents, sender: Some(sender), reference, subject: message.subject().unwrap_or_default() }
        .ticket())
}

/// Reads a text that was copied out of a mail program. A head that was copied along is read as one ([`read`]).
///
/// # Errors
///
/// [`Unreadable`], as [`read`].
pub fn read_pasted(text: &[u8], settings: &Settings) -> Result<Ticket, Unreadable> {
    let text = &*decoded::file(text)?;
    if head::has_head(text) {
        return read(text, settings);
    }
    if other_kind(text).is_some() || is_html(text) {
        return read(text, settings);
    }
    limits::judge(text)?;
    if text.trim_ascii().is_empty() {
        return Err(Unreadable::Empty);
    }
    Ok(without_head(contents::pasted(&String::from_utf8_lossy(text))))
}

/// A ticket of which nobody knows who sent it.
fn without_head(contents: contents::Contents) -> Ticket {
    reading::Gathered { contents, sender: None, reference: None, subject: "" }.ticket()
}

/// What people give in place of a mail.
fn other_kind(file: &[u8]) -> Option<&'static str> {
    Some(match FileKind::of(file)? {
        FileKind::OldOffice => "a message saved by Outlook (.msg), or an old Office document",
        FileKind::Pdf => "a PDF document",
        FileKind::Zip => "a zip archive, or an Office document",
        FileKind::Picture("PNG") => "a picture (PNG)",
        FileKind::Picture("JPEG") => "a picture (JPEG)",
        FileKind::Picture(_) => "a picture (GIF)",
        FileKind::Gzip => "a compressed archive (gzip)",
        FileKind::SevenZip => "an archive (7z)",
        FileKind::RichText => "a document in rich text (RTF)",
        _ => return None,
    })
}

/// Whether a text is HTML without the head of a mail.
fn is_html(text: &[u8]) -> bool {
    let start = text.trim_ascii_start();
    let start = start.get(..start.len().min(16)).unwrap_or_default().to_ascii_lowercase();
    ["<!doctype html", "<html", "<head", "<body", "<meta", "<table", "<div", "<p>", "<p "]
        .iter()
        .any(|tag| start.starts_with(tag.as_bytes()))
}

/// Whether a line, such as a subject, has a client secret in it, going by a label before it or by its shape.
#[must_use]
pub fn names_secret(line: &str) -> bool {
    let page = contents::pasted(line);
    let lines = page.plain.iter().flat_map(|section| &section.page.lines);
    let lines: Vec<line::Line> = lines.cloned().collect();
    let hits = extract::labelled(&lines, &layers::layers(&lines, "").lines).labelled;
    let shaped = |word: &str| makes::looks_like_secret(word.trim_matches(|one: char| !one.is_ascii_alphanumeric()));
    hits.iter().any(|hit| hit.field == labels::Field::ClientSecret)
        || line.split([' ', '\t', ':', '=', ',', ';', '"']).any(shaped)
}

/// A file without the byte order mark that an editor put in front of it: it would be part of the first field's name.
fn without_mark(file: &[u8]) -> &[u8] {
    file.strip_prefix("\u{feff}".as_bytes()).unwrap_or(file)
}

/// The number in the subject, else the Message-ID where it can be a reference; and which of the two it is.
fn reference(message: &Message<'_>, settings: &Settings) -> Option<Candidate<String>> {
    let numbered = message.subject().and_then(|subject| settings.pattern.find(subject));
    if let Some(number) = numbered {
        return Some(Candidate { value: number.to_owned(), place: "the subject".to_owned(), doubtful: false });
    }
    let id = message.message_id()?.trim().trim_matches(['<', '>']);
    // A mail program made it up, and it may be longer than a reference: then there is none.
    let id = TicketRef::parse(id)?;
    Some(Candidate { value: id.as_str().to_owned(), place: "the Message-ID".to_owned(), doubtful: false })
}

fn sender(message: &Message<'_>, settings: &Settings) -> Sender {
    let head: Vec<authentication::Field<'_>> = message
        .headers_raw()
        .map(|(name, value)| authentication::Field { name: name.to_ascii_lowercase(), value })
        .collect();
    // A second field of the same name is as good as a second address.
    let from: Vec<Mailbox> =
        message.header_values(HeaderName::From).filter_map(|value| value.as_address()).flat_map(mailboxes).collect();
    let reply_to =
        message.header_values(HeaderName::ReplyTo).filter_map(|value| value.as_address()).flat_map(mailboxes).collect();
    let relayed = matches!(from.as_slice(), [one] if is_relay(one, &settings.relays));
    Sender {
        from,
        reply_to,
        authentication: authentication::read(&head, settings.trusted_authserv_id.as_deref()),
        relayed,
        on_behalf_of: None,
        automatic: is_automatic(&head, relayed),
    }
}

/// Whether a program answered with a mail. What a help desk generates of a customer's mail is none of these.
///
/// Source: RFC 3834, section 5 (`Auto-Submitted`); RFC 5321, section 4.5.5 (the empty return path); RFC 6522 (reports).
fn is_automatic(head: &[authentication::Field<'_>], relayed: bool) -> bool {
    head.iter().any(|field| {
        let value = field.value.trim().to_ascii_lowercase();
        match field.name.as_str() {
            "auto-submitted" => value.starts_with("auto-replied"),
            "x-autoreply" | "x-autorespond" => !value.is_empty() && value != "no",
            "return-path" => value == "<>" && !relayed,
            "content-type" => value.starts_with("multipart/report"),
            _ => false,
        }
    })
}

fn mailboxes(address: &Address<'_>) -> Vec<Mailbox> {
    let one = |name: Option<&str>, address: Option<&str>| {
        let address = address?.trim();
        Some(Mailbox { name: name.map(|name| name.trim().to_owned()), address: address.to_owned() })
    };
    address.iter().filter_map(|addr| one(addr.name.as_deref(), addr.address.as_deref())).take(16).collect()
}

/// Whether an address, or its domain, is one that passes on what customers wrote.
fn is_relay(sender: &Mailbox, relays: &[String]) -> bool {
    let domain = sender.domain();
    relays.iter().any(|relay| {
        if relay.contains('@') {
            relay.trim().eq_ignore_ascii_case(&sender.address)
        } else {
            let relay = idna::domain_to_ascii(relay.trim().trim_end_matches('.')).ok();
            relay.is_some() && relay == domain
        }
    })
}
