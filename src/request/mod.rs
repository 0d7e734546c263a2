//! A request, normalised once: from here on nothing is parsed again.

mod issuer_url;
pub mod mail;
pub mod names;
pub mod plain_url;
pub mod saml_names;

use std::path::PathBuf;
use std::sync::Arc;

use serde::Serialize;

use crate::finding::Finding;
use crate::input::Input;
use mail::Mail;
use names::{ClientId, ClientSecret, EmailAddress, EmailDomain, IssuerUrl, TicketRef};
use saml_names::{EntityId, MetadataUrl};

/// How a team will sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// OpenID Connect, authorization code flow.
    Oidc,
    /// SAML 2.0, Web Browser SSO profile.
    Saml,
}

impl Protocol {
    /// The word in flags, JSON and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Oidc => "oidc",
            Self::Saml => "saml",
        }
    }
}

/// What a customer asked for, after intake: a part that was missing or could not be read is `None`, and
/// [`findings`](Self::findings) says so.
#[derive(Debug, Clone, Default)]
pub struct OnboardingRequest {
    /// The team owner's account e-mail.
    pub owner: Option<EmailAddress>,
    /// Who sent the request.
    pub requested_by: RequestedBy,
    /// The identity provider's side.
    pub provider: ProviderRequest,
    /// Domains named one by one; empty means the owner's own.
    pub domains: Vec<EmailDomain>,
    /// Domains the operator vouches for instead of a DNS proof.
    pub vouched_domains: Vec<EmailDomain>,
    /// The support ticket.
    pub ticket: Option<TicketRef>,
    /// What intake mended.
    pub changed: Vec<Change>,
    /// What intake found missing or wrong, and what it wants to say about what it mended.
    pub findings: Vec<Finding>,
    /// The mail it came in; `None` where the values were typed.
    pub mail: Option<Mail>,
}

/// Who sent a request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum RequestedBy {
    /// Nobody else was named: the owner.
    #[default]
    Owner,
    /// Whoever has this address, which may be the owner's.
    Address(EmailAddress),
    /// Somebody was named, and which address is meant cannot be told: nobody takes them for the owner.
    Unreadable,
}

impl RequestedBy {
    /// The address that was named.
    #[must_use]
    pub const fn address(&self) -> Option<&EmailAddress> {
        match self {
            Self::Address(address) => Some(address),
            Self::Owner | Self::Unreadable => None,
        }
    }
}

impl OnboardingRequest {
    /// The domains this request claims: those named, else the owner's.
    #[must_use]
    pub fn claimed_domains(&self) -> Vec<EmailDomain> {
        if self.domains.is_empty() {
            self.owner.iter().map(|owner| owner.domain().clone()).collect()
        } else {
            self.domains.clone()
        }
    }

    /// Whether `text` holds the client secret, where everybody would see it.
    #[must_use]
    pub fn holds_secret(&self, text: &str) -> bool {
        /// A shorter one may stand in any word by chance.
        const LEAST: usize = 6;
        let secret = self.oidc().and_then(|oidc| oidc.client_secret.as_ref()).map(names::ClientSecret::expose);
        secret.is_some_and(|secret| secret.len() >= LEAST && text.contains(secret))
    }

    /// Whether any value of the identity provider was given.
    #[must_use]
    pub const fn names_provider(&self) -> bool {
        match &self.provider {
            ProviderRequest::Oidc(oidc) => {
                oidc.issuer.is_some() || oidc.client_id.is_some() || oidc.client_secret.is_some()
            }
            ProviderRequest::Saml(saml) => saml.metadata.is_some(),
        }
    }

    /// The OpenID Connect side, where that is what was asked for.
    #[must_use]
    pub const fn oidc(&self) -> Option<&OidcRequest> {
        match &self.provider {
            ProviderRequest::Oidc(oidc) => Some(oidc),
            ProviderRequest::Saml(_) => None,
        }
    }

    /// The SAML side, where that is what was asked for.
    #[must_use]
    pub const fn saml(&self) -> Option<&SamlRequest> {
        match &self.provider {
            ProviderRequest::Saml(saml) => Some(saml),
            ProviderRequest::Oidc(_) => None,
        }
    }

    /// Whether anything is asked of the identity provider over the network.
    #[must_use]
    pub const fn asks_provider(&self) -> bool {
        match &self.provider {
            ProviderRequest::Oidc(_) => true,
            ProviderRequest::Saml(saml) => saml.metadata_url().is_some(),
        }
    }

    /// How the team will sign in.
    #[must_use]
    pub const fn protocol(&self) -> Protocol {
        match self.provider {
            ProviderRequest::Oidc(_) => Protocol::Oidc,
            ProviderRequest::Saml(_) => Protocol::Saml,
        }
    }
}

/// The identity provider's side of a request, one variant a protocol.
#[derive(Debug, Clone)]
pub enum ProviderRequest {
    /// OpenID Connect.
    Oidc(OidcRequest),
    /// SAML 2.0.
    Saml(SamlRequest),
}

impl Default for ProviderRequest {
    /// Nothing of either protocol, which is read as OpenID Connect.
    fn default() -> Self {
        Self::Oidc(OidcRequest::default())
    }
}

/// What an OpenID Connect customer submits.
#[derive(Debug, Clone, Default)]
pub struct OidcRequest {
    /// The issuer.
    pub issuer: Option<IssuerUrl>,
    /// The client id.
    pub client_id: Option<ClientId>,
    /// The client secret.
    pub client_secret: Option<ClientSecret>,
}

/// What a SAML customer submits.
#[derive(Debug, Clone, Default)]
pub struct SamlRequest {
    /// Where the identity provider's metadata is to be had.
    pub metadata: Option<MetadataSource>,
    /// Which identity provider is meant, where the metadata describes several.
    pub entity_id: Option<EntityId>,
}

impl SamlRequest {
    /// The URL the metadata comes from, where it is one.
    #[must_use]
    pub const fn metadata_url(&self) -> Option<&MetadataUrl> {
        match &self.metadata {
            Some(MetadataSource::Url(url)) => Some(url),
            _ => None,
        }
    }
}

/// Where SAML metadata is to be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MetadataSource {
    /// At the provider, by the guarded client.
    Url(MetadataUrl),
    /// In a file on this machine.
    File(PathBuf),
    /// On standard input, which can be read once.
    StandardInput,
    /// It is here already: pasted, attached, in a row of a file.
    Given {
        /// What to call it (`attachment metadata.xml`, `line 17`).
        name: String,
        /// Its bytes, as they came.
        bytes: Arc<[u8]>,
    },
}

impl MetadataSource {
    /// What to call it: the URL, the path, or where it came from. As it came: not yet printable.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Url(url) => url.as_str().to_owned(),
            Self::File(path) => path.display().to_string(),
            Self::StandardInput => "standard input".to_owned(),
            Self::Given { name, .. } => name.clone(),
        }
    }
}

/// A value that intake mended, or that the provider's own document corrected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Which value.
    #[serde(rename = "field")]
    pub input: Input,
    /// What was given, printable; `None` for a secret.
    pub from: Option<String>,
    /// What is used instead; `None` for a secret.
    pub to: Option<String>,
    /// What was done, in words (`removed the surrounding angle brackets`).
    pub why: String,
}
