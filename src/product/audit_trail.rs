//! The one walk along the audit log: is it what was written, and does it tell of every connection as it stands?
//!
//! A chain that was cut short still hangs together. What is left of the cut are the connections: each names the row of
//! its latest change, which the log then no longer holds.

use std::collections::BTreeMap;

use super::audit_event::{Action, AuditRow, ChainVerifier};
use super::repository::{Reads, StoreResult};
use crate::request::names::ConnectionId;

/// Rows read at a time.
const PAGE: usize = 1000;

/// What a connection says of the row of its latest change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditReference {
    /// Which connection.
    pub connection_id: ConnectionId,
    /// Its status, as the word in the database.
    pub status: String,
    /// The row's number.
    pub seq: i64,
}

/// A row that was noted elsewhere, and that the log must still hold: its number and hash.
pub type Anchor = (i64, String);

/// What the walk found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trail {
    /// The last row in order, its number and hash; `None` for an empty log.
    pub head: Option<(i64, String)>,
    /// Where the log is not what was written; `None` when it is intact.
    pub fault: Option<String>,
}

impl Trail {
    /// How many rows are in order.
    #[must_use]
    pub fn rows(&self) -> i64 {
        self.head.as_ref().map_or(0, |(seq, _)| *seq)
    }
}

/// Walks the log from its start, and holds it against `anchors` and every connection.
///
/// # Errors
///
/// [`StoreError`](super::repository::StoreError): the log cannot be read.
pub async fn walk(reads: &mut dyn Reads, anchors: &[Anchor]) -> StoreResult<Trail> {
    let mut references: BTreeMap<i64, Vec<AuditReference>> = BTreeMap::new();
    for reference in reads.audit_references().await? {
        references.entry(reference.seq).or_default().push(reference);
    }
    let mut lost: Vec<&Anchor> = anchors.iter().collect();
    let mut verifier = ChainVerifier::default();
    let mut fault = None;
    'pages: loop {
        let after = verifier.head().map_or(0, |(seq, _)| seq);
        let rows = reads.audit_rows(after, PAGE).await?;
        if rows.is_empty() {
            break;
        }
        for row in &rows {
            if let Err(broken) = verifier.take(row) {
                fault = Some(broken.to_string());
                break 'pages;
            }
            lost.retain(|(seq, hash)| row.seq != *seq || row.hash != *hash);
            let told = references.remove(&row.seq).unwrap_or_default();
            fault = fault.or_else(|| told.iter().find_map(|reference| reference.contradiction(row)));
        }
    }
    // What the chain itself shows comes first, then what is no longer there.
    if fault.is_none() {
        let anchor = lost.first().map(|(seq, _)| {
            format!("the log does not contain the anchor at row {seq}: it was cut short or written anew")
        });
        let dangling = || references.into_values().flatten().next();
        fault = anchor.or_else(|| {
            dangling().map(|AuditReference { connection_id, seq, .. }| {
                format!(
                    "the log does not contain row {seq}, the latest change of connection `{connection_id}`: it was cut \
                     short or written anew"
                )
            })
        });
    }
    Ok(Trail { head: verifier.head().map(|(seq, hash)| (seq, hash.to_owned())), fault })
}

impl AuditReference {
    /// Why `row` cannot be what it refers to.
    fn contradiction(&self, row: &AuditRow) -> Option<String> {
        let Self { connection_id, status, seq } = self;
        if row.connection_id.as_deref() != Some(connection_id.as_str()) {
            return Some(format!(
                "row {seq}, which connection `{connection_id}` names as its latest change, is not about it: the log was \
                 written anew, or the connection changed by hand"
            ));
        }
        let left = Action::parse(&row.action)?.leaves().map_or("removed", super::connection::Status::as_str);
        (left != status).then(|| {
            format!(
                "connection `{connection_id}` is {status}, but its latest change, row {seq}, left it {left}: it was \
                 changed by hand"
            )
        })
    }
}
