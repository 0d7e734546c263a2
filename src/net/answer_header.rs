//! What the header of an answer says about the answer.

use std::time::Duration;

use http::header::{self, HeaderMap, HeaderValue};

use super::limits::Limits;
use crate::exchange::Problem;

/// Refuses a header that is too long, or that leaves open where the body ends; the declared length of the body.
pub(super) fn judge(header: &HeaderMap, limits: Limits) -> Result<Option<u64>, Problem> {
    let protocol = |text: &str| Err(Problem::Protocol(text.to_owned()));
    let bytes: usize = header.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    if header.len() > limits.header_fields || bytes > limits.header {
        return protocol("its header is too long");
    }
    let length = header.get(header::CONTENT_LENGTH);
    if length.is_some() && header.contains_key(header::TRANSFER_ENCODING) {
        return protocol("it has both Content-Length and Transfer-Encoding, so where it ends is ambiguous");
    }
    let chunked = |value: &HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"chunked");
    if !header.get_all(header::TRANSFER_ENCODING).iter().all(chunked) {
        return protocol("its transfer encoding is another than chunked");
    }
    Ok(length.and_then(|value| value.to_str().ok()?.trim().parse().ok()))
}

/// How long to wait before asking again; `None` when the answer is final.
pub(super) fn come_back(status: http::StatusCode, header: &HeaderMap, pause: Duration) -> Option<Duration> {
    if !status.is_server_error() && status != http::StatusCode::TOO_MANY_REQUESTS {
        return None;
    }
    let Some(value) = header.get(header::RETRY_AFTER) else { return Some(pause) };
    let Some(text) = value.to_str().ok().map(str::trim) else { return Some(pause) };
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    match jiff::fmt::rfc2822::parse(text) {
        // A moment that has passed means now.
        Ok(when) => {
            Some(Duration::try_from(when.timestamp().duration_since(jiff::Timestamp::now())).unwrap_or_default())
        }
        Err(_) => Some(pause),
    }
}

/// The first `name` of `header` as text; bytes beyond UTF-8 replaced.
pub(super) fn text(header: &HeaderMap, name: &header::HeaderName) -> Option<String> {
    header.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait(status: u16, retry_after: Option<&str>) -> Option<Duration> {
        let mut header = HeaderMap::new();
        if let Some(value) = retry_after {
            header.insert(header::RETRY_AFTER, value.parse().unwrap());
        }
        come_back(http::StatusCode::from_u16(status).unwrap(), &header, Duration::from_millis(200))
    }

    #[test]
    fn only_server_errors_and_too_many_requests_are_asked_again() {
        for (status, again) in
            [(200, false), (302, false), (400, false), (401, false), (429, true), (500, true), (503, true)]
        {
            assert_eq!(wait(status, None).is_some(), again, "{status}");
        }
    }

    #[test]
    fn the_server_says_how_long_to_wait_and_else_it_is_a_short_pause() {
        assert_eq!(wait(503, Some("2")), Some(Duration::from_secs(2)));
        assert_eq!(wait(503, Some("Sun, 06 Nov 1994 08:49:37 GMT")), Some(Duration::ZERO));
        let soon = jiff::Zoned::now().with_time_zone(jiff::tz::TimeZone::UTC) + jiff::Span::new().seconds(30);
        let seconds = wait(503, Some(&soon.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string())).unwrap().as_secs();
        assert!((25..=30).contains(&seconds), "{seconds}");
        for unclear in [None, Some("soon"), Some("-1"), Some("")] {
            assert_eq!(wait(503, unclear), Some(Duration::from_millis(200)), "{unclear:?}");
        }
    }
}
