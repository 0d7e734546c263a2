//! Products with schemas of their own: the views over them, what doctor says, and somebody onboarded through them.

use serde_json::Value;

use super::json_schema::Contract;
use crate::support::desk::{Desk, verdict};
use crate::support::postgres::{Cluster, Database, query};
use crate::support::provider::Provider;
use crate::support::world::World;

fn fixture(name: &str) -> String {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/schemas").join(format!("{name}.sql"));
    std::fs::read_to_string(file).unwrap()
}

/// A desk over a product's own database, our tables in a schema of their own.
fn desk(schema: &str) -> Desk {
    let database = Database::new();
    database.sql(&fixture(schema));
    let world = World::over(database);
    world.configure(&format!("url = \"{}\"\nschema = \"sso\"", world.server().url()));
    world.ssoctl(["init"]).expect_code(0);
    Desk::within(world, Provider::new())
}

/// Doctor's looks that are not `pass`, but for those that every test installation has.
fn complaints(world: &World) -> Vec<(String, String)> {
    let run = world.ssoctl(["doctor", "--offline", "-o", "json"]);
    let document = Contract::new().holds(&run);
    let looks = document["checks"].as_array().unwrap().iter();
    let notable =
        looks.filter(|look| look["verdict"] != "pass" && look["what"] != "public_url" && look["what"] != "guard");
    notable
        .map(|look| (look["what"].as_str().unwrap().to_owned(), look["found"].as_str().unwrap().to_owned()))
        .collect()
}

/// The whole story on one product: `acme` is its id of Jane's team.
fn onboards(desk: &Desk, acme: &str) {
    assert_eq!(complaints(&desk.world), []);
    let report = desk.onboard_json(0, &["--requested-by", "AMIR@acme.example"]);
    assert_eq!(
        (&report["outcome"], &report["team"]["id"], &report["team"]["name"]),
        (&"onboarded".into(), &acme.into(), &"Acme".into())
    );
    // One of Initech's people is in Globex.
    let mut words =
        desk.request_of("bill@initech.example", "onboard", &["--client-secret-file", "secret.txt", "--yes"]);
    words.extend(["-o", "json"].map(str::to_owned));
    let refused: Value = desk.world.ssoctl(words).expect_code(1).json();
    assert_eq!(verdict(&refused, "team-members"), "fail");
    assert!(refused["reply"].as_str().unwrap().to_lowercase().contains("sam@initech.example"), "{refused}");
    let listed = desk.connection(&["list", "-o", "json"]).expect_code(0).json();
    assert_eq!(
        (&listed["connections"][0]["team"]["name"], &listed["connections"][0]["team"]["id"]),
        (&"Acme".into(), &acme.into())
    );
    desk.expect_sound();
}

#[test]
fn a_product_with_accounts_roles_as_integers_and_soft_deletes() {
    onboards(&desk("accounts_users"), "1042");
}

#[test]
fn a_product_with_organizations_uuids_and_citext() {
    onboards(&desk("organizations_people"), "a1b2c3d4-0000-4000-8000-000000001042");
}

#[test]
fn a_product_with_one_table_of_users_with_a_company() {
    onboards(&desk("users_company"), "42");
}

#[test]
fn a_product_on_sqlite_offers_views_too() {
    let world = World::empty();
    rusqlite::Connection::open(world.database()).unwrap().execute_batch(&fixture("accounts_users_sqlite")).unwrap();
    std::fs::set_permissions(world.database(), std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    world.ssoctl(["init"]).expect_code(0);
    onboards(&Desk::within(world, Provider::new()), "1042");
}

#[test]
fn doctor_names_what_is_surprising_on_both_databases() {
    for world in [World::new(), World::on_postgres()] {
        for statement in [
            "INSERT INTO product_users (id, email, name, active) VALUES ('90', 'JANE@acme.example ', 'Again', TRUE)",
            "INSERT INTO product_users (id, email, name, active) VALUES ('91', ' ', 'Robot', TRUE)",
            "INSERT INTO product_teams (id, name, owner_id) VALUES ('2000', 'Orphans', NULL)",
            "INSERT INTO product_teams (id, name, owner_id) VALUES ('2001', 'Ghosts', '9999')",
            "INSERT INTO product_memberships (user_id, team_id, role) VALUES ('2', '1043', 'Owner')",
            "INSERT INTO product_memberships (user_id, team_id, role) VALUES ('9999', '1043', 'member')",
        ] {
            world.sql(statement);
        }
        let said: Vec<String> =
            complaints(&world).into_iter().map(|(what, found)| format!("{what}: {found}")).collect();
        let expected = [
            "product data: 1 user has no e-mail address: 91",
            "product data: 1 address belongs to several users: jane@acme.example",
            "product data: 1 team has no owner: 2000",
            "product data: 1 team has an owner who is not in product_users: 2001",
            "product data: 1 team has several members with the role `owner`: 1043",
            "product data: 1 membership is of a user or in a team that is not there: 9999",
        ];
        assert_eq!(said, expected);
    }
}

#[test]
fn doctor_holds_plans_and_roles_against_the_policy_on_both_databases() {
    for world in [World::new(), World::on_postgres()] {
        world.sql("UPDATE product_teams SET plan = CASE WHEN id = '1042' THEN '3' END");
        world.sql("UPDATE product_memberships SET role = '0'");
        let said: Vec<String> = complaints(&world).into_iter().map(|(_, found)| found).collect();
        let expected = [
            "no team is on a plan with single sign-on (Scale Plus, Enterprise); the plans are (none), 3",
            "nobody has a role that may ask for single sign-on (admin); the roles are 0",
        ];
        assert_eq!(said, expected);
    }
}

#[test]
fn doctor_names_the_view_the_column_and_the_index_that_are_not_right() {
    let desk = desk("accounts_users");
    let world = &desk.world;
    world.sql("DROP INDEX users_sso_domain");
    world.sql("DROP INDEX account_users_sso_user, index_account_users_on_both");
    let said: Vec<String> = complaints(world).into_iter().map(|(what, found)| format!("{what}: {found}")).collect();
    let expected = [
        "indexes: who has an address in a domain is answered by reading a whole table",
        "indexes: who has an address is answered by reading a whole table",
        "indexes: which teams somebody is in is answered by reading a whole table",
        "indexes: who is in a team is answered by reading a whole table",
        "indexes: which teams somebody owns is answered by reading a whole table",
    ];
    assert_eq!(said, expected);
    world.sql("DROP VIEW sso.product_users");
    world.sql("CREATE VIEW sso.product_users AS SELECT id, email, 1 AS active FROM users");
    world.sql("DROP VIEW sso.product_memberships");
    let said: Vec<String> = complaints(world).into_iter().map(|(_, found)| found).collect();
    assert!(
        said.contains(
            &"product_users has no column name; it offers active as int4, and ssoctl needs a boolean".to_owned()
        ),
        "{said:?}"
    );
    assert!(said.contains(&"there is no product_memberships".to_owned()), "{said:?}");
    world.ssoctl(["doctor", "--offline"]).expect_code(70);
}

#[test]
fn tables_in_another_schema_than_the_configured_one_are_found_and_not_made_anew() {
    let desk = desk("accounts_users");
    let world = &desk.world;
    let url = world.server().url();
    for schema in ["", "\nschema = \"SSO\""] {
        world.configure(&format!("url = \"{url}\"{schema}"));
        for words in [&["connection", "list"][..], &["db", "status"]] {
            let run = world.ssoctl(words).expect_code(70);
            assert!(run.stderr.contains("are in the schema `sso`") && run.stderr.contains("second"), "{}", run.stderr);
        }
        assert!(complaints(world)[0].1.contains("`sso`"));
    }
    world.configure(&format!("url = \"{url}\""));
    for words in [&["db", "migrate"][..], &["init"]] {
        let run = world.ssoctl(words).expect_code(70);
        assert!(run.stderr.contains("are in the schema `sso`"), "{}", run.stderr);
    }
    assert_eq!(world.sql("SELECT schemaname FROM pg_tables WHERE tablename = 'sso_schema_history'"), [["sso"]]);
    // Whoever wants a second one gets it.
    world.configure(&format!("url = \"{url}\"\nschema = \"second\""));
    world.ssoctl(["init"]).expect_code(0);
    world.ssoctl(["connection", "list"]).expect_code(0);
}

#[test]
fn doctor_notices_a_product_in_which_nobody_is() {
    for world in [World::empty(), World::over(Database::new())] {
        world.ssoctl(["init"]).expect_code(0);
        if !world.is_on_postgres() {
            world.sql("INSERT INTO product_users (id, email, active) VALUES ('1', 'jane@acme.example', TRUE)");
        }
        let said: Vec<String> = complaints(&world).into_iter().map(|(_, found)| found).collect();
        let expected = if world.is_on_postgres() {
            "2 tables or views of the product's are empty, such as product_teams"
        } else {
            "1 table or view of the product's is empty: product_teams"
        };
        assert_eq!(said, [expected]);
        world.ssoctl(["doctor", "--offline"]).expect_code(0);
    }
}

#[test]
fn doctor_names_the_view_that_cannot_be_read_and_why() {
    let desk = desk("accounts_users");
    let world = &desk.world;
    let found = || complaints(world).into_iter().map(|(_, found)| found).collect::<Vec<_>>();
    world.sql("DROP VIEW sso.product_teams");
    world.sql(
        "CREATE VIEW sso.product_teams AS SELECT a.id, a.name, (SELECT user_id FROM account_users) AS owner_id, \
             NULL AS plan, TRUE AS management_enabled FROM accounts AS a",
    );
    assert_eq!(
        found(),
        ["product_teams cannot be read: more than one row returned by a subquery used as an expression"]
    );
    let name = &world.server().name;
    world.sql(&format!("ALTER DATABASE {name} SET default_transaction_read_only = on"));
    assert_eq!(found().len(), 2, "{:?}", found());
    assert!(found()[1].contains("nothing written"), "{:?}", found());
    query(&crate::support::postgres::server(), &format!("ALTER DATABASE {name} RESET ALL"));
}

#[test]
fn a_person_whom_a_join_repeats_shares_their_address_with_nobody() {
    let desk = desk("accounts_users");
    desk.world.sql("ALTER VIEW sso.product_users RENAME TO once");
    desk.world.sql("CREATE VIEW sso.product_users AS SELECT once.* FROM sso.once, generate_series(1, 2)");
    let said = complaints(&desk.world).into_iter().filter(|(what, _)| what == "product data");
    let said: Vec<String> = said.map(|(_, found)| found).collect();
    let [one] = said.as_slice() else { panic!("{said:?}") };
    assert!(one.contains("users are in product_users several times"), "{one}");
}

#[test]
fn doctor_names_what_a_view_on_sqlite_offers_otherwise() {
    let world = World::empty();
    let open = || rusqlite::Connection::open(world.database()).unwrap();
    open().execute_batch(&fixture("accounts_users_sqlite")).unwrap();
    std::fs::set_permissions(world.database(), std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    world.ssoctl(["init"]).expect_code(0);
    let users = |columns: &str| {
        let view = format!("DROP VIEW product_users; CREATE VIEW product_users AS SELECT {columns} FROM users");
        open().execute_batch(&view).unwrap();
        complaints(&world).into_iter().filter(|(what, _)| what != "indexes").map(|(_, found)| found).collect::<Vec<_>>()
    };
    let address = "lower(trim(email)) AS email_normalised, lower(substr(email, instr(email, '@') + 1)) AS email_domain";
    let asked = users(&format!("id, email, name, 'yes' AS active, {address}"));
    let expected =
        "product_users offers id as integer, and ssoctl needs text; it offers active as text, and ssoctl needs 1 or 0";
    assert_eq!(asked, [expected]);
    let asked = users(
        "CAST(id AS TEXT) AS id, email, name, 1 AS active, email AS email_normalised, \
                       email AS email_domain",
    );
    assert!(asked.iter().any(|found| found.contains("cannot be found by email_normalised")), "{asked:?}");
    let asked = users(&format!("CAST(id AS TEXT) AS id, gone AS email, name, 1 AS active, {address}"));
    assert!(asked[0].starts_with("product_users cannot be read: "), "{asked:?}");
}

#[test]
fn the_index_of_a_uuid_is_found_where_there_is_one_and_missed_where_there_is_none() {
    let desk = desk("organizations_people");
    let world = &desk.world;
    let memberships = "CREATE OR REPLACE VIEW sso.product_memberships AS SELECT person_id AS user_id, \
         organization_id AS team_id, replace(role::text, 'administrator', 'admin') AS role, joined_at::date AS since \
         FROM memberships WHERE joined_at < now()";
    world.sql(memberships);
    assert_eq!(complaints(world), []);
    // The primary key is by organization first: along it, everybody would be read.
    world.sql("DROP INDEX memberships_person, organizations_owner");
    let said = |world: &World| complaints(world).into_iter().map(|(_, found)| found).collect::<Vec<_>>();
    let whole = |question: &&str| format!("{question} is answered by reading a whole table");
    assert_eq!(
        said(world),
        ["which teams somebody is in", "which teams somebody owns"].iter().map(whole).collect::<Vec<_>>()
    );
    world.sql("ALTER TABLE memberships DROP CONSTRAINT memberships_pkey");
    let expected = ["which teams somebody is in", "who is in a team", "which teams somebody owns"];
    assert_eq!(said(world), expected.iter().map(whole).collect::<Vec<_>>());
}

#[test]
fn the_readme_shows_the_very_views_that_are_tested_here() {
    let fixture = fixture("accounts_users");
    let asked = fixture.split_once("-- What ssoctl asks for.").unwrap().1;
    let asked: Vec<&str> = asked.lines().filter(|line| !line.starts_with("--")).collect();
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = std::fs::read_to_string(root.join("README.md")).unwrap();
    assert!(readme.contains(asked.join("\n").trim()), "the chapter of ten minutes and the fixture differ");
}

/// The template as a product would edit it: the words in angle brackets are those of `accounts_users.sql`.
fn edited(world: &World) -> String {
    let mut sql = world.ssoctl(["db", "contract", "--dialect", "postgres"]).expect_code(0).stdout;
    for (word, ours) in [
        ("u.<name>", "u.first_name"),
        ("t.<plan>", "'Scale Plus'"),
        ("<deactivated_at>", "locked_at"),
        ("t.<owner_id>", "(SELECT user_id FROM account_users WHERE account_id = t.id AND role = 2 LIMIT 1)"),
        ("<teams> (<owner_id>)", "accounts (id)"),
        ("<users>", "users"),
        ("<teams>", "accounts"),
        ("<memberships>", "account_users"),
        ("<team_id>", "account_id"),
    ] {
        sql = sql.replace(word, ours);
    }
    sql = sql.replace(['<', '>'], "");
    sql.replace(" CONCURRENTLY", "")
}

#[test]
fn the_template_edited_and_run_gives_roles_that_may_do_their_work_and_nothing_else() {
    let cluster = Cluster::start(&["fsync=off"]);
    let database = Database::on(&cluster.url());
    let product = fixture("accounts_users");
    database.sql(product.split("-- What ssoctl asks for.").next().unwrap());
    let world = World::over(database);
    let owner = format!("url = \"{}\"\nschema = \"sso\"", world.server().url());
    world.configure(&owner);
    let sql = edited(&world);
    let (views, roles) = sql.split_once("-- Second part").unwrap();
    world.sql(views);
    world.ssoctl(["init"]).expect_code(0);
    world.sql(&format!("--{roles}"));

    world.configure(&owner.replacen("postgres@", "ssoctl_operator@", 1));
    let desk = Desk::within(world, Provider::new());
    desk.world.ssoctl(["prepare", "--owner", "jane@acme.example"]).expect_code(0);
    assert_eq!(desk.onboard_json(0, &[])["outcome"], "onboarded");
    desk.connection(&["suspend", "--team", "1042", "--yes"]).expect_code(0);
    desk.connection(&["activate", "--team", "1042", "--yes"]).expect_code(0);
    desk.expect_sound();
    desk.world.ssoctl(["doctor", "--offline"]).expect_code(0);

    let operator = desk.world.server().url().replacen("postgres@", "ssoctl_operator@", 1);
    for forbidden in [
        "UPDATE users SET email = 'x'",
        "SELECT * FROM users",
        "DELETE FROM sso.sso_audit_log",
        "UPDATE sso.sso_audit_log SET actor = 'x'",
        "CREATE TABLE sso.mine (a int)",
        "DROP TABLE sso.sso_domains",
    ] {
        let error = crate::support::postgres::try_query(&operator, forbidden).unwrap_err();
        assert_eq!(error.code().map(tokio_postgres::error::SqlState::code), Some("42501"), "{forbidden}");
    }
    desk.connection(&["remove", "--team", "1042", "--yes"]).expect_code(0);

    query(&cluster.url(), "CREATE ROLE product LOGIN IN ROLE ssoctl_reader");
    let product = desk.world.server().url().replacen("postgres@", "product@", 1);
    query(&product, "SELECT * FROM sso.sso_connections JOIN sso.sso_domains ON connection_id = id");
    for forbidden in ["SELECT * FROM sso.sso_audit_log", "DELETE FROM sso.sso_connections"] {
        let error = crate::support::postgres::try_query(&product, forbidden).unwrap_err();
        assert_eq!(error.code().map(tokio_postgres::error::SqlState::code), Some("42501"), "{forbidden}");
    }
    // A role that lacks a right is told which, and nothing is written.
    desk.world.sql("REVOKE INSERT ON sso.sso_audit_log FROM ssoctl_operator");
    let doctor = desk.world.ssoctl(["doctor", "--offline"]).expect_code(70);
    assert!(doctor.stdout.contains("GRANT INSERT ON sso.sso_audit_log TO ssoctl_operator"), "{}", doctor.stdout);
    assert_eq!(doctor.stdout.matches("\nfail ").count(), 1, "{}", doctor.stdout);
    let run = desk.onboard(&[]).expect_code(70);
    assert!(
        run.stderr.contains("permission denied for table sso_audit_log") && run.stderr.contains("db contract"),
        "{}",
        run.stderr
    );
    assert!(!run.stderr.contains("password"), "it was let in: {}", run.stderr);
}
