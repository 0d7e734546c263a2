//! The TLS library's own judgement of a server, with one more word of it: which of two signatures did not fit.
//!
//! The library says of both the same: of the authority's signature in a certificate, and of the server's own in the
//! handshake. One is somebody else's certificate, the other a key that is too short or not the certificate's.

use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, Error, OtherError, SignatureScheme};

/// The server's signature in the handshake does not fit its certificate, or was made with a key that is too short.
#[derive(Debug, thiserror::Error)]
#[error("the server's own signature is not acceptable")]
pub(super) struct BadHandshakeSignature;

/// Judges as the one within, and lets nothing pass that it does not.
#[derive(Debug)]
pub(super) struct Verifier(pub(super) Arc<WebPkiServerVerifier>);

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.0.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls12_signature(message, certificate, signed).map_err(of_handshake)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls13_signature(message, certificate, signed).map_err(of_handshake)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }
}

fn of_handshake(error: Error) -> Error {
    match error {
        Error::InvalidCertificate(CertificateError::BadSignature) => {
            CertificateError::Other(OtherError(Arc::new(BadHandshakeSignature))).into()
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::TlsProblem;
    use crate::net::tls::problem;

    #[test]
    fn a_server_whose_own_signature_does_not_fit_is_not_told_as_an_untrusted_authority() {
        let bad: Error = CertificateError::BadSignature.into();
        assert!(matches!(problem(&bad, "idp.acme.example"), TlsProblem::UntrustedCa { .. }));
        let told = problem(&of_handshake(bad), "idp.acme.example");
        assert!(matches!(&told, TlsProblem::BadCertificate { .. }), "{told:?}");
        assert!(told.to_string().contains("2048 bits"), "{told}");
    }

    #[test]
    fn whatever_else_is_wrong_with_a_handshake_stays_what_it_is() {
        let expired: Error = CertificateError::Expired.into();
        assert_eq!(of_handshake(expired.clone()), expired);
    }
}
