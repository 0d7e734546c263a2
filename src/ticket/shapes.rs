//! Values that their shape gives away where no label does. A secret is never among them.

use super::address;
use super::extract::{self, Hit};
use super::labels::Field;
use super::layers::Layer;
use super::line::Line;
use super::machine;
use crate::foreign::link;
use crate::makes::{self, ProviderKind};

/// Finds client ids, and on lines that no label has `claimed` addresses.
pub(super) fn shaped(lines: &[Line], layers: &[Layer], claimed: &[bool]) -> Vec<Hit> {
    let mut hits: Vec<Hit> = Vec::new();
    for (position, ((line, layer), claimed)) in lines.iter().zip(layers).zip(claimed).enumerate() {
        if layer.skipped || hits.len() > 100 {
            continue;
        }
        let text = line.joined();
        let text = extract::start_of(&text);
        let mut add = |field, value: &str| {
            let (rank, kind) = (layer.rank, layer.kind);
            hits.push(Hit { field, value: value.to_owned(), rank, kind, line: position + 1, label: None, old: false });
        };
        // No id has letters of another script, which are written close up: `クライアントIDの値：0oa1`.
        for word in text.split(|one: char| one.is_whitespace() || !one.is_ascii()) {
            let word = word.trim_matches(|one: char| !one.is_ascii_alphanumeric());
            // A GUID with a label is what the label says; the others are client ids wherever they stand.
            if makes::looks_like_client_id(word) || makes::is_guid(word) && !claimed {
                add(Field::ClientId, word);
            }
        }
        if text.contains("://") && !claimed {
            for address in address::addresses(text) {
                if is_metadata(address) {
                    add(Field::Metadata, address);
                } else if is_issuer(address) {
                    add(Field::Issuer, address);
                }
            }
        }
    }
    hits
}

/// Finds what looks like a secret on lines that no label has `claimed`: none by itself, but it may replace one of an older mail.
pub(super) fn loose(lines: &[Line], layers: &[Layer], claimed: &[bool]) -> Vec<Hit> {
    let unclaimed = lines.iter().zip(layers).zip(claimed).enumerate();
    let unclaimed = unclaimed.filter(|(_, ((_, layer), claimed))| !layer.skipped && !**claimed);
    let hit = |(position, ((line, layer), _)): (usize, ((&Line, &Layer), &bool))| {
        let text = line.joined();
        let value = machine::machines_word(extract::start_of(&text))?;
        let is_secret = !value.contains([':', '@']) && !makes::looks_like_client_id(value);
        is_secret.then(|| Hit {
            field: Field::ClientSecret,
            value: value.to_owned(),
            rank: layer.rank,
            kind: layer.kind,
            line: position + 1,
            label: None,
            old: false,
        })
    };
    unclaimed.filter_map(hit).take(LOOSE).collect()
}

/// Words that are kept of those that look like a secret.
const LOOSE: usize = 20;

/// Whether an address is that of SAML metadata, going by its path.
pub(super) fn is_metadata(address: &str) -> bool {
    let lower = link::unwrapped(address).to_ascii_lowercase();
    let path = lower.split_once("://").and_then(|(_, rest)| Some(rest.split_once('/')?.1)).unwrap_or_default();
    if is_discovery(&lower) {
        return false;
    }
    path.contains("federationmetadata")
        || path.contains("saml") && path.contains("metadata")
        || path.split(['?', '#']).next().is_some_and(|path| path.ends_with("metadata.xml"))
        || path.contains("protocol/saml/descriptor")
}

/// Whether an address is that of the metadata of a whole directory at Entra or realm at Keycloak, which their consoles list beside
/// the endpoints of OpenID Connect; the metadata of an app names the app.
pub(super) fn is_of_directory(address: &str) -> bool {
    let lower = link::unwrapped(address).to_ascii_lowercase();
    lower.contains("/federationmetadata/") && !lower.contains("appid=")
        || lower.contains("/realms/") && lower.ends_with("/protocol/saml/descriptor")
}

/// Whether an address is that of a discovery document.
pub(super) fn is_discovery(address: &str) -> bool {
    let lower = link::unwrapped(address).to_ascii_lowercase();
    lower.contains("/.well-known/openid-configuration") || lower.contains("/.well-known/oauth-authorization-server")
}

fn is_issuer(address: &str) -> bool {
    if is_discovery(address) {
        return true;
    }
    let Ok(url) = url::Url::parse(&link::unwrapped(address)) else { return false };
    let known = match url.host_str().map_or(ProviderKind::Generic, ProviderKind::of_host) {
        ProviderKind::Generic => false,
        // The host of every directory's sign-in is no issuer.
        ProviderKind::EntraId => url.path().len() > 1,
        _ => true,
    };
    url.scheme() == "https" && (known || url.path().contains("/realms/"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ticket::{layers, plain};

    fn found(text: &str) -> Vec<(Field, String)> {
        let lines = plain::lines(text);
        let layers = layers::layers(&lines, "").lines;
        let claimed = extract::labelled(&lines, &layers).claimed;
        shaped(&lines, &layers, &claimed).into_iter().map(|hit| (hit.field, hit.value)).collect()
    }

    #[test]
    fn ids_and_addresses_of_known_makes_are_told_by_their_shape() {
        for id in
            ["0oa1b2c3d4E5f6G7h8i9", "3f2504e0-4f89-41d3-9a0c-0305e82c3301", "1234-abc.apps.googleusercontent.com"]
        {
            assert_eq!(found(&format!("we have\n{id},\n")), [(Field::ClientId, id.to_owned())]);
            assert_eq!(found(&format!("値は「{id}」です")), [(Field::ClientId, id.to_owned())]);
        }
        for issuer in [
            "https://acme.okta.com/oauth2/default",
            "https://login.microsoftonline.com/x/v2.0",
            "https://id.acme.example/realms/main",
        ] {
            assert_eq!(found(&format!("see {issuer}.")), [(Field::Issuer, issuer.to_owned())]);
        }
        let metadata = "https://acme.okta.com/app/exk1/sso/saml/metadata";
        assert_eq!(found(metadata), [(Field::Metadata, metadata.to_owned())]);
    }

    #[test]
    fn neither_a_secret_nor_a_value_with_another_label_is_told_by_its_shape() {
        assert_eq!(found("GOCSPX-abcdefghijklmnopqrstuvwxyz12\nxyz8Q~abcdefghijklmnopqrstuvwxyz0123456"), []);
        assert_eq!(found("Object ID: 3f2504e0-4f89-41d3-9a0c-0305e82c3301"), []);
        assert_eq!(found("see https://www.acme.example/about"), []);
        assert_eq!(found("Instance = https://login.microsoftonline.com/"), []);
    }
}
