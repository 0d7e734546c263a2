//! A plan, carried out: one transaction that decides again under the write lock, then writes the connection, its
//! domains and its audit row, or none of them (C-04, C-05).

use std::sync::Arc;

use aws_lc_rs::rand;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::gather::{SECRET_FIELD, compare_secret, team_question};
use super::plan::{Outcome, Plan, PlannedConnection, PlannedSettings, Wish};
use super::scim::{self, Issued};
use super::{Fault, Operator, until_settled};
use crate::checks::{self, Facts};
use crate::config::{ANY_PROVIDER, Config};
use crate::finding::Judgement;
use crate::makes::ProviderKind;
use crate::product::audit_event::{Action, AuditEvent};
use crate::product::audit_trail;
use crate::product::connection::{Connection, OidcSettings, ProtocolSettings, Status};
use crate::product::facts::ProductFacts;
use crate::product::repository::{Change, ConnectionRecord, Repository, UnitOfWork, as_kept};
use crate::product::scim_token::ScimToken;
use crate::request::OnboardingRequest;
use crate::request::names::{ClientSecret, ConnectionId, TicketRef};
use crate::request::saml_names::AccountToken;
use crate::sealing::{self, Binding, SealingKeys};

/// What came of it.
#[derive(Debug, Clone)]
pub struct Applied {
    /// How it ended.
    pub outcome: Outcome,
    /// The connection as it stands now, where the team has one.
    pub connection: Option<Connection>,
    /// The judgements that decided: those about the team are the ones made under the write lock.
    pub judgements: Arc<[Judgement]>,
    /// The facts they rest on.
    pub facts: Box<Facts>,
    /// The SCIM token that was made with it, and that nobody has seen yet.
    pub scim: Option<Issued>,
}

/// What goes into the `details` of the audit row: the report room words it.
pub type Describe<'d> = &'d (dyn Fn(&Deed<'_>) -> Map<String, Value> + Sync);

/// What was decided, as the audit row has to tell it.
#[derive(Debug, Clone, Copy)]
pub struct Deed<'d> {
    /// How it ended.
    pub outcome: Outcome,
    /// What decided.
    pub judgements: &'d Arc<[Judgement]>,
    /// What it rests on.
    pub facts: &'d Facts,
    /// The connection as it stands now.
    pub connection: Option<&'d Connection>,
    /// Whether a SCIM token was made with it.
    pub provisioned: bool,
}

/// Everything a write needs besides the request and its facts.
#[derive(Clone, Copy)]
pub struct WriteContext<'d> {
    /// The database.
    pub repository: &'d dyn Repository,
    /// The sealing keys.
    pub keys: &'d SealingKeys,
    /// The configuration.
    pub config: &'d Config,
    /// Who and when.
    pub operator: &'d Operator,
    /// What the operator asked for.
    pub wish: Wish,
    /// How the audit row is worded.
    pub describe: Describe<'d>,
}

/// Decides again under the write lock, then writes. A refusal is written too: as an audit row and nothing else.
///
/// # Errors
///
/// [`Fault`]: nothing was written.
pub async fn apply(
    context: WriteContext<'_>,
    request: &OnboardingRequest,
    facts: &Facts,
    judgements: &[Judgement],
) -> Result<Applied, Fault> {
    until_settled(|| async move {
        let mut unit = context.repository.begin().await?;
        let carried_out = Box::pin(carry_out(context, &mut *unit, request, facts, judgements)).await?;
        if carried_out.has_written {
            unit.commit().await?;
        }
        Ok(carried_out.applied)
    })
    .await
}

/// What came of a request in a transaction that is not committed yet.
#[derive(Debug, Clone)]
pub struct CarriedOut {
    /// How it ends once the transaction is committed.
    pub applied: Applied,
    /// Whether the transaction holds something of it.
    pub has_written: bool,
}

/// Decides again in `unit`, a transaction under the write lock, and writes into it. Committing is the caller's.
///
/// # Errors
///
/// [`Fault`]: what was written into `unit` so far is to be undone.
pub async fn carry_out(
    context: WriteContext<'_>,
    unit: &mut dyn UnitOfWork,
    request: &OnboardingRequest,
    facts: &Facts,
    judgements: &[Judgement],
) -> Result<CarriedOut, Fault> {
    let product = match team_question(request, facts) {
        Some(question) => unit.team_facts(std::slice::from_ref(&question)).await?.pop(),
        None => None,
    };
    let decision = decide(context, request, facts, judgements, product)?;
    tracing::debug!("decided under the write lock: {}", decision.outcome.as_str());
    if let Some(change) = &decision.change {
        unit.carry_out(change).await?;
    }
    let scim = match &decision.connection {
        Some(connection) if decision.outcome.has_switched_on() && context.wish.scim => {
            scim::issue_within(&mut *unit, &connection.id, &context.config.scim, context.operator.now).await?
        }
        _ => None,
    };
    let tokens = match &decision.connection {
        Some(connection) if decision.change.is_some() && (scim.is_some() || decision.stood_before()) => {
            unit.scim_tokens(Some(&connection.id)).await?
        }
        _ => Vec::new(),
    };
    let event = decision.event(context, request, decision.details(context, scim.is_some()), scim.as_ref(), &tokens);
    if let Some(event) = &event {
        unit.append_audit(event).await?;
    }
    Ok(CarriedOut { applied: decision.applied(scim), has_written: event.is_some() })
}

/// What was decided, and is still to be written. It holds if the product says under the write lock what it rests on.
#[derive(Debug, Clone)]
pub struct Decision {
    /// How it ends once it is written.
    pub outcome: Outcome,
    /// What happens to the connection.
    pub change: Option<Change>,
    /// The audit row's word; `None` where nothing is written.
    action: Option<Action>,
    /// The connection as it stands then, where the team has one.
    pub connection: Option<Connection>,
    judgements: Arc<[Judgement]>,
    facts: Box<Facts>,
}

/// Decides again, on what the `product` says under the write lock; what the network said stands.
///
/// # Errors
///
/// [`Fault`]: a secret that is stored, or to be stored, cannot be opened or sealed.
pub fn decide(
    context: WriteContext<'_>,
    request: &OnboardingRequest,
    facts: &Facts,
    judgements: &[Judgement],
    product: Option<ProductFacts>,
) -> Result<Decision, Fault> {
    let (facts, judgements) = judge_again(context, request, facts, judgements, product)?;
    decide_as_judged(context, request, facts, judgements)
}

/// Decides on `facts` and the `judgements` that were made of them.
///
/// # Errors
///
/// [`Fault`]: the secret that is to be stored cannot be sealed.
pub fn decide_as_judged(
    context: WriteContext<'_>,
    request: &OnboardingRequest,
    facts: Box<Facts>,
    judgements: Vec<Judgement>,
) -> Result<Decision, Fault> {
    let plan = Plan::of(request, &facts, &judgements, context.wish);
    let existing = facts.connection().cloned();
    let (outcome, action, change, connection) = match &plan {
        Plan::Refuse => (Outcome::Refused, Some(Action::Refused), None, existing),
        Plan::NoVerdict => (Outcome::Unknown, None, None, existing),
        Plan::Unchanged => (Outcome::Unchanged, None, None, existing),
        Plan::SwitchOn(id) => {
            let at = as_kept(context.operator.now);
            let connection = existing.map(|before| Connection { status: Status::Active, updated_at: at, ..before });
            let change = Change::SetStatus { id: id.clone(), status: Status::Active, at };
            (Outcome::Onboarded, Some(Action::Activated), Some(change), connection)
        }
        Plan::Write(planned) => {
            let record = sealed_record(context, request, planned)?;
            let team_name = facts.team().map(|team| team.name.clone());
            let connection = record.as_stored(existing.as_ref(), team_name);
            (planned.kind.outcome(), Some(planned.kind.action()), Some(Change::Put(Box::new(record))), Some(connection))
        }
    };
    Ok(Decision { outcome, change, action, connection, judgements: judgements.into(), facts })
}

impl Decision {
    /// What it rests on.
    #[must_use]
    pub const fn facts(&self) -> &Facts {
        &self.facts
    }

    /// Whether the team had a connection before that was more than reserved.
    #[must_use]
    pub fn stood_before(&self) -> bool {
        self.facts.connection().is_some_and(|connection| !connection.is_only_reserved())
    }

    /// What decided.
    #[must_use]
    pub fn judgements(&self) -> &[Judgement] {
        &self.judgements
    }

    /// Moves it to `now`: it was made a little before it is carried out.
    pub fn set_time(&mut self, now: Timestamp) {
        match &mut self.change {
            Some(Change::Put(record)) => record.at = now,
            Some(Change::SetStatus { at, .. }) => *at = as_kept(now),
            None => return,
        }
        let existed = self.facts.connection().is_some();
        if let Some(connection) = &mut self.connection {
            connection.updated_at = as_kept(now);
            if !existed {
                connection.created_at = connection.updated_at;
            }
        }
    }

    /// The wording of the audit row; empty where none is written.
    #[must_use]
    pub fn details(&self, context: WriteContext<'_>, provisioned: bool) -> Map<String, Value> {
        if self.action.is_none() {
            return Map::new();
        }
        (context.describe)(&Deed {
            outcome: self.outcome,
            judgements: &self.judgements,
            facts: &self.facts,
            connection: self.connection.as_ref(),
            provisioned,
        })
    }

    /// The audit row that tells of it in `details`, and of the SCIM token that was made with it; `None` where nothing is
    /// written. `tokens` are all that the connection has then.
    pub fn event(
        &self,
        context: WriteContext<'_>,
        request: &OnboardingRequest,
        mut details: Map<String, Value>,
        scim: Option<&Issued>,
        tokens: &[ScimToken],
    ) -> Option<AuditEvent> {
        let action = self.action?;
        if let Some(issued) = scim {
            details.insert("scim_token".to_owned(), issued.record.id.as_str().into());
        }
        // A refusal has changed no connection, and so is about none.
        let connection = self.change.as_ref().and(self.connection.as_ref());
        if let Some(connection) = connection {
            audit_trail::tell(&mut details, connection, tokens);
        }
        Some(AuditEvent {
            team_id: self.facts.team().map(|team| team.id.clone()),
            connection_id: connection.map(|connection| connection.id.clone()),
            details,
            ..context.operator.event(action, request.ticket.as_ref().map(TicketRef::as_str))
        })
    }

    /// What came of it, once it is written.
    #[must_use]
    pub fn applied(self, scim: Option<Issued>) -> Applied {
        let Self { outcome, connection, judgements, facts, .. } = self;
        Applied { outcome, connection, judgements, facts, scim }
    }
}

/// The judgements that rest on the product, made again on what it says now.
fn judge_again(
    context: WriteContext<'_>,
    request: &OnboardingRequest,
    facts: &Facts,
    judgements: &[Judgement],
    product: Option<ProductFacts>,
) -> Result<(Box<Facts>, Vec<Judgement>), Fault> {
    let mut facts = Box::new(Facts { product, ..facts.clone() });
    facts.same_secret = compare_secret(Some(context.keys), request, facts.connection())?;
    let intent = context.wish.intent();
    let mut again = checks::run_team(request, &facts, &context.config.policy, intent);
    let judgements = judgements
        .iter()
        .map(|judgement| match again.iter().position(|other| other.id == judgement.id) {
            Some(at) => again.swap_remove(at),
            None => judgement.clone(),
        })
        .collect();
    Ok((facts, judgements))
}

fn sealed_record(
    context: WriteContext<'_>,
    request: &OnboardingRequest,
    planned: &PlannedConnection,
) -> Result<ConnectionRecord, Fault> {
    let id = planned.supersedes.clone().unwrap_or_else(ConnectionId::allocate);
    let settings = match &planned.settings {
        PlannedSettings::Oidc { issuer, client_id, client_authentication, id_token_algorithms } => {
            let binding = Binding { connection_id: &id, team_id: &planned.team_id, field: SECRET_FIELD };
            let secret = request.oidc().and_then(|oidc| oidc.client_secret.as_ref()).map_or("", ClientSecret::expose);
            ProtocolSettings::Oidc(OidcSettings {
                issuer: issuer.clone(),
                client_id: client_id.clone(),
                client_authentication: *client_authentication,
                id_token_algorithms: id_token_algorithms.clone(),
                redirect_uri: context.config.redirect_uri(Some(planned.team_id.as_str())),
                sealed_secret: sealing::seal(context.keys, &binding, secret)?,
            })
        }
        PlannedSettings::Saml(settings) => ProtocolSettings::Saml((**settings).clone()),
    };
    let account_token = planned.account_token.clone().map_or_else(AccountToken::allocate, Ok)?;
    Ok(ConnectionRecord {
        team_id: planned.team_id.clone(),
        status: planned.kind.status(),
        settings: Some(settings),
        claims: planned.claims.clone(),
        acs_url: planned.acs_url.clone().or_else(|| {
            let PlannedSettings::Saml(saml) = &planned.settings else { return None };
            let locations = saml.sso.iter().map(|endpoint| endpoint.location.as_str());
            let make = ProviderKind::of_saml(saml.entity_id.as_str(), locations);
            Some(context.config.acs_url(&account_token, make.word().unwrap_or(ANY_PROVIDER)))
        }),
        account_token,
        domain_challenge: planned.domain_challenge.clone().map_or_else(new_challenge, Ok)?,
        ticket: request.ticket.as_ref().map(ToString::to_string),
        at: context.operator.now,
        id,
    })
}

/// A challenge for domain proofs: 144 random bits, safe in DNS.
///
/// # Errors
///
/// [`Fault::Random`].
pub(super) fn new_challenge() -> Result<String, Fault> {
    let mut bytes = [0_u8; 18];
    rand::fill(&mut bytes).map_err(|_| Fault::Random)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}
