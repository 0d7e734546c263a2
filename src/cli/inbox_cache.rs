//! What the mails of the mailbox came to when they were looked at last: by Message-ID, and without a word of theirs.

use std::collections::HashMap;
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use aws_lc_rs::digest;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::config::Config;
use crate::mail::Heading;
use crate::store;

/// What a mail came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Verdict {
    /// `valid`, `refused`, `unknown`, `no_request` or `unreadable`.
    #[serde(rename = "verdict")]
    pub(super) word: String,
    /// Reason codes, those of the verdict's own level.
    pub(super) reasons: Vec<String>,
    /// When it was looked at.
    pub(super) at: Timestamp,
    /// The client secret stands in its subject.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) secret_in_subject: bool,
}

impl Verdict {
    /// A mail that asks for nothing never will: the others may come to something else tomorrow.
    pub(super) fn is_for_good(&self) -> bool {
        matches!(self.word.as_str(), "no_request" | "unreadable")
    }

    /// Whether it need not be looked at again yet: a mailbox that is listed every minute asks nobody every minute.
    pub(super) fn is_fresh(&self, now: Timestamp) -> bool {
        self.is_for_good() || now.as_second().saturating_sub(self.at.as_second()) < FRESH
    }
}

/// How long a verdict is taken for granted, in seconds.
const FRESH: i64 = 60 * 60;

/// Rows beyond which the file is written anew with the latest of each mail.
const ROWS: usize = 20_000;

#[derive(Serialize, Deserialize)]
struct Row {
    mail: String,
    #[serde(flatten)]
    verdict: Verdict,
}

/// The cache: a file of JSON lines, mode 0600, that may be deleted at any time.
#[derive(Debug)]
pub(super) struct Cache {
    file: Option<PathBuf>,
    /// What the verdicts rest on, besides the mails.
    installation: Vec<String>,
    verdicts: HashMap<String, Verdict>,
    rows: usize,
}

impl Cache {
    /// Reads it from the XDG cache folder. A cache that cannot be read is an empty one.
    pub(super) fn open(config: &Config) -> Self {
        use etcetera::BaseStrategy as _;
        let folder = etcetera::choose_base_strategy().ok().map(|strategy| strategy.cache_dir().join("ssoctl"));
        Self::at(folder.map(|folder| folder.join("inbox.jsonl")), installation(config))
    }

    /// One that forgets when the program ends.
    pub(super) fn nowhere() -> Self {
        Self::at(None, Vec::new())
    }

    fn at(file: Option<PathBuf>, installation: Vec<String>) -> Self {
        let text = file.as_deref().and_then(|file| std::fs::read_to_string(file).ok()).unwrap_or_default();
        let rows: Vec<Row> = text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        let count = rows.len();
        let verdicts = rows.into_iter().map(|row| (row.mail, row.verdict)).collect();
        Self { file, installation, verdicts, rows: count }
    }

    /// What `mail` came to.
    pub(super) fn find(&self, mail: &Heading) -> Option<&Verdict> {
        self.verdicts.get(&self.key(mail)?)
    }

    /// Keeps what `mail` came to. A mail without a Message-ID is looked at anew each time.
    pub(super) fn keep(&mut self, mail: &Heading, verdict: Verdict) -> std::io::Result<()> {
        let Some(mail) = self.key(mail) else { return Ok(()) };
        self.verdicts.insert(mail.clone(), verdict.clone());
        let Some(file) = self.file.clone() else { return Ok(()) };
        if let Some(folder) = file.parent() {
            std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        }
        self.rows += 1;
        if self.rows > ROWS {
            return self.write_anew(&file);
        }
        let mut opened = std::fs::OpenOptions::new().append(true).create(true).mode(0o600).open(&file)?;
        opened.write_all(line(mail, verdict).as_bytes())
    }

    fn write_anew(&mut self, file: &Path) -> std::io::Result<()> {
        let mut text = String::new();
        for (mail, verdict) in &self.verdicts {
            text.push_str(&line(mail.clone(), verdict.clone()));
        }
        self.rows = self.verdicts.len();
        let beside = file.with_extension("new");
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create(true).truncate(true).mode(0o600).open(&beside)?.write_all(text.as_bytes())?;
        std::fs::rename(beside, file)
    }

    /// A digest of the installation and of what tells a mail from others: its Message-ID, and beside it what a list shows, so
    /// that a mail which borrows another's Message-ID does not borrow its verdict.
    fn key(&self, mail: &Heading) -> Option<String> {
        let mut context = digest::Context::new(&digest::SHA256);
        let of_mail = [mail.message_id.as_deref()?, &mail.address, &mail.subject];
        for field in self.installation.iter().map(String::as_str).chain(of_mail) {
            context.update(&(field.len() as u64).to_be_bytes());
            context.update(field.as_bytes());
        }
        context.update(&mail.date.map_or(0, Timestamp::as_second).to_be_bytes());
        Some(crate::hex::encode(context.finish()))
    }
}

/// What tells an installation from others: its configuration and its database. The same mail may come to something else there.
fn installation(config: &Config) -> Vec<String> {
    let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).display().to_string();
    let url = &config.database.url;
    vec![
        config.file.as_deref().map(absolute).unwrap_or_default(),
        absolute(config.database_folder()),
        store::without_password(url).unwrap_or_else(|| url.clone()),
        config.database.schema.clone().unwrap_or_default(),
    ]
}

fn line(mail: String, verdict: Verdict) -> String {
    serde_json::to_string(&Row { mail, verdict }).map(|row| row + "\n").unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::Place;

    fn heading(id: &str, subject: &str) -> Heading {
        let head = format!("From: jane@acme.example\nMessage-ID: <{id}@acme.example>\nSubject: {subject}\n\n");
        Heading::read(Place::Uid(1), head.as_bytes())
    }

    fn verdict(word: &str) -> Verdict {
        Verdict {
            word: word.to_owned(),
            reasons: vec!["bad_secret".to_owned()],
            at: Timestamp::UNIX_EPOCH,
            secret_in_subject: false,
        }
    }

    #[test]
    fn the_latest_verdict_of_each_mail_is_kept_and_nothing_of_the_mail_is() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ssoctl/inbox.jsonl");
        let here = vec!["sqlite:here.db".to_owned()];
        let mut cache = Cache::at(Some(file.clone()), here.clone());
        cache.keep(&heading("a", "SSO for CANARY"), verdict("refused")).unwrap();
        cache.keep(&heading("a", "SSO for CANARY"), verdict("valid")).unwrap();
        let elsewhere = Cache::at(Some(file.clone()), vec!["sqlite:there.db".to_owned()]);
        assert_eq!(elsewhere.find(&heading("a", "SSO for CANARY")), None, "another installation's");
        let again = Cache::at(Some(file.clone()), here);
        assert_eq!(again.find(&heading("a", "SSO for CANARY")), Some(&verdict("valid")));
        assert_eq!(again.find(&heading("a", "another subject")), None, "a borrowed Message-ID");
        assert!(!std::fs::read_to_string(file).unwrap().contains("CANARY"));
    }

    #[test]
    fn a_broken_cache_is_an_empty_one() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("inbox.jsonl");
        std::fs::write(&file, "{\"mail\": 1}\nnonsense\n").unwrap();
        assert!(Cache::at(Some(file), Vec::new()).verdicts.is_empty());
    }

    #[test]
    fn a_verdict_is_fresh_for_an_hour_and_no_request_for_good() {
        let later = Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_hours(2);
        assert!(verdict("refused").is_fresh(Timestamp::UNIX_EPOCH) && !verdict("refused").is_fresh(later));
        assert!(verdict("no_request").is_fresh(later));
    }
}
