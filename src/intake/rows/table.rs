//! A table: CSV as RFC 4180 has it, and as spreadsheets write it.

use std::io;

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};
use zeroize::Zeroizing;

use super::columns::{self, Column};
use super::fields::{Fields, Given};
use super::head::Start;
use super::text::Text;
use super::{ROW_BYTES, RowsError, malformed, not_utf8, too_long};
use crate::finding::Finding;
use crate::foreign;

/// What may stand between two values, the usual one first.
pub(super) const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// Most unknown columns that are named.
const NAMED: usize = 8;

/// The values of a row, or everything that is wrong with it.
type Found = Result<Fields, Vec<Finding>>;

/// A table whose header was read.
pub(super) struct Table {
    cells: Cells,
    /// What each column is; `None` for one without a name.
    columns: Vec<Option<Column>>,
}

impl Table {
    /// Reads the header, where it was not met among the remarks.
    ///
    /// # Errors
    ///
    /// [`RowsError`]: a header that names no columns, unknown ones, one twice, or too few.
    pub(super) fn open(mut input: Text, start: Start) -> Result<Self, RowsError> {
        let Start { line, delimiter, header } = start;
        if let Some(header) = header {
            let delimiter = delimiter.unwrap_or_else(|| most_frequent(&header));
            let columns = columns_of(&names(&header, delimiter)?)?;
            return Ok(Self { cells: Cells::new(input, delimiter, line), columns });
        }
        let delimiter = match delimiter {
            Some(delimiter) => delimiter,
            None => most_frequent(input.peek_line()?),
        };
        let mut cells = Cells::new(input, delimiter, line);
        let columns = columns_of(&cells.header()?)?;
        Ok(Self { cells, columns })
    }

    pub(super) const fn delimiter(&self) -> u8 {
        self.cells.delimiter
    }

    pub(super) fn has(&self, column: Column) -> bool {
        self.columns.contains(&Some(column))
    }

    /// The values of the next row, with the line on which it begins.
    pub(super) fn next_fields(&mut self) -> io::Result<Option<(u64, Found)>> {
        let Some((line, read)) = self.cells.next_record()? else { return Ok(None) };
        let fields = match read {
            Read::Whole => self.fields(),
            Read::TooLong => Err(vec![too_long()]),
            Read::Unclosed => Err(vec![malformed(
                "a quotation mark is opened in this row and never closed, so that it reaches to the end of the file",
            )]),
            Read::Misquoted => Err(vec![malformed(
                "a quoted value goes on behind its closing quotation mark; one that belongs to the value is written twice (\"\")",
            )]),
        };
        Ok(Some((line, fields)))
    }

    fn fields(&self) -> Result<Fields, Vec<Finding>> {
        let values = self.cells.texts().ok_or_else(|| vec![not_utf8()])?;
        let mut fields = Fields::default();
        for (position, value) in values.iter().enumerate() {
            if value.trim().is_empty() {
                continue;
            }
            match self.columns.get(position).copied().flatten() {
                Some(column) => _ = fields.put(column, Given::One(Zeroizing::new((*value).to_owned()))),
                None if position < self.columns.len() => {
                    return Err(vec![malformed(format!("value {} stands in a column without a name", position + 1))]);
                }
                None => {
                    let (has, wanted) = (values.len(), self.columns.len());
                    return Err(vec![malformed(format!("the row has {has} values where the header names {wanted}"))]);
                }
            }
        }
        Ok(fields)
    }
}

fn columns_of(names: &[String]) -> Result<Vec<Option<Column>>, RowsError> {
    let columns: Vec<Option<Column>> = names.iter().map(|name| Column::of(name)).collect();
    let known = columns.iter().flatten().count();
    // A file without a header begins with a row, and its "names" are somebody's values: they are not repeated.
    if known < 2 {
        return Err(RowsError::NoHeader);
    }
    // The same where a row was glued to its header.
    if names.iter().zip(&columns).any(|(name, column)| column.is_none() && columns::is_value(name)) {
        return Err(RowsError::ValuesInHeader);
    }
    let mut unknown = names
        .iter()
        .zip(&columns)
        .filter(|(name, column)| column.is_none() && !name.trim().is_empty())
        .map(|(name, _)| name.trim());
    let first: Vec<(String, Option<&'static str>)> =
        unknown.by_ref().take(NAMED).map(|name| (columns::shown(name), columns::nearest(name))).collect();
    if !first.is_empty() {
        return Err(RowsError::UnknownColumns { columns: first, more: unknown.count() });
    }
    for (position, column) in columns.iter().enumerate() {
        let Some(column) = column else { continue };
        let first = columns.iter().position(|other| other.as_ref() == Some(column)).unwrap_or(position);
        if first != position {
            let called = |at: usize| names.get(at).map(|name| foreign::shown(name.trim())).unwrap_or_default();
            let (first, second) = (called(first), called(position));
            return Err(RowsError::ColumnTwice { column: column.name(), first, second });
        }
    }
    let has = |column: Column| columns.contains(&Some(column));
    let mut missing = Vec::new();
    if !has(Column::Owner) {
        missing.push(Column::Owner.name());
    }
    // With a column for metadata, rows may all be for SAML.
    if !has(Column::Metadata) {
        let needed = [Column::Issuer, Column::ClientId].into_iter();
        missing.extend(needed.filter(|column| !has(*column)).map(Column::name));
        let secrets = [Column::ClientSecret, Column::ClientSecretFile, Column::ClientSecretEnv];
        if !secrets.iter().any(|column| has(*column)) {
            missing.push(Column::ClientSecret.name());
        }
    }
    if missing.is_empty() { Ok(columns) } else { Err(RowsError::MissingColumns { columns: missing }) }
}

/// How many columns the line that `seen` begins with names, and how many of them are known.
pub(super) fn known_names(seen: &[u8], delimiter: Option<u8>) -> (usize, usize) {
    let Ok(names) = names(seen, delimiter.unwrap_or_else(|| most_frequent(seen))) else { return (0, 0) };
    (names.len(), names.iter().filter(|name| Column::of(name).is_some()).count())
}

/// Whether the line that `seen` begins with is a header by which a row can be complete.
pub(super) fn is_header(seen: &[u8], delimiter: Option<u8>) -> bool {
    names(seen, delimiter.unwrap_or_else(|| most_frequent(seen))).and_then(|names| columns_of(&names)).is_ok()
}

/// The values of the line that `seen` begins with.
fn names(seen: &[u8], delimiter: u8) -> Result<Vec<String>, RowsError> {
    Cells::new(Text::of(seen), delimiter, 1).header()
}

/// The delimiter that the line which `seen` begins with has most of outside of quotes.
fn most_frequent(seen: &[u8]) -> u8 {
    let mut counts = [0_usize; DELIMITERS.len()];
    let mut quoted = false;
    for byte in seen {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' | b'\r' if !quoted => break,
            byte if !quoted => {
                if let Some(at) = DELIMITERS.iter().position(|one| one == byte)
                    && let Some(count) = counts.get_mut(at)
                {
                    *count += 1;
                }
            }
            _ => {}
        }
    }
    // Of equals, the first: `max_by_key` would take the last.
    let most = counts.iter().copied().max().unwrap_or_default();
    let at = counts.iter().position(|count| *count == most).unwrap_or_default();
    DELIMITERS.get(at).copied().unwrap_or(b',')
}

/// How a record was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Read {
    Whole,
    TooLong,
    /// A quote was still open at the end of the file.
    Unclosed,
    /// Something stands between a closing quote and the end of its value.
    Misquoted,
}

/// Where in a value a byte stands, as far as quotes go. The library takes what is misquoted as best it can, which would
/// change a secret without a word.
///
/// Source: RFC 4180, section 2, rules 5 to 7.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quoting {
    /// At the beginning of a value.
    Before,
    /// In one without quotes, or behind those of one that is misquoted.
    Plain,
    Quoted,
    /// Behind a quote in a quoted value: it closes it, or is the first of two.
    Closing,
}

impl Quoting {
    /// Goes over `bytes`; whether anything in them was misquoted.
    fn follow(&mut self, bytes: &[u8], delimiter: u8) -> bool {
        let mut misquoted = false;
        for byte in bytes {
            let ends = *byte == delimiter || matches!(byte, b'\n' | b'\r');
            *self = match (*self, byte) {
                (Self::Quoted, b'"') => Self::Closing,
                (Self::Before | Self::Closing, b'"') | (Self::Quoted, _) => Self::Quoted,
                (Self::Before | Self::Plain | Self::Closing, _) if ends => Self::Before,
                (Self::Closing, _) => {
                    misquoted = true;
                    Self::Plain
                }
                (Self::Before | Self::Plain, _) => Self::Plain,
            };
        }
        misquoted
    }
}

/// Records of a stream, none of them kept beyond [`ROW_BYTES`]. The grammar is the library's; what is ours is the limit
/// and the counting of lines.
struct Cells {
    input: Text,
    reader: Reader,
    delimiter: u8,
    /// The line that the next byte stands on.
    line: u64,
    /// The byte before was a carriage return.
    after_return: bool,
    /// Wiped in the end: cells hold secrets.
    bytes: Zeroizing<Vec<u8>>,
    ends: Vec<usize>,
    length: usize,
    count: usize,
}

impl Cells {
    fn new(input: Text, delimiter: u8, line: u64) -> Self {
        let reader = ReaderBuilder::new().delimiter(delimiter).build();
        let bytes = Zeroizing::new(vec![0; 16 * 1024]);
        Self { input, reader, delimiter, line, after_return: false, bytes, ends: vec![0; 32], length: 0, count: 0 }
    }

    /// The names in the first record.
    fn header(&mut self) -> Result<Vec<String>, RowsError> {
        let Some((_, read)) = self.next_record()? else { return Err(RowsError::Empty) };
        let Read::Whole = read else { return Err(RowsError::NoHeader) };
        let names = self.texts().ok_or(RowsError::NoHeader)?;
        Ok(names.into_iter().map(str::to_owned).collect())
    }

    /// Reads the next record, with the line on which it begins.
    fn next_record(&mut self) -> io::Result<Option<(u64, Read)>> {
        self.skip_blank_lines()?;
        (self.length, self.count) = (0, 0);
        let line = self.line;
        let (mut used, mut quoting, mut misquoted, mut too_long) = (0_usize, Quoting::Before, false, false);
        loop {
            let seen = self.input.fill()?;
            let at_end = seen.is_empty();
            let (bytes, ends) = (self.bytes.get_mut(self.length..), self.ends.get_mut(self.count..));
            let (result, read, wrote, ended) =
                self.reader.read_record(seen, bytes.unwrap_or_default(), ends.unwrap_or_default());
            let taken = seen.get(..read).unwrap_or_default();
            misquoted |= quoting.follow(taken, self.delimiter);
            (self.line, self.after_return) = count_lines(taken, self.line, self.after_return);
            self.input.consume(read);
            used = used.saturating_add(read);
            self.length += wrote;
            self.count += ended;
            too_long |= used > ROW_BYTES;
            if too_long {
                // What follows is read to its end and forgotten.
                (self.length, self.count) = (0, 0);
            }
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull => grow(&mut self.bytes),
                ReadRecordResult::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
                ReadRecordResult::End => return Ok(None),
                ReadRecordResult::Record if too_long => return Ok(Some((line, Read::TooLong))),
                ReadRecordResult::Record if misquoted => return Ok(Some((line, Read::Misquoted))),
                ReadRecordResult::Record if at_end && quoting == Quoting::Quoted => {
                    return Ok(Some((line, Read::Unclosed)));
                }
                ReadRecordResult::Record => return Ok(Some((line, Read::Whole))),
            }
        }
    }

    fn skip_blank_lines(&mut self) -> io::Result<()> {
        loop {
            let seen = self.input.fill()?;
            let blank = seen.iter().take_while(|byte| matches!(byte, b'\n' | b'\r')).count();
            if blank == 0 {
                return Ok(());
            }
            let skipped = seen.get(..blank).unwrap_or_default();
            (self.line, self.after_return) = count_lines(skipped, self.line, self.after_return);
            self.input.consume(blank);
        }
    }

    /// The cells of the record that was read; `None` where they are not UTF-8.
    fn texts(&self) -> Option<Vec<&str>> {
        let mut start = 0;
        let ends = self.ends.get(..self.count)?;
        ends.iter()
            .map(|&end| {
                let cell = std::str::from_utf8(self.bytes.get(start..end)?).ok();
                start = end;
                cell
            })
            .collect()
    }
}

/// Makes room for a longer record, and leaves no copy of it behind.
fn grow(bytes: &mut Zeroizing<Vec<u8>>) {
    let mut larger = Zeroizing::new(vec![0; (bytes.len() * 2).min(ROW_BYTES + 1)]);
    if let Some(room) = larger.get_mut(..bytes.len().min(ROW_BYTES + 1)) {
        room.copy_from_slice(bytes.get(..room.len()).unwrap_or_default());
    }
    *bytes = larger;
}

/// The line after `bytes`: ended by line feed, carriage return, or both.
fn count_lines(bytes: &[u8], mut line: u64, mut after_return: bool) -> (u64, bool) {
    for byte in bytes {
        match byte {
            b'\n' if after_return => after_return = false,
            b'\n' => line += 1,
            b'\r' => {
                line += 1;
                after_return = true;
            }
            _ => after_return = false,
        }
    }
    (line, after_return)
}
