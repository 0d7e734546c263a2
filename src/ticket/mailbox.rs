//! Many mails in one file: mbox, read as a stream.

use std::io::{self, BufRead};

use super::{MAIL_BYTES, without_mark};

/// The mails of an mbox file, one after the other; never more than one is held.
///
/// A line that starts with `From ` and has a time of day in it begins a mail if an empty line stands before it; `>From ` in a mail is given
/// back its place (mboxrd). A mail larger than [`MAIL_BYTES`] is cut off just behind that size, so that reading it says
/// so. What stands above the first such line is left out.
#[derive(Debug)]
pub struct Mbox<R> {
    reader: R,
    /// The line behind an empty one; at the start there is one, as it were.
    after_blank: bool,
    /// A `From ` line has been read.
    begun: bool,
    ended: bool,
}

/// Longest piece of a line that is read at once, in bytes.
const PIECE: u64 = 64 * 1024;

impl<R: BufRead> Mbox<R> {
    /// Reads from `reader`.
    pub const fn new(reader: R) -> Self {
        Self { reader, after_blank: true, begun: false, ended: false }
    }

    fn piece(&mut self) -> io::Result<Vec<u8>> {
        let mut piece = Vec::new();
        let mut limited = io::Read::take(&mut self.reader, PIECE);
        limited.read_until(b'\n', &mut piece)?;
        Ok(piece)
    }
}

/// Whether a file with this beginning is an mbox rather than a mail.
#[must_use]
pub fn is_mbox(start: &[u8]) -> bool {
    without_mark(start).starts_with(b"From ")
}

/// Whether a line has a time of day in it, as every line between two mails has: `From jane Thu Nov 12 10:13:58 2026`.
fn has_time(line: &[u8]) -> bool {
    line.windows(5)
        .any(|five| matches!(five, [a, b, b':', c, d] if [a, b, c, d].iter().all(|one| one.is_ascii_digit())))
}

impl<R: BufRead> Iterator for Mbox<R> {
    type Item = io::Result<Vec<u8>>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut mail = Vec::new();
        let mut at_line_start = true;
        while !self.ended {
            let piece = match self.piece() {
                Ok(piece) if piece.is_empty() => {
                    self.ended = true;
                    break;
                }
                Ok(piece) => piece,
                Err(error) => {
                    self.ended = true;
                    return Some(Err(error));
                }
            };
            let starts_line = std::mem::replace(&mut at_line_start, piece.ends_with(b"\n"));
            let is_divider = starts_line && self.after_blank && is_mbox(&piece) && (!self.begun || has_time(&piece));
            self.after_blank = starts_line && matches!(piece.as_slice(), b"\n" | b"\r\n");
            if is_divider {
                if std::mem::replace(&mut self.begun, true) {
                    return Some(Ok(mail));
                }
                continue;
            }
            if !self.begun || mail.len() > MAIL_BYTES {
                continue;
            }
            let quoted = starts_line
                && piece.iter().position(|byte| *byte != b'>').is_some_and(|marks| {
                    marks > 0 && piece.get(marks..).is_some_and(|rest| rest.starts_with(b"From "))
                });
            mail.extend_from_slice(piece.get(usize::from(quoted)..).unwrap_or_default());
        }
        std::mem::take(&mut self.begun).then_some(Ok(mail))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mails(text: &str) -> Vec<String> {
        Mbox::new(text.as_bytes()).map(|mail| String::from_utf8(mail.unwrap()).unwrap()).collect()
    }

    #[test]
    fn mails_are_told_apart_by_their_first_line_alone() {
        let text = "From a@b Thu Nov 12 10:13:58 2026\nSubject: 1\n\nFrom the start\n\nx\n\nFrom c@d Fri Nov 13 10:13:58 2026\nSubject: 2\n\n>From y\n>>From z\n";
        assert_eq!(mails(text), ["Subject: 1\n\nFrom the start\n\nx\n\n", "Subject: 2\n\nFrom y\n>From z\n"]);
        assert_eq!(mails("Subject: none\n\nx"), Vec::<String>::new());
        assert!(is_mbox(b"From a") && !is_mbox(b"From: a"));
        let marked = format!("\u{feff}{text}");
        assert!(is_mbox(marked.as_bytes()));
        assert_eq!(mails(&marked), mails(text), "an editor's byte order mark is no mail");
    }

    #[test]
    fn a_giant_mail_is_cut_off_and_the_next_one_is_whole() {
        let text = format!("From a\n{}\n\nFrom b Fri Nov 13 10:13:58 2026\nx\n", "y".repeat(MAIL_BYTES + 200_000));
        let lengths: Vec<usize> = mails(&text).iter().map(String::len).collect();
        assert!(lengths[0] > MAIL_BYTES && lengths[0] < MAIL_BYTES + 200_000 && lengths[1] == 2, "{lengths:?}");
    }
}
