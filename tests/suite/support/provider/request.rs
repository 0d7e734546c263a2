//! What a client sent.

use std::time::Instant;

/// A complete request, as it was on the wire.
#[derive(Debug, Clone)]
pub struct SeenRequest {
    pub method: String,
    /// Without the query.
    pub path: String,
    /// Without the `?`; empty when there was none.
    pub query: String,
    /// Names in lower case, in the order sent.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// Request line, headers and body.
    pub raw: Vec<u8>,
    /// Which connection it came on, counted from 1.
    pub connection: usize,
    /// When its last byte arrived.
    pub at: Instant,
}

impl SeenRequest {
    /// Splits `head` (up to the empty line); the body is added later. `None` when it is not HTTP.
    pub(super) fn parse(head: &[u8], connection: usize) -> Option<Self> {
        let text = String::from_utf8_lossy(head);
        let mut lines = text.split("\r\n");
        let mut first = lines.next()?.split(' ');
        let (method, target) = (first.next()?, first.next()?);
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let headers = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        Some(Self {
            method: method.to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            headers,
            body: Vec::new(),
            raw: head.to_vec(),
            connection,
            at: Instant::now(),
        })
    }

    /// The first header called `name` (lower case).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The value of `name` in the body's form.
    pub fn form(&self, name: &str) -> Option<String> {
        value_in(&self.body, name)
    }

    /// The value of `name` in the query.
    pub fn parameter(&self, name: &str) -> Option<String> {
        value_in(self.query.as_bytes(), name)
    }
}

fn value_in(encoded: &[u8], name: &str) -> Option<String> {
    url::form_urlencoded::parse(encoded).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}
