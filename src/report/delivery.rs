//! What became of a reply besides being printed.

use std::fmt::Write as _;

use serde::Serialize;

/// What became of a reply besides being printed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Delivery {
    /// Whom it goes to; `None` where nobody is known who may read it.
    pub to: Option<String>,
    /// Its `Message-ID`.
    pub message_id: Option<String>,
    /// The files it was put into as a draft.
    pub drafts: Vec<String>,
    /// The mail server that was spoken with, as `host:port`.
    pub server: Option<String>,
    /// Whether that server took it.
    pub sent: bool,
    /// What went wrong.
    pub error: Option<String>,
    /// The row of the audit log that holds it, to try again by; no part of the document.
    #[serde(skip)]
    pub row: Option<i64>,
}

impl Delivery {
    /// Lines below the printed reply; what went wrong is said on standard error instead.
    #[must_use]
    pub fn lines(&self) -> String {
        let mut out = String::new();
        for draft in &self.drafts {
            let _ = writeln!(out, "Draft written: {}", crate::foreign::shown_whole(draft));
        }
        if self.sent {
            let to = self.to.as_deref().unwrap_or_default();
            let _ = writeln!(out, "Sent to {to} by {}.", self.server.as_deref().unwrap_or_default());
        }
        out
    }
}
