//! An answer, before it is framed.

use serde_json::{Value, json};

/// An answer before it goes on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Reply {
    /// A body of `content_type`.
    pub fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self { status, headers: vec![("Content-Type".to_owned(), content_type.to_owned())], body: body.into() }
    }

    pub fn json(status: u16, body: &Value) -> Self {
        Self::new(status, "application/json", body.to_string())
    }

    pub fn html(status: u16, body: &str) -> Self {
        Self::new(status, "text/html", body)
    }

    pub fn text(status: u16, body: &str) -> Self {
        Self::new(status, "text/plain", body)
    }

    /// An OAuth error, RFC 6749 section 5.2.
    pub fn error(status: u16, code: &str, description: Option<&str>) -> Self {
        let mut body = json!({"error": code});
        if let Some(description) = description {
            body["error_description"] = description.into();
        }
        Self::json(status, &body)
    }

    /// Sets a header, in place of one of the same name.
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}
