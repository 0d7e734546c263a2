//! The head of a mail in a mailbox: what a list shows, and what a reply has to name.

use jiff::Timestamp;
use mail_parser::{Address, HeaderValue, Message, MessageParser};

use super::compose::Thread;

/// Longest head that is read, in bytes. No mail program writes a longer one.
pub(super) const HEAD: usize = 64 * 1024;

/// Where a mail is kept.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// In this file of a Maildir.
    File(std::path::PathBuf),
    /// Under this UID on an IMAP server.
    Uid(u32),
}

/// What is known of a mail from its head. Texts are as they came: not printable yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    /// Where it is kept.
    pub place: Place,
    /// `From`: the name or the address.
    pub from: String,
    /// The address in `From`.
    pub address: String,
    /// `Subject`.
    pub subject: String,
    /// `Date`, or when it was delivered.
    pub date: Option<Timestamp>,
    /// `Message-ID`, with angle brackets; `None` where it has none.
    pub message_id: Option<String>,
    /// `References`, with angle brackets; where it has none, the mail that it answers.
    pub references: Vec<String>,
}

impl Heading {
    /// Reads a head. One that is cut off or is no head at all gives empty fields: a list shows it, rather than hides it.
    #[must_use]
    pub fn read(place: Place, head: &[u8]) -> Self {
        let mut heading = Self {
            place,
            from: String::new(),
            address: String::new(),
            subject: String::new(),
            date: None,
            message_id: None,
            references: Vec::new(),
        };
        if let Some(message) = MessageParser::default().parse_headers(head) {
            heading.fill(&message);
        }
        heading
    }

    fn fill(&mut self, message: &Message<'_>) {
        if let Some(first) = message.from().and_then(Address::first) {
            first.address().unwrap_or_default().clone_into(&mut self.address);
            self.from = first.name().filter(|name| !name.trim().is_empty()).unwrap_or(&self.address).to_owned();
        }
        message.subject().unwrap_or_default().clone_into(&mut self.subject);
        let seconds = message.date().filter(|date| date.is_valid()).map(mail_parser::DateTime::to_timestamp);
        self.date = seconds.and_then(|seconds| Timestamp::from_second(seconds).ok());
        self.message_id = message.message_id().map(bracketed);
        self.references = ids(message.references());
        if self.references.is_empty() {
            // Source: RFC 5322, section 3.6.4: of several, nobody knows which thread is meant.
            self.references = Some(ids(message.in_reply_to())).filter(|ids| ids.len() == 1).unwrap_or_default();
        }
    }

    /// What a reply to it has to name.
    #[must_use]
    pub fn thread(&self) -> Thread {
        Thread {
            message_id: self.message_id.clone(),
            references: self.references.clone(),
            subject: Some(self.subject.clone()).filter(|subject| !subject.trim().is_empty()),
        }
    }
}

/// What a reply to `mail` has to name; nothing for a text without a head.
#[must_use]
pub fn thread_of(mail: &[u8]) -> Thread {
    // An editor's byte order mark would be part of the first field's name.
    let mail = mail.strip_prefix("\u{feff}".as_bytes()).unwrap_or(mail);
    let heading = Heading::read(Place::Uid(0), mail.get(..HEAD.min(mail.len())).unwrap_or_default());
    if heading.message_id.is_none() { Thread::default() } else { heading.thread() }
}

fn ids(field: &HeaderValue<'_>) -> Vec<String> {
    match field {
        HeaderValue::Text(one) => vec![bracketed(one)],
        HeaderValue::TextList(several) => several.iter().map(|one| bracketed(one)).collect(),
        _ => Vec::new(),
    }
}

fn bracketed(id: &str) -> String {
    format!("<{}>", id.trim().trim_matches(['<', '>']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_with_its_encoded_words_and_its_thread() {
        let head = b"From: =?utf-8?q?J=C3=B6rg?= <joerg@acme.example>\r\nSubject: =?utf-8?b?U1NPIGbDvHIgdW5z?=\r\n\
            Date: Sat, 21 Nov 2026 10:00:00 +0100\r\nMessage-ID: <a1@acme.example>\r\n\
            References: <r1@acme.example>\r\n <r2@acme.example>\r\n\r\n";
        let heading = Heading::read(Place::Uid(7), head);
        assert_eq!((heading.from.as_str(), heading.address.as_str()), ("Jörg", "joerg@acme.example"));
        assert_eq!(heading.subject, "SSO für uns");
        assert_eq!(heading.date, Some("2026-11-21T09:00:00Z".parse().unwrap()));
        let thread = heading.thread();
        assert_eq!(thread.message_id.as_deref(), Some("<a1@acme.example>"));
        assert_eq!(thread.references, ["<r1@acme.example>", "<r2@acme.example>"]);
        assert_eq!(thread_of(b"\xef\xbb\xbfMessage-ID: <a1@acme.example>\r\n\r\n").message_id, thread.message_id);
    }

    #[test]
    fn a_mail_without_references_goes_on_from_the_one_that_it_answers() {
        let references =
            |head: &str| thread_of(format!("Message-ID: <a1@acme.example>\r\n{head}\r\n").as_bytes()).references;
        assert_eq!(references("In-Reply-To: <r1@acme.example>\r\n"), ["<r1@acme.example>"]);
        assert!(references("In-Reply-To: <r1@acme.example> <r2@acme.example>\r\n").is_empty());
        let both = "References: <r0@acme.example>\r\nIn-Reply-To: <r1@acme.example>\r\n";
        assert_eq!(references(both), ["<r0@acme.example>"]);
    }

    #[test]
    fn what_is_no_head_is_an_empty_one() {
        for junk in [b"".as_slice(), b"\0\0\0", b"no colon here", &[0xff; 100]] {
            let heading = Heading::read(Place::Uid(1), junk);
            assert_eq!((heading.from.as_str(), &heading.message_id), ("", &None));
        }
    }
}
