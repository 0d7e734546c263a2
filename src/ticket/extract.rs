//! From lines to hits: every value that a label announces, and every value that its shape gives away, each with where
//! it stands. Nothing is chosen here.

mod rows;
#[cfg(test)]
mod tests;
mod text;
mod value;

use std::ops::Range;

use super::credential::Setting;
use super::labels::Field;
use super::layers::{Kind, Layer};
use super::line::Line;
use super::sentence::breaks_off;
use super::table;

/// Blank lines between a label and the value below it.
const BLANKS: usize = 1;

/// Hits that are kept of one body: a mail with more is no request.
const HITS: usize = 200;

/// Longest line that is read, in bytes; of a longer one, its start.
pub(super) const LINE_BYTES: usize = 16 * 1024;

/// A value, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hit {
    /// What it is.
    pub(super) field: Field,
    /// The value, raw.
    pub(super) value: String,
    /// How many mails ago it was written.
    pub(super) rank: usize,
    /// How it came into the mail.
    pub(super) kind: Kind,
    /// Its line, counted from 1.
    pub(super) line: usize,
    /// The label, as it stands there; `None` where the shape alone told.
    pub(super) label: Option<String>,
    /// It is said to be what held before.
    pub(super) old: bool,
}

/// What one body holds.
#[derive(Debug, Default)]
pub(super) struct Hits {
    /// What labels announce, from the top.
    pub(super) labelled: Vec<Hit>,
    /// Words that a sentence about the secret has in it, and that look like one.
    pub(super) rivals: Vec<Hit>,
    /// Lines that hold a label or a labelled value, one for each line.
    pub(super) claimed: Vec<bool>,
}

/// A label whose value is on a line below.
struct Pending {
    field: Field,
    label: String,
    rank: usize,
    blanks: usize,
    /// What may stand below it.
    below: Below,
    /// The label says that it is what held before.
    old: bool,
}

/// What is taken of the line below a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Below {
    /// A value of its kind.
    Value,
    /// An address, since the line above was a name.
    Mailbox,
    /// More domains, an item of a list on each line.
    Domains,
    /// What looks like a secret: the label ends a sentence of the lines above it, and what is below may be anything.
    Machines,
}

impl Pending {
    /// Of a label that was just read.
    const fn of(field: Field, label: String, rank: usize) -> Self {
        Self { field, label, rank, blanks: 0, below: Below::Value, old: false }
    }
}

/// Finds what labels announce.
pub(super) fn labelled(lines: &[Line], layers: &[Layer]) -> Hits {
    let mut reader = Reader {
        hits: Hits { claimed: vec![false; lines.len()], ..Hits::default() },
        pending: None,
        columns: None,
        old: false,
    };
    let mut read_to = 0;
    for (position, (line, layer)) in lines.iter().zip(layers).enumerate() {
        if position < read_to {
            continue;
        }
        if layer.skipped {
            reader.pending = None;
            continue;
        }
        if line.rule > 0 || is_fence(line) || is_separator(line) {
            continue;
        }
        if line.is_blank() {
            reader.blank();
            continue;
        }
        if table::is_title(lines, position) {
            reader.pending = None;
            continue;
        }
        let spot = Spot::at(lines, position, line, *layer);
        if let Some(list) = table::standing(lines, position) {
            read_to = list.end;
            let value = lines.get(list.value).map(Line::joined).unwrap_or_default();
            let spot = Spot { position: list.value, next: None, beyond: None, ..spot };
            reader.listed(position..read_to, spot, Field::ClientSecret, &list.name, &value);
            continue;
        }
        if let Some(named) = spot.next.and_then(|next| table::named_value(line, next)) {
            read_to = position + 2;
            reader.listed(position..read_to, spot, named.field, &named.name, &named.value);
            continue;
        }
        reader.line(line, spot);
        if reader.hits.labelled.len() > HITS {
            break;
        }
    }
    reader.hits
}

struct Reader {
    hits: Hits,
    pending: Option<Pending>,
    /// The columns of the table that is being read, each with its label.
    columns: Option<Vec<Option<(Field, String)>>>,
    /// The label that is being read says that its value is what held before.
    old: bool,
}

/// Where a value is being looked for.
#[derive(Clone, Copy)]
struct Spot<'l> {
    position: usize,
    layer: Layer,
    /// Characters of the line.
    width: usize,
    next: Option<&'l Line>,
    /// The line behind a blank one.
    beyond: Option<&'l Line>,
    /// It is quoted, and what stands below it is the answer.
    answered: bool,
    /// A console names a secret by its id on a line near by: what it calls `Value` is the secret.
    by_id: bool,
    /// The line above breaks off in the middle of a sentence.
    goes_on: bool,
}

impl<'l> Spot<'l> {
    /// The line at `position`, and what is of use of the lines around it.
    fn at(lines: &'l [Line], position: usize, line: &Line, layer: Layer) -> Self {
        let alike = |other: &&Line| other.depth == line.depth && !other.is_blank();
        let below = lines.get(position + 1);
        let beyond = lines.get(position + 2).filter(|_| below.is_some_and(Line::is_blank)).filter(alike);
        let above = position.checked_sub(1).and_then(|above| lines.get(above)).filter(alike);
        let answer = lines.iter().skip(position + 1).take(BLANKS + 1).find(|one| !one.is_blank());
        Self {
            position,
            layer,
            width: line.cells.iter().map(|cell| cell.trim_end().chars().count()).sum(),
            next: below.filter(alike),
            beyond,
            answered: answer.is_some_and(|one| one.depth < line.depth),
            by_id: table::is_by_id(lines, position),
            goes_on: above.is_some_and(|above| breaks_off(&above.joined())),
        }
    }
}

impl Reader {
    fn blank(&mut self) {
        self.columns = None;
        if let Some(pending) = &mut self.pending {
            pending.blanks += 1;
        }
        self.pending.take_if(|pending| pending.blanks > BLANKS);
    }

    fn line(&mut self, line: &Line, spot: Spot<'_>) {
        let mut cells: Vec<&str> = line.cells.iter().map(|cell| start_of(cell)).collect();
        if let [one] = cells.as_slice() {
            let wide = table::wide_cells(one);
            let is_table = wide.len() > 1
                && (self.columns.as_ref().is_some_and(|columns| columns.len() == wide.len())
                    || table::headings(&wide).is_some());
            if is_table {
                cells = wide;
            }
        }
        if let [one] = cells.as_slice()
            && let Some(separated) = self.separated(one, spot.next)
        {
            cells = separated;
        }
        if cells.len() > 1 && self.row(spot, &cells) {
            return;
        }
        self.columns = None;
        for cell in cells.into_iter().filter(|cell| !cell.trim().is_empty()) {
            self.text(spot, cell);
        }
    }

    /// Reads a value that several lines together name and hold.
    fn listed(&mut self, lines: Range<usize>, spot: Spot<'_>, field: Field, label: &str, value: &str) {
        self.pending = None;
        lines.for_each(|one| self.claim(one));
        self.add(spot, field, label, value, Setting::ALONE);
    }

    fn claim(&mut self, position: usize) {
        if let Some(claimed) = self.hits.claimed.get_mut(position) {
            *claimed = true;
        }
    }
}

/// Whether a line is the fence of what Markdown shows as it is, where the value stands within, or the line under a heading,
/// where it stands below.
fn is_fence(line: &Line) -> bool {
    let [cell] = line.cells.as_slice() else { return false };
    let text = cell.trim();
    let word = text.trim_start_matches(['`', '~']);
    let is_rule = |mark: char| text.chars().all(|one| one == mark);
    (text.len() - word.len() >= 3 && word.chars().all(|one| one.is_ascii_alphabetic()))
        || text.len() >= 3 && ['-', '=', '_'].into_iter().any(is_rule)
}

/// Whether a line is the colon that a console sets between a name above and a value below it.
fn is_separator(line: &Line) -> bool {
    matches!(line.cells.as_slice(), [cell] if matches!(cell.trim(), ":" | "："))
}

/// As much of a line as is read.
pub(super) fn start_of(text: &str) -> &str {
    text.get(..text.floor_char_boundary(LINE_BYTES)).unwrap_or(text)
}
