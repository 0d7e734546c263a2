//! What is said of a run: the summary, the report file, progress, and questions at a terminal.

use serde_json::Value;

use crate::support::crowd::{Crowd, HEADER, documents, outcomes};
use crate::support::provider::{CLIENT_ID, CLIENT_SECRET};

#[test]
fn people_get_a_summary_by_reason_with_the_lines() {
    let crowd = Crowd::of(6);
    let mut list = HEADER.to_owned();
    for number in 0..6 {
        list += &if number < 4 { crowd.row_with(number, CLIENT_ID, "wrong") } else { crowd.row(number) };
    }
    crowd.list("list", list);
    let run = crowd.bulk(&["list"]).expect_code(1);
    for words in [" 2     onboarded", " 4     refused", "oidc-credentials: bad_secret", "lines 2, 3, 4, 5"] {
        assert!(run.stdout.contains(words), "{words}: {}", run.stdout);
    }
    assert!(
        run.stderr.contains("6 rows in") && run.stderr.contains("rows/s: 2 onboarded, 4 refused"),
        "{}",
        run.stderr
    );
    let dry = crowd.bulk(&["list", "--dry-run", "-q"]).expect_code(1);
    assert!(dry.stdout.contains("nothing was written") && dry.stderr.is_empty(), "{dry:?}");
}

#[test]
fn the_report_file_has_the_mail_for_every_row_and_nothing_that_a_spreadsheet_calculates() {
    let crowd = Crowd::of(3);
    crowd.world.sql("UPDATE product_users SET name = '=HYPERLINK(\"http://evil.example\")' WHERE id = 'u0'");
    crowd.world.sql("UPDATE product_teams SET name = '@Team' WHERE id = 't0'");
    let list = format!(
        "{HEADER}{}{}\"=1+1\",{},{CLIENT_ID},{CLIENT_SECRET},-2+3\n",
        crowd.row(0),
        crowd.row_with(1, CLIENT_ID, "wrong"),
        crowd.provider.issuer()
    );
    crowd.list("list", list);
    crowd.bulk(&["list", "--report", "report.csv"]).expect_code(1);
    let text = std::fs::read_to_string(crowd.world.path("report.csv")).unwrap();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let mut rows: Vec<Vec<String>> =
        reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect();
    rows.sort();
    let cell = |row: usize, name: &str| rows[row][header.iter().position(|one| one == name).unwrap()].clone();
    assert_eq!((cell(0, "line"), cell(0, "outcome")), ("2".to_owned(), "onboarded".to_owned()));
    assert!(cell(0, "name").starts_with("'=HYPERLINK") && cell(0, "team") == "'@Team");
    assert!(cell(0, "reply").contains("single sign-on is now switched on"));
    assert_eq!(cell(1, "reasons"), "oidc-credentials: bad_secret");
    assert!(cell(1, "reply").contains("does not accept the client ID"));
    assert_eq!((cell(2, "line"), cell(2, "ticket")), ("4".to_owned(), "'-2+3".to_owned()));
    for row in &rows {
        assert!(row.iter().all(|cell| !cell.starts_with(['=', '+', '-', '@', '\t', '\r'])), "{row:?}");
    }
    assert!(!text.contains(CLIENT_SECRET));

    crowd.bulk(&["list", "--dry-run", "--report", "report.jsonl"]).expect_code(1);
    let text = std::fs::read_to_string(crowd.world.path("report.jsonl")).unwrap();
    let objects: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(objects.len(), 3);
    assert!(objects.iter().all(|object| object["reply"].is_string()));
    let mode = std::os::unix::fs::PermissionsExt::mode(
        &std::fs::metadata(crowd.world.path("report.csv")).unwrap().permissions(),
    );
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_report_takes_the_place_of_an_earlier_one_and_of_nothing_else() {
    let crowd = Crowd::of(1);
    crowd.list("list", crowd.all());
    for taken in ["list", "ssoctl.db", "ssoctl.toml", "ssoctl.key"] {
        let before = std::fs::read(crowd.world.path(taken)).unwrap();
        let run = crowd.bulk(&["list", "--report", taken]).expect_code(2);
        assert!(run.stderr.contains("is no report: it is not overwritten"), "{taken}: {}", run.stderr);
        assert_eq!(std::fs::read(crowd.world.path(taken)).unwrap(), before, "{taken}");
    }
    assert!(crowd.provider.requests().is_empty() && crowd.deeds().is_empty());
    for (report, outcome) in
        [("a.csv", "onboarded"), ("a.csv", "unchanged"), ("a.jsonl", "unchanged"), ("a.jsonl", "unchanged")]
    {
        crowd.bulk(&["list", "--report", report]).expect_code(0);
        let text = std::fs::read_to_string(crowd.world.path(report)).unwrap();
        let rows = text.matches("Hello Olga").count();
        assert!(rows == 1 && text.contains(outcome), "{report}: {text}");
    }
}

#[test]
fn a_list_without_rows_is_said_to_be_one() {
    let crowd = Crowd::of(1);
    crowd.list("list", HEADER);
    let run = crowd.bulk(&["list"]).expect_code(0);
    assert!(run.stdout.contains("There were no rows."), "{run:?}");
}

#[test]
fn results_come_in_the_order_of_the_file_where_that_is_asked_for() {
    let crowd = Crowd::of(60);
    crowd.list("list", crowd.all());
    let run = crowd.bulk(&["list", "-o", "json", "--ordered", "--dry-run"]).expect_code(0);
    let documents = documents(&run);
    let lines: Vec<u64> = outcomes(&documents).iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, (2..62).collect::<Vec<u64>>());
}

#[test]
fn the_command_in_a_rows_document_does_the_same_for_that_row_alone() {
    let crowd = Crowd::of(1);
    let document = crowd.documents(&crowd.all(), 0, &["--dry-run"]).remove(0);
    let command = document["command"].as_str().unwrap().to_owned();
    assert!(command.starts_with("ssoctl onboard ") && !command.contains(CLIENT_SECRET), "{command}");
    let words: Vec<&str> = command.split(' ').skip(1).collect();
    let run = crowd.world.with_env("SSOCTL_CLIENT_SECRET", CLIENT_SECRET).ssoctl(words.into_iter().chain(["--yes"]));
    run.expect_code(0);
    assert_eq!(crowd.connected(), 1);
}

#[test]
fn on_a_terminal_it_asks_once_and_shows_a_bar() {
    let crowd = Crowd::of(5);
    crowd.list("list", crowd.all());
    let mut no = crowd.world.terminal(crowd.words(&["list"]));
    no.expect("Carry out every request in `list` that passes its checks?").send_line("n");
    assert_eq!(no.finish().code, Some(1));
    assert!(crowd.connections().is_empty() && crowd.provider.requests().is_empty());
    let mut yes = crowd.world.terminal(crowd.words(&["list"]));
    yes.expect("passes its checks?").send_line("y");
    let ended = yes.finish();
    assert_eq!(ended.code, Some(0), "{}", ended.text());
    assert!(ended.text().contains("5 rows in") && ended.text().contains("5     onboarded"), "{}", ended.text());
    let dry = crowd.world.terminal(crowd.words(&["list", "--dry-run"])).finish();
    assert_eq!(dry.code, Some(0), "{}", dry.text());
}

#[test]
fn a_report_to_standard_output_is_wrong_usage_and_makes_no_file() {
    let crowd = Crowd::of(1);
    crowd.list("list", crowd.all());
    for more in [&["list", "--yes", "--report", "-"][..], &["list", "--report", "-", "-o", "json"]] {
        let run = crowd.bulk(more).expect_code(2);
        assert!(run.stderr.contains("--report writes a file"), "{run:?}");
    }
    assert!(!crowd.world.path("-").exists() && crowd.provider.requests().is_empty() && crowd.deeds().is_empty());
}
