//! What has to hold of any bytes whatever: run by libFuzzer for hours, and by the test suite for some seconds.

#![allow(dead_code)]

use std::sync::OnceLock;

use ssoctl::saml::certificate::Certificate;
use ssoctl::saml::facts::{Metadata, SamlFacts};
use ssoctl::saml::metadata::{self, NotMetadata, Reading};
use ssoctl::saml::signature::Outcome;

/// Documents that are signed with keys which nobody has any more.
pub const SIGNED: [&[u8]; 4] = [
    include_bytes!("../fixtures/metadata/signed-rsa/document.xml"),
    include_bytes!("../fixtures/metadata/signed-by-itself/document.xml"),
    include_bytes!("../fixtures/metadata/signed-p-256/document.xml"),
    include_bytes!("../fixtures/metadata/signed-sha-1/document.xml"),
];

fn read(data: &[u8], chosen: Option<&str>) -> Result<Reading, NotMetadata> {
    metadata::read(data, chosen, &|_| false)
}

/// What signs people in.
fn facts(reading: &Reading) -> String {
    format!("{} {:?}", reading.entity_id, reading.provider)
}

/// The certificate that a signature was verified with, and what it vouched for.
fn vouched(reading: &Reading) -> Vec<(String, String)> {
    let valid = reading.signatures.iter().filter_map(|one| match &one.outcome {
        Outcome::Valid { by, .. } => Some(by.clone()),
        _ => None,
    });
    valid.map(|by| (by, facts(reading))).collect()
}

/// Metadata: read or refused, never anything else, and
///
/// - what is read is read again the same way, and by its own name;
/// - what would be stored can be used: https addresses, current and strong certificates, no name with a blank;
/// - a signature of a key that is lost vouches for the document it was made for, and for no other.
pub fn metadata(data: &[u8]) {
    static LOST: OnceLock<Vec<(String, String)>> = OnceLock::new();
    let reading = match read(data, None) {
        Ok(reading) => reading,
        Err(NotMetadata::Ambiguous { providers, first }) => {
            assert!(providers > 1 && !first.is_empty());
            return;
        }
        Err(not) => {
            assert!(!not.code().is_empty());
            return;
        }
    };
    let again = read(data, Some(&reading.entity_id));
    match again {
        Ok(again) => assert_eq!(facts(&again), facts(&reading)),
        Err(not) => assert!(matches!(not, NotMetadata::Twice(_) | NotMetadata::NoProvider { .. }), "{not:?}"),
    }
    let now = "2026-06-01T00:00:00Z".parse().expect("a moment");
    let metadata = Metadata::of_bytes("fuzz", data, None, &[]);
    let facts_then = SamlFacts { metadata: Some(metadata), now };
    if let Some(settings) = facts_then.settings(None) {
        assert!(
            settings.sso.iter().chain(&settings.slo).all(|one| one.location.to_ascii_lowercase().starts_with("https:"))
        );
        assert!(settings.certificates.iter().all(|one| one.not_after >= now));
        assert!(!settings.entity_id.as_str().trim().is_empty());
    }
    let lost = LOST.get_or_init(|| {
        let readings = SIGNED.iter().map(|signed| read(signed, None).expect("a signed document"));
        readings.flat_map(|reading| vouched(&reading)).collect()
    });
    for (by, what) in vouched(&reading) {
        if lost.iter().any(|(key, _)| *key == by) {
            assert!(lost.contains(&(by, what)), "a lost key vouches for something else");
        }
    }
}

/// Certificates: what is read from text is read from its DER, and the other way round.
pub fn certificate(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        let _ = Certificate::of_der(data);
        return;
    };
    if let Ok(certificate) = Certificate::read(text) {
        let again = Certificate::of_der(&certificate.der).expect("what was read once");
        assert_eq!(again.sha256, certificate.sha256);
        assert_eq!(again.key, certificate.key);
        assert!(!certificate.key.to_string().is_empty());
        let _ = (certificate.key.strength(), certificate.weak_hash(), certificate.short());
    }
}
