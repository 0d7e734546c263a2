//! Lists of requests: whole files, and what becomes of each row.

use serde_json::Value;

use super::Outcome;
use crate::support::crowd::{documents, reasons};
use crate::support::product::acme_corp;
use crate::support::provider::{Behaviour, Provider, Reply, Route, RunningProvider};
use crate::support::question::assert_printable;
use crate::support::world::{Run, World};

const HEADER: &str = "team,owner_email,issuer,client_id,client_secret\n";
const ROW: &str = "team_acme,owner@acme-corp.com,https://idp.acme-corp.com,0oa1,CANARY1\n";
const OBJECT: &str = "{\"team\":\"team_acme\",\"owner_email\":\"owner@acme-corp.com\",\"issuer\":\"https://idp.acme-corp.com\",\
     \"client_id\":\"0oa1\",\"client_secret\":\"CANARY1\"}";

/// A file, the exit status, and what becomes of its rows: outcome and a reason among those given.
struct Case {
    id: &'static str,
    file: String,
    outcome: Outcome,
    rows: Vec<(&'static str, &'static str)>,
}

/// A row of another team than `team_acme`, in that column.
fn of_team(team: &str) -> String {
    format!("{HEADER}\"{team}\",owner@acme-corp.com,https://idp.acme-corp.com,0oa1,CANARY1\n")
}

fn cases() -> Vec<Case> {
    use Outcome::{Accept, Normalise, Reject, Warn};
    let case = |id, file: &str, outcome, rows: &[(&'static str, &'static str)]| Case {
        id,
        file: file.to_owned(),
        outcome,
        rows: rows.to_vec(),
    };
    let done = ("onboarded", "");
    let csv = |text: &str| format!("{HEADER}{text}");
    let beta = "team_beta,owner@beta-corp.com,https://idp.beta-corp.com,0oa2,CANARY2\n";
    vec![
        case("csv-001", &csv(&format!("{ROW}{beta}")), Accept, &[done, done]),
        case("csv-010", &format!("sep=,\n{}", csv(ROW)), Normalise("the separator"), &[done]),
        case("csv-011", &csv(&ROW.replace("CANARY1", "\"CAN,ARY\"\"1\nline2\"")), Accept, &[done]),
        case(
            "csv-026",
            &csv(&format!("{ROW}{ROW}")),
            Warn("row_again"),
            &[done, ("unchanged", "team-connection: row_again")],
        ),
        case("csv-031", &of_team("+1+1"), Reject("other_team"), &[("refused", "team-owner: other_team")]),
        case("csv-032", &of_team("-2+3"), Reject("other_team"), &[("refused", "team-owner: other_team")]),
        case("csv-035", &of_team("\r=1"), Reject("other_team"), &[("refused", "team-owner: other_team")]),
        case(
            "csv-036",
            &of_team("=HYPERLINK(\"\"http://evil.example.net\"\",\"\"x\"\")"),
            Reject("other_team"),
            &[("refused", "team-owner: other_team")],
        ),
        case("jsl-003", &format!("\u{feff}{OBJECT}\r\n"), Accept, &[done]),
        case(
            "jsl-006",
            &format!("{OBJECT}{OBJECT}"),
            Reject("row_syntax"),
            &[("refused", "request-complete: row_syntax")],
        ),
        case(
            "jsl-009",
            &OBJECT.replace("\"owner@acme-corp.com\"", "[\"owner@acme-corp.com\",\"x@evil.com\"]"),
            Reject("row_field_type"),
            &[("refused", "request-complete: row_field_type")],
        ),
        case(
            "jsl-012",
            &OBJECT.replace('}', ",\"admin\":true}"),
            Reject("row_field_unknown"),
            &[("refused", "request-complete: row_field_unknown")],
        ),
        case("jsl-018", "{'team':'team_acme'}", Reject("row_syntax"), &[("refused", "request-complete: row_syntax")]),
    ]
}

/// Files that are refused as a whole, and what is said.
const REFUSED: [(&str, &str, &str); 3] = [
    (
        "csv-014",
        "team,owner_email,issuer,client_id\nteam_acme,o@a.com,https://idp.acme-corp.com,0oa1\n",
        "`client_secret`",
    ),
    (
        "csv-016",
        "team,team,owner_email,issuer,client_id,client_secret\nx,y,o@a.com,i,0oa1,s\n",
        "two columns are `team`",
    ),
    (
        "csv-018",
        "team,owner_email,issuer,client_id,client_secert\nteam_acme,o@a.com,i,0oa1,CANARY1\n",
        "`client_secret`",
    ),
];

pub(super) fn table() -> Vec<(&'static str, Outcome)> {
    let mut table: Vec<(&str, Outcome)> = cases().into_iter().map(|case| (case.id, case.outcome)).collect();
    table.extend(REFUSED.map(|(id, _, _)| (id, Outcome::Reject("wrong usage"))));
    // Made by the tests about lists: one endless row, one bad row in ten, a million rows.
    table.push(("csv-043", Outcome::Reject("input_too_long")));
    table.push(("csv-054", Outcome::Warn("one row in ten")));
    table.push(("jsl-022", Outcome::Accept));
    table
}

/// Takes any client and any secret but the control's.
fn easy_going() -> RunningProvider {
    let behaviour = Behaviour::respond(|request, _| {
        use base64::Engine as _;
        let sent = request.header("authorization").unwrap_or_default().trim_start_matches("Basic ").to_owned();
        let sent = base64::engine::general_purpose::STANDARD.decode(sent).unwrap();
        let is_control = String::from_utf8_lossy(&sent).contains(":ssoctl-control-");
        let (status, code) = if is_control { (401, "invalid_client") } else { (400, "invalid_grant") };
        Reply::error(status, code, None)
    });
    Provider::new().on(Route::Token, behaviour).start()
}

/// Runs `bulk` on a file in which the providers of the case list are ones on this machine.
fn bulk(world: &World, providers: &[RunningProvider; 2], file: &str) -> Run {
    let file = file.replace("https://idp.acme-corp.com", providers[0].issuer());
    let file = file.replace("https://idp.beta-corp.com", providers[1].issuer());
    let mut words = ["bulk", "-", "-o", "json", "--ordered", "--report", "report.csv"].map(str::to_owned).to_vec();
    for provider in providers {
        words.extend(provider.access());
    }
    world.with_stdin(file).ssoctl(words)
}

#[test]
fn every_list_of_the_case_list_ends_as_it_says() {
    let providers = [easy_going(), easy_going()];
    for Case { id, file, outcome, rows } in cases() {
        let world = acme_corp();
        let code = i32::from(matches!(outcome, Outcome::Reject(_)));
        let run = bulk(&world, &providers, &file).expect_code(code);
        assert_printable(&run);
        assert!(!run.everything().contains("CANARY"), "{id}");
        assert!(world.files_containing("CANARY").is_empty(), "{id}");
        let documents = documents(&run);
        assert_eq!(documents.len(), rows.len(), "{id}: {}", run.stdout);
        for (document, (outcome, reason)) in documents.iter().zip(rows) {
            assert_eq!(document["outcome"], outcome, "{id}: {document:#}");
            assert!(reason.is_empty() || reasons(document).contains(&reason.to_owned()), "{id}: {document:#}");
        }
        let report = std::fs::read(world.path("report.csv")).unwrap();
        for row in csv::Reader::from_reader(report.as_slice()).records() {
            assert!(row.unwrap().iter().all(|cell| !cell.starts_with(['=', '+', '-', '@', '\t', '\r'])), "{id}");
        }
    }
}

#[test]
fn a_secret_with_a_line_break_is_stored_byte_for_byte() {
    let (world, providers) = (acme_corp(), [easy_going(), easy_going()]);
    let file = format!("{HEADER}{}", ROW.replace("CANARY1", "\"CAN,ARY\"\"1\nline2\""));
    bulk(&world, &providers, &file).expect_code(0);
    assert_eq!(super::secrets::stored_secret(&world), "CAN,ARY\"1\nline2");
}

#[test]
fn files_that_are_no_lists_are_wrong_usage() {
    let (world, providers) = (acme_corp(), [easy_going(), easy_going()]);
    for (id, file, words) in REFUSED {
        let run = bulk(&world, &providers, file).expect_code(2);
        let said: Value = run.json();
        assert!(said["error"].to_string().contains(words), "{id}: {said}");
        assert!(!run.everything().contains("CANARY"), "{id}");
    }
}

#[test]
fn one_bad_row_in_ten_is_told_with_its_line_and_the_rest_is_done() {
    // csv-054, a tenth of it
    let (world, providers) = (World::empty(), [easy_going(), easy_going()]);
    world.ssoctl(["init"]).expect_code(0);
    let mut file = HEADER.to_owned();
    for number in 0..100 {
        world.sql(&format!("INSERT INTO product_users (id, email) VALUES ('u{number}', 'o@team-{number}.example')"));
        world.sql(&format!(
            "INSERT INTO product_teams (id, owner_id, plan, management_enabled) VALUES ('t{number}', 'u{number}', 'Enterprise', 1)"
        ));
        let owner = if number % 10 == 9 { "no address".to_owned() } else { format!("o@team-{number}.example") };
        let row = format!("t{number},{owner},https://idp.acme-corp.com,client-{number},CANARY{number}\n");
        file += &row;
    }
    let documents = documents(&bulk(&world, &providers, &file).expect_code(1));
    let refused: Vec<&Value> = documents.iter().filter(|one| one["outcome"] == "refused").collect();
    assert_eq!((documents.len(), refused.len()), (100, 10));
    assert!(refused.iter().enumerate().all(|(index, one)| one["line"] == 11 + 10 * index), "{refused:#?}");
    assert_eq!(world.sql("SELECT 1 FROM sso_connections").len(), 90);
}
