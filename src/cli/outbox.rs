//! The way of a reply: drafted, sent, and recorded. What was written before stays written, whatever becomes of it.

use std::path::PathBuf;

use serde_json::{Map, Value};

use super::Output;
use super::app::App;
use super::failure::{ExitStatus, Failure};
use super::reply_args::{DeliveryArgs, ReplyArgs};
use crate::config::{Config, PasswordSource, ReplyConfig};
use crate::finding::Judgement;
use crate::foreign;
use crate::mail::{self, Composed, Outgoing, SmtpServer, Thread};
use crate::onboarding::Operator;
use crate::onboarding::plan::Outcome;
use crate::product::audit_event::{Action, AuditEvent, AuditRow};
use crate::product::repository::{Repository, StoreError};
use crate::report::reply::recipient;
use crate::report::{CommandLine, Delivery, Letter, Replies, Report};
use crate::request::OnboardingRequest;
use crate::request::names::{ConnectionId, TeamId};

/// Everything a reply needs on its way, looked at before anything is written: a missing setting is said in time.
#[derive(Debug)]
pub(super) struct Outbox {
    replies: Replies,
    /// The mail that is answered.
    thread: Thread,
    to: Option<String>,
    from: Option<String>,
    reply_to: Option<String>,
    bcc: Vec<String>,
    draft: Option<PathBuf>,
    maildir: Option<PathBuf>,
    server: Option<SmtpServer>,
}

/// Whether a reply may be sent now. Drafts of it are kept either way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sending {
    /// Yes, where the flags ask for it.
    Allowed,
    /// No: there is no verdict yet, or it was sent before.
    Withheld,
}

/// A reply with what has to be known to send it.
#[derive(Debug, Clone)]
pub(super) struct ReplyRecord {
    /// The row that holds it; `None` where nothing was written.
    pub(super) row: Option<AuditRow>,
    pub(super) ticket: Option<String>,
    pub(super) team_id: Option<String>,
    pub(super) connection_id: Option<String>,
    pub(super) to: Option<String>,
    pub(super) letter: Letter,
    pub(super) thread: Thread,
}

impl Outbox {
    /// Replies in the language that the flags or the configuration name, going nowhere but to standard output.
    pub(super) fn for_printing(config: &Config, lang: Option<&str>) -> Result<Self, Failure> {
        let folder = config.reply.folder.as_ref().map(|folder| config.resolve(folder));
        let replies = Replies::load(folder.as_deref(), lang.unwrap_or(&config.reply.language))?;
        Ok(Self {
            replies: replies.naming_colleagues(config.reply.name_colleagues),
            thread: Thread::default(),
            to: None,
            from: config.reply.from.clone(),
            reply_to: config.reply.reply_to.clone(),
            bcc: config.reply.bcc.clone(),
            draft: None,
            maildir: None,
            server: None,
        })
    }

    /// The same, going where the flags say.
    pub(super) async fn of_flags(args: &ReplyArgs, app: &App, config: &Config) -> Result<Self, Failure> {
        Self::for_printing(config, args.lang.as_deref())?.with_destinations(&args.delivery, app, config).await
    }

    /// Takes over where the reply goes.
    pub(super) async fn with_destinations(
        mut self,
        args: &DeliveryArgs,
        app: &App,
        config: &Config,
    ) -> Result<Self, Failure> {
        if let Some(to) = &args.to {
            if mail::address(to).is_none() {
                return Err(unusable("--to", to));
            }
            self.to = Some(to.trim().to_owned());
        }
        if !args.is_wanted() {
            return Ok(self);
        }
        if self.from.is_none() {
            return Err(Failure::usage("the configuration does not say who replies come from")
                .hint("set `from` under [reply], as \"Example Support <support@example.com>\""));
        }
        if let Some((key, text)) = unusable_addresses(&config.reply).next() {
            return Err(unusable(&format!("[reply] {key}"), text));
        }
        if let Some(file) = args.draft.as_ref().filter(|file| file.exists()) {
            return Err(Failure::usage(format!("the draft `{}` is there already", file.display()))
                .hint("name a new file; nothing is overwritten, and nothing was checked or written"));
        }
        if let Some(folder) = args.maildir.as_ref().filter(|folder| !mail::is_maildir(folder)) {
            return Err(Failure::usage(format!("`{}` is not a Maildir", folder.display()))
                .hint("name a folder that has the folders cur, new and tmp; nothing was checked or written"));
        }
        self.draft.clone_from(&args.draft);
        self.maildir.clone_from(&args.maildir);
        if args.send {
            self.server = Some(server(app, config).await?);
        }
        Ok(self)
    }

    /// Answers `thread`, where no flag names somebody else.
    pub(super) fn answering(mut self, thread: Thread) -> Self {
        self.thread = thread;
        self
    }

    /// Lets go of what the answered mail's head has of the request's secret: a subject is kept, shown and sent on in clear.
    pub(super) fn without_secret_of(mut self, request: &OnboardingRequest) -> Self {
        let Thread { message_id, references, subject } = &mut self.thread;
        subject.take_if(|subject| request.holds_secret(subject));
        message_id.take_if(|id| request.holds_secret(id));
        references.retain(|id| !request.holds_secret(id));
        self
    }

    /// How replies are worded.
    pub(super) const fn replies(&self) -> &Replies {
        &self.replies
    }

    /// Whether the reply is sent, or only printed and drafted.
    pub(super) const fn sends(&self) -> bool {
        self.server.is_some()
    }

    /// Whether the reply goes anywhere but to standard output.
    const fn is_wanted(&self) -> bool {
        self.sends() || self.draft.is_some() || self.maildir.is_some()
    }

    /// Whom a report's reply goes to; `None` where nobody is known who may read it.
    pub(super) fn recipient(&self, report: &Report) -> Option<String> {
        self.addressee(&report.checks, report.request.requested_by.as_deref(), report.owner.as_deref())
    }

    /// The same, by what was judged of whoever asked and of the owner.
    pub(super) fn addressee(
        &self,
        checks: &[Judgement],
        requested_by: Option<&str>,
        owner: Option<&str>,
    ) -> Option<String> {
        self.to.clone().or_else(|| recipient(checks, requested_by, owner))
    }

    /// What the audit row keeps for whoever sends the reply later.
    pub(super) fn audit_details(&self, report: &Report, details: &mut Map<String, Value>) {
        let to = self.recipient(report);
        let thread = self.thread_with(report, to.as_deref());
        details.insert("reply_to".to_owned(), to.into());
        if thread != Thread::default() {
            details.insert("thread".to_owned(), serde_json::to_value(&thread).unwrap_or_default());
        }
    }

    /// The mail that a reply to `to` answers. The owner is written to where somebody else asked who may not: under that one's
    /// subject they would get a stranger's words from us.
    fn thread_with(&self, report: &Report, to: Option<&str>) -> Thread {
        let asked = report.request.requested_by.as_deref();
        if self.to.is_none() && asked.is_some() && asked != to { Thread::default() } else { self.thread.clone() }
    }

    /// Prints a report, then drafts and sends its reply as the flags say, after everything is written. People have the report
    /// first, since it may hold what is shown only once and a mail server may take its time; scripts get one document with
    /// both in it.
    ///
    /// # Errors
    ///
    /// What `print` fails with. A reply that went nowhere is no error: [`Report::delivery`] says so.
    pub(super) async fn print_and_deliver(
        &self,
        app: &App,
        report: &mut Report,
        repository: Option<&dyn Repository>,
        operator: &Operator,
        print: impl FnOnce(&Report) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        if self.is_wanted() && report.reply.is_empty() {
            app.ui.warning("there is no reply to keep or to send: nothing speaks against these values, and nothing was switched on");
        }
        if app.output() == Output::Json {
            report.delivery = Box::pin(self.deliver(report, repository, operator)).await;
            return print(report);
        }
        print(report)?;
        report.delivery = Box::pin(self.deliver(report, repository, operator)).await;
        let lines = report.delivery.as_ref().map(Delivery::lines).unwrap_or_default();
        Ok(app.ui.data(&lines)?)
    }

    /// Drafts and sends a report's reply, as the flags say; `None` where it is only printed.
    pub(super) async fn deliver(
        &self,
        report: &Report,
        repository: Option<&dyn Repository>,
        operator: &Operator,
    ) -> Option<Delivery> {
        let connection = report.connection.as_ref().and_then(|connection| connection.id.as_ref());
        let to = self.recipient(report);
        let record = ReplyRecord {
            row: None,
            ticket: report.ticket.clone(),
            team_id: report.team.as_ref().map(|team| team.id.to_string()),
            connection_id: connection.map(ToString::to_string),
            thread: self.thread_with(report, to.as_deref()),
            to,
            letter: Letter { subject: report.reply_subject.clone(), text: report.reply.clone() },
        };
        let sending = match report.outcome {
            Outcome::Unknown | Outcome::WouldOnboard | Outcome::WouldReplace => Sending::Withheld,
            _ => Sending::Allowed,
        };
        let mut delivery = Box::pin(self.deliver_record(record, sending, repository, operator)).await?;
        if sending == Sending::Withheld && self.sends() {
            delivery.error.get_or_insert_with(|| "not sent: there is no verdict yet".to_owned());
        }
        Some(delivery)
    }

    /// The same for one reply, whose row in the audit log is looked for first.
    pub(super) async fn deliver_record(
        &self,
        mut record: ReplyRecord,
        sending: Sending,
        repository: Option<&dyn Repository>,
        operator: &Operator,
    ) -> Option<Delivery> {
        if record.letter.text.is_empty() || !self.is_wanted() {
            return None;
        }
        if let Some(repository) = repository {
            record.row = written(repository, &record).await;
        }
        Some(Box::pin(self.draft_and_send(&record, sending, repository, operator)).await)
    }

    /// Drafts one reply and, where that is allowed, sends and records it.
    pub(super) async fn draft_and_send(
        &self,
        record: &ReplyRecord,
        sending: Sending,
        repository: Option<&dyn Repository>,
        operator: &Operator,
    ) -> Delivery {
        let to = self.to.clone().or_else(|| record.to.clone());
        let id = record.message_name();
        let composed = mail::compose(&Outgoing {
            from: self.from.as_deref().unwrap_or_default(),
            reply_to: self.reply_to.as_deref(),
            to: to.as_deref(),
            bcc: &self.bcc,
            subject: &record.letter.subject,
            text: &record.letter.text,
            thread: &record.thread,
            id: &id,
            at: operator.now,
        });
        let row = record.row.as_ref().map(|row| row.seq);
        let mut delivery = Delivery { to: to.clone(), row, ..Delivery::default() };
        let composed = match composed {
            Ok(composed) => composed,
            Err(error) => {
                delivery.error = Some(error.to_string());
                return delivery;
            }
        };
        delivery.message_id = Some(composed.message_id.clone());
        if let Err(error) = self.keep_drafts(&composed, &id, &mut delivery) {
            delivery.error = Some(error);
        }
        if let Some(server) = self.server.as_ref().filter(|_| sending == Sending::Allowed) {
            send_and_record(server, &composed, record, repository, operator, &mut delivery).await;
        }
        delivery
    }

    fn keep_drafts(&self, composed: &Composed, id: &str, delivery: &mut Delivery) -> Result<(), String> {
        let words = |error: &mail::DraftError| match std::error::Error::source(error) {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        };
        if let Some(file) = &self.draft {
            mail::write_new(file, &composed.draft).map_err(|error| words(&error))?;
            delivery.drafts.push(file.display().to_string());
        }
        if let Some(maildir) = &self.maildir {
            let now = jiff::Timestamp::now().as_millisecond();
            let path = mail::put_into_maildir(maildir, &format!("{now}.{id}"), &composed.draft)
                .map_err(|error| words(&error))?;
            delivery.drafts.push(path.display().to_string());
        }
        Ok(())
    }
}

impl App {
    /// How a command ends whose reply did not go where it should, having said so; `None` where nothing went wrong. Without
    /// a verdict that is what scripts have to know first.
    pub(super) fn delivered(&self, report: &Report) -> Option<ExitStatus> {
        let delivery = report.delivery.as_ref()?;
        let error = delivery.error.as_ref()?;
        if report.outcome == Outcome::Unknown {
            self.ui.warning(&format!("the reply was {error}"));
            self.ui.hint("run the same command again later; if it stays like this, --draft FILE.eml keeps the mail");
            return None;
        }
        Some(self.unsent(delivery, report.ticket.as_deref()))
    }

    /// Says that a reply did not go where it should, and how to try again: with this very reply, and to the same person.
    pub(super) fn unsent(&self, delivery: &Delivery, ticket: Option<&str>) -> ExitStatus {
        let causes: Vec<String> = delivery.error.iter().cloned().collect();
        if delivery.sent {
            let hint = "do not send it again; `ssoctl audit list` shows what is recorded of it";
            self.ui.error("the reply WAS sent, but not all that belongs to it is done", &causes, &[hint.to_owned()]);
            return ExitStatus::Unsent;
        }
        let again = CommandLine::new("reply");
        let again = match (delivery.row, ticket) {
            (Some(row), _) => again.value("--row", Some(row.to_string())),
            (None, Some(ticket)) => again.value("--ticket", Some(ticket)),
            (None, None) => again.switch("--last", true),
        };
        // Where nobody is known, somebody has to be named.
        let to = delivery.to.as_deref().unwrap_or("EMAIL");
        let again = self.with_global_flags(again.switch("--send", true).value("--to", Some(to)));
        self.ui.error("the reply was not sent; all else is as reported", &causes, &[format!("to try again: {again}")]);
        ExitStatus::Unsent
    }
}

impl ReplyRecord {
    /// What stands left of the `@` in the reply's `Message-ID`: the same each time one row's reply is sent, so that a mail
    /// that was sent twice shows once.
    fn message_name(&self) -> String {
        match &self.row {
            Some(row) => format!("ssoctl-{}-{}", row.seq, row.hash.get(..16).unwrap_or_default()),
            None => format!("ssoctl-{}", uuid::Uuid::now_v7()),
        }
    }
}

/// Sends a composed reply, and records what came of it in an audit row of its own.
async fn send_and_record(
    server: &SmtpServer,
    composed: &Composed,
    record: &ReplyRecord,
    repository: Option<&dyn Repository>,
    operator: &Operator,
    delivery: &mut Delivery,
) {
    delivery.server = Some(server.place());
    let failed = if delivery.to.is_none() {
        Some(NOBODY_KNOWN.to_owned())
    } else {
        Box::pin(mail::send(composed, server)).await.err().map(|error| error.to_string())
    };
    delivery.sent = failed.is_none();
    let action = if delivery.sent { Action::ReplySent } else { Action::ReplyFailed };
    if let Some(reason) = failed {
        delivery.error = Some(reason);
    }
    let Some(repository) = repository else { return };
    match append(repository, operator, action, record, delivery).await {
        Ok(row) => delivery.row = delivery.row.or(Some(row.seq)),
        Err(error) => {
            let said = if delivery.sent { "sent, but not recorded" } else { "neither sent nor recorded" };
            let so_far = delivery.error.take().map(|error| format!("; {error}")).unwrap_or_default();
            delivery.error = Some(format!("{said}: {error}{so_far}"));
        }
    }
}

/// Why a reply goes to nobody.
const NOBODY_KNOWN: &str =
    "nobody is known who may read it: the owner's account and whoever asked are in doubt; name somebody with --to";

/// The addresses under `[reply]` with which no mail can be sent, each behind its key.
pub(super) fn unusable_addresses(reply: &ReplyConfig) -> impl Iterator<Item = (&'static str, &String)> {
    let from = reply.from.iter().map(|text| ("from", text));
    let reply_to = reply.reply_to.iter().map(|text| ("reply_to", text));
    let all = from.chain(reply_to).chain(reply.bcc.iter().map(|text| ("bcc", text)));
    all.filter(|(_, text)| mail::address(text).is_none())
}

fn unusable(which: &str, text: &str) -> Failure {
    Failure::usage(format!("{which}: `{}` is not an e-mail address", foreign::shown(text)))
        .hint("nothing was checked or written")
}

/// The server that the configuration names, with its password at hand.
async fn server(app: &App, config: &Config) -> Result<SmtpServer, Failure> {
    let Some(named) = named_server(config) else {
        return Err(Failure::usage("the configuration names no mail server to send with")
            .hint("set `server` under [smtp], or leave out --send and use --draft FILE.eml"));
    };
    let (mut server, account) = named?;
    server.ca_certs_pem = app.ca_certs(config)?;
    if let Some((user, source)) = account {
        server.account = Some((user, password(config, source).await?));
    }
    Ok(server)
}

/// Who signs in to a server, and where their password is.
type Account = (String, PasswordSource);

/// The server that the configuration names, and who signs in there, whose password is not fetched yet; `None` where it names none.
pub(super) fn named_server(config: &Config) -> Option<Result<(SmtpServer, Option<Account>), Failure>> {
    let named = config.smtp.server.as_ref()?;
    Some(SmtpServer::new(named, config.smtp.security).map_err(|error| Failure::fault(error.to_string())).and_then(
        |server| {
            match (config.smtp.user.clone(), config.smtp.password().map_err(Failure::fault)?) {
                (Some(user), Some(source)) => Ok((server, Some((user, source)))),
                (None, None) => Ok((server, None)),
                (Some(_), None) => Err(Failure::fault("[smtp] names a user and no password")
                    .hint("set password_file, password_env or password_command")),
                (None, Some(_)) => Err(Failure::fault("[smtp] names a password and no user").hint("set `user`")),
            }
        },
    ))
}

/// A password, its file sought from the configuration's folder.
pub(super) async fn password(config: &Config, source: PasswordSource) -> Result<secrecy::SecretString, Failure> {
    let source = match source {
        PasswordSource::File(file) => PasswordSource::File(config.resolve(&file)),
        other => other,
    };
    mail::read_password(&source).await.map_err(|error| {
        let cause = std::error::Error::source(&error).map(ToString::to_string);
        let failure = Failure::fault(error.to_string()).hint("nothing was checked or written");
        match (&error, cause) {
            (mail::PasswordError::Exposed { .. }, _) => failure.hint("chmod 600 it"),
            (_, Some(cause)) => failure.cause(cause),
            (_, None) => failure,
        }
    })
}

/// How far back the row of a write is looked for.
const RECENT: usize = 20;

/// The row that was written a moment ago with this reply.
async fn written(repository: &dyn Repository, record: &ReplyRecord) -> Option<AuditRow> {
    let team = record.team_id.clone().map(TeamId::new);
    let mut reads = repository.read().await.ok()?;
    let rows = reads.audit_tail(team.as_ref(), record.ticket.as_deref(), RECENT).await.ok()?;
    rows.into_iter().rev().find(|row| {
        let details: Value = serde_json::from_str(&row.details).unwrap_or_default();
        let reply = details.get("reply").and_then(Value::as_str);
        details.get("reply_of").is_none() && reply == Some(&record.letter.text)
    })
}

async fn append(
    repository: &dyn Repository,
    operator: &Operator,
    action: Action,
    record: &ReplyRecord,
    delivery: &Delivery,
) -> Result<AuditRow, StoreError> {
    let mut details = Map::new();
    let mut put = |name: &str, value: Value| _ = details.insert(name.to_owned(), value);
    put("to", delivery.to.clone().into());
    put("server", delivery.server.clone().into());
    put("message_id", delivery.message_id.clone().into());
    if let Some(error) = delivery.error.as_ref().filter(|_| !delivery.sent) {
        put("error", error.clone().into());
    }
    if let Some(row) = &record.row {
        put("reply_of", row.seq.into());
    } else {
        // Nothing else holds it: `check` writes no row.
        put("reply_subject", record.letter.subject.clone().into());
        put("reply", record.letter.text.clone().into());
        put("reply_to", delivery.to.clone().into());
        put("thread", serde_json::to_value(&record.thread).unwrap_or_default());
    }
    let mut unit = repository.begin().await?;
    let event = AuditEvent {
        team_id: record.team_id.clone().map(TeamId::new),
        connection_id: record.connection_id.clone().map(ConnectionId::new),
        details,
        ..operator.event(action, record.ticket.as_deref())
    };
    let row = unit.append_audit(&event).await?;
    unit.commit().await?;
    Ok(row)
}
