//! Sealing and opening: compact JWE, `dir` with `A256GCM`.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::key_file::SealingKeys;
use crate::foreign;
use crate::product::connection::SealedSecret;
use crate::request::names::{ConnectionId, TeamId};

/// Version of the binding in the header.
const VERSION: u32 = 1;
/// Length of a GCM tag, in bytes.
const TAG_BYTES: usize = 16;
/// Longest stored value looked at, in bytes: a secret is 8 KiB at most.
const SEALED_BYTES: usize = 64 * 1024;

/// The place a ciphertext belongs to.
#[derive(Debug, Clone, Copy)]
pub struct Binding<'a> {
    /// The connection.
    pub connection_id: &'a ConnectionId,
    /// Its team.
    pub team_id: &'a TeamId,
    /// The field (`client_secret`).
    pub field: &'static str,
}

/// Why a secret could not be sealed or opened. Never says anything of the secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// Not a compact JWE of ours.
    #[error("the stored secret is not a JWE this ssoctl can read: {reason}")]
    Malformed {
        /// What is wrong with it.
        reason: &'static str,
    },
    /// Sealed under a key that the key file does not hold.
    #[error("the stored secret was sealed with key `{kid}`, which the key file does not hold")]
    UnknownKey {
        /// The key's id, printable.
        kid: String,
    },
    /// The ciphertext, its header or its tag is not what was written; or another key goes by that id.
    #[error("the stored secret was altered, or its key replaced, after it was sealed")]
    Altered,
    /// Sealed for another row: somebody moved it.
    #[error(
        "the stored secret was sealed as `{field}` of connection `{connection}` of team `{team}`: it was moved here"
    )]
    BoundElsewhere {
        /// The team it was sealed for, printable.
        team: String,
        /// The connection it was sealed for, printable.
        connection: String,
        /// The field it was sealed for, printable.
        field: String,
    },
    /// The cipher or the random source refused; nothing was sealed.
    #[error("the secret could not be sealed: the cipher or the system's random source refused")]
    Cipher,
}

/// The protected header. The members `alg`, `enc` and `kid` are RFC 7516's, `ssoctl` is ours and private (section 4.3).
#[derive(Serialize, Deserialize)]
struct Header {
    alg: String,
    enc: String,
    kid: String,
    /// Extensions that must be understood: we understand none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    crit: Option<serde_json::Value>,
    /// Compression before encryption: never ours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    zip: Option<serde_json::Value>,
    ssoctl: Bound,
}

#[derive(Serialize, Deserialize)]
struct Bound {
    v: u32,
    team: String,
    connection: String,
    field: String,
}

impl Bound {
    fn to(binding: &Binding<'_>) -> Self {
        Self {
            v: VERSION,
            team: binding.team_id.as_str().to_owned(),
            connection: binding.connection_id.as_str().to_owned(),
            field: binding.field.to_owned(),
        }
    }

    fn is(&self, binding: &Binding<'_>) -> bool {
        self.team == binding.team_id.as_str()
            && self.connection == binding.connection_id.as_str()
            && self.field == binding.field
    }
}

/// Seals `secret` under the current key for the place that `binding` names.
///
/// Source: RFC 7516 sections 3.1 and 5.1; RFC 7518 sections 4.5 (`dir`) and 5.3 (`A256GCM`). The nonce is 96 random
/// bits, so one key is good for some 2³² secrets (NIST SP 800-38D, section 8.3).
///
/// # Errors
///
/// [`SealError::Cipher`].
pub fn seal(keys: &SealingKeys, binding: &Binding<'_>, secret: &str) -> Result<SealedSecret, SealError> {
    let header = Header {
        alg: "dir".to_owned(),
        enc: "A256GCM".to_owned(),
        kid: keys.current_kid().to_owned(),
        crit: None,
        zip: None,
        ssoctl: Bound::to(binding),
    };
    let header = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&header).map_err(|_| SealError::Cipher)?);
    let mut nonce = [0; NONCE_LEN];
    aws_lc_rs::rand::fill(&mut nonce).map_err(|_| SealError::Cipher)?;
    let mut text = Zeroizing::new(secret.as_bytes().to_vec());
    let tag = cipher(keys.current_bytes())?
        .seal_in_place_separate_tag(Nonce::from(&nonce), Aad::from(header.as_bytes()), &mut text)
        .map_err(|_| SealError::Cipher)?;
    let [nonce, text, tag] = [&nonce[..], &text[..], tag.as_ref()].map(|part| URL_SAFE_NO_PAD.encode(part));
    Ok(SealedSecret::new(format!("{header}..{nonce}.{text}.{tag}")))
}

/// Opens what [`seal`] made, for the place it was made for.
///
/// # Errors
///
/// [`SealError`]: not a JWE of ours, an unknown key, altered, or sealed for another place. Where it was sealed for is
/// believed only once the tag has proved it.
pub fn open(keys: &SealingKeys, binding: &Binding<'_>, sealed: &SealedSecret) -> Result<SecretString, SealError> {
    let jwe = sealed.as_jwe();
    if jwe.len() > SEALED_BYTES {
        return Err(malformed("it is too long"));
    }
    let mut parts = jwe.split('.');
    let (Some(protected), Some(encrypted_key), Some(nonce), Some(text), Some(tag), None) =
        (parts.next(), parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(malformed("it does not have five parts"));
    };
    let header = header(protected)?;
    if header.alg != "dir" || header.enc != "A256GCM" || header.crit.is_some() || header.zip.is_some() {
        return Err(malformed("its header asks for something other than plain `dir` with `A256GCM`"));
    }
    if header.ssoctl.v != VERSION {
        return Err(malformed("its header has another version"));
    }
    if !encrypted_key.is_empty() {
        return Err(malformed("it carries an encrypted key, which `dir` does not have"));
    }
    let nonce: [u8; NONCE_LEN] =
        decoded(nonce)?.try_into().map_err(|_| malformed("its initialisation vector is not 96 bits"))?;
    let tag = decoded(tag)?;
    if tag.len() != TAG_BYTES {
        return Err(malformed("its tag is not 128 bits"));
    }
    let key = keys.bytes_of(&header.kid).ok_or_else(|| SealError::UnknownKey { kid: foreign::shown(&header.kid) })?;
    let mut buffer = Zeroizing::new(decoded(text)?);
    buffer.extend_from_slice(&tag);
    let secret = cipher(key)?
        .open_in_place(Nonce::from(&nonce), Aad::from(protected.as_bytes()), &mut buffer)
        .map_err(|_| SealError::Altered)?;
    if !header.ssoctl.is(binding) {
        return Err(SealError::BoundElsewhere {
            team: foreign::shown(&header.ssoctl.team),
            connection: foreign::shown(&header.ssoctl.connection),
            field: foreign::shown(&header.ssoctl.field),
        });
    }
    let secret = std::str::from_utf8(secret).map_err(|_| malformed("what it holds is not text"))?;
    Ok(SecretString::from(secret))
}

/// The id of the key that `sealed` was sealed with, as its header says: nothing has proved it yet.
///
/// # Errors
///
/// [`SealError::Malformed`]: not a JWE of ours.
pub fn kid(sealed: &SealedSecret) -> Result<String, SealError> {
    let jwe = sealed.as_jwe();
    if jwe.len() > SEALED_BYTES {
        return Err(malformed("it is too long"));
    }
    Ok(header(jwe.split('.').next().unwrap_or_default())?.kid)
}

fn header(protected: &str) -> Result<Header, SealError> {
    serde_json::from_slice(&decoded(protected)?).map_err(|_| malformed("its header is not one of ours"))
}

const fn malformed(reason: &'static str) -> SealError {
    SealError::Malformed { reason }
}

/// Strict base64url: no padding, no stray bits, so that there is one spelling of every value.
fn decoded(part: &str) -> Result<Vec<u8>, SealError> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| malformed("a part of it is not base64url"))
}

fn cipher(key: &[u8; 32]) -> Result<LessSafeKey, SealError> {
    Ok(LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).map_err(|_| SealError::Cipher)?))
}
