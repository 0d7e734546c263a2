//! `ssoctl inbox`

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, Subcommand};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::app::App;
use super::failure::{ExitStatus, Failure};
use super::inbox_cache::{Cache, Verdict};
use super::inbox_round::Round;
use super::reply_args::ReplyArgs;
use super::{inbox_work, outbox};
use crate::config::{Config, PasswordSource};
use crate::foreign;
use crate::mail::{Heading, ImapAccount, Mailbox, MailboxError, MailboxPlace};
use crate::report::{CommandLine, json_v1, listing};
use crate::ticket;

/// List the unanswered mails of the support mailbox, with a verdict each
///
/// Reads a Maildir or a folder on an IMAP server, and changes nothing in it. Mails that were dealt with, and those that turned
/// out to ask for nothing, are left out.
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "Examples:\n  ssoctl inbox\n  ssoctl inbox --check-all --limit 20\n  ssoctl inbox --mailbox ~/Maildir/.SSO"
)]
pub(super) struct InboxArgs {
    #[command(subcommand)]
    verb: Option<Verb>,
    #[command(flatten)]
    selection: Selection,
    /// Check every listed mail, one after the other
    ///
    /// A verdict is kept for an hour in the XDG cache folder, by Message-ID and without any of the mail's text.
    #[arg(long)]
    check_all: bool,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Work through the mails one by one: show, check, onboard, reply, next
    #[command(after_help = "Examples:\n  ssoctl inbox work\n  ssoctl inbox work --search okta --send")]
    Work {
        #[command(flatten)]
        selection: Selection,
        #[command(flatten)]
        reply: ReplyArgs,
    },
}

/// Which mails
#[derive(Debug, Clone, Default, Args)]
pub(super) struct Selection {
    /// The mailbox: a Maildir, or `imaps://HOST[:PORT]/FOLDER` [default: `[inbox] mailbox`]
    #[arg(long, value_name = "DIR|URL")]
    mailbox: Option<String>,
    /// At most this many mails, newest first
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = super::rows())]
    limit: usize,
    /// Only mails with this text in sender or subject, in any case
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
    /// Also list mails that were dealt with or ask for nothing
    #[arg(long)]
    all: bool,
    /// Check again even where the verdict is less than an hour old
    #[arg(long)]
    fresh: bool,
}

impl Selection {
    /// The newest `limit` mails that are open.
    pub(super) fn newest(limit: usize) -> Self {
        Self { limit, ..Self::default() }
    }
}

pub(super) async fn run(args: InboxArgs, app: &App) -> Result<ExitStatus, Failure> {
    let config = app.config()?;
    match args.verb {
        None => list(args.selection, args.check_all, &config, app).await,
        Some(Verb::Work { selection, reply }) => Box::pin(inbox_work::run(selection, reply, &config, app)).await,
    }
}

async fn list(selection: Selection, check_all: bool, config: &Config, app: &App) -> Result<ExitStatus, Failure> {
    let place = place(&selection, config, app).await?;
    let mut mailbox = Mailbox::open(&place).await?;
    let mut cache = Cache::open(config);
    let round = Round::open(config, app).await?;
    let mut chosen = choose(&mut mailbox, &selection, &cache, &round).await?;
    if check_all {
        let progress = |line: &str| app.ui.status(line);
        Box::pin(check(&mut chosen, &mut mailbox, &selection, &mut cache, &round, &progress)).await?;
    }
    let total = mailbox.count();
    mailbox.close().await;
    let work = app.with_global_flags(
        CommandLine::new("inbox work")
            .value("--mailbox", selection.mailbox.clone())
            .value("--search", selection.search.clone()),
    );
    app.print_either(|| chosen.document(&place, total), || chosen.text(&place, total, &work, app.look().width))?;
    Ok(ExitStatus::Done)
}

/// Checks every mail that was chosen and whose verdict is not fresh, and leaves out what turns out to ask for nothing.
pub(super) async fn check(
    chosen: &mut Chosen,
    mailbox: &mut Mailbox,
    selection: &Selection,
    cache: &mut Cache,
    round: &Round<'_>,
    progress: &dyn Fn(&str),
) -> Result<(), Failure> {
    let now = round.now();
    let is_due = |mail: &Listed| {
        let verdict = mail.verdict.as_ref();
        verdict.is_none_or(|verdict| selection.fresh || !verdict.is_fresh(now))
    };
    let due: Vec<&mut Listed> = chosen.mails.iter_mut().filter(|mail| is_due(mail)).collect();
    let total = due.len();
    for (done, mail) in due.into_iter().enumerate() {
        // Read before it is named: only then is a secret in its subject known for one, whatever it looks like.
        let opened = round.open_mail(mailbox, &mail.heading).await?;
        mail.has_secret_in_subject |= opened.has_secret_in_subject();
        progress(&format!("checking {} of {total}: {}", done + 1, foreign::shown_up_to(mail.subject(), 60)));
        let verdict = Box::pin(round.look_at(&opened)).await?;
        if let Err(error) = cache.keep(&mail.heading, verdict.clone()) {
            progress(&not_kept(&error));
        }
        mail.verdict = Some(verdict);
    }
    if !selection.all {
        chosen.mails.retain(|mail| mail.verdict.as_ref().is_none_or(|verdict| verdict.word != "no_request"));
    }
    Ok(())
}

/// A cache that cannot be written only costs time.
pub(super) fn keep(cache: &mut Cache, mail: &Heading, verdict: &Verdict, app: &App) {
    if let Err(error) = cache.keep(mail, verdict.clone()) {
        app.ui.warning(&not_kept(&error));
    }
}

fn not_kept(error: &std::io::Error) -> String {
    format!("the verdict could not be kept for the next time: {error}")
}

/// Where the mailbox is: by flag, else by the configuration.
pub(super) async fn place(selection: &Selection, config: &Config, app: &App) -> Result<MailboxPlace, Failure> {
    let from_flag = selection.mailbox.is_some();
    let Some(named) = selection.mailbox.as_ref().or(config.inbox.mailbox.as_ref()) else {
        return Err(Failure::usage("there is no mailbox to read").hint(
            "set `mailbox` under [inbox] in the configuration, or add --mailbox DIR or --mailbox imaps://HOST/FOLDER",
        ));
    };
    let folder = |path: &Path| if from_flag { path.to_owned() } else { config.resolve(path) };
    match Named::read(named, folder, config)? {
        Named::Maildir(folder) => Ok(MailboxPlace::Maildir(folder)),
        Named::Imap { host, port, folder, user, source } => {
            let password = outbox::password(config, source).await?;
            let ca_certs_pem = app.ca_certs(config)?;
            let account = ImapAccount { host, port, folder, user, password, ca_certs_pem };
            Ok(MailboxPlace::Imap(Arc::new(account)))
        }
    }
}

/// A mailbox as flag or configuration name it; its password is not fetched yet.
#[derive(Debug)]
pub(super) enum Named {
    /// This folder.
    Maildir(PathBuf),
    /// A folder of a server.
    Imap { host: String, port: u16, folder: String, user: String, source: PasswordSource },
}

impl Named {
    /// Reads the name of a mailbox; a path is completed by `folder`.
    pub(super) fn read(text: &str, folder: impl Fn(&Path) -> PathBuf, config: &Config) -> Result<Self, Failure> {
        if !text.contains("://") {
            return Ok(Self::Maildir(folder(Path::new(text))));
        }
        let (host, port, folder) = ImapAccount::parse(text).map_err(|reason| {
            // What stands before an `@` may be a password.
            let scheme = text.split_once("://").map_or("", |(scheme, _)| scheme);
            let shown =
                text.rsplit_once('@').map_or_else(|| text.to_owned(), |(_, place)| format!("{scheme}://…@{place}"));
            Failure::usage(format!("`{}` is no mailbox", foreign::shown(&shown)))
                .cause(reason)
                .hint("name a Maildir, or imaps://HOST/FOLDER; nothing was read")
        })?;
        let user = config.inbox.user.clone().ok_or_else(|| {
            Failure::fault("the configuration does not say who signs in to the IMAP server")
                .hint("set `user` under [inbox]")
        })?;
        let source = config.inbox.password().map_err(Failure::fault)?.ok_or_else(|| {
            Failure::fault("the configuration does not say where the password of the mailbox is")
                .hint("set password_file, password_env or password_command under [inbox]")
        })?;
        Ok(Self::Imap { host, port, folder, user, source })
    }
}

/// A mail in the list.
#[derive(Debug)]
pub(super) struct Listed {
    pub(super) heading: Heading,
    pub(super) ticket: Option<String>,
    /// `open`, `refused` or `done`.
    pub(super) state: &'static str,
    pub(super) verdict: Option<Verdict>,
    /// The subject is known to hold the client secret: everybody sees a list.
    pub(super) has_secret_in_subject: bool,
}

/// The mails that were chosen.
#[derive(Debug)]
pub(super) struct Chosen {
    pub(super) mails: Vec<Listed>,
    /// How many heads were read for it.
    read: usize,
    /// What was looked for in them.
    search: Option<String>,
}

/// Heads that are read at a time.
const PAGE: usize = 500;

/// Chooses the newest mails that are wanted, reading no more heads than that takes.
pub(super) async fn choose(
    mailbox: &mut Mailbox,
    selection: &Selection,
    cache: &Cache,
    round: &Round<'_>,
) -> Result<Chosen, Failure> {
    let needle = selection.search.as_ref().map(|text| text.to_lowercase());
    let mut chosen = Chosen { mails: Vec::new(), read: 0, search: selection.search.clone() };
    while chosen.read < mailbox.count() && chosen.mails.len() < selection.limit {
        let page = mailbox.headings(chosen.read, PAGE).await?;
        chosen.read = (chosen.read + PAGE).min(mailbox.count());
        let states = round.states(&page).await?;
        for (heading, (reference, state)) in page.into_iter().zip(states) {
            let matches = |needle: &String| {
                let text = format!("{} {} {}", heading.from, heading.address, heading.subject);
                text.to_lowercase().contains(needle)
            };
            if needle.as_ref().is_some_and(|needle| !matches(needle)) {
                continue;
            }
            let verdict = cache.find(&heading).cloned();
            let nothing = verdict.as_ref().is_some_and(|verdict| verdict.word == "no_request");
            if (state == "done" || nothing) && !selection.all {
                continue;
            }
            if chosen.mails.len() == selection.limit {
                break;
            }
            let has_secret_in_subject = verdict.as_ref().is_some_and(|verdict| verdict.secret_in_subject)
                || ticket::names_secret(&heading.subject);
            chosen.mails.push(Listed { heading, ticket: reference, state, verdict, has_secret_in_subject });
        }
    }
    Ok(chosen)
}

fn name_of(place: &MailboxPlace) -> String {
    match place {
        MailboxPlace::Maildir(folder) => folder.display().to_string(),
        MailboxPlace::Imap(account) => format!("imaps://{}/{}", account.place(), account.folder),
    }
}

impl Listed {
    fn document(&self) -> Value {
        let verdict = self.verdict.as_ref();
        json!({
            "message_id": self.heading.message_id.as_deref().map(foreign::shown),
            "ticket": self.ticket.as_deref().map(foreign::shown),
            "from": foreign::shown(&self.heading.from),
            "address": foreign::shown(&self.heading.address),
            "subject": foreign::shown(self.subject()),
            "date": self.heading.date,
            "state": self.state,
            "verdict": verdict.map(|verdict| &verdict.word),
            "reasons": verdict.map(|verdict| verdict.reasons.clone()).unwrap_or_default(),
            "checked_at": verdict.map(|verdict| verdict.at),
        })
    }

    /// The subject, unless the secret stands in it.
    pub(super) fn subject(&self) -> &str {
        if self.has_secret_in_subject { "(holds a client secret)" } else { &self.heading.subject }
    }

    /// The verdict in one cell.
    pub(super) fn verdict_words(&self) -> String {
        let Some(verdict) = &self.verdict else { return "-".to_owned() };
        let word = verdict.word.replace('_', " ");
        if verdict.reasons.is_empty() {
            return word;
        }
        foreign::shown_up_to(&format!("{word}: {}", verdict.reasons.join(", ")), 60)
    }
}

impl Chosen {
    pub(super) fn document(&self, place: &MailboxPlace, total: usize) -> Value {
        json!({
            "schema": json_v1::VERSION,
            "kind": "inbox",
            "mailbox": foreign::shown_whole(&name_of(place)),
            "unanswered": total,
            "read": self.read,
            "mails": self.mails.iter().map(Listed::document).collect::<Vec<_>>(),
        })
    }

    /// The list, and the command to work through it.
    pub(super) fn text(&self, place: &MailboxPlace, total: usize, work: &CommandLine, width: Option<u16>) -> String {
        let name = foreign::shown_whole(&name_of(place));
        if self.mails.is_empty() {
            let none = match &self.search {
                Some(text) => format!("none of them open and with `{}` in sender or subject", foreign::shown(text)),
                None => "none of them an open request".to_owned(),
            };
            return format!("Nothing to do in {name}: {total} unanswered mails, {none}.\n");
        }
        let cells = self.mails.iter().enumerate().map(|(position, mail)| {
            let date =
                mail.heading.date.map_or_else(|| "-".to_owned(), |date: Timestamp| date.strftime("%F %R").to_string());
            [
                (position + 1).to_string(),
                date,
                foreign::shown_up_to(&mail.heading.from, 30),
                foreign::shown_up_to(mail.subject(), 50),
                foreign::shown_up_to(mail.ticket.as_deref().unwrap_or("-"), 24),
                mail.state.to_owned(),
                mail.verdict_words(),
            ]
        });
        let table = listing::text(["#", "WHEN", "FROM", "SUBJECT", "TICKET", "STATE", "VERDICT"], cells, width);
        format!(
            "{table}\n{} of {total} unanswered mails in {name} ({} looked at). To work through them: {work}\n",
            self.mails.len(),
            self.read,
        )
    }
}

impl From<MailboxError> for Failure {
    fn from(error: MailboxError) -> Self {
        match &error {
            MailboxError::NoMaildir { .. } => {
                Self::usage(error.to_string()).hint("name a Maildir with --mailbox, or under [inbox]; nothing was read")
            }
            MailboxError::Unreadable { source, .. } => {
                let cause = source.to_string();
                Self::fault(error.to_string())
                    .cause(cause)
                    .hint("check the owner and mode of the mailbox; nothing was written")
            }
            MailboxError::Silent { .. } => {
                Self::no_answer(error.to_string()).hint("try again in a moment; nothing was written")
            }
            MailboxError::Refused { .. } => Self::fault(error.to_string())
                .hint("check mailbox, user and password under [inbox] in the configuration; nothing was written"),
            MailboxError::TooLarge { .. } => {
                Self::refused(error.to_string()).hint("ask the customer to send the values in a short plain-text mail")
            }
        }
    }
}
