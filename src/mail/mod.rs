//! The operator's own mail: replies put together, kept as drafts or sent, and the mailbox that requests come into.
//!
//! Its servers are the operator's, named in the configuration, not a customer's: the guard of `net` is not asked about
//! them. Nothing here knows what a request is.

mod compose;
mod draft;
mod heading;
mod imap;
mod mailbox;
mod maildir;
mod password;
mod smtp;

pub use compose::{ComposeError, Composed, Outgoing, Thread, address, compose};
pub use draft::{DraftError, is_maildir, put_into_maildir, write_new};
pub use heading::{Heading, Place, thread_of};
pub use imap::ImapAccount;
pub use mailbox::{Mailbox, MailboxError, MailboxPlace};
pub use password::{PasswordError, read as read_password};
pub use smtp::{SendError, SmtpServer, send};
