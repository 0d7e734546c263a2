//! Documents judged without a network: bytes in, the check's judgement out.

use std::time::Duration;

use ssoctl::checks;
use ssoctl::finding::{Judgement, Verdict};
use ssoctl::oidc::facts::{Asked, Discovery, FetchFault, Keys, Progress};
use ssoctl::oidc::{discovery, jwks};
use ssoctl::request::OidcRequest;
use ssoctl::request::names::IssuerUrl;

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
    let keys = Keys {
        url: "https://idp.example/jwks".to_owned(),
        outcome: jwks::read(bytes).map_err(FetchFault::Content),
        elapsed: Duration::ZERO,
    };
    checks::as_it_happens(&OidcRequest::default(), Progress::Keys(&Asked::Yes(keys)))
}

/// The reasons a judgement gives for failing: each once, in alphabetical order.
pub fn faults(judgement: &Judgement) -> Vec<&'static str> {
    let failing = judgement.findings.iter().filter(|finding| finding.level == Verdict::Fail);
    let mut codes: Vec<&str> = failing.map(|finding| finding.code).collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}
