//! Metadata from the ordinary document by one edit each.

mod certificates;
mod documents;
mod gathering;
mod properties;
mod signatures;
mod streams;
mod strictness;

use super::metadata::{self, NotMetadata, Reading};

/// An ordinary certificate, and one with a curve.
const RSA: &str = include_str!("../../../fixtures/metadata/certificates/rsa2048.b64");
const P256: &str = include_str!("../../../fixtures/metadata/certificates/p256.b64");

/// An identity provider named `id`, without an XML declaration.
fn entity(id: &str) -> String {
    format!(
        "<md:EntityDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\" entityID=\"{id}\">\
         <md:IDPSSODescriptor protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\">\
         <md:KeyDescriptor use=\"signing\"><ds:KeyInfo xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:X509Data>\
         <ds:X509Certificate>{P256}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>\
         <md:SingleSignOnService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect\" \
         Location=\"https://idp.acme.example/sso\"/></md:IDPSSODescriptor></md:EntityDescriptor>"
    )
}

fn collection(inside: &str) -> String {
    format!("<md:EntitiesDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\">{inside}</md:EntitiesDescriptor>")
}

fn read(text: &str) -> Result<Reading, NotMetadata> {
    metadata::read(text.as_bytes(), None, &|_| false)
}

fn code(text: &str) -> &'static str {
    read(text).map_or_else(|not| not.code(), |_| "read")
}
