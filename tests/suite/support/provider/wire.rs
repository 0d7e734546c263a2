//! Sockets: accepting, reading requests, and sending exactly what was decided.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use rustls::{ServerConnection, StreamOwned};

use super::behaviour::{Action, Delivery, Framing};
use super::{Reply, SeenRequest, Shared, Tls};

/// How often a waiting connection looks whether the provider is stopping.
const PATIENCE: Duration = Duration::from_millis(25);

/// The largest head of a request, bytes.
const HEAD_LIMIT: usize = 256 * 1024;

/// Accepts until the provider stops.
pub(super) fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    loop {
        let Ok((stream, _)) = listener.accept() else { continue };
        if shared.is_stopping() {
            return;
        }
        let number = shared.connections.fetch_add(1, Ordering::Relaxed) + 1;
        let shared = Arc::clone(shared);
        // A client that goes away is no news.
        std::thread::spawn(move || drop(serve(stream, number, &shared)));
    }
}

/// A record with a `ServerHello`: no session, `TLS_RSA_WITH_AES_128_CBC_SHA`, no compression. Source: RFC 4346, section 7.4.1.3.
fn server_hello_of_tls_1_1() -> Vec<u8> {
    let random = [7; 32];
    let body = [&[3, 2][..], &random, &[0, 0x00, 0x2F, 0]].concat();
    let length = u8::try_from(body.len()).unwrap();
    [&[22, 3, 2, 0, length + 4, 2, 0, 0, length][..], &body].concat()
}

fn serve(mut stream: TcpStream, number: usize, shared: &Shared) -> io::Result<()> {
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let socket = stream.try_clone()?;
    match shared.tls {
        Tls::PlainHttp => Connection { stream, socket, number, shared, unread: Vec::new() }.run(),
        Tls::Gibberish => {
            let mut hello = [0; 1024];
            let _ = stream.read(&mut hello);
            stream.write_all(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\nno TLS here")?;
            stream.shutdown(Shutdown::Write)
        }
        Tls::Old => {
            let mut hello = [0; 4096];
            let _ = stream.read(&mut hello);
            stream.write_all(&server_hello_of_tls_1_1())?;
            stream.shutdown(Shutdown::Write)
        }
        Tls::HangsUp => {
            let mut hello = [0; 4096];
            let _ = stream.read(&mut hello);
            Ok(())
        }
        _ => {
            let tls = ServerConnection::new(Arc::clone(&shared.config)).map_err(io::Error::other)?;
            let stream = StreamOwned::new(tls, stream);
            Connection { stream, socket, number, shared, unread: Vec::new() }.run()
        }
    }
}

/// A way to end a stream in good order.
trait Ending {
    fn end(&mut self);
}

impl Ending for TcpStream {
    fn end(&mut self) {
        let _ = self.shutdown(Shutdown::Write);
    }
}

impl Ending for StreamOwned<ServerConnection, TcpStream> {
    fn end(&mut self) {
        self.conn.send_close_notify();
        let _ = self.flush();
        let _ = self.sock.shutdown(Shutdown::Write);
    }
}

struct Connection<'a, S> {
    stream: S,
    /// The same socket, below TLS.
    socket: TcpStream,
    number: usize,
    shared: &'a Shared,
    unread: Vec<u8>,
}

impl<S: Read + Write + Ending> Connection<'_, S> {
    /// Answers request after request until one ends the connection.
    fn run(&mut self) -> io::Result<()> {
        while let Some(request) = self.read_request()? {
            self.shared.seen.lock().unwrap().push(request.clone());
            let route = self.shared.route(&request.path);
            let behaviour = self.shared.behaviour(route);
            if !self.pause(self.shared.latency + behaviour.delay) {
                return Ok(());
            }
            match behaviour.decide(route, &request, &self.shared.settings) {
                Action::Silence => return self.hold(),
                Action::Reset => return reset(&self.socket),
                Action::Close => break,
                Action::SendRaw(bytes) => {
                    self.send(&bytes, behaviour.delivery)?;
                    break;
                }
                Action::Send(reply) => {
                    let delivery = behaviour.delivery;
                    self.send(&on_the_wire(reply, delivery, request.method == "HEAD"), delivery)?;
                    match delivery.framing {
                        Framing::Announced(_) => return self.hold(),
                        Framing::UntilClose => break,
                        _ if delivery.close => break,
                        _ => {}
                    }
                }
            }
        }
        self.stream.end();
        Ok(())
    }

    /// The next request; `None` when the client or the provider is done.
    fn read_request(&mut self) -> io::Result<Option<SeenRequest>> {
        let end = loop {
            if let Some(at) = self.unread.windows(4).position(|window| window == b"\r\n\r\n") {
                break at + 4;
            }
            if self.unread.len() > HEAD_LIMIT || !self.read_more()? {
                return Ok(None);
            }
        };
        let Some(mut request) = SeenRequest::parse(&self.unread[..end], self.number) else { return Ok(None) };
        let length = request.header("content-length").and_then(|value| value.parse().ok()).unwrap_or(0);
        while self.unread.len() < end + length {
            if !self.read_more()? {
                return Ok(None);
            }
        }
        let rest = self.unread.split_off(end + length);
        request.raw = std::mem::replace(&mut self.unread, rest);
        request.body = request.raw[end..].to_vec();
        request.at = Instant::now();
        Ok(Some(request))
    }

    /// Reads what there is, however long it takes; false when there will be nothing more.
    fn read_more(&mut self) -> io::Result<bool> {
        let mut buffer = [0; 16 * 1024];
        loop {
            if self.shared.is_stopping() {
                return Ok(false);
            }
            match self.stream.read(&mut buffer) {
                Ok(0) => return Ok(false),
                Ok(count) => {
                    self.unread.extend_from_slice(&buffer[..count]);
                    return Ok(true);
                }
                Err(error) if waits(&error) => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Sends nothing more until the client gives up.
    fn hold(&mut self) -> io::Result<()> {
        while self.read_more()? {}
        Ok(())
    }

    /// Waits; false when the provider stops meanwhile.
    fn pause(&self, duration: Duration) -> bool {
        let until = Instant::now() + duration;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() || self.shared.is_stopping() {
                return !self.shared.is_stopping();
            }
            std::thread::sleep(left.min(PATIENCE));
        }
    }

    fn send(&mut self, bytes: &[u8], delivery: Delivery) -> io::Result<()> {
        let Some((size, pause)) = delivery.drip else {
            self.stream.write_all(bytes)?;
            return self.stream.flush();
        };
        for part in bytes.chunks(size.max(1)) {
            self.stream.write_all(part)?;
            self.stream.flush()?;
            if !self.pause(pause) {
                return Err(ErrorKind::Interrupted.into());
            }
        }
        Ok(())
    }
}

fn waits(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted)
}

/// Ends the connection with a TCP reset. The standard library cannot ask for one, the async one can.
fn reset(socket: &TcpStream) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    let _inside = runtime.enter();
    let socket = socket.try_clone()?;
    socket.set_nonblocking(true)?;
    tokio::net::TcpStream::from_std(socket)?.set_zero_linger()
}

/// The bytes of an answer, framed as told.
fn on_the_wire(reply: Reply, delivery: Delivery, head_only: bool) -> Vec<u8> {
    let reason = http::StatusCode::from_u16(reply.status).ok().and_then(|status| status.canonical_reason());
    let mut bytes = format!("HTTP/1.1 {} {}\r\n", reply.status, reason.unwrap_or("Unknown")).into_bytes();
    let mut body = reply.body;
    let mut headers = reply.headers;
    let says =
        |headers: &[(String, String)], wanted: &str| headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(wanted));
    let add = |headers: &mut Vec<(String, String)>, name: &str, value: String| {
        headers.push((name.to_owned(), value));
    };
    match delivery.framing {
        Framing::Length if says(&headers, "transfer-encoding") => body = in_chunks(&body, usize::MAX),
        Framing::Length if !says(&headers, "content-length") && !matches!(reply.status, 204 | 304) => {
            add(&mut headers, "Content-Length", body.len().to_string());
        }
        Framing::Length => {}
        Framing::Chunked(size) => {
            add(&mut headers, "Transfer-Encoding", "chunked".to_owned());
            body = in_chunks(&body, size);
        }
        Framing::Both => {
            add(&mut headers, "Content-Length", body.len().to_string());
            add(&mut headers, "Transfer-Encoding", "chunked".to_owned());
            body = in_chunks(&body, usize::MAX);
        }
        Framing::Announced(length) => {
            add(&mut headers, "Content-Length", length.to_string());
            body.clear();
        }
        Framing::UntilClose => add(&mut headers, "Connection", "close".to_owned()),
    }
    for (name, value) in &headers {
        bytes.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
    }
    bytes.extend_from_slice(b"\r\n");
    if !head_only {
        bytes.extend_from_slice(&body[..body.len().saturating_sub(delivery.withheld)]);
    }
    bytes
}

fn in_chunks(body: &[u8], size: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    for part in body.chunks(size.max(1)) {
        bytes.extend_from_slice(format!("{:x}\r\n", part.len()).as_bytes());
        bytes.extend_from_slice(part);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(b"0\r\n\r\n");
    bytes
}
