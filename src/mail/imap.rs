//! A folder of an IMAP server over TLS, opened for reading only (EXAMINE) and peeked at: nothing is marked as seen.
//!
//! Source: RFC 3501; RFC 8314 for TLS from the first byte.

use std::sync::Arc;
use std::time::Duration;

use async_imap::types::Fetch;
use async_imap::{Client, Session};
use futures::TryStreamExt as _;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::MailboxError;
use super::heading::{Heading, Place};
use crate::foreign;

/// An account on an IMAP server.
#[derive(Debug)]
pub struct ImapAccount {
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// The folder, as the server names it.
    pub folder: String,
    /// Who signs in.
    pub user: String,
    /// With what.
    pub password: SecretString,
    /// Further root certificates, PEM.
    pub ca_certs_pem: Vec<Vec<u8>>,
}

impl ImapAccount {
    /// Reads `imaps://host[:port]/Folder`; without a folder it is `INBOX`.
    ///
    /// # Errors
    ///
    /// In words: another scheme, no host, or a user in it, who belongs into the configuration.
    pub fn parse(url: &str) -> Result<(String, u16, String), String> {
        let url = url::Url::parse(url).map_err(|error| format!("it is not a URL: {error}"))?;
        if url.scheme() != "imaps" {
            return Err("it has to begin with imaps:// (TLS from the first byte)".to_owned());
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("user and password are keys of their own, not a part of the address".to_owned());
        }
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or("it names no server")?;
        let folder = percent_decoded(url.path().trim_start_matches('/'))?;
        let folder = if folder.is_empty() { "INBOX".to_owned() } else { folder };
        Ok((host.trim_matches(['[', ']']).to_owned(), url.port().unwrap_or(993), folder))
    }

    /// `host:port`, for messages.
    #[must_use]
    pub fn place(&self) -> String {
        format!("{}:{}", foreign::shown(&self.host), self.port)
    }
}

fn percent_decoded(text: &str) -> Result<String, String> {
    let name = percent_encoding::percent_decode_str(text).decode_utf8();
    name.map(String::from).map_err(|_| "the folder's name is not UTF-8".to_owned())
}

/// For the connection, the sign-in, and each batch.
const ANSWER: Duration = Duration::from_secs(30);

/// Heads fetched with one command.
const BATCH: usize = 200;

/// How long a connection that may be lost is asked whether it is.
const SIGN_OF_LIFE: Duration = Duration::from_secs(2);

/// A folder that is open.
#[derive(Debug)]
pub(super) struct ImapFolder {
    account: Arc<ImapAccount>,
    session: Session<TlsStream<TcpStream>>,
    /// By which UIDs are told from those of other days (RFC 3501, section 2.3.1.1).
    validity: Option<u32>,
    /// UIDs of the mails that nobody has answered, newest first.
    uids: Vec<u32>,
    place: String,
}

impl ImapFolder {
    pub(super) async fn open(account: &Arc<ImapAccount>) -> Result<Self, MailboxError> {
        let place = account.place();
        let silent = |reason: String| MailboxError::Silent { server: account.place(), reason: foreign::shown(&reason) };
        let opening = async {
            let stream = connect(account).await.map_err(silent)?;
            let mut client = Client::new(stream);
            client.read_response().await.map_err(|error| silent(error.to_string()))?;
            let signed_in = client.login(&account.user, account.password.expose_secret()).await;
            let mut session = signed_in.map_err(|(error, _)| MailboxError::Refused {
                server: account.place(),
                what: format!("the sign-in of `{}`", foreign::shown(&account.user)),
                reason: words(&error),
            })?;
            // EXAMINE is SELECT without the right to change anything.
            let examined = session.examine(utf7(&account.folder)).await.map_err(|error| MailboxError::Refused {
                server: account.place(),
                what: format!("the folder `{}`", foreign::shown(&account.folder)),
                reason: words(&error),
            })?;
            let found = session.uid_search("UNANSWERED UNDELETED UNDRAFT").await;
            let mut uids: Vec<u32> = found.map_err(|error| silent(words(&error)))?.into_iter().collect();
            uids.sort_unstable_by(|one, other| other.cmp(one));
            Ok(Self {
                account: Arc::clone(account),
                session,
                validity: examined.uid_validity,
                uids,
                place: account.place(),
            })
        };
        tokio::time::timeout(ANSWER, opening).await.map_err(|_| MailboxError::Silent {
            server: place,
            reason: format!("no answer within {} s", ANSWER.as_secs()),
        })?
    }

    pub(super) fn count(&self) -> usize {
        self.uids.len()
    }

    pub(super) async fn headings(&mut self, from: usize, count: usize) -> Result<Vec<Heading>, MailboxError> {
        let mut headings = Vec::with_capacity(count.min(self.uids.len()));
        let wanted: Vec<u32> = self.uids.iter().skip(from).take(count).copied().collect();
        for batch in wanted.chunks(BATCH) {
            let query = "(UID BODY.PEEK[HEADER.FIELDS (FROM SUBJECT DATE MESSAGE-ID REFERENCES)])";
            let fetched = self.fetch(batch, query).await?;
            let mut read: Vec<Heading> = fetched
                .iter()
                .filter_map(|mail| Some(Heading::read(Place::Uid(mail.uid?), mail.header().unwrap_or_default())))
                .collect();
            read.sort_by(|one, other| other.place.cmp(&one.place));
            headings.extend(read);
        }
        Ok(headings)
    }

    /// A whole mail; `None` where it was deleted meanwhile.
    pub(super) async fn mail(&mut self, uid: u32, limit: usize) -> Result<Option<Vec<u8>>, MailboxError> {
        let found = self.ask_for_mail(uid, limit).await;
        // A server hangs up on whoever thinks for long, and its goodbye reads like a mail that is not there.
        if matches!(found, Ok(None) | Err(MailboxError::Silent { .. })) && !self.is_alive().await {
            self.reopen().await?;
            return self.ask_for_mail(uid, limit).await;
        }
        found
    }

    async fn is_alive(&mut self) -> bool {
        tokio::time::timeout(SIGN_OF_LIFE, self.session.noop()).await.is_ok_and(|answer| answer.is_ok())
    }

    /// Signs in again. The mails that were found stay those that are worked on.
    async fn reopen(&mut self) -> Result<(), MailboxError> {
        let again = Self::open(&self.account).await?;
        if again.validity != self.validity {
            return Err(MailboxError::Silent {
                server: self.place.clone(),
                reason: "it has numbered its mails anew; begin again".to_owned(),
            });
        }
        self.session = again.session;
        Ok(())
    }

    async fn ask_for_mail(&mut self, uid: u32, limit: usize) -> Result<Option<Vec<u8>>, MailboxError> {
        let too_large = |place: &str| MailboxError::TooLarge { place: format!("mail {uid} on {place}") };
        let sizes = self.fetch(&[uid], "(UID RFC822.SIZE)").await?;
        let Some(size) = sizes.iter().find(|mail| mail.uid == Some(uid)).and_then(|mail| mail.size) else {
            return Ok(None);
        };
        if usize::try_from(size).is_ok_and(|size| size > limit) {
            return Err(too_large(&self.place));
        }
        // One octet more than may be: a server that understated the size is found out.
        let query = format!("(UID BODY.PEEK[]<0.{}>)", limit + 1);
        let fetched = self.fetch(&[uid], &query).await?;
        let body = fetched.iter().find(|mail| mail.uid == Some(uid)).and_then(Fetch::body);
        match body {
            Some(body) if body.len() > limit => Err(too_large(&self.place)),
            body => Ok(body.map(<[u8]>::to_vec)),
        }
    }

    async fn fetch(&mut self, uids: &[u32], query: &str) -> Result<Vec<Fetch>, MailboxError> {
        let silent = |reason: String| MailboxError::Silent { server: self.place.clone(), reason };
        let set = uids.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        let fetching = async {
            let stream = self.session.uid_fetch(set, query).await?;
            stream.try_collect::<Vec<Fetch>>().await
        };
        tokio::time::timeout(ANSWER, fetching)
            .await
            .map_err(|_| silent(format!("no answer within {} s", ANSWER.as_secs())))?
            .map_err(|error| silent(words(&error)))
    }

    /// Says goodbye; a server that does not answer is left alone.
    pub(super) async fn close(mut self) {
        let _ = tokio::time::timeout(Duration::from_secs(2), self.session.logout()).await;
    }
}

#[expect(clippy::disallowed_methods, reason = "the operator's own server, which no customer can name")]
async fn connect(account: &ImapAccount) -> Result<TlsStream<TcpStream>, String> {
    let mut roots = rustls::RootCertStore::empty();
    for pem in &account.ca_certs_pem {
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let certificate = certificate.map_err(|error| error.to_string())?;
            roots.add(certificate).map_err(|error| error.to_string())?;
        }
    }
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
        .map_err(|error| error.to_string())?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(account.host.clone()).map_err(|error| error.to_string())?;
    let stream = TcpStream::connect((account.host.as_str(), account.port)).await.map_err(|error| error.to_string())?;
    TlsConnector::from(Arc::new(config)).connect(name, stream).await.map_err(|error| error.to_string())
}

/// An error without what a server sent along: bytes that could not be read are not repeated.
fn words(error: &async_imap::error::Error) -> String {
    use async_imap::error::Error;
    let said = match error {
        Error::No(said) | Error::Bad(said) => said.clone(),
        Error::Parse(_) => "its answer could not be read".to_owned(),
        other => other.to_string(),
    };
    foreign::shown(&said)
}

/// A folder's name as IMAP wants it: ASCII as it is, other characters in the modified UTF-7 of RFC 3501, section 5.1.3.
fn utf7(name: &str) -> String {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD_NO_PAD;
    let mut out = String::new();
    let mut pending: Vec<u8> = Vec::new();
    let flush = |pending: &mut Vec<u8>, out: &mut String| {
        if !pending.is_empty() {
            out.push('&');
            out.push_str(&STANDARD_NO_PAD.encode(&*pending).replace('/', ","));
            out.push('-');
            pending.clear();
        }
    };
    for character in name.chars() {
        if matches!(character, ' '..='~') {
            flush(&mut pending, &mut out);
            out.push(character);
            if character == '&' {
                out.push('-');
            }
        } else {
            let mut units = [0; 2];
            for unit in character.encode_utf16(&mut units) {
                pending.extend(unit.to_be_bytes());
            }
        }
    }
    flush(&mut pending, &mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_server_port_and_folder() {
        for (url, host, port, folder) in [
            ("imaps://imap.example.com", "imap.example.com", 993, "INBOX"),
            ("imaps://imap.example.com/", "imap.example.com", 993, "INBOX"),
            ("imaps://imap.example.com:1993/Support/SSO", "imap.example.com", 1993, "Support/SSO"),
            ("imaps://localhost/Anfragen%20f%C3%BCr%20SSO", "localhost", 993, "Anfragen für SSO"),
        ] {
            let (found, at, name) = ImapAccount::parse(url).unwrap();
            assert_eq!((found.as_str(), at, name.as_str()), (host, port, folder), "{url}");
        }
        for url in ["imap://imap.example.com", "https://imap.example.com", "imaps://user:x@imap.example.com", "inbox"] {
            assert!(ImapAccount::parse(url).is_err(), "{url}");
        }
    }

    #[test]
    fn a_folder_in_any_script_is_named_as_rfc_3501_says() {
        for (name, wanted) in [
            ("INBOX", "INBOX"),
            ("R&D", "R&-D"),
            ("~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"),
            ("Für SSO", "F&APw-r SSO"),
        ] {
            assert_eq!(utf7(name), wanted);
        }
    }
}
