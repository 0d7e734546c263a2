//! The way through a metadata document: into collections, past the entities that were not asked for, to the end.
//!
//! A document of up to [`DOCUMENT`] bytes is read in memory, so that pasting can be mended and signatures verified. A
//! longer one is streamed: a collection may be as long as it likes, an entity within it may not.

use std::io::{BufRead, BufReader, Cursor, Read};

use aws_lc_rs::digest;
use url::Url;

use super::certificate::{NotACertificate, sha256};
use super::encoding::{Charset, NotText};
use super::entity::{self, Defect, Entity};
use super::expiry::{CacheDuration, Expiry, Place};
use super::mending::{self, Mend};
use super::metadata::{COLLECTION, DOCUMENT, LISTED, Mishap, NotMetadata, OtherRole, Reading};
use super::signature::{self, Signature};
use super::stranger::Stranger;
use super::xml::{self, Fault, FaultKind, Node, Ns, Reader, Tag};
use crate::foreign::private_key;

/// As [`super::metadata::read`].
pub(super) fn read(
    mut source: impl Read,
    chosen: Option<&str>,
    allowed: &dyn Fn(&Url) -> bool,
) -> Result<Reading, NotMetadata> {
    let io = |error: std::io::Error| NotMetadata::Io(error.to_string());
    let mut head = Vec::new();
    let most = u64::try_from(DOCUMENT).unwrap_or(u64::MAX);
    source.by_ref().take(most + 1).read_to_end(&mut head).map_err(io)?;
    let reader = Document { chosen, allowed };
    if head.len() <= DOCUMENT { reader.in_memory(&head) } else { reader.streamed(head, source) }
}

/// As [`super::metadata::first_entity`].
pub(super) fn first_entity(front: &[u8]) -> Option<String> {
    let mut xml = Reader::new(Charset::of(front).ok()?.stream(front).ok()?, DOCUMENT);
    loop {
        match xml.next().ok()? {
            Node::Start(tag) if tag.is_metadata("EntityDescriptor") => {
                return tag.attribute("entityID").map(str::to_owned);
            }
            Node::Finish => return None,
            _ => {}
        }
    }
}

struct Document<'d> {
    chosen: Option<&'d str>,
    allowed: &'d dyn Fn(&Url) -> bool,
}

impl Document<'_> {
    fn in_memory(&self, bytes: &[u8]) -> Result<Reading, NotMetadata> {
        if let Some(stranger) = Stranger::of_bytes(bytes) {
            return Err(NotMetadata::Stranger(stranger));
        }
        let charset = Charset::of(bytes).map_err(NotMetadata::Encoding)?;
        let decoded = charset.decode(bytes).map_err(NotMetadata::Encoding)?;
        let (text, mut mended) = mending::mend(&decoded);
        if charset.contradicted {
            mended.push(Mend::Encoding);
        }
        if let Some(stranger) = Stranger::of_text(&text) {
            return Err(NotMetadata::Stranger(stranger));
        }
        let mut xml = Reader::new(text.as_bytes(), DOCUMENT);
        let walk = self.walk(&mut xml).map_err(|stop| stop.explained(Some(&text)));
        let mut found =
            walk.and_then(|walk| walk.settle(self.chosen)).map_err(|not| not.unless_private_key_in(&text))?;
        found.note_private_key_in(&text);
        let signatures = signature::verify(&text, &found, xml.load());
        let sha256 = sha256(bytes);
        Ok(found.reading(Taken { sha256, bytes: len(bytes), charset: charset.name(), mended }, signatures))
    }

    fn streamed(&self, head: Vec<u8>, rest: impl Read) -> Result<Reading, NotMetadata> {
        let io = |error: std::io::Error| NotMetadata::Io(error.to_string());
        if let Some(stranger) = Stranger::of_bytes(&head) {
            return Err(NotMetadata::Stranger(stranger));
        }
        let charset = Charset::of(&head).map_err(NotMetadata::Encoding)?;
        let mut hash =
            Hashed { inner: Cursor::new(head).chain(rest), context: digest::Context::new(&digest::SHA256), bytes: 0 };
        let walked = {
            let bytes = BufReader::with_capacity(CHUNK, &mut hash);
            let mut xml = Reader::new(charset.stream(bytes).map_err(io)?, DOCUMENT);
            self.walk(&mut xml).map_err(|stop| stop.explained(None))?
        };
        let found = walked.settle(self.chosen)?;
        let signatures = signature::too_large(&found);
        let mended = if charset.contradicted { vec![Mend::Encoding] } else { Vec::new() };
        let sha256 = crate::hex::encode(hash.context.finish());
        Ok(found.reading(Taken { sha256, bytes: hash.bytes, charset: charset.name(), mended }, signatures))
    }

    fn walk<R: BufRead>(&self, xml: &mut Reader<R>) -> Result<Walk, Stop> {
        let root = loop {
            match xml.next()? {
                Node::Start(tag) => break tag,
                Node::Finish | Node::End => return Err(Stop::Is(NotMetadata::Stranger(Stranger::Empty))),
                Node::Text(_) | Node::Comment | Node::Instruction => {}
            }
        };
        let mut walk = Walk::default();
        if root.is_metadata("EntitiesDescriptor") {
            walk.collection = true;
            self.group(xml, &root, &mut walk)?;
        } else if root.is_metadata("EntityDescriptor") {
            self.entity(xml, &root, &mut walk)?;
        } else {
            return Err(Stop::Is(of_other_root(xml, &root)?));
        }
        loop {
            match xml.next()? {
                Node::Finish => return Ok(walk),
                Node::Start(_) | Node::End | Node::Text(_) | Node::Comment | Node::Instruction => {}
            }
        }
    }

    /// A collection, with those inside it. Not recursive in Rust: the nesting is the document's to choose.
    fn group<R: BufRead>(&self, xml: &mut Reader<R>, root: &Tag, walk: &mut Walk) -> Result<(), Stop> {
        let mut groups = vec![Group::of(root)];
        while !groups.is_empty() {
            match xml.next()? {
                Node::Start(tag) if tag.is_metadata("EntityDescriptor") => {
                    let found_before = walk.found.is_some();
                    self.entity(xml, &tag, walk)?;
                    if let (false, Some(found)) = (found_before, &mut walk.found) {
                        found.inherit(&groups);
                    }
                }
                Node::Start(tag) if tag.is_metadata("EntitiesDescriptor") => groups.push(Group::of(&tag)),
                Node::Start(tag) => {
                    if tag.is_signature("Signature")
                        && let Some(group) = groups.last_mut()
                    {
                        group.signed = true;
                    }
                    xml.skip()?;
                }
                Node::End | Node::Finish => _ = groups.pop(),
                Node::Text(_) | Node::Comment | Node::Instruction => {}
            }
            if xml.position() > COLLECTION {
                return Err(Stop::Is(NotMetadata::TooLarge(COLLECTION)));
            }
        }
        Ok(())
    }

    fn entity<R: BufRead>(&self, xml: &mut Reader<R>, tag: &Tag, walk: &mut Walk) -> Result<(), Stop> {
        let most = u64::try_from(DOCUMENT).unwrap_or(u64::MAX);
        let id = tag.attribute("entityID").unwrap_or_default();
        walk.entities += 1;
        if self.chosen.is_some_and(|chosen| chosen != id) {
            walk.list(id);
            return Ok(xml.skip_within(most)?);
        }
        let end = xml.position().saturating_add(most);
        let outside = xml.bound(end);
        let entity = entity::read(xml, tag, self.allowed)?;
        xml.bound(outside);
        if self.chosen.is_some() {
            walk.twice |= walk.found.is_some();
            walk.list(id);
        }
        if entity.provider.is_some() {
            walk.providers += 1;
            if self.chosen.is_none() {
                walk.list(id);
            }
        }
        if entity.provider.is_some() || self.chosen.is_some() {
            walk.found.get_or_insert(Found { entity, ..Found::default() });
        } else {
            walk.other.get_or_insert(entity);
        }
        Ok(())
    }
}

/// An `EntitiesDescriptor` that is open.
struct Group {
    expiry: Option<Result<Expiry, String>>,
    base: bool,
    signed: bool,
}

impl Group {
    fn of(tag: &Tag) -> Self {
        Self { expiry: Expiry::of(tag, Place::Group), base: tag.moves_base, signed: false }
    }
}

#[derive(Default)]
struct Walk {
    collection: bool,
    entities: usize,
    providers: usize,
    listed: Vec<String>,
    twice: bool,
    found: Option<Found>,
    /// The first entity that is no identity provider.
    other: Option<Entity>,
}

/// The entity that was looked for.
#[derive(Debug, Clone, Default)]
pub(super) struct Found {
    pub(super) entity: Entity,
    /// Something around it is signed.
    pub(super) group_signed: bool,
    pub(super) collection: bool,
    pub(super) entities: usize,
    providers: Option<usize>,
}

impl Found {
    fn inherit(&mut self, groups: &[Group]) {
        for group in groups {
            match &group.expiry {
                Some(Ok(expiry)) => self.entity.expiries.push(*expiry),
                Some(Err(value)) => {
                    self.entity.defects.push(Defect::Attribute { name: "validUntil", value: value.clone() });
                }
                None => {}
            }
            if group.base && !self.entity.defects.contains(&Defect::Base) {
                self.entity.defects.push(Defect::Base);
            }
            self.group_signed |= group.signed;
        }
    }

    /// Wherever in the document it stands, and whatever it is for: it has travelled.
    fn note_private_key_in(&mut self, text: &str) {
        let mut keys = self.entity.provider.iter().flat_map(|provider| &provider.keys);
        let is_noted = self.entity.defects.contains(&Defect::PrivateKey)
            || keys.any(|key| key.certificates.contains(&Err(NotACertificate::PrivateKey)));
        if !is_noted && private_key::stands_in(text) {
            self.entity.defects.push(Defect::PrivateKey);
        }
    }

    fn reading(self, taken: Taken, signatures: Vec<Signature>) -> Reading {
        let entity = self.entity;
        Reading {
            sha256: taken.sha256,
            bytes: taken.bytes,
            charset: taken.charset,
            mended: taken.mended,
            collection: self.collection,
            entities: self.entities,
            providers: self.providers,
            entity_id: entity.entity_id,
            roles: entity.roles,
            provider: entity.provider.unwrap_or_default(),
            expiries: entity.expiries,
            cache_duration: entity.cache_duration.as_deref().and_then(CacheDuration::read),
            defects: entity.defects,
            signatures,
        }
    }
}

struct Taken {
    sha256: String,
    bytes: u64,
    charset: &'static str,
    mended: Vec<Mend>,
}

impl Walk {
    fn list(&mut self, id: &str) {
        if self.listed.len() < LISTED {
            self.listed.push(id.to_owned());
        }
    }

    fn settle(self, chosen: Option<&str>) -> Result<Found, NotMetadata> {
        let no_provider =
            |entity: &Entity| NotMetadata::NoProvider { entity_id: entity.entity_id.clone(), role: other_role(entity) };
        match (self.found, chosen) {
            (Some(found), Some(_)) if self.twice => Err(NotMetadata::Twice(found.entity.entity_id)),
            (Some(found), Some(_)) if found.entity.provider.is_none() => Err(no_provider(&found.entity)),
            (Some(_), None) if self.providers > 1 => {
                Err(NotMetadata::Ambiguous { providers: self.providers, first: self.listed })
            }
            (Some(found), _) => Ok(Found {
                collection: self.collection,
                entities: self.entities,
                providers: chosen.is_none().then_some(self.providers),
                ..found
            }),
            (None, Some(_)) => Err(NotMetadata::NotThere { entities: self.entities, first: self.listed }),
            (None, None) => match &self.other {
                Some(entity) if self.entities == 1 => Err(no_provider(entity)),
                _ => Err(NotMetadata::NoProviderAmong(self.entities)),
            },
        }
    }
}

fn other_role(entity: &Entity) -> OtherRole {
    let has = |role: &str| entity.roles.iter().any(|one| one == role);
    let federation = ["SecurityTokenServiceType", "ApplicationServiceType"];
    if has("IDPSSODescriptor") {
        OtherRole::OtherProtocol(entity.other_protocols.clone())
    } else if entity.roles.iter().any(|one| federation.iter().any(|kind| one.ends_with(kind))) {
        OtherRole::WsFederation
    } else if has("SPSSODescriptor") {
        OtherRole::ServiceProvider
    } else {
        OtherRole::Neither
    }
}

/// A root that is no metadata's: told at once where its name says what it is, else once the rest is known to be XML.
fn of_other_root<R: BufRead>(xml: &mut Reader<R>, root: &Tag) -> Result<NotMetadata, Fault> {
    let stranger = Stranger::of_root(root);
    if matches!(stranger, None | Some(Stranger::Xml(_))) {
        xml.skip()?;
        while !matches!(xml.next()?, Node::Finish) {}
    }
    Ok(match (stranger, &root.ns) {
        (Some(stranger), _) => NotMetadata::Stranger(stranger),
        (None, Ns::None) => NotMetadata::Namespace(None),
        (None, Ns::Other(uri)) => NotMetadata::Namespace(Some(uri.clone())),
        (None, Ns::Signature) => NotMetadata::Namespace(Some(xml::SIGNATURE.to_owned())),
        (None, _) => NotMetadata::Namespace(Some("another one of SAML's".to_owned())),
    })
}

/// Why a walk through a document was broken off.
enum Stop {
    Fault(Fault),
    Is(NotMetadata),
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl Stop {
    /// The fault in words; `text` is the document where it is at hand.
    fn explained(self, text: Option<&str>) -> NotMetadata {
        let fault = match self {
            Self::Is(not) => return not,
            Self::Fault(fault) => fault,
        };
        let what = match fault.kind {
            FaultKind::Doctype => return NotMetadata::Doctype,
            FaultKind::Entity(name) => return NotMetadata::EntityReference(name),
            FaultKind::TooDeep => return NotMetadata::TooDeep,
            FaultKind::TooMany(what) => return NotMetadata::TooMany(what),
            FaultKind::TooLong => return NotMetadata::TooLarge(u64::try_from(DOCUMENT).unwrap_or(u64::MAX)),
            FaultKind::Encoding => return NotMetadata::Encoding(NotText::Malformed("UTF-8")),
            FaultKind::Io(words) => return NotMetadata::Io(words),
            FaultKind::Truncated => return NotMetadata::Truncated,
            FaultKind::LateDeclaration => "the XML declaration does not stand at the very start".to_owned(),
            FaultKind::Syntax(what) => what,
        };
        let late = what.starts_with("the XML declaration does not");
        if text.is_some_and(Stranger::is_quoted_printable) {
            return NotMetadata::Stranger(Stranger::QuotedPrintable);
        }
        let Some(text) = text else { return NotMetadata::Syntax { what, line: 0, column: 0, cause: None } };
        let before = usize::try_from(fault.at).ok().and_then(|at| text.as_bytes().get(..at)).unwrap_or_default();
        let line = before.split(|byte| *byte == b'\n').count();
        let column = 1 + before.iter().rev().take_while(|byte| **byte != b'\n').count();
        let cause = if late { Some(Mishap::LateDeclaration) } else { mishap(text, &what) };
        NotMetadata::Syntax { what, line, column, cause }
    }
}

fn mishap(text: &str, what: &str) -> Option<Mishap> {
    let quoted = text.lines().filter(|line| line.starts_with("> ")).count();
    if what.contains("after the root") {
        Some(Mishap::WordsAfter)
    } else if ["=\u{201c}", "=\u{201d}", "=\u{2018}", "=\u{2019}", "=\u{201e}", "=\u{ab}"]
        .iter()
        .any(|mark| text.contains(mark))
    {
        Some(Mishap::SmartQuotes)
    } else if text.contains('\u{a0}') {
        Some(Mishap::OtherBlanks)
    } else if quoted > 1 {
        Some(Mishap::Quoted)
    } else {
        None
    }
}

const CHUNK: usize = 64 * 1024;

/// Hashes what is read through it.
struct Hashed<R> {
    inner: R,
    context: digest::Context,
    bytes: u64,
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(out)?;
        self.context.update(out.get(..count).unwrap_or_default());
        self.bytes = self.bytes.saturating_add(u64::try_from(count).unwrap_or_default());
        Ok(count)
    }
}

fn len(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}
