//! `ssoctl bulk`

mod input;
mod output;
mod signals;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use clap::Args;
use serde_json::{Map, Value};
use tokio::sync::{mpsc, watch};

use self::input::Source;
use self::output::{Printed, Printer};
use super::Output;
use super::app::App;
use super::failure::{ExitStatus, Failure};
use super::outbox::Outbox;
use crate::checks::Facts;
use crate::config::Config;
use crate::finding::Judgement;
use crate::intake::rows::{CSV_TEMPLATE, JSONL_TEMPLATE, Rows};
use crate::onboarding::apply::Deed;
use crate::onboarding::bulk::{self, Concurrency, Counts, Mode, RowRequest, Run};
use crate::onboarding::plan::{Outcome, Wish};
use crate::report::bulk::FileForm;
use crate::report::{CommandLine, ConnectionView, Report};
use crate::request::{MetadataSource, OnboardingRequest};
use crate::store;
use crate::ui::Ui;
use crate::ui::progress::{Progress, rows};
use crate::ui::prompt;

/// Onboard every request of a CSV or JSON Lines file
///
/// Each row is checked and written as by `onboard`, and one bad row stops no other. Running the same file again carries on
/// where it stopped: rows that are written already are `unchanged`. `-o json` prints a line for each row as soon as it is
/// known; otherwise a summary comes at the end.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  ssoctl bulk --template csv > requests.csv\n  ssoctl bulk requests.csv --dry-run\n  ssoctl bulk \
                  requests.csv --yes --report answers.csv\n  ssoctl bulk - -o json < requests.jsonl > results.jsonl"
)]
#[expect(clippy::struct_excessive_bools, reason = "each is one flag of the command line")]
pub(super) struct BulkArgs {
    /// The file with the requests, or - for standard input
    #[arg(value_name = "FILE", required_unless_present = "template")]
    file: Option<PathBuf>,
    /// Print a file to start from: csv or jsonl
    #[arg(long, value_enum, ignore_case = true, value_name = "FORM", hide_possible_values = true, conflicts_with_all = [
        "file", "folder", "dry_run", "skip_idp", "stage", "replace", "yes", "concurrency", "per_host", "ordered", "report", "lang",
    ])]
    template: Option<Template>,
    /// Folder that paths in rows are relative to and must stay in [default: the file's own]
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
    /// Check everything and say what would be written, but write nothing
    #[arg(long, help_heading = "Writing")]
    dry_run: bool,
    /// Ask no identity provider; check only the values and the product database (dry runs only)
    #[arg(long, requires = "dry_run", help_heading = "Writing")]
    skip_idp: bool,
    /// Write everything, but do not switch it on
    #[arg(long, help_heading = "Writing")]
    stage: bool,
    /// Replace the connections that teams already have
    #[arg(long, help_heading = "Writing")]
    replace: bool,
    /// Do not ask before writing; accept and record warnings
    #[arg(short, long, help_heading = "Writing")]
    yes: bool,
    /// How many rows may be on the network at a time
    #[arg(long, value_name = "N", default_value_t = 160, value_parser = places(), help_heading = "Pace")]
    concurrency: u16,
    /// How many rows may ask one identity provider at a time
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = places(), help_heading = "Pace")]
    per_host: u16,
    /// Print results in the order of the file
    #[arg(long, help_heading = "Results")]
    ordered: bool,
    /// Write the reply to every row to a file, for mail merge: CSV, or JSON Lines if its name ends in .jsonl
    #[arg(long, value_name = "FILE", help_heading = "Results")]
    report: Option<PathBuf>,
    /// Language of the replies: the name of a folder in `[reply] folder` [default: `[reply] language`, en]
    #[arg(long, value_name = "LANGUAGE", help_heading = "Results")]
    lang: Option<String>,
}

/// A file to start from
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Template {
    /// A table
    Csv,
    /// One JSON object a line
    Jsonl,
}

fn places() -> clap::builder::RangedI64ValueParser<u16> {
    clap::value_parser!(u16).range(1..=4096)
}

/// Rows between the file and the engine.
const ROWS_AHEAD: usize = 256;
/// Batches of results between the engine and the printer.
const RESULTS_BEHIND: usize = 64;
/// What to do after a run that ended before its time.
const GO_ON: &str = "run the same command again to go on: what is written already is `unchanged`";
/// From Ctrl-C to the end.
const LAST_SECOND: Duration = Duration::from_millis(900);
/// What a busy machine gets beyond that, where no commit is waited for: all that is left is to count and to print.
const GRACE: Duration = Duration::from_secs(1);

pub(super) async fn run(args: BulkArgs, app: &App) -> Result<ExitStatus, Failure> {
    if let Some(template) = args.template {
        let text = if template == Template::Csv { CSV_TEMPLATE } else { JSONL_TEMPLATE };
        app.ui.data(text)?;
        return Ok(ExitStatus::Done);
    }
    if args.report.as_deref() == Some(Path::new("-")) {
        return Err(Failure::usage("--report writes a file, and none is named `-`")
            .hint("name one, or leave --report out: with `-o json` results go to standard output, a line for each row")
            .hint("nothing was checked or written"));
    }
    let file = args.file.clone().unwrap_or_else(|| PathBuf::from("-"));
    let config = app.config()?;
    let operator = app.operator()?;
    let allowed = app.allowed_origins(&config)?;
    let origins: Vec<String> = allowed.iter().map(ToString::to_string).collect();
    let source = Source::open(&file)?;
    let folder = args.folder.clone().unwrap_or_else(|| folder_of(&file));
    if args.folder.is_some() && std::fs::read_dir(&folder).is_err() {
        return Err(Failure::usage(format!("`{}` is no folder that can be read", folder.display()))
            .hint("--folder names where paths in rows start from; nothing was checked or written"));
    }
    let (length, seen) = (source.length, Arc::clone(&source.seen));
    let rows = Rows::open(source.input, folder).map_err(|error| input::not_rows(&file, &error))?;
    let rows = rows.keeping(own_files(&args, &file, &config), own_variables(&config));
    // What JSON Lines hold is seen row by row.
    let (is_exposed, met_secret) = (source.is_exposed, Arc::new(AtomicBool::new(false)));
    if is_exposed && rows.hold_secrets() {
        warn_of_readers(&app.ui, &file);
    }
    let is_told = rows.hold_secrets();
    let reports = Arc::new(RowReports::of(&args, app, Outbox::for_printing(&config, args.lang.as_deref())?));
    let keys = App::keys(&config)?;
    let writes = !args.dry_run;
    let repository = app.repository_for(&config, writes).await?;
    let reads_users_whole = repository.reads_users_whole().await?;
    if reads_users_whole {
        app.ui.warning(
            "the product's users have no index by domain: all of them are read again for every few thousand rows, and for every \
             group that is written",
        );
        app.ui.hint("`ssoctl db contract` prints the index");
    }
    let http = app.http_for_many(&config)?;
    if writes && !args.yes && app.ui.is_interactive() && !confirmed(&file)? {
        app.ui.status("Not confirmed: nothing was written.");
        return Ok(ExitStatus::Refused);
    }
    let report = match &args.report {
        Some(path) => Some(output::create_report(path)?),
        None => None,
    };
    allow_many_files();
    let max_domains = config.policy.max_domains;
    let (stop_sender, stop) = watch::channel(false);
    let stop_sender = Arc::new(stop_sender);
    let describing = Arc::clone(&reports);
    let run = Arc::new(Run {
        http,
        allowed_http: allowed,
        repository,
        keys,
        reads_users_whole,
        actor: operator.actor,
        started: operator.now,
        // A SCIM token would have to be shown, once, and to somebody: `ssoctl scim issue`.
        wish: Wish { stage: args.stage, replace: args.replace, reactivate: false, scim: false },
        mode: if writes { Mode::Write } else { Mode::DryRun { skip_providers: args.skip_idp } },
        concurrency: Concurrency { rows: args.concurrency.into(), per_host: args.per_host.into() },
        describe: Box::new(move |asked, deed| describing.audit_details(asked, deed)),
        stop,
        counts: Counts::default(),
        config,
    });
    let (rows_sender, rows_receiver) = mpsc::channel(ROWS_AHEAD);
    let seen_secret = Arc::clone(&met_secret);
    let reading = std::thread::spawn(move || input::read_all(rows, max_domains, &origins, &rows_sender, &seen_secret));
    let (done_sender, done) = mpsc::channel(RESULTS_BEHIND);
    let printer = Printer {
        json: app.output() == Output::Json,
        ordered: args.ordered,
        report: report.map(|file| (file, args.report.as_deref().map_or(FileForm::Csv, FileForm::of_name))),
        reports,
        progress: Progress::begin(&app.ui, app.output() == Output::Json),
        run: Arc::clone(&run),
        stop: Arc::clone(&stop_sender),
        expected: input::Expected { length, seen },
    };
    let results = std::thread::spawn(move || printer.print_all(done));
    if writes {
        prompt::writing_begins();
    }
    let interrupted = signals::watch(&stop_sender, &app.ui);
    let mut all = std::pin::pin!(bulk::carry_out(Arc::clone(&run), rows_receiver, done_sender));
    let in_time = tokio::select! {
        () = &mut all => true,
        () = interrupted.over(LAST_SECOND) => !run.is_writing() && tokio::time::timeout(GRACE, all).await.is_ok(),
    };
    if is_exposed && !is_told && met_secret.load(Ordering::Relaxed) {
        warn_of_readers(&app.ui, &file);
    }
    let ended = End { run: &run, file: &file, interrupted: interrupted.name(), in_time, writes };
    let results = if in_time { results.join().ok() } else { None };
    let read = if reading.is_finished() { reading.join().ok() } else { None };
    ended.say(app, results, read)
}

/// Other users can read the list, and there are secrets in it.
fn warn_of_readers(ui: &Ui, file: &Path) {
    ui.warning(&format!("`{}` holds client secrets, and other users can read it: chmod 600 it", file.display()));
}

/// Files that no row may name as its secret's: other customers' secrets and the installation's own are in them.
fn own_files(args: &BulkArgs, list: &Path, config: &Config) -> Vec<PathBuf> {
    let of_config = [Some(&config.key.file), config.smtp.password_file.as_ref(), config.inbox.password_file.as_ref()];
    let mut files: Vec<PathBuf> = of_config.into_iter().flatten().map(|file| config.resolve(file)).collect();
    // What standard input was redirected from is a file like any other, and one named `-` is not the list.
    files.push(if list == Path::new("-") { PathBuf::from("/dev/stdin") } else { list.to_owned() });
    files.extend(config.file.iter().chain(&args.report).cloned());
    files.extend(store::sqlite_path(&config.database.url, config.database_folder()).ok());
    files
}

/// Variables of the environment that hold passwords of the installation.
fn own_variables(config: &Config) -> Vec<String> {
    [&config.smtp.password_env, &config.inbox.password_env].into_iter().flatten().cloned().collect()
}

/// How a run ended.
struct End<'e> {
    run: &'e Run,
    file: &'e Path,
    interrupted: Option<&'static str>,
    in_time: bool,
    writes: bool,
}

impl End<'_> {
    /// Prints the summary and what keeps the run from being complete, and says the exit status: the highest of the rows.
    fn say(
        &self,
        app: &App,
        printed: Option<Printed>,
        read: Option<Result<(), crate::intake::rows::RowsError>>,
    ) -> Result<ExitStatus, Failure> {
        let Some(printed) = printed else {
            if self.in_time {
                return Err(Failure::fault("the results could not be printed to their end")
                    .hint("run the same command again: what is written already is `unchanged`"));
            }
            app.ui.warning(if self.run.is_writing() {
                "stopped while a group of rows was being written: all of it is stored, or nothing"
            } else {
                "stopped before the results of the last rows could be printed"
            });
            app.ui.hint(GO_ON);
            return Ok(ExitStatus::Interrupted);
        };
        let Printed { tally, mut status, failure, reader_is_gone } = printed;
        if app.output() == Output::Human {
            let is_whole = self.interrupted.is_none() && !reader_is_gone && failure.is_none();
            if tally.rows() > 0 || (is_whole && !matches!(read, Some(Err(_)))) {
                app.ui.data(&tally.text(app.look()))?;
            } else {
                app.ui.data("Stopped before the first row had ended.\n")?;
            }
            if !self.writes {
                app.ui.data("\nThis was a dry run: nothing was written.\n")?;
            }
        }
        if let Some(failure) = failure {
            return Err(failure.hint("rows that were not reached are untouched; run the same command again to go on"));
        }
        let begun = self.run.counts.begun.load(Ordering::Relaxed);
        let given_up = self.run.counts.given_up.load(Ordering::Relaxed);
        if let Some(name) = self.interrupted {
            let unfinished = match given_up {
                0 => String::new(),
                one_or_more => format!("; {one_or_more} under way were given up, and nothing of them is written"),
            };
            app.ui.warning(&format!("stopped by {name} after {}{unfinished}", rows(tally.rows())));
            app.ui.hint(GO_ON);
            return Ok(ExitStatus::Interrupted);
        }
        if reader_is_gone {
            app.ui.warning(&format!("stopped after {}: whoever read the results went away", rows(tally.rows())));
            app.ui.hint(GO_ON);
            return Ok(ExitStatus::Interrupted);
        }
        if let Some(Err(error)) = read {
            return Err(input::not_rows(self.file, &error).hint(format!(
                "carried out before that: {}; run the same command again to go on",
                rows(tally.rows())
            )));
        }
        if self.run.is_hopeless() {
            app.ui.warning("stopped early: no row could be written any more");
            app.ui.hint("`ssoctl doctor` looks at the whole installation; then run the same command again to go on");
        }
        if begun != tally.rows() + given_up {
            app.ui.warning(&format!("lost on the way: {}; this is a fault of the program", rows(begun - tally.rows())));
            app.ui.hint("run the same command again: what is written already is `unchanged`");
            status = ExitStatus::Fault;
        }
        Ok(status)
    }
}

/// What reports of rows are written with.
pub(super) struct RowReports {
    /// `ssoctl onboard` with the flags that hold for every row.
    base: CommandLine,
    allowed: Vec<String>,
    /// How replies are worded, and whom they go to.
    outbox: Outbox,
}

impl RowReports {
    fn of(args: &BulkArgs, app: &App, outbox: Outbox) -> Self {
        let verb = CommandLine::new("onboard")
            .switch("--stage", args.stage)
            .switch("--replace", args.replace)
            .value("--lang", args.lang.clone());
        let (base, allowed) = app.with_flags_for_many(verb);
        Self { base, allowed, outbox }
    }

    /// The command that does for one request what the run does for its row. The secret is asked for.
    fn command(&self, request: &OnboardingRequest, facts: &Facts) -> CommandLine {
        let oidc = request.oidc();
        let mut command = self
            .base
            .clone()
            .value("--ticket", request.ticket.as_ref().map(ToString::to_string))
            .value("--owner", request.owner.as_ref().map(ToString::to_string))
            .value("--requested-by", request.requested_by.address().map(ToString::to_string))
            .value("--issuer", oidc.and_then(|oidc| oidc.issuer.as_ref()).map(ToString::to_string))
            .value("--client-id", oidc.and_then(|oidc| oidc.client_id.as_ref()).map(ToString::to_string));
        if let Some(saml) = request.saml() {
            // What stood in the row itself has no name that a command could take it from.
            let source = saml.metadata.as_ref().filter(|source| !matches!(source, MetadataSource::Given { .. }));
            command = command
                .value("--metadata", source.map(MetadataSource::name))
                .value("--entity-id", saml.entity_id.as_ref().map(ToString::to_string))
                .switch("--no-scim", true);
        }
        command = command.domains(request, true);
        for origin in self.allowed.iter().filter(|origin| facts.loosened_origins.contains(origin)) {
            command = command.everywhere("--allow-origin", Some(origin.clone()));
        }
        command
    }

    fn report(
        &self,
        asked: &RowRequest,
        outcome: Outcome,
        facts: &Facts,
        judgements: Arc<[Judgement]>,
        view: Option<ConnectionView>,
        command: CommandLine,
    ) -> Report {
        Report::new(outcome, &asked.request, facts, judgements, view, command, self.outbox.replies())
    }

    /// Of the command the audit log does not tell.
    fn audit_details(&self, asked: &RowRequest, deed: &Deed<'_>) -> Map<String, Value> {
        let view = deed.connection.and_then(ConnectionView::of_stored);
        let report = self.report(
            asked,
            deed.outcome,
            deed.facts,
            Arc::clone(deed.judgements),
            view,
            CommandLine::new("onboard"),
        );
        let mut details = report.audit_details();
        self.outbox.audit_details(&report, &mut details);
        details
    }
}

fn folder_of(file: &Path) -> PathBuf {
    match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() && file != Path::new("-") => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

fn confirmed(file: &Path) -> Result<bool, Failure> {
    let name = if file == Path::new("-") { "standard input".to_owned() } else { format!("`{}`", file.display()) };
    let question = format!("Carry out every request in {name} that passes its checks?");
    prompt::confirm(&crate::foreign::shown_whole(&question)).map_err(|error| {
        Failure::usage("the question could not be answered").cause(error.to_string()).hint("add --yes")
    })
}

/// Every row at the network has a connection or several: as many open files as the system lets this user have.
fn allow_many_files() {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    // Refused, the run goes on within what there is.
    let _ = setrlimit(Resource::Nofile, limit);
}
