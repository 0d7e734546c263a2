//! The schema's versions, and the way forward through them.

use std::time::Duration;

use jiff::Timestamp;
use tokio_postgres::Client;
use tokio_postgres::types::{ToSql, Type};

use super::errors::{is_absent, store_error};
use super::settings::Settings;
use super::values::quoted;
use crate::foreign;
use crate::product::repository::{SchemaState, StoreError, StoreResult};

/// Every migration, oldest first, by its file's name and its SQL.
pub(super) const MIGRATIONS: [(&str, &str); 1] =
    [("V1__foundation", include_str!("../migrations/postgres/V1__foundation.sql"))];

/// The product's side, for trying.
pub(super) const PRODUCT_TABLES: &str = include_str!("../migrations/postgres/product_tables.sql");

/// Where the versions are kept.
const HISTORY: &str = "sso_schema_history";

/// Which steps were taken, and when.
const MAKE_HISTORY: &str =
    "CREATE TABLE sso_schema_history (version int4 PRIMARY KEY, name text NOT NULL, applied_on text NOT NULL)";

/// The version this program needs: the newest migration's.
#[expect(clippy::cast_possible_truncation, reason = "there are not four thousand million migrations")]
pub(super) const NEEDED: u32 = MIGRATIONS.len() as u32;

/// First half of the key of the advisory lock under which the schema is migrated; the second is a hash of its name.
const TURN: i32 = 0x5353_4f43;

/// `name` in the schema where our tables are.
fn in_schema(schema: Option<&str>, name: &str) -> String {
    schema.map_or_else(|| name.to_owned(), |schema| format!("{}.{name}", quoted(schema)))
}

/// How long the server may take to tell the version.
const ANSWER: Duration = Duration::from_secs(5);

/// The version in the database: 0 when nothing was ever migrated. One question, since every start pays for it.
pub(super) async fn version(client: &Client, schema: Option<&str>, place: &str) -> StoreResult<u32> {
    let sql = format!("SELECT coalesce(max(version), 0)::int4 FROM {}", in_schema(schema, HISTORY));
    // Somebody may hold the table, or the server be gone by now: no transaction has set its limits yet.
    let asked = tokio::time::timeout(ANSWER, client.query_typed_one(&sql, &[])).await;
    let Ok(answer) = asked else {
        return Err(StoreError::Busy {
            reason: format!("it did not say for {} seconds which version its schema is", ANSWER.as_secs()),
        });
    };
    match answer {
        Ok(row) => {
            let version: i32 = row.try_get(0).map_err(|error| store_error(&error, place))?;
            Ok(u32::try_from(version).unwrap_or_default())
        }
        Err(error) if is_absent(&error) => Ok(0),
        Err(error) => Err(store_error(&error, place)),
    }
}

/// The schemas of this database that have tables of ours, each in backticks; asked where none were found.
pub(super) async fn elsewhere(client: &Client, place: &str) -> StoreResult<Option<String>> {
    let sql = format!(
        "SELECT string_agg('`' || n.nspname || '`', ', ' ORDER BY n.nspname) FROM pg_class c \
         JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relname = '{HISTORY}' AND c.relkind = 'r'"
    );
    let row = client.query_typed_one(&sql, &[]).await.map_err(|error| store_error(&error, place))?;
    let schemas: Option<String> = row.try_get(0).map_err(|error| store_error(&error, place))?;
    Ok(schemas.map(|schemas| foreign::shown(&schemas)))
}

/// Refuses a database of another version.
pub(super) fn check(found: u32) -> StoreResult<()> {
    match found {
        found if found < NEEDED => Err(StoreError::SchemaOlder { found, needed: NEEDED }),
        found if found > NEEDED => Err(StoreError::SchemaNewer { found, known: NEEDED }),
        _ => Ok(()),
    }
}

/// Brings the schema forward, all steps in one transaction; processes that do it at once take turns.
pub(super) async fn migrate(settings: &Settings, schema: Option<&str>) -> StoreResult<SchemaState> {
    let place = settings.place.as_str();
    let mut client = settings.connect().await?;
    let refused = |error: tokio_postgres::Error| store_error(&error, place);
    // Held until the connection ends.
    let turn = format!(
        "SET lock_timeout = '60s'; SELECT pg_advisory_lock({TURN}, hashtext($q${}$q$))",
        schema.unwrap_or_default()
    );
    client.batch_execute(&turn).await.map_err(refused)?;
    if let Some(schema) = schema {
        let known = client
            .query_typed_opt(
                "SELECT 1 FROM pg_namespace WHERE nspname = $1",
                &[(&schema, tokio_postgres::types::Type::TEXT)],
            )
            .await
            .map_err(refused)?;
        // Not IF NOT EXISTS, which asks for the right to make schemas even where there is nothing to make.
        if known.is_none() {
            client.batch_execute(&format!("CREATE SCHEMA {}", quoted(schema))).await.map_err(refused)?;
        }
        client.batch_execute(&super::search_path("SET", schema)).await.map_err(refused)?;
    }
    let found = version(&client, schema, place).await?;
    if found > NEEDED {
        return Err(StoreError::SchemaNewer { found, known: NEEDED });
    }
    // Whoever means a second installation names its schema; unnamed, that of the first was forgotten.
    if found == 0
        && schema.is_none()
        && let Some(schemas) = elsewhere(&client, place).await?
    {
        return Err(StoreError::SchemaElsewhere { place: place.to_owned(), schemas });
    }
    if found < NEEDED {
        if found == 0 {
            client.batch_execute(PRODUCT_TABLES).await.map_err(refused)?;
        }
        let transaction = client.transaction().await.map_err(refused)?;
        if found == 0 {
            transaction.batch_execute(MAKE_HISTORY).await.map_err(refused)?;
        }
        for (version, (name, sql)) in (1_i32..).zip(MIGRATIONS).skip(found as usize) {
            transaction.batch_execute(sql).await.map_err(refused)?;
            let applied = "INSERT INTO sso_schema_history (version, name, applied_on) VALUES ($1, $2, $3)";
            let now = Timestamp::now().to_string();
            let values: &[(&(dyn ToSql + Sync), Type)] =
                &[(&version, Type::INT4), (&name, Type::TEXT), (&now, Type::TEXT)];
            transaction.query_typed(applied, values).await.map_err(refused)?;
        }
        transaction.commit().await.map_err(refused)?;
    }
    Ok(SchemaState { found: version(&client, schema, place).await?, needed: NEEDED })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_migrations_are_numbered_from_one_without_gaps_as_those_of_sqlite_are() {
        for (index, (name, _)) in MIGRATIONS.iter().enumerate() {
            assert!(name.starts_with(&format!("V{}__", index + 1)), "{name}");
        }
        let files = |folder: &str| {
            let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store/migrations").join(folder);
            let names =
                std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
            names.filter(|name| name.starts_with('V')).collect::<std::collections::BTreeSet<_>>()
        };
        assert_eq!(files("postgres"), files("sqlite"));
        assert_eq!(files("postgres").len(), MIGRATIONS.len());
    }
}
