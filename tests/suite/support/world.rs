//! A world of its own for one test: a folder, a configuration, a database, and the binary run with nothing else.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::time::{Duration, Instant};

use rusqlite::types::Value;
use tempfile::TempDir;

use super::postgres::Database;

/// The built binary.
pub const BINARY: &str = env!("CARGO_BIN_EXE_ssoctl");

/// No command may take longer; one that does is killed, and its [`Run::code`] is `None`.
const LIMIT: Duration = Duration::from_mins(1);

/// A temporary folder that holds everything a command reads and writes.
pub struct World {
    folder: TempDir,
    /// The database, where it is on a server.
    server: Option<Database>,
}

/// What a command did.
#[derive(Debug, Clone)]
pub struct Run {
    pub stdout: String,
    pub stderr: String,
    /// The exit status; `None` when a signal ended it.
    pub code: Option<i32>,
    pub elapsed: Duration,
}

impl Run {
    /// Both streams, to search in.
    pub fn everything(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }

    /// Standard output as one JSON document.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error} in {self:?}"))
    }

    /// Fails the test unless the command ended with `code`.
    #[track_caller]
    pub fn expect_code(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }
}

impl World {
    /// A world in which `ssoctl init --sample-data` has run.
    pub fn new() -> Self {
        let world = Self::empty();
        world.ssoctl(["init", "--sample-data"]).expect_code(0);
        world
    }

    /// The same on PostgreSQL, in a database of its own.
    pub fn on_postgres() -> Self {
        let world = Self::over(Database::new());
        world.ssoctl(["init", "--sample-data"]).expect_code(0);
        world
    }

    /// A world with a configuration and nothing else: no key, no database.
    pub fn empty() -> Self {
        let world = Self { folder: folder(), server: None };
        world.configure("url = \"sqlite:ssoctl.db\"");
        world
    }

    /// The same, but for an empty database on a server.
    pub fn over(database: Database) -> Self {
        let world = Self { folder: folder(), server: Some(database) };
        world.configure(&format!("url = \"{}\"", world.server().url()));
        world
    }

    /// Writes the configuration with these lines under `[database]`.
    pub fn configure(&self, database: &str) {
        self.write(
            "ssoctl.toml",
            format!(
                "public_url = \"https://app.example.com\"\n\n[database]\n{database}\n\n[key]\nfile = \"ssoctl.key\"\n"
            ),
        );
    }

    /// The database on the server.
    pub fn server(&self) -> &Database {
        self.server.as_ref().expect("this world is on SQLite")
    }

    /// Whether the database is PostgreSQL.
    pub fn is_on_postgres(&self) -> bool {
        self.server.is_some()
    }

    /// The folder, which is also `HOME` and the current folder of every command.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A path in the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder().join(name)
    }

    /// The configuration file.
    pub fn config(&self) -> PathBuf {
        self.path("ssoctl.toml")
    }

    /// The database file.
    pub fn database(&self) -> PathBuf {
        self.path("ssoctl.db")
    }

    /// Writes a file in the folder and gives its path.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    /// Runs `ssoctl --config … ARGUMENTS` with empty standard input.
    pub fn ssoctl<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Run {
        self.call().ssoctl(arguments)
    }

    /// The same with something on standard input.
    pub fn with_stdin(&self, input: impl Into<Vec<u8>>) -> Call<'_> {
        self.call().with_stdin(input)
    }

    /// The same with one more variable in the environment.
    pub fn with_env(&self, name: &str, value: &str) -> Call<'_> {
        self.call().with_env(name, value)
    }

    /// A call to refine.
    pub fn call(&self) -> Call<'_> {
        Call { world: self, input: Vec::new(), variables: Vec::new() }
    }

    /// The environment of every command: `PATH`, a home, and a fixed language. Nothing else is passed on.
    pub fn environment(&self) -> Vec<(String, String)> {
        let path = std::env::var("PATH").unwrap_or_default();
        [("PATH", path), ("HOME", self.folder().display().to_string()), ("LC_ALL", "C.UTF-8".to_owned())]
            .map(|(name, value)| (name.to_owned(), value))
            .to_vec()
    }

    /// The same command, to be started and watched by the test itself; its standard input is empty.
    pub fn command<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> std::process::Command {
        let mut command = std::process::Command::new(BINARY);
        command
            .env_clear()
            .envs(self.environment())
            .current_dir(self.folder())
            .stdin(std::process::Stdio::null())
            .arg("--config")
            .arg(self.config())
            .args(arguments);
        command
    }

    /// The same, as `nohup` starts it: SIGHUP is ignored.
    pub fn command_to_outlive<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> std::process::Command {
        let command = self.command(arguments);
        let mut shell = std::process::Command::new("sh");
        shell.args(["-c", "trap '' HUP; exec \"$@\"", "sh"]).arg(command.get_program()).args(command.get_args());
        shell.env_clear().envs(self.environment()).current_dir(self.folder()).stdin(std::process::Stdio::null());
        shell
    }

    /// A session of the binary on a terminal, with the same environment and folder.
    pub fn terminal<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> super::tty::Terminal {
        let mut command = std::process::Command::new(BINARY);
        command.arg("--config").arg(self.config()).args(arguments);
        super::tty::Terminal::open(&command, self.folder(), &self.environment())
    }

    /// A session on a terminal that goes on with `afterwards`, a shell command, whatever became of the binary. Its exit
    /// status is in `$status`.
    pub fn terminal_then<A: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = A>,
        afterwards: &str,
    ) -> super::tty::Terminal {
        let mut command = std::process::Command::new("/bin/sh");
        // A handler, unlike SIG_IGN, is not handed down: the binary meets Ctrl-C as it would under any shell.
        command.arg("-c").arg(format!("trap : INT; \"$@\"; status=$?; {afterwards}")).arg("sh");
        command.arg(BINARY).arg("--config").arg(self.config()).args(arguments);
        super::tty::Terminal::open(&command, self.folder(), &self.environment())
    }

    /// Runs one SQL statement on the database; the rows, if it gives any, with every value as text.
    pub fn sql(&self, statement: &str) -> Vec<Vec<String>> {
        if let Some(server) = &self.server {
            return server.sql(statement);
        }
        let connection = rusqlite::Connection::open(self.database()).unwrap();
        connection.busy_timeout(Duration::from_secs(5)).unwrap();
        let mut prepared = connection.prepare(statement).unwrap();
        let columns = prepared.column_count();
        if columns == 0 {
            prepared.execute([]).unwrap();
            return Vec::new();
        }
        let rows = prepared.query_map([], |row| (0..columns).map(|column| Ok(shown(&row.get(column)?))).collect());
        rows.unwrap().map(Result::unwrap).collect()
    }

    /// The files in the folder, at any depth, that contain `needle`: to prove that a secret was written nowhere.
    pub fn files_containing(&self, needle: &str) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut folders = vec![self.folder().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.is_file() {
                    let content = std::fs::read(&path).unwrap();
                    if content.windows(needle.len()).any(|window| window == needle.as_bytes()) {
                        found.push(path);
                    }
                }
            }
        }
        found
    }
}

/// A folder in memory where the system has a place for that: hundreds of databases would wait for the disk otherwise.
fn folder() -> TempDir {
    TempDir::new_in("/dev/shm").or_else(|_| TempDir::new()).unwrap()
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "NULL".to_owned(),
        Value::Integer(number) => number.to_string(),
        Value::Real(number) => number.to_string(),
        Value::Text(text) => text.clone(),
        Value::Blob(bytes) => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
    }
}

/// A command about to run in a world.
pub struct Call<'a> {
    world: &'a World,
    input: Vec<u8>,
    variables: Vec<(String, String)>,
}

impl Call<'_> {
    pub fn with_stdin(mut self, input: impl Into<Vec<u8>>) -> Self {
        self.input = input.into();
        self
    }

    pub fn with_env(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Runs the binary with the world's configuration.
    pub fn ssoctl<A: AsRef<OsStr>>(self, arguments: impl IntoIterator<Item = A>) -> Run {
        let config = self.world.config();
        let mut all = vec![OsStr::new("--config").to_owned(), config.into_os_string()];
        all.extend(arguments.into_iter().map(|argument| argument.as_ref().to_owned()));
        self.program(BINARY, all)
    }

    /// Runs any program in the same surroundings.
    pub fn program<A: AsRef<OsStr>>(self, program: &str, arguments: impl IntoIterator<Item = A>) -> Run {
        let mut command = assert_cmd::Command::new(program);
        command
            .env_clear()
            .envs(self.world.environment())
            .envs(self.variables)
            .current_dir(self.world.folder())
            .args(arguments)
            .write_stdin(self.input)
            .timeout(LIMIT);
        let started = Instant::now();
        let Output { status, stdout, stderr } = command.output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the output is UTF-8");
        Run { stdout: text(stdout), stderr: text(stderr), code: status.code(), elapsed: started.elapsed() }
    }
}
