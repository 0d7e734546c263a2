//! A team's single sign-on connection, as it is stored and as the product reads it.

use jiff::Timestamp;
use serde::Serialize;

use crate::request::Protocol;
use crate::request::names::{ClientId, ConnectionId, EmailDomain, IssuerUrl, TeamId};

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
    /// What a domain's DNS must show to prove that the team controls it: random, stable for the connection.
    pub domain_challenge: String,
    /// The ticket of the latest change.
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
        self.settings.as_ref().map(|ProtocolSettings::Oidc(_)| Protocol::Oidc)
    }
}

/// What a connection holds, one variant a protocol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProtocolSettings {
    /// OpenID Connect.
    Oidc(OidcSettings),
}

impl ProtocolSettings {
    /// The OpenID Connect settings.
    #[must_use]
    pub const fn oidc(&self) -> &OidcSettings {
        let Self::Oidc(settings) = self;
        settings
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
