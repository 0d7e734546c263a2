//! TLS: whom the client trusts, what it speaks, and how it says what is wrong.

use super::server::{Ca, Identity, Scripted, Secure, Step};
use super::*;
use crate::exchange::{Answer, TlsProblem};
use crate::net::NetSetupError;

async fn fetched(identity: Identity, trusted: &[Vec<u8>]) -> Result<Answer, Problem> {
    let server = Secure::start(identity, &["h2", "http/1.1"]).await;
    let url = format!("https://127.0.0.1:{}", server.port);
    client(options(&[&url], trusted)).get(&url).await
}

#[tokio::test]
async fn http_2_is_spoken_where_offered_and_http_1_elsewhere() {
    for (alpn, said) in
        [(["h2", "http/1.1"].as_slice(), "HTTP/2.0 /a"), (&["http/1.1"], "HTTP/1.1 /a"), (&[], "HTTP/1.1 /a")]
    {
        let ca = Ca::new();
        let server = Secure::start(ca.issue(&["localhost"], |_| {}), alpn).await;
        let origin = format!("https://localhost:{}", server.port);
        let answer = client(options(&[&origin], &[ca.pem()])).get(&format!("{origin}/a")).await.unwrap();
        assert_eq!(String::from_utf8(answer.body).unwrap(), said);
    }
}

#[tokio::test]
async fn requests_side_by_side_share_one_http_2_connection() {
    let ca = Ca::new();
    let server = Secure::start(ca.issue(&["localhost"], |_| {}), &["h2"]).await;
    let origin = format!("https://localhost:{}", server.port);
    let client = client(options(&[&origin], &[ca.pem()]));
    client.get(&origin).await.unwrap();
    // Each is answered once all four are there.
    let url = format!("{origin}/together");
    let (a, b, c, d) = tokio::join!(client.get(&url), client.get(&url), client.get(&url), client.get(&url));
    for answer in [a, b, c, d] {
        assert_eq!(answer.unwrap().status, 200);
    }
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn a_long_header_over_http_2_breaks_the_protocol() {
    let ca = Ca::new();
    let server = Secure::start(ca.issue(&["localhost"], |_| {}), &["h2"]).await;
    let origin = format!("https://localhost:{}", server.port);
    let client = client(options(&[&origin], &[ca.pem()]));
    for path in ["long-header", "many-fields"] {
        let result = client.get(&format!("{origin}/{path}")).await;
        assert_eq!(result.unwrap_err(), Problem::Protocol("its header is too long".to_owned()), "{path}");
    }
}

#[tokio::test]
async fn a_body_that_http_2_ends_before_its_declared_length_is_no_answer() {
    // SETTINGS; `:status: 200` and `content-length: 10` (HPACK); two bytes; RST_STREAM with NO_ERROR.
    const CUT: &[u8] = b"\0\0\0\x04\0\0\0\0\0\
        \0\0\x05\x01\x04\0\0\0\x01\x88\x5c\x0210\
        \0\0\x02\0\0\0\0\0\x01{}\
        \0\0\x04\x03\0\0\0\0\x01\0\0\0\0";
    let ca = Ca::new();
    let server = Secure::start_with_frames(ca.issue(&["localhost"], |_| {}), CUT).await;
    let origin = format!("https://localhost:{}", server.port);
    let result = client(options(&[&origin], &[ca.pem()])).get(&origin).await;
    assert_eq!(code(&result), "connection_reset", "{result:?}");
    assert_eq!(server.connections(), 2, "it is asked once more");
}

#[tokio::test]
async fn an_authority_that_was_not_added_is_not_trusted() {
    // The second has another name than the one that signed; the first has the same name and another key.
    for trusted in [Ca::new(), Ca::named("Other CA")] {
        let identity = Ca::new().issue(&["127.0.0.1"], |_| {});
        assert_eq!(code(&fetched(identity, &[trusted.pem()]).await), "tls_untrusted_ca");
    }
}

#[tokio::test]
async fn an_expired_certificate_is_named_so() {
    let ca = Ca::new();
    let identity = ca.issue(&["127.0.0.1"], |params| params.not_after = rcgen::date_time_ymd(2024, 1, 1));
    assert_eq!(code(&fetched(identity, &[ca.pem()]).await), "tls_expired");
}

#[tokio::test]
async fn a_certificate_of_the_future_is_named_so() {
    let ca = Ca::new();
    let identity = ca.issue(&["127.0.0.1"], |params| params.not_before = rcgen::date_time_ymd(2199, 1, 1));
    assert_eq!(code(&fetched(identity, &[ca.pem()]).await), "tls_not_yet_valid");
}

#[tokio::test]
async fn a_certificate_for_another_name_is_named_so() {
    let ca = Ca::new();
    let identity = ca.issue(&["idp.acme.example"], |_| {});
    assert_eq!(code(&fetched(identity, &[ca.pem()]).await), "tls_wrong_name");
}

#[tokio::test]
async fn tls_spoken_to_a_plain_port_is_a_handshake_problem() {
    let server = Scripted::start(vec![vec![
        Step::Wait(Duration::from_millis(20)),
        Step::Send(b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec()),
        Step::Hold,
    ]])
    .await;
    let url = format!("https://{}", server.address);
    let problem = client(options(&[&url], &[])).get(&url).await.unwrap_err();
    assert!(
        matches!(&problem, Problem::Tls(TlsProblem::Handshake { reason, .. }) if reason.contains("does not speak TLS")),
        "{problem:?}"
    );
}

#[tokio::test]
async fn a_server_that_insists_on_tls_1_1_is_refused() {
    // A ServerHello: version 3.2, 32 bytes of random, no session, TLS_RSA_WITH_AES_128_CBC_SHA, no compression.
    let hello = [[0x16, 3, 2, 0, 42, 2, 0, 0, 38, 3, 2].as_slice(), &[7; 32], &[0, 0, 0x2f, 0]].concat();
    let server =
        Scripted::start(vec![vec![Step::Wait(Duration::from_millis(20)), Step::Send(hello), Step::Hold]]).await;
    let url = format!("https://{}", server.address);
    let result = client(options(&[&url], &[])).get(&url).await;
    assert_eq!(code(&result), "tls_handshake", "{result:?}");
}

#[tokio::test]
async fn a_handshake_that_does_not_end_is_a_connect_timeout() {
    let server = Scripted::start(vec![vec![Step::Hold]]).await;
    let url = format!("https://{}", server.address);
    let client = hurried(options(&[&url], &[]));
    let problem = client.get(&url).await.unwrap_err();
    assert_eq!(problem, Problem::ConnectTimeout { host: server.address.to_string(), limit: HURRIED.connect });
    assert_eq!((client.requests_sent(), server.connections()), (1, 1));
}

#[tokio::test]
async fn plain_http_spoken_to_a_tls_port_is_not_an_answer() {
    let ca = Ca::new();
    let server = Secure::start(ca.issue(&["127.0.0.1"], |_| {}), &[]).await;
    let url = format!("http://127.0.0.1:{}", server.port);
    let result = client_for(&url).get(&url).await;
    assert!(matches!(code(&result), "http_protocol" | "connection_reset"), "{result:?}");
}

#[test]
fn a_file_without_a_certificate_is_refused_by_its_number() {
    for bad in [b"".as_slice(), b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", b"\x30\x82"] {
        let problem = HttpClient::new(options(&[], &[Ca::new().pem(), bad.to_vec()])).err();
        assert!(matches!(problem, Some(NetSetupError::BadCaCertificate { position: 2, .. })), "{problem:?}");
    }
}

#[tokio::test]
async fn a_self_signed_certificate_is_not_trusted() {
    // Both kinds: marked as an authority of its own, as `openssl req -x509` does, and not.
    for is_ca in [rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained), rcgen::IsCa::NoCa] {
        let mut params = rcgen::CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
        params.is_ca = is_ca;
        let key = rcgen::KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap().der().clone();
        let identity = Identity { certificate, key: key.serialize_der().try_into().unwrap() };
        assert_eq!(code(&fetched(identity, &[Ca::new().pem()]).await), "tls_untrusted_ca");
    }
}

#[test]
fn a_failed_handshake_is_told_in_words() {
    use rustls::{AlertDescription as Alert, Error};

    let told = |error: Error| crate::net::tls::problem(&error, "idp.acme.example:443").to_string();
    for (error, words) in [
        (Error::AlertReceived(Alert::ProtocolVersion), "neither TLS 1.2 nor 1.3"),
        (Error::AlertReceived(Alert::HandshakeFailure), "no cipher that is safe"),
        (Error::AlertReceived(Alert::UnrecognisedName), "no site of that name"),
        (Error::AlertReceived(Alert::InternalError), "broke it off (alert InternalError)"),
        (Error::AlertReceived(Alert::CertificateRequired), "asks for a client certificate"),
        (rustls::PeerIncompatible::ServerDoesNotSupportTls12Or13.into(), "neither TLS 1.2 nor 1.3"),
    ] {
        assert!(told(error.clone()).contains(words), "{}", told(error));
    }
    let told = |name: &str| {
        let other = rustls::OtherError(std::sync::Arc::new(std::io::Error::other(name.to_owned())));
        told(Error::InvalidCertificate(rustls::CertificateError::Other(other)))
    };
    assert!(told("UnsupportedCertVersion").ends_with("X.509 version 1"));
    assert!(!told("UnsupportedCriticalExtension").contains("Unsupported"));
}

#[test]
fn a_client_is_ready_soon() {
    let started = std::time::Instant::now();
    match HttpClient::new(NetOptions::default()) {
        Ok(_) | Err(NetSetupError::NoSystemRoots) => {}
        Err(problem) => panic!("{problem}"),
    }
    // Unoptimised code, on a machine that may be busy.
    assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
}
