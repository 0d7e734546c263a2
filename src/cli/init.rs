//! `ssoctl init`

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use super::app::App;
use super::failure::{ExitStatus, Failure};
use crate::config::{Config, FILE_NAME, SAMPLE_PUBLIC_URL, plain_public_url};
use crate::foreign;
use crate::paragraph::wrapped;
use crate::product::connection::ProtocolSettings;
use crate::product::repository::{Repository as _, StoreError};
use crate::report::json_v1;
use crate::sealing::{self, KeyError, SealingKeys};
use crate::store::{self, PostgresStore, SqliteStore};

/// Create configuration, sealing key and embedded database; safe to run again
///
/// Whatever is there already stays as it is.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  ssoctl init --public-url https://app.example.com --sample-data")]
pub(super) struct InitArgs {
    /// Where customers reach your product
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// Fill the database with a sample product to try things on
    #[arg(long)]
    sample_data: bool,
}

pub(super) async fn run(args: InitArgs, app: &App) -> Result<ExitStatus, Failure> {
    let mut made = Vec::new();
    let config = set_up(&args, app, &mut made).await.map_err(|failure| unfinished(failure, &made))?;
    warn(&args, app, &config, &made);
    let sample_data = args.sample_data;
    app.print_either(
        || {
            let parts: Vec<serde_json::Value> = made
                .iter()
                .map(|(what, path, new)| json!({ "what": what, "path": path.display().to_string(), "created": new }))
                .collect();
            json!({ "schema": json_v1::VERSION, "kind": "installation", "parts": parts, "sample_data": sample_data })
        },
        || text(&made, sample_data, &config, app),
    )?;
    Ok(ExitStatus::Done)
}

/// A part of the installation: what it is, where, and whether it is new.
type Part = (&'static str, PathBuf, bool);

/// Makes what is not there, one part after the other; `made` says how far it came.
async fn set_up(args: &InitArgs, app: &App, made: &mut Vec<Part>) -> Result<Config, Failure> {
    // It goes into the configuration, which is kept.
    app.check_database_flag()?;
    let here = PathBuf::from(FILE_NAME);
    // What every other command would find is not to be hidden behind a new one.
    let file = app.config_file().map(Path::to_path_buf).or_else(Config::place).unwrap_or_else(|| here.clone());
    if args.sample_data && app.config_file().is_none() && file != here {
        return Err(Failure::usage(format!("the sample product would go into the installation of `{}`", file.display()))
            .hint("`ssoctl init --config ssoctl.toml --sample-data` makes one to practise on in this folder; nothing was made"));
    }
    if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(|error| could_not("make the folder", folder, &error))?;
    }
    if file.exists() {
        made.push(("configuration", file.clone(), false));
    } else {
        let given = args.public_url.as_deref().unwrap_or(SAMPLE_PUBLIC_URL);
        // One that is none is refused with the rest of the file.
        let public_url = plain_public_url(given).unwrap_or_else(|_| given.to_owned());
        let text = sample_config(&public_url, app.database_flag());
        Config::parse(&text).map_err(|reason| {
            let reason = reason.strip_prefix("public_url: ").unwrap_or(&reason);
            Failure::usage(format!("--public-url: {reason}")).hint("nothing was made")
        })?;
        // Whoever could write it could loosen every gate, whatever the umask says.
        let mut out = std::fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o644)
            .open(&file)
            .map_err(|error| could_not("write", &file, &error))?;
        out.write_all(text.as_bytes()).and_then(|()| out.sync_all()).map_err(|error| {
            // Half a configuration is worse than none.
            let _ = std::fs::remove_file(&file);
            could_not("write", &file, &error)
        })?;
        made.push(("configuration", file.clone(), true));
    }
    let mut config = Config::find(app.config_file())?;
    if let Some(url) = app.database_flag() {
        url.clone_into(&mut config.database.url);
        config.database.from_flag = true;
    }
    let key = config.resolve(&config.key.file);
    let on_server = App::location(&config).is_postgres();
    let there = if on_server {
        store::schema_state(App::location(&config)).await?.found > 0
    } else {
        store::sqlite_path(&config.database.url, config.database_folder())?.exists()
    };
    // A new key would open none of the stored secrets, and hide that theirs is lost.
    if !key.exists()
        && there
        && let Some(kid) = kids_in_use(&config).await?.first()
    {
        return Err(lost_key(&key, kid));
    }
    match SealingKeys::create(&key) {
        Ok(_) => made.push(("sealing key", key, true)),
        Err(KeyError::Exists { .. }) => {
            SealingKeys::load(&key)?;
            made.push(("sealing key", key, false));
        }
        Err(error) => return Err(error.into()),
    }
    if on_server {
        made.push(on_the_server(&config, args.sample_data, !there).await?);
    } else {
        in_a_file(&config, args.sample_data, made).await?;
    }
    Ok(config)
}

/// Our tables, and the product's where it has none, in an existing database on a server.
async fn on_the_server(config: &Config, sample_data: bool, fresh: bool) -> Result<Part, Failure> {
    let store::Location { url, schema, .. } = App::location(config);
    PostgresStore::migrate(url, schema).await?;
    let store = PostgresStore::open(url, schema).await?;
    if sample_data && !store.load_sample_data().await? {
        return Err(another_product());
    }
    Ok(("database", PathBuf::from(store.place()), fresh))
}

/// The embedded database, in its file.
async fn in_a_file(config: &Config, sample_data: bool, made: &mut Vec<Part>) -> Result<(), Failure> {
    let database = store::sqlite_path(&config.database.url, config.database_folder())?;
    let fresh = !database.exists();
    let path = database.clone();
    let filled = tokio::task::spawn_blocking(move || {
        let store = SqliteStore::create(&path)?;
        if sample_data { store.load_sample_data() } else { Ok(true) }
    });
    let filled =
        filled.await.map_err(|error| Failure::fault("could not create the database").cause(error.to_string()))?;
    if database.exists() {
        made.push(("database", database, fresh));
    }
    if filled? { Ok(()) } else { Err(another_product()) }
}

/// The sample's rows under ids of real people would make members and owners of them.
fn another_product() -> Failure {
    Failure::usage("the sample product was not loaded: the database holds people and teams of another one")
        .hint("leave out --sample-data here; to practise, make an installation of its own in an empty folder")
}

/// A failure on the way, with what was made until then.
fn unfinished(mut failure: Failure, made: &[Part]) -> Failure {
    let new: Vec<String> =
        made.iter().filter(|(_, _, new)| *new).map(|(_, path, _)| format!("`{}`", path.display())).collect();
    if new.is_empty() {
        return failure;
    }
    for hint in &mut failure.hints {
        *hint = hint.replace("; nothing was written", "");
    }
    failure.hint(format!("made already, and kept: {}; `ssoctl init` goes on from there", new.join(", ")))
}

/// What is allowed, and probably not meant.
fn warn(args: &InitArgs, app: &App, config: &Config, made: &[Part]) {
    let kept = made.iter().any(|(what, _, new)| *what == "configuration" && !new);
    if let Some(url) = &args.public_url
        && kept
        && plain_public_url(url).as_ref() != Ok(&config.public_url)
    {
        app.ui.warning(&format!(
            "--public-url was not used: the configuration is there already, and its public_url is `{}`; change it there",
            config.public_url
        ));
    }
    if config.is_plain_http_elsewhere() {
        app.ui.warning(&format!(
            "public_url `{}` is not https: providers refuse redirect URIs over plain http",
            config.public_url
        ));
    }
}

/// The ids of the keys that the secrets in an existing database were sealed with.
async fn kids_in_use(config: &Config) -> Result<BTreeSet<String>, Failure> {
    let repository = match store::open(App::location(config)).await {
        // Where our tables are not there is no secret.
        Err(StoreError::SchemaOlder { found: 0, .. } | StoreError::SchemaElsewhere { .. }) => {
            return Ok(BTreeSet::new());
        }
        opened => opened?,
    };
    let connections = repository.read().await?.connections(None).await?;
    let sealed = connections.iter().filter_map(|connection| connection.settings.as_ref());
    Ok(sealed
        .filter_map(ProtocolSettings::oidc)
        .map(|oidc| sealing::kid(&oidc.sealed_secret))
        .collect::<Result<_, _>>()?)
}

fn lost_key(key: &Path, kid: &str) -> Failure {
    Failure::fault(format!(
        "the key file `{}` is missing, and the database holds secrets sealed with it",
        key.display()
    ))
    .cause(format!("the key that is missing has the id `{}`; a new one would open none of them", foreign::shown(kid)))
    .hint("restore the copy of the key file; no key was made")
    .hint(
        "if there is no copy left: remove the connections (`ssoctl connection remove`), run `ssoctl init` again, and \
             ask each customer for a new secret",
    )
}

fn could_not(what: &str, path: &Path, error: &std::io::Error) -> Failure {
    Failure::fault(format!("could not {what} `{}`", path.display())).cause(error.to_string())
}

fn text(made: &[Part], sample_data: bool, config: &Config, app: &App) -> String {
    let mut out = made.iter().fold(String::new(), |out, (what, path, new)| {
        let state = if *new { "created" } else { "kept as it is" };
        out + &format!("{what:<14} {} ({state})\n", foreign::shown_whole(&path.display().to_string()))
    });
    let keep = "Keep a copy of the sealing key apart from the database: stored secrets open only with it.";
    let _ = writeln!(out, "\n{}", wrapped("", keep, app.look().columns()));
    if config.public_url == SAMPLE_PUBLIC_URL {
        out.push_str("Set public_url in the configuration: customers are told redirect URIs under it.\n");
    }
    if sample_data {
        let prepare = app.next("prepare --owner jane@acme.example");
        let _ = write!(out, "\nThe sample product is loaded. Try:\n  {prepare}\n");
    } else {
        let _ = write!(out, "\nNext: {}\n", app.next("doctor"));
    }
    out
}

/// A configuration file that says every key with its default, and the database where that is on a server: without the
/// password, which has better places.
fn sample_config(public_url: &str, database: Option<&str>) -> String {
    let quoted = |value: &str| toml::Value::String(value.to_owned()).to_string();
    let text = include_str!("init/ssoctl.toml").replace("\"{public_url_value}\"", &quoted(public_url));
    match database.filter(|url| store::is_postgres(url)) {
        None => text,
        Some(url) => {
            let shown = store::without_password(url).unwrap_or_else(|| url.to_owned());
            text.replace("# url = \"sqlite:ssoctl.db\"", &format!("url = {}", quoted(&shown)))
        }
    }
}
