//! The report as JSON, version 1: the contract that scripts rely on. `ssoctl schema` prints its JSON Schema, and a test
//! holds the two together.

use serde_json::{Map, Value, json};

use super::{ConnectionView, ProviderView, Report, RequestView};
use crate::request::mail::Source;

/// The version that every document names.
pub const VERSION: u32 = 1;

/// The JSON Schema (draft 2020-12) of every document this version prints.
pub const SCHEMA: &str = include_str!("schema_v1.json");

/// The report as one JSON value.
#[must_use]
pub fn document(report: &Report) -> Value {
    let mut document = Map::new();
    let mut put = |name: &str, value: Value| _ = document.insert(name.to_owned(), value);
    put("schema", VERSION.into());
    put("outcome", report.outcome.as_str().into());
    put("protocol", report.protocol.as_str().into());
    put("ticket", report.ticket.clone().into());
    put("request", request(&report.request));
    put("team", report.team.as_ref().map_or(Value::Null, |team| json!({"id": team.id, "name": team.name})));
    put("owner", report.owner.clone().into());
    put("domains", report.domains.clone().into());
    put("connection", report.connection.as_ref().map_or(Value::Null, connection));
    put("checks", serde_json::to_value(&*report.checks).unwrap_or_default());
    put("allowed_origins", report.allowed_origins.clone().into());
    put("reply", report.reply.clone().into());
    put("reply_subject", report.reply_subject.clone().into());
    put("delivery", serde_json::to_value(&report.delivery).unwrap_or_default());
    put("command", report.command.to_string().into());
    Value::Object(document)
}

/// What was asked for.
#[must_use]
pub fn request(request: &RequestView) -> Value {
    let mut members = Map::new();
    for (name, value) in [
        ("owner", &request.owner),
        ("requested_by", &request.requested_by),
        ("issuer", &request.issuer),
        ("client_id", &request.client_id),
        ("metadata", &request.metadata),
        ("entity_id", &request.entity_id),
        ("ticket", &request.ticket),
    ] {
        if let Some(value) = value {
            members.insert(name.to_owned(), value.clone().into());
        }
    }
    if !request.sources.is_empty() {
        let source = |one: &Source| json!({ "field": one.input.field(), "place": one.place });
        members.insert("sources".to_owned(), request.sources.iter().map(source).collect());
    }
    members.insert("changed".to_owned(), serde_json::to_value(&request.changed).unwrap_or_default());
    Value::Object(members)
}

/// A connection, less its secret. What is not known yet is absent.
#[must_use]
pub fn connection(connection: &ConnectionView) -> Value {
    let mut members = Map::new();
    if let Some(id) = &connection.id {
        members.insert("id".to_owned(), id.as_str().into());
    }
    if let Some(status) = connection.status {
        members.insert("status".to_owned(), status.as_str().into());
    }
    match &connection.provider {
        ProviderView::Oidc(oidc) => {
            members.insert("issuer".to_owned(), oidc.issuer.clone().into());
            members.insert("client_id".to_owned(), oidc.client_id.clone().into());
            if let Some(method) = oidc.token_endpoint_auth_method {
                members.insert("token_endpoint_auth_method".to_owned(), method.into());
            }
            members.insert("id_token_algorithms".to_owned(), oidc.id_token_algorithms.clone().into());
            if let Some(uri) = &oidc.redirect_uri {
                members.insert("redirect_uri".to_owned(), uri.clone().into());
            }
        }
        ProviderView::Saml(settings) => {
            members.insert("entity_id".to_owned(), settings.entity_id.as_str().into());
            members.insert("sso".to_owned(), serde_json::to_value(&settings.sso).unwrap_or_default());
            members.insert("slo".to_owned(), serde_json::to_value(&settings.slo).unwrap_or_default());
            members.insert("name_id_formats".to_owned(), settings.name_id_formats.clone().into());
            let certificates: Vec<Value> = settings
                .certificates
                .iter()
                .map(|one| json!({"sha256": one.sha256, "not_after": one.not_after, "key": one.key}))
                .collect();
            members.insert("certificates".to_owned(), certificates.into());
            members.insert("want_authn_requests_signed".to_owned(), settings.want_authn_requests_signed.into());
            members.insert("metadata_sha256".to_owned(), settings.metadata_sha256.clone().into());
            if let Some(url) = &settings.metadata_url {
                members.insert("metadata_url".to_owned(), url.as_str().into());
            }
        }
    }
    if let Some(scim) = &connection.scim {
        let mut shown = json!({"base_url": scim.base_url});
        if let (Some(token), Value::Object(shown)) = (&scim.token, &mut shown) {
            shown.insert("token".to_owned(), token.expose().into());
        }
        members.insert("scim".to_owned(), shown);
    }
    // A customer who came to sign in otherwise may have been told one earlier: it is not part of this.
    if let (ProviderView::Saml(_), Some(url)) = (&connection.provider, &connection.acs_url) {
        members.insert("acs_url".to_owned(), url.clone().into());
    }
    if let Some(token) = &connection.account_token {
        members.insert("account_token".to_owned(), token.clone().into());
    }
    Value::Object(members)
}
