//! `ssoctl prepare`

use clap::Args;
use serde_json::json;

use super::app::App;
use super::failure::{ExitStatus, Failure};
use crate::checks::{self, Facts, Intent, challenge_name, challenge_value};
use crate::config::{Config, Policy};
use crate::finding::Judgement;
use crate::intake::{Completeness, RequestDraft};
use crate::onboarding::plan::Outcome;
use crate::onboarding::reserve::{Reserved, reserve};
use crate::product::connection::{Connection, Status};
use crate::product::team::Team;
use crate::report::{CommandLine, Report, json_v1};
use crate::request::{OnboardingRequest, Protocol};

/// Reserve a team's connection and print what the customer enters at their identity provider
///
/// Asking again gives the same values.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  ssoctl prepare --owner jane@acme.example --ticket 48213")]
pub(super) struct PrepareArgs {
    /// The team owner's account e-mail
    #[arg(long, value_name = "EMAIL")]
    owner: String,
    /// Who wrote to you, where it was not the owner
    #[arg(long, value_name = "EMAIL")]
    requested_by: Option<String>,
    /// How the team will sign in
    #[arg(long, value_enum, default_value_t = Protocol::Oidc, value_name = "PROTOCOL")]
    protocol: Protocol,
    /// Support ticket, for the audit log
    #[arg(long, value_name = "REF")]
    ticket: Option<String>,
}

pub(super) async fn run(args: PrepareArgs, app: &App) -> Result<ExitStatus, Failure> {
    let config = app.config()?;
    let operator = app.operator()?;
    let draft = RequestDraft {
        owner: Some(args.owner.clone()),
        requested_by: args.requested_by.clone(),
        ticket: args.ticket.clone(),
        ..RequestDraft::default()
    };
    let request = draft.normalise(Completeness::WhatIsGiven, config.policy.max_domains);
    if config.public_url == crate::config::SAMPLE_PUBLIC_URL {
        app.ui
            .warning("public_url in the configuration is still the sample: set it before you send this to a customer");
    }
    let repository = app.repository(&config).await?;
    match reserve(&*repository, &config.policy, &operator, &request).await? {
        Reserved::Yes { team, connection, .. } => {
            if matches!(connection.status, Status::Active | Status::Suspended) {
                app.ui.warning(&format!(
                    "the team has a connection already, and it is {}: what follows is what was agreed on then",
                    connection.status.as_str()
                ));
            }
            let sheet = Sheet::new(&config, &team, &connection, &request)?;
            app.print_either(|| sheet.document(args.protocol), || sheet.text())
                .map_err(|failure| Failure::unprinted("the connection IS reserved", &failure))?;
            Ok(ExitStatus::Done)
        }
        Reserved::No { judgements, facts } => {
            let command = CommandLine::new("prepare")
                .value("--owner", Some(args.owner))
                .value("--requested-by", args.requested_by)
                .value("--ticket", args.ticket);
            refuse(app, &request, judgements, &facts, command)
        }
    }
}

fn refuse(
    app: &App,
    request: &OnboardingRequest,
    judgements: Vec<Judgement>,
    facts: &Facts,
    command: CommandLine,
) -> Result<ExitStatus, Failure> {
    let intake = checks::run_all(request, &Facts::default(), &Policy::default(), Intent::default());
    let checks = intake.into_iter().chain(judgements).collect();
    app.print(&Report::new(Outcome::Refused, request, facts, checks, None, command))?;
    Ok(ExitStatus::Refused)
}

/// What the customer is told to enter.
struct Sheet {
    team: Team,
    connection_id: String,
    status: &'static str,
    redirect_uri: String,
    initiate_login_uri: String,
    domain: Option<String>,
    challenge: String,
}

impl Sheet {
    fn new(
        config: &Config,
        team: &Team,
        connection: &Connection,
        request: &OnboardingRequest,
    ) -> Result<Self, Failure> {
        let needs_team = || Failure::fault("the templates under [oidc] in the configuration cannot be filled in");
        Ok(Self {
            team: team.clone(),
            connection_id: connection.id.to_string(),
            status: connection.status.as_str(),
            redirect_uri: config.redirect_uri(Some(team.id.as_str())).ok_or_else(needs_team)?,
            initiate_login_uri: config.initiate_login_uri(Some(team.id.as_str())).ok_or_else(needs_team)?,
            domain: request.owner.as_ref().map(|owner| owner.domain().to_string()),
            challenge: connection.domain_challenge.clone(),
        })
    }

    fn document(&self, protocol: Protocol) -> serde_json::Value {
        json!({
            "schema": json_v1::VERSION,
            "kind": "prepared",
            "protocol": protocol.as_str(),
            "team": { "id": self.team.id, "name": self.team.name },
            "connection": { "id": self.connection_id, "status": self.status },
            "redirect_uri": self.redirect_uri,
            "initiate_login_uri": self.initiate_login_uri,
            "scopes": ["openid", "email", "profile"],
            "domain_proof": {
                "name": "_ssoctl-challenge.<domain>",
                "type": "TXT",
                "value": challenge_value(&self.challenge),
            },
            "reply": self.reply(),
        })
    }

    fn text(&self) -> String {
        let rule = "-".repeat(72);
        format!(
            "team        {}\nconnection  {} ({})\n\nReply to the customer, ready to send\n{rule}\n{}{rule}\n",
            self.team.label(),
            self.connection_id,
            self.status,
            self.reply(),
        )
    }

    fn reply(&self) -> String {
        let further = crate::request::names::EmailDomain::parse("your-other-domain.example")
            .map(|domain| challenge_name(&domain))
            .unwrap_or_default();
        format!(
            "Hello,\n\nto switch on single sign-on for {team}, please register an OpenID Connect\nweb application at your \
             identity provider with these values:\n\n  \
             Application type          Web application (confidential client)\n  \
             Grant type                Authorization code\n  \
             Sign-in redirect URI      {redirect}\n  \
             Initiate login URI        {initiate}\n  \
             Scopes                    openid, email, profile\n\n\
             Then send us, as text:\n\n  \
             - the client ID and the client secret\n  \
             - the issuer URL\n  \
             - the e-mail address with which the owner of your team signs in\n\n\
             People with an address at {domain} will sign in this way. If your\ncolleagues use further domains, please \
             name them and set this DNS record\nfor each:\n\n  {further}  TXT  \"{challenge}\"\n\nKind regards\n",
            team = self.team.shown_name().as_deref().unwrap_or("your team"),
            redirect = self.redirect_uri,
            initiate = self.initiate_login_uri,
            domain = self.domain.as_deref().unwrap_or("your domain"),
            challenge = challenge_value(&self.challenge),
        )
    }
}
