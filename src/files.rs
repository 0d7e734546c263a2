//! Opening files that somebody else may have named: a path can lead to a pipe that nobody writes to, or to a device that never
//! ends.

use std::fs::File;
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

/// Opens `path` for reading, whatever it is, without waiting for the other end of a pipe. The file that was opened is to be
/// judged, not its name, which may lead elsewhere by then.
///
/// # Errors
///
/// The system's own.
pub fn open_without_waiting(path: &Path) -> io::Result<File> {
    let flags = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
    File::options().read(true).custom_flags(flags).open(path)
}

/// Opens the regular file at `path` for reading.
///
/// # Errors
///
/// The system's own, and that it is another kind of file.
pub fn open_regular(path: &Path) -> io::Result<File> {
    let file = open_without_waiting(path)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(io::Error::other("it is not a regular file")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pipe_that_nobody_writes_to_is_not_waited_for_and_is_no_regular_file() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
        assert!(made.success());
        open_without_waiting(&pipe).unwrap();
        assert_eq!(open_regular(&pipe).unwrap_err().to_string(), "it is not a regular file");
        let file = folder.path().join("file");
        std::fs::write(&file, "text").unwrap();
        assert_eq!(io::read_to_string(open_regular(&file).unwrap()).unwrap(), "text");
    }
}
