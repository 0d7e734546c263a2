//! `ssoctl audit list|verify`

use std::fmt::Write as _;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::app::App;
use super::failure::{ExitStatus, Failure};
use crate::finding::NOT_ASKED;
use crate::foreign;
use crate::product::audit_event::AuditRow;
use crate::product::audit_trail::{self, Anchor};
use crate::product::repository::Repository;
use crate::report::{json_v1, listing};
use crate::request::names::TeamId;

/// Read the tamper-evident record of everything that was changed or refused
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  ssoctl audit list --ticket 48213")]
pub(super) struct AuditArgs {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List what happened, oldest first
    #[command(after_help = "Example:\n  ssoctl audit list --team 1042 --limit 20")]
    List {
        /// Only this team's
        #[arg(long, value_name = "TEAM")]
        team: Option<String>,
        /// Only this ticket's
        #[arg(long, value_name = "REF")]
        ticket: Option<String>,
        /// At most this many, the latest
        #[arg(long, value_name = "N", default_value_t = 50, value_parser = super::rows())]
        limit: usize,
    },
    /// Verify that no row was altered, removed or added by hand
    ///
    /// Prints the head of the chain. Keep it somewhere else, and give it with --anchor next time: a log that was cut
    /// short or written anew from some point on no longer contains it.
    #[command(
        after_help = "Example:\n  ssoctl audit verify --anchor \\\n    42:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
    )]
    Verify {
        /// A head that was printed earlier, as SEQ:HASH (can be repeated)
        #[arg(long, value_name = "SEQ:HASH")]
        anchor: Vec<String>,
    },
}

pub(super) async fn run(args: AuditArgs, app: &App) -> Result<ExitStatus, Failure> {
    let config = app.config()?;
    match args.verb {
        Verb::List { team, ticket, limit } => {
            let repository = app.repository_to_read(&config).await?;
            let narrowed = team.is_some() || ticket.is_some();
            let team = team.map(TeamId::new);
            // One more tells whether there are more.
            let asked = limit.saturating_add(1);
            let mut rows = repository.read().await?.audit_tail(team.as_ref(), ticket.as_deref(), asked).await?;
            let more = rows.len() > limit;
            rows.drain(..rows.len().saturating_sub(limit));
            app.print_either(
                || {
                    let rows: Vec<Value> = rows.iter().map(document).collect();
                    json!({ "schema": json_v1::VERSION, "kind": "audit", "rows": rows })
                },
                || if rows.is_empty() { nothing_found(narrowed).to_owned() } else { table(&rows, app.look().width) },
            )?;
            if more {
                app.ui.hint(&format!("there are earlier ones: these are the latest {limit}, and --limit N shows more"));
            }
            Ok(ExitStatus::Done)
        }
        Verb::Verify { anchor } => {
            let anchors = anchor.iter().map(|text| read_anchor(text)).collect::<Result<Vec<_>, _>>()?;
            let repository = app.repository_to_read(&config).await?;
            verify(app, &*repository, &anchors).await
        }
    }
}

fn read_anchor(text: &str) -> Result<Anchor, Failure> {
    text.split_once(':')
        .and_then(|(seq, hash)| Some((seq.parse().ok()?, hash.to_ascii_lowercase())))
        .filter(|(_, hash): &Anchor| hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()))
        .ok_or_else(|| {
            Failure::usage("--anchor is written as SEQ:HASH").hint("`ssoctl audit verify` prints one as `head`")
        })
}

async fn verify(app: &App, repository: &dyn Repository, anchors: &[Anchor]) -> Result<ExitStatus, Failure> {
    let trail = audit_trail::walk(&mut *repository.read().await?, anchors).await?;
    let head = trail.head.as_ref().map(|(seq, hash)| format!("{seq}:{hash}"));
    let (count, fault) = (trail.rows(), trail.fault);
    app.print_either(
        || {
            json!({
                "schema": json_v1::VERSION,
                "kind": "audit_verification",
                "intact": fault.is_none(),
                "rows": count,
                "head": head,
                "fault": fault,
            })
        },
        || match (&fault, &head) {
            (Some(fault), _) => format!("BROKEN: {fault}\n"),
            (None, Some(head)) => {
                format!("Intact: {count} {}.\n  head  {head}\n", if count == 1 { "row" } else { "rows" })
            }
            (None, None) => "Intact: the log is empty.\n".to_owned(),
        },
    )?;
    if fault.is_none() {
        return Ok(ExitStatus::Done);
    }
    // Said to people only: standard output has had its one document.
    let advice = "keep the database as it is, and compare it with your last copy".to_owned();
    app.ui.error("the audit log is not what was written", &[], &[advice]);
    Ok(ExitStatus::Fault)
}

fn document(row: &AuditRow) -> Value {
    let mut document = serde_json::to_value(row).unwrap_or_default();
    if let Some(details) = document.get_mut("details") {
        *details = serde_json::from_str(&row.details).unwrap_or_default();
    }
    document
}

/// What is said of a list without rows.
const fn nothing_found(narrowed: bool) -> &'static str {
    if narrowed {
        "No row of the audit log fits. `ssoctl audit list` shows the latest, whatever they are of.\n"
    } else {
        "Nothing has been recorded yet.\n"
    }
}

fn table(rows: &[AuditRow], width: Option<u16>) -> String {
    let cells = rows.iter().map(|row| {
        [
            row.seq.to_string(),
            row.at.get(..19).unwrap_or(&row.at).replace('T', " "),
            foreign::shown_up_to(&row.actor, 40),
            row.action.clone(),
            foreign::shown_up_to(row.ticket.as_deref().unwrap_or("-"), 40),
            foreign::shown_up_to(row.team_id.as_deref().unwrap_or("-"), 40),
            reasons(row),
        ]
    });
    listing::text(["#", "WHEN", "WHO", "WHAT", "TICKET", "TEAM", "WHY"], cells, width)
}

/// The checks that were no plain pass, as `check: reasons`.
fn reasons(row: &AuditRow) -> String {
    let details: Value = serde_json::from_str(&row.details).unwrap_or_default();
    let mut out = String::new();
    for check in details.get("checks").and_then(Value::as_array).into_iter().flatten() {
        let reasons = check.get("reasons").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        // What was not asked was not asked because of something else in the list.
        let reasons = reasons.filter(|reason| *reason != NOT_ASKED).collect::<Vec<_>>().join(" ");
        if reasons.is_empty() {
            continue;
        }
        let id = check.get("id").and_then(Value::as_str).unwrap_or_default();
        let separator = if out.is_empty() { "" } else { "; " };
        let _ = write!(out, "{separator}{id}: {reasons}");
    }
    foreign::shown_up_to(&out, 120)
}
