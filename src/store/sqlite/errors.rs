//! What SQLite says, in the terms of [`StoreError`].

use std::path::Path;

use rusqlite::ffi;
use rusqlite::{Error, ErrorCode};

use crate::product::repository::StoreError;

/// What went wrong inside the store, before it is known which database it happened to.
#[derive(Debug)]
pub(super) enum Trouble {
    /// SQLite's own.
    Sqlite(Error),
    /// Ours, said already.
    Said(StoreError),
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Self::Said(error)
    }
}

impl Trouble {
    /// Names the database.
    pub(super) fn at(self, path: &Path) -> StoreError {
        match self {
            Self::Sqlite(error) => store_error(&error, path),
            Self::Said(error) => error,
        }
    }
}

/// Reads SQLite's result code. Its wording is passed on but decides nothing, save which column was taken.
pub(super) fn store_error(error: &Error, path: &Path) -> StoreError {
    let place = path.display().to_string();
    let reason = reason(error);
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Busy { reason },
        Some(ErrorCode::ReadOnly) => StoreError::ReadOnly { place, reason },
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => StoreError::Corrupt { place, reason },
        Some(ErrorCode::DiskFull) => StoreError::DiskFull { place },
        Some(ErrorCode::SystemIoFailure) => io_failure(place, reason, room(path)),
        Some(ErrorCode::ConstraintViolation) => constraint(error, reason),
        Some(ErrorCode::CannotOpen) => cannot_open(path, place, &reason),
        _ => match error {
            Error::InvalidColumnType(_, column, _) => {
                StoreError::Unreadable { what: format!("column `{column}`"), reason }
            }
            Error::FromSqlConversionFailure(..) | Error::IntegralValueOutOfRange(..) => {
                StoreError::Unreadable { what: "a column".to_owned(), reason }
            }
            _ => StoreError::Other { reason },
        },
    }
}

/// SQLite cannot open a file that is not there, and neither one beside which it cannot keep its `-wal` file.
fn cannot_open(path: &Path, place: String, reason: &str) -> StoreError {
    use rustix::fs::{Access, access};

    if !path.exists() {
        StoreError::Missing { place }
    } else if path.is_dir() {
        StoreError::Other { reason: format!("`{place}` is a folder") }
    } else if access(path, Access::READ_OK).is_err() {
        StoreError::Other { reason: format!("`{place}` cannot be read: permission denied") }
    } else {
        StoreError::ReadOnly { place, reason: format!("{reason}: its folder must be writable too") }
    }
}

/// Room that SQLite needs beside its file at the least, in bytes: the `-shm` file grows by 32 KiB at a time.
const ROOM: u64 = 64 * 1024;

/// On a disk that is nearly full SQLite says "disk I/O error" where it cannot make its `-shm` file larger.
fn io_failure(place: String, reason: String, room: Option<u64>) -> StoreError {
    if room.is_some_and(|room| room < ROOM) { StoreError::DiskFull { place } } else { StoreError::Other { reason } }
}

/// Bytes that are free for us where the file is; `None` where the system does not say.
fn room(path: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(path).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}

fn constraint(error: &Error, reason: String) -> StoreError {
    let unique = matches!(
        error.sqlite_extended_error_code(),
        Some(ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY | ffi::SQLITE_CONSTRAINT_ROWID)
    );
    if unique && reason.contains("sso_connections.team_id") {
        StoreError::Taken { what: "this team" }
    } else if unique && reason.contains("sso_connections.entity_id") {
        StoreError::Taken { what: "this entity ID" }
    } else if unique && reason.contains("sso_domains.domain") {
        StoreError::Taken { what: "this domain" }
    } else {
        StoreError::Other { reason }
    }
}

/// SQLite's sentence without rusqlite's decoration.
/// In SQLite's words, printable.
pub(super) fn reason(error: &Error) -> String {
    match error {
        Error::SqliteFailure(_, Some(sentence)) => crate::foreign::shown(sentence),
        Error::SqliteFailure(code, None) => code.to_string(),
        other => crate::foreign::shown(&other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::Connection;

    fn refused(sql: &str) -> StoreError {
        let connection = Connection::open_in_memory().unwrap();
        store_error(&connection.execute_batch(sql).unwrap_err(), Path::new("/nowhere/a.db"))
    }

    #[test]
    fn a_full_disk_is_named() {
        let error = refused("PRAGMA max_page_count = 2; CREATE TABLE a (b); CREATE TABLE c (d); CREATE TABLE e (f);");
        assert!(matches!(error, StoreError::DiskFull { .. }), "{error:?}");
    }

    #[test]
    fn an_input_output_error_is_a_full_disk_only_where_there_is_no_room() {
        let said = |room| io_failure("a.db".to_owned(), "disk I/O error".to_owned(), room);
        assert!(matches!(said(Some(ROOM - 1)), StoreError::DiskFull { .. }));
        assert!(matches!(said(Some(ROOM)), StoreError::Other { .. }));
        assert!(matches!(said(None), StoreError::Other { .. }));
        assert!(room(&std::env::temp_dir()).is_some_and(|room| room > 0));
    }

    #[test]
    fn a_write_to_a_read_only_database_is_named() {
        let error = refused("PRAGMA query_only = 1; CREATE TABLE a (b);");
        assert!(matches!(error, StoreError::ReadOnly { .. }), "{error:?}");
    }

    #[test]
    fn a_broken_rule_that_is_no_race_is_not_called_taken() {
        let error = refused("CREATE TABLE a (b CHECK (b > 0)); INSERT INTO a VALUES (0);");
        assert!(matches!(error, StoreError::Other { .. }), "{error:?}");
    }
}
