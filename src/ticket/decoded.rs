//! From the bytes of a part to its text, where the mail does not say what they are, or says it wrongly.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};
use mail_parser::decoders::base64::base64_decode;
use mail_parser::decoders::charsets::map::charset_decoder;
use mail_parser::decoders::quoted_printable::quoted_printable_decode;
use mail_parser::{Message, MessagePart, MimeHeaders as _};

use super::{MAIL_BYTES, Unreadable, head, without_mark};

/// Bytes of a file from whose start its encoding is told.
const START: usize = 64;

/// Ends of names of files that are text, whatever type the mail program gave them.
const TEXT_NAMES: [&str; 16] = [
    "txt",
    "text",
    "csv",
    "tsv",
    "json",
    "yaml",
    "yml",
    "md",
    "log",
    "env",
    "ini",
    "conf",
    "cfg",
    "properties",
    "html",
    "htm",
];

/// A mail or a text as an editor saved it: out of UTF-16, without the byte order mark, and with line ends that are read as such
/// where the file has carriage returns alone.
pub(super) fn file(bytes: &[u8]) -> Result<Cow<'_, [u8]>, Unreadable> {
    if bytes.len() > MAIL_BYTES {
        return Err(Unreadable::TooLarge);
    }
    let mut file = match wide(bytes).and_then(|_| text(bytes, None)) {
        Some(text) => Cow::Owned(text.into_bytes()),
        None => Cow::Borrowed(without_mark(bytes)),
    };
    if file.contains(&b'\r') && !file.contains(&b'\n') {
        let as_line_end = |byte: &u8| if *byte == b'\r' { b'\n' } else { *byte };
        file = Cow::Owned(file.iter().map(as_line_end).collect());
    }
    // A head that was copied along with the blank lines above it.
    if file.first().is_some_and(u8::is_ascii_whitespace) && head::has_head(file.trim_ascii_start()) {
        file = Cow::Owned(file.trim_ascii_start().to_vec());
    }
    Ok(file)
}

/// Whether a file's name says that it is text.
pub(super) fn is_text_name(name: &str) -> bool {
    TEXT_NAMES.iter().any(|end| ends_in(name, end))
}

/// Whether a file's name has this end.
pub(super) fn ends_in(name: &str, end: &str) -> bool {
    name.trim().rsplit_once('.').is_some_and(|(_, behind)| behind.eq_ignore_ascii_case(end))
}

/// The bytes of a part in base64 that no decoder reads to its end.
pub(super) struct Start {
    /// What stands before that.
    pub(super) bytes: Vec<u8>,
    /// It ends in the middle of something, and not above the footer of a mailing list.
    pub(super) is_torn: bool,
}

/// The start of a part in base64 behind which something else stands.
pub(super) fn start(message: &Message<'_>, part: &MessagePart<'_>) -> Option<Start> {
    if !part.is_encoding_problem || !is_encoded(part, "base64") {
        return None;
    }
    let is_base64 = |line: &&[u8]| !line.is_empty() && line.iter().copied().all(is_of_base64);
    let lines = || raw(message, part).unwrap_or_default().split(|one| *one == b'\n').map(<[u8]>::trim_ascii);
    let lines = || lines().skip_while(|line| line.is_empty());
    let encoded: Vec<&[u8]> = lines().take_while(is_base64).collect();
    let behind = lines().nth(encoded.len()).unwrap_or_default();
    let encoded = encoded.concat();
    // A footer is words: a line that has none is one of base64 in which something was changed.
    let is_line_of_it =
        behind.len() > 20 && !behind.contains(&b' ') && behind.iter().filter(|one| !is_of_base64(**one)).count() < 8;
    let is_torn = is_line_of_it || encoded.len() % 4 != 0;
    base64_decode(&encoded).filter(|decoded| !decoded.is_empty()).map(|bytes| Start { bytes, is_torn })
}

/// Whether a part in base64 was cut off: what is encoded comes in groups of four.
pub(super) fn is_cut(message: &Message<'_>, part: &MessagePart<'_>) -> bool {
    let of_it = |raw: &[u8]| {
        let length = raw.iter().filter(|one| !one.is_ascii_whitespace()).count();
        length % 4 != 0 && raw.iter().all(|one| one.is_ascii_whitespace() || is_of_base64(*one))
    };
    is_encoded(part, "base64") && raw(message, part).is_some_and(of_it)
}

const fn is_of_base64(one: u8) -> bool {
    one.is_ascii_alphanumeric() || matches!(one, b'+' | b'/' | b'=')
}

/// The bytes of a part as they were before they were mailed.
pub(super) fn bytes(message: &Message<'_>, part: &MessagePart<'_>) -> Option<Vec<u8>> {
    let raw = raw(message, part)?;
    if is_encoded(part, "base64") {
        base64_decode(raw)
    } else if is_encoded(part, "quoted-printable") {
        quoted_printable_decode(raw)
    } else {
        Some(raw.to_vec())
    }
}

fn raw<'m>(message: &'m Message<'_>, part: &MessagePart<'_>) -> Option<&'m [u8]> {
    let (start, end) = (usize::try_from(part.offset_body).ok()?, usize::try_from(part.offset_end).ok()?);
    message.raw_message.get(start..end)
}

fn is_encoded(part: &MessagePart<'_>, encoding: &str) -> bool {
    part.content_transfer_encoding().is_some_and(|one| one.trim().eq_ignore_ascii_case(encoding))
}

/// Whether a text was UTF-16 that nobody said it was.
pub(super) fn was_wide(text: &str) -> bool {
    text.starts_with("\u{fffd}\u{fffd}") || text.chars().take(START).filter(|one| *one == '\0').count() > 1
}

/// The text of a file: in UTF-16 where its start says so, in `charset` where that is known, else in UTF-8. `None` for what
/// is no text.
pub(super) fn text(bytes: &[u8], charset: Option<&str>) -> Option<String> {
    let decoded = match wide(bytes) {
        Some((encoding, mark)) => {
            let (text, broken) = encoding.decode_without_bom_handling(bytes.get(mark..)?);
            (!broken).then(|| text.into_owned())?
        }
        None => match charset.and_then(|charset| charset_decoder(charset.trim().trim_matches('"').as_bytes())) {
            Some(decode) => decode(bytes),
            None => std::str::from_utf8(bytes).ok()?.to_owned(),
        },
    };
    (!decoded.contains('\0')).then_some(decoded)
}

/// The kind of UTF-16 that bytes are, and the length of their mark. Without a mark, every second byte of ASCII is zero.
fn wide(bytes: &[u8]) -> Option<(&'static Encoding, usize)> {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return (encoding == UTF_16LE || encoding == UTF_16BE).then_some((encoding, mark));
    }
    match bytes {
        [low, 0, next, 0, ..] if *low != 0 && *next != 0 => Some((UTF_16LE, 0)),
        [0, low, 0, next, ..] if *low != 0 && *next != 0 => Some((UTF_16BE, 0)),
        _ => None,
    }
}
