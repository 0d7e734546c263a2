//! Metadata as real providers publish it, read where it lies and judged as independent facts say.
//!
//! The corpus is not part of the project: `SSOCTL_CORPUS` names its folder, `../shared/corpus` is where it is looked
//! for otherwise. Beside each document stands `<name>.expected.json`, made by another XML reader in another language,
//! and the index says what another library made of its signature.

use std::path::PathBuf;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use ssoctl::finding::Verdict;
use ssoctl::saml::certificate::{Certificate, Key, NotACertificate};
use ssoctl::saml::endpoint::Endpoint;
use ssoctl::saml::entity::KeyUse;
use ssoctl::saml::metadata::{self, NotMetadata, Reading};
use ssoctl::saml::signature::Outcome;

use crate::support::on_paper;

struct Case {
    name: String,
    bytes: Vec<u8>,
    facts: Value,
    /// What another library made of the signature.
    signature: String,
}

impl Case {
    /// Every entity that is an identity provider for SAML 2.0.
    fn providers(&self) -> Vec<&Value> {
        self.facts["entity_list"].as_array().unwrap().iter().filter(|one| one["is_idp"] == true).collect()
    }

    fn read(&self, chosen: Option<&str>) -> Result<Reading, NotMetadata> {
        metadata::read(self.bytes.as_slice(), chosen, &|_| false)
    }
}

/// Every document of the corpus, or nothing, said on the screen, where there is no corpus.
#[expect(clippy::print_stderr, reason = "a test that judges nothing says so")]
fn corpus() -> Vec<Case> {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    let folder = std::env::var_os("SSOCTL_CORPUS").map_or_else(beside, PathBuf::from);
    let Ok(index) = std::fs::read_to_string(folder.join("INDEX.tsv")) else {
        eprintln!("no corpus at {}: no real metadata is judged (SSOCTL_CORPUS names its folder)", folder.display());
        return Vec::new();
    };
    let rows = index.lines().map(|line| line.split('\t').collect::<Vec<_>>());
    let cases: Vec<Case> = rows
        .filter(|row| row[0].starts_with("saml/"))
        .map(|row| {
            let path = folder.join(row[0]);
            let facts = std::fs::read(path.with_extension("expected.json")).unwrap();
            Case {
                name: row[0].to_owned(),
                bytes: std::fs::read(path).unwrap(),
                facts: serde_json::from_slice(&facts).unwrap(),
                signature: row[7].to_owned(),
            }
        })
        .collect();
    assert!(cases.len() >= 85, "the corpus has {} documents where 85 were expected", cases.len());
    cases
}

fn endpoints(endpoints: &[Endpoint]) -> Value {
    let one = |one: &Endpoint| {
        let mut value = json!({"binding": one.binding, "location": one.location});
        if let Some(response) = &one.response_location {
            value["response_location"] = response.as_str().into();
        }
        value
    };
    endpoints.iter().map(one).collect()
}

fn certificate(read: &Result<Certificate, NotACertificate>) -> Value {
    let certificate = match read {
        Ok(certificate) => certificate,
        Err(NotACertificate::Empty) => return json!({"error": "empty"}),
        Err(_) => return json!({"error": "unreadable"}),
    };
    let (kind, bits, curve) = match &certificate.key {
        Key::Rsa { bits, .. } => ("RSA", Some(*bits), None),
        Key::Ec { curve: "P-256", bits } => ("EC", Some(*bits), Some("secp256r1")),
        Key::Ec { curve, bits } => ("EC", Some(*bits), Some(*curve)),
        Key::Edwards(name) => (*name, Some(256), None),
        Key::Dsa(bits) => ("DSA", Some(*bits), None),
        Key::Other(_) | Key::Useless(_) => ("unknown", None, None),
    };
    let mut facts = json!({
        "pem_armor": certificate.armoured,
        "sha256": certificate.sha256,
        "not_before": certificate.not_before.to_string(),
        "not_after": certificate.not_after.to_string(),
        "signature_algorithm_oid": certificate.signature_algorithm,
        "self_issued": certificate.self_issued(),
        "key_type": kind,
        "key_bits": bits,
    });
    if let Some(curve) = curve {
        facts["curve"] = curve.into();
    }
    facts
}

/// `expected` without what is not read here.
fn expected_certificate(expected: &Value) -> Value {
    let mut facts = expected.clone();
    let facts = facts.as_object_mut().unwrap();
    facts.remove("spki_sha256");
    // Where Base64 ends and DER begins is a question of how excess padding is taken.
    if let Some(error) = facts.get("error") {
        return json!({ "error": if error == "empty" { "empty" } else { "unreadable" } });
    }
    // A key that nobody knows signed nothing, and itself least of all: that certificate was altered.
    if facts["key_type"] == "unknown" && facts["self_issued"] == true {
        return json!({ "error": "unreadable" });
    }
    facts.clone().into()
}

/// Everything a reader takes from a document, beside what the facts say of it.
fn compare(case: &Case, expected: &Value, reading: &Reading) {
    let name = &case.name;
    let role = expected["idp"].as_array().unwrap().iter().find(|role| role["saml2"] == true).unwrap();
    let provider = &reading.provider;
    assert_eq!(json!(reading.entity_id), expected["entity_id"], "{name}: entity id");
    assert_eq!(json!(reading.sha256), case.facts["sha256"], "{name}: digest");
    assert_eq!(json!(reading.bytes), case.facts["bytes"], "{name}: length");
    assert_eq!(json!(reading.entities), case.facts["entities"], "{name}: entities");
    assert_eq!(json!(reading.roles), expected["roles"], "{name}: roles");
    assert_eq!(json!(provider.protocols), role["protocols"], "{name}: protocols");
    assert_eq!(endpoints(&provider.sso), role["sso"], "{name}: sign-in");
    assert_eq!(endpoints(&provider.slo), role["slo"], "{name}: sign-out");
    assert_eq!(json!(provider.name_id_formats), role["name_id_formats"], "{name}: NameID formats");
    let wants = role["want_authn_requests_signed"].as_str().is_some_and(|word| word == "true" || word == "1");
    assert_eq!(provider.want_authn_requests_signed, wants, "{name}: signed requests");
    let keys: Vec<Value> = provider
        .keys
        .iter()
        .map(|key| {
            let usage = match key.usage {
                KeyUse::Both => Value::Null,
                KeyUse::Signing => "signing".into(),
                KeyUse::Encryption => "encryption".into(),
                KeyUse::Other => "other".into(),
            };
            json!({ "use": usage, "certs": key.certificates.iter().map(certificate).collect::<Vec<_>>() })
        })
        .collect();
    let expected_keys: Vec<Value> = role["keys"]
        .as_array()
        .unwrap()
        .iter()
        .map(|key| {
            let certificates: Vec<Value> = key["certs"].as_array().unwrap().iter().map(expected_certificate).collect();
            json!({ "use": key["use"], "certs": certificates })
        })
        .collect();
    assert_eq!(keys, expected_keys, "{name}: keys");
    let signing: Vec<Value> = provider.signing().map(certificate).collect();
    let expected_signing: Vec<Value> =
        role["signing_certs"].as_array().unwrap().iter().map(expected_certificate).collect();
    assert_eq!(signing, expected_signing, "{name}: signing certificates");
    let said = [&case.facts["root"], expected, role].map(|one| one["valid_until"].as_str());
    let groups = if reading.collection { &said[..] } else { &said[1..] };
    assert_eq!(reading.expiries.len(), groups.iter().flatten().count(), "{name}: validUntil {:?}", reading.expiries);
    let signed = [&case.facts["signed"], &json!(!expected["signature"].is_null()), &role["signed"]];
    let signed = signed.iter().any(|one| **one == true);
    assert_eq!(!reading.signatures.is_empty(), signed, "{name}: signed");
}

#[test]
fn every_real_document_is_read_as_its_facts_say() {
    for case in corpus() {
        let has_entities = case.facts["has_doctype"] == true;
        let providers = case.providers();
        match (case.read(None), providers.as_slice()) {
            (Err(NotMetadata::Doctype), _) => assert!(has_entities, "{}", case.name),
            (Ok(reading), [one]) => {
                assert!(!has_entities, "{}", case.name);
                assert_eq!(reading.providers, Some(1), "{}", case.name);
                compare(&case, one, &reading);
            }
            (Err(NotMetadata::Ambiguous { providers, first }), several) => {
                assert!(several.len() > 1, "{}", case.name);
                let ids: Vec<&str> = several.iter().map(|one| one["entity_id"].as_str().unwrap()).collect();
                assert_eq!(
                    (providers, first.as_slice()),
                    (ids.len(), &ids[..ids.len().min(5)].iter().map(|id| (*id).to_owned()).collect::<Vec<_>>()[..])
                );
            }
            (Err(_), []) => {}
            (outcome, expected) => panic!("{}: {outcome:#?} where {} were expected", case.name, expected.len()),
        }
    }
}

#[test]
fn every_provider_of_a_collection_is_found_by_its_id() {
    for case in corpus() {
        if case.facts["has_doctype"] == true {
            continue;
        }
        let twice = &case.facts["duplicate_entity_ids"];
        for expected in case.providers() {
            if twice.as_array().unwrap().contains(&expected["entity_id"]) {
                let id = expected["entity_id"].as_str();
                assert!(matches!(case.read(id), Err(NotMetadata::Twice(_))), "{}", case.name);
                continue;
            }
            let id = expected["entity_id"].as_str().unwrap();
            let reading = case.read(Some(id)).unwrap_or_else(|why| panic!("{}: {why:?}", case.name));
            compare(&case, expected, &reading);
        }
    }
}

#[test]
fn every_signature_is_found_to_be_what_another_library_found_it_to_be() {
    for case in corpus() {
        let Ok(reading) = case.read(None) else { continue };
        let outcomes: Vec<&Outcome> = reading.signatures.iter().map(|one| &one.outcome).collect();
        let agrees = match case.signature.as_str() {
            "none" => outcomes.is_empty(),
            "verifies" => matches!(outcomes[..], [Outcome::Valid { .. }]),
            "does not verify" => matches!(outcomes[..], [Outcome::Altered | Outcome::Malformed(_)]),
            _ => matches!(outcomes[..], [Outcome::NoKey(_) | Outcome::Altered | Outcome::Malformed(_)]),
        };
        assert!(agrees, "{}: {} and {outcomes:?}", case.name, case.signature);
    }
}

/// When the certificates of `expected` were current: a moment at which as many as possible were, and the document too;
/// `None` where there was none.
fn then(expected: &Value) -> Option<Timestamp> {
    let role = expected["idp"].as_array().unwrap().iter().find(|role| role["saml2"] == true).unwrap();
    let at = |value: &Value| value.as_str().and_then(|text| text.parse::<Timestamp>().ok());
    let certificates = role["signing_certs"].as_array().unwrap().iter();
    let spans: Vec<(Timestamp, Timestamp)> =
        certificates.filter_map(|one| Some((at(&one["not_before"])?, at(&one["not_after"])?))).collect();
    let ends = [&expected["valid_until"], &role["valid_until"]].into_iter().filter_map(at).min();
    let candidates = spans.iter().map(|span| span.0 + SignedDuration::from_hours(24));
    let in_time = candidates.filter(|moment| ends.is_none_or(|end| *moment < end));
    let current = |moment: &Timestamp| spans.iter().filter(|span| span.0 <= *moment && *moment < span.1).count();
    in_time.max_by_key(current)
}

/// Refused for something that the facts do not say.
const FURTHER: [(&str, &str); 1] = [("saml/google-comment-in-text.xml", "xml_comment_in_value")];

/// Why the metadata of a provider has to be refused, derived from the facts alone.
fn faults(expected: &Value) -> Vec<&'static str> {
    const BROWSER: [&str; 2] =
        ["urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect", "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"];
    let role = expected["idp"].as_array().unwrap().iter().find(|role| role["saml2"] == true).unwrap();
    let sso: Vec<&Value> = role["sso"].as_array().unwrap().iter().collect();
    let browser: Vec<&str> = sso
        .iter()
        .filter(|one| BROWSER.contains(&one["binding"].as_str().unwrap()))
        .map(|one| one["location"].as_str().unwrap())
        .collect();
    let certificates = role["signing_certs"].as_array().unwrap();
    let good: Vec<&Value> = certificates.iter().filter(|one| one.get("error").is_none()).collect();
    let is_weak = |one: &&&Value| {
        let bits = one["key_bits"].as_u64().unwrap_or(u64::MAX);
        matches!((one["key_type"].as_str(), bits), (Some("RSA"), ..2048) | (Some("EC"), ..256) | (Some("DSA"), _))
    };
    let rules = [
        ("no_sso_endpoint", sso.is_empty()),
        ("no_browser_binding", !sso.is_empty() && browser.is_empty()),
        (
            "endpoint",
            !browser.is_empty() && !browser.iter().any(|one| one.starts_with("https://") && !one.contains(['{', '#'])),
        ),
        ("no_signing_certificate", certificates.is_empty()),
        ("cert_unreadable", !certificates.is_empty() && good.is_empty()),
        ("cert_weak_key", good.iter().any(|one| is_weak(&one))),
    ];
    rules.into_iter().filter(|(_, holds)| *holds).map(|(code, _)| code).collect()
}

#[test]
fn every_real_document_gets_the_verdict_its_facts_call_for_at_a_time_when_it_was_current() {
    let mut verdicts = [0; 3];
    for case in corpus() {
        let providers = case.providers();
        let moment = providers.first().and_then(|one| then(one));
        let now = moment.unwrap_or_else(|| "2026-01-01T00:00:00Z".parse().unwrap());
        let judgements = on_paper::metadata(&case.bytes, None, now);
        let found: Vec<&str> = judgements.iter().flat_map(on_paper::faults).collect();
        let mut expected = match providers.as_slice() {
            [one] if case.facts["has_doctype"] == false => faults(one),
            _ => vec!["not one provider"],
        };
        expected.extend(FURTHER.iter().filter(|(name, _)| *name == case.name).map(|(_, code)| *code));
        // A certificate that began after the document had ended, and the other way round.
        if expected.is_empty() && moment.is_none() {
            expected.push("never current");
        }
        let worst = on_paper::worst(&judgements);
        assert_eq!(worst == Verdict::Fail, !expected.is_empty(), "{}: {expected:?} and {found:?}", case.name);
        if case.facts["well_formed"] == false {
            assert_eq!(found, ["xml_syntax"], "{}", case.name);
        }
        verdicts[match worst {
            Verdict::Pass => 0,
            Verdict::Warn => 1,
            Verdict::Unknown | Verdict::Fail => 2,
        }] += 1;
        for finding in judgements.iter().flat_map(|one| &one.findings).filter(|one| one.level == Verdict::Fail) {
            assert!(finding.tell.is_some(), "{}: {} leaves the customer without a word", case.name, finding.code);
            assert!(finding.next.is_some(), "{}: {} leaves the agent without a next step", case.name, finding.code);
        }
    }
    let [passed, warned, failed] = verdicts;
    eprintln!("real metadata: {passed} pass, {warned} warn, {failed} fail");
}
