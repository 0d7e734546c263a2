//! A body of a mail as lines: what plain text and HTML have in common once they are read; and how much of a mail is read.

use crate::foreign;

/// One line of a body, or one row of a table in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Line {
    /// The cells of a table row from left to right; one for running text.
    pub(super) cells: Vec<String>,
    /// Quotation marks or quotation blocks around it.
    pub(super) depth: usize,
    /// It stands in a block that the mail program marks as a signature.
    pub(super) signature: bool,
    /// The columns of a table that it rules off; 0 for a line that is no rule.
    pub(super) rule: usize,
}

impl Line {
    /// A line of running text.
    pub(super) fn text(text: impl Into<String>, depth: usize) -> Self {
        Self { cells: vec![text.into()], depth, ..Self::default() }
    }

    /// All of it as one text.
    pub(super) fn joined(&self) -> String {
        self.cells.join(" ").trim().to_owned()
    }

    /// Whether there is nothing to read on it.
    pub(super) fn is_blank(&self) -> bool {
        self.cells.iter().all(|cell| is_blank(cell))
    }
}

/// Whether there is nothing to read in a text.
pub(super) fn is_blank(text: &str) -> bool {
    text.chars().all(|one| one.is_whitespace() || foreign::is_invisible(one))
}

/// A link whose text shows one address and that leads to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mismatch {
    /// What the reader sees.
    pub(super) shown: String,
    /// Where it leads.
    pub(super) target: String,
}

/// A body, read.
#[derive(Debug, Clone, Default)]
pub(super) struct Page {
    /// Its lines, from the top.
    pub(super) lines: Vec<Line>,
    /// Text that a reader of the mail does not see.
    pub(super) hidden: Vec<Line>,
    /// Links that say one thing and lead to another.
    pub(super) mismatches: Vec<Mismatch>,
    /// Images that stand in the text.
    pub(super) images: usize,
}

/// Cells of a row of a table; a line with more of them is running text.
pub(super) const ROW_CELLS: usize = 64;

/// How much of a mail is read, all its texts together: of a longer one, the start. Far more than anybody writes, and
/// room for the largest metadata, pasted into the plain text and the HTML both.
#[derive(Debug)]
pub(super) struct Room {
    lines: usize,
    cells: usize,
    bytes: usize,
    hidden_lines: usize,
    hidden_bytes: usize,
}

impl Default for Room {
    fn default() -> Self {
        Self {
            lines: 200_000,
            cells: 400_000,
            bytes: 12 * 1024 * 1024,
            hidden_lines: 10_000,
            hidden_bytes: 1024 * 1024,
        }
    }
}

impl Room {
    /// Whether a line of so many cells and bytes is read. Once one was too much, none is: what is read has no gaps.
    pub(super) fn takes(&mut self, cells: usize, bytes: usize) -> bool {
        let fits = self.lines > 0 && cells <= self.cells && bytes <= self.bytes;
        (self.lines, self.cells, self.bytes) =
            if fits { (self.lines - 1, self.cells - cells, self.bytes - bytes) } else { (0, 0, 0) };
        fits
    }

    /// As [`Room::takes`], for a line that a reader of the mail does not see.
    pub(super) fn takes_hidden(&mut self, bytes: usize) -> bool {
        let fits = self.hidden_lines > 0 && bytes <= self.hidden_bytes;
        (self.hidden_lines, self.hidden_bytes) =
            if fits { (self.hidden_lines - 1, self.hidden_bytes - bytes) } else { (0, 0) };
        fits
    }

    /// Bytes of one more line that are worth keeping until it ends: with more it is not read.
    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// As [`Room::bytes`], for a line that a reader of the mail does not see.
    pub(super) const fn hidden_bytes(&self) -> usize {
        self.hidden_bytes
    }

    /// Whether nothing more is read.
    pub(super) const fn is_full(&self) -> bool {
        self.lines == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_of_a_mail_has_an_end_and_no_gaps() {
        let mut room = Room::default();
        assert!(room.takes(2, 1_000) && !room.is_full());
        assert!(!room.takes(1, usize::MAX) && room.is_full() && room.bytes() == 0);
        assert!(!room.takes(1, 1), "a shorter line behind it is not read either");
        assert!(room.takes_hidden(5) && !room.takes_hidden(usize::MAX) && !room.takes_hidden(5));
    }

    #[test]
    fn a_line_of_characters_that_are_not_seen_is_blank() {
        assert!(Line::text("\u{200b} \u{a0}\u{feff}", 0).is_blank());
        assert!(!Line::text("\u{200b}.", 0).is_blank());
    }
}
