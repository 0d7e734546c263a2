//! The mailbox that requests come into: a Maildir or a folder of an IMAP server, read and never changed.

use std::path::PathBuf;
use std::sync::Arc;

use super::heading::{Heading, Place};
use super::imap::{ImapAccount, ImapFolder};
use super::maildir::Maildir;

/// Where the mailbox is.
#[derive(Debug)]
pub enum MailboxPlace {
    /// A Maildir on this machine.
    Maildir(PathBuf),
    /// A folder of an IMAP server.
    Imap(Arc<ImapAccount>),
}

/// Why a mailbox is not read.
#[derive(Debug, thiserror::Error)]
pub enum MailboxError {
    /// It is no Maildir.
    #[error("`{place}` is not a Maildir: it has no folders cur, new and tmp")]
    NoMaildir {
        /// Where.
        place: String,
    },
    /// The system refused.
    #[error("could not read `{place}`")]
    Unreadable {
        /// Where.
        place: String,
        /// In its words.
        #[source]
        source: std::io::Error,
    },
    /// The server did not answer, or not so that it can be understood.
    #[error("the mail server {server} could not be spoken with: {reason}")]
    Silent {
        /// `host:port`.
        server: String,
        /// In words, printable.
        reason: String,
    },
    /// The server said no.
    #[error("the mail server {server} refused {what}: {reason}")]
    Refused {
        /// `host:port`.
        server: String,
        /// What it refused.
        what: String,
        /// In its words, printable.
        reason: String,
    },
    /// A mail beyond the limit.
    #[error("{place} is too large for a request")]
    TooLarge {
        /// Where.
        place: String,
    },
}

/// A mailbox that is open: the mails in it that nobody has answered.
#[derive(Debug)]
pub struct Mailbox(Kind);

#[derive(Debug)]
enum Kind {
    Maildir(Maildir),
    Imap(Box<ImapFolder>),
}

impl Mailbox {
    /// Opens it and counts the mails that nobody has answered. No mail is read yet.
    ///
    /// # Errors
    ///
    /// [`MailboxError`].
    pub async fn open(place: &MailboxPlace) -> Result<Self, MailboxError> {
        Ok(Self(match place {
            MailboxPlace::Maildir(folder) => Kind::Maildir(Maildir::open(folder)?),
            MailboxPlace::Imap(account) => Kind::Imap(Box::new(ImapFolder::open(account).await?)),
        }))
    }

    /// How many mails nobody has answered.
    #[must_use]
    pub fn count(&self) -> usize {
        match &self.0 {
            Kind::Maildir(maildir) => maildir.count(),
            Kind::Imap(folder) => folder.count(),
        }
    }

    /// The heads of `count` mails behind the first `from`, newest first.
    ///
    /// # Errors
    ///
    /// [`MailboxError`].
    pub async fn headings(&mut self, from: usize, count: usize) -> Result<Vec<Heading>, MailboxError> {
        match &mut self.0 {
            Kind::Maildir(maildir) => maildir.headings(from, count),
            Kind::Imap(folder) => folder.headings(from, count).await,
        }
    }

    /// A whole mail of `limit` bytes at most; `None` where it has gone meanwhile.
    ///
    /// # Errors
    ///
    /// [`MailboxError`].
    pub async fn mail(&mut self, place: &Place, limit: usize) -> Result<Option<Vec<u8>>, MailboxError> {
        match (&mut self.0, place) {
            (Kind::Maildir(_), Place::File(path)) => Maildir::mail(path, limit),
            (Kind::Imap(folder), Place::Uid(uid)) => folder.mail(*uid, limit).await,
            (Kind::Maildir(_), Place::Uid(_)) | (Kind::Imap(_), Place::File(_)) => Ok(None),
        }
    }

    /// Says goodbye to a server.
    pub async fn close(self) {
        if let Kind::Imap(folder) = self.0 {
            folder.close().await;
        }
    }
}
