//! A real terminal for prompts: a pseudo-terminal with a program on it, and everything it showed.

use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use expectrl::process::unix::WaitStatus;
use expectrl::session::OsSession;
use expectrl::{ControlCode, Eof, Expect as _, Session};

/// How long to wait for expected text, or for the end.
const LIMIT: Duration = Duration::from_secs(20);

/// Columns and lines of the terminal.
const SIZE: (u16, u16) = (120, 40);

/// A program on a terminal of 120 columns and 40 lines that echoes what is typed, as real ones do.
pub struct Terminal {
    session: OsSession,
    transcript: Vec<u8>,
}

/// How the program ended, and all that was on the screen.
#[derive(Debug, Clone)]
pub struct Ended {
    /// The exit status; `None` when a signal ended it.
    pub code: Option<i32>,
    /// Everything shown, escape sequences included.
    pub screen: String,
}

impl Ended {
    /// The screen's text without escape sequences and carriage returns.
    pub fn text(&self) -> String {
        console::strip_ansi_codes(&self.screen).replace('\r', "")
    }
}

impl Terminal {
    /// Starts `command` in `folder` with exactly these variables and `TERM`.
    pub fn open(command: &Command, folder: &Path, variables: &[(String, String)]) -> Self {
        // The size and the echo are set before the program starts, so that it cannot see any other. `Session::spawn`
        // sets a size of its own once the shell runs, so the shell waits for a line before it sets ours.
        let (columns, lines) = SIZE;
        let mut shell = Command::new("/bin/sh");
        shell
            .arg("-c")
            .arg(format!("read -r go && stty echo cols {columns} rows {lines} && exec \"$@\""))
            .arg("sh")
            .arg(command.get_program())
            .args(command.get_args())
            .env_clear()
            .envs(variables.iter().map(|(name, value)| (name, value)))
            .env("TERM", "xterm-256color")
            .current_dir(folder);
        let mut session = Session::spawn(shell).unwrap();
        session.send("\n").unwrap();
        session.set_expect_timeout(Some(LIMIT));
        // The first match is the one that counts: later text must stay to be expected.
        session.set_expect_lazy(true);
        Self { session, transcript: Vec::new() }
    }

    /// Starts any program with this process's `PATH` alone.
    pub fn of<A: AsRef<OsStr>>(program: &str, arguments: impl IntoIterator<Item = A>) -> Self {
        let mut command = Command::new(program);
        command.args(arguments);
        let path = std::env::var("PATH").unwrap_or_default();
        Self::open(&command, &std::env::temp_dir(), &[("PATH".to_owned(), path)])
    }

    /// Waits until `text` appears.
    #[track_caller]
    pub fn expect(&mut self, text: &str) -> &mut Self {
        match self.session.expect(text) {
            Ok(found) => self.transcript.extend_from_slice(found.as_bytes()),
            Err(error) => {
                let rest = self.drain();
                panic!("`{text}` did not appear ({error}) after:\n{}{rest}", self.so_far());
            }
        }
        self
    }

    /// Types `line` and presses return.
    pub fn send_line(&mut self, line: &str) -> &mut Self {
        self.send(&format!("{line}\r"))
    }

    /// Types `text`, which may hold escape sequences (`\u{1b}[B` is arrow down).
    pub fn send(&mut self, text: &str) -> &mut Self {
        self.session.send(text).unwrap();
        self
    }

    /// Presses Ctrl-C.
    pub fn interrupt(&mut self) -> &mut Self {
        self.session.send(ControlCode::EndOfText).unwrap();
        self
    }

    /// Presses Ctrl-D.
    pub fn end_of_input(&mut self) -> &mut Self {
        self.session.send(ControlCode::EndOfTransmission).unwrap();
        self
    }

    /// Makes the window another size.
    pub fn resize(&mut self, columns: u16, lines: u16) -> &mut Self {
        self.session.get_process_mut().set_window_size(columns, lines).unwrap();
        self
    }

    /// Everything matched by [`expect`](Self::expect) so far, and what came before it.
    pub fn so_far(&self) -> String {
        String::from_utf8_lossy(&self.transcript).into_owned()
    }

    /// Waits for the end, taking in everything that is still shown.
    #[track_caller]
    pub fn finish(mut self) -> Ended {
        match self.session.expect(Eof) {
            Ok(found) => self.transcript.extend_from_slice(found.as_bytes()),
            // Some systems report the closed terminal as an input/output error: the end all the same.
            Err(expectrl::Error::IO(_) | expectrl::Error::Eof) => {}
            Err(error) => panic!("it did not end ({error}) after:\n{}", self.so_far()),
        }
        let screen = self.so_far();
        let started = Instant::now();
        loop {
            match self.session.get_process().status().unwrap() {
                WaitStatus::StillAlive if started.elapsed() < LIMIT => std::thread::sleep(Duration::from_millis(5)),
                WaitStatus::Exited(_, code) => return Ended { code: Some(code), screen },
                WaitStatus::Signaled(..) => return Ended { code: None, screen },
                other => panic!("it is still there ({other:?}) after:\n{screen}"),
            }
        }
    }

    /// What is there to read right now.
    fn drain(&mut self) -> String {
        let mut rest = vec![0; 16 * 1024];
        let count = self.session.try_read(&mut rest).unwrap_or(0);
        String::from_utf8_lossy(&rest[..count]).into_owned()
    }
}
