//! From a request to a decision, and from a decision to one transaction: gather, judge, plan, apply.

pub mod apply;
pub mod bulk;
pub mod gather;
pub mod plan;
pub mod reserve;
pub mod retire;
pub mod scim;

use jiff::Timestamp;

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

impl From<crate::request::saml_names::NoRandomness> for Fault {
    fn from(_: crate::request::saml_names::NoRandomness) -> Self {
        Self::Random
    }
}
