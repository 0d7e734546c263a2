//! Documents of a run over many requests: each fetched once, however many of them rest on it, those that are asked for
//! again kept longest.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::OnceCell;

use crate::exchange::FetchFault;

/// Bytes of documents that are kept, counted as they came over the network.
const KEPT_BYTES: usize = 8 * 1024 * 1024;

/// What a document costs beside its bytes.
const ENTRY_BYTES: usize = 2 * 1024;

/// How long an issuer that did not answer is not asked again.
const SILENCE: Duration = Duration::from_mins(1);

/// A document as it was fetched, or what came instead.
#[derive(Debug, Clone)]
pub struct Fetched<T> {
    /// The document.
    pub document: T,
    /// Its length, as it came.
    pub bytes: usize,
    /// Until when it is not asked for again; `None` for the rest of the run.
    pub good_until: Option<Instant>,
}

/// Until when a document that came to `outcome` is not asked for again; `None` for the rest of the run. `resting` is when
/// the server said that it may be asked again.
pub fn good_until<T, N>(outcome: &Result<T, FetchFault<N>>, resting: Option<Instant>) -> Option<Instant> {
    match outcome {
        Err(FetchFault::Exchange(problem)) if problem.is_silence() => Some(Instant::now() + SILENCE),
        Err(FetchFault::Overloaded(_)) => Some(resting.unwrap_or_else(Instant::now)),
        _ => None,
    }
}

/// Filled in by whoever asks first, while the others wait.
type Cell<T> = Arc<OnceCell<Fetched<T>>>;

/// Documents of one kind.
pub struct Shelf<T> {
    inner: Mutex<Inner<T>>,
}

struct Inner<T> {
    entries: HashMap<String, Entry<T>>,
    /// In the order in which they came, or were found worth keeping.
    order: VecDeque<String>,
    bytes: usize,
}

struct Entry<T> {
    cell: Cell<T>,
    /// What it counts for in `bytes`; 0 until it is there.
    weight: usize,
    /// Asked for since it was last looked at.
    wanted: bool,
}

impl<T> std::fmt::Debug for Shelf<T> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Shelf").finish_non_exhaustive()
    }
}

impl<T> Default for Shelf<T> {
    fn default() -> Self {
        Self { inner: Mutex::new(Inner { entries: HashMap::new(), order: VecDeque::new(), bytes: 0 }) }
    }
}

impl<T: Clone> Shelf<T> {
    /// The document at `address`, by `fetch` where nobody has asked for it yet.
    pub async fn get<F: Future<Output = Fetched<T>>>(&self, address: &str, fetch: impl FnOnce() -> F) -> T {
        let cell = self.cell(address);
        let fetched = cell.get_or_init(fetch).await;
        self.weigh(address, &cell, fetched.bytes + ENTRY_BYTES);
        fetched.document.clone()
    }

    fn cell(&self, address: &str) -> Cell<T> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = inner.entries.get_mut(address) {
            let expired = |fetched: &Fetched<T>| fetched.good_until.is_some_and(|until| until <= Instant::now());
            if !entry.cell.get().is_some_and(expired) {
                entry.wanted = true;
                return Arc::clone(&entry.cell);
            }
            entry.cell = Cell::default();
            let cell = Arc::clone(&entry.cell);
            let weight = std::mem::take(&mut entry.weight);
            inner.bytes = inner.bytes.saturating_sub(weight);
            return cell;
        }
        let cell = Cell::default();
        let entry = Entry { cell: Arc::clone(&cell), weight: 0, wanted: false };
        inner.entries.insert(address.to_owned(), entry);
        inner.order.push_back(address.to_owned());
        cell
    }

    /// Counts a document that has come, and lets go of others where they are too many.
    fn weigh(&self, address: &str, cell: &Cell<T>, weight: usize) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        match inner.entries.get_mut(address) {
            Some(entry) if entry.weight == 0 && Arc::ptr_eq(&entry.cell, cell) => entry.weight = weight,
            _ => return,
        }
        inner.bytes += weight;
        // Each is looked at twice at the most: once spared, once let go.
        let mut looks = inner.order.len() * 2;
        while inner.bytes > KEPT_BYTES && looks > 0 {
            looks -= 1;
            let Some(oldest) = inner.order.pop_front() else { break };
            let Some(entry) = inner.entries.get_mut(&oldest) else { continue };
            // One that somebody waits for stays; one that was asked for again is spared this time.
            if entry.weight == 0 || std::mem::take(&mut entry.wanted) {
                inner.order.push_back(oldest);
                continue;
            }
            let weight = entry.weight;
            inner.entries.remove(&oldest);
            inner.bytes = inner.bytes.saturating_sub(weight);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::exchange::Problem;

    #[derive(Default)]
    struct Server {
        asked: AtomicUsize,
    }

    impl Server {
        async fn ask(&self, bytes: usize, good_until: Option<Instant>) -> Fetched<usize> {
            tokio::task::yield_now().await;
            Fetched { document: self.asked.fetch_add(1, Ordering::Relaxed), bytes, good_until }
        }

        fn asked(&self) -> usize {
            self.asked.load(Ordering::Relaxed)
        }
    }

    #[tokio::test]
    async fn whoever_comes_while_it_is_fetched_waits_for_the_one_fetch() {
        let (shelf, server) = (Shelf::default(), Server::default());
        let all = futures::future::join_all((0..50).map(|_| shelf.get("a", || server.ask(100, None)))).await;
        assert!(all.iter().all(|document| *document == 0));
        assert_eq!(server.asked(), 1);
    }

    #[tokio::test]
    async fn what_was_silence_is_asked_for_again_after_a_while() {
        let (shelf, server) = (Shelf::default(), Server::default());
        shelf.get("a", || server.ask(0, Some(Instant::now()))).await;
        shelf.get("a", || server.ask(0, Some(Instant::now() + SILENCE))).await;
        shelf.get("a", || server.ask(0, None)).await;
        assert_eq!(server.asked(), 2);
    }

    #[tokio::test]
    async fn what_is_asked_for_again_outlives_what_is_not_and_the_whole_stays_small() {
        let (shelf, server) = (Shelf::default(), Server::default());
        let large = KEPT_BYTES / 20;
        for number in 0..500 {
            shelf.get("often", || server.ask(large, None)).await;
            shelf.get(&format!("once {number}"), || server.ask(large, None)).await;
        }
        assert_eq!(server.asked(), 501);
        let inner = shelf.inner.lock().unwrap();
        assert!(inner.bytes <= KEPT_BYTES && inner.entries.len() <= 20, "{} in {}", inner.bytes, inner.entries.len());
        assert_eq!(inner.order.len(), inner.entries.len());
    }

    #[test]
    fn a_refusal_holds_for_the_run_and_silence_does_not() {
        type Outcome = Result<(), FetchFault<()>>;
        let silent: Outcome = Err(FetchFault::Exchange(Problem::Reset { host: "a".to_owned() }));
        assert!(good_until(&silent, None).is_some());
        let refused: Outcome = Err(FetchFault::Status(404));
        assert!(good_until(&refused, None).is_none() && good_until(&Outcome::Ok(()), None).is_none());
        let later = Instant::now() + Duration::from_secs(30);
        let overloaded: Outcome = Err(FetchFault::Overloaded(429));
        assert_eq!(good_until(&overloaded, Some(later)), Some(later));
    }
}
