//! `ssoctl db status|migrate|contract`

use clap::{Args, Subcommand};
use serde_json::json;

use super::app::App;
use super::failure::{ExitStatus, Failure};
use crate::product::repository::{SchemaState, StoreError};
use crate::report::json_v1;
use crate::store;
use crate::store::contract::{Dialect, template};

/// Show or migrate the database schema, or print what your own database has to offer
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  ssoctl db status")]
pub(super) struct DbArgs {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Show which version the schema has, and which is needed
    #[command(after_help = "Example:\n  ssoctl db status --database sqlite:ssoctl.db")]
    Status,
    /// Bring the schema to this program's version; forward only, safe to run again
    #[command(after_help = "Example:\n  ssoctl db migrate")]
    Migrate,
    /// Print the views, indexes and roles that your product's own database has to offer, as SQL to edit
    #[command(after_help = "Example:\n  ssoctl db contract --dialect postgres >views.sql")]
    Contract {
        /// Database to print it for: postgres or sqlite [default: the configured one]
        #[arg(long, value_enum, ignore_case = true, value_name = "DIALECT", hide_possible_values = true)]
        dialect: Option<DialectWord>,
    },
}

/// Kinds of databases
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum DialectWord {
    /// PostgreSQL
    Postgres,
    /// SQLite
    Sqlite,
}

pub(super) async fn run(args: DbArgs, app: &App) -> Result<ExitStatus, Failure> {
    let config = app.config()?;
    let location = App::location(&config);
    let state = match args.verb {
        Verb::Status => store::schema_state(location).await?,
        Verb::Migrate => store::migrate(location).await?,
        Verb::Contract { dialect } => return contract(app, location, dialect),
    };
    let SchemaState { found, needed } = state;
    // Our tables may be in another schema of the same server's database.
    if found == 0
        && let Err(error @ StoreError::SchemaElsewhere { .. }) = store::open(location).await
    {
        return Err(error.into());
    }
    let word = match found.cmp(&needed) {
        std::cmp::Ordering::Equal => "current",
        std::cmp::Ordering::Less => "older",
        std::cmp::Ordering::Greater => "newer",
    };
    app.print_either(
        || json!({ "schema": json_v1::VERSION, "kind": "database", "state": word, "found": found, "needed": needed }),
        || match word {
            "current" => format!("The schema is version {found}, as this ssoctl needs it.\n"),
            "older" => {
                format!("The schema is version {found}, and this ssoctl needs {needed}.\n  next  ssoctl db migrate\n")
            }
            _ => format!("The schema is version {found}, newer than the {needed} this ssoctl knows: update ssoctl.\n"),
        },
    )?;
    Ok(if word == "current" { ExitStatus::Done } else { ExitStatus::Fault })
}

fn contract(app: &App, location: store::Location<'_>, dialect: Option<DialectWord>) -> Result<ExitStatus, Failure> {
    let dialect = match dialect {
        Some(DialectWord::Postgres) => Dialect::Postgres,
        None if location.is_postgres() => Dialect::Postgres,
        Some(DialectWord::Sqlite) | None => Dialect::Sqlite,
    };
    let text = template(dialect, location.schema);
    let word = if dialect == Dialect::Postgres { "postgres" } else { "sqlite" };
    app.print_either(
        || json!({ "schema": json_v1::VERSION, "kind": "contract", "dialect": word, "sql": text }),
        || text.clone(),
    )?;
    Ok(ExitStatus::Done)
}
