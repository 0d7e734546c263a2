//! The thread that prints results: a line each for scripts, the report file, how far the run is, and the sum.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::sync::{mpsc, watch};

use super::super::app::json_line;
use super::super::exit_status;
use super::super::failure::{ExitStatus, Failure};
use super::RowReports;
use super::input::Expected;
use crate::onboarding::Fault;
use crate::onboarding::bulk::{Decided, Done, RowRequest, Run};
use crate::onboarding::plan::Outcome;
use crate::report::bulk::{self, FileForm, FileRow, FileWriter, Tally};
use crate::report::{ConnectionView, Report};
use crate::ui::progress::Progress;

/// Bytes of a file that show whether it is a report.
const REPORT_BEGINNING: u64 = 64;

/// Results taken together.
const BATCHES: usize = 16;

/// Creates the report file, for the owner alone: it holds names and mails. What is there already is overwritten where it
/// is an earlier report, and nothing else is: the list itself is named here by mistake sooner or later.
pub(super) fn create_report(path: &Path) -> Result<File, Failure> {
    let failed = |error: io::Error| {
        Failure::usage(format!("could not create the report file `{}`", path.display()))
            .cause(error.to_string())
            .hint("nothing was checked or written")
    };
    // Beyond a file there may be a terminal or a pipe, of which nothing can be read.
    if !std::fs::metadata(path).is_ok_and(|there| there.is_file()) {
        let mut options = File::options();
        options.write(true).create(true).truncate(false).mode(0o600);
        return super::input::open(path, &options, "reads from")?.map_err(failed);
    }
    let mut file = File::options().read(true).write(true).open(path).map_err(failed)?;
    let mut beginning = Vec::new();
    (&mut file).take(REPORT_BEGINNING).read_to_end(&mut beginning).map_err(failed)?;
    if !bulk::is_report(&beginning) {
        return Err(Failure::usage(format!(
            "`{}` is there already and is no report: it is not overwritten",
            path.display()
        ))
        .hint("name a new file for --report; nothing was checked or written"));
    }
    file.set_len(0).and_then(|()| file.rewind()).map_err(failed)?;
    Ok(file)
}

/// What prints results.
pub(super) struct Printer {
    pub(super) json: bool,
    pub(super) ordered: bool,
    pub(super) report: Option<(File, FileForm)>,
    pub(super) reports: Arc<RowReports>,
    pub(super) progress: Progress,
    pub(super) run: Arc<Run>,
    pub(super) stop: Arc<watch::Sender<bool>>,
    pub(super) expected: Expected,
}

/// What came of the printing.
pub(super) struct Printed {
    pub(super) tally: Tally,
    /// The highest of the rows.
    pub(super) status: ExitStatus,
    /// Why results were lost.
    pub(super) failure: Option<Failure>,
    /// Nobody reads results any more.
    pub(super) reader_is_gone: bool,
}

/// What is printed to, and what became of it.
struct Sinks {
    report: Option<FileWriter<File>>,
    lines: String,
    failure: Option<Failure>,
    reader_is_gone: bool,
}

impl Printer {
    /// Prints what comes until nobody can send any more.
    pub(super) fn print_all(mut self, mut done: mpsc::Receiver<Vec<Done>>) -> Printed {
        let mut printed =
            Printed { tally: Tally::default(), status: ExitStatus::Done, failure: None, reader_is_gone: false };
        let mut sinks = Sinks { report: None, lines: String::new(), failure: None, reader_is_gone: false };
        if let Some((file, form)) = self.report.take() {
            match FileWriter::begin(file, form) {
                Ok(report) => sinks.report = Some(report),
                Err(error) => self.lost(&mut sinks, report_failure(&error)),
            }
        }
        let mut waiting: BTreeMap<u64, Done> = BTreeMap::new();
        let mut next = 0;
        let mut batches = Vec::with_capacity(BATCHES);
        while done.blocking_recv_many(&mut batches, BATCHES) > 0 {
            for one in batches.drain(..).flatten() {
                if !self.ordered {
                    self.print(one, &mut sinks, &mut printed);
                    continue;
                }
                waiting.insert(one.asked.number, one);
                while let Some(one) = waiting.remove(&next) {
                    next += 1;
                    self.print(one, &mut sinks, &mut printed);
                }
            }
            self.flush(&mut sinks);
            let rows = printed.tally.rows();
            let expected = self.expected.rows(self.run.counts.begun.load(Ordering::Relaxed));
            self.progress.tell(rows, expected, || printed.tally.words());
        }
        // After an interruption some are missing, and the rest is still in order.
        for one in waiting.into_values() {
            self.print(one, &mut sinks, &mut printed);
        }
        self.flush(&mut sinks);
        self.progress.end(printed.tally.rows(), &printed.tally.words());
        printed.failure = sinks.failure;
        printed.reader_is_gone = sinks.reader_is_gone;
        printed
    }

    fn print(&self, done: Done, sinks: &mut Sinks, printed: &mut Printed) {
        let status = match &done.result {
            Ok(decided) => {
                printed.tally.add(done.asked.line, decided.outcome, &decided.judgements);
                exit_status(decided.outcome)
            }
            Err(fault) => {
                let failure = Failure::from(fault.clone());
                printed.tally.add_failed(done.asked.line, failure.outcome(), part_at_fault(fault), &failure.message());
                failure.status
            }
        };
        if status.code() > printed.status.code() {
            printed.status = status;
        }
        if !self.json && sinks.report.is_none() {
            return;
        }
        let line = done.asked.line;
        let (for_file, for_lines) = (sinks.report.is_some(), self.json && !sinks.reader_is_gone);
        let (row, document) = match done.result {
            Ok(decided) => {
                let report = self.report_of(&done.asked, *decided);
                let row = for_file.then(|| FileRow::of(line, &report));
                (row, for_lines.then(|| bulk::document(line, &report)))
            }
            Err(fault) => {
                let failure = Failure::from(fault);
                let row = for_file.then(|| FileRow::failed(line, failure.outcome(), &failure.message()));
                (row, for_lines.then(|| bulk::with_line(line, failure.document())))
            }
        };
        if let (Some(file), Some(row)) = (&mut sinks.report, row)
            && let Err(error) = file.add(&row)
        {
            self.lost(sinks, report_failure(&error));
        }
        if let Some(document) = document {
            sinks.lines.push_str(&json_line(&document));
        }
    }

    fn report_of(&self, asked: &RowRequest, decided: Decided) -> Report {
        let Decided { outcome, judgements, facts, connection, plan } = decided;
        let as_it_stands = outcome.has_written() || outcome == Outcome::Unchanged;
        let stored = connection.as_ref().filter(|_| as_it_stands).and_then(ConnectionView::of_stored);
        let view = stored.or_else(|| ConnectionView::foreseen(&asked.request, &facts, plan.as_ref()));
        let command = self.reports.command(&asked.request, &facts);
        self.reports.report(asked, outcome, &facts, judgements, view, command)
    }

    /// Hands over what was printed so far: every result is out as soon as nothing else is at hand.
    fn flush(&self, sinks: &mut Sinks) {
        if !sinks.lines.is_empty() {
            let lines = std::mem::take(&mut sinks.lines);
            let mut out = io::stdout().lock();
            match out.write_all(lines.as_bytes()).and_then(|()| out.flush()) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                    // Whoever read the results has gone away: no more of them are made.
                    sinks.reader_is_gone = true;
                    let _ = self.stop.send(true);
                }
                Err(error) => self.lost(sinks, Failure::from(error)),
            }
        }
        if let Some(report) = &mut sinks.report
            && let Err(error) = report.flush()
        {
            self.lost(sinks, report_failure(&error));
        }
    }

    /// Results cannot be kept any more: the run takes no further rows.
    fn lost(&self, sinks: &mut Sinks, failure: Failure) {
        sinks.report = None;
        sinks.failure.get_or_insert(failure);
        let _ = self.stop.send(true);
    }
}

fn report_failure(error: &io::Error) -> Failure {
    Failure::fault("the report file could not be written to its end").cause(error.to_string())
}

fn part_at_fault(fault: &Fault) -> &'static str {
    match fault {
        Fault::Store(_) => "database",
        Fault::Seal(_) => "sealed_secret",
        Fault::Random => "random_numbers",
    }
}
