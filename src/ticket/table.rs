//! Rows of a table: their cells, and the labels that name columns.

use super::labels::{self, Field};
use super::sentence::{FILLERS, bare, without_remark};

/// The cells of a line whose columns are kept apart by two blanks or more.
pub(super) fn wide_cells(text: &str) -> Vec<&str> {
    text.trim().split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect()
}

/// The label that a cell is, brackets behind it left out.
pub(super) fn cell_label(cell: &str) -> Option<(Field, String)> {
    let words = || cell.trim().trim_matches(['*', ':', '：', '`', ' ']).to_owned();
    if let Some(field) = labels::whole(cell) {
        return Some((field, words()));
    }
    let found = labels::occurrences(cell);
    let [one] = found.as_slice() else { return None };
    let rest = cell.get(one.end..).unwrap_or_default();
    let nothing = bare(without_remark(rest.trim_start())).is_empty();
    let before = cell.get(..one.start).unwrap_or_default().split_whitespace().count();
    (nothing && before <= FILLERS).then(|| (one.field, words()))
}

/// The labels of a table's columns, where a row is its heading: most of the cells are labels.
pub(super) fn headings(cells: &[&str]) -> Option<Vec<Option<(Field, String)>>> {
    let mut columns: Vec<Option<(Field, String)>> = cells.iter().map(|cell| cell_label(cell)).collect();
    // Consoles list secrets with their names: there the secret is called a value and nothing more.
    if columns.iter().flatten().any(|(field, _)| *field == Field::SecretId) {
        for (column, cell) in columns.iter_mut().zip(cells) {
            if is_value_word(cell) {
                *column = Some((Field::ClientSecret, cell.trim().to_owned()));
            }
        }
    }
    let filled = cells.iter().filter(|cell| !cell.trim().is_empty()).count();
    let labels = columns.iter().flatten().count();
    (labels >= 2 && labels * 2 > filled).then_some(columns)
}

/// What consoles call a secret beside its id.
pub(super) fn is_value_word(text: &str) -> bool {
    let word = text.trim().trim_matches(['*', '-', '•', ' ']).to_lowercase();
    ["value", "wert", "valeur", "valor", "valore", "waarde", "値"].contains(&word.as_str())
}
