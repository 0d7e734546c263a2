//! The guarded HTTP client.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fmt;
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use http::header::{self, HeaderMap, HeaderValue};
use tokio::sync::OnceCell;
use url::{Host, Url};
use zeroize::Zeroizing;

use super::basic::BasicCredentials;
use super::inflate::Coding;
use super::limits::{Budget, Deadline, Limits};
use super::resolver::{AddressBook, GuardedResolver, Reach, permit, spelled_out};
use super::{NetOptions, NetSetupError, Origin, answer_header, failure, tls, txt};
use crate::exchange::{Answer, Forbidden, Problem};
use crate::foreign;

/// Bytes of header at which the HTTP/2 library itself hangs up, without a word why. Far above [`Limits::header`], so
/// that a header which is merely too long is judged, and named, here.
const HTTP_2_HEADER: u32 = 2 * 1024 * 1024;

/// No server is left alone for longer, whatever it asks for: a run of an hour may try again.
const LONGEST_REST: Duration = Duration::from_mins(15);

/// How long a rest that is over is known at least: longer than whoever was refused goes on asking others.
const REST_KNOWN: Duration = Duration::from_mins(1);

/// Servers at rest that are remembered before those that have rested are forgotten.
const REMEMBERED: usize = 1024;

/// The one way out. Cheap to clone; all clones share connections, names and counts.
#[derive(Clone)]
pub struct HttpClient {
    shared: Arc<Shared>,
    budget: Option<Budget>,
}

struct Shared {
    limits: Limits,
    options: NetOptions,
    /// The allow-list, to be looked up.
    allowed: HashSet<Origin>,
    book: Arc<AddressBook>,
    /// https to the public internet.
    strict: reqwest::Client,
    /// The same for allow-listed origins, with their addresses and schemes.
    lenient: reqwest::Client,
    dns: OnceCell<hickory_resolver::TokioResolver>,
    loosened: Mutex<BTreeSet<String>>,
    /// Servers that asked to be left alone for a while, and until when.
    resting: Mutex<HashMap<Origin, Instant>>,
    requests: AtomicUsize,
}

impl fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpClient").field("options", &self.shared.options).finish_non_exhaustive()
    }
}

/// A URL that the guard let pass.
struct Target {
    url: Url,
    origin: Origin,
    /// The origin is on the allow-list.
    listed: bool,
    /// `host:port`.
    host: String,
}

/// What to send besides the URL.
enum Ask {
    Get,
    /// With a limit of its own for the body, bytes, and with the media types that are wanted.
    GetDocument {
        most: usize,
        accept: &'static str,
    },
    Post {
        authorization: Option<HeaderValue>,
        form: Zeroizing<String>,
    },
}

impl Ask {
    const fn method(&self) -> &'static str {
        match self {
            Self::Get | Self::GetDocument { .. } => "GET",
            Self::Post { .. } => "POST",
        }
    }

    /// Most bytes of the answer's body.
    const fn most(&self, limits: Limits) -> usize {
        match self {
            Self::GetDocument { most, .. } => *most,
            Self::Get | Self::Post { .. } => limits.body,
        }
    }
}

impl HttpClient {
    /// A client under `options`. Reads the root certificates, which takes a few milliseconds; connects nowhere.
    ///
    /// # Errors
    ///
    /// [`NetSetupError`]: an unusable CA certificate or proxy, or a system without root certificates.
    pub fn new(options: NetOptions) -> Result<Self, NetSetupError> {
        Self::with_limits(options, Limits::PRODUCT)
    }

    pub(super) fn with_limits(options: NetOptions, limits: Limits) -> Result<Self, NetSetupError> {
        let tls = tls::client_config(&options)?;
        let book = Arc::new(AddressBook::default());
        let build = |listed: bool| inner_client(&options, limits, &tls, &book, listed);
        let (strict, lenient) = (build(false)?, build(true)?);
        Ok(Self {
            shared: Arc::new(Shared {
                limits,
                allowed: options.allow_origins.iter().cloned().collect(),
                options,
                book,
                strict,
                lenient,
                dns: OnceCell::new(),
                loosened: Mutex::default(),
                resting: Mutex::default(),
                requests: AtomicUsize::new(0),
            }),
            budget: None,
        })
    }

    /// The same client for one conversation: from now on all its requests together may take `budget`, each still no more
    /// than its own limit. What has no answer by then gets none.
    #[must_use]
    pub fn within(&self, budget: Duration) -> Self {
        Self { budget: Some(Budget::from_now(budget)), ..self.clone() }
    }

    /// Fetches `url`. Any status is an answer, redirects included.
    ///
    /// # Errors
    ///
    /// [`Problem`]: why there is no answer.
    pub async fn get(&self, url: &str) -> Result<Answer, Problem> {
        self.send(url, &Ask::Get).await
    }

    /// As [`Self::get`], for a document that may be up to `most` bytes long, asked for as one of the media types of
    /// `accept`.
    ///
    /// # Errors
    ///
    /// [`Problem`]: why there is no answer.
    pub async fn get_document(&self, url: &str, most: usize, accept: &'static str) -> Result<Answer, Problem> {
        self.send(url, &Ask::GetDocument { most, accept }).await
    }

    /// Posts `form` to `url`, form-encoded; with `credentials` as HTTP Basic (RFC 6749, section 2.3.1) if there are any.
    ///
    /// # Errors
    ///
    /// [`Problem`]: why there is no answer.
    pub async fn post_form(
        &self,
        url: &str,
        credentials: Option<BasicCredentials<'_>>,
        form: &[(&str, &str)],
    ) -> Result<Answer, Problem> {
        let authorization = credentials.map(|credentials| credentials.header());
        let form = Zeroizing::new(url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish());
        self.send(url, &Ask::Post { authorization, form }).await
    }

    /// The TXT records of `name`, each as one text; none where the name or its records do not exist.
    ///
    /// # Errors
    ///
    /// [`Problem::Dns`]: no name server answered, or `name` is no DNS name.
    pub async fn txt(&self, name: &str) -> Result<Vec<String>, Problem> {
        let silence = || Problem::Dns { host: foreign::shown(name), exists_not: false };
        let make = || async { txt::resolver(&self.shared.options.dns_servers) };
        let resolver = self.shared.dns.get_or_try_init(make).await.map_err(|_| silence())?;
        tokio::time::timeout(self.shared.limits.whole, txt::records(resolver, name))
            .await
            .unwrap_or_else(|_| Err(silence()))
    }

    /// The allow-listed origins that were needed so far: without the list, the guard would have refused them.
    pub fn loosened(&self) -> Vec<String> {
        self.shared.loosened.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    /// Until when the server behind `url` asked to be left alone (`Retry-After` with 429 or 503); `None` where it did not,
    /// or where that has passed.
    pub fn rests_until(&self, url: &str) -> Option<Instant> {
        if self.shared.resting.lock().unwrap_or_else(PoisonError::into_inner).is_empty() {
            return None;
        }
        let origin = Origin::of(&Url::parse(url).ok()?)?;
        self.rest_of(&origin)
    }

    /// Whether the server behind `url` was to be left alone at `since` or at any time after it, be that over by now.
    pub fn rested_after(&self, url: &str, since: Instant) -> bool {
        if self.shared.resting.lock().unwrap_or_else(PoisonError::into_inner).is_empty() {
            return false;
        }
        let origin = Url::parse(url).ok().as_ref().and_then(Origin::of);
        let resting = self.shared.resting.lock().unwrap_or_else(PoisonError::into_inner);
        origin.is_some_and(|origin| resting.get(&origin).is_some_and(|until| *until > since))
    }

    fn rest_of(&self, origin: &Origin) -> Option<Instant> {
        let mut resting = self.shared.resting.lock().unwrap_or_else(PoisonError::into_inner);
        let until = resting.get(origin).copied()?;
        let now = Instant::now();
        if until + REST_KNOWN <= now {
            resting.remove(origin);
        }
        (until > now).then_some(until)
    }

    /// Leaves a server alone that asked for it: everybody's next request waits, not only the one that was refused.
    fn leave_alone(&self, origin: &Origin, pause: Duration) {
        let until = Instant::now() + pause.min(LONGEST_REST);
        let mut resting = self.shared.resting.lock().unwrap_or_else(PoisonError::into_inner);
        if resting.len() >= REMEMBERED {
            resting.retain(|_, until| *until > Instant::now());
        }
        let known = resting.entry(origin.clone()).or_insert(until);
        *known = until.max(*known);
    }

    /// Those origins among the ones of `urls` that are in [`loosened`](Self::loosened), each once: for one request of many.
    pub fn loosened_among<'u>(&self, urls: impl IntoIterator<Item = &'u str>) -> Vec<String> {
        let loosened = self.shared.loosened.lock().unwrap_or_else(PoisonError::into_inner);
        if loosened.is_empty() {
            return Vec::new();
        }
        // Most of them begin alike, and are read once.
        let heads: BTreeSet<&str> = urls.into_iter().map(head).collect();
        let origins = heads.into_iter().filter_map(|url| Origin::of(&Url::parse(url).ok()?));
        let found: BTreeSet<String> =
            origins.map(|origin| origin.to_string()).filter(|origin| loosened.contains(origin)).collect();
        found.into_iter().collect()
    }

    /// How many HTTP requests were sent so far, retries included: what the guard refuses must not be among them.
    #[cfg(test)]
    pub(super) fn requests_sent(&self) -> usize {
        self.shared.requests.load(Ordering::Relaxed)
    }

    /// As if `name` had been looked up, with this result.
    #[cfg(test)]
    pub(super) fn knowing(self, name: &str, addresses: &[IpAddr]) -> Self {
        self.shared.book.learn(name, addresses);
        self
    }

    /// Sends, and says for `-v` what was asked and what came of it: never a query, a form or a header.
    async fn send(&self, url: &str, ask: &Ask) -> Result<Answer, Problem> {
        let started = Instant::now();
        let sent = self.guarded(url, ask).await;
        let method = ask.method();
        let address = printable(url.split(['?', '#']).next().unwrap_or_default());
        let took = started.elapsed().as_millis();
        match &sent {
            Ok(answer) => tracing::debug!("{method} {address}: status {} in {took} ms", answer.status),
            Err(problem) => tracing::debug!("{method} {address}: {problem} ({}) after {took} ms", problem.code()),
        }
        sent
    }

    /// The only place that sends: guard, try, and try once more where that may help.
    async fn guarded(&self, url: &str, ask: &Ask) -> Result<Answer, Problem> {
        let started = Instant::now();
        let deadline = Deadline::new(self.shared.limits, self.budget);
        let target = self.admit(url, deadline).await?;
        // A rest that leaves no time to ask is not waited for: whoever asks has a second try to lose, no more.
        if let Some(until) = self.rest_of(&target.origin).filter(|until| *until < deadline.at) {
            tokio::time::sleep_until(until.into()).await;
        }
        let mut first = self.exchange(&target, ask, deadline).await;
        let pause = match &first {
            Ok((_, again)) => *again,
            Err(problem) if failure::is_worth_a_retry(problem) => Some(Duration::ZERO),
            Err(_) => None,
        };
        // A pause that leaves no time to ask again is not begun.
        if let Some(pause) = pause.filter(|&pause| pause < deadline.left()) {
            let (method, origin, ms) = (ask.method(), &target.origin, pause.as_millis());
            match &first {
                Ok((answer, _)) => tracing::debug!("{method} {origin}: status {}, once more in {ms} ms", answer.status),
                Err(problem) => tracing::debug!("{method} {origin}: {}, once more in {ms} ms", problem.code()),
            }
            tokio::time::sleep(pause).await;
            let second = self.exchange(&target, ask, deadline).await;
            // "Come back later" is an answer, and better than none.
            if second.is_ok() || first.is_err() {
                first = second;
            }
        }
        first.map(|(answer, _)| Answer { url: url.to_owned(), elapsed: started.elapsed(), ..answer })
    }

    /// Judges scheme, user-info and every address behind the host of `url`.
    async fn admit(&self, url: &str, deadline: Deadline) -> Result<Target, Problem> {
        let target = self.target(url)?;
        if deadline.left().is_zero() {
            return Err(deadline.missed(&target.host, None));
        }
        let host = target.url.host();
        let name = match &host {
            Some(Host::Domain(name)) => (*name).to_owned(),
            Some(_) => String::new(),
            None => return Err(Problem::Forbidden(Forbidden::NoHost { url: printable(url) })),
        };
        // A name that is loopback by its spelling is looked up only where it may be called.
        let spelled = host.as_ref().and_then(spelled_out).filter(|_| name.is_empty() || !target.listed);
        if let Some(address) = spelled {
            return self.reach(target, &[address]);
        }
        if let Some(forbidden) = super::forbidden_by_name(&target.url, target.listed) {
            return Err(Problem::Forbidden(forbidden));
        }
        let silence = Problem::Dns { host: name.clone(), exists_not: false };
        let limit = self.shared.limits.connect.min(deadline.left());
        let found = tokio::time::timeout(limit, self.shared.book.addresses(&name)).await;
        match found.unwrap_or(Err(silence)) {
            Ok(addresses) => self.reach(target, &addresses),
            // Behind a proxy, names of the outside often resolve at the proxy alone.
            Err(_) if self.shared.options.proxy.is_some() => self.reach(target, &[]),
            Err(problem) => Err(problem),
        }
    }

    /// Judges what can be told from the text of `url`.
    fn target(&self, text: &str) -> Result<Target, Problem> {
        let no_host = || Problem::Forbidden(Forbidden::NoHost { url: printable(text) });
        let url = Url::parse(text).map_err(|_| no_host())?;
        if !url.username().is_empty() || url.password().is_some() {
            let host = foreign::shown(url.host_str().unwrap_or_default());
            return Err(Problem::Forbidden(Forbidden::UserInfo { host }));
        }
        let not_https = |url| Problem::Forbidden(Forbidden::NotHttps { url });
        let Some(origin) = Origin::of(&url) else {
            return Err(if matches!(url.scheme(), "http" | "https") { no_host() } else { not_https(printable(text)) });
        };
        let listed = self.shared.allowed.contains(&origin);
        if !listed && !origin.is_https() {
            return Err(not_https(foreign::shown(text)));
        }
        let host = origin.host_and_port();
        Ok(Target { url, origin, listed, host })
    }

    /// Judges `addresses`, and notes where only the allow-list made the difference.
    fn reach(&self, target: Target, addresses: &[IpAddr]) -> Result<Target, Problem> {
        let host = target.url.host_str().unwrap_or_default();
        let strictly = permit(host, addresses, &Reach::Public);
        if target.listed {
            permit(host, addresses, &Reach::Internal)?;
            if strictly.is_err() || !target.origin.is_https() {
                let mut loosened = self.shared.loosened.lock().unwrap_or_else(PoisonError::into_inner);
                loosened.insert(target.origin.to_string());
            }
        } else {
            strictly?;
        }
        Ok(target)
    }

    /// One request and its answer, with the pause after which to ask again if the answer is to come back later.
    async fn exchange(
        &self,
        target: &Target,
        ask: &Ask,
        deadline: Deadline,
    ) -> Result<(Answer, Option<Duration>), Problem> {
        let limits = self.shared.limits;
        let slow = |received| deadline.missed(&target.host, received);
        let fault = |error: reqwest::Error| failure::problem(&error, &target.host, limits.connect);
        self.shared.requests.fetch_add(1, Ordering::Relaxed);
        let request = self.request(target, ask).send();
        let mut response =
            tokio::time::timeout_at(deadline.at.into(), request).await.map_err(|_| slow(None))?.map_err(fault)?;
        let declared = answer_header::judge(response.headers(), limits)?;
        let coding = Coding::of(response.headers())?;
        let most = ask.most(limits);
        let too_large = |declared| Problem::TooLarge { limit: most, declared };
        let size = usize::try_from(declared.unwrap_or_default()).unwrap_or(usize::MAX);
        if size > most {
            return Err(too_large(declared));
        }
        let mut body = Vec::with_capacity(size);
        loop {
            let chunk = tokio::time::timeout_at(deadline.at.into(), response.chunk()).await;
            let Some(chunk) = chunk.map_err(|_| slow(Some(body.len())))?.map_err(fault)? else { break };
            if body.len() + chunk.len() > most {
                return Err(too_large(None));
            }
            body.extend_from_slice(&chunk);
        }
        // A stream of HTTP/2 that ends with NO_ERROR counts as whole to the library (RFC 9113 section 8.1), however much is
        // missing. What has no body by its status may still say how long another answer would be.
        if body.len() < size && !matches!(response.status().as_u16(), 204 | 304) {
            return Err(Problem::Reset { host: target.host.clone() });
        }
        let body = coding.unpack(body, most)?;
        let header = response.headers();
        let again = answer_header::come_back(response.status(), header, limits.pause);
        if let (Some(pause), 429 | 503) = (again, response.status().as_u16()) {
            self.leave_alone(&target.origin, pause);
        }
        let answer = Answer {
            url: String::new(),
            status: response.status().as_u16(),
            content_type: answer_header::text(header, &header::CONTENT_TYPE),
            location: answer_header::text(header, &header::LOCATION),
            body,
            elapsed: Duration::ZERO,
        };
        Ok((answer, again))
    }

    fn request(&self, target: &Target, ask: &Ask) -> reqwest::RequestBuilder {
        let client = if target.listed { &self.shared.lenient } else { &self.shared.strict };
        match ask {
            Ask::Get => client.get(target.url.clone()),
            Ask::GetDocument { accept, .. } => client.get(target.url.clone()).header(header::ACCEPT, *accept),
            Ask::Post { authorization, form } => {
                let request = client
                    .post(target.url.clone())
                    .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                    .body(form.to_string());
                match authorization {
                    Some(value) => request.header(header::AUTHORIZATION, value.clone()),
                    None => request,
                }
            }
        }
    }
}

/// One of the two clients within: `listed` for the one that allow-listed origins get.
fn inner_client(
    options: &NetOptions,
    limits: Limits,
    tls: &rustls::ClientConfig,
    book: &Arc<AddressBook>,
    listed: bool,
) -> Result<reqwest::Client, NetSetupError> {
    let mut header = HeaderMap::new();
    header.insert(header::ACCEPT, HeaderValue::from_static("application/json, */*;q=0.5"));
    // Nothing here is large enough to gain from compression. Whoever compresses all the same is unpacked with care.
    header.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    #[expect(clippy::disallowed_methods, reason = "the one place where the guarded client is made")]
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("ssoctl/", env!("CARGO_PKG_VERSION")))
        .default_headers(header)
        .tls_backend_preconfigured(tls.clone())
        .https_only(!listed)
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .connect_timeout(limits.connect)
        .pool_idle_timeout(options.keep_idle)
        .tcp_nodelay(true)
        .http1_max_headers(limits.header_fields)
        .http2_max_header_list_size(HTTP_2_HEADER)
        .no_proxy();
    let mut reach = if listed { Reach::Internal } else { Reach::Public };
    if let Some(proxy) = &options.proxy {
        let host = proxy.host_str().filter(|_| matches!(proxy.scheme(), "http" | "https"));
        reach = Reach::Proxy(host.ok_or(NetSetupError::BadProxy)?.to_owned());
        builder = builder.proxy(reqwest::Proxy::all(proxy.clone()).map_err(|_| NetSetupError::BadProxy)?);
    }
    builder
        .dns_resolver(Arc::new(GuardedResolver { book: Arc::clone(book), reach }))
        .build()
        .map_err(|error| NetSetupError::Library { reason: error.to_string() })
}

/// What of `url` its origin is read from: all before the path, where that begins as it should.
fn head(url: &str) -> &str {
    let authority = url.find("://").map_or(url.len(), |at| at + 3);
    let path = url.get(authority..).and_then(|rest| rest.find(['/', '?', '#', '\\'])).filter(|at| *at > 0);
    path.and_then(|at| url.get(..authority + at)).unwrap_or(url)
}

/// `url` fit for a message: printable, and without user-info even where it cannot be parsed.
fn printable(url: &str) -> String {
    match url.rsplit_once('@') {
        Some((_, rest)) => foreign::shown(&format!("…@{rest}")),
        None => foreign::shown(url),
    }
}
