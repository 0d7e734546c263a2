//! A secret is in no stream, no file, no audit row and no process list, whatever happens.

use std::process::Stdio;

use crate::support::desk::{Desk, column, wait_until};
use crate::support::provider::{Behaviour, CLIENT_ID, CLIENT_SECRET, Dialect, Provider, Reply, Route};
use crate::support::world::Run;

/// The spellings in which a leak would show.
pub(super) fn spellings(secret: &str) -> Vec<String> {
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
    let encoded: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let hex = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    let header = STANDARD.encode(format!("{CLIENT_ID}:{secret}"));
    vec![secret.to_owned(), encoded, hex, header, STANDARD.encode(secret), URL_SAFE_NO_PAD.encode(secret)]
}

#[track_caller]
fn nothing_leaked(desk: &Desk, runs: &[Run]) {
    std::fs::remove_file(desk.world.path("secret.txt")).unwrap();
    for needle in spellings(CLIENT_SECRET) {
        for run in runs {
            assert!(!run.everything().contains(&needle), "{needle} in {}", run.everything());
        }
        let files = desk.world.files_containing(&needle);
        assert!(files.is_empty(), "{needle} in {files:?}");
        for row in desk.stored().concat() {
            assert!(!row.contains(&needle), "{needle} in {row}");
        }
    }
}

/// Every way of telling more.
fn in_every_voice(desk: &Desk, words: &[&str]) -> Vec<Run> {
    [&["-vvv"] as &[&str], &["-o", "json", "-vvv"], &["--color", "always"], &[]]
        .iter()
        .map(|voice| {
            let words = desk.complete(&[words, voice].concat());
            desk.world.with_env("RUST_LOG", "trace").with_env("RUST_BACKTRACE", "full").ssoctl(words)
        })
        .collect()
}

#[test]
fn the_secret_that_is_looked_for_is_really_sent() {
    let desk = Desk::new();
    desk.onboard(&[]).expect_code(0);
    let sent = desk.provider.requests_to(Route::Token);
    let sent = sent.iter().map(|request| String::from_utf8_lossy(&request.raw).into_owned()).collect::<String>();
    assert!(spellings(CLIENT_SECRET).iter().any(|needle| sent.contains(needle)), "{sent}");
}

#[test]
fn the_search_would_find_a_leak() {
    let desk = Desk::new();
    let [file] = desk.world.files_containing(CLIENT_SECRET).try_into().unwrap();
    assert_eq!(file, desk.world.path("secret.txt"));
}

#[test]
fn a_success_does_not_show_it() {
    let desk = Desk::new();
    let mut runs = in_every_voice(&desk, &[]);
    assert_eq!(runs[0].code, Some(0));
    assert!(runs[0].stderr.len() > 200, "-vvv says what is going on: {}", runs[0].stderr);
    runs.push(desk.connection(&["show", "--team", "1042", "-vvv"]));
    runs.push(desk.world.ssoctl(["audit", "list", "-o", "json", "-vvv"]));
    runs.push(desk.connection(&["suspend", "--team", "1042", "--yes", "-vvv"]));
    runs.push(desk.connection(&["activate", "--team", "1042", "--yes", "-vvv"]).expect_code(0));
    nothing_leaked(&desk, &runs);
}

#[test]
fn a_refusal_does_not_show_it() {
    let desk = Desk::facing(Provider::new().client(CLIENT_ID, "another"));
    let runs = in_every_voice(&desk, &[]);
    assert!(runs.iter().all(|run| run.code == Some(1)));
    nothing_leaked(&desk, &runs);
}

#[test]
fn a_provider_that_throws_it_back_does_not_get_it_printed() {
    for status in [200, 401] {
        let desk = Desk::facing(
            Provider::new()
                .on(Route::Token, Behaviour::echo(status))
                .on(Route::Authorize, Behaviour::redirect(&format!("https://x.example/?leak={CLIENT_SECRET}"))),
        );
        let runs = in_every_voice(&desk, &["--dry-run"]);
        nothing_leaked(&desk, &runs);
    }
}

#[test]
fn an_error_description_that_repeats_it_is_not_repeated() {
    let reply = Reply::error(401, "invalid_client", Some(&format!("wrong: {CLIENT_SECRET}")));
    let desk = Desk::facing(Provider::new().on(Route::Token, Behaviour::reply(reply)));
    let runs = in_every_voice(&desk, &[]);
    nothing_leaked(&desk, &runs);
}

#[test]
fn tokens_that_a_provider_hands_out_are_kept_nowhere() {
    let desk = Desk::facing(Provider::new().on(Route::Token, Behaviour::dialect(Dialect::Generous)));
    let runs = in_every_voice(&desk, &[]);
    for run in &runs {
        assert!(!run.everything().contains("CANARY-access"), "{}", run.everything());
    }
    assert!(desk.world.files_containing("CANARY-access").is_empty());
    nothing_leaked(&desk, &runs);
}

#[test]
fn a_fault_does_not_show_it() {
    let desk = Desk::new();
    desk.world.sql("UPDATE sso_schema_history SET version = 99");
    let runs = in_every_voice(&desk, &[]);
    assert!(runs.iter().all(|run| run.code == Some(70)));
    desk.world.sql("UPDATE sso_schema_history SET version = 1");
    nothing_leaked(&desk, &runs);
}

#[test]
fn the_process_list_does_not_show_it() {
    let desk = Desk::facing(Provider::new().on(Route::Token, Behaviour::baseline().delay_ms(400)));
    for source in ["file", "environment"] {
        let words = match source {
            "file" => desk.complete(&["--dry-run"]),
            _ => desk.request("onboard", &["--dry-run"]),
        };
        let mut command = desk.world.command(words);
        if source == "environment" {
            command.env("SSOCTL_CLIENT_SECRET", CLIENT_SECRET);
        }
        let asked = desk.provider.requests_to(Route::Token).len();
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let mut samples = Vec::new();
        // Until the secret has been sent, it has certainly been read.
        wait_until("the token request", || {
            samples.push(std::fs::read(format!("/proc/{}/cmdline", child.id())).unwrap());
            desk.provider.requests_to(Route::Token).len() > asked
        });
        assert!(child.wait().unwrap().success());
        assert!(samples.iter().any(|sample| sample.windows(7).any(|window| window == b"onboard")));
        for sample in samples {
            assert!(!String::from_utf8_lossy(&sample).contains(CLIENT_SECRET), "{source}");
        }
    }
}

#[test]
fn the_program_that_prints_a_mail_password_is_not_given_it() {
    let desk = Desk::new();
    let config = std::fs::read_to_string(desk.world.config()).unwrap();
    let mail = "\n[reply]\nfrom = \"Support <support@example.com>\"\n\n[smtp]\nserver = \"localhost:1\"\nuser = \"support\"\n\
                password_command = [\"sh\", \"-c\", \"env >given.txt; echo password\"]\n";
    desk.world.write("ssoctl.toml", config + mail);
    let words = desk.request("onboard", &["--yes", "--send"]);
    // Nobody listens there: all is done but the sending.
    desk.world.with_env("SSOCTL_CLIENT_SECRET", CLIENT_SECRET).ssoctl(words).expect_code(75);
    let given = std::fs::read_to_string(desk.world.path("given.txt")).unwrap();
    assert!(given.contains("PATH=") && !given.contains(CLIENT_SECRET), "{given}");
}

#[test]
fn a_password_in_an_address_is_not_repeated() {
    let desk = Desk::new();
    let address = "https://jane:CANARY-pass@idp.acme.example/path";
    for flag in ["--issuer", "--metadata"] {
        for verb in ["check", "onboard"] {
            for form in [["-vvv", "--ticket=1"], ["-o", "json"]] {
                let words = [&[verb, "--owner", "jane@acme.example", flag, address], form.as_slice()].concat();
                let words = if verb == "onboard" { [&words, ["--yes"].as_slice()].concat() } else { words };
                let call = desk.world.with_env("SSOCTL_CLIENT_SECRET", CLIENT_SECRET);
                let run = call.ssoctl(words).expect_code(if verb == "onboard" && flag == "--issuer" { 2 } else { 1 });
                assert!(!run.everything().contains("CANARY"), "{}", run.everything());
            }
        }
    }
    assert!(desk.world.files_containing("CANARY-pass").is_empty());
}

/// A limit of nothing would not do: Linux gives a dump to the program that `core_pattern` names even then.
#[test]
#[cfg(target_os = "linux")]
fn no_core_is_dumped_of_it() {
    let desk = Desk::facing(Provider::new().on(Route::Token, Behaviour::baseline().delay_ms(400)));
    let mut command = desk.world.command(desk.complete(&["--dry-run"]));
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    wait_until("the token request", || !desk.provider.requests_to(Route::Token).is_empty());
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", child.id())).unwrap();
    assert!(child.wait().unwrap().success());
    let core = limits.lines().find_map(|line| line.strip_prefix("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().next(), Some("1"), "{limits}");
}

#[test]
fn what_is_stored_is_sealed() {
    let desk = Desk::new();
    desk.onboard(&[]).expect_code(0);
    let sealed = column(desk.world.sql("SELECT client_secret_jwe FROM sso_connections"));
    assert_eq!(sealed[0].split('.').count(), 5, "a compact JWE: {}", sealed[0]);
}
