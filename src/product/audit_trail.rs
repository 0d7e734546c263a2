//! The one walk along the audit log: is it what was written, and does it tell of every connection as it stands?
//!
//! A chain that was cut short still hangs together. What is left of the cut are the connections: each names the row of
//! its latest change, which the log then no longer holds. And every row about a connection holds a hash of what the change
//! left ([`tell`]), so that one that was edited behind the log's back is no longer what the log tells.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::{Map, Value};

use super::audit_event::{Action, AuditRow, ChainVerifier};
use super::connection::Connection;
use super::repository::{Reads, StoreError, StoreResult};
use super::scim_token::{self, ScimToken};
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

/// Writes into the details of an audit row what the change leaves: the connection, and its SCIM tokens, as hashes.
pub fn tell(details: &mut Map<String, Value>, connection: &Connection, tokens: &[ScimToken]) {
    details.insert("connection_sha256".to_owned(), connection.sha256().into());
    details.insert("scim_tokens_sha256".to_owned(), scim_token::sha256_of(tokens).into());
}

/// What [`tell`] wrote, and where.
#[derive(Debug, Deserialize)]
struct Told {
    #[serde(skip)]
    seq: i64,
    connection_sha256: String,
    scim_tokens_sha256: String,
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
    // The latest that the log tells of every connection that it has not told the end of.
    let mut told: BTreeMap<String, Option<Told>> = BTreeMap::new();
    let mut connections = Vec::new();
    for reference in reads.audit_references().await? {
        connections.push(reference.connection_id.clone());
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
            let named = references.remove(&row.seq).unwrap_or_default();
            fault = fault.or_else(|| named.iter().find_map(|reference| reference.contradiction(row)));
            note(&mut told, row);
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
    if fault.is_none() {
        fault = edited(reads, &connections, &told).await?;
    }
    Ok(Trail { head: verifier.head().map(|(seq, hash)| (seq, hash.to_owned())), fault })
}

/// Takes what `row` tells of its connection.
fn note(told: &mut BTreeMap<String, Option<Told>>, row: &AuditRow) {
    let Some(id) = &row.connection_id else { return };
    let action = Action::parse(&row.action);
    if action == Some(Action::Removed) {
        told.remove(id);
    } else if let Ok(found) = serde_json::from_str::<Told>(&row.details) {
        told.insert(id.clone(), Some(Told { seq: row.seq, ..found }));
    } else if action.and_then(Action::leaves).is_some() {
        // Of a version that did not tell yet.
        told.entry(id.clone()).or_default();
    }
}

/// The first connection that is not what the log tells of it.
async fn edited(
    reads: &mut dyn Reads,
    connections: &[ConnectionId],
    told: &BTreeMap<String, Option<Told>>,
) -> StoreResult<Option<String>> {
    for id in connections {
        let Some(Told { seq, connection_sha256, scim_tokens_sha256 }) = told.get(id.as_str()).and_then(Option::as_ref)
        else {
            continue;
        };
        let connection = match reads.connection(id).await {
            Ok(connection) => connection,
            Err(StoreError::Unreadable { what, reason }) => {
                return Ok(Some(format!("{what} cannot be read ({reason}): it was changed by hand")));
            }
            Err(error) => return Err(error),
        };
        if connection.is_none_or(|connection| connection.sha256() != *connection_sha256) {
            return Ok(Some(format!("connection `{id}` is not what row {seq} left: it was changed by hand")));
        }
        if scim_token::sha256_of(&reads.scim_tokens(Some(id)).await?) != *scim_tokens_sha256 {
            return Ok(Some(format!(
                "the SCIM tokens of connection `{id}` are not what row {seq} left: they were changed by hand"
            )));
        }
    }
    let there: BTreeSet<&str> = connections.iter().map(ConnectionId::as_str).collect();
    let gone = told.keys().find(|id| !there.contains(id.as_str()));
    Ok(gone
        .map(|id| format!("connection `{id}` is gone, and the log does not tell of its end: it was removed by hand")))
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
