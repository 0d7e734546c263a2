//! `prepare`: a connection reserved for a team, so that what the customer is told to enter stays true.

use serde_json::{Map, Value};

use super::apply::new_challenge;
use super::gather::{NEARBY, domain_of_others, team_question};
use super::{Fault, Operator, until_settled};
use crate::checks::{self, Facts, Intent, catalogue};
use crate::config::Policy;
use crate::finding::{CheckId, Judgement, Verdict};
use crate::product;
use crate::product::audit_event::{Action, AuditEvent};
use crate::product::audit_trail;
use crate::product::connection::{Connection, Status};
use crate::product::repository::{ConnectionRecord, Repository};
use crate::product::team::Team;
use crate::request::OnboardingRequest;
use crate::request::names::ConnectionId;
use crate::request::saml_names::AccountToken;

/// What came of it.
#[derive(Debug, Clone)]
pub enum Reserved {
    /// The team's connection, new or as it was; and what was looked at.
    Yes {
        /// The team.
        team: Team,
        /// Its connection.
        connection: Box<Connection>,
        /// What was looked at: no gate fails, and what else would stand in the way of onboarding.
        judgements: Vec<Judgement>,
        /// The facts they rest on.
        facts: Box<Facts>,
    },
    /// A check stands in the way.
    No {
        /// What was looked at.
        judgements: Vec<Judgement>,
        /// The facts they rest on.
        facts: Box<Facts>,
    },
}

/// The checks that decide whether a team may be told anything: what was asked for, whose it is, and its gates.
const GATES: [CheckId; 5] = [
    catalogue::REQUEST_COMPLETE,
    catalogue::TEAM_OWNER,
    catalogue::TEAM_MANAGEMENT,
    catalogue::TEAM_PLAN,
    catalogue::TEAM_REQUESTER,
];

/// Our assertion consumer service for a team with this account token.
pub type AcsUrl<'a> = &'a (dyn Fn(&AccountToken) -> String + Sync);

/// Further particulars for the audit row of what came of it, such as the reply.
pub type Describe<'a> = &'a (dyn Fn(&Reserved) -> Map<String, Value> + Sync);

/// Reserves a connection for the owner's team, or finds the one there is. With `acs_url` the customer is told to set up
/// SAML: the URL they are told the first time is written down, and stays.
///
/// # Errors
///
/// [`Fault`]: nothing was written.
pub async fn reserve(
    repository: &dyn Repository,
    policy: &Policy,
    operator: &Operator,
    request: &OnboardingRequest,
    acs_url: Option<AcsUrl<'_>>,
    describe: Describe<'_>,
) -> Result<Reserved, Fault> {
    until_settled(|| async move {
        let mut unit = repository.begin().await?;
        let product = match team_question(request, &Facts::default()) {
            None => None,
            Some(question) => Some(product::facts::gather(&mut *unit, &question).await?),
        };
        let owners_nearby = match domain_of_others(request, product.as_ref(), policy) {
            Some(domain) => unit.owners_at(domain, NEARBY).await?,
            None => Vec::new(),
        };
        let facts = Facts { product, owners_nearby, ..Facts::default() };
        let judgements = checks::run_without_provider(request, &facts, policy, Intent::default());
        let gates: Vec<Judgement> =
            judgements.iter().filter(|judgement| GATES.contains(&judgement.id)).cloned().collect();
        let team = facts.team().cloned();
        let ticket = request.ticket.as_ref().map(ToString::to_string);
        let mut details = Map::new();
        details.insert("command".to_owned(), "prepare".into());
        details.insert("owner".to_owned(), request.owner.as_ref().map(ToString::to_string).into());
        let refused = gates.iter().any(|one| one.verdict == Verdict::Fail);
        let (Some(team), false) = (team, refused) else {
            details.insert("checks".to_owned(), gates.iter().filter_map(Judgement::notable).collect());
            let refused = Reserved::No { judgements: gates, facts: Box::new(facts) };
            details.extend(describe(&refused));
            unit.append_audit(&AuditEvent { details, ..operator.event(Action::Refused, ticket.as_deref()) }).await?;
            unit.commit().await?;
            return Ok(refused);
        };
        let stored = facts.connection().cloned();
        let (connection, is_news) = match (stored, acs_url) {
            (Some(mut connection), Some(acs_url)) if connection.acs_url.is_none() => {
                let told = acs_url(&connection.account_token);
                unit.set_acs_url(&connection.id, &told, operator.now).await?;
                connection.acs_url = Some(told);
                (connection, true)
            }
            (Some(connection), _) => (connection, false),
            (None, _) => {
                let account_token = AccountToken::allocate()?;
                let record = ConnectionRecord {
                    id: ConnectionId::allocate(),
                    team_id: team.id.clone(),
                    status: Status::Prepared,
                    settings: None,
                    claims: Vec::new(),
                    acs_url: acs_url.map(|acs_url| acs_url(&account_token)),
                    account_token,
                    domain_challenge: new_challenge()?,
                    ticket: ticket.clone(),
                    at: operator.now,
                };
                unit.put_connection(&record).await?;
                (record.as_stored(None, Some(team.name.clone())), true)
            }
        };
        let (team_id, connection_id) = (Some(team.id.clone()), Some(connection.id.clone()));
        if is_news {
            let tokens = unit.scim_tokens(Some(&connection.id)).await?;
            audit_trail::tell(&mut details, &connection, &tokens);
        }
        let reserved = Reserved::Yes { team, connection: Box::new(connection), judgements, facts: Box::new(facts) };
        if is_news {
            details.extend(describe(&reserved));
            let prepared = operator.event(Action::Prepared, ticket.as_deref());
            unit.append_audit(&AuditEvent { team_id, connection_id, details, ..prepared }).await?;
            unit.commit().await?;
        }
        Ok(reserved)
    })
    .await
}
