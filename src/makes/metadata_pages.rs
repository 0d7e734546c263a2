//! Where identity providers hand out their SAML metadata, and by what a make is told from it.

use url::Url;

use super::ProviderKind;

impl ProviderKind {
    /// Tells the make from what metadata says: by the host of the sign-in address, else by the path that self-hosted
    /// makes share, else by the entity ID.
    #[must_use]
    pub fn of_metadata(entity_id: &str, sign_in: Option<&str>) -> Self {
        let kinds = sign_in
            .into_iter()
            .chain([entity_id])
            .filter_map(|text| Url::parse(text).ok())
            .map(|url| Self::of_url(&url));
        kinds.into_iter().find(|kind| *kind != Self::Generic).unwrap_or(Self::Generic)
    }

    /// Tells the make from an address of it.
    #[must_use]
    pub fn of_url(url: &Url) -> Self {
        match url.host_str().map_or(Self::Generic, Self::of_host) {
            Self::Generic if url.path().contains("/realms/") => Self::Keycloak,
            Self::Generic if url.path().starts_with("/adfs/") || url.path().contains("/FederationMetadata/") => {
                Self::Adfs
            }
            kind => kind,
        }
    }

    /// Where the customer's administrator gets the SAML metadata of an identity provider.
    #[must_use]
    pub const fn metadata_page(self) -> &'static str {
        match self {
            Self::Okta => {
                "Applications > Applications > your SAML app > Sign On > SAML Signing Certificates > Actions > View IdP metadata"
            }
            Self::EntraId => {
                "Enterprise applications > your app > Single sign-on > SAML Certificates > App Federation Metadata Url"
            }
            Self::Google => "Apps > Web and mobile apps > your SAML app > Download metadata",
            Self::Auth0 => "Applications > your app > Addons > SAML2 Web App > Usage > Identity Provider Metadata",
            Self::Keycloak => "Realm settings > General > Endpoints > SAML 2.0 Identity Provider Metadata",
            Self::Ping => {
                "Applications > your app > Configuration > Download Metadata (PingFederate: System > Protocol Metadata > Metadata Export)"
            }
            Self::OneLogin => "Applications > your app > More Actions > SAML Metadata",
            Self::Adfs => "https://<your AD FS host>/FederationMetadata/2007-06/FederationMetadata.xml",
            Self::Salesforce => "Setup > Identity > Identity Provider > Download Metadata",
            Self::JumpCloud => "SSO Applications > your app > SSO > Export Metadata",
            Self::Cognito | Self::GitLab | Self::Generic => {
                "the page of your SAML app that offers \"IdP metadata\" for download"
            }
        }
    }

    /// Where the customer's administrator renews the certificate that signs SAML responses.
    #[must_use]
    pub const fn certificate_page(self) -> &'static str {
        match self {
            Self::Okta => {
                "Applications > Applications > your SAML app > Sign On > SAML Signing Certificates > Generate new certificate, then Actions > Activate"
            }
            Self::EntraId => {
                "Enterprise applications > your app > Single sign-on > SAML Certificates > Edit > New Certificate, then Make certificate active"
            }
            Self::Google => {
                "Apps > Web and mobile apps > your SAML app > Service provider details > Certificate > Manage certificates"
            }
            Self::Auth0 => "Settings > Signing Keys > Rotate Signing Key",
            Self::Keycloak => "Realm settings > Keys > Providers",
            Self::Ping => "Settings > Certificates & Key Pairs",
            Self::OneLogin => {
                "Security > Certificates, then Applications > your app > SSO > X.509 Certificate > Change"
            }
            Self::Adfs => "AD FS Management > Service > Certificates > Token-signing",
            Self::Salesforce => "Setup > Identity > Certificate and Key Management",
            Self::JumpCloud => "SSO Applications > your app > Actions > Regenerate certificate",
            Self::Cognito | Self::GitLab | Self::Generic => {
                "the page of your identity provider that manages its token-signing certificate"
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_make_is_told_by_its_sign_in_address_or_by_its_entity_id() {
        for (entity_id, sign_in, kind) in [
            ("http://www.okta.com/exk1", Some("https://acme.okta.com/app/x/exk1/sso/saml"), ProviderKind::Okta),
            ("https://sts.windows.net/1/", Some("https://login.microsoftonline.com/1/saml2"), ProviderKind::EntraId),
            ("https://accounts.google.com/o/saml2?idpid=1", None, ProviderKind::Google),
            (
                "http://fs.acme.example/adfs/services/trust",
                Some("https://fs.acme.example/adfs/ls/"),
                ProviderKind::Adfs,
            ),
            ("https://id.acme.example/realms/main", None, ProviderKind::Keycloak),
            ("JumpCloud", Some("https://sso.jumpcloud.com/saml2/x"), ProviderKind::JumpCloud),
            ("urn:acme", Some("not a URL"), ProviderKind::Generic),
        ] {
            assert_eq!(ProviderKind::of_metadata(entity_id, sign_in), kind, "{entity_id}");
        }
    }
}
