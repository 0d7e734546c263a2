//! The one way out of this machine.
//!
//! The URL is the customer's, the machine is ours. Everything that leaves goes through [`HttpClient`], which asks
//! nothing of its callers: scheme, user-info, literal addresses and every address a name stands for are judged in one
//! private place, and the addresses that were judged are the ones connected to (rules; OWASP SSRF
//! Prevention Cheat Sheet, case 2). Redirects are answers, bodies have a limit, and silence has a name.

mod answer_header;
mod basic;
mod client;
mod failure;
mod guard;
mod inflate;
mod limits;
mod origin;
mod resolver;
pub mod shelf;
mod tls;
mod txt;
mod verifier;

#[cfg(test)]
mod tests;

use crate::exchange::{Forbidden, Problem};
use resolver::{Reach, is_internal, permit, spelled_out};

pub use basic::BasicCredentials;
pub use client::HttpClient;
pub use origin::{Origin, OriginProblem};

/// Why `url` would not be called, as far as its spelling tells and nothing has to be asked: user-info, an address that is
/// not on the public internet, a name that is always loopback. `listed` where its origin is on the allow-list.
#[must_use]
pub fn forbidden_by_spelling(url: &url::Url, listed: bool) -> Option<Forbidden> {
    let host = url.host()?;
    if !url.username().is_empty() || url.password().is_some() {
        return Some(Forbidden::UserInfo { host: host.to_string() });
    }
    let reach = if listed { Reach::Internal } else { Reach::Public };
    match permit(&host.to_string(), &[spelled_out(&host)?], &reach) {
        Err(Problem::Forbidden(forbidden)) => Some(forbidden),
        _ => None,
    }
}

/// Why `url` would not be called, as far as its name tells: one that the public DNS never has. `listed` as above.
#[must_use]
pub fn forbidden_by_name(url: &url::Url, listed: bool) -> Option<Forbidden> {
    let Some(url::Host::Domain(name)) = url.host() else { return None };
    (!listed && spelled_out(&url::Host::Domain(name)).is_none() && is_internal(name))
        .then(|| Forbidden::InternalName { host: name.to_owned() })
}

/// What an installation says about its outgoing requests. The default is the strict one.
#[derive(Clone)]
pub struct NetOptions {
    /// Origins that may be private, loopback or plain http. Link-local and cloud metadata addresses stay refused.
    pub allow_origins: Vec<Origin>,
    /// PEM texts with further root certificates, each with one or more.
    pub ca_certs_pem: Vec<Vec<u8>>,
    /// The only proxy that is used: the environment's are ignored. It carries every request, and resolves names that
    /// do not resolve here: from then on, the guard over names is the proxy's.
    pub proxy: Option<url::Url>,
    /// Name servers for [`HttpClient::txt`], instead of the system's.
    pub dns_servers: Vec<std::net::SocketAddr>,
    /// Trust the system's root certificates. False where only `ca_certs_pem` are to be trusted: demo and tests.
    pub system_roots: bool,
    /// How long a connection that nobody uses is kept for the next request.
    pub keep_idle: std::time::Duration,
}

impl Default for NetOptions {
    fn default() -> Self {
        Self {
            allow_origins: Vec::new(),
            ca_certs_pem: Vec::new(),
            proxy: None,
            dns_servers: Vec::new(),
            system_roots: true,
            // Long enough for the next request of the same check.
            keep_idle: std::time::Duration::from_secs(10),
        }
    }
}

impl std::fmt::Debug for NetOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NetOptions")
            .field("allow_origins", &self.allow_origins)
            .field("ca_certs_pem", &self.ca_certs_pem.len())
            // A proxy's URL may carry a password.
            .field("proxy", &self.proxy.as_ref().and_then(url::Url::host_str))
            .field("dns_servers", &self.dns_servers)
            .field("system_roots", &self.system_roots)
            .field("keep_idle", &self.keep_idle)
            .finish()
    }
}

/// Why there is no client: a fault of this installation, found before anything is sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NetSetupError {
    /// One of `ca_certs_pem` holds no certificate, or one that cannot be read.
    #[error("CA certificate file number {position} is not usable: {reason}")]
    BadCaCertificate {
        /// Which of `ca_certs_pem`, counted from 1.
        position: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// The system has no root certificates.
    #[error("this machine has no root certificates: install the package `ca-certificates`")]
    NoSystemRoots,
    /// The proxy is not an http or https URL with a host.
    #[error("the proxy has to be an http or https URL with a host")]
    BadProxy,
    /// The HTTP or TLS library refused its own settings.
    #[error("the HTTP client could not be set up: {reason}")]
    Library {
        /// The library's words.
        reason: String,
    },
}
