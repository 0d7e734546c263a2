//! Writing in groups: many rows, each in effect a transaction of its own, in as few commits as they come.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures::FutureExt as _;
use futures::future::BoxFuture;
use serde_json::{Map, Value};
use tokio::sync::mpsc;

use super::{Decided, Done, InFlight, RowRequest, Run};
use crate::checks::Facts;
use crate::finding::Judgement;
use crate::onboarding::apply::{
    Applied, CarriedOut, Decision, Deed, Describe, WriteContext, apply, carry_out, decide, decide_as_judged,
};
use crate::onboarding::gather::team_question;
use crate::onboarding::{Fault, Operator};
use crate::product::facts::TeamQuestion;
use crate::product::repository::{Entry, Errand, StoreError, UnitOfWork};

/// How long a group stays open for further rows: as long as it can without a row waiting more than 100 ms in all.
const OPEN_FOR: Duration = Duration::from_millis(70);

/// How often it is looked whether others can still come.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// Rows of a group at the most: what is written in less than the rest of the 100 ms.
const MOST: usize = 100;

/// A row that is ready to be written.
pub(super) struct Ready {
    row: InFlight,
    /// What was decided on what the product said when the row was looked at. Under the write lock it holds if the product says
    /// the same: all that takes long is done before, where rows do not wait for each other.
    foreseen: Decision,
    /// How the audit row tells of it.
    details: Map<String, Value>,
    /// Since when it waits.
    since: Instant,
}

impl Ready {
    /// Decides on the row, and words its audit row.
    ///
    /// # Errors
    ///
    /// [`Fault`], with the row: its secret cannot be sealed.
    pub(super) fn new(
        run: &Run,
        row: InFlight,
        facts: Box<Facts>,
        judgements: Vec<Judgement>,
    ) -> Result<Self, Box<(InFlight, Fault)>> {
        let operator = run.operator();
        let foreseen = {
            let describe = describe(run, &row.asked);
            let context = write_context(run, &operator, &describe);
            decide_as_judged(context, &row.asked.request, facts, judgements)
                .map(|decision| (decision.details(context, false), decision))
        };
        match foreseen {
            Ok((details, foreseen)) => Ok(Self { row, foreseen, details, since: Instant::now() }),
            Err(fault) => Err(Box::new((row, fault))),
        }
    }
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
        run.counts.writing.store(true, Ordering::Relaxed);
        let written = write(&run, group).await;
        run.counts.writing.store(false, Ordering::Relaxed);
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

/// What became of a row in a transaction that is not committed yet.
struct Carried {
    /// Decided anew; `None`: as it was foreseen.
    anew: Option<Applied>,
    /// The transaction holds something of it.
    has_written: bool,
}

impl From<CarriedOut> for Carried {
    fn from(CarriedOut { applied, has_written }: CarriedOut) -> Self {
        Self { anew: Some(applied), has_written }
    }
}

type Outcomes = Vec<Result<Carried, Fault>>;

async fn write(run: &Arc<Run>, mut group: Vec<Ready>) -> Vec<Done> {
    let operator = run.operator();
    let mut details = Vec::with_capacity(group.len());
    for ready in &mut group {
        ready.foreseen.set_time(operator.now);
        details.push(std::mem::take(&mut ready.details));
    }
    let group = Arc::new(group);
    let (mut outcomes, fault) = match in_one_transaction(run, &group, details, &operator).await {
        Ok(outcomes) => (outcomes.into_iter(), None),
        Err(fault) => (Vec::new().into_iter(), Some(fault)),
    };
    let mut results: Vec<Result<Option<Applied>, Fault>> = Vec::with_capacity(group.len());
    for ready in group.iter() {
        let result = match (outcomes.next(), &fault) {
            (Some(Ok(carried)), _) => Ok(carried.anew),
            // Somebody else was first. The row alone may try again, and is told its own reasons.
            (Some(Err(fault)), _) if is_a_race(&fault) => alone(run, ready, &operator).await.map(Some),
            (Some(Err(fault)), _) => Err(fault),
            (None, Some(fault)) if !is_a_race(fault) => Err(fault.clone()),
            (None, _) => alone(run, ready, &operator).await.map(Some),
        };
        results.push(result);
    }
    if let Some(fault) = &fault {
        run.note(fault);
    }
    let group = Arc::into_inner(group).unwrap_or_default();
    let done = group.into_iter().zip(results).map(|(Ready { row, foreseen, .. }, result)| {
        row.done(result.map(|anew| Box::new(decided(anew.unwrap_or_else(|| foreseen.applied(None))))))
    });
    done.collect()
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
async fn in_one_transaction(
    run: &Arc<Run>,
    group: &Arc<Vec<Ready>>,
    details: Vec<Map<String, Value>>,
    operator: &Operator,
) -> Result<Outcomes, Fault> {
    match in_transaction(run, group, operator, |run, unit, group, operator| {
        together(run, unit, group, details, operator).boxed()
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
    if outcomes.iter().flatten().any(|carried| carried.has_written) {
        unit.commit().await?;
    }
    Ok(outcomes)
}

/// Reads for all rows at once, decides one after the other, writes all at once.
///
/// None of them rests on what another writes: rows that want the same wait for each other by their claims, each until the one
/// before it is written. Where they come to want the same in between, since somebody's team is another one by now, the
/// database refuses that, and each goes for itself.
async fn together(
    run: &Run,
    unit: &mut dyn UnitOfWork,
    group: &[Ready],
    details: Vec<Map<String, Value>>,
    operator: &Operator,
) -> Result<Outcomes, Fault> {
    let questions: Vec<Option<TeamQuestion>> =
        group.iter().map(|ready| team_question(&ready.row.asked.request, ready.foreseen.facts())).collect();
    let asked: Vec<TeamQuestion> = questions.iter().flatten().cloned().collect();
    if run.reads_users_whole {
        unit.look_ahead(&asked).await?;
    }
    let mut answers = unit.team_facts(&asked).await?.into_iter();
    let mut entries = Vec::with_capacity(group.len());
    let mut outcomes = Vec::with_capacity(group.len());
    for ((ready, question), worded) in group.iter().zip(&questions).zip(details) {
        let product = if question.is_some() { answers.next() } else { None };
        let describe = describe(run, &ready.row.asked);
        let (context, request, foreseen) =
            (write_context(run, operator, &describe), &ready.row.asked.request, &ready.foreseen);
        let anew = if product == foreseen.facts().product {
            None
        } else {
            match decide(context, request, foreseen.facts(), foreseen.judgements(), product) {
                Ok(decision) => Some(decision),
                Err(fault) => {
                    outcomes.push(Err(fault));
                    continue;
                }
            }
        };
        let details = anew.as_ref().map_or(worded, |decision| decision.details(context, false));
        let decision = anew.as_ref().unwrap_or(foreseen);
        let tokens = match &decision.connection {
            Some(connection) if decision.change.is_some() && decision.stood_before() => {
                unit.scim_tokens(Some(&connection.id)).await?
            }
            _ => Vec::new(),
        };
        let event = decision.event(context, request, details, None, &tokens);
        let has_written = event.is_some();
        if let Some(event) = event {
            entries.push(Entry { change: decision.change.clone(), event });
        }
        outcomes.push(Ok(Carried { anew: anew.map(|decision| decision.applied(None)), has_written }));
    }
    unit.write_entries(entries).await?;
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

async fn one_part(run: &Run, unit: &mut dyn UnitOfWork, ready: &Ready, operator: &Operator) -> Result<Carried, Fault> {
    unit.begin_part().await?;
    let describe = describe(run, &ready.row.asked);
    let (context, foreseen) = (write_context(run, operator, &describe), &ready.foreseen);
    let done = carry_out(context, unit, &ready.row.asked.request, foreseen.facts(), foreseen.judgements());
    match done.await {
        Ok(carried_out) => {
            unit.keep_part().await?;
            Ok(carried_out.into())
        }
        Err(fault) => {
            unit.undo_part().await?;
            Err(fault)
        }
    }
}

/// One row in a transaction of its own, as a single request is written.
async fn alone(run: &Run, ready: &Ready, operator: &Operator) -> Result<Applied, Fault> {
    let describe = describe(run, &ready.row.asked);
    let (context, foreseen) = (write_context(run, operator, &describe), &ready.foreseen);
    apply(context, &ready.row.asked.request, foreseen.facts(), foreseen.judgements()).await
}

fn describe<'d>(run: &'d Run, asked: &'d RowRequest) -> impl Fn(&Deed<'_>) -> Map<String, Value> + Sync + 'd {
    |deed| (run.describe)(asked, deed)
}

fn write_context<'d>(run: &'d Run, operator: &'d Operator, describe: Describe<'d>) -> WriteContext<'d> {
    WriteContext {
        repository: &*run.repository,
        keys: &run.keys,
        config: &run.config,
        operator,
        wish: run.wish,
        describe,
    }
}
