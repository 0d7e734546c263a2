//! Discovery documents as real providers publish them, read where they lie and judged as independent facts say.
//!
//! The corpus is not part of the project: `SSOCTL_CORPUS` names its folder, `../shared/corpus` is where it is looked
//! for otherwise. Beside each document stands `<name>.expected.json`, made by another JSON reader in another language.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::Value;
use ssoctl::finding::Verdict;
use ssoctl::intake::{Completeness, RequestDraft};
use ssoctl::oidc::discovery::{self, Defect, Document, NotADocument, REQUIRED, SAFE_ALGORITHMS};
use ssoctl::oidc::json::Encoding;
use ssoctl::request::names::IssuerUrl;

use crate::support::on_paper;

/// Members whose wrong type decides something here, beside the required ones.
const DECISIVE: [&str; 7] = [
    "userinfo_endpoint",
    "revocation_endpoint",
    "introspection_endpoint",
    "pushed_authorization_request_endpoint",
    "token_endpoint_auth_methods_supported",
    "grant_types_supported",
    "code_challenge_methods_supported",
];

struct Case {
    name: String,
    bytes: Vec<u8>,
    facts: Value,
}

impl Case {
    /// A list of names among the facts; empty where there is none.
    fn list(&self, fact: &str) -> Vec<String> {
        let items = self.facts[fact].as_array().map(Vec::as_slice).unwrap_or_default();
        items.iter().map(|item| item.as_str().unwrap().to_owned()).collect()
    }

    fn is_json(&self) -> bool {
        self.facts["json"] == true
    }

    fn issuer(&self) -> Option<&str> {
        self.facts["issuer"].as_str()
    }

    fn endpoint(&self, member: &str) -> Option<&str> {
        self.facts["endpoints"][member].as_str().filter(|url| !url.is_empty())
    }

    /// Members of a wrong type that sign-in rests on. A member that is null is missing, not mistyped.
    fn decisive_types(&self) -> BTreeSet<String> {
        let nulls = self.list("violations");
        let decisive = |name: &String| REQUIRED.contains(&name.as_str()) || DECISIVE.contains(&name.as_str());
        let is_null = |name: &String| nulls.contains(&format!("null:{name}"));
        self.list("type_errors").into_iter().filter(|name| decisive(name) && !is_null(name)).collect()
    }

    fn missing(&self) -> BTreeSet<String> {
        self.list("missing_required").into_iter().collect()
    }

    /// Why the document has to fail, derived from the facts alone.
    fn faults(&self) -> Vec<&'static str> {
        let algorithms = self.list("id_token_signing_alg_values_supported");
        let methods = self.list("token_endpoint_auth_methods_effective");
        let violations = self.list("violations");
        let not_https = violations.iter().filter_map(|one| self.endpoint(one.strip_suffix("_not_https")?));
        let (plain, no_url): (Vec<&str>, Vec<&str>) =
            not_https.partition(|text| url::Url::parse(text).is_ok_and(|url| url.has_host()));
        let endpoints = self.facts["endpoints"].as_object().into_iter().flat_map(|endpoints| endpoints.values());
        // On its author's own machine, or in a network of his own: no name of the public DNS is without a dot.
        let is_inside =
            |url: &url::Url| url.scheme() == "https" && url.domain().is_some_and(|host| !host.contains('.'));
        let mut inside =
            endpoints.filter_map(Value::as_str).filter(|url| url::Url::parse(url).is_ok_and(|url| is_inside(&url)));
        let is_tenant_template = self.issuer().is_some_and(|issuer| issuer.contains("{tenantid}"));
        let response_types = self.list("response_types_supported");
        let rules = [
            ("discovery_missing", !self.missing().is_empty()),
            ("discovery_type", !self.decisive_types().is_empty()),
            ("json_duplicate_key", !self.list("duplicate_members").is_empty()),
            ("endpoint_not_https", !plain.is_empty()),
            ("endpoint_not_url", !no_url.is_empty()),
            ("egress_forbidden", inside.next().is_some()),
            ("multi_tenant_issuer", is_tenant_template),
            ("issuer_mismatch", self.issuer().is_some() && !is_tenant_template && self.own_issuer().is_none()),
            ("no_code_flow", !response_types.is_empty() && !response_types.contains(&"code".to_owned())),
            (
                "no_shared_method",
                !methods.iter().any(|one| one == "client_secret_basic" || one == "client_secret_post"),
            ),
            (
                "weak_alg",
                !algorithms.is_empty() && !algorithms.iter().any(|one| SAFE_ALGORITHMS.contains(&one.as_str())),
            ),
        ];
        let mut faults: Vec<&str> = rules.into_iter().filter(|(_, holds)| *holds).map(|(code, _)| code).collect();
        faults.sort_unstable();
        faults
    }

    /// The document's own issuer, where it is a URL at all.
    fn own_issuer(&self) -> Option<IssuerUrl> {
        IssuerUrl::parse(self.issuer()?).ok()
    }

    /// What the customer would have submitted: the document's own issuer, else somebody's.
    fn asked(&self) -> IssuerUrl {
        self.own_issuer().unwrap_or_else(|| IssuerUrl::parse("https://idp.acme.example").unwrap())
    }
}

/// Every document of the corpus, or nothing, said on the screen, where there is no corpus.
#[expect(clippy::print_stderr, reason = "a test that judges nothing says so")]
fn corpus() -> Vec<Case> {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    let folder = std::env::var_os("SSOCTL_CORPUS").map_or_else(beside, PathBuf::from);
    let index = folder.join("INDEX.tsv");
    let Ok(index) = std::fs::read_to_string(&index) else {
        eprintln!("no corpus at {}: no real document is judged (SSOCTL_CORPUS names its folder)", folder.display());
        return Vec::new();
    };
    let names = index.lines().filter_map(|line| line.split('\t').next()).filter(|name| name.starts_with("oidc/"));
    let cases: Vec<Case> = names
        .map(|name| {
            let path = folder.join(name);
            let facts = std::fs::read(path.with_extension("expected.json")).unwrap();
            Case {
                name: name.to_owned(),
                bytes: std::fs::read(path).unwrap(),
                facts: serde_json::from_slice(&facts).unwrap(),
            }
        })
        .collect();
    assert!(cases.len() >= 55, "the corpus has {} documents where 55 were expected", cases.len());
    cases
}

/// Everything a reader takes from a document, beside what the facts say of it.
fn compare(case: &Case, document: &Document, defects: &[Defect]) {
    let name = &case.name;
    // Of a member given twice some readers take the first and some the last: which is why it is refused.
    if !case.list("duplicate_members").contains(&"issuer".to_owned()) {
        assert_eq!(document.issuer.as_deref(), case.issuer().filter(|issuer| !issuer.is_empty()), "{name}: issuer");
    }
    for (member, read) in [
        ("authorization_endpoint", &document.authorization_endpoint),
        ("token_endpoint", &document.token_endpoint),
        ("jwks_uri", &document.jwks_uri),
        ("userinfo_endpoint", &document.userinfo_endpoint),
        ("revocation_endpoint", &document.revocation_endpoint),
        ("introspection_endpoint", &document.introspection_endpoint),
        ("pushed_authorization_request_endpoint", &document.pushed_authorization_request_endpoint),
    ] {
        assert_eq!(read.as_deref(), case.endpoint(member), "{name}: {member}");
    }
    assert_eq!(document.response_types, case.list("response_types_supported"), "{name}: response types");
    assert_eq!(document.offers_code(), case.facts["response_types_contain_code"] == true, "{name}: code");
    assert_eq!(document.subject_types, case.list("subject_types_supported"), "{name}: subject types");
    assert_eq!(document.id_token_algorithms, case.list("id_token_signing_alg_values_supported"), "{name}: algorithms");
    let methods = case.list("token_endpoint_auth_methods_effective");
    assert_eq!(document.token_endpoint_auth_methods, methods, "{name}: methods");
    let offers_s256 =
        document.code_challenge_methods.as_ref().is_some_and(|methods| methods.iter().any(|one| one == "S256"));
    assert_eq!(offers_s256, case.facts["pkce_s256"] == true, "{name}: PKCE");
    assert_eq!(document.scopes.clone().unwrap_or_default(), case.list("scopes_supported"), "{name}: scopes");
    assert_eq!(document.grant_types.clone().unwrap_or_default(), case.list("grant_types_supported"), "{name}: grants");

    let mut missing = BTreeSet::new();
    let mut types = BTreeSet::new();
    let mut twice = Vec::new();
    let mut encoding = None;
    for defect in defects {
        match defect {
            Defect::Missing(member) => _ = missing.insert((*member).to_owned()),
            Defect::Type { member, .. } => _ = types.insert(member.clone()),
            Defect::Duplicates(members) => twice.extend_from_slice(members.first()),
            Defect::Encoding(found) => encoding = Some(*found),
            _ => {}
        }
    }
    assert_eq!(missing, case.missing(), "{name}: missing members");
    assert_eq!(types, case.decisive_types(), "{name}: wrong types");
    assert_eq!(twice, case.list("duplicate_members"), "{name}: members given twice");
    let mark = match case.facts["bom"].as_str() {
        None => None,
        Some("utf-8") => Some(Encoding::Utf8WithMark),
        Some(_) => Some(Encoding::Utf16),
    };
    assert_eq!(encoding, mark, "{name}: byte order mark");
}

#[test]
fn every_real_document_is_read_as_its_facts_say() {
    for case in corpus() {
        match discovery::read(&case.bytes, &|_| false) {
            Ok(reading) => compare(&case, &reading.document, &reading.defects),
            Err(NotADocument::NotJson(_)) => assert!(!case.is_json(), "{} is JSON", case.name),
            Err(other) => panic!("{}: {other}", case.name),
        }
    }
}

#[test]
fn every_real_document_asked_for_by_its_own_issuer_gets_the_verdict_its_facts_call_for() {
    let (mut passed, mut warned, mut failed) = (0, 0, 0);
    for case in corpus() {
        let judgement = on_paper::document(&case.asked(), &case.bytes);
        let mut faults = on_paper::faults(&judgement);
        if case.list("duplicate_members").contains(&"issuer".to_owned()) {
            faults.retain(|fault| *fault != "issuer_mismatch");
        }
        if case.is_json() {
            assert_eq!(faults, case.faults(), "{}: {judgement:#?}", case.name);
        } else {
            assert_eq!((faults.len(), judgement.verdict), (1, Verdict::Fail), "{}", case.name);
            assert!(["not_json", "html_page", "login_page"].contains(&faults[0]), "{}: {faults:?}", case.name);
        }
        // The facts' own word: a strictly conformant document fails only where it lacks what this product needs, or
        // describes a server on its author's own machine or network.
        if case.facts["strictly_conformant"] == true && judgement.verdict == Verdict::Fail {
            assert!(faults == ["no_code_flow"] || faults == ["egress_forbidden"], "{}: {faults:?}", case.name);
        }
        if case.facts["conformant"] != true {
            assert_eq!(judgement.verdict, Verdict::Fail, "{} is not conformant", case.name);
        }
        match judgement.verdict {
            Verdict::Pass => passed += 1,
            Verdict::Warn => warned += 1,
            Verdict::Fail => failed += 1,
            Verdict::Unknown => panic!("{}: nothing is unknown about a document that is there", case.name),
        }
        for finding in judgement.findings.iter().filter(|finding| finding.level == Verdict::Fail) {
            assert!(finding.tell.is_some(), "{}: {} leaves the customer without a word", case.name, finding.code);
        }
    }
    eprintln!("real documents: {passed} pass, {warned} warn, {failed} fail");
}

#[test]
fn no_real_document_settles_an_issuer_that_it_does_not_name() {
    let other = IssuerUrl::parse("https://idp.acme.example/").unwrap();
    for case in corpus() {
        let Ok(reading) = discovery::read(&case.bytes, &|_| false) else { continue };
        assert_eq!(reading.settled_issuer(&other), None, "{}", case.name);
        let settled = reading.settled_issuer(&case.asked());
        assert_eq!(settled.is_some(), case.faults().is_empty(), "{}", case.name);
    }
}

#[test]
fn template_and_plain_http_issuers_of_real_documents_are_refused_before_anything_is_asked() {
    for case in corpus() {
        let violations = case.list("violations");
        let has = |name: &str| violations.iter().any(|violation| violation == name);
        let Some(issuer) = case.issuer() else { continue };
        let draft = RequestDraft { issuer: Some(issuer.to_owned()), ..RequestDraft::default() };
        let request = draft.normalise(Completeness::WhatIsGiven, 50);
        let codes: Vec<&str> = request.findings.iter().map(|finding| finding.code).collect();
        let host = case.own_issuer().map(|own| own.host().to_owned()).unwrap_or_default();
        let is_private = host.ends_with("localhost") || host.starts_with("127.");
        if has("issuer_is_template") {
            let expected = ["issuer_placeholder", "multi_tenant_issuer", "issuer_syntax"];
            assert!(codes.iter().any(|code| expected.contains(code)), "{}: {issuer} {codes:?}", case.name);
        } else if has("issuer_not_https") && !host.is_empty() && !is_private {
            assert_eq!(codes, ["issuer_not_https"], "{}: {issuer}", case.name);
        }
    }
}
