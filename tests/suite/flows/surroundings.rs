//! Pipes, odd environments, odd arguments: said plainly, and never a panic.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;

use crate::support::desk::{Desk, JANE};
use crate::support::provider::{Behaviour, Provider, Route};
use crate::support::world::{BINARY, Run, World};

/// Every ending is one of the contract's, and none is a panic.
#[track_caller]
fn civil(run: &Run) {
    assert!(matches!(run.code, Some(0 | 1 | 2 | 3 | 70)), "{run:?}");
    assert!(!run.stderr.contains("panicked") && !run.stderr.contains("RUST_BACKTRACE"), "{}", run.stderr);
}

#[test]
fn what_is_missing_is_named_flag_by_flag() {
    let desk = Desk::new();
    let all = ["--owner", "--issuer", "--client-id", "--client-secret-file"];
    let run = desk.world.ssoctl(["onboard", "--yes"]).expect_code(2);
    assert!(all.iter().all(|flag| run.stderr.contains(flag)), "{}", run.stderr);
    assert_eq!(run.stdout, "");
    let run = desk.world.ssoctl(["onboard", "--yes", "--owner", JANE, "--client-id", "x"]).expect_code(2);
    assert!(run.stderr.contains("add --issuer") && !run.stderr.contains("add --owner"), "{}", run.stderr);
    assert!(desk.stored().is_empty());
}

#[test]
fn a_write_in_a_pipe_needs_yes() {
    let desk = Desk::new();
    let run = desk.world.ssoctl(desk.request("onboard", &["--client-secret-file", "secret.txt"])).expect_code(2);
    assert!(run.stderr.contains("--yes") && run.stderr.contains("--dry-run"), "{}", run.stderr);
    assert!(desk.stored().is_empty() && desk.provider.requests().is_empty());
    desk.onboard(&[]).expect_code(0);
    for verb in ["suspend", "remove", "activate"] {
        if verb == "activate" {
            desk.connection(&["suspend", "--team", "1042", "--yes"]).expect_code(0);
        }
        let before = desk.stored();
        let run = desk.connection(&[verb, "--team", "1042"]).expect_code(2);
        assert!(run.stderr.contains("add --yes"), "{verb}: {}", run.stderr);
        assert_eq!(desk.stored(), before, "{verb}");
    }
}

#[test]
fn an_answer_on_standard_input_is_not_taken_for_a_confirmation() {
    let desk = Desk::new();
    let words = desk.request("onboard", &["--client-secret-file", "secret.txt"]);
    desk.world.with_stdin("y\ny\ny\n").ssoctl(words).expect_code(2);
    assert!(desk.stored().is_empty());
}

#[test]
fn arguments_that_are_no_text_are_wrong_usage() {
    let desk = Desk::new();
    let odd = OsStr::from_bytes(b"ja\xffne@acme.example");
    for words in [
        vec![OsStr::new("onboard"), OsStr::new("--owner"), odd],
        vec![OsStr::new("explain"), odd],
        vec![odd],
        vec![OsStr::new("connection"), OsStr::new("show"), odd],
        vec![OsStr::new("--actor"), odd, OsStr::new("audit"), OsStr::new("list")],
    ] {
        let run = desk.world.ssoctl(&words).expect_code(2);
        civil(&run);
        assert_eq!(run.stdout, "");
    }
}

#[test]
fn a_path_that_is_no_text_is_a_path() {
    let desk = Desk::new();
    let name = OsStr::from_bytes(b"secr\xffet.txt");
    std::fs::copy(desk.world.path("secret.txt"), desk.world.folder().join(name)).unwrap();
    let mut words: Vec<OsString> = desk.request("onboard", &["--yes"]).into_iter().map(OsString::from).collect();
    words.extend([OsString::from("--client-secret-file"), name.to_owned()]);
    civil(&desk.world.ssoctl(words).expect_code(0));
}

#[test]
fn an_empty_environment_is_enough_with_paths_given() {
    let desk = Desk::new();
    let mut command = desk.world.command(desk.complete(&[]));
    let output = command.env_clear().output().unwrap();
    let err = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{err}");
    assert_eq!(desk.connections(), [["active", "acme.example"]]);
}

#[test]
fn without_a_home_and_a_configuration_the_defaults_are_used() {
    let world = World::empty();
    std::fs::remove_file(world.config()).unwrap();
    let run = world.call().program("env", ["-u", "HOME", BINARY, "connection", "list"]);
    civil(&run);
    assert!(run.code == Some(70) && run.stderr.contains("ssoctl init"), "{run:?}");
}

#[test]
fn odd_settings_of_the_terminal_do_no_harm() {
    let desk = Desk::new();
    for (name, value) in [
        ("COLUMNS", "-5"),
        ("COLUMNS", "0"),
        ("COLUMNS", "99999999999999999999"),
        ("LINES", "x"),
        ("NO_COLOR", ""),
        ("NO_COLOR", "1"),
        ("TERM", "dumb"),
        ("TERM", ""),
        ("LC_ALL", "tr_TR.UTF-8"),
        ("LC_ALL", "C"),
        ("LANG", "\u{1b}[2J"),
        ("TZ", "Asia/Kathmandu"),
    ] {
        for words in [desk.complete(&["--dry-run"]), vec!["onboard".to_owned(), "--help".to_owned()]] {
            let run = desk.world.with_env(name, value).ssoctl(words);
            civil(&run);
            assert_eq!(run.code, Some(0), "{name}={value:?}: {}", run.stderr);
            assert!(!run.everything().contains('\u{1b}'), "{name}={value:?}: {}", run.everything());
        }
    }
}

#[test]
fn a_turkish_locale_changes_no_word() {
    let desk = Desk::new();
    let words = || desk.complete(&["--dry-run", "-o", "json"]);
    let timeless = |run: Run| {
        let mut document = run.expect_code(0).json();
        for check in document["checks"].as_array_mut().unwrap() {
            check.as_object_mut().unwrap().shift_remove("elapsed_ms");
        }
        document
    };
    let turkish = timeless(desk.world.with_env("LC_ALL", "tr_TR.UTF-8").ssoctl(words()));
    assert_eq!(turkish, timeless(desk.world.ssoctl(words())));
}

#[test]
fn colour_is_there_when_it_is_asked_for() {
    let desk = Desk::new();
    let run = desk.onboard(&["--dry-run", "--color", "always"]).expect_code(0);
    assert!(run.stdout.contains("\u{1b}["), "{}", run.stdout);
}

#[test]
fn a_reader_that_goes_away_is_no_fault() {
    let desk = Desk::new();
    let config = desk.world.config().display().to_string();
    for words in ["schema", "explain", "completions bash", "man", "--help", "demo"] {
        let script = format!(
            "set -o pipefail; '{BINARY}' --config '{config}' {words} | head -c 1 >/dev/null; echo \"${{PIPESTATUS[0]}}\""
        );
        let run = desk.world.call().program("bash", ["-c", &script]);
        assert_eq!((run.stdout.trim(), run.stderr.as_str()), ("0", ""), "{words}");
    }
}

#[test]
fn closed_streams_are_no_panic() {
    let desk = Desk::new();
    let config = desk.world.config().display().to_string();
    for closed in [">&-", "2>&-", "<&-", ">&- 2>&- <&-", ">/dev/full"] {
        let script = format!("'{BINARY}' --config '{config}' explain {closed}; echo \"status $?\" >status.txt");
        let run = desk.world.call().program("sh", ["-c", &script]);
        let status = std::fs::read_to_string(desk.world.path("status.txt")).unwrap();
        let expected = if closed == ">/dev/full" { "status 70\n" } else { "status 0\n" };
        assert!(status == expected, "{closed}: {status}");
        assert!(!run.stderr.contains("panicked"), "{closed}: {}", run.stderr);
    }
}

#[test]
fn a_result_that_cannot_be_written_says_so() {
    let world = World::empty();
    for words in ["explain", "--help", "onboard --help", "--version"] {
        let script = format!("'{BINARY}' {words} >/dev/full");
        let run = world.call().program("sh", ["-c", &script]).expect_code(70);
        assert!(run.stderr.contains("could not write the result"), "{words}: {}", run.stderr);
    }
}

#[test]
fn a_mistyped_word_is_answered_with_what_there_is() {
    let world = World::empty();
    for (words, said) in [
        (vec!["onbord"], "did you mean `onboard`?"),
        (vec!["onboard", "--ownr", JANE], "there is no flag `--ownr` here"),
        (vec!["onboard", "--ownr", JANE], "did you mean `--owner`?"),
        (vec!["onboard", "--owner"], "`--owner <EMAIL>` needs a value"),
        (vec!["prepare"], "--owner <EMAIL>"),
        (vec!["audit"], "verify"),
    ] {
        let run = world.ssoctl(&words).expect_code(2);
        assert!(run.stderr.contains(said) && run.stdout.is_empty(), "{words:?}: {run:?}");
    }
    // Of several, the likeliest comes first.
    let run = world.ssoctl(["conection", "list"]).expect_code(2);
    let first = run.stderr.lines().find(|line| line.contains("did you mean"));
    assert_eq!(first, Some("  hint: did you mean `connection`?"), "{}", run.stderr);
}

#[test]
fn file_names_reach_the_terminal_printable() {
    let world = World::new();
    let hostile = "\u{1b}[2J\u{7}\u{9b}31m\u{202e}\u{200b}\nerror: evil";
    let database = format!("sqlite:{hostile}.db");
    let mut shown = String::new();
    for words in [
        vec!["--database", &database, "connection", "list"],
        vec!["--database", &database, "doctor", "--offline"],
        vec!["--ca-cert", hostile, "check", "--issuer", "https://a.example"],
        vec!["check", "--client-secret-file", hostile],
        vec!["check", hostile],
        vec![hostile],
        vec!["check", "-o", hostile],
        vec!["man", "--out", hostile],
    ] {
        shown.push_str(&world.ssoctl(&words).everything());
    }
    shown.push_str(&world.call().program(BINARY, ["--config", hostile, "doctor", "--offline"]).everything());
    let fresh = format!("{hostile}/ssoctl.toml");
    for words in [["--config", &fresh, "init"], ["--config", &fresh, "doctor"]] {
        let words = words.iter().copied().chain(["--offline"].into_iter().filter(|_| words[2] == "doctor"));
        shown.push_str(&world.call().program(BINARY, words).everything());
    }
    for character in ['\u{1b}', '\u{7}', '\u{9b}', '\u{202e}', '\u{200b}'] {
        assert!(!shown.contains(character), "{character:?} in {shown}");
    }
    assert!(!shown.lines().any(|line| line.starts_with("error: evil")), "{shown}");
    assert!(shown.contains(r"\u{1b}[2J\u{7}\u{9b}31m\u{202e}"), "{shown}");
}

#[test]
fn control_characters_from_outside_never_reach_the_streams() {
    let hostile = "\u{1b}[2J\u{7}\u{9b}31m\u{202e}evil\u{200b}";
    let members = serde_json::json!({"issuer": format!("https://x.example/{hostile}"), "jwks_uri": hostile});
    let desk = Desk::facing(Provider::new().on(Route::Discovery, Behaviour::patch(members)));
    desk.world.sql("UPDATE product_teams SET name = 'Ac' || char(27) || '[31mme' WHERE id = '1042'");
    let issuer = desk.provider.issuer();
    let plain = ["--owner", JANE, "--issuer", issuer, "--client-id", "0oa1", "--client-secret-file", "secret.txt"];
    let odd = ["--requested-by", hostile, "--ticket", hostile, "--domain", hostile, "--actor", hostile];
    let mut shown = String::new();
    for given in [plain.to_vec(), [plain.as_slice(), &odd].concat()] {
        for more in [&[] as &[&str], &["-o", "json"], &["-vvv"]] {
            let run = desk.world.ssoctl(desk.words(&["onboard", "--yes"], &[&given, more].concat())).expect_code(1);
            shown.push_str(&run.everything());
        }
    }
    shown.push_str(&desk.world.ssoctl(["audit", "list"]).expect_code(0).stdout);
    shown.push_str(&desk.world.ssoctl(["audit", "list", "-o", "json"]).expect_code(0).stdout);
    for character in ['\u{1b}', '\u{7}', '\u{9b}', '\u{202e}', '\u{200b}'] {
        assert!(!shown.contains(character), "{character:?} in {shown}");
    }
    // They are shown for what they are.
    for escaped in [r"Ac\u{1b}[31mme", r"https://x.example/\u{1b}[2J\u{7}\u{9b}31m\u{202e}evil\u{200b}"] {
        assert!(shown.contains(escaped), "{escaped} is not in {shown}");
    }
}

#[test]
fn quiet_leaves_the_result_alone() {
    let desk = Desk::new();
    let run = desk.onboard(&["-q"]).expect_code(0);
    assert!(run.stdout.contains("Done: ") && run.stderr.is_empty(), "{run:?}");
}

#[test]
fn the_version_is_printed_without_a_configuration() {
    let world = World::empty();
    std::fs::remove_file(world.config()).unwrap();
    let run = world.ssoctl(["--version"]).expect_code(0);
    assert_eq!(run.stdout, format!("ssoctl {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
#[cfg(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu"))]
fn the_program_needs_no_library_of_the_machine_where_it_can_be_linked_so() {
    use std::io::Read as _;

    let found = std::process::Command::new("cc").arg("-print-file-name=libc.a").output().unwrap();
    if !found.stdout.starts_with(b"/") || option_env!("SSOCTL_LINK") == Some("dynamic") {
        eprintln!("linked with the machine's libraries, so there is nothing to look at");
        return;
    }
    // A program that needs them names their loader near its beginning.
    let mut beginning = [0; 4096];
    std::fs::File::open(BINARY).unwrap().read_exact(&mut beginning).unwrap();
    let loader = b"/ld-linux";
    assert!(!beginning.windows(loader.len()).any(|bytes| bytes == loader), "it is linked dynamically");
}
