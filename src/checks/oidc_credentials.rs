//! `oidc-credentials`

use super::{catalogue, not_asked};
use crate::finding::{Finding, Judgement};
use crate::oidc::facts::{Credentials, Probe};
use crate::oidc::interview::{Conclusion, Inconclusive};
use crate::oidc::token_reply::{Endpoint, Refusal};
use crate::request::OidcRequest;

/// Checks that client id and secret are right, by what the provider answers to a made-up code.
///
/// A provider that does not tell is a warning, never a pass. Source: RFC 6749 section 5.2.
pub(super) fn judge(asked: &OidcRequest, credentials: Option<&Probe<Credentials>>) -> Judgement {
    let id = catalogue::OIDC_CREDENTIALS;
    let credentials = match credentials {
        Some(Probe::Made(credentials)) => credentials,
        Some(Probe::Skipped(_)) => {
            return not_asked(id, "no secret is sent to a provider whose discovery document is not in order");
        }
        None if asked.client_secret.is_none() => return not_asked(id, "there is no client secret to ask about"),
        None if asked.client_id.is_none() => return not_asked(id, "there is no client id to ask about"),
        None => return not_asked(id, "no issuer to ask"),
    };
    let conclusion = credentials.interview.conclusion();
    let finding = match &conclusion {
        Conclusion::Accepted { .. } if credentials.interview.got_tokens() => Some(
            tokens_for_any_code()
                .because("it does not look at the code: whoever has the secret could sign in as anybody"),
        ),
        Conclusion::Accepted { told_by: Endpoint::Token, .. } => None,
        Conclusion::Accepted { told_by, .. } => Some(Finding::note(
            "told_elsewhere",
            format!(
                "the token endpoint does not tell; the {} accepted the secret and refused a made-up one",
                told_by.name()
            ),
        )),
        Conclusion::Refused(refusal) => Some(of_refusal(*refusal, asked)),
        Conclusion::Inconclusive(why) => Some(of_inconclusive(why)),
        Conclusion::Unreachable(problem) if !problem.is_silence() => Some(super::oidc_keys::of_problem(problem)),
        Conclusion::Unreachable(problem) => Some(
            Finding::unknown("unreachable", format!("the token endpoint gave no verdict: {problem}"))
                .because("id and secret could not be tried")
                .next("try again in a few minutes"),
        ),
    };
    let proof = credentials.interview.wants_proof().then(|| {
        Finding::warn("dpop_required", "the provider asks for a proof of possession (DPoP) beside the secret")
            .because("where the product's sign-in sends none, nobody of the team could sign in (RFC 9449)")
            .next("ask the customer to switch DPoP off for this application, or make sure that the product sends it")
    });
    let passed = "the provider knows this client id and accepts this secret";
    let mut judgement = Judgement::of(id, passed, finding.into_iter().chain(proof).collect())
        .detail("classification", conclusion.classification())
        .detail("requests", credentials.interview.asked())
        .took(Some(credentials.elapsed));
    if let Conclusion::Accepted { method, .. } = conclusion {
        judgement = judgement.detail("method", method.as_str());
    }
    judgement
}

fn of_refusal(refusal: Refusal, asked: &OidcRequest) -> Finding {
    let client = asked.client_id.as_ref().map(ToString::to_string).unwrap_or_default();
    let finding = match refusal {
        Refusal::BadSecret => Finding::fail("bad_secret", "the provider refuses this client id and secret")
            .because("nobody of the team could sign in; most often the secret was cut, mistyped or replaced since")
            .next("ask the customer for id and secret again, and to send them as text rather than as a picture")
            .tell(format!(
                "Your identity provider does not accept the client ID {client} together with the client secret you \
                 sent. Please copy both again and send them to us."
            )),
        Refusal::ExpiredSecret => {
            Finding::fail("expired_secret", "the provider says that this client secret has expired")
                .because("nobody of the team could sign in")
                .next("ask the customer to make a new secret and to send its value")
                .tell("The client secret you sent has expired. Please create a new one and send us its value.")
        }
        Refusal::UnknownClient => Finding::fail("unknown_client", "the provider does not know this client id")
            .because("nobody of the team could sign in; often the id belongs to another tenant or environment")
            .next("ask the customer to compare the client id, and the issuer it belongs to")
            .tell(format!(
                "Your identity provider does not know the client ID {client}. Please compare it with your application, \
                 and check that the application lives at the issuer you sent."
            )),
        Refusal::GrantNotAllowed => Finding::fail(
            "grant_not_allowed",
            "the provider does not let this client sign people in with a secret",
        )
        .because("the application is registered as another kind: a public client, or without the code grant")
        .next(
            "ask the customer to register a web application that uses a client secret and the authorization code grant",
        )
        .tell(format!(
            "The application {client} is not allowed to use the authorization code grant with a client \
                     secret. Please register it as a web application (confidential client) with the authorization \
                     code grant."
        )),
    };
    finding.evidence("client id", client)
}

fn of_inconclusive(why: &Inconclusive) -> Finding {
    let next = "have somebody of the team try a sign-in right after switching on, and keep `ssoctl connection suspend` at hand";
    match why {
        Inconclusive::SameAnswer(answer) => Finding::warn(
            "inconclusive",
            "this provider does not tell whether the secret is right: a made-up one gets the same answer",
        )
        .evidence("answer to both", answer)
        .because("a wrong secret would show only when the first person tries to sign in")
        .next(next),
        Inconclusive::NoTelling { submitted, made_up } => Finding::warn(
            "inconclusive",
            "this provider does not tell whether the secret is right: it answers a made-up one differently, and neither \
             answer says why",
        )
        .evidence("answer to the customer's", submitted)
        .evidence("answer to a made-up one", made_up)
        .because("a wrong secret would show only when the first person tries to sign in")
        .next(next),
        Inconclusive::NoControl => Finding::warn(
            "inconclusive",
            "it could not be told whether the secret is right: there was nothing to compare the answer with",
        )
        .because("the question with a made-up secret got no answer")
        .next("try again in a few minutes"),
        Inconclusive::TokensForAnyCode => tokens_for_any_code()
            .because("it checks nothing: anybody could sign in as anybody, and the secret proves nothing"),
    }
}

fn tokens_for_any_code() -> Finding {
    Finding::warn("tokens_for_any_code", "the provider hands out tokens for a code that nobody issued")
        .next("this looks like a test server; ask the customer for their real identity provider")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::Problem;
    use crate::oidc::facts::NotAsked;
    use crate::oidc::interview::{Interview, Question, Secret};
    use crate::oidc::token_reply::{Reply, Unclear};
    use crate::product::connection::ClientAuthentication;
    use std::time::Duration;

    fn judged(submitted: Reply, control: Reply) -> Judgement {
        let mut interview = Interview::default();
        for (secret, reply) in [(Secret::Submitted, submitted), (Secret::MadeUp, control)] {
            let method = ClientAuthentication::Basic;
            interview.record(Question { endpoint: Endpoint::Token, method, secret }, reply);
        }
        let credentials = Credentials { interview, elapsed: Duration::ZERO };
        judge(&OidcRequest::default(), Some(&Probe::Made(credentials)))
    }

    #[test]
    fn a_secret_told_from_a_made_up_one_passes() {
        let judgement = judged(Reply::CodeRefused, Reply::ClientRefused(Refusal::BadSecret));
        assert_eq!(judgement.verdict.label(), "pass");
        assert_eq!(judgement.details["classification"], "credentials_ok");
        assert_eq!(judgement.details["method"], "client_secret_basic");
    }

    #[test]
    fn what_was_missing_to_ask_with_is_named() {
        let secret = || crate::request::names::ClientSecret::new("hunter2-hunter2".to_owned().into());
        let id = || crate::request::names::ClientId::parse("0oa1");
        assert!(id().is_some());
        for (client_id, client_secret, why) in [
            (id(), None, "there is no client secret to ask about"),
            (None, Some(secret()), "there is no client id to ask about"),
            (id(), Some(secret()), "no issuer to ask"),
        ] {
            let judgement = judge(&OidcRequest { issuer: None, client_id, client_secret }, None);
            assert_eq!(judgement.summary, format!("not asked: {why}"));
        }
    }

    #[test]
    fn tokens_for_a_made_up_code_are_a_warning_though_the_secret_is_looked_at() {
        let judgement = judged(Reply::Tokens, Reply::ClientRefused(Refusal::BadSecret));
        assert_eq!(judgement.reasons().collect::<Vec<_>>(), ["tokens_for_any_code"]);
        assert_eq!(judgement.details["classification"], "credentials_ok");
    }

    #[test]
    fn a_refused_secret_fails_with_a_mail_to_send() {
        let judgement = judged(Reply::ClientRefused(Refusal::BadSecret), Reply::ClientRefused(Refusal::BadSecret));
        assert_eq!(judgement.details["classification"], "bad_secret");
        assert!(judgement.findings[0].tell.is_some() && judgement.findings[0].next.is_some());
    }

    #[test]
    fn what_cannot_be_told_is_a_warning_not_a_pass() {
        assert_eq!(judged(Reply::CodeRefused, Reply::CodeRefused).verdict.label(), "warn");
        assert_eq!(judged(Reply::Tokens, Reply::Tokens).verdict.label(), "warn");
    }

    #[test]
    fn a_proof_that_sign_in_may_not_send_is_a_warning_though_the_secret_is_right() {
        for code in ["invalid_dpop_proof", "use_dpop_nonce"] {
            let wanted = || Reply::Unclear(Unclear::Error(code));
            let judgement = judged(wanted(), Reply::ClientRefused(Refusal::BadSecret));
            assert_eq!(judgement.reasons().collect::<Vec<_>>(), ["dpop_required"], "{code}");
            assert_eq!(judgement.details["classification"], "credentials_ok", "{code}");
            assert!(judged(wanted(), wanted()).reasons().any(|reason| reason == "dpop_required"), "{code}");
        }
    }

    #[test]
    fn answers_that_differ_are_not_called_the_same() {
        let judgement = judged(Reply::CodeRefused, Reply::Unclear(Unclear::NotJson(403)));
        assert_eq!(judgement.reasons().collect::<Vec<_>>(), ["inconclusive"]);
        assert!(judgement.summary.contains("differently"), "{}", judgement.summary);
        let told: Vec<&str> = judgement.findings[0].evidence.iter().map(|one| one.value.as_str()).collect();
        assert_eq!(told, ["the made-up code was refused", "status 403 without JSON"]);
    }

    #[test]
    fn silence_is_unknown() {
        let silence = || Reply::Silence(Problem::Reset { host: "idp".into() });
        assert_eq!(judged(silence(), silence()).verdict.label(), "unknown");
    }

    #[test]
    fn a_document_out_of_order_leaves_the_secret_at_home() {
        let judgement = judge(&OidcRequest::default(), Some(&Probe::Skipped(NotAsked::DocumentFirst)));
        assert_eq!(judgement.verdict.label(), "unknown");
    }
}
