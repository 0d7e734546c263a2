//! What a transaction changes. Every change is tied to an audit row of the same transaction (C-05).

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;

use super::rows::ours;
use super::session::{Gate, Session};
use crate::product::audit_event::{AuditEvent, AuditRow};
use crate::product::connection::{ProtocolSettings, Status};
use crate::product::repository::{ConnectionRecord, Errand, StoreError, StoreResult, UnitOfWork};
use crate::product::scim_token::ScimToken;
use crate::request::names::ConnectionId;
use crate::request::saml_names::MetadataUrl;

/// A row of the same id is superseded, but for what stays with the connection: team, account token, creation. Claims that are
/// not among the new ones are released; one that another connection holds is not given, and so not counted.
const PUT: &str = "WITH put AS ( \
         INSERT INTO sso_connections (id, team_id, protocol, status, issuer, client_id, client_secret_jwe, \
             token_endpoint_auth_method, id_token_algorithms, redirect_uri, entity_id, sso_services, slo_services, \
             name_id_formats, signing_certificates, want_authn_requests_signed, acs_url, metadata_url, metadata_sha256, \
             account_token, domain_challenge, ticket, created_at, updated_at, audit_seq) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9::text::jsonb, $10, $11, $12::text::jsonb, $13::text::jsonb, \
             $14::text::jsonb, $15::text::jsonb, $16, $17, $18, $19, $20, $21, $22, $23, $23, $24) \
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
     ), released AS ( \
         DELETE FROM sso_domains WHERE connection_id = $1 AND domain <> ALL ($25) \
     ), claimed AS ( \
         INSERT INTO sso_domains (domain, connection_id, proof, claimed_at) \
         SELECT claim.domain, $1, claim.proof, $23 FROM unnest($25, $26::text[]) AS claim(domain, proof) \
         WHERE EXISTS (SELECT 1 FROM put) \
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
const APPEND: &str = "INSERT INTO sso_audit_log (seq, at, actor, action, ticket, team_id, connection_id, details, \
     previous_hash, hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";

/// How often a commit that got no answer is asked about, and how long is waited before each time.
const INQUIRIES: [Duration; 5] = [
    Duration::ZERO,
    Duration::from_millis(100),
    Duration::from_millis(400),
    Duration::from_millis(1500),
    Duration::from_secs(3),
];

fn json_list<T: serde::Serialize>(values: &[T]) -> String {
    serde_json::to_string(values).unwrap_or_else(|_| "[]".to_owned())
}

impl Session {
    /// The audit row that a change of this transaction belongs to: the one appended, else the one that will be. A
    /// deferred foreign key holds the promise at the commit.
    fn audit_seq(&mut self) -> i64 {
        self.changed = true;
        let last = self.last.as_ref().map_or(0, |(seq, _)| *seq);
        if self.appended { last } else { last + 1 }
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
        let audit_seq = self.audit_seq();
        let oidc = record.settings.as_ref().and_then(ProtocolSettings::oidc);
        let saml = record.settings.as_ref().and_then(ProtocolSettings::saml);
        let mut claims: Vec<(&str, &str)> =
            record.claims.iter().map(|claim| (claim.domain.as_str(), claim.proof.as_str())).collect();
        claims.sort_unstable();
        claims.dedup_by_key(|(domain, _)| *domain);
        let (domains, proofs): (Vec<&str>, Vec<&str>) = claims.into_iter().unzip();
        let answer = self
            .try_query(
                PUT,
                &[
                    &record.id.as_str(),
                    &record.team_id.as_str(),
                    &record.settings.as_ref().map(|settings| settings.protocol().as_str()),
                    &record.status.as_str(),
                    &oidc.map(|oidc| oidc.issuer.as_str()),
                    &oidc.map(|oidc| oidc.client_id.as_str()),
                    &oidc.map(|oidc| oidc.sealed_secret.as_jwe()),
                    &oidc.map(|oidc| oidc.client_authentication.as_str()),
                    &oidc.map(|oidc| json_list(&oidc.id_token_algorithms)),
                    &oidc.and_then(|oidc| oidc.redirect_uri.as_deref()),
                    &saml.map(|saml| saml.entity_id.as_str()),
                    &saml.map(|saml| json_list(&saml.sso)),
                    &saml.map(|saml| json_list(&saml.slo)),
                    &saml.map(|saml| json_list(&saml.name_id_formats)),
                    &saml.map(|saml| json_list(&saml.certificates)),
                    &saml.map(|saml| saml.want_authn_requests_signed),
                    &record.acs_url,
                    &saml.and_then(|saml| saml.metadata_url.as_ref()).map(MetadataUrl::as_str),
                    &saml.map(|saml| saml.metadata_sha256.as_str()),
                    &record.account_token.as_str(),
                    &record.domain_challenge,
                    &record.ticket,
                    &record.at,
                    &audit_seq,
                    &domains,
                    &proofs,
                ],
            )
            .await?;
        let count = |column| answer.first().map_or(Ok(0), |row| ours::<i64>(row, column));
        if count("put")? == 0 {
            self.undo().await?;
            let reason = format!("connection `{}` belongs to another team and stays there", record.id);
            return Err(StoreError::Other { reason });
        }
        if usize::try_from(count("claimed")?) != Ok(domains.len()) {
            self.undo().await?;
            return Err(StoreError::Taken { what: "this domain" });
        }
        Ok(())
    }

    async fn set_status(&mut self, id: &ConnectionId, status: Status, at: Timestamp) -> StoreResult<()> {
        let audit_seq = self.audit_seq();
        let changed = self.query(SET_STATUS, &[&id.as_str(), &status.as_str(), &at, &audit_seq]).await?;
        found(changed.len(), id)
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
                    &token.id,
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
        let row = AuditRow::following(self.last.as_ref().map(|(seq, hash)| (*seq, hash.as_str())), event);
        self.query(
            APPEND,
            &[
                &row.seq,
                &row.at,
                &row.actor,
                &row.action,
                &row.ticket,
                &row.team_id,
                &row.connection_id,
                &row.details,
                &row.previous_hash,
                &row.hash,
            ],
        )
        .await?;
        self.last = Some((row.seq, row.hash.clone()));
        self.appended = true;
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
