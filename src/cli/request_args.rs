//! The flags that describe a request, and where its secret may come from.

use std::io::{IsTerminal as _, Read as _};
use std::path::{Path, PathBuf};

use clap::Args;
use secrecy::{SecretString, zeroize::Zeroizing};

use super::ask::ONE_SECRET;
use super::failure::Failure;
use super::named_pipe;
use crate::files;
use crate::foreign;
use crate::intake::{PastedMetadata, PastedSecret, RequestDraft, SecretSource};
use crate::report::CommandLine;
use crate::request::OnboardingRequest;
use crate::request::names::ClientSecret;
use crate::ui::prompt;

/// What a customer asked for
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Request")]
pub(crate) struct RequestArgs {
    /// The team owner's account e-mail
    #[arg(long, value_name = "EMAIL")]
    pub owner: Option<String>,
    /// Who sent the request, if it was not the owner
    #[arg(long, value_name = "EMAIL")]
    pub requested_by: Option<String>,
    /// Issuer URL, just as the customer sent it
    #[arg(long, value_name = "URL")]
    pub issuer: Option<String>,
    /// Client id, just as the customer sent it
    #[arg(long, value_name = "ID")]
    pub client_id: Option<String>,
    /// Read the client secret from a file; never give it as an argument
    ///
    /// If no flag names the secret, it is taken from the environment variable `SSOCTL_CLIENT_SECRET`; if that is not set
    /// either, `onboard` on a terminal asks for it without showing it.
    #[arg(long, value_name = "FILE", group = "secret")]
    pub client_secret_file: Option<PathBuf>,
    /// Read the client secret from an open file descriptor
    #[arg(long, value_name = "N", group = "secret")]
    pub client_secret_fd: Option<u32>,
    /// Read the client secret from standard input
    #[arg(long, group = "secret")]
    pub client_secret_stdin: bool,
    /// SAML metadata of the identity provider: a file, its URL, or - for standard input
    ///
    /// Takes the place of issuer, client id and secret.
    #[arg(long, value_name = "FILE|URL|-", conflicts_with_all = ["issuer", "client_id", "secret"])]
    pub metadata: Option<String>,
    /// Entity ID of the identity provider that is meant, if the metadata describes several
    #[arg(long, value_name = "ID", conflicts_with_all = ["issuer", "client_id", "secret"])]
    pub entity_id: Option<String>,
    /// Domain to claim (can be repeated) [default: the owner's]
    #[arg(long, value_name = "DOMAIN")]
    pub domain: Vec<String>,
    /// Domain to claim on your own word, without a DNS proof; recorded in the audit log (can be repeated)
    #[arg(long, value_name = "DOMAIN")]
    pub vouch_domain: Vec<String>,
    /// Support ticket, for the audit log and the report
    #[arg(long, value_name = "REF")]
    pub ticket: Option<String>,
}

/// The flags that say where the client secret comes from.
pub(super) const SECRET_FLAGS: [&str; 3] = ["--client-secret-file", "--client-secret-fd", "--client-secret-stdin"];

/// The environment variable that may hold the client secret.
pub(super) const SECRET_VARIABLE: &str = ClientSecret::VARIABLE;

/// Longest secret input that is read, in bytes; intake refuses less than that already.
const SECRET_INPUT: u64 = 64 * 1024;

impl RequestArgs {
    /// The draft these flags describe, the secret read from where they say.
    pub(super) fn draft(&self) -> Result<RequestDraft, Failure> {
        let metadata = self.metadata.clone().map(|word| PastedMetadata::of_word(word, std::path::Path::exists));
        if let Some(path) = metadata.as_ref().and_then(PastedMetadata::path) {
            readable(&path)?;
        }
        // The environment variable may be there for other commands; with SAML nobody looks at it.
        let saml = metadata.is_some() || self.entity_id.is_some();
        Ok(RequestDraft {
            owner: self.owner.clone(),
            requested_by: self.requested_by.clone(),
            issuer: self.issuer.clone(),
            client_id: self.client_id.clone(),
            client_secret: if saml { None } else { self.secret()? },
            metadata,
            entity_id: self.entity_id.clone(),
            domains: self.domain.clone(),
            vouched_domains: self.vouch_domain.clone(),
            ticket: self.ticket.clone(),
            ..RequestDraft::default()
        })
    }

    /// Whether a flag gives a value of one particular request.
    pub(super) fn has_values(&self) -> bool {
        let texts = [
            &self.owner,
            &self.requested_by,
            &self.issuer,
            &self.client_id,
            &self.metadata,
            &self.entity_id,
            &self.ticket,
        ];
        let secret = self.client_secret_file.is_some() || self.client_secret_fd.is_some() || self.client_secret_stdin;
        texts.into_iter().any(Option::is_some) || secret || !self.domain.is_empty() || !self.vouch_domain.is_empty()
    }

    fn secret(&self) -> Result<Option<PastedSecret>, Failure> {
        if let Some(file) = &self.client_secret_file {
            return read_file(file, "--client-secret-file").map(Some);
        }
        if let Some(descriptor @ (1 | 2)) = self.client_secret_fd {
            return Err(Failure::usage(format!("descriptor {descriptor} is for output"))
                .hint("open another one, as in: --client-secret-fd 3 3<FILE"));
        }
        if let Some(descriptor) = self.client_secret_fd {
            return read_file(Path::new(&format!("/dev/fd/{descriptor}")), "--client-secret-fd").map(Some);
        }
        if self.client_secret_stdin && std::io::stdin().is_terminal() {
            return typed().map(Some);
        }
        if self.client_secret_stdin {
            let text = read_text(std::io::stdin().lock(), "standard input")?;
            return Ok(Some(PastedSecret { text, source: SecretSource::Stdin }));
        }
        match std::env::var(SECRET_VARIABLE) {
            Ok(value) if !value.is_empty() => {
                Ok(Some(PastedSecret { text: SecretString::from(value), source: SecretSource::Environment }))
            }
            Ok(_) | Err(std::env::VarError::NotPresent) => Ok(None),
            Err(std::env::VarError::NotUnicode(_)) => {
                Err(Failure::usage(format!("{SECRET_VARIABLE} is not valid UTF-8")))
            }
        }
    }

    /// The command these flags make up, secret omitted: with the values as they were mended. What was refused is left
    /// out: it may be the secret, pasted into the wrong place.
    pub(super) fn command_line(&self, verb: &str, request: &OnboardingRequest) -> CommandLine {
        let oidc = request.oidc();
        let metadata = request.saml().and_then(|saml| saml.metadata.as_ref());
        let command = CommandLine::new(verb)
            .value("--ticket", request.ticket.as_ref().map(ToString::to_string))
            .value("--owner", request.owner.as_ref().map(ToString::to_string))
            .value("--requested-by", request.requested_by.address().map(ToString::to_string))
            .value("--issuer", oidc.and_then(|oidc| oidc.issuer.as_ref()).map(ToString::to_string))
            .value("--metadata", self.metadata.clone().filter(|_| metadata.is_some()))
            .value("--entity-id", request.saml().and_then(|saml| saml.entity_id.as_ref()).map(ToString::to_string))
            .value("--client-id", oidc.and_then(|oidc| oidc.client_id.as_ref()).map(ToString::to_string))
            // Without `--domain` the owner's domain is claimed, and need not be named.
            .domains(request, !self.domain.is_empty());
        let file = self.client_secret_file.as_ref().map(|file| file.display().to_string());
        command
            .value("--client-secret-file", file)
            .value("--client-secret-fd", self.client_secret_fd.map(|descriptor| descriptor.to_string()))
            .switch("--client-secret-stdin", self.client_secret_stdin)
    }
}

/// The secret from a terminal that is standard input: it must not show it.
fn typed() -> Result<PastedSecret, Failure> {
    let unread = |error: std::io::Error| {
        Failure::usage("could not read the client secret from standard input").cause(error.to_string())
    };
    let typed = prompt::secret("Client secret (not shown)").map_err(unread)?;
    let typed = typed.ok_or_else(|| Failure::usage("there is no client secret: nothing was typed"))?;
    if typed.is_cut {
        let [cut, instead] = ONE_SECRET;
        return Err(Failure::usage(cut).hint(format!("{instead}; nothing was checked or written")));
    }
    Ok(PastedSecret { text: typed.text, source: SecretSource::Stdin })
}

/// Refuses a path that was mistyped before anything is asked of anybody.
fn readable(path: &Path) -> Result<(), Failure> {
    const INSTEAD: &str =
        "give --metadata a file, an https URL, or - for standard input; nothing was checked or written";
    if path.as_os_str().as_encoded_bytes().trim_ascii().is_empty() {
        return Err(Failure::usage("--metadata is empty: it names no file and no address").hint(INSTEAD));
    }
    let unusable = |why: String| {
        Failure::usage(format!("could not read the metadata file `{}`", foreign::shown(&path.display().to_string())))
            .cause(why)
            .hint(INSTEAD)
    };
    let metadata = std::fs::metadata(path).map_err(|error| unusable(error.to_string()))?;
    if metadata.is_dir() {
        return Err(unusable("it is a folder".to_owned()));
    }
    files::open_without_waiting(path).map(drop).map_err(|error| unusable(error.to_string()))
}

/// Reads the secret from the file that `flag` names. A name under which nothing can be opened is not repeated: it may be
/// the secret itself.
fn read_file(path: &Path, flag: &str) -> Result<PastedSecret, Failure> {
    use std::os::unix::fs::PermissionsExt as _;
    let unreadable = |error: std::io::Error| {
        let failure =
            Failure::usage(format!("could not read the client secret: {flag} does not name a file that can be read"))
                .cause(error.to_string());
        if path.as_os_str() == "-" {
            failure.hint("--client-secret-stdin reads it from standard input")
        } else {
            failure
        }
    };
    let named = format!("`{}`", path.display());
    if named_pipe::is_named_pipe(path) {
        return Ok(PastedSecret {
            text: read_pipe(path, &named)?,
            source: SecretSource::File { world_readable: false },
        });
    }
    let file = std::fs::File::open(path).map_err(unreadable)?;
    let metadata = file.metadata().map_err(unreadable)?;
    if metadata.is_dir() {
        return Err(Failure::usage(format!("{named} is a folder; name the file that holds the secret")));
    }
    // Pipes and file descriptors (/dev/fd/3) have permissions of no meaning.
    let world_readable = metadata.is_file() && metadata.permissions().mode() & 0o077 != 0;
    let text = read_text(file, &named)?;
    Ok(PastedSecret { text, source: SecretSource::File { world_readable } })
}

/// Reads a pipe. One that nobody writes to would be waited for without end, from its opening on.
fn read_pipe(path: &Path, named: &str) -> Result<SecretString, Failure> {
    let (path, from) = (path.to_owned(), named.to_owned());
    // Where nobody waits any more, the secret is wiped.
    let read = move || {
        let file = std::fs::File::open(&path);
        file.map_err(|error| Failure::usage(format!("could not read {from}")).cause(error.to_string()))
            .and_then(|file| read_text(file, &from))
    };
    named_pipe::wait_for(read, &format!("nobody has written a client secret to the pipe {named}"))?
}

/// Reads a secret without leaving copies of it behind.
fn read_text(input: impl std::io::Read, from: &str) -> Result<SecretString, Failure> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(1024));
    input.take(SECRET_INPUT).read_to_end(&mut bytes).map_err(|error| {
        Failure::usage(format!("could not read the client secret from {from}")).cause(error.to_string())
    })?;
    if bytes.trim_ascii().is_empty() {
        return Err(Failure::usage(format!("there is no client secret in {from}: it is empty"))
            .hint("nothing was checked or written"));
    }
    // What is no UTF-8 is marked as lost, and refused where the other values of the request are looked at.
    let text = Zeroizing::new(String::from_utf8_lossy(&bytes).into_owned());
    Ok(SecretString::from(text.as_str()))
}
