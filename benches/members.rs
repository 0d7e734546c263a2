//! What the `team-members` question costs in a large product, beside a lookup by primary key.
//!
//! ```text
//! cargo bench --bench members [-- --database FILE] [--postgres URL]
//! ```
//!
//! Makes a product of 1,000,000 users, 1,100,000 memberships, 100,000 teams and 50,000 domains on both databases, then asks
//! through the crate. Question and lookup take turns on one connection. SQLite is asked twice: as `ssoctl bulk` asks, which hands
//! every question to another thread and waits for the answer, and as `ssoctl check` does, on its own. FILE is kept for the
//! next run; on the server a database `ssoctl_bench_members` is made and dropped. URL (default: `SSOCTL_BENCH_POSTGRES`, else
//! the server of this machine) names any database there, of a role that may create others.

#[path = "product/making.rs"]
mod making;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use making::{DOMAINS, Dice, Failed, LARGE_DOMAIN, TEAMS, USERS, user_id};
use rusqlite::config::DbConfig;
use ssoctl::product::repository::{COUNTED, LISTED, Reads, Repository};
use ssoctl::request::names::{EmailDomain, TeamId, UserId};
use ssoctl::store::{PostgresStore, SqliteStore};
use tokio::runtime::{Handle, RuntimeFlavor};

const ROUNDS: u64 = 2_000;
const DATABASE: &str = "ssoctl_bench_members";

fn main() -> Result<(), Failed> {
    let mut file: Option<PathBuf> = None;
    let mut server = std::env::var("SSOCTL_BENCH_POSTGRES")
        .unwrap_or_else(|_| "postgres://postgres@127.0.0.1:5432/postgres".to_owned());
    let mut words = std::env::args().skip(1).filter(|word| word != "--bench");
    while let Some(word) = words.next() {
        match word.as_str() {
            "--database" => file = Some(words.next().ok_or("--database needs a path")?.into()),
            "--postgres" => server = words.next().ok_or("--postgres needs a URL")?,
            other => return Err(format!("unknown: {other}").into()),
        }
    }
    let single = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let many = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let folder = tempfile::tempdir()?;
    let file = file.unwrap_or_else(|| folder.path().join("product.db"));
    if !file.exists() {
        let started = Instant::now();
        making::in_file(&file)?;
        say(&format!("SQLite: product made in {:.1} s", started.elapsed().as_secs_f64()))?;
    }
    many.block_on(on_sqlite("SQLite, as bulk asks", &file))?;
    single.block_on(on_sqlite("SQLite, as check asks", &file))?;
    single.block_on(on_postgres(&server))
}

async fn on_sqlite(name: &str, file: &Path) -> Result<(), Failed> {
    let store = SqliteStore::open(file)?;
    let lookups = plain_connection(file)?;
    let mut raw = async |id: &str| -> Result<Duration, Failed> {
        let started = Instant::now();
        let row: String = lookups
            .prepare_cached("SELECT email FROM product_users WHERE id = ?1")?
            .query_row([id], |row| row.get(0))?;
        let spent = started.elapsed();
        if row.is_empty() { Err("nobody there".into()) } else { Ok(spent) }
    };
    measure(name, &store, &mut raw, 10.0).await
}

async fn on_postgres(server: &str) -> Result<(), Failed> {
    let admin = making::connect(server).await?;
    admin.batch_execute(&format!("DROP DATABASE IF EXISTS {DATABASE}")).await?;
    admin.batch_execute(&format!("CREATE DATABASE {DATABASE}")).await?;
    let mut url: url::Url = server.parse()?;
    url.set_path(DATABASE);
    // Neither side pays for encryption.
    url.set_query(Some("sslmode=disable"));
    let measured = on_its_own_database(url.as_str()).await;
    admin.batch_execute(&format!("DROP DATABASE {DATABASE} WITH (FORCE)")).await?;
    measured
}

async fn on_its_own_database(url: &str) -> Result<(), Failed> {
    let started = Instant::now();
    making::on_server(url, 0).await?;
    say(&format!("PostgreSQL: product made in {:.1} s", started.elapsed().as_secs_f64()))?;
    let store = PostgresStore::open(url, None).await?;
    let client = making::connect(url).await?;
    client.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL jit = off; SELECT 1").await?;
    let lookup = client.prepare("SELECT email FROM product_users WHERE id = $1").await?;
    let mut raw = async |id: &str| -> Result<Duration, Failed> {
        let started = Instant::now();
        let row = client.query_one(&lookup, &[&id]).await?;
        let spent = started.elapsed();
        if row.get::<_, &str>(0).is_empty() { Err("nobody there".into()) } else { Ok(spent) }
    };
    measure("PostgreSQL", &store, &mut raw, 4.0).await
}

/// `raw` looks a user up by primary key without the crate, and says how long it took.
async fn measure(
    name: &str,
    store: &dyn Repository,
    raw: &mut impl AsyncFnMut(&str) -> Result<Duration, Failed>,
    goal: f64,
) -> Result<(), Failed> {
    let mut reads = store.read().await?;
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
        let raw = raw(&one).await?;

        let (tally, _, ()) = (question.0?, lookup.0?, hop.0?);
        if tally.total == 0 {
            return Err("the product is not what it should be".into());
        }
        // The first rounds fill the caches.
        if round >= 200 {
            times.note([question.1, lookup.1, hop.1, raw]);
            times.people.push(tally.total);
        }
    }
    let [question, lookup, hop, raw] = times.p50();
    say(&format!("{name}: {USERS} users, 1100000 memberships, {TEAMS} teams, {DOMAINS} domains"))?;
    say(&format!("p50 of {ROUNDS} rounds, microseconds:"))?;
    say(&format!("  team-members question, through the crate        {question:8.1}"))?;
    say(&format!("  lookup by primary key, same connection          {lookup:8.1}"))?;
    say(&format!("  handing an empty job to another thread           {hop:8.1}"))?;
    say(&format!("  lookup by primary key, without the crate         {raw:8.1}"))?;
    say(&format!("  people elsewhere per domain (median)             {:8}", times.median_people()))?;
    say(&format!("ratio question / lookup, same connection: {:.1} (goal {goal})", question / lookup))?;
    if Handle::current().runtime_flavor() == RuntimeFlavor::MultiThread {
        say(&format!("ratio (question - hop) / bare lookup: {:.1} (goal {goal})", (question - hop) / raw))?;
    } else {
        say(&format!("ratio question / bare lookup: {:.1} (goal {goal})", question / raw))?;
    }
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
fn plain_connection(file: &Path) -> Result<rusqlite::Connection, Failed> {
    let connection = rusqlite::Connection::open(file)?;
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
