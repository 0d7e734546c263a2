//! What the customer has to do: one step for each thing that is wrong, in the order in which they would mend it, and which
//! values they look up for it.

use crate::checks::catalogue;
use crate::finding::{CheckId, Finding, Verdict};
use crate::input::Input;

/// A value the customer looks up or enters at their identity provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Value {
    /// The issuer URL.
    Issuer,
    /// The client id.
    ClientId,
    /// The client secret.
    ClientSecret,
    /// Our redirect URI.
    RedirectUri,
    /// The kind of application: confidential, with the code flow.
    Application,
    /// The keys that sign ID tokens.
    SigningKeys,
    /// The SAML metadata.
    Metadata,
    /// The certificate that signs SAML responses.
    Certificate,
}

impl Value {
    /// Every value.
    pub const ALL: [Self; 8] = [
        Self::Issuer,
        Self::ClientId,
        Self::ClientSecret,
        Self::RedirectUri,
        Self::Application,
        Self::SigningKeys,
        Self::Metadata,
        Self::Certificate,
    ];

    /// The key of `places.toml` and `words.toml`.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Issuer => "issuer",
            Self::ClientId => "client_id",
            Self::ClientSecret => "client_secret",
            Self::RedirectUri => "redirect_uri",
            Self::Application => "application",
            Self::SigningKeys => "signing_keys",
            Self::Metadata => "metadata",
            Self::Certificate => "certificate",
        }
    }
}

/// Where a step stands among the others: who may ask, the values they sent, their provider's own faults, the application
/// there, then account, plan, domains and people on our side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    Asker,
    Issuer,
    Metadata,
    Server,
    ClientId,
    ClientSecret,
    Application,
    RedirectUri,
    Keys,
    Certificate,
    Account,
    Plan,
    Domain,
    Colleagues,
    Connection,
    Ours,
}

/// Where a finding's step stands, and which values it is about.
pub(super) fn place(check: CheckId, finding: &Finding) -> (Place, &'static [Value]) {
    let by_code = of_code(finding.code);
    match (check, by_code) {
        (catalogue::REQUEST_COMPLETE, None) => of_input(finding.about),
        (_, Some(found)) => found,
        (catalogue::OIDC_DISCOVERY, None) => of_discovery(finding.code),
        (catalogue::OIDC_KEYS, None) => (Place::Keys, &[]),
        (catalogue::OIDC_CREDENTIALS | catalogue::OIDC_REDIRECT_URI, None) => (Place::Server, &[]),
        (catalogue::SAML_METADATA | catalogue::SAML_SIGNATURE, None) => (Place::Metadata, &[Value::Metadata]),
        (catalogue::SAML_CERTIFICATES, None) => (Place::Certificate, &[Value::Certificate]),
        (catalogue::TEAM_OWNER | catalogue::TEAM_MANAGEMENT, None) => (Place::Account, &[]),
        (catalogue::TEAM_PLAN, None) => (Place::Plan, &[]),
        (catalogue::TEAM_REQUESTER | catalogue::TICKET_SENDER, None) => (Place::Asker, &[]),
        (catalogue::TEAM_DOMAIN, None) => (Place::Domain, &[]),
        (catalogue::TEAM_MEMBERS, None) => (Place::Colleagues, &[]),
        (catalogue::TEAM_CONNECTION, None) => (Place::Connection, &[]),
        _ => (Place::Ours, &[]),
    }
}

/// Codes that mean the same wherever they come from.
fn of_code(code: &str) -> Option<(Place, &'static [Value])> {
    Some(match code {
        "bad_secret" | "client_id_is_secret" => (Place::ClientId, &[Value::ClientId, Value::ClientSecret]),
        "unknown_client" => (Place::ClientId, &[Value::ClientId, Value::Issuer]),
        "expired_secret" => (Place::ClientSecret, &[Value::ClientSecret]),
        "grant_not_allowed" | "no_code_flow" | "no_shared_method" | "redirect_refused_request" => {
            (Place::Application, &[Value::Application])
        }
        // A wish of the whole provider, or of an application that is right otherwise.
        "signed_request_required" => (Place::Application, &[]),
        "redirect_not_confirmed" => (Place::RedirectUri, &[Value::RedirectUri]),
        "response_issuer" => (Place::Issuer, &[Value::Issuer]),
        "weak_alg" => (Place::Keys, &[Value::SigningKeys]),
        "multi_tenant_issuer" | "shared_issuer" | "not_an_issuer" | "issuer_mismatch" => {
            (Place::Issuer, &[Value::Issuer])
        }
        "email_syntax" | "email_ambiguous" | "email_unusual" => (Place::Account, &[]),
        "domain_syntax" | "public_suffix" | "too_many_domains" => (Place::Domain, &[]),
        // It asked for patience: there is nothing to look up.
        "http_429" | "http_5xx" => (Place::Server, &[]),
        // Slips of whoever typed or listed the values, and what stands in our own product: nothing for the customer to do.
        "ticket_syntax" | "secret_elsewhere" | "secret_twice" | "secret_unreadable" | "owner_ambiguous"
        | "other_team" => (Place::Ours, &[]),
        _ if code.starts_with("jwks_") => (Place::Keys, &[Value::SigningKeys]),
        _ if code.starts_with("tls_") => (Place::Server, &[]),
        _ if code.starts_with("issuer_") => (Place::Issuer, &[Value::Issuer]),
        _ if code.starts_with("client_id_") => (Place::ClientId, &[Value::ClientId]),
        _ if code.starts_with("secret_") => (Place::ClientSecret, &[Value::ClientSecret]),
        _ if code.starts_with("metadata_") => (Place::Metadata, &[Value::Metadata]),
        _ => return None,
    })
}

/// A document that could not be read points to a wrong issuer; one that is wrong inside, to whoever runs the provider.
fn of_discovery(code: &str) -> (Place, &'static [Value]) {
    let address = code.starts_with("http_4")
        || matches!(
            code,
            "http_unexpected"
                | "redirect_refused"
                | "login_page"
                | "html_page"
                | "not_json"
                | "egress_forbidden"
                | "dns_failure"
        );
    if address { (Place::Issuer, &[Value::Issuer]) } else { (Place::Server, &[]) }
}

/// Codes of intake that any value may have, by the value that is meant.
fn of_input(about: Option<Input>) -> (Place, &'static [Value]) {
    match about {
        Some(Input::ClientSecret) => (Place::ClientSecret, &[Value::ClientSecret]),
        Some(Input::ClientId) => (Place::ClientId, &[Value::ClientId]),
        Some(Input::Issuer) => (Place::Issuer, &[Value::Issuer]),
        Some(Input::Metadata | Input::MetadataUrl | Input::EntityId) => (Place::Metadata, &[Value::Metadata]),
        Some(Input::Domain | Input::VouchedDomain) => (Place::Domain, &[]),
        Some(Input::Owner | Input::RequestedBy) => (Place::Account, &[]),
        Some(Input::Ticket) | None => (Place::Ours, &[]),
    }
}

/// Whether the finding speaks of the one who asked: as long as that is open, nothing of the team is told.
pub(super) fn doubts_the_asker(check: CheckId, level: Verdict) -> bool {
    level == Verdict::Fail && matches!(check, catalogue::TEAM_REQUESTER | catalogue::TICKET_SENDER)
}
