//! A command that could not do its work: what happened, the cause, what to do next, and the exit status.

use crate::config::ConfigError;
use crate::net::{NetSetupError, OriginProblem};
use crate::onboarding::Fault;
use crate::onboarding::plan::Outcome;
use crate::product::repository::StoreError;
use crate::report::reply::ReplyError;
use crate::sealing::{KeyError, SealError};

/// How a run ends, as the contract numbers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitStatus {
    /// Done, or would be, or nothing to change.
    Done,
    /// A check refused the request.
    Refused,
    /// Wrong usage.
    Usage,
    /// Something outside did not answer: no verdict.
    NoAnswer,
    /// A fault of this installation.
    Fault,
    /// All is done as reported, but for the reply: it was not sent.
    Unsent,
    /// Ended by a signal, in good order.
    Interrupted,
}

impl ExitStatus {
    /// The number.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Refused => 1,
            Self::Usage => 2,
            Self::NoAnswer => 3,
            Self::Fault => 70,
            Self::Unsent => 75,
            Self::Interrupted => 130,
        }
    }
}

/// Why a command ended without a result: what happened with its chain of causes, what to do next, and how to end.
#[derive(Debug)]
pub struct Failure {
    error: anyhow::Error,
    /// What to do next.
    pub hints: Vec<String>,
    /// How to end.
    pub status: ExitStatus,
}

impl Failure {
    fn new(error: anyhow::Error, status: ExitStatus) -> Self {
        Self { error, hints: Vec::new(), status }
    }

    /// Wrong usage.
    #[must_use]
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(anyhow::Error::msg(message.into()), ExitStatus::Usage)
    }

    /// A request that cannot be carried out as things are.
    #[must_use]
    pub fn refused(message: impl Into<String>) -> Self {
        Self::new(anyhow::Error::msg(message.into()), ExitStatus::Refused)
    }

    /// Something outside did not answer: no verdict.
    #[must_use]
    pub fn no_answer(message: impl Into<String>) -> Self {
        Self::new(anyhow::Error::msg(message.into()), ExitStatus::NoAnswer)
    }

    /// A fault of this installation.
    #[must_use]
    pub fn fault(message: impl Into<String>) -> Self {
        Self::new(anyhow::Error::msg(message.into()), ExitStatus::Fault)
    }

    /// A deed that is done and stays done, though the report of it could not be printed.
    #[must_use]
    pub fn unprinted(done: &str, failure: &Self) -> Self {
        let cause = failure.causes().pop().unwrap_or_else(|| failure.message());
        Self::fault(format!("{done}; only the report could not be printed"))
            .cause(cause)
            .hint("`ssoctl connection list` and `ssoctl audit list` show how things stand now")
    }

    /// Adds advice.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Says why: what happened becomes the consequence of `cause`.
    #[must_use]
    pub fn cause(self, cause: impl Into<String>) -> Self {
        let innermost = anyhow::Error::msg(cause.into());
        let mut words: Vec<String> = self.error.chain().map(ToString::to_string).collect();
        let mut error = innermost;
        while let Some(outer) = words.pop() {
            error = error.context(outer);
        }
        Self { error, ..self }
    }

    /// What happened.
    #[must_use]
    pub fn message(&self) -> String {
        self.error.to_string()
    }

    /// Why, outermost first.
    #[must_use]
    pub fn causes(&self) -> Vec<String> {
        self.error.chain().skip(1).map(ToString::to_string).collect()
    }

    /// The outcome of a request that ends like this: not decided.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        if self.status == ExitStatus::NoAnswer { Outcome::Unknown } else { Outcome::Failed }
    }

    /// The failure as a JSON document, for `-o json`.
    #[must_use]
    pub fn document(&self) -> serde_json::Value {
        serde_json::json!({
            "schema": crate::report::json_v1::VERSION,
            "outcome": self.outcome().as_str(),
            "error": { "message": self.message(), "causes": self.causes(), "hints": self.hints },
        })
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        match error {
            ConfigError::Unreadable { ref source, .. } if source.kind() == std::io::ErrorKind::NotFound => {
                Self::fault(error.to_string()).cause("there is no such file").hint("`ssoctl init` makes one")
            }
            ConfigError::Unreadable { .. } => Self::new(error.into(), ExitStatus::Fault),
            ConfigError::Stranger { ref file, .. } => Self::fault(error.to_string())
                .cause("it was found here and not named; whoever writes it decides what is checked, whom we connect to and which programs are run")
                .hint(format!("if it is to be used, name it: --config {}; nothing was checked or written", file.display())),
            ConfigError::Invalid { ref reason, .. } => Self::fault(error.to_string())
                .cause(reason.clone())
                .hint("mend that line; `ssoctl init --config NEW-FILE` writes a file that shows every key"),
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let failure = Self::fault(error.to_string());
        let no_answer = |failure| Self { status: ExitStatus::NoAnswer, ..failure };
        match &error {
            StoreError::Unreachable { reason, .. } => no_answer(failure.cause(reason.clone()))
                .hint("is the server up, and are host and port right? try again in a moment; nothing was written"),
            StoreError::InDoubt { reason, .. } => no_answer(failure.cause(reason.clone()))
                .hint("whether it was written is not known: run the same command again, which changes nothing if it was"),
            StoreError::Denied { reason, .. } => failure
                .cause(reason.clone())
                .hint("check user, password (PGPASSWORD, ~/.pgpass) and sslmode; nothing was written"),
            StoreError::NoRight { reason, .. } => failure
                .cause(reason.clone())
                .hint("`ssoctl doctor` names what is to be granted, `ssoctl db contract` all of it; nothing was written"),
            StoreError::Unfit { .. } => {
                failure.hint("--database, SSOCTL_DATABASE or [database] url names the database; nothing was written")
            }
            StoreError::Conflict { .. } => no_answer(failure)
                .hint("somebody else changes the same rows; try again in a moment, nothing was written"),
            StoreError::Busy { .. } => no_answer(failure)
                .hint("somebody else is writing, or the database has too much to do; try again in a moment, nothing was written"),
            StoreError::Missing { place } if place.starts_with("postgres") => failure.hint(
                "`createdb` makes one on the server, `ssoctl db migrate` our tables in it; --database, SSOCTL_DATABASE or \
                 [database] url names another",
            ),
            StoreError::Missing { .. } => failure.hint(
                "`ssoctl init` creates the embedded database; --database, SSOCTL_DATABASE or [database] url names another",
            ),
            StoreError::SchemaOlder { .. } => {
                failure.hint("run `ssoctl db migrate` once; make a copy of the database first")
            }
            StoreError::SchemaElsewhere { .. } => failure.hint(
                "set `schema` under [database] to that one; under another name `ssoctl db migrate` makes a second installation, with nothing in it",
            ),
            StoreError::SchemaNewer { .. } => {
                failure.hint("a newer ssoctl has been here: update this one; nothing was written")
            }
            StoreError::ReadOnly { place, .. } if place.starts_with("postgres") => failure.hint(
                "is this a standby, or a role that may only read? name the primary server; nothing was written",
            ),
            StoreError::Corrupt { place, .. } if place.starts_with("postgres") => {
                failure.hint("ask whoever looks after the server: a page of it is damaged; nothing was written")
            }
            StoreError::ReadOnly { .. } => {
                failure.hint("check the owner and mode of the file and of its folder; nothing was written")
            }
            StoreError::Corrupt { .. } => {
                failure.hint("restore the last copy of the file; `sqlite3 FILE 'PRAGMA integrity_check'` says more")
            }
            StoreError::DiskFull { .. } => {
                failure.hint("make room and run the same command again; nothing was written")
            }
            StoreError::Taken { .. } => {
                Self { status: ExitStatus::Refused, ..failure }.hint("run the same command again to see who was first")
            }
            StoreError::Unreadable { .. } => {
                failure.hint("mend that value, or the view that makes it, and run the same command again; nothing was written")
            }
            StoreError::Other { .. } => {
                failure.hint("`ssoctl doctor` looks at the whole installation; nothing was written")
            }
        }
    }
}

impl From<KeyError> for Failure {
    fn from(error: KeyError) -> Self {
        let hint = match &error {
            KeyError::Missing { .. } => {
                "`ssoctl init` makes one; if secrets are stored already, restore the key they were sealed with"
            }
            KeyError::Exposed { .. } => {
                "chmod 600 it; whoever could read it can open every stored secret, so consider new secrets"
            }
            KeyError::Stranger { .. } => "make it belong to the user who runs ssoctl (chown), and to nobody else",
            KeyError::Io { .. } => "check the owner and mode of the file and of its folder",
            KeyError::NoRandomness => "this is a fault of the system; nothing was written",
            _ => "restore it from your copy; [key] file in the configuration says where it is",
        };
        Self::fault(error.to_string()).hint(hint)
    }
}

impl From<SealError> for Failure {
    fn from(error: SealError) -> Self {
        Self::fault(error.to_string())
            .hint("the key file is not the one the secret was sealed with, or the row was altered; nothing was written")
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Store(error) => error.into(),
            Fault::Seal(error) => error.into(),
            Fault::Random => Self::fault(fault.to_string()),
        }
    }
}

impl From<NetSetupError> for Failure {
    fn from(error: NetSetupError) -> Self {
        let hint = match &error {
            NetSetupError::BadCaCertificate { .. } => {
                "it has to be PEM, with BEGIN CERTIFICATE; those of [network] ca_certs count first, then --ca-cert"
            }
            NetSetupError::NoSystemRoots => "or name a PEM file with --ca-cert; nothing was asked or written",
            NetSetupError::BadProxy => "mend [network] proxy in the configuration: http://HOST:PORT",
            NetSetupError::Library { .. } => "`ssoctl doctor` looks at the whole installation; nothing was written",
        };
        Self::fault(error.to_string()).hint(hint)
    }
}

impl From<ReplyError> for Failure {
    fn from(error: ReplyError) -> Self {
        match &error {
            ReplyError::NoLanguage { available, .. } => Self::usage(error.to_string()).hint(format!(
                "there are: {}; `folder` under [reply] names the folder with those of your own",
                available.join(", ")
            )),
            ReplyError::Unreadable { source, .. } => {
                let cause = source.to_string();
                Self::fault(error.to_string())
                    .cause(cause)
                    .hint("`folder` under [reply] names the folder; nothing was written")
            }
            ReplyError::Invalid { .. } => {
                Self::fault(error.to_string()).hint("mend that file; docs/replies.md has the list; nothing was written")
            }
        }
    }
}

impl From<OriginProblem> for Failure {
    fn from(error: OriginProblem) -> Self {
        Self::usage(format!("--allow-origin (or [network] allow_origins): {error}"))
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::fault("could not write the result").cause(error.to_string())
    }
}
