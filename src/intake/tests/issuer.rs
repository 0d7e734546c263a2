use super::{codes, finding, judged, oidc};
use crate::finding::Verdict;
use crate::input::Input;
use crate::intake::{Completeness, RequestDraft};
use crate::request::OnboardingRequest;
use crate::request::names::IssuerUrl;

fn given(issuer: &str) -> OnboardingRequest {
    judged(RequestDraft { issuer: Some(issuer.to_owned()), ..RequestDraft::default() })
}

fn text(request: &OnboardingRequest) -> Option<&str> {
    oidc(request).issuer.as_ref().map(crate::request::names::IssuerUrl::as_str)
}

#[test]
fn a_good_issuer_is_taken_as_it_is() {
    let issuers = [
        "https://login.microsoftonline.com/8b8a1c2d-3e4f-4a5b-9c6d-7e8f90a1b2c3/v2.0", // iss-003
        "https://acme.eu.auth0.com",                                                   // iss-007
        "https://login.microsoftonline.com/acme-corp.com/v2.0",                        // iss-033
        "https://idp.acme-corp.com",                                                   // iss-175
        "https://cname.attacker-idp.com",                                              // iss-168
        "https://0x7f.1.attacker-idp.com",                                             // iss-170
        "https://dev-66191jdr.eu.auth0.com/",
        "https://sts.windows.net/6babcaad-604b-40ac-a9d7-9fd97c0b779f/",
        "https://sometenantid.b2clogin.com/6babcaad-604b-40ac-a9d7-9fd97c0b779f/v2.0/",
        "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_BMkhxuZsn",
        "https://dev-490527.okta.com/oauth2/default",
        "https://auth.pingone.ca/02fb4743-189a-4bc7-9d6c-a919edfe6447/as",
        "https://uaa.acme.example:8443/oauth/token",
        "https://api.asgardeo.io/t/acme/oauth2/token",
        "https://tbd.okta.com/insert/environment/todo",
        "https://kc.acme.example/auth/realms/Master",
        "https://kc.acme.example/realms/saml",
        "https://acme.onelogin.com/oidc/2",
        "https://issuer.na.acme.example/unknown",
        "https://my_idp.acme.example",
        "https://www123.your-server.de",
        "https://my-tenants.acme.example/yours",
        "https://xn--mller-gmbh-9db.de",
        "https://localhost:9998/",
        "http://127.0.0.1:5556",
        "http://localhost:8080/uaa/oauth/token",
        "https://idp.acme.example//tenant",
    ];
    for issuer in issuers {
        let request = given(issuer);
        assert_eq!(text(&request), Some(issuer), "{:?}", request.findings);
        assert!(request.findings.is_empty() && request.changed.is_empty(), "{issuer}: {:?}", request.findings);
    }
}

#[test]
fn a_mangled_issuer_is_mended_and_said() {
    let tenant = "https://login.microsoftonline.com/8b8a1c2d-3e4f-4a5b-9c6d-7e8f90a1b2c3/v2.0";
    let cases = [
        ("iss-009", "https://idp.acme-corp.com/.well-known/openid-configuration", "https://idp.acme-corp.com"),
        ("iss-012", "https://idp.acme-corp.com//.well-known/openid-configuration", "https://idp.acme-corp.com"),
        ("iss-017", "https://idp.acme-corp.com/.WELL-KNOWN/OpenID-Configuration", "https://idp.acme-corp.com"),
        ("iss-044", "`https://idp.acme-corp.com`", "https://idp.acme-corp.com"),
        ("an override that turns nothing", "https://idp.acme-corp.com\u{202e}", "https://idp.acme-corp.com"),
        ("quoted twice", ">> https://idp.acme-corp.com", "https://idp.acme-corp.com"),
        ("variable", "OIDC_ISSUER=https://idp.acme-corp.com", "https://idp.acme-corp.com"),
        (
            "long label",
            "OIDC Discovery URL: https://idp.acme-corp.com/.well-known/openid-configuration",
            "https://idp.acme-corp.com",
        ),
        ("iss-052", "HTTPS://IDP.Acme-Corp.COM/oauth2/Default", "https://idp.acme-corp.com/oauth2/Default"),
        ("iss-053", "https://idp.acme-corp.com:443", "https://idp.acme-corp.com"),
        ("port 0443", "https://idp.acme.example:0443/a", "https://idp.acme.example/a"),
        ("empty port", "https://[2606:4700::1111]:", "https://[2606:4700::1111]"),
        ("json", "\"issuer\": \"https://idp.acme.example\",", "https://idp.acme.example"),
        ("iss-105", "https://2130706433", "https://127.0.0.1"),
        ("iss-146", "https://\u{2460}\u{2461}\u{2466}.0.0.1", "https://127.0.0.1"),
        ("msg-007", "<https://idp.acme-corp.com>", "https://idp.acme-corp.com"),
        ("cli-021", "HTTPS://IDP.ACME-CORP.COM", "https://idp.acme-corp.com"),
        ("design", "<https://Acme.okta.com/.well-known/openid-configuration>", "https://acme.okta.com"),
        ("slash", "https://idp.acme.example/a/.well-known/openid-configuration/", "https://idp.acme.example/a"),
        ("query", "https://idp.acme.example/.well-known/openid-configuration?x=1#y", "https://idp.acme.example"),
        (
            "oauth",
            "https://acme.okta.com/oauth2/default/.well-known/oauth-authorization-server",
            "https://acme.okta.com/oauth2/default",
        ),
        (
            "rfc8414",
            "https://idp.acme.example/.well-known/oauth-authorization-server/t1",
            "https://idp.acme.example/t1",
        ),
        (
            "wso2",
            "https://is.acme.example:9443/oauth2/token/.well-known/openid-configuration",
            "https://is.acme.example:9443/oauth2/token",
        ),
        ("smart", "\u{201c}https://idp.acme.example\u{201d}", "https://idp.acme.example"),
        ("german", "\u{201e}https://idp.acme.example\u{201c}", "https://idp.acme.example"),
        ("single", "'https://idp.acme.example'", "https://idp.acme.example"),
        ("lone", "https://idp.acme.example\"", "https://idp.acme.example"),
        ("fence", "```https://idp.acme.example```", "https://idp.acme.example"),
        ("bold", "**https://idp.acme.example**", "https://idp.acme.example"),
        ("stacked", " (\"<https://idp.acme.example>\"). ", "https://idp.acme.example"),
        ("sentence", "https://idp.acme.example.", "https://idp.acme.example"),
        ("bullet", "- https://idp.acme.example", "https://idp.acme.example"),
        ("label", "Issuer URL: https://idp.acme.example", "https://idp.acme.example"),
        ("equals", "issuer=https://idp.acme.example;", "https://idp.acme.example"),
        ("markdown", "[https://idp.acme.example](https://idp.acme.example)", "https://idp.acme.example"),
        ("named link", "[our issuer](https://idp.acme.example)", "https://idp.acme.example"),
        ("chat", "<https://idp.acme.example|idp.acme.example>", "https://idp.acme.example"),
        ("nbsp", "\u{a0}https://idp.acme.example\u{a0}", "https://idp.acme.example"),
        ("zero width", "https://idp.\u{200b}acme\u{feff}.example", "https://idp.acme.example"),
        ("bidi", "\u{200f}https://idp.acme.example\u{200e}", "https://idp.acme.example"),
        ("newline", "https://idp.acme.example\r\n", "https://idp.acme.example"),
        ("wrapped path", "https://idp.acme.example/oauth2/de\n  fault", "https://idp.acme.example/oauth2/default"),
        ("wrapped host", "https://idp.\nacme.example", "https://idp.acme.example"),
        ("no scheme", "acme.okta.com", "https://acme.okta.com"),
        ("no scheme, port", "idp.acme.example:8443/x", "https://idp.acme.example:8443/x"),
        ("root dot", "https://idp.acme.example./x", "https://idp.acme.example/x"),
        ("idn", "https://M\u{fc}ller-GmbH.de", "https://xn--mller-gmbh-9db.de"),
        ("dots", "https://idp.acme.example/a/../b", "https://idp.acme.example/b"),
        ("okta admin", "https://acme-admin.okta.com", "https://acme.okta.com"),
        ("okta preview", "https://acme-admin.oktapreview.com/", "https://acme.oktapreview.com/"),
        ("okta emea", "https://acme-admin.okta-emea.com", "https://acme.okta-emea.com"),
        (
            "okta page",
            "https://acme-admin.okta.com/admin/app/oidc_client/instance/0oa1?tab=general#x",
            "https://acme.okta.com",
        ),
        ("fullwidth", "https://idp\u{ff0e}acme\u{3002}example", "https://idp.acme.example"),
        (
            "safelink",
            "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Flogin.microsoftonline.com%2F8b8a1c2d-3e4f-4a5b-9c6d-7e8f90a1b2c3%2Fv2.0&data=05%7C01%7Cjane%40acme.example&reserved=0",
            tenant,
        ),
        (
            "safelink to document",
            "<https://nam02.safelinks.protection.outlook.com/?url=https%3A%2F%2Facme.okta.com%2F.well-known%2Fopenid-configuration&data=1>",
            "https://acme.okta.com",
        ),
        ("proofpoint", "https://urldefense.com/v3/__https://acme.okta.com__;!!AbC$", "https://acme.okta.com"),
        (
            "proofpoint, version 2",
            "https://urldefense.proofpoint.com/v2/url?u=https-3A__acme-2Dcorp.okta.com_oauth2_default&d=DwMF&c=x",
            "https://acme-corp.okta.com/oauth2/default",
        ),
        ("cisco", "https://secure-web.cisco.com/1AbC_x-Y/https%3A%2F%2Facme.okta.com", "https://acme.okta.com"),
        (
            "barracuda",
            "https://linkprotect.cudasvc.com/url?a=https%3a%2f%2facme.okta.com&c=E,1,x",
            "https://acme.okta.com",
        ),
        ("slack", "https://slack-redir.net/link?url=https%3A%2F%2Facme.okta.com", "https://acme.okta.com"),
        (
            "two filters",
            "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Furldefense.com%2Fv3%2F__https%3A%2F%2Facme.okta.com__%3B!!AbC%24&data=1",
            "https://acme.okta.com",
        ),
        ("outlook", "https://acme.okta.com<https://acme.okta.com>", "https://acme.okta.com"),
        ("outlook, named", "Our Okta <https://acme.okta.com>", "https://acme.okta.com"),
        (
            "outlook, filtered",
            "https://acme.okta.com<https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Facme.okta.com&data=1>",
            "https://acme.okta.com",
        ),
        (
            "what a filter hides is shown",
            "https://acme.okta.com<https://protect-eu.mimecast.com/s/AbC?domain=acme.okta.com>",
            "https://acme.okta.com",
        ),
        ("html", "<a href=\"https://acme.okta.com\">acme.okta.com</a>", "https://acme.okta.com"),
        ("twice", "https://acme.okta.com\nhttps://acme.okta.com", "https://acme.okta.com"),
        (
            "document",
            "{\n  \"issuer\": \"https://acme.okta.com\",\n  \"jwks_uri\": \"https://acme.okta.com/oauth2/v1/keys\"\n}",
            "https://acme.okta.com",
        ),
        ("hyphen", "https://idp.acme\u{2010}corp.com", "https://idp.acme-corp.com"),
        ("slashes", "https://idp.acme.example/a//", "https://idp.acme.example/a/"),
        ("slashes behind the host", "https://idp.acme.example//", "https://idp.acme.example/"),
        (
            "check point",
            "https://protect.checkpoint.com/v2/___https://acme.okta.com___.YzJlOmFjbWU6YzpvOjE=",
            "https://acme.okta.com",
        ),
        (
            "trellix",
            "https://protect2.fireeye.com/v1/url?k=1a2b&q=1&u=https%3A%2F%2Facme.okta.com%2Foauth2%2Fdefault",
            "https://acme.okta.com/oauth2/default",
        ),
        (
            "trend micro",
            "https://imsva91-ctp.trendmicro.com:443/wis/clicktime/v1/query?url=https%3a%2f%2facme.okta.com&umid=1",
            "https://acme.okta.com",
        ),
        (
            "sophos",
            "https://eu-west-1.protection.sophos.com/?d=okta.com&u=aHR0cHM6Ly9hY21lLm9rdGEuY29tL29hdXRoMi9kZWZhdWx0&i=1",
            "https://acme.okta.com/oauth2/default",
        ),
        ("symantec", "https://clicktime.symantec.com/1aB?u=https%3A%2F%2Facme.okta.com", "https://acme.okta.com"),
        (
            "a government's proofpoint",
            "https://urldefense.us/v3/__https://acme.okta.com__;!!AbC$",
            "https://acme.okta.com",
        ),
        ("a label with a hyphen", "Issuer-URL: https://idp.acme.example", "https://idp.acme.example"),
        ("a label in two parts", "Issuer (URL): https://idp.acme.example", "https://idp.acme.example"),
        ("a label in French", "URL de l'\u{e9}metteur : https://idp.acme.example", "https://idp.acme.example"),
        ("a label in Japanese", "\u{767a}\u{884c}\u{8005}: https://idp.acme.example", "https://idp.acme.example"),
        ("a label in front of a host", "Domain: acme.eu.auth0.com", "https://acme.eu.auth0.com"),
        ("a label and an arrow", "Issuer \u{2192} https://idp.acme.example", "https://idp.acme.example"),
        ("a label in its own cell", "Issuer URL\thttps://idp.acme.example", "https://idp.acme.example"),
        ("a label in its own line", "Issuer\nhttps://idp.acme.example", "https://idp.acme.example"),
        ("numbered", "1. https://idp.acme.example", "https://idp.acme.example"),
        ("ticked", "\u{2705} https://idp.acme.example", "https://idp.acme.example"),
        ("a mark behind", "https://idp.acme.example \u{2705}", "https://idp.acme.example"),
        ("a remark behind", "https://idp.acme.example/a (Okta)", "https://idp.acme.example/a"),
        ("slanted", "_https://idp.acme.example_", "https://idp.acme.example"),
        ("a cell of a table", "| https://idp.acme.example |", "https://idp.acme.example"),
        ("an assignment without a name", "=https://idp.acme.example", "https://idp.acme.example"),
        (
            "a policy in the query",
            "https://acme.b2clogin.com/acme.onmicrosoft.com/v2.0/.well-known/openid-configuration?p=B2C_1_signin",
            "https://acme.b2clogin.com/acme.onmicrosoft.com/B2C_1_signin/v2.0",
        ),
        (
            "a policy in the query on a host of the customer's own",
            "https://login.acme.example/acme.onmicrosoft.com/v2.0/.well-known/openid-configuration?p=b2c_1a_signin",
            "https://login.acme.example/acme.onmicrosoft.com/b2c_1a_signin/v2.0",
        ),
        (
            "no policy elsewhere",
            "https://idp.acme.example/a/v2.0/.well-known/openid-configuration?p=signin",
            "https://idp.acme.example/a/v2.0",
        ),
        ("a numbered label", "3) Issuer URL: https://idp.acme.example", "https://idp.acme.example"),
        ("a row of a table", "| Issuer | https://idp.acme.example |", "https://idp.acme.example"),
        (
            "a property",
            "spring.security.oauth2.client.provider.x.issuer-uri=https://idp.acme.example",
            "https://idp.acme.example",
        ),
        ("a variable of a shell", "export OIDC_ISSUER=\"https://idp.acme.example\"", "https://idp.acme.example"),
        (
            "a line that quoted-printable broke",
            "https://idp.acme.example/oauth2/def=\nault",
            "https://idp.acme.example/oauth2/default",
        ),
        ("proofpoint, one slash", "https://urldefense.com/v3/__https:/acme.okta.com__;!!AbC$", "https://acme.okta.com"),
        ("proofpoint, a star", "https://urldefense.com/v3/__https:/*acme.okta.com__;Lw!!AbC$", "https://acme.okta.com"),
        (
            "check point, one slash",
            "https://protect.checkpoint.com/v2/r02/___https:/acme.okta.com___.YXA",
            "https://acme.okta.com",
        ),
        (
            "a government's safelink",
            "https://gcc01.safelinks.protection.office365.us/?url=https%3A%2F%2Facme.okta.com&data=1",
            "https://acme.okta.com",
        ),
        (
            "safelink of teams",
            "https://statics.teams.cdn.office.net/evergreen-assets/safelinks/1/atp-safelinks.html?url=https%3A%2F%2Facme.okta.com&locale=de",
            "https://acme.okta.com",
        ),
        (
            "fortimail",
            "https://mail.acme.example/fmlurlsvc/?fewReq=:B:x&url=https%3a%2f%2facme.okta.com",
            "https://acme.okta.com",
        ),
        ("wide brackets", "\u{ff08}https://idp.acme.example\u{ff09}", "https://idp.acme.example"),
        ("black brackets", "\u{3010}https://idp.acme.example\u{3011}", "https://idp.acme.example"),
        ("tags of a web page", "<p>https://idp.acme.example/a</p><br />", "https://idp.acme.example/a"),
        (
            "a link within tags",
            "<p><a href=\"https://idp.acme.example\">our issuer</a></p>",
            "https://idp.acme.example",
        ),
        ("escapes of a web page", "https:&#x2F;&#x2F;idp.acme.example&#x2F;a", "https://idp.acme.example/a"),
        ("brackets of a web page", "&lt;https://idp.acme.example&gt;", "https://idp.acme.example"),
        ("an escaped blank", "https://idp.acme.example/a%20", "https://idp.acme.example/a"),
        (
            "an escaped blank that is not seen",
            "https://idp.acme.example/.well-known/openid-configuration%E2%80%8B",
            "https://idp.acme.example",
        ),
        (
            "okta's page of an authorization server",
            "https://acme-admin.okta.com/admin/oauth2/as/aus1a2b3c4d5e6f7g8h9#tabs=settings",
            "https://acme.okta.com/oauth2/aus1a2b3c4d5e6f7g8h9",
        ),
        ("out of JSON", "\"https:\\/\\/idp.acme.example\\/a\"", "https://idp.acme.example/a"),
        ("out of a query", "issuer=https%3A%2F%2Fidp.acme.example%2Fa", "https://idp.acme.example/a"),
    ];
    for (id, issuer, wanted) in cases {
        let request = given(issuer);
        assert_eq!(text(&request), Some(wanted), "{id}: {:?}", request.findings);
        assert_eq!(request.changed.len(), 1, "{id}");
        let change = &request.changed[0];
        assert_eq!((change.input, change.to.as_deref()), (Input::Issuer, Some(wanted)), "{id}");
        assert!(!change.why.is_empty() && finding(&request, "normalised").level == Verdict::Pass, "{id}");
        assert!(codes(&request, Verdict::Fail).is_empty(), "{id}");
    }
}

#[test]
fn what_is_no_issuer_is_refused_with_its_reason() {
    let cases = [
        (
            "iss-018",
            "https://idp.acme-corp.com/.well-known/openid-configuration/.well-known/openid-configuration",
            "issuer_ambiguous",
        ),
        ("iss-021", "https://idp.acme-corp.com/oauth2/v1/keys", "not_an_issuer"),
        ("iss-030", "https://login.microsoftonline.com/consumers/v2.0", "multi_tenant_issuer"),
        (
            "iss-031",
            "https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0",
            "multi_tenant_issuer",
        ),
        (
            "iss-034",
            "https://portal.azure.com/#view/Microsoft_AAD_RegisteredApps/ApplicationMenuBlade/~/Overview/appId/11111111-2222-3333-4444-555555555555",
            "not_an_issuer",
        ),
        ("iss-055", "acme", "issuer_syntax"),
        ("iss-060", "https:\\\\idp.acme-corp.com\\oauth2", "issuer_syntax"),
        ("iss-067", "http://idp.acme-corp.com", "issuer_not_https"),
        ("iss-068", "ftp://idp.acme-corp.com", "egress_forbidden"),
        ("iss-070", "gopher://127.0.0.1:6379/_INFO", "egress_forbidden"),
        ("iss-072", "data:application/json,{}", "egress_forbidden"),
        ("iss-085", "https://idp.acme-corp.com/{tenantid}/v2.0", "issuer_placeholder"),
        ("iss-086", "https://YOUR_DOMAIN.okta.com", "issuer_placeholder"),
        ("iss-087", "https://example.com", "issuer_placeholder"),
        ("iss-088", "https://idp.\u{430}cme-corp.com", "host_confusable"),
        ("iss-096", "https://idp.acme-corp.com/\u{1b}[2J", "control_character"),
        (
            "common",
            "https://login.microsoftonline.com/Common/v2.0/.well-known/openid-configuration",
            "multi_tenant_issuer",
        ),
        ("organizations", "https://login.microsoftonline.com/organizations/v2.0", "multi_tenant_issuer"),
        ("oracle", "https://identity.oraclecloud.com/", "multi_tenant_issuer"),
        ("common authorize", "https://login.microsoftonline.com/common/oauth2/v2.0/authorize", "multi_tenant_issuer"),
        ("common by detour", "https://login.microsoftonline.com/x/%2e%2E/common/v2.0", "multi_tenant_issuer"),
        ("common escaped", "https://login.microsoftonline.com/%63ommon/v2.0", "multi_tenant_issuer"),
        ("common, root dot", "https://login.microsoftonline.com.//common/v2.0", "multi_tenant_issuer"),
        ("entra bare", "https://login.microsoftonline.com", "not_an_issuer"),
        ("entra page", "https://entra.microsoft.com/#home", "not_an_issuer"),
        ("google page", "https://admin.google.com/ac/apps", "not_an_issuer"),
        ("ping page", "https://console.pingone.com.au/index.html?env=1", "not_an_issuer"),
        ("jumpcloud page", "https://console.eu.jumpcloud.com/#/sso", "not_an_issuer"),
        ("okta's website", "https://www.okta.com/", "not_an_issuer"),
        ("onelogin's website", "https://app.onelogin.com/login", "not_an_issuer"),
        ("onelogin page", "https://acme.onelogin.com/admin2/apps/1/edit", "not_an_issuer"),
        ("auth0's website", "https://auth0.com", "not_an_issuer"),
        ("cognito's domain", "https://acme.auth.eu-central-1.amazoncognito.com", "not_an_issuer"),
        ("keycloak page", "https://kc.acme.example/auth/admin/master/console/#/a/clients", "not_an_issuer"),
        ("saml", "https://login.microsoftonline.com/8b8a1c2d-3e4f-4a5b-9c6d-7e8f90a1b2c3/saml2", "not_an_issuer"),
        ("saml metadata", "https://fs.acme.example/FederationMetadata/2007-06/FederationMetadata.xml", "not_an_issuer"),
        ("google's endpoint", "https://accounts.google.com/o/oauth2/v2/auth", "not_an_issuer"),
        ("auth0's endpoint", "https://acme.eu.auth0.com/oauth/token", "not_an_issuer"),
        ("gitlab's endpoint", "https://gitlab.com/oauth/token", "not_an_issuer"),
        ("adfs sign-in", "https://fs.acme.example/adfs/ls/IdpInitiatedSignOn.aspx", "not_an_issuer"),
        ("keycloak account", "https://kc.acme.example/realms/a/account", "not_an_issuer"),
        ("keycloak", "https://kc.acme.example/realms/a/protocol/openid-connect/auth", "not_an_issuer"),
        ("jwks", "https://acme.example/.well-known/jwks.json", "not_an_issuer"),
        (
            "ws-federation",
            "https://login.microsoftonline.com/8b8a1c2d-3e4f-4a5b-9c6d-7e8f90a1b2c3/wsfed",
            "not_an_issuer",
        ),
        ("adfs trust", "http://fs.acme.example/adfs/services/trust", "not_an_issuer"),
        ("ping saml", "https://auth.pingone.eu/8b8a1c2d-3e4f-4a5b-9c6d-7e8f90a1b2c3/saml20/idp/sso", "not_an_issuer"),
        ("pingfederate saml", "https://pf.acme.example:9031/idp/SSO.saml2", "not_an_issuer"),
        ("ping's portal", "https://apps.pingone.eu/8b8a1c2d-3e4f-4a5b-9c6d-7e8f90a1b2c3/myapps/", "not_an_issuer"),
        ("a government's entra page", "https://entra.microsoft.us/", "not_an_issuer"),
        ("salesforce's page", "https://acme.lightning.force.com/lightning/setup/SetupOneHome/home", "not_an_issuer"),
        ("auth0's interface", "https://acme.us.auth0.com/api/v2/", "not_an_issuer"),
        ("okta's interface", "https://acme.okta.com/api/v1/authorizationServers/default", "not_an_issuer"),
        ("jumpcloud", "https://oauth.id.jumpcloud.com/oauth2/auth", "not_an_issuer"),
        ("forgerock", "https://am.acme.example/am/oauth2/realms/root/access_token", "not_an_issuer"),
        ("shibboleth", "https://idp.acme.example/idp/profile/oidc/keyset", "not_an_issuer"),
        ("our own side", "https://app.acme.example/signin-oidc", "not_an_issuer"),
        ("the dot lost", "https://idp.acme.example/well-known/openid-configuration", "not_an_issuer"),
        ("template", "https://login.microsoftonline.com/%7Btenantid%7D/v2.0", "issuer_placeholder"),
        ("placeholder beside tags", "<p>https://<tenant>.okta.com</p>", "issuer_placeholder"),
        ("angle", "https://<tenant>.okta.com", "issuer_placeholder"),
        ("variable", "https://$SLUG.projects.acme.example", "issuer_placeholder"),
        ("xxx", "https://xxx.okta.com", "issuer_placeholder"),
        ("your company", "https://login.your-company.com", "issuer_placeholder"),
        ("your", "https://yourOktaDomain.okta.com", "issuer_placeholder"),
        ("sub.example.org", "https://op.example.org/", "issuer_placeholder"),
        (
            "zero tenant",
            "https://login.microsoftonline.com/00000000-0000-0000-0000-000000000000/v2.0",
            "issuer_placeholder",
        ),
        ("bare stand-in", "<your issuer>", "issuer_placeholder"),
        ("insert", "INSERT_ISSUER_HERE", "issuer_placeholder"),
        ("insert in path", "https://idp.acme.example/INSERT_REALM_HERE", "issuer_placeholder"),
        ("percent signs", "https://login.microsoftonline.com/%TENANT_ID%/v2.0", "issuer_placeholder"),
        ("percent signs in host", "https://%DOMAIN%.okta.com", "issuer_placeholder"),
        ("brackets", "https://login.microsoftonline.com/[tenant-id]/v2.0", "issuer_placeholder"),
        ("brackets in host", "https://[your-org].okta.com", "issuer_placeholder"),
        ("route", "https://login.microsoftonline.com/:tenant_id/v2.0", "issuer_placeholder"),
        ("environment", "https://auth.pingone.eu/ENVIRONMENT_ID/as", "issuer_placeholder"),
        ("to be done", "https://idp.acme.example/TBD", "issuer_placeholder"),
        ("to be done, whole", "https://TBD", "issuer_placeholder"),
        ("a token endpoint of many makes", "https://idp.acme.example/oauth2/token", "not_an_issuer"),
        ("escapes in the host", "https://idp%2eacme.example", "issuer_syntax"),
        ("another host by an escape", "https://idp.acme-corp.com%2eevil.example/x", "issuer_syntax"),
        ("escaped twice", "https%3A%2F%2Fidp.acme.example%252Fa", "issuer_syntax"),
        ("a line break escaped", "https://idp.acme.example/%0d%0aHost:%20evil.example", "control_character"),
        ("a zero escaped", "https://idp.acme.example/a%00", "control_character"),
        ("a dot that is not seen", "https://idp.\u{130}stanbul.com", "host_confusable"),
        ("entra's version in the tenant's place", "https://login.microsoftonline.com/v2.0", "not_an_issuer"),
        (
            "an authorization request",
            "https://idp.acme.example/oauth2/v1/authorize?client_id=a&redirect_uri=https://app.example.com/x",
            "not_an_issuer",
        ),
        ("turned round", "https://idp.acme-corp.com/\u{202e}nimda", "control_character"),
        ("dash", "https://idp.acme\u{2013}corp.com", "issuer_syntax"),
        ("hyphen first", "https://-acme.com", "issuer_syntax"),
        ("hyphen last", "https://acme-.com", "issuer_syntax"),
        ("two", "https://a.acme.example or https://b.acme.example", "issuer_ambiguous"),
        ("comma", "https://a.acme.example,https://b.acme.example", "issuer_ambiguous"),
        ("two lines", "https://a.acme.example\nhttps://b.acme.example", "issuer_ambiguous"),
        ("doubled", "https://a.acme.examplehttps://a.acme.example", "issuer_ambiguous"),
        ("link lies", "[https://a.acme.example](https://b.acme.example)", "issuer_ambiguous"),
        ("outlook lies", "https://a.acme.example<https://b.acme.example>", "issuer_ambiguous"),
        ("html lies", "<a href='https://b.acme.example'>https://a.acme.example</a>", "issuer_ambiguous"),
        (
            "proofpoint, more stars than characters",
            "https://urldefense.com/v3/__https://*acme*.com__;Lw!!AbC$",
            "issuer_syntax",
        ),
        ("mimecast", "https://protect-eu.mimecast.com/s/AbC?domain=acme.okta.com", "issuer_syntax"),
        (
            "document of two",
            "{\"issuer\": \"https://a.acme.example\", \"issuer\": \"https://b.acme.example\"}",
            "issuer_ambiguous",
        ),
        ("a remark that may be an address", "https://a.acme.example (or b.acme.example)", "issuer_ambiguous"),
        ("a label that says no", "not: https://a.acme.example", "issuer_syntax"),
        ("a word behind", "https://a.acme.example Okta", "issuer_syntax"),
        ("half an escape", "https://idp.acme.example/a%2", "issuer_syntax"),
        ("an escape that is none", "https://idp.acme.example/%zz", "issuer_syntax"),
        ("prose", "please use https://a.acme.example thanks", "issuer_syntax"),
        ("host and word", "https://idp.acme.example\nThanks", "issuer_syntax"),
        ("space", "https://idp.acme .example", "issuer_syntax"),
        ("spaces at the dots", "https://acme . okta . com", "issuer_syntax"),
        ("tab in the host", "https://idp\t.acme-corp.com", "issuer_syntax"),
        ("user", "https://jane:pw@idp.acme.example", "issuer_syntax"),
        ("port", "https://idp.acme.example:70000", "issuer_syntax"),
        ("port 0", "https://idp.acme.example:0", "issuer_syntax"),
        ("query", "https://idp.acme.example/?a=b", "issuer_syntax"),
        ("fragment", "https://idp.acme.example#x", "issuer_syntax"),
        ("no host", "https:///x", "issuer_syntax"),
        ("one slash", "https:/idp.acme.example", "issuer_syntax"),
        ("no scheme slashes", "//idp.acme.example", "issuer_syntax"),
        ("mail", "jane@acme.example", "issuer_syntax"),
        ("javascript", "javascript:alert(1)", "egress_forbidden"),
        ("file", "file:///etc/passwd", "egress_forbidden"),
        ("long label", &format!("https://{}.example", "a".repeat(64)), "issuer_syntax"),
        ("empty label", "https://a..example", "issuer_syntax"),
        (
            "safelink to http",
            "https://eur01.safelinks.protection.outlook.com/?url=http%3A%2F%2Fa.example",
            "issuer_syntax",
        ),
        (
            "safelink twice",
            "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fa.example&url=https%3A%2F%2Fb.example",
            "issuer_syntax",
        ),
        ("okta saml", "https://acme.okta.com/app/exk123/sso/saml/metadata", "not_an_issuer"),
        ("greek", "https://\u{3b1}\u{3c1}\u{3c1}\u{3b9}\u{435}.com", "host_confusable"),
        ("all cyrillic", "https://\u{430}\u{440}\u{440}\u{435}.com", "host_confusable"),
        ("key", "-----BEGIN PRIVATE KEY-----\nCANARY", "private_key_in_input"),
        ("long url", &format!("https://idp.acme.example/{}", "a".repeat(2048)), "input_too_long"),
    ];
    for (id, issuer, code) in cases {
        let request = given(issuer);
        assert_eq!(codes(&request, Verdict::Fail), [code], "{id}: {:?}", request.findings);
        assert_eq!(text(&request), None, "{id}");
        assert!(request.changed.is_empty(), "{id}");
        let shown = format!("{:?}", request.findings);
        assert!(!shown.contains('\u{1b}') && !shown.contains("CANARY"), "{id}: {shown}");
    }
}

#[test]
fn an_overlong_host_is_refused() {
    // iss-100
    let request = given(&format!("https://{}com", "a.".repeat(130)));
    assert_eq!(codes(&request, Verdict::Fail), ["issuer_syntax"]);
}

#[test]
fn ten_mebibytes_are_refused_by_their_length() {
    // iss-102
    let huge = 10 * 1024 * 1024;
    for text in [
        format!("https://idp.acme-corp.com/{}", "a".repeat(huge)),
        "<".repeat(huge),
        "\u{200b}".repeat(huge / 3),
        "https://a ".repeat(huge / 10),
    ] {
        assert_eq!(codes(&given(&text), Verdict::Fail), ["input_too_long"]);
    }
}

#[test]
fn text_below_the_length_limit_is_judged_whatever_it_is_made_of() {
    for unit in
        ["<", "\"", "a@", "://", "[](", "\n", "%7B", "(", "issuer:", "\u{a0}a", "https://", "/.well-known", "- "]
    {
        let request = given(&unit.repeat(16 * 1024 / unit.len()));
        assert_eq!(codes(&request, Verdict::Fail).len(), 1, "{unit:?}: {:?}", request.findings);
    }
}

#[test]
fn private_address_literals_are_left_to_the_network_guard() {
    // iss-110, iss-116, iss-127, iss-132, iss-136, iss-139, iss-142, iss-143
    for host in [
        "127.255.255.254",
        "192.168.1.1",
        "255.255.255.255",
        "[::ffff:a9fe:a9fe]",
        "[2002:7f00:1::]",
        "[fc00::1]",
        "[2001:db8::1]",
        "[100::1]",
    ] {
        let request = given(&format!("https://{host}"));
        assert!(oidc(&request).issuer.is_some(), "{host}: {:?}", request.findings);
        assert!(codes(&request, Verdict::Warn).is_empty(), "{host}");
    }
}

#[test]
fn a_public_address_literal_is_a_warning() {
    // iss-156
    for issuer in ["https://8.8.8.8", "https://[2606:4700::1111]/x"] {
        let request = given(issuer);
        assert_eq!(text(&request), Some(issuer));
        assert_eq!(codes(&request, Verdict::Warn), ["host_is_ip"]);
    }
}

#[test]
fn a_provider_for_everybody_is_a_warning() {
    // iss-035, iss-036
    for issuer in [
        "https://accounts.google.com",
        "https://gitlab.com",
        "https://www.linkedin.com/oauth",
        "https://test.salesforce.com",
        "https://orcid.org",
        "https://www.amazon.com",
        "https://identity.xero.com",
        "https://auth.login.yahoo.co.jp/yconnect/v2",
        "https://oauth.platform.intuit.com/op/v1",
        "https://accounts.zoho.com",
        "https://accounts.zoho.eu",
        "https://account.docusign.com/",
        "https://zoom.us",
    ] {
        let request = given(issuer);
        assert_eq!(codes(&request, Verdict::Warn), ["shared_issuer"], "{issuer}");
        assert!(oidc(&request).issuer.is_some() && codes(&request, Verdict::Fail).is_empty());
    }
}

#[test]
fn an_endpoint_leads_to_the_issuer_to_ask_for() {
    let cases = [
        ("https://idp.acme-corp.com/oauth2/v1/keys", "https://idp.acme-corp.com"),
        ("https://acme.okta.com/oauth2/v1/authorize", "https://acme.okta.com"),
        ("https://acme-admin.okta.com/oauth2/default/v1/token", "https://acme.okta.com/oauth2/default"),
        ("https://kc.acme.example/realms/a/protocol/openid-connect/token", "https://kc.acme.example/realms/a"),
        (
            "https://login.microsoftonline.com/acme.com/oauth2/v2.0/authorize",
            "https://login.microsoftonline.com/acme.com/v2.0",
        ),
        (
            "https://login.microsoftonline.com/acme.com/discovery/v2.0/keys",
            "https://login.microsoftonline.com/acme.com/v2.0",
        ),
        ("https://acme.onelogin.com/oidc/2/auth?client_id=1", "https://acme.onelogin.com/oidc/2"),
        ("https://id.acme.example:8443/connect/authorize", "https://id.acme.example:8443"),
        ("https://acme.example/.well-known/jwks.json", "https://acme.example"),
    ];
    for (issuer, wanted) in cases {
        let request = given(issuer);
        assert_eq!(finding(&request, "not_an_issuer").rerun_with, ["--issuer", wanted], "{issuer}");
    }
}

#[test]
fn everybodys_tenant_leads_to_the_tenants_own_issuer() {
    // R-21
    let request = given("https://login.microsoftonline.com/common/v2.0");
    let tell = finding(&request, "multi_tenant_issuer").tell.as_deref().unwrap();
    assert!(tell.contains("Directory (tenant) ID"), "{tell}");
}

#[test]
fn two_issuers_are_both_named() {
    for issuer in [
        "https://a.acme.example or https://b.acme.example",
        "https://a.acme.example,https://b.acme.example",
        "https://a.acme.exampleHTTPS://b.acme.example",
    ] {
        let request = given(issuer);
        let shown = format!("{:?}", finding(&request, "issuer_ambiguous").evidence).to_ascii_lowercase();
        assert!(shown.contains("https://a.acme.example\"") && shown.contains("https://b.acme.example\""), "{shown}");
    }
}

#[test]
fn an_imitated_host_is_shown_in_its_ascii_form() {
    let request = given("https://idp.\u{430}cme-corp.com");
    assert!(
        finding(&request, "host_confusable")
            .evidence
            .iter()
            .any(|one| one.value == "idp.xn--cme-corp-2fg.com" || one.value.starts_with("idp.xn--cme-corp-"))
    );
}

#[test]
fn names_in_one_script_are_accepted() {
    for host in [
        "m\u{fc}ller-gmbh.de",
        "\u{43f}\u{440}\u{438}\u{43c}\u{435}\u{440}.\u{440}\u{444}",
        "\u{65e5}\u{672c}\u{30c6}\u{30b9}\u{30c8}.jp",
        "pr\u{e6}st.dk",
        "\u{4f8b}\u{5b50}.cn",
    ] {
        let request = given(&format!("https://{host}"));
        assert!(codes(&request, Verdict::Fail).is_empty(), "{host}: {:?}", request.findings);
        assert!(codes(&request, Verdict::Warn).is_empty(), "{host}: {:?}", request.findings);
    }
}

#[test]
fn user_names_passwords_and_queries_are_not_shown() {
    // C-01
    for issuer in [
        "https://jane:CANARY@idp.acme.example/x",
        "https://idp.acme.example/x?client_secret=CANARY",
        "https://idp.acme.example/.well-known/openid-configuration?key=CANARY",
        "http://jane:CANARY@idp.acme.example",
        "see https://jane:CANARY@idp.acme.example/x please",
        "http://idp.acme.example/x https://jane:CANARY@idp.acme.example",
    ] {
        let request = given(issuer);
        assert!(!format!("{:?} {:?}", request.findings, request.changed).contains("CANARY"), "{:?}", request.findings);
    }
}

#[test]
fn the_id_of_a_tenant_leads_to_its_issuer() {
    let request = given("8B8A1C2D-3E4F-4A5B-9C6D-7E8F90A1B2C3");
    let issuer = "https://login.microsoftonline.com/8b8a1c2d-3e4f-4a5b-9c6d-7e8f90a1b2c3/v2.0";
    assert_eq!(finding(&request, "issuer_syntax").rerun_with, ["--issuer", issuer]);
}

#[test]
fn plain_http_leads_to_the_https_address() {
    let request = given("http://idp.acme-corp.com/x");
    assert_eq!(finding(&request, "issuer_not_https").rerun_with, ["--issuer", "https://idp.acme-corp.com/x"]);
}

#[test]
fn plain_http_is_taken_where_its_exact_origin_is_allowed() {
    let draft = || RequestDraft { issuer: Some("http://idp.lab.example:8080/x".to_owned()), ..RequestDraft::default() };
    let allowed = |origin: &str| draft().normalise_allowing(Completeness::WhatIsGiven, 50, &[origin.to_owned()]);
    assert!(codes(&allowed("http://idp.lab.example:8080"), Verdict::Fail).is_empty());
    assert_eq!(codes(&allowed("http://idp.lab.example"), Verdict::Fail), ["issuer_not_https"]);
    assert_eq!(codes(&allowed("https://idp.lab.example:8080"), Verdict::Fail), ["issuer_not_https"]);
}

#[test]
fn an_endpoint_leads_to_the_issuer_that_has_it() {
    for (endpoint, issuer) in [
        ("https://accounts.google.com/o/oauth2/v2/auth", Some("https://accounts.google.com")),
        ("https://oauth2.googleapis.com/token", Some("https://accounts.google.com")),
        ("https://www.googleapis.com/oauth2/v3/certs", Some("https://accounts.google.com")),
        ("https://fs.acme.example/adfs/ls/", Some("https://fs.acme.example/adfs")),
        ("https://kc.acme.example/realms/a/account", Some("https://kc.acme.example/realms/a")),
        ("https://kc.acme.example/realms/a/protocol/openid-connect", Some("https://kc.acme.example/realms/a")),
        ("https://fs.acme.example/adfs/services/trust", Some("https://fs.acme.example/adfs")),
        ("https://idp.acme.example/a/.wellknown/openid-configuration", Some("https://idp.acme.example/a")),
        (
            "https://login.microsoftonline.com/acme.com/oauth2/v2.0",
            Some("https://login.microsoftonline.com/acme.com/v2.0"),
        ),
        (
            "https://acme.b2clogin.com/acme.onmicrosoft.com/b2c_1_signin/oauth2/v2.0/authorize",
            Some("https://acme.b2clogin.com/acme.onmicrosoft.com/b2c_1_signin/v2.0"),
        ),
        ("https://acme.eu.auth0.com/oauth/token", Some("https://acme.eu.auth0.com")),
        ("https://acme.eu.auth0.com/api/v2/", Some("https://acme.eu.auth0.com")),
        (
            "https://kc.acme.example/realms/saml/protocol/openid-connect/certs",
            Some("https://kc.acme.example/realms/saml"),
        ),
        ("https://kc.acme.example/realms/acme/protocol/saml", Some("https://kc.acme.example/realms/acme")),
        (
            "https://kc.acme.example/realms/acme/protocol/openid-connect/ext/par/request",
            Some("https://kc.acme.example/realms/acme"),
        ),
        (
            "https://login.acme.example/acme.onmicrosoft.com/b2c_1a_signin/discovery/v2.0/keys",
            Some("https://login.acme.example/acme.onmicrosoft.com/b2c_1a_signin/v2.0"),
        ),
        (
            "https://acme.b2clogin.com/acme.onmicrosoft.com/b2c_1_signin/openid/v2.0/userinfo",
            Some("https://acme.b2clogin.com/acme.onmicrosoft.com/b2c_1_signin/v2.0"),
        ),
        ("https://acme.my.salesforce.com/services/oauth2/authorize", Some("https://acme.my.salesforce.com")),
        ("https://acme.my.salesforce.com/id/keys", Some("https://acme.my.salesforce.com")),
        ("https://portal.acme.example/partners/services/oauth2/token", Some("https://portal.acme.example/partners")),
        ("https://pf.acme.example:9031/as/authorization.oauth2", Some("https://pf.acme.example:9031")),
        ("https://pf.acme.example:9031/idp/userinfo.openid", Some("https://pf.acme.example:9031")),
        ("https://pf.acme.example/pf/JWKS", Some("https://pf.acme.example")),
        ("https://auth.pingone.eu/1/as/token", Some("https://auth.pingone.eu/1/as")),
        ("https://auth.pingone.eu/1/as/signoff", Some("https://auth.pingone.eu/1/as")),
        ("https://cas.acme.example/cas/oidc/oidcAccessToken", Some("https://cas.acme.example/cas/oidc")),
        ("https://cas.acme.example/cas/oidc/accessToken", Some("https://cas.acme.example/cas/oidc")),
        ("https://id.acme.example/.well-known/openid-configuration/jwks", Some("https://id.acme.example")),
        (
            "https://sso.acme.example/oauth2/default/v1/device/authorize",
            Some("https://sso.acme.example/oauth2/default"),
        ),
        ("https://graph.microsoft.com/oidc/userinfo", None),
    ] {
        let request = given(endpoint);
        let found = finding(&request, "not_an_issuer");
        let guess = found.evidence.iter().find(|one| one.label == "the issuer may be");
        assert_eq!(guess.map(|one| one.value.as_str()), issuer, "{endpoint}");
    }
}

#[test]
fn a_scheme_that_stands_twice_is_not_shown_as_an_address() {
    let request = given("https://https://idp.acme-corp.com");
    let found = finding(&request, "issuer_ambiguous");
    let read: Vec<&str> = found.evidence.iter().skip(1).map(|one| one.value.as_str()).collect();
    assert_eq!(read, ["https://idp.acme-corp.com"]);
}

#[test]
fn what_looks_like_a_password_behind_the_host_is_refused_and_not_shown() {
    for text in ["https://idp.acme.example/x:CANARY@realm", "idp.well-known/openid-configuration:443idp@"] {
        let request = given(text);
        assert!(oidc(&request).issuer.is_none(), "{text}");
        assert_eq!(codes(&request, Verdict::Fail), ["issuer_syntax"], "{text}");
        assert!(!format!("{:?}", request.findings).contains("CANARY"), "{text}");
    }
    for text in ["https://idp.acme.example/@acme", "https://idp.acme.example/x:443/@acme"] {
        assert_eq!(oidc(&given(text)).issuer.as_ref().map(IssuerUrl::as_str), Some(text));
    }
}

#[test]
fn the_name_of_an_okta_saml_app_leads_to_its_metadata_and_to_no_client() {
    for text in ["http://www.okta.com/exk1a2b3c4d5E6f7G8h9", "https://www.okta.com/exk1a2b3c4d5E6f7G8h9"] {
        let request = given(text);
        let found = finding(&request, "not_an_issuer");
        assert!(found.next.as_ref().unwrap().contains("--metadata"), "{text}: {found:?}");
        assert!(found.tell.as_ref().unwrap().contains("metadata of that app"), "{text}: {found:?}");
    }
    let request = given("https://www.okta.com/login");
    assert!(finding(&request, "not_an_issuer").fact.contains("website"));
}
