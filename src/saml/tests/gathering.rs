//! Files and other places that metadata comes from.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Mutex;

use jiff::Timestamp;

use super::super::facts::{ReadFault, SamlFacts, entity_at_hand, gather};
use super::{collection, entity};
use crate::exchange::{FetchFault, Forbidden, Problem};
use crate::net::{HttpClient, NetOptions, Origin};
use crate::request::saml_names::{EntityId, MetadataUrl};
use crate::request::{MetadataSource, SamlRequest};

fn client() -> HttpClient {
    let ca = rcgen::generate_simple_self_signed(["ca.acme.example".to_owned()]).unwrap();
    let options =
        NetOptions { ca_certs_pem: vec![ca.cert.pem().into_bytes()], system_roots: false, ..NetOptions::default() };
    HttpClient::new(options).unwrap()
}

async fn gathered(source: MetadataSource, entity_id: Option<&str>) -> SamlFacts {
    let asked = SamlRequest { metadata: Some(source), entity_id: entity_id.map(|id| EntityId::parse(id).unwrap()) };
    let told = Mutex::new(0);
    let facts = gather(&client(), None, &asked, Timestamp::UNIX_EPOCH, &[], &|_| *told.lock().unwrap() += 1).await;
    assert_eq!(*told.lock().unwrap(), 1, "told once");
    facts
}

fn fault(facts: &SamlFacts) -> ReadFault {
    facts.metadata.as_ref().unwrap().outcome.as_ref().unwrap_err().clone()
}

#[tokio::test]
async fn a_file_is_read_and_the_chosen_entity_taken() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("metadata.xml");
    std::fs::write(&path, collection(&(entity("https://a.example") + &entity("https://b.example")))).unwrap();
    let facts = gathered(MetadataSource::File(path.clone()), Some("https://b.example")).await;
    assert_eq!(facts.entity_id().unwrap().as_str(), "https://b.example");
    assert_eq!(facts.metadata.as_ref().unwrap().name, path.display().to_string());
    assert_eq!(facts.now, Timestamp::UNIX_EPOCH);
}

#[tokio::test]
async fn what_is_already_here_is_read_and_nothing_asked_is_nothing_told() {
    let given =
        MetadataSource::Given { name: "line 17".to_owned(), bytes: entity("https://a.example").into_bytes().into() };
    let facts = gathered(given, None).await;
    assert_eq!(facts.reading().unwrap().entity_id, "https://a.example");
    let nothing =
        gather(&client(), None, &SamlRequest::default(), Timestamp::UNIX_EPOCH, &[], &|_| panic!("told")).await;
    assert!(nothing.metadata.is_none());
}

#[test]
fn the_entity_that_a_document_at_hand_begins_with_is_known_before_it_is_read() {
    let at_hand = |source, chosen: Option<&str>| {
        let asked = SamlRequest { metadata: Some(source), entity_id: chosen.and_then(EntityId::parse) };
        entity_at_hand(&asked).map(|entity| entity.as_str().to_owned())
    };
    let whole = entity("https://a.example");
    let cut = whole.get(..whole.find('>').unwrap() + 1).unwrap().to_owned();
    let given = |text: &str| MetadataSource::Given { name: "a.xml".to_owned(), bytes: text.as_bytes().to_vec().into() };
    for text in [&whole, &cut, &collection(&(whole.clone() + &entity("https://b.example")))] {
        assert_eq!(at_hand(given(text), None).as_deref(), Some("https://a.example"), "{text}");
    }
    assert_eq!(at_hand(given(&whole), Some("https://b.example")).as_deref(), Some("https://b.example"));
    assert_eq!(at_hand(given("<html>"), None), None);
    let url = MetadataUrl::parse("https://a.example/metadata").unwrap();
    assert_eq!(at_hand(MetadataSource::Url(url), None), None);
}

#[tokio::test]
async fn what_is_no_regular_file_is_not_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for (path, words) in [
        (pipe.as_path(), "a pipe"),
        (folder.path(), "a folder"),
        (Path::new("/dev/zero"), "a device"),
        (Path::new("/does/not/exist"), "no such file"),
    ] {
        let ReadFault::File(said) = fault(&gathered(MetadataSource::File(path.to_owned()), None).await) else {
            panic!()
        };
        assert!(said.contains(words), "{}: {said}", path.display());
    }
}

#[tokio::test]
async fn a_file_that_is_not_ours_to_read_is_said_to_be_that() {
    if rustix::process::geteuid().is_root() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("metadata.xml");
    std::fs::write(&path, "x").unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o000)).unwrap();
    let ReadFault::File(said) = fault(&gathered(MetadataSource::File(path), None).await) else { panic!() };
    assert!(said.contains("must not be read"), "{said}");
}

#[tokio::test]
async fn an_address_is_asked_under_the_guard() {
    let url = MetadataUrl::parse("https://127.0.0.1/metadata").unwrap();
    let facts = gathered(MetadataSource::Url(url), None).await;
    let refused = fault(&facts);
    assert!(
        matches!(refused, ReadFault::Fetch(FetchFault::Exchange(Problem::Forbidden(Forbidden::Address { .. })))),
        "{refused:?}"
    );
    assert!(facts.metadata.unwrap().url.is_some());
}

#[test]
fn settings_keep_what_can_be_used_and_nothing_twice() {
    use super::super::facts::Metadata;
    let double = "<md:SingleSignOnService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect\" Location=\"https://idp.acme.example/sso\"/>\
                  <md:SingleSignOnService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:SOAP\" Location=\"https://idp.acme.example/soap\"/>\
                  <md:SingleSignOnService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST\" Location=\"http://10.0.0.1/sso\"/>\
                  </md:IDPSSODescriptor>";
    let text = entity("https://a.example").replace("</md:IDPSSODescriptor>", double);
    let settings = |allowed: &[Origin]| {
        let metadata = Metadata::of_bytes("pasted", text.as_bytes(), None, allowed);
        let facts = SamlFacts { metadata: Some(metadata), now: "2026-06-01T00:00:00Z".parse().unwrap() };
        facts.settings(None).unwrap()
    };
    let strict = settings(&[]);
    assert_eq!(strict.sso.len(), 1);
    assert_eq!(strict.certificates.len(), 1);
    assert_eq!(strict.certificates.first().unwrap().key, "EC P-256");
    assert_eq!(settings(&[Origin::parse("http://10.0.0.1").unwrap()]).sso.len(), 2);
}
