//! What authorization endpoints do with a request they were not meant to complete.

use super::reply::Reply;
use super::{SeenRequest, Settings};

/// A way to answer `/authorize`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Authorize {
    /// Back to a registered redirect URI with `login_required`; an error page otherwise.
    LoginRequired,
    /// Back with another error code (`interaction_required`, `consent_required`, …).
    Error(&'static str),
    /// Back with a code, as for somebody who is signed in.
    Code,
    /// 400 and a page for a person.
    ErrorPage,
    /// 200 and a form to sign in with.
    LoginPage,
    /// 302 to an address of the provider's or somebody else's, with the error in its query.
    Elsewhere(&'static str),
    /// Back to the redirect URI's path on another host.
    OtherHost(&'static str),
    /// Back with the parameters in the fragment.
    Fragment,
}

impl Authorize {
    pub(super) fn reply(&self, request: &SeenRequest, settings: &Settings) -> Reply {
        let value = |name| request.parameter(name).or_else(|| request.form(name));
        let (client, back) = (value("client_id"), value("redirect_uri").unwrap_or_default());
        let registered = settings.redirect_uris.is_empty() || settings.redirect_uris.contains(&back);
        let error_page = || Reply::html(400, "<h1>Error</h1><p>The application or its redirect URI is unknown.</p>");
        if client.as_deref() != Some(settings.client_id.as_str()) || !registered || back.is_empty() {
            return error_page();
        }
        let state = value("state").unwrap_or_default();
        let with = |target: &str, mark: char, outcome: (&str, &str)| {
            let query = url::form_urlencoded::Serializer::new(String::new())
                .append_pair(outcome.0, outcome.1)
                .append_pair("state", &state)
                .append_pair("iss", &settings.issuer)
                .finish();
            Reply::text(302, "").with_header("Location", &format!("{target}{mark}{query}"))
        };
        let mark = |target: &str| if target.contains('?') { '&' } else { '?' };
        let no_login = ("error", "login_required");
        match self {
            Self::LoginRequired if value("prompt").as_deref() != Some("none") => {
                Reply::html(200, "<title>Sign in</title><form method=post><input name=user></form>")
            }
            Self::LoginRequired => with(&back, mark(&back), no_login),
            Self::Error(code) => with(&back, mark(&back), ("error", code)),
            Self::Code => with(&back, mark(&back), ("code", "a-code")),
            Self::ErrorPage => error_page(),
            Self::LoginPage => Reply::html(200, "<title>Sign in</title><form method=post><input name=user></form>"),
            Self::Elsewhere(target) => with(target, mark(target), no_login),
            Self::OtherHost(host) => {
                let mut other = url::Url::parse(&back).unwrap();
                other.set_host(Some(host)).unwrap();
                with(other.as_str(), mark(other.as_str()), no_login)
            }
            Self::Fragment => with(&back, '#', no_login),
        }
    }
}
