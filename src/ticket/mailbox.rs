//! Many mails in one file: mbox, read as a stream.

use std::io::{self, BufRead};

use super::{MAIL_BYTES, without_mark};

/// The mails of an mbox file, one after the other; never more than one is held.
///
/// A line that starts with `From ` and has a time of day in it begins a mail if an empty line stands before it, or if it has a whole
/// date as such lines have, which nobody writes in a mail: some programs leave the empty line out. `>From ` in a mail is given back
/// its place (mboxrd). A mail larger than [`MAIL_BYTES`] is cut off just behind that size, so that reading it says
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
    let blank = start.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
    let first = start.get(blank..).and_then(|rest| rest.split(|byte| *byte == b'\n').next()).unwrap_or_default();
    is_divider(start) || (is_divider(first) && has_time(first))
}

/// Whether a line begins a mail within an mbox, going by how it starts.
fn is_divider(line: &[u8]) -> bool {
    without_mark(line).starts_with(b"From ")
}

/// Whether a line has a weekday, a month and a time of day in it, one behind the other, as `ctime` writes them.
fn has_whole_date(line: &[u8]) -> bool {
    const DAYS: [&[u8]; 7] = [b"Mon", b"Tue", b"Wed", b"Thu", b"Fri", b"Sat", b"Sun"];
    const MONTHS: [&[u8]; 12] =
        [b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"];
    let words: Vec<&[u8]> =
        line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).skip(2).take(4).collect();
    matches!(words.as_slice(), [day, month, date, time]
        if DAYS.contains(day) && MONTHS.contains(month) && date.iter().all(u8::is_ascii_digit) && has_time(time))
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
            let is_divider = starts_line
                && is_divider(&piece)
                && (self.after_blank && (!self.begun || has_time(&piece)) || has_whole_date(&piece));
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
        let below = format!("\r\n\n{text}");
        assert!(is_mbox(below.as_bytes()) && mails(&below) == mails(text), "nor is a blank line");
        assert!(!is_mbox(b"\nFrom our side:\nClient ID: x\n") && !is_mbox(b" From a"));
    }

    #[test]
    fn a_whole_date_begins_a_mail_without_a_blank_line_before_it() {
        let two = |line: &str| {
            mails(&format!("From a@b Thu Nov 12 10:13:58 2026\nSubject: 1\n\nx\n{line}\nSubject: 2\n\ny\n")).len()
        };
        assert_eq!(two("From c@d Fri Nov 13 10:13:58 2026"), 2);
        assert_eq!(two("From - Fri Nov  3 10:13:58 2026"), 2);
        for line in ["From c@d at 10:13:58", "From our office on Fri, Nov 13 at 10:13", "From Fri Nov 13 10:13:58 2026"]
        {
            assert_eq!(two(line), 1, "{line}");
        }
    }

    #[test]
    fn a_giant_mail_is_cut_off_and_the_next_one_is_whole() {
        let text = format!("From a\n{}\n\nFrom b Fri Nov 13 10:13:58 2026\nx\n", "y".repeat(MAIL_BYTES + 200_000));
        let lengths: Vec<usize> = mails(&text).iter().map(String::len).collect();
        assert!(lengths[0] > MAIL_BYTES && lengths[0] < MAIL_BYTES + 200_000 && lengths[1] == 2, "{lengths:?}");
    }
}
