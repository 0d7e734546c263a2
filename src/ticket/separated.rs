//! A file of values with commas, semicolons or tabs between them.

use super::line::{Line, Page, ROW_CELLS, Room};
use super::plain;

/// Reads such a file. One whose rows differ in length is read as plain text: a comma may be part of a value there.
pub(super) fn page(text: &str, room: &mut Room) -> Page {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let Some(rows) = rows(text) else { return plain::page(text, false, room) };
    let mut page = Page::default();
    for cells in rows {
        if !room.takes(cells.len(), cells.iter().map(String::len).sum()) {
            break;
        }
        page.lines.push(Line { cells, ..Line::default() });
    }
    page
}

/// The rows, where there are several of equal length.
fn rows(text: &str) -> Option<Vec<Vec<String>>> {
    let first = text.lines().find(|line| !line.trim().is_empty())?;
    let count = |mark: char| first.matches(mark).count();
    let mark = [',', ';', '\t'].into_iter().max_by_key(|mark| count(*mark)).filter(|mark| count(*mark) > 0)?;
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).delimiter(u8::try_from(mark).ok()?).from_reader(text.as_bytes());
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.ok().filter(|record| record.len() <= ROW_CELLS)?;
        rows.push(record.iter().map(|cell| cell.trim().to_owned()).collect());
    }
    (rows.len() > 1).then_some(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_equal_length_are_cells_and_others_are_text() {
        let cells = |text: &str| -> Vec<Vec<String>> {
            page(text, &mut Room::default()).lines.into_iter().map(|line| line.cells).collect()
        };
        assert_eq!(cells("a,b\nc,\"d,e\"\n"), [["a", "b"], ["c", "d,e"]]);
        assert_eq!(cells("\u{feff}a;b\r\nc;d,e\r\n"), [["a", "b"], ["c", "d,e"]]);
        assert_eq!(cells("a,b\nc,d,e"), [["a,b"], ["c,d,e"]]);
        assert_eq!(cells("a,b"), [["a,b"]]);
    }
}
