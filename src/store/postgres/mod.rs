//! PostgreSQL, 13 and newer: our tables beside the product's own, or in a schema of their own.
//!
//! Every question and every write is one transaction. Readers have a snapshot (`REPEATABLE READ, READ ONLY`), which a standby
//! gives too. Writers are `SERIALIZABLE` and take `sso_write_lock` before their snapshot, in the order in which they come: the
//! audit log is one chain, so two writers at once could only ever be one too many, and who waits a moment is never turned
//! away. What the lock does not cover is the product's own doing: where it changes what a decision rests on, PostgreSQL
//! says so at the commit, [`StoreError::Conflict`], and the decision is made again from its start.
//!
//! Settings are set for each transaction (`SET LOCAL`), so that a pooler between us and the server may hand connections on.

mod ahead;
mod errors;
mod inspection;
mod passfile;
mod people;
mod reads;
mod rows;
mod schema;
mod session;
mod settings;
mod tls;
mod together;
mod values;
mod writes;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod, Runtime};
use tokio_postgres::NoTls;

use crate::product::contract::Inspection;
use crate::product::repository::{Reads, Repository, SchemaState, StoreError, StoreResult, UnitOfWork};
use session::{Gate, Session};
use settings::{Process, Settings, SslMode, unfit};

pub(in crate::store) use people::INDEXED;

/// Most connections of one process.
const CONNECTIONS: usize = 8;
/// How long to wait for one of them.
const TURN: Duration = Duration::from_secs(30);

/// Every transaction: no statement may hang, no lock be waited for longer than SQLite waits, no transaction lie about; dates
/// as ISO 8601 in UTC. Just-in-time compilation costs more than any of our questions, and so does planning: each is planned once
/// for a connection. Each is about a few of many, so that an index serves, where there is one, whatever the server knows of the
/// table by then.
const LIMITS: &str = "SET LOCAL lock_timeout = '5s'; SET LOCAL statement_timeout = '12s'; \
     SET LOCAL idle_in_transaction_session_timeout = '30s'; SET LOCAL jit = off; SET LOCAL enable_seqscan = off; \
     SET LOCAL plan_cache_mode = force_generic_plan; SET LOCAL DateStyle = ISO; SET LOCAL TimeZone = 'UTC'";

/// The product database on a server.
pub struct PostgresStore {
    gate: Arc<Gate>,
}

impl std::fmt::Debug for PostgresStore {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("PostgresStore").field(&self.gate.place).finish()
    }
}

impl PostgresStore {
    /// Opens an existing database of exactly this program's schema; `schema` is where our tables are, if not where the
    /// server looks first.
    ///
    /// # Errors
    ///
    /// [`StoreError`](crate::product::repository::StoreError): `Unreachable`, `Denied`, `Missing`, `SchemaOlder`,
    /// `SchemaNewer`, `SchemaElsewhere`, `Unfit` and the like.
    pub async fn open(url: &str, schema: Option<&str>) -> StoreResult<Self> {
        let settings = Settings::read(url, &Process)?;
        let store = Self::over(settings, schema)?;
        let client = store.gate.connection().await?;
        let found = schema::version(&client, schema, &store.gate.place).await?;
        if found == 0
            && let Some(schemas) = schema::elsewhere(&client, &store.gate.place).await?
        {
            return Err(StoreError::SchemaElsewhere { place: store.gate.place.clone(), schemas });
        }
        schema::check(found)?;
        Ok(store)
    }

    /// Whether `url` and the surroundings say how a server is reached; none is asked.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unfit`](crate::product::repository::StoreError::Unfit).
    pub fn check_url(url: &str) -> StoreResult<()> {
        Settings::read(url, &Process).map(|_| ())
    }

    /// Brings the schema of a database to this program's version; forward only, all steps or none. Processes that do it at
    /// once take turns.
    ///
    /// The schema that `schema` names is made where it is not there. In a database where there is nothing else, the product's
    /// three relations are made too, as empty tables.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open), save `SchemaOlder`; `SchemaElsewhere` only where no `schema` is named.
    pub async fn migrate(url: &str, schema: Option<&str>) -> StoreResult<SchemaState> {
        schema::migrate(&Settings::read(url, &Process)?, schema).await
    }

    /// Where the schema of a database stands.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open), save those about the schema.
    pub async fn schema_state(url: &str, schema: Option<&str>) -> StoreResult<SchemaState> {
        let settings = Settings::read(url, &Process)?;
        let client = settings.connect().await?;
        let found = schema::version(&client, schema, &settings.place).await?;
        Ok(SchemaState { found, needed: schema::NEEDED })
    }

    /// Adds the sample teams and people to the product's tables, where they are not there yet; `false` where those hold
    /// another product, and nothing was added.
    ///
    /// # Errors
    ///
    /// [`StoreError`](crate::product::repository::StoreError): they cannot be written, which views seldom can; nothing is
    /// added then.
    pub async fn load_sample_data(&self) -> StoreResult<bool> {
        let mut session = Session::writing(Arc::clone(&self.gate)).await?;
        let found = session.query(super::OTHER_PRODUCT, &[]).await?;
        if found.first().map_or(Ok(false), |row| rows::at(row, 0))? {
            return Ok(false);
        }
        session.batch(super::SAMPLE_DATA).await?;
        session.commit().await?;
        Ok(true)
    }

    fn over(settings: Settings, schema: Option<&str>) -> StoreResult<Self> {
        // The transaction that was begun is ended by whoever began it: nothing is left to be cleaned between two holders.
        let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let manager = if settings.ssl_mode == SslMode::Disable {
            Manager::from_config(settings.config.clone(), NoTls, recycling)
        } else {
            Manager::from_config(settings.config.clone(), tls::connector(&settings)?, recycling)
        };
        let pool = Pool::builder(manager)
            .max_size(CONNECTIONS)
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(TURN))
            .create_timeout(Some(settings.sign_on()))
            .build()
            .map_err(|error| unfit(error.to_string()))?;
        let path = schema.map(|schema| format!("; {}", search_path("SET LOCAL", schema))).unwrap_or_default();
        let gate = Gate {
            pool,
            unverified: settings.unverified(),
            place: settings.place,
            password_note: settings.password_note,
            opening_read: format!("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; {LIMITS}{path}; SELECT 1"),
            opening_write: format!(
                "BEGIN ISOLATION LEVEL SERIALIZABLE; {LIMITS}{path}; LOCK TABLE sso_write_lock IN EXCLUSIVE MODE"
            ),
        };
        Ok(Self { gate: Arc::new(gate) })
    }
}

/// Our schema first, then where everybody looks.
fn search_path(set: &str, schema: &str) -> String {
    format!("{set} search_path = {}, \"$user\", public", values::quoted(schema))
}

#[async_trait]
impl Repository for PostgresStore {
    async fn read(&self) -> StoreResult<Box<dyn Reads + '_>> {
        Ok(Box::new(Session::reading(Arc::clone(&self.gate)).await?))
    }

    async fn begin(&self) -> StoreResult<Box<dyn UnitOfWork + '_>> {
        Ok(Box::new(Session::writing(Arc::clone(&self.gate)).await?))
    }

    async fn reads_users_whole(&self) -> StoreResult<bool> {
        inspection::reads_users_whole(Arc::clone(&self.gate)).await
    }

    async fn inspect(&self) -> StoreResult<Inspection> {
        inspection::inspect(Arc::clone(&self.gate)).await
    }

    fn place(&self) -> String {
        self.gate.place.clone()
    }
}
