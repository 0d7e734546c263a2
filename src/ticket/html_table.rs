//! A table of HTML while it is read: what stands in its cells becomes rows, or lines.

use super::line::{Line, ROW_CELLS};

/// A table that is being read.
#[derive(Default)]
pub(super) struct Table {
    /// Rows that are done.
    lines: Vec<Line>,
    /// Cells of the row that are done.
    row: Vec<Vec<Line>>,
    /// Lines of the cell that is being read.
    cell: Vec<Line>,
    in_cell: bool,
}

impl Table {
    pub(super) const fn begin_cell(&mut self) {
        self.in_cell = true;
    }

    /// Adds lines to the cell that is being read, else to the table around it.
    pub(super) fn put(&mut self, lines: Vec<Line>) {
        if self.in_cell { &mut self.cell } else { &mut self.lines }.extend(lines);
    }

    pub(super) fn end_cell(&mut self) {
        if !std::mem::take(&mut self.in_cell) {
            return;
        }
        let cell = std::mem::take(&mut self.cell);
        let is_full = self.row.len() >= ROW_CELLS;
        match self.row.last_mut().filter(|_| is_full) {
            // No row of a table has so many: what they hold are lines.
            Some(last) => last.extend(cell),
            None => self.row.push(cell),
        }
    }

    pub(super) fn end_row(&mut self) {
        self.end_cell();
        self.lines.extend(row_lines(std::mem::take(&mut self.row)));
    }

    /// All that stood in it, once it has ended.
    pub(super) fn into_lines(mut self) -> Vec<Line> {
        self.end_row();
        self.lines
    }
}

/// What a row of a table comes to: a row of cells, or the lines of a cell that holds half a mail.
fn row_lines(row: Vec<Vec<Line>>) -> Vec<Line> {
    let filled = row.iter().filter(|cell| !cell.is_empty()).count();
    let simple = |cell: &Vec<Line>| cell.iter().all(|line| line.cells.len() == 1);
    if filled <= 1 || !row.iter().all(simple) {
        return row.into_iter().flatten().collect();
    }
    let tallest = row.iter().map(Vec::len).max().unwrap_or_default();
    let even = row.iter().all(|cell| cell.len() == tallest || cell.is_empty());
    if !even {
        // One label with a value of several lines, or columns of text.
        return row.into_iter().flatten().collect();
    }
    (0..tallest)
        .map(|position| {
            let of_line = row.iter().map(|cell| cell.get(position));
            let first = of_line.clone().flatten().next();
            Line {
                depth: first.map_or(0, |line| line.depth),
                signature: first.is_some_and(|line| line.signature),
                cells: of_line.map(|line| line.map(Line::joined).unwrap_or_default()).collect(),
                rule: 0,
            }
        })
        .collect()
}
