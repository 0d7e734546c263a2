//! TLS as this machine speaks it: whom it trusts, and what a failed handshake means.

use std::path::Path;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{AlertDescription, CertificateError, CipherSuite, PeerIncompatible, RootCertStore};

use super::verifier::{BadHandshakeSignature, Verifier};
use super::{NetOptions, NetSetupError};
use crate::exchange::TlsProblem;
use crate::foreign;

/// TLS 1.2 and 1.3 with the roots of `options`, HTTP/2 offered before HTTP/1.1.
pub(super) fn client_config(options: &NetOptions) -> Result<rustls::ClientConfig, NetSetupError> {
    let roots = roots(options)?;
    let library = |error: &dyn std::error::Error| NetSetupError::Library { reason: error.to_string() };
    let mut provider = rustls::crypto::aws_lc_rs::default_provider();
    // First of all what browsers prefer too: processors have instructions for SHA-256, and most have none for SHA-384, which
    // derives every key of the other.
    provider.cipher_suites.sort_by_key(|suite| suite.suite() != CipherSuite::TLS13_AES_128_GCM_SHA256);
    let provider = Arc::new(provider);
    let builder = rustls::ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
        .map_err(|error| library(&error))?;
    // Who trusts nobody needs no reasons.
    let mut config = if roots.is_empty() {
        builder.with_root_certificates(roots).with_no_client_auth()
    } else {
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider)
            .build()
            .map_err(|error| library(&error))?;
        let verifier = Verifier(verifier);
        builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier)).with_no_client_auth()
    };
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

fn roots(options: &NetOptions) -> Result<RootCertStore, NetSetupError> {
    let mut roots = RootCertStore::empty();
    for (index, pem) in options.ca_certs_pem.iter().enumerate() {
        add_pem(&mut roots, pem).map_err(|reason| NetSetupError::BadCaCertificate { position: index + 1, reason })?;
    }
    if options.system_roots {
        let (added, _) = roots.add_parsable_certificates(system_certificates());
        // Whoever names roots of their own may do without the system's.
        if added == 0 && options.ca_certs_pem.is_empty() {
            return Err(NetSetupError::NoSystemRoots);
        }
    }
    Ok(roots)
}

fn add_pem(roots: &mut RootCertStore, pem: &[u8]) -> Result<(), String> {
    let mut any = false;
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let certificate = certificate.map_err(|error| foreign::shown(&error.to_string()))?;
        roots.add(certificate).map_err(|error| foreign::shown(&error.to_string()))?;
        any = true;
    }
    if any { Ok(()) } else { Err("it holds no certificate in PEM form".to_owned()) }
}

/// Where distributions keep all roots in one file: Debian and kin, Fedora and kin, Alpine and the BSDs, SUSE.
const BUNDLES: [&str; 4] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/cert.pem",
    "/etc/ssl/ca-bundle.pem",
];

/// The system's roots, or those that `SSL_CERT_FILE` and `SSL_CERT_DIR` name.
fn system_certificates() -> Vec<CertificateDer<'static>> {
    let named = ["SSL_CERT_FILE", "SSL_CERT_DIR"].iter().any(|name| std::env::var_os(name).is_some());
    // macOS keeps its roots elsewhere, and a bundle for old programs besides.
    if !named && !cfg!(target_os = "macos") {
        // The general way also opens each of some 300 files beside the bundle: four times as long, and it trusts what
        // merely lies there, such as the self-signed certificate of Debian's `ssl-cert`.
        for bundle in BUNDLES.map(Path::new) {
            let found = rustls_native_certs::load_certs_from_paths(Some(bundle), None).certs;
            if !found.is_empty() {
                return found;
            }
        }
    }
    rustls_native_certs::load_native_certs().certs
}

/// What `error` says about the server called `host`.
pub(super) fn problem(error: &rustls::Error, host: &str) -> TlsProblem {
    let host = host.to_owned();
    match error {
        rustls::Error::InvalidCertificate(error) => certificate_problem(error, host),
        rustls::Error::InvalidMessage(_) => {
            TlsProblem::Handshake { host, reason: "what answers there does not speak TLS".to_owned() }
        }
        rustls::Error::NoCertificatesPresented => {
            TlsProblem::BadCertificate { host, reason: "the server sent none".to_owned() }
        }
        rustls::Error::AlertReceived(alert) => TlsProblem::Handshake { host, reason: alert_words(*alert) },
        rustls::Error::PeerIncompatible(PeerIncompatible::ServerDoesNotSupportTls12Or13) => {
            TlsProblem::Handshake { host, reason: TOO_OLD.to_owned() }
        }
        other => TlsProblem::Handshake { host, reason: foreign::shown(&other.to_string()) },
    }
}

const TOO_OLD: &str = "the server speaks neither TLS 1.2 nor 1.3";

/// Why the server broke the handshake off.
///
/// Source: RFC 8446, section 6.2.
fn alert_words(alert: AlertDescription) -> String {
    match alert {
        AlertDescription::CertificateRequired => "the server asks for a client certificate".to_owned(),
        AlertDescription::ProtocolVersion => TOO_OLD.to_owned(),
        AlertDescription::HandshakeFailure => {
            "the server broke it off: it offers no cipher that is safe, or asks for a client certificate".to_owned()
        }
        AlertDescription::UnrecognisedName => "the server has no site of that name".to_owned(),
        other => format!("the server broke it off (alert {other:?})"),
    }
}

fn certificate_problem(error: &CertificateError, host: String) -> TlsProblem {
    match error {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => TlsProblem::Expired { host },
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => TlsProblem::NotYetValid { host },
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            TlsProblem::WrongName { host }
        }
        // A signature that is not our root's, although the name is: an authority of the same name.
        CertificateError::UnknownIssuer | CertificateError::BadSignature => TlsProblem::UntrustedCa { host },
        CertificateError::Other(error) if error.0.is::<BadHandshakeSignature>() => {
            let reason = "its key does not sign as it should, or is too short (RSA needs 2048 bits)".to_owned();
            TlsProblem::BadCertificate { host, reason }
        }
        // A self-signed certificate that calls itself an authority, as most of them do. The library that says so is
        // not ours to downcast to.
        CertificateError::Other(error) if error.to_string().contains("CaUsedAsEndEntity") => {
            TlsProblem::UntrustedCa { host }
        }
        CertificateError::UnsupportedSignatureAlgorithmContext { .. }
        | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
            TlsProblem::WeakSignature { host }
        }
        CertificateError::Other(error) => TlsProblem::BadCertificate { host, reason: other_words(&error.to_string()) },
        other => TlsProblem::BadCertificate { host, reason: foreign::shown(&other.to_string()) },
    }
}

/// What the library below says of a certificate by the name of its error alone.
fn other_words(name: &str) -> String {
    if name.contains("UnsupportedCertVersion") {
        "it is of an old form: X.509 version 1".to_owned()
    } else if name.contains("UnsupportedCriticalExtension") {
        "it has a critical extension that is not known here".to_owned()
    } else {
        format!("it cannot be read ({})", foreign::shown(name))
    }
}
