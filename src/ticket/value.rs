//! What stands behind a label, read as the kind of value that the label announces. Nothing is mended here: intake does
//! that, and says so.

use super::line::is_blank;
use super::sentence::is_linking;
use super::{labels, remark};
use crate::foreign::private_key;
use crate::intake::{inside_emphasis, inside_pair, spaced_address};
use crate::makes;

/// Words that lead from one value of a sentence to the next.
const LINKING: [&str; 46] = [
    "and", "the", "our", "a", "with", "for", "is", "und", "die", "das", "der", "unser", "unsere", "ist", "mit", "et",
    "le", "la", "l", "les", "notre", "est", "y", "el", "con", "nuestro", "e", "o", "os", "com", "il", "lo", "en", "de",
    "het", "onze", "i", "och", "og", "&", "+", "|", "/", "-", "–", "also",
];

/// Shortest credential that is taken out of running text.
const CREDENTIAL_CHARACTERS: usize = 8;

/// Shortest credential whose shape sets it apart from the words behind it.
const TELLING_CHARACTERS: usize = 12;

/// Addresses that are looked for in one text: whoever means one of them does not send more.
const ADDRESSES: usize = 64;

/// Domains that are looked for in one text.
const DOMAINS: usize = 2000;

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
    let text = if setting.followed { without_linking_words(text) } else { without_copula(text) };
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
    if is_address(token) {
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

/// What stands for a mark or a blank in a text that was escaped once too often.
const ENTITIES: [&str; 8] = ["&quot;", "&lt;", "&gt;", "&#39;", "&apos;", "&rdquo;", "&nbsp;", "&#160;"];

/// Whether a word ends in what stands for a mark: its semicolon ends no sentence.
fn ends_in_entity(word: &str) -> bool {
    ENTITIES.iter().any(|entity| word.ends_with(entity))
}

/// The marks that close what `before` ends with: those of Markdown, chats and templates that stand at an address.
fn closing(before: &str) -> impl Fn(char) -> bool {
    let is_mark = |one: &char| matches!(one, '_' | '~' | '*' | '{');
    let opened: Vec<char> = before.chars().rev().take_while(is_mark).collect();
    move |one| match one {
        '}' => opened.contains(&'{'),
        one => opened.contains(&one),
    }
}

/// Whether a word has a shape that sets it apart from the words around it.
pub(super) fn is_telling(word: &str) -> bool {
    word.chars().count() >= TELLING_CHARACTERS
        && word.contains(|one: char| one.is_ascii_digit())
        && !word.contains("://")
        && !remark::is_moment(word)
}

/// Fewest characters of a secret that its shape alone tells from a heading's word: `SUP-1234 - Client secret`.
const MACHINES_CHARACTERS: usize = 20;

/// Whether a word is long and mixed as machines make secrets, and no person a word.
pub(super) fn is_machines(word: &str) -> bool {
    let has = |kind: fn(&char) -> bool| word.chars().any(|one| kind(&one));
    word.chars().count() >= MACHINES_CHARACTERS
        && is_telling(word)
        && has(char::is_ascii_lowercase)
        && has(char::is_ascii_uppercase)
}

/// The first such word in a sentence, without what ends the sentence.
pub(super) fn machines_word(text: &str) -> Option<&str> {
    let marks = |one: char| matches!(one, ',' | ';' | '.' | '(' | ')' | '"' | '\'' | '`' | '*');
    text.split_whitespace().map(|word| word.trim_matches(marks)).find(|word| is_machines(word))
}

/// Whether two words may come from the same machine: letters and digits of the same kinds, and much the same length.
pub(super) fn are_alike(one: &str, other: &str) -> bool {
    let (shorter, longer) =
        (one.chars().count().min(other.chars().count()), one.chars().count().max(other.chars().count()));
    kinds(one) == kinds(other) && 2 * shorter >= longer
}

/// Whether two ids may be those of one application in two environments: `acme-test` beside `acme-prod`, `abc-111` beside `abc-222`.
pub(super) fn are_siblings(one: &str, other: &str) -> bool {
    let begins_alike =
        one.chars().zip(other.chars()).take_while(|(one, other)| one.eq_ignore_ascii_case(other)).count();
    let are_words = [one, other].iter().all(|id| !id.contains(char::is_whitespace) && !id.contains("://"));
    are_words && one != other && begins_alike >= SIBLING_CHARACTERS
}

/// Fewest characters with which such ids begin alike.
const SIBLING_CHARACTERS: usize = 3;

/// Which of lower-case letters, upper-case letters and digits a text has.
fn kinds(text: &str) -> (bool, bool, bool) {
    let has = |kind: fn(&char) -> bool| text.chars().any(|one| kind(&one));
    (has(char::is_ascii_lowercase), has(char::is_ascii_uppercase), has(char::is_ascii_digit))
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

/// Shortest word that may be the end of a secret that was broken in two.
const END_CHARACTERS: usize = 4;

/// Words behind a secret among which another is looked for.
const RIVAL_WORDS: usize = 12;

fn next_word(text: &str) -> &str {
    text.split_whitespace().next().unwrap_or_default().trim_end_matches([',', ';'])
}

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

/// Google's secrets are longer: a shorter one was broken off, although it begins like one.
const END_OF_GOOGLE: usize = 33;

/// Whether `word` looks like the end of a secret whose start is `start`: a word of the same letters, digits and marks, and of digits
/// and letters both, as names, dates, telephone numbers, identifiers and files have not.
pub(super) fn goes_on(start: &str, word: &str) -> bool {
    let word = word.trim();
    let ((lower, upper, digits), of_start) = (kinds(word), kinds(start));
    let is_mark = |one: char| one.is_ascii_alphanumeric() || (one.is_ascii_punctuation() && start.contains(one));
    let is_whole = |text: &str| {
        makes::is_guid(text)
            || makes::looks_like_client_id(text)
            || (text.len() > END_OF_GOOGLE && makes::looks_like_secret(text))
    };
    start.chars().count() >= TELLING_CHARACTERS
        && word.chars().count() >= END_CHARACTERS
        && word.chars().all(is_mark)
        && !word.starts_with(['-', '+', '/', '.', '=', '_'])
        && digits
        && (lower, upper, digits) == of_start
        && !is_file_name(word)
        && !remark::is_moment(word)
        && ![start, word].into_iter().any(is_whole)
}

/// Whether a word ends as the names of files do.
pub(super) fn is_file_name(word: &str) -> bool {
    let end = word.rsplit_once('.').map_or("", |(_, end)| end);
    (2..=5).contains(&end.len()) && kinds(end) != (false, false, true)
}

/// In a place of its own even a short word may be a value; a longer text of plain words is not.
fn setting_allows_words(token: &str, setting: Setting) -> bool {
    setting.set_off && (setting.words || token.chars().count() >= TELLING_CHARACTERS)
}

/// The first line of a private key that stands in a value's place. The key itself is left where it is: intake knows it by this
/// line, and refuses it.
pub(super) fn private_key(text: &str) -> Option<&str> {
    let text = without_emphasis(text).trim_start_matches(['"', '\'', '`', '<']);
    let end = text.find(private_key::ARMOUR).filter(|_| text.starts_with("-----BEGIN "))?;
    text.get(..end + private_key::ARMOUR.len()).filter(|line| !line.contains('\n'))
}

/// A plain word, as sentences have them: letters alone, with a capital in front at the most.
fn is_prose(token: &str) -> bool {
    let word = token.trim_matches(|one: char| !one.is_alphanumeric());
    let mut letters = word.chars();
    letters.next().is_some_and(char::is_alphabetic)
        && letters.all(|one| one.is_lowercase() || one.is_alphabetic() && !one.is_uppercase())
}

/// The first word, or what stands in quotes at the start.
pub(super) fn first_token(text: &str) -> Option<(&str, &str)> {
    let mut text = text.trim();
    // What nobody sees is no word; what stands at one is left to intake, which takes it off and says so.
    while let Some((_, rest)) = text.split_once(char::is_whitespace).filter(|(word, _)| is_blank(word)) {
        text = rest.trim_start();
    }
    let first = text.chars().next().filter(|_| !is_blank(text))?;
    let close = match first {
        '"' | '\'' | '`' => Some(first),
        '“' | '„' => Some('”'),
        '‘' | '‚' => Some('’'),
        '«' => Some('»'),
        '「' => Some('」'),
        _ => None,
    };
    if let Some(close) = close
        && let Some(behind) = text.get(first.len_utf8()..)
        && let Some(at) = behind.find(close)
    {
        let end = first.len_utf8() + at + close.len_utf8();
        let rest = text.get(end..).unwrap_or_default();
        // A mark inside the value ends nothing.
        if rest.is_empty()
            || rest.starts_with(|one: char| one.is_whitespace() || matches!(one, '.' | ',' | ';' | ')' | '('))
        {
            let stop = rest.find(char::is_whitespace).unwrap_or(rest.len());
            let (tail, rest) = rest.split_at(stop);
            let token = text.get(..end + tail.len()).unwrap_or_default();
            return Some((token, rest));
        }
    }
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    Some(text.split_at(end))
}

pub(super) fn is_quoted(token: &str) -> bool {
    let inside = |open: char, close: char| token.len() > 2 && token.starts_with(open) && token.ends_with(close);
    inside('"', '"') || inside('\'', '\'') || inside('`', '`') || inside('“', '”')
}

/// `** value` as the end of a bold label leaves it.
pub(super) fn without_emphasis(text: &str) -> &str {
    let text = text.trim();
    let rest = text.trim_start_matches(['*', '_']);
    if rest.len() < text.len() && (rest.is_empty() || rest.starts_with(char::is_whitespace)) {
        rest.trim_start()
    } else {
        text
    }
}

/// `0oa1です。` without the verb at its end, in the languages that write it without a blank.
fn without_copula(text: &str) -> &str {
    let bare = text.trim_end().trim_end_matches(['。', '.']);
    let value = [
        "です",
        "て\u{3099}す",
        "になります",
        "となります",
        "입니다",
        "\u{110b}\u{1175}\u{11b8}\u{1102}\u{1175}\u{1103}\u{1161}",
    ]
    .iter()
    .find_map(|verb| bare.strip_suffix(verb));
    value.filter(|value| !value.trim().is_empty()).map_or(text, str::trim_end)
}

/// `value and the` without what leads to the next label.
pub(super) fn without_linking_words(text: &str) -> &str {
    let mut text =
        text.trim_end_matches(|one: char| one.is_whitespace() || matches!(one, '*' | '_' | '"' | '{' | '(' | '|'));
    while let Some(at) = text.rfind(char::is_whitespace) {
        let (before, word) = text.split_at(at);
        let word = word.trim().trim_matches(|one: char| matches!(one, '*' | '_' | '"')).to_lowercase();
        if !word.is_empty() && !LINKING.contains(&word.as_str()) {
            break;
        }
        text = before.trim_end();
    }
    text
}

/// The web addresses in a text: those with a scheme, else the first word that has the shape of a host.
pub(super) fn addresses(text: &str) -> Vec<&str> {
    let text = without_copula(without_emphasis(text));
    let mut found: Vec<&str> = Vec::new();
    let (mut read_to, mut tried) = (0, 0);
    for (at, _) in text.match_indices("://") {
        // An address within an address is part of it.
        if at < read_to {
            continue;
        }
        if tried >= ADDRESSES {
            break;
        }
        let before = text.get(..at).unwrap_or_default();
        let start = before
            .rfind(|one: char| !one.is_ascii_alphanumeric())
            .map_or(0, |last| last + before.get(last..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8));
        let rest = text.get(start..).unwrap_or_default();
        let scheme = before.get(start..).unwrap_or_default();
        if !scheme.eq_ignore_ascii_case("https") && !scheme.eq_ignore_ascii_case("http") {
            continue;
        }
        let stop = rest.find(|one: char| {
            one.is_whitespace() || matches!(one, '<' | '>' | '"' | '“' | '”' | '`' | ')' | ']' | '|' | '、' | '。')
        });
        let stop = spaced_address(rest).or(stop);
        let address = rest.get(..stop.unwrap_or(rest.len())).unwrap_or_default();
        let entity = ENTITIES.iter().filter_map(|entity| address.find(entity)).min();
        let address = address.get(..entity.unwrap_or(address.len())).unwrap_or_default();
        (read_to, tried) = (start + address.len(), tried + 1);
        let behind = rest.get(address.len()..).unwrap_or_default();
        if is_stand_in_part(behind)
            || !address.get(scheme.len() + 3..).is_some_and(|host| host.contains(char::is_alphanumeric))
        {
            continue;
        }
        let closes = closing(before.get(..start).unwrap_or_default());
        let address = address.trim_end_matches(|one| matches!(one, '.' | ',' | ';' | '!' | '\'' | '*') || closes(one));
        // Of two that differ in nothing but what stands at their ends, a link shows one and leads to the other.
        let alike = |one: &&str| one.trim_end_matches('/') == address.trim_end_matches('/');
        if !found.iter().any(alike) {
            found.push(address);
        }
    }
    if found.is_empty()
        && let Some((token, _)) = first_token(text)
    {
        let token = token.trim_end_matches(['.', ',', ';']);
        let host = token.split('/').next().unwrap_or_default();
        let labels = host.split('.').count();
        let plain = host.chars().all(|one| one.is_alphanumeric() || matches!(one, '.' | '-' | ':'));
        if labels >= 2 && plain && !host.contains("..") && !host.starts_with('.') && host.len() > 3 {
            found.push(token);
        }
    }
    found
}

/// The address in a text whose host is an issuer at its make, and all of one: `acme.eu.auth0.com`.
pub(super) fn issuing_host(text: &str) -> Option<&str> {
    let [address] = addresses(text)[..] else { return None };
    let (_, rest) = address.split_once("://").unwrap_or(("https", address));
    let host = rest.trim_end_matches('/').to_ascii_lowercase();
    makes::is_issuer_by_host(&host).then_some(address)
}

/// Whether an address is cut off by words in angle brackets that a part of it has to be put in the place of:
/// `https://<company>.okta.example`. An address in angle brackets behind another is the same once more.
fn is_stand_in_part(behind: &str) -> bool {
    let inside = behind.strip_prefix('<').and_then(|rest| rest.split_once('>')).map(|(inside, _)| inside);
    inside.is_some_and(|inside| !inside.is_empty() && !inside.contains([':', '@', '.', '/']))
}

/// The e-mail addresses in a text, each once, whatever its case.
pub(super) fn mailboxes(text: &str) -> Vec<&str> {
    let text = without_copula(text);
    let mut found: Vec<&str> = Vec::new();
    let parts = text.split(|one: char| {
        one.is_whitespace()
            || matches!(
                one,
                '<' | '>'
                    | '('
                    | ')'
                    | '['
                    | ']'
                    | ','
                    | ';'
                    | '"'
                    | '“'
                    | '”'
                    | '‘'
                    | '’'
                    | '`'
                    | '|'
                    | '*'
                    | '、'
                    | '。'
                    | '（'
                    | '）'
            )
    });
    for part in parts {
        let part = within_marks(part.trim_matches(['.', ':', '\'', '/', '?', '!', '=']));
        let part = part
            .get(..7)
            .filter(|scheme| scheme.eq_ignore_ascii_case("mailto:"))
            .map_or(part, |_| part.get(7..).unwrap_or_default());
        let part = part.split('?').next().unwrap_or_default();
        let part = part.rsplit([':', '：', '=']).next().unwrap_or_default();
        let is_one = part
            .split_once('@')
            .is_some_and(|(local, domain)| !local.is_empty() && domain.contains('.') && !domain.contains('@'));
        if found.len() >= ADDRESSES {
            break;
        }
        if is_one && part.len() <= 320 && !found.iter().any(|one| one.eq_ignore_ascii_case(part)) {
            found.push(part);
        }
    }
    found
}

/// An e-mail address without the marks of Markdown, chats and templates around it: no domain ends in one.
fn within_marks(word: &str) -> &str {
    let entity = ENTITIES.iter().find_map(|entity| word.strip_suffix(entity.trim_end_matches(';')));
    let closed = entity.unwrap_or(word).trim_end_matches(['_', '~', '}']);
    if closed.len() < word.len() { closed.trim_start_matches(['_', '~', '{']) } else { word }
}

/// The names of domains in a list.
pub(super) fn domains(text: &str) -> Vec<&str> {
    let parts =
        text.split(|one: char| one.is_whitespace() || matches!(one, ',' | ';' | '、' | '(' | ')' | '<' | '>' | '"'));
    parts.map(without_marks_of_domain).filter(|part| is_domain(part)).take(DOMAINS).collect()
}

fn without_marks_of_domain(word: &str) -> &str {
    word.trim_matches(['.', '*', '@', '\'', '`'])
}

fn is_domain(word: &str) -> bool {
    let letters = word.chars().all(|one| one.is_alphanumeric() || matches!(one, '.' | '-'));
    word.contains('.') && letters && !word.contains("..") && word.len() <= 253
}

/// Whether a line is an item of a list of domains, or several, and nothing else but a remark in brackets.
pub(super) fn is_list_of_domains(text: &str) -> bool {
    let text = text.split(['(', '[']).next().unwrap_or_default();
    let is_item = |word: &str| {
        let name = without_marks_of_domain(word);
        let zone = name.rsplit('.').next().unwrap_or_default();
        let number = word.trim_end_matches(['.', ')']);
        is_domain(name) && !name.starts_with("www.") && zone.chars().all(char::is_alphabetic)
            || LINKING.contains(&word)
            || is_linking(word)
            || number.bytes().all(|one| one.is_ascii_digit())
            || name.is_empty()
    };
    !domains(text).is_empty()
        && text.split(|one: char| one.is_whitespace() || matches!(one, ',' | ';' | '、' | '•' | '·')).all(is_item)
}

/// The names and values of a text that is the body of a form, as programs send one: `client_id=…&client_secret=…`. Two of the
/// names have to be labels, and everything between two `&` a name with its value: else a bare `&` may belong to one.
///
/// Source: WHATWG URL, section 5 (`application/x-www-form-urlencoded`).
///
/// Connection strings part theirs by `;`, and encode nothing.
pub(super) fn form(text: &str) -> Option<Vec<(String, String)>> {
    let text = text.trim();
    let mark = ['&', ';'].into_iter().find(|mark| text.trim_end_matches(*mark).contains(*mark))?;
    if text.contains(char::is_whitespace) {
        return None;
    }
    let is_label = |pair: &str| pair.split_once('=').is_some_and(|(name, _)| labels::whole(name).is_some());
    let text = if mark == ';' { text.trim_end_matches(mark) } else { text };
    let mut pairs = text.split(mark);
    let is_pair = |pair: &str| pair.split_once('=').is_some_and(|(name, _)| !name.is_empty() && !name.contains("://"));
    let is_form = pairs.clone().all(is_pair) && pairs.by_ref().filter(|pair| is_label(pair)).count() > 1;
    let owned = |pair: &str| pair.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
    is_form.then(|| match mark {
        ';' => text.split(mark).filter_map(owned).collect(),
        _ => url::form_urlencoded::parse(text.as_bytes()).into_owned().collect(),
    })
}

/// The GUID that a text begins with, be it behind a word or two.
pub(super) fn guid(text: &str) -> Option<&str> {
    let words = text.split_whitespace().take(3).map(|word| word.trim_matches(|one: char| !one.is_ascii_alphanumeric()));
    words.into_iter().find(|word| makes::is_guid(word))
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
        let start = "kD3-xZ_9qLmT7vRw2Yb8";
        for word in ["NcJ5", "Nc-J5hPs4GfA6uEo"] {
            assert!(goes_on(start, word), "{word}");
        }
        for word in [
            "Thanks",
            "Jean-Paul",
            "McCoy",
            "0049-30-1234567",
            "12/31/2028",
            "10:02",
            "SUP-1234",
            "image001.png",
            "-v2Ab",
            "v2",
            "9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d",
            "0oa1b2c3d4E5f6G7h8i9",
            "(expires",
            "12.11.2028",
            "~Ab3c4D",
        ] {
            assert!(!goes_on(start, word), "{word}");
        }
        assert!(goes_on("GOCSPX-a1B2c3d4E5", "f6G7h8I9"));
        assert!(!goes_on("0oa1b2c3d4E5f6G7h8i9", "kD3xZ9qLmT7vRw2"));
        assert!(goes_on("a1b2c3d4e5f6a7b8", "c9d0") && !goes_on("a1b2c3d4e5f6a7b8", "C9D0"));
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
        let followed = Setting { set_off: true, followed: true, words: false };
        assert_eq!(credential("a1B2c3D4e5f6, and the ", followed), Held::One("a1B2c3D4e5f6"));
        assert_eq!(credential("\"a1B2c3D4e5f6\",", ALONE), Held::One("\"a1B2c3D4e5f6\""));
    }

    #[test]
    fn addresses_are_found_in_their_wrappings() {
        assert_eq!(addresses("<https://a.example/x>."), ["https://a.example/x"]);
        assert_eq!(addresses("[https://a.example](https://a.example)"), ["https://a.example"]);
        assert_eq!(addresses("https://a.example <https://a.example>"), ["https://a.example"]);
        assert_eq!(addresses("acme.okta.example"), ["acme.okta.example"]);
        assert_eq!(addresses("here: none"), Vec::<&str>::new());
        assert_eq!(addresses("https://acme . okta . com"), ["https://acme . okta . com"]);
        assert_eq!(addresses("https://acme. okta. com, thanks"), ["https://acme. okta. com"]);
        for text in
            ["https://acme.okta.com. we use it", "https://acme.okta.com . Thanks", "https://acme.okta.com .well done"]
        {
            assert_eq!(addresses(text), ["https://acme.okta.com"], "{text}");
        }
        assert_eq!(addresses("https://idp.acme.local. thanks"), ["https://idp.acme.local"]);
    }

    #[test]
    fn mailboxes_are_found_in_their_wrappings() {
        assert_eq!(
            mailboxes("Jane Doe <mailto:jane@a.example> or \"x@b.example\"."),
            ["jane@a.example", "x@b.example"]
        );
        assert_eq!(mailboxes("Jane@a.example JANE@A.EXAMPLE"), ["Jane@a.example"]);
        assert_eq!(mailboxes("nobody"), Vec::<&str>::new());
    }
}
