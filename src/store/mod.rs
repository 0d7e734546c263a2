//! The repository over real databases: the embedded SQLite now, PostgreSQL beside it later. SQL stays in here.

pub mod sqlite;

#[cfg(test)]
mod conformance;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

pub use sqlite::SqliteStore;

use crate::product::repository::{Repository, SchemaState, StoreError, StoreResult};

/// Opens the database at `url`: `sqlite:PATH`, relative to `folder`.
///
/// # Errors
///
/// [`StoreError`]: no such database, not of this program's schema, damaged, not writable, or a URL of a kind that this
/// build does not know.
pub async fn open(url: &str, folder: &Path) -> StoreResult<Arc<dyn Repository>> {
    let path = sqlite_path(url, folder)?;
    let started = Instant::now();
    let store = off_thread(move || SqliteStore::open(&path)).await?;
    tracing::debug!("opened the database `{}` in {} ms", store.place(), started.elapsed().as_millis());
    Ok(Arc::new(store))
}

/// Where the schema of the database at `url` stands.
///
/// # Errors
///
/// As [`open`], save those about the schema's version.
pub async fn schema_state(url: &str, folder: &Path) -> StoreResult<SchemaState> {
    let path = sqlite_path(url, folder)?;
    off_thread(move || SqliteStore::schema_state(&path)).await
}

/// Brings the schema of the database at `url` to this program's version. Safe when several processes do it at once.
///
/// # Errors
///
/// As [`open`]; a newer schema is left alone.
pub async fn migrate(url: &str, folder: &Path) -> StoreResult<SchemaState> {
    let path = sqlite_path(url, folder)?;
    off_thread(move || SqliteStore::migrate(&path)).await
}

/// The file that a `sqlite:PATH` means; a relative path starts from `folder`.
///
/// # Errors
///
/// [`StoreError::Other`] for every other URL, with the kinds that there are. The URL itself is not repeated: it may
/// carry a password.
pub fn sqlite_path(url: &str, folder: &Path) -> StoreResult<PathBuf> {
    let refused = |reason: &str| Err(StoreError::Other { reason: reason.to_owned() });
    if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        return refused("this build has no PostgreSQL yet: use `sqlite:PATH`");
    }
    let Some(path) = url.strip_prefix("sqlite:") else {
        return refused("a database URL is `sqlite:PATH`");
    };
    let path = path.strip_prefix("//").unwrap_or(path);
    if path.is_empty() || path == ":memory:" {
        return refused("`sqlite:` needs the path of a file");
    }
    Ok(folder.join(path))
}

/// Runs file work where it holds nobody up.
async fn off_thread<T: Send + 'static>(job: impl FnOnce() -> StoreResult<T> + Send + 'static) -> StoreResult<T> {
    tokio::task::spawn_blocking(job).await.unwrap_or_else(|_| Err(interrupted()))
}

/// The runtime shut down, or a worker died, before the database answered.
fn interrupted() -> StoreError {
    StoreError::Other { reason: "the work was interrupted before the database answered".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relative_path_starts_from_the_folder_and_an_absolute_one_does_not() {
        let folder = Path::new("/etc/ssoctl");
        let cases = [
            ("sqlite:a.db", "/etc/ssoctl/a.db"),
            ("sqlite:/var/a.db", "/var/a.db"),
            ("sqlite:///var/a.db", "/var/a.db"),
            ("sqlite://sub/a.db", "/etc/ssoctl/sub/a.db"),
        ];
        for (url, path) in cases {
            assert_eq!(sqlite_path(url, folder).unwrap(), Path::new(path), "{url}");
        }
    }

    #[test]
    fn another_kind_of_url_is_refused_without_repeating_its_password() {
        for url in ["postgres://a:hunter2@db.example/x", "mysql://a:hunter2@db.example/x", "sqlite:", "a.db"] {
            let message = sqlite_path(url, Path::new(".")).unwrap_err().to_string();
            assert!(!message.contains("hunter2") && message.contains("sqlite:"), "{message}");
        }
    }
}
