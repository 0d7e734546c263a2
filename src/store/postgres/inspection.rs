//! What `doctor` wants to know of the product's side.

use std::sync::Arc;

use super::super::inspection::{SURPRISES, is_whole, relations};
use super::people;
use super::session::{Gate, Session};
use super::values::Id;
use crate::product::contract::{Inspection, Surprise, Unindexed};
use crate::product::repository::StoreResult;

const COLUMNS: &str = "SELECT v.name, a.attname::text, t.typname::text \
     FROM unnest($1::text[]) AS v(name) JOIN pg_attribute a ON a.attrelid = to_regclass(v.name) AND a.attnum > 0 \
         AND NOT a.attisdropped \
     JOIN pg_type t ON t.oid = a.atttypid";

/// Counting a large product takes as long as it takes, within reason, and reads whole tables.
const PATIENTLY: &str = "SET LOCAL enable_seqscan = on; SET LOCAL statement_timeout = '5min'; SET LOCAL idle_in_transaction_session_timeout = 0";

/// A plan may not scan where it can help it: what it scans even so has no index.
const NO_SCANS: &str = "SET LOCAL enable_seqscan = off; SET LOCAL plan_cache_mode = force_generic_plan";

pub(super) async fn inspect(gate: Arc<Gate>) -> StoreResult<Inspection> {
    let unverified = gate.unverified;
    let mut session = Session::reading(gate).await?;
    session.batch(PATIENTLY).await?;
    let names: Vec<&str> = crate::product::contract::COLUMNS.iter().map(|(name, _)| *name).collect();
    let found = session.query(COLUMNS, &[&names]).await?;
    let found: Vec<(String, String, String)> = found
        .iter()
        .map(|row| Ok((super::rows::at(row, 0)?, super::rows::at(row, 1)?, super::rows::at(row, 2)?)))
        .collect::<StoreResult<_>>()?;
    // Whatever has a text form can be an id or a name; what is true or false cannot be told from another type.
    let readable = |column: &str, kind: &str| !matches!(column, "active" | "management_enabled") || kind == "bool";
    let mut inspection =
        Inspection { relations: relations(&found, &[], readable), unverified, ..Inspection::default() };
    if !is_whole(&inspection.relations) {
        return Ok(inspection);
    }
    for (kind, sql) in SURPRISES {
        let rows = session.query_patiently(sql).await?;
        let Some(row) = rows.first() else { continue };
        let count: i64 = super::rows::at(row, 0)?;
        if count > 0 {
            let example: Option<String> = super::rows::at(row, 1)?;
            let count = u64::try_from(count).unwrap_or_default();
            inspection.surprises.push(Surprise { kind, count, example: example.unwrap_or_default() });
        }
    }
    session.batch(NO_SCANS).await?;
    for (question, sql) in questions() {
        if scans(&mut session, &sql).await? {
            inspection.unindexed.push(question);
        }
    }
    Ok(inspection)
}

/// Whether the people of a domain are found by reading every user.
pub(super) async fn reads_users_whole(gate: Arc<Gate>) -> StoreResult<bool> {
    let mut session = Session::reading(gate).await?;
    session.batch(NO_SCANS).await?;
    let [(_, by_domain), ..] = questions();
    scans(&mut session, &by_domain).await
}

/// The heart of each question, to be explained; of a domain's users first.
fn questions() -> [(Unindexed, String); 5] {
    let [domain, address] = people::INDEXED;
    let users = |condition: String| format!("SELECT 1 FROM product_users WHERE {condition}");
    [
        (Unindexed::UsersByDomain, users(format!("{domain} = 'a.example'"))),
        (Unindexed::UsersByAddress, users(format!("{domain} = 'a.example' AND {address} = 'a@a.example'"))),
        (Unindexed::MembershipsByUser, "SELECT 1 FROM product_memberships WHERE user_id = $1".to_owned()),
        (Unindexed::MembershipsByTeam, "SELECT 1 FROM product_memberships WHERE team_id = $1".to_owned()),
        (Unindexed::TeamsByOwner, "SELECT 1 FROM product_teams WHERE owner_id = $1".to_owned()),
    ]
}

/// Whether the plan of `sql` reads a table whole, be it one after the other or along an index that does not help.
async fn scans(session: &mut Session, sql: &str) -> StoreResult<bool> {
    let explain = format!("EXPLAIN (FORMAT JSON) {sql}");
    // What a parameter holds does not matter to a generic plan.
    let id = Id("0");
    let params: &[&(dyn tokio_postgres::types::ToSql + Sync)] = if sql.contains("$1") { &[&id] } else { &[] };
    let rows = session.query(&explain, params).await?;
    let Some(row) = rows.first() else { return Ok(true) };
    let plan: super::values::JsonText = super::rows::at(row, 0)?;
    let plan: serde_json::Value = serde_json::from_str(&plan.0).unwrap_or_default();
    let root = plan.get(0).and_then(|first| first.get("Plan"));
    Ok(root.is_none_or(reads_a_table_whole))
}

fn reads_a_table_whole(node: &serde_json::Value) -> bool {
    let kind = node.get("Node Type").and_then(serde_json::Value::as_str).unwrap_or_default();
    let along_nothing = kind.contains("Index") && kind.contains("Scan") && node.get("Index Cond").is_none();
    let inner = node.get("Plans").and_then(serde_json::Value::as_array);
    kind == "Seq Scan" || along_nothing || inner.is_some_and(|inner| inner.iter().any(reads_a_table_whole))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_that_reads_a_table_whole_is_known_by_its_nodes() {
        let node = |text: &str| reads_a_table_whole(&serde_json::from_str(text).unwrap());
        assert!(node(r#"{"Node Type": "Seq Scan"}"#));
        assert!(node(r#"{"Node Type": "Nested Loop", "Plans": [{"Node Type": "Index Only Scan"}]}"#));
        assert!(!node(r#"{"Node Type": "Index Scan", "Index Cond": "(id = 1)"}"#));
        let bitmap = r#"{"Node Type": "Bitmap Heap Scan", "Plans": [
            {"Node Type": "Bitmap Index Scan", "Index Cond": "(id = 1)"}]}"#;
        assert!(!node(bitmap));
    }
}
