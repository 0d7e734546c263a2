//! Reading a database that may not be written: somebody else's file, or one in somebody else's folder.
//!
//! In WAL mode SQLite writes beside the file even to read it. Where it may not, the file alone is the whole database as long
//! as nothing stands beside it, and is read as one that nobody changes; whether that held is asked after every question.
//! While somebody has it open, log and index are there, and SQLite reads those.

use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use percent_encoding::{AsciiSet, CONTROLS, percent_encode};
use rusqlite::{Connection, OpenFlags};

use super::errors::Trouble;
use crate::product::repository::{StoreError, StoreResult};

/// What means something in a URI of SQLite's.
const RESERVED: AsciiSet = CONTROLS.add(b'%').add(b'?').add(b'#');

/// What tells whether a file was written: its number, its length, and when that was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    file: u64,
    length: u64,
    written: (i64, i64),
}

impl Stamp {
    fn of(path: &Path) -> Option<Self> {
        let found = path.metadata().ok()?;
        Some(Self { file: found.ino(), length: found.len(), written: (found.mtime(), found.mtime_nsec()) })
    }

    /// Refuses what was read from the file at `path` while somebody wrote it.
    pub(super) fn still_holds(self, path: &Path) -> StoreResult<()> {
        if Self::of(path) == Some(self) {
            return Ok(());
        }
        let reason = format!("somebody wrote `{}` while it was read", path.display());
        Err(StoreError::Conflict { reason })
    }
}

/// Opens the file for reading and makes nothing beside it. Where it is read as one that nobody changes, the stamp goes with
/// every answer.
pub(super) fn connect(path: &Path) -> Result<(Connection, Option<Stamp>), Trouble> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let place = path.display().to_string();
    let beside = |ending: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(ending);
        PathBuf::from(name)
    };
    let holds_something = |ending: &str| beside(ending).metadata().is_ok_and(|file| file.len() > 0);
    // Looked at first: a log that is begun afterwards leaves the file as it is until the stamp tells.
    let stamp = Stamp::of(path).ok_or_else(|| StoreError::Missing { place: place.clone() })?;
    if !holds_something("-wal") && !holds_something("-journal") {
        let whole = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let uri = format!("file:{}?immutable=1", percent_encode(whole.as_os_str().as_bytes(), &RESERVED));
        let connection = Connection::open_with_flags(uri, flags | OpenFlags::SQLITE_OPEN_URI)?;
        return Ok((connection, Some(stamp)));
    }
    // Without its index, the log would get one that belongs to us, which its owner could not write.
    if !beside("-shm").exists() {
        let reason = "changes stand beside it (`-wal`, `-journal`), which only who may write can take in".to_owned();
        return Err(StoreError::ReadOnly { place, reason }.into());
    }
    Ok((Connection::open_with_flags(path, flags)?, None))
}
