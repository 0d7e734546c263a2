use super::super::{layers, plain};
use super::*;

fn found(text: &str) -> Vec<(Field, String)> {
    let lines = plain::lines(text);
    let layers = layers::layers(&lines, "").lines;
    labelled(&lines, &layers).labelled.into_iter().map(|hit| (hit.field, hit.value)).collect()
}

#[test]
fn a_value_stands_behind_its_label_below_it_or_in_the_next_cell() {
    for text in [
        "Client ID: 0oa1b2c3",
        "Client ID\n0oa1b2c3",
        "Client ID:\n\n0oa1b2c3",
        "| Client ID | 0oa1b2c3 |",
        "our client ID is 0oa1b2c3",
        "client id 0oa1b2c3",
        "\u{200b}Client ID:\u{200f}\n0oa1b2c3",
        "Client ID: \u{200b} 0oa1b2c3",
        "Client ID\n\u{200b}\n0oa1b2c3",
    ] {
        assert_eq!(found(text), [(Field::ClientId, "0oa1b2c3".to_owned())], "{text}");
    }
}

#[test]
fn a_value_stands_behind_whatever_mark_leads_to_it() {
    for text in [
        "client_secret => aB3-xZ9qLmT7",
        "Client Secret ==> aB3-xZ9qLmT7",
        "Client Secret := aB3-xZ9qLmT7",
        "Client Secret :: aB3-xZ9qLmT7",
        "Client Secret: - aB3-xZ9qLmT7",
        "Client Secret: -> aB3-xZ9qLmT7",
        "Client Secret ........ aB3-xZ9qLmT7",
        "Client Secret\n-------------\naB3-xZ9qLmT7",
        "spring.security.oauth2.client.registration.okta.client-secret=aB3-xZ9qLmT7",
    ] {
        assert_eq!(found(text), [(Field::ClientSecret, "aB3-xZ9qLmT7".to_owned())], "{text}");
    }
    assert_eq!(found("Client Secret:=aB3-xZ9qLmT7"), [(Field::ClientSecret, "=aB3-xZ9qLmT7".to_owned())]);
}

#[test]
fn two_labels_share_a_value_only_where_they_are_of_two_kinds_and_in_one_sentence() {
    for text in [
        "here is the client secret. Owner: jane@a.example",
        "Owner / Account owner: jane@a.example",
        "Client ID / Secret: a1b2c3d4e5f6 / g7h8i9j0k1l2\nOwner: jane@a.example",
    ] {
        assert_eq!(found(text), [(Field::Owner, "jane@a.example".to_owned())], "{text}");
    }
    let secret = [(Field::ClientSecret, "aB3-xZ9qLmT7".to_owned())];
    assert_eq!(found("Client Secret (value, not ID): aB3-xZ9qLmT7"), secret);
}

#[test]
fn domains_are_listed_over_several_lines() {
    for text in [
        "Domains:\n- a.example\n- b.example (new)\n* @c.example",
        "Domains:\na.example\nb.example,\nc.example\nwww.a.example",
        "Domains: a.example,\n  b.example and c.example\njane@d.example",
        "Domains: a.example\nb.example oder c.example\njane@d.example",
        "1. Email domains: a.example\n2) b.example\n3) c.example\n\n\nd.example",
        "Domains:\n\na.example\n\nb.example\n\nc.example\n\nThanks",
    ] {
        let domains: Vec<String> = found(text).into_iter().map(|one| one.1).collect();
        assert_eq!(domains, ["a.example", "b.example", "c.example"], "{text}");
    }
    let in_sentence = "We want to use the domains a.example, b.example and c.example for this.";
    let domains: Vec<String> = found(in_sentence).into_iter().map(|one| one.1).collect();
    assert_eq!(domains, ["a.example", "b.example", "c.example"]);
    assert_eq!(found("We do not use the domains a.example and b.example any more."), []);
    let fields = |text| found(text).into_iter().map(|one| one.0).collect::<Vec<_>>();
    assert_eq!(fields("Domains: a.example\nOur version is 2.5, e.g. as of b.example"), [Field::Domains]);
    assert_eq!(fields("Domains: a.example\nIssuer: b.example"), [Field::Domains, Field::Issuer]);
}

#[test]
fn a_label_is_never_the_value_of_another() {
    assert_eq!(found("Client ID:\nClient Secret:\nIssuer:\n\n\nlater"), []);
}

#[test]
fn a_heading_names_the_cells_below_it() {
    let hits = found("Client ID\tClient Secret\n0oa1b2c3\ts-1-2-3-4");
    assert_eq!(hits, [(Field::ClientId, "0oa1b2c3".to_owned()), (Field::ClientSecret, "s-1-2-3-4".to_owned())]);
}

#[test]
fn of_two_values_in_a_row_none_is_guessed_and_a_remark_is_no_value() {
    let values = |text| found(text).into_iter().map(|one| one.1).collect::<Vec<_>>();
    for text in [
        "| Client Secret | s-11-2222-3333 | s-44-5555-6666 |",
        "|  | Sandbox | Production |\n| Client Secret | s-11-2222-3333 | s-44-5555-6666 |",
        "Client Secret\ts-11-2222-3333\ts-44-5555-6666",
        "Client Secret\t: s-11-2222-3333\t: s-44-5555-6666",
    ] {
        assert_eq!(values(text), ["s-11-2222-3333", "s-44-5555-6666"], "{text}");
    }
    for text in [
        "| Client Secret | s-11-2222-3333 | s-11-2222-3333 |",
        "| Client Secret | s-11-2222-3333 | 2027-01-31 |",
        "| Client Secret | s-11-2222-3333 | valid until 2027-01-31 |",
        "| Client Secret | s-11-2222-3333 | screenshot-2027-01.png |",
        "| Client Secret | s-11-2222-3333 | 3f2504e0-4f89-41d3-9a0c-0305e82c3301 |",
        "| Client Secret | yes | s-11-2222-3333 |",
        "| Client Secret | The secret of the app | s-11-2222-3333 |",
    ] {
        assert_eq!(values(text), ["s-11-2222-3333"], "{text}");
    }
    assert_eq!(values("| Client ID | required | 0oa1b2c3d4E5f6G7h8i9 |"), ["0oa1b2c3d4E5f6G7h8i9"]);
    assert_eq!(values("| Client ID | portal | from the console |"), ["portal"]);
    assert_eq!(values("| Client ID | portal | confidential |"), ["portal"]);
    assert_eq!(values("| Client ID | abc-111 | abc-222 |"), ["abc-111", "abc-222"]);
    assert_eq!(values("| Client ID | acme-test | acme-prod |"), ["acme-test", "acme-prod"]);
    assert_eq!(values("| Owner | Jane Doe | jane@a.example |"), ["jane@a.example"]);
    assert_eq!(values("| Issuer | https://a.example | see https://docs.example |"), ["https://a.example"]);
    assert_eq!(values("| Issuer | The issuer | https://a.example |"), ["https://a.example"]);
}

#[test]
fn a_sentence_may_lead_to_the_line_below_it() {
    for text in [
        "sorry, the client secret is\naB3-xZ9qLmT7",
        "the client secret\naB3-xZ9qLmT7",
        "And the client secret\n\naB3-xZ9qLmT7",
        "we rotated the client secret, here it is again:\n\naB3-xZ9qLmT7",
        "> please send the client secret\naB3-xZ9qLmT7",
    ] {
        assert_eq!(found(text), [(Field::ClientSecret, "aB3-xZ9qLmT7".to_owned())], "{text}");
    }
    for text in [
        "Client Secret?\nAntwort: aB3-xZ9qLmT7",
        "Q: Client Secret\nA: aB3-xZ9qLmT7",
        "> Client Secret:\nJD: aB3-xZ9qLmT7",
    ] {
        assert_eq!(found(text), [(Field::ClientSecret, "aB3-xZ9qLmT7".to_owned())], "{text}");
    }
    for text in ["the client secret\n", "client secret is\n"] {
        let text = format!("What you still need from us is\n{text}");
        assert_eq!(found(&format!("{text}MSG-2027-0012345")), [], "{text}");
        let secret = "kD3xZ9qLmT7vRw2Yb8NcJ5";
        assert_eq!(found(&format!("{text}{secret}")), [(Field::ClientSecret, secret.to_owned())], "{text}");
    }
    for text in [
        "here are id, secret and URL:\naB3-xZ9qLmT7",
        "we have the client secret\naB3-xZ9qLmT7",
        "> please send the client secret\nThanks, I will",
    ] {
        assert_eq!(found(text), [], "{text}");
    }
}

#[test]
fn settings_are_read_as_programs_write_them() {
    for text in [
        "OIDC_CLIENT_SECRET = \"aB3-xZ9qLmT7\"",
        "$env:OIDC_CLIENT_SECRET = \"aB3-xZ9qLmT7\"",
        "- name: OIDC_CLIENT_SECRET\n  value: \"aB3-xZ9qLmT7\"",
        "key = client_secret\nvalue = \"aB3-xZ9qLmT7\"",
    ] {
        assert_eq!(found(text), [(Field::ClientSecret, "\"aB3-xZ9qLmT7\"".to_owned())], "{text}");
    }
    let secret = [(Field::ClientSecret, "aB3-xZ9qLmT7".to_owned())];
    for text in ["Client Secret ➡️ aB3-xZ9qLmT7", "Client Secret ⇒ aB3-xZ9qLmT7", "Client Secret: | aB3-xZ9qLmT7 |"]
    {
        assert_eq!(found(text), secret, "{text}");
    }
    let pairs = [(Field::ClientId, "0oa1b2c3".to_owned()), (Field::ClientSecret, "aB3=xZ9%41T7".to_owned())];
    assert_eq!(found("ClientId=0oa1b2c3;ClientSecret=aB3=xZ9%41T7;Timeout=5;"), pairs);
    for text in ["- name: OIDC_COOKIE_SECRET\n  value: aB3-xZ9qLmT7", "- name: CLIENT_SECRET\n  valueFrom:\n    key: x"]
    {
        assert_eq!(found(text), [], "{text}");
    }
}

#[test]
fn a_rule_under_the_heading_ends_no_table() {
    for text in [
        "| Client ID | Client Secret |\n|---|:-:|\n| 0oa1b2c3 | s-1-2-3-4 |",
        "+---+---+\n| Client ID | Client Secret |\n+===+===+\n| 0oa1b2c3 | s-1-2-3-4 |\n+---+---+",
        " Client ID | Client Secret \n-----------+---------------\n 0oa1b2c3  | s-1-2-3-4\n(1 row)",
        "Client ID | Client Secret\n--- | ---\n0oa1b2c3 | s-1-2-3-4\n\nThanks",
        "Client ID  Client Secret\n---------  -------------\n0oa1b2c3   s-1-2-3-4",
    ] {
        let hits = [(Field::ClientId, "0oa1b2c3".to_owned()), (Field::ClientSecret, "s-1-2-3-4".to_owned())];
        assert_eq!(found(text), hits, "{text}");
    }
    assert_eq!(found("| Client ID | Client Secret |\n\n| 0oa1b2c3 | s-1-2-3-4 |"), []);
}

#[test]
fn an_owner_is_taken_from_a_sentence_and_never_from_a_word_alone() {
    let owner = |text| found(text).into_iter().map(|one| one.1).collect::<Vec<_>>();
    assert_eq!(owner("The owner of the team is jane@a.example."), ["jane@a.example"]);
    assert_eq!(owner("jane@a.example is the owner"), ["jane@a.example"]);
    for text in ["Owner: Jane Doe\nE-mail: jane@a.example", "Owner\nJane Doe\n<jane@a.example>"] {
        assert_eq!(owner(text), ["jane@a.example"], "{text}");
    }
    for text in ["Owner: Jane Doe\nContact: x@a.example", "Owner\nJane Doe\nplease write to x@a.example"] {
        assert_eq!(owner(text), Vec::<String>::new(), "{text}");
    }
    assert_eq!(owner("tell the owner of this mailbox, x@a.example"), Vec::<String>::new());
    assert_eq!(owner("not the owner. write to x@a.example"), Vec::<String>::new());
}

#[test]
fn what_stands_in_for_a_value_is_none() {
    for text in ["Client ID: <your client id>", "Client Secret: {client secret}", "Issuer: [issuer url]"] {
        assert_eq!(found(text), [], "{text}");
    }
}

#[test]
fn a_word_that_may_go_on_in_the_next_line_is_both() {
    let token = "a1".repeat(36);
    assert_eq!(found(&format!("Client Secret: {token}\nb2c3\n")).len(), 2);
    assert_eq!(found(&format!("Client Secret: {token}\nIssuer: https://a.example")).len(), 2);
    assert_eq!(found("Client Secret: kD3-xZ_9qLmT7vRw2Yb8\n\nNcJ5hPs4GfA6uEoQ1iXy").len(), 2);
    assert_eq!(found("Client Secret: kD3-xZ_9qLmT7vRw2Yb8\n\nJane").len(), 1);
    assert_eq!(found("Client Secret: kD3-xZ_9qLmT7vRw2Yb8\n\n\nNcJ5hPs4GfA6uEoQ1iXy").len(), 1);
}
