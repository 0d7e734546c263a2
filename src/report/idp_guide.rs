//! The makes of identity provider that there are instructions for: the sections of `steps.toml`.

use clap::ValueEnum;

/// A make of identity provider that there are instructions for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum IdpGuide {
    /// Okta
    Okta,
    /// Microsoft Entra ID
    Entra,
    /// Google Workspace
    Google,
    /// OneLogin
    #[value(name = "onelogin")]
    OneLogin,
    /// AD FS
    Adfs,
    /// PingOne, PingFederate
    Ping,
    /// JumpCloud
    #[value(name = "jumpcloud")]
    JumpCloud,
    /// Auth0
    Auth0,
    /// Keycloak
    Keycloak,
    /// Any other
    Generic,
}

impl IdpGuide {
    /// The word in flags, JSON, and the ACS URL.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Okta => "okta",
            Self::Entra => "entra",
            Self::Google => "google",
            Self::OneLogin => "onelogin",
            Self::Adfs => "adfs",
            Self::Ping => "ping",
            Self::JumpCloud => "jumpcloud",
            Self::Auth0 => "auth0",
            Self::Keycloak => "keycloak",
            Self::Generic => "generic",
        }
    }

    /// The name people know.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Okta => "Okta",
            Self::Entra => "Microsoft Entra ID",
            Self::Google => "Google Workspace",
            Self::OneLogin => "OneLogin",
            Self::Adfs => "AD FS",
            Self::Ping => "Ping Identity",
            Self::JumpCloud => "JumpCloud",
            Self::Auth0 => "Auth0",
            Self::Keycloak => "Keycloak",
            Self::Generic => "your identity provider",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_of_a_flag_is_the_word_everywhere() {
        for guide in IdpGuide::value_variants() {
            assert_eq!(guide.to_possible_value().unwrap().get_name(), guide.as_str());
        }
    }
}
