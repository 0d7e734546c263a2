//! The flags that say how one request is written.

use clap::Args;

use crate::onboarding::plan::Wish;
use crate::report::command_line::CommandLine;
use crate::request::{OnboardingRequest, Protocol};

/// How a request is written
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Writing")]
pub(super) struct WritingArgs {
    /// Write everything, but do not switch it on
    #[arg(long)]
    pub stage: bool,
    /// Replace the connection the team already has
    #[arg(long)]
    pub replace: bool,
    /// Do not make a SCIM token with a SAML connection
    #[arg(long)]
    pub no_scim: bool,
}

impl WritingArgs {
    /// What the operator wants of `request`. Who sets SAML up provisions by SCIM beside it; a team on OpenID Connect asks for
    /// it (`ssoctl scim issue`).
    pub(super) fn wish(&self, request: &OnboardingRequest) -> Wish {
        Wish {
            stage: self.stage,
            replace: self.replace,
            reactivate: false,
            scim: !self.no_scim && request.protocol() == Protocol::Saml,
        }
    }

    /// `command` with these flags.
    pub(super) fn onto(&self, command: CommandLine) -> CommandLine {
        command.switch("--stage", self.stage).switch("--replace", self.replace).switch("--no-scim", self.no_scim)
    }
}
