//! The certificate authority of one run and the server certificate it signs.

use std::io;
use std::sync::Arc;

use jiff::{Timestamp, ToSpan as _, civil::Date, tz::TimeZone};
use rcgen::{BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair};
use rcgen::{KeyUsagePurpose, date_time_ymd};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

/// What the server presents and what its visitors need to trust it.
pub(super) struct Identity {
    /// TLS 1.2 and 1.3, offering HTTP/2 before HTTP/1.1.
    pub(super) tls: Arc<ServerConfig>,
    /// The authority's certificate, PEM.
    pub(super) ca_pem: String,
}

/// Makes an authority and a certificate for `localhost`, `127.0.0.1` and `::1`, both ECDSA P-256 and good for today.
///
/// The authority's private key does not outlive this call, so nothing else can ever be signed with it.
///
/// # Errors
///
/// When the system gives no randomness, or the TLS library refuses what was made.
pub(super) fn issue() -> io::Result<Identity> {
    let ca_key = KeyPair::generate().map_err(io::Error::other)?;
    let mut ca = lasting_today(Vec::new())?;
    ca.distinguished_name.push(DnType::CommonName, "ssoctl practice authority");
    ca.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    ca.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let ca_certificate = ca.self_signed(&ca_key).map_err(io::Error::other)?;

    let key = KeyPair::generate().map_err(io::Error::other)?;
    let mut leaf = lasting_today(vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()])?;
    leaf.distinguished_name.push(DnType::CommonName, "ssoctl practice provider");
    leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    leaf.use_authority_key_identifier_extension = true;
    let certificate = leaf.signed_by(&key, &Issuer::new(ca, ca_key)).map_err(io::Error::other)?;

    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    // The provider is named here, so that no process-wide default has to be installed for it.
    let mut tls = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .map_err(io::Error::other)?;
    tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Identity { tls: Arc::new(tls), ca_pem: ca_certificate.pem() })
}

/// Makes a self-signed certificate to sign SAML responses with, ECDSA P-256 and good for three years; its DER.
///
/// # Errors
///
/// When the system gives no randomness.
pub(super) fn for_saml() -> io::Result<Vec<u8>> {
    let key = KeyPair::generate().map_err(io::Error::other)?;
    let mut params = lasting(Vec::new(), 3 * 365)?;
    params.distinguished_name.push(DnType::CommonName, "ssoctl practice provider, SAML signing");
    Ok(params.self_signed(&key).map_err(io::Error::other)?.der().to_vec())
}

/// Parameters valid from yesterday to the day after tomorrow: any time zone's today, and no longer.
fn lasting_today(names: Vec<String>) -> io::Result<CertificateParams> {
    lasting(names, 2)
}

/// Parameters valid from yesterday on, and for so many days from today.
fn lasting(names: Vec<String>, days: i64) -> io::Result<CertificateParams> {
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    let first = today.checked_sub(1.day()).map_err(io::Error::other)?;
    let last = today.checked_add(days.days()).map_err(io::Error::other)?;
    let mut params = CertificateParams::new(names).map_err(io::Error::other)?;
    params.distinguished_name = rcgen::DistinguishedName::new();
    let midnight =
        |date: Date| date_time_ymd(date.year().into(), date.month().unsigned_abs(), date.day().unsigned_abs());
    params.not_before = midnight(first);
    params.not_after = midnight(last);
    Ok(params)
}
