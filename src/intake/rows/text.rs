//! From bytes to UTF-8: byte order marks, and the UTF-16 that spreadsheets export as "Unicode text".

use std::io::{self, BufReader, Cursor, Read};

use encoding_rs::{Decoder, DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE};
use zeroize::Zeroizing;

/// How much is read at a time.
const BUFFER: usize = 64 * 1024;

/// Enough to tell an encoding, and a file that is none of text.
const HEAD: usize = 16;

/// Ctrl-Z, by which DOS and its heirs end a text: at the very end it is no part of it.
const END_MARK: u8 = 0x1A;

/// `input` as UTF-8 without a byte order mark. What claims to be UTF-8 is passed on as it is: whoever reads a row judges
/// it.
pub(super) fn open(mut input: Box<dyn Read + Send>) -> io::Result<Text> {
    let mut head = Vec::with_capacity(HEAD);
    (&mut input).take(HEAD as u64).read_to_end(&mut head)?;
    let (encoding, mark) = encoding_of(&head);
    head.drain(..mark);
    let rest = Cursor::new(head).chain(input);
    if encoding == UTF_8 {
        return Ok(Text::new(Box::new(rest)));
    }
    let input = BufReader::with_capacity(BUFFER, rest);
    let decoder = encoding.new_decoder_without_bom_handling();
    Ok(Text::new(Box::new(Decoded { input, decoder, is_at_end: false, is_broken: false })))
}

/// The encoding and the length of its byte order mark. Without a mark, every second byte of ASCII in UTF-16 is zero.
fn encoding_of(head: &[u8]) -> (&'static Encoding, usize) {
    if let Some((encoding, mark)) = Encoding::for_bom(head) {
        return (encoding, mark);
    }
    match head {
        [low, 0, next, 0, ..] if *low != 0 && *next != 0 => (UTF_16LE, 0),
        [0, low, 0, next, ..] if *low != 0 && *next != 0 => (UTF_16BE, 0),
        _ => (UTF_8, 0),
    }
}

/// A stream of UTF-8 whose next line can be looked at before it is read.
pub(super) struct Text {
    input: Box<dyn Read + Send>,
    /// Wiped in the end: lists hold secrets.
    buffer: Zeroizing<Vec<u8>>,
    start: usize,
    end: usize,
    /// An [`END_MARK`] was read last, and is part of the text if anything follows.
    holds_mark: bool,
}

impl Text {
    fn new(input: Box<dyn Read + Send>) -> Self {
        Self { input, buffer: Zeroizing::new(vec![0; BUFFER]), start: 0, end: 0, holds_mark: false }
    }

    /// What was seen already, once more.
    pub(super) fn of(seen: &[u8]) -> Self {
        let buffer = Zeroizing::new(seen.to_vec());
        Self { input: Box::new(io::empty()), end: buffer.len(), buffer, start: 0, holds_mark: false }
    }

    fn seen(&self) -> &[u8] {
        self.buffer.get(self.start..self.end).unwrap_or_default()
    }

    /// What comes next, at least to the end of its line where that is less than [`BUFFER`] away; empty at the end only. A line
    /// break inside quotes ends no line.
    pub(super) fn peek_line(&mut self) -> io::Result<&[u8]> {
        while !has_line_end(self.seen()) && self.end - self.start < self.buffer.len() {
            self.buffer.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
            if self.read_more()? == 0 {
                break;
            }
        }
        Ok(self.seen())
    }

    /// What comes next, as much as there is room for.
    pub(super) fn peek(&mut self) -> io::Result<&[u8]> {
        self.buffer.copy_within(self.start..self.end, 0);
        (self.start, self.end) = (0, self.end - self.start);
        while self.end < self.buffer.len() && self.read_more()? > 0 {}
        Ok(self.seen())
    }

    fn read_more(&mut self) -> io::Result<usize> {
        loop {
            let room = self.buffer.get_mut(self.end..).unwrap_or_default();
            // It needs a place of its own, beside one for what may follow it.
            let held = usize::from(self.holds_mark);
            if room.len() <= held {
                return Ok(0);
            }
            match self.input.read(room.get_mut(held..).unwrap_or_default()) {
                Ok(0) => return Ok(0),
                Ok(mut read) => {
                    if let (true, Some(first)) = (self.holds_mark, room.first_mut()) {
                        *first = END_MARK;
                        read += 1;
                    }
                    self.holds_mark = room.get(read - 1) == Some(&END_MARK);
                    read -= usize::from(self.holds_mark);
                    self.end += read;
                    if read > 0 {
                        return Ok(read);
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// What comes next, as much as is at hand; empty at the end only.
    pub(super) fn fill(&mut self) -> io::Result<&[u8]> {
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
            self.read_more()?;
        }
        Ok(self.seen())
    }

    /// Goes on behind the next `count` bytes.
    pub(super) fn consume(&mut self, count: usize) {
        self.start = (self.start + count).min(self.end);
    }
}

/// Whether a line feed stands outside of quotes, which mean nothing in a remark and something else in an object. A carriage return
/// alone may have its line feed behind it.
fn has_line_end(seen: &[u8]) -> bool {
    let has_quotes = !matches!(seen.trim_ascii_start().first(), Some(b'#' | b'{'));
    let mut quoted = false;
    seen.iter().any(|byte| {
        quoted ^= has_quotes && *byte == b'"';
        *byte == b'\n' && !quoted
    })
}

struct Decoded<R> {
    input: R,
    decoder: Decoder,
    is_at_end: bool,
    /// What was read last was no UTF-16.
    is_broken: bool,
}

/// A byte that no UTF-8 has: it stands for what was no UTF-16, so that its row is refused and nothing is replaced.
const BROKEN: u8 = 0xFF;

impl<R: io::BufRead> Read for Decoded<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        loop {
            if let (true, Some(first)) = (self.is_broken, out.first_mut()) {
                *first = BROKEN;
                self.is_broken = false;
                return Ok(1);
            }
            if self.is_at_end {
                return Ok(0);
            }
            let bytes = self.input.fill_buf()?;
            let last = bytes.is_empty();
            let (result, read, written) = self.decoder.decode_to_utf8_without_replacement(bytes, out, last);
            self.input.consume(read);
            self.is_broken = matches!(result, DecoderResult::Malformed(..));
            self.is_at_end = last && result == DecoderResult::InputEmpty;
            if written > 0 || (out.len() < 4 && !self.is_broken) {
                return Ok(written);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: Vec<u8>) -> String {
        let mut text = open(Box::new(Cursor::new(bytes))).unwrap();
        let mut all = Vec::new();
        loop {
            let seen = text.fill().unwrap().to_vec();
            if seen.is_empty() {
                return String::from_utf8(all).unwrap();
            }
            text.consume(seen.len());
            all.extend(seen);
        }
    }

    fn utf_16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_the_first_name() {
        assert_eq!(read(b"\xEF\xBB\xBFowner\n".to_vec()), "owner\n");
        assert_eq!(read(b"owner\n".to_vec()), "owner\n");
        assert_eq!(read(Vec::new()), "");
    }

    #[test]
    fn utf_16_of_either_order_is_read_with_or_without_its_mark() {
        let text = "owner;issuer\r\njane@bücher.example;🦀\r\n";
        for mark in ["\u{feff}", ""] {
            let text_with_mark = format!("{mark}{text}");
            assert_eq!(read(utf_16(&text_with_mark, u16::to_le_bytes)), text, "little endian, mark {mark:?}");
            assert_eq!(read(utf_16(&text_with_mark, u16::to_be_bytes)), text, "big endian, mark {mark:?}");
        }
    }

    #[test]
    fn a_line_is_seen_whole_however_it_arrives() {
        struct Dribble(Cursor<Vec<u8>>);
        impl Read for Dribble {
            fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
                let room = out.len().min(1);
                self.0.read(&mut out[..room])
            }
        }
        let mut text =
            open(Box::new(Dribble(Cursor::new(b"a long first line, indeed\nand another".to_vec())))).unwrap();
        assert!(text.peek_line().unwrap().starts_with(b"a long first line, indeed\n"));
        text.consume(26);
        assert_eq!(text.peek_line().unwrap(), b"and another");
    }

    #[test]
    fn what_is_no_utf_16_is_no_utf_8_either() {
        let mut lone = utf_16("\u{feff}owner\na", u16::to_le_bytes);
        lone.extend([0x00, 0xD8]);
        lone.extend(utf_16("b\nc\n", u16::to_le_bytes));
        let cut = utf_16("\u{feff}owner\nab", u16::to_le_bytes);
        let cut = cut[..cut.len() - 1].to_vec();
        for (bytes, expected) in [(lone, &b"owner\na\xFFb\nc\n"[..]), (cut, b"owner\na\xFF")] {
            let mut text = open(Box::new(Cursor::new(bytes))).unwrap();
            let mut all = Vec::new();
            while let Some(seen) = Some(text.fill().unwrap().to_vec()).filter(|seen| !seen.is_empty()) {
                text.consume(seen.len());
                all.extend(seen);
            }
            assert_eq!(all, expected);
        }
    }

    #[test]
    fn a_long_export_is_decoded_across_the_buffers() {
        let text = "ä€🦀,".repeat(100_000);
        assert_eq!(read(utf_16(&format!("\u{feff}{text}"), u16::to_le_bytes)), text);
    }
}
