//! `ssoctl scim issue|rotate|promote|revoke|list`

mod list;

use std::fmt::Write as _;

use clap::{Args, Subcommand};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::app::App;
use super::failure::{ExitStatus, Failure};
use super::which::{Change, confirmed, find, name, no_such_connection, ticket};
use crate::config::{Config, Period};
use crate::onboarding::scim::{self, Ended, Issued, NotDone, Revoking, Rotated};
use crate::paragraph::wrapped;
use crate::product::connection::{Connection, Status};
use crate::product::repository::Repository;
use crate::product::scim_token::ScimToken;
use crate::report::{CommandLine, json_v1};
use crate::request::names::{ScimTokenId, TicketRef};
use crate::ui::prompt;

/// Make, replace and revoke the bearer tokens of customers' provisioning apps
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  ssoctl scim rotate --team 1042 --ticket 48213")]
pub(super) struct ScimArgs {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Make a connection's first token and show it, this once
    #[command(after_help = "Example:\n  ssoctl scim issue --team 1042 --ticket 48213")]
    Issue(Change),
    /// Make a new token and show it, this once; the old one works until its deadline or until `promote`
    #[command(after_help = "Example:\n  ssoctl scim rotate --team 1042 --overlap 3d --ticket 48213")]
    Rotate(RotateArgs),
    /// End the older token now: the customer uses the new one
    #[command(after_help = "Example:\n  ssoctl scim promote --team 1042 --ticket 48213 --yes")]
    Promote(Change),
    /// Switch off one token or all of them, at once
    #[command(after_help = "Example:\n  ssoctl scim revoke --team 1042 --all --ticket 48213")]
    Revoke(RevokeArgs),
    /// List tokens by id, with when they end; never the tokens
    #[command(
        after_help = "Examples:\n  ssoctl scim list --team 1042\n  ssoctl scim list --token-stdin <found.txt",
        mut_group("Which", |group| group.required(false))
    )]
    List(list::ListArgs),
}

#[derive(Debug, Args)]
struct RotateArgs {
    #[command(flatten)]
    change: Change,
    /// How long the old token still works, such as 7d or 36h; 0s for not at all [default: from the configuration]
    #[arg(long, value_name = "TIME")]
    overlap: Option<Period>,
}

#[derive(Debug, Args)]
struct RevokeArgs {
    #[command(flatten)]
    change: Change,
    #[command(flatten)]
    tokens: Tokens,
}

/// Which tokens
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct Tokens {
    /// The token with this id, as `ssoctl scim list` shows it; not the token itself
    #[arg(long, value_name = "ID")]
    token_id: Option<String>,
    /// Every token that works
    #[arg(long)]
    all: bool,
}

pub(super) async fn run(args: ScimArgs, app: &App) -> Result<ExitStatus, Failure> {
    let config = app.config()?;
    let repository = match args.verb {
        Verb::List(_) => app.repository_to_read(&config).await?,
        Verb::Issue(_) | Verb::Rotate(_) | Verb::Promote(_) | Verb::Revoke(_) => app.repository(&config).await?,
    };
    match args.verb {
        Verb::Issue(change) => issue(app, &config, &*repository, &change).await,
        Verb::Rotate(args) => rotate(app, &config, &*repository, args).await,
        Verb::Promote(change) => promote(app, &*repository, &change).await,
        Verb::Revoke(args) => revoke(app, &*repository, &args).await,
        Verb::List(args) => list::run(app, &*repository, &args).await,
    }
}

async fn issue(
    app: &App,
    config: &Config,
    repository: &dyn Repository,
    change: &Change,
) -> Result<ExitStatus, Failure> {
    let ticket = ticket(change)?;
    somebody_reads(app)?;
    let connection = find(repository, &change.which).await?;
    scim::takes_new_tokens(&connection).map_err(|why| not_done(app, &connection, why))?;
    let name = name(&connection);
    confirmed(app, change, &format!("Make a SCIM token for {name}, to be shown here this once?"))?;
    let operator = app.operator()?;
    prompt::writing_begins();
    let ticket = ticket.as_ref().map(TicketRef::as_str);
    let issued = scim::issue(repository, &config.scim, &operator, &connection.id, ticket)
        .await
        .map_err(|why| not_done(app, &connection, why))?;
    let handout = Handout { config, connection: &connection, issued: &issued, before: None, now: operator.now };
    let unseen = app.next(&format!("scim rotate {} --overlap 0s", connection.id));
    handout.print(app, &format!("`{unseen}`"))
}

async fn rotate(
    app: &App,
    config: &Config,
    repository: &dyn Repository,
    args: RotateArgs,
) -> Result<ExitStatus, Failure> {
    let RotateArgs { change, overlap } = args;
    let ticket = ticket(&change)?;
    let overlap = overlap.unwrap_or(config.scim.rotation_overlap);
    somebody_reads(app)?;
    let connection = find(repository, &change.which).await?;
    scim::takes_new_tokens(&connection).map_err(|why| not_done(app, &connection, why))?;
    let name = name(&connection);
    let question =
        format!("Make a new SCIM token for {name}, to be shown here this once? The old one works for {overlap}");
    confirmed(app, &change, &question)?;
    let operator = app.operator()?;
    prompt::writing_begins();
    let ticket = ticket.as_ref().map(TicketRef::as_str);
    let Rotated { issued, before } = scim::rotate(repository, &config.scim, &operator, &connection.id, overlap, ticket)
        .await
        .map_err(|why| not_done(app, &connection, why))?;
    let handout =
        Handout { config, connection: &connection, issued: &issued, before: Some(&before), now: operator.now };
    let again = handout.once_lost(app).join("` and `");
    handout.print(app, &format!("`{again}`"))
}

/// Refuses to make a token that would be lost at once.
fn somebody_reads(app: &App) -> Result<(), Failure> {
    if !app.ui.loses_output() {
        return Ok(());
    }
    Err(Failure::usage("nobody would see the SCIM token: standard output is closed, or leads to /dev/null")
        .hint("it is shown this once; run it where its output can be read. Nothing was changed"))
}

/// A token that was just made, with everything that is told of it.
struct Handout<'h> {
    config: &'h Config,
    connection: &'h Connection,
    issued: &'h Issued,
    before: Option<&'h ScimToken>,
    now: Timestamp,
}

impl Handout<'_> {
    /// Prints the token. It exists nowhere else, so a reader that has gone away is a failure here; `again` makes the
    /// next one.
    fn print(&self, app: &App, again: &str) -> Result<ExitStatus, Failure> {
        app.print_only_copy(|| self.document(), || self.text(app)).map_err(|error| {
            let made = "the SCIM token WAS made, and nobody has seen it: it could not be printed";
            Failure::fault(made).cause(error.to_string()).hint(format!("replace it: {again}"))
        })?;
        Ok(ExitStatus::Done)
    }

    /// What replaces the token where it was lost. Two work at the most: after a rotation the new one has to end first.
    fn once_lost(&self, app: &App) -> Vec<String> {
        let id = &self.connection.id;
        let ends = self.before.map(|_| format!("scim revoke {id} --token-id {}", self.issued.record.id));
        ends.into_iter().chain([format!("scim rotate {id}")]).map(|verb| app.next(&verb).to_string()).collect()
    }

    fn document(&self) -> Value {
        json!({
            "schema": json_v1::VERSION,
            "kind": "scim_handout",
            "change": if self.before.is_some() { "rotated" } else { "issued" },
            "scim": {
                "base_url": self.config.scim_base_url(&self.connection.account_token),
                "token": self.issued.token.expose(),
            },
            "issued": document(&self.issued.record, self.connection, self.now),
            "before": self.before.map(|token| document(token, self.connection, self.now)),
        })
    }

    fn text(&self, app: &App) -> String {
        let what = if self.before.is_some() { "Rotated: a new SCIM token" } else { "Issued: a SCIM token" };
        let said = format!("{what} for {}. It is shown this once, and kept nowhere.", name(self.connection));
        let mut out = wrapped("", &said, app.look().columns()) + "\n\n";
        let mut row = |label: &str, value: &str| _ = writeln!(out, "  {label:<14} {value}");
        row("SCIM base URL", &self.config.scim_base_url(&self.connection.account_token));
        row("bearer token", self.issued.token.expose());
        row("token id", self.issued.record.id.as_str());
        if self.connection.status == Status::Staged {
            row("is let in", "once the connection is switched on");
        }
        row("ends", &moment(self.issued.record.ends_at()));
        if let Some(before) = self.before {
            row("the old one", &format!("{} ends {}", before.id, moment(before.ends_at())));
        }
        out.push_str(
            "\nHand it to the customer's administrator by a channel that only they can read,\nnever by mail. It cannot be \
             shown again.\n",
        );
        let lost = self.once_lost(app).into_iter().zip(["If it is lost:   ", "       and then: "]);
        lost.for_each(|(command, label)| _ = writeln!(out, "{label} {command}"));
        if self.before.is_some() {
            _ = writeln!(out, "Once they use it: {}", app.next(&format!("scim promote {}", self.connection.id)));
        }
        out
    }
}

async fn promote(app: &App, repository: &dyn Repository, change: &Change) -> Result<ExitStatus, Failure> {
    let ticket = ticket(change)?;
    let connection = find(repository, &change.which).await?;
    let name = name(&connection);
    let question = format!("End the older SCIM token of {name} now? What still uses it is no longer let in");
    confirmed(app, change, &question)?;
    let operator = app.operator()?;
    prompt::writing_begins();
    let ticket = ticket.as_ref().map(TicketRef::as_str);
    let ended = scim::promote(repository, &operator, &connection.id, ticket)
        .await
        .map_err(|why| not_done(app, &connection, why))?;
    let sentence = if ended.ended.is_empty() {
        format!("Unchanged: no older SCIM token of {name} works.")
    } else {
        format!("Promoted: only the newest SCIM token of {name} works from now on.")
    };
    told(app, "promoted", &sentence, &ended, &connection, operator.now)
}

async fn revoke(app: &App, repository: &dyn Repository, args: &RevokeArgs) -> Result<ExitStatus, Failure> {
    let RevokeArgs { change, tokens } = args;
    let ticket = ticket(change)?;
    let token = tokens.token_id.as_deref().map(|id| ScimTokenId::new(id.trim()));
    let which = token.as_ref().map_or(Revoking::All, Revoking::One);
    let connection = find(repository, &change.which).await?;
    let name = name(&connection);
    let what = match which {
        Revoking::One(_) => "this SCIM token",
        Revoking::All => "every SCIM token",
    };
    let question = format!("Revoke {what} of {name}? What uses it is no longer let in, from now on and for good");
    confirmed(app, change, &question)?;
    let operator = app.operator()?;
    prompt::writing_begins();
    let ticket = ticket.as_ref().map(TicketRef::as_str);
    let ended = scim::revoke(repository, &operator, &connection.id, which, ticket)
        .await
        .map_err(|why| not_done(app, &connection, why))?;
    let sentence = match ended.ended.len() {
        0 => format!("Unchanged: {what} of {name} had ended already."),
        1 => format!("Revoked: one SCIM token of {name}."),
        count => format!("Revoked: {count} SCIM tokens of {name}."),
    };
    told(app, "revoked", &sentence, &ended, &connection, operator.now)
}

/// The command that makes a token for a connection without one; `None` while it is given none.
fn making_one(app: &App, connection: &Connection) -> Option<CommandLine> {
    scim::takes_new_tokens(connection).is_ok().then(|| app.next(&format!("scim issue {}", connection.id)))
}

/// Says what became of a connection's tokens.
fn told(
    app: &App,
    change: &str,
    sentence: &str,
    ended: &Ended,
    connection: &Connection,
    now: Timestamp,
) -> Result<ExitStatus, Failure> {
    let change = if ended.ended.is_empty() { "unchanged" } else { change };
    let documents = |tokens: &[ScimToken]| tokens.iter().map(|one| document(one, connection, now)).collect::<Value>();
    app.print_either(
        || {
            json!({
                "schema": json_v1::VERSION,
                "kind": "scim_change",
                "change": change,
                "ended": documents(&ended.ended),
                "working": documents(&ended.working),
            })
        },
        || {
            let mut out = format!("{sentence}\n");
            for token in &ended.ended {
                _ = writeln!(out, "  ended       {}", token.id);
            }
            for token in &ended.working {
                _ = writeln!(out, "  works still {}, ends {}", token.id, moment(token.ends_at()));
            }
            if ended.working.is_empty() {
                let next = making_one(app, connection).map(|next| format!(" For a new one: {next}"));
                _ = writeln!(out, "  No SCIM token of this connection works.{}", next.unwrap_or_default());
            }
            out
        },
    )
    .map_err(|failure| match change {
        "unchanged" => failure,
        _ => Failure::unprinted(&format!("the SCIM tokens WERE {change}"), &failure),
    })?;
    Ok(ExitStatus::Done)
}

/// A token without the token, and without its hash.
fn document(token: &ScimToken, connection: &Connection, now: Timestamp) -> Value {
    json!({
        "id": token.id,
        "connection_id": connection.id,
        "team_id": connection.team_id,
        "state": token.state(now).as_str(),
        "created_at": token.created_at,
        "ends_at": token.ends_at(),
    })
}

/// In UTC, to the second; `never` for no end.
fn moment(at: Option<Timestamp>) -> String {
    at.map_or_else(|| "never".to_owned(), |at| at.strftime("%F %T UTC").to_string())
}

fn not_done(app: &App, connection: &Connection, why: NotDone) -> Failure {
    let id = &connection.id;
    let next = |verb: &str| format!("`{}`", app.next(&format!("{verb} {id}")));
    let hint = match &why {
        NotDone::Fault(_) => None,
        NotDone::NoConnection => return no_such_connection(),
        NotDone::OnlyPrepared => Some("`ssoctl onboard` comes first, with what the customer sends".to_owned()),
        NotDone::Suspended => Some(format!("{} switches it on again", next("connection activate"))),
        NotDone::HasToken => {
            Some(format!("{} makes a new one, and the old one works on for a while", next("scim rotate")))
        }
        NotDone::NoToken => Some(format!("{} makes one", next("scim issue"))),
        NotDone::StillRotating => Some(format!(
            "{} ends the older one; `ssoctl scim revoke` with --token-id either of them",
            next("scim promote")
        )),
        NotDone::NoSuchToken => Some("`ssoctl scim list` shows those there are".to_owned()),
    };
    match (why, hint) {
        (NotDone::Fault(fault), _) => fault.into(),
        (why, hint) => {
            let failure = Failure::refused(why.to_string());
            hint.into_iter().fold(failure, |failure, hint| failure.hint(format!("{hint}; nothing was written")))
        }
    }
}
