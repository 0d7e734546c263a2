//! Taking turns: how many rows are at the network at once, and how many of them at one host.
//!
//! A row waits for its host first and takes one of the places at the network only then, so that the rows of a slow host
//! wait for each other and hold up nobody else.
//!
//! A row whose metadata is at hand, and whose domains need no proof from DNS, keeps a processor busy and not the network: as
//! many at once as there are processors, so that what is read can be written meanwhile. Of such rows a few groups are on their
//! way at most: what a row has read is soon written and done with, however many follow.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Rows whose metadata is at hand, from the reading to the end: more than a group, so that the next is ready in time.
const ROOM: usize = 256;

/// Places at the network.
pub(super) struct Turns {
    places: Arc<Semaphore>,
    at_hand: Arc<Semaphore>,
    room: Arc<Semaphore>,
    per_host: usize,
    hosts: Arc<Mutex<HashMap<String, Host>>>,
}

struct Host {
    places: Arc<Semaphore>,
    /// Rows that wait here or have a place.
    rows: usize,
}

/// What a row has to wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need<'n> {
    /// The provider's host, by its name and port.
    Host(&'n str),
    /// Name servers, for the proof of a domain; the metadata is at hand.
    NameServers,
    /// A processor: everything is at hand.
    Processor,
}

/// A place at the network or at a processor; given back when dropped.
pub(super) struct Turn {
    _place: OwnedSemaphorePermit,
    _at_host: Option<AtHost>,
}

/// A place at a host, or the wait for one.
struct AtHost {
    hosts: Arc<Mutex<HashMap<String, Host>>>,
    name: String,
    place: Option<OwnedSemaphorePermit>,
}

impl Drop for AtHost {
    fn drop(&mut self) {
        drop(self.place.take());
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(host) = hosts.get_mut(&self.name) {
            host.rows -= 1;
            // A run over very many hosts remembers those it is at.
            if host.rows == 0 {
                hosts.remove(&self.name);
            }
        }
    }
}

impl Turns {
    pub(super) fn new(all: usize, per_host: usize) -> Self {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            places: Arc::new(Semaphore::new(all)),
            at_hand: Arc::new(Semaphore::new(processors.min(all))),
            room: Arc::new(Semaphore::new(ROOM)),
            per_host,
            hosts: Arc::default(),
        }
    }

    /// Waits for room for a row whose metadata is at hand, which it keeps to its end; `None` once nobody is let in any more.
    pub(super) async fn room(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.room).acquire_owned().await.ok()
    }

    /// Waits for a place at what is needed, and at the network where that is there; `None` once nobody is let in any more.
    pub(super) async fn take(&self, need: Need<'_>) -> Option<Turn> {
        let host = match need {
            Need::Host(host) => host,
            Need::NameServers => return Self::place_of(&self.places).await,
            Need::Processor => return Self::place_of(&self.at_hand).await,
        };
        let (at_host, places) = {
            let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
            let known = hosts.entry(host.to_owned());
            let known = known.or_insert_with(|| Host { places: Arc::new(Semaphore::new(self.per_host)), rows: 0 });
            known.rows += 1;
            let at_host = AtHost { hosts: Arc::clone(&self.hosts), name: host.to_owned(), place: None };
            (at_host, Arc::clone(&known.places))
        };
        let mut at_host = at_host;
        at_host.place = Some(places.acquire_owned().await.ok()?);
        let place = Arc::clone(&self.places).acquire_owned().await.ok()?;
        Some(Turn { _place: place, _at_host: Some(at_host) })
    }

    async fn place_of(places: &Arc<Semaphore>) -> Option<Turn> {
        let place = Arc::clone(places).acquire_owned().await.ok()?;
        Some(Turn { _place: place, _at_host: None })
    }

    /// Lets nobody in any more. Whoever waits at a host gets no further than its places allow.
    pub(super) fn close(&self) {
        self.places.close();
        self.at_hand.close();
        self.room.close();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    async fn within_a_moment(turns: &Turns, host: &str) -> Option<Turn> {
        tokio::time::timeout(Duration::from_millis(20), turns.take(Need::Host(host))).await.ok().flatten()
    }

    #[tokio::test]
    async fn a_slow_host_holds_up_itself_alone() {
        let turns = Turns::new(3, 2);
        let slow = [within_a_moment(&turns, "slow").await, within_a_moment(&turns, "slow").await];
        assert!(slow.iter().all(Option::is_some));
        assert!(within_a_moment(&turns, "slow").await.is_none());
        let quick = within_a_moment(&turns, "quick").await;
        assert!(quick.is_some());
        assert!(within_a_moment(&turns, "another").await.is_none(), "all three places are taken");
        drop(slow);
        assert!(within_a_moment(&turns, "slow").await.is_some());
    }

    #[tokio::test]
    async fn name_servers_that_hang_keep_no_processor() {
        let turns = Turns::new(3, 2);
        let (one, two, three) =
            futures::join!(turns.take(Need::NameServers), turns.take(Need::NameServers), turns.take(Need::NameServers));
        assert!(one.is_some() && two.is_some() && three.is_some());
        assert!(turns.take(Need::Processor).await.is_some());
        assert!(within_a_moment(&turns, "any").await.is_none(), "all three places at the network are taken");
    }

    #[tokio::test]
    async fn hosts_that_nobody_is_at_are_forgotten() {
        let turns = Turns::new(3, 2);
        for number in 0..100 {
            drop(within_a_moment(&turns, &format!("host {number}")).await);
        }
        let kept = within_a_moment(&turns, "kept").await;
        assert_eq!(turns.hosts.lock().unwrap().len(), 1);
        drop(kept);
        assert!(turns.hosts.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn nobody_is_let_in_once_it_is_closed() {
        let turns = Turns::new(3, 2);
        turns.close();
        assert!(turns.take(Need::Host("any")).await.is_none());
        assert!(turns.take(Need::NameServers).await.is_none());
        assert!(turns.take(Need::Processor).await.is_none());
        assert!(turns.room().await.is_none());
    }
}
