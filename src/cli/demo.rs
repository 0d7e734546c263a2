//! `ssoctl demo`

use std::fmt::Write as _;

use clap::Args;
use secrecy::SecretString;
use serde_json::{Value, json};
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::app::App;
use super::demo_mailbox;
use super::failure::{ExitStatus, Failure};
use super::onboard::Work;
use super::outbox::Outbox;
use crate::config::Config;
use crate::intake::{Completeness, PastedMetadata, PastedSecret, RequestDraft, SecretSource};
use crate::net::{HttpClient, NetOptions, Origin};
use crate::onboarding::plan::Wish;
use crate::practice::PracticeProvider;
use crate::report::{CommandLine, Report, human, json_v1};
use crate::request::Protocol;
use crate::sealing::SealingKeys;
use crate::store::{self, SqliteStore};
use crate::ui::prompt;

/// Watch the whole job on a practice identity provider and a throwaway database
///
/// Everything runs inside this process and a temporary folder; nothing is kept.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  ssoctl demo\n  ssoctl demo --provider")]
pub(super) struct DemoArgs {
    /// Keep a practice identity provider running until Ctrl-C, to try the other commands on
    #[arg(long)]
    provider: bool,
}

/// What a customer attaches who downloads the metadata of the product instead of their provider's.
const OUR_OWN_SIDE: &str = "<EntityDescriptor xmlns=\"urn:oasis:names:tc:SAML:2.0:metadata\" \
    entityID=\"https://app.example.com/sso/metadata\"><SPSSODescriptor \
    protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\"><AssertionConsumerService index=\"0\" \
    Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST\" Location=\"https://app.example.com/sso/acs\"/>\
    </SPSSODescriptor></EntityDescriptor>";

/// One customer's mail.
struct Story<'s> {
    title: &'static str,
    ticket: &'static str,
    owner: &'static str,
    provider: &'s PracticeProvider,
    values: Values,
}

/// What the customer sent beside their address.
enum Values {
    Oidc { issuer: String, secret: String },
    Saml { metadata: PastedMetadata },
}

pub(super) async fn run(args: DemoArgs, app: &App) -> Result<ExitStatus, Failure> {
    if args.provider {
        return keep_provider(app).await;
    }
    let folder = tempfile::tempdir().map_err(|error| could_not("make a temporary folder", &error))?;
    let acme = start_provider().await?;
    let hooli = start_provider().await?;
    let vandelay = start_provider().await?;
    let mut work = desk(app, folder.path(), &acme).await?;
    for provider in [&acme, &hooli] {
        provider.register_redirect_uri(&work.config.redirect_uri(None).unwrap_or_default());
    }
    let stories = [
        Story {
            title: "1. A clean request",
            ticket: "48201",
            owner: "jane@acme.example",
            provider: &acme,
            values: Values::Oidc { issuer: acme.issuer().to_owned(), secret: acme.client_secret().to_owned() },
        },
        Story {
            title: "2. A secret that is wrong",
            ticket: "48202",
            owner: "gavin@hooli.example",
            provider: &hooli,
            values: Values::Oidc { issuer: hooli.issuer().to_owned(), secret: format!("{}x", hooli.client_secret()) },
        },
        Story {
            title: "3. A colleague who belongs to another team",
            ticket: "48203",
            owner: "bill@initech.example",
            provider: &hooli,
            values: Values::Oidc { issuer: hooli.issuer().to_owned(), secret: hooli.client_secret().to_owned() },
        },
        Story {
            title: "4. The metadata URL instead of the issuer, as a mail program left it",
            ticket: "48202",
            owner: "gavin@hooli.example",
            provider: &hooli,
            values: Values::Oidc {
                issuer: format!(
                    "<{}/.well-known/openid-configuration>.",
                    hooli.issuer().replace("localhost", "LocalHost")
                ),
                secret: hooli.client_secret().to_owned(),
            },
        },
        Story {
            title: "5. SAML, and the metadata of the wrong side",
            ticket: "48204",
            owner: "mia@vandelay.example",
            provider: &vandelay,
            values: Values::Saml {
                metadata: PastedMetadata::Content {
                    name: "attachment sp-metadata.xml".to_owned(),
                    bytes: std::sync::Arc::from(OUR_OWN_SIDE.as_bytes()),
                },
            },
        },
        Story {
            title: "6. SAML by the provider's metadata URL, and a SCIM token",
            ticket: "48204",
            owner: "mia@vandelay.example",
            provider: &vandelay,
            values: Values::Saml { metadata: PastedMetadata::Word(vandelay.metadata_url()) },
        },
    ];
    let mut documents: Vec<Value> = Vec::new();
    let mut text = String::from(
        "Six requests to support and a look into its mailbox, against practice identity\nproviders on this machine. \
         Every check is the real one; database and mailbox are\nthrown away afterwards.\n",
    );
    for story in stories {
        let (title, report) = play(&mut work, story).await?;
        let _ = write!(text, "\n{}\n{title}\n\n$ {}\n\n", "=".repeat(72), report.command);
        text.push_str(&human::text(&report, app.look()));
        documents.push(json_v1::document(&report));
    }
    let told = Box::pin(demo_mailbox::tell(folder.path(), &vandelay, &hooli, app)).await?;
    let _ =
        write!(text, "\n{}\n7. The mailbox: who is ready, and a reply to who is not\n\n{}", "=".repeat(72), told.text);
    documents.push(json_v1::document(&told.report));
    let _ = write!(
        text,
        "\n{}\nTry it yourself:\n\n  ssoctl init --sample-data   a practice installation in this folder\n  \
         ssoctl demo --provider      a practice identity provider that stays, and what to\n                              \
         type in a second terminal\n",
        "=".repeat(72)
    );
    app.print_either(
        || json!({ "schema": json_v1::VERSION, "kind": "demo", "stories": documents, "inbox": told.inbox }),
        || text,
    )?;
    Ok(ExitStatus::Done)
}

/// A practice provider that stays: prints what a customer would have sent, and the command to try it with.
async fn keep_provider(app: &App) -> Result<ExitStatus, Failure> {
    let [mut interrupt, mut terminate, mut hang_up] =
        listen().map_err(|error| could_not("listen for Ctrl-C", &error))?;
    let folder = tempfile::tempdir().map_err(|error| could_not("make a temporary folder", &error))?;
    let provider = start_provider().await?;
    let config = app.config()?;
    provider.register_redirect_uri(&config.redirect_uri(None).unwrap_or_default());
    let ca_file = folder.path().join("practice-ca.pem");
    std::fs::write(&ca_file, provider.ca_pem()).map_err(|error| could_not("write the CA certificate", &error))?;
    let command = CommandLine::new("onboard")
        .everywhere("--allow-origin", Some(provider.origin()))
        .everywhere("--ca-cert", Some(ca_file.display().to_string()));
    app.print_either(
        || {
            json!({
                "schema": json_v1::VERSION,
                "kind": "practice_provider",
                "issuer": provider.issuer(),
                "client_id": provider.client_id(),
                "client_secret": provider.client_secret(),
                "origin": provider.origin(),
                "ca_cert": ca_file.display().to_string(),
            })
        },
        || {
            format!(
                "A practice identity provider is running. What its customer would have sent:\n\n  \
                 Issuer         {}\n  Client ID      {}\n  Client secret  {}\n  Owner          jane@acme.example\n\n\
                 In a second terminal, in the folder of `ssoctl init --sample-data`:\n\n  {command}\n\n\
                 Ctrl-C ends it.\n",
                provider.issuer(),
                provider.client_id(),
                provider.client_secret(),
            )
        },
    )?;
    // The folder with the certificate goes when this function ends.
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
        _ = hang_up.recv(), if !prompt::is_hangup_ignored() => {}
    }
    Ok(ExitStatus::Done)
}

/// Ctrl-C and its kin, listened for from now on.
fn listen() -> std::io::Result<[Signal; 3]> {
    let signals = [signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?, signal(SignalKind::hangup())?];
    prompt::command_ends_itself();
    Ok(signals)
}

async fn start_provider() -> Result<PracticeProvider, Failure> {
    PracticeProvider::start().await.map_err(|error| could_not("start the practice identity provider", &error))
}

fn could_not(what: &str, error: &std::io::Error) -> Failure {
    Failure::fault(format!("could not {what}")).cause(error.to_string())
}

/// A client that may reach this practice provider, and trusts nobody else.
fn client_for(provider: &PracticeProvider) -> Result<(HttpClient, Vec<Origin>), Failure> {
    let allowed = vec![Origin::parse(provider.origin())?];
    let http = HttpClient::new(NetOptions {
        allow_origins: allowed.clone(),
        ca_certs_pem: vec![provider.ca_pem().as_bytes().to_vec()],
        system_roots: false,
        ..NetOptions::default()
    })?;
    Ok((http, allowed))
}

/// An installation of its own: sample product and fresh key.
async fn desk<'a>(app: &'a App, folder: &std::path::Path, first: &PracticeProvider) -> Result<Work<'a>, Failure> {
    let database = folder.join("demo.db");
    let path = database.clone();
    let filled = tokio::task::spawn_blocking(move || SqliteStore::create(&path)?.load_sample_data());
    filled.await.map_err(|error| Failure::fault("could not create the database").cause(error.to_string()))??;
    let (http, allowed) = client_for(first)?;
    let url = format!("sqlite:{}", database.display());
    Ok(Work {
        app,
        outbox: Outbox::for_printing(&Config::default(), None)?,
        config: Config::default(),
        operator: app.operator()?,
        keys: SealingKeys::generate()?,
        repository: store::open(store::Location { url: &url, folder, schema: None }).await?,
        http,
        allowed,
        wish: Wish::default(),
        command: CommandLine::default(),
    })
}

async fn play(work: &mut Work<'_>, story: Story<'_>) -> Result<(&'static str, Report), Failure> {
    // A client of its own for each story: what one was allowed to reach is not reported of another.
    (work.http, work.allowed) = client_for(story.provider)?;
    let command = CommandLine::new("onboard").value("--ticket", Some(story.ticket)).value("--owner", Some(story.owner));
    let draft = RequestDraft {
        owner: Some(story.owner.to_owned()),
        ticket: Some(story.ticket.to_owned()),
        ..RequestDraft::default()
    };
    let (command, draft) = match story.values {
        Values::Oidc { issuer, secret } => (
            command
                .value("--issuer", Some(issuer.as_str()))
                .value("--client-id", Some(story.provider.client_id()))
                .switch("--client-secret-stdin", true),
            RequestDraft {
                issuer: Some(issuer),
                client_id: Some(story.provider.client_id().to_owned()),
                client_secret: Some(PastedSecret { text: SecretString::from(secret), source: SecretSource::Stdin }),
                ..draft
            },
        ),
        Values::Saml { metadata } => {
            let given = match &metadata {
                PastedMetadata::Word(given) => given.clone(),
                PastedMetadata::Content { .. } => "sp-metadata.xml".to_owned(),
            };
            (command.value("--metadata", Some(given)), RequestDraft { metadata: Some(metadata), ..draft })
        }
    };
    work.command = command.switch("--yes", true);
    let request = draft.normalise(Completeness::Everything, work.config.policy.max_domains);
    // The story is told in one piece: live lines of its parts would stand above it.
    let (facts, judgements) = work.judge_telling(&request, &|_| {}).await?;
    // What to do about a token that nobody sees is of no use to a database that is thrown away.
    work.wish.scim = request.protocol() == Protocol::Saml && !work.app.ui.loses_output();
    let applied = work.write(&request, &facts, &judgements).await?;
    let view = work.view(&request, &applied);
    Ok((story.title, work.report(applied.outcome, &request, &applied.facts, applied.judgements, view)))
}
