//! More of the same kind, which no list has numbered: documents, key sets and token answers that a provider may well give.

use serde_json::{Value, json};

use super::{Outcome, onboards};
use crate::support::provider::{Behaviour, Key, Provider, Reply, Route, key_set};
use crate::support::question::Question;

type Row = (&'static str, Outcome, Provider);

fn discovery(behaviour: Behaviour) -> Provider {
    Provider::new().on(Route::Discovery, behaviour)
}

fn keys(set: &Value) -> Provider {
    Provider::new().on(Route::Jwks, Behaviour::json(set))
}

fn token(behaviour: Behaviour) -> Provider {
    Provider::new().on(Route::Token, behaviour)
}

/// What everybody is told, whatever the secret.
fn told(reply: Reply) -> Provider {
    token(Behaviour::reply(reply))
}

/// What the right secret alone is told; any other is refused.
fn told_to_the_right_one(reply: Reply) -> Provider {
    let refused = Reply::error(401, "invalid_client", None);
    token(Behaviour::by_client(reply, refused.clone(), refused))
}

fn body(status: u16, text: &str) -> Reply {
    Reply::new(status, "application/json", text)
}

fn document(text: &'static str) -> Provider {
    discovery(Behaviour::status(200).body(text).content_type("application/json"))
}

fn edited(change: impl Fn(String) -> String + Send + Sync + 'static) -> Provider {
    discovery(Behaviour::edit(move |text| change(text).into_bytes()))
}

/// One RSA key with a member set.
fn rsa_with(member: &str, value: Value) -> Value {
    let mut set = key_set(&[Key::Rsa { bits: 2048, kid: Some("one".to_owned()) }]);
    set["keys"][0][member] = value;
    set
}

fn carry_out(rows: Vec<Row>) {
    for (what, outcome, provider) in rows {
        let provider = provider.start();
        onboards(what, &provider, outcome);
    }
}

#[test]
fn further_documents() {
    use Outcome::{Accept, Reject, Unknown, Warn};
    let patch = |member: &str, value: Value| discovery(Behaviour::patch(json!({ member: value })));
    carry_out(vec![
        ("two trailing slashes", Reject("issuer_mismatch"), patch("issuer", "{issuer}//".into())),
        ("a blank behind the issuer", Reject("issuer_mismatch"), patch("issuer", "{issuer} ".into())),
        ("an escape in the issuer", Reject("issuer_mismatch"), patch("issuer", "{issuer}/\u{1b}[2J".into())),
        ("a query behind the issuer", Reject("issuer_mismatch"), patch("issuer", "{issuer}?x=1".into())),
        ("the issuer is a list", Reject("discovery_type"), patch("issuer", json!(["{issuer}"]))),
        ("a single response type", Reject("discovery_type"), patch("response_types_supported", "code".into())),
        ("no code flow", Reject("no_code_flow"), patch("response_types_supported", json!(["code id_token"]))),
        ("HS256 alone", Reject("weak_alg"), patch("id_token_signing_alg_values_supported", json!(["HS256"]))),
        (
            "a signed assertion alone",
            Reject("no_shared_method"),
            patch("token_endpoint_auth_methods_supported", json!(["private_key_jwt"])),
        ),
        (
            "signed requests alone",
            Reject("signed_request_required"),
            patch("require_signed_request_object", true.into()),
        ),
        ("no `openid`", Warn("scope_unlisted"), patch("scopes_supported", json!(["email"]))),
        ("PKCE without S256", Warn("pkce_s256_unlisted"), {
            patch("code_challenge_methods_supported", json!(["plain"]))
        }),
        (
            "a metadata service as token endpoint",
            Reject("egress_forbidden"),
            patch("token_endpoint", "https://169.254.169.254/token".into()),
        ),
        (
            "a token endpoint by its number",
            Reject("egress_forbidden"),
            patch("token_endpoint", "https://2130706433/token".into()),
        ),
        (
            "a token endpoint with a fragment",
            Reject("endpoint_not_url"),
            patch("token_endpoint", "{origin}/token#x".into()),
        ),
        (
            "user info in a network of one's own",
            Reject("egress_forbidden"),
            patch("userinfo_endpoint", "https://idp.acme.local/userinfo".into()),
        ),
        ("a relative endpoint", Reject("endpoint_not_url"), patch("token_endpoint", "/token".into())),
        (
            "a script for an endpoint",
            Reject("endpoint_not_url"),
            patch("authorization_endpoint", "javascript:alert(1)".into()),
        ),
        ("a comment in front", Reject("not_json"), edited(|text| format!("/* x */{text}"))),
        ("a comma too many", Reject("not_json"), edited(|text| text.replace("]}", "],}"))),
        ("a guard against scripts", Reject("not_json"), edited(|text| format!(")]}}',\n{text}"))),
        ("a document in a list", Reject("not_json"), edited(|text| format!("[{text}]"))),
        ("another letter case beside it", Accept, {
            edited(|text| text.replacen('{', "{\"Issuer\":\"https://evil.example.net\",", 1))
        }),
        ("an error of the provider's own", Reject("not_an_issuer"), document("{\"error\":\"invalid_tenant\"}")),
        ("SAML metadata", Reject("not_json"), document("<?xml version=\"1.0\"?><EntityDescriptor/>")),
        ("not modified", Reject("http_unexpected"), discovery(Behaviour::status(304))),
        ("gone", Reject("http_unexpected"), discovery(Behaviour::status(410))),
        ("forbidden", Reject("http_403"), discovery(Behaviour::status(403))),
        ("come back later", Unknown("http_429"), { discovery(Behaviour::status(429).header("Retry-After", "120")) }),
        ("another protocol", Reject("http_protocol"), discovery(Behaviour::raw("SSH-2.0-OpenSSH_9.0\r\n"))),
    ]);
}

#[test]
fn further_key_sets() {
    use Outcome::{Accept, Reject, Unknown, Warn};
    carry_out(vec![
        ("no further primes", Accept, keys(&rsa_with("oth", json!([])))),
        ("a private exponent of null", Accept, keys(&rsa_with("d", Value::Null))),
        ("for a purpose that is empty", Accept, keys(&rsa_with("use", "".into()))),
        ("operations that are none", Accept, keys(&rsa_with("key_ops", json!([])))),
        ("one private prime", Reject("jwks_private_key"), keys(&rsa_with("p", "AQAB".into()))),
        ("a symmetric key", Reject("jwks_private_key"), keys(&key_set(&[Key::without_kid(), Key::Symmetric]))),
        ("for encryption alone", Reject("jwks_no_sig_key"), keys(&key_set(&[Key::RsaForEncryption]))),
        ("bound to another algorithm", Reject("jwks_algorithm"), keys(&rsa_with("alg", "RS512".into()))),
        ("an algorithm of another kind", Reject("jwks_no_sig_key"), keys(&rsa_with("alg", "HS256".into()))),
        ("an id that is a number", Reject("jwks_no_sig_key"), keys(&rsa_with("kid", json!(1)))),
        ("a certificate that is none", Accept, keys(&rsa_with("x5c", json!(["!!!"])))),
        ("one id for two keys", Warn("jwks_same_kid"), {
            let one = || Key::Rsa { bits: 2048, kid: Some("one".to_owned()) };
            keys(&key_set(&[one(), one()]))
        }),
        ("1024 bits beside a good key", Reject("jwks_weak_key"), {
            keys(&key_set(&[Key::without_kid(), Key::Rsa { bits: 1024, kid: Some("old".to_owned()) }]))
        }),
        ("no list", Reject("jwks_no_keys"), keys(&json!({"keys": null}))),
        ("a redirect", Reject("redirect_refused"), Provider::new().on(Route::Jwks, Behaviour::redirect("/keys"))),
        ("not now", Unknown("http_5xx"), Provider::new().on(Route::Jwks, Behaviour::status(503))),
        ("come back later", Unknown("http_429"), Provider::new().on(Route::Jwks, Behaviour::status(429))),
        ("nothing there", Reject("http_404"), Provider::new().on(Route::Jwks, Behaviour::status(404))),
        ("behind a sign-in", Reject("http_401"), Provider::new().on(Route::Jwks, Behaviour::status(401))),
        ("behind a firewall", Reject("http_403"), Provider::new().on(Route::Jwks, Behaviour::status(403))),
    ]);
}

#[test]
fn a_certificate_for_another_key_spoils_the_key_beside_it() {
    use base64::Engine as _;

    let pair = rcgen::KeyPair::generate().unwrap();
    let certificate = rcgen::CertificateParams::default().self_signed(&pair).unwrap();
    let other = base64::engine::general_purpose::STANDARD.encode(certificate.der());
    let alone = keys(&rsa_with("x5c", json!([other]))).start();
    onboards("alone", &alone, Outcome::Reject("jwks_no_sig_key"));
    let mut set = rsa_with("x5c", json!([other]));
    set["keys"].as_array_mut().unwrap().push(Key::Rsa { bits: 2048, kid: Some("two".to_owned()) }.jwk());
    let beside = keys(&set).start();
    onboards("beside a good one", &beside, Outcome::Warn("jwks_broken_key"));
}

#[test]
fn further_token_answers() {
    use Outcome::{Accept, Reject, Unknown, Warn};
    let microsoft = |error: &str, words: &str| told(Reply::error(400, error, Some(words)));
    carry_out(vec![
        (
            "Entra, no such tenant",
            Reject("unknown_client"),
            microsoft("invalid_request", "AADSTS90002: Tenant 'acme' not found. Trace ID: 0"),
        ),
        (
            "B2C, no such application",
            Reject("unknown_client"),
            microsoft("invalid_request", "AADB2C90068: The provided application with ID '0oa1' is not valid."),
        ),
        (
            "B2C, a wrong secret",
            Reject("bad_secret"),
            microsoft("invalid_client", "AADB2C90081: The specified client_secret does not match the expected value."),
        ),
        (
            "Entra, another redirect URI",
            Warn("inconclusive"),
            microsoft("invalid_client", "AADSTS50011: The reply address does not match. Trace ID: 0"),
        ),
        (
            "Entra of old, an expired code",
            Accept,
            told_to_the_right_one(Reply::error(
                400,
                "invalid_grant",
                Some("AADSTS70002: Error validating credentials. AADSTS70008: The provided grant is expired."),
            )),
        ),
        (
            "Hydra, no such client",
            Reject("unknown_client"),
            told(Reply::error(
                401,
                "invalid_client",
                Some(
                    "Client authentication failed (e.g., unknown client, no client authentication included, or \
                     unsupported authentication method). The requested OAuth 2.0 Client does not exist.",
                ),
            )),
        ),
        (
            "Okta, with a proof of possession",
            Warn("dpop_required"),
            told_to_the_right_one(Reply::error(
                400,
                "invalid_dpop_proof",
                Some("The DPoP proof JWT header is missing."),
            )),
        ),
        (
            "Google, another redirect URI",
            Accept,
            told_to_the_right_one(Reply::error(400, "redirect_uri_mismatch", Some("Bad Request"))),
        ),
        ("labelled as plain text", Accept, told_to_the_right_one(Reply::text(400, "{\"error\":\"invalid_grant\"}"))),
        ("an error that stands twice", Warn("inconclusive"), {
            told(body(400, "{\"error\":\"invalid_grant\",\"error\":\"invalid_client\"}"))
        }),
        ("an error that is a number", Warn("inconclusive"), told(body(400, "{\"error\":400}"))),
        ("an error that is a list", Warn("inconclusive"), told(body(400, "{\"error\":[\"invalid_client\"]}"))),
        ("an error in upper case", Warn("inconclusive"), told(body(400, "{\"error\":\"INVALID_CLIENT\"}"))),
        ("more behind the end", Warn("inconclusive"), told(body(401, "{\"error\":\"invalid_client\"}x"))),
        ("tokens for anybody", Warn("tokens_for_any_code"), told(body(200, "{\"access_token\":\"x\"}"))),
        ("a redirect that asks for the form again", Warn("inconclusive"), {
            token(Behaviour::status(307).header("Location", "https://evil.attacker-idp.com/token"))
        }),
        ("a fault that names the client", Unknown("unreachable"), told(Reply::error(500, "invalid_client", None))),
        ("our secret for an error code", Warn("inconclusive"), {
            token(Behaviour::respond(|request, _| {
                Reply::json(400, &json!({"error": String::from_utf8_lossy(&request.raw)}))
            }))
        }),
    ]);
}

#[test]
fn names_of_inner_networks_are_refused_and_not_looked_up() {
    for issuer in [
        "https://metadata.google.internal/computeMetadata/v1/",
        "https://adfs.acme.local/adfs",
        "https://instance-data",
        "https://idp.home.arpa:8443",
        "https://[64:ff9b::808:808]",
    ] {
        let said = Question::about(issuer).ask();
        assert_eq!(said.code(), Some(1), "{issuer}: {}", said.table());
        assert!(said.says("egress_forbidden"), "{issuer}: {}", said.table());
    }
}
