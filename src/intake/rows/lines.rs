//! One row a line: JSON Lines.

use std::io;

use zeroize::Zeroizing;

use super::text::Text;
use super::{ROW_BYTES, not_utf8, too_long};
use crate::finding::Finding;

/// Lines of a stream, none of them kept beyond [`ROW_BYTES`].
pub(super) struct Lines {
    input: Text,
    next: u64,
    /// Wiped in the end: lines hold secrets.
    buffer: Zeroizing<Vec<u8>>,
}

/// A line's text, or why it is none.
pub(super) type Line<'l> = Result<&'l str, Vec<Finding>>;

impl Lines {
    /// Lines of `input`, whose first is `line`.
    pub(super) fn new(input: Text, line: u64) -> Self {
        Self { input, next: line, buffer: Zeroizing::new(Vec::with_capacity(16 * 1024)) }
    }

    /// The next line that is neither blank nor a comment, with its number.
    pub(super) fn next_line(&mut self) -> io::Result<Option<(u64, Line<'_>)>> {
        loop {
            self.buffer.clear();
            let read = take_line(&mut self.input, &mut self.buffer)?;
            if read == 0 {
                return Ok(None);
            }
            let line = self.next;
            self.next += 1;
            let start = self.buffer.trim_ascii_start();
            // No JSON begins with `#`: what does is a remark of the template's.
            if read <= ROW_BYTES && (start.is_empty() || start.starts_with(b"#")) {
                continue;
            }
            if read > ROW_BYTES {
                return Ok(Some((line, Err(vec![too_long()]))));
            }
            let text = std::str::from_utf8(&self.buffer).map(str::trim);
            return Ok(Some((line, text.map_err(|_| vec![not_utf8()]))));
        }
    }
}

/// Reads one line, its end included; keeps no more than [`ROW_BYTES`] of it. Its whole length in bytes; 0 at the end.
fn take_line(input: &mut Text, kept: &mut Vec<u8>) -> io::Result<usize> {
    let mut length = 0_usize;
    loop {
        let seen = input.fill()?;
        if seen.is_empty() {
            return Ok(length);
        }
        let end = seen.iter().position(|byte| *byte == b'\n').map(|at| at + 1);
        let used = end.unwrap_or(seen.len());
        let room = ROW_BYTES.saturating_sub(kept.len());
        kept.extend_from_slice(seen.get(..used.min(room)).unwrap_or_default());
        input.consume(used);
        length = length.saturating_add(used);
        if end.is_some() {
            return Ok(length);
        }
    }
}

/// The first line of `seen`, without its end: a line feed, a carriage return, or both.
pub(super) fn first(seen: &[u8]) -> &[u8] {
    seen.split(|byte| matches!(byte, b'\n' | b'\r')).next().unwrap_or_default()
}

/// Whether the line behind the first one of `seen` begins an object, or there is none: blank ones do not count.
pub(super) fn second_begins_object(seen: &[u8]) -> bool {
    second(seen).is_none_or(|line| matches!(line.first(), Some(b'{' | b'#')))
}

/// The line behind the first one of `seen` that is not blank, without the blanks around it.
pub(super) fn second(seen: &[u8]) -> Option<&[u8]> {
    seen.split(|byte| *byte == b'\n').skip(1).map(<[u8]>::trim_ascii).find(|line| !line.is_empty())
}

/// Passes over one line, whatever ends it.
pub(super) fn skip(input: &mut Text) -> io::Result<()> {
    loop {
        let seen = input.fill()?;
        let Some(ending) = seen.iter().position(|byte| matches!(byte, b'\n' | b'\r')) else {
            let all = seen.len();
            input.consume(all);
            if all == 0 {
                return Ok(());
            }
            continue;
        };
        let is_return = seen.get(ending) == Some(&b'\r');
        input.consume(ending + 1);
        if is_return && input.fill()?.first() == Some(&b'\n') {
            input.consume(1);
        }
        return Ok(());
    }
}
