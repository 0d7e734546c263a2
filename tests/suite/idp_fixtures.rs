//! `fixtures/idp/`: documents written here in the image of real ones, one folder a case.
//!
//! `document.json` is what the issuer answers with, `jwks.json` its key set where keys matter, `case.toml` the issuer
//! that was asked for and what each check has to say.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use ssoctl::finding::{Judgement, Verdict};
use ssoctl::request::names::IssuerUrl;

use crate::support::on_paper;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// The issuer that the customer gave.
    asked: String,
    check: Vec<Expected>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    id: String,
    verdict: String,
    /// The code of the first reason; none where there is nothing to say.
    reason: Option<String>,
    /// The issuer that the document settles, where it is another spelling than the one asked for.
    issuer: Option<String>,
}

fn folders() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/idp");
    let mut folders: Vec<PathBuf> = std::fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    folders
}

fn judged(folder: &Path, case: &Case, id: &str) -> Judgement {
    match id {
        "oidc-discovery" => {
            let asked = IssuerUrl::parse(&case.asked).unwrap();
            on_paper::document(&asked, &std::fs::read(folder.join("document.json")).unwrap())
        }
        "oidc-keys" => on_paper::keys(&std::fs::read(folder.join("jwks.json")).unwrap()),
        other => panic!("{other} is not judged from files"),
    }
}

#[test]
fn every_case_is_judged_as_its_folder_says() {
    let folders = folders();
    assert!(folders.len() > 40, "{} folders", folders.len());
    for folder in folders {
        let name = folder.file_name().unwrap().display().to_string();
        let case: Case = toml::from_str(&std::fs::read_to_string(folder.join("case.toml")).unwrap()).unwrap();
        let has_keys = folder.join("jwks.json").exists();
        assert_eq!(case.check.iter().any(|check| check.id == "oidc-keys"), has_keys, "{name}: keys without a verdict");
        for expected in &case.check {
            let judgement = judged(&folder, &case, &expected.id);
            let first = judgement.findings.first().map(|finding| finding.code);
            let found = (judgement.verdict.label(), first);
            assert_eq!(found, (expected.verdict.as_str(), expected.reason.as_deref()), "{name}: {judgement:#?}");
            let settled = judgement.details.get("issuer").and_then(serde_json::Value::as_str);
            if let Some(issuer) = &expected.issuer {
                assert_eq!(settled, Some(issuer.as_str()), "{name}");
            } else if expected.id == "oidc-discovery" {
                let asked = (judgement.verdict < Verdict::Fail).then_some(case.asked.as_str());
                assert_eq!(settled, asked, "{name}");
            }
        }
    }
}

#[test]
fn every_failing_case_tells_customer_and_agent_what_to_do() {
    for folder in folders() {
        let case: Case = toml::from_str(&std::fs::read_to_string(folder.join("case.toml")).unwrap()).unwrap();
        for expected in case.check.iter().filter(|check| check.verdict == "fail") {
            let judgement = judged(&folder, &case, &expected.id);
            for finding in judgement.findings.iter().filter(|finding| finding.level == Verdict::Fail) {
                assert!(finding.tell.is_some(), "{}: {} says nothing to the customer", folder.display(), finding.code);
            }
        }
    }
}
