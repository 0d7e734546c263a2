//! Drafts: a mail in a new file, or in the Drafts folder of a Maildir.

use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// Why a draft could not be kept.
#[derive(Debug, thiserror::Error)]
pub enum DraftError {
    /// The system refused.
    #[error("could not write the draft `{}`", .path.display())]
    Io {
        /// Where.
        path: PathBuf,
        /// In its words.
        #[source]
        source: std::io::Error,
    },
    /// It is no Maildir.
    #[error("`{}` is not a Maildir: it has no folders cur, new and tmp", .path.display())]
    NoMaildir {
        /// Where.
        path: PathBuf,
    },
}

/// Writes `mail` into a new file of mode 0600; nothing is overwritten.
///
/// # Errors
///
/// [`DraftError::Io`], also for a file that is there already.
pub fn write_new(path: &Path, mail: &[u8]) -> Result<(), DraftError> {
    let failed = |source| DraftError::Io { path: path.to_owned(), source };
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(failed)?;
    file.write_all(mail).and_then(|()| file.sync_all()).map_err(failed)
}

/// Puts `mail` into the Drafts folder of the Maildir `maildir`, as a draft that has been seen; gives the file's path.
///
/// A Maildir that is itself called `Drafts` takes it; else its folder `.Drafts` (Maildir++), which is made where it is not
/// there. The file appears whole or not at all.
///
/// # Errors
///
/// [`DraftError`].
///
/// Source: <https://cr.yp.to/proto/maildir.html>
pub fn put_into_maildir(maildir: &Path, name: &str, mail: &[u8]) -> Result<PathBuf, DraftError> {
    if !is_maildir(maildir) {
        return Err(DraftError::NoMaildir { path: maildir.to_owned() });
    }
    let drafts = drafts_of(maildir);
    for part in ["tmp", "new", "cur"] {
        let path = drafts.join(part);
        let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&path);
        made.map_err(|source| DraftError::Io { path, source })?;
    }
    if drafts != maildir {
        // Maildir++ tells a folder from a Maildir of its own by this file.
        let mark = drafts.join("maildirfolder");
        if !mark.exists() {
            std::fs::write(&mark, "").map_err(|source| DraftError::Io { path: mark, source })?;
        }
    }
    let temporary = drafts.join("tmp").join(name);
    let path = drafts.join("cur").join(format!("{name}:2,DS"));
    if path.exists() {
        let source = std::io::Error::from(std::io::ErrorKind::AlreadyExists);
        return Err(DraftError::Io { path, source });
    }
    write_new(&temporary, mail)?;
    std::fs::rename(&temporary, &path).map_err(|source| DraftError::Io { path: path.clone(), source })?;
    Ok(path)
}

/// Whether `path` has the three folders of a Maildir.
#[must_use]
pub fn is_maildir(path: &Path) -> bool {
    ["cur", "new", "tmp"].iter().all(|part| path.join(part).is_dir())
}

fn drafts_of(maildir: &Path) -> PathBuf {
    let named = maildir.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    if named.trim_start_matches('.').eq_ignore_ascii_case("drafts") {
        maildir.to_owned()
    } else {
        maildir.join(".Drafts")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    fn maildir(at: &Path) -> PathBuf {
        for part in ["cur", "new", "tmp"] {
            std::fs::create_dir_all(at.join(part)).unwrap();
        }
        at.to_owned()
    }

    #[test]
    fn a_draft_is_a_new_file_of_its_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("reply.eml");
        write_new(&path, b"one").unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(write_new(&path, b"two").is_err());
        assert_eq!(std::fs::read(&path).unwrap(), b"one");
    }

    #[test]
    fn a_maildir_gets_it_in_its_drafts_folder() {
        let folder = tempfile::tempdir().unwrap();
        let maildir = maildir(&folder.path().join("Maildir"));
        let path = put_into_maildir(&maildir, "1.ssoctl", b"mail").unwrap();
        assert_eq!(path, maildir.join(".Drafts/cur/1.ssoctl:2,DS"));
        assert!(maildir.join(".Drafts/maildirfolder").exists());
        assert!(std::fs::read_dir(maildir.join(".Drafts/tmp")).unwrap().next().is_none());
        assert!(put_into_maildir(&maildir, "1.ssoctl", b"other").is_err(), "nothing is overwritten");
    }

    #[test]
    fn the_drafts_folder_itself_may_be_named() {
        let folder = tempfile::tempdir().unwrap();
        let drafts = maildir(&folder.path().join(".Drafts"));
        assert_eq!(put_into_maildir(&drafts, "1", b"mail").unwrap(), drafts.join("cur/1:2,DS"));
    }

    #[test]
    fn a_folder_of_another_kind_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(put_into_maildir(folder.path(), "1", b""), Err(DraftError::NoMaildir { .. })));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
