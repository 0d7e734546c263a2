//! One report, three renderings: a table for people, JSON for scripts, a mail for the customer.

pub mod bulk;
pub mod command_line;
mod delivery;
pub mod human;
pub mod idp_guide;
pub mod json_v1;
pub mod listing;
pub mod prepared;
pub mod reply;

use std::sync::Arc;

use serde_json::{Map, Value};

pub use command_line::CommandLine;
pub use delivery::Delivery;
pub use prepared::{Entries, Prepared};
pub use reply::{Letter, Replies};

use crate::checks::Facts;
use crate::finding::{Judgement, Verdict};
use crate::foreign;
use crate::input::Input;
use crate::onboarding::plan::{Outcome, Plan};
use crate::product::connection::{ClientAuthentication, Connection, ProtocolSettings, SamlSettings, Status};
use crate::product::facts::ProductFacts;
use crate::product::repository::NewClaim;
use crate::product::team::Team;
use crate::request::mail::Source;
use crate::request::names::ConnectionId;
use crate::request::{Change, OnboardingRequest, Protocol, ProviderRequest};
use crate::scim::BearerToken;

/// Everything a rendering needs: printable, and without a secret in it but the SCIM token that was made just now.
#[derive(Debug, Clone)]
pub struct Report {
    /// How it ended.
    pub outcome: Outcome,
    /// How the team will sign in.
    pub protocol: Protocol,
    /// The ticket.
    pub ticket: Option<String>,
    /// What was asked for, after mending.
    pub request: RequestView,
    /// The team, where it was found.
    pub team: Option<Team>,
    /// The owner's address in the product's own spelling.
    pub owner: Option<String>,
    /// The owner's name in the product; empty where it has none.
    pub owner_name: String,
    /// The name in the product of whoever asked, where that is somebody else; empty where it has none.
    pub requester_name: String,
    /// The domains that are claimed.
    pub domains: Vec<String>,
    /// The connection as it is or would be.
    pub connection: Option<ConnectionView>,
    /// Every judgement, in the order of the catalogue.
    pub checks: Arc<[Judgement]>,
    /// Origins reached only because they were explicitly allowed.
    pub allowed_origins: Vec<String>,
    /// The mail to the customer; empty when there is nothing to tell yet.
    pub reply: String,
    /// Its subject; empty with it.
    pub reply_subject: String,
    /// What became of the mail besides; `None` where it was only printed.
    pub delivery: Option<Delivery>,
    /// The command that was run, secret omitted.
    pub command: CommandLine,
}

/// What was asked for, after mending.
#[derive(Debug, Clone, Default)]
pub struct RequestView {
    /// The owner's address as given.
    pub owner: Option<String>,
    /// Who asked.
    pub requested_by: Option<String>,
    /// The issuer.
    pub issuer: Option<String>,
    /// The client id.
    pub client_id: Option<String>,
    /// Where the SAML metadata came from.
    pub metadata: Option<String>,
    /// The provider chosen from metadata of several.
    pub entity_id: Option<String>,
    /// The ticket.
    pub ticket: Option<String>,
    /// Where in a mail each value stood; empty where none was read.
    pub sources: Vec<Source>,
    /// What was changed on the way, by us or by the provider's own document.
    pub changed: Vec<Change>,
}

/// A connection, less its secret.
#[derive(Debug, Clone)]
pub struct ConnectionView {
    /// Its id, once it has one.
    pub id: Option<ConnectionId>,
    /// Its status, once it is written or planned.
    pub status: Option<Status>,
    /// The team's account token, once there is one.
    pub account_token: Option<String>,
    /// Our assertion consumer service, where the customer was told it.
    pub acs_url: Option<String>,
    /// What provisioning needs, where it was switched on just now.
    pub scim: Option<ScimView>,
    /// Whether a SCIM token is planned with it.
    pub provisions: bool,
    /// The domains it has as planned, each with what allows it; empty where nothing is planned.
    pub claims: Vec<NewClaim>,
    /// The provider's side.
    pub provider: ProviderView,
}

/// What the customer enters into their provisioning app.
#[derive(Debug, Clone)]
pub struct ScimView {
    /// The SCIM base URL.
    pub base_url: String,
    /// The bearer token, where it was made just now: shown this once.
    pub token: Option<BearerToken>,
}

/// The provider's side of a connection, one variant a protocol.
#[derive(Debug, Clone)]
pub enum ProviderView {
    /// OpenID Connect.
    Oidc(OidcView),
    /// SAML 2.0.
    Saml(Box<SamlSettings>),
}

/// What is stored of an OpenID Provider.
#[derive(Debug, Clone)]
pub struct OidcView {
    /// The issuer.
    pub issuer: String,
    /// The client id.
    pub client_id: String,
    /// How the client authenticates.
    pub token_endpoint_auth_method: Option<&'static str>,
    /// The algorithms that are accepted in ID tokens.
    pub id_token_algorithms: Vec<String>,
    /// Where the provider sends people back to.
    pub redirect_uri: Option<String>,
}

impl ProviderView {
    /// What to call the provider: its issuer or its entity ID.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Oidc(oidc) => &oidc.issuer,
            Self::Saml(saml) => saml.entity_id.as_str(),
        }
    }

    fn of_stored(settings: &ProtocolSettings) -> Self {
        match settings {
            ProtocolSettings::Oidc(settings) => Self::Oidc(OidcView {
                issuer: settings.issuer.to_string(),
                client_id: settings.client_id.to_string(),
                token_endpoint_auth_method: Some(settings.client_authentication.as_str()),
                id_token_algorithms: settings.id_token_algorithms.clone(),
                redirect_uri: settings.redirect_uri.clone(),
            }),
            ProtocolSettings::Saml(settings) => Self::Saml(Box::new(settings.clone())),
        }
    }
}

impl ConnectionView {
    /// The view of a stored connection; `None` while it is only reserved.
    #[must_use]
    pub fn of_stored(connection: &Connection) -> Option<Self> {
        Some(Self {
            id: Some(connection.id.clone()),
            status: Some(connection.status),
            account_token: Some(connection.account_token.to_string()),
            acs_url: connection.acs_url.clone(),
            scim: None,
            provisions: false,
            claims: Vec::new(),
            provider: ProviderView::of_stored(connection.settings.as_ref()?),
        })
    }

    /// The view of a stored connection once it is switched on, before it is.
    fn switched_on(connection: &Connection, product: &ProductFacts) -> Option<Self> {
        let claims = product.claims.iter().filter(|claim| claim.connection_id == connection.id);
        let claims = claims.map(|claim| NewClaim { domain: claim.domain.clone(), proof: claim.proof });
        let view = Self::of_stored(connection)?;
        Some(Self { id: None, status: Some(Status::Active), claims: claims.collect(), ..view })
    }

    /// The view of what the provider's document and the request amount to, before anything is written.
    #[must_use]
    pub fn foreseen(request: &OnboardingRequest, facts: &Facts, plan: Option<&Plan>) -> Option<Self> {
        let existing = facts.connection();
        let planned = match plan {
            Some(Plan::SwitchOn(_)) => return Self::switched_on(existing?, facts.product.as_ref()?),
            Some(Plan::Write(planned)) => Some(planned),
            _ => None,
        };
        let provider = match &request.provider {
            ProviderRequest::Oidc(oidc) => ProviderView::Oidc(OidcView {
                issuer: facts.oidc.settled_issuer(oidc.issuer.as_ref()?)?.to_string(),
                client_id: oidc.client_id.as_ref()?.to_string(),
                token_endpoint_auth_method: facts.oidc.client_authentication().map(ClientAuthentication::as_str),
                id_token_algorithms: facts.oidc.document()?.accepted_algorithms(),
                redirect_uri: facts.oidc.asked_redirect_uri().map(str::to_owned),
            }),
            ProviderRequest::Saml(saml) => ProviderView::Saml(Box::new(facts.saml.settings(saml.metadata_url())?)),
        };
        Some(Self {
            id: None,
            status: planned.map(|planned| planned.kind.status()),
            account_token: existing.map(|connection| connection.account_token.to_string()),
            acs_url: existing.and_then(|connection| connection.acs_url.clone()),
            scim: None,
            provisions: false,
            claims: planned.map(|planned| planned.claims.clone()).unwrap_or_default(),
            provider,
        })
    }
}

/// What was mended in the metadata before it could be read, as a change like any other.
fn mended_metadata(checks: &[Judgement]) -> Vec<Change> {
    let findings = checks.iter().flat_map(|judgement| &judgement.findings);
    findings
        .filter(|finding| matches!(finding.code, "metadata_mended" | "cert_mended"))
        .map(|finding| Change { input: Input::Metadata, from: None, to: None, why: finding.fact.clone() })
        .collect()
}

impl RequestView {
    /// What was asked for, with the corrections that the provider's document made.
    #[must_use]
    pub fn of(request: &OnboardingRequest, facts: &Facts) -> Self {
        let (oidc, saml) = (request.oidc(), request.saml());
        let mut changed = request.changed.clone();
        let issuer = oidc.and_then(|oidc| oidc.issuer.as_ref()).map(|asked| {
            let settled = facts.oidc.settled_issuer(asked).unwrap_or_else(|| asked.clone());
            if settled != *asked {
                changed.push(Change {
                    input: Input::Issuer,
                    from: Some(foreign::shown(asked.as_str())),
                    to: Some(foreign::shown(settled.as_str())),
                    why: "taken over from the provider's own document".to_owned(),
                });
            }
            settled.to_string()
        });
        Self {
            owner: request.owner.as_ref().map(ToString::to_string),
            requested_by: request.requested_by.address().map(ToString::to_string),
            issuer,
            client_id: oidc.and_then(|oidc| oidc.client_id.as_ref()).map(ToString::to_string),
            metadata: saml.and_then(|saml| saml.metadata.as_ref()).map(|source| foreign::shown(&source.name())),
            entity_id: saml.and_then(|saml| saml.entity_id.as_ref()).map(ToString::to_string),
            ticket: request.ticket.as_ref().map(ToString::to_string),
            sources: request.mail.as_ref().map(|mail| mail.sources.clone()).unwrap_or_default(),
            changed,
        }
    }
}

impl Report {
    /// Puts a report together, with its reply in the words of `replies`.
    #[must_use]
    pub fn new(
        outcome: Outcome,
        request: &OnboardingRequest,
        facts: &Facts,
        checks: impl Into<Arc<[Judgement]>>,
        connection: Option<ConnectionView>,
        command: CommandLine,
        replies: &Replies,
    ) -> Self {
        let owner = facts.owner();
        let requester =
            facts.product.as_ref().and_then(|product| product.requester.as_ref()).map(|one| one.users.as_slice());
        let requester_name = match requester {
            Some([user]) => foreign::shown(&user.name),
            _ => String::new(),
        };
        let mut report = Self {
            outcome,
            protocol: request.protocol(),
            ticket: request.ticket.as_ref().map(ToString::to_string),
            request: RequestView::of(request, facts),
            team: facts.team().cloned(),
            owner: owner
                .map(|user| foreign::shown(&user.email))
                .or_else(|| request.owner.as_ref().map(ToString::to_string)),
            owner_name: owner.map(|user| foreign::shown(&user.name)).unwrap_or_default(),
            requester_name,
            domains: request.claimed_domains().iter().map(ToString::to_string).collect(),
            connection,
            checks: checks.into(),
            allowed_origins: facts.loosened_origins.clone(),
            reply: String::new(),
            reply_subject: String::new(),
            delivery: None,
            command,
        };
        report.request.changed.extend(mended_metadata(&report.checks));
        let letter = reply::letter(&report, replies).unwrap_or_default();
        report.reply = letter.text;
        report.reply_subject = letter.subject;
        report
    }

    /// The judgements that say `verdict`.
    pub fn saying(&self, verdict: Verdict) -> impl Iterator<Item = &Judgement> {
        self.checks.iter().filter(move |judgement| judgement.verdict == verdict)
    }

    /// Whether the identity provider's side was looked at, and came to something.
    #[must_use]
    pub fn asked_provider(&self) -> bool {
        self.checks.iter().any(|judgement| {
            judgement.id.is_of_provider() && matches!(judgement.verdict, Verdict::Pass | Verdict::Warn)
        })
    }

    /// Whether the connection is, or would be, written without being switched on.
    #[must_use]
    pub fn stays_off(&self) -> bool {
        self.connection.as_ref().and_then(|connection| connection.status) == Some(Status::Staged)
    }

    /// Whether it shows a SCIM token, which nobody can be shown again.
    #[must_use]
    pub fn shows_token(&self) -> bool {
        let scim = self.connection.as_ref().and_then(|connection| connection.scim.as_ref());
        scim.is_some_and(|scim| scim.token.is_some())
    }

    /// The particulars for the audit row: what was asked, what was not a plain pass, which safety was loosened, and the
    /// reply. Never a secret.
    #[must_use]
    pub fn audit_details(&self) -> Map<String, Value> {
        let notable: Vec<Value> = self.checks.iter().filter_map(Judgement::notable).collect();
        let mut details = Map::new();
        details.insert("outcome".to_owned(), self.outcome.as_str().into());
        details.insert("protocol".to_owned(), self.protocol.as_str().into());
        details.insert("request".to_owned(), json_v1::request(&self.request));
        details.insert("domains".to_owned(), self.domains.clone().into());
        if let Some(ProviderView::Saml(saml)) = self.connection.as_ref().map(|connection| &connection.provider) {
            let certificates: Vec<&str> = saml.certificates.iter().map(|one| one.sha256.as_str()).collect();
            details.insert(
                "saml".to_owned(),
                serde_json::json!({
                    "entity_id": saml.entity_id,
                    "sign_in": saml.sso.first().map(|endpoint| foreign::shown(&endpoint.location)),
                    "certificates": certificates,
                    "metadata_sha256": saml.metadata_sha256,
                }),
            );
        }
        details.insert("checks".to_owned(), Value::Array(notable));
        if !self.allowed_origins.is_empty() {
            details.insert("allowed_origins".to_owned(), self.allowed_origins.clone().into());
        }
        details.insert("reply".to_owned(), self.reply.clone().into());
        details.insert("reply_subject".to_owned(), self.reply_subject.clone().into());
        details
    }
}
