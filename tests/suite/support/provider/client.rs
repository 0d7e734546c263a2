//! Who a request says it is.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{SeenRequest, Settings};

/// What the credentials of a request are worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// The registered id and secret.
    Right,
    /// The registered id with another secret, or with none.
    WrongSecret,
    /// Another id, or none.
    Unknown,
}

/// How they came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// `client_secret_basic`
    Basic,
    /// `client_secret_post`
    Post,
    /// No secret at all.
    Bare,
}

/// Judges the credentials of `request`: Basic ones form-decoded (RFC 6749 section 2.3.1), else those in the form.
pub(super) fn judge(request: &SeenRequest, settings: &Settings) -> (Who, How) {
    let (id, secret, how) = if let Some(pair) = raw_basic(request) {
        let (id, secret) = pair.split_once(':').unwrap_or((&pair, ""));
        (Some(form_decoded(id)), Some(form_decoded(secret)), How::Basic)
    } else {
        let secret = request.form("client_secret");
        let how = if secret.is_some() { How::Post } else { How::Bare };
        (request.form("client_id"), secret, how)
    };
    let who = if id.as_deref() != Some(settings.client_id.as_str()) {
        Who::Unknown
    } else if secret.as_deref() != Some(settings.client_secret.as_str()) {
        Who::WrongSecret
    } else {
        Who::Right
    };
    (who, how)
}

/// What was in the `Authorization: Basic` header, out of its base64 but still form-encoded.
pub(super) fn raw_basic(request: &SeenRequest) -> Option<String> {
    let encoded = request.header("authorization")?.strip_prefix("Basic ")?;
    Some(String::from_utf8_lossy(&STANDARD.decode(encoded).ok()?).into_owned())
}

fn form_decoded(text: &str) -> String {
    let escaped = text.replace('&', "%26").replace('=', "%3D");
    url::form_urlencoded::parse(escaped.as_bytes()).next().map(|(text, _)| text.into_owned()).unwrap_or_default()
}
