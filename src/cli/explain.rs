//! `ssoctl explain`

use clap::Args;
use serde_json::json;

use super::app::App;
use super::failure::{ExitStatus, Failure};
use crate::checks::catalogue::{CATALOGUE, Entry, find};
use crate::report::json_v1;

/// Say what a check looks at, why, what to do, and what to tell the customer
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  ssoctl explain oidc-credentials")]
pub(super) struct ExplainArgs {
    /// The check; all of them are listed without it
    #[arg(value_name = "CHECK")]
    check: Option<String>,
}

pub(super) fn run(args: &ExplainArgs, app: &App) -> Result<ExitStatus, Failure> {
    let entries: Vec<&Entry> = match &args.check {
        None => CATALOGUE.iter().collect(),
        Some(id) => vec![find(&id.trim().to_ascii_lowercase()).ok_or_else(|| unknown(id))?],
    };
    app.print_either(
        || {
            let checks: Vec<serde_json::Value> = entries.iter().map(|entry| document(entry)).collect();
            json!({ "schema": json_v1::VERSION, "kind": "explanation", "checks": checks })
        },
        || match (&args.check, entries.as_slice()) {
            (Some(_), [entry]) => in_full(entry),
            _ => entries
                .iter()
                .fold(String::new(), |out, entry| out + &format!("{:<18} {}\n", entry.id.as_str(), entry.looks_at)),
        },
    )?;
    Ok(ExitStatus::Done)
}

fn unknown(id: &str) -> Failure {
    let ids: Vec<&str> = CATALOGUE.iter().map(|entry| entry.id.as_str()).collect();
    let wanted = crate::foreign::shown_up_to(id, 60);
    Failure::usage(format!("there is no check `{wanted}`")).hint(format!("the checks are: {}", ids.join(", ")))
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
        out + &format!("\n{title}\n{}\n", crate::report::paragraph::wrapped("  ", text, 78))
    })
}

fn document(entry: &Entry) -> serde_json::Value {
    json!({
        "id": entry.id,
        "looks_at": entry.looks_at,
        "why": entry.why,
        "verdicts": entry.verdicts,
        "agent": entry.agent,
        "customer": entry.customer,
        "source": entry.source,
    })
}
