//! How to reach the server: the URL first, then the `PG*` variables and the password file, as libpq reads them.
//!
//! Source: PostgreSQL documentation, "Database Connection Control Functions" and "Environment Variables" of libpq.

use std::path::{Path, PathBuf};
use std::time::Duration;

use percent_encoding::percent_decode_str;
use tokio_postgres::config::Host;
use tokio_postgres::{Client, Config, NoTls};

use super::super::server_url::ServerUrl;
use super::errors::{silent, store_error};
use super::{passfile, tls};
use crate::foreign;
use crate::product::repository::{StoreError, StoreResult};

/// How long a server may take to accept a connection, unless `connect_timeout` says otherwise.
const CONNECT: Duration = Duration::from_secs(5);

/// How much longer until it has let us in, TLS and password included: the driver sets itself no limit for that.
const LET_IN: Duration = Duration::from_secs(5);
/// A connection that is silent for so long is asked whether it is still there; then again, so often.
const KEEPALIVE: (Duration, Duration, u32) = (Duration::from_secs(10), Duration::from_secs(3), 3);

/// `sslmode`: how much is asked of the connection. libpq's `allow` is not offered: it starts in the clear.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum SslMode {
    /// In the clear.
    Disable,
    /// TLS where the server offers it, whoever it is.
    Prefer,
    /// TLS, whoever the server is.
    Require,
    /// TLS with a certificate of a trusted authority, for whatever name.
    VerifyCa,
    /// TLS with a certificate of a trusted authority for the name in the URL.
    VerifyFull,
}

impl SslMode {
    fn parse(word: &str) -> StoreResult<Self> {
        Ok(match word {
            "disable" => Self::Disable,
            "prefer" => Self::Prefer,
            "require" => Self::Require,
            "verify-ca" => Self::VerifyCa,
            "verify-full" => Self::VerifyFull,
            other => {
                let given = foreign::shown(other);
                return Err(unfit(format!(
                    "sslmode `{given}` is none of disable, prefer, require, verify-ca, verify-full"
                )));
            }
        })
    }
}

impl SslMode {
    /// The word.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Disable => "disable",
            Self::Prefer => "prefer",
            Self::Require => "require",
            Self::VerifyCa => "verify-ca",
            Self::VerifyFull => "verify-full",
        }
    }
}

/// Where trusted authorities are read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Roots {
    /// The system's.
    System,
    /// A PEM file.
    File(PathBuf),
}

/// Everything that a connection needs.
pub(super) struct Settings {
    pub(super) config: Config,
    pub(super) ssl_mode: SslMode,
    pub(super) roots: Roots,
    /// What to call the database in messages: no user, no password.
    pub(super) place: String,
    /// Why the password file was not used, where there is one.
    pub(super) password_note: Option<String>,
}

/// What the surroundings of the process say.
pub(super) trait Surroundings {
    /// A variable of the environment; an empty one counts as none.
    fn variable(&self, name: &str) -> Option<String>;
    /// The name of the operating system's user.
    fn user(&self) -> Option<String>;
}

/// The process itself.
pub(super) struct Process;

impl Surroundings for Process {
    fn variable(&self, name: &str) -> Option<String> {
        std::env::var(name).ok().filter(|value| !value.is_empty())
    }

    fn user(&self) -> Option<String> {
        let uid = rustix::process::geteuid().as_raw().to_string();
        let passwd = std::fs::read_to_string("/etc/passwd").ok()?;
        passwd.lines().find_map(|line| {
            let mut fields = line.split(':');
            let name = fields.next()?;
            (fields.nth(1)? == uid).then(|| name.to_owned())
        })
    }
}

/// What stands behind the `?` of the URL and is ours to read, since the driver knows less of it.
#[derive(Default)]
struct Ours {
    ssl_mode: Option<String>,
    root_cert: Option<String>,
    passfile: Option<String>,
}

impl Settings {
    /// Reads `url`, and fills the gaps from the surroundings.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unfit`], which never repeats the URL: it may carry a password.
    pub(super) fn read(url: &str, around: &dyn Surroundings) -> StoreResult<Self> {
        let parts = ServerUrl::parse(url).ok_or_else(|| unfit("the database URL names no server".to_owned()))?;
        if parts.has_a_further_at() {
            return Err(unfit(
                "the database URL has a second `@`: within a user name or a password it is written as %40, `/` as %2F and \
                 `?` as %3F"
                    .to_owned(),
            ));
        }
        let (bare, ours) = split(&parts)?;
        let given: Config = bare.parse().map_err(|error: tokio_postgres::Error| {
            let cause = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
            unfit(format!("the database URL cannot be read: {}", foreign::shown(&cause)))
        })?;
        let mut config = Config::new();
        let hosts = hosts(&given, &parts, around)?;
        for (host, port) in &hosts {
            match host {
                Host::Tcp(name) => config.host(name),
                Host::Unix(path) => config.host_path(path),
            };
            config.port(*port);
        }
        for address in given.get_hostaddrs() {
            config.hostaddr(*address);
        }
        let user = given.get_user().map(str::to_owned).or_else(|| around.variable("PGUSER")).or_else(|| around.user());
        let user = user.ok_or_else(|| unfit("the database URL names no user".to_owned()))?;
        let database = given.get_dbname().map(str::to_owned).or_else(|| around.variable("PGDATABASE"));
        let database = database.unwrap_or_else(|| user.clone());
        config.user(&user).dbname(&database);
        config.application_name(given.get_application_name().unwrap_or("ssoctl"));
        if let Some(options) = given.get_options() {
            config.options(options);
        }
        config.target_session_attrs(given.get_target_session_attrs());
        config.channel_binding(given.get_channel_binding());
        config.connect_timeout(connect_timeout(&given, around)?);
        config.keepalives(true).keepalives_idle(KEEPALIVE.0).keepalives_interval(KEEPALIVE.1);
        config.keepalives_retries(KEEPALIVE.2).tcp_user_timeout(Duration::from_secs(20));

        let mut password_note = None;
        if let Some(password) = given.get_password() {
            config.password(password);
        } else if let Some(password) = around.variable("PGPASSWORD") {
            config.password(password);
        } else {
            let file = ours.passfile.or_else(|| around.variable("PGPASSFILE")).map(PathBuf::from);
            let file = file.or_else(|| Some(home(around)?.join(".pgpass")));
            match file.map(|file| passfile::password(&file, &hosts, &database, &user)) {
                Some(Ok(Some(password))) => {
                    config.password(password);
                }
                Some(Err(note)) => password_note = Some(note),
                _ => {}
            }
        }

        let (ssl_mode, roots) = trust(ours.ssl_mode, ours.root_cert, around)?;
        if ssl_mode == SslMode::Disable && hosts.iter().any(|(host, _)| is_elsewhere(host)) {
            return Err(unfit(
                "sslmode=disable would send the password and everything about customers in the clear to another machine: use \
                 verify-full, or prefer while that server has no TLS"
                    .to_owned(),
            ));
        }
        config.ssl_mode(match ssl_mode {
            SslMode::Disable => tokio_postgres::config::SslMode::Disable,
            SslMode::Prefer => tokio_postgres::config::SslMode::Prefer,
            _ => tokio_postgres::config::SslMode::Require,
        });
        let place = foreign::shown(&place(&hosts, &database));
        Ok(Self { config, ssl_mode, roots, place, password_note })
    }

    /// How long it may take to be let in by a server, each host tried in its turn.
    pub(super) fn sign_on(&self) -> Duration {
        let hosts = u32::try_from(self.config.get_hosts().len()).unwrap_or(u32::MAX);
        let connect = self.config.get_connect_timeout().copied().unwrap_or(CONNECT);
        connect.saturating_mul(hosts).saturating_add(LET_IN)
    }

    /// A connection of its own, outside any pool. It ends when the client is dropped.
    pub(super) async fn connect(&self) -> StoreResult<Client> {
        tokio::time::timeout(self.sign_on(), self.connect_however_long())
            .await
            .unwrap_or_else(|_| Err(silent(&self.place)))
    }

    async fn connect_however_long(&self) -> StoreResult<Client> {
        let client = if self.ssl_mode == SslMode::Disable {
            let connected = self.config.connect(NoTls).await;
            connected.map(|(client, connection)| {
                tokio::spawn(connection);
                client
            })
        } else {
            let connected = self.config.connect(tls::connector(self)?).await;
            connected.map(|(client, connection)| {
                tokio::spawn(connection);
                client
            })
        };
        client.map_err(|error| self.with_note(store_error(&error, &self.place)))
    }

    /// The `sslmode`, where it does not make sure which server answers, on another machine than this.
    pub(super) fn unverified(&self) -> Option<&'static str> {
        let anywhere = self.config.get_hosts().iter().any(is_elsewhere);
        (anywhere && self.ssl_mode < SslMode::VerifyFull).then(|| self.ssl_mode.as_str())
    }

    /// A refusal, with the reason why there was no password.
    pub(super) fn with_note(&self, error: StoreError) -> StoreError {
        match (error, &self.password_note) {
            (StoreError::Denied { place, reason }, Some(note)) => {
                StoreError::Denied { place, reason: format!("{reason}; {note}") }
            }
            (error, _) => error,
        }
    }
}

/// Whether a host is another machine than this.
fn is_elsewhere(host: &Host) -> bool {
    match host {
        Host::Unix(_) => false,
        Host::Tcp(name) => {
            let address = name.parse::<std::net::IpAddr>();
            name != "localhost" && !address.is_ok_and(|address| address.is_loopback())
        }
    }
}

pub(super) fn unfit(reason: String) -> StoreError {
    StoreError::Unfit { reason }
}

/// The URL without the parameters that are ours, and those.
fn split(url: &ServerUrl<'_>) -> StoreResult<(String, Ours)> {
    let mut ours = Ours::default();
    let mut others = Vec::new();
    for pair in url.parameters() {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let value = || percent_decode_str(value).decode_utf8().map(String::from).ok();
        match key {
            "sslmode" => ours.ssl_mode = value(),
            "sslrootcert" => ours.root_cert = value(),
            "passfile" => ours.passfile = value(),
            "sslcert" | "sslkey" | "sslpassword" => {
                return Err(unfit(format!(
                    "{key} is not supported: sign in by password (SCRAM), or ask for TLS without a client certificate"
                )));
            }
            _ => others.push(pair),
        }
    }
    Ok((url.with_parameters(&others), ours))
}

/// Where the server is: every host with its port.
fn hosts(given: &Config, url: &ServerUrl<'_>, around: &dyn Surroundings) -> StoreResult<Vec<(Host, u16)>> {
    let default_port = match around.variable("PGPORT") {
        None => 5432,
        Some(port) => port.parse().map_err(|_| unfit("PGPORT is not a port".to_owned()))?,
    };
    let ports = given.get_ports();
    let named: Vec<Host> = if given.get_hosts().is_empty() && given.get_hostaddrs().is_empty() {
        let words = around.variable("PGHOST");
        words.map_or_else(|| vec![local()], |words| words.split(',').map(host).collect())
    } else {
        given.get_hosts().to_vec()
    };
    // The driver cannot tell a port that was not said from 5432.
    let said: Vec<bool> = url.hosts().map(|one| one.rsplit(']').next().is_some_and(|end| end.contains(':'))).collect();
    let in_query = url.parameters().any(|pair| pair.starts_with("port="));
    let port = |index: usize| {
        let given = ports.get(index).or_else(|| ports.first()).copied();
        let said = in_query || said.get(index).copied().unwrap_or_default();
        given.filter(|_| said).unwrap_or(default_port)
    };
    Ok(named.into_iter().enumerate().map(|(index, host)| (host, port(index))).collect())
}

fn host(name: &str) -> Host {
    if name.starts_with('/') { Host::Unix(PathBuf::from(name)) } else { Host::Tcp(name.to_owned()) }
}

/// Where a server of this machine listens: the folder of its socket, which distributions disagree about.
fn local() -> Host {
    let folder = ["/var/run/postgresql", "/tmp"].map(Path::new).into_iter().find(|folder| {
        let sockets = std::fs::read_dir(folder).into_iter().flatten().flatten();
        sockets.map(|entry| entry.file_name()).any(|name| name.to_string_lossy().starts_with(".s.PGSQL."))
    });
    folder.map_or_else(|| Host::Tcp("localhost".to_owned()), |folder| Host::Unix(folder.to_owned()))
}

fn connect_timeout(given: &Config, around: &dyn Surroundings) -> StoreResult<Duration> {
    if let Some(timeout) = given.get_connect_timeout() {
        return Ok(*timeout);
    }
    match around.variable("PGCONNECT_TIMEOUT") {
        None => Ok(CONNECT),
        Some(seconds) => match seconds.parse::<u64>() {
            Ok(0) => Ok(CONNECT),
            Ok(seconds) => Ok(Duration::from_secs(seconds)),
            Err(_) => Err(unfit("PGCONNECT_TIMEOUT is not a number of seconds".to_owned())),
        },
    }
}

fn home(around: &dyn Surroundings) -> Option<PathBuf> {
    around.variable("HOME").map(PathBuf::from)
}

/// How much is asked of the server's certificate, and who vouches for it.
fn trust(mode: Option<String>, root_cert: Option<String>, around: &dyn Surroundings) -> StoreResult<(SslMode, Roots)> {
    let mode = mode.or_else(|| around.variable("PGSSLMODE"));
    let mut mode = mode.map_or(Ok(SslMode::Prefer), |word| SslMode::parse(&word))?;
    let file = root_cert.or_else(|| around.variable("PGSSLROOTCERT"));
    let roots = match file.as_deref() {
        Some("system") => Roots::System,
        Some(file) => Roots::File(PathBuf::from(file)),
        None => {
            let usual = home(around).map(|home| home.join(".postgresql").join("root.crt"));
            usual.filter(|file| file.exists()).map_or(Roots::System, Roots::File)
        }
    };
    // As libpq has it: who names an authority means it.
    if mode == SslMode::Require && matches!(roots, Roots::File(_)) {
        mode = SslMode::VerifyCa;
    }
    Ok((mode, roots))
}

fn place(hosts: &[(Host, u16)], database: &str) -> String {
    let names = hosts.iter().map(|(host, port)| match host {
        Host::Tcp(name) if name.contains(':') => format!("[{name}]:{port}"),
        Host::Tcp(name) => format!("{name}:{port}"),
        Host::Unix(path) => format!("{}/.s.PGSQL.{port}", path.display()),
    });
    format!("postgres://{}/{database}", names.collect::<Vec<_>>().join(","))
}

#[cfg(test)]
#[path = "settings_tests.rs"]
mod tests;
