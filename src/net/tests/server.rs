//! Servers on loopback that behave, or misbehave, as told.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http_body_util::Full;
use hyper::body::Bytes;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// What a scripted server does next on a connection.
#[derive(Clone)]
pub(super) enum Step {
    /// Waits for a whole request head.
    Read,
    Send(Vec<u8>),
    Wait(Duration),
    /// Keeps the connection open, and silent.
    Hold,
}

/// Reads one request and sends `answer`, then closes.
pub(super) fn says(answer: impl AsRef<[u8]>) -> Vec<Step> {
    vec![Step::Read, Step::Send(answer.as_ref().to_vec())]
}

/// A server without TLS that follows one script per connection, the last one from then on.
pub(super) struct Scripted {
    pub(super) address: SocketAddr,
    heads: Arc<Mutex<Vec<String>>>,
    connections: Arc<AtomicUsize>,
}

impl Scripted {
    pub(super) async fn start(scripts: Vec<Vec<Step>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (heads, connections) = (Arc::<Mutex<Vec<String>>>::default(), Arc::<AtomicUsize>::default());
        let (seen, count) = (Arc::clone(&heads), Arc::clone(&connections));
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let number = count.fetch_add(1, Ordering::SeqCst);
                let script = scripts[number.min(scripts.len() - 1)].clone();
                let seen = Arc::clone(&seen);
                tokio::spawn(async move {
                    for step in script {
                        match step {
                            Step::Read => {
                                let mut head = Vec::new();
                                while !head.windows(4).any(|window| window == b"\r\n\r\n") {
                                    match stream.read_buf(&mut head).await {
                                        Ok(0) | Err(_) => break,
                                        Ok(_) => {}
                                    }
                                }
                                seen.lock().unwrap().push(String::from_utf8_lossy(&head).into_owned());
                            }
                            Step::Send(bytes) => {
                                if stream.write_all(&bytes).await.is_err() {
                                    return;
                                }
                            }
                            Step::Wait(time) => tokio::time::sleep(time).await,
                            Step::Hold => std::future::pending().await,
                        }
                    }
                    let _ = stream.shutdown().await;
                });
            }
        });
        Self { address, heads, connections }
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(super) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// The heads of the requests so far, with whatever of the bodies came in the same packet.
    pub(super) fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

/// A certificate authority for one test.
pub(super) struct Ca(CertifiedIssuer<'static, KeyPair>);

impl Ca {
    pub(super) fn new() -> Self {
        Self::named("Practice CA")
    }

    pub(super) fn named(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    pub(super) fn pem(&self) -> Vec<u8> {
        self.0.pem().into_bytes()
    }

    /// A certificate for `names`, altered by `edit`.
    pub(super) fn issue(&self, names: &[&str], edit: impl FnOnce(&mut CertificateParams)) -> Identity {
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        let mut params = CertificateParams::new(names).unwrap();
        edit(&mut params);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        Identity { certificate: certificate.der().clone(), key: key.serialize_der().try_into().unwrap() }
    }
}

/// A server's certificate and key.
pub(super) struct Identity {
    pub(super) certificate: CertificateDer<'static>,
    pub(super) key: PrivateKeyDer<'static>,
}

/// A well-behaved server with TLS, which answers with what it was asked.
pub(super) struct Secure {
    pub(super) port: u16,
    connections: Arc<AtomicUsize>,
}

impl Secure {
    /// `alpn` says which versions of HTTP it offers.
    pub(super) async fn start(identity: Identity, alpn: &[&str]) -> Self {
        Self::with(identity, alpn, |stream| async move {
            let together = Arc::new(tokio::sync::Barrier::new(4));
            let service = hyper::service::service_fn(move |request| answer(request, Arc::clone(&together)));
            let builder = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
            let _ = builder.serve_connection(TokioIo::new(stream), service).await;
        })
        .await
    }

    /// Speaks HTTP/2 alone, and answers the first request of a connection with `frames`, whatever they are, then closes.
    pub(super) async fn start_with_frames(identity: Identity, frames: &'static [u8]) -> Self {
        // HEADERS of the first stream, the last of its header and of the stream.
        const REQUEST: [u8; 6] = [1, 5, 0, 0, 0, 1];
        Self::with(identity, &["h2"], move |mut stream| async move {
            let mut read = Vec::new();
            while !read.windows(REQUEST.len()).any(|window| window == REQUEST) {
                if matches!(stream.read_buf(&mut read).await, Ok(0) | Err(_)) {
                    return;
                }
            }
            let _ = stream.write_all(frames).await;
            let _ = stream.shutdown().await;
        })
        .await
    }

    async fn with<F: Future<Output = ()> + Send>(
        identity: Identity,
        alpn: &[&str],
        serve: impl Fn(TlsStream<TcpStream>) -> F + Copy + Send + 'static,
    ) -> Self {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![identity.certificate], identity.key)
            .unwrap();
        config.alpn_protocols = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let connections = Arc::<AtomicUsize>::default();
        let count = Arc::clone(&connections);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    let Ok(stream) = acceptor.accept(stream).await else { return };
                    serve(stream).await;
                });
            }
        });
        Self { port, connections }
    }

    pub(super) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

/// Answers with version and path. `/long-header` has 1 MiB of header, `/many-fields` has 101 short ones; `/together` waits for four on one connection.
async fn answer(
    request: http::Request<hyper::body::Incoming>,
    together: Arc<tokio::sync::Barrier>,
) -> Result<http::Response<Full<Bytes>>, std::convert::Infallible> {
    let text = format!("{:?} {}", request.version(), request.uri().path());
    let mut response = http::Response::new(Full::new(Bytes::from(text)));
    let (fields, length) = match request.uri().path() {
        "/long-header" => (1024, 1024),
        "/many-fields" => (101, 1),
        _ => (0, 0),
    };
    for number in 0..fields {
        let name = http::HeaderName::from_bytes(format!("x-{number}").as_bytes()).unwrap();
        response.headers_mut().insert(name, http::HeaderValue::from_str(&"x".repeat(length)).unwrap());
    }
    if request.uri().path() == "/together" {
        together.wait().await;
    }
    Ok(response)
}
