//! What a transaction changes. Every change is tied to an audit row of the same transaction (C-05).

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use serde::Serialize;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::rows::ours;
use super::session::{Gate, Session};
use crate::product::audit_event::{AuditEvent, AuditRow};
use crate::product::connection::{Endpoint, ProtocolSettings, SigningCertificate, Status};
use crate::product::repository::{
    Change, ConnectionRecord, Entry, Errand, StoreError, StoreResult, UnitOfWork, as_kept,
};
use crate::product::scim_token::ScimToken;
use crate::request::names::ConnectionId;
use crate::request::saml_names::MetadataUrl;

/// Connections $1 with their claims $2, lists of objects each. A row of the same id is superseded, but for what stays with the
/// connection: team, account token, creation. Claims that are not among the new ones are released; one that another
/// connection holds is not given, and so not counted.
const PUT: &str = "WITH put AS ( \
         INSERT INTO sso_connections (id, team_id, protocol, status, issuer, client_id, client_secret_jwe, \
             token_endpoint_auth_method, id_token_algorithms, redirect_uri, entity_id, sso_services, slo_services, \
             name_id_formats, signing_certificates, want_authn_requests_signed, acs_url, metadata_url, metadata_sha256, \
             account_token, domain_challenge, ticket, created_at, updated_at, audit_seq) \
         SELECT id, team_id, protocol, status, issuer, client_id, client_secret_jwe, \
             token_endpoint_auth_method, id_token_algorithms, redirect_uri, entity_id, sso_services, slo_services, \
             name_id_formats, signing_certificates, want_authn_requests_signed, acs_url, metadata_url, metadata_sha256, \
             account_token, domain_challenge, ticket, at, at, audit_seq \
         FROM json_to_recordset($1::text::json) AS r (id text, team_id text, protocol text, status text, issuer text, \
             client_id text, client_secret_jwe text, token_endpoint_auth_method text, id_token_algorithms jsonb, \
             redirect_uri text, entity_id text, sso_services jsonb, slo_services jsonb, name_id_formats jsonb, \
             signing_certificates jsonb, want_authn_requests_signed boolean, acs_url text, metadata_url text, \
             metadata_sha256 text, account_token text, domain_challenge text, ticket text, at timestamptz, \
             audit_seq bigint) \
         ON CONFLICT (id) DO UPDATE SET protocol = excluded.protocol, status = excluded.status, \
             issuer = excluded.issuer, client_id = excluded.client_id, client_secret_jwe = excluded.client_secret_jwe, \
             token_endpoint_auth_method = excluded.token_endpoint_auth_method, \
             id_token_algorithms = excluded.id_token_algorithms, redirect_uri = excluded.redirect_uri, \
             entity_id = excluded.entity_id, sso_services = excluded.sso_services, \
             slo_services = excluded.slo_services, name_id_formats = excluded.name_id_formats, \
             signing_certificates = excluded.signing_certificates, \
             want_authn_requests_signed = excluded.want_authn_requests_signed, acs_url = excluded.acs_url, \
             metadata_url = excluded.metadata_url, metadata_sha256 = excluded.metadata_sha256, \
             domain_challenge = excluded.domain_challenge, ticket = excluded.ticket, \
             updated_at = excluded.updated_at, audit_seq = excluded.audit_seq \
         WHERE sso_connections.team_id = excluded.team_id RETURNING id \
     ), claims AS MATERIALIZED ( \
         SELECT domain, connection_id, proof, at \
         FROM json_to_recordset($2::text::json) AS c (domain text, connection_id text, proof text, at timestamptz) \
     ), released AS ( \
         DELETE FROM sso_domains d WHERE connection_id = ANY ($3) \
             AND (d.connection_id, d.domain) NOT IN (SELECT connection_id, domain FROM claims) \
     ), claimed AS ( \
         INSERT INTO sso_domains (domain, connection_id, proof, claimed_at) \
         SELECT domain, connection_id, proof, at FROM claims WHERE connection_id IN (SELECT id FROM put) \
         ON CONFLICT (domain) DO UPDATE SET proof = excluded.proof \
         WHERE sso_domains.connection_id = excluded.connection_id RETURNING domain \
     ) \
     SELECT (SELECT count(*) FROM put) AS put, (SELECT count(*) FROM claimed) AS claimed";
/// Of a token that is there already, only its ends change.
const PUT_SCIM_TOKEN: &str = "INSERT INTO scim_tokens (id, connection_id, sha256, created_at, expires_at, retires_at, \
         revoked_at, audit_seq) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
     ON CONFLICT (id) DO UPDATE SET retires_at = excluded.retires_at, revoked_at = excluded.revoked_at, \
         audit_seq = excluded.audit_seq \
     WHERE scim_tokens.connection_id = excluded.connection_id AND scim_tokens.sha256 = excluded.sha256 RETURNING id";
const SET_STATUS: &str =
    "UPDATE sso_connections SET status = $2, updated_at = $3, audit_seq = $4 WHERE id = $1 RETURNING id";
const SET_ACS_URL: &str = "UPDATE sso_connections SET acs_url = $2, updated_at = $3 WHERE id = $1 RETURNING id";
const REMOVE: &str = "DELETE FROM sso_connections WHERE id = $1 RETURNING id";
/// Audit rows, a column each: their details are long, and would be taken apart twice inside of a list of objects.
const APPEND: &str = "INSERT INTO sso_audit_log (seq, at, actor, action, ticket, team_id, connection_id, details, \
         previous_hash, hash) \
     SELECT seq, at, actor, action, ticket, team_id, connection_id, details, previous_hash, hash \
     FROM unnest($1::int8[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], \
         $10::text[]) AS r (seq, at, actor, action, ticket, team_id, connection_id, details, previous_hash, hash) ORDER BY seq";

/// How often a commit that got no answer is asked about, and how long is waited before each time.
const INQUIRIES: [Duration; 5] = [
    Duration::ZERO,
    Duration::from_millis(100),
    Duration::from_millis(400),
    Duration::from_millis(1500),
    Duration::from_secs(3),
];

/// A connection as [`PUT`] takes it: a member a column.
#[derive(Serialize)]
struct ConnectionRow<'r> {
    id: &'r str,
    team_id: &'r str,
    protocol: Option<&'r str>,
    status: &'r str,
    issuer: Option<&'r str>,
    client_id: Option<&'r str>,
    client_secret_jwe: Option<&'r str>,
    token_endpoint_auth_method: Option<&'r str>,
    id_token_algorithms: Option<&'r [String]>,
    redirect_uri: Option<&'r str>,
    entity_id: Option<&'r str>,
    sso_services: Option<&'r [Endpoint]>,
    slo_services: Option<&'r [Endpoint]>,
    name_id_formats: Option<&'r [String]>,
    signing_certificates: Option<&'r [SigningCertificate]>,
    want_authn_requests_signed: Option<bool>,
    acs_url: Option<&'r str>,
    metadata_url: Option<&'r str>,
    metadata_sha256: Option<&'r str>,
    account_token: &'r str,
    domain_challenge: &'r str,
    ticket: Option<&'r str>,
    at: Timestamp,
    audit_seq: i64,
}

/// A claim as [`PUT`] takes it.
#[derive(Serialize)]
struct ClaimRow<'r> {
    domain: &'r str,
    connection_id: &'r str,
    proof: &'r str,
    at: Timestamp,
}

impl<'r> ConnectionRow<'r> {
    fn of(record: &'r ConnectionRecord, audit_seq: i64) -> Self {
        let oidc = record.settings.as_ref().and_then(ProtocolSettings::oidc);
        let saml = record.settings.as_ref().and_then(ProtocolSettings::saml);
        Self {
            id: record.id.as_str(),
            team_id: record.team_id.as_str(),
            protocol: record.settings.as_ref().map(|settings| settings.protocol().as_str()),
            status: record.status.as_str(),
            issuer: oidc.map(|oidc| oidc.issuer.as_str()),
            client_id: oidc.map(|oidc| oidc.client_id.as_str()),
            client_secret_jwe: oidc.map(|oidc| oidc.sealed_secret.as_jwe()),
            token_endpoint_auth_method: oidc.map(|oidc| oidc.client_authentication.as_str()),
            id_token_algorithms: oidc.map(|oidc| oidc.id_token_algorithms.as_slice()),
            redirect_uri: oidc.and_then(|oidc| oidc.redirect_uri.as_deref()),
            entity_id: saml.map(|saml| saml.entity_id.as_str()),
            sso_services: saml.map(|saml| saml.sso.as_slice()),
            slo_services: saml.map(|saml| saml.slo.as_slice()),
            name_id_formats: saml.map(|saml| saml.name_id_formats.as_slice()),
            signing_certificates: saml.map(|saml| saml.certificates.as_slice()),
            want_authn_requests_signed: saml.map(|saml| saml.want_authn_requests_signed),
            acs_url: record.acs_url.as_deref(),
            metadata_url: saml.and_then(|saml| saml.metadata_url.as_ref()).map(MetadataUrl::as_str),
            metadata_sha256: saml.map(|saml| saml.metadata_sha256.as_str()),
            account_token: record.account_token.as_str(),
            domain_challenge: &record.domain_challenge,
            ticket: record.ticket.as_deref(),
            at: as_kept(record.at),
            audit_seq,
        }
    }
}

/// What [`PUT`] takes.
fn as_json(rows: &[impl Serialize]) -> StoreResult<String> {
    serde_json::to_string(rows).map_err(|error| StoreError::Other { reason: error.to_string() })
}

/// Connections with the numbers of their audit rows, as the parameters of [`PUT`].
struct Puts {
    connections: String,
    claims: String,
    ids: Vec<String>,
    /// How many claims there are.
    claimed: usize,
}

impl Puts {
    fn of(records: &[(&ConnectionRecord, i64)]) -> StoreResult<Self> {
        let connections: Vec<_> = records.iter().map(|(record, seq)| ConnectionRow::of(record, *seq)).collect();
        let mut claims = Vec::new();
        for (record, _) in records {
            let (connection_id, at) = (record.id.as_str(), as_kept(record.at));
            let mut own: Vec<(&str, &str)> =
                record.claims.iter().map(|claim| (claim.domain.as_str(), claim.proof.as_str())).collect();
            own.sort_unstable();
            own.dedup_by_key(|(domain, _)| *domain);
            claims.extend(own.into_iter().map(|(domain, proof)| ClaimRow { domain, connection_id, proof, at }));
        }
        Ok(Self {
            connections: as_json(&connections)?,
            claims: as_json(&claims)?,
            ids: records.iter().map(|(record, _)| record.id.to_string()).collect(),
            claimed: claims.len(),
        })
    }

    fn params(&self) -> [&(dyn ToSql + Sync); 3] {
        [&self.connections, &self.claims, &self.ids]
    }

    /// Whether `answer` says that all of it was written.
    fn written(&self, answer: &[Row]) -> StoreResult<()> {
        let count = |column| answer.first().map_or(Ok(0), |row| ours::<i64>(row, column));
        if usize::try_from(count("put")?) != Ok(self.ids.len()) {
            let reason = format!("connection `{}` belongs to another team and stays there", self.ids.join("`, `"));
            return Err(StoreError::Other { reason });
        }
        if usize::try_from(count("claimed")?) != Ok(self.claimed) {
            return Err(StoreError::Taken { what: "this domain" });
        }
        Ok(())
    }
}

impl Session {
    /// The audit row that a change of this transaction belongs to: the one appended, else the one that will be. A
    /// deferred foreign key holds the promise at the commit.
    fn audit_seq(&mut self) -> i64 {
        self.changed = true;
        let last = self.last.as_ref().map_or(0, |(seq, _)| *seq);
        if self.appended { last } else { last + 1 }
    }

    /// Gives `event` the next place in the chain, which it is to be written at.
    fn follow(&mut self, event: &AuditEvent) -> AuditRow {
        let row = AuditRow::following(self.last.as_ref().map(|(seq, hash)| (*seq, hash.as_str())), event);
        self.last = Some((row.seq, row.hash.clone()));
        self.appended = true;
        row
    }

    /// Writes rows that [`follow`](Self::follow) gave their places.
    async fn append(&mut self, rows: &[AuditRow]) -> StoreResult<()> {
        fn column<'r, T>(rows: &'r [AuditRow], of: impl FnMut(&'r AuditRow) -> T) -> Vec<T> {
            rows.iter().map(of).collect()
        }
        self.query(
            APPEND,
            &[
                &column(rows, |row| row.seq),
                &column(rows, |row| row.at.as_str()),
                &column(rows, |row| row.actor.as_str()),
                &column(rows, |row| row.action.as_str()),
                &column(rows, |row| row.ticket.as_deref()),
                &column(rows, |row| row.team_id.as_deref()),
                &column(rows, |row| row.connection_id.as_deref()),
                &column(rows, |row| row.details.as_str()),
                &column(rows, |row| row.previous_hash.as_str()),
                &column(rows, |row| row.hash.as_str()),
            ],
        )
        .await?;
        Ok(())
    }

    async fn set_status_with(
        &mut self,
        id: &ConnectionId,
        status: Status,
        at: Timestamp,
        audit_seq: i64,
    ) -> StoreResult<()> {
        self.changed = true;
        let changed = self.query(SET_STATUS, &[&id.as_str(), &status.as_str(), &at, &audit_seq]).await?;
        found(changed.len(), id)
    }
}

fn found(rows: usize, id: &ConnectionId) -> StoreResult<()> {
    if rows == 0 { Err(StoreError::Other { reason: format!("there is no connection `{id}`") }) } else { Ok(()) }
}

/// Whether the transaction that appended row `seq` with `hash` became permanent, though its commit got no answer. Asked under
/// the write lock, which its backend holds for as long as that question is open.
async fn was_committed(gate: &Arc<Gate>, seq: i64, hash: &str) -> StoreResult<bool> {
    let mut inquiry = Session::writing(Arc::clone(gate)).await?;
    let stored = inquiry.query("SELECT hash FROM sso_audit_log WHERE seq = $1", &[&seq]).await?;
    stored.first().map_or(Ok(false), |row| Ok(ours::<&str>(row, "hash")? == hash))
}

#[async_trait]
impl UnitOfWork for Session {
    async fn run_errand(&mut self, errand: Errand) -> StoreResult<()> {
        errand(self).await;
        Ok(())
    }

    async fn begin_part(&mut self) -> StoreResult<()> {
        // What the part changes belongs to an audit row of its own.
        let (changed, appended) = (std::mem::take(&mut self.changed), std::mem::take(&mut self.appended));
        self.before_part = (changed, appended, self.last.clone());
        self.batch("SAVEPOINT part").await
    }

    async fn keep_part(&mut self) -> StoreResult<()> {
        if self.changed && !self.appended {
            return Err(StoreError::Other { reason: "a change without its audit row".to_owned() });
        }
        self.changed |= self.before_part.0;
        self.appended |= self.before_part.1;
        self.batch("RELEASE SAVEPOINT part").await
    }

    async fn undo_part(&mut self) -> StoreResult<()> {
        (self.changed, self.appended, self.last) = self.before_part.clone();
        self.batch("ROLLBACK TO SAVEPOINT part; RELEASE SAVEPOINT part").await?;
        self.failed = false;
        Ok(())
    }

    async fn put_connection(&mut self, record: &ConnectionRecord) -> StoreResult<()> {
        let puts = Puts::of(&[(record, self.audit_seq())])?;
        let answer = self.try_query(PUT, &puts.params()).await?;
        let written = puts.written(&answer);
        if written.is_err() {
            self.undo().await?;
        }
        written
    }

    async fn write_entries(&mut self, entries: Vec<Entry>) -> StoreResult<()> {
        let mut records = Vec::new();
        let mut rows = Vec::with_capacity(entries.len());
        for Entry { change, event } in &entries {
            let row = self.follow(event);
            match change {
                Some(Change::Put(record)) => records.push((&**record, row.seq)),
                Some(Change::SetStatus { id, status, at }) => self.set_status_with(id, *status, *at, row.seq).await?,
                None => {}
            }
            rows.push(row);
        }
        if !records.is_empty() {
            let puts = Puts::of(&records)?;
            let answer = self.query(PUT, &puts.params()).await?;
            puts.written(&answer)?;
            self.changed = true;
        }
        if rows.is_empty() { Ok(()) } else { self.append(&rows).await }
    }

    async fn set_status(&mut self, id: &ConnectionId, status: Status, at: Timestamp) -> StoreResult<()> {
        let audit_seq = self.audit_seq();
        self.set_status_with(id, status, at, audit_seq).await
    }

    async fn set_acs_url(&mut self, id: &ConnectionId, acs_url: &str, at: Timestamp) -> StoreResult<()> {
        self.changed = true;
        found(self.query(SET_ACS_URL, &[&id.as_str(), &acs_url, &at]).await?.len(), id)
    }

    async fn put_scim_token(&mut self, token: &ScimToken) -> StoreResult<()> {
        let audit_seq = self.audit_seq();
        let written = self
            .query(
                PUT_SCIM_TOKEN,
                &[
                    &token.id.as_str(),
                    &token.connection_id.as_str(),
                    &token.sha256,
                    &token.created_at,
                    &token.expires_at,
                    &token.retires_at,
                    &token.revoked_at,
                    &audit_seq,
                ],
            )
            .await?;
        if written.is_empty() {
            let reason = format!("SCIM token `{}` belongs to another connection and stays there", token.id);
            return Err(StoreError::Other { reason });
        }
        Ok(())
    }

    async fn remove_connection(&mut self, id: &ConnectionId) -> StoreResult<()> {
        self.changed = true;
        found(self.query(REMOVE, &[&id.as_str()]).await?.len(), id)
    }

    async fn append_audit(&mut self, event: &AuditEvent) -> StoreResult<AuditRow> {
        let row = self.follow(event);
        self.append(std::slice::from_ref(&row)).await?;
        Ok(row)
    }

    async fn commit(mut self: Box<Self>) -> StoreResult<()> {
        // The foreign key speaks for rows that are still there; for a removal this does.
        if self.changed && !self.appended {
            return Err(StoreError::Other { reason: "a change without its audit row".to_owned() });
        }
        // `commit` of the session, not of this trait: it is the shorter way to an answer.
        let answer = Session::commit(&mut self).await;
        let (Err(StoreError::Unreachable { place, reason }), true, Some((seq, hash))) =
            (&answer, self.appended, &self.last)
        else {
            return answer;
        };
        for pause in INQUIRIES {
            tokio::time::sleep(pause).await;
            match was_committed(self.gate(), *seq, hash).await {
                Ok(true) => return Ok(()),
                Ok(false) => return answer,
                Err(_) => {}
            }
        }
        Err(StoreError::InDoubt { place: place.clone(), reason: reason.clone() })
    }
}
