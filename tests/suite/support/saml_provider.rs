//! A SAML identity provider on paper: its metadata, with real certificates that are made for each test.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{CertificateParams, DnType, KeyPair, date_time_ymd};

/// An identity provider of some entity ID and signing certificates.
#[derive(Debug, Clone)]
pub struct SamlProvider {
    entity_id: String,
    certificates: Vec<Vec<u8>>,
}

impl SamlProvider {
    /// A provider whose one certificate is good until 2040.
    pub fn new(entity_id: &str) -> Self {
        Self { entity_id: entity_id.to_owned(), certificates: Vec::new() }.signing_until(2040)
    }

    /// The same provider without a certificate.
    pub fn without_certificates(mut self) -> Self {
        self.certificates.clear();
        self
    }

    /// One more certificate, good from 2020 until New Year of `year`.
    pub fn signing_until(mut self, year: i32) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, "SAML signing");
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(year, 1, 1);
        let certificate = params.self_signed(&KeyPair::generate().unwrap()).unwrap();
        self.certificates.push(certificate.der().to_vec());
        self
    }

    /// Its metadata.
    pub fn metadata(&self) -> String {
        let keys: String = self
            .certificates
            .iter()
            .map(|der| {
                format!(
                    "<md:KeyDescriptor use=\"signing\"><ds:KeyInfo xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">\
                     <ds:X509Data><ds:X509Certificate>{}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>\
                     </md:KeyDescriptor>",
                    STANDARD.encode(der)
                )
            })
            .collect();
        let service = |name: &str, binding: &str, path: &str| {
            format!(
                "<md:{name} Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:{binding}\" \
                 Location=\"https://idp.acme.example/{path}\"/>"
            )
        };
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <md:EntityDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\" entityID=\"{}\">\
             <md:IDPSSODescriptor WantAuthnRequestsSigned=\"false\" \
             protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\">{keys}{}\
             <md:NameIDFormat>urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress</md:NameIDFormat>{}{}\
             </md:IDPSSODescriptor></md:EntityDescriptor>\n",
            self.entity_id,
            service("SingleLogoutService", "HTTP-Redirect", "slo"),
            service("SingleSignOnService", "HTTP-Redirect", "sso"),
            service("SingleSignOnService", "HTTP-POST", "sso"),
        )
    }
}
