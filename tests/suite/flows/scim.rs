//! `ssoctl scim`: a token is shown once, found by its hash from then on, and ends when it should.

use std::io;
use std::process::Stdio;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use ssoctl::config::Config;
use ssoctl::onboarding::Operator;
use ssoctl::onboarding::scim::{self, NotDone, Revoking};
use ssoctl::product::repository::Repository;
use ssoctl::product::scim_token::ScimTokenState::{self, Active, Expired, Retiring, Revoked};
use ssoctl::request::names::ConnectionId;
use ssoctl::scim::BearerToken;

use super::json_schema::Contract;
use super::secrecy::spellings;
use crate::support::desk::{Desk, JANE, TICKET, column};
use crate::support::world::{Run, World};

/// A desk at which Jane's team has been onboarded.
fn onboarded() -> Desk {
    let desk = Desk::new();
    desk.onboard(&[]).expect_code(0);
    desk
}

fn ssoctl_scim(world: &World, words: &[&str]) -> Run {
    world.ssoctl([&["scim"], words].concat())
}

/// Runs it for Jane's team without a question asked, and gives the document.
#[track_caller]
fn scim(desk: &Desk, words: &[&str]) -> Value {
    let further = ["--team", "1042", "--ticket", TICKET, "--yes", "-o", "json"];
    ssoctl_scim(&desk.world, &[words, &further].concat()).expect_code(0).json()
}

fn token_of(document: &Value) -> BearerToken {
    BearerToken::parse(document["scim"]["token"].as_str().unwrap()).unwrap()
}

fn id_of(desk: &Desk) -> String {
    column(desk.world.sql("SELECT id FROM sso_connections")).remove(0)
}

/// The states of all tokens, oldest first, as the list tells them.
fn states(desk: &Desk) -> Vec<String> {
    let list = ssoctl_scim(&desk.world, &["list", "-o", "json"]).expect_code(0).json();
    list["tokens"].as_array().unwrap().iter().map(|one| one["state"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_connection_without_a_token_is_said_to_have_none_though_others_have() {
    let desk = onboarded();
    desk.world.ssoctl(["prepare", "--owner", "hank@globex.example"]).expect_code(0);
    let none = |team: &str| ssoctl_scim(&desk.world, &["list", "--team", team]).expect_code(0).stdout;
    assert!(none("1042").starts_with("Acme (team 1042) has no SCIM token yet: ssoctl scim issue "), "{}", none("1042"));
    ssoctl_scim(&desk.world, &["issue", "--team", "1042", "--yes"]).expect_code(0);
    assert_eq!(none("1043"), "Globex (team 1043) has no SCIM token yet\n", "it is only reserved");
    desk.world.ssoctl(["connection", "suspend", "--team", "1042", "--yes"]).expect_code(0);
    let revoked = ssoctl_scim(&desk.world, &["revoke", "--team", "1042", "--all", "--yes"]).expect_code(0).stdout;
    assert!(revoked.ends_with("No SCIM token of this connection works.\n"), "a suspended one is given none: {revoked}");
}

#[test]
fn a_token_is_shown_once_with_the_address_that_it_is_for() {
    let desk = onboarded();
    let run = ssoctl_scim(&desk.world, &["issue", "--team", "1042", "--yes"]).expect_code(0);
    let account = column(desk.world.sql("SELECT account_token FROM sso_connections")).remove(0);
    assert!(run.stdout.contains(&format!("https://app.example.com/scim/v2/{account}\n")), "{}", run.stdout);
    let token = run.stdout.split_whitespace().find(|word| word.starts_with("ssoctl_scim_")).unwrap();
    assert_eq!(run.everything().matches("ssoctl_scim_").count(), 1);
    for told in ["this once", "never by mail", "cannot be shown again", &format!("ssoctl scim rotate {}", id_of(&desk))]
    {
        assert!(run.stdout.contains(told), "{told}: {}", run.stdout);
    }
    // Stored as its hash, in the same transaction as its audit row.
    let hash = BearerToken::parse(token).unwrap().sha256();
    assert_eq!(desk.world.sql("SELECT sha256 FROM scim_tokens"), [[hash]]);
    assert_eq!(desk.deeds(), ["onboarded", "scim_issued"]);
    desk.expect_sound();
}

#[test]
fn a_token_is_issued_rotated_promoted_and_revoked() {
    let desk = onboarded();
    let contract = Contract::new();
    let first = scim(&desk, &["issue"]);
    let second = scim(&desk, &["rotate", "--overlap", "3d"]);
    assert_eq!((&first["change"], &second["change"]), (&json!("issued"), &json!("rotated")));
    assert_ne!(first["scim"]["token"], second["scim"]["token"]);
    assert_eq!(first["scim"]["base_url"], second["scim"]["base_url"]);
    assert_eq!(second["before"]["id"], first["issued"]["id"]);
    assert_eq!(states(&desk), ["retiring", "active"]);

    let promoted = scim(&desk, &["promote"]);
    assert_eq!((&promoted["change"], &promoted["ended"][0]["id"]), (&json!("promoted"), &first["issued"]["id"]));
    assert_eq!(states(&desk), ["expired", "active"]);
    assert_eq!(scim(&desk, &["promote"])["change"], "unchanged");

    let revoked = scim(&desk, &["revoke", "--token-id", second["issued"]["id"].as_str().unwrap()]);
    assert_eq!((&revoked["change"], &revoked["working"]), (&json!("revoked"), &json!([])));
    assert_eq!(states(&desk), ["expired", "revoked"]);
    assert_eq!(scim(&desk, &["revoke", "--all"])["change"], "unchanged");

    // And from the start again.
    scim(&desk, &["issue"]);
    let listed = ssoctl_scim(&desk.world, &["list", "--team", "1042", "-o", "json"]);
    assert_eq!(contract.holds(&listed)["tokens"].as_array().unwrap().len(), 3);
    let deeds = ["onboarded", "scim_issued", "scim_rotated", "scim_promoted", "scim_revoked", "scim_issued"];
    assert_eq!(desk.deeds(), deeds);
    assert_eq!(desk.latest_details()["token"]["id"].as_str().map(str::len), Some(36));
    desk.expect_sound();
}

/// Whoever lost a token pastes what they were told, line by line.
#[test]
fn a_lost_token_is_replaced_by_the_very_commands_that_are_printed_with_it() {
    let desk = onboarded();
    let paste = |run: &Run| {
        let lines = run.stdout.lines().filter(|line| line.contains("If it is lost:") || line.contains("and then:"));
        let commands = lines.filter_map(|line| line.split_once("ssoctl ")).map(|(_, words)| words.split(' '));
        let runs: Vec<Run> = commands.map(|words| desk.world.ssoctl(words.chain(["--yes"])).expect_code(0)).collect();
        runs.into_iter().next_back().unwrap()
    };
    let issued = ssoctl_scim(&desk.world, &["issue", "--team", "1042", "--yes"]).expect_code(0);
    let rotated = paste(&issued);
    assert_eq!(states(&desk), ["retiring", "active"]);
    paste(&rotated);
    assert_eq!(states(&desk), ["retiring", "revoked", "active"]);
    desk.expect_sound();
}

/// The database of a desk, asked as the product asks it, at any time of day.
struct Later {
    repository: Arc<dyn Repository>,
    config: Config,
    connection: ConnectionId,
    start: Timestamp,
}

impl Later {
    async fn at(desk: &Desk) -> Self {
        Self {
            repository: ssoctl::store::open(ssoctl::store::Location {
                url: "sqlite:ssoctl.db",
                folder: desk.world.folder(),
                schema: None,
            })
            .await
            .unwrap(),
            config: Config::default(),
            connection: ConnectionId::new(id_of(desk)),
            start: Timestamp::now(),
        }
    }

    fn day(&self, day: i64) -> Operator {
        let now = self.start + SignedDuration::from_hours(24 * day);
        Operator { actor: "amy".to_owned(), now }
    }

    async fn state(&self, token: &BearerToken, day: i64) -> ScimTokenState {
        let found = self.repository.read().await.unwrap().scim_token_by_hash(&token.sha256()).await.unwrap();
        found.unwrap().state(self.day(day).now)
    }

    async fn issue(&self, day: i64) -> Result<scim::Issued, NotDone> {
        scim::issue(&*self.repository, &self.config.scim, &self.day(day), &self.connection, None).await
    }

    async fn rotate(&self, day: i64) -> Result<scim::Rotated, NotDone> {
        let overlap = self.config.scim.rotation_overlap;
        scim::rotate(&*self.repository, &self.config.scim, &self.day(day), &self.connection, overlap, None).await
    }

    async fn revoke(&self, which: Revoking<'_>, day: i64) -> scim::Ended {
        scim::revoke(&*self.repository, &self.day(day), &self.connection, which, None).await.unwrap()
    }
}

#[tokio::test]
async fn both_tokens_work_by_their_hash_until_the_deadline_of_the_old_one() {
    let desk = onboarded();
    let later = Later::at(&desk).await;
    let first = later.issue(0).await.unwrap().token;
    let second = later.rotate(1).await.unwrap().issued.token;
    for (day, expected) in [(1, (Retiring, Active)), (7, (Retiring, Active)), (8, (Expired, Active))] {
        assert_eq!((later.state(&first, day).await, later.state(&second, day).await), expected, "day {day}");
    }
    assert!(matches!(later.rotate(7).await, Err(NotDone::StillRotating)));
    // Once the deadline is past, the next rotation may come.
    let third = later.rotate(8).await.unwrap().issued.token;
    assert_eq!((later.state(&second, 8).await, later.state(&third, 8).await), (Retiring, Active));
    later.revoke(Revoking::All, 9).await;
    assert_eq!((later.state(&second, 9).await, later.state(&third, 9).await), (Revoked, Revoked));
}

#[tokio::test]
async fn a_token_ends_by_policy_and_a_new_one_may_be_issued_then() {
    let desk = onboarded();
    let later = Later::at(&desk).await;
    let first = later.issue(0).await.unwrap().token;
    assert_eq!((later.state(&first, 364).await, later.state(&first, 365).await), (Active, Expired));
    assert!(matches!(later.issue(364).await, Err(NotDone::HasToken)));
    assert!(matches!(later.rotate(365).await, Err(NotDone::NoToken)));
    later.issue(365).await.unwrap();

    let mut endless = Later::at(&desk).await;
    endless.config.scim.token_lifetime = "never".parse().unwrap();
    endless.revoke(Revoking::All, 366).await;
    assert_eq!(endless.issue(366).await.unwrap().record.ends_at(), None);
}

#[tokio::test]
async fn a_rotation_never_lets_the_old_token_work_longer_than_it_would_have() {
    let desk = onboarded();
    let later = Later::at(&desk).await;
    let first = later.issue(0).await.unwrap();
    let second = later.rotate(1).await.unwrap();
    // The new one is lost, and revoked: the old one keeps its deadline, in the next rotation too.
    let left = later.revoke(Revoking::One(&second.issued.record.id), 2).await;
    assert_eq!(left.working.iter().map(|token| &token.id).collect::<Vec<_>>(), [&first.record.id]);
    let third = later.rotate(3).await.unwrap();
    assert_eq!((third.before.id, third.before.retires_at), (first.record.id, second.before.retires_at));
}

#[test]
fn what_cannot_be_done_is_refused_with_what_can() {
    let desk = Desk::new();
    let refused = |words: &[&str], code: i32, said: &str| {
        let run = ssoctl_scim(&desk.world, words).expect_code(code);
        assert!(run.stderr.contains(said) && run.stdout.is_empty(), "{words:?}: {}", run.stderr);
        if code == 1 {
            assert!(run.stderr.contains("nothing was written"), "{words:?}: {}", run.stderr);
        }
    };
    refused(&["issue", "--team", "1042", "--yes"], 1, "there is no such connection");
    desk.world.ssoctl(["prepare", "--owner", JANE]).expect_code(0);
    refused(&["issue", "--team", "1042", "--yes"], 1, "only reserved");
    refused(&["rotate", "--team", "1042", "--yes"], 1, "only reserved");
    desk.onboard(&["--stage"]).expect_code(0);
    refused(&["rotate", "--team", "1042", "--yes"], 1, "`ssoctl scim issue ");
    refused(&["promote", "--team", "1042", "--yes"], 1, "`ssoctl scim issue ");
    refused(&["issue", "--team", "1042"], 2, "--yes");
    refused(&["issue", "--team", "1042", "--ticket", "", "--yes"], 2, "--ticket");
    refused(&["issue"], 2, "--team");
    // The customer's app may be made ready before the connection is switched on.
    let run = ssoctl_scim(&desk.world, &["issue", "--team", "1042", "--yes"]).expect_code(0);
    assert!(run.stdout.contains("once the connection is switched on"), "{}", run.stdout);
    refused(&["issue", "--team", "1042", "--yes"], 1, "`ssoctl scim rotate ");
    refused(&["revoke", "--team", "1042", "--yes"], 2, "--all");
    refused(&["revoke", "--team", "1042", "--token-id", "none", "--yes"], 1, "`ssoctl scim list`");
    refused(&["rotate", "--team", "1042", "--overlap", "soon", "--yes"], 2, "--overlap");
    refused(&["rotate", "--team", "1042", "--overlap", "30 years", "--yes"], 2, "--overlap");
    scim(&desk, &["rotate"]);
    refused(&["rotate", "--team", "1042", "--yes"], 1, "`ssoctl scim promote ");

    // A suspended connection is given none, but loses those it has.
    desk.connection(&["suspend", "--team", "1042", "--yes"]).expect_code(0);
    refused(&["rotate", "--team", "1042", "--yes"], 1, "`ssoctl connection activate ");
    refused(&["issue", "--team", "1042", "--yes"], 1, "suspended");
    assert_eq!(scim(&desk, &["promote"])["change"], "promoted");
    assert_eq!(scim(&desk, &["revoke", "--all"])["change"], "revoked");
    desk.expect_sound();
}

#[test]
fn a_connection_is_named_by_its_id_its_team_its_owner_or_a_domain() {
    let desk = onboarded();
    scim(&desk, &["issue"]);
    let id = id_of(&desk);
    for which in
        [&[id.as_str()][..], &["--team", "1042"], &["--owner", "Jane@ACME.example"], &["--domain", "acme.example"]]
    {
        let listed = ssoctl_scim(&desk.world, &[&["list"], which].concat()).expect_code(0);
        assert!(listed.stdout.contains("active"), "{which:?}: {}", listed.stdout);
        desk.world.ssoctl([&["connection", "show"], which].concat()).expect_code(0);
    }
    for which in [["--owner", "nobody@acme.example"], ["--domain", "other.example"], ["--team", "7"]] {
        ssoctl_scim(&desk.world, &[&["list"], &which[..]].concat()).expect_code(1);
    }
    for which in [["--owner", "nobody"], ["--domain", "a b"]] {
        ssoctl_scim(&desk.world, &[&["list"], &which[..]].concat()).expect_code(2);
    }
    // An owner of two teams with a connection each has to be told apart.
    desk.world.sql("UPDATE product_teams SET owner_id = '1' WHERE id = '1043'");
    desk.world.sql(
        "INSERT INTO sso_connections (id, team_id, status, account_token, domain_challenge, created_at, updated_at, audit_seq)
         SELECT 'c2', '1043', 'prepared', 'another-account-token', 'x', created_at, updated_at, audit_seq FROM sso_connections",
    );
    let run = ssoctl_scim(&desk.world, &["list", "--owner", JANE]).expect_code(1);
    assert!(run.stderr.contains("--team") && run.stderr.contains("team 1043"), "{}", run.stderr);
}

#[test]
fn a_token_that_was_found_somewhere_is_told_by_whose_it_is() {
    let desk = onboarded();
    let issued = scim(&desk, &["issue"]);
    let token = issued["scim"]["token"].as_str().unwrap();
    let whose = |text: &str, code: i32| {
        let run = desk.world.with_stdin(text).ssoctl(["scim", "list", "--token-stdin", "-o", "json"]).expect_code(code);
        assert!(!run.everything().contains(&token[12..40]), "{}", run.everything());
        run
    };
    let listed = whose(&format!("{token}\n"), 0).json();
    assert_eq!((&listed["tokens"][0]["id"], listed["tokens"].as_array().unwrap().len()), (&issued["issued"]["id"], 1));
    assert!(whose(&token[..40], 1).stderr.contains("mistyped or cut"));
    assert!(whose("Bearer", 1).stderr.contains("no SCIM token"));
    assert!(whose("", 1).stderr.contains("no SCIM token"));
    let another = BearerToken::generate().unwrap();
    assert!(whose(another.expose(), 1).stderr.contains("another installation"));
    ssoctl_scim(&desk.world, &["list", "--token-stdin", "--team", "1042"]).expect_code(2);
}

#[test]
fn doctor_says_whose_provisioning_is_about_to_stop() {
    let desk = onboarded();
    let doctor = || desk.world.ssoctl(["doctor", "--offline"]).expect_code(0).stdout;
    assert!(doctor().contains("0 working, none ends within 30 days"));
    let config = std::fs::read_to_string(desk.world.config()).unwrap();
    desk.world.write("ssoctl.toml", format!("{config}\n[scim]\ntoken_lifetime = \"29d\"\n"));
    scim(&desk, &["issue"]);
    let said = doctor();
    assert!(
        said.contains("warn    SCIM tokens") && said.contains(&format!("ssoctl scim rotate {}", id_of(&desk))),
        "{said}"
    );
    desk.world.write("ssoctl.toml", config);
    scim(&desk, &["rotate"]);
    assert!(doctor().contains("2 working, none ends within 30 days"));
}

#[test]
fn a_token_goes_with_its_connection() {
    let desk = onboarded();
    scim(&desk, &["issue"]);
    desk.connection(&["remove", "--team", "1042", "--yes"]).expect_code(0);
    assert_eq!(states(&desk), Vec::<String>::new());
    desk.expect_sound();
}

#[test]
fn the_token_is_nowhere_after_it_was_shown() {
    let desk = onboarded();
    let first = scim(&desk, &["issue", "-vvv"]);
    let second = scim(&desk, &["rotate", "-vvv"]);
    let mut runs = Vec::new();
    let mut run = |words: &[&str]| {
        for voice in [&["-vvv"][..], &["-o", "json", "-vvv"]] {
            runs.push(desk.world.with_env("RUST_LOG", "trace").ssoctl([words, voice].concat()));
        }
    };
    run(&["scim", "list"]);
    run(&["scim", "issue", "--team", "1042", "--yes"]);
    run(&["scim", "rotate", "--team", "1042", "--yes"]);
    run(&["connection", "show", "--team", "1042"]);
    run(&["connection", "list"]);
    run(&["audit", "list"]);
    run(&["audit", "verify"]);
    run(&["doctor", "--offline"]);
    run(&["prepare", "--owner", JANE]);
    run(&["scim", "promote", "--team", "1042", "--yes"]);
    run(&["scim", "revoke", "--all", "--team", "1042", "--yes"]);
    for document in [first, second] {
        let token = token_of(&document);
        let hash = token.sha256();
        let secret = token.expose().strip_prefix("ssoctl_scim_").unwrap();
        for needle in [spellings(token.expose()), spellings(secret), vec![secret[..33].to_owned()]].concat() {
            for run in &runs {
                assert!(!run.everything().contains(&needle), "{needle} in {}", run.everything());
            }
            assert!(desk.world.files_containing(&needle).is_empty(), "{needle}");
            for row in desk.stored().concat() {
                assert!(!row.contains(&needle), "{needle} in {row}");
            }
        }
        // The hash is where the product looks for it, and in nobody's way.
        assert!(runs.iter().all(|run| !run.everything().contains(&hash)));
        assert!(desk.stored().concat().contains(&hash));
    }
}

#[test]
fn a_token_that_nobody_could_read_is_said_to_be_there() {
    let desk = onboarded();
    let unread = |words: &[&str]| {
        let (reader, writer) = io::pipe().unwrap();
        drop(reader);
        let mut command = desk.world.command([&["scim"], words, &["--team", "1042", "--yes"]].concat());
        let output = command.stdout(writer).stderr(Stdio::piped()).spawn().unwrap().wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(70));
        String::from_utf8(output.stderr).unwrap()
    };
    let id = id_of(&desk);
    // Where that is known beforehand none is made.
    for words in ["issue", "rotate"] {
        let mut command = desk.world.command(["scim", words, "--team", "1042", "--yes"]);
        let output = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap().wait_with_output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(2) && said.contains("nobody would see the SCIM token"), "{said}");
    }
    assert!(states(&desk).is_empty());
    let said = unread(&["issue"]);
    assert!(said.contains("WAS made") && said.contains(&format!("ssoctl scim rotate {id} --overlap 0s")), "{said}");
    assert_eq!(states(&desk), ["active"]);
    // The advice leads to a token that somebody has, and to nothing else that works.
    scim(&desk, &["rotate", "--overlap", "0s"]);
    assert_eq!(states(&desk), ["expired", "active"]);

    let said = unread(&["rotate"]);
    let lost = column(desk.world.sql("SELECT id FROM scim_tokens ORDER BY created_at DESC LIMIT 1")).remove(0);
    assert!(
        said.contains("WAS made") && said.contains(&format!("ssoctl scim revoke {id} --token-id {lost}")),
        "{said}"
    );
    scim(&desk, &["revoke", "--token-id", &lost]);
    scim(&desk, &["rotate"]);
    assert_eq!(states(&desk), ["expired", "retiring", "revoked", "active"]);
    desk.expect_sound();
}

#[test]
fn a_token_on_the_command_line_is_refused_and_not_repeated() {
    let desk = onboarded();
    let token = scim(&desk, &["issue"])["scim"]["token"].as_str().unwrap().to_owned();
    let flag = format!("--token-id={token}");
    for words in [&["revoke", "--team", "1042", "--token-id", &token][..], &["revoke", &flag], &["list", &token[..30]]]
    {
        let run = ssoctl_scim(&desk.world, words).expect_code(2);
        assert!(run.stderr.contains("a SCIM token cannot be given as an argument"), "{}", run.stderr);
        assert!(run.stderr.contains("visible to every process"), "{}", run.stderr);
        assert!(!run.everything().contains(&token[..30]), "{}", run.everything());
    }
    assert_eq!(states(&desk), ["active"]);
}

#[test]
fn on_a_terminal_every_change_is_confirmed_first() {
    let desk = onboarded();
    let mut terminal = desk.world.terminal(["scim", "issue", "--team", "1042"]);
    terminal.expect("Make a SCIM token for Acme (team 1042)").send_line("n");
    assert_eq!(terminal.finish().code, Some(1));
    assert_eq!(desk.deeds(), ["onboarded"]);
    for (verb, question) in
        [("issue", "Make a SCIM token"), ("rotate", "Make a new SCIM token"), ("promote", "End the older")]
    {
        let mut terminal = desk.world.terminal(["scim", verb, "--team", "1042"]);
        terminal.expect(question).send_line("y");
        let ended = terminal.finish();
        assert_eq!(ended.code, Some(0), "{}", ended.text());
        assert_eq!(ended.text().contains("ssoctl_scim_"), verb != "promote", "{}", ended.text());
    }
    assert_eq!(desk.deeds(), ["onboarded", "scim_issued", "scim_rotated", "scim_promoted"]);
}
