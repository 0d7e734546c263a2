//! Elliptic curves: whether what calls itself a public key is a point of its curve. One that is not verifies nothing, and
//! libraries that do not look compute with it all the same.

use aws_lc_rs::agreement::{Algorithm, ECDH_P256, ECDH_P384, ECDH_P521, ParsedPublicKey, UnparsedPublicKey};

/// Whether `point` lies on the curve `name` (`P-256`, `P-384` or `P-521`); `None` for another curve, of which nothing can be told.
///
/// The point is written as SEC 1 section 2.3.3 has it: `04`, then both coordinates in full length; or `02` or `03` and the first.
#[must_use]
pub fn holds(name: &str, point: &[u8]) -> Option<bool> {
    let algorithm: &'static Algorithm = match name {
        "P-256" => &ECDH_P256,
        "P-384" => &ECDH_P384,
        "P-521" => &ECDH_P521,
        _ => return None,
    };
    Some(ParsedPublicKey::try_from(UnparsedPublicKey::new(algorithm, point)).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_key_lies_on_its_curve_and_what_is_next_to_it_does_not() {
        use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};

        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
        let mut point = key.public_key().as_ref().to_vec();
        assert_eq!(holds("P-256", &point), Some(true));
        assert_eq!(holds("P-384", &point), Some(false));
        assert_eq!(holds("secp256k1", &point), None);
        *point.last_mut().unwrap() ^= 1;
        assert_eq!(holds("P-256", &point), Some(false));
        assert_eq!(holds("P-256", &[]), Some(false));
    }
}
