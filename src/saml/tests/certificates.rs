//! Certificates of every kind, and texts that are none.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use x509_parser::prelude::{FromDer as _, X509Certificate};

use super::super::certificate::{Certificate, Key, NotACertificate, OtherThing, Strength};
use super::{P256, RSA, entity, read};

macro_rules! made {
    ($name:literal) => {
        include_str!(concat!("../../../fixtures/metadata/certificates/", $name, ".b64"))
    };
}

#[test]
fn every_kind_of_key_is_named_and_weighed() {
    for (text, name, strength) in [
        (RSA, "RSA 2048", Strength::Good),
        (P256, "EC P-256", Strength::Good),
        (made!("p384"), "EC P-384", Strength::Good),
        (made!("rsa512"), "RSA 512", Strength::Weak),
        (made!("rsa1024"), "RSA 1024", Strength::Weak),
        (made!("rsa8200"), "RSA 8200", Strength::TooLarge),
        (made!("dsa1024"), "DSA 1024", Strength::Weak),
        (made!("p192"), "EC P-192", Strength::Weak),
        (made!("secp256k1"), "EC secp256k1", Strength::Unusual),
        (made!("ed25519"), "Ed25519", Strength::Unusual),
    ] {
        let certificate = Certificate::read(text).unwrap();
        assert_eq!((certificate.key.to_string().as_str(), certificate.key.strength()), (name, strength));
    }
    assert_eq!(Key::Rsa { bits: 2048, broken: true }.strength(), Strength::Weak);
    assert_eq!(Key::Other("1.2.3".to_owned()).strength(), Strength::Unusual);
}

#[test]
fn a_key_that_could_not_sign_is_none() {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    let changed = |text: &str, from: &[u8], to: &[u8]| {
        let mut der = STANDARD.decode(text).unwrap();
        let at = der.windows(from.len()).position(|window| window == from).unwrap();
        der[at..at + to.len()].copy_from_slice(to);
        Certificate::of_der(&der).unwrap().key
    };
    for (key, name) in [
        (changed(RSA, b"\x30\x82\x01\x0A\x02\x82\x01\x01", b"\x04"), "no RSA key, though it says so"),
        (changed(P256, b"\x03\x42\x00\x04", b"\x03\x42\x00\x04\xAA\xAA"), "no point of its elliptic curve"),
        (
            changed(made!("ed25519"), b"\x30\x05\x06\x03\x2B\x65\x70\x03", b"\x30\x05\x06\x03\x2B\x65\x6E"),
            "X25519, which cannot sign",
        ),
        (
            changed(P256, b"\x2A\x86\x48\xCE\x3D\x02\x01", b"\x2A\x86\x48\xCE\x3E\x02\x01"),
            "a Diffie-Hellman key, which cannot sign",
        ),
    ] {
        assert_eq!((key.to_string().as_str(), key.strength()), (name, Strength::None));
    }
    // A curve by its own identifier: too small, and one that nobody knows.
    for (last, name, strength) in [
        (0x02, "EC prime192v2", Strength::Weak),
        (0x05, "EC prime239v2", Strength::Weak),
        (0x7F, "of an unknown kind (1.2.840.10045.3.1.127)", Strength::Unusual),
    ] {
        let curve = [0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01];
        let key = changed(P256, &[&curve[..], &[0x07]].concat(), &[&curve[..], &[last]].concat());
        assert_eq!((key.to_string().as_str(), key.strength()), (name, strength));
    }
}

#[test]
fn validity_version_and_hash_are_read() {
    let certificate = Certificate::read(RSA).unwrap();
    assert_eq!(certificate.not_before.to_string(), "2020-01-01T00:00:00Z");
    assert_eq!(certificate.not_after.to_string(), "2099-12-31T23:59:59Z");
    assert_eq!((certificate.version, certificate.self_issued(), certificate.weak_hash()), (3, true, None));
    assert_eq!(certificate.subject, "CN=rsa2048.acme.example");
    assert_eq!(Certificate::read(made!("v1")).unwrap().version, 1);
    assert_eq!(Certificate::read(made!("md5")).unwrap().weak_hash(), Some("MD5"));
    assert_eq!(Certificate::read(made!("sha1")).unwrap().weak_hash(), Some("SHA-1"));
    let forever = Certificate::read(made!("forever")).unwrap();
    assert!(forever.not_after > "9999-01-01T00:00:00Z".parse().unwrap());
}

#[test]
fn the_moments_of_beginning_and_end_count() {
    let certificate = Certificate::read(RSA).unwrap();
    for (moment, current, over) in [
        ("2019-12-31T23:59:59Z", false, false),
        ("2020-01-01T00:00:00Z", true, false),
        ("2099-12-31T23:59:59Z", true, false),
        ("2100-01-01T00:00:00Z", false, true),
    ] {
        let moment = moment.parse().unwrap();
        assert_eq!((certificate.is_current(moment), certificate.is_over(moment)), (current, over), "{moment}");
    }
}

#[test]
fn white_space_and_armour_are_taken_off() {
    let plain = Certificate::read(RSA).unwrap();
    let (first, second) = RSA.split_at(100);
    for text in [
        format!("\n\t{first}\r\n {second}\n"),
        format!("{first}\u{a0}{second}\u{200b}"),
        format!("-----BEGIN CERTIFICATE-----\n{first}\n{second}\n-----END CERTIFICATE-----\n"),
        format!("-----BEGIN CERTIFICATE-----{first}{second}-----END CERTIFICATE-----"),
        format!("-----BEGIN TRUSTED CERTIFICATE-----\n{RSA}\n-----END TRUSTED CERTIFICATE-----"),
    ] {
        let read = Certificate::read(&text).unwrap();
        assert_eq!((&read.der, read.armoured), (&plain.der, text.contains("BEGIN")), "{text}");
    }
    for (text, armoured, cleaned) in [
        (format!("{RSA}\n-----END CERTIFICATE-----\n"), true, false),
        (format!("-----BEGIN CERTIFICATE-----\n{RSA}\n-----END CERTIFICATE-----\nKind regards"), true, true),
        (
            format!("subject=CN = idp\nissuer=CN = idp\n-----BEGIN CERTIFICATE-----\n{RSA}\n-----END CERTIFICATE-----"),
            true,
            true,
        ),
        (format!("{first}\u{a0}{second}"), false, true),
        (format!("{first}\u{200b}{second}"), false, true),
        (format!("{first}\r\n\t {second}"), false, false),
        (RSA.trim_end_matches('=').to_owned(), false, true),
        (format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----", RSA.trim_end_matches('=')), true, true),
    ] {
        let read = Certificate::read(&text).unwrap();
        assert_eq!((&read.der, read.armoured, read.cleaned), (&plain.der, armoured, cleaned), "{text}");
    }
}

#[test]
fn what_is_no_certificate_is_said_not_to_be_one() {
    let unarmoured_before = format!("{RSA}\n-----BEGIN CERTIFICATE-----\n{RSA}\n-----END CERTIFICATE-----");
    assert_eq!(Certificate::read(&unarmoured_before), Err(NotACertificate::Other(OtherThing::Several)));
    let twice = format!("-----BEGIN CERTIFICATE-----\n{RSA}\n-----END CERTIFICATE-----\n").repeat(2);
    let base64 = |bytes: &[u8]| STANDARD.encode(bytes);
    let der = STANDARD.decode(RSA).unwrap();
    // A file with its chain, of which somebody took the lines between.
    let filled = made!("sha1");
    assert!(filled.ends_with('='));
    let behind_each_other = format!("{filled}{RSA}");
    let longer = base64(&[&der[..], b"\0"].concat());
    let (_, certificate) = X509Certificate::from_der(&der).unwrap();
    let public_key = base64(certificate.public_key().raw);
    let bare_key = base64(&certificate.public_key().subject_public_key.data);
    let bundle = base64(b"\x30\x82\x0D\x37\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x02\xA0\x82\x0D\x28");
    let again = base64(format!("-----BEGIN CERTIFICATE-----\n{RSA}\n-----END CERTIFICATE-----\n").as_bytes());
    let again_key = base64(b"-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----");
    let other = NotACertificate::Other;
    for (text, expected) in [
        (&*public_key, other(OtherThing::PublicKey)),
        (&bare_key, other(OtherThing::PublicKey)),
        (&bundle, other(OtherThing::Bundle)),
        (&base64(again.as_bytes()), NotACertificate::NotX509),
        (&again_key, NotACertificate::PrivateKey),
        ("", NotACertificate::Empty),
        (" \n", NotACertificate::Empty),
        ("-----BEGIN CERTIFICATE----------END CERTIFICATE-----", NotACertificate::Empty),
        ("hello, certificate", NotACertificate::Base64),
        ("AAAA", NotACertificate::NotX509),
        (RSA.get(..400).unwrap(), NotACertificate::NotX509),
        (RSA.get(..401).unwrap(), NotACertificate::Base64),
        (&longer, NotACertificate::NotX509),
        (&twice, other(OtherThing::Several)),
        (&behind_each_other, other(OtherThing::Several)),
        (&base64(&[&der[..], &der[..]].concat()), other(OtherThing::Several)),
        (&format!("{}=={RSA}", RSA.get(..398).unwrap()), NotACertificate::Base64),
        ("MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQC7VJTUt9Us8cKj", NotACertificate::PrivateKey),
        ("-----BEGIN RSA PRIVATE KEY-----\nMII=\n-----END RSA PRIVATE KEY-----", NotACertificate::PrivateKey),
    ] {
        assert_eq!(Certificate::read(text).unwrap_err(), expected, "{text}");
    }
    let read = Certificate::read(&again).unwrap();
    assert!(read.armoured && read.cleaned && *read.der == *der);
}

#[test]
fn a_certificate_that_signed_itself_shows_what_was_altered() {
    const MODULUS: &[u8] = b"\x02\x82\x01\x01\x00";
    const SIGNATURE: &[u8] = b"\x03\x82\x01\x01\x00";
    const RSA_KEY: &[u8] = b"\x2A\x86\x48\x86\xF7\x0D\x01\x01\x01";
    const YEAR: &[u8] = b"\x17\x0D20";

    let key = rcgen::KeyPair::generate().unwrap();
    let signer =
        rcgen::Issuer::new(rcgen::CertificateParams::new(Vec::new()).unwrap(), rcgen::KeyPair::generate().unwrap());
    let mut another = rcgen::CertificateParams::new(Vec::new()).unwrap();
    another.distinguished_name.push(rcgen::DnType::CommonName, "another name");
    let another = STANDARD.encode(another.signed_by(&key, &signer).unwrap().der());
    // Made by another key of the same name, which it names.
    let mut renewed = rcgen::CertificateParams::new(Vec::new()).unwrap();
    renewed.is_ca = rcgen::IsCa::ExplicitNoCa;
    renewed.use_authority_key_identifier_extension = true;
    let renewed = STANDARD.encode(renewed.signed_by(&key, &signer).unwrap().der());
    assert!(Certificate::read(&renewed).unwrap().self_issued());
    // One bit of one byte, so far behind the beginning of `what`.
    let altered = |text: &str, what: &[u8], behind: usize| {
        let mut der = STANDARD.decode(text).unwrap();
        let at = der.windows(what.len()).position(|window| window == what).unwrap();
        der[at + behind] ^= 2;
        Certificate::read(&STANDARD.encode(&der)).map(|_| ())
    };
    for (text, what, behind, expected) in [
        (RSA, MODULUS, 100, Err(NotACertificate::Altered)),
        (RSA, SIGNATURE, 100, Err(NotACertificate::Altered)),
        (RSA, YEAR, 3, Err(NotACertificate::Altered)),
        (made!("sha1"), MODULUS, 100, Err(NotACertificate::Altered)),
        // A key of an algorithm that nobody knows made no signature of RSA's.
        (RSA, RSA_KEY, 8, Err(NotACertificate::Altered)),
        (P256, YEAR, 3, Err(NotACertificate::Altered)),
        (made!("p384"), YEAR, 3, Err(NotACertificate::Altered)),
        // Not to be told: another's signature, a weak key, algorithms that are not looked into.
        (&another, b"another name", 0, Ok(())),
        (made!("rsa1024"), YEAR, 3, Ok(())),
        (made!("md5"), MODULUS, 100, Ok(())),
        (made!("secp256k1"), YEAR, 3, Ok(())),
    ] {
        assert_eq!(altered(text, what, behind), expected, "{what:x?}");
    }
}

#[test]
fn a_certificate_given_twice_counts_once_and_two_unreadable_texts_count_twice() {
    let key = |text: &str| {
        format!(
            "<md:KeyDescriptor><ds:KeyInfo xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:X509Data><ds:X509Certificate>{text}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
        )
    };
    let keys = key(RSA) + &key(P256) + &key(RSA) + &key("x") + &key("x");
    let text = entity("a").replace("<md:SingleSignOnService", &(keys + "<md:SingleSignOnService"));
    let reading = read(&text).unwrap();
    assert_eq!(reading.provider.signing_certificates().count(), 2);
    assert_eq!(reading.provider.signing().count(), 4);
}

#[test]
fn an_authority_beside_the_certificate_that_it_issued_is_no_signing_key() {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use rcgen::{CertificateParams, DnType, Issuer, KeyPair};

    let named = |name: &str| {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, name);
        params
    };
    let key = || KeyPair::generate().unwrap();
    let base64 = |certificate: &rcgen::Certificate| STANDARD.encode(certificate.der());
    let root_key = key();
    let root = base64(&named("root").self_signed(&root_key).unwrap());
    let issuer = Issuer::new(named("root"), root_key);
    let leaf = base64(&named("leaf").signed_by(&key(), &issuer).unwrap());
    let old = base64(&named("idp").self_signed(&key()).unwrap());
    let new = base64(&named("idp").self_signed(&key()).unwrap());

    let wrapped = |one: &String| format!("<ds:X509Certificate>{one}</ds:X509Certificate>");
    let kept = |certificates: &[&String], between: &str| {
        let all: Vec<String> = certificates.iter().map(|one| wrapped(one)).collect();
        let text = entity("a").replace(&wrapped(&P256.to_owned()), &all.join(between));
        let provider = read(&text).unwrap().provider;
        assert_eq!(provider.signing().count(), certificates.len());
        provider.signing_certificates().map(|one| STANDARD.encode(&one.der)).collect::<Vec<_>>()
    };
    let serial = "<ds:X509IssuerSerial><ds:X509SerialNumber>1</ds:X509SerialNumber></ds:X509IssuerSerial>";
    assert_eq!(kept(&[&leaf, &root], ""), [leaf.as_str()]);
    assert_eq!(kept(&[&root, &leaf], serial), [leaf.as_str()]);
    assert_eq!(kept(&[&old, &new], ""), [old.as_str(), new.as_str()]);
    assert_eq!(kept(&[&root], ""), [root.as_str()]);
    // In another place it is a key of its own.
    assert_eq!(kept(&[&leaf, &root], "</ds:X509Data><ds:X509Data>"), [leaf.as_str(), root.as_str()]);
}
