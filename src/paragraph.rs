//! Text broken into lines for a reader.

/// Columns that sentences are broken at, on a terminal of this width. A pipe gets whole lines, for grep.
#[must_use]
pub fn columns(width: Option<u16>) -> usize {
    width.map_or(usize::MAX, |width| usize::from(width.clamp(60, 120)))
}

/// `text` behind `lead`, broken before `columns`, further lines indented under the first. Words are never broken, and no
/// more are commands: they may be copied.
#[must_use]
pub fn wrapped(lead: &str, text: &str, columns: usize) -> String {
    let indent = lead.chars().count();
    let mut out = String::with_capacity(lead.len() + text.len() + text.len() / 16);
    out.push_str(lead);
    let mut column = indent;
    let (mut rest, mut before) = (text, "");
    while let Some((word, behind)) = next_word(rest, before) {
        (rest, before) = (behind, word);
        let width = word.chars().count();
        if column > indent && column + 1 + width > columns {
            out.push('\n');
            out.extend(std::iter::repeat_n(' ', indent));
            column = indent;
        }
        if column > indent {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += width;
    }
    out
}

/// What is broken nowhere, and what stands behind it: a word; what is in backticks, with what is glued to it; or a command
/// behind a colon, which goes on to the end.
fn next_word<'t>(text: &'t str, before: &str) -> Option<(&'t str, &'t str)> {
    let text = text.trim_start();
    if text.is_empty() {
        return None;
    }
    let word_end = |from: usize| {
        let length = text.get(from..).and_then(|rest| rest.find(char::is_whitespace));
        length.map_or(text.len(), |length| from + length)
    };
    let end = word_end(0);
    if before.ends_with(':') && text.starts_with("ssoctl ") && !text.contains('\n') {
        return Some((text.trim_end(), ""));
    }
    let is_open = |end: usize| text.get(..end).is_some_and(|word| word.matches('`').count() % 2 == 1);
    let closed = text.get(end..).filter(|_| is_open(end)).and_then(|rest| {
        let length = rest.find('`')?;
        (!rest.get(..length)?.contains('\n')).then(|| word_end(end + length + 1))
    });
    text.split_at_checked(closed.unwrap_or(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_sentences_are_broken_and_urls_are_not() {
        let url = format!("https://idp.acme.example/{}", "a".repeat(90));
        let text = wrapped("1. ", &format!("Please look at {url} and tell us what you see there."), 40);
        assert!(text.lines().any(|line| line.trim() == url), "{text}");
        assert!(text.lines().skip(1).all(|line| line.starts_with("   ") && !line.starts_with("    ")), "{text}");
        assert!(text.lines().filter(|line| line.trim() != url).all(|line| line.len() <= 40), "{text}");
    }

    #[test]
    fn a_command_is_not_broken() {
        let text =
            "`ssoctl connection list --status active` shows them, and `this` is (`ssoctl init`); an odd ` is none";
        let lines = wrapped("", text, 24);
        let lines: Vec<&str> = lines.lines().collect();
        assert_eq!(
            lines,
            [
                "`ssoctl connection list --status active`",
                "shows them, and `this`",
                "is (`ssoctl init`); an",
                "odd ` is none"
            ]
        );
        let text = "to go on later: ssoctl onboard --ticket 48213 --owner jane@acme.example";
        assert_eq!(wrapped("", text, 30), "to go on later:\nssoctl onboard --ticket 48213 --owner jane@acme.example");
        assert_eq!(wrapped("", "a  b\n c\u{a0}d ", 30), "a b c d");
    }

    #[test]
    fn a_short_sentence_stays_on_its_line() {
        assert_eq!(wrapped("why   ", "because of that", 80), "why   because of that");
    }
}
