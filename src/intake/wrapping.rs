//! An address out of what it came in: marks, links of mails and chats, the links of mail filters, several lines.

use super::clean::{self, Mended};
use crate::foreign::link::{self, Rewritten};

/// Why there is not one address in a text.
pub(super) enum Tangle {
    /// A link that shows one address and leads to another, or several addresses: at most three of them.
    Several(Vec<String>),
    /// One address among other words.
    AmongWords(String),
    /// Words, and nothing that looks like an address.
    Words,
    /// A mail filter's link which hides the address.
    FilterLink,
}

/// Takes the address out of `mended`; `labels` are what may stand in front of it, lower case.
pub(super) fn unpack(mended: &mut Mended, labels: &[&str]) -> Result<(), Tangle> {
    for _ in 0..4 {
        let before = mended.text.clone();
        if let Some(bare) = without_tags(&mended.text).map(str::to_owned) {
            mended.become_text(bare, "removed the tags of a web page around it");
        }
        mended.peel(labels);
        let lower = mended.text.to_ascii_lowercase();
        let start = lower.find("https://").into_iter().chain(lower.find("http://")).min();
        if let Some(address) = start.and_then(|start| among_trimmings(&mended.text, start, labels)).map(str::to_owned) {
            mended.become_text(address, "removed what stood around it");
        }
        let text = mended.text.clone();
        if let Some((shown, target)) = link_in(&text) {
            let address = behind(shown, target)?;
            mended.become_text(address, "took the address out of a link");
        }
        if mended.text.contains(char::is_whitespace) {
            let (address, why) = match join_breaks(&mended.text) {
                Some(joined) => (joined, "joined what was broken over two lines"),
                None => (said_twice(&mended.text)?, "took the address that was given twice"),
            };
            mended.become_text(address, why);
        }
        match link::unwrap(&mended.text) {
            Rewritten::No => {}
            Rewritten::To(target) => {
                mended.become_text(target, "took the address out of a mail filter's link");
            }
            Rewritten::Unreadable => return Err(Tangle::FilterLink),
        }
        if mended.text == before {
            break;
        }
    }
    Ok(())
}

/// Tags that web pages have around words, and help desks leave there; a placeholder is called otherwise.
const TAGS: [&str; 16] =
    ["b", "br", "code", "div", "em", "font", "i", "li", "p", "pre", "span", "strong", "td", "tr", "tt", "u"];

/// A text without the tags at its ends, a link's stay; `None` where there are none.
pub(super) fn without_tags(text: &str) -> Option<&str> {
    let is_tag = |inside: &str| {
        let name = inside.strip_prefix('/').unwrap_or(inside).trim_end_matches('/').trim();
        let name = name.split(char::is_whitespace).next().unwrap_or_default();
        !inside.contains(['<', '>']) && TAGS.iter().any(|tag| tag.eq_ignore_ascii_case(name))
    };
    let (mut text, mut bare) = (text.trim(), None);
    // Nobody's page has them deeper around one address.
    for _ in 0..8 {
        let front = text.strip_prefix('<').and_then(|rest| rest.split_once('>')).filter(|(inside, _)| is_tag(inside));
        let back = text.strip_suffix('>').and_then(|rest| rest.rsplit_once('<')).filter(|(_, inside)| is_tag(inside));
        text = match (front, back) {
            (Some((_, rest)), _) | (None, Some((rest, _))) => rest.trim(),
            (None, None) => break,
        };
        bare = Some(text);
    }
    bare
}

/// The address that begins at `start` in a text that has nothing else but a label or a number in front of it, a remark in brackets
/// behind it, and marks; `None` where there is none of that, or more.
pub(super) fn among_trimmings<'t>(text: &'t str, start: usize, labels: &[&str]) -> Option<&'t str> {
    let (front, rest) = text.split_at_checked(start)?;
    let (mut address, behind) = rest.split_at_checked(rest.find(char::is_whitespace).unwrap_or(rest.len()))?;
    let (front, behind) = (front.trim(), behind.trim());
    // A bracket that is open is another's to close.
    if front.contains(['<', '[', '{']) || (front.contains('(') && !front.contains(')')) {
        return None;
    }
    let has_word = |text: &str| text.contains(char::is_alphanumeric);
    let is_number = |text: &str| {
        text.strip_suffix(['.', ')']).is_some_and(|number| {
            (1..=2).contains(&number.len()) && number.bytes().all(|one| one.is_ascii_alphanumeric())
        })
    };
    let numbered = front.split_once(char::is_whitespace).filter(|(number, _)| is_number(number));
    let label = numbered.map_or(front, |(_, label)| label);
    let label = label.trim_matches(|one: char| !one.is_alphanumeric() && one != ')');
    let is_lead = !has_word(front) || is_number(front) || clean::is_label(label, labels);
    let is_remark = behind.starts_with('(') && behind.ends_with(')') && !behind.contains(['.', '/', '@']);
    if !is_lead || (has_word(behind) && !is_remark) || (front.is_empty() && behind.is_empty()) {
        return None;
    }
    // `_…_`, `~~…~~` and the cell of a table.
    if !front.is_empty() && !has_word(front) {
        address = address.strip_suffix(front).unwrap_or(address);
    }
    Some(address)
}

/// What a link shows, and where it leads.
fn link_in(text: &str) -> Option<(&str, &str)> {
    markdown_link(text).or_else(|| anchor(text)).or_else(|| angle_link(text)).or_else(|| chat_link(text))
}

/// The parts of `[shown](target)`.
pub(super) fn markdown_link(text: &str) -> Option<(&str, &str)> {
    let (shown, target) = text.strip_prefix('[')?.strip_suffix(')')?.split_once("](")?;
    (!shown.contains(['[', ']']) && !target.contains(['(', ')'])).then_some((shown.trim(), target.trim()))
}

/// The parts of `<a href="target">shown</a>`.
pub(super) fn anchor(text: &str) -> Option<(&str, &str)> {
    let lower = text.to_ascii_lowercase();
    let end = lower.strip_prefix("<a ")?.strip_suffix("</a>")?.len() + "<a ".len();
    let from = lower.find("href=")? + "href=".len();
    let mark = text.get(from..)?.chars().next().filter(|one| matches!(one, '"' | '\''))?;
    let (target, rest) = text.get(from + 1..end)?.split_once(mark)?;
    let (_, shown) = rest.split_once('>')?;
    (!shown.contains('<')).then_some((shown.trim(), target.trim()))
}

/// The parts of `shown<target>`, as Outlook writes a link in plain text.
fn angle_link(text: &str) -> Option<(&str, &str)> {
    let (shown, target) = text.strip_suffix('>')?.split_once('<')?;
    let is_link = target.contains("://") && !target.contains('<') && !shown.trim().is_empty();
    is_link.then_some((shown.trim(), target.trim()))
}

/// The parts of `target|shown`, as chats write links.
fn chat_link(text: &str) -> Option<(&str, &str)> {
    let (target, shown) = text.split_once('|')?;
    (target.contains("://") && !shown.contains('|')).then_some((shown, target))
}

/// The address that a link stands for: where it leads, or what it shows where a mail filter hides that.
fn behind(shown: &str, target: &str) -> Result<String, Tangle> {
    let plain = |text: &str| match link::unwrap(text) {
        Rewritten::No => Some(text.to_owned()),
        Rewritten::To(target) => Some(target),
        Rewritten::Unreadable => None,
    };
    let shown = plain(shown).ok_or(Tangle::FilterLink)?;
    let Some(target) = plain(target) else {
        return if shown.starts_with("https://") { Ok(shown) } else { Err(Tangle::FilterLink) };
    };
    match host_of(&shown) {
        Some(host) if host_of(&target).as_deref() != Some(&host) => Err(Tangle::Several(vec![shown, target])),
        _ => Ok(target),
    }
}

/// The host that a text shows, lower case, if it looks like an address at all.
pub(super) fn host_of(text: &str) -> Option<String> {
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    (host.contains('.') && !host.contains(char::is_whitespace)).then(|| host.to_ascii_lowercase())
}

/// Joins an address that a line break or a non-breaking blank tears apart; `None` where it may be more than that.
///
/// Behind the host any break is joined: a wrong path is refused by the provider. Within the host only beside a `.`,
/// `-` or `/`, since a word appended to a host is another host.
fn join_breaks(text: &str) -> Option<String> {
    let mut joined = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(position) = rest.find(char::is_whitespace) {
        let (word, behind) = rest.split_at(position);
        let next = behind.trim_start();
        let gap = behind.get(..behind.len() - next.len()).unwrap_or_default();
        joined.push_str(word);
        let is_break = gap.contains(|one: char| matches!(one, '\n' | '\r') || !one.is_ascii());
        let behind_host = joined.split_once("://").is_some_and(|(_, rest)| rest.contains('/'));
        // A line that quoted-printable broke ends in its sign.
        if is_break && behind_host && joined.ends_with('=') {
            joined.pop();
        }
        let at_joint = joined.ends_with(['.', '-', '/', ':']) || next.starts_with(['.', '-', '/']);
        if !is_break || !(behind_host || at_joint) || next.contains("://") {
            return None;
        }
        rest = next;
    }
    joined.push_str(rest);
    Some(joined)
}

/// The one address of a text that has no other word in it.
fn said_twice(text: &str) -> Result<String, Tangle> {
    let mut addresses: Vec<&str> = Vec::new();
    let mut words = 0;
    for word in text.split_whitespace() {
        let word = word.trim_matches(['<', '>', '(', ')', '"', '\'', ',', ';', '.']);
        if host_of(word).is_none() {
            words += 1;
        } else if !addresses.contains(&word) {
            addresses.push(word);
        }
        if addresses.len() == 3 {
            break;
        }
    }
    match addresses.as_slice() {
        [one] if words == 0 => Ok((*one).to_owned()),
        [one] => Err(Tangle::AmongWords((*one).to_owned())),
        [] => Err(Tangle::Words),
        several => Err(Tangle::Several(several.iter().map(|&one| one.to_owned()).collect())),
    }
}
