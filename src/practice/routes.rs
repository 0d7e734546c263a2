//! What each address of the practice provider answers.
//!
//! Sources: OpenID Connect Core 1.0 and Discovery 1.0, RFC 6749, RFC 7009, RFC 7517, RFC 7662, RFC 9207.

use std::io;

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::header::{ALLOW, AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, LOCATION, PRAGMA, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::{Bytes, Incoming};
use serde_json::{Value, json};

use super::certificate;
use super::client::{Client, Form, Stranger, URL_SAFE, random_text};

type Answer = Response<Full<Bytes>>;

/// The largest form anybody may send, bytes.
const FORM_LIMIT: usize = 64 * 1024;

/// The modulus of an RSA-2048 key whose private half was thrown away when it was made: a second key to publish, as
/// providers do between rotations, without the time it takes to make one.
const RETIRED_MODULUS: &str = concat!(
    "mlu3ATMkCcsmZUiuasWESYF5tlyCHhUSoEYBgDtfmMsvooN_iZhSWBIRu5948xIJeCkTEThJ6jIV9viElZQovCs3n36p1b7JriWz1sf_1rlVAJ5C",
    "0ERoho3xxiJHpGMoD4B_EepgdNCOhRaPLTsBhOM3ugk8JMpFfzvTyH7hARkCiQf-VHZTMppiqMlhCRDeyg6VGFSspxgbn8AHwhZjt1zzV8teXqiK",
    "XtEuBNbppPSLyjg1KXrm81IL3ovOIfq4uUjq1IhaN7uyHVx4m00t7vezasvTCxtxLkEFfp4pRNHk50ndFdXZIxxUlV7D6q5i3dTfLXf6osm7_sRF",
    "koo6Uw",
);

/// The provider's public face: documents made once, and the client they are about.
pub(super) struct Front {
    issuer: String,
    /// The issuer's path, which every route starts with.
    path: String,
    client: Client,
    discovery: Bytes,
    keys: Bytes,
    metadata: Bytes,
}

/// Where the SAML metadata is, below the issuer.
pub(super) const SAML_METADATA: &str = "/saml/metadata";

impl Front {
    /// The front of the issuer `{origin}/oauth2/acme` with a signing key of its own.
    pub(super) fn new(origin: &str, client: Client) -> io::Result<Self> {
        let path = "/oauth2/acme".to_owned();
        let issuer = format!("{origin}{path}");
        let discovery = Bytes::from(discovery_document(&issuer).to_string());
        let keys = Bytes::from(key_set()?.to_string());
        let metadata = Bytes::from(saml_metadata(&issuer, &certificate::for_saml()?));
        Ok(Self { issuer, path, client, discovery, keys, metadata })
    }

    pub(super) fn issuer(&self) -> &str {
        &self.issuer
    }

    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    /// Answers one request.
    pub(super) async fn answer(&self, request: Request<Incoming>) -> Answer {
        let (head, body) = request.into_parts();
        let Some(route) = head.uri.path().strip_prefix(&self.path) else {
            return page(StatusCode::NOT_FOUND, "There is nothing at this address.");
        };
        let query = Form::read(head.uri.query().unwrap_or_default().as_bytes());
        match (route, &head.method) {
            ("/.well-known/openid-configuration", &Method::GET | &Method::HEAD) => document(self.discovery.clone()),
            ("/v1/keys", &Method::GET | &Method::HEAD) => document(self.keys.clone()),
            (SAML_METADATA, &Method::GET | &Method::HEAD) => {
                let mut answer = document(self.metadata.clone());
                let kind = HeaderValue::from_static("application/samlmetadata+xml");
                answer.headers_mut().insert(CONTENT_TYPE, kind);
                answer
            }
            ("/v1/authorize", &Method::GET) => self.authorize(&query),
            ("/v1/authorize", &Method::POST) => match form(&head.headers, body).await {
                Ok(form) => self.authorize(&form),
                Err(_) => page(StatusCode::BAD_REQUEST, "The request could not be read."),
            },
            ("/v1/token" | "/v1/revoke" | "/v1/introspect", &Method::POST) => {
                let form = match form(&head.headers, body).await {
                    Ok(form) => form,
                    Err(answer) => return answer,
                };
                match self.authenticate(&head.headers, &form) {
                    Ok(()) => self.for_the_client(route, &form).unwrap_or_else(refuse_client),
                    Err(stranger) => refuse_client(stranger),
                }
            }
            // Nobody holds an access token of this provider, since it never gives one out.
            ("/v1/userinfo", &Method::GET | &Method::POST) | ("/v1/clients", &Method::POST) => challenge(
                problem(StatusCode::UNAUTHORIZED, "invalid_token", "an access token is needed here"),
                "Bearer realm=\"practice\", error=\"invalid_token\"",
            ),
            ("/.well-known/openid-configuration" | "/v1/keys", _) => not_allowed("GET, HEAD"),
            ("/v1/authorize" | "/v1/userinfo", _) => not_allowed("GET, POST"),
            ("/v1/token" | "/v1/revoke" | "/v1/introspect" | "/v1/clients", _) => not_allowed("POST"),
            _ => page(StatusCode::NOT_FOUND, "There is nothing at this address."),
        }
    }

    fn authenticate(&self, headers: &HeaderMap, form: &Form) -> Result<(), Stranger> {
        let authorization = match headers.get(AUTHORIZATION) {
            Some(value) => Some(value.to_str().map_err(|_| Stranger::Anonymous)?),
            None => None,
        };
        self.client.authenticate(authorization, form)
    }

    /// The endpoints that only the client may use, once it has shown that it is the client.
    fn for_the_client(&self, route: &str, form: &Form) -> Result<Answer, Stranger> {
        if route == "/v1/token" {
            return self.token(form);
        }
        if form.one("token")?.is_none() {
            return Ok(problem(StatusCode::BAD_REQUEST, "invalid_request", "the parameter token is missing"));
        }
        // Any token is one this provider does not know: revoked already (RFC 7009 section 2.2), or not active
        // (RFC 7662 section 2.2).
        Ok(if route == "/v1/revoke" {
            private(Response::new(Full::default()))
        } else {
            private(json_answer(StatusCode::OK, json!({"active": false}).to_string().into()))
        })
    }

    /// The token endpoint: it knows no codes and no refresh tokens, so a known client gets `invalid_grant`.
    fn token(&self, form: &Form) -> Result<Answer, Stranger> {
        let bad_request = |code, words| Ok(problem(StatusCode::BAD_REQUEST, code, words));
        let returns = form.one("redirect_uri")?;
        match form.one("grant_type")? {
            None => bad_request("invalid_request", "the parameter grant_type is missing"),
            Some("authorization_code") if form.one("code")?.is_none() => {
                bad_request("invalid_request", "the parameter code is missing")
            }
            Some("authorization_code") if returns.is_some_and(|uri| !self.client.may_return_to(uri)) => {
                bad_request("invalid_grant", "the code was not issued for this redirect_uri")
            }
            Some("authorization_code") => bad_request("invalid_grant", "the code is unknown, used or expired"),
            Some("refresh_token") if form.one("refresh_token")?.is_none() => {
                bad_request("invalid_request", "the parameter refresh_token is missing")
            }
            Some("refresh_token") => bad_request("invalid_grant", "the refresh token is unknown or expired"),
            Some(_) => bad_request("unsupported_grant_type", "only authorization_code and refresh_token are offered"),
        }
    }

    /// The authorization endpoint: nobody is ever signed in here, and `prompt=none` says so to a registered client.
    ///
    /// A wrong client or redirect URI is told to the person, never sent on (RFC 6749 section 4.1.2.1).
    fn authorize(&self, form: &Form) -> Answer {
        let asked = (form.one("client_id"), form.one("redirect_uri"));
        let (Ok(Some(client)), Ok(Some(back))) = asked else {
            return page(StatusCode::BAD_REQUEST, "The request needs one client_id and one redirect_uri.");
        };
        if client != self.client.id() {
            return page(StatusCode::BAD_REQUEST, "No application with this client_id is registered here.");
        }
        if !self.client.may_return_to(back) {
            return page(StatusCode::BAD_REQUEST, "This redirect_uri is not registered for the application.");
        }
        let Ok(state) = form.one("state") else {
            return self.send_back(back, "invalid_request", None);
        };
        match authorization_error(form) {
            Ok(Some(code)) => self.send_back(back, code, state),
            Ok(None) => page(StatusCode::BAD_REQUEST, "Nobody can sign in at a practice provider."),
            Err(_) => self.send_back(back, "invalid_request", state),
        }
    }

    /// 302 to `back` with `error`, `state` and `iss` (RFC 9207) added to its query.
    fn send_back(&self, back: &str, error: &str, state: Option<&str>) -> Answer {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("error", error);
        if let Some(state) = state {
            query.append_pair("state", state);
        }
        query.append_pair("iss", &self.issuer);
        let separator = if back.contains('?') { '&' } else { '?' };
        let Ok(location) = HeaderValue::from_str(&format!("{back}{separator}{}", query.finish())) else {
            return page(StatusCode::BAD_REQUEST, "This redirect_uri cannot be sent to anybody.");
        };
        let mut answer = private(Response::new(Full::default()));
        *answer.status_mut() = StatusCode::FOUND;
        answer.headers_mut().insert(LOCATION, location);
        answer
    }
}

/// What to send back for an authorization request; `None` when a person would now have to sign in.
fn authorization_error(form: &Form) -> Result<Option<&'static str>, Stranger> {
    if form.one("request")?.is_some() {
        return Ok(Some("request_not_supported"));
    }
    if form.one("request_uri")?.is_some() {
        return Ok(Some("request_uri_not_supported"));
    }
    let challenge = form.one("code_challenge")?;
    let method = form.one("code_challenge_method")?;
    if (challenge.is_none() && method.is_some()) || (challenge.is_some() && method != Some("S256")) {
        return Ok(Some("invalid_request"));
    }
    match form.one("response_type")? {
        None => return Ok(Some("invalid_request")),
        Some("code") => {}
        Some(_) => return Ok(Some("unsupported_response_type")),
    }
    if !form.one("scope")?.is_some_and(|scopes| scopes.split(' ').any(|scope| scope == "openid")) {
        return Ok(Some("invalid_scope"));
    }
    let prompts: Vec<&str> = form.one("prompt")?.unwrap_or_default().split(' ').collect();
    Ok(match prompts.as_slice() {
        ["none"] => Some("login_required"),
        // OpenID Connect Core 1.0, section 3.1.2.1: none with any other value is an error.
        several if several.contains(&"none") => Some("invalid_request"),
        _ => None,
    })
}

/// The metadata of OpenID Connect Discovery 1.0, section 3: every REQUIRED and RECOMMENDED member, and RFC 8414's.
fn discovery_document(issuer: &str) -> Value {
    let at = |route: &str| format!("{issuer}/v1/{route}");
    let methods = json!(["client_secret_basic", "client_secret_post"]);
    json!({
        "issuer": issuer,
        "authorization_endpoint": at("authorize"),
        "token_endpoint": at("token"),
        "userinfo_endpoint": at("userinfo"),
        "jwks_uri": at("keys"),
        "registration_endpoint": at("clients"),
        "scopes_supported": ["openid", "email", "profile", "offline_access"],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256", "ES256"],
        "token_endpoint_auth_methods_supported": methods,
        "claims_supported": ["iss", "sub", "aud", "exp", "iat", "nonce", "email", "email_verified", "name"],
        "code_challenge_methods_supported": ["S256"],
        "revocation_endpoint": at("revoke"),
        "revocation_endpoint_auth_methods_supported": methods,
        "introspection_endpoint": at("introspect"),
        "introspection_endpoint_auth_methods_supported": methods,
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
        "authorization_response_iss_parameter_supported": true
    })
}

/// The public halves of a new P-256 key and of the retired RSA key.
/// The metadata of the same provider as a SAML identity provider.
///
/// Source: SAML 2.0 Metadata, section 2.4.3.
fn saml_metadata(issuer: &str, certificate: &[u8]) -> String {
    let certificate = base64::engine::general_purpose::STANDARD.encode(certificate);
    let service = |name: &str, binding: &str, path: &str| {
        format!(
            "    <md:{name} Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:{binding}\" Location=\"{issuer}/saml/{path}\"/>\n"
        )
    };
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <md:EntityDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\" entityID=\"{issuer}{SAML_METADATA}\">\n  \
         <md:IDPSSODescriptor WantAuthnRequestsSigned=\"false\" \
         protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\">\n    \
         <md:KeyDescriptor use=\"signing\">\n      \
         <ds:KeyInfo xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:X509Data><ds:X509Certificate>{certificate}\
         </ds:X509Certificate></ds:X509Data></ds:KeyInfo>\n    </md:KeyDescriptor>\n\
         {slo}    <md:NameIDFormat>urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress</md:NameIDFormat>\n\
         {redirect}{post}  </md:IDPSSODescriptor>\n</md:EntityDescriptor>\n",
        slo = service("SingleLogoutService", "HTTP-Redirect", "logout"),
        redirect = service("SingleSignOnService", "HTTP-Redirect", "sso"),
        post = service("SingleSignOnService", "HTTP-POST", "sso"),
    )
}

fn key_set() -> io::Result<Value> {
    let no_key = || io::Error::other("the signing key could not be made");
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map_err(|_| no_key())?;
    // SEC 1, section 2.3.3: 4, then both coordinates, 32 bytes each.
    let point = pair.public_key().as_ref();
    let (x, y) = (point.get(1..33).ok_or_else(no_key)?, point.get(33..65).ok_or_else(no_key)?);
    let name = || random_text(22, URL_SAFE);
    Ok(json!({"keys": [
        {"kty": "EC", "use": "sig", "alg": "ES256", "kid": name()?, "crv": "P-256",
            "x": URL_SAFE_NO_PAD.encode(x), "y": URL_SAFE_NO_PAD.encode(y)},
        {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": name()?, "n": RETIRED_MODULUS, "e": "AQAB"}
    ]}))
}

/// The form of a request's body.
///
/// # Errors
///
/// The answer to give instead: not a form, too large, or broken off.
async fn form(headers: &HeaderMap, body: Incoming) -> Result<Form, Answer> {
    let media_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(problem(StatusCode::BAD_REQUEST, "invalid_request", "the body is not a form"));
    }
    match Limited::new(body, FORM_LIMIT).collect().await {
        Ok(body) => Ok(Form::read(&body.to_bytes())),
        Err(_) => Err(problem(StatusCode::PAYLOAD_TOO_LARGE, "invalid_request", "the form is too large")),
    }
}

/// RFC 6749 section 5.2: 401 with a challenge where the client tried HTTP Basic or its secret is wrong.
fn refuse_client(stranger: Stranger) -> Answer {
    let refusal = |status, words| problem(status, "invalid_client", words);
    let basic = "Basic realm=\"practice\", charset=\"UTF-8\"";
    match stranger {
        Stranger::Muddled => problem(
            StatusCode::BAD_REQUEST,
            "invalid_request",
            "a parameter is there twice, or the client authenticated in two ways",
        ),
        Stranger::Unknown(false) => refusal(StatusCode::BAD_REQUEST, "no client is registered under this client_id"),
        Stranger::Unknown(true) => {
            challenge(refusal(StatusCode::UNAUTHORIZED, "no client is registered under this client_id"), basic)
        }
        Stranger::Anonymous => challenge(refusal(StatusCode::UNAUTHORIZED, "the client has to authenticate"), basic),
        Stranger::WrongSecret => {
            challenge(refusal(StatusCode::UNAUTHORIZED, "the client secret is not the registered one"), basic)
        }
    }
}

fn problem(status: StatusCode, code: &str, words: &str) -> Answer {
    private(json_answer(status, json!({"error": code, "error_description": words}).to_string().into()))
}

fn challenge(mut answer: Answer, scheme: &'static str) -> Answer {
    answer.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static(scheme));
    answer
}

fn document(text: Bytes) -> Answer {
    let mut answer = json_answer(StatusCode::OK, text);
    answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
    answer
}

fn json_answer(status: StatusCode, text: Bytes) -> Answer {
    let mut answer = Response::new(Full::new(text));
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    answer
}

fn private(mut answer: Answer) -> Answer {
    answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer.headers_mut().insert(PRAGMA, HeaderValue::from_static("no-cache"));
    answer
}

fn not_allowed(methods: &'static str) -> Answer {
    let mut answer = page(StatusCode::METHOD_NOT_ALLOWED, "This address does not take this method.");
    answer.headers_mut().insert(ALLOW, HeaderValue::from_static(methods));
    answer
}

/// A page for a person; `words` are ours, never the visitor's.
fn page(status: StatusCode, words: &str) -> Answer {
    let html = format!("<!doctype html><title>Practice provider</title><p>{words}</p>\n");
    let mut answer = private(Response::new(Full::new(html.into())));
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    answer
}
