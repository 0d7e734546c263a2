//! Everything that `-o json` prints is what `ssoctl schema` says, and the schema is strict enough to notice.

use std::collections::BTreeSet;

use jsonschema::Validator;
use serde_json::{Map, Value, json};

use crate::support::desk::{Desk, JANE, TICKET};
use crate::support::name_server::NameServer;
use crate::support::provider::{Behaviour, CLIENT_ID, CLIENT_SECRET, Dialect, Provider, Route};
use crate::support::world::{Run, World};

/// The schema that the binary prints.
fn schema() -> Value {
    World::empty().ssoctl(["schema"]).expect_code(0).json()
}

/// The schema, to hold documents against.
pub(super) struct Contract(Validator);

impl Contract {
    pub(super) fn new() -> Self {
        Self(jsonschema::validator_for(&schema()).unwrap())
    }

    /// Fails the test unless the run printed exactly one document, and that is a valid one.
    #[track_caller]
    pub(super) fn holds(&self, run: &Run) -> Value {
        let mut documents = serde_json::Deserializer::from_str(&run.stdout).into_iter::<Value>();
        let document = documents.next().unwrap_or_else(|| panic!("no document: {run:?}")).unwrap();
        assert!(documents.next().is_none(), "more than one document: {}", run.stdout);
        assert_eq!(run.stdout.lines().count(), 1);
        self.accepts(&document);
        document
    }

    #[track_caller]
    pub(super) fn accepts(&self, document: &Value) {
        if !self.0.is_valid(document) {
            let why: Vec<String> = self.0.iter_errors(document).map(|error| format!("{error:?}")).collect();
            panic!("{document:#}\nis not valid: {}", why.join("\n"));
        }
    }

    fn refuses(&self, document: &Value) -> bool {
        !self.0.is_valid(document)
    }
}

/// The command with `-o json`.
fn json_of(world: &World, words: &[&str]) -> Run {
    world.ssoctl(words.iter().chain(&["-o", "json"]))
}

#[test]
fn the_schema_is_a_valid_one_of_draft_2020_12() {
    let schema = schema();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    assert!(schema["$id"].is_string() && schema["title"].is_string());
    assert!(jsonschema::draft202012::meta::is_valid(&schema));
}

/// Every schema of an object in `value`, at any depth.
fn objects<'s>(value: &'s Value, path: &str, found: &mut Vec<(String, &'s Map<String, Value>)>) {
    match value {
        Value::Object(members) => {
            if members.contains_key("properties") {
                found.push((path.to_owned(), members));
            }
            for (name, value) in members {
                objects(value, &format!("{path}/{name}"), found);
            }
        }
        Value::Array(items) => {
            for (position, value) in items.iter().enumerate() {
                objects(value, &format!("{path}/{position}"), found);
            }
        }
        _ => {}
    }
}

#[test]
fn every_object_is_closed_and_every_member_described() {
    let schema = schema();
    let mut found = Vec::new();
    objects(&schema, "", &mut found);
    assert!(found.len() > 25, "{}", found.len());
    for (path, object) in found {
        assert_eq!(object.get("additionalProperties"), Some(&json!(false)), "{path} is open");
        assert!(object.get("required").is_some_and(Value::is_array), "{path} says nothing of what is required");
        for (name, member) in object["properties"].as_object().unwrap() {
            let described = |member: &Value| member["description"].as_str().is_some_and(|text| !text.is_empty());
            let target = member["$ref"].as_str().map(|to| to.trim_start_matches("#/$defs/"));
            assert!(described(member) || target.is_some_and(|to| described(&schema["$defs"][to])), "{path}: {name}");
        }
    }
}

#[test]
fn every_definition_is_used() {
    let schema = schema();
    let text = schema.to_string();
    for name in schema["$defs"].as_object().unwrap().keys() {
        assert!(text.contains(&format!("\"#/$defs/{name}\"")), "{name} is not used");
    }
}

#[test]
fn reports_of_every_outcome_are_valid() {
    let contract = Contract::new();
    let desk = Desk::facing(Provider::new().on(Route::Token, Behaviour::dialect(Dialect::GrantFirst)));
    let mut outcomes = BTreeSet::new();
    let mut run = |run: &Run| _ = outcomes.insert(contract.holds(run)["outcome"].as_str().unwrap().to_owned());
    let onboard = |more: &[&str]| desk.onboard(&[more, &["-o", "json"]].concat());

    run(&desk.world.ssoctl(desk.request("check", &["--client-secret-file", "secret.txt", "-o", "json"])));
    run(&desk.world.ssoctl(desk.words(&["check", "--issuer", desk.provider.issuer(), "-o", "json"], &[])));
    run(&json_of(&desk.world, &["check", "--owner", JANE, "--requested-by", "amir@acme.example"]));
    run(&onboard(&["--dry-run"]));
    run(&onboard(&["--stage", "--requested-by", "amir@acme.example"]));
    run(&desk.connection(&["activate", "--team", "1042", "--yes", "-o", "json"]));
    run(&onboard(&[]));
    desk.secret_file("secret.txt", "CANARY-an0ther-secret");
    run(&onboard(&[]));
    run(&onboard(&["--replace", "--dry-run"]));
    run(&onboard(&["--replace", "--vouch-domain", "acme-labs.example"]));
    run(&json_of(&desk.world, &["prepare", "--owner", "nobody@nowhere.example"]));
    let silent = Desk::facing(Provider::new().on(Route::Discovery, Behaviour::close()));
    run(&silent.onboard(&["-o", "json"]));

    let printed: BTreeSet<&str> = outcomes.iter().map(String::as_str).collect();
    let schema = schema();
    let known = schema["$defs"]["report"]["properties"]["outcome"]["enum"].as_array().unwrap();
    assert_eq!(printed, known.iter().map(|word| word.as_str().unwrap()).collect(), "an outcome is missing here");
}

#[test]
fn reports_of_values_in_any_state_are_valid() {
    let contract = Contract::new();
    let holds = |run: &Run| assert!(contract.holds(run)["checks"].is_array(), "no report: {}", run.stdout);
    let desk = Desk::new();
    let given = [
        "not an address",
        "<jane@acme.example>",
        "\u{1b}[31mjane@acme.example",
        "mailto:jane@acme.example",
        "",
        "jane@bücher.example",
    ];
    for owner in given {
        holds(&desk.world.ssoctl(desk.request_of(
            owner,
            "onboard",
            &["--client-secret-file", "secret.txt", "--yes", "-o", "json"],
        )));
    }
    for issuer in [
        "acme",
        "",
        "http://acme.example",
        "https://login.microsoftonline.com/common/v2.0",
        "https://acme-admin.okta.com",
    ] {
        holds(&json_of(
            &desk.world,
            &["check", "--owner", JANE, "--issuer", issuer, "--allow-origin", "https://10.0.0.1"],
        ));
    }
    for behaviour in [Behaviour::login_page(), Behaviour::status(404), Behaviour::json(&json!({"issuer": 7}))] {
        let desk = Desk::facing(Provider::new().on(Route::Discovery, behaviour));
        holds(&desk.onboard(&["-o", "json"]));
    }
    let desk = Desk::facing(Provider::new().client(CLIENT_ID, "another").offers(Route::Introspection));
    holds(&desk.onboard(&["-o", "json", "--domain", "acme-labs.example"]));
}

#[test]
fn every_other_document_is_valid() {
    let contract = Contract::new();
    let desk = Desk::new();
    let mut kinds = BTreeSet::new();
    let mut run = |words: &[&str], code: i32| {
        let run = json_of(&desk.world, words).expect_code(code);
        kinds.insert(contract.holds(&run)["kind"].as_str().unwrap().to_owned());
    };
    run(&["connection", "list"], 0);
    run(&["audit", "list"], 0);
    run(&["audit", "verify"], 0);
    run(&["prepare", "--owner", JANE, "--ticket", TICKET], 0);
    run(&["prepare", "--owner", JANE, "--protocol", "saml"], 0);
    run(&["connection", "show", "--team", "1042"], 0);
    desk.onboard(&[]).expect_code(0);
    run(&["reply", "--last"], 0);
    for part in ["cur", "new", "tmp"] {
        std::fs::create_dir_all(desk.world.path("Maildir").join(part)).unwrap();
    }
    desk.world.write("Maildir/new/1.a", "From: jane@acme.example\nSubject: SSO\n\nhello\n");
    run(&["inbox", "--mailbox", "Maildir", "--check-all", "--all"], 0);
    run(&["prepare", "--owner", JANE], 0);
    run(&["prepare", "--owner", "hank@globex.example"], 0);
    run(&["scim", "issue", "--team", "1042", "--yes"], 0);
    run(&["scim", "rotate", "--team", "1042", "--yes"], 0);
    run(&["scim", "promote", "--team", "1042", "--yes"], 0);
    run(&["scim", "list"], 0);
    run(&["scim", "revoke", "--team", "1042", "--all", "--yes"], 0);
    run(&["scim", "revoke", "--team", "1042", "--all", "--yes"], 0);
    run(&["connection", "list"], 0);
    run(&["connection", "list", "--status", "suspended"], 0);
    run(&["connection", "show", "--team", "1042"], 0);
    desk.world.sql("DELETE FROM product_teams WHERE id = '1043'");
    run(&["connection", "show", "--team", "1043"], 0);
    run(&["connection", "suspend", "--team", "1042", "--yes"], 0);
    run(&["connection", "suspend", "--team", "1042", "--yes"], 0);
    run(&["connection", "remove", "--team", "1042", "--yes", "--ticket", TICKET], 0);
    run(&["audit", "list", "--team", "1042", "--limit", "2"], 0);
    run(&["audit", "verify"], 0);
    run(&["audit", "verify", "--anchor", &format!("1:{}", "0".repeat(64))], 70);
    run(&["explain"], 0);
    run(&["explain", "team-owner"], 0);
    run(&["explain", "owner_ambiguous"], 0);
    run(&["db", "status"], 0);
    run(&["db", "migrate"], 0);
    run(&["db", "contract", "--dialect", "postgres"], 0);
    run(&["db", "contract"], 0);
    run(&["init", "--sample-data"], 0);
    run(&["doctor", "--offline"], 0);
    desk.world.sql("UPDATE sso_schema_history SET version = 99");
    run(&["db", "status"], 70);
    run(&["doctor", "--offline"], 70);
    std::fs::remove_file(desk.world.config()).unwrap();
    run(&["doctor", "--offline"], 70);
    run(&["demo"], 0);

    let schema = schema();
    let known: BTreeSet<&str> = schema["$defs"]
        .as_object()
        .unwrap()
        .values()
        .filter_map(|definition| definition["properties"]["kind"]["const"].as_str())
        .collect();
    assert_eq!(kinds.iter().map(String::as_str).collect::<BTreeSet<_>>(), known, "a kind is missing here");
}

#[test]
fn failures_are_documents_too() {
    let contract = Contract::new();
    let desk = Desk::new();
    let world = &desk.world;
    // A database that is busy is among the accidents, since it takes its time.
    let failed = |words: &[&str], code: i32| {
        let run = json_of(world, words).expect_code(code);
        let document = contract.holds(&run);
        assert_eq!(document["outcome"], "failed", "{words:?}");
        let message = document["error"]["message"].as_str().unwrap();
        assert!(run.stderr.contains(message), "{words:?}: people are told as well: {}", run.stderr);
    };
    failed(&["onboard", "--owner", JANE], 2);
    failed(&["check"], 2);
    failed(&["explain", "no-such-check"], 2);
    failed(&["bogus"], 2);
    failed(&["audit"], 2);
    failed(&["onboard", "--client-secret", "CANARY"], 2);
    failed(&["audit", "verify", "--anchor", "x"], 2);
    failed(&["connection", "show", "none"], 1);
    failed(&["connection", "suspend", "none", "--yes"], 1);
    failed(&["onboard", "--client-secret-file", "missing.txt"], 2);
    failed(&["check", "--owner", JANE, "--issuer", "https://a.example", "--allow-origin", "nonsense"], 2);
    failed(&["connection", "list", "--database", "sqlite:missing.db"], 70);
    world.write("ssoctl.toml", "colour = 'red'\n");
    failed(&["connection", "list"], 70);
}

#[test]
fn a_document_with_one_member_more_or_less_is_refused() {
    let contract = Contract::new();
    let desk = Desk::new();
    desk.onboard(&[]).expect_code(0);
    let documents = [
        desk.onboard_json(0, &[]),
        json_of(&desk.world, &["connection", "list"]).json(),
        json_of(&desk.world, &["audit", "list"]).json(),
        json_of(&desk.world, &["explain"]).json(),
        json_of(&desk.world, &["prepare", "--owner", JANE]).json(),
        json_of(&desk.world, &["prepare", "--owner", JANE, "--protocol", "saml", "--idp", "okta"]).json(),
        json_of(&desk.world, &["connection", "show", "none"]).json(),
        json_of(&desk.world, &["scim", "issue", "--team", "1042", "--yes"]).json(),
        json_of(&desk.world, &["scim", "list"]).json(),
        json_of(&desk.world, &["scim", "promote", "--team", "1042", "--yes"]).json(),
    ];
    for document in documents {
        contract.accepts(&document);
        let mut more = document.clone();
        more["surprise"] = json!(true);
        assert!(contract.refuses(&more), "{more}");
        for name in document.as_object().unwrap().keys() {
            let mut less = document.clone();
            less.as_object_mut().unwrap().shift_remove(name);
            assert!(contract.refuses(&less), "{document} would be valid without {name}");
        }
    }
}

#[test]
fn a_document_with_a_word_nobody_promised_is_refused() {
    let contract = Contract::new();
    let report = Desk::new().onboard_json(0, &[]);
    for (pointer, wrong) in [
        ("/outcome", json!("succeeded")),
        ("/schema", json!(2)),
        ("/protocol", json!("ldap")),
        ("/checks/0/verdict", json!("maybe")),
        ("/checks/0/id", json!("Request Complete")),
        ("/checks/1/elapsed_ms", json!(-1)),
        ("/connection/status", json!("on")),
        ("/connection/client_secret", json!(CLIENT_SECRET)),
        ("/team/id", json!(1042)),
        ("/domains/0", json!(null)),
        ("/request/changed", json!(null)),
    ] {
        let mut document = report.clone();
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        match document.pointer_mut(parent).unwrap() {
            Value::Array(items) => items[name.parse::<usize>().unwrap()] = wrong,
            parent => parent[name] = wrong,
        }
        assert!(contract.refuses(&document), "{pointer}");
    }
}

#[test]
fn the_details_of_a_check_may_grow() {
    let contract = Contract::new();
    let mut report = Desk::new().onboard_json(0, &[]);
    report["checks"][0]["details"]["further"] = json!({"fact": [1, 2]});
    contract.accepts(&report);
}

#[test]
fn a_name_server_that_fails_is_in_the_report() {
    let contract = Contract::new();
    let desk = Desk::new();
    json_of(&desk.world, &["prepare", "--owner", JANE]).expect_code(0);
    let server = NameServer::failing();
    let [flag, address] = server.access();
    contract.holds(&desk.onboard(&["-o", "json", "--domain", "acme-labs.example", &flag, &address]).expect_code(3));
}
