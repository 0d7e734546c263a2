//! What a customer is told to enter at their identity provider: for people, as JSON, and as a mail.

use serde_json::{Map, Value, json};

use super::idp_guide::IdpGuide;
use super::reply::{Letter, Replies, about_ticket, fill, filled, greeted};
use super::{Delivery, json_v1};
use crate::checks::challenge_value;
use crate::product::connection::Status;
use crate::product::team::Team;
use crate::request::Protocol;
use crate::saml::sp_metadata::{ATTRIBUTES, NAME_ID_FORMAT};

/// Everything a customer needs for their application.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// Whose.
    pub team: Team,
    /// The owner's address.
    pub owner: String,
    /// The owner's name in the product, printable; empty where it has none.
    pub owner_name: String,
    /// The ticket.
    pub ticket: Option<String>,
    /// The reserved connection's id.
    pub connection_id: String,
    /// Its status.
    pub status: Status,
    /// For which make of identity provider; `None`: nobody said.
    pub idp: Option<IdpGuide>,
    /// The domain of the owner's address.
    pub domain: String,
    /// What the customer is told where that domain cannot be claimed.
    pub not_theirs: Option<String>,
    /// The name of the DNS record that proves a further domain, by example.
    pub challenge_name: String,
    /// The connection's challenge for domain proofs.
    pub challenge: String,
    /// What is entered.
    pub entries: Entries,
}

/// What is entered at the identity provider, one variant a protocol.
#[derive(Debug, Clone)]
pub enum Entries {
    /// OpenID Connect.
    Oidc {
        /// Where people are sent back to.
        redirect_uri: String,
        /// Where sign-in begins that starts at the identity provider.
        initiate_login_uri: String,
    },
    /// SAML 2.0.
    Saml {
        /// The team's SSO account token.
        account_token: String,
        /// The assertion consumer service.
        acs_url: String,
        /// The service provider's entity ID.
        entity_id: String,
        /// `RelayState`; `None`: it stays empty.
        relay_state: Option<String>,
        /// The service provider's metadata, XML.
        sp_metadata: String,
    },
}

impl Prepared {
    const fn protocol(&self) -> Protocol {
        match self.entries {
            Entries::Oidc { .. } => Protocol::Oidc,
            Entries::Saml { .. } => Protocol::Saml,
        }
    }

    /// The document of `-o json`.
    #[must_use]
    pub fn document(&self, letter: &Letter, delivery: Option<&Delivery>) -> Value {
        let mut document = Map::new();
        let mut put = |name: &str, value: Value| _ = document.insert(name.to_owned(), value);
        put("schema", json_v1::VERSION.into());
        put("kind", "prepared".into());
        put("protocol", self.protocol().as_str().into());
        put("team", json!({ "id": self.team.id, "name": self.team.name }));
        put("connection", json!({ "id": self.connection_id, "status": self.status.as_str() }));
        put("idp", self.idp.map(IdpGuide::as_str).into());
        match &self.entries {
            Entries::Oidc { redirect_uri, initiate_login_uri } => {
                put("redirect_uri", redirect_uri.clone().into());
                put("initiate_login_uri", initiate_login_uri.clone().into());
                put("scopes", json!(["openid", "email", "profile"]));
            }
            Entries::Saml { account_token, acs_url, entity_id, relay_state, sp_metadata } => {
                let attributes = ATTRIBUTES
                    .iter()
                    .map(|one| json!({ "name": one.name, "holds": one.holds, "required": false }))
                    .collect();
                put("account_token", account_token.clone().into());
                put("acs_url", acs_url.clone().into());
                put("entity_id", entity_id.clone().into());
                put("name_id_format", NAME_ID_FORMAT.into());
                put("relay_state", relay_state.clone().into());
                put("attributes", attributes);
                put("sp_metadata", sp_metadata.clone().into());
            }
        }
        let proof = json!({
            "name": "_ssoctl-challenge.<domain>",
            "type": "TXT",
            "value": challenge_value(&self.challenge),
        });
        put("domain_proof", proof);
        put("reply", letter.text.clone().into());
        put("reply_subject", letter.subject.clone().into());
        put("delivery", json!(delivery));
        Value::Object(document)
    }

    /// The sheet for the agent, with the mail in it.
    #[must_use]
    pub fn text(&self, letter: &Letter) -> String {
        let mut rows = vec![
            ("team", self.team.label()),
            ("connection", format!("{} ({})", self.connection_id, self.status.as_str())),
        ];
        if let Entries::Saml { account_token, acs_url, entity_id, .. } = &self.entries {
            rows.push(("account token", account_token.clone()));
            rows.push(("ACS URL", acs_url.clone()));
            rows.push(("SP entity ID", entity_id.clone()));
        }
        let widest = rows.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
        let rows: String = rows.iter().map(|(name, value)| format!("{name:<widest$}  {value}\n")).collect();
        let rule = "-".repeat(72);
        format!(
            "{rows}\nReply to the customer, ready to send\n{rule}\nSubject: {}\n\n{}{rule}\n",
            letter.subject, letter.text
        )
    }

    /// The mail to the customer; `None` where the templates have none.
    #[must_use]
    pub fn letter(&self, replies: &Replies) -> Option<Letter> {
        let make = match self.idp {
            None | Some(IdpGuide::Generic) => replies.word("your_provider"),
            Some(known) => known.name(),
        };
        let team = self.team.shown_name().unwrap_or_else(|| replies.word("your_team").to_owned());
        let mut known = vec![
            ("name", greeted(&self.owner_name, replies)),
            ("owner", self.owner.clone()),
            ("team", team),
            ("make", make.to_owned()),
            ("domains", self.domain.clone()),
            ("challenge_name", self.challenge_name.clone()),
            ("challenge", challenge_value(&self.challenge)),
        ];
        known.extend(about_ticket(self.ticket.as_deref()));
        known.push(("people", self.people(replies)));
        known.extend(self.entered(replies));
        known.push(("steps", self.steps(&known, make, replies)));
        filled(&format!("prepare_{}", self.protocol().as_str()), replies, &known)
    }

    fn entered(&self, replies: &Replies) -> Vec<(&'static str, String)> {
        match &self.entries {
            Entries::Oidc { redirect_uri, initiate_login_uri } => {
                vec![("redirect_uri", redirect_uri.clone()), ("initiate_login_uri", initiate_login_uri.clone())]
            }
            Entries::Saml { account_token, acs_url, entity_id, relay_state, .. } => {
                let attributes = ATTRIBUTES.iter().map(|one| format!("{:<10} {}", one.name, one.holds));
                let relay_state = relay_state.as_deref().unwrap_or(replies.word("leave_empty"));
                vec![
                    ("account_token", account_token.clone()),
                    ("acs_url", acs_url.clone()),
                    ("acs_pattern", pattern(acs_url)),
                    ("entity_id", entity_id.clone()),
                    ("relay_state", relay_state.to_owned()),
                    ("name_id_format", NAME_ID_FORMAT.to_owned()),
                    ("attributes", attributes.collect::<Vec<_>>().join("\n    ")),
                ]
            }
        }
    }

    /// Whose sign-in it will be, and how further domains are proven: nothing is promised to people of a domain that will be
    /// refused.
    fn people(&self, replies: &Replies) -> String {
        match &self.not_theirs {
            None => fill(replies.word("people"), &[("domains", &self.domain)]),
            Some(tell) => format!("{tell} {}", replies.word("domains_wanted")),
        }
    }

    /// The steps at this make, under a title.
    fn steps(&self, known: &[(&'static str, String)], make: &str, replies: &Replies) -> String {
        let guide = self.idp.unwrap_or(IdpGuide::Generic);
        let Some(steps) = replies.steps(guide.as_str(), self.protocol().as_str()) else { return String::new() };
        let known: Vec<(&str, &str)> = known.iter().map(|(name, value)| (*name, value.as_str())).collect();
        format!("{}\n\n{}", fill(replies.word("steps"), &[("make", make)]), fill(steps, &known))
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
    use crate::report::reply::{OIDC_VARIABLES, SAML_VARIABLES};
    use crate::request::names::TeamId;

    fn oidc() -> Entries {
        Entries::Oidc {
            redirect_uri: "https://app.acme.example/sso/oidc/callback".to_owned(),
            initiate_login_uri: "https://app.acme.example/sso/oidc/login".to_owned(),
        }
    }

    fn saml() -> Entries {
        Entries::Saml {
            account_token: "AbC_dEf-0123456789abcdefghijklmn".to_owned(),
            acs_url: "https://app.acme.example/sso/AbC/acs/okta".to_owned(),
            entity_id: "https://app.acme.example/sso/AbC/metadata".to_owned(),
            relay_state: None,
            sp_metadata: String::new(),
        }
    }

    fn prepared(idp: Option<IdpGuide>, entries: Entries) -> Prepared {
        Prepared {
            team: Team {
                id: TeamId::new("1042"),
                name: "Acme {acs_url}".to_owned(),
                plan: None,
                management_enabled: true,
            },
            owner: "jane@acme.example".to_owned(),
            owner_name: "Jane {steps} Doe".to_owned(),
            ticket: Some("48213".to_owned()),
            connection_id: "c1".to_owned(),
            status: Status::Prepared,
            idp,
            domain: "acme.example".to_owned(),
            not_theirs: None,
            challenge_name: "_ssoctl-challenge.other.example".to_owned(),
            challenge: "xyz".to_owned(),
            entries,
        }
    }

    fn makes() -> impl Iterator<Item = Option<IdpGuide>> {
        IdpGuide::value_variants().iter().copied().map(Some).chain([None])
    }

    #[track_caller]
    fn is_whole(letter: &Letter, idp: Option<IdpGuide>, values: &[&str], variables: &[&str]) {
        let make = idp.filter(|idp| *idp != IdpGuide::Generic).map_or("your identity provider", IdpGuide::name);
        assert_eq!(
            letter.subject,
            format!("Single sign-on for Acme {{acs_url}}: what to enter at {make} [48213]"),
            "a name with braces stays a name"
        );
        assert!(letter.text.starts_with("Hello Jane,\n\n"), "{}", letter.text);
        assert!(letter.text.contains(&format!("\nStep by step at {make}:\n\n1. ")), "{}", letter.text);
        for value in values.iter().chain(&["acme.example", "_ssoctl-challenge.other.example  TXT  \"ssoctl-"]) {
            assert!(letter.text.contains(value), "{idp:?}: {value}: {}", letter.text);
        }
        let text = letter.text.replace("Acme {acs_url}", "");
        for name in variables {
            assert!(!text.contains(&format!("{{{name}}}")), "{idp:?}: {name}: {text}");
        }
    }

    #[test]
    fn the_mail_for_openid_connect_has_every_value_and_the_steps_of_every_make() {
        for idp in makes() {
            let letter = prepared(idp, oidc()).letter(Replies::built_in()).unwrap();
            let values = ["Redirect URI         https://app.acme.example/sso/oidc/callback\n", "/sso/oidc/login\n"];
            is_whole(&letter, idp, &values, &OIDC_VARIABLES);
        }
    }

    #[test]
    fn the_mail_for_saml_has_every_value_and_the_steps_of_every_make() {
        for idp in makes() {
            let letter = prepared(idp, saml()).letter(Replies::built_in()).unwrap();
            let values = [
                "\n    AbC_dEf-0123456789abcdefghijklmn\n",
                "/acs/okta\n",
                "/metadata\n",
                "(leave it empty)",
                "lastName",
            ];
            is_whole(&letter, idp, &values, &SAML_VARIABLES);
        }
    }

    #[test]
    fn every_make_has_steps_of_its_own_that_fit_a_mail_and_end_at_what_we_need() {
        for guide in IdpGuide::value_variants() {
            for (protocol, words) in [("oidc", ["redirect uri", "issuer"]), ("saml", ["acs url", "need"])] {
                let steps = Replies::built_in().steps(guide.as_str(), protocol).unwrap();
                let any = Replies::built_in().steps("generic", protocol).unwrap();
                assert_eq!(steps == any, *guide == IdpGuide::Generic, "{guide:?} {protocol}");
                assert!(steps.starts_with("1. ") && steps.ends_with('\n'), "{guide:?} {protocol}");
                assert!(steps.lines().all(|line| line.chars().count() <= 78), "{guide:?} {protocol}");
                assert!(!steps.contains("\n\n"), "{guide:?} {protocol}: one paragraph, or it would be broken anew");
                for word in words {
                    assert!(steps.to_lowercase().contains(word), "{guide:?} {protocol}: {word}");
                }
            }
        }
    }

    #[test]
    fn a_pattern_matches_its_url_alone() {
        assert_eq!(pattern("https://a.example/x_y-1"), r"^https:\/\/a\.example\/x_y-1$");
    }
}
