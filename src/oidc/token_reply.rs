//! What an answer to a made-up request says about the client that asked.
//!
//! Providers agree on the error codes of RFC 6749 section 5.2 only roughly. The code decides what an answer *is*; the
//! provider's own numbers and words only make a refusal more precise (which of the two values is wrong). Nothing a
//! provider sends in such an answer is ever repeated to a reader: it may echo the secret.

use serde_json::Value;

use super::json;
use super::refusal_words::Words;
use crate::exchange::{Answer, Problem};

/// What one answer says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// The code was refused: what a *known* client gets, unless this provider looks at the code first.
    CodeRefused,
    /// The client was refused.
    ClientRefused(Refusal),
    /// The client may not do this: `unauthorized_client` and kin, which some providers also use for a wrong secret.
    Unauthorized(Refusal),
    /// The endpoint did what only an authenticated client may ask (revocation, introspection, pushed request).
    Authenticated,
    /// Tokens, for a code that nobody issued.
    Tokens,
    /// Status 401 without a word that says more: alone it may be anybody's, but a client that was told it is not the one
    /// that got past it.
    Unauthenticated(Unclear),
    /// An answer that says nothing about the client, and what it was.
    Unclear(Unclear),
    /// No answer.
    Silence(Problem),
}

/// Why a client was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The secret is wrong (or, for most providers, the id: they do not say which).
    BadSecret,
    /// The secret was right once, and has expired.
    ExpiredSecret,
    /// There is no such client.
    UnknownClient,
    /// The client exists but may not use a secret, this method, or the authorization code grant.
    GrantNotAllowed,
}

/// An answer that says nothing about the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unclear {
    /// A registered error code that is about something else.
    Error(&'static str),
    /// An error code nobody registered.
    OtherError,
    /// Not a JSON object; with the status.
    NotJson(u16),
    /// JSON without an error and without tokens; with the status.
    NoError(u16),
    /// The redirect URI was refused, whoever asked with it.
    RedirectUri,
    /// A redirect.
    Redirect,
    /// An answer that breaks HTTP, or one without end.
    Broken,
}

impl Unclear {
    /// The answer in words, nothing of it quoted but registered codes.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Error(code) => format!("the error `{code}`"),
            Self::OtherError => "an error code that no specification defines".to_owned(),
            Self::NotJson(status) => format!("status {status} without JSON"),
            Self::NoError(status) => format!("status {status} without an error code"),
            Self::RedirectUri => "a refusal of the redirect URI".to_owned(),
            Self::Redirect => "a redirect".to_owned(),
            Self::Broken => "an answer that breaks HTTP or is too large".to_owned(),
        }
    }
}

/// The endpoint that was asked, which decides what success looks like there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Endpoint {
    /// `token_endpoint`, asked with a made-up code.
    Token,
    /// `revocation_endpoint`, asked to revoke a made-up token (RFC 7009).
    Revocation,
    /// `pushed_authorization_request_endpoint`, asked to keep a request (RFC 9126).
    PushedRequest,
    /// `introspection_endpoint`, asked about a made-up token (RFC 7662).
    Introspection,
}

impl Endpoint {
    /// The endpoint in words.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Token => "token endpoint",
            Self::Revocation => "revocation endpoint",
            Self::PushedRequest => "pushed authorization request endpoint",
            Self::Introspection => "introspection endpoint",
        }
    }
}

/// Reads an answer of `endpoint`.
#[must_use]
pub fn read(endpoint: Endpoint, outcome: &Result<Answer, Problem>) -> Reply {
    match (read_words(endpoint, outcome), outcome) {
        // RFC 9110 section 15.5.2, and RFC 6749 section 5.2 for the token endpoint: authentication is what failed.
        (Reply::Unclear(unclear), Ok(Answer { status: 401, .. })) if unclear != Unclear::RedirectUri => {
            Reply::Unauthenticated(unclear)
        }
        (reply, _) => reply,
    }
}

fn read_words(endpoint: Endpoint, outcome: &Result<Answer, Problem>) -> Reply {
    let answer = match outcome {
        Ok(answer) => answer,
        Err(Problem::Protocol(_) | Problem::TooLarge { .. }) => return Reply::Unclear(Unclear::Broken),
        Err(problem) => return Reply::Silence(problem.clone()),
    };
    if let Some(problem) = Problem::put_off(answer) {
        return Reply::Silence(problem);
    }
    let status = answer.status;
    if (300..400).contains(&status) {
        return Reply::Unclear(Unclear::Redirect);
    }
    let members = match parse(&answer.body) {
        Ok(json::Parsed { value: Value::Object(members), duplicates, .. }) if duplicates.is_empty() => members,
        // RFC 7009 section 2.2: success is the status alone, and the body is to be ignored.
        _ if endpoint == Endpoint::Revocation && status == 200 => return Reply::Authenticated,
        _ => return Reply::Unclear(Unclear::NotJson(status)),
    };
    // Okta names its own errors `errorCode` and explains them in `errorSummary`: an unknown client among them.
    let text = |name| members.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let Some(error) = text("error").or_else(|| text("errorCode")) else {
        return without_error(endpoint, status, &members);
    };
    let words = Words::of(&members);
    match error {
        "invalid_grant"
        | "invalid_code"
        | "bad_verification_code"
        | "code_not_found"
        | "invalid_authorization_code"
        | "expired_code" => match words.entra_refusal() {
            Some(refusal) => Reply::ClientRefused(refusal),
            None => Reply::CodeRefused,
        },
        "invalid_client" if words.are_about_the_redirect_uri() => Reply::Unclear(Unclear::RedirectUri),
        // Cloud Foundry's UAA says so of a client that it knows; node-oidc-provider calls it a bad request.
        "invalid_client" | "invalid_request" if words.refuse_the_grant() => {
            Reply::Unauthorized(Refusal::GrantNotAllowed)
        }
        "invalid_request" if words.name_an_unknown_client() => Reply::ClientRefused(Refusal::UnknownClient),
        "invalid_client"
        | "incorrect_client_credentials"
        | "bad_client_secret"
        | "invalid_client_secret"
        | "invalid_client_credentials" => Reply::ClientRefused(words.refusal(Refusal::BadSecret)),
        // Google tells of clients that were deleted or switched off by codes of their own: nobody signs in with them.
        "invalid_client_id" | "bad_client_id" | "client_not_found" | "unknown_client" | "deleted_client"
        | "disabled_client" => Reply::ClientRefused(Refusal::UnknownClient),
        // Cloud Foundry's UAA before version 77, SAP's XSUAA among its kin, says of wrong ids and secrets alike
        // "Bad credentials", and so do servers made with Spring. The code alone is also what gateways say.
        "unauthorized" | "Unauthorized" if status == 401 && words.speak_of_credentials() => {
            Reply::ClientRefused(Refusal::BadSecret)
        }
        // RFC 6749 keeps `access_denied` for the resource owner, who has no part in this exchange. CyberArk says it with
        // status 400.
        "access_denied" if status == 401 || words.speak_of_credentials() => {
            Reply::ClientRefused(words.refusal(Refusal::BadSecret))
        }
        // Auth0 says so once client and code are right.
        "unauthorized_client" if words.name_the_redirect_uri() => Reply::Unclear(Unclear::RedirectUri),
        "unauthorized_client" => Reply::Unauthorized(match words.entra_refusal() {
            Some(refusal) => refusal,
            None if words.name_the_grant() => Refusal::GrantNotAllowed,
            None if status == 400 || words.speak_of_permission() => words.refusal(Refusal::GrantNotAllowed),
            None => words.refusal(Refusal::BadSecret),
        }),
        "unsupported_grant_type" => Reply::Unauthorized(Refusal::GrantNotAllowed),
        other => match words.entra_refusal() {
            Some(refusal) => Reply::ClientRefused(refusal),
            None => Reply::Unclear(registered(other).map_or(Unclear::OtherError, Unclear::Error)),
        },
    }
}

/// The body as JSON, be its words in another encoding than JSON's: some servers explain an error in the letters of their
/// country, and what counts is the code.
fn parse(body: &[u8]) -> Result<json::Parsed, json::NotJson> {
    match json::parse(body) {
        Err(json::NotJson::Encoding) => json::parse(String::from_utf8_lossy(body).as_bytes()),
        other => other,
    }
}

fn without_error(endpoint: Endpoint, status: u16, members: &serde_json::Map<String, Value>) -> Reply {
    let success = (200..300).contains(&status);
    match endpoint {
        Endpoint::Token if success && ["access_token", "id_token"].iter().any(|one| members.contains_key(*one)) => {
            Reply::Tokens
        }
        Endpoint::Revocation if success => Reply::Authenticated,
        Endpoint::Introspection if success && members.get("active").is_some_and(Value::is_boolean) => {
            Reply::Authenticated
        }
        Endpoint::PushedRequest if success && members.contains_key("request_uri") => Reply::Authenticated,
        _ => Reply::Unclear(Unclear::NoError(status)),
    }
}

/// Error codes that the specifications define and that say nothing about the client's authentication.
///
/// Source: RFC 6749 section 5.2, RFC 7009 section 2.2.1, RFC 8628 section 3.5, RFC 8707 section 2, RFC 9101 section 7,
/// RFC 9126 section 2.3, RFC 9396 section 5, RFC 9449 sections 5 and 8; OpenID Connect Core 1.0, section 3.1.2.6.
fn registered(code: &str) -> Option<&'static str> {
    [
        "invalid_request",
        "invalid_scope",
        "invalid_target",
        "server_error",
        "temporarily_unavailable",
        "unsupported_response_type",
        "unsupported_token_type",
        "invalid_redirect_uri",
        "redirect_uri_mismatch",
        "access_denied",
        "unsupported_media_type",
        "slow_down",
        "interaction_required",
        "login_required",
        "consent_required",
        "invalid_token",
        "invalid_request_object",
        "invalid_authorization_details",
        "invalid_dpop_proof",
        "use_dpop_nonce",
    ]
    .into_iter()
    .find(|one| *one == code)
}

#[cfg(test)]
#[path = "token_reply_tests.rs"]
mod tests;
