//! Many at once: the same as one after the other.

use super::{Store, at, domains, event, record, saml_record, team};
use crate::product::audit_event::{Action, ChainVerifier};
use crate::product::facts::{self, ProviderName, TeamQuestion};
use crate::product::repository::{Change, ConnectionRecord, Entry, StoreError};
use crate::request::names::{ClientId, ConnectionId, EmailAddress, IssuerUrl};
use crate::request::saml_names::EntityId;

fn entry(record: ConnectionRecord) -> Entry {
    let mut event = event(Action::Onboarded, Some(record.team_id.as_str()), None);
    event.connection_id = Some(record.id.clone());
    Entry { change: Some(Change::Put(Box::new(record))), event }
}

async fn write(store: &Store, entries: &[Entry]) -> Result<(), StoreError> {
    let mut work = store.begin().await?;
    work.write_entries(entries.to_vec()).await?;
    work.commit().await
}

fn question(owner: &str, named: &[&str]) -> TeamQuestion {
    TeamQuestion {
        owner: EmailAddress::parse(owner).unwrap(),
        requested_by: None,
        domains: named.iter().flat_map(|name| domains([*name])).collect(),
        provider: None,
    }
}

pub(in crate::store) async fn what_is_said_of_many_teams_at_once_is_what_is_said_of_each(store: Store) {
    let client = |id: &str| {
        Some(ProviderName::Client(
            IssuerUrl::parse("https://login.acme.example/").unwrap(),
            ClientId::parse(id).unwrap(),
        ))
    };
    let mut questions = vec![
        // Nothing to say of the last two: one owner, one team, nobody else.
        question("boss@silent.example", &["silent.example", "dotted.example"]),
        question("boss@silent.example", &["silent.example", "Dotted.Example"]),
        question("boss@silent.example", &["silent.example"]),
        question("jane.doe@acme.example", &["acme.example"]),
        question("owner@acme.example", &["acme.example", "twins.example"]),
        question("dup@twins.example", &["twins.example"]),
        // The second account under the address owns nothing.
        question("solo@double.example", &["double.example"]),
        question("uwe@m\u{fc}ller.example", &["m\u{fc}ller.example"]),
        question("gone@freelance.example", &["freelance.example"]),
        question("nobody@nowhere.example", &["nowhere.example"]),
        question("nobody+tag@nowhere.example", &[]),
    ];
    let plain = question("boss@silent.example", &["silent.example", "dotted.example"]);
    questions
        .push(TeamQuestion { requested_by: Some(EmailAddress::parse("amir@acme.example").unwrap()), ..plain.clone() });
    questions.push(TeamQuestion { provider: client("0oa1"), ..plain.clone() });
    questions.push(TeamQuestion { provider: client("0oa2"), ..plain.clone() });
    let entity = EntityId::parse("https://idp.acme.example").unwrap();
    questions.push(TeamQuestion { provider: Some(ProviderName::Entity(entity)), ..plain });
    let writes: [&[ConnectionRecord]; 4] = [
        &[],
        &[record("c1", "t1", &["acme.example"])],
        &[saml_record("c2", "t2", "https://idp.acme.example")],
        &[record("c5", "t5", &["silent.example"])],
    ];
    for records in writes {
        let entries: Vec<Entry> = records.iter().cloned().map(entry).collect();
        write(&store, &entries).await.unwrap();
        let mut read = store.read().await.unwrap();
        let together = read.team_facts(&questions).await.unwrap();
        for (question, found) in questions.iter().zip(together) {
            assert_eq!(found, facts::gather(&mut *read, question).await.unwrap(), "{question:?} after {records:?}");
        }
    }
}

pub(in crate::store) async fn several_connections_are_written_at_once_as_they_read_back(store: Store) {
    let first = [record("c1", "t1", &["b.example", "a.example"]), saml_record("c2", "t2", "https://idp.acme.example")];
    let refused = Entry { change: None, event: event(Action::Refused, Some("t3"), None) };
    let mut entries: Vec<Entry> = first.iter().cloned().map(entry).collect();
    entries.push(refused);
    write(&store, &entries).await.unwrap();
    let mut read = store.read().await.unwrap();
    for record in &first {
        let stored = read.connection(&record.id).await.unwrap().unwrap();
        assert_eq!(stored, record.as_stored(None, stored.team_name.clone()));
        assert_eq!(stored.sha256(), record.as_stored(None, None).sha256());
    }
    // One superseded, one switched off, one new.
    let again = ConnectionRecord { at: at(5), ..record("c1", "t1", &["a.example", "c.example"]) };
    let before = read.connection(&again.id).await.unwrap().unwrap();
    let id = ConnectionId::new("c2");
    let off = Entry {
        change: Some(Change::SetStatus { id, status: crate::product::connection::Status::Suspended, at: at(6) }),
        event: event(Action::Suspended, Some("t2"), None),
    };
    write(&store, &[entry(again.clone()), off, entry(record("c3", "t3", &["b.example-c.example"]))]).await.unwrap();
    let mut read = store.read().await.unwrap();
    let stored = read.connection(&again.id).await.unwrap().unwrap();
    assert_eq!(stored, again.as_stored(Some(&before), before.team_name.clone()));
    assert!(
        read.domain_claims(&domains(["b.example"])).await.unwrap().is_empty(),
        "what is not claimed again is released"
    );
    let named = read.audit_references().await.unwrap();
    let named: Vec<_> = named.iter().map(|one| (one.connection_id.as_str(), one.status.as_str(), one.seq)).collect();
    assert_eq!(named, [("c1", "active", 4), ("c2", "suspended", 5), ("c3", "active", 6)]);
    let mut verifier = ChainVerifier::default();
    for row in read.audit_rows(0, 100).await.unwrap() {
        verifier.take(&row).unwrap();
    }
    assert_eq!(verifier.head().map(|(seq, _)| seq), Some(6));
}

pub(in crate::store) async fn of_several_connections_written_at_once_none_is_kept_where_one_cannot_be(store: Store) {
    write(&store, &[entry(record("c1", "t1", &["a.example"]))]).await.unwrap();
    for (bad, taken) in [
        (record("c9", "t1", &[]), Some("this team")),
        (record("c9", "t9", &["a.example"]), Some("this domain")),
        (record("c1", "t9", &[]), None),
    ] {
        let error = write(&store, &[entry(record("c2", "t2", &["b.example"])), entry(bad)]).await.unwrap_err();
        match (&error, taken) {
            (StoreError::Taken { what }, Some(taken)) => assert_eq!(*what, taken),
            (StoreError::Other { .. }, None) => {}
            _ => panic!("{error:?}"),
        }
        let mut read = store.read().await.unwrap();
        assert_eq!(read.connections(None).await.unwrap().len(), 1);
        assert!(read.connection_of_team(&team("t2")).await.unwrap().is_none());
        assert_eq!(read.audit_rows(0, 100).await.unwrap().len(), 1);
    }
}

pub(in crate::store) async fn parts_of_a_transaction_are_kept_or_undone_each_for_itself(store: Store) {
    let mut work = store.begin().await.unwrap();
    for (id, team, claim, is_kept) in
        [("c1", "t1", "a.example", true), ("c2", "t2", "b.example", false), ("c3", "t3", "b.example", true)]
    {
        work.begin_part().await.unwrap();
        work.put_connection(&record(id, team, &[claim])).await.unwrap();
        work.append_audit(&event(Action::Onboarded, Some(team), None)).await.unwrap();
        if is_kept { work.keep_part().await.unwrap() } else { work.undo_part().await.unwrap() }
    }
    // One that the database refuses takes no other with it.
    work.begin_part().await.unwrap();
    work.put_connection(&record("c4", "t1", &[])).await.unwrap_err();
    work.undo_part().await.unwrap();
    work.commit().await.unwrap();
    let mut read = store.read().await.unwrap();
    let stored = read.connections(None).await.unwrap();
    assert_eq!(stored.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), ["c1", "c3"]);
    let mut verifier = ChainVerifier::default();
    for row in read.audit_rows(0, 100).await.unwrap() {
        verifier.take(&row).unwrap();
    }
    assert_eq!(verifier.head().map(|(seq, _)| seq), Some(2), "the chain goes on where the undone part began");
}

/// Rule C-05, of a part: the audit row of another one does not speak for it.
pub(in crate::store) async fn a_part_with_a_change_and_no_audit_row_is_not_kept(store: Store) {
    write(&store, &[entry(record("c1", "t1", &[]))]).await.unwrap();
    let mut work = store.begin().await.unwrap();
    work.begin_part().await.unwrap();
    work.append_audit(&event(Action::Refused, Some("t2"), None)).await.unwrap();
    work.keep_part().await.unwrap();
    work.begin_part().await.unwrap();
    work.remove_connection(&ConnectionId::new("c1")).await.unwrap();
    work.keep_part().await.unwrap_err();
    work.undo_part().await.unwrap();
    work.commit().await.unwrap();
    let mut read = store.read().await.unwrap();
    assert_eq!(read.connections(None).await.unwrap().len(), 1);
    assert_eq!(read.audit_rows(0, 100).await.unwrap().len(), 2);
}
