//! Whom a reply may go to.

use crate::checks::catalogue;
use crate::finding::{Judgement, Verdict, verdict_of};

/// The address a reply goes to unless somebody names another: whoever asked, where the checks say that they may; else the
/// owner's account. `None` where neither is known, or the mail is a stranger's: what it says is for the agent to look at, and
/// nothing to answer to anybody, least of all from our address to an owner who has asked for nothing.
#[must_use]
pub fn recipient(checks: &[Judgement], requested_by: Option<&str>, owner: Option<&str>) -> Option<String> {
    let sender = verdict_of(checks, catalogue::TICKET_SENDER);
    if verdict_of(checks, catalogue::TEAM_REQUESTER) == Some(Verdict::Pass)
        && sender.is_none_or(|sender| sender == Verdict::Pass)
        && let Some(requester) = requested_by
    {
        return Some(requester.to_owned());
    }
    if sender == Some(Verdict::Fail) {
        return None;
    }
    // Found in the product, whoever wrote the mail: the account's own address.
    owner.filter(|_| verdict_of(checks, catalogue::TEAM_OWNER) == Some(Verdict::Pass)).map(str::to_owned)
}
