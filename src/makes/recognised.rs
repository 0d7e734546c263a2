//! Which make a customer uses, told from whatever they sent: for texts, never for a verdict.

use url::Url;

use super::ProviderKind;
use super::hosts::looks_like_secret;

impl ProviderKind {
    /// Tells the make from addresses (issuers, entity IDs, pages of a console, sign-in addresses; in order of weight) and,
    /// where none of them has a make, from the shape of the client id.
    #[must_use]
    pub fn recognised<'t>(addresses: impl IntoIterator<Item = &'t str>, client_id: Option<&str>) -> Self {
        addresses
            .into_iter()
            .map(of_address)
            .find(|kind| *kind != Self::Generic)
            .or_else(|| client_id.map(of_client_id))
            .unwrap_or(Self::Generic)
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
}

fn of_address(text: &str) -> ProviderKind {
    let text = text.trim_matches(|one: char| one.is_whitespace() || "<>\"'.,;()".contains(one));
    let url = if text.contains("://") { Url::parse(text) } else { Url::parse(&format!("https://{text}")) };
    let Ok(url) = url else { return ProviderKind::Generic };
    let host = url.host_str().unwrap_or_default();
    match ProviderKind::of_url(&url) {
        ProviderKind::Generic => {}
        kind => return kind,
    }
    if let Some((page, _)) = super::console(host) {
        let named = [
            ("Microsoft", ProviderKind::EntraId),
            ("Google", ProviderKind::Google),
            ("Auth0", ProviderKind::Auth0),
            ("AWS", ProviderKind::Cognito),
            ("PingOne", ProviderKind::Ping),
            ("JumpCloud", ProviderKind::JumpCloud),
            ("Okta", ProviderKind::Okta),
        ];
        if let Some((_, kind)) = named.into_iter().find(|(name, _)| page.contains(name)) {
            return kind;
        }
    }
    // An AD FS issuer ends where its other addresses go on.
    if url.path().trim_end_matches('/').ends_with("/adfs") { ProviderKind::Adfs } else { ProviderKind::Generic }
}

/// Okta's and Google's client ids have a shape of their own. A GUID is not Entra's alone.
fn of_client_id(id: &str) -> ProviderKind {
    if looks_like_secret(id) {
        ProviderKind::Generic
    } else if id.ends_with(".apps.googleusercontent.com") {
        ProviderKind::Google
    } else if id.starts_with("0oa") && id.len() == 20 {
        ProviderKind::Okta
    } else {
        ProviderKind::Generic
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_make_is_recognised_by_anything_a_customer_may_have_pasted() {
        for (text, kind) in [
            ("https://acme.okta.com/app/x/exk1/sso/saml", ProviderKind::Okta),
            ("http://www.okta.com/exk1", ProviderKind::Okta),
            ("<https://acme-admin.okta.com/admin/apps>.", ProviderKind::Okta),
            ("acme.onelogin.com", ProviderKind::OneLogin),
            ("https://sts.windows.net/1/", ProviderKind::EntraId),
            ("https://portal.azure.com/#view/x", ProviderKind::EntraId),
            ("https://manage.auth0.com/dashboard", ProviderKind::Auth0),
            ("https://console.pingone.eu/x", ProviderKind::Ping),
            ("https://console.jumpcloud.com/#/sso", ProviderKind::JumpCloud),
            ("https://id.acme.example/realms/main/protocol/saml/descriptor", ProviderKind::Keycloak),
            ("https://fs.acme.example/FederationMetadata/2007-06/FederationMetadata.xml", ProviderKind::Adfs),
            ("http://fs.acme.example/adfs/services/trust", ProviderKind::Adfs),
            ("https://fs.acme.example/adfs", ProviderKind::Adfs),
            ("https://login.acme.example", ProviderKind::Generic),
            ("no address at all", ProviderKind::Generic),
        ] {
            assert_eq!(ProviderKind::recognised([text], None), kind, "{text}");
        }
    }

    #[test]
    fn the_client_id_tells_where_no_address_does() {
        let generic = "https://login.acme.example";
        for (id, kind) in [
            ("0oa1b2c3d4e5f6g7h8i9", ProviderKind::Okta),
            ("1234-x.apps.googleusercontent.com", ProviderKind::Google),
            ("6f1c2f6e-0000-4000-8000-000000000000", ProviderKind::Generic),
        ] {
            assert_eq!(ProviderKind::recognised([generic], Some(id)), kind, "{id}");
        }
        let keycloak = "https://id.acme.example/realms/main";
        assert_eq!(ProviderKind::recognised([keycloak], Some("0oa1b2c3d4e5f6g7h8i9")), ProviderKind::Keycloak);
    }
}
