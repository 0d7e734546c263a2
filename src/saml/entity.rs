//! One entity of SAML metadata: the `EntityDescriptor` and, within it, the role of an identity provider.
//!
//! Elements are found by where they stand and by their namespace, never by name alone: an `EntityDescriptor` inside
//! `Extensions` is decoration (rule R-01). Source: SAML 2.0 Metadata, sections 2.3.2 and 2.4.

use std::io::BufRead;

use jiff::Timestamp;
use url::Url;

use super::certificate::{self, Certificate, NotACertificate};
use super::endpoint::Endpoint;
use super::expiry::{Expiry, Place};
use super::template;
use super::xml::{Fault, FaultKind, Node, Ns, Reader, Tag};
use crate::foreign::link::{self, Rewritten};
use crate::request::saml_names::{ENTITY_ID_CHARACTERS, EntityId};

/// The protocol an identity provider has to speak.
pub const SAML2: &str = "urn:oasis:names:tc:SAML:2.0:protocol";
/// The attribute of a role that names the protocols it speaks.
const PROTOCOLS: &str = "protocolSupportEnumeration";
/// Elements of a `KeyDescriptor` that spell out a private RSA key, as .NET writes one into an `RSAKeyValue`.
const PRIVATE_PARTS: [&str; 4] = ["D", "DP", "DQ", "InverseQ"];
/// Most addresses, formats and certificates of one role, taken together.
pub const PARTS: usize = 256;

/// One entity.
#[derive(Debug, Clone, Default)]
pub struct Entity {
    /// `entityID`, exactly; empty where there is none.
    pub entity_id: String,
    /// Its roles by element name; a `RoleDescriptor` with its type (`RoleDescriptor:SecurityTokenServiceType`).
    pub roles: Vec<String>,
    /// The role of an identity provider that speaks SAML 2.0; the first, where there are several.
    pub provider: Option<IdentityProvider>,
    /// What identity provider roles speak that do not speak SAML 2.0.
    pub other_protocols: Vec<String>,
    /// What is wrong with it.
    pub defects: Vec<Defect>,
    /// When it says it ends.
    pub expiries: Vec<Expiry>,
    /// Where in it signatures stand.
    pub signed: Vec<Place>,
    /// `cacheDuration` of the entity or its role, as written.
    pub cache_duration: Option<String>,
}

/// The role of an identity provider.
#[derive(Debug, Clone, Default)]
pub struct IdentityProvider {
    /// `protocolSupportEnumeration`.
    pub protocols: Vec<String>,
    /// `WantAuthnRequestsSigned`: sign-in requests without a signature are refused.
    pub want_authn_requests_signed: bool,
    /// `SingleSignOnService`, in order.
    pub sso: Vec<Endpoint>,
    /// `SingleLogoutService`, in order.
    pub slo: Vec<Endpoint>,
    /// `NameIDFormat`, in order.
    pub name_id_formats: Vec<String>,
    /// `KeyDescriptor`, in order.
    pub keys: Vec<KeyDescriptor>,
}

impl IdentityProvider {
    fn parts(&self) -> usize {
        let certificates = self.keys.iter().map(|key| key.certificates.len().max(1)).sum::<usize>();
        self.sso.len() + self.slo.len() + self.name_id_formats.len() + certificates
    }

    /// The certificates that may sign, each once, in order; and texts that are none.
    ///
    /// A `KeyDescriptor` without `use` serves both purposes and counts. Source: SAML 2.0 Metadata, section 2.4.1.1.
    pub fn signing(&self) -> impl Iterator<Item = &Result<Certificate, NotACertificate>> {
        let all = || self.keys.iter().filter(|key| key.usage.signs()).flat_map(|key| &key.certificates);
        all().enumerate().filter_map(move |(position, one)| {
            let again = one.is_ok()
                && all()
                    .take(position)
                    .any(|other| matches!((one, other), (Ok(one), Ok(other)) if one.der == other.der && one.authority == other.authority));
            (!again).then_some(one)
        })
    }

    /// The certificates that may sign and could be read, each once, in order; without the authorities beside them.
    pub fn signing_certificates(&self) -> impl Iterator<Item = &Certificate> {
        self.signing().filter_map(|one| one.as_ref().ok()).filter(|one| !one.authority)
    }

    /// The authorities that stand beside the certificates that may sign, each once, in order.
    pub fn authorities(&self) -> impl Iterator<Item = &Certificate> {
        self.signing().filter_map(|one| one.as_ref().ok()).filter(|one| one.authority)
    }
}

/// What a key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyUse {
    /// No `use`: for both.
    Both,
    /// `signing`
    Signing,
    /// `encryption`
    Encryption,
    /// A word that nobody defines.
    Other,
}

impl KeyUse {
    /// Whether the key may sign.
    #[must_use]
    pub const fn signs(self) -> bool {
        matches!(self, Self::Both | Self::Signing)
    }
}

/// A `KeyDescriptor`.
#[derive(Debug, Clone)]
pub struct KeyDescriptor {
    /// What it is for.
    pub usage: KeyUse,
    /// Its certificates, in order.
    pub certificates: Vec<Result<Certificate, NotACertificate>>,
    /// It names a key, or spells one out, without a certificate.
    pub other_key: bool,
    /// Certificates in another namespace than XML signatures', which nobody reads.
    pub misplaced: usize,
}

/// What is wrong with an entity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Defect {
    /// A comment, a processing instruction or an element inside a value: programs disagree about what it says.
    Interrupted {
        /// Element with the value.
        element: &'static str,
    },
    /// Words between elements, where there is no place for any: what a mail did to a tag.
    Words,
    /// Marks between elements, as browsers draw them where a part of a document is folded away.
    Folded,
    /// `xml:base`, which moves relative addresses elsewhere.
    Base,
    /// An attribute is not the kind of value it has to be.
    Attribute {
        /// Its name.
        name: &'static str,
        /// What it is.
        value: String,
    },
    /// A value that can hold no white space has some in it: what a mail did to a long line.
    Torn {
        /// Element or attribute with the value.
        what: &'static str,
        /// What it is.
        value: String,
    },
    /// A private key, in whatever place.
    PrivateKey,
    /// No `entityID`, or an empty one.
    NoEntityId,
    /// `entityID` is longer than [`ENTITY_ID_CHARACTERS`].
    LongEntityId,
    /// `entityID` holds white space, a line break or an invisible character.
    OddEntityId,
    /// `entityID` is a link that a mail filter rewrote.
    RewrittenEntityId,
    /// `entityID` still has a placeholder in it.
    PlaceholderEntityId,
    /// `entityID` is Microsoft's for many organisations, or for all personal accounts.
    EverybodysEntityId,
    /// More than one identity provider role for SAML 2.0.
    SeveralRoles,
}

impl Defect {
    /// Stable reason for scripts.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Interrupted { .. } => "xml_comment_in_value",
            Self::Base => "xml_base",
            Self::Attribute { .. } | Self::Words | Self::Folded | Self::Torn { .. } => "xml_schema",
            Self::PrivateKey => "private_key_in_input",
            Self::NoEntityId => "entity_id_missing",
            Self::LongEntityId | Self::OddEntityId | Self::RewrittenEntityId => "entity_id_syntax",
            Self::PlaceholderEntityId => "entity_id_placeholder",
            Self::EverybodysEntityId => "multi_tenant_metadata",
            Self::SeveralRoles => "idp_roles_ambiguous",
        }
    }
}

/// Reads the entity whose start tag was the last node, up to its end.
pub(super) fn read<R: BufRead>(
    reader: &mut Reader<R>,
    tag: &Tag,
    allowed: &dyn Fn(&Url) -> bool,
) -> Result<Entity, Fault> {
    let mut entity =
        Entity { entity_id: tag.attribute("entityID").unwrap_or_default().to_owned(), ..Entity::default() };
    let bases = reader.bases() - usize::from(tag.moves_base);
    entity.judge_id(tag);
    entity.note(tag, Place::Entity);
    loop {
        match reader.next()? {
            Node::Start(tag) if tag.is_metadata("IDPSSODescriptor") => entity.role(reader, &tag, allowed)?,
            Node::Start(tag) => {
                if tag.is_signature("Signature") {
                    entity.signed.push(Place::Entity);
                } else if tag.ns == Ns::Metadata && !ASIDE.contains(&tag.local.as_str()) {
                    entity.roles.push(role_name(&tag));
                }
                reader.skip()?;
            }
            Node::End | Node::Finish => break,
            Node::Text(text) => entity.between(&text),
            Node::Comment | Node::Instruction => {}
        }
    }
    if reader.bases() > bases {
        entity.defect(Defect::Base);
    }
    Ok(entity)
}

/// Children of an entity that are no roles.
const ASIDE: [&str; 4] = ["Extensions", "Organization", "ContactPerson", "AdditionalMetadataLocation"];

fn role_name(tag: &Tag) -> String {
    match tag.attribute_in(&Ns::Instance, "type") {
        Some(kind) if tag.local == "RoleDescriptor" => {
            format!("RoleDescriptor:{}", kind.rsplit(':').next().unwrap_or_default())
        }
        _ => tag.local.clone(),
    }
}

impl Entity {
    fn judge_id(&mut self, tag: &Tag) {
        let id = &self.entity_id;
        let defect = if id.trim().is_empty() {
            Defect::NoEntityId
        } else if id.chars().count() > ENTITY_ID_CHARACTERS {
            Defect::LongEntityId
        } else if tag.find("entityID").is_some_and(|one| one.broken) || EntityId::parse(id).is_none() {
            Defect::OddEntityId
        } else if link::unwrap(id) != Rewritten::No {
            Defect::RewrittenEntityId
        } else if Url::parse(id).is_ok_and(|url| template::is_everybodys(&url)) {
            Defect::EverybodysEntityId
        } else if template::has_placeholder(id) {
            Defect::PlaceholderEntityId
        } else {
            return;
        };
        self.defects.push(defect);
    }

    /// What the entity and its role have in common.
    fn note(&mut self, tag: &Tag, place: Place) {
        match Expiry::of(tag, place) {
            Some(Ok(expiry)) => self.expiries.push(expiry),
            Some(Err(value)) => self.defects.push(Defect::Attribute { name: "validUntil", value }),
            None => {}
        }
        if let Some(duration) = tag.attribute("cacheDuration") {
            self.cache_duration.get_or_insert_with(|| duration.to_owned());
        }
    }

    /// Text where only elements belong.
    fn between(&mut self, text: &str) {
        let is_fold = |word: &str| matches!(word, "..." | "…" | "-" | "+" | "▶" | "▼" | "▸" | "▾");
        if text.split_whitespace().all(is_fold) {
            if !text.trim().is_empty() {
                self.defect(Defect::Folded);
            }
        } else {
            self.defect(Defect::Words);
        }
    }

    /// Notes a defect, once.
    fn defect(&mut self, defect: Defect) {
        if !self.defects.contains(&defect) {
            self.defects.push(defect);
        }
    }

    fn role<R: BufRead>(
        &mut self,
        reader: &mut Reader<R>,
        tag: &Tag,
        allowed: &dyn Fn(&Url) -> bool,
    ) -> Result<(), Fault> {
        self.roles.push(tag.local.clone());
        let protocols: Vec<String> =
            tag.attribute(PROTOCOLS).unwrap_or_default().split_whitespace().map(str::to_owned).collect();
        if !protocols.iter().any(|one| one == SAML2) {
            if tag.find(PROTOCOLS).is_some_and(|one| one.broken) && protocols.concat().contains(SAML2) {
                self.defect(Defect::Torn { what: PROTOCOLS, value: protocols.join(" ") });
            } else {
                self.other_protocols.extend(protocols);
                return reader.skip();
            }
        }
        if self.provider.is_some() {
            self.defect(Defect::SeveralRoles);
            return reader.skip();
        }
        self.note(tag, Place::Role);
        let mut provider = IdentityProvider { protocols, ..IdentityProvider::default() };
        if let Some(word) = tag.attribute("WantAuthnRequestsSigned") {
            match word.trim() {
                "true" | "1" => provider.want_authn_requests_signed = true,
                "false" | "0" => {}
                _ => self.defects.push(Defect::Attribute { name: "WantAuthnRequestsSigned", value: word.to_owned() }),
            }
        }
        loop {
            match reader.next()? {
                Node::Start(tag) => {
                    self.part(reader, &tag, &mut provider, allowed)?;
                    if provider.parts() > PARTS {
                        return Err(reader.fault(FaultKind::TooMany("addresses and keys")));
                    }
                }
                Node::End | Node::Finish => break,
                Node::Text(text) => self.between(&text),
                Node::Comment | Node::Instruction => {}
            }
        }
        self.provider = Some(provider);
        Ok(())
    }

    /// A child of the identity provider's role.
    fn part<R: BufRead>(
        &mut self,
        reader: &mut Reader<R>,
        tag: &Tag,
        provider: &mut IdentityProvider,
        allowed: &dyn Fn(&Url) -> bool,
    ) -> Result<(), Fault> {
        match (&tag.ns, tag.local.as_str()) {
            (Ns::Signature, "Signature") => self.signed.push(Place::Role),
            (Ns::Metadata, "SingleSignOnService") => provider.sso.push(Endpoint::sign_in(tag, allowed)),
            (Ns::Metadata, "SingleLogoutService") => provider.slo.push(Endpoint::sign_out(tag, allowed)),
            (Ns::Metadata, "NameIDFormat") => {
                let format = self.value(reader, "NameIDFormat")?;
                if format.contains(char::is_whitespace) {
                    self.defect(Defect::Torn { what: "NameIDFormat", value: format.clone() });
                }
                provider.name_id_formats.push(format);
                return Ok(());
            }
            (Ns::Metadata, "KeyDescriptor") => {
                let key = self.key(reader, tag)?;
                provider.keys.push(key);
                return Ok(());
            }
            _ => {}
        }
        reader.skip()
    }

    fn key<R: BufRead>(&mut self, reader: &mut Reader<R>, tag: &Tag) -> Result<KeyDescriptor, Fault> {
        let usage = match tag.attribute("use") {
            None => KeyUse::Both,
            Some("signing") => KeyUse::Signing,
            Some("encryption") => KeyUse::Encryption,
            Some(other) => {
                self.defect(Defect::Attribute { name: "use", value: other.to_owned() });
                KeyUse::Other
            }
        };
        let mut key = KeyDescriptor { usage, certificates: Vec::new(), other_key: false, misplaced: 0 };
        // KeyInfo / X509Data / X509Certificate, and nothing by name alone.
        let mut path: Vec<bool> = Vec::new();
        let mut chain = 0;
        loop {
            match reader.next()? {
                Node::Start(tag) => {
                    let wanted = ["KeyInfo", "X509Data"].get(path.len()).copied();
                    let on_path = path.iter().all(|one| *one);
                    if on_path && path.len() == 2 && tag.is_signature("X509Certificate") {
                        let text = self.value(reader, "X509Certificate")?;
                        let read = Certificate::read(&text);
                        if read == Err(NotACertificate::PrivateKey) && !key.usage.signs() {
                            self.defect(Defect::PrivateKey);
                        }
                        key.certificates.push(read);
                        continue;
                    }
                    if tag.local == "X509Certificate" && tag.ns != Ns::Signature {
                        key.misplaced += 1;
                    }
                    if on_path
                        && path.len() == 1
                        && tag.ns == Ns::Signature
                        && ["KeyName", "KeyValue"].contains(&tag.local.as_str())
                    {
                        key.other_key = true;
                    }
                    if PRIVATE_PARTS.contains(&tag.local.as_str()) {
                        self.defect(Defect::PrivateKey);
                    }
                    if path.len() == 1 {
                        chain = key.certificates.len();
                    }
                    path.push(wanted.is_some_and(|wanted| tag.is_signature(wanted)));
                }
                Node::End => {
                    if path.len() == 2 {
                        certificate::mark_authorities(key.certificates.get_mut(chain..).unwrap_or_default());
                    }
                    if path.pop().is_none() {
                        return Ok(key);
                    }
                }
                Node::Finish => return Ok(key),
                Node::Text(text) if path.is_empty() => self.between(&text),
                Node::Text(_) | Node::Comment | Node::Instruction => {}
            }
        }
    }

    /// The text of an element that holds nothing else, without white space around it (rules ).
    fn value<R: BufRead>(&mut self, reader: &mut Reader<R>, element: &'static str) -> Result<String, Fault> {
        let mut text = String::new();
        let mut interrupted = false;
        loop {
            match reader.next()? {
                Node::Text(part) => text.push_str(&part),
                Node::Comment | Node::Instruction => interrupted = true,
                Node::Start(_) => {
                    interrupted = true;
                    reader.skip()?;
                }
                Node::End | Node::Finish => break,
            }
        }
        if interrupted {
            self.defect(Defect::Interrupted { element });
        }
        Ok(text.trim().to_owned())
    }

    /// The earliest end that the entity or its role names.
    #[must_use]
    pub fn ends(&self) -> Option<Timestamp> {
        self.expiries.iter().map(|expiry| expiry.at).min()
    }
}
