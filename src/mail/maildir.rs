//! A Maildir, read only: no flag is set, no file moved.
//!
//! Source: <https://cr.yp.to/proto/maildir.html>

use std::ffi::OsString;
use std::io::Read as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use super::MailboxError;
use super::heading::{HEAD, Heading, Place};
use crate::files;

/// A Maildir whose mails are listed by name alone so far.
#[derive(Debug)]
pub(super) struct Maildir {
    /// Newest first: by the time that names begin with.
    names: Vec<(u64, PathBuf)>,
}

impl Maildir {
    /// Lists the mails that nobody has answered: neither replied to, nor trashed, nor a draft.
    pub(super) fn open(folder: &Path) -> Result<Self, MailboxError> {
        if !super::is_maildir(folder) {
            return Err(MailboxError::NoMaildir { place: folder.display().to_string() });
        }
        let mut names = Vec::new();
        for part in ["new", "cur"] {
            let path = folder.join(part);
            let unreadable = |source| MailboxError::Unreadable { place: path.display().to_string(), source };
            for entry in std::fs::read_dir(&path).map_err(unreadable)? {
                let name = entry.map_err(unreadable)?.file_name();
                if is_open(&name) {
                    names.push((delivered(&name), path.join(name)));
                }
            }
        }
        names.sort_by(|one, other| other.cmp(one));
        Ok(Self { names })
    }

    pub(super) fn count(&self) -> usize {
        self.names.len()
    }

    /// The heads of the mails at positions `from..from + count`, newest first. A mail that was moved away meanwhile is left
    /// out: somebody is working on it.
    pub(super) fn headings(&self, from: usize, count: usize) -> Result<Vec<Heading>, MailboxError> {
        let mut headings = Vec::with_capacity(count.min(self.names.len()));
        let mut buffer = Vec::new();
        for (_, path) in self.names.iter().skip(from).take(count) {
            match head(path, &mut buffer) {
                Ok(()) => headings.push(Heading::read(Place::File(path.clone()), &buffer)),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(source) => return Err(MailboxError::Unreadable { place: path.display().to_string(), source }),
            }
        }
        Ok(headings)
    }

    /// A whole mail; `None` where it was moved away meanwhile.
    pub(super) fn mail(path: &Path, limit: usize) -> Result<Option<Vec<u8>>, MailboxError> {
        let unreadable = |source| MailboxError::Unreadable { place: path.display().to_string(), source };
        let file = match files::open_regular(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            other => other.map_err(unreadable)?,
        };
        let mut bytes = Vec::new();
        file.take(limit as u64 + 1).read_to_end(&mut bytes).map_err(unreadable)?;
        if bytes.len() > limit {
            return Err(MailboxError::TooLarge { place: path.display().to_string() });
        }
        Ok(Some(bytes))
    }
}

/// Most of what is read of a mail before its head is known to end.
const CHUNK: usize = 8 * 1024;

/// Reads up to the blank line.
fn head(path: &Path, buffer: &mut Vec<u8>) -> std::io::Result<()> {
    let mut file = files::open_regular(path)?;
    buffer.clear();
    while buffer.len() < HEAD {
        let before = buffer.len();
        let read = (&mut file).take(CHUNK as u64).read_to_end(buffer)?;
        let searched = buffer.get(before.saturating_sub(3)..).unwrap_or_default();
        let ended =
            searched.windows(2).any(|two| two == b"\n\n") || searched.windows(4).any(|four| four == b"\r\n\r\n");
        if ended || read < CHUNK {
            break;
        }
    }
    Ok(())
}

/// Whether a file's name says that nobody has dealt with the mail: none of the flags R (replied), T (trashed), D (draft).
fn is_open(name: &OsString) -> bool {
    let name = name.as_bytes();
    if name.first() == Some(&b'.') {
        return false;
    }
    let flags = name.windows(3).rposition(|three| three == b":2," || three == b";2,").and_then(|at| name.get(at + 3..));
    !flags.unwrap_or_default().iter().any(|flag| matches!(flag, b'R' | b'T' | b'D'))
}

/// The second of its delivery, which a name begins with.
fn delivered(name: &OsString) -> u64 {
    let digits = name.as_bytes().iter().take_while(|one| one.is_ascii_digit()).take(18);
    digits.fold(0, |number, digit| number * 10 + u64::from(digit - b'0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn maildir(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for part in ["cur", "new", "tmp"] {
            std::fs::create_dir(folder.path().join(part)).unwrap();
        }
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        folder
    }

    fn subjects(maildir: &Maildir) -> Vec<String> {
        maildir.headings(0, usize::MAX).unwrap().into_iter().map(|heading| heading.subject).collect()
    }

    #[test]
    fn unanswered_mails_are_listed_newest_first() {
        let folder = maildir(&[
            ("cur/1700000001.a:2,S", "Subject: seen\n\nx"),
            ("cur/1700000009.b:2,RS", "Subject: answered\n\nx"),
            ("cur/1700000008.c:2,T", "Subject: trashed\n\nx"),
            ("cur/1700000007.d:2,D", "Subject: a draft\n\nx"),
            ("new/1700000003.e", "Subject: new\n\nx"),
            ("new/.hidden", "Subject: hidden\n\nx"),
        ]);
        let opened = Maildir::open(folder.path()).unwrap();
        assert_eq!((opened.count(), subjects(&opened)), (2, vec!["new".to_owned(), "seen".to_owned()]));
    }

    #[test]
    fn a_head_of_any_length_is_read_and_a_body_is_not() {
        let long = format!("X-Long: {}\r\nSubject: behind it\r\n\r\n{}", "x".repeat(20_000), "body ".repeat(100_000));
        let endless = format!("Subject: first\nX-Long: {}", "x".repeat(200_000));
        let folder = maildir(&[("new/2.a", &long), ("new/1.b", &endless)]);
        let opened = Maildir::open(folder.path()).unwrap();
        assert_eq!(subjects(&opened), ["behind it", "first"]);
        let mut buffer = Vec::new();
        head(&folder.path().join("new/2.a"), &mut buffer).unwrap();
        assert!(buffer.len() < 32 * 1024);
    }

    #[test]
    fn a_mail_that_went_away_is_left_out_and_one_that_is_too_large_is_refused() {
        let folder = maildir(&[("new/1.a", "Subject: a\n\nx"), ("new/2.b", "Subject: b\n\nx")]);
        let opened = Maildir::open(folder.path()).unwrap();
        std::fs::remove_file(folder.path().join("new/2.b")).unwrap();
        assert_eq!(subjects(&opened), ["a"]);
        let path = folder.path().join("new/1.a");
        assert_eq!(Maildir::mail(&path, 100).unwrap().as_deref(), Some(b"Subject: a\n\nx".as_slice()));
        assert!(matches!(Maildir::mail(&path, 5), Err(MailboxError::TooLarge { .. })));
        assert_eq!(Maildir::mail(&folder.path().join("new/2.b"), 100).unwrap(), None);
    }

    #[test]
    fn another_folder_is_no_maildir() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(Maildir::open(folder.path()), Err(MailboxError::NoMaildir { .. })));
    }
}
