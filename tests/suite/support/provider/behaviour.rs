//! What one route does with one request: which answer, changed how, delivered how.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::client::{How, Who, judge, raw_basic};
use super::{Authorize, Dialect, Reply, Route, SeenRequest, Settings, baseline};

type Responder = Arc<dyn Fn(&SeenRequest, &Settings) -> Reply + Send + Sync>;
type Edit = Arc<dyn Fn(Reply, &SeenRequest) -> Reply + Send + Sync>;

/// One route's conduct. Start with a constructor, refine with the methods; changes apply in the order given.
#[derive(Clone)]
pub struct Behaviour {
    base: Base,
    edits: Vec<Edit>,
    pub(super) delay: Duration,
    pub(super) delivery: Delivery,
}

#[derive(Clone)]
enum Base {
    Baseline,
    Reply(Responder),
    Raw(Vec<u8>),
    Silence,
    Close,
    Reset,
    Sequence(Vec<Behaviour>),
}

/// How an answer's bytes leave.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Delivery {
    pub(super) framing: Framing,
    /// Bytes at a time, and the pause after each.
    pub(super) drip: Option<(usize, Duration)>,
    /// Bytes of the body that are announced and never sent.
    pub(super) withheld: usize,
    /// Close afterwards.
    pub(super) close: bool,
}

/// How the end of the body is told.
#[derive(Debug, Clone, Copy, Default)]
pub(super) enum Framing {
    /// `Content-Length`, unless the answer's own headers say something about it.
    #[default]
    Length,
    /// Chunks of that many bytes.
    Chunked(usize),
    /// Chunks, with a `Content-Length` beside `Transfer-Encoding`.
    Both,
    /// A `Content-Length` of that many bytes, no body, and the connection held open.
    Announced(u64),
    /// Neither: the body ends with the connection.
    UntilClose,
}

/// What to do on the wire.
pub(super) enum Action {
    Send(Reply),
    SendRaw(Vec<u8>),
    Silence,
    Close,
    Reset,
}

impl Behaviour {
    const fn from(base: Base) -> Self {
        Self {
            base,
            edits: Vec::new(),
            delay: Duration::ZERO,
            delivery: Delivery { framing: Framing::Length, drip: None, withheld: 0, close: false },
        }
    }

    /// What the route does anyway.
    pub const fn baseline() -> Self {
        Self::from(Base::Baseline)
    }

    /// An empty `text/plain` answer; see [`body`](Self::body) and [`header`](Self::header).
    pub fn status(status: u16) -> Self {
        Self::reply(Reply::text(status, ""))
    }

    /// This answer.
    pub fn reply(reply: Reply) -> Self {
        Self::respond(move |_, _| reply.clone())
    }

    /// A JSON document with status 200.
    pub fn json(body: &Value) -> Self {
        Self::reply(Reply::json(200, body))
    }

    /// Whatever `responder` makes of the request.
    pub fn respond(responder: impl Fn(&SeenRequest, &Settings) -> Reply + Send + Sync + 'static) -> Self {
        Self::from(Base::Reply(Arc::new(responder)))
    }

    /// The baseline document with these members set (to null, too: that is not removal).
    pub fn patch(members: Value) -> Self {
        Self::baseline().and_patch(members)
    }

    /// The baseline document without the member `name`.
    pub fn removing(name: &str) -> Self {
        Self::baseline().remove(name)
    }

    /// The baseline document's text, rewritten.
    pub fn edit(change: impl Fn(String) -> Vec<u8> + Send + Sync + 'static) -> Self {
        Self::baseline().editing(move |mut reply, _| {
            reply.body = change(String::from_utf8(reply.body).unwrap());
            reply
        })
    }

    /// These bytes and nothing else, then the connection is closed.
    pub fn raw(bytes: impl Into<Vec<u8>>) -> Self {
        Self::from(Base::Raw(bytes.into()))
    }

    /// Reads the request and never answers.
    pub const fn never_answer() -> Self {
        Self::from(Base::Silence)
    }

    /// Reads the request and closes the connection in good order.
    pub const fn close() -> Self {
        Self::from(Base::Close)
    }

    /// Reads the request and resets the connection (TCP RST).
    pub const fn reset() -> Self {
        Self::from(Base::Reset)
    }

    /// One behaviour a request, in order; the last one stays.
    pub fn sequence(behaviours: impl IntoIterator<Item = Self>) -> Self {
        Self::from(Base::Sequence(behaviours.into_iter().collect()))
    }

    /// 302 to `location`.
    pub fn redirect(location: &str) -> Self {
        Self::status(302).header("Location", location)
    }

    /// 200 with a page to sign in at: a portal or a proxy in front of the provider.
    pub fn login_page() -> Self {
        Self::reply(Reply::html(200, "<html><title>Sign in</title><form><input name=user></form></html>"))
    }

    /// This status with the whole request as body, credentials included.
    pub fn echo(status: u16) -> Self {
        Self::respond(move |request, _| Reply::new(status, "text/plain", request.raw.clone()))
    }

    /// The token endpoint of a known provider.
    pub fn dialect(dialect: Dialect) -> Self {
        Self::respond(move |request, settings| {
            let (who, how) = judge(request, settings);
            dialect.reply(who, how)
        })
    }

    /// One answer for each kind of client, whichever way the credentials come.
    pub fn by_client(right: Reply, wrong_secret: Reply, unknown: Reply) -> Self {
        Self::respond(move |request, settings| match judge(request, settings).0 {
            Who::Right => right.clone(),
            Who::WrongSecret => wrong_secret.clone(),
            Who::Unknown => unknown.clone(),
        })
    }

    /// The token endpoint of a client that is registered for one method: the right secret by the other is a wrong one.
    pub fn only_by(method: How) -> Self {
        Self::respond(move |request, settings| match judge(request, settings) {
            (Who::Right, how) if how == method => Reply::error(400, "invalid_grant", None),
            _ => Reply::error(401, "invalid_client", Some("Client authentication failed")),
        })
    }

    /// `invalid_grant` where the decoded Basic header is exactly `pair` (still form-encoded), else 401.
    pub fn require_basic(pair: &'static str) -> Self {
        Self::respond(move |request, _| match raw_basic(request) {
            Some(given) if given == pair => Reply::error(400, "invalid_grant", None),
            _ => Reply::error(401, "invalid_client", None),
        })
    }

    /// An authorization endpoint's way.
    pub fn authorize(way: Authorize) -> Self {
        Self::respond(move |request, settings| way.reply(request, settings))
    }

    /// The baseline with a member of `bytes` letters, streamed in chunks: no length is announced.
    pub fn oversized(bytes: usize) -> Self {
        Self::patch(json!({"x": "x".repeat(bytes)})).chunked(16 * 1024)
    }

    /// Announces `bytes` and sends none of them.
    pub fn announcing(bytes: u64) -> Self {
        Self::baseline().framed(Framing::Announced(bytes))
    }

    /// Sets members of the JSON body.
    pub fn and_patch(self, members: Value) -> Self {
        let Value::Object(members) = members else { panic!("a patch is an object") };
        self.in_document(move |document| document.extend(members.clone()))
    }

    /// Removes a member of the JSON body; one that is not there is a mistake in the test.
    pub fn remove(self, name: &str) -> Self {
        let name = name.to_owned();
        self.in_document(move |document| {
            document.shift_remove(&name).unwrap_or_else(|| panic!("there is no {name} to remove"));
        })
    }

    fn in_document(self, change: impl Fn(&mut Map<String, Value>) + Send + Sync + 'static) -> Self {
        self.editing(move |mut reply, _| {
            let mut document: Map<String, Value> = serde_json::from_slice(&reply.body).unwrap();
            change(&mut document);
            reply.body = serde_json::to_vec(&document).unwrap();
            reply
        })
    }

    fn editing(mut self, edit: impl Fn(Reply, &SeenRequest) -> Reply + Send + Sync + 'static) -> Self {
        self.edits.push(Arc::new(edit));
        self
    }

    /// Another status, same answer.
    pub fn with_status(self, status: u16) -> Self {
        self.editing(move |reply, _| Reply { status, ..reply })
    }

    /// Another body; the content type stays.
    pub fn body(self, body: impl Into<Vec<u8>>) -> Self {
        let body = body.into();
        self.editing(move |reply, _| Reply { body: body.clone(), ..reply })
    }

    /// Sets a header, in place of one of the same name.
    pub fn header(self, name: &str, value: &str) -> Self {
        let (name, value) = (name.to_owned(), value.to_owned());
        self.editing(move |reply, _| reply.with_header(&name, &value))
    }

    /// Adds a header beside one of the same name.
    pub fn further_header(self, name: &str, value: &str) -> Self {
        let (name, value) = (name.to_owned(), value.to_owned());
        self.editing(move |mut reply, _| {
            reply.headers.push((name.clone(), value.clone()));
            reply
        })
    }

    pub fn content_type(self, value: &str) -> Self {
        self.header("Content-Type", value)
    }

    pub fn without_content_type(self) -> Self {
        self.editing(|mut reply, _| {
            reply.headers.retain(|(name, _)| name != "Content-Type");
            reply
        })
    }

    /// Says that the body is compressed, which it is not.
    pub fn claiming_gzip(self) -> Self {
        self.header("Content-Encoding", "gzip")
    }

    /// `count` more headers of `bytes` each.
    pub fn many_headers(self, count: usize, bytes: usize) -> Self {
        self.editing(move |mut reply, _| {
            for number in 0..count {
                let name = format!("X-Filler-{number}");
                let value = "x".repeat(bytes.saturating_sub(name.len() + 4));
                reply.headers.push((name, value));
            }
            reply
        })
    }

    /// Waits before the first byte.
    pub fn delay_ms(mut self, milliseconds: u64) -> Self {
        self.delay = Duration::from_millis(milliseconds);
        self
    }

    /// Sends `bytes` at a time, each followed by a pause.
    pub fn drip(mut self, bytes: usize, milliseconds: u64) -> Self {
        self.delivery.drip = Some((bytes, Duration::from_millis(milliseconds)));
        self
    }

    /// Sends chunks of `bytes`.
    pub fn chunked(self, bytes: usize) -> Self {
        self.framed(Framing::Chunked(bytes))
    }

    /// `Content-Length` and `Transfer-Encoding` at once: request smuggling's favourite.
    pub fn framed_twice(self) -> Self {
        self.framed(Framing::Both)
    }

    /// No framing at all: the body ends with the connection.
    pub fn until_close(self) -> Self {
        self.framed(Framing::UntilClose)
    }

    /// Announces the whole body and closes `bytes` before its end.
    pub fn truncated_by(mut self, bytes: usize) -> Self {
        self.delivery.withheld = bytes;
        self.delivery.close = true;
        self
    }

    /// Closes the connection after the answer, and says so.
    pub fn then_close(mut self) -> Self {
        self.delivery.close = true;
        self.header("Connection", "close")
    }

    const fn framed(mut self, framing: Framing) -> Self {
        self.delivery.framing = framing;
        self
    }

    /// This behaviour's part for request number `count`, from 0.
    pub(super) fn at(self, count: usize) -> Self {
        match self.base {
            Base::Sequence(parts) => {
                let last = parts.len().checked_sub(1).expect("a sequence has at least one behaviour");
                let own = parts[count.min(last)].clone();
                own.at(count.saturating_sub(last))
            }
            _ => self,
        }
    }

    /// What to do about `request`.
    pub(super) fn decide(&self, route: Route, request: &SeenRequest, settings: &Settings) -> Action {
        let reply = match &self.base {
            Base::Raw(bytes) => return Action::SendRaw(bytes.clone()),
            Base::Silence => return Action::Silence,
            Base::Close => return Action::Close,
            Base::Reset => return Action::Reset,
            Base::Sequence(_) => panic!("a sequence is resolved before"),
            Base::Baseline => baseline::reply(route, request, settings),
            Base::Reply(responder) => responder(request, settings),
        };
        let mut reply = self.edits.iter().fold(reply, |reply, edit| edit(reply, request));
        let named = |text: &str| text.replace("{origin}", &settings.origin).replace("{issuer}", &settings.issuer);
        for (_, value) in &mut reply.headers {
            *value = named(value);
        }
        // Bytes that are not UTF-8 are a test's own and stay as they are.
        if let Ok(text) = std::str::from_utf8(&reply.body) {
            reply.body = named(text).into_bytes();
        }
        Action::Send(reply)
    }
}
