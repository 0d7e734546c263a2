use super::*;
use std::time::Duration;

fn answer(status: u16, body: &str) -> Answer {
    Answer {
        url: "https://idp.acme.example/token".to_owned(),
        status,
        content_type: Some("application/json".to_owned()),
        location: None,
        body: body.as_bytes().to_vec(),
        elapsed: Duration::ZERO,
    }
}

fn token(status: u16, body: &str) -> Reply {
    read(Endpoint::Token, &Ok(answer(status, body)))
}

/// What Hydra and Authelia begin with.
const FOSITE: &str = "Client authentication failed (e.g., unknown client, no client authentication included, or \
                      unsupported authentication method).";

fn entra(error: &str, number: u64) -> String {
    format!(
        "{{\"error\":\"{error}\",\"error_description\":\"AADSTS{number}: Words. Trace ID: 0\",\"error_codes\":[{number}]}}"
    )
}

/// The recorded dialects: status, body, and what the answer is. Ids are those of the case list.
#[test]
fn every_recorded_dialect_is_read_as_what_it_is() {
    use Refusal::{BadSecret, ExpiredSecret, GrantNotAllowed, UnknownClient};
    let refused = Reply::ClientRefused;
    let described = |error: &str, words: &str| format!("{{\"error\":\"{error}\",\"error_description\":\"{words}\"}}");
    let rows: Vec<(&str, u16, String, Reply)> = vec![
        ("tok-003", 401, described("invalid_client", "Client authentication failed"), refused(BadSecret)),
        (
            "okta secret",
            401,
            described("invalid_client", "The client secret supplied for a confidential client is invalid."),
            refused(BadSecret),
        ),
        (
            "okta id",
            401,
            described("invalid_client", "Invalid value for 'client_id' parameter."),
            refused(UnknownClient),
        ),
        (
            "okta id, in its own form",
            401,
            "{\"errorCode\":\"invalid_client\",\"errorSummary\":\"Invalid value for 'client_id' parameter.\",\
             \"errorLink\":\"invalid_client\",\"errorCauses\":[]}"
                .into(),
            refused(UnknownClient),
        ),
        (
            "okta right",
            400,
            described("invalid_grant", "The authorization code is invalid or has expired."),
            Reply::CodeRefused,
        ),
        ("tok-008", 400, "{\"error\":\"invalid_scope\"}".into(), Reply::Unclear(Unclear::Error("invalid_scope"))),
        (
            "tok-009",
            400,
            described("invalid_request", "redirect_uri mismatch"),
            Reply::Unclear(Unclear::Error("invalid_request")),
        ),
        ("tok-015 auth0", 401, described("access_denied", "Unauthorized"), refused(BadSecret)),
        (
            "auth0 grant",
            403,
            described("unauthorized_client", "Grant type 'authorization_code' not allowed for the client."),
            Reply::Unauthorized(GrantNotAllowed),
        ),
        (
            "okta without the code grant",
            400,
            described(
                "unauthorized_client",
                "The client is not authorized to use the provided grant type. Configured grant types: [client_credentials].",
            ),
            Reply::Unauthorized(GrantNotAllowed),
        ),
        ("google deleted", 401, described("deleted_client", "The OAuth client was deleted."), refused(UnknownClient)),
        (
            "google disabled",
            401,
            described("disabled_client", "The OAuth client was disabled."),
            refused(UnknownClient),
        ),
        ("uaa", 401, described("unauthorized", "Bad credentials"), refused(BadSecret)),
        (
            "uaa without the code grant",
            401,
            described("invalid_client", "Unauthorized grant type"),
            Reply::Unauthorized(GrantNotAllowed),
        ),
        (
            "spring's own form",
            401,
            "{\"status\":401,\"error\":\"Unauthorized\",\"message\":\"Bad credentials\",\"path\":\"/token\"}".into(),
            refused(BadSecret),
        ),
        (
            "spring's own form, and no word more",
            401,
            "{\"status\":401,\"error\":\"Unauthorized\",\"message\":\"Unauthorized\",\"path\":\"/token\"}".into(),
            Reply::Unauthenticated(Unclear::OtherError),
        ),
        (
            "openconext id",
            401,
            described("unauthorized", "ClientID acme or secret is not correct"),
            refused(BadSecret),
        ),
        (
            "rauthy",
            401,
            "{\"error\":\"Unauthorized\",\"message\":\"Invalid 'client_secret'\"}".into(),
            refused(BadSecret),
        ),
        (
            "uaa, asked without credentials",
            401,
            described("unauthorized", "Full authentication is required to access this resource"),
            Reply::Unauthenticated(Unclear::OtherError),
        ),
        (
            "wso2 id",
            401,
            described("invalid_client", "A valid OAuth client could not be found for client_id: 0oa1"),
            refused(UnknownClient),
        ),
        ("id not found", 401, described("invalid_client", "client_id not found"), refused(UnknownClient)),
        ("invalid id", 401, described("invalid_client", "Invalid client_id"), refused(UnknownClient)),
        ("either", 401, described("invalid_client", "Invalid client_id or client_secret"), refused(BadSecret)),
        ("a bare 401", 401, String::new(), Reply::Unauthenticated(Unclear::NotJson(401))),
        (
            "a code of its own",
            401,
            "{\"error\":\"authentication_failed\"}".into(),
            Reply::Unauthenticated(Unclear::OtherError),
        ),
        ("auth0 right", 403, described("invalid_grant", "Invalid authorization code"), Reply::CodeRefused),
        ("tok-029", 400, entra("invalid_grant", 9_002_313), Reply::CodeRefused),
        ("tok-031", 400, entra("invalid_grant", 70_008), Reply::CodeRefused),
        ("tok-033", 401, entra("invalid_client", 700_025), refused(GrantNotAllowed)),
        ("entra secret", 401, entra("invalid_client", 7_000_215), refused(BadSecret)),
        ("entra expired", 401, entra("invalid_client", 7_000_222), refused(ExpiredSecret)),
        ("entra disabled", 401, entra("invalid_client", 7_000_112), refused(UnknownClient)),
        ("entra without such a tenant", 400, entra("invalid_request", 90_002), refused(UnknownClient)),
        (
            "entra v1, an expired code",
            400,
            described("invalid_grant", "AADSTS70002: Error validating credentials. AADSTS70008: The grant is expired."),
            Reply::CodeRefused,
        ),
        (
            "entra v1, an expired code, in numbers",
            400,
            "{\"error\":\"invalid_grant\",\"error_codes\":[70002,70008]}".into(),
            Reply::CodeRefused,
        ),
        (
            "entra v1 secret",
            401,
            described(
                "invalid_client",
                "AADSTS70002: Error validating credentials. AADSTS50012: Invalid client secret.",
            ),
            refused(BadSecret),
        ),
        ("entra v1, credentials", 400, entra("invalid_grant", 70_002), refused(BadSecret)),
        (
            "entra v1, another redirect URI",
            400,
            described(
                "invalid_client",
                "AADSTS70002: Error validating credentials. AADSTS50011: The reply address does not match.",
            ),
            Reply::Unclear(Unclear::RedirectUri),
        ),
        ("entra redirect URI", 400, entra("invalid_client", 500_112), Reply::Unclear(Unclear::RedirectUri)),
        ("entra redirect URI, with 401", 401, entra("invalid_client", 50_011), Reply::Unclear(Unclear::RedirectUri)),
        ("entra without such a name", 400, entra("invalid_request", 900_023), refused(UnknownClient)),
        ("entra, a single-page application", 400, entra("invalid_request", 9_002_327), refused(GrantNotAllowed)),
        ("entra v1 id", 400, entra("unauthorized_client", 70_001), Reply::Unauthorized(UnknownClient)),
        (
            "b2c id",
            400,
            described("invalid_request", "AADB2C90068: The provided application with ID '0oa1' is not valid."),
            refused(UnknownClient),
        ),
        (
            "b2c secret",
            400,
            described("invalid_request", "AADB2C90081: The specified client_secret does not match."),
            refused(BadSecret),
        ),
        ("b2c right", 400, described("invalid_grant", "AADB2C90080: The grant has expired."), Reply::CodeRefused),
        ("zitadel id", 401, described("invalid_client", "App not found"), refused(UnknownClient)),
        ("entra principal", 401, entra("invalid_client", 7_000_229), refused(UnknownClient)),
        ("disabled", 401, described("invalid_client", "Client is not enabled"), refused(UnknownClient)),
        ("disabled app", 401, described("invalid_client", "The application is disabled"), refused(UnknownClient)),
        ("not found", 401, described("invalid_client", "Could not find client 0oa1"), refused(UnknownClient)),
        ("app not found", 401, described("invalid_client", "Client application not found."), refused(UnknownClient)),
        ("id by code", 401, described("invalid_client", "invalid_client_id"), refused(UnknownClient)),
        ("secret off", 401, described("invalid_client", "The client secret is disabled"), refused(BadSecret)),
        ("entra app", 400, entra("unauthorized_client", 700_016), Reply::Unauthorized(UnknownClient)),
        ("tok-041 google", 400, described("invalid_grant", "Malformed auth code."), Reply::CodeRefused),
        ("google id", 401, described("invalid_client", "The OAuth client was not found."), refused(UnknownClient)),
        (
            "google secret",
            401,
            described("invalid_client", "The provided client secret is invalid."),
            refused(BadSecret),
        ),
        (
            "keycloak",
            401,
            described("unauthorized_client", "Invalid client or Invalid client credentials"),
            Reply::Unauthorized(BadSecret),
        ),
        (
            "keycloak, nobody identified",
            400,
            described("unauthorized_client", "UNKNOWN_CLIENT: The client was not identified"),
            Reply::Unauthorized(UnknownClient),
        ),
        ("keycloak right", 400, described("invalid_grant", "Code not valid"), Reply::CodeRefused),
        (
            "tok-044 pingone",
            401,
            described("invalid_client", "Request denied: Unsupported authentication method (Correlation ID: 1)"),
            refused(GrantNotAllowed),
        ),
        (
            "tok-047 hydra",
            400,
            described("invalid_grant", "The provided authorization grant is invalid"),
            Reply::CodeRefused,
        ),
        ("tok-050 salesforce", 400, described("invalid_client", "invalid client credentials"), refused(BadSecret)),
        ("salesforce id", 400, described("invalid_client_id", "client identifier invalid"), refused(UnknownClient)),
        ("tok-052", 400, described("invalid_grant", "invalid authorization code"), Reply::CodeRefused),
        (
            "tok-053 adfs",
            400,
            described(
                "invalid_client",
                "MSIS9607: The 'client_id' parameter in the request is invalid. No registered client is found with this identifier.",
            ),
            refused(UnknownClient),
        ),
        (
            "tok-054 adfs",
            400,
            described(
                "invalid_client",
                "MSIS9622: Client authentication failed. Please verify the credential provided for client authentication is valid.",
            ),
            refused(BadSecret),
        ),
        ("tok-056 onelogin", 401, described("invalid_client", "client authentication failed"), refused(BadSecret)),
        ("cognito", 400, "{\"error\":\"invalid_client\"}".into(), refused(BadSecret)),
        (
            "gitlab",
            401,
            described(
                "invalid_client",
                "Client authentication failed due to unknown client, no client authentication included, or unsupported authentication method.",
            ),
            refused(BadSecret),
        ),
        (
            "fosite, no such client",
            401,
            described("invalid_client", &format!("{FOSITE} The requested OAuth 2.0 Client does not exist.")),
            refused(UnknownClient),
        ),
        (
            "fosite, a wrong secret",
            401,
            described("invalid_client", &format!("{FOSITE} The provided client secret did not match.")),
            refused(BadSecret),
        ),
        (
            "fosite, another method",
            401,
            described(
                "invalid_client",
                &format!(
                    "{FOSITE} The client supports client authentication method 'private_key_jwt', but not this one."
                ),
            ),
            refused(GrantNotAllowed),
        ),
        (
            "hydra before 1.10, no such client",
            401,
            format!(
                "{{\"error\":\"invalid_client\",\"error_description\":\"{FOSITE}\",\"error_hint\":\"The requested \
                 OAuth 2.0 Client does not exist.\"}}"
            ),
            refused(UnknownClient),
        ),
        ("fosite, no word more", 401, described("invalid_client", FOSITE), refused(BadSecret)),
        ("keycloak, no web app", 400, described("invalid_client", "Bearer-only not allowed"), refused(GrantNotAllowed)),
        (
            "okta with proof of possession",
            400,
            described("invalid_dpop_proof", "The DPoP proof JWT header is missing."),
            Reply::Unclear(Unclear::Error("invalid_dpop_proof")),
        ),
        ("no error, and tokens", 200, "{\"error\":\"\",\"access_token\":\"x\"}".into(), Reply::Tokens),
        (
            "tok-058 github",
            200,
            described("incorrect_client_credentials", "The client_id and/or client_secret passed are incorrect."),
            refused(BadSecret),
        ),
        (
            "github right",
            200,
            described("bad_verification_code", "The code passed is incorrect or expired."),
            Reply::CodeRefused,
        ),
        ("tok-060 slack", 200, "{\"ok\":false,\"error\":\"bad_client_secret\"}".into(), refused(BadSecret)),
        ("slack right", 200, "{\"ok\":false,\"error\":\"invalid_code\"}".into(), Reply::CodeRefused),
        ("cyberark", 400, described("access_denied", "invalid client creds or client not allowed"), refused(BadSecret)),
        (
            "okta, a policy",
            400,
            described("access_denied", "Policy evaluation failed for this request."),
            Reply::Unclear(Unclear::Error("access_denied")),
        ),
        (
            "auth0, another redirect URI",
            403,
            described(
                "unauthorized_client",
                "The redirect URI is wrong. You sent https://a.example, and we expected it not",
            ),
            Reply::Unclear(Unclear::RedirectUri),
        ),
        (
            "keycloak, a client that signs",
            400,
            described("invalid_client", "Parameter client_assertion_type is missing"),
            refused(GrantNotAllowed),
        ),
        (
            "okta, a single-page application",
            401,
            described("invalid_client", "Browser requests to the token endpoint must use Proof Key for Code Exchange."),
            refused(GrantNotAllowed),
        ),
        (
            "openiddict id",
            401,
            described("invalid_client", "The specified 'client_id' is invalid."),
            refused(UnknownClient),
        ),
        (
            "openiddict, a public client",
            400,
            described("invalid_client", "The 'client_secret' parameter is not valid for this client application."),
            refused(GrantNotAllowed),
        ),
        (
            "node-oidc-provider without the code grant",
            400,
            described("invalid_request", "requested grant type is not allowed for this client"),
            Reply::Unauthorized(GrantNotAllowed),
        ),
        (
            "node-oidc-provider, an expired secret",
            401,
            described("invalid_client", "the client is known, and its client secret is expired"),
            refused(ExpiredSecret),
        ),
        (
            "connect2id",
            401,
            described(
                "invalid_client",
                "Invalid client: Possible causes may be an invalid client_id, missing client authentication, an expired \
                 client secret, or an unexpected client authentication method",
            ),
            refused(BadSecret),
        ),
        (
            "fusionauth id",
            400,
            "{\"error\":\"invalid_request\",\"error_description\":\"The id is wrong.\",\"error_reason\":\"invalid_client_id\"}"
                .into(),
            refused(UnknownClient),
        ),
        (
            "an id or an address",
            400,
            described("invalid_request", "Invalid client_id or redirect_uri"),
            Reply::Unclear(Unclear::Error("invalid_request")),
        ),
        ("casdoor id", 400, described("invalid_client", "client_id is invalid"), refused(UnknownClient)),
        ("casdoor secret", 400, described("invalid_client", "client_secret is invalid"), refused(BadSecret)),
        ("wso2 off", 401, described("invalid_client", "Oauth App is not in active state."), refused(UnknownClient)),
        ("403 pair, right", 403, "{\"error\":\"invalid_code\"}".into(), Reply::CodeRefused),
        ("403 pair, wrong", 403, "{\"error\":\"unauthorized_client\"}".into(), Reply::Unauthorized(BadSecret)),
        ("400 unauthorized", 400, "{\"error\":\"unauthorized_client\"}".into(), Reply::Unauthorized(GrantNotAllowed)),
        ("tok-063", 400, "<html>invalid_grant</html>".into(), Reply::Unclear(Unclear::NotJson(400))),
        ("tok-064", 200, "<html>Sign in</html>".into(), Reply::Unclear(Unclear::NotJson(200))),
        ("tok-065", 403, "<html>Access denied</html>".into(), Reply::Unclear(Unclear::NotJson(403))),
        (
            "tok-079",
            415,
            "{\"error\":\"unsupported_media_type\"}".into(),
            Reply::Unclear(Unclear::Error("unsupported_media_type")),
        ),
        ("tok-081", 200, "{}".into(), Reply::Unclear(Unclear::NoError(200))),
        ("tokens", 200, "{\"access_token\":\"x\",\"token_type\":\"Bearer\"}".into(), Reply::Tokens),
        (
            "twice",
            400,
            "{\"error\":\"invalid_grant\",\"error\":\"invalid_client\"}".into(),
            Reply::Unclear(Unclear::NotJson(400)),
        ),
    ];
    for (name, status, body, expected) in rows {
        assert_eq!(token(status, &body), expected, "{name}");
    }
}

#[test]
fn an_error_is_read_whatever_letters_explain_it() {
    let mut latin = answer(400, "");
    latin.body = b"{\"error\":\"invalid_client\",\"error_description\":\"ung\xfcltig\"}".to_vec();
    assert_eq!(read(Endpoint::Token, &Ok(latin)), Reply::ClientRefused(Refusal::BadSecret));
    let mut noise = answer(400, "");
    noise.body = b"{\"error\":\"invalid_\xffclient\"}".to_vec();
    assert_eq!(read(Endpoint::Token, &Ok(noise)), Reply::Unclear(Unclear::OtherError));
}

#[test]
fn overload_is_silence_not_an_answer() {
    for status in [408, 425, 429, 500, 503] {
        assert!(matches!(token(status, "{\"error\":\"invalid_client\"}"), Reply::Silence(_)), "{status}");
    }
}

#[test]
fn a_revocation_succeeds_by_status_alone() {
    for body in ["", "{}", "{\"result\":\"ok\"}"] {
        assert_eq!(read(Endpoint::Revocation, &Ok(answer(200, body))), Reply::Authenticated, "{body}");
    }
    assert_eq!(read(Endpoint::Revocation, &Ok(answer(404, "{}"))), Reply::Unclear(Unclear::NoError(404)));
    let refused = read(Endpoint::Revocation, &Ok(answer(401, "{\"error\":\"invalid_client\"}")));
    assert_eq!(refused, Reply::ClientRefused(Refusal::BadSecret));
}

#[test]
fn introspection_and_pushed_requests_succeed_by_their_members() {
    assert_eq!(read(Endpoint::Introspection, &Ok(answer(200, "{\"active\":false}"))), Reply::Authenticated);
    let pushed = "{\"request_uri\":\"urn:x\",\"expires_in\":60}";
    assert_eq!(read(Endpoint::PushedRequest, &Ok(answer(201, pushed))), Reply::Authenticated);
    assert_eq!(read(Endpoint::PushedRequest, &Ok(answer(200, "{}"))), Reply::Unclear(Unclear::NoError(200)));
}
