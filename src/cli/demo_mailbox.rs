//! The mailbox story of `ssoctl demo`: an installation of its own beside a throwaway Maildir, and what `ssoctl inbox` and
//! `ssoctl ticket` do with it.

use std::fmt::Write as _;
use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::app::App;
use super::failure::Failure;
use super::inbox::{self, Selection};
use super::inbox_cache::Cache;
use super::inbox_round::Round;
use super::onboard::Work;
use super::outbox::Outbox;
use super::reply_args::DeliveryArgs;
use super::ticket;
use crate::config::Config;
use crate::intake::{Completeness, RequestDraft};
use crate::mail::{Mailbox, MailboxPlace, thread_of};
use crate::onboarding::plan::Wish;
use crate::practice::PracticeProvider;
use crate::report::{CommandLine, Report};
use crate::sealing::SealingKeys;
use crate::store::SqliteStore;

/// What the story came to.
pub(super) struct Told {
    /// For the screen.
    pub(super) text: String,
    /// The document of `ssoctl inbox`.
    pub(super) inbox: Value,
    /// The report on the mail that was worked on.
    pub(super) report: Report,
}

/// The mail that is worked on.
const WORKED_ON: &str = "48303";

/// Lists and checks the mails of `clean`'s and `cut`'s customers and of others, then answers the one whose secret was cut.
pub(super) async fn tell(
    folder: &Path,
    clean: &PracticeProvider,
    cut: &PracticeProvider,
    app: &App,
) -> Result<Told, Failure> {
    let now = app.operator()?.now;
    let folder = folder.join("mailbox");
    let config = installation(&folder, clean, cut).await?;
    fill(&folder.join("Maildir"), now, clean, cut)
        .map_err(|error| Failure::fault("could not write the mailbox").cause(error.to_string()))?;
    for provider in [clean, cut] {
        provider.register_redirect_uri(&config.redirect_uri(None).unwrap_or_default());
    }
    let place = MailboxPlace::Maildir(folder.join("Maildir"));
    let mut mailbox = Mailbox::open(&place).await?;
    let round = Round::open(&config, app).await?;
    let selection = Selection::newest(50);
    let mut chosen = inbox::choose(&mut mailbox, &selection, &Cache::nowhere(), &round).await?;
    inbox::check(&mut chosen, &mut mailbox, &selection, &mut Cache::nowhere(), &round, &|_| {}).await?;
    let total = mailbox.count();
    let mut text = format!(
        "$ ssoctl inbox --check-all\n\n{}",
        chosen.text(&place, total, &CommandLine::new("inbox work"), app.look().width)
    );

    let worked_on = chosen.mails.iter().find(|mail| mail.ticket.as_deref() == Some(WORKED_ON));
    let lost = || Failure::fault("a mail of the demonstration went away while it ran");
    let heading = &worked_on.ok_or_else(lost)?.heading;
    let mail = Round::fetch(&mut mailbox, heading).await?.ok_or_else(lost)?;
    let draft = folder.join("reply.eml");
    let allowed = app.allowed_origins(&config)?;
    let origins: Vec<String> = allowed.iter().map(ToString::to_string).collect();
    let request = ticket::read(&mail, &round.settings)?.into_draft(RequestDraft::default()).normalise_allowing(
        Completeness::Everything,
        config.policy.max_domains,
        &origins,
    );
    let going = DeliveryArgs { draft: Some(draft.clone()), ..DeliveryArgs::default() };
    let outbox = Outbox::for_printing(&config, None)?
        .with_destinations(&going, app, &config)
        .await?
        .answering(thread_of(&mail.bytes));
    let work = Work {
        app,
        operator: app.operator()?,
        keys: App::keys(&config)?,
        repository: app.repository(&config).await?,
        http: app.http_for(&config, &request)?,
        allowed,
        wish: Wish::default(),
        command: CommandLine::new("ticket 48303.eml").value("--draft", Some("reply.eml")).switch("--yes", true),
        outbox,
        config: config.clone(),
    };
    let (facts, judgements) = work.judge_telling(&request, &|_| {}).await?;
    let applied = work.write(&request, &facts, &judgements).await?;
    let view = work.view(&request, &applied);
    let mut report = work.report(applied.outcome, &request, &applied.facts, applied.judgements, view);
    report.delivery = work.outbox.deliver(&report, Some(&*work.repository), &work.operator).await;
    let mail_to_customer = std::fs::read_to_string(&draft)
        .map_err(|error| Failure::fault("could not read the draft").cause(error.to_string()))?;
    let _ = write!(
        text,
        "\n$ {}\n\n{}\n\nRefused, and nothing was written: {}. The draft of the reply, reply.eml:\n\n{}",
        work.command,
        ticket::found("48303.eml", &request),
        reasons(&report).join(", "),
        indented(mail_to_customer.trim_end()),
    );
    Ok(Told { text, inbox: chosen.document(&place, total), report })
}

/// The reason codes that stand in the way.
fn reasons(report: &Report) -> Vec<&'static str> {
    report.saying(crate::finding::Verdict::Fail).flat_map(crate::finding::Judgement::reasons).collect()
}

fn indented(mail: &str) -> String {
    mail.lines().map(|line| format!("  {line}").trim_end().to_owned() + "\n").collect()
}

/// Configuration, key and sample product in `folder`, as `ssoctl init` leaves them.
async fn installation(folder: &Path, clean: &PracticeProvider, cut: &PracticeProvider) -> Result<Config, Failure> {
    let origins = [clean.origin(), cut.origin()].map(|origin| format!("{origin:?}")).join(", ");
    let text = format!(
        "public_url = \"https://app.example.com\"\n\n[network]\nallow_origins = [{origins}]\nca_certs = [\"clean.pem\", \
         \"cut.pem\"]\n\n[ticket]\ntrusted_authserv_id = \"mx.example.com\"\n\n[inbox]\nmailbox = \"Maildir\"\n\n[reply]\n\
         from = \"Example Support <support@example.com>\"\n"
    );
    let write = || {
        std::fs::create_dir(folder)?;
        std::fs::write(folder.join("ssoctl.toml"), text)?;
        std::fs::write(folder.join("clean.pem"), clean.ca_pem())?;
        std::fs::write(folder.join("cut.pem"), cut.ca_pem())
    };
    write().map_err(|error| Failure::fault("could not make the installation").cause(error.to_string()))?;
    let config = Config::find(Some(&folder.join("ssoctl.toml")))?;
    SealingKeys::create(&config.resolve(&config.key.file))?;
    let database = crate::store::sqlite_path(&config.database.url, config.database_folder())?;
    let filled = tokio::task::spawn_blocking(move || SqliteStore::create(&database)?.load_sample_data());
    filled.await.map_err(|error| Failure::fault("could not create the database").cause(error.to_string()))??;
    Ok(config)
}

/// The mails of one morning: a clean request, somebody who is not who they say, a secret that lost its end, and thanks.
fn fill(maildir: &Path, now: Timestamp, clean: &PracticeProvider, cut: &PracticeProvider) -> std::io::Result<()> {
    for part in ["cur", "new", "tmp"] {
        std::fs::create_dir_all(maildir.join(part))?;
    }
    let request = |provider: &PracticeProvider, secret: &str, owner: &str| {
        format!(
            "Hello,\n\nplease switch on single sign-on for us:\n\nClient ID: {}\nClient secret: {secret}\nIssuer: {}\n\
             Team owner: {owner}\n",
            provider.client_id(),
            provider.issuer()
        )
    };
    let whole = cut.client_secret();
    let start: String = whole.chars().take(whole.chars().count().saturating_sub(4)).collect();
    let mails = [
        ("Jane Doe", "jane.doe@acme-it.example", "Urgent: new SSO for Acme", "48302", {
            request(clean, clean.client_secret(), "jane@acme.example")
        }),
        ("Mia Costa", "mia@vandelay.example", "SSO for Vandelay", "48301", {
            request(clean, clean.client_secret(), "mia@vandelay.example")
        }),
        ("Gavin Belson", "gavin@hooli.example", "Re: Single sign-on", WORKED_ON, {
            request(cut, &start, "gavin@hooli.example")
        }),
        ("Jane Doe", "jane@acme.example", "Thank you", "48201", "It works. Thanks!\n".to_owned()),
    ];
    for (position, (name, address, subject, ticket, body)) in (1_i64..).zip(mails) {
        let at = now.checked_sub(SignedDuration::from_mins(60 - 10 * position)).unwrap_or(now);
        let domain = address.rsplit('@').next().unwrap_or_default();
        let head = format!(
            "Authentication-Results: mx.example.com; dkim=pass header.d={domain}; spf=pass smtp.mailfrom={address};\n \
             dmarc=pass header.from={domain}\nFrom: {name} <{address}>\nTo: support@example.com\nSubject: {subject} [#{ticket}]\n\
             Date: {}\nMessage-ID: <{ticket}@{domain}>\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n",
            at.strftime("%a, %d %b %Y %H:%M:%S +0000"),
        );
        std::fs::write(maildir.join(format!("new/{}.{ticket}.demo", at.as_second())), format!("{head}\n{body}"))?;
    }
    Ok(())
}
