//! Files that may be a named pipe, which has no end of its own: the system waits for its other end for ever.

use std::os::unix::fs::FileTypeExt as _;
use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;

use super::failure::Failure;

/// How long somebody may take to be at the other end.
const PATIENCE: Duration = Duration::from_secs(10);

/// Whether `path` is a named pipe.
pub(super) fn is_named_pipe(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|there| there.file_type().is_fifo())
}

/// What `work` on a pipe comes to within ten seconds. What comes later is dropped, and a thread that still waits ends with
/// the program.
///
/// # Errors
///
/// `nobody`, as in "nobody writes to the pipe `list`": who has not come.
pub(super) fn wait_for<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
    nobody: &str,
) -> Result<T, Failure> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || _ = sender.send(work()));
    receiver
        .recv_timeout(PATIENCE)
        .map_err(|_| Failure::usage(format!("{nobody}, after ten seconds")).hint("nothing was checked or written"))
}
