//! Bytes to text, as XML 1.0 section 4.3.3 and appendix F have it: a byte order mark decides, else the declaration.

use std::borrow::Cow;
use std::io::{self, BufRead, Read};

use encoding_rs::{Decoder, DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// How a document was encoded, and whether it said so itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Charset {
    encoding: &'static Encoding,
    /// Bytes of byte order mark before the text.
    pub mark: usize,
    /// The declaration names another encoding than the bytes have.
    pub contradicted: bool,
}

/// Why bytes cannot be made text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotText {
    /// The declaration names an encoding that is not read here.
    #[error("it declares the encoding `{0}`, which is not read here")]
    Unknown(String),
    /// Bytes that the encoding does not have.
    #[error("it is not valid {0} text")]
    Malformed(&'static str),
}

impl Charset {
    /// Tells the encoding from the first bytes of a document.
    ///
    /// # Errors
    ///
    /// [`NotText::Unknown`], with the name that the document declares.
    pub fn of(head: &[u8]) -> Result<Self, NotText> {
        let (encoding, mark) = match head {
            [0xEF, 0xBB, 0xBF, ..] => (UTF_8, 3),
            [0xFF, 0xFE, 0, 0, ..] | [0, 0, 0xFE, 0xFF, ..] => return Err(NotText::Unknown("UTF-32".to_owned())),
            [0xFF, 0xFE, ..] => (UTF_16LE, 2),
            [0xFE, 0xFF, ..] => (UTF_16BE, 2),
            [0, first, 0, second, ..] if first.is_ascii() && second.is_ascii() => (UTF_16BE, 0),
            [first, 0, second, 0, ..] if first.is_ascii() && second.is_ascii() && *first != 0 => (UTF_16LE, 0),
            _ => return Self::declared(head),
        };
        let (text, _) = encoding.decode_without_bom_handling(head.get(mark..head.len().min(512)).unwrap_or_default());
        let contradicted = declaration(text.as_bytes()).is_some_and(|label| {
            let named = Encoding::for_label(label.as_bytes());
            // "UTF-16" names either order of bytes.
            named != Some(encoding) && !(encoding == UTF_16BE && label.eq_ignore_ascii_case("utf-16"))
        });
        Ok(Self { encoding, mark, contradicted })
    }

    fn declared(head: &[u8]) -> Result<Self, NotText> {
        let plain = Self { encoding: UTF_8, mark: 0, contradicted: false };
        let Some(label) = declaration(head) else { return Ok(plain) };
        match Encoding::for_label_no_replacement(label.as_bytes()) {
            // A text that was UTF-16 while a program had it in memory, and was written as UTF-8.
            Some(wide) if wide == UTF_16LE || wide == UTF_16BE => Ok(Self { contradicted: true, ..plain }),
            // HTML's own odd man out is nothing that XML could mean.
            Some(encoding) if encoding != encoding_rs::X_USER_DEFINED => Ok(Self { encoding, ..plain }),
            _ => Err(NotText::Unknown(label.to_owned())),
        }
    }

    /// The encoding's name, as browsers call it (`windows-1252` stands for ISO-8859-1 too).
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.encoding.name()
    }

    /// The text of a whole document, without its byte order mark.
    ///
    /// # Errors
    ///
    /// [`NotText::Malformed`]: nothing is ever replaced.
    pub fn decode<'b>(&self, bytes: &'b [u8]) -> Result<Cow<'b, str>, NotText> {
        let bytes = bytes.get(self.mark..).unwrap_or_default();
        let text = if self.encoding == UTF_8 {
            // What nearly all documents are. The standard library's reader needs not to find out first what the processor
            // can do, which takes longer than reading a document.
            std::str::from_utf8(bytes).ok().map(Cow::Borrowed)
        } else {
            self.encoding.decode_without_bom_handling_and_without_replacement(bytes)
        };
        text.ok_or(NotText::Malformed(self.name()))
    }

    /// The text of a document that is read piece by piece, as UTF-8. Bytes that the encoding does not have end it with
    /// [`io::ErrorKind::InvalidData`].
    pub(super) fn stream<'r>(&self, mut bytes: impl BufRead + 'r) -> io::Result<Box<dyn BufRead + 'r>> {
        let mut mark = vec![0; self.mark];
        bytes.read_exact(&mut mark)?;
        if self.encoding == UTF_8 {
            // The reader above checks UTF-8 by itself, node by node.
            return Ok(Box::new(bytes));
        }
        let decoder = self.encoding.new_decoder_without_bom_handling();
        Ok(Box::new(Transcoded { bytes, decoder, text: vec![0; CHUNK], from: 0, to: 0, ended: false }))
    }
}

const CHUNK: usize = 64 * 1024;

struct Transcoded<R> {
    bytes: R,
    decoder: Decoder,
    text: Vec<u8>,
    from: usize,
    to: usize,
    ended: bool,
}

impl<R: BufRead> BufRead for Transcoded<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.from == self.to && !self.ended {
            let input = self.bytes.fill_buf()?;
            let last = input.is_empty();
            let (result, read, written) = self.decoder.decode_to_utf8_without_replacement(input, &mut self.text, last);
            self.bytes.consume(read);
            (self.from, self.to) = (0, written);
            match result {
                DecoderResult::Malformed(..) => return Err(io::ErrorKind::InvalidData.into()),
                DecoderResult::InputEmpty => self.ended = last,
                DecoderResult::OutputFull => {}
            }
        }
        Ok(self.text.get(self.from..self.to).unwrap_or_default())
    }

    fn consume(&mut self, count: usize) {
        self.from = self.from.saturating_add(count).min(self.to);
    }
}

impl<R: BufRead> Read for Transcoded<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(out)?;
        self.consume(count);
        Ok(count)
    }
}

/// The encoding that an XML declaration at the very start of `head` names.
fn declaration(head: &[u8]) -> Option<&str> {
    let head = head.get(..head.len().min(512)).unwrap_or_default().trim_ascii_start();
    let inside = head.strip_prefix(b"<?xml")?;
    let end = inside.windows(2).position(|pair| pair == b"?>")?;
    let inside = std::str::from_utf8(inside.get(..end)?).ok()?;
    let value = inside.split_once("encoding")?.1.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|one| matches!(one, '"' | '\''))?;
    value.get(1..)?.split(quote).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(head: &[u8]) -> &'static str {
        Charset::of(head).unwrap().name()
    }

    fn wide(text: &str, mark: bool) -> Vec<u8> {
        let units = mark.then_some('\u{feff}').into_iter().chain(text.chars());
        units.collect::<String>().encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    #[test]
    fn without_a_word_it_is_utf_8() {
        assert_eq!(name(b"<a/>"), "UTF-8");
        assert_eq!(name(b""), "UTF-8");
    }

    #[test]
    fn a_byte_order_mark_decides_against_the_declaration_and_that_is_noticed() {
        let bytes = wide("<?xml version=\"1.0\" encoding=\"UTF-8\"?><a/>", true);
        let charset = Charset::of(&bytes).unwrap();
        assert_eq!((charset.name(), charset.contradicted), ("UTF-16LE", true));
        assert_eq!(charset.decode(&bytes).unwrap(), "<?xml version=\"1.0\" encoding=\"UTF-8\"?><a/>");
        assert!(!Charset::of(&wide("<?xml version=\"1.0\" encoding=\"utf-16\"?><a/>", true)).unwrap().contradicted);
    }

    #[test]
    fn utf_16_is_told_without_a_mark() {
        let mut bytes = wide("<?xml version=\"1.0\" encoding=\"UTF-16\"?><a/>", false);
        assert_eq!(name(&bytes), "UTF-16LE");
        bytes.chunks_exact_mut(2).for_each(<[u8]>::reverse);
        let charset = Charset::of(&bytes).unwrap();
        assert_eq!((charset.name(), charset.contradicted), ("UTF-16BE", false));
        assert!(charset.decode(&bytes).unwrap().ends_with("<a/>"));
    }

    #[test]
    fn a_declared_encoding_is_used() {
        let bytes = b"<?xml version='1.0' encoding='ISO-8859-1'?><a b='M\xFCller'/>";
        assert!(Charset::of(bytes).unwrap().decode(bytes).unwrap().contains("Müller"));
    }

    #[test]
    fn utf_8_that_calls_itself_utf_16_is_read_as_what_it_is() {
        let charset = Charset::of(b"<?xml version=\"1.0\" encoding=\"utf-16\"?><a/>").unwrap();
        assert_eq!((charset.name(), charset.contradicted), ("UTF-8", true));
    }

    #[test]
    fn an_encoding_that_could_hide_markup_is_unknown() {
        for label in ["utf-7", "replacement", "x-user-defined", "klingon", "UTF-32"] {
            let head = format!("<?xml version=\"1.0\" encoding=\"{label}\"?><a/>");
            assert_eq!(Charset::of(head.as_bytes()), Err(NotText::Unknown(label.to_owned())));
        }
        assert!(Charset::of(b"\xFF\xFE\0\0<\0\0\0").is_err());
    }

    #[test]
    fn invalid_bytes_are_not_replaced_but_refused() {
        let bytes = b"<a>\xC3\x28</a>";
        assert_eq!(Charset::of(bytes).unwrap().decode(bytes), Err(NotText::Malformed("UTF-8")));
    }

    #[test]
    fn piece_by_piece_comes_out_what_comes_out_at_once() {
        let text = "<?xml version=\"1.0\" encoding=\"utf-16\"?><a>".to_owned() + &"Grüße 株 ".repeat(40_000) + "</a>";
        let bytes = wide(&text, true);
        let mut streamed = String::new();
        Charset::of(&bytes).unwrap().stream(bytes.as_slice()).unwrap().read_to_string(&mut streamed).unwrap();
        assert!(streamed == text);
        let cut = bytes.get(..bytes.len() - 1).unwrap();
        assert!(Charset::of(cut).unwrap().stream(cut).unwrap().read_to_end(&mut Vec::new()).is_err());
    }
}
