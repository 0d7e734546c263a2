//! The life of a connection: staged, switched on, switched off, removed, and looked at meanwhile.

use serde_json::json;

use crate::support::desk::{Desk, codes, column};
use crate::support::provider::{Behaviour, CLIENT_SECRET, Dialect, Provider, Reply, Route};

/// The first connection's id.
fn id(desk: &Desk) -> String {
    column(desk.world.sql("SELECT id FROM sso_connections")).remove(0)
}

#[test]
fn a_staged_connection_holds_its_domain_and_is_switched_on_later() {
    let desk = Desk::new();
    let staged = desk.onboard_json(0, &["--stage"]);
    assert_eq!((&staged["outcome"], &staged["connection"]["status"]), (&json!("staged"), &json!("staged")));
    assert_eq!(desk.connections(), [["staged", "acme.example"]]);
    assert_eq!(desk.onboard_json(0, &["--stage"])["outcome"], "unchanged");

    let report = desk.connection(&["activate", &id(&desk), "--yes", "-o", "json"]).expect_code(0).json();
    assert_eq!((&report["outcome"], &report["connection"]["status"]), (&json!("onboarded"), &json!("active")));
    assert_eq!(desk.connections(), [["active", "acme.example"]]);
    assert_eq!(desk.deeds(), ["staged", "activated"]);
    desk.expect_sound();
}

#[test]
fn onboarding_the_same_values_switches_a_staged_connection_on() {
    let desk = Desk::new();
    let run = desk.onboard(&["--stage"]).expect_code(0);
    assert!(run.stdout.contains("switch on   ssoctl connection activate "), "{}", run.stdout);
    let undo = run.stdout.lines().find(|line| line.contains("to undo")).unwrap();
    assert!(undo.contains("connection remove ") && undo.contains("--config "), "for the same installation: {undo}");
    assert_eq!(desk.onboard_json(0, &[])["outcome"], "onboarded");
    assert_eq!(
        (desk.connections(), desk.deeds()),
        (vec![vec!["active".into(), "acme.example".into()]], vec!["staged".into(), "activated".into()])
    );
}

#[test]
fn suspending_keeps_everything_and_activating_brings_it_back() {
    let desk = Desk::new();
    desk.onboard(&[]).expect_code(0);
    let run = desk.connection(&["suspend", "--team", "1042", "--ticket", "T-9", "--yes"]).expect_code(0);
    assert!(run.stdout.contains("Suspended") && run.stdout.contains("to undo"), "{}", run.stdout);
    assert!(run.stdout.contains("connection activate ") && run.stdout.contains("--config "), "{}", run.stdout);
    assert_eq!(desk.connections(), [["suspended", "acme.example"]]);
    let again = desk.connection(&["suspend", "--team", "1042", "--yes", "-o", "json"]).expect_code(0).json();
    assert_eq!(again["change"], "unchanged");
    assert_eq!(desk.deeds(), ["onboarded", "suspended"]);

    desk.connection(&["activate", "--team", "1042", "--yes"]).expect_code(0);
    assert_eq!(desk.connections(), [["active", "acme.example"]]);
    let tickets = column(desk.world.sql("SELECT coalesce(ticket, '-') FROM sso_audit_log ORDER BY seq"));
    assert_eq!(tickets, ["48213", "T-9", "-"]);
    desk.expect_sound();
}

#[test]
fn activating_what_is_active_changes_nothing() {
    let desk = Desk::new();
    desk.onboard(&[]).expect_code(0);
    let before = desk.stored();
    let report = desk.connection(&["activate", "--team", "1042", "--yes", "-o", "json"]).expect_code(0).json();
    assert_eq!(report["outcome"], "unchanged");
    assert_eq!(desk.stored(), before);
}

#[test]
fn a_suspended_connection_does_not_come_back_by_onboarding() {
    let desk = Desk::new();
    desk.onboard(&[]).expect_code(0);
    desk.connection(&["suspend", "--team", "1042", "--yes"]).expect_code(0);
    let report = desk.onboard_json(1, &[]);
    assert_eq!(codes(&report, "team-connection"), ["connection_suspended"]);
    assert_eq!(desk.connections(), [["suspended", "acme.example"]]);
}

#[test]
fn staging_never_switches_on_what_was_suspended() {
    let desk = Desk::new();
    desk.onboard(&[]).expect_code(0);
    desk.connection(&["suspend", "--team", "1042", "--yes"]).expect_code(0);
    assert_eq!(desk.onboard_json(0, &["--stage", "--replace"])["outcome"], "staged");
    assert_eq!(desk.connections(), [["staged", "acme.example"]]);
    assert_eq!(desk.deeds(), ["onboarded", "suspended", "staged"]);
}

#[test]
fn activation_checks_again_and_a_secret_refused_since_keeps_it_off() {
    // Right while it is onboarded, and refused ever after.
    let fine = || Behaviour::dialect(Dialect::Okta);
    let gone = Behaviour::reply(Reply::error(401, "invalid_client", None));
    let desk = Desk::facing(Provider::new().on(Route::Token, Behaviour::sequence([fine(), fine(), gone])));
    desk.onboard(&[]).expect_code(0);
    assert_eq!(desk.provider.requests_to(Route::Token).len(), 2, "one question and one control");
    desk.connection(&["suspend", "--team", "1042", "--yes"]).expect_code(0);
    let report = desk.connection(&["activate", "--team", "1042", "--yes", "-o", "json"]).expect_code(1).json();
    assert_eq!(codes(&report, "oidc-credentials"), ["bad_secret"]);
    assert_eq!(desk.connections(), [["suspended", "acme.example"]]);
    assert_eq!(desk.deeds(), ["onboarded", "suspended", "refused"]);
}

#[test]
fn activation_looks_at_the_team_again_too() {
    let desk = Desk::new();
    desk.onboard(&["--stage"]).expect_code(0);
    desk.world.sql("UPDATE product_teams SET plan = 'Starter' WHERE id = '1042'");
    let report = desk.connection(&["activate", "--team", "1042", "--yes", "-o", "json"]).expect_code(1).json();
    assert_eq!(crate::support::desk::verdict(&report, "team-plan"), "fail");
    assert_eq!(desk.connections(), [["staged", "acme.example"]]);
}

#[test]
fn a_reserved_connection_can_be_neither_switched_on_nor_off() {
    let desk = Desk::new();
    desk.world.ssoctl(["prepare", "--owner", "jane@acme.example"]).expect_code(0);
    let before = desk.stored();
    for verb in ["activate", "suspend"] {
        let run = desk.connection(&[verb, "--team", "1042", "--yes"]).expect_code(1);
        assert!(run.stderr.contains("only reserved"), "{verb}: {}", run.stderr);
    }
    assert_eq!(desk.stored(), before);
}

#[test]
fn removing_releases_the_domain_for_another_team() {
    let desk = Desk::new();
    desk.onboard(&["--vouch-domain", "shared.example"]).expect_code(0);
    let gavins = desk.request_of(
        "gavin@hooli.example",
        "onboard",
        &["--client-secret-file", "secret.txt", "--yes", "--vouch-domain", "shared.example", "-o", "json"],
    );
    let refused = desk.world.ssoctl(&gavins).expect_code(1).json();
    assert!(codes(&refused, "team-domain").contains(&"domain_claimed"), "{refused}");
    assert!(!refused["reply"].as_str().unwrap().contains("Acme"), "{}", refused["reply"]);

    let run = desk.connection(&["remove", "--team", "1042", "--yes"]).expect_code(0);
    assert!(run.stdout.contains("released: acme.example, shared.example"), "{}", run.stdout);
    assert!(desk.connections().is_empty());
    assert!(desk.world.sql("SELECT * FROM sso_domains").is_empty());
    desk.world.ssoctl(&gavins).expect_code(0);
    assert_eq!(desk.connections(), [["active", "hooli.example shared.example"]]);
    assert_eq!(desk.deeds(), ["onboarded", "refused", "removed", "onboarded"]);
    desk.expect_sound();
}

#[test]
fn a_connection_that_is_not_there_is_said() {
    let desk = Desk::new();
    for verb in ["show", "suspend", "activate", "remove"] {
        let yes = if verb == "show" { None } else { Some("--yes") };
        let words: Vec<&str> = [verb, "0000"].into_iter().chain(yes).collect();
        let run = desk.connection(&words).expect_code(1);
        assert!(run.stderr.contains("there is no such connection"), "{verb}: {}", run.stderr);
        // Whoever typed a team, an address or a domain in place of the id is told where those go.
        assert!(run.stderr.contains("--team TEAM, --owner EMAIL"), "{verb}: {}", run.stderr);
    }
    assert!(desk.stored().is_empty());
}

#[test]
fn connections_are_listed_and_shown_without_their_secret() {
    let desk = Desk::new();
    desk.onboard(&[]).expect_code(0);
    desk.world.ssoctl(["prepare", "--owner", "hank@globex.example"]).expect_code(0);
    let sealed = column(desk.world.sql("SELECT client_secret_jwe FROM sso_connections WHERE team_id = '1042'"));
    let id = column(desk.world.sql("SELECT id FROM sso_connections WHERE team_id = '1042'"));
    for words in [vec!["list"], vec!["list", "-o", "json"], vec!["show", &id[0]], vec!["show", &id[0], "-o", "json"]] {
        let run = desk.connection(&words).expect_code(0);
        for told in [id[0].as_str(), "Acme", "active", "acme.example", desk.provider.issuer()] {
            assert!(run.stdout.contains(told), "{words:?} says nothing of {told}: {}", run.stdout);
        }
        assert!(!run.everything().contains(CLIENT_SECRET) && !run.everything().contains(&sealed[0]), "{words:?}");
    }
}

#[test]
fn a_connection_is_found_by_its_owner_as_the_mail_spells_them() {
    let desk = Desk::new();
    desk.onboard(&[]).expect_code(0);
    for owner in ["jane@acme.example", "Jane Doe <Jane@Acme.example>", "mailto:jane@acme.example"] {
        let run = desk.connection(&["show", "--owner", owner]).expect_code(0);
        assert!(run.stdout.contains("Acme (team 1042)"), "{owner}: {}", run.stdout);
    }
    let run = desk.connection(&["show", "--owner", "jane@acme.example, bill@initech.example"]).expect_code(2);
    assert!(run.stderr.contains("more than one address") && run.stderr.contains("--owner"), "{}", run.stderr);
    let run = desk.connection(&["show", "--owner", ""]).expect_code(2);
    assert!(run.stderr.contains("(--owner)"), "{}", run.stderr);
}

#[test]
fn a_list_can_be_narrowed_to_a_status() {
    let desk = Desk::new();
    desk.onboard(&[]).expect_code(0);
    desk.world.ssoctl(["prepare", "--owner", "hank@globex.example"]).expect_code(0);
    let teams = |status: &str| {
        let list = desk.connection(&["list", "--status", status, "-o", "json"]).expect_code(0).json();
        let list = list["connections"].as_array().unwrap().clone();
        list.iter().map(|one| one["team"]["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!((teams("active"), teams("prepared")), (vec!["1042".to_owned()], vec!["1043".to_owned()]));
    assert!(teams("suspended").is_empty());
    let none = desk.connection(&["list", "--status", "suspended"]).expect_code(0);
    assert_eq!(none.stdout, "No connection is suspended.\n", "there are others");
    desk.connection(&["list", "--status", "sleeping"]).expect_code(2);
}
