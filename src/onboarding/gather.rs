//! Everything there is to know about a request, read side by side: the identity provider over the network, the team in
//! the product database, the domains in DNS. A failed read is a fact; only a fault of this installation stops.

use futures::future::join_all;
use jiff::Timestamp;

use super::Fault;
use crate::checks::{self, DomainBasis, DomainEvidence, Facts, Intent, catalogue, challenge_name};
use crate::config::{Config, Policy};
use crate::finding::Judgement;
use crate::net::{HttpClient, Origin};
use crate::oidc::facts::OidcFacts;
use crate::product::connection::Connection;
use crate::product::facts::{ProductFacts, ProviderName, TeamQuestion};
use crate::product::mailboxes::{DomainKind, domain_kind};
use crate::product::repository::Repository;
use crate::request::names::EmailDomain;
use crate::request::{MetadataSource, OidcRequest, OnboardingRequest, ProviderRequest};
use crate::saml::facts::SamlFacts;
use crate::sealing::{self, Binding, SealingKeys};

/// The field name that a sealed client secret is bound to.
pub const SECRET_FIELD: &str = "client_secret";

/// How many others who may be meant are read: the likeliest is chosen among them.
pub(super) const NEARBY: usize = 50;

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
    let look_up = async {
        match (sources.repository, team_question(request, &Facts::default())) {
            (Some(repository), Some(question)) => {
                let mut reads = repository.read().await?;
                Ok::<_, Fault>(reads.team_facts(std::slice::from_ref(&question)).await?.pop())
            }
            _ => Ok(None),
        }
    };
    let look_closer = async |product: Option<ProductFacts>| {
        let stored = product.as_ref().and_then(|product| product.connection.as_ref());
        let same_secret = compare_secret(sources.keys, request, stored)?;
        let proofs = prove(sources, request, product.as_ref()).await;
        let owners_nearby = match (sources.repository, domain_of_others(request, product.as_ref(), policy)) {
            (Some(repository), Some(domain)) => repository.read().await?.owners_at(domain, NEARBY).await?,
            _ => Vec::new(),
        };
        let facts = Facts { product, owners_nearby, proofs, same_secret, ..Facts::default() };
        for judgement in checks::run_team(request, &facts, policy, Intent { everything: false, ..intent }) {
            // The connection can be compared only once the document has settled the issuer.
            if judgement.id != catalogue::TEAM_CONNECTION {
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
            let asking = crate::saml::facts::gather(sources.http, None, saml, sources.now, sources.allowed_http, &tell);
            let (saml, team) = futures::join!(asking, async { look_closer(look_up.await?).await });
            let mut facts = Facts { saml, ..team? };
            ask_who_holds_the_entity(sources, &mut facts).await?;
            facts
        }
        (ProviderRequest::Oidc(oidc), Some(redirect_uri)) => {
            let provider = Box::pin(ask_provider(sources, oidc, Some(&redirect_uri), watch));
            let (oidc, team) = futures::join!(provider, async { look_closer(look_up.await?).await });
            Facts { oidc, ..team? }
        }
        (ProviderRequest::Oidc(oidc), None) => {
            // The redirect URI names the team, so the team has to be known first; its domains are proven meanwhile.
            let product = look_up.await?;
            let team_id = product.as_ref().and_then(ProductFacts::team).map(|team| team.id.to_string());
            let redirect_uri = sources.config.redirect_uri(team_id.as_deref());
            let provider = Box::pin(ask_provider(sources, oidc, redirect_uri.as_deref(), watch));
            let (oidc, team) = futures::join!(provider, look_closer(product));
            Facts { oidc, ..team? }
        }
    };
    facts.loosened_origins = sources.http.loosened();
    Ok(facts)
}

/// The domain at which others may be meant, where the owner's address is nobody's who owns or is in a team. Not a mailbox
/// provider's: there they are strangers to each other.
pub(super) fn domain_of_others<'r>(
    request: &'r OnboardingRequest,
    product: Option<&ProductFacts>,
    policy: &Policy,
) -> Option<&'r EmailDomain> {
    let (domain, product) = (request.owner.as_ref()?.domain(), product?);
    let is_known = product.near_owner.is_some() || !product.teams.is_empty() || !product.owner_memberships.is_empty();
    let kind = domain_kind(domain, &policy.public_mailbox_domains, &policy.company_domains);
    (!is_known && product.owners.len() < 2 && kind == DomainKind::Company).then_some(domain)
}

/// Only the metadata says which entity it is, so that this one question comes after it.
///
/// # Errors
///
/// [`Fault`]: the database failed.
pub async fn ask_who_holds_the_entity(sources: Sources<'_>, facts: &mut Facts) -> Result<(), Fault> {
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
        requested_by: request.requested_by.address().cloned(),
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

/// The documents of a run over many requests.
#[derive(Debug, Default)]
pub struct Documents {
    oidc: crate::oidc::facts::Documents,
    saml: crate::saml::facts::Documents,
}

/// As [`gather`], for one of many requests whose team was read already: `known` has what the product said and what the
/// stored secret came to. What was fetched on behalf of another of them is taken from `documents`. Who holds the entity is
/// not asked ([`ask_who_holds_the_entity`]).
pub async fn gather_beyond(
    request: &OnboardingRequest,
    sources: Sources<'_>,
    documents: &Documents,
    known: Facts,
) -> Facts {
    let team_id = known.team().map(|team| team.id.to_string());
    let redirect_uri = sources.config.redirect_uri(team_id.as_deref());
    let (http, allowed) = (sources.http, sources.allowed_http);
    let oidc = async {
        let Some(oidc) = request.oidc() else { return OidcFacts::default() };
        crate::oidc::facts::gather(http, Some(&documents.oidc), oidc, redirect_uri.as_deref(), allowed, &|_| {}).await
    };
    let saml = async {
        let Some(saml) = request.saml() else { return SamlFacts::default() };
        crate::saml::facts::gather(http, Some(&documents.saml), saml, sources.now, allowed, &|_| {}).await
    };
    let (oidc, saml, proofs) = futures::join!(oidc, saml, prove(sources, request, known.product.as_ref()));
    let loosened_origins = http.loosened_among(provider_urls(request, &oidc).iter().map(String::as_str));
    // Whether it is the same is seen in it from here on.
    Facts { oidc, saml, proofs, loosened_origins, same_metadata: false, ..known }
}

/// As [`gather_beyond`], of DNS alone.
pub async fn gather_proofs(request: &OnboardingRequest, sources: Sources<'_>, known: Facts) -> Facts {
    Facts { proofs: prove(sources, request, known.product.as_ref()).await, ..known }
}

/// The addresses that `request` leads to at its provider, so far as they are known.
#[must_use]
pub fn provider_urls(request: &OnboardingRequest, oidc: &OidcFacts) -> Vec<String> {
    let issuer = request.oidc().and_then(|oidc| oidc.issuer.as_ref()).map(|issuer| issuer.as_str().to_owned());
    let metadata = request.saml().and_then(|saml| match &saml.metadata {
        Some(MetadataSource::Url(url)) => Some(url.as_str().to_owned()),
        _ => None,
    });
    let mut urls: Vec<String> = issuer.into_iter().chain(metadata).collect();
    if let Some(document) = oidc.document() {
        let endpoints = [
            &document.jwks_uri,
            &document.token_endpoint,
            &document.authorization_endpoint,
            &document.revocation_endpoint,
            &document.pushed_authorization_request_endpoint,
            &document.introspection_endpoint,
        ];
        urls.extend(endpoints.into_iter().flatten().cloned());
    }
    urls
}

async fn ask_provider(
    sources: Sources<'_>,
    oidc: &OidcRequest,
    redirect_uri: Option<&str>,
    watch: Watch<'_>,
) -> OidcFacts {
    let tell = |progress: crate::oidc::facts::Progress<'_>| watch(&checks::as_it_happens(oidc, progress));
    crate::oidc::facts::gather(sources.http, None, oidc, redirect_uri, sources.allowed_http, &tell).await
}

/// Whether the secret of the `stored` connection is the one submitted; `None` where there is nothing to compare.
///
/// # Errors
///
/// [`Fault::Seal`]: the stored secret does not open with the keys of this installation.
pub fn compare_secret(
    keys: Option<&SealingKeys>,
    request: &OnboardingRequest,
    stored: Option<&Connection>,
) -> Result<Option<bool>, Fault> {
    let submitted = request.oidc().and_then(|oidc| oidc.client_secret.as_ref());
    let (Some(keys), Some(submitted), Some(connection)) = (keys, submitted, stored) else {
        return Ok(None);
    };
    let Some(settings) = connection.oidc() else { return Ok(None) };
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
    join_all(request.claimed_domains().into_iter().map(|domain| async move {
        let basis = match basis_at_hand(&domain, request, product, &sources.config.policy) {
            Some(basis) => basis,
            None => DomainBasis::Dns(sources.http.txt(&challenge_name(&domain)).await),
        };
        DomainEvidence { domain, basis }
    }))
    .await
}

/// What speaks for the claimed domains without asking DNS; `None` where DNS has to be asked.
#[must_use]
pub fn proofs_at_hand(
    request: &OnboardingRequest,
    product: &ProductFacts,
    policy: &Policy,
) -> Option<Vec<DomainEvidence>> {
    let domains = request.claimed_domains().into_iter();
    domains
        .map(|domain| {
            let basis = basis_at_hand(&domain, request, product, policy)?;
            Some(DomainEvidence { domain, basis })
        })
        .collect()
}

fn basis_at_hand(
    domain: &EmailDomain,
    request: &OnboardingRequest,
    product: &ProductFacts,
    policy: &Policy,
) -> Option<DomainBasis> {
    if request.vouched_domains.contains(domain) {
        Some(DomainBasis::Operator)
    } else if is_established(domain, product) {
        Some(DomainBasis::Established)
    } else if is_owners(domain, request) && !policy.require_dns_proof {
        Some(DomainBasis::Owner)
    } else if product.connection.is_none() {
        Some(DomainBasis::NotPrepared)
    } else {
        None
    }
}

fn is_owners(domain: &EmailDomain, request: &OnboardingRequest) -> bool {
    request.owner.as_ref().is_some_and(|owner| owner.domain() == domain)
}

/// Whether the team's own connection holds the domain already: it was proven when it was claimed.
fn is_established(domain: &EmailDomain, product: &ProductFacts) -> bool {
    let ours = product.connection.as_ref().map(|connection| &connection.id);
    ours.is_some() && product.claims.iter().any(|claim| claim.domain == *domain && Some(&claim.connection_id) == ours)
}
