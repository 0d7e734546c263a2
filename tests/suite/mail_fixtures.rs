//! `fixtures/mail/`: mails written here in the styles of real ones, one folder a case.
//!
//! `mail.eml` is the mail, `expected.toml` what the request has to hold once it is read and mended, and what is to be
//! said of the sender. `ask` stands for a value that is not there, `conflict` for one of which there are several.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use ssoctl::checks::{self, Facts, Intent};
use ssoctl::config::Policy;
use ssoctl::finding::Judgement;
use ssoctl::intake::{Completeness, RequestDraft};
use ssoctl::request::{MetadataSource, OnboardingRequest};
use ssoctl::ticket::{self, Settings};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    owner: Option<String>,
    requested_by: Option<String>,
    issuer: Option<String>,
    client_id: Option<String>,
    client_secret: Option<String>,
    metadata: Option<String>,
    #[serde(default)]
    domains: Vec<String>,
    ticket: String,
    #[serde(default)]
    notes: Vec<String>,
    sender: String,
    #[serde(default)]
    sender_reasons: Vec<String>,
}

/// The installation that the mails were sent to.
fn settings() -> Settings {
    Settings {
        trusted_authserv_id: Some("mx.product.example".to_owned()),
        relays: vec!["product.example".to_owned(), "desk.product.example".to_owned()],
        ..Settings::default()
    }
}

fn folders() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/mail");
    let mut folders: Vec<PathBuf> = std::fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    folders
}

/// A value as `expected.toml` writes it.
fn said(value: Option<String>, contested: bool, asked: bool) -> Option<String> {
    match value {
        Some(value) => Some(value),
        None if contested => Some("conflict".to_owned()),
        None if asked => Some("ask".to_owned()),
        None => None,
    }
}

/// What a reading came to, in the words of `expected.toml`.
fn read(folder: &Path, wanted: &Expected) -> (Expected, OnboardingRequest) {
    let ticket = ticket::read(&std::fs::read(folder.join("mail.eml")).unwrap(), &settings()).unwrap();
    let (owner, issuer) = (ticket.owner.contested().len(), ticket.issuer.contested().len());
    let (client_id, secret) = (ticket.client_id.contested().len(), ticket.client_secret.contested().len());
    let several_metadata = !ticket.metadata.contested().is_empty();
    let request = ticket.into_draft(RequestDraft::default()).normalise(Completeness::Everything, 50);
    let asks = |value: &Option<String>| value.as_deref() == Some("ask");
    let oidc = request.oidc();
    let metadata = request.saml().and_then(|saml| saml.metadata.as_ref());
    let sender = sender(&request);
    let found = Expected {
        owner: said(request.owner.as_ref().map(ToString::to_string), owner > 0, asks(&wanted.owner)),
        requested_by: said(request.requested_by.address().map(ToString::to_string), false, asks(&wanted.requested_by)),
        issuer: said(
            oidc.and_then(|one| one.issuer.as_ref()).map(ToString::to_string),
            issuer > 0,
            asks(&wanted.issuer),
        ),
        client_id: said(
            oidc.and_then(|one| one.client_id.as_ref()).map(ToString::to_string),
            client_id > 0,
            asks(&wanted.client_id),
        ),
        client_secret: said(
            oidc.and_then(|one| one.client_secret.as_ref()).map(|one| one.expose().to_owned()),
            secret > 0,
            asks(&wanted.client_secret),
        ),
        metadata: said(metadata.map(MetadataSource::name), several_metadata, asks(&wanted.metadata)),
        domains: request.domains.iter().map(ToString::to_string).collect(),
        ticket: request.ticket.as_ref().map(ToString::to_string).unwrap_or_default(),
        notes: request
            .findings
            .iter()
            .map(|finding| finding.code)
            .filter(|code| code.starts_with("mail_") || *code == "link_text_mismatch")
            .map(str::to_owned)
            .collect(),
        sender: sender.verdict.label().to_owned(),
        sender_reasons: sender.reasons().map(str::to_owned).collect(),
    };
    (found, request)
}

fn sender(request: &OnboardingRequest) -> Judgement {
    let intent = Intent { everything: true, ..Intent::default() };
    let judgements = checks::run_all(request, &Facts::default(), &Policy::default(), intent);
    judgements.into_iter().find(|judgement| judgement.id.as_str() == "ticket-sender").unwrap()
}

/// The fields in which two readings differ.
fn differences(found: &Expected, wanted: &Expected) -> Vec<String> {
    let rows = [
        ("owner", &found.owner, &wanted.owner),
        ("requested_by", &found.requested_by, &wanted.requested_by),
        ("issuer", &found.issuer, &wanted.issuer),
        ("client_id", &found.client_id, &wanted.client_id),
        ("client_secret", &found.client_secret, &wanted.client_secret),
        ("metadata", &found.metadata, &wanted.metadata),
    ];
    let mut differing: Vec<String> = rows
        .into_iter()
        .filter(|(_, found, wanted)| found != wanted)
        .map(|(name, found, wanted)| format!("{name}: {found:?} instead of {wanted:?}"))
        .collect();
    for (name, found, wanted) in [
        ("domains", &found.domains, &wanted.domains),
        ("notes", &found.notes, &wanted.notes),
        ("sender_reasons", &found.sender_reasons, &wanted.sender_reasons),
    ] {
        if found != wanted {
            differing.push(format!("{name}: {found:?} instead of {wanted:?}"));
        }
    }
    for (name, found, wanted) in [("ticket", &found.ticket, &wanted.ticket), ("sender", &found.sender, &wanted.sender)]
    {
        if found != wanted {
            differing.push(format!("{name}: {found} instead of {wanted}"));
        }
    }
    differing
}

#[test]
fn nearly_every_mail_is_read_completely_and_no_secret_and_no_owner_is_ever_wrong() {
    let folders = folders();
    assert!(folders.len() >= 60, "{} folders", folders.len());
    let (mut incomplete, mut wrong, mut misjudged) = (Vec::new(), Vec::new(), Vec::new());
    for folder in &folders {
        let name = folder.file_name().unwrap().display().to_string();
        let wanted: Expected = toml::from_str(&std::fs::read_to_string(folder.join("expected.toml")).unwrap()).unwrap();
        let (found, _) = read(folder, &wanted);
        let is_value =
            |value: &Option<String>| value.as_deref().is_some_and(|value| value != "ask" && value != "conflict");
        if is_value(&found.client_secret) && found.client_secret != wanted.client_secret
            || is_value(&found.owner) && found.owner != wanted.owner
        {
            wrong.push(name.clone());
        }
        if found.sender != wanted.sender {
            misjudged.push(name.clone());
        }
        let differing = differences(&found, &wanted);
        if !differing.is_empty() {
            incomplete.push(format!("{name}\n    {}", differing.join("\n    ")));
        }
    }
    let complete = folders.len() - incomplete.len();
    let report =
        format!("{complete} of {} mails were read completely; not so:\n{}", folders.len(), incomplete.join("\n"));
    eprintln!("{report}");
    assert_eq!((&wrong, &misjudged), (&vec![], &vec![]), "{report}");
    assert!(complete * 100 >= folders.len() * 95, "{report}");
}
