//! What came in place of metadata: told by name, so that the customer can be asked for the right thing.

use ::base64::Engine as _;
use ::base64::engine::general_purpose::STANDARD;

use super::certificate;
use super::xml::{Ns, Tag};
use crate::foreign::file_kind::FileKind;
use crate::foreign::private_key;

/// Something that is no identity provider's metadata, and what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stranger {
    /// Nothing, or white space.
    Empty,
    /// zip, gzip and kin, and office documents, which are zip files.
    Archive(&'static str),
    /// A file of another kind: PDF, an image, RTF, an Excel sheet.
    File(&'static str),
    /// A web page.
    Page {
        /// It asks somebody to sign in.
        sign_in: bool,
    },
    /// A certificate without metadata around it.
    Certificate,
    /// A private key, or what holds one. Nobody should have sent it.
    PrivateKey(&'static str),
    /// An OpenID Connect discovery document.
    Discovery,
    /// Any other JSON.
    Json,
    /// Nothing but a web address.
    Address(String),
    /// The source of a mail, headers and all.
    Mail,
    /// Text in quoted-printable, as it stands in the source of a mail.
    QuotedPrintable,
    /// Text in Base64.
    Base64,
    /// Words around the document: a greeting, a signature.
    Words,
    /// A SAML message: `AuthnRequest`, `Response`, …
    Message(&'static str),
    /// A SAML assertion.
    Assertion,
    /// A piece of metadata without the `EntityDescriptor` around it.
    Piece(String),
    /// A web service's description or message.
    WebService,
    /// XML of another kind: the name of its root element.
    Xml(String),
    /// Anything else.
    Text,
}

impl Stranger {
    /// Stable reason for scripts.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty => "input_empty",
            Self::Archive(_) => "input_is_archive",
            Self::Page { sign_in: true } => "login_page",
            Self::Page { sign_in: false } => "html_page",
            Self::Certificate => "certificate_alone",
            Self::PrivateKey(_) => "private_key_in_input",
            Self::Discovery => "oidc_document",
            Self::Address(_) => "metadata_is_address",
            Self::Mail | Self::QuotedPrintable => "mail_source",
            Self::Base64 => "metadata_base64",
            Self::Words => "text_around",
            Self::Message(_) | Self::Assertion => "saml_message",
            Self::Piece(_) => "metadata_piece",
            Self::File(_) | Self::Json | Self::WebService | Self::Xml(_) | Self::Text => "not_metadata",
        }
    }

    /// What it is, with its article; the names in it are the sender's own and not yet printable.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Empty => "nothing at all".to_owned(),
            Self::Archive(what) | Self::File(what) | Self::PrivateKey(what) => (*what).to_owned(),
            Self::Page { sign_in: true } => "a sign-in page (HTML)".to_owned(),
            Self::Page { sign_in: false } => "a web page (HTML)".to_owned(),
            Self::Certificate => "a certificate alone".to_owned(),
            Self::Discovery => "an OpenID Connect configuration".to_owned(),
            Self::Json => "a JSON document".to_owned(),
            Self::Address(_) => "a web address".to_owned(),
            Self::Mail => "the source of a mail, with its header".to_owned(),
            Self::QuotedPrintable => "text from the source of a mail (quoted-printable)".to_owned(),
            Self::Base64 => "text in Base64".to_owned(),
            Self::Words => "a text with other words before the metadata".to_owned(),
            Self::Message("AuthnRequest") => "a SAML sign-in request (AuthnRequest)".to_owned(),
            Self::Message("Response") => "a SAML response".to_owned(),
            Self::Message(name) => format!("a SAML message ({name})"),
            Self::Assertion => "a SAML assertion".to_owned(),
            Self::Piece(name) => format!("a piece of metadata (`{name}`) without the `EntityDescriptor` around it"),
            Self::WebService => "a web service's message or description".to_owned(),
            Self::Xml(name) => format!("XML of another kind (`{name}`)"),
            Self::Text => "a text that is no XML".to_owned(),
        }
    }

    /// Tells a file by its first bytes; `None` for what may be text.
    #[must_use]
    pub fn of_bytes(bytes: &[u8]) -> Option<Self> {
        const KEY_STORES: [&[u8]; 2] = [b"\xFE\xED\xFE\xED", b"\xCE\xCE\xCE\xCE"];
        if bytes.iter().all(u8::is_ascii_whitespace) || bytes == b"\xEF\xBB\xBF" {
            return Some(Self::Empty);
        }
        if let Some(what) = private_key::of_der(bytes) {
            return Some(Self::PrivateKey(what));
        }
        if let [0x30, 0x82, _, _, 0x30, ..] | [0x30, 0x81, _, 0x30, ..] = bytes {
            return Some(Self::Certificate);
        }
        if certificate::is_signed_data(bytes) {
            return Some(Self::Certificate);
        }
        // Not at the very start: where a tar archive, a WebP picture and one from a phone have their marks.
        match (bytes.get(257..262), bytes.get(4..8), bytes.get(8..12)) {
            (Some(b"ustar"), ..) => return Some(Self::Archive("a tar archive")),
            (_, Some(b"ftyp"), _) | (_, _, Some(b"WEBP")) => return Some(Self::File("a picture")),
            _ => {}
        }
        if KEY_STORES.iter().any(|mark| bytes.starts_with(mark)) {
            return Some(Self::PrivateKey("a Java key store, which is there to hold a private key"));
        }
        FileKind::of(bytes).map(|kind| match kind {
            FileKind::Zip => Self::Archive("a zip file (or an Office document)"),
            FileKind::EmptyZip => Self::Archive("an empty zip file"),
            FileKind::Gzip => Self::Archive("a gzip file"),
            FileKind::SevenZip => Self::Archive("a 7-Zip file"),
            FileKind::Rar => Self::Archive("a RAR file"),
            FileKind::Bzip2 => Self::Archive("a bzip2 file"),
            FileKind::Xz => Self::Archive("an xz file"),
            FileKind::Zstandard => Self::Archive("a Zstandard file"),
            FileKind::Program => Self::File("a program"),
            FileKind::Pdf => Self::File("a PDF"),
            FileKind::RichText => Self::File("a rich text document"),
            FileKind::OldOffice => Self::File("an old Office document or an Outlook message"),
            FileKind::Picture(_) => Self::File("a picture"),
            FileKind::PropertyList => Self::File("an Apple property list"),
        })
    }

    /// Tells a text that is not XML at all, or only pretends to be; `None` for what may be metadata.
    #[must_use]
    pub fn of_text(text: &str) -> Option<Self> {
        let text = text.trim_start();
        if text.is_empty() {
            return Some(Self::Empty);
        }
        if let Some(page) = page(text) {
            return Some(page);
        }
        if text.starts_with("<?php") {
            return Some(key_in(text).unwrap_or(Self::File("a configuration file in PHP")));
        }
        if let Some(list) = property_list(text) {
            return Some(list);
        }
        if text.starts_with('<') {
            return None;
        }
        let trimmed = text.trim_end();
        if let Some(encoded) = base64(trimmed) {
            return Some(encoded);
        }
        if let Some(key) = key_in(trimmed) {
            return Some(key);
        }
        if let Some(address) = shortcut(trimmed) {
            return Some(address);
        }
        // A text within JSON has its quotes escaped.
        if trimmed.starts_with('"') && trimmed.contains("\\\"") {
            return Some(Self::Json);
        }
        if trimmed.starts_with(['{', '[']) {
            let discovery = trimmed.contains("\"issuer\"") && trimmed.contains("_endpoint\"");
            return Some(if discovery { Self::Discovery } else { Self::Json });
        }
        // What stands before the armour are names that tools write there. Beside an address it is the rest that counts.
        let armour = ["-----BEGIN CERTIFICATE-----", "-----BEGIN TRUSTED CERTIFICATE-----", "-----BEGIN PKCS7-----"];
        if !trimmed.contains('<')
            && !trimmed.contains("https://")
            && armour.iter().any(|armour| trimmed.contains(armour))
        {
            return Some(Self::Certificate);
        }
        if let Some(address) = address(trimmed) {
            return Some(address);
        }
        if is_saved_page(trimmed) {
            return Some(Self::Page { sign_in: false });
        }
        if is_mail(trimmed) {
            return Some(Self::Mail);
        }
        let has_metadata = trimmed.contains('<')
            && ["EntityDescriptor", "EntitiesDescriptor"].iter().any(|mark| trimmed.contains(mark));
        Some(if has_metadata { Self::Words } else { Self::Text })
    }

    /// Whether an XML text is in quoted-printable, which only its attributes give away.
    #[must_use]
    pub fn is_quoted_printable(text: &str) -> bool {
        text.contains("=3D\"") || text.contains("=3D'") || text.contains("=3D=\n") || text.contains("=3D=\r\n")
    }

    /// Tells a document by its root element; `None` for metadata, and for metadata's names in the wrong namespace.
    pub(super) fn of_root(root: &Tag) -> Option<Self> {
        const MESSAGES: [&str; 10] = [
            "AuthnRequest",
            "Response",
            "LogoutRequest",
            "LogoutResponse",
            "ArtifactResolve",
            "ArtifactResponse",
            "AttributeQuery",
            "ManageNameIDRequest",
            "ManageNameIDResponse",
            "NameIDMappingRequest",
        ];
        let local = root.local.as_str();
        let other = match &root.ns {
            Ns::Other(uri) => uri.as_str(),
            _ => "",
        };
        match (&root.ns, local) {
            (_, "EntityDescriptor" | "EntitiesDescriptor") => None,
            (Ns::Protocol, local) => {
                let known = MESSAGES.into_iter().find(|message| *message == local);
                Some(Self::Message(known.unwrap_or("protocol message")))
            }
            (Ns::Assertion, _) => Some(Self::Assertion),
            (Ns::Metadata, local) => Some(Self::Piece(local.to_owned())),
            (Ns::Signature, "KeyInfo" | "X509Data" | "X509Certificate") => Some(Self::Certificate),
            (_, "Envelope" | "definitions") if other.contains("soap") || other.contains("wsdl") => {
                Some(Self::WebService)
            }
            (_, local) if local.eq_ignore_ascii_case("html") => Some(Self::Page { sign_in: false }),
            (_, local) => Some(Self::Xml(local.to_owned())),
        }
    }
}

/// A web page, told by its document type or its first element.
fn page(text: &str) -> Option<Stranger> {
    let elements = ["html", "head", "body", "meta", "script", "title", "div", "p", "h1"];
    let start: String = after_prolog(text).chars().take(64).collect::<String>().to_ascii_lowercase();
    let is_doctype = start.strip_prefix("<!doctype").is_some_and(|rest| is_tag_name(rest.trim_start(), "html"));
    let is_element = start.strip_prefix('<').is_some_and(|rest| elements.iter().any(|name| is_tag_name(rest, name)));
    if !(is_doctype || is_element) {
        return None;
    }
    let page = text.to_ascii_lowercase();
    let marks = ["type=\"password\"", "type='password'", "type=password", "sign in", "log in", "login", "samlrequest"];
    Some(Stranger::Page { sign_in: marks.iter().any(|mark| page.contains(mark)) })
}

/// What follows the XML declaration, instructions and comments, which XHTML has before its document type.
fn after_prolog(mut text: &str) -> &str {
    loop {
        text = text.trim_start();
        let end = if text.starts_with("<?") {
            "?>"
        } else if text.starts_with("<!--") {
            "-->"
        } else {
            return text;
        };
        let Some((_, rest)) = text.split_once(end) else { return text };
        text = rest;
    }
}

/// Whether `text` begins with the whole of `name`: `<h1>` is a heading of a page, `<h1s:EntityDescriptor>` is metadata whose
/// prefix begins alike.
fn is_tag_name(text: &str, name: &str) -> bool {
    text.strip_prefix(name).is_some_and(|rest| rest.starts_with([' ', '\t', '\r', '\n', '/', '>']))
}

fn key_in(text: &str) -> Option<Stranger> {
    private_key::stands_in(text).then_some(Stranger::PrivateKey("a private key"))
}

fn address(text: &str) -> Option<Stranger> {
    let is_address = text.len() < 2048
        && !text.contains(char::is_whitespace)
        && (text.starts_with("https://") || text.starts_with("http://"));
    is_address.then(|| Stranger::Address(text.to_owned()))
}

/// A file that Windows keeps an address in.
fn shortcut(text: &str) -> Option<Stranger> {
    let rest = text.strip_prefix("[InternetShortcut]")?;
    let url = rest.lines().find_map(|line| line.trim().strip_prefix("URL="))?;
    address(url.trim())
}

/// Apple's property list, which macOS keeps an address in (`.webloc`).
fn property_list(text: &str) -> Option<Stranger> {
    let rest = after_prolog(text);
    if !(rest.starts_with("<!DOCTYPE plist") || is_tag_name(rest, "<plist")) {
        return None;
    }
    let url = rest.split_once("<key>URL</key>").and_then(|(_, behind)| behind.trim_start().strip_prefix("<string>"));
    let url = url.and_then(|behind| behind.split_once("</string>")).map(|(url, _)| url.replace("&amp;", "&"));
    url.and_then(|url| address(url.trim())).or(Some(Stranger::File("an Apple property list")))
}

/// A page that a browser saved with all its parts in one file (MHTML), which is built like a mail.
fn is_saved_page(text: &str) -> bool {
    let start: String = text.chars().take(64).collect::<String>().to_ascii_lowercase();
    start.strip_prefix("from:").is_some_and(|rest| rest.trim_start_matches([' ', '<', '"']).starts_with("saved by "))
}

fn is_mail(text: &str) -> bool {
    let heads =
        ["from:", "subject:", "received:", "return-path:", "date:", "mime-version:", "content-type:", "delivered-to:"];
    let named = |line: &str| {
        let line = line.to_ascii_lowercase();
        heads.iter().any(|head| line.starts_with(head))
    };
    text.lines().take(40).filter(|line| named(line)).count() >= 2
}

/// Base64 of something: of metadata, or the DER of a certificate. Words may have the same letters, but not one as long as a
/// line of it, the last excepted.
fn base64(text: &str) -> Option<Stranger> {
    const LINE: usize = 32;
    if text.split_whitespace().rev().skip(1).any(|line| line.len() < LINE) {
        return None;
    }
    let compact: String = text.chars().filter(|one| !one.is_whitespace()).collect();
    let alphabet = |one: u8| one.is_ascii_alphanumeric() || matches!(one, b'+' | b'/' | b'=');
    if compact.len() < 64 || !compact.bytes().all(alphabet) {
        return None;
    }
    let der = STANDARD.decode(&compact).unwrap_or_default();
    Some(match private_key::of_der(&der) {
        Some(what) => Stranger::PrivateKey(what),
        None if compact.starts_with("MII") => Stranger::Certificate,
        None => Stranger::Base64,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_told_by_their_first_bytes() {
        assert!(matches!(Stranger::of_bytes(b"PK\x03\x04..."), Some(Stranger::Archive(_))));
        assert!(matches!(Stranger::of_bytes(b"%PDF-1.7"), Some(Stranger::File("a PDF"))));
        assert_eq!(Stranger::of_bytes(b" \r\n"), Some(Stranger::Empty));
        assert_eq!(Stranger::of_bytes(b"\x30\x82\x03\x55\x30\x82"), Some(Stranger::Certificate));
        assert_eq!(Stranger::of_bytes(b"\x30\x81\xE0\x30\x81"), Some(Stranger::Certificate));
        assert_eq!(
            Stranger::of_bytes(b"\x30\x82\x07\x55\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x02\xA0"),
            Some(Stranger::Certificate)
        );
        for archive in
            [&b"BZh91AY"[..], b"\xFD7zXZ\0\0", b"\x28\xB5\x2F\xFD\x24", &[&[b'm'; 257], &b"ustar"[..]].concat()]
        {
            assert!(matches!(Stranger::of_bytes(archive), Some(Stranger::Archive(_))), "{archive:?}");
        }
        assert_eq!(Stranger::of_bytes(b"\0\0\0\x18ftypheic"), Some(Stranger::File("a picture")));
        assert!(matches!(Stranger::of_bytes(b"\xFE\xED\xFE\xED\0\0\0\x02"), Some(Stranger::PrivateKey(_))));
        assert_eq!(Stranger::of_bytes(b"<a/>"), None);
    }

    #[test]
    fn a_private_key_is_told_in_bytes_in_base64_and_within_an_export() {
        let mut der = b"\x30\x82\x04\xBE\x02\x01\x00\x30\x0D\x06".to_vec();
        der.resize(90, 0);
        let text = STANDARD.encode(&der);
        let export = format!("{{\"protocol\": \"saml\", \"saml.signing.private.key\": \"{text}\"}}");
        let found = [Stranger::of_bytes(&der), Stranger::of_text(&text), Stranger::of_text(&export)];
        assert_eq!(found, [const { Some(Stranger::PrivateKey("a private key")) }; 3]);
    }

    #[test]
    fn texts_are_told_by_what_they_hold() {
        for (text, expected) in [
            ("<!DOCTYPE html><input type=password>", Stranger::Page { sign_in: true }),
            (
                "<?xml version=\"1.0\"?>\n<html xmlns=\"http://www.w3.org/1999/xhtml\"/>",
                Stranger::Page { sign_in: false },
            ),
            ("<H1>Not found</H1>", Stranger::Page { sign_in: false }),
            ("<!-- x --><!DOCTYPE\nhtml>", Stranger::Page { sign_in: false }),
            ("-----BEGIN CERTIFICATE-----\nMIIC", Stranger::Certificate),
            ("-----BEGIN RSA PRIVATE KEY-----\nMIIC", Stranger::PrivateKey("a private key")),
            ("<?php\n$key = '-----BEGIN PRIVATE KEY-----';", Stranger::PrivateKey("a private key")),
            ("{\"signing_keys\": [{\"cert\": \"-----BEGIN CERTIFICATE-----\\nMIIC\"}]}", Stranger::Json),
            ("Sign-in URL: https://idp.acme.example/sso\n-----BEGIN CERTIFICATE-----\nMIIC", Stranger::Text),
            (
                "please find the metadata of our provider in the file and let me know if anything is missing",
                Stranger::Text,
            ),
            (
                "From: <Saved by Blink>\nSnapshot-Content-Location: https://idp.acme.example/metadata\nSubject: metadata\n",
                Stranger::Page { sign_in: false },
            ),
            ("Bag Attributes\n    friendlyName: idp\n-----BEGIN CERTIFICATE-----\nMIIC", Stranger::Certificate),
            (
                "[InternetShortcut]\r\nURL=https://idp.acme.example/metadata\r\n",
                Stranger::Address("https://idp.acme.example/metadata".into()),
            ),
            ("{\"issuer\": \"x\", \"token_endpoint\": \"y\"}", Stranger::Discovery),
            ("{}", Stranger::Json),
            ("https://idp.acme.example/metadata\n", Stranger::Address("https://idp.acme.example/metadata".into())),
            ("From: a@acme.example\nSubject: metadata\n\n<a/>", Stranger::Mail),
            ("Hello,\n<EntityDescriptor/>", Stranger::Words),
            ("Hello", Stranger::Text),
            ("Hello <?xml version='1.0'?>", Stranger::Text),
            ("&amp;lt;EntityDescriptor/&amp;gt;", Stranger::Text),
            ("\"<EntityDescriptor entityID=\\\"a\\\"/>\"", Stranger::Json),
            ("<?php\n$metadata['https://idp.acme.example'] = [", Stranger::File("a configuration file in PHP")),
            (
                "<?xml version=\"1.0\"?>\n<!DOCTYPE plist PUBLIC \"-//Apple\"><plist><dict><key>URL</key>\n<string>https://idp.acme.example/metadata?a=1&amp;b=2</string></dict></plist>",
                Stranger::Address("https://idp.acme.example/metadata?a=1&b=2".into()),
            ),
        ] {
            assert_eq!(Stranger::of_text(text), Some(expected), "{text}");
        }
        assert_eq!(Stranger::of_text("\n<md:EntityDescriptor/>"), None);
        assert_eq!(Stranger::of_text("<?xml version='1.0'?><!-- no <html> here --><md:EntityDescriptor/>"), None);
        // A prefix may begin with the name of an element of HTML.
        for prefix in ["h1s", "html", "html5", "p", "div", "headquarters", "title.x", "Body-2"] {
            assert_eq!(Stranger::of_text(&format!("<{prefix}:EntityDescriptor/>")), None, "{prefix}");
            assert_eq!(Stranger::of_text(&format!("<?xml version=\"1.0\"?>\n<{prefix}:EntityDescriptor/>")), None);
        }
        assert_eq!(Stranger::of_text(&"MIIC".repeat(20)), Some(Stranger::Certificate));
        assert_eq!(Stranger::of_text(&"PD94".repeat(20)), Some(Stranger::Base64));
    }
}
