//! Text broken into lines for a reader.

/// `text` behind `lead`, broken before `columns`, further lines indented under the first. Words are never broken: they
/// may be URLs to copy.
#[must_use]
pub fn wrapped(lead: &str, text: &str, columns: usize) -> String {
    let indent = lead.chars().count();
    let mut out = String::with_capacity(lead.len() + text.len() + text.len() / 16);
    out.push_str(lead);
    let mut column = indent;
    for word in text.split_whitespace() {
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
    fn a_short_sentence_stays_on_its_line() {
        assert_eq!(wrapped("why   ", "because of that", 80), "why   because of that");
    }
}
