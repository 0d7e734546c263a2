//! Text that strangers wrote, made fit to be shown; and what in it is not what it seems: names that imitate others
//! ([`lookalike`]), words that nobody replaced ([`placeholder`]), sentences in a secret's place ([`saying`]), links that a mail
//! filter rewrote ([`link`]), files that are no text ([`file_kind`]), private keys that travelled along ([`private_key`]).
//!
//! Customer values, server answers and database names reach terminals, JSON documents and mails. Everything that came
//! from outside passes through here before it becomes part of a message, so that no escape sequence, bidi override or
//! invisible character acts on the reader's screen (CWE-150; rule C-07).

pub(crate) mod file_kind;
pub(crate) mod link;
pub(crate) mod lookalike;
pub(crate) mod placeholder;
pub(crate) mod private_key;
pub(crate) mod saying;

use std::fmt::Write as _;

/// The longest excerpt of foreign text a message quotes, in characters.
pub const EXCERPT_CHARACTERS: usize = 200;

/// `text` on one line with everything invisible or harmful written out as `\u{…}`, at most
/// [`EXCERPT_CHARACTERS`] characters of it.
#[must_use]
pub fn shown(text: &str) -> String {
    shown_up_to(text, EXCERPT_CHARACTERS)
}

/// As [`shown`], the whole of it: for a path, which is of no use when it is cut.
#[must_use]
pub fn shown_whole(text: &str) -> String {
    shown_up_to(text, usize::MAX)
}

/// As [`shown`], with a limit of the caller's: `limit` characters of the original, then `…`.
#[must_use]
pub fn shown_up_to(text: &str, limit: usize) -> String {
    // Nearly every text is plain ASCII.
    if text.len() <= limit && text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len().min(limit.saturating_mul(4)));
    for (position, character) in text.chars().enumerate() {
        if position == limit {
            out.push('…');
            break;
        }
        if is_harmless(character) {
            out.push(character);
        } else {
            // Writing to a String cannot fail.
            let _ = write!(out, "\\u{{{:x}}}", u32::from(character));
        }
    }
    out
}

/// What somebody who typed `name` most likely meant among the names that are `known`, where one is near at all.
#[must_use]
pub fn meant<'k>(name: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    // Nothing that long is a misspelt name, and the comparison is quadratic.
    let name = Some(name).filter(|name| name.len() <= 64)?;
    let distances = known.into_iter().map(|known| (strsim::damerau_levenshtein(name, known), known));
    let (distance, nearest) = distances.min_by_key(|(distance, _)| *distance)?;
    (distance <= 1 + name.len() / 5).then_some(nearest)
}

/// Whether `character` may appear on a terminal as it is: it occupies space, and moves nothing.
#[must_use]
pub fn is_harmless(character: char) -> bool {
    !character.is_control() && !is_invisible(character) && character != '\u{2028}' && character != '\u{2029}'
}

/// Whether `character` takes no room on the screen: zero-width characters, bidi marks and overrides, soft hyphen,
/// byte order mark, variation selectors and tag characters.
#[must_use]
pub fn is_invisible(character: char) -> bool {
    matches!(u32::from(character),
        0x00AD | 0x034F | 0x061C | 0x115F..=0x1160 | 0x17B4..=0x17B5 | 0x180B..=0x180F
        | 0x200B..=0x200F | 0x202A..=0x202E | 0x2060..=0x206F | 0x3164
        | 0xFE00..=0xFE0F | 0xFEFF | 0xFFA0 | 0xFFF0..=0xFFFB | 0xE0000..=0xE0FFF)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_escape_sequence_is_written_out() {
        assert_eq!(shown("a\u{1b}[2Jb"), "a\\u{1b}[2Jb");
    }

    #[test]
    fn a_bidi_override_and_a_c1_control_are_written_out() {
        assert_eq!(shown("x\u{202e}y\u{9b}z"), "x\\u{202e}y\\u{9b}z");
    }

    #[test]
    fn ordinary_words_in_any_script_stay() {
        assert_eq!(shown("Müller & Söhne 株式会社"), "Müller & Söhne 株式会社");
    }

    #[test]
    fn a_slip_of_the_keyboard_is_told_from_another_word() {
        let known = ["bad_secret", "expired_secret"];
        assert_eq!(meant("bad-secret", known), Some("bad_secret"));
        assert_eq!(meant("expierd_secret", known), Some("expired_secret"));
        assert_eq!(meant("secret", known), None);
        assert_eq!(meant(&"bad_secret".repeat(7), known), None);
    }

    #[test]
    fn a_long_text_is_cut_and_says_so() {
        assert_eq!(shown_up_to("abcdef", 3), "abc…");
    }
}
