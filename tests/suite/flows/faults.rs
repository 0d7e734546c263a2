//! The server goes, the connection goes, the process goes: all of it is stored, or nothing, and the exit status says which.

use std::process::Stdio;
use std::time::{Duration, Instant};

use super::json_schema::Contract;
use super::long;
use crate::support::cutting_proxy::{Cut, CuttingProxy};
use crate::support::desk::{Desk, wait_until};
use crate::support::postgres::{Cluster, Database};
use crate::support::provider::{Behaviour, Provider, Reply, Route};
use crate::support::world::World;

/// A sequence without a pattern that matters (Knuth's multiplicative hash), the same in every run.
fn scattered(number: u32) -> u32 {
    number.wrapping_mul(2_654_435_761) >> 16
}

/// Waits until nobody writes any more: the server notices late that its client was killed.
fn settle(desk: &Desk) {
    if desk.world.is_on_postgres() {
        desk.world.sql("BEGIN; LOCK TABLE sso_write_lock IN EXCLUSIVE MODE; COMMIT");
    }
}

/// What is stored is one connection with its audit row, or neither; then it is taken away. Whether there was one.
#[track_caller]
fn all_or_nothing(desk: &Desk, deeds_before: usize) -> bool {
    let (connections, deeds) = (desk.connections(), desk.deeds());
    if connections.is_empty() {
        assert_eq!(deeds.len(), deeds_before, "an audit row without its connection");
        assert!(desk.world.sql("SELECT * FROM sso_domains").is_empty());
        return false;
    }
    assert_eq!(connections, [["active", "acme.example"]]);
    assert_eq!((deeds.len(), deeds.last().unwrap().as_str()), (deeds_before + 1, "onboarded"));
    desk.connection(&["remove", "--team", "1042", "--yes"]).expect_code(0);
    true
}

/// The long run (see CONTRIBUTING.md) kills a thousand times.
#[test]
fn a_kill_at_any_instant_leaves_all_of_it_or_nothing_on_a_server() {
    let desk = Desk::on_postgres();
    let started = Instant::now();
    desk.onboard(&[]).expect_code(0);
    let whole = started.elapsed() + Duration::from_millis(10);
    desk.connection(&["remove", "--team", "1042", "--yes"]).expect_code(0);
    let mut unwritten = 0;
    for number in 0..long(50, 1000) {
        let before = desk.deeds().len();
        let mut child =
            desk.world.command(desk.complete(&[])).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(whole * (scattered(number) % 1000) / 1000);
        child.kill().unwrap();
        child.wait().unwrap();
        settle(&desk);
        unwritten += u32::from(!all_or_nothing(&desk, before));
    }
    desk.expect_sound();
    assert!(unwritten > 0, "no run was killed before its end");
    desk.onboard(&[]).expect_code(0);
}

#[test]
fn a_connection_cut_at_any_statement_leaves_all_of_it_or_nothing_and_the_exit_status_says_which() {
    let desk = Desk::on_postgres();
    let url = desk.world.server().url();
    let authority = url::Url::parse(&url).unwrap();
    let target = format!("{}:{}", authority.host_str().unwrap(), authority.port().unwrap_or(5432));
    let through = |proxy: &CuttingProxy| {
        let url = url.replacen(&target, &format!("127.0.0.1:{}", proxy.port()), 1);
        desk.world.configure(&format!("url = \"{url}?sslmode=disable\""));
        let run = desk.onboard(&[]);
        desk.world.configure(&format!("url = \"{}\"", desk.world.server().url()));
        settle(&desk);
        run
    };
    let whole = CuttingProxy::start(&target, usize::MAX, Cut::Before);
    through(&whole).expect_code(0);
    assert!(all_or_nothing(&desk, 0));
    let statements = whole.statements();
    assert!(statements > 10, "only {statements} statements");
    // The last ones, with the commit among them, are cut on both sides; of the others some, and all of them in the long run.
    let every = if long(0, 1) == 1 { 1 } else { statements / 5 };
    let mut written = 0;
    for number in (1..=statements).filter(|number| number % every == 0 || number + 3 > statements) {
        for cut in [Cut::Before, Cut::After] {
            let before = desk.deeds().len();
            let proxy = CuttingProxy::start(&target, number, cut);
            let run = through(&proxy);
            let stored = all_or_nothing(&desk, before);
            match run.code {
                Some(0) => assert!(stored, "statement {number}, {cut:?}: done, and nothing stored"),
                Some(3) => {
                    assert!(!stored, "statement {number}, {cut:?}: no verdict, and something stored: {}", run.stderr);
                    assert!(run.stderr.contains("nothing was written"), "{}", run.stderr);
                }
                other => panic!("statement {number}, {cut:?}: {other:?} {}", run.everything()),
            }
            written += u32::from(stored && proxy.has_cut());
        }
    }
    assert!(written > 0, "a commit whose answer was lost is found to be done");
    desk.expect_sound();
}

/// A desk on a server of its own.
fn on_own_server(provider: impl FnOnce(&std::sync::Arc<Cluster>) -> Provider) -> (Desk, std::sync::Arc<Cluster>) {
    let cluster = std::sync::Arc::new(Cluster::start(&["fsync=off"]));
    let world = World::over(Database::on(&cluster.url()));
    world.ssoctl(["init", "--sample-data"]).expect_code(0);
    (Desk::within(world, provider(&cluster)), cluster)
}

#[test]
fn a_server_restarted_while_the_provider_is_asked_is_not_even_noticed() {
    let (desk, _cluster) = on_own_server(|cluster| {
        let cluster = std::sync::Arc::clone(cluster);
        let once = std::sync::Once::new();
        Provider::new().on(
            Route::Token,
            Behaviour::respond(move |_, _| {
                // The question and its control come side by side, and the team is being read meanwhile.
                once.call_once(|| {
                    std::thread::sleep(Duration::from_millis(500));
                    cluster.down("fast");
                    cluster.up();
                });
                Reply::error(400, "invalid_grant", None)
            }),
        )
    });
    desk.onboard(&["-vv"]).expect_code(0);
    assert_eq!(desk.connections(), [["active", "acme.example"]]);
    desk.expect_sound();
}

#[test]
fn a_server_that_goes_in_the_middle_is_no_verdict_and_nothing_is_written() {
    let (desk, cluster) = on_own_server(|cluster| {
        let cluster = std::sync::Arc::clone(cluster);
        let once = std::sync::Once::new();
        Provider::new().on(
            Route::Token,
            Behaviour::respond(move |_, _| {
                once.call_once(|| cluster.down("immediate"));
                Reply::error(400, "invalid_grant", None)
            }),
        )
    });
    let run = desk.onboard(&["-o", "json"]);
    assert_eq!(run.code, Some(3), "{}", run.everything());
    assert_eq!(Contract::new().holds(&run)["outcome"], "unknown");
    assert!(run.stderr.contains("does not answer") && run.stderr.contains("nothing was written"), "{}", run.stderr);
    cluster.up();
    assert!(desk.stored().is_empty());
}

#[test]
fn a_server_that_goes_while_a_writer_waits_leaves_nothing() {
    let (desk, cluster) = on_own_server(|_| Provider::new());
    let holder = std::thread::spawn({
        let url = desk.world.server().url();
        move || {
            crate::support::postgres::try_query(
                &url,
                "BEGIN; LOCK TABLE sso_write_lock IN EXCLUSIVE MODE; SELECT pg_sleep(60)",
            )
        }
    });
    let locks = "SELECT 1 FROM pg_locks WHERE relation = 'sso_write_lock'::regclass AND granted";
    wait_until("the lock", || !desk.world.sql(locks).is_empty());
    let child = desk.world.command(desk.complete(&[])).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let waits = "SELECT 1 FROM pg_locks WHERE relation = 'sso_write_lock'::regclass AND NOT granted";
    wait_until("a writer", || !desk.world.sql(waits).is_empty());
    cluster.down("immediate");
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(3), "{}", String::from_utf8_lossy(&output.stderr));
    holder.join().unwrap().unwrap_err();
    cluster.up();
    assert!(desk.stored().is_empty());
    desk.onboard(&[]).expect_code(0);
    desk.expect_sound();
}

#[test]
fn a_writer_that_somebody_keeps_waiting_is_no_verdict() {
    let desk = Desk::on_postgres();
    let url = desk.world.server().url();
    let holder = std::thread::spawn(move || {
        crate::support::postgres::try_query(
            &url,
            "BEGIN; LOCK TABLE sso_write_lock IN EXCLUSIVE MODE; SELECT pg_sleep(60)",
        )
    });
    let locks = "SELECT pid FROM pg_locks WHERE relation = 'sso_write_lock'::regclass AND granted";
    wait_until("the lock", || !desk.world.sql(locks).is_empty());
    let run = desk.onboard(&[]).expect_code(3);
    assert!(
        run.stderr.contains("the database is busy") && run.stderr.contains("nothing was written"),
        "{}",
        run.stderr
    );
    // Reading goes on meanwhile.
    desk.world.ssoctl(["connection", "list"]).expect_code(0);
    desk.world.sql("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE relation = 'sso_write_lock'::regclass");
    holder.join().unwrap().unwrap_err();
    assert!(desk.stored().is_empty());
    desk.onboard(&[]).expect_code(0);
}

#[test]
fn a_standby_is_read_and_told_apart_from_its_primary() {
    let (desk, primary) = on_own_server(|_| Provider::new());
    let before = desk.deeds().len();
    let standby = Cluster::standby_of(&primary);
    let url = desk.world.server().url().replacen(&primary.port().to_string(), &standby.port().to_string(), 1);
    desk.world.configure(&format!("url = \"{url}\""));
    desk.world.ssoctl(["connection", "list"]).expect_code(0);
    desk.world.ssoctl(desk.request("check", &["--client-secret-file", "secret.txt"])).expect_code(0);
    let run = desk.onboard(&[]).expect_code(70);
    assert!(
        run.stderr.contains("cannot be written") && run.stderr.contains("name the primary server"),
        "{}",
        run.stderr
    );
    assert_eq!(desk.deeds().len(), before);
    desk.world.configure(&format!("url = \"{}\"", desk.world.server().url()));
    desk.onboard(&[]).expect_code(0);
    desk.expect_sound();
}
