//! `team-management`, `team-plan`, `team-requester`: the gates that policy puts before single sign-on.

use super::{catalogue, not_asked};
use crate::config::Policy;
use crate::finding::{CheckId, Finding, Judgement};
use crate::foreign;
use crate::product::facts::ProductFacts;
use crate::product::team::Team;
use crate::request::{OnboardingRequest, RequestedBy};

/// Checks that the team has team management enabled, where policy asks for it.
pub(super) fn judge_management(facts: &ProductFacts, policy: &Policy) -> Judgement {
    let id = catalogue::TEAM_MANAGEMENT;
    if !policy.require_team_management {
        return Judgement::of(id, "not required by policy", vec![]);
    }
    of_team(id, facts, |team| {
        let off = Finding::fail("management_disabled", "team management is not enabled for this team")
            .evidence("team", team.label())
            .because("people who arrive by single sign-on are added to the team, so the team must be managed")
            .next("ask the customer to enable team management, then run this again")
            .tell(format!(
                "Team management is not enabled for {}. Please enable it in the team settings and write to \
                 us again.",
                foreign::shown(&team.name)
            ));
        Judgement::of(id, "team management is enabled", if team.management_enabled { vec![] } else { vec![off] })
    })
}

/// Checks that the team's plan includes single sign-on.
pub(super) fn judge_plan(facts: &ProductFacts, policy: &Policy) -> Judgement {
    let id = catalogue::TEAM_PLAN;
    if policy.allows_any_plan() {
        return Judgement::of(id, "any plan will do by policy", vec![]);
    }
    of_team(id, facts, |team| {
        let plan = team.plan.as_deref().unwrap_or_default();
        if policy.allows_plan(plan) {
            return Judgement::of(id, format!("the plan {} includes single sign-on", foreign::shown(plan)), vec![]);
        }
        let fact = if plan.is_empty() {
            "the team is on no plan, and single sign-on is part of certain plans only".to_owned()
        } else {
            format!("the team is on the plan {}, which does not include single sign-on", foreign::shown(plan))
        };
        let allowed = policy.allowed_plans.join(", ");
        // Where the configuration lists none, there is none to name.
        let (listed, please) = if allowed.is_empty() {
            ("none", "Please".to_owned())
        } else {
            (allowed.as_str(), format!("It is part of: {allowed}. Please change the plan, or"))
        };
        let finding = Finding::fail("plan_without_sso", fact)
        .evidence("team", team.label())
        .evidence("plans with single sign-on", listed)
        .because("single sign-on is part of certain plans only")
        .next(
            "point the customer to sales, or have the plan changed; allowed_plans in the configuration lists the plans",
        )
        .tell(format!(
            "The plan of {} does not include single sign-on. {please} contact our sales team, and write to us again.",
            team.shown_name().as_deref().unwrap_or("your team")
        ));
        Judgement::of(id, "", vec![finding])
    })
}

/// Checks that whoever asked may decide: the owner, or somebody with one of the roles that policy names.
pub(super) fn judge_requester(request: &OnboardingRequest, facts: &ProductFacts, policy: &Policy) -> Judgement {
    let id = catalogue::TEAM_REQUESTER;
    if facts.team().is_none() {
        return not_asked(id, "which team is meant is not known");
    }
    if request.requested_by == RequestedBy::Unreadable {
        return not_asked(id, "who asked is not known");
    }
    let (Some(address), Some(requester)) = (request.requested_by.address(), &facts.requester) else {
        if facts.owner().is_some_and(|owner| !owner.active) {
            return not_asked(id, "the owner's account is deactivated");
        }
        return Judgement::of(id, "the owner asked", vec![]);
    };
    of_team(id, facts, |team| {
        let roles: Vec<String> = policy.requester_roles.iter().map(|role| role.to_lowercase()).collect();
        let role = requester
            .memberships
            .iter()
            .find(|membership| membership.team_id == team.id)
            .map(|membership| membership.role.to_lowercase());
        let finding = match (requester.users.as_slice(), role) {
            ([user], Some(role)) if user.active && policy.lets_ask(&role) => {
                return Judgement::of(id, format!("{address} is {} of the team", foreign::shown(&role)), vec![]);
            }
            ([], _) => Finding::fail("requester_unknown", "the person who asked has no account"),
            ([_, _, ..], _) => {
                Finding::fail("requester_ambiguous", "several accounts have the address of the person who asked")
            }
            ([user], _) if !user.active => {
                Finding::fail("requester_inactive", "the account of the person who asked is deactivated")
            }
            (_, None) => Finding::fail("requester_not_member", "the person who asked does not belong to this team"),
            (_, Some(role)) => Finding::fail("requester_role", "the person who asked may not decide this for the team")
                .evidence("their role", role),
        };
        let finding = finding
            .evidence("asked by", address.to_string())
            .evidence("roles that may ask", roles.join(", "))
            .because("single sign-on becomes the only way in; a stranger or a plain member must not bring that about")
            .next("answer to the owner rather than to whoever wrote, and have the owner confirm")
            .tell(
                "For your team's safety only its owner or an administrator can ask for single sign-on. Please have \
                 one of them write to us.",
            );
        Judgement::of(id, "", vec![finding])
    })
}

fn of_team(id: CheckId, facts: &ProductFacts, judge: impl FnOnce(&Team) -> Judgement) -> Judgement {
    facts.team().map_or_else(|| not_asked(id, "which team is meant is not known"), judge)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::product::facts::Requester;
    use crate::product::team::{Membership, User};
    use crate::request::names::{EmailAddress, TeamId, UserId};

    fn user(active: bool) -> User {
        User { id: UserId::new("1"), email: "amir@acme.example".into(), name: "Amir".into(), active }
    }

    fn facts(plan: Option<&str>, management_enabled: bool) -> ProductFacts {
        let team =
            Team { id: TeamId::new("7"), name: "Acme".into(), plan: plan.map(str::to_owned), management_enabled };
        ProductFacts { owners: vec![user(true)], teams: vec![team], ..ProductFacts::default() }
    }

    #[test]
    fn management_is_a_gate_unless_policy_drops_it() {
        let strict = Policy::default();
        assert_eq!(judge_management(&facts(None, true), &strict).verdict.label(), "pass");
        assert_eq!(judge_management(&facts(None, false), &strict).verdict.label(), "fail");
        let loose = Policy { require_team_management: false, ..Policy::default() };
        assert_eq!(judge_management(&facts(None, false), &loose).verdict.label(), "pass");
    }

    #[test]
    fn a_plan_passes_in_any_spelling_and_no_plan_fails() {
        let policy = Policy::default();
        for plan in ["Scale Plus", "scale_plus", "SCALE-PLUS", "enterprise"] {
            assert_eq!(judge_plan(&facts(Some(plan), true), &policy).verdict.label(), "pass", "{plan}");
        }
        for plan in [Some("Starter"), Some(""), None] {
            assert_eq!(judge_plan(&facts(plan, true), &policy).verdict.label(), "fail", "{plan:?}");
        }
        let none = judge_plan(&facts(Some("Enterprise"), true), &Policy { allowed_plans: vec![], ..Policy::default() });
        let told = none.findings[0].tell.as_deref().unwrap();
        assert!(told.contains("does not include single sign-on. Please contact our sales team"), "{told}");
        let any = Policy { allowed_plans: vec!["*".into()], ..Policy::default() };
        assert_eq!(judge_plan(&facts(None, true), &any).verdict.label(), "pass");
    }

    fn asking(requested_by: RequestedBy) -> OnboardingRequest {
        OnboardingRequest { requested_by, ..OnboardingRequest::default() }
    }

    fn asked_by(users: Vec<User>, team: &str, role: &str) -> &'static str {
        let memberships = vec![Membership { team_id: TeamId::new(team), role: role.into() }];
        let facts = ProductFacts { requester: Some(Requester { users, memberships }), ..facts(None, true) };
        let request = asking(RequestedBy::Address(EmailAddress::parse("amir@acme.example").unwrap()));
        judge_requester(&request, &facts, &Policy::default()).reasons().next().unwrap_or("pass")
    }

    #[test]
    fn an_admin_of_the_team_may_ask_and_nobody_else() {
        assert_eq!(asked_by(vec![user(true)], "7", "Admin"), "pass");
        assert_eq!(asked_by(vec![user(true)], "7", "member"), "requester_role");
        assert_eq!(asked_by(vec![user(true)], "8", "admin"), "requester_not_member");
        assert_eq!(asked_by(vec![user(false)], "7", "admin"), "requester_inactive");
        assert_eq!(asked_by(vec![], "7", "admin"), "requester_unknown");
    }

    #[test]
    fn the_owner_needs_no_role() {
        let judgement = judge_requester(&asking(RequestedBy::Owner), &facts(None, true), &Policy::default());
        assert_eq!(judgement.verdict.label(), "pass");
    }

    #[test]
    fn a_deactivated_owner_has_asked_for_nothing_and_an_admin_still_may() {
        let gone = |requester| ProductFacts { owners: vec![user(false)], requester, ..facts(None, true) };
        let judgement = judge_requester(&asking(RequestedBy::Owner), &gone(None), &Policy::default());
        assert_eq!(judgement.reasons().collect::<Vec<_>>(), ["not_asked"]);
        assert_eq!(
            judge_plan(&gone(None), &Policy::default()).verdict.label(),
            "fail",
            "the plan is told all the same"
        );
        let memberships = vec![Membership { team_id: TeamId::new("7"), role: "admin".into() }];
        let admin = Some(Requester { users: vec![user(true)], memberships });
        let request = asking(RequestedBy::Address(EmailAddress::parse("amir@acme.example").unwrap()));
        assert_eq!(judge_requester(&request, &gone(admin), &Policy::default()).verdict.label(), "pass");
    }

    #[test]
    fn somebody_whose_address_cannot_be_read_is_not_the_owner() {
        let judgement = judge_requester(&asking(RequestedBy::Unreadable), &facts(None, true), &Policy::default());
        assert_eq!(judgement.reasons().collect::<Vec<_>>(), ["not_asked"]);
    }
}
