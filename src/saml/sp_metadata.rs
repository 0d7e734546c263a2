//! Our own side of SAML, as an identity provider is told it: the metadata of the service provider, and what it is to
//! send of a person.
//!
//! One team, one service provider: its entity ID and its assertion consumer service are that team's alone. Nothing is
//! in here that is not served: no single logout, no artifact binding, no signing key.

use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

/// What a `NameID` has to be.
///
/// Source: SAML 2.0 Core, section 8.3.2.
pub const NAME_ID_FORMAT: &str = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress";

/// An attribute that an assertion may carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExpectedAttribute {
    /// `Name`.
    pub name: &'static str,
    /// What it holds, in words.
    pub holds: &'static str,
}

/// The attributes that are read, none of them required: who a person is says the `NameID` alone.
pub const ATTRIBUTES: [ExpectedAttribute; 3] = [
    ExpectedAttribute { name: "email", holds: "the e-mail address" },
    ExpectedAttribute { name: "firstName", holds: "the first name" },
    ExpectedAttribute { name: "lastName", holds: "the last name" },
];

const METADATA: &str = "urn:oasis:names:tc:SAML:2.0:metadata";
const PROTOCOL: &str = "urn:oasis:names:tc:SAML:2.0:protocol";
const HTTP_POST: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST";

/// The metadata of the service provider `entity_id` with its one assertion consumer service, an XML document in UTF-8.
///
/// Requests are not signed, so that no provider need be given a key; assertions have to be.
///
/// # Errors
///
/// None that a document in memory could meet.
///
/// Source: SAML 2.0 Metadata, sections 2.3.2 and 2.4.4.
pub fn document(entity_id: &str, acs_url: &str) -> io::Result<String> {
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    writer
        .create_element("md:EntityDescriptor")
        .with_attribute(("xmlns:md", METADATA))
        .with_attribute(("entityID", entity_id))
        .write_inner_content(|writer| {
            writer
                .create_element("md:SPSSODescriptor")
                .with_attribute(("AuthnRequestsSigned", "false"))
                .with_attribute(("WantAssertionsSigned", "true"))
                .with_attribute(("protocolSupportEnumeration", PROTOCOL))
                .write_inner_content(|writer| {
                    writer.create_element("md:NameIDFormat").write_text_content(BytesText::new(NAME_ID_FORMAT))?;
                    writer
                        .create_element("md:AssertionConsumerService")
                        .with_attribute(("Binding", HTTP_POST))
                        .with_attribute(("Location", acs_url))
                        .with_attribute(("index", "0"))
                        .with_attribute(("isDefault", "true"))
                        .write_empty()?;
                    Ok(())
                })?;
            Ok(())
        })?;
    let mut text = String::from_utf8(writer.into_inner()).map_err(io::Error::other)?;
    text.push('\n');
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_says_what_is_served_and_nothing_else() {
        let text = document("https://app.example/sso/x/metadata", "https://app.example/sso/x/acs/okta").unwrap();
        let expected = r#"<?xml version="1.0" encoding="UTF-8"?>
<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://app.example/sso/x/metadata">
  <md:SPSSODescriptor AuthnRequestsSigned="false" WantAssertionsSigned="true" protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
    <md:NameIDFormat>urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress</md:NameIDFormat>
    <md:AssertionConsumerService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://app.example/sso/x/acs/okta" index="0" isDefault="true"/>
  </md:SPSSODescriptor>
</md:EntityDescriptor>
"#;
        assert_eq!(text, expected);
    }

    #[test]
    fn a_value_cannot_leave_its_attribute() {
        let text = document("urn:a\"><evil/>&", "https://app.example/'<").unwrap();
        assert!(text.contains("entityID=\"urn:a&quot;&gt;&lt;evil/&gt;&amp;\""), "{text}");
        assert!(!text.contains("<evil"), "{text}");
    }
}
