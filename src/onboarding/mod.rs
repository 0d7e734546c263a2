//! From a request to a decision, and from a decision to one transaction: gather, judge, plan, apply.

pub mod apply;
pub mod bulk;
pub mod gather;
pub mod plan;
pub mod reserve;
pub mod retire;
pub mod scim;

use std::time::Duration;

use jiff::Timestamp;
use serde_json::Map;

use crate::product::audit_event::{Action, AuditEvent};
use crate::product::repository::StoreError;
use crate::sealing::SealError;

/// Who is at work, and when: what every audit row needs.
#[derive(Debug, Clone)]
pub struct Operator {
    /// The operating system's user, or `--actor`.
    pub actor: String,
    /// Now, UTC.
    pub now: Timestamp,
}

impl Operator {
    /// What they do now, for the audit log: about no team and no connection yet, and without particulars.
    pub(crate) fn event(&self, action: Action, ticket: Option<&str>) -> AuditEvent {
        AuditEvent {
            at: self.now,
            actor: self.actor.clone(),
            action,
            ticket: ticket.map(str::to_owned),
            team_id: None,
            connection_id: None,
            details: Map::new(),
        }
    }
}

/// Why there is no decision: nothing was written.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Fault {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The sealing key.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The machine's random numbers.
    #[error("the system's random number generator failed")]
    Random,
}

/// How often a decision is made when others get in between.
const ATTEMPTS: u32 = 5;

/// What may tell that somebody else got in between, so that deciding again will come to something.
trait Contested {
    fn is_contested(&self) -> bool;
}

impl Contested for Fault {
    fn is_contested(&self) -> bool {
        matches!(self, Self::Store(StoreError::Taken { .. } | StoreError::Conflict { .. }))
    }
}

/// Makes a whole decision, from its first reading to its commit, and makes it again where somebody else got in between: a
/// bounded number of times, with a growing pause.
async fn until_settled<T, E: Contested, A>(mut attempt: impl FnMut() -> A) -> Result<T, E>
where
    A: Future<Output = Result<T, E>>,
{
    for number in 1..ATTEMPTS {
        match attempt().await {
            Err(fault) if fault.is_contested() => {
                tracing::debug!("attempt {number} was contested: deciding again");
                tokio::time::sleep(Duration::from_millis(5 << number)).await;
            }
            done => return done,
        }
    }
    attempt().await
}

impl From<crate::request::saml_names::NoRandomness> for Fault {
    fn from(_: crate::request::saml_names::NoRandomness) -> Self {
        Self::Random
    }
}
