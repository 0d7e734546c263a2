//! Many operators at once, on both databases: every team and every domain has one owner in the end, and whoever came second is
//! told so, and of nothing else.

use std::process::{Child, Stdio};

use serde_json::Value;

use super::long;
use crate::support::desk::{Desk, codes};

on_both! {
    sixteen_processes_want_one_team_and_one_gets_it_each_round
    two_operators_with_overlapping_lists_leave_one_owner_of_everything
}

fn start(desk: &Desk, words: &[String]) -> Child {
    let mut command = desk.world.command(words);
    command.args(["-o", "json"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// The exit status and the document. Of locks, deadlocks and conflicts no operator ever hears.
#[track_caller]
fn finish(child: Child) -> (i32, Value) {
    let output = child.wait_with_output().unwrap();
    let (out, err) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    let code = output.status.code().unwrap_or_else(|| panic!("ended by a signal: {err}"));
    assert!(matches!(code, 0 | 1), "{code}: {out}{err}");
    let all = format!("{out}{err}").to_lowercase();
    for word in ["deadlock", "serializ", "the database is busy", "locked", "changed meanwhile"] {
        let word_of_ours = all.replace("locked out", "");
        assert!(!word_of_ours.contains(word), "an operator hears of `{word}`: {out}{err}");
    }
    (code, serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out}{err}")))
}

/// The long run has 200 rounds.
fn sixteen_processes_want_one_team_and_one_gets_it_each_round(desk: &Desk) {
    for round in 0..long(2, 200) {
        // Each claims another domain beside the owner's, so that no two requests are the same.
        let request = |number: u32| {
            let domain = format!("acme-{number}.example");
            desk.complete(&["--vouch-domain", &domain, "--actor", &format!("agent{number}")])
        };
        let children: Vec<Child> = (0..16).map(|number| start(desk, &request(number))).collect();
        let ended: Vec<(i32, Value)> = children.into_iter().map(finish).collect();
        let won: Vec<usize> =
            ended.iter().enumerate().filter(|(_, (code, _))| *code == 0).map(|(number, _)| number).collect();
        assert_eq!(won.len(), 1, "round {round}: {ended:?}");
        let winner = format!("onboarded by agent{}, ", won[0]);
        for (_, document) in ended.iter().filter(|(code, _)| *code == 1) {
            assert_eq!(codes(document, "team-connection"), ["connection_exists"]);
            assert!(document.to_string().contains(&winner), "who won is not named: {document}");
        }
        assert_eq!(desk.connections().len(), 1);
        assert_eq!(desk.world.sql("SELECT domain FROM sso_domains").len(), 2);
        desk.connection(&["remove", "--team", "1042", "--yes"]).expect_code(0);
    }
    desk.expect_sound();
}

/// Of ten of an operator's requests, three are for teams that the other has too, and three for domains that the other
/// claims for another team. The long run has a thousand requests each.
fn two_operators_with_overlapping_lists_leave_one_owner_of_everything(desk: &Desk) {
    let requests = long(10, 1000);
    let team = |operator: u32, number: u32| if number % 10 < 3 { number } else { number + 100_000 * (operator + 1) };
    for operator in 0..2 {
        for number in (0..requests).filter(|number| operator == 0 || number % 10 >= 3) {
            let id = team(operator, number);
            desk.world.sql(&format!(
                "INSERT INTO product_users (id, email, active) VALUES ('o{id}', 'owner@team{id}.example', TRUE)"
            ));
            desk.world.sql(&format!(
                "INSERT INTO product_teams (id, name, owner_id, plan, management_enabled)
                 VALUES ('{id}', 'Team {id}', 'o{id}', 'Scale Plus', TRUE)"
            ));
        }
    }
    let list = |operator: u32| {
        let mut done = Vec::new();
        for number in 0..requests {
            let owner = format!("owner@team{}.example", team(operator, number));
            let domain = match number % 10 {
                // The same team with something else to tell the requests apart.
                0..3 => format!("of-operator-{operator}-{number}.example"),
                3..6 => format!("shared-{number}.example"),
                _ => format!("own-{operator}-{number}.example"),
            };
            let words = ["--client-secret-file", "secret.txt", "--yes", "--vouch-domain", &domain];
            let (code, document) = finish(start(desk, &desk.request_of(&owner, "onboard", &words)));
            if code == 1 {
                let contested = [codes(&document, "team-connection"), codes(&document, "team-domain")].concat();
                assert!(
                    contested.contains(&"connection_exists") || contested.contains(&"domain_claimed"),
                    "refused for something else: {document}"
                );
            }
            done.push(code);
        }
        done
    };
    let (one, other) = std::thread::scope(|scope| {
        let one = scope.spawn(|| list(0));
        let other = scope.spawn(|| list(1));
        (one.join().unwrap(), other.join().unwrap())
    });
    for number in 0..requests {
        let won = [one[number as usize], other[number as usize]].iter().filter(|code| **code == 0).count();
        let expected = if number % 10 < 6 { 1 } else { 2 };
        assert_eq!(won, expected, "request {number}: {one:?} {other:?}");
    }
    let winners = one.iter().chain(&other).filter(|code| **code == 0).count();
    assert_eq!(desk.connections().len(), winners);
    assert_eq!(desk.world.sql("SELECT DISTINCT team_id FROM sso_connections").len(), winners);
    assert_eq!(desk.world.sql("SELECT domain FROM sso_domains").len(), 2 * winners);
    desk.expect_sound();
}
