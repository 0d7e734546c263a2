//! Owners' addresses and claimed domains.

use ssoctl::finding::Verdict;
use ssoctl::intake::{Completeness, RequestDraft};
use ssoctl::request::OnboardingRequest;

use super::Outcome;
use crate::support::product::{acme_corp, onboard, written};
use crate::support::provider::Provider;
use crate::support::question::{Verdicts, assert_printable};
use crate::support::world::World;

/// Looked up in the product: the value in [`Outcome::Normalise`] is the account that is found.
const OWNERS: [(&str, &str, Outcome); 13] = {
    use Outcome::{Accept, Normalise, Reject, Warn};
    [
        ("eml-003", "Owner@Acme-Corp.COM", Normalise("owner@acme-corp.com")),
        ("eml-012", "owner+sso@acme-corp.com", Reject("owner_not_found")),
        ("eml-013", "o.wner@acme-corp.com", Reject("owner_not_found")),
        ("eml-017", "owner@evil.com@acme-corp.com", Reject("email_syntax")),
        ("eml-027", "owner@acme_corp.com", Reject("email_syntax")),
        ("eml-030", "owner@acme-corp.com(comment)", Reject("email_syntax")),
        ("eml-032", "user%acme-corp.com@relay.net", Warn("email_unusual")),
        ("eml-038", "\u{200f}owner@acme-corp.com", Normalise("owner@acme-corp.com")),
        ("eml-040", "inhaber@xn--mller-gmbh-9db.de", Accept),
        ("eml-052", "boss@gmail.com", Reject("free_mail")),
        ("eml-053", "boss@mailinator.com", Reject("disposable_mail")),
        ("eml-054", "o'brien@acme-corp.com", Reject("owner_not_found")),
        ("eml-058", "${jndi:ldap://x}@acme-corp.com", Reject("email_syntax")),
    ]
};

/// Claimed for Acme beside its own domain, the operator vouching for each.
const DOMAINS: [(&str, &str, Outcome); 7] = {
    use Outcome::{Accept, Normalise, Reject, Warn};
    [
        ("dom-001", "acme-corp.com", Accept),
        ("dom-004", "@acme-corp.com", Normalise("acme-corp.com")),
        ("dom-008", "gmail.com", Reject("free_mail")),
        ("dom-013", "com", Reject("public_suffix")),
        ("dom-016", "acme.onmicrosoft.com", Warn("tenant_domain")),
        ("dom-027", "acme.internal", Reject("domain_not_public")),
        ("dom-029", "-acme.com", Reject("domain_syntax")),
    ]
};

pub(super) fn table() -> Vec<(&'static str, Outcome)> {
    let mut table: Vec<(&str, Outcome)> =
        OWNERS.iter().chain(&DOMAINS).map(|(id, _, outcome)| (*id, *outcome)).collect();
    table.push(("eml-045", Outcome::Reject("email_syntax")));
    table.push(("eml-046", Outcome::Reject("email_syntax")));
    table.push(("dom-006", Outcome::Normalise("acme-corp.com, acme.de")));
    table.push(("dom-038", Outcome::Reject("too_many_domains")));
    table
}

fn checked(world: &World, arguments: &[&str]) -> Verdicts {
    let mut all = vec!["check", "--output", "json"];
    all.extend(arguments);
    let run = world.ssoctl(all);
    assert_printable(&run);
    Verdicts::of(run)
}

#[test]
fn owners_are_found_as_the_list_says() {
    let world = acme_corp();
    world.sql(
        "INSERT INTO product_users (id, email, name, active) VALUES ('u11', 'user%acme-corp.com@relay.net', 'R', 1)",
    );
    world.sql(
        "INSERT INTO product_teams (id, name, owner_id, plan, management_enabled)
            VALUES ('team_relay', 'Relay', 'u11', 'Scale Plus', 1)",
    );
    world.sql("INSERT INTO product_memberships (user_id, team_id, role) VALUES ('u11', 'team_relay', 'owner')");
    for (id, given, outcome) in OWNERS {
        let said = checked(&world, &["--owner", given]);
        match outcome {
            Outcome::Accept => {
                assert_eq!((said.code(), said.verdict("team-owner")), (Some(0), "pass"), "{id}: {}", said.table());
            }
            Outcome::Normalise(to) => {
                assert_eq!((said.code(), said.verdict("team-owner")), (Some(0), "pass"), "{id}: {}", said.table());
                assert_eq!(said.report["owner"], to, "{id}");
            }
            Outcome::Warn(code) => {
                assert_eq!(said.code(), Some(0), "{id}: {}", said.table());
                assert!(said.says(code), "{id}: {}", said.table());
            }
            Outcome::Reject(code) | Outcome::Unknown(code) => {
                assert_eq!(said.code(), Some(1), "{id}: {}", said.table());
                assert!(said.says(code), "{id}: {}", said.table());
            }
        }
        if id == "eml-012" {
            assert!(said.check("team-owner").to_string().contains("owner@acme-corp.com"), "{id}: the near match");
        }
    }
    assert_eq!(written(&world), (0, vec![]), "checking writes nothing");
}

#[test]
fn domains_are_judged_as_the_list_says() {
    let world = acme_corp();
    for (id, given, outcome) in DOMAINS {
        let claim = format!("--vouch-domain={given}");
        let said = checked(&world, &["--owner", "owner@acme-corp.com", &claim]);
        let (exit, code) = match outcome {
            Outcome::Accept | Outcome::Normalise(_) => (0, None),
            Outcome::Warn(code) => (0, Some(code)),
            Outcome::Reject(code) | Outcome::Unknown(code) => (1, Some(code)),
        };
        assert_eq!(said.code(), Some(exit), "{id}: {}", said.table());
        assert!(code.is_none_or(|code| said.says(code)), "{id}: {}", said.table());
        if let Outcome::Accept | Outcome::Normalise(_) = outcome {
            assert_eq!(said.report["domains"], serde_json::json!(["acme-corp.com"]), "{id}: {}", said.table());
        }
        if let Outcome::Normalise(to) = outcome {
            assert_eq!(said.changed_to("domain").or(said.changed_to("vouched_domains")), Some(to), "{id}");
        }
    }
}

#[test]
fn a_domain_that_another_team_holds_is_refused_whoever_vouches_for_it() {
    let world = acme_corp();
    let provider = Provider::new().start();
    onboard(&world, &provider, "owner@rival.com", &[]).expect_code(0);
    let run = onboard(&world, &provider, "owner@acme-corp.com", &["--vouch-domain", "rival.com"]).expect_code(1);
    let said = Verdicts::of(run);
    assert!(said.says("domain_claimed"), "{}", said.table());
    assert_eq!(written(&world), (1, vec!["onboarded".to_owned(), "refused".to_owned()]));
}

#[test]
fn teams_that_are_not_ready_are_refused_each_for_its_own_reason() {
    let world = acme_corp();
    for (owner, code) in [
        ("two@twoteams.com", "owner_has_several_teams"),
        ("gone@inactive.com", "owner_inactive"),
        ("owner@small.com", "plan_without_sso"),
        ("member@acme-corp.com", "owner_has_no_team"),
    ] {
        let said = checked(&world, &["--owner", owner]);
        assert_eq!(said.code(), Some(1), "{owner}: {}", said.table());
        assert!(said.says(code), "{owner}: {}", said.table());
    }
    for owner in ["owner@acme-corp.com", "owner@beta-corp.com"] {
        assert_eq!(checked(&world, &["--owner", owner]).code(), Some(0), "{owner}");
    }
}

fn read(draft: RequestDraft) -> OnboardingRequest {
    draft.normalise(Completeness::WhatIsGiven, 50)
}

#[test]
fn lists_and_endless_values_are_read_in_one_pass() {
    let owner = |text: String| read(RequestDraft { owner: Some(text), ..RequestDraft::default() });
    for (id, text) in
        [("eml-045", format!("{}@{}com", "a".repeat(64), "b.".repeat(95))), ("eml-046", "a@".repeat(100_000))]
    {
        let request = owner(text);
        assert_eq!((request.owner, request.findings[0].level), (None, Verdict::Fail), "{id}");
    }
    let domains = |list: Vec<String>| read(RequestDraft { domains: list, ..RequestDraft::default() });
    let request = domains(vec!["acme-corp.com, acme.de".to_owned()]);
    let read: Vec<&str> = request.domains.iter().map(ssoctl::request::names::EmailDomain::as_str).collect();
    assert_eq!((read, request.findings.len()), (vec!["acme-corp.com", "acme.de"], 0), "dom-006");
    let request = domains((0..100_000).map(|number| format!("d{number:05}.com")).collect());
    assert!(request.findings.iter().any(|finding| finding.code == "too_many_domains"), "dom-038");
    assert!(request.domains.len() <= 50, "dom-038");
}
