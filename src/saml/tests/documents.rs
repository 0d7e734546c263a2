//! Whole documents: what is read, and how what cannot be read is explained.

use super::super::encoding::NotText;
use super::super::entity::Defect;
use super::super::expiry::Place;
use super::super::metadata::{Mishap, NotMetadata, OtherRole};
use super::super::stranger::Stranger;
use super::{code, collection, entity, read};
use crate::saml::metadata;

#[test]
fn the_ordinary_document_has_nothing_wrong_with_it() {
    let reading = read(&entity("https://idp.acme.example")).unwrap();
    assert_eq!(reading.entity_id, "https://idp.acme.example");
    assert_eq!((reading.entities, reading.providers, reading.collection), (1, Some(1), false));
    assert_eq!(
        (reading.defects.as_slice(), reading.mended.as_slice(), reading.signatures.len()),
        (&[][..], &[][..], 0)
    );
    assert_eq!((reading.charset, reading.bytes), ("UTF-8", entity("https://idp.acme.example").len() as u64));
}

#[test]
fn a_fault_is_located_by_line_and_column() {
    let text = entity("a").replace("<md:KeyDescriptor", "\n  <md:KeyDescriptor bad");
    let Err(NotMetadata::Syntax { line, column, cause, .. }) = read(&text) else { panic!() };
    assert_eq!((line, column, cause), (2, 3, None));
}

#[test]
fn what_mailing_did_is_recognised_where_it_cannot_be_undone() {
    let cause = |text: &str| match read(text) {
        Err(NotMetadata::Syntax { cause, .. }) => cause,
        other => panic!("{text}: {other:?}"),
    };
    let text = entity("a");
    assert_eq!(cause(&format!("\n<?xml version='1.0'?>{text}")), Some(Mishap::LateDeclaration));
    assert_eq!(cause(&format!("{text}\nBest regards")), Some(Mishap::WordsAfter));
    assert_eq!(cause(&text.replace("use=\"signing\"", "use=\u{201e}signing\u{201c}")), Some(Mishap::SmartQuotes));
    assert_eq!(cause(&text.replace(" use=", "\u{a0}use=")), Some(Mishap::OtherBlanks));
    assert_eq!(
        cause(&text.replace(" Binding=", "\n> Binding=\n> ").replace("</md:Entity", "\n> </md:Entit")),
        Some(Mishap::Quoted)
    );
    assert_eq!(code(&text.replace('=', "=3D")), "mail_source");
}

#[test]
fn a_tag_that_a_reply_mark_tore_apart_is_noticed() {
    let text = entity("a").replace(" use=", "\n> use=");
    assert_eq!(read(&text).unwrap().defects, [Defect::Words]);
}

#[test]
fn roots_are_told_by_name() {
    let root = |name: &str, ns: &str| read(&format!("<x:{name} xmlns:x=\"{ns}\"/>")).unwrap_err();
    let protocol = "urn:oasis:names:tc:SAML:2.0:protocol";
    assert_eq!(root("AuthnRequest", protocol), NotMetadata::Stranger(Stranger::Message("AuthnRequest")));
    assert_eq!(root("Response", protocol), NotMetadata::Stranger(Stranger::Message("Response")));
    assert_eq!(root("Assertion", "urn:oasis:names:tc:SAML:2.0:assertion"), NotMetadata::Stranger(Stranger::Assertion));
    assert_eq!(root("KeyInfo", "http://www.w3.org/2000/09/xmldsig#"), NotMetadata::Stranger(Stranger::Certificate));
    assert_eq!(root("EntityDescriptor", "urn:x"), NotMetadata::Namespace(Some("urn:x".to_owned())));
    assert_eq!(root("definitions", "http://schemas.xmlsoap.org/wsdl/"), NotMetadata::Stranger(Stranger::WebService));
    // What is not even XML is called that, whatever its root is.
    assert_eq!(code("<EntityDescriptor a=\"&\"/>"), "xml_syntax");
}

#[test]
fn strange_encodings_are_named() {
    let text = format!("<?xml version=\"1.0\" encoding=\"EBCDIC-XYZ\"?>{}", entity("a"));
    assert_eq!(read(&text).unwrap_err(), NotMetadata::Encoding(NotText::Unknown("EBCDIC-XYZ".to_owned())));
}

#[test]
fn an_end_is_inherited_and_the_earliest_counts() {
    let inside = entity("a").replace(" entityID", " validUntil=\"2027-01-01T00:00:00Z\" entityID");
    let ending = "<md:EntitiesDescriptor validUntil=\"2026-01-01T00:00:00Z\"";
    let outside = collection(&inside).replacen("<md:EntitiesDescriptor", ending, 1);
    let reading = read(&outside).unwrap();
    assert_eq!(reading.expiries.len(), 2);
    let ends = reading.ends().unwrap();
    assert_eq!((ends.place, ends.at.to_string().as_str()), (Place::Group, "2026-01-01T00:00:00Z"));
}

#[test]
fn one_entity_of_many_is_chosen_by_its_exact_id() {
    let text =
        collection(&(entity("https://a.example") + &entity("https://a.example/") + &entity("https://b.example")));
    let chosen = |id: &str| metadata::read(text.as_bytes(), Some(id), &|_| false);
    assert_eq!(chosen("https://a.example/").unwrap().entity_id, "https://a.example/");
    assert_eq!(chosen("https://B.example").unwrap_err().code(), "entity_not_found");
    let Err(NotMetadata::Ambiguous { providers, first }) = read(&text) else { panic!() };
    assert_eq!((providers, first.len()), (3, 3));
}

#[test]
fn a_choice_that_is_no_identity_provider_is_called_what_it_is() {
    let provider = "<md:EntityDescriptor entityID=\"sp\"><md:SPSSODescriptor protocolSupportEnumeration=\"x\"/></md:EntityDescriptor>";
    let text = collection(&(entity("a") + provider));
    let Err(NotMetadata::NoProvider { role, .. }) = metadata::read(text.as_bytes(), Some("sp"), &|_| false) else {
        panic!()
    };
    assert_eq!(role, OtherRole::ServiceProvider);
    assert_eq!(read(&text).unwrap().entity_id, "a");
}

#[test]
fn plain_http_is_usable_where_it_was_allowed() {
    let text = entity("a").replace("https://idp.acme.example/sso", "http://127.0.0.1:8080/sso");
    let usable = |allowed: bool| {
        let reading = metadata::read(text.as_bytes(), None, &|url| allowed && url.port() == Some(8080)).unwrap();
        reading.provider.sso.first().unwrap().fitness.code()
    };
    assert_eq!((usable(true), usable(false)), (None, Some("endpoint_not_https")));
}

#[test]
fn names_count_by_where_they_stand() {
    // A sign-in address, a key and a role outside their places are decoration.
    let stray = "<md:SingleSignOnService Binding=\"x\" Location=\"https://evil.example\"/>";
    let text = entity("a")
        .replace("<md:IDPSSODescriptor", &format!("<md:Organization>{stray}</md:Organization><md:IDPSSODescriptor"));
    assert_eq!(read(&text).unwrap().provider.sso.len(), 1);
    let wrapped = entity("a")
        .replace("<ds:X509Data>", "<ds:Object><ds:X509Data>")
        .replace("</ds:X509Data>", "</ds:X509Data></ds:Object>");
    assert_eq!(read(&wrapped).unwrap().provider.signing().count(), 0);
}

#[test]
fn a_comment_in_a_value_is_a_defect_and_the_value_is_whole_all_the_same() {
    let text = entity("a").replace(
        "<md:SingleSignOnService",
        "<md:NameIDFormat>ur<!-- x -->n:a</md:NameIDFormat><md:SingleSignOnService",
    );
    let reading = read(&text).unwrap();
    assert_eq!(reading.defects, [Defect::Interrupted { element: "NameIDFormat" }]);
    assert_eq!(reading.provider.name_id_formats, ["urn:a"]);
}

#[test]
fn a_role_with_hundreds_of_keys_or_addresses_is_not_read_to_its_end() {
    let with = |count: usize| {
        let more = "<md:SingleSignOnService Binding=\"x\" Location=\"http://x\"/>".repeat(count);
        read(&entity("a").replace("</md:IDPSSODescriptor>", &(more + "</md:IDPSSODescriptor>")))
    };
    assert_eq!(with(254).unwrap().provider.sso.len(), 255);
    assert_eq!(with(255).unwrap_err(), NotMetadata::TooMany("addresses and keys"));
    let keys = "<md:KeyDescriptor/>".repeat(300);
    let text = entity("a").replace("<md:SingleSignOnService", &(keys + "<md:SingleSignOnService"));
    assert_eq!(code(&text), "xml_too_many");
}
