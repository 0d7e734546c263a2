//! Our own rows as any database gives them, and how they become our words; a value that this version cannot read is an
//! error that names it.

use jiff::Timestamp;

use crate::foreign;
use crate::product::connection::{
    ClientAuthentication, Connection, DomainProof, OidcSettings, ProtocolSettings, SamlSettings, SealedSecret, Status,
};
use crate::product::repository::{StoreError, StoreResult};
use crate::request::names::{ClientId, ConnectionId, EmailDomain, IssuerUrl, TeamId};
use crate::request::saml_names::{AccountToken, EntityId, MetadataUrl};

/// A row of `sso_connections` with what belongs to it; lists are JSON text.
#[derive(Debug)]
pub(super) struct StoredConnection {
    pub(super) id: String,
    pub(super) team_id: String,
    /// The team's name in the product.
    pub(super) team_name: Option<String>,
    pub(super) protocol: Option<String>,
    pub(super) status: String,
    pub(super) issuer: Option<String>,
    pub(super) client_id: Option<String>,
    pub(super) client_secret_jwe: Option<String>,
    pub(super) token_endpoint_auth_method: Option<String>,
    pub(super) id_token_algorithms: Option<String>,
    pub(super) redirect_uri: Option<String>,
    pub(super) account_token: String,
    pub(super) entity_id: Option<String>,
    pub(super) sso_services: Option<String>,
    pub(super) slo_services: Option<String>,
    pub(super) name_id_formats: Option<String>,
    pub(super) signing_certificates: Option<String>,
    pub(super) want_authn_requests_signed: Option<bool>,
    pub(super) acs_url: Option<String>,
    pub(super) metadata_url: Option<String>,
    pub(super) metadata_sha256: Option<String>,
    pub(super) domain_challenge: String,
    pub(super) ticket: Option<String>,
    pub(super) created_at: Timestamp,
    pub(super) updated_at: Timestamp,
    /// Its domains, sorted.
    pub(super) domains: Vec<String>,
}

impl StoredConnection {
    pub(super) fn read(self) -> StoreResult<Connection> {
        let settings = match self.protocol.as_deref() {
            None => None,
            Some("oidc") => Some(ProtocolSettings::Oidc(self.oidc()?)),
            Some("saml") => Some(ProtocolSettings::Saml(self.saml()?)),
            Some(other) => return Err(self.unreadable("protocol", other)),
        };
        let status = Status::parse(&self.status).ok_or_else(|| self.unreadable("status", &self.status))?;
        let account_token = AccountToken::parse(&self.account_token)
            .ok_or_else(|| self.unreadable("account_token", &self.account_token))?;
        Ok(Connection {
            id: ConnectionId::new(self.id),
            team_id: TeamId::new(self.team_id),
            team_name: self.team_name,
            status,
            settings,
            domains: self.domains.iter().map(|name| domain(name)).collect::<Result<_, _>>()?,
            account_token,
            acs_url: self.acs_url,
            domain_challenge: self.domain_challenge,
            ticket: self.ticket,
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }

    fn oidc(&self) -> StoreResult<OidcSettings> {
        let issuer = self.given("issuer", self.issuer.as_deref())?;
        let client_id = self.given("client_id", self.client_id.as_deref())?;
        let method = self.given("token_endpoint_auth_method", self.token_endpoint_auth_method.as_deref())?;
        Ok(OidcSettings {
            issuer: IssuerUrl::parse(issuer).map_err(|_| self.unreadable("issuer", issuer))?,
            client_id: ClientId::parse(client_id).ok_or_else(|| self.unreadable("client_id", client_id))?,
            client_authentication: ClientAuthentication::parse(method)
                .ok_or_else(|| self.unreadable("token_endpoint_auth_method", method))?,
            id_token_algorithms: self.list("id_token_algorithms", self.id_token_algorithms.as_deref())?,
            redirect_uri: self.redirect_uri.clone(),
            sealed_secret: SealedSecret::new(self.given("client_secret_jwe", self.client_secret_jwe.as_deref())?),
        })
    }

    fn saml(&self) -> StoreResult<SamlSettings> {
        let entity_id = self.given("entity_id", self.entity_id.as_deref())?;
        let metadata_url = self.metadata_url.as_deref();
        let signed = self.want_authn_requests_signed;
        Ok(SamlSettings {
            entity_id: EntityId::parse(entity_id).ok_or_else(|| self.unreadable("entity_id", entity_id))?,
            sso: self.list("sso_services", self.sso_services.as_deref())?,
            slo: self.list("slo_services", self.slo_services.as_deref())?,
            name_id_formats: self.list("name_id_formats", self.name_id_formats.as_deref())?,
            certificates: self.list("signing_certificates", self.signing_certificates.as_deref())?,
            want_authn_requests_signed: self.given("want_authn_requests_signed", signed)?,
            metadata_url: metadata_url
                .map(|url| MetadataUrl::parse(url).ok_or_else(|| self.unreadable("metadata_url", url)))
                .transpose()?,
            metadata_sha256: self.given("metadata_sha256", self.metadata_sha256.as_deref())?.to_owned(),
        })
    }

    /// A value without which the row is not whole.
    fn given<T>(&self, column: &str, value: Option<T>) -> StoreResult<T> {
        value.ok_or_else(|| StoreError::Unreadable { what: self.place(column), reason: "it is missing".to_owned() })
    }

    fn list<T: serde::de::DeserializeOwned>(&self, column: &str, value: Option<&str>) -> StoreResult<Vec<T>> {
        let value = self.given(column, value)?;
        serde_json::from_str(value).map_err(|_| self.unreadable(column, value))
    }

    fn unreadable(&self, column: &str, value: &str) -> StoreError {
        unreadable(&self.place(column), value)
    }

    fn place(&self, column: &str) -> String {
        format!("`{column}` of connection `{}`", foreign::shown(&self.id))
    }
}

/// A domain as `sso_domains` keeps it.
pub(super) fn domain(name: &str) -> StoreResult<EmailDomain> {
    EmailDomain::parse(name).map_err(|_| unreadable("a claimed domain", name))
}

/// The proof as `sso_domains` keeps it.
pub(super) fn proof(word: &str) -> StoreResult<DomainProof> {
    DomainProof::parse(word).ok_or_else(|| unreadable("the proof of a claimed domain", word))
}

/// A stored value that is not what it should be.
pub(super) fn unreadable(what: &str, value: &str) -> StoreError {
    StoreError::Unreadable { what: what.to_owned(), reason: format!("`{}`", foreign::shown(value)) }
}
