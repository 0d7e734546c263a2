//! `ssoctl prepare --protocol saml`: the team's own values, the same each time, and metadata that any provider reads.

use std::process::Command;

use serde_json::{Value, json};

use super::json_schema::Contract;
use crate::support::desk::{Desk, JANE};
use crate::support::world::{Run, World};

fn prepare(world: &World, words: &[&str]) -> Run {
    world.ssoctl([&["prepare", "--protocol", "saml", "--owner", JANE], words].concat())
}

#[track_caller]
fn prepared(world: &World, words: &[&str]) -> Value {
    Contract::new().holds(&prepare(world, &[words, &["-o", "json"]].concat()).expect_code(0))
}

#[test]
fn asking_again_gives_the_same_values() {
    let world = World::new();
    let first = prepared(&world, &["--ticket", "48213"]);
    assert_eq!(first, prepared(&world, &["--ticket", "48213"]));
    let token = first["account_token"].as_str().unwrap();
    assert_eq!(token.len(), 32);
    assert_eq!(first["acs_url"], format!("https://app.example.com/sso/{token}/acs/saml"));
    assert_eq!(first["entity_id"], format!("https://app.example.com/sso/{token}/metadata"));
    assert_eq!(first["relay_state"], "https://app.example.com");
    assert_eq!(first["name_id_format"], "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress");
    assert_eq!(world.sql("SELECT account_token, status FROM sso_connections"), [[token, "prepared"]]);
    assert_eq!(world.sql("SELECT action, ticket FROM sso_audit_log"), [["prepared", "48213"]]);
    // Whoever asked by the other protocol first is told the same token.
    let shown = world.ssoctl(["connection", "show", "--team", "1042", "-o", "json"]).json();
    assert_eq!(shown["connection"]["account_token"], token);
}

#[test]
fn another_team_is_told_other_values() {
    let world = World::new();
    let globex =
        world.ssoctl(["prepare", "--protocol", "saml", "--owner", "hank@globex.example", "-o", "json"]).expect_code(0);
    let (acme, globex) = (prepared(&world, &[]), globex.json());
    for value in ["account_token", "acs_url", "entity_id", "sp_metadata"] {
        assert_ne!(acme[value], globex[value], "{value}");
    }
}

#[test]
fn every_provider_has_instructions_in_its_own_words() {
    let words = [
        ("okta", "Audience URI (SP Entity ID)"),
        ("entra", "Identifier (Entity ID)"),
        ("google", "Add custom"),
        ("onelogin", "ACS (Consumer) URL Validator"),
        ("adfs", "Relying Party Trust"),
        ("ping", "Target Application URL"),
        ("jumpcloud", "SAMLSubject NameID"),
        ("auth0", "Application Callback URL"),
        ("keycloak", "Client signature required"),
        ("generic", "relying party"),
    ];
    for (idp, word) in words {
        // A team of its own each time: the first ACS URL that a customer is told stays theirs.
        let world = World::new();
        let sheet = prepared(&world, &["--idp", idp]);
        let reply = sheet["reply"].as_str().unwrap();
        assert!(reply.contains(word), "{idp}: {reply}");
        let acs = format!("https://app.example.com/sso/{}/acs/{idp}", sheet["account_token"].as_str().unwrap());
        assert_eq!((&sheet["idp"], &sheet["acs_url"]), (&json!(idp), &json!(acs)));
        assert!(reply.contains(&acs) && sheet["sp_metadata"].as_str().unwrap().contains(&acs), "{idp}: {reply}");
    }
    prepare(&World::new(), &["--idp", "acme"]).expect_code(2);
}

#[test]
fn the_sheet_for_people_has_the_mail_with_every_value_in_it() {
    let world = World::new();
    let sheet = prepared(&world, &["--idp", "okta"]);
    let run = prepare(&world, &["--idp", "okta"]).expect_code(0);
    assert!(run.stdout.contains("Reply to the customer, ready to send"), "{}", run.stdout);
    let (_, reply) = run.stdout.split_once("\nHello Jane,").unwrap();
    for value in ["account_token", "acs_url", "entity_id", "relay_state", "name_id_format"] {
        assert!(reply.contains(sheet[value].as_str().unwrap()), "{value}: {reply}");
    }
    for attribute in sheet["attributes"].as_array().unwrap() {
        assert!(reply.contains(attribute["name"].as_str().unwrap()), "{reply}");
    }
    assert!(reply.contains("_ssoctl-challenge.") && reply.contains("acme.example"), "{reply}");
}

/// `xmllint` with the schema of SAML 2.0 metadata and what it imports, all of it from this machine.
#[track_caller]
fn is_valid(world: &World, metadata: &str) -> bool {
    const SCHEMA: &str = "/usr/share/xml/opensaml/saml-schema-metadata-2.0.xsd";
    const IMPORTED: [(&str, &str); 3] = [
        ("http://www.w3.org/TR/2002/REC-xmldsig-core-20020212/xmldsig-core-schema.xsd", "xmldsig-core-schema.xsd"),
        ("http://www.w3.org/TR/2002/REC-xmlenc-core-20021210/xenc-schema.xsd", "xenc-schema.xsd"),
        ("http://www.w3.org/2001/xml.xsd", "xml.xsd"),
    ];
    let needed = "this test needs the packages opensaml-schemas, xmltooling-schemas and libxml2-utils";
    let entries: String = IMPORTED
        .iter()
        .map(|(id, file)| format!("<system systemId=\"{id}\" uri=\"file:///usr/share/xml/xmltooling/{file}\"/>"))
        .collect();
    let catalog = format!("<catalog xmlns=\"urn:oasis:names:tc:entity:xmlns:xml:catalog\">{entries}</catalog>");
    let catalog = world.write("catalog.xml", catalog);
    let document = world.write("to-validate.xml", metadata);
    assert!(std::path::Path::new(SCHEMA).exists(), "{needed}");
    let output = Command::new("xmllint")
        .env("XML_CATALOG_FILES", catalog)
        .args(["--nonet", "--noout", "--schema", SCHEMA])
        .arg(&document)
        .output()
        .expect(needed);
    match output.status.code() {
        Some(0) => true,
        // It fails to validate; every other number is a fault of the schema or of the program.
        Some(3) => false,
        _ => panic!("{needed}: {}", String::from_utf8_lossy(&output.stderr)),
    }
}

#[test]
fn the_metadata_is_valid_by_the_schema_of_saml() {
    let world = World::new();
    for idp in ["okta", "adfs"] {
        let run = prepare(&world, &["--idp", idp, "--sp-metadata", "-"]).expect_code(0);
        assert!(is_valid(&world, &run.stdout), "{}", run.stdout);
        // And the schema would notice.
        assert!(!is_valid(&world, &run.stdout.replace(" index=\"0\"", "")));
    }
    world.write(
        "ssoctl.toml",
        "[saml]\nacs_url = \"{public_url}/a'&<>/{token}/\\\"\"\nentity_id = \"urn:acme:'\\\"<&>\"\n\
         [database]\nurl = \"sqlite:ssoctl.db\"\n",
    );
    let sheet = prepared(&world, &[]);
    assert!(is_valid(&world, sheet["sp_metadata"].as_str().unwrap()), "{sheet}");
}

#[test]
fn the_metadata_alone_is_printed_or_goes_into_a_file_of_its_own() {
    let world = World::new();
    let printed = prepare(&world, &["--sp-metadata", "-"]).expect_code(0).stdout;
    assert!(printed.starts_with("<?xml") && printed.ends_with("</md:EntityDescriptor>\n"), "{printed}");
    assert_eq!(printed, prepared(&world, &[])["sp_metadata"].as_str().unwrap());

    let run = prepare(&world, &["--sp-metadata", "acme.xml"]).expect_code(0);
    assert!(run.stdout.contains("Reply to the customer"), "{}", run.stdout);
    assert_eq!(std::fs::read_to_string(world.path("acme.xml")).unwrap(), printed);
    // Again is fine; but no other file is ever overwritten.
    prepare(&world, &["--sp-metadata", "acme.xml"]).expect_code(0);
    world.write("acme.xml", "something else");
    let run = prepare(&world, &["--idp", "okta", "--sp-metadata", "acme.xml"]).expect_code(70);
    assert!(run.stderr.contains("the connection IS reserved") && run.stderr.contains("another file"), "{}", run.stderr);
    assert_eq!(std::fs::read_to_string(world.path("acme.xml")).unwrap(), "something else");
    prepare(&world, &["--sp-metadata", "no-such-folder/acme.xml"]).expect_code(70);
}

#[test]
fn flags_that_contradict_each_other_are_refused_before_anything_is_reserved() {
    let world = World::new();
    let run = world.ssoctl(["prepare", "--owner", JANE, "--sp-metadata", "-"]).expect_code(2);
    assert!(run.stderr.contains("--protocol saml"), "{}", run.stderr);
    let run = prepare(&world, &["--sp-metadata", "-", "-o", "json"]).expect_code(2);
    assert!(run.stderr.contains("`sp_metadata`"), "{}", run.stderr);
    assert!(world.sql("SELECT * FROM sso_connections").is_empty());
}

#[test]
fn a_refusal_speaks_of_saml_and_reserves_nothing() {
    let world = World::new();
    let words = ["prepare", "--protocol", "saml", "--idp", "okta", "--owner", "nobody@nowhere.example", "-o", "json"];
    let report = Contract::new().holds(&world.ssoctl(words).expect_code(1));
    assert_eq!((&report["outcome"], &report["protocol"]), (&json!("refused"), &json!("saml")));
    assert!(report["command"].as_str().unwrap().contains("--protocol saml --idp okta"), "{report}");
    assert!(world.sql("SELECT * FROM sso_connections").is_empty());
}

#[test]
fn the_values_follow_the_configuration() {
    let world = World::new();
    world.write(
        "ssoctl.toml",
        "public_url = \"https://login.acme.example\"\n[database]\nurl = \"sqlite:ssoctl.db\"\n\
         [saml]\nacs_url = \"{public_url}/saml/{token}\"\nentity_id = \"urn:acme:sp\"\nrelay_state = \"\"\n",
    );
    let sheet = prepared(&world, &["--idp", "okta"]);
    let token = sheet["account_token"].as_str().unwrap();
    assert_eq!(sheet["acs_url"], format!("https://login.acme.example/saml/{token}"));
    assert_eq!((&sheet["entity_id"], &sheet["relay_state"]), (&json!("urn:acme:sp"), &json!(null)));
    assert!(sheet["reply"].as_str().unwrap().contains("(leave it empty)"), "{sheet}");
}

#[test]
fn a_team_that_is_there_already_is_told_what_was_agreed_on() {
    let desk = Desk::new();
    desk.onboard(&[]).expect_code(0);
    let run = prepare(&desk.world, &[]).expect_code(0);
    assert!(run.stderr.contains("by oidc") && run.stderr.contains("`ssoctl onboard --replace`"), "{}", run.stderr);
    // What they were told is on record, and the connection is what it was.
    assert_eq!(
        (desk.deeds(), desk.connections()),
        (
            vec!["onboarded".to_owned(), "prepared".to_owned()],
            vec![vec!["active".to_owned(), "acme.example".to_owned()]],
        )
    );
    desk.expect_sound();

    desk.world.sql(
        "UPDATE sso_connections SET protocol = 'saml', entity_id = 'urn:idp', sso_services = '[]', slo_services = '[]',
             name_id_formats = '[]', signing_certificates = '[]', want_authn_requests_signed = 0,
             acs_url = 'https://old.acme.example/acs', metadata_sha256 = 'x'",
    );
    let run = prepare(&desk.world, &["-o", "json"]).expect_code(0);
    assert!(run.stderr.contains("what was agreed on then"), "{}", run.stderr);
    assert_eq!(run.json()["acs_url"], "https://old.acme.example/acs");
    // Instructions for another make, but the same address: it stands in the customer's provider.
    let other = prepare(&desk.world, &["--idp", "okta", "-o", "json"]).expect_code(0).json();
    assert_eq!((&other["idp"], &other["acs_url"]), (&json!("okta"), &json!("https://old.acme.example/acs")));
}

#[test]
fn the_first_acs_url_that_a_customer_is_told_stays_theirs() {
    let desk = Desk::new();
    let told = |words: &[&str]| {
        let sheet = prepared(&desk.world, words);
        let stored = desk.world.sql("SELECT acs_url, status FROM sso_connections").remove(0);
        assert_eq!(stored, [sheet["acs_url"].as_str().unwrap(), "prepared"]);
        sheet["acs_url"].as_str().unwrap().rsplit('/').next().unwrap().to_owned()
    };
    // Reserved for OpenID Connect: then nobody was told an ACS URL yet.
    desk.world.ssoctl(["prepare", "--owner", JANE]).expect_code(0);
    assert_eq!(desk.world.sql("SELECT acs_url FROM sso_connections"), [["NULL"]]);
    assert_eq!(told(&["--idp", "okta"]), "okta");
    assert_eq!((told(&["--idp", "entra"]), told(&[])), ("okta".to_owned(), "okta".to_owned()));
    assert_eq!(desk.deeds(), ["prepared", "prepared"]);
    desk.expect_sound();
}
