//! What may stand above the rows: remarks, blank lines, the separator, and a header that looks like a remark.

use super::text::Text;
use super::{RowsError, lines, table};

/// Where the rows begin, and what was learned on the way.
pub(super) struct Start {
    /// The line of the file that comes next.
    pub(super) line: u64,
    /// What a line `sep=…` says.
    pub(super) delimiter: Option<u8>,
    /// The header, where it begins with `#` and was passed over.
    pub(super) header: Option<Vec<u8>>,
}

/// Columns that a line has to name to be taken for a header.
pub(super) const TELLTALE_NAMES: usize = 2;

/// Lines among which a remark is looked at for the names of columns; reading one takes its time.
const REMARKS_READ: u64 = 1000;

/// Passes over everything above the first row or its header.
///
/// # Errors
///
/// [`RowsError`]: nothing else is there, or the separator is an unknown one.
pub(super) fn skip(input: &mut Text) -> Result<Start, RowsError> {
    let mut start = Start { line: 1, delimiter: None, header: None };
    loop {
        let seen = input.peek_line()?;
        if seen.starts_with(b"\xEF\xBB\xBF") {
            // Where files were put together, one stands in the middle.
            input.consume(3);
            continue;
        }
        let line = lines::first(seen);
        // Remarks stand above the first row: further down a `#` may begin a value.
        let is_remark = line.first() == Some(&b'#');
        if let Some(above) = &start.header {
            if is_header_of(above, seen, is_remark, start.delimiter) {
                return Ok(start);
            }
            start.header = None;
        }
        if seen.is_empty() {
            return Err(RowsError::Empty);
        }
        if is_remark {
            let may_be_header = start.line <= REMARKS_READ && line.iter().any(|byte| table::DELIMITERS.contains(byte));
            let names = |line| table::known_names(line, start.delimiter).1;
            start.header = (may_be_header && names(line) >= TELLTALE_NAMES).then(|| line.to_vec());
        } else if let Some(separator) = separator(line) {
            start.delimiter = separator?;
        } else if !is_blank(line) {
            return Ok(start);
        }
        lines::skip(input)?;
        start.line += 1;
    }
}

/// Whether `above`, which begins with `#`, is the header of what comes next: that is none itself, and no object. Another line
/// that begins with `#` has to have as many values for that.
fn is_header_of(above: &[u8], seen: &[u8], is_remark: bool, delimiter: Option<u8>) -> bool {
    let (names, known) = table::known_names(seen, delimiter);
    if known >= TELLTALE_NAMES || seen.trim_ascii_start().first() == Some(&b'{') || is_blank(lines::first(seen)) {
        return seen.is_empty() && table::is_header(above, delimiter);
    }
    !is_remark || (table::is_header(above, delimiter) && table::known_names(above, delimiter).0 == names)
}

/// What a line `sep=…` names, as spreadsheets write it, and as it is once they have saved it again: in capitals, in quotes,
/// with delimiters behind it. One that others stand behind was not followed, and counts for nothing.
fn separator(line: &[u8]) -> Option<Result<Option<u8>, RowsError>> {
    let line = line.trim_ascii_start();
    let line = line.strip_prefix(b"\"").unwrap_or(line);
    let (word, rest) = line.split_at_checked(4)?;
    if !word.eq_ignore_ascii_case(b"sep=") {
        return None;
    }
    let (separator, rest) = rest.split_first()?;
    let is_delimiter = |byte: &u8| table::DELIMITERS.contains(byte);
    let others: Vec<&u8> = rest.iter().filter(|byte| !matches!(byte, b'"' | b' ')).collect();
    if !is_delimiter(separator) || !others.iter().all(|byte| is_delimiter(byte)) {
        return Some(Err(RowsError::Separator));
    }
    Some(Ok(others.iter().all(|byte| *byte == separator).then_some(*separator)))
}

/// Whether a line has no value.
fn is_blank(line: &[u8]) -> bool {
    line.iter().all(|byte| byte.is_ascii_whitespace() || *byte == b'"' || table::DELIMITERS.contains(byte))
}
