//! A provider's key set, key by key.
//!
//! Source: RFC 7517 (JWK), RFC 7518 section 6 (parameters), RFC 8037 (OKP).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use super::json::{self, Encoding, NotJson, Several};
use super::key_certificate;
use crate::curve;

/// Smallest RSA modulus that is accepted, in bits (RFC 7518 section 3.3).
pub const RSA_MIN_BITS: usize = 2048;
/// Largest RSA modulus that is accepted, in bits: beyond it a signature check is a way to keep us busy.
pub const RSA_MAX_BITS: usize = 8192;
/// Largest public exponent of RSA that libraries take, in bits: most of them refuse more.
pub const RSA_EXPONENT_MAX_BITS: usize = 33;

/// A key set as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeySet {
    /// Every entry of `keys`, in order.
    pub keys: Vec<Key>,
    /// Member names given twice.
    pub duplicates: Several,
    /// How the text was encoded.
    pub encoding: Encoding,
}

/// One entry of `keys`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// `kid`.
    pub kid: Option<String>,
    /// `alg`, where the key is bound to one.
    pub algorithm: Option<String>,
    /// What it is good for.
    pub quality: Quality,
}

/// What a key is good for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Quality {
    /// It verifies signatures.
    Signing(Kind),
    /// For something else (`use` is `enc`, `key_ops` without `verify`), or of a type nobody signs ID tokens with.
    NotForSigning(String),
    /// Too weak to rely on.
    Weak(String),
    /// So large that checking a signature is a burden.
    TooLarge(usize),
    /// Private or symmetric key material, published.
    Private(&'static str),
    /// Parameters that are missing or cannot be read.
    Broken(String),
}

/// The kind of a public signing key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// RSA, with its modulus in bits.
    Rsa(usize),
    /// Elliptic curve, with its name.
    Ec(&'static str),
    /// Edwards curve 25519.
    Ed25519,
}

impl Key {
    /// Whether ID tokens signed with `algorithm` can be checked with this key: its kind can, and it is bound to no other.
    #[must_use]
    pub fn verifies(&self, algorithm: &str) -> bool {
        let Quality::Signing(kind) = self.quality else { return false };
        // RFC 9864 gave `EdDSA` with this curve a second name.
        let free = kind == Kind::Ed25519 || self.algorithm.as_deref().is_none_or(|own| own == algorithm);
        free && kind.verifies(algorithm)
    }
}

impl Kind {
    /// Whether ID tokens signed with `algorithm` can be checked with such a key.
    #[must_use]
    pub fn verifies(self, algorithm: &str) -> bool {
        match self {
            Self::Rsa(_) => matches!(algorithm, "RS256" | "RS384" | "RS512" | "PS256" | "PS384" | "PS512"),
            Self::Ec("P-256") => algorithm == "ES256",
            Self::Ec("P-384") => algorithm == "ES384",
            Self::Ec(_) => algorithm == "ES512",
            Self::Ed25519 => matches!(algorithm, "EdDSA" | "Ed25519"),
        }
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Rsa(bits) => write!(formatter, "RSA {bits}"),
            Self::Ec(curve) => write!(formatter, "EC {curve}"),
            Self::Ed25519 => formatter.write_str("Ed25519"),
        }
    }
}

impl KeySet {
    /// The keys that verify signatures, with their kinds.
    pub fn signing(&self) -> impl Iterator<Item = (&Key, Kind)> {
        self.keys.iter().filter_map(|key| match key.quality {
            Quality::Signing(kind) => Some((key, kind)),
            _ => None,
        })
    }
}

/// Why bytes are no key set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAKeySet {
    /// Not JSON.
    #[error(transparent)]
    NotJson(#[from] NotJson),
    /// No `keys` list.
    #[error("the answer has no list of keys (\"keys\")")]
    NoKeys,
}

/// Reads a key set.
///
/// # Errors
///
/// [`NotAKeySet`] when there is no list to go through.
pub fn read(bytes: &[u8]) -> Result<KeySet, NotAKeySet> {
    let parsed = json::parse(bytes)?;
    let keys = parsed.value.get("keys").and_then(Value::as_array).ok_or(NotAKeySet::NoKeys)?;
    let keys = keys.iter().map(read_key).collect();
    Ok(KeySet { keys, duplicates: parsed.duplicates, encoding: parsed.encoding })
}

fn read_key(entry: &Value) -> Key {
    let Some(members) = entry.as_object() else {
        return Key { kid: None, algorithm: None, quality: Quality::Broken("it is not an object".to_owned()) };
    };
    Key {
        kid: text(members, "kid").map(str::to_owned),
        algorithm: text(members, "alg").map(str::to_owned),
        quality: private_part(members).or_else(|| wrong_type(members)).unwrap_or_else(|| public_part(members)),
    }
}

/// Whether there is something under `name`: some programs write out what they do not have.
fn is_there(members: &Map<String, Value>, name: &str) -> bool {
    members
        .get(name)
        .is_some_and(|value| !value.is_null() && value != "" && value.as_array().is_none_or(|list| !list.is_empty()))
}

/// The text under `name`; an empty one is none.
fn text<'m>(members: &'m Map<String, Value>, name: &str) -> Option<&'m str> {
    members.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// A member that two programs would understand in two ways, one of them not at all (RFC 7517 section 4).
fn wrong_type(members: &Map<String, Value>) -> Option<Quality> {
    let is_no_text = |name: &&str| is_there(members, name) && !members.get(*name).is_some_and(Value::is_string);
    if let Some(name) = ["kty", "use", "alg", "kid"].iter().find(|name| is_no_text(name)) {
        return Some(Quality::Broken(format!("\"{name}\" is not a string")));
    }
    let lists = is_there(members, "key_ops") && members.get("key_ops").is_some_and(|value| !value.is_array());
    lists.then(|| Quality::Broken("\"key_ops\" is not a list".to_owned()))
}

fn private_part(members: &Map<String, Value>) -> Option<Quality> {
    if members.get("kty").and_then(Value::as_str) == Some("oct") && is_there(members, "k") {
        return Some(Quality::Private("a symmetric key"));
    }
    // `priv` is that of the lattice algorithms (`AKP`).
    ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"]
        .iter()
        .any(|member| is_there(members, member))
        .then_some(Quality::Private("a private key"))
}

fn public_part(members: &Map<String, Value>) -> Quality {
    let text = |name: &str| text(members, name);
    if let Some(purpose) = text("use").filter(|purpose| *purpose != "sig") {
        return Quality::NotForSigning(format!("its use is \"{}\"", crate::foreign::shown_up_to(purpose, 20)));
    }
    if let Some(operations) = members.get("key_ops").and_then(Value::as_array)
        && !operations.is_empty()
        && !operations.iter().any(|one| one == "verify")
    {
        return Quality::NotForSigning("its key_ops do not include \"verify\"".to_owned());
    }
    let quality = match text("kty") {
        Some("RSA") => rsa(members),
        Some("EC") => ec(members),
        Some("OKP") => okp(members),
        Some(other) => Quality::NotForSigning(format!("its type is \"{}\"", crate::foreign::shown_up_to(other, 20))),
        None => Quality::Broken("it has no \"kty\"".to_owned()),
    };
    match (&quality, text("alg")) {
        (Quality::Signing(kind), Some(algorithm)) if !kind.verifies(algorithm) => {
            Quality::NotForSigning(format!("its alg is \"{}\"", crate::foreign::shown_up_to(algorithm, 20)))
        }
        (Quality::Signing(_), _) if key_certificate::is_of_another_key(members) => {
            Quality::Broken("the certificate beside it (\"x5c\") holds another key".to_owned())
        }
        _ => quality,
    }
}

fn octets(members: &Map<String, Value>, name: &str) -> Result<Vec<u8>, String> {
    let text = text(members, name).ok_or_else(|| {
        let is = if is_there(members, name) { "not a string" } else { "missing" };
        format!("\"{name}\" is {is}")
    })?;
    // Padding is against RFC 7515 section 2, but some providers send it and no reader minds.
    URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).map_err(|_| format!("\"{name}\" is not base64url"))
}

/// A number, big-endian, without zeros in front of it.
pub(super) fn number(members: &Map<String, Value>, name: &str) -> Result<Vec<u8>, String> {
    octets(members, name).map(|bytes| without_zeros(&bytes).to_vec())
}

/// A big-endian number without zeros in front of it.
pub(super) fn without_zeros(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.get(zeros..).unwrap_or_default()
}

fn bits(big_endian: &[u8]) -> usize {
    big_endian.first().map_or(0, |first| big_endian.len() * 8 - first.leading_zeros() as usize)
}

fn rsa(members: &Map<String, Value>) -> Quality {
    let (modulus, exponent) = match (number(members, "n"), number(members, "e")) {
        (Ok(modulus), Ok(exponent)) => (modulus, exponent),
        (Err(reason), _) | (_, Err(reason)) => return Quality::Broken(reason),
    };
    let size = bits(&modulus);
    let odd = exponent.last().is_some_and(|last| last % 2 == 1);
    if size > RSA_MAX_BITS {
        Quality::TooLarge(size)
    } else if size < RSA_MIN_BITS {
        Quality::Weak(format!("RSA with {size} bits; {RSA_MIN_BITS} is the least"))
    } else if !odd || bits(&exponent) < 2 {
        Quality::Weak("RSA with a public exponent that gives no protection".to_owned())
    } else if modulus.last().is_some_and(|last| last % 2 == 0) {
        Quality::Weak("RSA with an even modulus".to_owned())
    } else if bits(&exponent) > RSA_EXPONENT_MAX_BITS {
        let bits = bits(&exponent);
        Quality::Broken(format!("its public exponent has {bits} bits, and libraries take {RSA_EXPONENT_MAX_BITS}"))
    } else {
        Quality::Signing(Kind::Rsa(size))
    }
}

fn ec(members: &Map<String, Value>) -> Quality {
    let curve = members.get("crv").and_then(Value::as_str).unwrap_or_default();
    let Some((name, length)) =
        [("P-256", 32), ("P-384", 48), ("P-521", 66)].into_iter().find(|(name, _)| *name == curve)
    else {
        return Quality::NotForSigning(format!("its curve is \"{}\"", crate::foreign::shown_up_to(curve, 20)));
    };
    // RFC 7518 section 6.2.1.2 asks for the full length; where zeros in front were left out, libraries put them back.
    let mut point = vec![0x04];
    for coordinate in ["x", "y"] {
        match number(members, coordinate) {
            Ok(bytes) if !bytes.is_empty() && bytes.len() <= length => {
                point.resize(point.len() + length - bytes.len(), 0);
                point.extend(bytes);
            }
            Ok(_) => return Quality::Broken(format!("\"{coordinate}\" does not fit the curve {name}")),
            Err(reason) => return Quality::Broken(reason),
        }
    }
    if curve::holds(name, &point) == Some(false) {
        return Quality::Broken(format!("it is not a point of the curve {name}"));
    }
    Quality::Signing(Kind::Ec(name))
}

/// Keys of Edwards curves are octets and not numbers, so that their length is exact (RFC 8037 section 2, RFC 8032
/// sections 5.1.5 and 5.2.5).
fn okp(members: &Map<String, Value>) -> Quality {
    let curve = members.get("crv").and_then(Value::as_str).unwrap_or_default();
    let (length, quality) = match curve {
        "Ed25519" => (32, Quality::Signing(Kind::Ed25519)),
        // Nobody signs ID tokens with it yet, and it is not accepted.
        "Ed448" => (57, Quality::NotForSigning("its curve is \"Ed448\"".to_owned())),
        other => {
            let other = crate::foreign::shown_up_to(other, 20);
            return Quality::NotForSigning(format!("its curve is \"{other}\""));
        }
    };
    match octets(members, "x") {
        Ok(bytes) if curve == "Ed25519" && is_of_small_order(&bytes) => {
            Quality::Weak("a point of Ed25519 that anybody can sign for".to_owned())
        }
        Ok(bytes) if bytes.len() == length => quality,
        Ok(bytes) => Quality::Broken(format!("\"x\" has {} bytes, and a key of {curve} has {length}", bytes.len())),
        Err(reason) => Quality::Broken(reason),
    }
}

/// Whether `x` is one of the points of Ed25519 whose order divides eight, in any spelling: there are signatures that such a
/// key accepts of every message.
///
/// Source: RFC 8032, section 5.1; the points are the roots of the curve's eightfold map.
fn is_of_small_order(x: &[u8]) -> bool {
    const ORDER_EIGHT: [[u8; 32]; 2] = [
        [
            0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf,
            0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
        ],
        [
            0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20,
            0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
        ],
    ];
    let Ok(mut y) = <[u8; 32]>::try_from(x) else { return false };
    // The last bit is the sign of the other coordinate.
    y[31] &= 0x7f;
    match y {
        // 0 and 1.
        [0 | 1, rest @ ..] if rest == [0; 31] => true,
        // p - 1, and 0 and 1 once more as p and p + 1.
        [0xec..=0xee, middle @ .., 0x7f] if middle == [0xff; 30] => true,
        _ => ORDER_EIGHT.contains(&y),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn encoded(bytes: &[u8]) -> String {
        URL_SAFE_NO_PAD.encode(bytes)
    }

    fn modulus(bits: usize) -> String {
        let mut bytes = vec![0xC5; bits / 8];
        *bytes.last_mut().unwrap() = 0x0B;
        encoded(&bytes)
    }

    fn quality(key: &Value) -> Quality {
        read(json!({ "keys": [key] }).to_string().as_bytes()).unwrap().keys.remove(0).quality
    }

    #[test]
    fn an_rsa_2048_key_signs() {
        let key = json!({"kty": "RSA", "kid": "1", "use": "sig", "n": modulus(2048), "e": "AQAB"});
        assert_eq!(quality(&key), Quality::Signing(Kind::Rsa(2048)));
    }

    #[test]
    fn members_that_hold_nothing_are_no_private_key() {
        let mut key = json!({"kty": "RSA", "n": modulus(2048), "e": "AQAB"});
        for member in ["d", "p", "q", "dp", "dq", "qi"] {
            key[member] = Value::Null;
        }
        assert_eq!(quality(&key), Quality::Signing(Kind::Rsa(2048)));
        key["d"] = "".into();
        key["oth"] = json!([]);
        assert_eq!(quality(&key), Quality::Signing(Kind::Rsa(2048)));
        key["d"] = "AQAB".into();
        assert!(matches!(quality(&key), Quality::Private(_)));
        key["d"] = Value::Null;
        key["oth"] = json!([{"r": "AQAB", "d": "AQAB", "t": "AQAB"}]);
        assert!(matches!(quality(&key), Quality::Private(_)));
        assert!(matches!(quality(&json!({"kty": "oct", "kid": "h"})), Quality::NotForSigning(_)));
        assert!(matches!(quality(&json!({"kty": "oct", "k": "AQAB"})), Quality::Private(_)));
        assert!(matches!(quality(&json!({"kty": "AKP", "pub": "AQAB", "priv": "AQAB"})), Quality::Private(_)));
    }

    #[test]
    fn members_that_say_nothing_bind_a_key_to_nothing() {
        let plain = json!({"kty": "RSA", "n": modulus(2048), "e": "AQAB"});
        for (member, value) in [("use", json!("")), ("alg", json!("")), ("key_ops", json!([])), ("use", Value::Null)] {
            let mut key = plain.clone();
            key[member] = value;
            assert_eq!(quality(&key), Quality::Signing(Kind::Rsa(2048)), "{key}");
        }
        for (member, value, why) in [("n", json!(""), "\"n\" is missing"), ("e", json!(65537), "\"e\" is not a string")]
        {
            let mut key = plain.clone();
            key[member] = value;
            assert_eq!(quality(&key), Quality::Broken(why.to_owned()));
        }
    }

    #[test]
    fn a_key_for_other_operations_than_verifying_is_not_for_signing() {
        for (operations, signs) in [(json!(["encrypt"]), false), (json!(["sign", "verify"]), true)] {
            let key = json!({"kty": "RSA", "n": modulus(2048), "e": "AQAB", "key_ops": operations});
            assert_eq!(matches!(quality(&key), Quality::Signing(_)), signs, "{key}");
        }
    }

    #[test]
    fn a_member_of_the_wrong_type_spoils_the_key() {
        for (member, value) in [
            ("use", json!(["enc"])),
            ("alg", json!(256)),
            ("kid", json!(1)),
            ("key_ops", json!("encrypt")),
            ("kty", json!(["RSA"])),
        ] {
            let mut key = json!({"kty": "RSA", "n": modulus(2048), "e": "AQAB"});
            key[member] = value;
            assert!(matches!(quality(&key), Quality::Broken(_)), "{key}");
        }
        let mut key = json!({"kty": "RSA", "n": modulus(2048), "e": "AQAB", "use": null, "key_ops": null, "kid": null});
        key["alg"] = Value::Null;
        assert_eq!(quality(&key), Quality::Signing(Kind::Rsa(2048)));
    }

    #[test]
    fn a_small_modulus_and_an_exponent_of_one_are_weak() {
        assert!(matches!(quality(&json!({"kty": "RSA", "n": modulus(1024), "e": "AQAB"})), Quality::Weak(_)));
        assert!(matches!(quality(&json!({"kty": "RSA", "n": modulus(2048), "e": "AQ"})), Quality::Weak(_)));
    }

    #[test]
    fn a_giant_modulus_is_too_large() {
        let key = json!({"kty": "RSA", "n": modulus(65536), "e": "AQAB"});
        assert_eq!(quality(&key), Quality::TooLarge(65536));
    }

    #[test]
    fn private_and_symmetric_material_is_named() {
        let rsa = json!({"kty": "RSA", "n": modulus(2048), "e": "AQAB", "d": "AAAA"});
        assert_eq!(quality(&rsa), Quality::Private("a private key"));
        assert_eq!(quality(&json!({"kty": "oct", "k": "AAAA"})), Quality::Private("a symmetric key"));
    }

    #[test]
    fn a_modulus_that_is_not_base64url_is_broken_not_dropped() {
        assert!(matches!(quality(&json!({"kty": "RSA", "n": "***", "e": "AQAB"})), Quality::Broken(_)));
    }

    /// The public key of RFC 7517, appendix A.1.
    fn nist() -> Value {
        json!({
            "kty": "EC", "crv": "P-256",
            "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4", "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
        })
    }

    #[test]
    fn encryption_keys_and_unsupported_curves_do_not_sign() {
        let encryption = json!({"kty": "RSA", "use": "enc", "n": modulus(2048), "e": "AQAB"});
        assert!(matches!(quality(&encryption), Quality::NotForSigning(_)));
        let bitcoin = json!({"kty": "EC", "crv": "secp256k1", "x": encoded(&[1; 32]), "y": encoded(&[1; 32])});
        assert!(matches!(quality(&bitcoin), Quality::NotForSigning(_)));
    }

    #[test]
    fn edwards_and_nist_keys_sign_with_their_own_algorithms_only() {
        let edwards = json!({"kty": "OKP", "crv": "Ed25519", "x": encoded(&[7; 32])});
        assert_eq!(quality(&edwards), Quality::Signing(Kind::Ed25519));
        assert!(Kind::Ed25519.verifies("EdDSA") && !Kind::Ed25519.verifies("RS256"));
        let mut nist = nist();
        nist["alg"] = "ES256".into();
        assert_eq!(quality(&nist), Quality::Signing(Kind::Ec("P-256")));
    }

    #[test]
    fn a_point_beside_its_curve_is_no_key() {
        let mut off = nist();
        off["y"] = off["x"].clone();
        assert_eq!(quality(&off), Quality::Broken("it is not a point of the curve P-256".to_owned()));
        let mut other = nist();
        other["crv"] = "P-384".into();
        assert!(matches!(quality(&other), Quality::Broken(_)));
    }

    #[test]
    fn a_coordinate_without_its_leading_zero_is_the_same_key() {
        // The point 379·G of P-256 has an x that begins with a zero byte.
        let x = URL_SAFE_NO_PAD.decode("AFVDiUrz0A7X10Cr29dclrBod7eH219w7qeLkKjXwAo").unwrap();
        let key = |x: &[u8]| json!({"kty": "EC", "crv": "P-256", "x": encoded(x), "y": "u0yFo9jqKe-q-iRAaRLdhNWxTcMr9lbvbGvVil2UP5I"});
        assert_eq!(x.first(), Some(&0));
        assert_eq!(quality(&key(&x)), Quality::Signing(Kind::Ec("P-256")));
        assert_eq!(quality(&key(&x[1..])), Quality::Signing(Kind::Ec("P-256")));
    }

    #[test]
    fn a_key_of_an_edwards_curve_has_exactly_its_length() {
        let key = |curve: &str, length| json!({"kty": "OKP", "crv": curve, "x": encoded(&vec![7; length])});
        let mut zeros = [7; 32];
        zeros[..4].fill(0);
        let zeros = json!({"kty": "OKP", "crv": "Ed25519", "x": encoded(&zeros)});
        assert_eq!(quality(&zeros), Quality::Signing(Kind::Ed25519), "zeros in front are a part of it");
        assert!(matches!(quality(&key("Ed448", 57)), Quality::NotForSigning(_)));
        for (curve, length) in [("Ed25519", 31), ("Ed25519", 33), ("Ed25519", 0), ("Ed448", 56), ("Ed448", 32)] {
            assert!(matches!(quality(&key(curve, length)), Quality::Broken(_)), "{curve} {length}");
        }
    }

    #[test]
    fn a_point_that_anybody_can_sign_for_is_weak() {
        let key = |x: [u8; 32]| quality(&json!({"kty": "OKP", "crv": "Ed25519", "x": encoded(&x)}));
        let with = |first: u8, middle: u8, last: u8| {
            let mut x = [middle; 32];
            (x[0], x[31]) = (first, last);
            x
        };
        for x in [with(0, 0, 0), with(1, 0, 0), with(1, 0, 0x80), with(0xec, 0xff, 0x7f), with(0xee, 0xff, 0xff)] {
            assert!(matches!(key(x), Quality::Weak(_)), "{x:?}");
        }
        assert_eq!(key(with(2, 0, 0)), Quality::Signing(Kind::Ed25519));
    }

    #[test]
    fn an_exponent_that_no_library_takes_makes_a_key_useless() {
        let key = |exponent: u64| {
            let bytes = exponent.to_be_bytes();
            quality(&json!({"kty": "RSA", "n": modulus(2048), "e": encoded(&bytes)}))
        };
        assert_eq!(key((1 << 33) - 1), Quality::Signing(Kind::Rsa(2048)));
        assert!(matches!(key((1 << 33) + 1), Quality::Broken(_)));
    }

    #[test]
    fn a_key_that_is_bound_to_an_algorithm_verifies_no_other() {
        let key = |alg: Option<&str>| {
            let key = json!({"kty": "RSA", "n": modulus(2048), "e": "AQAB", "alg": alg});
            read(json!({ "keys": [key] }).to_string().as_bytes()).unwrap().keys.remove(0)
        };
        assert!(key(None).verifies("RS256") && key(Some("RS256")).verifies("RS256"));
        assert!(!key(Some("RS512")).verifies("RS256") && !key(Some("RSA-OAEP")).verifies("RS256"));
    }

    #[test]
    fn an_alg_that_does_not_fit_the_key_makes_it_useless() {
        let key = json!({"kty": "RSA", "alg": "RSA-OAEP", "n": modulus(2048), "e": "AQAB"});
        assert!(matches!(quality(&key), Quality::NotForSigning(_)));
    }
}
