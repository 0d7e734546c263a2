//! The parts of a mail, decoded: its texts as lines, its files recognised for what they are. Nothing is executed or
//! fetched, and pictures are counted, not looked at.

use std::borrow::Cow;
use std::sync::Arc;

use mail_parser::decoders::charsets::map::charset_decoder;
use mail_parser::{ContentType, Message, MessageParser, MessagePart, MimeHeaders as _, PartType};

use super::line::{Page, Room};
use super::{decoded, head, html, limits, metadata, plain, separated};
use crate::foreign::private_key;

/// Mails within mails that are looked into.
const NESTED: usize = 4;

/// Largest text file that is read for values, in bytes.
const TEXT_FILE_BYTES: usize = 256 * 1024;

/// What stands for bytes that were lost.
const LOST: &str = "\u{fffd}";

/// How mails are called that PGP and its kin have encrypted.
const OPENPGP: &str = "OpenPGP";

/// Where in a mail a text stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    /// The plain text.
    Plain,
    /// The HTML.
    Html,
    /// A text file with this name.
    File(String),
    /// A mail that is attached.
    Mail,
}

/// A text of a mail.
#[derive(Debug, Clone)]
pub(super) struct Section {
    pub(super) part: Part,
    pub(super) page: Arc<Page>,
    /// Mails it is wrapped in.
    pub(super) nested: usize,
}

/// Metadata that came as a file.
#[derive(Debug, Clone)]
pub(super) struct File {
    pub(super) name: String,
    pub(super) bytes: Arc<[u8]>,
}

/// Everything in a mail that is of use.
#[derive(Debug, Default)]
pub(super) struct Contents {
    /// As a program that prefers plain text shows it.
    pub(super) plain: Vec<Section>,
    /// As a program that prefers HTML shows it.
    pub(super) html: Vec<Section>,
    /// The two differ: some part has both forms.
    pub(super) two_forms: bool,
    /// SAML metadata.
    pub(super) metadata: Vec<File>,
    /// Pictures.
    pub(super) images: usize,
    /// Files that are not read, by name.
    pub(super) unread: Vec<String>,
    /// Files that hold a private key, by name; metadata is not among them.
    pub(super) private_keys: Vec<String>,
    /// Outlook's own wrapping (`winmail.dat`).
    pub(super) tnef: bool,
    /// What some of it is encrypted with.
    pub(super) encrypted: Option<&'static str>,
    /// Character sets that nobody here knows, by name.
    pub(super) unknown_charsets: Vec<String>,
    /// The sender of an attached mail, as its head shows it.
    pub(super) attached_from: Option<String>,
    /// How much more of the mail's texts is read.
    room: Room,
}

/// Takes a mail apart.
pub(super) fn read(message: &Message<'_>) -> Contents {
    let mut contents = Contents::default();
    contents.part(message, 0, 0);
    contents
}

/// A pasted text: no head, one part.
pub(super) fn pasted(text: &str) -> Contents {
    let encrypted = is_armoured(text.as_bytes()).then_some(OPENPGP);
    let mut contents = Contents { encrypted, ..Contents::default() };
    let page = plain::page(text, false, &mut contents.room);
    contents.both(Part::Plain, page, 0);
    contents
}

/// HTML that was pasted: no head, one part.
pub(super) fn pasted_html(text: &str) -> Contents {
    let mut contents = Contents::default();
    let page = html::page(text, &mut contents.room);
    contents.both(Part::Html, page, 0);
    contents
}

impl Contents {
    fn part(&mut self, message: &Message<'_>, id: u32, nested: usize) {
        let Some(part) = message.part(id) else { return };
        if let Some(start) = decoded::start(message, part) {
            self.recovered(part, &start, nested);
            return;
        }
        match &part.body {
            PartType::Multipart(_) if is_subtype(part, "encrypted") => self.encrypted = Some(OPENPGP),
            PartType::Multipart(children) => {
                let is_alternative = part
                    .content_type()
                    .and_then(|kind| kind.subtype())
                    .is_some_and(|kind| kind.eq_ignore_ascii_case("alternative"));
                if is_alternative {
                    self.alternative(message, children, nested);
                } else {
                    for child in children {
                        self.part(message, *child, nested);
                    }
                }
            }
            PartType::Text(text) if is_file(part) && decoded::was_wide(text) => {
                self.file(part, &decoded::bytes(message, part).unwrap_or_default(), nested);
            }
            PartType::Text(text) => self.text(part, &with_end(message, part, text), nested),
            PartType::Html(text) if is_file(part) => self.file(part, text.as_bytes(), nested),
            PartType::Html(text) => {
                if self.knows_charset(part) {
                    let page = html::page(&with_end(message, part, text), &mut self.room);
                    self.both(Part::Html, page, nested);
                }
            }
            PartType::Binary(bytes) | PartType::InlineBinary(bytes) => self.file(part, bytes, nested),
            PartType::Message(inner) => self.mail(inner, nested),
        }
    }

    /// A part that was decoded here, for want of somebody who could.
    fn recovered(&mut self, part: &MessagePart<'_>, start: &decoded::Start, nested: usize) {
        let bytes = start.bytes.as_slice();
        let kind = part.content_type();
        let is_text = kind.is_none_or(|kind| kind.ctype().eq_ignore_ascii_case("text"));
        let charset = kind.and_then(|kind| kind.attribute("charset"));
        let text = decoded::text(bytes, charset).filter(|_| is_text && !is_file(part));
        let text = text.map(|text| if start.is_torn { text + LOST } else { text });
        match text {
            Some(_) if !self.knows_charset(part) => {}
            Some(text) if is_subtype(part, "html") => {
                let page = html::page(&text, &mut self.room);
                self.both(Part::Html, page, nested);
            }
            Some(text) => self.text(part, &text, nested),
            None => self.file(part, bytes, nested),
        }
    }

    /// A text file, as what its name or type says it is.
    fn text_file(&mut self, part: &MessagePart<'_>, text: &str, nested: usize) {
        let name = name(part);
        let is_html = is_subtype(part, "html") || ["html", "htm"].iter().any(|end| decoded::ends_in(&name, end));
        let is_table = is_subtype(part, "csv") || decoded::ends_in(&name, "csv");
        let page = if is_html {
            html::page(text, &mut self.room)
        } else if is_table {
            separated::page(text, &mut self.room)
        } else {
            plain::page(text, false, &mut self.room)
        };
        self.both(Part::File(name), page, nested);
    }

    /// The forms of one text: the plain one and the HTML one are kept apart, to be compared.
    fn alternative(&mut self, message: &Message<'_>, children: &[u32], nested: usize) {
        let mut forms = Self { room: std::mem::take(&mut self.room), ..Self::default() };
        for child in children {
            forms.part(message, *child, nested);
        }
        let has = |sections: &[Section], html: bool| sections.iter().any(|one| (one.part == Part::Html) == html);
        let (mut plain, mut html) = (forms.plain.split_off(0), forms.html.split_off(0));
        if has(&plain, false) && has(&html, true) {
            plain.retain(|one| one.part != Part::Html);
            html.retain(|one| one.part == Part::Html);
            self.two_forms = true;
        }
        self.room = forms.room;
        self.plain.extend(plain);
        self.html.extend(html);
        self.two_forms |= forms.two_forms;
        self.metadata.extend(forms.metadata);
        self.images += forms.images;
        self.unread.extend(forms.unread);
        self.private_keys.extend(forms.private_keys);
        self.tnef |= forms.tnef;
        self.encrypted = self.encrypted.or(forms.encrypted);
        self.unknown_charsets.extend(forms.unknown_charsets);
        self.attached_from = self.attached_from.take().or(forms.attached_from);
    }

    fn both(&mut self, part: Part, page: Page, nested: usize) {
        let section = Section { part, page: Arc::new(page), nested };
        self.plain.push(section.clone());
        self.html.push(section);
    }

    fn text(&mut self, part: &MessagePart<'_>, text: &str, nested: usize) {
        if !self.knows_charset(part) {
            return;
        }
        if is_armoured(text.as_bytes()) {
            self.encrypted = Some(OPENPGP);
        }
        if is_file(part) {
            if metadata::is_metadata(text.as_bytes()) {
                self.file(part, text.as_bytes(), nested);
                return;
            }
            self.look_for_key(part, text.as_bytes());
            if text.len() <= TEXT_FILE_BYTES && is_plain_file(part) {
                self.text_file(part, text, nested);
            } else {
                self.unread.push(name(part));
            }
            return;
        }
        let attribute = |name| part.content_type().and_then(|kind| kind.attribute(name));
        let is = |name, value: &str| attribute(name).is_some_and(|one| one.eq_ignore_ascii_case(value));
        let page = plain::page(text, is("format", "flowed") && is("delsp", "yes"), &mut self.room);
        self.both(Part::Plain, page, nested);
    }

    fn file(&mut self, part: &MessagePart<'_>, bytes: &[u8], nested: usize) {
        let kind = part.content_type();
        let (main, sub) =
            (kind.map_or("", |kind| kind.ctype()), kind.and_then(|kind| kind.subtype()).unwrap_or_default());
        let (main, sub) = (main.to_ascii_lowercase(), sub.to_ascii_lowercase());
        let name = name(part);
        let lower = name.to_lowercase();
        if main == "image" {
            self.images += 1;
        } else if matches!(sub.as_str(), "pkcs7-mime" | "x-pkcs7-mime") || decoded::ends_in(&name, "p7m") {
            self.encrypted = Some("S/MIME");
        } else if sub == "pgp-encrypted" || is_armoured(bytes) {
            self.encrypted = Some(OPENPGP);
        } else if sub == "ms-tnef" || sub == "vnd.ms-tnef" || lower == "winmail.dat" {
            self.tnef = true;
        } else if decoded::ends_in(&name, "eml")
            && let Some(inner) = attached_mail(bytes)
        {
            self.mail(&inner, nested);
        } else if metadata::is_metadata(bytes) {
            self.metadata.push(File { name, bytes: Arc::from(bytes) });
            return;
        } else if (main == "text" || matches!(sub.as_str(), "json" | "x-yaml" | "yaml") || decoded::is_text_name(&name))
            && bytes.len() <= TEXT_FILE_BYTES
        {
            let charset = kind.and_then(|kind| kind.attribute("charset"));
            match decoded::text(bytes, charset) {
                Some(text) => self.text_file(part, &text, nested),
                None => self.unread.push(name),
            }
        } else if !matches!(
            sub.as_str(),
            "pgp-signature" | "pkcs7-signature" | "x-pkcs7-signature" | "calendar" | "delivery-status"
        ) {
            self.unread.push(name);
        }
        self.look_for_key(part, bytes);
    }

    fn look_for_key(&mut self, part: &MessagePart<'_>, bytes: &[u8]) {
        let holds_key = bytes.len() <= TEXT_FILE_BYTES
            && (private_key::of_der(bytes).is_some() || private_key::stands_in(&String::from_utf8_lossy(bytes)));
        if holds_key {
            self.private_keys.push(name(part));
        }
    }

    fn mail(&mut self, inner: &Message<'_>, nested: usize) {
        if nested >= NESTED {
            self.unread.push("a mail within mails".to_owned());
            return;
        }
        if self.attached_from.is_none() {
            self.attached_from = inner.from().and_then(|from| from.first()).and_then(|from| {
                let address = from.address.as_deref()?;
                Some(format!("{} <{address}>", from.name.as_deref().unwrap_or_default()))
            });
        }
        let (plain, html) = (self.plain.len(), self.html.len());
        self.part(inner, 0, nested + 1);
        for section in self.plain.iter_mut().skip(plain).chain(self.html.iter_mut().skip(html)) {
            if matches!(section.part, Part::Plain | Part::Html) {
                section.part = Part::Mail;
            }
        }
    }

    /// Whether the part's character set is one that is known; an unknown one is remembered, and its text not read.
    fn knows_charset(&mut self, part: &MessagePart<'_>) -> bool {
        let Some(charset) = part.content_type().and_then(|kind| kind.attribute("charset")) else { return true };
        let charset = charset.trim().trim_matches('"');
        let lower = charset.to_ascii_lowercase();
        let utf_8 = matches!(lower.as_str(), "" | "utf-8" | "utf8" | "us-ascii" | "ascii");
        let known = utf_8 || charset_decoder(charset.as_bytes()).is_some();
        if !known {
            self.unknown_charsets.push(charset.to_owned());
        }
        known
    }
}

/// The text of a mail; one that was cut off ends in a mark, so that nobody takes the start of a value for the whole.
fn with_end<'t>(message: &Message<'_>, part: &MessagePart<'_>, text: &'t str) -> Cow<'t, str> {
    if !is_file(part) && decoded::is_cut(message, part) {
        Cow::Owned(format!("{text}{LOST}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// A mail that came as a file of no type, as help desks attach them.
fn attached_mail(bytes: &[u8]) -> Option<Message<'_>> {
    let is_one = limits::judge(bytes).is_ok() && head::has_head(bytes);
    is_one.then(|| MessageParser::default().parse(bytes)).flatten()
}

/// Whether a message that PGP or its kin have encrypted stands in a text.
fn is_armoured(text: &[u8]) -> bool {
    const START: &[u8] = b"-----BEGIN PGP MESSAGE-----";
    text.split(|one| *one == b'\n').any(|line| line.trim_ascii_start().starts_with(START))
}

/// Whether a part came as a file rather than as text of the mail.
fn is_file(part: &MessagePart<'_>) -> bool {
    part.content_disposition().is_some_and(ContentType::is_attachment) || part.attachment_name().is_some()
}

fn is_plain_file(part: &MessagePart<'_>) -> bool {
    let kind = part.content_type().and_then(|kind| kind.subtype()).unwrap_or("plain");
    ["plain", "csv", "tab-separated-values", "yaml", "x-yaml", "markdown"]
        .iter()
        .any(|one| kind.eq_ignore_ascii_case(one))
}

fn is_subtype(part: &MessagePart<'_>, subtype: &str) -> bool {
    part.content_type().and_then(ContentType::subtype).is_some_and(|one| one.eq_ignore_ascii_case(subtype))
}

fn name(part: &MessagePart<'_>) -> String {
    part.attachment_name().map_or_else(|| "without a name".to_owned(), |name| name.trim().to_owned())
}
