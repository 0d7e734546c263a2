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
    /// Write the reply as a mail into a new file, to review and send by hand
    #[arg(long, value_name = "FILE.eml")]
    pub draft: Option<PathBuf>,
    /// Put the reply into the Drafts folder of this Maildir
    #[arg(long, value_name = "DIR")]
    pub maildir: Option<PathBuf>,
    /// Send the reply through the `[smtp]` server, after everything is written
    ///
    /// If it cannot be sent, what was written stays, the exit status is 75, and `ssoctl reply --send` tries again.
    #[arg(long)]
    pub send: bool,
    /// Whom the reply goes to [default: the owner's account, or whoever asked and may]
    #[arg(long, value_name = "EMAIL")]
    pub to: Option<String>,
}

impl DeliveryArgs {
    /// Whether the reply goes anywhere but to standard output.
    pub(crate) const fn is_wanted(&self) -> bool {
        self.send || self.draft.is_some() || self.maildir.is_some()
    }
}
