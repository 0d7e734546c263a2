//! Addresses that belong to a provider but are no issuer: consoles, endpoints, everybody's tenants.

use crate::finding::Finding;
use crate::makes::{self, ProviderKind};

/// An https address in parts: `authority` is the host with its port as written in the URL, `path` has no query and no
/// fragment; it `was_document` where the address was that of a discovery document, whose issuer this is.
#[derive(Clone, Copy)]
pub(super) struct Parts<'a> {
    pub(super) host: &'a str,
    pub(super) authority: &'a str,
    pub(super) path: &'a str,
    pub(super) was_document: bool,
}

impl<'a> Parts<'a> {
    pub(super) fn segments(self) -> Vec<&'a str> {
        self.path.split('/').filter(|segment| !segment.is_empty()).collect()
    }
}

/// What the address is instead of an issuer; `None` where it may be one. `given` is fit to be shown.
pub(super) fn judge(parts: Parts<'_>, given: &str) -> Option<Finding> {
    app_of_okta(parts, given)
        .or_else(|| console_page(parts, given))
        .or_else(|| everybodys_tenant(parts, given))
        .or_else(|| issuer_of_all_at_oracle(parts, given))
        .or_else(|| endpoint(parts, given))
}

/// A SAML app of Okta calls itself `http://www.okta.com/exk…`, and its page names that an issuer.
fn app_of_okta(parts: Parts<'_>, given: &str) -> Option<Finding> {
    let segments = parts.segments();
    let is_app = matches!(parts.host, "www.okta.com" | "okta.com")
        && matches!(segments.as_slice(), [app] if app.to_ascii_lowercase().starts_with("exk"));
    is_app.then(|| {
        Finding::fail("not_an_issuer", "the address is the name of a SAML app at Okta (its entity ID), not the issuer")
            .evidence("customer gave", given)
            .because("SAML has no client id and secret: what is needed is the metadata of the app")
            .next("if the customer means SAML, ask for the metadata, then give it with --metadata; else ask for the issuer")
            .tell(
                "The address you sent is the name of a SAML app at Okta. If you want to use SAML, please send us the \
                 metadata of that app, as an XML file or by its address; for OpenID Connect, please send the issuer URL, \
                 which looks like this: https://<your organisation>.okta.com",
            )
    })
}

fn console_page(parts: Parts<'_>, given: &str) -> Option<Finding> {
    if let Some((page, shape)) = makes::console(parts.host) {
        return Some(page_finding(page, shape, given));
    }
    let segments = parts.segments();
    if makes::is_below(parts.host, "onelogin.com")
        && segments.first().is_some_and(|first| ["admin", "admin2", "portal", "launch", "apps"].contains(first))
    {
        let shape = format!("https://{}/oidc/2", parts.authority);
        return Some(page_finding("a page of OneLogin", &shape, given));
    }
    let before = segments.windows(3).position(|three| matches!(three, ["admin", _, "console"]))?;
    let prefix: String = segments.iter().take(before).flat_map(|segment| ["/", segment]).collect();
    let shape = format!("https://{}{prefix}/realms/<realm>", parts.authority);
    Some(page_finding("a page of the Keycloak console", &shape, given))
}

fn page_finding(page: &str, shape: &str, given: &str) -> Finding {
    Finding::fail("not_an_issuer", format!("the address is {page}, not an issuer"))
        .evidence("customer gave", given)
        .evidence("an issuer looks like", shape)
        .because("such a page is for people; sign-in needs the address the provider calls itself by")
        .next("ask the customer for the issuer, then give it with --issuer")
        .tell(format!(
            "The address you sent is {page}. Please send the issuer URL of your identity provider instead; it looks \
             like this: {shape}"
        ))
}

fn everybodys_tenant(parts: Parts<'_>, given: &str) -> Option<Finding> {
    let segments = parts.segments();
    let tenant = segments.first().map(|one| one.to_ascii_lowercase());
    let live = matches!(parts.host, "login.live.com" | "account.live.com");
    if !live && !makes::is_entra_login(parts.host) {
        return None;
    }
    let shared = tenant.as_deref().filter(|one| makes::is_everybodys_tenant(one));
    if shared.is_none() && !live {
        // What stands behind the tenant stands in its place.
        let has_none = tenant.is_none_or(|first| matches!(first.as_str(), "v2.0" | "oauth2"));
        return has_none.then(|| entra_without_tenant(given));
    }
    Some(
        Finding::fail(
            "multi_tenant_issuer",
            "the address is Microsoft's for many organisations, not one of the customer's",
        )
        .evidence("customer gave", given)
        .because("anybody with a Microsoft account could sign in through it")
        .next(
            "ask for the Directory (tenant) ID, then give --issuer \
                 'https://login.microsoftonline.com/<tenant id>/v2.0'",
        )
        .tell(TENANT_HELP),
    )
}

/// What a customer is asked for who sent everybody's tenant.
const TENANT_HELP: &str = "We need the issuer of your own Microsoft Entra tenant, not Microsoft's for everybody. Please \
    send it, or the Directory (tenant) ID it is made of.";

fn entra_without_tenant(given: &str) -> Finding {
    Finding::fail("not_an_issuer", "the address is Microsoft's sign-in host without a tenant")
        .evidence("customer gave", given)
        .because("the tenant is a part of the issuer")
        .next(
            "ask for the Directory (tenant) ID, then give --issuer \
             'https://login.microsoftonline.com/<tenant id>/v2.0'",
        )
        .tell(TENANT_HELP)
}

/// It names no customer of Oracle's: that anybody signed in there says nothing.
fn issuer_of_all_at_oracle(parts: Parts<'_>, given: &str) -> Option<Finding> {
    makes::is_oracles_shared_issuer(parts.host).then(|| {
        Finding::fail("multi_tenant_issuer", "the address is the issuer that all identity domains of Oracle share")
            .evidence("customer gave", given)
            .evidence("an issuer looks like", "https://idcs-<id>.identity.oraclecloud.com")
            .because("it does not tell one organisation's people from another's")
            .next("ask for the address of the customer's own identity domain, then give it with --issuer")
            .tell(
                "The issuer you sent is shared by all identity domains of Oracle. Please set an issuer of your own in your \
                 identity domain, under Security > OAuth > Issuer: the address of the domain itself \
                 (https://idcs-<id>.identity.oraclecloud.com). Then send us that address.",
            )
    })
}

fn endpoint(parts: Parts<'_>, given: &str) -> Option<Finding> {
    let segments = parts.segments();
    if is_issuer_that_ends_in_token(parts, &segments) {
        return None;
    }
    let kind = endpoint_kind(parts.host, &segments)?;
    let finding = Finding::fail("not_an_issuer", format!("the address is {kind}, not the issuer"))
        .evidence("customer gave", given)
        .because("the issuer is the address from which all the others are found");
    let Some(guess) = issuer_of(parts, &segments) else {
        return Some(finding.next("ask the customer for the issuer, then give it with --issuer").tell(format!(
            "The address you sent is {kind}. Please send the issuer URL; your identity provider shows it as \"Issuer\" or \
             \"Issuer URL\"."
        )));
    };
    Some(
        finding
            .evidence("the issuer may be", &guess)
            .next(if kind == SAML {
                "if the customer means SAML, give their metadata with --metadata; else confirm the issuer with them, or try it"
            } else {
                "confirm with the customer, or try the address above with `ssoctl check` first"
            })
            .rerun_with(["--issuer", &guess])
            .tell(format!(
                "The address you sent is {kind}. Please send the issuer URL; your identity provider shows it as \
                 \"Issuer\" or \"Issuer URL\". Is it {}?",
                crate::foreign::shown(&guess)
            )),
    )
}

/// What an address of the other protocol is called.
const SAML: &str = "an address for SAML";

/// Cloud Foundry's UAA really calls itself `…/oauth/token`, and the provider's document will tell; at Auth0 and GitLab that is
/// the token endpoint. WSO2's Identity Server and
/// Asgardeo call themselves `…/oauth2/token`, as the token endpoints of many others are called: believed where the address of
/// the document says so, or the host.
fn is_issuer_that_ends_in_token(parts: Parts<'_>, segments: &[&str]) -> bool {
    match segments {
        [.., before, last] if last.eq_ignore_ascii_case("token") => {
            (before.eq_ignore_ascii_case("oauth") && ProviderKind::of_host(parts.host) == ProviderKind::Generic)
                || (before.eq_ignore_ascii_case("oauth2") && (parts.was_document || makes::is_asgardeo(parts.host)))
        }
        _ => false,
    }
}

fn endpoint_kind(host: &str, segments: &[&str]) -> Option<&'static str> {
    let lower: Vec<String> = segments.iter().map(|one| one.to_ascii_lowercase()).collect();
    let last = lower.last()?.as_str();
    let before = lower.iter().rev().nth(1).map_or("", String::as_str);
    if before == "realms" {
        // A realm of Keycloak, whatever it is called.
        return None;
    }
    if is_saml(&lower) {
        return Some(SAML);
    }
    if let Some(kind) = of_make(host, &lower) {
        return Some(kind);
    }
    let is_of_protocol = matches!(before, "oidc" | "oauth" | "oauth2" | "connect" | "openid-connect");
    match last {
        "authorize" | "authorization.oauth2" | "authorize.oauth2" | "oidcauthorize" => {
            Some("the authorization endpoint")
        }
        "authorization" if is_of_protocol => Some("the authorization endpoint"),
        "auth" if before == "openid-connect" || lower.first().is_some_and(|one| one == "oidc") => {
            Some("the authorization endpoint")
        }
        "token" | "token.oauth2" | "access_token" | "accesstoken" | "oidcaccesstoken" => Some("the token endpoint"),
        "userinfo" | "userinfo.openid" | "user_info" | "oidcprofile" => Some("the user info endpoint"),
        "me" if lower.first().is_some_and(|one| one == "oidc") => Some("the user info endpoint"),
        "keys" | "jwks" | "jwks.json" | "jwk" | "jwk_uri" | "certs" => Some("the provider's key set"),
        "keyset" if is_of_protocol => Some("the provider's key set"),
        "introspect" | "introspection" | "introspect.oauth2" => Some("the introspection endpoint"),
        "revoke" | "revocation" | "revoke_token.oauth2" => Some("the revocation endpoint"),
        "logout" | "endsession" | "end_session" | "signoff" | "signout" => Some("the sign-out endpoint"),
        "device_authorization" | "deviceauthorization" | "devicecode" | "par" | "bc-authorize" | "checksession" => {
            Some("another endpoint of the provider")
        }
        "register" if is_of_protocol => Some("another endpoint of the provider"),
        "openid-connect" if before == "protocol" => Some("a part of an endpoint's address"),
        "callback" | "signin-oidc" => Some("a redirect URI"),
        "account" if before_last(&lower) == Some("realms") => Some("the page on which people see to their own account"),
        // Its address with the dot lost, or cut in two: an issuer ends in nothing of the kind.
        "openid-configuration" => Some("the provider's own document, misspelled"),
        _ if lower.windows(2).any(|two| two == ["protocol", "openid-connect"]) => {
            Some("another endpoint of the provider")
        }
        _ if before == ".well-known" || last == ".well-known" => Some("another document of the provider"),
        _ => None,
    }
}

/// Addresses that only one make has, on its own hosts or by a path that tells it.
fn of_make(host: &str, lower: &[String]) -> Option<&'static str> {
    let path: Vec<&str> = lower.iter().map(String::as_str).collect();
    match (ProviderKind::of_host(host), path.as_slice()) {
        (ProviderKind::EntraId, [_, "wsfed"]) => Some("an address for WS-Federation"),
        (_, [.., "adfs", "services", "trust"]) => Some("AD FS's name for SAML and WS-Federation"),
        (ProviderKind::EntraId, [_, "oauth2"] | [.., "oauth2", "v2.0"]) => Some("a part of an endpoint's address"),
        (ProviderKind::EntraId, [_, "kerberos"]) => Some("another endpoint of the provider"),
        (ProviderKind::Google, [.., "auth"]) | (ProviderKind::JumpCloud, ["oauth2", "auth"]) => {
            Some("the authorization endpoint")
        }
        (ProviderKind::Okta, ["api", ..]) | (ProviderKind::Auth0, ["api", "v2", ..]) => {
            Some("the provider's interface for programs")
        }
        _ => None,
    }
}

fn is_saml(lower: &[String]) -> bool {
    let has_ending = |one: &str| {
        std::path::Path::new(one).extension().is_some_and(|kind| kind == "xml" || kind == "saml2" || kind == "saml")
    };
    let is_name = |one: &str| matches!(one, "federationmetadata" | "saml2" | "saml20" | "saml" | "samlp");
    let mut behind = "";
    // What stands behind `realms` is the name that somebody gave a realm.
    lower.iter().any(|one| std::mem::replace(&mut behind, one) != "realms" && is_name(one))
        || lower.windows(2).any(|two| two == ["adfs", "ls"])
        || lower.last().is_some_and(|one| has_ending(one))
}

/// The third segment from the end.
fn before_last(lower: &[String]) -> Option<&str> {
    lower.iter().rev().nth(2).map(String::as_str)
}

/// The first two segments of endpoints that have no part of the issuer's path in them: Salesforce's, and PingFederate's.
fn is_beside_the_issuer(host: &str, two: &[&str]) -> bool {
    match two {
        ["services", "oauth2"] => true,
        ["services", "auth"] | ["id", "keys"] => ProviderKind::of_host(host) == ProviderKind::Salesforce,
        ["as", endpoint] => endpoint.ends_with(".oauth2"),
        ["idp", endpoint] => endpoint.ends_with(".openid"),
        ["pf", endpoint] => endpoint.eq_ignore_ascii_case("jwks"),
        _ => false,
    }
}

const GOOGLE: &str = "accounts.google.com";

/// The issuer that most likely has such an endpoint; none where its host tells nothing of it.
fn issuer_of(parts: Parts<'_>, segments: &[&str]) -> Option<String> {
    if parts.host == GOOGLE || makes::is_below(parts.host, "googleapis.com") {
        return Some(format!("https://{GOOGLE}"));
    }
    let is_tenantless = parts.host == "graph.microsoft.com";
    (!is_tenantless).then(|| format!("https://{}{}", parts.authority, issuer_path(parts.host, segments)))
}

/// The path of the issuer that most likely has such an endpoint; empty or with a leading slash.
fn issuer_path(host: &str, segments: &[&str]) -> String {
    let joined = |parts: &[&str]| parts.iter().fold(String::new(), |path, one| path + "/" + one);
    if let (true, Some(tenant)) = (makes::is_entra_login(host), segments.first()) {
        return if host == "sts.windows.net" { format!("/{tenant}/") } else { format!("/{tenant}/v2.0") };
    }
    // Where the host names the tenant, the policy or the tenant's id stands in front of the endpoint.
    let names_tenant = ProviderKind::of_host(host) == ProviderKind::EntraId
        || segments.iter().any(|segment| makes::is_b2c_policy(segment));
    if names_tenant
        && let Some(position) = segments.iter().position(|one| matches!(*one, "oauth2" | "discovery" | "openid"))
    {
        return joined(segments.get(..position).unwrap_or_default()) + "/v2.0";
    }
    if let (ProviderKind::Auth0, ["api", ..]) = (ProviderKind::of_host(host), segments) {
        return String::new();
    }
    if makes::is_okta(host) {
        return match segments {
            ["oauth2", server, ..] if *server != "v1" => format!("/oauth2/{server}"),
            _ => String::new(),
        };
    }
    if let Some(position) = segments.iter().position(|one| one.eq_ignore_ascii_case("protocol")) {
        return joined(segments.get(..position).unwrap_or_default());
    }
    if let Some(position) = segments.windows(2).position(|two| matches!(two, ["adfs", "ls" | "services"])) {
        return joined(segments.get(..=position).unwrap_or_default());
    }
    if let Some(position) = segments.windows(2).position(|two| is_beside_the_issuer(host, two)) {
        return joined(segments.get(..position).unwrap_or_default());
    }
    let mut rest = segments;
    if let Some((_, head)) = rest.split_last() {
        rest = head;
    }
    let rungs = [
        "connect",
        "oauth",
        "oauth2",
        "v1",
        "v2",
        ".well-known",
        ".wellknown",
        "well-known",
        "discovery",
        "openid-connect",
        "openid-configuration",
        "device",
    ];
    while let Some((last, head)) = rest.split_last()
        && rungs.contains(&last.to_ascii_lowercase().as_str())
    {
        rest = head;
    }
    joined(rest)
}
