//! The words customers put in front of a value, in the languages of `labels.tsv`, and where they stand in a line.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use crate::foreign;
use crate::intake::is_conjunction;

/// The table, as it is kept beside this file.
const TABLE: &str = include_str!("labels.tsv");

/// Words of the longest label, with one to spare.
const WORDS: usize = 9;

/// Characters of a word that can be part of a label.
const WORD_CHARACTERS: usize = 48;

/// What a label announces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Field {
    /// The client id.
    ClientId,
    /// The client secret.
    ClientSecret,
    /// The issuer, or its discovery document.
    Issuer,
    /// SAML metadata.
    Metadata,
    /// The owner's address.
    Owner,
    /// Domains to claim.
    Domains,
    /// Who asked, as a help desk's notification says it.
    Requester,
    /// The id of a directory at Microsoft Entra, which names its issuer.
    Tenant,
    /// A host of the identity provider, which is its issuer at some makes.
    Host,
    /// Something that must not be taken for any of these.
    Other,
    /// The name of a secret, which is not the secret.
    SecretId,
}

impl Field {
    fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "client_id" => Self::ClientId,
            "client_secret" => Self::ClientSecret,
            "issuer" => Self::Issuer,
            "metadata" => Self::Metadata,
            "owner" => Self::Owner,
            "domains" => Self::Domains,
            "requester" => Self::Requester,
            "secret_id" => Self::SecretId,
            "tenant" => Self::Tenant,
            "host" => Self::Host,
            "other" => Self::Other,
            _ => return None,
        })
    }
}

/// A label in a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Occurrence {
    /// What it announces.
    pub(super) field: Field,
    /// Where it starts, in bytes.
    pub(super) start: usize,
    /// Where what stands behind it starts, in bytes: behind its `:` or `=`, where it has one.
    pub(super) end: usize,
    /// A `:` or `=` ends it.
    pub(super) separated: bool,
    /// Its first word is the first word of the line.
    pub(super) leads: bool,
    /// Its words, as they stand there.
    pub(super) words: String,
}

/// In the order of their letters, so that one look tells whether any label goes on from here.
static LABELS: LazyLock<BTreeMap<String, Field>> =
    LazyLock::new(|| rows().map(|(field, label)| (squeezed(label), field)).collect());

/// The first label that starts with these letters: they themselves, where they are one. `None` where none goes on from here.
fn begun(letters: &str) -> Option<(&'static str, Field)> {
    let (label, field) = LABELS.range::<str, _>((Bound::Included(letters), Bound::Unbounded)).next()?;
    label.starts_with(letters).then_some((label.as_str(), *field))
}

/// The rows of the table that can be read: all of them, as a test makes sure.
fn rows() -> impl Iterator<Item = (Field, &'static str)> {
    TABLE.lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
        let mut columns = line.split('\t');
        let (field, _language, label) = (columns.next()?, columns.next()?, columns.next()?);
        Some((Field::parse(field)?, label))
    })
}

/// The letters and digits of a text in lower case: what labels are compared by. Composed and decomposed letters, wide and
/// narrow ones are the same, and so are the two `i` of Turkish.
fn squeezed(text: &str) -> String {
    if text.is_ascii() {
        return text.chars().filter(char::is_ascii_alphanumeric).map(|one| one.to_ascii_lowercase()).collect();
    }
    // The number of a list's item, in a circle: decomposed, it would be a digit of the label.
    let unnumbered = text.chars().filter(|one| !is_drawn(*one));
    let lower = unnumbered.nfkc().flat_map(char::to_lowercase).map(|one| if one == 'ı' { 'i' } else { one });
    lower.filter(|one| one.is_alphanumeric()).collect()
}

/// Particles that lead from a label to its value, where no blank parts words: `クライアントIDは0oa1`.
const PARTICLES: [char; 6] = ['は', '는', '은', '是', '为', '為'];

/// Brackets that end a label as a colon does, in the mails of East Asia: `【クライアントID】0oa1`.
const BRACKETS: [char; 3] = ['】', '〗', '］'];

/// Where the particle in or behind a word is that makes a label of what stands before it.
fn particle(word: &str) -> Option<(usize, char)> {
    let ends = |at: usize, one: char| at > 0 && at + one.len_utf8() == word.len();
    let follows_label = |at: usize| word.get(..at).is_some_and(is_label);
    word.char_indices().find(|(at, one)| PARTICLES.contains(one) && (ends(*at, *one) || follows_label(*at)))
}

/// What `text` announces if it is a label and nothing else, save for list marks, numbers and a `:` or `?` behind it.
pub(super) fn whole(text: &str) -> Option<Field> {
    if text.len() > WORD_CHARACTERS * 4 {
        return None;
    }
    let text = text.trim().trim_end_matches([':', '=', '：', '＝', '*', '?']);
    let squeeze = squeezed(text);
    let unnumbered =
        || squeezed(text.trim_start_matches(|one: char| one.is_ascii_digit() || matches!(one, '.' | ')' | '(' | ' ')));
    LABELS.get(&squeeze).or_else(|| LABELS.get(&unnumbered())).or_else(|| suffix_of(text)).copied()
}

/// Whether a text is the words of a label, and no letter more.
pub(super) fn is_label(text: &str) -> bool {
    text.len() <= WORD_CHARACTERS * 4 && LABELS.contains_key(&squeezed(text))
}

/// Words that stand before what a list asks for.
const ARTICLES: [&str; 16] =
    ["the", "our", "your", "a", "der", "die", "das", "ihre", "le", "la", "l", "el", "il", "lo", "o", "de"];

/// Words for a client, by which the label of a client id is told from others that are taken for one.
const CLIENTS: [&str; 18] = [
    "client",
    "klient",
    "cliente",
    "kunden",
    "istemci",
    "клиент",
    "クライアント",
    "客户端",
    "用戶端",
    "클라이언트",
    "asiakas",
    "ügyfél",
    "kliens",
    "πελάτη",
    "клієнт",
    "לקוח",
    "العميل",
    "khách",
];

/// Whether a label speaks of a client.
pub(super) fn says_client(label: &str) -> bool {
    let letters = squeezed(label);
    CLIENTS.iter().any(|word| letters.contains(word))
}

/// What the last words of `OIDC_CLIENT_ID`, `oidc.client-id` or Spring's `….registration.okta.client-id` announce.
fn suffix_of(word: &str) -> Option<&'static Field> {
    let word = word.get(word.ceil_char_boundary(word.len().saturating_sub(WORD_CHARACTERS))..)?;
    if word.contains(char::is_whitespace) {
        return None;
    }
    word.match_indices(['_', '-', '.']).find_map(|(at, _)| LABELS.get(&squeezed(word.get(at..)?)))
}

/// A word of a line.
struct Word<'t> {
    text: &'t str,
    start: usize,
    /// Where the word ends, before its separator if it has one.
    end: usize,
    /// Where the value starts, if a separator stands in or behind the word.
    value: Option<usize>,
    squeezed: String,
    /// A sentence or a clause ends behind it.
    stops: bool,
}

/// The labels in one line of text, from left to right; none lies within another.
pub(super) fn occurrences(text: &str) -> Vec<Occurrence> {
    let words: Vec<Word<'_>> = split(text);
    let mut first =
        words.iter().position(|word| !word.squeezed.is_empty() && !is_number(word.text)).unwrap_or_default();
    // "- the client ID": in a list, the article is no part of a sentence.
    let is_article = words.get(first).is_some_and(|word| ARTICLES.contains(&word.squeezed.as_str()));
    first += usize::from(first > 0 && is_article);
    let mut found: Vec<Occurrence> = Vec::new();
    let mut position = 0;
    while position < words.len() {
        let Some((field, last, start)) = at(&words, position) else {
            position += 1;
            continue;
        };
        if let (Some(from), Some(to)) = (words.get(position), words.get(last)) {
            found.push(Occurrence {
                field,
                start: from.start,
                end: to.value.unwrap_or(to.end),
                separated: to.value.is_some(),
                leads: position == first || last + 1 == words.len() && words.iter().take(position).all(leads_on),
                words: text.get(start..to.end).unwrap_or_default().trim().trim_matches(is_mark).to_owned(),
            });
        }
        position = last + 1;
    }
    found
}

/// Whether a word in front of a label that is all there is of a line is no part of a sentence: `And the client secret`.
fn leads_on(word: &Word<'_>) -> bool {
    // "Q: Client secret", "b) Client secret".
    let is_item = word.squeezed.chars().count() == 1 && (word.value.is_some() || word.text.ends_with([')', '.']));
    ARTICLES.contains(&word.squeezed.as_str()) || is_conjunction(&word.squeezed) || is_number(word.text) || is_item
}

/// What is left of `word`, the first one of `text`, before a label that ends it or goes on behind it: `abc` of `abcIssuer: x`.
pub(super) fn glued_to<'t>(word: &'t str, text: &str) -> Option<&'t str> {
    let from = word.floor_char_boundary(word.len().saturating_sub(WORD_CHARACTERS));
    let parts = word.char_indices().map(|(at, _)| at).skip(1).filter(|at| *at >= from);
    let ends_in_label = |at: usize| {
        let rest = text.get(at..).unwrap_or_default();
        let rest = rest.get(..rest.floor_char_boundary(WORD_CHARACTERS * 4)).unwrap_or_default();
        occurrences(rest).first().is_some_and(|one| one.start == 0 && one.separated && at + one.end >= word.len())
    };
    parts.into_iter().find(|at| ends_in_label(*at)).and_then(|at| word.get(..at))
}

/// The longest label that starts with the word at `position`: what it announces, its last word, and where it starts.
fn at(words: &[Word<'_>], position: usize) -> Option<(Field, usize, usize)> {
    let first = words.get(position)?;
    let rest = words.get(position + 1..)?;
    if first.squeezed.is_empty() {
        return None;
    }
    let found = |(field, behind): (Field, usize)| (field, position + behind, first.start);
    if let Some(longest) = longest(&first.squeezed, first, rest) {
        return Some(found(longest));
    }
    // « L'URL de l'émetteur »: the article is no part of the label.
    let elided = first.text.split_once(['\'', '’']).filter(|(article, _)| article.chars().count() <= 2);
    if let Some(longest) = elided.and_then(|(_, noun)| longest(&squeezed(noun), first, rest)) {
        return Some(found(longest));
    }
    if let Some(longest) = unnumbered(first.text).and_then(|noun| longest(&squeezed(noun), first, rest)) {
        return Some(found(longest));
    }
    if let Some(longest) = one_of_two(first, rest) {
        return Some(found(longest));
    }
    // "OIDC_CLIENT_ID = x" has it in a word of its own.
    let apart = || rest.first().is_some_and(|word| word.text.is_empty() && word.value.is_some());
    let behind = if first.value.is_some() { 0 } else { usize::from(apart()) };
    first.value.or_else(|| rest.first().filter(|_| behind > 0)?.value)?;
    suffix_of(first.text).map(|field| found((*field, behind)))
}

/// A label of which the first word is one of two names: `Admin/owner email`, `Owner/admin`. Not for credentials, of which two
/// names are two values.
fn one_of_two(first: &Word<'_>, rest: &[Word<'_>]) -> Option<(Field, usize)> {
    let (one, other) = first.text.split_once('/')?;
    let named = |noun: &str| longest(&squeezed(noun), first, rest);
    let longest = [other, one].into_iter().filter(|noun| !squeezed(noun).is_empty()).find_map(named);
    longest.filter(|(field, _)| matches!(field, Field::Owner | Field::Domains))
}

/// What stands behind the number of a list's item where no blank parts the two: `1、客户端ID`, `（２）クライアントID`, `1)Client`.
fn unnumbered(word: &str) -> Option<&str> {
    let bare = word.trim_start_matches(is_mark);
    let behind = bare.trim_start_matches(char::is_numeric);
    let noun = behind.trim_start_matches(is_mark);
    (behind.len() < bare.len() && noun.len() < behind.len() && !noun.is_empty()).then_some(noun)
}

/// The longest label that starts with `start`, the letters of the word `first`, and goes on with the words of `rest`:
/// what it announces, and how many of these it takes.
fn longest(start: &str, first: &Word<'_>, rest: &[Word<'_>]) -> Option<(Field, usize)> {
    let whole = |(label, field): (&str, Field), letters: &str| (label == letters).then_some(field);
    let mut longest = whole(begun(start)?, start).map(|field| (field, 0));
    let mut label = start.to_owned();
    let mut last = first;
    let brackets = |word: &Word<'_>| {
        let of = |marks: [char; 2]| word.text.matches(marks).count();
        (of(['(', '（']), of([')', '）']))
    };
    let mut so_far = brackets(first);
    for (offset, word) in rest.iter().take(WORDS - 1).enumerate() {
        if last.value.is_some() || last.stops || word.squeezed.is_empty() && word.value.is_none() {
            break;
        }
        label.push_str(&word.squeezed);
        let Some(first) = begun(&label) else { break };
        let here = brackets(word);
        so_far = (so_far.0 + here.0, so_far.1 + here.1);
        // "Client Secret (expires 2028-01-01): x" goes on with a remark on the secret.
        let is_remark = |field: Field| so_far.0 > so_far.1 && longest.is_some_and(|(own, _)| own != field);
        longest = whole(first, &label).filter(|field| !is_remark(*field)).map(|field| (field, offset + 1)).or(longest);
        last = word;
    }
    longest
}

fn split(text: &str) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let mut from = 0;
    while let Some((start, end)) = next_word(text, from) {
        from = end;
        let Some(word) = text.get(start..end) else { break };
        let mark = word.char_indices().find(|(at, one)| {
            matches!(one, ':' | '=' | '：' | '＝') || BRACKETS.contains(one) || *at > 0 && matches!(one, '→' | '⇒')
        });
        // "クライアントIDは：x" has both.
        let named = word.get(..mark.map_or(word.len(), |(at, _)| at)).unwrap_or_default();
        let separator = particle(named).or(mark);
        let (left, value) = match separator {
            Some((at, one)) if can_be_label(word.get(..at).unwrap_or_default()) => {
                let behind = word.get(at + one.len_utf8()..).unwrap_or_default();
                let marks = behind.len() - behind.trim_start_matches(['、', '，']).len();
                let marks = if (PARTICLES.contains(&one) || BRACKETS.contains(&one)) && behind.starts_with([':', '：'])
                {
                    behind.chars().next().map_or(0, char::len_utf8)
                } else {
                    marks
                };
                (word.get(..at).unwrap_or_default(), Some(start + at + one.len_utf8() + marks))
            }
            _ => (word, None),
        };
        let squeezed = if can_be_label(left) { squeezed(left) } else { String::new() };
        let squeezed = if squeezed.is_empty() && value.is_none() && left.chars().any(char::is_alphanumeric) {
            // No label has such a word, so none goes on behind it.
            "\0".to_owned()
        } else {
            squeezed
        };
        // "Id. de aplicación": an abbreviation ends nothing.
        let stops = left.ends_with(['.', ',', ';', '!', '?', '。', '、', '，']) && !left.eq_ignore_ascii_case("id.")
            || value.is_some();
        words.push(Word { text: left, start, end: start + left.len(), value, squeezed, stops });
    }
    words
}

/// Where the next word of `text` from `from` on starts and ends.
fn next_word(text: &str, from: usize) -> Option<(usize, usize)> {
    let rest = text.get(from..)?;
    let start = from + rest.find(|one: char| !one.is_whitespace())?;
    let word = text.get(start..)?;
    let length = word.find(char::is_whitespace).unwrap_or(word.len());
    // No blank stands behind the stops of a sentence in East Asia, and none before its brackets.
    let mut marks = word.get(..length)?.char_indices().skip(1);
    let stop = marks.find_map(|(at, one)| match one {
        '。' | '、' | '，' => Some(at + one.len_utf8()),
        '（' => Some(at),
        _ => None,
    });
    Some((start, start + stop.unwrap_or(length)))
}

fn can_be_label(word: &str) -> bool {
    let is_scheme =
        ["http", "https", "mailto"].iter().any(|scheme| word.trim_matches(is_mark).eq_ignore_ascii_case(scheme));
    word.len() <= WORD_CHARACTERS * 4
        && !is_scheme
        && word.chars().all(|one| one.is_alphanumeric() || is_mark(one) || is_combining_mark(one))
}

/// Marks that may stand in or around the words of a label, and what nobody sees: mail programs put it before words that
/// run from right to left, between words that may be parted, and where somebody copied it.
fn is_mark(one: char) -> bool {
    foreign::is_invisible(one)
        || is_drawn(one)
        || matches!(
            one,
            '-' | '_'
                | '\''
                | '’'
                | '‘'
                | '('
                | ')'
                | '（'
                | '）'
                | '*'
                | '`'
                | '"'
                | '“'
                | '”'
                | '„'
                | '«'
                | '»'
                | '.'
                | ','
                | ';'
                | '?'
                | '!'
                | '/'
                | '#'
                | '['
                | ']'
                | '{'
                | '•'
                | '·'
                | '–'
                | '—'
                | '&'
                | '|'
                | '>'
                | '。'
                | '、'
                | '，'
                | '・'
                | '+'
                | '【'
                | '〖'
                | '［'
                | '「'
                | '」'
                | '『'
                | '』'
                | '〔'
                | '〕'
                | '＊'
                | '※'
                | '‣'
                | '◦'
        )
}

/// A mark that is drawn in front of the items of a list, or a number in a circle or brackets: `■`, `①`, `✓`, `➤`.
fn is_drawn(one: char) -> bool {
    matches!(one, '\u{2190}'..='\u{21ff}' | '\u{2460}'..='\u{24ff}' | '\u{25a0}'..='\u{27bf}' | '\u{2b00}'..='\u{2bff}')
}

fn is_number(word: &str) -> bool {
    word.chars().all(|one| one.is_ascii_digit() || is_mark(one))
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    fn found(text: &str) -> Vec<(Field, &str)> {
        occurrences(text).into_iter().map(|one| (one.field, text.get(one.end..).unwrap())).collect()
    }

    #[test]
    fn every_row_of_the_table_can_be_read_and_no_two_contradict_each_other() {
        let written = TABLE.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).count();
        assert_eq!(rows().count(), written);
        let mut seen: HashMap<String, Field> = HashMap::new();
        for (field, label) in rows() {
            let squeeze = squeezed(label);
            assert!(squeeze.chars().count() >= 2, "{label}");
            assert_eq!(*seen.entry(squeeze).or_insert(field), field, "{label}");
            assert!(label.split_whitespace().count() < WORDS, "{label}");
        }
    }

    #[test]
    fn what_a_typed_secret_may_be_called_it_may_be_called_in_a_mail() {
        for label in crate::intake::SECRET_LABELS {
            assert_eq!(whole(label), Some(Field::ClientSecret), "{label}");
        }
    }

    #[test]
    fn a_label_is_found_whatever_stands_around_its_words() {
        for text in [
            "Client ID: x",
            "* **Client-ID:** x",
            "OIDC_CLIENT_ID=x",
            "\"client_id\": x",
            "1. Our Client ID : x",
            "（クライアントID）：x",
            "\u{200f}Client ID: x",
            "\u{feff}\u{202b}Client\u{ad} I\u{2060}D\u{200e}: x",
            "\u{2066}* \u{200b}Client\u{200b}ID\u{2069}: x",
            "■クライアントID：x",
            "①クライアントID：x",
            "✓ Client ID: x",
            "【クライアントID】x",
            "【Client ID】：x",
        ] {
            assert_eq!(found(text).first().map(|one| one.0), Some(Field::ClientId), "{text}");
        }
        for text in [
            "Admin/owner email: x",
            "Owner/admin: x",
            "Team owner/admin: x",
            "Inhaber/Admin: x",
            "Owner and/or admin: x",
        ] {
            assert_eq!(found(text).first().map(|one| one.0), Some(Field::Owner), "{text}");
        }
        assert_eq!(found("Client ID/Secret: a / b").len(), 0);
        assert_eq!(found("Client Secret ID: x")[0].0, Field::SecretId);
        assert_eq!(found("Application (client) ID : x")[0].0, Field::ClientId);
        assert_eq!(found("Client Secret (expires 2028): x")[0].0, Field::ClientSecret);
        assert_eq!(found("Client Secret expires: x")[0].0, Field::Other);
    }

    #[test]
    fn labels_on_one_line_are_told_apart() {
        let text = "Client ID: a, Client Secret: b, Issuer: c";
        let fields: Vec<Field> = found(text).into_iter().map(|one| one.0).collect();
        assert_eq!(fields, [Field::ClientId, Field::ClientSecret, Field::Issuer]);
    }

    #[test]
    fn the_words_of_a_value_are_no_label() {
        assert_eq!(found("x aGVsbG8_a-client-secret-of-96 y"), []);
        assert_eq!(found("https://a.example/client-id=5"), []);
    }
}
