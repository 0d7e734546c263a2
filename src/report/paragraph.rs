//! Text broken into lines for a reader.

/// `text` behind `lead`, broken before `columns`, further lines indented under the first. Words are never broken: they
/// may be URLs to copy.
#[must_use]
pub fn wrapped(lead: &str, text: &str, columns: usize) -> String {
    let indent = " ".repeat(lead.chars().count());
    let mut lines = vec![lead.to_owned()];
    for word in text.split_whitespace() {
        let fits = lines
            .last()
            .is_some_and(|line| line.len() == lead.len() || line.chars().count() + 1 + word.chars().count() <= columns);
        if !fits {
            lines.push(indent.clone());
        }
        if let Some(line) = lines.last_mut() {
            if line.chars().count() > indent.len() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines.join("\n")
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
