//! `ssoctl schema`

use clap::Args;

use super::app::App;
use super::failure::{ExitStatus, Failure};
use crate::intake::rows::REQUEST_SCHEMA;
use crate::report::json_v1;

/// Print the JSON Schema of everything that `-o json` prints
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  ssoctl schema > ssoctl-v1.schema.json\n  ssoctl schema --request")]
pub(super) struct SchemaArgs {
    /// Print the schema of a request instead: one line of a JSON Lines file for `ssoctl bulk`
    #[arg(long)]
    request: bool,
}

pub(super) fn run(args: &SchemaArgs, app: &App) -> Result<ExitStatus, Failure> {
    app.ui.data(if args.request { REQUEST_SCHEMA } else { json_v1::SCHEMA })?;
    Ok(ExitStatus::Done)
}
