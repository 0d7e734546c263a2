//! The product's facts of many requests in one question: a group of rows costs one round trip, whatever its size.
//!
//! Of most teams there is little to say: one owner, one team, nobody elsewhere, nobody outside, no connection, no claim. That
//! is asked for all of them together; whoever is not so plain is asked about alone, in the full questions of [`super::reads`].

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};

use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::super::spelling;
use super::ahead::Ahead;
use super::people::{address_of, domain_of};
use super::rows;
use super::session::Session;
use super::values::Ids;
use crate::product::connection::Connection;
use crate::product::facts::{self, ProductFacts, ProviderName, TeamQuestion, other_slash};
use crate::product::repository::{COUNTED, LISTED, Reads as _, StoreResult};
use crate::product::team::Membership;
use crate::request::names::{ConnectionId, TeamId};

/// For each question every user under the owner's address, be there a team of theirs or not, with every team that this user owns,
/// and whether there is nothing else to say: of the domains $4 and their spellings $5, the entity $9; and which connections of
/// others have the issuer $6 or $7 with the client $8. Where the owner is found, and who of the domains is elsewhere, is filled in.
///
/// Each `OFFSET 0` keeps the planner from joining whole tables: what is asked about is always a few of many.
macro_rules! plain {
    (owner: $owner:expr, elsewhere: $elsewhere:expr) => {
        concat!(
            "SELECT ask.n, u.id::text, u.email::text, u.name::text, u.active, \
                 t.id::text, t.name::text, t.plan::text, t.management_enabled, \
                 ARRAY(SELECT m.team_id::text FROM product_memberships m WHERE m.user_id = u.id \
                     ORDER BY m.team_id::text COLLATE \"C\", m.role::text COLLATE \"C\") AS teams, \
                 ARRAY(SELECT m.role::text FROM product_memberships m WHERE m.user_id = u.id \
                     ORDER BY m.team_id::text COLLATE \"C\", m.role::text COLLATE \"C\") AS roles, \
                 u.active AND t.id IS NOT NULL AND ",
            domain_of!("u.email"),
            " = ANY (ask.inside) \
                 AND NOT EXISTS (SELECT 1 FROM sso_domains d WHERE d.domain = ANY (ask.domains)) \
                 AND NOT EXISTS (SELECT 1 FROM sso_connections c WHERE c.team_id = t.id::text COLLATE \"C\") \
                 AND NOT EXISTS (SELECT 1 FROM sso_connections c WHERE c.entity_id = ask.entity) ",
            $elsewhere,
            " AND NOT EXISTS (SELECT 1 FROM product_memberships m JOIN product_users p ON p.id = m.user_id \
                     WHERE m.team_id = t.id AND p.active AND p.email IS NOT NULL AND coalesce(",
            domain_of!("p.email"),
            ", '') <> ALL (ask.inside)) AS plain, \
                 (SELECT c.id FROM sso_connections c \
                     WHERE c.issuer = ask.issuer AND c.client_id = ask.client AND c.team_id <> t.id::text COLLATE \"C\" \
                     ORDER BY c.created_at, c.id LIMIT 1) AS same_client, \
                 (SELECT c.id FROM sso_connections c \
                     WHERE c.issuer = ask.other_issuer AND c.client_id = ask.client AND c.team_id <> t.id::text COLLATE \"C\" \
                     ORDER BY c.created_at, c.id LIMIT 1) AS other_same_client \
             FROM (SELECT n, domain, owner, string_to_array(domains, ' ') AS domains, \
                       string_to_array(inside, ' ') AS inside, issuer, other_issuer, client, entity \
                   FROM unnest($1::int4[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], \
                       $9::text[]) AS asked(n, domain, owner, domains, inside, issuer, other_issuer, client, entity)) AS ask \
             CROSS JOIN LATERAL (",
            $owner,
            " OFFSET 0) AS u \
             LEFT JOIN LATERAL (SELECT * FROM product_teams t WHERE t.owner_id = u.id OFFSET 0) AS t ON true"
        )
    };
}

/// With the owner under an address $3 that has the domain $2.
pub(super) const PLAIN: &str = plain!(
    owner: concat!(
        "SELECT * FROM product_users u WHERE ",
        domain_of!("u.email"),
        " = ask.domain AND ",
        address_of!("u.email"),
        " = ask.owner"
    ),
    elsewhere: concat!(
        "AND NOT EXISTS (SELECT 1 FROM product_users p JOIN product_memberships m ON m.user_id = p.id \
             WHERE ",
        domain_of!("p.email"),
        " = ANY (ask.inside) AND m.team_id <> t.id) \
         AND NOT EXISTS (SELECT 1 FROM product_users p JOIN product_teams o ON o.owner_id = p.id \
             WHERE ",
        domain_of!("p.email"),
        " = ANY (ask.inside) AND o.id <> t.id)"
    )
);

/// Where people were read ahead: the owner is the user $3, one of $10, and who of the domains is elsewhere is known already.
pub(super) const PLAIN_AHEAD: &str = concat!(
    "WITH owners AS MATERIALIZED (SELECT * FROM product_users WHERE id = ANY ($10)) ",
    plain!(owner: "SELECT * FROM owners u WHERE u.id::text = ask.owner", elsewhere: "")
);

/// Questions in one statement, so that none takes long, whatever the product's views are made of.
const AT_ONCE: usize = 64;

/// The parameters of [`PLAIN`], a column each.
#[derive(Default)]
struct Asked<'q> {
    numbers: Vec<i32>,
    owner_domains: Vec<String>,
    /// Addresses, or ids of users.
    owners: Vec<String>,
    domains: Vec<String>,
    inside: Vec<String>,
    issuers: Vec<Option<&'q str>>,
    other_issuers: Vec<Option<String>>,
    clients: Vec<Option<&'q str>>,
    entities: Vec<Option<&'q str>>,
}

impl<'q> Asked<'q> {
    /// One row for each spelling of the owner's address; where people were read ahead, for the one user who has it.
    fn add(&mut self, number: i32, question: &'q TeamQuestion, ahead: Option<&Ahead>) {
        let names: Vec<&str> = question.domains.iter().map(crate::request::names::EmailDomain::as_str).collect();
        let (issuer, client, entity) = match &question.provider {
            Some(ProviderName::Client(issuer, client)) => (Some(issuer), Some(client.as_str()), None),
            Some(ProviderName::Entity(entity)) => (None, None, Some(entity.as_str())),
            None => (None, None, None),
        };
        let owners: Vec<String> = match ahead.map(|ahead| ahead.users_by_email(&question.owner)) {
            None => spelling::of_address(&question.owner),
            Some(found) => match found.as_deref() {
                Some([one]) => vec![one.id.to_string()],
                // Several, or none that was read: the full question tells.
                _ => Vec::new(),
            },
        };
        for owner in owners {
            let domain = owner.rsplit_once('@').map_or("", |(_, domain)| domain);
            self.numbers.push(number);
            self.owner_domains.push(domain.to_owned());
            self.owners.push(owner);
            self.domains.push(names.join(" "));
            self.inside.push(spelling::of_domains(&question.domains).join(" "));
            self.issuers.push(issuer.map(crate::request::names::IssuerUrl::as_str));
            self.other_issuers.push(issuer.and_then(other_slash).map(|other| other.as_str().to_owned()));
            self.clients.push(client);
            self.entities.push(entity);
        }
    }
}

impl Session {
    /// What [`facts::gather`] finds for each of `questions`.
    pub(super) async fn facts_of_all(&mut self, questions: &[TeamQuestion]) -> StoreResult<Vec<ProductFacts>> {
        let mut plain = self.plain_ones(questions).await?;
        let mut all = Vec::with_capacity(questions.len());
        for (number, question) in questions.iter().enumerate() {
            all.push(match plain.remove(&number) {
                Some(facts) => facts,
                None => facts::gather(self, question).await?,
            });
        }
        Ok(all)
    }

    /// The facts of those questions that are plain, by their place among `questions`.
    async fn plain_ones(&mut self, questions: &[TeamQuestion]) -> StoreResult<BTreeMap<usize, ProductFacts>> {
        // Whoever asked for somebody else is looked up too.
        let by_owner = |question: &TeamQuestion| question.requested_by.as_ref().is_none_or(|by| *by == question.owner);
        let numbered: Vec<(i32, &TeamQuestion)> =
            (0_i32..).zip(questions).filter(|(_, question)| by_owner(question)).collect();
        let mut plain: BTreeMap<usize, Option<Plain>> = BTreeMap::new();
        for some in numbered.chunks(AT_ONCE) {
            for row in self.ask_plainly(some).await? {
                let number: i32 = rows::ours(&row, "n")?;
                // A second user, or a second team of the user's, is not plain, whatever is said of each; and a value that
                // cannot be read is named by the full question.
                plain
                    .entry(usize::try_from(number).unwrap_or_default())
                    .and_modify(|facts| *facts = None)
                    .or_insert_with(|| read(&row).ok().flatten());
            }
        }
        if let Some(ahead) = &self.ahead {
            plain.retain(|number, plain| {
                let team = plain.as_ref().and_then(|plain| plain.facts.team());
                let asked = questions.get(*number).zip(team);
                let elsewhere = asked
                    .and_then(|(question, team)| ahead.members_elsewhere(&question.domains, &team.id, LISTED, COUNTED));
                elsewhere.is_some_and(|tally| tally.total == 0)
            });
        }
        let mut found = BTreeMap::new();
        let mut connections: HashMap<String, Option<Connection>> = HashMap::new();
        for (number, Plain { mut facts, same_client }) in
            plain.into_iter().filter_map(|(number, plain)| Some((number, plain?)))
        {
            // Many of them may have one client: its connection is read once.
            for id in same_client.into_iter().flatten() {
                let other = match connections.entry(id) {
                    Entry::Occupied(known) => known.get().clone(),
                    Entry::Vacant(unknown) => {
                        let id = ConnectionId::new(unknown.key().clone());
                        unknown.insert(self.connection(&id).await?).clone()
                    }
                };
                facts.same_client = facts.same_client.into_iter().chain(other).min_by_key(|one| one.created_at);
            }
            found.insert(number, facts);
        }
        Ok(found)
    }

    async fn ask_plainly(&mut self, questions: &[(i32, &TeamQuestion)]) -> StoreResult<Vec<Row>> {
        let mut asked = Asked::default();
        for (number, question) in questions {
            asked.add(*number, question, self.ahead.as_ref());
        }
        let mut params: Vec<&(dyn ToSql + Sync)> = vec![
            &asked.numbers,
            &asked.owner_domains,
            &asked.owners,
            &asked.domains,
            &asked.inside,
            &asked.issuers,
            &asked.other_issuers,
            &asked.clients,
            &asked.entities,
        ];
        let owners = Ids(&asked.owners);
        let text = if self.ahead.is_some() {
            params.push(&owners);
            PLAIN_AHEAD
        } else {
            PLAIN
        };
        self.query(text, &params).await
    }
}

/// What is said of a question to which there is little to say.
struct Plain {
    facts: ProductFacts,
    /// The connections of other teams that have its client, by either spelling of its issuer: the oldest of each.
    same_client: [Option<String>; 2],
}

/// What a plain row says; `None` of another.
fn read(row: &Row) -> StoreResult<Option<Plain>> {
    if !rows::ours::<Option<bool>>(row, "plain")?.unwrap_or_default() {
        return Ok(None);
    }
    let team_ids: Vec<String> = rows::ours(row, "teams")?;
    let roles: Vec<String> = rows::ours(row, "roles")?;
    let memberships = team_ids.into_iter().zip(roles);
    let same_client = [rows::ours(row, "same_client")?, rows::ours(row, "other_same_client")?];
    let facts = ProductFacts {
        owners: vec![rows::user_from(row, 1)?],
        teams: vec![rows::team_from(row, 5)?],
        owner_memberships: memberships.map(|(team, role)| Membership { team_id: TeamId::new(team), role }).collect(),
        ..ProductFacts::default()
    };
    Ok(Some(Plain { facts, same_client }))
}
