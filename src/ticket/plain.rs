//! Plain text as lines: quotation marks counted, tables taken apart, pasted JSON read as the table it is.

use serde_json::Value;

use super::line::{LINES, Line, Page};

/// Lines of a JSON object that are taken together.
const JSON_LINES: usize = 200;

/// Longest text of a JSON object that is looked at, in bytes.
const JSON_BYTES: usize = 64 * 1024;

/// Levels of a JSON object that are looked into.
const JSON_DEPTH: usize = 4;

/// Reads plain text. `joined` says that a blank at the end of a line stands for nothing and the next line goes on
/// (`format=flowed; delsp=yes`, RFC 3676, section 4.1); without it lines are never joined, since a soft break stands
/// between words alone and a value is one word.
pub(super) fn page(text: &str, joined: bool) -> Page {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let unfolded;
    let text = if joined {
        unfolded = unfold(text);
        unfolded.as_str()
    } else {
        text
    };
    let raw: Vec<&str> = text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line)).collect();
    let mut lines = Vec::with_capacity(raw.len().min(LINES));
    let mut rest = raw.as_slice();
    while let Some((first, behind)) = rest.split_first()
        && lines.len() < LINES
    {
        let (depth, content) = unquoted(first);
        if content.trim_start().starts_with('{')
            && let Some((rows, taken)) = json(rest, depth)
        {
            lines.extend(rows);
            rest = rest.get(taken..).unwrap_or_default();
            continue;
        }
        lines.push(Line { cells: cells(content), depth, signature: false });
        rest = behind;
    }
    Page { lines, ..Page::default() }
}

/// The text with lines that end in a blank glued to the next one.
fn unfold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let content = line.trim_end_matches(['\n', '\r']);
        match content.strip_suffix(' ') {
            Some(glued) if content != "-- " => out.push_str(glued),
            _ => out.push_str(line),
        }
    }
    out
}

/// How many quotation marks stand in front, and what stands behind them.
fn unquoted(line: &str) -> (usize, &str) {
    let (mut depth, mut rest) = (0, line);
    loop {
        let behind = rest.strip_prefix(' ').unwrap_or(rest);
        let Some(quoted) = behind.strip_prefix('>') else { break };
        depth += 1;
        rest = quoted;
    }
    if depth > 0 {
        rest = rest.strip_prefix(' ').unwrap_or(rest);
    }
    (depth, rest)
}

/// The cells of a line of a table drawn with `|` or made with tabs; anything else is one cell.
fn cells(content: &str) -> Vec<String> {
    let trimmed = content.trim();
    let is_border =
        trimmed.len() > 2 && trimmed.bytes().all(|one| matches!(one, b'+' | b'-' | b'=' | b'|' | b':' | b' '));
    if is_border && trimmed.contains(['+', '|']) {
        return vec![String::new()];
    }
    let inner = trimmed.strip_prefix('|').map(|inner| inner.strip_suffix('|').unwrap_or(inner));
    let parts: Vec<String> = match inner {
        Some(inner) if inner.contains('|') => inner.split('|').map(|cell| cell.trim().to_owned()).collect(),
        _ if trimmed.contains('\t') => trimmed.split('\t').map(|cell| cell.trim().to_owned()).collect(),
        _ => return vec![content.trim_end().to_owned()],
    };
    parts
}

/// The members of a JSON object that starts on the first line, as rows, and the number of lines it takes.
fn json(lines: &[&str], depth: usize) -> Option<(Vec<Line>, usize)> {
    let mut text = String::new();
    for (position, line) in lines.iter().take(JSON_LINES).enumerate() {
        let (here, content) = unquoted(line);
        if here != depth || text.len() + content.len() > JSON_BYTES {
            return None;
        }
        text.push_str(content);
        text.push('\n');
        if !content.trim_end().trim_end_matches([',', ';']).ends_with('}') {
            continue;
        }
        let object = text.trim_end().trim_end_matches([',', ';']);
        if let Ok(Value::Object(members)) = serde_json::from_str::<Value>(object) {
            let mut rows = Vec::new();
            members.iter().for_each(|(name, value)| flatten(name, value, depth, JSON_DEPTH, &mut rows));
            return Some((rows, position + 1));
        }
    }
    None
}

fn flatten(name: &str, value: &Value, depth: usize, levels: usize, rows: &mut Vec<Line>) {
    match value {
        Value::String(text) => {
            rows.push(Line { cells: vec![name.to_owned(), text.clone()], depth, signature: false });
        }
        Value::Array(values) if levels > 0 => {
            for value in values {
                flatten(name, value, depth, levels - 1, rows);
            }
        }
        Value::Object(members) if levels > 0 => {
            members.iter().for_each(|(name, value)| flatten(name, value, depth, levels - 1, rows));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<Vec<String>> {
        page(text, false).lines.into_iter().filter(|line| !line.is_blank()).map(|line| line.cells).collect()
    }

    #[test]
    fn quotation_marks_are_counted_and_taken_off() {
        let lines = page("> > old\n> less old\nnew\n>indented code", false).lines;
        let seen: Vec<(usize, String)> = lines.iter().map(|line| (line.depth, line.joined())).collect();
        assert_eq!(
            seen,
            [(2, "old".into()), (1, "less old".into()), (0, "new".into()), (1, "indented code".to_owned())]
        );
    }

    #[test]
    fn a_drawn_table_is_taken_apart_and_its_borders_are_dropped() {
        assert_eq!(rows("+---+---+\n| a | b |\n|---|---|\n| c |  |"), [["a", "b"], ["c", ""]]);
        assert_eq!(rows("a\tb c"), [["a", "b c"]]);
        assert_eq!(rows("a | b"), [["a | b"]], "a mark between words is no table");
    }

    #[test]
    fn a_json_object_is_a_table_of_its_members() {
        assert_eq!(
            rows("{\n \"a\": \"b\\u0026\",\n \"c\": {\"d\": \"e\"}\n},\nf"),
            [["a", "b&"].as_slice(), &["d", "e"], &["f"]]
        );
        assert_eq!(rows("{not json}"), [["{not json}"]]);
    }

    #[test]
    fn lines_are_joined_only_where_the_mail_says_so() {
        assert_eq!(page("one \ntwo", false).lines.len(), 2);
        assert_eq!(page("one \ntwo", true).lines[0].joined(), "onetwo");
    }
}
