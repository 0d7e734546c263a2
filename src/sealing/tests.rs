use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::ExposeSecret as _;

use super::*;
use crate::product::connection::SealedSecret;
use crate::request::names::{ConnectionId, TeamId};

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/jwe");

struct Place(ConnectionId, TeamId);

impl Place {
    fn new(connection: &str, team: &str) -> Self {
        Self(ConnectionId::new(connection), TeamId::new(team))
    }

    fn binding(&self) -> Binding<'_> {
        Binding { connection_id: &self.0, team_id: &self.1, field: "client_secret" }
    }
}

fn key_file(folder: &Path, content: &str, mode: u32) -> PathBuf {
    let path = folder.join("ssoctl.key");
    std::fs::write(&path, content).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
    path
}

fn key(kid: &str, bytes: usize) -> String {
    let k = URL_SAFE_NO_PAD.encode(vec![7; bytes]);
    format!(r#"{{"kty":"oct","kid":"{kid}","alg":"A256GCM","use":"enc","k":"{k}"}}"#)
}

/// What loading a key file with `content` says.
fn refusal(content: &str) -> KeyError {
    let folder = tempfile::tempdir().unwrap();
    SealingKeys::load(&key_file(folder.path(), content, 0o600)).unwrap_err()
}

#[test]
fn what_is_sealed_opens_in_its_place() {
    let (keys, place) = (SealingKeys::generate().unwrap(), Place::new("c1", "1042"));
    for secret in ["", "s3cret", "pässwörd 100 %", &"x".repeat(8 * 1024)] {
        let sealed = seal(&keys, &place.binding(), secret).unwrap();
        assert_eq!(open(&keys, &place.binding(), &sealed).unwrap().expose_secret(), secret);
    }
}

#[test]
fn a_sealed_secret_names_its_key_without_any() {
    let (keys, place) = (SealingKeys::generate().unwrap(), Place::new("c1", "1042"));
    let named = kid(&seal(&keys, &place.binding(), "s3cret").unwrap()).unwrap();
    assert_eq!(named, keys.current_kid());
    assert!(keys.holds(&named) && !SealingKeys::generate().unwrap().holds(&named));
    for other in ["", "a..b.c.d", "e30..b.c.d"] {
        assert!(matches!(kid(&SealedSecret::new(other)), Err(SealError::Malformed { .. })), "{other}");
    }
}

#[test]
fn the_same_secret_never_seals_to_the_same_text() {
    let (keys, place) = (SealingKeys::generate().unwrap(), Place::new("c1", "1042"));
    let [one, other] = [(); 2].map(|()| seal(&keys, &place.binding(), "s3cret").unwrap());
    assert_ne!(one.as_jwe().split('.').nth(2), other.as_jwe().split('.').nth(2), "the nonce is random");
    assert_ne!(one, other);
}

/// Rule C-02: a row copied to another team must not decrypt.
#[test]
fn a_secret_moved_to_another_row_does_not_open_there() {
    let keys = SealingKeys::generate().unwrap();
    let sealed = seal(&keys, &Place::new("c1", "1042").binding(), "s3cret").unwrap();
    for elsewhere in [Place::new("c1", "1043"), Place::new("c2", "1042")] {
        let error = open(&keys, &elsewhere.binding(), &sealed).unwrap_err();
        let [team, connection, field] = ["1042", "c1", "client_secret"].map(str::to_owned);
        assert_eq!(error, SealError::BoundElsewhere { team, connection, field });
    }
    let place = Place::new("c1", "1042");
    let field = Binding { field: "other_field", ..place.binding() };
    assert!(matches!(open(&keys, &field, &sealed), Err(SealError::BoundElsewhere { .. })));
}

/// Rewriting the header to fit the other row breaks the tag, since the header is the additional data.
#[test]
fn a_header_rewritten_for_another_row_does_not_open_there() {
    let (keys, place) = (SealingKeys::generate().unwrap(), Place::new("c1", "1043"));
    let sealed = seal(&keys, &Place::new("c1", "1042").binding(), "s3cret").unwrap();
    let (header, rest) = sealed.as_jwe().split_once('.').unwrap();
    let header = String::from_utf8(URL_SAFE_NO_PAD.decode(header).unwrap()).unwrap();
    let header = URL_SAFE_NO_PAD.encode(header.replace("1042", "1043"));
    let forged = SealedSecret::new(format!("{header}.{rest}"));
    assert_eq!(open(&keys, &place.binding(), &forged).unwrap_err(), SealError::Altered);
}

#[test]
fn a_change_of_any_character_of_any_part_is_noticed() {
    let (keys, place) = (SealingKeys::generate().unwrap(), Place::new("c1", "1042"));
    let sealed = seal(&keys, &place.binding(), "s3cret").unwrap();
    for position in 0..sealed.as_jwe().len() {
        let mut bytes = sealed.as_jwe().as_bytes().to_vec();
        bytes[position] = if bytes[position] == b'A' { b'B' } else { b'A' };
        let altered = SealedSecret::new(String::from_utf8(bytes).unwrap());
        assert!(open(&keys, &place.binding(), &altered).is_err(), "position {position}");
    }
}

#[test]
fn each_part_altered_has_its_own_refusal() {
    let (keys, place) = (SealingKeys::generate().unwrap(), Place::new("c1", "1042"));
    let sealed = seal(&keys, &place.binding(), "s3cret").unwrap();
    let with = |part: usize, value: &str| {
        let mut parts: Vec<&str> = sealed.as_jwe().split('.').collect();
        parts[part] = value;
        open(&keys, &place.binding(), &SealedSecret::new(parts.join("."))).unwrap_err()
    };
    let malformed = |error| matches!(error, SealError::Malformed { .. });
    assert!(malformed(with(0, "e30")), "a header without our members");
    assert!(malformed(with(1, "AAAA")), "an encrypted key");
    assert_eq!(with(2, "AAAAAAAAAAAAAAAA"), SealError::Altered, "another nonce");
    assert!(malformed(with(2, "AAAA")), "a short nonce");
    assert_eq!(with(3, "AAAAAAAA"), SealError::Altered, "another ciphertext");
    assert_eq!(with(4, "AAAAAAAAAAAAAAAAAAAAAA"), SealError::Altered, "another tag");
    assert!(malformed(with(4, "AAAA")), "a short tag");
    assert!(malformed(with(4, "AAAA.AAAA")), "a sixth part");
}

#[test]
fn a_header_that_asks_for_more_than_we_do_is_refused() {
    let (keys, place) = (SealingKeys::generate().unwrap(), Place::new("c1", "1042"));
    let sealed = seal(&keys, &place.binding(), "s3cret").unwrap();
    let (header, rest) = sealed.as_jwe().split_once('.').unwrap();
    let header = String::from_utf8(URL_SAFE_NO_PAD.decode(header).unwrap()).unwrap();
    let edits = [
        ("\"dir\"", "\"A256KW\""),
        ("\"A256GCM\"", "\"A128GCM\""),
        ("\"v\":1", "\"v\":2"),
        ("{\"alg\"", "{\"crit\":[\"exp\"],\"alg\""),
        ("{\"alg\"", "{\"zip\":\"DEF\",\"alg\""),
    ];
    for (from, to) in edits {
        let edited = header.replacen(from, to, 1);
        assert_ne!(edited, header, "{from}");
        let edited = SealedSecret::new(format!("{}.{rest}", URL_SAFE_NO_PAD.encode(edited)));
        let error = open(&keys, &place.binding(), &edited).unwrap_err();
        assert!(matches!(error, SealError::Malformed { .. }), "{to}: {error:?}");
    }
}

#[test]
fn a_secret_of_another_key_names_the_key_it_needs() {
    let (keys, others) = (SealingKeys::generate().unwrap(), SealingKeys::generate().unwrap());
    let place = Place::new("c1", "1042");
    let sealed = seal(&keys, &place.binding(), "s3cret").unwrap();
    let expected = SealError::UnknownKey { kid: keys.current_kid().to_owned() };
    assert_eq!(open(&others, &place.binding(), &sealed).unwrap_err(), expected);
}

#[test]
fn an_older_key_still_opens_and_the_first_one_seals() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::new("c1", "1042");
    let load = |content: &str| SealingKeys::load(&key_file(folder.path(), content, 0o600)).unwrap();
    let old = load(&format!(r#"{{"keys":[{}]}}"#, key("old", 32)));
    let sealed = seal(&old, &place.binding(), "s3cret").unwrap();
    let new_key = key("new", 32).replace("Bw", "CQ");
    let both = load(&format!(r#"{{"keys":[{{"kty":"EC"}},{new_key},{}]}}"#, key("old", 32)));
    assert_eq!(both.current_kid(), "new", "a key of another type is skipped");
    assert_eq!(open(&both, &place.binding(), &sealed).unwrap().expose_secret(), "s3cret");
}

#[test]
fn another_key_under_the_same_name_reads_as_altered() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::new("c1", "1042");
    let load =
        |key: &str| SealingKeys::load(&key_file(folder.path(), &format!(r#"{{"keys":[{key}]}}"#), 0o600)).unwrap();
    let sealed = seal(&load(&key("k", 32)), &place.binding(), "s3cret").unwrap();
    let replaced = load(&key("k", 32).replace("Bw", "CQ"));
    assert_eq!(open(&replaced, &place.binding(), &sealed).unwrap_err(), SealError::Altered);
}

#[test]
fn a_created_key_file_is_private_loads_and_is_never_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ssoctl.key");
    let created = SealingKeys::create(&path).unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o600);
    let before = std::fs::read(&path).unwrap();
    assert!(matches!(SealingKeys::create(&path), Err(KeyError::Exists { .. })));
    assert_eq!(std::fs::read(&path).unwrap(), before);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing else is left beside it");
    let loaded = SealingKeys::load(&path).unwrap();
    let place = Place::new("c1", "1042");
    let sealed = seal(&created, &place.binding(), "s3cret").unwrap();
    assert_eq!(open(&loaded, &place.binding(), &sealed).unwrap().expose_secret(), "s3cret");
}

#[test]
fn a_key_file_that_others_may_touch_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let content = format!(r#"{{"keys":[{}]}}"#, key("k", 32));
    for mode in [0o640, 0o604, 0o660, 0o644, 0o620, 0o601] {
        let error = SealingKeys::load(&key_file(folder.path(), &content, mode)).unwrap_err();
        assert!(matches!(error, KeyError::Exposed { mode: found, .. } if found == mode), "{mode:o}: {error:?}");
    }
    for mode in [0o600, 0o400] {
        SealingKeys::load(&key_file(folder.path(), &content, mode)).unwrap();
    }
}

/// Needs root to give a file away; says nothing otherwise.
#[test]
fn a_strangers_key_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = key_file(folder.path(), &format!(r#"{{"keys":[{}]}}"#, key("k", 32)), 0o600);
    if std::os::unix::fs::chown(&path, Some(4711), None).is_ok() {
        assert!(matches!(SealingKeys::load(&path), Err(KeyError::Stranger { owner: 4711, .. })));
    }
}

#[test]
fn a_key_file_that_is_missing_or_a_folder_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(SealingKeys::load(&folder.path().join("none")), Err(KeyError::Missing { .. })));
    assert!(matches!(SealingKeys::load(folder.path()), Err(KeyError::NotAFile { .. })));
}

#[test]
fn a_file_that_is_no_key_set_is_refused() {
    for content in ["", "[]", "{}", "not json", r#"{"keys":{}}"#, "\u{0}\u{1}", &key("k", 32)] {
        assert!(matches!(refusal(content), KeyError::NotAKeySet { .. }), "{content}");
    }
    assert!(matches!(refusal(&" ".repeat(64 * 1024 + 1)), KeyError::TooLarge { .. }));
}

#[test]
fn a_key_set_without_a_usable_key_is_refused_with_the_reason() {
    let set = |keys: &str| refusal(&format!(r#"{{"keys":[{keys}]}}"#));
    assert!(matches!(set(""), KeyError::NoKey { .. }));
    assert!(matches!(set(r#"{"kty":"RSA","kid":"r"}"#), KeyError::NoKey { .. }));
    for bytes in [0, 16, 31, 33, 64] {
        assert!(matches!(set(&key("k", bytes)), KeyError::Unusable { position: 1, .. }), "{bytes}");
    }
    for (from, to) in
        [("\"kid\":\"k\",", ""), ("A256GCM", "A128GCM"), ("\"enc\"", "\"sig\""), ("\"k\":\"", "\"k\":\"+")]
    {
        let edited = key("k", 32).replace(from, to);
        assert!(matches!(set(&edited), KeyError::Unusable { .. }), "{to}");
    }
    assert!(matches!(set(&format!("{0},{0}", key("k", 32))), KeyError::DuplicateKid { .. }));
}

#[test]
fn no_message_and_no_debug_output_shows_a_key() {
    let material = "BwcHBwcH";
    let keys = format!("{},{}", key("k", 33), key("other", 31));
    let error = refusal(&format!(r#"{{"keys":[{keys}]}}"#));
    assert!(!format!("{error} {error:?}").contains(material));
    let folder = tempfile::tempdir().unwrap();
    let path = key_file(folder.path(), &format!(r#"{{"keys":[{}]}}"#, key("k", 32)), 0o600);
    let shown = format!("{:?}", SealingKeys::load(&path).unwrap());
    assert!(shown.contains("\"k\"") && !shown.contains(material) && !shown.contains("7, 7"), "{shown}");
}

/// The fixture was made once by `jwcrypto` 1.6.1 of the Python package index; the recipe stands in `fixtures/jwe/make.py`.
#[test]
fn what_another_jose_implementation_sealed_opens_here() {
    let folder = tempfile::tempdir().unwrap();
    let content = std::fs::read_to_string(Path::new(FIXTURES).join("keys.json")).unwrap();
    let keys = SealingKeys::load(&key_file(folder.path(), &content, 0o600)).unwrap();
    let sealed = std::fs::read_to_string(Path::new(FIXTURES).join("client_secret.jwe")).unwrap();
    let place = Place::new("01936f3e-7f43-7d52-9f5a-6f5b0a2d7c11", "1042");
    let secret = open(&keys, &place.binding(), &SealedSecret::new(sealed.trim())).unwrap();
    assert_eq!(secret.expose_secret(), "s3cret for Acme, 100 % café");
}

/// `python3 -m venv jose-venv && jose-venv/bin/pip install jwcrypto` and then
/// `JOSE_PYTHON=jose-venv/bin/python cargo test --lib sealing -- --ignored`.
#[test]
#[ignore = "needs a Python with jwcrypto, named by JOSE_PYTHON"]
fn what_is_sealed_here_opens_in_another_jose_implementation() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ssoctl.key");
    let keys = SealingKeys::create(&path).unwrap();
    let sealed = seal(&keys, &Place::new("c1", "1042").binding(), "s3cret café").unwrap();
    let python = std::env::var("JOSE_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let mut child = Command::new(python)
        .arg(Path::new(FIXTURES).join("open.py"))
        .arg(&path)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(sealed.as_jwe().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "s3cret café");
}
