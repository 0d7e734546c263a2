//! X.509 certificates as metadata carries them: `<ds:X509Certificate>`, Base64 of DER, with what pasting does to it.
//!
//! In SAML the key in the certificate is what is trusted; the chain above it is nobody's business, and neither is the
//! name in it (SAML V2.0 Metadata Interoperability Profile, section 2.6.1). What matters is whether the key is strong,
//! and when its owner means to stop using it.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use jiff::Timestamp;
use x509_parser::asn1_rs::{Any, FromDer as _, Integer};
use x509_parser::prelude::{X509Certificate, X509Version};
use x509_parser::public_key::PublicKey;
use x509_parser::time::ASN1Time;
use x509_parser::x509::SubjectPublicKeyInfo;

use super::self_signature;
use crate::curve;
use crate::foreign::{self, private_key};
use crate::hex;

/// A certificate that could be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// DER, as submitted.
    pub der: Arc<[u8]>,
    /// SHA-256 of the DER, lower-case hexadecimal.
    pub sha256: String,
    /// The subject's name, as its owner wrote it: to be shown, never to be trusted.
    pub subject: String,
    /// First second of validity.
    pub not_before: Timestamp,
    /// Last second of validity.
    pub not_after: Timestamp,
    /// The public key.
    pub key: Key,
    /// What the certificate itself was signed with: object identifier.
    pub signature_algorithm: String,
    /// It stands beside a certificate that it issued, and is no key that signs anything for the provider.
    pub authority: bool,
    /// The two names, as DER.
    names: Names,
    /// X.509 version, from 1.
    pub version: u32,
    /// PEM armour was taken off.
    pub armoured: bool,
    /// More than white space and armour was mended: invisible characters, other blanks, words behind the armour, missing `=`, a
    /// second layer of Base64.
    pub cleaned: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Names {
    issuer: Arc<[u8]>,
    subject: Arc<[u8]>,
}

/// A public key, as far as its strength goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Key {
    /// RSA, with the bits of its modulus.
    Rsa {
        /// Bits.
        bits: usize,
        /// The exponent is even or 1: no RSA key at all.
        broken: bool,
    },
    /// An elliptic curve.
    Ec {
        /// Its usual name (`P-256`).
        curve: &'static str,
        /// Bits of its field.
        bits: usize,
    },
    /// Ed25519 or Ed448.
    Edwards(&'static str),
    /// DSA, with the bits of its modulus.
    Dsa(usize),
    /// Anything else: object identifier.
    Other(String),
    /// Nothing that could verify a signature, and what it is instead.
    Useless(&'static str),
}

/// What a key is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strength {
    /// Strong, and what SAML software expects.
    Good,
    /// Strong, but much SAML software cannot use it.
    Unusual,
    /// Too weak to rely on.
    Weak,
    /// So large that no library verifies with it.
    TooLarge,
    /// Nobody can verify anything with it.
    None,
}

/// Fewest bits of an RSA key. Source: NIST SP 800-131A Rev. 2, section 3.
pub const LEAST_RSA_BITS: usize = 2048;
/// Most bits of an RSA key that the cryptographic library verifies with.
pub const MOST_RSA_BITS: usize = 8192;

impl Key {
    /// What the key is worth.
    #[must_use]
    pub fn strength(&self) -> Strength {
        match self {
            Self::Rsa { bits, .. } if *bits > MOST_RSA_BITS => Strength::TooLarge,
            Self::Rsa { bits, broken } if *broken || *bits < LEAST_RSA_BITS => Strength::Weak,
            Self::Ec { bits, .. } if *bits < 256 => Strength::Weak,
            Self::Rsa { .. } | Self::Ec { curve: "P-256" | "P-384" | "P-521", .. } => Strength::Good,
            Self::Ec { .. } | Self::Edwards(_) | Self::Other(_) => Strength::Unusual,
            Self::Dsa(_) => Strength::Weak,
            Self::Useless(_) => Strength::None,
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rsa { bits, .. } => write!(formatter, "RSA {bits}"),
            Self::Ec { curve, .. } => write!(formatter, "EC {curve}"),
            Self::Edwards(name) => formatter.write_str(name),
            Self::Dsa(bits) => write!(formatter, "DSA {bits}"),
            Self::Other(oid) => write!(formatter, "of an unknown kind ({oid})"),
            Self::Useless(what) => formatter.write_str(what),
        }
    }
}

/// Why the text of an `X509Certificate` is no certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotACertificate {
    /// Nothing in it.
    #[error("it is empty")]
    Empty,
    /// A private key.
    #[error("it is a private key")]
    PrivateKey,
    /// No Base64.
    #[error("it is not Base64, or was cut")]
    Base64,
    /// No X.509 certificate in DER.
    #[error("it is not an X.509 certificate, or was cut")]
    NotX509,
    /// It calls itself signed by its own key, and is not.
    #[error("something in it was altered, since its own signature does not match it")]
    Altered,
    /// Something whole that is no certificate, whatever is done to it.
    #[error("it is {}", .0.words())]
    Other(OtherThing),
}

/// What some providers have put where a certificate belongs. To download it again brings the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OtherThing {
    /// Certificates in a box of their own.
    Bundle,
    /// A public key.
    PublicKey,
    /// Certificates one behind the other: a file with its chain, without the lines between them or with them.
    Several,
}

impl OtherThing {
    /// In words, with its article.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Bundle => "a bundle of certificates (PKCS #7, .p7b) and no certificate",
            Self::PublicKey => "a public key without the certificate around it",
            Self::Several => "more than one certificate in one place",
        }
    }

    fn of(bytes: &[u8]) -> Option<Self> {
        // As PKCS #1 has it, too.
        let is_rsa_key =
            || x509_parser::public_key::RSAPublicKey::from_der(bytes).is_ok_and(|(rest, _)| rest.is_empty());
        let is_key = SubjectPublicKeyInfo::from_der(bytes).is_ok_and(|(rest, _)| rest.is_empty());
        match () {
            () if is_signed_data(bytes) => Some(Self::Bundle),
            () if is_key || is_rsa_key() => Some(Self::PublicKey),
            () => None,
        }
    }
}

/// Whether DER begins as certificates in a box of their own: signed data of PKCS #7, without any data.
///
/// Source: RFC 5652, sections 3 and 5.1.
pub(super) fn is_signed_data(der: &[u8]) -> bool {
    const SIGNED_DATA: &[u8] = b"\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x02";
    matches!(der, [0x30, 0x80..=0x84, rest @ ..]
        if (0..5).any(|length| rest.get(length..).is_some_and(|content| content.starts_with(SIGNED_DATA))))
}

impl Certificate {
    /// Reads the text of a `<ds:X509Certificate>`: white space and PEM armour are taken off.
    ///
    /// # Errors
    ///
    /// [`NotACertificate`]: what is wrong with it.
    ///
    /// Source: XML Signature Syntax and Processing, section 4.4.4; RFC 7468 for the armour.
    pub fn read(text: &str) -> Result<Self, NotACertificate> {
        // Bits left over at the end are what some encoders leave there. The `=` at the end are easily left behind when copying;
        // DER says itself how long it is, so that nothing else can be missing with them.
        const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
            .with_decode_allow_trailing_bits(true)
            .with_decode_padding_mode(DecodePaddingMode::Indifferent);
        const BASE64: GeneralPurpose = GeneralPurpose::new(&STANDARD, LENIENT);
        if private_key::stands_in(text) {
            return Err(NotACertificate::PrivateKey);
        }
        let Bare { base64: bare, armoured, cleaned } = without_armour(text)?;
        if bare.is_empty() {
            return Err(NotACertificate::Empty);
        }
        let cleaned = cleaned || bare.len() % 4 != 0;
        let der =
            BASE64.decode(&bare).map_err(|_| match first_of_several(&bare).map(|first| BASE64.decode(first)) {
                Some(Ok(first)) if Self::of_der(&first).is_ok() => NotACertificate::Other(OtherThing::Several),
                _ => NotACertificate::Base64,
            })?;
        if private_key::of_der(&der).is_some() || private_key::stands_in(&String::from_utf8_lossy(&der)) {
            return Err(NotACertificate::PrivateKey);
        }
        // PEM as a whole, encoded once more: some providers publish it so.
        if let Some(pem) = str::from_utf8(&der).ok().filter(|pem| pem.trim_start().starts_with("-----BEGIN ")) {
            let Bare { base64: bare, .. } = without_armour(pem)?;
            let der = BASE64.decode(bare).map_err(|_| NotACertificate::Base64)?;
            return Ok(Self { armoured: true, cleaned: true, ..Self::of_content(&der)? });
        }
        Ok(Self { armoured, cleaned, ..Self::of_content(&der)? })
    }

    /// As [`Self::of_der`], says what else it is, and takes none that was altered.
    fn of_content(der: &[u8]) -> Result<Self, NotACertificate> {
        let read = Self::of_der(der).map_err(|not| OtherThing::of(der).map_or(not, NotACertificate::Other))?;
        if read.self_issued() && self_signature::holds(&read) == Some(false) {
            Err(NotACertificate::Altered)
        } else {
            Ok(read)
        }
    }

    /// Reads DER.
    ///
    /// # Errors
    ///
    /// [`NotACertificate::NotX509`], also where anything follows the certificate; [`OtherThing::Several`] where that is
    /// another one.
    pub fn of_der(der: &[u8]) -> Result<Self, NotACertificate> {
        let (rest, certificate) = X509Certificate::from_der(der).map_err(|_| NotACertificate::NotX509)?;
        // "No end" is the last second of the year 9999, beyond the last instant that can be computed with (RFC 5280,
        // section 4.1.2.5).
        let at = |time: ASN1Time| {
            let ends = if time.timestamp() > 0 { Timestamp::MAX } else { Timestamp::MIN };
            Timestamp::from_second(time.timestamp()).unwrap_or(ends)
        };
        if !rest.is_empty() {
            let another = X509Certificate::from_der(rest).is_ok();
            return Err(if another { NotACertificate::Other(OtherThing::Several) } else { NotACertificate::NotX509 });
        }
        let X509Version(version) = certificate.version();
        Ok(Self {
            sha256: sha256(der),
            subject: certificate.subject().to_string(),
            not_before: at(certificate.validity().not_before),
            not_after: at(certificate.validity().not_after),
            key: key(certificate.public_key()),
            signature_algorithm: certificate.signature_algorithm.algorithm.to_id_string(),
            authority: false,
            names: Names {
                issuer: certificate.issuer().as_raw().into(),
                subject: certificate.subject().as_raw().into(),
            },
            version: version.saturating_add(1),
            der: der.into(),
            armoured: false,
            cleaned: false,
        })
    }

    /// Whether issuer and subject are the same name.
    #[must_use]
    pub fn self_issued(&self) -> bool {
        self.names.issuer == self.names.subject
    }

    /// Whether it is valid at `now`.
    #[must_use]
    pub fn is_current(&self, now: Timestamp) -> bool {
        self.not_before <= now && now <= self.not_after
    }

    /// Whether its validity has ended.
    #[must_use]
    pub fn is_over(&self, now: Timestamp) -> bool {
        now > self.not_after
    }

    /// The hash it was signed with, where that hash has been broken.
    #[must_use]
    pub fn weak_hash(&self) -> Option<&'static str> {
        match self.signature_algorithm.as_str() {
            "1.2.840.113549.1.1.2" | "1.2.840.113549.1.1.3" | "1.2.840.113549.1.1.4" => Some("MD5"),
            "1.2.840.113549.1.1.5" | "1.2.840.10045.4.1" | "1.2.840.10040.4.3" | "1.3.14.3.2.29" => Some("SHA-1"),
            _ => None,
        }
    }

    /// The fingerprint's first bytes, to tell certificates apart in a sentence.
    #[must_use]
    pub fn short(&self) -> &str {
        self.sha256.get(..16).unwrap_or(&self.sha256)
    }
}

/// Marks the authorities among the certificates of one `X509Data`: it holds one key, whose certificate may have those above
/// it beside itself. Two self-signed ones of the same name are an old and a new one, and both stay.
///
/// Source: XML Signature Syntax and Processing, section 4.4.4.
pub(super) fn mark_authorities(chain: &mut [Result<Certificate, NotACertificate>]) {
    let read = || chain.iter().flatten();
    let issuers: Vec<Arc<[u8]>> =
        read().filter(|one| !one.self_issued()).map(|one| Arc::clone(&one.names.issuer)).collect();
    let is_authority = |one: &Certificate| issuers.contains(&one.names.subject);
    // Where each is said to have issued another, none of them is the one at the end.
    if read().all(is_authority) {
        return;
    }
    for one in chain.iter_mut().flatten() {
        one.authority = is_authority(one);
    }
}

/// SHA-256 in lower-case hexadecimal.
pub(super) fn sha256(bytes: &[u8]) -> String {
    hex::encode(digest::digest(&digest::SHA256, bytes))
}

/// The Base64 of the first of several texts that were put one behind the other: up to the `=` that end it.
fn first_of_several(base64: &str) -> Option<&str> {
    let (first, rest) = base64.split_once('=')?;
    let filled = first.len().next_multiple_of(4);
    rest.contains(|one| one != '=').then(|| base64.get(..filled)).flatten()
}

/// Base64 without white space and armour, and what was taken off.
struct Bare {
    base64: String,
    armoured: bool,
    cleaned: bool,
}

fn without_armour(text: &str) -> Result<Bare, NotACertificate> {
    let mut bare = String::with_capacity(text.len());
    let mut blocks = 0;
    let mut rest = text;
    let is_blank = |one: char| one.is_whitespace() || foreign::is_invisible(one);
    let mut explained = false;
    while let Some((before, after)) = rest.split_once("-----BEGIN") {
        blocks += 1;
        // Tools write there in words what the certificate says (RFC 7468, section 2).
        let before = before.trim_matches(is_blank);
        if before.starts_with("MII") {
            return Err(NotACertificate::Other(OtherThing::Several));
        }
        explained |= !before.is_empty();
        rest = after.split_once("-----").map_or("", |(_, inside)| inside);
    }
    if blocks > 1 {
        return Err(NotACertificate::Other(OtherThing::Several));
    }
    let end = rest.split_once("-----END");
    bare.push_str(end.map_or(rest, |(inside, _)| inside));
    // Nothing but the rest of the line belongs behind it.
    let behind = end.and_then(|(_, line)| line.split_once("-----")).map_or("", |(_, behind)| behind);
    let is_odd = |one: char| is_blank(one) && !matches!(one, ' ' | '\t' | '\r' | '\n');
    let cleaned = explained || bare.contains(is_odd) || !behind.chars().all(is_blank);
    bare.retain(|one| !is_blank(one));
    Ok(Bare { base64: bare, armoured: blocks > 0 || end.is_some(), cleaned })
}

fn key(info: &SubjectPublicKeyInfo<'_>) -> Key {
    let oid = info.algorithm.algorithm.to_id_string();
    let parameters = info.algorithm.parameters.as_ref();
    match oid.as_str() {
        "1.2.840.113549.1.1.1" | "1.2.840.113549.1.1.10" => {
            rsa(info).unwrap_or(Key::Useless("no RSA key, though it says so"))
        }
        "1.2.840.10045.2.1" => match parameters.and_then(named_curve) {
            Some(Key::Ec { curve, .. }) if curve::holds(curve, &info.subject_public_key.data) == Some(false) => {
                Key::Useless("no point of its elliptic curve")
            }
            known => known.unwrap_or(Key::Other(oid)),
        },
        "1.2.840.10040.4.1" => Key::Dsa(parameters.map_or(0, modulus_of_dsa)),
        "1.3.101.112" => Key::Edwards("Ed25519"),
        "1.3.101.113" => Key::Edwards("Ed448"),
        "1.2.840.113549.1.1.7" => Key::Useless("an RSA key for encryption alone (OAEP), which cannot sign"),
        "1.2.840.10046.2.1" | "1.2.840.113549.1.3.1" => Key::Useless("a Diffie-Hellman key, which cannot sign"),
        "1.3.132.1.12" | "1.3.132.1.13" => Key::Useless("an elliptic curve key for agreement alone, which cannot sign"),
        "1.3.101.110" => Key::Useless("X25519, which cannot sign"),
        "1.3.101.111" => Key::Useless("X448, which cannot sign"),
        _ => Key::Other(oid),
    }
}

fn rsa(info: &SubjectPublicKeyInfo<'_>) -> Option<Key> {
    // RSASSA-PSS keys have the same content under another identifier, which the parser does not look into.
    let (_, key) = x509_parser::public_key::RSAPublicKey::from_der(&info.subject_public_key.data)
        .ok()
        .filter(|_| !matches!(info.parsed(), Ok(PublicKey::EC(_))))?;
    let exponent_is_odd = key.exponent.last().is_some_and(|last| last % 2 == 1);
    let exponent_is_one = key.try_exponent().is_ok_and(|exponent| exponent < 3);
    Some(Key::Rsa { bits: bits(key.modulus), broken: !exponent_is_odd || exponent_is_one })
}

fn bits(integer: &[u8]) -> usize {
    let significant = integer.iter().skip_while(|byte| **byte == 0);
    let leading = significant.clone().next().map_or(0, |byte| byte.leading_zeros() as usize);
    (significant.count() * 8).saturating_sub(leading)
}

fn named_curve(parameters: &Any<'_>) -> Option<Key> {
    let oid = parameters.clone().oid().ok()?.to_id_string();
    let (curve, bits) = match oid.as_str() {
        "1.2.840.10045.3.1.7" => ("P-256", 256),
        "1.3.132.0.34" => ("P-384", 384),
        "1.3.132.0.35" => ("P-521", 521),
        "1.2.840.10045.3.1.1" => ("P-192", 192),
        "1.3.132.0.33" => ("P-224", 224),
        "1.3.132.0.10" => ("secp256k1", 256),
        "1.3.36.3.3.2.8.1.1.7" => ("brainpoolP256r1", 256),
        "1.3.36.3.3.2.8.1.1.11" => ("brainpoolP384r1", 384),
        "1.3.36.3.3.2.8.1.1.13" => ("brainpoolP512r1", 512),
        _ => match SMALL_CURVES.iter().find(|(known, ..)| *known == oid) {
            Some((_, curve, bits)) => (*curve, *bits),
            None => return Some(Key::Other(oid)),
        },
    };
    Some(Key::Ec { curve, bits })
}

/// Curves that are too small, and that hardly anybody has met: by identifier.
///
/// Source: SEC 2 version 1.0, appendix A; ANSI X9.62, annex J; RFC 5639, section 4.1.
const SMALL_CURVES: [(&str, &str, usize); 32] = [
    ("1.3.132.0.1", "sect163k1", 163),
    ("1.3.132.0.2", "sect163r1", 163),
    ("1.3.132.0.3", "sect239k1", 239),
    ("1.3.132.0.4", "sect113r1", 113),
    ("1.3.132.0.5", "sect113r2", 113),
    ("1.3.132.0.6", "secp112r1", 112),
    ("1.3.132.0.7", "secp112r2", 112),
    ("1.3.132.0.8", "secp160r1", 160),
    ("1.3.132.0.9", "secp160k1", 160),
    ("1.3.132.0.15", "sect163r2", 163),
    ("1.3.132.0.22", "sect131r1", 131),
    ("1.3.132.0.23", "sect131r2", 131),
    ("1.3.132.0.24", "sect193r1", 193),
    ("1.3.132.0.25", "sect193r2", 193),
    ("1.3.132.0.26", "sect233k1", 233),
    ("1.3.132.0.27", "sect233r1", 233),
    ("1.3.132.0.28", "secp128r1", 128),
    ("1.3.132.0.29", "secp128r2", 128),
    ("1.3.132.0.30", "secp160r2", 160),
    ("1.3.132.0.31", "secp192k1", 192),
    ("1.3.132.0.32", "secp224k1", 224),
    ("1.2.840.10045.3.1.2", "prime192v2", 192),
    ("1.2.840.10045.3.1.3", "prime192v3", 192),
    ("1.2.840.10045.3.1.4", "prime239v1", 239),
    ("1.2.840.10045.3.1.5", "prime239v2", 239),
    ("1.2.840.10045.3.1.6", "prime239v3", 239),
    ("1.3.36.3.3.2.8.1.1.1", "brainpoolP160r1", 160),
    ("1.3.36.3.3.2.8.1.1.2", "brainpoolP160t1", 160),
    ("1.3.36.3.3.2.8.1.1.3", "brainpoolP192r1", 192),
    ("1.3.36.3.3.2.8.1.1.4", "brainpoolP192t1", 192),
    ("1.3.36.3.3.2.8.1.1.5", "brainpoolP224r1", 224),
    ("1.3.36.3.3.2.8.1.1.6", "brainpoolP224t1", 224),
];

/// Bits of `p` in `SEQUENCE { p, q, g }`. Source: RFC 3279, section 2.3.2.
fn modulus_of_dsa(parameters: &Any<'_>) -> usize {
    Integer::from_der(parameters.data).map_or(0, |(_, p)| bits(p.as_ref()))
}
