//! What an outgoing request came back with: the words between the guarded client, the protocols and the checks.

use std::net::IpAddr;
use std::time::Duration;

/// A complete HTTP answer, within the client's limits. Redirects are answers too: they are never followed.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The URL that was asked.
    pub url: String,
    /// HTTP status code.
    pub status: u16,
    /// `Content-Type` as sent, without judgement.
    pub content_type: Option<String>,
    /// `Location` as sent, without judgement.
    pub location: Option<String>,
    /// The body, at most the client's limit.
    pub body: Vec<u8>,
    /// From first byte sent to last byte read, retries included.
    pub elapsed: Duration,
}

/// Why a document could not be taken from a URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FetchFault<N> {
    /// No answer, or one that broke HTTP or a limit.
    Exchange(Problem),
    /// A redirect, which is not followed: where it pointed, as sent.
    Redirected {
        /// HTTP status.
        status: u16,
        /// `Location`.
        to: Option<String>,
    },
    /// Overload or a fault of the server: try again.
    Overloaded(u16),
    /// Any other status than 200.
    Status(u16),
    /// 200, but not the document.
    Content(N),
}

/// The body of a 200; anything else is a fault.
///
/// # Errors
///
/// [`FetchFault`]: what came instead.
///
/// Source: OpenID Connect Discovery 1.0, section 4.2; SAML metadata has no rule of its own.
pub fn document_of<N>(outcome: Result<Answer, Problem>) -> Result<Vec<u8>, FetchFault<N>> {
    let answer = outcome.map_err(FetchFault::Exchange)?;
    match answer.status {
        200 => Ok(answer.body),
        // "Not modified" leads nowhere, and nobody has asked whether it was.
        status @ 300..=399 if status != 304 => Err(FetchFault::Redirected { status, to: answer.location }),
        status if says_later(status) => Err(FetchFault::Overloaded(status)),
        204 => Ok(Vec::new()),
        status => Err(FetchFault::Status(status)),
    }
}

/// Whether a server says with `status` that it has no answer now, and may have one later (RFC 9110 sections 15.5.9 and 15.6,
/// RFC 6585 section 4, RFC 8470 section 5.2).
pub const fn says_later(status: u16) -> bool {
    matches!(status, 408 | 425 | 429) || status >= 500
}

/// Stable reason for scripts: an answer that is not the document that was asked for.
pub const fn status_code(status: u16) -> &'static str {
    match status {
        401 => "http_401",
        403 => "http_403",
        404 => "http_404",
        429 => "http_429",
        _ if says_later(status) => "http_5xx",
        _ => "http_unexpected",
    }
}

/// Why there is no answer to judge.
///
/// Split in two by [`Problem::is_silence`]: a *refusal* is a fact about the request (exit status 1), *silence* leaves
/// the question open (exit status 3).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// Our own guard refused to connect.
    #[error("{0}")]
    Forbidden(Forbidden),
    /// The server's certificate or handshake is wrong: an answer, if not one anybody wanted.
    #[error("{0}")]
    Tls(TlsProblem),
    /// The answer breaks HTTP itself or a limit of its framing.
    #[error("the answer is not valid HTTP: {0}")]
    Protocol(String),
    /// The body is larger than `limit` bytes; `declared` when the server said so before sending it.
    #[error("the answer is larger than {limit} bytes")]
    TooLarge {
        /// The client's limit, bytes.
        limit: usize,
        /// `Content-Length`, when that alone was enough to stop.
        declared: Option<u64>,
    },
    /// The name does not resolve.
    #[error("the name `{host}` does not resolve{}", if *exists_not { "" } else { " right now" })]
    Dns {
        /// The name asked for.
        host: String,
        /// The resolver says that there is no such name (rather than not answering).
        exists_not: bool,
    },
    /// No connection within the limit.
    #[error("no connection to `{host}` within {} s", .limit.as_secs())]
    ConnectTimeout {
        /// Host and port.
        host: String,
        /// The limit.
        limit: Duration,
    },
    /// The connection was refused or the network has no way there.
    #[error("no connection to `{host}`: {reason}")]
    Connect {
        /// Host and port.
        host: String,
        /// The operating system's words.
        reason: String,
    },
    /// The connection broke before the answer was complete, twice.
    #[error("`{host}` closed the connection before its answer was complete")]
    Reset {
        /// Host and port.
        host: String,
    },
    /// Nothing, or not everything, within the limit.
    #[error("{}", slow_words(host, *limit, *received))]
    Slow {
        /// Host and port.
        host: String,
        /// The limit for the whole exchange.
        limit: Duration,
        /// Body bytes that had arrived by then; `None` when not even the status line had.
        received: Option<usize>,
    },
    /// Nothing within what all questions to one provider may take together; it may not even have been asked.
    #[error("`{host}` has no time left to answer: all its answers together may take {} s", .limit.as_secs())]
    OutOfTime {
        /// Host and port.
        host: String,
        /// The limit for all of them.
        limit: Duration,
    },
    /// An answer that says there is none now: see [`says_later`].
    #[error("`{host}` answers with status {status} right now")]
    PutOff {
        /// Host and port.
        host: String,
        /// HTTP status.
        status: u16,
    },
}

fn slow_words(host: &str, limit: Duration, received: Option<usize>) -> String {
    let seconds = limit.as_secs();
    match received {
        None => format!("`{host}` did not answer within {seconds} s"),
        Some(bytes) => {
            format!("`{host}` sent its answer too slowly: {bytes} bytes after {seconds} s, and not finished")
        }
    }
}

impl Problem {
    /// What `answer` is when its status says that there is none now.
    #[must_use]
    pub fn put_off(answer: &Answer) -> Option<Self> {
        let host =
            || url::Url::parse(&answer.url).map_or_else(|_| answer.url.clone(), |url| url.authority().to_owned());
        says_later(answer.status).then(|| Self::PutOff { host: host(), status: answer.status })
    }

    /// True when nothing was said that could be judged: try again later. False when the failure itself is the fact.
    #[must_use]
    pub const fn is_silence(&self) -> bool {
        match self {
            Self::Forbidden(_) | Self::Tls(_) | Self::Protocol(_) | Self::TooLarge { .. } => false,
            Self::Dns { .. }
            | Self::ConnectTimeout { .. }
            | Self::Connect { .. }
            | Self::Reset { .. }
            | Self::Slow { .. }
            | Self::OutOfTime { .. }
            | Self::PutOff { .. } => true,
        }
    }

    /// Stable reason for scripts.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Forbidden(_) => "egress_forbidden",
            Self::Tls(problem) => problem.code(),
            Self::Protocol(_) => "http_protocol",
            Self::TooLarge { .. } => "body_too_large",
            Self::Dns { .. } => "dns_failure",
            Self::ConnectTimeout { .. } => "connect_timeout",
            Self::Connect { .. } => "connect_failed",
            Self::Reset { .. } => "connection_reset",
            Self::Slow { received: None, .. } | Self::OutOfTime { .. } => "timeout",
            Self::Slow { received: Some(_), .. } => "slow_drip",
            Self::PutOff { status, .. } => status_code(*status),
        }
    }
}

/// Why the guard would not connect.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Forbidden {
    /// The URL is not https (and its origin is not on the allow-list).
    #[error("`{url}` is not https")]
    NotHttps {
        /// The URL, printable.
        url: String,
    },
    /// The URL carries a user name or password.
    #[error("the URL for `{host}` carries a user name or password")]
    UserInfo {
        /// Its host.
        host: String,
    },
    /// The URL has no host, or cannot be read at all.
    #[error("`{url}` names no host")]
    NoHost {
        /// The URL, printable.
        url: String,
    },
    /// A name that the public DNS never has.
    #[error("`{host}` is a name that the public DNS never has")]
    InternalName {
        /// The name that was asked for.
        host: String,
    },
    /// An address that is not on the public internet.
    #[error("`{host}` is {}{kind}", if is_literal(host, *address) { String::new() } else { format!("{address}, ") })]
    Address {
        /// The name or literal that was asked for.
        host: String,
        /// The address it stands for.
        address: IpAddr,
        /// What kind of address, with its article (`a loopback address`).
        kind: &'static str,
        /// Whether `--allow-origin` could permit it: never for link-local and cloud metadata.
        may_be_allowed: bool,
    },
}

/// Whether `host` is `address` itself, as URLs write it.
fn is_literal(host: &str, address: IpAddr) -> bool {
    host.trim_matches(['[', ']']).parse() == Ok(address)
}

/// What is wrong with the server's TLS.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TlsProblem {
    /// Signed by nobody we trust (a private CA, or self-signed).
    #[error("the certificate of `{host}` is signed by an authority this machine does not trust")]
    UntrustedCa {
        /// Host and port.
        host: String,
    },
    /// Past its `notAfter`.
    #[error("the certificate of `{host}` has expired")]
    Expired {
        /// Host and port.
        host: String,
    },
    /// Before its `notBefore`.
    #[error("the certificate of `{host}` is not valid yet")]
    NotYetValid {
        /// Host and port.
        host: String,
    },
    /// For another name.
    #[error("the certificate of `{host}` is for another name")]
    WrongName {
        /// Host and port.
        host: String,
    },
    /// Signed with an algorithm that is no longer safe, or one nobody supports.
    #[error("the certificate of `{host}` is signed with an algorithm that is not accepted any more")]
    WeakSignature {
        /// Host and port.
        host: String,
    },
    /// Anything else about the certificate.
    #[error("the certificate of `{host}` is not acceptable: {reason}")]
    BadCertificate {
        /// Host and port.
        host: String,
        /// The TLS library's words.
        reason: String,
    },
    /// No agreement on version or cipher, or no TLS at all.
    #[error("no TLS connection with `{host}`: {reason}")]
    Handshake {
        /// Host and port.
        host: String,
        /// The TLS library's words.
        reason: String,
    },
}

impl TlsProblem {
    /// Stable reason for scripts.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::UntrustedCa { .. } => "tls_untrusted_ca",
            Self::Expired { .. } => "tls_expired",
            Self::NotYetValid { .. } => "tls_not_yet_valid",
            Self::WrongName { .. } => "tls_wrong_name",
            Self::WeakSignature { .. } => "tls_weak_signature",
            Self::BadCertificate { .. } => "tls_bad_certificate",
            Self::Handshake { .. } => "tls_handshake",
        }
    }
}
