//! HTTP Basic authentication of a client.

use std::fmt;

use base64::Engine as _;
use http::header::HeaderValue;
use zeroize::Zeroizing;

/// A client's name and secret for HTTP Basic authentication at a token endpoint.
#[derive(Clone, Copy)]
pub struct BasicCredentials<'a> {
    /// The client id, as given.
    pub id: &'a str,
    /// The client secret, as given.
    pub secret: &'a str,
}

impl fmt::Debug for BasicCredentials<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BasicCredentials").field("id", &self.id).finish_non_exhaustive()
    }
}

impl BasicCredentials<'_> {
    /// The value of an `Authorization` header: both parts form-encoded before they are joined, since either may hold
    /// a colon (RFC 6749, section 2.3.1).
    pub(super) fn header(&self) -> HeaderValue {
        let encode = |text: &str| -> String { url::form_urlencoded::byte_serialize(text.as_bytes()).collect() };
        let secret = Zeroizing::new(encode(self.secret));
        let pair = Zeroizing::new(format!("{}:{}", encode(self.id), *secret));
        let text = Zeroizing::new(format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(&*pair)));
        // Base64 is always a valid header value.
        let mut value = HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static("Basic"));
        value.set_sensitive(true);
        value
    }
}
