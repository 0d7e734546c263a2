//! `ssoctl prepare`

use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Map, Value};

use super::Output;
use super::app::App;
use super::failure::{ExitStatus, Failure};
use super::outbox::{Outbox, ReplyRecord, Sending};
use super::reply_args::ReplyArgs;
use crate::checks::{Facts, catalogue, challenge_name};
use crate::config::{ANY_PROVIDER, Config};
use crate::finding::{CheckId, Finding, Judgement, Verdict};
use crate::foreign;
use crate::intake::{Completeness, RequestDraft};
use crate::onboarding::plan::Outcome;
use crate::onboarding::reserve::{AcsUrl, Reserved, reserve};
use crate::product::connection::{Connection, Status};
use crate::product::team::Team;
use crate::report::idp_guide::IdpGuide;
use crate::report::{CommandLine, Delivery, Entries, Letter, Prepared, Report};
use crate::request::saml_names::AccountToken;
use crate::request::{OnboardingRequest, Protocol, ProviderRequest, SamlRequest};
use crate::saml::sp_metadata;

/// Reserve a team's connection and print what the customer enters at their identity provider
///
/// Running it again gives the same values.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  ssoctl prepare --owner jane@acme.example --ticket 48213\n  ssoctl prepare --protocol saml \
                        --idp okta \\\n    --owner jane@acme.example --sp-metadata acme.xml"
)]
pub(super) struct PrepareArgs {
    /// The team owner's account e-mail
    #[arg(long, value_name = "EMAIL")]
    owner: String,
    /// Who sent the request, if it was not the owner
    #[arg(long, value_name = "EMAIL")]
    requested_by: Option<String>,
    /// How the team will sign in
    #[arg(long, value_enum, ignore_case = true, default_value_t = Protocol::Oidc, value_name = "PROTOCOL")]
    protocol: Protocol,
    /// The customer's identity provider, for instructions in the words of its own pages
    #[arg(long, value_enum, ignore_case = true, value_name = "IDP")]
    idp: Option<IdpGuide>,
    /// With --protocol saml: write the service provider's metadata to a new file; - prints it and nothing else
    #[arg(long, value_name = "FILE")]
    sp_metadata: Option<PathBuf>,
    /// Support ticket, for the audit log
    #[arg(long, value_name = "REF")]
    ticket: Option<String>,
    #[command(flatten)]
    reply: ReplyArgs,
}

pub(super) async fn run(args: PrepareArgs, app: &App) -> Result<ExitStatus, Failure> {
    consistent(&args, app)?;
    let config = app.config()?;
    let operator = app.operator()?;
    let draft = RequestDraft {
        owner: Some(args.owner.clone()),
        requested_by: args.requested_by.clone(),
        ticket: args.ticket.clone(),
        ..RequestDraft::default()
    };
    let mut request = draft.normalise(Completeness::WhatIsGiven, config.policy.max_domains);
    if args.protocol == Protocol::Saml {
        request.provider = ProviderRequest::Saml(SamlRequest::default());
    }
    let outbox = Outbox::of_flags(&args.reply, app, &config).await?;
    let repository = app.repository(&config).await?;
    for change in &request.changed {
        // A refusal says it in its report; the sheet has no room for what only concerns the agent.
        app.ui.status(&format!("changed on the way: {}: {}", change.input.field(), change.why));
    }
    if config.public_url == crate::config::SAMPLE_PUBLIC_URL {
        app.ui
            .warning("public_url in the configuration is still the sample: set it before you send this to a customer");
    }
    let told = |token: &AccountToken| config.acs_url(token, args.idp.map_or(ANY_PROVIDER, IdpGuide::as_str));
    let acs_url: Option<AcsUrl<'_>> = (args.protocol == Protocol::Saml).then_some(&told);
    let preparation = Preparation { app, config: &config, outbox: &outbox, args: &args, request: &request };
    let describe = |reserved: &Reserved| preparation.audit_details(reserved);
    match reserve(&*repository, &config.policy, &operator, &request, acs_url, &describe).await? {
        Reserved::Yes { team, connection, judgements, facts } => {
            if matches!(connection.status, Status::Active | Status::Suspended) {
                app.ui.warning(&already_there(&connection, args.protocol));
            }
            for (check, finding) in refusing(&judgements) {
                app.ui.warning(&format!("onboarding would be refused as things stand: {check}: {}", finding.fact));
            }
            let (prepared, letter) = preparation.prepared(&team, &connection, &judgements, &facts)?;
            let record = ReplyRecord {
                row: None,
                ticket: prepared.ticket.clone(),
                team_id: Some(team.id.to_string()),
                connection_id: Some(prepared.connection_id.clone()),
                to: preparation.addressee(&judgements, &facts),
                letter,
                thread: crate::mail::Thread::default(),
            };
            let deliver =
                || Box::pin(outbox.deliver_record(record.clone(), Sending::Allowed, Some(&*repository), &operator));
            // As with any report: people have it first, scripts get one document with everything in it.
            let delivery = if app.output() == Output::Json {
                let delivery = deliver().await;
                preparation
                    .hand_out(&prepared, &record.letter, delivery.as_ref())
                    .map_err(|failure| reserved(&failure))?;
                delivery
            } else {
                preparation.hand_out(&prepared, &record.letter, None).map_err(|failure| reserved(&failure))?;
                let delivery = deliver().await;
                if let Some(delivery) = &delivery {
                    app.ui.status(delivery.lines().trim_end());
                }
                delivery
            };
            Ok(match delivery.filter(|delivery| delivery.error.is_some()) {
                Some(delivery) => app.unsent(&delivery, record.ticket.as_deref()),
                None => ExitStatus::Done,
            })
        }
        Reserved::No { judgements, facts } => {
            let mut report = preparation.refusal(judgements, &facts);
            outbox
                .print_and_deliver(app, &mut report, Some(&*repository), &operator, |report| app.print(report))
                .await?;
            Ok(app.delivered(&report).unwrap_or(ExitStatus::Refused))
        }
    }
}

fn reserved(failure: &Failure) -> Failure {
    Failure::unprinted("the connection IS reserved", failure)
}

/// What a sheet and its mail are made from.
struct Preparation<'a> {
    app: &'a App,
    config: &'a Config,
    outbox: &'a Outbox,
    args: &'a PrepareArgs,
    request: &'a OnboardingRequest,
}

impl Preparation<'_> {
    /// What the customer is told to enter, and the mail that tells them.
    fn prepared(
        &self,
        team: &Team,
        connection: &Connection,
        judgements: &[Judgement],
        facts: &Facts,
    ) -> Result<(Prepared, Letter), Failure> {
        let owner = facts.owner();
        let given = self.request.owner.as_ref();
        let prepared = Prepared {
            team: team.clone(),
            owner: owner.map(|owner| foreign::shown(&owner.email)).unwrap_or_default(),
            owner_name: owner.map(|owner| foreign::shown(&owner.name)).unwrap_or_default(),
            ticket: self.request.ticket.as_ref().map(ToString::to_string),
            connection_id: connection.id.to_string(),
            status: connection.status,
            idp: self.args.idp,
            domain: given.map(|owner| owner.domain().to_string()).unwrap_or_default(),
            not_theirs: refusing(judgements)
                .find(|(check, _)| *check == catalogue::TEAM_DOMAIN)
                .and_then(|(_, finding)| finding.tell.clone()),
            challenge_name: further_challenge_name(),
            challenge: connection.domain_challenge.clone(),
            entries: match self.args.protocol {
                Protocol::Oidc => oidc_entries(self.config, team)?,
                Protocol::Saml => saml_entries(self.config, connection)?,
            },
        };
        let letter = prepared.letter(self.outbox.replies()).ok_or_else(|| Failure::fault("there is no mail for it"))?;
        Ok((prepared, letter))
    }

    fn addressee(&self, judgements: &[Judgement], facts: &Facts) -> Option<String> {
        let owner = facts.owner().map(|owner| foreign::shown(&owner.email));
        let requested_by = self.request.requested_by.address().map(ToString::to_string);
        self.outbox.addressee(judgements, requested_by.as_deref(), owner.as_deref())
    }

    /// The refusal, its reply in the operator's words.
    fn refusal(&self, judgements: Vec<Judgement>, facts: &Facts) -> Report {
        let args = self.args;
        let command = CommandLine::new("prepare")
            .value("--owner", self.request.owner.as_ref().map(ToString::to_string))
            .value("--requested-by", self.request.requested_by.address().map(ToString::to_string))
            .value("--protocol", (args.protocol == Protocol::Saml).then(|| args.protocol.as_str().to_owned()))
            .value("--idp", args.idp.map(|idp| idp.as_str().to_owned()))
            .value("--ticket", self.request.ticket.as_ref().map(ToString::to_string));
        Report::new(Outcome::Refused, self.request, facts, judgements, None, command, self.outbox.replies())
    }

    /// The reply, for whoever prints or sends it later.
    fn audit_details(&self, reserved: &Reserved) -> Map<String, Value> {
        let (letter, to) = match reserved {
            Reserved::Yes { team, connection, judgements, facts } => {
                // What stands in its way is said once the reservation is written.
                let Ok((_, letter)) = self.prepared(team, connection, judgements, facts) else { return Map::new() };
                (letter, self.addressee(judgements, facts))
            }
            Reserved::No { judgements, facts } => {
                let report = self.refusal(judgements.clone(), facts);
                let to = self.outbox.recipient(&report);
                (Letter { subject: report.reply_subject, text: report.reply }, to)
            }
        };
        let row =
            [("reply", Value::from(letter.text)), ("reply_subject", letter.subject.into()), ("reply_to", to.into())];
        row.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    /// Writes the metadata where it was asked for, and prints the sheet unless the metadata took its place.
    fn hand_out(&self, prepared: &Prepared, letter: &Letter, delivery: Option<&Delivery>) -> Result<(), Failure> {
        if let (Some(path), Entries::Saml { sp_metadata, .. }) = (&self.args.sp_metadata, &prepared.entries) {
            if is_standard_output(Some(path)) {
                return Ok(self.app.ui.data(sp_metadata)?);
            }
            write_new(path, sp_metadata)?;
        }
        self.app.print_either(|| prepared.document(letter, delivery), || prepared.text(letter))
    }
}

/// What would refuse the team's onboarding, although it may be told what to enter: a customer who uses another domain, or has
/// colleagues elsewhere, clears that up meanwhile.
fn refusing(judgements: &[Judgement]) -> impl Iterator<Item = (CheckId, &Finding)> {
    judgements.iter().flat_map(|judgement| {
        let findings = judgement.findings.iter().filter(|finding| finding.level == Verdict::Fail);
        findings.map(|finding| (judgement.id, finding))
    })
}

/// What an agent should know who prepares a team that was onboarded before.
fn already_there(connection: &Connection, asked: Protocol) -> String {
    let status = connection.status.as_str();
    match connection.protocol() {
        Some(there) if there != asked => format!(
            "the team has a connection already, by {}, and it is {status}: what follows is for another one, which \
             `ssoctl onboard --replace` would put in its place",
            there.as_str()
        ),
        _ => format!("the team has a connection already, and it is {status}: what follows is what was agreed on then"),
    }
}

/// Refuses flags that contradict each other, before anything is reserved.
fn consistent(args: &PrepareArgs, app: &App) -> Result<(), Failure> {
    if args.protocol == Protocol::Oidc && args.sp_metadata.is_some() {
        return Err(Failure::usage("--sp-metadata is about SAML")
            .hint("add --protocol saml, or leave it out; nothing was written"));
    }
    if is_standard_output(args.sp_metadata.as_deref()) && app.output() == Output::Json {
        return Err(Failure::usage("--sp-metadata - and -o json both want standard output for themselves")
            .hint("the JSON document has the metadata as `sp_metadata`; nothing was written"));
    }
    Ok(())
}

fn is_standard_output(path: Option<&Path>) -> bool {
    path == Some(Path::new("-"))
}

fn oidc_entries(config: &Config, team: &Team) -> Result<Entries, Failure> {
    let needs_team = || Failure::fault("the templates under [oidc] in the configuration cannot be filled in");
    Ok(Entries::Oidc {
        redirect_uri: config.redirect_uri(Some(team.id.as_str())).ok_or_else(needs_team)?,
        initiate_login_uri: config.initiate_login_uri(Some(team.id.as_str())).ok_or_else(needs_team)?,
    })
}

/// The ACS URL is the one the customer was told first, whatever their provider turned out to be.
fn saml_entries(config: &Config, connection: &Connection) -> Result<Entries, Failure> {
    let token = &connection.account_token;
    let acs_url = connection.acs_url.clone().ok_or_else(|| Failure::fault("no ACS URL was written down"))?;
    let entity_id = config.sp_entity_id(token);
    let sp_metadata = sp_metadata::document(&entity_id, &acs_url)
        .map_err(|error| Failure::fault("could not write the metadata").cause(error.to_string()))?;
    Ok(Entries::Saml {
        account_token: token.to_string(),
        acs_url,
        entity_id,
        relay_state: config.relay_state(token),
        sp_metadata,
    })
}

/// Writes a new file. One that holds the same already is left as it is, and any other is never overwritten.
fn write_new(path: &Path, text: &str) -> Result<(), Failure> {
    let could_not = |cause: String| Failure::fault(format!("could not write `{}`", path.display())).cause(cause);
    match std::fs::OpenOptions::new().write(true).create_new(true).open(path) {
        Ok(mut file) => {
            file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(|error| could_not(error.to_string()))
        }
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => match crate::config::read_text(path) {
            Ok(there) if there == text => Ok(()),
            _ => Err(could_not("there is another file of that name".to_owned())),
        },
        Err(error) => Err(could_not(error.to_string())),
    }
}

/// The name of the record for a further domain, by example.
fn further_challenge_name() -> String {
    crate::request::names::EmailDomain::parse("your-other-domain.example")
        .map(|domain| challenge_name(&domain))
        .unwrap_or_default()
}
