//! An origin: scheme, host and port, exactly (RFC 6454, section 4).

use std::fmt;

use crate::foreign;

/// Scheme, host and port of an http or https server. Two origins are the same when all three are.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Origin {
    scheme: Scheme,
    /// As the URL Standard writes it: lower-case, punycode, addresses in canonical form, IPv6 in brackets.
    host: String,
    port: u16,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Scheme {
    Http,
    Https,
}

impl Scheme {
    fn of(name: &str) -> Option<Self> {
        match name {
            "http" => Some(Self::Http),
            "https" => Some(Self::Https),
            _ => None,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    const fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

/// Why a text is not an origin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OriginProblem {
    /// Not an absolute URL with a host.
    #[error("`{text}` is not an origin: write it as https://host:port")]
    Unreadable {
        /// What was given, printable, without user-info.
        text: String,
    },
    /// Neither http nor https.
    #[error("`{text}` is neither http nor https")]
    Scheme {
        /// What was given, printable, without user-info.
        text: String,
    },
    /// A user name or password before the host.
    #[error("an origin has no user name or password")]
    UserInfo,
    /// A path, query or fragment after the host.
    #[error("`{text}` says more than scheme, host and port: an exception is for a whole origin")]
    Path {
        /// What was given, printable.
        text: String,
    },
    /// A wildcard: each origin has to be named.
    #[error("`{text}` has a wildcard: name each origin")]
    Wildcard {
        /// What was given, printable.
        text: String,
    },
}

impl Origin {
    /// Reads `scheme://host[:port]`. A missing port is the scheme's own; a single `/` at the end is let pass.
    ///
    /// # Errors
    ///
    /// [`OriginProblem`]: user-info, a path, a query, a fragment, a wildcard, or no http(s) URL at all.
    pub fn parse(text: &str) -> Result<Self, OriginProblem> {
        if text.contains('@') {
            return Err(OriginProblem::UserInfo);
        }
        let shown = || foreign::shown(text);
        if text.contains('*') {
            return Err(OriginProblem::Wildcard { text: shown() });
        }
        // The URL Standard drops or rewrites these silently; an exception to a guard is not the place for that.
        if text.contains(|c: char| c.is_whitespace() || c.is_control() || c == '\\') {
            return Err(OriginProblem::Unreadable { text: shown() });
        }
        let url = url::Url::parse(text).map_err(|_| OriginProblem::Unreadable { text: shown() })?;
        if Scheme::of(url.scheme()).is_none() {
            return Err(OriginProblem::Scheme { text: shown() });
        }
        let rest = text.split_once("://").map(|(_, rest)| rest).unwrap_or_default();
        if rest.trim_end_matches('/').contains(['/', '?', '#']) || rest.ends_with("//") {
            return Err(OriginProblem::Path { text: shown() });
        }
        Self::of(&url).ok_or_else(|| OriginProblem::Unreadable { text: shown() })
    }

    /// The origin of `url`; `None` when it is neither http nor https, or names no host.
    #[must_use]
    pub fn of(url: &url::Url) -> Option<Self> {
        let scheme = Scheme::of(url.scheme())?;
        let host = url.host_str().filter(|host| !host.is_empty())?.to_owned();
        Some(Self { scheme, host, port: url.port().unwrap_or(scheme.default_port()) })
    }

    /// Whether the origin is https.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.scheme == Scheme::Https
    }

    /// `host:port`, as messages name a server.
    #[must_use]
    pub fn host_and_port(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }
}

impl fmt::Display for Origin {
    /// `https://host`, with the port where it is not the scheme's own.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme.name(), self.host)?;
        if self.port == self.scheme.default_port() { Ok(()) } else { write!(f, ":{}", self.port) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Origin {
        Origin::parse(text).unwrap()
    }

    #[test]
    fn scheme_host_and_port_all_count() {
        let origin = parsed("https://idp.example:8443");
        for other in ["http://idp.example:8443", "https://idp.example", "https://sub.idp.example:8443"] {
            assert_ne!(origin, parsed(other), "{other}");
        }
        assert_eq!(origin, Origin::of(&url::Url::parse("https://IDP.example:8443/a?b#c").unwrap()).unwrap());
    }

    #[test]
    fn a_missing_port_is_the_schemes_own() {
        assert_eq!(parsed("https://idp.example"), parsed("https://idp.example:443/"));
        assert_eq!(parsed("http://idp.example").host_and_port(), "idp.example:80");
    }

    #[test]
    fn it_is_written_without_the_schemes_own_port() {
        assert_eq!(parsed("HTTPS://Idp.example:443").to_string(), "https://idp.example");
        assert_eq!(parsed("http://[::1]:8080").to_string(), "http://[::1]:8080");
    }

    #[test]
    fn anything_beyond_an_origin_is_refused() {
        for (text, problem) in [
            ("https://idp.example/path", "Path"),
            ("https://idp.example?query", "Path"),
            ("https://idp.example#fragment", "Path"),
            ("https://idp.example//", "Path"),
            ("https://*.example", "Wildcard"),
            ("https://idp.example:*", "Wildcard"),
            ("https://user:word@idp.example", "UserInfo"),
            ("ftp://idp.example", "Scheme"),
            ("idp.example", "Unreadable"),
            ("https://", "Unreadable"),
            ("https:\\\\idp.example", "Unreadable"),
            (" https://idp.example", "Unreadable"),
            ("https://idp.example:99999", "Unreadable"),
        ] {
            let found = format!("{:?}", Origin::parse(text).unwrap_err());
            assert!(found.starts_with(problem), "{text}: {found}");
        }
    }

    #[test]
    fn a_password_is_not_repeated() {
        let problem = Origin::parse("https://user:swordfish@idp.example").unwrap_err();
        assert!(!format!("{problem} {problem:?}").contains("swordfish"));
    }
}
