//! A team's single sign-on connection, as it is stored and as the product reads it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::fields::Fields;
use crate::request::Protocol;
use crate::request::names::{ClientId, ConnectionId, EmailDomain, IssuerUrl, TeamId};
use crate::request::saml_names::{AccountToken, EntityId, MetadataUrl};

/// Where a connection is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Reserved by `prepare`: the customer has been told what to enter; nothing signs in yet.
    Prepared,
    /// Written in full, not switched on.
    Staged,
    /// Switched on: the only way in for the team.
    Active,
    /// Switched off, kept.
    Suspended,
}

impl Status {
    /// The word in JSON and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Prepared => "prepared",
            Self::Staged => "staged",
            Self::Active => "active",
            Self::Suspended => "suspended",
        }
    }

    /// Reads the word; `None` for one this version does not know.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Prepared, Self::Staged, Self::Active, Self::Suspended].into_iter().find(|one| one.as_str() == word)
    }
}

/// How the client authenticates at the token endpoint.
///
/// Source: OpenID Connect Core 1.0, section 9.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub enum ClientAuthentication {
    /// HTTP Basic with form-encoded id and secret (RFC 6749 section 2.3.1).
    #[serde(rename = "client_secret_basic")]
    Basic,
    /// Id and secret in the request body.
    #[serde(rename = "client_secret_post")]
    Post,
}

impl ClientAuthentication {
    /// The registered name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Basic => "client_secret_basic",
            Self::Post => "client_secret_post",
        }
    }

    /// Reads the registered name; `None` for methods that use no shared secret.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Basic, Self::Post].into_iter().find(|one| one.as_str() == name)
    }

    /// The other of the two.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Basic => Self::Post,
            Self::Post => Self::Basic,
        }
    }
}

/// A stored connection without its secret: what may be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    /// Our id.
    pub id: ConnectionId,
    /// Whose it is.
    pub team_id: TeamId,
    /// The team's name in the product; `None` when the team has gone.
    pub team_name: Option<String>,
    /// Where it is in its life.
    pub status: Status,
    /// The provider's side; `None` while it is only prepared.
    pub settings: Option<ProtocolSettings>,
    /// The domains whose people sign in through it, sorted.
    pub domains: Vec<EmailDomain>,
    /// The team's SSO account token: in its assertion consumer service URL and its SCIM base URL.
    pub account_token: AccountToken,
    /// Our assertion consumer service as the customer was told it, by `prepare` or at the latest when a SAML connection
    /// is written; it stays, since that is what stands in their provider. `None` where nobody was told one.
    pub acs_url: Option<String>,
    /// What a domain's DNS must show to prove that the team controls it: random, stable for the connection.
    pub domain_challenge: String,
    /// The ticket with which it was last reserved or written.
    pub ticket: Option<String>,
    /// When it was reserved or created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl Connection {
    /// How the team signs in; `None` while the connection is only prepared.
    #[must_use]
    pub fn protocol(&self) -> Option<Protocol> {
        self.settings.as_ref().map(ProtocolSettings::protocol)
    }

    /// Whether `prepare` has reserved it and nothing more is known: nobody signs in through it, and it has no provider.
    #[must_use]
    pub const fn is_only_reserved(&self) -> bool {
        self.settings.is_none()
    }

    /// The OpenID Connect settings, where that is how the team signs in.
    #[must_use]
    pub fn oidc(&self) -> Option<&OidcSettings> {
        self.settings.as_ref().and_then(ProtocolSettings::oidc)
    }

    /// The SAML settings, where that is how the team signs in.
    #[must_use]
    pub fn saml(&self) -> Option<&SamlSettings> {
        self.settings.as_ref().and_then(ProtocolSettings::saml)
    }

    /// SHA-256, in hexadecimal, of everything that decides who signs in through it and how: all but its ticket and times.
    #[must_use]
    pub fn sha256(&self) -> String {
        let mut fields = Fields::of("ssoctl-connection-1");
        fields.add(Some(self.id.as_str()));
        fields.add(Some(self.team_id.as_str()));
        fields.add(Some(self.status.as_str()));
        fields.add(Some(self.account_token.as_str()));
        fields.add(self.acs_url.as_deref());
        fields.add(Some(&self.domain_challenge));
        fields.add(Some(&json(&self.domains)));
        fields.add(self.protocol().map(Protocol::as_str));
        match &self.settings {
            None => {}
            Some(ProtocolSettings::Oidc(oidc)) => {
                fields.add(Some(oidc.issuer.as_str()));
                fields.add(Some(oidc.client_id.as_str()));
                fields.add(Some(oidc.client_authentication.as_str()));
                fields.add(Some(&json(&oidc.id_token_algorithms)));
                fields.add(oidc.redirect_uri.as_deref());
                fields.add(Some(oidc.sealed_secret.as_jwe()));
            }
            Some(ProtocolSettings::Saml(saml)) => {
                fields.add(Some(saml.entity_id.as_str()));
                fields.add(Some(&json(&saml.sso)));
                fields.add(Some(&json(&saml.slo)));
                fields.add(Some(&json(&saml.name_id_formats)));
                fields.add(Some(&json(&saml.certificates)));
                fields.add(Some(if saml.want_authn_requests_signed { "signed" } else { "unsigned" }));
                fields.add(saml.metadata_url.as_ref().map(MetadataUrl::as_str));
                fields.add(Some(&saml.metadata_sha256));
            }
        }
        fields.finish()
    }
}

/// A list as one field.
fn json<T: Serialize>(list: &[T]) -> String {
    serde_json::to_string(list).unwrap_or_default()
}

/// What a connection holds, one variant a protocol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProtocolSettings {
    /// OpenID Connect.
    Oidc(OidcSettings),
    /// SAML 2.0.
    Saml(SamlSettings),
}

impl ProtocolSettings {
    /// How the team signs in.
    #[must_use]
    pub const fn protocol(&self) -> Protocol {
        match self {
            Self::Oidc(_) => Protocol::Oidc,
            Self::Saml(_) => Protocol::Saml,
        }
    }

    /// By what people know the provider's side, each with its label: never a secret.
    #[must_use]
    pub fn names(&self) -> Vec<(&'static str, &str)> {
        match self {
            Self::Oidc(oidc) => vec![("issuer", oidc.issuer.as_str()), ("client id", oidc.client_id.as_str())],
            Self::Saml(saml) => std::iter::once(("entity ID", saml.entity_id.as_str()))
                .chain(saml.sso.first().map(|endpoint| ("sign-in URL", endpoint.location.as_str())))
                .collect(),
        }
    }

    /// The OpenID Connect settings.
    #[must_use]
    pub const fn oidc(&self) -> Option<&OidcSettings> {
        match self {
            Self::Oidc(settings) => Some(settings),
            Self::Saml(_) => None,
        }
    }

    /// The SAML settings.
    #[must_use]
    pub const fn saml(&self) -> Option<&SamlSettings> {
        match self {
            Self::Saml(settings) => Some(settings),
            Self::Oidc(_) => None,
        }
    }
}

/// What the product needs to sign people in through an OpenID Provider. Everything else it reads from the discovery
/// document, whose address follows from the issuer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OidcSettings {
    /// `iss` of every ID token, exactly.
    pub issuer: IssuerUrl,
    /// `aud` of every ID token.
    pub client_id: ClientId,
    /// The method that the probe found working, else the provider's first that we speak.
    pub client_authentication: ClientAuthentication,
    /// Signature algorithms to accept in ID tokens: the provider's, less the unsafe ones; never `none`, never `HS*`.
    pub id_token_algorithms: Vec<String>,
    /// Where the provider sends people back to.
    pub redirect_uri: Option<String>,
    /// The client secret as compact JWE (see [`crate::sealing`]).
    #[serde(skip)]
    pub sealed_secret: SealedSecret,
}

/// A sealed client secret, RFC 7516 compact serialisation. Not secret itself, but nothing to print either.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedSecret(String);

impl SealedSecret {
    /// Wraps what the sealing room made or the database kept.
    #[must_use]
    pub fn new(jwe: impl Into<String>) -> Self {
        Self(jwe.into())
    }

    /// The compact JWE.
    #[must_use]
    pub fn as_jwe(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for SealedSecret {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("SealedSecret(…)")
    }
}

/// What the product needs to sign people in through a SAML identity provider, all of it from the provider's metadata.
///
/// Source: SAML 2.0 Metadata, section 2.4.3.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SamlSettings {
    /// `Issuer` of every response, exactly.
    pub entity_id: EntityId,
    /// `SingleSignOnService`: https, with a binding that a browser speaks, in the order of the document.
    pub sso: Vec<Endpoint>,
    /// `SingleLogoutService`: the same.
    pub slo: Vec<Endpoint>,
    /// `NameIDFormat`, in the order of the document.
    pub name_id_formats: Vec<String>,
    /// Every signing certificate that may be in use now or later, in the order of the document, none twice.
    pub certificates: Vec<SigningCertificate>,
    /// `WantAuthnRequestsSigned`.
    pub want_authn_requests_signed: bool,
    /// Where the metadata came from, where that was a URL: it can be asked again.
    pub metadata_url: Option<MetadataUrl>,
    /// SHA-256 of the metadata's bytes as they came, lower-case hexadecimal.
    pub metadata_sha256: String,
}

/// One endpoint of a SAML role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoint {
    /// The binding's URI.
    pub binding: String,
    /// Where it is.
    pub location: String,
    /// `ResponseLocation`, where responses go elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_location: Option<String>,
}

impl Endpoint {
    /// The last part of the binding's URI (`HTTP-POST`), printable.
    #[must_use]
    pub fn binding_name(&self) -> String {
        crate::foreign::shown(self.binding.rsplit(':').next().unwrap_or_default())
    }
}

/// A certificate whose key signs what a SAML identity provider says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SigningCertificate {
    /// SHA-256 of the DER, lower-case hexadecimal.
    pub sha256: String,
    /// Its `notBefore`.
    pub not_before: Timestamp,
    /// Its `notAfter`.
    pub not_after: Timestamp,
    /// Kind and size of the key (`RSA 2048`, `EC P-256`).
    pub key: String,
    /// The DER in base64, without line breaks.
    pub der: String,
}

/// A domain that some team has claimed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DomainClaim {
    /// The domain.
    pub domain: EmailDomain,
    /// Through which connection.
    pub connection_id: ConnectionId,
    /// Whose.
    pub team_id: TeamId,
    /// The team's name; `None` when the team has gone.
    pub team_name: Option<String>,
    /// What allowed it.
    pub proof: DomainProof,
}

/// How a domain came to be claimed, kept beside the claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DomainProof {
    /// It is the domain of the owner's account.
    Owner,
    /// DNS showed the team's challenge.
    Dns,
    /// An operator vouched for it; the audit log says who.
    Operator,
}

impl DomainProof {
    /// The word in JSON and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Dns => "dns",
            Self::Operator => "operator",
        }
    }

    /// Reads the word; `None` for one this version does not know.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Owner, Self::Dns, Self::Operator].into_iter().find(|one| one.as_str() == word)
    }
}
