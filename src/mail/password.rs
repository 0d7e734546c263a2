//! The password of a mail account, from where the configuration says it is.

use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use secrecy::SecretString;
use secrecy::zeroize::Zeroizing;
use tokio::io::AsyncReadExt as _;

use crate::config::PasswordSource;
use crate::foreign;
use crate::request::names::ClientSecret;

/// Longest password that is read, in bytes.
const LONGEST: u64 = 8 * 1024;

/// How long a program may take to print one: it may ask its owner to touch a key.
const PATIENCE: Duration = Duration::from_mins(1);

/// Why there is no password.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// The file cannot be read.
    #[error("could not read the password file `{}`", .file.display())]
    File {
        /// Which.
        file: PathBuf,
        /// In the system's words.
        #[source]
        source: std::io::Error,
    },
    /// Others can read it.
    #[error("the password file `{}` can be read by other users", .file.display())]
    Exposed {
        /// Which.
        file: PathBuf,
    },
    /// The variable is not set.
    #[error("the environment variable `{name}`, which should hold the password, is not set")]
    Variable {
        /// Which.
        name: String,
    },
    /// The program did not print one.
    #[error("the program `{program}`, which should print the password, {how}")]
    Command {
        /// Its name, printable.
        program: String,
        /// What it did instead.
        how: String,
    },
    /// There is nothing.
    #[error("the password from {place} is empty")]
    Empty {
        /// Where it was looked for.
        place: String,
    },
}

/// Reads the password: the first line of what is there. Paths have to be resolved already.
///
/// # Errors
///
/// [`PasswordError`]; none of them repeats what was read.
pub async fn read(source: &PasswordSource) -> Result<SecretString, PasswordError> {
    let (bytes, place) = match source {
        PasswordSource::File(file) => (of_file(file)?, format!("`{}`", file.display())),
        PasswordSource::Variable(name) => {
            let value = std::env::var(name).map_err(|_| PasswordError::Variable { name: foreign::shown(name) })?;
            (Zeroizing::new(value.into_bytes()), format!("the variable `{}`", foreign::shown(name)))
        }
        PasswordSource::Command(words) => (of_command(words).await?, "the program".to_owned()),
    };
    let line = bytes.split(|one| *one == b'\n').next().unwrap_or_default();
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    match std::str::from_utf8(line) {
        Ok(text) if !text.is_empty() => Ok(SecretString::from(text)),
        _ => Err(PasswordError::Empty { place }),
    }
}

fn of_file(file: &PathBuf) -> Result<Zeroizing<Vec<u8>>, PasswordError> {
    let failed = |source| PasswordError::File { file: file.clone(), source };
    let opened = std::fs::File::open(file).map_err(failed)?;
    let metadata = opened.metadata().map_err(failed)?;
    // Pipes and file descriptors have permissions of no meaning.
    if metadata.is_file() && metadata.permissions().mode() & 0o077 != 0 {
        return Err(PasswordError::Exposed { file: file.clone() });
    }
    let mut bytes = Zeroizing::new(Vec::with_capacity(256));
    opened.take(LONGEST).read_to_end(&mut bytes).map_err(failed)?;
    Ok(bytes)
}

/// Runs a program without a shell; what it says on standard error is its own affair.
async fn of_command(words: &[String]) -> Result<Zeroizing<Vec<u8>>, PasswordError> {
    let Some((program, arguments)) = words.split_first() else {
        return Err(PasswordError::Command { program: String::new(), how: "has no name".to_owned() });
    };
    let failed = |how: String| PasswordError::Command { program: foreign::shown(program), how };
    let mut child = tokio::process::Command::new(program)
        .args(arguments)
        // A customer's secret is none of its business.
        .env_remove(ClientSecret::VARIABLE)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| failed(format!("could not be started: {error}")))?;
    let mut bytes = Zeroizing::new(Vec::with_capacity(256));
    let read = async {
        if let Some(out) = child.stdout.take() {
            out.take(LONGEST).read_to_end(&mut bytes).await.map_err(|error| failed(error.to_string()))?;
        }
        child.wait().await.map_err(|error| failed(error.to_string()))
    };
    let status = tokio::time::timeout(PATIENCE, read).await.map_err(|_| failed("did not end".to_owned()))??;
    if status.success() { Ok(bytes) } else { Err(failed(format!("ended with {status}"))) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret as _;

    fn read_now(source: &PasswordSource) -> Result<String, String> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let read = runtime.block_on(read(source));
        read.map(|secret| secret.expose_secret().to_owned()).map_err(|error| error.to_string())
    }

    #[test]
    fn a_file_gives_its_first_line_and_must_be_its_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("password");
        std::fs::write(&file, "CANARY s3cret\r\nuser: x\n").unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
        let source = PasswordSource::File(file.clone());
        assert!(read_now(&source).unwrap_err().contains("other users"));
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
        assert_eq!(read_now(&source).as_deref(), Ok("CANARY s3cret"));
    }

    #[test]
    fn a_program_prints_it_and_its_failure_is_said_without_what_it_printed() {
        let sh = |script: &str| PasswordSource::Command(["sh", "-c", script].map(str::to_owned).to_vec());
        assert_eq!(read_now(&sh("echo CANARY")).as_deref(), Ok("CANARY"));
        let failed = read_now(&sh("echo CANARY; exit 3")).unwrap_err();
        assert!(failed.contains("`sh`") && failed.contains('3') && !failed.contains("CANARY"), "{failed}");
        assert!(read_now(&sh("true")).unwrap_err().contains("empty"));
        assert!(read_now(&PasswordSource::Command(vec!["/no/such/program".to_owned()])).is_err());
    }

    #[test]
    fn a_variable_that_is_not_set_is_named() {
        let source = PasswordSource::Variable("SSOCTL_NO_SUCH_VARIABLE".to_owned());
        assert!(read_now(&source).unwrap_err().contains("SSOCTL_NO_SUCH_VARIABLE"));
    }
}
