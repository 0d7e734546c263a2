//! What an answer to a made-up request says about the client that asked.
//!
//! Providers agree on the error codes of RFC 6749 section 5.2 only roughly. The code decides what an answer *is*; the
//! provider's own numbers and words only make a refusal more precise (which of the two values is wrong). Nothing a
//! provider sends in such an answer is ever repeated to a reader: it may echo the secret.

use serde_json::Value;

use super::json;
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
    let answer = match outcome {
        Ok(answer) => answer,
        Err(Problem::Protocol(_) | Problem::TooLarge { .. }) => return Reply::Unclear(Unclear::Broken),
        Err(problem) => return Reply::Silence(problem.clone()),
    };
    let status = answer.status;
    if status == 429 || status >= 500 {
        return Reply::Silence(Problem::Connect {
            host: host_of(&answer.url),
            reason: format!("it answered with status {status}"),
        });
    }
    if (300..400).contains(&status) {
        return Reply::Unclear(Unclear::Redirect);
    }
    let members = match json::parse(&answer.body) {
        Ok(json::Parsed { value: Value::Object(members), duplicates, .. }) if duplicates.is_empty() => members,
        // RFC 7009 section 2.2: success is the status alone, and the body is to be ignored.
        _ if endpoint == Endpoint::Revocation && status == 200 => return Reply::Authenticated,
        _ => return Reply::Unclear(Unclear::NotJson(status)),
    };
    // Okta names its own errors `errorCode` and explains them in `errorSummary`: an unknown client among them.
    let error = members.get("error").and_then(Value::as_str);
    let Some(error) = error.or_else(|| members.get("errorCode").and_then(Value::as_str)) else {
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
        "invalid_client"
        | "incorrect_client_credentials"
        | "bad_client_secret"
        | "invalid_client_secret"
        | "invalid_client_credentials" => Reply::ClientRefused(words.refusal(Refusal::BadSecret)),
        "invalid_client_id" | "bad_client_id" | "client_not_found" | "unknown_client" => {
            Reply::ClientRefused(Refusal::UnknownClient)
        }
        // RFC 6749 keeps `access_denied` for the resource owner, who has no part in this exchange.
        "access_denied" if status == 401 => Reply::ClientRefused(words.refusal(Refusal::BadSecret)),
        "unauthorized_client" => Reply::Unauthorized(words.refusal(if status == 400 {
            Refusal::GrantNotAllowed
        } else {
            words.about_grants().unwrap_or(Refusal::BadSecret)
        })),
        "unsupported_grant_type" => Reply::Unauthorized(Refusal::GrantNotAllowed),
        other => match words.entra_refusal() {
            Some(refusal) => Reply::ClientRefused(refusal),
            None => Reply::Unclear(registered(other).map_or(Unclear::OtherError, Unclear::Error)),
        },
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

/// Error codes of RFC 6749, 7009 and 9126 that say nothing about the client's authentication.
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
    ]
    .into_iter()
    .find(|one| *one == code)
}

fn host_of(url: &str) -> String {
    url::Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
}

/// A provider's own numbers and words: read to tell one refusal from another, never shown.
struct Words {
    description: String,
    entra: Vec<u64>,
}

impl Words {
    fn of(members: &serde_json::Map<String, Value>) -> Self {
        let said = |member: &str| members.get(member).and_then(Value::as_str);
        let description = said("error_description").or_else(|| said("errorSummary")).unwrap_or_default();
        let description = description.to_ascii_lowercase();
        let mut entra: Vec<u64> = members
            .get("error_codes")
            .and_then(Value::as_array)
            .map(|codes| codes.iter().filter_map(Value::as_u64).collect())
            .unwrap_or_default();
        if let Some(rest) = description.strip_prefix("aadsts") {
            let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
            entra.extend(digits.parse::<u64>());
        }
        Self { description, entra }
    }

    /// What Entra's AADSTS numbers say about the client, where they do.
    fn entra_refusal(&self) -> Option<Refusal> {
        self.entra.iter().find_map(|code| match code {
            7_000_215 | 70_002 | 50_012 => Some(Refusal::BadSecret),
            7_000_222 => Some(Refusal::ExpiredSecret),
            700_016 | 700_038 => Some(Refusal::UnknownClient),
            700_025 | 7_000_112 | 7_000_218 => Some(Refusal::GrantNotAllowed),
            _ => None,
        })
    }

    fn about_grants(&self) -> Option<Refusal> {
        ["grant type", "grant_type", "not allowed", "not authorized to use"]
            .iter()
            .any(|mark| self.description.contains(mark))
            .then_some(Refusal::GrantNotAllowed)
    }

    /// The refusal in detail, `otherwise` where the words give none.
    fn refusal(&self, otherwise: Refusal) -> Refusal {
        if let Some(refusal) = self.entra_refusal() {
            return refusal;
        }
        let says = |marks: &[&str]| marks.iter().any(|mark| self.description.contains(mark));
        // RFC 6749's own sentence lists every reason at once, and so do the servers that copied it.
        if says(&["unknown client, no client"]) {
            otherwise
        } else if says(&["msis9607"]) {
            Refusal::UnknownClient
        } else if says(&["msis9622", "msis9623"]) {
            Refusal::BadSecret
        } else if says(&["authentication method", "auth method", "public client", "client is public"]) {
            Refusal::GrantNotAllowed
        } else if says(&[
            "client was not found",
            "client not found",
            "unknown client",
            "no client",
            "no registered client",
            "client does not exist",
            "client_id' parameter",
            "client id not found",
            "unknown application",
            "no application",
            "not registered",
        ]) {
            Refusal::UnknownClient
        } else if says(&["secret", "credential"]) {
            Refusal::BadSecret
        } else {
            otherwise
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn answer(status: u16, body: &str) -> Answer {
        Answer {
            url: "https://idp.acme.example/token".to_owned(),
            status,
            content_type: Some("application/json".to_owned()),
            location: None,
            challenges: false,
            body: body.as_bytes().to_vec(),
            elapsed: Duration::ZERO,
        }
    }

    fn token(status: u16, body: &str) -> Reply {
        read(Endpoint::Token, &Ok(answer(status, body)))
    }

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
        let described =
            |error: &str, words: &str| format!("{{\"error\":\"{error}\",\"error_description\":\"{words}\"}}");
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
            ("auth0 right", 403, described("invalid_grant", "Invalid authorization code"), Reply::CodeRefused),
            ("tok-029", 400, entra("invalid_grant", 9_002_313), Reply::CodeRefused),
            ("tok-031", 400, entra("invalid_grant", 70_008), Reply::CodeRefused),
            ("tok-033", 401, entra("invalid_client", 700_025), refused(GrantNotAllowed)),
            ("entra secret", 401, entra("invalid_client", 7_000_215), refused(BadSecret)),
            ("entra expired", 401, entra("invalid_client", 7_000_222), refused(ExpiredSecret)),
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
            ("403 pair, right", 403, "{\"error\":\"invalid_code\"}".into(), Reply::CodeRefused),
            ("403 pair, wrong", 403, "{\"error\":\"unauthorized_client\"}".into(), Reply::Unauthorized(BadSecret)),
            (
                "400 unauthorized",
                400,
                "{\"error\":\"unauthorized_client\"}".into(),
                Reply::Unauthorized(GrantNotAllowed),
            ),
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
    fn overload_is_silence_not_an_answer() {
        for status in [429, 500, 503] {
            assert!(matches!(token(status, "{\"error\":\"invalid_client\"}"), Reply::Silence(_)), "{status}");
        }
    }

    #[test]
    fn a_revocation_succeeds_by_status_alone() {
        assert_eq!(read(Endpoint::Revocation, &Ok(answer(200, ""))), Reply::Authenticated);
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
}
