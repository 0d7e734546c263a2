//! From rows to our words; a stored value that this version cannot read is an error that names it.

use rusqlite::Row;
use rusqlite::types::{FromSql, ValueRef};

use super::super::stored::{StoredConnection, unreadable};
use super::errors::Trouble;
use crate::foreign;
use crate::product::audit_event::AuditRow;
use crate::product::connection::Connection;
use crate::product::repository::StoreError;
use crate::product::scim_token::ScimToken;
use crate::product::team::{Membership, Team, User};
use crate::request::names::{ConnectionId, ScimTokenId, TeamId, UserId};

/// The columns that [`connection`] reads, of `sso_connections c`.
pub(super) const CONNECTION: &str = "c.id, c.team_id, (SELECT name FROM product_teams WHERE id = c.team_id) AS \
     team_name, c.protocol, c.status, c.issuer, c.client_id, c.client_secret_jwe, c.token_endpoint_auth_method, \
     c.id_token_algorithms, c.redirect_uri, c.account_token, c.entity_id, c.sso_services, c.slo_services, \
     c.name_id_formats, c.signing_certificates, c.want_authn_requests_signed, c.acs_url, c.metadata_url, \
     c.metadata_sha256, c.domain_challenge, c.ticket, c.created_at, c.updated_at, \
     (SELECT json_group_array(domain) FROM (SELECT domain FROM sso_domains WHERE connection_id = c.id ORDER BY domain)) \
     AS domains";

/// The columns that [`audit_row`] reads.
pub(super) const AUDIT: &str = "seq, at, actor, action, ticket, team_id, connection_id, details, previous_hash, hash";

/// One value of the product's, which anything that speaks SQL may have written: where it stands in a result, and whose it
/// is.
#[derive(Clone, Copy)]
pub(super) struct Cell {
    pub(super) index: usize,
    pub(super) table: &'static str,
    pub(super) column: &'static str,
    /// Where the id of its row stands.
    pub(super) id: usize,
}

impl Cell {
    /// Reads it; one that is no such value is named.
    pub(super) fn of<T: FromSql>(self, row: &Row<'_>) -> Result<T, Trouble> {
        row.get(self.index).map_err(|error| self.named(error, &row_id(row, self.id)))
    }

    /// `error` with the place of the value.
    pub(super) fn named(self, error: rusqlite::Error, id: &str) -> Trouble {
        use rusqlite::Error::{FromSqlConversionFailure, InvalidColumnType, Utf8Error};
        let reason = match &error {
            InvalidColumnType(_, _, kind) => format!("it holds a value of type {kind}").to_lowercase(),
            FromSqlConversionFailure(..) | Utf8Error(..) => "it is not text in UTF-8".to_owned(),
            _ => return error.into(),
        };
        let what = format!("`{}` of `{}` in the row `{}`", self.column, self.table, foreign::shown(id));
        StoreError::Unreadable { what, reason }.into()
    }
}

/// An id to name a row by, whatever it holds.
fn row_id(row: &Row<'_>, index: usize) -> String {
    match row.get_ref(index) {
        Ok(ValueRef::Text(text)) => String::from_utf8_lossy(text).into_owned(),
        Ok(ValueRef::Integer(number)) => number.to_string(),
        _ => "?".to_owned(),
    }
}

/// Columns `id, email, name, active` of `product_users`.
pub(super) fn user(row: &Row<'_>) -> Result<User, Trouble> {
    let cell = |index, column| Cell { index, table: "product_users", column, id: 0 };
    Ok(User {
        id: UserId::new(cell(0, "id").of::<String>(row)?),
        email: cell(1, "email").of(row)?,
        name: cell(2, "name").of::<Option<String>>(row)?.unwrap_or_default(),
        active: cell(3, "active").of(row)?,
    })
}

/// Columns `id, name, plan, management_enabled` of `product_teams`.
pub(super) fn team(row: &Row<'_>) -> Result<Team, Trouble> {
    let cell = |index, column| Cell { index, table: "product_teams", column, id: 0 };
    Ok(Team {
        id: TeamId::new(cell(0, "id").of::<String>(row)?),
        name: cell(1, "name").of::<Option<String>>(row)?.unwrap_or_default(),
        plan: cell(2, "plan").of(row)?,
        management_enabled: cell(3, "management_enabled").of(row)?,
    })
}

/// Columns `team_id, role` of `product_memberships`.
pub(super) fn membership(row: &Row<'_>) -> Result<Membership, Trouble> {
    let cell = |index, column| Cell { index, table: "product_memberships", column, id: 0 };
    Ok(Membership { team_id: TeamId::new(cell(0, "team_id").of::<String>(row)?), role: cell(1, "role").of(row)? })
}

pub(super) fn audit_row(row: &Row<'_>) -> Result<AuditRow, Trouble> {
    Ok(AuditRow {
        seq: row.get("seq")?,
        at: row.get("at")?,
        actor: row.get("actor")?,
        action: row.get("action")?,
        ticket: row.get("ticket")?,
        team_id: row.get("team_id")?,
        connection_id: row.get("connection_id")?,
        details: row.get("details")?,
        previous_hash: row.get("previous_hash")?,
        hash: row.get("hash")?,
    })
}

pub(super) fn connection(row: &Row<'_>) -> Result<Connection, Trouble> {
    let id: String = row.get("id")?;
    let time = |column: &'static str| -> Result<jiff::Timestamp, Trouble> {
        let value: String = row.get(column)?;
        Ok(value.parse().map_err(|_| unreadable(&format!("`{column}` of connection `{id}`"), &value))?)
    };
    let domains: String = row.get("domains")?;
    let stored = StoredConnection {
        team_id: row.get("team_id")?,
        team_name: row.get("team_name")?,
        protocol: row.get("protocol")?,
        status: row.get("status")?,
        issuer: row.get("issuer")?,
        client_id: row.get("client_id")?,
        client_secret_jwe: row.get("client_secret_jwe")?,
        token_endpoint_auth_method: row.get("token_endpoint_auth_method")?,
        id_token_algorithms: row.get("id_token_algorithms")?,
        redirect_uri: row.get("redirect_uri")?,
        account_token: row.get("account_token")?,
        entity_id: row.get("entity_id")?,
        sso_services: row.get("sso_services")?,
        slo_services: row.get("slo_services")?,
        name_id_formats: row.get("name_id_formats")?,
        signing_certificates: row.get("signing_certificates")?,
        want_authn_requests_signed: row.get("want_authn_requests_signed")?,
        acs_url: row.get("acs_url")?,
        metadata_url: row.get("metadata_url")?,
        metadata_sha256: row.get("metadata_sha256")?,
        domain_challenge: row.get("domain_challenge")?,
        ticket: row.get("ticket")?,
        created_at: time("created_at")?,
        updated_at: time("updated_at")?,
        domains: serde_json::from_str(&domains)
            .map_err(|_| unreadable(&format!("`domains` of connection `{id}`"), &domains))?,
        id,
    };
    Ok(stored.read()?)
}

/// The columns that [`scim_token`] reads, of `scim_tokens`.
pub(super) const SCIM_TOKEN: &str = "id, connection_id, sha256, created_at, expires_at, retires_at, revoked_at";

pub(super) fn scim_token(row: &Row<'_>) -> Result<ScimToken, Trouble> {
    let id = ScimTokenId::new(row.get::<_, String>("id")?);
    let time = |column: &'static str, value: &str| {
        value.parse().map_err(|_| Trouble::from(unreadable(&format!("`{column}` of SCIM token `{id}`"), value)))
    };
    let end = |column: &'static str| -> Result<Option<jiff::Timestamp>, Trouble> {
        row.get::<_, Option<String>>(column)?.map(|value| time(column, &value)).transpose()
    };
    Ok(ScimToken {
        connection_id: ConnectionId::new(row.get::<_, String>("connection_id")?),
        sha256: row.get("sha256")?,
        created_at: time("created_at", &row.get::<_, String>("created_at")?)?,
        expires_at: end("expires_at")?,
        retires_at: end("retires_at")?,
        revoked_at: end("revoked_at")?,
        id: id.clone(),
    })
}
