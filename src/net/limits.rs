//! What an exchange may take, and all exchanges of one conversation together.

use std::time::{Duration, Instant};

use crate::exchange::Problem;

/// What one exchange may take. The product knows one set of limits; tests wait less.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Name, connection and handshake.
    pub(super) connect: Duration,
    /// Everything, the retry included.
    pub(super) whole: Duration,
    /// Before a retry, where the server does not say.
    pub(super) pause: Duration,
    /// Bytes of a body.
    pub(super) body: usize,
    /// Bytes of all header fields together.
    pub(super) header: usize,
    /// Header fields.
    pub(super) header_fields: usize,
}

impl Limits {
    pub(super) const PRODUCT: Self = Self {
        connect: Duration::from_secs(3),
        whole: Duration::from_secs(10),
        pause: Duration::from_millis(200),
        body: 1024 * 1024,
        header: 32 * 1024,
        header_fields: 100,
    };
}

/// What the exchanges of one conversation may take together.
#[derive(Debug, Clone, Copy)]
pub(super) struct Budget {
    whole: Duration,
    ends: Instant,
}

impl Budget {
    /// One that begins now.
    pub(super) fn from_now(whole: Duration) -> Self {
        Self { whole, ends: Instant::now() + whole }
    }
}

/// By when an exchange has to be over, and which limit says so.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deadline {
    pub(super) at: Instant,
    limit: Duration,
    of_budget: bool,
}

impl Deadline {
    /// Of an exchange that begins now.
    pub(super) fn new(limits: Limits, budget: Option<Budget>) -> Self {
        let at = Instant::now() + limits.whole;
        match budget.filter(|budget| budget.ends < at) {
            Some(budget) => Self { at: budget.ends, limit: budget.whole, of_budget: true },
            None => Self { at, limit: limits.whole, of_budget: false },
        }
    }

    /// How long is left.
    pub(super) fn left(self) -> Duration {
        self.at.saturating_duration_since(Instant::now())
    }

    /// What it means that it has passed: `received` bytes of the body had come from `host` by then.
    pub(super) fn missed(self, host: &str, received: Option<usize>) -> Problem {
        let (host, limit) = (host.to_owned(), self.limit);
        if self.of_budget { Problem::OutOfTime { host, limit } } else { Problem::Slow { host, limit, received } }
    }
}
