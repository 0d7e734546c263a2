//! Handing a mail to the operator's SMTP server.

use std::time::Duration;

use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};
use secrecy::{ExposeSecret as _, SecretString};

use super::compose::Composed;
use crate::config::SmtpSecurity;
use crate::foreign;

/// A server, and how to talk to it.
#[derive(Debug)]
pub struct SmtpServer {
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is encrypted.
    pub security: SmtpSecurity,
    /// Who signs in, and with what.
    pub account: Option<(String, SecretString)>,
    /// Further root certificates, PEM.
    pub ca_certs_pem: Vec<Vec<u8>>,
}

/// Why a mail was not sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// No connection, no encryption, no answer in time.
    #[error("the mail server {server} could not be spoken with: {reason}")]
    Silent {
        /// `host:port`.
        server: String,
        /// In the library's words, printable.
        reason: String,
    },
    /// The server said no.
    #[error("the mail server {server} refused: {reason}")]
    Refused {
        /// `host:port`.
        server: String,
        /// In the server's words, printable.
        reason: String,
        /// It will say no again: an address or a password is wrong.
        for_good: bool,
    },
    /// The settings cannot be right.
    #[error("{reason}")]
    Settings {
        /// In words.
        reason: String,
    },
}

/// For one command and its answer.
const ANSWER: Duration = Duration::from_secs(20);

/// For all of it.
const EVERYTHING: Duration = Duration::from_mins(1);

impl SmtpServer {
    /// Reads `host` or `host:port`; the port is the usual one where none is named.
    ///
    /// # Errors
    ///
    /// [`SendError::Settings`]: no host, no port, or no encryption to another machine.
    pub fn new(server: &str, security: SmtpSecurity) -> Result<Self, SendError> {
        let settings = |reason: String| SendError::Settings { reason };
        let server = server.trim();
        let (host, port) = match server.rsplit_once(':') {
            Some((host, port)) if !host.contains(':') || host.ends_with(']') => (
                host,
                port.parse().map_err(|_| settings(format!("[smtp] server: `{}` is no port", foreign::shown(port))))?,
            ),
            _ => {
                let usual = match security {
                    SmtpSecurity::Starttls => 587,
                    SmtpSecurity::Tls => 465,
                    SmtpSecurity::None => 25,
                };
                (server, usual)
            }
        };
        let host = host.trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
        if host.is_empty() || host.chars().any(|one| one.is_whitespace() || "/@".contains(one)) {
            return Err(settings("[smtp] server: it has to be a host, or HOST:PORT".to_owned()));
        }
        let here = host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
        if security == SmtpSecurity::None && !here {
            return Err(settings(format!(
                "[smtp] security = \"none\" is for a mail server on this machine, and `{}` is another one",
                foreign::shown(&host)
            )));
        }
        Ok(Self { host, port, security, account: None, ca_certs_pem: Vec::new() })
    }

    /// `host:port`, for messages.
    #[must_use]
    pub fn place(&self) -> String {
        format!("{}:{}", foreign::shown(&self.host), self.port)
    }

    fn transport(&self) -> Result<AsyncSmtpTransport<Tokio1Executor>, SendError> {
        let settings = |error: lettre::transport::smtp::Error| SendError::Settings {
            reason: format!("[smtp] TLS could not be set up: {}", foreign::shown(&error.to_string())),
        };
        let tls = || -> Result<TlsParameters, SendError> {
            let mut parameters = TlsParameters::builder(self.host.clone());
            for pem in &self.ca_certs_pem {
                parameters = parameters.add_root_certificate(Certificate::from_pem(pem).map_err(settings)?);
            }
            parameters.build_rustls().map_err(settings)
        };
        let tls = match self.security {
            SmtpSecurity::Starttls => Tls::Required(tls()?),
            SmtpSecurity::Tls => Tls::Wrapper(tls()?),
            SmtpSecurity::None => Tls::None,
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&self.host)
            .port(self.port)
            .tls(tls)
            .timeout(Some(ANSWER));
        if let Some((user, password)) = &self.account {
            builder = builder.credentials(Credentials::new(user.clone(), password.expose_secret().to_owned()));
        }
        Ok(builder.build())
    }
}

/// Hands `mail` to `server`, once.
///
/// # Errors
///
/// [`SendError`]: the mail was not taken, or (`Silent`, at the very end) nobody knows; sent again it has the same
/// `Message-ID`, so that mail programs show it once.
pub async fn send(mail: &Composed, server: &SmtpServer) -> Result<(), SendError> {
    let transport = server.transport()?;
    match tokio::time::timeout(EVERYTHING, transport.send(mail.message.clone())).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(of_error(server, &error)),
        Err(_) => Err(SendError::Silent {
            server: server.place(),
            reason: format!("it did not take the mail within {} s", EVERYTHING.as_secs()),
        }),
    }
}

fn of_error(server: &SmtpServer, error: &lettre::transport::smtp::Error) -> SendError {
    let mut words = vec![error.to_string()];
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        let said = inner.to_string();
        if !words.iter().any(|word| word.contains(&said)) {
            words.push(said);
        }
        source = inner.source();
    }
    let reason = foreign::shown(&words.join(": "));
    let server = server.place();
    if error.is_permanent() || error.is_transient() {
        SendError::Refused { server, reason, for_good: error.is_permanent() }
    } else {
        SendError::Silent { server, reason }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_has_the_port_of_its_kind_unless_it_names_one() {
        for (text, security, host, port) in [
            ("smtp.example.com", SmtpSecurity::Starttls, "smtp.example.com", 587),
            ("smtp.example.com", SmtpSecurity::Tls, "smtp.example.com", 465),
            (" SMTP.example.com:2525 ", SmtpSecurity::Tls, "smtp.example.com", 2525),
            ("localhost", SmtpSecurity::None, "localhost", 25),
            ("[::1]:2525", SmtpSecurity::None, "::1", 2525),
        ] {
            let server = SmtpServer::new(text, security).unwrap();
            assert_eq!((server.host.as_str(), server.port), (host, port), "{text}");
        }
    }

    #[test]
    fn nothing_goes_to_another_machine_in_plain_text() {
        assert!(SmtpServer::new("smtp.example.com", SmtpSecurity::None).is_err());
        assert!(SmtpServer::new("192.0.2.7:25", SmtpSecurity::None).is_err());
        assert!(SmtpServer::new("127.0.0.1", SmtpSecurity::None).is_ok());
    }

    #[test]
    fn what_is_no_server_is_refused() {
        for text in ["", ":25", "smtp.example.com:mail", "smtps://smtp.example.com", "user@smtp.example.com"] {
            assert!(SmtpServer::new(text, SmtpSecurity::Tls).is_err(), "{text}");
        }
    }
}
