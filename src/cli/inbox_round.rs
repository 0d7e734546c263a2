//! One round through the mailbox: what the audit log knows of each mail, and what a mail comes to when it is checked.

use std::sync::Arc;

use jiff::Timestamp;

use super::app::App;
use super::failure::Failure;
use super::inbox_cache::Verdict;
use super::{mail_files::MailFile, reply, ticket};
use crate::checks::{self, Intent};
use crate::config::Config;
use crate::finding;
use crate::intake::{Completeness, RequestDraft};
use crate::mail::{Heading, Mailbox, MailboxError, Place};
use crate::net::{HttpClient, Origin};
use crate::onboarding::Operator;
use crate::onboarding::gather::{Sources, gather};
use crate::onboarding::plan::Outcome;
use crate::product::audit_event::{Action, AuditRow};
use crate::product::repository::Repository;
use crate::request::OnboardingRequest;
use crate::request::names::TicketRef;
use crate::sealing::SealingKeys;
use crate::ticket::{MAIL_BYTES, Settings, Ticket};

/// How many rows of a ticket are looked at.
const REACH: usize = 100;

/// Everything that looking at mails takes, opened once.
pub(super) struct Round<'a> {
    config: &'a Config,
    operator: Operator,
    http: HttpClient,
    allowed: Vec<Origin>,
    repository: Arc<dyn Repository>,
    keys: Option<SealingKeys>,
    pub(super) settings: Settings,
}

impl<'a> Round<'a> {
    pub(super) async fn open(config: &'a Config, app: &App) -> Result<Self, Failure> {
        Ok(Self {
            operator: app.operator()?,
            http: app.http(config)?,
            allowed: app.allowed_origins(config)?,
            repository: app.repository_to_read(config).await?,
            keys: App::keys(config).ok(),
            settings: ticket::settings(config)?,
            config,
        })
    }

    /// When this round began.
    pub(super) const fn now(&self) -> Timestamp {
        self.operator.now
    }

    /// The ticket a mail belongs to: the number in its subject, else its Message-ID. The same as `ssoctl ticket` says.
    pub(super) fn reference(&self, heading: &Heading) -> Option<String> {
        let numbered = self.settings.pattern.find(&heading.subject).map(str::to_owned);
        numbered.or_else(|| heading.message_id.as_deref().map(|id| id.trim_matches(['<', '>']).to_owned()))
    }

    /// The ticket of each mail, and what has become of it according to the audit log.
    pub(super) async fn states(&self, mails: &[Heading]) -> Result<Vec<(Option<String>, &'static str)>, Failure> {
        let mut reads = self.repository.read().await?;
        let mut states = Vec::with_capacity(mails.len());
        for mail in mails {
            let reference = self.reference(mail);
            // What is no ticket stands in no row.
            let rows = match reference.as_deref().and_then(TicketRef::parse) {
                Some(ticket) => reads.audit_tail(None, Some(ticket.as_str()), REACH).await?,
                None => Vec::new(),
            };
            states.push((reference, state(&rows, mail.date)));
        }
        Ok(states)
    }

    /// The number of the last row of the audit log.
    pub(super) async fn last_row(&self) -> Result<i64, Failure> {
        let last = self.repository.read().await?.audit_tail(None, None, 1).await?;
        Ok(last.first().map_or(0, |row| row.seq))
    }

    /// Whether a reply about the mail's ticket was recorded since that was the last row.
    pub(super) async fn has_reply(&self, ticket: Option<&str>, since: i64) -> Result<bool, Failure> {
        let Some(ticket) = ticket.and_then(TicketRef::parse) else { return Ok(false) };
        reply::is_there(&mut *self.repository.read().await?, ticket.as_str(), since).await
    }

    /// A mail as `ssoctl ticket` takes it; `None` where it has gone meanwhile.
    pub(super) async fn fetch(mailbox: &mut Mailbox, heading: &Heading) -> Result<Option<MailFile>, MailboxError> {
        let Some(bytes) = mailbox.mail(&heading.place, MAIL_BYTES).await? else { return Ok(None) };
        let (name, path) = match &heading.place {
            Place::File(path) => (path.display().to_string(), Some(path.clone())),
            Place::Uid(uid) => (format!("mail {uid}"), None),
        };
        Ok(Some(MailFile { name, path, bytes, pasted: false }))
    }

    /// What a mail asks for, with where each value stands; nobody is asked anything.
    pub(super) fn values_in(&self, mail: &MailFile) -> Result<String, Failure> {
        let read = ticket::read(mail, &self.settings)?;
        if !asks_for_something(&read) {
            return Ok("  there is nothing of a request in it".to_owned());
        }
        let draft = read.into_draft(RequestDraft::default());
        Ok(ticket::found(&mail.name, &draft.normalise(Completeness::Everything, self.config.policy.max_domains)))
    }

    /// Reads a mail, so far that it is known what of it may be shown; nobody is asked anything.
    pub(super) async fn open_mail(&self, mailbox: &mut Mailbox, heading: &Heading) -> Result<Opened, Failure> {
        let mail = match Self::fetch(mailbox, heading).await {
            Ok(Some(mail)) => mail,
            Ok(None) => return Ok(Opened::Settled("no_request")),
            Err(MailboxError::TooLarge { .. }) => return Ok(Opened::Settled("unreadable")),
            Err(error) => return Err(error.into()),
        };
        let Ok(read) = ticket::read(&mail, &self.settings) else { return Ok(Opened::Settled("unreadable")) };
        if !asks_for_something(&read) {
            // What is inside nobody knows.
            return Ok(Opened::Settled(if read.is_encrypted() { "unreadable" } else { "no_request" }));
        }
        let origins: Vec<String> = self.allowed.iter().map(ToString::to_string).collect();
        let request = read.into_draft(RequestDraft::default()).normalise_allowing(
            Completeness::Everything,
            self.config.policy.max_domains,
            &origins,
        );
        Ok(Opened::Request { secret_in_subject: request.holds_secret(&heading.subject), request: Box::new(request) })
    }

    /// Checks what a mail asks for. Nothing is written but the verdict's cache.
    pub(super) async fn look_at(&self, opened: &Opened) -> Result<Verdict, Failure> {
        let (request, secret_in_subject) = match opened {
            Opened::Request { request, secret_in_subject } => (request, *secret_in_subject),
            Opened::Settled(word) => {
                let word = (*word).to_owned();
                return Ok(Verdict { word, reasons: Vec::new(), at: self.operator.now, secret_in_subject: false });
            }
        };
        let sources = Sources {
            http: &self.http,
            allowed_http: &self.allowed,
            repository: request.owner.as_ref().map(|_| &*self.repository),
            keys: self.keys.as_ref(),
            config: self.config,
            now: self.operator.now,
        };
        let intent = Intent { everything: true, ..Intent::default() };
        let facts = gather(request, sources, intent, &|_| {}).await?;
        let judgements = checks::run_all(request, &facts, &self.config.policy, intent);
        let outcome = Outcome::standing_in_the_way(&judgements).unwrap_or(Outcome::Valid);
        let level = match outcome {
            Outcome::Refused => finding::Verdict::Fail,
            Outcome::Unknown => finding::Verdict::Unknown,
            _ => finding::Verdict::Warn,
        };
        let findings = judgements.iter().flat_map(|judgement| &judgement.findings);
        let mut reasons: Vec<String> =
            findings.filter(|one| one.level == level && !one.is_not_asked()).map(|one| one.code.to_owned()).collect();
        reasons.dedup();
        Ok(Verdict { word: outcome.as_str().to_owned(), reasons, at: self.operator.now, secret_in_subject })
    }
}

/// What has become of a mail of this date, by the `rows` of its ticket: a mail that came after the deed is open again.
fn state(rows: &[AuditRow], date: Option<Timestamp>) -> &'static str {
    let decides = |action: &Action| action.leaves().is_some() || *action == Action::Refused;
    let deed = rows.iter().rev().find_map(|row| Some((Action::parse(&row.action).filter(decides)?, &row.at)));
    let Some((action, at)) = deed else { return "open" };
    let at = at.parse::<Timestamp>().ok();
    if date.zip(at).is_some_and(|(date, at)| date > at) {
        return "open";
    }
    match action {
        Action::Refused => "refused",
        Action::Prepared | Action::Suspended => "open",
        _ => "done",
    }
}

/// A mail that was read.
#[derive(Debug)]
pub(super) enum Opened {
    /// What it asks for.
    Request {
        /// Its values.
        request: Box<OnboardingRequest>,
        /// Whether its subject holds the client secret that was found in it.
        secret_in_subject: bool,
    },
    /// There is nothing to check in it: its verdict.
    Settled(&'static str),
}

impl Opened {
    /// Whether its subject holds the client secret that was found in it.
    pub(super) const fn has_secret_in_subject(&self) -> bool {
        matches!(self, Self::Request { secret_in_subject: true, .. })
    }
}

/// Whether a mail holds anything of a request but an address: a support mailbox has other mails, too.
fn asks_for_something(ticket: &Ticket) -> bool {
    !(ticket.issuer.is_absent()
        && ticket.client_id.is_absent()
        && ticket.client_secret.is_absent()
        && ticket.metadata.is_absent())
}
