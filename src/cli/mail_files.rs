//! Where mails are: files, mbox files, Maildir folders, standard input; one mail in memory at a time.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use super::failure::Failure;
use crate::files;
use crate::ticket::MAIL_BYTES;
use crate::ticket::mailbox::{Mbox, is_mbox};

/// A mail, not yet read.
#[derive(Debug)]
pub(super) struct MailFile {
    /// What to call it: the path, with the number of the mail in an mbox.
    pub(super) name: String,
    /// The path, where the mail is a file of its own.
    pub(super) path: Option<PathBuf>,
    /// Its bytes, at most [`MAIL_BYTES`] and one.
    pub(super) bytes: Vec<u8>,
    /// It came on standard input and may be a text without a head.
    pub(super) pasted: bool,
}

/// All mails at `places`, each read when its turn comes. A folder is a Maildir if it has `cur` and `new`; of any other
/// folder, the files that end in `.eml`, `.emlx` and `.mbox` are read, in capitals too. Folders are read in the order of their
/// names.
pub(super) fn mails(places: &[PathBuf]) -> impl Iterator<Item = Result<MailFile, Failure>> {
    places.iter().flat_map(|place| -> Box<dyn Iterator<Item = Result<MailFile, Failure>>> {
        match files(place) {
            Ok(files) => Box::new(files.into_iter().flat_map(|file| in_file(&file))),
            Err(failure) => Box::new(std::iter::once(Err(failure))),
        }
    })
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::usage(format!("could not read `{}`", path.display()))
        .cause(error.to_string())
        .hint("name a mail (.eml), an mbox file, a Maildir folder, or - for standard input")
}

/// The files at a place, in the order of their names.
fn files(place: &Path) -> Result<Vec<PathBuf>, Failure> {
    if place == Path::new("-") || !place.is_dir() {
        return Ok(vec![place.to_owned()]);
    }
    let is_maildir = place.join("cur").is_dir() && place.join("new").is_dir();
    let folders = if is_maildir { vec![place.join("cur"), place.join("new")] } else { vec![place.to_owned()] };
    let mut found = Vec::new();
    for folder in folders {
        let entries = std::fs::read_dir(&folder).map_err(|error| unreadable(&folder, &error))?;
        for entry in entries {
            let path = entry.map_err(|error| unreadable(&folder, &error))?.path();
            let hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
            let kind = path.extension().map(std::ffi::OsStr::to_ascii_lowercase);
            let is_mail = kind.is_some_and(|kind| kind == "eml" || kind == "emlx" || kind == "mbox");
            if !hidden && (is_maildir || is_mail) && path.is_file() {
                found.push(path);
            }
        }
    }
    found.sort();
    if found.is_empty() {
        return Err(Failure::usage(format!("there is no mail in the folder `{}`", place.display())).hint(
            "a Maildir has the folders `cur` and `new`; in any other folder, mails end in .eml, .emlx or .mbox",
        ));
    }
    Ok(found)
}

/// The mails in one file.
fn in_file(path: &Path) -> Box<dyn Iterator<Item = Result<MailFile, Failure>>> {
    let opened = if path == Path::new("-") {
        Ok(Box::new(BufReader::new(std::io::stdin())) as Box<dyn BufRead>)
    } else {
        files::open_regular(path).map(|file| Box::new(BufReader::new(file)) as Box<dyn BufRead>)
    };
    let path = path.to_owned();
    let failed = |path: &Path, error: &std::io::Error| Box::new(std::iter::once(Err(unreadable(path, error))));
    let mut reader = match opened {
        Ok(reader) => reader,
        Err(error) => return failed(&path, &error),
    };
    let pasted = path == Path::new("-");
    let name = if pasted { "standard input".to_owned() } else { path.display().to_string() };
    let many = match reader.fill_buf() {
        Ok(start) => is_mbox(start),
        Err(error) => return failed(&path, &error),
    };
    if many {
        return Box::new(Mbox::new(reader).enumerate().map(move |(position, mail)| {
            let bytes = mail.map_err(|error| unreadable(&path, &error))?;
            Ok(MailFile { name: format!("{name}, mail {}", position + 1), path: None, bytes, pasted: false })
        }));
    }
    let mut bytes = Vec::new();
    let limit = u64::try_from(MAIL_BYTES).unwrap_or(u64::MAX) + 1;
    match reader.take(limit).read_to_end(&mut bytes) {
        Ok(_) => Box::new(std::iter::once(Ok(MailFile { name, path: (!pasted).then_some(path), bytes, pasted }))),
        Err(error) => failed(&path, &error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mails_of_a_folder_are_known_by_their_ends_in_whatever_case() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a.eml", "b.EML", "c.emlx", "d.Mbox", "e.txt", ".f.eml"] {
            std::fs::write(folder.path().join(name), "x").unwrap();
        }
        let found = files(folder.path()).unwrap();
        let names: Vec<_> = found.iter().map(|path| path.file_name().unwrap().to_str().unwrap()).collect();
        assert_eq!(names, ["a.eml", "b.EML", "c.emlx", "d.Mbox"]);
    }
}
