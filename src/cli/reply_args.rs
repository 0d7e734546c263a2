//! The flags that say what becomes of a reply, besides being printed.

use std::path::PathBuf;

use clap::Args;

/// What becomes of the reply
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Reply")]
pub(crate) struct ReplyArgs {
    /// Language of the reply: the name of a folder in `[reply] folder` [default: `[reply] language`, en]
    #[arg(long, value_name = "LANGUAGE")]
    pub lang: Option<String>,
    #[command(flatten)]
    pub delivery: DeliveryArgs,
}

/// Where the reply goes
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Reply")]
pub(crate) struct DeliveryArgs {
    /// Save the reply as a mail in a new file, to review and send by hand
    #[arg(long, value_name = "FILE.eml")]
    pub draft: Option<PathBuf>,
    /// Put the reply into the Drafts folder of this Maildir
    #[arg(long, value_name = "DIR")]
    pub maildir: Option<PathBuf>,
    /// Send the reply through the `[smtp]` server, after everything is written
    ///
    /// If it cannot be sent, everything else stays as written, the exit status is 75, and `ssoctl reply --send` tries again.
    #[arg(long)]
    pub send: bool,
    /// Who gets the reply [default: whoever asked, if they may ask; else the owner]
    #[arg(long, value_name = "EMAIL")]
    pub to: Option<String>,
}

impl DeliveryArgs {
    /// Whether the reply goes anywhere but to standard output.
    pub(crate) const fn is_wanted(&self) -> bool {
        self.send || self.draft.is_some() || self.maildir.is_some()
    }
}
