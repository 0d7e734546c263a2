//! What PostgreSQL says, in the terms of [`StoreError`].

use std::error::Error as _;
use std::io;

use deadpool_postgres::{PoolError, TimeoutType};
use tokio_postgres::Error;
use tokio_postgres::error::{DbError, SqlState};

use crate::foreign;
use crate::product::repository::StoreError;

/// Reads the SQLSTATE; the server's wording is passed on, and decides nothing.
pub(super) fn store_error(error: &Error, place: &str) -> StoreError {
    if let Some(refusal) = error.as_db_error() {
        return refused(refusal, place);
    }
    if let Some(problem) = error.source().and_then(tls_problem) {
        return StoreError::Denied { place: place.to_owned(), reason: format!("TLS: {problem}") };
    }
    let reason = in_words(error);
    let network = error.is_closed() || error.source().is_some_and(|cause| cause.downcast_ref::<io::Error>().is_some());
    if network || error.to_string().starts_with("timeout") {
        return StoreError::Unreachable { place: place.to_owned(), reason };
    }
    match error.to_string().as_str() {
        "error performing TLS handshake" | "invalid configuration" | "authentication error" => {
            StoreError::Denied { place: place.to_owned(), reason }
        }
        text if text.starts_with("error deserializing column") => {
            StoreError::Unreadable { what: "a column".to_owned(), reason }
        }
        _ => StoreError::Other { reason },
    }
}

/// A server that takes connections and then says nothing.
pub(super) fn silent(place: &str) -> StoreError {
    StoreError::Unreachable {
        place: place.to_owned(),
        reason: "something takes the connection there, and does not answer".to_owned(),
    }
}

/// The same for what the pool says.
pub(super) fn pool_error(error: &PoolError, place: &str) -> StoreError {
    match error {
        PoolError::Backend(error) => store_error(error, place),
        PoolError::Timeout(TimeoutType::Create) => silent(place),
        PoolError::Timeout(_) => StoreError::Busy { reason: "every connection of this process is in use".to_owned() },
        other => StoreError::Other { reason: foreign::shown(&other.to_string()) },
    }
}

fn refused(refusal: &DbError, place: &str) -> StoreError {
    let reason = foreign::shown(refusal.message());
    let place = place.to_owned();
    let state = refusal.code();
    match state.code() {
        // Serialization failure and deadlock: what the transaction rests on has changed meanwhile.
        "40001" | "40P01" => StoreError::Conflict { reason },
        // Lock or statement timeout, too many connections, starting up or shutting down, being dropped, out of memory,
        // too long idle.
        "55P03" | "57014" | "53300" | "57P03" | "55006" | "53200" | "25P03" | "25P04" => StoreError::Busy { reason },
        // A write to a standby or in a transaction that may only read; a level that a standby does not offer.
        "25006" => StoreError::ReadOnly { place, reason },
        "53100" => StoreError::DiskFull { place },
        "23505" => taken(refusal.constraint(), reason),
        "XX001" | "XX002" => StoreError::Corrupt { place, reason },
        "3D000" => StoreError::Missing { place },
        // A statement that was prepared is another connection's: whatever stands in between hands out its own.
        "26000" | "42P05" => StoreError::Unfit {
            reason: format!(
                "{reason}: a pooler between us and the server mixes up prepared statements; PgBouncer has to be 1.21 or newer \
                 with max_prepared_statements set, or in session mode"
            ),
        },
        "28000" | "28P01" => StoreError::Denied { place, reason },
        "42501" => StoreError::NoRight { place, reason },
        // Connection lost, or the server or this session was shut down.
        code if code.starts_with("08") || code.starts_with("57P") => StoreError::Unreachable { place, reason },
        _ => StoreError::Other { reason },
    }
}

fn taken(constraint: Option<&str>, reason: String) -> StoreError {
    match constraint {
        Some("sso_connections_team_id_key") => StoreError::Taken { what: "this team" },
        Some("sso_connections_entity_id_key") => StoreError::Taken { what: "this entity ID" },
        Some("sso_domains_pkey") => StoreError::Taken { what: "this domain" },
        // Somebody appended to the audit log without taking the write lock.
        Some("sso_audit_log_pkey") => StoreError::Conflict { reason },
        _ => StoreError::Other { reason },
    }
}

/// What TLS had against the server, where that is what failed.
fn tls_problem(cause: &(dyn std::error::Error + 'static)) -> Option<String> {
    let wrapped = cause.downcast_ref::<io::Error>()?.get_ref()?;
    wrapped.downcast_ref::<rustls::Error>().map(|error| foreign::shown(&error.to_string()))
}

/// The error with its causes, printable.
fn in_words(error: &Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        words = format!("{words}: {inner}");
        cause = inner.source();
    }
    foreign::shown(&words)
}

/// Whether a table, schema or column is not there.
pub(super) fn is_absent(error: &Error) -> bool {
    error.code().is_some_and(|state| {
        [SqlState::UNDEFINED_TABLE, SqlState::INVALID_SCHEMA_NAME, SqlState::UNDEFINED_COLUMN].contains(state)
    })
}
