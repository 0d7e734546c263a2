//! DNS TXT records, from a name server on loopback.

use std::net::SocketAddr;

use hickory_resolver::proto::op::{Message, MessageType, ResponseCode};
use hickory_resolver::proto::rr::rdata::TXT;
use hickory_resolver::proto::rr::{RData, Record};
use tokio::net::UdpSocket;

use super::*;

/// A name server that gives every name these records, or this code.
async fn name_server(records: Vec<Vec<&'static str>>, code: ResponseCode) -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    tokio::spawn(async move {
        let mut buffer = [0; 2048];
        while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
            let mut message = Message::from_vec(&buffer[..length]).unwrap();
            message.metadata.message_type = MessageType::Response;
            message.metadata.response_code = code;
            message.edns = None;
            let name = message.queries[0].name().clone();
            for strings in &records {
                let text = TXT::new(strings.iter().map(|&text| text.to_owned()).collect());
                message.add_answer(Record::from_rdata(name.clone(), 60, RData::TXT(text)));
            }
            socket.send_to(&message.to_vec().unwrap(), from).await.unwrap();
        }
    });
    address
}

async fn found(records: Vec<Vec<&'static str>>, code: ResponseCode) -> Result<Vec<String>, Problem> {
    let dns_servers = vec![name_server(records, code).await];
    client(NetOptions { dns_servers, ..options(&[], &[]) }).txt("_ssoctl.acme.example").await
}

#[tokio::test]
async fn every_record_comes_with_its_strings_joined() {
    let records = vec![vec!["v=spf1 ", "-all"], vec!["ssoctl-proof=1"]];
    let mut found = found(records, ResponseCode::NoError).await.unwrap();
    found.sort();
    assert_eq!(found, ["ssoctl-proof=1", "v=spf1 -all"]);
}

#[tokio::test]
async fn no_such_name_and_no_record_are_both_an_empty_answer() {
    for code in [ResponseCode::NXDomain, ResponseCode::NoError] {
        assert_eq!(found(vec![], code).await, Ok(vec![]), "{code}");
    }
}

#[tokio::test]
async fn a_name_server_in_trouble_is_silence() {
    for code in [ResponseCode::ServFail, ResponseCode::Refused] {
        let problem = found(vec![], code).await.unwrap_err();
        assert_eq!(problem, Problem::Dns { host: "_ssoctl.acme.example".to_owned(), exists_not: false }, "{code}");
    }
}

#[tokio::test]
async fn a_name_server_that_says_nothing_is_silence() {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let dns_servers = vec![socket.local_addr().unwrap()];
    let problem = hurried(NetOptions { dns_servers, ..options(&[], &[]) }).txt("acme.example").await.unwrap_err();
    assert!(matches!(problem, Problem::Dns { exists_not: false, .. }), "{problem:?}");
}

#[tokio::test]
async fn a_text_that_is_no_name_has_no_records() {
    let client = client(options(&[], &[]));
    for text in ["", ".", "a..example", &"a".repeat(64)] {
        let result = client.txt(text).await;
        assert!(matches!(result, Err(Problem::Dns { exists_not: true, .. })), "{text}: {result:?}");
    }
}

#[tokio::test]
async fn a_name_that_acts_on_the_screen_is_written_out() {
    let problem = client(options(&[], &[])).txt("\u{1b}[2J..example").await.unwrap_err();
    assert_eq!(problem.to_string(), "the name `\\u{1b}[2J..example` does not resolve");
}
