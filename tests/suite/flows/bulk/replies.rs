//! A row's reply is the one that `ssoctl onboard` would write: the operator's words, language and policy.

use serde_json::Value;

use crate::support::crowd::{Crowd, HEADER};
use crate::support::provider::{CLIENT_ID, CLIENT_SECRET};

const COLLEAGUE: &str = "colleague@team-0.example";

fn append(crowd: &Crowd, config: &str) {
    let before = std::fs::read_to_string(crowd.world.config()).unwrap();
    crowd.world.write("ssoctl.toml", before + config);
}

/// The owner's reply and subject as `onboard --dry-run` has them.
fn alone(crowd: &Crowd, number: usize, secret: &str, more: &[&str]) -> (Value, Value) {
    let mut words = vec!["onboard".to_owned(), "--dry-run".to_owned()];
    words.extend(crowd.provider.access());
    let owner = format!("owner@team-{number}.example");
    let ticket = format!("T-{number}");
    let values =
        ["--owner", &owner, "--ticket", &ticket, "--issuer", crowd.provider.issuer(), "--client-id", CLIENT_ID];
    words.extend(values.into_iter().chain(["-o", "json"]).chain(more.iter().copied()).map(str::to_owned));
    let report = crowd.world.with_env("SSOCTL_CLIENT_SECRET", secret).ssoctl(words).expect_code(1).json();
    (report["reply"].clone(), report["reply_subject"].clone())
}

fn report_file(crowd: &Crowd, name: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(crowd.world.path(name)).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn audited(crowd: &Crowd) -> Value {
    let rows = crowd.world.sql("SELECT details FROM sso_audit_log ORDER BY seq DESC LIMIT 1");
    serde_json::from_str(&rows[0][0]).unwrap()
}

#[test]
fn colleagues_are_named_where_policy_allows_it_and_nowhere_else() {
    let crowd = Crowd::of(2);
    crowd
        .world
        .sql(&format!("INSERT INTO product_users (id, email, name, active) VALUES ('c', '{COLLEAGUE}', 'C', 1)"));
    crowd.world.sql("INSERT INTO product_memberships (user_id, team_id, role) VALUES ('c', 't1', 'member')");
    let list = format!("{HEADER}{}", crowd.row(0));
    let words = ["--report", "report.jsonl"];

    let named = crowd.documents(&list, 1, &words).remove(0);
    assert!(named["reply"].as_str().unwrap().contains(COLLEAGUE), "{named:#}");
    assert!(report_file(&crowd, "report.jsonl")[0]["reply"].as_str().unwrap().contains(COLLEAGUE));

    append(&crowd, "\n[reply]\nname_colleagues = false\n");
    let unnamed = crowd.documents(&list, 1, &words).remove(0);
    let (reply, subject) = alone(&crowd, 0, CLIENT_SECRET, &[]);
    assert!(!reply.as_str().unwrap().contains(COLLEAGUE));
    for (said, place) in [
        (&unnamed, "the line"),
        (&report_file(&crowd, "report.jsonl")[0], "the report file"),
        (&audited(&crowd), "the audit row"),
    ] {
        assert_eq!((&said["reply"], &said["reply_subject"]), (&reply, &subject), "{place}");
    }
    assert!(unnamed["checks"].to_string().contains(COLLEAGUE), "the agent is told");
}

#[test]
fn customers_are_written_to_in_the_words_and_the_language_of_the_operator() {
    let crowd = Crowd::of(2);
    for (language, hello) in [("de", "Hallo {name},\n\n{steps}"), ("fr", "Bonjour {name},\n\n{steps}")] {
        std::fs::create_dir_all(crowd.world.path("mails").join(language)).unwrap();
        let mail = format!("Subject: {language} {{team}}{{ticket_tag}}\n\n{hello}\n");
        crowd.world.write(&format!("mails/{language}/refused.txt"), mail);
    }
    append(&crowd, "\n[reply]\nfolder = \"mails\"\nlanguage = \"de\"\n");
    let list = format!("{HEADER}{}", crowd.row_with(0, CLIENT_ID, "wrong"));
    for (more, subject, hello) in [
        (&[][..], "de Team 0 [T-0]", "Hallo Olga,"),
        (&["--lang", "fr"][..], "fr Team 0 [T-0]", "Bonjour Olga,"),
        (&["--lang", "en"][..], "", "Hello Olga,"),
    ] {
        let report = ["--report", "report.jsonl"];
        let said = crowd.documents(&list, 1, &[more, &report].concat()).remove(0);
        assert!(said["reply"].as_str().unwrap().starts_with(hello), "{more:?}: {said:#}");
        assert!(subject.is_empty() || said["reply_subject"] == subject, "{more:?}: {said:#}");
        let alone = alone(&crowd, 0, "wrong", more);
        assert_eq!((&said["reply"], &said["reply_subject"]), (&alone.0, &alone.1), "{more:?}");
        let filed = report_file(&crowd, "report.jsonl").remove(0);
        assert_eq!((&filed["reply"], &filed["reply_subject"]), (&alone.0, &alone.1), "{more:?}");
        assert_eq!(audited(&crowd)["reply"], alone.0, "{more:?}");
        // The command for this row alone words its reply alike.
        assert_eq!(said["command"].as_str().unwrap().contains("--lang"), !more.is_empty(), "{said:#}");
    }
}

#[test]
fn a_language_that_nobody_wrote_ends_the_run_before_it_begins() {
    let crowd = Crowd::of(1);
    crowd.list("list", crowd.all());
    let run = crowd.bulk(&["list", "--lang", "de"]).expect_code(2);
    assert!(run.stderr.contains("`de`"), "{}", run.stderr);
    append(&crowd, "\n[reply]\nfolder = \"no/such/folder\"\n");
    crowd.bulk(&["list"]).expect_code(70);
    assert!(crowd.deeds().is_empty() && crowd.provider.requests().is_empty());
}

#[test]
fn a_report_says_whom_each_reply_may_go_to_and_so_does_the_audit_row() {
    let crowd = Crowd::of(1);
    let list = format!(
        "{HEADER}{}nobody@nowhere.example,{},{CLIENT_ID},{CLIENT_SECRET},T-9\n",
        crowd.row(0),
        crowd.provider.issuer()
    );
    crowd.documents(&list, 1, &["--report", "report.jsonl"]);
    let mut filed = report_file(&crowd, "report.jsonl");
    filed.sort_by_key(|row| row["line"].as_u64());
    assert_eq!((&filed[0]["reply_to"], &filed[1]["reply_to"]), (&"owner@team-0.example".into(), &"".into()));
    let recipients = crowd.world.sql("SELECT json_extract(details, '$.reply_to') FROM sso_audit_log ORDER BY action");
    assert_eq!(recipients[0], ["owner@team-0.example"]);
    let again = crowd.world.ssoctl(["reply", "--ticket", "T-0", "-o", "json"]).expect_code(0).json();
    assert_eq!(again["to"], "owner@team-0.example", "{again:#}");
}
