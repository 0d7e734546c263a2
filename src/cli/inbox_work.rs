//! `ssoctl inbox work`: the mails one by one, with a person at the terminal.

use super::app::App;
use super::failure::{ExitStatus, Failure};
use super::inbox::{self, Listed, Selection};
use super::inbox_cache::{Cache, Verdict};
use super::inbox_round::Round;
use super::mail_files::MailFile;
use super::reply_args::{DeliveryArgs, ReplyArgs};
use super::{ask, reply, ticket};
use crate::config::Config;
use crate::foreign;
use crate::mail::{Mailbox, MailboxError, MailboxPlace};
use crate::ui::prompt;

pub(super) async fn run(
    selection: Selection,
    reply: ReplyArgs,
    config: &Config,
    app: &App,
) -> Result<ExitStatus, Failure> {
    if !app.ui.is_interactive() {
        return Err(Failure::usage("working through the mailbox needs somebody at a terminal")
            .hint("`ssoctl inbox --check-all` lists the verdicts, and `ssoctl ticket` works on one mail"));
    }
    if reply.delivery.draft.is_some() {
        return Err(Failure::usage("one file holds one mail, and there are several")
            .hint("use --maildir DIR for drafts, or --send; nothing was read"));
    }
    let place = inbox::place(&selection, config, app).await?;
    let mut mailbox = Mailbox::open(&place).await?;
    let mut cache = Cache::open(config);
    let round = Round::open(config, app).await?;
    let chosen = inbox::choose(&mut mailbox, &selection, &cache, &round).await?;
    let total = chosen.mails.len();
    let mut worked = 0_usize;
    'mails: for (position, mut mail) in chosen.mails.into_iter().enumerate() {
        // Read before it is shown: only then is a secret in its subject known for one.
        let opened = round.open_mail(&mut mailbox, &mail.heading).await?;
        mail.has_secret_in_subject |= opened.has_secret_in_subject();
        crate::ui::say(&format!("\n{}\n{}", "=".repeat(72), head(&mail, position + 1, total)));
        loop {
            match choice("What now? s show, c check, o onboard, n next, q quit", &["s", "c", "o", "n", "q"])?.as_str() {
                "s" => {
                    if let Some(file) = fetched(&mut mailbox, &mail, app).await? {
                        match round.values_in(&file) {
                            Ok(values) => crate::ui::say(&values),
                            Err(failure) => _ = app.report(&failure),
                        }
                    }
                }
                "c" => {
                    let verdict = Box::pin(round.look_at(&opened)).await?;
                    inbox::keep(&mut cache, &mail.heading, &verdict, app);
                    crate::ui::say(&said(&verdict));
                }
                "o" => {
                    let Some(file) = fetched(&mut mailbox, &mail, app).await? else { continue 'mails };
                    let before = round.last_row().await?;
                    let done = Box::pin(ticket::work_on(file, reply.clone(), &round.settings, config, app)).await;
                    let status = done.unwrap_or_else(|failure| app.report(&failure));
                    worked += 1;
                    // An earlier reply of the ticket is not the answer to what was, or was not, done just now.
                    if matches!(status, ExitStatus::Done | ExitStatus::Refused)
                        && !reply.delivery.is_wanted()
                        && round.has_reply(mail.ticket.as_deref(), before).await?
                    {
                        ask_about_reply(&mail, &place, config, app).await?;
                    }
                    continue 'mails;
                }
                "n" => continue 'mails,
                _ => break 'mails,
            }
        }
    }
    mailbox.close().await;
    let mails = if worked == 1 { "mail" } else { "mails" };
    app.ui.status(&format!(
        "\n{worked} {mails} worked on, of {total} that were open. `ssoctl audit list` has all of it."
    ));
    Ok(ExitStatus::Done)
}

/// A mail to work on; `None`, once it was said why, where there is none. The other mails wait.
async fn fetched(mailbox: &mut Mailbox, mail: &Listed, app: &App) -> Result<Option<MailFile>, Failure> {
    match Round::fetch(mailbox, &mail.heading).await {
        Ok(None) => app.ui.warning("somebody has moved this mail away meanwhile"),
        Err(error @ MailboxError::TooLarge { .. }) => _ = app.report(&error.into()),
        found => return Ok(found?),
    }
    Ok(None)
}

/// Asks what becomes of the reply that was printed.
async fn ask_about_reply(mail: &Listed, place: &MailboxPlace, config: &Config, app: &App) -> Result<(), Failure> {
    let Some(ticket) = &mail.ticket else { return Ok(()) };
    if config.reply.from.is_none() {
        app.ui
            .hint("to keep replies as drafts or to send them from here, set `from` under [reply] in the configuration");
        return Ok(());
    }
    let sends = config.smtp.server.is_some();
    let question = if sends { "The reply? d draft, s send, n nothing" } else { "The reply? d draft, n nothing" };
    let answers: &[&str] = if sends { &["d", "s", "n"] } else { &["d", "n"] };
    let mut delivery = DeliveryArgs::default();
    match (choice(question, answers)?.as_str(), place) {
        ("d", MailboxPlace::Maildir(folder)) => delivery.maildir = Some(folder.clone()),
        ("d", MailboxPlace::Imap(_)) => {
            let name: String = ticket.chars().map(|one| if one.is_ascii_alphanumeric() { one } else { '-' }).collect();
            delivery.draft = Some(format!("reply-{}.eml", name.get(..40.min(name.len())).unwrap_or_default()).into());
        }
        ("s", _) => delivery.send = true,
        _ => return Ok(()),
    }
    // What went wrong has been said; the next mail waits.
    let done = Box::pin(reply::deliver_latest(ticket, &delivery, config, app)).await;
    if let Err(failure) = done {
        app.report(&failure);
    }
    Ok(())
}

/// How often a question is put before the work ends.
const TRIES: usize = 3;

/// One of the letters in `answers`; the last of them where nothing else was said.
fn choice(question: &str, answers: &[&str]) -> Result<String, Failure> {
    for _ in 0..TRIES {
        let answer = prompt::line(question).map_err(|error| ask::unanswered(&error))?.unwrap_or_default();
        let answer = answer.trim().to_lowercase();
        if let Some(known) = answers.iter().find(|known| **known == answer) {
            return Ok((*known).to_owned());
        }
        crate::ui::say(&format!("  one of {}", answers.join(", ")));
    }
    Ok(answers.last().copied().unwrap_or_default().to_owned())
}

fn head(mail: &Listed, number: usize, total: usize) -> String {
    let shown = |text: &str| foreign::shown(text);
    let date = mail.heading.date.map_or_else(|| "-".to_owned(), |date| date.strftime("%F %R UTC").to_string());
    format!(
        "Mail {number} of {total}\n  from     {} <{}>\n  subject  {}\n  date     {date}\n  ticket   {}\n  state    {}\n  verdict  {}",
        shown(&mail.heading.from),
        shown(&mail.heading.address),
        shown(mail.subject()),
        shown(mail.ticket.as_deref().unwrap_or("-")),
        mail.state,
        mail.verdict_words(),
    )
}

fn said(verdict: &Verdict) -> String {
    let reasons = if verdict.reasons.is_empty() { String::new() } else { format!(": {}", verdict.reasons.join(", ")) };
    format!("  verdict  {}{reasons}", verdict.word.replace('_', " "))
}
