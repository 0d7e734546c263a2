//! Addresses and names that are no customer's own: those of manuals, and those that a provider has for everybody.

use url::Url;

use crate::foreign::placeholder;
use crate::makes;
use crate::request::plain_url::without_needless_escapes;

/// Whether a text still has the marks of a template in it, or stands for a value in a part of its host or path.
pub(super) fn has_placeholder(text: &str) -> bool {
    let stands_for_a_value = |part: &str| placeholder::is_stand_in(part) || placeholder::is_variable(part);
    placeholder::has_template_marks(text)
        || text.split_once("://").is_some_and(|(_, behind)| {
            let address = behind.split(['?', '#']).next().unwrap_or_default();
            let (host, path) = address.split_once('/').unwrap_or((address, ""));
            host.split('.').chain(path.split('/')).any(stands_for_a_value)
        })
}

/// Whether `url` is Microsoft's for many organisations, or for all personal accounts.
pub(super) fn is_everybodys(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let tenant = url.path_segments().and_then(|mut segments| segments.next()).unwrap_or_default();
    makes::is_entra_login(host.strip_suffix('.').unwrap_or(host))
        && makes::is_everybodys_tenant(&without_needless_escapes(tenant))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_manual_prints_is_told_from_what_somebody_filled_in() {
        for text in [
            "https://login.microsoftonline.com/your-tenant-id/saml2",
            "https://login.microsoftonline.com/%TENANT_ID%/saml2",
            "https://login.microsoftonline.com/[tenant-id]/saml2",
            "https://idp.acme.example/%7Btenant%7D/sso",
            "https://$HOST/sso",
            "https://{host}/sso",
            "https://yourdomain.okta.com/app/sso",
            "https://sts.windows.net/%7Btenantid%7D/",
            "<your entity id>",
        ] {
            assert!(has_placeholder(text), "{text}");
        }
        for text in [
            "https://login.microsoftonline.com/5c5e2c5f-ee14-4ee7-a1c1-5c5e2c5fee14/saml2",
            "https://idp.acme.example:8443/adfs/ls/?wa=%20x&realm=your-tenant-id",
            "https://[2606:4700::1111]/sso",
            "urn:acme:tenant",
            "IdP Entity ID",
        ] {
            assert!(!has_placeholder(text), "{text}");
        }
    }

    #[test]
    fn an_address_for_every_organisation_is_nobodys() {
        for text in [
            "https://login.microsoftonline.com/common/saml2",
            "https://login.microsoftonline.com/Organizations/saml2",
            "https://login.microsoftonline.com/c%6Fmmon/saml2",
            "https://login.microsoftonline.com./consumers/saml2",
            "https://sts.windows.net/9188040d-6c67-4c5b-b112-36a304b66dad/",
        ] {
            assert!(is_everybodys(&Url::parse(text).unwrap()), "{text}");
        }
        for text in ["https://sts.windows.net/5c5e2c5f-ee14-4ee7-a1c1-5c5e2c5fee14/", "https://idp.acme.example/common"]
        {
            assert!(!is_everybodys(&Url::parse(text).unwrap()), "{text}");
        }
    }
}
