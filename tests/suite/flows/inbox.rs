//! The support mailbox: listed from a Maildir and from a real IMAP server, checked, worked through; and never changed.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::json_schema::Contract;
use crate::support::desk::Desk;
use crate::support::mail_servers::{ImapServer, MAIL_PASSWORD, SmtpSink};
use crate::support::provider::{CLIENT_ID, CLIENT_SECRET, Provider};
use crate::support::world::Run;

/// Jane's mail with everything in it, at `desk`'s provider.
fn request(desk: &Desk, number: u32, secret: &str) -> String {
    format!(
        "From: Jane Doe <jane@acme.example>\r\nTo: support@example.com\r\nSubject: SSO for Acme [#{number}]\r\n\
         Date: Sat, 21 Nov 2026 10:00:00 +0000\r\nMessage-ID: <{number}@acme.example>\r\n\
         References: <first@acme.example>\r\nAuthentication-Results: mx.example.com; dmarc=pass header.from=acme.example\r\n\r\n\
         Hello,\r\n\r\nplease switch on single sign-on for us.\r\n\r\nOwner: jane@acme.example\r\nIssuer: {}\r\n\
         Client ID: {CLIENT_ID}\r\nClient Secret: {secret}\r\n\r\nKind regards\r\nJane\r\n",
        desk.provider.issuer(),
    )
}

fn small_talk(number: u32) -> String {
    format!(
        "From: Bob <bob@globex.example>\r\nSubject: Invoice {number}\r\nDate: Fri, 20 Nov 2026 08:00:00 +0000\r\n\
         Message-ID: <talk{number}@globex.example>\r\n\r\nWhere is my invoice?\r\n"
    )
}

/// A desk whose configuration knows the mailbox's server and the mailbox.
fn desk() -> (Desk, PathBuf) {
    let desk = Desk::new();
    let folder = desk.world.path("Maildir");
    for part in ["cur", "new", "tmp"] {
        std::fs::create_dir_all(folder.join(part)).unwrap();
    }
    append(
        &desk,
        "\n[ticket]\npattern = \"#{number}\"\ntrusted_authserv_id = \"mx.example.com\"\n\n[inbox]\nmailbox = \"Maildir\"\n",
    );
    (desk, folder)
}

fn append(desk: &Desk, text: &str) {
    let config = std::fs::read_to_string(desk.world.config()).unwrap();
    desk.world.write("ssoctl.toml", config + text);
}

fn inbox(desk: &Desk, words: &[&str]) -> Run {
    desk.world.ssoctl(desk.words(&["inbox"], &[words, &["-o", "json"]].concat()))
}

fn mails(document: &Value) -> Vec<(&str, &str, Value)> {
    let rows = document["mails"].as_array().unwrap();
    rows.iter()
        .map(|mail| (mail["subject"].as_str().unwrap(), mail["state"].as_str().unwrap(), mail["verdict"].clone()))
        .collect()
}

/// Every file below a folder with its content: to prove that nothing changed.
fn everything(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for part in ["cur", "new", "tmp"] {
        for entry in std::fs::read_dir(folder.join(part)).unwrap() {
            let path = entry.unwrap().path();
            found.push((path.clone(), std::fs::read(path).unwrap()));
        }
    }
    found.sort();
    found
}

#[test]
fn a_mail_that_was_dealt_with_stays_so_however_much_was_done_since() {
    let (desk, folder) = desk();
    std::fs::write(folder.join("new/1700000003.a"), request(&desk, 48213, CLIENT_SECRET)).unwrap();
    desk.onboard(&[]).expect_code(0);
    desk.others_do(6000);
    assert_eq!(mails(&inbox(&desk, &["--all"]).json()), [("SSO for Acme [#48213]", "done", Value::Null)]);
    assert!(mails(&inbox(&desk, &[]).json()).is_empty());
}

#[test]
fn a_maildir_is_listed_checked_and_left_as_it_was() {
    let (desk, folder) = desk();
    std::fs::write(folder.join("new/1700000003.a"), request(&desk, 48213, CLIENT_SECRET)).unwrap();
    std::fs::write(folder.join("cur/1700000002.b:2,S"), request(&desk, 48214, "Zk8~an0therSecretAltogether0123456789"))
        .unwrap();
    std::fs::write(folder.join("new/1700000001.c"), small_talk(1)).unwrap();
    std::fs::write(folder.join("cur/1700000009.d:2,RS"), small_talk(2)).unwrap();
    let before = everything(&folder);
    let contract = Contract::new();

    let listed = contract.holds(&inbox(&desk, &[]).expect_code(0));
    assert_eq!(listed["unanswered"], 3);
    assert!(mails(&listed).iter().all(|(_, state, verdict)| *state == "open" && *verdict == Value::Null), "{listed}");
    assert!(desk.provider.requests().is_empty(), "a list asks nobody");

    let run = inbox(&desk, &["--check-all"]).expect_code(0);
    let checked = contract.holds(&run);
    assert_eq!(
        mails(&checked),
        [("SSO for Acme [#48213]", "open", json!("valid")), ("SSO for Acme [#48214]", "open", json!("refused"))],
        "{checked:#}"
    );
    assert_eq!(checked["mails"][1]["reasons"], json!(["bad_secret"]));
    assert!(!run.everything().contains(CLIENT_SECRET) && desk.deeds().is_empty());
    assert_eq!(desk.world.files_containing(CLIENT_SECRET).len(), 2, "the mail and the test's own file");

    let asked = desk.provider.requests().len();
    assert!(asked > 0);
    let again = contract.holds(&inbox(&desk, &["--check-all"]).expect_code(0));
    assert_eq!(mails(&again), mails(&checked));
    assert_eq!(desk.provider.requests().len(), asked, "a fresh verdict is kept");
    inbox(&desk, &["--check-all", "--fresh"]).expect_code(0);
    assert!(desk.provider.requests().len() > asked);
    assert_eq!(mails(&inbox(&desk, &["--all"]).json()).len(), 3, "what asks for nothing is there on request");
    assert_eq!(mails(&inbox(&desk, &["--search", "48214"]).json()).len(), 1);
    assert_eq!(mails(&inbox(&desk, &["--limit", "1"]).json())[0].0, "SSO for Acme [#48213]");
    assert_eq!(everything(&folder), before, "nothing in the mailbox changes");
}

#[test]
fn what_was_dealt_with_leaves_the_list_until_the_customer_writes_again() {
    let (desk, folder) = desk();
    std::fs::write(folder.join("new/1700000003.a"), request(&desk, 48213, CLIENT_SECRET)).unwrap();
    desk.onboard(&[]).expect_code(0);
    // The desk's ticket is the number in the subject; the mail came before.
    assert!(mails(&inbox(&desk, &[]).json()).is_empty());
    assert_eq!(mails(&inbox(&desk, &["--all"]).json())[0].1, "done");
    let later =
        request(&desk, 48213, CLIENT_SECRET).replace("21 Nov 2026", "21 Nov 2036").replace("<48213@", "<later@");
    std::fs::write(folder.join("new/1700000004.b"), later).unwrap();
    assert_eq!(mails(&inbox(&desk, &[]).json()).len(), 1);
}

#[test]
fn an_imap_folder_is_listed_and_checked_and_no_mail_of_it_is_marked() {
    let desk = Desk::new();
    let mails_there = [
        ("new/1700000003.a", request(&desk, 48213, CLIENT_SECRET)),
        ("cur/1700000002.b:2,RS", request(&desk, 48214, "answered")),
        ("new/1700000001.c", small_talk(1)),
    ];
    let there: Vec<(&str, &str)> = mails_there.iter().map(|(name, mail)| (*name, mail.as_str())).collect();
    let Some(server) = ImapServer::start(&there) else { return };
    let password = desk.secret_file("imap-password", MAIL_PASSWORD);
    append(&desk, &server.config(&password));
    append(&desk, "\n[ticket]\npattern = \"#{number}\"\ntrusted_authserv_id = \"mx.example.com\"\n");
    let contract = Contract::new();

    let listed = contract.holds(&inbox(&desk, &[]).expect_code(0));
    assert_eq!(listed["unanswered"], 2, "{listed:#}");
    let run = inbox(&desk, &["--check-all"]).expect_code(0);
    let checked = contract.holds(&run);
    assert_eq!(mails(&checked), [("SSO for Acme [#48213]", "open", json!("valid"))], "{checked:#}");
    assert!(!run.everything().contains(MAIL_PASSWORD) && !run.everything().contains(CLIENT_SECRET));
    // Maildir keeps flags in the names; that the server moves new mails to `cur` is its own affair.
    let seen: Vec<String> = server.files().into_iter().filter(|name| name.contains('S')).collect();
    assert_eq!(seen.len(), 1, "only the one that was seen before: {seen:?}");

    desk.secret_file("imap-password", "CANARY-wrong");
    let refused = inbox(&desk, &[]).expect_code(70);
    assert!(refused.stderr.contains("sign-in") && !refused.everything().contains("CANARY"), "{}", refused.everything());
    desk.secret_file("imap-password", MAIL_PASSWORD);
    let url = format!("imaps://localhost:{}/Nowhere", server.port);
    let missing = inbox(&desk, &["--mailbox", &url]).expect_code(70);
    assert!(missing.stderr.contains("Nowhere"), "{}", missing.stderr);
}

#[test]
fn a_server_that_is_not_there_or_not_to_be_trusted_is_said() {
    let (desk, _) = desk();
    let config = std::fs::read_to_string(desk.world.config()).unwrap();
    let password = desk.secret_file("imap-password", MAIL_PASSWORD);
    let account = format!("[inbox]\nuser = \"support\"\npassword_file = {password:?}\n");
    desk.world.write("ssoctl.toml", config.replace("[inbox]\n", &account));
    let run = inbox(&desk, &["--mailbox", "imaps://localhost:1/INBOX"]).expect_code(3);
    assert!(run.stderr.contains("localhost:1"), "{}", run.stderr);
    let Some(server) = ImapServer::start(&[]) else { return };
    let url = format!("imaps://localhost:{}/INBOX", server.port);
    let run = inbox(&desk, &["--mailbox", &url]).expect_code(3);
    assert!(run.stderr.to_lowercase().contains("certificate"), "{}", run.stderr);
    for (mailbox, code) in [("imap://localhost", 2), ("imaps://user:pass@localhost/INBOX", 2), ("/nowhere", 2)] {
        inbox(&desk, &["--mailbox", mailbox]).expect_code(code);
    }
}

#[test]
fn an_agent_works_through_the_mailbox() {
    let (desk, folder) = desk();
    std::fs::write(folder.join("new/1700000003.a"), request(&desk, 48213, CLIENT_SECRET)).unwrap();
    std::fs::write(folder.join("new/1700000002.b"), small_talk(1)).unwrap();
    append(&desk, "\n[reply]\nfrom = \"Example Support <support@example.com>\"\n");
    let mut terminal = desk.terminal(&["inbox", "work"]);
    terminal.expect("Mail 1 of 2").expect("SSO for Acme [#48213]").expect("What now?").send_line("s");
    terminal.expect("`Client ID` in line").expect("(found, not shown)").expect("What now?").send_line("c");
    terminal.expect("verdict  valid").expect("What now?").send_line("o");
    terminal.expect("Go on, and ask").send_line("y");
    terminal.expect("Switch single sign-on on for Acme").send_line("y");
    terminal.expect("Done: single sign-on is switched on").expect("The reply?").send_line("d");
    terminal.expect("Draft written").expect("Mail 2 of 2").expect("What now?").send_line("s");
    terminal.expect("nothing of a request").expect("What now?").send_line("n");
    terminal.expect("1 mail worked on, of 2");
    assert_eq!(terminal.finish().code, Some(0));
    assert_eq!(desk.connections(), [["active", "acme.example"]]);
    assert_eq!(desk.latest_details()["thread"]["message_id"], "<48213@acme.example>");
    let drafts: Vec<PathBuf> =
        std::fs::read_dir(folder.join(".Drafts/cur")).unwrap().map(|entry| entry.unwrap().path()).collect();
    let draft = std::fs::read_to_string(&drafts[0]).unwrap();
    for line in [
        "To: jane@acme.example\r\n",
        "Subject: Re: SSO for Acme [#48213]\r\n",
        "In-Reply-To: <48213@acme.example>\r\n",
        "References: <first@acme.example> <48213@acme.example>\r\n",
    ] {
        assert!(draft.contains(line), "{line} in {draft}");
    }
}

#[test]
fn an_earlier_reply_is_not_offered_as_the_answer_to_what_was_not_done() {
    let (desk, folder) = desk();
    std::fs::write(folder.join("new/1700000003.a"), request(&desk, 48213, CLIENT_SECRET)).unwrap();
    append(&desk, "\n[reply]\nfrom = \"Example Support <support@example.com>\"\n");
    desk.onboard(&["--requested-by", "sam@initech.example"]).expect_code(1);
    let mut terminal = desk.terminal(&["inbox", "work"]);
    terminal.expect("Mail 1 of 1").expect("What now?").send_line("o");
    terminal.expect("Go on, and ask").send_line("n");
    terminal.expect("nothing was written").expect("1 mail worked on");
    assert_eq!(terminal.finish().code, Some(0));
    assert!(!folder.join(".Drafts").exists());
}

#[test]
fn a_mail_that_cannot_be_read_does_not_end_the_round() {
    let (desk, folder) = desk();
    let large = request(&desk, 48214, CLIENT_SECRET) + &"x".repeat(26 * 1024 * 1024);
    std::fs::write(folder.join("new/1700000003.a"), large).unwrap();
    std::fs::write(folder.join("new/1700000002.b"), request(&desk, 48213, CLIENT_SECRET)).unwrap();
    let mut terminal = desk.terminal(&["inbox", "work"]);
    terminal.expect("Mail 1 of 2").expect("What now?").send_line("s");
    terminal.expect("too large").expect("What now?").send_line("c");
    terminal.expect("unreadable").expect("What now?").send_line("o");
    terminal.expect("too large").expect("Mail 2 of 2").expect("What now?").send_line("s");
    terminal.expect("`Client ID` in line").expect("What now?").send_line("q");
    assert_eq!(terminal.finish().code, Some(0));
}

#[test]
fn a_server_that_hangs_up_meanwhile_is_connected_to_again() {
    let desk = Desk::new();
    let mails = [
        ("new/1700000003.a", request(&desk, 48213, CLIENT_SECRET)),
        ("new/1700000002.b", request(&desk, 48214, CLIENT_SECRET)),
    ];
    let there: Vec<(&str, &str)> = mails.iter().map(|(name, mail)| (*name, mail.as_str())).collect();
    let Some(server) = ImapServer::start(&there) else { return };
    let password = desk.secret_file("imap-password", MAIL_PASSWORD);
    append(&desk, &server.config(&password));
    append(&desk, "\n[ticket]\npattern = \"#{number}\"\ntrusted_authserv_id = \"mx.example.com\"\n");
    let mut terminal = desk.terminal(&["inbox", "work"]);
    terminal.expect("Mail 1 of 2").expect("What now?");
    server.hang_up();
    terminal.send_line("s").expect("`Client ID` in line").expect("What now?");
    server.hang_up();
    terminal.send_line("n").expect("Mail 2 of 2").expect("What now?").send_line("q");
    assert_eq!(terminal.finish().code, Some(0));
}

#[test]
fn a_ticket_is_answered_in_its_thread() {
    let Some(sink) = SmtpSink::start("starttls") else { return };
    let desk = Desk::facing(Provider::new().client(CLIENT_ID, "another secret"));
    let password = desk.secret_file("smtp-password", MAIL_PASSWORD);
    append(&desk, &sink.config(&password));
    append(&desk, "\n[ticket]\npattern = \"#{number}\"\ntrusted_authserv_id = \"mx.example.com\"\n");
    desk.world.write("request.eml", request(&desk, 48213, CLIENT_SECRET));
    let run = desk.world.ssoctl(desk.words(&["ticket", "request.eml", "--yes", "--send"], &[])).expect_code(1);
    assert!(run.stdout.contains("Sent to jane@acme.example"), "{}", run.everything());
    let taken = sink.taken();
    assert_eq!(taken[0].header("In-Reply-To").as_deref(), Some("<48213@acme.example>"));
    assert_eq!(taken[0].header("Subject").as_deref(), Some("Re: SSO for Acme [#48213]"));
}

#[test]
fn the_mailbox_is_worked_through_at_a_terminal_alone() {
    let (desk, _) = desk();
    let run = desk.world.ssoctl(["inbox", "work"]).expect_code(2);
    assert!(run.stderr.contains("terminal"), "{}", run.stderr);
    let empty = desk.world.ssoctl(["inbox"]).expect_code(0);
    assert!(empty.stdout.starts_with("Nothing to do"), "{}", empty.stdout);
    let searched = desk.world.ssoctl(["inbox", "--search", "okta"]).expect_code(0);
    assert!(searched.stdout.contains("with `okta` in sender or subject"), "{}", searched.stdout);
}

#[test]
fn a_password_in_the_mailboxs_address_is_refused_and_not_repeated() {
    let (desk, _) = desk();
    for mailbox in ["imaps://u:CANARY@mx.example.com/x", "imaps://u:CAN/ARY@mx.example.com", "http://u:CANARY@h"] {
        let run = desk.world.ssoctl(["inbox", "--mailbox", mailbox]).expect_code(2);
        assert!(run.stderr.contains("is no mailbox") && !run.everything().contains("CAN"), "{}", run.everything());
    }
}

#[test]
fn a_secret_in_a_subject_is_not_shown() {
    let (desk, folder) = desk();
    let labelled =
        request(&desk, 48213, CLIENT_SECRET).replace("SSO for Acme", &format!("Client Secret: {CLIENT_SECRET}"));
    let bare = request(&desk, 48214, CLIENT_SECRET).replace("SSO for Acme", CLIENT_SECRET);
    std::fs::write(folder.join("new/1700000001.a"), labelled).unwrap();
    assert!(!inbox(&desk, &[]).stdout.contains(CLIENT_SECRET));
    std::fs::write(folder.join("new/1700000002.b"), bare).unwrap();
    // Not even while it is checked, nor where it looks like any other words: it was read by then.
    let plain = "Tr0ub4dor";
    let worded = request(&desk, 48215, plain).replace("SSO for Acme", &format!("about {plain}"));
    std::fs::write(folder.join("new/1700000003.c"), worded).unwrap();
    let mut terminal = desk.terminal(&["inbox", "work", "--search", "48215"]);
    terminal.expect("Mail 1 of 1").expect("What now?").send_line("q");
    let shown = terminal.finish().text();
    assert!(shown.contains("(holds a client secret)") && !shown.contains(plain), "{shown}");
    let checked = inbox(&desk, &["--check-all"]).expect_code(0);
    assert!(checked.stderr.contains("checking 3 of 3"), "{}", checked.stderr);
    for secret in [plain, CLIENT_SECRET] {
        assert!(!checked.everything().contains(secret), "{}", checked.everything());
    }
    std::fs::remove_file(folder.join("new/1700000003.c")).unwrap();
    for words in [["--check-all"].as_slice(), &[]] {
        let listed = inbox(&desk, words);
        let masked = mails(&listed.json()).iter().filter(|mail| mail.0 == "(holds a client secret)").count();
        assert_eq!((masked, listed.stdout.contains(CLIENT_SECRET)), (2, false), "{}", listed.stdout);
        let table = desk.world.ssoctl(desk.words(&["inbox"], words));
        assert!(!table.stdout.contains(CLIENT_SECRET), "{}", table.stdout);
    }
}

#[test]
fn a_hostile_subject_acts_on_no_screen() {
    let (desk, folder) = desk();
    let mail = small_talk(1).replace("Invoice 1", "=?utf-8?b?G1sySgDigK5leGU=?= \u{1b}]0;x\u{7}");
    std::fs::write(folder.join("new/1700000003.a"), mail).unwrap();
    for words in [["inbox"].as_slice(), &["inbox", "-o", "json"]] {
        let run = desk.world.ssoctl(words).expect_code(0);
        let harmless = |one: char| one == '\n' || ssoctl::foreign::is_harmless(one);
        assert!(run.everything().chars().all(harmless), "{:?}", run.everything());
    }
}
