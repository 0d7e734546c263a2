//! Discovery documents and key sets.

use serde_json::json;

use super::{Outcome, onboards};
use crate::support::provider::{Behaviour, Key, Provider, Route, key_set, many_rsa};

type Row = (&'static str, Outcome, &'static str, Provider);

fn discovery(behaviour: Behaviour) -> Provider {
    Provider::new().on(Route::Discovery, behaviour)
}

fn keys(keys: &[Key]) -> Provider {
    Provider::new().on(Route::Jwks, Behaviour::json(&key_set(keys)))
}

fn algorithms(names: &[&str]) -> Behaviour {
    Behaviour::patch(json!({"id_token_signing_alg_values_supported": names}))
}

fn page(status: u16) -> Behaviour {
    Behaviour::status(status).body("<h1>error</h1>").content_type("text/html")
}

fn rows() -> Vec<Row> {
    use Outcome::{Accept, Normalise, Reject, Unknown, Warn};
    let baseline = Behaviour::baseline;
    let patch = |member: &str, value: serde_json::Value| discovery(Behaviour::patch(json!({ member: value })));
    vec![
        ("dis-005", Accept, "chunks of one byte", discovery(baseline().chunked(1))),
        ("dis-009", Accept, "an optional member left out", discovery(Behaviour::removing("userinfo_endpoint"))),
        ("dis-014", Reject("issuer_mismatch"), "the http version of ours", patch("issuer", "http://127.0.0.1".into())),
        ("dis-019", Normalise("{issuer}/"), "a trailing slash more", patch("issuer", "{issuer}/".into())),
        (
            "dis-022",
            Reject("discovery_missing"),
            "a required member left out",
            discovery(Behaviour::removing("token_endpoint")),
        ),
        // Null is the same as absent here, so it is called missing rather than mistyped.
        ("dis-028", Reject("discovery_missing"), "the issuer is null", patch("issuer", json!(null))),
        ("dis-041", Accept, "`none` beside a safe algorithm", discovery(algorithms(&["none", "RS256"]))),
        ("dis-043", Reject("weak_alg"), "no algorithm that anybody knows", discovery(algorithms(&["RS1", "FOO"]))),
        ("dis-044", Accept, "Edwards curves alone", keys(&[Key::Ed25519]).on(Route::Discovery, algorithms(&["EdDSA"]))),
        (
            "dis-050",
            Reject("endpoint_not_https"),
            "the secret would go in clear",
            patch("token_endpoint", "http://idp.acme-corp.com/token".into()),
        ),
        (
            "dis-052",
            Reject("endpoint_not_https"),
            "people would go in clear",
            patch("authorization_endpoint", "http://idp.acme-corp.com/auth".into()),
        ),
        (
            "dis-067",
            Reject("redirect_refused"),
            "a redirect into this machine",
            discovery(Behaviour::redirect("https://127.0.0.1/")),
        ),
        ("dis-071", Warn("content_type"), "labelled as plain text", discovery(baseline().content_type("text/plain"))),
        ("dis-073", Reject("http_401"), "asks for a sign-in", discovery(page(401))),
        ("dis-078", Unknown("http_5xx"), "a gateway without a server", discovery(page(502))),
        ("dis-081", Reject("not_json"), "no content", discovery(Behaviour::status(204))),
        (
            "dis-082",
            Reject("http_unexpected"),
            "a part of the document",
            discovery(Behaviour::edit(|text| text.as_bytes()[..100].to_vec()).with_status(206)),
        ),
        ("dis-083", Reject("not_json"), "an empty body", discovery(Behaviour::status(200))),
        (
            "dis-084",
            Reject("not_json"),
            "cut off",
            discovery(Behaviour::edit(|text| text.as_bytes()[..text.len() - 40].to_vec())),
        ),
        ("dis-086", Reject("http_protocol"), "framed in two ways", discovery(baseline().framed_twice())),
        (
            "dis-090",
            Reject("json_duplicate_key"),
            "a member twice, once spelt with an escape",
            discovery(Behaviour::edit(|text| {
                text.replacen('{', "{\"token\\u005fendpoint\":\"https://evil.example.net/t\",", 1).into_bytes()
            })),
        ),
        (
            "dis-091",
            Reject("not_json"),
            "more behind the end",
            discovery(Behaviour::edit(|text| (text + "}{").into_bytes())),
        ),
        (
            "dis-096",
            Reject("not_json"),
            "bytes that are no text",
            discovery(Behaviour::edit(|text| {
                let (before, after) = text.split_once("\"issuer\":\"").unwrap();
                [before.as_bytes(), b"\"issuer\":\"\xc3\x28", after.as_bytes()].concat()
            })),
        ),
        (
            "dis-098",
            Reject("json_too_deep"),
            "a hundred thousand levels",
            discovery(Behaviour::status(200).body("[".repeat(100_000) + &"]".repeat(100_000))),
        ),
        (
            "dis-099",
            Reject("body_too_large"),
            "four times what is read at most",
            discovery(Behaviour::oversized(4 * 1024 * 1024)),
        ),
        (
            "dis-100",
            Reject("body_too_large"),
            "fifty megabytes announced",
            discovery(Behaviour::announcing(52_428_800)),
        ),
        ("dis-109", Reject("http_protocol"), "a megabyte of headers", discovery(baseline().many_headers(8192, 128))),
        // A fault of the server is no verdict, whatever it echoes.
        ("dis-111", Unknown("http_5xx"), "an echo of our request", discovery(Behaviour::echo(500))),
        ("dis-112", Accept, "reset once", discovery(Behaviour::sequence([Behaviour::reset(), baseline()]))),
        ("jwk-003", Accept, "one key without id", keys(&[Key::without_kid()])),
        ("jwk-004", Warn("jwks_no_kid"), "two keys without ids", keys(&[Key::without_kid(), Key::without_kid()])),
        ("jwk-007", Accept, "a hundred keys", keys(&many_rsa(100))),
        ("jwk-008", Reject("jwks_empty"), "no key at all", keys(&[])),
        ("jwk-014", Reject("jwks_private_key"), "a private RSA key", keys(&[Key::RsaPrivate])),
        ("jwk-015", Reject("jwks_private_key"), "a private EC key", keys(&[Key::P256Private])),
        ("jwk-018", Reject("jwks_weak_key"), "an exponent of one", keys(&[Key::RsaExponentOne])),
        ("jwk-020", Reject("jwks_key_too_large"), "65536 bits", keys(&[Key::Rsa { bits: 65536, kid: None }])),
        ("jwk-023", Reject("jwks_no_sig_key"), "a curve that nobody signs ID tokens with", keys(&[Key::Secp256k1])),
    ]
}

pub(super) fn table() -> Vec<(&'static str, Outcome)> {
    rows().into_iter().map(|(id, outcome, _, _)| (id, outcome)).collect()
}

fn run(part: &str) {
    for (id, outcome, what, provider) in rows().into_iter().filter(|(id, ..)| id.starts_with(part)) {
        let provider = provider.start();
        let outcome = match outcome {
            Outcome::Normalise(value) => Outcome::Normalise(value.replace("{issuer}", provider.issuer()).leak()),
            other => other,
        };
        let (world, _) = onboards(&format!("{id} ({what})"), &provider, outcome);
        if let Outcome::Normalise(value) = outcome {
            assert_eq!(world.sql("SELECT issuer FROM sso_connections"), [[value]], "{id}");
        }
        if id == "dis-041" {
            let stored = world.sql("SELECT id_token_algorithms FROM sso_connections").concat().concat();
            assert_eq!(stored, "[\"RS256\"]", "{id}");
        }
    }
}

#[test]
fn what_a_document_says_and_leaves_out() {
    run("dis-00");
    run("dis-01");
    run("dis-02");
    run("dis-04");
    run("dis-05");
}

#[test]
fn how_a_document_is_answered_with() {
    run("dis-06");
    run("dis-07");
    run("dis-08");
}

#[test]
fn what_bytes_a_document_is_made_of() {
    run("dis-09");
    run("dis-1");
}

#[test]
fn key_sets() {
    run("jwk-");
}
