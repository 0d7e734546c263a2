//! Private keys, told by what stands around them in text and by how they begin in bytes. Nobody should have sent one:
//! whatever else a text is, that matters more.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// What every private key in PEM has in its first line. Source: RFC 7468, sections 10 and 11.
pub(crate) const ARMOUR: &str = "PRIVATE KEY-----";

/// Fewest characters of Base64 that hold a key: that of a small curve has as many.
const LEAST: usize = 64;

/// Characters of Base64 that are enough to tell a key by how it begins.
const TELLING: usize = 24;

/// Whether a private key stands in `text`: in PEM, or its Base64 alone, as exports of applications write it.
pub(crate) fn stands_in(text: &str) -> bool {
    let is_base64 = |one: u8| one.is_ascii_alphanumeric() || matches!(one, b'+' | b'/');
    text.contains(ARMOUR)
        || text.as_bytes().split(|one| !is_base64(*one)).any(|run| run.len() >= LEAST && begins_key(run))
}

/// Whether Base64 begins as that of a private key. DER begins with a sequence, which is an `M`.
fn begins_key(base64: &[u8]) -> bool {
    let start = base64.get(..TELLING).filter(|start| start.starts_with(b"M"));
    start.and_then(|start| STANDARD.decode(start).ok()).is_some_and(|der| of_der(&der).is_some())
}

/// What kind of private key DER holds, by how it begins: a certificate begins with a sequence within a sequence, a key with
/// its version.
///
/// Source: RFC 5958 (PKCS #8), RFC 8017 appendix A.1.2, RFC 5915, RFC 7292 (PKCS #12).
pub(crate) fn of_der(der: &[u8]) -> Option<&'static str> {
    const ENCRYPTED: &[u8] = b"\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x05";
    let content = match der {
        [0x30, length, rest @ ..] if *length < 0x80 => rest,
        [0x30, length, rest @ ..] => rest.get(usize::from(length & 0x7F)..)?,
        _ => return None,
    };
    match content {
        [0x02, 0x01, 0x00 | 0x01, 0x30, ..] | [0x02, 0x01, 0x00, 0x02, ..] | [0x02, 0x01, 0x01, 0x04, ..] => {
            Some("a private key")
        }
        [0x02, 0x01, 0x03, 0x30, ..] => Some("a key store (PKCS #12), which is there to hold a private key"),
        [0x30, _, rest @ ..] if rest.starts_with(ENCRYPTED) => Some("an encrypted private key"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Beginnings of keys: PKCS #8 and PKCS #1, a curve's by RFC 5915, Ed25519, PKCS #12, and one that is encrypted.
    const KEYS: [&[u8]; 6] = [
        b"\x30\x82\x04\xBE\x02\x01\x00\x30\x0D\x06\x09\x2A\x86\x48",
        b"\x30\x82\x04\xA4\x02\x01\x00\x02\x82\x01\x01\x00\xC0",
        b"\x30\x77\x02\x01\x01\x04\x20",
        b"\x30\x2E\x02\x01\x00\x30\x05\x06\x03\x2B\x65\x70\x04\x22\x04\x20",
        b"\x30\x82\x09\xF1\x02\x01\x03\x30\x82",
        b"\x30\x82\x05\x0D\x30\x57\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x05\x0D",
    ];

    fn base64(beginning: &[u8]) -> String {
        let mut der = beginning.to_vec();
        der.resize(48, 0xA5);
        STANDARD.encode(der)
    }

    #[test]
    fn a_key_is_told_in_each_of_its_forms() {
        for key in KEYS {
            assert!(of_der(key).is_some(), "{key:x?}");
            let text = base64(key);
            assert!(stands_in(&format!("{{\"saml.signing.private.key\" : \"{text}\"}}")), "{text}");
            assert!(stands_in(&format!("privateKey: |\n  {text}\n  {text}")), "{text}");
        }
        assert!(stands_in("-----BEGIN ENCRYPTED PRIVATE KEY-----"));
    }

    #[test]
    fn certificates_public_keys_and_words_are_none() {
        for other in [
            &b"\x30\x82\x03\x55\x30\x82\x02\x3D\xA0\x03\x02\x01\x02"[..],
            // Version 1, a certificate request, a public key, signed data.
            b"\x30\x82\x02\x9B\x30\x82\x01\x83\x02\x06\x01\x7D\x0E",
            b"\x30\x82\x02\xB0\x30\x82\x01\x98\x02\x01\x00\x30\x6B",
            b"\x30\x82\x01\x22\x30\x0D\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x01\x01\x05\x00",
            b"\x30\x82\x07\x55\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x02\xA0",
        ] {
            assert!(of_der(other).is_none() && !stands_in(&base64(other)), "{other:x?}");
        }
        for text in ["", "MIIEvgIBADANBg", "-----BEGIN PUBLIC KEY-----", &"M".repeat(100)] {
            assert!(!stands_in(text), "{text}");
        }
    }
}
