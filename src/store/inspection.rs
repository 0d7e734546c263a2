//! What `doctor` asks about the product's data, in SQL that every database reads.

use crate::product::contract::{COLUMNS, Part, Relation, SurpriseKind};

/// Each gives how many there are and one of them.
pub(super) const SURPRISES: [(SurpriseKind, &str); 15] = [
    (
        SurpriseKind::RelationEmpty,
        "SELECT count(*), min(name) FROM (SELECT 'product_users' AS name WHERE NOT EXISTS (SELECT 1 FROM product_users) \
         UNION ALL SELECT 'product_teams' WHERE NOT EXISTS (SELECT 1 FROM product_teams)) AS of_nothing",
    ),
    (SurpriseKind::UserWithoutId, "SELECT count(*), min(CAST(email AS text)) FROM product_users WHERE id IS NULL"),
    (SurpriseKind::TeamWithoutId, "SELECT count(*), min(CAST(name AS text)) FROM product_teams WHERE id IS NULL"),
    (
        SurpriseKind::UserWithoutEmail,
        "SELECT count(*), min(CAST(id AS text)) FROM product_users WHERE coalesce(trim(CAST(email AS text)), '') = ''",
    ),
    (
        SurpriseKind::SharedAddress,
        "SELECT count(*), min(address) FROM (SELECT lower(trim(CAST(email AS text))) AS address FROM product_users \
         WHERE trim(CAST(email AS text)) <> '' GROUP BY 1 HAVING min(CAST(id AS text)) <> max(CAST(id AS text))) AS shared",
    ),
    (
        SurpriseKind::UserOfUnknownState,
        "SELECT count(*), min(CAST(id AS text)) FROM product_users WHERE active IS NULL",
    ),
    (
        SurpriseKind::UserTwice,
        "SELECT count(*), min(id) FROM (SELECT CAST(id AS text) AS id FROM product_users WHERE id IS NOT NULL \
         GROUP BY 1 HAVING count(*) > 1) AS twice",
    ),
    (
        SurpriseKind::TeamTwice,
        "SELECT count(*), min(id) FROM (SELECT CAST(id AS text) AS id FROM product_teams WHERE id IS NOT NULL \
         GROUP BY 1 HAVING count(*) > 1) AS twice",
    ),
    (
        SurpriseKind::TeamWithoutOwner,
        "SELECT count(*), min(CAST(id AS text)) FROM product_teams WHERE owner_id IS NULL",
    ),
    (
        SurpriseKind::TeamOfUnknownOwner,
        "SELECT count(*), min(CAST(t.id AS text)) FROM product_teams t WHERE t.owner_id IS NOT NULL AND NOT EXISTS \
         (SELECT 1 FROM product_users u WHERE u.id = t.owner_id)",
    ),
    (
        SurpriseKind::TeamOfSeveralOwners,
        "SELECT count(*), min(id) FROM (SELECT CAST(team_id AS text) AS id FROM product_memberships \
         WHERE lower(CAST(role AS text)) = 'owner' GROUP BY 1 HAVING count(DISTINCT user_id) > 1) AS several",
    ),
    (
        SurpriseKind::TeamOfUnknownState,
        "SELECT count(*), min(CAST(id AS text)) FROM product_teams WHERE management_enabled IS NULL",
    ),
    (
        SurpriseKind::MembershipTwice,
        "SELECT count(*), min(id) FROM (SELECT CAST(user_id AS text) AS id FROM product_memberships \
         GROUP BY user_id, team_id HAVING count(*) > 1) AS twice",
    ),
    (
        SurpriseKind::MembershipOfNobody,
        "SELECT count(*), min(CAST(m.user_id AS text)) FROM product_memberships m WHERE NOT EXISTS \
         (SELECT 1 FROM product_users u WHERE u.id = m.user_id) OR NOT EXISTS \
         (SELECT 1 FROM product_teams t WHERE t.id = m.team_id)",
    ),
    (
        SurpriseKind::MembershipWithoutRole,
        "SELECT count(*), min(CAST(user_id AS text)) FROM product_memberships WHERE role IS NULL",
    ),
];

/// The plans of teams and the roles of members: of a product that has no end of either, those of most.
pub(super) const PLANS: &str =
    "SELECT coalesce(CAST(plan AS text), '') FROM product_teams GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 200";
/// As [`PLANS`].
pub(super) const ROLES: &str = "SELECT CAST(role AS text) FROM product_memberships WHERE role IS NOT NULL GROUP BY 1 \
     ORDER BY count(*) DESC, 1 LIMIT 200";

/// Holds what a database says of its columns, `(relation, column, type)`, against the contract; `readable` says whether a
/// column may have a type. `further` are columns that this database's queries need besides.
pub(super) fn relations(
    found: &[(String, String, String)],
    further: &[(&str, &str)],
    readable: impl Fn(&str, &str) -> bool,
) -> Vec<Relation> {
    let relation = |(name, columns): &(&'static str, &[&str])| {
        let of_it: Vec<_> = found.iter().filter(|(relation, ..)| relation == name).collect();
        let more = further.iter().filter(|(relation, _)| relation == name).map(|(_, column)| column);
        let mut relation =
            Relation { name, exists: !of_it.is_empty(), broken: None, missing: Vec::new(), mistyped: Vec::new() };
        for &wanted in columns.iter().chain(more) {
            match of_it.iter().find(|(_, column, _)| column == wanted) {
                None => relation.missing.push(wanted.to_owned()),
                Some((.., kind)) if !readable(wanted, kind) => {
                    relation.mistyped.push((wanted.to_owned(), kind.clone()));
                }
                Some(_) => {}
            }
        }
        relation
    };
    COLUMNS.iter().map(relation).collect()
}

/// The parts beside its tables that a migration's SQL creates, one statement a line, less those that are `there`.
pub(super) fn lost(sql: &str, there: &[String]) -> Vec<Part> {
    let created = sql.lines().filter_map(|line| {
        let (kind, rest) = line.strip_prefix("CREATE ")?.split_once(' ')?;
        let name = rest.split_whitespace().next()?;
        matches!(kind, "TRIGGER" | "INDEX").then(|| Part { is_guard: kind == "TRIGGER", name: name.to_owned() })
    });
    created.filter(|part| !there.contains(&part.name)).collect()
}

/// Whether every column can be asked for.
pub(super) fn is_whole(relations: &[Relation]) -> bool {
    relations.iter().all(|one| one.broken.is_none() && one.missing.is_empty() && one.mistyped.is_empty())
}
