//! What doctor says of the product's side: pure, from an [`Inspection`].

use super::Look;
use crate::config::Policy;
use crate::finding::Verdict;
use crate::foreign::shown;
use crate::product::contract::{Inspection, Lacking, Part, ReadOnly, Relation, Surprise, SurpriseKind, Unindexed};

const DATA: &str = "product data";
const INDEXES: &str = "indexes";

/// Everything worth saying, the worst first; where all is well, that.
pub(super) fn looks(inspection: &Inspection, policy: &Policy, is_postgres: bool) -> Vec<Look> {
    let mut looks: Vec<Look> = inspection.relations.iter().filter_map(|one| relation(one, is_postgres)).collect();
    let asked = looks.is_empty() && !inspection.lacks_reading();
    looks.extend(inspection.lacking.iter().map(lacking));
    looks.extend(inspection.read_only.map(read_only));
    looks.extend(inspection.lost.iter().map(lost));
    if asked {
        looks.extend(inspection.surprises.iter().map(surprise));
        if inspection.surprises.is_empty() {
            looks.push(Look::new(DATA, Verdict::Pass, "addresses, owners and memberships are unambiguous"));
        }
        looks.extend(plans(&inspection.plans, policy));
        looks.extend(roles(&inspection.roles, policy));
        looks.extend(inspection.unindexed.iter().map(|question| unindexed(*question, is_postgres)));
        if inspection.unindexed.is_empty() {
            looks.push(Look::new(INDEXES, Verdict::Pass, "every question about people is answered through an index"));
        }
    }
    looks.extend(inspection.unverified.map(|mode| {
        Look::new(
            "connection",
            Verdict::Warn,
            format!("sslmode={mode} does not make sure which server answers: whoever sits in between reads along"),
        )
        .next("add sslmode=verify-full to the URL, and sslrootcert=FILE where your authority is not a public one")
    }));
    looks
}

fn lost(part: &Part) -> Look {
    let name = shown(&part.name);
    if part.is_guard {
        let found =
            format!("the trigger {name} is gone or off: rows of the audit log can be changed, and nothing says so");
        return Look::new("audit log", Verdict::Fail, found).next(
            "find out who did that, run `ssoctl audit verify`, and restore the trigger from the migration of this version",
        );
    }
    Look::new(
        INDEXES,
        Verdict::Warn,
        format!("the index {name} on a table of ssoctl's own is gone: its questions take longer"),
    )
    .next("create it again, as the migration of this version does")
}

fn read_only(why: ReadOnly) -> Look {
    let (found, next) = match why {
        ReadOnly::Standby => (
            "the server is a standby: everything can be checked, and nothing written",
            "name the primary server; with several hosts in the URL, target_session_attrs=read-write finds it",
        ),
        ReadOnly::Setting => (
            "default_transaction_read_only is on: everything can be checked, and nothing written",
            "find out who set it, for the role, the database or the server, and use a role that may write",
        ),
    };
    Look::new("rights", Verdict::Fail, found).next(next)
}

fn relation(relation: &Relation, is_postgres: bool) -> Option<Look> {
    let Relation { name, exists, broken, missing, mistyped } = relation;
    if let Some(reason) = broken {
        let whose = if is_postgres { "; it reads with the rights of its owner" } else { "" };
        let found = format!("{name} cannot be read: {}", shown(reason));
        let next = format!("mend the view until `SELECT * FROM {name}` gives every row{whose}");
        return Some(Look::new("product tables", Verdict::Fail, found).next(next));
    }
    let next = "`ssoctl db contract` prints the views as ssoctl needs them; [database] schema says where they are looked for first";
    if !exists {
        return Some(Look::new("product tables", Verdict::Fail, format!("there is no {name}")).next(next));
    }
    let mut faults = Vec::new();
    if !missing.is_empty() {
        faults.push(format!("has no column {}", missing.join(", ")));
    }
    faults.extend(mistyped.iter().map(|(column, kind)| {
        format!("offers {column} as {}, and ssoctl needs {}", shown(kind), wanted(column, is_postgres))
    }));
    (!faults.is_empty())
        .then(|| Look::new("product tables", Verdict::Fail, format!("{name} {}", faults.join("; it "))).next(next))
}

/// The type that a column has to be of.
fn wanted(column: &str, is_postgres: bool) -> &'static str {
    match column {
        "active" | "management_enabled" if !is_postgres => "1 or 0",
        _ if !is_postgres => "text",
        "email" => "text",
        "user_id" | "owner_id" => "the type of `id` in product_users",
        "team_id" => "the type of `id` in product_teams",
        _ => "a boolean",
    }
}

fn lacking(lacking: &Lacking) -> Look {
    let Lacking { rights, relation, role } = lacking;
    let (rights, relation, role) = (rights.join(", "), shown(relation), shown(role));
    Look::new("rights", Verdict::Fail, format!("the role {role} has no right to {rights} on {relation}"))
        .next(format!("run as its owner: GRANT {rights} ON {relation} TO {role}; `ssoctl db contract` has all of them"))
}

/// The fact with how often and an example, and what to do.
fn surprise(surprise: &Surprise) -> Look {
    let Surprise { kind, count, example } = surprise;
    let example = shown(example);
    let several = *count > 1;
    let (one, many, next) = match kind {
        SurpriseKind::RelationEmpty => (
            "table or view of the product's is empty",
            "tables or views of the product's are empty",
            "nobody is found in it: fill it, or mend the view's condition; of two with that name [database] schema says which \
             is looked in first",
        ),
        SurpriseKind::UserWithoutId => (
            "user has no id",
            "users have no id",
            "`id` of product_users may not be null: look for an outer join in the view",
        ),
        SurpriseKind::TeamWithoutId => (
            "team has no id",
            "teams have no id",
            "`id` of product_teams may not be null: look for an outer join in the view",
        ),
        SurpriseKind::AddressReadOtherwise => (
            "address cannot be found by email_normalised and email_domain",
            "addresses cannot be found by email_normalised and email_domain",
            "spell both columns of product_users as `ssoctl db contract` has them",
        ),
        SurpriseKind::UserWithoutEmail => (
            "user has no e-mail address",
            "users have no e-mail address",
            "single sign-on knows people by their address: leave them out of product_users, or give them one",
        ),
        SurpriseKind::SharedAddress => (
            "address belongs to several users",
            "addresses belong to several users each",
            "an owner or requester with such an address is refused: merge the accounts, or leave all but one out of \
             product_users",
        ),
        SurpriseKind::UserOfUnknownState => (
            "user is neither active nor not: `active` is null",
            "users are neither active nor not: `active` is null",
            "make it a boolean in product_users: coalesce(…, false)",
        ),
        SurpriseKind::UserTwice => (
            "user is in product_users several times",
            "users are in product_users several times",
            "one row a person: look for a join in the view that finds more than one",
        ),
        SurpriseKind::TeamTwice => (
            "team is in product_teams several times",
            "teams are in product_teams several times",
            "one row a team: most often the owner is joined and there are several; take one (DISTINCT ON, or a subquery \
             with LIMIT 1)",
        ),
        SurpriseKind::TeamWithoutOwner => (
            "team has no owner",
            "teams have no owner",
            "nobody can ask for single sign-on for them until owner_id names somebody",
        ),
        SurpriseKind::TeamOfUnknownOwner => (
            "team has an owner who is not in product_users",
            "teams have an owner who is not in product_users",
            "nobody can ask for single sign-on for them: is the owner's account deleted, or left out by the view?",
        ),
        SurpriseKind::TeamOfSeveralOwners => (
            "team has several members with the role `owner`",
            "teams have several members with the role `owner`",
            "ssoctl takes owner_id of product_teams for the owner, and nobody else: make sure that it is the right one",
        ),
        SurpriseKind::TeamOfUnknownState => (
            "team does not say whether team management is enabled: `management_enabled` is null",
            "teams do not say whether team management is enabled: `management_enabled` is null",
            "make it a boolean in product_teams: coalesce(…, false)",
        ),
        SurpriseKind::MembershipTwice => (
            "person is in a team several times",
            "people are in a team several times",
            "one row a person and team: take the highest role in product_memberships",
        ),
        SurpriseKind::MembershipOfNobody => (
            "membership is of a user or in a team that is not there",
            "memberships are of users or in teams that are not there",
            "leave memberships of deleted users and teams out of product_memberships",
        ),
        SurpriseKind::MembershipWithoutRole => (
            "membership has no role",
            "memberships have no role",
            "give each a word in product_memberships: coalesce(…, 'member')",
        ),
    };
    let example = match example.as_str() {
        "" => String::new(),
        example if several => format!(", such as {example}"),
        example => format!(": {example}"),
    };
    let fact = if several { format!("{count} {many}{example}") } else { format!("1 {one}{example}") };
    // What cannot be read stops a check; the rest only surprises somebody.
    let unreadable = matches!(
        kind,
        SurpriseKind::UserWithoutId
            | SurpriseKind::TeamWithoutId
            | SurpriseKind::AddressReadOtherwise
            | SurpriseKind::UserOfUnknownState
            | SurpriseKind::TeamOfUnknownState
            | SurpriseKind::MembershipWithoutRole
    );
    Look::new(DATA, if unreadable { Verdict::Fail } else { Verdict::Warn }, fact).next(next)
}

/// Words of the product that are told, of many.
const NAMED: usize = 8;

/// A product whose plans are numbers, or are called otherwise, has every request refused.
fn plans(plans: &[String], policy: &Policy) -> Option<Look> {
    if plans.is_empty() || plans.iter().any(|plan| policy.allows_plan(plan)) {
        return None;
    }
    let allowed = match policy.allowed_plans.as_slice() {
        [] => "none".to_owned(),
        allowed => allowed.join(", "),
    };
    let found = format!("no team is on a plan with single sign-on ({allowed}); the plans are {}", named(plans));
    Some(Look::new(DATA, Verdict::Warn, found).next(
        "every request is refused until allowed_plans under [policy] lists a plan as product_teams calls it, or the view calls it so",
    ))
}

/// The same of roles. That nobody but the owner may ask is a policy, too.
fn roles(roles: &[String], policy: &Policy) -> Option<Look> {
    if roles.is_empty() || policy.requester_roles.is_empty() || roles.iter().any(|role| policy.lets_ask(role)) {
        return None;
    }
    let wanted = policy.requester_roles.join(", ");
    let found = format!("nobody has a role that may ask for single sign-on ({wanted}); the roles are {}", named(roles));
    Some(Look::new(DATA, Verdict::Warn, found).next(
        "the owner alone can ask until requester_roles under [policy] lists a role as product_memberships calls it, or the view calls it so",
    ))
}

/// The product's own words, the first of many, made printable.
fn named(words: &[String]) -> String {
    let called = |word: &String| if word.is_empty() { "(none)".to_owned() } else { shown(word) };
    let mut named: Vec<String> = words.iter().take(NAMED).map(called).collect();
    if let Some(more) = words.len().checked_sub(NAMED).filter(|more| *more > 0) {
        named.push(format!("{more} more"));
    }
    named.join(", ")
}

fn unindexed(question: Unindexed, is_postgres: bool) -> Look {
    let (what, which) = match question {
        Unindexed::UsersByDomain => ("who has an address in a domain", "<users>_sso_domain"),
        Unindexed::UsersByAddress if is_postgres => ("who has an address", "<users>_sso_domain"),
        Unindexed::UsersByAddress => ("who has an address", "<users>_sso_email"),
        Unindexed::MembershipsByUser => ("which teams somebody is in", "<memberships>_sso_user"),
        Unindexed::MembershipsByTeam => ("who is in a team", "<memberships>_sso_team"),
        Unindexed::TeamsByOwner => ("which teams somebody owns", "<teams>_sso_owner"),
    };
    Look::new(INDEXES, Verdict::Warn, format!("{what} is answered by reading a whole table")).next(format!(
        "create the index that `ssoctl db contract` calls {which}, over the very expression that is there, and ANALYZE"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn looks(inspection: &Inspection, is_postgres: bool) -> Vec<Look> {
        super::looks(inspection, &Policy::default(), is_postgres)
    }

    fn relations() -> Vec<Relation> {
        crate::product::contract::COLUMNS
            .map(|(name, _)| Relation { name, exists: true, broken: None, missing: vec![], mistyped: vec![] })
            .to_vec()
    }

    #[test]
    fn a_product_in_order_passes_twice() {
        let looks = looks(&Inspection { relations: relations(), ..Inspection::default() }, true);
        assert_eq!(looks.iter().map(|look| look.verdict).collect::<Vec<_>>(), [Verdict::Pass; 2]);
    }

    #[test]
    fn what_is_missing_or_of_the_wrong_type_is_named_and_nothing_else_is_said() {
        let mut relations = relations();
        relations[0].mistyped = vec![("active".to_owned(), "int4".to_owned())];
        relations[0].mistyped.push(("email".to_owned(), "bytea".to_owned()));
        relations[1].exists = false;
        relations[2].mistyped = vec![("user_id".to_owned(), "text".to_owned())];
        relations[2].missing = vec!["role".to_owned(), "since".to_owned()];
        let looks = looks(&Inspection { relations, ..Inspection::default() }, true);
        let found: Vec<&str> = looks.iter().map(|look| look.found.as_str()).collect();
        let expected = [
            "product_users offers active as int4, and ssoctl needs a boolean; it offers email as bytea, and ssoctl needs text",
            "there is no product_teams",
            "product_memberships has no column role, since; it offers user_id as text, and ssoctl needs the type of `id` in \
             product_users",
        ];
        assert_eq!(found, expected);
        assert!(looks.iter().all(|look| look.verdict == Verdict::Fail && look.next.is_some()));
    }

    #[test]
    fn a_view_that_cannot_be_read_is_named_with_what_the_database_says() {
        let mut relations = relations();
        relations[1].broken = Some("division by zero".to_owned());
        let inspection = Inspection { relations, ..Inspection::default() };
        let [look] = <[Look; 1]>::try_from(looks(&inspection, true)).unwrap_or_else(|looks| panic!("{}", looks.len()));
        assert_eq!(look.found, "product_teams cannot be read: division by zero");
        assert!(look.next.unwrap().contains("`SELECT * FROM product_teams`"));
    }

    #[test]
    fn what_sqlite_has_to_offer_is_text_and_numbers() {
        let mut relations = relations();
        relations[0].mistyped = vec![("id".to_owned(), "integer".to_owned()), ("active".to_owned(), "text".to_owned())];
        let looks = looks(&Inspection { relations, ..Inspection::default() }, false);
        let expected = "product_users offers id as integer, and ssoctl needs text; it offers active as text, and ssoctl \
                        needs 1 or 0";
        assert_eq!(looks[0].found, expected);
    }

    #[test]
    fn a_database_that_only_answers_fails() {
        for (why, word) in [(ReadOnly::Standby, "standby"), (ReadOnly::Setting, "default_transaction_read_only")] {
            let inspection = Inspection { relations: relations(), read_only: Some(why), ..Inspection::default() };
            let looks = looks(&inspection, true);
            assert_eq!((looks[0].what, looks[0].verdict), ("rights", Verdict::Fail));
            assert!(looks[0].found.contains(word), "{}", looks[0].found);
        }
    }

    #[test]
    fn a_right_that_is_missing_fails_and_names_what_grants_it() {
        let lacking = |right: &str| Lacking {
            rights: vec![right.to_owned()],
            relation: "sso.sso_audit_log".to_owned(),
            role: "desk".to_owned(),
        };
        for (right, asked) in [("INSERT", true), ("SELECT", false)] {
            let inspection =
                Inspection { relations: relations(), lacking: vec![lacking(right)], ..Inspection::default() };
            let looks = looks(&inspection, true);
            assert_eq!((looks[0].what, looks[0].verdict), ("rights", Verdict::Fail));
            assert!(looks[0].next.as_ref().unwrap().contains(&format!("GRANT {right} ON sso.sso_audit_log TO desk")));
            assert_eq!(looks.iter().any(|look| look.what == DATA), asked, "what could not be read is not called sound");
        }
    }

    #[test]
    fn a_surprise_is_told_with_its_number_and_an_example_that_cannot_do_harm() {
        let surprises = vec![
            Surprise { kind: SurpriseKind::SharedAddress, count: 1, example: "a\u{1b}[2J@b.example".to_owned() },
            Surprise { kind: SurpriseKind::TeamWithoutOwner, count: 7, example: "42".to_owned() },
            Surprise { kind: SurpriseKind::UserOfUnknownState, count: 1, example: "1".to_owned() },
            Surprise { kind: SurpriseKind::TeamWithoutId, count: 2, example: String::new() },
        ];
        let looks = looks(&Inspection { relations: relations(), surprises, ..Inspection::default() }, true);
        assert!(looks[0].found.starts_with("1 address belongs to several users") && !looks[0].found.contains('\u{1b}'));
        assert_eq!(looks[1].found, "7 teams have no owner, such as 42");
        assert_eq!(looks[3].found, "2 teams have no id");
        let verdicts: Vec<Verdict> = looks.iter().map(|look| look.verdict).collect();
        assert_eq!(verdicts, [Verdict::Warn, Verdict::Warn, Verdict::Fail, Verdict::Fail, Verdict::Pass]);
    }

    #[test]
    fn a_product_whose_plans_and_roles_the_policy_does_not_know_is_told() {
        let said = |plans: &[&str], roles: &[&str], policy: &Policy| -> Vec<String> {
            let of = |words: &[&str]| words.iter().map(ToString::to_string).collect();
            let (plans, roles) = (of(plans), of(roles));
            let inspection = Inspection { relations: relations(), plans, roles, ..Inspection::default() };
            let looks = super::looks(&inspection, policy, true).into_iter();
            looks.filter(|look| look.verdict == Verdict::Warn).map(|look| look.found).collect()
        };
        let policy = Policy::default();
        assert_eq!(
            said(&["2", "", "3"], &["0", "1"], &policy),
            [
                "no team is on a plan with single sign-on (Scale Plus, Enterprise); the plans are 2, (none), 3",
                "nobody has a role that may ask for single sign-on (admin); the roles are 0, 1",
            ]
        );
        let many: Vec<String> = (0..11).map(|number| number.to_string()).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert!(said(&many, &[], &policy)[0].ends_with("the plans are 0, 1, 2, 3, 4, 5, 6, 7, 3 more"));
        assert!(said(&["free", "scale_plus"], &["member", "ADMIN"], &policy).is_empty());
        assert!(said(&[], &[], &policy).is_empty(), "there is nobody yet");
        let open = Policy { allowed_plans: vec!["*".to_owned()], requester_roles: vec![], ..Policy::default() };
        assert!(said(&["2"], &["1"], &open).is_empty());
    }

    #[test]
    fn a_question_without_an_index_names_the_one_to_make() {
        let unindexed = vec![Unindexed::UsersByDomain, Unindexed::UsersByAddress];
        let inspection = Inspection { relations: relations(), unindexed, ..Inspection::default() };
        for (is_postgres, index) in [(true, "<users>_sso_domain"), (false, "<users>_sso_email")] {
            assert!(looks(&inspection, is_postgres)[2].next.as_ref().unwrap().contains(index));
        }
    }

    #[test]
    fn a_connection_that_could_be_anybodys_is_told() {
        let inspection = Inspection { relations: relations(), unverified: Some("prefer"), ..Inspection::default() };
        assert!(looks(&inspection, true).iter().any(|look| look.found.contains("sslmode=prefer")));
    }
}
