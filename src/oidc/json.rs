//! JSON from strangers, read without forgiveness.
//!
//! Two parsers that disagree about a document are how an attacker shows one issuer to the checker and another to the
//! product. So: UTF-8 (or UTF-16 with a byte order mark, which some servers still send), one value, no member twice,
//! and no more nesting than [`NESTING`].

use std::cell::RefCell;

use serde::de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// Deepest nesting of arrays and objects that is read.
pub const NESTING: usize = 64;

/// A JSON value and what was odd about the bytes it came in.
#[derive(Debug, Clone)]
pub struct Parsed {
    /// The value; of a member given twice, the first.
    pub value: Value,
    /// Names that stand more than once in one object, escapes resolved.
    pub duplicates: Several,
    /// How the text was encoded.
    pub encoding: Encoding,
}

/// Names out of a document that may hold any number of them: the first few, and how many there are. What a stranger's
/// document can make longer without end has no place in a report.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Several {
    first: Vec<String>,
    count: usize,
}

impl Several {
    /// How many are named.
    pub const NAMED: usize = 3;

    /// Takes one more name; one of the first few is taken once.
    pub fn push(&mut self, name: &str) {
        if self.first.iter().any(|known| known == name) {
            return;
        }
        self.count += 1;
        if self.first.len() < Self::NAMED {
            self.first.push(name.to_owned());
        }
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Those that are named.
    #[must_use]
    pub fn first(&self) -> &[String] {
        &self.first
    }

    /// How many there are.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.count
    }
}

impl std::fmt::Display for Several {
    /// `` `a`, `b`, `c` (and 4 more) ``, printable.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (position, name) in self.first.iter().enumerate() {
            let separator = if position == 0 { "" } else { ", " };
            write!(formatter, "{separator}`{}`", crate::foreign::shown_up_to(name, 60))?;
        }
        match self.count.saturating_sub(self.first.len()) {
            0 => Ok(()),
            more => write!(formatter, " (and {more} more)"),
        }
    }
}

/// How a JSON text was encoded. RFC 8259 section 8.1 asks for UTF-8 without a byte order mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// As it should be.
    Utf8,
    /// With a byte order mark, which a reader may ignore.
    Utf8WithMark,
    /// UTF-16 with a byte order mark.
    Utf16,
}

/// Why bytes are no JSON value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotJson {
    /// Nothing, or white space.
    #[error("the answer is empty")]
    Empty,
    /// A web page.
    #[error("the answer is a web page (HTML), not JSON")]
    Html {
        /// It asks somebody to sign in.
        sign_in_page: bool,
    },
    /// XML that is no page: SAML metadata, or an error of a server that speaks XML.
    #[error("the answer is XML, not JSON")]
    Xml,
    /// Bytes that are no text in the encoding they claim.
    #[error("the answer is not valid UTF-8 text")]
    Encoding,
    /// The text ends too early.
    #[error("the JSON ends in the middle, after {bytes} bytes")]
    Truncated {
        /// Length of what there is.
        bytes: usize,
    },
    /// Over [`NESTING`] levels.
    #[error("the JSON is nested deeper than {NESTING} levels")]
    TooDeep,
    /// Anything else.
    #[error("the answer is not JSON (line {line}, column {column})")]
    Syntax {
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
    },
}

impl NotJson {
    /// Stable reason for scripts.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooDeep => "json_too_deep",
            Self::Html { sign_in_page: true } => "login_page",
            Self::Html { sign_in_page: false } => "html_page",
            _ => "not_json",
        }
    }
}

/// Reads exactly one JSON value from `bytes`.
///
/// # Errors
///
/// [`NotJson`]: what the bytes are instead.
pub fn parse(bytes: &[u8]) -> Result<Parsed, NotJson> {
    let (text, encoding) = decode(bytes)?;
    if text.trim().is_empty() {
        return Err(NotJson::Empty);
    }
    if text.trim_start().starts_with('<') {
        if is_xml(text.trim_start()) {
            return Err(NotJson::Xml);
        }
        return Err(NotJson::Html { sign_in_page: looks_like_sign_in(&text) });
    }
    let seen = Collector::default();
    let mut reader = serde_json::Deserializer::from_str(&text);
    let value = StrictSeed { collector: &seen, depth: 0 }
        .deserialize(&mut reader)
        .and_then(|value| reader.end().map(|()| value))
        .map_err(|error| explain(&error, &seen, text.len()))?;
    Ok(Parsed { value, duplicates: seen.duplicates.into_inner(), encoding })
}

fn explain(error: &serde_json::Error, seen: &Collector, bytes: usize) -> NotJson {
    if *seen.too_deep.borrow() {
        NotJson::TooDeep
    } else if error.is_eof() {
        NotJson::Truncated { bytes }
    } else {
        NotJson::Syntax { line: error.line(), column: error.column() }
    }
}

fn decode(bytes: &[u8]) -> Result<(String, Encoding), NotJson> {
    if let Some(rest) = bytes.strip_prefix(b"\xEF\xBB\xBF") {
        let text = std::str::from_utf8(rest).map_err(|_| NotJson::Encoding)?;
        return Ok((text.to_owned(), Encoding::Utf8WithMark));
    }
    let utf16: Option<fn([u8; 2]) -> u16> = match bytes {
        [0xFF, 0xFE, ..] => Some(u16::from_le_bytes),
        [0xFE, 0xFF, ..] => Some(u16::from_be_bytes),
        _ => None,
    };
    if let Some(unit) = utf16 {
        let (pairs, odd) = bytes.as_chunks::<2>();
        if !odd.is_empty() {
            return Err(NotJson::Encoding);
        }
        let units = pairs.iter().skip(1).map(|pair| unit(*pair));
        let text: Result<String, _> = char::decode_utf16(units).collect();
        return Ok((text.map_err(|_| NotJson::Encoding)?, Encoding::Utf16));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| NotJson::Encoding)?;
    Ok((text.to_owned(), Encoding::Utf8))
}

/// Whether a text that begins with a `<` is XML and no page, which may be written as XML, too.
fn is_xml(text: &str) -> bool {
    (text.starts_with("<?xml") || text.contains("EntityDescriptor")) && !text.to_ascii_lowercase().contains("<html")
}

fn looks_like_sign_in(page: &str) -> bool {
    let page = page.to_ascii_lowercase();
    ["type=\"password\"", "type='password'", "type=password", "sign in", "log in", "login", "anmelden", "samlrequest"]
        .iter()
        .any(|mark| page.contains(mark))
}

#[derive(Default)]
struct Collector {
    duplicates: RefCell<Several>,
    too_deep: RefCell<bool>,
}

#[derive(Clone, Copy)]
struct StrictSeed<'c> {
    collector: &'c Collector,
    depth: usize,
}

impl StrictSeed<'_> {
    fn deeper<E: serde::de::Error>(self) -> Result<Self, E> {
        if self.depth == NESTING {
            *self.collector.too_deep.borrow_mut() = true;
            return Err(E::custom("too deep"));
        }
        Ok(Self { depth: self.depth + 1, ..self })
    }
}

impl<'de> DeserializeSeed<'de> for StrictSeed<'_> {
    type Value = Value;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for StrictSeed<'_> {
    type Value = Value;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("not a number"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(inner)? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            let value = members.next_value_seed(inner)?;
            if object.contains_key(&name) {
                if name.len() > 1024 {
                    return Err(A::Error::custom("a member name is too long"));
                }
                self.collector.duplicates.borrow_mut().push(&name);
            } else {
                object.insert(name, value);
            }
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(bytes: &[u8]) -> &'static str {
        parse(bytes).unwrap_err().code()
    }

    #[test]
    fn a_member_given_twice_is_named_even_when_spelt_with_an_escape() {
        let parsed = parse(br#"{"token_endpoint":"a","token\u005fendpoint":"b"}"#).unwrap();
        assert_eq!(parsed.duplicates.to_string(), "`token_endpoint`");
        assert_eq!(parsed.value["token_endpoint"], "a");
    }

    #[test]
    fn of_very_many_members_given_twice_a_few_are_named() {
        let twice: Vec<String> = (0..1000).flat_map(|number| [number, number]).map(|n| format!("\"m{n}\":0")).collect();
        let parsed = parse(format!("{{{}}}", twice.join(",")).as_bytes()).unwrap();
        assert_eq!(parsed.duplicates.count(), 1000);
        assert_eq!(parsed.duplicates.to_string(), "`m0`, `m1`, `m2` (and 997 more)");
        let parsed = parse(format!("{{{}}}", vec!["\"m\":0"; 1000].join(",")).as_bytes()).unwrap();
        assert_eq!((parsed.duplicates.count(), parsed.duplicates.to_string()), (1, "`m`".to_owned()));
    }

    #[test]
    fn trailing_garbage_is_not_json() {
        assert_eq!(code(br"{}}{"), "not_json");
    }

    #[test]
    fn a_cut_text_is_told_from_a_wrong_one() {
        assert!(matches!(parse(br#"{"a": "b"#), Err(NotJson::Truncated { .. })));
        assert!(matches!(parse(br#"{"a": b}"#), Err(NotJson::Syntax { .. })));
    }

    #[test]
    fn a_hundred_thousand_brackets_are_too_deep() {
        let text = "[".repeat(100_000) + &"]".repeat(100_000);
        assert_eq!(code(text.as_bytes()), "json_too_deep");
    }

    #[test]
    fn invalid_utf_8_is_not_replaced_but_refused() {
        assert_eq!(parse(b"{\"a\":\"\xC3\x28\"}").unwrap_err(), NotJson::Encoding);
    }

    #[test]
    fn a_sign_in_page_is_told_from_any_other_page() {
        assert_eq!(code(b"<!doctype html><input type=\"password\">"), "login_page");
        assert_eq!(code(b"<html>It works</html>"), "html_page");
    }

    #[test]
    fn xml_is_told_from_a_page() {
        for text in [
            "<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code></Error>",
            "\n<md:EntityDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\"/>",
        ] {
            assert_eq!(parse(text.as_bytes()).unwrap_err(), NotJson::Xml, "{text}");
        }
        assert_eq!(code(b"<?xml version=\"1.0\"?><!DOCTYPE html><html>It works</html>"), "html_page");
    }

    #[test]
    fn byte_order_marks_are_read_and_reported() {
        assert_eq!(parse(b"\xEF\xBB\xBF{}").unwrap().encoding, Encoding::Utf8WithMark);
        assert_eq!(parse(b"\xFF\xFE{\0}\0").unwrap().encoding, Encoding::Utf16);
        assert_eq!(parse(b"\xFE\xFF\0{\0}").unwrap().encoding, Encoding::Utf16);
    }

    #[test]
    fn nothing_is_named_nothing() {
        assert_eq!(parse(b" \n").unwrap_err(), NotJson::Empty);
    }
}
