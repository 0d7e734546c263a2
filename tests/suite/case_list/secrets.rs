//! Client secrets as they come in.

use secrecy::ExposeSecret as _;
use ssoctl::product::connection::SealedSecret;
use ssoctl::request::names::{ConnectionId, TeamId};
use ssoctl::sealing::{Binding, SealingKeys, open};

use super::Outcome;
use crate::support::product::{acme_corp, written};
use crate::support::provider::{Behaviour, Provider, Reply, Route, RunningProvider};
use crate::support::question::{Verdicts, assert_printable};
use crate::support::world::{BINARY, Run, World};

/// From standard input; what is stored in the end.
fn rows() -> Vec<(&'static str, String, Outcome, Option<&'static str>)> {
    use Outcome::{Accept, Reject, Warn};
    let odd = "q'\"\\$(id)`;|&<>%n{}";
    vec![
        ("sec-009", " CANARY".to_owned(), Warn("secret_whitespace"), Some("CANARY")),
        ("sec-018", "CANARY\u{2013}x".to_owned(), Warn("secret_smart_punctuation"), Some("CANARY\u{2013}x")),
        ("sec-019", odd.to_owned(), Accept, Some(odd)),
        ("sec-023", "CAN\0ARY".to_owned(), Reject("control_character"), None),
        ("sec-025", "Ab3-".repeat(1024), Accept, None),
        ("sec-026", "x".repeat(1024 * 1024), Reject("input_too_long"), None),
        ("sec-028", "<redacted>".to_owned(), Reject("secret_placeholder"), None),
        ("sec-030", "0oa1b2c3d4e5".to_owned(), Reject("secret_is_client_id"), None),
        (
            "sec-031",
            "-----BEGIN PRIVATE KEY-----\nCANARY\n-----END PRIVATE KEY-----".to_owned(),
            Reject("private_key_in_input"),
            None,
        ),
    ]
}

pub(super) fn table() -> Vec<(&'static str, Outcome)> {
    let mut table: Vec<(&str, Outcome)> = rows().into_iter().map(|(id, _, outcome, _)| (id, outcome)).collect();
    table.push(("sec-002", Outcome::Reject("wrong usage")));
    table.push(("sec-004", Outcome::Warn("secret_in_env")));
    table.push(("sec-039", Outcome::Accept));
    table
}

/// Takes any secret but the control's.
fn easy_going() -> RunningProvider {
    let behaviour = Behaviour::respond(|request, _| {
        let sent = request.header("authorization").map(|value| value.trim_start_matches("Basic ").to_owned());
        let is_control = sent.is_some_and(|sent| decoded(&sent).contains(":ssoctl-control-"));
        let (status, code) = if is_control { (401, "invalid_client") } else { (400, "invalid_grant") };
        Reply::error(status, code, None)
    });
    Provider::new().on(Route::Token, behaviour).start()
}

fn decoded(text: &str) -> String {
    use base64::Engine as _;
    String::from_utf8(base64::engine::general_purpose::STANDARD.decode(text).unwrap()).unwrap()
}

fn arguments(provider: &RunningProvider, source: &[&str]) -> Vec<String> {
    let mut arguments: Vec<String> = ["onboard", "--yes", "--output", "json", "--owner", "owner@acme-corp.com"]
        .into_iter()
        .chain(["--issuer", provider.issuer(), "--client-id", provider.client_id()])
        .chain(source.iter().copied())
        .map(str::to_owned)
        .collect();
    arguments.extend(provider.access());
    arguments
}

/// The secret that was stored, opened with the installation's key.
pub(super) fn stored_secret(world: &World) -> String {
    let row = world.sql("SELECT id, team_id, client_secret_jwe FROM sso_connections").concat();
    let keys = SealingKeys::load(&world.path("ssoctl.key")).unwrap();
    let (connection, team) = (ConnectionId::new(row[0].as_str()), TeamId::new(row[1].as_str()));
    let binding = Binding { team_id: &team, connection_id: &connection, field: "client_secret" };
    open(&keys, &binding, &SealedSecret::new(row[2].clone())).unwrap().expose_secret().to_owned()
}

#[test]
fn secrets_are_taken_mended_or_refused_as_the_list_says() {
    for (id, secret, outcome, kept) in rows() {
        let (world, provider) = (acme_corp(), easy_going());
        let run = world.with_stdin(secret.clone()).ssoctl(arguments(&provider, &["--client-secret-stdin"]));
        let said = judged(id, &world, run, outcome);
        assert_printable(&said.run);
        assert!(!said.run.everything().contains("CANARY"), "{id}: {}", said.run.everything());
        assert!(world.files_containing("CANARY").is_empty(), "{id}");
        if said.code() == Some(0) {
            assert_eq!(stored_secret(&world), kept.unwrap_or(&secret), "{id}");
        } else {
            assert!(provider.requests_to(Route::Token).is_empty(), "{id}: a refused secret was sent");
        }
    }
}

#[track_caller]
fn judged(id: &str, world: &World, run: Run, outcome: Outcome) -> Verdicts {
    let said = Verdicts::of(run);
    let (exit, code) = match outcome {
        Outcome::Accept | Outcome::Normalise(_) => (0, None),
        Outcome::Warn(code) => (0, Some(code)),
        Outcome::Reject(code) | Outcome::Unknown(code) => (1, Some(code)),
    };
    assert_eq!(said.code(), Some(exit), "{id}: {}", said.table());
    assert!(code.is_none_or(|code| said.says(code)), "{id}: {}", said.table());
    let action = if exit == 0 { "onboarded" } else { "refused" };
    assert_eq!(written(world), (usize::from(exit == 0), vec![action.to_owned()]), "{id}");
    said
}

#[test]
fn a_secret_as_an_argument_is_wrong_usage_and_not_repeated() {
    let world = acme_corp();
    for arguments in [&["--client-secret=CANARY-argv"][..], &["--client-secret", "CANARY-argv"]] {
        let run = world.ssoctl(["onboard"].iter().chain(arguments)).expect_code(2);
        assert!(!run.everything().contains("CANARY"), "sec-002: {}", run.everything());
        assert!(run.stderr.contains("--client-secret-file"), "sec-002: {}", run.stderr);
    }
    assert_eq!(written(&world), (0, vec![]));
}

#[test]
fn a_secret_from_the_environment_is_taken_with_a_warning() {
    let (world, provider) = (acme_corp(), easy_going());
    let run = world.with_env("SSOCTL_CLIENT_SECRET", "CANARY-env").ssoctl(arguments(&provider, &[]));
    let said = judged("sec-004", &world, run, Outcome::Warn("secret_in_env"));
    assert!(!said.run.everything().contains("CANARY"));
    assert_eq!(stored_secret(&world), "CANARY-env");
}

#[test]
fn a_secret_from_a_file_descriptor_is_taken() {
    let (world, provider) = (acme_corp(), easy_going());
    let secret = world.write("secret.txt", "CANARY-fd\n");
    let mut words = vec!["-c".to_owned(), "exec \"$@\" 3<secret.txt".to_owned(), "sh".to_owned(), BINARY.to_owned()];
    words.extend(["--config".to_owned(), world.config().display().to_string()]);
    words.extend(arguments(&provider, &["--client-secret-file", "/dev/fd/3"]));
    let run = world.call().program("sh", words);
    std::fs::remove_file(secret).unwrap();
    judged("sec-039", &world, run, Outcome::Accept);
    assert_eq!(stored_secret(&world), "CANARY-fd");
}
