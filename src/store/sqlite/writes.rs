//! What a transaction changes. Every change is tied to an audit row of the same transaction (C-05).

use async_trait::async_trait;
use futures::FutureExt as _;
use jiff::Timestamp;
use rusqlite::{named_params, params};

use super::super::interrupted;
use super::errors::Trouble;
use super::reads::{json_list, last_audit};
use super::session::{Inline, Run, Work};
use crate::product::audit_event::{AuditEvent, AuditRow};
use crate::product::connection::{ProtocolSettings, Status};
use crate::product::repository::{
    Change, ConnectionRecord, Entry, Errand, NewClaim, StoreError, StoreResult, UnitOfWork,
};
use crate::product::scim_token::ScimToken;
use crate::request::names::ConnectionId;
use crate::request::saml_names::MetadataUrl;

/// A row of the same id is superseded, but for what stays with the connection: team, account token, creation.
const PUT: &str = "INSERT INTO sso_connections (id, team_id, protocol, status, issuer, client_id, client_secret_jwe, \
         token_endpoint_auth_method, id_token_algorithms, redirect_uri, entity_id, sso_services, slo_services, \
         name_id_formats, signing_certificates, want_authn_requests_signed, acs_url, metadata_url, metadata_sha256, \
         account_token, domain_challenge, ticket, created_at, updated_at, audit_seq) \
     VALUES (:id, :team_id, :protocol, :status, :issuer, :client_id, :secret, :method, :algorithms, :redirect_uri, \
         :entity_id, :sso, :slo, :name_ids, :certificates, :want_signed, :acs_url, :metadata_url, :metadata_sha256, \
         :account_token, :challenge, :ticket, :at, :at, :audit_seq) \
     ON CONFLICT (id) DO UPDATE SET protocol = excluded.protocol, status = excluded.status, \
         issuer = excluded.issuer, client_id = excluded.client_id, client_secret_jwe = excluded.client_secret_jwe, \
         token_endpoint_auth_method = excluded.token_endpoint_auth_method, \
         id_token_algorithms = excluded.id_token_algorithms, redirect_uri = excluded.redirect_uri, \
         entity_id = excluded.entity_id, sso_services = excluded.sso_services, slo_services = excluded.slo_services, \
         name_id_formats = excluded.name_id_formats, signing_certificates = excluded.signing_certificates, \
         want_authn_requests_signed = excluded.want_authn_requests_signed, acs_url = excluded.acs_url, \
         metadata_url = excluded.metadata_url, metadata_sha256 = excluded.metadata_sha256, \
         domain_challenge = excluded.domain_challenge, ticket = excluded.ticket, updated_at = excluded.updated_at, \
         audit_seq = excluded.audit_seq \
     WHERE team_id = excluded.team_id";
/// Of a token that is there already, only its ends change.
const PUT_SCIM_TOKEN: &str = "INSERT INTO scim_tokens (id, connection_id, sha256, created_at, expires_at, retires_at, \
         revoked_at, audit_seq) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) \
     ON CONFLICT (id) DO UPDATE SET retires_at = excluded.retires_at, revoked_at = excluded.revoked_at, \
         audit_seq = excluded.audit_seq \
     WHERE connection_id = excluded.connection_id AND sha256 = excluded.sha256";
const RELEASE: &str = "DELETE FROM sso_domains WHERE connection_id = ?1 AND domain NOT IN \
     (SELECT value FROM json_each(?2))";
const CLAIM: &str = "INSERT INTO sso_domains (domain, connection_id, proof, claimed_at) VALUES (?1, ?2, ?3, ?4) \
     ON CONFLICT (domain) DO UPDATE SET proof = excluded.proof WHERE connection_id = excluded.connection_id";
const APPEND: &str = "INSERT INTO sso_audit_log (seq, at, actor, action, ticket, team_id, connection_id, details, \
     previous_hash, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";

/// Fixed width, so that times sort as text; in microseconds, as PostgreSQL keeps them.
fn stored(at: Timestamp) -> String {
    format!("{at:.6}")
}

impl Work {
    /// The audit row that a change of this transaction belongs to: the one appended, else the one that will be. A
    /// deferred foreign key holds the promise at the commit.
    fn audit_seq(&mut self) -> Result<i64, Trouble> {
        self.changed = true;
        match self.appended {
            Some(seq) => Ok(seq),
            None => Ok(self.last()?.map_or(1, |(seq, _)| seq + 1)),
        }
    }

    /// The row that the next audit row follows: nobody else writes while this transaction does.
    fn last(&mut self) -> Result<Option<(i64, &str)>, Trouble> {
        if self.last.is_none() {
            self.last = last_audit(&self.connection)?;
        }
        Ok(self.last.as_ref().map(|(seq, hash)| (*seq, hash.as_str())))
    }

    fn put(&mut self, record: &ConnectionRecord) -> Result<(), Trouble> {
        let audit_seq = self.audit_seq()?;
        // All of it or nothing, so that after a refusal the transaction may still record that refusal.
        let point = self.connection.savepoint()?;
        put(&point, record, audit_seq)?;
        Ok(point.commit()?)
    }

    /// Nothing is undone where one of them is refused: the transaction is of no more use then.
    fn write_entries(&mut self, entries: &[Entry]) -> Result<(), Trouble> {
        for Entry { change, event } in entries {
            self.appended = None;
            match change {
                Some(Change::Put(record)) => {
                    let audit_seq = self.audit_seq()?;
                    put(&self.connection, record, audit_seq)?;
                }
                Some(Change::SetStatus { id, status, at }) => self.set_status(id, *status, *at)?,
                None => {}
            }
            self.append(event)?;
        }
        Ok(())
    }

    fn set_status(&mut self, id: &ConnectionId, status: Status, at: Timestamp) -> Result<(), Trouble> {
        let audit_seq = self.audit_seq()?;
        let sql = "UPDATE sso_connections SET status = ?2, updated_at = ?3, audit_seq = ?4 WHERE id = ?1";
        let changed = self.connection.prepare_cached(sql)?.execute(params![
            id.as_str(),
            status.as_str(),
            stored(at),
            audit_seq
        ])?;
        found(changed, id)
    }

    fn set_acs_url(&mut self, id: &ConnectionId, acs_url: &str, at: Timestamp) -> Result<(), Trouble> {
        self.changed = true;
        let sql = "UPDATE sso_connections SET acs_url = ?2, updated_at = ?3 WHERE id = ?1";
        let changed = self.connection.prepare_cached(sql)?.execute(params![id.as_str(), acs_url, stored(at)])?;
        found(changed, id)
    }

    fn put_scim_token(&mut self, token: &ScimToken) -> Result<(), Trouble> {
        let audit_seq = self.audit_seq()?;
        let written = self.connection.prepare_cached(PUT_SCIM_TOKEN)?.execute(params![
            token.id.as_str(),
            token.connection_id.as_str(),
            token.sha256,
            stored(token.created_at),
            token.expires_at.map(stored),
            token.retires_at.map(stored),
            token.revoked_at.map(stored),
            audit_seq,
        ])?;
        if written == 0 {
            let reason = format!("SCIM token `{}` belongs to another connection and stays there", token.id);
            return Err(StoreError::Other { reason }.into());
        }
        Ok(())
    }

    fn remove(&mut self, id: &ConnectionId) -> Result<(), Trouble> {
        self.changed = true;
        let removed =
            self.connection.prepare_cached("DELETE FROM sso_connections WHERE id = ?1")?.execute([id.as_str()])?;
        found(removed, id)
    }

    fn append(&mut self, event: &AuditEvent) -> Result<AuditRow, Trouble> {
        let row = AuditRow::following(self.last()?, event);
        self.connection.prepare_cached(APPEND)?.execute(params![
            row.seq,
            row.at,
            row.actor,
            row.action,
            row.ticket,
            row.team_id,
            row.connection_id,
            row.details,
            row.previous_hash,
            row.hash,
        ])?;
        self.appended = Some(row.seq);
        self.last = Some((row.seq, row.hash.clone()));
        Ok(row)
    }

    fn part(&mut self, sql: &str) -> Result<(), Trouble> {
        self.connection.prepare_cached(sql)?.execute([])?;
        Ok(())
    }

    fn begin_part(&mut self) -> Result<(), Trouble> {
        // What the part changes belongs to an audit row of its own.
        self.before_part = (std::mem::take(&mut self.changed), self.appended.take());
        self.part("SAVEPOINT part")
    }

    fn keep_part(&mut self) -> Result<(), Trouble> {
        self.expect_audited()?;
        let (changed, appended) = self.before_part;
        self.changed |= changed;
        self.appended = self.appended.or(appended);
        self.part("RELEASE part")
    }

    fn undo_part(&mut self) -> Result<(), Trouble> {
        (self.changed, self.appended) = self.before_part;
        self.last = None;
        self.part("ROLLBACK TO part")?;
        self.part("RELEASE part")
    }

    /// The foreign key speaks for rows that are still there; for a removal this does.
    fn expect_audited(&self) -> Result<(), Trouble> {
        if self.changed && self.appended.is_none() {
            return Err(StoreError::Other { reason: "a change without its audit row".to_owned() }.into());
        }
        Ok(())
    }

    fn commit(&self) -> Result<(), Trouble> {
        self.expect_audited()?;
        Ok(self.connection.execute_batch("COMMIT")?)
    }
}

/// Writes a connection with its domains; half of them, where one is refused.
fn put(sqlite: &rusqlite::Connection, record: &ConnectionRecord, audit_seq: i64) -> Result<(), Trouble> {
    let oidc = record.settings.as_ref().and_then(ProtocolSettings::oidc);
    let saml = record.settings.as_ref().and_then(ProtocolSettings::saml);
    let written = sqlite.prepare_cached(PUT)?.execute(named_params! {
        ":id": record.id.as_str(),
        ":team_id": record.team_id.as_str(),
        ":protocol": record.settings.as_ref().map(|settings| settings.protocol().as_str()),
        ":status": record.status.as_str(),
        ":issuer": oidc.map(|oidc| oidc.issuer.as_str()),
        ":client_id": oidc.map(|oidc| oidc.client_id.as_str()),
        ":secret": oidc.map(|oidc| oidc.sealed_secret.as_jwe()),
        ":method": oidc.map(|oidc| oidc.client_authentication.as_str()),
        ":algorithms": oidc.map(|oidc| json_list(&oidc.id_token_algorithms)),
        ":redirect_uri": oidc.and_then(|oidc| oidc.redirect_uri.as_deref()),
        ":entity_id": saml.map(|saml| saml.entity_id.as_str()),
        ":sso": saml.map(|saml| json_list(&saml.sso)),
        ":slo": saml.map(|saml| json_list(&saml.slo)),
        ":name_ids": saml.map(|saml| json_list(&saml.name_id_formats)),
        ":certificates": saml.map(|saml| json_list(&saml.certificates)),
        ":want_signed": saml.map(|saml| saml.want_authn_requests_signed),
        ":acs_url": record.acs_url,
        ":metadata_url": saml.and_then(|saml| saml.metadata_url.as_ref()).map(MetadataUrl::as_str),
        ":metadata_sha256": saml.map(|saml| saml.metadata_sha256.as_str()),
        ":account_token": record.account_token.as_str(),
        ":challenge": record.domain_challenge,
        ":ticket": record.ticket,
        ":at": stored(record.at),
        ":audit_seq": audit_seq,
    })?;
    if written == 0 {
        let reason = format!("connection `{}` belongs to another team and stays there", record.id);
        return Err(StoreError::Other { reason }.into());
    }
    let claimed = json_list(&record.claims.iter().map(|claim| claim.domain.as_str()).collect::<Vec<_>>());
    sqlite.prepare_cached(RELEASE)?.execute(params![record.id.as_str(), claimed])?;
    record.claims.iter().try_for_each(|claim| claim_domain(sqlite, record, claim))
}

fn claim_domain(sqlite: &rusqlite::Connection, record: &ConnectionRecord, claim: &NewClaim) -> Result<(), Trouble> {
    let claimed = sqlite.prepare_cached(CLAIM)?.execute(params![
        claim.domain.as_str(),
        record.id.as_str(),
        claim.proof.as_str(),
        stored(record.at),
    ])?;
    if claimed == 0 { Err(StoreError::Taken { what: "this domain" }.into()) } else { Ok(()) }
}

fn found(rows: usize, id: &ConnectionId) -> Result<(), Trouble> {
    if rows == 0 { Err(StoreError::Other { reason: format!("there is no connection `{id}`") }.into()) } else { Ok(()) }
}

#[async_trait]
impl<R: Run> UnitOfWork for R {
    async fn run_errand(&mut self, errand: Errand) -> StoreResult<()> {
        let connections = self.shelf();
        self.run(move |work| {
            let mut inline = Inline { work, shelf: connections };
            // It waits for nothing but this transaction, which answers where it stands.
            Ok(errand(&mut inline).now_or_never().ok_or_else(interrupted)?)
        })
        .await
    }

    async fn begin_part(&mut self) -> StoreResult<()> {
        self.run(Work::begin_part).await
    }

    async fn keep_part(&mut self) -> StoreResult<()> {
        self.run(Work::keep_part).await
    }

    async fn undo_part(&mut self) -> StoreResult<()> {
        self.run(Work::undo_part).await
    }

    async fn put_connection(&mut self, record: &ConnectionRecord) -> StoreResult<()> {
        let record = record.clone();
        self.run(move |work| work.put(&record)).await
    }

    async fn write_entries(&mut self, entries: Vec<Entry>) -> StoreResult<()> {
        self.run(move |work| work.write_entries(&entries)).await
    }

    async fn set_status(&mut self, id: &ConnectionId, status: Status, at: Timestamp) -> StoreResult<()> {
        let id = id.clone();
        self.run(move |work| work.set_status(&id, status, at)).await
    }

    async fn set_acs_url(&mut self, id: &ConnectionId, acs_url: &str, at: Timestamp) -> StoreResult<()> {
        let (id, acs_url) = (id.clone(), acs_url.to_owned());
        self.run(move |work| work.set_acs_url(&id, &acs_url, at)).await
    }

    async fn put_scim_token(&mut self, token: &ScimToken) -> StoreResult<()> {
        let token = token.clone();
        self.run(move |work| work.put_scim_token(&token)).await
    }

    async fn remove_connection(&mut self, id: &ConnectionId) -> StoreResult<()> {
        let id = id.clone();
        self.run(move |work| work.remove(&id)).await
    }

    async fn append_audit(&mut self, event: &AuditEvent) -> StoreResult<AuditRow> {
        let event = event.clone();
        self.run(move |work| work.append(&event)).await
    }

    async fn commit(mut self: Box<Self>) -> StoreResult<()> {
        if !R::IS_WHOLE {
            return Err(StoreError::Other { reason: "an errand does not commit".to_owned() });
        }
        self.run(|work| work.commit()).await
    }
}
