//! The power goes, the reader goes, the disk is full, the input has no end: nothing is half-written, and the next run goes
//! on.

use std::io::{Read as _, Write as _};
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::support::crowd::{Crowd, HEADER, documents, outcomes, reasons};
use crate::support::provider::{CLIENT_ID, CLIENT_SECRET};

/// A sequence without a pattern that matters (Knuth's multiplicative hash), the same in every run.
fn scattered(number: u32) -> u32 {
    number.wrapping_mul(2_654_435_761) >> 16
}

/// A number that the environment may set, for the long runs that CONTRIBUTING.md describes.
fn number(name: &str, otherwise: u32) -> u32 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(otherwise)
}

/// Puts the database back to where it was when `keep` was written.
fn put_back(crowd: &Crowd, keep: &[u8]) {
    for ending in ["-wal", "-shm"] {
        let _ = std::fs::remove_file(crowd.world.path(&format!("ssoctl.db{ending}")));
    }
    std::fs::write(crowd.world.path("ssoctl.db"), keep).unwrap();
}

#[test]
fn killed_at_any_instant_and_run_again_the_end_is_that_of_a_run_that_was_not() {
    let (rows, kills) = (number("SSOCTL_KILL_ROWS", 120), number("SSOCTL_KILLS", 50));
    let crowd = Crowd::of(rows as usize);
    let mut list = crowd.all();
    list += &crowd.row_with(0, "another", CLIENT_SECRET);
    list += "nonsense,,,,\n";
    crowd.list("list", list);
    crowd.world.sql("PRAGMA wal_checkpoint(TRUNCATE)");
    let pristine = std::fs::read(crowd.world.path("ssoctl.db")).unwrap();
    let onboarded = |crowd: &Crowd| crowd.deeds().iter().filter(|deed| *deed == "onboarded").count();

    let started = Instant::now();
    crowd.bulk(&["list"]).expect_code(1);
    let whole = started.elapsed();
    let unkilled = crowd.connections();
    assert_eq!(unkilled.len(), rows as usize);
    put_back(&crowd, &pristine);

    let (mut before, mut interrupted, mut ended) = (0, 0, 0);
    for kill in 0..kills {
        let mut child =
            crowd.world.command(crowd.words(&["list"])).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(whole * (scattered(kill) % 1000) / 1200);
        child.kill().unwrap();
        child.wait().unwrap();
        // A row and its audit record came together, and nothing that was there has gone.
        let connected = crowd.connected();
        assert_eq!(connected, onboarded(&crowd), "kill {kill}");
        assert!(connected >= before, "kill {kill}");
        if kill % 5 == 0 {
            crowd.expect_sound();
        }
        interrupted += usize::from(connected > before && connected < rows as usize);
        before = connected;
        // Once everything is written, or the last was killed: the end is the same, and the next ones have work again.
        if connected == rows as usize || kill + 1 == kills {
            crowd.bulk(&["list"]).expect_code(1);
            assert_eq!(crowd.connections(), unkilled, "kill {kill}");
            assert_eq!(onboarded(&crowd), rows as usize, "kill {kill}");
            crowd.expect_sound();
            put_back(&crowd, &pristine);
            (before, ended) = (0, ended + 1);
        }
    }
    assert!(interrupted > 0, "no run was killed while it wrote, {ended} came to their end");
    println!("{kills} kills, {interrupted} of them between the first and the last row; {ended} times all the way");
}

#[test]
fn a_row_that_the_database_refuses_takes_no_other_of_its_group_with_it() {
    let crowd = Crowd::of(6);
    crowd.world.sql(
        "CREATE TRIGGER refuse_one BEFORE INSERT ON sso_connections WHEN NEW.team_id = 't2'
         BEGIN SELECT RAISE(ABORT, 'not this one'); END",
    );
    let documents = crowd.documents(&crowd.all(), 70, &[]);
    let outcome = |one: &serde_json::Value| one["outcome"].as_str().map(str::to_owned);
    let (refused, written): (Vec<_>, Vec<_>) = documents.iter().partition(|one| one["line"] == 4);
    assert!(refused[0].to_string().contains("not this one"), "{}", refused[0]);
    assert_ne!(outcome(refused[0]).as_deref(), Some("onboarded"));
    assert!(written.iter().all(|one| outcome(one).as_deref() == Some("onboarded")), "{written:#?}");
    assert_eq!((written.len(), crowd.connected()), (5, 5));
    assert_eq!(crowd.deeds(), ["onboarded"; 5]);
    crowd.expect_sound();
}

#[test]
fn a_report_that_cannot_be_written_stops_the_run_and_says_so() {
    let crowd = Crowd::of(5);
    crowd.list("list", crowd.all());
    let run = crowd.bulk(&["list", "--report", "/dev/full"]).expect_code(70);
    assert!(
        run.stderr.contains("the report file could not be written")
            && run.stderr.contains("run the same command again"),
        "{}",
        run.stderr
    );
    let run = crowd.bulk(&["list", "--report", "no/such/folder.csv"]).expect_code(2);
    assert!(run.stderr.contains("could not create the report file"), "{}", run.stderr);
    assert_eq!(crowd.connected(), crowd.deeds().len());
    assert!(crowd.documents(&crowd.all(), 0, &[]).len() == 5 && crowd.connected() == 5);
    crowd.expect_sound();
}

#[test]
fn results_that_cannot_be_printed_stop_the_run() {
    let crowd = Crowd::of(300);
    crowd.list("list", crowd.all());
    let words = crowd.words(&["list", "-o", "json"]);
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let output = crowd.world.command(&words).stdout(full).stderr(Stdio::piped()).output().unwrap();
    assert_eq!(output.status.code(), Some(70), "{}", String::from_utf8_lossy(&output.stderr));
    // A reader that has seen enough.
    let mut child = crowd.world.command(&words).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = [0; 64];
    child.stdout.take().unwrap().read_exact(&mut line).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(130), "what was not carried out is not done: {said}");
    assert!(said.contains("whoever read the results went away") && said.contains("to go on"), "{said}");
    assert_eq!(crowd.connected(), crowd.deeds().len());
    crowd.expect_sound();
}

#[test]
fn input_that_ends_in_the_middle_of_a_row_costs_that_row_alone() {
    let crowd = Crowd::of(3);
    let objects = format!(
        "{{\"owner\":\"owner@team-0.example\",\"issuer\":\"{0}\",\"client_id\":\"{CLIENT_ID}\",\"client_secret\":\"{CLIENT_SECRET}\"}}\n\
         {{\"owner\":\"owner@team-1.example\",\"issuer\":\"{0}\",\"client_id\":\"{CLIENT_ID}\",\"client_sec",
        crowd.provider.issuer()
    );
    let run = crowd.world.with_stdin(objects).ssoctl(crowd.words(&["-", "-o", "json", "--ordered"])).expect_code(1);
    assert_eq!(outcomes(&documents(&run)), [(1, "onboarded"), (2, "refused")]);
    let table = format!(
        "{}owner@team-1.example,\"",
        crowd.all().lines().take(2).map(|line| format!("{line}\n")).collect::<String>()
    );
    let run = crowd.world.with_stdin(table).ssoctl(crowd.words(&["-", "-o", "json", "--ordered"])).expect_code(1);
    assert_eq!(outcomes(&documents(&run)), [(2, "unchanged"), (3, "refused")]);
}

#[test]
fn a_line_of_a_hundred_megabytes_is_refused_in_little_memory() {
    // csv-043
    let crowd = Crowd::of(2);
    for form in ["csv", "jsonl"] {
        let words: Vec<String> = crowd.words(&["-", "-o", "json", "--ordered", "--dry-run", "--skip-idp"]);
        let mut command = std::process::Command::new("/bin/sh");
        // Address space, not memory that is used: generous for threads that reserve and do not touch.
        command.args(["-c", "ulimit -v 2000000; exec \"$@\"", "sh", crate::support::world::BINARY, "--config"]);
        command.arg(crowd.world.config()).args(words);
        command.env_clear().envs(crowd.world.environment()).current_dir(crowd.world.folder());
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut input = child.stdin.take().unwrap();
        let (row, last) = (crowd.row(0), crowd.row(1));
        let id = child.id();
        let feeding = std::thread::spawn(move || {
            let megabyte = "x".repeat(1024 * 1024);
            let (open, close, first, last) = match form {
                "csv" => ("owner@team-0.example,", "\n", format!("{HEADER}{row}"), last),
                _ => ("{\"owner\":\"", "\"}\n", "{\"owner\":\"a\"}\n".to_owned(), "{\"owner\":\"b\"}\n".to_owned()),
            };
            input.write_all(first.as_bytes()).unwrap();
            input.write_all(open.as_bytes()).unwrap();
            (0..100).for_each(|_| input.write_all(megabyte.as_bytes()).unwrap());
            let peak = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
            input.write_all(close.as_bytes()).unwrap();
            input.write_all(last.as_bytes()).unwrap();
            peak
        });
        let output = child.wait_with_output().unwrap();
        let status = feeding.join().unwrap();
        let run = crate::support::world::Run {
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
            code: output.status.code(),
            elapsed: Duration::ZERO,
        };
        let documents = documents(&run.expect_code(1));
        assert_eq!(documents.len(), 3, "{form}");
        assert!(
            reasons(&documents[1]).contains(&"request-complete: input_too_long".to_owned()),
            "{form}: {:?}",
            documents[1]
        );
        if let Some(peak) = status.lines().find_map(|line| line.strip_prefix("VmHWM:")) {
            let kib: u64 = peak.trim().trim_end_matches(" kB").parse().unwrap();
            assert!(kib < 150 * 1024, "{form}: {kib} KiB");
        }
    }
}

#[test]
fn little_memory_ends_in_a_message_or_in_results_and_never_in_half_a_row() {
    // cli-034
    let crowd = Crowd::of(200);
    crowd.list("list", crowd.all());
    let words = crowd.words(&["list", "--per-host", "64"]);
    let mut command = std::process::Command::new("/bin/sh");
    command.args(["-c", "ulimit -v 131072; exec \"$@\"", "sh", crate::support::world::BINARY, "--config"]);
    command.arg(crowd.world.config()).args(words);
    command.env_clear().envs(crowd.world.environment()).current_dir(crowd.world.folder());
    let output = command.stdin(Stdio::null()).output().unwrap();
    assert_eq!(crowd.connected(), crowd.deeds().len(), "{}", String::from_utf8_lossy(&output.stderr));
    crowd.expect_sound();
    crowd.documents(&crowd.all(), 0, &[]);
    assert_eq!(crowd.connected(), 200);
}

#[test]
fn a_disk_that_is_full_stops_the_run_with_everything_written_so_far_intact() {
    let crowd = Crowd::of(400);
    crowd.list("list", crowd.all());
    // Room for some of the rows.
    let pages: i64 = crowd.world.sql("PRAGMA page_count")[0][0].parse().unwrap();
    let words = crowd.words(&["list"]);
    let limit = (pages * 4096 / 1024) + 300;
    let mut command = std::process::Command::new("/bin/sh");
    // A file that may not grow any further fails as a full disk does; the signal that goes with it is ignored.
    command.args([
        "-c",
        &format!("ulimit -f {}; exec \"$@\"", limit * 2),
        "sh",
        crate::support::world::BINARY,
        "--config",
    ]);
    command.arg(crowd.world.config()).args(words);
    command.env_clear().envs(crowd.world.environment()).current_dir(crowd.world.folder());
    let output = command.stdin(Stdio::null()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let connected = crowd.connected();
    assert_eq!(connected, crowd.deeds().len(), "{said}");
    crowd.expect_sound();
    if connected < 400 {
        assert_eq!(output.status.code(), Some(70), "{said}");
    }
    crowd.documents(&crowd.all(), 0, &[]);
    assert_eq!(crowd.connected(), 400);
}

/// Minutes, and some hundreds of megabytes: `cargo nextest run --run-ignored only a_million_rows`.
#[test]
#[ignore = "takes minutes"]
fn a_million_rows_stream_through_in_flat_memory() {
    let crowd = Crowd::of(1000);
    let words = crowd.words(&["-", "--dry-run", "--skip-idp", "-q"]);
    let mut child = crowd.world.command(words).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = std::io::BufWriter::new(child.stdin.take().unwrap());
    let id = child.id();
    input.write_all(HEADER.as_bytes()).unwrap();
    let mut peaks = Vec::new();
    for number in 0..1_000_000 {
        input.write_all(crowd.row(number % 2000).as_bytes()).unwrap();
        if number % 100_000 == 99_999 {
            let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap();
            let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap().trim().to_owned();
            peaks.push(peak.trim_end_matches(" kB").parse::<u64>().unwrap());
        }
    }
    drop(input);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(peaks.iter().all(|kib| *kib < 128 * 1024), "{peaks:?} KiB");
    let (early, late) = (peaks[2], peaks[9]);
    assert!(late < early + 16 * 1024, "it grows: {peaks:?} KiB");
}
