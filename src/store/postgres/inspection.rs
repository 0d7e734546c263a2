//! What `doctor` wants to know of the product's side.

use std::collections::HashMap;
use std::sync::Arc;

use super::super::inspection::{PLANS, ROLES, SURPRISES, is_whole, lost, relations};
use super::session::{Gate, Session};
use super::{people, schema};
use crate::product::contract::{Inspection, Lacking, ReadOnly, Surprise, Unindexed};
use crate::product::repository::{StoreError, StoreResult};

const COLUMNS: &str = "SELECT v.name, a.attname::text, t.typname::text, t.typcategory::text \
     FROM unnest($1::text[]) AS v(name) JOIN pg_attribute a ON a.attrelid = to_regclass(v.name) AND a.attnum > 0 \
         AND NOT a.attisdropped \
     JOIN pg_type t ON t.oid = a.atttypid";

/// What a run reads and writes: the rights that the second part of the contract grants `ssoctl_operator`. `LOCK` needs no `SELECT`.
const RIGHTS: [(&str, &[&str]); 9] = [
    ("product_users", &["SELECT"]),
    ("product_teams", &["SELECT"]),
    ("product_memberships", &["SELECT"]),
    ("sso_schema_history", &["SELECT"]),
    ("sso_audit_log", &["SELECT", "INSERT"]),
    ("sso_connections", &["SELECT", "INSERT", "UPDATE", "DELETE"]),
    ("sso_domains", &["SELECT", "INSERT", "UPDATE", "DELETE"]),
    ("scim_tokens", &["SELECT", "INSERT", "UPDATE", "DELETE"]),
    ("sso_write_lock", &["UPDATE"]),
];

/// Those rights ($2 on $1) that we have not, by relation.
const LACKING: &str = "SELECT format('%I.%I', n.nspname, c.relname), array_agg(asked.privilege ORDER BY asked.place), \
         quote_ident(current_user) \
     FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS asked(relation, privilege, place) \
         JOIN pg_class c ON c.oid = to_regclass(asked.relation) JOIN pg_namespace n ON n.oid = c.relnamespace \
     WHERE NOT has_table_privilege(c.oid, asked.privilege) \
     GROUP BY 1 ORDER BY min(asked.place)";

/// The triggers that act and the indexes that answer, of our own tables.
const PARTS: &str = "SELECT tgname::text FROM pg_trigger WHERE tgrelid = to_regclass('sso_audit_log') \
         AND tgenabled IN ('O', 'A') \
     UNION ALL SELECT c.relname::text FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid \
     WHERE i.indisvalid AND i.indrelid IN (to_regclass('sso_audit_log'), to_regclass('sso_connections'), \
         to_regclass('sso_domains'), to_regclass('scim_tokens'))";

/// Ids that are compared with one another, which types may forbid: the relation and column that offers the one, and a question
/// that compares it.
const COMPARED: [(&str, &str, &str); 3] = [
    ("product_teams", "owner_id", "SELECT FROM product_teams t JOIN product_users u ON u.id = t.owner_id LIMIT 0"),
    (
        "product_memberships",
        "user_id",
        "SELECT FROM product_memberships m JOIN product_users u ON u.id = m.user_id LIMIT 0",
    ),
    (
        "product_memberships",
        "team_id",
        "SELECT FROM product_memberships m JOIN product_teams t ON t.id = m.team_id LIMIT 0",
    ),
];

/// Whether anything can be written: whether the server follows another one, and what a transaction may do unless it says so.
const READ_ONLY: &str = "SELECT pg_is_in_recovery(), current_setting('default_transaction_read_only')::boolean";

/// Counting a large product takes as long as it takes, within reason, and reads whole tables.
const PATIENTLY: &str = "SET LOCAL enable_seqscan = on; SET LOCAL statement_timeout = '5min'; SET LOCAL idle_in_transaction_session_timeout = 0";

/// A plan may not scan where it can help it: what it scans even so has no index.
const NO_SCANS: &str = "SET LOCAL enable_seqscan = off; SET LOCAL plan_cache_mode = force_generic_plan";

/// The column that each of the indexes $1 is sorted by first, where that is one: an expression is there for our question.
const FIRST_COLUMNS: &str = "SELECT c.relname::text, a.attname::text FROM pg_index i \
     JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am m ON m.oid = c.relam AND m.amname = 'btree' \
     JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0] WHERE c.relname = ANY ($1::text[])";

pub(super) async fn inspect(gate: Arc<Gate>) -> StoreResult<Inspection> {
    let unverified = gate.unverified;
    let mut session = Session::reading(gate).await?;
    session.batch(PATIENTLY).await?;
    let names: Vec<&str> = crate::product::contract::COLUMNS.iter().map(|(name, _)| *name).collect();
    let found = session.query(COLUMNS, &[&names]).await?;
    let mut categories = HashMap::new();
    for row in &found {
        categories.insert(super::rows::at::<String>(row, 2)?, super::rows::at::<String>(row, 3)?);
    }
    let found: Vec<(String, String, String)> = found
        .iter()
        .map(|row| Ok((super::rows::at(row, 0)?, super::rows::at(row, 1)?, super::rows::at(row, 2)?)))
        .collect::<StoreResult<_>>()?;
    // Whatever has a text form can be an id or a name; what is true or false cannot be told from another type, and an address
    // is text. A domain is of the category of the type that it is over.
    let readable = |column: &str, kind: &str| match column {
        "active" | "management_enabled" => categories.get(kind).is_some_and(|category| category == "B"),
        "email" => categories.get(kind).is_some_and(|category| category == "S"),
        _ => true,
    };
    let parts = session.query(PARTS, &[]).await?;
    let parts: Vec<String> = parts.iter().map(|row| super::rows::at(row, 0)).collect::<StoreResult<_>>()?;
    let mut inspection = Inspection {
        relations: relations(&found, &[], readable),
        lost: schema::MIGRATIONS.iter().flat_map(|(_, sql)| lost(sql, &parts)).collect(),
        lacking: lacking(&mut session).await?,
        read_only: read_only(&mut session).await?,
        unverified,
        ..Inspection::default()
    };
    if !is_whole(&inspection.relations) || inspection.lacks_reading() {
        return Ok(inspection);
    }
    for relation in &mut inspection.relations {
        relation.broken = broken(&mut session, relation.name).await?;
    }
    if !is_whole(&inspection.relations) {
        return Ok(inspection);
    }
    for (relation, column, sql) in COMPARED {
        session.batch("SAVEPOINT attempt").await?;
        match session.batch(sql).await {
            Ok(()) => {}
            Err(StoreError::Other { .. }) => {
                session.undo().await?;
                let kind = found.iter().find(|(name, of, _)| name == relation && of == column);
                let mistyped = (column.to_owned(), kind.map(|(.., kind)| kind.clone()).unwrap_or_default());
                let relations = &mut inspection.relations;
                relations
                    .iter_mut()
                    .filter(|one| one.name == relation)
                    .for_each(|one| one.mistyped.push(mistyped.clone()));
            }
            Err(error) => return Err(error),
        }
    }
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
    for (words, sql) in [(&mut inspection.plans, PLANS), (&mut inspection.roles, ROLES)] {
        let rows = session.query_patiently(sql).await?;
        *words = rows.iter().map(|row| super::rows::at(row, 0)).collect::<StoreResult<_>>()?;
    }
    session.batch(NO_SCANS).await?;
    for (question, sql) in questions() {
        if scans(&mut session, &sql).await? {
            inspection.unindexed.push(question);
        }
    }
    Ok(inspection)
}

/// The rights that our role has not.
async fn lacking(session: &mut Session) -> StoreResult<Vec<Lacking>> {
    let asked = || RIGHTS.iter().flat_map(|(relation, rights)| rights.iter().map(move |right| (*relation, *right)));
    let (relations, rights): (Vec<&str>, Vec<&str>) = asked().unzip();
    let found = session.query(LACKING, &[&relations, &rights]).await?;
    let read = |row| {
        Ok(Lacking {
            relation: super::rows::at(row, 0)?,
            rights: super::rows::at(row, 1)?,
            role: super::rows::at(row, 2)?,
        })
    };
    found.iter().map(read).collect()
}

/// What a view of the product's says instead of giving every value of every row.
async fn broken(session: &mut Session, name: &str) -> StoreResult<Option<String>> {
    session.batch("SAVEPOINT attempt").await?;
    match session.query_patiently(&format!("SELECT count(every::text) FROM {name} AS every")).await {
        Ok(_) => Ok(None),
        Err(StoreError::Other { reason } | StoreError::NoRight { reason, .. }) => {
            session.undo().await?;
            Ok(Some(reason))
        }
        Err(error) => Err(error),
    }
}

/// Why nothing can be written, if that is so.
async fn read_only(session: &mut Session) -> StoreResult<Option<ReadOnly>> {
    let found = session.query(READ_ONLY, &[]).await?;
    let Some(row) = found.first() else { return Ok(None) };
    let (follows, only_reads): (bool, bool) = (super::rows::at(row, 0)?, super::rows::at(row, 1)?);
    Ok(if follows { Some(ReadOnly::Standby) } else { only_reads.then_some(ReadOnly::Setting) })
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
///
/// It is planned for whatever the parameter may be: one that is known may answer by itself, as NULL does for an id, and then the
/// plan asks no index.
async fn scans(session: &mut Session, sql: &str) -> StoreResult<bool> {
    session.batch(&format!("PREPARE ssoctl_question AS {sql}")).await?;
    let parameter = if sql.contains("$1") { "(NULL)" } else { "" };
    let rows = session.query_patiently(&format!("EXPLAIN (FORMAT JSON) EXECUTE ssoctl_question{parameter}")).await?;
    session.batch("DEALLOCATE ssoctl_question").await?;
    let Some(row) = rows.first() else { return Ok(true) };
    let plan: super::values::JsonText = super::rows::at(row, 0)?;
    let plan: serde_json::Value = serde_json::from_str(&plan.0).unwrap_or_default();
    let Some(root) = plan.get(0).and_then(|first| first.get("Plan")) else { return Ok(true) };
    let mut conditions = Vec::new();
    index_conditions(root, &mut conditions);
    if reads_a_table_whole(root) {
        return Ok(true);
    }
    let names: Vec<&str> = conditions.iter().map(|(index, _)| *index).collect();
    let mut first_columns = Vec::new();
    for row in session.query(FIRST_COLUMNS, &[&names]).await? {
        first_columns.push((super::rows::at::<String>(&row, 0)?, super::rows::at::<String>(&row, 1)?));
    }
    Ok(conditions.iter().any(|(index, condition)| reads_an_index_whole(index, condition, &first_columns)))
}

/// The indexes that a plan uses, each with its condition.
fn index_conditions<'n>(node: &'n serde_json::Value, found: &mut Vec<(&'n str, &'n str)>) {
    let text = |name| node.get(name).and_then(serde_json::Value::as_str);
    found.extend(text("Index Name").zip(text("Index Cond")));
    let inner = node.get("Plans").and_then(serde_json::Value::as_array);
    inner.into_iter().flatten().for_each(|inner| index_conditions(inner, found));
}

/// Whether a condition leaves out the column that an index is sorted by first, as an index by team and user does of a user: it is
/// then read from end to end. Of several indexes of that name, one that serves is enough.
fn reads_an_index_whole(index: &str, condition: &str, first_columns: &[(String, String)]) -> bool {
    let is_part = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == '$';
    let named = |column: &str| {
        let is_word = column.chars().all(is_part);
        if is_word {
            condition.split(|letter| !is_part(letter)).any(|word| word == column)
        } else {
            condition.contains(column)
        }
    };
    let mut of_it = first_columns.iter().filter(|(name, _)| name == index).peekable();
    of_it.peek().is_some() && of_it.all(|(_, column)| !named(column))
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
    fn every_right_that_is_asked_for_is_granted_by_the_contract() {
        let contract = crate::store::contract::template(crate::store::contract::Dialect::Postgres, Some("sso"));
        let grants: Vec<&str> =
            contract.lines().filter(|line| line.starts_with("GRANT ") && line.contains("TO ssoctl_operator")).collect();
        for (relation, rights) in RIGHTS {
            for right in rights {
                let granted = |line: &&&str| line.contains(&format!("sso.{relation}")) && line.contains(right);
                assert!(grants.iter().any(|line| granted(&line)), "{right} on {relation}");
            }
        }
    }

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

    #[test]
    fn an_index_that_begins_with_another_column_does_not_help() {
        let first = |index: &str, column: &str| (index.to_owned(), column.to_owned());
        let columns = [first("pkey", "team_id"), first("pkey", "id"), first("both", "id"), first("both", "user_id")];
        assert!(reads_an_index_whole("pkey", "(user_id = $1)", &columns));
        assert!(!reads_an_index_whole("both", "(user_id = $1)", &columns));
        assert!(!reads_an_index_whole("odd", "(\"team-id\" = $1)", &[first("odd", "team-id")]));
        assert!(!reads_an_index_whole("over_an_expression", "(lower(email) = $1)", &columns));
        let plan = r#"{"Node Type": "Nested Loop", "Plans": [{"Node Type": "Bitmap Heap Scan", "Plans": [
            {"Node Type": "Bitmap Index Scan", "Index Name": "pkey", "Index Cond": "(id = 1)"}]}]}"#;
        let plan = serde_json::from_str(plan).unwrap();
        let mut found = Vec::new();
        index_conditions(&plan, &mut found);
        assert_eq!(found, [("pkey", "(id = 1)")]);
    }
}
