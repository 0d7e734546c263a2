//! `ssoctl doctor`

mod inspection;
mod mail;

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use clap::Args;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::app::App;
use super::failure::{ExitStatus, Failure};
use crate::config::{Config, SAMPLE_PUBLIC_URL};
use crate::finding::Verdict;
use crate::foreign::shown_whole;
use crate::paragraph::wrapped;
use crate::product::audit_trail::{self, Trail};
use crate::product::connection::ProtocolSettings;
use crate::product::contract;
use crate::product::repository::{Reads, Repository};
use crate::product::scim_token::running_out;
use crate::report::json_v1;
use crate::sealing::{self, SealingKeys};
use crate::store;

/// Say whether this installation is sound: configuration, key, database, clock, outgoing network
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  ssoctl doctor --offline")]
pub(super) struct DoctorArgs {
    /// Skip the outgoing network
    #[arg(long)]
    offline: bool,
    /// The URL to fetch as a test of the outgoing network
    #[arg(long, value_name = "URL", default_value = "https://accounts.google.com/.well-known/openid-configuration")]
    reach: String,
}

/// One thing that was looked at.
struct Look {
    what: &'static str,
    verdict: Verdict,
    found: String,
    next: Option<String>,
}

impl Look {
    fn new(what: &'static str, verdict: Verdict, found: impl Into<String>) -> Self {
        Self { what, verdict, found: found.into(), next: None }
    }

    fn next(mut self, next: impl Into<String>) -> Self {
        self.next = Some(next.into());
        self
    }

    fn failed(what: &'static str, failure: &Failure) -> Self {
        let cause = failure.causes().first().map(|cause| format!(": {cause}")).unwrap_or_default();
        let look = Self::new(what, Verdict::Fail, format!("{}{cause}", failure.message()));
        // Who asked the doctor is not sent to the doctor.
        match failure.hints.iter().find(|hint| !hint.contains("ssoctl doctor")) {
            Some(hint) => look.next(hint.clone()),
            None => look,
        }
    }
}

pub(super) async fn run(args: DoctorArgs, app: &App) -> Result<ExitStatus, Failure> {
    let mut looks = vec![clock(app)];
    match app.config() {
        Err(failure) => looks.push(Look::failed("configuration", &failure)),
        Ok(config) => {
            looks.extend(configuration(&config));
            looks.extend(mail::faults(&config));
            let keys = App::keys(&config);
            looks.push(key(&config, &keys));
            looks.extend(database(app, &config, keys.as_ref().ok()).await);
            looks.push(network(app, &config, &args).await);
        }
    }
    let worst = looks.iter().map(|look| look.verdict).max().unwrap_or(Verdict::Pass);
    app.print_either(
        || {
            let checks: Vec<serde_json::Value> = looks
                .iter()
                .map(|look| json!({ "what": look.what, "verdict": look.verdict, "found": look.found, "next": look.next }))
                .collect();
            json!({ "schema": json_v1::VERSION, "kind": "doctor", "sound": worst < Verdict::Unknown, "checks": checks })
        },
        || text(&looks, worst, app.look().columns()),
    )?;
    Ok(match worst {
        Verdict::Pass | Verdict::Warn => ExitStatus::Done,
        Verdict::Unknown => ExitStatus::NoAnswer,
        Verdict::Fail => ExitStatus::Fault,
    })
}

fn text(looks: &[Look], worst: Verdict, columns: usize) -> String {
    let mut out = looks.iter().fold(String::new(), |out, look| {
        // Both may name paths, and repeat what the system said.
        let next = look.next.as_ref().map(|next| wrapped("        next  ", &shown_whole(next), columns) + "\n");
        let lead = format!("{:<7} {:<14} ", look.verdict.label(), look.what);
        out + &wrapped(&lead, &shown_whole(&look.found), columns) + "\n" + &next.unwrap_or_default()
    });
    out.push_str(match worst {
        Verdict::Pass => "\nSound.\n",
        Verdict::Warn => "\nSound, with something to look at.\n",
        Verdict::Unknown => "\nNot everything could be told.\n",
        Verdict::Fail => "\nNot sound: mend what failed before you onboard anybody.\n",
    });
    out
}

fn clock(app: &App) -> Look {
    match app.operator() {
        Ok(operator) => Look::new(
            "clock",
            Verdict::Pass,
            format!("{} UTC, you are {}", operator.now.strftime("%F %T"), operator.actor),
        ),
        Err(failure) => Look::failed("clock", &failure),
    }
}

fn configuration(config: &Config) -> Vec<Look> {
    let mut looks = vec![match &config.file {
        None => Look::new("configuration", Verdict::Warn, "none found; the built-in defaults are in use")
            .next("ssoctl init"),
        Some(file) => Look::new("configuration", Verdict::Pass, file.display().to_string()),
    }];
    looks.extend(config.file.as_deref().and_then(writable_by_others));
    looks.extend(config.file.as_deref().and_then(|file| readable_password(config, file)));
    if config.public_url == SAMPLE_PUBLIC_URL {
        looks.push(
            Look::new("public_url", Verdict::Warn, format!("still the sample {SAMPLE_PUBLIC_URL}"))
                .next("set it to your product's address: customers are told redirect URIs under it"),
        );
    } else if !config.public_url.starts_with("https://") {
        looks.push(
            Look::new("public_url", Verdict::Warn, format!("{} is not https", config.public_url))
                .next("providers refuse redirect URIs over plain http"),
        );
    }
    if !config.network.allow_origins.is_empty() {
        let origins = config.network.allow_origins.join(", ");
        looks.push(
            Look::new("guard", Verdict::Warn, format!("private addresses are allowed for {origins}"))
                .next("remove allow_origins from the configuration unless you run a test installation"),
        );
    }
    looks
}

/// A password in the configuration is everybody's who may read that.
fn readable_password(config: &Config, file: &Path) -> Option<Look> {
    store::without_password(&config.database.url)?;
    let mode = std::fs::metadata(file).ok()?.permissions().mode() & 0o777;
    (mode & 0o044 != 0 && !config.database.from_flag).then(|| {
        let found =
            format!("it holds the database's password, and others on this machine may read it (mode {mode:04o})");
        Look::new("configuration", Verdict::Warn, found).next(format!("chmod 600 {}", file.display()))
    })
}

/// The configuration decides gates and permitted addresses: who may write it may loosen both.
fn writable_by_others(file: &Path) -> Option<Look> {
    let mode = std::fs::metadata(file).ok()?.permissions().mode() & 0o777;
    (mode & 0o022 != 0).then(|| {
        let found = format!("others on this machine may write it, and so loosen its gates (mode {mode:04o})");
        Look::new("configuration", Verdict::Warn, found).next(format!("chmod go-w {}", file.display()))
    })
}

fn key(config: &Config, keys: &Result<SealingKeys, Failure>) -> Look {
    let path = config.resolve(&config.key.file);
    match keys {
        Ok(keys) => {
            Look::new("sealing key", Verdict::Pass, format!("{} (key id {})", path.display(), keys.current_kid()))
        }
        Err(failure) => Look::failed("sealing key", failure),
    }
}

async fn database(app: &App, config: &Config, keys: Option<&SealingKeys>) -> Vec<Look> {
    let repository = match app.repository(config).await {
        Ok(repository) => repository,
        Err(failure) => return vec![Look::failed("database", &failure)],
    };
    let mut looks = vec![Look::new("database", Verdict::Pass, format!("{}, schema current", repository.place()))];
    if let Ok(path) = store::sqlite_path(&config.database.url, config.database_folder()) {
        looks.extend(permissions(&path));
    }
    looks.extend(product(&*repository, config).await);
    // Each in a transaction of its own: one that cannot be answered spoils none of the others.
    looks.push(match repository.read().await {
        Ok(mut reads) => secrets(&mut *reads, keys).await,
        Err(error) => Look::failed(SECRETS, &error.into()),
    });
    looks.push(match repository.read().await {
        Ok(mut reads) => scim_tokens(&mut *reads).await,
        Err(error) => Look::failed(TOKENS, &error.into()),
    });
    looks.push(match repository.read().await {
        Ok(mut reads) => audit(&mut *reads).await,
        Err(error) => Look::failed(AUDIT_LOG, &error.into()),
    });
    looks
}

const SECRETS: &str = "sealed secrets";
const TOKENS: &str = "SCIM tokens";
const AUDIT_LOG: &str = "audit log";

/// Whether the product's tables can be asked what a check asks them, and what is surprising about them.
async fn product(repository: &dyn Repository, config: &Config) -> Vec<Look> {
    let what = "product tables";
    let inspection = match repository.inspect().await {
        Ok(inspection) => inspection,
        Err(error) => return vec![Look::failed(what, &error.into())],
    };
    let mut looks = inspection::looks(&inspection, &config.policy, App::location(config).is_postgres());
    if looks.iter().all(|look| look.what != what) {
        // In a transaction of its own, which a refusal may spoil.
        let asked = async { contract::ask(&mut *repository.read().await?).await };
        looks.insert(
            0,
            match asked.await {
                Ok(()) => Look::new(what, Verdict::Pass, "users, teams and memberships can be asked for"),
                Err(error) => {
                    Look::failed(what, &error.into()).next("`ssoctl db contract` prints the views as ssoctl needs them")
                }
            },
        );
    }
    looks
}

/// Whether the key file holds the key of every stored secret.
async fn secrets(reads: &mut dyn Reads, keys: Option<&SealingKeys>) -> Look {
    let what = SECRETS;
    let connections = match reads.connections(None).await {
        Ok(connections) => connections,
        Err(error) => return Look::failed(what, &error.into()),
    };
    let mut count = 0;
    for connection in &connections {
        let Some(ProtocolSettings::Oidc(oidc)) = &connection.settings else { continue };
        let fault = match sealing::kid(&oidc.sealed_secret) {
            Ok(kid) if keys.is_some_and(|keys| keys.holds(&kid)) => None,
            Ok(kid) => Some(format!("it was sealed with key `{kid}`, which is not at hand")),
            Err(error) => Some(error.to_string()),
        };
        if let Some(fault) = fault {
            return Look::new(what, Verdict::Fail, format!("the secret of connection `{}`: {fault}", connection.id))
                .next(
                    "restore the copy of the key file that holds this key; [key] file in the configuration names it",
                );
        }
        count += 1;
    }
    Look::new(what, Verdict::Pass, format!("{count} stored, their keys at hand"))
}

/// How long before its end a SCIM token is worth a word.
const NOTICE: SignedDuration = SignedDuration::from_hours(24 * 30);

/// Whether any customer's provisioning is about to stop.
async fn scim_tokens(reads: &mut dyn Reads) -> Look {
    let what = TOKENS;
    let tokens = match reads.scim_tokens(None).await {
        Ok(tokens) => tokens,
        Err(error) => return Look::failed(what, &error.into()),
    };
    let now = Timestamp::now();
    let ending = running_out(&tokens, now, now.saturating_add(NOTICE).unwrap_or(Timestamp::MAX));
    match ending.first() {
        None => {
            let working = tokens.iter().filter(|token| token.state(now).works()).count();
            Look::new(what, Verdict::Pass, format!("{working} working, none ends within 30 days"))
        }
        Some((connection, end)) => {
            let others = match ending.len() - 1 {
                0 => String::new(),
                count => format!(", and those of {count} more within 30 days"),
            };
            let day = end.strftime("%F");
            Look::new(what, Verdict::Warn, format!("the last one of connection `{connection}` ends on {day}{others}"))
                .next(format!("ssoctl scim rotate {connection}"))
        }
    }
}

async fn audit(reads: &mut dyn Reads) -> Look {
    match audit_trail::walk(reads, &[]).await {
        Ok(Trail { fault: Some(fault), .. }) => Look::new(AUDIT_LOG, Verdict::Fail, fault)
            .next("keep the database as it is, and compare it with your last copy"),
        Ok(trail) => Look::new(
            AUDIT_LOG,
            Verdict::Pass,
            match trail.rows() {
                1 => "intact, 1 row".to_owned(),
                rows => format!("intact, {rows} rows"),
            },
        ),
        Err(error) => Look::failed(AUDIT_LOG, &error.into()),
    }
}

fn permissions(path: &Path) -> Option<Look> {
    let mode = std::fs::metadata(path).ok()?.permissions().mode() & 0o777;
    (mode & 0o007 != 0).then(|| {
        let what = if mode & 0o002 == 0 { "read it" } else { "write it, and so decide who owns which team" };
        Look::new("database file", Verdict::Warn, format!("everybody on this machine may {what} (mode {mode:04o})"))
            .next(format!("chmod 600 {}", path.display()))
    })
}

async fn network(app: &App, config: &Config, args: &DoctorArgs) -> Look {
    let http = match app.http(config) {
        Ok(http) => http,
        Err(failure) => return Look::failed("network", &failure),
    };
    if args.offline {
        return Look::new("network", Verdict::Pass, "root certificates found; nothing was fetched (--offline)");
    }
    match http.get(&args.reach).await {
        Ok(answer) if answer.status == 200 => {
            Look::new("network", Verdict::Pass, format!("reached {} in {} ms", args.reach, answer.elapsed.as_millis()))
        }
        Ok(answer) => {
            Look::new("network", Verdict::Warn, format!("{} answered with status {}", args.reach, answer.status))
        }
        Err(problem) => Look::new("network", Verdict::Warn, format!("could not reach {}: {problem}", args.reach)).next(
            "if this machine reaches the internet by a proxy, set [network] proxy; the environment's is not used",
        ),
    }
}
