//! The client against real servers on loopback. Each test has its own.

mod answers;
mod guarding;
mod handshakes;
mod proofs;
mod server;

use std::time::Duration;

use super::limits::Limits;
use super::{HttpClient, NetOptions, Origin};
use crate::exchange::Problem;

/// As the product's, but for the pause.
const PATIENT: Limits = Limits { pause: Duration::from_millis(10), ..Limits::PRODUCT };

/// For what is about running out of time.
const HURRIED: Limits = Limits { connect: Duration::from_millis(400), whole: Duration::from_millis(600), ..PATIENT };

/// Trusts nobody but `ca`, and lets `origins` be on loopback.
fn options(origins: &[&str], ca: &[Vec<u8>]) -> NetOptions {
    NetOptions {
        allow_origins: origins.iter().map(|origin| Origin::parse(origin).unwrap()).collect(),
        ca_certs_pem: ca.to_vec(),
        system_roots: false,
        ..NetOptions::default()
    }
}

fn client(options: NetOptions) -> HttpClient {
    HttpClient::with_limits(options, PATIENT).unwrap()
}

fn hurried(options: NetOptions) -> HttpClient {
    HttpClient::with_limits(options, HURRIED).unwrap()
}

/// A client that may call `url`, plain http.
fn client_for(url: &str) -> HttpClient {
    client(options(&[url], &[]))
}

fn code<T>(result: &Result<T, Problem>) -> &'static str {
    result.as_ref().map_or_else(Problem::code, |_| "ok")
}
