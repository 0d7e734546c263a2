//! `ssoctl` on a terminal: what it asks, what it shows meanwhile, and how it takes a no and a Ctrl-C.

use crate::support::desk::{Desk, JANE, column};
use crate::support::provider::{Behaviour, CLIENT_ID, CLIENT_SECRET, Dialect, Provider, Route};
use crate::support::tty::{Ended, Terminal};

/// Answers everything that `onboard` asks for, up to its confirmation.
fn answer(terminal: &mut Terminal, desk: &Desk) {
    terminal.expect("Ticket").send_line("48213");
    terminal.expect("Team owner's e-mail").send_line(JANE);
    terminal.expect("Issuer URL").send_line(desk.provider.issuer());
    terminal.expect("Client ID").send_line(CLIENT_ID);
    terminal.expect("Client secret (not shown)").send_line(CLIENT_SECRET);
}

/// The terminal after the program, as `stty` sees it: exit status, then whether typed text is echoed.
const AFTERWARDS: &str =
    "echo \"status $status\"; stty -a | grep -ow -e '-*echo' -e '-*icanon' | tr '\\n' ' '; echo end";

#[track_caller]
fn interrupted(ended: &Ended, desk: &Desk) {
    let text = ended.text();
    assert!(text.contains("status 130"), "{text}");
    assert!(text.contains("interrupted: nothing was written"), "{text}");
    assert!(text.contains("icanon echo end"), "the terminal is not as it was: {text}");
    // The cursor was hidden no more often than it was shown again after.
    let (hidden, shown) = (ended.screen.rfind("\u{1b}[?25l"), ended.screen.rfind("\u{1b}[?25h"));
    assert!(hidden <= shown, "the cursor stayed hidden: {:?}", ended.screen);
    assert!(!ended.screen.contains(CLIENT_SECRET), "{text}");
    assert!(desk.stored().is_empty());
}

#[test]
fn onboard_with_nothing_else_asks_checks_shows_and_writes_on_yes() {
    let desk = Desk::new();
    let mut terminal = desk.terminal(&["onboard"]);
    answer(&mut terminal, &desk);
    terminal.expect("Switch single sign-on on for Acme?").send_line("y");
    let ended = terminal.finish();
    let text = ended.text();
    assert_eq!(ended.code, Some(0), "{text}");
    assert!(!ended.screen.contains(CLIENT_SECRET), "the secret was echoed: {text}");
    assert_eq!(desk.connections(), [["active", "acme.example"]]);

    // A live line for every check, then the table of all of them, then what will be written, before the question.
    let (before, after) = text.split_once("Switch single sign-on on for Acme?").unwrap();
    for check in ["oidc-discovery", "oidc-keys", "oidc-credentials", "oidc-redirect-uri", "team-owner", "team-domain"] {
        assert!(before.matches(check).count() >= 2, "{check}: {before}");
    }
    let written = before.split_once("To be written").unwrap().1;
    for told in [desk.provider.issuer(), CLIENT_ID, "acme.example", "the only way in"] {
        assert!(written.contains(told), "{told}: {written}");
    }
    assert!(after.contains("Done: single sign-on is switched on"), "{after}");
    let (_, command) = after.split_once("For the ticket, the same as one command").unwrap();
    for word in ["ssoctl onboard", "--ticket 48213", "--owner jane@acme.example", "--issuer", "--client-id"] {
        assert!(command.contains(word), "{word}: {command}");
    }
}

#[test]
fn in_a_pipe_all_that_is_missing_is_said_at_once_the_confirmation_too() {
    let desk = Desk::new();
    let run = desk.world.ssoctl(["onboard", "--owner", "jane@acme.example"]).expect_code(2);
    for flag in ["--issuer", "--client-id", "--client-secret-file", "--yes"] {
        assert!(run.stderr.contains(&format!("hint: add {flag}")), "{flag}: {}", run.stderr);
    }
    let run = desk.world.ssoctl(["onboard", "--owner", "jane@acme.example", "--yes"]).expect_code(2);
    assert!(run.stderr.contains("add --issuer") && !run.stderr.contains("--yes"), "{}", run.stderr);
}

#[test]
fn only_what_is_missing_is_asked_for() {
    let desk = Desk::new();
    let words = desk.request("onboard", &["--client-secret-file", "secret.txt"]);
    let mut terminal = desk.world.terminal(&words);
    terminal.expect("Switch single sign-on on for Acme?").send_line("y");
    let ended = terminal.finish();
    let text = ended.text();
    assert!(ended.code == Some(0) && !text.contains("Paste the values"), "{text}");
    assert!(text.contains("--client-secret-file secret.txt") && !text.contains("ask for the secret"), "{text}");
    assert_eq!(desk.deeds(), ["onboarded"]);
}

#[test]
fn a_no_writes_nothing() {
    for answer_given in ["n\r", "\r"] {
        let desk = Desk::new();
        let mut terminal = desk.terminal(&["onboard"]);
        answer(&mut terminal, &desk);
        terminal.expect("Switch single sign-on on for Acme?").send(answer_given);
        let ended = terminal.finish();
        assert_eq!(ended.code, Some(1), "{}", ended.text());
        let text = ended.text();
        assert!(text.contains("not confirmed: nothing was written") && text.contains("to go on later:"), "{text}");
        // On a line of its own, where it is too long for the rest of one: to be copied whole.
        let whole = |line: &str| line.trim().starts_with("ssoctl onboard --ticket") && line.contains("--client-id");
        assert!(text.lines().any(whole), "{text}");
        assert!(desk.stored().is_empty());
    }
}

#[test]
fn a_no_is_a_document_where_one_was_asked_for() {
    let desk = Desk::new();
    let words = desk.request("onboard", &["--client-secret-file", "secret.txt", "-o", "json"]);
    let mut terminal = desk.world.terminal(&words);
    terminal.expect("Switch single sign-on on for Acme?").send_line("n");
    let text = terminal.finish().text();
    assert!(text.contains("\"outcome\":\"failed\"") && text.contains("not confirmed: nothing was written"), "{text}");
}

#[test]
fn a_refusal_is_shown_without_a_question() {
    let desk = Desk::facing(Provider::new().client(CLIENT_ID, "another"));
    let mut terminal = desk.terminal(&["onboard"]);
    answer(&mut terminal, &desk);
    let ended = terminal.finish();
    assert_eq!(ended.code, Some(1));
    assert!(!ended.text().contains("Switch single sign-on on"), "{}", ended.text());
    assert_eq!(desk.deeds(), ["refused"]);
}

#[test]
fn an_answer_left_empty_is_named_as_missing() {
    let desk = Desk::new();
    let mut terminal = desk.terminal(&["onboard"]);
    terminal.expect("Ticket").send_line("");
    for question in ["Team owner's e-mail", "Issuer URL", "Client ID"] {
        for _ in 0..3 {
            terminal.expect(question).send_line("");
            terminal.expect("this one is needed");
        }
    }
    for _ in 0..3 {
        terminal.expect("Client secret (not shown)").send_line("");
        terminal.expect("this one is needed");
    }
    let ended = terminal.finish();
    let text = ended.text();
    assert!(ended.code == Some(2) && text.contains("add --owner EMAIL"), "{text}");
    assert!(!text.contains("there is no terminal"), "{text}");
    assert!(desk.stored().is_empty());
}

#[test]
fn a_secret_that_came_with_more_lines_or_with_a_key_that_is_no_letter_is_asked_for_again() {
    let desk = Desk::new();
    let mut terminal = desk.terminal(&["onboard"]);
    terminal.expect("Ticket").send_line("48213");
    terminal.expect("Team owner's e-mail").send_line(JANE);
    terminal.expect("Issuer URL").send_line(desk.provider.issuer());
    terminal.expect("Client ID").send_line(CLIENT_ID);
    let (first, rest) = CLIENT_SECRET.split_at(5);
    terminal.expect("Client secret (not shown)").send(&format!("{first}\r{rest}"));
    terminal.expect("a terminal takes only one line");
    terminal.expect("Client secret (not shown)").send_line(&format!("{CLIENT_SECRET}\u{1b}[D"));
    terminal.expect("control character");
    terminal.expect("Client secret (not shown)").send(&format!("{CLIENT_SECRET}\r\r"));
    terminal.expect("Switch single sign-on on for Acme?").send_line("y");
    let ended = terminal.finish();
    assert_eq!(ended.code, Some(0), "{}", ended.text());
    assert!(!ended.screen.contains(first) && !ended.screen.contains(rest), "{}", ended.text());
    assert_eq!(desk.deeds(), ["onboarded"]);
}

#[test]
fn a_secret_on_a_standard_input_that_is_a_terminal_is_not_shown() {
    let desk = Desk::new();
    let mut terminal = desk.world.terminal(desk.request("onboard", &["--client-secret-stdin", "--yes"]));
    terminal.expect("Client secret (not shown)").send_line(CLIENT_SECRET);
    let ended = terminal.finish();
    assert_eq!(ended.code, Some(0), "{}", ended.text());
    assert!(!ended.screen.contains(CLIENT_SECRET), "the secret was echoed: {}", ended.text());
}

#[test]
fn an_answer_that_cannot_be_right_is_said_at_once_and_asked_for_again() {
    let desk = Desk::new();
    let mut terminal = desk.terminal(&["onboard"]);
    terminal.expect("Ticket").send_line("48213");
    terminal.expect("Team owner's e-mail").send_line("jane at acme");
    terminal.expect("warning").expect("Team owner's e-mail").send_line(JANE);
    terminal.expect("Issuer URL").send_line("acme");
    terminal.expect("warning").expect("Issuer URL").send_line(desk.provider.issuer());
    terminal.expect("Client ID").send_line(CLIENT_ID);
    terminal.expect("Client secret (not shown)").send_line(desk.provider.client_secret());
    terminal.expect("Switch single sign-on on for Acme?").send_line("y");
    assert_eq!(terminal.finish().code, Some(0));
    assert_eq!(desk.deeds(), ["onboarded"]);
}

#[test]
fn ctrl_c_at_the_secret_leaves_an_echoing_terminal() {
    let desk = Desk::new();
    let mut terminal = desk.world.terminal_then(desk.words(&["onboard"], &[]), AFTERWARDS);
    terminal.expect("Ticket").send_line("");
    terminal.expect("Team owner's e-mail").send_line(JANE);
    terminal.expect("Issuer URL").send_line(desk.provider.issuer());
    terminal.expect("Client ID").send_line(CLIENT_ID);
    terminal.expect("Client secret (not shown)").send("CANARY-half").interrupt();
    let ended = terminal.finish();
    assert!(!ended.screen.contains("CANARY-half"), "{}", ended.text());
    interrupted(&ended, &desk);
}

#[test]
fn ctrl_c_at_a_question_ends_the_run() {
    let desk = Desk::new();
    let mut terminal = desk.world.terminal_then(desk.words(&["onboard"], &[]), AFTERWARDS);
    terminal.expect("Ticket").send_line("48213");
    terminal.expect("Team owner's e-mail").send("jane@").interrupt();
    interrupted(&terminal.finish(), &desk);
}

#[test]
fn ctrl_c_at_the_confirmation_writes_nothing() {
    let desk = Desk::new();
    let words = desk.request("onboard", &["--client-secret-file", "secret.txt"]);
    let mut terminal = desk.world.terminal_then(&words, AFTERWARDS);
    terminal.expect("Switch single sign-on on for Acme?").interrupt();
    interrupted(&terminal.finish(), &desk);
}

#[test]
fn ctrl_c_during_a_slow_check_writes_nothing() {
    let desk = Desk::facing(Provider::new().on(Route::Token, Behaviour::baseline().delay_ms(8000)));
    let words = desk.request("onboard", &["--client-secret-file", "secret.txt", "--yes"]);
    let mut terminal = desk.world.terminal_then(&words, AFTERWARDS);
    terminal.expect("oidc-discovery").interrupt();
    interrupted(&terminal.finish(), &desk);
}

#[test]
fn the_end_of_input_at_a_question_is_said_for_what_it_is() {
    let desk = Desk::new();
    let mut terminal = desk.world.terminal_then(desk.words(&["onboard"], &[]), AFTERWARDS);
    terminal.expect("Ticket").send_line("");
    terminal.expect("Team owner's e-mail").send_line(JANE);
    terminal.expect("Issuer URL").send_line(desk.provider.issuer());
    terminal.expect("Client ID").send_line(CLIENT_ID);
    terminal.expect("Client secret (not shown)").end_of_input();
    let ended = terminal.finish();
    let text = ended.text();
    assert!(text.contains("status 2") && text.contains("no answer could be read"), "{text}");
    assert!(text.contains("icanon echo end"), "{text}");
    assert!(desk.stored().is_empty());
}

#[test]
fn a_mail_that_is_pasted_into_a_question_does_not_answer_the_next_ones() {
    let desk = Desk::new();
    let mut terminal = desk.terminal(&["onboard"]);
    terminal.expect("Ticket").send_line("48213");
    let values = format!("Client ID: {CLIENT_ID}\rIssuer: {}\rOwner: {JANE}", desk.provider.issuer());
    terminal.expect("Team owner's e-mail").send_line(&values);
    terminal.expect("is not an e-mail address").expect("`ssoctl ticket FILE` reads");
    terminal.expect("Team owner's e-mail").send_line(JANE);
    terminal.expect("Issuer URL").send_line(desk.provider.issuer());
    terminal.expect("Client ID").send_line(CLIENT_ID);
    terminal.expect("Client secret (not shown)").send_line(CLIENT_SECRET);
    terminal.expect("Switch single sign-on on for Acme?").send_line("y");
    assert_eq!(terminal.finish().code, Some(0));
}

#[test]
fn values_that_are_pasted_in_the_order_of_the_questions_answer_them() {
    let desk = Desk::new();
    let mut terminal = desk.terminal(&["onboard"]);
    let values = format!("48213\r{JANE}\r{}\r{CLIENT_ID}", desk.provider.issuer());
    terminal.expect("Ticket").send_line(&values);
    terminal.expect("Client secret (not shown)").send_line(CLIENT_SECRET);
    terminal.expect("Switch single sign-on on for Acme?").send_line("y");
    assert_eq!(terminal.finish().code, Some(0));
}

#[test]
fn nobody_is_asked_for_what_could_not_be_used() {
    let desk = Desk::new();
    let mail = format!(
        "From: jane@acme.example\r\nSubject: SSO\r\n\r\nIssuer: https://a.example\r\nIssuer: {}\r\n",
        desk.provider.issuer()
    );
    desk.world.write("request.eml", mail);
    for words in [["onboard"].as_slice(), &["ticket", "request.eml"]] {
        let ended = desk.terminal(&[words, &["--database", "sqlite:nowhere.db"]].concat()).finish();
        assert_eq!(ended.code, Some(70), "{}", ended.text());
        assert!(ended.text().contains("there is no database") && !ended.text().contains('?'), "{}", ended.text());
        assert!(!ended.text().contains("Ticket (may"), "{}", ended.text());
    }
    for words in [["--lang", "xx"].as_slice(), &["--send"]] {
        let ended = desk.terminal(&[&["onboard"], words].concat()).finish();
        assert!(ended.code != Some(0) && !ended.text().contains("Ticket"), "{words:?}: {}", ended.text());
    }
    let key = desk.world.path("ssoctl.key");
    std::fs::rename(&key, desk.world.path("moved.key")).unwrap();
    let ended = desk.terminal(&["onboard"]).finish();
    assert!(ended.text().contains("there is no key file") && !ended.text().contains("Ticket"), "{}", ended.text());
    std::fs::rename(desk.world.path("moved.key"), &key).unwrap();

    desk.world.ssoctl(["prepare", "--owner", JANE]).expect_code(0);
    for words in [["connection", "suspend"], ["scim", "issue"], ["scim", "rotate"]] {
        let ended = desk.terminal(&[words.as_slice(), &["--team", "1042"]].concat()).finish();
        assert_eq!(ended.code, Some(1), "{words:?}: {}", ended.text());
        assert!(ended.text().contains("only reserved") && !ended.text().contains("[y/N]"), "{}", ended.text());
    }
}

#[test]
fn the_demo_is_told_in_one_piece() {
    let desk = Desk::new();
    let ended = desk.world.terminal(["demo"]).finish();
    assert_eq!(ended.code, Some(0));
    assert!(ended.text().starts_with("Six requests"), "{}", ended.text());
}

#[test]
fn removing_and_suspending_ask_first() {
    let desk = Desk::new();
    desk.onboard(&[]).expect_code(0);
    for (verb, question) in
        [("suspend", "Switch single sign-on off for Acme"), ("remove", "Delete the connection of Acme")]
    {
        let before = desk.stored();
        let mut terminal = desk.terminal(&["connection", verb, "--team", "1042"]);
        terminal.expect(question).send_line("n");
        let ended = terminal.finish();
        assert_eq!((ended.code, desk.stored()), (Some(1), before), "{verb}: {}", ended.text());
        let mut terminal = desk.terminal(&["connection", verb, "--team", "1042"]);
        terminal.expect(question).send_line("y");
        assert_eq!(terminal.finish().code, Some(0), "{verb}");
    }
    assert_eq!(desk.deeds(), ["onboarded", "suspended", "removed"]);
}

#[test]
fn activating_asks_after_it_has_checked() {
    let desk = Desk::new();
    desk.onboard(&["--stage"]).expect_code(0);
    let mut terminal = desk.terminal(&["connection", "activate", "--team", "1042"]);
    terminal
        .expect("oidc-credentials")
        .expect("the only way in")
        .expect("Switch single sign-on on for Acme?")
        .send_line("n");
    assert_eq!(terminal.finish().code, Some(1));
    assert_eq!(column(desk.world.sql("SELECT status FROM sso_connections")), ["staged"]);
    let mut terminal = desk.terminal(&["connection", "activate", "--team", "1042"]);
    terminal.expect("Switch single sign-on on for Acme?").send_line("y");
    let ended = terminal.finish();
    let text = ended.text();
    assert_eq!(ended.code, Some(0), "{text}");
    assert_eq!(desk.deeds(), ["staged", "activated"]);
    let (before, after) = text.split_once("Switch single sign-on on for Acme?").unwrap();
    let (_, stored) = before.split_once("To be switched on as it is stored").unwrap();
    for told in [desk.provider.issuer(), CLIENT_ID, "acme.example (the owner's own)"] {
        assert!(stored.contains(told), "{told}: {stored}");
    }
    assert!(after.contains("Done: ") && !after.contains("oidc-credentials"), "the verdicts are shown once: {after}");
}

#[test]
fn a_question_after_warnings_says_that_there_are_some() {
    let desk = Desk::facing(Provider::new().on(Route::Token, Behaviour::dialect(Dialect::GrantFirst)));
    let mut terminal = desk.world.terminal(desk.request("onboard", &["--client-secret-file", "secret.txt"]));
    terminal.expect("Switch single sign-on on for Acme, in spite of the warnings above?").send_line("n");
    assert_eq!(terminal.finish().code, Some(1));
    desk.onboard(&["--stage"]).expect_code(0);
    let mut terminal = desk.terminal(&["connection", "activate", "--team", "1042"]);
    terminal.expect("Switch single sign-on on for Acme, in spite of the warnings above?").send_line("n");
    assert_eq!(terminal.finish().code, Some(1));
}

#[test]
fn no_input_never_asks_even_on_a_terminal() {
    let desk = Desk::new();
    let ended = desk.terminal(&["onboard", "--no-input"]).finish();
    assert_eq!(ended.code, Some(2));
    assert!(ended.text().contains("add --owner EMAIL") && !ended.text().contains("Issuer URL"), "{}", ended.text());
    let words = desk.request("onboard", &["--client-secret-file", "secret.txt", "--no-input"]);
    let ended = desk.world.terminal(&words).finish();
    assert!(ended.code == Some(2) && ended.text().contains("--yes"), "{}", ended.text());
    assert!(desk.stored().is_empty());
}

#[test]
fn a_terminal_gets_colour_unless_it_is_not_wanted() {
    let desk = Desk::new();
    let words = |more: &[&str]| desk.request("check", &[&["--client-secret-file", "secret.txt"], more].concat());
    let plain = |screen: &str| !screen.contains("\u{1b}[3") && !screen.contains("\u{1b}[1m");
    let colourful = desk.world.terminal(words(&[])).finish();
    assert!(!plain(&colourful.screen), "{}", colourful.text());
    let never = desk.world.terminal(words(&["--color", "never"])).finish();
    assert!(!never.screen.contains('\u{1b}'), "{:?}", never.screen);
    for (name, value) in [("NO_COLOR", "1"), ("TERM", "dumb")] {
        let mut command = std::process::Command::new("env");
        command.arg(format!("{name}={value}")).arg(crate::support::world::BINARY);
        command.arg("--config").arg(desk.world.config()).args(words(&[]));
        let ended = Terminal::open(&command, desk.world.folder(), &desk.world.environment()).finish();
        assert_eq!(ended.code, Some(0));
        assert!(!ended.screen.contains('\u{1b}'), "{name}: {:?}", ended.screen);
    }
    // An empty NO_COLOR is as good as none.
    let mut command = std::process::Command::new("env");
    command.arg("NO_COLOR=").arg(crate::support::world::BINARY);
    command.arg("--config").arg(desk.world.config()).args(words(&[]));
    let ended = Terminal::open(&command, desk.world.folder(), &desk.world.environment()).finish();
    assert!(!plain(&ended.screen), "{:?}", ended.screen);
}

#[test]
fn a_terminal_that_understands_nothing_is_asked_in_plain_text() {
    // cli-006
    let desk = Desk::new();
    let mut command = std::process::Command::new("env");
    command.arg("TERM=dumb").arg(crate::support::world::BINARY);
    command.arg("--config").arg(desk.world.config()).args(desk.words(&["onboard"], &[]));
    let mut terminal = Terminal::open(&command, desk.world.folder(), &desk.world.environment());
    answer(&mut terminal, &desk);
    terminal.expect("Switch single sign-on on for Acme?").send_line("perhaps");
    terminal.expect("please answer yes or no").expect("[y/N]").send_line("y");
    let ended = terminal.finish();
    assert_eq!(ended.code, Some(0), "{}", ended.text());
    assert!(!ended.screen.contains('\u{1b}'), "{:?}", ended.screen);
    assert_eq!(desk.connections(), [["active", "acme.example"]]);
}

#[test]
fn a_narrow_window_still_shows_every_word() {
    let desk = Desk::new();
    let words = desk.request("onboard", &["--client-secret-file", "secret.txt"]);
    // Of this size from the start: the command begins once a line was typed.
    let mut command = std::process::Command::new("/bin/sh");
    command.arg("-c").arg("echo ready; read -r go && exec \"$@\"").arg("sh").arg(crate::support::world::BINARY);
    command.arg("--config").arg(desk.world.config()).args(words);
    let mut terminal = Terminal::open(&command, desk.world.folder(), &desk.world.environment());
    terminal.expect("ready").resize(20, 10).send_line("go");
    terminal.expect("Acme?").expect("[y/N]").send_line("y");
    let ended = terminal.finish();
    let text = ended.text();
    assert!(ended.code == Some(0) && text.contains("oidc-credentials"), "{text}");
    // A question of several lines is shown once.
    assert_eq!(text.matches("Switch").count(), 1, "{text}");
}

#[test]
fn json_on_a_terminal_is_one_document_after_the_questions() {
    let desk = Desk::new();
    let words = desk.request("onboard", &["--client-secret-file", "secret.txt", "-o", "json"]);
    let mut terminal = desk.world.terminal(&words);
    terminal.expect("Switch single sign-on on for Acme?").send_line("y");
    let ended = terminal.finish();
    let text = ended.text();
    let line = text.lines().find(|line| line.starts_with("{\"schema\":1")).unwrap_or_else(|| panic!("{text}"));
    let document: serde_json::Value = serde_json::from_str(line).unwrap();
    assert_eq!(document["outcome"], "onboarded");
}
