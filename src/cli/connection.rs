//! `ssoctl connection list|show|suspend|activate|remove`

use std::fmt::Write as _;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::app::App;
use super::failure::{ExitStatus, Failure};
use super::onboard::{Shown, Work};
use super::outbox::Outbox;
use super::which::{Change, Which, confirmed, find, name, needs_yes, ticket};
use crate::foreign;
use crate::onboarding::apply::Applied;
use crate::onboarding::gather::binding;
use crate::onboarding::plan::{Outcome, Plan, Wish};
use crate::onboarding::retire::{Retired, Undoing, in_vain, retire};
use crate::product::connection::{Connection, DomainClaim, DomainProof, ProtocolSettings, Status};
use crate::product::repository::Repository;
use crate::report::{CommandLine, ConnectionView, human, json_v1, listing};
use crate::request::names::{ClientSecret, EmailAddress, TicketRef};
use crate::request::{MetadataSource, OidcRequest, OnboardingRequest, ProviderRequest, SamlRequest};
use crate::saml;
use crate::sealing::{self, SealingKeys};

/// Look at stored connections, switch them off and on, remove them
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  ssoctl connection suspend --team 1042 --ticket 48213")]
pub(super) struct ConnectionArgs {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List connections
    #[command(after_help = "Example:\n  ssoctl connection list --status active")]
    List {
        /// Only those in this status
        #[arg(long, value_name = "STATUS", value_parser = ["prepared", "staged", "active", "suspended"])]
        status: Option<String>,
    },
    /// Show one connection; never its secret
    #[command(after_help = "Example:\n  ssoctl connection show --team 1042")]
    Show(Which),
    /// Switch a connection off: the team signs in as before single sign-on
    #[command(after_help = "Example:\n  ssoctl connection suspend --team 1042 --ticket 48213 --yes")]
    Suspend(Change),
    /// Check a staged or suspended connection again, then switch it on
    #[command(after_help = "Example:\n  ssoctl connection activate --team 1042 --ticket 48213 --yes")]
    Activate(Change),
    /// Delete a connection and release its domains
    #[command(after_help = "Example:\n  ssoctl connection remove --team 1042 --ticket 48213 --yes")]
    Remove(Change),
}

pub(super) async fn run(args: ConnectionArgs, app: &App) -> Result<ExitStatus, Failure> {
    let config = app.config()?;
    let repository = match args.verb {
        Verb::List { .. } | Verb::Show(_) => app.repository_to_read(&config).await?,
        Verb::Suspend(_) | Verb::Remove(_) | Verb::Activate(_) => app.repository(&config).await?,
    };
    match args.verb {
        Verb::List { status } => {
            let status = status.as_deref().and_then(Status::parse);
            let connections = repository.read().await?.connections(status).await?;
            app.print_either(
                || {
                    let list: Vec<Value> = connections.iter().map(document).collect();
                    json!({ "schema": json_v1::VERSION, "kind": "connections", "connections": list })
                },
                || if connections.is_empty() { none_of(status) } else { table(&connections, app.look().width) },
            )?;
            Ok(ExitStatus::Done)
        }
        Verb::Show(which) => {
            let connection = find(&*repository, &which).await?;
            let claims = repository.read().await?.domain_claims(&connection.domains).await?;
            app.print_either(
                || {
                    let proof = |claim: &DomainClaim| (claim.domain.to_string(), Value::from(claim.proof.as_str()));
                    json!({
                        "schema": json_v1::VERSION,
                        "kind": "connection",
                        "connection": document(&connection),
                        "domain_proofs": claims.iter().map(proof).collect::<serde_json::Map<_, _>>(),
                    })
                },
                || sheet(&connection, &claims),
            )?;
            Ok(ExitStatus::Done)
        }
        Verb::Suspend(change) => undo(app, &*repository, change, Undoing::Suspend).await,
        Verb::Remove(change) => undo(app, &*repository, change, Undoing::Remove).await,
        Verb::Activate(change) => Box::pin(activate(app, config, repository, change)).await,
    }
}

async fn undo(app: &App, repository: &dyn Repository, change: Change, undoing: Undoing) -> Result<ExitStatus, Failure> {
    let operator = app.operator()?;
    let ticket = ticket(&change)?;
    let connection = find(repository, &change.which).await?;
    let name = name(&connection);
    let question = match undoing {
        Undoing::Suspend => format!("Switch single sign-on off for {name}, so that the team signs in as before it?"),
        Undoing::Remove => format!("Delete the connection of {name} and release its domains, for good?"),
    };
    // What is there to ask, where nothing would come of a yes? Decided again under the write lock.
    if in_vain(&connection, undoing).is_none() {
        confirmed(app, &change, &question)?;
    }
    let retired =
        retire(repository, &operator, &connection.id, undoing, ticket.as_ref().map(TicketRef::as_str)).await?;
    let (word, sentence) = match (&retired, undoing) {
        (Retired::NotFound, _) => {
            return Err(Failure::refused("the connection has just been removed by somebody else"));
        }
        (Retired::NothingToSuspend, _) => {
            return Err(Failure::refused("this connection is only reserved: there is nothing to switch off")
                .hint("`ssoctl connection remove` takes the reservation back; nothing was written"));
        }
        (Retired::Unchanged(_), _) => {
            ("unchanged", format!("Unchanged: the connection of {name} was suspended already."))
        }
        (Retired::Done(_), Undoing::Suspend) => (
            "suspended",
            format!(
                "Suspended: single sign-on is off for {name}; everything is kept.\n  to undo     {}",
                app.next(&format!("connection activate {}", connection.id))
            ),
        ),
        (Retired::Done(_), Undoing::Remove) => {
            let domains = connection.domains.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            let released = if domains.is_empty() { String::new() } else { format!("; released: {domains}") };
            ("removed", format!("Removed: the connection of {name} is gone{released}."))
        }
    };
    app.print_either(
        || {
            json!({
                "schema": json_v1::VERSION,
                "kind": "connection_change",
                "change": word,
                "connection": { "id": connection.id, "team_id": connection.team_id },
            })
        },
        || format!("{sentence}\n"),
    )
    .map_err(|failure| match &retired {
        Retired::Done(_) => Failure::unprinted(&format!("the connection WAS {word}"), &failure),
        _ => failure,
    })?;
    Ok(ExitStatus::Done)
}

/// What is stored, asked for once more: activation checks it as it would a customer's request.
fn stored_request(connection: &Connection, keys: &SealingKeys) -> Result<ProviderRequest, Failure> {
    match &connection.settings {
        None => Err(Failure::refused("this connection is only reserved: there is nothing to switch on yet")
            .hint("run `ssoctl onboard` with the values the customer sends")),
        Some(ProtocolSettings::Oidc(settings)) => {
            let secret = sealing::open(keys, &binding(connection), &settings.sealed_secret)?;
            Ok(ProviderRequest::Oidc(OidcRequest {
                issuer: Some(settings.issuer.clone()),
                client_id: Some(settings.client_id.clone()),
                client_secret: Some(ClientSecret::new(secret)),
            }))
        }
        Some(ProtocolSettings::Saml(settings)) => {
            let document = saml::stored::document(settings)
                .map_err(|error| Failure::fault("the stored settings cannot be judged").cause(error.to_string()))?;
            Ok(ProviderRequest::Saml(SamlRequest {
                metadata: Some(MetadataSource::Given {
                    name: "the stored connection".to_owned(),
                    bytes: document.into(),
                }),
                entity_id: None,
            }))
        }
    }
}

async fn activate(
    app: &App,
    config: crate::config::Config,
    repository: std::sync::Arc<dyn Repository>,
    change: Change,
) -> Result<ExitStatus, Failure> {
    let operator = app.operator()?;
    if !change.yes && !app.ui.is_interactive() {
        return Err(needs_yes());
    }
    let connection = find(&*repository, &change.which).await?;
    let keys = App::keys(&config)?;
    let provider = stored_request(&connection, &keys)?;
    let owner = repository.read().await?.owner_of(&connection.team_id).await?;
    let owner = owner.and_then(|owner| EmailAddress::parse(owner.email.trim()).ok()).ok_or_else(|| {
        Failure::refused("the team has no owner with a usable e-mail address any more")
            .hint("have an owner set in the product first; nothing was written")
    })?;
    let request = OnboardingRequest {
        owner: Some(owner),
        provider,
        domains: connection.domains.clone(),
        ticket: ticket(&change)?,
        ..OnboardingRequest::default()
    };
    let work = Work {
        app,
        allowed: app.allowed_origins(&config)?,
        http: app.http_for(&config, &request)?,
        command: app.with_global_flags(
            CommandLine::new(&format!("connection activate {}", connection.id))
                .value("--ticket", change.ticket.clone()),
        ),
        wish: Wish { reactivate: true, ..Wish::default() },
        outbox: Outbox::for_printing(&config, None)?,
        config,
        operator,
        keys,
        repository,
    };
    let (facts, judgements) = work.judge(&request).await?;
    let view = ConnectionView::of_stored(&connection);
    let unwritten = |outcome, judgements| work.report(outcome, &request, &facts, judgements, view.clone());
    let mut shown = Shown::Nothing;
    match Plan::of(&request, &facts, &judgements, work.wish) {
        Plan::Unchanged => return work.end(unwritten(Outcome::Unchanged, judgements), Shown::Nothing).await,
        Plan::NoVerdict => return work.end(unwritten(Outcome::Unknown, judgements), Shown::Nothing).await,
        plan => {
            if plan != Plan::Refuse && !change.yes {
                if !work.confirm(&request, &facts, &judgements, &plan)? {
                    return Err(Failure::refused("not confirmed: nothing was written"));
                }
                shown = Shown::Verdicts;
            }
        }
    }
    let applied = work.write(&request, &facts, &judgements).await?;
    let view = applied.connection.as_ref().and_then(ConnectionView::of_stored);
    let Applied { outcome, judgements, facts, .. } = applied;
    let ended = work.end(work.report(outcome, &request, &facts, judgements, view), shown).await?;
    // Who sets SAML up provisions by SCIM beside it. All is written by now: advice that cannot be found out is left out.
    if outcome == Outcome::Onboarded
        && request.saml().is_some()
        && !has_scim_token(&work, &connection).await.unwrap_or(true)
    {
        app.ui.hint(&format!(
            "provisioning has no token yet; where the customer wants it: {}",
            app.next(&format!("scim issue {}", connection.id))
        ));
    }
    Ok(ended)
}

async fn has_scim_token(work: &Work<'_>, connection: &Connection) -> Result<bool, Failure> {
    let tokens = work.repository.read().await?.scim_tokens(Some(&connection.id)).await?;
    Ok(tokens.iter().any(|token| token.state(work.operator.now).works()))
}

fn document(connection: &Connection) -> Value {
    let mut document = ConnectionView::of_stored(connection).map_or_else(
        || {
            let mut reserved = json!({ "id": connection.id, "status": connection.status.as_str(),
                "account_token": connection.account_token });
            if let (Some(acs_url), Value::Object(members)) = (&connection.acs_url, &mut reserved) {
                members.insert("acs_url".to_owned(), acs_url.clone().into());
            }
            reserved
        },
        |view| json_v1::connection(&view),
    );
    if let Value::Object(members) = &mut document {
        members.insert("protocol".to_owned(), connection.protocol().map(crate::request::Protocol::as_str).into());
        members.insert("team".to_owned(), json!({ "id": connection.team_id, "name": connection.team_name }));
        members.insert("domains".to_owned(), json!(connection.domains));
        members.insert("ticket".to_owned(), connection.ticket.clone().into());
        members.insert("created_at".to_owned(), connection.created_at.to_string().into());
        members.insert("updated_at".to_owned(), connection.updated_at.to_string().into());
    }
    document
}

fn none_of(status: Option<Status>) -> String {
    status.map_or_else(
        || "No connections yet. `ssoctl onboard` makes the first one.\n".to_owned(),
        |status| format!("No connection is {}.\n", status.as_str()),
    )
}

fn table(connections: &[Connection], width: Option<u16>) -> String {
    let cells = connections.iter().map(|connection| {
        let names = connection.settings.as_ref().map(ProtocolSettings::names).unwrap_or_default();
        let provider = names.first().map(|(_, name)| (*name).to_owned()).unwrap_or_default();
        [
            connection.id.to_string(),
            connection.status.as_str().to_owned(),
            name(connection),
            connection.domains.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
            provider,
        ]
    });
    listing::text(["ID", "STATUS", "TEAM", "DOMAINS", "PROVIDER"], cells, width)
}

fn sheet(connection: &Connection, claims: &[DomainClaim]) -> String {
    let mut out = String::new();
    let mut row = |label: &str, value: &str| _ = writeln!(out, "{label:<14} {value}");
    row("connection", connection.id.as_str());
    row("status", connection.status.as_str());
    row("team", &name(connection));
    match &connection.settings {
        None => {}
        Some(ProtocolSettings::Oidc(oidc)) => {
            row("issuer", oidc.issuer.as_str());
            row("client id", oidc.client_id.as_str());
            row("client secret", "(sealed)");
            row("authenticates", oidc.client_authentication.as_str());
            row("algorithms", &oidc.id_token_algorithms.join(", "));
            row("redirect URI", oidc.redirect_uri.as_deref().unwrap_or("-"));
        }
        Some(ProtocolSettings::Saml(saml)) => {
            row("entity ID", saml.entity_id.as_str());
            for (label, endpoints) in [("sign-in", &saml.sso), ("sign-out", &saml.slo)] {
                for endpoint in endpoints {
                    row(label, &format!("{} ({})", foreign::shown(&endpoint.location), endpoint.binding_name()));
                }
            }
            for one in &saml.certificates {
                row("signed by", &format!("{} ({}, until {})", one.sha256, one.key, one.not_after.strftime("%F")));
            }
            for format in &saml.name_id_formats {
                row("name format", &foreign::shown(format));
            }
            row("requests", if saml.want_authn_requests_signed { "have to be signed" } else { "need no signature" });
            row("our ACS", connection.acs_url.as_deref().unwrap_or("-"));
            row("metadata from", saml.metadata_url.as_ref().map_or("a file, or pasted", |url| url.as_str()));
            row("its SHA-256", &saml.metadata_sha256);
        }
    }
    row("account token", connection.account_token.as_str());
    if claims.is_empty() {
        row("domain", "-");
    }
    for claim in claims {
        let basis = match claim.proof {
            // Whose it was is in the audit log.
            DomainProof::Operator => "on an operator's word",
            other => human::basis(other),
        };
        row("domain", &format!("{} ({basis})", claim.domain));
    }
    row("ticket", connection.ticket.as_deref().unwrap_or("-"));
    row("created", &connection.created_at.strftime("%F %T UTC").to_string());
    row("changed", &connection.updated_at.strftime("%F %T UTC").to_string());
    out
}
