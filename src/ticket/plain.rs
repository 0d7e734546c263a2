//! Plain text as lines: quotation marks counted, tables taken apart, pasted JSON read as the table it is.

use super::drawn::Drawing;
use super::json;
use super::line::{Line, Page, Room};

/// Beginnings of a JSON object that are followed in vain before none is any more.
const JSON_ATTEMPTS: usize = 64;

/// Reads plain text. `joined` says that a blank at the end of a line stands for nothing and the next line goes on
/// (`format=flowed; delsp=yes`, RFC 3676, section 4.1); without it lines are never joined, since a soft break stands
/// between words alone and a value is one word. Nothing is read that `room` has no place for.
pub(super) fn page(text: &str, joined: bool, room: &mut Room) -> Page {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let unfolded;
    let text = if joined {
        unfolded = unfold(text);
        unfolded.as_str()
    } else {
        text
    };
    let raw: Vec<&str> = text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line)).collect();
    let (mut lines, mut drawing) = (Vec::new(), Drawing::default());
    let mut rest = raw.as_slice();
    let mut attempts = JSON_ATTEMPTS;
    while let Some((first, behind)) = rest.split_first()
        && !room.is_full()
    {
        let (depth, content) = unquoted(first);
        if attempts > 0 && json::may_start(content) {
            let quoted_alike = rest.iter().map(|line| unquoted(line)).take_while(|(here, _)| *here == depth);
            if let Some(object) = json::object(quoted_alike.map(|(_, content)| content)) {
                object.rows(|name, text| {
                    let fits = room.takes(2, name.len() + text.len());
                    if fits {
                        let cells = vec![name.to_owned(), text.to_owned()];
                        lines.push(Line { cells, depth, ..Line::default() });
                    }
                    fits
                });
                rest = rest.get(object.lines..).unwrap_or_default();
                continue;
            }
            attempts -= 1;
        }
        let line = drawing.line(content, depth, &mut lines);
        if room.takes(line.cells.len() + line.rule, content.len()) {
            lines.push(line);
        }
        rest = behind;
    }
    Page { lines, ..Page::default() }
}

/// As [`page`], of a text that is all there is of a mail.
#[cfg(test)]
pub(super) fn lines(text: &str) -> Vec<Line> {
    page(text, false, &mut Room::default()).lines
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

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<Vec<String>> {
        lines(text).into_iter().filter(|line| !line.is_blank()).map(|line| line.cells).collect()
    }

    #[test]
    fn quotation_marks_are_counted_and_taken_off() {
        let lines = lines("> > old\n> less old\nnew\n>indented code");
        let seen: Vec<(usize, String)> = lines.iter().map(|line| (line.depth, line.joined())).collect();
        assert_eq!(
            seen,
            [(2, "old".into()), (1, "less old".into()), (0, "new".into()), (1, "indented code".to_owned())]
        );
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
    fn braces_that_nobody_closes_are_followed_so_often_and_no_further() {
        let in_vain = "{\n".repeat(JSON_ATTEMPTS);
        assert_eq!(rows("{\n{\"a\": \"b\"}")[1], ["a", "b"]);
        assert_eq!(rows(&format!("{in_vain}{{\"a\": \"b\"}}")).last().unwrap(), &["{\"a\": \"b\"}"]);
    }

    #[test]
    fn lines_are_joined_only_where_the_mail_says_so() {
        assert_eq!(lines("one \ntwo").len(), 2);
        assert_eq!(page("one \ntwo", true, &mut Room::default()).lines[0].joined(), "onetwo");
    }
}
