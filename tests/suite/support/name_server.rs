//! A name server for TXT records, on UDP and loopback: enough of RFC 1035 to answer one question a packet.

use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

/// Answers until it is dropped.
pub struct NameServer {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
    answering: Option<JoinHandle<()>>,
}

impl NameServer {
    /// Serves one TXT record under `name`; any other name does not exist.
    pub fn with_txt(name: &str, value: &str) -> Self {
        Self::start(Some((name.to_owned(), value.to_owned())))
    }

    /// Says of every question that it failed (SERVFAIL).
    pub fn failing() -> Self {
        Self::start(None)
    }

    fn start(record: Option<(String, String)>) -> Self {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = socket.local_addr().unwrap();
        let asked = Arc::<Mutex<Vec<String>>>::default();
        let seen = Arc::clone(&asked);
        let answering = std::thread::spawn(move || {
            let mut packet = [0; 1500];
            loop {
                let (length, from) = socket.recv_from(&mut packet).unwrap();
                if length < 12 {
                    return;
                }
                let query = Query::read(&packet[..length]);
                seen.lock().unwrap().push(query.name.clone());
                socket.send_to(&query.answer(record.as_ref()), from).unwrap();
            }
        });
        Self { address, asked, answering: Some(answering) }
    }

    /// `--dns-server ADDRESS:PORT`
    pub fn access(&self) -> [String; 2] {
        ["--dns-server".to_owned(), self.address.to_string()]
    }

    /// The names that were asked for, without the final dot.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

impl Drop for NameServer {
    fn drop(&mut self) {
        // A packet too short to be a question tells the thread to end.
        let _ = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().send_to(&[0], self.address);
        if let Some(answering) = self.answering.take() {
            let _ = answering.join();
        }
    }
}

/// A question: its header's id and flags, and the question section as it came.
struct Query {
    id: [u8; 2],
    section: Vec<u8>,
    name: String,
}

impl Query {
    fn read(packet: &[u8]) -> Self {
        let mut labels = Vec::new();
        let mut at = 12;
        while packet[at] != 0 {
            let length = usize::from(packet[at]);
            labels.push(String::from_utf8_lossy(&packet[at + 1..at + 1 + length]).to_lowercase());
            at += 1 + length;
        }
        // The final zero, the type and the class belong to the question.
        let section = packet[12..at + 5].to_vec();
        Self { id: [packet[0], packet[1]], section, name: labels.join(".") }
    }

    fn answer(&self, record: Option<&(String, String)>) -> Vec<u8> {
        const NO_ERROR: u8 = 0;
        const SERVER_FAILURE: u8 = 2;
        const NO_SUCH_NAME: u8 = 3;
        let (code, value) = match record {
            None => (SERVER_FAILURE, None),
            Some((name, value)) if *name == self.name => (NO_ERROR, Some(value)),
            Some(_) => (NO_SUCH_NAME, None),
        };
        let mut packet = self.id.to_vec();
        packet.extend([0x85, 0x80 | code, 0, 1, 0, u8::from(value.is_some()), 0, 0, 0, 0]);
        packet.extend(&self.section);
        if let Some(value) = value {
            let length = u8::try_from(value.len()).unwrap();
            // The name by reference to the question's, TXT, IN, one minute.
            packet.extend([0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 60, 0, length + 1, length]);
            packet.extend(value.as_bytes());
        }
        packet
    }
}
