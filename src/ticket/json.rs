//! A JSON object in a text, read as the table it is. A member that is there twice is two rows: which of them is meant is
//! not for a parser to say.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use super::known;

/// Lines of an object that are taken together.
const LINES: usize = 200;

/// Longest text of an object that is looked at, in bytes.
const BYTES: usize = 64 * 1024;

/// Levels of an object that are looked into.
const DEPTH: usize = 4;

/// An object that was found.
pub(super) struct Object {
    members: Vec<(String, Node)>,
    /// The lines it takes.
    pub(super) lines: usize,
}

impl Object {
    /// Hands each text in it to `row`, with the name of its member, from the top; until that says that it is enough.
    pub(super) fn rows(&self, mut row: impl FnMut(&str, &str) -> bool) {
        let _enough = members(&self.members, DEPTH, &mut row);
    }
}

/// Whether a line may be the first one of an object, or of a list of them.
pub(super) fn may_start(line: &str) -> bool {
    let line = line.trim();
    line.starts_with('{')
        || line.strip_prefix('[').is_some_and(|rest| matches!(rest.trim_start().chars().next(), None | Some('{')))
}

/// The object that starts on the first of `lines` and ends at the end of a line. Looks at each line once.
pub(super) fn object<'t>(lines: impl Iterator<Item = &'t str>) -> Option<Object> {
    let (mut text, mut open) = (String::new(), 0_usize);
    for (position, line) in lines.take(LINES).enumerate() {
        if text.len() + line.len() > BYTES {
            return None;
        }
        let (mut in_string, mut escaped) = (false, false);
        for (at, byte) in line.bytes().enumerate() {
            match byte {
                _ if escaped => escaped = false,
                b'\\' if in_string => escaped = true,
                b'"' => in_string = !in_string,
                b'{' | b'[' if !in_string => open += 1,
                b'}' | b']' if !in_string => {
                    open = open.checked_sub(1)?;
                    if open == 0 {
                        let (last, behind) = line.split_at_checked(at + 1)?;
                        let ends = behind.trim().trim_end_matches([',', ';']).is_empty();
                        text.push_str(last);
                        return ends.then(|| parse(&text, position + 1))?;
                    }
                }
                _ => {}
            }
        }
        if in_string {
            // No text of JSON goes over the end of a line.
            return None;
        }
        text.push_str(line);
        text.push('\n');
    }
    None
}

fn parse(text: &str, lines: usize) -> Option<Object> {
    match serde_json::from_str(text) {
        Ok(Node::Object(members)) => Some(Object { members, lines }),
        // A list of settings.
        Ok(Node::Array(values)) if values.iter().any(|value| matches!(value, Node::Object(_))) => {
            Some(Object { members: vec![(String::new(), Node::Array(values))], lines })
        }
        _ => None,
    }
}

fn members(of: &[(String, Node)], levels: usize, row: &mut impl FnMut(&str, &str) -> bool) -> bool {
    let text = |wanted: &str| {
        let mut texts = of.iter().filter(|(name, _)| name == wanted).map(|(_, value)| match value {
            Node::Text(text) => Some(text.as_str()),
            _ => None,
        });
        // Of a member that is there twice, nobody knows which one is meant.
        texts.next().flatten().filter(|_| texts.next().is_none())
    };
    let known = known::object(text);
    let told = known.as_ref().map_or(&[][..], |known| known.told);
    known.iter().flat_map(|known| &known.rows).all(|(label, value)| row(label, value))
        && of
            .iter()
            .filter(|(name, _)| !told.contains(&name.as_str()))
            .all(|(name, value)| flatten(name, value, levels, row))
}

fn flatten(name: &str, value: &Node, levels: usize, row: &mut impl FnMut(&str, &str) -> bool) -> bool {
    match value {
        Node::Text(text) => row(name, text),
        Node::Array(values) if levels > 0 => values.iter().all(|value| flatten(name, value, levels - 1, row)),
        Node::Object(inner) if levels > 0 => members(inner, levels - 1, row),
        _ => true,
    }
}

/// A value of JSON with its members as they stand: in their order, and none of them lost.
enum Node {
    Text(String),
    Array(Vec<Node>),
    Object(Vec<(String, Node)>),
    /// A number, `true`, `false` or `null`.
    Other,
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Nodes)
    }
}

struct Nodes;

impl<'de> Visitor<'de> for Nodes {
    type Value = Node;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Node, E> {
        Ok(Node::Other)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Node, E> {
        Ok(Node::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Node, E> {
        Ok(Node::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Node, E> {
        Ok(Node::Other)
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Other)
    }

    fn visit_str<E>(self, text: &str) -> Result<Node, E> {
        Ok(Node::Text(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Node, E> {
        Ok(Node::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Node, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = sequence.next_element()? {
            values.push(value);
        }
        Ok(Node::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Node::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Option<Vec<(String, String)>> {
        let found = object(text.lines())?;
        let mut rows = Vec::new();
        found.rows(|name, text| {
            rows.push((name.to_owned(), text.to_owned()));
            true
        });
        Some(rows)
    }

    fn pair(name: &str, text: &str) -> (String, String) {
        (name.to_owned(), text.to_owned())
    }

    #[test]
    fn an_object_ends_with_its_brace_whatever_its_texts_hold() {
        let text = "{\"a\": \"}\\\"{\",\n \"b\": [\"c\", {\"d\": \"e\"}], \"f\": 1, \"g\": null\n},\nmore";
        assert_eq!(rows(text), Some(vec![pair("a", "}\"{"), pair("b", "c"), pair("d", "e")]));
        assert_eq!(object(text.lines()).map(|found| found.lines), Some(3));
    }

    #[test]
    fn a_member_that_is_there_twice_is_two_rows() {
        assert_eq!(rows("{\"a\": \"b\", \"a\": \"c\"}"), Some(vec![pair("a", "b"), pair("a", "c")]));
    }

    #[test]
    fn a_list_of_settings_is_a_row_for_each() {
        let text = "[\n{\"name\": \"a\", \"value\": \"b\"},\n{\"value\": \"d\", \"slot\": 1, \"name\": \"c\"}\n]";
        assert_eq!(rows(text), Some(vec![pair("a", "b"), pair("c", "d")]));
        assert_eq!(rows("[\"a\", \"b\"]"), None);
        let twice = "{\"name\": \"a\", \"name\": \"b\", \"value\": \"c\"}";
        assert_eq!(rows(twice), Some(vec![pair("name", "a"), pair("name", "b"), pair("value", "c")]));
        assert!(may_start("[") && may_start(" [ {\"a\"") && may_start("{") && !may_start("[10:02] Amir"));
    }

    #[test]
    fn what_is_no_object_is_none() {
        for text in
            ["{not json}", "{\"a\": \"b\"} and more", "{\"a\": \"b\n\"}", "{\"a\": [}", "{\"a\": \"b\"", "{]", ""]
        {
            assert_eq!(rows(text), None, "{text}");
        }
        assert_eq!(rows(&format!("{{\"a\": \"{}\"}}", "b".repeat(BYTES))), None);
        assert_eq!(rows(&"{\"a\":".repeat(10_000)), None);
    }
}
