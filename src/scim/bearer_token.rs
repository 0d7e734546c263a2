//! The bearer token of a provisioning app: `ssoctl_scim_`, 33 random characters, and 6 that check the 45 before them.
//!
//! The prefix lets secret scanners find one that was committed or mailed, the checksum lets them tell it from text that
//! only looks like one, and lets us tell a typing error from a stranger. `docs/scim-tokens.md` has the format.

use std::fmt;

use aws_lc_rs::{digest, rand};
use secrecy::{ExposeSecret as _, SecretString};
use zeroize::Zeroizing;

use crate::hex;
use crate::request::saml_names::NoRandomness;

/// How every token begins.
pub const PREFIX: &str = "ssoctl_scim_";

/// Random characters: 33 of 62 kinds are 196 bits.
const RANDOM: usize = 33;
/// Characters of the checksum: 6 of 62 kinds hold 32 bits.
const CHECKSUM: usize = 6;
const LENGTH: usize = PREFIX.len() + RANDOM + CHECKSUM;

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A SCIM bearer token. Never `Debug`-printed, and zeroised when dropped; stored only as its
/// [hash](BearerToken::sha256).
#[derive(Clone)]
pub struct BearerToken(SecretString);

/// Why a text is no token of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenProblem {
    /// It does not begin as one: something else altogether.
    #[error("this is no SCIM token of ssoctl's: those begin with `{PREFIX}`")]
    NotOne,
    /// It begins as one, and is cut, too long, or has a character wrong.
    #[error("this SCIM token was mistyped or cut: its checksum does not fit")]
    Mistyped,
}

impl BearerToken {
    /// A new one, of the system's random bytes.
    ///
    /// # Errors
    ///
    /// [`NoRandomness`]: the system gave none.
    pub fn generate() -> Result<Self, NoRandomness> {
        // Full length from the start: a string that grows leaves its old copies behind.
        let mut text = Zeroizing::new(String::with_capacity(LENGTH));
        text.push_str(PREFIX);
        let mut bytes = Zeroizing::new([0_u8; 64]);
        while text.len() < PREFIX.len() + RANDOM {
            rand::fill(&mut *bytes).map_err(|_| NoRandomness)?;
            // Of the 64 numbers that six bits make, the two without a character are passed over: each of the others is
            // as likely as the next.
            let wanted = PREFIX.len() + RANDOM - text.len();
            let characters = bytes.iter().filter_map(|byte| ALPHABET.get(usize::from(byte & 63)));
            text.extend(characters.take(wanted).map(|&byte| char::from(byte)));
        }
        let checksum = checksum(&text);
        text.push_str(&checksum);
        Ok(Self(SecretString::from(text.as_str())))
    }

    /// Reads what a request presents or somebody pasted; white space around it is no part of it.
    ///
    /// # Errors
    ///
    /// [`TokenProblem`]: whether it is a typing error or no token at all.
    pub fn parse(text: &str) -> Result<Self, TokenProblem> {
        let text = text.trim();
        if !begins_as_one(text) {
            return Err(TokenProblem::NotOne);
        }
        let (body, given) = text.split_at_checked(LENGTH - CHECKSUM).ok_or(TokenProblem::Mistyped)?;
        let well_formed = text.starts_with(PREFIX)
            && body.bytes().skip(PREFIX.len()).all(|byte| byte.is_ascii_alphanumeric())
            && checksum(body) == given;
        if well_formed { Ok(Self(SecretString::from(text))) } else { Err(TokenProblem::Mistyped) }
    }

    /// SHA-256 of the whole token, lower-case hexadecimal: what is stored, and looked up by. A token of 196 random bits
    /// needs no slower hash.
    #[must_use]
    pub fn sha256(&self) -> String {
        hex::encode(digest::digest(&digest::SHA256, self.expose().as_bytes()))
    }

    /// The token itself: to be shown the once. Nowhere else.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for BearerToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("BearerToken(…)")
    }
}

/// Whether a text is a token, or one that was mistyped or cut: nothing to be repeated in an output.
#[must_use]
pub fn looks_like_one(text: &str) -> bool {
    begins_as_one(text.trim())
}

/// Capitals are a mistake of the keyboard's.
fn begins_as_one(text: &str) -> bool {
    text.get(..PREFIX.len()).is_some_and(|start| start.eq_ignore_ascii_case(PREFIX))
}

/// CRC-32 of the text before it, in base 62, most significant digit first, filled up with `0`.
fn checksum(text: &str) -> String {
    let mut number = crc32(text.as_bytes());
    let mut digits = [b'0'; CHECKSUM];
    for digit in digits.iter_mut().rev() {
        *digit = ALPHABET.get((number % 62) as usize).copied().unwrap_or(b'0');
        number /= 62;
    }
    digits.iter().map(|&byte| char::from(byte)).collect()
}

/// CRC-32 as in gzip, PNG and Ethernet.
fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc.sum()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_new_token_has_the_documented_form() {
        let token = BearerToken::generate().unwrap();
        let rest = token.expose().strip_prefix("ssoctl_scim_").unwrap();
        assert_eq!(rest.len(), 39);
        assert!(rest.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    }

    #[test]
    fn no_two_tokens_are_alike_and_every_character_occurs() {
        let tokens: Vec<String> =
            (0..200).map(|_| BearerToken::generate().unwrap().expose()[12..45].to_owned()).collect();
        let kinds: std::collections::BTreeSet<char> = tokens.concat().chars().collect();
        assert_eq!(kinds.len(), 62);
        assert_eq!(tokens.iter().collect::<std::collections::BTreeSet<_>>().len(), 200);
    }

    /// The check value of CRC-32/ISO-HDLC.
    #[test]
    fn the_checksum_is_the_well_known_one() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
        assert_eq!(checksum(""), "000000");
    }

    #[test]
    fn a_token_reads_back_with_white_space_around_it() {
        let token = BearerToken::generate().unwrap();
        let read = BearerToken::parse(&format!(" {}\n", token.expose())).unwrap();
        assert_eq!((read.expose(), read.sha256()), (token.expose(), token.sha256()));
    }

    #[test]
    fn the_hash_is_plain_sha_256() {
        let token = BearerToken::parse("ssoctl_scim_0000000000000000000000000000000003MoXtV").unwrap();
        assert_eq!(token.sha256(), "33f48031813f77e16ee9fed814e547c36dfb3a4b33ebe74fabdb00c4a6db6198");
    }

    #[test]
    fn a_typing_error_is_told_from_no_token_at_all() {
        let token = BearerToken::generate().unwrap();
        let text = token.expose();
        let swapped = format!("{}{}{}", &text[..20], if &text[20..21] == "a" { "b" } else { "a" }, &text[21..]);
        let mistyped = [
            swapped.as_str(),
            &text[..30],
            &text[..12],
            &format!("{text}0"),
            &text.to_uppercase(),
            &format!("{} {}", &text[..30], &text[30..]),
            "ssoctl_scim_ääääääääääääääääääääääääääääääääääääääääää",
        ];
        for text in mistyped {
            assert_eq!(BearerToken::parse(text).unwrap_err(), TokenProblem::Mistyped);
            assert!(looks_like_one(text));
        }
        for text in ["", "ssoctl", "Bearer x", "ghp_0123456789", "ssoctl_scim"] {
            assert_eq!(BearerToken::parse(text).unwrap_err(), TokenProblem::NotOne, "{text}");
            assert!(!looks_like_one(text));
        }
    }

    #[test]
    fn no_debug_output_shows_it() {
        let token = BearerToken::generate().unwrap();
        assert_eq!(format!("{token:?}"), "BearerToken(…)");
    }

    proptest! {
        #[test]
        fn any_one_wrong_character_is_noticed(at in 12_usize..51, other in "[0-9A-Za-z]") {
            let token = BearerToken::generate().unwrap();
            let mut text = token.expose().to_owned();
            text.replace_range(at..=at, &other);
            prop_assert_eq!(BearerToken::parse(&text).is_ok(), text == token.expose());
        }

        #[test]
        fn no_text_makes_it_panic(text in ".*") {
            let _ = BearerToken::parse(&text);
            let _ = BearerToken::parse(&format!("{PREFIX}{text}"));
        }
    }
}
