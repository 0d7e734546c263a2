//! Where the customer's SAML metadata is to be had, out of whatever was pasted for it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::address;
use super::clean::{self, Mended};
use super::ledger::Ledger;
use super::wrapping::{self, Tangle};
use crate::finding::Finding;
use crate::foreign::link;
use crate::foreign::lookalike::{self, Likeness};
use crate::foreign::placeholder;
use crate::input::Input;
use crate::request::MetadataSource;
use crate::request::names::URL_CHARACTERS;
use crate::request::plain_url::{self, UrlProblem};
use crate::request::saml_names::{EntityId, MetadataUrl};

const LABELS: [&str; 14] = [
    "metadata",
    "metadata url",
    "metadata uri",
    "metadata link",
    "idp metadata",
    "idp metadata url",
    "saml metadata",
    "saml metadata url",
    "federation metadata",
    "app federation metadata url",
    "identity provider metadata",
    "identity provider metadata url",
    "issuer url",
    "url",
];

const NOT_ONE_ADDRESS: &str = "it is not one plain web address";

/// SAML metadata as it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PastedMetadata {
    /// A word: a URL, a path, `-` for standard input, or the document itself pasted where a word was expected.
    Word(String),
    /// The document.
    Content {
        /// What to call it (`attachment metadata.xml`).
        name: String,
        /// Its bytes, as they came.
        bytes: Arc<[u8]>,
    },
}

impl PastedMetadata {
    /// A word as somebody wrote it. An address without `https://` looks like a path: it is one where `is_there` knows such
    /// a file.
    #[must_use]
    pub fn of_word(word: String, is_there: impl FnOnce(&Path) -> bool) -> Self {
        let given = Self::Word(word);
        match (&given, given.path()) {
            (Self::Word(word), Some(path)) if begins_with_host(word.trim()) && !is_there(&path) => {
                Self::Word(format!("https://{}", word.trim()))
            }
            _ => given,
        }
    }

    /// The path of a file on this machine, where that is what the word is.
    #[must_use]
    pub fn path(&self) -> Option<PathBuf> {
        match self {
            Self::Word(word) if word != "-" && !is_document(word) && !is_address(word) => Some(PathBuf::from(word)),
            Self::Word(_) | Self::Content { .. } => None,
        }
    }
}

/// Whether an answer to the question for an issuer or metadata is about SAML metadata: a document, a file that is
/// there, or an address that publishes such.
#[must_use]
pub fn is_about_saml(answer: &str) -> bool {
    let lower = answer.to_ascii_lowercase();
    let is_file = Path::new(answer.trim()).is_file();
    if is_address(answer) || (begins_with_host(answer.trim()) && !is_file) {
        let path = lower.split_once("://").map_or(lower.as_str(), |(_, rest)| rest);
        return !path.contains("/.well-known/")
            && ["saml", "federationmetadata", "metadata"].iter().any(|word| path.contains(word));
    }
    is_document(answer) || is_file
}

/// Reads where the metadata is; what was mended or refused goes into the ledger. `allow_origins` are the origins that
/// may be plain http.
pub(super) fn read(given: &PastedMetadata, allow_origins: &[String], ledger: &mut Ledger) -> Option<MetadataSource> {
    match given {
        PastedMetadata::Content { name, bytes } => {
            Some(MetadataSource::Given { name: name.clone(), bytes: Arc::clone(bytes) })
        }
        PastedMetadata::Word(word) if word.trim().is_empty() => {
            ledger.missing(Input::Metadata);
            None
        }
        PastedMetadata::Word(word) if word == "-" => Some(MetadataSource::StandardInput),
        PastedMetadata::Word(word) if is_document(word) => {
            Some(MetadataSource::Given { name: "pasted text".to_owned(), bytes: Arc::from(word.as_bytes()) })
        }
        PastedMetadata::Word(word) if is_address(word) => match url(word, allow_origins, ledger) {
            Ok(url) => Some(MetadataSource::Url(url)),
            Err(refusal) => {
                ledger.findings.push(*refusal);
                None
            }
        },
        PastedMetadata::Word(word) => Some(MetadataSource::File(PathBuf::from(word))),
    }
}

/// Reads the entity ID that chooses from metadata of several providers.
pub(super) fn entity_id(raw: &str, ledger: &mut Ledger) -> Option<EntityId> {
    let mut mended = Mended::new(raw);
    mended.drop_invisible();
    mended.trim();
    mended.unwrap_pair();
    if mended.text.is_empty() {
        ledger.missing(Input::EntityId);
        return None;
    }
    let entity = EntityId::parse(&mended.text);
    if entity.is_some() {
        ledger.mended(Input::EntityId, raw, &mended.text, &mended.done);
    } else {
        ledger.findings.push(
            Finding::fail("entity_id_syntax", "the entity ID is not one line of at most 1024 characters")
                .about(Input::EntityId)
                .evidence("given", raw)
                .because("it has to be the entityID of the metadata, letter by letter")
                .next("copy it from the metadata: ssoctl check --metadata FILE lists those it finds")
                .tell("We could not read the entity ID you named. Please copy it from your metadata once more."),
        );
    }
    entity
}

/// Whether a word is the document itself, or its first line.
#[must_use]
pub fn is_document(word: &str) -> bool {
    let start = word.trim_start_matches(|one: char| one.is_whitespace() || one == '\u{feff}' || one == '>');
    (start.starts_with('<') && (start.contains("Descriptor") || start.starts_with("<?xml")))
        || start.starts_with("&lt;")
}

/// Whether a word has a host's name before its first slash, and something behind that: `idp.acme.example/saml/metadata`.
fn begins_with_host(word: &str) -> bool {
    let Some((host, path)) = word.split_once('/') else { return false };
    let is_label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && label.bytes().all(|one| one.is_ascii_alphanumeric() || one == b'-')
    };
    let is_zone = |zone: &str| zone.len() > 1 && zone.bytes().all(|one| one.is_ascii_alphabetic());
    !path.is_empty() && host.rsplit_once('.').is_some_and(|(name, zone)| is_zone(zone) && name.split('.').all(is_label))
}

fn is_address(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    lower.contains("://") && lower.contains("http")
}

fn url(raw: &str, allow_origins: &[String], ledger: &mut Ledger) -> Result<MetadataUrl, Box<Finding>> {
    if raw.len() > clean::LINE_BYTES || raw.chars().count() > 4 * URL_CHARACTERS {
        return Err(clean::too_long(Input::MetadataUrl, "a URL may be (2048 characters)").into());
    }
    if let Some(control) = clean::control_character(raw) {
        return Err(clean::control_finding(Input::MetadataUrl, control).into());
    }
    let given = link::without_private_parts(raw);
    let mut mended = Mended::new(raw);
    wrapping::unpack(&mut mended, &LABELS).map_err(|tangle| match tangle {
        Tangle::FilterLink => syntax("it is a mail filter's link that does not show one address", &given),
        Tangle::Several(_) | Tangle::AmongWords(_) | Tangle::Words => syntax(NOT_ONE_ADDRESS, &given),
    })?;
    if placeholder::has_template_marks(&mended.text) {
        return Err(syntax("it still has a placeholder from a manual in it", &given).into());
    }
    let url = MetadataUrl::parse(&mended.text).ok_or_else(|| syntax(unfit(&mended.text), &given))?;
    let host = url.url().host_str().unwrap_or_default();
    if url.url().path().contains("/.well-known/openid-configuration") {
        return Err(Finding::fail("metadata_is_oidc", "the metadata URL is an OpenID Connect discovery document's")
            .evidence("customer gave", &given)
            .because("SAML metadata and an OpenID Connect document describe two ways to sign in")
            .next("for OpenID Connect give it with --issuer, with client id and secret; else ask for the SAML metadata")
            .tell(
                "The address you sent belongs to an OpenID Connect application. Please send the metadata URL of the \
                 SAML application, or, for OpenID Connect, the client ID and client secret as well.",
            )
            .into());
    }
    if address::is_stand_in_host(host) {
        return Err(syntax("it still has a placeholder from a manual in it", &given).into());
    }
    if lookalike::judge(host) == Likeness::Strong {
        return Err(Finding::fail("host_confusable", "the host of the metadata URL imitates another name")
            .about(Input::MetadataUrl)
            .evidence("customer gave", &given)
            .evidence("host", host)
            .because("it mixes scripts so that it reads like a name it is not")
            .next("ask the customer, on a way you know, which address they mean")
            .tell("The metadata URL you sent has unusual letters in its host name. Please type that address anew.")
            .into());
    }
    let is_private = url.url().host().is_some_and(|host| address::is_private_by_spelling(&host));
    if url.url().scheme() != "https" && !is_private && !address::is_allowed(url.as_str(), allow_origins) {
        let secure = url.as_str().replacen("http://", "https://", 1);
        return Err(Finding::fail("metadata_url_not_https", "the metadata URL is a plain http address")
            .evidence("customer gave", &given)
            .because("on the way, anybody could put another certificate into it; nothing was asked")
            .next("try the https address, or ask for the metadata as a file")
            .rerun_with([Input::MetadataUrl.flag(), &secure])
            .tell("The metadata URL has to start with https://. Please send that address, or the metadata as a file.")
            .into());
    }
    if url.as_str() != raw {
        // Shown as the source is: the query of such an address names an application, and is no secret.
        ledger.mended(Input::MetadataUrl, raw, url.as_str(), &mended.done);
    }
    Ok(url)
}

/// Why an address is none that could be asked.
fn unfit(address: &str) -> &'static str {
    match plain_url::read(address) {
        Err(UrlProblem::UserInfo) => "it carries a user name or password",
        Ok(url) if url.fragment().is_some() => "it has a fragment (`#…`), which no server is told of",
        _ => NOT_ONE_ADDRESS,
    }
}

fn syntax(fact: &str, given: &str) -> Finding {
    Finding::fail("metadata_url_syntax", format!("the metadata URL cannot be used: {fact}"))
        .evidence("customer gave", given)
        .because("an address that is guessed could be somebody else's")
        .next("ask for the URL alone, or for the metadata as a file")
        .tell(
            "We could not use the metadata URL you sent. Please copy it once more from your identity provider, or send \
             the metadata XML as a file.",
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(word: &str) -> (Option<MetadataSource>, Ledger) {
        let mut ledger = Ledger::default();
        let source = read(&PastedMetadata::Word(word.to_owned()), &[], &mut ledger);
        (source, ledger)
    }

    fn url_of(word: &str) -> String {
        match source(word) {
            (Some(MetadataSource::Url(url)), _) => url.as_str().to_owned(),
            (other, ledger) => panic!("{other:?} {:?}", ledger.findings),
        }
    }

    fn refused(word: &str) -> &'static str {
        let (source, ledger) = source(word);
        assert_eq!(source, None, "{word:?}");
        ledger.findings.last().unwrap().code
    }

    #[test]
    fn an_address_without_its_scheme_is_one_where_there_is_no_such_file() {
        let read = |word: &str, is_there: bool| PastedMetadata::of_word(word.to_owned(), |_| is_there);
        let word = |word: &str| PastedMetadata::Word(word.to_owned());
        for address in ["idp.acme-corp.com/saml/metadata", "idp.acme.example/metadata?id=1"] {
            assert_eq!(read(address, false), word(&format!("https://{address}")), "{address}");
            assert_eq!(read(address, true), word(address), "{address}");
        }
        for path in [
            "metadata.xml",
            "./idp.acme.example/x.xml",
            "../a.example/x",
            "acme/metadata.xml",
            "v1.2/metadata.xml",
            "-",
        ] {
            assert_eq!(read(path, false), word(path), "{path}");
        }
    }

    #[test]
    fn a_pasted_address_is_taken_out_of_its_marks() {
        let plain = "https://acme.okta.com/app/exk1/sso/saml/metadata";
        for word in [
            plain,
            "<https://acme.okta.com/app/exk1/sso/saml/metadata>",
            "Metadata URL: https://acme.okta.com/app/exk1/sso/saml/metadata.",
            "[Identity Provider metadata](https://acme.okta.com/app/exk1/sso/saml/metadata)",
            "https://acme.okta.com/app/\n  exk1/sso/saml/metadata",
            "\u{201c}https://acme.okta.com/app/exk1/sso/saml/metadata\u{201d}",
        ] {
            assert_eq!(url_of(word), plain, "{word:?}");
        }
        let entra = "https://login.microsoftonline.com/t/federationmetadata/2007-06/federationmetadata.xml?appid=1";
        assert_eq!(url_of(entra), entra);
    }

    #[test]
    fn an_address_that_cannot_be_asked_is_refused_with_its_reason() {
        let cases = [
            ("http://idp.acme.example/metadata", "metadata_url_not_https"),
            ("https://user:pass@idp.acme.example/metadata", "metadata_url_syntax"),
            ("https://idp.acme.example/metadata#top", "metadata_url_syntax"),
            ("https://{yourDomain}/metadata", "metadata_url_syntax"),
            ("https://your-domain.okta.com/app/exk1/sso/saml/metadata", "metadata_url_syntax"),
            ("https://idp.example.com/metadata", "metadata_url_syntax"),
            ("https://acme.okta.com/.well-known/openid-configuration", "metadata_is_oidc"),
            ("https://xn--kta-red.com/saml/metadata", "host_confusable"),
        ];
        for (word, code) in cases {
            assert_eq!(refused(word), code, "{word}");
        }
    }

    #[test]
    fn an_address_with_more_than_an_address_in_it_says_what() {
        let fact = |word: &str| source(word).1.findings.remove(0).fact;
        let of = |reason: &str| format!("the metadata URL cannot be used: {reason}");
        let with_name = fact("https://user:pass@idp.acme.example/metadata");
        assert_eq!(with_name, of("it carries a user name or password"));
        let with_fragment = fact("https://idp.acme.example/metadata#top");
        assert_eq!(with_fragment, of("it has a fragment (`#…`), which no server is told of"));
        assert_eq!(fact("https://idp.acme.example/me ta"), of(NOT_ONE_ADDRESS));
    }

    #[test]
    fn a_document_a_file_and_standard_input_are_told_apart() {
        let document = "<md:EntityDescriptor xmlns:md='urn:oasis:names:tc:SAML:2.0:metadata' entityID='x'/>";
        assert!(matches!(source(document).0, Some(MetadataSource::Given { .. })));
        assert!(matches!(source("&lt;EntityDescriptor/&gt;").0, Some(MetadataSource::Given { .. })));
        assert_eq!(source("-").0, Some(MetadataSource::StandardInput));
        assert_eq!(source("metadata.xml").0, Some(MetadataSource::File(PathBuf::from("metadata.xml"))));
        assert_eq!(refused("  "), "value_missing");
    }

    #[test]
    fn an_answer_about_saml_is_known_from_an_issuer() {
        assert!(is_about_saml("https://acme.okta.com/app/exk1/sso/saml/metadata"));
        assert!(is_about_saml("acme.okta.com/app/exk1/sso/saml/metadata"));
        assert!(is_about_saml("<EntityDescriptor/>"));
        for issuer in
            ["https://acme.okta.com", "https://a.example/.well-known/openid-configuration", "jane@acme.example"]
        {
            assert!(!is_about_saml(issuer), "{issuer}");
        }
    }

    #[test]
    fn an_entity_id_loses_its_marks_and_nothing_else() {
        let mut ledger = Ledger::default();
        assert_eq!(
            entity_id(" \"http://www.okta.com/exk1\" ", &mut ledger).unwrap().as_str(),
            "http://www.okta.com/exk1"
        );
        assert_eq!(entity_id("https://two words", &mut ledger), None);
        assert!(ledger.has_found("entity_id_syntax"));
    }
}
