use super::{MAX_DOMAINS, codes, finding, judged};
use crate::finding::Verdict;
use crate::input::Input;
use crate::intake::{Completeness, RequestDraft};
use crate::request::OnboardingRequest;

fn given(domains: &[&str]) -> OnboardingRequest {
    let domains = domains.iter().map(|one| (*one).to_owned()).collect();
    judged(RequestDraft { domains, ..RequestDraft::default() })
}

fn texts(request: &OnboardingRequest) -> Vec<&str> {
    request.domains.iter().map(crate::request::names::EmailDomain::as_str).collect()
}

#[test]
fn good_domains_are_taken_as_they_are() {
    // dom-001; dom-008, dom-016 and dom-027 are the domain check's
    for domain in
        ["acme-corp.com", "gmail.com", "acme.onmicrosoft.com", "acme.internal", "co.uk", "xn--mller-gmbh-9db.de"]
    {
        let request = given(&[domain]);
        assert_eq!(texts(&request), [domain]);
        assert!(request.findings.is_empty() && request.changed.is_empty(), "{domain}: {:?}", request.findings);
    }
}

#[test]
fn mangled_domains_are_mended_and_said() {
    let cases: [(&str, &str, &[&str]); 30] = [
        ("dom-004", "@acme-corp.com", &["acme-corp.com"]),
        ("dom-006", "acme-corp.com, acme.de", &["acme-corp.com", "acme.de"]),
        ("lines", "acme.com\nacme.de; acme.fr and acme.it", &["acme.com", "acme.de", "acme.fr", "acme.it"]),
        ("blank", " acme.com ", &["acme.com"]),
        ("line end", "acme.com\n", &["acme.com"]),
        ("star", "*.acme.com", &["acme.com"]),
        ("star at", "*@acme.com", &["acme.com"]),
        ("url", "https://acme.com/", &["acme.com"]),
        ("dot", "acme.com.", &["acme.com"]),
        ("quotes", "\"acme.com\"", &["acme.com"]),
        ("case", "ACME.COM", &["acme.com"]),
        ("idn", "M\u{fc}ller-GmbH.de", &["xn--mller-gmbh-9db.de"]),
        ("duplicates", "acme.com, ACME.com, @acme.com, acme.com", &["acme.com"]),
        ("label", "Domain: acme.com", &["acme.com"]),
        ("label of two words", "E-mail domains: acme.com, acme.de", &["acme.com", "acme.de"]),
        ("numbers", "1. acme.com\n2) acme.de", &["acme.com", "acme.de"]),
        ("a number is a name", "1.acme.com", &["1.acme.com"]),
        ("remark", "acme.com (main)", &["acme.com"]),
        ("hyphen", "acme\u{2011}corp.com", &["acme-corp.com"]),
        ("slash", "acme.com/", &["acme.com"]),
        ("markdown", "[acme.com](https://acme.com)", &["acme.com"]),
        ("markdown in a list", "acme.de, [acme.com](http://acme.com/)", &["acme.de", "acme.com"]),
        ("and", "acme.de und acme.fr et acme.it", &["acme.de", "acme.fr", "acme.it"]),
        ("or", "acme.de ODER acme.fr ou acme.it", &["acme.de", "acme.fr", "acme.it"]),
        ("marked by a program", "\u{202d}acme.com\u{202c}, acme.de", &["acme.com", "acme.de"]),
        ("strokes between", "acme.com / acme.de", &["acme.com", "acme.de"]),
        ("plus signs between", "acme.com + acme.de", &["acme.com", "acme.de"]),
        ("as a cookie has it", ".acme.com", &["acme.com"]),
        ("label with underscore", "email_domains: acme.com", &["acme.com"]),
        ("zero width", "acme\u{200b}.com\u{a0}", &["acme.com"]),
    ];
    for (id, text, wanted) in cases {
        let request = given(&[text]);
        assert_eq!(texts(&request), wanted, "{id}: {:?}", request.findings);
        assert!(codes(&request, Verdict::Fail).is_empty() && codes(&request, Verdict::Warn).is_empty(), "{id}");
    }
    assert_eq!(given(&["@acme-corp.com"]).changed[0].to.as_deref(), Some("acme-corp.com"));
}

#[test]
fn what_is_no_domain_is_refused_with_its_reason() {
    let cases = [
        ("dom-013", "com", "public_suffix"),
        ("dom-029", "-acme.com", "domain_syntax"),
        ("hyphen behind", "acme-.com", "domain_syntax"),
        ("underscore", "acme_corp.com", "domain_syntax"),
        ("one label", "acme", "domain_syntax"),
        ("address", "10.0.0.1", "domain_syntax"),
        ("path", "acme.com/login", "domain_syntax"),
        ("mail", "jane@acme.com", "domain_syntax"),
        ("long label", &format!("{}.com", "a".repeat(64)), "domain_syntax"),
        ("lying link", "[acme.com](https://evil.example)", "domain_syntax"),
        ("homograph", "\u{430}cme-corp.com", "host_confusable"),
        ("escape", "acme.com\u{1b}[2J", "control_character"),
        ("turned round", "acme\u{202e}moc.", "control_character"),
        ("long", &"a".repeat(5000), "input_too_long"),
        ("empty", " ", "value_missing"),
    ];
    for (id, text, code) in cases {
        let request = given(&[text]);
        assert_eq!(codes(&request, Verdict::Fail), [code], "{id}: {:?}", request.findings);
        assert!(request.domains.is_empty(), "{id}");
    }
}

#[test]
fn an_address_leads_to_its_domain() {
    assert_eq!(finding(&given(&["jane@acme.com"]), "domain_syntax").rerun_with, ["--domain", "acme.com"]);
}

#[test]
fn a_hundred_thousand_domains_are_too_many() {
    // dom-038
    let many: Vec<String> = (0..100_000).map(|number| format!("d{number:05}.com")).collect();
    let lists = [many.clone(), vec![many.join(",")], vec!["-".repeat(3) + &many.join(" -")]];
    for domains in lists {
        let request = judged(RequestDraft { domains, ..RequestDraft::default() });
        assert_eq!(codes(&request, Verdict::Fail), ["too_many_domains"]);
        assert!(request.domains.is_empty());
        assert!(request.findings[0].fact.contains("100000"), "{}", request.findings[0].fact);
    }
}

#[test]
fn the_ceiling_counts_each_domain_once() {
    let draft = |count: usize| RequestDraft {
        domains: (0..count).flat_map(|number| [format!("d{number}.com"), format!("D{number}.com.")]).collect(),
        ..RequestDraft::default()
    };
    assert_eq!(draft(MAX_DOMAINS).normalise(Completeness::WhatIsGiven, MAX_DOMAINS).domains.len(), MAX_DOMAINS);
    let over = draft(MAX_DOMAINS + 1).normalise(Completeness::WhatIsGiven, MAX_DOMAINS);
    assert_eq!(codes(&over, Verdict::Fail), ["too_many_domains"]);
}

#[test]
fn a_list_of_junk_is_reported_in_part_and_counted() {
    let junk = (0..60).map(|number| format!("-{number}.com")).collect();
    let request = judged(RequestDraft { domains: junk, ..RequestDraft::default() });
    assert_eq!(codes(&request, Verdict::Fail).len(), 21);
}

#[test]
fn vouched_domains_are_read_in_the_same_way() {
    let request = judged(RequestDraft { vouched_domains: vec!["@Acme.de".to_owned()], ..RequestDraft::default() });
    assert_eq!(request.vouched_domains[0].as_str(), "acme.de");
    assert_eq!(request.changed[0].input, Input::VouchedDomain);
}

#[test]
fn what_is_said_of_a_vouched_domain_is_said_once() {
    let vouched =
        |text: &str| judged(RequestDraft { vouched_domains: vec![text.to_owned()], ..RequestDraft::default() });
    let mended = vouched("@Acme.de");
    assert_eq!((mended.changed.len(), texts(&mended)), (1, vec!["acme.de"]));
    let refused = vouched("acme");
    assert_eq!(codes(&refused, Verdict::Fail), ["domain_syntax"]);
    assert!(refused.findings[0].next.as_deref().is_some_and(|next| next.contains("--vouch-domain")));
    let twice = judged(RequestDraft {
        domains: vec!["acme.de".to_owned()],
        vouched_domains: vec!["ACME.de, acme.fr".to_owned()],
        ..RequestDraft::default()
    });
    assert_eq!(texts(&twice), ["acme.de", "acme.fr"]);
}

#[test]
fn the_ceiling_holds_for_claimed_and_vouched_domains_together() {
    let list = |letter: char| (0..=MAX_DOMAINS / 2).map(|number| format!("{letter}{number}.com")).collect();
    let request = judged(RequestDraft { domains: list('c'), vouched_domains: list('v'), ..RequestDraft::default() });
    assert_eq!((codes(&request, Verdict::Fail), request.domains.len()), (vec!["too_many_domains"], 0));
}

#[test]
fn a_vouched_domain_is_claimed_beside_the_owners_as_the_address_turned_out_to_be() {
    for owner in ["jane@acme.example", "mailto:jane@acme.example?subject=x", "Jane <jane@Acme.example>,"] {
        let vouched = vec!["other.example".to_owned()];
        let draft =
            RequestDraft { owner: Some(owner.to_owned()), vouched_domains: vouched.clone(), ..RequestDraft::default() };
        let domains = |request: OnboardingRequest| request.domains.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(domains(judged(draft)), ["acme.example", "other.example"], "{owner}");
        let named = RequestDraft {
            owner: Some(owner.to_owned()),
            domains: vec!["more.example".to_owned()],
            vouched_domains: vouched,
            ..RequestDraft::default()
        };
        assert_eq!(domains(judged(named)), ["more.example", "other.example"], "{owner}");
    }
}
