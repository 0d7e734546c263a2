//! Lengths of time as people write them in a configuration or a flag: `7d`, `36 hours`, `1 year`.

use std::fmt;
use std::str::FromStr;

use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use serde::{Deserialize, Deserializer};

/// Longest length of time that is taken, in years: what is meant to hold for longer is `never`.
const LONGEST_YEARS: i32 = 20;

const WANTED: &str = "it has to be a length of time, as `7d`, `36h` or `1y`";

/// A length of time, zero or more, in jiff's friendly format or that of ISO 8601 (`P7D`). Its days are those of UTC.
#[derive(Debug, Clone, Copy)]
pub struct Period(Span);

impl Period {
    /// So many days.
    pub(super) fn of_days(count: i32) -> Self {
        Self(Span::new().days(count))
    }

    /// The moment this long after `from`; the calendar's last where that would lie behind it.
    #[must_use]
    pub fn after(self, from: Timestamp) -> Timestamp {
        self.checked_after(from).unwrap_or(Timestamp::MAX)
    }

    fn checked_after(self, from: Timestamp) -> Option<Timestamp> {
        Some(from.to_zoned(TimeZone::UTC).checked_add(self.0).ok()?.timestamp())
    }
}

impl FromStr for Period {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let period = Self(text.trim().parse().map_err(|_| WANTED.to_owned())?);
        // How long a month is depends on where one starts, but not whether it is negative or absurdly long.
        let start = Timestamp::UNIX_EPOCH;
        match period.checked_after(start) {
            Some(end) if end < start => Err(format!("{WANTED}, and not a negative one")),
            Some(end) if end <= Self(Span::new().years(LONGEST_YEARS)).after(start) => Ok(period),
            _ => Err(format!("it is longer than {LONGEST_YEARS} years")),
        }
    }
}

impl fmt::Display for Period {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:#}", self.0)
    }
}

impl<'de> Deserialize<'de> for Period {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// How long something holds that may hold for good.
#[derive(Debug, Clone, Copy)]
pub enum Lifetime {
    /// `never` ends.
    Endless,
    /// Ends after this long; never zero.
    For(Period),
}

impl Lifetime {
    /// When what began at `from` ends; `None`: never.
    #[must_use]
    pub fn end(self, from: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Endless => None,
            Self::For(period) => Some(period.after(from)),
        }
    }
}

impl FromStr for Lifetime {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.trim() == "never" {
            return Ok(Self::Endless);
        }
        let period: Period = text.parse().map_err(|reason| format!("{reason}, or `never`"))?;
        if period.after(Timestamp::UNIX_EPOCH) == Timestamp::UNIX_EPOCH {
            return Err("it would be over before it began".to_owned());
        }
        Ok(Self::For(period))
    }
}

impl<'de> Deserialize<'de> for Lifetime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(text: &str) -> Result<i64, String> {
        text.parse::<Period>().map(|period| period.after(Timestamp::UNIX_EPOCH).as_second())
    }

    #[test]
    fn lengths_of_time_are_read_as_people_write_them() {
        for (text, hours) in [("7d", 168), ("36 hours", 36), ("1 week", 168), ("1y", 8760), ("P7D", 168), ("0s", 0)] {
            assert_eq!(seconds(text), Ok(hours * 3600), "{text}");
        }
    }

    #[test]
    fn what_is_none_is_refused_with_an_example() {
        for text in ["", "7", "-7d", "7d ago", "soon", "never"] {
            assert!(seconds(text).unwrap_err().contains("`7d`"), "{text}");
        }
        for text in ["21y", "9000 years"] {
            assert_eq!(seconds(text).unwrap_err(), "it is longer than 20 years", "{text}");
        }
    }

    #[test]
    fn a_lifetime_may_be_endless_and_is_never_over_at_once() {
        let end = |text: &str| text.parse::<Lifetime>().map(|lifetime| lifetime.end(Timestamp::UNIX_EPOCH));
        assert_eq!(end("never"), Ok(None));
        assert_eq!(end("1h"), Ok(Some(Timestamp::from_second(3600).unwrap())));
        assert!(end("0d").is_err());
        assert!(end("soon").unwrap_err().ends_with("or `never`"));
    }

    #[test]
    fn a_length_of_time_is_shown_as_it_is_written() {
        assert_eq!("P7D".parse::<Period>().unwrap().to_string(), "7d");
    }
}
