//! `ssoctl scim list`

use std::collections::BTreeMap;
use std::io::Read as _;

use clap::Args;
use jiff::Timestamp;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::{document, making_one, moment};
use crate::cli::app::App;
use crate::cli::failure::{ExitStatus, Failure};
use crate::cli::which::{Which, find, name};
use crate::product::connection::Connection;
use crate::product::repository::Repository;
use crate::product::scim_token::ScimToken;
use crate::report::{json_v1, listing};
use crate::scim::BearerToken;
use crate::ui::prompt;

#[derive(Debug, Args)]
pub(super) struct ListArgs {
    #[command(flatten)]
    which: Which,
    /// Say whose a token is that was found somewhere, read from standard input
    #[arg(long, conflicts_with = "Which")]
    token_stdin: bool,
}

pub(super) async fn run(app: &App, repository: &dyn Repository, args: &ListArgs) -> Result<ExitStatus, Failure> {
    let now = app.operator()?.now;
    let mut none = "No SCIM tokens yet. `ssoctl scim issue` makes the first one.".to_owned();
    let listed = if args.token_stdin {
        vec![belonging(repository, &presented(app)?).await?]
    } else if args.which.is_given() {
        let connection = find(repository, &args.which).await?;
        let tokens = repository.read().await?.scim_tokens(Some(&connection.id)).await?;
        none = format!("{} has no SCIM token yet", name(&connection));
        if let Some(next) = making_one(app, &connection) {
            none = format!("{none}: {next}");
        }
        tokens.into_iter().map(|token| (token, connection.clone())).collect()
    } else {
        let mut reads = repository.read().await?;
        let connections = reads.connections(None).await?;
        let by_id: BTreeMap<&str, &Connection> = connections.iter().map(|one| (one.id.as_str(), one)).collect();
        let of = |token: ScimToken| by_id.get(token.connection_id.as_str()).map(|&one| (token, one.clone()));
        reads.scim_tokens(None).await?.into_iter().filter_map(of).collect()
    };
    app.print_either(
        || {
            let tokens: Vec<Value> =
                listed.iter().map(|(token, connection)| document(token, connection, now)).collect();
            json!({ "schema": json_v1::VERSION, "kind": "scim_tokens", "tokens": tokens })
        },
        || if listed.is_empty() { format!("{none}\n") } else { table(&listed, now, app.look().width) },
    )?;
    Ok(ExitStatus::Done)
}

/// Longest input that may hold a token, in bytes.
const TOKEN_INPUT: usize = 4096;

/// The token that somebody found: from standard input, where a terminal does not show it.
fn presented(app: &App) -> Result<BearerToken, Failure> {
    let text = if app.ui.is_interactive() {
        let typed = prompt::secret("SCIM token (not shown)").map_err(|error| crate::cli::ask::unanswered(&error))?;
        Zeroizing::new(typed.map(|typed| typed.text.expose_secret().to_owned()).unwrap_or_default())
    } else {
        let mut text = Zeroizing::new(String::with_capacity(TOKEN_INPUT));
        let input = std::io::stdin().lock().take(TOKEN_INPUT as u64).read_to_string(&mut text);
        input.map_err(|error| Failure::usage("could not read standard input").cause(error.to_string()))?;
        text
    };
    BearerToken::parse(&text).map_err(|problem| {
        Failure::refused(problem.to_string()).hint("give the whole token, and nothing else, on standard input")
    })
}

async fn belonging(repository: &dyn Repository, token: &BearerToken) -> Result<(ScimToken, Connection), Failure> {
    let mut reads = repository.read().await?;
    let found = reads.scim_token_by_hash(&token.sha256()).await?;
    let connection = match &found {
        Some(found) => reads.connection(&found.connection_id).await?,
        None => None,
    };
    found.zip(connection).ok_or_else(|| {
        Failure::refused("no connection here has this SCIM token")
            .hint("it is a sound token: of another installation, or of a connection that was removed since")
    })
}

fn table(tokens: &[(ScimToken, Connection)], now: Timestamp, width: Option<u16>) -> String {
    let cells = tokens.iter().map(|(token, connection)| {
        [
            token.id.to_string(),
            token.state(now).as_str().to_owned(),
            name(connection),
            moment(Some(token.created_at)),
            moment(token.ends_at()),
        ]
    });
    listing::text(["ID", "STATE", "TEAM", "CREATED", "ENDS"], cells, width)
}
