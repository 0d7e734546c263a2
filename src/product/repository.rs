//! What the rest of the program asks of a database, whichever it is.
//!
//! Reads come in two settings that share one trait: a [`Reads`] from [`Repository::read`] sees one consistent snapshot
//! outside any write; a [`UnitOfWork`] from [`Repository::begin`] answers the same questions under the write lock, so
//! that a decision can be repeated there before anything is written (C-04).

use async_trait::async_trait;
use futures::future::BoxFuture;
use jiff::Timestamp;

use super::audit_event::{AuditEvent, AuditRow};
use super::audit_trail::AuditReference;
use super::connection::{Connection, DomainClaim, DomainProof, ProtocolSettings, Status};
use super::contract::Inspection;
use super::facts::{self, ProductFacts, TeamQuestion};
use super::scim_token::ScimToken;
use super::team::{MemberElsewhere, Membership, Outsider, Tally, Team, User};
use crate::request::names::{ClientId, ConnectionId, EmailAddress, EmailDomain, IssuerUrl, TeamId, UserId};
use crate::request::saml_names::{AccountToken, EntityId};

/// How many people a list shows before it only counts: each of them has to do something, and whoever asks the customer to see to
/// it asks once.
pub const LISTED: usize = 100;
/// Where counting stops.
pub const COUNTED: u64 = 10_000;

/// What went wrong with the database, in terms its reader can act on.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// The database file is not there.
    #[error("there is no database at `{place}`")]
    Missing {
        /// Path or URL without credentials.
        place: String,
    },
    /// The server does not answer, or the connection to it was lost before the commit: nothing was written, try again.
    #[error("the database at `{place}` does not answer")]
    Unreachable {
        /// URL without credentials.
        place: String,
        /// In the system's words.
        reason: String,
    },
    /// The connection was lost during the commit, and the server does not say what became of it.
    #[error("the connection to the database at `{place}` was lost while the change was being made permanent")]
    InDoubt {
        /// URL without credentials.
        place: String,
        /// In the system's words.
        reason: String,
    },
    /// The server does not let us in; or we do not trust its certificate.
    #[error("the database at `{place}` refuses us")]
    Denied {
        /// URL without credentials.
        place: String,
        /// In the server's words.
        reason: String,
    },
    /// The server lets us in, but not do this.
    #[error("the role of the database at `{place}` lacks a right")]
    NoRight {
        /// URL without credentials.
        place: String,
        /// In the server's words.
        reason: String,
    },
    /// The settings that say which database cannot be used.
    #[error("{reason}")]
    Unfit {
        /// What is wrong, never with a password.
        reason: String,
    },
    /// What the transaction rests on was changed by somebody else meanwhile: decide again from the start.
    #[error("the database changed meanwhile: {reason}")]
    Conflict {
        /// In the database's words.
        reason: String,
    },
    /// Somebody else holds the write lock for too long: try again.
    #[error("the database is busy: {reason}")]
    Busy {
        /// In the database's words.
        reason: String,
    },
    /// It can be read but not written.
    #[error("the database at `{place}` cannot be written: {reason}")]
    ReadOnly {
        /// Path or URL without credentials.
        place: String,
        /// In the system's words.
        reason: String,
    },
    /// The schema is older than this program: migrate first.
    #[error("the database schema is version {found}, and this ssoctl needs {needed}")]
    SchemaOlder {
        /// Version in the database; 0 when there is none.
        found: u32,
        /// Version this program was built for.
        needed: u32,
    },
    /// PostgreSQL: our tables are not in the schema that was looked in, and there are some in another one.
    #[error(
        "the tables of ssoctl in the database at `{place}` are in the schema {schemas}, and this command looked elsewhere"
    )]
    SchemaElsewhere {
        /// URL without credentials.
        place: String,
        /// Which, each in backticks.
        schemas: String,
    },
    /// The schema is newer than this program: update the program.
    #[error("the database schema is version {found}, newer than the {known} this ssoctl knows")]
    SchemaNewer {
        /// Version in the database.
        found: u32,
        /// Version this program was built for.
        known: u32,
    },
    /// The file is damaged or is no database.
    #[error("the database at `{place}` is damaged or not a database: {reason}")]
    Corrupt {
        /// Path or URL without credentials.
        place: String,
        /// In the database's words.
        reason: String,
    },
    /// No room left.
    #[error("the disk under `{place}` is full")]
    DiskFull {
        /// Path or URL without credentials.
        place: String,
    },
    /// A unique constraint: somebody else was first.
    #[error("another connection already holds {what}")]
    Taken {
        /// Which constraint, in words (`this team`, `this domain`).
        what: &'static str,
    },
    /// A stored value this version cannot read.
    #[error("{what} in the database cannot be read: {reason}")]
    Unreadable {
        /// Which value.
        what: String,
        /// Why not.
        reason: String,
    },
    /// Anything else.
    #[error("the database refused: {reason}")]
    Other {
        /// In the database's words.
        reason: String,
    },
}

/// The result of a question to the database.
pub type StoreResult<T> = Result<T, StoreError>;

/// Questions that can be asked in a snapshot and under the write lock alike.
#[async_trait]
pub trait Reads: Send {
    /// Users whose address equals `email` in [normalised form](EmailAddress::normalised), whether the product wrote the
    /// domain in A-labels or in Unicode, in any case. More than one means the product has legacy duplicates.
    async fn users_by_email(&mut self, email: &EmailAddress) -> StoreResult<Vec<User>>;

    /// Teams whose `owner_id` is this user, in order of id.
    async fn teams_owned_by(&mut self, user: &UserId) -> StoreResult<Vec<Team>>;

    /// The user that `owner_id` of this team names.
    async fn owner_of(&mut self, team: &TeamId) -> StoreResult<Option<User>>;

    /// Active users with an address in `domain` who own a team, in order of address; at most `most`.
    async fn owners_at(&mut self, domain: &EmailDomain, most: usize) -> StoreResult<Vec<User>>;

    /// Every membership of this user, ownership by `owner_id` not included.
    async fn memberships_of(&mut self, user: &UserId) -> StoreResult<Vec<Membership>>;

    /// People with an address in one of `domains` who belong to (or own) a team other than `team`. Sorted by address;
    /// at most `listed` rows, counted up to `ceiling`.
    async fn members_elsewhere(
        &mut self,
        domains: &[EmailDomain],
        team: &TeamId,
        listed: usize,
        ceiling: u64,
    ) -> StoreResult<Tally<MemberElsewhere>>;

    /// Active members of `team` whose address is in none of `domains`. Sorted by address; at most `listed` rows.
    async fn members_outside(
        &mut self,
        team: &TeamId,
        domains: &[EmailDomain],
        listed: usize,
        ceiling: u64,
    ) -> StoreResult<Tally<Outsider>>;

    /// Who has claimed which of `domains`.
    async fn domain_claims(&mut self, domains: &[EmailDomain]) -> StoreResult<Vec<DomainClaim>>;

    /// The team's connection, whatever its status.
    async fn connection_of_team(&mut self, team: &TeamId) -> StoreResult<Option<Connection>>;

    /// One connection.
    async fn connection(&mut self, id: &ConnectionId) -> StoreResult<Option<Connection>>;

    /// All connections, or those in one status; by creation.
    async fn connections(&mut self, status: Option<Status>) -> StoreResult<Vec<Connection>>;

    /// The oldest connection of a team other than `team` that uses this issuer and client id. Thousands may: companies of one
    /// group, or a client of the product's own.
    async fn same_client_elsewhere(
        &mut self,
        issuer: &IssuerUrl,
        client: &ClientId,
        team: &TeamId,
    ) -> StoreResult<Option<Connection>>;

    /// The connection of a team other than `team` that holds this SAML entity ID.
    async fn same_entity_elsewhere(&mut self, entity: &EntityId, team: &TeamId) -> StoreResult<Option<Connection>>;

    /// The SCIM tokens of one connection, or of all; by creation, ended ones included.
    async fn scim_tokens(&mut self, connection: Option<&ConnectionId>) -> StoreResult<Vec<ScimToken>>;

    /// The SCIM token with this hash (lower-case hexadecimal SHA-256), whatever its state.
    async fn scim_token_by_hash(&mut self, sha256: &str) -> StoreResult<Option<ScimToken>>;

    /// Up to `limit` rows of the audit log with `seq` above `after`, in order.
    async fn audit_rows(&mut self, after: i64, limit: usize) -> StoreResult<Vec<AuditRow>>;

    /// The row of the audit log that each connection names as its latest change.
    async fn audit_references(&mut self) -> StoreResult<Vec<AuditReference>>;

    /// Reads ahead what `questions` will ask about people, where the store is quicker at that for many at once. It holds for
    /// this transaction, and no answer differs because of it.
    async fn look_ahead(&mut self, _questions: &[TeamQuestion]) -> StoreResult<()> {
        Ok(())
    }

    /// What [`facts::gather`] finds for each of `questions`, in their order: the same questions to the same tables, in as
    /// few round trips as the store can make of them.
    async fn team_facts(&mut self, questions: &[TeamQuestion]) -> StoreResult<Vec<ProductFacts>> {
        let mut found = Vec::with_capacity(questions.len());
        for question in questions {
            found.push(facts::gather(self, question).await?);
        }
        Ok(found)
    }

    /// The last `limit` rows of the audit log for this team or ticket (both `None`: of all), oldest first.
    async fn audit_tail(
        &mut self,
        team: Option<&TeamId>,
        ticket: Option<&str>,
        limit: usize,
    ) -> StoreResult<Vec<AuditRow>>;
}

/// A domain to claim, and what allows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewClaim {
    /// The domain.
    pub domain: EmailDomain,
    /// What allows it.
    pub proof: DomainProof,
}

/// A moment as every database keeps it: in whole microseconds.
#[must_use]
pub fn as_kept(moment: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(moment.as_microsecond()).unwrap_or(moment)
}

/// A connection to write: everything but the times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectionRecord {
    /// Its id; an existing row with it is superseded in place.
    pub id: ConnectionId,
    /// Whose.
    pub team_id: TeamId,
    /// Status after the write.
    pub status: Status,
    /// The provider's side; `None` for a reservation.
    pub settings: Option<ProtocolSettings>,
    /// All the domains it claims; earlier claims of this connection that are not among them are released.
    pub claims: Vec<NewClaim>,
    /// See [`Connection::account_token`]. It never changes: a superseded row keeps its own.
    pub account_token: AccountToken,
    /// See [`Connection::acs_url`].
    pub acs_url: Option<String>,
    /// See [`Connection::domain_challenge`].
    pub domain_challenge: String,
    /// The ticket.
    pub ticket: Option<String>,
    /// Now.
    pub at: Timestamp,
}

impl ConnectionRecord {
    /// The connection as it reads once this is written over `before`, the row of the same id, where there is one; `team_name`
    /// is the team's name in the product.
    #[must_use]
    pub fn as_stored(&self, before: Option<&Connection>, team_name: Option<String>) -> Connection {
        let at = as_kept(self.at);
        let mut domains: Vec<EmailDomain> = self.claims.iter().map(|claim| claim.domain.clone()).collect();
        domains.sort();
        domains.dedup();
        Connection {
            id: self.id.clone(),
            team_id: self.team_id.clone(),
            team_name,
            status: self.status,
            settings: self.settings.clone(),
            domains,
            account_token: before.map_or_else(|| self.account_token.clone(), |before| before.account_token.clone()),
            acs_url: self.acs_url.clone(),
            domain_challenge: self.domain_challenge.clone(),
            ticket: self.ticket.clone(),
            created_at: before.map_or(at, |before| before.created_at),
            updated_at: at,
        }
    }
}

/// What is done to a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// It is written, as by [`UnitOfWork::put_connection`].
    Put(Box<ConnectionRecord>),
    /// Its status is changed, as by [`UnitOfWork::set_status`].
    SetStatus {
        /// Which connection.
        id: ConnectionId,
        /// Its status from now on.
        status: Status,
        /// Now.
        at: Timestamp,
    },
}

/// A change with the audit row that tells of it; or the audit row alone, of a refusal.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// What is done.
    pub change: Option<Change>,
    /// What the audit log says of it.
    pub event: AuditEvent,
}

/// Work on a transaction that is handed over as a whole. What comes of it is left where the errand knows: a store need
/// not know of what kind it is.
pub type Errand = Box<dyn for<'u> FnOnce(&'u mut dyn UnitOfWork) -> BoxFuture<'u, ()> + Send>;

/// One transaction. Dropped without [`commit`](Self::commit), it leaves no trace.
#[async_trait]
pub trait UnitOfWork: Reads {
    /// Runs `errand` on this transaction. Many small questions in a row cost a store one hand-over instead of one each;
    /// the errand waits for nothing but this transaction, and does not commit it.
    async fn run_errand(&mut self, errand: Errand) -> StoreResult<()>;

    /// Begins a part that can be undone without the rest of the transaction. Parts do not nest.
    async fn begin_part(&mut self) -> StoreResult<()>;

    /// Keeps what was done since [`begin_part`](Self::begin_part), as far as the transaction is kept.
    async fn keep_part(&mut self) -> StoreResult<()>;

    /// Takes back what was done since [`begin_part`](Self::begin_part).
    async fn undo_part(&mut self) -> StoreResult<()>;

    /// Writes a connection with its domain claims, superseding the row of the same id.
    ///
    /// # Errors
    ///
    /// [`StoreError::Taken`] when the team, a domain or the SAML entity ID belongs to another connection.
    async fn put_connection(&mut self, record: &ConnectionRecord) -> StoreResult<()>;

    /// Writes down our assertion consumer service as the customer was told it. The connection goes on naming the audit
    /// row of the change that left it in its status, to be held against it; this has a row of its own.
    async fn set_acs_url(&mut self, id: &ConnectionId, acs_url: &str, at: Timestamp) -> StoreResult<()>;

    /// Changes the status of a connection.
    async fn set_status(&mut self, id: &ConnectionId, status: Status, at: Timestamp) -> StoreResult<()>;

    /// Writes a SCIM token; one that is there already gets its `retires_at` and `revoked_at` and nothing else.
    ///
    /// # Errors
    ///
    /// [`StoreError::Other`] when there is no such connection, or the token is another connection's.
    async fn put_scim_token(&mut self, token: &ScimToken) -> StoreResult<()>;

    /// Deletes a connection with its SCIM tokens and releases its domains.
    async fn remove_connection(&mut self, id: &ConnectionId) -> StoreResult<()>;

    /// Appends to the audit log.
    async fn append_audit(&mut self, event: &AuditEvent) -> StoreResult<AuditRow>;

    /// Does what `change` says.
    ///
    /// # Errors
    ///
    /// As the method that it names.
    async fn carry_out(&mut self, change: &Change) -> StoreResult<()> {
        match change {
            Change::Put(record) => self.put_connection(record).await,
            Change::SetStatus { id, status, at } => self.set_status(id, *status, *at).await,
        }
    }

    /// Writes `entries` one after the other, each change with its audit row, in as few round trips as the store can make of
    /// them.
    ///
    /// # Errors
    ///
    /// As the methods that they name. The transaction is then of no more use.
    async fn write_entries(&mut self, entries: Vec<Entry>) -> StoreResult<()>;

    /// Makes everything permanent: when this returns `Ok`, it survives a power cut.
    async fn commit(self: Box<Self>) -> StoreResult<()>;
}

/// Where a schema stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SchemaState {
    /// Version in the database; 0 when there is none.
    pub found: u32,
    /// Version this program was built for.
    pub needed: u32,
}

/// A database. Opening one checks that it is there, sound and of this program's schema.
#[async_trait]
pub trait Repository: Send + Sync {
    /// A snapshot for reading.
    async fn read(&self) -> StoreResult<Box<dyn Reads + '_>>;

    /// Whether finding the people of a domain takes reading every user, for want of an index: then many requests are better
    /// looked at together.
    async fn reads_users_whole(&self) -> StoreResult<bool> {
        Ok(false)
    }

    /// A transaction under the write lock.
    async fn begin(&self) -> StoreResult<Box<dyn UnitOfWork + '_>>;

    /// Looks at the product's side: its columns, its data where that is surprising, and whether our questions about people have
    /// their indexes. Reads whole tables: for `doctor`, not for a check.
    async fn inspect(&self) -> StoreResult<Inspection>;

    /// What to call this database in messages: path or URL, never a password.
    fn place(&self) -> String;
}
