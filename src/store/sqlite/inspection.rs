//! What `doctor` wants to know of the product's side.

use rusqlite::{Connection, ErrorCode, OptionalExtension as _};

use super::super::contract;
use super::super::inspection::{PLANS, ROLES, SURPRISES, is_whole, lost, relations};
use super::errors::{Trouble, reason};
use super::{people, reads, schema};
use crate::product::contract::{COLUMNS, Inspection, Relation, Surprise, SurpriseKind, Unindexed};

/// What the embedded tables generate, and a view over other tables has to offer too: the index is over these.
const FURTHER: [(&str, &str); 2] = [("product_users", "email_normalised"), ("product_users", "email_domain")];

/// What a check reads, and in which type: every value has a type of its own here, and a view hands on what there is. Ids that are
/// only compared may be of any.
const READ: [(&str, &[&str], &str); 5] = [
    ("product_users", &["id", "email", "name", "email_normalised", "email_domain"], "text"),
    ("product_users", &["active"], "integer"),
    ("product_teams", &["id", "name", "plan"], "text"),
    ("product_teams", &["management_enabled"], "integer"),
    ("product_memberships", &["team_id", "role", "since"], "text"),
];

pub(super) fn inspect(connection: &Connection) -> Result<Inspection, Trouble> {
    let mut found = Vec::new();
    let mut broken = Vec::new();
    for (name, _) in COLUMNS {
        match columns(connection, name) {
            Ok(columns) => found.extend(columns),
            // A view over something that is gone has none to tell.
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::Unknown) => broken.push((name, reason(&error))),
            Err(error) => return Err(error.into()),
        }
    }
    let mut statement = connection.prepare("SELECT name FROM sqlite_schema WHERE type IN ('trigger', 'index')")?;
    let there = statement.query_map([], |row| row.get(0))?.collect::<Result<Vec<String>, _>>()?;
    let mut inspection = Inspection {
        relations: relations(&found, &FURTHER, |_, _| true),
        lost: schema::MIGRATIONS.iter().flat_map(|(_, sql)| lost(sql, &there)).collect(),
        ..Inspection::default()
    };
    for (name, reason) in broken {
        for relation in inspection.relations.iter_mut().filter(|relation| relation.name == name) {
            *relation =
                Relation { name, exists: true, broken: Some(reason.clone()), missing: vec![], mistyped: vec![] };
        }
    }
    if !is_whole(&inspection.relations) {
        return Ok(inspection);
    }
    for relation in &mut inspection.relations {
        relation.mistyped = mistyped(connection, relation.name)?;
    }
    if !is_whole(&inspection.relations) {
        return Ok(inspection);
    }
    let read_otherwise = (
        SurpriseKind::AddressReadOtherwise,
        &*format!(
            "SELECT count(*), min(email) FROM product_users WHERE email_normalised IS NOT lower(trim(email)) \
             OR email IS NOT NULL AND email_domain IS NOT {}",
            contract::sqlite_domain("email")
        ),
    );
    for (kind, sql) in SURPRISES.into_iter().chain([read_otherwise]) {
        let (count, example): (i64, Option<String>) =
            connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
        if count > 0 {
            let count = u64::try_from(count).unwrap_or_default();
            inspection.surprises.push(Surprise { kind, count, example: example.unwrap_or_default() });
        }
    }
    let words = |sql| connection.prepare(sql)?.query_map([], |row| row.get(0))?.collect::<Result<Vec<String>, _>>();
    (inspection.plans, inspection.roles) = (words(PLANS)?, words(ROLES)?);
    for (question, sql) in [
        (Unindexed::UsersByDomain, people::MEMBERS),
        (Unindexed::UsersByAddress, reads::USERS_BY_EMAIL),
        (Unindexed::MembershipsByUser, reads::MEMBERSHIPS_OF),
        (Unindexed::MembershipsByTeam, people::OUTSIDERS),
        (Unindexed::TeamsByOwner, reads::TEAMS_OWNED_BY),
    ] {
        if scans(connection, sql)? {
            inspection.unindexed.push(question);
        }
    }
    Ok(inspection)
}

/// The columns of a relation, as [`relations`] takes them.
fn columns(connection: &Connection, name: &str) -> rusqlite::Result<Vec<(String, String, String)>> {
    // `table_xinfo`, since `table_info` leaves out generated columns.
    let mut statement = connection.prepare("SELECT name, type FROM pragma_table_xinfo(?1)")?;
    let columns = statement.query_map([name], |row| Ok((name.to_owned(), row.get(0)?, row.get(1)?)))?;
    columns.collect()
}

/// The columns of a relation that hold a value of another type than a check reads, with that type.
fn mistyped(connection: &Connection, name: &str) -> rusqlite::Result<Vec<(String, String)>> {
    let mut mistyped = Vec::new();
    for (_, columns, wanted) in READ.iter().filter(|(relation, ..)| *relation == name) {
        for column in *columns {
            let sql = format!("SELECT typeof({column}) FROM {name} WHERE typeof({column}) NOT IN (?1, 'null') LIMIT 1");
            let kind: Option<String> = connection.query_row(&sql, [wanted], |row| row.get(0)).optional()?;
            mistyped.extend(kind.map(|kind| ((*column).to_owned(), kind)));
        }
    }
    Ok(mistyped)
}

/// Whether the plan reads a table whole.
fn scans(connection: &Connection, sql: &str) -> Result<bool, Trouble> {
    let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
    for parameter in 1..=statement.parameter_count() {
        statement.raw_bind_parameter(parameter, "[]")?;
    }
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next()? {
        let step: String = row.get(3)?;
        // A list that came with the question is walked, and an index that SQLite makes for this one question helps nobody.
        let ours = step.contains("json_each") || step.contains("(subquery") || step.contains("CONSTANT ROW");
        if (step.starts_with("SCAN") && !ours) || step.contains("AUTOMATIC") {
            return Ok(true);
        }
    }
    Ok(false)
}
