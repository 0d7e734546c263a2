use proptest::prelude::*;

use super::{MAX_DOMAINS, oidc, pasted};
use crate::finding::Verdict;
use crate::foreign::is_harmless;
use crate::intake::{Completeness, RequestDraft, SecretSource};
use crate::request::OnboardingRequest;
use crate::request::names::IssuerUrl;

/// Pieces that pasted values are made of, so that the strategies reach beyond the first refusal.
fn scraps() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => prop::sample::select(vec![
            "https://", "HTTP://", "idp", ".acme", ".example", "/", "//", ":443", ":", "@", "<", ">", "\"", "'", "`", "[", "](", ")",
            "mailto:", ".well-known/openid-configuration", "?", "#", "%7B", "%2e%2e", "..", "\\", "\u{200b}", "\u{a0}", "\n", "\r\n", " ",
            "\u{430}", "\u{fc}", "xn--", "-admin.okta.com", "login.microsoftonline.com/", "common", "Issuer: ", "|", ",", ";",
            "https://x.safelinks.protection.outlook.com/?url=https%3A%2F%2F", "\u{1b}[2J", "\0", "your", "\u{3002}", "\u{2460}", "1", "::1",
        ]).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
        1 => "[a-zA-Z0-9._~-]{1,12}",
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

fn everything(text: &str) -> RequestDraft {
    RequestDraft {
        owner: Some(text.to_owned()),
        requested_by: Some(text.to_owned()),
        issuer: Some(text.to_owned()),
        client_id: Some(text.to_owned()),
        client_secret: Some(pasted(text, SecretSource::Stdin)),
        metadata: None,
        entity_id: None,
        domains: vec![text.to_owned(), text.to_owned()],
        vouched_domains: vec![text.to_owned()],
        ticket: Some(text.to_owned()),
        ..RequestDraft::default()
    }
}

fn with_issuer(issuer: &str) -> OnboardingRequest {
    RequestDraft { issuer: Some(issuer.to_owned()), ..RequestDraft::default() }
        .normalise(Completeness::WhatIsGiven, MAX_DOMAINS)
}

fn with_owner(owner: &str) -> OnboardingRequest {
    RequestDraft { owner: Some(owner.to_owned()), ..RequestDraft::default() }
        .normalise(Completeness::WhatIsGiven, MAX_DOMAINS)
}

proptest! {
    #[test]
    fn no_text_makes_intake_panic_or_show_control_characters(text in scraps()) {
        // C-07
        let request = everything(&text).normalise(Completeness::Everything, MAX_DOMAINS);
        for one in &request.findings {
            let mut shown = vec![one.fact.as_str()];
            shown.extend(one.evidence.iter().map(|one| one.value.as_str()));
            shown.extend(one.rerun_with.iter().map(String::as_str));
            shown.extend(one.tell.as_deref());
            shown.extend(one.next.as_deref());
            prop_assert!(shown.concat().chars().all(is_harmless), "{:?}", one);
        }
        for change in &request.changed {
            let shown = [change.from.as_deref(), change.to.as_deref()].into_iter().flatten().collect::<String>();
            prop_assert!(shown.chars().all(is_harmless), "{change:?}");
        }
    }

    #[test]
    fn a_value_is_there_or_a_failure_says_why(text in scraps()) {
        let request = with_issuer(&text);
        let failed = request.findings.iter().any(|one| one.level == Verdict::Fail);
        prop_assert_eq!(oidc(&request).issuer.is_none(), failed, "{:?}", request.findings);
    }

    #[test]
    fn an_issuer_that_comes_out_parses_and_is_ascii(text in scraps()) {
        if let Some(issuer) = &oidc(&with_issuer(&text)).issuer {
            prop_assert_eq!(&IssuerUrl::parse(issuer.as_str()).unwrap(), issuer);
            prop_assert!(issuer.as_str().bytes().all(|one| one.is_ascii_graphic()), "{}", issuer);
            prop_assert_eq!(issuer.url().query().or(issuer.url().fragment()), None);
        }
    }

    #[test]
    fn an_issuer_that_comes_out_is_clean(text in scraps()) {
        if let Some(issuer) = &oidc(&with_issuer(&text)).issuer {
            let again = with_issuer(issuer.as_str());
            prop_assert_eq!(oidc(&again).issuer.as_ref(), Some(issuer), "{:?}", again.findings);
            prop_assert!(again.changed.is_empty(), "{:?}", again.changed);
        }
    }

    #[test]
    fn a_clean_issuer_is_not_changed(
        host in "([a-z][a-z0-9]{0,8}\\.){1,3}example",
        port in prop_oneof![Just(String::new()), (1024_u16..).prop_map(|port| format!(":{port}"))],
        path in "(/[a-wA-W][a-zA-Z0-9]{3,8}){0,3}/?",
    ) {
        let issuer = format!("https://{host}{port}{path}");
        prop_assume!(!issuer.to_ascii_lowercase().contains("your") && !issuer.contains("xxx"));
        let request = with_issuer(&issuer);
        prop_assume!(request.findings.iter().all(|one| one.level != Verdict::Fail));
        prop_assert_eq!(oidc(&request).issuer.as_ref().map(IssuerUrl::as_str), Some(issuer.as_str()));
        prop_assert!(request.changed.is_empty(), "{:?}", request.changed);
    }

    #[test]
    fn an_address_that_comes_out_is_clean(text in scraps()) {
        if let Some(owner) = with_owner(&text).owner {
            let again = with_owner(&owner.to_string());
            prop_assert_eq!(again.owner.map(|one| one.to_string()), Some(owner.to_string()));
            prop_assert!(again.changed.is_empty(), "{:?}", again.changed);
        }
    }

    #[test]
    fn a_clean_secret_is_kept(text in "[A-Za-z0-9~_.-]{12,64}") {
        let request = RequestDraft { client_secret: Some(pasted(&text, SecretSource::Stdin)), ..RequestDraft::default() }
            .normalise(Completeness::WhatIsGiven, MAX_DOMAINS);
        prop_assume!(request.findings.iter().all(|one| one.level != Verdict::Fail));
        prop_assert_eq!(oidc(&request).client_secret.as_ref().map(|one| one.expose().to_owned()), Some(text));
        prop_assert!(request.changed.is_empty() && request.findings.is_empty());
    }

    #[test]
    fn no_secret_is_shown(secret in "[A-Za-z0-9]{10}", around in prop::sample::select(vec!["", " ", "\"", "\u{200b}", "`", "'"])) {
        let text = format!("{around}{secret}{around}");
        let request = everything(&text).normalise(Completeness::Everything, MAX_DOMAINS);
        let shown = serde_json::to_string(&(&request.findings, &request.changed)).unwrap();
        prop_assert!(!shown.contains(&secret), "{shown}");
    }
}
