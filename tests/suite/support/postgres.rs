//! PostgreSQL for tests: a database of its own on the server that `tests/run` found, and clusters that a test may stop,
//! start and fill up.

use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use tempfile::TempDir;
use tokio_postgres::{NoTls, SimpleQueryMessage};

/// The server: what `tests/run` says, else the one of this machine.
pub fn server() -> String {
    std::env::var("SSOCTL_TEST_POSTGRES").unwrap_or_else(|_| "postgres://postgres@127.0.0.1:5432/test".to_owned())
}

/// An empty database, dropped at the end.
pub struct Database {
    server: String,
    pub name: String,
}

impl Database {
    pub fn new() -> Self {
        Self::on(&server())
    }

    /// One on the server at `url`.
    pub fn on(url: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("ssoctl_suite_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        // A test killed in a process of the same number may have left one.
        query(url, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        query(url, &format!("CREATE DATABASE {name} TEMPLATE template0"));
        Self { server: url.to_owned(), name }
    }

    /// Its URL.
    pub fn url(&self) -> String {
        url_of(&self.server, &self.name)
    }

    /// Runs SQL; the rows of its last statement, every value as text.
    pub fn sql(&self, statements: &str) -> Vec<Vec<String>> {
        query(&self.url(), statements)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let _ = try_query(&self.server, &format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
    }
}

/// `server` with another database.
pub fn url_of(server: &str, database: &str) -> String {
    let (head, query) =
        server.split_once('?').map_or((server, String::new()), |(head, query)| (head, format!("?{query}")));
    let (scheme, rest) = head.split_once("://").unwrap();
    let authority = rest.split('/').next().unwrap();
    format!("{scheme}://{authority}/{database}{query}")
}

/// Runs SQL on the database at `url`.
#[track_caller]
pub fn query(url: &str, statements: &str) -> Vec<Vec<String>> {
    try_query(url, statements).unwrap_or_else(|error| {
        panic!("{error:?} from {url} for {statements}\ntests/run finds or starts a PostgreSQL; SSOCTL_TEST_POSTGRES names one")
    })
}

/// The same where it may fail.
pub fn try_query(url: &str, statements: &str) -> Result<Vec<Vec<String>>, tokio_postgres::Error> {
    // On a thread of its own, since a test may have a runtime already.
    std::thread::scope(|scope| {
        let work = scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
                let connection = tokio::spawn(connection);
                let mut rows = Vec::new();
                for message in client.simple_query(statements).await? {
                    match message {
                        SimpleQueryMessage::RowDescription(_) => rows.clear(),
                        SimpleQueryMessage::Row(row) => {
                            let value = |index| row.get(index).unwrap_or("NULL").to_owned();
                            rows.push((0..row.len()).map(value).collect());
                        }
                        _ => {}
                    }
                }
                drop(client);
                let _ = connection.await;
                Ok(rows)
            })
        });
        work.join().unwrap()
    })
}

/// A server for one test alone, which may do to it what it likes.
pub struct Cluster {
    folder: TempDir,
    port: u16,
    /// Further settings, `-c name=value`.
    settings: Vec<String>,
}

impl Cluster {
    /// A running cluster with `settings` (`name=value`).
    pub fn start(settings: &[&str]) -> Self {
        let folder = tempfile::Builder::new().prefix("ssoctl-cluster").tempdir().unwrap();
        Self::start_in(folder, settings)
    }

    /// One that takes connections over TLS alone, with this certificate and key in PEM form.
    pub fn with_tls(certificate: &str, key: &str) -> Self {
        let folder = tempfile::Builder::new().prefix("ssoctl-cluster").tempdir().unwrap();
        let files = ["server.crt", "server.key"].map(|name| folder.path().join(name));
        for (file, text) in files.iter().zip([certificate, key]) {
            std::fs::write(file, text).unwrap();
            std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o600)).unwrap();
            if is_root() {
                std::os::unix::fs::chown(file, Some(server_user()), None).unwrap();
            }
        }
        let [certificate, key] = files.map(|file| file.display().to_string());
        let settings = ["ssl=on", &format!("ssl_cert_file={certificate}"), &format!("ssl_key_file={key}")];
        let cluster = Self::start_in(folder, &settings);
        cluster.admit("hostssl all all 127.0.0.1/32 trust");
        cluster
    }

    /// A standby of `primary`, which follows it.
    pub fn standby_of(primary: &Self) -> Self {
        let folder = tempfile::Builder::new().prefix("ssoctl-cluster").tempdir().unwrap();
        let standby = Self::prepared(folder, &[]);
        let (data, port) = (standby.data(), primary.port.to_string());
        let from = ["-h", "127.0.0.1", "-p", &port, "-U", "postgres", "-R", "-X", "stream", "-c", "fast"];
        standby.run("pg_basebackup", &[&["-D", data.to_str().unwrap()][..], &from].concat());
        standby.up();
        standby
    }

    /// The same in `folder`.
    pub fn start_in(folder: TempDir, settings: &[&str]) -> Self {
        let cluster = Self::prepared(folder, settings);
        let data = cluster.data();
        let options = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"];
        cluster.run("initdb", &[&["-D", data.to_str().unwrap()][..], &options[..]].concat());
        cluster.up();
        cluster
    }

    fn prepared(folder: TempDir, settings: &[&str]) -> Self {
        if is_root() {
            std::os::unix::fs::chown(folder.path(), Some(server_user()), None).unwrap();
        }
        let settings = settings.iter().map(|one| format!("-c {one}")).collect();
        // Free a moment ago; should somebody take it first, the start fails and the test is run again.
        let port = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
        Self { folder, port, settings }
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The URL of its database `postgres`.
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Starts it and waits until it answers.
    pub fn up(&self) {
        let folder = self.folder.path().display();
        let options = format!("-p {} -k {folder} -c listen_addresses=127.0.0.1 {}", self.port, self.settings.join(" "));
        let (data, log) = (self.data(), self.folder.path().join("log"));
        self.run("pg_ctl", &["-D", data.to_str().unwrap(), "-l", log.to_str().unwrap(), "-w", "-o", &options, "start"]);
    }

    /// Lets in over the network only whom `rule` lets in, a line of `pg_hba.conf`.
    pub fn admit(&self, rule: &str) {
        std::fs::write(self.data().join("pg_hba.conf"), format!("local all all trust\n{rule}\n")).unwrap();
        self.down("fast");
        self.up();
    }

    /// Stops it as a crash would: `immediate`; or `fast`, with every session ended properly.
    pub fn down(&self, mode: &str) {
        let data = self.data();
        self.run("pg_ctl", &["-D", data.to_str().unwrap(), "-w", "-m", mode, "stop"]);
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let status = Self::command(program, arguments).status().unwrap();
        if !status.success() {
            let mut log = String::new();
            if let Ok(mut file) = std::fs::File::open(self.folder.path().join("log")) {
                let _ = file.read_to_string(&mut log);
            }
            panic!("{program} {arguments:?}: {status}\n{log}");
        }
    }

    fn command(program: &str, arguments: &[&str]) -> Command {
        use std::os::unix::process::CommandExt as _;

        let mut command = Command::new(programs().join(program));
        // No argument of a server may come from the surroundings.
        command.env_clear().env("PATH", std::env::var("PATH").unwrap_or_default()).env("LC_ALL", "C");
        command.args(arguments).current_dir("/").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        if is_root() {
            // The server refuses to run as root.
            command.uid(server_user());
        }
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let data = self.data();
        let _ = Self::command("pg_ctl", &["-D", data.to_str().unwrap(), "-w", "-m", "immediate", "stop"]).status();
    }
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// The number of the user that runs servers when we are root: `postgres`, else `nobody`.
fn server_user() -> u32 {
    let passwd = std::fs::read_to_string("/etc/passwd").unwrap();
    let number = |name: &str| {
        let line = passwd.lines().find(|line| line.starts_with(&format!("{name}:")))?;
        line.split(':').nth(2)?.parse().ok()
    };
    number("postgres").or_else(|| number("nobody")).expect("a user to run servers as")
}

/// The folder of the server's programs: what `tests/run` says, else the newest that the distribution has.
fn programs() -> PathBuf {
    if let Ok(folder) = std::env::var("SSOCTL_TEST_POSTGRES_BIN") {
        return PathBuf::from(folder);
    }
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = versions.map(|entry| entry.path().join("bin")).collect();
    folders.extend(["/usr/local/pgsql/bin", "/usr/local/bin", "/usr/bin"].map(PathBuf::from));
    folders.sort_by_key(|folder| std::cmp::Reverse(version_of(folder)));
    let found = folders.into_iter().find(|folder| folder.join("initdb").exists());
    found.expect("initdb and pg_ctl: install the PostgreSQL server (apt-get install postgresql)")
}

fn version_of(folder: &Path) -> u32 {
    folder.parent().and_then(|parent| parent.file_name()?.to_str()?.parse().ok()).unwrap_or_default()
}
