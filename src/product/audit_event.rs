//! The tamper-evident record: who changed or refused what, when, for which ticket.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};

use super::connection::Status;
use super::fields::Fields;
use crate::request::names::{ConnectionId, TeamId};

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// `prepare` reserved a connection.
    Prepared,
    /// `onboard` switched a connection on.
    Onboarded,
    /// `onboard --stage` wrote a connection without switching it on.
    Staged,
    /// `onboard --replace` superseded a connection.
    Replaced,
    /// A check refused the request.
    Refused,
    /// A connection was switched off.
    Suspended,
    /// A staged or suspended connection was switched on.
    Activated,
    /// A connection was deleted and its domains released.
    Removed,
    /// A connection was made its first SCIM token.
    ScimIssued,
    /// A connection was made a new SCIM token, which takes the place of the one before.
    ScimRotated,
    /// The older of two SCIM tokens was ended before its deadline.
    ScimPromoted,
    /// SCIM tokens were switched off.
    ScimRevoked,
    /// A reply was handed to the mail server.
    ReplySent,
    /// A reply could not be sent.
    ReplyFailed,
}

impl Action {
    const ALL: [Self; 14] = [
        Self::Prepared,
        Self::Onboarded,
        Self::Staged,
        Self::Replaced,
        Self::Refused,
        Self::Suspended,
        Self::Activated,
        Self::Removed,
        Self::ScimIssued,
        Self::ScimRotated,
        Self::ScimPromoted,
        Self::ScimRevoked,
        Self::ReplySent,
        Self::ReplyFailed,
    ];

    /// The word in JSON and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Prepared => "prepared",
            Self::Onboarded => "onboarded",
            Self::Staged => "staged",
            Self::Replaced => "replaced",
            Self::Refused => "refused",
            Self::Suspended => "suspended",
            Self::Activated => "activated",
            Self::Removed => "removed",
            Self::ScimIssued => "scim_issued",
            Self::ScimRotated => "scim_rotated",
            Self::ScimPromoted => "scim_promoted",
            Self::ScimRevoked => "scim_revoked",
            Self::ReplySent => "reply_sent",
            Self::ReplyFailed => "reply_failed",
        }
    }

    /// Reads the word; `None` for one this version does not know.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == word)
    }

    /// The status in which it leaves its connection; `None` where it changes none or leaves none behind.
    #[must_use]
    pub const fn leaves(self) -> Option<Status> {
        match self {
            Self::Prepared => Some(Status::Prepared),
            Self::Staged => Some(Status::Staged),
            Self::Onboarded | Self::Replaced | Self::Activated => Some(Status::Active),
            Self::Suspended => Some(Status::Suspended),
            Self::Refused
            | Self::Removed
            | Self::ScimIssued
            | Self::ScimRotated
            | Self::ScimPromoted
            | Self::ScimRevoked
            | Self::ReplySent
            | Self::ReplyFailed => None,
        }
    }
}

/// Something that happened, before it has its place in the chain.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditEvent {
    /// When, UTC.
    pub at: Timestamp,
    /// Who: the operating system's user, or `--actor`.
    pub actor: String,
    /// What.
    pub action: Action,
    /// For which ticket.
    pub ticket: Option<String>,
    /// Which team, where one was found.
    pub team_id: Option<TeamId>,
    /// Which connection, where there is one.
    pub connection_id: Option<ConnectionId>,
    /// The particulars, never a secret: values, verdicts that were not `pass`, loosened safety flags, the reply.
    pub details: Map<String, Value>,
}

/// An event with its place in the chain, as stored.
///
/// The text columns are kept as they stand in the database, since the hash covers exactly those bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AuditRow {
    /// Position, from 1 without gaps.
    pub seq: i64,
    /// RFC 3339, UTC.
    pub at: String,
    /// Who.
    pub actor: String,
    /// What: [`Action::as_str`].
    pub action: String,
    /// For which ticket.
    pub ticket: Option<String>,
    /// Which team.
    pub team_id: Option<String>,
    /// Which connection.
    pub connection_id: Option<String>,
    /// JSON object.
    pub details: String,
    /// Hash of the row before, hex; 64 zeros for the first.
    pub previous_hash: String,
    /// [`AuditRow::computed_hash`], hex.
    pub hash: String,
}

/// The `previous_hash` of the first row.
pub const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

impl AuditRow {
    /// Gives `event` its place behind `previous` (`None` for the first).
    #[must_use]
    pub fn following(previous: Option<(i64, &str)>, event: &AuditEvent) -> Self {
        let (seq, previous_hash) = previous.map_or((1, GENESIS), |(seq, hash)| (seq + 1, hash));
        let mut row = Self {
            seq,
            at: event.at.to_string(),
            actor: event.actor.clone(),
            action: event.action.as_str().to_owned(),
            ticket: event.ticket.clone(),
            team_id: event.team_id.as_ref().map(ToString::to_string),
            connection_id: event.connection_id.as_ref().map(ToString::to_string),
            details: serde_json::to_string(&event.details).unwrap_or_default(),
            previous_hash: previous_hash.to_owned(),
            hash: String::new(),
        };
        row.hash = row.computed_hash();
        row
    }

    /// SHA-256 over the previous hash and every column, each field preceded by its length (so that no two rows share
    /// an encoding, R-46) and an absent one told apart from an empty one; hex.
    #[must_use]
    pub fn computed_hash(&self) -> String {
        let mut fields = Fields::of("ssoctl-audit-1");
        fields.add(Some(&self.previous_hash));
        fields.add(Some(&self.seq.to_string()));
        fields.add(Some(&self.at));
        fields.add(Some(&self.actor));
        fields.add(Some(&self.action));
        fields.add(self.ticket.as_deref());
        fields.add(self.team_id.as_deref());
        fields.add(self.connection_id.as_deref());
        fields.add(Some(&self.details));
        fields.finish()
    }
}

/// Walks the chain from its start and remembers where it broke.
#[derive(Debug, Default)]
pub struct ChainVerifier {
    last: Option<(i64, String)>,
}

/// The first place where the record is not what was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChainFault {
    /// A row is missing or was added out of order.
    #[error("row {expected} is missing: the next one found is {found}")]
    Gap {
        /// The number that should follow.
        expected: i64,
        /// The number that did.
        found: i64,
    },
    /// A row does not follow from the one before it.
    #[error("row {seq} does not follow from the row before it")]
    Unlinked {
        /// Its number.
        seq: i64,
    },
    /// A row's content is not what its hash was made of.
    #[error("row {seq} was altered after it was written")]
    Altered {
        /// Its number.
        seq: i64,
    },
}

impl ChainVerifier {
    /// Takes the next row in order of `seq`.
    ///
    /// # Errors
    ///
    /// [`ChainFault`] at the first row that breaks the chain.
    pub fn take(&mut self, row: &AuditRow) -> Result<(), ChainFault> {
        let (expected, previous) = self.last.as_ref().map_or((1, GENESIS), |(seq, hash)| (seq + 1, hash.as_str()));
        if row.seq != expected {
            return Err(ChainFault::Gap { expected, found: row.seq });
        }
        if row.previous_hash != previous {
            return Err(ChainFault::Unlinked { seq: row.seq });
        }
        if row.computed_hash() != row.hash {
            return Err(ChainFault::Altered { seq: row.seq });
        }
        self.last = Some((row.seq, row.hash.clone()));
        Ok(())
    }

    /// The last row taken: its number and hash, `None` for an empty log.
    #[must_use]
    pub fn head(&self) -> Option<(i64, &str)> {
        self.last.as_ref().map(|(seq, hash)| (*seq, hash.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain(count: usize) -> Vec<AuditRow> {
        let mut rows: Vec<AuditRow> = Vec::new();
        for number in 0..count {
            let event = AuditEvent {
                at: Timestamp::UNIX_EPOCH,
                actor: format!("agent{number}"),
                action: Action::Onboarded,
                ticket: None,
                team_id: None,
                connection_id: None,
                details: Map::new(),
            };
            let row = AuditRow::following(rows.last().map(|row| (row.seq, row.hash.as_str())), &event);
            rows.push(row);
        }
        rows
    }

    fn verify(rows: &[AuditRow]) -> Result<(), ChainFault> {
        let mut verifier = ChainVerifier::default();
        rows.iter().try_for_each(|row| verifier.take(row))
    }

    #[test]
    fn an_untouched_chain_verifies() {
        assert_eq!(verify(&chain(5)), Ok(()));
    }

    #[test]
    fn an_altered_row_is_named() {
        let mut rows = chain(5);
        rows[2].actor = "somebody else".to_owned();
        assert_eq!(verify(&rows), Err(ChainFault::Altered { seq: 3 }));
    }

    #[test]
    fn an_altered_row_with_a_fresh_hash_breaks_the_next_link() {
        let mut rows = chain(5);
        rows[2].actor = "somebody else".to_owned();
        rows[2].hash = rows[2].computed_hash();
        assert_eq!(verify(&rows), Err(ChainFault::Unlinked { seq: 4 }));
    }

    #[test]
    fn a_removed_row_is_named() {
        let mut rows = chain(5);
        rows.remove(1);
        assert_eq!(verify(&rows), Err(ChainFault::Gap { expected: 2, found: 3 }));
    }

    #[test]
    fn an_absent_ticket_and_an_empty_one_hash_differently() {
        let mut row = chain(1).remove(0);
        let without = row.computed_hash();
        row.ticket = Some(String::new());
        assert_ne!(row.computed_hash(), without);
    }
}
