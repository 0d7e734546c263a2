//! `prepare`, and domains beside the owner's: proven by DNS, vouched for, or refused.

use serde_json::{Value, json};

use crate::support::desk::{Desk, JANE, codes, column, verdict};
use crate::support::name_server::NameServer;

/// What Acme is told to register, as JSON.
fn prepared(desk: &Desk) -> Value {
    desk.world.ssoctl(["prepare", "--owner", JANE, "--ticket", "48213", "-o", "json"]).expect_code(0).json()
}

#[test]
fn preparing_twice_gives_the_same_values_and_writes_once() {
    let desk = Desk::new();
    let first = prepared(&desk);
    assert_eq!(first["redirect_uri"], "https://app.example.com/sso/oidc/callback");
    assert_eq!(first["connection"]["status"], "prepared");
    assert_eq!(prepared(&desk), first);
    assert_eq!(desk.deeds(), ["prepared"]);
    assert_eq!(desk.connections(), [["prepared", ""]]);
}

#[test]
fn onboarding_keeps_the_reserved_id_and_challenge() {
    let desk = Desk::new();
    let reserved = prepared(&desk);
    let report = desk.onboard_json(0, &[]);
    assert_eq!(report["outcome"], "onboarded");
    assert_eq!(report["connection"]["id"], reserved["connection"]["id"]);
    let after = prepared(&desk);
    assert_eq!(after["domain_proof"], reserved["domain_proof"]);
    assert_eq!(after["connection"]["status"], "active");
    assert_eq!(desk.deeds(), ["prepared", "onboarded"]);
}

#[test]
fn what_is_prepared_is_ready_to_send() {
    let desk = Desk::new();
    let run = desk.world.ssoctl(["prepare", "--owner", JANE]).expect_code(0);
    for told in
        ["Acme (team 1042)", "https://app.example.com/sso/oidc/callback", "https://app.example.com/sso/oidc/login"]
    {
        assert!(run.stdout.contains(told), "{told}: {}", run.stdout);
    }
}

#[test]
fn nothing_is_prepared_for_an_unknown_owner_or_a_team_without_the_plan() {
    let desk = Desk::new();
    for (owner, check) in [
        ("nobody@nowhere.example", "team-owner"),
        ("solo@nobody.example", "team-owner"),
        ("olaf@umbra.example", "team-owner"),
        ("nina@twice.example", "team-owner"),
        ("sue@starter.example", "team-plan"),
    ] {
        let report = desk.world.ssoctl(["prepare", "--owner", owner, "-o", "json"]).expect_code(1).json();
        assert_eq!((&report["outcome"], verdict(&report, check)), (&json!("refused"), "fail"), "{owner}");
        assert!(desk.connections().is_empty());
    }
}

#[test]
fn what_will_refuse_the_onboarding_is_said_while_it_is_prepared() {
    let desk = Desk::new();
    let prepare = |owner: &str| desk.world.ssoctl(["prepare", "--owner", owner]).expect_code(0);
    let promise = |domain: &str| format!("People with an address at {domain} will sign in this way.");
    let jane = prepare(JANE);
    assert!(jane.stdout.contains(&promise("acme.example")) && !jane.stderr.contains("refused"), "{jane:?}");
    let pasted = prepare("Jane <jane@acme.example>");
    assert!(pasted.stderr.contains("changed on the way: owner: took the address out of"), "{}", pasted.stderr);
    let bill = prepare("bill@initech.example");
    assert!(bill.stderr.contains("would be refused as things stand: team-members: 1 person"), "{}", bill.stderr);
    assert!(!bill.stdout.contains("sam@") && bill.stdout.contains(&promise("initech.example")), "{}", bill.stdout);
    for protocol in ["oidc", "saml"] {
        let gus = desk.world.ssoctl(["prepare", "--owner", "gus@gmail.com", "--protocol", protocol]).expect_code(0);
        assert!(gus.stderr.contains("team-domain: gmail.com is a public mailbox provider"), "{}", gus.stderr);
        let flat = gus.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flat.contains("gmail.com cannot be used for single sign-on. Please name the mail domains"), "{flat}");
        assert!(!flat.contains("will sign in this way") && flat.contains("_ssoctl-challenge."), "{flat}");
    }
}

#[test]
fn nothing_is_prepared_for_a_request_that_cannot_be_read() {
    let desk = Desk::new();
    for (flag, value, code) in [
        ("--requested-by", "mallory at evil", "email_syntax"),
        ("--requested-by", "a@acme.example, b@acme.example", "email_ambiguous"),
        ("--ticket", "48213\u{7}", "control_character"),
    ] {
        let words = ["prepare", "--owner", JANE, flag, value, "-o", "json"];
        let report = desk.world.ssoctl(words).expect_code(1).json();
        assert_eq!(codes(&report, "request-complete"), [code], "{value:?}: {report}");
        assert_ne!((flag, verdict(&report, "team-requester")), ("--requested-by", "pass"), "{report}");
        assert!(desk.connections().is_empty());
    }
    desk.world.ssoctl(["prepare", "--owner", "nobody"]).expect_code(1);
    assert_eq!(desk.deeds(), ["refused"; 4], "each refusal is on record, that without an owner too");
}

#[test]
fn a_further_domain_without_a_proof_is_refused() {
    let desk = Desk::new();
    let report = desk.onboard_json(1, &["--domain", "acme.example", "--domain", "acme-labs.example"]);
    assert_eq!(codes(&report, "team-domain"), ["domain_not_proven"]);
    assert!(desk.connections().is_empty());
}

#[test]
fn a_domain_vouched_for_is_claimed_with_a_warning_and_on_record() {
    let desk = Desk::new();
    let report = desk.onboard_json(0, &["--vouch-domain", "acme-labs.example"]);
    assert_eq!(codes(&report, "team-domain"), ["domain_vouched"]);
    let claims = desk.world.sql("SELECT domain, proof FROM sso_domains ORDER BY domain");
    assert_eq!(claims, [["acme-labs.example", "operator"], ["acme.example", "owner"]]);
    let shown = desk.connection(&["show", "--team", "1042"]).expect_code(0).stdout;
    assert!(shown.contains("acme-labs.example (on an operator's word)"), "{shown}");
    let shown = desk.connection(&["show", "--team", "1042", "-o", "json"]).expect_code(0).json();
    assert_eq!(shown["domain_proofs"], json!({"acme-labs.example": "operator", "acme.example": "owner"}));
    let vouched = json!({"id": "team-domain", "verdict": "warn", "reasons": ["domain_vouched"]});
    assert!(desk.latest_details()["checks"].as_array().unwrap().contains(&vouched), "{}", desk.latest_details());
}

#[test]
fn a_mailbox_providers_domain_is_refused_even_when_it_is_the_owners() {
    let desk = Desk::new();
    let words =
        desk.request_of("gus@gmail.com", "onboard", &["--client-secret-file", "secret.txt", "--yes", "-o", "json"]);
    assert_eq!(codes(&desk.world.ssoctl(words).expect_code(1).json(), "team-domain"), ["free_mail"]);
    let vouched = desk.onboard_json(1, &["--vouch-domain", "gmail.com"]);
    assert!(codes(&vouched, "team-domain").contains(&"free_mail"), "{vouched}");
}

#[test]
fn a_record_with_the_challenge_proves_a_domain() {
    let desk = Desk::new();
    let proof = prepared(&desk)["domain_proof"].clone();
    let name = proof["name"].as_str().unwrap().replace("<domain>", "acme-labs.example");
    let server = NameServer::with_txt(&name, proof["value"].as_str().unwrap());
    let [flag, address] = server.access();
    let report = desk.onboard_json(0, &["--domain", "acme.example", "--domain", "acme-labs.example", &flag, &address]);
    assert_eq!(verdict(&report, "team-domain"), "pass");
    let claims = desk.world.sql("SELECT domain, proof FROM sso_domains ORDER BY domain");
    assert_eq!(claims, [["acme-labs.example", "dns"], ["acme.example", "owner"]]);
    assert_eq!(server.asked(), ["_ssoctl-challenge.acme-labs.example"], "the owner's own needs no question");
}

#[test]
fn a_proven_domain_needs_no_second_proof() {
    let desk = Desk::new();
    let proof = prepared(&desk)["domain_proof"].clone();
    let domains = ["--domain", "acme.example", "--domain", "acme-labs.example"];
    {
        let server = NameServer::with_txt("_ssoctl-challenge.acme-labs.example", proof["value"].as_str().unwrap());
        let [flag, address] = server.access();
        desk.onboard_json(0, &[domains.as_slice(), &[&flag, &address]].concat());
    }
    let silent = NameServer::failing();
    let [flag, address] = silent.access();
    let report = desk.onboard_json(0, &[domains.as_slice(), &[&flag, &address]].concat());
    assert_eq!((&report["outcome"], silent.asked().len()), (&json!("unchanged"), 0));
}

#[test]
fn a_record_with_another_teams_challenge_proves_nothing() {
    let desk = Desk::new();
    prepared(&desk);
    let hanks = desk.world.ssoctl(["prepare", "--owner", "hank@globex.example", "-o", "json"]).expect_code(0).json();
    let value = hanks["domain_proof"]["value"].as_str().unwrap();
    let server = NameServer::with_txt("_ssoctl-challenge.acme-labs.example", value);
    let [flag, address] = server.access();
    let report = desk.onboard_json(1, &["--domain", "acme-labs.example", &flag, &address]);
    assert_eq!(codes(&report, "team-domain"), ["domain_not_proven"]);
    assert_eq!(desk.connections(), [["prepared", ""], ["prepared", ""]]);
}

#[test]
fn no_record_is_a_refusal_and_a_failing_name_server_no_verdict() {
    let desk = Desk::new();
    prepared(&desk);
    let empty = NameServer::with_txt("elsewhere.example", "x");
    let [flag, address] = empty.access();
    let report = desk.onboard_json(1, &["--domain", "acme-labs.example", &flag, &address]);
    assert_eq!(codes(&report, "team-domain"), ["domain_not_proven"]);
    let failing = NameServer::failing();
    let [flag, address] = failing.access();
    let report = desk.onboard_json(3, &["--domain", "acme-labs.example", &flag, &address]);
    assert_eq!(codes(&report, "team-domain"), ["dns_failure"]);
    assert_eq!(column(desk.world.sql("SELECT status FROM sso_connections")), ["prepared"]);
}
