//! What the `team-members` question costs in a large product, beside a lookup by primary key.
//!
//! ```text
//! cargo bench --bench members [-- --database FILE]
//! ```
//!
//! Makes a product of 1,000,000 users, 1,100,000 memberships, 100,000 teams and 50,000 domains (kept in FILE, where one
//! is given, for the next run), then asks through the crate, as `ssoctl check` does. Question and lookup take turns.

use std::error::Error;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, params};
use ssoctl::product::repository::{COUNTED, LISTED, Reads, Repository as _};
use ssoctl::request::names::{EmailDomain, TeamId, UserId};
use ssoctl::store::SqliteStore;

const USERS: u64 = 1_000_000;
const TEAMS: u64 = 100_000;
const DOMAINS: u64 = 50_000;
/// Every tenth user is in a second team.
const SECOND_MEMBERSHIPS: u64 = 100_000;
/// The first domain is a mailbox provider's in all but name.
const LARGE_DOMAIN: u64 = 16_000;
const ROUNDS: u64 = 2_000;

type Failed = Box<dyn Error + Send + Sync>;

fn main() -> Result<(), Failed> {
    let mut file: Option<PathBuf> = None;
    let mut words = std::env::args().skip(1).filter(|word| word != "--bench");
    while let Some(word) = words.next() {
        match word.as_str() {
            "--database" => file = Some(words.next().ok_or("--database needs a path")?.into()),
            other => return Err(format!("unknown: {other}").into()),
        }
    }
    let folder = tempfile::tempdir()?;
    let file = file.unwrap_or_else(|| folder.path().join("product.db"));
    if !file.exists() {
        let started = Instant::now();
        make_product(&file)?;
        say(&format!("product made in {:.1} s", started.elapsed().as_secs_f64()))?;
    }
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(measure(&file))
}

/// Numbers that look random and come out the same in every run (`SplitMix64`).
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit
    }
}

/// The domain of a user: the first `LARGE_DOMAIN` are in domain 0, the rest evenly in the others.
const fn domain_of(user: u64) -> u64 {
    if user < LARGE_DOMAIN { 0 } else { 1 + (user - LARGE_DOMAIN) % (DOMAINS - 1) }
}

/// Colleagues share a team; two teams per domain. The large domain's people are all over the place.
const fn team_of(user: u64) -> u64 {
    if user < LARGE_DOMAIN { user * 6 % TEAMS } else { domain_of(user) * 2 + (user / (DOMAINS * 4)) % 2 }
}

/// Ids that do not follow from the order in which people came: colleagues' rows lie far apart.
fn user_id(user: u64) -> String {
    format!("{:016x}", Dice(user).below(u64::MAX))
}

fn make_product(file: &Path) -> Result<(), Failed> {
    drop(SqliteStore::create(file)?);
    let mut connection = Connection::open(file)?;
    connection.execute_batch("PRAGMA synchronous = OFF; PRAGMA cache_size = -400000;")?;
    let transaction = connection.transaction()?;
    {
        let mut users = transaction
            .prepare("INSERT INTO product_users (id, email, name, active) VALUES (?1, ?2, 'Somebody', 1)")?;
        let mut members = transaction.prepare(
            "INSERT OR IGNORE INTO product_memberships (user_id, team_id, role, since) \
             VALUES (?1, ?2, 'member', '2025-01-31')",
        )?;
        let mut teams = transaction.prepare(
            "INSERT INTO product_teams (id, name, owner_id, plan, management_enabled) \
             VALUES (?1, 'A team', NULL, 'Scale Plus', 1)",
        )?;
        let mut owners = transaction.prepare("UPDATE product_teams SET owner_id = ?2 WHERE id = ?1")?;
        for team in 0..TEAMS {
            teams.execute([team.to_string()])?;
        }
        for user in 0..USERS {
            let (id, team) = (user_id(user), team_of(user).to_string());
            users.execute(params![id, format!("person{user}@domain{}.example", domain_of(user))])?;
            members.execute([&id, &team])?;
            owners.execute([&team, &id])?;
        }
        let mut dice = Dice(7);
        let mut added = 0;
        while added < SECOND_MEMBERSHIPS {
            let (user, team) = (dice.below(USERS), dice.below(TEAMS).to_string());
            added += members.execute([user_id(user), team])? as u64;
        }
    }
    transaction.commit()?;
    connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE);")?;
    Ok(())
}

async fn measure(file: &Path) -> Result<(), Failed> {
    let store = SqliteStore::open(file)?;
    let mut reads = store.read().await?;
    let lookups = plain_connection(file)?;
    let count = |table: &str| lookups.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0));
    let (users, memberships): (i64, i64) = (count("product_users")?, count("product_memberships")?);
    say(&format!("{users} users, {memberships} memberships, {TEAMS} teams, {DOMAINS} domains"))?;

    let mut dice = Dice(42);
    let mut times = Times::default();
    for round in 0..ROUNDS + 200 {
        let domain = 1 + dice.below(DOMAINS - 1);
        let team = TeamId::new((domain * 2).to_string());
        let domain = [EmailDomain::parse(&format!("domain{domain}.example"))?];
        let (one, other) = (user_id(dice.below(USERS)), UserId::new(user_id(dice.below(USERS))));

        let question = clocked(reads.members_elsewhere(&domain, &team, LISTED, COUNTED)).await;
        let lookup = clocked(reads.memberships_of(&other)).await;
        let hop = clocked(async { tokio::task::spawn_blocking(|| ()).await }).await;
        let started = Instant::now();
        let row: String = lookups
            .prepare_cached("SELECT email FROM product_users WHERE id = ?1")?
            .query_row([&one], |row| row.get(0))?;
        let raw = started.elapsed();

        let (tally, _, ()) = (question.0?, lookup.0?, hop.0?);
        if row.is_empty() || tally.total == 0 {
            return Err("the product is not what it should be".into());
        }
        // The first rounds fill the caches.
        if round >= 200 {
            times.note([question.1, lookup.1, hop.1, raw]);
            times.people.push(tally.total);
        }
    }
    let [question, lookup, hop, raw] = times.p50();
    let ratio = |one: f64, other: f64| one / other;
    say(&format!("p50 of {ROUNDS} rounds, microseconds:"))?;
    say(&format!("  team-members question, through the crate        {question:8.1}"))?;
    say(&format!("  lookup by primary key, same connection          {lookup:8.1}"))?;
    say(&format!("  handing an empty job to the same thread          {hop:8.1}"))?;
    say(&format!("  lookup by primary key, bare SQLite in this thread {raw:8.1}"))?;
    say(&format!("  people elsewhere per domain (median)             {:8}", times.median_people()))?;
    say(&format!("ratio question / lookup, same connection: {:.1} (goal 10)", ratio(question, lookup)))?;
    say(&format!("ratio (question - hop) / bare lookup: {:.1} (goal 10)", ratio(question - hop, raw)))?;

    large_domain(&mut *reads, lookup).await
}

/// A domain of 16,000 people, counted up to the ceiling.
async fn large_domain(reads: &mut dyn Reads, lookup: f64) -> Result<(), Failed> {
    let domain = [EmailDomain::parse("domain0.example")?];
    let mut spent = Vec::new();
    let mut last = None;
    for _ in 0..50 {
        let asked = clocked(reads.members_elsewhere(&domain, &TeamId::new("0"), LISTED, COUNTED)).await;
        last = Some(asked.0?);
        spent.push(asked.1);
    }
    let tally = last.ok_or("never asked")?;
    let p50 = median(&mut spent);
    say(&format!(
        "domain of {LARGE_DOMAIN} people: counted {}, capped: {}, listed {}; {:.1} ms, {:.0} lookups' worth",
        tally.total,
        tally.capped,
        tally.listed.len(),
        p50 / 1000.0,
        p50 / lookup
    ))?;
    Ok(())
}

/// A connection with the store's own settings.
fn plain_connection(file: &Path) -> Result<Connection, Failed> {
    let connection = Connection::open(file)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.execute_batch("PRAGMA trusted_schema = OFF; BEGIN; SELECT 1 FROM sqlite_schema LIMIT 1;")?;
    Ok(connection)
}

async fn clocked<T>(work: impl Future<Output = T>) -> (T, Duration) {
    let started = Instant::now();
    let done = work.await;
    (done, started.elapsed())
}

#[derive(Default)]
struct Times {
    columns: [Vec<Duration>; 4],
    people: Vec<u64>,
}

impl Times {
    fn note(&mut self, row: [Duration; 4]) {
        for (column, spent) in self.columns.iter_mut().zip(row) {
            column.push(spent);
        }
    }

    fn p50(&mut self) -> [f64; 4] {
        self.columns.each_mut().map(|column| median(column))
    }

    fn median_people(&mut self) -> u64 {
        self.people.sort_unstable();
        self.people.get(self.people.len() / 2).copied().unwrap_or_default()
    }
}

/// Microseconds.
fn median(spent: &mut [Duration]) -> f64 {
    spent.sort_unstable();
    spent.get(spent.len() / 2).map_or(f64::NAN, |half| half.as_secs_f64() * 1e6)
}

fn say(line: &str) -> std::io::Result<()> {
    writeln!(std::io::stdout(), "{line}")
}
