//! Start tags: their names, namespaces and attributes.

use quick_xml::XmlVersion;
use quick_xml::events::BytesStart;
use quick_xml::events::attributes::AttrError;
use quick_xml::name::{NamespaceResolver, QName, ResolveResult};

use super::fault::{FaultKind, of_escape, syntax};
use super::{ATTRIBUTES, is_space, legal};

/// A namespace, as far as metadata knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::saml) enum Ns {
    /// None at all.
    None,
    /// `urn:oasis:names:tc:SAML:2.0:metadata`
    Metadata,
    /// `http://www.w3.org/2000/09/xmldsig#`
    Signature,
    /// `urn:oasis:names:tc:SAML:2.0:protocol`
    Protocol,
    /// `urn:oasis:names:tc:SAML:2.0:assertion`
    Assertion,
    /// `http://www.w3.org/2001/XMLSchema-instance`
    Instance,
    /// The one of `xml:base` and kin.
    Xml,
    /// Any other.
    Other(String),
}

/// The namespace of SAML 2.0 metadata.
pub(in crate::saml) const METADATA: &str = "urn:oasis:names:tc:SAML:2.0:metadata";
/// The namespace of XML signatures.
pub(in crate::saml) const SIGNATURE: &str = "http://www.w3.org/2000/09/xmldsig#";

const XML: &str = "http://www.w3.org/XML/1998/namespace";
const XMLNS: &str = "http://www.w3.org/2000/xmlns/";

impl Ns {
    fn of(uri: &str) -> Self {
        match uri {
            METADATA => Self::Metadata,
            SIGNATURE => Self::Signature,
            "urn:oasis:names:tc:SAML:2.0:protocol" => Self::Protocol,
            "urn:oasis:names:tc:SAML:2.0:assertion" => Self::Assertion,
            "http://www.w3.org/2001/XMLSchema-instance" => Self::Instance,
            XML => Self::Xml,
            other => Self::Other(other.to_owned()),
        }
    }
}

/// A start tag.
#[derive(Debug, Clone)]
pub(in crate::saml) struct Tag {
    pub(in crate::saml) ns: Ns,
    pub(in crate::saml) local: String,
    pub(in crate::saml) attributes: Vec<Attribute>,
    /// It has `xml:base`.
    pub(in crate::saml) moves_base: bool,
    /// How many attributes it has, and how many of them declare a namespace.
    pub(super) given: usize,
    pub(super) declared: usize,
}

/// An attribute, normalised as XML asks.
#[derive(Debug, Clone)]
pub(in crate::saml) struct Attribute {
    pub(in crate::saml) ns: Ns,
    pub(in crate::saml) local: String,
    pub(in crate::saml) value: String,
    /// The value has a line break in it, which normalising made a blank.
    pub(in crate::saml) broken: bool,
}

impl Tag {
    /// Whether this is the element `local` of SAML metadata.
    pub(in crate::saml) fn is_metadata(&self, local: &str) -> bool {
        self.ns == Ns::Metadata && self.local == local
    }

    /// Whether this is the element `local` of XML signatures.
    pub(in crate::saml) fn is_signature(&self, local: &str) -> bool {
        self.ns == Ns::Signature && self.local == local
    }

    /// The value of an attribute without a prefix.
    pub(in crate::saml) fn attribute(&self, local: &str) -> Option<&str> {
        self.find(local).map(|one| one.value.as_str())
    }

    /// An attribute without a prefix.
    pub(in crate::saml) fn find(&self, local: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|one| one.ns == Ns::None && one.local == local)
    }

    /// The value of an attribute in a namespace.
    pub(in crate::saml) fn attribute_in(&self, ns: &Ns, local: &str) -> Option<&str> {
        self.attributes.iter().find(|one| one.ns == *ns && one.local == local).map(|one| one.value.as_str())
    }
}

/// Reads a start tag; nothing of it is kept but that it is in order, unless `keep`.
pub(super) fn read(start: &BytesStart<'_>, resolver: &NamespaceResolver, keep: bool) -> Result<Tag, FaultKind> {
    let name = start.name();
    if !is_qualified_name(name) {
        return Err(syntax("an element has a name that is not allowed"));
    }
    spaced(start.attributes_raw())?;
    let (found, local) = resolver.resolve_element(name);
    let ns = bound(&found)?;
    let mut attributes: Vec<Attribute> = Vec::new();
    // Attributes in a namespace: the splitter tells those apart that are spelt alike, and knows no others.
    let mut prefixed = Vec::new();
    let (mut given, mut declared, mut moves_base) = (0, 0, false);
    for (position, attribute) in start.attributes().enumerate() {
        if position == ATTRIBUTES {
            return Err(FaultKind::TooMany("attributes"));
        }
        given += 1;
        let attribute = attribute.map_err(|error| match error {
            AttrError::Duplicated(..) => syntax("an attribute is given twice"),
            other => FaultKind::Syntax(other.to_string()),
        })?;
        let raw: &str = &attribute.value;
        if !is_qualified_name(attribute.key) {
            return Err(syntax("an attribute has a name that is not allowed"));
        }
        if raw.contains('<') {
            return Err(syntax("`<` stands in an attribute (it has to be `&lt;`)"));
        }
        legal(raw)?;
        if attribute.key.as_namespace_binding().is_some() {
            // The resolver takes the value as it is written, so it has to be what it says.
            if raw.contains(['&', '\n', '\r', '\t']) || (raw.is_empty() && attribute.key.prefix().is_some()) {
                return Err(syntax("a namespace is declared in a way that cannot be read safely"));
            }
            // Nothing but `xml` and `xmlns` may stand for these two; prefixes are the resolver's to refuse.
            if attribute.key.prefix().is_none() && [XML, XMLNS].contains(&raw) {
                return Err(syntax("a namespace is declared that nothing may be in"));
            }
            declared += 1;
            continue;
        }
        let (found, local) = resolver.resolve_attribute(attribute.key);
        let ns = bound(&found)?;
        moves_base |= ns == Ns::Xml && local.into_inner() == "base";
        let local: &str = local.into_inner();
        if ns != Ns::None {
            if prefixed.iter().any(|(other, name): &(Ns, &str)| *other == ns && *name == local) {
                return Err(syntax("an attribute is given twice"));
            }
            prefixed.push((ns.clone(), local));
        }
        if !keep && !raw.contains('&') {
            continue;
        }
        let value = attribute.normalized_value(XmlVersion::Explicit1_0).map_err(|error| of_escape(&error))?;
        legal(&value)?;
        if keep {
            let broken = raw.contains(['\n', '\r']);
            attributes.push(Attribute { ns, local: local.to_owned(), value: value.into_owned(), broken });
        }
    }
    let local = if keep { local.into_inner().to_owned() } else { String::new() };
    Ok(Tag { ns, local, attributes, moves_base, given, declared })
}

fn bound(found: &ResolveResult<'_>) -> Result<Ns, FaultKind> {
    match found {
        ResolveResult::Bound(namespace) => Ok(Ns::of(namespace.0)),
        ResolveResult::Unbound => Ok(Ns::None),
        ResolveResult::Unknown(prefix) => Err(FaultKind::Syntax(format!("the prefix `{prefix}` is not declared"))),
    }
}

/// White space between attributes, which the attribute parser does not insist on.
fn spaced(raw: &str) -> Result<(), FaultKind> {
    let mut open: Option<u8> = None;
    let mut after_value = false;
    for byte in raw.bytes() {
        if after_value && !is_space(byte) {
            return Err(syntax("there is no blank between two attributes"));
        }
        after_value = false;
        match open {
            Some(quote) if quote == byte => (open, after_value) = (None, true),
            None if byte == b'"' || byte == b'\'' => open = Some(byte),
            _ => {}
        }
    }
    Ok(())
}

fn is_qualified_name(name: QName<'_>) -> bool {
    let text = name.0;
    match text.split_once(':') {
        None => is_name(text),
        Some((prefix, local)) => is_name(prefix) && is_name(local) && !local.contains(':'),
    }
}

/// A name without a colon rule of its own. Source: XML 1.0, section 2.3.
pub(super) fn is_name(text: &str) -> bool {
    let mut characters = text.chars();
    characters.next().is_some_and(begins_name) && characters.all(|one| begins_name(one) || continues_name(one))
}

fn begins_name(one: char) -> bool {
    one.is_ascii_alphabetic()
        || matches!(one, '_' | ':' | '\u{C0}'..='\u{D6}' | '\u{D8}'..='\u{F6}' | '\u{F8}'..='\u{2FF}' | '\u{370}'..='\u{37D}'
            | '\u{37F}'..='\u{1FFF}' | '\u{200C}'..='\u{200D}' | '\u{2070}'..='\u{218F}' | '\u{2C00}'..='\u{2FEF}'
            | '\u{3001}'..='\u{D7FF}' | '\u{F900}'..='\u{FDCF}' | '\u{FDF0}'..='\u{FFFD}' | '\u{10000}'..='\u{EFFFF}')
}

fn continues_name(one: char) -> bool {
    one.is_ascii_digit() || matches!(one, '-' | '.' | '\u{B7}' | '\u{0300}'..='\u{036F}' | '\u{203F}'..='\u{2040}')
}
