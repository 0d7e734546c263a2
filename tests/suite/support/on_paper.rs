//! Documents judged without a network: bytes in, the check's judgement out.

use std::time::Duration;

use jiff::Timestamp;
use ssoctl::checks::{self, Intent};
use ssoctl::finding::{Judgement, Verdict};
use ssoctl::oidc::facts::{Discovery, FetchFault, Keys, Probe, Progress};
use ssoctl::oidc::{discovery, jwks};
use ssoctl::request::names::IssuerUrl;
use ssoctl::request::saml_names::EntityId;
use ssoctl::request::{MetadataSource, OidcRequest, SamlRequest};
use ssoctl::saml::facts::{Metadata, SamlFacts};

/// `oidc-discovery` of a document that `issuer` answered with, status 200.
pub fn document(issuer: &IssuerUrl, bytes: &[u8]) -> Judgement {
    let asked = OidcRequest { issuer: Some(issuer.clone()), ..OidcRequest::default() };
    let discovery = Discovery {
        url: issuer.discovery_url(),
        outcome: discovery::read(bytes, &|_| false).map_err(FetchFault::Content),
        odd_content_type: None,
        elapsed: Duration::ZERO,
    };
    checks::as_it_happens(&asked, Progress::Discovery(&discovery))
}

/// `oidc-keys` of a key set, status 200.
pub fn keys(bytes: &[u8]) -> Judgement {
    keys_beside(None, bytes)
}

/// The same, of a provider with such a discovery document.
pub fn keys_beside(document: Option<&[u8]>, bytes: &[u8]) -> Judgement {
    let discovery = document.map(|document| Discovery {
        url: "https://idp.example/.well-known/openid-configuration".to_owned(),
        outcome: discovery::read(document, &|_| false).map_err(FetchFault::Content),
        odd_content_type: None,
        elapsed: Duration::ZERO,
    });
    let keys = Keys {
        url: "https://idp.example/jwks".to_owned(),
        outcome: jwks::read(bytes).map_err(FetchFault::Content),
        elapsed: Duration::ZERO,
    };
    checks::as_it_happens(&OidcRequest::default(), Progress::Keys(discovery.as_ref(), &Probe::Made(keys)))
}

/// The reasons a judgement gives for failing: each once, in alphabetical order.
pub fn faults(judgement: &Judgement) -> Vec<&'static str> {
    let failing = judgement.findings.iter().filter(|finding| finding.level == Verdict::Fail);
    let mut codes: Vec<&str> = failing.map(|finding| finding.code).collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}

/// What there is to know of metadata that is at hand, at `now`.
pub fn metadata_facts(bytes: &[u8], chosen: Option<&str>, now: Timestamp) -> SamlFacts {
    let chosen = chosen.map(|id| EntityId::parse(id).unwrap());
    SamlFacts { metadata: Some(Metadata::of_bytes("metadata.xml", bytes, chosen.as_ref(), &[])), now }
}

/// The checks of such metadata: document, certificates, signature.
pub fn metadata(bytes: &[u8], chosen: Option<&str>, now: Timestamp) -> Vec<Judgement> {
    let asked = SamlRequest {
        metadata: Some(MetadataSource::Given { name: "metadata.xml".to_owned(), bytes: bytes.into() }),
        entity_id: chosen.map(|id| EntityId::parse(id).unwrap()),
    };
    checks::run_saml(&asked, &metadata_facts(bytes, chosen, now), Intent::default())
}

/// The worst verdict of several judgements.
pub fn worst(judgements: &[Judgement]) -> Verdict {
    judgements.iter().map(|judgement| judgement.verdict).max().unwrap_or(Verdict::Pass)
}
