//! The schema's versions, and the way forward through them.

use refinery::{Migration, Runner};
use tokio_postgres::Client;

use super::errors::{is_absent, store_error};
use super::settings::Settings;
use super::values::quoted;
use crate::product::repository::{SchemaState, StoreError, StoreResult};

/// Every migration, oldest first; names as refinery reads them.
const MIGRATIONS: [(&str, &str); 1] = [("V1__foundation", include_str!("../migrations/postgres/V1__foundation.sql"))];

/// The product's side, for trying.
pub(super) const PRODUCT_TABLES: &str = include_str!("../migrations/postgres/product_tables.sql");

/// Where the versions are kept. Not refinery's own name: the product may use refinery too.
const HISTORY: &str = "sso_schema_history";

/// The version this program needs: the newest migration's.
#[expect(clippy::cast_possible_truncation, reason = "there are not four thousand million migrations")]
pub(super) const NEEDED: u32 = MIGRATIONS.len() as u32;

/// First half of the key of the advisory lock under which the schema is migrated; the second is a hash of its name.
const TURN: i32 = 0x5353_4f43;

/// `name` in the schema where our tables are.
fn in_schema(schema: Option<&str>, name: &str) -> String {
    schema.map_or_else(|| name.to_owned(), |schema| format!("{}.{name}", quoted(schema)))
}

/// The version in the database: 0 when nothing was ever migrated. One question, since every start pays for it.
pub(super) async fn version(client: &Client, schema: Option<&str>, place: &str) -> StoreResult<u32> {
    let sql = format!("SELECT coalesce(max(version), 0)::int4 FROM {}", in_schema(schema, HISTORY));
    match client.query_typed_one(&sql, &[]).await {
        Ok(row) => {
            let version: i32 = row.try_get(0).map_err(|error| store_error(&error, place))?;
            Ok(u32::try_from(version).unwrap_or_default())
        }
        Err(error) if is_absent(&error) => Ok(0),
        Err(error) => Err(store_error(&error, place)),
    }
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
    if found < NEEDED {
        if found == 0 {
            client.batch_execute(PRODUCT_TABLES).await.map_err(refused)?;
        }
        let migrations = MIGRATIONS
            .iter()
            .map(|(name, sql)| Migration::unapplied(name, sql))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| not_migrated(&error, place))?;
        let mut runner = Runner::new(&migrations).set_grouped(true);
        runner.set_migration_table_name(HISTORY);
        runner.run_async(&mut client).await.map_err(|error| not_migrated(&error, place))?;
    }
    Ok(SchemaState { found: version(&client, schema, place).await?, needed: NEEDED })
}

/// What refinery wraps is the server's own word.
fn not_migrated(error: &refinery::Error, place: &str) -> StoreError {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(inner) = cause {
        if let Some(error) = inner.downcast_ref::<tokio_postgres::Error>() {
            return store_error(error, place);
        }
        cause = inner.source();
    }
    StoreError::Other { reason: crate::foreign::shown(&format!("the schema could not be migrated: {error}")) }
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
