//! The product's side: three tables or views that are its own affair, and may have changed since. Whether they answer at all,
//! and what there is to know about them before anybody is onboarded.

use super::repository::{Reads, StoreResult};
use crate::request::names::{EmailAddress, TeamId, UserId};

/// Nobody's address: `.invalid` is never anybody's domain (RFC 2606, section 2).
const NOBODY: &str = "nobody@ssoctl.invalid";

/// The relations, and the columns that each has to offer.
pub const COLUMNS: [(&str, &[&str]); 3] = [
    ("product_users", &["id", "email", "name", "active"]),
    ("product_teams", &["id", "name", "owner_id", "plan", "management_enabled"]),
    ("product_memberships", &["user_id", "team_id", "role", "since"]),
];

/// What a look at the product's side found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inspection {
    /// The relations in the order of [`COLUMNS`].
    pub relations: Vec<Relation>,
    /// What is surprising about the data; not looked for where columns are missing.
    pub surprises: Vec<Surprise>,
    /// The plans of teams, those of most teams first, an empty text for none; not asked for where columns are missing.
    pub plans: Vec<String>,
    /// The roles of memberships, those of most first; not asked for where columns are missing.
    pub roles: Vec<String>,
    /// Our questions that read a whole table for want of an index; not asked for where columns are missing.
    pub unindexed: Vec<Unindexed>,
    /// Triggers and indexes of our own tables that somebody has dropped or switched off.
    pub lost: Vec<Part>,
    /// PostgreSQL: rights that our role needs for its work and has not.
    pub lacking: Vec<Lacking>,
    /// PostgreSQL: nothing can be written, whatever our role may.
    pub read_only: Option<ReadOnly>,
    /// PostgreSQL: the server is on another machine, and this `sslmode` does not make sure that it is the right one.
    pub unverified: Option<&'static str>,
}

impl Inspection {
    /// Whether our role may not even read everything: then nothing is asked about the data.
    #[must_use]
    pub fn lacks_reading(&self) -> bool {
        self.lacking.iter().any(|one| one.rights.iter().any(|right| right == "SELECT"))
    }
}

/// A part of our own schema beside its tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Whether it guards the audit log; else it only makes questions fast.
    pub is_guard: bool,
    /// Its name.
    pub name: String,
}

/// Rights on one relation that a role has not. All of it spelled as SQL has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lacking {
    /// The rights, such as `INSERT`.
    pub rights: Vec<String>,
    /// The relation with its schema.
    pub relation: String,
    /// Who has them not.
    pub role: String,
}

/// Why a database only answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadOnly {
    /// It follows another server.
    Standby,
    /// `default_transaction_read_only` is on for our role, the database or the server.
    Setting,
}

/// A relation as the database describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relation {
    /// Its name.
    pub name: &'static str,
    /// Whether it is there.
    pub exists: bool,
    /// What the database says where it cannot be read at all: a view over something that is gone, for one.
    pub broken: Option<String>,
    /// Columns of the contract that it has not.
    pub missing: Vec<String>,
    /// Columns of the contract in a type that cannot be read, with that type.
    pub mistyped: Vec<(String, String)>,
}

/// Something about the data that will surprise somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Surprise {
    /// What.
    pub kind: SurpriseKind,
    /// How often.
    pub count: u64,
    /// An id or an address that it is true of.
    pub example: String,
}

/// Kinds of surprises.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SurpriseKind {
    /// No user, or no team, is there at all.
    RelationEmpty,
    /// `id` of a user is null.
    UserWithoutId,
    /// `id` of a team is null.
    TeamWithoutId,
    /// SQLite: the columns that a view makes of an address are not what an address is looked for by.
    AddressReadOtherwise,
    /// A user without an e-mail address.
    UserWithoutEmail,
    /// Several users with one address, but for capital letters and spaces.
    SharedAddress,
    /// `active` says neither.
    UserOfUnknownState,
    /// One user id in several rows.
    UserTwice,
    /// One team id in several rows: a join that finds several owners makes them.
    TeamTwice,
    /// `owner_id` is null.
    TeamWithoutOwner,
    /// `owner_id` is nobody in `product_users`.
    TeamOfUnknownOwner,
    /// Several members have the role `owner`.
    TeamOfSeveralOwners,
    /// `management_enabled` says neither.
    TeamOfUnknownState,
    /// One user in one team, several times.
    MembershipTwice,
    /// Its user or its team is not there.
    MembershipOfNobody,
    /// `role` is null.
    MembershipWithoutRole,
}

/// A question of ours that has no index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unindexed {
    /// Who of a domain is in which team.
    UsersByDomain,
    /// Who has an address.
    UsersByAddress,
    /// Which teams somebody is in.
    MembershipsByUser,
    /// Who is in a team.
    MembershipsByTeam,
    /// Which teams somebody owns.
    TeamsByOwner,
}

/// Asks every question about people and teams once, about nobody.
///
/// # Errors
///
/// [`StoreError`](super::repository::StoreError): a table or a column that the contract names is not there.
pub async fn ask(reads: &mut dyn Reads) -> StoreResult<()> {
    let (user, team) = (UserId::new(""), TeamId::new(""));
    reads.teams_owned_by(&user).await?;
    reads.memberships_of(&user).await?;
    reads.owner_of(&team).await?;
    if let Ok(nobody) = EmailAddress::parse(NOBODY) {
        reads.users_by_email(&nobody).await?;
        let domains = [nobody.domain().clone()];
        reads.members_elsewhere(&domains, &team, 1, 1).await?;
        reads.members_outside(&team, &domains, 1, 1).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_has_an_address_to_ask_for() {
        assert!(EmailAddress::parse(NOBODY).is_ok());
    }
}
