//! What the HTTP library's errors mean, read from their types along the chain of causes.

use std::error::Error;
use std::io;
use std::time::Duration;

use super::tls;
use crate::exchange::Problem;

/// The meaning of `error`, from the server called `host` (`host:port`).
pub(super) fn problem(error: &reqwest::Error, host: &str, connect_limit: Duration) -> Problem {
    if let Some(problem) = causes(error).find_map(|cause| read(cause, host)) {
        return problem;
    }
    let system = causes(error).filter_map(|cause| cause.downcast_ref::<io::Error>()).last();
    let host = host.to_owned();
    if error.is_connect() {
        if error.is_timeout() {
            return Problem::ConnectTimeout { host, limit: connect_limit };
        }
        let reason = system.map_or_else(|| "it could not be set up".to_owned(), |error| error.kind().to_string());
        return Problem::Connect { host, reason };
    }
    if system.is_some_and(|error| matches!(error.kind(), io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput)) {
        return Problem::Protocol("the framing of its body cannot be read".to_owned());
    }
    // HTTP/2 leaves no more than this: a stream or connection that ended before its time.
    Problem::Reset { host }
}

/// `error` and what caused it, outermost first.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| next(*error))
}

/// The next cause down. An I/O error passes over the error it wraps, so that one is unwrapped first.
fn next<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(inner) => Some(inner),
        None => error.source(),
    }
}

/// What this one link of the chain says, if it says enough.
fn read(error: &(dyn Error + 'static), host: &str) -> Option<Problem> {
    if let Some(problem) = error.downcast_ref::<Problem>() {
        return Some(problem.clone());
    }
    if let Some(error) = error.downcast_ref::<rustls::Error>() {
        return Some(Problem::Tls(tls::problem(error, host)));
    }
    if let Some(error) = error.downcast_ref::<hyper::Error>() {
        return read_hyper(error, host);
    }
    let error = error.downcast_ref::<io::Error>()?;
    // A wrapped error knows better than the kind it was filed under.
    let wraps = error.get_ref().is_some_and(|inner| inner.is::<rustls::Error>() || inner.is::<hyper::Error>());
    if wraps { None } else { read_io(error, host) }
}

fn read_hyper(error: &hyper::Error, host: &str) -> Option<Problem> {
    if error.is_parse_too_large() {
        return Some(Problem::Protocol("its header is too long".to_owned()));
    }
    if error.is_parse() {
        return Some(Problem::Protocol("its status line or header cannot be read".to_owned()));
    }
    (error.is_incomplete_message() || error.is_closed() || error.is_canceled())
        .then(|| Problem::Reset { host: host.to_owned() })
}

fn read_io(error: &io::Error, host: &str) -> Option<Problem> {
    use io::ErrorKind as Kind;
    let host = host.to_owned();
    match error.kind() {
        Kind::ConnectionReset | Kind::ConnectionAborted | Kind::BrokenPipe | Kind::UnexpectedEof => {
            Some(Problem::Reset { host })
        }
        // On a connection that stood, too: the way there went away.
        Kind::ConnectionRefused | Kind::HostUnreachable | Kind::NetworkUnreachable | Kind::NetworkDown => {
            Some(Problem::Connect { host, reason: error.kind().to_string() })
        }
        _ => None,
    }
}

/// Whether asking once more may help: the server was there, and the connection broke.
pub(super) const fn is_worth_a_retry(problem: &Problem) -> bool {
    matches!(problem, Problem::Reset { .. })
}
