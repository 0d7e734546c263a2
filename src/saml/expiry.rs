//! Until when metadata may be used: `validUntil`, its own and inherited, and `cacheDuration`.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp};

use super::xml::Tag;

/// Where in a document something stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// The `EntitiesDescriptor` around the entity, or one around that.
    Group,
    /// The `EntityDescriptor`.
    Entity,
    /// The `IDPSSODescriptor`.
    Role,
}

impl Place {
    /// In words, with its article.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Group => "the whole collection",
            Self::Entity => "the entity",
            Self::Role => "the identity provider's role",
        }
    }
}

/// A `validUntil`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expiry {
    /// Whose.
    pub place: Place,
    /// The instant from which it must not be used any more.
    pub at: Timestamp,
}

impl Expiry {
    /// Reads the attribute; the text itself where it is no instant.
    pub(super) fn of(tag: &Tag, place: Place) -> Option<Result<Self, String>> {
        let text = tag.attribute("validUntil")?;
        Some(instant(text).map(|at| Self { place, at }).ok_or_else(|| text.to_owned()))
    }
}

/// An `xs:dateTime`; in UTC where it names no offset. Source: SAML 2.0 Core, section 1.3.3.
fn instant(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Some(instant);
    }
    let local = text.trim_end_matches('Z').parse::<DateTime>().ok()?;
    // "Never" is written as the last second of the last year, which is beyond the last instant that can be computed with.
    Some(local.to_zoned(TimeZone::UTC).map_or(Timestamp::MAX, |zoned| zoned.timestamp()))
}

/// How long metadata may be used before it is to be read again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CacheDuration {
    /// At most [`CacheDuration::MOST`].
    pub effective: SignedDuration,
    /// The document asked for longer than that.
    pub clamped: bool,
}

impl CacheDuration {
    /// A week: keys are changed with less notice than that, but not by honest providers.
    pub const MOST: SignedDuration = SignedDuration::from_hours(7 * 24);

    /// Reads an `xs:duration`; `None` where it is none, or negative.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let span: Span = text.trim().parse().ok()?;
        // Which year it is does not matter below a week, and above it is clamped.
        let start = jiff::civil::date(2000, 1, 1);
        let length = span.to_duration(start).ok().filter(|length| !length.is_negative());
        let length = length.or_else(|| span.is_positive().then_some(SignedDuration::MAX))?;
        Some(Self { effective: length.min(Self::MOST), clamped: length > Self::MOST })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_read_in_every_spelling_that_is_used() {
        let noon = "2026-01-01T12:00:00Z".parse::<Timestamp>().unwrap();
        for text in [
            "2026-01-01T12:00:00Z",
            "2026-01-01T12:00:00.000Z",
            "2026-01-01T12:00:00.0000000Z",
            "2026-01-01T13:00:00+01:00",
            "2026-01-01T12:00:00",
            " 2026-01-01T12:00:00Z ",
        ] {
            assert_eq!(instant(text), Some(noon), "{text}");
        }
        assert!(instant("9999-12-31T23:59:59Z").is_some());
        for text in ["", "never", "2026-13-01T00:00:00Z", "1767268800"] {
            assert_eq!(instant(text), None, "{text}");
        }
    }

    #[test]
    fn a_cache_duration_is_read_and_clamped() {
        let day = CacheDuration::read("P1D").unwrap();
        assert_eq!((day.effective.as_hours(), day.clamped), (24, false));
        assert_eq!(CacheDuration::read("PT604800S").unwrap().effective, CacheDuration::MOST);
        for text in ["P10000Y", "P1Y", "P99M"] {
            let long = CacheDuration::read(text).unwrap();
            assert_eq!((long.effective, long.clamped), (CacheDuration::MOST, true), "{text}");
        }
        for text in ["", "1 day of course", "-P1D"] {
            assert_eq!(CacheDuration::read(text), None, "{text}");
        }
    }
}
