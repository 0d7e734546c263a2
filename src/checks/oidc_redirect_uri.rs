//! `oidc-redirect-uri`

use super::{catalogue, not_asked};
use crate::finding::{Finding, Judgement};
use crate::foreign::link;
use crate::makes::ProviderKind;
use crate::oidc::authorization::Landing;
use crate::oidc::facts::{NotAsked, Probe, Redirect};
use crate::request::OidcRequest;
use crate::request::names::IssuerUrl;

/// Checks that our redirect URI is registered: asked without a person (`prompt=none`), a provider that knows it sends
/// the browser back there.
///
/// Source: OpenID Connect Core 1.0, section 3.1.2.6; RFC 9207 section 2.4 for `iss`.
pub(super) fn judge(asked: &OidcRequest, redirect: Option<&Probe<Redirect>>) -> Judgement {
    let id = catalogue::OIDC_REDIRECT_URI;
    let redirect = match redirect {
        Some(Probe::Made(redirect)) => redirect,
        Some(Probe::Skipped(NotAsked::PushedOnly)) => {
            let finding =
                Finding::warn("redirect_not_confirmed", "the provider takes only pushed authorization requests")
                    .because("whether our redirect URI is registered cannot be asked without a person")
                    .next("have somebody of the team try a sign-in right after switching on");
            return Judgement::of(id, "", vec![finding]);
        }
        Some(Probe::Skipped(NotAsked::NoRedirectUri)) => {
            return not_asked(id, "the redirect URI needs a team, and none was found");
        }
        None => return not_asked(id, "there is no client id to ask with"),
        Some(Probe::Skipped(NotAsked::DocumentFirst)) => {
            return not_asked(id, "the discovery document has to be right first");
        }
    };
    let provider = asked.issuer.as_ref().map_or(ProviderKind::Generic, ProviderKind::of_issuer);
    let page = provider.redirect_page();
    let register = |finding: Finding| {
        finding
            .evidence("to register", &redirect.redirect_uri)
            .because("people who sign in at the provider must be sent back to the product, and only to it")
            .next(format!("ask the customer whether this redirect URI is registered: {page}"))
            .tell(format!("Please make sure that {} is registered as a redirect URI.", redirect.redirect_uri))
    };
    let finding = match &redirect.landing {
        Landing::Ours { issuer, .. } => of_issuer_parameter(asked, issuer.as_deref(), redirect.promises_issuer),
        Landing::OursRefused { error } => Some(
            Finding::warn("redirect_refused_request", format!("the provider sends back to us, but refuses the request: {error}"))
                .because("the redirect URI is registered, but something else about the application is not as it should be")
                .next("ask the customer whether the application may use the code flow and the scopes openid, email and profile")
                .tell("Please check that the application may use the authorization code flow and the scopes openid, email and profile."),
        ),
        Landing::Elsewhere { host } => Some(register(
            Finding::warn("redirect_not_confirmed", "the provider asks for a sign-in before it looks at the redirect URI")
                .evidence("sends to", host),
        )),
        Landing::ErrorPage { host } => Some(register(
            Finding::warn("redirect_not_confirmed", "the provider sends to an error page of its own instead of back to us")
                .evidence("sends to", host),
        )),
        Landing::Page { status } => Some(register(Finding::warn(
            "redirect_not_confirmed",
            format!("the provider shows a page (status {status}) instead of sending back to us"),
        ))),
        Landing::Nothing(problem) => Some(if problem.is_silence() {
            Finding::unknown("unreachable", format!("the authorization endpoint gave no verdict: {problem}"))
                .because("whether our redirect URI is registered could not be asked")
                .next("try again in a few minutes")
        } else {
            super::oidc_keys::of_problem(problem)
        }),
    };
    Judgement::of(id, "the provider sends people back to us", finding.into_iter().collect())
        .detail("redirect_uri", redirect.redirect_uri.clone())
        .took(Some(redirect.elapsed))
}

/// RFC 9207: a provider that names itself in its answer must name the issuer we asked, and one that says it does must do so.
fn of_issuer_parameter(asked: &OidcRequest, sent: Option<&str>, promised: bool) -> Option<Finding> {
    let issuer = asked.issuer.as_ref()?;
    let Some(sent) = sent else {
        return promised.then(|| {
            Finding::warn(
                "response_issuer",
                "the provider does not name its issuer in its answer (`iss`), as its document says it does",
            )
            .evidence("asked", issuer.as_str())
            .because("sign-in waits for it and would stop (RFC 9207)")
            .next("have somebody of the team try a sign-in right after switching on")
        });
    };
    let is_asked =
        sent == issuer.as_str() || IssuerUrl::parse(sent).is_ok_and(|sent| issuer.differs_in_spelling_alone(&sent));
    (!is_asked).then(|| {
        Finding::warn("response_issuer", "the provider names another issuer in its answer (`iss`)")
            .evidence("asked", issuer.as_str())
            .evidence("answered as", link::without_private_parts(sent))
            .because("sign-in compares the two and would stop (RFC 9207)")
            .next("ask the customer which issuer is the right one")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::Problem;
    use std::time::Duration;

    fn judged(landing: Landing) -> Judgement {
        let asked = OidcRequest { issuer: IssuerUrl::parse("https://acme.okta.com").ok(), ..OidcRequest::default() };
        judge(&asked, Some(&Probe::Made(redirect(landing, false))))
    }

    fn redirect(landing: Landing, promises_issuer: bool) -> Redirect {
        let redirect_uri = "https://app.example.com/sso/oidc/callback".to_owned();
        Redirect { redirect_uri, landing, promises_issuer, elapsed: Duration::ZERO }
    }

    #[test]
    fn an_issuer_that_the_document_promises_with_answers_is_missed() {
        let asked = OidcRequest { issuer: IssuerUrl::parse("https://acme.okta.com").ok(), ..OidcRequest::default() };
        for (issuer, verdict) in [(None, "warn"), (Some("https://acme.okta.com".to_owned()), "pass")] {
            let landing = Landing::Ours { error: Some("login_required"), issuer };
            let judgement = judge(&asked, Some(&Probe::Made(redirect(landing, true))));
            assert_eq!(judgement.verdict.label(), verdict);
        }
    }

    #[test]
    fn being_sent_back_passes() {
        let landing = Landing::Ours { error: Some("login_required"), issuer: None };
        assert_eq!(judged(landing).verdict.label(), "pass");
    }

    #[test]
    fn an_error_page_warns_with_the_uri_and_the_place_to_register_it() {
        for page in [Landing::Page { status: 400 }, Landing::ErrorPage { host: "acme.okta.com".to_owned() }] {
            let judgement = judged(page);
            assert_eq!(judgement.verdict.label(), "warn");
            let tell = judgement.findings[0].tell.clone().unwrap();
            assert!(tell.contains("/sso/oidc/callback"), "{tell}");
            assert!(judgement.findings[0].next.as_ref().unwrap().contains("Sign-in redirect URIs"));
        }
    }

    #[test]
    fn another_issuer_in_the_answer_warns() {
        let landing = Landing::Ours { error: None, issuer: Some("https://a:CANARY@evil.example?b=CANARY".to_owned()) };
        let judgement = judged(landing);
        assert_eq!(judgement.reasons().collect::<Vec<_>>(), ["response_issuer"]);
        let shown = format!("{:?}", judgement.findings);
        assert!(shown.contains("evil.example") && !shown.contains("CANARY"), "{shown}");
    }

    #[test]
    fn silence_is_unknown() {
        let landing = Landing::Nothing(Problem::Reset { host: "idp".into() });
        assert_eq!(judged(landing).verdict.label(), "unknown");
    }
}
