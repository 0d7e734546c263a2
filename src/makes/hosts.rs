//! Hosts that mean something, pages that are no issuer, and values whose shape gives them away.

use super::{HOSTS, ProviderKind};

/// Hosts on which the first segment of the path is the tenant: Entra's, but for those that name it in the host.
pub(crate) fn is_entra_login(host: &str) -> bool {
    let names_it = ["ciamlogin.com", "b2clogin.com", "b2clogin.cn"].contains(&host);
    !names_it && HOSTS.contains(&(host, ProviderKind::EntraId))
}

/// Whether `host` is a tenant's of Azure AD B2C, at which policies sign people in.
pub(crate) fn is_b2c(host: &str) -> bool {
    is_below(host, "b2clogin.com") || is_below(host, "b2clogin.cn")
}

/// Whether `name` is that of a policy of Azure AD B2C, which begins all of them itself. Customers have it on hosts of their
/// own, too.
pub(crate) fn is_b2c_policy(name: &str) -> bool {
    name.get(..5).is_some_and(|beginning| beginning.eq_ignore_ascii_case("b2c_1"))
}

/// Whether an Entra tenant is no organisation's: the aliases for many of them, the tenant of all personal accounts, and the
/// id that is none.
pub(crate) fn is_everybodys_tenant(tenant: &str) -> bool {
    [
        "common",
        "organizations",
        "consumers",
        "9188040d-6c67-4c5b-b112-36a304b66dad",
        "00000000-0000-0000-0000-000000000000",
    ]
    .iter()
    .any(|one| one.eq_ignore_ascii_case(tenant))
}

/// Whether `host` is that of user pools of Amazon Cognito. The other hosts below `amazonaws.com` are whatever customers of
/// Amazon's run there.
pub(super) fn is_user_pool(host: &str) -> bool {
    is_below(host, "amazonaws.com") && host.split('.').any(|label| label.starts_with("cognito-idp"))
}

/// Whether `host` is WSO2's cloud.
pub(crate) fn is_asgardeo(host: &str) -> bool {
    is_below(host, "asgardeo.io")
}

/// Whether `host` is that of the issuer which the identity domains of Oracle's cloud share until their owners set another.
///
/// Source: Oracle Cloud Infrastructure documentation, "Updating an OAuth Setting".
pub(crate) fn is_oracles_shared_issuer(host: &str) -> bool {
    host == "identity.oraclecloud.com"
}

/// Whether `host` is a name below `zone`.
pub(crate) fn is_below(host: &str, zone: &str) -> bool {
    host.strip_suffix(zone).is_some_and(|rest| rest.ends_with('.') && rest.len() > 1)
}

/// Whether `host` belongs to an Okta organisation on one of Okta's own domains.
pub(crate) fn is_okta(host: &str) -> bool {
    HOSTS.iter().any(|(zone, kind)| *kind == ProviderKind::Okta && is_below(host, zone))
}

/// Whether a host is an issuer and all of one: an Okta organisation's, and a tenant's at Auth0.
pub(crate) fn is_issuer_by_host(host: &str) -> bool {
    is_okta(host)
        || ProviderKind::of_host(host) == ProviderKind::Auth0 && console(host).is_none() && host != "auth0.com"
}

/// Providers at which anybody may have an account.
pub(crate) fn is_shared(host: &str) -> bool {
    [
        "accounts.google.com",
        "gitlab.com",
        "appleid.apple.com",
        "account.apple.com",
        "www.facebook.com",
        "www.linkedin.com",
        "slack.com",
        "api.login.yahoo.com",
        "id.twitch.tv",
        "www.paypal.com",
        "www.paypalobjects.com",
        "login.salesforce.com",
        "test.salesforce.com",
        "orcid.org",
        "www.amazon.com",
        "identity.xero.com",
        "access.line.me",
        "kauth.kakao.com",
        "oauth.telegram.org",
        "token.actions.githubusercontent.com",
        "discord.com",
        "auth.login.yahoo.co.jp",
        "limited.facebook.com",
        "www.sandbox.paypal.com",
        "sandbox.orcid.org",
        "accounts.zoho.com",
        "accounts.zoho.eu",
        "accounts.zoho.in",
        "accounts.zoho.jp",
        "accounts.zoho.com.au",
        "zoom.us",
        "www.dropbox.com",
        "account.docusign.com",
        "accounts.firefox.com",
        "oauth.platform.intuit.com",
        "auth.atlassian.com",
        "huggingface.co",
        "cilogon.org",
        "api.id.me",
        "secure.login.gov",
    ]
    .contains(&host)
}

/// Pages of consoles and portals, with the provider's name and where the issuer stands there.
pub(crate) fn console(host: &str) -> Option<(&'static str, &'static str)> {
    const ENTRA: (&str, &str) = (
        "a page of the Microsoft portal",
        "https://login.microsoftonline.com/<Directory (tenant) ID from the app's Overview page>/v2.0",
    );
    const GOOGLE: (&str, &str) = ("a page of a Google console", "https://accounts.google.com");
    const PING: &str = "a page of the PingOne console";
    const JUMPCLOUD: &str = "a page of the JumpCloud console";
    const PING_APPS: &str = "a page of PingOne's application portal";
    const OKTA: (&str, &str) = ("a page of Okta's own website", "https://<your organisation>.okta.com");
    const ONE_LOGIN: (&str, &str) =
        ("a page of OneLogin's own website", "https://<your subdomain>.onelogin.com/oidc/2");
    const AUTH0: (&str, &str) =
        ("a page of Auth0's own website", "https://<domain shown in the application's settings>/");
    const COGNITO: &str = "https://cognito-idp.<region>.amazonaws.com/<user pool id>";
    // Below these are the customers' hosts.
    let own: [(&str, (&str, &str)); 9] = [
        ("okta.com", OKTA),
        ("www.okta.com", OKTA),
        ("support.okta.com", OKTA),
        ("help.okta.com", OKTA),
        ("onelogin.com", ONE_LOGIN),
        ("www.onelogin.com", ONE_LOGIN),
        ("app.onelogin.com", ONE_LOGIN),
        ("auth0.com", AUTH0),
        ("www.auth0.com", AUTH0),
    ];
    let zones: [(&str, (&str, &str)); 41] = [
        ("portal.azure.com", ENTRA),
        ("portal.azure.us", ENTRA),
        ("portal.azure.cn", ENTRA),
        ("entra.microsoft.com", ENTRA),
        ("admin.microsoft.com", ENTRA),
        ("myapps.microsoft.com", ENTRA),
        ("myapplications.microsoft.com", ENTRA),
        ("myaccount.microsoft.com", ENTRA),
        ("entra.microsoft.us", ENTRA),
        ("portal.office.com", ENTRA),
        ("admin.cloud.microsoft", ENTRA),
        ("account.activedirectory.windowsazure.com", ENTRA),
        ("admin.google.com", GOOGLE),
        ("console.cloud.google.com", GOOGLE),
        ("console.developers.google.com", GOOGLE),
        ("workspace.google.com", GOOGLE),
        ("myaccount.google.com", GOOGLE),
        (
            "manage.auth0.com",
            ("a page of the Auth0 dashboard", "https://<domain shown in the application's settings>/"),
        ),
        ("console.aws.amazon.com", ("a page of the AWS console", COGNITO)),
        // Its user pools answer people there, and call themselves otherwise.
        ("amazoncognito.com", ("the sign-in domain of an Amazon Cognito user pool", COGNITO)),
        ("admin.pingone.com", (PING, "https://auth.pingone.com/<environment id>/as")),
        ("admin.pingone.eu", (PING, "https://auth.pingone.eu/<environment id>/as")),
        ("console.pingone.com", (PING, "https://auth.pingone.com/<environment id>/as")),
        ("console.pingone.eu", (PING, "https://auth.pingone.eu/<environment id>/as")),
        ("console.pingone.ca", (PING, "https://auth.pingone.ca/<environment id>/as")),
        ("console.pingone.asia", (PING, "https://auth.pingone.asia/<environment id>/as")),
        ("console.pingone.com.au", (PING, "https://auth.pingone.com.au/<environment id>/as")),
        ("console.pingone.sg", (PING, "https://auth.pingone.sg/<environment id>/as")),
        ("apps.pingone.com", (PING_APPS, "https://auth.pingone.com/<environment id>/as")),
        ("apps.pingone.eu", (PING_APPS, "https://auth.pingone.eu/<environment id>/as")),
        ("apps.pingone.ca", (PING_APPS, "https://auth.pingone.ca/<environment id>/as")),
        ("apps.pingone.asia", (PING_APPS, "https://auth.pingone.asia/<environment id>/as")),
        ("apps.pingone.com.au", (PING_APPS, "https://auth.pingone.com.au/<environment id>/as")),
        (
            "console.asgardeo.io",
            ("a page of the Asgardeo console", "https://api.asgardeo.io/t/<organisation>/oauth2/token"),
        ),
        ("lightning.force.com", ("a page of Salesforce", "https://<your domain>.my.salesforce.com")),
        ("console.jumpcloud.com", (JUMPCLOUD, "https://oauth.id.jumpcloud.com/")),
        ("console.eu.jumpcloud.com", (JUMPCLOUD, "https://oauth.id.eu.jumpcloud.com/")),
        ("console.in.jumpcloud.com", (JUMPCLOUD, "https://oauth.id.in.jumpcloud.com/")),
        ("login.okta.com", ("Okta's sign-in page", "https://<your organisation>.okta.com")),
        ("developer.okta.com", ("a page of Okta's documentation", "https://<your organisation>.okta.com")),
        ("learn.microsoft.com", ENTRA),
    ];
    let below = zones.into_iter().find(|(zone, _)| host == *zone || is_below(host, zone));
    own.into_iter().find(|(own, _)| host == *own).or(below).map(|(_, page)| page)
}

/// Whether a text has the unmistakable shape of a client secret.
///
/// Google's start with `GOCSPX-`; Entra's are 37 to 40 characters with `Q~` at the fifth or fourth place.
pub(crate) fn looks_like_secret(text: &str) -> bool {
    let entra = text.is_ascii() && (34..=44).contains(&text.len()) && matches!(text.find("Q~"), Some(3..=5));
    text.starts_with("GOCSPX-") || entra
}

/// Whether a text has the unmistakable shape of a client id: Okta's `0oa…` of 20, Google's suffix.
pub(crate) fn looks_like_client_id(text: &str) -> bool {
    is_google_client_id(text) || is_okta_id(text, "0oa")
}

/// Whether a text has the shape of Google's client ids: a name below a host that they all share.
pub(super) fn is_google_client_id(text: &str) -> bool {
    text.strip_suffix(".apps.googleusercontent.com").is_some_and(|name| {
        !name.is_empty() && name.bytes().all(|one| one.is_ascii_alphanumeric() || matches!(one, b'-' | b'_'))
    })
}

/// Whether a text has the shape of Okta's ids: 20 letters and digits, the first three saying of what.
pub(super) fn is_okta_id(text: &str, of: &str) -> bool {
    text.len() == 20 && text.starts_with(of) && text.bytes().all(|one| one.is_ascii_alphanumeric())
}
