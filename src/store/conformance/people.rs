//! Whom the product knows, and where they are.

use super::{Store, domains, team};
use crate::product::facts::{self, TeamQuestion};
use crate::request::names::{EmailAddress, UserId};

fn email(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

async fn ids(store: &Store, address: &str) -> Vec<String> {
    let users = store.read().await.unwrap().users_by_email(&email(address)).await.unwrap();
    users.into_iter().map(|user| user.id.to_string()).collect()
}

pub(in crate::store) async fn an_address_is_found_in_any_case(store: Store) {
    for spelling in ["jane.doe@acme.example", "JANE.DOE@ACME.EXAMPLE", "Jane.Doe@Acme.Example"] {
        assert_eq!(ids(&store, spelling).await, ["u1"], "{spelling}");
    }
    assert!(ids(&store, "nobody@acme.example").await.is_empty());
    let mut read = store.read().await.unwrap();
    let users = read.users_by_email(&email("amir@acme.example")).await.unwrap();
    assert_eq!((users[0].email.as_str(), users[0].name.as_str(), users[0].active), ("amir@acme.example", "", true));
    assert!(!read.users_by_email(&email("zoe@acme.example")).await.unwrap()[0].active);
}

pub(in crate::store) async fn an_address_is_found_in_both_spellings_of_its_domain(store: Store) {
    for (address, id) in [
        ("uwe@müller.example", "u10"),
        ("uwe@xn--mller-kva.example", "u10"),
        ("ute@MÜLLER.example", "u11"),
        ("jörg@müller.example", "u12"),
        ("Jörg@xn--mller-kva.example", "u12"),
    ] {
        assert_eq!(ids(&store, address).await, [id], "{address}");
    }
}

pub(in crate::store) async fn legacy_duplicates_are_both_found(store: Store) {
    assert_eq!(ids(&store, "dup@twins.example").await, ["u7", "u8"]);
}

pub(in crate::store) async fn owned_teams_and_memberships_are_told_apart(store: Store) {
    let mut read = store.read().await.unwrap();
    let owned = read.teams_owned_by(&UserId::new("u1")).await.unwrap();
    assert_eq!(owned.iter().map(|team| team.name.as_str()).collect::<Vec<_>>(), ["Acme", "Third"]);
    assert_eq!((owned[0].plan.as_deref(), owned[0].management_enabled), (Some("Scale Plus"), true));
    let nameless = read.teams_owned_by(&UserId::new("u10")).await.unwrap();
    assert_eq!((nameless[0].name.as_str(), nameless[0].plan.as_deref()), ("", None));
    let memberships = read.memberships_of(&UserId::new("u1")).await.unwrap();
    let memberships: Vec<_> = memberships.iter().map(|one| (one.team_id.as_str(), one.role.as_str())).collect();
    assert_eq!(memberships, [("t1", "owner"), ("t3", "admin")]);
    assert!(read.memberships_of(&UserId::new("u4")).await.unwrap().is_empty(), "ownership alone is no membership row");
}

pub(in crate::store) async fn active_owners_of_a_domain_are_found(store: Store) {
    let mut read = store.read().await.unwrap();
    for (domain, most, expected) in [
        ("acme.example", 20, ["u1", "u4"].as_slice()),
        ("acme.example", 1, &["u1"]),
        ("müller.example", 20, &["u10"]),
        ("nobody.example", 20, &[]),
    ] {
        let found = read.owners_at(&domains([domain])[0], most).await.unwrap();
        assert_eq!(found.iter().map(|user| user.id.as_str()).collect::<Vec<_>>(), expected, "{domain}");
    }
}

pub(in crate::store) async fn people_elsewhere_are_listed_once_a_team_in_order_of_address(store: Store) {
    let mut read = store.read().await.unwrap();
    let tally = read.members_elsewhere(&domains(["acme.example"]), &team("t1"), 20, 100).await.unwrap();
    let listed: Vec<_> = tally
        .listed
        .iter()
        .map(|one| {
            (
                one.email.as_str(),
                one.team_id.as_str(),
                one.team_name.as_deref().unwrap_or("gone"),
                one.role.as_str(),
                one.active,
            )
        })
        .collect();
    let expected = [
        ("amir@acme.example", "t2", "Globex", "member", true),
        // A member of Third who owns it: once, as its owner.
        ("Jane.Doe@Acme.Example", "t3", "Third", "owner", true),
        // Owns Globex without being listed among its members.
        ("OWNER@acme.example", "t2", "Globex", "owner", true),
        ("zoe@acme.example", "t2", "Globex", "member", false),
    ];
    assert_eq!(listed, expected);
    assert_eq!(tally.listed[0].since.as_deref(), Some("2024-02-03"));
    let stray = read.members_elsewhere(&domains(["stray.example"]), &team("t1"), 20, 100).await.unwrap();
    assert_eq!(
        (stray.total, &stray.listed[0].team_name),
        (1, &None),
        "a team that is not there is not one without a name"
    );
    assert_eq!((tally.total, tally.capped), (4, false));
    let nobody = read.members_elsewhere(&domains(["nobody.example"]), &team("t1"), 20, 100).await.unwrap();
    assert_eq!((nobody.total, nobody.listed.len()), (0, 0));
    let evil = read.members_elsewhere(&domains(["evil.example"]), &team("t1"), 20, 100).await.unwrap();
    assert_eq!(evil.total, 1, "the domain is what follows the last `@`");
}

pub(in crate::store) async fn people_elsewhere_are_found_in_every_spelling_of_the_domain(store: Store) {
    let mut read = store.read().await.unwrap();
    let tally = read.members_elsewhere(&domains(["müller.example"]), &team("t1"), 20, 100).await.unwrap();
    let mut people: Vec<_> = tally.listed.iter().map(|one| (one.email.as_str(), one.team_id.as_str())).collect();
    people.sort_unstable();
    let expected = [
        ("JÖRG@MÜLLER.EXAMPLE", "t2"),
        ("JÖRG@MÜLLER.EXAMPLE", "t4"),
        ("ute@xn--mller-kva.example", "t4"),
        ("uwe@Müller.example", "t4"),
    ];
    assert_eq!(people, expected);
    let both = domains(["müller.example", "acme.example", "acme.example"]);
    assert_eq!(read.members_elsewhere(&both, &team("t1"), 20, 100).await.unwrap().total, 8, "a domain named twice");
}

pub(in crate::store) async fn people_elsewhere_are_found_behind_a_final_dot(store: Store) {
    let mut read = store.read().await.unwrap();
    let tally = read.members_elsewhere(&domains(["dotted.example"]), &team("t1"), 20, 100).await.unwrap();
    let people: Vec<_> = tally.listed.iter().map(|one| one.email.as_str()).collect();
    assert_eq!(people, ["dora@Dotted.Example."]);
    let outside = read.members_outside(&team("t5"), &domains(["dotted.example"]), 20, 100).await.unwrap();
    assert_eq!(outside.listed.iter().map(|one| one.email.as_str()).collect::<Vec<_>>(), ["boss@silent.example"]);
}

pub(in crate::store) async fn people_elsewhere_are_counted_up_to_the_ceiling(store: Store) {
    let mut read = store.read().await.unwrap();
    for (listed, ceiling, total, capped) in
        [(20, 1, 1, true), (20, 3, 3, true), (20, 4, 4, false), (3, 1, 1, true), (2, 100, 4, false), (0, 0, 0, true)]
    {
        let tally = read.members_elsewhere(&domains(["acme.example"]), &team("t1"), listed, ceiling).await.unwrap();
        assert_eq!((tally.total, tally.capped), (total, capped), "listed {listed}, ceiling {ceiling}");
        assert_eq!(tally.listed.len(), listed.min(4), "what is shown does not depend on the ceiling");
        let first = tally.listed.iter().map(|one| one.team_id.as_str()).collect::<Vec<_>>();
        assert!(["t2", "t3", "t2", "t2"].starts_with(&first), "the first ones in order of address: {first:?}");
    }
}

pub(in crate::store) async fn people_outside_are_active_and_owners_count(store: Store) {
    let mut read = store.read().await.unwrap();
    let tally = read.members_outside(&team("t1"), &domains(["acme.example"]), 20, 100).await.unwrap();
    let listed: Vec<_> = tally.listed.iter().map(|one| (one.email.as_str(), one.role.as_str())).collect();
    assert_eq!(listed, [("pat@freelance.example", "member")]);
    assert_eq!((tally.total, tally.capped), (1, false));
    let owner = read.members_outside(&team("t5"), &domains(["acme.example"]), 20, 100).await.unwrap();
    assert_eq!(owner.listed[0].role, "owner", "an owner who is not among the members");
    let all = read.members_outside(&team("t1"), &domains(["nobody.example"]), 1, 2).await.unwrap();
    assert_eq!((all.total, all.capped, all.listed.len()), (2, true, 1));
    assert_eq!(all.listed[0].email, "amir@acme.example");
}

pub(in crate::store) async fn an_international_domain_has_no_outsiders_by_spelling(store: Store) {
    let mut read = store.read().await.unwrap();
    let tally = read.members_outside(&team("t4"), &domains(["müller.example"]), 20, 100).await.unwrap();
    assert_eq!(tally.listed, []);
}

fn question(owner: &str, requested_by: Option<&str>, claimed: &[&str]) -> TeamQuestion {
    let domains = claimed.iter().map(|domain| crate::request::names::EmailDomain::parse(domain).unwrap()).collect();
    TeamQuestion { owner: email(owner), requested_by: requested_by.map(email), domains, provider: None }
}

pub(in crate::store) async fn many_questions_at_once_find_what_each_finds_alone(store: Store) {
    let questions = [
        question("jane.doe@acme.example", Some("amir@acme.example"), &["acme.example"]),
        question("owner@acme.example", Some("nobody@acme.example"), &["acme.example", "freelance.example"]),
        question("uwe@müller.example", Some("Jörg@xn--mller-kva.example"), &["müller.example"]),
        question("boss@silent.example", None, &["silent.example", "dotted.example", "acme.example", "evil.example"]),
        question("boss+tag@silent.example", None, &["silent.example"]),
        question("dup@twins.example", None, &["twins.example"]),
        question("solo@double.example", None, &["double.example"]),
        question("nobody@nowhere.example", None, &["nowhere.example"]),
        // Of whom there is nothing more to say.
        question("boss@silent.example", None, &["silent.example"]),
    ];
    let mut alone = Vec::new();
    for question in &questions {
        alone.push(facts::gather(&mut *store.read().await.unwrap(), question).await.unwrap());
    }
    assert_eq!(alone[3].elsewhere.total, 7, "{:?}", alone[3].elsewhere);
    assert!(alone[4].near_owner.is_some() && alone[5].owners.len() == 2);
    assert_eq!(alone[6].owners.len(), 2, "a second account counts, though it owns nothing");
    assert_eq!(store.read().await.unwrap().team_facts(&questions).await.unwrap(), alone);
    let mut unit = store.begin().await.unwrap();
    unit.look_ahead(&questions).await.unwrap();
    for (question, alone) in questions.iter().zip(&alone) {
        assert_eq!(facts::gather(&mut *unit, question).await.unwrap(), *alone);
    }
    assert_eq!(unit.team_facts(&questions).await.unwrap(), alone);
    // Whoever was not asked about before is found nevertheless, and counts end where they would.
    assert_eq!(unit.users_by_email(&email("pat@freelance.example")).await.unwrap()[0].id.as_str(), "u5");
    for (listed, ceiling) in [(1, 100), (20, 2), (30, 100)] {
        let of = |one: &str| (domains([one]), team("t5"));
        for domain in ["acme.example", "müller.example", "dotted.example", "nobody.example"] {
            let (domains, team) = of(domain);
            let ahead = unit.members_elsewhere(&domains, &team, listed, ceiling).await.unwrap();
            let alone = store.read().await.unwrap().members_elsewhere(&domains, &team, listed, ceiling).await.unwrap();
            assert_eq!(ahead, alone, "{domain} {listed} {ceiling}");
        }
    }
}
