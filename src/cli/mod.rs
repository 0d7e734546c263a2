//! The command line: what can be said, and which room answers.

mod app;
mod ask;
mod audit;
mod bulk;
mod check;
mod completions;
mod connection;
mod db;
mod demo;
mod demo_mailbox;
mod doctor;
mod explain;
pub mod failure;
mod inbox;
mod inbox_cache;
mod inbox_round;
mod inbox_work;
mod init;
mod mail_files;
mod man;
mod named_pipe;
mod onboard;
mod outbox;
mod prepare;
mod reply;
mod reply_args;
mod request_args;
mod schema;
mod scim;
mod ticket;
mod ticket_extract;
mod usage;
mod which;
mod writing_args;

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

pub use app::App;
use app::Threads;
pub use failure::{ExitStatus, Failure};

use crate::intake;
use crate::scim as scim_token;
use crate::ui::{self, ColorChoice};

/// Verify a customer's single sign-on request against their identity provider and your product database, then switch it
/// on – or say exactly what to write back.
#[derive(Debug, Parser)]
#[command(
    name = "ssoctl",
    version,
    about,
    max_term_width = 100,
    propagate_version = false,
    disable_help_subcommand = true,
    after_help = "Exit status: 0 done · 1 refused by a check · 2 wrong usage · 3 something outside did not answer · 70 a \
                  fault of this installation · 75 the reply was not sent\n\nFirst time here? ssoctl demo"
)]
pub struct Cli {
    #[command(flatten)]
    global: GlobalArgs,
    #[command(subcommand)]
    command: Command,
}

/// Flags that every command takes
#[derive(Debug, Args)]
#[command(next_help_heading = "Options of every command")]
pub(crate) struct GlobalArgs {
    /// Configuration file [default: ./ssoctl.toml, then ssoctl/ssoctl.toml in the XDG configuration folder]
    #[arg(long, global = true, value_name = "FILE", env = "SSOCTL_CONFIG", hide_env_values = true, value_parser = path())]
    config: Option<PathBuf>,
    /// Product database, as `sqlite:PATH` or `postgres://USER@HOST/DATABASE` [default: from the configuration]
    #[arg(long, global = true, value_name = "URL", env = "SSOCTL_DATABASE", hide_env_values = true)]
    database: Option<String>,
    /// Output format: human, or json for one JSON document (see `ssoctl schema`)
    #[arg(
        short,
        long,
        global = true,
        value_enum,
        ignore_case = true,
        default_value_t = Output::Human,
        value_name = "FORM",
        hide_possible_values = true
    )]
    output: Output,
    /// Never prompt; name the missing flags instead
    #[arg(long, global = true)]
    no_input: bool,
    /// Print only the result, warnings and errors
    #[arg(short, long, global = true)]
    quiet: bool,
    /// Log to standard error what is going on (can be repeated)
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    verbose: u8,
    /// Colour: auto (on a terminal, unless `NO_COLOR` is set), always or never
    #[arg(
        long,
        global = true,
        value_enum,
        ignore_case = true,
        default_value_t = ColorChoice::Auto,
        value_name = "WHEN",
        hide_possible_values = true
    )]
    color: ColorChoice,
    /// Allow one private, loopback or plain-http origin, as https://HOST:PORT (can be repeated)
    ///
    /// For a test provider of your own. Scheme, host and port have to match exactly; the report and the audit log name it.
    /// Link-local and cloud metadata addresses are refused even then.
    #[arg(long, global = true, value_name = "ORIGIN")]
    allow_origin: Vec<String>,
    /// PEM file with an additional root certificate (can be repeated)
    #[arg(long, global = true, value_name = "FILE")]
    ca_cert: Vec<PathBuf>,
    /// Name server for domain proofs, as ADDRESS:PORT (can be repeated)
    ///
    /// Used instead of `dns_servers` under [network], and of the system's.
    #[arg(long, global = true, value_name = "ADDRESS", hide_short_help = true)]
    dns_server: Vec<SocketAddr>,
    /// Who is doing this, for the audit log [default: the operating system's user]
    #[arg(long, global = true, value_name = "NAME", env = "SSOCTL_ACTOR", hide_env_values = true)]
    actor: Option<String>,
}

/// Form of the result
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Output {
    /// For people
    Human,
    /// One JSON document
    Json,
}

#[derive(Debug, Subcommand)]
enum Command {
    Demo(demo::DemoArgs),
    Init(init::InitArgs),
    Prepare(prepare::PrepareArgs),
    Check(check::CheckArgs),
    Onboard(onboard::OnboardArgs),
    Bulk(bulk::BulkArgs),
    Ticket(ticket::TicketArgs),
    Inbox(inbox::InboxArgs),
    Reply(reply::ReplyCommandArgs),
    Connection(connection::ConnectionArgs),
    Scim(scim::ScimArgs),
    Audit(audit::AuditArgs),
    Explain(explain::ExplainArgs),
    Doctor(doctor::DoctorArgs),
    Db(db::DbArgs),
    Schema(schema::SchemaArgs),
    Completions(completions::CompletionsArgs),
    Man(man::ManArgs),
}

/// What adds the arguments of one command.
type Augment = fn(clap::Command) -> clap::Command;

/// The commands by name: one run needs the arguments of one of them.
const COMMANDS: [(&str, Augment); 18] = [
    ("demo", demo::DemoArgs::augment_args),
    ("init", init::InitArgs::augment_args),
    ("prepare", prepare::PrepareArgs::augment_args),
    ("check", check::CheckArgs::augment_args),
    ("onboard", onboard::OnboardArgs::augment_args),
    ("bulk", bulk::BulkArgs::augment_args),
    ("ticket", ticket::TicketArgs::augment_args),
    ("inbox", inbox::InboxArgs::augment_args),
    ("reply", reply::ReplyCommandArgs::augment_args),
    ("connection", connection::ConnectionArgs::augment_args),
    ("scim", scim::ScimArgs::augment_args),
    ("audit", audit::AuditArgs::augment_args),
    ("explain", explain::ExplainArgs::augment_args),
    ("doctor", doctor::DoctorArgs::augment_args),
    ("db", db::DbArgs::augment_args),
    ("schema", schema::SchemaArgs::augment_args),
    ("completions", completions::CompletionsArgs::augment_args),
    ("man", man::ManArgs::augment_args),
];

/// The whole command, for completions, the manual and tests.
#[must_use]
pub fn command() -> clap::Command {
    Cli::command()
}

/// How many rows of a list are wanted: a list of none is a slip.
fn rows() -> impl clap::builder::TypedValueParser<Value = usize> {
    clap::builder::RangedU64ValueParser::<usize>::new().range(1..)
}

/// A path that may be empty: clap's own reading refuses a variable that is set to nothing, whatever the flag says.
fn path() -> impl clap::builder::TypedValueParser<Value = std::path::PathBuf> {
    use clap::builder::TypedValueParser as _;
    clap::builder::OsStringValueParser::new().map(std::path::PathBuf::from)
}

/// Reads `words` (the first is the program's name). Help and version are answered here, before anything is set up.
///
/// # Errors
///
/// How the program ended where there is nothing left to run.
pub fn parse(words: &[OsString]) -> Result<Cli, ExitStatus> {
    // What scripts ask most needs none of the commands that clap would build first.
    if let [_, word] = words
        && (word == "--version" || word == "-V")
    {
        return Err(match ui::data(&format!("{VERSION}\n")) {
            Ok(()) => ExitStatus::Done,
            Err(error) => app::report_early(&error.into(), words),
        });
    }
    if let Some(failure) = secret_on_the_command_line(words) {
        return Err(app::report_early(&failure, words));
    }
    if let Some(cli) = understood(words) {
        return Ok(cli);
    }
    if let [program, help, command @ ..] = words
        && help == "help"
    {
        // What people type by habit.
        let words: Vec<OsString> = [std::slice::from_ref(program), command, &["--help".into()]].concat();
        return Cli::try_parse_from(&words).map_err(|error| usage::answer(&error, &words));
    }
    Cli::try_parse_from(words).map_err(|error| usage::answer(&error, words))
}

/// What `words` say, if they are right. Builds the arguments of the command that is named and of no other, which is most of
/// what parsing costs; help and mistakes are the whole command's to answer.
fn understood(words: &[OsString]) -> Option<Cli> {
    let bare = GlobalArgs::augment_args(clap::Command::new("ssoctl").subcommand_required(true));
    let commands = COMMANDS.map(|(name, augment)| clap::Command::new(name).defer(augment));
    let matches = bare.subcommands(commands).try_get_matches_from(words).ok()?;
    Cli::from_arg_matches(&matches).ok()
}

/// What `--version` says: clap's own form.
const VERSION: &str = concat!("ssoctl ", env!("CARGO_PKG_VERSION"));

/// Runs the command and says how it ended.
#[must_use]
pub fn run(cli: Cli) -> ExitStatus {
    let app = App::new(cli.global);
    let threads = if matches!(cli.command, Command::Bulk(_)) { Threads::All } else { Threads::One };
    let done = App::block_on(threads, dispatch(cli.command, &app));
    done.unwrap_or_else(|failure| app.report(&failure))
}

async fn dispatch(command: Command, app: &App) -> Result<ExitStatus, Failure> {
    match command {
        Command::Demo(args) => demo::run(args, app).await,
        Command::Init(args) => init::run(args, app).await,
        Command::Prepare(args) => Box::pin(prepare::run(args, app)).await,
        Command::Check(args) => Box::pin(check::run(args, app)).await,
        Command::Onboard(args) => Box::pin(onboard::run(args, app)).await,
        Command::Bulk(args) => Box::pin(bulk::run(args, app)).await,
        Command::Ticket(args) => Box::pin(ticket::run(args, app)).await,
        Command::Inbox(args) => Box::pin(inbox::run(args, app)).await,
        Command::Reply(args) => reply::run(args, app).await,
        Command::Connection(args) => Box::pin(connection::run(args, app)).await,
        Command::Scim(args) => scim::run(args, app).await,
        Command::Audit(args) => audit::run(args, app).await,
        Command::Explain(args) => explain::run(&args, app),
        Command::Doctor(args) => doctor::run(args, app).await,
        Command::Db(args) => db::run(args, app).await,
        Command::Schema(args) => schema::run(&args, app),
        Command::Completions(args) => completions::run(&args, app),
        Command::Man(args) => man::run(&args, app),
    }
}

/// A secret must not be an argument: every process of the machine can read those, and shells keep them. Looked for
/// before parsing, so that no parser's error message repeats it.
fn secret_on_the_command_line(words: &[OsString]) -> Option<Failure> {
    words.iter().skip(1).take_while(|word| *word != "--").find_map(|word| {
        let word = word.to_string_lossy();
        let (flag, value) = word.split_once('=').unwrap_or((&word, &word));
        if scim_token::looks_like_one(value) {
            return Some(
                Failure::usage("a SCIM token cannot be given as an argument")
                    .cause(VISIBLE)
                    .hint("`ssoctl scim list` shows the ids by which tokens are named")
                    .hint("the token just given should be replaced: `ssoctl scim rotate`, `ssoctl scim revoke`"),
            );
        }
        // A switch that is given a value would have it repeated as unexpected.
        let is_named =
            intake::names_secret(flag.trim_start_matches(DASHES)) && (word.contains('=') || flag.starts_with(DASHES));
        (is_named || word.starts_with("--client-secret-stdin=")).then(|| {
            Failure::usage("a secret cannot be given as an argument")
                .cause(VISIBLE)
                .hint(
                    "use --client-secret-file FILE, --client-secret-stdin, the environment variable \
                     SSOCTL_CLIENT_SECRET, or leave it out to be asked",
                )
                .hint("the secret just given should be replaced by a new one")
        })
    })
}

/// What flags begin with, and what word processors make of it.
const DASHES: [char; 5] = ['-', '\u{2010}', '\u{2011}', '–', '—'];

const VISIBLE: &str = "arguments are visible to every process on this machine, and stay in the shell's history";

/// The exit status that belongs to an outcome.
const fn exit_status(outcome: crate::onboarding::plan::Outcome) -> ExitStatus {
    use crate::onboarding::plan::Outcome;
    match outcome {
        Outcome::Onboarded
        | Outcome::Staged
        | Outcome::Replaced
        | Outcome::Unchanged
        | Outcome::WouldOnboard
        | Outcome::WouldReplace
        | Outcome::Valid => ExitStatus::Done,
        Outcome::Refused => ExitStatus::Refused,
        Outcome::Unknown => ExitStatus::NoAnswer,
        Outcome::Failed => ExitStatus::Fault,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_alone_is_built_as_it_stands_in_the_whole() {
        let whole = command();
        let names: Vec<&str> = whole.get_subcommands().map(clap::Command::get_name).collect();
        assert_eq!(COMMANDS.map(|(name, _)| name).as_slice(), names);
        let lines = [
            "ssoctl --config check onboard --owner jane@acme.example -o json --yes --domain a.example --domain b.example",
            "ssoctl -vv check --issuer https://idp.acme.example --allow-origin https://localhost:1",
            "ssoctl connection suspend --team 1042 --yes --color never",
            "ssoctl explain oidc-keys -q",
            "ssoctl bulk - --dry-run --no-input",
            "ssoctl demo",
        ];
        for line in lines {
            let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            let (alone, within) = (understood(&words).unwrap(), Cli::try_parse_from(&words).unwrap());
            assert_eq!(format!("{alone:?}"), format!("{within:?}"));
        }
        for line in ["ssoctl", "ssoctl --help", "ssoctl onboard --help", "ssoctl onboard --ownr x", "ssoctl unheard-of"]
        {
            let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            assert!(understood(&words).is_none(), "{line}");
        }
    }

    #[test]
    fn a_secret_on_the_command_line_is_known_by_the_names_that_people_give_it() {
        let is_told = |line: &str| {
            let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            secret_on_the_command_line(&words).is_some()
        };
        for line in [
            "ssoctl check --clientSecret x",
            "ssoctl check --CLIENT-SECRET x",
            "ssoctl check --client-secret-value=x",
            "ssoctl onboard -client-secret x",
            "ssoctl onboard \u{2014}client-secret x",
            "ssoctl onboard client_secret=x",
            "ssoctl onboard --pass x",
            "ssoctl scim issue --password=x",
        ] {
            assert!(is_told(line), "{line}");
        }
        for line in [
            "ssoctl check --client-secret-file=x --client-secret-stdin",
            "ssoctl explain secret",
            "ssoctl check --ticket password",
            "ssoctl check --issuer https://a.example/?secret=x",
            "ssoctl explain -- --secret",
        ] {
            assert!(!is_told(line), "{line}");
        }
    }

    #[test]
    fn a_word_that_a_flag_chooses_from_may_be_in_capitals() {
        for line in [
            "ssoctl prepare --owner jane@acme.example --protocol SAML --idp Okta -o JSON --color Never",
            "ssoctl bulk --template CSV",
            "ssoctl completions BASH",
            "ssoctl db contract --dialect Postgres",
        ] {
            let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            assert!(Cli::try_parse_from(&words).is_ok(), "{line}");
        }
    }

    #[test]
    fn the_version_is_said_as_clap_says_it() {
        assert_eq!(format!("{VERSION}\n"), command().render_version());
        assert_eq!(parse(&["ssoctl".into(), "--version".into()]).err(), Some(ExitStatus::Done));
    }
}
