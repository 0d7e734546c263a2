//! What many requests will ask about people, read for all of them in one go.
//!
//! Where the product's users have no index by domain, every question about a domain reads all of them: then a thousand
//! questions are a thousand times that, and together they are once. It holds for one transaction, whose snapshot no other
//! question sees otherwise. What cannot be read ahead is asked when its turn comes, so that the fault is that row's own.

use std::collections::HashMap;
use std::pin::pin;

use futures::TryStreamExt as _;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::super::spelling;
use super::people::{self, address_of, domain_of};
use super::rows::{self, Cell};
use super::session::Session;
use super::values::Ids;
use crate::product::facts::{TeamQuestion, without_tag};
use crate::product::repository::StoreResult;
use crate::product::team::{MemberElsewhere, Tally, User};
use crate::request::names::{EmailAddress, EmailDomain, TeamId};

/// Users of the domains $1. Joined, and not compared by `ANY`: under a plan made once that would compare every user with each of
/// them, where a join looks each user's domain up. `unnest` stands in FROM, since beside a set in its target list the server
/// does not let several processes share the users.
pub(super) const PEOPLE: &str = concat!(
    "SELECT u.id::text, u.email::text, u.name::text, u.active, ",
    address_of!("u.email"),
    " FROM product_users u WHERE ",
    domain_of!("u.email"),
    " IN (SELECT name FROM unnest($1::text[]) AS domain(name))"
);

/// All users are read, so the plan is to be the best for that: of two that are forbidden anyway the server would take either.
pub(super) const READING_ALL: &str = "SET LOCAL enable_seqscan = on";
const READING_FEW: &str = "SET LOCAL enable_seqscan = off";

/// Teams of the users $1, by domain and team: how many of the domain are in it, and the first $2 of them.
const TEAMS: &str = concat!(
    "SELECT f.email, f.active, f.id::text, f.team_id::text, \
         CASE WHEN t.id IS NOT NULL THEN coalesce(t.name::text, '') END, \
         CASE WHEN t.owner_id = f.id THEN 'owner' ELSE f.role END, f.since, f.address, f.domain, f.total \
     FROM (SELECT people.*, count(*) OVER (PARTITION BY domain, team_id) AS total, \
               row_number() OVER (PARTITION BY domain, team_id ORDER BY address) AS place \
           FROM (SELECT ",
    address_of!("u.email"),
    ", ",
    domain_of!("u.email"),
    ", u.email::text, u.active, u.id, m.team_id, m.role::text, m.since::text \
                 FROM product_users u JOIN product_memberships m ON m.user_id = u.id WHERE u.id = ANY ($1) \
                 UNION ALL \
                 SELECT ",
    address_of!("u.email"),
    ", ",
    domain_of!("u.email"),
    ", u.email::text, u.active, u.id, t.id, 'owner', NULL \
                 FROM product_users u JOIN product_teams t ON t.owner_id = u.id WHERE u.id = ANY ($1) AND NOT EXISTS \
                     (SELECT 1 FROM product_memberships m WHERE m.user_id = u.id AND m.team_id = t.id) \
           ) AS people(address, domain, email, active, id, team_id, role, since)) AS f \
     LEFT JOIN product_teams t ON t.id = f.team_id \
     WHERE f.place <= $2"
);

/// How many people of a domain are read of each team: of a few thousand domains they are all held at once.
const READ: usize = 20;

/// What was read ahead.
#[derive(Default)]
pub(super) struct Ahead {
    /// Who has an address that will be asked for, in the spelling of the index.
    users: HashMap<String, Vec<User>>,
    /// The teams of the people of a domain, in the spelling of the index.
    teams: HashMap<String, Vec<OfTeam>>,
}

/// The people of one domain in one team.
#[derive(Default)]
struct OfTeam {
    team: String,
    total: u64,
    /// The first of them, with their addresses.
    first: Vec<(String, MemberElsewhere)>,
}

/// Reads ahead what `questions` will ask.
pub(super) async fn read(session: &mut Session, questions: &[TeamQuestion]) -> StoreResult<Ahead> {
    let mut ahead = Ahead::default();
    for question in questions {
        let owner = Some(question.owner.clone());
        let addresses = [owner, without_tag(&question.owner), question.requested_by.clone()];
        for address in addresses.into_iter().flatten() {
            ahead.users.extend(spelling::of_address(&address).into_iter().map(|one| (one, Vec::new())));
            let domains = spelling::of_domains(std::slice::from_ref(address.domain()));
            ahead.teams.extend(domains.into_iter().map(|one| (one, Vec::new())));
        }
        let domains = spelling::of_domains(&question.domains);
        ahead.teams.extend(domains.into_iter().map(|one| (one, Vec::new())));
    }
    let domains: Vec<&str> = ahead.teams.keys().map(String::as_str).collect();
    let (mut found, mut ids) = (Vec::new(), Vec::new());
    let users = &ahead.users;
    session
        .within(async |client| {
            client.batch_execute(READING_ALL).await?;
            let statement = client.prepare_cached(PEOPLE).await?;
            let params: [&(dyn ToSql + Sync); 1] = [&domains];
            let mut rows = pin!(client.query_raw(&statement, params).await?);
            while let Some(row) = rows.try_next().await? {
                ids.extend(row.try_get::<_, String>(0).ok());
                // Of all others the id is enough: their teams are looked up by it.
                if let Ok(address) = row.try_get::<_, String>(4)
                    && users.contains_key(&address)
                {
                    found.push((address, row));
                }
            }
            client.batch_execute(READING_FEW).await
        })
        .await?;
    ahead.note_users(found);
    let listed = i64::try_from(READ).unwrap_or(i64::MAX);
    for row in session.query(TEAMS, &[&Ids(&ids), &listed]).await? {
        ahead.note_team(&row);
    }
    Ok(ahead)
}

impl Ahead {
    fn note_users(&mut self, found: Vec<(String, Row)>) {
        for (address, row) in found {
            match rows::user(&row) {
                Ok(user) => self.users.entry(address).or_default().push(user),
                Err(_) => _ = self.users.remove(&address),
            }
        }
        for users in self.users.values_mut() {
            users.sort_by(|one, other| one.id.as_str().cmp(other.id.as_str()));
        }
    }

    fn note_team(&mut self, row: &Row) {
        let Ok(domain) = row.try_get::<_, &str>(8) else { return };
        let Some(teams) = self.teams.get_mut(domain) else { return };
        let Ok((address, total, member)) = of_team(row) else {
            self.teams.remove(domain);
            return;
        };
        let at = teams.iter().position(|one| one.team == member.team_id.as_str()).unwrap_or(teams.len());
        if at == teams.len() {
            teams.push(OfTeam { team: member.team_id.to_string(), total, first: Vec::new() });
        }
        if let Some(team) = teams.get_mut(at) {
            team.first.push((address, member));
        }
    }

    /// [`Reads::users_by_email`](crate::product::repository::Reads::users_by_email), where that was read.
    pub(super) fn users_by_email(&self, email: &EmailAddress) -> Option<Vec<User>> {
        let found: Option<Vec<&Vec<User>>> =
            spelling::of_address(email).iter().map(|address| self.users.get(address)).collect();
        let mut users: Vec<User> = found?.into_iter().flatten().cloned().collect();
        users.sort_by(|one, other| one.id.as_str().cmp(other.id.as_str()));
        Some(users)
    }

    /// [`Reads::members_elsewhere`](crate::product::repository::Reads::members_elsewhere), where that was read.
    pub(super) fn members_elsewhere(
        &self,
        domains: &[EmailDomain],
        team: &TeamId,
        listed: usize,
        ceiling: u64,
    ) -> Option<Tally<MemberElsewhere>> {
        let found: Option<Vec<&Vec<OfTeam>>> =
            spelling::of_domains(domains).iter().map(|domain| self.teams.get(domain)).collect();
        let others: Vec<&OfTeam> = found?.into_iter().flatten().filter(|one| one.team != team.as_str()).collect();
        // Who is missing might have been one of the first.
        if listed > READ && others.iter().any(|one| one.total > one.first.len() as u64) {
            return None;
        }
        let total = others.iter().map(|one| one.total).sum::<u64>();
        let mut first: Vec<&(String, MemberElsewhere)> = others.iter().flat_map(|one| &one.first).collect();
        first.sort_by(|(address, one), (other_address, other)| {
            (address, one.team_id.as_str()).cmp(&(other_address, other.team_id.as_str()))
        });
        let listed = first.into_iter().take(listed).map(|(_, member)| member.clone()).collect();
        Some(Tally { total: total.min(ceiling), capped: total > ceiling, listed })
    }
}

fn of_team(row: &Row) -> StoreResult<(String, u64, MemberElsewhere)> {
    let address = Cell { index: 7, table: "product_users", column: "email", id: 2 }.of(row)?;
    let total: i64 = rows::at(row, 9)?;
    Ok((address, u64::try_from(total).unwrap_or_default(), people::member(row)?))
}
