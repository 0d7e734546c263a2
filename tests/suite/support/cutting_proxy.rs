//! A proxy before a PostgreSQL server that cuts one connection at a statement of the test's choosing.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Where to cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// The statement never reaches the server.
    Before,
    /// The server gets it, and nobody its answer.
    After,
}

/// A running proxy. It forwards everything, save that it cuts once, at the statement with the given number.
pub struct CuttingProxy {
    port: u16,
    state: Arc<State>,
}

struct State {
    target: String,
    /// Statements left until the cut.
    left: AtomicUsize,
    cut: Cut,
    done: AtomicBool,
}

impl CuttingProxy {
    /// Before the server at `target` (`host:port`); cuts at statement `number`, counted from 1.
    pub fn start(target: &str, number: usize, cut: Cut) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let left = AtomicUsize::new(number);
        let state = Arc::new(State { target: target.to_owned(), left, cut, done: AtomicBool::new(false) });
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let state = Arc::clone(&shared);
                std::thread::spawn(move || carry(&client, &state));
            }
        });
        Self { port, state }
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// How many statements came by, of a proxy that was to cut at [`usize::MAX`].
    pub fn statements(&self) -> usize {
        usize::MAX - self.state.left.load(Ordering::SeqCst)
    }

    /// Whether there were as many statements.
    pub fn has_cut(&self) -> bool {
        self.state.done.load(Ordering::SeqCst)
    }
}

/// Forwards one connection in both directions, message by message towards the server.
fn carry(client: &TcpStream, state: &State) {
    let Ok(server) = TcpStream::connect(&state.target) else { return };
    let (mut from_server, mut to_client) = (server.try_clone().unwrap(), client.try_clone().unwrap());
    let answers = std::thread::spawn(move || {
        let _ = std::io::copy(&mut from_server, &mut to_client);
        let _ = to_client.shutdown(Shutdown::Both);
    });
    let (mut from_client, mut to_server) = (client.try_clone().unwrap(), server.try_clone().unwrap());
    // The first message has no type.
    let mut has_type = false;
    while let Some((kind, message)) = message(&mut from_client, has_type) {
        has_type = true;
        // A simple query, or the end of an extended one.
        let is_statement = matches!(kind, Some(b'Q' | b'S'));
        if is_statement && !state.done.load(Ordering::SeqCst) && state.left.fetch_sub(1, Ordering::SeqCst) == 1 {
            state.done.store(true, Ordering::SeqCst);
            // First the way back, so that no answer slips through.
            let _ = client.shutdown(Shutdown::Both);
            if state.cut == Cut::After {
                let _ = to_server.write_all(&message);
            }
            break;
        }
        if to_server.write_all(&message).is_err() {
            break;
        }
    }
    let _ = server.shutdown(Shutdown::Write);
    let _ = answers.join();
}

/// The next message with its type; `None` at the end.
fn message(from: &mut TcpStream, has_type: bool) -> Option<(Option<u8>, Vec<u8>)> {
    let mut head = vec![0; if has_type { 5 } else { 4 }];
    from.read_exact(&mut head).ok()?;
    let length = u32::from_be_bytes(head[head.len() - 4..].try_into().unwrap()) as usize;
    let start = head.len();
    let kind = has_type.then(|| head[0]);
    head.resize(start + length - 4, 0);
    from.read_exact(&mut head[start..]).ok()?;
    Some((kind, head))
}
