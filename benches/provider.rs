//! An identity provider to measure against: a process of its own, over TLS, that takes a given time over every answer.
//!
//! ```text
//! cargo bench --bench provider -- --folder DIR [--latency-ms 50] [--http1] [--origins 1000] [--hung 1]
//! ```
//!
//! Prints one JSON line (`issuer`, `origin`, `origins`, `hung`, `ca_file`, `client_id`, `client_secret`) and serves until
//! its standard input ends. Every path `/oauth2/NAME` of every origin is an issuer. The `hung` origins accept connections
//! and never answer. It has a server of its own rather than the practice provider's, which has no latency to set.

use std::collections::HashMap;
use std::convert::Infallible;
use std::error::Error;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::{Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, PublicKeyData as _};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

const CLIENT_ID: &str = "0oa1b2c3d4e5f6g7h8i9";
const CLIENT_SECRET: &str = "a-secret-for-measuring-only-0123456789";

type Failed = Box<dyn Error + Send + Sync>;
type Answer = Response<Full<Bytes>>;

struct Wanted {
    folder: PathBuf,
    latency: Duration,
    http1: bool,
    origins: usize,
    hung: usize,
}

struct Front {
    origin: String,
    keys: Bytes,
    latency: Duration,
}

fn main() -> Result<(), Failed> {
    let wanted = wanted()?;
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(serve(wanted))
}

fn wanted() -> Result<Wanted, Failed> {
    let mut wanted =
        Wanted { folder: std::env::temp_dir(), latency: Duration::ZERO, http1: false, origins: 1, hung: 0 };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--folder" => wanted.folder = words.next().ok_or("--folder needs a path")?.into(),
            "--latency-ms" => {
                wanted.latency = Duration::from_millis(words.next().ok_or("--latency-ms needs a number")?.parse()?);
            }
            "--http1" => wanted.http1 = true,
            "--origins" => wanted.origins = words.next().ok_or("--origins needs a number")?.parse()?,
            "--hung" => wanted.hung = words.next().ok_or("--hung needs a number")?.parse()?,
            // What `cargo bench` adds.
            "--bench" => {}
            other => return Err(format!("unknown: {other}").into()),
        }
    }
    Ok(wanted)
}

async fn serve(wanted: Wanted) -> Result<(), Failed> {
    let (acceptor, ca_pem) = identity(wanted.http1)?;
    let ca_file = wanted.folder.join("bench-provider-ca.pem");
    std::fs::write(&ca_file, ca_pem)?;
    let keys: Bytes = keys()?.to_string().into();
    let mut origins = Vec::with_capacity(wanted.origins);
    for _ in 0..wanted.origins {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let origin = format!("https://127.0.0.1:{}", listener.local_addr()?.port());
        let front = Arc::new(Front { origin: origin.clone(), keys: keys.clone(), latency: wanted.latency });
        let acceptor = acceptor.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(visit(stream, acceptor.clone(), Arc::clone(&front)));
            }
        });
        origins.push(origin);
    }
    // Bound and never accepted from: the system completes the connection, and nothing ever answers.
    let mut silent = Vec::with_capacity(wanted.hung);
    for _ in 0..wanted.hung {
        silent.push(TcpListener::bind("127.0.0.1:0").await?);
    }
    let hung: Vec<String> =
        silent.iter().filter_map(|one| Some(format!("https://127.0.0.1:{}", one.local_addr().ok()?.port()))).collect();
    let origin = origins.first().cloned().unwrap_or_default();
    let line = json!({
        "issuer": format!("{origin}/oauth2/acme"), "origin": origin, "origins": origins, "hung": hung,
        "ca_file": ca_file, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET,
    });
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()?;
    drop(out);
    // Whoever started this holds the other end.
    tokio::task::spawn_blocking(|| std::io::copy(&mut std::io::stdin(), &mut std::io::sink())).await??;
    Ok(())
}

async fn visit(stream: TcpStream, acceptor: TlsAcceptor, front: Arc<Front>) {
    let _ = stream.set_nodelay(true);
    let Ok(stream) = acceptor.accept(stream).await else { return };
    let answering = service_fn(|request| {
        let front = Arc::clone(&front);
        async move { Ok::<_, Infallible>(front.answer(request).await) }
    });
    let _ = auto::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), answering).await;
}

impl Front {
    async fn answer(&self, request: Request<Incoming>) -> Answer {
        let (head, body) = request.into_parts();
        let body = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
        if !self.latency.is_zero() {
            tokio::time::sleep(self.latency).await;
        }
        let named = head.uri.path().strip_prefix("/oauth2/").unwrap_or_default();
        let (name, path) = named.split_at(named.find('/').unwrap_or(named.len()));
        let issuer = format!("{}/oauth2/{name}", self.origin);
        match (&head.method, path) {
            (&Method::GET, "/.well-known/openid-configuration") => {
                answer(StatusCode::OK, document(&issuer).to_string().into())
            }
            (&Method::GET, "/keys") => answer(StatusCode::OK, self.keys.clone()),
            (&Method::POST, "/token") => {
                let known = is_client(head.headers.get(header::AUTHORIZATION), &body);
                let (status, code) = if known {
                    (StatusCode::BAD_REQUEST, "invalid_grant")
                } else {
                    (StatusCode::UNAUTHORIZED, "invalid_client")
                };
                answer(status, json!({ "error": code }).to_string().into())
            }
            (&Method::GET, "/authorize") => send_back(&issuer, head.uri.query().unwrap_or_default()),
            _ => answer(StatusCode::NOT_FOUND, Bytes::new()),
        }
    }
}

/// `prompt=none` without a session: `login_required`, to the registered redirect URI (any, here).
fn send_back(issuer: &str, query: &str) -> Answer {
    let query: HashMap<String, String> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let Some(mut back) = query.get("redirect_uri").and_then(|uri| url::Url::parse(uri).ok()) else {
        return answer(StatusCode::BAD_REQUEST, Bytes::new());
    };
    back.query_pairs_mut().append_pair("error", "login_required").append_pair("iss", issuer);
    if let Some(state) = query.get("state") {
        back.query_pairs_mut().append_pair("state", state);
    }
    let mut answer = answer(StatusCode::FOUND, Bytes::new());
    if let Ok(location) = back.as_str().parse() {
        answer.headers_mut().insert(header::LOCATION, location);
    }
    answer
}

fn answer(status: StatusCode, body: Bytes) -> Answer {
    let mut answer = Response::new(Full::new(body));
    *answer.status_mut() = status;
    answer.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/json"));
    answer
}

/// The registered client, by HTTP Basic or in the form.
fn is_client(authorization: Option<&header::HeaderValue>, form: &[u8]) -> bool {
    if let Some(header) = authorization {
        let encoded = header.to_str().unwrap_or_default().strip_prefix("Basic ").unwrap_or_default();
        return STANDARD.decode(encoded).is_ok_and(|pair| pair == format!("{CLIENT_ID}:{CLIENT_SECRET}").as_bytes());
    }
    let form: HashMap<String, String> = url::form_urlencoded::parse(form).into_owned().collect();
    form.get("client_id").is_some_and(|id| id == CLIENT_ID)
        && form.get("client_secret").is_some_and(|secret| secret == CLIENT_SECRET)
}

fn document(issuer: &str) -> serde_json::Value {
    json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/keys"),
        "scopes_supported": ["openid", "email", "profile"],
        "response_types_supported": ["code"],
        "grant_types_supported": ["authorization_code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256", "ES256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": true
    })
}

/// One P-256 key, made for this run.
fn keys() -> Result<serde_json::Value, Failed> {
    let key = KeyPair::generate()?;
    // SEC 1, section 2.3.3: 4, then both coordinates, 32 bytes each.
    let point = key.der_bytes();
    let coordinate = |range| point.get(range).map(|bytes| URL_SAFE_NO_PAD.encode(bytes)).ok_or("no P-256 point");
    Ok(json!({"keys": [{
        "kty": "EC", "use": "sig", "alg": "ES256", "kid": "bench", "crv": "P-256",
        "x": coordinate(1..33)?, "y": coordinate(33..65)?
    }]}))
}

/// An authority for this run, and a certificate of its for 127.0.0.1.
fn identity(http1: bool) -> Result<(TlsAcceptor, String), Failed> {
    let ca_key = KeyPair::generate()?;
    let mut ca = CertificateParams::new(Vec::new())?;
    ca.distinguished_name.push(DnType::CommonName, "bench authority");
    ca.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    let ca_pem = ca.self_signed(&ca_key)?.pem();
    let key = KeyPair::generate()?;
    let leaf = CertificateParams::new(vec!["127.0.0.1".to_owned(), "localhost".to_owned()])?;
    let certificate = leaf.signed_by(&key, &Issuer::new(ca, ca_key))?;
    let mut config =
        rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der())),
            )?;
    config.alpn_protocols = if http1 { Vec::new() } else { vec![b"h2".to_vec()] };
    config.alpn_protocols.push(b"http/1.1".to_vec());
    Ok((TlsAcceptor::from(Arc::new(config)), ca_pem))
}
