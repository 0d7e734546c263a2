//! Who of a domain is elsewhere, and who of a team is outside.
//!
//! The product may have a million people: every question here is answered through an index, and what it costs depends
//! on the people it is about. Tests hold the query plans to that.

use std::collections::HashMap;

use rusqlite::Connection;
use rusqlite::types::Value;

use super::super::spelling;
use super::errors::Trouble;
use super::rows::Cell;
use crate::product::team::{MemberElsewhere, Outsider, Tally};
use crate::request::names::{EmailDomain, TeamId};

/// The role shown for whoever a team names as its owner.
const OWNER: &str = "owner";

/// Members of other teams under one spelling of a domain (?1), in order of address.
pub(super) const MEMBERS: &str = "SELECT u.email, u.active, u.id, m.team_id, m.role, m.since \
     FROM product_users u CROSS JOIN product_memberships m ON m.user_id = u.id \
     WHERE u.email_domain = ?1 AND m.team_id <> ?2 \
     ORDER BY u.email_normalised LIMIT ?3";

/// Owners of other teams who are not among their members; up to the address ?4.
pub(super) const OWNERS: &str = "SELECT u.email, u.active, u.id, t.id, 'owner', NULL \
     FROM product_users u CROSS JOIN product_teams t ON t.owner_id = u.id \
     WHERE u.email_domain = ?1 AND u.email_normalised <= ?4 AND t.id <> ?2 AND NOT EXISTS \
         (SELECT 1 FROM product_memberships m WHERE m.user_id = u.id AND m.team_id = t.id) \
     ORDER BY u.email_normalised LIMIT ?3";

/// Active users under one spelling of a domain (?1) who own a team, in order of address.
pub(super) const OWNERS_AT: &str = "SELECT u.id, u.email, u.name, u.active FROM product_users u \
     WHERE u.email_domain = ?1 AND u.active AND EXISTS (SELECT 1 FROM product_teams t WHERE t.owner_id = u.id) \
     ORDER BY u.email_normalised LIMIT ?2";

/// Active members and the owner of team ?1. Whose domain it is about, and who comes first, is cheaper to tell here than there.
pub(super) const OUTSIDERS: &str = "SELECT u.email, \
         CASE (SELECT owner_id FROM product_teams WHERE id = ?1) WHEN u.id THEN 'owner' ELSE m.role END, u.id \
     FROM product_memberships m CROSS JOIN product_users u ON u.id = m.user_id \
     WHERE m.team_id = ?1 AND u.active \
     UNION ALL \
     SELECT u.email, 'owner', u.id \
     FROM product_teams t CROSS JOIN product_users u ON u.id = t.owner_id \
     WHERE t.id = ?1 AND u.active AND NOT EXISTS \
         (SELECT 1 FROM product_memberships m WHERE m.user_id = u.id AND m.team_id = t.id)";

const TEAM: &str = "SELECT coalesce(name, ''), owner_id, id FROM product_teams WHERE id = ?1";

/// One person in one team, before the team has been looked up.
struct Found {
    /// `email_normalised`, made here: cheaper than to ask for.
    address: String,
    user_id: String,
    email: String,
    active: bool,
    team_id: String,
    role: String,
    since: Option<String>,
}

pub(super) fn members_elsewhere(
    connection: &Connection,
    domains: &[EmailDomain],
    team: &TeamId,
    listed: usize,
    ceiling: u64,
) -> Result<Tally<MemberElsewhere>, Trouble> {
    let mut total = 0;
    let mut found: Vec<Found> = Vec::new();
    for spelling in spelling::of_domains(domains) {
        let mut people = Stretch { spelling: &spelling, team, listed, rows: past(ceiling, total, listed), up_to: None };
        total += people.walk(connection, MEMBERS, &mut found)?;
        keep_first(&mut found, listed);
        // Once there are more than are counted, owners matter only where they come early enough to be shown: then the
        // rest of a domain as large as a mailbox provider's is not looked at.
        if total > ceiling && found.len() == listed {
            people.up_to = Some(found.last().map(|one| one.address.clone()).unwrap_or_default());
        }
        people.rows = past(ceiling, total, listed);
        total += people.walk(connection, OWNERS, &mut found)?;
        keep_first(&mut found, listed);
    }
    Ok(Tally { total: total.min(ceiling), capped: total > ceiling, listed: with_teams(connection, found)? })
}

/// How many rows to look at, at most: enough to show `listed`, and to know whether `total` gets past `ceiling`.
fn past(ceiling: u64, total: u64, listed: usize) -> u64 {
    ceiling.saturating_sub(total).saturating_add(1).max(listed as u64)
}

fn keep_first(found: &mut Vec<Found>, listed: usize) {
    found.sort_by(|one, other| (&one.address, &one.team_id).cmp(&(&other.address, &other.team_id)));
    found.truncate(listed);
}

/// The people under one spelling of a domain, in order of address.
struct Stretch<'a> {
    spelling: &'a str,
    team: &'a TeamId,
    /// How many are read.
    listed: usize,
    /// How many are counted.
    rows: u64,
    /// The last address looked at; `None` for all.
    up_to: Option<String>,
}

impl Stretch<'_> {
    /// Reads the first rows into `found` and counts the rest by stepping over them, which costs what `count(*)` does.
    fn walk(&self, connection: &Connection, sql: &str, found: &mut Vec<Found>) -> Result<u64, Trouble> {
        let mut statement = connection.prepare_cached(sql)?;
        statement.raw_bind_parameter(1, self.spelling)?;
        statement.raw_bind_parameter(2, self.team.as_str())?;
        statement.raw_bind_parameter(3, i64::try_from(self.rows).unwrap_or(i64::MAX))?;
        if statement.parameter_count() > 3 {
            // SQLite orders every blob behind every text: no bound.
            let bound = self.up_to.clone().map_or_else(|| Value::Blob(Vec::new()), Value::Text);
            statement.raw_bind_parameter(4, bound)?;
        }
        let mut rows = statement.raw_query();
        let mut total = 0;
        while let Some(row) = rows.next()? {
            if total < self.listed as u64 {
                let user = |index, column| Cell { index, table: "product_users", column, id: 2 };
                let membership = |index, column| Cell { index, table: "product_memberships", column, id: 2 };
                let email: String = user(0, "email").of(row)?;
                found.push(Found {
                    address: email.trim_matches(' ').to_ascii_lowercase(),
                    email,
                    active: user(1, "active").of(row)?,
                    user_id: user(2, "id").of(row)?,
                    team_id: membership(3, "team_id").of(row)?,
                    role: membership(4, "role").of(row)?,
                    since: membership(5, "since").of(row)?,
                });
            }
            total += 1;
        }
        Ok(total)
    }
}

/// Looks the teams up, each once; who owns one is shown as its owner whatever the membership says.
fn with_teams(connection: &Connection, found: Vec<Found>) -> Result<Vec<MemberElsewhere>, Trouble> {
    let mut statement = connection.prepare_cached(TEAM)?;
    let mut teams: HashMap<String, (Option<String>, Option<String>)> = HashMap::new();
    let mut members = Vec::with_capacity(found.len());
    for one in found {
        let (name, owner) = if let Some(known) = teams.get(&one.team_id) {
            known.clone()
        } else {
            let mut rows = statement.query([&one.team_id])?;
            let cell = |index, column| Cell { index, table: "product_teams", column, id: 2 };
            let known = match rows.next()? {
                Some(row) => (Some(cell(0, "name").of(row)?), cell(1, "owner_id").of(row)?),
                None => (None, None),
            };
            teams.insert(one.team_id.clone(), known.clone());
            known
        };
        members.push(MemberElsewhere {
            email: one.email,
            active: one.active,
            team_id: TeamId::new(one.team_id),
            team_name: name,
            role: if owner.as_deref() == Some(&one.user_id) { OWNER.to_owned() } else { one.role },
            since: one.since,
        });
    }
    Ok(members)
}

pub(super) fn members_outside(
    connection: &Connection,
    team: &TeamId,
    domains: &[EmailDomain],
    listed: usize,
    ceiling: u64,
) -> Result<Tally<Outsider>, Trouble> {
    let spellings = spelling::of_domains(domains);
    let mut statement = connection.prepare_cached(OUTSIDERS)?;
    let mut rows = statement.query([team.as_str()])?;
    let mut total = 0;
    let mut first: Vec<(String, Outsider)> = Vec::new();
    while let Some(row) = rows.next()? {
        let email = Cell { index: 0, table: "product_users", column: "email", id: 2 };
        let Some(email) = email.of::<Option<String>>(row)? else { continue };
        let address = email.trim_matches(' ').to_ascii_lowercase();
        // As `email_domain` has it.
        let domain = address.rsplit_once('@').map_or("", |(_, domain)| domain.trim_end_matches('.'));
        if spellings.iter().any(|spelling| spelling == domain) || spelling::is_inside(&email, domains) {
            continue;
        }
        total += 1;
        let at = first.partition_point(|(other, _)| *other <= address);
        if at < listed {
            let role = Cell { index: 1, table: "product_memberships", column: "role", id: 2 }.of(row)?;
            first.insert(at, (address, Outsider { email, role }));
            first.truncate(listed);
        }
    }
    let listed = first.into_iter().map(|(_, outsider)| outsider).collect();
    Ok(Tally { total: total.min(ceiling), capped: total > ceiling, listed })
}
