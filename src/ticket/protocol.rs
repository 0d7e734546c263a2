//! Which protocol the words of a mail name: what is missing from it depends on that, where it has no value of either.

/// Lines of a text that are looked at.
const LINES: usize = 500;

/// Longest line that is looked at, in bytes: longer ones are no sentences.
const LINE_BYTES: usize = 4096;

/// What names OpenID Connect, or a value that only it has.
const OPENID: [&str; 8] =
    ["oidc", "openid", "oauth", "client id", "client-id", "client_id", "clientid", "client secret"];

/// The protocols that were named.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Protocols {
    saml: bool,
    openid: bool,
}

impl Protocols {
    /// Those that these lines name.
    pub(super) fn named_in(lines: impl IntoIterator<Item = String>) -> Self {
        let looked_at = lines.into_iter().take(LINES).filter(|line| line.len() <= LINE_BYTES);
        looked_at.fold(Self::default(), |named, line| {
            let line = line.to_lowercase();
            named.and(Self { saml: names_saml(&line), openid: OPENID.iter().any(|name| line.contains(name)) })
        })
    }

    /// Those that either of two texts names.
    pub(super) const fn and(self, other: Self) -> Self {
        Self { saml: self.saml || other.saml, openid: self.openid || other.openid }
    }

    /// Whether SAML is named, and nothing of OpenID Connect.
    pub(super) const fn is_saml_alone(self) -> bool {
        self.saml && !self.openid
    }
}

/// `SAML`, `SAML2`, `/saml/`: the name itself and no part of another word.
fn names_saml(line: &str) -> bool {
    line.match_indices("saml").any(|(at, name)| {
        let before = line.get(..at).and_then(|before| before.chars().next_back());
        let behind = line.get(at + name.len()..).and_then(|behind| behind.chars().next());
        !before.is_some_and(char::is_alphabetic) && !behind.is_some_and(char::is_alphabetic)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_saml(text: &str) -> bool {
        Protocols::named_in(text.lines().map(str::to_owned)).is_saml_alone()
    }

    #[test]
    fn saml_is_meant_where_nothing_of_openid_connect_is_named() {
        for text in
            ["Please enable SAML single sign-on.", "(SAML2)", "hi\nour SAML 2.0-metadata", "https://a.example/saml/sso"]
        {
            assert!(is_saml(text), "{text}");
        }
        for text in [
            "Please enable single sign-on.",
            "Isamlah Doe",
            "no SAML, but OpenID",
            "SAML\nClient ID: 1",
            "OAuth instead of SAML",
        ] {
            assert!(!is_saml(text), "{text}");
        }
    }
}
