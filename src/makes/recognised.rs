//! Which make a customer uses, told from whatever they sent: for texts, never for a verdict.

use url::Url;

use super::hosts::{is_google_client_id, is_okta_id, looks_like_secret};
use super::{ProviderKind, is_guid};

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

    /// Tells the make from an address of it: by its host, else by a path that only one make has.
    #[must_use]
    pub fn of_url(url: &Url) -> Self {
        match url.host_str().map_or(Self::Generic, Self::of_host) {
            Self::Generic => of_path(url.path()),
            kind => kind,
        }
    }
}

/// Tells a make that customers have on hosts of their own.
fn of_path(path: &str) -> ProviderKind {
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    match segments.as_slice() {
        ["adfs", ..] | [.., "adfs"] | ["FederationMetadata", _, ..] => ProviderKind::Adfs,
        // An authorization server.
        ["oauth2", "default", ..] => ProviderKind::Okta,
        ["oauth2", server, ..] if is_okta_id(server, "aus") => ProviderKind::Okta,
        // Azure AD B2C and Entra External ID write the tenant by its id, whatever the host is.
        [before @ .., "v2.0"] if before.iter().any(|segment| is_guid(segment)) => ProviderKind::EntraId,
        _ if names_realm_of_keycloak(&segments) => ProviderKind::Keycloak,
        _ => ProviderKind::Generic,
    }
}

/// ForgeRock has realms, too, behind `/oauth2` and `/json`.
fn names_realm_of_keycloak(segments: &[&str]) -> bool {
    let has = |wanted: fn(&[&str]) -> bool| segments.windows(2).any(wanted);
    has(|two| matches!(two, ["realms", _])) && !has(|two| matches!(two, ["oauth2" | "json", "realms"]))
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
    ProviderKind::Generic
}

/// Okta's and Google's client ids have a shape of their own. A GUID is not Entra's alone.
fn of_client_id(id: &str) -> ProviderKind {
    if looks_like_secret(id) {
        ProviderKind::Generic
    } else if is_google_client_id(id) {
        ProviderKind::Google
    } else if is_okta_id(id, "0oa") {
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
            ("https://am.acme.example:443/am/oauth2/realms/root/realms/alpha", ProviderKind::Generic),
            ("https://am.acme.example/am/json/realms/root/realms/alpha", ProviderKind::Generic),
            ("https://sso.acme.example/oauth2/aus1b2c3d4e5f6g7h8i9", ProviderKind::Okta),
            ("https://sso.acme.example/oauth2/default/v1/token", ProviderKind::Okta),
            ("https://sso.acme.example/oauth2/austria", ProviderKind::Generic),
            ("https://login.acme.example/6f1c2f6e-0000-4000-8000-000000000000/v2.0/", ProviderKind::EntraId),
            ("https://login.acme.example/tfp/6f1c2f6e-0000-4000-8000-000000000000/b2c_1_a/v2.0", ProviderKind::EntraId),
            ("https://login.acme.example/acme/v2.0", ProviderKind::Generic),
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
