//! The authority and the server certificate of one provider, in every state of disrepair.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose, date_time_ymd};
use rcgen::{PKCS_RSA_SHA256, RsaKeySize};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

/// How the provider presents itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tls {
    /// A good certificate, signed by the authority in `ca_file`.
    Trusted,
    /// `ca_file` holds another authority.
    UntrustedCa,
    /// Signed by nobody but itself.
    SelfSigned,
    /// Past its end since 2021.
    Expired,
    /// From 2090 on.
    NotYetValid,
    /// For `other.example` only.
    WrongName,
    /// Says it is signed with RSA and SHA-1.
    Sha1,
    /// No TLS: http on the port, and in the issuer.
    PlainHttp,
    /// https in the issuer, but what answers is not TLS.
    Gibberish,
    /// Speaks TLS 1.1 at the most, whatever the client offers.
    Old,
    /// Closes as soon as the client has begun its handshake.
    HangsUp,
}

/// The server's side, and the PEM that goes into `ca_file`.
pub(super) fn issue(tls: Tls) -> (Arc<ServerConfig>, String) {
    let ca_key = match tls {
        Tls::Sha1 => KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).unwrap(),
        _ => KeyPair::generate().unwrap(),
    };
    let (ca_pem, issuer) = authority("test authority", ca_key);
    let names: &[&str] = if tls == Tls::WrongName { &["other.example"] } else { &["localhost", "127.0.0.1"] };
    let mut leaf = CertificateParams::new(names.iter().map(ToString::to_string).collect::<Vec<_>>()).unwrap();
    leaf.distinguished_name.push(DnType::CommonName, "test provider");
    let (first, last) = match tls {
        Tls::Expired => (2020, 2021),
        Tls::NotYetValid => (2090, 2095),
        _ => (2020, 2095),
    };
    (leaf.not_before, leaf.not_after) = (date_time_ymd(first, 1, 1), date_time_ymd(last, 1, 1));
    let key = KeyPair::generate().unwrap();
    let certificate =
        if tls == Tls::SelfSigned { leaf.self_signed(&key).unwrap() } else { leaf.signed_by(&key, &issuer).unwrap() };
    let certificate = if tls == Tls::Sha1 { claiming_sha1(certificate.der()) } else { certificate.der().clone() };
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der())))
        .map(|mut config| {
            config.alpn_protocols = vec![b"http/1.1".to_vec()];
            Arc::new(config)
        })
        .unwrap();
    let trusted =
        if tls == Tls::UntrustedCa { authority("another authority", KeyPair::generate().unwrap()).0 } else { ca_pem };
    (config, trusted)
}

fn authority(name: &str, key: KeyPair) -> (String, Issuer<'static, KeyPair>) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let pem = params.self_signed(&key).unwrap().pem();
    (pem, Issuer::new(params, key))
}

/// `certificate` with sha1WithRSAEncryption (1.2.840.113549.1.1.5) in place of its SHA-256 sibling, inside and outside.
///
/// No library here signs with SHA-1 any more. The signature is left as it was: a client that refuses the algorithm never
/// gets to it, and one that does not finds it wrong.
fn claiming_sha1(certificate: &CertificateDer<'_>) -> CertificateDer<'static> {
    const SHA256: [u8; 9] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b];
    let mut der = certificate.to_vec();
    let found: Vec<usize> = (0..der.len() - SHA256.len()).filter(|&at| der[at..].starts_with(&SHA256)).collect();
    assert_eq!(found.len(), 2, "once in what is signed, once beside the signature");
    for at in found {
        der[at + SHA256.len() - 1] = 0x05;
    }
    CertificateDer::from(der)
}
