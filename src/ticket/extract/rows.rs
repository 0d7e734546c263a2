//! A row of a table: below a heading, behind what it is called, or with commas between its cells.

use super::super::credential::Setting;
use super::super::labels::{self, Field};
use super::super::line::Line;
use super::super::{remark, table, wrapping};
use super::{Below, Pending, Reader, Spot};

impl Reader {
    /// The cells of a row with commas or semicolons, below a heading that has the same: the heading is known by its next line.
    pub(super) fn separated<'t>(&self, text: &'t str, next: Option<&Line>) -> Option<Vec<&'t str>> {
        [',', ';'].into_iter().find_map(|mark| {
            let cells: Vec<&str> = text.split(mark).map(str::trim).take(table::COLUMNS_READ + 1).collect();
            let is_row = self.columns.as_ref().is_some_and(|columns| columns.len() == cells.len());
            let is_heading = || {
                cells.iter().all(|cell| labels::whole(cell).is_some())
                    && next.is_some_and(|next| next.joined().split(mark).count() == cells.len())
            };
            ((2..=table::COLUMNS_READ).contains(&cells.len()) && (is_row || is_heading())).then_some(cells)
        })
    }

    /// Reads a row of a table; `false` where it is a row of text like any other.
    pub(super) fn row(&mut self, spot: Spot<'_>, cells: &[&str]) -> bool {
        if let Some(columns) = table::headings(cells) {
            self.claim(spot.position);
            self.pending = None;
            self.columns = Some(columns);
            return true;
        }
        if let Some(columns) = self.columns.take() {
            if columns.len() == cells.len() {
                self.claim(spot.position);
                for (column, cell) in columns.iter().zip(cells) {
                    if let Some((field, label)) = column {
                        self.old = remark::is_old(label);
                        self.add(spot, *field, label, cell, Setting::ALONE);
                    }
                }
                self.columns = Some(columns);
                return true;
            }
            self.columns = None;
        }
        let mut read = false;
        let mut named: Option<(Field, String)> = None;
        let mut labelled: Vec<(Field, String, Vec<&str>)> = Vec::new();
        let filled = cells.iter().map(|cell| table::without_colon(cell)).filter(|cell| !cell.trim().is_empty());
        for cell in filled {
            let value = || (spot.by_id && table::is_value_word(cell)).then(|| cell.trim().to_owned());
            match (table::cell_label(cell).or_else(|| Some((Field::ClientSecret, value()?))), labelled.last_mut()) {
                (Some((field, words)), _) => labelled.push((field, words, Vec::new())),
                (None, Some((_, _, values))) => values.push(cell),
                (None, None) => {}
            }
        }
        for (field, words, values) in labelled.into_iter().filter(|(_, _, values)| !values.is_empty()) {
            read = true;
            self.claim(spot.position);
            self.old = remark::is_old(&words);
            let mut found = false;
            for cell in table::values(field, &values) {
                found |= self.add(spot, field, &words, cell, Setting::ALONE);
            }
            if !found && field == Field::Owner && values.first().is_some_and(|cell| wrapping::is_name(cell)) {
                named = Some((field, words));
            }
        }
        if read {
            self.pending = named
                .map(|(field, label)| Pending { below: Below::Mailbox, ..Pending::of(field, label, spot.layer.rank) });
        }
        read
    }
}
