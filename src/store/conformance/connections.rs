//! What is written, what is refused, and what is on record.

use super::{Store, at, domains, event, record, team};
use crate::product::audit_event::{Action, ChainVerifier};
use crate::product::connection::Status;
use crate::product::repository::{ConnectionRecord, StoreError};
use crate::request::names::{ClientId, ConnectionId, IssuerUrl};

pub(super) async fn put(store: &Store, record: &ConnectionRecord) -> Result<(), StoreError> {
    let mut work = store.begin().await?;
    work.put_connection(record).await?;
    work.append_audit(&event(Action::Onboarded, Some(record.team_id.as_str()), None)).await?;
    work.commit().await
}

pub(in crate::store) async fn a_connection_reads_back_as_written(store: Store) {
    let written = record("c1", "t1", &["acme.example", "aaa.example"]);
    put(&store, &written).await.unwrap();
    let mut read = store.read().await.unwrap();
    let found = read.connection(&ConnectionId::new("c1")).await.unwrap().unwrap();
    assert_eq!(found.settings, written.settings);
    assert_eq!(found.domains, domains(["aaa.example", "acme.example"]));
    assert_eq!((found.team_name.as_deref(), found.status), (Some("Acme"), Status::Active));
    assert_eq!((&found.domain_challenge, &found.ticket), (&written.domain_challenge, &written.ticket));
    assert_eq!((found.created_at, found.updated_at), (at(0), at(0)));
    assert_eq!(read.connection_of_team(&team("t1")).await.unwrap().unwrap(), found);
    assert_eq!(read.connection_of_team(&team("t2")).await.unwrap(), None);
    let claims = read.domain_claims(&domains(["acme.example", "free.example"])).await.unwrap();
    assert_eq!(claims.len(), 1);
    assert_eq!((claims[0].team_id.as_str(), claims[0].team_name.as_deref()), ("t1", Some("Acme")));
    assert_eq!(claims[0].domain.as_str(), "acme.example");
}

pub(in crate::store) async fn a_reservation_has_no_settings(store: Store) {
    let reservation = ConnectionRecord { settings: None, status: Status::Prepared, ..record("c1", "gone", &[]) };
    put(&store, &reservation).await.unwrap();
    let found = store.read().await.unwrap().connection(&reservation.id).await.unwrap().unwrap();
    assert_eq!((found.settings, found.team_name, found.domains), (None, None, vec![]));
}

pub(in crate::store) async fn a_superseded_connection_keeps_its_birth_and_releases_domains(store: Store) {
    put(&store, &record("c1", "t1", &["acme.example", "old.example"])).await.unwrap();
    let later = ConnectionRecord { at: at(60), ..record("c1", "t1", &["acme.example", "new.example"]) };
    put(&store, &later).await.unwrap();
    let found = store.read().await.unwrap().connection(&later.id).await.unwrap().unwrap();
    assert_eq!(found.domains, domains(["acme.example", "new.example"]));
    assert_eq!((found.created_at, found.updated_at), (at(0), at(60)));
    put(&store, &record("c2", "t2", &["old.example"])).await.unwrap();
}

pub(in crate::store) async fn a_second_connection_of_a_team_is_refused(store: Store) {
    put(&store, &record("c1", "t1", &[])).await.unwrap();
    let error = put(&store, &record("c2", "t1", &[])).await.unwrap_err();
    assert!(matches!(error, StoreError::Taken { what: "this team" }), "{error:?}");
}

pub(in crate::store) async fn a_domain_of_another_connection_is_refused_and_nothing_of_the_write_stays(store: Store) {
    put(&store, &record("c1", "t1", &["acme.example"])).await.unwrap();
    let mut work = store.begin().await.unwrap();
    let error = work.put_connection(&record("c2", "t2", &["aaa.example", "acme.example"])).await.unwrap_err();
    assert!(matches!(error, StoreError::Taken { what: "this domain" }), "{error:?}");
    work.append_audit(&event(Action::Refused, Some("t2"), None)).await.unwrap();
    work.commit().await.unwrap();
    let mut read = store.read().await.unwrap();
    assert_eq!(read.connection(&ConnectionId::new("c2")).await.unwrap(), None);
    assert_eq!(read.domain_claims(&domains(["aaa.example"])).await.unwrap(), []);
    assert_eq!(read.audit_rows(0, 10).await.unwrap().len(), 2, "the refusal is on record");
}

pub(in crate::store) async fn a_connection_does_not_change_teams(store: Store) {
    put(&store, &record("c1", "t1", &[])).await.unwrap();
    put(&store, &record("c1", "t2", &[])).await.unwrap_err();
    assert!(store.read().await.unwrap().connection_of_team(&team("t1")).await.unwrap().is_some());
}

pub(in crate::store) async fn a_dropped_transaction_leaves_no_trace(store: Store) {
    let mut work = store.begin().await.unwrap();
    work.put_connection(&record("c1", "t1", &["acme.example"])).await.unwrap();
    work.append_audit(&event(Action::Onboarded, None, None)).await.unwrap();
    drop(work);
    let mut read = store.read().await.unwrap();
    assert_eq!(read.connections(None).await.unwrap(), []);
    assert_eq!(read.domain_claims(&domains(["acme.example"])).await.unwrap(), []);
    assert_eq!(read.audit_rows(0, 10).await.unwrap(), []);
    put(&store, &record("c1", "t1", &["acme.example"])).await.unwrap();
}

/// Rule C-05.
pub(in crate::store) async fn a_change_without_an_audit_row_cannot_be_committed(store: Store) {
    let mut work = store.begin().await.unwrap();
    work.put_connection(&record("c1", "t1", &[])).await.unwrap();
    work.commit().await.unwrap_err();
    assert_eq!(store.read().await.unwrap().connections(None).await.unwrap(), []);
    put(&store, &record("c1", "t1", &[])).await.unwrap();
    let mut work = store.begin().await.unwrap();
    work.remove_connection(&ConnectionId::new("c1")).await.unwrap();
    work.commit().await.unwrap_err();
    assert_eq!(store.read().await.unwrap().connections(None).await.unwrap().len(), 1);
}

pub(in crate::store) async fn the_audit_row_may_come_before_the_change(store: Store) {
    let mut work = store.begin().await.unwrap();
    work.append_audit(&event(Action::Onboarded, None, None)).await.unwrap();
    work.put_connection(&record("c1", "t1", &[])).await.unwrap();
    work.set_status(&ConnectionId::new("c1"), Status::Suspended, at(1)).await.unwrap();
    work.commit().await.unwrap();
    assert_eq!(store.read().await.unwrap().connections(Some(Status::Suspended)).await.unwrap().len(), 1);
}

pub(in crate::store) async fn a_removal_releases_the_domains(store: Store) {
    put(&store, &record("c1", "t1", &["acme.example"])).await.unwrap();
    let mut work = store.begin().await.unwrap();
    work.remove_connection(&ConnectionId::new("c1")).await.unwrap();
    work.append_audit(&event(Action::Removed, Some("t1"), None)).await.unwrap();
    work.commit().await.unwrap();
    put(&store, &record("c2", "t2", &["acme.example"])).await.unwrap();
}

pub(in crate::store) async fn a_connection_that_is_not_there_cannot_be_changed(store: Store) {
    let mut work = store.begin().await.unwrap();
    let none = ConnectionId::new("none");
    let error = work.set_status(&none, Status::Active, at(0)).await.unwrap_err();
    assert!(error.to_string().contains("none"), "{error}");
    work.remove_connection(&none).await.unwrap_err();
}

pub(in crate::store) async fn a_reservation_cannot_be_switched_on(store: Store) {
    let reservation = ConnectionRecord { settings: None, status: Status::Prepared, ..record("c1", "t1", &[]) };
    put(&store, &reservation).await.unwrap();
    let mut work = store.begin().await.unwrap();
    let error = work.set_status(&reservation.id, Status::Active, at(1)).await.unwrap_err();
    assert!(matches!(error, StoreError::Other { .. }), "{error:?}");
}

pub(in crate::store) async fn connections_are_listed_by_creation_and_status(store: Store) {
    for (id, team, second) in [("c3", "t3", 0), ("c1", "t1", 2), ("c2", "t2", 1)] {
        put(&store, &ConnectionRecord { at: at(second), ..record(id, team, &[]) }).await.unwrap();
    }
    let mut work = store.begin().await.unwrap();
    work.set_status(&ConnectionId::new("c2"), Status::Suspended, at(9)).await.unwrap();
    work.append_audit(&event(Action::Suspended, None, None)).await.unwrap();
    work.commit().await.unwrap();
    let mut read = store.read().await.unwrap();
    let mut listed = async |status| {
        let found = read.connections(status).await.unwrap();
        found.into_iter().map(|one| one.id.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(listed(None).await, ["c3", "c2", "c1"]);
    assert_eq!(listed(Some(Status::Active)).await, ["c3", "c1"]);
    assert_eq!(listed(Some(Status::Suspended)).await, ["c2"]);
    assert!(listed(Some(Status::Staged)).await.is_empty());
}

pub(in crate::store) async fn a_client_used_by_another_team_is_found(store: Store) {
    put(&store, &record("c1", "t1", &[])).await.unwrap();
    let (issuer, client) = (IssuerUrl::parse("https://login.acme.example").unwrap(), ClientId::parse("0oa1").unwrap());
    let mut read = store.read().await.unwrap();
    let mut holder = async |client: &ClientId, asking: &str| {
        let found = read.same_client_elsewhere(&issuer, client, &team(asking)).await.unwrap();
        found.map(|one| one.team_id.to_string())
    };
    assert_eq!(holder(&client, "t2").await.as_deref(), Some("t1"));
    assert_eq!(holder(&client, "t1").await, None);
    assert_eq!(holder(&ClientId::parse("0oa2").unwrap(), "t2").await, None);
}

pub(in crate::store) async fn the_audit_log_is_one_chain_and_its_tail_can_be_asked_for(store: Store) {
    for (team, ticket) in [(Some("t1"), Some("1")), (Some("t2"), Some("1")), (Some("t1"), Some("2")), (None, None)] {
        let mut work = store.begin().await.unwrap();
        let row = work.append_audit(&event(Action::Refused, team, ticket)).await.unwrap();
        work.commit().await.unwrap();
        assert_eq!(store.read().await.unwrap().audit_rows(row.seq - 1, 1).await.unwrap(), [row]);
    }
    let mut read = store.read().await.unwrap();
    let mut verifier = ChainVerifier::default();
    for row in read.audit_rows(0, 100).await.unwrap() {
        verifier.take(&row).unwrap();
    }
    assert_eq!(verifier.head().map(|(seq, _)| seq), Some(4));
    let mut tail = async |team_id: Option<&str>, ticket: Option<&str>, limit| {
        let rows = read.audit_tail(team_id.map(team).as_ref(), ticket, limit).await.unwrap();
        rows.into_iter().map(|row| row.seq).collect::<Vec<_>>()
    };
    assert_eq!(tail(None, None, 2).await, [3, 4]);
    assert_eq!(tail(Some("t1"), None, 10).await, [1, 3]);
    assert_eq!(tail(Some("t1"), None, 1).await, [3]);
    assert_eq!(tail(None, Some("1"), 10).await, [1, 2]);
    assert_eq!(tail(Some("t1"), Some("1"), 10).await, [1]);
}

pub(in crate::store) async fn every_connection_names_the_row_of_its_latest_change(store: Store) {
    put(&store, &record("c1", "t1", &[])).await.unwrap();
    put(&store, &record("c2", "t2", &[])).await.unwrap();
    let mut work = store.begin().await.unwrap();
    work.set_status(&ConnectionId::new("c1"), Status::Suspended, at(1)).await.unwrap();
    work.append_audit(&event(Action::Suspended, Some("t1"), None)).await.unwrap();
    work.commit().await.unwrap();
    let named = store.read().await.unwrap().audit_references().await.unwrap();
    let named: Vec<_> = named.iter().map(|one| (one.connection_id.as_str(), one.status.as_str(), one.seq)).collect();
    assert_eq!(named, [("c2", "active", 2), ("c1", "suspended", 3)]);
}

pub(in crate::store) async fn a_snapshot_does_not_move(store: Store) {
    let mut before = store.read().await.unwrap();
    put(&store, &record("c1", "t1", &[])).await.unwrap();
    assert_eq!(before.connections(None).await.unwrap(), []);
    assert_eq!(store.read().await.unwrap().connections(None).await.unwrap().len(), 1);
}

pub(in crate::store) async fn a_transaction_sees_its_own_writes(store: Store) {
    let mut work = store.begin().await.unwrap();
    work.put_connection(&record("c1", "t1", &["acme.example"])).await.unwrap();
    assert!(work.connection_of_team(&team("t1")).await.unwrap().is_some());
    assert_eq!(work.domain_claims(&domains(["acme.example"])).await.unwrap().len(), 1);
}
