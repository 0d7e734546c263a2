//! Whom a reply may go to.

use crate::finding::Verdict;
use crate::report::Report;

/// The address a reply goes to unless somebody names another: whoever asked, where the checks say that they may; else the
/// owner's account. `None` where neither is known: a stranger's word is no address to write to.
#[must_use]
pub fn recipient(report: &Report) -> Option<String> {
    let verdict = |check: &str| report.checks.iter().find(|one| one.id.as_str() == check).map(|one| one.verdict);
    let sender = verdict("ticket-sender");
    if verdict("team-requester") == Some(Verdict::Pass)
        && sender.is_none_or(|sender| sender == Verdict::Pass)
        && let Some(requester) = &report.request.requested_by
    {
        return Some(requester.clone());
    }
    // Found in the product, whoever wrote the mail: the account's own address.
    (verdict("team-owner") == Some(Verdict::Pass)).then(|| report.owner.clone()).flatten()
}
