//! Issuers as customers paste them.

use ssoctl::finding::Verdict;
use ssoctl::intake::{Completeness, RequestDraft};
use ssoctl::request::names::IssuerUrl;
use ssoctl::request::{OnboardingRequest, ProviderRequest};

use super::Outcome;
use crate::support::on_paper;
use crate::support::provider::Provider;
use crate::support::question::{Question, assert_printable};

/// What the host of the rows becomes where a provider answers.
const HOST: &str = "idp.acme-corp.com";

/// Judged as they are read, before anybody is asked.
const READ: [(&str, &str, Outcome); 26] = {
    use Outcome::{Accept, Normalise, Reject, Warn};
    const OURS: &str = "https://idp.acme-corp.com";
    [
        ("iss-003", "https://login.microsoftonline.com/8b8a1c2d-3e4f-4a5b-9c6d-7e8f90a1b2c3/v2.0", Accept),
        ("iss-009", "https://idp.acme-corp.com/.well-known/openid-configuration", Normalise(OURS)),
        ("iss-012", "https://idp.acme-corp.com//.well-known/openid-configuration", Normalise(OURS)),
        ("iss-017", "https://idp.acme-corp.com/.WELL-KNOWN/OpenID-Configuration", Normalise(OURS)),
        (
            "iss-018",
            "https://idp.acme-corp.com/.well-known/openid-configuration/.well-known/openid-configuration",
            Reject("issuer_ambiguous"),
        ),
        ("iss-021", "https://idp.acme-corp.com/oauth2/v1/keys", Reject("not_an_issuer")),
        ("iss-030", "https://login.microsoftonline.com/consumers/v2.0", Reject("multi_tenant_issuer")),
        (
            "iss-031",
            "https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0",
            Reject("multi_tenant_issuer"),
        ),
        (
            "iss-034",
            "https://portal.azure.com/#view/Microsoft_AAD_RegisteredApps/ApplicationMenuBlade/~/Overview/appId/\
             11111111-2222-3333-4444-555555555555",
            Reject("not_an_issuer"),
        ),
        ("iss-035", "https://accounts.google.com", Warn("shared_issuer")),
        ("iss-036", "https://gitlab.com", Warn("shared_issuer")),
        ("iss-044", "`https://idp.acme-corp.com`", Normalise(OURS)),
        ("iss-052", "HTTPS://IDP.Acme-Corp.COM/oauth2/Default", Normalise("https://idp.acme-corp.com/oauth2/Default")),
        ("iss-053", "https://idp.acme-corp.com:443", Normalise(OURS)),
        ("iss-055", "acme", Reject("issuer_syntax")),
        ("iss-060", "https:\\\\idp.acme-corp.com\\oauth2", Reject("issuer_syntax")),
        ("iss-067", "http://idp.acme-corp.com", Reject("issuer_not_https")),
        ("iss-068", "ftp://idp.acme-corp.com", Reject("egress_forbidden")),
        ("iss-070", "gopher://127.0.0.1:6379/_INFO", Reject("egress_forbidden")),
        ("iss-072", "data:application/json,{}", Reject("egress_forbidden")),
        ("iss-085", "https://idp.acme-corp.com/{tenantid}/v2.0", Reject("issuer_placeholder")),
        ("iss-086", "https://YOUR_DOMAIN.okta.com", Reject("issuer_placeholder")),
        ("iss-087", "https://example.com", Reject("issuer_placeholder")),
        ("iss-088", "https://idp.\u{430}cme-corp.com", Reject("host_confusable")),
        ("iss-096", "https://idp.acme-corp.com/\u{1b}[2J", Reject("control_character")),
        ("iss-156", "https://8.8.8.8", Warn("host_is_ip")),
    ]
};

/// Addresses that this machine must not be made to call.
const PRIVATE: [(&str, &str); 9] = [
    ("iss-105", "https://2130706433"),
    ("iss-110", "https://127.255.255.254"),
    ("iss-116", "https://192.168.1.1"),
    ("iss-127", "https://255.255.255.255"),
    ("iss-132", "https://[::ffff:a9fe:a9fe]"),
    ("iss-136", "https://[2002:7f00:1::]"),
    ("iss-139", "https://[fc00::1]"),
    ("iss-142", "https://[2001:db8::1]"),
    ("iss-143", "https://[100::1]"),
];

/// Enclosed digits that stand for 127.0.0.1 once they are read as a host.
const ENCLOSED: (&str, &str) = ("iss-146", "https://\u{2460}\u{2461}\u{2466}.0.0.1");

/// Corrected by what the document says.
const CORRECTED: [(&str, &str, &str); 2] = [
    ("iss-007", "https://acme.eu.auth0.com", "https://acme.eu.auth0.com/"),
    (
        "iss-033",
        "https://login.microsoftonline.com/acme-corp.com/v2.0",
        "https://login.microsoftonline.com/8b8a1c2d-3e4f-4a5b-9c6d-7e8f90a1b2c3/v2.0",
    ),
];

pub(super) fn table() -> Vec<(&'static str, Outcome)> {
    let refused = Outcome::Reject("egress_forbidden");
    let mut table: Vec<(&str, Outcome)> = READ.iter().map(|(id, _, outcome)| (*id, *outcome)).collect();
    table.extend(PRIVATE.iter().map(|(id, _)| (*id, refused)));
    table.extend(CORRECTED.iter().map(|(id, _, to)| (*id, Outcome::Normalise(to))));
    table.push((ENCLOSED.0, refused));
    table.extend(["iss-100", "iss-102"].map(|id| (id, Outcome::Reject("too long"))));
    table
}

fn read(issuer: &str) -> (OnboardingRequest, Option<IssuerUrl>) {
    let draft = RequestDraft { issuer: Some(issuer.to_owned()), ..RequestDraft::default() };
    let request = draft.normalise(Completeness::WhatIsGiven, 50);
    let oidc = request.oidc().unwrap();
    let issuer = oidc.issuer.clone();
    (request, issuer)
}

#[test]
fn issuers_are_read_as_the_list_says() {
    for (id, given, outcome) in READ {
        let (request, issuer) = read(given);
        let worst =
            request.findings.iter().map(|finding| (finding.level, finding.code)).max_by_key(|(level, _)| *level);
        let used = issuer.as_ref().map(IssuerUrl::as_str);
        let changes = request.changed.len();
        match outcome {
            Outcome::Accept => assert_eq!((worst, used, changes), (None, Some(given), 0), "{id}"),
            Outcome::Normalise(to) => {
                assert_eq!((used, changes), (Some(to), 1), "{id}: {worst:?}");
                assert_eq!(request.changed[0].to.as_deref(), Some(to), "{id}");
            }
            Outcome::Warn(code) => assert_eq!((worst, used), (Some((Verdict::Warn, code)), Some(given)), "{id}"),
            Outcome::Reject(code) => assert_eq!((worst, used), (Some((Verdict::Fail, code)), None), "{id}"),
            Outcome::Unknown(_) => panic!("{id}: reading a text always ends in a verdict"),
        }
    }
}

#[test]
fn refused_issuers_end_the_binary_with_status_1_and_no_escape_on_the_screen() {
    for (id, given, outcome) in READ {
        let Outcome::Reject(code) = outcome else { continue };
        let said = Question::about(given).ask();
        assert_eq!(said.code(), Some(1), "{id}: {}", said.table());
        assert!(said.reasons("request-complete").contains(&code), "{id}: {}", said.table());
        assert_printable(&said.run);
        assert_printable(&Question::about(given).shown());
    }
}

#[test]
fn addresses_inside_are_refused_before_anything_is_sent() {
    for (id, given) in PRIVATE.into_iter().chain([ENCLOSED]) {
        let said = Question::about(given).ask();
        assert_eq!(said.code(), Some(1), "{id}: {}", said.table());
        assert!(said.says("egress_forbidden"), "{id}: {}", said.table());
    }
}

#[test]
fn documents_correct_an_issuer_by_a_slash_or_a_tenant() {
    for (id, given, to) in CORRECTED {
        let (request, issuer) = read(given);
        assert_eq!(request.changed, [], "{id}");
        let base = to.trim_end_matches('/');
        let document = serde_json::json!({
            "issuer": to,
            "authorization_endpoint": format!("{base}/authorize"),
            "token_endpoint": format!("{base}/token"),
            "jwks_uri": format!("{base}/keys"),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        });
        let judgement = on_paper::document(&issuer.unwrap(), document.to_string().as_bytes());
        assert_eq!(judgement.details["issuer"], to, "{id}");
        assert_eq!((judgement.verdict, judgement.findings[0].code), (Verdict::Pass, "issuer_corrected"), "{id}");
    }
}

#[test]
fn pasted_addresses_lead_to_a_provider_that_answers() {
    for (id, given, outcome) in READ {
        let Outcome::Normalise(to) = outcome else { continue };
        // A port of its own is what a test provider cannot do without.
        if id == "iss-053" {
            continue;
        }
        let path = to.split_once(HOST).unwrap().1;
        let provider = Provider::new().named_localhost().issuer_path(path).start();
        let host = format!("localhost:{}", provider.port());
        let given = given.replace(HOST, &host).replace("IDP.Acme-Corp.COM", &format!("LocalHost:{}", provider.port()));
        let said = Question::to(&provider).issuer(&given).ask();
        assert_eq!(said.code(), Some(0), "{id}: {}", said.table());
        assert_eq!(said.changed_to("issuer"), Some(provider.issuer()), "{id}: {}", said.table());
    }
}

#[test]
fn endless_issuers_are_refused_without_being_worked_through() {
    // iss-100: a host longer than DNS has room for.
    let (request, issuer) = read(&format!("https://{}com", "a.".repeat(130)));
    assert_eq!((issuer, request.findings[0].level), (None, Verdict::Fail), "iss-100");
    // iss-102: ten megabytes; the finding does not carry them along either.
    let (request, issuer) = read(&format!("https://idp.acme-corp.com/{}", "a".repeat(10 * 1024 * 1024)));
    assert_eq!((issuer, request.findings[0].code), (None, "input_too_long"), "iss-102");
    assert!(format!("{:?}", request.findings).len() < 4096, "iss-102");
}
