//! One JSON object: the values of a row, by name, each once, each of its type.

use std::fmt;

use secrecy::zeroize::Zeroizing;
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::columns::Column;
use super::fields::{Fields, Given};
use super::{malformed, unknown_name};
use crate::finding::Finding;

/// Reads the object on one line.
///
/// # Errors
///
/// Why it cannot be read at all. What is wrong with one of its values goes into the fields, which have the others; values are
/// never repeated.
pub(super) fn read(text: &str) -> Result<Fields, Vec<Finding>> {
    let members: Members = serde_json::from_str(text).map_err(|error| vec![not_an_object(text, &error)])?;
    let mut fields = Fields::default();
    if members.more {
        return Err(vec![malformed(format!("the object has more than {MEMBERS} members"))]);
    }
    // One that is `null` counts: another program would take the second for the first.
    let mut seen = Vec::new();
    for (name, value) in members.first {
        let Some(column) = Column::of(&name) else {
            fields.note(unknown_name(&name));
            continue;
        };
        if seen.contains(&column) {
            fields.spoil(column, twice(column));
            continue;
        }
        seen.push(column);
        match value {
            Value::Absent => {}
            // As an empty cell of a table: programs write out what they do not have.
            Value::Text(text) if text.trim().is_empty() => {}
            Value::Text(text) => _ = fields.put(column, Given::One(text)),
            Value::List(mut texts) if matches!(column, Column::Domains | Column::VouchDomains) => {
                texts.retain(|text| !text.trim().is_empty());
                if !texts.is_empty() {
                    _ = fields.put(column, Given::Several(texts));
                }
            }
            Value::List(_) => fields.spoil(column, wrong_type(column, "a list")),
            Value::Other(kind) => fields.spoil(column, wrong_type(column, kind)),
        }
    }
    Ok(fields)
}

/// Whether a line is one whole object.
pub(super) fn is_one(line: &[u8]) -> bool {
    line.starts_with(b"{") && serde_json::from_slice::<IgnoredAny>(line).is_ok()
}

/// Whether a line ends in the middle of an object.
pub(super) fn is_cut_short(line: &[u8]) -> bool {
    serde_json::from_slice::<IgnoredAny>(line).is_err_and(|error| error.is_eof())
}

fn not_an_object(text: &str, error: &serde_json::Error) -> Finding {
    // The library's own words repeat no value; where it says that a type is wrong, it would.
    match error.classify() {
        serde_json::error::Category::Data => malformed("the line is not one JSON object"),
        serde_json::error::Category::Eof => malformed("the line ends in the middle of its JSON object"),
        _ if text.trim_start().starts_with('{') => {
            malformed(format!("the line is not one JSON object: it cannot be read at column {}", error.column()))
        }
        _ => malformed("the line is not one JSON object"),
    }
}

fn twice(column: Column) -> Finding {
    Finding::fail("row_field_twice", format!("`{}` is there twice", column.name()))
        .because("one program would take the first, another the last")
        .next("keep the right one, and run the same command again")
}

fn wrong_type(column: Column, kind: &str) -> Finding {
    let wanted = match column {
        Column::Domains | Column::VouchDomains => "text, or a list of texts",
        _ => "one text",
    };
    Finding::fail("row_field_type", format!("`{}` is {kind}; it has to be {wanted}", column.name()))
        .because("a value of another type would have to be guessed at")
        .next(format!("write it in quotation marks: {{\"{}\": \"…\"}}", column.name()))
}

/// The members of an object, in their order, as they came.
struct Members {
    /// At most [`MEMBERS`].
    first: Vec<(String, Value)>,
    /// There are more.
    more: bool,
}

/// A value of a member, as far as rows know them.
enum Value {
    Absent,
    Text(Zeroizing<String>),
    List(Vec<String>),
    /// With its article.
    Other(&'static str),
}

/// More members than any request has.
const MEMBERS: usize = 64;

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Members;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Members { first: Vec::new(), more: false };
                while let Some(name) = map.next_key::<String>()? {
                    if members.first.len() < MEMBERS {
                        members.first.push((name, map.next_value()?));
                    } else {
                        members.more = true;
                        map.next_value::<IgnoredAny>()?;
                    }
                }
                Ok(members)
            }
        }
        deserializer.deserialize_map(Object)
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Value;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a value")
            }

            fn visit_unit<E>(self) -> Result<Value, E> {
                Ok(Value::Absent)
            }

            fn visit_bool<E>(self, _: bool) -> Result<Value, E> {
                Ok(Value::Other("true or false"))
            }

            fn visit_i64<E>(self, _: i64) -> Result<Value, E> {
                Ok(Value::Other("a number"))
            }

            fn visit_u64<E>(self, _: u64) -> Result<Value, E> {
                Ok(Value::Other("a number"))
            }

            fn visit_f64<E>(self, _: f64) -> Result<Value, E> {
                Ok(Value::Other("a number"))
            }

            fn visit_str<E>(self, text: &str) -> Result<Value, E> {
                Ok(Value::Text(Zeroizing::new(text.to_owned())))
            }

            fn visit_string<E>(self, text: String) -> Result<Value, E> {
                Ok(Value::Text(Zeroizing::new(text)))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
                let mut texts = Vec::new();
                let mut only_texts = true;
                while let Some(item) = items.next_element::<Value>()? {
                    match item {
                        Value::Text(text) => texts.push(text.to_string()),
                        _ => only_texts = false,
                    }
                }
                Ok(if only_texts { Value::List(texts) } else { Value::Other("a list of something else than texts") })
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Value::Other("an object"))
            }
        }
        deserializer.deserialize_any(Any)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(text: &str) -> Vec<&'static str> {
        let findings = match read(text) {
            Ok(fields) => fields.noted.clone(),
            Err(findings) => findings,
        };
        findings.iter().map(|finding| finding.code).collect()
    }

    #[test]
    fn an_object_with_known_members_is_read_whatever_their_order() {
        let fields = read(
            r#"{"client_id": "0oa1", "owner_email": "jane@acme.example", "domains": ["a.example"], "ticket": null}"#,
        );
        assert!(!fields.unwrap().is_empty());
        assert!(read("{}").unwrap().is_empty());
    }

    #[test]
    fn every_fault_of_one_object_is_told_at_once() {
        // jsl-009, jsl-012, R-37
        assert_eq!(
            codes(r#"{"owner": ["a", "b"], "admin": true, "issuer": 7}"#),
            ["row_field_type", "row_field_unknown", "row_field_type"]
        );
        assert_eq!(codes(r#"{"owner": "a", "Owner E-Mail": "b"}"#), ["row_field_twice"]);
        assert_eq!(codes(r#"{"owner": null, "owner_email": "b"}"#), ["row_field_twice"]);
        assert_eq!(codes(r#"{"ticket": "1", "ticket": null}"#), ["row_field_twice"]);
        let many: String = (0..65).map(|number| format!("\"x{number}\": null,")).collect();
        assert_eq!(codes(&format!("{{{many} \"owner\": \"a\"}}")), ["row_syntax"]);
        assert_eq!(codes(r#"{"owner": {"a": 1}, "domains": [1]}"#), ["row_field_type", "row_field_type"]);
    }

    #[test]
    fn what_is_not_one_object_is_said_without_repeating_it() {
        // jsl-006, jsl-018
        for text in [
            "{'team':'CANARY'}",
            r#"{"owner":"CANARY"}{"owner":"x"}"#,
            r#""CANARY""#,
            "CANARY",
            r#"{"owner":"CANARY"#,
            "{\"owner\":\"\u{0}CANARY\"}",
        ] {
            let findings = read(text).unwrap_err();
            assert_eq!(findings[0].code, "row_syntax", "{text}");
            assert!(!format!("{findings:?}").contains("CANARY"), "{text}: {findings:?}");
        }
    }

    #[test]
    fn nesting_without_end_is_refused_not_followed() {
        let deep = format!("{{\"owner\": {}", "[".repeat(100_000));
        assert_eq!(codes(&deep), ["row_syntax"]);
    }
}
