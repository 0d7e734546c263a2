//! An installation that may be read and not written: what reviewers have.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;

use crate::support::desk::{Desk, JANE};
use crate::support::world::{BINARY, Run};

/// Runs the binary as somebody who may read the configuration and the database, and may write nothing in their folder.
fn review(desk: &Desk, words: &[&str]) -> Run {
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
    let command = [&[BINARY, "--config", &config], words].concat();
    let run = if rustix::process::geteuid().is_root() {
        // Root writes whatever the modes say.
        let somebody = ["--reuid=65534", "--regid=65534", "--clear-groups"];
        world.call().program("setpriv", somebody.into_iter().chain(command))
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
