//! The demo's identity provider is a correct one, as far as a check asks it.

use std::time::Instant;

use serde_json::Value;
use ssoctl::practice::PracticeProvider;

use crate::support::visitor::{Seen, Visitor, basic, trusting};

const BACK: &str = "https://app.example.com/sso/oidc/callback";

/// Runs `visit` on a thread of its own while the provider answers on this one.
fn visiting<T: Send + 'static>(visit: impl FnOnce(Practice) -> T + Send + 'static) -> T {
    runtime().block_on(async {
        let provider = PracticeProvider::start().await.unwrap();
        provider.register_redirect_uri(BACK);
        let practice = Practice::of(&provider);
        tokio::task::spawn_blocking(move || visit(practice)).await.unwrap()
    })
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

/// What a customer would know of it.
struct Practice {
    origin: String,
    path: String,
    issuer: String,
    ca_pem: String,
    id: String,
    secret: String,
}

impl Practice {
    fn of(provider: &PracticeProvider) -> Self {
        let issuer = provider.issuer().to_owned();
        Self {
            origin: provider.origin().to_owned(),
            path: issuer.strip_prefix(provider.origin()).unwrap().to_owned(),
            issuer,
            ca_pem: provider.ca_pem().to_owned(),
            id: provider.client_id().to_owned(),
            secret: provider.client_secret().to_owned(),
        }
    }

    fn visitor(&self) -> Visitor {
        Visitor::connect(&self.origin, self.ca_pem.as_bytes())
    }

    fn get(&self, route: &str) -> Seen {
        self.visitor().get(&format!("{}{route}", self.path))
    }

    fn post(&self, route: &str, form: &str, authorization: Option<&str>) -> Seen {
        self.visitor().post(&format!("{}{route}", self.path), form, authorization)
    }

    fn authorize(&self, parameters: &[(&str, &str)]) -> Seen {
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
        self.get(&format!("/v1/authorize?{query}"))
    }
}

const MADE_UP_CODE: &str = "grant_type=authorization_code&code=made-up";

#[test]
fn its_document_has_every_required_and_recommended_member_and_its_own_issuer() {
    let (issuer, document) = visiting(|practice| {
        let seen = practice.get("/.well-known/openid-configuration");
        assert_eq!((seen.status, seen.header("content-type")), (200, Some("application/json")));
        (practice.issuer, seen.json())
    });
    assert_eq!(document["issuer"], issuer.as_str());
    for member in ["authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint", "registration_endpoint"]
    {
        assert!(document[member].as_str().unwrap().starts_with(&issuer), "{member}");
    }
    let lists = [
        ("response_types_supported", "code"),
        ("subject_types_supported", "public"),
        ("id_token_signing_alg_values_supported", "RS256"),
        ("scopes_supported", "openid"),
        ("claims_supported", "email"),
        ("code_challenge_methods_supported", "S256"),
        ("token_endpoint_auth_methods_supported", "client_secret_post"),
    ];
    for (member, value) in lists {
        assert!(document[member].as_array().unwrap().contains(&Value::from(value)), "{member}");
    }
}

#[test]
fn its_keys_are_public_and_long_enough() {
    let keys = visiting(|practice| practice.get("/v1/keys").json());
    let keys = keys["keys"].as_array().unwrap();
    let kinds: Vec<_> = keys.iter().map(|key| key["kty"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["EC", "RSA"]);
    assert!(keys.iter().all(|key| key.get("d").is_none() && key["kid"].is_string() && key["use"] == "sig"));
    let decoded = |text: &Value| {
        use base64::Engine as _;
        base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(text.as_str().unwrap()).unwrap()
    };
    assert_eq!((decoded(&keys[0]["x"]).len(), decoded(&keys[0]["y"]).len()), (32, 32));
    let modulus = decoded(&keys[1]["n"]);
    assert!(modulus.len() == 256 && modulus[0] >= 0x80 && modulus[255] % 2 == 1);
}

#[test]
fn the_right_secret_gets_invalid_grant_for_a_made_up_code_by_either_method() {
    visiting(|practice| {
        let by_basic = practice.post("/v1/token", MADE_UP_CODE, Some(&basic(&practice.id, &practice.secret)));
        assert_eq!((by_basic.status, by_basic.error().as_str()), (400, "invalid_grant"));
        let form = format!("{MADE_UP_CODE}&client_id={}&client_secret={}", practice.id, practice.secret);
        let by_form = practice.post("/v1/token", &form, None);
        assert_eq!((by_form.status, by_form.error().as_str()), (400, "invalid_grant"));
        assert_eq!(by_form.header("cache-control"), Some("no-store"));
    });
}

#[test]
fn a_wrong_secret_gets_401_with_a_challenge() {
    visiting(|practice| {
        let form = format!("{MADE_UP_CODE}&client_id={}&client_secret=wrong", practice.id);
        for seen in [
            practice.post("/v1/token", MADE_UP_CODE, Some(&basic(&practice.id, "wrong"))),
            practice.post("/v1/token", &form, None),
        ] {
            assert_eq!((seen.status, seen.error().as_str()), (401, "invalid_client"));
            assert!(seen.header("www-authenticate").unwrap().starts_with("Basic "), "{seen:?}");
        }
    });
}

#[test]
fn an_unknown_client_gets_400_in_a_form_and_401_by_basic() {
    visiting(|practice| {
        let form = format!("{MADE_UP_CODE}&client_id=0oaUnknown&client_secret={}", practice.secret);
        let by_form = practice.post("/v1/token", &form, None);
        assert_eq!((by_form.status, by_form.error().as_str()), (400, "invalid_client"));
        let by_basic = practice.post("/v1/token", MADE_UP_CODE, Some(&basic("0oaUnknown", &practice.secret)));
        assert_eq!((by_basic.status, by_basic.error().as_str()), (401, "invalid_client"));
    });
}

#[test]
fn credentials_sent_twice_are_an_invalid_request() {
    visiting(|practice| {
        let form = format!("{MADE_UP_CODE}&client_id={}&client_secret={}", practice.id, practice.secret);
        let seen = practice.post("/v1/token", &form, Some(&basic(&practice.id, &practice.secret)));
        assert_eq!((seen.status, seen.error().as_str()), (400, "invalid_request"));
    });
}

#[test]
fn grants_it_does_not_know_are_told_apart() {
    visiting(|practice| {
        let with = |form: &str| practice.post("/v1/token", form, Some(&basic(&practice.id, &practice.secret))).error();
        assert_eq!(with("code=x"), "invalid_request");
        assert_eq!(with("grant_type=authorization_code"), "invalid_request");
        assert_eq!(with("grant_type=client_credentials"), "unsupported_grant_type");
        assert_eq!(with(&format!("{MADE_UP_CODE}&code=again")), "invalid_request");
    });
}

#[test]
fn revocation_and_introspection_know_the_client_and_no_token() {
    visiting(|practice| {
        let right = basic(&practice.id, &practice.secret);
        assert_eq!(practice.post("/v1/revoke", "token=made-up", Some(&right)).status, 200);
        let seen = practice.post("/v1/introspect", "token=made-up", Some(&right));
        assert_eq!((seen.status, &seen.json()["active"]), (200, &Value::Bool(false)));
        for route in ["/v1/revoke", "/v1/introspect"] {
            let seen = practice.post(route, "token=made-up", Some(&basic(&practice.id, "wrong")));
            assert_eq!((seen.status, seen.error().as_str()), (401, "invalid_client"), "{route}");
            assert_eq!(practice.post(route, "", Some(&right)).error(), "invalid_request", "{route}");
        }
    });
}

#[test]
fn prompt_none_goes_back_to_a_registered_address_with_state_and_issuer() {
    let (issuer, location) = visiting(|practice| {
        let seen = practice.authorize(&[
            ("response_type", "code"),
            ("client_id", &practice.id),
            ("redirect_uri", BACK),
            ("scope", "openid email"),
            ("state", "a b&c"),
            ("prompt", "none"),
        ]);
        assert_eq!(seen.status, 302);
        (practice.issuer.clone(), seen.header("location").unwrap().to_owned())
    });
    let (address, query) = location.split_once('?').unwrap();
    assert_eq!(address, BACK);
    let pairs: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(pairs, [pair("error", "login_required"), pair("state", "a b&c"), pair("iss", &issuer)]);
}

#[test]
fn an_unregistered_address_or_client_is_never_sent_back_to() {
    visiting(|practice| {
        let asked = |client: &str, back: &str| {
            practice.authorize(&[
                ("response_type", "code"),
                ("client_id", client),
                ("redirect_uri", back),
                ("scope", "openid"),
                ("prompt", "none"),
            ])
        };
        let id = practice.id.as_str();
        let slash = format!("{BACK}/");
        for seen in [asked(id, "https://evil.example/"), asked(id, &slash), asked("0oaUnknown", BACK), asked(id, "")] {
            assert_eq!((seen.status, seen.header("location")), (400, None), "{seen:?}");
            assert!(seen.header("content-type").unwrap().starts_with("text/html"));
        }
    });
}

#[test]
fn without_prompt_none_it_shows_a_page() {
    visiting(|practice| {
        let asked = [
            ("response_type", "code"),
            ("client_id", practice.id.as_str()),
            ("redirect_uri", BACK),
            ("scope", "openid"),
        ];
        let seen = practice.authorize(&asked);
        assert_eq!((seen.status, seen.header("location")), (400, None));
    });
}

#[test]
fn methods_and_addresses_it_does_not_have_are_refused() {
    visiting(|practice| {
        let seen = practice.get("/v1/token");
        assert_eq!((seen.status, seen.header("allow")), (405, Some("POST")));
        assert_eq!(practice.get("/v1/nothing").status, 404);
        assert_eq!(practice.visitor().get("/.well-known/openid-configuration").status, 404);
        assert_eq!(practice.get("/v1/userinfo").status, 401);
    });
}

#[test]
fn a_form_larger_than_its_limit_is_refused() {
    visiting(|practice| {
        let form = format!("{MADE_UP_CODE}&x={}", "x".repeat(70_000));
        let seen = practice.post("/v1/token", &form, Some(&basic(&practice.id, &practice.secret)));
        assert_eq!(seen.status, 413);
    });
}

#[test]
fn it_speaks_http_2_where_the_visitor_does() {
    runtime().block_on(async {
        let provider = PracticeProvider::start().await.unwrap();
        let mut tls = trusting(provider.ca_pem().as_bytes());
        tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let client = reqwest::Client::builder().no_proxy().tls_backend_preconfigured(tls).build().unwrap();
        let url = format!("{}/.well-known/openid-configuration", provider.issuer());
        let answer = client.get(url).send().await.unwrap();
        assert_eq!((answer.status().as_u16(), answer.version()), (200, reqwest::Version::HTTP_2));
        assert!(answer.text().await.unwrap().contains(provider.issuer()));
    });
}

#[test]
fn two_runs_share_no_secret_no_authority_and_no_port() {
    runtime().block_on(async {
        let started = Instant::now();
        let (one, other) = (PracticeProvider::start().await.unwrap(), PracticeProvider::start().await.unwrap());
        assert_ne!(one.origin(), other.origin());
        assert_ne!(one.client_id(), other.client_id());
        assert_ne!(one.client_secret(), other.client_secret());
        assert_ne!(one.ca_pem(), other.ca_pem());
        assert!(started.elapsed().as_millis() < 1000, "{:?}", started.elapsed());
        assert!(!format!("{one:?}").contains(one.client_secret()));
    });
}

#[test]
fn dropping_it_frees_its_port_and_ends_its_connections() {
    runtime().block_on(async {
        let provider = PracticeProvider::start().await.unwrap();
        let port = url::Url::parse(provider.origin()).unwrap().port().unwrap();
        let mut open = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        tokio::task::yield_now().await;
        drop(provider);
        let mut rest = Vec::new();
        let ended = tokio::io::AsyncReadExt::read_to_end(&mut open, &mut rest);
        let _ = tokio::time::timeout(std::time::Duration::from_secs(2), ended).await.expect("the connection ends");
        assert!(tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_err());
    });
}
