//! How a SAML app is made at each make of identity provider, in the words of its own pages. The texts lie under
//! `idp_guides/`.

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

    /// The steps, a template for [`SamlSheet`](super::saml_sheet::SamlSheet).
    pub(super) const fn steps(self) -> &'static str {
        match self {
            Self::Okta => include_str!("idp_guides/okta.txt"),
            Self::Entra => include_str!("idp_guides/entra.txt"),
            Self::Google => include_str!("idp_guides/google.txt"),
            Self::OneLogin => include_str!("idp_guides/onelogin.txt"),
            Self::Adfs => include_str!("idp_guides/adfs.txt"),
            Self::Ping => include_str!("idp_guides/ping.txt"),
            Self::JumpCloud => include_str!("idp_guides/jumpcloud.txt"),
            Self::Auth0 => include_str!("idp_guides/auth0.txt"),
            Self::Keycloak => include_str!("idp_guides/keycloak.txt"),
            Self::Generic => include_str!("idp_guides/generic.txt"),
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

    #[test]
    fn every_guide_fits_a_mail_and_leads_to_the_metadata() {
        for guide in IdpGuide::value_variants() {
            let steps = guide.steps();
            assert!(steps.starts_with("1. ") && steps.ends_with('\n'), "{guide:?}");
            assert!(steps.lines().all(|line| line.chars().count() <= 78), "{guide:?}");
            for word in ["ACS URL", "need", "firstName"] {
                assert!(steps.contains(word) || *guide == IdpGuide::Generic, "{guide:?}: {word}");
            }
        }
    }
}
