//! From rows to our words; a stored value that this version cannot read is an error that names it.

use jiff::Timestamp;
use tokio_postgres::Row;
use tokio_postgres::types::FromSql;

use super::super::stored::StoredConnection;
use crate::foreign;
use crate::product::audit_event::AuditRow;
use crate::product::repository::{StoreError, StoreResult};
use crate::product::scim_token::ScimToken;
use crate::product::team::{Membership, Team, User};
use crate::request::names::{ConnectionId, ScimTokenId, TeamId, UserId};

/// The columns that [`connection`] reads, of `sso_connections c`.
pub(super) const CONNECTION: &str = "c.id, c.team_id, c.protocol, c.status, c.issuer, c.client_id, \
     c.client_secret_jwe, c.token_endpoint_auth_method, c.id_token_algorithms::text, c.redirect_uri, c.account_token, \
     c.entity_id, c.sso_services::text, c.slo_services::text, c.name_id_formats::text, c.signing_certificates::text, \
     c.want_authn_requests_signed, c.acs_url, c.metadata_url, c.metadata_sha256, c.domain_challenge, c.ticket, \
     c.created_at, c.updated_at, \
     ARRAY(SELECT domain FROM sso_domains WHERE connection_id = c.id ORDER BY domain) AS domains";

/// The columns that [`audit_row`] reads.
pub(super) const AUDIT: &str = "seq, at, actor, action, ticket, team_id, connection_id, details, previous_hash, hash";

/// The columns that [`scim_token`] reads, of `scim_tokens`.
pub(super) const SCIM_TOKEN: &str = "id, connection_id, sha256, created_at, expires_at, retires_at, revoked_at";

/// A value of one of our own tables.
pub(super) fn ours<'r, T: FromSql<'r>>(row: &'r Row, column: &str) -> StoreResult<T> {
    row.try_get(column)
        .map_err(|error| StoreError::Unreadable { what: format!("column `{column}`"), reason: reason(&error) })
}

/// A value by its place in a result.
pub(super) fn at<'r, T: FromSql<'r>>(row: &'r Row, index: usize) -> StoreResult<T> {
    row.try_get(index)
        .map_err(|error| StoreError::Unreadable { what: format!("column {}", index + 1), reason: reason(&error) })
}

/// One value of the product's: where it stands in a result, and whose it is.
#[derive(Clone, Copy)]
pub(super) struct Cell {
    pub(super) index: usize,
    pub(super) table: &'static str,
    pub(super) column: &'static str,
    /// Where the id of its row stands, as text.
    pub(super) id: usize,
}

impl Cell {
    /// Reads it; one that is no such value is named.
    pub(super) fn of<'r, T: FromSql<'r>>(self, row: &'r Row) -> StoreResult<T> {
        row.try_get(self.index).map_err(|error| {
            let id: Option<&str> = row.try_get(self.id).ok();
            let id = foreign::shown(id.unwrap_or("?"));
            let what = format!("`{}` of `{}` in the row `{id}`", self.column, self.table);
            let kind = row.columns().get(self.index).map_or("?", |column| column.type_().name());
            let reason = match std::error::Error::source(&error) {
                Some(cause) if cause.is::<tokio_postgres::types::WasNull>() => "it is null".to_owned(),
                Some(cause) if cause.is::<tokio_postgres::types::WrongType>() => format!("it is of type {kind}"),
                _ => reason(&error),
            };
            StoreError::Unreadable { what, reason }
        })
    }
}

fn reason(error: &tokio_postgres::Error) -> String {
    let cause = std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string);
    foreign::shown(&cause)
}

/// Columns `id, email, name, active` of `product_users`.
pub(super) fn user(row: &Row) -> StoreResult<User> {
    user_from(row, 0)
}

/// The same, from the column `first` on.
pub(super) fn user_from(row: &Row, first: usize) -> StoreResult<User> {
    let cell = |index, column| Cell { index: first + index, table: "product_users", column, id: first };
    Ok(User {
        id: UserId::new(cell(0, "id").of::<&str>(row)?),
        email: cell(1, "email").of(row)?,
        name: cell(2, "name").of::<Option<String>>(row)?.unwrap_or_default(),
        active: cell(3, "active").of(row)?,
    })
}

/// Columns `id, name, plan, management_enabled` of `product_teams`.
pub(super) fn team(row: &Row) -> StoreResult<Team> {
    team_from(row, 0)
}

/// The same, from the column `first` on.
pub(super) fn team_from(row: &Row, first: usize) -> StoreResult<Team> {
    let cell = |index, column| Cell { index: first + index, table: "product_teams", column, id: first };
    Ok(Team {
        id: TeamId::new(cell(0, "id").of::<&str>(row)?),
        name: cell(1, "name").of::<Option<String>>(row)?.unwrap_or_default(),
        plan: cell(2, "plan").of(row)?,
        management_enabled: cell(3, "management_enabled").of(row)?,
    })
}

/// Columns `team_id, role` of `product_memberships`.
pub(super) fn membership(row: &Row) -> StoreResult<Membership> {
    let cell = |index, column| Cell { index, table: "product_memberships", column, id: 0 };
    Ok(Membership { team_id: TeamId::new(cell(0, "team_id").of::<&str>(row)?), role: cell(1, "role").of(row)? })
}

pub(super) fn audit_row(row: &Row) -> StoreResult<AuditRow> {
    Ok(AuditRow {
        seq: ours(row, "seq")?,
        at: ours(row, "at")?,
        actor: ours(row, "actor")?,
        action: ours(row, "action")?,
        ticket: ours(row, "ticket")?,
        team_id: ours(row, "team_id")?,
        connection_id: ours(row, "connection_id")?,
        details: ours(row, "details")?,
        previous_hash: ours(row, "previous_hash")?,
        hash: ours(row, "hash")?,
    })
}

/// The team's name is not among the columns: see [`names`](super::reads).
pub(super) fn connection(row: &Row) -> StoreResult<StoredConnection> {
    Ok(StoredConnection {
        id: ours(row, "id")?,
        team_id: ours(row, "team_id")?,
        team_name: None,
        protocol: ours(row, "protocol")?,
        status: ours(row, "status")?,
        issuer: ours(row, "issuer")?,
        client_id: ours(row, "client_id")?,
        client_secret_jwe: ours(row, "client_secret_jwe")?,
        token_endpoint_auth_method: ours(row, "token_endpoint_auth_method")?,
        id_token_algorithms: ours(row, "id_token_algorithms")?,
        redirect_uri: ours(row, "redirect_uri")?,
        account_token: ours(row, "account_token")?,
        entity_id: ours(row, "entity_id")?,
        sso_services: ours(row, "sso_services")?,
        slo_services: ours(row, "slo_services")?,
        name_id_formats: ours(row, "name_id_formats")?,
        signing_certificates: ours(row, "signing_certificates")?,
        want_authn_requests_signed: ours(row, "want_authn_requests_signed")?,
        acs_url: ours(row, "acs_url")?,
        metadata_url: ours(row, "metadata_url")?,
        metadata_sha256: ours(row, "metadata_sha256")?,
        domain_challenge: ours(row, "domain_challenge")?,
        ticket: ours(row, "ticket")?,
        created_at: ours::<Timestamp>(row, "created_at")?,
        updated_at: ours::<Timestamp>(row, "updated_at")?,
        domains: ours(row, "domains")?,
    })
}

pub(super) fn scim_token(row: &Row) -> StoreResult<ScimToken> {
    Ok(ScimToken {
        id: ScimTokenId::new(ours::<&str>(row, "id")?),
        connection_id: ConnectionId::new(ours::<&str>(row, "connection_id")?),
        sha256: ours(row, "sha256")?,
        created_at: ours(row, "created_at")?,
        expires_at: ours(row, "expires_at")?,
        retires_at: ours(row, "retires_at")?,
        revoked_at: ours(row, "revoked_at")?,
    })
}
