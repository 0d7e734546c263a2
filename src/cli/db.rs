//! `ssoctl db status|migrate`

use clap::{Args, Subcommand};
use serde_json::json;

use super::app::App;
use super::failure::{ExitStatus, Failure};
use crate::product::repository::SchemaState;
use crate::report::json_v1;
use crate::store;

/// Look after the database schema
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  ssoctl db status")]
pub(super) struct DbArgs {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Say which version the schema has, and which is needed
    #[command(after_help = "Example:\n  ssoctl db status --database sqlite:ssoctl.db")]
    Status,
    /// Bring the schema to this program's version; forward only, safe to run again
    #[command(after_help = "Example:\n  ssoctl db migrate")]
    Migrate,
}

pub(super) async fn run(args: DbArgs, app: &App) -> Result<ExitStatus, Failure> {
    let config = app.config()?;
    let (url, folder) = (&config.database.url, config.database_folder());
    let state = match args.verb {
        Verb::Status => store::schema_state(url, folder).await?,
        Verb::Migrate => store::migrate(url, folder).await?,
    };
    let SchemaState { found, needed } = state;
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
