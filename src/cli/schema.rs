//! `ssoctl schema`

use clap::Args;

use super::app::App;
use super::failure::{ExitStatus, Failure};
use crate::report::json_v1;

/// Print the JSON Schema of everything that `-o json` prints
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  ssoctl schema > ssoctl-v1.schema.json")]
pub(super) struct SchemaArgs {}

pub(super) fn run(_: &SchemaArgs, app: &App) -> Result<ExitStatus, Failure> {
    app.ui.data(json_v1::SCHEMA)?;
    Ok(ExitStatus::Done)
}
