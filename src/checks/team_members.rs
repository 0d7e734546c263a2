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
    let findings = of_elsewhere(&facts.elsewhere).into_iter().chain(of_outside(facts)).collect();
    let names = domains.iter().map(EmailDomain::as_str).collect::<Vec<_>>().join(", ");
    Judgement::of(id, format!("nobody at {names} belongs to another team"), findings)
        .detail("elsewhere", facts.elsewhere.total)
        .detail("outside", facts.outside.total)
}

/// Whoever is active stands in the way; a deactivated account is only worth knowing of. Where more are counted than read, who
/// of them is active is not known, and they stand in the way together.
fn of_elsewhere(tally: &Tally<MemberElsewhere>) -> Vec<Finding> {
    if tally.total == 0 {
        return Vec::new();
    }
    if tally.capped {
        return vec![of_a_crowd(tally)];
    }
    let listed: Vec<&MemberElsewhere> = tally.listed.iter().collect();
    if usize::try_from(tally.total).is_ok_and(|total| total > listed.len()) {
        let people = people(&listed).len() as u64 + tally.total.saturating_sub(listed.len() as u64);
        let finding = of_active(&listed, people).evidence("and", format!("{people} in total"));
        return vec![finding.tell(format!(
            "{people} accounts from your e-mail domain already belong to other teams. Please contact us, so that we can \
             clear this up before single sign-on is switched on."
        ))];
    }
    let (active, dormant): (Vec<_>, Vec<_>) = listed.into_iter().partition(|member| member.active);
    let (stray, active): (Vec<_>, Vec<_>) = active.into_iter().partition(|member| member.is_stray());
    let colleagues = people(&active);
    // The customer learns only about their own colleagues, never about the other team.
    let of_active = (!active.is_empty()).then(|| {
        of_active(&active, colleagues.len() as u64).tell(format!(
            "The following accounts from your e-mail domain already belong to another team: {}. Please ask these \
             colleagues to contact us, so that we can clear this up before single sign-on is switched on.",
            colleagues.join(", ")
        ))
    });
    let of_stray = (!stray.is_empty()).then(|| of_stray(&stray));
    let of_dormant = (!dormant.is_empty()).then(|| of_dormant(&dormant));
    [of_active, of_stray, of_dormant].into_iter().flatten().collect()
}

/// Each address once: somebody who is in several other teams is listed with each of them, and is one person.
fn people(members: &[&MemberElsewhere]) -> Vec<String> {
    let mut seen = HashSet::new();
    members.iter().map(|member| foreign::shown(&member.email)).filter(|name| seen.insert(name.clone())).collect()
}

fn of_active(members: &[&MemberElsewhere], people: u64) -> Finding {
    let fact = format!("{} from the claimed domains already {} to another team", counted(people), belong(people));
    with_members(Finding::fail("members_elsewhere", fact), members)
        .because("after switching on they could sign in only to the new team, and would lose the other")
        .next("have each of them do what stands beside their name, or change the address of that account; then run this again")
}

fn of_dormant(members: &[&MemberElsewhere]) -> Finding {
    let people = people(members).len() as u64;
    let fact = format!(
        "{} from the claimed domains already {} to another team, with {}",
        counted(people),
        belong(people),
        if people == 1 { "a deactivated account" } else { "deactivated accounts" }
    );
    with_members(Finding::warn("members_elsewhere_inactive", fact), members)
        .because("once activated again they could sign in only to the new team, and would lose the other")
        .next("nothing has to be done unless one of them is to be activated again")
}

/// Memberships that nobody can end, of teams that are not there: nothing that the customer could do anything about.
fn of_stray(members: &[&MemberElsewhere]) -> Finding {
    let memberships = match members.len() {
        1 => "1 membership from the claimed domains is of a team that the product does not have".to_owned(),
        several => {
            format!("{several} memberships from the claimed domains are of teams that the product does not have")
        }
    };
    let each = members.iter().fold(Finding::fail("members_of_no_team", memberships), |finding, member| {
        finding.evidence(
            foreign::shown(&member.email),
            format!("{} of {}{}", member.role, member.team_label(), since(member)),
        )
    });
    each.because("if the team was deleted, there is nothing to lose; if product_teams leaves out one that is in use, they would lose it")
        .next(
            "ask whoever looks after the product database: memberships of deleted teams do not belong into \
             product_memberships, and a team that is in use belongs into product_teams; then run this again",
        )
}

fn since(member: &MemberElsewhere) -> String {
    member.since.as_deref().map(|since| format!(", since {since}")).unwrap_or_default()
}

/// More than are counted: what they are called helps nobody.
fn of_a_crowd(tally: &Tally<MemberElsewhere>) -> Finding {
    let fact = format!("more than {} people from the claimed domains already belong to another team", tally.total);
    Finding::fail("members_elsewhere", fact)
        .because("after switching on they could sign in only to the new team, and would lose the other")
        .next("so many people in so many teams mean that this is not one company's domain; do not claim it")
        .tell(
            "Many accounts from your e-mail domain already belong to other teams, so it cannot be used for single \
             sign-on. Please contact us to clear this up.",
        )
}

fn counted(people: u64) -> String {
    if people == 1 { "1 person".to_owned() } else { format!("{people} people") }
}

const fn belong(people: u64) -> &'static str {
    if people == 1 { "belongs" } else { "belong" }
}

/// Who, where, since when, and what they have to do.
fn with_members(finding: Finding, members: &[&MemberElsewhere]) -> Finding {
    members.iter().fold(finding, |finding, member| {
        let what_to_do = if !member.active {
            "deactivated, nothing to do"
        } else if member.role.eq_ignore_ascii_case("owner") {
            "hands it on to somebody else, or closes it"
        } else {
            "leaves it, or its owner removes them"
        };
        finding.evidence(
            foreign::shown(&member.email),
            format!("{} of {}{}: {what_to_do}", member.role, member.team_label(), since(member)),
        )
    })
}

/// The most members that the mail to the customer names.
const NAMED: usize = 10;

fn of_outside(facts: &ProductFacts) -> Option<Finding> {
    let tally = &facts.outside;
    if tally.total == 0 {
        return None;
    }
    let number = if tally.capped { format!("more than {}", tally.total) } else { tally.total.to_string() };
    let people = if tally.total == 1 {
        "1 member of the team is outside the claimed domains".to_owned()
    } else {
        format!("{number} members of the team are outside the claimed domains")
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
    let finding = if everybody_listed { finding } else { finding.evidence("and", format!("{number} in total")) };
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
            team_name: Some("Globex".into()),
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
        assert_eq!(
            finding.evidence[0].value,
            "member of Globex (team 8), since 2024-03-01: leaves it, or its owner removes them"
        );
        let tell = finding.tell.as_deref().unwrap();
        assert!(tell.contains("sam@acme.example") && !tell.contains("Globex"), "{tell}");
    }

    #[test]
    fn somebody_in_two_other_teams_is_one_person() {
        let other = MemberElsewhere { team_id: TeamId::new("9"), team_name: Some("Umbra".into()), ..elsewhere(true) };
        let listed = vec![elsewhere(true), other];
        let facts = ProductFacts { elsewhere: Tally { total: 2, capped: false, listed }, ..facts() };
        let judgement = judged(&facts);
        assert_eq!(judgement.summary, "1 person from the claimed domains already belongs to another team");
        assert_eq!(judgement.findings[0].evidence.len(), 2);
        assert_eq!(judgement.findings[0].tell.as_deref().unwrap().matches("sam@acme.example").count(), 1);
    }

    #[test]
    fn deactivated_accounts_elsewhere_are_counted_and_only_warned_of() {
        let other = MemberElsewhere { email: "kim@acme.example".into(), ..elsewhere(false) };
        for (listed, fact) in [
            (
                vec![elsewhere(false)],
                "1 person from the claimed domains already belongs to another team, with a deactivated account",
            ),
            (
                vec![elsewhere(false), other],
                "2 people from the claimed domains already belong to another team, with deactivated accounts",
            ),
        ] {
            let elsewhere = Tally { total: listed.len() as u64, capped: false, listed };
            let judgement = judged(&ProductFacts { elsewhere, ..facts() });
            assert_eq!(judgement.verdict.label(), "warn");
            assert_eq!(judgement.summary, fact);
        }
    }

    #[test]
    fn a_membership_of_no_team_is_for_those_who_look_after_the_database() {
        let stray = |active| MemberElsewhere { team_name: None, team_id: TeamId::new("9"), ..elsewhere(active) };
        let with = |listed: Vec<_>| {
            let elsewhere = Tally { total: listed.len() as u64, capped: false, listed };
            judged(&ProductFacts { elsewhere, ..facts() })
        };
        let alone = with(vec![stray(true)]);
        assert_eq!(alone.reasons().collect::<Vec<_>>(), ["members_of_no_team"]);
        let finding = &alone.findings[0];
        assert!(finding.evidence[0].value.contains("team 9, which is not in product_teams"), "{finding:?}");
        assert!(finding.next.as_deref().unwrap().contains("product_memberships") && finding.tell.is_none());
        let both = with(vec![elsewhere(true), stray(true)]);
        assert_eq!(both.reasons().collect::<Vec<_>>(), ["members_elsewhere", "members_of_no_team"]);
        assert!(both.findings[0].fact.starts_with("1 person"), "{both:?}");
        // A deactivated account is no more in the way in a team that is gone than in any other.
        assert_eq!(with(vec![stray(false)]).reasons().collect::<Vec<_>>(), ["members_elsewhere_inactive"]);
    }

    #[test]
    fn a_deactivated_teammate_elsewhere_is_a_warning() {
        let facts =
            ProductFacts { elsewhere: Tally { total: 1, capped: false, listed: vec![elsewhere(false)] }, ..facts() };
        assert_eq!(judged(&facts).verdict.label(), "warn");
    }

    #[test]
    fn the_customer_is_not_sent_to_colleagues_whose_accounts_are_deactivated() {
        let gone = MemberElsewhere { email: "ann@acme.example".into(), ..elsewhere(false) };
        let listed = vec![gone, elsewhere(true)];
        let facts = ProductFacts { elsewhere: Tally { total: 2, capped: false, listed }, ..facts() };
        let judgement = judged(&facts);
        let codes: Vec<&str> = judgement.findings.iter().map(|one| one.code).collect();
        assert_eq!(codes, ["members_elsewhere", "members_elsewhere_inactive"]);
        assert_eq!(judgement.summary, "1 person from the claimed domains already belongs to another team");
        let [active, dormant] = judgement.findings.as_slice() else { panic!("{:?}", judgement.findings) };
        assert!(!active.tell.as_deref().unwrap().contains("ann@"), "{:?}", active.tell);
        assert_eq!(
            dormant.evidence[0].value,
            "member of Globex (team 8), since 2024-03-01: deactivated, nothing to do"
        );
    }

    #[test]
    fn an_owner_elsewhere_has_to_hand_their_team_on() {
        let owner = MemberElsewhere { role: "owner".into(), since: None, ..elsewhere(true) };
        let facts = ProductFacts { elsewhere: Tally { total: 1, capped: false, listed: vec![owner] }, ..facts() };
        let evidence = &judged(&facts).findings[0].evidence[0];
        assert_eq!(evidence.value, "owner of Globex (team 8): hands it on to somebody else, or closes it");
    }

    #[test]
    fn more_people_than_are_listed_are_counted_to_agent_and_customer() {
        let listed = (0..3).map(|n| MemberElsewhere { email: format!("s{n}@acme.example"), ..elsewhere(true) });
        let elsewhere = Tally { total: 250, capped: false, listed: listed.collect() };
        let judgement = judged(&ProductFacts { elsewhere, ..facts() });
        let finding = &judgement.findings[0];
        assert!(judgement.summary.starts_with("250 people"), "{}", judgement.summary);
        let shown: Vec<_> = finding.evidence.iter().map(|one| one.label.as_str()).collect();
        assert_eq!(shown, ["s0@acme.example", "s1@acme.example", "s2@acme.example", "and"]);
        assert!(finding.tell.as_deref().unwrap().starts_with("250 accounts from your e-mail domain"));
    }

    #[test]
    fn a_crowd_is_counted_not_listed() {
        let facts =
            ProductFacts { elsewhere: Tally { total: 10_000, capped: true, listed: vec![elsewhere(true)] }, ..facts() };
        let judgement = judged(&facts);
        assert!(judgement.findings[0].evidence.is_empty());
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
