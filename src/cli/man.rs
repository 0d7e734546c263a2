//! `ssoctl man`

use std::path::PathBuf;

use clap::Args;

use super::app::App;
use super::failure::{ExitStatus, Failure};

/// Print the manual page, or write one page for every command
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  ssoctl man | man -l -\n  ssoctl man --out /usr/local/share/man/man1")]
pub(super) struct ManArgs {
    /// Folder to write a page for every command to
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
}

pub(super) fn run(args: &ManArgs, app: &App) -> Result<ExitStatus, Failure> {
    let command = super::command();
    if let Some(folder) = &args.out {
        let wrong = |error: std::io::Error| {
            Failure::fault(format!("could not write to `{}`", folder.display())).cause(error.to_string())
        };
        std::fs::create_dir_all(folder).map_err(wrong)?;
        clap_mangen::generate_to(command, folder).map_err(wrong)?;
        app.ui.status(&format!(
            "Wrote the manual pages to {}",
            crate::foreign::shown_whole(&folder.display().to_string())
        ));
        return Ok(ExitStatus::Done);
    }
    let mut page = Vec::new();
    clap_mangen::Man::new(command).render(&mut page)?;
    app.ui.data(&String::from_utf8_lossy(&page))?;
    Ok(ExitStatus::Done)
}
