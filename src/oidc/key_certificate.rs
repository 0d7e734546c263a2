//! The certificate beside a key (`x5c`): some programs take the key out of it, others the members of the key itself.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};
use x509_parser::asn1_rs::FromDer as _;
use x509_parser::prelude::X509Certificate;
use x509_parser::public_key::PublicKey;

use super::jwks::{number, without_zeros};

/// Whether the first certificate of `members` can be read and holds another RSA or EC key than they do.
///
/// What cannot be read is nobody's key, and when a certificate expires is of no account for a key that stands beside it.
///
/// Source: RFC 7517, section 4.7.
pub(super) fn is_of_another_key(members: &Map<String, Value>) -> bool {
    let chain = members.get("x5c").and_then(Value::as_array);
    let first = chain.and_then(|chain| chain.first()).and_then(Value::as_str);
    let Some(der) = first.and_then(|text| STANDARD.decode(text).ok()) else { return false };
    let Ok((_, certificate)) = X509Certificate::from_der(&der) else { return false };
    let differs = |name: &str, bytes: &[u8]| number(members, name).ok().as_deref() != Some(without_zeros(bytes));
    match certificate.public_key().parsed() {
        Ok(PublicKey::RSA(key)) => differs("n", key.modulus) || differs("e", key.exponent),
        Ok(PublicKey::EC(point)) => match point.data() {
            [0x04, coordinates @ ..] => {
                let (x, y) = coordinates.split_at(coordinates.len() / 2);
                differs("x", x) || differs("y", y)
            }
            _ => false,
        },
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use serde_json::json;

    /// A key of P-256 with a certificate for it.
    fn certified() -> Value {
        let pair = rcgen::KeyPair::generate().unwrap();
        let certificate = rcgen::CertificateParams::default().self_signed(&pair).unwrap();
        let point = pair.public_key_raw();
        let encoded = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        json!({"kty": "EC", "crv": "P-256", "x": encoded(&point[1..33]), "y": encoded(&point[33..]),
            "x5c": [STANDARD.encode(certificate.der())]})
    }

    fn is_of_another(key: &Value) -> bool {
        is_of_another_key(key.as_object().unwrap())
    }

    #[test]
    fn a_certificate_for_the_key_is_told_from_one_for_another() {
        let (mut key, other) = (certified(), certified());
        assert!(!is_of_another(&key));
        key["x5c"] = other["x5c"].clone();
        assert!(is_of_another(&key));
        assert!(is_of_another(&json!({"kty": "RSA", "n": "AQAB", "e": "AQAB", "x5c": other["x5c"]})));
    }

    #[test]
    fn what_is_no_certificate_says_nothing() {
        let mut key = certified();
        for nothing in [json!(null), json!([]), json!("MIIB"), json!(["!!!"]), json!([1]), json!(["MIIB"])] {
            key["x5c"] = nothing;
            assert!(!is_of_another(&key), "{key}");
        }
    }
}
