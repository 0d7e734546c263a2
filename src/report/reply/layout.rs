//! A mail's plain text: lines that every program shows unbroken.

use crate::paragraph::wrapped;

/// Columns of a mail that every program shows unbroken.
pub(super) const COLUMNS: usize = 76;

/// Breaks the paragraphs that have a line beyond [`COLUMNS`], and takes out what empty variables leave: blank lines at the
/// start, at the end, and more than one in a row. A paragraph whose lines all fit keeps them: a signature is one. So does
/// one that is set in: values and steps come laid out.
pub(super) fn laid_out(text: &str) -> String {
    let paragraphs = text.split("\n\n").map(|one| one.trim_matches('\n')).filter(|one| !one.trim().is_empty());
    paragraphs.map(paragraph).collect::<Vec<_>>().join("\n\n") + "\n"
}

fn paragraph(text: &str) -> String {
    let fits = text.lines().all(|line| line.chars().count() <= COLUMNS);
    if fits || text.starts_with("  ") || is_numbered(text) {
        return text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n");
    }
    // One entry for each bullet, lines that go on with it joined; other text is one entry.
    let mut entries: Vec<String> = Vec::new();
    for line in text.lines() {
        match entries.last_mut() {
            Some(entry) if !line.starts_with("- ") => {
                entry.push(' ');
                entry.push_str(line.trim());
            }
            _ => entries.push(line.to_owned()),
        }
    }
    let lines = entries.iter().map(|entry| match entry.strip_prefix("- ") {
        Some(item) => wrapped("- ", item, COLUMNS),
        None => wrapped("", entry, COLUMNS),
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Whether a paragraph is a step (`1. …`), which was laid out when it was made.
fn is_numbered(text: &str) -> bool {
    text.split_once(". ")
        .is_some_and(|(number, _)| !number.is_empty() && number.bytes().all(|one| one.is_ascii_digit()))
}

/// One line of foreign or template text, fit for a header: no line break, no control character, blanks collapsed.
#[must_use]
pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_is_broken_with_its_paragraph_and_a_signature_is_not_touched() {
        let long = "word ".repeat(30);
        let text = format!("Hello,\n\n- {long}\n- short\n\n\n\nKind regards\nThe team\n");
        let laid = laid_out(&text);
        assert!(laid.lines().all(|line| line.len() <= COLUMNS), "{laid}");
        assert!(laid.contains("\n  word word"), "{laid}");
        assert!(laid.contains("\n- short\n\nKind regards\nThe team\n"), "{laid}");
    }

    #[test]
    fn what_is_set_in_is_left_alone() {
        let line = format!("  Redirect URI  https://app.acme.example/{}", "x".repeat(80));
        assert_eq!(laid_out(&line), format!("{line}\n"));
    }

    #[test]
    fn a_header_is_one_line() {
        assert_eq!(one_line(" a\r\nBcc: b \t c"), "a Bcc: b c");
    }
}
