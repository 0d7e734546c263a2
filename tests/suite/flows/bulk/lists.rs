//! Rows as they come, what becomes of each, and what is said of the list as a whole.

use std::os::unix::fs::PermissionsExt as _;

use serde_json::json;

use crate::flows::json_schema::Contract;
use crate::support::crowd::{Crowd, HEADER, documents, outcomes, reasons};
use crate::support::provider::{CLIENT_ID, CLIENT_SECRET, Route};

/// A list with a row of every kind.
fn mixed(crowd: &Crowd) -> String {
    [
        HEADER.to_owned(),
        crowd.row(0),
        crowd.row_with(1, CLIENT_ID, "not-the-secret"),
        crowd.row_with(2, "not-the-client", CLIENT_SECRET),
        format!("nobody@nowhere.example,{},{CLIENT_ID},{CLIENT_SECRET},T\n", crowd.provider.issuer()),
        format!("<owner@team-3.example>,<{}/>,{CLIENT_ID},{CLIENT_SECRET},T\n", crowd.provider.issuer()),
        format!("owner@team-4.example,not an issuer,{CLIENT_ID},{CLIENT_SECRET},T\n"),
        format!("owner@team-5.example,{},,{CLIENT_SECRET},T\n", crowd.provider.issuer()),
        "one,two,three,four,five,six\n".to_owned(),
        format!("owner@team-6.example,https://127.0.0.1:1,{CLIENT_ID},{CLIENT_SECRET},T\n"),
        crowd.row(7),
    ]
    .concat()
}

const MIXED: [(u64, &str, &str); 10] = [
    (2, "onboarded", ""),
    (3, "refused", "oidc-credentials: bad_secret"),
    (4, "refused", "oidc-credentials: bad_secret"),
    (5, "refused", "team-owner: owner_not_found"),
    (6, "onboarded", ""),
    (7, "refused", "request-complete: issuer_syntax"),
    (8, "refused", "request-complete: value_missing"),
    (9, "refused", "request-complete: row_syntax"),
    (10, "refused", "oidc-discovery: egress_forbidden"),
    (11, "onboarded", ""),
];

#[test]
fn every_row_ends_as_it_would_alone_and_one_bad_row_stops_none() {
    let crowd = Crowd::of(8);
    let documents = crowd.documents(&mixed(&crowd), 1, &[]);
    for (document, (line, outcome, reason)) in documents.iter().zip(MIXED) {
        assert_eq!((document["line"].as_u64(), document["outcome"].as_str()), (Some(line), Some(outcome)));
        assert!(reason.is_empty() || reasons(document).contains(&reason.to_owned()), "{reason}: {document:#}");
    }
    assert_eq!(documents.len(), MIXED.len());
    assert_eq!(crowd.connected(), 3);
    let mut deeds = crowd.deeds();
    deeds.sort();
    assert_eq!(deeds, [vec!["onboarded"; 3], vec!["refused"; 7]].concat());
    crowd.expect_sound();
}

#[test]
fn a_dry_run_says_what_the_real_run_does_then_and_writes_nothing() {
    let crowd = Crowd::of(8);
    let mut list = mixed(&crowd);
    // And rows that stand in each other's way.
    list += &crowd.row_with(0, "another", CLIENT_SECRET);
    list += &crowd.row(7);
    list += &crowd.row_with(1, CLIENT_ID, CLIENT_SECRET);
    let dry = crowd.documents(&list, 1, &["--dry-run"]);
    assert!(crowd.connections().is_empty() && crowd.deeds().is_empty());
    let real = crowd.documents(&list, 1, &[]);
    for (dry, real) in dry.iter().zip(&real) {
        let foretold = dry["outcome"].as_str().unwrap().replace("would_onboard", "onboarded");
        assert_eq!(foretold, real["outcome"].as_str().unwrap(), "{dry:#}\n{real:#}");
        assert_eq!(reasons(dry), reasons(real), "line {}", dry["line"]);
    }
    assert_eq!(dry.len(), real.len());
    assert_eq!(crowd.connected(), 4);
}

#[test]
fn the_same_list_again_changes_nothing_and_asks_nobody() {
    let crowd = Crowd::of(40);
    crowd.list("list", crowd.all());
    crowd.bulk(&["list"]).expect_code(0);
    let (stored, asked) = (crowd.connections(), crowd.provider.requests().len());
    let again = crowd.documents(&crowd.all(), 0, &[]);
    assert!(again.iter().all(|document| document["outcome"] == "unchanged"));
    assert_eq!((crowd.connections(), crowd.provider.requests().len()), (stored, asked));
    assert_eq!(crowd.deeds().len(), 40);
    // With a slash more or less, in the provider's own spelling.
    let with_slash =
        crowd.all().replace(&format!("{},", crowd.provider.issuer()), &format!("{}/,", crowd.provider.issuer()));
    let again = crowd.documents(&with_slash, 0, &[]);
    assert!(again.iter().all(|document| document["outcome"] == "unchanged"));
    assert_eq!(crowd.provider.requests().len(), asked);
}

#[test]
fn what_is_unchanged_is_looked_at_again_once_something_of_the_team_speaks_against_it() {
    let crowd = Crowd::of(2);
    crowd.documents(&crowd.all(), 0, &[]);
    crowd.world.sql("UPDATE product_teams SET plan = 'Starter' WHERE id = 't1'");
    let again = crowd.documents(&crowd.all(), 1, &[]);
    assert_eq!(outcomes(&again), [(2, "unchanged"), (3, "refused")]);
    assert!(reasons(&again[1]).contains(&"team-plan: plan_without_sso".to_owned()), "{:?}", reasons(&again[1]));
}

#[test]
fn other_values_need_replace_and_staging_switches_nothing_on() {
    let crowd = Crowd::of(2);
    assert_eq!(outcomes(&crowd.documents(&crowd.all(), 0, &["--stage"])), [(2, "staged"), (3, "staged")]);
    assert_eq!(crowd.connected(), 0);
    assert_eq!(outcomes(&crowd.documents(&crowd.all(), 0, &["--stage"])), [(2, "unchanged"), (3, "unchanged")]);
    assert_eq!(outcomes(&crowd.documents(&crowd.all(), 0, &[])), [(2, "onboarded"), (3, "onboarded")]);
    let other = "owner,issuer,client_id,client_secret,vouch_domains\n".to_owned()
        + &format!("owner@team-0.example,{},{CLIENT_ID},{CLIENT_SECRET},more.example\n", crowd.provider.issuer());
    assert_eq!(outcomes(&crowd.documents(&other, 1, &[])), [(2, "refused")]);
    assert_eq!(outcomes(&crowd.documents(&other, 0, &["--replace"])), [(2, "replaced")]);
}

#[test]
fn objects_come_from_standard_input_and_every_line_is_a_document_of_the_contract() {
    let crowd = Crowd::of(3);
    let object = |number: usize, secret: &str| {
        json!({"owner": format!("owner@team-{number}.example"), "issuer": crowd.provider.issuer(), "client_id": CLIENT_ID,
               "client_secret": secret, "ticket": number.to_string()})
        .to_string()
    };
    let input = format!(
        "# a remark\n{}\n\n{}\nnonsense\n{}\n",
        object(0, CLIENT_SECRET),
        object(1, "wrong"),
        object(2, CLIENT_SECRET)
    );
    let run = crowd.world.with_stdin(input).ssoctl(crowd.words(&["-", "-o", "json", "--ordered"])).expect_code(1);
    let documents = documents(&run);
    assert_eq!(outcomes(&documents), [(2, "onboarded"), (4, "refused"), (5, "refused"), (6, "onboarded")]);
    let contract = Contract::new();
    for document in &documents {
        contract.accepts(document);
    }
}

#[test]
fn a_team_that_the_row_names_has_to_be_the_owners() {
    let crowd = Crowd::of(2);
    let row = |team: &str, number: usize| format!("{team},{}", crowd.row(number));
    let list = format!("team,{HEADER}{}{}", row("t0", 0), row("t0", 1));
    let documents = crowd.documents(&list, 1, &[]);
    assert_eq!(outcomes(&documents), [(2, "onboarded"), (3, "refused")]);
    assert!(reasons(&documents[1]).contains(&"team-owner: other_team".to_owned()), "{:?}", reasons(&documents[1]));
}

#[test]
fn the_exit_status_is_the_highest_of_the_rows() {
    let crowd = Crowd::of(3);
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let origin = format!("https://127.0.0.1:{}", silent.local_addr().unwrap().port());
    drop(silent);
    let unreachable = format!("owner@team-1.example,{origin},{CLIENT_ID},{CLIENT_SECRET},T\n");
    let list = format!("{HEADER}{}{unreachable}{}", crowd.row(0), crowd.row_with(2, "not-the-client", CLIENT_SECRET));
    let documents = crowd.documents(&list, 3, &["--allow-origin", &origin]);
    assert_eq!(outcomes(&documents), [(2, "onboarded"), (3, "unknown"), (4, "refused")]);
}

#[test]
fn a_file_that_is_no_list_is_refused_as_wrong_usage_before_anything_is_asked() {
    let crowd = Crowd::of(1);
    let refused = |content: &str, words: &str| {
        crowd.list("list", content);
        let run = crowd.bulk(&["list", "-o", "json"]).expect_code(2);
        assert!(run.stderr.contains(words), "{words}: {}", run.stderr);
        assert_eq!(run.json()["outcome"], "failed");
        Contract::new().holds(&run);
    };
    refused("owner,issuer,client_id,client_secert\n", "did you mean `client_secret`?");
    refused("owner,issuer,client_id\n", "the column `client_secret` is missing");
    refused("owner,email,issuer,client_id,client_secret\n", "two columns are `owner`");
    refused("", "it is empty");
    refused("[{\"owner\": \"a\"}]", "one JSON array");
    refused("{\n  \"owner\": \"a\"\n}\n", "jq -c . FILE");
    refused("{\\rtf1\\ansi\n}", "a text document (RTF)");
    crowd.bulk(&["no-such-file"]).expect_code(2);
    crowd.bulk(&["."]).expect_code(2);
    crowd.bulk(&[]).expect_code(2);
    crowd.bulk(&["list", "--skip-idp"]).expect_code(2);
    assert!(crowd.provider.requests().is_empty());
}

#[test]
fn a_list_of_nobody_is_done_at_once() {
    let crowd = Crowd::of(1);
    crowd.list("list", HEADER);
    let run = crowd.bulk(&["list"]).expect_code(0);
    assert!(run.stderr.contains("0 rows"), "{}", run.stderr);
}

#[test]
fn a_list_of_secrets_that_others_can_read_is_warned_about() {
    let crowd = Crowd::of(1);
    let path = crowd.list("list", crowd.all());
    assert!(!crowd.bulk(&["list", "--dry-run"]).expect_code(0).stderr.contains("chmod"));
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
    let said = crowd.bulk(&["list", "--dry-run"]).expect_code(0).stderr;
    assert!(said.contains("holds client secrets, and other users can read it: chmod 600"), "{said}");
}

#[test]
fn objects_that_others_can_read_are_warned_about_where_one_holds_a_secret() {
    let crowd = Crowd::of(2);
    crowd.list("secret.txt", CLIENT_SECRET);
    let object = |number: usize, secret: &str, value: &str| {
        let owner = format!("owner@team-{number}.example");
        json!({"owner": owner, "issuer": crowd.provider.issuer(), "client_id": CLIENT_ID, secret: value}).to_string()
    };
    for (second, warns) in [(("client_secret_file", "secret.txt"), false), (("client_secret", CLIENT_SECRET), true)] {
        let list = format!("{}\n{}\n", object(0, "client_secret_file", "secret.txt"), object(1, second.0, second.1));
        let path = crowd.list("list", list);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        let said = crowd.bulk(&["list", "--dry-run"]).expect_code(0).stderr;
        assert_eq!(said.matches("holds client secrets").count(), usize::from(warns), "{said}");
    }
}

#[test]
fn a_list_on_standard_input_is_no_rows_secret_and_a_file_with_the_name_of_a_dash_may_be() {
    let crowd = Crowd::of(2);
    crowd.list("-", CLIENT_SECRET);
    let row = |number: usize, file: &str| {
        format!("owner@team-{number}.example,{},{CLIENT_ID},{file}\n", crowd.provider.issuer())
    };
    let list = format!("owner,issuer,client_id,client_secret_file\n{}{}", row(0, "./-"), row(1, "list"));
    let path = crowd.list("list", list);
    let mut command = crowd.world.command(crowd.words(&["-", "-o", "json", "--ordered"]));
    let output = command.stdin(std::fs::File::open(path).unwrap()).output().unwrap();
    let run = String::from_utf8(output.stdout).unwrap();
    let documents: Vec<serde_json::Value> = run.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(outcomes(&documents), [(2, "onboarded"), (3, "refused")]);
    assert!(documents[1].to_string().contains("or is the list itself"), "{}", documents[1]);
}

#[test]
fn secrets_come_by_file_and_by_variable_and_leave_nowhere() {
    let crowd = Crowd::of(3);
    std::fs::create_dir(crowd.world.path("lists")).unwrap();
    crowd.list("lists/one.txt", CLIENT_SECRET);
    let row = |number: usize, file: &str, variable: &str| {
        format!("owner@team-{number}.example,{},{CLIENT_ID},{file},{variable}\n", crowd.provider.issuer())
    };
    let list = "owner,issuer,client_id,client_secret_file,client_secret_env\n".to_owned()
        + &row(0, "one.txt", "")
        + &row(1, "", "ACME_SECRET")
        + &row(2, "../ssoctl.key", "");
    crowd.list("lists/list.csv", list);
    let words = crowd.words(&["lists/list.csv", "-o", "json", "--ordered", "-vv", "--report", "report.csv"]);
    let run = crowd.world.with_env("ACME_SECRET", CLIENT_SECRET).ssoctl(words).expect_code(1);
    let documents = documents(&run);
    assert_eq!(outcomes(&documents), [(2, "onboarded"), (3, "onboarded"), (4, "refused")]);
    assert_eq!(reasons(&documents[1]), ["request-complete: secret_in_env", "team-connection: same_client"]);
    assert!(reasons(&documents[2]).contains(&"request-complete: secret_unreadable".to_owned()));
    assert!(!run.everything().contains(CLIENT_SECRET));
    assert_eq!(crowd.world.files_containing(CLIENT_SECRET), [crowd.world.path("lists/one.txt")]);
}

#[test]
fn documents_of_one_issuer_are_fetched_once_for_all_of_its_rows() {
    let crowd = Crowd::of(30);
    assert!(crowd.documents(&crowd.all(), 0, &[]).iter().all(|document| document["outcome"] == "onboarded"));
    for (route, times) in [(Route::Discovery, 1), (Route::Jwks, 1), (Route::Token, 60), (Route::Authorize, 30)] {
        assert_eq!(crowd.provider.requests_to(route).len(), times, "{route:?}");
    }
}

#[test]
fn without_its_providers_a_dry_run_judges_values_and_product_alone() {
    let crowd = Crowd::of(8);
    let documents = crowd.documents(&mixed(&crowd), 1, &["--dry-run", "--skip-idp"]);
    let ended: Vec<&str> = documents.iter().map(|document| document["outcome"].as_str().unwrap()).collect();
    assert_eq!(
        ended,
        ["valid", "valid", "valid", "refused", "valid", "refused", "refused", "refused", "valid", "valid"]
    );
    assert!(crowd.provider.requests().is_empty());
    assert!(documents.iter().all(|document| !document.to_string().contains("oidc-discovery")));
}

#[test]
fn a_pipe_with_nobody_at_its_other_end_is_not_waited_for_without_end() {
    let crowd = Crowd::of(1);
    crowd.list("list", crowd.all());
    let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
    let pipe = crowd.world.path("pipe");
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, mode, 0).unwrap();
    for (more, words) in [
        (&["pipe", "--yes", "-o", "json"][..], "nobody writes to the pipe `pipe`"),
        (&["list", "--yes", "--report", "pipe"], "nobody reads from the pipe `pipe`"),
    ] {
        let run = crowd.bulk(more).expect_code(2);
        assert!(run.stderr.contains(words), "{}", run.stderr);
        assert!(crowd.provider.requests().is_empty() && crowd.deeds().is_empty());
    }
    let writer = std::thread::spawn({
        let list = std::fs::read(crowd.world.path("list")).unwrap();
        move || std::fs::write(pipe, list)
    });
    crowd.bulk(&["pipe", "--yes", "-o", "json"]).expect_code(0);
    writer.join().unwrap().unwrap();
    assert_eq!(crowd.connected(), 1);
}

#[test]
fn a_folder_that_is_none_is_wrong_usage_and_nobodys_refusal() {
    let crowd = Crowd::of(2);
    crowd.list("list", crowd.all());
    for folder in ["nowhere", "list"] {
        let run = crowd.bulk(&["list", "--yes", "--folder", folder]).expect_code(2);
        assert!(run.stderr.contains(&format!("`{folder}` is no folder")), "{}", run.stderr);
    }
    assert!(crowd.world.ssoctl(["audit", "list"]).expect_code(0).stdout.lines().count() < 2);
}

#[test]
fn the_templates_are_lists_and_the_schema_of_a_request_fits_them() {
    let crowd = Crowd::of(1);
    for form in ["csv", "jsonl"] {
        let template = crowd.bulk(&["--template", form, "--dry-run"]).code;
        assert_eq!(template, Some(2), "a template is asked for alone");
        let installed = crowd.world.call().with_env("SSOCTL_ACTOR", "amy").with_env("SSOCTL_DATABASE", "sqlite:./x.db");
        assert!(!installed.ssoctl(["bulk", "--template", form, "-q"]).expect_code(0).stdout.is_empty());
        let template = crowd.world.ssoctl(["bulk", "--template", form]).expect_code(0).stdout;
        std::fs::create_dir_all(crowd.world.path("secrets")).unwrap();
        crowd.list("secrets/48213.txt", "a-secret");
        crowd.list("list", &template);
        let documents = documents(&crowd.bulk(&["list", "--dry-run", "--skip-idp", "-o", "json"]).expect_code(1));
        assert_eq!(documents.len(), 2);
        assert!(reasons(&documents[0]).iter().all(|reason| !reason.starts_with("request-complete")), "{documents:?}");
        if form == "jsonl" {
            let schema = crowd.world.ssoctl(["schema", "--request"]).expect_code(0).json();
            let validator = jsonschema::validator_for(&schema).unwrap();
            let object = template.lines().find(|line| line.starts_with('{')).unwrap();
            assert!(validator.is_valid(&serde_json::from_str(object).unwrap()));
            assert!(
                !validator
                    .is_valid(&json!({"owner": "a", "issuer": "b", "client_id": "c", "client_secret": "d", "x": 1}))
            );
        }
    }
}

#[test]
fn what_is_said_of_a_row_names_its_columns_and_no_flags() {
    let crowd = Crowd::of(3);
    let list = format!(
        "owner,issuer,client_id,client_secret,domains\nowner@team-0.example,{issuer},{CLIENT_ID},,\n,not an issuer,TODO,****,\n\
         owner@team-1.example,{issuer},{CLIENT_ID},{CLIENT_SECRET},other.example\n",
        issuer = crowd.provider.issuer()
    );
    for mode in [&["--dry-run"][..], &[]] {
        let documents = crowd.documents(&list, 1, mode);
        for document in &documents {
            for check in document["checks"].as_array().unwrap() {
                for finding in check["findings"].as_array().unwrap() {
                    let said = [&check["summary"], &finding["fact"], &finding["why"], &finding["next"]];
                    assert!(said.iter().all(|said| !said.to_string().contains("--")), "{check:#}");
                }
            }
        }
        assert!(documents[0].to_string().contains("the client secret is missing (`client_secret`)"));
        assert!(documents[2].to_string().contains("vouch for the domain in `vouch_domains`"));
    }
}
