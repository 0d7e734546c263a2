//! Whole documents: what is read, and how what cannot be read is explained.

use super::super::encoding::NotText;
use super::super::endpoint::Fitness;
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
fn what_a_browser_draws_beside_folded_elements_is_told_from_words() {
    let whole = entity("a");
    for mark in ["...", "\n  …\n", "- ", "▼"] {
        let text = whole.replace("<md:SingleSign", &format!("{mark}<md:SingleSign"));
        assert_eq!(read(&text).unwrap().defects, [Defect::Folded], "{mark}");
    }
    let folded = whole.replace("<md:IDPSSO", "... <md:IDPSSO").replace("<md:SingleSign", "words <md:SingleSign");
    assert_eq!(read(&folded).unwrap().defects, [Defect::Folded, Defect::Words]);
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

#[test]
fn an_address_that_browsers_or_programs_would_have_to_complete_is_none() {
    let code = |location: &str| {
        let text = entity("a").replace("https://idp.acme.example/sso", location);
        read(&text).unwrap().provider.sso.first().unwrap().fitness.code()
    };
    assert_eq!(code("HTTPS://idp.acme.example:8443/sso?x=1"), None);
    assert_eq!(code("https://idp.münchen.example/sso"), None);
    for location in [
        "https:idp.acme.example/sso",
        "https:/idp.acme.example/sso",
        "https:///idp.acme.example/sso",
        "https://",
        "https:\\\\idp.acme.example\\sso",
        "https://idp.acme.example\\@evil.example/sso",
        "/sso",
        "https://YOUR_DOMAIN/sso",
        "https://yourcompany.okta.com/sso",
        "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fidp.acme.example%2Fsso&amp;data=05",
        "https://idp.acme.example/&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;",
        "https://https://idp.acme.example/sso",
        "https://idp.acme.example:0/sso",
        "https://@idp.acme.example/sso",
        "https://:@idp.acme.example/sso",
        "https://idp%2eacme.example/sso",
        "https://\u{ff49}\u{ff44}\u{ff50}.acme.example/sso",
        "https://2130706433/sso",
        "https://$HOST/sso",
        "https://login.microsoftonline.com/%TENANT_ID%/saml2",
        "https://login.microsoftonline.com/[tenant-id]/saml2",
        "https://idp.acme.example/%7Btenant%7D/sso",
    ] {
        assert_eq!(code(location), Some("endpoint_syntax"), "{location}");
    }
    for tenant in ["common", "organizations", "consumers", "00000000-0000-0000-0000-000000000000"] {
        let location = format!("https://login.microsoftonline.com/{tenant}/saml2");
        assert_eq!(code(&location), Some("multi_tenant_metadata"), "{location}");
    }
    for location in ["https://idp.\u{430}cme.example/sso", "https://xn--kta-red.com/sso"] {
        assert_eq!(code(location), Some("host_confusable"), "{location}");
    }
}

#[test]
fn an_address_that_leads_nowhere_is_none_and_one_in_a_companys_network_is_told() {
    let sso = |location: &str, allowed: bool| {
        let text = entity("a").replace("https://idp.acme.example/sso", location);
        metadata::read(text.as_bytes(), None, &|_| allowed).unwrap().provider.sso.remove(0)
    };
    for host in ["127.0.0.1", "localhost", "sso.localhost", "[::1]"] {
        let location = format!("https://{host}/sso");
        let endpoint = sso(&location, false);
        assert_eq!(endpoint.fitness, Fitness::Usable, "{location}");
        assert_eq!(endpoint.literal().unwrap().1, Some("a loopback address"), "{location}");
    }
    for host in ["0.0.0.0", "169.254.169.254", "169.254.7.7", "[fe80::1]", "192.0.2.1"] {
        let location = format!("https://{host}/sso");
        assert_eq!(sso(&location, false).fitness.code(), Some("endpoint_private"), "{location}");
        assert_eq!(sso(&location, true).fitness.code(), Some("endpoint_private"), "{location}");
    }
    let private = sso("https://10.1.2.3/adfs/ls", false);
    assert_eq!(private.literal(), Some(("10.1.2.3".to_owned(), Some("a private address (RFC 1918)"))));
    assert_eq!(sso("https://8.8.8.8/sso", false).literal(), Some(("8.8.8.8".to_owned(), None)));
    assert_eq!(sso("https://idp.acme.example/sso", false).literal(), None);
}

#[test]
fn an_answers_address_is_judged_for_signing_out_alone() {
    let answers = "ResponseLocation=\"http://idp.acme.example/answers\" Location=";
    let text = entity("a").replace("Location=", answers);
    let reading = read(&text).unwrap();
    assert_eq!(reading.provider.sso[0].fitness, Fitness::Usable);
    let out = text.replace("SingleSignOnService", "SingleLogoutService");
    let reading = read(&out).unwrap();
    let endpoint = &reading.provider.slo[0];
    assert_eq!((endpoint.fitness, endpoint.judged()), (Fitness::NotHttps, "http://idp.acme.example/answers"));
}

#[test]
fn a_name_that_is_nobodys_own_is_no_entity_id() {
    for (id, defect) in [
        ("https://sts.windows.net/9188040d-6c67-4c5b-b112-36a304b66dad/", Defect::EverybodysEntityId),
        ("https://login.microsoftonline.com/common/", Defect::EverybodysEntityId),
        ("https://sts.windows.net/%7Btenantid%7D/", Defect::PlaceholderEntityId),
        ("https://sts.windows.net/{tenantid}/", Defect::PlaceholderEntityId),
        ("&lt;your entity id&gt;", Defect::PlaceholderEntityId),
        ("https://your-domain.okta.com/exk1", Defect::PlaceholderEntityId),
    ] {
        assert_eq!(read(&entity(id)).unwrap().defects, [defect], "{id}");
    }
    for id in [
        "IdP Entity ID",
        "urn:mace:incommon:osu.edu",
        "http://www.okta.com/exk1",
        "https://sts.windows.net/5c5e2c5f-ee14-4ee7-a1c1-5c5e2c5fee14/",
    ] {
        assert_eq!(read(&entity(id)).unwrap().defects, [], "{id}");
    }
}

#[test]
fn a_value_that_a_mail_wrapped_is_said_to_be_and_not_taken_for_another() {
    let binding = entity("a").replace("2.0:bindings", "2.0:\nbindings");
    let fitness = read(&binding).unwrap().provider.sso.first().unwrap().fitness;
    assert_eq!(fitness, Fitness::Broken("is broken by a line end, as mail programs do"));
    let protocols = read(&entity("a").replace("SAML:2.0:protocol", "SAML:2.0:\nprotocol")).unwrap();
    assert!(matches!(protocols.defects[..], [Defect::Torn { what: "protocolSupportEnumeration", .. }]));
    let format = "<md:NameIDFormat>urn:oasis:names:tc:SAML:1.1:\nnameid-format:emailAddress</md:NameIDFormat>";
    let formats = read(&entity("a").replace("<md:SingleSign", &format!("{format}<md:SingleSign"))).unwrap();
    assert!(matches!(formats.defects[..], [Defect::Torn { what: "NameIDFormat", .. }]));
    let listed = entity("a").replace("SAML:2.0:protocol", "SAML:2.0:protocol\n urn:x");
    assert_eq!(read(&listed).unwrap().defects, [], "a list may stand on several lines");
    let id = "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fidp.acme.example";
    assert_eq!(read(&entity(id)).unwrap().defects, [Defect::RewrittenEntityId]);
}

#[test]
fn a_use_that_nobody_defines_is_a_defect() {
    for usage in ["Signing", "", "signing encryption"] {
        let reading = read(&entity("a").replace("use=\"signing\"", &format!("use=\"{usage}\""))).unwrap();
        assert_eq!(reading.defects, [Defect::Attribute { name: "use", value: usage.to_owned() }]);
    }
}

#[test]
fn xml_base_is_found_in_every_corner_of_the_entity_and_of_no_other() {
    let based = "<md:Extensions><x xml:base=\"https://evil.example\"/></md:Extensions><md:IDPSSODescriptor";
    let text = entity("https://a.example").replace("<md:IDPSSODescriptor", based);
    assert_eq!(read(&text).unwrap().defects, [Defect::Base]);
    let both = collection(&(text + &entity("https://b.example")));
    let chosen = |id| metadata::read(both.as_bytes(), Some(id), &|_| false).unwrap().defects;
    assert_eq!(chosen("https://b.example"), []);
    assert_eq!(chosen("https://a.example"), [Defect::Base]);
}

#[test]
fn a_private_key_is_told_wherever_in_the_document_it_stands() {
    let key = "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----";
    let whole = entity("a");
    for text in [
        whole.replace("<md:IDPSSO", &format!("<md:Extensions><x>{key}</x></md:Extensions><md:IDPSSO")),
        whole.replace("<ds:X509Data>", &format!("<ds:KeyName>{key}</ds:KeyName><ds:X509Data>")),
    ] {
        assert_eq!(read(&text).unwrap().defects, [Defect::PrivateKey], "{text}");
    }
    let commented = whole.replace("<md:IDPSSO", &format!("<!-- {key} --><md:IDPSSO"));
    assert_eq!(code(&commented), "private_key_in_input", "two hyphens end no comment, and that matters less");
    assert_eq!(code(&format!("{whole}\n{key}")), "private_key_in_input");
    assert_eq!(code(&format!("{key}\n{whole}")), "private_key_in_input");
    let spelt_out = "<ds:KeyValue><ds:RSAKeyValue><ds:Modulus>AA==</ds:Modulus><ds:Exponent>AQAB</ds:Exponent><ds:P>AA==</ds:P>\
                     <ds:D>AA==</ds:D></ds:RSAKeyValue></ds:KeyValue><ds:X509Data>";
    assert_eq!(read(&whole.replace("<ds:X509Data>", spelt_out)).unwrap().defects, [Defect::PrivateKey]);
    let public = spelt_out.replace("<ds:P>AA==</ds:P><ds:D>AA==</ds:D>", "");
    assert_eq!(read(&whole.replace("<ds:X509Data>", &public)).unwrap().defects, []);
    // Without its armour, and for encryption: Base64 of PKCS #8, as far as that is looked at.
    let bare = "MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQC7VJTUt9Us8cKj";
    let beside = format!(
        "<md:KeyDescriptor use=\"encryption\"><ds:KeyInfo xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:X509Data>\
         <ds:X509Certificate>{bare}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor><md:SingleSign"
    );
    assert_eq!(read(&whole.replace("<md:SingleSign", &beside)).unwrap().defects, [Defect::PrivateKey]);
    let elsewhere = format!("<md:Extensions><privateKey>{bare}</privateKey></md:Extensions><md:IDPSSO");
    assert_eq!(read(&whole.replace("<md:IDPSSO", &elsewhere)).unwrap().defects, [Defect::PrivateKey]);
    assert_eq!(code(&format!("<bean><property value='{bare}'/></bean>")), "private_key_in_input");
}
