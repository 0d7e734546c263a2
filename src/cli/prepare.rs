//! `ssoctl prepare`

use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use super::Output;
use super::app::App;
use super::failure::{ExitStatus, Failure};
use super::post::Post;
use crate::checks::{self, Facts, Intent, challenge_name, challenge_value};
use crate::config::{ANY_PROVIDER, Config, Policy};
use crate::finding::Judgement;
use crate::intake::{Completeness, RequestDraft};
use crate::onboarding::plan::Outcome;
use crate::onboarding::reserve::{AcsUrl, Reserved, reserve};
use crate::product::connection::{Connection, Status};
use crate::product::team::Team;
use crate::report::idp_guide::IdpGuide;
use crate::report::saml_sheet::SamlSheet;
use crate::report::{CommandLine, Report, json_v1};
use crate::request::saml_names::AccountToken;
use crate::request::{OnboardingRequest, Protocol, ProviderRequest, SamlRequest};
use crate::saml::sp_metadata;

/// Reserve a team's connection and print what the customer enters at their identity provider
///
/// Asking again gives the same values.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  ssoctl prepare --owner jane@acme.example --ticket 48213\n  ssoctl prepare --protocol saml \
                        --idp okta --owner jane@acme.example --sp-metadata acme.xml"
)]
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
    /// Which identity provider the customer has, for instructions in its own words; with --protocol saml
    #[arg(long, value_enum, value_name = "IDP")]
    idp: Option<IdpGuide>,
    /// Write the service provider's metadata into a new file; - prints it and nothing else. With --protocol saml
    #[arg(long, value_name = "FILE")]
    sp_metadata: Option<PathBuf>,
    /// Support ticket, for the audit log
    #[arg(long, value_name = "REF")]
    ticket: Option<String>,
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
    if config.public_url == crate::config::SAMPLE_PUBLIC_URL {
        app.ui
            .warning("public_url in the configuration is still the sample: set it before you send this to a customer");
    }
    let post = Post::worded(&config, None)?;
    let repository = app.repository(&config).await?;
    let told = |token: &AccountToken| config.acs_url(token, args.idp.map_or(ANY_PROVIDER, IdpGuide::as_str));
    let acs_url: Option<AcsUrl<'_>> = (args.protocol == Protocol::Saml).then_some(&told);
    match reserve(&*repository, &config.policy, &operator, &request, acs_url).await? {
        Reserved::Yes { team, connection, .. } => {
            if matches!(connection.status, Status::Active | Status::Suspended) {
                app.ui.warning(&already_there(&connection, args.protocol));
            }
            match args.protocol {
                Protocol::Oidc => {
                    let sheet = OidcSheet::new(&config, &team, &connection, &request)?;
                    app.print_either(|| sheet.document(), || sheet.text())
                }
                Protocol::Saml => saml_sheet(&config, &team, &connection, &request, args.idp)
                    .and_then(|sheet| hand_out(app, &sheet, args.sp_metadata.as_deref())),
            }
            .map_err(|failure| Failure::unprinted("the connection IS reserved", &failure))?;
            Ok(ExitStatus::Done)
        }
        Reserved::No { judgements, facts } => {
            let command = CommandLine::new("prepare")
                .value("--owner", Some(args.owner))
                .value("--requested-by", args.requested_by)
                .value("--protocol", (args.protocol == Protocol::Saml).then(|| args.protocol.as_str().to_owned()))
                .value("--idp", args.idp.map(|idp| idp.as_str().to_owned()))
                .value("--ticket", args.ticket);
            refuse(app, &request, judgements, &facts, command, &post)
        }
    }
}

fn refuse(
    app: &App,
    request: &OnboardingRequest,
    judgements: Vec<Judgement>,
    facts: &Facts,
    command: CommandLine,
    post: &Post,
) -> Result<ExitStatus, Failure> {
    let intake = checks::run_all(request, &Facts::default(), &Policy::default(), Intent::default());
    let checks = intake.into_iter().chain(judgements).collect();
    app.print(&Report::new(Outcome::Refused, request, facts, checks, None, command, post.replies()))?;
    Ok(ExitStatus::Refused)
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
    if args.protocol == Protocol::Oidc && (args.idp.is_some() || args.sp_metadata.is_some()) {
        return Err(Failure::usage("--idp and --sp-metadata are about SAML")
            .hint("add --protocol saml, or leave them out; nothing was written"));
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

/// What a SAML customer is told to enter. The ACS URL is the one they were told first, whatever their provider turned out
/// to be.
fn saml_sheet(
    config: &Config,
    team: &Team,
    connection: &Connection,
    request: &OnboardingRequest,
    idp: Option<IdpGuide>,
) -> Result<SamlSheet, Failure> {
    let token = &connection.account_token;
    let acs_url = connection.acs_url.clone().ok_or_else(|| Failure::fault("no ACS URL was written down"))?;
    let entity_id = config.sp_entity_id(token);
    let sp_metadata = sp_metadata::document(&entity_id, &acs_url)
        .map_err(|error| Failure::fault("could not write the metadata").cause(error.to_string()))?;
    Ok(SamlSheet {
        team: team.clone(),
        connection_id: connection.id.to_string(),
        status: connection.status.as_str(),
        account_token: token.to_string(),
        idp,
        acs_url,
        entity_id,
        relay_state: config.relay_state(token),
        sp_metadata,
        domain: request.owner.as_ref().map(|owner| owner.domain().to_string()),
        challenge_name: further_challenge_name(),
        challenge: connection.domain_challenge.clone(),
    })
}

/// Writes the metadata where it was asked for, and prints the sheet unless the metadata took its place.
fn hand_out(app: &App, sheet: &SamlSheet, sp_metadata: Option<&Path>) -> Result<(), Failure> {
    match sp_metadata {
        Some(path) if is_standard_output(Some(path)) => return Ok(app.ui.data(&sheet.sp_metadata)?),
        Some(path) => write_new(path, &sheet.sp_metadata)?,
        None => {}
    }
    app.print_either(|| sheet.document(), || sheet.text())
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

/// What an OpenID Connect customer is told to enter.
struct OidcSheet {
    team: Team,
    connection_id: String,
    status: &'static str,
    redirect_uri: String,
    initiate_login_uri: String,
    domain: Option<String>,
    challenge: String,
}

impl OidcSheet {
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

    fn document(&self) -> serde_json::Value {
        json!({
            "schema": json_v1::VERSION,
            "kind": "prepared",
            "protocol": Protocol::Oidc.as_str(),
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
        let further = further_challenge_name();
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
