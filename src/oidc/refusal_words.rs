//! What a provider says in its own numbers and words about a client that it refuses.

use serde_json::Value;

use super::token_reply::Refusal;

/// What section 5.2 of RFC 6749 lists under `invalid_client`.
const EVERY_REASON: &str = "unknown client, no client authentication included, or unsupported authentication method";

/// Members in which providers explain an error: the specification's, Okta's, those of Hydra before version 1.10, of
/// FusionAuth, and of frameworks.
const EXPLANATIONS: [&str; 5] = ["error_description", "errorSummary", "error_hint", "error_reason", "message"];

/// A provider's own numbers and words: read to tell one refusal from another, never shown.
pub(super) struct Words {
    description: String,
    entra: Vec<u64>,
    /// The number of Azure AD B2C, which counts by itself.
    b2c: Option<u64>,
}

impl Words {
    pub(super) fn of(members: &serde_json::Map<String, Value>) -> Self {
        let said = EXPLANATIONS.iter().filter_map(|member| members.get(*member).and_then(Value::as_str));
        let description = said.collect::<Vec<_>>().join("\n");
        // The grant of that name says nothing about the client's own credentials, and RFC 6749's sentence, which servers
        // repeat before they say more, nothing about this client.
        let description = description.to_ascii_lowercase().replace("client_credentials", "").replace(EVERY_REASON, "");
        let mut entra: Vec<u64> = members
            .get("error_codes")
            .and_then(Value::as_array)
            .map(|codes| codes.iter().filter_map(Value::as_u64).collect())
            .unwrap_or_default();
        // One answer may name several, the first of them standing above the others.
        entra.extend(
            description.match_indices("aadsts").filter_map(|(at, _)| number_behind(description.get(at..)?, "aadsts")),
        );
        let b2c = number_behind(&description, "aadb2c");
        Self { description, entra, b2c }
    }

    /// What Microsoft's numbers say about the client, where they do: Entra's AADSTS, or AADB2C.
    pub(super) fn entra_refusal(&self) -> Option<Refusal> {
        // 70002 stands above other numbers, those about the code and the redirect URI among them; alone it is the secret.
        let is_umbrella = |code: &u64| *code == 70_002;
        let of_entra = self.entra.iter().find_map(|code| match code {
            7_000_215 | 50_012 => Some(Refusal::BadSecret),
            70_002 if self.entra.iter().all(is_umbrella) => Some(Refusal::BadSecret),
            7_000_222 => Some(Refusal::ExpiredSecret),
            // Where there is no such tenant (90002, 900023), there is no such client in it.
            700_016 | 700_038 | 7_000_112 | 7_000_229 | 70_001 | 90_002 | 900_023 => Some(Refusal::UnknownClient),
            // 9002327: the redirect URI is one of a single-page application, which has no secret.
            700_025 | 7_000_218 | 9_002_327 => Some(Refusal::GrantNotAllowed),
            _ => None,
        });
        of_entra.or(match self.b2c {
            Some(90_081) => Some(Refusal::BadSecret),
            Some(90_068) => Some(Refusal::UnknownClient),
            _ => None,
        })
    }

    /// Whether Entra's numbers say that it is the redirect URI that does not fit. It says so under `invalid_client`.
    pub(super) fn are_about_the_redirect_uri(&self) -> bool {
        self.entra.iter().any(|code| matches!(code, 50_011 | 500_112 | 500_113))
    }

    /// Whether the words name the redirect URI as what is wrong.
    pub(super) fn name_the_redirect_uri(&self) -> bool {
        self.say(&["redirect uri is wrong", "redirect uri mismatch", "redirect_uri mismatch", "callback url mismatch"])
    }

    /// Whether they name the grant type as what is not allowed.
    pub(super) fn name_the_grant(&self) -> bool {
        self.say(&["grant type", "grant_type", "not authorized to use"])
    }

    /// Whether they say that this client may not use the grant, and nothing else is wrong.
    pub(super) fn refuse_the_grant(&self) -> bool {
        self.entra_refusal().is_none()
            && self.say(&["unauthorized grant type", "grant type is not allowed for this client"])
    }

    /// Whether they say, of a request that is not as it should be, that the client's id is.
    pub(super) fn name_an_unknown_client(&self) -> bool {
        self.say(&["invalid_client_id", "invalid client_id", "unknown client"])
            && !self.say(&["secret", "credential", "redirect"])
    }

    /// Whether they speak of a permission at all.
    pub(super) fn speak_of_permission(&self) -> bool {
        self.name_the_grant() || self.say(&["not allowed"])
    }

    /// Whether they say that what the client showed of itself is wrong.
    pub(super) fn speak_of_credentials(&self) -> bool {
        self.say(&[
            "bad credentials",
            "invalid credentials",
            "bad client credentials",
            "invalid client creds",
            "invalid 'client_secret'",
            "secret is not correct",
        ])
    }

    fn say(&self, marks: &[&str]) -> bool {
        marks.iter().any(|mark| self.description.contains(mark))
    }

    /// The refusal in detail, `otherwise` where the words give none.
    pub(super) fn refusal(&self, otherwise: Refusal) -> Refusal {
        if let Some(refusal) = self.entra_refusal() {
            return refusal;
        }
        let says = |marks: &[&str]| self.say(marks);
        // "Invalid client_id or client_secret" leaves it open which of the two is meant.
        let names_the_id_alone = !says(&["secret", "credential"]);
        // What is left of that sentence where a server has it in words of its own, and a list of all there may be.
        if says(&["unknown client, no client", "possible causes"]) {
            otherwise
        } else if says(&["msis9607"]) {
            Refusal::UnknownClient
        } else if says(&["msis9622", "msis9623"]) {
            Refusal::BadSecret
        } else if says(&[
            "authentication method",
            "auth method",
            "auth_method",
            "client_assertion",
            "client assertion",
            "proof key for code exchange",
            "public client",
            "client is public",
            "bearer-only",
            "'client_secret' parameter is not valid for this client",
        ]) {
            Refusal::GrantNotAllowed
        } else if says(&[
            "client was not found",
            "client not found",
            "unknown client",
            "unknown_client",
            "no client",
            "no such client",
            "no registered client",
            "client does not exist",
            "client_id' parameter",
            "client id not found",
            "client_id not found",
            "client could not be found",
            "unknown application",
            "no application",
            "not registered",
            "could not find client",
            "application not found",
            "app not found",
            "not in active state",
        ]) || (names_the_id_alone
            && says(&[
                "invalid client_id",
                "invalid_client_id",
                "invalid client id",
                "client_id is invalid",
                "'client_id' is invalid",
                "client is not enabled",
                "client is disabled",
                "client disabled",
                "application is disabled",
                "application is not enabled",
            ]))
        {
            Refusal::UnknownClient
        } else if says(&["secret is expired", "secret has expired", "secret expired"]) && !says(&[" or "]) {
            Refusal::ExpiredSecret
        } else if says(&["secret", "credential"]) {
            Refusal::BadSecret
        } else {
            otherwise
        }
    }
}

/// The number that follows `prefix` at the beginning of a description.
fn number_behind(description: &str, prefix: &str) -> Option<u64> {
    let digits: String = description.strip_prefix(prefix)?.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}
