//! Signatures made by another implementation, and what can be done to a signed document.

use super::super::expiry::Place;
use super::super::metadata;
use super::super::signature::{Outcome, SIGNATURES};

const SIGNED: &str = include_str!("../../../fixtures/metadata/signed-rsa/document.xml");
const BY_ITSELF: &str = include_str!("../../../fixtures/metadata/signed-by-itself/document.xml");
const SHA_1: &str = include_str!("../../../fixtures/metadata/signed-sha-1/document.xml");
const COLLECTION: &str = include_str!("../../../fixtures/metadata/signed-collection/document.xml");

fn outcome(text: &str) -> Outcome {
    let reading = metadata::read(text.as_bytes(), None, &|_| false).unwrap();
    let [signature] = &reading.signatures[..] else { panic!("{:?}", reading.signatures) };
    signature.outcome.clone()
}

/// The signature's own text.
fn signature() -> &'static str {
    let start = SIGNED.find("<ds:Signature ").unwrap();
    let end = SIGNED.find("</ds:Signature>").unwrap() + "</ds:Signature>".len();
    &SIGNED[start..end]
}

#[test]
fn a_valid_signature_says_whose_key_it_was() {
    assert!(matches!(outcome(SIGNED), Outcome::Valid { own: false, weak: None, .. }));
    assert!(matches!(outcome(BY_ITSELF), Outcome::Valid { own: true, weak: None, .. }));
    assert!(matches!(outcome(SHA_1), Outcome::Valid { weak: Some(_), .. }));
    let chosen = metadata::read(COLLECTION.as_bytes(), Some("https://idp2.acme.example/saml"), &|_| false).unwrap();
    assert_eq!(chosen.signatures.first().unwrap().place, Place::Group);
    assert!(matches!(chosen.signatures.first().unwrap().outcome, Outcome::Valid { .. }));
}

#[test]
fn whatever_is_altered_is_noticed() {
    for (from, to) in [
        ("https://idp.acme.example/saml/sso", "https://evil.example/saml/sso"),
        ("entityID=\"https://idp.acme.example/saml\"", "entityID=\"https://evil.example\""),
        ("use=\"signing\"", ""),
        ("  <md:IDPSSODescriptor", " <md:IDPSSODescriptor"),
        ("</md:IDPSSODescriptor>", "<md:NameIDFormat>urn:x</md:NameIDFormat></md:IDPSSODescriptor>"),
        ("<ds:DigestValue>", "<ds:DigestValue>A"),
        ("<ds:SignatureValue>", "<ds:SignatureValue>AAAA"),
    ] {
        let text = SIGNED.replacen(from, to, 1);
        assert_ne!(text, SIGNED, "{from}");
        assert_eq!(outcome(&text), Outcome::Altered, "{from} -> {to}");
    }
}

#[test]
fn what_xml_does_not_count_as_a_change_is_none() {
    for (from, to) in [
        ("<md:SingleSignOnService Binding", "<md:SingleSignOnService   Binding"),
        ("?>\n", "?>\n<!-- kept by somebody -->\n"),
        ("use=\"signing\"", "use='signing'"),
    ] {
        let text = SIGNED.replacen(from, to, 1);
        assert_ne!(text, SIGNED, "{from}");
        assert!(matches!(outcome(&text), Outcome::Valid { .. }), "{from} -> {to}");
    }
}

#[test]
fn a_signature_that_is_built_otherwise_is_not_even_tried() {
    let hmac = "http://www.w3.org/2000/09/xmldsig#hmac-sha1";
    let reference = |text: &str| {
        let start = text.find("<ds:Reference").unwrap();
        text[start..text.find("</ds:Reference>").unwrap() + "</ds:Reference>".len()].to_owned()
    };
    let one = reference(SIGNED);
    for (from, to) in [
        ("http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", hmac),
        ("http://www.w3.org/2001/04/xmlenc#sha256", "http://www.w3.org/2001/04/xmldsig-more#md5"),
        ("http://www.w3.org/2000/09/xmldsig#enveloped-signature", "http://www.w3.org/TR/1999/REC-xpath-19991116"),
        (
            "http://www.w3.org/2001/10/xml-exc-c14n#\"/></ds:Transforms>",
            "http://www.w3.org/TR/1999/REC-xslt-19991116\"/></ds:Transforms>",
        ),
        ("URI=\"#_root\"", "URI=\"\" "),
        ("URI=\"#_root\"", "URI=\"#other\""),
        ("URI=\"#_root\"", "URI=\"file:///etc/passwd\""),
        ("URI=\"#_root\"", "URI=\"https://evil.example/\""),
        ("URI=\"#_root\"", "URI=\"#xpointer(/)\""),
        ("<ds:SignatureValue>", "<ds:SignatureValue><!-- x -->"),
        ("<ds:DigestValue>", "<ds:DigestValue><!-- x -->"),
        ("<ds:KeyInfo>", "<ds:Object>x</ds:Object><ds:KeyInfo>"),
        ("<ds:SignatureValue>", "<ds:SignatureValue/><ds:SignatureValue>"),
        (one.as_str(), &(one.clone() + &one)),
        (one.as_str(), ""),
        (signature(), &signature().repeat(2)),
    ] {
        let text = SIGNED.replacen(from, to, 1);
        assert_ne!(text, SIGNED, "{from}");
        let outcome = outcome(&text);
        // The empty reference means the document, whose element it stands in: that alone may be altered, not malformed.
        let expected =
            matches!(outcome, Outcome::Malformed(_)) || (to.contains("URI=\"\"") && outcome == Outcome::Altered);
        assert!(expected, "{to}: {outcome:?}");
    }
}

/// Signature wrapping (rule R-11): the signed entity is kept where nobody reads it, and another one is put in its place.
#[test]
fn the_signature_of_another_element_vouches_for_nothing() {
    let declaration = SIGNED.find("<md:Entity").unwrap();
    let signed = &SIGNED[declaration..];
    let open = |id: &str| {
        format!(
            "<md:EntityDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\" entityID=\"https://evil.example\"{id}>"
        )
    };
    let role = {
        let start = signed.find("<md:IDPSSODescriptor").unwrap();
        let end = signed.find("</md:IDPSSODescriptor>").unwrap() + "</md:IDPSSODescriptor>".len();
        signed[start..end].replace("https://idp.acme.example", "https://evil.example")
    };
    let bare = signed.replace(signature(), "");
    let entity = |id: &str, inside: &str| format!("{}{inside}{role}</md:EntityDescriptor>", open(id));
    let hidden = |what: &str| format!("<md:Extensions>{what}</md:Extensions>");
    for (name, text) in [
        (
            "the signed entity inside Extensions, the signature outside",
            entity("", &(signature().to_owned() + &hidden(&bare))),
        ),
        ("the same with the signed one's id", entity(" ID=\"_root\"", &(signature().to_owned() + &hidden(&bare)))),
        ("another id", entity(" ID=\"_evil\"", &(signature().to_owned() + &hidden(&bare)))),
        ("the signed entity with its signature inside Extensions", entity("", &hidden(signed))),
        (
            "inside the signature",
            entity(
                "",
                &signature().replace("</ds:Signature>", &format!("<ds:Object>{bare}</ds:Object></ds:Signature>")),
            ),
        ),
    ] {
        let reading = metadata::read(text.as_bytes(), None, &|_| false).unwrap();
        assert_eq!(reading.entity_id, "https://evil.example", "{name}");
        for signature in &reading.signatures {
            assert!(!matches!(signature.outcome, Outcome::Valid { .. }), "{name}: {signature:?}");
        }
    }
}

#[test]
fn a_certificate_in_the_signature_that_did_not_sign_is_no_proof() {
    let other = include_str!("../../../fixtures/metadata/certificates/next.b64");
    let start = SIGNED.find("<ds:X509Certificate>").unwrap() + "<ds:X509Certificate>".len();
    let end = start + SIGNED[start..].find('<').unwrap();
    let swapped = format!("{}{other}{}", &SIGNED[..start], &SIGNED[end..]);
    assert_eq!(outcome(&swapped), Outcome::Altered);
    let cut = format!("{}{}{}", &SIGNED[..start], &other[..400], &SIGNED[end..]);
    assert!(matches!(outcome(&cut), Outcome::NoKey(_)));
}

#[test]
fn a_crowd_of_signatures_is_not_verified_one_by_one() {
    let crowd = signature().repeat(SIGNATURES + 1);
    let text = SIGNED.replacen(
        "<md:IDPSSODescriptor",
        &format!("<md:Extensions>{crowd}</md:Extensions><md:IDPSSODescriptor"),
        1,
    );
    assert!(matches!(outcome(&text), Outcome::NotVerified(_)));
}

#[test]
fn a_document_made_to_be_dear_is_not_verified() {
    let declared: String = (0..200).map(|number| format!(" xmlns:n{number}=\"urn:n{number}\"")).collect();
    let inside = "<b/>".repeat(30_000);
    let many_names = SIGNED.replacen(
        "<md:IDPSSODescriptor",
        &format!("<md:Extensions{declared}>{inside}</md:Extensions><md:IDPSSODescriptor"),
        1,
    );
    assert!(matches!(outcome(&many_names), Outcome::NotVerified(why) if why.contains("namespaces")));
    let parts = format!("<md:Extensions>{}</md:Extensions><md:IDPSSODescriptor", "<b/>".repeat(500_000));
    let many_parts = SIGNED.replacen("<md:IDPSSODescriptor", &parts, 1);
    assert!(matches!(outcome(&many_parts), Outcome::NotVerified(why) if why.contains("parts")));
    let ordinary = format!("<md:Extensions>{}</md:Extensions><md:IDPSSODescriptor", "<b/>".repeat(5000));
    assert_eq!(outcome(&SIGNED.replacen("<md:IDPSSODescriptor", &ordinary, 1)), Outcome::Altered);
}

#[test]
fn an_id_that_stands_twice_signs_nothing() {
    for twin in ["<x ID=\"_root\"/>", "<x id=\"_root\"/>", "<x xml:id=\"_root\"/>"] {
        let text = SIGNED.replacen(
            "<md:IDPSSODescriptor",
            &format!("<md:Extensions>{twin}</md:Extensions><md:IDPSSODescriptor"),
            1,
        );
        assert!(matches!(outcome(&text), Outcome::Malformed(why) if why.contains("more than once")), "{twin}");
    }
}

#[test]
fn a_key_that_the_library_does_not_use_proves_no_tampering() {
    let weak = include_str!("../../../fixtures/metadata/certificates/rsa1024.b64");
    let start = SIGNED.find("<ds:X509Certificate>").unwrap() + "<ds:X509Certificate>".len();
    let end = start + SIGNED[start..].find('<').unwrap();
    let by_weak = format!("{}{weak}{}", &SIGNED[..start], &SIGNED[end..]);
    assert!(matches!(outcome(&by_weak), Outcome::NotVerified(why) if why.contains("too weak")));
}
