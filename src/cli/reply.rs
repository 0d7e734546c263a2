//! `ssoctl reply`

use clap::Args;
use serde_json::{Value, json};

use super::app::App;
use super::failure::{ExitStatus, Failure};
use super::outbox::{Outbox, ReplyRecord, Sending};
use super::reply_args::DeliveryArgs;
use crate::config::Config;
use crate::foreign;
use crate::mail::Thread;
use crate::product::audit_event::{Action, AuditRow};
use crate::product::repository::{Reads, Repository};
use crate::report::{Delivery, Letter, json_v1};

/// Print a reply again from the audit log, keep it as a draft, or send it
///
/// A reply that was sent already is not sent a second time without --again.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  ssoctl reply --last\n  ssoctl reply --ticket 48213 --send\n  ssoctl reply --row 42 --draft reply.eml"
)]
pub(super) struct ReplyCommandArgs {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    delivery: DeliveryArgs,
    /// Send it although it was sent before
    #[arg(long, requires = "send", help_heading = "Reply")]
    again: bool,
}

/// Which reply
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct Which {
    /// Your latest reply
    #[arg(long)]
    last: bool,
    /// The latest reply about this ticket
    #[arg(long, value_name = "REF")]
    ticket: Option<String>,
    /// The reply in this row of the audit log
    #[arg(long, value_name = "ROW")]
    row: Option<i64>,
}

/// How many rows of a ticket are looked at.
const REACH: usize = 1000;
/// Rows read at a time, where the whole log is walked.
const PAGE: u16 = 1000;

pub(super) async fn run(args: ReplyCommandArgs, app: &App) -> Result<ExitStatus, Failure> {
    let config = app.config()?;
    let operator = app.operator()?;
    let repository = app.repository_for(&config, args.delivery.send).await?;
    let outbox = Outbox::for_printing(&config, None)?.with_destinations(&args.delivery, app, &config).await?;
    let found = find(&*repository, &args.which, &operator.actor).await?;
    let sending = found.sending(args.again);
    let sends = outbox.sends() && sending == Sending::Allowed;
    let wanted = sends || args.delivery.draft.is_some() || args.delivery.maildir.is_some();
    let delivery = if wanted {
        Some(Box::pin(outbox.draft_and_send(&found.record, sending, Some(&*repository), &operator)).await)
    } else {
        None
    };
    let state = match &delivery {
        Some(delivery) if delivery.sent => State::Sent,
        Some(_) if sends => State::Failed,
        _ => found.state,
    };
    let printed =
        app.print_either(|| found.document(state, delivery.as_ref()), || found.text(state, delivery.as_ref()));
    if let Some(delivery) = delivery.as_ref().filter(|delivery| delivery.sent) {
        let done = format!("the reply WAS sent to {}", delivery.to.as_deref().unwrap_or_default());
        printed.map_err(|failure| Failure::unprinted(&done, &failure))?;
    } else {
        printed?;
    }
    if outbox.sends() && !sends {
        app.ui.hint("it was sent already, so nothing was sent now; --again sends it once more");
    }
    Ok(match delivery.filter(|delivery| delivery.error.is_some()) {
        Some(delivery) => app.unsent(&delivery, found.record.ticket.as_deref()),
        None => ExitStatus::Done,
    })
}

/// Keeps or sends the latest reply about a ticket, as `args` say, and says what became of it.
pub(super) async fn deliver_latest(
    ticket: &str,
    args: &DeliveryArgs,
    config: &Config,
    app: &App,
) -> Result<ExitStatus, Failure> {
    let operator = app.operator()?;
    let repository = app.repository_for(config, args.send).await?;
    let outbox = Outbox::for_printing(config, None)?.with_destinations(args, app, config).await?;
    let which = Which { last: false, ticket: Some(ticket.to_owned()), row: None };
    let found = find(&*repository, &which, &operator.actor).await?;
    let sending = found.sending(false);
    let delivery = Box::pin(outbox.draft_and_send(&found.record, sending, Some(&*repository), &operator)).await;
    app.ui.status(delivery.lines().trim_end());
    Ok(if delivery.error.is_some() { app.unsent(&delivery, Some(ticket)) } else { ExitStatus::Done })
}

/// Whether the log has a reply about this ticket behind its row `seq`.
pub(super) async fn is_there(reads: &mut dyn Reads, ticket: &str, seq: i64) -> Result<bool, Failure> {
    let rows = reads.audit_tail(None, Some(ticket), REACH).await?;
    Ok(latest_reply(rows, |row| row.seq > seq).is_some())
}

/// What became of a reply so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Unsent,
    Sent,
    Failed,
}

impl State {
    /// Once this was done with the reply, too.
    fn after(self, action: &str) -> Self {
        match Action::parse(action) {
            Some(Action::ReplySent) => Self::Sent,
            Some(Action::ReplyFailed) if self != Self::Sent => Self::Failed,
            _ => self,
        }
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::Unsent => "unsent",
            Self::Sent => "sent",
            Self::Failed => "failed",
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Self::Unsent => "not sent by ssoctl",
            Self::Sent => "sent",
            Self::Failed => "could not be sent",
        }
    }
}

/// A reply in the audit log.
struct Found {
    row: AuditRow,
    record: ReplyRecord,
    state: State,
}

async fn find(repository: &dyn Repository, which: &Which, actor: &str) -> Result<Found, Failure> {
    let mut reads = repository.read().await?;
    let found = match (which.row, which.last) {
        (Some(seq), _) => {
            let rows = reads.audit_rows(seq.saturating_sub(1), 1).await?;
            latest_reply(rows, |row| row.seq == seq)
        }
        (None, true) => own_latest(&mut *reads, actor).await?,
        (None, false) => latest_reply(reads.audit_tail(None, which.ticket.as_deref(), REACH).await?, |_| true),
    };
    let Some((row, record)) = found else {
        return Err(Failure::refused("the audit log holds no such reply").hint(
            "`ssoctl audit list` shows what was done; --dry-run, check without --send, and prepare where it tells the same again \
             leave no reply there",
        ));
    };
    let state = state_of(&mut *reads, &row).await?;
    Ok(Found { row, record, state })
}

/// The latest of the `chosen` rows that holds a reply.
fn latest_reply(rows: Vec<AuditRow>, chosen: impl Fn(&AuditRow) -> bool) -> Option<(AuditRow, ReplyRecord)> {
    rows.into_iter().rev().filter(chosen).find_map(|row| {
        let record = held(&row)?;
        Some((row, record))
    })
}

/// The latest reply of `actor`, however much others have done since.
async fn own_latest(reads: &mut dyn Reads, actor: &str) -> Result<Option<(AuditRow, ReplyRecord)>, Failure> {
    // Rows are numbered without a gap.
    let mut last = reads.audit_tail(None, None, 1).await?.first().map_or(0, |row| row.seq);
    while last > 0 {
        let before = last.saturating_sub(PAGE.into()).max(0);
        let found = latest_reply(reads.audit_rows(before, PAGE.into()).await?, |row| row.actor == actor);
        if found.is_some() {
            return Ok(found);
        }
        last = before;
    }
    Ok(None)
}

/// What the log tells of a reply: the rows of what was done with it may stand anywhere behind its own.
async fn state_of(reads: &mut dyn Reads, row: &AuditRow) -> Result<State, Failure> {
    let mut state = State::Unsent.after(&row.action);
    let mut seen = row.seq;
    loop {
        let page = reads.audit_rows(seen, PAGE.into()).await?;
        let Some(last) = page.last() else { return Ok(state) };
        seen = last.seq;
        for other in &page {
            let next = state.after(&other.action);
            if next != state && details(other).get("reply_of").and_then(Value::as_i64) == Some(row.seq) {
                state = next;
            }
        }
    }
}

fn details(row: &AuditRow) -> Value {
    serde_json::from_str(&row.details).unwrap_or_default()
}

/// The reply that a row holds; `None` where it holds none.
fn held(row: &AuditRow) -> Option<ReplyRecord> {
    let details = details(row);
    let text =
        |name: &str| details.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned);
    let thread = details.get("thread").cloned().and_then(|thread| serde_json::from_value::<Thread>(thread).ok());
    Some(ReplyRecord {
        letter: Letter {
            // Rows of the first version have none.
            subject: text("reply_subject").unwrap_or_else(|| "Single sign-on for your team".to_owned()),
            text: text("reply")?,
        },
        row: Some(row.clone()),
        ticket: row.ticket.clone(),
        team_id: row.team_id.clone(),
        connection_id: row.connection_id.clone(),
        to: text("reply_to"),
        thread: thread.unwrap_or_default(),
    })
}

impl Found {
    /// Whether it may be sent: what was sent already only where it is asked for `again`.
    fn sending(&self, again: bool) -> Sending {
        if self.state == State::Sent && !again { Sending::Withheld } else { Sending::Allowed }
    }

    fn document(&self, state: State, delivery: Option<&Delivery>) -> Value {
        json!({
            "schema": json_v1::VERSION,
            "kind": "reply",
            "row": self.row.seq,
            "at": self.row.at,
            "actor": self.row.actor,
            "action": self.row.action,
            "ticket": self.record.ticket,
            "team_id": self.record.team_id,
            "to": delivery.map_or(&self.record.to, |delivery| &delivery.to),
            "state": state.as_str(),
            "reply": self.record.letter.text,
            "reply_subject": self.record.letter.subject,
            "delivery": delivery,
        })
    }

    fn text(&self, state: State, delivery: Option<&Delivery>) -> String {
        let shown = |text: Option<&str>| text.map_or_else(|| "-".to_owned(), foreign::shown);
        let at = self.row.at.get(..19).unwrap_or(&self.row.at).replace('T', " ");
        let to = delivery.map_or(&self.record.to, |delivery| &delivery.to);
        let rule = "-".repeat(72);
        format!(
            "written  {at} by {}, with `{}` (row {})\nticket   {}\nteam     {}\nstate    {}\n{rule}\nTo: {}\nSubject: {}\n\n{}{rule}\n{}",
            foreign::shown(&self.row.actor),
            foreign::shown(&self.row.action),
            self.row.seq,
            shown(self.record.ticket.as_deref()),
            shown(self.record.team_id.as_deref()),
            state.words(),
            shown(to.as_deref()),
            foreign::shown(&self.record.letter.subject),
            self.record.letter.text,
            delivery.map(Delivery::lines).unwrap_or_default(),
        )
    }
}
