//! A provider's discovery document: what it says, and where it breaks the specification.
//!
//! Source: OpenID Connect Discovery 1.0, sections 3 and 4.3; RFC 8414 section 2 for the members shared with OAuth.

use serde_json::{Map, Value};

use super::endpoints::{self, ENDPOINTS};
use super::issuer_match::IssuerMatch;
use super::json::{self, Encoding, NotJson, Several};
use crate::exchange::Forbidden;
use crate::product::connection::ClientAuthentication;
use crate::request::names::IssuerUrl;

/// Members that every document must have; `token_endpoint` only where a flow uses it.
pub const REQUIRED: [&str; 7] = [
    "issuer",
    "authorization_endpoint",
    "token_endpoint",
    "jwks_uri",
    "response_types_supported",
    "subject_types_supported",
    "id_token_signing_alg_values_supported",
];

/// Lists that decide something here; a wrong type in any other member is only worth a warning.
const USED_LISTS: [&str; 3] =
    ["token_endpoint_auth_methods_supported", "grant_types_supported", "code_challenge_methods_supported"];

/// Signature algorithms an ID token may be accepted with: asymmetric, and not broken (RFC 8725 section 3.1).
pub const SAFE_ALGORITHMS: [&str; 11] =
    ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"];

/// Who says how clients authenticate at the token endpoint.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum MethodsBy {
    /// The document, by `token_endpoint_auth_methods_supported`.
    #[default]
    Document,
    /// The specification, since that member is absent or empty.
    Specification,
}

/// A document that is a JSON object: the members that matter, as far as they could be read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Document {
    /// `issuer`, whatever it looks like.
    pub issuer: Option<String>,
    /// `authorization_endpoint`.
    pub authorization_endpoint: Option<String>,
    /// `token_endpoint`.
    pub token_endpoint: Option<String>,
    /// `jwks_uri`.
    pub jwks_uri: Option<String>,
    /// `userinfo_endpoint`.
    pub userinfo_endpoint: Option<String>,
    /// `revocation_endpoint` (RFC 7009).
    pub revocation_endpoint: Option<String>,
    /// `introspection_endpoint` (RFC 7662).
    pub introspection_endpoint: Option<String>,
    /// `pushed_authorization_request_endpoint` (RFC 9126).
    pub pushed_authorization_request_endpoint: Option<String>,
    /// `response_types_supported`.
    pub response_types: Vec<String>,
    /// `subject_types_supported`.
    pub subject_types: Vec<String>,
    /// `id_token_signing_alg_values_supported`.
    pub id_token_algorithms: Vec<String>,
    /// `token_endpoint_auth_methods_supported`; `client_secret_basic` where it is absent, as the specification says.
    pub token_endpoint_auth_methods: Vec<String>,
    /// Who says what the token endpoint takes.
    pub methods_by: MethodsBy,
    /// `scopes_supported`; `None` where it is absent.
    pub scopes: Option<Vec<String>>,
    /// `grant_types_supported`; `None` where it is absent.
    pub grant_types: Option<Vec<String>>,
    /// `code_challenge_methods_supported`; `None` where it is absent.
    pub code_challenge_methods: Option<Vec<String>>,
    /// `require_pushed_authorization_requests` (RFC 9126 section 5).
    pub requires_pushed_requests: bool,
    /// `require_signed_request_object` (RFC 9101 section 10.5): requests that are not signed are refused, whoever sends them.
    pub requires_signed_requests: bool,
    /// `authorization_response_iss_parameter_supported` (RFC 9207 section 3).
    pub sends_issuer_back: bool,
}

impl Document {
    /// The client authentication methods that both sides speak, ours to try first.
    ///
    /// Where the document leaves them out, `client_secret_basic` is what the specification takes it to mean. Some providers
    /// leave them out and read the form alone, as `www.linkedin.com` and `access.line.me` do, so that this is tried, too.
    #[must_use]
    pub fn client_authentications(&self) -> Vec<ClientAuthentication> {
        [ClientAuthentication::Basic, ClientAuthentication::Post]
            .into_iter()
            .filter(|method| {
                self.methods_by == MethodsBy::Specification
                    || self.token_endpoint_auth_methods.iter().any(|offered| offered == method.as_str())
            })
            .collect()
    }

    /// The algorithms to accept in this provider's ID tokens, each once, in the document's order.
    #[must_use]
    pub fn accepted_algorithms(&self) -> Vec<String> {
        let mut accepted: Vec<String> = Vec::new();
        for one in &self.id_token_algorithms {
            if SAFE_ALGORITHMS.contains(&one.as_str()) && !accepted.contains(one) {
                accepted.push(one.clone());
            }
        }
        accepted
    }

    /// Whether the code flow is offered.
    #[must_use]
    pub fn offers_code(&self) -> bool {
        self.response_types.iter().any(|one| one == "code")
    }
}

/// One way in which a document is not what the specification asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Defect {
    /// A REQUIRED member is absent, null or empty.
    Missing(&'static str),
    /// A member that sign-in rests on has the wrong JSON type.
    Type {
        /// Which member.
        member: String,
        /// What it should be.
        expected: &'static str,
    },
    /// Members of the wrong JSON type on which nothing rests here.
    IdleTypes(Several),
    /// An endpoint that is no https URL.
    NotHttps {
        /// Which member.
        member: &'static str,
        /// Its value.
        url: String,
    },
    /// An endpoint that is no URL, or not one that can be used.
    NotUrl {
        /// Which member.
        member: &'static str,
        /// Its value.
        url: String,
        /// What it is instead.
        why: &'static str,
    },
    /// An endpoint that the guard would not call, as its spelling alone tells.
    Forbidden {
        /// Which member.
        member: &'static str,
        /// Its value.
        url: String,
        /// Why.
        why: Forbidden,
        /// Whether people or secrets are sent there.
        used: bool,
    },
    /// Members that stand in the document more than once.
    Duplicates(Several),
    /// Not UTF-8 without a byte order mark.
    Encoding(Encoding),
}

impl Defect {
    /// Whether sign-in would fail or be unsafe because of it; the rest is worth a warning.
    #[must_use]
    pub const fn is_fatal(&self) -> bool {
        match self {
            Self::Missing(_)
            | Self::Type { .. }
            | Self::NotHttps { .. }
            | Self::NotUrl { .. }
            | Self::Duplicates(_) => true,
            Self::Forbidden { used, .. } => *used,
            Self::IdleTypes(_) | Self::Encoding(_) => false,
        }
    }

    /// Whether the address under `member` cannot be used for it.
    pub(super) fn spoils(&self, member: &str) -> bool {
        let about = match self {
            Self::Type { member, .. } => member.as_str(),
            Self::Missing(name)
            | Self::NotHttps { member: name, .. }
            | Self::NotUrl { member: name, .. }
            | Self::Forbidden { member: name, .. } => name,
            Self::Duplicates(_) | Self::IdleTypes(_) | Self::Encoding(_) => return false,
        };
        about == member && self.is_fatal()
    }
}

/// A document read from bytes: what it says and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// What it says.
    pub document: Document,
    /// What is wrong with it, in the order of the specification's list.
    pub defects: Vec<Defect>,
}

impl Reading {
    /// The issuer to sign in with, once the document may be relied on: it names the issuer that was asked for, has no
    /// fatal defect, and offers what sign-in needs. Only then is the client secret sent to its endpoints.
    #[must_use]
    pub fn settled_issuer(&self, asked: &IssuerUrl) -> Option<IssuerUrl> {
        let usable = self.document.offers_code()
            && !self.document.client_authentications().is_empty()
            && !self.document.accepted_algorithms().is_empty()
            && !self.defects.iter().any(Defect::is_fatal);
        let matched = IssuerMatch::between(asked, self.document.issuer.as_deref()?);
        matched.settled(asked).filter(|_| usable).cloned()
    }
}

/// Why bytes are no document at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotADocument {
    /// Not JSON.
    #[error(transparent)]
    NotJson(#[from] NotJson),
    /// JSON, but no object.
    #[error("the answer is JSON, but not an object")]
    NotAnObject,
    /// A key set: the customer gave the wrong address.
    #[error("the answer is a key set (JWKS), not a discovery document")]
    KeySet,
    /// An object about something else: an error of the provider's own, most often.
    #[error("the answer is JSON, but not one member of a discovery document is in it")]
    Stranger,
}

/// Reads a document. `allowed` tells the origins that the configuration permits to be plain http or private.
///
/// # Errors
///
/// [`NotADocument`] when there is nothing to take members from.
pub fn read(bytes: &[u8], allowed: &dyn Fn(&url::Url) -> bool) -> Result<Reading, NotADocument> {
    let parsed = json::parse(bytes)?;
    let Value::Object(members) = parsed.value else {
        return Err(NotADocument::NotAnObject);
    };
    if members.contains_key("keys") && !members.contains_key("issuer") {
        return Err(NotADocument::KeySet);
    }
    if !REQUIRED.iter().any(|member| members.contains_key(*member)) {
        return Err(NotADocument::Stranger);
    }
    let mut reader = Reader { members: &members, defects: Vec::new() };
    let document = reader.document();
    let endpoints = endpoints::judge(&members, allowed);
    reader.defects.extend(endpoints);
    reader.types();
    let mut defects = reader.defects;
    if !parsed.duplicates.is_empty() {
        defects.push(Defect::Duplicates(parsed.duplicates));
    }
    if parsed.encoding != Encoding::Utf8 {
        defects.push(Defect::Encoding(parsed.encoding));
    }
    Ok(Reading { document, defects })
}

struct Reader<'m> {
    members: &'m Map<String, Value>,
    defects: Vec<Defect>,
}

impl Reader<'_> {
    fn document(&mut self) -> Document {
        let methods = self.list("token_endpoint_auth_methods_supported").filter(|methods| !methods.is_empty());
        for member in REQUIRED {
            let empty = match self.members.get(member) {
                None | Some(Value::Null) => true,
                Some(Value::String(text)) => text.is_empty(),
                Some(Value::Array(list)) => list.is_empty(),
                Some(_) => false,
            };
            if empty && !(member == "token_endpoint" && self.is_implicit_only()) {
                self.defects.push(Defect::Missing(member));
            }
        }
        Document {
            issuer: self.text("issuer"),
            authorization_endpoint: self.text("authorization_endpoint"),
            token_endpoint: self.text("token_endpoint"),
            jwks_uri: self.text("jwks_uri"),
            userinfo_endpoint: self.text("userinfo_endpoint"),
            revocation_endpoint: self.text("revocation_endpoint"),
            introspection_endpoint: self.text("introspection_endpoint"),
            pushed_authorization_request_endpoint: self.text("pushed_authorization_request_endpoint"),
            response_types: self.list("response_types_supported").unwrap_or_default(),
            subject_types: self.list("subject_types_supported").unwrap_or_default(),
            id_token_algorithms: self.list("id_token_signing_alg_values_supported").unwrap_or_default(),
            methods_by: if methods.is_some() { MethodsBy::Document } else { MethodsBy::Specification },
            token_endpoint_auth_methods: methods
                .unwrap_or_else(|| vec![ClientAuthentication::Basic.as_str().to_owned()]),
            scopes: self.list("scopes_supported"),
            grant_types: self.list("grant_types_supported"),
            code_challenge_methods: self.list("code_challenge_methods_supported"),
            requires_pushed_requests: self.flag("require_pushed_authorization_requests"),
            requires_signed_requests: self.flag("require_signed_request_object"),
            sends_issuer_back: self.flag("authorization_response_iss_parameter_supported"),
        }
    }

    /// A provider whose every flow is the implicit one needs no token endpoint (section 3). That it is of no use for
    /// sign-in here is said once, by what it does offer.
    fn is_implicit_only(&self) -> bool {
        let types = self.list("response_types_supported");
        types.is_some_and(|types| types.iter().all(|one| one.split(' ').all(|part| part != "code")))
    }

    fn text(&self, member: &str) -> Option<String> {
        self.members.get(member).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
    }

    fn flag(&self, member: &str) -> bool {
        self.members.get(member).and_then(Value::as_bool).unwrap_or(false)
    }

    fn list(&self, member: &str) -> Option<Vec<String>> {
        let items = self.members.get(member)?.as_array()?;
        items.iter().map(|item| item.as_str().map(str::to_owned)).collect()
    }

    /// Types of everything the specifications define; absent and null members are another matter.
    fn types(&mut self) {
        let mut idle = Several::default();
        for (member, value) in self.members {
            let Some((good, expected)) = self.has_its_type(member, value) else { continue };
            if good {
                continue;
            }
            let name = member.as_str();
            if REQUIRED.contains(&name) || ENDPOINTS.contains(&name) || USED_LISTS.contains(&name) {
                self.defects.push(Defect::Type { member: member.clone(), expected });
            } else {
                idle.push(name);
            }
        }
        if !idle.is_empty() {
            self.defects.push(Defect::IdleTypes(idle));
        }
    }

    /// Whether a member has the type it should have, and which; `None` where nobody says which.
    fn has_its_type(&self, member: &str, value: &Value) -> Option<(bool, &'static str)> {
        if value.is_null() {
            None
        } else if member == "issuer" || member == "jwks_uri" || member.ends_with("_endpoint") {
            Some((value.is_string(), "a string"))
        } else if names_a_list(member) {
            Some((self.list(member).is_some(), "a list of strings"))
        } else if member.ends_with("_supported") {
            Some((value.is_boolean() || value.is_object() || value.is_array(), "true or false, or a list"))
        } else {
            None
        }
    }
}

/// Whether a `…_supported` member is a list by its name. The others may as well be flags, as
/// `request_parameter_supported` and `frontchannel_logout_supported` are, and many of the makes' own, or objects, as
/// `vp_formats_supported` is; and one has the name of a list, and is an object by endpoint.
///
/// Source: IANA registry of OAuth authorization server metadata (RFC 8414 section 7.1.2); OpenID Federation 1.0, section
/// 5.1.3, for `request_authentication_methods_supported`.
fn names_a_list(member: &str) -> bool {
    if member == "request_authentication_methods_supported" {
        return false;
    }
    matches!(member, "scopes_supported" | "claims_supported")
        || ["_types_supported", "_methods_supported", "_values_supported", "_modes_supported", "_locales_supported"]
            .iter()
            .any(|ending| member.ends_with(ending))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn baseline() -> Value {
        serde_json::json!({
            "issuer": "https://idp.acme.example",
            "authorization_endpoint": "https://idp.acme.example/authorize",
            "token_endpoint": "https://idp.acme.example/token",
            "jwks_uri": "https://idp.acme.example/jwks",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256", "none"],
        })
    }

    fn reading(edit: impl FnOnce(&mut Map<String, Value>)) -> Reading {
        let mut document = baseline();
        edit(document.as_object_mut().unwrap());
        read(document.to_string().as_bytes(), &|_| false).unwrap()
    }

    #[test]
    fn a_plain_document_has_no_defect() {
        assert_eq!(reading(|_| {}).defects, []);
    }

    #[test]
    fn an_object_about_something_else_is_no_document_without_seven_members() {
        for text in
            ["{}", "{\"error\": \"invalid_tenant\"}", "{\"subject\": \"acct:jane@acme.example\", \"links\": []}"]
        {
            assert_eq!(read(text.as_bytes(), &|_| false), Err(NotADocument::Stranger), "{text}");
        }
        assert!(read(b"{\"jwks_uri\": null}", &|_| false).is_ok());
    }

    #[test]
    fn null_empty_and_absent_all_count_as_missing() {
        for empty in [Value::Null, Value::String(String::new()), Value::Array(vec![])] {
            let reading = reading(|document| _ = document.insert("token_endpoint".into(), empty));
            assert!(reading.defects.contains(&Defect::Missing("token_endpoint")));
        }
        let reading = reading(|document| _ = document.remove("token_endpoint"));
        assert_eq!(reading.defects, [Defect::Missing("token_endpoint")]);
    }

    #[test]
    fn a_token_endpoint_is_missing_only_where_a_flow_needs_it() {
        let without = |types: &[&str]| {
            reading(|document| {
                document.remove("token_endpoint");
                document["response_types_supported"] = types.into();
            })
        };
        assert_eq!(without(&["id_token", "id_token token"]).defects, []);
        assert_eq!(without(&["id_token", "code id_token"]).defects, [Defect::Missing("token_endpoint")]);
    }

    #[test]
    fn a_plain_http_endpoint_is_a_defect_unless_its_origin_is_permitted() {
        let mut document = baseline();
        document["token_endpoint"] = "http://idp.acme.example/token".into();
        let text = document.to_string();
        let defects = read(text.as_bytes(), &|_| false).unwrap().defects;
        assert!(matches!(defects.as_slice(), [Defect::NotHttps { member: "token_endpoint", .. }]));
        assert_eq!(read(text.as_bytes(), &|_| true).unwrap().defects, []);
    }

    #[test]
    fn absent_methods_mean_basic_and_perhaps_post() {
        let document = reading(|_| {}).document;
        assert_eq!(document.token_endpoint_auth_methods, ["client_secret_basic"]);
        assert_eq!(document.client_authentications(), [ClientAuthentication::Basic, ClientAuthentication::Post]);
        let said = |methods: &[&str]| {
            reading(|document| _ = document.insert("token_endpoint_auth_methods_supported".into(), methods.into()))
        };
        assert_eq!(said(&["client_secret_basic"]).document.client_authentications(), [ClientAuthentication::Basic]);
        assert_eq!(said(&["none"]).document.client_authentications(), []);
    }

    #[test]
    fn none_is_never_an_accepted_algorithm() {
        assert_eq!(reading(|_| {}).document.accepted_algorithms(), ["RS256"]);
    }

    #[test]
    fn a_wrong_type_where_nothing_rests_on_it_is_not_decisive() {
        let reading = reading(|document| _ = document.insert("claims_supported".into(), "sub".into()));
        assert!(matches!(reading.defects.as_slice(), [Defect::IdleTypes(_)]));
    }

    #[test]
    fn true_is_no_list_where_the_name_says_that_it_is_one() {
        for member in ["response_types_supported", "token_endpoint_auth_methods_supported", "grant_types_supported"] {
            let reading = reading(|document| _ = document.insert(member.into(), true.into()));
            assert!(
                matches!(reading.defects.as_slice(), [Defect::Type { member: found, .. }] if found == member),
                "{member}: {:?}",
                reading.defects
            );
        }
        for member in ["scopes_supported", "response_modes_supported", "request_object_signing_alg_values_supported"] {
            let reading = reading(|document| _ = document.insert(member.into(), false.into()));
            assert!(matches!(reading.defects.as_slice(), [Defect::IdleTypes(_)]), "{member}");
        }
    }

    #[test]
    fn what_is_an_object_by_its_specification_may_be_one() {
        for member in ["request_authentication_methods_supported", "vp_formats_supported"] {
            let object = serde_json::json!({"token_endpoint": ["private_key_jwt"]});
            assert_eq!(reading(|document| _ = document.insert(member.into(), object)).defects, [], "{member}");
        }
        for value in [Value::from("true"), 1.into()] {
            let reading = reading(|document| _ = document.insert("frontchannel_logout_supported".into(), value));
            assert!(matches!(reading.defects.as_slice(), [Defect::IdleTypes(_)]));
        }
    }

    #[test]
    fn flags_may_be_true_or_false() {
        for member in [
            "claims_parameter_supported",
            "request_uri_parameter_supported",
            "authorization_response_iss_parameter_supported",
            "frontchannel_logout_supported",
            "backchannel_logout_session_supported",
            "http_logout_supported",
            "verified_claims_supported",
        ] {
            assert_eq!(reading(|document| _ = document.insert(member.into(), true.into())).defects, [], "{member}");
        }
    }

    #[test]
    fn however_many_members_are_odd_the_defects_are_few() {
        let many = reading(|document| {
            document.extend((0..1000).map(|number| (format!("m{number}_endpoint"), 1.into())));
            document["id_token_signing_alg_values_supported"] = vec!["RS256"; 1000].into();
        });
        let [Defect::IdleTypes(members)] = many.defects.as_slice() else { panic!("{:?}", many.defects) };
        assert_eq!(members.count(), 1000);
        assert_eq!(many.document.accepted_algorithms(), ["RS256"]);
    }

    #[test]
    fn a_key_set_is_recognised() {
        assert_eq!(read(br#"{"keys":[]}"#, &|_| false).unwrap_err(), NotADocument::KeySet);
    }
}
