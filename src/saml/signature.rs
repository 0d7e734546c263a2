//! The signature of metadata: whether what was read is what was signed.
//!
//! Verified by a maintained library over a tree of its own; here it is decided which signatures count, what they may look
//! like, and whether they cover what was read. The key comes from the document itself, so a valid signature proves that
//! nothing was altered since, and not who signed (rule R-15). Nothing that a signature says is ever a source of facts.
//!
//! Rules: one `SignedInfo`, one `Reference` to the element that holds the signature, at most
//! two transforms and algorithms from a list.

use bergshamra_dsig::{DsigContext, VerifyResult, verify};
use bergshamra_keys::KeysManager;
use bergshamra_keys::loader::load_x509_cert_der;
use uppsala::{Document, NodeId};

use super::certificate::{Certificate, Strength};
use super::entity::{Entity, IdentityProvider, SAML2};
use super::expiry::Place;
use super::walk::Found;
use super::xml::{Load, METADATA, SIGNATURE};

/// Most signatures of a document that are looked at: each may cover the whole of it.
pub const SIGNATURES: usize = 16;
/// Most nodes of a document that is held as a tree, which takes some 200 bytes for each.
const NODES: u64 = 400_000;
/// Most namespaces that are looked up for all signatures together ([`Load::namespaces`]).
const LOOKUPS: u64 = 4_000_000;

/// A signature and what came of verifying it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// What it signs.
    pub place: Place,
    /// Signature algorithm, as named in the document.
    pub algorithm: Option<String>,
    /// What came of it.
    pub outcome: Outcome,
}

/// What came of verifying a signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing was altered since it was signed.
    Valid {
        /// SHA-256 of the certificate whose key it was verified with.
        by: String,
        /// That certificate is one the identity provider signs with, too.
        own: bool,
        /// What makes it easier to forge than it should be.
        weak: Option<&'static str>,
    },
    /// Something was altered: content or signature do not match.
    Altered,
    /// It is not built as a signature of metadata has to be, and how.
    Malformed(&'static str),
    /// There is no key to verify it with, and why.
    NoKey(&'static str),
    /// It was not verified, and why.
    NotVerified(&'static str),
}

const SHA1: [&str; 3] = [
    "http://www.w3.org/2000/09/xmldsig#rsa-sha1",
    "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha1",
    "http://www.w3.org/2000/09/xmldsig#sha1",
];
const METHODS: [&str; 11] = [
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384",
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512",
    "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1",
    "http://www.w3.org/2007/05/xmldsig-more#sha384-rsa-MGF1",
    "http://www.w3.org/2007/05/xmldsig-more#sha512-rsa-MGF1",
    "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
    "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384",
    "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512",
    "http://www.w3.org/2000/09/xmldsig#rsa-sha1",
    "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha1",
];
const DIGESTS: [&str; 4] = [
    "http://www.w3.org/2001/04/xmlenc#sha256",
    "http://www.w3.org/2001/04/xmldsig-more#sha384",
    "http://www.w3.org/2001/04/xmlenc#sha512",
    "http://www.w3.org/2000/09/xmldsig#sha1",
];
const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
const CANONICAL: [&str; 3] = [
    "http://www.w3.org/2001/10/xml-exc-c14n#",
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
    "http://www.w3.org/2006/12/xml-c14n11",
];

/// Verifies the signatures over the entity that was found in `text`, outermost first; none where there is none, or where that
/// would take more time or memory than an honest document does.
pub(super) fn verify(text: &str, found: &Found, load: Load) -> Vec<Signature> {
    if !is_signed(found) {
        return Vec::new();
    }
    if load.nodes > NODES {
        return unverified(found, "the document has too many parts");
    }
    let unreadable = |_| unverified(found, "the XML is too unusual for the library that verifies");
    uppsala::parse(text).map_or_else(unreadable, |document| Tree { document: &document, found, load }.verify(text))
}

/// As [`verify`], for a document that is too long to be held in memory.
pub(super) fn too_large(found: &Found) -> Vec<Signature> {
    unverified(found, "the document is too long to be verified in memory")
}

fn is_signed(found: &Found) -> bool {
    found.group_signed || !found.entity.signed.is_empty()
}

fn unverified(found: &Found, why: &'static str) -> Vec<Signature> {
    let group = found.group_signed.then_some(Place::Group);
    let mut places: Vec<Place> = group.into_iter().chain(found.entity.signed.iter().copied()).collect();
    places.sort_unstable();
    places.dedup();
    places.into_iter().map(|place| Signature { place, algorithm: None, outcome: Outcome::NotVerified(why) }).collect()
}

struct Tree<'t> {
    document: &'t Document<'t>,
    found: &'t Found,
    load: Load,
}

/// A signature in the tree.
struct Candidate {
    place: Place,
    /// The element that holds it, which is the one it has to sign.
    parent: NodeId,
    node: NodeId,
    algorithm: Option<String>,
    /// The certificates it brings along; those that cannot be read as their number.
    certificates: Vec<Certificate>,
    unreadable: usize,
    /// Why it is not even tried.
    fault: Option<&'static str>,
    sha1: bool,
}

impl Tree<'_> {
    fn verify(&self, text: &str) -> Vec<Signature> {
        let Some(entity) = self.entity() else {
            return unverified(self.found, "the two readers of XML disagree about where the entity is");
        };
        let all = self.document.get_elements_by_tag_name_ns(SIGNATURE, "Signature");
        if all.len() > SIGNATURES {
            return unverified(self.found, "there are too many signatures in it");
        }
        if self.load.namespaces.saturating_mul(all.len() as u64) > LOOKUPS {
            return unverified(self.found, "the document declares too many namespaces");
        }
        let candidates = self.candidates(entity);
        let own: Vec<&Certificate> =
            self.found.entity.provider.iter().flat_map(IdentityProvider::signing_certificates).collect();
        let mut keys = KeysManager::new();
        for certificate in candidates.iter().flat_map(|one| &one.certificates).chain(own.iter().copied()) {
            // A key that the library does not know cannot verify anything either.
            if let Ok(key) = load_x509_cert_der(&certificate.der) {
                keys.add_key(key);
            }
        }
        let results = if keys.is_empty() {
            Vec::new()
        } else {
            verify::verify_all_document_with_source(&DsigContext::new(keys), self.document, Some(text))
                .unwrap_or_default()
        };
        let judge = |candidate: Candidate| {
            let result = all.iter().position(|node| *node == candidate.node).and_then(|position| results.get(position));
            let outcome = self.outcome(&candidate, result, &own, entity);
            Signature { place: candidate.place, algorithm: candidate.algorithm, outcome }
        };
        candidates.into_iter().map(judge).collect()
    }

    fn outcome(
        &self,
        candidate: &Candidate,
        result: Option<&VerifyResult>,
        own: &[&Certificate],
        entity: NodeId,
    ) -> Outcome {
        if let Some(why) = candidate.fault {
            return Outcome::Malformed(why);
        }
        let brought = !candidate.certificates.is_empty();
        match result {
            Some(VerifyResult::Valid { signature_node, references, key_info }) => {
                let covers = match references.as_slice() {
                    // The empty reference stands for the whole document.
                    [one] if one.uri.is_empty() => Some(candidate.parent) == self.document.document_element(),
                    [one] => one.resolved_node == Some(candidate.parent) && one.digest_verified,
                    _ => false,
                };
                let Some(by) = key_info.x509_chain.first().and_then(|der| Certificate::of_der(der).ok()) else {
                    return Outcome::NoKey("the key that fits has no certificate");
                };
                // The manager holds the keys of all signatures: this one answers for its own and the entity's alone.
                let is_own = own.iter().any(|one| one.der == by.der);
                let entitled = is_own || candidate.certificates.iter().any(|one| one.der == by.der);
                if *signature_node != candidate.node || !covers || !entitled {
                    return Outcome::Malformed("it does not cover the element it stands in");
                }
                if !self.agrees(entity, candidate.place) {
                    return Outcome::Malformed("what it covers is not what was read");
                }
                let weak = candidate.sha1.then_some("it rests on SHA-1, which has been broken");
                Outcome::Valid { by: by.sha256, own: is_own, weak }
            }
            // The library says the same of a key that it does not use as of a signature that does not fit.
            Some(VerifyResult::Invalid { .. })
                if brought && candidate.certificates.iter().all(|one| one.key.strength() != Strength::Good) =>
            {
                Outcome::NotVerified("its key is too weak or too unusual for the library that verifies")
            }
            Some(VerifyResult::Invalid { .. }) if brought => Outcome::Altered,
            _ if candidate.unreadable > 0 => Outcome::NoKey("the certificate in it cannot be read"),
            _ if brought => Outcome::NotVerified("its key or algorithm is unknown to the library that verifies"),
            _ => Outcome::NoKey("there is no certificate in it"),
        }
    }

    fn candidates(&self, entity: NodeId) -> Vec<Candidate> {
        let mut places = Vec::new();
        let mut around = self.document.parent(entity);
        while let Some(group) = around.filter(|group| self.is(*group, METADATA, "EntitiesDescriptor")) {
            places.insert(0, (Place::Group, group));
            around = self.document.parent(group);
        }
        places.push((Place::Entity, entity));
        places.extend(self.role(entity).map(|role| (Place::Role, role)));
        let signed = |(place, parent): (Place, NodeId)| {
            let signatures = self.children(parent, SIGNATURE, "Signature");
            let several = signatures.len() > 1;
            signatures.into_iter().next().map(|node| self.candidate(place, parent, node, several))
        };
        places.into_iter().filter_map(signed).collect()
    }

    fn candidate(&self, place: Place, parent: NodeId, node: NodeId, several: bool) -> Candidate {
        let info = self.children(node, SIGNATURE, "SignedInfo");
        let method = info.iter().flat_map(|info| self.children(*info, SIGNATURE, "SignatureMethod")).next();
        let algorithm = method.and_then(|method| self.attribute(method, "Algorithm"));
        let data = self.path(node, &["KeyInfo", "X509Data", "X509Certificate"]);
        let read = data.iter().map(|one| Certificate::read(&self.document.text_content_deep(*one)));
        let (good, bad): (Vec<_>, Vec<_>) = read.partition(Result::is_ok);
        let sha1 = algorithm.is_some_and(|one| SHA1.contains(&one))
            || self.algorithms(node, &["SignedInfo", "Reference", "DigestMethod"]).iter().any(|one| SHA1.contains(one));
        Candidate {
            place,
            parent,
            node,
            algorithm: algorithm.map(str::to_owned),
            certificates: good.into_iter().flatten().collect(),
            unreadable: bad.len(),
            fault: if several { Some("there is more than one of them") } else { self.fault(parent, node) },
            sha1,
        }
    }

    /// What is wrong with how a signature is built.
    fn fault(&self, parent: NodeId, signature: NodeId) -> Option<&'static str> {
        let count = |path: &[&str]| self.path(signature, path).len();
        let algorithms = |path: &[&str]| self.algorithms(signature, path);
        let only = |found: &[&str], allowed: &[&str]| found.len() == 1 && found.iter().all(|one| allowed.contains(one));
        if count(&["SignedInfo"]) != 1 || count(&["SignatureValue"]) != 1 || count(&["KeyInfo"]) > 1 {
            return Some("its parts are not there once each");
        }
        if count(&["Object"]) > 0 {
            return Some("it carries content of its own");
        }
        let [reference] = self.path(signature, &["SignedInfo", "Reference"])[..] else {
            return Some("it does not sign exactly one thing");
        };
        let values = [&["SignatureValue"][..], &["SignedInfo", "Reference", "DigestValue"]];
        if values.iter().flat_map(|path| self.path(signature, path)).any(|value| !self.is_plain_text(value)) {
            return Some("one of its values is interrupted");
        }
        if !only(&algorithms(&["SignedInfo", "CanonicalizationMethod"]), &CANONICAL)
            || !only(&algorithms(&["SignedInfo", "SignatureMethod"]), &METHODS)
            || !only(&algorithms(&["SignedInfo", "Reference", "DigestMethod"]), &DIGESTS)
        {
            return Some("it uses an algorithm that is not accepted");
        }
        let transforms = algorithms(&["SignedInfo", "Reference", "Transforms", "Transform"]);
        let canonical = transforms.iter().filter(|one| CANONICAL.contains(one)).count();
        let enveloped = transforms.iter().filter(|one| **one == ENVELOPED).count();
        if enveloped != 1 || canonical > 1 || transforms.len() != enveloped + canonical {
            return Some("it transforms what it signs in a way that is not accepted");
        }
        let target = self.attribute(reference, "URI").unwrap_or_default();
        let is_root = Some(parent) == self.document.document_element();
        let id = self.attribute(parent, "ID");
        let points_here = target.strip_prefix('#').is_some_and(|target| id == Some(target));
        if !(points_here || target.is_empty() && is_root) {
            return Some("it refers to another element than the one it stands in");
        }
        if id.is_some_and(|id| self.bearers(id) > 1) {
            return Some("the ID of what it signs stands in the document more than once");
        }
        None
    }

    /// How many elements have this ID, under any of the names that programs take for one (rule R-04).
    fn bearers(&self, id: &str) -> usize {
        let mut open: Vec<NodeId> = self.document.document_element().into_iter().collect();
        let mut bearers = 0;
        while let Some(node) = open.pop() {
            let attributes = self.document.element(node).map_or(&[][..], |element| &element.attributes[..]);
            let names_it =
                |one: &uppsala::Attribute<'_>| one.value == id && one.name.local_name.eq_ignore_ascii_case("id");
            bearers += usize::from(attributes.iter().any(names_it));
            open.extend(self.document.children_iter(node));
        }
        bearers
    }

    /// Whether the tree says of the entity what was read of it by the other parser (rule R-02).
    fn agrees(&self, entity: NodeId, place: Place) -> bool {
        let Some((role, provider)) = self.role(entity).zip(self.found.entity.provider.as_ref()) else { return false };
        let Entity { entity_id, .. } = &self.found.entity;
        let services = |name| -> Vec<(&str, &str)> {
            let of = |node, name| self.attribute(node, name).unwrap_or_default().trim();
            self.children(role, METADATA, name)
                .into_iter()
                .map(|one| (of(one, "Binding"), of(one, "Location")))
                .collect()
        };
        let read = |endpoints: &'_ [super::endpoint::Endpoint]| -> Vec<(String, String)> {
            endpoints.iter().map(|one| (one.binding.clone(), one.location.clone())).collect()
        };
        let same = |tree: Vec<(&str, &str)>, read: Vec<(String, String)>| {
            tree.len() == read.len() && tree.iter().zip(&read).all(|(tree, read)| tree.0 == read.0 && tree.1 == read.1)
        };
        let certificates = self.children(role, METADATA, "KeyDescriptor").into_iter();
        let certificates = certificates.flat_map(|key| self.path(key, &["KeyInfo", "X509Data", "X509Certificate"]));
        let certificates: Vec<_> =
            certificates.map(|one| Certificate::read(&self.document.text_content_deep(one))).collect();
        (place == Place::Role || self.attribute(entity, "entityID") == Some(entity_id.as_str()))
            && same(services("SingleSignOnService"), read(&provider.sso))
            && same(services("SingleLogoutService"), read(&provider.slo))
            && certificates.iter().eq(provider.keys.iter().flat_map(|key| &key.certificates))
    }

    /// The entity that was found, by the path of collections that leads to it.
    fn entity(&self) -> Option<NodeId> {
        let mut open = vec![self.document.document_element()?];
        while let Some(node) = open.pop() {
            if self.is(node, METADATA, "EntityDescriptor") {
                let named = self.attribute(node, "entityID").unwrap_or_default() == self.found.entity.entity_id;
                if named && self.role(node).is_some() {
                    return Some(node);
                }
            } else if self.is(node, METADATA, "EntitiesDescriptor") {
                open.extend(self.document.children(node).into_iter().rev());
            }
        }
        None
    }

    fn role(&self, entity: NodeId) -> Option<NodeId> {
        let speaks = |role: &NodeId| {
            let protocols = self.attribute(*role, "protocolSupportEnumeration").unwrap_or_default();
            protocols.split_whitespace().any(|one| one == SAML2)
        };
        self.children(entity, METADATA, "IDPSSODescriptor").into_iter().find(speaks)
    }

    fn is(&self, node: NodeId, ns: &str, local: &str) -> bool {
        self.document.element(node).is_some_and(|element| element.matches_name_ns(ns, local))
    }

    fn children(&self, node: NodeId, ns: &str, local: &str) -> Vec<NodeId> {
        self.document.children(node).into_iter().filter(|child| self.is(*child, ns, local)).collect()
    }

    /// Elements of XML signatures below `node`, one name a level.
    fn path(&self, node: NodeId, names: &[&str]) -> Vec<NodeId> {
        names.iter().fold(vec![node], |nodes, name| {
            nodes.into_iter().flat_map(|node| self.children(node, SIGNATURE, name)).collect()
        })
    }

    fn algorithms(&self, node: NodeId, path: &[&str]) -> Vec<&str> {
        self.path(node, path).into_iter().map(|one| self.attribute(one, "Algorithm").unwrap_or_default()).collect()
    }

    /// An attribute without a prefix.
    fn attribute(&self, node: NodeId, name: &str) -> Option<&str> {
        let mut attributes = self.document.element(node)?.attributes.iter();
        attributes.find(|one| one.name.matches(None, name)).map(|one| one.value.as_ref())
    }

    fn is_plain_text(&self, node: NodeId) -> bool {
        let is_text = |child: NodeId| matches!(self.document.node_kind(child), Some(uppsala::NodeKind::Text(_)));
        self.document.children(node).into_iter().all(is_text)
    }
}
