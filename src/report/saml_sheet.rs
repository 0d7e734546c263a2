//! What a SAML customer is told to enter at their identity provider: for people, as JSON, and as a mail.

use serde_json::{Value, json};

use super::idp_guide::IdpGuide;
use super::json_v1;
use super::paragraph::wrapped;
use super::reply::fill;
use crate::checks::challenge_value;
use crate::product::team::Team;
use crate::saml::sp_metadata::{ATTRIBUTES, NAME_ID_FORMAT};

const MAIL: &str = include_str!("replies/prepare_saml.txt");

/// Columns of the mail's sentences.
const COLUMNS: usize = 72;

/// Everything a customer needs for their SAML app.
#[derive(Debug, Clone)]
pub struct SamlSheet {
    /// Whose.
    pub team: Team,
    /// The reserved connection's id.
    pub connection_id: String,
    /// Its status.
    pub status: &'static str,
    /// The team's SSO account token.
    pub account_token: String,
    /// For which make of identity provider; `None`: nobody said.
    pub idp: Option<IdpGuide>,
    /// The assertion consumer service.
    pub acs_url: String,
    /// The service provider's entity ID.
    pub entity_id: String,
    /// `RelayState`; `None`: it stays empty.
    pub relay_state: Option<String>,
    /// The service provider's metadata, XML.
    pub sp_metadata: String,
    /// The domain of the owner's address.
    pub domain: Option<String>,
    /// The name of the DNS record that proves a further domain, by example.
    pub challenge_name: String,
    /// The connection's challenge for domain proofs.
    pub challenge: String,
}

impl SamlSheet {
    /// The document of `-o json`.
    #[must_use]
    pub fn document(&self) -> Value {
        let attributes: Vec<Value> =
            ATTRIBUTES.iter().map(|one| json!({ "name": one.name, "holds": one.holds, "required": false })).collect();
        json!({
            "schema": json_v1::VERSION,
            "kind": "prepared",
            "protocol": "saml",
            "team": { "id": self.team.id, "name": self.team.name },
            "connection": { "id": self.connection_id, "status": self.status },
            "account_token": self.account_token,
            "idp": self.idp.map(IdpGuide::as_str),
            "acs_url": self.acs_url,
            "entity_id": self.entity_id,
            "name_id_format": NAME_ID_FORMAT,
            "relay_state": self.relay_state,
            "attributes": attributes,
            "sp_metadata": self.sp_metadata,
            "domain_proof": {
                "name": "_ssoctl-challenge.<domain>",
                "type": "TXT",
                "value": challenge_value(&self.challenge),
            },
            "reply": self.reply(),
        })
    }

    /// The sheet for the agent, with the mail in it.
    #[must_use]
    pub fn text(&self) -> String {
        let rule = "-".repeat(72);
        format!(
            "team           {}\nconnection     {} ({})\naccount token  {}\nACS URL        {}\nSP entity ID   {}\n\n\
             Reply to the customer, ready to send\n{rule}\n{}{rule}\n",
            self.team.label(),
            self.connection_id,
            self.status,
            self.account_token,
            self.acs_url,
            self.entity_id,
            self.reply(),
        )
    }

    /// The mail to the customer.
    #[must_use]
    pub fn reply(&self) -> String {
        let guide = self.idp.unwrap_or(IdpGuide::Generic);
        let attributes: Vec<String> =
            ATTRIBUTES.iter().map(|one| format!("    {:<10} {}", one.name, one.holds)).collect();
        let values = [
            ("account_token", self.account_token.as_str()),
            ("acs_url", &self.acs_url),
            ("acs_pattern", &pattern(&self.acs_url)),
            ("entity_id", &self.entity_id),
            ("relay_state", self.relay_state.as_deref().unwrap_or("(leave it empty)")),
            ("name_id_format", NAME_ID_FORMAT),
            ("attributes", &attributes.join("\n")),
            ("challenge_name", &self.challenge_name),
            ("challenge", &challenge_value(&self.challenge)),
        ];
        let domains = format!(
            "People with an address at {} will sign in this way. If your colleagues use further domains, please name \
             them and set this DNS record for each:",
            self.domain.as_deref().unwrap_or("your domain"),
        );
        let further = [
            ("team", self.team.shown_name().unwrap_or_else(|| "your team".to_owned())),
            ("guide", format!("Step by step at {}:", guide.name())),
            ("steps", fill(guide.steps(), &values)),
            ("domains", wrapped("", &domains, COLUMNS)),
        ];
        let further = further.iter().map(|(name, value)| (*name, value.as_str()));
        fill(MAIL, &values.into_iter().chain(further).collect::<Vec<_>>())
    }
}

/// A regular expression that matches this URL and no other, with the slashes escaped as OneLogin wants them.
fn pattern(url: &str) -> String {
    let mut out = String::from("^");
    for character in url.chars() {
        if !character.is_alphanumeric() && !matches!(character, '-' | '_' | ':') {
            out.push('\\');
        }
        out.push(character);
    }
    out.push('$');
    out
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum as _;

    use super::*;
    use crate::request::names::TeamId;

    fn sheet(idp: Option<IdpGuide>) -> SamlSheet {
        SamlSheet {
            team: Team {
                id: TeamId::new("1042"),
                name: "Acme {acs_url}".to_owned(),
                plan: None,
                management_enabled: true,
            },
            connection_id: "c1".to_owned(),
            status: "prepared",
            account_token: "AbC_dEf-0123456789abcdefghijklmn".to_owned(),
            idp,
            acs_url: "https://app.acme.example/sso/AbC/acs/okta".to_owned(),
            entity_id: "https://app.acme.example/sso/AbC/metadata".to_owned(),
            relay_state: None,
            sp_metadata: String::new(),
            domain: Some("acme.example".to_owned()),
            challenge_name: "_ssoctl-challenge.other.example".to_owned(),
            challenge: "xyz".to_owned(),
        }
    }

    #[test]
    fn the_mail_has_every_value_and_no_place_left_open() {
        for idp in IdpGuide::value_variants().iter().copied().map(Some).chain([None]) {
            let reply = sheet(idp).reply();
            for value in
                ["AbC_dEf-0123456789abcdefghijklmn", "/acs/okta\n", "/metadata\n", "(leave it empty)", "acme.example"]
            {
                assert!(reply.contains(value), "{idp:?}: {value}: {reply}");
            }
            for name in ["account_token", "acs_pattern", "entity_id", "name_id_format", "steps", "challenge", "guide"] {
                assert!(!reply.contains(&format!("{{{name}}}")), "{idp:?}: {name}: {reply}");
            }
            // A name with braces stays a name.
            assert!(reply.contains("for Acme {acs_url}, please"), "{reply}");
        }
    }

    #[test]
    fn a_pattern_matches_its_url_alone() {
        assert_eq!(pattern("https://a.example/x_y-1"), r"^https:\/\/a\.example\/x_y-1$");
    }
}
