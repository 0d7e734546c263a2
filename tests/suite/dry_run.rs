//! `onboard --dry-run` says what would be written, and writes nothing.

use crate::support::provider::{Provider, RunningProvider};
use crate::support::world::{Run, World};

fn dry_run(world: &World, provider: &RunningProvider, more: &[&str]) -> Run {
    let mut arguments = provider.access();
    let request = ["onboard", "--owner", "jane@acme.example", "--issuer", provider.issuer(), "--client-id"];
    arguments.extend(request.iter().map(|one| (*one).to_owned()));
    arguments.extend([provider.client_id(), "--client-secret-stdin", "--dry-run"].map(str::to_owned));
    arguments.extend(more.iter().map(|one| (*one).to_owned()));
    world.with_stdin(provider.client_secret()).ssoctl(arguments).expect_code(0)
}

#[test]
fn a_dry_run_shows_the_connection_that_would_be_written_and_writes_none() {
    let (world, provider) = (World::new(), Provider::new().start());
    let text = dry_run(&world, &provider, &[]).stdout;
    let foretold = text.split_once("\nWould be written\n").unwrap().1;
    assert!(foretold.starts_with("  status     active\n"), "{text}");
    assert!(foretold.contains(&format!("  issuer     {}\n", provider.issuer())), "{text}");
    assert!(foretold.contains("  domain     acme.example\n"), "{text}");
    assert!(foretold.contains("Would be switched on"), "{text}");
    assert_eq!(world.sql("SELECT count(*) FROM sso_connections"), [["0"]]);
    assert_eq!(world.sql("SELECT count(*) FROM sso_audit_log"), [["0"]]);
}

#[test]
fn a_dry_run_of_staging_says_staged_and_not_switched_on() {
    let (world, provider) = (World::new(), Provider::new().start());
    let text = dry_run(&world, &provider, &["--stage"]).stdout;
    assert!(text.contains("  status     staged\n") && text.contains("Would be staged, not switched on"), "{text}");
    assert!(!text.contains("is now switched on"), "the mail promises too much: {text}");
    let document = dry_run(&world, &provider, &["--stage", "-o", "json"]).json();
    assert_eq!(document["outcome"], "would_onboard");
    assert_eq!(document["connection"]["status"], "staged");
    assert!(document["connection"].get("id").is_none());
}

#[test]
fn the_command_for_the_ticket_does_not_carry_who_ran_it() {
    let (world, provider) = (World::new(), Provider::new().start());
    let command = dry_run(&world, &provider, &["--actor", "amy", "-o", "json"]).json()["command"].to_string();
    assert!(command.contains("--allow-origin") && !command.contains("amy"), "{command}");
}
