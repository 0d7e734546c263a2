//! The repository over real databases: the embedded SQLite, and PostgreSQL. SQL stays in here.

pub mod contract;
mod inspection;
pub mod postgres;
mod server_url;
mod spelling;
pub mod sqlite;
mod stored;

#[cfg(test)]
mod conformance;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

pub use postgres::PostgresStore;
use server_url::ServerUrl;
pub use sqlite::SqliteStore;
use tokio::runtime::{Handle, RuntimeFlavor};

use crate::product::repository::{Repository, SchemaState, StoreError, StoreResult};

/// Whether the product's tables hold people or teams, and not the sample's: their ids would be mixed up. Ids of other types
/// than text are another product's.
const OTHER_PRODUCT: &str = "SELECT (EXISTS (SELECT 1 FROM product_users) OR EXISTS (SELECT 1 FROM product_teams)) \
     AND NOT EXISTS (SELECT 1 FROM product_users WHERE CAST(id AS text) = '1' AND email = 'jane@acme.example')";

/// What a newcomer tries things on.
const SAMPLE_DATA: &str = include_str!("sample_data.sql");

/// Which database.
#[derive(Debug, Clone, Copy)]
pub struct Location<'l> {
    /// `sqlite:PATH` or `postgres://…`.
    pub url: &'l str,
    /// Where a relative path starts from.
    pub folder: &'l Path,
    /// PostgreSQL: the schema with our tables; `None` for where the server looks first. SQLite has none.
    pub schema: Option<&'l str>,
}

impl Location<'_> {
    /// Whether it is on a PostgreSQL server.
    #[must_use]
    pub fn is_postgres(&self) -> bool {
        is_postgres(self.url)
    }
}

/// Whether `url` means a PostgreSQL server.
#[must_use]
pub fn is_postgres(url: &str) -> bool {
    url.starts_with("postgres://") || url.starts_with("postgresql://")
}

/// `url` without its password, to be shown or given to somebody else; `None` where it has none.
#[must_use]
pub fn without_password(url: &str) -> Option<String> {
    if !is_postgres(url) {
        return None;
    }
    ServerUrl::parse(url)?.without_password()
}

/// Whether `url` says which database; none is opened or asked.
///
/// # Errors
///
/// [`StoreError::Unfit`]: what is wrong with it.
pub fn check_url(url: &str) -> StoreResult<()> {
    if is_postgres(url) { PostgresStore::check_url(url) } else { sqlite_path(url, Path::new("")).map(drop) }
}

/// Opens the database at `location`.
///
/// # Errors
///
/// [`StoreError`]: no such database, not of this program's schema, damaged, not writable, a server that does not answer or
/// does not let us in, or a URL of a kind that this build does not know.
pub async fn open(location: Location<'_>) -> StoreResult<Arc<dyn Repository>> {
    let started = Instant::now();
    let store: Arc<dyn Repository> = if location.is_postgres() {
        Arc::new(PostgresStore::open(location.url, location.schema).await?)
    } else {
        let path = sqlite_path(location.url, location.folder)?;
        Arc::new(aside(move || SqliteStore::open(&path)).await??)
    };
    tracing::debug!("opened the database `{}` in {} ms", store.place(), started.elapsed().as_millis());
    Ok(store)
}

/// As [`open`], for whoever only reads: an embedded database that may not be written will do.
///
/// # Errors
///
/// As [`open`].
pub async fn open_to_read(location: Location<'_>) -> StoreResult<Arc<dyn Repository>> {
    if location.is_postgres() {
        return open(location).await;
    }
    let path = sqlite_path(location.url, location.folder)?;
    Ok(Arc::new(aside(move || SqliteStore::open_to_read(&path)).await??))
}

/// Where the schema of the database at `location` stands.
///
/// # Errors
///
/// As [`open`], save those about the schema's version.
pub async fn schema_state(location: Location<'_>) -> StoreResult<SchemaState> {
    if location.is_postgres() {
        return PostgresStore::schema_state(location.url, location.schema).await;
    }
    let path = sqlite_path(location.url, location.folder)?;
    aside(move || SqliteStore::schema_state(&path)).await?
}

/// Brings the schema of the database at `location` to this program's version. Safe when several processes do it at once.
///
/// # Errors
///
/// As [`open`]; a newer schema is left alone.
pub async fn migrate(location: Location<'_>) -> StoreResult<SchemaState> {
    if location.is_postgres() {
        return PostgresStore::migrate(location.url, location.schema).await;
    }
    let path = sqlite_path(location.url, location.folder)?;
    aside(move || SqliteStore::migrate(&path)).await?
}

/// The file that a `sqlite:PATH` means; a relative path starts from `folder`.
///
/// # Errors
///
/// [`StoreError::Unfit`] for every other URL, with the kinds that there are. The URL itself is not repeated: it may
/// carry a password.
pub fn sqlite_path(url: &str, folder: &Path) -> StoreResult<PathBuf> {
    let refused = |reason: &str| Err(StoreError::Unfit { reason: reason.to_owned() });
    let Some(path) = url.strip_prefix("sqlite:") else {
        return refused("a database URL is `sqlite:PATH` or `postgres://USER@HOST/DATABASE`");
    };
    let path = path.strip_prefix("//").unwrap_or(path);
    if path.is_empty() || path == ":memory:" {
        return refused("`sqlite:` needs the path of a file");
    }
    Ok(folder.join(path))
}

/// Runs file work where it holds nobody up: off the threads that many requests share. A program that has one thread works for
/// one request, which waits for the answer anyway: handing the job over and back would take longer than most jobs do.
async fn aside<T: Send + 'static>(job: impl FnOnce() -> T + Send + 'static) -> StoreResult<T> {
    if Handle::current().runtime_flavor() == RuntimeFlavor::CurrentThread {
        return Ok(job());
    }
    tokio::task::spawn_blocking(job).await.map_err(|_| interrupted())
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
    fn a_password_is_taken_out_of_a_url_wherever_it_stands() {
        for (url, shown) in [
            (
                "postgres://bob:hunter2@db.example/shop?sslmode=require",
                "postgres://bob@db.example/shop?sslmode=require",
            ),
            ("postgresql://db.example/shop?user=bob&password=hunter2", "postgresql://db.example/shop?user=bob"),
            ("postgres://bob:@db.example", "postgres://bob@db.example"),
            ("postgres://bob:hunter?2@db.example/shop", "postgres://bob@db.example/shop"),
            ("postgres://bob:hunter/2@db.example/shop?a=b", "postgres://bob@db.example/shop?a=b"),
        ] {
            assert_eq!(without_password(url).as_deref(), Some(shown));
        }
        for url in ["postgres://bob@db.example/shop", "postgres://", "sqlite:a:b@c.db"] {
            assert_eq!(without_password(url), None);
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
