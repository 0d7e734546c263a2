//! Tricky and hostile inputs by number: each with what has to come of it.
//!
//! Where a test provider can play the part, the built binary onboards against it and the database is looked at. Where
//! a row names somebody else's host, the same words go through intake, which is where they are judged.

mod documents;
mod further;
mod issuers;
mod metadata;
mod people;
mod rows;
mod secrets;
mod tokens;

use crate::support::product::{acme_corp, onboard, written};
use crate::support::provider::RunningProvider;
use crate::support::question::{Verdicts, assert_printable};
use crate::support::world::World;

/// What has to come of an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Done, with nothing to say.
    Accept,
    /// Done, and a value is another one than was given: this.
    Normalise(&'static str),
    /// Done, with this warning in the report.
    Warn(&'static str),
    /// Refused for this reason; nothing is written but the refusal.
    Reject(&'static str),
    /// No verdict, for this reason: try again.
    Unknown(&'static str),
}

/// Onboards Acme at `provider`, and compares report, exit status and database with `expected`.
#[track_caller]
fn onboards(id: &str, provider: &RunningProvider, expected: Outcome) -> (World, Verdicts) {
    let world = acme_corp();
    let said = Verdicts::of(onboard(&world, provider, "owner@acme-corp.com", &[]));
    let (exit, active, action) = match expected {
        Outcome::Accept | Outcome::Normalise(_) | Outcome::Warn(_) => (0, 1, "onboarded"),
        Outcome::Reject(_) => (1, 0, "refused"),
        Outcome::Unknown(_) => (3, 0, "refused"),
    };
    assert_eq!(said.code(), Some(exit), "{id}: {}", said.table());
    match expected {
        Outcome::Accept => assert!(!said.table().contains("\"fail\""), "{id}: {}", said.table()),
        Outcome::Normalise(value) => assert_eq!(said.changed_to("issuer"), Some(value), "{id}: {}", said.table()),
        Outcome::Warn(code) | Outcome::Reject(code) | Outcome::Unknown(code) => {
            assert!(said.says(code), "{id}: {}", said.table());
        }
    }
    let (connections, actions) = written(&world);
    assert_eq!(connections, active, "{id}: {}", said.table());
    if exit < 3 {
        assert_eq!(actions, [action], "{id}: one audit row");
    }
    if let Outcome::Warn(code) = expected {
        let details = world.sql("SELECT details FROM sso_audit_log").concat().concat();
        assert!(details.contains(code), "{id}: the warning is not in the audit record: {details}");
    }
    assert_printable(&said.run);
    assert!(!said.run.everything().contains(provider.client_secret()), "{id}");
    assert!(world.files_containing(provider.client_secret()).is_empty(), "{id}");
    (world, said)
}

/// Every row of the case list that belongs here is in one of the tables, or is named with why it is not.
///
/// The list is not part of the project: `SSOCTL_CASES` names it, `../shared/cases.jsonl` is where it is looked for.
#[test]
fn every_case_of_these_areas_has_its_place() {
    let beside = || std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/cases.jsonl");
    let file = std::env::var_os("SSOCTL_CASES").map_or_else(beside, std::path::PathBuf::from);
    let Ok(text) = std::fs::read_to_string(&file) else {
        eprintln!("no case list at {}: the tables are not compared with it (SSOCTL_CASES names it)", file.display());
        return;
    };
    let mut known: Vec<(&str, Outcome)> = issuers::table();
    known.extend(documents::table());
    known.extend(tokens::table());
    known.extend(people::table());
    known.extend(secrets::table());
    known.extend(metadata::table());
    known.extend(rows::table());
    let areas = [
        "issuer_url",
        "discovery_doc",
        "jwks",
        "token_probe",
        "email",
        "domain",
        "secret_input",
        "saml_metadata",
        "csv",
        "jsonl",
    ];
    let mut problems = Vec::new();
    for line in text.lines() {
        let row: serde_json::Value = serde_json::from_str(line).unwrap();
        let (id, expect) = (row["id"].as_str().unwrap(), row["expect"].as_str().unwrap());
        if !areas.contains(&row["area"].as_str().unwrap()) || ELSEWHERE.iter().any(|(other, _)| *other == id) {
            continue;
        }
        let Some((_, outcome)) = known.iter().find(|(other, _)| *other == id) else {
            problems.push(format!("{id} is nowhere"));
            continue;
        };
        let ours = match outcome {
            Outcome::Accept => "accept",
            Outcome::Normalise(_) => "normalise",
            Outcome::Warn(_) => "warn",
            // The list has no word of its own for a request that is not carried out for want of an answer.
            Outcome::Reject(_) | Outcome::Unknown(_) => "reject",
        };
        let agreed = DIFFERENT.iter().any(|(other, _)| *other == id);
        if ours != expect && !agreed {
            problems.push(format!("{id}: the list says {expect}, the table {ours}"));
        }
    }
    assert!(problems.is_empty(), "{problems:#?}");
}

/// Rows that are judged in other places, with where.
const ELSEWHERE: [(&str, &str); 9] = [
    ("sam-113", "real documents: corpus_saml"),
    ("iss-168", "names that resolve to private addresses: the client's own tests, which can tell it what a name means"),
    ("iss-170", "the same"),
    ("iss-188", "a network that swallows packets: the client's own tests, with a shorter limit"),
    ("iss-175", "proxies of the environment: guarded_client"),
    ("iss-179", "certificates: guarded_client"),
    ("iss-180", "certificates: guarded_client"),
    ("sec-043", "a prompt that is killed: the tests that have a terminal"),
    ("sec-047", "a process watched while it runs: the tests about secrets"),
];

/// Rows whose outcome is another one here, with why.
const DIFFERENT: [(&str, &str); 3] = [
    ("tok-068", "listed as a warning; here no answer is no verdict: exit status 3, nothing written"),
    ("tok-071", "the same"),
    ("tok-073", "the same"),
];
