//! The values that a request is made of, by the names that people, commands and JSON have for them.

use serde::Serialize;

/// A value that an operator gives, a ticket holds or a row has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(into = "&'static str")]
pub enum Input {
    /// The account e-mail of the team's owner.
    Owner,
    /// The account e-mail of whoever asked.
    RequestedBy,
    /// The issuer URL.
    Issuer,
    /// The client id.
    ClientId,
    /// The client secret.
    ClientSecret,
    /// SAML metadata: a document, or where there is one.
    Metadata,
    /// The address of SAML metadata.
    MetadataUrl,
    /// The entity ID that chooses from metadata of several providers.
    EntityId,
    /// A domain to claim.
    Domain,
    /// A domain that the operator vouches for.
    VouchedDomain,
    /// The reference of the support ticket.
    Ticket,
}

impl Input {
    /// What it is called in messages, with its article.
    #[must_use]
    pub const fn what(self) -> &'static str {
        match self {
            Self::Owner => "the owner's e-mail",
            Self::RequestedBy => "the requester's e-mail",
            Self::Issuer => "the issuer",
            Self::ClientId => "the client id",
            Self::ClientSecret => "the client secret",
            Self::Metadata => "the SAML metadata",
            Self::MetadataUrl => "the metadata URL",
            Self::EntityId => "the entity ID",
            Self::Domain => "a domain",
            Self::VouchedDomain => "a vouched domain",
            Self::Ticket => "the ticket reference",
        }
    }

    /// The flag that gives it.
    #[must_use]
    pub const fn flag(self) -> &'static str {
        match self {
            Self::Owner => "--owner",
            Self::RequestedBy => "--requested-by",
            Self::Issuer => "--issuer",
            Self::ClientId => "--client-id",
            Self::ClientSecret => "--client-secret-file",
            Self::Metadata | Self::MetadataUrl => "--metadata",
            Self::EntityId => "--entity-id",
            Self::Domain => "--domain",
            Self::VouchedDomain => "--vouch-domain",
            Self::Ticket => "--ticket",
        }
    }

    /// Its name in JSON.
    #[must_use]
    pub const fn field(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::RequestedBy => "requested_by",
            Self::Issuer => "issuer",
            Self::ClientId => "client_id",
            Self::ClientSecret => "client_secret",
            Self::Metadata | Self::MetadataUrl => "metadata",
            Self::EntityId => "entity_id",
            Self::Domain => "domains",
            Self::VouchedDomain => "vouched_domains",
            Self::Ticket => "ticket",
        }
    }
}

impl From<Input> for &'static str {
    fn from(input: Input) -> Self {
        input.field()
    }
}
