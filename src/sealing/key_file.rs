//! The key file: a JWK Set of AES-256 keys that nobody else can read.

use std::borrow::Cow;
use std::fmt;
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use zeroize::{Zeroize as _, Zeroizing};

use crate::foreign;

/// Largest key file read, in bytes.
const FILE_BYTES: u64 = 64 * 1024;
/// Length of an AES-256 key, in bytes.
const KEY_BYTES: usize = 32;
/// The algorithm a key may name (RFC 7518, section 5.3).
const ALGORITHM: &str = "A256GCM";

/// Why there is no key to seal or open with. Never says anything of a key but its id.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// No such file.
    #[error("there is no key file at `{}`", path.display())]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// Asked to create a key file where there is one.
    #[error("there is a key file at `{}` already", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// Group or others may read or write it.
    #[error("the key file `{}` has mode {mode:04o}: only its owner may have access (chmod 600)", path.display())]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// It belongs to another user than the one running, and not to root.
    #[error("the key file `{}` belongs to user {owner}, neither to the one running ssoctl nor to root", path.display())]
    Stranger {
        /// The file.
        path: PathBuf,
        /// Its owner's number.
        owner: u32,
    },
    /// Larger than any key file is.
    #[error("the key file `{}` is larger than {limit} bytes", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The most that is read.
        limit: u64,
    },
    /// A folder, a pipe or a device.
    #[error("the key file `{}` is not a regular file", path.display())]
    NotAFile {
        /// The file.
        path: PathBuf,
    },
    /// Not a JWK Set (RFC 7517, section 5).
    #[error("the key file `{}` is not a JWK Set: a JSON object with a list of `keys`", path.display())]
    NotAKeySet {
        /// The file.
        path: PathBuf,
    },
    /// A symmetric key in it that is not a 256-bit key for A256GCM with a `kid`.
    #[error("key {position} of the key file `{}` is not usable: {reason}", path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// Which key, from 1.
        position: usize,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// No symmetric key in it.
    #[error("the key file `{}` holds no key of type `oct`", path.display())]
    NoKey {
        /// The file.
        path: PathBuf,
    },
    /// Two keys under one id: which one opens a secret could not be told.
    #[error("the key file `{}` holds two keys named `{kid}`", path.display())]
    DuplicateKid {
        /// The file.
        path: PathBuf,
        /// The id, printable.
        kid: String,
    },
    /// The system refused to read or write it.
    #[error("the key file `{}` cannot be {verb}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What was tried (`read`, `written`).
        verb: &'static str,
        /// In the system's words.
        source: std::io::Error,
    },
    /// The system gave no random bytes.
    #[error("the system gave no random bytes for a key")]
    NoRandomness,
}

/// One AES-256 key. Wiped when dropped.
struct Key {
    kid: String,
    /// On the heap, so that moving the key leaves no copy behind.
    bytes: Box<Zeroizing<[u8; KEY_BYTES]>>,
}

/// The installation's sealing keys: the first seals, all open.
pub struct SealingKeys {
    current: Key,
    older: Vec<Key>,
}

impl fmt::Debug for SealingKeys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SealingKeys").field("current", &self.current.kid).finish_non_exhaustive()
    }
}

/// What of RFC 7517 matters here. Borrowed from the file's buffer, which is wiped.
#[derive(Deserialize)]
struct JwkSet<'a> {
    #[serde(borrow)]
    keys: Vec<Jwk<'a>>,
}

#[derive(Deserialize)]
struct Jwk<'a> {
    #[serde(borrow)]
    kty: Cow<'a, str>,
    #[serde(borrow)]
    kid: Option<Cow<'a, str>>,
    #[serde(borrow)]
    alg: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "use")]
    purpose: Option<Cow<'a, str>>,
    // Not a `Cow`: base64url needs no JSON escapes, and an unescaped copy would stay in memory.
    k: Option<&'a str>,
}

impl SealingKeys {
    /// Reads a key file: a JWK Set (RFC 7517) whose first `oct` key seals. Keys of other types are skipped, as section
    /// 5 of the RFC wants; an `oct` key that cannot be used is an error, lest an older key silently seals in its place.
    ///
    /// # Errors
    ///
    /// [`KeyError`]: the file is missing, open to others, a stranger's, too large, no key set or without usable key.
    pub fn load(path: &Path) -> Result<Self, KeyError> {
        let text = read_private(path)?;
        let not_a_key_set = |_| KeyError::NotAKeySet { path: path.to_owned() };
        let set: JwkSet<'_> = serde_json::from_slice(&text).map_err(not_a_key_set)?;
        let mut keys: Vec<Key> = Vec::new();
        for (index, jwk) in set.keys.iter().enumerate().filter(|(_, jwk)| jwk.kty == "oct") {
            let unusable = |reason| KeyError::Unusable { path: path.to_owned(), position: index + 1, reason };
            let key = jwk.usable().map_err(unusable)?;
            if keys.iter().any(|other| other.kid == key.kid) {
                return Err(KeyError::DuplicateKid { path: path.to_owned(), kid: foreign::shown(&key.kid) });
            }
            keys.push(key);
        }
        let mut keys = keys.into_iter();
        let current = keys.next().ok_or_else(|| KeyError::NoKey { path: path.to_owned() })?;
        Ok(Self { current, older: keys.collect() })
    }

    /// Makes a key file with one new key, mode 0600. The file appears whole or not at all, and never in place of another.
    ///
    /// # Errors
    ///
    /// [`KeyError::Exists`] when there is a file, which stays as it is; [`KeyError::Io`], [`KeyError::NoRandomness`].
    pub fn create(path: &Path) -> Result<Self, KeyError> {
        let keys = Self::generate()?;
        let failed = |source| KeyError::Io { path: path.to_owned(), verb: "written", source };
        let folder = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        // A private temporary file (0600 from its first moment), linked under its name only once it is on the disk.
        let mut file = tempfile::Builder::new().prefix(".ssoctl-key-").tempfile_in(folder).map_err(failed)?;
        file.write_all(keys.to_jwk_set().as_bytes()).map_err(failed)?;
        file.as_file().sync_all().map_err(failed)?;
        file.persist_noclobber(path).map_err(|error| match error.error.kind() {
            std::io::ErrorKind::AlreadyExists => KeyError::Exists { path: path.to_owned() },
            _ => failed(error.error),
        })?;
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)?;
        Ok(keys)
    }

    /// A new key that lives in memory only: for tests and the demonstration.
    ///
    /// # Errors
    ///
    /// [`KeyError::NoRandomness`].
    pub fn generate() -> Result<Self, KeyError> {
        let mut bytes = Box::new(Zeroizing::new([0; KEY_BYTES]));
        aws_lc_rs::rand::fill(bytes.as_mut_slice()).map_err(|_| KeyError::NoRandomness)?;
        Ok(Self { current: Key { kid: uuid::Uuid::now_v7().to_string(), bytes }, older: Vec::new() })
    }

    /// The id of the key that seals.
    #[must_use]
    pub fn current_kid(&self) -> &str {
        &self.current.kid
    }

    /// Whether there is a key of that id, current or older.
    #[must_use]
    pub fn holds(&self, kid: &str) -> bool {
        self.bytes_of(kid).is_some()
    }

    /// The key that seals.
    pub(super) fn current_bytes(&self) -> &[u8; KEY_BYTES] {
        &self.current.bytes
    }

    /// The key of that id, current or older.
    pub(super) fn bytes_of(&self, kid: &str) -> Option<&[u8; KEY_BYTES]> {
        std::iter::once(&self.current).chain(&self.older).find(|key| key.kid == kid).map(|key| &**key.bytes)
    }

    fn to_jwk_set(&self) -> Zeroizing<String> {
        let mut encoded = Zeroizing::new([0; 43]);
        // 32 bytes are 43 characters: the buffer always fits.
        let _ = URL_SAFE_NO_PAD.encode_slice(self.current.bytes.as_slice(), encoded.as_mut_slice());
        let k = std::str::from_utf8(encoded.as_slice()).unwrap_or_default();
        let mut text = Zeroizing::new(String::with_capacity(256));
        // The kid is a UUID: nothing in it needs escaping.
        text.push_str("{\"keys\":[{\"kty\":\"oct\",\"kid\":\"");
        text.push_str(&self.current.kid);
        text.push_str("\",\"alg\":\"A256GCM\",\"use\":\"enc\",\"k\":\"");
        text.push_str(k);
        text.push_str("\"}]}\n");
        text
    }
}

impl Jwk<'_> {
    fn usable(&self) -> Result<Key, &'static str> {
        let kid = self.kid.as_deref().filter(|kid| !kid.is_empty()).ok_or("it has no `kid`")?;
        if self.alg.as_deref().is_some_and(|alg| alg != ALGORITHM) {
            return Err("its `alg` is not `A256GCM`");
        }
        if self.purpose.as_deref().is_some_and(|purpose| purpose != "enc") {
            return Err("its `use` is not `enc`");
        }
        let k = self.k.ok_or("it has no `k`")?;
        // One byte more than a key, so that a longer one is told apart.
        let mut decoded = Zeroizing::new([0; KEY_BYTES + 1]);
        let length = URL_SAFE_NO_PAD
            .decode_slice(k, decoded.as_mut_slice())
            .map_err(|_| "its `k` is not the base64url form of 32 bytes")?;
        let mut bytes = Box::new(Zeroizing::new([0; KEY_BYTES]));
        let key = decoded.get(..length).filter(|key| key.len() == KEY_BYTES).ok_or("its `k` is not 32 bytes long")?;
        bytes.copy_from_slice(key);
        Ok(Key { kid: kid.to_owned(), bytes })
    }
}

/// The content of a file that only we (or root) may touch. What is judged is the opened file, not its name.
fn read_private(path: &Path) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let failed = |source: std::io::Error| match source.kind() {
        std::io::ErrorKind::NotFound => KeyError::Missing { path: path.to_owned() },
        _ => KeyError::Io { path: path.to_owned(), verb: "read", source },
    };
    let file = crate::files::open_without_waiting(path).map_err(failed)?;
    let metadata = file.metadata().map_err(failed)?;
    if !metadata.is_file() {
        return Err(KeyError::NotAFile { path: path.to_owned() });
    }
    let owner = metadata.uid();
    if owner != 0 && owner != rustix::process::geteuid().as_raw() {
        return Err(KeyError::Stranger { path: path.to_owned(), owner });
    }
    let mode = metadata.mode() & 0o7777;
    if mode & 0o077 != 0 {
        return Err(KeyError::Exposed { path: path.to_owned(), mode });
    }
    let too_large = || KeyError::TooLarge { path: path.to_owned(), limit: FILE_BYTES };
    if metadata.len() > FILE_BYTES {
        return Err(too_large());
    }
    // The whole capacity at once: a growing vector would leave copies behind that nobody wipes.
    let mut text = Zeroizing::new(Vec::with_capacity(usize::try_from(FILE_BYTES).unwrap_or_default() + 1));
    if let Err(source) = file.take(FILE_BYTES + 1).read_to_end(&mut text) {
        text.zeroize();
        return Err(failed(source));
    }
    if text.len() as u64 > FILE_BYTES {
        return Err(too_large());
    }
    Ok(text)
}
