//! An identity provider over TLS on loopback that does to the wire exactly what a test tells it to.
//!
//! Threads and blocking streams, no HTTP library: a test decides every byte. It speaks HTTP/1.1 with keep-alive only.
//!
//! ```ignore
//! let provider = Provider::new()
//!     .on(Route::Discovery, Behaviour::patch(json!({"issuer": "https://other.example"})).remove("token_endpoint"))
//!     .on(Route::Token, Behaviour::dialect(Dialect::Okta))
//!     .start();
//! ```
//!
//! In bodies and header values, `{origin}` and `{issuer}` stand for this provider's own.

use std::collections::HashMap;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use tempfile::TempDir;

mod authorize;
mod baseline;
mod behaviour;
mod certificates;
mod client;
mod dialect;
mod keys;
mod reply;
mod request;
mod wire;

pub use authorize::Authorize;
pub use behaviour::Behaviour;
pub use certificates::Tls;
pub use client::{How, Who};
pub use dialect::{Dialect, TELLING, entra_error};
pub use keys::{Key, key_set, many_rsa};
pub use reply::Reply;
pub use request::SeenRequest;

/// The client id that is registered unless a test says otherwise.
pub const CLIENT_ID: &str = "0oa1b2c3d4e5";
/// Its secret: a canary, to be looked for where it must not be.
pub const CLIENT_SECRET: &str = "CANARY-s3cr3t";

/// An address of the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Route {
    /// `{issuer}/.well-known/openid-configuration`
    Discovery,
    /// `/jwks`
    Jwks,
    /// `/token`
    Token,
    /// `/authorize`
    Authorize,
    /// `/userinfo`
    Userinfo,
    /// `/revoke`, RFC 7009; announced by [`Provider::offers`].
    Revocation,
    /// `/introspect`, RFC 7662; announced by [`Provider::offers`].
    Introspection,
    /// `/par`, RFC 9126; announced by [`Provider::offers`].
    PushedAuthorization,
    /// Everything else: 404.
    Elsewhere,
}

/// Everything that answers depend on beside the request.
#[derive(Debug, Clone)]
pub struct Settings {
    pub origin: String,
    pub issuer: String,
    pub client_id: String,
    pub client_secret: String,
    /// Where `/authorize` sends back to; anywhere when empty.
    pub redirect_uris: Vec<String>,
    /// The optional endpoints that the document announces.
    pub offered: Vec<Route>,
}

/// A provider that has not started yet.
pub struct Provider {
    host: &'static str,
    issuer_path: String,
    settings: Settings,
    tls: Tls,
    latency: Duration,
    script: HashMap<Route, Behaviour>,
}

impl Provider {
    /// The baseline of `cases.md`, at `https://127.0.0.1:PORT`.
    #[allow(clippy::new_without_default)]
    pub fn new() -> Self {
        Self {
            host: "127.0.0.1",
            issuer_path: String::new(),
            settings: Settings {
                origin: String::new(),
                issuer: String::new(),
                client_id: CLIENT_ID.to_owned(),
                client_secret: CLIENT_SECRET.to_owned(),
                redirect_uris: Vec::new(),
                offered: Vec::new(),
            },
            tls: Tls::Trusted,
            latency: Duration::ZERO,
            script: HashMap::new(),
        }
    }

    /// Replaces what `route` does.
    pub fn on(mut self, route: Route, behaviour: Behaviour) -> Self {
        self.script.insert(route, behaviour);
        self
    }

    /// Announces an optional endpoint, which authenticates the client.
    pub fn offers(mut self, route: Route) -> Self {
        self.settings.offered.push(route);
        self
    }

    /// Calls itself `https://localhost:PORT`: a name, where 127.0.0.1 is an address.
    pub fn named_localhost(mut self) -> Self {
        self.host = "localhost";
        self
    }

    /// Appends `path` (`/oauth2/acme`) to the issuer, and answers discovery there.
    pub fn issuer_path(mut self, path: &str) -> Self {
        path.clone_into(&mut self.issuer_path);
        self
    }

    /// Registers another client than [`CLIENT_ID`] with [`CLIENT_SECRET`].
    pub fn client(mut self, id: &str, secret: &str) -> Self {
        id.clone_into(&mut self.settings.client_id);
        secret.clone_into(&mut self.settings.client_secret);
        self
    }

    /// Registers a redirect URI; once there is one, others get an error page.
    pub fn redirect_uri(mut self, uri: &str) -> Self {
        self.settings.redirect_uris.push(uri.to_owned());
        self
    }

    /// Takes that long over every answer, as a provider far away does.
    pub fn latency_ms(mut self, milliseconds: u64) -> Self {
        self.latency = Duration::from_millis(milliseconds);
        self
    }

    /// Presents another certificate, or none.
    pub fn tls(mut self, tls: Tls) -> Self {
        self.tls = tls;
        self
    }

    /// Listens, and answers until the returned handle is dropped.
    pub fn start(self) -> RunningProvider {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let scheme = if self.tls == Tls::PlainHttp { "http" } else { "https" };
        let origin = format!("{scheme}://{}:{port}", self.host);
        let folder = TempDir::new().unwrap();
        let ca_file = folder.path().join("ca.pem");
        let (config, ca_pem) = certificates::issue(self.tls);
        std::fs::write(&ca_file, ca_pem).unwrap();
        let issuer = format!("{origin}{}", self.issuer_path);
        let shared = Arc::new(Shared {
            discovery_path: format!("{}/.well-known/openid-configuration", self.issuer_path),
            settings: Settings { origin, issuer, ..self.settings },
            tls: self.tls,
            latency: self.latency,
            config,
            script: self.script,
            asked: Mutex::default(),
            seen: Mutex::default(),
            connections: AtomicUsize::new(0),
            stopping: AtomicBool::new(false),
        });
        let accepting = {
            let shared = Arc::clone(&shared);
            std::thread::spawn(move || wire::accept(&listener, &shared))
        };
        RunningProvider { shared, ca_file, _folder: folder, port, accepting: Some(accepting) }
    }
}

/// What the connections of one provider share.
struct Shared {
    settings: Settings,
    discovery_path: String,
    tls: Tls,
    latency: Duration,
    config: Arc<rustls::ServerConfig>,
    script: HashMap<Route, Behaviour>,
    /// How often each route has been asked.
    asked: Mutex<HashMap<Route, usize>>,
    seen: Mutex<Vec<SeenRequest>>,
    connections: AtomicUsize,
    stopping: AtomicBool,
}

impl Shared {
    fn route(&self, path: &str) -> Route {
        match path {
            path if path == self.discovery_path => Route::Discovery,
            "/jwks" => Route::Jwks,
            "/token" => Route::Token,
            "/authorize" => Route::Authorize,
            "/userinfo" => Route::Userinfo,
            "/revoke" => Route::Revocation,
            "/introspect" => Route::Introspection,
            "/par" => Route::PushedAuthorization,
            _ => Route::Elsewhere,
        }
    }

    /// What `route` does this time.
    fn behaviour(&self, route: Route) -> Behaviour {
        let count = {
            let mut asked = self.asked.lock().unwrap();
            let count = asked.entry(route).or_default();
            *count += 1;
            *count - 1
        };
        self.script.get(&route).cloned().unwrap_or_else(Behaviour::baseline).at(count)
    }

    fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }
}

/// A provider that answers.
pub struct RunningProvider {
    shared: Arc<Shared>,
    ca_file: PathBuf,
    _folder: TempDir,
    port: u16,
    accepting: Option<JoinHandle<()>>,
}

impl RunningProvider {
    /// Its issuer, without a trailing slash.
    pub fn issuer(&self) -> &str {
        &self.shared.settings.issuer
    }

    /// `https://127.0.0.1:PORT`, or `localhost`.
    pub fn origin(&self) -> &str {
        &self.shared.settings.origin
    }

    /// The TCP port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// A PEM file with the authority to trust (another's, for [`Tls::UntrustedCa`]).
    pub fn ca_file(&self) -> &Path {
        &self.ca_file
    }

    /// The registered client's id.
    pub fn client_id(&self) -> &str {
        &self.shared.settings.client_id
    }

    /// The registered client's secret.
    pub fn client_secret(&self) -> &str {
        &self.shared.settings.client_secret
    }

    /// The arguments that let the binary reach it: `--allow-origin ORIGIN --ca-cert FILE`.
    pub fn access(&self) -> Vec<String> {
        ["--allow-origin", self.origin(), "--ca-cert", &self.ca_file.display().to_string()].map(str::to_owned).to_vec()
    }

    /// Every complete request so far, in the order of arrival.
    pub fn requests(&self) -> Vec<SeenRequest> {
        self.shared.seen.lock().unwrap().clone()
    }

    /// Those to one route.
    pub fn requests_to(&self, route: Route) -> Vec<SeenRequest> {
        let mut requests = self.requests();
        requests.retain(|request| self.shared.route(&request.path) == route);
        requests
    }

    /// TCP connections so far, those whose handshake failed included.
    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::Relaxed)
    }
}

impl Drop for RunningProvider {
    fn drop(&mut self) {
        self.shared.stopping.store(true, Ordering::Relaxed);
        // Wakes the accepting thread, which then sees that it should stop.
        let _ = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port));
        if let Some(accepting) = self.accepting.take() {
            let _ = accepting.join();
        }
    }
}
