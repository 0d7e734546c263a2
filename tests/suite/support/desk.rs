//! A support agent's desk: the sample product, a customer's identity provider, and the customer's values at hand.

use std::ffi::OsString;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::provider::{CLIENT_ID, CLIENT_SECRET, Provider, RunningProvider};
use super::world::{Run, World};

/// Owner of the sample product's team 1042, Acme, which nothing keeps from single sign-on.
pub const JANE: &str = "jane@acme.example";

/// The ticket of every request that the desk puts together.
pub const TICKET: &str = "48213";

/// One installation with the sample product, and one provider that it may reach.
pub struct Desk {
    pub world: World,
    pub provider: RunningProvider,
}

impl Desk {
    /// A desk whose customers' provider is in order.
    pub fn new() -> Self {
        Self::facing(Provider::new())
    }

    /// The same on PostgreSQL.
    pub fn on_postgres() -> Self {
        Self::within(World::on_postgres(), Provider::new())
    }

    /// A desk whose customers have this provider.
    pub fn facing(provider: Provider) -> Self {
        Self::within(World::new(), provider)
    }

    /// A desk in a world that is there already: for a provider that does something to it.
    pub fn within(world: World, provider: Provider) -> Self {
        let desk = Self { world, provider: provider.start() };
        desk.secret_file("secret.txt", CLIENT_SECRET);
        desk
    }

    /// Writes a secret into a file of the owner's alone.
    pub fn secret_file(&self, name: &str, secret: &str) -> PathBuf {
        let path = self.world.write(name, secret);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        path
    }

    /// `verb` and the flags that let it reach the provider, then `more`.
    pub fn words(&self, verb: &[&str], more: &[&str]) -> Vec<String> {
        let mut words: Vec<String> = verb.iter().map(|&word| word.to_owned()).collect();
        words.extend(self.provider.access());
        words.extend(more.iter().map(|&word| word.to_owned()));
        words
    }

    /// Jane's request, all of it but the secret.
    pub fn request(&self, verb: &str, more: &[&str]) -> Vec<String> {
        self.request_of(JANE, verb, more)
    }

    /// Some owner's request, all of it but the secret.
    pub fn request_of(&self, owner: &str, verb: &str, more: &[&str]) -> Vec<String> {
        let issuer = self.provider.issuer().to_owned();
        let mut words = self.words(&[verb], &["--ticket", TICKET, "--owner", owner]);
        words.extend(["--issuer".to_owned(), issuer, "--client-id".to_owned(), CLIENT_ID.to_owned()]);
        words.extend(more.iter().map(|&word| word.to_owned()));
        words
    }

    /// Jane's request with the right secret in a file, without a question asked.
    pub fn complete(&self, more: &[&str]) -> Vec<String> {
        let mut words = self.request("onboard", &["--client-secret-file", "secret.txt", "--yes"]);
        words.extend(more.iter().map(|&word| word.to_owned()));
        words
    }

    /// Runs [`complete`](Self::complete).
    pub fn onboard(&self, more: &[&str]) -> Run {
        self.world.ssoctl(self.complete(more))
    }

    /// Runs it, and gives the JSON document; fails the test unless it ended with `code`.
    #[track_caller]
    pub fn onboard_json(&self, code: i32, more: &[&str]) -> Value {
        let mut words = self.complete(more);
        words.extend(["-o", "json"].map(str::to_owned));
        self.world.ssoctl(words).expect_code(code).json()
    }

    /// Runs `ssoctl connection …` with the provider in reach.
    pub fn connection(&self, words: &[&str]) -> Run {
        let mut all = vec!["connection".to_owned()];
        all.extend(words.iter().map(|&word| word.to_owned()));
        all.extend(self.provider.access());
        self.world.ssoctl(all)
    }

    /// Runs `ssoctl` on a terminal.
    pub fn terminal(&self, words: &[&str]) -> super::tty::Terminal {
        self.world.terminal(self.words(words, &[]).into_iter().map(OsString::from))
    }

    /// What was done, oldest first.
    pub fn deeds(&self) -> Vec<String> {
        column(self.world.sql("SELECT action FROM sso_audit_log ORDER BY seq"))
    }

    /// `status` of every connection, and the domains it holds.
    pub fn connections(&self) -> Vec<Vec<String>> {
        let joined = if self.world.is_on_postgres() {
            "string_agg(domain, ' ' ORDER BY domain)"
        } else {
            "group_concat(domain, ' ')"
        };
        self.world.sql(&format!(
            "SELECT status, coalesce((SELECT {joined} FROM sso_domains WHERE connection_id = id), '')
             FROM sso_connections ORDER BY team_id"
        ))
    }

    /// The `details` of the latest audit row.
    pub fn latest_details(&self) -> Value {
        let rows = self.world.sql("SELECT details FROM sso_audit_log ORDER BY seq DESC LIMIT 1");
        serde_json::from_str(&rows[0][0]).unwrap()
    }

    /// Puts `rows` of somebody else's at the end of the audit log, as a long list of theirs would.
    pub fn others_do(&self, rows: usize) {
        self.world.sql(&format!(
            "INSERT INTO sso_audit_log (seq, at, actor, action, details, previous_hash, hash)
             WITH RECURSIVE
                 last (seq, hash) AS (SELECT seq, hash FROM sso_audit_log ORDER BY seq DESC LIMIT 1),
                 row (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM row WHERE i < {rows})
             SELECT seq + i, '2026-11-21T12:00:00Z', 'zoe', 'refused', '{{}}',
                 CASE i WHEN 1 THEN hash ELSE 'hash ' || (seq + i - 1) END, 'hash ' || (seq + i)
             FROM last, row ORDER BY i"
        ));
    }

    /// Everything of ours in the database, to compare before and after.
    pub fn stored(&self) -> Vec<Vec<String>> {
        ["sso_connections", "sso_domains", "scim_tokens", "sso_audit_log"]
            .iter()
            .flat_map(|table| self.world.sql(&format!("SELECT * FROM {table} ORDER BY 1")))
            .collect()
    }

    /// Fails the test unless the audit log and the file are what was written.
    #[track_caller]
    pub fn expect_sound(&self) {
        self.world.ssoctl(["audit", "verify"]).expect_code(0);
        if self.world.is_on_postgres() {
            return;
        }
        assert_eq!(self.world.sql("PRAGMA integrity_check"), [["ok"]]);
        assert!(self.world.sql("PRAGMA foreign_key_check").is_empty());
    }
}

/// Waits until `condition` holds; what never comes fails the test.
#[track_caller]
pub fn wait_until(what: &str, mut condition: impl FnMut() -> bool) {
    let started = Instant::now();
    while !condition() {
        assert!(started.elapsed() < Duration::from_secs(30), "{what} never came");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// The verdict of one check in a report.
pub fn verdict<'r>(report: &'r Value, check: &str) -> &'r str {
    judgement(report, check)["verdict"].as_str().unwrap_or_default()
}

/// The codes of everything that one check found.
pub fn codes<'r>(report: &'r Value, check: &str) -> Vec<&'r str> {
    let findings = judgement(report, check)["findings"].as_array().unwrap();
    findings.iter().map(|finding| finding["code"].as_str().unwrap()).collect()
}

fn judgement<'r>(report: &'r Value, check: &str) -> &'r Value {
    let checks = report["checks"].as_array().unwrap_or_else(|| panic!("no checks in {report}"));
    checks.iter().find(|one| one["id"] == check).unwrap_or_else(|| panic!("no {check} in {report}"))
}

/// The first column.
pub fn column(rows: Vec<Vec<String>>) -> Vec<String> {
    rows.into_iter().map(|row| row.into_iter().next().unwrap()).collect()
}
