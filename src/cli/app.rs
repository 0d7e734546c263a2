//! What every command gets: the configuration, the terminal, and the sources that requests are checked against, each
//! opened when it is first needed.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use zeroize::Zeroizing;

use super::failure::{ExitStatus, Failure};
use super::{GlobalArgs, Output, usage};
use crate::config::{Config, DatabaseConfig};
use crate::net::{HttpClient, NetOptions, NetSetupError, Origin};
use crate::onboarding::Operator;
use crate::product::repository::Repository;
use crate::report::human;
use crate::report::json_v1;
use crate::report::{CommandLine, Report};
use crate::request::OnboardingRequest;
use crate::sealing::SealingKeys;
use crate::store;
use crate::ui::Ui;

/// One run of the program.
#[derive(Debug)]
pub struct App {
    global: GlobalArgs,
    /// The terminal.
    pub ui: Ui,
}

/// How many threads a command works on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Threads {
    /// One: for a single request, which waits more than it works.
    One,
    /// One for each processor.
    All,
}

/// How long a connection is kept for the next request of the same check.
const KEPT_IDLE: Duration = Duration::from_secs(10);

/// How long a connection is kept for the next row of the same provider.
const KEPT_IDLE_AMONG_MANY: Duration = Duration::from_secs(3);

/// Threads that wait for files and name servers, at the most.
const BLOCKING_THREADS: usize = 64;

/// Before this moment a clock is wrong: this version did not exist yet.
const CLOCK_FLOOR: i64 = 1_793_500_000; // 2026-11-01

impl App {
    pub(super) fn new(mut global: GlobalArgs) -> Self {
        // A variable that is set and empty says nothing.
        let says_nothing = |variable| std::env::var_os(variable).is_some_and(|value| value.is_empty());
        global.config = global.config.filter(|file| !file.as_os_str().is_empty() || !says_nothing("SSOCTL_CONFIG"));
        global.database = global.database.filter(|url| !url.is_empty() || !says_nothing("SSOCTL_DATABASE"));
        let ui = Ui::new(global.color, global.quiet, global.no_input);
        start_tracing(global.verbose);
        if global.database.as_deref().is_some_and(is_password_in_argument) {
            ui.warning(
                "the password in --database is visible to every process on this machine and stays in the shell's history: \
                 give it by ~/.pgpass, PGPASSWORD or [database] url instead",
            );
        }
        Self { global, ui }
    }

    /// Runs a command to its end; Ctrl-C ends it with an honest word and an unharmed terminal.
    pub(super) fn block_on(
        threads: Threads,
        work: impl Future<Output = Result<ExitStatus, Failure>>,
    ) -> Result<ExitStatus, Failure> {
        let mut builder = match threads {
            Threads::One => tokio::runtime::Builder::new_current_thread(),
            Threads::All => tokio::runtime::Builder::new_multi_thread(),
        };
        let runtime = builder
            .enable_all()
            .max_blocking_threads(BLOCKING_THREADS)
            .build()
            .map_err(|error| Failure::fault("could not start").cause(error.to_string()))?;
        let done = runtime.block_on(work);
        // A name server that hangs must not keep the program from ending.
        runtime.shutdown_background();
        done
    }

    /// The form of the result.
    pub(super) const fn output(&self) -> Output {
        self.global.output
    }

    /// Reads the configuration.
    pub(super) fn config(&self) -> Result<Config, Failure> {
        self.check_database_flag()?;
        let mut config = Config::find(self.global.config.as_deref())?;
        if let Some(url) = &self.global.database {
            config.database.url.clone_from(url);
            config.database.from_flag = true;
        }
        Ok(config)
    }

    /// The configuration file that `--config` names.
    pub(super) fn config_file(&self) -> Option<&Path> {
        self.global.config.as_deref()
    }

    /// Refuses a `--database` that says no database: what was typed is wrong, whatever the installation is like.
    pub(super) fn check_database_flag(&self) -> Result<(), Failure> {
        let Some(url) = &self.global.database else { return Ok(()) };
        store::check_url(url).map_err(|error| {
            Failure::usage(error.to_string())
                .hint("mend --database (or SSOCTL_DATABASE); nothing was checked or written")
        })
    }

    /// The database that `--database` names.
    pub(super) fn database_flag(&self) -> Option<&str> {
        self.global.database.as_deref()
    }

    /// Opens the product database.
    pub(super) async fn repository(&self, config: &Config) -> Result<Arc<dyn Repository>, Failure> {
        Ok(store::open(Self::location(config)).await?)
    }

    /// The same for a command that only reads, which reviewers have who may not write.
    pub(super) async fn repository_to_read(&self, config: &Config) -> Result<Arc<dyn Repository>, Failure> {
        Ok(store::open_to_read(Self::location(config)).await?)
    }

    /// The one or the other: of commands whose flags say whether anything is written.
    pub(super) async fn repository_for(&self, config: &Config, writes: bool) -> Result<Arc<dyn Repository>, Failure> {
        if writes { self.repository(config).await } else { self.repository_to_read(config).await }
    }

    /// Which database that is.
    pub(super) fn location(config: &Config) -> store::Location<'_> {
        let DatabaseConfig { url, schema, .. } = &config.database;
        store::Location { url, folder: config.database_folder(), schema: schema.as_deref() }
    }

    /// Looks whether there is a database and a key, before anybody is asked for anything: answers that cannot be used are
    /// not asked for. The database is opened anew afterwards: who types takes longer than some servers keep a session.
    pub(super) async fn is_ready(&self, config: &Config, writes: bool) -> Result<(), Failure> {
        self.repository_for(config, writes).await?;
        Self::keys(config)?;
        Ok(())
    }

    /// Loads the sealing keys.
    pub(super) fn keys(config: &Config) -> Result<SealingKeys, Failure> {
        Ok(SealingKeys::load(&config.resolve(&config.key.file))?)
    }

    /// Origins that the flags and the configuration allow.
    pub(super) fn allowed_origins(&self, config: &Config) -> Result<Vec<Origin>, Failure> {
        let of_config = |text: &String| {
            Origin::parse(text).map_err(|problem| {
                let usage = Failure::from(problem);
                Failure::fault(usage.message())
                    .cause("it stands in `allow_origins` under [network] of the configuration")
            })
        };
        let configured = config.network.allow_origins.iter().map(of_config);
        let given = self.global.allow_origin.iter().map(|text| Origin::parse(text).map_err(Failure::from));
        configured.chain(given).collect()
    }

    /// Further root certificates that the configuration and the flags name, PEM.
    pub(super) fn ca_certs(&self, config: &Config) -> Result<Vec<Vec<u8>>, Failure> {
        let read = |file: &std::path::Path, failure: fn(String) -> Failure| {
            crate::config::read_text(file).map(String::into_bytes).map_err(|error| {
                failure(format!("could not read the certificate file `{}`", file.display())).cause(error.to_string())
            })
        };
        let configured = config.network.ca_certs.iter().map(|file| read(&config.resolve(file), Failure::fault));
        let given = self.global.ca_cert.iter().map(|file| read(file, Failure::usage));
        configured.chain(given).collect()
    }

    /// The guarded HTTP client.
    pub(super) fn http(&self, config: &Config) -> Result<HttpClient, Failure> {
        self.client(config, true, KEPT_IDLE)
    }

    /// The guarded HTTP client for one request. The system's root certificates are read only where a provider is asked
    /// anything: they take as long as all the rest of judging a file.
    pub(super) fn http_for(&self, config: &Config, request: &OnboardingRequest) -> Result<HttpClient, Failure> {
        self.client(config, request.asks_provider(), KEPT_IDLE)
    }

    /// The guarded HTTP client for a run over many hosts, which lets go of connections sooner.
    pub(super) fn http_for_many(&self, config: &Config) -> Result<HttpClient, Failure> {
        self.client(config, true, KEPT_IDLE_AMONG_MANY)
    }

    fn client(&self, config: &Config, system_roots: bool, keep_idle: Duration) -> Result<HttpClient, Failure> {
        let ca_certs_pem = self.ca_certs(config)?;
        let proxy = match &config.network.proxy {
            None => None,
            Some(proxy) => Some(
                url::Url::parse(proxy)
                    .map_err(|error| Failure::fault("[network] proxy is not a URL").cause(error.to_string()))?,
            ),
        };
        let dns_servers = if self.global.dns_server.is_empty() {
            config.network.dns_servers.clone()
        } else {
            self.global.dns_server.clone()
        };
        let allow_origins = self.allowed_origins(config)?;
        let options = NetOptions { allow_origins, ca_certs_pem, proxy, dns_servers, system_roots, keep_idle };
        HttpClient::new(options).map_err(|error| match error {
            NetSetupError::BadCaCertificate { position, .. } if position > config.network.ca_certs.len() => {
                Failure::usage(error.to_string()).hint("--ca-cert takes a file in PEM, with BEGIN CERTIFICATE")
            }
            error => error.into(),
        })
    }

    /// What may come next, for the same installation: `verb` with its own values.
    pub(super) fn next(&self, verb: &str) -> CommandLine {
        self.with_global_flags(CommandLine::new(verb))
    }

    /// `command` with the flags that hold everywhere, so that it finds the same installation again. Not `--actor`: whoever
    /// pastes the command from a ticket must not be recorded under somebody else's name.
    pub(super) fn with_global_flags(&self, command: CommandLine) -> CommandLine {
        let (command, origins) = self.with_flags_for_many(command);
        origins.into_iter().fold(command, |command, origin| command.everywhere("--allow-origin", Some(origin)))
    }

    /// As [`with_global_flags`](Self::with_global_flags) but for `--allow-origin`, whose values come beside it: of many
    /// requests, each needs its own.
    pub(super) fn with_flags_for_many(&self, command: CommandLine) -> (CommandLine, Vec<String>) {
        let path = |path: &std::path::PathBuf| path.display().to_string();
        let mut command = command.everywhere("--config", self.global.config.as_ref().map(path)).everywhere(
            "--database",
            self.global.database.as_ref().map(|url| store::without_password(url).unwrap_or(url.clone())),
        );
        for file in &self.global.ca_cert {
            command = command.everywhere("--ca-cert", Some(path(file)));
        }
        for server in &self.global.dns_server {
            command = command.everywhere("--dns-server", Some(server.to_string()));
        }
        (command, self.global.allow_origin.clone())
    }

    /// Who is at work, and when.
    pub(super) fn operator(&self) -> Result<Operator, Failure> {
        let now = Timestamp::now();
        if now.as_second() < CLOCK_FLOOR {
            return Err(Failure::fault(format!("the clock of this machine says {now}, before this version was made"))
                .cause("times in the audit log and validity of certificates would be wrong")
                .hint("set the clock, and run the same command again; nothing was written"));
        }
        // A variable that is set and empty names nobody.
        let actor = match self.global.actor.as_deref().map(str::trim).filter(|actor| !actor.is_empty()) {
            Some(actor) => crate::foreign::shown(actor),
            None => system_user(),
        };
        Ok(Operator { actor, now })
    }

    /// Prints a report in the form that was asked for.
    pub(super) fn print(&self, report: &Report) -> Result<(), Failure> {
        let text = match self.global.output {
            Output::Human => human::text(report, self.look()),
            Output::Json => json_line(&json_v1::document(report)),
        };
        self.hand_over(report, &Zeroizing::new(text))
    }

    /// Prints the text of a report. One with a token in it is the only copy: that nobody is there to read it is an error.
    pub(super) fn hand_over(&self, report: &Report, text: &str) -> Result<(), Failure> {
        Ok(if report.shows_token() { self.ui.only_copy(text) } else { self.ui.data(text) }?)
    }

    /// How reports are to be drawn on standard output.
    pub(super) const fn look(&self) -> human::Look {
        human::Look { color: self.ui.color(), width: self.ui.width() }
    }

    /// Prints `value` as JSON, or what `human` says.
    pub(super) fn print_either(
        &self,
        value: impl FnOnce() -> serde_json::Value,
        human: impl FnOnce() -> String,
    ) -> Result<(), Failure> {
        let text = match self.global.output {
            Output::Human => human(),
            Output::Json => json_line(&value()),
        };
        Ok(self.ui.data(&text)?)
    }

    /// The same for what exists nowhere else: that nobody is there to read it is an error too.
    pub(super) fn print_only_copy(
        &self,
        value: impl FnOnce() -> serde_json::Value,
        human: impl FnOnce() -> String,
    ) -> std::io::Result<()> {
        let text = Zeroizing::new(match self.global.output {
            Output::Human => human(),
            Output::Json => json_line(&value()),
        });
        self.ui.only_copy(&text)
    }

    /// Says what went wrong, on standard error and, for scripts, as a document on standard output.
    pub(super) fn report(&self, failure: &Failure) -> ExitStatus {
        if self.global.output == Output::Json {
            let _ = self.ui.data(&json_line(&failure.document()));
        }
        self.ui.error(&failure.message(), &failure.causes(), &failure.hints);
        failure.status
    }
}

/// Says what went wrong before the flags were read, in the form that `words` ask for.
pub(super) fn report_early(failure: &Failure, words: &[OsString]) -> ExitStatus {
    let ui = Ui::new(crate::ui::ColorChoice::Auto, false, true);
    if usage::wants_json(words) {
        let _ = ui.data(&json_line(&failure.document()));
    }
    ui.error(&failure.message(), &failure.causes(), &failure.hints);
    failure.status
}

/// Whether the database's URL has a password, and came as an argument rather than by the environment.
fn is_password_in_argument(url: &str) -> bool {
    let by_environment = std::env::var("SSOCTL_DATABASE").is_ok_and(|value| value == url);
    !by_environment && store::without_password(url).is_some()
}

/// `value` on one line. Control characters outside ASCII, which JSON would let through, are escaped too (C-07).
pub(super) fn json_line(value: &serde_json::Value) -> String {
    let mut line = String::new();
    for character in value.to_string().chars() {
        if crate::foreign::is_harmless(character) {
            line.push(character);
        } else {
            let mut units = [0_u16; 2];
            for unit in character.encode_utf16(&mut units) {
                let _ = write!(line, "\\u{unit:04x}");
            }
        }
    }
    line.push('\n');
    line
}

/// The name of the operating system's user, or its number where `/etc/passwd` has none. Not `USER`, which anybody may set.
fn system_user() -> String {
    let uid = rustix::process::getuid().as_raw();
    let name = std::fs::read_to_string("/etc/passwd").ok().and_then(|passwd| {
        passwd.lines().find_map(|line| {
            let mut fields = line.split(':');
            let name = fields.next()?;
            (fields.nth(1)? == uid.to_string()).then(|| name.to_owned())
        })
    });
    name.map_or_else(|| format!("uid {uid}"), |name| crate::foreign::shown(&name))
}

/// Logging for `-v`, to standard error. Bodies, headers and secrets are never logged, at any level: what the HTTP
/// libraries would say of them at level TRACE is not even compiled in.
fn start_tracing(verbose: u8) {
    use tracing_subscriber::filter::{LevelFilter, Targets};
    use tracing_subscriber::prelude::*;

    let ours = Targets::new().with_target("ssoctl", LevelFilter::DEBUG);
    let wanted = match verbose {
        0 => return,
        1 => ours,
        _ => ours.with_targets(["hyper_util", "hickory_resolver"].map(|library| (library, LevelFilter::DEBUG))),
    };
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_target(false).with_ansi(false);
    let _ = tracing_subscriber::registry().with(lines.with_filter(wanted)).try_init();
}
