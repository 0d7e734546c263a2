//! `ssoctl completions`

use clap::Args;
use clap_complete::Shell;

use super::app::App;
use super::failure::{ExitStatus, Failure};

/// Print the completion script for a shell
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  ssoctl completions bash > /etc/bash_completion.d/ssoctl")]
pub(super) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum, ignore_case = true)]
    shell: Shell,
}

pub(super) fn run(args: &CompletionsArgs, app: &App) -> Result<ExitStatus, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut super::command(), "ssoctl", &mut script);
    app.ui.data(&String::from_utf8_lossy(&script))?;
    Ok(ExitStatus::Done)
}
