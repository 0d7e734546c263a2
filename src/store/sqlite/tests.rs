use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::sync::Barrier;

use rusqlite::Connection;
use tempfile::TempDir;

use super::session::Run as _;
use super::*;
use crate::product::audit_event::{Action, ChainVerifier};
use crate::product::repository::ConnectionRecord;
use crate::request::names::{EmailAddress, EmailDomain, TeamId, UserId};
use crate::store::conformance::{PEOPLE, conformance_suite, event, record};

const SHORT: Duration = Duration::from_millis(50);

fn created() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ssoctl.db");
    SqliteStore::create(&path).unwrap();
    (folder, path)
}

fn with_people() -> (TempDir, Arc<dyn Repository>) {
    let (folder, path) = created();
    sql(&path, PEOPLE).unwrap();
    (folder, Arc::new(SqliteStore::open(&path).unwrap()))
}

/// Runs SQL as somebody else would: over a plain connection.
fn sql(path: &Path, text: &str) -> rusqlite::Result<()> {
    Connection::open(path).unwrap().execute_batch(text)
}

fn count(path: &Path, table: &str) -> i64 {
    let text = format!("SELECT count(*) FROM {table}");
    Connection::open(path).unwrap().query_row(&text, [], |row| row.get(0)).unwrap()
}

conformance_suite!(with_people);

/// Onboards in a thread of its own, as another process would: with its own store and runtime.
fn onboard(path: &Path, record: &ConnectionRecord, start: &Barrier) -> StoreResult<()> {
    let store = SqliteStore::open(path)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    start.wait();
    runtime.block_on(async {
        let mut work = store.begin().await?;
        work.put_connection(record).await?;
        work.append_audit(&event(Action::Onboarded, Some(record.team_id.as_str()), None)).await?;
        work.commit().await
    })
}

fn race(one: &ConnectionRecord, other: &ConnectionRecord) -> &'static str {
    let (_folder, path) = created();
    let start = Barrier::new(2);
    let results = std::thread::scope(|scope| {
        let racers = [one, other].map(|record| scope.spawn(|| onboard(&path, record, &start)));
        racers.map(|racer| racer.join().unwrap())
    });
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let store = SqliteStore::open(&path).unwrap();
    let connections = runtime.block_on(async { store.read().await.unwrap().connections(None).await.unwrap() });
    assert_eq!(connections.len(), 1, "exactly one wins");
    match results {
        [Ok(()), Err(StoreError::Taken { what })] | [Err(StoreError::Taken { what }), Ok(())] => what,
        other => panic!("{other:?}"),
    }
}

#[test]
fn of_two_writers_racing_for_a_team_exactly_one_wins() {
    for _ in 0..5 {
        assert_eq!(race(&record("c1", "t1", &[]), &record("c2", "t1", &[])), "this team");
    }
}

#[test]
fn of_two_writers_racing_for_a_domain_exactly_one_wins() {
    for _ in 0..5 {
        let (one, other) = (record("c1", "t1", &["acme.example"]), record("c2", "t2", &["acme.example"]));
        assert_eq!(race(&one, &other), "this domain");
    }
}

#[test]
fn many_writers_append_to_one_unbroken_chain() {
    let (_folder, path) = created();
    let start = Barrier::new(4);
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (path, start) = (&path, &start);
            scope.spawn(move || {
                onboard(path, &record(&format!("c{thread}"), &format!("t{thread}"), &[]), start).unwrap();
            });
        }
    });
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let store = SqliteStore::open(&path).unwrap();
    let rows = runtime.block_on(async { store.read().await.unwrap().audit_rows(0, 100).await.unwrap() });
    let mut verifier = ChainVerifier::default();
    for row in &rows {
        verifier.take(row).unwrap();
    }
    assert_eq!(rows.len(), 4);
}

#[tokio::test]
async fn writers_of_one_store_take_turns_and_readers_do_not_wait() {
    let (_folder, path) = created();
    let store = Arc::new(SqliteStore::open(&path).unwrap());
    let first = store.begin().await.unwrap();
    let waiting = Arc::clone(&store);
    let second = tokio::spawn(async move { waiting.begin().await.map(drop) });
    assert_eq!(store.read().await.unwrap().connections(None).await.unwrap(), []);
    assert!(!second.is_finished());
    drop(first);
    second.await.unwrap().unwrap();
}

/// On threads that many requests share; where there is one, nothing can be given up while SQL runs.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_transaction_given_up_in_the_middle_of_a_write_leaves_no_trace_and_no_lock() {
    let (_folder, path) = created();
    let store = SqliteStore::open(&path).unwrap();
    let turn = Arc::clone(&store.writing).lock_owned().await;
    let mut session =
        Session::start(Arc::clone(&store.shelf), Place::Writing { _alone: turn }, "BEGIN IMMEDIATE").await.unwrap();
    let (finished, end) = std::sync::mpsc::channel();
    let mut writing = Box::pin(session.run(move |work| {
        std::thread::sleep(SHORT);
        let team = "INSERT INTO product_teams (id) VALUES ('t1')";
        work.connection.execute_batch(team)?;
        finished.send(()).unwrap();
        Ok(())
    }));
    assert!(futures::poll!(&mut writing).is_pending());
    drop(writing);
    drop(session);
    // Waits for the lock, not for an error: the job still runs.
    store.begin().await.unwrap();
    end.recv().unwrap();
    assert_eq!(count(&path, "product_teams"), 0);
}

#[tokio::test]
async fn a_database_locked_by_somebody_else_is_busy() {
    let (_folder, path) = created();
    let store = SqliteStore::open_with(&path, SHORT, Access::Full).unwrap();
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert!(matches!(store.begin().await.map(drop), Err(StoreError::Busy { .. })));
    store.read().await.unwrap();
    other.execute_batch("ROLLBACK").unwrap();
    store.begin().await.unwrap();
}

/// Rule C-05: append-only, hash-chained.
#[tokio::test]
async fn the_audit_log_refuses_every_change_but_the_next_row() {
    let (_folder, path) = created();
    let store = SqliteStore::open(&path).unwrap();
    for _ in 0..2 {
        let mut work = store.begin().await.unwrap();
        work.append_audit(&event(Action::Refused, None, None)).await.unwrap();
        work.commit().await.unwrap();
    }
    let rows = "INTO sso_audit_log (seq, at, actor, action, details, previous_hash, hash)";
    for text in [
        "UPDATE sso_audit_log SET actor = 'x' WHERE seq = 1",
        "UPDATE sso_audit_log SET seq = 7 WHERE seq = 2",
        "DELETE FROM sso_audit_log",
        "DELETE FROM sso_audit_log WHERE seq = 2",
        &format!(
            "INSERT OR REPLACE {rows} SELECT seq, at, 'x', action, details, previous_hash, hash FROM sso_audit_log"
        ),
        &format!("INSERT {rows} SELECT 4, at, actor, action, details, hash, 'h' FROM sso_audit_log WHERE seq = 2"),
        &format!("INSERT {rows} SELECT NULL, at, actor, action, details, hash, 'h' FROM sso_audit_log WHERE seq = 2"),
        &format!("INSERT {rows} SELECT 3, at, actor, action, details, 'x', 'h' FROM sso_audit_log WHERE seq = 2"),
        &format!("INSERT {rows} SELECT 3, at, actor, action, 'no json', hash, 'h' FROM sso_audit_log WHERE seq = 2"),
    ] {
        assert!(sql(&path, text).is_err(), "{text}");
    }
    sql(
        &path,
        &format!("INSERT {rows} SELECT 3, at, actor, action, details, hash, 'h' FROM sso_audit_log WHERE seq = 2"),
    )
    .unwrap();
}

#[test]
fn a_connection_without_its_audit_row_is_refused_by_the_schema_itself() {
    let (_folder, path) = created();
    let error = sql(
        &path,
        "PRAGMA foreign_keys = ON; INSERT INTO sso_connections (id, team_id, status, account_token, domain_challenge,
         created_at, updated_at, audit_seq) VALUES ('c', 't', 'prepared', 'x', 'x', 'x', 'x', 1)",
    );
    assert!(error.unwrap_err().to_string().contains("FOREIGN KEY"));
}

#[test]
fn a_missing_file_is_named_and_not_created() {
    let folder = tempfile::tempdir().unwrap();
    for path in [folder.path().join("none.db"), folder.path().join("no/folder/none.db")] {
        for error in [
            SqliteStore::open(&path).map(drop),
            SqliteStore::schema_state(&path).map(drop),
            SqliteStore::migrate(&path).map(drop),
        ] {
            assert!(matches!(error, Err(StoreError::Missing { .. })), "{error:?}");
        }
        assert!(!path.exists());
    }
}

#[test]
fn what_is_no_database_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    std::fs::write(&path, "this is not a database, whatever its name says".repeat(100)).unwrap();
    assert!(matches!(SqliteStore::open(&path), Err(StoreError::Corrupt { .. })));
    assert!(matches!(SqliteStore::create(&path), Err(StoreError::Corrupt { .. })));
    assert!(matches!(SqliteStore::open(folder.path()), Err(StoreError::Other { .. })));
}

#[test]
fn a_damaged_database_is_named() {
    let (_folder, path) = created();
    // The first page after its header, where the schema lies.
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[100..4096].fill(0x5a);
    std::fs::write(&path, bytes).unwrap();
    let error = SqliteStore::open(&path).unwrap_err();
    assert!(matches!(error, StoreError::Corrupt { .. }), "{error:?}");
}

#[test]
fn an_older_and_a_newer_schema_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("empty.db");
    sql(&path, "CREATE TABLE somebody_elses (a)").unwrap();
    let error = SqliteStore::open(&path).unwrap_err();
    assert!(matches!(error, StoreError::SchemaOlder { found: 0, needed: schema::NEEDED }), "{error:?}");
    SqliteStore::create(&path).unwrap();
    sql(&path, "INSERT INTO sso_schema_history VALUES (99, 'later', '2030-01-01T00:00:00Z')").unwrap();
    for error in [SqliteStore::open(&path).map(drop), SqliteStore::migrate(&path).map(drop)] {
        assert!(matches!(error, Err(StoreError::SchemaNewer { found: 99, known: schema::NEEDED })), "{error:?}");
    }
    assert_eq!(SqliteStore::schema_state(&path).unwrap().found, 99);
}

/// Root may write whatever the mode says: then this says nothing.
#[test]
fn what_the_permissions_forbid_is_named() {
    if rustix::process::geteuid().is_root() {
        return;
    }
    let (folder, path) = created();
    let open_with_modes = |of_folder: u32, of_file: u32| {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(of_file)).unwrap();
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(of_folder)).unwrap();
        let opened = SqliteStore::open(&path).map(drop);
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o700)).unwrap();
        opened.unwrap_err()
    };
    let error = open_with_modes(0o700, 0o400);
    assert!(matches!(error, StoreError::ReadOnly { .. }), "a file that may only be read: {error:?}");
    let error = open_with_modes(0o500, 0o600);
    assert!(matches!(error, StoreError::ReadOnly { .. }), "a folder without room for the log: {error:?}");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o400)).unwrap();
    assert!(SqliteStore::open_to_read(&path).is_ok());
    let error = open_with_modes(0o700, 0o000);
    assert!(error.to_string().contains("permission denied"), "a file that may not be read: {error:?}");
}

#[test]
fn a_file_that_changes_while_it_is_read_gives_no_answer() {
    let (_folder, path) = created();
    sql(&path, PEOPLE).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let store = SqliteStore::open_with(&path, SHORT, Access::Reading).unwrap();
        let mut reads = store.read().await.unwrap();
        assert!(reads.connections(None).await.is_ok());
        // Closed by the last who has it open, the log goes into the file.
        sql(&path, "UPDATE product_users SET name = 'Somebody Else'").unwrap();
        let error = reads.connections(None).await.unwrap_err();
        assert!(matches!(error, StoreError::Conflict { .. }), "{error:?}");
        let mut again = store.read().await.unwrap();
        assert!(again.connections(None).await.is_ok());
    });
}

#[test]
fn a_created_file_is_private_and_keeps_its_settings() {
    let (_folder, path) = created();
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let connection = connect(&path, SHORT).unwrap();
    let pragma = |name: &str| {
        let read = |row: &rusqlite::Row<'_>| row.get::<_, rusqlite::types::Value>(0);
        connection.pragma_query_value(None, name, read).unwrap()
    };
    assert_eq!(pragma("journal_mode"), "wal".to_owned().into());
    assert_eq!(pragma("synchronous"), 2_i64.into());
    assert_eq!(pragma("foreign_keys"), 1_i64.into());
}

#[test]
fn creating_again_keeps_what_is_there() {
    let (_folder, path) = created();
    sql(&path, "INSERT INTO product_users (id, email) VALUES ('1', 'jane@acme.example')").unwrap();
    SqliteStore::create(&path).unwrap();
    assert_eq!(count(&path, "product_users"), 1);
}

#[test]
fn several_who_create_or_migrate_at_once_all_succeed() {
    for _ in 0..3 {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let start = Barrier::new(4);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    start.wait();
                    SqliteStore::create(&path).unwrap();
                    assert_eq!(SqliteStore::migrate(&path).unwrap().found, schema::NEEDED);
                });
            }
        });
    }
}

/// The contract names the columns; whoever fills the tables gives only those, in the types of the product.
#[tokio::test]
async fn rows_written_by_hand_with_integer_ids_are_found() {
    let (_folder, path) = created();
    sql(
        &path,
        "INSERT INTO product_users (id, email) VALUES (7, 'jane@acme.example'), (8, 'amir@acme.example');
         INSERT INTO product_teams (id, name, owner_id) VALUES (42, 'Acme', 7), (43, 'Globex', NULL);
         INSERT INTO product_memberships (user_id, team_id) VALUES (7, 42), (8, 43);",
    )
    .unwrap();
    let store = SqliteStore::open(&path).unwrap();
    let mut read = store.read().await.unwrap();
    let jane = read.users_by_email(&EmailAddress::parse("jane@acme.example").unwrap()).await.unwrap();
    assert_eq!((jane[0].id.as_str(), jane[0].active), ("7", true));
    let owned = read.teams_owned_by(&UserId::new("7")).await.unwrap();
    assert_eq!((owned[0].id.as_str(), owned[0].management_enabled), ("42", false));
    let domain = [EmailDomain::parse("acme.example").unwrap()];
    let elsewhere = read.members_elsewhere(&domain, &TeamId::new("42"), 20, 100).await.unwrap();
    assert_eq!((elsewhere.total, elsewhere.listed[0].team_name.as_deref()), (1, Some("Globex")));
}

#[tokio::test]
async fn the_sample_data_loads_twice_and_has_one_team_for_every_story() {
    let (_folder, path) = created();
    let store = SqliteStore::open(&path).unwrap();
    store.load_sample_data().unwrap();
    store.load_sample_data().unwrap();
    let mut read = store.read().await.unwrap();
    let jane = read.users_by_email(&EmailAddress::parse("jane@acme.example").unwrap()).await.unwrap();
    let teams = read.teams_owned_by(&jane[0].id).await.unwrap();
    assert_eq!((teams.len(), teams[0].id.as_str(), teams[0].plan.as_deref()), (1, "1042", Some("Scale Plus")));
    let initech = [EmailDomain::parse("initech.example").unwrap()];
    let elsewhere = read.members_elsewhere(&initech, &TeamId::new("1044"), 20, 100).await.unwrap();
    assert_eq!((elsewhere.total, elsewhere.listed[0].email.as_str()), (1, "sam@initech.example"));
    let hooli = [EmailDomain::parse("hooli.example").unwrap()];
    let outside = read.members_outside(&TeamId::new("1046"), &hooli, 20, 100).await.unwrap();
    assert_eq!(outside.listed[0].email, "pat@freelance.example");
}

#[tokio::test]
async fn a_stored_value_that_cannot_be_read_is_named() {
    let (_folder, path) = created();
    let store = SqliteStore::open(&path).unwrap();
    let mut work = store.begin().await.unwrap();
    work.put_connection(&record("c1", "t1", &[])).await.unwrap();
    work.append_audit(&event(Action::Onboarded, None, None)).await.unwrap();
    work.commit().await.unwrap();
    sql(&path, "UPDATE sso_connections SET issuer = 'not \u{1b}[2J a url'").unwrap();
    let error = store.read().await.unwrap().connections(None).await.unwrap_err().to_string();
    assert!(error.contains("`issuer` of connection `c1`") && !error.contains('\u{1b}'), "{error}");
}

fn plan(connection: &Connection, text: &str) -> Vec<String> {
    let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {text}")).unwrap();
    for parameter in 1..=statement.parameter_count() {
        statement.raw_bind_parameter(parameter, "[]").unwrap();
    }
    let mut rows = statement.raw_query();
    let mut steps = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        steps.push(row.get::<_, String>(3).unwrap());
    }
    steps
}

/// A million people: a scan, or a join that loses its index to an affinity, would take minutes.
#[test]
fn every_question_about_people_is_answered_through_an_index() {
    let (_folder, path) = created();
    let connection = connect(&path, SHORT).unwrap();
    for text in [
        people::MEMBERS,
        people::OWNERS,
        people::OUTSIDERS,
        people::OWNERS_AT,
        reads::USERS_BY_EMAIL,
        reads::TEAMS_OWNED_BY,
        reads::MEMBERSHIPS_OF,
    ] {
        let steps = plan(&connection, text);
        let scan =
            |step: &&String| step.starts_with("SCAN") && !step.contains("json_each") && !step.contains("(subquery");
        assert_eq!(steps.iter().find(scan), None, "{steps:#?}");
        assert!(steps.iter().any(|step| step.starts_with("SEARCH")), "{steps:#?}");
    }
    for text in [people::MEMBERS, people::OWNERS, people::OWNERS_AT] {
        let steps = plan(&connection, text);
        let by_domain = "SEARCH u USING COVERING INDEX product_users_by_domain (email_domain=?";
        assert!(steps[0].starts_with(by_domain), "{steps:#?}");
        assert!(!steps.iter().any(|step| step.contains("TEMP B-TREE")), "in the index's order, unsorted: {steps:#?}");
    }
}

#[test]
fn a_cached_statement_is_not_planned_again_for_other_values() {
    let (_folder, path) = created();
    let connection = connect(&path, SHORT).unwrap();
    let domain = |number: u32| [EmailDomain::parse(&format!("d{number}.example")).unwrap()];
    for number in 0..5 {
        people::members_elsewhere(&connection, &domain(number), &TeamId::new("t"), 20, 100).unwrap();
    }
    for text in [people::MEMBERS, people::OWNERS] {
        let statement = connection.prepare_cached(text).unwrap();
        assert_eq!(statement.get_status(rusqlite::StatementStatus::Run), 5);
        assert_eq!(statement.get_status(rusqlite::StatementStatus::RePrepare), 0);
    }
}
