//! `check` and `onboard`: what is written, what is not, and what is said.

use serde_json::json;

use crate::support::desk::{Desk, JANE, TICKET, codes, column, verdict};
use crate::support::provider::Behaviour;
use crate::support::provider::{CLIENT_ID, CLIENT_SECRET, Dialect, Provider, Route};
use crate::support::world::{BINARY, World};

#[test]
fn a_request_in_order_is_written_with_its_domain_and_its_audit_row() {
    let desk = Desk::new();
    let run = desk.onboard(&[]).expect_code(0);
    assert!(run.stdout.contains("Done: single sign-on is switched on"), "{}", run.stdout);
    assert_eq!(desk.connections(), [["active", "acme.example"]]);
    let row = desk.world.sql(
        "SELECT team_id, protocol, issuer, client_id, token_endpoint_auth_method, id_token_algorithms, redirect_uri, ticket
         FROM sso_connections",
    );
    let issuer = desk.provider.issuer();
    let redirect = "https://app.example.com/sso/oidc/callback";
    let basic = "client_secret_basic";
    assert_eq!(row, [["1042", "oidc", issuer, CLIENT_ID, basic, "[\"RS256\"]", redirect, TICKET]]);
    let audit = desk.world.sql("SELECT action, ticket, team_id FROM sso_audit_log");
    assert_eq!(audit, [["onboarded", TICKET, "1042"]]);
    desk.expect_sound();
}

#[test]
fn the_result_is_on_standard_output_and_nothing_else_is() {
    let desk = Desk::new();
    let run = desk.onboard(&[]).expect_code(0);
    assert!(run.stdout.contains("Reply to the customer") && !run.stdout.contains('\u{1b}'), "{}", run.stdout);
    assert_eq!(run.stderr, "");
}

#[test]
fn the_report_names_what_was_written() {
    let desk = Desk::new();
    let report = desk.onboard_json(0, &[]);
    assert_eq!(report["outcome"], "onboarded");
    assert_eq!(report["team"], json!({"id": "1042", "name": "Acme"}));
    assert_eq!(report["connection"]["status"], "active");
    let ids = column(desk.world.sql("SELECT id FROM sso_connections"));
    assert_eq!(report["connection"]["id"], ids[0].as_str());
    assert_eq!(report["allowed_origins"], json!([desk.provider.origin()]));
    let checks = report["checks"].as_array().unwrap();
    assert!(checks.iter().all(|check| check["verdict"] != "fail"), "{report}");
    assert_eq!(checks.len(), 12);
}

#[test]
fn a_dry_run_foretells_the_write_and_leaves_no_trace() {
    let desk = Desk::new();
    let report = desk.onboard_json(0, &["--dry-run"]);
    assert_eq!((&report["outcome"], &report["connection"]["id"]), (&json!("would_onboard"), &json!(null)));
    assert!(desk.stored().is_empty());
}

#[test]
fn a_dry_run_that_would_be_refused_leaves_no_trace_either() {
    let desk = Desk::facing(Provider::new().client(CLIENT_ID, "another"));
    assert_eq!(desk.onboard_json(1, &["--dry-run"])["outcome"], "refused");
    assert!(desk.stored().is_empty());
}

#[test]
fn a_check_writes_nothing() {
    let desk = Desk::new();
    let run = desk.world.ssoctl(desk.request("check", &["--client-secret-file", "secret.txt"])).expect_code(0);
    assert!(run.stdout.contains("Valid: nothing speaks against these values"), "{}", run.stdout);
    assert!(desk.stored().is_empty());
}

#[test]
fn a_refusal_writes_its_audit_row_and_nothing_else() {
    let desk = Desk::facing(Provider::new().client(CLIENT_ID, "another"));
    let run = desk.onboard(&[]).expect_code(1);
    assert!(run.stdout.contains("Refused: the reasons are above. No connection was written."), "{}", run.stdout);
    assert!(desk.connections().is_empty());
    assert_eq!(desk.deeds(), ["refused"]);
    let details = desk.latest_details();
    let refused = json!({"id": "oidc-credentials", "verdict": "fail", "reasons": ["bad_secret"]});
    assert!(details["checks"].as_array().unwrap().contains(&refused), "{details}");
}

#[test]
fn every_reason_is_given_at_once() {
    let desk =
        Desk::facing(Provider::new().on(Route::Discovery, Behaviour::patch(json!({"issuer": "https://x.example"}))));
    let words = desk.request_of("sue@starter.example", "onboard", &["--client-secret-file", "secret.txt", "--yes"]);
    let report = desk.world.ssoctl(words.iter().map(String::as_str).chain(["-o", "json"])).expect_code(1).json();
    for check in ["oidc-discovery", "team-management", "team-plan"] {
        assert_eq!(verdict(&report, check), "fail", "{check}");
    }
    assert!(desk.connections().is_empty());
}

#[test]
fn a_report_on_nothing_begins_with_its_verdicts() {
    let run = World::new().ssoctl(["check", "--issuer", ""]).expect_code(1);
    assert!(run.stdout.starts_with(" fail  request-complete"), "{}", run.stdout);
}

#[test]
fn a_deactivated_owner_hides_nothing_else_from_the_agent_and_the_customer_is_told_only_that() {
    let desk = Desk::new();
    desk.world.sql("UPDATE product_users SET active = 0 WHERE email = 'jane@acme.example'");
    desk.world.sql("UPDATE product_teams SET plan = 'Starter', management_enabled = 0 WHERE id = '1042'");
    let document = desk.onboard_json(1, &[]);
    for (check, expected) in [
        ("team-owner", "fail"),
        ("team-management", "fail"),
        ("team-plan", "fail"),
        ("team-requester", "unknown"),
        ("team-members", "pass"),
        ("team-connection", "pass"),
    ] {
        assert_eq!(verdict(&document, check), expected, "{check}");
    }
    let reply = document["reply"].as_str().unwrap();
    assert!(reply.contains("is deactivated") && !reply.contains("plan") && !reply.contains("Acme"), "{reply}");
    assert_eq!(desk.deeds(), ["refused"]);
    // Nothing is reserved or written for them either.
    desk.world.ssoctl(["prepare", "--owner", JANE]).expect_code(1);
    assert!(desk.connections().is_empty());
}

#[test]
fn a_colleague_in_another_team_is_named_to_the_agent() {
    let desk = Desk::new();
    let words = desk.request_of("bill@initech.example", "onboard", &["--client-secret-file", "secret.txt", "--yes"]);
    let run = desk.world.ssoctl(words).expect_code(1);
    assert!(run.stdout.contains("sam@initech.example") && run.stdout.contains("Globex"), "{}", run.stdout);
    // The customer is not told whose customer a colleague is.
    let (_, reply) = run.stdout.split_once("Reply to the customer").unwrap();
    assert!(reply.contains("sam@initech.example") && !reply.contains("Globex"), "{reply}");
}

#[test]
fn who_may_be_meant_by_a_mistyped_owner_is_named_to_the_agent() {
    let desk = Desk::new();
    for verb in ["onboard", "check"] {
        let flags: &[&str] = if verb == "check" { &[] } else { &["--yes"] };
        let words =
            desk.request_of("jnae@acme.example", verb, &[&["--client-secret-file", "secret.txt"], flags].concat());
        let run = desk.world.ssoctl(words).expect_code(1);
        assert!(run.stdout.contains("owns a team  jane@acme.example"), "{}", run.stdout);
        assert!(run.stdout.contains("--owner jane@acme.example"), "{}", run.stdout);
        let (_, reply) = run.stdout.split_once("Reply to the customer").unwrap();
        assert!(reply.contains("jnae@acme.example") && !reply.contains("jane@acme.example"), "{reply}");
    }
    let run = desk.world.ssoctl(["prepare", "--owner", "jnae@acme.example"]).expect_code(1);
    assert!(run.stdout.contains("owns a team  jane@acme.example"), "{}", run.stdout);
    // At a mailbox provider the others are strangers.
    desk.world.sql("UPDATE product_users SET email = 'jane@gmail.com' WHERE email = 'jane@acme.example'");
    let run = desk.world.ssoctl(["check", "--owner", "jnae@gmail.com"]).expect_code(1);
    assert!(!run.everything().contains("jane@gmail.com"), "{}", run.everything());
}

#[test]
fn a_provider_that_does_not_answer_is_no_verdict_and_nothing_is_written() {
    for behaviour in [Behaviour::status(503), Behaviour::close(), Behaviour::status(429)] {
        let desk = Desk::facing(Provider::new().on(Route::Discovery, behaviour));
        let report = desk.onboard_json(3, &[]);
        assert_eq!((&report["outcome"], &report["connection"]), (&json!("unknown"), &json!(null)));
        assert!(desk.stored().is_empty());
    }
}

#[test]
fn what_the_provider_does_not_tell_is_a_warning_that_stays_in_the_audit_log() {
    let desk = Desk::facing(Provider::new().on(Route::Token, Behaviour::dialect(Dialect::GrantFirst)));
    let report = desk.onboard_json(0, &[]);
    assert_eq!(verdict(&report, "oidc-credentials"), "warn");
    let warned = json!({"id": "oidc-credentials", "verdict": "warn", "reasons": ["inconclusive"]});
    assert!(desk.latest_details()["checks"].as_array().unwrap().contains(&warned));
}

#[test]
fn the_same_values_again_change_nothing() {
    let desk = Desk::new();
    desk.onboard(&[]).expect_code(0);
    let before = desk.stored();
    let run = desk.onboard(&[]).expect_code(0);
    assert!(run.stdout.contains("Unchanged: the team has exactly this connection already"), "{}", run.stdout);
    assert_eq!(desk.onboard_json(0, &["--replace"])["outcome"], "unchanged");
    assert_eq!(desk.stored(), before);
}

#[test]
fn other_values_are_refused_until_they_are_to_replace_the_old_ones() {
    let desk = Desk::facing(Provider::new().on(Route::Token, Behaviour::dialect(Dialect::GrantFirst)));
    desk.onboard(&[]).expect_code(0);
    let before = desk.world.sql("SELECT * FROM sso_connections");
    let other = |words: &[&str]| {
        let all = desk.request("onboard", &["--client-secret-file", "secret.txt", "--yes", "-o", "json"]);
        let all = all.iter().map(|word| if word == CLIENT_ID { "another-client" } else { word.as_str() });
        desk.world.ssoctl(all.chain(words.iter().copied()).collect::<Vec<_>>())
    };
    let refused = other(&[]).expect_code(1).json();
    assert_eq!(codes(&refused, "team-connection"), ["connection_exists"]);
    assert_eq!(desk.world.sql("SELECT * FROM sso_connections"), before);

    assert_eq!(other(&["--replace", "--dry-run"]).expect_code(0).json()["outcome"], "would_replace");
    assert_eq!(other(&["--replace"]).expect_code(0).json()["outcome"], "replaced");
    let after = desk.world.sql("SELECT client_id, status FROM sso_connections");
    assert_eq!(after, [["another-client", "active"]]);
    assert_eq!(desk.deeds(), ["onboarded", "refused", "replaced"]);
    desk.expect_sound();
}

#[test]
fn a_changed_secret_alone_is_another_value() {
    let desk = Desk::facing(Provider::new().on(Route::Token, Behaviour::dialect(Dialect::GrantFirst)));
    desk.onboard(&[]).expect_code(0);
    desk.secret_file("secret.txt", "CANARY-an0ther-secret");
    let refused = desk.onboard_json(1, &[]);
    let finding = &refused["checks"].as_array().unwrap().last().unwrap()["findings"][0];
    assert!(finding["fact"].as_str().unwrap().ends_with("it differs in client secret"), "{finding}");
    let sealed = || column(desk.world.sql("SELECT client_secret_jwe FROM sso_connections"));
    let before = sealed();
    assert_eq!(desk.onboard_json(0, &["--replace"])["outcome"], "replaced");
    assert_ne!(sealed(), before);
    // Now the new one is the same again.
    assert_eq!(desk.onboard_json(0, &[])["outcome"], "unchanged");
}

#[test]
fn what_is_stored_beside_the_values_is_written_anew_once_it_no_longer_holds() {
    let desk = Desk::new();
    let stored = || column(desk.world.sql("SELECT redirect_uri FROM sso_connections")).remove(0);
    let config = std::fs::read_to_string(desk.world.config()).unwrap();
    let moves_to = |place: &str| {
        let uri = format!("https://app.example.com/{place}");
        desk.world.write("ssoctl.toml", format!("{config}\n[oidc]\nredirect_uri = \"{uri}\"\n"));
        uri
    };
    desk.onboard(&["--stage"]).expect_code(0);
    // Nobody signs in by it yet.
    let first = moves_to("first");
    assert_eq!(desk.onboard_json(0, &[])["outcome"], "onboarded");
    assert_eq!(stored(), first);
    let second = moves_to("second");
    let report = desk.onboard_json(0, &[]);
    assert_eq!(
        (&report["outcome"], codes(&report, "team-connection")),
        (&json!("unchanged"), vec!["settings_outdated"])
    );
    assert_eq!(stored(), first);
    assert_eq!(desk.onboard_json(0, &["--replace"])["outcome"], "replaced");
    assert_eq!(stored(), second);
    assert_eq!(desk.onboard_json(0, &["--replace"])["outcome"], "unchanged");
    assert_eq!(desk.deeds(), ["staged", "onboarded", "replaced"]);
    desk.expect_sound();
}

#[test]
fn a_replaced_connection_keeps_its_id() {
    let desk = Desk::facing(Provider::new().on(Route::Token, Behaviour::dialect(Dialect::GrantFirst)));
    let first = desk.onboard_json(0, &[]);
    desk.secret_file("secret.txt", "CANARY-an0ther-secret");
    let second = desk.onboard_json(0, &["--replace"]);
    assert_eq!(first["connection"]["id"], second["connection"]["id"]);
}

#[test]
fn nothing_is_reserved_where_a_value_cannot_be_read() {
    let desk = Desk::new();
    for (flag, value) in [("--ticket", "CANARY\nline"), ("--requested-by", "CANARY")] {
        let run = desk.world.ssoctl(["prepare", "--owner", JANE, flag, value, "-o", "json"]).expect_code(1);
        let report = run.json();
        assert_eq!(report["outcome"], "refused", "{report:#}");
        assert_eq!(report["checks"][0]["verdict"], "fail", "{report:#}");
        assert!(!report["command"].as_str().unwrap().contains("CANARY"), "{report:#}");
    }
    assert!(desk.connections().is_empty());
    assert_eq!(desk.deeds(), ["refused", "refused"]);
}

#[test]
fn an_owner_an_administrator_and_nobody_else_may_ask() {
    for (asking, code, verdict_expected) in [
        ("jane@acme.example", 0, "pass"),
        ("amir@acme.example", 0, "pass"),
        ("li@acme.example", 1, "fail"),
        ("hank@globex.example", 1, "fail"),
        ("stranger@elsewhere.example", 1, "fail"),
    ] {
        let desk = Desk::new();
        let report = desk.onboard_json(code, &["--requested-by", asking]);
        assert_eq!(verdict(&report, "team-requester"), verdict_expected, "{asking}");
        assert_eq!(report["request"]["requested_by"], asking);
    }
}

#[test]
fn what_was_mended_is_said_and_the_mended_value_is_stored() {
    let desk = Desk::new();
    let pasted = format!("<{}/.well-known/openid-configuration>", desk.provider.issuer());
    let mut words = desk.complete(&["-o", "json"]);
    let issuer = words.iter().position(|word| word == "--issuer").unwrap() + 1;
    words[issuer] = pasted;
    let report = desk.world.ssoctl(words).expect_code(0).json();
    let change = &report["request"]["changed"][0];
    assert_eq!((&change["field"], &change["to"]), (&json!("issuer"), &json!(desk.provider.issuer())));
    assert_eq!(column(desk.world.sql("SELECT issuer FROM sso_connections")), [desk.provider.issuer()]);
}

#[test]
fn an_issuer_alone_is_checked_without_a_database() {
    let desk = Desk::new();
    std::fs::remove_file(desk.world.database()).unwrap();
    let run = desk.world.ssoctl(desk.words(&["check", "--issuer", desk.provider.issuer(), "-o", "json"], &[]));
    let report = run.expect_code(0).json();
    assert_eq!((&report["outcome"], &report["team"]), (&json!("valid"), &json!(null)));
    assert_eq!(verdict(&report, "oidc-discovery"), "pass");
}

#[test]
fn what_a_check_was_given_and_cannot_look_at_is_said() {
    let desk = Desk::new();
    let check = |more: &[&str]| {
        let words = [&["check", "--issuer", desk.provider.issuer(), "-o", "json"], more].concat();
        desk.world.ssoctl(desk.words(&words, &[]))
    };
    let run = check(&["--client-secret-file", "secret.txt"]).expect_code(0);
    assert!(run.stderr.contains("the client secret was not tried: that takes --client-id ID"), "{}", run.stderr);
    assert!(run.json()["checks"].as_array().unwrap().iter().all(|one| one["id"] != "oidc-credentials"), "{run:?}");
    let run = check(&["--requested-by", "amir@acme.example", "--domain", "acme.example"]).expect_code(0);
    assert_eq!(run.stderr.matches("that takes --owner EMAIL").count(), 2, "{}", run.stderr);
    let run = check(&["--domain", "acme.example", "--domain", "gmail.com"]).expect_code(1);
    assert_eq!(codes(&run.json(), "team-domain"), ["free_mail"]);
    let run = desk.world.ssoctl(["check", "--owner", JANE, "--client-id", "0oa1"]).expect_code(0);
    assert!(run.stderr.contains("the client id was not tried: that takes --issuer URL"), "{}", run.stderr);
    assert_eq!(check(&[]).expect_code(0).stderr.matches("warning").count(), 0);
}

#[test]
fn an_owner_alone_is_checked_without_a_provider() {
    let desk = Desk::new();
    let run = desk.world.ssoctl(["check", "--owner", "sue@starter.example", "-o", "json"]).expect_code(1);
    assert_eq!(verdict(&run.json(), "team-plan"), "fail");
    assert_eq!(desk.provider.connections(), 0);
}

#[test]
fn the_actor_of_a_change_can_be_named() {
    let desk = Desk::new();
    desk.onboard(&["--actor", "Robin Support"]).expect_code(0);
    assert_eq!(column(desk.world.sql("SELECT actor FROM sso_audit_log")), ["Robin Support"]);
}

#[test]
fn variables_that_are_set_to_nothing_say_nothing() {
    let desk = Desk::new();
    let empty = |variable| desk.world.with_env(variable, "");
    empty("SSOCTL_CONFIG").ssoctl(["connection", "list"]).expect_code(0);
    empty("SSOCTL_DATABASE").ssoctl(["connection", "list"]).expect_code(0);
    let run = empty("SSOCTL_CONFIG").program(BINARY, ["--database", "sqlite:none.db", "connection", "list"]);
    assert!(run.stderr.contains("none.db"), "{}", run.stderr);
    assert_eq!(desk.world.ssoctl(["--config", "", "connection", "list"]).code, Some(2));
}

#[test]
fn an_actor_without_a_name_is_the_user_of_the_system() {
    let desk = Desk::new();
    desk.onboard(&["--actor", " "]).expect_code(0);
    desk.world.with_env("SSOCTL_ACTOR", "").ssoctl(["prepare", "--owner", "jane@acme.example"]).expect_code(0);
    let actors = column(desk.world.sql("SELECT actor FROM sso_audit_log"));
    assert!(!actors.is_empty() && actors.iter().all(|actor| !actor.trim().is_empty()), "{actors:?}");
}

#[test]
fn the_stored_secret_opens_with_the_key_and_only_for_its_own_row() {
    use secrecy::ExposeSecret as _;
    use ssoctl::product::connection::SealedSecret;
    use ssoctl::request::names::{ConnectionId, TeamId};
    use ssoctl::sealing::{Binding, SealingKeys, open};

    let desk = Desk::new();
    desk.onboard(&[]).expect_code(0);
    let row = desk.world.sql("SELECT id, client_secret_jwe FROM sso_connections").remove(0);
    let keys = SealingKeys::load(&desk.world.path("ssoctl.key")).unwrap();
    let (id, sealed) = (ConnectionId::new(row[0].as_str()), SealedSecret::new(row[1].as_str()));
    let (ours, theirs) = (TeamId::new("1042"), TeamId::new("1043"));
    let binding = |team| Binding { connection_id: &id, team_id: team, field: "client_secret" };
    assert_eq!(open(&keys, &binding(&ours), &sealed).unwrap().expose_secret(), CLIENT_SECRET);
    assert!(open(&keys, &binding(&theirs), &sealed).is_err());
}
