//! `init`, `doctor`, `db`, `explain`, and what a shell is given: the tool and its surroundings in order, and not.

use std::os::unix::fs::PermissionsExt as _;

use serde_json::Value;

use crate::support::desk::{Desk, column};
use crate::support::postgres::Database;
use crate::support::saml_provider::SamlProvider;
use crate::support::world::{BINARY, Run, World};

fn doctor(world: &World, code: i32) -> Run {
    world.ssoctl(["doctor", "--offline"]).expect_code(code)
}

/// Fails the test unless a line says `verdict what` and holds `words`, and something says `next`.
#[track_caller]
fn said(run: &Run, verdict: &str, what: &str, words: &str, next: &str) {
    let line = run.stdout.lines().find(|line| line.starts_with(&format!("{verdict:<7} {what}")));
    let line = line.unwrap_or_else(|| panic!("no {verdict} {what} in\n{}", run.stdout));
    assert!(line.contains(words), "{line}");
    assert!(run.stdout.contains(next), "no `{next}` in\n{}", run.stdout);
}

#[test]
fn doctor_finds_a_fresh_installation_sound() {
    let run = doctor(&World::new(), 0);
    for what in ["clock", "configuration", "sealing key", "database", "audit log", "network"] {
        assert!(run.stdout.contains(&format!("pass    {what}")), "{what}: {}", run.stdout);
    }
    assert_eq!(run.stderr, "");
}

#[test]
fn doctor_names_a_missing_key() {
    let world = World::new();
    std::fs::remove_file(world.path("ssoctl.key")).unwrap();
    said(&doctor(&world, 70), "fail", "sealing key", "ssoctl.key", "ssoctl init");
}

#[test]
fn a_lost_key_is_not_replaced_by_a_new_one_that_opens_nothing() {
    let desk = Desk::new();
    desk.onboard(&[]).expect_code(0);
    let key = std::fs::read_to_string(desk.world.path("ssoctl.key")).unwrap();
    let kid = serde_json::from_str::<Value>(&key).unwrap()["keys"][0]["kid"].as_str().unwrap().to_owned();
    std::fs::remove_file(desk.world.path("ssoctl.key")).unwrap();
    let run = desk.world.ssoctl(["init"]).expect_code(70);
    assert!(run.stderr.contains(&kid) && run.stderr.contains("restore the copy"), "{}", run.stderr);
    assert!(!desk.world.path("ssoctl.key").exists());
    said(&doctor(&desk.world, 70), "fail", "sealed secrets", &kid, "restore the copy");

    // The way out that the message names, once no copy is left.
    desk.connection(&["remove", "--team", "1042", "--yes"]).expect_code(0);
    desk.world.ssoctl(["init"]).expect_code(0);
    said(&doctor(&desk.world, 0), "pass", "sealed secrets", "0 stored", "");
}

#[test]
fn doctor_notices_what_somebody_took_from_our_own_tables() {
    let world = World::new();
    world.sql("DROP TRIGGER sso_audit_log_no_update");
    world.sql("DROP INDEX sso_domains_by_connection");
    let run = doctor(&world, 70);
    said(&run, "fail", "audit log", "the trigger sso_audit_log_no_update is gone or off", "ssoctl audit verify");
    said(&run, "warn", "indexes", "the index sso_domains_by_connection", "create it again");

    let world = World::on_postgres();
    doctor(&world, 0);
    world.sql("ALTER TABLE sso_audit_log DISABLE TRIGGER sso_audit_log_no_change");
    world.sql("DROP INDEX scim_tokens_by_connection");
    let run = doctor(&world, 70);
    said(&run, "fail", "audit log", "the trigger sso_audit_log_no_change is gone or off", "ssoctl audit verify");
    said(&run, "warn", "indexes", "the index scim_tokens_by_connection", "create it again");
}

#[test]
fn doctor_names_a_key_that_the_key_file_does_not_hold() {
    let desk = Desk::new();
    desk.onboard(&[]).expect_code(0);
    said(&doctor(&desk.world, 0), "pass", "sealed secrets", "1 stored", "");
    std::fs::copy(World::new().path("ssoctl.key"), desk.world.path("ssoctl.key")).unwrap();
    said(&doctor(&desk.world, 70), "fail", "sealed secrets", "not at hand", "restore the copy");
}

#[test]
fn doctor_names_a_key_that_others_can_read() {
    let world = World::new();
    std::fs::set_permissions(world.path("ssoctl.key"), std::fs::Permissions::from_mode(0o644)).unwrap();
    said(&doctor(&world, 70), "fail", "sealing key", "ssoctl.key", "chmod 600");
}

#[test]
fn doctor_names_a_database_that_others_can_read_or_write() {
    let world = World::new();
    for (mode, what) in [(0o644, "may read it (mode 0644)"), (0o666, "may write it, and so decide who owns which team")]
    {
        std::fs::set_permissions(world.database(), std::fs::Permissions::from_mode(mode)).unwrap();
        said(&doctor(&world, 0), "warn", "database file", what, "chmod 600");
    }
}

#[test]
fn nothing_is_sealed_with_a_key_that_others_can_read() {
    let desk = Desk::new();
    std::fs::set_permissions(desk.world.path("ssoctl.key"), std::fs::Permissions::from_mode(0o644)).unwrap();
    let run = desk.onboard(&[]).expect_code(70);
    assert!(run.stderr.contains("chmod 600"), "{}", run.stderr);
    assert!(desk.stored().is_empty() && desk.provider.requests().is_empty());
}

#[test]
fn doctor_names_a_key_file_that_is_none() {
    let world = World::new();
    let key = world.write("ssoctl.key", "CANARY-not-a-key");
    std::fs::set_permissions(key, std::fs::Permissions::from_mode(0o600)).unwrap();
    let run = doctor(&world, 70);
    said(&run, "fail", "sealing key", "ssoctl.key", "restore it from your copy");
    assert!(!run.everything().contains("CANARY"), "{}", run.everything());
}

#[test]
fn doctor_names_a_missing_database() {
    let world = World::new();
    std::fs::remove_file(world.database()).unwrap();
    said(&doctor(&world, 70), "fail", "database", "there is no database at", "ssoctl init");
}

#[test]
fn a_schema_of_another_version_is_named_and_left_alone() {
    for (version, words, next) in [(0, "version 0", "ssoctl db migrate"), (99, "newer", "update this one")] {
        let world = World::new();
        world.sql(&format!("UPDATE sso_schema_history SET version = {version}"));
        said(&doctor(&world, 70), "fail", "database", words, next);
        let run = world.ssoctl(["connection", "list"]).expect_code(70);
        assert!(run.stderr.contains(words) && run.stderr.contains(next), "{}", run.stderr);
    }
}

#[test]
fn doctor_names_a_file_that_is_no_database() {
    let world = World::new();
    world.write("ssoctl.db", "no database at all, only words, and long enough to be taken for a header".repeat(20));
    for leftover in ["ssoctl.db-wal", "ssoctl.db-shm"] {
        let _ = std::fs::remove_file(world.path(leftover));
    }
    said(&doctor(&world, 70), "fail", "database", "damaged or not a database", "restore the last copy");
}

#[test]
fn an_unknown_key_in_the_configuration_is_named_with_its_line() {
    let world = World::new();
    let mut text = std::fs::read_to_string(world.config()).unwrap();
    text.push_str("\n[policy]\nallow_everything = true\n");
    world.write("ssoctl.toml", &text);
    let line = text.lines().position(|line| line.starts_with("allow_everything")).unwrap() + 1;
    said(&doctor(&world, 70), "fail", "configuration", "allow_everything", "mend that line");
    let run = world.ssoctl(["connection", "list"]).expect_code(70);
    assert!(run.stderr.contains("allow_everything") && run.stderr.contains(&format!("line {line}")), "{}", run.stderr);
}

#[test]
fn a_bad_certificate_file_is_named() {
    let world = World::new();
    world.write("empty.pem", "no certificate in here\n");
    for file in ["missing.pem", "empty.pem"] {
        let run = world.ssoctl(["doctor", "--offline", "--ca-cert", file]).expect_code(70);
        said(&run, "fail", "network", "certificate", "");
        let run = world.ssoctl(["check", "--issuer", "https://a.example", "--ca-cert", file]);
        assert!(matches!(run.code, Some(2 | 70)) && run.stderr.contains("certificate"), "{run:?}");
    }
}

#[test]
fn doctor_warns_about_what_is_merely_unwise() {
    let world = World::new();
    std::fs::set_permissions(world.database(), std::fs::Permissions::from_mode(0o644)).unwrap();
    let mut text = std::fs::read_to_string(world.config()).unwrap();
    text.push_str("\n[network]\nallow_origins = [\"https://10.0.0.1:8443\"]\n");
    world.write("ssoctl.toml", text);
    let run = doctor(&world, 0);
    said(&run, "warn", "database file", "0644", "chmod 600");
    said(&run, "warn", "guard", "https://10.0.0.1:8443", "remove allow_origins");
}

#[test]
fn doctor_tries_the_network_through_the_same_guard() {
    let desk = Desk::new();
    let url = format!("{}/.well-known/openid-configuration", desk.provider.issuer());
    let reach = |words: &[&str]| desk.world.ssoctl([&["doctor", "--reach", &url], words].concat());
    let access = desk.provider.access();
    let access: Vec<&str> = access.iter().map(String::as_str).collect();
    assert!(reach(&access).expect_code(0).stdout.contains("pass    network        reached"));
    let refused = reach(&[]).expect_code(0);
    said(&refused, "warn", "network", "could not reach", "proxy");
}

#[test]
fn setting_up_twice_keeps_everything() {
    let desk = Desk::new();
    desk.onboard(&[]).expect_code(0);
    let files = || ["ssoctl.toml", "ssoctl.key"].map(|name| std::fs::read(desk.world.path(name)).unwrap());
    let (before, stored) = (files(), desk.stored());
    let run = desk.world.ssoctl(["init", "--sample-data"]).expect_code(0);
    assert_eq!(run.stdout.matches("(kept as it is)").count(), 3, "{}", run.stdout);
    assert_eq!((files(), desk.stored()), (before, stored));
}

#[test]
fn doctor_finds_replies_that_every_command_would_stop_at() {
    let world = World::new();
    let text = std::fs::read_to_string(world.config()).unwrap();
    std::fs::write(world.config(), format!("{text}\n[reply]\nfolder = \"nowhere\"\n")).unwrap();
    world.ssoctl(["check", "--owner", "jane@acme.example"]).expect_code(70);
    said(&doctor(&world, 70), "fail", "replies", "could not read", "`folder` under [reply]");
}

#[test]
fn the_sample_is_not_mixed_with_a_product_that_is_there() {
    for world in [World::empty(), World::over(Database::new())] {
        world.ssoctl(["init"]).expect_code(0);
        world.sql("INSERT INTO product_users (id, email, name, active) VALUES ('1', 'bob@real.example', 'Bob', TRUE)");
        let run = world.ssoctl(["init", "--sample-data"]).expect_code(2);
        assert!(run.stderr.contains("people and teams of another one"), "{}", run.stderr);
        assert_eq!(column(world.sql("SELECT count(*) FROM product_users")), ["1"]);
        assert_eq!(column(world.sql("SELECT count(*) FROM product_memberships")), ["0"], "Bob owns no sample team");
    }
}

#[test]
fn setting_up_in_an_empty_folder_makes_everything_that_is_needed() {
    let world = World::empty();
    std::fs::remove_file(world.config()).unwrap();
    let init = ["--config", "ssoctl.toml", "init", "--public-url", "https://app.acme.example"];
    let words = ["-c", "umask 0; exec \"$@\"", "sh", BINARY].into_iter().chain(init);
    let run = world.call().program("sh", words).expect_code(0);
    assert_eq!(run.stdout.matches("(created)").count(), 3, "{}", run.stdout);
    let mode = std::fs::metadata(world.config()).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode & 0o022, 0, "others may write the configuration: {mode:o}");
    for file in ["ssoctl.key", "ssoctl.db"] {
        let mode = std::fs::metadata(world.path(file)).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode & 0o007, 0, "{file} is open to everybody: {mode:o}");
    }
    let mode = std::fs::metadata(world.path("ssoctl.key")).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
    doctor(&world, 0);
}

#[test]
fn a_configuration_in_the_xdg_folder_is_kept_and_not_hidden_by_a_new_one() {
    let world = World::empty();
    let folder = world.path(".config/ssoctl");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::rename(world.config(), folder.join("ssoctl.toml")).unwrap();
    let run = world.call().program(BINARY, ["init"]).expect_code(0);
    assert_eq!((run.stdout.matches("(kept as it is)").count(), run.stdout.matches("(created)").count()), (1, 2));
    assert!(folder.join("ssoctl.db").exists() && !world.config().exists() && !world.database().exists());
    let run = world.call().program(BINARY, ["init", "--sample-data"]).expect_code(2);
    assert!(run.stderr.contains("ssoctl init --config ssoctl.toml --sample-data"), "{}", run.stderr);
    let run = world.ssoctl(["init", "--sample-data"]).expect_code(0);
    assert!(world.database().exists() && run.stdout.contains("prepare --owner jane@acme.example --config"), "{run:?}");
}

#[test]
fn a_configuration_that_somebody_left_in_an_open_folder_is_used_only_where_it_is_named() {
    use std::os::unix::fs::PermissionsExt;
    let world = World::new();
    if std::os::unix::fs::chown(world.config(), Some(4711), None).is_err() {
        eprintln!("only root can give a file to another user: not tried");
        return;
    }
    // In a colleague's folder, or in a container, it is there on purpose.
    world.call().program(BINARY, ["check", "--owner", "jane@acme.example"]).expect_code(0);
    std::fs::set_permissions(world.folder(), PermissionsExt::from_mode(0o777)).unwrap();
    for words in [&["check", "--owner", "jane@acme.example"][..], &["doctor", "--offline"], &["init"]] {
        let run = world.call().program(BINARY, words);
        assert!(run.everything().contains("belongs to another user (uid 4711)"), "{words:?}: {run:?}");
        assert!(run.everything().contains("name it: --config ssoctl.toml;"), "{words:?}: {run:?}");
        assert_eq!(run.code, Some(70), "{words:?}: {run:?}");
    }
    world.ssoctl(["check", "--owner", "jane@acme.example"]).expect_code(0);
    let by_variable = world.call().with_env("SSOCTL_CONFIG", "ssoctl.toml");
    by_variable.program(BINARY, ["check", "--owner", "jane@acme.example"]).expect_code(0);
}

#[test]
fn a_public_url_that_is_none_is_refused_before_anything_is_made() {
    let world = World::empty();
    std::fs::remove_file(world.config()).unwrap();
    world.ssoctl(["init", "--public-url", "not a url"]).expect_code(2);
    assert_eq!(std::fs::read_dir(world.folder()).unwrap().count(), 0);
}

#[test]
fn a_database_url_that_cannot_be_read_is_refused_before_anything_is_made() {
    let world = World::empty();
    std::fs::remove_file(world.config()).unwrap();
    for (url, said) in [("postgres://amy:P@ssw0rd@db.example/shop", "%40"), ("ssw0rd.db", "`sqlite:PATH`")] {
        for words in [["init"].as_slice(), &["connection", "list"]] {
            let run = world.ssoctl([&["--database", url], words].concat()).expect_code(2);
            assert!(run.stderr.contains(said) && run.stderr.contains("--database"), "{}", run.stderr);
            assert!(!run.stderr.contains("ssw0rd"), "{}", run.stderr);
        }
    }
    assert_eq!(std::fs::read_dir(world.folder()).unwrap().count(), 0);
}

#[test]
fn setting_up_that_breaks_off_says_what_was_made() {
    let world = World::empty();
    std::fs::remove_file(world.config()).unwrap();
    // No file may grow larger than a configuration: the database cannot be made.
    let script = "ulimit -f 16; exec \"$@\"";
    let run = world.call().program("/bin/sh", ["-c", script, "sh", BINARY, "init"]).expect_code(70);
    assert!(run.stderr.contains("made already, and kept: `ssoctl.toml`, `./ssoctl.key`"), "{}", run.stderr);
    assert!(!run.stderr.contains("nothing was written"), "{}", run.stderr);
    let run = world.ssoctl(["init"]).expect_code(0);
    assert_eq!(run.stdout.matches("(kept as it is)").count(), 3, "{}", run.stdout);
    doctor(&world, 0);
}

#[test]
fn a_public_url_that_is_not_used_or_not_safe_is_warned_about() {
    let world = World::empty();
    let run = world.ssoctl(["init", "--public-url", "https://other.example"]).expect_code(0);
    assert!(run.stderr.contains("--public-url was not used") && run.stderr.contains("https://app.example.com"));
    let run = world.ssoctl(["init", "--public-url", "https://app.example.com/"]).expect_code(0);
    assert_eq!(run.stderr, "");
    let run = world.ssoctl(["init", "--public-url", "HTTPS://App.Example.com"]).expect_code(0);
    assert_eq!(run.stderr, "", "it is the same address");
    std::fs::remove_file(world.config()).unwrap();
    world.ssoctl(["init", "--public-url", "HTTPS://App.Acme.Example/"]).expect_code(0);
    assert!(std::fs::read_to_string(world.config()).unwrap().contains("\npublic_url = \"https://app.acme.example\"\n"));
    for (url, warned) in [("http://app.acme.example", true), ("http://localhost:8080", false)] {
        std::fs::remove_file(world.config()).unwrap();
        let run = world.ssoctl(["init", "--public-url", url]).expect_code(0);
        assert_eq!(run.stderr.contains("is not https"), warned, "{}", run.stderr);
    }
}

#[test]
fn a_configuration_that_is_no_regular_file_is_refused_at_once() {
    let world = World::new();
    rustix::fs::mkfifoat(rustix::fs::CWD, world.path("pipe"), rustix::fs::Mode::RUSR).unwrap();
    std::os::unix::fs::symlink(world.config(), world.path("link")).unwrap();
    world.write("large.toml", "#".repeat(1024 * 1024 + 1));
    for (file, said) in [
        ("pipe", "it is not a regular file"),
        ("/dev/zero", "it is not a regular file"),
        (".", "it is not a regular file"),
        ("large.toml", "it is larger than"),
    ] {
        let run = world.call().program(BINARY, ["--config", file, "connection", "list"]).expect_code(70);
        assert!(run.stderr.contains(said), "{file}: {}", run.stderr);
    }
    world.call().program(BINARY, ["--config", "link", "connection", "list"]).expect_code(0);
}

#[test]
fn doctor_warns_where_others_may_write_the_configuration() {
    let world = World::new();
    for (mode, warned) in [(0o644, false), (0o664, true), (0o646, true)] {
        std::fs::set_permissions(world.config(), std::fs::Permissions::from_mode(mode)).unwrap();
        let run = doctor(&world, 0);
        assert_eq!(run.stdout.contains("chmod go-w"), warned, "{mode:o}: {}", run.stdout);
    }
}

#[test]
fn a_key_that_is_no_file_is_named_for_what_it_is() {
    let world = World::new();
    let key = world.path("ssoctl.key");
    std::fs::remove_file(&key).unwrap();
    rustix::fs::mkfifoat(rustix::fs::CWD, &key, rustix::fs::Mode::RUSR).unwrap();
    said(&doctor(&world, 70), "fail", "sealing key", "is not a regular file", "");
    std::fs::remove_file(&key).unwrap();
    std::fs::create_dir(&key).unwrap();
    said(&doctor(&world, 70), "fail", "sealing key", "is not a regular file", "");
    let run = world.ssoctl(["init"]).expect_code(70);
    assert!(run.stderr.contains("is not a regular file"), "{}", run.stderr);
}

#[test]
fn doctor_asks_the_products_tables() {
    for (statement, words) in [
        ("DROP TABLE product_memberships", "there is no product_memberships"),
        ("DROP TABLE product_teams", "there is no product_teams"),
        ("ALTER TABLE product_teams RENAME COLUMN owner_id TO owner", "product_teams has no column owner_id"),
        ("ALTER TABLE product_memberships RENAME COLUMN since TO joined", "product_memberships has no column since"),
    ] {
        let world = World::new();
        world.sql(statement);
        let run = doctor(&world, 70);
        said(&run, "fail", "product tables", words, "ssoctl db contract");
        assert!(!run.stdout.contains("ssoctl doctor"), "{statement}: {}", run.stdout);
    }
}

#[test]
fn a_value_of_the_products_that_cannot_be_read_is_named_with_its_row() {
    for (statement, named) in [
        ("UPDATE product_users SET name = x'ff00' WHERE id = '1'", "`name` of `product_users` in the row `1`"),
        ("UPDATE product_teams SET plan = x'ff00' WHERE id = '1042'", "`plan` of `product_teams` in the row `1042`"),
        (
            "UPDATE product_memberships SET role = x'ff00' WHERE user_id = '1'",
            "`role` of `product_memberships` in the row `1042`",
        ),
    ] {
        let desk = Desk::new();
        desk.world.sql(statement);
        let run = desk.onboard(&[]).expect_code(70);
        assert!(run.stderr.contains(named) && run.stderr.contains("type blob"), "{}", run.stderr);
        assert!(!run.stderr.contains("index"), "{}", run.stderr);
    }
}

#[test]
fn the_schema_is_migrated_when_asked_and_then_current() {
    let world = World::empty();
    world.ssoctl(["db", "status"]).expect_code(70);
    rusqlite::Connection::open(world.database()).unwrap().execute_batch("PRAGMA journal_mode = WAL").unwrap();
    let run = world.ssoctl(["db", "status"]).expect_code(70);
    assert!(run.stdout.contains("version 0") && run.stdout.contains("ssoctl db migrate"), "{}", run.stdout);
    for _ in 0..2 {
        let run = world.ssoctl(["db", "migrate"]).expect_code(0);
        assert!(run.stdout.contains("as this ssoctl needs it"), "{}", run.stdout);
    }
    world.ssoctl(["db", "status"]).expect_code(0);
    world.ssoctl(["connection", "list"]).expect_code(0);
}

#[test]
fn every_check_that_a_report_names_is_explained() {
    let desk = Desk::new();
    let report = desk.onboard_json(0, &[]);
    desk.world.write("metadata.xml", SamlProvider::new("urn:acme:idp").metadata());
    let saml = desk.world.ssoctl(["check", "--metadata", "metadata.xml", "-o", "json"]).expect_code(0).json();
    let ids = |report: &Value| {
        let checks = report["checks"].as_array().unwrap().iter();
        checks.map(|check| check["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let mut checks = ids(&report);
    let before_team = checks.iter().position(|id| id.starts_with("team-")).unwrap();
    checks.splice(before_team..before_team, ids(&saml).into_iter().filter(|id| id.starts_with("saml-")));
    let mail = desk.world.with_stdin("Owner: jane@acme.example").ssoctl(["ticket", "-", "--check", "-o", "json"]);
    let of_mail = ids(&mail.expect_code(1).json()).into_iter().filter(|id| id.starts_with("ticket-"));
    checks.splice(1..1, of_mail);
    for id in &checks {
        let run = desk.world.ssoctl(["explain", id]).expect_code(0);
        for title in [id.as_str(), "Looks at", "Why", "Verdicts", "What you do", "What the customer is told", "Source"]
        {
            assert!(run.stdout.lines().any(|line| line == title), "{id} says nothing under {title}");
        }
    }
    let all: Value = desk.world.ssoctl(["explain", "-o", "json"]).expect_code(0).json();
    let listed: Vec<&str> = all["checks"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
    assert_eq!(listed, checks);
}

#[test]
fn a_reason_code_is_explained_with_its_check() {
    let world = World::empty();
    let run = world.ssoctl(["explain", "Bad_Secret"]).expect_code(0);
    assert!(run.stdout.starts_with("bad_secret (oidc-credentials, fail)\n  "), "{}", run.stdout);
    assert!(run.stdout.contains("\noidc-credentials\n") && run.stdout.contains("\nWhat you do\n"), "{}", run.stdout);
    // The check names its codes; a code that several checks have is explained for each.
    let run = world.ssoctl(["explain", "oidc-credentials"]).expect_code(0);
    assert!(run.stdout.contains("  fail     bad_secret\n"), "{}", run.stdout);
    let run = world.ssoctl(["explain", "row_conflict"]).expect_code(0);
    for check in ["team-connection", "team-domain"] {
        assert!(run.stdout.contains(&format!("More: ssoctl explain {check}\n")), "{}", run.stdout);
    }
    let one: Value = world.ssoctl(["explain", "bad_secret", "-o", "json"]).expect_code(0).json();
    let reasons = one["checks"][0]["reasons"].as_array().unwrap();
    assert_eq!((reasons.len(), &reasons[0]["code"], &reasons[0]["level"]), (1, &"bad_secret".into(), &"fail".into()));
}

#[test]
fn a_check_that_does_not_exist_is_wrong_usage_with_those_that_do() {
    let run = World::empty().ssoctl(["explain", "oidc-magic\u{1b}[2J"]).expect_code(2);
    assert!(run.stderr.contains("there is no check") && run.stderr.contains("oidc-credentials"), "{}", run.stderr);
    assert!(!run.stderr.contains('\u{1b}'));
    let run = World::empty().ssoctl(["explain", "bad-secret"]).expect_code(2);
    assert!(run.stderr.contains("did you mean `bad_secret`?"), "{}", run.stderr);
}

#[test]
fn completions_are_printed_for_every_shell_and_bash_reads_them() {
    let world = World::empty();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let run = world.ssoctl(["completions", shell]).expect_code(0);
        for word in ["ssoctl", "onboard", "client-secret-file"] {
            assert!(run.stdout.contains(word), "{shell} does not complete {word}");
        }
        let interpreter = world.call().program("sh", ["-c", "command -v \"$0\"", shell]);
        if matches!(shell, "bash" | "zsh" | "fish") && interpreter.code == Some(0) {
            let script = world.write("script", &run.stdout);
            let read = world.call().program(shell, ["-n", &script.display().to_string()]);
            assert_eq!((read.code, read.stderr.as_str()), (Some(0), ""), "{shell}");
        }
    }
    world.ssoctl(["completions", "tcsh"]).expect_code(2);
}

#[test]
fn bash_completes_commands_with_the_script() {
    let world = World::empty();
    let script = world.ssoctl(["completions", "bash"]).expect_code(0).stdout;
    let ask = format!(
        "{script}\nCOMP_WORDS=(ssoctl onb) COMP_CWORD=1; _ssoctl ssoctl onb ssoctl; echo \"${{COMPREPLY[*]}}\""
    );
    let run = world.call().program("bash", ["-c", &ask]);
    assert_eq!(run.stdout.trim(), "onboard", "{}", run.stderr);
}

#[test]
fn the_manual_is_a_page_and_one_for_every_command() {
    let world = World::empty();
    let page = world.ssoctl(["man"]).expect_code(0).stdout;
    assert!(page.contains(".TH ssoctl 1") && page.contains(".SH NAME") && page.contains("Exit status"), "{page}");
    let run = world.ssoctl(["man", "--out", "man1"]).expect_code(0);
    assert_eq!(run.stdout, "");
    for name in ["ssoctl.1", "ssoctl-onboard.1", "ssoctl-connection-activate.1"] {
        let text = std::fs::read_to_string(world.path("man1").join(name)).unwrap();
        assert!(text.contains(".SH NAME"), "{name}");
    }
}

#[test]
fn the_demonstration_says_nothing_of_a_token_that_nobody_needs() {
    let world = World::empty();
    let output = world.command(["demo", "-o", "json"]).stdout(std::process::Stdio::null()).output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(0), ""));
}

#[test]
fn the_demonstration_tells_seven_stories_and_leaves_nothing_behind() {
    let world = World::empty();
    let before = std::fs::read_dir(world.folder()).unwrap().count();
    let temporary = world.path("tmp");
    std::fs::create_dir(&temporary).unwrap();
    let run = world.with_env("TMPDIR", &temporary.display().to_string()).ssoctl(["demo"]).expect_code(0);
    for told in [
        "1. A clean request",
        "Done: single sign-on is switched on",
        "4. The metadata URL",
        "Changed on the way",
        "6. SAML",
        "bearer token  ssoctl_scim_",
        "$ ssoctl inbox --check-all",
        "refused: sender_stranger",
        "3 of 4 unanswered mails",
        "secret       (found, not shown)",
        "\n  To: gavin@hooli.example\n",
        "\n  In-Reply-To: <48303@hooli.example>\n",
        "does not accept the client ID",
    ] {
        assert!(run.stdout.contains(told), "{told}: {}", run.stdout);
    }
    assert_eq!(run.stdout.matches("Refused: the reasons are above").count(), 3);
    assert_eq!(std::fs::read_dir(&temporary).unwrap().count(), 0);
    assert_eq!(std::fs::read_dir(world.folder()).unwrap().count(), before + 1);
}

#[test]
fn a_practice_provider_that_is_told_to_end_leaves_nothing_behind() {
    use std::io::BufRead as _;
    let world = World::empty();
    let temporary = world.path("tmp");
    std::fs::create_dir(&temporary).unwrap();
    let mut command = world.command(["demo", "--provider"]);
    let mut child = command.env("TMPDIR", &temporary).stdout(std::process::Stdio::piped()).spawn().unwrap();
    let lines = std::io::BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.map_while(Result::ok).any(|line| line.contains("Ctrl-C ends it")));
    assert_eq!(std::fs::read_dir(&temporary).unwrap().count(), 1);
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(std::fs::read_dir(&temporary).unwrap().count(), 0);
}

#[test]
fn help_is_answered_where_habit_asks_for_it() {
    let world = World::empty();
    for (asked, meant) in [
        (["help"].as_slice(), ["--help"].as_slice()),
        (&["help", "onboard"], &["onboard", "--help"]),
        (&["help", "scim", "issue"], &["scim", "issue", "--help"]),
    ] {
        let said = |words: &[&str]| world.call().program(crate::support::world::BINARY, words).expect_code(0).stdout;
        assert_eq!(said(asked), said(meant));
    }
    world.call().program(crate::support::world::BINARY, ["help", "unheard-of"]).expect_code(2);
}

#[test]
fn a_list_without_rows_says_whether_anything_was_left_out() {
    let desk = crate::support::desk::Desk::new();
    let said = |words: &[&str]| desk.world.ssoctl(words).expect_code(0).stdout;
    assert_eq!(said(&["audit", "list"]), "Nothing has been recorded yet.\n");
    assert!(said(&["audit", "list", "--ticket", "9"]).contains("`ssoctl audit list` shows the latest"));
    assert!(said(&["connection", "list"]).starts_with("No connections yet."));
    assert_eq!(said(&["connection", "list", "--status", "staged"]), "No connection is staged.\n");
}

#[test]
fn every_command_has_help_with_an_example() {
    let world = World::empty();
    let help = world.ssoctl(["--help"]).expect_code(0).stdout;
    assert!(help.contains("Exit status: 0 done"), "{help}");
    let commands = [
        "demo",
        "init",
        "prepare",
        "check",
        "onboard",
        "connection",
        "audit",
        "explain",
        "doctor",
        "db",
        "schema",
        "completions",
        "man",
    ];
    for command in commands {
        let run = world.ssoctl([command, "--help"]).expect_code(0);
        assert!(run.stdout.contains("Example") && run.stdout.contains(&format!("ssoctl {command}")), "{command}");
    }
    for words in [
        ["connection", "list"],
        ["connection", "show"],
        ["connection", "suspend"],
        ["connection", "activate"],
        ["connection", "remove"],
        ["audit", "list"],
        ["audit", "verify"],
        ["db", "status"],
        ["db", "migrate"],
    ] {
        let run = world.ssoctl(words.iter().chain(&["--help"])).expect_code(0);
        assert!(run.stdout.contains("Example") && run.stdout.contains(&words.join(" ")), "{words:?}");
    }
}
