//! The listening side: sockets, TLS, HTTP, and the end of it all when the provider is dropped.

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
use std::time::Duration;

use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::TlsAcceptor;

use super::certificate;
use super::client::Client;
use super::routes::{Front, SAML_METADATA};

/// How long a visitor may take over its TLS handshake.
const HANDSHAKE_LIMIT: Duration = Duration::from_secs(10);

/// How often to look for a port that is free on both loopback addresses.
const PORT_ATTEMPTS: usize = 16;

/// A running practice provider with one registered client; it stops answering when dropped.
///
/// Every value is new in each run: port, authority, client id, client secret and signing key.
pub struct PracticeProvider {
    origin: String,
    ca_pem: String,
    front: Arc<Front>,
    listening: JoinHandle<()>,
}

impl PracticeProvider {
    /// Listens on a free port of this machine's loopback addresses, inside the caller's runtime.
    ///
    /// # Errors
    ///
    /// When there is no loopback address, no free port or no randomness.
    pub async fn start() -> io::Result<Self> {
        let identity = certificate::issue()?;
        let (port, listeners) = listen().await?;
        let origin = format!("https://localhost:{port}");
        let front = Arc::new(Front::new(&origin, Client::register()?)?);
        let acceptor = TlsAcceptor::from(identity.tls);
        let listening = tokio::spawn(accept(listeners, acceptor, Arc::clone(&front)));
        Ok(Self { origin, ca_pem: identity.ca_pem, front, listening })
    }

    /// `https://localhost:PORT`.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The issuer: the origin and a path, as a provider with several authorization servers has it.
    pub fn issuer(&self) -> &str {
        self.front.issuer()
    }

    /// Where the same provider publishes its metadata as a SAML identity provider.
    pub fn metadata_url(&self) -> String {
        format!("{}{}", self.front.issuer(), SAML_METADATA)
    }

    /// The certificate of the authority that signed the server's, PEM.
    pub fn ca_pem(&self) -> &str {
        &self.ca_pem
    }

    /// The registered client's id.
    pub fn client_id(&self) -> &str {
        self.front.client().id()
    }

    /// The registered client's secret, for whoever plays the customer.
    pub fn client_secret(&self) -> &str {
        self.front.client().secret()
    }

    /// Adds `uri` to the addresses that the authorization endpoint sends people back to, compared exactly.
    pub fn register_redirect_uri(&self, uri: &str) {
        self.front.client().register_redirect_uri(uri);
    }
}

impl fmt::Debug for PracticeProvider {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("PracticeProvider").field("issuer", &self.issuer()).finish_non_exhaustive()
    }
}

impl Drop for PracticeProvider {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

/// One port on `127.0.0.1` and, where the machine has it, on `::1`: `localhost` may mean either.
async fn listen() -> io::Result<(u16, Vec<TcpListener>)> {
    let mut last = io::Error::from(io::ErrorKind::AddrInUse);
    for _ in 0..PORT_ATTEMPTS {
        let first = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = first.local_addr()?.port();
        match TcpListener::bind((Ipv6Addr::LOCALHOST, port)).await {
            Ok(second) => return Ok((port, vec![first, second])),
            // Somebody else's server must not be reached under our name.
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => last = error,
            Err(_) => return Ok((port, vec![first])),
        }
    }
    Err(last)
}

/// Serves until aborted; the connections are owned by this task and end with it.
async fn accept(listeners: Vec<TcpListener>, acceptor: TlsAcceptor, front: Arc<Front>) {
    let mut doors = JoinSet::new();
    for listener in listeners {
        let (acceptor, front) = (acceptor.clone(), Arc::clone(&front));
        doors.spawn(async move {
            let mut visitors = JoinSet::new();
            loop {
                // A failed accept concerns the one visitor who gave up, and the loop pauses in case it concerns us.
                match listener.accept().await {
                    Ok((stream, _)) => {
                        visitors.spawn(serve(stream, acceptor.clone(), Arc::clone(&front)));
                    }
                    Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
                }
                while visitors.try_join_next().is_some() {}
            }
        });
    }
    while doors.join_next().await.is_some() {}
}

/// One visitor's connection. Whatever goes wrong on it is the visitor's to report.
async fn serve(stream: TcpStream, acceptor: TlsAcceptor, front: Arc<Front>) {
    let _ = stream.set_nodelay(true);
    let Ok(Ok(stream)) = tokio::time::timeout(HANDSHAKE_LIMIT, acceptor.accept(stream)).await else { return };
    let answering = service_fn(move |request| {
        let front = Arc::clone(&front);
        async move { Ok::<_, std::convert::Infallible>(front.answer(request).await) }
    });
    let _ = auto::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), answering).await;
}
