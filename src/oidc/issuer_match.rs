//! How the issuer that a document names relates to the one the customer gave.
//!
//! Source: OpenID Connect Discovery 1.0, section 4.3; RFC 8414, section 3.3.

use crate::makes::{self, ProviderKind};
use crate::request::names::IssuerUrl;

/// How the document's issuer relates to the one the customer gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IssuerMatch {
    /// The same text.
    Same,
    /// The same but for a trailing slash: the document's spelling is the one to keep.
    TrailingSlash(IssuerUrl),
    /// The same address in another spelling (the default port, the host's case, needless escapes): the document's is kept.
    Spelling(IssuerUrl),
    /// The customer named an Entra tenant by domain, or its id in upper case; the document by its id.
    TenantName(IssuerUrl),
    /// A multi-tenant document that names no tenant.
    MultiTenant,
    /// Another issuer.
    Different {
        /// Where the two differ, in words.
        at: &'static str,
    },
}

impl IssuerMatch {
    /// Compares as sign-in will: text against text. Where the two are one address in two spellings, the document's is the
    /// one that ID tokens carry; what the customer gave was put into its plain form, whatever it was before.
    ///
    /// Source: OpenID Connect Discovery 1.0, section 4.3; RFC 8414, section 3.3.
    #[must_use]
    pub fn between(asked: &IssuerUrl, document: &str) -> Self {
        if asked.as_str() == document {
            return Self::Same;
        }
        if document.contains("{tenantid}") || document.contains("{tenant}") {
            return Self::MultiTenant;
        }
        let bare = |text: &str| text.strip_suffix('/').unwrap_or(text).to_owned();
        let Ok(issuer) = IssuerUrl::parse(document) else {
            return Self::Different { at: "it is not an issuer URL at all" };
        };
        if bare(asked.as_str()) == bare(document) {
            return Self::TrailingSlash(issuer);
        }
        if asked.differs_in_spelling_alone(&issuer) {
            return Self::Spelling(issuer);
        }
        if let Some(tenant) = tenant_behind_name(asked, &issuer) {
            // the domain may lead to the tenant of all personal accounts.
            let is_nobodys = makes::is_everybodys_tenant(&tenant.to_string());
            return if is_nobodys { Self::MultiTenant } else { Self::TenantName(issuer) };
        }
        Self::Different { at: difference(asked, &issuer) }
    }

    /// The issuer to keep, where there is one.
    #[must_use]
    pub fn settled<'a>(&'a self, asked: &'a IssuerUrl) -> Option<&'a IssuerUrl> {
        match self {
            Self::Same => Some(asked),
            Self::TrailingSlash(issuer) | Self::Spelling(issuer) | Self::TenantName(issuer) => Some(issuer),
            Self::MultiTenant | Self::Different { .. } => None,
        }
    }
}

/// Entra answers for `…/contoso.com/v2.0` with the issuer `…/<tenant id>/v2.0`: the same host, the same path but for
/// its first segment, a domain or the same GUID in other letters there and a GUID here: that GUID.
fn tenant_behind_name(asked: &IssuerUrl, document: &IssuerUrl) -> Option<uuid::Uuid> {
    if ProviderKind::of_host(asked.host()) != ProviderKind::EntraId || asked.host() != document.host() {
        return None;
    }
    let split = |issuer: &IssuerUrl| {
        let path = issuer.url().path().trim_matches('/').to_owned();
        path.split_once('/').map(|(tenant, rest)| (tenant.to_owned(), rest.to_owned()))
    };
    let ((name, asked_rest), (id, document_rest)) = (split(asked)?, split(document)?);
    let id = uuid::Uuid::try_parse(&id).ok()?;
    let is_named = name.contains('.') || uuid::Uuid::try_parse(&name) == Ok(id);
    (asked_rest == document_rest && is_named).then_some(id)
}

fn difference(asked: &IssuerUrl, document: &IssuerUrl) -> &'static str {
    let (one, other) = (asked.url(), document.url());
    if one.scheme() != other.scheme() {
        "the scheme differs"
    } else if one.host_str() != other.host_str() {
        "the host differs"
    } else if one.port_or_known_default() != other.port_or_known_default() {
        "the port differs"
    } else if one.path().eq_ignore_ascii_case(other.path()) && one.path() != other.path() {
        "the path differs in upper and lower case"
    } else if one.path() != other.path() {
        "the path differs"
    } else {
        "the spelling differs"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(text: &str) -> IssuerUrl {
        IssuerUrl::parse(text).unwrap()
    }

    #[test]
    fn a_trailing_slash_is_settled_to_the_documents_spelling() {
        let asked = asked("https://acme.eu.auth0.com");
        let found = IssuerMatch::between(&asked, "https://acme.eu.auth0.com/");
        assert_eq!(found.settled(&asked).map(IssuerUrl::as_str), Some("https://acme.eu.auth0.com/"));
    }

    #[test]
    fn an_entra_tenant_named_by_domain_is_settled_to_its_id() {
        let asked = asked("https://login.microsoftonline.com/acme-corp.com/v2.0");
        let document = "https://login.microsoftonline.com/8b8a1c2d-3e4f-4a5b-9c6d-7e8f90a1b2c3/v2.0";
        assert!(matches!(IssuerMatch::between(&asked, document), IssuerMatch::TenantName(_)));
    }

    #[test]
    fn an_entra_tenant_in_upper_case_is_settled_to_its_id_and_another_one_is_not() {
        let document = "https://login.microsoftonline.com/8b8a1c2d-3e4f-4a5b-9c6d-7e8f90a1b2c3/v2.0";
        let between = |tenant: &str| {
            IssuerMatch::between(&asked(&format!("https://login.microsoftonline.com/{tenant}/v2.0")), document)
        };
        assert!(matches!(between("8B8A1C2D-3E4F-4A5B-9C6D-7E8F90A1B2C3"), IssuerMatch::TenantName(_)));
        assert!(matches!(between("9b8a1c2d-3e4f-4a5b-9c6d-7e8f90a1b2c3"), IssuerMatch::Different { .. }));
    }

    #[test]
    fn a_domain_that_leads_to_everybodys_tenant_is_refused() {
        //
        let asked = asked("https://login.microsoftonline.com/outlook.com/v2.0");
        for tenant in [
            "9188040d-6c67-4c5b-b112-36a304b66dad",
            "9188040D-6C67-4C5B-B112-36A304B66DAD",
            "00000000-0000-0000-0000-000000000000",
        ] {
            let document = format!("https://login.microsoftonline.com/{tenant}/v2.0");
            assert_eq!(IssuerMatch::between(&asked, &document), IssuerMatch::MultiTenant, "{tenant}");
        }
    }

    #[test]
    fn one_address_in_two_spellings_is_settled_to_the_documents() {
        for (plain, document) in [
            ("https://idp.acme-corp.com/openam", "https://idp.acme-corp.com:443/openam"),
            ("https://idp.acme-corp.com", "https://idp.acme-corp.com:443/"),
            ("https://fs.acme-corp.com/adfs", "https://FS.Acme-Corp.com/adfs"),
            ("https://idp.acme-corp.com/~acme", "https://idp.acme-corp.com/%7Eacme"),
        ] {
            let asked = asked(plain);
            let found = IssuerMatch::between(&asked, document);
            assert_eq!(found.settled(&asked).map(IssuerUrl::as_str), Some(document));
        }
        for (plain, document) in [
            ("https://idp.acme-corp.com/b", "https://idp.acme-corp.com/a/../b"),
            ("https://idp.acme-corp.com/a/b", "https://idp.acme-corp.com/a%2Fb"),
            ("https://idp.acme-corp.com/a", "https://idp.acme-corp.com/A"),
            ("https://idp.acme-corp.com", "https://idp.acme-corp.com:8443"),
            ("https://idp.acme-corp.com", "http://idp.acme-corp.com:443"),
        ] {
            let found = IssuerMatch::between(&asked(plain), document);
            assert!(matches!(found, IssuerMatch::Different { .. }), "{document}: {found:?}");
        }
    }

    #[test]
    fn a_domain_that_answers_with_an_id_elsewhere_than_at_entra_is_another_issuer() {
        let asked = asked("https://idp.acme.example/acme-corp.com/v2.0");
        let document = "https://idp.acme.example/8b8a1c2d-3e4f-4a5b-9c6d-7e8f90a1b2c3/v2.0";
        assert_eq!(IssuerMatch::between(&asked, document), IssuerMatch::Different { at: "the path differs" });
    }

    #[test]
    fn the_place_of_the_difference_is_named() {
        let asked = asked("https://idp.acme.example/Realm");
        for (document, at) in [
            ("http://idp.acme.example/Realm", "the scheme differs"),
            ("https://idp2.acme.example/Realm", "the host differs"),
            ("https://idp.acme.example:8443/Realm", "the port differs"),
            ("https://idp.acme.example/realm", "the path differs in upper and lower case"),
            ("https://idp.acme.example/other", "the path differs"),
            ("accounts.google.com", "it is not an issuer URL at all"),
        ] {
            assert_eq!(IssuerMatch::between(&asked, document), IssuerMatch::Different { at }, "{document}");
        }
    }
}
