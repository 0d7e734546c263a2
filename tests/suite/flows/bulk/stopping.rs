//! Ctrl-C and its kin, and what they leave.

use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::support::crowd::{Crowd, documents, outcomes};
use crate::support::desk::wait_until;
use crate::support::provider::{Behaviour, Provider, Route};
use crate::support::world::Run;

fn start(crowd: &Crowd, more: &[&str]) -> Child {
    let words = crowd.words(&[&["list", "-o", "json"], more].concat());
    crowd.world.command(words).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn signal(child: &Child, signal: Signal) {
    kill_process(Pid::from_child(child), signal).unwrap();
}

/// Whether it has ended, be it that nobody has taken note.
fn has_ended(child: &Child) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", child.id())).unwrap();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| rest.starts_with('Z'))
}

fn end(child: Child) -> Run {
    let started = Instant::now();
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Run {
        stdout: text(output.stdout),
        stderr: text(output.stderr),
        code: output.status.code(),
        elapsed: started.elapsed(),
    }
}

#[test]
fn a_signal_ends_the_run_soon_and_in_good_order_and_the_next_run_goes_on() {
    // Slow enough that a run of all takes several seconds.
    let slow = || Provider::new().on(Route::Authorize, Behaviour::baseline().delay_ms(100));
    for (number, how) in [Signal::INT, Signal::TERM, Signal::HUP].into_iter().enumerate() {
        let crowd = Crowd::facing(200, slow());
        crowd.list("list", crowd.all());
        let child = start(&crowd, &["--per-host", "4"]);
        wait_until("a commit", || crowd.connected() >= 4 + number);
        signal(&child, how);
        let run = end(child).expect_code(130);
        assert!(run.elapsed < Duration::from_secs(3), "{:?}", run.elapsed);
        assert!(
            run.stderr.contains("stopped by") && run.stderr.contains("run the same command again"),
            "{}",
            run.stderr
        );
        // What was said is what was written.
        let said = documents(&run);
        assert!(said.iter().all(|document| document["outcome"] == "onboarded"), "{:?}", outcomes(&said));
        assert_eq!(said.len(), crowd.connected());
        assert!(said.len() < 200);
        crowd.expect_sound();
        if number == 0 {
            let rest = crowd.documents(&crowd.all(), 0, &["--per-host", "64"]);
            let unchanged = rest.iter().filter(|document| document["outcome"] == "unchanged").count();
            assert_eq!((rest.len(), unchanged, crowd.connected()), (200, said.len(), 200));
            assert_eq!(crowd.deeds().len(), 200);
        }
    }
}

#[test]
fn a_run_started_to_outlive_its_terminal_goes_on_without_it() {
    let crowd = Crowd::facing(40, Provider::new().on(Route::Authorize, Behaviour::baseline().delay_ms(100)));
    crowd.list("list", crowd.all());
    let mut command = crowd.world.command_to_outlive(crowd.words(&["list", "-o", "json", "--per-host", "4"]));
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    wait_until("a commit", || crowd.connected() >= 4);
    signal(&child, Signal::HUP);
    let run = end(child).expect_code(0);
    assert_eq!((documents(&run).len(), crowd.connected()), (40, 40), "{}", run.stderr);
}

#[test]
fn the_second_ctrl_c_stops_at_once() {
    let crowd = Crowd::facing(50, Provider::new().on(Route::Authorize, Behaviour::never_answer()));
    crowd.list("list", crowd.all());
    let child = start(&crowd, &[]);
    wait_until("a request", || !crowd.provider.requests_to(Route::Authorize).is_empty());
    signal(&child, Signal::INT);
    std::thread::sleep(Duration::from_millis(50));
    signal(&child, Signal::INT);
    let run = end(child).expect_code(130);
    assert!(run.elapsed < Duration::from_secs(2), "{:?}", run.elapsed);
    assert_eq!(crowd.connected(), 0);
    crowd.expect_sound();
}

#[test]
fn rows_that_hang_are_given_up_and_counted() {
    let crowd = Crowd::facing(20, Provider::new().on(Route::Authorize, Behaviour::never_answer()));
    crowd.list("list", crowd.all());
    let child = start(&crowd, &[]);
    wait_until("requests", || crowd.provider.requests_to(Route::Authorize).len() >= 8);
    signal(&child, Signal::INT);
    let run = end(child).expect_code(130);
    // Eight are at the provider, and how many more of the twenty had been taken in is not for sure.
    let (_, told) = run.stderr.split_once("after 0 rows; ").unwrap();
    let (given_up, rest) = told.split_once(' ').unwrap();
    assert!((8..=20).contains(&given_up.parse::<u32>().unwrap()), "{}", run.stderr);
    assert!(rest.starts_with("under way were given up, and nothing of them is written"), "{}", run.stderr);
    assert!(run.stdout.is_empty() && crowd.connections().is_empty() && crowd.deeds().is_empty());
}

#[test]
fn rows_that_waited_for_their_turn_to_be_printed_are_counted_too() {
    let crowd = Crowd::of(4);
    let silent = Provider::new().on(Route::Discovery, Behaviour::never_answer()).start();
    crowd.list("list", crowd.all().replacen(crowd.provider.issuer(), silent.issuer(), 1));
    let access = silent.access();
    let access: Vec<&str> = access.iter().map(String::as_str).collect();
    let child = start(&crowd, &[&["--ordered"], access.as_slice()].concat());
    wait_until("all but the first", || crowd.connected() == 3);
    signal(&child, Signal::INT);
    let run = end(child).expect_code(130);
    assert!(run.stderr.contains("3 rows in ") && run.stderr.contains("rows/s: 3 onboarded"), "{}", run.stderr);
}

#[test]
fn a_commit_that_is_waited_for_too_long_is_named() {
    let crowd = Crowd::of(3);
    crowd.list("list", crowd.all());
    // Somebody else writes, and does not come to an end.
    let holder = rusqlite::Connection::open(crowd.world.database()).unwrap();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    let child = start(&crowd, &[]);
    wait_until("all answers", || crowd.provider.requests_to(Route::Authorize).len() == 3);
    std::thread::sleep(Duration::from_millis(300));
    signal(&child, Signal::INT);
    let run = end(child).expect_code(130);
    assert!(run.elapsed < Duration::from_secs(2), "{:?}", run.elapsed);
    assert!(run.stderr.contains("stopped while a group of rows was being written"), "{}", run.stderr);
    assert!(run.stderr.contains("run the same command again"), "{}", run.stderr);
    holder.execute_batch("ROLLBACK").unwrap();
    assert!(crowd.connections().is_empty() && crowd.deeds().is_empty());
}

#[test]
fn a_reader_that_stands_still_does_not_keep_the_run_from_ending() {
    let crowd = Crowd::of(200);
    crowd.list("list", crowd.all());
    // Nobody reads: the pipe is full after a few results.
    let child = start(&crowd, &[]);
    wait_until("all commits", || crowd.connected() == 200);
    signal(&child, Signal::INT);
    wait_until("the end", || has_ended(&child));
    let run = end(child).expect_code(130);
    assert!(run.stderr.contains("stopped before the results of the last rows could be printed"), "{}", run.stderr);
    assert!(!run.stderr.contains("was being written"), "{}", run.stderr);
    crowd.expect_sound();
}

#[test]
fn ctrl_c_on_a_terminal_leaves_it_in_order() {
    let crowd = Crowd::facing(20, Provider::new().on(Route::Authorize, Behaviour::never_answer()));
    crowd.list("list", crowd.all());
    let mut terminal = crowd.world.terminal_then(crowd.words(&["list", "--yes"]), "stty -a; echo status $status");
    wait_until("requests", || !crowd.provider.requests_to(Route::Authorize).is_empty());
    terminal.interrupt();
    let text = terminal.finish().text();
    assert!(text.contains("stopped by Ctrl-C") && text.contains("status 130"), "{text}");
    assert!(text.contains("Stopped before the first row had ended.") && !text.contains("There were no rows"), "{text}");
    assert!(text.contains(" echo ") && text.contains(" icanon "), "{text}");
}
