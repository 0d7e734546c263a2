//! `[saml]` and `[scim]`: what a team's SAML and SCIM apps are told, by templates that its account token fills.

use serde::Deserialize;

use super::{Config, Lifetime, Period};
use crate::request::saml_names::{AccountToken, EntityId};

/// Longest `RelayState`, in bytes.
///
/// Source: SAML 2.0 Bindings, section 3.4.3.
const RELAY_STATE_BYTES: usize = 80;

/// Stands for a provider where no other word is known.
pub const ANY_PROVIDER: &str = "saml";

/// `[saml]`: templates with `{public_url}` and `{token}`, the team's account token.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SamlConfig {
    /// Our assertion consumer service; `{provider}` is filled in too.
    pub acs_url: String,
    /// Our entity ID, the audience of every assertion.
    ///
    /// One a team by default: an assertion made for one team then names no other, and a customer with two teams can
    /// register both at one provider, where identifiers have to be unique (Entra ID and AD FS refuse the second).
    pub entity_id: String,
    /// Where people land who start at their provider; empty for none. At most 80 bytes when filled in.
    pub relay_state: String,
}

impl Default for SamlConfig {
    fn default() -> Self {
        Self {
            acs_url: "{public_url}/sso/{token}/acs/{provider}".to_owned(),
            entity_id: "{public_url}/sso/{token}/metadata".to_owned(),
            relay_state: "{public_url}".to_owned(),
        }
    }
}

/// `[scim]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ScimConfig {
    /// The SCIM base URL, by template with `{public_url}` and `{token}`, the team's account token.
    pub base_url: String,
    /// How long a bearer token works from the day it is made.
    pub token_lifetime: Lifetime,
    /// How long the old token still works after a rotation.
    pub rotation_overlap: Period,
}

impl Default for ScimConfig {
    fn default() -> Self {
        Self {
            base_url: "{public_url}/scim/v2/{token}".to_owned(),
            token_lifetime: Lifetime::For(Period::of_days(365)),
            rotation_overlap: Period::of_days(7),
        }
    }
}

impl Config {
    /// The team's assertion consumer service, as its provider is told it: `provider` is the word for the make of the
    /// provider, [`ANY_PROVIDER`] where none is known. What is served there is the same for each.
    #[must_use]
    pub fn acs_url(&self, token: &AccountToken, provider: &str) -> String {
        self.fill(&self.saml.acs_url, token.as_str(), provider)
    }

    /// Our SAML entity ID towards the team's provider: the audience of its assertions.
    #[must_use]
    pub fn sp_entity_id(&self, token: &AccountToken) -> String {
        self.fill(&self.saml.entity_id, token.as_str(), ANY_PROVIDER)
    }

    /// The `RelayState` for sign-in that starts at the provider; `None` where it stays empty.
    #[must_use]
    pub fn relay_state(&self, token: &AccountToken) -> Option<String> {
        Some(self.fill(&self.saml.relay_state, token.as_str(), ANY_PROVIDER)).filter(|state| !state.is_empty())
    }

    /// The team's SCIM base URL, without a trailing slash.
    #[must_use]
    pub fn scim_base_url(&self, token: &AccountToken) -> String {
        self.fill(&self.scim.base_url, token.as_str(), ANY_PROVIDER).trim_end_matches('/').to_owned()
    }

    /// In one pass: what is filled in is not read again.
    fn fill(&self, template: &str, token: &str, provider: &str) -> String {
        let mut filled = String::new();
        let mut rest = template;
        while let Some((before, from)) = rest.split_once('{') {
            filled.push_str(before);
            let (name, after) = from.split_once('}').unwrap_or((from, ""));
            filled.push_str(match name {
                "public_url" => &self.public_url,
                "token" => token,
                "provider" => provider,
                _ => "",
            });
            rest = after;
        }
        filled + rest
    }

    /// Whether the templates give what they are for; their words go to the customer as they are.
    pub(super) fn check_team_urls(&self) -> Result<(), String> {
        self.check_oidc_url("oidc.redirect_uri", &self.oidc.redirect_uri)?;
        self.check_oidc_url("oidc.initiate_login_uri", &self.oidc.initiate_login_uri)?;
        self.check_url("saml.acs_url", &self.saml.acs_url, &["public_url", "token", "provider"])?;
        self.check_url("scim.base_url", &self.scim.base_url, &["public_url", "token"])?;
        let filled = self.check_names("saml.entity_id", &self.saml.entity_id, &["public_url", "token"])?;
        if EntityId::parse(&filled).is_none() || !filled.contains(':') {
            return Err("saml.entity_id: it has to be a URI of at most 1024 characters".to_owned());
        }
        let filled = self.check_names("saml.relay_state", &self.saml.relay_state, &["public_url", "token"])?;
        if filled.len() > RELAY_STATE_BYTES {
            return Err(format!(
                "saml.relay_state: filled in, it has {} bytes, and SAML allows {RELAY_STATE_BYTES}",
                filled.len()
            ));
        }
        Ok(())
    }

    /// A redirect URI may have a query, and no fragment (RFC 6749, section 3.1.2).
    fn check_oidc_url(&self, key: &str, template: &str) -> Result<(), String> {
        self.check_names(key, template, &["public_url", "team_id"])?;
        let filled = self.expand(template, Some(SAMPLE_TEAM)).unwrap_or_default();
        match web_address(&filled) {
            Some(_) => Ok(()),
            None => Err(format!("{key}: it has to be a web address without fragment, for customers to enter")),
        }
    }

    fn check_url(&self, key: &str, template: &str, names: &[&str]) -> Result<(), String> {
        let filled = self.check_names(key, template, names)?;
        let url = web_address(&filled).filter(|url| url.query().is_none());
        let url = url.ok_or_else(|| format!("{key}: it has to be a URL without query and fragment"))?;
        if !url.path_segments().is_some_and(|mut segments| segments.any(|segment| segment == SAMPLE_TOKEN)) {
            return Err(format!(
                "{key}: {{token}} has to stand in its path, between slashes: it tells the teams apart"
            ));
        }
        Ok(())
    }

    /// `template` filled with samples; every name in braces has to be one of `names`.
    fn check_names(&self, key: &str, template: &str, names: &[&str]) -> Result<String, String> {
        let mut without = template.to_owned();
        for name in names {
            without = without.replace(&format!("{{{name}}}"), "");
        }
        if without.contains(['{', '}']) {
            let known = names.iter().map(|name| format!("{{{name}}}")).collect::<Vec<_>>().join(", ");
            return Err(format!("{key}: what stands in braces is one of {known}"));
        }
        Ok(self.fill(template, SAMPLE_TOKEN, ANY_PROVIDER))
    }
}

/// A web address that can be handed to customers; `None` where it has no host, a user name, a fragment or a blank.
fn web_address(text: &str) -> Option<url::Url> {
    let url = url::Url::parse(text).ok()?;
    let is_address = matches!(url.scheme(), "https" | "http")
        && url.host().is_some()
        && url.username().is_empty()
        && url.password().is_none()
        && url.fragment().is_none()
        && !text.contains(char::is_whitespace);
    is_address.then_some(url)
}

/// A team's id, to fill in.
const SAMPLE_TEAM: &str = "1042";

/// As long as a real account token.
const SAMPLE_TOKEN: &str = "sample-token-sample-token-sample";

#[cfg(test)]
mod tests {
    use super::*;

    fn token() -> AccountToken {
        AccountToken::parse("AbC_dEf-0123456789abcdefghijklmn").unwrap()
    }

    fn config(text: &str) -> Config {
        Config::parse(&format!("public_url = \"https://app.acme.example/\"\n{text}")).unwrap()
    }

    #[test]
    fn the_urls_of_a_team_carry_its_account_token() {
        let config = config("");
        let token = token();
        assert_eq!(config.acs_url(&token, "okta"), format!("https://app.acme.example/sso/{token}/acs/okta"));
        assert_eq!(config.sp_entity_id(&token), format!("https://app.acme.example/sso/{token}/metadata"));
        assert_eq!(config.scim_base_url(&token), format!("https://app.acme.example/scim/v2/{token}"));
        assert_eq!(config.relay_state(&token).as_deref(), Some("https://app.acme.example"));
    }

    #[test]
    fn templates_of_ones_own_are_followed() {
        let config = config(
            "[saml]\nacs_url = \"https://login.acme.example/{token}\"\nentity_id = \"urn:acme:sp\"\nrelay_state = \"\"\n\
             [scim]\nbase_url = \"{public_url}/t/{token}/scim/\"",
        );
        let token = token();
        assert_eq!(config.acs_url(&token, "okta"), format!("https://login.acme.example/{token}"));
        assert_eq!(config.sp_entity_id(&token), "urn:acme:sp");
        assert_eq!(config.scim_base_url(&token), format!("https://app.acme.example/t/{token}/scim"));
        assert_eq!(config.relay_state(&token), None);
    }

    #[test]
    fn a_template_that_would_mislead_customers_is_refused_by_its_key() {
        let long = "x".repeat(70);
        for (text, word) in [
            ("[saml]\nacs_url = \"{public_url}/acs\"", "{token}"),
            ("[saml]\nacs_url = \"{public_url}/acs?t={token}\"", "query"),
            ("[saml]\nacs_url = \"{public_url}/x{token}/acs\"", "between slashes"),
            ("[saml]\nacs_url = \"{public_url}/{team}/{token}\"", "{provider}"),
            ("[saml]\nacs_url = \"/sso/{token}\"", "URL"),
            ("[saml]\nacs_url = \"javascript:{token}\"", "URL"),
            ("[saml]\nentity_id = \"\"", "URI"),
            ("[saml]\nentity_id = \"{public_url}/ x\"", "URI"),
            ("[saml]\nentity_id = \"{public_url}/{provider}\"", "{token}"),
            (&format!("[saml]\nrelay_state = \"{{public_url}}/{long}\""), "80"),
            ("[scim]\nbase_url = \"{public_url}/scim/v2\"", "{token}"),
            ("[scim]\nbase_url = \"{public_url}/scim/{token\"", "braces"),
            ("[scim]\nbase_url = \"https://a:b@acme.example/{token}\"", "URL"),
        ] {
            let problem = Config::parse(text).unwrap_err();
            assert!(problem.starts_with("saml.") || problem.starts_with("scim."), "{text}: {problem}");
            assert!(problem.contains(word), "{text}: {problem}");
        }
    }

    #[test]
    fn lengths_of_time_are_refused_with_their_line() {
        let problem = Config::parse("[scim]\ntoken_lifetime = \"soon\"").unwrap_err();
        assert!(problem.contains("line 2") && problem.contains("`never`"), "{problem}");
        let now = jiff::Timestamp::UNIX_EPOCH;
        let config = config("[scim]\ntoken_lifetime = \"never\"\nrotation_overlap = \"1h\"");
        assert_eq!(config.scim.token_lifetime.end(now), None);
        assert_eq!(config.scim.rotation_overlap.after(now).as_second(), 3600);
    }
}
