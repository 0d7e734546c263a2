//! Real mail servers on loopback, one for each test that asks: an SMTP sink and an IMAP server.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

/// Who signs in to the servers, and with what.
pub const MAIL_USER: &str = "support";
/// See [`MAIL_USER`].
pub const MAIL_PASSWORD: &str = "CANARY-mail-passw0rd";

/// Debian's own interpreter: its packages are not another one's.
const PYTHON: &str = "/usr/bin/python3";

/// Whether a test that needs `what` can run. Where it cannot, it says so and judges nothing, unless it has to run.
fn can_run(what: &str, is_there: bool) -> bool {
    let required = std::env::var("SSOCTL_TEST_MAIL").is_ok_and(|word| word == "required");
    assert!(is_there || !required, "{what} is not installed; tests/run installs it");
    if !is_there {
        eprintln!("NOT JUDGED: {what} is not installed; tests/run installs it");
    }
    is_there
}

/// A certificate for `localhost`, its key, and the authority that signed it, as PEM files.
pub struct Certificates {
    pub ca: PathBuf,
    pub certificate: PathBuf,
    pub key: PathBuf,
}

impl Certificates {
    pub fn new(folder: &Path) -> Self {
        let ca_key = KeyPair::generate().unwrap();
        let mut ca_params = CertificateParams::new(Vec::new()).unwrap();
        ca_params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let ca = ca_params.self_signed(&ca_key).unwrap();
        let issuer = Issuer::from_params(&ca_params, &ca_key);
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(["localhost".to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
        let write = |name: &str, text: String| {
            let path = folder.join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        Self {
            ca: write("mail-ca.pem", ca.pem()),
            certificate: write("mail.pem", certificate.pem()),
            key: write("mail.key", key.serialize_pem()),
        }
    }
}

/// An SMTP server that keeps what it takes.
pub struct SmtpSink {
    child: Child,
    folder: TempDir,
    certificates: Certificates,
    pub port: u16,
    security: &'static str,
}

/// A mail that the sink took.
#[derive(Debug)]
pub struct Taken {
    /// `from`, `to`, `tls`, `user`.
    pub envelope: Value,
    /// The mail as it came over the wire.
    pub mail: String,
}

impl Taken {
    /// The value of a header, its continuation lines joined; `None` where it is not there.
    pub fn header(&self, name: &str) -> Option<String> {
        let (head, _) = self.mail.split_once("\r\n\r\n").unwrap();
        let unfolded = head.replace("\r\n ", " ").replace("\r\n\t", " ");
        let prefix = format!("{name}: ");
        unfolded.lines().find_map(|line| line.strip_prefix(&prefix).map(str::to_owned))
    }
}

impl SmtpSink {
    /// Starts one that takes mail from [`MAIL_USER`] over `security` (`tls`, `starttls`); `None` where there is none to
    /// start.
    pub fn start(security: &'static str) -> Option<Self> {
        let there = Command::new(PYTHON)
            .args(["-c", "import aiosmtpd"])
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success());
        if !can_run("python3-aiosmtpd", there) {
            return None;
        }
        let folder = TempDir::new().unwrap();
        let certificates = Certificates::new(folder.path());
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/servers/smtp_sink.py");
        let mut child = Command::new(PYTHON)
            .arg(script)
            .arg(folder.path())
            .args([&certificates.certificate, &certificates.key])
            .args([security, MAIL_USER, MAIL_PASSWORD])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let port = line.trim().parse().expect("the sink prints its port");
        Some(Self { child, folder, certificates, port, security })
    }

    /// `[reply]` and `[smtp]`, to be appended to a configuration; the password is in `password_file`.
    pub fn config(&self, password_file: &Path) -> String {
        format!(
            "\n[network]\nca_certs = [\"{ca}\"]\n\n[reply]\nfrom = \"Example Support <support@example.com>\"\n\
             bcc = [\"archive@example.com\"]\n\n[smtp]\nserver = \"localhost:{port}\"\nsecurity = \"{security}\"\n\
             user = \"{MAIL_USER}\"\npassword_file = \"{password_file}\"\n",
            ca = self.certificates.ca.display(),
            password_file = password_file.display(),
            port = self.port,
            security = self.security,
        )
    }

    /// From now on nobody listens at its port.
    pub fn go_away(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// What it took so far, oldest first.
    pub fn taken(&self) -> Vec<Taken> {
        let mut names: Vec<PathBuf> = std::fs::read_dir(self.folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|kind| kind == "json"))
            .collect();
        names.sort();
        let read = |path: PathBuf| Taken {
            envelope: serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap(),
            mail: String::from_utf8(std::fs::read(path.with_extension("eml")).unwrap()).unwrap(),
        };
        names.into_iter().map(read).collect()
    }
}

impl Drop for SmtpSink {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An IMAP server with one account and one Maildir behind it.
pub struct ImapServer {
    child: Child,
    folder: TempDir,
    certificates: Certificates,
    pub port: u16,
}

/// Debian's own.
const DOVECOT: &str = "/usr/sbin/dovecot";

impl ImapServer {
    /// Starts one whose INBOX has these mails; `None` where there is none to start.
    pub fn start(mails: &[(&str, &str)]) -> Option<Self> {
        let there = Path::new(DOVECOT).exists() && Path::new("/usr/lib/dovecot/imap").exists();
        if !can_run("dovecot-imapd", there) {
            return None;
        }
        let folder = TempDir::new().unwrap();
        let certificates = Certificates::new(folder.path());
        let maildir = folder.path().join("mail");
        for part in ["cur", "new", "tmp"] {
            std::fs::create_dir_all(maildir.join(part)).unwrap();
        }
        for (name, mail) in mails {
            std::fs::write(maildir.join(name), mail).unwrap();
        }
        let port = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
        let config = folder.path().join("dovecot.conf");
        std::fs::write(&config, dovecot_config(folder.path(), &certificates, port)).unwrap();
        if is_root() {
            // Dovecot lets nobody read mail as root.
            let status = Command::new("chown").args(["-R", "nobody:nogroup"]).arg(&maildir).status().unwrap();
            assert!(status.success());
            std::fs::set_permissions(folder.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        }
        let child = Command::new(DOVECOT).arg("-F").arg("-c").arg(&config).stdin(Stdio::null()).spawn().unwrap();
        super::desk::wait_until("the IMAP server", || std::net::TcpStream::connect(("127.0.0.1", port)).is_ok());
        Some(Self { child, folder, certificates, port })
    }

    /// `[network]` and `[inbox]`, to be appended to a configuration.
    pub fn config(&self, password_file: &Path) -> String {
        format!(
            "\n[network]\nca_certs = [\"{ca}\"]\n\n[inbox]\nmailbox = \"imaps://localhost:{port}/INBOX\"\n\
             user = \"{MAIL_USER}\"\npassword_file = \"{password_file}\"\n",
            ca = self.certificates.ca.display(),
            password_file = password_file.display(),
            port = self.port,
        )
    }

    /// Hangs up on whoever is connected; the server itself goes on.
    pub fn hang_up(&self) {
        // `imap-login` carries the TLS of every connection, and `imap` its session.
        let sessions: Vec<Pid> = children(self.child.id()).filter(|pid| name(*pid).starts_with("imap")).collect();
        assert!(!sessions.is_empty(), "nobody was connected");
        for pid in sessions {
            // One may end with the other.
            assert!(matches!(kill_process(pid, Signal::KILL), Ok(()) | Err(rustix::io::Errno::SRCH)));
        }
    }

    /// The names of the files in the mailbox: flags are a part of them.
    pub fn files(&self) -> Vec<String> {
        let list = |part: &str| std::fs::read_dir(self.folder.path().join("mail").join(part)).unwrap();
        let names = list("new").chain(list("cur")).map(|entry| entry.unwrap().file_name().to_str().unwrap().to_owned());
        let mut names: Vec<String> = names.collect();
        names.sort();
        names
    }
}

impl Drop for ImapServer {
    fn drop(&mut self) {
        // The master ends its children when it is asked to, not when it is killed.
        let _ = kill_process(Pid::from_child(&self.child), Signal::TERM);
        let _ = self.child.wait();
    }
}

/// The processes that `parent` has started, as Linux lists them.
fn children(parent: u32) -> impl Iterator<Item = Pid> {
    let listed = std::fs::read_to_string(format!("/proc/{parent}/task/{parent}/children")).unwrap();
    let pids: Vec<Pid> = listed.split_whitespace().filter_map(|pid| Pid::from_raw(pid.parse().ok()?)).collect();
    pids.into_iter()
}

/// What a process calls itself; empty for one that has ended.
fn name(pid: Pid) -> String {
    std::fs::read_to_string(format!("/proc/{}/comm", pid.as_raw_nonzero())).unwrap_or_default()
}

fn is_root() -> bool {
    rustix::process::getuid().is_root()
}

fn dovecot_config(folder: &Path, certificates: &Certificates, port: u16) -> String {
    let folder = folder.display();
    let (owner, users) = if is_root() {
        ("nobody gid=nogroup".to_owned(), String::new())
    } else {
        let id = Command::new("id").arg("-un").output().unwrap().stdout;
        let user = String::from_utf8(id).unwrap().trim().to_owned();
        let users = format!("default_internal_user = {user}\ndefault_login_user = {user}\n");
        (user, users + "service anvil {\n  chroot =\n}\nservice imap-login {\n  chroot =\n}\n")
    };
    format!(
        "base_dir = {folder}/run\nstate_dir = {folder}/state\nlog_path = {folder}/dovecot.log\nprotocols = imap\n\
         listen = 127.0.0.1\nssl = required\nssl_cert = <{certificate}\nssl_key = <{key}\nmail_location = maildir:{folder}/mail\n\
         passdb {{\n  driver = static\n  args = user={MAIL_USER} password={MAIL_PASSWORD}\n}}\n\
         userdb {{\n  driver = static\n  args = uid={owner} home={folder}/home\n}}\n\
         service imap-login {{\n  inet_listener imap {{\n    port = 0\n  }}\n  inet_listener imaps {{\n    port = {port}\n    ssl = yes\n  }}\n}}\n\
         {users}",
        certificate = certificates.certificate.display(),
        key = certificates.key.display(),
    )
}
