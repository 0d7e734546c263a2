//! Writing in groups: many rows, each in effect a transaction of its own, in as few commits as they come.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures::FutureExt as _;
use futures::future::BoxFuture;
use jiff::Timestamp;
use serde_json::{Map, Value};
use tokio::sync::mpsc;

use super::written::Written;
use super::{Decided, Done, InFlight, Run};
use crate::checks::Facts;
use crate::finding::Judgement;
use crate::onboarding::apply::{Applied, CarriedOut, Deed, Describe, Desk, apply, carry_out, decide};
use crate::onboarding::gather::team_question;
use crate::onboarding::{Fault, Operator};
use crate::product;
use crate::product::facts::TeamQuestion;
use crate::product::repository::{Entry, Errand, StoreError, UnitOfWork};

/// How long a group stays open for further rows. With the commit itself, no row waits longer than 100 ms for its group.
const OPEN_FOR: Duration = Duration::from_millis(70);

/// How often it is looked whether others can still come.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// Rows of a group at the most.
const MOST: usize = 512;

/// A row that is ready to be written.
pub(super) struct Ready {
    pub(super) row: InFlight,
    pub(super) facts: Facts,
    pub(super) judgements: Vec<Judgement>,
    /// Since when it waits.
    pub(super) since: Instant,
}

/// Writes what comes until nobody can send any more.
pub(super) async fn write_all(run: Arc<Run>, mut ready: mpsc::Receiver<Ready>, done: mpsc::Sender<Vec<Done>>) {
    while let Some(first) = ready.recv().await {
        let since = first.since;
        let until = since + OPEN_FOR;
        let mut group = vec![first];
        while group.len() < MOST {
            if let Ok(row) = ready.try_recv() {
                group.push(row);
                continue;
            }
            let now = Instant::now();
            if now >= until || run.is_last_group(group.len()) {
                break;
            }
            // Looked at now and then: the last row under way may have ended without coming here.
            let look = until.min(now + LOOK_EVERY);
            match tokio::time::timeout_at(look.into(), ready.recv()).await {
                Ok(Some(row)) => group.push(row),
                Ok(None) => break,
                Err(_) => {}
            }
        }
        let open_for = since.elapsed().as_millis();
        let written = write(&run, group).await;
        let to_commit = since.elapsed().as_millis();
        tracing::debug!(
            "wrote a group of {} rows: {open_for} ms for further ones, {to_commit} ms to the commit",
            written.len()
        );
        if done.send(written).await.is_err() {
            return;
        }
    }
}

type Outcomes = Vec<Result<CarriedOut, Fault>>;

async fn write(run: &Arc<Run>, group: Vec<Ready>) -> Vec<Done> {
    let operator = Operator { actor: run.actor.clone(), now: Timestamp::now() };
    let group = Arc::new(group);
    let (mut outcomes, fault) = match in_one_transaction(run, &group, &operator).await {
        Ok(outcomes) => (outcomes.into_iter(), None),
        Err(fault) => (Vec::new().into_iter(), Some(fault)),
    };
    let mut results: Vec<Result<Applied, Fault>> = Vec::with_capacity(group.len());
    for ready in group.iter() {
        let result = match (outcomes.next(), &fault) {
            (Some(Ok(carried_out)), _) => Ok(carried_out.applied),
            // Somebody else was first. The row alone may try again, and is told its own reasons.
            (Some(Err(fault)), _) if is_a_race(&fault) => alone(run, ready, &operator).await,
            (Some(Err(fault)), _) => Err(fault),
            (None, Some(fault)) if !is_a_race(fault) => Err(fault.clone()),
            (None, _) => alone(run, ready, &operator).await,
        };
        results.push(result);
    }
    if let Some(fault) = &fault {
        run.note(fault);
    }
    let rows = Arc::into_inner(group).unwrap_or_default();
    let rows = rows.into_iter().zip(results);
    rows.map(|(ready, result)| ready.row.done(result.map(|applied| Box::new(decided(applied))))).collect()
}

/// Whether trying again may help at once.
fn is_a_race(fault: &Fault) -> bool {
    matches!(fault, Fault::Store(StoreError::Taken { .. }))
}

fn decided(applied: Applied) -> Decided {
    // No SCIM token is made here: it would have to be shown, once, and to somebody.
    let Applied { outcome, connection, judgements, facts, scim: _ } = applied;
    Decided { outcome, judgements, facts, connection, plan: None }
}

/// Every row of the group in one transaction and one commit: all of them together, and where that does not come to an end, each
/// in a part of its own.
async fn in_one_transaction(run: &Arc<Run>, group: &Arc<Vec<Ready>>, operator: &Operator) -> Result<Outcomes, Fault> {
    match in_transaction(run, group, operator, |run, unit, group, operator| {
        together(run, unit, group, operator).boxed()
    })
    .await
    {
        Err(fault) if group.len() > 1 && concerns_one_row(&fault) => {
            tracing::debug!("a group of {} rows, each for itself: {fault}", group.len());
            in_transaction(run, group, operator, |run, unit, group, operator| {
                one_by_one(run, unit, group, operator).map(Ok).boxed()
            })
            .await
        }
        done => done,
    }
}

/// Whether the others may come through without the row that met it.
fn concerns_one_row(fault: &Fault) -> bool {
    matches!(
        fault,
        Fault::Store(
            StoreError::Taken { .. }
                | StoreError::Conflict { .. }
                | StoreError::Unreadable { .. }
                | StoreError::Other { .. }
        )
    )
}

/// Runs `work` on the group in a transaction, and commits what it has written.
async fn in_transaction<W>(
    run: &Arc<Run>,
    group: &Arc<Vec<Ready>>,
    operator: &Operator,
    work: W,
) -> Result<Outcomes, Fault>
where
    W: for<'w> FnOnce(
            &'w Run,
            &'w mut dyn UnitOfWork,
            &'w [Ready],
            &'w Operator,
        ) -> BoxFuture<'w, Result<Outcomes, Fault>>
        + Send
        + 'static,
{
    let mut unit = run.repository.begin().await?;
    let outcomes: Arc<Mutex<Option<Result<Outcomes, Fault>>>> = Arc::default();
    let errand: Errand = {
        let (run, group, operator, outcomes) =
            (Arc::clone(run), Arc::clone(group), operator.clone(), Arc::clone(&outcomes));
        Box::new(move |unit| {
            async move {
                let done = work(&run, unit, &group, &operator).await;
                *outcomes.lock().unwrap_or_else(PoisonError::into_inner) = Some(done);
            }
            .boxed()
        })
    };
    unit.run_errand(errand).await?;
    let outcomes = outcomes.lock().unwrap_or_else(PoisonError::into_inner).take().unwrap_or_else(|| Ok(Vec::new()))?;
    if outcomes.iter().flatten().any(|carried_out| carried_out.has_written) {
        unit.commit().await?;
    }
    Ok(outcomes)
}

/// Reads for all rows at once, decides one after the other, writes all at once.
async fn together(
    run: &Run,
    unit: &mut dyn UnitOfWork,
    group: &[Ready],
    operator: &Operator,
) -> Result<Outcomes, Fault> {
    let questions: Vec<Option<TeamQuestion>> =
        group.iter().map(|ready| team_question(&ready.row.asked.request, &ready.facts)).collect();
    // A row that has something in common with an earlier one is read once that one is written.
    let mut earlier = Written::default();
    let at_once: Vec<TeamQuestion> =
        questions.iter().flatten().filter(|question| earlier.is_first_to_name(question)).cloned().collect();
    if run.reads_users_whole {
        unit.look_ahead(&at_once).await?;
    }
    let mut answers = unit.team_facts(&at_once).await?.into_iter();
    let (mut earlier, mut written) = (Written::default(), Written::default());
    let mut entries = Vec::new();
    let mut outcomes = Vec::with_capacity(group.len());
    for (ready, question) in group.iter().zip(&questions) {
        let asked = question.as_ref().is_some_and(|question| earlier.is_first_to_name(question));
        let mut product = if asked { answers.next() } else { None };
        if let Some(question) = question
            && product.as_ref().is_none_or(|product| written.concerns(question, product))
        {
            unit.write_entries(&std::mem::take(&mut entries)).await?;
            product = Some(product::facts::gather(unit, question).await?);
        }
        let describe = describe(run, ready);
        let (desk, request) = (desk(run, operator, &describe), &ready.row.asked.request);
        let decision = match decide(desk, request, &ready.facts, &ready.judgements, product) {
            Ok(decision) => decision,
            Err(fault) => {
                outcomes.push(Err(fault));
                continue;
            }
        };
        let tokens = match &decision.connection {
            Some(connection) if decision.change.is_some() && decision.stood_before() => {
                unit.scim_tokens(Some(&connection.id)).await?
            }
            _ => Vec::new(),
        };
        let event = decision.event(desk, request, None, &tokens);
        let has_written = event.is_some();
        if let Some(event) = event {
            written.note(question.as_ref(), &decision);
            entries.push(Entry { change: decision.change.clone(), event });
        }
        outcomes.push(Ok(CarriedOut { applied: decision.applied(None), has_written }));
    }
    unit.write_entries(&entries).await?;
    Ok(outcomes)
}

/// Each row in a part of its own: one that cannot be written takes no other with it.
async fn one_by_one(run: &Run, unit: &mut dyn UnitOfWork, group: &[Ready], operator: &Operator) -> Outcomes {
    let mut outcomes = Vec::with_capacity(group.len());
    for ready in group {
        outcomes.push(one_part(run, unit, ready, operator).await);
    }
    outcomes
}

async fn one_part(
    run: &Run,
    unit: &mut dyn UnitOfWork,
    ready: &Ready,
    operator: &Operator,
) -> Result<CarriedOut, Fault> {
    unit.begin_part().await?;
    let describe = describe(run, ready);
    let done =
        carry_out(desk(run, operator, &describe), unit, &ready.row.asked.request, &ready.facts, &ready.judgements);
    match done.await {
        Ok(carried_out) => {
            unit.keep_part().await?;
            Ok(carried_out)
        }
        Err(fault) => {
            unit.undo_part().await?;
            Err(fault)
        }
    }
}

/// One row in a transaction of its own, as a single request is written.
async fn alone(run: &Run, ready: &Ready, operator: &Operator) -> Result<Applied, Fault> {
    let describe = describe(run, ready);
    apply(desk(run, operator, &describe), &ready.row.asked.request, &ready.facts, &ready.judgements).await
}

fn describe<'d>(run: &'d Run, ready: &'d Ready) -> impl Fn(&Deed<'_>) -> Map<String, Value> + Sync + 'd {
    |deed| (run.describe)(&ready.row.asked, deed)
}

fn desk<'d>(run: &'d Run, operator: &'d Operator, describe: Describe<'d>) -> Desk<'d> {
    Desk { repository: &*run.repository, keys: &run.keys, config: &run.config, operator, wish: run.wish, describe }
}
