//! A large product, the same one every time, in either database: 1,000,000 users, 1,100,000 memberships, 100,000 teams and
//! 50,000 domains.

use std::path::Path;
use std::pin::pin;

use bytes::{BufMut as _, Bytes, BytesMut};
use futures::SinkExt as _;
use rusqlite::params;
use ssoctl::store::{PostgresStore, SqliteStore};
use tokio_postgres::{Client, NoTls};

pub(crate) const USERS: u64 = 1_000_000;
pub(crate) const TEAMS: u64 = 100_000;
pub(crate) const DOMAINS: u64 = 50_000;
/// Every tenth user is in a second team.
const SECOND_MEMBERSHIPS: u64 = 100_000;
/// The first domain is a mailbox provider's in all but name.
pub(crate) const LARGE_DOMAIN: u64 = 16_000;

pub(crate) type Failed = Box<dyn std::error::Error + Send + Sync>;

/// Numbers that look random and come out the same in every run (`SplitMix64`).
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
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
pub(crate) fn user_id(user: u64) -> String {
    format!("{:016x}", Dice(user).below(u64::MAX))
}

fn email(user: u64) -> String {
    format!("person{user}@domain{}.example", domain_of(user))
}

/// Who is in which team, each pair once.
fn memberships() -> std::collections::BTreeSet<(u64, u64)> {
    let mut all: std::collections::BTreeSet<(u64, u64)> = (0..USERS).map(|user| (user, team_of(user))).collect();
    let mut dice = Dice(7);
    while (all.len() as u64) < USERS + SECOND_MEMBERSHIPS {
        all.insert((dice.below(USERS), dice.below(TEAMS)));
    }
    all
}

/// The owner of each team: the last of its people.
fn owners() -> Vec<Option<u64>> {
    let mut owners = vec![None; usize::try_from(TEAMS).unwrap_or_default()];
    for user in 0..USERS {
        if let Some(owner) = usize::try_from(team_of(user)).ok().and_then(|team| owners.get_mut(team)) {
            *owner = Some(user);
        }
    }
    owners
}

/// Makes the product in a new file.
///
/// # Errors
///
/// What the database says.
pub(crate) fn in_file(file: &Path) -> Result<(), Failed> {
    drop(SqliteStore::create(file)?);
    let mut connection = rusqlite::Connection::open(file)?;
    connection.execute_batch("PRAGMA synchronous = OFF; PRAGMA cache_size = -400000;")?;
    let transaction = connection.transaction()?;
    {
        let mut users = transaction
            .prepare("INSERT INTO product_users (id, email, name, active) VALUES (?1, ?2, 'Somebody', 1)")?;
        for user in 0..USERS {
            users.execute(params![user_id(user), email(user)])?;
        }
        let mut teams = transaction.prepare(
            "INSERT INTO product_teams (id, name, owner_id, plan, management_enabled) \
             VALUES (?1, 'A team', ?2, 'Scale Plus', 1)",
        )?;
        for (team, owner) in owners().into_iter().enumerate() {
            teams.execute(params![team.to_string(), owner.map(user_id)])?;
        }
        let mut members = transaction.prepare(
            "INSERT INTO product_memberships (user_id, team_id, role, since) VALUES (?1, ?2, 'member', '2025-01-31')",
        )?;
        for (user, team) in memberships() {
            members.execute(params![user_id(user), team.to_string()])?;
        }
    }
    transaction.commit()?;
    connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE);")?;
    Ok(())
}

/// Makes the product in an empty database on a server, and beside it `onboardable` teams of five with a domain of their own
/// (`owner@onboard-N.example`), for whom single sign-on can be switched on.
///
/// # Errors
///
/// What the database says.
pub(crate) async fn on_server(url: &str, onboardable: u64) -> Result<(), Failed> {
    PostgresStore::migrate(url, None).await?;
    let client = connect(url).await?;
    let text = |line: &mut BytesMut, cells: &[&str]| {
        line.put(cells.join("\t").as_bytes());
        line.put_u8(b'\n');
    };
    let mut rows = BytesMut::new();
    for user in 0..USERS {
        text(&mut rows, &[&user_id(user), &email(user), "Somebody", "t"]);
    }
    for team in 0..onboardable {
        for member in 0..5 {
            let name = if member == 0 { "owner".to_owned() } else { format!("member{member}") };
            text(
                &mut rows,
                &[&format!("o{team}-{member}"), &format!("{name}@onboard-{team}.example"), "Somebody", "t"],
            );
        }
    }
    copy(&client, "product_users (id, email, name, active)", rows).await?;
    let mut rows = BytesMut::new();
    for (team, owner) in owners().into_iter().enumerate() {
        let owner = owner.map_or_else(|| "\\N".to_owned(), user_id);
        text(&mut rows, &[&team.to_string(), "A team", &owner, "Scale Plus", "t"]);
    }
    for team in 0..onboardable {
        text(&mut rows, &[&format!("o{team}"), "A team", &format!("o{team}-0"), "Scale Plus", "t"]);
    }
    copy(&client, "product_teams (id, name, owner_id, plan, management_enabled)", rows).await?;
    let mut rows = BytesMut::new();
    for (user, team) in memberships() {
        text(&mut rows, &[&user_id(user), &team.to_string(), "member", "2025-01-31"]);
    }
    for team in 0..onboardable {
        for member in 0..5 {
            text(&mut rows, &[&format!("o{team}-{member}"), &format!("o{team}"), "member", "2025-01-31"]);
        }
    }
    copy(&client, "product_memberships (user_id, team_id, role, since)", rows).await?;
    // As the server does by itself with every product that is at work.
    client.batch_execute("VACUUM ANALYZE").await?;
    client.batch_execute("CHECKPOINT").await?;
    Ok(())
}

/// A plain connection to the server.
///
/// # Errors
///
/// What the server says.
pub(crate) async fn connect(url: &str) -> Result<Client, Failed> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

async fn copy(client: &Client, into: &str, rows: BytesMut) -> Result<(), Failed> {
    let mut sink = pin!(client.copy_in::<_, Bytes>(&format!("COPY {into} FROM STDIN")).await?);
    let mut rows = rows.freeze();
    while !rows.is_empty() {
        let piece = rows.split_to(rows.len().min(1 << 20));
        sink.send(piece).await?;
    }
    sink.finish().await?;
    Ok(())
}
