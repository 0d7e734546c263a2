//! Several agents at the same instant: one of them wins, and the others are told.

use std::process::{Child, Stdio};

use serde_json::Value;

use crate::support::desk::Desk;

on_both! {
    eight_agents_with_the_same_request_switch_it_on_once
    eight_agents_with_different_requests_for_one_team_switch_one_of_them_on
    a_domain_that_two_teams_want_at_once_goes_to_one_of_them
    several_agents_who_prepare_at_once_are_given_the_same_values
}

/// Starts every command before any is waited for, and gives their exit statuses and documents.
fn all_at_once(desk: &Desk, commands: &[Vec<String>]) -> Vec<(i32, Value)> {
    let start = |words: &Vec<String>| {
        let mut command = desk.world.command(words);
        command.args(["-o", "json"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let children: Vec<Child> = commands.iter().map(start).collect();
    let finish = |child: Child| {
        let output = child.wait_with_output().unwrap();
        let (out, err) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
        let document = serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out}{err}"));
        (output.status.code().unwrap_or_else(|| panic!("ended by a signal: {err}")), document)
    };
    children.into_iter().map(finish).collect()
}

fn outcomes(ended: &[(i32, Value)]) -> Vec<&str> {
    let mut outcomes: Vec<&str> = ended.iter().map(|(_, document)| document["outcome"].as_str().unwrap()).collect();
    outcomes.sort_unstable();
    outcomes
}

/// The checks that failed.
fn failed(document: &Value) -> Vec<&str> {
    let checks = document["checks"].as_array().unwrap().iter();
    checks.filter(|check| check["verdict"] == "fail").map(|check| check["id"].as_str().unwrap()).collect()
}

fn eight_agents_with_the_same_request_switch_it_on_once(desk: &Desk) {
    for round in 0..3 {
        let ended = all_at_once(desk, &vec![desk.complete(&[]); 8]);
        let expected = [vec!["onboarded"], vec!["unchanged"; 7]].concat();
        assert_eq!(outcomes(&ended), expected, "round {round}");
        assert!(ended.iter().all(|(code, _)| *code == 0));
        assert_eq!(desk.connections(), [["active", "acme.example"]]);
        desk.connection(&["remove", "--team", "1042", "--yes"]).expect_code(0);
    }
    assert_eq!(desk.deeds(), ["onboarded", "removed"].repeat(3));
    desk.expect_sound();
}

fn eight_agents_with_different_requests_for_one_team_switch_one_of_them_on(desk: &Desk) {
    for round in 0..3 {
        // Each claims another domain beside the owner's, so that no two requests are the same.
        let request = |number: usize| desk.complete(&["--vouch-domain", &format!("acme-{number}.example")]);
        let ended = all_at_once(desk, &(0..8).map(request).collect::<Vec<_>>());
        assert_eq!(outcomes(&ended), [vec!["onboarded"], vec!["refused"; 7]].concat(), "round {round}");
        for (code, document) in ended.iter().filter(|(_, document)| document["outcome"] == "refused") {
            assert_eq!((*code, failed(document)), (1, vec!["team-connection"]));
        }
        assert_eq!(desk.connections().len(), 1);
        assert_eq!(desk.world.sql("SELECT domain FROM sso_domains").len(), 2);
        desk.connection(&["remove", "--team", "1042", "--yes"]).expect_code(0);
    }
    desk.expect_sound();
}

fn a_domain_that_two_teams_want_at_once_goes_to_one_of_them(desk: &Desk) {
    let claim = |owner: &str| {
        let words = ["--client-secret-file", "secret.txt", "--yes", "--vouch-domain", "shared.example"];
        desk.request_of(owner, "onboard", &words)
    };
    for round in 0..4 {
        let ended = all_at_once(desk, &[claim("jane@acme.example"), claim("gavin@hooli.example")]);
        assert_eq!(outcomes(&ended), ["onboarded", "refused"], "round {round}");
        let (code, refused) = ended.iter().find(|(_, document)| document["outcome"] == "refused").unwrap();
        assert_eq!((*code, failed(refused)), (1, vec!["team-domain"]));
        let winner = desk.world.sql("SELECT team_id FROM sso_connections").remove(0).remove(0);
        desk.connection(&["remove", "--team", &winner, "--yes"]).expect_code(0);
    }
    desk.expect_sound();
}

fn several_agents_who_prepare_at_once_are_given_the_same_values(desk: &Desk) {
    let prepare = ["prepare", "--owner", "jane@acme.example"].map(str::to_owned).to_vec();
    let ended = all_at_once(desk, &vec![prepare; 6]);
    assert!(ended.iter().all(|(code, document)| *code == 0 && *document == ended[0].1), "{ended:?}");
    assert_eq!(desk.deeds(), ["prepared"]);
}

#[test]
fn several_who_set_up_at_once_make_one_installation() {
    let desk = Desk::new();
    for file in ["ssoctl.db", "ssoctl.key"] {
        std::fs::remove_file(desk.world.path(file)).unwrap();
    }
    let init = ["init", "--sample-data"].map(str::to_owned).to_vec();
    let ended = all_at_once(&desk, &vec![init; 4]);
    assert!(ended.iter().all(|(code, _)| *code == 0), "{ended:?}");
    let made = |what: &str| {
        let parts = ended.iter().flat_map(|(_, document)| document["parts"].as_array().unwrap());
        parts.filter(|part| part["what"] == what && part["created"] == true).count()
    };
    assert_eq!(made("sealing key"), 1);
    desk.onboard(&[]).expect_code(0);
    desk.expect_sound();
}

#[test]
fn however_many_rotate_at_once_no_more_than_two_tokens_work() {
    let desk = Desk::new();
    desk.onboard(&[]).expect_code(0);
    let scim = |words: &[&str]| {
        let words = [&["scim"], words, &["--team", "1042", "--yes"]].concat();
        words.into_iter().map(str::to_owned).collect::<Vec<String>>()
    };
    for round in 0..3 {
        let issued = all_at_once(&desk, &vec![scim(&["issue"]); 4]);
        assert_eq!(issued.iter().filter(|(code, _)| *code == 0).count(), 1, "round {round}: {issued:?}");
        let rotated = all_at_once(&desk, &vec![scim(&["rotate"]); 6]);
        assert_eq!(rotated.iter().filter(|(code, _)| *code == 0).count(), 1, "round {round}: {rotated:?}");
        for (code, document) in issued.iter().chain(&rotated).filter(|(code, _)| *code != 0) {
            assert_eq!((*code, document["outcome"].as_str()), (1, Some("failed")), "{document}");
        }
        let working = "SELECT id FROM scim_tokens WHERE revoked_at IS NULL";
        assert_eq!(desk.world.sql(working).len(), 2, "round {round}");
        desk.world.ssoctl(scim(&["revoke", "--all"])).expect_code(0);
    }
    assert_eq!(desk.deeds().len(), 1 + 3 * 3);
    desk.expect_sound();
}
