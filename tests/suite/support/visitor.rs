//! The plainest client there is: bytes over TLS, and what comes back, to look at servers without the product's client.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use serde_json::Value;

/// How long to wait for bytes before taking what is there.
const LIMIT: Duration = Duration::from_secs(5);

/// One answer, split up.
#[derive(Debug, Clone)]
pub struct Seen {
    pub status: u16,
    /// Status line and headers.
    pub head: String,
    pub body: Vec<u8>,
}

impl Seen {
    /// The first header called `name`.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head
            .lines()
            .filter_map(|line| line.split_once(':'))
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim())
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error} in {self:?}"))
    }

    /// The OAuth error code, empty when there is none.
    pub fn error(&self) -> String {
        self.json()["error"].as_str().unwrap_or_default().to_owned()
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// A client configuration that trusts the authority in `ca_pem` and nobody else.
pub fn trusting(ca_pem: &[u8]) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(ca_pem).unwrap()).unwrap();
    ClientConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth()
}

/// A connection to one origin.
pub struct Visitor {
    stream: StreamOwned<ClientConnection, TcpStream>,
}

impl Visitor {
    /// Connects to `https://HOST:PORT`; the handshake comes with the first bytes.
    pub fn connect(origin: &str, ca_pem: &[u8]) -> Self {
        let url = url::Url::parse(origin).unwrap();
        let host = url.host_str().unwrap().to_owned();
        let tcp = TcpStream::connect((host.as_str(), url.port().unwrap())).unwrap();
        tcp.set_read_timeout(Some(LIMIT)).unwrap();
        let tls = ClientConnection::new(Arc::new(trusting(ca_pem)), ServerName::try_from(host).unwrap()).unwrap();
        Self { stream: StreamOwned::new(tls, tcp) }
    }

    /// Sends `bytes`.
    pub fn send(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.stream.write_all(bytes)?;
        self.stream.flush()
    }

    /// Everything up to the end of the connection: the bytes, and the fault that ended it, if one did.
    pub fn read_all(&mut self) -> (Vec<u8>, Option<ErrorKind>) {
        let mut bytes = Vec::new();
        let end = self.stream.read_to_end(&mut bytes).err().map(|error| error.kind());
        (bytes, end)
    }

    /// Sends a GET and reads an answer with a `Content-Length`.
    pub fn get(&mut self, path: &str) -> Seen {
        self.exchange(&format!("GET {path} HTTP/1.1\r\nHost: test\r\n\r\n"))
    }

    /// Posts a form, with an `Authorization` header where there is one to send.
    pub fn post(&mut self, path: &str, form: &str, authorization: Option<&str>) -> Seen {
        let authorization = authorization.map(|value| format!("Authorization: {value}\r\n")).unwrap_or_default();
        self.exchange(&format!(
            "POST {path} HTTP/1.1\r\nHost: test\r\nContent-Type: application/x-www-form-urlencoded\r\n{authorization}\
             Content-Length: {}\r\n\r\n{form}",
            form.len()
        ))
    }

    /// One request, one answer with a `Content-Length`; the connection stays usable.
    pub fn exchange(&mut self, request: &str) -> Seen {
        self.send(request.as_bytes()).unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            self.stream.read_exact(&mut byte).unwrap();
            head.push(byte[0]);
        }
        let head = String::from_utf8(head).unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let mut seen = Seen { status, head, body: Vec::new() };
        seen.body = vec![0; seen.header("content-length").map_or(0, |length| length.parse().unwrap())];
        self.stream.read_exact(&mut seen.body).unwrap();
        seen
    }
}

/// `Basic` credentials as RFC 6749 section 2.3.1 has them: each half form-encoded first.
pub fn basic(id: &str, secret: &str) -> String {
    use base64::Engine as _;
    let encoded = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let pair = format!("{}:{}", encoded(id), encoded(secret));
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair))
}
