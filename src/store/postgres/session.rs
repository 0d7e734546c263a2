//! One connection at work in one transaction. Dropped before its end, the transaction is rolled back.

use std::sync::Arc;
use std::time::{Duration, Instant};

use deadpool_postgres::{Object, Pool};
use futures::FutureExt as _;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::ahead::Ahead;
use super::errors::{pool_error, store_error};
use crate::product::repository::{StoreError, StoreResult};

/// What the server is told to allow every statement, and a little more: whoever does not answer by then never will.
const PATIENCE: Duration = Duration::from_secs(14);

/// The pool, and what every transaction of it starts with.
pub(super) struct Gate {
    pub(super) pool: Pool,
    /// What to call the database in messages.
    pub(super) place: String,
    /// Said where the server asks for a password and there is none: why the password file was not read.
    pub(super) password_note: Option<String>,
    /// The `sslmode`, where it does not make sure which server on another machine answers.
    pub(super) unverified: Option<&'static str>,
    /// The statements that open a transaction for reading and for writing.
    pub(super) opening_read: String,
    pub(super) opening_write: String,
}

impl Gate {
    pub(super) async fn connection(&self) -> StoreResult<Object> {
        self.pool.get().await.map_err(|error| self.with_note(pool_error(&error, &self.place)))
    }

    /// A refusal for want of a password, with the reason why we had none.
    pub(super) fn with_note(&self, error: StoreError) -> StoreError {
        match (error, &self.password_note) {
            (StoreError::Denied { place, reason }, Some(note)) => {
                StoreError::Denied { place, reason: format!("{reason}; {note}") }
            }
            (error, _) => error,
        }
    }
}

/// A transaction, reading or writing.
pub(super) struct Session {
    gate: Arc<Gate>,
    /// `None` after the end, and after the connection proved useless.
    client: Option<Object>,
    /// A connection or token was written, changed or removed in this transaction.
    pub(super) changed: bool,
    /// The last row of the audit log, its number and hash, as this transaction leaves it; `None` for an empty log.
    pub(super) last: Option<(i64, String)>,
    /// This transaction appended it.
    pub(super) appended: bool,
    /// `changed`, `appended` and `last` as they were when the part began.
    pub(super) before_part: (bool, bool, Option<(i64, String)>),
    /// What was read of people for many questions at once.
    pub(super) ahead: Option<Ahead>,
    /// A statement was refused: PostgreSQL will answer a COMMIT with a rollback, and call that a success.
    pub(super) failed: bool,
}

impl Session {
    /// Begins a transaction that sees one snapshot.
    pub(super) async fn reading(gate: Arc<Gate>) -> StoreResult<Self> {
        let (session, opened) = Self::opened(&gate, &gate.opening_read).await?;
        opened?;
        Ok(session)
    }

    /// Begins a transaction that has the write lock.
    pub(super) async fn writing(gate: Arc<Gate>) -> StoreResult<Self> {
        let (mut session, opened) = Self::opened(&gate, &gate.opening_write).await?;
        if let Err(error) = opened {
            return Err(session.on_standby(error).await);
        }
        session.last = super::reads::last_audit(&mut session).await?;
        Ok(session)
    }

    /// Begins a transaction with `opening`, and says how that went.
    ///
    /// A connection that lay idle, while somebody read what they were to confirm, may have been closed by the server or on the
    /// way to it: where that shows at once, nothing was asked of it yet, and another is taken.
    async fn opened(gate: &Arc<Gate>, opening: &str) -> StoreResult<(Self, StoreResult<()>)> {
        let mut session = Self::on(Arc::clone(gate)).await?;
        let lay_idle = session.client.as_ref().is_some_and(|client| Object::metrics(client).recycle_count > 0);
        let began = Instant::now();
        let opened = session.batch(opening).await;
        if lay_idle && session.client.is_none() && began.elapsed() < PATIENCE {
            let mut session = Self::on(Arc::clone(gate)).await?;
            let opened = session.batch(opening).await;
            return Ok((session, opened));
        }
        Ok((session, opened))
    }

    async fn on(gate: Arc<Gate>) -> StoreResult<Self> {
        let client = gate.connection().await?;
        Ok(Self {
            gate,
            client: Some(client),
            changed: false,
            last: None,
            appended: false,
            before_part: (false, false, None),
            ahead: None,
            failed: false,
        })
    }

    pub(super) fn gate(&self) -> &Arc<Gate> {
        &self.gate
    }

    /// A standby has no level and no lock for writing, and says so under codes that mean other things elsewhere: it is asked.
    async fn on_standby(&mut self, error: StoreError) -> StoreError {
        let StoreError::Other { reason } = error else { return error };
        let place = self.gate.place.clone();
        let recovering = match self.batch("ROLLBACK").await {
            Ok(()) => self.query_patiently("SELECT pg_is_in_recovery()").await,
            Err(error) => return error,
        };
        match recovering.map(|found| found.first().is_some_and(|row| row.try_get(0).unwrap_or_default())) {
            Ok(true) => StoreError::ReadOnly { place, reason },
            _ => StoreError::Other { reason },
        }
    }

    fn client(&self) -> StoreResult<&Object> {
        self.client.as_ref().ok_or_else(|| self.lost("the connection was lost before"))
    }

    fn lost(&self, reason: &str) -> StoreError {
        StoreError::Unreachable { place: self.gate.place.clone(), reason: reason.to_owned() }
    }

    /// Runs `work`, and gives the connection up where it does not answer.
    pub(super) async fn within<T>(
        &mut self,
        work: impl AsyncFnOnce(&Object) -> Result<T, tokio_postgres::Error>,
    ) -> StoreResult<T> {
        let client = self.client()?;
        let answer = tokio::time::timeout(PATIENCE, work(client)).await;
        match answer {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => {
                self.failed = true;
                let error = store_error(&error, &self.gate.place);
                if matches!(error, StoreError::Unreachable { .. }) {
                    self.discard();
                }
                Err(error)
            }
            Err(_) => {
                self.discard();
                Err(self.lost(&format!("no answer for {} seconds", PATIENCE.as_secs())))
            }
        }
    }

    /// Closes the connection: nobody is to be handed it again.
    fn discard(&mut self) {
        if let Some(client) = self.client.take() {
            drop(Object::take(client));
        }
    }

    /// Runs statements without parameters or results.
    pub(super) async fn batch(&mut self, sql: &str) -> StoreResult<()> {
        self.within(async |client| client.batch_execute(sql).await).await
    }

    /// Runs one statement, prepared once a connection.
    pub(super) async fn query(&mut self, sql: &str, params: &[&(dyn ToSql + Sync)]) -> StoreResult<Vec<Row>> {
        self.within(async |client| {
            let statement = client.prepare_cached(sql).await?;
            client.query(&statement, params).await
        })
        .await
    }

    /// The same for a statement that may take minutes, within what the transaction allows; not prepared, since it runs once.
    pub(super) async fn query_patiently(&mut self, sql: &str) -> StoreResult<Vec<Row>> {
        let place = self.gate.place.clone();
        let answer = self.client()?.query_typed(sql, &[]).await;
        answer.map_err(|error| {
            self.failed = true;
            store_error(&error, &place)
        })
    }

    /// Runs one statement behind a savepoint, all in one round trip: after a refusal the transaction goes on without it.
    pub(super) async fn try_query(&mut self, sql: &str, params: &[&(dyn ToSql + Sync)]) -> StoreResult<Vec<Row>> {
        let answer = self
            .within(async |client| {
                let statement = client.prepare_cached(sql).await?;
                let savepoint = client.batch_execute("SAVEPOINT attempt");
                let (saved, answer) = futures::join!(savepoint, client.query(&statement, params));
                saved?;
                answer
            })
            .await;
        if answer.is_err() && self.client.is_some() {
            self.undo().await?;
        }
        answer
    }

    /// Takes back what was done since the last [`try_query`](Self::try_query).
    pub(super) async fn undo(&mut self) -> StoreResult<()> {
        self.batch("ROLLBACK TO SAVEPOINT attempt").await?;
        self.failed = false;
        Ok(())
    }

    /// Commits, and hands the connection back.
    pub(super) async fn commit(&mut self) -> StoreResult<()> {
        if self.failed {
            return Err(StoreError::Other { reason: "a statement of this transaction was refused".to_owned() });
        }
        self.batch("COMMIT").await?;
        self.client = None;
        Ok(())
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let Some(client) = self.client.take() else { return };
        // Polled once, the statement is on its way, ahead of whatever the next holder of the connection sends; nobody needs
        // to wait for its answer.
        let sent = client.batch_execute("ROLLBACK").now_or_never();
        if sent.is_some_and(|answer| answer.is_err()) {
            drop(Object::take(client));
        }
    }
}
