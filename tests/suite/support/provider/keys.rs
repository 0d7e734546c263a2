//! Key sets, sound and unsound.
//!
//! RSA moduli are random odd numbers of exactly the length asked for: nobody verifies a signature with them.

use aws_lc_rs::rand;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P256K1_SHA256_ASN1_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm,
    Ed25519KeyPair, KeyPair as _,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

/// One key to publish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Key {
    /// `use: sig`, `alg: RS256`, e = 65537.
    Rsa { bits: usize, kid: Option<String> },
    /// RSA-2048 with d, p, q, dp, dq and qi beside its public half.
    RsaPrivate,
    /// RSA-2048 with e = 1.
    RsaExponentOne,
    /// RSA-2048 for encryption only.
    RsaForEncryption,
    /// A point on P-256.
    P256,
    /// The same with d.
    P256Private,
    /// A point on secp256k1.
    Secp256k1,
    /// `OKP`, RFC 8037.
    Ed25519,
    /// A symmetric key: a secret that everybody can read.
    Symmetric,
}

impl Key {
    /// RSA-2048 without `kid`.
    pub const fn without_kid() -> Self {
        Self::Rsa { bits: 2048, kid: None }
    }

    /// Its JWK (RFC 7517).
    pub fn jwk(&self) -> Value {
        match self {
            Self::Rsa { bits, kid } => {
                let mut key = json!({"kty": "RSA", "use": "sig", "alg": "RS256", "n": modulus(*bits), "e": "AQAB"});
                if let Some(kid) = kid {
                    key["kid"] = kid.as_str().into();
                }
                key
            }
            Self::RsaPrivate => {
                let mut key = named_rsa("private");
                for (member, bytes) in [("d", 256), ("p", 128), ("q", 128), ("dp", 128), ("dq", 128), ("qi", 128)] {
                    key[member] = encoded(&random(bytes)).into();
                }
                key
            }
            Self::RsaExponentOne => {
                let mut key = named_rsa("exponent-one");
                key["e"] = "AQ".into();
                key
            }
            Self::RsaForEncryption => {
                let mut key = named_rsa("encryption");
                key["use"] = "enc".into();
                key["alg"] = "RSA-OAEP-256".into();
                key
            }
            Self::P256 => on_curve("P-256", "ES256", &ECDSA_P256_SHA256_FIXED_SIGNING),
            Self::P256Private => {
                let mut key = Self::P256.jwk();
                key["d"] = encoded(&random(32)).into();
                key
            }
            Self::Secp256k1 => on_curve("secp256k1", "ES256K", &ECDSA_P256K1_SHA256_ASN1_SIGNING),
            Self::Ed25519 => {
                let pair = Ed25519KeyPair::generate().unwrap();
                json!({"kty": "OKP", "use": "sig", "alg": "EdDSA", "kid": "ed25519", "crv": "Ed25519",
                    "x": encoded(pair.public_key().as_ref())})
            }
            Self::Symmetric => {
                json!({"kty": "oct", "use": "sig", "alg": "HS256", "kid": "symmetric", "k": encoded(&random(32))})
            }
        }
    }
}

/// A key set with these keys.
pub fn key_set(keys: &[Key]) -> Value {
    json!({"keys": keys.iter().map(Key::jwk).collect::<Vec<_>>()})
}

/// `count` different RSA-2048 keys with `kid`s.
pub fn many_rsa(count: usize) -> Vec<Key> {
    (0..count).map(|number| Key::Rsa { bits: 2048, kid: Some(format!("key-{number}")) }).collect()
}

fn named_rsa(kid: &str) -> Value {
    Key::Rsa { bits: 2048, kid: Some(kid.to_owned()) }.jwk()
}

fn on_curve(curve: &str, algorithm: &str, signing: &'static EcdsaSigningAlgorithm) -> Value {
    let pair = EcdsaKeyPair::generate(signing).unwrap();
    let point = pair.public_key().as_ref();
    json!({"kty": "EC", "use": "sig", "alg": algorithm, "kid": curve, "crv": curve,
        "x": encoded(&point[1..33]), "y": encoded(&point[33..65])})
}

fn modulus(bits: usize) -> String {
    let mut number = random(bits / 8);
    number[0] |= 0x80;
    *number.last_mut().unwrap() |= 1;
    encoded(&number)
}

fn random(bytes: usize) -> Vec<u8> {
    let mut filled = vec![0; bytes];
    rand::fill(&mut filled).unwrap();
    filled
}

fn encoded(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
