//! Asking the authorization endpoint, without a person, whether our redirect URI is registered for the client.
//!
//! The request is the one sign-in will send, built by the same library, with `prompt=none`: a provider that knows client
//! and redirect URI sends the browser back to it with `login_required` or a kindred error, and one that does not may not
//! (RFC 6749 section 4.1.2.1). The redirect is read, never followed.
//!
//! Source: OpenID Connect Core 1.0, sections 3.1.2.1 and 3.1.2.6; RFC 9207 section 2.

use openidconnect::core::{CoreAuthPrompt, CoreAuthenticationFlow, CoreClient};
use openidconnect::{AuthUrl, CsrfToken, IssuerUrl, JsonWebKeySet, Nonce, PkceCodeChallenge, RedirectUrl, Scope};

use super::discovery::Document;
use crate::exchange::{Answer, Problem};
use crate::request::names::{self, ClientId};

/// The URL to ask, or `None` when the document's endpoint or the redirect URI is no URL.
#[must_use]
pub fn request_url(
    document: &Document,
    issuer: &names::IssuerUrl,
    client_id: &ClientId,
    redirect_uri: &str,
) -> Option<String> {
    let endpoint = AuthUrl::new(document.authorization_endpoint.clone()?).ok()?;
    let redirect = RedirectUrl::new(redirect_uri.to_owned()).ok()?;
    let client = CoreClient::new(
        openidconnect::ClientId::new(client_id.as_str().to_owned()),
        IssuerUrl::new(issuer.as_str().to_owned()).ok()?,
        JsonWebKeySet::new(Vec::new()),
    )
    .set_auth_uri(endpoint)
    .set_redirect_uri(redirect);
    let (challenge, _) = PkceCodeChallenge::new_random_sha256();
    let (url, _, _) = client
        .authorize_url(CoreAuthenticationFlow::AuthorizationCode, CsrfToken::new_random, Nonce::new_random)
        .add_scope(Scope::new("email".to_owned()))
        .add_scope(Scope::new("profile".to_owned()))
        .add_prompt(CoreAuthPrompt::None)
        .set_pkce_challenge(challenge)
        .url();
    Some(url.into())
}

/// Where the provider sent the browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Landing {
    /// Back to our redirect URI, with an error that only a known client gets, or with a code.
    Ours {
        /// `error`, where it is a registered one.
        error: Option<&'static str>,
        /// `iss` (RFC 9207), as sent.
        issuer: Option<String>,
    },
    /// Back to our redirect URI, but refusing the request itself: what was asked for is not allowed to this client.
    OursRefused {
        /// The registered error.
        error: &'static str,
    },
    /// To some other address, its own sign-in page most likely: the host it points at.
    Elsewhere {
        /// Host of the target, printable.
        host: String,
    },
    /// To an error page of its own: the host it is on.
    ErrorPage {
        /// Host of the target, printable.
        host: String,
    },
    /// No redirect: an error page or a sign-in page.
    Page {
        /// HTTP status.
        status: u16,
    },
    /// No answer.
    Nothing(Problem),
}

/// Errors that say "somebody has to sign in first": the client and its redirect URI are known. Some write them in
/// capitals; the last one is Salesforce's.
const INTERACTION: [&str; 5] = [
    "login_required",
    "interaction_required",
    "consent_required",
    "account_selection_required",
    "immediate_unsuccessful",
];

/// Errors about the request that are sent back to a registered redirect URI all the same.
const REQUEST: [&str; 8] = [
    "access_denied",
    "unauthorized_client",
    "invalid_request",
    "invalid_scope",
    "unsupported_response_type",
    "server_error",
    "temporarily_unavailable",
    "request_not_supported",
];

/// Reads the answer to [`request_url`].
#[must_use]
pub fn read(redirect_uri: &str, outcome: &Result<Answer, Problem>) -> Landing {
    let answer = match outcome {
        Ok(answer) => answer,
        Err(problem) => return Landing::Nothing(problem.clone()),
    };
    if let Some(problem) = Problem::put_off(answer) {
        return Landing::Nothing(problem);
    }
    let asked = url::Url::parse(&answer.url).ok();
    let target = answer
        .location
        .as_deref()
        .filter(|_| (300..400).contains(&answer.status))
        .and_then(|location| asked.as_ref()?.join(location).ok());
    let Some(target) = target else {
        return Landing::Page { status: answer.status };
    };
    if !is_ours(redirect_uri, &target) {
        let host = crate::foreign::shown(target.host_str().unwrap_or("?"));
        let is_its_own = asked.is_some_and(|asked| asked.origin() == target.origin());
        let is_error = is_its_own && is_error_page(&target);
        return if is_error { Landing::ErrorPage { host } } else { Landing::Elsewhere { host } };
    }
    let parameter = |name: &str| target.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
    let error = parameter("error");
    let issuer = parameter("iss");
    match error.as_deref() {
        None => Landing::Ours { error: None, issuer },
        Some(code) => match INTERACTION.into_iter().find(|one| one.eq_ignore_ascii_case(code)) {
            Some(error) => Landing::Ours { error: Some(error), issuer },
            None => Landing::OursRefused {
                error: REQUEST.into_iter().find(|one| *one == code).unwrap_or("an error code of its own"),
            },
        },
    }
}

/// Whether a page is there to show an error, as its address tells: `/error?error=redirect_mismatch`, `/home/error?errorId=1`,
/// `/oauth2_error.do?oauthErrorCode=x`.
fn is_error_page(target: &url::Url) -> bool {
    let names_error = |text: &str| text.to_ascii_lowercase().contains("error");
    target.path_segments().and_then(|mut all| all.next_back()).is_some_and(names_error)
        || target.query_pairs().any(|(name, _)| names_error(&name))
}

/// Whether `target` is our redirect URI, parameters aside: compared exactly, as RFC 9700 section 2.1 asks of providers.
fn is_ours(redirect_uri: &str, target: &url::Url) -> bool {
    url::Url::parse(redirect_uri).is_ok_and(|ours| {
        ours.origin() == target.origin()
            && ours.path() == target.path()
            && target.username().is_empty()
            && ours.query_pairs().all(|pair| target.query_pairs().any(|other| other == pair))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const OURS: &str = "https://app.example.com/sso/oidc/callback";

    fn landing(status: u16, location: Option<&str>) -> Landing {
        let answer = Answer {
            url: "https://idp.acme.example/authorize".to_owned(),
            status,
            content_type: None,
            location: location.map(str::to_owned),
            body: Vec::new(),
            elapsed: Duration::ZERO,
        };
        read(OURS, &Ok(answer))
    }

    #[test]
    fn login_required_at_our_address_is_a_landing_of_ours() {
        let found =
            landing(302, Some(&format!("{OURS}?error=login_required&state=x&iss=https%3A%2F%2Fidp.acme.example")));
        let issuer = Some("https://idp.acme.example".to_owned());
        assert_eq!(found, Landing::Ours { error: Some("login_required"), issuer });
    }

    #[test]
    fn a_missing_session_is_known_in_other_spellings() {
        for code in ["LOGIN_REQUIRED", "interaction_required", "immediate_unsuccessful"] {
            let found = landing(302, Some(&format!("{OURS}?error={code}")));
            assert!(matches!(found, Landing::Ours { error: Some(_), .. }), "{code}: {found:?}");
        }
    }

    #[test]
    fn an_error_page_and_a_sign_in_page_are_pages() {
        assert_eq!(landing(400, None), Landing::Page { status: 400 });
        assert_eq!(landing(200, None), Landing::Page { status: 200 });
    }

    #[test]
    fn a_look_alike_address_is_not_ours() {
        for other in [
            "https://app.example.com.evil.example/sso/oidc/callback?error=login_required",
            "https://app.example.com/sso/oidc/callback/x?error=login_required",
            "http://app.example.com/sso/oidc/callback?error=login_required",
            "https://app.example.com:8443/sso/oidc/callback?error=login_required",
            "/login",
        ] {
            assert!(matches!(landing(302, Some(other)), Landing::Elsewhere { .. }), "{other}");
        }
    }

    #[test]
    fn an_error_page_of_the_providers_own_is_no_sign_in_page() {
        let host = "idp.acme.example".to_owned();
        for page in [
            "/error?error=redirect_mismatch&client_id=1",
            "/home/error?errorId=1",
            "/oauth2_error.do",
            "/oops?authError=1",
        ] {
            assert_eq!(landing(302, Some(page)), Landing::ErrorPage { host: host.clone() }, "{page}");
        }
        for page in ["/login?next=%2Ferror", "/error-free/login"] {
            assert_eq!(landing(302, Some(page)), Landing::Elsewhere { host: host.clone() }, "{page}");
        }
    }

    #[test]
    fn a_refused_request_is_told_from_a_missing_session() {
        let found = landing(302, Some(&format!("{OURS}?error=unauthorized_client")));
        assert_eq!(found, Landing::OursRefused { error: "unauthorized_client" });
    }

    #[test]
    fn an_unregistered_error_code_is_not_repeated() {
        let found = landing(302, Some(&format!("{OURS}?error=s3cr3t-echo")));
        assert_eq!(found, Landing::OursRefused { error: "an error code of its own" });
    }

    #[test]
    fn the_request_is_the_one_sign_in_sends() {
        let document = Document {
            authorization_endpoint: Some("https://idp.acme.example/authorize?p=policy".to_owned()),
            ..Document::default()
        };
        let issuer = names::IssuerUrl::parse("https://idp.acme.example").unwrap();
        let url = request_url(&document, &issuer, &ClientId::parse("0oa1").unwrap(), OURS).unwrap();
        let url = url::Url::parse(&url).unwrap();
        let value = |name: &str| url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
        assert_eq!(value("p").as_deref(), Some("policy"));
        assert_eq!(value("prompt").as_deref(), Some("none"));
        assert_eq!(value("response_type").as_deref(), Some("code"));
        assert_eq!(value("redirect_uri").as_deref(), Some(OURS));
        assert_eq!(value("code_challenge_method").as_deref(), Some("S256"));
        assert_eq!(value("scope").as_deref(), Some("openid email profile"));
    }
}
