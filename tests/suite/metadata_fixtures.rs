//! `fixtures/metadata/`: documents written here in the image of real ones, one folder a case.
//!
//! `document.xml` is what was sent, with places for the certificates beside it; `case.toml` says when it is judged, what is
//! read of it, and what each check has to say. A check that is not named passes, or cannot be asked.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::Deserialize;
use ssoctl::finding::{Judgement, Verdict};

use crate::support::{metadata, on_paper};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// When it is judged; else the first of June 2026.
    now: Option<String>,
    /// `--entity-id`.
    chosen: Option<String>,
    /// How the text is encoded; else UTF-8.
    encoding: Option<String>,
    /// The entity ID that is read.
    entity_id: Option<String>,
    /// How many sign-in addresses can be used.
    sso: Option<usize>,
    /// How many sign-out addresses can be used.
    slo: Option<usize>,
    /// How many signing certificates are read.
    certificates: Option<usize>,
    #[serde(default)]
    check: Vec<Expected>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    id: String,
    verdict: String,
    /// The code of the first finding; none where there is nothing to say.
    reason: Option<String>,
}

fn folders() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(metadata::folder()).unwrap().map(|entry| entry.unwrap().path());
    let mut folders: Vec<PathBuf> = entries.filter(|path| path.join("case.toml").exists()).collect();
    folders.sort();
    folders
}

fn judged(folder: &Path) -> (Case, Vec<Judgement>) {
    let case: Case = toml::from_str(&std::fs::read_to_string(folder.join("case.toml")).unwrap()).unwrap();
    let text = metadata::with_certificates(&std::fs::read_to_string(folder.join("document.xml")).unwrap());
    let bytes = metadata::encoded(&text, case.encoding.as_deref());
    let now: Timestamp = case.now.as_deref().unwrap_or("2026-06-01T00:00:00Z").parse().unwrap();
    let judgements = on_paper::metadata(&bytes, case.chosen.as_deref(), now);
    (case, judgements)
}

#[test]
fn every_metadata_case_is_judged_as_its_folder_says() {
    let folders = folders();
    assert!(folders.len() >= 120, "{} folders", folders.len());
    for folder in folders {
        let name = folder.file_name().unwrap().display().to_string();
        let (case, judgements) = judged(&folder);
        let unread = judgements[0].verdict == Verdict::Fail && !judgements[0].details.contains_key("entity_id");
        for judgement in &judgements {
            let id = judgement.id.as_str();
            let first = judgement.findings.first().map(|finding| finding.code);
            let found = (judgement.verdict.label(), first);
            match case.check.iter().find(|expected| expected.id == id) {
                Some(expected) => {
                    let expected = (expected.verdict.as_str(), expected.reason.as_deref());
                    assert_eq!(found, expected, "{name}: {judgement:#?}");
                }
                None if unread => assert_eq!(found, ("unknown", Some("not_asked")), "{name}: {judgement:#?}"),
                None => assert_eq!(found.0, "pass", "{name}: {judgement:#?}"),
            }
        }
        let listed = |judgement: usize, detail: &str| judgements[judgement].details[detail].as_array().unwrap().len();
        if let Some(entity_id) = &case.entity_id {
            assert_eq!(judgements[0].details["entity_id"], entity_id.as_str(), "{name}");
        }
        for (expected, judgement, detail) in
            [(case.sso, 0, "sso"), (case.slo, 0, "slo"), (case.certificates, 1, "certificates")]
        {
            if let Some(expected) = expected {
                assert_eq!(listed(judgement, detail), expected, "{name}: {detail}");
            }
        }
    }
}

#[test]
fn every_failing_metadata_case_tells_customer_and_agent_what_to_do() {
    for folder in folders() {
        let (_, judgements) = judged(&folder);
        for finding in judgements.iter().flat_map(|one| &one.findings).filter(|one| one.level == Verdict::Fail) {
            let name = folder.display();
            assert!(finding.tell.is_some(), "{name}: {} says nothing to the customer", finding.code);
            assert!(finding.next.is_some(), "{name}: {} leaves the agent without a next step", finding.code);
        }
    }
}

#[test]
fn what_is_accepted_can_be_stored_and_what_is_stored_is_what_was_accepted() {
    for folder in folders() {
        let (case, judgements) = judged(&folder);
        let text = metadata::with_certificates(&std::fs::read_to_string(folder.join("document.xml")).unwrap());
        let bytes = metadata::encoded(&text, case.encoding.as_deref());
        let now: Timestamp = case.now.as_deref().unwrap_or("2026-06-01T00:00:00Z").parse().unwrap();
        let facts = on_paper::metadata_facts(&bytes, case.chosen.as_deref(), now);
        let settings = facts.settings(None);
        if on_paper::worst(&judgements) == Verdict::Fail {
            continue;
        }
        let settings = settings.unwrap_or_else(|| panic!("{}", folder.display()));
        assert!(!settings.sso.is_empty() && !settings.certificates.is_empty(), "{}", folder.display());
        assert!(settings.sso.iter().all(|one| one.location.starts_with("https://")), "{}", folder.display());
        assert!(settings.certificates.iter().all(|one| one.not_after > now), "{}", folder.display());
        let mut prints: Vec<&str> = settings.certificates.iter().map(|one| one.sha256.as_str()).collect();
        prints.dedup();
        assert_eq!(prints.len(), settings.certificates.len(), "{}", folder.display());
        assert_eq!(settings.metadata_sha256.len(), 64);
    }
}
