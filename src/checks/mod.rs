//! Every check there is, in the order reports show them: pure functions over a request and the facts gathered for it.
//!
//! Judging never fetches, and knows no clock: `now` is a fact.

pub mod catalogue;
mod columns;
mod oidc_credentials;
mod oidc_defects;
mod oidc_discovery;
mod oidc_keys;
mod oidc_redirect_uri;
pub mod reasons;
mod request_complete;
mod saml_certificates;
mod saml_defects;
mod saml_instead;
mod saml_metadata;
mod saml_signature;
mod team_connection;
mod team_domain;
mod team_gates;
mod team_members;
mod team_owner;
mod ticket_sender;

use crate::config::Policy;
use crate::exchange::Problem;
use crate::finding::{CheckId, Finding, Judgement};
use crate::foreign::link;
use crate::oidc::facts::{OidcFacts, Progress};
use crate::product::connection::{Connection, DomainProof};
use crate::product::facts::ProductFacts;
use crate::product::team::{Team, User};
use crate::request::names::EmailDomain;
use crate::request::saml_names::EntityId;
use crate::request::{OidcRequest, OnboardingRequest, ProviderRequest, SamlRequest};
use crate::saml::facts::SamlFacts;

pub use catalogue::CATALOGUE;

/// Where a redirect led, as it may be shown.
fn redirect_target(to: Option<&str>) -> String {
    to.map_or_else(|| "no address".to_owned(), link::without_private_parts)
}

/// Everything that was read for one request.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// What the OpenID Provider said.
    pub oidc: OidcFacts,
    /// What the identity provider's metadata says.
    pub saml: SamlFacts,
    /// What the product database said; `None` where the request names no owner.
    pub product: Option<ProductFacts>,
    /// Who owns a team and has an address at the owner's domain, where the address that was given is nobody's who owns or
    /// is in one: for somebody who can ask back, and so not of one request among many.
    pub owners_nearby: Vec<User>,
    /// What speaks for each claimed domain.
    pub proofs: Vec<DomainEvidence>,
    /// Whether the secret of the team's stored connection is the one submitted; `None` where there is nothing to compare.
    pub same_secret: Option<bool>,
    /// Whether the metadata of the team's stored connection is known to be the one submitted, without reading it.
    pub same_metadata: bool,
    /// Origins that were reached only because they were explicitly allowed.
    pub loosened_origins: Vec<String>,
    /// What the file says besides, where the request is a row of one.
    pub row: Option<RowFacts>,
}

impl Facts {
    /// The team the request is about, where the product database says which it is.
    #[must_use]
    pub fn team(&self) -> Option<&Team> {
        self.product.as_ref().and_then(ProductFacts::team)
    }

    /// The owner's account, where there is exactly one.
    #[must_use]
    pub fn owner(&self) -> Option<&User> {
        self.product.as_ref().and_then(ProductFacts::owner)
    }

    /// The connection that the team has already, be it only reserved.
    #[must_use]
    pub fn connection(&self) -> Option<&Connection> {
        self.product.as_ref().and_then(|product| product.connection.as_ref())
    }
}

/// What a file with many requests says about one of them, besides the request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RowFacts {
    /// The line on which the row begins.
    pub line: u64,
    /// The id of the team that the row expects, as it was given.
    pub team: Option<String>,
    /// When the run began: what was written since is judged by what the file says, in its order.
    pub since: Option<jiff::Timestamp>,
    /// Rows further up that want the same, each once.
    pub rivals: Vec<Rival>,
    /// What this row wants and a row further up lets go of: nobody has it any more, be it stored still (a dry run).
    pub freed: Vec<Wanted>,
    /// The line of a row further down whose team has the same SAML identity provider until then.
    pub entity_further_down: Option<u64>,
}

/// An earlier row of the same file that wants what this one wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rival {
    /// Its line.
    pub line: u64,
    /// What both want.
    pub over: Wanted,
    /// What became of it.
    pub standing: Standing,
}

/// What two rows can both want.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Wanted {
    /// A connection for the same team.
    Team,
    /// The same domain.
    Domain(EmailDomain),
    /// The same client at the same issuer: no conflict, but worth knowing.
    Client,
    /// The same SAML identity provider.
    Entity(EntityId),
}

/// What became of an earlier row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It has, or would get, what it wants, and has the same values as this one.
    SameAgain,
    /// It has, or would get, what it wants.
    Granted,
    /// Nobody knows: something outside did not answer.
    Open,
}

impl RowFacts {
    /// The earlier row that wants this.
    #[must_use]
    pub fn rival_over(&self, wanted: &Wanted) -> Option<&Rival> {
        self.rivals.iter().find(|rival| rival.over == *wanted)
    }

    /// The earlier row that wants this for another team.
    #[must_use]
    pub fn rival_of_another_team(&self, wanted: &Wanted) -> Option<&Rival> {
        let rival = self.rival_over(wanted)?;
        let is_of_another = self.rival_over(&Wanted::Team).is_none_or(|same_team| {
            // Of one team, no second row has anything; of two without a verdict it is not known whose they are.
            same_team.line != rival.line && (same_team.standing, rival.standing) != (Standing::Open, Standing::Open)
        });
        is_of_another.then_some(rival)
    }

    /// Whether an earlier row lets go of this.
    #[must_use]
    pub fn is_freed(&self, wanted: &Wanted) -> bool {
        self.freed.contains(wanted)
    }
}

/// What speaks for a claimed domain.
#[derive(Debug, Clone)]
pub struct DomainEvidence {
    /// The domain.
    pub domain: EmailDomain,
    /// What speaks for it.
    pub basis: DomainBasis,
}

/// What may speak for a claimed domain.
#[derive(Debug, Clone)]
pub enum DomainBasis {
    /// It is the domain of the owner's own account.
    Owner,
    /// The team's own connection holds it already: it was proven when it was claimed.
    Established,
    /// The operator vouches for it.
    Operator,
    /// DNS was asked for the team's challenge.
    Dns(Result<Vec<String>, Problem>),
    /// DNS was not asked: the team has no challenge yet, since nothing has been prepared for it.
    NotPrepared,
}

/// Which values of the request differ from the stored connection; empty when it is the same again.
#[must_use]
pub fn connection_differences(
    request: &OnboardingRequest,
    facts: &Facts,
    connection: &Connection,
) -> Vec<&'static str> {
    team_connection::differences(request, facts, connection)
}

/// What of the stored settings no longer holds, although the values are the same.
#[must_use]
pub fn connection_drift(facts: &Facts, connection: &Connection) -> Vec<Drift> {
    team_connection::drift(facts, connection)
}

/// A stored setting that would be another if it were written now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drift {
    /// Which.
    pub what: &'static str,
    /// As it is stored.
    pub stored: String,
    /// As it would be written.
    pub now: String,
}

/// What allows a claimed domain; `None` while nothing does.
#[must_use]
pub fn domain_proof(domain: &EmailDomain, product: &ProductFacts, proofs: &[DomainEvidence]) -> Option<DomainProof> {
    team_domain::proof_of(domain, product, proofs)
}

/// The DNS name whose TXT record proves control of a domain.
#[must_use]
pub fn challenge_name(domain: &EmailDomain) -> String {
    format!("_ssoctl-challenge.{domain}")
}

/// The TXT value to publish under [`challenge_name`]; the bare challenge is taken too.
#[must_use]
pub fn challenge_value(challenge: &str) -> String {
    format!("ssoctl-domain-verification={challenge}")
}

/// What the operator wants to happen if all is well.
#[derive(Debug, Clone, Copy, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is one independent wish")]
pub struct Intent {
    /// Every check has to be there: values that are missing are faults, not omissions.
    pub everything: bool,
    /// An existing connection with other values may be superseded.
    pub replace: bool,
    /// A suspended connection may be switched on again.
    pub reactivate: bool,
    /// What is written is not switched on.
    pub stage: bool,
}

/// The judgement of every check that the request allows, in the order of the catalogue.
#[must_use]
pub fn run_all(request: &OnboardingRequest, facts: &Facts, policy: &Policy, intent: Intent) -> Vec<Judgement> {
    let mut judgements = run_request(request, intent);
    match &request.provider {
        ProviderRequest::Oidc(oidc) => judgements.extend(run_oidc(oidc, &facts.oidc, intent)),
        ProviderRequest::Saml(saml) => judgements.extend(run_saml(saml, &facts.saml, intent)),
    }
    judgements.extend(of_team(request, facts, policy, intent));
    in_words_of_row(facts, judgements)
}

/// The judgements of the request and its team alone, for when the provider is not asked.
#[must_use]
pub fn run_without_provider(
    request: &OnboardingRequest,
    facts: &Facts,
    policy: &Policy,
    intent: Intent,
) -> Vec<Judgement> {
    let mut judgements = run_request(request, intent);
    judgements.extend(of_team(request, facts, policy, intent));
    in_words_of_row(facts, judgements)
}

/// The same, where they are of a row: in its words.
fn in_words_of_row(facts: &Facts, mut judgements: Vec<Judgement>) -> Vec<Judgement> {
    if facts.row.is_some() {
        columns::name_columns(&mut judgements);
    }
    judgements
}

/// The checks that rest on the request alone, and on nothing that is asked of anybody.
#[must_use]
pub fn run_request(request: &OnboardingRequest, intent: Intent) -> Vec<Judgement> {
    let mut judgements = vec![request_complete::judge(request, intent)];
    judgements.extend(ticket_sender::judge(request));
    judgements
}

/// The checks that rest on the identity provider.
fn run_oidc(asked: &OidcRequest, facts: &OidcFacts, intent: Intent) -> Vec<Judgement> {
    let mut judgements = Vec::new();
    if asked.issuer.is_some() || intent.everything {
        judgements.push(oidc_discovery::judge(asked, facts.discovery.as_ref()));
        judgements.push(oidc_keys::judge(facts.discovery.as_ref(), facts.keys.as_ref()));
    }
    if facts.credentials.is_some() || intent.everything {
        judgements.push(oidc_credentials::judge(asked, facts.credentials.as_ref()));
    }
    if facts.redirect.is_some() || intent.everything {
        judgements.push(oidc_redirect_uri::judge(asked, facts.redirect.as_ref()));
    }
    judgements
}

/// The checks that rest on the identity provider's metadata. Pure, like all of them: also what is told as soon as the
/// metadata is there.
#[must_use]
pub fn run_saml(asked: &SamlRequest, facts: &SamlFacts, intent: Intent) -> Vec<Judgement> {
    if asked.metadata.is_none() && !intent.everything {
        return Vec::new();
    }
    vec![saml_metadata::judge(asked, facts), saml_certificates::judge(facts), saml_signature::judge(facts)]
}

/// The checks that rest on the product database: judged once for the report, and once more under the write lock.
#[must_use]
pub fn run_team(request: &OnboardingRequest, facts: &Facts, policy: &Policy, intent: Intent) -> Vec<Judgement> {
    in_words_of_row(facts, of_team(request, facts, policy, intent))
}

fn of_team(request: &OnboardingRequest, facts: &Facts, policy: &Policy, intent: Intent) -> Vec<Judgement> {
    if let (Some(owner), Some(product)) = (&request.owner, &facts.product) {
        return vec![
            team_owner::judge(owner, product, facts),
            team_gates::judge_management(product, policy),
            team_gates::judge_plan(product, policy),
            team_gates::judge_requester(request, product, policy),
            team_domain::judge(request, product, facts, policy),
            team_members::judge(&request.claimed_domains(), product),
            team_connection::judge(request, facts, product, intent),
        ];
    }
    let of_domains = team_domain::judge_alone(request, policy);
    let asked = catalogue::team_ids().filter_map(|id| match &of_domains {
        Some(judgement) if judgement.id == id => Some(judgement.clone()),
        _ => intent.everything.then(|| not_asked(id, "no owner to look for")),
    });
    asked.collect()
}

/// The judgement that belongs to something the provider just answered.
#[must_use]
pub fn as_it_happens(asked: &OidcRequest, progress: Progress<'_>) -> Judgement {
    match progress {
        Progress::Discovery(discovery) => oidc_discovery::judge(asked, Some(discovery)),
        Progress::Keys(discovery, keys) => oidc_keys::judge(discovery, Some(keys)),
        Progress::Credentials(credentials) => oidc_credentials::judge(asked, Some(credentials)),
        Progress::Redirect(redirect) => oidc_redirect_uri::judge(asked, Some(redirect)),
    }
}

/// The judgement of a check that was not asked.
fn not_asked(id: CheckId, why: &str) -> Judgement {
    Judgement::of(id, "", vec![Finding::not_asked(why)])
}
