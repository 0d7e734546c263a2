//! A client id or a secret, out of what stands behind its label. Nothing is mended here: intake does that, and says so.

use super::linking::without_linking_words;
use super::machine::{TELLING_CHARACTERS, are_alike, goes_on, is_machines, is_telling};
use super::marks::{ends_in_entity, first_token, is_quoted, without_copula, without_emphasis};
use super::remark;
use crate::foreign::private_key;
use crate::intake::{inside_emphasis, inside_pair};
use crate::makes;

/// Shortest credential that is taken out of running text.
const CREDENTIAL_CHARACTERS: usize = 8;

/// What a text holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Held<'t> {
    /// No such value.
    Nothing,
    /// This one.
    One(&'t str),
    /// One of these, and the text does not say which.
    OneOf(Vec<&'t str>),
}

/// How the text stands behind its label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Setting {
    /// Behind a `:` or `=`, in a cell or on a line of its own; otherwise in a sentence.
    pub(super) set_off: bool,
    /// Another label follows.
    pub(super) followed: bool,
    /// A plain word may be the value: client ids are chosen by people, secrets by machines.
    pub(super) words: bool,
}

impl Setting {
    /// In a cell, or on a line of its own.
    pub(super) const ALONE: Self = Self { set_off: true, followed: false, words: false };
}

/// A client id or secret: one word, whatever is in it.
pub(super) fn credential(text: &str, setting: Setting) -> Held<'_> {
    let text = without_emphasis(text);
    let text = without_copula(if setting.followed { without_linking_words(text) } else { text });
    let Some((token, rest)) = first_token(text) else { return Held::Nothing };
    if token.is_empty() || is_prose(token) && !setting_allows_words(token, setting) {
        return Held::Nothing;
    }
    if token.strip_suffix(':').is_some_and(|name| name.chars().all(char::is_alphabetic)) {
        // The name of what stands below it: `valueFrom:`.
        return Held::Nothing;
    }
    if !setting.words && remark::is_moment(token) {
        // How long a secret holds, where there is none.
        return Held::Nothing;
    }
    let rest = rest.trim_start();
    let remark = rest.is_empty()
        || rest.starts_with(['(', '–', '—', '#', '['])
        || rest.starts_with("- ")
        || rest.starts_with("//");
    if !remark {
        let telling = token.chars().count() >= TELLING_CHARACTERS && token.contains(|one: char| one.is_ascii_digit());
        if !telling || token.contains("://") {
            return Held::Nothing;
        }
    }
    let inside = inside_pair(token).filter(|inside| is_machines(inside)).unwrap_or(token);
    if ["***", "•••", "●●●", "…", "...", "XXXXXXXX", "xxxxxxxx"].iter().any(|dots| inside.contains(dots))
    {
        // Taken out on the way.
        return Held::Nothing;
    }
    if inside.starts_with("{{") || inside.starts_with("${") {
        // What a template fills in.
        return Held::Nothing;
    }
    if is_address(token) || !setting.words && is_file(token) {
        // Of a vault or a page: no credential, whatever the label says.
        return Held::Nothing;
    }
    if !setting.words && goes_on(token, next_word(rest)) {
        // Broken in two where no blank was: which of the two readings is meant is not guessed.
        return Held::OneOf(vec![token, text.trim()]);
    }
    if let Some(rival) = rival(token, rest).filter(|_| !setting.words) {
        return Held::OneOf(vec![token, rival]);
    }
    if let Some(newer) = replaced_by(token, rest) {
        return Held::OneOf(vec![token, newer]);
    }
    if !setting.set_off && token.chars().count() < CREDENTIAL_CHARACTERS {
        return Held::Nothing;
    }
    if let Some(inside) = inside_emphasis(token).filter(|_| !setting.words) {
        // Machines make secrets with these marks, too.
        return Held::OneOf(vec![inside, token]);
    }
    let bare = token.trim_end_matches(['.', ',', ';', '!', '。', '、', '，', '；']);
    if bare.len() == token.len() || bare.is_empty() || ends_in_entity(token) {
        return Held::One(token);
    }
    if is_quoted(bare) || setting.followed && token.ends_with([',', ';', '、', '，', '；']) {
        return Held::One(bare);
    }
    Held::OneOf(vec![bare, token])
}

/// The id that an arrow leads to from the one that a text begins with: `0oa1 -> 0oa2`. Which of them holds is not guessed.
fn replaced_by<'t>(token: &str, rest: &'t str) -> Option<&'t str> {
    let behind = ["->", "-->", "=>", "→", ">>"].iter().find_map(|arrow| rest.strip_prefix(arrow))?;
    let word = behind.split_whitespace().next()?;
    (is_telling(word) && are_alike(token, word)).then_some(word)
}

/// Words behind a secret among which another is looked for.
const RIVAL_WORDS: usize = 12;

/// Another secret behind the one that a text begins with: `dev / prod`, `first and then second`.
fn rival<'t>(token: &str, rest: &'t str) -> Option<&'t str> {
    let marks = |one: char| matches!(one, ',' | ';' | '(' | ')' | '"' | '\'' | '`' | '.');
    let words = rest.split_whitespace().take(RIVAL_WORDS).map(|word| word.trim_matches(marks));
    let is_long = |word: &&str| word.chars().count() >= TELLING_CHARACTERS;
    let token = token.trim_matches(marks);
    words.into_iter().filter(is_long).find(|word| {
        let is_alike = || is_machines(word) && are_alike(token, word);
        *word != token && (goes_on(token, word) || makes::looks_like_secret(word) || is_alike())
    })
}

fn next_word(text: &str) -> &str {
    text.split_whitespace().next().unwrap_or_default().trim_end_matches([',', ';'])
}

/// Whether a word is an address, be it without its scheme: `pwpush.com/p/abc`.
fn is_address(token: &str) -> bool {
    if token.contains("://") {
        return !token.contains("apps.googleusercontent");
    }
    let bare = token.trim_start_matches(['<', '[', '(', '"', '`']);
    let Some((host, path)) = bare.split_once('/') else { return false };
    let is_host =
        host.contains('.') && host.bytes().all(|one| one.is_ascii_lowercase() || b"0123456789.-".contains(&one));
    is_host && !path.is_empty() && psl::suffix(host.as_bytes()).is_some_and(|suffix| suffix.is_known())
}

/// Whether a word is the name of a file that people keep a secret in: `secret.txt`.
fn is_file(token: &str) -> bool {
    const KINDS: [&str; 18] = [
        "txt", "pdf", "doc", "docx", "xls", "xlsx", "csv", "json", "xml", "zip", "7z", "png", "jpg", "jpeg", "kdbx",
        "gpg", "asc", "pgp",
    ];
    let bare = token.trim_matches(|one: char| !one.is_ascii_alphanumeric());
    bare.rsplit_once('.').is_some_and(|(name, kind)| !name.is_empty() && KINDS.contains(&kind))
}

/// In a place of its own even a short word may be a value; a longer text of plain words is not.
fn setting_allows_words(token: &str, setting: Setting) -> bool {
    setting.set_off && (setting.words || token.chars().count() >= TELLING_CHARACTERS)
}

/// A plain word, as sentences have them: letters alone, with a capital in front at the most.
fn is_prose(token: &str) -> bool {
    let word = token.trim_matches(|one: char| !one.is_alphanumeric());
    let mut letters = word.chars();
    letters.next().is_some_and(char::is_alphabetic)
        && letters.all(|one| one.is_lowercase() || one.is_alphabetic() && !one.is_uppercase())
}

/// The first line of a private key that stands in a value's place. The key itself is left where it is: intake knows it by this
/// line, and refuses it.
pub(super) fn private_key(text: &str) -> Option<&str> {
    let text = without_emphasis(text).trim_start_matches(['"', '\'', '`', '<']);
    let end = text.find(private_key::ARMOUR).filter(|_| text.starts_with("-----BEGIN "))?;
    text.get(..end + private_key::ARMOUR.len()).filter(|line| !line.contains('\n'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALONE: Setting = Setting::ALONE;
    const SENTENCE: Setting = Setting { set_off: false, followed: false, words: false };

    #[test]
    fn a_credential_is_one_word_kept_as_it_is() {
        for text in ["p&4<zQ\"7;vR=2%x'!k", "kD3-xZ_9qLmT7vRw2Yb8NcJ5", "`quoted-0123`", "\"in quotes\""] {
            assert_eq!(credential(text, ALONE), Held::One(text), "{text}");
        }
        assert_eq!(credential("a1B2c3D4e5 (expires 2028)", ALONE), Held::One("a1B2c3D4e5"));
        assert_eq!(credential("** `x-1-y-2-z` ", ALONE), Held::One("`x-1-y-2-z`"));
    }

    #[test]
    fn an_address_is_no_secret_with_its_scheme_or_without() {
        for text in ["pwpush.com/p/abc123def456", "send.bitwarden.com/#abc123/DEF456ghi", "<yopass.se/#/s/a1>"] {
            assert_eq!(credential(text, ALONE), Held::Nothing, "{text}");
        }
        for text in ["aB3.xZ9/qLmT7vRw2", "ab3/xz9.qlmt7/com", "abc.d3/9876543210"] {
            assert_eq!(credential(text, ALONE), Held::One(text), "{text}");
        }
    }

    #[test]
    fn a_secret_broken_by_a_blank_is_not_taken_for_its_start() {
        let whole = "kD3-xZ_9qLmT7vRw2Yb8 NcJ5hPs4GfA6uEoQ1iXy";
        assert_eq!(credential(whole, ALONE), Held::OneOf(vec!["kD3-xZ_9qLmT7vRw2Yb8", whole]));
    }

    #[test]
    fn of_two_secrets_in_one_place_none_is_taken() {
        let (one, other) = ("kD3-xZ9qLmT7vRw2Yb8NcJ5", "Zt7_Kq2LwX9rP4yMdE5hUaJ8cGfR3sQoT1");
        assert_eq!(credential(&format!("{one} / {other}"), ALONE), Held::OneOf(vec![one, other]));
        assert_eq!(credential(&format!("{one} (valid until December 2028)"), ALONE), Held::One(one));
    }

    #[test]
    fn a_plain_word_may_be_a_client_id() {
        assert_eq!(credential("product", Setting { words: true, ..ALONE }), Held::One("product"));
        assert_eq!(credential("product", ALONE), Held::Nothing);
    }

    #[test]
    fn words_are_no_credential() {
        for text in [
            "I will give it to you by phone",
            "see https://vault.example/x",
            "https://vault.example/x",
            "later",
            "attached below",
            "",
        ] {
            assert_eq!(credential(text, ALONE), Held::Nothing, "{text}");
        }
        assert_eq!(credential("wrong.", SENTENCE), Held::Nothing);
    }

    #[test]
    fn a_private_key_is_known_by_its_first_line() {
        let line = "-----BEGIN RSA PRIVATE KEY-----";
        for text in [line.to_owned(), format!(" \"{line}\nMIIE\""), format!("{line} MIIE")] {
            assert_eq!(private_key(&text), Some(line), "{text}");
        }
        for text in
            ["-----BEGIN CERTIFICATE-----", "the -----BEGIN PRIVATE KEY-----", "-----BEGIN X-----\nPRIVATE KEY-----"]
        {
            assert_eq!(private_key(text), None, "{text}");
        }
    }

    #[test]
    fn a_full_stop_behind_a_credential_is_not_decided_here() {
        assert_eq!(credential("a1B2c3D4e5f6.", SENTENCE), Held::OneOf(vec!["a1B2c3D4e5f6", "a1B2c3D4e5f6."]));
        for text in ["0oa1b2c3d4E5f6G7h8i9 -> 0oaZ2c3d4E5f6G7h8i0", "0oa1b2c3d4E5f6G7h8i9 → 0oaZ2c3d4E5f6G7h8i0"] {
            let both = Held::OneOf(vec!["0oa1b2c3d4E5f6G7h8i9", "0oaZ2c3d4E5f6G7h8i0"]);
            assert_eq!(credential(text, Setting { words: true, ..ALONE }), both, "{text}");
        }
        let followed = Setting { set_off: true, followed: true, words: false };
        assert_eq!(credential("a1B2c3D4e5f6, and the ", followed), Held::One("a1B2c3D4e5f6"));
        assert_eq!(credential("\"a1B2c3D4e5f6\",", ALONE), Held::One("\"a1B2c3D4e5f6\""));
    }
}
