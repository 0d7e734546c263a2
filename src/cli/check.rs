//! `ssoctl check`

use clap::Args;

use super::app::App;
use super::failure::{ExitStatus, Failure};
use super::outbox::Outbox;
use super::reply_args::ReplyArgs;
use super::request_args::RequestArgs;
use crate::checks::{self, Intent};
use crate::config::Config;
use crate::intake::{Completeness, RequestDraft, SecretSource};
use crate::onboarding::gather::{Sources, gather};
use crate::onboarding::plan::Outcome;
use crate::report::{CommandLine, ConnectionView, Report};
use crate::request::OnboardingRequest;

/// Check a customer's request without writing anything
///
/// Every check that the given values allow: without --owner the identity provider alone, without --issuer the team alone.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  ssoctl check --issuer https://acme.okta.com --client-id 0oa1b2c3 \\\n    \
                        --client-secret-file secret.txt --owner jane@acme.example")]
pub(super) struct CheckArgs {
    #[command(flatten)]
    request: RequestArgs,
    #[command(flatten)]
    reply: ReplyArgs,
}

pub(super) async fn run(args: CheckArgs, app: &App) -> Result<ExitStatus, Failure> {
    let draft = args.request.draft()?;
    if draft.owner.is_none() && draft.issuer.is_none() && draft.metadata.is_none() {
        return Err(Failure::usage("there is nothing to check").hint(
            "add --issuer URL or --metadata FILE for the identity provider, --owner EMAIL for the team, or both",
        ));
    }
    let config = app.config()?;
    app.operator()?;
    let outbox = Outbox::of_flags(&args.reply, app, &config).await?;
    let allowed = app.allowed_origins(&config)?;
    let origins: Vec<String> = allowed.iter().map(ToString::to_string).collect();
    for left_out in not_looked_at(&draft) {
        app.ui.warning(left_out);
    }
    let request = draft.normalise_allowing(Completeness::WhatIsGiven, config.policy.max_domains, &origins);
    let command = app.with_global_flags(args.request.command_line("check", &request));
    answer(&request, Intent::default(), command, &outbox, &config, app).await
}

/// What was given and stays unchecked, for want of what it belongs to: silence would pass for a verdict.
fn not_looked_at(draft: &RequestDraft) -> Vec<&'static str> {
    // One in the environment is there for every command.
    let secret = draft.client_secret.as_ref().is_some_and(|secret| secret.source != SecretSource::Environment);
    let client = draft.client_id.is_some();
    let oidc = !draft.is_about_saml();
    let (no_owner, no_issuer) = (draft.owner.is_none(), draft.issuer.is_none());
    let domains = !draft.domains.is_empty() || !draft.vouched_domains.is_empty();
    let given = [
        (oidc && no_issuer && client && secret, "client id and secret were not tried: that takes --issuer URL"),
        (oidc && no_issuer && client && !secret, "the client id was not tried: that takes --issuer URL"),
        (oidc && no_issuer && secret && !client, "the client secret was not tried: that takes --issuer URL"),
        (oidc && !no_issuer && secret && !client, "the client secret was not tried: that takes --client-id ID"),
        (
            no_owner && draft.requested_by.is_some(),
            "whether who asked may ask was not looked at: that takes --owner EMAIL",
        ),
        (no_owner && domains, "whether the domains are the team's was not looked at: that takes --owner EMAIL"),
    ];
    given.into_iter().filter(|(left_out, _)| *left_out).map(|(_, what)| what).collect()
}

/// Runs every check that `request` allows, prints the report, and sees the reply on its way; nothing else is written.
pub(super) async fn answer(
    request: &OnboardingRequest,
    intent: Intent,
    command: CommandLine,
    outbox: &Outbox,
    config: &Config,
    app: &App,
) -> Result<ExitStatus, Failure> {
    let operator = app.operator()?;
    let allowed = app.allowed_origins(config)?;
    let http = app.http_for(config, request)?;
    // A reply that is sent is recorded.
    let repository = match &request.owner {
        None if !outbox.sends() => None,
        _ => Some(app.repository_for(config, outbox.sends()).await?),
    };
    // A stored secret is compared only where the key is at hand: checking needs no key.
    let keys = repository.as_ref().and_then(|_| App::keys(config).ok());
    let sources = Sources {
        http: &http,
        allowed_http: &allowed,
        repository: repository.as_deref().filter(|_| request.owner.is_some()),
        keys: keys.as_ref(),
        config,
        now: operator.now,
    };
    let facts = gather(request, sources, intent, &|judgement| app.ui.finished(judgement)).await?;
    let judgements = checks::run_all(request, &facts, &config.policy, intent);
    let outcome = Outcome::standing_in_the_way(&judgements).unwrap_or(Outcome::Valid);
    let view = ConnectionView::foreseen(request, &facts, None);
    let mut report = Report::new(outcome, request, &facts, judgements, view, command, outbox.replies());
    let print = |report: &Report| app.print(report);
    outbox.print_and_deliver(app, &mut report, repository.as_deref(), &operator, print).await?;
    Ok(app.delivered(&report).unwrap_or_else(|| super::exit_status(outcome)))
}
