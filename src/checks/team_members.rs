//! `team-members`

use std::collections::HashSet;

use super::{catalogue, not_asked};
use crate::finding::{Finding, Judgement};
use crate::foreign;
use crate::product::facts::ProductFacts;
use crate::product::team::{MemberElsewhere, Tally};
use crate::request::names::EmailDomain;

/// Checks that nobody with an address in the claimed domains belongs to another team, and warns of members of this team
/// outside them, who will be locked out.
pub(super) fn judge(domains: &[EmailDomain], facts: &ProductFacts) -> Judgement {
    let id = catalogue::TEAM_MEMBERS;
    if facts.team().is_none() {
        return not_asked(id, "which team is meant is not known");
    }
    let findings = [of_elsewhere(&facts.elsewhere), of_outside(facts)].into_iter().flatten().collect();
    let names = domains.iter().map(EmailDomain::as_str).collect::<Vec<_>>().join(", ");
    Judgement::of(id, format!("nobody at {names} belongs to another team"), findings)
        .detail("elsewhere", facts.elsewhere.total)
        .detail("outside", facts.outside.total)
}

fn counted<T>(tally: &Tally<T>) -> String {
    if tally.capped { format!("more than {}", tally.total) } else { tally.total.to_string() }
}

fn of_elsewhere(tally: &Tally<MemberElsewhere>) -> Option<Finding> {
    if tally.total == 0 {
        return None;
    }
    // Somebody who is in several other teams is listed with each of them, and is one person.
    let mut names: Vec<String> = tally.listed.iter().map(|member| foreign::shown(&member.email)).collect();
    let mut seen = HashSet::new();
    names.retain(|name| seen.insert(name.clone()));
    let repeated = tally.listed.len().saturating_sub(names.len());
    let people = tally.total.saturating_sub(repeated as u64);
    let number = if tally.capped { counted(tally) } else { people.to_string() };
    let (who, belong) = if people == 1 { ("person", "belongs") } else { ("people", "belong") };
    let fact = format!("{number} {who} from the claimed domains already {belong} to another team");
    let everybody_listed = usize::try_from(tally.total).is_ok_and(|total| total == tally.listed.len());
    let dormant = everybody_listed && tally.listed.iter().all(|member| !member.active);
    let finding = if dormant {
        Finding::warn("members_elsewhere_inactive", format!("{fact}; all of these accounts are deactivated"))
    } else {
        Finding::fail("members_elsewhere", fact)
    };
    let mut finding = tally.listed.iter().fold(finding, |finding, member| {
        let since = member.since.as_deref().map(|since| format!(", since {since}")).unwrap_or_default();
        let active = if member.active { "" } else { ", deactivated" };
        finding.evidence(
            foreign::shown(&member.email),
            format!("{} of {}{since}{active}", member.role, member.team_label()),
        )
    });
    if !everybody_listed {
        finding = finding.evidence("and", format!("{number} in total"));
    }
    let whom = if everybody_listed { names.join(", ") } else { format!("{number} accounts") };
    let finding =
        finding.because("after switching on they could sign in only to the new team, and would lose the other");
    Some(if dormant {
        finding.next("nothing has to be done unless one of them is to be activated again")
    } else if tally.capped {
        finding
            .next("so many people in so many teams mean that this is not one company's domain; do not claim it")
            .tell("Many accounts from your e-mail domain already belong to other teams, so it cannot be used for single sign-on. Please contact us to clear this up.")
    } else {
        finding
            .next("have each of them leave the other team (or its owner remove them), or change the address of that account; then run this again")
            // The customer learns only about their own colleague, never about the other team.
            .tell(format!(
                "The following accounts from your e-mail domain already belong to another team: {whom}. Please ask \
                 these colleagues to contact us, so that we can clear this up before single sign-on is switched on."
            ))
    })
}

/// The most members that the mail to the customer names.
const NAMED: usize = 10;

fn of_outside(facts: &ProductFacts) -> Option<Finding> {
    let tally = &facts.outside;
    if tally.total == 0 {
        return None;
    }
    let people = if tally.total == 1 {
        "1 member of the team is outside the claimed domains".to_owned()
    } else {
        format!("{} members of the team are outside the claimed domains", counted(tally))
    };
    let everybody_listed = usize::try_from(tally.total).is_ok_and(|total| total == tally.listed.len());
    let names: Vec<String> = tally.listed.iter().map(|member| foreign::shown(&member.email)).collect();
    // A short list saves the customer a question; a long one is no reading for a mail.
    let in_words =
        if everybody_listed && names.len() <= NAMED { format!(": {}", names.join(", ")) } else { String::new() };
    let finding = tally
        .listed
        .iter()
        .fold(Finding::warn("members_outside", format!("{people} and will be locked out")), |finding, member| {
            finding.evidence(foreign::shown(&member.email), &member.role)
        });
    let finding =
        if everybody_listed { finding } else { finding.evidence("and", format!("{} in total", counted(tally))) };
    Some(
        finding
            .because("single sign-on becomes the only way in, and their addresses do not lead to it")
            .next("ask the customer whether they know; a further domain can be claimed with --domain")
            .tell(format!(
                "Some members of your team use addresses outside your company's domain, and cannot sign in once single \
                 sign-on is on{in_words}."
            )),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::product::team::{Outsider, Team, User};
    use crate::request::names::{TeamId, UserId};

    fn facts() -> ProductFacts {
        let user = User { id: UserId::new("1"), email: "jane@acme.example".into(), name: String::new(), active: true };
        let team = Team { id: TeamId::new("7"), name: "Acme".into(), plan: None, management_enabled: true };
        ProductFacts { owners: vec![user], teams: vec![team], ..ProductFacts::default() }
    }

    fn elsewhere(active: bool) -> MemberElsewhere {
        MemberElsewhere {
            email: "sam@acme.example".into(),
            active,
            team_id: TeamId::new("8"),
            team_name: "Globex".into(),
            role: "member".into(),
            since: Some("2024-03-01".into()),
        }
    }

    fn judged(facts: &ProductFacts) -> Judgement {
        judge(&[EmailDomain::parse("acme.example").unwrap()], facts)
    }

    #[test]
    fn nobody_elsewhere_passes() {
        assert_eq!(judged(&facts()).verdict.label(), "pass");
    }

    #[test]
    fn a_teammate_elsewhere_is_named_to_the_agent_with_team_and_date_and_to_the_customer_without() {
        let facts =
            ProductFacts { elsewhere: Tally { total: 1, capped: false, listed: vec![elsewhere(true)] }, ..facts() };
        let judgement = judged(&facts);
        assert_eq!(judgement.verdict.label(), "fail");
        let finding = &judgement.findings[0];
        assert_eq!(finding.evidence[0].label, "sam@acme.example");
        assert_eq!(finding.evidence[0].value, "member of Globex (team 8), since 2024-03-01");
        let tell = finding.tell.as_deref().unwrap();
        assert!(tell.contains("sam@acme.example") && !tell.contains("Globex"), "{tell}");
    }

    #[test]
    fn somebody_in_two_other_teams_is_one_person() {
        let other = MemberElsewhere { team_id: TeamId::new("9"), team_name: "Umbra".into(), ..elsewhere(true) };
        let listed = vec![elsewhere(true), other];
        let facts = ProductFacts { elsewhere: Tally { total: 2, capped: false, listed }, ..facts() };
        let judgement = judged(&facts);
        assert_eq!(judgement.summary, "1 person from the claimed domains already belongs to another team");
        assert_eq!(judgement.findings[0].evidence.len(), 2);
        assert_eq!(judgement.findings[0].tell.as_deref().unwrap().matches("sam@acme.example").count(), 1);
    }

    #[test]
    fn a_deactivated_teammate_elsewhere_is_a_warning() {
        let facts =
            ProductFacts { elsewhere: Tally { total: 1, capped: false, listed: vec![elsewhere(false)] }, ..facts() };
        assert_eq!(judged(&facts).verdict.label(), "warn");
    }

    #[test]
    fn a_crowd_is_counted_not_listed() {
        let facts = ProductFacts { elsewhere: Tally { total: 10_000, capped: true, listed: vec![] }, ..facts() };
        let judgement = judged(&facts);
        assert!(judgement.summary.starts_with("more than 10000 people"), "{}", judgement.summary);
        assert!(judgement.findings[0].tell.as_deref().unwrap().contains("Many accounts"));
    }

    #[test]
    fn a_member_outside_the_domains_warns() {
        let outsider = Outsider { email: "pat@freelance.example".into(), role: "member".into() };
        let facts = ProductFacts { outside: Tally { total: 1, capped: false, listed: vec![outsider] }, ..facts() };
        let judgement = judged(&facts);
        assert_eq!(judgement.reasons().collect::<Vec<_>>(), ["members_outside"]);
        let tell = judgement.findings[0].tell.as_deref().unwrap();
        assert!(tell.ends_with("once single sign-on is on: pat@freelance.example."), "{tell}");
    }

    #[test]
    fn many_members_outside_the_domains_are_not_named_to_the_customer_one_by_one() {
        let outsider = |n| Outsider { email: format!("pat{n}@freelance.example"), role: "member".into() };
        let listed: Vec<Outsider> = (0..=NAMED).map(outsider).collect();
        let facts = ProductFacts { outside: Tally { total: 11, capped: false, listed }, ..facts() };
        let judgement = judged(&facts);
        assert!(judgement.summary.starts_with("11 members of the team are outside"), "{}", judgement.summary);
        assert!(!judgement.findings[0].tell.as_deref().unwrap().contains('@'));
    }
}
