//! Undoing: a connection switched off, or removed with its domains released. Always audited.

use serde_json::{Map, Value};

use super::{Fault, Operator, until_settled};
use crate::product::audit_event::{Action, AuditEvent};
use crate::product::audit_trail;
use crate::product::connection::{Connection, Status};
use crate::product::repository::Repository;
use crate::request::names::ConnectionId;

/// How to undo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undoing {
    /// Switch off, keep everything.
    Suspend,
    /// Delete, and release the domains.
    Remove,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Retired {
    /// Done; the connection as it was.
    Done(Box<Connection>),
    /// It was that way already.
    Unchanged(Box<Connection>),
    /// It is only reserved: there is nothing to switch off.
    NothingToSuspend,
    /// There is no such connection.
    NotFound,
}

/// Suspends or removes a connection.
///
/// # Errors
///
/// [`Fault`]: nothing was written.
pub async fn retire(
    repository: &dyn Repository,
    operator: &Operator,
    id: &ConnectionId,
    undoing: Undoing,
    ticket: Option<&str>,
) -> Result<Retired, Fault> {
    until_settled(|| async move {
        let mut unit = repository.begin().await?;
        let Some(connection) = unit.connection(id).await? else { return Ok(Retired::NotFound) };
        if let Some(retired) = in_vain(&connection, undoing) {
            return Ok(retired);
        }
        let action = match undoing {
            Undoing::Suspend => {
                unit.set_status(id, Status::Suspended, operator.now).await?;
                Action::Suspended
            }
            Undoing::Remove => {
                unit.remove_connection(id).await?;
                Action::Removed
            }
        };
        let mut details = Map::new();
        details.insert("was".to_owned(), Value::String(connection.status.as_str().to_owned()));
        let domains: Vec<&str> = connection.domains.iter().map(crate::request::names::EmailDomain::as_str).collect();
        details.insert("domains".to_owned(), domains.into());
        if undoing == Undoing::Suspend {
            let suspended = Connection { status: Status::Suspended, ..connection.clone() };
            audit_trail::tell(&mut details, &suspended, &unit.scim_tokens(Some(id)).await?);
        }
        let event = AuditEvent {
            team_id: Some(connection.team_id.clone()),
            connection_id: Some(id.clone()),
            details,
            ..operator.event(action, ticket)
        };
        unit.append_audit(&event).await?;
        unit.commit().await?;
        Ok(Retired::Done(Box::new(connection)))
    })
    .await
}

/// What comes of `undoing` where nothing is to be written; `None` where something is.
#[must_use]
pub fn in_vain(connection: &Connection, undoing: Undoing) -> Option<Retired> {
    match undoing {
        Undoing::Suspend if connection.status == Status::Suspended => {
            Some(Retired::Unchanged(Box::new(connection.clone())))
        }
        Undoing::Suspend if connection.is_only_reserved() => Some(Retired::NothingToSuspend),
        Undoing::Suspend | Undoing::Remove => None,
    }
}
