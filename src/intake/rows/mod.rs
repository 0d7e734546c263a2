//! Many requests in one file: CSV or JSON Lines, one row a request, read as a stream.
//!
//! A row that cannot be read is a finding like any other and stops nobody else's; a file that is not one of rows is a
//! [`RowsError`]. Memory is bounded by [`ROW_BYTES`], however long a row or the file may be.

mod columns;
mod fields;
mod head;
mod lines;
mod objects;
mod table;
mod template;
mod text;

use std::io::{self, Read};
use std::path::PathBuf;

pub use fields::RowRequest;
pub use template::{CSV_TEMPLATE, JSONL_TEMPLATE, REQUEST_SCHEMA};

use self::fields::Place;
use super::ledger::secret_elsewhere;
use super::{Completeness, RequestDraft};
use crate::finding::Finding;
use crate::foreign::file_kind::FileKind;
use crate::request::OnboardingRequest;

/// Longest row that is read, in bytes of UTF-8. What a longer one holds is passed over without being kept.
pub const ROW_BYTES: usize = 1024 * 1024;

/// How the rows are written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A table with a header, RFC 4180.
    Csv {
        /// What stands between two values: a comma, a semicolon, a tab or a vertical bar.
        delimiter: u8,
    },
    /// One JSON object a line.
    Jsonl,
}

/// One row.
#[derive(Debug)]
pub struct Row {
    /// Where it begins: the line of the file, from 1. A quoted value may span several.
    pub line: u64,
    /// The request, or why nothing of it can be read: one that has a fault in some of its values has the others all the same.
    pub content: Result<RowRequest, Vec<Finding>>,
}

impl Row {
    /// The request as [`RequestDraft::normalise_allowing`] reads it, and the team that the row expects it to be of. A row
    /// that cannot be read is a request of which only the findings are there.
    #[must_use]
    pub fn normalise(self, max_domains: usize, allow_origins: &[String]) -> (OnboardingRequest, Option<String>) {
        match self.content {
            Ok(row) => {
                let mut request = row.draft.normalise_allowing(Completeness::Everything, max_domains, allow_origins);
                let team = row.team.filter(|team| {
                    let holds = request.holds_secret(team);
                    if holds {
                        request.findings.push(secret_elsewhere("the team", "the column `team`"));
                    }
                    !holds
                });
                (request, team)
            }
            Err(findings) => {
                let nothing = RequestDraft::default().normalise(Completeness::WhatIsGiven, max_domains);
                (OnboardingRequest { findings, ..nothing }, None)
            }
        }
    }
}

/// Why a file is not one of requests. Names of columns are printable; values are never repeated, since a file without
/// a header would have a secret in the header's place.
#[derive(Debug, thiserror::Error)]
pub enum RowsError {
    /// It cannot be read.
    #[error("it could not be read any further")]
    Io(#[from] io::Error),
    /// There is nothing in it.
    #[error("it is empty")]
    Empty,
    /// It is something else.
    #[error("it is {what}, not a list of requests")]
    SomethingElse {
        /// What, with its article.
        what: &'static str,
        /// What to do about it.
        next: &'static str,
    },
    /// The first line names no columns.
    #[error("its first line does not name the columns")]
    NoHeader,
    /// Values stand among the names of the columns: the line break between the header and the first row is gone.
    #[error("its first line holds values beside names of columns; they are not repeated here")]
    ValuesInHeader,
    /// A first line `sep=…` that names a separator which is none of those that are told apart.
    #[error("its first line, `sep=…`, names another separator than a comma, a semicolon, a tab or a vertical bar")]
    Separator,
    /// Columns that nobody knows.
    #[error("{}", unknown_words(columns, *more))]
    UnknownColumns {
        /// The first of them, printable, with the known name that comes nearest.
        columns: Vec<(String, Option<&'static str>)>,
        /// How many further ones there are.
        more: usize,
    },
    /// A column that is there twice, maybe under two of its names.
    #[error("two columns are `{column}`: `{first}` and `{second}`")]
    ColumnTwice {
        /// Its proper name.
        column: &'static str,
        /// What the first is called, printable.
        first: String,
        /// What the second is called, printable.
        second: String,
    },
    /// Columns without which no row can be complete.
    #[error("{} missing", missing_words(columns))]
    MissingColumns {
        /// Their names.
        columns: Vec<&'static str>,
    },
}

fn unknown_words(columns: &[(String, Option<&'static str>)], more: usize) -> String {
    let named: Vec<String> = columns
        .iter()
        .map(|(column, nearest)| match nearest {
            Some(nearest) => format!("`{column}` (did you mean `{nearest}`?)"),
            None => format!("`{column}`"),
        })
        .collect();
    match named.as_slice() {
        [one] => format!("there is no column {one}"),
        several if more == 0 => format!("there are no columns {}", several.join(", ")),
        several => format!("there are no columns {} and {more} more", several.join(", ")),
    }
}

fn missing_words(columns: &[&str]) -> String {
    let named = columns.iter().map(|column| format!("`{column}`")).collect::<Vec<_>>().join(", ");
    if columns.len() == 1 { format!("the column {named} is") } else { format!("the columns {named} are") }
}

impl RowsError {
    /// What to do about it.
    #[must_use]
    pub fn next(&self) -> String {
        match self {
            Self::Io(_) => "make sure that the file stays where it is, and run the same command again".to_owned(),
            Self::Empty | Self::NoHeader => {
                "`ssoctl bulk --template csv` prints a file to start from; the first line names the columns".to_owned()
            }
            Self::ValuesInHeader => {
                "write the names of the columns alone in the first line, and each request in a line of its own"
                    .to_owned()
            }
            Self::SomethingElse { next, .. } => (*next).to_owned(),
            Self::Separator => "save it with one of those between the values, as `CSV UTF-8`".to_owned(),
            Self::UnknownColumns { .. } => {
                format!("rename or delete that column; known are {}", columns::known().join(", "))
            }
            Self::ColumnTwice { .. } => "keep one of the two".to_owned(),
            Self::MissingColumns { .. } => {
                "put what is missing into the first line; `ssoctl bulk --template csv` shows every column".to_owned()
            }
        }
    }
}

/// The rows of a file, in its order.
pub struct Rows {
    source: Source,
    place: Place,
    form: Form,
    /// A row that was read holds its secret.
    met_secret: bool,
}

enum Source {
    Table(Box<table::Table>),
    Objects(Box<lines::Lines>),
}

impl std::fmt::Debug for Rows {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Rows").field("form", &self.form).finish_non_exhaustive()
    }
}

impl Rows {
    /// Begins to read: recognises encoding and form, and for CSV reads the header. Paths in the rows start from `folder`
    /// and must stay inside it.
    ///
    /// # Errors
    ///
    /// [`RowsError`]: the file is not one of requests.
    pub fn open(input: Box<dyn Read + Send>, folder: PathBuf) -> Result<Self, RowsError> {
        let mut input = text::open(input)?;
        let start = head::skip(&mut input)?;
        let seen = input.peek_line()?;
        if let Some((what, next)) = something_else(seen) {
            return Err(RowsError::SomethingElse { what, next });
        }
        let place = Place::new(folder);
        // Further lines are looked at only where they decide: a stream may have none for now.
        let is_objects = if seen.trim_ascii_start().first() == Some(&b'{') {
            if objects::is_cut_short(lines::first(seen)) && !lines::second_begins_object(input.peek()?) {
                return Err(RowsError::SomethingElse {
                    what: "JSON over several lines",
                    next: "write one object a line instead: jq -c . FILE",
                });
            }
            true
        } else {
            // One line that is no object does not make a table of all the others.
            table::known_names(seen, start.delimiter).1 < head::TELLTALE_NAMES
                && lines::second(input.peek()?).is_some_and(objects::is_one)
        };
        if is_objects {
            let source = Source::Objects(Box::new(lines::Lines::new(input, start.line)));
            return Ok(Self { source, place, form: Form::Jsonl, met_secret: false });
        }
        let table = table::Table::open(input, start)?;
        let form = Form::Csv { delimiter: table.delimiter() };
        Ok(Self { source: Source::Table(Box::new(table)), place, form, met_secret: false })
    }

    /// The same rows, of which none is given what the installation keeps for itself: one of `files`, or one of the
    /// environment's `variables`.
    #[must_use]
    pub fn keeping(mut self, files: Vec<PathBuf>, variables: Vec<String>) -> Self {
        self.place.keep(files, variables);
        self
    }

    /// How they are written down.
    #[must_use]
    pub const fn form(&self) -> Form {
        self.form
    }

    /// Whether the rows themselves hold secrets, so that nobody else should be able to read the file: by the header of a
    /// table, and of JSON Lines by those that were read so far.
    #[must_use]
    pub fn hold_secrets(&self) -> bool {
        match &self.source {
            Source::Table(table) => table.has(columns::Column::ClientSecret),
            Source::Objects(_) => self.met_secret,
        }
    }

    /// The next row; `None` at the end. Rows of a table without a single value are passed over: spreadsheets write them.
    ///
    /// # Errors
    ///
    /// [`RowsError::Io`].
    pub fn next_row(&mut self) -> Result<Option<Row>, RowsError> {
        loop {
            let found = match &mut self.source {
                Source::Table(table) => table.next_fields()?,
                Source::Objects(objects) => objects.next_line()?.map(|(line, text)| {
                    let read = text.and_then(objects::read);
                    (line, read)
                }),
            };
            let Some((line, fields)) = found else { return Ok(None) };
            let content = match fields {
                Ok(fields) if fields.is_empty() && matches!(self.source, Source::Table(_)) => continue,
                Ok(fields) if !self.met_secret => {
                    self.met_secret = fields.has(columns::Column::ClientSecret);
                    Ok(fields.into_request(line, &self.place))
                }
                Ok(fields) => Ok(fields.into_request(line, &self.place)),
                Err(findings) => Err(findings),
            };
            return Ok(Some(Row { line, content }));
        }
    }
}

/// What people also have lying about under the name of a list.
fn something_else(seen: &[u8]) -> Option<(&'static str, &'static str)> {
    let save_as_csv = "save it as CSV (UTF-8), and give that file";
    let text = seen.trim_ascii_start();
    Some(match (FileKind::of(text), text.first()?) {
        (Some(FileKind::Zip), _) => ("a spreadsheet workbook (or another archive)", save_as_csv),
        (Some(FileKind::EmptyZip), _) => ("an empty archive", save_as_csv),
        (Some(FileKind::OldOffice), _) => ("an old spreadsheet workbook", save_as_csv),
        (Some(FileKind::RichText), _) => ("a text document (RTF)", save_as_csv),
        (Some(FileKind::Pdf), _) => ("a PDF document", "ask for the list as CSV"),
        (Some(FileKind::Gzip), _) => ("a compressed file", "unpack it first: gunzip FILE"),
        (Some(FileKind::Picture(_)), _) => ("a picture", "ask for the list as CSV"),
        (_, b'[') => ("one JSON array", "write one object a line instead: jq -c '.[]' FILE"),
        (_, b'<') => (
            "XML or HTML",
            "give a CSV or JSON Lines file; the metadata of a provider belongs into its column `metadata`",
        ),
        _ => return None,
    })
}

/// A row that is longer than is read.
fn too_long() -> Finding {
    Finding::fail("input_too_long", "the row is longer than 1 MiB")
        .because("no request is that long: most often a quotation mark was opened and never closed, and swallowed the rows behind it")
        .next("look at that line of the file, mend it, and run the same command again; other rows are not touched by this")
}

/// A row that is not what its form asks for.
fn malformed(fact: impl Into<String>) -> Finding {
    Finding::fail("row_syntax", fact)
        .because("values could land in the wrong place")
        .next("mend that line of the file, and run the same command again; other rows are not touched by this")
}

/// A row that is not text.
fn not_utf8() -> Finding {
    Finding::fail("row_encoding", "the row is not valid UTF-8 or UTF-16")
        .because("letters outside ASCII would be guessed at, and a secret with one would be wrong")
        .next("save the file as `CSV UTF-8` (or as Unicode text), and run the same command again")
}

/// A name that a row may not have, printable, with the one that comes nearest.
fn unknown_name(name: &str) -> Finding {
    let shown = columns::shown(name);
    let finding = Finding::fail("row_field_unknown", format!("there is no value called `{shown}`"))
        .because("a misspelt name would be left out without a word");
    match columns::nearest(name) {
        Some(nearest) => finding.next(format!("did you mean `{nearest}`?")),
        None => finding.next(format!("known are {}", columns::known().join(", "))),
    }
}

#[cfg(test)]
mod tests;
