//! The product's own side: users, teams and memberships as the contract tables or views show them. Read, never written.

use serde::Serialize;

use crate::request::names::{TeamId, UserId};

/// A row of `product_users`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// `id`.
    pub id: UserId,
    /// `email` in the product's own spelling.
    pub email: String,
    /// `name`; empty where the product has none.
    pub name: String,
    /// `active`: may sign in.
    pub active: bool,
}

/// A row of `product_teams`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Team {
    /// `id`.
    pub id: TeamId,
    /// `name`.
    pub name: String,
    /// `plan`; `None` where the product has none.
    #[serde(skip)]
    pub plan: Option<String>,
    /// `management_enabled`.
    #[serde(skip)]
    pub management_enabled: bool,
}

impl Team {
    /// The name as it may be shown; `None` where the product has none.
    #[must_use]
    pub fn shown_name(&self) -> Option<String> {
        Some(crate::foreign::shown(self.name.trim())).filter(|name| !name.is_empty())
    }

    /// The name with the id, or the id alone.
    #[must_use]
    pub fn label(&self) -> String {
        let id = crate::foreign::shown(self.id.as_str());
        self.shown_name().map_or_else(|| format!("team {id}"), |name| format!("{name} (team {id})"))
    }
}

/// A row of `product_memberships`, seen from a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// `team_id`.
    pub team_id: TeamId,
    /// `role` in the product's own words (`owner`, `admin`, `member`).
    pub role: String,
}

/// Somebody with an address in a claimed domain who belongs to another team.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberElsewhere {
    /// Their address in the product's spelling.
    pub email: String,
    /// Whether the account may sign in.
    pub active: bool,
    /// The team they belong to.
    pub team_id: TeamId,
    /// Its name, which may be empty; `None` where `product_teams` does not have the team.
    pub team_name: Option<String>,
    /// Their role there.
    pub role: String,
    /// Since when, as the product wrote it.
    pub since: Option<String>,
}

/// A member of this team whose address lies outside the claimed domains.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outsider {
    /// Their address in the product's spelling.
    pub email: String,
    /// Their role.
    pub role: String,
}

/// A list that is counted in full and shown in part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally<T> {
    /// How many there are, up to the ceiling the question gave.
    pub total: u64,
    /// The count stopped at the ceiling: there may be more.
    pub capped: bool,
    /// The first few.
    pub listed: Vec<T>,
}

impl MemberElsewhere {
    /// The team they belong to: its name with the id, or the id alone, and whether it is there at all.
    #[must_use]
    pub fn team_label(&self) -> String {
        match self.team_name.as_deref().map(str::trim) {
            None => format!("team {}, which is not in product_teams", self.team_id),
            Some("") => format!("team {}", self.team_id),
            Some(name) => format!("{name} (team {})", self.team_id),
        }
    }

    /// Whether it is an active account's membership of a team that `product_teams` does not have: nobody can leave that.
    #[must_use]
    pub const fn is_stray(&self) -> bool {
        self.active && self.team_name.is_none()
    }
}

impl<T> Default for Tally<T> {
    fn default() -> Self {
        Self { total: 0, capped: false, listed: Vec::new() }
    }
}
