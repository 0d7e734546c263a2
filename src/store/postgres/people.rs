//! Who of a domain is elsewhere, and who of a team is outside.
//!
//! The product may have a million people: every question here is answered through an index and in one round trip, and what
//! it costs depends on the people it is about. Tests hold the query plans to that.

use std::pin::pin;

use futures::TryStreamExt as _;
use tokio_postgres::Row;

use super::super::spelling;
use super::rows::Cell;
use super::session::Session;
use super::values::Id;
use crate::product::repository::StoreResult;
use crate::product::team::{MemberElsewhere, Outsider, Tally};
use crate::request::names::{EmailDomain, TeamId};

/// The domain of an address `email`, as the index over the product's users has it: what follows the last `@`, in small
/// letters of ASCII, without the dot that is the root of DNS. Under the collation `C` it is the same on every server.
macro_rules! domain_of {
    ($email:literal) => {
        concat!("rtrim(lower(substring(btrim(", $email, r#"::text COLLATE "C") from '@([^@]*)$')), '.')"#)
    };
}

/// An address `email` as it is compared and sorted.
macro_rules! address_of {
    ($email:literal) => {
        concat!("lower(btrim(", $email, r#"::text COLLATE "C"))"#)
    };
}

pub(super) use {address_of, domain_of};

/// Those two over a column called `email`, for the index.
pub(in crate::store) const INDEXED: [&str; 2] = [domain_of!("email"), address_of!("email")];

/// Users under one of the addresses $2, whose domains are $1.
pub(super) const USERS_BY_EMAIL: &str = concat!(
    "SELECT u.id::text, u.email::text, u.name::text, u.active FROM product_users u WHERE ",
    domain_of!("u.email"),
    " = ANY ($1) AND ",
    address_of!("u.email"),
    " = ANY ($2) ORDER BY u.id::text COLLATE \"C\""
);

/// The first $2 active users of the domains $1 who own a team, in order of address.
pub(super) const OWNERS_AT: &str = concat!(
    "SELECT u.id::text, u.email::text, u.name::text, u.active FROM product_users u WHERE ",
    domain_of!("u.email"),
    " = ANY ($1) AND u.active AND EXISTS (SELECT 1 FROM product_teams t WHERE t.owner_id = u.id) ORDER BY ",
    address_of!("u.email"),
    " LIMIT $2"
);

/// Members and owners of teams other than $2 under one of the spellings $1 of their domains, in order of address; of each
/// spelling at most $3 are looked at, and $4 are given. The people of a domain are read once, for both.
pub(super) const MEMBERS: &str = concat!(
    "SELECT f.email, f.active, f.id::text, f.team_id::text, \
         CASE WHEN t.id IS NOT NULL THEN coalesce(t.name::text, '') END, \
         CASE WHEN t.owner_id = f.id THEN 'owner' ELSE f.role END, f.since, f.total \
     FROM (SELECT people.*, count(*) OVER () AS total \
           FROM unnest($1::text[]) AS spelling(name) CROSS JOIN LATERAL ( \
               SELECT ",
    address_of!("u.email"),
    ", u.email::text, u.active, u.id, elsewhere.team_id, elsewhere.role, elsewhere.since \
               FROM product_users u CROSS JOIN LATERAL ( \
                   SELECT m.team_id, m.role::text, m.since::text FROM product_memberships m \
                   WHERE m.user_id = u.id AND m.team_id <> $2 \
                   UNION ALL \
                   SELECT t.id, 'owner', NULL FROM product_teams t \
                   WHERE t.owner_id = u.id AND t.id <> $2 AND NOT EXISTS \
                       (SELECT 1 FROM product_memberships m WHERE m.user_id = u.id AND m.team_id = t.id) \
               ) AS elsewhere(team_id, role, since) \
               WHERE ",
    domain_of!("u.email"),
    " = spelling.name ORDER BY 1 LIMIT $3 \
           ) AS people(address, email, active, id, team_id, role, since) \
           ORDER BY address, people.team_id::text COLLATE \"C\" LIMIT $4) AS f \
     LEFT JOIN product_teams t ON t.id = f.team_id \
     ORDER BY f.address, f.team_id::text COLLATE \"C\""
);

/// Active members and the owner of team $1 whose domain is under none of the spellings $2, in order of address.
pub(super) const OUTSIDERS: &str = concat!(
    "SELECT ",
    address_of!("u.email"),
    " AS address, u.email::text, u.id::text, \
         CASE WHEN u.id IN (SELECT t.owner_id FROM product_teams t WHERE t.id = $1) THEN 'owner' ELSE m.role::text END \
     FROM product_memberships m JOIN product_users u ON u.id = m.user_id \
     WHERE m.team_id = $1 AND u.active AND u.email IS NOT NULL AND coalesce(",
    domain_of!("u.email"),
    ", '') <> ALL ($2) \
     UNION ALL \
     SELECT ",
    address_of!("u.email"),
    ", u.email::text, u.id::text, 'owner' \
     FROM product_teams t JOIN product_users u ON u.id = t.owner_id \
     WHERE t.id = $1 AND u.active AND u.email IS NOT NULL AND coalesce(",
    domain_of!("u.email"),
    ", '') <> ALL ($2) AND NOT EXISTS \
         (SELECT 1 FROM product_memberships m WHERE m.user_id = u.id AND m.team_id = t.id) \
     ORDER BY address"
);

pub(super) async fn members_elsewhere(
    session: &mut Session,
    domains: &[EmailDomain],
    team: &TeamId,
    listed: usize,
    ceiling: u64,
) -> StoreResult<Tally<MemberElsewhere>> {
    if let Some(known) =
        session.ahead.as_ref().and_then(|ahead| ahead.members_elsewhere(domains, team, listed, ceiling))
    {
        return Ok(known);
    }
    let spellings = spelling::of_domains(domains);
    // Enough to show, and to know whether there are more than are counted.
    let looked_at = rows(ceiling.saturating_add(1).max(listed as u64));
    // The count comes with the rows: one at the least.
    let given = rows(listed.max(1) as u64);
    let found = session.query(MEMBERS, &[&spellings, &Id(team.as_str()), &looked_at, &given]).await?;
    let total = found.first().map_or(Ok(0), |row| super::rows::ours::<i64>(row, "total"))?;
    let total = u64::try_from(total).unwrap_or_default();
    let members = found.iter().take(listed).map(member);
    Ok(Tally { total: total.min(ceiling), capped: total > ceiling, listed: members.collect::<StoreResult<_>>()? })
}

/// The first seven columns of [`MEMBERS`].
pub(super) fn member(row: &Row) -> StoreResult<MemberElsewhere> {
    let user = |index, column| Cell { index, table: "product_users", column, id: 2 };
    let membership = |index, column| Cell { index, table: "product_memberships", column, id: 2 };
    Ok(MemberElsewhere {
        email: user(0, "email").of(row)?,
        active: user(1, "active").of(row)?,
        team_id: TeamId::new(membership(3, "team_id").of::<&str>(row)?),
        team_name: Cell { index: 4, table: "product_teams", column: "name", id: 3 }.of(row)?,
        role: membership(5, "role").of(row)?,
        since: membership(6, "since").of(row)?,
    })
}

fn rows(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

pub(super) async fn members_outside(
    session: &mut Session,
    team: &TeamId,
    domains: &[EmailDomain],
    listed: usize,
    ceiling: u64,
) -> StoreResult<Tally<Outsider>> {
    let spellings = spelling::of_domains(domains);
    let mut tally = Tally::default();
    let mut fault = None;
    session
        .within(async |client| {
            let statement = client.prepare_cached(OUTSIDERS).await?;
            let id = Id(team.as_str());
            let params: [&(dyn tokio_postgres::types::ToSql + Sync); 2] = [&id, &spellings];
            let mut rows = pin!(client.query_raw(&statement, params).await?);
            // What is left unread when the count is full is read away by the connection.
            while let Some(row) = rows.try_next().await? {
                match outsider(&row) {
                    Ok(one) if spelling::is_inside(&one.email, domains) => {}
                    Ok(_) if tally.total == ceiling => {
                        tally.capped = true;
                        break;
                    }
                    Ok(one) => {
                        tally.total += 1;
                        if tally.listed.len() < listed {
                            tally.listed.push(one);
                        }
                    }
                    Err(error) => {
                        fault = Some(error);
                        break;
                    }
                }
            }
            Ok(())
        })
        .await?;
    fault.map_or(Ok(tally), Err)
}

fn outsider(row: &tokio_postgres::Row) -> StoreResult<Outsider> {
    Ok(Outsider {
        email: Cell { index: 1, table: "product_users", column: "email", id: 2 }.of(row)?,
        role: Cell { index: 3, table: "product_memberships", column: "role", id: 2 }.of(row)?,
    })
}
