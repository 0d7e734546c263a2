//! What a customer is told for every reason that can refuse their request: `fixtures/replies/reasons/CHECK.txt` has the part
//! of the mail that is about it, one after the other. `SSOCTL_BLESS=1` writes the files anew.
//!
//! Every finding here is the check's own, made from documents, mails and facts that lead to it: a sentence that changes
//! shows here.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use secrecy::SecretString;
use ssoctl::checks::reasons::reasons;
use ssoctl::checks::{self, DomainBasis, DomainEvidence, Facts, Intent, Rival, RowFacts, Standing, Wanted};
use ssoctl::config::Policy;
use ssoctl::exchange::{FetchFault, Forbidden, Problem, TlsProblem};
use ssoctl::finding::{Finding, Judgement, Verdict};
use ssoctl::intake::rows::Rows;
use ssoctl::intake::{Completeness, PastedMetadata, PastedSecret, RequestDraft, SecretSource};
use ssoctl::oidc::authorization::Landing;
use ssoctl::oidc::facts::{Credentials, Discovery, Keys, Probe, Progress, Redirect};
use ssoctl::oidc::interview::{Interview, Question, Secret};
use ssoctl::oidc::token_reply::{Endpoint, Refusal, Reply};
use ssoctl::onboarding::plan::Outcome;
use ssoctl::product::connection::{
    ClientAuthentication, Connection, DomainClaim, DomainProof, OidcSettings, ProtocolSettings, SealedSecret, Status,
};
use ssoctl::product::facts::{ProductFacts, Requester};
use ssoctl::product::team::{MemberElsewhere, Membership, Tally, Team, User};
use ssoctl::report::{CommandLine, Replies, Report, reply};
use ssoctl::request::mail::{Authentication, AuthenticationResult, Mail, Mailbox, Sender};
use ssoctl::request::names::{ClientId, ConnectionId, EmailAddress, EmailDomain, IssuerUrl, TeamId, UserId};
use ssoctl::request::saml_names::{AccountToken, EntityId, MetadataUrl};
use ssoctl::request::{MetadataSource, OidcRequest, OnboardingRequest, ProviderRequest, RequestedBy, SamlRequest};
use ssoctl::saml::facts::{Metadata, ReadFault, SamlFacts};
use ssoctl::ticket;

use crate::support::{metadata, on_paper};

/// The findings that refuse, each reason of a check once: the first that was met.
#[derive(Default)]
struct Met(BTreeMap<&'static str, BTreeMap<&'static str, Finding>>);

impl Met {
    fn note(&mut self, judgements: impl IntoIterator<Item = Judgement>) {
        for judgement in judgements {
            let check = catalogued(judgement.id.as_str());
            for finding in judgement.findings.into_iter().filter(|one| one.level == Verdict::Fail) {
                self.0.entry(check).or_default().entry(finding.code).or_insert(finding);
            }
        }
    }
}

fn catalogued(check: &str) -> &'static str {
    checks::CATALOGUE.iter().map(|entry| entry.id.as_str()).find(|id| *id == check).unwrap()
}

fn folders(of: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(of);
    let mut folders: Vec<PathBuf> = std::fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.retain(|folder| folder.is_dir());
    folders.sort();
    folders
}

fn case(folder: &Path) -> toml::Table {
    std::fs::read_to_string(folder.join("case.toml")).unwrap().parse().unwrap()
}

/// Every document of `fixtures/idp` and `fixtures/metadata`.
fn from_documents(met: &mut Met) {
    for folder in folders("idp") {
        let issuer = IssuerUrl::parse(case(&folder)["asked"].as_str().unwrap()).unwrap();
        if let Ok(document) = std::fs::read(folder.join("document.json")) {
            met.note([on_paper::document(&issuer, &document)]);
        }
        if let Ok(keys) = std::fs::read(folder.join("jwks.json")) {
            met.note([on_paper::keys(&keys)]);
        }
    }
    for folder in folders("metadata").into_iter().filter(|folder| folder.join("case.toml").exists()) {
        let case = case(&folder);
        let word = |key: &str| case.get(key).and_then(toml::Value::as_str);
        let text = metadata::with_certificates(&std::fs::read_to_string(folder.join("document.xml")).unwrap());
        let now: Timestamp = word("now").unwrap_or("2026-06-01T00:00:00Z").parse().unwrap();
        met.note(on_paper::metadata(&metadata::encoded(&text, word("encoding")), word("chosen"), now));
    }
    let archive = on_paper::metadata(b"PK\x03\x04 an archive", None, Timestamp::UNIX_EPOCH);
    let deep = format!("<a>{}", "<a>".repeat(100));
    let many: String = (0..300).map(|number| format!(" a{number}=\"x\"")).collect();
    let large = vec![b' '; 64 * 1024 * 1024];
    met.note(archive);
    for stranger in [
        "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----",
        &"PD94bWwgdmVyc2lvbj0iMS4wIj8+PGE+PC9hPg".repeat(2),
    ] {
        met.note(on_paper::metadata(stranger.as_bytes(), None, Timestamp::UNIX_EPOCH));
    }
    met.note(on_paper::metadata(deep.as_bytes(), None, Timestamp::UNIX_EPOCH));
    met.note(on_paper::metadata(format!("<a{many}/>").as_bytes(), None, Timestamp::UNIX_EPOCH));
    met.note(on_paper::metadata(&large, None, Timestamp::UNIX_EPOCH));
    let issuer = IssuerUrl::parse("https://acme.okta.com").unwrap();
    let documents: [&str; 5] = [
        "{}",
        "[]",
        r#"{"issuer":"https://acme.okta.com","issuer":"x"}"#,
        r#"{"issuer":"https://login.microsoftonline.com/{tenantid}/v2.0"}"#,
        r#"{"issuer":"https://acme.okta.com","authorization_endpoint":"a","token_endpoint":"https://acme.okta.com/t","jwks_uri":"https://acme.okta.com/k","response_types_supported":["code"],"subject_types_supported":["public"],"id_token_signing_alg_values_supported":["HS256"],"token_endpoint_auth_methods_supported":["private_key_jwt"],"require_signed_request_object":true}"#,
    ];
    met.note(documents.map(|document| on_paper::document(&issuer, document.as_bytes())));
    let nested = "[".repeat(2000);
    met.note([on_paper::document(&issuer, nested.as_bytes()), on_paper::keys(nested.as_bytes())]);
    for keys in [
        "{}",
        "<html><body>x</body></html>",
        "<html><form><input type=\"password\"></form></html>",
        r#"{"keys":[],"keys":[]}"#,
        "nothing",
    ] {
        met.note([on_paper::keys(keys.as_bytes())]);
    }
    let key = |n: &str, more: &str| format!(r#"{{"keys":[{{"kty":"RSA","kid":"1","n":"{n}","e":"AQAB"{more}}}]}}"#);
    met.note([
        on_paper::keys(key(&"_".repeat(342), r#","d":"c2VjcmV0""#).as_bytes()),
        on_paper::keys(key(&"_".repeat(4000), "").as_bytes()),
        on_paper::keys_beside(
            Some(br#"{"id_token_signing_alg_values_supported":["ES256"]}"#),
            key(&format!("{}w", "_".repeat(341)), "").as_bytes(),
        ),
    ]);
}

/// Every mail of `fixtures/mail`, and senders of every kind.
fn from_mails(met: &mut Met) {
    let settings = ticket::Settings {
        trusted_authserv_id: Some("mx.product.example".to_owned()),
        relays: vec!["product.example".to_owned(), "desk.product.example".to_owned()],
        ..ticket::Settings::default()
    };
    let intent = Intent { everything: true, ..Intent::default() };
    for folder in folders("mail") {
        let mail = ticket::read(&std::fs::read(folder.join("mail.eml")).unwrap(), &settings).unwrap();
        let request = mail.into_draft(RequestDraft::default()).normalise(Completeness::Everything, 50);
        met.note(checks::run_request(&request, intent));
    }
    let mailbox =
        |name: Option<&str>, address: &str| Mailbox { name: name.map(str::to_owned), address: address.into() };
    let result = |method: &str, result: &str| AuthenticationResult {
        method: method.into(),
        result: result.into(),
        domain: Some("acme.example".into()),
    };
    let sent = |from: Vec<Mailbox>, results: Vec<AuthenticationResult>, reply_to: Vec<Mailbox>| Sender {
        from,
        reply_to,
        authentication: Authentication::Results(results),
        ..Sender::default()
    };
    let jane = || mailbox(Some("Jane Doe"), "jane@acme.example");
    let pass = || vec![result("dmarc", "pass")];
    for sender in [
        sent(vec![], pass(), vec![]),
        sent(vec![jane(), mailbox(None, "x@evil.example")], pass(), vec![]),
        sent(vec![jane()], vec![result("dmarc", "fail")], vec![]),
        sent(vec![jane()], vec![result("dkim", "fail"), result("spf", "fail")], vec![]),
        sent(vec![mailbox(Some("jane@acme.example"), "x@acme.example")], pass(), vec![]),
        sent(vec![jane()], pass(), vec![mailbox(None, "x@evil.example")]),
        Sender { automatic: true, ..sent(vec![jane()], pass(), vec![]) },
    ] {
        let mut request = asked();
        request.mail = Some(Mail { sender: Some(sender), ..Mail::default() });
        met.note(checks::run_request(&request, intent));
    }
}

/// Values as they are pasted.
fn from_values(met: &mut Met) {
    type Given = fn(&mut RequestDraft, &str);
    let issuer: Given = |draft, text| draft.issuer = Some(text.to_owned());
    let client_id: Given = |draft, text| draft.client_id = Some(text.to_owned());
    let owner: Given = |draft, text| draft.owner = Some(text.to_owned());
    let domain: Given = |draft, text| draft.domains = vec![text.to_owned()];
    let entity: Given = |draft, text| draft.entity_id = Some(text.to_owned());
    let ticket: Given = |draft, text| draft.ticket = Some(text.to_owned());
    let secret: Given = |draft, text| {
        draft.client_secret = Some(PastedSecret { text: SecretString::from(text), source: SecretSource::Stdin });
    };
    let linked: Given = |draft, text| draft.metadata = Some(PastedMetadata::Word(text.to_owned()));
    let nothing: Given = |_, _| {};
    let long = "x".repeat(2 * 1024 * 1024);
    let domains: String = (0..60).map(|number| format!("d{number}.example ")).collect();
    let pasted: Vec<(Given, &str)> = vec![
        (nothing, ""),
        (issuer, "acme okta"),
        (issuer, "https://example.com"),
        (issuer, "https://{yourOktaDomain}"),
        (issuer, "https://your-domain.okta.com"),
        (issuer, "https://acme.okta.com https://other.okta.com"),
        (issuer, "http://login.acme.example"),
        (issuer, "ftp://login.acme.example"),
        (issuer, "https://acme.okta.com/oauth2/v1/keys"),
        (issuer, "https://login.microsoftonline.com/common/v2.0"),
        (issuer, "https://acme.\u{43e}kta.com"),
        (issuer, "https://acme.okta.com/\u{7}"),
        (issuer, &long),
        (issuer, "jane@acme.example"),
        (client_id, "YOUR_CLIENT_ID"),
        (client_id, "two words"),
        (client_id, "xyz8Q~fakeEntraSecretValue0123456789abcd"),
        (client_id, "GOCSPX-abcdefghijklmnopqrstuvwxyz12"),
        (client_id, "https://acme.okta.com"),
        (client_id, "jane@acme.example"),
        (client_id, "-----BEGIN CERTIFICATE-----MIIB"),
        (client_id, r#"{"web":{"auth_uri":"x"}}"#),
        (secret, "<client secret>"),
        (secret, "s3cr\u{fffd}t"),
        (secret, "0oa1b2c3d4E5f6G7h8i9"),
        (secret, "see 1Password"),
        (secret, "https://vault.acme.example/secret/1"),
        (secret, "-----BEGIN PRIVATE KEY-----\nMIIE"),
        (owner, "jane"),
        (owner, "jane@acme.example, amir@acme.example"),
        (domain, "not a domain"),
        (domain, "co.uk"),
        (domain, &domains),
        (linked, "https://"),
        (linked, "http://acme.okta.com/app/x/sso/saml/metadata"),
        (linked, "https://acme.okta.com/.well-known/openid-configuration"),
        (entity, "a b"),
        (ticket, &long),
        (ticket, "a\nb"),
    ];
    let intent = Intent { everything: true, ..Intent::default() };
    for (give, text) in pasted {
        let mut draft = RequestDraft { owner: Some("jane@acme.example".to_owned()), ..RequestDraft::default() };
        give(&mut draft, text);
        met.note(checks::run_request(&draft.normalise(Completeness::Everything, 50), intent));
    }
    let entra = RequestDraft {
        issuer: Some("https://login.microsoftonline.com/6ba7b810-9dad-41d1-80b4-00c04fd430c8/v2.0".to_owned()),
        client_secret: Some(PastedSecret {
            text: SecretString::from("1b4e28ba-2fa1-41d2-883f-0016d3cca427"),
            source: SecretSource::Stdin,
        }),
        ..RequestDraft::default()
    };
    let both = RequestDraft {
        issuer: Some("https://acme.okta.com".to_owned()),
        metadata: Some(PastedMetadata::Word("https://acme.okta.com/app/x/sso/saml/metadata".to_owned())),
        ..RequestDraft::default()
    };
    let shown = RequestDraft {
        ticket: Some("48213 kD3-xZ_9qLmT7vRw2Yb8".to_owned()),
        client_secret: Some(PastedSecret {
            text: SecretString::from("kD3-xZ_9qLmT7vRw2Yb8"),
            source: SecretSource::Stdin,
        }),
        ..RequestDraft::default()
    };
    let named = RequestDraft {
        metadata: Some(PastedMetadata::Word("https://acme.okta.com/app/x/sso/saml/metadata".to_owned())),
        entity_id: Some("https://two words".to_owned()),
        ..RequestDraft::default()
    };
    for draft in [entra, both, shown, named] {
        met.note(checks::run_request(&draft.normalise(Completeness::Everything, 50), intent));
    }
}

/// Rows of a list.
fn from_rows(met: &mut Met) {
    let id = checks::CATALOGUE[0].id;
    let files: [&[u8]; 10] = [
        b"owner,issuer,client_id,client_secret\na@acme.example,https://acme.okta.com,0oa1,s,too many\n",
        b"owner,issuer,client_id,client_secret\na,i,c,s\nb\xfcrger@acme.example,i,c,s\n",
        b"owner,issuer,client_id,client_secret_file\na@acme.example,i,c,nowhere.txt\n",
        b"owner,metadata\na@acme.example,nowhere.xml\n",
        b"{\"owner\": 1}\n",
        b"owner,issuer,client_id,client_secret\na@acme.example,https://acme.okta.com,#REF!,s\n",
        b"owner,issuer,client_id,client_secret\na@acme.example,https://acme.okta.com,1.23457E+15,s\n",
        b"{\"owner\": \"a@acme.example\", \"colour\": \"red\"}\n",
        b"{\"owner\": \"a@acme.example\", \"owner\": \"b@acme.example\"}\n",
        b"owner,issuer,client_id,client_secret,client_secret_env\na@acme.example,i,c,s,HOME\n",
    ];
    for file in files {
        let Ok(mut rows) = Rows::open(Box::new(file), PathBuf::from(".")) else { continue };
        while let Ok(Some(row)) = rows.next_row() {
            let (request, _) = row.normalise(50, &[]);
            met.note([Judgement::of(id, "", request.findings)]);
        }
    }
}

fn problems() -> Vec<Problem> {
    let host = || "login.acme.example".to_owned();
    let reason = || "as the library says".to_owned();
    let address: IpAddr = "10.0.0.7".parse().unwrap();
    vec![
        Problem::Forbidden(Forbidden::Address {
            host: host(),
            address,
            kind: "a private address",
            may_be_allowed: true,
        }),
        Problem::Tls(TlsProblem::UntrustedCa { host: host() }),
        Problem::Tls(TlsProblem::Expired { host: host() }),
        Problem::Tls(TlsProblem::NotYetValid { host: host() }),
        Problem::Tls(TlsProblem::WrongName { host: host() }),
        Problem::Tls(TlsProblem::WeakSignature { host: host() }),
        Problem::Tls(TlsProblem::BadCertificate { host: host(), reason: reason() }),
        Problem::Tls(TlsProblem::Handshake { host: host(), reason: reason() }),
        Problem::Protocol(reason()),
        Problem::TooLarge { limit: 1024 * 1024, declared: None },
    ]
}

fn faults<N>() -> Vec<FetchFault<N>> {
    let statuses = [401, 403, 404, 418].map(FetchFault::Status);
    let elsewhere = FetchFault::Redirected { status: 302, to: Some("https://www.acme.example/".to_owned()) };
    problems().into_iter().map(FetchFault::Exchange).chain(statuses).chain([elsewhere]).collect()
}

/// Answers that are none, at every address of a provider.
fn from_exchanges(met: &mut Met) {
    let issuer = IssuerUrl::parse("https://login.acme.example").unwrap();
    let asked = OidcRequest {
        issuer: Some(issuer.clone()),
        client_id: ClientId::parse("0oa1b2c3d4E5f6G7h8i9"),
        ..OidcRequest::default()
    };
    for fault in faults() {
        let url = issuer.discovery_url();
        let discovery = Discovery { url, outcome: Err(fault), odd_content_type: None, elapsed: Duration::ZERO };
        met.note([checks::as_it_happens(&asked, Progress::Discovery(&discovery))]);
    }
    for fault in faults() {
        let url = "https://login.acme.example/keys".to_owned();
        let keys = Probe::Made(Keys { url, outcome: Err(fault), elapsed: Duration::ZERO });
        met.note([checks::as_it_happens(&asked, Progress::Keys(None, &keys))]);
    }
    for problem in problems() {
        let redirect = Redirect {
            promises_issuer: false,
            redirect_uri: "https://app.example.com/sso/oidc/callback".to_owned(),
            landing: Landing::Nothing(problem),
            elapsed: Duration::ZERO,
        };
        met.note([checks::as_it_happens(&asked, Progress::Redirect(&Probe::Made(redirect)))]);
    }
    let refusals = [Refusal::BadSecret, Refusal::ExpiredSecret, Refusal::UnknownClient, Refusal::GrantNotAllowed];
    for refusal in refusals {
        let mut interview = Interview::default();
        let question =
            Question { endpoint: Endpoint::Token, method: ClientAuthentication::Basic, secret: Secret::Submitted };
        interview.record(question, Reply::ClientRefused(refusal));
        let credentials = Probe::Made(Credentials { interview, elapsed: Duration::ZERO });
        met.note([checks::as_it_happens(&asked, Progress::Credentials(&credentials))]);
    }
    let url = MetadataUrl::parse("https://login.acme.example/metadata").unwrap();
    for fault in faults() {
        let asked = SamlRequest { metadata: Some(MetadataSource::Url(url.clone())), entity_id: None };
        let metadata = Metadata {
            name: "https://login.acme.example/metadata".to_owned(),
            url: Some(url.clone()),
            outcome: Err(ReadFault::Fetch(fault)),
            elapsed: Duration::ZERO,
        };
        let facts = SamlFacts { metadata: Some(metadata), now: Timestamp::UNIX_EPOCH };
        met.note(checks::run_saml(&asked, &facts, Intent::default()));
    }
}

fn user(active: bool) -> User {
    User { id: UserId::new("1"), email: "jane@acme.example".into(), name: "Jane Doe".into(), active }
}

fn team(id: &str) -> Team {
    Team { id: TeamId::new(id), name: "Acme".into(), plan: Some("Scale Plus".into()), management_enabled: true }
}

fn product() -> ProductFacts {
    ProductFacts { owners: vec![user(true)], teams: vec![team("1042")], ..ProductFacts::default() }
}

fn connection(status: Status) -> Connection {
    Connection {
        id: ConnectionId::new("c1"),
        team_id: TeamId::new("1042"),
        team_name: Some("Acme".into()),
        status,
        settings: Some(ProtocolSettings::Oidc(OidcSettings {
            issuer: IssuerUrl::parse("https://old.okta.com").unwrap(),
            client_id: ClientId::parse("0oaOLD").unwrap(),
            client_authentication: ClientAuthentication::Basic,
            id_token_algorithms: vec!["RS256".into()],
            redirect_uri: None,
            sealed_secret: SealedSecret::new("x"),
        })),
        domains: vec![EmailDomain::parse("acme.example").unwrap()],
        acs_url: None,
        account_token: AccountToken::parse("account-token-of-c1").unwrap(),
        domain_challenge: "s0me-challenge".into(),
        ticket: None,
        created_at: Timestamp::UNIX_EPOCH,
        updated_at: Timestamp::UNIX_EPOCH,
    }
}

fn asked() -> OnboardingRequest {
    OnboardingRequest {
        owner: EmailAddress::parse("jane@acme.example").ok(),
        provider: ProviderRequest::Oidc(OidcRequest {
            issuer: IssuerUrl::parse("https://acme.okta.com").ok(),
            client_id: ClientId::parse("0oa1b2c3d4E5f6G7h8i9"),
            client_secret: None,
        }),
        ..OnboardingRequest::default()
    }
}

/// Teams with everything that can be in the way.
fn from_teams(met: &mut Met) {
    let mut judge = |request: &OnboardingRequest, product: ProductFacts, facts: Facts, intent: Intent| {
        let facts = Facts { product: Some(product), ..facts };
        let mut judgements = checks::run_team(request, &facts, &Policy::default(), intent);
        judgements.retain(|judgement| judgement.verdict == Verdict::Fail);
        met.note(judgements);
    };
    let plain = Intent { everything: true, ..Intent::default() };
    let membership = |team: &str, role: &str| Membership { team_id: TeamId::new(team), role: role.into() };
    for (owners, teams) in [
        (vec![], vec![]),
        (vec![user(false)], vec![team("1042")]),
        (vec![user(true), user(true)], vec![]),
        (vec![user(true)], vec![]),
        (vec![user(true)], vec![team("1042"), team("1043")]),
    ] {
        judge(&asked(), ProductFacts { owners, teams, ..ProductFacts::default() }, Facts::default(), plain);
    }
    let row = RowFacts { line: 3, team: Some("another".into()), ..RowFacts::default() };
    judge(&asked(), product(), Facts { row: Some(row), ..Facts::default() }, plain);
    let basic = Team { plan: Some("Starter".into()), management_enabled: false, ..team("1042") };
    judge(&asked(), ProductFacts { teams: vec![basic], ..product() }, Facts::default(), plain);
    for (users, team, role) in [
        (vec![], "1042", "admin"),
        (vec![user(true), user(true)], "1042", "admin"),
        (vec![user(false)], "1042", "admin"),
        (vec![user(true)], "7", "admin"),
        (vec![user(true)], "1042", "member"),
    ] {
        let request = OnboardingRequest {
            requested_by: RequestedBy::Address(EmailAddress::parse("amir@acme.example").unwrap()),
            ..asked()
        };
        let users = users.into_iter().map(|one| User { email: "amir@acme.example".into(), ..one }).collect();
        let requester = Some(Requester { users, memberships: vec![membership(team, role)] });
        judge(&request, ProductFacts { requester, ..product() }, Facts::default(), plain);
    }
    for (claimed, basis) in [
        ("gmail.com", DomainBasis::Owner),
        ("mailinator.com", DomainBasis::Owner),
        ("co.uk", DomainBasis::Owner),
        ("acme.internal", DomainBasis::Owner),
        ("other.example", DomainBasis::NotPrepared),
        ("other.example", DomainBasis::Dns(Ok(vec!["another".to_owned()]))),
    ] {
        let domain = EmailDomain::parse(claimed).unwrap();
        let request = OnboardingRequest { domains: vec![domain.clone()], ..asked() };
        let facts = Facts { proofs: vec![DomainEvidence { domain, basis }], ..Facts::default() };
        let prepared = ProductFacts { connection: Some(connection(Status::Prepared)), ..product() };
        judge(&request, prepared, facts, plain);
    }
    let claim = DomainClaim {
        domain: EmailDomain::parse("acme.example").unwrap(),
        connection_id: ConnectionId::new("x"),
        team_id: TeamId::new("8"),
        team_name: Some("RIVAL".into()),
        proof: DomainProof::Owner,
    };
    let owners_own = || Facts {
        proofs: vec![DomainEvidence { domain: EmailDomain::parse("acme.example").unwrap(), basis: DomainBasis::Owner }],
        ..Facts::default()
    };
    judge(&asked(), ProductFacts { claims: vec![claim], ..product() }, owners_own(), plain);
    let sam = MemberElsewhere {
        email: "sam@acme.example".into(),
        active: true,
        team_id: TeamId::new("8"),
        team_name: Some("RIVAL".into()),
        role: "member".into(),
        since: Some("2024-03-01".into()),
    };
    let stray = MemberElsewhere { team_name: None, ..sam.clone() };
    let elsewhere = Tally { total: 2, capped: false, listed: vec![sam, stray] };
    judge(&asked(), ProductFacts { elsewhere, ..product() }, Facts::default(), plain);
    let there = |status| ProductFacts { connection: Some(connection(status)), ..product() };
    let mut once_more = asked();
    once_more.provider = ProviderRequest::Oidc(OidcRequest {
        issuer: IssuerUrl::parse("https://old.okta.com").ok(),
        client_id: ClientId::parse("0oaOLD"),
        client_secret: None,
    });
    judge(&once_more, there(Status::Suspended), Facts { same_secret: Some(true), ..Facts::default() }, plain);
    judge(&asked(), there(Status::Active), Facts::default(), plain);
    judge(&asked(), there(Status::Suspended), Facts::default(), plain);
    let over_it = Intent { stage: true, replace: true, ..plain };
    judge(&asked(), there(Status::Active), Facts::default(), over_it);
    for over in [Wanted::Team, Wanted::Domain(EmailDomain::parse("acme.example").unwrap())] {
        let rivals = vec![Rival { line: 2, over, standing: Standing::Granted }];
        let row = Some(RowFacts { line: 5, rivals, ..RowFacts::default() });
        judge(&asked(), product(), Facts { row, ..owners_own() }, plain);
    }
    let entity = EntityId::parse("http://www.okta.com/exk1").unwrap();
    let rivals = vec![Rival { line: 2, over: Wanted::Entity(entity), standing: Standing::Granted }];
    let row = Some(RowFacts { line: 5, rivals, ..RowFacts::default() });
    let saml = OnboardingRequest { provider: ProviderRequest::Saml(SamlRequest::default()), ..asked() };
    judge(&saml, product(), Facts { row, ..Facts::default() }, plain);
}

fn everything_met() -> Met {
    let mut met = Met::default();
    from_teams(&mut met);
    from_values(&mut met);
    from_exchanges(&mut met);
    from_documents(&mut met);
    from_mails(&mut met);
    from_rows(&mut met);
    met
}

/// Every reason code of docs/checks.md that refuses, with its check.
fn documented() -> BTreeSet<(String, String)> {
    let refusing = reasons().filter(|reason| reason.level == "fail");
    refusing.map(|reason| (reason.check.to_string(), reason.code.to_owned())).collect()
}

/// The part of the mail that is about one finding.
fn told(check: &str, finding: &Finding) -> String {
    let request = match check {
        "saml-metadata" | "saml-certificates" | "saml-signature" => OnboardingRequest {
            provider: ProviderRequest::Saml(SamlRequest {
                metadata: MetadataUrl::parse("https://acme.okta.com/app/x/sso/saml/metadata").map(MetadataSource::Url),
                entity_id: None,
            }),
            ..asked()
        },
        _ => asked(),
    };
    let mut request = request;
    if let (ProviderRequest::Oidc(oidc), "multi_tenant_issuer" | "secret_is_entra_id") =
        (&mut request.provider, finding.code)
    {
        oidc.issuer = IssuerUrl::parse("https://login.microsoftonline.com/common/v2.0").ok();
    }
    let facts = Facts { product: Some(product()), ..Facts::default() };
    let id = checks::CATALOGUE.iter().map(|entry| entry.id).find(|id| id.as_str() == check).unwrap();
    let mut judgements = vec![Judgement::of(id, "", vec![finding.clone()])];
    // Somebody the checks know: their colleagues may be named to them.
    for entry in checks::CATALOGUE {
        if matches!(entry.id.as_str(), "team-owner" | "ticket-sender") && entry.id != id {
            judgements.push(Judgement::of(entry.id, "", vec![]));
        }
    }
    let report =
        Report::new(Outcome::Refused, &request, &facts, judgements, None, CommandLine::default(), Replies::built_in());
    let letter = reply::letter(&report, Replies::built_in()).unwrap();
    let (_, text) = letter.text.split_once("could not carry it out yet:\n\n").unwrap();
    let (text, _) = text.split_once("\n\nNothing has changed").unwrap();
    assert!(!letter.text.contains("RIVAL") && !letter.subject.contains("RIVAL"), "another customer: {text}");
    assert!(!text.contains("as the library says") && !text.contains("10.0.0.7"), "an internal: {text}");
    assert!(!text.contains("--"), "a flag of the command line: {text}");
    text.to_owned()
}

#[test]
fn what_the_customer_is_told_of_every_reason_is_as_it_was_read_and_approved() {
    let met = everything_met();
    let bless = std::env::var_os("SSOCTL_BLESS").is_some_and(|word| word == "1");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/replies/reasons");
    for (check, findings) in &met.0 {
        let told: String =
            findings.iter().map(|(code, finding)| format!("## {code}\n\n{}\n\n", told(check, finding))).collect();
        let path = folder.join(format!("{check}.txt"));
        if bless {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(&path, &told).unwrap();
        }
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(told, kept, "{}: SSOCTL_BLESS=1 writes it anew", path.display());
    }
}

#[test]
fn every_reason_that_refuses_has_been_met() {
    let met = everything_met();
    let found: BTreeSet<(String, String)> = met
        .0
        .iter()
        .flat_map(|(check, findings)| findings.keys().map(move |code| ((*check).to_owned(), (*code).to_owned())))
        .collect();
    let missing: Vec<_> = documented().difference(&found).cloned().collect();
    assert_eq!(missing, Vec::<(String, String)>::new(), "nothing here leads to these");
}
