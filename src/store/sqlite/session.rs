//! One connection at work: its SQL runs where it holds nobody up, and what is left undone is undone.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use tokio::sync::{OwnedMutexGuard, OwnedSemaphorePermit};

use super::errors::Trouble;
use super::unwritable::{self, Stamp};
use crate::product::repository::{StoreError, StoreResult};

/// How many connections are kept open for the next question.
const KEPT: usize = 8;
/// Statements kept prepared per connection.
const STATEMENTS: usize = 64;

/// What a file is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// Reading and writing.
    Full,
    /// Reading, where nothing may be written.
    Reading,
}

/// The file, and the connections to it that nobody uses at the moment.
pub(super) struct Shelf {
    path: Box<Path>,
    patience: Duration,
    access: Access,
    idle: Mutex<Vec<Connection>>,
}

impl Shelf {
    pub(super) fn new(path: &Path, patience: Duration, access: Access) -> Self {
        Self { path: path.into(), patience, access, idle: Mutex::default() }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// A connection outside any transaction, with the stamp that has to hold for what is read by it, if there is one.
    pub(super) fn take(&self) -> Result<(Connection, Option<Stamp>), Trouble> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        match (idle, self.access) {
            (Some(connection), _) => Ok((connection, None)),
            (None, Access::Full) => Ok((connect(&self.path, self.patience)?, None)),
            (None, Access::Reading) => connect_to_read(&self.path, self.patience),
        }
    }

    /// Ends what the connection was doing and keeps it for the next.
    pub(super) fn give_back(&self, connection: Connection) {
        if self.access == Access::Reading {
            // What it remembers of the file may be out of date by the next question.
            return;
        }
        if !connection.is_autocommit() && connection.execute_batch("ROLLBACK").is_err() {
            // Closing rolls back too.
            return;
        }
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < KEPT {
            idle.push(connection);
        }
    }
}

/// Opens an existing file for reading and writing, as design section 5 wants it.
pub(super) fn connect(path: &Path, patience: Duration) -> Result<Connection, Trouble> {
    // No SQLITE_OPEN_CREATE: a mistyped path must not become an empty database. No SQLITE_OPEN_URI: a path is a path.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    // SQLite opens a file it may not write silently for reading only. Asked before anything is read, since a
    // reader would leave a `-wal` beside the file that nobody else may write.
    if connection.is_readonly("main")? {
        return Err(StoreError::ReadOnly {
            place: path.display().to_string(),
            reason: "no permission to write to it".to_owned(),
        }
        .into());
    }
    settle(&connection, patience)?;
    Ok(connection)
}

/// Opens an existing file that may not be written.
pub(super) fn connect_to_read(path: &Path, patience: Duration) -> Result<(Connection, Option<Stamp>), Trouble> {
    let (connection, stamp) = unwritable::connect(path)?;
    settle(&connection, patience)?;
    Ok((connection, stamp))
}

/// What holds for every connection.
fn settle(connection: &Connection, patience: Duration) -> Result<(), Trouble> {
    connection.busy_timeout(patience)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // Built with STAT4, SQLite plans a cached statement anew whenever other values are bound to it, which costs more
    // than most of our questions. With this it keeps the plan that the tests assert.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    // The inner pages of the indexes of a large product stay at hand; the leaves of one with a million people never would.
    connection.execute_batch(
        "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; PRAGMA cache_size = -4096;",
    )?;
    Ok(())
}

/// What a job works on.
pub(super) struct Work {
    pub(super) connection: Connection,
    /// A connection was written, changed or removed in this transaction.
    pub(super) changed: bool,
    /// The last audit row that this transaction appended.
    pub(super) appended: Option<i64>,
    /// The last row of the audit log, its number and hash, once it was asked for and there is one.
    pub(super) last: Option<(i64, String)>,
    /// `changed` and `appended` as they were when the part began.
    pub(super) before_part: (bool, Option<i64>),
}

/// Something that brings a job to a connection.
pub(super) trait Run: Send {
    /// Whether it holds the transaction as a whole, so that it may commit it.
    const IS_WHOLE: bool;

    /// Runs one job on the connection.
    fn run<T: Send + 'static>(
        &mut self,
        job: impl FnOnce(&mut Work) -> Result<T, Trouble> + Send + 'static,
    ) -> impl Future<Output = StoreResult<T>> + Send;

    /// Where the connection is from.
    fn shelf(&self) -> Arc<Shelf>;
}

/// A connection that the job at hand is on already: further jobs follow where they stand.
pub(super) struct Inline<'w> {
    pub(super) work: &'w mut Work,
    pub(super) shelf: Arc<Shelf>,
}

impl Run for Inline<'_> {
    const IS_WHOLE: bool = false;

    fn run<T: Send + 'static>(
        &mut self,
        job: impl FnOnce(&mut Work) -> Result<T, Trouble> + Send + 'static,
    ) -> impl Future<Output = StoreResult<T>> + Send {
        std::future::ready(job(self.work).map_err(|trouble| trouble.at(self.shelf.path())))
    }

    fn shelf(&self) -> Arc<Shelf> {
        Arc::clone(&self.shelf)
    }
}

/// A transaction, reading or writing. Dropped, it is rolled back.
pub(super) struct Session {
    /// `None` while a job runs, after the end, and after a job was lost.
    work: Option<Work>,
    shelf: Arc<Shelf>,
    /// What has to be true still of the file for an answer to count.
    stamp: Option<Stamp>,
    _place: Place,
}

/// Who may work at once, in order.
pub(super) enum Place {
    /// One of several readers: opening one more connection costs more than waiting for one that is open.
    Reading { _one: Option<OwnedSemaphorePermit> },
    /// The writer of this process, which queues here instead of polling SQLite's lock.
    Writing { _alone: OwnedMutexGuard<()> },
}

impl Session {
    /// Opens a transaction with `opening`.
    pub(super) async fn start(shelf: Arc<Shelf>, place: Place, opening: &'static str) -> StoreResult<Self> {
        let taken = Arc::clone(&shelf);
        let (connection, stamp) = super::super::aside(move || {
            let begun = taken.take().and_then(|(connection, stamp)| match connection.execute_batch(opening) {
                Ok(()) => Ok((connection, stamp)),
                Err(error) => {
                    taken.give_back(connection);
                    Err(error.into())
                }
            });
            begun.map_err(|trouble| trouble.at(taken.path()))
        })
        .await??;
        Ok(Self {
            work: Some(Work { connection, changed: false, appended: None, last: None, before_part: (false, None) }),
            shelf,
            stamp,
            _place: place,
        })
    }
}

impl Run for Session {
    const IS_WHOLE: bool = true;

    /// If the caller gives up waiting, the connection is closed when the job ends, and the transaction with it.
    async fn run<T: Send + 'static>(
        &mut self,
        job: impl FnOnce(&mut Work) -> Result<T, Trouble> + Send + 'static,
    ) -> StoreResult<T> {
        let mut work = self.work.take().ok_or_else(super::super::interrupted)?;
        let (work, result) = super::super::aside(move || {
            let result = job(&mut work);
            (work, result)
        })
        .await?;
        self.work = Some(work);
        if let Some(stamp) = self.stamp {
            stamp.still_holds(self.shelf.path())?;
        }
        result.map_err(|trouble| trouble.at(self.shelf.path()))
    }

    fn shelf(&self) -> Arc<Shelf> {
        Arc::clone(&self.shelf)
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if let Some(work) = self.work.take() {
            self.shelf.give_back(work.connection);
        }
    }
}
