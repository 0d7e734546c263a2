//! `ssoctl ticket`

use std::fmt::Write as _;
use std::path::PathBuf;

use super::app::App;
use super::failure::{ExitStatus, Failure};
use super::mail_files::{self, MailFile};
use super::onboard::{Course, Work};
use super::outbox::Outbox;
use super::reply_args::ReplyArgs;
use super::request_args::RequestArgs;
use super::writing_args::WritingArgs;
use super::{ask, check, ticket_extract};
use crate::checks;
use crate::config::Config;
use crate::finding::Finding;
use crate::foreign;
use crate::input::Input;
use crate::intake::{Completeness, RequestDraft, SecretSource};
use crate::mail::thread_of;
use crate::onboarding::plan::Wish;
use crate::report::CommandLine;
use crate::report::command_line::quoted;
use crate::request::{MetadataSource, OnboardingRequest};
use crate::ticket::{self, Pattern, Settings, Ticket, Unreadable, Value};
use crate::ui::prompt;
use clap::Args;

/// Read a customer's mail, show what it asks for, then go on as `onboard`
///
/// Reads mails (.eml), mbox files, Maildir folders, or a mail or text that was pasted on standard input (-) or saved as a file.
/// Before anything is asked over the network it shows what it found and where, but never the secret. Where there are several values
/// for one thing, it asks on a terminal, and elsewhere refuses and names them all. The sender is judged too: see
/// `ssoctl explain ticket-sender`.
#[derive(Debug, Default, Args)]
#[command(after_help = "Examples:\n  ssoctl ticket request.eml\n  ssoctl ticket --check -o json - <request.eml\n  \
                        ssoctl ticket ~/Maildir/.SSO --extract requests.jsonl")]
#[expect(clippy::struct_excessive_bools, reason = "each is one flag of the command line")]
pub(super) struct TicketArgs {
    /// Mails: files, mbox files, Maildir folders, or - for standard input
    #[arg(value_name = "FILE|DIR|-", required = true)]
    mails: Vec<PathBuf>,
    /// Stop after the verdict; nothing is written
    #[arg(long, help_heading = "Writing", conflicts_with_all = ["dry_run", "extract", "stage", "replace", "no_scim", "yes"])]
    check: bool,
    /// Check everything and say what would be written, but write nothing
    #[arg(long, help_heading = "Writing", conflicts_with = "send")]
    dry_run: bool,
    /// Stop after reading, and write the requests, secrets included, to a new file of mode 0600
    #[arg(long, value_name = "FILE", help_heading = "Writing", conflicts_with_all = ["dry_run", "stage", "replace", "no_scim", "yes", "send", "draft", "maildir"])]
    extract: Option<PathBuf>,
    #[command(flatten)]
    writing: WritingArgs,
    /// Do not ask anything; accept and record warnings
    #[arg(short, long, help_heading = "Writing")]
    yes: bool,
    /// The owner has confirmed the request to you in another way than by this mail; recorded in the audit log
    #[arg(long, help_heading = "Request")]
    sender_verified: bool,
    #[command(flatten)]
    request: RequestArgs,
    #[command(flatten)]
    reply: ReplyArgs,
}

/// How often a question is put before it is taken as not answered.
const TRIES: usize = 3;

pub(super) async fn run(args: TicketArgs, app: &App) -> Result<ExitStatus, Failure> {
    let config = app.config()?;
    let settings = settings(&config)?;
    app.operator()?;
    let stdin = args.mails.iter().filter(|place| place.as_os_str() == "-").count();
    if stdin + usize::from(args.request.client_secret_stdin) > 1 {
        return Err(Failure::usage("standard input can be read once: it is asked for twice")
            .hint("give the mail as a file, or the secret with --client-secret-file"));
    }
    // A mail on standard input leaves nobody to ask.
    let asks = app.ui.is_interactive() && stdin == 0 && !args.yes;
    if let Some(file) = &args.extract {
        if args.request.has_values() {
            return Err(Failure::usage("--extract writes what the mails say, and takes no values by flags")
                .hint("leave the values out, or go on with the one mail that needs them; nothing was written"));
        }
        return ticket_extract::run(&args.mails, file, args.sender_verified, &settings, &config, app);
    }
    if !args.check && !args.dry_run && !args.yes && !asks {
        return Err(Failure::usage("writing needs a confirmation, and there is nobody to ask")
            .hint("add --yes to write without asking, --dry-run to write nothing, or --check for the verdict alone"));
    }
    let mut mails = mail_files::mails(&args.mails).peekable();
    let mut worst = ExitStatus::Done;
    let mut number = 0_usize;
    while let Some(mail) = mails.next() {
        number += 1;
        if number == 1 && mails.peek().is_some() && args.request.has_values() {
            return Err(Failure::usage("flags that give values fit one mail, and there are several")
                .hint("run the mail that needs them alone; nothing was checked or written"));
        }
        let one = TicketRun {
            args: &args,
            app,
            config: &config,
            settings: &settings,
            asks,
            several: number > 1 || mails.peek().is_some(),
        };
        let done = match mail {
            Ok(mail) => Box::pin(one.work(mail)).await,
            Err(failure) => Err(failure),
        };
        let status = match done {
            Ok(status) => status,
            Err(failure) if one.several => app.report(&failure),
            Err(failure) => return Err(failure),
        };
        worst = if status.code() > worst.code() { status } else { worst };
    }
    Ok(worst)
}

/// Works on one mail of several with the person at the terminal.
pub(super) async fn work_on(
    mail: MailFile,
    reply: ReplyArgs,
    settings: &Settings,
    config: &Config,
    app: &App,
) -> Result<ExitStatus, Failure> {
    let args = TicketArgs { reply, ..TicketArgs::default() };
    let run = TicketRun { args: &args, app, config, settings, asks: true, several: true };
    Box::pin(run.work(mail)).await
}

/// What the installation knows of its mail.
pub(super) fn settings(config: &Config) -> Result<Settings, Failure> {
    let pattern = Pattern::parse(&config.ticket.pattern).map_err(|problem| {
        Failure::fault("[ticket] pattern in the configuration is not valid")
            .cause(problem)
            .hint("write it as your help desk writes a ticket's number into subjects, for example \"#{number}\"")
    })?;
    Ok(Settings {
        pattern,
        trusted_authserv_id: config.ticket.trusted_authserv_id.clone(),
        relays: config.ticket.relays.clone(),
    })
}

/// Reads a mail, or says why it is none.
pub(super) fn read(mail: &MailFile, settings: &Settings) -> Result<Ticket, Failure> {
    taken(mail, settings).map_err(|problem| unreadable(mail, problem))
}

fn taken(mail: &MailFile, settings: &Settings) -> Result<Ticket, Unreadable> {
    if mail.pasted { ticket::read_pasted(&mail.bytes, settings) } else { ticket::read(&mail.bytes, settings) }
}

fn unreadable(mail: &MailFile, problem: Unreadable) -> Failure {
    if matches!(problem, Unreadable::NoMail(_)) {
        return Failure::usage(format!("`{}` is no mail", foreign::shown_whole(&mail.name)))
            .cause(problem.to_string())
            .hint(
                "save the mail itself as .eml in your mail program, or paste its text on standard input (-); nothing was \
                 checked or written",
            );
    }
    Failure::refused(format!("could not read the mail `{}`", foreign::shown_whole(&mail.name)))
        .cause(problem.to_string())
        .hint("ask the customer to send the values in a short plain-text mail; nothing was checked or written")
}

/// A mail that is more than is read is refused like any other request, with a row in the audit log.
fn too_much(mail: &MailFile, problem: Unreadable) -> Finding {
    Finding::fail("input_too_long", problem.to_string())
        .evidence("mail", foreign::shown_whole(&mail.name))
        .because("no request is that long: something else came along with it, or somebody means ill")
        .next("ask the customer to send the values in a short plain-text mail")
        .tell("The mail you sent is too long to be read. Please send the values once more, in a short plain-text mail.")
}

/// Everything one mail is worked on with.
struct TicketRun<'a> {
    args: &'a TicketArgs,
    app: &'a App,
    config: &'a Config,
    settings: &'a Settings,
    asks: bool,
    several: bool,
}

impl TicketRun<'_> {
    async fn work(&self, mail: MailFile) -> Result<ExitStatus, Failure> {
        let outbox = Outbox::of_flags(&self.args.reply, self.app, self.config).await?.answering(thread_of(&mail.bytes));
        let mut flags = self.args.request.draft()?;
        if self.several {
            // What the environment holds is one customer's.
            flags.client_secret = None;
        }
        let read = match taken(&mail, self.settings) {
            Err(problem @ (Unreadable::Empty | Unreadable::NoMail(_))) => return Err(unreadable(&mail, problem)),
            read => read,
        };
        if self.asks && !self.args.check {
            self.app.is_ready(self.config, !self.args.dry_run).await?;
        }
        let (draft, completeness) = match read {
            Ok(mut ticket) => {
                if self.asks {
                    settle(&mut ticket, &flags, &mail.name, self.app)?;
                }
                ticket.confirmed = self.args.sender_verified;
                (ticket.into_draft(flags), Completeness::Everything)
            }
            // What may be missing in it nobody has seen.
            Err(problem) => {
                (RequestDraft { noted: vec![too_much(&mail, problem)], ..flags }, Completeness::WhatIsGiven)
            }
        };
        let allowed = self.app.allowed_origins(self.config)?;
        let origins: Vec<String> = allowed.iter().map(ToString::to_string).collect();
        let request = draft.normalise_allowing(completeness, self.config.policy.max_domains, &origins);
        let outbox = outbox.without_secret_of(&request);
        let wish = self.args.writing.wish(&request);
        if !self.show(&mail.name, &request, wish)? {
            self.app.ui.status("Not confirmed: nobody was asked anything, and nothing was written.");
            return Ok(ExitStatus::Refused);
        }
        let command = self.command(&mail, &request);
        if self.args.check {
            return check::answer(&request, wish.intent(), command, &outbox, self.config, self.app).await;
        }
        let work = Work {
            app: self.app,
            wish,
            command,
            repository: self.app.repository_for(self.config, !self.args.dry_run).await?,
            keys: App::keys(self.config)?,
            http: self.app.http(self.config)?,
            config: self.config.clone(),
            operator: self.app.operator()?,
            allowed,
            outbox,
        };
        work.carry_out(&request, Course::of_flags(self.args.dry_run, self.args.yes)).await
    }

    /// Shows what was found, before anybody outside hears of it; on a terminal asks whether to go on.
    fn show(&self, name: &str, request: &OnboardingRequest, wish: Wish) -> Result<bool, Failure> {
        let text = found(name, request);
        if !self.asks {
            self.app.ui.status(&text);
            return Ok(true);
        }
        // Nobody confirms what they have not seen: not even with --quiet.
        crate::ui::say(&text);
        for judgement in checks::run_request(request, wish.intent()) {
            self.app.ui.finished(&judgement);
        }
        let question = "Go on, and ask the identity provider and the product database about these values?";
        prompt::confirm(question).map_err(|error| ask::unanswered(&error))
    }

    /// The command that does the same again: on this mail, where it is a file of its own.
    fn command(&self, mail: &MailFile, request: &OnboardingRequest) -> CommandLine {
        let verb = match &mail.path {
            Some(path) => format!("ticket {}", quoted(&path.display().to_string())),
            None => "onboard".to_owned(),
        };
        let reads_mail = mail.path.is_some();
        let command = self.args.request.command_line(&verb, request).switch("--check", reads_mail && self.args.check);
        self.app.with_global_flags(
            self.args
                .writing
                .onto(command)
                .switch("--sender-verified", reads_mail && self.args.sender_verified)
                .switch("--dry-run", self.args.dry_run),
        )
    }
}

/// What was read, a line a value, with where each stood. Printable; the secret is said to be there and no more.
pub(super) fn found(name: &str, request: &OnboardingRequest) -> String {
    let mut rows: Vec<(&str, Option<Input>, String)> = Vec::new();
    let mail = request.mail.as_ref();
    let from = mail.and_then(|mail| mail.sender.as_ref()).and_then(|sender| sender.from.first());
    if let Some(from) = from {
        let name = from.name.as_deref().filter(|name| !name.is_empty());
        rows.push((
            "from",
            None,
            name.map_or_else(|| from.address.clone(), |name| format!("{name} <{}>", from.address)),
        ));
    }
    let mut add = |label, input, value: Option<String>| rows.extend(value.map(|value| (label, Some(input), value)));
    add("ticket", Input::Ticket, request.ticket.as_ref().map(ToString::to_string));
    add("owner", Input::Owner, request.owner.as_ref().map(ToString::to_string));
    add("requested by", Input::RequestedBy, request.requested_by.address().map(ToString::to_string));
    if let Some(oidc) = request.oidc() {
        add("issuer", Input::Issuer, oidc.issuer.as_ref().map(ToString::to_string));
        add("client id", Input::ClientId, oidc.client_id.as_ref().map(ToString::to_string));
        add("secret", Input::ClientSecret, oidc.client_secret.as_ref().map(|_| "(found, not shown)".to_owned()));
    }
    let metadata = request.saml().and_then(|saml| saml.metadata.as_ref());
    add("metadata", Input::Metadata, metadata.map(MetadataSource::name));
    let domains: Vec<String> = request.domains.iter().map(ToString::to_string).collect();
    add("domains", Input::Domain, (!domains.is_empty()).then(|| domains.join(", ")));
    let mut text = format!("Read from {}", foreign::shown_whole(name));
    for (label, input, value) in rows {
        let _ = write!(text, "\n  {label:<13}{}", foreign::shown(&value));
        let place = mail.and_then(|mail| mail.sources.iter().find(|source| Some(source.input) == input));
        if let Some(place) = place {
            let _ = write!(text, "\n  {:<13}  {}", "", place.place);
        }
    }
    text
}

/// Asks which of several values is meant, and whether the sender is the owner where nobody is named.
fn settle(ticket: &mut Ticket, flags: &RequestDraft, name: &str, app: &App) -> Result<(), Failure> {
    let heading = format!("In {}:", foreign::shown_whole(name));
    let mut headed = false;
    let mut ask_one = |what: &str, values: Vec<(String, &str)>| -> Result<Option<usize>, Failure> {
        if !std::mem::replace(&mut headed, true) {
            crate::ui::say(&heading);
        }
        let number = values.len();
        crate::ui::say(&format!("The mail has {number} values for {what}:"));
        for (position, (value, place)) in values.iter().enumerate() {
            crate::ui::say(&format!("  {}  {}\n     {place}", position + 1, foreign::shown(value)));
        }
        for _ in 0..TRIES {
            let question = format!("Which one is meant, 1 to {number} (empty for none of them)");
            let Some(answer) = prompt::line(&question).map_err(|error| ask::unanswered(&error))? else {
                return Ok(None);
            };
            match answer.trim().parse::<usize>() {
                Ok(chosen) if (1..=number).contains(&chosen) => return Ok(Some(chosen - 1)),
                _ => app.ui.hint(&format!("a number from 1 to {number}, or nothing")),
            }
        }
        Ok(None)
    };
    let secret = flags.client_secret.as_ref().is_some_and(|secret| secret.source != SecretSource::Environment);
    let several = [
        (Value::Owner, flags.owner.is_some()),
        (Value::Issuer, flags.issuer.is_some()),
        (Value::ClientId, flags.client_id.is_some()),
        (Value::ClientSecret, secret),
        (Value::Metadata, flags.metadata.is_some()),
    ];
    for (value, given) in several {
        let values = ticket.contested(value);
        if given || values.is_empty() {
            continue;
        }
        let listed = values.iter().map(|(value, place)| (value.clone(), place.as_str())).collect();
        if let Some(position) = ask_one(value.input().what(), listed)? {
            ticket.settle(value, position);
        }
    }
    if flags.owner.is_none()
        && let Some(offered) = ticket.offered_owner().map(str::to_owned)
    {
        let question =
            format!("The mail does not say who owns the team. Is it the sender, {}?", foreign::shown(&offered));
        if prompt::confirm(&question).map_err(|error| ask::unanswered(&error))? {
            ticket.take_offered_owner();
        }
    }
    Ok(())
}
