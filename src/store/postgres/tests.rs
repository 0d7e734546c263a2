use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use super::*;
use crate::product::audit_event::{Action, ChainVerifier};
use crate::product::repository::{ConnectionRecord, StoreError};
use crate::request::names::{EmailAddress, EmailDomain, TeamId, UserId};
use crate::store::conformance::{PEOPLE, conformance_suite, event, record};

/// A schema of its own on the server that `tests/run` found or started, dropped at the end.
struct Fresh {
    url: String,
    schema: String,
}

impl Fresh {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let url = std::env::var("SSOCTL_TEST_POSTGRES")
            .unwrap_or_else(|_| "postgres://postgres@127.0.0.1:5432/test".to_owned());
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        Self { url, schema: format!("ssoctl_unit_{}_{number}", std::process::id()) }
    }

    fn migrated() -> Self {
        let fresh = Self::new();
        // Whatever else the server's database holds, this schema is to have the product's tables.
        let create = format!("CREATE SCHEMA {0}; SET search_path = {0}; {1}", fresh.schema, schema::PRODUCT_TABLES);
        apart(fresh.sql(&create)).unwrap_or_else(|error| {
            panic!("{error}: tests/run finds or starts a PostgreSQL, SSOCTL_TEST_POSTGRES names one")
        });
        apart(async { PostgresStore::migrate(&fresh.url, Some(&fresh.schema)).await.map(drop) }).unwrap();
        fresh
    }

    async fn open(&self) -> PostgresStore {
        PostgresStore::open(&self.url, Some(&self.schema)).await.unwrap()
    }

    /// Runs SQL as somebody else would: over a plain connection.
    async fn sql(&self, text: &str) -> Result<(), tokio_postgres::Error> {
        let settings = Settings::read(&self.url, &Process).unwrap();
        let client = settings.connect().await.unwrap();
        client.batch_execute(&search_path("SET", &self.schema)).await.unwrap();
        client.batch_execute(text).await
    }
}

impl Drop for Fresh {
    fn drop(&mut self) {
        apart(async {
            let settings = Settings::read(&self.url, &Process).unwrap();
            // Whatever the test left open hears of its end only when its runtime runs again, which it never does.
            let drop = format!(
                "SET client_min_messages = error;
                 SELECT pg_terminate_backend(l.pid) FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
                 WHERE c.relnamespace = to_regnamespace('{0}') AND l.pid <> pg_backend_pid();
                 DROP SCHEMA IF EXISTS {0} CASCADE",
                self.schema
            );
            settings.connect().await.unwrap().batch_execute(&drop).await.unwrap();
        });
    }
}

/// What becomes of a session while somebody reads what they are to confirm.
#[tokio::test]
async fn a_connection_that_was_closed_while_it_lay_idle_is_replaced() {
    let fresh = Fresh::migrated();
    let name = fresh.schema.replace("unit", "idle");
    let url = format!("{}{}application_name={name}", fresh.url, if fresh.url.contains('?') { '&' } else { '?' });
    let store = PostgresStore::open(&url, Some(&fresh.schema)).await.unwrap();
    let kill = format!(
        "SELECT pg_terminate_backend(pid), pg_sleep(0.2) FROM pg_stat_activity WHERE application_name = '{name}'"
    );
    let email = EmailAddress::parse("nobody@acme.example").unwrap();
    for _ in 0..2 {
        store.read().await.unwrap().users_by_email(&email).await.unwrap();
        // This runtime stands still meanwhile, as at a question.
        apart(fresh.sql(&kill)).unwrap();
        let mut unit = store.begin().await.unwrap();
        unit.append_audit(&event(Action::Refused, None, None)).await.unwrap();
        unit.commit().await.unwrap();
        apart(fresh.sql(&kill)).unwrap();
    }
}

/// Runs `work` on a runtime of its own, wherever this is called from.
fn apart<T: Send>(work: impl Future<Output = T> + Send) -> T {
    std::thread::scope(|scope| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        scope.spawn(move || runtime.block_on(work)).join().unwrap()
    })
}

/// A repository whose connections are made in the runtime that the test runs on.
fn with_people() -> (Fresh, Arc<dyn Repository>) {
    let fresh = Fresh::migrated();
    apart(fresh.sql(PEOPLE)).unwrap();
    let store = PostgresStore::over(Settings::read(&fresh.url, &Process).unwrap(), Some(&fresh.schema)).unwrap();
    (fresh, Arc::new(store))
}

conformance_suite!(with_people);

async fn onboard(store: &PostgresStore, record: &ConnectionRecord) -> StoreResult<()> {
    let mut work = store.begin().await?;
    work.put_connection(record).await?;
    work.append_audit(&event(Action::Onboarded, Some(record.team_id.as_str()), None)).await?;
    work.commit().await
}

/// Two stores, as two processes have them.
async fn race(one: &ConnectionRecord, other: &ConnectionRecord) -> &'static str {
    let fresh = Fresh::migrated();
    let (first, second) = (fresh.open().await, fresh.open().await);
    let results = futures::join!(onboard(&first, one), onboard(&second, other));
    let connections = first.read().await.unwrap().connections(None).await.unwrap();
    assert_eq!(connections.len(), 1, "exactly one wins");
    match results {
        (Ok(()), Err(StoreError::Taken { what })) | (Err(StoreError::Taken { what }), Ok(())) => what,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn of_two_writers_racing_for_a_team_exactly_one_wins() {
    for _ in 0..3 {
        assert_eq!(race(&record("c1", "t1", &[]), &record("c2", "t1", &[])).await, "this team");
    }
}

#[tokio::test]
async fn of_two_writers_racing_for_a_domain_exactly_one_wins() {
    for _ in 0..3 {
        let (one, other) = (record("c1", "t1", &["acme.example"]), record("c2", "t2", &["acme.example"]));
        assert_eq!(race(&one, &other).await, "this domain");
    }
}

#[tokio::test]
async fn many_writers_append_to_one_unbroken_chain() {
    let fresh = Fresh::migrated();
    let stores = [fresh.open().await, fresh.open().await];
    let records: Vec<_> = (0..24).map(|number| record(&format!("c{number}"), &format!("t{number}"), &[])).collect();
    let work = records.iter().enumerate().map(|(number, record)| onboard(&stores[number % 2], record));
    for done in futures::future::join_all(work).await {
        done.unwrap();
    }
    let rows = stores[0].read().await.unwrap().audit_rows(0, 100).await.unwrap();
    let mut verifier = ChainVerifier::default();
    for row in &rows {
        verifier.take(row).unwrap();
    }
    assert_eq!(rows.len(), 24);
}

#[tokio::test]
async fn readers_do_not_wait_for_a_writer() {
    let fresh = Fresh::migrated();
    let store = fresh.open().await;
    let mut work = store.begin().await.unwrap();
    work.put_connection(&record("c1", "t1", &[])).await.unwrap();
    assert_eq!(store.read().await.unwrap().connections(None).await.unwrap(), []);
}

#[tokio::test]
async fn a_write_lock_that_somebody_keeps_is_busy() {
    let fresh = Fresh::migrated();
    let store = fresh.open().await;
    let _kept = store.begin().await.unwrap();
    let settings = Settings::read(&fresh.url, &Process).unwrap();
    let mut hasty = PostgresStore::over(settings, Some(&fresh.schema)).unwrap();
    let gate = Arc::get_mut(&mut hasty.gate).unwrap();
    gate.opening_write = gate.opening_write.replace("lock_timeout = '5s'", "lock_timeout = '50ms'");
    assert!(matches!(hasty.begin().await.map(drop), Err(StoreError::Busy { .. })));
}

/// The product may work at the same level: then what it changes under a decision is a conflict, and nothing else is.
#[tokio::test]
async fn a_change_of_the_products_under_a_decision_is_a_conflict() {
    let (fresh, _) = with_people();
    let store = fresh.open().await;
    let mut work = store.begin().await.unwrap();
    let teams = work.teams_owned_by(&UserId::new("u1")).await.unwrap();
    assert_eq!(teams.len(), 2);
    fresh
        .sql(
            "BEGIN ISOLATION LEVEL SERIALIZABLE; SELECT count(*) FROM sso_connections;
             UPDATE product_teams SET plan = 'Starter' WHERE owner_id = 'u1'; COMMIT",
        )
        .await
        .unwrap();
    let written = async {
        work.put_connection(&record("c1", "t1", &[])).await?;
        work.append_audit(&event(Action::Onboarded, Some("t1"), None)).await?;
        work.commit().await
    };
    let error = written.await.unwrap_err();
    assert!(matches!(error, StoreError::Conflict { .. }), "{error:?}");
    assert_eq!(store.read().await.unwrap().connections(None).await.unwrap(), []);
    onboard(&store, &record("c1", "t1", &[])).await.unwrap();
}

/// Rule C-05: append-only, hash-chained.
#[tokio::test]
async fn the_audit_log_refuses_every_change_but_the_next_row() {
    let fresh = Fresh::migrated();
    let store = fresh.open().await;
    for _ in 0..2 {
        let mut work = store.begin().await.unwrap();
        work.append_audit(&event(Action::Refused, None, None)).await.unwrap();
        work.commit().await.unwrap();
    }
    let rows = "INTO sso_audit_log (seq, at, actor, action, details, previous_hash, hash)";
    for text in [
        "UPDATE sso_audit_log SET actor = 'x' WHERE seq = 1",
        "DELETE FROM sso_audit_log WHERE seq = 2",
        "TRUNCATE sso_audit_log CASCADE",
        &format!("INSERT {rows} SELECT 4, at, actor, action, details, hash, 'h' FROM sso_audit_log WHERE seq = 2"),
        &format!("INSERT {rows} SELECT NULL, at, actor, action, details, hash, 'h' FROM sso_audit_log WHERE seq = 2"),
        &format!("INSERT {rows} SELECT 3, at, actor, action, details, 'x', 'h' FROM sso_audit_log WHERE seq = 2"),
        &format!("INSERT {rows} SELECT 3, at, actor, action, 'no json', hash, 'h' FROM sso_audit_log WHERE seq = 2"),
    ] {
        assert!(fresh.sql(text).await.is_err(), "{text}");
    }
    let next =
        format!("INSERT {rows} SELECT 3, at, actor, action, details, hash, 'h' FROM sso_audit_log WHERE seq = 2");
    fresh.sql(&next).await.unwrap();
}

#[tokio::test]
async fn a_connection_without_its_audit_row_is_refused_by_the_schema_itself() {
    let fresh = Fresh::migrated();
    let error = fresh
        .sql(
            "INSERT INTO sso_connections (id, team_id, status, account_token, domain_challenge,
             created_at, updated_at, audit_seq) VALUES ('c', 't', 'prepared', 'x', 'x', now(), now(), 1)",
        )
        .await
        .unwrap_err();
    assert_eq!(error.code().map(tokio_postgres::error::SqlState::code), Some("23503"));
}

#[tokio::test]
async fn a_pooler_that_mixes_up_prepared_statements_is_named() {
    let fresh = Fresh::new();
    for sql in ["PREPARE a AS SELECT 1; PREPARE a AS SELECT 1", "EXECUTE b"] {
        let error = super::errors::store_error(&fresh.sql(sql).await.unwrap_err(), "here");
        let StoreError::Unfit { reason } = error else { panic!("{error:?}") };
        assert!(reason.contains("PgBouncer has to be 1.21 or newer"), "{reason}");
    }
}

#[tokio::test]
async fn an_older_and_a_newer_schema_are_told_apart() {
    let fresh = Fresh::new();
    let open = || PostgresStore::open(&fresh.url, Some(&fresh.schema));
    // Other tests have schemas in the same database.
    let error = open().await.unwrap_err();
    let none = matches!(error, StoreError::SchemaOlder { found: 0, .. } | StoreError::SchemaElsewhere { .. });
    assert!(none, "{error:?}");
    PostgresStore::migrate(&fresh.url, Some(&fresh.schema)).await.unwrap();
    open().await.unwrap();
    fresh.sql("INSERT INTO sso_schema_history VALUES (99, 'later', '2030-01-01T00:00:00Z')").await.unwrap();
    let migrated = PostgresStore::migrate(&fresh.url, Some(&fresh.schema)).await.map(drop);
    for error in [open().await.map(drop), migrated] {
        assert!(matches!(error, Err(StoreError::SchemaNewer { found: 99, known: schema::NEEDED })), "{error:?}");
    }
    assert_eq!(PostgresStore::schema_state(&fresh.url, Some(&fresh.schema)).await.unwrap().found, 99);
}

#[tokio::test]
async fn several_who_migrate_at_once_all_succeed() {
    let fresh = Fresh::new();
    let migrate = || PostgresStore::migrate(&fresh.url, Some(&fresh.schema));
    for state in futures::future::join_all((0..4).map(|_| migrate())).await {
        assert_eq!(state.unwrap().found, schema::NEEDED);
    }
}

#[tokio::test]
async fn views_that_are_there_already_are_left_alone() {
    let fresh = Fresh::new();
    let create = format!("CREATE SCHEMA {0}; CREATE VIEW {0}.product_teams AS SELECT 7 AS id", fresh.schema);
    fresh.sql(&create).await.unwrap();
    PostgresStore::migrate(&fresh.url, Some(&fresh.schema)).await.unwrap();
    fresh.sql("DO $$ BEGIN ASSERT (SELECT id FROM product_teams) = 7; END $$").await.unwrap();
    fresh.sql("SELECT * FROM product_users").await.unwrap_err();
}

#[tokio::test]
async fn ids_of_every_type_are_found() {
    let uuids = ["01a2006f-a1a9-750b-b2a0-9ba241c74573", "11a2006f-a1a9-750b-b2a0-9ba241c74573"];
    for (kind, ids) in [
        ("smallint", ["7", "8"]),
        ("integer", ["7", "8"]),
        ("bigint", ["7", "8"]),
        ("numeric", ["7", "8"]),
        ("uuid", uuids),
        ("text", ["a b", "c'd"]),
        ("varchar(40)", ["x", "y"]),
        ("char(2)", ["xx", "yy"]),
    ] {
        let fresh = Fresh::new();
        let literal = |id: &str| format!("'{}'::{kind}", id.replace('\'', "''"));
        let [one, other] = ids.map(literal);
        fresh
            .sql(&format!(
                "CREATE SCHEMA {0};
                 CREATE TABLE {0}.product_users AS SELECT * FROM (VALUES ({one}, 'jane@acme.example', 'Jane', true),
                     ({other}, 'amir@acme.example', NULL, true)) AS u(id, email, name, active);
                 CREATE TABLE {0}.product_teams AS SELECT * FROM (VALUES ({one}, 'Acme', {one}, NULL, true),
                     ({other}, 'Globex', NULL, NULL, false)) AS t(id, name, owner_id, plan, management_enabled);
                 CREATE TABLE {0}.product_memberships AS SELECT * FROM (VALUES ({one}, {one}, 'owner', now()),
                     ({other}, {other}, 'member', NULL)) AS m(user_id, team_id, role, since);",
                fresh.schema
            ))
            .await
            .unwrap();
        PostgresStore::migrate(&fresh.url, Some(&fresh.schema)).await.unwrap();
        let store = fresh.open().await;
        assert!(!store.load_sample_data().await.unwrap(), "{kind}: the people here are no sample's");
        let mut read = store.read().await.unwrap();
        let jane = read.users_by_email(&EmailAddress::parse("Jane@acme.example").unwrap()).await.unwrap();
        assert_eq!(jane[0].id.as_str(), ids[0], "{kind}");
        assert_eq!(read.teams_owned_by(&jane[0].id).await.unwrap()[0].id.as_str(), ids[0], "{kind}");
        assert_eq!(read.memberships_of(&jane[0].id).await.unwrap()[0].team_id.as_str(), ids[0], "{kind}");
        assert_eq!(read.owner_of(&TeamId::new(ids[0])).await.unwrap().unwrap().name, "Jane", "{kind}");
        let domain = [EmailDomain::parse("acme.example").unwrap()];
        let elsewhere = read.members_elsewhere(&domain, &TeamId::new(ids[0]), 20, 100).await.unwrap();
        assert_eq!((elsewhere.total, elsewhere.listed[0].team_name.as_deref()), (1, Some("Globex")), "{kind}");
        drop(read);
        onboard(&store, &record("c1", ids[0], &["acme.example"])).await.unwrap();
        let mut read = store.read().await.unwrap();
        let stored = read.connection_of_team(&TeamId::new(ids[0])).await.unwrap().unwrap();
        assert_eq!(stored.team_name.as_deref(), Some("Acme"), "{kind}");
        // What is no such id is nobody's, and no error.
        for strange in ["", "x'; --", "99999999999999999999"] {
            assert!(read.memberships_of(&UserId::new(strange)).await.unwrap().is_empty(), "{kind}");
            assert!(read.owner_of(&TeamId::new(strange)).await.unwrap().is_none(), "{kind}");
        }
        crate::product::contract::ask(&mut *read).await.unwrap();
    }
}

#[tokio::test]
async fn an_inspection_names_types_that_cannot_be_compared_or_read() {
    let fresh = Fresh::new();
    fresh
        .sql(&format!(
            "CREATE SCHEMA {0};
             CREATE DOMAIN {0}.address AS varchar; CREATE DOMAIN {0}.yes AS boolean;
             CREATE TABLE {0}.product_users (id bigint, email {0}.address, name text, active {0}.yes);
             CREATE TABLE {0}.product_teams (id bigint, name text, owner_id integer, plan text, management_enabled boolean);
             CREATE TABLE {0}.product_memberships (user_id text, team_id bigint, role text, since date)",
            fresh.schema
        ))
        .await
        .unwrap();
    PostgresStore::migrate(&fresh.url, Some(&fresh.schema)).await.unwrap();
    let store = fresh.open().await;
    let mistyped = async || {
        let inspection = store.inspect().await.unwrap();
        assert_eq!(inspection.lacking, []);
        inspection.relations.into_iter().flat_map(|relation| relation.mistyped).collect::<Vec<_>>()
    };
    assert_eq!(mistyped().await, [("user_id".to_owned(), "text".to_owned())]);
    fresh.sql("ALTER TABLE product_users ALTER email TYPE bytea USING NULL").await.unwrap();
    assert_eq!(mistyped().await, [("email".to_owned(), "bytea".to_owned())]);
}

#[tokio::test]
async fn the_sample_data_loads_twice() {
    let fresh = Fresh::migrated();
    let store = fresh.open().await;
    store.load_sample_data().await.unwrap();
    store.load_sample_data().await.unwrap();
    let mut read = store.read().await.unwrap();
    let hooli = [EmailDomain::parse("hooli.example").unwrap()];
    let outside = read.members_outside(&TeamId::new("1046"), &hooli, 20, 100).await.unwrap();
    assert_eq!(outside.listed[0].email, "pat@freelance.example");
}

#[tokio::test]
async fn a_stored_value_that_cannot_be_read_is_named() {
    let fresh = Fresh::migrated();
    let store = fresh.open().await;
    onboard(&store, &record("c1", "t1", &[])).await.unwrap();
    fresh.sql("UPDATE sso_connections SET issuer = E'not \\x1b[2J a url'").await.unwrap();
    let error = store.read().await.unwrap().connections(None).await.unwrap_err().to_string();
    assert!(error.contains("`issuer` of connection `c1`") && !error.contains('\u{1b}'), "{error}");
}

#[tokio::test]
async fn a_value_of_the_products_that_is_none_is_named() {
    let (fresh, _) = with_people();
    fresh
        .sql("ALTER TABLE product_users ALTER active DROP NOT NULL; UPDATE product_users SET active = NULL")
        .await
        .unwrap();
    let store = fresh.open().await;
    let jane = EmailAddress::parse("jane.doe@acme.example").unwrap();
    let error = store.read().await.unwrap().users_by_email(&jane).await.unwrap_err().to_string();
    assert!(error.contains("`active` of `product_users` in the row `u1`") && error.contains("null"), "{error}");
}

/// A million people: a scan would take minutes. The planner may not scan where it can help it; what it cannot answer through
/// an index it scans even so.
#[tokio::test]
async fn every_question_about_people_is_answered_through_an_index() {
    let fresh = Fresh::migrated();
    let settings = Settings::read(&fresh.url, &Process).unwrap();
    let client = settings.connect().await.unwrap();
    let path = search_path("SET", &fresh.schema);
    client
        .batch_execute(&format!("{path}; SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan"))
        .await
        .unwrap();
    for (name, text, params) in [
        ("members", people::MEMBERS, "'{a,b}', 't', 100, 20"),
        ("outsiders", people::OUTSIDERS, "'t', '{a,b}'"),
        ("nearby", people::OWNERS_AT, "'{a,b}', 50"),
        ("users", people::USERS_BY_EMAIL, "'{a}', '{b@a}'"),
        ("owned", reads::TEAMS_OWNED_BY, "'u'"),
        ("memberships", reads::MEMBERSHIPS_OF, "'u'"),
        ("owner", reads::OWNER_OF, "'t'"),
        ("names", reads::TEAM_NAMES, "'{t}'"),
        ("plain", together::PLAIN, "'{1}', '{a}', '{b@a}', '{a b}', '{a b}', '{i}', '{i/}', '{c}', '{e}'"),
        ("ahead", together::PLAIN_AHEAD, "'{1}', '{a}', '{u}', '{a b}', '{a b}', '{i}', '{i/}', '{c}', '{e}', '{u}'"),
    ] {
        client.batch_execute(&format!("PREPARE {name} AS {text}")).await.unwrap();
        let rows = client.query_typed(&format!("EXPLAIN EXECUTE {name}({params})"), &[]).await.unwrap();
        let steps: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
        assert!(!steps.iter().any(|step| step.contains("Seq Scan")), "{steps:#?}");
        assert!(steps.iter().any(|step| step.contains("Index Cond")), "{steps:#?}");
        if name == "members" {
            let by_domain = steps.iter().filter(|step| step.contains("Index Only Scan using product_users_by_domain"));
            assert_eq!(by_domain.count(), 1, "{steps:#?}");
            // What the spellings have is merged and sorted; each comes in the index's order.
            assert_eq!(steps.iter().filter(|step| step.contains("Sort Key")).count(), 1, "{steps:#?}");
        }
    }
}

/// Where there is no index by domain, many domains are looked for in one go: each user's own is looked up among them, whatever
/// their number.
#[tokio::test]
async fn without_an_index_every_user_is_read_once_and_compared_once() {
    let fresh = Fresh::migrated();
    fresh.sql("DROP INDEX product_users_by_domain").await.unwrap();
    let settings = Settings::read(&fresh.url, &Process).unwrap();
    let client = settings.connect().await.unwrap();
    let path = search_path("SET", &fresh.schema);
    let prepare = format!(
        "{path}; SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan; PREPARE people AS {}",
        ahead::PEOPLE
    );
    client.batch_execute(&prepare).await.unwrap();
    // A table of a handful would not be shared; this one is to be planned as a large one is.
    let as_if_large = format!(
        "BEGIN; {}; SET LOCAL min_parallel_table_scan_size = 0; SET LOCAL parallel_setup_cost = 0; \
         SET LOCAL parallel_tuple_cost = 0; SET LOCAL max_parallel_workers_per_gather = 2",
        ahead::READING_ALL
    );
    client.batch_execute(&as_if_large).await.unwrap();
    let rows = client.query_typed("EXPLAIN EXECUTE people('{a,b}')", &[]).await.unwrap();
    let steps: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    assert_eq!(steps.iter().filter(|step| step.contains("Seq Scan on product_users")).count(), 1, "{steps:#?}");
    assert!(steps.iter().any(|step| step.contains("Hash Cond")), "{steps:#?}");
    assert!(!steps.iter().any(|step| step.contains("ANY")), "{steps:#?}");
    assert!(steps.iter().any(|step| step.contains("Parallel Seq Scan on product_users")), "{steps:#?}");
}
