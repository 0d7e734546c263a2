//! The power goes, the reader goes, somebody else holds the database: all of it is stored, or nothing.

use std::process::Stdio;
use std::time::{Duration, Instant};

use super::json_schema::Contract;
use crate::support::desk::{Desk, verdict, wait_until};
use crate::support::provider::{Behaviour, Provider, Reply, Route};
use crate::support::world::World;

/// A sequence without a pattern that matters (Knuth's multiplicative hash), the same in every run.
fn scattered(number: u32) -> u32 {
    number.wrapping_mul(2_654_435_761) >> 16
}

#[test]
fn a_kill_at_any_instant_leaves_all_of_it_or_nothing() {
    let desk = Desk::new();
    // How long a whole run takes here, so that the instants are spread over it whatever the machine.
    let started = Instant::now();
    desk.onboard(&[]).expect_code(0);
    let whole = started.elapsed() + Duration::from_millis(10);
    desk.connection(&["remove", "--team", "1042", "--yes"]).expect_code(0);
    let (mut written, mut unwritten) = (0, 0);
    for number in 0..50 {
        let before = desk.deeds().len();
        let mut child =
            desk.world.command(desk.complete(&[])).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(whole * (scattered(number) % 1000) / 1000);
        child.kill().unwrap();
        child.wait().unwrap();

        let connections = desk.connections();
        let deeds = desk.deeds();
        let after = deeds.len();
        if connections.is_empty() {
            assert_eq!(after, before, "an audit row without its connection");
            assert!(desk.world.sql("SELECT * FROM sso_domains").is_empty());
            unwritten += 1;
        } else {
            assert_eq!(connections, [["active", "acme.example"]]);
            assert_eq!((after, deeds.last().unwrap().as_str()), (before + 1, "onboarded"));
            desk.world.sql("PRAGMA wal_checkpoint");
            desk.connection(&["remove", "--team", "1042", "--yes"]).expect_code(0);
            written += 1;
        }
        assert_eq!(desk.world.sql("PRAGMA integrity_check"), [["ok"]]);
    }
    desk.expect_sound();
    assert!(unwritten > 0, "no run was killed before its end: {written} written");
    // And the same command still works afterwards.
    desk.onboard(&[]).expect_code(0);
}

#[test]
fn a_kill_inside_the_write_leaves_nothing() {
    let desk = Desk::new();
    // Somebody holds the write lock, so the run is waiting for it at the moment it is killed.
    let holder = rusqlite::Connection::open(desk.world.database()).unwrap();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    let mut child = desk.world.command(desk.complete(&[])).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    wait_until("the question and its control", || desk.provider.requests_to(Route::Token).len() >= 2);
    std::thread::sleep(Duration::from_millis(50));
    child.kill().unwrap();
    child.wait().unwrap();
    holder.execute_batch("COMMIT").unwrap();
    assert!(desk.stored().is_empty());
    desk.onboard(&[]).expect_code(0);
    desk.expect_sound();
}

#[test]
fn a_database_that_somebody_else_is_writing_to_is_no_verdict() {
    let desk = Desk::new();
    let holder = rusqlite::Connection::open(desk.world.database()).unwrap();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    let run = desk.onboard(&["-o", "json"]).expect_code(3);
    assert_eq!(Contract::new().holds(&run)["outcome"], "unknown");
    assert!(
        run.stderr.contains("the database is busy") && run.stderr.contains("nothing was written"),
        "{}",
        run.stderr
    );
    // Reading goes on meanwhile.
    desk.world.ssoctl(["connection", "list"]).expect_code(0);
    holder.execute_batch("ROLLBACK").unwrap();
    assert!(desk.stored().is_empty());
}

#[test]
fn a_signal_in_a_pipe_ends_the_run_with_nothing_written() {
    for (signal, code) in
        [(rustix::process::Signal::INT, 130), (rustix::process::Signal::TERM, 143), (rustix::process::Signal::HUP, 129)]
    {
        let desk = Desk::facing(Provider::new().on(Route::Discovery, Behaviour::baseline().delay_ms(5000)));
        let child =
            desk.world.command(desk.complete(&[])).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        wait_until("a request", || !desk.provider.requests().is_empty());
        rustix::process::kill_process(rustix::process::Pid::from_child(&child), signal).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(code));
        assert!(String::from_utf8_lossy(&output.stderr).contains("interrupted: nothing was written"));
        assert!(desk.stored().is_empty());
    }
}

#[test]
fn a_run_that_is_to_outlive_its_terminal_does() {
    let desk = Desk::facing(Provider::new().on(Route::Discovery, Behaviour::baseline().delay_ms(500)));
    let mut command = desk.world.command_to_outlive(desk.complete(&[]));
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    wait_until("a request", || !desk.provider.requests().is_empty());
    rustix::process::kill_process(rustix::process::Pid::from_child(&child), rustix::process::Signal::HUP).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(desk.connections().len(), 1);
}

#[test]
fn a_team_that_changes_between_the_check_and_the_write_is_judged_as_it_is_then() {
    let world = World::new();
    let database = world.database();
    // The plan changes while the provider is being asked, after the team was read.
    let provider = Provider::new().on(
        Route::Token,
        Behaviour::respond(move |_, _| {
            let file = rusqlite::Connection::open(&database).unwrap();
            file.execute("UPDATE product_teams SET plan = 'Starter' WHERE id = '1042'", []).unwrap();
            Reply::error(400, "invalid_grant", None)
        }),
    );
    let desk = Desk::within(world, provider);
    let report = desk.onboard_json(1, &["-vv"]);
    assert_eq!(verdict(&report, "team-plan"), "fail");
    assert!(desk.connections().is_empty());
}
