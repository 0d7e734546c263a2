//! The first look at a row: what the product and the stored connection say of it, before anything is asked over the network.

use super::claims::{Claims, Wants};
use super::{RowRequest, Run};
use crate::checks::{self, Facts, RowFacts};
use crate::finding::{Judgement, Verdict};
use crate::foreign;
use crate::input::Input;
use crate::onboarding::Fault;
use crate::onboarding::gather::{compare_secret, proofs_at_hand, team_question};
use crate::onboarding::plan::Outcome;
use crate::product::connection::{Connection, Status};
use crate::product::facts::{ProductFacts, TeamQuestion};
use crate::product::repository::StoreResult;
use crate::request::{Change, MetadataSource, OnboardingRequest, ProviderRequest};
use crate::saml::facts::{entity_at_hand, sha256_at_hand};

/// A row, with what is known of it without a network.
pub(super) struct Looked {
    pub(super) asked: RowRequest,
    /// What it wants; `None` while its team is not known: then it gets nothing.
    pub(super) wants: Option<Wants>,
    pub(super) known: Result<Known, Fault>,
}

/// What is known of a row without a network.
pub(super) struct Known {
    pub(super) facts: Box<Facts>,
    /// The verdicts so far, and how it ends, where no network is needed to tell: unless another row stands in the way.
    pub(super) at_hand: Option<(Outcome, Vec<Judgement>)>,
    /// DNS has to be asked for proof of a domain.
    pub(super) needs_dns: bool,
}

/// Looks at a batch of rows, in one snapshot of the product database.
pub(super) async fn look(run: &Run, claims: &Claims, batch: Vec<RowRequest>) -> Vec<Looked> {
    let questions: Vec<Option<TeamQuestion>> =
        batch.iter().map(|asked| team_question(&asked.request, &Facts::default())).collect();
    let all: Vec<TeamQuestion> = questions.iter().flatten().cloned().collect();
    let mut answers: Vec<StoreResult<ProductFacts>> = match ask(run, &all).await {
        Ok(answers) => answers.into_iter().map(Ok).collect(),
        // One stored value that cannot be read is one row's fault, not the others'.
        Err(_) => one_by_one(run, &all).await,
    };
    answers.reverse();
    batch
        .into_iter()
        .zip(questions)
        .map(|(asked, question)| {
            let product = match question {
                Some(_) => answers.pop().transpose(),
                None => Ok(None),
            };
            judged(run, claims, asked, product.map_err(Fault::Store))
        })
        .collect()
}

async fn ask(run: &Run, questions: &[TeamQuestion]) -> StoreResult<Vec<ProductFacts>> {
    if questions.is_empty() {
        return Ok(Vec::new());
    }
    let mut reads = run.repository.read().await?;
    if run.reads_users_whole {
        reads.look_ahead(questions).await?;
    }
    reads.team_facts(questions).await
}

async fn one_by_one(run: &Run, questions: &[TeamQuestion]) -> Vec<StoreResult<ProductFacts>> {
    let mut answers = Vec::with_capacity(questions.len());
    for question in questions {
        let answer = ask(run, std::slice::from_ref(question)).await;
        answers.push(answer.map(|mut found| found.pop().unwrap_or_default()));
    }
    answers
}

fn judged(run: &Run, claims: &Claims, mut asked: RowRequest, product: Result<Option<ProductFacts>, Fault>) -> Looked {
    let team = product.as_ref().ok().and_then(|product| product.as_ref()?.team());
    let stored = product.as_ref().ok().and_then(|product| product.as_ref()?.connection.as_ref());
    let replaced = stored.filter(|_| run.wish.replace);
    let wants = team.map(|team| {
        let wants = claims.wants(asked.line, &asked.request, &team.id, replaced);
        match asked.request.saml().and_then(entity_at_hand) {
            Some(entity) => claims.beginning_with(wants, &entity),
            None => wants,
        }
    });
    let known = product.and_then(|product| known(run, &mut asked, product));
    Looked { asked, wants, known }
}

/// What is known of a row whose team was read, and how it ends where that alone tells.
pub(super) fn known(run: &Run, asked: &mut RowRequest, product: Option<ProductFacts>) -> Result<Known, Fault> {
    let stored = product.as_ref().and_then(|product| product.connection.as_ref());
    if let Some(connection) = stored {
        spell_as_stored(&mut asked.request, connection);
    }
    let same_secret = compare_secret(Some(&run.keys), &asked.request, stored)?;
    let proofs = product.as_ref().map(|product| proofs_at_hand(&asked.request, product, &run.config.policy));
    let (line, team) = (asked.line, asked.team.clone());
    let row = RowFacts { line, team, since: Some(run.started), ..RowFacts::default() };
    let needs_dns = proofs.as_ref().is_some_and(Option::is_none);
    let same_metadata = stored.is_some_and(|connection| is_same_metadata(run, &asked.request, connection));
    let facts = Box::new(Facts {
        same_metadata,
        product,
        proofs: proofs.flatten().unwrap_or_default(),
        same_secret,
        row: Some(row),
        ..Facts::default()
    });
    if needs_dns {
        return Ok(Known { facts, at_hand: None, needs_dns });
    }
    let is_same = is_stored_already(run, &asked.request, &facts);
    if !is_same && run.asks_providers() {
        return Ok(Known { facts, at_hand: None, needs_dns });
    }
    let judgements = without_provider(run, &asked.request, &facts);
    let outcome = match Outcome::standing_in_the_way(&judgements) {
        None if is_same => Some(Outcome::Unchanged),
        None => Some(Outcome::Valid),
        // Everything that is wrong is told at once, what the provider has to say included.
        Some(_) if run.asks_providers() => None,
        Some(outcome) => Some(outcome),
    };
    Ok(Known { facts, at_hand: outcome.map(|outcome| (outcome, judgements)), needs_dns })
}

/// The judgements that need no provider.
pub(super) fn without_provider(run: &Run, request: &OnboardingRequest, facts: &Facts) -> Vec<Judgement> {
    checks::run_without_provider(request, facts, &run.config.policy, run.wish.intent())
}

/// An issuer that differs from the stored one in its spelling alone is taken as it is stored: the provider's own document
/// decided that spelling, and would again.
fn spell_as_stored(request: &mut OnboardingRequest, connection: &Connection) {
    let stored = connection.oidc().map(|oidc| &oidc.issuer);
    let ProviderRequest::Oidc(oidc) = &mut request.provider else { return };
    let (Some(stored), Some(asked)) = (stored, &mut oidc.issuer) else { return };
    if asked.differs_in_spelling_alone(stored) {
        request.changed.push(Change {
            input: Input::Issuer,
            from: Some(foreign::shown(asked.as_str())),
            to: Some(foreign::shown(stored.as_str())),
            why: "written as it is stored, which the provider's own document decided".to_owned(),
        });
        asked.clone_from(stored);
    }
}

/// Whether the metadata is the stored one by its address, or byte by byte where it is on this machine: it is not read.
fn is_same_metadata(run: &Run, request: &OnboardingRequest, connection: &Connection) -> bool {
    let stored = connection.saml();
    let (Some(saml), Some(stored)) = (request.saml(), stored.filter(|_| is_left_alone(run, connection))) else {
        return false;
    };
    let is_stored = match &saml.metadata {
        Some(MetadataSource::Url(url)) => stored.metadata_url.as_ref() == Some(url),
        Some(source) => sha256_at_hand(source).is_some_and(|sha256| sha256 == stored.metadata_sha256),
        None => false,
    };
    is_stored && saml.entity_id.as_ref().is_none_or(|chosen| *chosen == stored.entity_id)
}

/// Whether the team's connection has exactly these values and is as it would be left.
fn is_stored_already(run: &Run, request: &OnboardingRequest, facts: &Facts) -> bool {
    let Some(connection) = facts.connection().filter(|connection| is_left_alone(run, connection)) else { return false };
    let same = match &request.provider {
        ProviderRequest::Oidc(oidc) => {
            oidc.issuer.is_some() && oidc.client_id.is_some() && facts.same_secret == Some(true)
        }
        ProviderRequest::Saml(_) => facts.same_metadata,
    };
    same && request.findings.iter().all(|finding| finding.level < Verdict::Unknown)
        && checks::connection_differences(request, facts, connection).is_empty()
}

fn is_left_alone(run: &Run, connection: &Connection) -> bool {
    connection.status == Status::Active || (connection.status == Status::Staged && run.wish.stage)
}
