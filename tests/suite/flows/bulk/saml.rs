//! Rows with SAML metadata, among those of OpenID Connect.

use crate::support::crowd::{Crowd, HEADER, outcomes, reasons};
use crate::support::provider::{Behaviour, CLIENT_ID, CLIENT_SECRET, Provider, Reply, Route};
use crate::support::saml_provider::SamlProvider;

const MIXED: &str = "owner,issuer,client_id,client_secret,metadata\n";

fn entity(number: usize) -> String {
    format!("https://idp.team-{number}.example/saml")
}

fn metadata(number: usize) -> String {
    SamlProvider::new(&entity(number)).metadata()
}

fn row(number: usize, metadata: &str) -> String {
    format!("owner@team-{number}.example,,,,\"{}\"\n", metadata.replace('"', "\"\""))
}

#[test]
fn both_protocols_mix_and_metadata_comes_by_file_by_address_and_in_the_row() {
    let published = Behaviour::reply(Reply::new(200, "application/samlmetadata+xml", metadata(1)));
    let crowd = Crowd::facing(5, Provider::new().on(Route::Elsewhere, published));
    crowd.world.write("idp.xml", metadata(0));
    let list = format!(
        "{MIXED}{}{}{}owner@team-3.example,{},{CLIENT_ID},{CLIENT_SECRET},\n{}",
        row(0, "idp.xml"),
        row(1, &format!("{}/saml/metadata", crowd.provider.origin())),
        row(2, &metadata(2)),
        crowd.provider.issuer(),
        row(4, "../elsewhere.xml"),
    );
    let documents = crowd.documents(&list, 1, &[]);
    let lines_of_inline = metadata(2).matches('\n').count() as u64;
    let line = |number: u64| if number > 4 { number + lines_of_inline } else { number };
    assert_eq!(
        outcomes(&documents),
        [(2, "onboarded"), (3, "onboarded"), (4, "onboarded"), (line(5), "onboarded"), (line(6), "refused"),]
    );
    assert!(reasons(&documents[4]).contains(&"request-complete: metadata_unreadable".to_owned()));
    let stored = crowd.world.sql("SELECT team_id, protocol, entity_id FROM sso_connections ORDER BY team_id");
    assert_eq!(stored[0], ["t0", "saml", &entity(0)]);
    assert_eq!(stored[3], ["t3", "oidc", "NULL"]);
    // A SCIM token would have to be shown to somebody: none is made.
    assert!(crowd.world.sql("SELECT * FROM scim_tokens").is_empty());
    crowd.expect_sound();

    // The same again asks nobody, not even for metadata by its address.
    let asked = crowd.provider.requests().len();
    let again = crowd.documents(&list, 1, &[]);
    assert!(again.iter().take(4).all(|document| document["outcome"] == "unchanged"), "{:?}", outcomes(&again));
    assert_eq!(crowd.provider.requests().len(), asked);
}

#[test]
fn one_identity_provider_for_two_teams_names_both_lines() {
    for mode in [&["--dry-run"][..], &[]] {
        let crowd = Crowd::of(2);
        // The first takes longer to read, and comes first all the same.
        crowd.world.write("long.xml", format!("{}<!--{}-->", metadata(0), "x".repeat(4 << 20)));
        crowd.world.write("idp.xml", metadata(0));
        let list = "owner,metadata\nowner@team-0.example,long.xml\nowner@team-1.example,idp.xml\n".to_owned();
        let documents = crowd.documents(&list, 1, mode);
        let done = if mode.is_empty() { "onboarded" } else { "would_onboard" };
        assert_eq!(outcomes(&documents), [(2, done), (3, "refused")], "{mode:?}");
        assert!(reasons(&documents[1]).contains(&"team-connection: entity_id_taken".to_owned()), "{mode:?}");
        assert!(documents[1].to_string().contains("3 and 2") || documents[1].to_string().contains("2 and 3"));
    }
}

#[test]
fn metadata_at_one_address_is_fetched_once_for_all_of_its_rows() {
    let published = Behaviour::reply(Reply::new(200, "application/samlmetadata+xml", metadata(0)));
    let crowd = Crowd::facing(8, Provider::new().on(Route::Elsewhere, published));
    let url = format!("{}/saml/metadata", crowd.provider.origin());
    let rows: String = (0..8).map(|number| format!("owner@team-{number}.example,{url}\n")).collect();
    let documents = crowd.documents(&format!("owner,metadata\n{rows}"), 1, &[]);
    assert_eq!(documents.iter().filter(|document| document["outcome"] == "onboarded").count(), 1);
    assert_eq!(crowd.provider.requests_to(Route::Elsewhere).len(), 1);
}

#[test]
fn values_of_both_protocols_in_one_row_are_refused() {
    let crowd = Crowd::of(1);
    crowd.world.write("idp.xml", metadata(0));
    let list = format!("{MIXED}owner@team-0.example,{},{CLIENT_ID},{CLIENT_SECRET},idp.xml\n", crowd.provider.issuer());
    let documents = crowd.documents(&list, 1, &[]);
    assert!(reasons(&documents[0]).contains(&"request-complete: two_protocols".to_owned()));
    assert!(!HEADER.contains("metadata"));
}

#[test]
fn an_identity_provider_that_a_row_frees_is_for_rows_further_down_and_for_none_further_up() {
    let crowd = Crowd::of(4);
    for number in 0..3 {
        crowd.world.write(&format!("{number}.xml"), metadata(number));
    }
    let of = |number: usize, file: usize| format!("owner@team-{number}.example,{file}.xml\n");
    crowd.documents(&format!("owner,metadata\n{}{}", of(0, 0), of(1, 1)), 0, &[]);
    // Two teams change places by way of a third provider, and others come for what they leave.
    let list = format!("owner,metadata\n{}{}{}{}", of(3, 0), of(0, 2), of(1, 0), of(2, 1));
    for (mode, onboarded, replaced) in
        [(&["--replace", "--dry-run"][..], "would_onboard", "would_replace"), (&["--replace"], "onboarded", "replaced")]
    {
        let documents = crowd.documents(&list, 1, mode);
        let expected = [(2, "refused"), (3, replaced), (4, replaced), (5, onboarded)];
        assert_eq!(outcomes(&documents), expected, "{mode:?}");
        assert!(reasons(&documents[0]).contains(&"team-connection: entity_id_taken".to_owned()), "{mode:?}");
    }
    crowd.expect_sound();
}
