//! Whom a reply may go to.

use crate::finding::{Judgement, Verdict};

/// The address a reply goes to unless somebody names another: whoever asked, where the checks say that they may; else the
/// owner's account. `None` where neither is known: a stranger's word is no address to write to.
#[must_use]
pub fn recipient(checks: &[Judgement], requested_by: Option<&str>, owner: Option<&str>) -> Option<String> {
    let verdict = |check: &str| checks.iter().find(|one| one.id.as_str() == check).map(|one| one.verdict);
    let sender = verdict("ticket-sender");
    if verdict("team-requester") == Some(Verdict::Pass)
        && sender.is_none_or(|sender| sender == Verdict::Pass)
        && let Some(requester) = requested_by
    {
        return Some(requester.to_owned());
    }
    // Found in the product, whoever wrote the mail: the account's own address.
    owner.filter(|_| verdict("team-owner") == Some(Verdict::Pass)).map(str::to_owned)
}
