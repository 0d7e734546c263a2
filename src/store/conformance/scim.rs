//! SAML connections and SCIM tokens.

use super::connections::put;
use super::{Store, at, event, record, saml_record, team};
use crate::product::audit_event::Action;
use crate::product::repository::{ConnectionRecord, StoreError};
use crate::product::scim_token::ScimToken;
use crate::request::names::{ConnectionId, ScimTokenId};
use crate::request::saml_names::{AccountToken, EntityId};

fn token(id: &str, connection: &str) -> ScimToken {
    ScimToken {
        id: ScimTokenId::new(id),
        connection_id: ConnectionId::new(connection),
        sha256: format!("{id:0>64}"),
        created_at: at(0),
        expires_at: Some(at(3600)),
        retires_at: None,
        revoked_at: None,
    }
}

async fn put_token(store: &Store, token: &ScimToken) -> Result<(), StoreError> {
    let mut work = store.begin().await?;
    work.put_scim_token(token).await?;
    work.append_audit(&event(Action::Onboarded, None, None)).await?;
    work.commit().await
}

pub(in crate::store) async fn a_saml_connection_reads_back_as_written(store: Store) {
    let written = saml_record("c1", "t1", "urn:acme:idp");
    put(&store, &written).await.unwrap();
    let found = store.read().await.unwrap().connection(&written.id).await.unwrap().unwrap();
    assert_eq!((found.settings, found.account_token), (written.settings, written.account_token));
    assert_eq!(found.acs_url, written.acs_url);
}

pub(in crate::store) async fn a_connection_may_change_its_protocol_and_keeps_its_account_token(store: Store) {
    let oidc = record("c1", "t1", &["acme.example"]);
    put(&store, &oidc).await.unwrap();
    let other_token = AccountToken::parse("another-account-token").unwrap();
    let saml = ConnectionRecord { account_token: other_token, ..saml_record("c1", "t1", "urn:acme:idp") };
    put(&store, &saml).await.unwrap();
    let found = store.read().await.unwrap().connection(&oidc.id).await.unwrap().unwrap();
    assert_eq!((found.settings, found.account_token), (saml.settings, oidc.account_token.clone()));
    put(&store, &oidc).await.unwrap();
    let found = store.read().await.unwrap().connection(&oidc.id).await.unwrap().unwrap();
    assert_eq!(found.settings, oidc.settings);
    // The entity ID went with the SAML settings, and is free again.
    put(&store, &saml_record("c2", "t2", "urn:acme:idp")).await.unwrap();
}

pub(in crate::store) async fn an_acs_url_is_written_down_with_its_audit_row(store: Store) {
    let untold = ConnectionRecord { acs_url: None, ..record("c1", "t1", &[]) };
    put(&store, &untold).await.unwrap();
    let mut work = store.begin().await.unwrap();
    work.set_acs_url(&untold.id, "https://app.example/sso/x/acs/okta", at(5)).await.unwrap();
    work.set_acs_url(&ConnectionId::new("c2"), "https://app.example", at(5)).await.unwrap_err();
    work.commit().await.unwrap_err();
    assert_eq!(store.read().await.unwrap().connection(&untold.id).await.unwrap().unwrap().acs_url, None);
    let mut work = store.begin().await.unwrap();
    work.set_acs_url(&untold.id, "https://app.example/sso/x/acs/okta", at(5)).await.unwrap();
    work.append_audit(&event(Action::Prepared, Some("t1"), None)).await.unwrap();
    work.commit().await.unwrap();
    let found = store.read().await.unwrap().connection(&untold.id).await.unwrap().unwrap();
    assert_eq!(found.acs_url.as_deref(), Some("https://app.example/sso/x/acs/okta"));
    assert_eq!(found.updated_at, at(5));
    // The connection's own row is the one that tells of its status, still.
    let references = store.read().await.unwrap().audit_references().await.unwrap();
    assert_eq!(references.iter().map(|reference| reference.seq).collect::<Vec<_>>(), [1]);
}

pub(in crate::store) async fn an_entity_id_of_another_team_is_found_and_refused(store: Store) {
    put(&store, &saml_record("c1", "t1", "urn:acme:idp")).await.unwrap();
    let entity = EntityId::parse("urn:acme:idp").unwrap();
    let mut read = store.read().await.unwrap();
    let holder = read.same_entity_elsewhere(&entity, &team("t2")).await.unwrap().unwrap();
    assert_eq!(holder.id.as_str(), "c1");
    assert_eq!(read.same_entity_elsewhere(&entity, &team("t1")).await.unwrap(), None);
    let other_case = EntityId::parse("urn:ACME:idp").unwrap();
    assert_eq!(read.same_entity_elsewhere(&other_case, &team("t2")).await.unwrap(), None);
    drop(read);
    let error = put(&store, &saml_record("c2", "t2", "urn:acme:idp")).await.unwrap_err();
    assert!(matches!(error, StoreError::Taken { what: "this entity ID" }), "{error:?}");
}

pub(in crate::store) async fn a_scim_token_reads_back_as_written_and_is_found_by_its_hash(store: Store) {
    put(&store, &record("c1", "t1", &[])).await.unwrap();
    put(&store, &record("c2", "t2", &[])).await.unwrap();
    let [first, second, other] =
        [token("a", "c1"), ScimToken { created_at: at(1), ..token("b", "c1") }, token("c", "c2")];
    for one in [&second, &first, &other] {
        put_token(&store, one).await.unwrap();
    }
    let mut read = store.read().await.unwrap();
    let of_c1 = read.scim_tokens(Some(&ConnectionId::new("c1"))).await.unwrap();
    assert_eq!(of_c1, [first.clone(), second]);
    assert_eq!(read.scim_tokens(None).await.unwrap().len(), 3);
    assert_eq!(read.scim_token_by_hash(&first.sha256).await.unwrap(), Some(first));
    assert_eq!(read.scim_token_by_hash("unknown").await.unwrap(), None);
}

pub(in crate::store) async fn of_a_scim_token_only_the_ends_change(store: Store) {
    put(&store, &record("c1", "t1", &[])).await.unwrap();
    put(&store, &record("c2", "t2", &[])).await.unwrap();
    let made = token("a", "c1");
    put_token(&store, &made).await.unwrap();
    let ended = ScimToken { retires_at: Some(at(10)), revoked_at: Some(at(5)), ..made.clone() };
    let changed = ScimToken { created_at: at(9), expires_at: None, ..ended.clone() };
    put_token(&store, &changed).await.unwrap();
    let found = store.read().await.unwrap().scim_token_by_hash(&made.sha256).await.unwrap();
    assert_eq!(found, Some(ended));
    put_token(&store, &ScimToken { connection_id: ConnectionId::new("c2"), ..made.clone() }).await.unwrap_err();
    put_token(&store, &ScimToken { sha256: "other".to_owned(), ..made }).await.unwrap_err();
}

/// Rule C-05.
pub(in crate::store) async fn a_scim_token_needs_its_connection_and_an_audit_row(store: Store) {
    put_token(&store, &token("a", "nobody")).await.unwrap_err();
    put(&store, &record("c1", "t1", &[])).await.unwrap();
    let mut work = store.begin().await.unwrap();
    work.put_scim_token(&token("a", "c1")).await.unwrap();
    work.commit().await.unwrap_err();
    assert_eq!(store.read().await.unwrap().scim_tokens(None).await.unwrap(), []);
}

pub(in crate::store) async fn scim_tokens_go_with_their_connection(store: Store) {
    put(&store, &record("c1", "t1", &[])).await.unwrap();
    put_token(&store, &token("a", "c1")).await.unwrap();
    let mut work = store.begin().await.unwrap();
    work.remove_connection(&ConnectionId::new("c1")).await.unwrap();
    work.append_audit(&event(Action::Removed, None, None)).await.unwrap();
    work.commit().await.unwrap();
    assert_eq!(store.read().await.unwrap().scim_tokens(None).await.unwrap(), []);
}
