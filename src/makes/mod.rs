//! What is known of identity providers by make: their hosts, their pages, the shape of their ids. For reading what was
//! pasted and for texts and hints; what a provider answers is judged without it.

mod hosts;
mod recognised;

use serde::Serialize;

use crate::request::names::IssuerUrl;
pub(crate) use hosts::{
    console, is_asgardeo, is_b2c, is_b2c_policy, is_below, is_entra_login, is_everybodys_tenant, is_issuer_by_host,
    is_okta, is_oracles_shared_issuer, is_shared, looks_like_client_id, looks_like_secret,
};

/// A make of identity provider whose settings pages we can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ProviderKind {
    /// Okta.
    Okta,
    /// Microsoft Entra ID.
    EntraId,
    /// Google Workspace.
    Google,
    /// Auth0.
    Auth0,
    /// Keycloak, told by its `/realms/` path.
    Keycloak,
    /// PingOne or PingFederate.
    Ping,
    /// OneLogin.
    OneLogin,
    /// AD FS, told by its `/adfs` path.
    Adfs,
    /// Amazon Cognito.
    Cognito,
    /// GitLab.
    GitLab,
    /// Salesforce.
    Salesforce,
    /// JumpCloud.
    JumpCloud,
    /// Any other.
    Generic,
}

/// Host suffixes by make; a suffix matches the host itself and everything below it.
const HOSTS: [(&str, ProviderKind); 32] = [
    ("okta.com", ProviderKind::Okta),
    ("oktapreview.com", ProviderKind::Okta),
    ("okta-emea.com", ProviderKind::Okta),
    ("okta-gov.com", ProviderKind::Okta),
    ("okta.mil", ProviderKind::Okta),
    ("trexcloud.com", ProviderKind::Okta),
    ("login.microsoftonline.com", ProviderKind::EntraId),
    ("login.microsoftonline.us", ProviderKind::EntraId),
    ("login.microsoftonline.de", ProviderKind::EntraId),
    ("login.partner.microsoftonline.cn", ProviderKind::EntraId),
    ("login.chinacloudapi.cn", ProviderKind::EntraId),
    ("login.microsoft.com", ProviderKind::EntraId),
    ("login.windows.net", ProviderKind::EntraId),
    ("sts.windows.net", ProviderKind::EntraId),
    ("b2clogin.com", ProviderKind::EntraId),
    ("b2clogin.cn", ProviderKind::EntraId),
    ("ciamlogin.com", ProviderKind::EntraId),
    ("accounts.google.com", ProviderKind::Google),
    ("auth0.com", ProviderKind::Auth0),
    ("pingone.com", ProviderKind::Ping),
    ("pingone.eu", ProviderKind::Ping),
    ("pingone.ca", ProviderKind::Ping),
    ("pingone.asia", ProviderKind::Ping),
    ("pingone.com.au", ProviderKind::Ping),
    ("pingone.sg", ProviderKind::Ping),
    ("onelogin.com", ProviderKind::OneLogin),
    ("amazoncognito.com", ProviderKind::Cognito),
    ("gitlab.com", ProviderKind::GitLab),
    ("salesforce.com", ProviderKind::Salesforce),
    ("force.com", ProviderKind::Salesforce),
    ("my.site.com", ProviderKind::Salesforce),
    ("jumpcloud.com", ProviderKind::JumpCloud),
];

/// Whether a text is a GUID in its usual spelling, as Microsoft's ids are.
#[must_use]
pub fn is_guid(text: &str) -> bool {
    text.len() == 36 && uuid::Uuid::try_parse(text).is_ok()
}

/// The issuer of a directory (tenant) of Microsoft Entra in the public cloud, by the directory's id.
#[must_use]
pub fn issuer_of_entra(tenant: &str) -> String {
    format!("https://login.microsoftonline.com/{}/v2.0", tenant.to_ascii_lowercase())
}

impl ProviderKind {
    /// Tells the make from a host name alone.
    #[must_use]
    pub fn of_host(host: &str) -> Self {
        HOSTS
            .iter()
            .find(|(suffix, _)| host == *suffix || is_below(host, suffix))
            .map(|(_, kind)| *kind)
            .or_else(|| hosts::is_user_pool(host).then_some(Self::Cognito))
            .unwrap_or(Self::Generic)
    }

    /// Tells the make from an issuer: by its host, else by its path.
    #[must_use]
    pub fn of_issuer(issuer: &IssuerUrl) -> Self {
        Self::of_url(issuer.url())
    }

    /// Tells the make from what a SAML provider's metadata names: its entity ID, and where people sign in.
    #[must_use]
    pub fn of_saml<'u>(entity_id: &'u str, locations: impl IntoIterator<Item = &'u str>) -> Self {
        std::iter::once(entity_id)
            .chain(locations)
            .filter_map(|text| url::Url::parse(text).ok())
            .map(|url| Self::of_url(&url))
            .find(|kind| *kind != Self::Generic)
            .unwrap_or(Self::Generic)
    }

    /// One lower-case word for flags and URLs; `None` for any other.
    #[must_use]
    pub const fn word(self) -> Option<&'static str> {
        Some(match self {
            Self::Okta => "okta",
            Self::EntraId => "entra",
            Self::Google => "google",
            Self::Auth0 => "auth0",
            Self::Keycloak => "keycloak",
            Self::Ping => "ping",
            Self::OneLogin => "onelogin",
            Self::Adfs => "adfs",
            Self::Cognito => "cognito",
            Self::GitLab => "gitlab",
            Self::Salesforce => "salesforce",
            Self::JumpCloud => "jumpcloud",
            Self::Generic => return None,
        })
    }

    /// The name people know.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Okta => "Okta",
            Self::EntraId => "Microsoft Entra ID",
            Self::Google => "Google",
            Self::Auth0 => "Auth0",
            Self::Keycloak => "Keycloak",
            Self::Ping => "Ping Identity",
            Self::OneLogin => "OneLogin",
            Self::Adfs => "AD FS",
            Self::Cognito => "Amazon Cognito",
            Self::GitLab => "GitLab",
            Self::Salesforce => "Salesforce",
            Self::JumpCloud => "JumpCloud",
            Self::Generic => "your identity provider",
        }
    }

    /// Where the customer's administrator enters the redirect URI, and what it is called there.
    #[must_use]
    pub const fn redirect_page(self) -> &'static str {
        match self {
            Self::Okta => "Applications > Applications > your app > General > Login > Sign-in redirect URIs",
            Self::EntraId => "App registrations > your app > Authentication > Web > Redirect URIs",
            Self::Google => {
                "Google Cloud console > APIs & Services > Credentials > your client > Authorized redirect URIs"
            }
            Self::Auth0 => "Applications > your app > Settings > Allowed Callback URLs",
            Self::Keycloak => "Clients > your client > Settings > Valid redirect URIs",
            Self::Ping => "Applications > your app > Configuration > Redirect URIs",
            Self::OneLogin => "Applications > your app > Configuration > Redirect URI's",
            Self::Adfs => "AD FS Management > Application Groups > your group > Server application > Redirect URI",
            Self::Cognito => "User pool > App integration > App clients > your client > Allowed callback URLs",
            Self::GitLab => "Applications > your application > Redirect URI",
            Self::Salesforce => "App Manager > your connected app > Edit > Callback URL",
            Self::JumpCloud => "SSO Applications > your app > SSO > Redirect URIs",
            Self::Generic => "the redirect URI (callback URL) of your app registration",
        }
    }

    /// Where the customer's administrator finds the issuer.
    #[must_use]
    pub const fn issuer_page(self) -> &'static str {
        match self {
            Self::Okta => {
                "Security > API > Authorization Servers > Issuer URI, or your Okta address itself (https://<company>.okta.com)"
            }
            Self::EntraId => {
                "Overview > Directory (tenant) ID; the issuer is https://login.microsoftonline.com/<tenant id>/v2.0"
            }
            Self::Google => "always https://accounts.google.com",
            Self::Auth0 => "Applications > your app > Settings > Domain; the issuer is https://<domain>/",
            Self::Keycloak => "Realm settings > Endpoints > OpenID Endpoint Configuration, the value of \"issuer\"",
            Self::Ping => "Applications > your app > Configuration > URLs > Issuer ID",
            Self::OneLogin => "Applications > your app > SSO > Issuer URL",
            Self::Adfs => "https://<your AD FS host>/adfs",
            Self::Cognito => "User pool > Overview > Token signing key URL, up to the pool id",
            Self::GitLab => "the address of your GitLab",
            Self::Salesforce => "the address of your Salesforce login domain",
            Self::JumpCloud => {
                "https://oauth.id.jumpcloud.com/, for an organisation in the EU https://oauth.id.eu.jumpcloud.com/, in India https://oauth.id.in.jumpcloud.com/"
            }
            Self::Generic => "the value of \"issuer\" in the discovery document of your identity provider",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_okta_organisation_has_a_name_of_its_own_below_one_of_oktas_domains() {
        assert!(is_okta("acme.okta.com") && is_okta("acme-admin.oktapreview.com"));
        assert!(!is_okta("okta.com") && !is_okta("notokta.com") && !is_okta("acme.okta.com.evil.example"));
    }

    #[test]
    fn every_host_with_a_tenant_in_its_path_is_entras() {
        for host in ["login.microsoftonline.com", "login.chinacloudapi.cn", "login.microsoft.com", "sts.windows.net"] {
            assert!(is_entra_login(host), "{host}");
            assert_eq!(ProviderKind::of_host(host), ProviderKind::EntraId, "{host}");
        }
        assert!(!is_entra_login("acme.b2clogin.com"), "there it is the host that names the tenant");
    }

    #[test]
    fn of_amazons_hosts_only_those_of_user_pools_are_cognitos() {
        for host in ["cognito-idp.eu-west-1.amazonaws.com", "issuer.cognito-idp.us-east-1.amazonaws.com"] {
            assert_eq!(ProviderKind::of_host(host), ProviderKind::Cognito, "{host}");
        }
        for host in [
            "ec2-192-0-2-7.compute-1.amazonaws.com",
            "acme.s3.amazonaws.com",
            "x1.execute-api.eu-west-1.amazonaws.com",
            "portal.sso.eu-west-1.amazonaws.com",
            "cognito-idp.acme.example",
        ] {
            assert_eq!(ProviderKind::of_host(host), ProviderKind::Generic, "{host}");
        }
    }

    #[test]
    fn a_make_is_told_by_its_host_or_its_path() {
        for (issuer, kind) in [
            ("https://acme.okta.com", ProviderKind::Okta),
            ("https://login.microsoftonline.com/x/v2.0", ProviderKind::EntraId),
            ("https://acme.eu.auth0.com/", ProviderKind::Auth0),
            ("https://id.acme.example/auth/realms/main", ProviderKind::Keycloak),
            ("https://fs.acme.example/adfs", ProviderKind::Adfs),
            ("https://acme.my.site.com/partners", ProviderKind::Salesforce),
            ("https://notokta.com", ProviderKind::Generic),
        ] {
            assert_eq!(ProviderKind::of_issuer(&IssuerUrl::parse(issuer).unwrap()), kind, "{issuer}");
        }
    }
}
