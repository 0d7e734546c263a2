//! Writing in groups: many rows, each in effect a transaction of its own, in as few commits as they come.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures::FutureExt as _;
use jiff::Timestamp;
use serde_json::{Map, Value};
use tokio::sync::mpsc;

use super::{Decided, Done, InFlight, Run};
use crate::checks::Facts;
use crate::finding::Judgement;
use crate::onboarding::apply::{Applied, CarriedOut, Deed, Describe, Desk, apply, carry_out};
use crate::onboarding::{Fault, Operator};
use crate::product::repository::{Errand, StoreError, UnitOfWork};

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
        let until = first.since + OPEN_FOR;
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
        let written = write(&run, group).await;
        tracing::debug!("wrote a group of {} rows", written.len());
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

/// Every row of the group in one transaction, each in a part of its own, and one commit.
async fn in_one_transaction(run: &Arc<Run>, group: &Arc<Vec<Ready>>, operator: &Operator) -> Result<Outcomes, Fault> {
    let mut unit = run.repository.begin().await?;
    let outcomes: Arc<Mutex<Outcomes>> = Arc::default();
    let errand: Errand = {
        let (run, group, operator, outcomes) =
            (Arc::clone(run), Arc::clone(group), operator.clone(), Arc::clone(&outcomes));
        Box::new(move |unit| {
            async move {
                for ready in group.iter() {
                    let outcome = one_part(&run, unit, ready, &operator).await;
                    outcomes.lock().unwrap_or_else(PoisonError::into_inner).push(outcome);
                }
            }
            .boxed()
        })
    };
    unit.run_errand(errand).await?;
    let outcomes = std::mem::take(&mut *outcomes.lock().unwrap_or_else(PoisonError::into_inner));
    if outcomes.iter().flatten().any(|carried_out| carried_out.has_written) {
        unit.commit().await?;
    }
    Ok(outcomes)
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
