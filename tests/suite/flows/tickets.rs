//! `ssoctl ticket`: from a mail to the connection, or to the reasons why not.

use std::os::unix::fs::PermissionsExt as _;

use serde_json::{Value, json};

use super::json_schema::Contract;
use crate::support::desk::{Desk, JANE, codes, verdict};
use crate::support::provider::{CLIENT_ID, CLIENT_SECRET};
use crate::support::world::Run;

/// What the receiving server writes of a genuine mail.
fn genuine(domain: &str) -> String {
    format!(
        "Authentication-Results: mx.product.example; dkim=pass header.d={domain}; dmarc=pass header.from={domain}\n"
    )
}

fn letter(head: &str, from: &str, body: &str) -> String {
    format!(
        "{head}Received: from mail.acme.example by mx.product.example; Thu, 12 Nov 2026 09:14:02 +0000\nFrom: {from}\n\
         Subject: Re: [Request #48213] SSO\nMessage-ID: <m1@acme.example>\nMIME-Version: 1.0\n\
         Content-Type: text/plain; charset=utf-8\n\n{body}"
    )
}

/// The four values, as customers write them.
fn values(desk: &Desk) -> String {
    format!(
        "Hi,\n\nClient ID: {CLIENT_ID}\nClient Secret: {CLIENT_SECRET}\nIssuer: <{}>\nOwner: {JANE}\n\n-- \nJane\n",
        desk.provider.issuer()
    )
}

/// A desk whose mail server is trusted, with a genuine mail from Jane in `mail.eml`.
fn desk() -> Desk {
    let desk = Desk::new();
    trust(&desk);
    let mail = letter(&genuine("acme.example"), "Jane Doe <jane@acme.example>", &values(&desk));
    desk.world.write("mail.eml", mail);
    desk
}

fn trust(desk: &Desk) {
    let config = std::fs::read_to_string(desk.world.config()).unwrap();
    let trusted = "\n[ticket]\ntrusted_authserv_id = \"mx.product.example\"\nrelays = [\"product.example\"]\n";
    desk.world.write("ssoctl.toml", config + trusted);
}

fn run(desk: &Desk, words: &[&str]) -> Run {
    desk.world.ssoctl(desk.words(&["ticket"], words))
}

fn report(desk: &Desk, code: i32, words: &[&str]) -> Value {
    run(desk, &[words, &["-o", "json"]].concat()).expect_code(code).json()
}

#[test]
fn a_mail_becomes_a_connection_and_its_secret_is_seen_by_nobody() {
    let desk = desk();
    let run = run(&desk, &["mail.eml", "--yes"]).expect_code(0);
    assert!(run.stdout.contains("Done: single sign-on is switched on"), "{}", run.stdout);
    for told in
        ["`Client ID` in line 3 of the text", "(found, not shown)", "Jane Doe <jane@acme.example>", "the subject"]
    {
        assert!(run.stderr.contains(told), "{told}: {}", run.stderr);
    }
    assert!(!run.everything().contains(CLIENT_SECRET), "{}", run.everything());
    assert_eq!(desk.connections(), [["active", "acme.example"]]);
    assert_eq!(desk.world.sql("SELECT action, ticket FROM sso_audit_log"), [["onboarded", "48213"]]);
    let holders = desk.world.files_containing(CLIENT_SECRET);
    let names: Vec<_> = holders.iter().filter_map(|path| path.file_name()?.to_str()).collect();
    assert!(names.iter().all(|name| ["mail.eml", "secret.txt"].contains(name)), "{names:?}");
    desk.expect_sound();
}

#[test]
fn a_secret_in_the_subject_is_kept_and_sent_nowhere() {
    let desk = desk();
    let mail = std::fs::read_to_string(desk.world.path("mail.eml")).unwrap();
    desk.world.write("mail.eml", mail.replace("SSO\n", &format!("SSO, client secret {CLIENT_SECRET}\n")));
    let config = std::fs::read_to_string(desk.world.config()).unwrap();
    desk.world.write("ssoctl.toml", format!("{config}\n[reply]\nfrom = \"Support <support@product.example>\"\n"));
    run(&desk, &["mail.eml", "--yes", "--draft", "reply.eml"]).expect_code(0);
    let listed = desk.world.ssoctl(["audit", "list", "-o", "json"]).expect_code(0).stdout;
    assert!(listed.contains("m1@acme.example") && !listed.contains(CLIENT_SECRET), "{listed}");
    let draft = std::fs::read_to_string(desk.world.path("reply.eml")).unwrap();
    assert!(draft.contains("In-Reply-To: <m1@acme.example>") && !draft.contains(CLIENT_SECRET), "{draft}");
}

#[test]
fn a_secret_in_a_name_is_shown_and_recorded_nowhere() {
    let desk = desk();
    let body = values(&desk).replace(&format!("Client Secret: {CLIENT_SECRET}\n"), "");
    let attached = format!(
        "--b\nContent-Type: text/plain\n\n{body}\n--b\nContent-Type: text/plain\n\
         Content-Disposition: attachment; filename=\"{CLIENT_SECRET}.txt\"\n\nClient Secret: {CLIENT_SECRET}\n--b--\n"
    );
    let from = format!("{CLIENT_SECRET} <jane@acme.example>");
    let mail = letter(&genuine("acme.example"), &from, &attached);
    desk.world.write("mail.eml", mail.replace("text/plain; charset=utf-8", "multipart/mixed; boundary=b"));
    for words in [["--check", "-o", "json"].as_slice(), &["--yes", "-vvv"]] {
        let run = run(&desk, &[&["mail.eml"], words].concat()).expect_code(0);
        assert!(run.everything().contains("(holds the client secret)"), "{}", run.everything());
        assert!(!run.everything().contains(CLIENT_SECRET), "{}", run.everything());
    }
    let listed = desk.world.ssoctl(["audit", "list", "-o", "json"]).expect_code(0).stdout;
    assert!(listed.contains("onboarded") && !listed.contains(CLIENT_SECRET), "{listed}");
}

#[test]
fn nobody_is_written_to_in_answer_to_a_stranger_and_the_owner_not_under_somebody_elses_subject() {
    let desk = desk();
    let config = std::fs::read_to_string(desk.world.config()).unwrap();
    desk.world.write("ssoctl.toml", format!("{config}\n[reply]\nfrom = \"Support <support@product.example>\"\n"));
    let mail = letter(&genuine("evil.example"), "Mallory <m@evil.example>", &values(&desk));
    desk.world.write("mail.eml", mail.replace("SSO\n", "URGENT, call us\n"));
    run(&desk, &["mail.eml", "--dry-run", "--draft", "stranger.eml"]).expect_code(1);
    let draft = std::fs::read_to_string(desk.world.path("stranger.eml")).unwrap();
    assert!(!draft.contains("\nTo: "), "{draft}");
    // Somebody of the company who may not ask: the owner hears of it, in words of ours alone.
    let mail = letter(&genuine("acme.example"), "Somebody <somebody@acme.example>", &values(&desk));
    desk.world.write("mail.eml", mail.replace("SSO\n", "URGENT, call us\n"));
    run(&desk, &["mail.eml", "--dry-run", "--draft", "colleague.eml"]).expect_code(1);
    let draft = std::fs::read_to_string(desk.world.path("colleague.eml")).unwrap();
    assert!(draft.contains(&format!("To: {JANE}")), "{draft}");
    assert!(!draft.contains("URGENT") && !draft.contains("In-Reply-To"), "{draft}");
}

#[test]
fn the_report_says_where_each_value_stood() {
    let desk = desk();
    let run = run(&desk, &["mail.eml", "--check", "-o", "json"]).expect_code(0);
    let report = Contract::new().holds(&run);
    assert_eq!((&report["outcome"], verdict(&report, "ticket-sender")), (&json!("valid"), "pass"));
    assert_eq!(report["request"]["ticket"], "48213");
    let sources = report["request"]["sources"].as_array().unwrap();
    let fields: Vec<&str> = sources.iter().map(|source| source["field"].as_str().unwrap()).collect();
    assert_eq!(fields, ["owner", "issuer", "client_id", "client_secret", "ticket"]);
    assert_eq!(sources[1]["place"], "`Issuer` in line 5 of the text");
    assert!(desk.stored().is_empty());
}

#[test]
fn a_dry_run_writes_nothing() {
    let desk = desk();
    assert_eq!(report(&desk, 0, &["mail.eml", "--dry-run"])["outcome"], "would_onboard");
    assert!(desk.stored().is_empty());
}

#[test]
fn nothing_is_written_unasked() {
    let desk = desk();
    let run = run(&desk, &["mail.eml"]).expect_code(2);
    assert!(run.stderr.contains("add --yes to write without asking"), "{}", run.stderr);
    assert!(desk.stored().is_empty());
}

#[test]
fn an_impostor_is_refused_and_a_confirmed_request_is_on_the_record() {
    let desk = desk();
    let from = "Jane Doe <jane.acme@mailbox.example>";
    desk.world.write("mail.eml", letter(&genuine("mailbox.example"), from, &values(&desk)));
    let refused = report(&desk, 1, &["mail.eml", "--yes"]);
    assert_eq!(codes(&refused, "ticket-sender"), ["sender_stranger"]);
    assert!(
        refused["reply"].as_str().unwrap().contains("we set up single sign-on only when its owner asks"),
        "{refused}"
    );
    assert_eq!(desk.deeds(), ["refused"]);
    // The owner has confirmed it: the requester is no longer whoever wrote.
    run(&desk, &["mail.eml", "--sender-verified", "--extract", "confirmed.jsonl"]).expect_code(0);
    let extracted = std::fs::read_to_string(desk.world.path("confirmed.jsonl")).unwrap();
    assert!(extracted.contains(JANE) && !extracted.contains("mailbox.example"), "{extracted}");
    let words = ["mail.eml", "--yes", "--sender-verified"];
    let done = report(&desk, 0, &words);
    assert_eq!(verdict(&done, "ticket-sender"), "warn");
    let warned = json!({"id": "ticket-sender", "verdict": "warn", "reasons": ["sender_confirmed"]});
    assert!(desk.latest_details()["checks"].as_array().unwrap().contains(&warned), "{}", desk.latest_details());
}

#[test]
fn a_forged_mail_is_refused() {
    let desk = desk();
    let head = "Authentication-Results: mx.product.example; spf=fail smtp.mailfrom=x@evil.example; dmarc=fail header.from=acme.example\n";
    desk.world.write("mail.eml", letter(head, "Jane Doe <jane@acme.example>", &values(&desk)));
    assert_eq!(codes(&report(&desk, 1, &["mail.eml", "--yes"]), "ticket-sender"), ["sender_dmarc_failed"]);
    assert!(desk.connections().is_empty());
}

#[test]
fn values_that_compete_are_both_named_and_neither_is_used() {
    let desk = desk();
    let body = format!(
        "{}\nClient ID: 0oaOTHER000000000000\nClient Secret: another-secret-0123456789\n",
        values(&desk).replace("-- \nJane\n", "")
    );
    desk.world.write("mail.eml", letter(&genuine("acme.example"), "jane@acme.example", &body));
    let run = run(&desk, &["mail.eml", "--yes"]).expect_code(1);
    assert!(run.stdout.contains(CLIENT_ID) && run.stdout.contains("0oaOTHER000000000000"), "{}", run.stdout);
    assert!(
        !run.everything().contains(CLIENT_SECRET) && !run.everything().contains("another-secret"),
        "{}",
        run.everything()
    );
    assert!(desk.connections().is_empty());
    // The right ones by flags.
    let words = ["mail.eml", "--yes", "--client-id", CLIENT_ID, "--client-secret-file", "secret.txt"];
    assert_eq!(report(&desk, 0, &words)["outcome"], "onboarded");
}

#[test]
fn on_a_terminal_it_asks_which_one_is_meant_and_asks_nobody_else_before_a_yes() {
    let desk = desk();
    let body = format!("{}\nClient ID: 0oaOTHER000000000000\n", values(&desk).replace("-- \nJane\n", ""));
    desk.world.write("mail.eml", letter(&genuine("acme.example"), "jane@acme.example", &body));
    let mut terminal = desk.terminal(&["ticket", "mail.eml"]);
    terminal.expect("The mail has 2 values for the client id").expect("Which one is meant").send_line("1");
    terminal.expect("(found, not shown)").expect("Go on, and ask the identity provider").send_line("n");
    let ended = terminal.finish();
    assert!(ended.code == Some(1) && ended.text().contains("nobody was asked anything"), "{}", ended.text());
    assert!(!ended.text().contains("oidc-discovery"), "{}", ended.text());
    assert!(desk.stored().is_empty());

    let mut terminal = desk.terminal(&["ticket", "mail.eml"]);
    terminal.expect("Which one is meant").send_line("7").expect("a number from 1 to 2");
    terminal.expect("Which one is meant").send_line("1");
    terminal.expect("Go on, and ask the identity provider").send_line("y");
    terminal.expect("Switch single sign-on on for Acme?").send_line("y");
    let ended = terminal.finish();
    assert_eq!(ended.code, Some(0), "{}", ended.text());
    assert!(!ended.screen.contains(CLIENT_SECRET));
    assert_eq!(desk.connections(), [["active", "acme.example"]]);
}

#[test]
fn on_a_terminal_the_sender_is_offered_as_the_owner_and_taken_on_a_yes_alone() {
    let desk = desk();
    let body = values(&desk).replace(&format!("Owner: {JANE}\n"), "");
    desk.world.write("mail.eml", letter(&genuine("acme.example"), "jane@acme.example", &body));
    assert_eq!(codes(&report(&desk, 1, &["mail.eml", "--check"]), "request-complete"), ["value_missing"]);
    let mut terminal = desk.terminal(&["ticket", "mail.eml"]);
    terminal.expect("Is it the sender, jane@acme.example?").send_line("y");
    terminal.expect("the sender, as you have said").expect("Go on, and ask the identity provider").send_line("y");
    terminal.expect("Switch single sign-on on for Acme?").send_line("y");
    assert_eq!(terminal.finish().code, Some(0));
    assert_eq!(desk.deeds(), ["onboarded"]);
}

#[test]
fn a_pasted_text_is_read_and_says_nothing_of_its_sender() {
    let desk = desk();
    let words = desk.words(&["ticket"], &["-", "--check", "-o", "json"]);
    let report = desk.world.with_stdin(values(&desk)).ssoctl(words).expect_code(0).json();
    assert_eq!(codes(&report, "ticket-sender"), ["sender_unknown"]);
    let run = desk.world.with_stdin("x").ssoctl(desk.words(&["ticket"], &["-", "--client-secret-stdin", "--check"]));
    assert!(run.expect_code(2).stderr.contains("asked for twice"));
}

#[test]
fn a_file_that_is_no_mail_is_wrong_usage_and_says_how_to_save_one() {
    let desk = desk();
    desk.world.write("request.msg", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0");
    let refused = run(&desk, &["--check", "request.msg"]).expect_code(2);
    assert!(
        refused.stderr.contains("saved by Outlook (.msg)") && refused.stderr.contains(".eml"),
        "{}",
        refused.stderr
    );
    assert!(desk.provider.requests().is_empty() && desk.deeds().is_empty());
}

#[test]
fn a_mailbox_gives_a_report_for_each_mail_and_ends_with_the_worst() {
    let desk = desk();
    let good = std::fs::read_to_string(desk.world.path("mail.eml")).unwrap();
    let bad = letter("", "jane@acme.example", "please see the attachment\n");
    let mbox = format!("From a Thu Nov 12 10:13:58 2026\n{good}\nFrom b Thu Nov 12 10:14:58 2026\n{bad}\n");
    desk.world.write("box.mbox", mbox);
    for folder in ["maildir", "maildir/cur", "maildir/new", "maildir/tmp"] {
        std::fs::create_dir(desk.world.path(folder)).unwrap();
    }
    desk.world.write("maildir/cur/1:2,S", &good);
    desk.world.write("maildir/new/2", &bad);
    desk.world.write("maildir/tmp/3", "not yet delivered");
    for place in ["box.mbox", "maildir"] {
        let run = run(&desk, &[place, "--check", "-o", "json"]).expect_code(1);
        let outcomes: Vec<String> = run
            .stdout
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap()["outcome"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(outcomes, ["valid", "refused"], "{place}");
    }
    let refused = run(&desk, &["box.mbox", "--check", "--owner", JANE]).expect_code(2);
    assert!(refused.stderr.contains("fit one mail"), "{}", refused.stderr);
}

#[test]
fn a_mailbox_becomes_a_file_of_requests_that_nobody_else_reads() {
    let desk = desk();
    desk.world.write("bad.eml", letter(&genuine("evil.example"), "Jane <x@evil.example>", &values(&desk)));
    desk.world.write("half.eml", letter(&genuine("acme.example"), "jane@acme.example", "Client ID: 0oa1b2c3\n"));
    let words = ["mail.eml", "bad.eml", "half.eml", "--extract", "out.jsonl", "-o", "json"];
    let run = run(&desk, &words).expect_code(1);
    let document = Contract::new().holds(&run);
    assert_eq!(document["extraction"]["requests"], 2);
    assert_eq!(document["extraction"]["left_out"][0]["mail"], "bad.eml");
    assert!(!run.everything().contains(CLIENT_SECRET));
    let file = desk.world.path("out.jsonl");
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let text = std::fs::read_to_string(&file).unwrap();
    let rows: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let first = json!({
        "ticket": "48213", "owner": JANE, "issuer": desk.provider.issuer(), "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET
    });
    assert_eq!(rows[0], first);
    assert_eq!(rows[1], json!({"ticket": "48213", "requested_by": "jane@acme.example", "client_id": "0oa1b2c3"}));
    let again = desk.world.ssoctl(desk.words(&["ticket"], &["mail.eml", "--extract", "out.jsonl"])).expect_code(2);
    assert!(again.stderr.contains("is not overwritten"), "{}", again.stderr);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
}

#[test]
fn attached_metadata_is_a_request_for_saml() {
    let desk = desk();
    let fixture = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/mail/saml-attached-xml/mail.eml");
    let report = report(&desk, 1, &[fixture.to_str().unwrap(), "--check"]);
    assert_eq!(
        (&report["protocol"], &report["request"]["metadata"]),
        (&json!("saml"), &json!("attachment:metadata.xml"))
    );
    let sources = report["request"]["sources"].as_array().unwrap();
    assert!(sources.contains(&json!({"field": "metadata", "place": "the attachment metadata.xml"})), "{sources:?}");
}

#[test]
fn what_a_stranger_wrote_does_nothing_to_the_screen() {
    let desk = desk();
    let body = values(&desk).replace("Client ID: ", "Client ID: \u{1b}[2J\u{202e}");
    desk.world
        .write("mail.eml", letter(&genuine("acme.example"), "=?utf-8?Q?=1B]0;x=07Jane?= <jane@acme.example>", &body));
    let run = run(&desk, &["mail.eml", "--check"]).expect_code(1);
    assert!(!run.everything().contains(['\u{1b}', '\u{7}', '\u{202e}']), "{:?}", run.everything());
}

#[test]
fn what_is_no_mail_is_said_without_a_word_of_it() {
    let desk = desk();
    desk.world.write("huge.eml", vec![b'a'; 26 * 1024 * 1024]);
    let run1 = run(&desk, &["huge.eml", "--check"]).expect_code(1);
    assert!(run1.stdout.contains("larger than 25 MiB"), "{}", run1.stdout);
    desk.world.write("empty.eml", "");
    run(&desk, &["empty.eml", "--check"]).expect_code(1);
    run(&desk, &["nowhere.eml", "--check"]).expect_code(2);
    let pattern =
        std::fs::read_to_string(desk.world.config()).unwrap().replace("[ticket]\n", "[ticket]\npattern = \"#\"\n");
    desk.world.write("ssoctl.toml", pattern);
    assert!(run(&desk, &["mail.eml", "--check"]).expect_code(70).stderr.contains("[ticket] pattern"));
}

#[test]
fn a_mail_that_is_more_than_is_read_is_refused_and_the_refusal_recorded() {
    let desk = Desk::new();
    let mail = format!("From: jane@acme.example\nX-Long: {}\n\nHello\n", "x".repeat(10 << 20));
    desk.world.write("long.eml", mail);
    let report = desk.world.ssoctl(["ticket", "long.eml", "--yes", "-o", "json"]).expect_code(1).json();
    assert_eq!((&report["outcome"], codes(&report, "request-complete")), (&"refused".into(), vec!["input_too_long"]));
    let log = desk.world.ssoctl(["audit", "list", "-o", "json"]).expect_code(0).json();
    assert_eq!(log["rows"].as_array().unwrap().len(), 1, "{log}");
}
