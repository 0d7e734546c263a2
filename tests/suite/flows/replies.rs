//! Replies on their way: printed again, drafted, sent, and recorded; and what is written stays, whatever becomes of them.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use serde_json::{Value, json};

use super::json_schema::Contract;
use crate::support::desk::{Desk, JANE, TICKET};
use crate::support::mail_servers::{MAIL_PASSWORD, MAIL_USER, SmtpSink};
use crate::support::provider::{CLIENT_ID, Provider};
use crate::support::world::Run;

/// A desk whose configuration names the mail server.
fn desk_with(sink: &SmtpSink, provider: Provider) -> Desk {
    let desk = Desk::facing(provider);
    let password = desk.secret_file("smtp-password", &format!("{MAIL_PASSWORD}\n"));
    append(&desk, &sink.config(&password));
    desk
}

fn append(desk: &Desk, text: &str) {
    let config = std::fs::read_to_string(desk.world.config()).unwrap();
    desk.world.write("ssoctl.toml", config + text);
}

/// A provider that refuses the secret the desk has.
fn refusing() -> Provider {
    Provider::new().client(CLIENT_ID, "another secret")
}

fn maildir(folder: &Path) {
    for part in ["cur", "new", "tmp"] {
        std::fs::create_dir_all(folder.join(part)).unwrap();
    }
}

fn delivery(run: &Run) -> Value {
    run.json()["delivery"].clone()
}

#[test]
fn a_refusal_is_sent_to_the_owner_with_a_blind_copy_and_recorded() {
    for security in ["starttls", "tls"] {
        let Some(sink) = SmtpSink::start(security) else { return };
        let desk = desk_with(&sink, refusing());
        let run = desk.onboard(&["--send", "-o", "json"]).expect_code(1);
        let report = Contract::new().holds(&run);
        assert_eq!(report["delivery"]["sent"], true, "{security}: {report}");
        assert_eq!(report["delivery"]["to"], JANE);
        let taken = sink.taken();
        let [mail] = taken.as_slice() else { panic!("{security}: {taken:?}") };
        assert_eq!(mail.envelope["to"], json!([JANE, "archive@example.com"]));
        assert_eq!((&mail.envelope["tls"], &mail.envelope["user"]), (&json!(true), &json!(MAIL_USER)));
        assert_eq!(mail.header("To").as_deref(), Some(JANE));
        assert_eq!(mail.header("From").as_deref(), Some("\"Example Support\" <support@example.com>"));
        assert_eq!(mail.header("Subject").as_deref(), report["reply_subject"].as_str());
        assert_eq!(mail.header("Message-ID").as_deref(), report["delivery"]["message_id"].as_str());
        assert!(mail.header("Bcc").is_none(), "{}", mail.mail);
        assert_eq!(desk.deeds(), ["refused", "reply_sent"]);
        let details = desk.latest_details();
        assert_eq!((&details["to"], &details["reply_of"]), (&json!(JANE), &json!(1)), "{details}");
        assert!(desk.world.files_containing(MAIL_PASSWORD).len() == 1, "the password is in its own file alone");
        assert!(!run.everything().contains(MAIL_PASSWORD));
        desk.expect_sound();
    }
}

#[test]
fn a_server_that_refuses_undoes_nothing_and_the_reply_goes_out_later_by_the_same_message_id() {
    let Some(sink) = SmtpSink::start("starttls") else { return };
    let desk = desk_with(&sink, Provider::new());
    let run = desk.onboard(&["--send", "--to", "jane@later.example", "-o", "json"]).expect_code(75);
    let report = Contract::new().holds(&run);
    assert_eq!((&report["outcome"], &report["delivery"]["sent"]), (&json!("onboarded"), &json!(false)));
    assert!(report["delivery"]["error"].as_str().unwrap().contains("greylisted"), "{report}");
    assert!(run.stderr.contains("all else is as reported"), "{}", run.stderr);
    assert!(run.stderr.contains("ssoctl reply --row 1 --send --to jane@later.example"), "{}", run.stderr);
    assert_eq!(desk.connections(), [["active", "acme.example"]]);
    assert_eq!(desk.deeds(), ["onboarded", "reply_failed"]);

    let again = desk.world.ssoctl(["reply", "--ticket", TICKET, "--send", "--to", JANE, "-o", "json"]).expect_code(0);
    let said = Contract::new().holds(&again);
    assert_eq!((&said["state"], &said["action"]), (&json!("sent"), &json!("onboarded")));
    assert_eq!(said["delivery"]["message_id"], report["delivery"]["message_id"]);
    assert_eq!(sink.taken().len(), 1);
    assert_eq!(desk.deeds(), ["onboarded", "reply_failed", "reply_sent"]);

    let third = desk.world.ssoctl(["reply", "--ticket", TICKET, "--send"]).expect_code(0);
    assert!(third.stderr.contains("--again"), "{}", third.stderr);
    assert_eq!(sink.taken().len(), 1, "what was sent is not sent twice");
    desk.world.ssoctl(["reply", "--ticket", TICKET, "--send", "--again", "--to", JANE]).expect_code(0);
    assert_eq!(sink.taken().len(), 2);
    desk.expect_sound();
}

#[test]
fn a_check_that_leaves_nothing_to_write_back_says_so() {
    let Some(sink) = SmtpSink::start("tls") else { return };
    let desk = desk_with(&sink, Provider::new());
    let run = desk.world.ssoctl(["check", "--owner", JANE, "--draft", "reply.eml"]).expect_code(0);
    assert!(run.stderr.contains("there is no reply to keep or to send"), "{}", run.stderr);
    assert!(!desk.world.path("reply.eml").exists());
}

#[test]
fn nobody_to_write_to_is_told_apart_by_the_command_that_tries_again() {
    let Some(sink) = SmtpSink::start("tls") else { return };
    let desk = desk_with(&sink, Provider::new());
    let words = desk.words(&["check", "--issuer", desk.provider.issuer(), "--client-id", "unheard-of", "--send"], &[]);
    let run = desk.world.with_env("SSOCTL_CLIENT_SECRET", "wrong").ssoctl(words).expect_code(75);
    assert!(run.stderr.contains("reply --row 1 --send --to EMAIL"), "{}", run.stderr);
}

#[test]
fn a_wrong_password_and_an_address_nobody_has_are_said_and_the_write_stays() {
    let Some(sink) = SmtpSink::start("tls") else { return };
    let desk = desk_with(&sink, Provider::new());
    let run = desk.onboard(&["--send", "--to", "jane@refused.example"]).expect_code(75);
    assert!(run.stderr.contains("nobody of that name here"), "{}", run.stderr);
    desk.secret_file("smtp-password", "CANARY-wrong");
    let run = desk.world.ssoctl(["reply", "--last", "--send"]).expect_code(75);
    assert!(run.stderr.contains("535") && !run.everything().contains("CANARY"), "{}", run.everything());
    assert_eq!(desk.connections(), [["active", "acme.example"]]);
    assert_eq!(desk.deeds(), ["onboarded", "reply_failed", "reply_failed"]);
    assert!(sink.taken().is_empty());
}

#[test]
fn a_certificate_that_nobody_vouches_for_gets_no_password_and_no_mail() {
    let Some(sink) = SmtpSink::start("starttls") else { return };
    let desk = desk_with(&sink, refusing());
    let config = std::fs::read_to_string(desk.world.config()).unwrap();
    let without: Vec<&str> = config.lines().filter(|line| !line.starts_with("ca_certs")).collect();
    desk.world.write("ssoctl.toml", without.join("\n"));
    let run = desk.onboard(&["--send"]).expect_code(75);
    assert!(run.stderr.to_lowercase().contains("certificate"), "{}", run.stderr);
    assert!(sink.taken().is_empty());
    assert_eq!(desk.deeds(), ["refused", "reply_failed"]);
}

#[test]
fn the_password_comes_from_a_variable_or_from_a_program_as_well() {
    let Some(sink) = SmtpSink::start("tls") else { return };
    for (named, variable) in [
        ("password_env = \"MAIL_PASSWORD\"".to_owned(), MAIL_PASSWORD),
        (format!("password_command = [\"printf\", \"%s\", \"{MAIL_PASSWORD}\"]"), ""),
    ] {
        let desk = desk_with(&sink, refusing());
        let config = std::fs::read_to_string(desk.world.config()).unwrap();
        let lines = config.lines().map(|line| if line.starts_with("password_file") { &named } else { line });
        desk.world.write("ssoctl.toml", lines.collect::<Vec<_>>().join("\n"));
        let before = sink.taken().len();
        let words = desk.request("onboard", &["--client-secret-file", "secret.txt", "--yes", "--send"]);
        let run = desk.world.with_env("MAIL_PASSWORD", variable).ssoctl(words).expect_code(1);
        assert_eq!(sink.taken().len(), before + 1, "{named}: {}", run.everything());
        assert_eq!(sink.taken()[before].envelope["user"], MAIL_USER);
        assert!(!run.everything().contains(MAIL_PASSWORD), "{named}");
    }
}

#[test]
fn a_server_without_encryption_gets_no_password_and_no_mail() {
    let Some(sink) = SmtpSink::start("plain") else { return };
    for security in ["starttls", "tls"] {
        let desk = desk_with(&sink, refusing());
        let config = std::fs::read_to_string(desk.world.config()).unwrap();
        desk.world.write("ssoctl.toml", config.replace("\"plain\"", &format!("{security:?}")));
        let run = desk.onboard(&["--send"]).expect_code(75);
        assert!(run.stderr.contains("the reply was not sent"), "{security}: {}", run.stderr);
        assert!(sink.taken().is_empty(), "{security}");
        assert_eq!(desk.deeds(), ["refused", "reply_failed"], "{security}");
    }
}

#[test]
fn a_server_that_is_gone_undoes_nothing() {
    let Some(mut sink) = SmtpSink::start("tls") else { return };
    let desk = desk_with(&sink, Provider::new());
    sink.go_away();
    let run = desk.onboard(&["--send"]).expect_code(75);
    assert!(run.stderr.contains("could not be spoken with") && run.stdout.contains("Done:"), "{}", run.everything());
    assert_eq!(desk.connections(), [["active", "acme.example"]]);
    assert_eq!(desk.deeds(), ["onboarded", "reply_failed"]);
    desk.expect_sound();
}

#[test]
fn nothing_is_written_where_the_reply_could_not_go_anyway() {
    let desk = Desk::new();
    for (config, words, said) in [
        ("", vec!["--send"], "from"),
        ("\n[reply]\nfrom = \"support@example.com\"\n", vec!["--send"], "[smtp]"),
        ("\n[smtp]\nserver = \"localhost:1\"\nuser = \"x\"\n", vec!["--send"], "no password"),
        ("", vec!["--draft", "ssoctl.toml"], "already"),
        ("", vec!["--maildir", "."], "not a Maildir"),
        ("", vec!["--to", "nobody"], "--to"),
        ("", vec!["--lang", "de"], "`de`"),
    ] {
        append(&desk, config);
        let run = desk.onboard(&words);
        assert!(matches!(run.code, Some(2 | 70)), "{words:?}: {run:?}");
        assert!(run.stderr.contains(said), "{words:?}: {}", run.stderr);
    }
    let run = desk.onboard(&["--dry-run", "--send"]).expect_code(2);
    assert!(run.stderr.contains("--send"), "{}", run.stderr);
    assert!(desk.connections().is_empty() && desk.deeds().is_empty());
}

#[test]
fn a_draft_is_a_whole_mail_that_nobody_else_can_read() {
    let desk = Desk::facing(refusing());
    append(&desk, "\n[reply]\nfrom = \"Example Support <support@example.com>\"\nbcc = [\"archive@example.com\"]\n");
    let folder = desk.world.path("Maildir");
    maildir(&folder);
    let run = desk.onboard(&["--draft", "reply.eml", "--maildir", "Maildir", "-o", "json"]).expect_code(1);
    let report = Contract::new().holds(&run);
    let drafts = report["delivery"]["drafts"].as_array().unwrap();
    assert_eq!((drafts.len(), &report["delivery"]["sent"]), (2, &json!(false)));
    let draft = std::fs::read_to_string(desk.world.path("reply.eml")).unwrap();
    assert_eq!(draft, std::fs::read_to_string(desk.world.path(drafts[1].as_str().unwrap())).unwrap());
    for line in
        ["To: jane@acme.example\r\n", "Bcc: archive@example.com\r\n", "Content-Type: text/plain; charset=utf-8\r\n"]
    {
        assert!(draft.contains(line), "{line}: {draft}");
    }
    let mode = std::fs::metadata(desk.world.path("reply.eml")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(desk.deeds(), ["refused"], "a draft is no deed");
}

#[test]
fn a_reply_is_printed_again_from_the_record() {
    let desk = Desk::facing(refusing());
    let report = desk.onboard_json(1, &[]);
    for words in [["reply", "--last"].as_slice(), &["reply", "--ticket", TICKET], &["reply", "--row", "1"]] {
        let words: Vec<&str> = words.iter().copied().chain(["-o", "json"]).collect();
        let run = desk.world.ssoctl(words).expect_code(0);
        let said = Contract::new().holds(&run);
        assert_eq!((&said["reply"], &said["reply_subject"]), (&report["reply"], &report["reply_subject"]));
        assert_eq!((&said["to"], &said["state"], &said["delivery"]), (&json!(JANE), &json!("unsent"), &Value::Null));
    }
    let shown = desk.world.ssoctl(["reply", "--last"]).expect_code(0).stdout;
    assert!(shown.contains("To: jane@acme.example\nSubject: Single sign-on for Acme"), "{shown}");
    for words in
        [["reply", "--ticket", "nothing"].as_slice(), &["reply", "--row", "7"], &["--actor", "amy", "reply", "--last"]]
    {
        let run = desk.world.ssoctl(words).expect_code(1);
        assert!(run.stderr.contains("no such reply"), "{}", run.stderr);
    }
    assert_eq!(desk.deeds(), ["refused"], "reading leaves no trace");
}

#[test]
fn a_reply_is_found_and_sent_once_however_much_others_have_done_since() {
    let Some(sink) = SmtpSink::start("starttls") else { return };
    let desk = desk_with(&sink, refusing());
    desk.onboard(&[]).expect_code(1);
    desk.others_do(1500);
    let sends = |which: &[&str]| desk.world.ssoctl([&["reply"], which, &["--send", "-o", "json"]].concat()).json();
    assert_eq!(sends(&["--last"])["delivery"]["sent"], true);
    desk.others_do(1500);
    for which in [["--last"].as_slice(), &["--ticket", TICKET], &["--row", "1"]] {
        assert_eq!(sends(which)["state"], "sent", "{which:?}");
    }
    assert_eq!(sink.taken().len(), 1);
}

#[test]
fn nobody_is_written_to_whose_account_is_not_known() {
    let Some(sink) = SmtpSink::start("starttls") else { return };
    let desk = desk_with(&sink, Provider::new());
    let words = desk.request_of(
        "nobody@acme.example",
        "onboard",
        &["--client-secret-file", "secret.txt", "--yes", "--send", "-o", "json"],
    );
    let run = desk.world.ssoctl(words).expect_code(75);
    assert_eq!(delivery(&run)["to"], Value::Null);
    assert!(run.stderr.contains("--to"), "{}", run.stderr);
    assert!(sink.taken().is_empty());
    // Somebody who may not ask is told nothing: the owner is.
    let run = desk.onboard(&["--send", "--requested-by", "sam@initech.example", "-o", "json"]).expect_code(1);
    assert_eq!(delivery(&run)["to"], JANE);
    assert!(!run.json()["reply"].as_str().unwrap().contains("Acme"), "{}", run.stdout);
}

#[test]
fn what_check_sends_is_recorded_too() {
    let Some(sink) = SmtpSink::start("starttls") else { return };
    let desk = desk_with(&sink, refusing());
    let words = desk.request("check", &["--client-secret-file", "secret.txt", "--send", "-o", "json"]);
    let report = desk.world.ssoctl(words).expect_code(1).json();
    assert_eq!((report["delivery"]["sent"].as_bool(), sink.taken().len()), (Some(true), 1));
    assert_eq!(desk.deeds(), ["reply_sent"]);
    let said = desk.world.ssoctl(["reply", "--last", "-o", "json"]).expect_code(0).json();
    assert_eq!((&said["state"], &said["reply"]), (&json!("sent"), &report["reply"]));
}

#[test]
fn without_a_verdict_nothing_is_sent() {
    use crate::support::provider::{Behaviour, Route};
    let Some(sink) = SmtpSink::start("starttls") else { return };
    let desk = desk_with(&sink, Provider::new().on(Route::Discovery, Behaviour::close()));
    let report = desk.onboard(&["--send", "-o", "json"]).expect_code(3).json();
    let reply = report["reply"].as_str().unwrap().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(reply.contains("We will try again"), "{reply}");
    assert!(report["delivery"]["error"].as_str().unwrap().contains("no verdict"), "{report}");
    assert!(sink.taken().is_empty() && desk.deeds().is_empty());
}

#[test]
fn what_to_enter_is_a_whole_mail_that_is_sent_recorded_and_printed_again() {
    let Some(sink) = SmtpSink::start("starttls") else { return };
    let desk = desk_with(&sink, Provider::new());
    for (protocol, idp) in [("oidc", "entra"), ("saml", "okta")] {
        let words = ["prepare", "--owner", JANE, "--ticket", TICKET, "--protocol", protocol, "--idp", idp];
        let run = desk.world.ssoctl([&words[..], &["--send", "-o", "json"]].concat()).expect_code(0);
        let sheet = Contract::new().holds(&run);
        assert_eq!((&sheet["delivery"]["sent"], &sheet["delivery"]["to"]), (&json!(true), &json!(JANE)), "{sheet}");
        let reply = sheet["reply"].as_str().unwrap();
        assert!(reply.starts_with("Hello Jane,\n\n") && reply.contains("Step by step at "), "{reply}");
        let taken = sink.taken();
        let mail = taken.last().unwrap();
        assert_eq!(mail.header("Subject").as_deref(), sheet["reply_subject"].as_str());
        assert!(sheet["reply_subject"].as_str().unwrap().ends_with("[48213]"), "{sheet}");
        let again = desk.world.ssoctl(["reply", "--ticket", TICKET, "-o", "json"]).expect_code(0).json();
        assert_eq!((&again["reply"], &again["state"]), (&sheet["reply"], &json!("sent")));
    }
    assert_eq!(desk.deeds(), ["prepared", "reply_sent", "prepared", "reply_sent"]);
    assert_eq!(sink.taken().len(), 2);
    desk.expect_sound();
}

#[test]
fn what_to_enter_stays_reserved_when_its_mail_does_not_go_out() {
    let Some(sink) = SmtpSink::start("tls") else { return };
    let desk = desk_with(&sink, Provider::new());
    let words = ["prepare", "--owner", JANE, "--ticket", TICKET, "--send", "--to", "jane@refused.example"];
    let run = desk.world.ssoctl(words).expect_code(75);
    assert!(
        run.stdout.contains("Redirect URI") && run.stderr.contains("ssoctl reply --row 1 --send --to jane@refused"),
        "{run:?}"
    );
    assert_eq!(desk.deeds(), ["prepared", "reply_failed"]);
    desk.world.ssoctl(["reply", "--ticket", TICKET, "--send", "--to", JANE]).expect_code(0);
    assert_eq!(sink.taken().len(), 1);
    assert_eq!(desk.deeds(), ["prepared", "reply_failed", "reply_sent"]);
}

#[test]
fn a_refused_preparation_is_answered_too() {
    let desk = Desk::new();
    append(&desk, "\n[reply]\nfrom = \"Example Support <support@example.com>\"\n");
    let words = ["prepare", "--owner", "nobody@acme.example", "--ticket", TICKET, "--draft", "no.eml", "-o", "json"];
    let report = Contract::new().holds(&desk.world.ssoctl(words).expect_code(1));
    assert_eq!(report["delivery"]["to"], Value::Null, "nobody is known to write to");
    assert!(
        std::fs::read_to_string(desk.world.path("no.eml")).unwrap().contains("Subject: Single sign-on for your team")
    );
    let again = desk.world.ssoctl(["reply", "--ticket", TICKET, "-o", "json"]).expect_code(0).json();
    assert_eq!((&again["reply"], &again["action"]), (&report["reply"], &json!("refused")));
}

#[test]
fn what_to_enter_is_said_in_words_of_ones_own() {
    let desk = Desk::new();
    std::fs::create_dir_all(desk.world.path("replies/de")).unwrap();
    desk.world.write(
        "replies/de/prepare_oidc.txt",
        "Subject: SSO für {team}{ticket_tag}\n\nHallo {name},\n\n  Umleitung  {redirect_uri}\n\n{steps}\n",
    );
    desk.world.write("replies/de/steps.toml", "[okta]\noidc = '1. Eintragen: {redirect_uri}'\n");
    desk.world.write("replies/de/words.toml", "steps = 'Schritte bei {make}:'\n");
    append(&desk, "\n[reply]\nfolder = \"replies\"\nfrom = \"support@example.com\"\n");
    let folder = desk.world.path("Maildir");
    maildir(&folder);
    let words = ["prepare", "--owner", JANE, "--idp", "okta", "--lang", "de", "--maildir", "Maildir", "-o", "json"];
    let sheet = Contract::new().holds(&desk.world.ssoctl(words).expect_code(0));
    let redirect = sheet["redirect_uri"].as_str().unwrap();
    assert_eq!(sheet["reply_subject"], "SSO für Acme");
    assert_eq!(
        sheet["reply"],
        format!("Hallo Jane,\n\n  Umleitung  {redirect}\n\nSchritte bei Okta:\n\n1. Eintragen: {redirect}\n")
    );
    let draft = sheet["delivery"]["drafts"][0].as_str().unwrap();
    assert!(std::fs::read_to_string(desk.world.path(draft)).unwrap().contains("To: jane@acme.example"));
    let words = ["prepare", "--owner", JANE, "--lang", "fr"];
    assert!(desk.world.ssoctl(words).expect_code(2).stderr.contains("`fr`"));
}

#[test]
fn a_customer_is_written_to_in_their_language() {
    let desk = Desk::facing(refusing());
    std::fs::create_dir_all(desk.world.path("replies/de")).unwrap();
    desk.world.write(
        "replies/de/refused.txt",
        "Subject: SSO für {team}{ticket_tag}\n\nHallo {name},\n\n{steps}\n\nViele Grüße\n",
    );
    desk.world.write("replies/de/reasons.toml", "bad_secret = 'Das Client Secret zu {client_id} stimmt nicht.'\n");
    append(&desk, "\n[reply]\nfolder = \"replies\"\n");
    let report = desk.onboard_json(1, &["--lang", "de"]);
    assert_eq!(report["reply_subject"], "SSO für Acme [48213]");
    assert!(report["reply"].as_str().unwrap().contains(&format!("zu {CLIENT_ID}")), "{}", report["reply"]);
    assert_eq!(desk.latest_details()["reply"], report["reply"]);
    let english = desk.onboard_json(1, &[]);
    assert!(english["reply"].as_str().unwrap().starts_with("Hello Jane,"));
}

#[test]
fn colleagues_are_named_to_the_customer_by_policy_alone() {
    let desk = Desk::new();
    let words = desk.request_of("bill@initech.example", "check", &["--client-secret-file", "secret.txt", "-o", "json"]);
    let named = desk.world.ssoctl(&words).expect_code(1).json();
    assert!(named["reply"].as_str().unwrap().contains("sam@initech.example"));
    append(&desk, "\n[reply]\nname_colleagues = false\n");
    let unnamed = desk.world.ssoctl(&words).expect_code(1).json();
    let reply = unnamed["reply"].as_str().unwrap();
    assert!(!reply.contains("sam@") && reply.contains("Please contact us"), "{reply}");
    assert!(unnamed["checks"].to_string().contains("sam@initech.example"), "the agent is told");
}
