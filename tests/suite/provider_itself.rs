//! The misbehaving provider does what it says: tests that rest on it are worth that much.

use std::io::ErrorKind;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::provider::{
    Authorize, Behaviour, Dialect, How, Key, Provider, Reply, Route, RunningProvider, TELLING, Tls, entra_error,
    key_set, many_rsa,
};
use crate::support::visitor::{Seen, Visitor, basic};

const DISCOVERY: &str = "/.well-known/openid-configuration";
const MADE_UP_CODE: &str = "grant_type=authorization_code&code=made-up";

fn visitor(provider: &RunningProvider) -> Visitor {
    Visitor::connect(provider.origin(), &std::fs::read(provider.ca_file()).unwrap())
}

fn discovery(behaviour: Behaviour) -> Seen {
    visitor(&Provider::new().on(Route::Discovery, behaviour).start()).get(DISCOVERY)
}

/// Every byte of the answer to a GET of the discovery document, and how the connection ended.
fn raw_discovery(behaviour: Behaviour) -> (String, Option<ErrorKind>) {
    let provider = Provider::new().on(Route::Discovery, behaviour).start();
    let mut visitor = visitor(&provider);
    visitor.send(format!("GET {DISCOVERY} HTTP/1.1\r\nHost: test\r\n\r\n").as_bytes()).unwrap();
    let (bytes, end) = visitor.read_all();
    (String::from_utf8_lossy(&bytes).into_owned(), end)
}

/// Status and error code for the right client, the right id with a wrong secret, and another id.
fn token_answers(behaviour: Behaviour) -> [(u16, String); 3] {
    let provider = Provider::new().on(Route::Token, behaviour).start();
    let mut visitor = visitor(&provider);
    [(provider.client_id(), provider.client_secret()), (provider.client_id(), "wrong"), ("unknown", "wrong")].map(
        |(id, secret)| {
            let seen = visitor.post("/token", MADE_UP_CODE, Some(&basic(id, secret)));
            (seen.status, seen.text())
        },
    )
}

#[test]
fn the_baseline_is_a_sound_document_at_its_own_issuer() {
    let provider = Provider::new().start();
    let document = visitor(&provider).get(DISCOVERY).json();
    assert_eq!(document["issuer"], provider.issuer());
    assert_eq!(document["token_endpoint"], format!("{}/token", provider.origin()));
    let keys = visitor(&provider).get("/jwks").json();
    assert_eq!(keys["keys"][0]["kty"], "RSA");
}

#[test]
fn the_baseline_tells_clients_apart_by_either_method() {
    let provider = Provider::new().start();
    let mut visitor = visitor(&provider);
    let (id, secret) = (provider.client_id().to_owned(), provider.client_secret().to_owned());
    let mut ask = |id: &str, secret: &str| {
        let by_basic = visitor.post("/token", MADE_UP_CODE, Some(&basic(id, secret)));
        let by_form = visitor.post("/token", &format!("{MADE_UP_CODE}&client_id={id}&client_secret={secret}"), None);
        [(by_basic.status, by_basic.error()), (by_form.status, by_form.error())]
    };
    let answer = |status, code: &str| (status, code.to_owned());
    assert_eq!(ask(&id, &secret), [answer(400, "invalid_grant"), answer(400, "invalid_grant")]);
    assert_eq!(ask(&id, "wrong"), [answer(401, "invalid_client"), answer(401, "invalid_client")]);
    assert_eq!(ask("unknown", &secret), [answer(401, "invalid_client"), answer(400, "invalid_client")]);
}

#[test]
fn it_remembers_requests_and_connections() {
    let provider = Provider::new().start();
    let mut first = visitor(&provider);
    first.get(&format!("{DISCOVERY}?a=b"));
    first.post("/token", "code=x+y", Some("Basic eHk="));
    visitor(&provider).get("/jwks");
    let requests = provider.requests();
    let lines: Vec<_> =
        requests.iter().map(|seen| (seen.method.as_str(), seen.path.as_str(), seen.connection)).collect();
    assert_eq!(lines, [("GET", DISCOVERY, 1), ("POST", "/token", 1), ("GET", "/jwks", 2)]);
    assert_eq!((requests[0].parameter("a"), requests[1].form("code")), (Some("b".into()), Some("x y".into())));
    assert_eq!(
        (requests[1].header("authorization"), requests[1].body.as_slice()),
        (Some("Basic eHk="), &b"code=x+y"[..])
    );
    assert_eq!((provider.connections(), provider.requests_to(Route::Token).len()), (2, 1));
}

#[test]
fn a_patch_sets_and_removes_members_and_knows_its_own_names() {
    let seen = discovery(
        Behaviour::patch(json!({"issuer": null, "token_endpoint": "{origin}/elsewhere"})).remove("userinfo_endpoint"),
    );
    let document = seen.json();
    assert!(document["issuer"].is_null() && document.get("issuer").is_some());
    assert!(document["token_endpoint"].as_str().unwrap().starts_with("https://127.0.0.1:"));
    assert!(document.get("userinfo_endpoint").is_none());
}

#[test]
fn an_issuer_with_a_path_and_a_name_is_answered_there_only() {
    let provider = Provider::new().named_localhost().issuer_path("/oauth2/acme").start();
    assert!(provider.issuer().starts_with("https://localhost:") && provider.issuer().ends_with("/oauth2/acme"));
    let mut visitor = visitor(&provider);
    assert_eq!(visitor.get(DISCOVERY).status, 404);
    assert_eq!(visitor.get(&format!("/oauth2/acme{DISCOVERY}")).json()["issuer"], provider.issuer());
}

#[test]
fn status_headers_body_and_content_type_are_as_told() {
    let seen = discovery(Behaviour::status(503).body("busy").header("Retry-After", "2").content_type("text/html"));
    assert_eq!((seen.status, seen.text().as_str()), (503, "busy"));
    assert_eq!((seen.header("retry-after"), seen.header("content-type")), (Some("2"), Some("text/html")));
    let seen = discovery(Behaviour::baseline().content_type("text/plain").with_status(206));
    assert_eq!((seen.status, seen.header("content-type")), (206, Some("text/plain")));
    assert!(seen.json()["issuer"].is_string());
    assert_eq!(discovery(Behaviour::baseline().without_content_type()).header("content-type"), None);
    assert_eq!(discovery(Behaviour::baseline().claiming_gzip()).header("content-encoding"), Some("gzip"));
}

#[test]
fn the_baselines_text_can_be_spoilt_anywhere() {
    let seen = discovery(Behaviour::edit(|text| text.replace("\"issuer\"", "\"iss\u{fffd}uer\"").into_bytes()));
    assert!(seen.text().contains("iss\u{fffd}uer"));
    let seen = discovery(Behaviour::edit(|text| [text.as_bytes(), b"\xc3\x28"].concat()));
    assert!(seen.body.ends_with(b"\xc3\x28"));
}

#[test]
fn raw_bytes_are_all_there_is() {
    let (bytes, end) = raw_discovery(Behaviour::raw(*b"HTTP/9.9 what\r\n\r\n{issuer}"));
    assert_eq!((bytes.as_str(), end), ("HTTP/9.9 what\r\n\r\n{issuer}", None));
}

#[test]
fn closing_and_resetting_are_different_ends() {
    assert_eq!(raw_discovery(Behaviour::close()), (String::new(), None));
    assert_eq!(raw_discovery(Behaviour::reset()), (String::new(), Some(ErrorKind::ConnectionReset)));
}

#[test]
fn a_sequence_goes_on_to_its_last_part_and_stays_there() {
    let parts = [Behaviour::status(500), Behaviour::status(502), Behaviour::baseline()];
    let provider = Provider::new().on(Route::Discovery, Behaviour::sequence(parts)).start();
    let mut visitor = visitor(&provider);
    let statuses = [0; 4].map(|_| visitor.get(DISCOVERY).status);
    assert_eq!(statuses, [500, 502, 200, 200]);
}

#[test]
fn a_truncated_body_announces_more_than_it_sends() {
    let (bytes, end) = raw_discovery(Behaviour::status(200).body("0123456789").truncated_by(4));
    assert!(bytes.contains("Content-Length: 10\r\n") && bytes.ends_with("\r\n\r\n012345"), "{bytes}");
    assert_eq!(end, None);
}

#[test]
fn framings_are_what_they_are_called() {
    let body = || Behaviour::status(200).body("abc");
    let (bytes, _) = raw_discovery(body().chunked(1).then_close());
    assert!(bytes.ends_with("\r\n\r\n1\r\na\r\n1\r\nb\r\n1\r\nc\r\n0\r\n\r\n"), "{bytes}");
    assert!(!bytes.contains("Content-Length"));
    let (bytes, _) = raw_discovery(body().framed_twice().then_close());
    assert!(bytes.contains("Content-Length: 3\r\n") && bytes.contains("Transfer-Encoding: chunked\r\n"), "{bytes}");
    let (bytes, _) = raw_discovery(body().until_close());
    assert!(!bytes.contains("Content-Length") && !bytes.contains("chunked") && bytes.ends_with("\r\n\r\nabc"));
    let (bytes, _) =
        raw_discovery(body().header("Content-Length", "10").header("Transfer-Encoding", "chunked").then_close());
    assert!(bytes.contains("Content-Length: 10\r\n") && bytes.ends_with("3\r\nabc\r\n0\r\n\r\n"), "{bytes}");
}

#[test]
fn oversized_bodies_are_streamed_or_only_announced() {
    let (bytes, _) = raw_discovery(Behaviour::oversized(2 << 20).then_close());
    assert!(bytes.len() > 2 << 20 && !bytes.contains("Content-Length"));
    let provider = Provider::new().on(Route::Discovery, Behaviour::announcing(50 << 20)).start();
    let mut visitor = visitor(&provider);
    visitor.send(format!("GET {DISCOVERY} HTTP/1.1\r\n\r\n").as_bytes()).unwrap();
    std::thread::sleep(Duration::from_millis(200));
    drop(provider);
    let (bytes, _) = visitor.read_all();
    assert!(bytes.ends_with(b"Content-Length: 52428800\r\n\r\n"), "{}", String::from_utf8_lossy(&bytes));
}

#[test]
fn many_headers_are_that_many_and_that_long() {
    let (bytes, _) = raw_discovery(Behaviour::status(200).many_headers(8192, 128).then_close());
    let fillers: Vec<_> = bytes.split_inclusive("\r\n").filter(|line| line.starts_with("X-Filler-")).collect();
    assert_eq!((fillers.len(), fillers[8191].len()), (8192, 128));
}

#[test]
fn delays_and_drips_take_their_time() {
    let started = Instant::now();
    assert_eq!(discovery(Behaviour::baseline().delay_ms(150)).status, 200);
    let delayed = started.elapsed();
    assert!(delayed >= Duration::from_millis(150), "{delayed:?}");
    let started = Instant::now();
    let (bytes, _) = raw_discovery(Behaviour::raw("0123456789").drip(2, 30));
    assert_eq!(bytes, "0123456789");
    assert!(started.elapsed() >= Duration::from_millis(150), "{:?}", started.elapsed());
}

#[test]
fn latency_is_on_every_route() {
    let provider = Provider::new().latency_ms(60).start();
    let started = Instant::now();
    let mut visitor = visitor(&provider);
    visitor.get(DISCOVERY);
    visitor.get("/jwks");
    assert!(started.elapsed() >= Duration::from_millis(120), "{:?}", started.elapsed());
}

#[test]
fn never_answering_lasts_until_the_provider_stops() {
    let provider = Provider::new().on(Route::Discovery, Behaviour::never_answer()).start();
    let mut visitor = visitor(&provider);
    visitor.send(format!("GET {DISCOVERY} HTTP/1.1\r\n\r\n").as_bytes()).unwrap();
    std::thread::sleep(Duration::from_millis(150));
    assert_eq!(provider.requests().len(), 1);
    drop(provider);
    assert!(visitor.read_all().0.is_empty());
}

#[test]
fn an_echo_gives_the_credentials_back() {
    let provider = Provider::new().on(Route::Token, Behaviour::echo(500)).start();
    let seen = visitor(&provider).post("/token", "client_secret=CANARY", Some("Basic Q0FOQVJZ"));
    assert_eq!(seen.status, 500);
    assert!(seen.text().contains("Authorization: Basic Q0FOQVJZ") && seen.text().ends_with("client_secret=CANARY"));
}

#[test]
fn redirects_and_login_pages_look_like_them() {
    let seen = discovery(Behaviour::redirect("{origin}/login"));
    assert_eq!(seen.status, 302);
    assert!(seen.header("location").unwrap().ends_with("/login") && !seen.header("location").unwrap().contains('{'));
    let seen = discovery(Behaviour::login_page());
    assert_eq!((seen.status, seen.header("content-type")), (200, Some("text/html")));
}

#[test]
fn every_telling_dialect_tells_right_from_wrong() {
    for dialect in TELLING {
        let [right, wrong, unknown] = token_answers(Behaviour::dialect(*dialect));
        assert_ne!(right, wrong, "{dialect:?}");
        assert_ne!(right, unknown, "{dialect:?}");
    }
}

#[test]
fn the_other_dialects_do_not_tell() {
    for dialect in [Dialect::GrantFirst, Dialect::Generous, Dialect::NobodyKnown] {
        let [right, wrong, unknown] = token_answers(Behaviour::dialect(dialect));
        assert!(right == wrong && wrong == unknown, "{dialect:?}");
    }
    for dialect in [Dialect::IdOnly, Dialect::EntraMalformedFirst] {
        let [right, wrong, unknown] = token_answers(Behaviour::dialect(dialect));
        assert!(right == wrong && wrong != unknown, "{dialect:?}");
    }
    assert!(token_answers(Behaviour::dialect(Dialect::Generous))[1].1.contains("access_token"));
}

#[test]
fn recorded_answers_are_those_of_the_cases() {
    let [right, wrong, unknown] = token_answers(Behaviour::dialect(Dialect::Forbidding));
    assert!(right.0 == 403 && right.1.contains("invalid_code"), "{right:?}");
    assert!(wrong == unknown && wrong.1.contains("unauthorized_client"), "{wrong:?}");
    let [_, wrong, _] = token_answers(Behaviour::dialect(Dialect::GitHub));
    assert!(wrong.0 == 200 && wrong.1.contains("incorrect_client_credentials"), "tok-058: {wrong:?}");
    let [_, wrong, _] = token_answers(Behaviour::dialect(Dialect::Slack));
    assert_eq!(wrong, (200, r#"{"ok":false,"error":"bad_client_secret"}"#.to_owned()), "tok-060");
    let [_, wrong, unknown] = token_answers(Behaviour::dialect(Dialect::Adfs));
    assert!(wrong.1.contains("MSIS9622") && unknown.1.contains("MSIS9607"), "tok-053, tok-054");
    let public = entra_error(700_025);
    let body: serde_json::Value = serde_json::from_slice(&public.body).unwrap();
    assert_eq!((public.status, &body["error_codes"]), (401, &json!([700_025])), "tok-033");
}

#[test]
fn a_client_registered_for_one_method_is_refused_by_the_other() {
    for (method, basic_works) in [(How::Basic, true), (How::Post, false)] {
        let provider = Provider::new().on(Route::Token, Behaviour::only_by(method)).start();
        let mut visitor = visitor(&provider);
        let by_basic =
            visitor.post("/token", MADE_UP_CODE, Some(&basic(provider.client_id(), provider.client_secret())));
        let form = format!("client_id={}&client_secret={}", provider.client_id(), provider.client_secret());
        let by_form = visitor.post("/token", &form, None);
        let (good, bad) = if basic_works { (by_basic, by_form) } else { (by_form, by_basic) };
        assert_eq!((good.error().as_str(), bad.error().as_str()), ("invalid_grant", "invalid_client"), "{method:?}");
    }
}

#[test]
fn a_basic_header_can_be_required_letter_for_letter() {
    let pair = "app%3Aone%252:p%2Bss+w%C3%B6rd%3A%25%2F%3D";
    let provider = Provider::new().on(Route::Token, Behaviour::require_basic(pair)).start();
    let mut visitor = visitor(&provider);
    let encoded = visitor.post("/token", MADE_UP_CODE, Some(&basic("app:one%2", "p+ss wörd:%/=")));
    assert_eq!(encoded.error(), "invalid_grant", "tok-096");
    assert_eq!(visitor.post("/token", MADE_UP_CODE, Some("Basic eHk6eg==")).error(), "invalid_client");
}

#[test]
fn answers_can_be_given_by_client() {
    let answers = token_answers(Behaviour::by_client(
        Reply::error(400, "invalid_scope", None),
        Reply::error(415, "unsupported_media_type", None),
        Reply::json(200, &json!({})),
    ));
    assert_eq!(answers.map(|(status, _)| status), [400, 415, 200]);
}

#[test]
fn endpoints_that_are_offered_are_announced_and_authenticate() {
    let plain = Provider::new().start();
    assert!(visitor(&plain).get(DISCOVERY).json().get("revocation_endpoint").is_none());
    assert_eq!(visitor(&plain).post("/revoke", "token=x", None).status, 404);
    let offered = [
        (Route::Revocation, "revocation_endpoint", "/revoke", 200),
        (Route::Introspection, "introspection_endpoint", "/introspect", 200),
        (Route::PushedAuthorization, "pushed_authorization_request_endpoint", "/par", 201),
    ];
    for (route, member, path, status) in offered {
        let provider = Provider::new().offers(route).start();
        let mut visitor = visitor(&provider);
        assert_eq!(visitor.get(DISCOVERY).json()[member], format!("{}{path}", provider.origin()));
        let right = basic(provider.client_id(), provider.client_secret());
        assert_eq!(visitor.post(path, "token=x", Some(&right)).status, status, "{path}");
        assert_eq!(visitor.post(path, "token=x", Some(&basic(provider.client_id(), "wrong"))).status, 401, "{path}");
    }
}

#[test]
fn the_authorization_endpoint_answers_in_every_way() {
    let ask = |behaviour: Behaviour, back: &str| {
        let provider =
            Provider::new().redirect_uri("https://app.example.com/cb").on(Route::Authorize, behaviour).start();
        let path = format!("/authorize?client_id={}&redirect_uri={back}&state=s&prompt=none", provider.client_id());
        let seen = visitor(&provider).get(&path);
        (seen.status, seen.header("location").unwrap_or_default().split("&iss").next().unwrap().to_owned())
    };
    let back = "https://app.example.com/cb";
    let sent = |location: &str| (302, location.to_owned());
    let way = Behaviour::authorize;
    assert_eq!(ask(Behaviour::baseline(), back), sent("https://app.example.com/cb?error=login_required&state=s"));
    assert_eq!(ask(Behaviour::baseline(), "https://evil.example/cb"), (400, String::new()));
    assert_eq!(
        ask(way(Authorize::Error("interaction_required")), back),
        sent("https://app.example.com/cb?error=interaction_required&state=s")
    );
    assert_eq!(ask(way(Authorize::Code), back), sent("https://app.example.com/cb?code=a-code&state=s"));
    assert_eq!(ask(way(Authorize::ErrorPage), back), (400, String::new()));
    assert_eq!(ask(way(Authorize::LoginPage), back), (200, String::new()));
    assert_eq!(
        ask(way(Authorize::Elsewhere("https://sso.example/login")), back),
        sent("https://sso.example/login?error=login_required&state=s")
    );
    assert_eq!(
        ask(way(Authorize::OtherHost("other.example")), back),
        sent("https://other.example/cb?error=login_required&state=s")
    );
    assert_eq!(ask(way(Authorize::Fragment), back), sent("https://app.example.com/cb#error=login_required&state=s"));
}

#[test]
fn key_sets_hold_what_was_asked_for() {
    let bits = |key: &serde_json::Value| {
        use base64::Engine as _;
        base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(key["n"].as_str().unwrap()).unwrap().len() * 8
    };
    for wanted in [1024, 2048, 65536] {
        assert_eq!(bits(&Key::Rsa { bits: wanted, kid: None }.jwk()), wanted);
    }
    assert!(Key::without_kid().jwk().get("kid").is_none());
    assert_eq!(Key::RsaExponentOne.jwk()["e"], "AQ");
    assert!(Key::RsaPrivate.jwk()["qi"].is_string() && Key::P256Private.jwk()["d"].is_string());
    assert_eq!((&Key::Secp256k1.jwk()["crv"], &Key::Ed25519.jwk()["kty"]), (&json!("secp256k1"), &json!("OKP")));
    assert_eq!(Key::Symmetric.jwk()["kty"], "oct");
    assert_eq!(key_set(&[]), json!({"keys": []}));
    let seen =
        visitor(&Provider::new().on(Route::Jwks, Behaviour::json(&key_set(&many_rsa(100)))).start()).get("/jwks");
    assert_eq!(seen.json()["keys"].as_array().unwrap().len(), 100);
}

#[test]
fn each_bad_certificate_is_bad_in_its_own_way() {
    let complaint = |tls: Tls| {
        let provider = Provider::new().tls(tls).start();
        let mut visitor = visitor(&provider);
        visitor.send(b"GET / HTTP/1.1\r\n\r\n").unwrap_err().to_string()
    };
    let expected = [
        (Tls::UntrustedCa, "UnknownIssuer"),
        (Tls::SelfSigned, "UnknownIssuer"),
        (Tls::Expired, "expired"),
        (Tls::NotYetValid, "not valid yet"),
        (Tls::WrongName, "not valid for name"),
        (Tls::Sha1, "UnsupportedSignatureAlgorithm"),
        (Tls::Gibberish, "corrupt message"),
    ];
    for (tls, words) in expected {
        let complaint = complaint(tls);
        assert!(complaint.contains(words), "{tls:?}: {complaint}");
    }
    assert!(!complaint(Tls::HangsUp).is_empty());
}

#[test]
fn a_plain_http_provider_says_so_in_its_issuer_and_answers() {
    use std::io::{Read as _, Write as _};
    let provider = Provider::new().tls(Tls::PlainHttp).start();
    assert!(provider.issuer().starts_with("http://"));
    let mut stream = std::net::TcpStream::connect(("127.0.0.1", provider.port())).unwrap();
    write!(stream, "GET {DISCOVERY} HTTP/1.1\r\nHost: test\r\n\r\n").unwrap();
    let mut start = [0; 15];
    stream.read_exact(&mut start).unwrap();
    assert_eq!(&start, b"HTTP/1.1 200 OK");
}
