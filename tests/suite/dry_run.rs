//! `onboard --dry-run` says what would be written, and writes nothing.

use crate::support::provider::{Provider, RunningProvider};
use crate::support::world::{Run, World};

fn dry_run(world: &World, provider: &RunningProvider, more: &[&str]) -> Run {
    onboard(world, provider, &[&["--dry-run"], more].concat())
}

fn onboard(world: &World, provider: &RunningProvider, more: &[&str]) -> Run {
    let mut arguments = provider.access();
    let request = ["onboard", "--owner", "jane@acme.example", "--issuer", provider.issuer(), "--client-id"];
    arguments.extend(request.iter().map(|one| (*one).to_owned()));
    arguments.extend([provider.client_id(), "--client-secret-stdin"].map(str::to_owned));
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
    assert!(foretold.contains("  domain     acme.example (the owner's own)\n"), "{text}");
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

#[test]
fn the_mail_of_a_dry_run_is_the_mail_of_the_real_one() {
    let (world, provider) = (World::new(), Provider::new().start());
    let foretold = dry_run(&world, &provider, &["-o", "json"]).json();
    let done = onboard(&world, &provider, &["--yes", "-o", "json"]).json();
    assert_eq!(foretold["reply"], done["reply"]);
    assert_eq!(foretold["connection"]["redirect_uri"], done["connection"]["redirect_uri"]);
}

#[test]
fn a_dry_run_over_a_staged_connection_shows_what_would_be_switched_on() {
    let (world, provider) = (World::new(), Provider::new().start());
    onboard(&world, &provider, &["--stage", "--yes"]);
    let text = dry_run(&world, &provider, &[]).stdout;
    let (_, foretold) = text.split_once("\nWould be written\n  status     active\n").unwrap();
    assert!(foretold.contains("  domain     acme.example (the owner's own)\n"), "{text}");
}

#[test]
fn what_a_replacement_takes_away_is_shown_before_and_after() {
    let (world, provider) = (World::new(), Provider::new().start());
    onboard(&world, &provider, &["--yes"]);
    let more = ["--vouch-domain", "acme-labs.example", "--replace"];
    let foretold = dry_run(&world, &provider, &more).stdout;
    let done = onboard(&world, &provider, &[&["--yes"], more.as_slice()].concat()).stdout;
    for text in [&foretold, &done] {
        let (_, before) = text.split_once("\nIn place of\n").unwrap();
        let (before, _) = before.split_once("\n\n").unwrap();
        assert!(before.contains(provider.issuer()) && before.ends_with("  domains    acme.example"), "{text}");
    }
    assert!(foretold.contains("  domain     acme-labs.example (on your word)\n"), "{foretold}");
}

#[test]
fn what_is_staged_over_a_suspended_connection_is_not_said_to_go_on() {
    let (world, provider) = (World::new(), Provider::new().start());
    onboard(&world, &provider, &["--yes"]);
    world.ssoctl(["connection", "suspend", "--team", "1042", "--yes"]).expect_code(0);
    let text = dry_run(&world, &provider, &["--replace", "--stage"]).stdout;
    assert!(text.contains("stays switched off") && !text.contains("switched on again"), "{text}");
}
