//! Answers and their limits.

use super::server::{Scripted, Step, says};
use super::*;
use crate::net::BasicCredentials;

const FINE: &str = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";

type Fetched = (Result<crate::exchange::Answer, Problem>, Scripted, HttpClient);

async fn fetched(scripts: Vec<Vec<Step>>) -> Fetched {
    fetched_by(client, scripts).await
}

async fn fetched_by(client: fn(NetOptions) -> HttpClient, scripts: Vec<Vec<Step>>) -> Fetched {
    let server = Scripted::start(scripts).await;
    let client = client(options(&[&server.url()], &[]));
    let result = client.get(&format!("{}/path?query", server.url())).await;
    (result, server, client)
}

#[tokio::test]
async fn an_answer_comes_with_status_type_and_body() {
    let (result, server, client) = fetched(vec![says(FINE)]).await;
    let answer = result.unwrap();
    assert_eq!((answer.status, answer.content_type.as_deref()), (200, Some("application/json")));
    assert_eq!(answer.body, b"{}");
    assert_eq!(answer.url, format!("{}/path?query", server.url()));
    assert_eq!(client.requests_sent(), 1);
    let head = server.heads().concat().to_lowercase();
    assert!(head.starts_with("get /path?query http/1.1\r\n"), "{head}");
    assert!(head.contains("accept-encoding: identity\r\n") && head.contains("user-agent: ssoctl/"), "{head}");
}

#[tokio::test]
async fn a_redirect_is_reported_and_not_followed() {
    let answer = "HTTP/1.1 302 Found\r\nLocation: https://elsewhere.example/\r\nContent-Length: 0\r\n\r\n";
    let (result, server, _) = fetched(vec![says(answer)]).await;
    let answer = result.unwrap();
    assert_eq!((answer.status, answer.location.as_deref()), (302, Some("https://elsewhere.example/")));
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn a_form_is_posted_with_both_parts_of_the_credentials_encoded() {
    let server = Scripted::start(vec![says(FINE)]).await;
    let client = client_for(&server.url());
    let credentials = BasicCredentials { id: "app:one%2", secret: "p+ss wörd:%/=" };
    client.post_form(&server.url(), Some(credentials), &[("code", "a b&c")]).await.unwrap();
    let head = server.heads().concat();
    let value = base64::Engine::encode(
        &base64::engine::general_purpose::STANDARD,
        "app%3Aone%252:p%2Bss+w%C3%B6rd%3A%25%2F%3D",
    );
    assert!(head.contains(&format!("authorization: Basic {value}\r\n")), "{head}");
    assert!(head.contains("content-type: application/x-www-form-urlencoded\r\n"), "{head}");
    assert!(head.contains("content-length: 12\r\n"), "{head}");
}

#[test]
fn credentials_are_not_shown() {
    let credentials = BasicCredentials { id: "app", secret: "swordfish" };
    let shown = format!("{credentials:?} {:?}", credentials.header());
    assert!(!shown.contains("swordfish") && !shown.contains("Basic "), "{shown}");
}

#[tokio::test]
async fn a_declared_body_over_the_limit_is_not_read() {
    let mut script = says("HTTP/1.1 200 OK\r\nContent-Length: 52428800\r\n\r\n");
    script.push(Step::Hold);
    let (result, ..) = fetched(vec![script]).await;
    assert_eq!(result.unwrap_err(), Problem::TooLarge { limit: 1024 * 1024, declared: Some(52_428_800) });
}

#[tokio::test]
async fn a_streamed_body_over_the_limit_is_cut_off() {
    let mut script = says("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    let chunk = [b"10000\r\n".as_slice(), &vec![b'x'; 0x10000], b"\r\n"].concat();
    script.extend(std::iter::repeat_n(Step::Send(chunk), 17));
    script.push(Step::Hold);
    let (result, ..) = fetched(vec![script]).await;
    assert_eq!(result.unwrap_err(), Problem::TooLarge { limit: 1024 * 1024, declared: None });
}

#[tokio::test]
async fn a_conversation_ends_with_its_budget_and_what_is_open_then_is_not_asked() {
    let server = Scripted::start(vec![says(FINE), vec![Step::Read, Step::Hold]]).await;
    let url = server.url();
    let client = client_for(&url);
    let budget = Duration::from_millis(600);
    let talk = client.within(budget);
    assert_eq!(talk.get(&url).await.unwrap().status, 200);
    let out_of_time = Problem::OutOfTime { host: server.address.to_string(), limit: budget };
    assert_eq!(talk.get(&url).await.unwrap_err(), out_of_time);
    let sent = client.requests_sent();
    assert_eq!(talk.get(&url).await.unwrap_err(), out_of_time);
    assert_eq!((client.requests_sent(), out_of_time.code(), out_of_time.is_silence()), (sent, "timeout", true));
}

#[tokio::test]
async fn a_body_of_exactly_the_limit_is_fine() {
    let mut answer = b"HTTP/1.1 200 OK\r\nContent-Length: 1048576\r\n\r\n".to_vec();
    answer.extend(std::iter::repeat_n(b'x', 1024 * 1024));
    let (result, ..) = fetched(vec![says(answer)]).await;
    assert_eq!(result.unwrap().body.len(), 1024 * 1024);
}

#[tokio::test]
async fn a_drip_is_slow_and_says_how_much_came() {
    let mut script = says("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n");
    for _ in 0..100 {
        script.extend([Step::Send(b"x".to_vec()), Step::Wait(Duration::from_millis(100))]);
    }
    let (result, server, _) = fetched_by(hurried, vec![script]).await;
    let problem = result.unwrap_err();
    assert!(matches!(problem, Problem::Slow { received: Some(1..=7), .. }), "{problem:?}");
    assert_eq!((problem.code(), server.connections()), ("slow_drip", 1));
}

#[tokio::test]
async fn silence_has_received_nothing_and_is_not_asked_twice() {
    let (result, server, _) = fetched_by(hurried, vec![vec![Step::Read, Step::Hold]]).await;
    let host = server.address.to_string();
    assert_eq!(result.unwrap_err(), Problem::Slow { host, limit: HURRIED.whole, received: None });
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn a_broken_connection_is_tried_once_more() {
    let (result, _, client) = fetched(vec![vec![], says(FINE)]).await;
    assert_eq!(result.unwrap().status, 200);
    assert_eq!(client.requests_sent(), 2);
}

#[tokio::test]
async fn a_connection_that_breaks_twice_is_a_reset() {
    let (result, server, client) = fetched(vec![vec![Step::Read]]).await;
    assert_eq!(result.unwrap_err(), Problem::Reset { host: server.address.to_string() });
    assert_eq!(client.requests_sent(), 2);
}

#[tokio::test]
async fn a_body_shorter_than_declared_is_a_reset() {
    let (result, _, client) = fetched(vec![says("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")]).await;
    assert_eq!((code(&result), client.requests_sent()), ("connection_reset", 2));
}

#[tokio::test]
async fn a_chunked_body_without_its_end_is_a_reset() {
    let (result, ..) = fetched(vec![says("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")]).await;
    assert_eq!(code(&result), "connection_reset");
}

#[tokio::test]
async fn a_chunk_size_that_is_no_number_breaks_the_protocol() {
    let (result, ..) = fetched(vec![says("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n")]).await;
    assert_eq!(code(&result), "http_protocol");
}

#[tokio::test]
async fn a_busy_server_is_asked_again_when_it_says() {
    let busy = "HTTP/1.1 503 Busy\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n";
    let (result, ..) = fetched(vec![says(busy), says(FINE)]).await;
    assert_eq!(result.unwrap().status, 200);
}

#[tokio::test]
async fn a_date_to_come_back_at_may_have_passed() {
    let busy = "HTTP/1.1 429 Slow\r\nRetry-After: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Length: 0\r\n\r\n";
    let (result, ..) = fetched(vec![says(busy), says(FINE)]).await;
    assert_eq!(result.unwrap().status, 200);
}

#[tokio::test]
async fn a_server_that_wants_more_patience_than_there_is_keeps_its_answer() {
    for wait in ["30", "18446744073709551615", "Fri, 01 Jan 2100 00:00:00 GMT"] {
        let busy = format!("HTTP/1.1 503 Busy\r\nRetry-After: {wait}\r\nContent-Length: 0\r\n\r\n");
        let (result, _, client) = fetched(vec![says(busy)]).await;
        let answer = result.unwrap();
        assert_eq!((answer.status, client.requests_sent()), (503, 1), "{wait}");
        assert!(answer.elapsed < PATIENT.whole, "{wait}");
    }
}

#[tokio::test]
async fn a_server_that_stays_broken_is_asked_twice() {
    let (result, _, client) = fetched(vec![says("HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n")]).await;
    assert_eq!((result.unwrap().status, client.requests_sent()), (500, 2));
}

#[tokio::test]
async fn busy_and_then_gone_is_still_busy() {
    let busy = "HTTP/1.1 503 Busy\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
    let (result, ..) = fetched(vec![says(busy), vec![Step::Read]]).await;
    assert_eq!(result.unwrap().status, 503);
}

#[tokio::test]
async fn answers_that_break_the_protocol_are_refused() {
    let many: String = (0..101).map(|number| format!("x-{number}: y\r\n")).collect();
    let long = format!("x: {}\r\n", "y".repeat(33 * 1024));
    let huge: String = (0..8192).map(|number| format!("x-{number}: {}\r\n", "y".repeat(120))).collect();
    for (header, word) in [
        ("Content-Length: 2\r\nTransfer-Encoding: chunked\r\n", "ambiguous"),
        ("Content-Length: 2\r\nContent-Length: 3\r\n", "cannot be read"),
        ("Transfer-Encoding: gzip, chunked\r\n", "another than chunked"),
        ("Content-Length: 2\r\nContent-Encoding: gzip\r\n", "compressed"),
        (&many, "too long"),
        (&long, "too long"),
        (&huge, "too long"),
    ] {
        let (result, ..) = fetched(vec![says(format!("HTTP/1.1 200 OK\r\n{header}\r\n{{}}"))]).await;
        let problem = result.unwrap_err();
        assert!(matches!(&problem, Problem::Protocol(text) if text.contains(word)), "{word}: {problem:?}");
    }
    let (result, ..) = fetched(vec![says("SSH-2.0-OpenSSH_9.6\r\n")]).await;
    assert_eq!(code(&result), "http_protocol");
}

#[tokio::test]
async fn a_body_that_names_no_compression_is_fine() {
    let (result, ..) =
        fetched(vec![says("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Encoding: identity\r\n\r\n{}")]).await;
    assert_eq!(result.unwrap().body, b"{}");
}

#[tokio::test]
async fn a_body_that_was_compressed_unasked_is_unpacked() {
    use std::io::Write as _;

    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(b"{\"issuer\": \"x\"}").unwrap();
    let packed = encoder.finish().unwrap();
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nContent-Encoding: gzip\r\n\r\n", packed.len());
    let (result, ..) = fetched(vec![says([head.as_bytes(), &packed].concat())]).await;
    assert_eq!(result.unwrap().body, b"{\"issuer\": \"x\"}");
}

#[tokio::test]
async fn an_answer_without_a_length_ends_with_the_connection() {
    let (result, ..) = fetched(vec![says("HTTP/1.0 200 OK\r\n\r\n{}")]).await;
    assert_eq!(result.unwrap().body, b"{}");
}

#[tokio::test]
async fn a_client_is_shared_between_tasks() {
    let server = Scripted::start(vec![says(FINE)]).await;
    let client = client_for(&server.url());
    let (other, url) = (client.clone(), server.url());
    let answer = tokio::spawn(async move { other.get(&url).await }).await.unwrap();
    assert_eq!((answer.unwrap().status, client.requests_sent()), (200, 1));
}
