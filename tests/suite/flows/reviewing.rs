//! An installation that may be read and not written: what reviewers have.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;

use crate::support::desk::{Desk, JANE, TICKET, codes};
use crate::support::provider::{CLIENT_ID, CLIENT_SECRET, Provider};
use crate::support::world::{BINARY, Run};

/// Who reviews, where root would.
const NOBODY: u32 = 65534;

/// Runs the binary as somebody who may read the configuration and the database, and may write nothing in their folder.
fn review<W: AsRef<str>>(desk: &Desk, words: &[W]) -> Run {
    let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
    let world = &desk.world;
    let give = |name: &str, mode: u32| {
        let path = world.path(name);
        if path.exists() {
            std::fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
        }
    };
    let files = ["ssoctl.toml", "ssoctl.db", "ssoctl.db-wal", "ssoctl.db-shm"];
    for name in files {
        give(name, 0o444);
    }
    give("", 0o555);
    let config = world.config().display().to_string();
    let command = [&[BINARY, "--config", &config], words.as_slice()].concat();
    let run = if rustix::process::geteuid().is_root() {
        // Root writes whatever the modes say.
        let somebody = [format!("--reuid={NOBODY}"), format!("--regid={NOBODY}"), "--clear-groups".to_owned()];
        world.call().program("setpriv", somebody.into_iter().chain(command.into_iter().map(str::to_owned)))
    } else {
        world.call().program(BINARY, command.into_iter().skip(1))
    };
    give("", 0o755);
    for name in files {
        give(name, 0o600);
    }
    run
}

fn files(desk: &Desk) -> Vec<std::ffi::OsString> {
    let mut names: Vec<_> =
        std::fs::read_dir(desk.world.folder()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    names
}

#[test]
fn whoever_may_only_read_can_check_and_list_and_verify() {
    let desk = Desk::new();
    desk.onboard(&[]).expect_code(0);
    let before = files(&desk);
    for (words, said) in [
        (["connection", "list"].as_slice(), "acme.example"),
        (&["connection", "show", "--team", "1042"], "active"),
        (&["scim", "list"], "No SCIM tokens yet"),
        (&["audit", "list"], "onboarded"),
        (&["audit", "verify"], "Intact: 1 row"),
        (&["db", "status"], "as this ssoctl needs it"),
    ] {
        let run = review(&desk, words).expect_code(0);
        assert!(run.stdout.contains(said), "{words:?}: {}", run.stdout);
    }
    let run = review(&desk, &["check", "--owner", JANE]);
    assert!(run.stdout.contains("team-owner"), "{run:?}");
    assert_eq!(files(&desk), before, "nothing is made beside the database");
    let run = review(&desk, &["connection", "suspend", "--team", "1042", "--yes"]).expect_code(70);
    assert!(run.stderr.contains("nothing was written"), "{}", run.stderr);
}

#[test]
fn a_dry_run_needs_the_key_and_no_right_to_write() {
    let desk = Desk::new();
    if rustix::process::geteuid().is_root() {
        std::os::unix::fs::chown(desk.world.path("ssoctl.key"), Some(NOBODY), Some(NOBODY)).unwrap();
    }
    let secret = desk.world.write("shared.txt", CLIENT_SECRET).display().to_string();
    let before = files(&desk);
    let words = desk.request("onboard", &["--client-secret-file", &secret, "--dry-run", "-o", "json"]);
    assert_eq!(review(&desk, &words).expect_code(0).json()["outcome"], "would_onboard");
    let row = format!(
        "owner,issuer,client_id,client_secret\n{JANE},{},{CLIENT_ID},{CLIENT_SECRET}\n",
        desk.provider.issuer()
    );
    let list = desk.world.write("list.csv", row).display().to_string();
    let words = desk.words(&["bulk", &list], &["--dry-run", "-o", "json"]);
    assert_eq!(review(&desk, &words).expect_code(0).json()["outcome"], "would_onboard");
    assert_eq!(files(&desk).len(), before.len() + 1, "nothing is made beside the list");
    let run = review(&desk, &desk.request("onboard", &["--client-secret-file", &secret, "--yes"])).expect_code(70);
    assert!(run.stderr.contains("nothing was written"), "{}", run.stderr);
}

#[test]
fn a_reply_is_printed_again_for_whoever_may_only_read() {
    let desk = Desk::facing(Provider::new().client(CLIENT_ID, "another secret"));
    desk.onboard(&[]).expect_code(1);
    let run = review(&desk, &["reply", "--ticket", TICKET]).expect_code(0);
    assert!(run.stdout.contains("Hello Jane"), "{}", run.stdout);
}

#[test]
fn without_the_key_a_stored_secret_is_not_said_to_be_the_same() {
    let desk = Desk::new();
    desk.onboard(&[]).expect_code(0);
    let secret = desk.world.write("shared.txt", CLIENT_SECRET).display().to_string();
    let words = desk.request("check", &["--client-secret-file", &secret, "-o", "json"]);
    assert_eq!(codes(&review(&desk, &words).expect_code(0).json(), "team-connection"), ["secret_not_compared"]);
    assert!(codes(&desk.world.ssoctl(words).expect_code(0).json(), "team-connection").is_empty());
}

#[test]
fn what_somebody_else_has_written_meanwhile_is_read_too() {
    let desk = Desk::new();
    desk.onboard(&[]).expect_code(0);
    let other = rusqlite::Connection::open(desk.world.database()).unwrap();
    other.execute("UPDATE product_teams SET name = 'Acme Anvils' WHERE id = '1042'", []).unwrap();
    let run = review(&desk, &["connection", "list"]).expect_code(0);
    assert!(run.stdout.contains("Acme Anvils"), "it stands in the log alone: {}", run.stdout);
}

#[test]
fn a_log_that_only_a_writer_can_take_in_is_not_left_out() {
    let desk = Desk::new();
    desk.world.write("ssoctl.db-wal", b"a log without its index");
    let run = review(&desk, &["connection", "list"]).expect_code(70);
    assert!(run.stderr.contains("-wal") && !desk.world.path("ssoctl.db-shm").exists(), "{}", run.stderr);
}
