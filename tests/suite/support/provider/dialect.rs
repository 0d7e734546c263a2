//! How known providers refuse a made-up code, a wrong secret and an unknown client.
//!
//! Codes and statuses as the providers are publicly known to give them; a description stands where clients have to tell
//! answers apart by it. No provider was asked to write this file.

use serde_json::{Value, json};

use super::client::{How, Who};
use super::reply::Reply;

/// A token endpoint's manners.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dialect {
    Okta,
    /// Looks at the client first.
    Entra,
    /// Stumbles over the code's form before it looks at the secret (9002313), for known clients.
    EntraMalformedFirst,
    Google,
    Auth0,
    Keycloak,
    PingOne,
    PingFederate,
    OneLogin,
    Adfs,
    Cognito,
    GitLab,
    Salesforce,
    Hydra,
    /// HTTP 200 with an error in the body.
    GitHub,
    /// HTTP 200 with `ok: false`.
    Slack,
    /// 403 `invalid_code` for the right secret, 403 `unauthorized_client` for any other.
    Forbidding,
    /// `invalid_grant` whatever the secret: the code is judged first.
    GrantFirst,
    /// `invalid_grant` for a known id with any secret, `invalid_client` for another id: only the id is looked at.
    IdOnly,
    /// 200 with tokens for any code and any secret: nothing is checked.
    Generous,
    /// `invalid_client` for everybody.
    NobodyKnown,
}

/// Every dialect in which the three answers tell the clients apart.
pub const TELLING: &[Dialect] = &[
    Dialect::Okta,
    Dialect::Entra,
    Dialect::Google,
    Dialect::Auth0,
    Dialect::Keycloak,
    Dialect::PingOne,
    Dialect::PingFederate,
    Dialect::OneLogin,
    Dialect::Adfs,
    Dialect::Cognito,
    Dialect::GitLab,
    Dialect::Salesforce,
    Dialect::Hydra,
    Dialect::GitHub,
    Dialect::Slack,
    Dialect::Forbidding,
];

/// The text that Doorkeeper's and Hydra's descendants give every failed authentication.
const NO_CLIENT: &str = "Client authentication failed due to unknown client, no client authentication included, or \
                         unsupported authentication method.";

impl Dialect {
    pub(super) fn reply(self, who: Who, how: How) -> Reply {
        let error = |status, code, words| Reply::error(status, code, Some(words));
        match (self, who) {
            (Self::Okta, Who::Right) => {
                error(400, "invalid_grant", "The authorization code is invalid or has expired.")
            }
            (Self::Okta, Who::WrongSecret) => {
                error(401, "invalid_client", "The client secret supplied for a confidential client is invalid.")
            }
            (Self::Okta, Who::Unknown) => Reply::json(
                401,
                &json!({"errorCode": "invalid_client", "errorSummary": "Invalid value for 'client_id' parameter.",
                    "errorLink": "invalid_client", "errorId": "oae0", "errorCauses": []}),
            ),
            (Self::Entra, Who::Right) => entra_error(70000),
            (Self::Entra, Who::WrongSecret) if how == How::Bare => entra_error(7_000_218),
            (Self::Entra, Who::WrongSecret) => entra_error(7_000_215),
            (Self::Entra | Self::EntraMalformedFirst, Who::Unknown) => entra_error(700_016),
            (Self::EntraMalformedFirst, _) => entra_error(9_002_313),
            (Self::Google, Who::Right) => error(400, "invalid_grant", "Malformed auth code."),
            (Self::Google, Who::WrongSecret) => error(401, "invalid_client", "Unauthorized"),
            (Self::Google, Who::Unknown) => error(401, "invalid_client", "The OAuth client was not found."),
            (Self::Auth0, Who::Right) => error(403, "invalid_grant", "Invalid authorization code"),
            (Self::Auth0, _) => error(401, "access_denied", "Unauthorized"),
            (Self::Keycloak, Who::Right) => error(400, "invalid_grant", "Code not valid"),
            (Self::Keycloak, Who::WrongSecret) => {
                error(401, "unauthorized_client", "Invalid client or Invalid client credentials")
            }
            (Self::Keycloak, Who::Unknown) => {
                error(401, "invalid_client", "Invalid client or Invalid client credentials")
            }
            (Self::PingOne, Who::Right) => error(400, "invalid_grant", "Authorization code not found"),
            (Self::PingOne, Who::WrongSecret) => {
                error(401, "invalid_client", "Request denied: Invalid client credentials (Correlation ID: 1)")
            }
            (Self::PingOne, Who::Unknown) => {
                error(401, "invalid_client", "Request denied: Client not found (Correlation ID: 1)")
            }
            (Self::PingFederate, Who::Right) => {
                error(400, "invalid_grant", "Authorization code is invalid or expired.")
            }
            (Self::PingFederate, _) => error(401, "invalid_client", "Invalid client or client credentials."),
            (Self::OneLogin, Who::Right) => error(400, "invalid_grant", "grant request is invalid"),
            (Self::OneLogin, Who::WrongSecret) => error(401, "invalid_client", "client authentication failed"),
            (Self::OneLogin, Who::Unknown) => error(401, "invalid_client", "client is invalid"),
            (Self::Adfs, Who::Right) => {
                error(400, "invalid_grant", "MSIS9612: The authorization code received in 'code' parameter is invalid.")
            }
            (Self::Adfs, Who::WrongSecret) => error(
                400,
                "invalid_client",
                "MSIS9622: Client authentication failed. Please verify the credential provided for client \
                 authentication is valid.",
            ),
            (Self::Adfs, Who::Unknown) => error(
                400,
                "invalid_client",
                "MSIS9607: The 'client_id' parameter in the request is invalid. No registered client is found with \
                 this identifier.",
            ),
            (Self::Cognito, Who::Right) => Reply::error(400, "invalid_grant", None),
            (Self::Cognito, Who::WrongSecret) => error(400, "invalid_client", "invalid_client_secret"),
            (Self::Cognito, Who::Unknown) => Reply::error(400, "invalid_client", None),
            (Self::GitLab, Who::Right) => error(
                400,
                "invalid_grant",
                "The provided authorization grant is invalid, expired, revoked, does not match the redirection URI \
                 used in the authorization request, or was issued to another client.",
            ),
            (Self::GitLab, _) => {
                error(401, "invalid_client", NO_CLIENT).with_header("WWW-Authenticate", "Bearer realm=\"Doorkeeper\"")
            }
            (Self::Salesforce, Who::Right) => error(400, "invalid_grant", "invalid authorization code"),
            (Self::Salesforce, Who::WrongSecret) => error(400, "invalid_client", "invalid client credentials"),
            (Self::Salesforce, Who::Unknown) => error(400, "invalid_client_id", "client identifier invalid"),
            (Self::Hydra, Who::Right) => error(
                400,
                "invalid_grant",
                "The provided authorization grant (e.g., authorization code, resource owner credentials) or refresh \
                 token is invalid, expired, revoked",
            ),
            (Self::Hydra, _) => error(401, "invalid_client", NO_CLIENT),
            (Self::GitHub, Who::Right) => {
                error(200, "bad_verification_code", "The code passed is incorrect or expired.")
            }
            (Self::GitHub, Who::WrongSecret) => {
                error(200, "incorrect_client_credentials", "The client_id and/or client_secret passed are incorrect.")
            }
            (Self::GitHub, Who::Unknown) => Reply::json(404, &json!({"error": "Not Found"})),
            (Self::Slack, Who::Right) => slack("invalid_code"),
            (Self::Slack, Who::WrongSecret) => slack("bad_client_secret"),
            (Self::Slack, Who::Unknown) => slack("invalid_client_id"),
            (Self::Forbidding, Who::Right) => Reply::error(403, "invalid_code", None),
            (Self::Forbidding, _) => Reply::error(403, "unauthorized_client", None),
            (Self::GrantFirst, _) | (Self::IdOnly, Who::Right | Who::WrongSecret) => {
                Reply::error(400, "invalid_grant", None)
            }
            (Self::Generous, _) => Reply::json(
                200,
                &json!({"access_token": "CANARY-access", "token_type": "Bearer", "expires_in": 3600,
                    "refresh_token": "CANARY-refresh", "id_token": "e30.e30.CANARY"}),
            ),
            (Self::IdOnly, Who::Unknown) | (Self::NobodyKnown, _) => Reply::error(401, "invalid_client", None),
        }
    }
}

fn slack(code: &str) -> Reply {
    Reply::json(200, &json!({"ok": false, "error": code}))
}

/// Entra ID's answer with that AADSTS code.
pub fn entra_error(code: u32) -> Reply {
    let (status, error, words) = match code {
        70000 => (400, "invalid_grant", "The provided authorization code is invalid or malformed."),
        70008 => (400, "invalid_grant", "The provided authorization code or refresh token has expired."),
        90002 => (400, "invalid_request", "Tenant 'acme' not found."),
        700_016 => (400, "unauthorized_client", "Application with identifier 'acme' was not found in the directory."),
        700_025 => (
            401,
            "invalid_client",
            "Client is public so neither 'client_assertion' nor 'client_secret' should be presented.",
        ),
        7_000_215 => (
            401,
            "invalid_client",
            "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, \
             not the client secret ID.",
        ),
        7_000_218 => (
            401,
            "invalid_client",
            "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
        ),
        7_000_222 => (401, "invalid_client", "The provided client secret keys for app 'acme' are expired."),
        9_002_313 => (400, "invalid_grant", "Invalid request. Request is malformed or invalid."),
        other => panic!("AADSTS{other} is not known here"),
    };
    let (trace, at) = ("00000000-0000-0000-0000-000000000000", "2026-01-01 00:00:00Z");
    let body: Value = json!({
        "error": error,
        "error_description": format!("AADSTS{code}: {words} Trace ID: {trace} Correlation ID: {trace} Timestamp: {at}"),
        "error_codes": [code],
        "timestamp": at,
        "trace_id": trace,
        "correlation_id": trace,
        "error_uri": format!("https://login.microsoftonline.com/error?code={code}")
    });
    Reply::json(status, &body)
}
