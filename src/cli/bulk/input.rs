//! The file or stream with the rows, and the thread that reads it.

use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use tokio::sync::mpsc;

use super::super::failure::Failure;
use super::super::named_pipe;
use crate::intake::rows::{Rows, RowsError};
use crate::onboarding::bulk::RowRequest;

/// Where the rows come from.
pub(super) struct Source {
    pub(super) input: Box<dyn Read + Send>,
    /// Bytes, where that is known.
    pub(super) length: Option<u64>,
    /// Bytes read so far.
    pub(super) seen: Arc<AtomicU64>,
    /// Others than the owner may read it.
    pub(super) is_exposed: bool,
}

impl Source {
    pub(super) fn open(file: &Path) -> Result<Self, Failure> {
        let seen = Arc::new(AtomicU64::new(0));
        if file == Path::new("-") {
            let input = Box::new(Counting { input: io::stdin(), seen: Arc::clone(&seen) });
            return Ok(Self { input, length: None, seen, is_exposed: false });
        }
        let unreadable =
            |error: io::Error| Failure::usage(format!("could not read `{}`", file.display())).cause(error.to_string());
        let opened = open(file, File::options().read(true), "writes to")?.map_err(unreadable)?;
        let metadata = opened.metadata().map_err(unreadable)?;
        if metadata.is_dir() {
            return Err(Failure::usage(format!("`{}` is a folder; name the file with the requests", file.display())));
        }
        // Pipes have a length and permissions of no meaning.
        let length = metadata.is_file().then_some(metadata.len());
        let is_exposed = metadata.is_file() && metadata.permissions().mode() & 0o077 != 0;
        let input = Box::new(Counting { input: opened, seen: Arc::clone(&seen) });
        Ok(Self { input, length, seen, is_exposed })
    }
}

/// Opens a file. At a named pipe somebody has to be at the other end soon.
pub(super) fn open(path: &Path, options: &OpenOptions, wanted: &str) -> Result<io::Result<File>, Failure> {
    if !named_pipe::is_named_pipe(path) {
        return Ok(options.open(path));
    }
    let (options, file) = (options.clone(), path.to_owned());
    named_pipe::wait_for(move || options.open(file), &format!("nobody {wanted} the pipe `{}`", path.display()))
}

struct Counting<R> {
    input: R,
    seen: Arc<AtomicU64>,
}

impl<R: Read> Read for Counting<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(out)?;
        self.seen.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

/// By what the number of rows is estimated.
pub(super) struct Expected {
    pub(super) length: Option<u64>,
    pub(super) seen: Arc<AtomicU64>,
}

impl Expected {
    /// How many rows there are, if the rest of the file is like its beginning of `begun` rows.
    pub(super) fn rows(&self, begun: u64) -> Option<u64> {
        let (length, seen) = (self.length?, self.seen.load(Ordering::Relaxed));
        let rows = u128::from(begun) * u128::from(length) / u128::from(seen.max(1));
        u64::try_from(rows).ok().filter(|rows| *rows > 0)
    }
}

/// Reads every row and makes a request of it, as fast as they are taken; sets `met_secret` once one of them holds its secret.
pub(super) fn read_all(
    mut rows: Rows,
    max_domains: usize,
    origins: &[String],
    to: &mpsc::Sender<RowRequest>,
    met_secret: &AtomicBool,
) -> Result<(), RowsError> {
    let mut number = 0;
    while let Some(row) = rows.next_row()? {
        if rows.hold_secrets() {
            met_secret.store(true, Ordering::Relaxed);
        }
        let line = row.line;
        let (request, team) = row.normalise(max_domains, origins);
        if to.blocking_send(RowRequest { number, line, request, team }).is_err() {
            break;
        }
        number += 1;
    }
    Ok(())
}

/// What a person is told of a file that is no list of requests.
pub(super) fn not_rows(file: &Path, error: &RowsError) -> Failure {
    let name = if file == Path::new("-") { "standard input".to_owned() } else { format!("`{}`", file.display()) };
    let failure = match error {
        RowsError::Io(error) => Failure::fault(format!("{name} could not be read to its end")).cause(error.to_string()),
        other => Failure::usage(format!("{name} cannot be read as a list of requests")).cause(other.to_string()),
    };
    failure.hint(error.next())
}
