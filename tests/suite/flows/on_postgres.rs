//! PostgreSQL from the command line: set up, used, refused.

use super::json_schema::Contract;
use crate::support::desk::{Desk, wait_until};
use crate::support::postgres::{Database, query, server, try_query};
use crate::support::world::World;

#[test]
fn a_connection_lives_its_whole_life_on_a_server() {
    let desk = Desk::on_postgres();
    let contract = Contract::new();
    desk.world.ssoctl(["prepare", "--owner", "jane@acme.example"]).expect_code(0);
    desk.world.ssoctl(desk.request("check", &["--client-secret-file", "secret.txt"])).expect_code(0);
    desk.onboard(&["--dry-run"]).expect_code(0);
    let report = desk.onboard_json(0, &[]);
    assert_eq!(report["outcome"], "onboarded");
    assert_eq!(desk.onboard_json(0, &[])["outcome"], "unchanged");
    contract.holds(&desk.connection(&["list", "-o", "json"]).expect_code(0));
    contract.holds(&desk.connection(&["show", "--team", "1042", "-o", "json"]).expect_code(0));
    desk.connection(&["suspend", "--team", "1042", "--yes"]).expect_code(0);
    assert_eq!(desk.connections(), [["suspended", "acme.example"]]);
    desk.connection(&["activate", "--team", "1042", "--yes"]).expect_code(0);
    desk.connection(&["remove", "--team", "1042", "--yes"]).expect_code(0);
    assert_eq!(desk.deeds(), ["prepared", "onboarded", "suspended", "activated", "removed"]);
    desk.expect_sound();
    let doctor = desk.world.ssoctl(["doctor", "--offline"]).expect_code(0);
    assert!(doctor.stdout.contains("pass    audit log"), "{}", doctor.stdout);
    assert_eq!(contract.holds(&desk.world.ssoctl(["db", "status", "-o", "json"]).expect_code(0))["state"], "current");
}

#[test]
fn our_tables_may_have_a_schema_of_their_own() {
    let world = World::over(Database::new());
    world.configure(&format!("url = \"{}\"\nschema = \"sso\"", world.server().url()));
    let status = world.ssoctl(["db", "status"]).expect_code(70);
    assert!(status.stdout.contains("version 0"), "{}", status.stdout);
    world.ssoctl(["db", "migrate"]).expect_code(0);
    world.ssoctl(["init", "--sample-data"]).expect_code(0);
    let ours =
        world.sql("SELECT DISTINCT schemaname FROM pg_tables WHERE tablename LIKE 'sso%' OR tablename LIKE 'scim%'");
    assert_eq!(ours, [["sso"]]);
    let desk = Desk::within(world, crate::support::provider::Provider::new());
    desk.onboard(&[]).expect_code(0);
    assert_eq!(desk.world.sql("SELECT status FROM sso.sso_connections"), [["active"]]);
}

#[test]
fn in_a_database_of_a_products_no_tables_for_trying_are_made() {
    let world = World::over(Database::new());
    world.sql("CREATE TABLE users (id int)");
    world.configure(&format!("url = \"{}\"\nschema = \"sso\"", world.server().url()));
    world.ssoctl(["db", "migrate"]).expect_code(0);
    assert!(world.sql("SELECT 1 FROM pg_class WHERE relname LIKE 'product%'").is_empty());
    let run = world.ssoctl(["doctor", "--offline"]).expect_code(70);
    assert!(
        run.stdout.contains("there is no product_users") && run.stdout.contains("ssoctl db contract"),
        "{}",
        run.stdout
    );
    let run = world.ssoctl(["init", "--sample-data"]).expect_code(70);
    assert!(run.stderr.contains("product_users"), "{}", run.stderr);
}

#[test]
fn init_writes_the_servers_url_into_the_configuration_without_its_password() {
    let world = World::over(Database::new());
    std::fs::remove_file(world.config()).unwrap();
    let url = world.server().url().replacen("postgres@", "postgres:hunter2@", 1);
    world.with_env("SSOCTL_DATABASE", &url).ssoctl(["init"]).expect_code(0);
    let text = std::fs::read_to_string(world.config()).unwrap();
    assert!(text.contains(&format!("url = \"{}\"", world.server().url())), "{text}");
    assert!(world.files_containing("hunter2").is_empty());
    world.ssoctl(["db", "status"]).expect_code(0);
    // A second time nothing is made anew.
    let again = world.ssoctl(["init"]).expect_code(0);
    assert!(!again.stdout.contains("(created)"), "{}", again.stdout);
}

#[test]
fn a_server_that_does_not_answer_is_no_verdict_and_no_password_is_shown() {
    let desk = Desk::on_postgres();
    // Nobody listens on port 1.
    desk.world.configure("url = \"postgres://bob:hunter2@127.0.0.1:1/shop?connect_timeout=2\"");
    for words in [&["-o", "json"][..], &["-vv"]] {
        let run = desk.onboard(words).expect_code(3);
        assert!(run.stderr.contains("postgres://127.0.0.1:1/shop") && run.stderr.contains("nothing was written"));
        assert!(!run.everything().contains("hunter2"), "{}", run.everything());
    }
    let run = desk.onboard(&["-o", "json"]);
    assert_eq!(Contract::new().holds(&run)["outcome"], "unknown");
}

#[test]
fn a_server_that_takes_the_connection_and_says_nothing_is_not_waited_for_without_end() {
    let desk = Desk::on_postgres();
    // The system answers for it; nobody ever reads.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    desk.world.configure(&format!("url = \"postgres://bob@127.0.0.1:{port}/shop?connect_timeout=1\""));
    let onboarded = desk.onboard(&[]);
    for run in [onboarded, desk.world.ssoctl(["db", "status"]), desk.world.ssoctl(["doctor", "--offline"])] {
        let said = run.everything();
        assert!(said.contains("does not answer"), "{run:?}");
        assert!(run.code.is_some_and(|code| code == 3 || code == 70), "{run:?}");
    }
}

#[test]
fn a_schema_history_that_somebody_holds_is_no_verdict() {
    let desk = Desk::on_postgres();
    let url = desk.world.server().url();
    let holder =
        std::thread::spawn(move || try_query(&url, "BEGIN; LOCK TABLE sso_schema_history; SELECT pg_sleep(60)"));
    let locks = "SELECT pid FROM pg_locks WHERE relation = 'sso_schema_history'::regclass AND granted";
    wait_until("the lock", || !desk.world.sql(locks).is_empty());
    let run = desk.onboard(&[]).expect_code(3);
    assert!(run.stderr.contains("the database is busy") && run.stderr.contains("nothing was written"), "{run:?}");
    desk.world.sql(
        "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE relation = 'sso_schema_history'::regclass AND granted",
    );
    holder.join().unwrap().unwrap_err();
}

#[test]
fn a_password_on_the_command_line_is_used_warned_about_and_not_repeated() {
    let desk = Desk::on_postgres();
    let url = desk.world.server().url().replacen("postgres@", "postgres:hunter2@", 1);
    let run = desk.world.ssoctl(["--database", &url, "prepare", "--owner", "jane@acme.example"]).expect_code(0);
    assert!(run.stderr.contains("--database") && run.stderr.contains(".pgpass"), "{}", run.stderr);
    assert!(!run.everything().contains("hunter2"), "{}", run.everything());
}

#[test]
fn a_database_that_is_not_there_or_refuses_us_is_a_fault_that_says_what_to_do() {
    let world = World::over(Database::new());
    let gone = format!("{}_gone", world.server().url());
    let run = world.ssoctl(["--database", &gone, "db", "status"]).expect_code(70);
    assert!(run.stderr.contains("there is no database") && run.stderr.contains("createdb"), "{}", run.stderr);
    let run = world.ssoctl(["--database", "postgres://u:hunter2@h:nope/d", "db", "status"]).expect_code(2);
    assert!(run.stderr.contains("port") && !run.everything().contains("hunter2"), "{}", run.stderr);
    let weak = format!("{}?sslmode=allow", world.server().url());
    let run = world.ssoctl(["--database", &weak, "db", "status"]).expect_code(2);
    assert!(run.stderr.contains("verify-full"), "{}", run.stderr);
    let stranger = world.server().url().replacen("postgres@", "no_such_role@", 1);
    let run = world.ssoctl(["--database", &stranger, "db", "status"]).expect_code(70);
    assert!(run.stderr.contains("no_such_role") && run.stderr.contains("PGPASSWORD"), "{}", run.stderr);
}

#[test]
fn the_pg_variables_and_their_order_are_libpqs() {
    let world = World::over(Database::new());
    let url = url::Url::parse(&world.server().url()).unwrap();
    let port = url.port().unwrap_or(5432).to_string();
    let run = world
        .with_env("PGHOST", url.host_str().unwrap())
        .with_env("PGPORT", &port)
        .with_env("PGUSER", url.username())
        .with_env("PGDATABASE", &world.server().name)
        .with_env("PGSSLMODE", "disable")
        .ssoctl(["--database", "postgres://", "db", "migrate"]);
    run.expect_code(0);
    assert_eq!(world.sql("SELECT count(*) FROM sso_audit_log"), [["0"]]);
}

#[test]
fn a_newer_schema_is_left_alone_by_name() {
    let world = World::on_postgres();
    world.sql("INSERT INTO sso_schema_history VALUES (99, 'later', '2030-01-01T00:00:00Z')");
    for words in [&["db", "migrate"][..], &["connection", "list"], &["init"]] {
        let run = world.ssoctl(words).expect_code(70);
        assert!(run.stderr.contains("version 99") && run.stderr.contains("update this one"), "{}", run.stderr);
    }
}

#[test]
fn a_role_that_may_only_read_is_told_so_and_nothing_is_written() {
    let desk = Desk::on_postgres();
    let name = &desk.world.server().name;
    desk.world.sql(&format!("ALTER DATABASE {name} SET default_transaction_read_only = on"));
    desk.world.ssoctl(["connection", "list"]).expect_code(0);
    let run = desk.onboard(&[]).expect_code(70);
    assert!(run.stderr.contains("cannot be written") && run.stderr.contains("standby"), "{}", run.stderr);
    query(&server(), &format!("ALTER DATABASE {name} RESET ALL"));
    assert!(desk.stored().is_empty());
    desk.onboard(&[]).expect_code(0);
}

#[test]
fn a_disk_that_is_full_is_named_and_nothing_is_written() {
    let desk = Desk::on_postgres();
    // As the server says it.
    desk.world.sql(
        "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
             RAISE EXCEPTION USING ERRCODE = 'disk_full', MESSAGE = 'could not extend file'; END $$;
         CREATE TRIGGER no_room BEFORE INSERT ON sso_audit_log FOR EACH ROW EXECUTE FUNCTION no_room()",
    );
    let run = desk.onboard(&[]).expect_code(70);
    assert!(run.stderr.contains("is full") && run.stderr.contains("make room"), "{}", run.stderr);
    desk.world.sql("DROP TRIGGER no_room ON sso_audit_log");
    assert!(desk.stored().is_empty());
    desk.onboard(&[]).expect_code(0);
    desk.expect_sound();
}

#[test]
fn every_test_drops_what_it_made() {
    let database = Database::new();
    let (url, name) = (database.url(), database.name.clone());
    query(&url, "SELECT 1");
    drop(database);
    let error = try_query(&url, "SELECT 1").unwrap_err();
    assert_eq!(error.code().map(tokio_postgres::error::SqlState::code), Some("3D000"), "{name}");
}
