//! Tables drawn with characters: tabs or `|` between the cells, and rules between the rows.

use std::borrow::Cow;

use super::line::{Line, ROW_CELLS, is_blank};

/// A text in which tables may be drawn, read line by line.
#[derive(Debug, Default)]
pub(super) struct Drawing {
    /// The columns of the table that is being read, where its rows have no mark at their ends: a rule has shown them.
    columns: Option<usize>,
}

impl Drawing {
    /// The line that `content` is. A rule says of the line above it, too, that it is a row: the last of `above`.
    pub(super) fn line(&mut self, content: &str, depth: usize, above: &mut [Line]) -> Line {
        let content = plain(content);
        let content = content.as_ref();
        if let Some(rule) = rule(content) {
            self.columns = above.last_mut().filter(|heading| heading.depth == depth).and_then(|heading| {
                let row = heading.cells.first().filter(|_| heading.cells.len() == 1)?;
                heading.cells = open_row(row, rule)?;
                Some(rule)
            });
            return Line { rule, ..Line::text("", depth) };
        }
        let cells = self.columns.and_then(|columns| open_row(content, columns));
        self.columns = self.columns.filter(|_| cells.is_some());
        Line { cells: cells.unwrap_or_else(|| closed_row(content)), depth, ..Line::default() }
    }
}

/// A line with the marks of terminals' tables (`│`, `├──┼──┤`) as others draw them: `|`, `+--+--+`.
fn plain(content: &str) -> Cow<'_, str> {
    let is_drawn = |one: char| matches!(one, '\u{2500}'..='\u{257f}');
    if !content.contains(is_drawn) {
        return Cow::Borrowed(content);
    }
    let mark = |one: char| match one {
        '─' | '━' | '═' | '╌' | '╍' | '┄' | '┅' | '┈' | '┉' => '-',
        '│' | '┃' | '║' | '╎' | '╏' | '┆' | '┇' | '┊' | '┋' => '|',
        one if is_drawn(one) => '+',
        one => one,
    };
    Cow::Owned(content.chars().map(mark).collect())
}

/// How many columns a line rules off: `|---|---|`, `+---+---+`, `---+---` or `---- ----`; `None` where it is no rule.
fn rule(content: &str) -> Option<usize> {
    let content = content.trim();
    if !content.contains(['-', '=']) || !content.chars().all(|one| "+-=|: \t".contains(one)) {
        return None;
    }
    let marked = content.trim_matches(['|', '+']).split(['|', '+']);
    let columns = if content.contains(['|', '+']) {
        marked.take(ROW_CELLS + 1).count()
    } else {
        let parts = content.split_whitespace();
        let columns = parts.clone().take(ROW_CELLS + 1).count();
        if columns < 2 || parts.take(columns).any(|part| part.len() < 2) {
            return None;
        }
        columns
    };
    (columns <= ROW_CELLS).then_some(columns)
}

/// The cells of a row of so many columns that has a `|` between them alone.
fn open_row(content: &str, columns: usize) -> Option<Vec<String>> {
    let parts = || content.split('|').map(str::trim);
    let is_row = columns > 1 && parts().take(ROW_CELLS + 1).count() == columns && !is_blank(content);
    is_row.then(|| parts().map(str::to_owned).collect())
}

/// The cells of a line of a table that has a `|` at its ends, too, or tabs; anything else is one cell.
fn closed_row(content: &str) -> Vec<String> {
    let trimmed = content.trim();
    if trimmed.len() > 2 && trimmed.contains(['+', '|']) && trimmed.chars().all(|one| "+|: ".contains(one)) {
        // A row without content.
        return vec![String::new()];
    }
    let inner = trimmed.strip_prefix('|').map(|inner| inner.strip_suffix('|').unwrap_or(inner));
    let (row, mark) = match inner {
        Some(inner) if inner.contains('|') => (inner, '|'),
        _ => (trimmed, '\t'),
    };
    if !(2..=ROW_CELLS).contains(&row.split(mark).take(ROW_CELLS + 1).count()) {
        return vec![content.trim_end().to_owned()];
    }
    row.split(mark).map(|cell| cell.trim().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<Vec<String>> {
        let (mut drawing, mut lines) = (Drawing::default(), Vec::new());
        for content in text.lines() {
            let line = drawing.line(content, 0, &mut lines);
            lines.push(line);
        }
        lines.into_iter().filter(|line| line.rule == 0).map(|line| line.cells).collect()
    }

    #[test]
    fn a_table_is_taken_apart_and_its_rules_are_told_from_blank_lines() {
        assert_eq!(rows("+---+---+\n| a | b |\n|:--|--:|\n| c |  |"), [["a", "b"], ["c", ""]]);
        assert_eq!(rows("a\tb c"), [["a", "b c"]]);
        assert_eq!(rows("| a | b |\n\n| c | d |"), [["a", "b"].as_slice(), &[""], &["c", "d"]]);
    }

    #[test]
    fn the_tables_of_terminals_are_taken_apart() {
        assert_eq!(rows("┌───┬───┐\n│ a │ b │\n├───┼───┤\n│ c │ d │\n└───┴───┘"), [["a", "b"], ["c", "d"]]);
        assert_eq!(rows("╔═══╦═══╗\n║ a ║ b ║\n╚═══╩═══╝"), [["a", "b"]]);
        assert_eq!(rows(" a │ b \n───┼───\n c │ d"), [["a", "b"], ["c", "d"]]);
    }

    #[test]
    fn a_mark_between_words_is_a_table_where_a_rule_says_so() {
        assert_eq!(rows("a | b"), [["a | b"]]);
        assert_eq!(rows(" a | b \n---+---\n c | d\n(1 row)"), [["a", "b"].as_slice(), &["c", "d"], &["(1 row)"]]);
        assert_eq!(rows("a | b\n--- | ---\nc | d|e"), [["a", "b"].as_slice(), &["c | d|e"]]);
        assert_eq!(rows("a | b | c\n---|---"), [["a | b | c"]]);
    }

    #[test]
    fn a_line_of_dashes_is_a_rule_if_it_parts_columns() {
        assert_eq!((rule("-----  ---"), rule("|---|"), rule("+--+==+")), (Some(2), Some(1), Some(2)));
        for text in ["-----", "-- ", "- - -", "| |", "a-b | c", "", "---- x ----"] {
            assert_eq!(rule(text), None, "{text}");
        }
    }

    #[test]
    fn a_line_of_very_many_cells_is_text() {
        assert_eq!(rows(&"a\t".repeat(ROW_CELLS)).concat().len(), ROW_CELLS);
        assert_eq!(rows(&"a\t".repeat(ROW_CELLS + 1)).concat().len(), 1);
        assert_eq!(rows(&"|a".repeat(10_000)).concat().len(), 1);
        assert_eq!(rule(&"|--".repeat(10_000)), None);
    }
}
