//! Names that look like other names.
//!
//! Source: Unicode Technical Standard 39, sections 4 and 5.2 (highly restrictive profile), applied label by label.

use unicode_security::restriction_level::{RestrictionLevel, RestrictionLevelDetection as _};

/// Every character outside ASCII whose skeleton is ASCII, with that skeleton: a line each, made by `build.rs`.
const ASCII_TWINS: &str = include_str!(concat!(env!("OUT_DIR"), "/ascii_twins.txt"));

/// How far a host or mail domain can be taken for another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Likeness {
    /// It looks like nothing but itself.
    None,
    /// One script, but a letter looks like an ASCII one (`ı`).
    Slight,
    /// Scripts are mixed in one label, or a whole label imitates ASCII.
    Strong,
}

/// Judges a name in A-labels.
pub(crate) fn judge(ascii: &str) -> Likeness {
    if !ascii.contains("xn--") {
        return Likeness::None;
    }
    let (unicode, _) = idna::domain_to_unicode(ascii);
    // A label in another script is at home under a top-level domain of another script.
    let foreign_top = unicode.rsplit('.').next().is_some_and(|top| !top.is_ascii());
    unicode.split('.').map(|label| judge_label(label, foreign_top)).max().unwrap_or(Likeness::None)
}

fn judge_label(label: &str, foreign_top: bool) -> Likeness {
    if label.is_ascii() {
        return Likeness::None;
    }
    // These letters have a dot already: one more is not seen.
    if ["i\u{307}", "j\u{307}"].iter().any(|dotted_twice| label.contains(dotted_twice)) {
        return Likeness::Strong;
    }
    if label.detect_restriction_level() > RestrictionLevel::HighlyRestrictive {
        return Likeness::Strong;
    }
    let imitates_ascii = label.chars().all(|one| one.is_ascii() || ascii_twin(one).is_some());
    let has_ascii_letters = label.chars().any(|one| one.is_ascii_alphabetic());
    if imitates_ascii && !has_ascii_letters && !foreign_top {
        return Likeness::Strong;
    }
    let has_double = label.chars().any(|one| ascii_twin(one).is_some_and(|twin| twin.len() == 1));
    if has_double && has_ascii_letters { Likeness::Slight } else { Likeness::None }
}

/// Whether a letter or digit of `text` can be taken for an ASCII one, and is none.
pub(crate) fn holds_double(text: &str) -> bool {
    !text.is_ascii()
        && text
            .chars()
            .any(|one| !one.is_ascii() && one.is_alphanumeric() && ascii_twin(one).is_some_and(|twin| twin.len() == 1))
}

/// The ASCII text that a character outside ASCII can be taken for; empty for one that is not seen.
fn ascii_twin(one: char) -> Option<&'static str> {
    ASCII_TWINS.lines().find_map(|line| line.strip_prefix(one))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dot_that_is_not_seen_makes_another_name() {
        let ascii = |name: &str| idna::domain_to_ascii(name).unwrap();
        assert_eq!(judge(&ascii("idp.\u{130}stanbul.com")), Likeness::Strong);
        assert_eq!(judge(&ascii("idp.istanb\u{fc}l.com")), Likeness::None);
    }

    #[test]
    fn letters_that_look_like_ascii_ones_have_a_twin_and_accented_ones_have_not() {
        assert_eq!(ascii_twin('а'), Some("a"), "the Cyrillic letter");
        assert_eq!(ascii_twin('ı'), Some("i"));
        assert_eq!(ascii_twin('\u{200d}'), Some(""));
        assert_eq!(ascii_twin('ü'), None);
        assert_eq!(ascii_twin('漢'), None);
    }
}
