//! What `doctor` wants to know of the product's side.

use rusqlite::Connection;

use super::super::inspection::{SURPRISES, is_whole, lost, relations};
use super::errors::Trouble;
use super::{people, reads, schema};
use crate::product::contract::{COLUMNS, Inspection, Surprise, Unindexed};

/// What the embedded tables generate, and a view over other tables has to offer too: the index is over these.
const FURTHER: [(&str, &str); 2] = [("product_users", "email_normalised"), ("product_users", "email_domain")];

pub(super) fn inspect(connection: &Connection) -> Result<Inspection, Trouble> {
    let mut found = Vec::new();
    for (name, _) in COLUMNS {
        // `table_xinfo`, since `table_info` leaves out generated columns.
        let mut statement = connection.prepare("SELECT name, type FROM pragma_table_xinfo(?1)")?;
        let columns = statement.query_map([name], |row| Ok((name.to_owned(), row.get(0)?, row.get(1)?)))?;
        found.extend(columns.collect::<Result<Vec<(String, String, String)>, _>>()?);
    }
    let mut statement = connection.prepare("SELECT name FROM sqlite_schema WHERE type IN ('trigger', 'index')")?;
    let there = statement.query_map([], |row| row.get(0))?.collect::<Result<Vec<String>, _>>()?;
    let mut inspection = Inspection {
        relations: relations(&found, &FURTHER, |_, _| true),
        lost: schema::MIGRATIONS.iter().flat_map(|(_, sql)| lost(sql, &there)).collect(),
        ..Inspection::default()
    };
    if !is_whole(&inspection.relations) {
        return Ok(inspection);
    }
    for (kind, sql) in SURPRISES {
        let (count, example): (i64, Option<String>) =
            connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
        if count > 0 {
            let count = u64::try_from(count).unwrap_or_default();
            inspection.surprises.push(Surprise { kind, count, example: example.unwrap_or_default() });
        }
    }
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
