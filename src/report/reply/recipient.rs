//! Whom a reply may go to.

use crate::finding::{Judgement, Verdict};

/// The address a reply goes to unless somebody names another: whoever asked, where the checks say that they may; else the
/// owner's account. `None` where neither is known, or the mail is a stranger's: what it says is for the agent to look at, and
/// nothing to answer to anybody, least of all from our address to an owner who has asked for nothing.
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
    if sender == Some(Verdict::Fail) {
        return None;
    }
    // Found in the product, whoever wrote the mail: the account's own address.
    owner.filter(|_| verdict("team-owner") == Some(Verdict::Pass)).map(str::to_owned)
}
