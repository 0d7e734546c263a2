//! Whether a certificate that calls itself its own issuer's was made by its own key.

use aws_lc_rs::signature::{self, UnparsedPublicKey, VerificationAlgorithm};
use x509_parser::extensions::ParsedExtension;
use x509_parser::prelude::{FromDer as _, X509Certificate};

use super::certificate::{Certificate, Key, Strength};

// What certificates are signed with. Source: RFC 8017, appendix A.2.4; RFC 5758, section 3.2.
const SHA1_WITH_RSA: &str = "1.2.840.113549.1.1.5";
const SHA256_WITH_RSA: &str = "1.2.840.113549.1.1.11";
const SHA384_WITH_RSA: &str = "1.2.840.113549.1.1.12";
const SHA512_WITH_RSA: &str = "1.2.840.113549.1.1.13";
const SHA256_WITH_ECDSA: &str = "1.2.840.10045.4.3.2";
const SHA384_WITH_ECDSA: &str = "1.2.840.10045.4.3.3";

/// Whether its own key made its signature; `None` where that cannot be told: a weak key, an algorithm that is not
/// known here, or another key that it names as its issuer's, be that of the same name (RFC 5280, section 3.2).
///
/// Whoever signed a certificate decides nothing, but where it is its own key, a letter that was lost or changed on the way
/// shows. That letter may be one of the key's.
pub(super) fn holds(read: &Certificate) -> Option<bool> {
    let (_, certificate) = X509Certificate::from_der(&read.der).ok()?;
    if names_another_key(&certificate) {
        return None;
    }
    let key = &certificate.public_key().subject_public_key.data;
    let is_strong = read.key.strength() == Strength::Good;
    let algorithm: &dyn VerificationAlgorithm = match (read.signature_algorithm.as_str(), &read.key) {
        (SHA1_WITH_RSA | SHA256_WITH_RSA | SHA384_WITH_RSA | SHA512_WITH_RSA, Key::Other(_)) => return Some(false),
        (SHA1_WITH_RSA, Key::Rsa { .. }) if is_strong => &signature::RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY,
        (SHA256_WITH_RSA, Key::Rsa { .. }) if is_strong => &signature::RSA_PKCS1_2048_8192_SHA256,
        (SHA384_WITH_RSA, Key::Rsa { .. }) if is_strong => &signature::RSA_PKCS1_2048_8192_SHA384,
        (SHA512_WITH_RSA, Key::Rsa { .. }) if is_strong => &signature::RSA_PKCS1_2048_8192_SHA512,
        // A point in its usual form: not every library takes the compressed one.
        (_, Key::Ec { .. }) if key.first() != Some(&0x04) => return None,
        (SHA256_WITH_ECDSA, Key::Ec { curve: "P-256", .. }) => &signature::ECDSA_P256_SHA256_ASN1,
        (SHA384_WITH_ECDSA, Key::Ec { curve: "P-256", .. }) => &signature::ECDSA_P256_SHA384_ASN1,
        (SHA256_WITH_ECDSA, Key::Ec { curve: "P-384", .. }) => &signature::ECDSA_P384_SHA256_ASN1,
        (SHA384_WITH_ECDSA, Key::Ec { curve: "P-384", .. }) => &signature::ECDSA_P384_SHA384_ASN1,
        _ => return None,
    };
    let made = &certificate.signature_value.data;
    Some(UnparsedPublicKey::new(algorithm, key).verify(certificate.tbs_certificate.as_ref(), made).is_ok())
}

/// Whether a certificate says itself that another key than its own made its signature (RFC 5280, sections 4.2.1.1 and 4.2.1.2).
fn names_another_key(certificate: &X509Certificate<'_>) -> bool {
    let mut ids = (None, None);
    for extension in certificate.extensions() {
        match extension.parsed_extension() {
            ParsedExtension::AuthorityKeyIdentifier(authority) => ids.0 = authority.key_identifier.as_ref(),
            ParsedExtension::SubjectKeyIdentifier(own) => ids.1 = Some(own),
            _ => {}
        }
    }
    matches!(ids, (Some(issuer), Some(own)) if issuer != own)
}
