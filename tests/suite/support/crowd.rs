//! Many customers at once: a product with a team for every number, and lists of their requests.

use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use serde_json::Value;

use super::provider::{CLIENT_ID, CLIENT_SECRET, Provider, RunningProvider};
use super::world::{Run, World};

/// The first line of every list.
pub const HEADER: &str = "owner,issuer,client_id,client_secret,ticket\n";

/// A product of `teams` teams, each with one owner (`owner@team-N.example`), and a provider that knows one client.
pub struct Crowd {
    pub world: World,
    pub provider: RunningProvider,
    pub teams: usize,
}

impl Crowd {
    pub fn of(teams: usize) -> Self {
        Self::facing(teams, Provider::new())
    }

    pub fn facing(teams: usize, provider: Provider) -> Self {
        let world = World::empty();
        world.ssoctl(["init"]).expect_code(0);
        let numbers = format!("WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {teams} - 1)");
        world.sql(&format!(
            "INSERT INTO product_users (id, email, name, active)
             {numbers} SELECT 'u' || i, 'owner@team-' || i || '.example', 'Olga Owner', 1 FROM n"
        ));
        world.sql(&format!(
            "INSERT INTO product_teams (id, name, owner_id, plan, management_enabled)
             {numbers} SELECT 't' || i, 'Team ' || i, 'u' || i, 'Enterprise', 1 FROM n"
        ));
        world.sql(
            "INSERT INTO product_memberships (user_id, team_id, role, since)
             SELECT owner_id, id, 'owner', '2024-01-01' FROM product_teams",
        );
        Self { world, provider: provider.start(), teams }
    }

    /// The row of one team, with everything right.
    pub fn row(&self, number: usize) -> String {
        self.row_with(number, CLIENT_ID, CLIENT_SECRET)
    }

    /// The row of one team, with these credentials.
    pub fn row_with(&self, number: usize, client: &str, secret: &str) -> String {
        format!("owner@team-{number}.example,{},{client},{secret},T-{number}\n", self.provider.issuer())
    }

    /// A list with the row of every team, in order.
    pub fn all(&self) -> String {
        (0..self.teams).fold(HEADER.to_owned(), |mut list, number| {
            let _ = write!(list, "{}", self.row(number));
            list
        })
    }

    /// Writes a list that only its owner reads.
    pub fn list(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.world.write(name, content);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        path
    }

    /// The words of `ssoctl bulk`, with the provider in reach.
    pub fn words(&self, more: &[&str]) -> Vec<String> {
        let mut words = vec!["bulk".to_owned()];
        words.extend(self.provider.access());
        words.extend(more.iter().map(|&word| word.to_owned()));
        words
    }

    /// Runs `ssoctl bulk`.
    pub fn bulk(&self, more: &[&str]) -> Run {
        self.world.ssoctl(self.words(more))
    }

    /// Runs it on a list of these rows for a script, in the order of the file; the documents, one a row.
    #[track_caller]
    pub fn documents(&self, list: &str, code: i32, more: &[&str]) -> Vec<Value> {
        self.list("list", list);
        let mut words = vec!["list", "-o", "json", "--ordered"];
        words.extend(more);
        documents(&self.bulk(&words).expect_code(code))
    }

    /// Status, client and domain of every connection, by team.
    pub fn connections(&self) -> Vec<Vec<String>> {
        self.world.sql(
            "SELECT team_id, status, issuer, client_id, (SELECT group_concat(domain) FROM sso_domains WHERE connection_id = id)
             FROM sso_connections ORDER BY team_id",
        )
    }

    pub fn connected(&self) -> usize {
        self.world.sql("SELECT 1 FROM sso_connections WHERE status = 'active'").len()
    }

    /// What was done, oldest first.
    pub fn deeds(&self) -> Vec<String> {
        self.world.sql("SELECT action FROM sso_audit_log ORDER BY seq").concat()
    }

    /// Fails the test unless the audit log and the file are what was written.
    #[track_caller]
    pub fn expect_sound(&self) {
        self.world.ssoctl(["audit", "verify"]).expect_code(0);
        assert_eq!(self.world.sql("PRAGMA integrity_check"), [["ok"]]);
        assert!(self.world.sql("PRAGMA foreign_key_check").is_empty());
    }
}

/// The documents on standard output, one a line.
#[track_caller]
pub fn documents(run: &Run) -> Vec<Value> {
    let lines = run.stdout.lines();
    lines.map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
}

/// Line and outcome of each.
pub fn outcomes(documents: &[Value]) -> Vec<(u64, &str)> {
    documents.iter().map(|one| (one["line"].as_u64().unwrap(), one["outcome"].as_str().unwrap())).collect()
}

/// Every code that failed, warned or is unknown, with its check.
pub fn reasons(document: &Value) -> Vec<String> {
    let mut reasons = Vec::new();
    for check in document["checks"].as_array().into_iter().flatten() {
        for finding in check["findings"].as_array().unwrap() {
            if finding["level"] != "pass" && finding["code"] != "not_asked" {
                reasons.push(format!("{}: {}", check["id"].as_str().unwrap(), finding["code"].as_str().unwrap()));
            }
        }
    }
    reasons
}
