//! The questions of [`Reads`], one SQL text each.

use async_trait::async_trait;
use futures::FutureExt as _;
use rusqlite::{Connection as Sqlite, OptionalExtension as _, Params, params};

use super::super::{interrupted, spelling, stored};
use super::errors::Trouble;
use super::session::{Inline, Run};
use super::{people, rows};
use crate::product::audit_event::AuditRow;
use crate::product::audit_trail::AuditReference;
use crate::product::connection::{Connection, DomainClaim, Status};
use crate::product::facts::{self, ProductFacts, TeamQuestion};
use crate::product::repository::{Reads, StoreResult};
use crate::product::scim_token::ScimToken;
use crate::product::team::{MemberElsewhere, Membership, Outsider, Tally, Team, User};
use crate::request::names::{ClientId, ConnectionId, EmailAddress, EmailDomain, IssuerUrl, TeamId, UserId};
use crate::request::saml_names::EntityId;

/// Users of one spelling of an address; the index by domain has all of it, on the page that the next question reads.
pub(super) const USERS_BY_EMAIL: &str = "SELECT id, email, name, active FROM product_users \
     WHERE email_domain = ?1 AND email_normalised = ?2";
pub(super) const TEAMS_OWNED_BY: &str = "SELECT id, name, plan, management_enabled FROM product_teams \
     WHERE owner_id = ?1 ORDER BY id";
pub(super) const MEMBERSHIPS_OF: &str =
    "SELECT team_id, role FROM product_memberships WHERE user_id = ?1 ORDER BY team_id";
const OWNER_OF: &str = "SELECT u.id, u.email, u.name, u.active FROM product_teams t \
     JOIN product_users u ON u.id = t.owner_id WHERE t.id = ?1";
const DOMAIN_CLAIMS: &str = "SELECT d.domain, c.id, c.team_id, \
         (SELECT name FROM product_teams WHERE id = c.team_id), d.proof \
     FROM sso_domains d JOIN sso_connections c ON c.id = d.connection_id \
     WHERE d.domain = ?1";

/// A list as SQLite's `json_each` takes it: one statement text for lists of every length.
pub(super) fn json_list<T: serde::Serialize>(values: &[T]) -> String {
    serde_json::to_string(values).unwrap_or_else(|_| "[]".to_owned())
}

fn connections(sqlite: &Sqlite, rest: &str, params: impl Params) -> Result<Vec<Connection>, Trouble> {
    let sql = format!("SELECT {} FROM sso_connections c {rest}", rows::CONNECTION);
    let mut statement = sqlite.prepare_cached(&sql)?;
    statement.query_and_then(params, rows::connection)?.collect()
}

fn collect<T>(
    sqlite: &Sqlite,
    sql: &str,
    params: impl Params,
    read: impl FnMut(&rusqlite::Row<'_>) -> Result<T, Trouble>,
) -> Result<Vec<T>, Trouble> {
    let mut statement = sqlite.prepare_cached(sql)?;
    statement.query_and_then(params, read)?.collect()
}

fn limit(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}

#[async_trait]
impl<R: Run> Reads for R {
    async fn users_by_email(&mut self, email: &EmailAddress) -> StoreResult<Vec<User>> {
        let spellings = spelling::of_address(email);
        self.run(move |work| {
            let mut users = Vec::new();
            for address in spellings {
                let domain = address.rsplit_once('@').map_or("", |(_, domain)| domain);
                users.extend(collect(&work.connection, USERS_BY_EMAIL, [domain, &address], rows::user)?);
            }
            users.sort_by(|one, other| one.id.as_str().cmp(other.id.as_str()));
            Ok(users)
        })
        .await
    }

    async fn teams_owned_by(&mut self, user: &UserId) -> StoreResult<Vec<Team>> {
        let user = user.to_string();
        self.run(move |work| collect(&work.connection, TEAMS_OWNED_BY, [user], rows::team)).await
    }

    async fn owner_of(&mut self, team: &TeamId) -> StoreResult<Option<User>> {
        let team = team.to_string();
        let found = self.run(move |work| collect(&work.connection, OWNER_OF, [team], rows::user)).await?;
        Ok(found.into_iter().next())
    }

    async fn owners_at(&mut self, domain: &EmailDomain, most: usize) -> StoreResult<Vec<User>> {
        let spellings = spelling::of_domains(std::slice::from_ref(domain));
        self.run(move |work| {
            let (mut users, limit) = (Vec::new(), i64::try_from(most).unwrap_or(i64::MAX));
            for spelling in spellings {
                users.extend(collect(&work.connection, people::OWNERS_AT, (spelling, limit), rows::user)?);
            }
            users.sort_by_cached_key(|user| user.email.trim_matches(' ').to_ascii_lowercase());
            users.truncate(most);
            Ok(users)
        })
        .await
    }

    async fn memberships_of(&mut self, user: &UserId) -> StoreResult<Vec<Membership>> {
        let user = user.to_string();
        self.run(move |work| collect(&work.connection, MEMBERSHIPS_OF, [user], rows::membership)).await
    }

    async fn members_elsewhere(
        &mut self,
        domains: &[EmailDomain],
        team: &TeamId,
        listed: usize,
        ceiling: u64,
    ) -> StoreResult<Tally<MemberElsewhere>> {
        let (domains, team) = (domains.to_vec(), team.clone());
        self.run(move |work| people::members_elsewhere(&work.connection, &domains, &team, listed, ceiling)).await
    }

    async fn members_outside(
        &mut self,
        team: &TeamId,
        domains: &[EmailDomain],
        listed: usize,
        ceiling: u64,
    ) -> StoreResult<Tally<Outsider>> {
        let (domains, team) = (domains.to_vec(), team.clone());
        self.run(move |work| people::members_outside(&work.connection, &team, &domains, listed, ceiling)).await
    }

    async fn domain_claims(&mut self, domains: &[EmailDomain]) -> StoreResult<Vec<DomainClaim>> {
        let mut domains: Vec<String> = domains.iter().map(ToString::to_string).collect();
        domains.sort_unstable();
        domains.dedup();
        self.run(move |work| {
            let mut statement = work.connection.prepare_cached(DOMAIN_CLAIMS)?;
            let claim = |row: &rusqlite::Row<'_>| {
                Ok::<_, Trouble>(DomainClaim {
                    domain: stored::domain(&row.get::<_, String>(0)?)?,
                    connection_id: ConnectionId::new(row.get::<_, String>(1)?),
                    team_id: TeamId::new(row.get::<_, String>(2)?),
                    team_name: row.get(3)?,
                    proof: stored::proof(&row.get::<_, String>(4)?)?,
                })
            };
            let mut claims = Vec::new();
            for domain in domains {
                for found in statement.query_and_then([domain], claim)? {
                    claims.push(found?);
                }
            }
            Ok(claims)
        })
        .await
    }

    async fn connection_of_team(&mut self, team: &TeamId) -> StoreResult<Option<Connection>> {
        let team = team.to_string();
        let found = self.run(move |work| connections(&work.connection, "WHERE c.team_id = ?1", [team])).await?;
        Ok(found.into_iter().next())
    }

    async fn connection(&mut self, id: &ConnectionId) -> StoreResult<Option<Connection>> {
        let id = id.to_string();
        let found = self.run(move |work| connections(&work.connection, "WHERE c.id = ?1", [id])).await?;
        Ok(found.into_iter().next())
    }

    async fn connections(&mut self, status: Option<Status>) -> StoreResult<Vec<Connection>> {
        self.run(move |work| {
            let rest = "WHERE ?1 IS NULL OR c.status = ?1 ORDER BY c.created_at, c.id";
            connections(&work.connection, rest, [status.map(Status::as_str)])
        })
        .await
    }

    async fn same_client_elsewhere(
        &mut self,
        issuer: &IssuerUrl,
        client: &ClientId,
        team: &TeamId,
    ) -> StoreResult<Option<Connection>> {
        let params = [issuer.to_string(), client.to_string(), team.to_string()];
        let rest = "WHERE c.issuer = ?1 AND c.client_id = ?2 AND c.team_id <> ?3 ORDER BY c.created_at, c.id LIMIT 1";
        let found = self.run(move |work| connections(&work.connection, rest, params)).await?;
        Ok(found.into_iter().next())
    }

    async fn same_entity_elsewhere(&mut self, entity: &EntityId, team: &TeamId) -> StoreResult<Option<Connection>> {
        let params = [entity.to_string(), team.to_string()];
        let rest = "WHERE c.entity_id = ?1 AND c.team_id <> ?2";
        let found = self.run(move |work| connections(&work.connection, rest, params)).await?;
        Ok(found.into_iter().next())
    }

    async fn scim_tokens(&mut self, connection: Option<&ConnectionId>) -> StoreResult<Vec<ScimToken>> {
        let connection = connection.map(ToString::to_string);
        // A text for each case, so that each has its index.
        let chosen = if connection.is_some() { "connection_id = ?1" } else { "?1 IS NULL" };
        let sql = format!("SELECT {} FROM scim_tokens WHERE {chosen} ORDER BY created_at, id", rows::SCIM_TOKEN);
        self.run(move |work| collect(&work.connection, &sql, [connection], rows::scim_token)).await
    }

    async fn scim_token_by_hash(&mut self, sha256: &str) -> StoreResult<Option<ScimToken>> {
        let sha256 = sha256.to_owned();
        let sql = format!("SELECT {} FROM scim_tokens WHERE sha256 = ?1", rows::SCIM_TOKEN);
        let found = self.run(move |work| collect(&work.connection, &sql, [sha256], rows::scim_token)).await?;
        Ok(found.into_iter().next())
    }

    async fn audit_rows(&mut self, after: i64, limit_to: usize) -> StoreResult<Vec<AuditRow>> {
        self.run(move |work| {
            let sql = format!("SELECT {} FROM sso_audit_log WHERE seq > ?1 ORDER BY seq LIMIT ?2", rows::AUDIT);
            collect(&work.connection, &sql, params![after, limit(limit_to)], rows::audit_row)
        })
        .await
    }

    async fn audit_references(&mut self) -> StoreResult<Vec<AuditReference>> {
        self.run(move |work| {
            let sql = "SELECT id, status, audit_seq FROM sso_connections ORDER BY audit_seq, id";
            collect(&work.connection, sql, [], |row| {
                Ok(AuditReference {
                    connection_id: ConnectionId::new(row.get::<_, String>(0)?),
                    status: row.get(1)?,
                    seq: row.get(2)?,
                })
            })
        })
        .await
    }

    async fn team_facts(&mut self, questions: &[TeamQuestion]) -> StoreResult<Vec<ProductFacts>> {
        let (asked, connections) = (questions.to_vec(), self.shelf());
        self.run(move |work| {
            let mut inline = Inline { work, shelf: connections };
            let ask = |question| facts::gather(&mut inline, question).now_or_never();
            // None of them waits for anything: they are asked where they stand.
            let found = asked.iter().map(ask).map(|found| found.unwrap_or_else(|| Err(interrupted())));
            Ok(found.collect::<StoreResult<_>>()?)
        })
        .await
    }

    async fn audit_tail(
        &mut self,
        team: Option<&TeamId>,
        ticket: Option<&str>,
        limit_to: usize,
    ) -> StoreResult<Vec<AuditRow>> {
        let (team, ticket) = (team.map(ToString::to_string), ticket.map(str::to_owned));
        self.run(move |work| {
            // A text for each case, so that each has its index.
            let chosen = match (&team, &ticket) {
                (None, None) => "?1 IS NULL AND ?2 IS NULL",
                (Some(_), None) => "team_id = ?1 AND ?2 IS NULL",
                (None, Some(_)) => "ticket = ?2 AND ?1 IS NULL",
                (Some(_), Some(_)) => "team_id = ?1 AND ticket = ?2",
            };
            let sql = format!("SELECT {} FROM sso_audit_log WHERE {chosen} ORDER BY seq DESC LIMIT ?3", rows::AUDIT);
            let mut tail = collect(&work.connection, &sql, params![team, ticket, limit(limit_to)], rows::audit_row)?;
            tail.reverse();
            Ok(tail)
        })
        .await
    }
}

/// The row that the next audit row follows.
pub(super) fn last_audit(sqlite: &Sqlite) -> Result<Option<(i64, String)>, Trouble> {
    let sql = "SELECT seq, hash FROM sso_audit_log ORDER BY seq DESC LIMIT 1";
    Ok(sqlite.prepare_cached(sql)?.query_row([], |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
}
