//! `oidc-discovery`

use super::{catalogue, not_asked, oidc_defects};
use crate::exchange::{Problem, status_code};
use crate::finding::{Finding, Judgement};
use crate::foreign::{self, link};
use crate::makes::{self, ProviderKind};
use crate::oidc::discovery::{Defect, Document, NotADocument, Reading};
use crate::oidc::facts::{Discovery, FetchFault};
use crate::oidc::issuer_match::IssuerMatch;
use crate::oidc::json::NotJson;
use crate::request::OidcRequest;
use crate::request::names::IssuerUrl;

/// Checks the provider's discovery document: that it answers, that it is one, that it names exactly the issuer the
/// customer gave, and that sign-in can work with what it offers.
///
/// Source: OpenID Connect Discovery 1.0, sections 3, 4.2 and 4.3.
pub(super) fn judge(asked: &OidcRequest, discovery: Option<&Discovery>) -> Judgement {
    let id = catalogue::OIDC_DISCOVERY;
    let (Some(issuer), Some(discovery)) = (&asked.issuer, discovery) else {
        return not_asked(id, "no issuer to look for");
    };
    let mut findings = Vec::new();
    let mut details = serde_json::Map::new();
    match &discovery.outcome {
        Err(fault) => findings.push(of_fault(issuer, discovery, fault)),
        Ok(reading) => {
            findings.extend(of_issuer(issuer, reading));
            findings.extend(oidc_defects::of_defects(&reading.defects));
            findings.extend(of_offer(&reading.document, reading));
            if let Some(sent) = &discovery.odd_content_type {
                findings.push(
                    Finding::warn("content_type", "the document is not labelled as JSON")
                        .evidence("Content-Type", sent)
                        .because("the specification asks for application/json; some libraries insist on it"),
                );
            }
            if let Some(issuer) = reading.settled_issuer(issuer) {
                details.insert("issuer".to_owned(), issuer.as_str().into());
            }
            details.insert("id_token_algorithms".to_owned(), reading.document.accepted_algorithms().into());
        }
    }
    let mut judgement = Judgement::of(id, "the document is complete and names the issuer given", findings)
        .detail("url", foreign::shown(&discovery.url))
        .took(Some(discovery.elapsed));
    judgement.details.extend(details);
    judgement
}

fn of_fault(issuer: &IssuerUrl, discovery: &Discovery, fault: &FetchFault<NotADocument>) -> Finding {
    let page = ProviderKind::of_issuer(issuer).issuer_page();
    let ask = format!("ask the customer for the issuer; they find it here: {page}");
    let url = foreign::shown(&discovery.url);
    // Entra answers so for a tenant that does not exist, or lives in another of Microsoft's clouds (AADSTS90002).
    let knows_no_tenant = makes::is_entra_login(issuer.host());
    let tell = match fault {
        FetchFault::Redirected { .. } => format!(
            "The address {url} leads on to another one, which we do not follow. Please send us the issuer URL that your \
             identity provider shows."
        ),
        FetchFault::Status(401 | 403) => format!(
            "Your identity provider does not let us read {url}. Please check the issuer URL, and that this address can \
             be read by anybody, without a sign-in and from outside your network."
        ),
        FetchFault::Status(404) => {
            format!("There is no OpenID Connect configuration at {url}. Please check the issuer URL.")
        }
        FetchFault::Status(400) if knows_no_tenant => format!(
            "Microsoft knows no directory (tenant) with the name or ID in {issuer}. Please check the Directory (tenant) ID."
        ),
        FetchFault::Content(NotADocument::NotJson(NotJson::Html { .. })) => format!(
            "At {url} there is a web page, and not an OpenID Connect configuration. Please check the issuer URL."
        ),
        FetchFault::Content(_) => {
            format!("What we found at {url} is not an OpenID Connect configuration. Please check the issuer URL.")
        }
        _ => format!("We could not read the OpenID Connect configuration at {url}. Please check the issuer URL."),
    };
    let finding = match fault {
        FetchFault::Exchange(problem) => return of_problem(issuer, problem),
        FetchFault::Redirected { status, to } => {
            Finding::fail("redirect_refused", format!("the address answers with a redirect (status {status})"))
                .evidence("redirects to", super::redirect_target(to.as_deref()))
                .because("a redirect is never followed: it could lead anywhere, and sign-in would not follow it either")
                .next("if the target belongs to the customer, ask them whether that is the issuer they meant")
        }
        FetchFault::Overloaded(status) => {
            return Finding::unknown(
                status_code(*status),
                format!("the provider answered with status {status}: it cannot serve the document right now"),
            )
            .next("try again in a few minutes; if it stays, tell the customer that their provider is failing");
        }
        FetchFault::Status(status) => {
            let code = status_code(*status);
            match status {
                404 => Finding::fail(code, "there is no discovery document at this address")
                    .because("either the issuer is another one, or this server is no OpenID Provider"),
                401 => Finding::fail(code, "the address asks for a sign-in (status 401)")
                    .because("a discovery document is public; this address is something else"),
                403 => Finding::fail(code, "the address refuses us (status 403)")
                    .because("a discovery document is public; a firewall may allow only the customer's own network"),
                400 if knows_no_tenant => {
                    Finding::fail(code, "Microsoft knows no directory (tenant) of that name or id (status 400)")
                        .because("its id was mistyped, or it lives in another of Microsoft's clouds, on another host")
                }
                _ => Finding::fail(code, format!("the address answers with status {status} instead of 200")),
            }
        }
        FetchFault::Content(content) => of_content(content),
    };
    let finding = finding.evidence("asked for", &discovery.url);
    if let Some(guess) = behind_token_endpoint(issuer) {
        return finding
            .evidence("the issuer may be", guess)
            .because("the address ends as token endpoints do, and the issuer is what stands before that")
            .next("confirm with the customer, or try the address above with `ssoctl check` first")
            .rerun_with(["--issuer", guess])
            .tell(format!(
                "The address you sent looks like the token endpoint, and there is no OpenID Connect configuration at {url}. \
                 Please send the issuer URL; your identity provider shows it as \"Issuer\" or \"Issuer URL\". Is it {}?",
                foreign::shown(guess)
            ));
    }
    let finding = if finding.next.is_some() { finding } else { finding.next(ask) };
    finding.tell(tell)
}

/// The issuer whose token endpoint the customer may have given. On a host of a customer's own only the document tells: UAA
/// calls itself `…/oauth/token`, and at Auth0 and many others that is where tokens are fetched.
fn behind_token_endpoint(issuer: &IssuerUrl) -> Option<&str> {
    issuer.as_str().strip_suffix("/oauth/token")
}

fn of_content(content: &NotADocument) -> Finding {
    let finding = Finding::fail(
        match content {
            NotADocument::NotJson(not_json) => not_json.code(),
            NotADocument::NotAnObject => "not_json",
            NotADocument::KeySet | NotADocument::Stranger => "not_an_issuer",
        },
        match content {
            NotADocument::NotJson(NotJson::Html { sign_in_page: true }) => {
                "the address shows a sign-in page (HTML) instead of the document".to_owned()
            }
            other => other.to_string(),
        },
    );
    match content {
        NotADocument::NotJson(NotJson::Html { .. }) => {
            finding.because("an address that people open in a browser was given, or something in between answers")
        }
        NotADocument::NotJson(NotJson::Xml) => finding
            .because("SAML metadata is XML: the address may be one for the other protocol")
            .next("if the customer means SAML, give the address of their metadata with --metadata; else ask for the issuer"),
        NotADocument::Stranger => {
            finding.because("many servers answer any address with a JSON text of their own; it is about something else")
        }
        NotADocument::NotJson(NotJson::Truncated { .. }) => {
            finding.next("try again; if it stays the same, the customer's provider delivers a broken document")
        }
        _ => finding,
    }
}

/// A request that got no answer, or one that our limits or the TLS library refused.
fn of_problem(issuer: &IssuerUrl, problem: &Problem) -> Finding {
    let finding = super::oidc_keys::of_problem(problem);
    match problem {
        Problem::Dns { exists_not: true, .. } => finding
            .next("check the spelling with the customer")
            .tell(format!("The name {} does not exist in the public DNS. Please check the issuer URL.", issuer.host())),
        Problem::Forbidden(_) => finding.tell(format!(
            "The issuer {issuer} is not reachable from the public internet. Please give us the public address of your \
             identity provider."
        )),
        _ => finding,
    }
}

fn of_issuer(asked: &IssuerUrl, reading: &Reading) -> Option<Finding> {
    let document = reading.document.issuer.as_deref()?;
    let correction = |code, fact: &str, to: &IssuerUrl| {
        Finding::note(code, fact)
            .evidence("customer gave", asked.as_str())
            .evidence("provider says", to.as_str())
            .because("ID tokens carry the provider's spelling, so that is what is stored")
    };
    match IssuerMatch::between(asked, document) {
        IssuerMatch::Same => None,
        IssuerMatch::TrailingSlash(to) => {
            Some(correction("issuer_corrected", "the issuer differs only by a trailing slash; it was corrected", &to))
        }
        IssuerMatch::Spelling(to) => {
            Some(correction("issuer_corrected", "the issuer is spelled another way; it was corrected", &to))
        }
        IssuerMatch::TenantName(to) => Some(correction(
            "issuer_corrected",
            "the Entra tenant was named by its domain, or its id in upper case; the id as Entra writes it is used instead",
            &to,
        )),
        IssuerMatch::MultiTenant => {
            let page = ProviderKind::EntraId.issuer_page();
            Some(
                Finding::fail("multi_tenant_issuer", "the document serves every Entra tenant, not this customer's")
                    .evidence("provider says", link::without_private_parts(document))
                    .because("anybody with a Microsoft account could sign in as this team")
                    .next(format!("ask for the tenant's own issuer: {page}"))
                    .tell("The issuer you sent is Microsoft's shared one. Please send your tenant's own."),
            )
        }
        IssuerMatch::Different { at } => {
            let says = link::without_private_parts(document);
            let finding =
                Finding::fail("issuer_mismatch", format!("the provider calls itself by another issuer: {at}"))
                    .evidence("customer gave", asked.as_str())
                    .evidence("provider says", &says)
                    .because("every sign-in would fail: ID tokens carry the provider's spelling");
            // What cannot be an issuer is nobody's intention: then the document is at fault.
            Some(match IssuerUrl::parse(document) {
                Ok(other) if is_first_version_of_entra(asked, &other) => {
                    let second = format!("{}/v2.0", asked.as_str().trim_end_matches('/'));
                    finding
                        .next("Entra's issuer of today ends in /v2.0: run again with it, and confirm it with the customer")
                        .rerun_with(["--issuer", &second])
                        .tell(format!(
                            "The issuer {asked} is that of Microsoft's older endpoints. Please confirm that we may use \
                             {second} instead."
                        ))
                }
                Ok(other) if is_b2c_without_policy(asked, &other) => finding
                    .next("send the reply: the customer sets the other form of issuer for the policy, then run again with it")
                    .tell(format!(
                        "The policy at {asked} of your Azure AD B2C puts an issuer into its tokens that does not name the \
                         policy ({}), so that its configuration cannot be found from it. Please choose, in the user flow's \
                         Properties > Token compatibility settings, the \"Issuer (iss) claim\" that has \"/tfp/\" in it, and \
                         send us that address.",
                        foreign::shown(&says)
                    )),
                Ok(other) if makes::is_oracles_shared_issuer(other.host()) => finding
                    .next("send the reply: the customer sets an issuer of their own, then run again with it")
                    .tell(format!(
                        "Your identity domain at Oracle puts the issuer {} into its tokens, which all of Oracle's customers \
                         share until they set one of their own. Please enter {asked} in the identity domain, under \
                         Security > OAuth > Issuer, and tell us when it is done.",
                        foreign::shown(&says)
                    )),
                // To confirm it would bring a refusal for being http.
                Ok(other) if other.url().scheme() == "http" && asked.url().scheme() == "https" => finding
                    .next("send the reply; once the provider names its https address, run again")
                    .tell(format!(
                        "Under the issuer {asked} your identity provider calls itself {}, and an address that is not https \
                         cannot be used. Please set its public address to https, and tell us when it is done. Behind a \
                         reverse proxy it often lacks the header X-Forwarded-Proto.",
                        foreign::shown(&says)
                    )),
                Ok(other) => finding
                    .next("confirm with the customer which one they mean, then run again with it")
                    .rerun_with(["--issuer", other.as_str()])
                    .tell(format!(
                        "You sent the issuer {asked}, but the configuration found there says it is {}. Please confirm \
                         which one is right.",
                        foreign::shown(&says)
                    )),
                Err(_) => finding
                    .next("send the reply; once the customer's administrator has mended the document, run again")
                    .tell(format!(
                        "The configuration found under the issuer {asked} names as its own issuer what cannot be one: {}. \
                         Please ask the administrator or vendor of your identity provider to mend it.",
                        foreign::shown_up_to(&says, 200)
                    )),
            })
        }
    }
}

/// Entra's document for a tenant without `/v2.0` behind it is that of the first version, whose issuer has another host.
fn is_first_version_of_entra(asked: &IssuerUrl, document: &IssuerUrl) -> bool {
    let path = asked.url().path().trim_matches('/');
    let names_tenant_alone = !path.is_empty() && !path.contains('/');
    document.host() == "sts.windows.net" && asked.host().starts_with("login.microsoftonline.") && names_tenant_alone
}

/// A policy of Azure AD B2C says by default that the tenant issues its tokens. The tenant has no document.
///
/// Source: Microsoft's documentation of "Token compatibility settings" of a user flow.
fn is_b2c_without_policy(asked: &IssuerUrl, document: &IssuerUrl) -> bool {
    let segments =
        |issuer: &IssuerUrl| issuer.url().path_segments().map_or(0, |all| all.filter(|one| !one.is_empty()).count());
    let policy = asked.url().path_segments().and_then(|mut all| all.nth(1));
    let is_b2c = makes::is_b2c(asked.host()) || policy.is_some_and(makes::is_b2c_policy);
    asked.host() == document.host() && is_b2c && (segments(asked), segments(document)) == (3, 2)
}

/// What the document offers, against what sign-in needs. Members that are missing altogether have been named already.
fn of_offer(document: &Document, reading: &Reading) -> Vec<Finding> {
    let missing = |member| reading.defects.contains(&Defect::Missing(member));
    let list = |items: &[String]| items.join(", ");
    let mut findings = Vec::new();
    if !document.response_types.is_empty() && !document.offers_code() {
        findings.push(
            Finding::fail("no_code_flow", "the provider does not offer the authorization code flow")
                .evidence("offers", list(&document.response_types))
                .because("it is the only flow that is safe, and the only one the product uses")
                .tell("Please enable the authorization code flow (response type \"code\") for the application."),
        );
    }
    if document.client_authentications().is_empty() {
        findings.push(
            Finding::fail("no_shared_method", "the provider takes no client secret")
                .evidence("offers", list(&document.token_endpoint_auth_methods))
                .because("the product authenticates with client_secret_basic or client_secret_post")
                .tell("Please allow client authentication by secret (client_secret_basic or client_secret_post)."),
        );
    }
    if document.requires_signed_requests {
        findings.push(
            Finding::fail("signed_request_required", "the provider takes signed authorization requests alone")
                .because("the product signs none, and every sign-in would be refused (RFC 9101)")
                .tell(
                    "Your identity provider takes only authorization requests that are signed \
                     (require_signed_request_object), and we send plain ones. Please allow plain requests.",
                ),
        );
    }
    if !missing("id_token_signing_alg_values_supported")
        && !document.id_token_algorithms.is_empty()
        && document.accepted_algorithms().is_empty()
    {
        findings.push(
            Finding::fail("weak_alg", "the provider signs ID tokens with no algorithm that can be accepted")
                .evidence("offers", list(&document.id_token_algorithms))
                .because("a token signed with `none`, a shared secret or an unknown algorithm proves nothing")
                .tell("Please configure your identity provider to sign ID tokens with RS256 or ES256."),
        );
    }
    if document.grant_types.as_ref().is_some_and(|grants| !grants.iter().any(|one| one == "authorization_code")) {
        findings.push(
            Finding::warn("grant_type_unlisted", "the document does not list the authorization code grant")
                .because("it lists the response type, so sign-in may work; the two contradict each other"),
        );
    }
    if document.scopes.as_ref().is_some_and(|scopes| !scopes.iter().any(|one| one == "openid")) {
        findings.push(
            Finding::warn("scope_unlisted", "the document does not list the scope `openid`")
                .because("without it the provider issues no ID token; some providers support it and do not list it"),
        );
    }
    if let Some(methods) = &document.code_challenge_methods
        && !methods.is_empty()
        && !methods.iter().any(|one| one == "S256")
    {
        findings.push(
            Finding::warn("pkce_s256_unlisted", "the document lists methods of PKCE, and S256 is not among them")
                .evidence("offers", list(methods))
                .because(
                    "every sign-in sends a challenge by S256; a provider that does not know it may refuse them all",
                )
                .next("have the customer sign in once, as soon as the connection is on"),
        );
    }
    if document.subject_types.iter().any(|one| !matches!(one.as_str(), "public" | "pairwise")) {
        findings.push(Finding::warn("subject_type_unknown", "the document lists a subject type that nobody defines"));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Verdict;
    use crate::oidc::discovery;
    use std::time::Duration;

    const ISSUER: &str = "https://idp.acme.example";

    fn document() -> serde_json::Value {
        serde_json::json!({
            "issuer": ISSUER,
            "authorization_endpoint": "https://idp.acme.example/authorize",
            "token_endpoint": "https://idp.acme.example/token",
            "jwks_uri": "https://idp.acme.example/jwks",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        })
    }

    fn judged(outcome: Result<Reading, FetchFault<NotADocument>>) -> Judgement {
        judged_at(ISSUER, outcome)
    }

    fn judged_at(issuer: &str, outcome: Result<Reading, FetchFault<NotADocument>>) -> Judgement {
        let asked = OidcRequest { issuer: Some(IssuerUrl::parse(issuer).unwrap()), ..OidcRequest::default() };
        let discovery = Discovery {
            url: format!("{issuer}/.well-known/openid-configuration"),
            outcome,
            odd_content_type: None,
            elapsed: Duration::from_millis(5),
        };
        judge(&asked, Some(&discovery))
    }

    fn read_with(member: &str, value: serde_json::Value) -> Result<Reading, FetchFault<NotADocument>> {
        let mut document = document();
        document[member] = value;
        discovery::read(document.to_string().as_bytes(), &|_| false).map_err(FetchFault::Content)
    }

    fn with(member: &str, value: serde_json::Value) -> Judgement {
        judged(read_with(member, value))
    }

    fn reason(judgement: &Judgement) -> (&'static str, &'static str) {
        (judgement.verdict.label(), judgement.reasons().next().unwrap_or("-"))
    }

    #[test]
    fn a_complete_document_passes() {
        assert_eq!(reason(&with("issuer", ISSUER.into())).0, "pass");
    }

    #[test]
    fn a_trailing_slash_is_corrected_and_said() {
        let judgement = with("issuer", "https://idp.acme.example/".into());
        assert_eq!(judgement.verdict, Verdict::Pass);
        assert_eq!(judgement.findings[0].code, "issuer_corrected");
        assert_eq!(judgement.details["issuer"], "https://idp.acme.example/");
    }

    #[test]
    fn another_spelling_of_the_same_address_is_corrected_and_said() {
        let judgement = with("issuer", "https://IDP.acme.example:443".into());
        assert_eq!(reason(&judgement), ("pass", "issuer_corrected"));
        assert_eq!(judgement.details["issuer"], "https://IDP.acme.example:443");
    }

    #[test]
    fn the_first_version_of_entra_is_told_with_the_second() {
        let tenant = "https://login.microsoftonline.com/8b8a1c2d-3e4f-4a5b-9c6d-7e8f90a1b2c3";
        let says = "https://sts.windows.net/8b8a1c2d-3e4f-4a5b-9c6d-7e8f90a1b2c3/";
        let judgement = judged_at(tenant, read_with("issuer", says.into()));
        assert_eq!(reason(&judgement), ("fail", "issuer_mismatch"));
        let told = judgement.findings[0].tell.as_deref().unwrap_or_default();
        assert!(told.contains(&format!("{tenant}/v2.0")), "{told}");
    }

    #[test]
    fn a_tenant_that_entra_does_not_know_is_told_as_such() {
        let tenant = "https://login.microsoftonline.com/8b8a1c2d-3e4f-4a5b-9c6d-7e8f90a1b2c3/v2.0";
        for (issuer, says) in [(tenant, "tenant"), (ISSUER, "could not read")] {
            let judgement = judged_at(issuer, Err(FetchFault::Status(400)));
            assert_eq!(reason(&judgement), ("fail", "http_unexpected"));
            let told = judgement.findings[0].tell.as_deref().unwrap_or_default();
            assert!(told.contains(says), "{told}");
        }
    }

    #[test]
    fn what_ends_as_a_token_endpoint_and_has_no_document_is_told_as_that() {
        for fault in [FetchFault::Status(404), FetchFault::Content(NotADocument::Stranger)] {
            let judgement = judged_at("https://login.acme.example/oauth/token", Err(fault));
            let finding = &judgement.findings[0];
            assert_eq!(finding.rerun_with, ["--issuer", "https://login.acme.example"]);
            let told = finding.tell.as_deref().unwrap_or_default();
            assert!(told.contains("token endpoint") && told.contains("Is it https://login.acme.example?"), "{told}");
        }
        let failing = judged_at("https://login.acme.example/oauth/token", Err(FetchFault::Overloaded(503)));
        assert!(failing.findings[0].rerun_with.is_empty(), "nothing has been told yet");
    }

    #[test]
    fn a_policy_of_b2c_that_names_the_tenant_alone_is_told_what_to_choose() {
        for host in ["acme.b2clogin.com", "login.acme.example"] {
            let policy = format!("https://{host}/acme.onmicrosoft.com/b2c_1_signin/v2.0");
            let says = format!("https://{host}/8b8a1c2d-3e4f-4a5b-9c6d-7e8f90a1b2c3/v2.0/");
            let judgement = judged_at(&policy, read_with("issuer", says.into()));
            assert_eq!(reason(&judgement), ("fail", "issuer_mismatch"));
            let told = judgement.findings[0].tell.as_deref().unwrap_or_default();
            assert!(told.contains("/tfp/") && judgement.findings[0].rerun_with.is_empty(), "{told}");
        }
    }

    #[test]
    fn oracles_shared_issuer_is_told_how_to_set_another_and_never_tried() {
        let domain = "https://idcs-0123456789abcdef0123456789abcdef.identity.oraclecloud.com";
        let judgement = judged_at(domain, read_with("issuer", "https://identity.oraclecloud.com/".into()));
        assert_eq!(reason(&judgement), ("fail", "issuer_mismatch"));
        let told = judgement.findings[0].tell.as_deref().unwrap_or_default();
        assert!(told.contains(&format!("enter {domain} ")) && told.contains("Security > OAuth > Issuer"), "{told}");
        assert!(judgement.findings[0].rerun_with.is_empty());
    }

    #[test]
    fn another_issuer_fails_and_names_both() {
        let judgement = with("issuer", "http://idp.acme.example".into());
        assert_eq!(reason(&judgement), ("fail", "issuer_mismatch"));
        let values: Vec<&str> = judgement.findings[0].evidence.iter().map(|one| one.value.as_str()).collect();
        assert_eq!(values, [ISSUER, "http://idp.acme.example"]);
        assert!(judgement.summary.contains("the scheme differs"));
        // Nobody is asked to confirm what could not be used.
        let [finding, ..] = judgement.findings.as_slice() else { panic!("{judgement:#?}") };
        assert!(finding.rerun_with.is_empty() && finding.tell.as_ref().unwrap().contains("public address to https"));
        let judgement = with("issuer", "https://other.acme.example".into());
        assert!(!judgement.findings[0].rerun_with.is_empty());
    }

    #[test]
    fn what_is_wrong_with_every_address_is_told_once() {
        let mut document = document();
        for member in ["authorization_endpoint", "token_endpoint", "jwks_uri"] {
            document[member] = format!("http://idp.acme.example/{member}").into();
        }
        for member in ["response_types_supported", "subject_types_supported"] {
            document.as_object_mut().unwrap().remove(member);
        }
        let judgement = judged(Ok(discovery::read(document.to_string().as_bytes(), &|_| false).unwrap()));
        assert_eq!(judgement.reasons().collect::<Vec<_>>(), ["discovery_missing", "endpoint_not_https"]);
        let [missing, plain] = judgement.findings.as_slice() else { panic!("{judgement:#?}") };
        let missed = "the document lacks the required members `response_types_supported` and `subject_types_supported`";
        assert_eq!(missing.fact, missed);
        let named = "`authorization_endpoint`, `token_endpoint` and `jwks_uri` are not https addresses";
        assert_eq!((plain.fact.as_str(), plain.evidence.len()), (named, 3));
        assert!(plain.tell.as_ref().unwrap().ends_with("lacks the header X-Forwarded-Proto."));
    }

    #[test]
    fn each_defect_has_its_own_reason() {
        for (member, value, expected) in [
            ("token_endpoint", serde_json::Value::Null, ("fail", "discovery_missing")),
            ("issuer", serde_json::json!(["x"]), ("fail", "discovery_type")),
            ("response_types_supported", true.into(), ("fail", "discovery_type")),
            ("scopes_supported", true.into(), ("warn", "discovery_type")),
            ("request_parameter_supported", true.into(), ("pass", "-")),
            ("token_endpoint", "http://idp.acme.example/token".into(), ("fail", "endpoint_not_https")),
            ("response_types_supported", serde_json::json!(["id_token"]), ("fail", "no_code_flow")),
            (
                "token_endpoint_auth_methods_supported",
                serde_json::json!(["private_key_jwt"]),
                ("fail", "no_shared_method"),
            ),
            ("require_signed_request_object", true.into(), ("fail", "signed_request_required")),
            ("require_signed_request_object", false.into(), ("pass", "-")),
            ("require_request_uri_registration", true.into(), ("pass", "-")),
            ("id_token_signing_alg_values_supported", serde_json::json!(["RS1", "FOO"]), ("fail", "weak_alg")),
            ("id_token_signing_alg_values_supported", serde_json::json!(["EdDSA"]), ("pass", "-")),
            ("id_token_signing_alg_values_supported", serde_json::json!(["none", "RS256"]), ("pass", "-")),
            ("scopes_supported", serde_json::json!(["email"]), ("warn", "scope_unlisted")),
            ("code_challenge_methods_supported", serde_json::json!(["plain"]), ("warn", "pkce_s256_unlisted")),
            ("code_challenge_methods_supported", serde_json::json!(["plain", "S256"]), ("pass", "-")),
            ("code_challenge_methods_supported", serde_json::json!([]), ("pass", "-")),
            ("issuer", "https://login.microsoftonline.com/{tenantid}/v2.0".into(), ("fail", "multi_tenant_issuer")),
            ("token_endpoint", "https:/idp.acme.example/token".into(), ("fail", "endpoint_not_url")),
            ("userinfo_endpoint", "https://192.168.1.1/userinfo".into(), ("fail", "egress_forbidden")),
            ("end_session_endpoint", "https://192.168.1.1/logout".into(), ("warn", "egress_forbidden")),
        ] {
            let judgement = with(member, value.clone());
            let found = reason(&judgement);
            assert_eq!(found.0, expected.0, "{member} {value}: {judgement:?}");
            if expected.1 != "-" {
                assert_eq!(found.1, expected.1, "{member} {value}");
            }
        }
    }

    #[test]
    fn very_many_members_given_twice_are_one_finding() {
        let mut text = document().to_string();
        text.pop();
        text.extend((0..500).map(|number| format!(",\"m{number}\":0,\"m{number}\":1")));
        text.push('}');
        let judgement = judged(discovery::read(text.as_bytes(), &|_| false).map_err(FetchFault::Content));
        assert_eq!(reason(&judgement), ("fail", "json_duplicate_key"));
        assert_eq!(judgement.findings.len(), 1);
        assert_eq!(judgement.summary, "the members `m0`, `m1`, `m2` (and 497 more) stand in the document twice");
    }

    #[test]
    fn each_wrong_answer_has_its_own_sentence() {
        let content = |bytes: &[u8]| FetchFault::Content(discovery::read(bytes, &|_| false).unwrap_err());
        let redirected = FetchFault::Redirected { status: 302, to: Some("https://127.0.0.1/".to_owned()) };
        for (fault, expected) in [
            (redirected, ("fail", "redirect_refused")),
            (FetchFault::Overloaded(502), ("unknown", "http_5xx")),
            (FetchFault::Overloaded(429), ("unknown", "http_429")),
            (FetchFault::Status(401), ("fail", "http_401")),
            (FetchFault::Status(404), ("fail", "http_404")),
            (FetchFault::Status(206), ("fail", "http_unexpected")),
            (content(b""), ("fail", "not_json")),
            (content(b"{\"issuer\": \"x"), ("fail", "not_json")),
            (content(b"<html><input type=password>"), ("fail", "login_page")),
            (content(b"<?xml version=\"1.0\"?><EntityDescriptor/>"), ("fail", "not_json")),
            (content(b"{\"keys\": []}"), ("fail", "not_an_issuer")),
            (content(b"{\"message\": \"Forbidden\"}"), ("fail", "not_an_issuer")),
            (FetchFault::Exchange(Problem::TooLarge { limit: 1, declared: None }), ("fail", "body_too_large")),
            (FetchFault::Exchange(Problem::Reset { host: "idp".into() }), ("unknown", "connection_reset")),
        ] {
            let judgement = judged(Err(fault.clone()));
            assert_eq!(reason(&judgement), expected, "{fault:?}");
            assert!(judgement.findings[0].next.is_some(), "{fault:?} leaves the agent without a next step");
        }
    }
}
