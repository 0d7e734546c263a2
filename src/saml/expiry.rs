//! Until when metadata may be used: `validUntil`, its own and inherited, and `cacheDuration`.

use jiff::civil::DateTime;
use jiff::fmt::temporal::Pieces;
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

/// An `xs:dateTime`, in exactly that form; in UTC where it names no offset.
///
/// Source: SAML 2.0 Core, section 1.3.3; XML Schema Part 2, section 3.2.7.
fn instant(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let (local, offset) = match text.char_indices().rev().find(|(_, one)| matches!(one, 'Z' | '+' | '-' | 'T'))? {
        (_, 'T') => (text, ""),
        (at, _) => text.split_at(at),
    };
    let (second, fraction) = local.split_once('.').unwrap_or((local, "0"));
    // A year may have more digits than four, and is then beyond whatever can be computed with.
    let (second, is_far) = match second.split_once('-') {
        Some((year, rest))
            if year.len() > 4 && !year.starts_with('0') && year.bytes().all(|one| one.is_ascii_digit()) =>
        {
            (format!("2000-{rest}"), true)
        }
        _ => (second.to_owned(), false),
    };
    let has_form = is_like(&second, "0000-00-00T00:00:00")
        && !fraction.is_empty()
        && fraction.bytes().all(|byte| byte.is_ascii_digit())
        && (matches!(offset, "" | "Z")
            || ((is_like(offset, "+00:00") || is_like(offset, "-00:00")) && offset.get(1..) <= Some("14:00")));
    // Of a leap second no program knows, and the parser would take it for the second before.
    if !has_form || second.ends_with(":60") {
        return None;
    }
    // Midnight may be written as the end of a day.
    let (second, end_of_day) = match second.strip_suffix("24:00:00") {
        Some(_) if fraction.bytes().any(|digit| digit != b'0') => return None,
        Some(day) => (format!("{day}00:00:00"), Span::new().days(1)),
        None => (second, Span::new()),
    };
    // Nobody computes with less than a billionth of a second.
    let local = format!("{second}.{fraction:.9}");
    let local = local.parse::<DateTime>().ok()?.checked_add(end_of_day).ok()?;
    let zone = match offset {
        "" | "Z" => TimeZone::UTC,
        offset => {
            let midnight = format!("2000-01-01T00:00:00{offset}");
            TimeZone::fixed(Pieces::parse(&midnight).ok()?.to_numeric_offset()?)
        }
    };
    if is_far {
        return Some(Timestamp::MAX);
    }
    // "Never" is written as the last second of the last year, which is beyond the last instant that can be computed with.
    Some(local.to_zoned(zone).map_or(Timestamp::MAX, |zoned| zoned.timestamp()))
}

/// Whether `text` has a digit wherever `form` has one, and else the same characters.
fn is_like(text: &str, form: &str) -> bool {
    text.len() == form.len()
        && text.bytes().zip(form.bytes()).all(
            |(one, like)| {
                if like.is_ascii_digit() { one.is_ascii_digit() } else { one == like }
            },
        )
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

    /// Reads an `xs:duration`, in exactly that form; `None` where it is none, or negative.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        if !is_duration(text) {
            return None;
        }
        // Which year it is does not matter below a week, and above it is clamped: so is what nobody can compute with.
        let start = jiff::civil::date(2000, 1, 1);
        let length = text.parse::<Span>().and_then(|span| span.to_duration(start)).unwrap_or(SignedDuration::MAX);
        Some(Self { effective: length.min(Self::MOST), clamped: length > Self::MOST })
    }
}

/// Whether `text` is an `xs:duration` that is not negative.
///
/// Source: XML Schema Part 2, section 3.2.6.
fn is_duration(text: &str) -> bool {
    let Some(parts) = text.strip_prefix('P') else { return false };
    let (date, time) = parts.split_once('T').map_or((parts, None), |(date, time)| (date, Some(time)));
    !parts.is_empty()
        && is_numbers_of(date, "YMD")
        && time.is_none_or(|time| !time.is_empty() && is_numbers_of(time, "HMS"))
}

/// Whether `text` is made of numbers that each have one of `units` behind them, in that order; seconds may have a fraction.
fn is_numbers_of(text: &str, units: &str) -> bool {
    let mut left = units;
    text.split_inclusive(|one: char| !one.is_ascii_digit() && one != '.').all(|part| {
        let mut number = part.chars();
        let unit = number.next_back().unwrap_or_default();
        let Some((_, behind)) = left.split_once(unit) else { return false };
        left = behind;
        let number = number.as_str();
        let (whole, fraction) = number.split_once('.').filter(|_| unit == 'S').unwrap_or((number, "0"));
        [whole, fraction].iter().all(|digits| !digits.is_empty() && digits.bytes().all(|one| one.is_ascii_digit()))
    })
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
        assert_eq!(instant("12030-01-01T00:00:00Z"), Some(Timestamp::MAX));
        assert_eq!(instant("2026-01-01T12:00:00.000000000000Z"), Some(noon));
        assert_eq!(instant("2025-12-31T24:00:00.000Z"), instant("2026-01-01T00:00:00Z"));
        assert_eq!(instant("2025-12-31T24:00:00Z"), instant("2026-01-01T00:00:00Z"));
        for text in [
            "",
            "never",
            "2026-13-01T00:00:00Z",
            "1767268800",
            "2026-01-01",
            "2026-01-01 12:00:00Z",
            "2026-01-01T12:00Z",
            "2026-01-01t12:00:00z",
            "2026-01-01T12:00:00+0200",
            "2026-01-01T12:00:00+14:30",
            "20260101T120000Z",
            "2026-01-01T12:00:00ZZ",
            "2026-01-01T12:00:00Z[Europe/Paris]",
            "2026-01-01T12:00:00,5Z",
            "2026-01-01T12:00:00.Z",
            "2026-01-01T12:00:60Z",
            "2026-01-01T24:00:00.5Z",
            "02026-01-01T12:00:00Z",
            "12026-13-01T00:00:00Z",
        ] {
            assert_eq!(instant(text), None, "{text}");
        }
    }

    #[test]
    fn a_cache_duration_is_read_and_clamped() {
        let day = CacheDuration::read("P1D").unwrap();
        assert_eq!((day.effective.as_hours(), day.clamped), (24, false));
        assert_eq!(CacheDuration::read("PT604800S").unwrap().effective, CacheDuration::MOST);
        let odd = CacheDuration::read(" P0Y1DT2H3M4.5S ").unwrap();
        assert_eq!(odd.effective, SignedDuration::new(26 * 3600 + 3 * 60 + 4, 500_000_000));
        for text in ["P10000Y", "P1Y", "P99M", "P99999999999999999999Y", "PT99999999999999999999S"] {
            let long = CacheDuration::read(text).unwrap();
            assert_eq!((long.effective, long.clamped), (CacheDuration::MOST, true), "{text}");
        }
        for text in [
            "",
            "1 day of course",
            "1 day",
            "-P1D",
            "P",
            "PT",
            "P1DT",
            "1D",
            "p1d",
            "P1d",
            "P1W",
            "P1D1Y",
            "P1D2D",
            "P1S",
            "PT1D",
            "P1.5D",
            "PT1.5H",
            "PT1.S",
            "PT.5S",
            "P 1D",
            "+P1D",
            "PT1H2",
            "P1Y T1H",
        ] {
            assert_eq!(CacheDuration::read(text), None, "{text}");
        }
    }
}
