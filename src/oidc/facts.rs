//! Everything an OpenID Provider says about a request: the document first, then keys, credentials and redirect URI side
//! by side on the same connection. A failed read is recorded, not raised.

use std::time::{Duration, Instant};

use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::authorization::{self, Landing};
use super::discovery::{self, Document, NotADocument, Reading};
use super::interview::{Interview, Question, Secret};
use super::jwks::{self, KeySet, NotAKeySet};
use super::token_reply::{self, Endpoint};
pub use crate::exchange::FetchFault;
use crate::exchange::{Answer, Problem, document_of};
use crate::net::shelf::{Fetched, Shelf, good_until};
use crate::net::{BasicCredentials, HttpClient, Origin};
use crate::product::connection::ClientAuthentication;
use crate::request::OidcRequest;
use crate::request::names::{ClientId, ClientSecret, IssuerUrl};

/// What all answers of one provider together may take. Each request has a limit of its own, but a conversation has up to
/// five of them in a row, and somebody waits at the terminal.
const CONVERSATION: Duration = Duration::from_secs(14);

/// What the provider said. `None` where the request had nothing to ask with.
#[derive(Debug, Clone, Default)]
pub struct OidcFacts {
    /// The discovery document.
    pub discovery: Option<Discovery>,
    /// The key set.
    pub keys: Option<Probe<Keys>>,
    /// Whether id and secret are right.
    pub credentials: Option<Probe<Credentials>>,
    /// Whether the redirect URI is registered.
    pub redirect: Option<Probe<Redirect>>,
}

impl OidcFacts {
    /// Our redirect URI, where the provider was asked whether it is registered.
    #[must_use]
    pub fn asked_redirect_uri(&self) -> Option<&str> {
        match &self.redirect {
            Some(Probe::Made(redirect)) => Some(&redirect.redirect_uri),
            _ => None,
        }
    }

    /// The issuer to store, once the document settles it.
    #[must_use]
    pub fn settled_issuer(&self, asked: &IssuerUrl) -> Option<IssuerUrl> {
        self.reading()?.settled_issuer(asked)
    }

    /// The document, where one was read.
    #[must_use]
    pub fn document(&self) -> Option<&Document> {
        self.reading().map(|reading| &reading.document)
    }

    /// How the client is to authenticate when people sign in: by the method that the provider accepted, else by one it
    /// did not refuse, else by the first that the document offers.
    #[must_use]
    pub fn client_authentication(&self) -> Option<ClientAuthentication> {
        let tried = match &self.credentials {
            Some(Probe::Made(credentials)) => credentials.interview.best_method(),
            _ => None,
        };
        tried.or_else(|| self.document()?.client_authentications().first().copied())
    }

    fn reading(&self) -> Option<&Reading> {
        self.discovery.as_ref()?.outcome.as_ref().ok()
    }
}

/// A question that was put to the provider, or why it was not.
#[derive(Debug, Clone)]
pub enum Probe<T> {
    /// It was put, and this came of it: an answer, or the lack of one.
    Made(T),
    /// It was not put.
    Skipped(NotAsked),
}

/// Discovery documents and key sets of a run over many requests, by their addresses.
#[derive(Debug, Default)]
pub struct Documents {
    discovery: Shelf<Discovery>,
    keys: Shelf<Keys>,
}

/// Why a question was not put to the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotAsked {
    /// The discovery document has to be right first; until then no secret is sent anywhere.
    DocumentFirst,
    /// No redirect URI is known: the template needs a team, and there is none.
    NoRedirectUri,
    /// The provider takes authorization requests only by its pushed request endpoint.
    PushedOnly,
}

/// The discovery document.
#[derive(Debug, Clone)]
pub struct Discovery {
    /// Where it was asked for.
    pub url: String,
    /// What came back.
    pub outcome: Result<Reading, FetchFault<NotADocument>>,
    /// `Content-Type`, where it is not `application/json`.
    pub odd_content_type: Option<String>,
    /// How long it took.
    pub elapsed: Duration,
}

/// The key set.
#[derive(Debug, Clone)]
pub struct Keys {
    /// Where it was asked for.
    pub url: String,
    /// What came back.
    pub outcome: Result<KeySet, FetchFault<NotAKeySet>>,
    /// How long it took.
    pub elapsed: Duration,
}

/// The interview about id and secret.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// Questions and answers.
    pub interview: Interview,
    /// How long it took.
    pub elapsed: Duration,
}

/// The probe of the authorization endpoint.
#[derive(Debug, Clone)]
pub struct Redirect {
    /// Our redirect URI.
    pub redirect_uri: String,
    /// Where it led.
    pub landing: Landing,
    /// The document promises the issuer's name with every answer (RFC 9207).
    pub promises_issuer: bool,
    /// How long it took.
    pub elapsed: Duration,
}

/// Something that the gathering has finished, told as it happens.
#[derive(Debug, Clone, Copy)]
pub enum Progress<'f> {
    /// The document is in.
    Discovery(&'f Discovery),
    /// The key set is in; the document that names it was before.
    Keys(Option<&'f Discovery>, &'f Probe<Keys>),
    /// The interview is over.
    Credentials(&'f Probe<Credentials>),
    /// The authorization endpoint was asked.
    Redirect(&'f Probe<Redirect>),
}

/// Asks the provider everything the request allows. `documents` are those of the run that the request is one of many in;
/// `allowed_http` are the origins for which the configuration permits plain http; `tell` hears of every part as it is
/// finished.
pub async fn gather(
    http: &HttpClient,
    documents: Option<&Documents>,
    request: &OidcRequest,
    redirect_uri: Option<&str>,
    allowed_http: &[Origin],
    tell: &(dyn Fn(Progress<'_>) + Sync),
) -> OidcFacts {
    let Some(asked) = &request.issuer else { return OidcFacts::default() };
    // Of many requests each waits its turn, and a server's wish to be left alone is granted on purpose.
    let hurried = documents.is_none().then(|| http.within(CONVERSATION));
    let http = hurried.as_ref().unwrap_or(http);
    let discovery = match documents {
        Some(documents) => {
            let url = asked.discovery_url();
            Box::pin(documents.discovery.get(&url, || fetch_document(http, asked, allowed_http))).await
        }
        None => Box::pin(fetch_document(http, asked, allowed_http)).await.document,
    };
    tell(Progress::Discovery(&discovery));
    let reading = discovery.outcome.as_ref().ok();
    let settled = reading.and_then(|reading| Some((reading, reading.settled_issuer(asked)?)));

    let keys = async {
        // An address that the document's own check refuses is asked nothing.
        let sound = reading.filter(|reading| !reading.defects.iter().any(|defect| defect.spoils("jwks_uri")));
        let keys = match sound.and_then(|reading| reading.document.jwks_uri.as_deref()) {
            Some(url) => Probe::Made(match documents {
                Some(documents) => Box::pin(documents.keys.get(url, || fetch_keys(http, url))).await,
                None => Box::pin(fetch_keys(http, url)).await.document,
            }),
            None => Probe::Skipped(NotAsked::DocumentFirst),
        };
        tell(Progress::Keys(Some(&discovery), &keys));
        keys
    };
    let credentials = async {
        // One without the other is no question.
        let (client, secret) = (request.client_id.as_ref()?, request.client_secret.as_ref()?);
        let credentials = match &settled {
            None => Probe::Skipped(NotAsked::DocumentFirst),
            Some((reading, _)) => Probe::Made(interview(http, &reading.document, client, secret, redirect_uri).await),
        };
        tell(Progress::Credentials(&credentials));
        Some(credentials)
    };
    let redirect = async {
        let client = request.client_id.as_ref()?;
        let redirect = match (&settled, redirect_uri) {
            (None, _) => Probe::Skipped(NotAsked::DocumentFirst),
            (_, None) => Probe::Skipped(NotAsked::NoRedirectUri),
            (Some((reading, _)), _) if reading.document.requires_pushed_requests => {
                Probe::Skipped(NotAsked::PushedOnly)
            }
            (Some((reading, issuer)), Some(uri)) => probe_redirect(http, &reading.document, issuer, client, uri).await,
        };
        tell(Progress::Redirect(&redirect));
        Some(redirect)
    };
    let (keys, credentials, redirect) = futures::join!(keys, credentials, redirect);
    OidcFacts { discovery: Some(discovery), keys: Some(keys), credentials, redirect }
}

async fn fetch_document(http: &HttpClient, asked: &IssuerUrl, allowed_http: &[Origin]) -> Fetched<Discovery> {
    let url = asked.discovery_url();
    let started = Instant::now();
    let answer = http.get(&url).await;
    let odd_content_type = answer.as_ref().ok().and_then(odd_content_type);
    let (outcome, bytes) = read_body(answer, |bytes| {
        let plain_http = |url: &url::Url| Origin::of(url).is_some_and(|origin| allowed_http.contains(&origin));
        discovery::read(bytes, &plain_http)
    });
    let good_until = good_until(&outcome, http.rests_until(&url));
    let document = Discovery { url, outcome, odd_content_type, elapsed: started.elapsed() };
    Fetched { document, bytes, good_until }
}

async fn fetch_keys(http: &HttpClient, url: &str) -> Fetched<Keys> {
    let started = Instant::now();
    let (outcome, bytes) = read_body(http.get(url).await, jwks::read);
    let good_until = good_until(&outcome, http.rests_until(url));
    Fetched { document: Keys { url: url.to_owned(), outcome, elapsed: started.elapsed() }, bytes, good_until }
}

/// What `read` makes of the body, and its length in bytes.
fn read_body<T, N>(
    answer: Result<Answer, Problem>,
    read: impl FnOnce(&[u8]) -> Result<T, N>,
) -> (Result<T, FetchFault<N>>, usize) {
    match document_of(answer) {
        Ok(bytes) => (read(&bytes).map_err(FetchFault::Content), bytes.len()),
        Err(fault) => (Err(fault), 0),
    }
}

fn odd_content_type(answer: &Answer) -> Option<String> {
    let sent = answer.content_type.as_deref()?;
    let essence = sent.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let is_json = essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"));
    (!is_json).then(|| sent.to_owned())
}

async fn probe_redirect(
    http: &HttpClient,
    document: &Document,
    issuer: &IssuerUrl,
    client: &ClientId,
    redirect_uri: &str,
) -> Probe<Redirect> {
    let Some(url) = authorization::request_url(document, issuer, client, redirect_uri) else {
        return Probe::Skipped(NotAsked::NoRedirectUri);
    };
    let started = Instant::now();
    let landing = authorization::read(redirect_uri, &http.get(&url).await);
    Probe::Made(Redirect {
        redirect_uri: redirect_uri.to_owned(),
        landing,
        promises_issuer: document.sends_issuer_back,
        elapsed: started.elapsed(),
    })
}

async fn interview(
    http: &HttpClient,
    document: &Document,
    client: &ClientId,
    secret: &ClientSecret,
    redirect_uri: Option<&str>,
) -> Credentials {
    let started = Instant::now();
    let made_up = MadeUp::new();
    let mut interview = Interview::default();
    loop {
        let questions = interview.next_questions(document);
        if questions.is_empty() {
            return Credentials { interview, elapsed: started.elapsed() };
        }
        let asking = questions.iter().map(|question| {
            let secret = match question.secret {
                Secret::Submitted => secret.expose(),
                Secret::MadeUp => &made_up.secret,
            };
            put(http, document, *question, client.as_str(), secret, &made_up, redirect_uri)
        });
        let replies = futures::future::join_all(asking).await;
        for (question, reply) in questions.into_iter().zip(replies) {
            interview.record(question, reply);
        }
    }
}

/// Values that no provider has issued, new for every interview.
struct MadeUp {
    code: String,
    secret: String,
    verifier: String,
}

impl MadeUp {
    fn new() -> Self {
        Self {
            code: format!("ssoctl-probe-{}", random_text()),
            secret: format!("ssoctl-control-{}", random_text()),
            verifier: random_text() + &random_text(),
        }
    }
}

fn random_text() -> String {
    let mut bytes = [0_u8; 24];
    // Not a secret: a generator that fails leaves zeros, and the made-up value is still one nobody issued.
    let _ = SystemRandom::new().fill(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

async fn put(
    http: &HttpClient,
    document: &Document,
    question: Question,
    client: &str,
    secret: &str,
    made_up: &MadeUp,
    redirect_uri: Option<&str>,
) -> token_reply::Reply {
    let url = match question.endpoint {
        Endpoint::Token => &document.token_endpoint,
        Endpoint::Revocation => &document.revocation_endpoint,
        Endpoint::PushedRequest => &document.pushed_authorization_request_endpoint,
        Endpoint::Introspection => &document.introspection_endpoint,
    };
    let redirect_uri = redirect_uri.unwrap_or("https://localhost/");
    let mut form: Vec<(&str, &str)> = match question.endpoint {
        Endpoint::Token => vec![
            ("grant_type", "authorization_code"),
            ("code", &made_up.code),
            ("redirect_uri", redirect_uri),
            ("code_verifier", &made_up.verifier),
        ],
        Endpoint::Revocation | Endpoint::Introspection => vec![("token", &made_up.code)],
        Endpoint::PushedRequest => {
            vec![("response_type", "code"), ("client_id", client), ("redirect_uri", redirect_uri), ("scope", "openid")]
        }
    };
    let credentials = match question.method {
        ClientAuthentication::Basic => Some(BasicCredentials { id: client, secret }),
        ClientAuthentication::Post => {
            if question.endpoint != Endpoint::PushedRequest {
                form.push(("client_id", client));
            }
            form.push(("client_secret", secret));
            None
        }
    };
    let outcome = http.post_form(url.as_deref().unwrap_or_default(), credentials, &form).await;
    token_reply::read(question.endpoint, &outcome)
}
