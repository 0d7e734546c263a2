//! Which connection a command means, and whether its change is confirmed.

use clap::Args;
use uuid::Uuid;

use super::app::App;
use super::failure::Failure;
use crate::finding::Verdict;
use crate::foreign;
use crate::intake::{Completeness, RequestDraft};
use crate::product::connection::Connection;
use crate::product::repository::{Reads, Repository};
use crate::request::names::{ConnectionId, EmailAddress, EmailDomain, TeamId, TicketRef};
use crate::ui::prompt;

/// Which connection
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(super) struct Which {
    /// The connection's id, as `ssoctl connection list` shows it
    #[arg(value_name = "ID")]
    id: Option<String>,
    /// The id of the connection's team
    #[arg(long, value_name = "TEAM")]
    team: Option<String>,
    /// The account e-mail of the team's owner
    #[arg(long, value_name = "EMAIL")]
    owner: Option<String>,
    /// A domain whose people sign in through the connection
    #[arg(long, value_name = "DOMAIN")]
    domain: Option<String>,
}

impl Which {
    /// Whether one is named; where naming one is not required.
    pub(super) const fn is_given(&self) -> bool {
        self.id.is_some() || self.team.is_some() || self.owner.is_some() || self.domain.is_some()
    }
}

/// Which connection to change, and for whom
#[derive(Debug, Args)]
pub(super) struct Change {
    #[command(flatten)]
    pub(super) which: Which,
    /// Support ticket, for the audit log
    #[arg(long, value_name = "REF")]
    pub(super) ticket: Option<String>,
    /// Do not ask for confirmation
    #[arg(short, long)]
    pub(super) yes: bool,
}

/// The connection that is meant.
pub(super) async fn find(repository: &dyn Repository, which: &Which) -> Result<Connection, Failure> {
    let mut reads = repository.read().await?;
    let found = match which {
        Which { id: Some(id), .. } => reads.connection(&connection_id(id)).await?,
        Which { team: Some(team), .. } => reads.connection_of_team(&TeamId::new(team.trim())).await?,
        Which { owner: Some(owner), .. } => of_owner(&mut *reads, owner).await?,
        Which { domain: Some(domain), .. } => of_domain(&mut *reads, domain).await?,
        _ => None,
    };
    let is_other = which.id.as_deref().is_some_and(|id| Uuid::try_parse(id.trim()).is_err());
    found.ok_or_else(|| if is_other { no_such_connection().hint(OTHER_NAMES) } else { no_such_connection() })
}

/// An id in whichever form of a UUID; a database tool may have it in capitals.
fn connection_id(given: &str) -> ConnectionId {
    let plain = given.trim();
    ConnectionId::new(Uuid::try_parse(plain).map_or_else(|_| plain.to_owned(), |id| id.to_string()))
}

const OTHER_NAMES: &str =
    "by another name than its id: --team TEAM, --owner EMAIL (the team owner's), or --domain DOMAIN";

pub(super) fn no_such_connection() -> Failure {
    Failure::refused("there is no such connection")
        .hint("`ssoctl connection list` shows those there are; nothing was written")
}

/// The address, read as that of a request is: what an agent copies here comes out of the same mail.
fn account_address(given: &str) -> Result<EmailAddress, Failure> {
    let draft = RequestDraft { owner: Some(given.to_owned()), ..RequestDraft::default() };
    let read = draft.normalise(Completeness::WhatIsGiven, 0);
    read.owner.ok_or_else(|| {
        let wrong = read.findings.into_iter().find(|finding| finding.level == Verdict::Fail);
        let (fact, next) = wrong.map(|finding| (finding.fact, finding.next)).unwrap_or_default();
        next.into_iter().fold(Failure::usage(fact), Failure::hint)
    })
}

/// The connection of the one team that has this owner.
async fn of_owner(reads: &mut dyn Reads, owner: &str) -> Result<Option<Connection>, Failure> {
    let owner = account_address(owner)?;
    let mut found: Vec<Connection> = Vec::new();
    for user in reads.users_by_email(&owner).await? {
        for team in reads.teams_owned_by(&user.id).await? {
            // A view may show a team several times.
            let further = reads.connection_of_team(&team.id).await?;
            found.extend(further.filter(|one| found.iter().all(|known| known.id != one.id)));
        }
    }
    let several: Vec<String> = found.iter().map(name).collect();
    match <[Connection; 1]>::try_from(found) {
        Ok([one]) => Ok(Some(one)),
        Err(_) if several.is_empty() => Ok(None),
        Err(_) => Err(Failure::refused(format!("{owner} owns several teams with a connection"))
            .hint(format!("say which with --team: {}; nothing was written", several.join(", ")))),
    }
}

/// The connection that has claimed this domain.
async fn of_domain(reads: &mut dyn Reads, domain: &str) -> Result<Option<Connection>, Failure> {
    let bare = domain.trim().trim_start_matches('@').trim_end_matches('.');
    let domain = EmailDomain::parse(bare).map_err(|_| {
        Failure::usage("--domain is no domain")
            .hint("give a domain that the connection claims, as in --domain acme.example")
    })?;
    match reads.domain_claims(&[domain]).await?.into_iter().next() {
        Some(claim) => Ok(reads.connection(&claim.connection_id).await?),
        None => Ok(None),
    }
}

/// The team of a connection, for people.
pub(super) fn name(connection: &Connection) -> String {
    let id = foreign::shown(connection.team_id.as_str());
    match connection.team_name.as_deref().map(str::trim) {
        None => format!("a team that is gone (team {id})"),
        Some("") => format!("team {id}"),
        Some(name) => format!("{} (team {id})", foreign::shown(name)),
    }
}

pub(super) fn needs_yes() -> Failure {
    Failure::usage("this needs a confirmation, and nobody can be asked for it here")
        .hint("add --yes to do it without asking")
}

/// Asks before a change, unless told not to.
pub(super) fn confirmed(app: &App, change: &Change, question: &str) -> Result<(), Failure> {
    if change.yes {
        return Ok(());
    }
    if !app.ui.is_interactive() {
        return Err(needs_yes());
    }
    if prompt::confirm(question).map_err(|error| super::ask::unanswered(&error))? {
        Ok(())
    } else {
        Err(Failure::refused("not confirmed: nothing was written"))
    }
}

/// The ticket, read.
pub(super) fn ticket(change: &Change) -> Result<Option<TicketRef>, Failure> {
    let Some(text) = &change.ticket else { return Ok(None) };
    TicketRef::parse(text).map(Some).ok_or_else(|| Failure::usage("--ticket is empty, too long, or not printable"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_known_in_capitals_and_in_braces() {
        let id = "01a2006f-a1a9-750b-b2a0-9ba241c74573";
        for given in [id, " 01A2006F-A1A9-750B-B2A0-9BA241C74573\n", "{01a2006f-a1a9-750b-b2a0-9ba241c74573}"] {
            assert_eq!(connection_id(given).as_str(), id);
        }
        assert_eq!(connection_id("1042").as_str(), "1042");
    }
}
