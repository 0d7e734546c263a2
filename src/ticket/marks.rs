//! What stands at a value and is no part of it: quotation marks, emphasis, a verb that is written close up, marks that were written
//! out for HTML.

use super::line::is_blank;

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
pub(super) fn without_copula(text: &str) -> &str {
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

/// What stands for a mark or a blank in a text that was escaped once too often.
pub(super) const ENTITIES: [&str; 8] = ["&quot;", "&lt;", "&gt;", "&#39;", "&apos;", "&rdquo;", "&nbsp;", "&#160;"];

/// Whether a word ends in what stands for a mark: its semicolon ends no sentence.
pub(super) fn ends_in_entity(word: &str) -> bool {
    ENTITIES.iter().any(|entity| word.ends_with(entity))
}

/// The marks that close what `before` ends with: those of Markdown, chats and templates that stand at an address.
pub(super) fn closing(before: &str) -> impl Fn(char) -> bool {
    let is_mark = |one: &char| matches!(one, '_' | '~' | '*' | '{');
    let opened: Vec<char> = before.chars().rev().take_while(is_mark).collect();
    move |one| match one {
        '}' => opened.contains(&'{'),
        one => opened.contains(&one),
    }
}

/// An e-mail address without the marks of Markdown, chats and templates around it: no domain ends in one.
pub(super) fn within_marks(word: &str) -> &str {
    let entity = ENTITIES.iter().find_map(|entity| word.strip_suffix(entity.trim_end_matches(';')));
    let closed = entity.unwrap_or(word).trim_end_matches(['_', '~', '}']);
    if closed.len() < word.len() { closed.trim_start_matches(['_', '~', '{']) } else { word }
}

/// A secret with the entities read that are written out in it: `a&amp;b` of a text that was escaped once too often is `a&b`, and may
/// be meant as it stands. `None` where there are none.
pub(super) fn read_back(word: &str) -> Option<String> {
    const WITHIN: [(&str, &str); 5] = [("&quot;", "\""), ("&lt;", "<"), ("&gt;", ">"), ("&#39;", "'"), ("&amp;", "&")];
    let stands_within = |entity: &str| word.find(entity).is_some_and(|at| at > 0 && at + entity.len() < word.len());
    let any = WITHIN.iter().any(|(entity, _)| stands_within(entity));
    any.then(|| WITHIN.iter().fold(word.to_owned(), |text, (entity, sign)| text.replace(entity, sign)))
}
