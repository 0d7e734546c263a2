use super::{codes, finding, judged};
use crate::finding::Verdict;
use crate::input::Input;
use crate::intake::RequestDraft;
use crate::request::OnboardingRequest;

fn given(owner: &str) -> OnboardingRequest {
    judged(RequestDraft { owner: Some(owner.to_owned()), ..RequestDraft::default() })
}

fn text(request: &OnboardingRequest) -> Option<String> {
    request.owner.as_ref().map(ToString::to_string)
}

#[test]
fn a_good_address_is_taken_as_it_is() {
    let addresses = [
        "owner+sso@acme-corp.com",       // eml-012: a tag is part of the address
        "o.wner@acme-corp.com",          // eml-013
        "inhaber@xn--mller-gmbh-9db.de", // eml-040
        "boss@gmail.com",                // eml-052: refused by the domain check
        "boss@mailinator.com",           // eml-053: likewise
        "o'brien@acme-corp.com",         // eml-054
        "Jane.Doe@acme.example",
    ];
    for address in addresses {
        let request = given(address);
        assert_eq!(text(&request).as_deref(), Some(address), "{:?}", request.findings);
        assert!(request.findings.is_empty() && request.changed.is_empty(), "{address}: {:?}", request.findings);
    }
}

#[test]
fn a_mangled_address_is_mended_and_said() {
    let cases = [
        ("eml-003", "Owner@Acme-Corp.COM", "Owner@acme-corp.com"),
        ("eml-038", "\u{200f}owner@acme-corp.com", "owner@acme-corp.com"),
        ("angle", "<owner@acme.example>", "owner@acme.example"),
        ("mailto", "mailto:owner@acme.example", "owner@acme.example"),
        ("angle mailto", "<MAILTO:owner@acme.example?subject=SSO>", "owner@acme.example"),
        ("markdown", "[owner@acme.example](mailto:owner@acme.example)", "owner@acme.example"),
        ("named markdown", "[Jane](mailto:owner@acme.example)", "owner@acme.example"),
        ("name", "Jane Doe <owner@acme.example>", "owner@acme.example"),
        ("quoted name", "\"Doe, Jane\" <owner@acme.example>", "owner@acme.example"),
        ("outlook", "owner@acme.example<mailto:owner@acme.example>", "owner@acme.example"),
        ("outlook in plain text", "owner@acme.example [mailto:owner@acme.example]", "owner@acme.example"),
        ("outlook, named", "Doe, Jane [mailto:owner@acme.example]", "owner@acme.example"),
        ("wide colon", "E-mail：owner@acme.example", "owner@acme.example"),
        ("quotes", "'owner@acme.example'", "owner@acme.example"),
        ("dot", "owner@acme.example.", "owner@acme.example"),
        ("list", "owner@acme.example;", "owner@acme.example"),
        ("label", "Owner: owner@acme.example", "owner@acme.example"),
        ("the label of our own question", "Team owner's e-mail: owner@acme.example", "owner@acme.example"),
        ("an apostrophe of a word processor", "Owner\u{2019}s email: owner@acme.example", "owner@acme.example"),
        ("a label in its own cell", "Email address\towner@acme.example", "owner@acme.example"),
        ("numbered", "1. owner@acme.example", "owner@acme.example"),
        ("ticked", "owner@acme.example \u{2705}", "owner@acme.example"),
        ("tags of a web page", "<p>owner@acme.example</p>", "owner@acme.example"),
        ("html", "<a href=\"mailto:owner@acme.example\">owner@acme.example</a>", "owner@acme.example"),
        ("nbsp", "owner@acme.example\u{a0}\r\n", "owner@acme.example"),
        ("wide at", "owner\u{ff20}acme.example", "owner@acme.example"),
        ("the same twice", "owner@acme.example; Owner@acme.example", "owner@acme.example"),
        ("marked by a program", "Jane <\u{202d}owner@acme.example\u{202c}>", "owner@acme.example"),
        ("idn", "inhaber@m\u{fc}ller-gmbh.de", "inhaber@xn--mller-gmbh-9db.de"),
    ];
    for (id, address, wanted) in cases {
        let request = given(address);
        assert_eq!(text(&request).as_deref(), Some(wanted), "{id}: {:?}", request.findings);
        assert_eq!((request.changed[0].input, request.changed[0].to.as_deref()), (Input::Owner, Some(wanted)), "{id}");
        assert!(codes(&request, Verdict::Fail).is_empty() && codes(&request, Verdict::Warn).is_empty(), "{id}");
    }
}

#[test]
fn what_is_no_address_is_refused_with_its_reason() {
    let cases = [
        ("eml-017", "owner@evil.com@acme-corp.com", "email_syntax"),
        ("eml-027", "owner@acme_corp.com", "email_syntax"),
        ("eml-030", "owner@acme-corp.com(comment)", "email_syntax"),
        ("eml-058", "${jndi:ldap://x}@acme-corp.com", "email_syntax"),
        ("a comment set off", "owner@acme.example (Jane)", "email_syntax"),
        ("html lies", "<a href=\"mailto:b@evil.example\">a@acme.example</a>", "email_ambiguous"),
        ("a word in front", "not owner@acme.example", "email_syntax"),
        ("no at", "owner", "email_syntax"),
        ("quoted local", "\"a b\"@acme.example", "email_syntax"),
        ("literal", "owner@[127.0.0.1]", "email_syntax"),
        ("address", "owner@127.0.0.1", "email_syntax"),
        ("one label", "owner@localhost", "email_syntax"),
        ("space", "ow ner@acme.example", "email_syntax"),
        ("url", "https://acme.example/@owner", "email_syntax"),
        ("two", "a@acme.example, b@acme.example", "email_ambiguous"),
        ("two words", "a@acme.example or b@acme.example", "email_ambiguous"),
        ("lying name", "\"a@acme.example\" <b@evil.example>", "email_ambiguous"),
        ("lying name of outlook's", "a@acme.example [mailto:b@evil.example]", "email_ambiguous"),
        ("lying link", "[a@acme.example](mailto:b@evil.example)", "email_ambiguous"),
        ("homograph", "owner@\u{430}cme-corp.com", "host_confusable"),
        ("escape", "owner@acme.example\u{1b}[2J", "control_character"),
        ("turned round", "own\u{202e}re@acme.example", "control_character"),
        ("turned domain", "owner@\u{202e}moc.emca", "control_character"),
        ("one and a word", "owner@acme.example of Acme", "email_syntax"),
    ];
    for (id, address, code) in cases {
        let request = given(address);
        assert_eq!(codes(&request, Verdict::Fail), [code], "{id}: {:?}", request.findings);
        assert!(request.owner.is_none() && request.changed.is_empty(), "{id}");
    }
}

#[test]
fn an_overlong_address_is_refused() {
    // eml-045
    let request = given(&format!("{}@{}com", "a".repeat(64), "b.".repeat(95)));
    assert_eq!(codes(&request, Verdict::Fail), ["email_syntax"]);
}

#[test]
fn a_hundred_thousand_ats_are_refused() {
    // eml-046
    assert_eq!(codes(&given(&"a@".repeat(100_000)), Verdict::Fail), ["input_too_long"]);
    assert_eq!(codes(&given(&"a@".repeat(2_000)), Verdict::Fail), ["email_syntax"]);
}

#[test]
fn a_routed_address_is_a_warning_that_names_its_domain() {
    // eml-032
    let request = given("user%acme-corp.com@relay.net");
    assert_eq!(text(&request).as_deref(), Some("user%acme-corp.com@relay.net"));
    assert!(finding(&request, "email_unusual").fact.contains("relay.net"));
}

#[test]
fn the_requester_is_read_in_the_same_way() {
    let request =
        judged(RequestDraft { requested_by: Some("<Jo@Acme.example>".to_owned()), ..RequestDraft::default() });
    assert_eq!(request.requested_by.address().unwrap().to_string(), "Jo@acme.example");
    assert_eq!(request.changed[0].input, Input::RequestedBy);
}
