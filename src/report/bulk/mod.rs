//! A run over many requests: a document for each row, a table to merge mails from, and the sum of it all.

mod spreadsheet;
mod tally;

use std::io::{self, Write};

use serde_json::{Value, json};

pub use spreadsheet::harmless_cell;
pub use tally::Tally;

use super::reply::recipient;
use super::{Report, json_v1};
use crate::finding::Verdict;
use crate::onboarding::plan::Outcome;

/// The report of a row as one JSON value: that of a single request, with its line.
#[must_use]
pub fn document(line: u64, report: &Report) -> Value {
    with_line(line, json_v1::document(report))
}

/// `document` with the line of its row, behind the version.
#[must_use]
pub fn with_line(line: u64, document: Value) -> Value {
    let Value::Object(members) = document else { return document };
    let mut with_line = serde_json::Map::new();
    for (name, value) in members {
        let first = with_line.is_empty();
        with_line.insert(name, value);
        if first {
            with_line.insert("line".to_owned(), line.into());
        }
    }
    Value::Object(with_line)
}

/// How the rows of a report file are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileForm {
    /// A table for spreadsheets and mail merging.
    Csv,
    /// One JSON object a line.
    Jsonl,
}

impl FileForm {
    /// What the name of a file asks for: JSON Lines for `.jsonl`, `.ndjson` and `.json`, else CSV.
    #[must_use]
    pub fn of_name(path: &std::path::Path) -> Self {
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_ascii_lowercase();
        if ["jsonl", "ndjson", "json"].contains(&ending.as_str()) { Self::Jsonl } else { Self::Csv }
    }
}

/// The columns of a report file, which are the members of its objects as well.
const COLUMNS: [&str; 18] = [
    "line",
    "outcome",
    "ticket",
    "owner",
    "name",
    "team_id",
    "team",
    "protocol",
    "provider",
    "client_id",
    "domains",
    "connection_id",
    "reasons",
    "warnings",
    "facts",
    "reply_to",
    "reply_subject",
    "reply",
];

/// Whether a file that begins like this is a report, or empty.
#[must_use]
pub fn is_report(beginning: &[u8]) -> bool {
    let [first, second, ..] = COLUMNS;
    let table = format!("{first},{second},");
    let object = format!("{{\"{first}\":");
    beginning.is_empty() || beginning.starts_with(table.as_bytes()) || beginning.starts_with(object.as_bytes())
}

/// One row of a report file.
#[derive(Debug, Clone, Default)]
pub struct FileRow {
    cells: Vec<String>,
}

impl FileRow {
    /// What the file says of a row.
    #[must_use]
    pub fn of(line: u64, report: &Report) -> Self {
        let codes = |verdict: Verdict| {
            let all = report.saying(verdict);
            let codes: Vec<String> =
                all.flat_map(|one| one.reasons().map(move |code| format!("{}: {code}", one.id))).collect();
            codes.join("; ")
        };
        let stop = if report.saying(Verdict::Fail).next().is_some() { Verdict::Fail } else { Verdict::Unknown };
        let facts: Vec<&str> = report.saying(stop).map(|judgement| judgement.summary.as_str()).collect();
        let connection = report.connection.as_ref();
        let provider = connection.map(|connection| connection.provider.name().to_owned());
        let cells = vec![
            line.to_string(),
            report.outcome.as_str().to_owned(),
            report.ticket.clone().unwrap_or_default(),
            report.owner.clone().unwrap_or_default(),
            report.owner_name.clone(),
            report.team.as_ref().map(|team| crate::foreign::shown(team.id.as_str())).unwrap_or_default(),
            report.team.as_ref().and_then(crate::product::team::Team::shown_name).unwrap_or_default(),
            report.protocol.as_str().to_owned(),
            provider.or_else(|| report.request.issuer.clone()).unwrap_or_default(),
            report.request.client_id.clone().unwrap_or_default(),
            report.domains.join(" "),
            connection.and_then(|connection| connection.id.as_ref()).map(ToString::to_string).unwrap_or_default(),
            codes(stop),
            codes(Verdict::Warn),
            facts.join("; "),
            recipient(&report.checks, report.request.requested_by.as_deref(), report.owner.as_deref())
                .unwrap_or_default(),
            report.reply_subject.clone(),
            report.reply.clone(),
        ];
        Self { cells }
    }

    /// What the file says of a row that could not be decided: why.
    #[must_use]
    pub fn failed(line: u64, outcome: Outcome, message: &str) -> Self {
        let cells = COLUMNS.map(|column| match column {
            "line" => line.to_string(),
            "outcome" => outcome.as_str().to_owned(),
            "facts" => message.to_owned(),
            _ => String::new(),
        });
        Self { cells: cells.to_vec() }
    }
}

/// A report file under way.
pub struct FileWriter<W: Write> {
    form: Form<W>,
}

enum Form<W: Write> {
    Csv(Box<csv::Writer<W>>),
    Jsonl(io::BufWriter<W>),
}

impl<W: Write> FileWriter<W> {
    /// Begins the file; a table with its header.
    ///
    /// # Errors
    ///
    /// It cannot be written.
    pub fn begin(to: W, form: FileForm) -> io::Result<Self> {
        match form {
            FileForm::Jsonl => Ok(Self { form: Form::Jsonl(io::BufWriter::new(to)) }),
            FileForm::Csv => {
                let mut writer = csv::Writer::from_writer(to);
                writer.write_record(COLUMNS)?;
                writer.flush()?;
                Ok(Self { form: Form::Csv(Box::new(writer)) })
            }
        }
    }

    /// Adds a row.
    ///
    /// # Errors
    ///
    /// It cannot be written.
    pub fn add(&mut self, row: &FileRow) -> io::Result<()> {
        match &mut self.form {
            Form::Csv(writer) => {
                Ok(writer.write_record(row.cells.iter().map(|cell| harmless_cell(cell).into_owned()))?)
            }
            Form::Jsonl(writer) => {
                let members = COLUMNS.iter().zip(&row.cells).map(|(name, value)| {
                    let value =
                        if *name == "line" { json!(value.parse::<u64>().unwrap_or_default()) } else { json!(value) };
                    ((*name).to_owned(), value)
                });
                writeln!(writer, "{}", Value::Object(members.collect()))
            }
        }
    }

    /// Hands over to the system what was added so far.
    ///
    /// # Errors
    ///
    /// It cannot be written: the disk is full.
    pub fn flush(&mut self) -> io::Result<()> {
        match &mut self.form {
            Form::Csv(writer) => writer.flush(),
            Form::Jsonl(writer) => writer.flush(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(form: FileForm, rows: &[FileRow]) -> String {
        let mut bytes = Vec::new();
        let mut file = FileWriter::begin(&mut bytes, form).unwrap();
        rows.iter().try_for_each(|row| file.add(row)).unwrap();
        file.flush().unwrap();
        drop(file);
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_table_has_its_header_and_no_cell_that_a_spreadsheet_would_calculate() {
        // csv-031, csv-032, csv-035, csv-036
        for value in ["+1+1", "-2+3", "\r=1", "=HYPERLINK(\"http://evil.example\",\"x\")", "@SUM(A1)", "\t=1"] {
            let text = written(FileForm::Csv, &[FileRow::failed(2, Outcome::Failed, value)]);
            let mut reader = csv::Reader::from_reader(text.as_bytes());
            assert_eq!(reader.headers().unwrap().iter().collect::<Vec<_>>(), COLUMNS);
            for cell in &reader.records().next().unwrap().unwrap() {
                assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{value:?}: {cell:?}");
            }
        }
    }

    #[test]
    fn an_object_has_every_member_and_values_as_they_are() {
        let text = written(FileForm::Jsonl, &[FileRow::failed(7, Outcome::Failed, "=1\nline")]);
        let value: Value = serde_json::from_str(text.trim_end()).unwrap();
        assert_eq!((value["line"].as_u64(), value["facts"].as_str()), (Some(7), Some("=1\nline")));
        assert_eq!(value.as_object().unwrap().len(), COLUMNS.len());
    }

    #[test]
    fn a_report_is_known_by_how_it_begins() {
        for form in [FileForm::Csv, FileForm::Jsonl] {
            assert!(is_report(written(form, &[FileRow::failed(2, Outcome::Failed, "x")]).as_bytes()), "{form:?}");
        }
        assert!(is_report(b"") && !is_report(b"owner,issuer\n") && !is_report(b"SQLite format 3\0"));
    }

    #[test]
    fn the_name_of_the_file_says_its_form() {
        let form = |name: &str| FileForm::of_name(std::path::Path::new(name));
        assert_eq!(
            (form("a.jsonl"), form("a.NDJSON"), form("a.csv"), form("/dev/full")),
            (FileForm::Jsonl, FileForm::Jsonl, FileForm::Csv, FileForm::Csv)
        );
    }

    #[test]
    fn the_line_stands_behind_the_version() {
        let document = with_line(17, json!({"schema": 1, "outcome": "refused"}));
        assert_eq!(document.to_string(), r#"{"schema":1,"line":17,"outcome":"refused"}"#);
    }
}
