//! Everything there is to know about a request, read side by side: the identity provider over the network, the team in
//! the product database, the domains in DNS. A failed read is a fact; only a fault of this installation stops.

use futures::future::join_all;
use jiff::Timestamp;

use super::Fault;
use crate::checks::{self, DomainBasis, DomainEvidence, Facts, Intent, challenge_name};
use crate::config::Config;
use crate::finding::Judgement;
use crate::net::{HttpClient, Origin};
use crate::oidc::facts::OidcFacts;
use crate::product;
use crate::product::connection::{Connection, ProtocolSettings};
use crate::product::facts::{ProductFacts, ProviderName, TeamQuestion};
use crate::product::repository::Repository;
use crate::request::names::EmailDomain;
use crate::request::{OidcRequest, OnboardingRequest, ProviderRequest};
use crate::saml::facts::SamlFacts;
use crate::sealing::{self, Binding, SealingKeys};

/// The field name that a sealed client secret is bound to.
pub const SECRET_FIELD: &str = "client_secret";

/// Where facts come from.
#[derive(Clone, Copy)]
pub struct Sources<'s> {
    /// The one HTTP client.
    pub http: &'s HttpClient,
    /// Origins for which plain http is permitted.
    pub allowed_http: &'s [Origin],
    /// The product database; `None` where the request names no owner.
    pub repository: Option<&'s dyn Repository>,
    /// The sealing keys; `None` where nothing is compared or written.
    pub keys: Option<&'s SealingKeys>,
    /// The configuration.
    pub config: &'s Config,
    /// Now, UTC.
    pub now: Timestamp,
}

/// Hears of every judgement as soon as its facts are in; the final report judges them all again, together.
pub type Watch<'w> = &'w (dyn Fn(&Judgement) + Sync);

/// Reads everything.
///
/// # Errors
///
/// [`Fault`]: the database or the key failed. Silence of the provider or of DNS is a fact, not an error.
pub async fn gather(
    request: &OnboardingRequest,
    sources: Sources<'_>,
    intent: Intent,
    watch: Watch<'_>,
) -> Result<Facts, Fault> {
    let policy = &sources.config.policy;
    let redirect_uri = sources.config.redirect_uri(None);
    let team = async {
        let product = match (sources.repository, team_question(request, &Facts::default())) {
            (Some(repository), Some(question)) => {
                let mut reads = repository.read().await?;
                Some(product::facts::gather(&mut *reads, &question).await?)
            }
            _ => None,
        };
        let same_secret = compare_secret(sources.keys, request, product.as_ref())?;
        let proofs = prove(sources, request, product.as_ref()).await;
        let facts = Facts { product, proofs, same_secret, ..Facts::default() };
        for judgement in checks::run_team(request, &facts, policy, Intent { everything: false, ..intent }) {
            // The connection can be compared only once the document has settled the issuer.
            if judgement.id.as_str() != "team-connection" {
                watch(&judgement);
            }
        }
        Ok::<Facts, Fault>(facts)
    };
    let mut facts = match (&request.provider, redirect_uri) {
        (ProviderRequest::Saml(saml), _) => {
            let tell = |facts: &SamlFacts| {
                for judgement in checks::run_saml(saml, facts, intent) {
                    watch(&judgement);
                }
            };
            let asking = crate::saml::facts::gather(sources.http, saml, sources.now, sources.allowed_http, &tell);
            let (saml, team) = futures::join!(asking, team);
            let mut facts = Facts { saml, ..team? };
            ask_who_holds_the_entity(sources, &mut facts).await?;
            facts
        }
        (ProviderRequest::Oidc(oidc), Some(redirect_uri)) => {
            let (oidc, team) = futures::join!(ask_provider(sources, oidc, Some(&redirect_uri), watch), team);
            Facts { oidc, ..team? }
        }
        (ProviderRequest::Oidc(oidc), None) => {
            // The redirect URI names the team, so the team has to be known first.
            let team = team.await?;
            let team_id = team.product.as_ref().and_then(ProductFacts::team).map(|team| team.id.to_string());
            let redirect_uri = sources.config.redirect_uri(team_id.as_deref());
            Facts { oidc: ask_provider(sources, oidc, redirect_uri.as_deref(), watch).await, ..team }
        }
    };
    facts.loosened_origins = sources.http.loosened();
    Ok(facts)
}

/// Only the metadata says which entity it is, so that this one question comes after it.
async fn ask_who_holds_the_entity(sources: Sources<'_>, facts: &mut Facts) -> Result<(), Fault> {
    let Some(product) = &mut facts.product else { return Ok(()) };
    let team = product.team().map(|team| team.id.clone());
    if let (Some(repository), Some(team), Some(entity)) = (sources.repository, team, facts.saml.entity_id()) {
        product.same_entity = repository.read().await?.same_entity_elsewhere(&entity, &team).await?;
    }
    Ok(())
}

/// What to ask the product database; `None` where the request names no owner. Who the provider is, is asked by the name
/// that its own document settled, where `facts` have one.
#[must_use]
pub fn team_question(request: &OnboardingRequest, facts: &Facts) -> Option<TeamQuestion> {
    Some(TeamQuestion {
        owner: request.owner.clone()?,
        requested_by: request.requested_by.clone(),
        domains: request.claimed_domains(),
        provider: match &request.provider {
            ProviderRequest::Oidc(oidc) => oidc.issuer.as_ref().zip(oidc.client_id.as_ref()).map(|(issuer, client)| {
                let issuer = facts.oidc.settled_issuer(issuer).unwrap_or_else(|| issuer.clone());
                ProviderName::Client(issuer, client.clone())
            }),
            ProviderRequest::Saml(_) => facts.saml.entity_id().map(ProviderName::Entity),
        },
    })
}

async fn ask_provider(
    sources: Sources<'_>,
    oidc: &OidcRequest,
    redirect_uri: Option<&str>,
    watch: Watch<'_>,
) -> OidcFacts {
    let tell = |progress: crate::oidc::facts::Progress<'_>| watch(&checks::as_it_happens(oidc, progress));
    crate::oidc::facts::gather(sources.http, oidc, redirect_uri, sources.allowed_http, &tell).await
}

/// Whether the stored secret is the one submitted.
///
/// # Errors
///
/// [`Fault::Seal`]: the stored secret does not open with the keys of this installation.
pub fn compare_secret(
    keys: Option<&SealingKeys>,
    request: &OnboardingRequest,
    product: Option<&ProductFacts>,
) -> Result<Option<bool>, Fault> {
    let stored = product.and_then(|product| product.connection.as_ref());
    let submitted = request.oidc().and_then(|oidc| oidc.client_secret.as_ref());
    let (Some(keys), Some(submitted), Some(connection)) = (keys, submitted, stored) else {
        return Ok(None);
    };
    let Some(ProtocolSettings::Oidc(settings)) = &connection.settings else { return Ok(None) };
    let stored = sealing::open(keys, &binding(connection), &settings.sealed_secret)?;
    let stored = crate::request::names::ClientSecret::new(stored);
    let same =
        aws_lc_rs::constant_time::verify_slices_are_equal(stored.expose().as_bytes(), submitted.expose().as_bytes());
    Ok(Some(same.is_ok()))
}

/// The place in the database that a connection's client secret is sealed for.
#[must_use]
pub fn binding(connection: &Connection) -> Binding<'_> {
    Binding { connection_id: &connection.id, team_id: &connection.team_id, field: SECRET_FIELD }
}

async fn prove(
    sources: Sources<'_>,
    request: &OnboardingRequest,
    product: Option<&ProductFacts>,
) -> Vec<DomainEvidence> {
    let Some(product) = product else { return Vec::new() };
    let challenged = product.connection.is_some();
    join_all(request.claimed_domains().into_iter().map(|domain| async move {
        let basis = if request.vouched_domains.contains(&domain) {
            DomainBasis::Operator
        } else if is_established(&domain, product) {
            DomainBasis::Established
        } else if is_owners(&domain, request) && !sources.config.policy.require_dns_proof {
            DomainBasis::Owner
        } else if challenged {
            DomainBasis::Dns(sources.http.txt(&challenge_name(&domain)).await)
        } else {
            DomainBasis::NotPrepared
        };
        DomainEvidence { domain, basis }
    }))
    .await
}

fn is_owners(domain: &EmailDomain, request: &OnboardingRequest) -> bool {
    request.owner.as_ref().is_some_and(|owner| owner.domain() == domain)
}

/// Whether the team's own connection holds the domain already: it was proven when it was claimed.
fn is_established(domain: &EmailDomain, product: &ProductFacts) -> bool {
    let ours = product.connection.as_ref().map(|connection| &connection.id);
    ours.is_some() && product.claims.iter().any(|claim| claim.domain == *domain && Some(&claim.connection_id) == ours)
}
