//! A stored connection as metadata again, so that it can be judged on the same path as metadata that just came in.

use quick_xml::Writer;
use quick_xml::events::BytesText;

use crate::product::connection::{Endpoint, SamlSettings};

const METADATA: &str = "urn:oasis:names:tc:SAML:2.0:metadata";
const PROTOCOL: &str = "urn:oasis:names:tc:SAML:2.0:protocol";
const SIGNATURE: &str = "http://www.w3.org/2000/09/xmldsig#";

/// Metadata that says what `settings` say: entity ID, certificates, endpoints, `NameID` formats. It is not the document
/// that once came in, which is not kept.
///
/// # Errors
///
/// Never in practice: writing to memory.
///
/// Source: SAML 2.0 Metadata, section 2.4.3.
pub fn document(settings: &SamlSettings) -> std::io::Result<Vec<u8>> {
    let mut writer = Writer::new(Vec::new());
    writer
        .create_element("EntityDescriptor")
        .with_attributes([("xmlns", METADATA), ("entityID", settings.entity_id.as_str())])
        .write_inner_content(|writer| {
            let signed = if settings.want_authn_requests_signed { "true" } else { "false" };
            writer
                .create_element("IDPSSODescriptor")
                .with_attributes([("protocolSupportEnumeration", PROTOCOL), ("WantAuthnRequestsSigned", signed)])
                .write_inner_content(|writer| role(writer, settings))?;
            Ok(())
        })?;
    Ok(writer.into_inner())
}

fn role(writer: &mut Writer<Vec<u8>>, settings: &SamlSettings) -> std::io::Result<()> {
    for certificate in &settings.certificates {
        writer.create_element("KeyDescriptor").with_attribute(("use", "signing")).write_inner_content(|writer| {
            writer.create_element("KeyInfo").with_attribute(("xmlns", SIGNATURE)).write_inner_content(|writer| {
                writer.create_element("X509Data").write_inner_content(|writer| {
                    writer
                        .create_element("X509Certificate")
                        .write_text_content(BytesText::new(&certificate.der))
                        .map(drop)
                })?;
                Ok(())
            })?;
            Ok(())
        })?;
    }
    for endpoint in &settings.slo {
        write_endpoint(writer, "SingleLogoutService", endpoint)?;
    }
    for format in &settings.name_id_formats {
        writer.create_element("NameIDFormat").write_text_content(BytesText::new(format))?;
    }
    for endpoint in &settings.sso {
        write_endpoint(writer, "SingleSignOnService", endpoint)?;
    }
    Ok(())
}

fn write_endpoint(writer: &mut Writer<Vec<u8>>, name: &str, endpoint: &Endpoint) -> std::io::Result<()> {
    let mut element = writer
        .create_element(name)
        .with_attributes([("Binding", endpoint.binding.as_str()), ("Location", endpoint.location.as_str())]);
    if let Some(location) = &endpoint.response_location {
        element = element.with_attribute(("ResponseLocation", location.as_str()));
    }
    element.write_empty()?;
    Ok(())
}
