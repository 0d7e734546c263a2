//! Whether the product's side answers at all: its three tables or views are its own affair, and may have changed since.

use super::repository::{Reads, StoreResult};
use crate::request::names::{EmailAddress, TeamId, UserId};

/// Nobody's address: `.invalid` is never anybody's domain (RFC 2606, section 2).
const NOBODY: &str = "nobody@ssoctl.invalid";

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
