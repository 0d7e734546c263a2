//! A request, normalised once: from here on nothing is parsed again.

pub mod names;

use serde::Serialize;

use crate::finding::Finding;
use names::{ClientId, ClientSecret, EmailAddress, EmailDomain, IssuerUrl, TicketRef};

/// How a team will sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// OpenID Connect, authorization code flow.
    Oidc,
}

impl Protocol {
    /// The word in flags, JSON and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Oidc => "oidc",
        }
    }
}

/// What a customer asked for, after intake: a part that was missing or could not be read is `None`, and
/// [`findings`](Self::findings) says so.
#[derive(Debug, Clone)]
pub struct OnboardingRequest {
    /// The team owner's account e-mail.
    pub owner: Option<EmailAddress>,
    /// Who sent the request, where it was not the owner.
    pub requested_by: Option<EmailAddress>,
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

    /// How the team will sign in.
    #[must_use]
    pub const fn protocol(&self) -> Protocol {
        match self.provider {
            ProviderRequest::Oidc(_) => Protocol::Oidc,
        }
    }
}

/// The identity provider's side of a request, one variant a protocol.
#[derive(Debug, Clone)]
pub enum ProviderRequest {
    /// OpenID Connect.
    Oidc(OidcRequest),
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

/// A value that intake mended, or that the provider's own document corrected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Which value (`issuer`).
    pub field: &'static str,
    /// What was given, printable; `None` for a secret.
    pub from: Option<String>,
    /// What is used instead; `None` for a secret.
    pub to: Option<String>,
    /// What was done, in words (`removed the surrounding angle brackets`).
    pub why: String,
}
