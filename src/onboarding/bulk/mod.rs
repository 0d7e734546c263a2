//! Many requests in one run: each of them decided and written as if it were alone and came in its turn, with the network,
//! the database and the commits shared among them.
//!
//! ```text
//! rows → look (product and stored connection, a batch in one snapshot) → enter (in the order of the file: who wants what)
//!      → decided at hand, or a task of its own: turn at its host → provider → earlier rows settled → judged, planned
//!      → written in groups → done
//! ```
//!
//! A bounded number of rows is under way, whatever the length of the file, and nothing is kept of those that are done but
//! what [`book`] writes down of their claims.

mod book;
mod claims;
mod hosts;
mod look;
mod row;
mod writer;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use futures::stream::{FuturesOrdered, StreamExt as _};
use serde_json::{Map, Value};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch};

use self::claims::{Claim, Claims};
use self::hosts::Turns;
use self::look::{Looked, look};
use self::writer::{Ready, write_all};
use super::apply::Deed;
use super::gather::Documents;
use super::plan::{Outcome, Plan, Wish};
use super::{Fault, Operator};
use crate::checks::Facts;
use crate::config::Config;
use crate::finding::Judgement;
use crate::net::{HttpClient, Origin};
use crate::product::connection::Connection;
use crate::product::repository::{Repository, StoreError};
use crate::request::OnboardingRequest;
use crate::sealing::SealingKeys;

/// Rows under way at the most, those that wait for their turn or for their result to be printed included.
const WINDOW: u32 = 4096;
/// Rows looked at together.
const BATCH: usize = 64;
/// Batches looked at side by side.
const LOOKS: usize = 3;
/// Where every look takes long: the pause in the file after which no further rows are waited for.
const PAUSE: Duration = Duration::from_millis(50);
/// How long rows at the network may go on once the run is to end.
const FINISH: Duration = Duration::from_millis(500);

/// How many rows are at the network at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Concurrency {
    /// In all.
    pub rows: usize,
    /// At one host, by the issuer's name.
    pub per_host: usize,
}

/// What is to be done with the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Checked and written.
    Write,
    /// Checked.
    DryRun {
        /// By the product database alone: no provider is asked.
        skip_providers: bool,
    },
}

/// Words the details of a row's audit record.
pub type DescribeRow = Box<dyn Fn(&RowRequest, &Deed<'_>) -> Map<String, Value> + Send + Sync>;

/// Everything the rows share.
pub struct Run {
    /// The one HTTP client.
    pub http: HttpClient,
    /// Origins for which plain http is permitted.
    pub allowed_http: Vec<Origin>,
    /// The database.
    pub repository: Arc<dyn Repository>,
    /// The sealing keys.
    pub keys: SealingKeys,
    /// The configuration.
    pub config: Config,
    /// Who is at work.
    pub actor: String,
    /// The database reads every user to find those of a domain: rows are looked at by thousands.
    pub reads_users_whole: bool,
    /// What the operator asked for.
    pub wish: Wish,
    /// Whether anything is written.
    pub mode: Mode,
    /// How many rows are at the network at once.
    pub concurrency: Concurrency,
    /// When it began.
    pub started: jiff::Timestamp,
    /// How audit rows are worded.
    pub describe: DescribeRow,
    /// Turned to true, the run takes no further row and ends soon.
    pub stop: watch::Receiver<bool>,
    /// How far it is.
    pub counts: Counts,
}

/// How far a run is.
#[derive(Debug, Default)]
pub struct Counts {
    /// Rows taken in.
    pub begun: AtomicU64,
    /// Rows that were given up because the run had to end: nothing of them is written.
    pub given_up: AtomicU64,
    /// Rows taken in that have not ended.
    under_way: AtomicU64,
    /// No further row comes.
    ended: AtomicBool,
    /// A group is being written.
    writing: AtomicBool,
    /// The database is such that no row could be written.
    hopeless: AtomicBool,
}

/// One row of a file.
#[derive(Debug)]
pub struct RowRequest {
    /// Which of the rows, from 0 without gaps.
    pub number: u64,
    /// The line on which it begins.
    pub line: u64,
    /// What it asks for.
    pub request: OnboardingRequest,
    /// The id of the team that it expects the owner to own.
    pub team: Option<String>,
}

/// A row that has ended. It counts as under way until this is dropped.
#[derive(Debug)]
pub struct Done {
    /// The row.
    pub asked: RowRequest,
    /// How it ended, or why there is no decision.
    pub result: Result<Box<Decided>, Fault>,
    _permit: OwnedSemaphorePermit,
}

/// How a row ended.
#[derive(Debug)]
pub struct Decided {
    /// In the words of the contract.
    pub outcome: Outcome,
    /// Every judgement.
    pub judgements: Arc<[Judgement]>,
    /// The facts they rest on.
    pub facts: Box<Facts>,
    /// The team's connection as it stands now.
    pub connection: Option<Connection>,
    /// What would be written (dry run).
    pub plan: Option<Plan>,
}

/// A row under way.
struct InFlight {
    asked: RowRequest,
    claim: Option<Claim>,
    /// Of a row whose metadata is at hand, from its reading on.
    room: Option<OwnedSemaphorePermit>,
    permit: OwnedSemaphorePermit,
    counted: Counted,
}

/// Takes a row from those under way when it is dropped.
struct Counted(Arc<Run>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.counts.under_way.fetch_sub(1, Ordering::Relaxed);
    }
}

impl InFlight {
    /// The row has ended; whoever waits for it goes on.
    fn done(self, result: Result<Box<Decided>, Fault>) -> Done {
        let Self { asked, claim, room, permit, counted } = self;
        if let Some(claim) = claim {
            claim.settle(result.as_ref().map_or(Outcome::Failed, |decided| decided.outcome));
        }
        drop((room, counted));
        Done { asked, result, _permit: permit }
    }
}

/// What the tasks of a run share.
struct Shared {
    run: Arc<Run>,
    documents: Documents,
    turns: Turns,
    ready: mpsc::Sender<Ready>,
    done: mpsc::Sender<Vec<Done>>,
}

/// Carries out every row of `rows` and hands over each as it ends, in any order; returns when all have ended and been
/// dropped, or when the run was stopped.
pub async fn carry_out(run: Arc<Run>, mut rows: mpsc::Receiver<RowRequest>, done: mpsc::Sender<Vec<Done>>) {
    let window = Arc::new(Semaphore::new(WINDOW as usize));
    let claims = Arc::new(Claims::default());
    let (ready, groups) = mpsc::channel(WINDOW as usize);
    tokio::spawn(write_all(Arc::clone(&run), groups, done.clone()));
    let turns = Turns::new(run.concurrency.rows, run.concurrency.per_host);
    let shared = Arc::new(Shared { run: Arc::clone(&run), documents: Documents::default(), turns, ready, done });
    let mut looks = FuturesOrdered::new();
    let (together, looks_at_once) = if run.reads_users_whole { (WINDOW as usize, 1) } else { (BATCH, LOOKS) };
    let mut coming = true;
    let mut batch = Vec::new();
    let mut stop = run.stop.clone();
    while coming || !looks.is_empty() {
        tokio::select! {
            biased;
            _ = stop.wait_for(|stop| *stop) => break,
            looked = looks.next(), if !looks.is_empty() => {
                let looked: Vec<Looked> = looked.and_then(Result::ok).unwrap_or_default();
                if run.is_hopeless() || enter(&shared, &claims, &window, looked).await.is_none() {
                    break;
                }
            }
            () = take(&mut rows, &mut batch, together, run.reads_users_whole), if coming && looks.len() < looks_at_once => {
                coming = !batch.is_empty();
                if coming {
                    let (run, claims, batch) = (Arc::clone(&run), Arc::clone(&claims), std::mem::take(&mut batch));
                    looks.push_back(tokio::spawn(async move { look(&run, &claims, batch).await }));
                }
            }
        }
    }
    run.counts.ended.store(true, Ordering::Relaxed);
    drop(rows);
    if run.is_stopping() {
        shared.turns.close();
    }
    drop(shared);
    // Every row under way has one permit of the window.
    let _ = window.acquire_many(WINDOW).await;
}

/// Takes the rows that are there, `most` of them; with `patience` those that come without a pause too. None: there are no
/// more. Dropped before its end, what it took is in `batch`.
async fn take(rows: &mut mpsc::Receiver<RowRequest>, batch: &mut Vec<RowRequest>, most: usize, patience: bool) {
    if batch.is_empty() && rows.recv_many(batch, most).await == 0 {
        return;
    }
    while patience && batch.len() < most {
        let further = rows.recv_many(batch, most - batch.len());
        if !tokio::time::timeout(PAUSE, further).await.is_ok_and(|taken| taken > 0) {
            return;
        }
    }
}

/// Enters rows that were looked at, in the order of the file, and sends each on its way; `None` once the run is to stop.
async fn enter(shared: &Arc<Shared>, claims: &Arc<Claims>, window: &Arc<Semaphore>, rows: Vec<Looked>) -> Option<()> {
    let run = &shared.run;
    let mut at_hand = Vec::new();
    let mut stop = run.stop.clone();
    for Looked { asked, mut wants, known } in rows {
        let permit = if let Ok(permit) = Arc::clone(window).try_acquire_owned() {
            permit
        } else {
            // Those that are done have to be taken away before there is room again.
            hand_over(shared, std::mem::take(&mut at_hand)).await;
            tokio::select! {
                _ = stop.wait_for(|stop| *stop) => return None,
                permit = Arc::clone(window).acquire_owned() => permit.ok()?,
            }
        };
        run.counts.begun.fetch_add(1, Ordering::Relaxed);
        run.counts.under_way.fetch_add(1, Ordering::Relaxed);
        let mut row = InFlight { asked, claim: None, room: None, permit, counted: Counted(Arc::clone(run)) };
        let mut known = match known {
            Ok(known) => known,
            Err(fault) => {
                at_hand.push(row.done(Err(fault)));
                continue;
            }
        };
        if let Some((outcome, judgements)) = known.at_hand.take_if(|(outcome, _)| run.ends_with(*outcome)) {
            let alone = wants.take().map_or(Ok(()), |wants| claims.enter_decided(wants, outcome));
            match alone {
                Ok(()) => {
                    at_hand.push(row.done(Ok(Box::new(Decided::at_hand(outcome, judgements, known.facts)))));
                    continue;
                }
                Err(again) => {
                    known.at_hand = Some((outcome, judgements));
                    wants = Some(again);
                }
            }
        }
        row.claim = wants.map(|wants| claims.enter(wants));
        tokio::spawn(row::go(Arc::clone(shared), row, known));
    }
    hand_over(shared, at_hand).await;
    Some(())
}

async fn hand_over(shared: &Shared, done: Vec<Done>) {
    if !done.is_empty() {
        let _ = shared.done.send(done).await;
    }
}

impl Decided {
    /// Of a row that was decided by what is stored already.
    fn at_hand(outcome: Outcome, judgements: Vec<Judgement>, facts: Box<Facts>) -> Self {
        let connection = facts.connection().cloned();
        Self { outcome, judgements: judgements.into(), facts, connection, plan: None }
    }
}

impl Run {
    /// Who is at work, now.
    fn operator(&self) -> Operator {
        Operator { actor: self.actor.clone(), now: jiff::Timestamp::now() }
    }

    /// Whether providers are asked at all.
    fn asks_providers(&self) -> bool {
        self.mode != Mode::DryRun { skip_providers: true }
    }

    /// Whether a row with this outcome has ended: nothing is written of it.
    fn ends_with(&self, outcome: Outcome) -> bool {
        matches!(self.mode, Mode::DryRun { .. }) || matches!(outcome, Outcome::Unchanged | Outcome::Unknown)
    }

    fn is_stopping(&self) -> bool {
        *self.stop.borrow()
    }

    /// Whether no row could be written, whatever it asks for.
    #[must_use]
    pub fn is_hopeless(&self) -> bool {
        self.counts.hopeless.load(Ordering::Relaxed)
    }

    /// Whether a group is being written just now: where the process ends here, all of it is stored, or nothing.
    #[must_use]
    pub fn is_writing(&self) -> bool {
        self.counts.writing.load(Ordering::Relaxed)
    }

    /// Takes note of a fault that every further row would meet.
    fn note(&self, fault: &Fault) {
        let hopeless = matches!(
            fault,
            Fault::Store(
                StoreError::DiskFull { .. }
                    | StoreError::ReadOnly { .. }
                    | StoreError::Corrupt { .. }
                    | StoreError::Missing { .. }
            ) | Fault::Random
        );
        if hopeless {
            self.counts.hopeless.store(true, Ordering::Relaxed);
        }
    }

    /// Whether a group of `rows` need not wait for others: no other can come, or the run is to end.
    fn is_last_group(&self, rows: usize) -> bool {
        self.is_stopping()
            || (self.counts.ended.load(Ordering::Relaxed)
                && self.counts.under_way.load(Ordering::Relaxed) <= rows as u64)
    }
}
