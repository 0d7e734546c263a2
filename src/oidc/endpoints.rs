//! The addresses in a discovery document: whether they can be called as they stand, and may be.

use serde_json::{Map, Value};
use url::Url;

use super::discovery::Defect;
use crate::exchange::Forbidden;
use crate::foreign::link::without_private_parts;
use crate::net::{forbidden_by_name, forbidden_by_spelling};
use crate::request::plain_url::{self, UrlProblem};

/// Endpoints that people or secrets are sent to: never over plain http.
pub(super) const ENDPOINTS: [&str; 7] = [
    "authorization_endpoint",
    "token_endpoint",
    "jwks_uri",
    "userinfo_endpoint",
    "revocation_endpoint",
    "introspection_endpoint",
    "pushed_authorization_request_endpoint",
];

/// Endpoints that nothing here uses. Whoever does calls them for their owner all the same.
const IDLE_ENDPOINTS: [&str; 5] = [
    "end_session_endpoint",
    "registration_endpoint",
    "device_authorization_endpoint",
    "backchannel_authentication_endpoint",
    "check_session_iframe",
];

/// Endpoints to which parameters are added, so that a fragment has no place there (RFC 6749 sections 3.1 and 3.2).
const WITHOUT_FRAGMENT: [&str; 2] = ["authorization_endpoint", "token_endpoint"];

/// What is wrong with the endpoints among `members`. `allowed` tells the origins that may be plain http or private.
pub(super) fn judge(members: &Map<String, Value>, allowed: &dyn Fn(&Url) -> bool) -> Vec<Defect> {
    let text = |member| members.get(member).and_then(Value::as_str).filter(|text| !text.is_empty());
    let used = ENDPOINTS.into_iter().filter_map(|member| judge_used(member, text(member)?, allowed));
    let idle = IDLE_ENDPOINTS.into_iter().filter_map(|member| judge_idle(member, text(member)?, allowed));
    used.chain(idle).collect()
}

fn judge_used(member: &'static str, text: &str, allowed: &dyn Fn(&Url) -> bool) -> Option<Defect> {
    let not_url = |why| Some(Defect::NotUrl { member, url: text.to_owned(), why });
    let forbidden = |why| Defect::Forbidden { member, url: without_private_parts(text), why, used: true };
    let url = match plain_url::read(text) {
        Ok(url) => url,
        Err(UrlProblem::Syntax) => return not_url("is not a URL"),
        Err(UrlProblem::TooLong) => return not_url("is longer than 2048 characters"),
        Err(UrlProblem::UserInfo) => {
            let host = Url::parse(text).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
            return Some(forbidden(Forbidden::UserInfo { host }));
        }
    };
    if url.scheme() != "https" && !allowed(&url) {
        return Some(Defect::NotHttps { member, url: text.to_owned() });
    }
    if url.port() == Some(0) {
        return not_url("has the port 0, at which nobody answers");
    }
    if WITHOUT_FRAGMENT.contains(&member) && url.fragment().is_some() {
        return not_url("has a fragment (`#…`)");
    }
    let is_allowed = allowed(&url);
    forbidden_by_spelling(&url, is_allowed).or_else(|| forbidden_by_name(&url, is_allowed)).map(forbidden)
}

/// Whatever else is odd about such an address is its users' to judge.
fn judge_idle(member: &'static str, text: &str, allowed: &dyn Fn(&Url) -> bool) -> Option<Defect> {
    let url = Url::parse(text).ok()?;
    let why = forbidden_by_spelling(&url, allowed(&url))?;
    Some(Defect::Forbidden { member, url: without_private_parts(text), why, used: false })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The defect of a document whose `member` is `url`.
    fn endpoint(member: &str, url: &str) -> Option<Defect> {
        let members = Map::from_iter([(member.to_owned(), url.into())]);
        let mut defects = judge(&members, &|_| false);
        assert!(defects.len() < 2, "{defects:?}");
        defects.pop()
    }

    #[test]
    fn an_endpoint_is_read_without_a_browsers_forgiveness() {
        for url in [
            "https:\\\\idp.acme.example\\token",
            "https:/idp.acme.example/token",
            "https://idp.acme.example/to\nken",
            "https://idp.acme.example/\u{1b}[2J",
            " https://idp.acme.example/token",
            "/token",
            "https://idp.acme.example:0/token",
        ] {
            for member in ["token_endpoint", "jwks_uri", "userinfo_endpoint"] {
                assert!(matches!(endpoint(member, url), Some(Defect::NotUrl { .. })), "{member} {url:?}");
            }
        }
        let long = format!("https://idp.acme.example/{}", "x".repeat(2048));
        assert!(matches!(endpoint("token_endpoint", &long), Some(Defect::NotUrl { .. })));
    }

    #[test]
    fn a_fragment_has_no_place_in_an_endpoint_that_parameters_are_added_to() {
        let url = "https://idp.acme.example/x?p=policy#/route";
        for member in ["authorization_endpoint", "token_endpoint"] {
            assert!(matches!(endpoint(member, url), Some(Defect::NotUrl { .. })), "{member}");
        }
        assert_eq!(endpoint("end_session_endpoint", url), None);
    }

    #[test]
    fn an_endpoint_that_the_guard_would_refuse_is_told_before_anybody_calls_it() {
        let forbidden = |member, url| match endpoint(member, url) {
            Some(Defect::Forbidden { used, .. }) => Some(used),
            None => None,
            Some(other) => panic!("{other:?}"),
        };
        for url in ["https://127.0.0.1/x", "https://169.254.169.254/x", "https://10.0.0.1/x", "https://idp.localhost/x"]
        {
            assert_eq!(forbidden("userinfo_endpoint", url), Some(true), "{url}");
            assert_eq!(forbidden("end_session_endpoint", url), Some(false), "{url}");
        }
        // People in such a network may well sign out there; nobody else gets there.
        for url in ["https://idp.acme.internal/x", "https://adfs.acme.local/x", "https://idp/x"] {
            assert_eq!(forbidden("userinfo_endpoint", url), Some(true), "{url}");
            assert_eq!(forbidden("revocation_endpoint", url), Some(true), "{url}");
            assert_eq!(forbidden("end_session_endpoint", url), None, "{url}");
        }
        assert_eq!(forbidden("userinfo_endpoint", "https://jane:swordfish@idp.acme.example/"), Some(true));
        assert_eq!(forbidden("userinfo_endpoint", "https://8.8.8.8/userinfo"), None);
        let carried = format!("{:?}", endpoint("token_endpoint", "https://jane:swordfish@idp.acme.example/"));
        assert!(!carried.contains("swordfish"), "{carried}");
    }
}
