use super::*;
use crate::checks::CATALOGUE;
use crate::checks::reasons::reasons;
use crate::input::Input;
use crate::report::{CommandLine, OidcView, RequestView};

const ISSUERS: [(ProviderKind, &str); 10] = [
    (ProviderKind::Generic, "https://login.acme.example"),
    (ProviderKind::Okta, "https://acme.okta.com"),
    (ProviderKind::EntraId, "https://login.microsoftonline.com/6f1c2f6e-0000-4000-8000-000000000000/v2.0"),
    (ProviderKind::Google, "https://accounts.google.com"),
    (ProviderKind::Auth0, "https://acme.eu.auth0.com/"),
    (ProviderKind::OneLogin, "https://acme.onelogin.com/oidc/2"),
    (ProviderKind::Ping, "https://auth.pingone.eu/6f1c2f6e/as"),
    (ProviderKind::JumpCloud, "https://oauth.id.jumpcloud.com/"),
    (ProviderKind::Keycloak, "https://id.acme.example/realms/main"),
    (ProviderKind::Adfs, "https://fs.acme.example/adfs"),
];

fn report(outcome: Outcome, issuer: &str, checks: Vec<Judgement>) -> Report {
    Report {
        outcome,
        protocol: crate::request::Protocol::Oidc,
        ticket: Some("48213".to_owned()),
        request: RequestView { issuer: Some(issuer.to_owned()), ..RequestView::default() },
        team: None,
        owner: Some("jane@acme.example".to_owned()),
        owner_name: "Jane Doe".to_owned(),
        requester_name: String::new(),
        domains: vec!["acme.example".to_owned()],
        connection: None,
        checks: checks.into(),
        allowed_origins: Vec::new(),
        reply: String::new(),
        reply_subject: String::new(),
        delivery: None,
        command: CommandLine::default(),
    }
}

fn judged(check: &str, findings: Vec<Finding>) -> Judgement {
    let id = CATALOGUE.iter().map(|entry| entry.id).find(|id| id.as_str() == check).unwrap();
    Judgement::of(id, "", findings)
}

fn written(report: &Report) -> Letter {
    letter(report, Replies::built_in()).unwrap()
}

/// Every reason code of docs/checks.md at `level`, with its check.
fn documented(level: &str) -> Vec<(&'static str, &'static str)> {
    let found = reasons().filter(|reason| reason.level == level);
    found.map(|reason| (reason.check.as_str(), reason.code)).collect()
}

/// `text` on one line, so that line breaks do not matter.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether the customer can tell what to do now, or that nothing is asked of them.
fn says_what_is_next(text: &str) -> bool {
    let text = flat(text);
    ["Please ", " please ", "We will ", "we will ", "need not do anything"].iter().any(|word| text.contains(word))
}

#[test]
fn every_failing_code_gives_a_whole_mail_with_a_next_step_at_every_make() {
    let codes = documented("fail");
    assert!(codes.len() > 80, "{}", codes.len());
    for (check, code) in codes {
        for (make, issuer) in ISSUERS {
            let finding = Finding::fail(code, "the client id is not what it should be").about(Input::ClientId);
            let step = place(judged(check, vec![]).id, &finding).1;
            let letter = written(&report(Outcome::Refused, issuer, vec![judged(check, vec![finding])]));
            assert!(letter.subject.starts_with("Single sign-on for your team"), "{}", letter.subject);
            assert!(letter.subject.ends_with("[48213]"), "{}", letter.subject);
            let greeting = if check == "team-requester" || check == "ticket-sender" { "there" } else { "Jane" };
            assert!(letter.text.starts_with(&format!("Hello {greeting},\n\n")), "{check}/{code}: {}", letter.text);
            let (_, steps) = letter.text.split_once("could not carry it out yet:").unwrap();
            let (steps, _) = steps.split_once("Nothing has changed").unwrap();
            assert!(says_what_is_next(steps), "{check}/{code}: {steps}");
            assert_eq!(step.is_empty(), !steps.contains("Where to find it"), "{check}/{code} {make:?}: {steps}");
            assert!(!letter.text.contains('{') && !letter.text.contains("\n\n\n"), "{check}/{code}: {}", letter.text);
        }
    }
}

#[test]
fn nobody_is_asked_to_answer_where_all_is_ours_to_clear_up() {
    let asks = |findings: Vec<Finding>| {
        let letter = written(&report(Outcome::Refused, ISSUERS[0].1, vec![judged("team-owner", findings)]));
        assert!(flat(&letter.text).contains("everybody signs in as they did."), "{}", letter.text);
        flat(&letter.text).contains("Please answer this mail once this is cleared up")
    };
    let ours =
        || Finding::fail("owner_ambiguous", "2 accounts").tell("We are clearing this up and will come back to you.");
    let theirs = || Finding::fail("owner_has_no_team", "no team").tell("Please create your team.");
    assert!(!asks(vec![ours()]));
    assert!(!asks(vec![Finding::fail("other_team", "a slip of ours")]));
    assert!(asks(vec![theirs()]));
    assert!(asks(vec![ours(), theirs()]));
}

#[test]
fn who_is_asked_for_patience_alone_has_nothing_to_look_up() {
    for check in ["oidc-discovery", "saml-metadata"] {
        let finding = Finding::unknown("http_429", "come back later");
        let letter = written(&report(Outcome::Unknown, ISSUERS[0].1, vec![judged(check, vec![finding])]));
        assert!(!letter.text.contains("Where to find it"), "{check}: {}", letter.text);
    }
}

#[test]
fn every_code_that_could_not_be_told_gives_a_whole_mail() {
    for (check, code) in documented("unknown") {
        let finding = Finding::unknown(code, "no answer");
        let letter = written(&report(Outcome::Unknown, "https://acme.okta.com", vec![judged(check, vec![finding])]));
        assert!(says_what_is_next(&letter.text), "{check}/{code}: {}", letter.text);
    }
}

#[test]
fn every_make_has_a_place_of_its_own_for_every_value() {
    for (make, _) in ISSUERS {
        for value in Value::ALL {
            let place = Replies::built_in().place(make.word().unwrap_or("generic"), value.key()).unwrap();
            let any = Replies::built_in().place("generic", value.key()).unwrap();
            assert_eq!(make == ProviderKind::Generic, place == any, "{make:?} {value:?}");
            assert!(!Replies::built_in().word(value.key()).is_empty());
        }
    }
}

#[test]
fn every_make_that_places_are_written_for_exists() {
    let places: std::collections::BTreeMap<String, toml::Value> =
        toml::from_str(include_str!("../replies/en/places.toml")).unwrap();
    let makes = [ProviderKind::Cognito, ProviderKind::GitLab, ProviderKind::Salesforce];
    let known = ISSUERS.iter().map(|(make, _)| *make).chain(makes).map(|make| make.word().unwrap_or("generic"));
    let known: Vec<&str> = known.collect();
    for name in places.keys() {
        assert!(known.contains(&name.as_str()), "{name}");
    }
}

/// A finding for every value, as the checks word them.
fn everything_wrong() -> Vec<Judgement> {
    vec![
        judged(
            "request-complete",
            vec![Finding::fail("value_missing", "the client secret is missing (--client-secret-file)")
                .about(Input::ClientSecret)
                .tell("Please send us the client secret as well: we cannot set up single sign-on without it.")],
        ),
        judged(
            "oidc-discovery",
            vec![
                Finding::fail("no_code_flow", "no code flow")
                    .tell("Please enable the authorization code flow (response type \"code\") for the application."),
                Finding::fail("issuer_mismatch", "another issuer")
                    .tell("The configuration found at the issuer you sent names another one. Please confirm which one is right."),
            ],
        ),
        judged("oidc-keys", vec![Finding::fail("jwks_empty", "no keys").tell("Your identity provider publishes no signing keys. Please activate a signing key.")]),
        judged(
            "oidc-credentials",
            vec![Finding::fail("bad_secret", "refused").tell("Your identity provider does not accept the client ID 0oa1 together with the client secret you sent. Please copy both again and send them to us.")],
        ),
        judged(
            "oidc-redirect-uri",
            vec![Finding::warn("redirect_not_confirmed", "a page").tell("Please make sure that https://app.example.com/sso/oidc/callback is registered as a redirect URI.")],
        ),
        judged(
            "team-members",
            vec![
                Finding::fail("members_elsewhere", "1 person")
                    .evidence("sam@acme.example", "member of Globex (team 1043)")
                    .tell("The following accounts from your e-mail domain already belong to another team: sam@acme.example. Please ask these colleagues to contact us."),
            ],
        ),
    ]
}

#[test]
fn several_failures_give_one_mail_in_the_order_in_which_the_customer_mends_them() {
    let text = written(&report(Outcome::Refused, "https://acme.okta.com", everything_wrong())).text;
    let order = [
        " 1. The configuration found at the issuer",
        " 2. Your identity provider does not accept",
        " 3. Please send us the client secret",
        " 4. Please enable the authorization code flow",
        " 5. Your identity provider publishes no signing keys",
        " 6. The following accounts",
        " Please note:",
        "is registered as a redirect URI",
    ];
    let places: Vec<Option<usize>> = order.iter().map(|words| flat(&text).find(words)).collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{places:?}\n{text}");
    assert_eq!(text.matches("- Client secret:").count(), 1, "a place is said once:\n{text}");
    assert!(text.lines().all(|line| line.chars().count() <= COLUMNS), "{text}");
}

#[test]
fn another_customer_is_never_named() {
    for names in [true, false] {
        let replies = Replies::built_in().clone().naming_colleagues(names);
        let text =
            letter(&report(Outcome::Refused, "https://acme.okta.com", everything_wrong()), &replies).unwrap().text;
        assert!(!text.contains("Globex") && !text.contains("1043"), "{text}");
        assert_eq!(text.contains("sam@acme.example"), names, "{text}");
        assert!(says_what_is_next(text.split_once("\n6. ").unwrap().1), "{text}");
    }
}

#[test]
fn somebody_who_may_not_ask_learns_nothing_of_the_team() {
    let mut checks = everything_wrong();
    checks.push(judged(
        "team-plan",
        vec![Finding::fail("plan_without_sso", "no").tell("The plan of Acme does not include it.")],
    ));
    checks.push(judged(
        "team-requester",
        vec![
            Finding::fail("requester_not_member", "no")
                .tell("Only its owner can ask. Please have one of them write to us."),
        ],
    ));
    let mut report = report(Outcome::Refused, "https://acme.okta.com", checks);
    report.team = Some(crate::product::team::Team {
        id: crate::request::names::TeamId::new("1042"),
        name: "Acme".to_owned(),
        plan: None,
        management_enabled: true,
    });
    let Letter { subject, text } = written(&report);
    assert!(text.contains("\n1. Only its owner can ask."), "{text}");
    for secret in ["Acme ", "Jane", "sam@", "The plan"] {
        assert!(!text.contains(secret) && !subject.contains(secret), "{secret}: {subject}\n{text}");
    }
}

#[test]
fn a_sentence_of_ones_own_takes_the_place_of_the_checks() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("de")).unwrap();
    std::fs::write(folder.path().join("de/reasons.toml"), "bad_secret = 'Falsch bei {make}: {client_id}. ({tell})'")
        .unwrap();
    let replies = Replies::load(Some(folder.path()), "de").unwrap();
    let finding = Finding::fail("bad_secret", "no").tell("It is wrong.");
    let mut report = report(Outcome::Refused, "https://acme.okta.com", vec![judged("oidc-credentials", vec![finding])]);
    report.request.client_id = Some("0oa1".to_owned());
    let text = letter(&report, &replies).unwrap().text;
    assert!(text.contains("Falsch bei Okta: 0oa1. (It is wrong.)"), "{text}");
}

#[test]
fn the_make_is_told_from_metadata_that_was_refused() {
    for (entity_id, sign_in, make) in [
        ("http://www.okta.com/exk1", "https://acme.okta.com/app/x/exk1/sso/saml", "Okta"),
        ("http://fs.acme.example/adfs/services/trust", "https://fs.acme.example/adfs/ls/", "AD FS"),
        ("https://id.acme.example/realms/main", "https://sso.acme.example/", "Keycloak"),
    ] {
        let refused = judged("saml-metadata", vec![Finding::fail("metadata_expired", "it ended")])
            .detail("entity_id", entity_id)
            .detail("sso", serde_json::json!([{ "location": sign_in }]));
        let mut report = report(Outcome::Refused, "", vec![refused]);
        report.request.issuer = None;
        assert!(written(&report).text.contains(&format!("Where to find it in {make}:")), "{entity_id}");
    }
}

#[test]
fn a_message_id_is_no_ticket_in_a_subject() {
    let mut report = report(Outcome::Valid, "https://acme.okta.com", vec![judged("oidc-discovery", vec![])]);
    report.ticket = Some("CAF+9x.48@mail.acme.example".to_owned());
    assert_eq!(written(&report).subject, "The values you sent for single sign-on are in order");
}

#[test]
fn several_domains_read_as_a_list() {
    let mut report = report(Outcome::Valid, "https://acme.okta.com", vec![]);
    report.domains = ["a.example", "b.example", "c.example"].map(str::to_owned).to_vec();
    let writer = Writer::new(&report, Replies::built_in());
    assert_eq!(writer.domains(), "a.example, b.example and c.example");
}

fn done() -> ConnectionView {
    ConnectionView {
        id: None,
        status: Some(crate::product::connection::Status::Active),
        account_token: Some("SECRET-account-token".to_owned()),
        acs_url: None,
        scim: None,
        provisions: false,
        claims: vec![],
        provider: ProviderView::Oidc(OidcView {
            issuer: "https://acme.okta.com".to_owned(),
            client_id: "0oa1b2c3".to_owned(),
            token_endpoint_auth_method: None,
            id_token_algorithms: Vec::new(),
            redirect_uri: Some("https://app.example.com/sso/oidc/callback".to_owned()),
        }),
    }
}

/// Holds a text against `fixtures/replies/NAME.txt`; with `SSOCTL_BLESS=1` in the environment it writes that file.
fn golden(name: &str, letter: &Letter) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/replies").join(format!("{name}.txt"));
    let text = format!("Subject: {}\n\n{}", letter.subject, letter.text);
    if std::env::var_os("SSOCTL_BLESS").is_some_and(|word| word == "1") {
        std::fs::write(&path, &text).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(text, kept, "fixtures/replies/{name}.txt; SSOCTL_BLESS=1 writes it anew");
}

#[test]
fn the_mail_about_everything_reads_well_at_every_make() {
    for (make, issuer) in ISSUERS {
        let letter = written(&report(Outcome::Refused, issuer, everything_wrong()));
        golden(&format!("make-{}", make.word().unwrap_or("generic")), &letter);
    }
}

#[test]
fn the_mail_of_every_outcome_reads_well() {
    for outcome in [Outcome::Onboarded, Outcome::Replaced, Outcome::Unchanged, Outcome::Staged, Outcome::Valid] {
        let mut report = report(outcome, "https://acme.okta.com", vec![judged("oidc-discovery", vec![])]);
        report.connection = (outcome != Outcome::Valid).then(done);
        let letter = written(&report);
        assert!(!letter.text.contains("SECRET"), "{}", letter.text);
        golden(&format!("outcome-{}", outcome.as_str()), &letter);
    }
    let silent = judged("oidc-discovery", vec![Finding::unknown("connect_timeout", "no connection within 3 s")]);
    golden("outcome-unknown", &written(&report(Outcome::Unknown, "https://login.acme.example", vec![silent])));
}

#[test]
fn nobody_in_a_domain_that_may_be_anothers_is_told_of() {
    let sam = Finding::fail("members_elsewhere", "1 person belongs to another team")
        .evidence("sam@rival.example", "owner of Rival")
        .tell("The following accounts already belong to another team: sam@rival.example.");
    let unproven = Finding::fail("domain_not_proven", "`rival.example` is not proven").tell("Please prove it.");
    let known = || judged("team-owner", vec![]);
    let members = || judged("team-members", vec![sam.clone()]);
    let checks = vec![known(), judged("team-domain", vec![unproven]), members()];
    let letter = written(&report(Outcome::Refused, "https://acme.okta.com", checks));
    assert!(letter.text.contains("Please prove it.") && !letter.text.contains("another"), "{}", letter.text);
    let checks = vec![known(), judged("team-domain", vec![]), members()];
    let letter = written(&report(Outcome::Refused, "https://acme.okta.com", checks));
    assert!(letter.text.contains("sam@rival.example"), "{}", letter.text);
}

#[test]
fn whoever_cannot_be_told_learns_nothing_of_the_team() {
    let unread = Finding::fail("email_syntax", "no").tell("Please tell us who asks.");
    let checks = vec![
        judged("request-complete", vec![unread]),
        judged("team-owner", vec![]),
        judged(
            "team-plan",
            vec![Finding::fail("plan_without_sso", "no").tell("The plan of Acme does not include it.")],
        ),
        judged("team-requester", vec![Finding::unknown("not_asked", "not asked: who asked is not known")]),
    ];
    let text = written(&report(Outcome::Refused, "https://acme.okta.com", checks)).text;
    assert!(text.contains("Please tell us who asks.") && !text.contains("Acme"), "{text}");
}

#[test]
fn a_deactivated_owner_is_told_nothing_of_the_team_and_an_administrator_who_asked_is() {
    let mail = |requester: Vec<Finding>| {
        let gone = Finding::fail("owner_inactive", "the account is deactivated").tell("Please have a colleague ask.");
        let plan = Finding::fail("plan_without_sso", "no").tell("The plan of Acme does not include it.");
        let outside = Finding::warn("members_outside", "1").tell("Pat cannot sign in.");
        let checks = vec![
            judged("team-owner", vec![gone]),
            judged("team-plan", vec![plan]),
            judged("team-requester", requester),
            judged("team-members", vec![outside]),
        ];
        written(&report(Outcome::Refused, "https://acme.okta.com", checks)).text
    };
    let text = mail(vec![Finding::unknown("not_asked", "not asked: the owner's account is deactivated")]);
    assert!(text.contains("have a colleague ask") && !text.contains("Acme") && !text.contains("Pat"), "{text}");
    let text = mail(vec![]);
    assert!(text.contains("have a colleague ask") && text.contains("The plan of Acme"), "{text}");
}

#[test]
fn a_colleague_in_several_other_teams_is_named_once() {
    let sam = Finding::fail("members_elsewhere", "1 person belongs to another team")
        .evidence("sam@acme.example", "member of Globex (team 1043)")
        .evidence("sam@acme.example", "owner of Umbra (team 1047)");
    let checks = vec![judged("team-owner", vec![]), judged("team-members", vec![sam])];
    let report = report(Outcome::Refused, "https://acme.okta.com", checks);
    assert_eq!(Writer::new(&report, Replies::built_in()).colleagues(Verdict::Fail), "sam@acme.example");
}

#[test]
fn values_that_nobody_looked_at_are_not_called_in_order() {
    let mail = |checks| letter(&report(Outcome::Valid, "https://acme.okta.com", checks), Replies::built_in());
    assert_eq!(mail(vec![judged("team-owner", vec![])]), None);
    assert!(mail(vec![judged("oidc-discovery", vec![])]).unwrap().text.contains("in order"));
}

#[test]
fn the_one_it_goes_to_is_greeted() {
    let allowed = ["ticket-sender", "team-requester", "team-owner"].map(|check| judged(check, vec![])).to_vec();
    let mut asked = report(Outcome::Onboarded, "https://login.acme.example", allowed.clone());
    asked.request.requested_by = Some("amir@acme.example".to_owned());
    asked.requester_name = "Amir Khan".to_owned();
    assert!(written(&asked).text.starts_with("Hello Amir,"), "{}", written(&asked).text);
    let nameless = Report { requester_name: String::new(), ..asked.clone() };
    assert!(written(&nameless).text.starts_with("Hello there,"), "{}", written(&nameless).text);
    // Who may not ask is not written to: the owner is.
    let others = allowed.into_iter().filter(|one| one.id.as_str() != "team-requester").collect::<Vec<_>>();
    let to_owner = Report { checks: others.into(), ..asked };
    assert!(written(&to_owner).text.starts_with("Hello Jane,"), "{}", written(&to_owner).text);
}
