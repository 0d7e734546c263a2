//! Rows of one file that stand in each other's way: as if one came after the other, and both lines are named.

use crate::support::crowd::{Crowd, HEADER, outcomes, reasons};
use crate::support::provider::{CLIENT_ID, CLIENT_SECRET};

const WITH_DOMAINS: &str = "owner,issuer,client_id,client_secret,vouch_domains\n";

fn claiming(crowd: &Crowd, number: usize, domains: &str) -> String {
    format!("owner@team-{number}.example,{},{CLIENT_ID},{CLIENT_SECRET},{domains}\n", crowd.provider.issuer())
}

#[test]
fn the_same_team_twice_names_both_lines() {
    for mode in [&["--dry-run"][..], &[]] {
        let crowd = Crowd::of(2);
        let list = format!("{HEADER}{}{}{}", crowd.row(0), crowd.row(1), crowd.row_with(0, "another", CLIENT_SECRET));
        let documents = crowd.documents(&list, 1, mode);
        assert_eq!(documents[2]["outcome"], "refused");
        assert!(reasons(&documents[2]).contains(&"team-connection: row_conflict".to_owned()), "{mode:?}");
        assert!(documents[2].to_string().contains("lines 2 and 4 of the file ask for the same team"), "{mode:?}");
        // The customer is not told about other lines.
        assert!(!documents[2]["reply"].as_str().unwrap().contains("line"));
    }
}

#[test]
fn the_same_domain_for_two_teams_names_both_lines() {
    for mode in [&["--dry-run"][..], &[]] {
        let crowd = Crowd::of(2);
        let list =
            format!("{WITH_DOMAINS}{}{}", claiming(&crowd, 0, "shared.example"), claiming(&crowd, 1, "shared.example"));
        let documents = crowd.documents(&list, 1, mode);
        assert_eq!(documents[1]["outcome"], "refused");
        assert!(reasons(&documents[1]).contains(&"team-domain: row_conflict".to_owned()), "{mode:?}");
        assert!(
            documents[1].to_string().contains("lines 2 and 3 of the file claim shared.example for different teams")
        );
    }
}

#[test]
fn every_row_that_stands_in_the_way_of_one_is_named() {
    for mode in [&["--dry-run"][..], &["--dry-run", "--skip-idp"], &[]] {
        let crowd = Crowd::of(3);
        let list = format!(
            "{WITH_DOMAINS}{}{}{}{}",
            claiming(&crowd, 0, "one.example"),
            claiming(&crowd, 1, "two.example"),
            claiming(&crowd, 2, "three.example"),
            claiming(&crowd, 0, "two.example three.example"),
        );
        let documents = crowd.documents(&list, 1, mode);
        let told = documents[3].to_string();
        for words in [
            "lines 2 and 5 of the file ask for the same team",
            "lines 3 and 5 of the file claim two.example for different teams",
            "lines 4 and 5 of the file claim three.example for different teams",
        ] {
            assert!(told.contains(words), "{mode:?}: {words}: {told}");
        }
    }
}

#[test]
fn the_same_row_twice_is_carried_out_once_and_said() {
    // csv-026
    for (mode, first) in [(&["--dry-run"][..], "would_onboard"), (&[], "onboarded")] {
        let crowd = Crowd::of(1);
        let list = format!("{HEADER}{}{}", crowd.row(0), crowd.row(0));
        let documents = crowd.documents(&list, 0, mode);
        assert_eq!(outcomes(&documents), [(2, first), (3, "unchanged")]);
        assert_eq!(reasons(&documents[1]), ["team-connection: row_again"]);
    }
}

#[test]
fn what_a_refused_row_wanted_is_free_for_a_later_one() {
    for (mode, done) in [(&["--dry-run"][..], "would_onboard"), (&[], "onboarded")] {
        let crowd = Crowd::of(2);
        let list = format!(
            "{WITH_DOMAINS}{}{}{}",
            claiming(&crowd, 0, "shared.example").replace(CLIENT_SECRET, "wrong"),
            claiming(&crowd, 1, "shared.example"),
            claiming(&crowd, 0, ""),
        );
        let documents = crowd.documents(&list, 1, mode);
        assert_eq!(outcomes(&documents), [(2, "refused"), (3, done), (4, done)]);
    }
}

#[test]
fn while_an_earlier_row_has_no_verdict_a_later_one_for_the_same_team_has_none_either() {
    let crowd = Crowd::of(1);
    // Nobody listens there.
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let origin = format!("https://127.0.0.1:{closed}");
    let silent = format!("owner@team-0.example,{origin},{CLIENT_ID},{CLIENT_SECRET},T\n");
    let list = format!("{HEADER}{silent}{}", crowd.row(0));
    let documents = crowd.documents(&list, 3, &["--allow-origin", &origin]);
    assert_eq!(outcomes(&documents), [(2, "unknown"), (3, "unknown")]);
    assert!(reasons(&documents[1]).contains(&"team-connection: row_conflict_open".to_owned()));
    assert_eq!(crowd.connected(), 0);
}

#[test]
fn one_client_for_several_teams_is_told_of_every_row_but_the_first() {
    for mode in [&["--dry-run"][..], &[]] {
        let crowd = Crowd::of(12);
        let documents = crowd.documents(&crowd.all(), 0, mode);
        assert!(reasons(&documents[0]).is_empty(), "{mode:?}: {:?}", reasons(&documents[0]));
        for document in &documents[1..] {
            assert_eq!(reasons(document), ["team-connection: same_client"], "{mode:?}");
        }
    }
}

#[test]
fn with_replace_the_file_still_may_not_contradict_itself() {
    let crowd = Crowd::of(1);
    crowd.documents(&crowd.all(), 0, &[]);
    let list = format!("{WITH_DOMAINS}{}{}", claiming(&crowd, 0, "more.example"), claiming(&crowd, 0, "other.example"));
    for (mode, first) in [(&["--replace", "--dry-run"][..], "would_replace"), (&["--replace"], "replaced")] {
        let documents = crowd.documents(&list, 1, mode);
        assert_eq!(outcomes(&documents), [(2, first), (3, "refused")]);
    }
}

#[test]
fn a_domain_that_a_row_frees_is_for_rows_further_down_and_for_none_further_up() {
    let crowd = Crowd::of(4);
    let of = |number: usize, domains: &str| claiming(&crowd, number, domains);
    let first = format!("{WITH_DOMAINS}{}{}", of(0, "old.example"), of(3, "older.example"));
    crowd.documents(&first, 0, &[]);
    let list = format!(
        "{WITH_DOMAINS}{}{}{}{}{}",
        of(1, "old.example"),
        of(0, "new.example"),
        of(2, "old.example"),
        of(1, "older.example"),
        of(3, "newer.example"),
    );
    let expected = |onboarded, replaced| [(2, "refused"), (3, replaced), (4, onboarded), (5, "refused"), (6, replaced)];
    for (mode, expected) in [
        (&["--replace", "--dry-run"][..], expected("would_onboard", "would_replace")),
        (&["--replace", "--dry-run", "--skip-idp"], expected("valid", "valid")),
        (&["--replace"], expected("onboarded", "replaced")),
    ] {
        let documents = crowd.documents(&list, 1, mode);
        assert_eq!(outcomes(&documents), expected, "{mode:?}");
        for line in [0, 3] {
            assert!(reasons(&documents[line]).contains(&"team-domain: domain_claimed".to_owned()), "{mode:?}");
        }
    }
    crowd.expect_sound();
}
