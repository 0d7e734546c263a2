//! What every route answers when a test says nothing: the baseline provider of `cases.md`.

use serde_json::{Value, json};

use super::client::{How, Who, judge};
use super::reply::Reply;
use super::{Authorize, Key, Route, SeenRequest, Settings, key_set};

/// The answer of a well-behaved provider.
pub(super) fn reply(route: Route, request: &SeenRequest, settings: &Settings) -> Reply {
    match route {
        Route::Discovery => Reply::json(200, &document(settings)),
        Route::Jwks => Reply::json(200, &key_set(&[Key::Rsa { bits: 2048, kid: Some("baseline".to_owned()) }])),
        Route::Token => for_the_client(request, settings, "Basic", || {
            Reply::error(400, "invalid_grant", Some("the code is unknown or expired"))
        }),
        Route::Authorize => Authorize::LoginRequired.reply(request, settings),
        Route::Userinfo => Reply::error(401, "invalid_token", None).with_header("WWW-Authenticate", "Bearer"),
        Route::Revocation | Route::Introspection | Route::PushedAuthorization if !settings.offered.contains(&route) => {
            Reply::html(404, "<h1>not found</h1>")
        }
        Route::Revocation => for_the_client(request, settings, "Basic", || Reply::text(200, "")),
        Route::Introspection => {
            for_the_client(request, settings, "Basic", || Reply::json(200, &json!({"active": false})))
        }
        Route::PushedAuthorization => for_the_client(request, settings, "Basic", || {
            Reply::json(201, &json!({"request_uri": "urn:ietf:params:oauth:request_uri:1", "expires_in": 60}))
        }),
        Route::Elsewhere => Reply::html(404, "<h1>not found</h1>"),
    }
}

/// `known` for the right credentials, else `invalid_client`: 401 for a secret, 400 or 401 for an unknown id.
fn for_the_client(request: &SeenRequest, settings: &Settings, challenge: &str, known: impl FnOnce() -> Reply) -> Reply {
    let refused = |status| Reply::error(status, "invalid_client", None);
    match judge(request, settings) {
        (Who::Right, _) => known(),
        (Who::Unknown, How::Post | How::Bare) => refused(400),
        (Who::Unknown, How::Basic) | (Who::WrongSecret, _) => {
            refused(401).with_header("WWW-Authenticate", &format!("{challenge} realm=\"test\""))
        }
    }
}

fn document(settings: &Settings) -> Value {
    let at = |path: &str| format!("{}/{path}", settings.origin);
    let mut document = json!({
        "issuer": settings.issuer,
        "authorization_endpoint": at("authorize"),
        "token_endpoint": at("token"),
        "jwks_uri": at("jwks"),
        "userinfo_endpoint": at("userinfo"),
        "scopes_supported": ["openid", "email", "profile"],
        "response_types_supported": ["code"],
        "grant_types_supported": ["authorization_code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "code_challenge_methods_supported": ["S256"]
    });
    for route in &settings.offered {
        let (member, path) = match route {
            Route::Revocation => ("revocation_endpoint", "revoke"),
            Route::Introspection => ("introspection_endpoint", "introspect"),
            Route::PushedAuthorization => ("pushed_authorization_request_endpoint", "par"),
            other => panic!("{other:?} is not optional"),
        };
        document[member] = at(path).into();
    }
    document
}
