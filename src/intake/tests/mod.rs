//! Intake as a whole, case by case. Ids such as `iss-009` are those of the shared list of cases.

mod credentials;
mod domains;
mod email;
mod issuer;
mod properties;

use secrecy::SecretString;

use super::{Completeness, PastedSecret, RequestDraft, SecretSource};
use crate::finding::{Finding, Verdict};
use crate::input::Input;
use crate::request::{OidcRequest, OnboardingRequest, RequestedBy};

/// The usual ceiling of `policy.max_domains`.
const MAX_DOMAINS: usize = 50;

fn judged(draft: RequestDraft) -> OnboardingRequest {
    draft.normalise(Completeness::WhatIsGiven, MAX_DOMAINS)
}

fn oidc(request: &OnboardingRequest) -> &OidcRequest {
    request.oidc().unwrap()
}

fn codes(request: &OnboardingRequest, level: Verdict) -> Vec<&'static str> {
    request.findings.iter().filter(|one| one.level == level).map(|one| one.code).collect()
}

fn finding<'a>(request: &'a OnboardingRequest, code: &str) -> &'a Finding {
    request
        .findings
        .iter()
        .find(|one| one.code == code)
        .unwrap_or_else(|| panic!("no {code} among {:?}", request.findings))
}

fn pasted(text: &str, source: SecretSource) -> PastedSecret {
    PastedSecret { text: SecretString::from(text.to_owned()), source }
}

fn complete() -> RequestDraft {
    RequestDraft {
        owner: Some("jane@acme.example".to_owned()),
        issuer: Some("https://login.acme.example/oauth2/default".to_owned()),
        client_id: Some("0oa1b2c3d4e5".to_owned()),
        client_secret: Some(pasted("s3cr3t-Value~1", SecretSource::Stdin)),
        ticket: Some("48213".to_owned()),
        ..RequestDraft::default()
    }
}

#[test]
fn a_clean_and_complete_request_says_nothing() {
    let request = complete().normalise(Completeness::Everything, MAX_DOMAINS);
    assert!(request.findings.is_empty(), "{:?}", request.findings);
    assert!(request.changed.is_empty());
    assert_eq!(oidc(&request).issuer.as_ref().unwrap().as_str(), "https://login.acme.example/oauth2/default");
    assert_eq!(oidc(&request).client_secret.as_ref().unwrap().expose(), "s3cr3t-Value~1");
    assert_eq!(request.claimed_domains()[0].as_str(), "acme.example");
}

#[test]
fn everything_that_is_missing_is_named_with_its_flag_at_once() {
    let request = RequestDraft::default().normalise(Completeness::Everything, MAX_DOMAINS);
    let facts: Vec<&str> = request.findings.iter().map(|one| one.fact.as_str()).collect();
    for flag in ["--owner", "--issuer", "--client-id", "--client-secret-file"] {
        assert!(facts.iter().any(|fact| fact.contains(flag)), "{flag} in {facts:?}");
    }
    assert_eq!(codes(&request, Verdict::Fail), ["value_missing"; 4]);
}

#[test]
fn check_does_not_ask_for_what_was_not_given() {
    assert!(judged(RequestDraft::default()).findings.is_empty());
}

#[test]
fn an_empty_value_is_missing_even_for_check() {
    let draft =
        RequestDraft { issuer: Some("  \u{200b} ".to_owned()), owner: Some(String::new()), ..RequestDraft::default() };
    assert_eq!(codes(&judged(draft), Verdict::Fail), ["value_missing", "value_missing"]);
}

#[test]
fn all_problems_come_in_one_run() {
    let draft = RequestDraft {
        owner: Some("a@b@c".to_owned()),
        issuer: Some("https://YOUR_DOMAIN.okta.com".to_owned()),
        client_id: Some("jane@acme.example".to_owned()),
        client_secret: Some(pasted("changeme", SecretSource::Prompt)),
        domains: vec!["-acme.com".to_owned()],
        ticket: Some("4\u{7}".to_owned()),
        ..RequestDraft::default()
    };
    let request = judged(draft);
    assert_eq!(codes(&request, Verdict::Fail).len(), 6, "{:?}", request.findings);
}

#[test]
fn every_failure_says_why_what_to_do_and_what_to_write_back() {
    let drafts = [
        ("acme", "x", "https://a.example"),
        ("https://login.microsoftonline.com/common/v2.0", "a@b@c", "your-client-id"),
        ("https://idp.acme.example/oauth2/v1/keys", "", ""),
        ("http://idp.acme.example", "a@x.example, b@x.example", "a b"),
        ("gopher://idp.acme.example", "jane@acme_corp.example", "GOCSPX-abcdef"),
    ];
    for (issuer, owner, id) in drafts {
        let request = judged(RequestDraft {
            issuer: Some(issuer.to_owned()),
            owner: Some(owner.to_owned()),
            client_id: Some(id.to_owned()),
            client_secret: Some(pasted("<redacted>", SecretSource::Stdin)),
            domains: vec!["com".to_owned(), "a b".to_owned()],
            ..RequestDraft::default()
        });
        for one in request.findings.iter().filter(|one| one.level == Verdict::Fail) {
            assert!(one.why.is_some() && one.next.is_some() && one.tell.is_some(), "{one:?}");
        }
    }
}

#[test]
fn an_empty_ticket_reference_is_nothing_the_customer_is_asked_for() {
    for text in ["", "  ", "\u{200b}"] {
        let request = judged(RequestDraft { ticket: Some(text.to_owned()), ..RequestDraft::default() });
        let finding = request.findings.iter().find(|one| one.level == Verdict::Fail).unwrap();
        assert_eq!((finding.code, &finding.tell), ("ticket_syntax", &None), "{text:?}");
    }
}

#[test]
fn who_asked_is_known_or_said_to_be_unreadable() {
    let unreadable = |requested_by: Option<&str>| {
        let requested_by = requested_by.map(str::to_owned);
        judged(RequestDraft { requested_by, ..RequestDraft::default() }).requested_by == RequestedBy::Unreadable
    };
    assert!(!unreadable(None) && !unreadable(Some("amir@acme.example")));
    assert!(unreadable(Some("amir at acme")) && unreadable(Some("a@acme.example, b@acme.example")));
}

#[test]
fn a_ticket_reference_is_trimmed_and_said() {
    let request = judged(RequestDraft { ticket: Some(" 48213\n".to_owned()), ..RequestDraft::default() });
    assert_eq!(request.ticket.as_ref().unwrap().as_str(), "48213");
    assert_eq!(request.changed[0].input, Input::Ticket);
}

#[test]
fn a_secret_pasted_into_another_field_is_not_shown() {
    let request = judged(RequestDraft {
        issuer: Some("CANARY-77".to_owned()),
        owner: Some("CANARY-77@@".to_owned()),
        client_secret: Some(pasted("CANARY-77", SecretSource::Stdin)),
        ..RequestDraft::default()
    });
    assert!(!format!("{:?} {:?}", request.findings, request.changed).contains("CANARY"), "{:?}", request.findings);
}

#[test]
fn a_secret_in_an_address_or_a_domain_is_refused_there_and_not_shown() {
    let with_secret = || RequestDraft {
        client_secret: Some(pasted("Canary-s3cr3t-77", SecretSource::Stdin)),
        ..RequestDraft::default()
    };
    let address = || Some("Canary-s3cr3t-77@acme.example".to_owned());
    let domains = || vec!["acme.example".to_owned(), "canary-s3cr3t-77.example".to_owned()];
    for draft in [
        RequestDraft { owner: address(), ..with_secret() },
        RequestDraft { requested_by: address(), ..with_secret() },
        RequestDraft { domains: domains(), ..with_secret() },
        RequestDraft { domains: domains(), vouched_domains: domains(), ..with_secret() },
    ] {
        let request = judged(draft);
        assert!(codes(&request, Verdict::Fail).contains(&"secret_elsewhere"), "{:?}", request.findings);
        assert!(!format!("{request:?}").to_lowercase().contains("canary"), "{request:?}");
    }
}

#[test]
fn what_is_called_a_secret_is_not_shown_whatever_field_it_stands_in() {
    let text = || Some("Client secret: CANARY-77".to_owned());
    let document = || Some(r#"{"web": {"client_id": "1", "client_secret": "CANARY-77"}}"#.to_owned());
    for draft in [
        RequestDraft { owner: text(), ..RequestDraft::default() },
        RequestDraft { requested_by: text(), ..RequestDraft::default() },
        RequestDraft { issuer: text(), ..RequestDraft::default() },
        RequestDraft {
            issuer: Some("https://idp.example client_secret=CANARY-77".to_owned()),
            ..RequestDraft::default()
        },
        RequestDraft { client_id: text(), ..RequestDraft::default() },
        RequestDraft { client_id: Some("client_secret=CANARY-77".to_owned()), ..RequestDraft::default() },
        RequestDraft { client_id: Some("0oa1b2c3d4e5f6g7h8i9:CANARY-77".to_owned()), ..RequestDraft::default() },
        RequestDraft { domains: vec!["client-secret: CANARY-77".to_owned()], ..RequestDraft::default() },
        RequestDraft { owner: Some("{\"client_secret\": \"CANARY-77\"}".to_owned()), ..RequestDraft::default() },
        RequestDraft { issuer: Some("{'client_secret':'CANARY-77', 'x': 1}".to_owned()), ..RequestDraft::default() },
        RequestDraft { owner: Some("client_secret => CANARY-77,".to_owned()), ..RequestDraft::default() },
        RequestDraft { ticket: Some("**Client Secret**: CANARY-77".to_owned()), ..RequestDraft::default() },
        RequestDraft { owner: document(), ..RequestDraft::default() },
        RequestDraft { issuer: document(), ..RequestDraft::default() },
        RequestDraft { client_id: document(), ..RequestDraft::default() },
        RequestDraft { domains: document().into_iter().collect(), ..RequestDraft::default() },
    ] {
        let shown = format!("{draft:?}");
        let request = judged(draft);
        assert!(!codes(&request, Verdict::Fail).is_empty(), "{shown}");
        assert!(!format!("{request:?}").contains("CANARY"), "{shown}: {request:?}");
    }
}

#[test]
fn a_draft_shows_no_secret_when_debugged() {
    let shown = format!("{:?}", complete());
    assert!(!shown.contains("s3cr3t") && shown.contains("Stdin"), "{shown}");
}
