//! `ssoctl ticket --extract`: a mailbox becomes a file of requests.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::fs::File;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use secrecy::zeroize::Zeroizing;
use serde::Serialize;
use serde_json::json;

use super::app::App;
use super::failure::{ExitStatus, Failure};
use super::{mail_files, ticket};
use crate::checks::{self, Intent, catalogue};
use crate::config::Config;
use crate::finding::{Finding, Verdict};
use crate::foreign;
use crate::intake::{Completeness, RequestDraft};
use crate::report::json_v1;
use crate::request::OnboardingRequest;
use crate::request::names::{ClientId, ClientSecret, IssuerUrl};
use crate::saml::encoding::{Charset, NotText};
use crate::ticket::{Choice, Metadata, Settings};

/// One line of the file. What is absent was not found, or not without doubt.
#[derive(Serialize)]
struct Row<'r> {
    #[serde(skip_serializing_if = "Option::is_none")]
    ticket: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    requested_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    issuer: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    domains: Vec<String>,
}

/// Reads every mail and writes the request of each that can be trusted as a line of `file`, which must not be there yet.
///
/// A mail whose sender is refused is left out: whoever runs the file is not asked about senders any more.
pub(super) fn run(
    places: &[PathBuf],
    file: &Path,
    sender_verified: bool,
    settings: &Settings,
    config: &Config,
    app: &App,
) -> Result<ExitStatus, Failure> {
    let written = |error: std::io::Error| {
        Failure::fault(format!("could not write `{}`", file.display())).cause(error.to_string())
    };
    let mut out = File::options().write(true).create_new(true).mode(0o600).open(file).map_err(|error| {
        if error.kind() == std::io::ErrorKind::AlreadyExists {
            Failure::usage(format!("`{}` is there already, and is not overwritten", file.display()))
                .hint("name a file that does not exist yet: it will hold secrets, and nobody else may read it")
        } else {
            written(error)
        }
    })?;
    let (mut requests, mut doubtful, mut left_out) = (0_usize, Vec::new(), Vec::new());
    for mail in mail_files::mails(places) {
        let mail = mail?;
        let name = foreign::shown_whole(&mail.name);
        let mut read = match ticket::read(&mail, settings) {
            Ok(read) => read,
            Err(failure) => {
                left_out.push((name, failure.causes().pop().unwrap_or_else(|| failure.message())));
                continue;
            }
        };
        let metadata = match metadata(&read.metadata) {
            Ok(metadata) => metadata,
            Err(why) => {
                left_out.push((name, why));
                continue;
            }
        };
        read.confirmed = sender_verified;
        let draft = read.into_draft(RequestDraft::default());
        let request = draft.normalise(Completeness::Everything, config.policy.max_domains);
        let worst = worst(&request);
        if let Some(refused) = worst.sender {
            left_out.push((name, refused.fact));
            continue;
        }
        doubtful.extend(worst.values.into_iter().map(|finding| (name.clone(), finding.fact)));
        let mut line =
            Zeroizing::new(serde_json::to_vec(&row(&request, metadata)).map_err(|error| written(error.into()))?);
        line.push(b'\n');
        out.write_all(&line).map_err(written)?;
        requests += 1;
    }
    out.sync_all().map_err(written)?;
    let status = if doubtful.is_empty() && left_out.is_empty() { ExitStatus::Done } else { ExitStatus::Refused };
    let listed = |rows: &[(String, String)]| -> Vec<serde_json::Value> {
        rows.iter().map(|(mail, why)| json!({ "mail": mail, "why": why })).collect()
    };
    app.print_either(
        || {
            json!({
                "schema": json_v1::VERSION,
                "extraction": {
                    "file": foreign::shown_whole(&file.display().to_string()),
                    "requests": requests,
                    "incomplete": listed(&doubtful),
                    "left_out": listed(&left_out),
                },
            })
        },
        || summary(file, requests, &doubtful, &left_out),
    )?;
    Ok(status)
}

fn summary(file: &Path, requests: usize, doubtful: &[(String, String)], left_out: &[(String, String)]) -> String {
    let noun = if requests == 1 { "request" } else { "requests" };
    let path = foreign::shown_whole(&file.display().to_string());
    let mut text = format!("{requests} {noun} written to {path}\n");
    for (title, rows) in [("Incomplete, and written with what there was", doubtful), ("Left out", left_out)] {
        if !rows.is_empty() {
            let _ = writeln!(text, "\n{title}");
            text.extend(rows.iter().map(|(mail, why)| format!("  {mail}\n      {why}\n")));
        }
    }
    text + "\nThe file holds secrets: keep it to yourself, and remove it when its requests are done.\n"
}

/// What speaks against a request before anybody is asked.
struct Worst {
    /// Why the sender is refused.
    sender: Option<Finding>,
    /// Values that are missing, competing or wrong.
    values: Vec<Finding>,
}

fn worst(request: &OnboardingRequest) -> Worst {
    let mut worst = Worst { sender: None, values: Vec::new() };
    for judgement in checks::run_request(request, Intent { everything: true, ..Intent::default() }) {
        let failed = judgement.findings.into_iter().filter(|finding| finding.level == Verdict::Fail);
        if judgement.id == catalogue::TICKET_SENDER {
            worst.sender = failed.into_iter().next();
        } else {
            worst.values.extend(failed);
        }
    }
    worst
}

/// Metadata as a line of JSON can hold it.
fn metadata(choice: &Choice<Metadata>) -> Result<Option<String>, String> {
    Ok(match choice.found().map(|one| &one.value) {
        None => None,
        Some(Metadata::Url(url)) => Some(url.clone()),
        Some(Metadata::Document { name, bytes }) => match text(bytes) {
            Ok(text) => Some(text.into_owned()),
            Err(problem) => return Err(format!("the metadata ({name}) cannot be written as text: {problem}")),
        },
    })
}

/// A document as UTF-8. One that was in another encoding loses its declaration, which would name that one.
fn text(bytes: &[u8]) -> Result<Cow<'_, str>, NotText> {
    let charset = Charset::of(bytes)?;
    let text = charset.decode(bytes)?;
    let undeclared =
        text.trim_start().strip_prefix("<?xml").and_then(|rest| rest.split_once("?>")).map(|(_, rest)| rest);
    Ok(match undeclared.filter(|_| charset.name() != "UTF-8") {
        Some(rest) => Cow::Owned(rest.trim_start().to_owned()),
        None => text,
    })
}

fn row(request: &OnboardingRequest, metadata: Option<String>) -> Row<'_> {
    let oidc = request.oidc().filter(|_| metadata.is_none());
    Row {
        ticket: request.ticket.as_ref().map(ToString::to_string),
        owner: request.owner.as_ref().map(ToString::to_string),
        requested_by: request.requested_by.address().map(ToString::to_string),
        issuer: oidc.and_then(|oidc| oidc.issuer.as_ref()).map(IssuerUrl::as_str),
        client_id: oidc.and_then(|oidc| oidc.client_id.as_ref()).map(ClientId::as_str),
        client_secret: oidc.and_then(|oidc| oidc.client_secret.as_ref()).map(ClientSecret::expose),
        metadata,
        domains: request.domains.iter().map(ToString::to_string).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_in_whatever_encoding_is_written_as_text_that_says_no_other() {
        let document = |encoding: &str| format!("<?xml version=\"1.0\" encoding=\"{encoding}\"?>\n<a b=\"\u{e9}\"/>");
        let wide = |with: fn(u16) -> [u8; 2], mark: &str| {
            format!("{mark}{}", document("UTF-16")).encode_utf16().flat_map(with).collect::<Vec<u8>>()
        };
        for bytes in [
            wide(u16::to_le_bytes, "\u{feff}"),
            wide(u16::to_be_bytes, "\u{feff}"),
            wide(u16::to_le_bytes, ""),
            wide(u16::to_be_bytes, ""),
            document("ISO-8859-1").chars().map(|one| u8::try_from(u32::from(one)).unwrap()).collect(),
        ] {
            assert_eq!(text(&bytes).unwrap(), "<a b=\"\u{e9}\"/>", "{}", String::from_utf8_lossy(&bytes));
        }
        assert_eq!(text(document("UTF-8").as_bytes()).unwrap(), document("UTF-8"));
        assert!(text(b"<a b=\"\xe9\"/>").is_err());
    }
}
