//! `team-owner`

use super::{Facts, RowFacts, catalogue};
use crate::finding::{Finding, Judgement};
use crate::foreign;
use crate::product::facts::ProductFacts;
use crate::product::team::User;
use crate::request::names::EmailAddress;

/// Checks that the e-mail belongs to one active user who owns exactly one team.
pub(super) fn judge(owner: &EmailAddress, product: &ProductFacts, facts: &Facts) -> Judgement {
    let id = catalogue::TEAM_OWNER;
    let finding = of_account(owner, product)
        .or_else(|| of_teams(owner, product))
        .map(|finding| with_others(finding, owner, &facts.owners_nearby))
        .or_else(|| of_expected(product, facts.row.as_ref()));
    let passed = product
        .team()
        .map_or_else(String::new, |team| format!("{} owns {}", stored_spelling(owner, product), team.label()));
    Judgement::of(id, passed, finding.into_iter().collect())
}

/// The address as the product spells it, where it has it.
fn stored_spelling(owner: &EmailAddress, facts: &ProductFacts) -> String {
    facts.owner().map_or_else(|| owner.to_string(), |user| foreign::shown(&user.email))
}

/// How many others who may be meant are shown.
const SHOWN: usize = 5;

/// Names to the agent, never to the customer, who at the same domain owns a team: the likeliest first.
fn with_others(finding: Finding, owner: &EmailAddress, others: &[User]) -> Finding {
    let local = |user: &User| EmailAddress::parse(&user.email).ok().map(|address| address.local().to_lowercase());
    let locals: Vec<String> = others.iter().filter_map(local).collect();
    let meant = foreign::meant(&owner.local().to_lowercase(), locals.iter().map(String::as_str));
    let likeliest = others.iter().find(|user| meant.is_some() && local(user).as_deref() == meant);
    let rest = others.iter().filter(|user| likeliest.is_none_or(|likeliest| likeliest.id != user.id));
    let shown = likeliest.into_iter().chain(rest).take(SHOWN);
    let finding = shown.fold(finding, |finding, user| finding.evidence("owns a team", &user.email));
    let finding = match others.len().checked_sub(SHOWN) {
        None | Some(0) => finding,
        Some(more) => finding.evidence("and", format!("{more} more at {}", owner.domain())),
    };
    match likeliest {
        Some(user) => finding
            .next(format!("ask the customer whether {} is the one they mean", foreign::shown(&user.email)))
            .rerun_with(["--owner", user.email.as_str()]),
        None => finding,
    }
}

fn of_account(owner: &EmailAddress, facts: &ProductFacts) -> Option<Finding> {
    match facts.owners.as_slice() {
        [] => {
            let finding = Finding::fail("owner_not_found", "no account has this e-mail address")
                .evidence("owner", owner.to_string())
                .because("single sign-on is switched on for a team, and the team is found by its owner's account");
            let finding = match &facts.near_owner {
                Some(near) => finding
                    .evidence("there is", &near.email)
                    .next(format!(
                        "the account {} differs by its +tag; ask the customer whether that is the one they mean",
                        foreign::shown(&near.email)
                    ))
                    .rerun_with(["--owner", near.email.as_str()]),
                None => finding.next("ask the customer for the address they sign in with"),
            };
            Some(finding.tell(format!(
                "We found no account for {owner}. Please tell us the e-mail address with which the owner of your team \
                 signs in; if nobody has an account yet, please sign up and create your team first."
            )))
        }
        [only] if !only.active => Some(
            facts
                .teams
                .iter()
                .fold(
                    Finding::fail("owner_inactive", "the owner's account is deactivated").evidence("owner", &only.email),
                    |finding, team| finding.evidence("owns", team.label()),
                )
                .because("somebody who may not sign in cannot decide how a team signs in")
                .next("find out who runs the team now, and have the ownership moved to them")
                .tell(format!("The account {owner} is deactivated. Please have an active colleague made owner of the team, and let them ask us.")),
        ),
        [_] => None,
        several => Some(
            several
                .iter()
                .fold(
                    Finding::fail("owner_ambiguous", format!("{} accounts have this e-mail address", several.len())),
                    |finding, user| finding.evidence(format!("account {}", foreign::shown(user.id.as_str())), &user.email),
                )
                .because("which of them owns the team cannot be told; the product has legacy duplicates")
                .next("have the duplicates merged in the product first")
                .tell(format!("There is more than one account for {owner}. We are clearing this up and will come back to you.")),
        ),
    }
}

/// The team that the row of a file names beside the owner.
fn of_expected(facts: &ProductFacts, row: Option<&RowFacts>) -> Option<Finding> {
    let expected = row?.team.as_deref()?;
    let team = facts.team().filter(|team| team.id.as_str() != expected)?;
    Some(
        Finding::fail("other_team", "the owner's team is another one than the row says")
            .evidence("the row says", expected)
            .evidence("the owner has", team.label())
            .because("one of the two is a mistake, and single sign-on would be switched on for the wrong people")
            .next("find out which is right, and mend the row"),
    )
}

fn of_teams(owner: &EmailAddress, facts: &ProductFacts) -> Option<Finding> {
    match facts.teams.as_slice() {
        [] if facts.owner_memberships.is_empty() => Some(
            Finding::fail("owner_has_no_team", "this account owns no team and belongs to none")
                .evidence("owner", stored_spelling(owner, facts))
                .because("single sign-on is switched on for a team")
                .next("ask the customer to create a team and to enable team management")
                .tell(format!(
                    "The account {owner} has no team yet. Please create your team, enable team management for it, and \
                     write to us again."
                )),
        ),
        [] => Some(
            facts
                .owner_memberships
                .iter()
                .fold(
                    Finding::fail("owner_has_no_team", "this account belongs to a team but does not own one")
                        .evidence("account", stored_spelling(owner, facts)),
                    |finding, one| {
                        let theirs = facts.owners_of_theirs.iter().find(|(team, _)| *team == one.team_id);
                        let owner = theirs
                            .map(|(_, user)| format!(", whose owner is {}", foreign::shown(&user.email)))
                            .unwrap_or_default();
                        finding.evidence("member of", format!("team {}{owner}", foreign::shown(one.team_id.as_str())))
                    },
                )
                .because("only the owner's account tells which team is meant")
                .next("ask the customer for the address of the team's owner; use --requested-by for the person who wrote")
                .tell(format!("The account {owner} is a member of its team, not the owner. Please send us the e-mail address of the owner.")),
        ),
        [_] => None,
        several => Some(
            several
                .iter()
                .fold(
                    Finding::fail("owner_has_several_teams", format!("this account owns {} teams", several.len())),
                    |finding, team| finding.evidence(format!("team {}", foreign::shown(team.id.as_str())), &team.name),
                )
                .because("which of them is meant cannot be told, and one sign-in serves one team")
                .next("ask the customer which team they mean, and to hand the others to another owner")
                .tell(format!(
                    "The account {owner} owns several teams: {}. Please tell us which one you mean, and hand the \
                     others to another owner.",
                    several.iter().map(crate::product::team::Team::label).collect::<Vec<_>>().join(", ")
                )),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::product::team::{Membership, Team, User};
    use crate::request::names::{TeamId, UserId};

    fn user(active: bool) -> User {
        User { id: UserId::new("1"), email: "Jane@acme.example".into(), name: "Jane".into(), active }
    }

    fn team(id: &str) -> Team {
        Team { id: TeamId::new(id), name: format!("Team {id}"), plan: None, management_enabled: true }
    }

    fn reason(facts: &ProductFacts) -> &'static str {
        let owner = EmailAddress::parse("jane@acme.example").unwrap();
        judge(&owner, facts, &Facts::default()).reasons().next().unwrap_or("pass")
    }

    #[test]
    fn one_active_owner_of_one_team_passes_in_the_stored_spelling() {
        let facts = ProductFacts { owners: vec![user(true)], teams: vec![team("7")], ..ProductFacts::default() };
        let judgement = judge(&EmailAddress::parse("jane@acme.example").unwrap(), &facts, &Facts::default());
        assert_eq!(judgement.summary, "Jane@acme.example owns Team 7 (team 7)");
    }

    #[test]
    fn each_way_of_not_owning_a_team_has_its_reason() {
        let membership = Membership { team_id: TeamId::new("9"), role: "member".into() };
        let facts = |owners, teams, owner_memberships| ProductFacts {
            owners,
            owner_memberships,
            teams,
            ..ProductFacts::default()
        };
        assert_eq!(reason(&facts(vec![], vec![], vec![])), "owner_not_found");
        assert_eq!(reason(&facts(vec![user(false)], vec![team("7")], vec![])), "owner_inactive");
        assert_eq!(reason(&facts(vec![user(true), user(true)], vec![], vec![])), "owner_ambiguous");
        assert_eq!(reason(&facts(vec![user(true)], vec![], vec![])), "owner_has_no_team");
        assert_eq!(reason(&facts(vec![user(true)], vec![], vec![membership])), "owner_has_no_team");
        assert_eq!(reason(&facts(vec![user(true)], vec![team("7"), team("8")], vec![])), "owner_has_several_teams");
    }

    #[test]
    fn whoever_is_a_member_only_is_told_apart_with_the_owner_of_their_team_for_the_agent_alone() {
        let boss = User { id: UserId::new("2"), email: "boss@acme.example".into(), name: String::new(), active: true };
        let membership = |id: &str| Membership { team_id: TeamId::new(id), role: "member".into() };
        let facts = ProductFacts {
            owners: vec![user(true)],
            owner_memberships: vec![membership("9"), membership("10")],
            owners_of_theirs: vec![(TeamId::new("9"), boss)],
            ..ProductFacts::default()
        };
        let judgement = judge(&EmailAddress::parse("jane@acme.example").unwrap(), &facts, &Facts::default());
        let [finding] = judgement.findings.as_slice() else { panic!("{judgement:?}") };
        let told: Vec<&str> = finding.evidence.iter().skip(1).map(|one| one.value.as_str()).collect();
        assert_eq!(told, ["team 9, whose owner is boss@acme.example", "team 10"]);
        assert!(!finding.tell.as_deref().unwrap().contains("boss"), "{:?}", finding.tell);
    }

    #[test]
    fn the_team_of_a_deactivated_owner_is_named() {
        let facts = ProductFacts { owners: vec![user(false)], teams: vec![team("7")], ..ProductFacts::default() };
        let judgement = judge(&EmailAddress::parse("jane@acme.example").unwrap(), &facts, &Facts::default());
        assert_eq!(judgement.findings[0].evidence[1].value, "Team 7 (team 7)");
    }

    #[test]
    fn an_account_without_the_tag_is_named_not_taken() {
        let facts = ProductFacts { near_owner: Some(user(true)), ..ProductFacts::default() };
        let judgement = judge(&EmailAddress::parse("jane+sso@acme.example").unwrap(), &facts, &Facts::default());
        assert_eq!(judgement.verdict.label(), "fail");
        assert!(judgement.findings[0].next.as_deref().unwrap().contains("Jane@acme.example"));
    }

    #[test]
    fn others_who_may_be_meant_are_named_to_the_agent_alone() {
        let others = |addresses: &[&str]| {
            let user = |(number, address): (usize, &&str)| User {
                id: UserId::new(format!("u{number}")),
                email: (*address).into(),
                name: String::new(),
                active: true,
            };
            Facts { owners_nearby: addresses.iter().enumerate().map(user).collect(), ..Facts::default() }
        };
        let judged = |given: &str, addresses: &[&str]| {
            judge(&EmailAddress::parse(given).unwrap(), &ProductFacts::default(), &others(addresses))
        };
        let near = judged("jayne@acme.example", &["amir@acme.example", "Jane@acme.example"]);
        let finding = &near.findings[0];
        assert_eq!(finding.rerun_with, ["--owner", "Jane@acme.example"]);
        let named =
            |finding: &Finding| finding.evidence.iter().skip(1).map(|one| one.value.clone()).collect::<Vec<_>>();
        assert_eq!(named(finding), ["Jane@acme.example", "amir@acme.example"]);
        assert!(!finding.tell.as_deref().unwrap().contains("amir"), "{finding:?}");
        let far = judged("it@acme.example", &["amir@acme.example"]);
        assert!(far.findings[0].rerun_with.is_empty());
        assert_eq!(named(&far.findings[0]), ["amir@acme.example"]);
        let many: Vec<String> = (0..9).map(|number| format!("owner{number}@acme.example")).collect();
        let many = judged("it@acme.example", &many.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(named(&many.findings[0]).last().unwrap(), "4 more at acme.example");
        assert!(named(&judged("it@acme.example", &[]).findings[0]).is_empty());
    }
}
