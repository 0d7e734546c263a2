//! What the token endpoint answers to a made-up code.
//!
//! A refusal of the client, and an answer that tells nothing, are given to everybody. Where a row speaks of the right
//! secret, only the right secret gets that answer, and a made-up one is refused: no provider that gives both the same
//! answer tells right from wrong, and being told is what the row is about.

use serde_json::json;

use super::{Outcome, onboards};
use crate::support::provider::{Behaviour, Provider, Reply, Route, entra_error};

type Row = (&'static str, Outcome, &'static str, &'static str, Behaviour);

fn error(status: u16, code: &str, words: &str) -> Reply {
    Reply::error(status, code, (!words.is_empty()).then_some(words))
}

fn everybody(reply: Reply) -> Behaviour {
    Behaviour::reply(reply)
}

fn the_right_secret_alone(reply: Reply) -> Behaviour {
    let refused = Reply::error(401, "invalid_client", None);
    Behaviour::by_client(reply, refused.clone(), refused)
}

fn rows() -> Vec<Row> {
    use Outcome::{Accept, Reject, Unknown, Warn};
    let wrong = |words: &str| everybody(error(401, "invalid_client", words));
    let right = |words: &str| the_right_secret_alone(error(400, "invalid_grant", words));
    let public = Reject("grant_not_allowed");
    let (bad, open) = (Reject("bad_secret"), Warn("inconclusive"));
    vec![
        ("tok-003", bad, "bad_secret", "a plain refusal", wrong("Client authentication failed")),
        ("tok-008", open, "inconclusive", "about scopes", everybody(error(400, "invalid_scope", ""))),
        (
            "tok-009",
            open,
            "inconclusive",
            "about the redirect URI",
            everybody(error(400, "invalid_request", "redirect_uri mismatch")),
        ),
        ("tok-015", bad, "bad_secret", "Auth0", everybody(error(401, "access_denied", "Unauthorized"))),
        ("tok-029", open, "inconclusive", "Entra, the code's form first", everybody(entra_error(9_002_313))),
        ("tok-031", open, "inconclusive", "Entra, an expired code that never was", everybody(entra_error(70_008))),
        ("tok-033", public, "grant_not_allowed", "Entra, a public client", everybody(entra_error(700_025))),
        ("tok-041", Accept, "credentials_ok", "Google", right("Malformed auth code.")),
        (
            "tok-044",
            public,
            "grant_not_allowed",
            "PingOne, another method",
            wrong("Request denied: Unsupported authentication method (Correlation ID: 1)"),
        ),
        (
            "tok-047",
            Accept,
            "credentials_ok",
            "Hydra",
            right("The provided authorization grant or refresh token is invalid, expired, revoked"),
        ),
        (
            "tok-050",
            bad,
            "bad_secret",
            "Salesforce",
            everybody(error(400, "invalid_client", "invalid client credentials")),
        ),
        ("tok-052", Accept, "credentials_ok", "Salesforce", right("invalid authorization code")),
        (
            "tok-053",
            Reject("unknown_client"),
            "unknown_client",
            "AD FS",
            everybody(error(
                400,
                "invalid_client",
                "MSIS9607: The 'client_id' parameter in the request is invalid. No registered client is found with this identifier.",
            )),
        ),
        (
            "tok-054",
            bad,
            "bad_secret",
            "AD FS",
            everybody(error(
                400,
                "invalid_client",
                "MSIS9622: Client authentication failed. Please verify the credential provided for client authentication is valid.",
            )),
        ),
        ("tok-056", bad, "bad_secret", "OneLogin", wrong("client authentication failed")),
        (
            "tok-058",
            bad,
            "bad_secret",
            "an error with status 200",
            everybody(error(
                200,
                "incorrect_client_credentials",
                "The client_id and/or client_secret passed are incorrect.",
            )),
        ),
        (
            "tok-060",
            bad,
            "bad_secret",
            "the same, in Slack's form",
            everybody(Reply::json(200, &json!({"ok": false, "error": "bad_client_secret"}))),
        ),
        (
            "tok-063",
            open,
            "inconclusive",
            "a page with the right word in it",
            everybody(Reply::html(400, "<html>invalid_grant</html>")),
        ),
        ("tok-064", open, "inconclusive", "a page to sign in at", everybody(Reply::html(200, "<html>Sign in</html>"))),
        (
            "tok-065",
            open,
            "inconclusive",
            "a firewall's page",
            everybody(Reply::html(403, "<html>Access denied - Reference #18.1</html>")),
        ),
        (
            "tok-068",
            Unknown("unreachable"),
            "unreachable",
            "too many, until long ago",
            everybody(Reply::json(429, &json!(null)).with_header("Retry-After", "Wed, 21 Oct 2015 07:28:00 GMT")),
        ),
        (
            "tok-071",
            Unknown("unreachable"),
            "unreachable",
            "a fault of the server",
            everybody(Reply::text(500, "upstream error")),
        ),
        (
            "tok-073",
            Unknown("unreachable"),
            "unreachable",
            "out of service",
            everybody(Reply::text(503, "upstream error")),
        ),
        ("tok-079", open, "inconclusive", "wants JSON", everybody(error(415, "unsupported_media_type", ""))),
        ("tok-081", open, "inconclusive", "an empty object", everybody(Reply::json(200, &json!({})))),
        ("tok-089", bad, "bad_secret", "escapes, and our secret", wrong("\u{1b}[2Jbad secret CANARY-s3cr3t")),
        (
            "tok-096",
            Accept,
            "credentials_ok",
            "an odd id and secret",
            Behaviour::require_basic("app%3Aone%252:p%2Bss+w%C3%B6rd%3A%25%2F%3D"),
        ),
    ]
}

pub(super) fn table() -> Vec<(&'static str, Outcome)> {
    rows().into_iter().map(|(id, outcome, ..)| (id, outcome)).collect()
}

fn run(part: usize) {
    for (at, (id, outcome, classification, what, behaviour)) in rows().into_iter().enumerate() {
        if at % 3 != part {
            continue;
        }
        let provider = Provider::new().on(Route::Token, behaviour);
        let provider = if id == "tok-096" { provider.client("app:one%2", "p+ss wörd:%/=") } else { provider };
        let provider = provider.start();
        let (_, said) = onboards(&format!("{id} ({what})"), &provider, outcome);
        assert_eq!(said.classification(), classification, "{id}: {}", said.table());
        let expected = if matches!(outcome, Outcome::Accept) { "pass" } else { said.verdict("oidc-credentials") };
        assert_eq!(said.verdict("oidc-credentials"), expected, "{id}: {}", said.table());
    }
}

#[test]
fn token_answers_first_third() {
    run(0);
}

#[test]
fn token_answers_second_third() {
    run(1);
}

#[test]
fn token_answers_last_third() {
    run(2);
}
