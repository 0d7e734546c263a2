//! A whole metadata document: one entity, or a federation's collection of them from which one is chosen.

use std::io::Read;

use url::Url;

use super::encoding::NotText;
use super::entity::{Defect, IdentityProvider};
use super::expiry::{CacheDuration, Expiry};
use super::mending::Mend;
use super::signature::Signature;
use super::stranger::Stranger;
use super::walk;
use crate::foreign::private_key;

/// Bytes of a document that is held in memory, and most bytes of one entity.
pub const DOCUMENT: usize = 5 * 1024 * 1024;
/// Most bytes of a collection.
pub const COLLECTION: u64 = 1024 * 1024 * 1024;
/// Entity IDs that are listed where one has to be chosen.
pub const LISTED: usize = 5;

/// Metadata of one identity provider.
#[derive(Debug, Clone)]
pub struct Reading {
    /// SHA-256 of the bytes as they came, lower-case hexadecimal.
    pub sha256: String,
    /// How many they were.
    pub bytes: u64,
    /// How they were encoded.
    pub charset: &'static str,
    /// What was undone before they could be read.
    pub mended: Vec<Mend>,
    /// The root is a collection (`EntitiesDescriptor`).
    pub collection: bool,
    /// How many entities there are.
    pub entities: usize,
    /// How many of them are identity providers; `None` where only the chosen one was looked into.
    pub providers: Option<usize>,
    /// The entity's id, exactly.
    pub entity_id: String,
    /// Its roles by element name.
    pub roles: Vec<String>,
    /// Its role as an identity provider.
    pub provider: IdentityProvider,
    /// Until when it may be used: its own and inherited ends.
    pub expiries: Vec<Expiry>,
    /// How soon it is to be read again, where that is said and can be read.
    pub cache_duration: Option<CacheDuration>,
    /// What is wrong with it.
    pub defects: Vec<Defect>,
    /// Its signatures, outermost first.
    pub signatures: Vec<Signature>,
}

impl Reading {
    /// The earliest end that the document names.
    #[must_use]
    pub fn ends(&self) -> Option<Expiry> {
        self.expiries.iter().min_by_key(|expiry| expiry.at).copied()
    }
}

/// What an entity is that is no identity provider for SAML 2.0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OtherRole {
    /// A service provider: our own kind.
    ServiceProvider,
    /// WS-Federation alone.
    WsFederation,
    /// An identity provider for other protocols, which are these.
    OtherProtocol(Vec<String>),
    /// Other roles, or none.
    Neither,
}

/// Why there is no [`Reading`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotMetadata {
    /// It is something else.
    Stranger(Stranger),
    /// Metadata's own names in another namespace, which is this one, or in none.
    Namespace(Option<String>),
    /// Its bytes are no text.
    Encoding(NotText),
    /// A document type, which could name files and addresses to be read.
    Doctype,
    /// A reference to an entity beyond the five of XML.
    EntityReference(String),
    /// Nested deeper than 64 levels.
    TooDeep,
    /// More than 256 attributes, namespaces, or keys and addresses: more than anything honest has; of which.
    TooMany(&'static str),
    /// Longer than the limit, bytes.
    TooLarge(u64),
    /// Not well-formed XML.
    Syntax {
        /// What is wrong.
        what: String,
        /// Line, from 1; 0 where the document was too long to count.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What it looks like happened to it.
        cause: Option<Mishap>,
    },
    /// The document ends in the middle.
    Truncated,
    /// One entity, and it is no identity provider for SAML 2.0.
    NoProvider {
        /// Its id.
        entity_id: String,
        /// What it is instead.
        role: OtherRole,
    },
    /// A collection without an identity provider for SAML 2.0.
    NoProviderAmong(usize),
    /// Several identity providers, and none was chosen.
    Ambiguous {
        /// How many.
        providers: usize,
        /// The first [`LISTED`] ids.
        first: Vec<String>,
    },
    /// The chosen entity is not there.
    NotThere {
        /// How many entities there are.
        entities: usize,
        /// The first [`LISTED`] ids.
        first: Vec<String>,
    },
    /// The chosen entity is there more than once.
    Twice(String),
    /// The source could not be read to its end: the operating system's words.
    Io(String),
}

impl NotMetadata {
    /// Stable reason for scripts.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Stranger(stranger) => stranger.code(),
            Self::Namespace(_) => "xml_namespace",
            Self::Encoding(_) => "xml_encoding",
            Self::Doctype => "xml_doctype",
            Self::EntityReference(_) => "xml_entity",
            Self::TooDeep => "xml_too_deep",
            Self::TooMany(_) => "xml_too_many",
            Self::TooLarge(_) => "body_too_large",
            Self::Syntax { .. } | Self::Truncated => "xml_syntax",
            Self::NoProvider { role: OtherRole::ServiceProvider, .. } => "sp_metadata",
            Self::NoProvider { role: OtherRole::WsFederation, .. } => "ws_federation_only",
            Self::NoProvider { role: OtherRole::OtherProtocol(_), .. } => "saml_version",
            Self::NoProvider { role: OtherRole::Neither, .. } | Self::NoProviderAmong(_) => "no_idp_role",
            Self::Ambiguous { .. } => "entity_ambiguous",
            Self::NotThere { .. } => "entity_not_found",
            Self::Twice(_) => "entity_twice",
            Self::Io(_) => "metadata_unreadable",
        }
    }
}

impl NotMetadata {
    /// That a private key has travelled matters more than what else is wrong with `text`.
    pub(super) fn unless_private_key_in(self, text: &str) -> Self {
        if private_key::stands_in(text) { Self::Stranger(Stranger::PrivateKey("a private key")) } else { self }
    }
}

/// What seems to have happened to a document that is not well-formed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mishap {
    /// White space before the XML declaration.
    LateDeclaration,
    /// Typographic quotes.
    SmartQuotes,
    /// Blanks of another kind, as web pages use them.
    OtherBlanks,
    /// Words after the document.
    WordsAfter,
    /// Marks of a mail reply in some of the lines.
    Quoted,
}

/// Reads a metadata document. `chosen` is the id of the entity to take from a collection; `allowed` tells which
/// addresses may be plain http, or lead to the machine itself.
///
/// # Errors
///
/// [`NotMetadata`]: what it is instead, or why it cannot be read.
///
/// Source: SAML 2.0 Metadata, section 2.3.
pub fn read(source: impl Read, chosen: Option<&str>, allowed: &dyn Fn(&Url) -> bool) -> Result<Reading, NotMetadata> {
    walk::read(source, chosen, allowed)
}

/// The first entity that a document names, from its `front` alone; `None` where it begins otherwise, or further on.
/// What the document is about, [`read`] says: an aggregate may begin with somebody else.
#[must_use]
pub fn first_entity(front: &[u8]) -> Option<String> {
    walk::first_entity(front)
}
