//! Names that look like other names.
//!
//! Source: Unicode Technical Standard 39, sections 4 and 5.2 (highly restrictive profile), applied label by label.

use unicode_security::confusable_detection::skeleton;
use unicode_security::restriction_level::{RestrictionLevel, RestrictionLevelDetection as _};

/// How far a host or mail domain can be taken for another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Likeness {
    /// It looks like nothing but itself.
    None,
    /// One script, but a letter looks like an ASCII one (`ı`).
    Slight,
    /// Scripts are mixed in one label, or a whole label imitates ASCII.
    Strong,
}

/// Judges a name in A-labels.
pub(super) fn judge(ascii: &str) -> Likeness {
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
    if label.detect_restriction_level() > RestrictionLevel::HighlyRestrictive {
        return Likeness::Strong;
    }
    let imitates_ascii = skeleton(label).all(|one| one.is_ascii());
    let has_ascii_letters = label.chars().any(|one| one.is_ascii_alphabetic());
    if imitates_ascii && !has_ascii_letters && !foreign_top {
        return Likeness::Strong;
    }
    let mut bytes = [0; 4];
    let has_double = label.chars().filter(|one| !one.is_ascii()).any(|one| {
        let mut twin = skeleton(one.encode_utf8(&mut bytes));
        twin.next().is_some_and(|first| first.is_ascii()) && twin.next().is_none()
    });
    if has_double && has_ascii_letters { Likeness::Slight } else { Likeness::None }
}
