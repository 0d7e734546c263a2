//! The ways a secret comes in, and the one by which it does not.

use crate::support::desk::{Desk, codes};
use crate::support::provider::{CLIENT_SECRET, Route};
use crate::support::world::BINARY;

#[test]
fn a_file_of_ones_own_is_read_without_a_word() {
    let desk = Desk::new();
    let report = desk.onboard_json(0, &[]);
    assert!(codes(&report, "request-complete").is_empty(), "{report}");
}

#[test]
fn a_file_that_others_can_read_is_warned_about() {
    let desk = Desk::new();
    let open = desk.world.write("open.txt", CLIENT_SECRET);
    std::fs::set_permissions(&open, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    let words = desk.request("onboard", &["--client-secret-file", "open.txt", "--yes", "-o", "json"]);
    let report = desk.world.ssoctl(words).expect_code(0).json();
    assert_eq!(codes(&report, "request-complete"), ["secret_file_readable"]);
}

#[test]
fn standard_input_is_read_and_its_final_newline_is_no_part_of_the_secret() {
    let desk = Desk::new();
    let words = desk.request("onboard", &["--client-secret-stdin", "--yes", "-o", "json"]);
    let report = desk.world.with_stdin(format!("{CLIENT_SECRET}\n")).ssoctl(words).expect_code(0).json();
    assert_eq!(report["outcome"], "onboarded");
}

#[test]
fn the_environment_is_read_with_a_warning() {
    let desk = Desk::new();
    let words = desk.request("onboard", &["--yes", "-o", "json"]);
    let report = desk.world.with_env("SSOCTL_CLIENT_SECRET", CLIENT_SECRET).ssoctl(words).expect_code(0).json();
    assert_eq!(codes(&report, "request-complete"), ["secret_in_env"]);
}

#[test]
fn a_file_descriptor_is_read_without_a_warning() {
    let desk = Desk::new();
    let words = desk.request("onboard", &["--client-secret-file", "/dev/fd/3", "--yes", "-o", "json"]);
    let script = format!("printf %s {CLIENT_SECRET} | {{ exec 3<&0 0</dev/null; exec \"$@\"; }}");
    let config = desk.world.config().display().to_string();
    let mut all = ["-c", &script, "sh", BINARY, "--config", &config].map(str::to_owned).to_vec();
    all.extend(words);
    let report = desk.world.call().program("/bin/sh", all).expect_code(0).json();
    assert_eq!(report["outcome"], "onboarded");
    assert!(codes(&report, "request-complete").is_empty(), "{report}");
}

#[test]
fn a_named_file_wins_over_the_environment() {
    let desk = Desk::new();
    let run = desk.world.with_env("SSOCTL_CLIENT_SECRET", "CANARY-wrong").ssoctl(desk.complete(&["-o", "json"]));
    assert!(codes(&run.expect_code(0).json(), "request-complete").is_empty());
}

#[test]
fn two_sources_at_once_are_wrong_usage() {
    let desk = Desk::new();
    let run = desk.onboard(&["--client-secret-stdin"]).expect_code(2);
    assert!(run.stderr.contains("--client-secret-stdin"), "{}", run.stderr);
    assert!(desk.stored().is_empty());
}

#[test]
fn an_argument_is_refused_without_repeating_it() {
    let desk = Desk::new();
    for words in [
        vec!["onboard", "--client-secret", "CANARY-argument"],
        vec!["onboard", "--client-secret=CANARY-argument"],
        vec!["onboard", "--client-secret-stdin=CANARY-argument"],
        vec!["onboard", "--secret", "CANARY-argument"],
        vec!["check", "--issuer", "https://a.example", "--client-secret", "CANARY-argument"],
    ] {
        let run = desk.world.ssoctl(&words).expect_code(2);
        assert!(run.stderr.contains("a secret cannot be given as an argument"), "{}", run.stderr);
        assert!(run.stderr.contains("--client-secret-file"), "{}", run.stderr);
        assert!(!run.everything().contains("CANARY"), "{}", run.everything());
    }
}

#[test]
fn a_folder_in_place_of_a_secret_file_is_named() {
    let desk = Desk::new();
    std::fs::create_dir(desk.world.path("folder")).unwrap();
    let run = desk.world.ssoctl(desk.request("onboard", &["--client-secret-file", "folder", "--yes"])).expect_code(2);
    assert!(run.stderr.contains("`folder` is a folder"), "{}", run.stderr);
    assert!(desk.stored().is_empty());
}

#[test]
fn a_secret_in_the_wrong_place_is_not_repeated() {
    let desk = Desk::new();
    let long = format!("CANARY{}", "x".repeat(300));
    for (words, said) in [
        (vec!["onboard", "--client-secret-file", "CANARY-x"], "--client-secret-file does not name a file"),
        (vec!["onboard", "--client-secret-file", "CANARY/x"], "--client-secret-file does not name a file"),
        (vec!["onboard", "--client-secret-file", "-"], "--client-secret-stdin reads it from standard input"),
        (vec!["onboard", "--client-secret-file", &long], "--client-secret-file does not name a file"),
        (vec!["check", "--client-secret-fd=CANARY-x"], "the value of `--client-secret-fd <N>` is not valid"),
        (vec!["check", "--client-secret-fd", "99999999999999999999"], "`--client-secret-fd <N>` is not valid"),
        (vec!["check", "--client-secret-fd", "1"], "descriptor 1 is for output"),
        (vec!["check", "--client-secret-fd", "987654"], "--client-secret-fd does not name a file"),
        (vec!["check", "--issuer", "https://a.example", "CANARY-x"], "argument 6 is not expected here"),
        (vec!["onboard", "--CANARY-x"], "argument 4 is not expected here"),
        (vec!["CANARY-x"], "argument 3 is no command"),
        (vec!["-o", "CANARY-x", "explain"], "it is one of: human, json"),
    ] {
        for form in [&[] as &[&str], &["-o", "json"]] {
            let run = desk.world.ssoctl(words.iter().chain(form.iter().filter(|_| words[0] != "-o"))).expect_code(2);
            assert!(run.stderr.contains(said), "{said}: {}", run.stderr);
            for secret in ["CANARY", "999999", "987654"] {
                assert!(!run.everything().contains(secret), "{}", run.everything());
            }
        }
    }
}

#[test]
fn an_empty_secret_is_refused_by_name_and_never_sent() {
    let desk = Desk::new();
    desk.secret_file("empty.txt", " \n");
    let words = desk.request("onboard", &["--client-secret-file", "empty.txt", "--yes"]);
    let run = desk.world.ssoctl(words).expect_code(2);
    assert!(run.stderr.contains("`empty.txt`: it is empty"), "{}", run.stderr);
    assert!(desk.stored().is_empty());
    assert!(desk.provider.requests_to(Route::Token).is_empty());
}

#[test]
fn a_secret_that_is_no_text_is_refused() {
    let desk = Desk::new();
    desk.world.write("binary.txt", b"\xff\xfe\x00");
    let words = desk.request("onboard", &["--client-secret-file", "binary.txt", "--yes"]);
    let run = desk.world.ssoctl(words).expect_code(1);
    assert!(run.stdout.contains("the client secret is not readable text"), "{}", run.stdout);
}

#[test]
fn a_pipe_that_nobody_writes_to_is_not_waited_for_without_end() {
    let desk = Desk::new();
    let pipe = desk.world.folder().join("pipe");
    rustix::fs::mknodat(
        rustix::fs::CWD,
        &pipe,
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR,
        0,
    )
    .unwrap();
    let words = || desk.request("onboard", &["--client-secret-file", "pipe", "--yes", "-o", "json"]);
    let run = desk.world.ssoctl(words()).expect_code(2);
    assert!(run.stderr.contains("after ten seconds"), "{}", run.stderr);
    let writer = std::thread::spawn({
        let pipe = pipe.clone();
        move || std::fs::write(pipe, CLIENT_SECRET)
    });
    let report = desk.world.ssoctl(words()).expect_code(0).json();
    assert_eq!(report["outcome"], "onboarded");
    writer.join().unwrap().unwrap();
}

#[test]
fn a_secret_that_is_no_text_is_refused_and_the_refusal_recorded() {
    let desk = Desk::new();
    let words = desk.request("onboard", &["--client-secret-stdin", "--yes", "-o", "json"]);
    let report = desk.world.with_stdin(b"CANARY\xE9".as_slice()).ssoctl(words).expect_code(1).json();
    assert_eq!((&report["outcome"], codes(&report, "request-complete")), (&"refused".into(), vec!["secret_encoding"]));
    let log = desk.world.ssoctl(["audit", "list", "-o", "json"]).expect_code(0).json();
    assert_eq!(log["rows"].as_array().unwrap().len(), 1, "{log}");
}
