//! Where requests may go, and whom they may trust: certificates, `--allow-origin`, proxies.

use std::net::{Ipv4Addr, TcpListener};

use crate::support::provider::{Provider, RunningProvider, Tls};
use crate::support::question::{Question, Verdicts};
use crate::support::world::World;

const DISCOVERY: &str = "oidc-discovery";

fn asked(provider: &RunningProvider) -> Verdicts {
    Question::to(provider).client(provider.client_id(), provider.client_secret()).ask()
}

/// `check` with nothing allowed but `origins`.
fn allowing(provider: &RunningProvider, issuer: &str, origins: &[&str]) -> Verdicts {
    let ca = provider.ca_file().display().to_string();
    let mut question = Question::about(issuer).with(&["--ca-cert", &ca]);
    for origin in origins {
        question = question.with(&["--allow-origin", origin]);
    }
    question.ask()
}

#[test]
fn a_certificate_that_is_not_right_is_an_answer_and_each_kind_has_its_own_sentence() {
    for (tls, code, sentence) in [
        (Tls::UntrustedCa, "tls_untrusted_ca", "signed by an authority this machine does not trust"),
        (Tls::SelfSigned, "tls_untrusted_ca", "signed by an authority this machine does not trust"),
        (Tls::Expired, "tls_expired", "has expired"),
        (Tls::NotYetValid, "tls_not_yet_valid", "is not valid yet"),
        (Tls::WrongName, "tls_wrong_name", "is for another name"),
        (Tls::Sha1, "tls_weak_signature", "signed with an algorithm that is not accepted any more"),
        (Tls::Gibberish, "tls_handshake", "no TLS connection"),
        // nothing below TLS 1.2.
        (Tls::Old, "tls_handshake", "no TLS connection"),
    ] {
        let provider = Provider::new().tls(tls).start();
        let said = asked(&provider);
        assert_eq!((said.code(), said.outcome(DISCOVERY)), (Some(1), ("fail", code)), "{tls:?}: {}", said.table());
        assert!(said.summary(DISCOVERY).contains(sentence), "{tls:?}: {}", said.summary(DISCOVERY));
        assert!(provider.requests().is_empty(), "{tls:?}: a request went out");
        let reply = said.report["reply"].as_str().unwrap();
        assert!(reply.contains("certificate"), "{tls:?}: the customer is not told: {reply}");
    }
}

#[test]
fn a_server_that_hangs_up_on_the_handshake_is_no_verdict() {
    let said = asked(&Provider::new().tls(Tls::HangsUp).start());
    assert_eq!((said.code(), said.verdict(DISCOVERY)), (Some(3), "unknown"), "{}", said.table());
}

#[test]
fn an_added_root_is_what_makes_a_private_authority_trusted() {
    let provider = Provider::new().start();
    let with_root = allowing(&provider, provider.issuer(), &[provider.origin()]);
    assert_eq!(with_root.code(), Some(0), "{}", with_root.table());
    let without = Question::about(provider.issuer()).with(&["--allow-origin", provider.origin()]).ask();
    assert_eq!((without.code(), without.outcome(DISCOVERY)), (Some(1), ("fail", "tls_untrusted_ca")));
}

#[test]
fn plain_http_is_refused_unless_its_very_origin_is_allowed() {
    let provider = Provider::new().tls(Tls::PlainHttp).start();
    let said = allowing(&provider, provider.issuer(), &[]);
    assert_eq!(said.code(), Some(1), "{}", said.table());
    assert!(said.says("egress_forbidden") || said.says("issuer_not_https"), "{}", said.table());
    assert_eq!(provider.connections(), 0);

    let as_https = provider.issuer().replace("http://", "https://");
    let said = allowing(&provider, provider.issuer(), &[&as_https]);
    assert_eq!(said.code(), Some(1), "{}", said.table());
    assert_eq!(provider.connections(), 0, "https was allowed, http was not");

    let said = allowing(&provider, provider.issuer(), &[provider.origin()]);
    assert_eq!(said.code(), Some(0), "{}", said.table());
    assert_eq!(said.report["allowed_origins"][0], provider.origin());
}

#[test]
fn loopback_is_refused_without_a_packet_until_its_origin_is_allowed() {
    let provider = Provider::new().start();
    let named = provider.issuer().replace("127.0.0.1", "localhost");
    for issuer in [provider.issuer(), named.as_str()] {
        let said = allowing(&provider, issuer, &[]);
        assert_eq!(said.code(), Some(1), "{}", said.table());
        assert!(said.says("egress_forbidden"), "{}", said.table());
        assert_eq!(said.report["allowed_origins"], serde_json::json!([]));
    }
    assert_eq!(provider.connections(), 0, "a packet left this machine");
}

#[test]
fn an_allowed_origin_is_exact_in_scheme_host_and_port() {
    let provider = Provider::new().start();
    let port = provider.port();
    for near in [
        format!("https://127.0.0.1:{}", port ^ 1),
        format!("https://localhost:{port}"),
        format!("https://127.0.0.2:{port}"),
        format!("http://127.0.0.1:{port}"),
        "https://127.0.0.1".to_owned(),
    ] {
        let said = allowing(&provider, provider.issuer(), &[&near]);
        assert_eq!(said.code(), Some(1), "{near}: {}", said.table());
        assert!(said.says("egress_forbidden"), "{near}: {}", said.table());
        assert_eq!(said.report["allowed_origins"], serde_json::json!([]), "{near} was not used");
    }
    assert_eq!(provider.connections(), 0, "a near miss opened the guard");
}

#[test]
fn what_is_no_origin_is_wrong_usage() {
    let world = World::empty();
    for wrong in ["*", "127.0.0.1", "https://*.acme.example", "https://127.0.0.1/path", "ftp://127.0.0.1", ""] {
        let run = world.ssoctl(["check", "--issuer", "https://127.0.0.1", "--allow-origin", wrong]).expect_code(2);
        assert!(run.stderr.contains("--allow-origin"), "{wrong}: {}", run.stderr);
    }
}

#[test]
fn link_local_and_metadata_addresses_stay_refused_even_when_allowed() {
    for issuer in [
        "https://169.254.169.254",
        "http://169.254.169.254",
        "https://169.254.1.1:8443",
        "https://[fe80::1]",
        "https://[fd00:ec2::254]",
        "https://[::ffff:169.254.169.254]",
        "https://100.100.100.200",
    ] {
        let said = Question::about(issuer).with(&["--allow-origin", issuer]).ask();
        assert_eq!(said.code(), Some(1), "{issuer}: {}", said.table());
        assert!(said.says("egress_forbidden"), "{issuer}: {}", said.table());
        assert_eq!(said.report["allowed_origins"], serde_json::json!([]), "{issuer}");
    }
}

#[test]
fn proxies_of_the_environment_are_ignored() {
    let proxy = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    proxy.set_nonblocking(true).unwrap();
    let address = format!("http://{}", proxy.local_addr().unwrap());
    let provider = Provider::new().start();
    let mut question = Question::to(&provider).client(provider.client_id(), provider.client_secret());
    for name in ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
        question = question.env(name, &address);
    }
    let said = question.ask();
    assert_eq!(said.code(), Some(0), "{}", said.table());
    assert_eq!(proxy.accept().unwrap_err().kind(), std::io::ErrorKind::WouldBlock, "the proxy was asked");
}

#[test]
fn a_proxy_of_the_configuration_is_used() {
    let proxy = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    proxy.set_nonblocking(true).unwrap();
    let world = World::empty();
    let config = std::fs::read_to_string(world.config()).unwrap();
    let address = proxy.local_addr().unwrap();
    // The proxy accepts and then is gone: that it was asked is what counts.
    world.write("ssoctl.toml", format!("{config}\n[network]\nproxy = \"http://{address}\"\n"));
    let asking = std::thread::spawn(move || {
        for _ in 0..500 {
            if proxy.accept().is_ok() {
                return true;
            }
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        false
    });
    let provider = Provider::new().start();
    let said = Question::to(&provider).inside(&world).ask();
    assert!(asking.join().unwrap(), "the proxy was not asked");
    assert_eq!((said.code(), provider.connections()), (Some(3), 0), "{}", said.table());
}

#[test]
fn an_opened_guard_is_named_in_the_report_and_in_the_audit_record() {
    let world = World::new();
    let provider = Provider::new().start();
    let mut arguments = vec!["onboard", "--owner", "jane@acme.example", "--issuer", provider.issuer()];
    arguments.extend(["--client-id", provider.client_id(), "--client-secret-stdin", "--yes"]);
    let access = provider.access();
    arguments.extend(access.iter().map(String::as_str));
    let run = world.with_stdin(provider.client_secret()).ssoctl(&arguments).expect_code(0);
    let named = run.everything();
    assert!(named.contains("ATTENTION") && named.contains(provider.origin()), "{named}");
    let records = world.sql("SELECT action, details FROM sso_audit_log ORDER BY seq");
    let (action, details) = (&records.last().unwrap()[0], &records.last().unwrap()[1]);
    assert!(details.contains(provider.origin()), "{action}: {details}");

    let refused = Provider::new().tls(Tls::Expired).start();
    let access = refused.access();
    let mut arguments = vec!["onboard", "--owner", "hank@globex.example", "--issuer", refused.issuer()];
    arguments.extend(["--client-id", refused.client_id(), "--client-secret-stdin", "--yes"]);
    arguments.extend(access.iter().map(String::as_str));
    world.with_stdin(refused.client_secret()).ssoctl(&arguments).expect_code(1);
    let details = world.sql("SELECT details FROM sso_audit_log ORDER BY seq DESC LIMIT 1");
    assert!(details[0][0].contains(refused.origin()), "a refusal says it too: {details:?}");
}
