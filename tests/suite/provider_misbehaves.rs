//! Providers that answer badly, slowly, wrongly or not at all: each gets its own sentence, reason and exit status.
//!
//! Silence takes as long as the product's own limit, so the tests that wait for it are few.

use serde_json::json;

use crate::support::provider::{Behaviour, Provider, Route, RunningProvider, Tls};
use crate::support::question::{Question, Verdicts, assert_printable};
use crate::support::world::World;

const DISCOVERY: &str = "oidc-discovery";

/// What one way of answering discovery has to lead to.
struct Expected {
    exit: i32,
    verdict: &'static str,
    code: &'static str,
    /// A part of the one line that people read.
    sentence: String,
}

fn fails(code: &'static str, sentence: impl Into<String>) -> Expected {
    Expected { exit: 1, verdict: "fail", code, sentence: sentence.into() }
}

fn unknown(code: &'static str, sentence: impl Into<String>) -> Expected {
    Expected { exit: 3, verdict: "unknown", code, sentence: sentence.into() }
}

fn answering(behaviour: Behaviour) -> RunningProvider {
    Provider::new().on(Route::Discovery, behaviour).start()
}

fn asked(provider: &RunningProvider) -> Verdicts {
    Question::to(provider).client(provider.client_id(), provider.client_secret()).ask()
}

/// Asks a provider that answers discovery in this way, and compares. Whatever went wrong, no secret left this machine.
#[track_caller]
fn leads_to(behaviour: Behaviour, expected: &Expected) -> (RunningProvider, Verdicts) {
    let provider = answering(behaviour);
    let said = asked(&provider);
    let found = (said.code(), said.verdict(DISCOVERY), said.reasons(DISCOVERY)[0]);
    assert_eq!(found, (Some(expected.exit), expected.verdict, expected.code), "{}", said.table());
    assert!(said.summary(DISCOVERY).contains(&expected.sentence), "{}", said.summary(DISCOVERY));
    assert_printable(&said.run);
    assert!(!said.run.everything().contains(provider.client_secret()));
    assert!(provider.requests_to(Route::Token).is_empty(), "a secret was sent");
    assert_eq!(said.verdict("oidc-credentials"), "unknown", "what was not asked is not known");
    (provider, said)
}

#[test]
fn a_login_page_is_called_one() {
    leads_to(Behaviour::login_page(), &fails("login_page", "shows a sign-in page (HTML) instead of the document"));
}

#[test]
fn html_with_status_200_is_called_a_web_page() {
    let page = Behaviour::status(200).body("<html><h1>Welcome</h1></html>").content_type("text/html");
    leads_to(page, &fails("html_page", "a web page (HTML), not JSON"));
}

#[test]
fn a_redirect_is_reported_and_not_followed() {
    let target = Provider::new().start();
    let location = format!("{}/.well-known/openid-configuration", target.origin());
    for status in [301, 302, 303, 307, 308] {
        let (_, said) = leads_to(
            Behaviour::redirect(&location).with_status(status),
            &fails("redirect_refused", format!("a redirect (status {status})")),
        );
        assert_eq!(said.evidence(DISCOVERY, "redirects to"), Some(location.as_str()));
    }
    assert_eq!(target.connections(), 0, "the target was asked");
}

#[test]
fn a_redirect_to_ourselves_is_not_followed_either() {
    let (provider, said) = leads_to(
        Behaviour::redirect("{origin}/elsewhere"),
        &fails("redirect_refused", "the address answers with a redirect"),
    );
    assert!(provider.requests_to(Route::Elsewhere).is_empty());
    assert_eq!(said.evidence(DISCOVERY, "redirects to"), Some(format!("{}/elsewhere", provider.origin()).as_str()));
}

#[test]
fn a_truncated_document_is_said_to_end_in_the_middle() {
    let cut = Behaviour::edit(|text| text.as_bytes()[..text.len() - 40].to_vec());
    leads_to(cut, &fails("not_json", "ends in the middle"));
}

#[test]
fn an_empty_answer_is_called_empty() {
    leads_to(Behaviour::status(200).content_type("application/json"), &fails("not_json", "the answer is empty"));
    leads_to(Behaviour::status(204), &fails("not_json", "the answer is empty"));
}

#[test]
fn a_body_that_never_stops_is_cut_off_at_the_limit() {
    let expected = fails("body_too_large", "larger than 1048576 bytes");
    let (provider, _) = leads_to(Behaviour::oversized(4 * 1024 * 1024), &expected);
    assert_eq!(provider.requests_to(Route::Discovery).len(), 1, "too large is no reason to ask again");
}

#[test]
fn a_body_announced_as_too_large_is_refused_before_it_is_read() {
    // Not a byte of it is ever sent: reading would end in a time-out, and with another reason.
    leads_to(Behaviour::announcing(52_428_800), &fails("body_too_large", "larger than 1048576 bytes"));
}

#[test]
fn a_status_that_is_no_answer_is_named() {
    for (status, expected) in [
        (401, fails("http_401", "asks for a sign-in (status 401)")),
        (403, fails("http_403", "refuses us (status 403)")),
        (404, fails("http_404", "there is no discovery document at this address")),
        (206, fails("http_unexpected", "status 206 instead of 200")),
        (400, fails("http_unexpected", "status 400 instead of 200")),
        (500, unknown("http_5xx", "status 500")),
        (502, unknown("http_5xx", "status 502")),
        (503, unknown("http_5xx", "status 503")),
    ] {
        let page = Behaviour::status(status).body("<h1>error</h1>").content_type("text/html");
        let (provider, _) = leads_to(page, &expected);
        let tries = if status >= 500 { 2 } else { 1 };
        assert_eq!(provider.requests_to(Route::Discovery).len(), tries, "status {status}");
    }
}

#[test]
fn too_many_requests_is_no_verdict_and_its_retry_after_is_honoured() {
    let (provider, _) = leads_to(Behaviour::status(429).header("Retry-After", "1"), &unknown("http_429", "status 429"));
    assert_eq!(provider.requests_to(Route::Discovery).len(), 2);
    // A wait that the budget has no room for is not begun.
    let (provider, _) =
        leads_to(Behaviour::status(429).header("Retry-After", "3600"), &unknown("http_429", "status 429"));
    assert_eq!(provider.requests_to(Route::Discovery).len(), 1);
}

#[test]
fn a_provider_that_is_busy_once_is_accepted() {
    let busy_once = Behaviour::sequence([Behaviour::status(503).header("Retry-After", "0"), Behaviour::baseline()]);
    let said = asked(&answering(busy_once));
    assert_eq!((said.code(), said.verdict(DISCOVERY)), (Some(0), "pass"), "{}", said.table());
}

#[test]
fn a_connection_reset_once_is_tried_again() {
    let provider = answering(Behaviour::sequence([Behaviour::reset(), Behaviour::baseline()]));
    let said = asked(&provider);
    assert_eq!((said.code(), said.verdict(DISCOVERY)), (Some(0), "pass"), "{}", said.table());
    assert_eq!(provider.requests_to(Route::Discovery).len(), 2);
}

#[test]
fn a_connection_reset_twice_is_no_verdict() {
    let (provider, _) = leads_to(
        Behaviour::reset(),
        &unknown("connection_reset", "closed the connection before its answer was complete"),
    );
    assert_eq!(provider.requests_to(Route::Discovery).len(), 2, "one retry and no more");
}

#[test]
fn a_body_that_breaks_off_before_its_announced_end_is_no_verdict() {
    let (provider, _) = leads_to(
        Behaviour::baseline().truncated_by(20),
        &unknown("connection_reset", "closed the connection before its answer was complete"),
    );
    assert_eq!(provider.requests_to(Route::Discovery).len(), 2);
}

#[test]
fn a_provider_that_is_not_there_is_no_verdict() {
    let provider = Provider::new().start();
    let (issuer, access) = (provider.issuer().to_owned(), provider.access());
    let folder = World::empty();
    let ca = folder.write("ca.pem", std::fs::read(provider.ca_file()).unwrap()).display().to_string();
    drop(provider);
    let said = Question::about(&issuer).with(&[access[0].as_str(), &access[1], "--ca-cert", &ca]).ask();
    assert_eq!((said.code(), said.outcome(DISCOVERY)), (Some(3), ("unknown", "connect_failed")), "{}", said.table());
    assert_eq!(said.report["outcome"], "unknown");
}

#[test]
fn silence_ends_at_the_limit_and_is_no_verdict() {
    leads_to(Behaviour::never_answer(), &unknown("timeout", "did not answer within 10 s"));
}

#[test]
fn a_slow_drip_ends_at_the_limit_and_says_how_much_came() {
    let (_, said) = leads_to(Behaviour::baseline().drip(10, 250), &unknown("slow_drip", "sent its answer too slowly"));
    assert!(said.summary(DISCOVERY).contains("bytes after 10 s, and not finished"), "{}", said.summary(DISCOVERY));
}

#[test]
fn answers_framed_in_two_ways_are_refused() {
    leads_to(Behaviour::baseline().framed_twice(), &fails("http_protocol", "is not valid HTTP"));
}

#[test]
fn headers_without_end_are_refused() {
    leads_to(Behaviour::baseline().many_headers(8192, 128), &fails("http_protocol", "is not valid HTTP"));
    leads_to(Behaviour::baseline().many_headers(10, 4000), &fails("http_protocol", "is not valid HTTP"));
}

#[test]
fn what_is_no_http_at_all_is_refused() {
    leads_to(Behaviour::raw(*b"220 mail.acme.example ESMTP\r\n"), &fails("http_protocol", "is not valid HTTP"));
}

#[test]
fn a_compressed_body_that_nobody_asked_for_is_refused() {
    leads_to(Behaviour::baseline().claiming_gzip(), &fails("http_protocol", "is not valid HTTP"));
}

#[test]
fn chunks_of_one_byte_are_read_like_any_other() {
    for accepted in [Behaviour::baseline().chunked(1), Behaviour::baseline().until_close()] {
        let said = asked(&answering(accepted));
        assert_eq!((said.code(), said.verdict(DISCOVERY)), (Some(0), "pass"), "{}", said.table());
    }
}

#[test]
fn a_document_labelled_as_plain_text_is_taken_with_a_warning() {
    let said = asked(&answering(Behaviour::baseline().content_type("text/plain")));
    assert_eq!((said.code(), said.outcome(DISCOVERY)), (Some(0), ("warn", "content_type")), "{}", said.table());
    assert_eq!(said.evidence(DISCOVERY, "Content-Type"), Some("text/plain"));
}

#[test]
fn a_document_labelled_with_a_character_set_or_not_at_all_is_taken_as_it_is() {
    for accepted in [
        Behaviour::baseline().content_type("application/json; charset=utf-8"),
        Behaviour::baseline().without_content_type(),
    ] {
        let said = asked(&answering(accepted));
        assert_eq!((said.code(), said.verdict(DISCOVERY)), (Some(0), "pass"), "{}", said.table());
    }
}

#[test]
fn an_endpoint_over_plain_http_is_refused_and_never_asked() {
    for member in ["token_endpoint", "authorization_endpoint", "jwks_uri", "userinfo_endpoint", "revocation_endpoint"] {
        let plain = Provider::new().tls(Tls::PlainHttp).start();
        let url = format!("{}/{member}", plain.origin());
        let (_, said) = leads_to(
            Behaviour::patch(json!({ member: url })),
            &fails("endpoint_not_https", format!("`{member}` is not an https address")),
        );
        assert_eq!(said.evidence(DISCOVERY, member), Some(url.as_str()));
        assert_eq!(plain.connections(), 0, "{member} was asked");
    }
}

#[test]
fn endpoints_in_a_private_network_are_not_asked() {
    let inside = Provider::new().start();
    let jwks = format!("{}/jwks", inside.origin());
    let said = asked(&answering(Behaviour::patch(json!({ "jwks_uri": jwks }))));
    assert_eq!((said.code(), said.outcome(DISCOVERY)), (Some(1), ("fail", "egress_forbidden")), "{}", said.table());
    assert_eq!(said.outcome("oidc-keys"), ("unknown", "not_asked"), "told once");
    assert_eq!(inside.connections(), 0);

    let token = format!("{}/token", inside.origin());
    let said = asked(&answering(Behaviour::patch(json!({ "token_endpoint": token }))));
    assert_ne!(said.code(), Some(0), "{}", said.table());
    assert_ne!(said.classification(), "credentials_ok");
    assert_eq!(inside.connections(), 0, "the secret would have gone into the private network");
}

#[test]
fn another_issuer_is_refused_and_both_are_named() {
    let (provider, said) = leads_to(
        Behaviour::patch(json!({"issuer": "https://other.acme-corp.com"})),
        &fails("issuer_mismatch", "the provider calls itself by another issuer: the host differs"),
    );
    assert_eq!(said.evidence(DISCOVERY, "customer gave"), Some(provider.issuer()));
    assert_eq!(said.evidence(DISCOVERY, "provider says"), Some("https://other.acme-corp.com"));
}

#[test]
fn an_issuer_of_the_wrong_type_is_refused() {
    for (value, code) in
        [(json!(null), "discovery_missing"), (json!(["x"]), "discovery_type"), (json!(7), "discovery_type")]
    {
        leads_to(Behaviour::patch(json!({ "issuer": value })), &fails(code, "`issuer`"));
    }
}

#[test]
fn a_trailing_slash_is_taken_from_the_document_and_said() {
    let provider = answering(Behaviour::patch(json!({"issuer": "{issuer}/"})));
    let with_slash = format!("{}/", provider.issuer());
    let said = asked(&provider);
    assert_eq!((said.code(), said.outcome(DISCOVERY)), (Some(0), ("pass", "issuer_corrected")), "{}", said.table());
    assert_eq!(said.report["connection"]["issuer"], with_slash);
    let said = Question::to(&answering(Behaviour::baseline())).issuer(&with_slash).ask();
    assert_eq!(said.report["connection"], json!(null), "another provider's address");
}

#[test]
fn a_member_given_twice_is_refused_however_it_is_spelt() {
    for twice in
        ["\"token_endpoint\":\"https://evil.example.net/t\"", "\"token\\u005fendpoint\":\"https://evil.example.net/t\""]
    {
        let behaviour = Behaviour::edit(move |text| text.replacen('{', &format!("{{{twice},"), 1).into_bytes());
        leads_to(behaviour, &fails("json_duplicate_key", "`token_endpoint` stands in the document twice"));
    }
}

#[test]
fn bytes_that_are_no_json_are_refused() {
    let garbage = Behaviour::edit(|text| (text + "}{").into_bytes());
    leads_to(garbage, &fails("not_json", "not JSON (line 1, column"));
    let broken_text = Behaviour::edit(|text| {
        let (before, after) = text.split_once("\"issuer\":\"").unwrap();
        [before.as_bytes(), b"\"issuer\":\"\xc3\x28", after.as_bytes()].concat()
    });
    leads_to(broken_text, &fails("not_json", "not valid UTF-8"));
    let deep = Behaviour::status(200).body("[".repeat(100_000) + &"]".repeat(100_000)).content_type("application/json");
    leads_to(deep, &fails("json_too_deep", "nested deeper than 64 levels"));
}

#[test]
fn an_answer_that_echoes_our_request_holds_no_secret() {
    let (provider, _) = leads_to(Behaviour::echo(500), &unknown("http_5xx", "status 500"));
    let needle = provider.client_secret().as_bytes();
    for request in provider.requests() {
        assert!(!request.raw.windows(needle.len()).any(|window| window == needle));
        assert_eq!(request.header("authorization"), None);
    }
}

#[test]
fn what_a_provider_says_of_itself_cannot_steer_the_terminal() {
    let behaviour = Behaviour::patch(json!({
        "issuer": "https://evil.example/\u{1b}[2J\u{202e}\u{7}",
        "token_endpoint": "http://evil.example/\u{1b}]0;owned\u{7}",
    }));
    let (provider, _) = leads_to(behaviour, &fails("issuer_mismatch", "another issuer"));
    let run = Question::to(&provider).shown().expect_code(1);
    assert_printable(&run);
    let behaviour = Behaviour::status(302).header("Location", "https://evil.example/\u{9b}2J");
    let provider = answering(behaviour);
    assert_printable(&Question::to(&provider).shown());
}

#[test]
fn what_people_read_names_no_library() {
    for behaviour in [
        Behaviour::reset(),
        Behaviour::raw(*b"nonsense\r\n\r\n"),
        Behaviour::baseline().framed_twice(),
        Behaviour::oversized(2 * 1024 * 1024),
        Behaviour::edit(|text| (text + "}").into_bytes()),
    ] {
        let provider = answering(behaviour);
        let shown = Question::to(&provider).shown().everything();
        for word in ["reqwest", "hyper", "rustls", "serde", "Error(", "Kind(", "panicked"] {
            assert!(!shown.contains(word), "{word} in {shown}");
        }
        assert!(shown.contains("next"), "no next step in {shown}");
    }
}
