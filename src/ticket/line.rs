//! A body of a mail as lines: what plain text and HTML have in common once they are read.

/// Most lines of a body that are read: far more than anybody writes, and pasted metadata of megabytes has fewer.
pub(super) const LINES: usize = 100_000;

/// One line of a body, or one row of a table in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Line {
    /// The cells of a table row from left to right; one for running text.
    pub(super) cells: Vec<String>,
    /// Quotation marks or quotation blocks around it.
    pub(super) depth: usize,
    /// It stands in a block that the mail program marks as a signature.
    pub(super) signature: bool,
}

impl Line {
    /// A line of running text.
    pub(super) fn text(text: impl Into<String>, depth: usize) -> Self {
        Self { cells: vec![text.into()], depth, signature: false }
    }

    /// All of it as one text.
    pub(super) fn joined(&self) -> String {
        self.cells.join(" ").trim().to_owned()
    }

    /// Whether there is nothing to read on it.
    pub(super) fn is_blank(&self) -> bool {
        self.cells.iter().all(|cell| cell.trim().is_empty())
    }
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
