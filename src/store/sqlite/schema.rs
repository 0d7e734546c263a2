//! The schema's versions, and the way forward through them.

use std::fs::File;
use std::path::Path;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior};

use super::errors::Trouble;
use crate::product::repository::{SchemaState, StoreError, StoreResult};

/// Every migration, oldest first, by its file's name and its SQL.
pub(super) const MIGRATIONS: [(&str, &str); 1] =
    [("V1__foundation", include_str!("../migrations/sqlite/V1__foundation.sql"))];

/// The product's side, where it is not there.
const PRODUCT_TABLES: &str = include_str!("../migrations/sqlite/product_tables.sql");

/// Which steps were taken, and when.
const HISTORY: &str = "CREATE TABLE sso_schema_history (version INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, applied_on TEXT NOT NULL)";

/// The version this program needs: the newest migration's.
#[expect(clippy::cast_possible_truncation, reason = "there are not four thousand million migrations")]
pub(super) const NEEDED: u32 = MIGRATIONS.len() as u32;

/// The version in the database: 0 when nothing was ever migrated. One lookup, since every start pays for it.
pub(super) fn version(connection: &Connection) -> Result<u32, Trouble> {
    let known = connection
        .query_row("SELECT 1 FROM sqlite_schema WHERE name = 'sso_schema_history'", [], |_| Ok(()))
        .optional()?;
    if known.is_none() {
        return Ok(0);
    }
    Ok(connection.query_row("SELECT coalesce(max(version), 0) FROM sso_schema_history", [], |row| row.get(0))?)
}

/// Refuses a database of another version.
pub(super) fn check(connection: &Connection) -> Result<(), Trouble> {
    match version(connection)? {
        found if found < NEEDED => Err(StoreError::SchemaOlder { found, needed: NEEDED }.into()),
        found if found > NEEDED => Err(StoreError::SchemaNewer { found, known: NEEDED }.into()),
        _ => Ok(()),
    }
}

/// Brings the schema forward, all steps in one transaction. The caller holds the [`Turn`].
pub(super) fn migrate(connection: &mut Connection) -> Result<SchemaState, Trouble> {
    let found = version(connection)?;
    if found > NEEDED {
        return Err(StoreError::SchemaNewer { found, known: NEEDED }.into());
    }
    if found < NEEDED {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if found == 0 {
            make_product_tables(&transaction)?;
            transaction.execute_batch(HISTORY)?;
        }
        for (version, (name, sql)) in (1..).zip(MIGRATIONS).skip(found as usize) {
            transaction.execute_batch(sql)?;
            let applied = (version, name, Timestamp::now().to_string());
            transaction
                .execute("INSERT INTO sso_schema_history (version, name, applied_on) VALUES (?1, ?2, ?3)", applied)?;
        }
        transaction.commit()?;
    }
    Ok(SchemaState { found: version(connection)?, needed: NEEDED })
}

/// Makes the product's tables, unless there is something of one of their names.
fn make_product_tables(transaction: &Connection) -> Result<(), Trouble> {
    let names = "SELECT 1 FROM sqlite_schema WHERE name IN ('product_users', 'product_teams', 'product_memberships')";
    if transaction.query_row(names, [], |_| Ok(())).optional()?.is_none() {
        transaction.execute_batch(PRODUCT_TABLES)?;
    }
    Ok(())
}

/// The right to create or migrate the databases of one folder, across processes; given back when dropped.
///
/// The lock is on the folder and not on the file, since closing any handle of the
/// file would release SQLite's own locks on it (a rule of POSIX locks).
pub(super) struct Turn(#[expect(dead_code, reason = "held for its lock")] File);

impl Turn {
    /// Waits for it.
    pub(super) fn take(database: &Path) -> StoreResult<Self> {
        let folder = match database.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        let folder = File::open(folder).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => StoreError::Missing { place: database.display().to_string() },
            _ => StoreError::Other { reason: format!("`{}`: {error}", folder.display()) },
        })?;
        rustix::fs::flock(&folder, rustix::fs::FlockOperation::LockExclusive)
            .map_err(|error| StoreError::Other { reason: format!("the folder could not be locked: {error}") })?;
        Ok(Self(folder))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_migrations_are_numbered_from_one_without_gaps() {
        for (index, (name, _)) in MIGRATIONS.iter().enumerate() {
            assert!(name.starts_with(&format!("V{}__", index + 1)), "{name}");
        }
    }

    #[test]
    fn every_migration_file_is_in_the_list() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store/migrations/sqlite");
        let files = std::fs::read_dir(folder)
            .unwrap()
            .filter(|entry| entry.as_ref().is_ok_and(|entry| entry.file_name().to_string_lossy().starts_with('V')));
        assert_eq!(files.count(), MIGRATIONS.len());
    }
}
