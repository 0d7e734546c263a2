//! The ticket's number in a subject.

/// How the help desk writes a ticket's number into subjects: literal text around one `{number}` or `{ticket}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    before: String,
    after: String,
    letters: bool,
}

/// Shortest number that is taken for a ticket's.
const LEAST: usize = 3;

/// Longest reference.
const MOST: usize = 40;

impl Pattern {
    /// Reads `#{number}` (digits) or `[{ticket}]` (letters, digits, `-` and `_`, a digit among them).
    ///
    /// # Errors
    ///
    /// In words: neither stands in it, or both do.
    pub fn parse(text: &str) -> Result<Self, String> {
        let number = text.split_once("{number}");
        let ticket = text.split_once("{ticket}");
        let (before, after, letters) = match (number, ticket) {
            (Some((before, after)), None) => (before, after, false),
            (None, Some((before, after))) => (before, after, true),
            _ => return Err("it needs {number} or {ticket} once, as in #{number}".to_owned()),
        };
        Ok(Self { before: before.to_owned(), after: after.to_owned(), letters })
    }

    /// The first reference in `subject`.
    #[must_use]
    pub fn find<'s>(&self, subject: &'s str) -> Option<&'s str> {
        let mut from = 0;
        while let Some(rest) = subject.get(from..) {
            let at = rest.find(&self.before)?;
            let behind = rest.get(at + self.before.len()..)?;
            let length = behind.find(|one| !self.takes(one)).unwrap_or(behind.len());
            let (found, after) = behind.split_at(length);
            let digits = found.bytes().filter(u8::is_ascii_digit).count();
            let enough = if self.letters { digits > 0 && found.len() >= LEAST } else { digits >= LEAST };
            if enough && found.len() <= MOST && after.starts_with(&self.after) {
                return Some(found);
            }
            // On by what was looked at, or by one character where that was nothing.
            let looked_at = at + self.before.len() + length;
            from += if looked_at > 0 { looked_at } else { rest.chars().next()?.len_utf8() };
        }
        None
    }

    const fn takes(&self, one: char) -> bool {
        one.is_ascii_digit() || self.letters && (one.is_ascii_alphabetic() || matches!(one, '-' | '_'))
    }
}

impl Default for Pattern {
    /// `#{number}`
    fn default() -> Self {
        Self { before: "#".to_owned(), after: String::new(), letters: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_number_in_the_pattern_is_the_ticket() {
        let default = Pattern::default();
        assert_eq!(default.find("Re: [Request #48213] SSO"), Some("48213"));
        assert_eq!(default.find("we are #1, see #12 and #777"), Some("777"));
        assert_eq!(default.find("SSO for Acme"), None);
        assert_eq!(default.find("### é #"), None);
        let jira = Pattern::parse("[{ticket}]").unwrap();
        assert_eq!(jira.find("[EXTERNAL] [SUP-1234] SSO"), Some("SUP-1234"));
        assert_eq!(Pattern::parse("{number}").unwrap().find("é9 über 4711"), Some("4711"));
    }

    #[test]
    fn a_pattern_without_a_place_for_the_number_is_refused() {
        assert!(Pattern::parse("#").is_err() && Pattern::parse("{number}{ticket}").is_err());
    }
}
