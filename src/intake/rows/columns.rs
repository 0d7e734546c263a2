//! What a row may hold, by which names.

use crate::foreign;
use crate::input::Input;
use crate::intake::credentials::labelled_secret;

/// One value of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Column {
    Team,
    Owner,
    RequestedBy,
    Issuer,
    ClientId,
    ClientSecret,
    ClientSecretFile,
    ClientSecretEnv,
    Metadata,
    EntityId,
    Domains,
    VouchDomains,
    Ticket,
}

impl Column {
    /// Every one with its proper name first, then the names that exports of help desks and spreadsheets have for it.
    /// Compared in lower case, with `_` for blanks and line breaks, `-` and `.`, and without characters that nobody sees.
    const NAMES: [(Self, &'static [&'static str]); 13] = [
        (Self::Team, &["team", "team_id"]),
        (
            Self::Owner,
            &["owner", "owner_email", "owner_e_mail", "team_owner", "email", "e_mail", "account_email", "owner_mail"],
        ),
        (Self::RequestedBy, &["requested_by", "requester", "requester_email"]),
        (Self::Issuer, &["issuer", "issuer_url", "issuer_uri", "discovery_url"]),
        (Self::ClientId, &["client_id", "clientid", "application_id", "app_id"]),
        (Self::ClientSecret, &["client_secret", "clientsecret", "secret"]),
        (Self::ClientSecretFile, &["client_secret_file", "secret_file"]),
        (Self::ClientSecretEnv, &["client_secret_env", "secret_env"]),
        (
            Self::Metadata,
            &["metadata", "metadata_url", "metadata_file", "metadata_xml", "saml_metadata", "idp_metadata"],
        ),
        (Self::EntityId, &["entity_id", "entityid", "idp_entity_id"]),
        (Self::Domains, &["domains", "domain", "email_domain", "email_domains"]),
        (Self::VouchDomains, &["vouch_domains", "vouch_domain", "vouched_domains"]),
        (Self::Ticket, &["ticket", "ticket_id", "ticket_ref", "reference", "case"]),
    ];

    /// The name in the documentation, in JSON and in messages.
    pub(super) fn name(self) -> &'static str {
        let known = Self::NAMES.iter().find(|(column, _)| *column == self);
        known.and_then(|(_, names)| names.first()).copied().unwrap_or_default()
    }

    /// The value that it has of a request, where a request is not complete without it.
    pub(super) const fn input(self) -> Option<Input> {
        match self {
            Self::Owner => Some(Input::Owner),
            Self::Issuer => Some(Input::Issuer),
            Self::ClientId => Some(Input::ClientId),
            Self::ClientSecret | Self::ClientSecretFile | Self::ClientSecretEnv => Some(Input::ClientSecret),
            Self::Metadata => Some(Input::Metadata),
            _ => None,
        }
    }

    /// The column that goes by `name`.
    pub(super) fn of(name: &str) -> Option<Self> {
        let name = plain(name);
        Self::NAMES.iter().find(|(_, names)| names.contains(&name.as_str())).map(|(column, _)| *column)
    }
}

/// The proper names, for a message.
pub(super) fn known() -> Vec<&'static str> {
    Column::NAMES.iter().map(|(column, _)| column.name()).collect()
}

/// The proper name that comes nearest to `name`, where one is near at all.
pub(super) fn nearest(name: &str) -> Option<&'static str> {
    let known = Column::NAMES.iter().flat_map(|(_, names)| names.iter().copied());
    Column::of(foreign::meant(&plain(name), known)?).map(Column::name)
}

/// Whether what stands in the place of a name is a value: an address of either kind, or a name with its value.
pub(super) fn is_value(text: &str) -> bool {
    text.contains('@') || text.contains("://") || labelled_secret(text).is_some()
}

/// A name that nobody knows, as it may be repeated: one that could be a value, a secret above all, is only counted.
pub(super) fn shown(name: &str) -> String {
    let name = name.trim();
    let characters = name.chars().count();
    let digits = name.chars().filter(char::is_ascii_digit).count();
    let could_be_value = is_value(name) || characters > LONGEST_NAME || digits > MOST_DIGITS;
    if could_be_value && nearest(name).is_none() {
        return format!("({characters} characters that could be a value)");
    }
    foreign::shown(name)
}

/// Characters of a heading that somebody wrote; secrets are mostly longer.
const LONGEST_NAME: usize = 31;

/// As many as a year has.
const MOST_DIGITS: usize = 4;

fn plain(name: &str) -> String {
    let seen: String = name.chars().filter(|one| !foreign::is_invisible(*one)).collect();
    let name = seen.trim().trim_matches(['*', ':', '#']).trim();
    let mut plain = String::with_capacity(name.len());
    for one in name.chars() {
        match one {
            '_' | '-' | '.' => plain.push('_'),
            // Of several blanks, or a line break among them, one stands.
            blank if blank.is_whitespace() => {
                if !plain.ends_with('_') {
                    plain.push('_');
                }
            }
            one => plain.push(one.to_ascii_lowercase()),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_known_in_any_spelling_that_exports_have() {
        for (name, column) in [
            ("Owner E-Mail", Column::Owner),
            ("owner_email", Column::Owner),
            (" CLIENT-ID ", Column::ClientId),
            ("Client Secret", Column::ClientSecret),
            ("Issuer URL", Column::Issuer),
            ("ticket", Column::Ticket),
            ("Client\u{a0}ID", Column::ClientId),
            ("Client \r\n Secret", Column::ClientSecret),
            ("\u{feff}own\u{200b}er\u{2060}", Column::Owner),
            ("# ticket", Column::Ticket),
        ] {
            assert_eq!(Column::of(name), Some(column), "{name}");
        }
        assert_eq!(Column::of("notes"), None);
    }

    #[test]
    fn a_misspelt_name_is_answered_with_the_nearest_known_one() {
        assert_eq!(nearest("client_secert"), Some("client_secret"));
        assert_eq!(nearest("isuer"), Some("issuer"));
        assert_eq!(nearest("ownr"), Some("owner"));
        assert_eq!(nearest("favourite colour"), None);
        assert_eq!(nearest(&"x".repeat(1000)), None);
    }

    #[test]
    fn what_could_be_a_value_is_not_repeated() {
        for name in ["shoe size", "Größe (EU)", "phone 2", "client_secert", "Ansprechpartner/in", "since 2026"] {
            assert_eq!(shown(name), name);
        }
        for value in
            ["KZm8v2Jq7sUPER9secret1VALUE", "client_secret=KZm8v-2Jq_sUPER", &"x".repeat(40), "jane@acme.example"]
        {
            let characters = value.chars().count();
            assert_eq!(shown(value), format!("({characters} characters that could be a value)"));
        }
    }

    #[test]
    fn no_name_stands_for_two_columns() {
        let mut names: Vec<&str> = Column::NAMES.iter().flat_map(|(_, names)| names.iter().copied()).collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
    }
}
