//! SCIM bearer tokens as they are stored: never the token, only its hash.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::fields::Fields;
use crate::request::names::{ConnectionId, ScimTokenId};

/// A SCIM bearer token of a connection, without the token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScimToken {
    /// Our id of it.
    pub id: ScimTokenId,
    /// Whose people it may manage.
    pub connection_id: ConnectionId,
    /// SHA-256 of the whole token as it was shown, lower-case hexadecimal.
    pub sha256: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends by policy; `None`: never.
    pub expires_at: Option<Timestamp>,
    /// When it ends because a newer one took its place; `None` for the newest.
    pub retires_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

/// SHA-256, in hexadecimal, of a connection's tokens with all their ends, in the order of their ids.
#[must_use]
pub fn sha256_of(tokens: &[ScimToken]) -> String {
    let mut tokens: Vec<&ScimToken> = tokens.iter().collect();
    tokens.sort_by(|one, other| one.id.cmp(&other.id));
    let mut fields = Fields::of("ssoctl-scim-tokens-1");
    for token in tokens {
        fields.add(Some(token.id.as_str()));
        fields.add(Some(token.connection_id.as_str()));
        fields.add(Some(&token.sha256));
        fields.add(Some(&token.created_at.to_string()));
        for end in [token.expires_at, token.retires_at, token.revoked_at] {
            fields.add(end.map(|end| end.to_string()).as_deref());
        }
    }
    fields.finish()
}

/// Where a token is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ScimTokenState {
    /// It works.
    Active,
    /// It works still; a newer one is to take its place.
    Retiring,
    /// Past its end, by policy or because a newer one took its place.
    Expired,
    /// Switched off by somebody.
    Revoked,
}

impl ScimTokenState {
    /// The word in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Retiring => "retiring",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }

    /// Whether a request with such a token is let in.
    #[must_use]
    pub const fn works(self) -> bool {
        matches!(self, Self::Active | Self::Retiring)
    }
}

impl ScimToken {
    /// Where it is in its life at `now`. The moment named as an end is already past it.
    #[must_use]
    pub fn state(&self, now: Timestamp) -> ScimTokenState {
        let past = |end: Option<Timestamp>| end.is_some_and(|end| end <= now);
        if self.revoked_at.is_some() {
            ScimTokenState::Revoked
        } else if past(self.expires_at) || past(self.retires_at) {
            ScimTokenState::Expired
        } else if self.retires_at.is_some() {
            ScimTokenState::Retiring
        } else {
            ScimTokenState::Active
        }
    }

    /// When it stops working, as things stand; `None`: never.
    #[must_use]
    pub fn ends_at(&self) -> Option<Timestamp> {
        [self.revoked_at, self.expires_at, self.retires_at].into_iter().flatten().min()
    }
}

/// The connections whose last working token ends before `horizon`, each with that end, soonest first: provisioning
/// stops then. A token that a newer one replaces is no matter.
#[must_use]
pub fn running_out(tokens: &[ScimToken], now: Timestamp, horizon: Timestamp) -> Vec<(&ConnectionId, Timestamp)> {
    let mut last: BTreeMap<&str, (&ConnectionId, Timestamp)> = BTreeMap::new();
    for token in tokens.iter().filter(|token| token.state(now).works()) {
        let end = token.ends_at().unwrap_or(Timestamp::MAX);
        let (_, latest) = last.entry(token.connection_id.as_str()).or_insert((&token.connection_id, end));
        *latest = end.max(*latest);
    }
    let mut ending: Vec<_> = last.into_values().filter(|(_, end)| *end < horizon).collect();
    ending.sort_by_key(|(_, end)| *end);
    ending
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_runs_out_with_the_last_of_its_working_tokens() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let token = |connection: &str, expires: Option<i64>, revoked: Option<i64>| ScimToken {
            id: ScimTokenId::new("t"),
            connection_id: ConnectionId::new(connection),
            sha256: String::new(),
            created_at: at(0),
            expires_at: expires.map(at),
            retires_at: None,
            revoked_at: revoked.map(at),
        };
        let tokens = [
            token("replaced", Some(20), None),
            token("replaced", Some(500), None),
            token("later", Some(90), None),
            token("soon", Some(30), None),
            token("soon", Some(900), Some(1)),
            token("over", Some(5), None),
            token("endless", None, None),
        ];
        let found = running_out(&tokens, at(10), at(100));
        let found: Vec<_> = found.into_iter().map(|(id, end)| (id.as_str(), end.as_second())).collect();
        assert_eq!(found, [("soon", 30), ("later", 90)]);
    }

    #[test]
    fn a_token_works_until_the_first_of_its_ends() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let token = ScimToken {
            id: ScimTokenId::new("t"),
            connection_id: ConnectionId::new("c"),
            sha256: String::new(),
            created_at: at(0),
            expires_at: Some(at(100)),
            retires_at: None,
            revoked_at: None,
        };
        assert_eq!((token.state(at(99)), token.state(at(100))), (ScimTokenState::Active, ScimTokenState::Expired));
        let retiring = ScimToken { retires_at: Some(at(50)), ..token.clone() };
        assert_eq!(
            (retiring.state(at(49)), retiring.state(at(50))),
            (ScimTokenState::Retiring, ScimTokenState::Expired)
        );
        assert_eq!(retiring.ends_at(), Some(at(50)));
        let revoked = ScimToken { revoked_at: Some(at(10)), ..token };
        assert!(revoked.state(at(10)) == ScimTokenState::Revoked && !revoked.state(at(10)).works());
    }
}
