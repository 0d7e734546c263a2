//! The embedded database: one SQLite file in WAL mode.
//!
//! Readers each have a connection and a snapshot of their own; writers queue for `BEGIN IMMEDIATE`, in this process by
//! a fair lock, between processes by SQLite's.

mod errors;
mod inspection;
mod people;
mod reads;
mod rows;
mod schema;
mod session;
mod unwritable;
mod writes;

#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use rusqlite::Connection;
use tokio::sync::Semaphore;

use crate::product::contract::Inspection;
use crate::product::repository::{Reads, Repository, SchemaState, StoreError, StoreResult, UnitOfWork};
use errors::Trouble;
use session::{Access, Place, Run as _, Session, Shelf, connect, connect_to_read};

/// How long a writer waits for another process's transaction.
const PATIENCE: Duration = Duration::from_secs(5);

/// Readers at once.
const READERS: usize = 6;

/// The product database in a file.
pub struct SqliteStore {
    shelf: Arc<Shelf>,
    reading: Arc<Semaphore>,
    writing: Arc<tokio::sync::Mutex<()>>,
}

impl std::fmt::Debug for SqliteStore {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("SqliteStore").field(&self.shelf.path()).finish()
    }
}

impl SqliteStore {
    /// Opens an existing database of exactly this program's schema.
    ///
    /// # Errors
    ///
    /// [`StoreError::Missing`], [`StoreError::SchemaOlder`], [`StoreError::SchemaNewer`], [`StoreError::Corrupt`],
    /// [`StoreError::ReadOnly`], [`StoreError::Busy`], [`StoreError::Other`].
    pub fn open(path: &Path) -> StoreResult<Self> {
        Self::open_with(path, PATIENCE, Access::Full)
    }

    /// As [`open`](Self::open), for reading: a file or folder that may not be written will do, and is left as it is.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open); [`StoreError::ReadOnly`] where changes wait beside the file for somebody who may write.
    pub fn open_to_read(path: &Path) -> StoreResult<Self> {
        match Self::open(path) {
            Err(StoreError::ReadOnly { .. }) => Self::open_with(path, PATIENCE, Access::Reading),
            opened => opened,
        }
    }

    fn open_with(path: &Path, patience: Duration, access: Access) -> StoreResult<Self> {
        let shelf = Shelf::new(path, patience, access);
        let opened = shelf.take().and_then(|(connection, _)| {
            schema::check(&connection)?;
            if access == Access::Full {
                // The file remembers; only one restored from a backup may have forgotten.
                connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
            }
            Ok(connection)
        });
        shelf.give_back(opened.map_err(|trouble| trouble.at(path))?);
        Ok(Self { shelf: Arc::new(shelf), reading: Arc::new(Semaphore::new(READERS)), writing: Arc::default() })
    }

    /// Creates the file, mode 0600, with this program's schema; an existing one is migrated and opened.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open), and [`StoreError::Other`] when the file cannot be created.
    pub fn create(path: &Path) -> StoreResult<Self> {
        use std::os::unix::fs::OpenOptionsExt as _;

        let turn = schema::Turn::take(path)?;
        match std::fs::File::options().write(true).create_new(true).mode(0o600).open(path) {
            Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
                return Err(StoreError::Other {
                    reason: format!("`{}` could not be created: {error}", path.display()),
                });
            }
            _ => {}
        }
        migrate_in_turn(path, &turn)?;
        Self::open(path)
    }

    /// Brings the schema of an existing file to this program's version; forward only, all steps or none. Processes that
    /// do it at once take turns.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open), save [`StoreError::SchemaOlder`].
    pub fn migrate(path: &Path) -> StoreResult<SchemaState> {
        let turn = schema::Turn::take(path)?;
        migrate_in_turn(path, &turn)
    }

    /// Where the schema of an existing file stands.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open), save those about the schema.
    pub fn schema_state(path: &Path) -> StoreResult<SchemaState> {
        let version = |connection: Connection| schema::version(&connection);
        let found = connect(path, PATIENCE).and_then(version).map_err(|trouble| trouble.at(path));
        let found = match found {
            Err(StoreError::ReadOnly { .. }) => connect_to_read(path, PATIENCE)
                .and_then(|(connection, _)| version(connection))
                .map_err(|trouble| trouble.at(path)),
            found => found,
        };
        Ok(SchemaState { found: found?, needed: schema::NEEDED })
    }

    /// Adds the sample teams and people to the product's tables, where they are not there yet; `false` where those hold
    /// another product, and nothing was added.
    ///
    /// # Errors
    ///
    /// [`StoreError::Busy`], [`StoreError::DiskFull`] and the like; nothing is added then.
    pub fn load_sample_data(&self) -> StoreResult<bool> {
        let filled = self.shelf.take().and_then(|(mut connection, _)| {
            let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
            let other: bool = transaction.query_row(super::OTHER_PRODUCT, [], |row| row.get(0))?;
            if !other {
                transaction.execute_batch(super::SAMPLE_DATA)?;
            }
            transaction.commit()?;
            self.shelf.give_back(connection);
            Ok(!other)
        });
        filled.map_err(|trouble: Trouble| trouble.at(self.shelf.path()))
    }
}

impl SqliteStore {
    async fn reader(&self, opening: &'static str) -> StoreResult<Session> {
        let place = Arc::clone(&self.reading).acquire_owned().await.ok();
        Session::start(Arc::clone(&self.shelf), Place::Reading { _one: place }, opening).await
    }
}

fn migrate_in_turn(path: &Path, _: &schema::Turn) -> StoreResult<SchemaState> {
    let migrated = connect(path, PATIENCE).and_then(|mut connection| {
        // Kept in the file from here on.
        connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
        schema::migrate(&mut connection)
    });
    migrated.map_err(|trouble| trouble.at(path))
}

#[async_trait]
impl Repository for SqliteStore {
    async fn read(&self) -> StoreResult<Box<dyn Reads + '_>> {
        // The snapshot is taken by the first look at a table, not by BEGIN.
        let opening = "BEGIN DEFERRED; SELECT 1 FROM sqlite_schema LIMIT 1;";
        Ok(Box::new(self.reader(opening).await?))
    }

    async fn begin(&self) -> StoreResult<Box<dyn UnitOfWork + '_>> {
        let turn = Arc::clone(&self.writing).lock_owned().await;
        let place = Place::Writing { _alone: turn };
        Ok(Box::new(Session::start(Arc::clone(&self.shelf), place, "BEGIN IMMEDIATE").await?))
    }

    async fn inspect(&self) -> StoreResult<Inspection> {
        let opening = "BEGIN DEFERRED";
        let mut session = self.reader(opening).await?;
        session.run(|work| inspection::inspect(&work.connection)).await
    }

    fn place(&self) -> String {
        self.shelf.path().display().to_string()
    }
}
