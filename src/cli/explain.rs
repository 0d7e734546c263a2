//! `ssoctl explain`

use clap::Args;
use serde_json::json;

use super::app::App;
use super::failure::{ExitStatus, Failure};
use crate::checks::catalogue::{CATALOGUE, Entry, find};
use crate::checks::reasons::{Reason, reasons};
use crate::paragraph::wrapped;
use crate::report::json_v1;

/// Columns of an explanation.
const COLUMNS: usize = 78;

/// Say what a check looks at, why, what to do, and what to tell the customer; or what a reason code means
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  ssoctl explain oidc-credentials\n  ssoctl explain bad_secret")]
pub(super) struct ExplainArgs {
    /// The check, or a reason code of a finding; all checks are listed without it
    #[arg(value_name = "CHECK|CODE")]
    check: Option<String>,
}

pub(super) fn run(args: &ExplainArgs, app: &App) -> Result<ExitStatus, Failure> {
    let asked = Asked::of(args.check.as_deref())?;
    app.print_either(|| asked.document(), || asked.text(app.look().columns()))?;
    Ok(ExitStatus::Done)
}

/// What is to be explained.
enum Asked {
    Everything,
    Check(&'static Entry),
    /// A reason code, of one check or several.
    Code(Vec<Reason>),
}

impl Asked {
    fn of(word: Option<&str>) -> Result<Self, Failure> {
        let Some(word) = word else { return Ok(Self::Everything) };
        let name = word.trim().to_ascii_lowercase();
        if let Some(entry) = find(&name) {
            return Ok(Self::Check(entry));
        }
        let found: Vec<Reason> = reasons().filter(|reason| reason.code == name).collect();
        if found.is_empty() { Err(unknown(word, &name)) } else { Ok(Self::Code(found)) }
    }

    fn entries(&self) -> Vec<&'static Entry> {
        match self {
            Self::Everything => CATALOGUE.iter().collect(),
            Self::Check(entry) => vec![entry],
            Self::Code(found) => found.iter().filter_map(|reason| find(reason.check.as_str())).collect(),
        }
    }

    fn document(&self) -> serde_json::Value {
        let code = match self {
            Self::Code(found) => found.first().map(|reason| reason.code),
            Self::Everything | Self::Check(_) => None,
        };
        let checks: Vec<serde_json::Value> = self.entries().into_iter().map(|entry| document(entry, code)).collect();
        json!({ "schema": json_v1::VERSION, "kind": "explanation", "checks": checks })
    }

    fn text(&self, columns: usize) -> String {
        match self {
            Self::Everything => self.entries().into_iter().fold(String::new(), |out, entry| {
                out + &wrapped(&format!("{:<18} ", entry.id.as_str()), entry.looks_at, columns) + "\n"
            }),
            Self::Check(entry) => in_full(entry) + &codes_of(entry),
            Self::Code(found) => {
                let meanings = found.iter().map(|reason| {
                    let title = format!("{} ({}, {})\n", reason.code, reason.check, reason.level);
                    title + &wrapped("  ", reason.means, COLUMNS) + "\n"
                });
                let meanings = meanings.collect::<Vec<_>>().join("\n");
                match self.entries().as_slice() {
                    [entry] => format!("{meanings}\n{}", in_full(entry)),
                    several => several
                        .iter()
                        .fold(meanings + "\n", |out, entry| out + &format!("More: ssoctl explain {}\n", entry.id)),
                }
            }
        }
    }
}

fn unknown(word: &str, name: &str) -> Failure {
    let ids: Vec<&str> = CATALOGUE.iter().map(|entry| entry.id.as_str()).collect();
    let shown = crate::foreign::shown_up_to(word, 60);
    let known = ids.iter().copied().chain(reasons().map(|reason| reason.code));
    let failure = Failure::usage(format!("there is no check and no reason code `{shown}`"));
    let failure = match crate::foreign::meant(name, known) {
        Some(known) => failure.hint(format!("did you mean `{known}`?")),
        None => failure,
    };
    failure.hint(format!("the checks are: {}", ids.join(", ")))
}

/// The codes that findings of a check have.
fn codes_of(entry: &Entry) -> String {
    let own = reasons().filter(|reason| reason.check == entry.id);
    own.fold("\nReason codes (ssoctl explain CODE)\n".to_owned(), |out, reason| {
        out + &format!("  {:<8} {}\n", reason.level, reason.code)
    })
}

fn in_full(entry: &Entry) -> String {
    let parts = [
        ("Looks at", entry.looks_at),
        ("Why", entry.why),
        ("Verdicts", entry.verdicts),
        ("What you do", entry.agent),
        ("What the customer is told", entry.customer),
        ("Source", entry.source),
    ];
    parts.iter().fold(format!("{}\n", entry.id), |out, (title, text)| {
        out + &format!("\n{title}\n{}\n", wrapped("  ", text, COLUMNS))
    })
}

/// One check, with the reason codes of its findings, or with `code` alone.
fn document(entry: &Entry, code: Option<&str>) -> serde_json::Value {
    let own = reasons().filter(|reason| reason.check == entry.id && code.is_none_or(|code| reason.code == code));
    let own: Vec<serde_json::Value> =
        own.map(|reason| json!({ "code": reason.code, "level": reason.level, "means": reason.means })).collect();
    json!({
        "id": entry.id,
        "looks_at": entry.looks_at,
        "why": entry.why,
        "verdicts": entry.verdicts,
        "agent": entry.agent,
        "customer": entry.customer,
        "source": entry.source,
        "reasons": own,
    })
}
