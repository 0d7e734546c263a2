//! A connection's SCIM tokens: made, replaced with an overlap, ended. Each change is one short transaction with its
//! audit row; the token itself leaves it once, in [`Issued`], and is stored as a hash.
//!
//! At most two tokens of a connection work at any moment: the newest, and the one it takes the place of.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{Contested, Fault, Operator, until_settled};
use crate::config::{Period, ScimConfig};
use crate::product::audit_event::{Action, AuditEvent};
use crate::product::audit_trail;
use crate::product::connection::{Connection, Status};
use crate::product::repository::{Repository, StoreError, UnitOfWork, as_kept};
use crate::product::scim_token::ScimToken;
use crate::request::names::{ConnectionId, ScimTokenId};
use crate::scim::BearerToken;

/// A token just made.
#[derive(Debug, Clone)]
pub struct Issued {
    /// The token: to be shown this once.
    pub token: BearerToken,
    /// What is stored of it.
    pub record: ScimToken,
}

/// A token just made in the place of another.
#[derive(Debug, Clone)]
pub struct Rotated {
    /// The new one.
    pub issued: Issued,
    /// The one before it, with its deadline.
    pub before: ScimToken,
}

/// What has become of a connection's tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// Those that stopped working just now, by creation; none: it was that way already.
    pub ended: Vec<ScimToken>,
    /// Those that work still, by creation.
    pub working: Vec<ScimToken>,
}

/// Which tokens of a connection to revoke.
#[derive(Debug, Clone, Copy)]
pub enum Revoking<'i> {
    /// The one with this id.
    One(&'i ScimTokenId),
    /// Every one that works.
    All,
}

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum NotDone {
    /// It could not be done.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// There is no such connection.
    #[error("there is no such connection")]
    NoConnection,
    /// It is only reserved: whose people it will manage is not settled.
    #[error("this connection is only reserved: there is nobody to provision yet")]
    OnlyPrepared,
    /// It is switched off: nothing that a token allows would be carried out.
    #[error("this connection is suspended: a new SCIM token would not be let in")]
    Suspended,
    /// A token that nobody ended works already: another would be one too many.
    #[error("this connection has a working SCIM token already")]
    HasToken,
    /// There is no working token that could be replaced or promoted.
    #[error("this connection has no working SCIM token")]
    NoToken,
    /// The last rotation is not over.
    #[error("the last rotation is not over: two SCIM tokens of this connection work")]
    StillRotating,
    /// No token of this connection has that id.
    #[error("this connection has no SCIM token of that id")]
    NoSuchToken,
}

impl Contested for NotDone {
    fn is_contested(&self) -> bool {
        matches!(self, Self::Fault(fault) if fault.is_contested())
    }
}

impl From<StoreError> for NotDone {
    fn from(error: StoreError) -> Self {
        Self::Fault(error.into())
    }
}

/// Makes a connection its first token inside a transaction that is under way, and writes it; `None`, and nothing
/// written, where one works already. No audit row: the caller's own covers it, and should name the token's id.
///
/// # Errors
///
/// [`Fault`]: the transaction is not to be committed.
pub(super) async fn issue_within(
    unit: &mut dyn UnitOfWork,
    connection: &ConnectionId,
    scim: &ScimConfig,
    now: Timestamp,
) -> Result<Option<Issued>, Fault> {
    if working(unit, connection, now).await?.is_empty() {
        Ok(Some(make(unit, connection, scim, now).await?))
    } else {
        Ok(None)
    }
}

/// Makes a connection its first token.
///
/// # Errors
///
/// [`NotDone`]: nothing was written.
pub async fn issue(
    repository: &dyn Repository,
    scim: &ScimConfig,
    operator: &Operator,
    id: &ConnectionId,
    ticket: Option<&str>,
) -> Result<Issued, NotDone> {
    until_settled(|| async move {
        let mut unit = repository.begin().await?;
        let connection = open_to_new_tokens(&mut *unit, id).await?;
        let issued = issue_within(&mut *unit, id, scim, operator.now).await?.ok_or(NotDone::HasToken)?;
        let details = details([("token", told(&issued.record))]);
        commit(unit, &connection, details, operator.event(Action::ScimIssued, ticket)).await?;
        Ok(issued)
    })
    .await
}

/// Makes a new token in the place of the one that works, which works on for `overlap`: never longer than it would have.
///
/// # Errors
///
/// [`NotDone`]: nothing was written.
pub async fn rotate(
    repository: &dyn Repository,
    scim: &ScimConfig,
    operator: &Operator,
    id: &ConnectionId,
    overlap: Period,
    ticket: Option<&str>,
) -> Result<Rotated, NotDone> {
    until_settled(|| async move {
        let mut unit = repository.begin().await?;
        let connection = open_to_new_tokens(&mut *unit, id).await?;
        let now = as_kept(operator.now);
        let [mut before] = <[ScimToken; 1]>::try_from(working(&mut *unit, id, now).await?)
            .map_err(|several| if several.is_empty() { NotDone::NoToken } else { NotDone::StillRotating })?;
        let deadline = overlap.after(now);
        before.retires_at = Some(before.retires_at.map_or(deadline, |earlier| earlier.min(deadline)));
        unit.put_scim_token(&before).await?;
        let issued = make(&mut *unit, id, scim, now).await?;
        let details = details([("token", told(&issued.record)), ("before", told(&before))]);
        commit(unit, &connection, details, operator.event(Action::ScimRotated, ticket)).await?;
        Ok(Rotated { issued, before })
    })
    .await
}

/// Ends a rotation at once: only the newest token works on.
///
/// # Errors
///
/// [`NotDone`]: nothing was written.
pub async fn promote(
    repository: &dyn Repository,
    operator: &Operator,
    id: &ConnectionId,
    ticket: Option<&str>,
) -> Result<Ended, NotDone> {
    until_settled(|| async move {
        let mut unit = repository.begin().await?;
        let connection = unit.connection(id).await?.ok_or(NotDone::NoConnection)?;
        let mut ended = working(&mut *unit, id, operator.now).await?;
        let newest = ended.pop().ok_or(NotDone::NoToken)?;
        for token in &mut ended {
            token.retires_at = Some(as_kept(operator.now));
            unit.put_scim_token(token).await?;
        }
        let working = vec![newest];
        if !ended.is_empty() {
            let details = details([("tokens", ended.iter().map(told).collect())]);
            commit(unit, &connection, details, operator.event(Action::ScimPromoted, ticket)).await?;
        }
        Ok(Ended { ended, working })
    })
    .await
}

/// Revokes tokens: from this moment on they are not let in.
///
/// # Errors
///
/// [`NotDone`]: nothing was written.
pub async fn revoke(
    repository: &dyn Repository,
    operator: &Operator,
    id: &ConnectionId,
    which: Revoking<'_>,
    ticket: Option<&str>,
) -> Result<Ended, NotDone> {
    until_settled(|| async move {
        let mut unit = repository.begin().await?;
        let connection = unit.connection(id).await?.ok_or(NotDone::NoConnection)?;
        if let Revoking::One(token) = which
            && !unit.scim_tokens(Some(id)).await?.iter().any(|one| one.id == *token)
        {
            return Err(NotDone::NoSuchToken);
        }
        let (mut ended, working): (Vec<_>, Vec<_>) =
            working(&mut *unit, id, operator.now).await?.into_iter().partition(|one| match which {
                Revoking::One(token) => one.id == *token,
                Revoking::All => true,
            });
        for token in &mut ended {
            token.revoked_at = Some(as_kept(operator.now));
            unit.put_scim_token(token).await?;
        }
        if !ended.is_empty() {
            let details = details([("tokens", ended.iter().map(told).collect())]);
            commit(unit, &connection, details, operator.event(Action::ScimRevoked, ticket)).await?;
        }
        Ok(Ended { ended, working })
    })
    .await
}

/// The connection, if it may have new tokens. A staged one may: the customer's app is made ready with it, and let in once
/// the connection is switched on.
async fn open_to_new_tokens(unit: &mut dyn UnitOfWork, id: &ConnectionId) -> Result<Connection, NotDone> {
    let connection = unit.connection(id).await?.ok_or(NotDone::NoConnection)?;
    takes_new_tokens(&connection)?;
    Ok(connection)
}

/// Whether a connection is one that new tokens are made for, as far as its status says.
///
/// # Errors
///
/// [`NotDone`]: it is not.
pub const fn takes_new_tokens(connection: &Connection) -> Result<(), NotDone> {
    match connection.status {
        Status::Prepared => Err(NotDone::OnlyPrepared),
        Status::Suspended => Err(NotDone::Suspended),
        Status::Staged | Status::Active => Ok(()),
    }
}

/// The tokens that work, oldest first.
async fn working(unit: &mut dyn UnitOfWork, id: &ConnectionId, now: Timestamp) -> Result<Vec<ScimToken>, StoreError> {
    let mut tokens = unit.scim_tokens(Some(id)).await?;
    tokens.retain(|token| token.state(now).works());
    Ok(tokens)
}

async fn make(
    unit: &mut dyn UnitOfWork,
    connection: &ConnectionId,
    scim: &ScimConfig,
    now: Timestamp,
) -> Result<Issued, Fault> {
    let token = BearerToken::generate()?;
    let now = as_kept(now);
    let record = ScimToken {
        id: ScimTokenId::allocate(),
        connection_id: connection.clone(),
        sha256: token.sha256(),
        created_at: now,
        expires_at: scim.token_lifetime.end(now),
        retires_at: None,
        revoked_at: None,
    };
    unit.put_scim_token(&record).await?;
    Ok(Issued { token, record })
}

/// A token in an audit row: which, and when it ends. Not its hash, which nobody needs to see.
fn told(token: &ScimToken) -> Value {
    json!({ "id": token.id, "ends_at": token.ends_at() })
}

fn details<const N: usize>(members: [(&str, Value); N]) -> Map<String, Value> {
    members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// Commits what was done to the tokens of a connection, with the `event` that tells of it in `details`.
async fn commit(
    mut unit: Box<dyn UnitOfWork + '_>,
    connection: &Connection,
    mut details: Map<String, Value>,
    event: AuditEvent,
) -> Result<(), StoreError> {
    audit_trail::tell(&mut details, connection, &unit.scim_tokens(Some(&connection.id)).await?);
    let (team_id, connection_id) = (Some(connection.team_id.clone()), Some(connection.id.clone()));
    unit.append_audit(&AuditEvent { team_id, connection_id, details, ..event }).await?;
    unit.commit().await
}
