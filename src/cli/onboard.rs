//! `ssoctl onboard`

use std::sync::Arc;

use clap::Args;

use super::Output;
use super::app::App;
use super::ask;
use super::failure::{ExitStatus, Failure};
use super::outbox::Outbox;
use super::reply_args::ReplyArgs;
use super::request_args::{RequestArgs, SECRET_FLAGS};
use super::writing_args::WritingArgs;
use crate::checks::{self, Facts};
use crate::config::Config;
use crate::finding::{Judgement, Verdict};
use crate::intake::Completeness;
use crate::net::{HttpClient, Origin};
use crate::onboarding::Operator;
use crate::onboarding::apply::{Applied, Deed, WriteContext, apply};
use crate::onboarding::gather::{Sources, gather};
use crate::onboarding::plan::{Outcome, Plan, Wish};
use crate::product::connection::{Connection, Status};
use crate::product::repository::Repository;
use crate::report::{CommandLine, ConnectionView, Report, ScimView, human};
use crate::request::{OnboardingRequest, Protocol};
use crate::scim::BearerToken;
use crate::sealing::SealingKeys;
use crate::ui::prompt;

/// Check a customer's request, then switch single sign-on on for their team
///
/// Writes all of it in one transaction, or nothing, and says what to write back to the customer. On a terminal it asks
/// for what is missing and confirms before it writes; in a pipe it never asks.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  ssoctl onboard\n  ssoctl onboard --ticket 48213 --owner jane@acme.example \\\n    \
                        --issuer https://acme.okta.com --client-id 0oa1b2c3 \\\n    --client-secret-file secret.txt --yes"
)]
pub(super) struct OnboardArgs {
    #[command(flatten)]
    request: RequestArgs,
    #[command(flatten)]
    reply: ReplyArgs,
    /// Check everything and say what would be written, but write nothing
    #[arg(long, help_heading = "Writing", conflicts_with = "send")]
    dry_run: bool,
    #[command(flatten)]
    writing: WritingArgs,
    /// Do not ask before writing; accept and record warnings
    #[arg(short, long, help_heading = "Writing")]
    yes: bool,
}

pub(super) async fn run(mut args: OnboardArgs, app: &App) -> Result<ExitStatus, Failure> {
    let config = app.config()?;
    let operator = app.operator()?;
    let mut draft = args.request.draft()?;
    let allowed = app.allowed_origins(&config)?;
    let origins: Vec<String> = allowed.iter().map(ToString::to_string).collect();
    if !app.ui.is_interactive() {
        let unconfirmed = !args.yes && !args.dry_run;
        if let Some(failure) = ask::missing(&draft, &app.ui) {
            // All that is missing is said at once.
            return Err(if unconfirmed { failure.hint(CONFIRMING) } else { failure });
        }
        if unconfirmed {
            return Err(
                Failure::usage("writing needs a confirmation, and nobody can be asked for it here").hint(CONFIRMING)
            );
        }
    }
    let outbox = Outbox::of_flags(&args.reply, app, &config).await?;
    if ask::is_needed(&draft, &app.ui) {
        app.is_ready(&config, !args.dry_run).await?;
    }
    ask::fill(&mut args.request, &mut draft, &origins, &app.ui)?;
    if let Some(failure) = ask::missing(&draft, &app.ui) {
        return Err(failure);
    }
    let request = draft.normalise_allowing(Completeness::Everything, config.policy.max_domains, &origins);
    let work = Work {
        app,
        wish: args.writing.wish(&request),
        command: app.with_global_flags(
            args.writing.onto(args.request.command_line("onboard", &request)).switch("--dry-run", args.dry_run),
        ),
        repository: app.repository_for(&config, !args.dry_run).await?,
        keys: App::keys(&config)?,
        http: app.http_for(&config, &request)?,
        config,
        operator,
        allowed,
        outbox,
    };
    work.carry_out(&request, Course::of_flags(args.dry_run, args.yes)).await
}

/// What stands in for the question whether to write.
const CONFIRMING: &str = "add --yes to write without asking, or --dry-run to write nothing";

/// How far an onboarding goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Course {
    /// Says what would be written, and writes nothing.
    DryRun,
    /// Writes, once the person at the terminal has agreed.
    Ask,
    /// Writes without asking.
    Write,
}

impl Course {
    /// As the flags say; a dry run asks for nothing, so `--yes` beside it changes nothing.
    pub(super) const fn of_flags(dry_run: bool, yes: bool) -> Self {
        match (dry_run, yes) {
            (true, _) => Self::DryRun,
            (false, true) => Self::Write,
            (false, false) => Self::Ask,
        }
    }
}

/// What the person at the terminal has seen by the time the report is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    /// Live lines at the most.
    Nothing,
    /// The verdicts and what they rest on, with the question whether to write.
    Verdicts,
}

/// Everything one onboarding works with.
pub(super) struct Work<'a> {
    pub(super) app: &'a App,
    pub(super) config: Config,
    pub(super) operator: Operator,
    pub(super) keys: SealingKeys,
    pub(super) repository: Arc<dyn Repository>,
    pub(super) http: HttpClient,
    pub(super) allowed: Vec<Origin>,
    pub(super) wish: Wish,
    pub(super) command: CommandLine,
    pub(super) outbox: Outbox,
}

impl Work<'_> {
    /// Checks, plans, confirms and writes, as far as `course` goes, and says how it ended.
    pub(super) async fn carry_out(&self, request: &OnboardingRequest, course: Course) -> Result<ExitStatus, Failure> {
        let (facts, judgements) = self.judge(request).await?;
        let plan = Plan::of(request, &facts, &judgements, self.wish);
        if course == Course::DryRun || plan == Plan::Unchanged || plan == Plan::NoVerdict {
            let view = facts
                .connection()
                .filter(|_| plan == Plan::Unchanged)
                .and_then(ConnectionView::of_stored)
                .or_else(|| self.foreseen(request, &facts, &plan));
            return self.end(self.report(plan.foretold(), request, &facts, judgements, view), Shown::Nothing).await;
        }
        let shown = if course == Course::Write || plan == Plan::Refuse {
            Shown::Nothing
        } else if self.confirm(request, &facts, &judgements, &plan)? {
            Shown::Verdicts
        } else {
            return Err(Failure::refused("not confirmed: nothing was written")
                .hint(format!("to go on later: {}", self.command)));
        };
        let applied = self.write(request, &facts, &judgements).await?;
        let view = self.view(request, &applied);
        let Applied { outcome, judgements, facts, .. } = applied;
        self.end(self.report(outcome, request, &facts, judgements, view), shown).await
    }

    /// A report whose reply is in the operator's words.
    pub(super) fn report(
        &self,
        outcome: Outcome,
        request: &OnboardingRequest,
        facts: &Facts,
        judgements: impl Into<Arc<[Judgement]>>,
        view: Option<ConnectionView>,
    ) -> Report {
        Report::new(outcome, request, facts, judgements, view, self.command.clone(), self.outbox.replies())
    }

    /// Gathers the facts, with a live line for every check, and judges them.
    pub(super) async fn judge(&self, request: &OnboardingRequest) -> Result<(Facts, Vec<Judgement>), Failure> {
        self.judge_telling(request, &|judgement| self.app.ui.finished(judgement)).await
    }

    /// The same, with `tell` for the live lines.
    pub(super) async fn judge_telling(
        &self,
        request: &OnboardingRequest,
        tell: &(dyn Fn(&Judgement) + Sync),
    ) -> Result<(Facts, Vec<Judgement>), Failure> {
        let intent = self.wish.intent();
        let sources = Sources {
            http: &self.http,
            allowed_http: &self.allowed,
            repository: Some(&*self.repository),
            keys: Some(&self.keys),
            config: &self.config,
            now: self.operator.now,
        };
        let facts = gather(request, sources, intent, tell).await?;
        let judgements = checks::run_all(request, &facts, &self.config.policy, intent);
        Ok((facts, judgements))
    }

    /// The connection as `plan` leaves it, the SCIM token that is made with it included.
    fn foreseen(&self, request: &OnboardingRequest, facts: &Facts, plan: &Plan) -> Option<ConnectionView> {
        let view = ConnectionView::foreseen(request, facts, Some(plan))?;
        let goes_on = view.status == Some(Status::Active);
        Some(ConnectionView { provisions: self.wish.scim && goes_on, ..view })
    }

    /// Shows the verdicts and what will change, and asks once.
    pub(super) fn confirm(
        &self,
        request: &OnboardingRequest,
        facts: &Facts,
        judgements: &[Judgement],
        plan: &Plan,
    ) -> Result<bool, Failure> {
        let view = self.foreseen(request, facts, plan);
        let report = self.report(plan.foretold(), request, facts, judgements.to_vec(), view);
        // Nobody confirms what they have not seen: not even with --quiet.
        crate::ui::say(&format!("\n{}", human::proposal(&report, plan, self.app.look())));
        if self.outbox.sends() {
            let to = self.outbox.recipient(&report);
            crate::ui::say(&format!(
                "  The reply is sent to {}.\n",
                to.as_deref().unwrap_or("nobody: name somebody with --to")
            ));
        }
        let warnings = report.saying(Verdict::Warn).count();
        let team =
            report.team.as_ref().map(|team| team.shown_name().unwrap_or_else(|| team.label())).unwrap_or_default();
        let besides = if warnings == 0 { "" } else { ", in spite of the warnings above" };
        let question = format!("{} for {team}{besides}?", human::deed(plan));
        prompt::confirm(&question).map_err(|error| ask::unanswered(&error))
    }

    /// Writes, deciding once more under the write lock.
    pub(super) async fn write(
        &self,
        request: &OnboardingRequest,
        facts: &Facts,
        judgements: &[Judgement],
    ) -> Result<Applied, Failure> {
        let describe = |deed: &Deed<'_>| {
            let mut view = deed.connection.and_then(ConnectionView::of_stored);
            if let (Some(view), Some(connection), true) = (&mut view, deed.connection, deed.provisioned) {
                view.scim = Some(self.scim_view(connection, None));
            }
            let report = self.report(deed.outcome, request, deed.facts, Arc::clone(deed.judgements), view);
            let mut details = report.audit_details();
            self.outbox.audit_details(&report, &mut details);
            details
        };
        // A token is shown this once: where nobody would see it, none is made.
        let unseen = self.wish.scim && self.app.ui.loses_output();
        let context = WriteContext {
            repository: &*self.repository,
            keys: &self.keys,
            config: &self.config,
            operator: &self.operator,
            wish: Wish { scim: self.wish.scim && !unseen, ..self.wish },
            describe: &describe,
        };
        prompt::writing_begins();
        let applied = apply(context, request, facts, judgements).await?;
        if unseen
            && applied.outcome.has_switched_on()
            && let Some(connection) = &applied.connection
        {
            self.app.ui.warning(
                "no SCIM token was made: nobody would see it, standard output is closed or leads to /dev/null",
            );
            self.app.ui.hint(&format!("to make one: {}", self.app.next(&format!("scim issue {}", connection.id))));
        }
        Ok(applied)
    }

    /// The connection as it stands after the write, with the SCIM token that was made.
    pub(super) fn view(&self, request: &OnboardingRequest, applied: &Applied) -> Option<ConnectionView> {
        if matches!(applied.outcome, Outcome::Refused | Outcome::Unknown) {
            return ConnectionView::foreseen(request, &applied.facts, None);
        }
        let connection = applied.connection.as_ref()?;
        let scim = applied.scim.as_ref().map(|issued| self.scim_view(connection, Some(issued.token.clone())));
        Some(ConnectionView { scim, ..ConnectionView::of_stored(connection)? })
    }

    fn scim_view(&self, connection: &Connection, token: Option<BearerToken>) -> ScimView {
        ScimView { base_url: self.config.scim_base_url(&connection.account_token), token }
    }

    /// Sees the reply on its way, prints the report, and on a terminal the command for the ticket.
    pub(super) async fn end(&self, mut report: Report, shown: Shown) -> Result<ExitStatus, Failure> {
        let print = |report: &Report| self.print(report, shown);
        self.outbox.print_and_deliver(self.app, &mut report, Some(&*self.repository), &self.operator, print).await?;
        if self.app.ui.is_interactive() && self.app.output() == Output::Human {
            let takes = report.protocol == Protocol::Oidc && self.command.verb() == "onboard";
            let asks = if takes && !self.command.has_any(&SECRET_FLAGS) { " (it will ask for the secret)" } else { "" };
            self.app.ui.status(&format!("\nFor the ticket, the same as one command{asks}:\n  {}", self.command));
        }
        Ok(self.app.delivered(&report).unwrap_or_else(|| super::exit_status(report.outcome)))
    }

    fn print(&self, report: &Report, shown: Shown) -> Result<(), Failure> {
        let refused_after_all = matches!(report.outcome, Outcome::Refused | Outcome::Unknown);
        let printed = if shown == Shown::Verdicts
            && !refused_after_all
            && self.app.ui.width().is_some()
            && self.app.output() == Output::Human
        {
            self.app.hand_over(report, &human::ending(report, self.app.look()))
        } else {
            self.app.print(report)
        };
        printed.map_err(|failure| match report.outcome {
            Outcome::Onboarded | Outcome::Replaced => {
                let failure = Failure::unprinted("single sign-on WAS switched on", &failure);
                match report.connection.as_ref().and_then(|connection| connection.id.as_ref()) {
                    Some(id) if report.shows_token() => failure.hint(format!(
                        "a SCIM token was made and nobody has seen it: replace it, `{}`",
                        report.command.beside(&format!("scim rotate {id} --overlap 0s")),
                    )),
                    _ => failure,
                }
            }
            Outcome::Staged => Failure::unprinted("the connection WAS written, and is not switched on", &failure),
            _ => failure,
        })
    }
}
