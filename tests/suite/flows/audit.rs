//! `audit list|verify`: who did what, and that nobody rewrote it.

use crate::support::desk::{Desk, JANE, column};
use crate::support::world::Run;

/// A desk at which three things were done.
fn busy() -> Desk {
    let desk = Desk::new();
    desk.onboard(&[]).expect_code(0);
    desk.connection(&["suspend", "--team", "1042", "--ticket", "T-2", "--yes"]).expect_code(0);
    desk.world.ssoctl(["prepare", "--owner", "hank@globex.example", "--ticket", "T-3"]).expect_code(0);
    desk
}

/// Takes away what keeps the log append-only, as somebody with the file in hand could.
fn disarm(desk: &Desk) {
    for trigger in column(desk.world.sql("SELECT name FROM sqlite_schema WHERE type = 'trigger'")) {
        desk.world.sql(&format!("DROP TRIGGER {trigger}"));
    }
}

/// Removes one row, and whatever would keep that from happening.
fn cut_out(desk: &Desk, seq: u32) {
    disarm(desk);
    let file = rusqlite::Connection::open(desk.world.database()).unwrap();
    let statement = format!("PRAGMA foreign_keys = OFF; DELETE FROM sso_audit_log WHERE seq = {seq}");
    file.execute_batch(&statement).unwrap();
}

/// The head that `audit verify` prints.
fn head(desk: &Desk) -> String {
    let document = desk.world.ssoctl(["audit", "verify", "-o", "json"]).expect_code(0).json();
    document["head"].as_str().unwrap().to_owned()
}

#[track_caller]
fn broken(run: Run, fault: &str) {
    let run = run.expect_code(70);
    assert!(run.stdout.contains("BROKEN") && run.stdout.contains(fault), "{}", run.stdout);
    assert!(run.stderr.contains("the audit log is not what was written"), "{}", run.stderr);
}

#[test]
fn what_was_done_is_listed_oldest_first() {
    let desk = busy();
    let run = desk.world.ssoctl(["audit", "list"]).expect_code(0);
    let place = |word: &str| run.stdout.find(word).unwrap_or_else(|| panic!("no {word} in {}", run.stdout));
    assert!(place("onboarded") < place("suspended") && place("suspended") < place("prepared"));
}

#[test]
fn the_list_can_be_narrowed() {
    let desk = busy();
    let listed = |words: &[&str]| {
        let run = desk.world.ssoctl([&["audit", "list", "-o", "json"], words].concat()).expect_code(0).json();
        let rows = run["rows"].as_array().unwrap().clone();
        rows.iter().map(|row| row["action"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(listed(&["--team", "1042"]), ["onboarded", "suspended"]);
    assert_eq!(listed(&["--ticket", "T-3"]), ["prepared"]);
    desk.world.ssoctl(["audit", "list", "--limit", "0"]).expect_code(2);
    assert_eq!(listed(&["--limit", "2"]), ["suspended", "prepared"]);
    assert!(listed(&["--team", "9999"]).is_empty());
    let shown = |words: &[&str]| desk.world.ssoctl([&["audit", "list"], words].concat()).expect_code(0);
    let none = shown(&["--team", "9999"]);
    assert_eq!(
        none.stdout, "No row of the audit log fits. `ssoctl audit list` shows the latest, whatever they are of.\n",
        "something has been recorded"
    );
    assert!(shown(&["--limit", "2"]).stderr.contains("there are earlier ones"), "three were written");
    assert_eq!((shown(&["--limit", "3"]).stderr.as_str(), shown(&[]).stderr.as_str()), ("", ""));
}

#[test]
fn a_log_as_it_was_written_is_intact() {
    let desk = busy();
    let head = head(&desk);
    assert!(head.starts_with("3:"), "{head}");
    desk.world.ssoctl(["audit", "verify", "--anchor", &head]).expect_code(0);
}

#[test]
fn the_log_refuses_to_be_changed() {
    let desk = busy();
    let file = rusqlite::Connection::open(desk.world.database()).unwrap();
    for statement in [
        "UPDATE sso_audit_log SET actor = 'nobody'",
        "DELETE FROM sso_audit_log",
        "INSERT OR REPLACE INTO sso_audit_log SELECT * FROM sso_audit_log WHERE seq = 3",
    ] {
        assert!(file.execute_batch(statement).is_err(), "{statement}");
    }
}

#[test]
fn an_altered_row_is_found_whichever_column_it_was() {
    let desk = busy();
    disarm(&desk);
    let changes = ["at", "actor", "action", "ticket", "team_id", "connection_id", "hash"]
        .map(|column| format!("{column} = 'x'"))
        .into_iter()
        .chain(["details = json_remove(details, '$.was')".to_owned()]);
    desk.world.sql("CREATE TABLE as_written AS SELECT * FROM sso_audit_log");
    for change in changes {
        desk.world.sql(&format!("UPDATE sso_audit_log SET {change} WHERE seq = 2"));
        broken(desk.world.ssoctl(["audit", "verify"]), "row 2 was altered");
        desk.world.sql("INSERT OR REPLACE INTO sso_audit_log SELECT * FROM as_written");
    }
    desk.world.ssoctl(["audit", "verify"]).expect_code(0);
}

#[test]
fn a_removed_row_is_found() {
    let desk = busy();
    cut_out(&desk, 2);
    broken(desk.world.ssoctl(["audit", "verify"]), "row 2 is missing");
}

#[test]
fn a_log_cut_short_behind_every_connection_is_found_by_an_anchor_alone() {
    let desk = Desk::new();
    desk.onboard(&[]).expect_code(0);
    desk.onboard(&["--requested-by", "li@acme.example", "--replace"]).expect_code(1);
    let anchor = head(&desk);
    cut_out(&desk, 2);
    desk.world.ssoctl(["audit", "verify"]).expect_code(0);
    broken(desk.world.ssoctl(["audit", "verify", "--anchor", &anchor]), "the anchor at row 2");
}

/// Fails the test unless `audit verify` and `doctor` both find the fault.
#[track_caller]
fn broken_for_both(desk: &Desk, fault: &str) {
    broken(desk.world.ssoctl(["audit", "verify"]), fault);
    let run = desk.world.ssoctl(["doctor", "--offline"]).expect_code(70);
    assert!(run.stdout.contains("fail    audit log") && run.stdout.contains(fault), "{}", run.stdout);
}

#[test]
fn a_log_cut_short_is_found_by_the_connection_whose_latest_change_it_lost() {
    let desk = busy();
    cut_out(&desk, 3);
    broken_for_both(&desk, "does not contain row 3, the latest change of connection");
}

#[test]
fn an_erased_log_is_found() {
    let desk = busy();
    for row in 1..=3 {
        cut_out(&desk, row);
    }
    broken_for_both(&desk, "does not contain row 2, the latest change of connection");
}

#[test]
fn a_log_written_anew_is_found_by_a_connection_it_does_not_speak_of() {
    let desk = busy();
    desk.world.sql("UPDATE sso_connections SET audit_seq = 1 WHERE team_id = '1043'");
    broken_for_both(&desk, "names as its latest change, is not about it");
}

#[test]
fn a_status_changed_by_hand_is_found() {
    let desk = busy();
    desk.world.sql("UPDATE sso_connections SET status = 'active' WHERE team_id = '1042'");
    broken_for_both(&desk, "is active, but its latest change, row 2, left it suspended");
}

/// A team by OpenID Connect and one by SAML, each after everything that is done to a connection in its life.
fn lived_in(desk: &Desk) {
    desk.world.ssoctl(["prepare", "--owner", JANE]).expect_code(0);
    desk.onboard(&[]).expect_code(0);
    desk.connection(&["suspend", "--team", "1042", "--yes"]).expect_code(0);
    desk.connection(&["activate", "--team", "1042", "--yes"]).expect_code(0);
    desk.world.ssoctl(["prepare", "--owner", JANE, "--protocol", "saml"]).expect_code(0);
    desk.onboard(&["--vouch-domain", "acme.net", "--replace"]).expect_code(0);
    desk.connection(&["suspend", "--team", "1042", "--yes"]).expect_code(0);
    desk.connection(&["activate", "--team", "1042", "--yes"]).expect_code(0);
    for verb in ["issue", "rotate", "promote", "revoke"] {
        let mut words = vec!["scim", verb, "--team", "1042", "--yes"];
        words.extend(if verb == "revoke" { &["--all"][..] } else { &[] });
        desk.world.ssoctl(words).expect_code(0);
    }
    desk.onboard(&["--requested-by", "li@acme.example"]).expect_code(1);
}

fn what_was_edited_behind_the_log_is_found(desk: &Desk) {
    lived_in(desk);
    desk.world.ssoctl(["audit", "verify"]).expect_code(0);
    let connection = "is not what row";
    let tokens = "the SCIM tokens of connection";
    for (column, evil, fault) in [
        ("issuer", "'https://evil.example'", connection),
        ("client_id", "'evil'", connection),
        ("client_secret_jwe", "'a..b.c.d'", connection),
        ("id_token_algorithms", "'[\"RS256\",\"none\"]'", connection),
        ("token_endpoint_auth_method", "'client_secret_post'", connection),
        ("redirect_uri", "'https://evil.example/'", connection),
        ("account_token", "'0123456789abcdefABCDEF0123456789'", connection),
        ("domain_challenge", "'evil'", connection),
        ("acs_url", "'https://evil.example/'", connection),
        ("issuer", "'not a url'", "cannot be read"),
    ] {
        let value = if column == "id_token_algorithms" { "CAST(id_token_algorithms AS text)" } else { column };
        let before = desk.world.sql(&format!("SELECT {value} FROM sso_connections")).concat().concat();
        desk.world.sql(&format!("UPDATE sso_connections SET {column} = {evil}"));
        broken_for_both(desk, fault);
        desk.world.sql(&format!("UPDATE sso_connections SET {column} = '{before}'"));
        desk.world.ssoctl(["audit", "verify"]).expect_code(0);
    }
    desk.world.sql("UPDATE scim_tokens SET revoked_at = NULL");
    broken_for_both(desk, tokens);
    desk.world.sql("DELETE FROM scim_tokens");
    broken_for_both(desk, tokens);
}

fn a_domain_moved_by_hand_is_found(desk: &Desk) {
    lived_in(desk);
    desk.world.sql("DELETE FROM sso_domains WHERE domain = 'acme.net'");
    broken_for_both(desk, "is not what row");
}

fn a_connection_removed_by_hand_is_found(desk: &Desk) {
    lived_in(desk);
    desk.world.sql("DELETE FROM scim_tokens");
    desk.world.sql("DELETE FROM sso_connections");
    broken_for_both(desk, "is gone, and the log does not tell of its end");
    // One that was removed as it should be is not missed.
    desk.onboard(&[]).expect_code(0);
    broken_for_both(desk, "is gone, and the log does not tell of its end");
}

on_both! {
    what_was_edited_behind_the_log_is_found
    a_domain_moved_by_hand_is_found
    a_connection_removed_by_hand_is_found
}

#[test]
fn a_certificate_swapped_by_hand_is_found() {
    for desk in [Desk::new(), Desk::on_postgres()] {
        let metadata = desk
            .world
            .write("idp.xml", crate::support::saml_provider::SamlProvider::new("https://idp.acme.example").metadata());
        let words = ["onboard", "--owner", JANE, "--metadata", metadata.to_str().unwrap(), "--yes"];
        desk.world.ssoctl(words).expect_code(0);
        desk.world.ssoctl(["audit", "verify"]).expect_code(0);
        let list = "CAST(signing_certificates AS text)";
        let to = if desk.world.is_on_postgres() { "::jsonb" } else { "" };
        desk.world
            .sql(&format!("UPDATE sso_connections SET signing_certificates = (replace({list}, 'MII', 'MIJ')){to}"));
        broken_for_both(&desk, "is not what row");
    }
}

#[test]
fn one_lost_anchor_among_good_ones_is_enough() {
    let desk = busy();
    let good = head(&desk);
    let lost = format!("2:{}", "ab".repeat(32));
    let run = desk.world.ssoctl(["audit", "verify", "--anchor", &good, "--anchor", &lost]);
    broken(run, "the anchor at row 2");
}

#[test]
fn doctor_looks_at_the_log_too() {
    let desk = busy();
    disarm(&desk);
    desk.world.sql("UPDATE sso_audit_log SET actor = 'nobody' WHERE seq = 1");
    let run = desk.world.ssoctl(["doctor", "--offline"]).expect_code(70);
    assert!(run.stdout.contains("row 1 was altered"), "{}", run.stdout);
}

#[test]
fn a_refusal_is_on_record_with_its_reasons() {
    let desk = Desk::new();
    desk.onboard(&["--requested-by", "li@acme.example"]).expect_code(1);
    let run = desk.world.ssoctl(["audit", "list"]).expect_code(0);
    assert!(run.stdout.contains("refused") && run.stdout.contains("team-requester"), "{}", run.stdout);
    assert_eq!(desk.latest_details()["request"]["owner"], JANE);
}
