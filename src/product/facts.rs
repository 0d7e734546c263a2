//! Everything the product database says about a request, read in one go: in a snapshot before the verdict, and again
//! under the write lock before anything is written.

use super::audit_event::{Action, AuditRow};
use super::connection::{Connection, DomainClaim, Status};
use super::repository::{COUNTED, LISTED, Reads, StoreError, StoreResult};
use super::team::{MemberElsewhere, Membership, Outsider, Tally, Team, User};
use crate::foreign;
use crate::request::names::{ClientId, EmailAddress, EmailDomain, IssuerUrl, TeamId};
use crate::request::saml_names::EntityId;

/// How far back in a team's audit log is looked for what was last done to its connection.
const RECENT: usize = 20;

/// Of how many teams that somebody is in without owning one the owner is looked up: most people are in one or two.
const NAMED: usize = 5;

/// What to ask.
#[derive(Debug, Clone)]
pub struct TeamQuestion {
    /// The owner's address.
    pub owner: EmailAddress,
    /// Who asked, where it was not the owner.
    pub requested_by: Option<EmailAddress>,
    /// The domains to claim.
    pub domains: Vec<EmailDomain>,
    /// Issuer and client id, to find another team that uses them.
    pub provider: Option<ProviderName>,
}

/// By what a provider's side is told from those of other teams.
#[derive(Debug, Clone)]
pub enum ProviderName {
    /// Issuer and client id.
    Client(IssuerUrl, ClientId),
    /// SAML entity ID.
    Entity(EntityId),
}

/// What the product says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProductFacts {
    /// Accounts with the owner's address: one, if all is well.
    pub owners: Vec<User>,
    /// An account with the same address but for a `+tag`, where the address itself has none.
    pub near_owner: Option<User>,
    /// The owner's memberships in teams, owned or not.
    pub owner_memberships: Vec<Membership>,
    /// The teams the owner owns.
    pub teams: Vec<Team>,
    /// Who owns the first teams that the owner is in, where they own none themselves.
    pub owners_of_theirs: Vec<(TeamId, User)>,
    /// Who asked, where it was not the owner.
    pub requester: Option<Requester>,
    /// Claims on the domains, of this team or others.
    pub claims: Vec<DomainClaim>,
    /// People with an address in the domains who belong to other teams.
    pub elsewhere: Tally<MemberElsewhere>,
    /// Members of this team outside the domains.
    pub outside: Tally<Outsider>,
    /// The team's connection.
    pub connection: Option<Connection>,
    /// The audit row that brought the connection to where it is, refusals since then passed over.
    pub latest_change: Option<AuditRow>,
    /// The oldest connection of another team with the same issuer and client id.
    pub same_client: Option<Connection>,
    /// The connection of another team that holds the same SAML entity ID.
    pub same_entity: Option<Connection>,
}

/// The person who sent the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requester {
    /// Accounts with their address.
    pub users: Vec<User>,
    /// The memberships of the first of them.
    pub memberships: Vec<Membership>,
}

impl ProductFacts {
    /// The team the request is about: the one that the one account with the owner's address owns. The account may be
    /// deactivated, which is for `team-owner` to refuse: all else about the team is told in the same run.
    #[must_use]
    pub fn team(&self) -> Option<&Team> {
        match (self.owners.as_slice(), self.teams.as_slice()) {
            ([_], [team]) => Some(team),
            _ => None,
        }
    }

    /// The owner's account, where there is exactly one.
    #[must_use]
    pub fn owner(&self) -> Option<&User> {
        match self.owners.as_slice() {
            [owner] => Some(owner),
            _ => None,
        }
    }
}

/// Asks `reads` everything that `question` leads to.
///
/// # Errors
///
/// Whatever the database says; nothing is half-read.
pub async fn gather<R: Reads + ?Sized>(reads: &mut R, question: &TeamQuestion) -> StoreResult<ProductFacts> {
    let owners = people(reads.users_by_email(&question.owner).await?)?;
    let mut facts = ProductFacts { owners, ..ProductFacts::default() };
    if facts.owners.is_empty()
        && let Some(untagged) = without_tag(&question.owner)
    {
        facts.near_owner = reads.users_by_email(&untagged).await?.into_iter().next();
    }
    if let Some(owner) = facts.owner().cloned() {
        facts.teams = teams(reads.teams_owned_by(&owner.id).await?)?;
        facts.owner_memberships = reads.memberships_of(&owner.id).await?;
        if facts.teams.is_empty() {
            for membership in facts.owner_memberships.iter().take(NAMED) {
                let found = reads.owner_of(&membership.team_id).await?;
                facts.owners_of_theirs.extend(found.map(|user| (membership.team_id.clone(), user)));
            }
        }
    }
    if let Some(address) = question.requested_by.as_ref().filter(|address| **address != question.owner) {
        let users = people(reads.users_by_email(address).await?)?;
        let memberships = match users.first() {
            Some(user) => reads.memberships_of(&user.id).await?,
            None => Vec::new(),
        };
        facts.requester = Some(Requester { users, memberships });
    }
    facts.claims = reads.domain_claims(&question.domains).await?;
    let Some(team) = facts.team().cloned() else { return Ok(facts) };
    facts.elsewhere = reads.members_elsewhere(&question.domains, &team.id, LISTED, COUNTED).await?;
    facts.outside = reads.members_outside(&team.id, &question.domains, LISTED, COUNTED).await?;
    facts.connection = reads.connection_of_team(&team.id).await?;
    if facts.connection.as_ref().is_some_and(|connection| !connection.is_only_reserved()) {
        // What was reserved or refused since has changed nothing.
        let leaves = |row: &AuditRow| Action::parse(&row.action).and_then(Action::leaves);
        let changes = |row: &AuditRow| leaves(row).is_some_and(|status| status != Status::Prepared);
        facts.latest_change = reads.audit_tail(Some(&team.id), None, RECENT).await?.into_iter().rfind(changes);
    }
    match &question.provider {
        Some(ProviderName::Client(issuer, client)) => {
            for spelling in std::iter::once(issuer.clone()).chain(other_slash(issuer)) {
                let found = reads.same_client_elsewhere(&spelling, client, &team.id).await?;
                facts.same_client = facts.same_client.into_iter().chain(found).min_by_key(|one| one.created_at);
            }
        }
        Some(ProviderName::Entity(entity)) => {
            facts.same_entity = reads.same_entity_elsewhere(entity, &team.id).await?;
        }
        None => {}
    }
    Ok(facts)
}

/// A person whom a join in the view repeats is one, under several spellings of their address, too.
fn people(rows: Vec<User>) -> StoreResult<Vec<User>> {
    once(rows, "product_users", |user| user.id.as_str(), |one, other| one.active == other.active)
}

/// A team that a join in the view repeats is one.
fn teams(rows: Vec<Team>) -> StoreResult<Vec<Team>> {
    once(rows, "product_teams", |team| team.id.as_str(), |one, other| one == other)
}

/// The first row of each id.
///
/// # Errors
///
/// [`StoreError::Unreadable`]: a further one is not the `same`, and which of them holds cannot be told.
fn once<T>(rows: Vec<T>, table: &str, id: impl Fn(&T) -> &str, same: impl Fn(&T, &T) -> bool) -> StoreResult<Vec<T>> {
    let mut kept: Vec<T> = Vec::with_capacity(rows.len());
    for row in rows {
        match kept.iter().find(|one| id(one) == id(&row)) {
            None => kept.push(row),
            Some(one) if same(one, &row) => {}
            Some(_) => {
                return Err(StoreError::Unreadable {
                    what: format!("the row `{}` of `{table}`", foreign::shown(id(&row))),
                    reason: "it is there several times, and says different things".to_owned(),
                });
            }
        }
    }
    Ok(kept)
}

/// The address without its `+tag`, where it has one.
#[must_use]
pub fn without_tag(address: &EmailAddress) -> Option<EmailAddress> {
    let (mailbox, _) = address.local().split_once('+')?;
    EmailAddress::parse(&format!("{mailbox}@{}", address.domain())).ok()
}

/// The issuer with its trailing slash added or taken away: the provider's document decides which is stored.
#[must_use]
pub fn other_slash(issuer: &IssuerUrl) -> Option<IssuerUrl> {
    let text = issuer.as_str();
    let other = text.strip_suffix('/').map_or_else(|| format!("{text}/"), str::to_owned);
    IssuerUrl::parse(&other).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::names::UserId;

    #[test]
    fn a_row_that_a_join_repeats_is_one_and_rows_that_differ_are_a_fault() {
        let team = |plan: &str| Team {
            id: TeamId::new("1042"),
            name: "Acme".into(),
            plan: Some(plan.into()),
            management_enabled: true,
        };
        assert_eq!(teams(vec![team("Free"), team("Free")]).unwrap(), [team("Free")]);
        let fault = teams(vec![team("Free"), team("Enterprise")]).unwrap_err().to_string();
        assert!(fault.contains("the row `1042` of `product_teams`") && fault.contains("several times"), "{fault}");
        let user = |id: &str, email: &str, active| User {
            id: UserId::new(id),
            email: email.into(),
            name: String::new(),
            active,
        };
        let jane = user("1", "jane@acme.example", true);
        let spelt_twice = vec![jane.clone(), user("1", "Jane@acme.example", true)];
        assert_eq!(people(spelt_twice).unwrap(), std::slice::from_ref(&jane));
        assert_eq!(people(vec![jane.clone(), user("2", "jane@acme.example", true)]).unwrap().len(), 2);
        assert!(people(vec![jane, user("1", "jane@acme.example", false)]).is_err());
    }
}
