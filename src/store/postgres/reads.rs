//! The questions of [`Reads`], one SQL text each.

use std::collections::BTreeMap;

use async_trait::async_trait;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::super::{spelling, stored};
use super::session::Session;
use super::values::{Id, Ids};
use super::{people, rows};
use crate::product::audit_event::AuditRow;
use crate::product::audit_trail::AuditReference;
use crate::product::connection::{Connection, DomainClaim, Status};
use crate::product::facts::{ProductFacts, TeamQuestion};
use crate::product::repository::{Reads, StoreResult};
use crate::product::scim_token::ScimToken;
use crate::product::team::{MemberElsewhere, Membership, Outsider, Tally, Team, User};
use crate::request::names::{ClientId, ConnectionId, EmailAddress, EmailDomain, IssuerUrl, TeamId, UserId};
use crate::request::saml_names::EntityId;

pub(super) const TEAMS_OWNED_BY: &str = "SELECT id::text, name::text, plan::text, management_enabled \
     FROM product_teams WHERE owner_id = $1 ORDER BY id::text COLLATE \"C\"";
pub(super) const MEMBERSHIPS_OF: &str = "SELECT team_id::text, role::text FROM product_memberships \
     WHERE user_id = $1 ORDER BY team_id::text COLLATE \"C\"";
pub(super) const OWNER_OF: &str = "SELECT u.id::text, u.email::text, u.name::text, u.active \
     FROM product_teams t JOIN product_users u ON u.id = t.owner_id WHERE t.id = $1";
pub(super) const TEAM_NAMES: &str = "SELECT id::text, name::text FROM product_teams WHERE id = ANY ($1)";
const DOMAIN_CLAIMS: &str = "SELECT d.domain, c.id, c.team_id, d.proof \
     FROM sso_domains d JOIN sso_connections c ON c.id = d.connection_id WHERE d.domain = ANY ($1) ORDER BY d.domain";

fn collect<T>(found: &[Row], read: impl FnMut(&Row) -> StoreResult<T>) -> StoreResult<Vec<T>> {
    found.iter().map(read).collect()
}

fn limit(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}

impl Session {
    /// Names of teams, where they have one. Asked apart from our own rows: the product's ids may be of any type, and only a
    /// comparison in that type has an index.
    async fn names(&mut self, mut teams: Vec<String>) -> StoreResult<BTreeMap<String, String>> {
        teams.sort_unstable();
        teams.dedup();
        if teams.is_empty() {
            return Ok(BTreeMap::new());
        }
        let found = self.query(TEAM_NAMES, &[&Ids(&teams)]).await?;
        let names = collect(&found, |row| {
            let cell = |index, column| rows::Cell { index, table: "product_teams", column, id: 0 };
            Ok((cell(0, "id").of::<String>(row)?, cell(1, "name").of::<Option<String>>(row)?))
        })?;
        Ok(names.into_iter().filter_map(|(id, name)| name.map(|name| (id, name))).collect())
    }

    async fn connections_where(&mut self, rest: &str, params: &[&(dyn ToSql + Sync)]) -> StoreResult<Vec<Connection>> {
        let sql = format!("SELECT {} FROM sso_connections c {rest}", rows::CONNECTION);
        let mut found = collect(&self.query(&sql, params).await?, rows::connection)?;
        let names = self.names(found.iter().map(|one| one.team_id.clone()).collect()).await?;
        for one in &mut found {
            one.team_name = names.get(&one.team_id).cloned();
        }
        found.into_iter().map(stored::StoredConnection::read).collect()
    }
}

#[async_trait]
impl Reads for Session {
    async fn users_by_email(&mut self, email: &EmailAddress) -> StoreResult<Vec<User>> {
        if let Some(known) = self.ahead.as_ref().and_then(|ahead| ahead.users_by_email(email)) {
            return Ok(known);
        }
        let domains = spelling::of_domains(std::slice::from_ref(email.domain()));
        let addresses = spelling::of_address(email);
        collect(&self.query(people::USERS_BY_EMAIL, &[&domains, &addresses]).await?, rows::user)
    }

    async fn teams_owned_by(&mut self, user: &UserId) -> StoreResult<Vec<Team>> {
        collect(&self.query(TEAMS_OWNED_BY, &[&Id(user.as_str())]).await?, rows::team)
    }

    async fn owner_of(&mut self, team: &TeamId) -> StoreResult<Option<User>> {
        let found = self.query(OWNER_OF, &[&Id(team.as_str())]).await?;
        found.first().map(rows::user).transpose()
    }

    async fn owners_at(&mut self, domain: &EmailDomain, most: usize) -> StoreResult<Vec<User>> {
        let domains = spelling::of_domains(std::slice::from_ref(domain));
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        collect(&self.query(people::OWNERS_AT, &[&domains, &most]).await?, rows::user)
    }

    async fn memberships_of(&mut self, user: &UserId) -> StoreResult<Vec<Membership>> {
        collect(&self.query(MEMBERSHIPS_OF, &[&Id(user.as_str())]).await?, rows::membership)
    }

    async fn members_elsewhere(
        &mut self,
        domains: &[EmailDomain],
        team: &TeamId,
        listed: usize,
        ceiling: u64,
    ) -> StoreResult<Tally<MemberElsewhere>> {
        people::members_elsewhere(self, domains, team, listed, ceiling).await
    }

    async fn members_outside(
        &mut self,
        team: &TeamId,
        domains: &[EmailDomain],
        listed: usize,
        ceiling: u64,
    ) -> StoreResult<Tally<Outsider>> {
        people::members_outside(self, team, domains, listed, ceiling).await
    }

    async fn domain_claims(&mut self, domains: &[EmailDomain]) -> StoreResult<Vec<DomainClaim>> {
        let domains: Vec<&str> = domains.iter().map(EmailDomain::as_str).collect();
        let found = self.query(DOMAIN_CLAIMS, &[&domains]).await?;
        let teams = collect(&found, |row| rows::ours(row, "team_id"))?;
        let names = self.names(teams).await?;
        collect(&found, |row| {
            let team: &str = rows::ours(row, "team_id")?;
            Ok(DomainClaim {
                domain: stored::domain(rows::ours(row, "domain")?)?,
                connection_id: ConnectionId::new(rows::ours::<&str>(row, "id")?),
                team_id: TeamId::new(team),
                team_name: names.get(team).cloned(),
                proof: stored::proof(rows::ours(row, "proof")?)?,
            })
        })
    }

    async fn connection_of_team(&mut self, team: &TeamId) -> StoreResult<Option<Connection>> {
        let found = self.connections_where("WHERE c.team_id = $1", &[&team.as_str()]).await?;
        Ok(found.into_iter().next())
    }

    async fn connection(&mut self, id: &ConnectionId) -> StoreResult<Option<Connection>> {
        let found = self.connections_where("WHERE c.id = $1", &[&id.as_str()]).await?;
        Ok(found.into_iter().next())
    }

    async fn connections(&mut self, status: Option<Status>) -> StoreResult<Vec<Connection>> {
        let rest = "WHERE $1::text IS NULL OR c.status = $1 ORDER BY c.created_at, c.id";
        self.connections_where(rest, &[&status.map(Status::as_str)]).await
    }

    async fn same_client_elsewhere(
        &mut self,
        issuer: &IssuerUrl,
        client: &ClientId,
        team: &TeamId,
    ) -> StoreResult<Option<Connection>> {
        let rest = "WHERE c.issuer = $1 AND c.client_id = $2 AND c.team_id <> $3 ORDER BY c.created_at, c.id LIMIT 1";
        let found = self.connections_where(rest, &[&issuer.as_str(), &client.as_str(), &team.as_str()]).await?;
        Ok(found.into_iter().next())
    }

    async fn same_entity_elsewhere(&mut self, entity: &EntityId, team: &TeamId) -> StoreResult<Option<Connection>> {
        let rest = "WHERE c.entity_id = $1 AND c.team_id <> $2";
        let found = self.connections_where(rest, &[&entity.as_str(), &team.as_str()]).await?;
        Ok(found.into_iter().next())
    }

    async fn scim_tokens(&mut self, connection: Option<&ConnectionId>) -> StoreResult<Vec<ScimToken>> {
        let connection = connection.map(ConnectionId::as_str);
        // A text for each case, so that each has its index.
        let chosen = if connection.is_some() { "connection_id = $1" } else { "$1::text IS NULL" };
        let sql = format!("SELECT {} FROM scim_tokens WHERE {chosen} ORDER BY created_at, id", rows::SCIM_TOKEN);
        collect(&self.query(&sql, &[&connection]).await?, rows::scim_token)
    }

    async fn scim_token_by_hash(&mut self, sha256: &str) -> StoreResult<Option<ScimToken>> {
        let sql = format!("SELECT {} FROM scim_tokens WHERE sha256 = $1", rows::SCIM_TOKEN);
        let found = self.query(&sql, &[&sha256]).await?;
        found.first().map(rows::scim_token).transpose()
    }

    async fn audit_rows(&mut self, after: i64, limit_to: usize) -> StoreResult<Vec<AuditRow>> {
        let sql = format!("SELECT {} FROM sso_audit_log WHERE seq > $1 ORDER BY seq LIMIT $2", rows::AUDIT);
        collect(&self.query(&sql, &[&after, &limit(limit_to)]).await?, rows::audit_row)
    }

    async fn audit_references(&mut self) -> StoreResult<Vec<AuditReference>> {
        let found = self.query("SELECT id, status, audit_seq FROM sso_connections ORDER BY audit_seq, id", &[]).await?;
        collect(&found, |row| {
            Ok(AuditReference {
                connection_id: ConnectionId::new(rows::ours::<&str>(row, "id")?),
                status: rows::ours(row, "status")?,
                seq: rows::ours(row, "audit_seq")?,
            })
        })
    }

    async fn team_facts(&mut self, questions: &[TeamQuestion]) -> StoreResult<Vec<ProductFacts>> {
        self.facts_of_all(questions).await
    }

    async fn look_ahead(&mut self, questions: &[TeamQuestion]) -> StoreResult<()> {
        self.ahead = Some(super::ahead::read(self, questions).await?);
        Ok(())
    }

    async fn audit_tail(
        &mut self,
        team: Option<&TeamId>,
        ticket: Option<&str>,
        limit_to: usize,
    ) -> StoreResult<Vec<AuditRow>> {
        let team = team.map(TeamId::as_str);
        // A text for each case, so that each has its index.
        let chosen = match (team, ticket) {
            (None, None) => "$1::text IS NULL AND $2::text IS NULL",
            (Some(_), None) => "team_id = $1 AND $2::text IS NULL",
            (None, Some(_)) => "ticket = $2 AND $1::text IS NULL",
            (Some(_), Some(_)) => "team_id = $1 AND ticket = $2",
        };
        let sql = format!("SELECT {} FROM sso_audit_log WHERE {chosen} ORDER BY seq DESC LIMIT $3", rows::AUDIT);
        let mut tail = collect(&self.query(&sql, &[&team, &ticket, &limit(limit_to)]).await?, rows::audit_row)?;
        tail.reverse();
        Ok(tail)
    }
}

/// The row that the next audit row follows.
pub(super) async fn last_audit(session: &mut Session) -> StoreResult<Option<(i64, String)>> {
    let found = session.query("SELECT seq, hash FROM sso_audit_log ORDER BY seq DESC LIMIT 1", &[]).await?;
    found.first().map(|row| Ok((rows::ours(row, "seq")?, rows::ours(row, "hash")?))).transpose()
}
