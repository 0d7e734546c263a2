//! A SAML customer from the metadata to the SCIM token, and everything that can be wrong on the way.

use std::process::Stdio;

use serde_json::{Value, json};

use crate::support::desk::{Desk, JANE, TICKET, codes, column};
use crate::support::provider::{Behaviour, Provider, Reply, Route};
use crate::support::saml_provider::SamlProvider;
use crate::support::world::{Run, World};

const ENTITY: &str = "http://www.okta.com/exk1";

/// A world with Acme's metadata in `metadata.xml`.
fn world() -> World {
    let world = World::new();
    world.write("metadata.xml", SamlProvider::new(ENTITY).metadata());
    world
}

fn words<'w>(owner: &'w str, more: &[&'w str]) -> Vec<&'w str> {
    [&["onboard", "--ticket", TICKET, "--owner", owner, "--yes", "--metadata", "metadata.xml"] as &[&str], more]
        .concat()
}

fn onboard(world: &World, more: &[&str]) -> Run {
    world.ssoctl(words(JANE, more))
}

#[track_caller]
fn report(world: &World, code: i32, more: &[&str]) -> Value {
    onboard(world, &[more, &["-o", "json"]].concat()).expect_code(code).json()
}

fn deeds(world: &World) -> Vec<String> {
    column(world.sql("SELECT action FROM sso_audit_log ORDER BY seq"))
}

fn count(world: &World, table: &str) -> String {
    column(world.sql(&format!("SELECT count(*) FROM {table}"))).remove(0)
}

#[test]
fn metadata_in_a_file_switches_the_team_on_and_gives_a_scim_token_once() {
    let world = world();
    let document = report(&world, 0, &[]);
    assert_eq!((&document["outcome"], &document["protocol"]), (&json!("onboarded"), &json!("saml")));
    assert_eq!(document["request"]["metadata"], "metadata.xml");
    let connection = &document["connection"];
    assert_eq!((&connection["entity_id"], &connection["status"]), (&json!(ENTITY), &json!("active")));
    assert_eq!(connection["sso"].as_array().unwrap().len(), 2);
    assert_eq!(connection["certificates"][0]["key"], "EC P-256");
    let token = connection["account_token"].as_str().unwrap();
    assert_eq!(connection["acs_url"], format!("https://app.example.com/sso/{token}/acs/okta"));
    assert_eq!(connection["scim"]["base_url"], format!("https://app.example.com/scim/v2/{token}"));
    let bearer = connection["scim"]["token"].as_str().unwrap();
    assert!(bearer.starts_with("ssoctl_scim_"), "{bearer}");
    // A paragraph of its own, behind a list that it is not part of.
    assert!(document["reply"].as_str().unwrap().contains("\n\nYour identity provider can create"), "{document}");
    assert_eq!(deeds(&world), ["onboarded"]);

    // It was shown once: no file, no row and no later command has it.
    assert_eq!(world.files_containing(bearer), Vec::<std::path::PathBuf>::new());
    for again in [
        onboard(&world, &["-o", "json"]),
        world.ssoctl(["connection", "show", "--team", "1042", "-o", "json"]),
        world.ssoctl(["scim", "list", "-o", "json"]),
        world.ssoctl(["audit", "list", "-o", "json"]),
    ] {
        assert!(!again.everything().contains(bearer), "{}", again.everything());
    }
    let hash = column(world.sql("SELECT sha256 FROM scim_tokens"));
    let expected = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bearer.as_bytes());
    assert_eq!(hash, [expected.as_ref().iter().map(|byte| format!("{byte:02x}")).collect::<String>()]);
    world.ssoctl(["audit", "verify"]).expect_code(0);
}

#[test]
fn a_connection_is_shown_with_everything_that_was_kept_of_its_metadata() {
    let world = world();
    let format = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress";
    let metadata = SamlProvider::new(ENTITY).metadata();
    let edited = metadata.replace("WantAuthnRequestsSigned=\"false\"", "WantAuthnRequestsSigned=\"true\"");
    world.write("metadata.xml", edited);
    let connection = report(&world, 0, &[])["connection"].clone();
    assert_eq!(connection["want_authn_requests_signed"], true);
    let shown = world.ssoctl(["connection", "show", "--team", "1042"]).expect_code(0).stdout;
    let digest = connection["metadata_sha256"].as_str().unwrap();
    for row in [
        format!("name format    {format}\n"),
        "requests       have to be signed\n".to_owned(),
        "metadata from  a file, or pasted\n".to_owned(),
        format!("its SHA-256    {digest}\n"),
    ] {
        assert!(shown.contains(&row), "{row}: {shown}");
    }
}

#[test]
fn the_same_metadata_again_changes_nothing_and_makes_no_second_token() {
    let world = world();
    report(&world, 0, &[]);
    assert_eq!(report(&world, 0, &[])["outcome"], "unchanged");
    assert_eq!((count(&world, "scim_tokens"), deeds(&world).len()), ("1".to_owned(), 1));
}

#[test]
fn another_certificate_needs_replace_and_the_scim_token_stays() {
    let world = world();
    report(&world, 0, &[]);
    world.write("metadata.xml", SamlProvider::new(ENTITY).metadata());
    let refused = report(&world, 1, &[]);
    assert_eq!(codes(&refused, "team-connection"), ["connection_exists"]);
    assert!(refused["checks"].to_string().contains("it differs in certificates"), "{refused}");
    let replaced = report(&world, 0, &["--replace"]);
    assert_eq!((&replaced["outcome"], &replaced["connection"]["scim"]), (&json!("replaced"), &Value::Null));
    assert_eq!(count(&world, "scim_tokens"), "1");
}

#[test]
fn an_openid_connect_team_moves_to_saml_by_replace_and_keeps_its_account_token() {
    let desk = Desk::new();
    let before = desk.onboard_json(0, &[])["connection"]["account_token"].clone();
    desk.world.write("metadata.xml", SamlProvider::new(ENTITY).metadata());
    assert_eq!(codes(&report(&desk.world, 1, &[]), "team-connection"), ["connection_exists"]);
    let replaced = report(&desk.world, 0, &["--replace"]);
    assert_eq!((&replaced["outcome"], &replaced["connection"]["account_token"]), (&json!("replaced"), &before));
    let left =
        desk.world.sql("SELECT protocol, coalesce(issuer, '-'), coalesce(client_secret_jwe, '-') FROM sso_connections");
    assert_eq!(left, [["saml", "-", "-"]]);
}

#[test]
fn staging_makes_no_token_until_it_goes_on() {
    let world = world();
    let staged = report(&world, 0, &["--stage"]);
    assert_eq!((&staged["outcome"], &staged["connection"]["scim"]), (&json!("staged"), &Value::Null));
    let on = report(&world, 0, &[]);
    assert_eq!(on["outcome"], "onboarded");
    assert!(on["connection"]["scim"]["token"].is_string(), "{on}");
    assert_eq!(deeds(&world), ["staged", "activated"]);
}

#[test]
fn whoever_switches_a_staged_connection_on_is_told_how_its_token_is_made() {
    let world = world();
    onboard(&world, &["--stage"]).expect_code(0);
    let activate = || world.ssoctl(["connection", "activate", "--team", "1042", "--yes"]).expect_code(0);
    assert!(activate().stderr.contains("ssoctl scim issue "), "{:?}", activate());
    world.ssoctl(["scim", "issue", "--team", "1042", "--yes"]).expect_code(0);
    world.ssoctl(["connection", "suspend", "--team", "1042", "--yes"]).expect_code(0);
    assert_eq!(activate().stderr, "", "there is one that works");
}

#[test]
fn provisioning_can_be_left_out() {
    let world = world();
    let document = report(&world, 0, &["--no-scim"]);
    assert_eq!((&document["outcome"], &document["connection"]["scim"]), (&json!("onboarded"), &Value::Null));
    assert_eq!(count(&world, "scim_tokens"), "0");
}

#[test]
fn a_dry_run_shows_what_would_be_written_and_writes_nothing() {
    let world = world();
    let run = onboard(&world, &["--dry-run"]).expect_code(0);
    for told in [
        "Would be written",
        ENTITY,
        "https://idp.acme.example/sso (HTTP-Redirect)",
        "EC P-256, until 2040",
        "a bearer token, shown once",
    ] {
        assert!(run.stdout.contains(told), "{told}: {}", run.stdout);
    }
    for without in [["--dry-run", "--no-scim"], ["--dry-run", "--stage"]] {
        let run = onboard(&world, &without).expect_code(0);
        assert!(!run.stdout.contains("bearer token"), "{without:?}: {}", run.stdout);
    }
    assert_eq!((count(&world, "sso_connections"), count(&world, "scim_tokens")), ("0".to_owned(), "0".to_owned()));
}

#[test]
fn the_reply_has_the_scim_address_and_never_the_token() {
    let world = world();
    let document = report(&world, 0, &[]);
    let reply = document["reply"].as_str().unwrap();
    assert!(reply.contains(document["connection"]["scim"]["base_url"].as_str().unwrap()), "{reply}");
    assert!(!reply.contains("ssoctl_scim_"), "{reply}");
    let audited = column(world.sql("SELECT json_extract(details, '$.reply') FROM sso_audit_log")).remove(0);
    assert_eq!(audited, reply);
}

#[test]
fn one_entity_serves_one_team() {
    let world = world();
    report(&world, 0, &[]);
    let run = world.ssoctl(words("mia@vandelay.example", &["-o", "json"])).expect_code(1);
    let refused = run.json();
    assert_eq!(codes(&refused, "team-connection"), ["entity_id_taken"]);
    assert!(refused["checks"].to_string().contains("Acme (1042)"), "{refused}");
    // The other customer is the agent's to know, not this one's.
    assert!(!refused["reply"].as_str().unwrap().contains("Acme"), "{refused}");
    assert_eq!(deeds(&world), ["onboarded", "refused"]);
}

#[test]
fn of_two_agents_with_the_same_entity_for_two_teams_one_wins() {
    for _ in 0..5 {
        let world = world();
        let start = |owner| {
            let words = words(owner, &["-o", "json"]);
            world.command(words).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
        };
        let runs = [start(JANE), start("mia@vandelay.example")].map(|child| child.wait_with_output().unwrap());
        let mut statuses = runs.each_ref().map(|run| run.status.code());
        statuses.sort_unstable();
        assert_eq!(statuses, [Some(0), Some(1)], "{runs:?}");
        let loser = runs.iter().find(|run| run.status.code() == Some(1)).unwrap();
        let loser: Value = serde_json::from_slice(&loser.stdout).unwrap();
        assert_eq!(codes(&loser, "team-connection"), ["entity_id_taken"]);
        assert_eq!((count(&world, "sso_connections"), count(&world, "scim_tokens")), ("1".to_owned(), "1".to_owned()));
        world.ssoctl(["audit", "verify"]).expect_code(0);
    }
}

#[test]
fn metadata_is_read_from_an_address_that_is_stored() {
    let metadata = SamlProvider::new(ENTITY).metadata();
    let provider = Provider::new()
        .on(Route::Elsewhere, Behaviour::reply(Reply::new(200, "application/samlmetadata+xml", metadata)));
    let desk = Desk::facing(provider);
    let url = format!("{}/app/exk1/sso/saml/metadata", desk.provider.origin());
    let pasted = format!("<{url}>.");
    let words = desk.words(&["onboard"], &["--owner", JANE, "--yes", "--metadata", &pasted, "-o", "json"]);
    let document = desk.world.ssoctl(words).expect_code(0).json();
    assert_eq!((&document["outcome"], &document["connection"]["metadata_url"]), (&json!("onboarded"), &json!(url)));
    assert_eq!(document["request"]["changed"][0]["field"], "metadata");
    assert_eq!(desk.provider.requests_to(Route::Elsewhere).len(), 1);
}

#[test]
fn an_address_that_does_not_answer_is_no_verdict() {
    let desk = Desk::facing(Provider::new().on(Route::Elsewhere, Behaviour::status(503)));
    let url = format!("{}/metadata", desk.provider.origin());
    let words = desk.words(&["onboard"], &["--owner", JANE, "--yes", "--metadata", &url, "-o", "json"]);
    let document = desk.world.ssoctl(words).expect_code(3).json();
    assert_eq!(document["outcome"], "unknown");
    assert!(desk.deeds().is_empty());
}

#[test]
fn metadata_comes_by_standard_input_too() {
    let world = world();
    let metadata = SamlProvider::new(ENTITY).metadata();
    let run = world.with_stdin(metadata).ssoctl(["check", "--metadata", "-", "-o", "json"]).expect_code(0);
    let document = run.json();
    assert_eq!((&document["outcome"], &document["connection"]["entity_id"]), (&json!("valid"), &json!(ENTITY)));
    assert!(document["connection"].get("id").is_none());
}

#[test]
fn every_reason_is_told_at_once() {
    let world = world();
    world.write("metadata.xml", SamlProvider::new(ENTITY).without_certificates().signing_until(2021).metadata());
    let run = world.ssoctl(words("sue@starter.example", &["-o", "json"])).expect_code(1);
    let document = run.json();
    let failed: Vec<&str> = document["checks"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|check| check["verdict"] == "fail")
        .map(|check| check["id"].as_str().unwrap())
        .collect();
    assert_eq!(failed, ["saml-certificates", "team-management", "team-plan"]);
    assert_eq!(deeds(&world), ["refused"]);
}

#[test]
fn activation_judges_the_stored_certificates_again() {
    let world = world();
    report(&world, 0, &[]);
    world.ssoctl(["connection", "suspend", "--team", "1042", "--yes"]).expect_code(0);
    let back = world.ssoctl(["connection", "activate", "--team", "1042", "--yes", "-o", "json"]).expect_code(0).json();
    assert_eq!((&back["outcome"], &back["protocol"]), (&json!("onboarded"), &json!("saml")));

    world.ssoctl(["connection", "suspend", "--team", "1042", "--yes"]).expect_code(0);
    let expired = SamlProvider::new(ENTITY).without_certificates().signing_until(2021).metadata();
    let der = expired.split("X509Certificate>").nth(1).unwrap().trim_end_matches("</ds:").to_owned();
    world.sql(&format!(
        "UPDATE sso_connections SET signing_certificates = json_replace(signing_certificates, '$[0].der', '{der}')"
    ));
    let run = world.ssoctl(["connection", "activate", "--team", "1042", "--yes", "-o", "json"]).expect_code(1);
    assert_eq!(column(world.sql("SELECT status FROM sso_connections")), ["suspended"], "{}", run.stdout);
    // db-043: it may be the clock that is wrong.
    assert!(run.stdout.contains("today, by this machine") && run.stdout.contains("set the clock"), "{}", run.stdout);
}

#[test]
fn what_prepare_told_the_customer_is_what_is_stored() {
    let world = world();
    let words = ["prepare", "--protocol", "saml", "--owner", JANE, "--idp", "entra", "-o", "json"];
    let told = world.ssoctl(words).expect_code(0).json();
    let document = report(&world, 0, &[]);
    // The metadata is Okta's, but Entra's address is what stands in the customer's provider.
    assert_eq!(document["connection"]["acs_url"], told["acs_url"]);
    assert_eq!(document["connection"]["account_token"], told["account_token"]);
    assert_eq!(document["connection"]["id"], told["connection"]["id"]);
}

#[test]
fn values_of_both_protocols_are_a_wrong_command() {
    let world = world();
    for more in
        [&["--issuer", "https://idp.acme.example"] as &[&str], &["--client-id", "x"], &["--client-secret-stdin"]]
    {
        let run = onboard(&world, more).expect_code(2);
        assert!(run.stderr.contains("--metadata"), "{}", run.stderr);
    }
}

#[test]
fn a_file_that_is_not_there_is_a_wrong_command_and_nothing_is_asked() {
    let world = World::new();
    let run = onboard(&world, &[]).expect_code(2);
    assert!(run.stderr.contains("could not read the metadata file `metadata.xml`"), "{}", run.stderr);
    std::fs::create_dir(world.path("metadata.xml")).unwrap();
    assert!(onboard(&world, &[]).expect_code(2).stderr.contains("it is a folder"));
    // A variable that is not set.
    let run = world.ssoctl(["check", "--metadata", ""]).expect_code(2);
    assert!(run.stderr.contains("--metadata is empty") && !run.stderr.contains("``"), "{}", run.stderr);
}

#[test]
fn a_named_pipe_does_not_hang_the_agent() {
    let world = World::new();
    rustix::fs::mkfifoat(rustix::fs::CWD, world.path("metadata.xml"), rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR)
        .unwrap();
    let run = onboard(&world, &[]);
    assert!(matches!(run.code, Some(1..=3)), "{run:?}");
}

#[test]
fn on_a_terminal_one_question_takes_either_protocol() {
    let world = world();
    let mut terminal = world.terminal(["onboard"]);
    terminal.expect("Ticket").send_line("");
    terminal.expect("Team owner's e-mail").send_line(JANE);
    terminal.expect("Issuer URL, or SAML metadata").send_line("metadata.xml");
    terminal.expect("Switch single sign-on on for Acme?").send_line("y");
    let ended = terminal.finish();
    let text = ended.text();
    assert_eq!(ended.code, Some(0), "{text}");
    assert!(text.contains("bearer token  ssoctl_scim_") && text.contains("--metadata metadata.xml"), "{text}");
}

#[test]
fn a_first_token_that_nobody_could_read_is_said_to_be_there() {
    let world = world();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = world.command(words(JANE, &[]));
    let output = command.stdout(writer).stderr(Stdio::piped()).spawn().unwrap().wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(70));
    let said = String::from_utf8(output.stderr).unwrap();
    let id = column(world.sql("SELECT id FROM sso_connections WHERE status = 'active'")).remove(0);
    assert!(said.contains("WAS switched on"), "{said}");
    assert!(said.contains(&format!("ssoctl scim rotate {id} --overlap 0s")), "{said}");
    // A reader who leaves early loses nothing where there is no token in it.
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = world.command(words(JANE, &[]));
    let output = command.stdout(writer).stderr(Stdio::piped()).spawn().unwrap().wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn a_first_token_that_nobody_can_see_is_not_made() {
    let world = world();
    let mut command = world.command(words(JANE, &[]));
    let output = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap().wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{said}");
    let id = column(world.sql("SELECT id FROM sso_connections WHERE status = 'active'")).remove(0);
    assert!(said.contains("no SCIM token was made") && said.contains(&format!("ssoctl scim issue {id}")), "{said}");
    assert_eq!(column(world.sql("SELECT count(*) FROM scim_tokens")), ["0"]);
    // Whoever wants none is not told.
    let world = self::world();
    let mut command = world.command(words(JANE, &["--no-scim"]));
    let output = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap().wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(!String::from_utf8(output.stderr).unwrap().contains("SCIM"));
}

#[test]
fn a_document_pasted_at_the_question_never_reaches_the_shell() {
    let world = world();
    let afterwards = "stty -echo; while read -r -t 1 line; do eval \"$line\"; done; echo \"status $status\"";
    let mut terminal = world.terminal_then(["onboard"], afterwards);
    terminal.expect("Ticket").send_line("");
    terminal.expect("Team owner's e-mail").send_line(JANE);
    let pasted = "<?xml version=\"1.0\"?>\r<!--\rtouch pwned\r-->\r<EntityDescriptor/>\r";
    terminal.expect("Issuer URL, or SAML metadata").send(pasted);
    terminal.expect("that is the document itself").expect("Issuer URL, or SAML metadata").send_line("metadata.xml");
    terminal.expect("Switch single sign-on on for Acme?").send_line("n");
    let ended = terminal.finish();
    assert!(ended.text().contains("status 1"), "{}", ended.text());
    assert!(!world.path("pwned").exists());
}

#[test]
fn staging_twice_tells_the_customer_that_it_is_off() {
    let world = world();
    report(&world, 0, &["--stage"]);
    let again = report(&world, 0, &["--stage"]);
    assert_eq!(again["outcome"], "unchanged");
    assert!(again["reply"].as_str().unwrap().contains("It is not switched on yet"), "{again}");
}

#[test]
fn the_audit_record_tells_which_certificates_were_trusted() {
    let world = world();
    let document = report(&world, 0, &[]);
    let details: Value = serde_json::from_str(&column(world.sql("SELECT details FROM sso_audit_log"))[0]).unwrap();
    assert_eq!(details["saml"]["entity_id"], ENTITY);
    assert_eq!(details["saml"]["certificates"][0], document["connection"]["certificates"][0]["sha256"]);
    assert_eq!(details["saml"]["metadata_sha256"], document["connection"]["metadata_sha256"]);
}
