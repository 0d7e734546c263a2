//! What the client does not do, whatever it is asked.

use super::server::{Scripted, Step, says};
use super::*;
use crate::exchange::Forbidden;

const FINE: &str = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

#[tokio::test]
async fn a_literal_address_is_judged_before_anything_is_sent() {
    let client = client(options(&[], &[]));
    for url in [
        "https://2130706433",
        "https://0x7f.1",
        "https://017700000001",
        "https://127.255.255.254",
        "https://192.168.1.1",
        "https://255.255.255.255",
        "https://[::ffff:a9fe:a9fe]",
        "https://[2002:7f00:1::]",
        "https://[fc00::1]",
        "https://[2001:db8::1]",
        "https://[100::1]",
        "https://①②⑦.0.0.1",
        "https://169.254.169.254/latest/meta-data/",
    ] {
        let result = client.get(url).await;
        assert!(matches!(result, Err(Problem::Forbidden(Forbidden::Address { .. }))), "{url}: {result:?}");
    }
    assert_eq!(client.requests_sent(), 0);
}

#[tokio::test]
async fn only_https_goes_out() {
    let client = client(options(&[], &[]));
    for url in ["http://idp.acme-corp.com", "ftp://idp.acme-corp.com", "gopher://127.0.0.1:6379/_INFO", "file:///x"] {
        let result = client.get(url).await;
        assert!(matches!(result, Err(Problem::Forbidden(Forbidden::NotHttps { .. }))), "{url}: {result:?}");
    }
    for url in ["", "https://", "acme"] {
        let result = client.get(url).await;
        assert!(matches!(result, Err(Problem::Forbidden(Forbidden::NoHost { .. }))), "{url}: {result:?}");
    }
    assert_eq!(client.requests_sent(), 0);
}

#[tokio::test]
async fn a_password_in_the_url_is_refused_and_not_repeated() {
    let client = client(options(&["https://idp.example"], &[]));
    for url in [
        "https://jane:swordfish@idp.example/",
        "http://jane:swordfish@idp.example/",
        "https://jane:swordfish@",
        "jane:swordfish@idp.example",
    ] {
        let problem = client.get(url).await.unwrap_err();
        assert!(matches!(problem, Problem::Forbidden(_)), "{url}: {problem:?}");
        assert!(!format!("{problem} {problem:?}").contains("swordfish"), "{problem:?}");
    }
}

#[tokio::test]
async fn a_name_that_stands_for_loopback_is_refused_unless_listed() {
    let server = Scripted::start(vec![says(FINE)]).await;
    let url = format!("http://localhost:{}", server.address.port());
    let secure = format!("https://localhost:{}", server.address.port());
    let client = client_for(&url);
    let problem = client.get(&secure).await.unwrap_err();
    let Problem::Forbidden(Forbidden::Address { host, kind, may_be_allowed, .. }) = problem else {
        panic!("{problem:?}");
    };
    assert_eq!((host.as_str(), kind, may_be_allowed), ("localhost", "a loopback address", true));
    assert_eq!(server.connections(), 0);
    assert_eq!(client.get(&url).await.unwrap().status, 200);
}

#[tokio::test]
async fn a_name_below_localhost_is_refused_without_being_looked_up() {
    let client = client(options(&[], &[]));
    let problem = client.get("https://idp.no-such-name.localhost/token").await.unwrap_err();
    assert!(matches!(problem, Problem::Forbidden(Forbidden::Address { may_be_allowed: true, .. })), "{problem:?}");
}

#[tokio::test]
async fn a_name_that_the_public_dns_never_has_is_refused_without_being_looked_up() {
    let client = client(options(&[], &[]));
    for url in [
        "https://metadata.google.internal/",
        "https://adfs.acme.local/adfs",
        "https://idp.home.arpa",
        "https://idp.acme.local.",
        "https://expyuzz4wqqyqhjn.onion",
        "https://instance-data/latest",
        "https://fs.acme.corp/adfs",
        "https://sso.acme.lan",
        "https://localhost.localdomain",
    ] {
        let problem = client.get(url).await.unwrap_err();
        assert!(matches!(problem, Problem::Forbidden(Forbidden::InternalName { .. })), "{url}: {problem:?}");
    }
    assert_eq!(client.requests_sent(), 0);
}

#[tokio::test]
async fn an_internal_name_whose_origin_is_listed_may_be_called() {
    let server = Scripted::start(vec![says(FINE)]).await;
    let url = format!("http://idp.acme.internal:{}", server.address.port());
    let client = client_for(&url).knowing("idp.acme.internal", &[server.address.ip()]);
    assert_eq!(client.get(&url).await.unwrap().status, 200);
}

#[test]
fn what_is_forbidden_by_its_spelling_is_told_without_a_question() {
    let forbidden = |text: &str, listed| crate::net::forbidden_by_spelling(&text.parse().unwrap(), listed);
    for text in ["https://10.0.0.1/x", "https://[::1]/x", "https://idp.localhost/x", "https://0x7f000001/x"] {
        assert!(matches!(forbidden(text, false), Some(Forbidden::Address { .. })), "{text}");
        assert_eq!(forbidden(text, true), None, "{text} may be allowed");
    }
    assert!(forbidden("https://169.254.169.254/x", true).is_some(), "metadata services are never called");
    assert!(matches!(forbidden("https://a:b@idp.acme.example/", true), Some(Forbidden::UserInfo { .. })));
    assert_eq!(forbidden("https://idp.acme.example/x", false), None);
    for (url, words) in [
        ("https://10.0.0.1/x", "`10.0.0.1` is a private address (RFC 1918)"),
        ("https://[::1]/x", "`[::1]` is a loopback address"),
        ("https://idp.localhost/x", "`idp.localhost` is 127.0.0.1, a loopback address"),
    ] {
        assert_eq!(forbidden(url, false).unwrap().to_string(), words);
    }
}

#[tokio::test]
async fn the_addresses_that_were_judged_are_the_ones_connected_to() {
    let server = Scripted::start(vec![says(FINE)]).await;
    let url = format!("http://idp.acme.example:{}", server.address.port());
    let client = client_for(&url).knowing("idp.acme.example", &[server.address.ip()]);
    assert_eq!(client.get(&url).await.unwrap().status, 200);
    assert!(
        server.heads().concat().to_lowercase().contains(&format!("host: idp.acme.example:{}", server.address.port()))
    );
}

#[tokio::test]
async fn a_public_name_with_one_inner_address_is_refused_as_a_whole() {
    let client = client(options(&[], &[]))
        .knowing("idp.acme.example", &["8.8.8.8".parse().unwrap(), "10.0.0.1".parse().unwrap()]);
    let problem = client.get("https://idp.acme.example").await.unwrap_err();
    assert_eq!(problem.to_string(), "`idp.acme.example` is 10.0.0.1, a private address (RFC 1918)");
    assert_eq!(client.requests_sent(), 0);
}

#[tokio::test]
async fn an_exception_is_for_its_own_port_alone() {
    let (listed, other) = (Scripted::start(vec![says(FINE)]).await, Scripted::start(vec![says(FINE)]).await);
    let client = client_for(&listed.url());
    let secure = other.url().replace("http:", "https:");
    assert_eq!(code(&client.get(&other.url()).await), "egress_forbidden");
    assert_eq!(code(&client.get(&secure).await), "egress_forbidden");
    assert_eq!(other.connections(), 0);
}

#[tokio::test]
async fn link_local_and_metadata_stay_refused_even_when_listed() {
    for url in ["http://169.254.169.254", "https://169.254.1.1", "https://[fe80::1]", "https://[fd00:ec2::254]"] {
        let client = client_for(url);
        let result = client.get(url).await;
        let refused = matches!(result, Err(Problem::Forbidden(Forbidden::Address { may_be_allowed: false, .. })));
        assert!(refused, "{url}: {result:?}");
        assert!(client.loosened().is_empty());
    }
}

#[tokio::test]
async fn an_exception_that_was_needed_is_named() {
    let server = Scripted::start(vec![says(FINE)]).await;
    let client = client(options(&[&server.url(), "https://never-used.example"], &[]));
    assert!(client.loosened().is_empty());
    client.get(&server.url()).await.unwrap();
    assert_eq!(client.loosened(), [server.url()]);
    // Of one request among many: whichever of its addresses led there.
    let own = server.url();
    for led_there in
        [own.clone(), format!("{own}/keys?x=/"), format!("{own}?x"), format!("{own}#x"), format!("{own}\\keys")]
    {
        let urls = ["https://idp.acme.example/a", led_there.as_str(), "no address"];
        assert_eq!(client.loosened_among(urls), std::slice::from_ref(&own), "{led_there}");
    }
    for elsewhere in [format!("{own}0/keys"), own.replace("http:", "https:"), format!("https://idp.acme.example/{own}")]
    {
        assert!(client.loosened_among([elsewhere.as_str()]).is_empty(), "{elsewhere}");
    }
}

#[tokio::test]
async fn a_closed_port_is_no_connection_and_not_tried_again() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let client = client_for(&url);
    let problem = client.get(&url).await.unwrap_err();
    assert!(matches!(&problem, Problem::Connect { reason, .. } if reason == "connection refused"), "{problem:?}");
    assert_eq!(client.requests_sent(), 1);
}

#[tokio::test]
async fn a_name_that_does_not_resolve_is_silence() {
    let url = "https://no-such-name.acme.example";
    let problem = client(options(&[], &[])).get(url).await.unwrap_err();
    assert!(matches!(&problem, Problem::Dns { host, .. } if host == "no-such-name.acme.example"), "{problem:?}");
    assert!(problem.is_silence());
}

#[tokio::test]
async fn the_configured_proxy_carries_every_request() {
    let proxy = Scripted::start(vec![says(FINE)]).await;
    let origin = "http://idp.acme.example";
    let proxy_url = proxy.url().replace("127.0.0.1", "localhost").parse().unwrap();
    let client = client(NetOptions { proxy: Some(proxy_url), ..options(&[origin], &[]) });
    assert_eq!(client.get(&format!("{origin}/path")).await.unwrap().status, 200);
    assert!(proxy.heads().concat().starts_with("GET http://idp.acme.example/path HTTP/1.1\r\n"));
}

#[tokio::test]
async fn a_proxy_is_no_way_around_the_guard() {
    let proxy = Scripted::start(vec![vec![Step::Hold]]).await;
    let client = client(NetOptions { proxy: Some(proxy.url().parse().unwrap()), ..options(&[], &[]) });
    for url in ["https://10.0.0.1", "https://localhost", "http://idp.acme.example"] {
        assert_eq!(code(&client.get(url).await), "egress_forbidden", "{url}");
    }
    assert_eq!(proxy.connections(), 0);
}

#[test]
fn a_proxy_of_another_kind_is_refused() {
    let options = NetOptions { proxy: Some("socks5://localhost:1080".parse().unwrap()), ..options(&[], &[]) };
    assert_eq!(HttpClient::new(options).err(), Some(crate::net::NetSetupError::BadProxy));
}

#[test]
fn the_password_of_a_proxy_is_not_shown() {
    let proxy = Some("http://jane:swordfish@localhost:3128".parse().unwrap());
    let options = NetOptions { proxy, ..options(&[], &[]) };
    let shown = format!("{options:?} {:?}", client(options.clone()));
    assert!(!shown.contains("swordfish"), "{shown}");
}
