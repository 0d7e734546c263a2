//! Is the secret right? Asked of every recorded dialect, without signing anybody in and without giving anything away.

use serde_json::json;

use crate::support::provider::{
    Authorize, Behaviour, CLIENT_SECRET, Dialect, How, Provider, Reply, Route, RunningProvider, TELLING, entra_error,
};
use crate::support::question::{Question, Verdicts, assert_printable};
use crate::support::world::World;

const CREDENTIALS: &str = "oidc-credentials";
const REDIRECT: &str = "oidc-redirect-uri";

fn token(behaviour: Behaviour) -> RunningProvider {
    Provider::new().on(Route::Token, behaviour).start()
}

fn asked_with(provider: &RunningProvider, id: &str, secret: &str) -> Verdicts {
    let said = Question::to(provider).client(id, secret).ask();
    assert!(credential_requests(provider) <= 5, "{} requests: {}", credential_requests(provider), said.table());
    assert!(!said.run.everything().contains(secret), "the secret was printed: {}", said.run.everything());
    said
}

fn asked(provider: &RunningProvider) -> Verdicts {
    asked_with(provider, provider.client_id(), provider.client_secret())
}

/// Requests that carried credentials or asked for tokens.
fn credential_requests(provider: &RunningProvider) -> usize {
    [Route::Token, Route::Revocation, Route::Introspection, Route::PushedAuthorization]
        .into_iter()
        .map(|route| provider.requests_to(route).len())
        .sum()
}

#[track_caller]
fn concludes(said: &Verdicts, exit: i32, verdict: &str, classification: &str) {
    let found = (said.code(), said.verdict(CREDENTIALS), said.classification());
    assert_eq!(found, (Some(exit), verdict, classification), "{}", said.table());
}

#[test]
fn the_right_secret_is_accepted_in_every_dialect_that_tells() {
    for &dialect in TELLING {
        let provider = token(Behaviour::dialect(dialect));
        let said = asked(&provider);
        assert_eq!((said.code(), said.classification()), (Some(0), "credentials_ok"), "{dialect:?}: {}", said.table());
        assert_eq!(said.verdict(CREDENTIALS), "pass", "{dialect:?}");
        assert_eq!(credential_requests(&provider), 2, "{dialect:?}: one question and its control");
    }
}

#[test]
fn a_wrong_secret_is_refused_in_every_dialect_that_tells() {
    for &dialect in TELLING {
        let provider = token(Behaviour::dialect(dialect));
        let said = asked_with(&provider, provider.client_id(), "CANARY-another");
        assert_eq!((said.code(), said.classification()), (Some(1), "bad_secret"), "{dialect:?}: {}", said.table());
        assert_eq!(said.outcome(CREDENTIALS), ("fail", "bad_secret"), "{dialect:?}");
        let reply = said.report["reply"].as_str().unwrap();
        assert!(reply.contains(provider.client_id()), "{dialect:?}: {reply}");
    }
}

#[test]
fn an_unknown_client_is_refused_and_called_so_where_the_dialect_does() {
    for &dialect in TELLING {
        let expected = match dialect {
            // These give one and the same answer for an unknown id and a wrong secret.
            Dialect::Auth0
            | Dialect::Keycloak
            | Dialect::PingFederate
            | Dialect::OneLogin
            | Dialect::Cognito
            | Dialect::GitLab
            | Dialect::Hydra
            | Dialect::Forbidding => (1, "bad_secret"),
            // 404 with nothing but "Not Found": it may as well be the address that is wrong.
            Dialect::GitHub => (0, "inconclusive"),
            _ => (1, "unknown_client"),
        };
        let provider = token(Behaviour::dialect(dialect));
        let said = asked_with(&provider, "0oa-of-somebody-else", "CANARY-another");
        let found = (said.code().unwrap(), said.classification());
        assert_eq!(found, expected, "{dialect:?}: {}", said.table());
    }
}

#[test]
fn a_client_registered_for_one_method_is_accepted_by_that_one() {
    for (how, method) in [(How::Basic, "client_secret_basic"), (How::Post, "client_secret_post")] {
        let provider = token(Behaviour::only_by(how));
        let said = asked(&provider);
        concludes(&said, 0, "pass", "credentials_ok");
        assert_eq!(said.check(CREDENTIALS)["details"]["method"], method);
        assert_eq!(said.report["connection"]["token_endpoint_auth_method"], method);
    }
}

#[test]
fn where_the_document_lists_no_method_the_form_is_tried_too() {
    let silent = || {
        let left_out = Behaviour::removing("token_endpoint_auth_methods_supported");
        Provider::new().on(Route::Discovery, left_out).on(Route::Token, Behaviour::only_by(How::Post)).start()
    };
    let provider = silent();
    let said = asked(&provider);
    concludes(&said, 0, "pass", "credentials_ok");
    assert_eq!(said.report["connection"]["token_endpoint_auth_method"], "client_secret_post");
    let provider = silent();
    concludes(&asked_with(&provider, provider.client_id(), "CANARY-another"), 1, "fail", "bad_secret");
}

#[test]
fn only_a_method_that_the_document_lists_is_used() {
    for (method, is_basic) in [("client_secret_basic", true), ("client_secret_post", false)] {
        let provider = Provider::new()
            .on(Route::Discovery, Behaviour::patch(json!({"token_endpoint_auth_methods_supported": [method]})))
            .start();
        concludes(&asked_with(&provider, provider.client_id(), "CANARY-another"), 1, "fail", "bad_secret");
        for request in provider.requests_to(Route::Token) {
            assert_eq!(request.header("authorization").is_some(), is_basic, "{method}");
            assert_eq!(request.form("client_secret").is_some(), !is_basic, "{method}");
        }
    }
}

#[test]
fn invalid_grant_for_every_secret_is_a_warning_and_never_a_pass() {
    let provider = token(Behaviour::dialect(Dialect::GrantFirst));
    for secret in [CLIENT_SECRET, "CANARY-another"] {
        let said = asked_with(&provider, provider.client_id(), secret);
        concludes(&said, 0, "warn", "inconclusive");
        assert!(said.summary(CREDENTIALS).contains("does not tell whether the secret is right"));
    }
    let shown = Question::to(&provider).client(provider.client_id(), CLIENT_SECRET).shown().stdout;
    assert!(shown.contains("warn"), "{shown}");
}

#[test]
fn a_provider_that_looks_at_the_id_alone_is_a_warning() {
    concludes(&asked(&token(Behaviour::dialect(Dialect::IdOnly))), 0, "warn", "inconclusive");
    concludes(&asked(&token(Behaviour::dialect(Dialect::EntraMalformedFirst))), 0, "warn", "inconclusive");
}

#[test]
fn what_the_token_endpoint_leaves_open_an_endpoint_that_must_authenticate_settles() {
    for route in [Route::Revocation, Route::Introspection, Route::PushedAuthorization] {
        let provider =
            || Provider::new().offers(route).on(Route::Token, Behaviour::dialect(Dialect::GrantFirst)).start();
        let right = provider();
        let said = asked(&right);
        assert_eq!((said.code(), said.classification()), (Some(0), "credentials_ok"), "{route:?}: {}", said.table());
        assert_eq!(said.verdict(CREDENTIALS), "pass", "{route:?}");
        assert_eq!(right.requests_to(route).len(), 2, "{route:?}: one question and its control");

        let wrong = provider();
        let said = asked_with(&wrong, wrong.client_id(), "CANARY-another");
        // Introspection may be open to resource servers alone, so its refusal of a client proves nothing.
        let expected = if route == Route::Introspection { (Some(0), "inconclusive") } else { (Some(1), "bad_secret") };
        assert_eq!((said.code(), said.classification()), expected, "{route:?}: {}", said.table());
    }
}

#[test]
fn a_revocation_endpoint_that_takes_any_secret_settles_nothing() {
    let provider = Provider::new()
        .offers(Route::Revocation)
        .on(Route::Token, Behaviour::dialect(Dialect::GrantFirst))
        .on(Route::Revocation, Behaviour::status(200))
        .start();
    concludes(&asked(&provider), 0, "warn", "inconclusive");
}

#[test]
fn nobody_known_is_refused_by_both_methods() {
    let provider = token(Behaviour::dialect(Dialect::NobodyKnown));
    concludes(&asked(&provider), 1, "fail", "bad_secret");
    assert_eq!(credential_requests(&provider), 4);
}

#[test]
fn tokens_for_a_code_that_nobody_issued_are_a_warning_and_are_not_printed() {
    let world = World::new();
    let provider = token(Behaviour::dialect(Dialect::Generous));
    let said = Question::to(&provider).client(provider.client_id(), CLIENT_SECRET).inside(&world).ask();
    concludes(&said, 0, "warn", "inconclusive");
    assert_eq!(said.outcome(CREDENTIALS), ("warn", "tokens_for_any_code"));
    assert!(!said.run.everything().contains("CANARY"), "{}", said.run.everything());
    let loud = Question::to(&provider).client(provider.client_id(), CLIENT_SECRET).inside(&world).with(&["-vvv"]);
    assert!(!loud.shown().everything().contains("CANARY"));
    assert_eq!(world.files_containing("CANARY"), Vec::<std::path::PathBuf>::new());
}

#[test]
fn entra_says_what_is_wrong_by_number() {
    for (number, exit, classification, reason) in [
        (7_000_215, 1, "bad_secret", "bad_secret"),
        (7_000_222, 1, "bad_secret", "expired_secret"),
        (700_016, 1, "unknown_client", "unknown_client"),
        (700_025, 1, "grant_not_allowed", "grant_not_allowed"),
        (90_002, 1, "unknown_client", "unknown_client"),
        (70_008, 0, "inconclusive", "inconclusive"),
        (9_002_313, 0, "inconclusive", "inconclusive"),
    ] {
        let said = asked(&token(Behaviour::reply(entra_error(number))));
        let found = (said.code(), said.classification(), said.outcome(CREDENTIALS).1);
        assert_eq!(found, (Some(exit), classification, reason), "AADSTS{number}: {}", said.table());
    }
}

#[test]
fn the_id_of_an_entra_secret_given_as_the_secret_is_recognised_before_anybody_is_asked() {
    let issuer = "https://login.microsoftonline.com/8b8a1c2d-3e4f-4a5b-9c6d-7e8f90a1b2c3/v2.0";
    let secret_id = "3f0c9d2e-5b7a-4c1d-8e6f-0a9b8c7d6e5f";
    let world = World::new();
    // Without a network this would be exit 3: the values themselves are enough to refuse.
    let draft = ssoctl::intake::RequestDraft {
        issuer: Some(issuer.to_owned()),
        client_id: Some("11111111-2222-4333-8444-555555555555".to_owned()),
        client_secret: Some(ssoctl::intake::PastedSecret {
            text: secret_id.to_owned().into(),
            source: ssoctl::intake::SecretSource::Stdin,
        }),
        ..ssoctl::intake::RequestDraft::default()
    };
    let request = draft.normalise(ssoctl::intake::Completeness::WhatIsGiven, 50);
    let finding = request.findings.iter().find(|finding| finding.code == "secret_is_entra_id").unwrap();
    assert_eq!(finding.level.label(), "fail");
    assert!(finding.tell.as_deref().unwrap().contains("Value"), "{finding:?}");
    // Elsewhere a GUID may be a secret; it is tried, with a word of warning.
    let provider = Provider::new().client("11111111-2222-4333-8444-555555555555", secret_id).start();
    let said = Question::to(&provider).client(provider.client_id(), secret_id).inside(&world).ask();
    concludes(&said, 0, "pass", "credentials_ok");
}

#[test]
fn a_token_endpoint_that_is_overloaded_gives_no_verdict() {
    for status in [429, 500, 503] {
        let said = asked(&token(Behaviour::status(status).header("Retry-After", "0")));
        concludes(&said, 3, "unknown", "unreachable");
        let words = format!("answers with status {status} right now");
        assert!(said.table().contains(&words) && !said.table().contains("no connection"), "{}", said.table());
    }
    concludes(&asked(&token(Behaviour::reset())), 3, "unknown", "unreachable");
    // An answer in clear words beside a status of overload is not believed.
    let said = asked(&token(Behaviour::reply(Reply::error(503, "invalid_client", None))));
    concludes(&said, 3, "unknown", "unreachable");
}

#[test]
fn pages_in_front_of_the_token_endpoint_tell_nothing() {
    for reply in [
        Reply::html(400, "<html>invalid_grant</html>"),
        Reply::html(200, "<html>Sign in</html>"),
        Reply::html(403, "<html>Access denied - Reference #18.1</html>"),
        Reply::text(302, "").with_header("Location", "https://login.acme.example/"),
        Reply::json(200, &json!({})),
        Reply::json(200, &json!([])),
        Reply::error(415, "unsupported_media_type", None),
        Reply::error(400, "invalid_request", Some("redirect_uri mismatch")),
        Reply::error(400, "something_new", None),
    ] {
        let shown = String::from_utf8_lossy(&reply.body).into_owned();
        let said = asked(&token(Behaviour::reply(reply)));
        assert_eq!(
            (said.code(), said.verdict(CREDENTIALS), said.classification()),
            (Some(0), "warn", "inconclusive"),
            "{shown}: {}",
            said.table()
        );
    }
}

#[test]
fn a_redirect_of_the_token_endpoint_takes_no_secret_along() {
    let other = Provider::new().start();
    for status in [302, 307, 308] {
        let location = format!("{}/token", other.origin());
        let said = asked(&token(Behaviour::redirect(&location).with_status(status)));
        concludes(&said, 0, "warn", "inconclusive");
    }
    assert_eq!(other.connections(), 0);
}

#[test]
fn odd_ids_and_secrets_are_form_encoded_before_they_are_joined() {
    let (id, secret) = ("app:one%2", "p+ss wörd:%/=");
    let by_basic = token(Behaviour::require_basic("app%3Aone%252:p%2Bss+w%C3%B6rd%3A%25%2F%3D"));
    let said = asked_with(&by_basic, id, secret);
    concludes(&said, 0, "pass", "credentials_ok");
    assert_eq!(said.check(CREDENTIALS)["details"]["method"], "client_secret_basic");

    let by_post = Provider::new().client(id, secret).on(Route::Token, Behaviour::only_by(How::Post)).start();
    concludes(&asked_with(&by_post, id, secret), 0, "pass", "credentials_ok");
}

#[test]
fn an_echo_of_the_secret_is_printed_nowhere() {
    let world = World::new();
    let described = format!("\u{1b}[2Jbad secret {CLIENT_SECRET}");
    for behaviour in [
        Behaviour::reply(Reply::error(401, "invalid_client", Some(&described))),
        Behaviour::echo(400),
        Behaviour::echo(200),
    ] {
        let provider = token(behaviour);
        for words in [&["-q"][..], &["-vvv"], &["-o", "json"]] {
            let question = Question::to(&provider).client(provider.client_id(), CLIENT_SECRET).inside(&world);
            let run = question.with(words).shown();
            assert!(!run.everything().contains(CLIENT_SECRET), "{words:?}: {}", run.everything());
            let encoded = base64_of(&format!("{}:{CLIENT_SECRET}", provider.client_id()));
            assert!(!run.everything().contains(&encoded), "{words:?}: {}", run.everything());
            assert_printable(&run);
        }
    }
    assert_eq!(world.files_containing(CLIENT_SECRET), Vec::<std::path::PathBuf>::new());
}

fn base64_of(text: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(text)
}

#[test]
fn the_made_up_code_is_a_new_one_each_time_and_says_whose_it_is() {
    let provider = Provider::new().start();
    for _ in 0..2 {
        concludes(&asked(&provider), 0, "pass", "credentials_ok");
    }
    let codes: Vec<String> = provider.requests_to(Route::Token).iter().map(|seen| seen.form("code").unwrap()).collect();
    assert!(codes.iter().all(|code| code.starts_with("ssoctl-probe-") && code.len() > 40), "{codes:?}");
    assert_eq!(codes[0], codes[1], "question and control differ in the secret alone");
    assert_ne!(codes[0], codes[2]);
}

#[test]
fn a_code_that_the_authorization_endpoint_hands_out_is_never_used() {
    let provider = Provider::new().on(Route::Authorize, Behaviour::authorize(Authorize::Code)).start();
    let said = asked(&provider);
    assert_eq!(said.verdict(REDIRECT), "pass", "{}", said.table());
    assert!(provider.requests_to(Route::Token).iter().all(|seen| seen.form("code").as_deref() != Some("a-code")));
}

#[test]
fn no_secret_is_sent_while_the_document_is_not_in_order() {
    for behaviour in [
        Behaviour::patch(json!({"issuer": "https://other.acme-corp.com"})),
        Behaviour::removing("jwks_uri"),
        Behaviour::patch(json!({"response_types_supported": ["id_token"]})),
        Behaviour::patch(json!({"token_endpoint_auth_methods_supported": ["private_key_jwt"]})),
        Behaviour::patch(json!({"id_token_signing_alg_values_supported": ["none"]})),
        Behaviour::status(500),
    ] {
        let provider = Provider::new().offers(Route::Revocation).on(Route::Discovery, behaviour).start();
        let said = asked(&provider);
        assert_ne!(said.code(), Some(0), "{}", said.table());
        assert_eq!((said.outcome(CREDENTIALS), credential_requests(&provider)), (("unknown", "not_asked"), 0));
        assert!(provider.requests_to(Route::Authorize).is_empty());
    }
}

#[test]
fn being_sent_back_to_us_is_what_a_registered_redirect_uri_looks_like() {
    for (way, exit, verdict, reason) in [
        (Authorize::LoginRequired, 0, "pass", "-"),
        (Authorize::Error("interaction_required"), 0, "pass", "-"),
        (Authorize::Error("consent_required"), 0, "pass", "-"),
        (Authorize::Error("account_selection_required"), 0, "pass", "-"),
        (Authorize::Code, 0, "pass", "-"),
        (Authorize::Fragment, 0, "pass", "-"),
        (Authorize::Error("unauthorized_client"), 0, "warn", "redirect_refused_request"),
        (Authorize::Error("invalid_scope"), 0, "warn", "redirect_refused_request"),
        (Authorize::ErrorPage, 0, "warn", "redirect_not_confirmed"),
        (Authorize::LoginPage, 0, "warn", "redirect_not_confirmed"),
        (Authorize::Elsewhere("https://login.acme.example/start"), 0, "warn", "redirect_not_confirmed"),
        (Authorize::OtherHost("app.example.com.evil.example"), 0, "warn", "redirect_not_confirmed"),
    ] {
        let provider = Provider::new().on(Route::Authorize, Behaviour::authorize(way.clone())).start();
        let said = asked(&provider);
        assert_eq!((said.code(), said.outcome(REDIRECT)), (Some(exit), (verdict, reason)), "{way:?}: {}", said.table());
        let request = &provider.requests_to(Route::Authorize)[0];
        assert_eq!(request.parameter("prompt").as_deref(), Some("none"), "nobody is asked to sign in");
        assert_eq!(request.parameter("code_challenge_method").as_deref(), Some("S256"));
        assert_eq!(provider.requests_to(Route::Authorize).len(), 1, "{way:?}");
        assert!(request.header("authorization").is_none() && request.form("client_secret").is_none());
    }
}

#[test]
fn a_redirect_uri_that_is_not_registered_is_told_with_the_uri_to_register() {
    let provider = Provider::new().redirect_uri("https://app.example.com/another").start();
    let said = asked(&provider);
    assert_eq!(said.outcome(REDIRECT), ("warn", "redirect_not_confirmed"), "{}", said.table());
    assert_eq!(said.evidence(REDIRECT, "to register"), Some("https://app.example.com/sso/oidc/callback"));
    let registered = Provider::new().redirect_uri("https://app.example.com/sso/oidc/callback").start();
    assert_eq!(asked(&registered).verdict(REDIRECT), "pass");
}

#[test]
fn a_silent_authorization_endpoint_is_no_verdict() {
    let provider = Provider::new().on(Route::Authorize, Behaviour::reset()).start();
    let said = asked(&provider);
    assert_eq!((said.code(), said.outcome(REDIRECT)), (Some(3), ("unknown", "unreachable")), "{}", said.table());
}
