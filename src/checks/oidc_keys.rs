//! `oidc-keys`

use std::collections::HashSet;
use std::mem::discriminant;

use super::{catalogue, not_asked};
use crate::exchange::{Forbidden, Problem, TlsProblem, status_code};
use crate::finding::{Finding, Judgement};
use crate::foreign;
use crate::oidc::facts::{Discovery, FetchFault, Keys, Probe};
use crate::oidc::json::Encoding;
use crate::oidc::jwks::{Key, KeySet, NotAKeySet, Quality};

/// Most keys that the details list: a set of 1 MiB holds some ten thousand.
const LISTED: usize = 100;

/// Keys with the same fault that are named beside the first.
const NAMED: usize = 2;

/// Checks that the key set has a key to verify ID tokens with, and none that endangers anybody.
///
/// Source: RFC 7517; RFC 7518 section 3.3 for the least RSA size; OpenID Connect Core 1.0 section 10.1.
pub(super) fn judge(discovery: Option<&Discovery>, keys: Option<&Probe<Keys>>) -> Judgement {
    let id = catalogue::OIDC_KEYS;
    let Some(Probe::Made(keys)) = keys else {
        return not_asked(id, "the discovery document names no key set that could be read");
    };
    let mut kinds: Vec<String> = Vec::new();
    let mut signing = 0;
    let mut findings = Vec::new();
    match &keys.outcome {
        Err(fault) => findings.push(of_fault(fault).evidence("asked for", &keys.url)),
        Ok(set) => {
            kinds.extend(set.signing().map(|(_, kind)| kind.to_string()).take(LISTED));
            signing = set.signing().count();
            findings.extend(of_set(set, discovery));
        }
    }
    let passed = match kinds.as_slice() {
        [one] => format!("one signing key ({one})"),
        _ => format!("{signing} signing keys"),
    };
    Judgement::of(id, passed, findings).detail("signing_keys", kinds).took(Some(keys.elapsed))
}

fn of_fault(fault: &FetchFault<NotAKeySet>) -> Finding {
    let tell = "The key set (jwks_uri) that your identity provider names could not be read. Please check that it is \
                published and reachable from the internet.";
    match fault {
        FetchFault::Exchange(problem) => return of_problem(problem),
        FetchFault::Redirected { status, to } => {
            Finding::fail("redirect_refused", format!("the key set answers with a redirect (status {status})"))
                .evidence("redirects to", super::redirect_target(to.as_deref()))
                .because("redirects are not followed for keys: whoever controls the target controls who may sign in")
        }
        FetchFault::Overloaded(status) => {
            Finding::unknown(status_code(*status), format!("the key set answers with status {status} right now"))
                .next("try again in a few minutes")
        }
        FetchFault::Status(status) => {
            let finding =
                Finding::fail(status_code(*status), format!("the key set answers with status {status} instead of 200"));
            match status {
                404 => finding.because("there is nothing at the address that the discovery document names"),
                401 | 403 => {
                    finding.because("a key set is public; a firewall may let in only the customer's own network")
                }
                _ => finding,
            }
        }
        FetchFault::Content(NotAKeySet::NotJson(not_json)) => {
            Finding::fail(not_json.code(), format!("the key set cannot be read: {not_json}"))
        }
        // It was read, and is what some providers answer (`{}`) until somebody chooses a key.
        FetchFault::Content(NotAKeySet::NoKeys) => {
            return Finding::fail("jwks_no_keys", NotAKeySet::NoKeys.to_string())
                .because("no ID token could be verified; some providers answer so until a signing key is chosen")
                .tell("The address that your identity provider names for its signing keys (jwks_uri) has none. Please choose or activate a signing key there for the application you made for us.");
        }
    }
    .tell(tell)
}

/// A request that got no answer, or one that our own limits refused: the same words for every endpoint.
pub(super) fn of_problem(problem: &Problem) -> Finding {
    let fact = problem.to_string();
    if problem.is_silence() {
        return Finding::unknown(problem.code(), fact)
            .because("without an answer there is no verdict")
            .next("try again; if it stays silent, ask the customer whether the address is reachable from outside their network");
    }
    let finding = Finding::fail(problem.code(), fact);
    match problem {
        Problem::Forbidden(Forbidden::Address { may_be_allowed: true, .. } | Forbidden::InternalName { .. }) => finding
            .because("a customer's URL must not make this machine reach into a private network")
            .next("if this is your own test provider, allow exactly its origin with --allow-origin"),
        Problem::Forbidden(Forbidden::Address { .. }) => finding
            .because("such addresses hand out the machine's own credentials; they are never asked")
            .next("ask the customer for the public address of their identity provider"),
        Problem::Forbidden(_) => finding.next("ask the customer for an https address without user name or password"),
        Problem::Tls(problem) => finding.because("nobody could tell the provider from an impostor").next(match problem {
            TlsProblem::UntrustedCa { .. } => {
                "if the customer runs a private certificate authority, add its root with --ca-cert; otherwise they have to \
                 mend the certificate"
            }
            TlsProblem::WrongName { .. } => {
                "send the reply: the customer has to mend the certificate, or to give the name it is for"
            }
            TlsProblem::Handshake { .. } => {
                "send the reply: the customer's server has to speak TLS 1.2 or newer, and to ask for no client certificate"
            }
            _ => "send the reply: the customer has to mend the certificate",
        }),
        Problem::TooLarge { .. } => finding
            .because("no honest document is that large")
            .next("ask the customer to check the address"),
        _ => finding.next("ask the customer to check the address, and what stands in front of their provider"),
    }
}

fn of_set(set: &KeySet, discovery: Option<&Discovery>) -> Vec<Finding> {
    let mut findings = of_keys(set);
    let signing: Vec<&Key> = set.signing().map(|(key, _)| key).collect();
    if set.keys.is_empty() {
        findings.push(
            Finding::fail("jwks_empty", "the key set is empty")
                .because("no ID token could be verified")
                .tell("Your identity provider publishes no signing keys. Please activate a signing key."),
        );
    } else if signing.is_empty() && !findings.iter().any(|one| one.level == crate::finding::Verdict::Fail) {
        let why: Vec<String> = set.keys.iter().filter_map(|key| unfit(key).map(str::to_owned)).take(3).collect();
        let tell = match set.keys.iter().find_map(broken) {
            // Another key would be published in the same way.
            Some(why) => format!(
                "The signing key that your identity provider publishes in its key set (jwks_uri) cannot be used: {why}. \
                 Please ask its vendor or your administrator to mend it."
            ),
            None => "Your identity provider publishes no usable signing key. Please activate an RSA or EC (P-256) signing key."
                .to_owned(),
        };
        findings.push(
            Finding::fail("jwks_no_sig_key", "the key set has no key to verify ID tokens with")
                .evidence("keys", why.join("; "))
                .because("no ID token could be verified")
                .tell(tell),
        );
    }
    if signing.len() > 1 && signing.iter().any(|key| key.kid.is_none()) {
        findings.push(
            Finding::warn("jwks_no_kid", "several signing keys, and not all of them have an id (`kid`)")
                .because("which key signed a token has to be guessed by trying"),
        );
    }
    let mut seen = HashSet::new();
    if let Some(kid) = signing.iter().filter_map(|key| key.kid.as_deref()).find(|kid| !seen.insert(*kid)) {
        findings.push(Finding::warn("jwks_same_kid", "two signing keys share one id (`kid`)").evidence("kid", kid));
    }
    if !set.duplicates.is_empty() {
        findings.push(
            Finding::fail("json_duplicate_key", "a member stands in the key set twice")
                .evidence("member", set.duplicates.to_string())
                .because("two programs may read two different keys")
                .tell(
                    "A member stands twice in the key set (jwks_uri) of your identity provider, so that programs may \
                     read different keys. Please ask its vendor or your administrator to mend it.",
                ),
        );
    }
    if set.encoding == Encoding::Utf16 {
        findings.push(
            Finding::warn("json_encoding", "the key set is UTF-16 instead of UTF-8")
                .because("RFC 8259 asks for UTF-8, and other software will not read it"),
        );
    }
    let algorithms = discovery
        .and_then(|discovery| discovery.outcome.as_ref().ok())
        .map(|reading| reading.document.accepted_algorithms())
        .unwrap_or_default();
    let fits = |algorithm: &String| set.signing().any(|(key, _)| key.verifies(algorithm));
    if !signing.is_empty() && !algorithms.is_empty() && !algorithms.iter().any(fits) {
        findings.push(
            Finding::fail("jwks_algorithm", "no key fits the algorithms that the document announces")
                .evidence("announced", algorithms.join(", "))
                .because("no ID token could be verified, and so nobody could sign in")
                .next("send the reply; once the provider publishes a key that fits, run again")
                .tell(format!(
                    "Your identity provider says that it signs with {}, but publishes no key for that. Please activate a \
                     signing key that fits, or correct the algorithm.",
                    algorithms.join(", ")
                )),
        );
    }
    findings
}

/// What is wrong with keys: one finding for each kind of fault, about the first key that has it and a few more by name.
fn of_keys(set: &KeySet) -> Vec<Finding> {
    struct Fault<'k> {
        first: (usize, &'k Key),
        more: Vec<(usize, &'k Key)>,
        count: usize,
    }
    let mut faults: Vec<Fault<'_>> = Vec::new();
    for (position, key) in (1..).zip(&set.keys) {
        if matches!(key.quality, Quality::Signing(_) | Quality::NotForSigning(_)) {
            continue;
        }
        let kind = discriminant(&key.quality);
        match faults.iter_mut().find(|known| discriminant(&known.first.1.quality) == kind) {
            Some(known) => {
                known.count += 1;
                if known.more.len() < NAMED {
                    known.more.push((position, key));
                }
            }
            None => faults.push(Fault { first: (position, key), more: Vec::new(), count: 1 }),
        }
    }
    let findings = faults.into_iter().filter_map(|one| {
        let finding = of_key(one.first.0, one.first.1)?;
        if one.more.is_empty() {
            return Some(finding);
        }
        let mut also: Vec<String> = one.more.iter().map(|(position, key)| name_of(*position, key)).collect();
        match one.count - 1 - one.more.len() {
            0 => {}
            others => also.push(format!("{others} more")),
        }
        Some(finding.evidence("likewise", also.join(", ")))
    });
    findings.collect()
}

fn name_of(position: usize, key: &Key) -> String {
    key.kid.as_deref().map_or_else(
        || format!("key {position}"),
        |kid| format!("key {position} (`{}`)", foreign::shown_up_to(kid, 60)),
    )
}

fn of_key(position: usize, key: &Key) -> Option<Finding> {
    let name = name_of(position, key);
    match &key.quality {
        Quality::Private(what) => Some(
            Finding::fail("jwks_private_key", format!("{name} is {what}, published for everyone to read"))
                .because("anybody can sign in as anybody: the key has to be taken out of use now")
                .next("tell the customer today, by phone if you can")
                .tell(
                    "Your identity provider publishes private key material in its key set. Please rotate the signing \
                     key at once and publish only public keys.",
                ),
        ),
        Quality::Weak(why) => Some(
            Finding::fail("jwks_weak_key", format!("{name} is too weak: {why}"))
                .because("whoever breaks it can sign in as anybody")
                .tell(
                    "Your identity provider signs with a key that is too weak. Please use RSA with at least 2048 bits.",
                ),
        ),
        Quality::TooLarge(bits) => Some(
            Finding::fail("jwks_key_too_large", format!("{name} has {bits} bits"))
                .because("each sign-in would keep our servers busy for seconds, and no library accepts it")
                .tell("Your identity provider publishes a key larger than 8192 bits. Please use RSA 2048 to 4096."),
        ),
        Quality::Broken(why) => Some(
            Finding::warn("jwks_broken_key", format!("{name} cannot be used: {why}"))
                .because("it is skipped; if it is the one that signs, nobody gets in"),
        ),
        Quality::Signing(_) | Quality::NotForSigning(_) => None,
    }
}

fn unfit(key: &Key) -> Option<&str> {
    match &key.quality {
        Quality::NotForSigning(why) | Quality::Broken(why) => Some(why),
        _ => None,
    }
}

fn broken(key: &Key) -> Option<&str> {
    unfit(key).filter(|_| matches!(key.quality, Quality::Broken(_)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oidc::{discovery, jwks};
    use serde_json::{Value, json};
    use std::time::Duration;

    fn judgement(keys: &[Value], discovery: Option<&Discovery>) -> Judgement {
        let set = jwks::read(json!({ "keys": keys }).to_string().as_bytes()).unwrap();
        let keys = Keys { url: "https://idp.acme.example/jwks".into(), outcome: Ok(set), elapsed: Duration::ZERO };
        judge(discovery, Some(&Probe::Made(keys)))
    }

    fn judged(keys: &[Value]) -> (&'static str, &'static str) {
        let judgement = judgement(keys, None);
        (judgement.verdict.label(), judgement.reasons().next().unwrap_or("-"))
    }

    /// A document that announces `algorithms`.
    fn announcing(algorithms: &[&str]) -> Discovery {
        let document = json!({ "issuer": "x", "id_token_signing_alg_values_supported": algorithms }).to_string();
        Discovery {
            url: String::new(),
            outcome: Ok(discovery::read(document.as_bytes(), &|_| false).unwrap()),
            odd_content_type: None,
            elapsed: Duration::ZERO,
        }
    }

    fn ec(kid: Option<&str>) -> Value {
        // RFC 7517, appendix A.1.
        let mut key = json!({
            "kty": "EC", "crv": "P-256",
            "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4", "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
        });
        if let Some(kid) = kid {
            key["kid"] = kid.into();
        }
        key
    }

    #[test]
    fn one_key_without_a_kid_passes_and_two_warn() {
        assert_eq!(judged(&[ec(None)]).0, "pass");
        assert_eq!(judged(&[ec(None), ec(None)]), ("warn", "jwks_no_kid"));
    }

    #[test]
    fn a_hundred_keys_pass() {
        let keys: Vec<Value> = (0..100).map(|number| ec(Some(&number.to_string()))).collect();
        assert_eq!(judged(&keys).0, "pass");
    }

    #[test]
    fn an_empty_set_and_one_without_signing_keys_fail() {
        assert_eq!(judged(&[]), ("fail", "jwks_empty"));
        let encryption = json!({"kty": "EC", "use": "enc", "crv": "P-256"});
        assert_eq!(judged(&[encryption]), ("fail", "jwks_no_sig_key"));
    }

    #[test]
    fn the_customer_is_asked_to_mend_a_key_that_cannot_be_read_and_not_for_another() {
        let told = |keys: &[Value]| {
            let judgement = judgement(keys, None);
            let finding = judgement.findings.iter().find(|one| one.code == "jwks_no_sig_key").unwrap().clone();
            finding.tell.unwrap()
        };
        let broken = json!({"kty": "RSA", "n": "a+b/", "e": "AQAB"});
        let encryption = json!({"kty": "EC", "use": "enc", "crv": "P-256"});
        let said = told(&[encryption.clone(), broken]);
        assert!(said.contains("\"n\" is not base64url") && !said.contains("activate"), "{said}");
        assert!(told(&[encryption]).contains("activate"));
    }

    #[test]
    fn private_material_fails_even_beside_a_good_key() {
        let mut leaked = ec(Some("1"));
        leaked["d"] = "c2VjcmV0".into();
        assert_eq!(judged(&[ec(Some("2")), leaked]), ("fail", "jwks_private_key"));
    }

    #[test]
    fn a_broken_key_beside_a_good_one_warns() {
        assert_eq!(
            judged(&[ec(Some("1")), json!({"kty": "RSA", "n": "***", "e": "AQAB"})]),
            ("warn", "jwks_broken_key")
        );
    }

    #[test]
    fn a_key_beside_its_curve_is_broken_and_alone_it_is_none() {
        let mut off = ec(Some("off"));
        off["y"] = off["x"].clone();
        assert_eq!(judged(&[ec(Some("1")), off.clone()]), ("warn", "jwks_broken_key"));
        assert_eq!(judged(&[off]), ("fail", "jwks_no_sig_key"));
    }

    #[test]
    fn very_many_broken_keys_are_one_finding() {
        let judgement = judgement(&vec![json!({}); 10_000], None);
        let codes: Vec<&str> = judgement.findings.iter().map(|finding| finding.code).collect();
        assert_eq!(codes, ["jwks_no_sig_key", "jwks_broken_key"]);
        assert_eq!(judgement.findings[1].evidence[0].value, "key 2, key 3, 9997 more");
    }

    #[test]
    fn very_many_good_keys_are_counted_and_a_hundred_listed() {
        let keys: Vec<Value> = (0..LISTED + 50).map(|number| ec(Some(&number.to_string()))).collect();
        let judgement = judgement(&keys, None);
        assert_eq!(judgement.summary, "150 signing keys");
        assert_eq!(judgement.details["signing_keys"].as_array().map(Vec::len), Some(LISTED));
    }

    #[test]
    fn a_key_for_another_algorithm_than_the_document_announces_lets_nobody_in() {
        let mut key = ec(Some("1"));
        assert_eq!(judgement(&[key.clone()], Some(&announcing(&["ES256"]))).verdict.label(), "pass");
        assert_eq!(
            judgement(&[key.clone()], Some(&announcing(&["RS256"]))).summary,
            "no key fits the algorithms that the document announces"
        );
        key["alg"] = "ES256".into();
        assert_eq!(judgement(&[key], Some(&announcing(&["ES256"]))).verdict.label(), "pass");
        let bound = json!({"kty": "RSA", "alg": "RS512", "n": "_".repeat(341) + "w", "e": "AQAB"});
        let judgement = judgement(&[bound], Some(&announcing(&["RS256"])));
        assert_eq!(judgement.reasons().collect::<Vec<_>>(), ["jwks_algorithm"]);
    }

    #[test]
    fn a_set_that_other_software_will_not_read_warns() {
        let text = json!({ "keys": [ec(None)] }).to_string();
        let bytes: Vec<u8> = [0xFEFF].into_iter().chain(text.encode_utf16()).flat_map(u16::to_be_bytes).collect();
        let set = jwks::read(&bytes).unwrap();
        let keys = Keys { url: "https://idp.acme.example/jwks".into(), outcome: Ok(set), elapsed: Duration::ZERO };
        let judgement = judge(None, Some(&Probe::Made(keys)));
        assert_eq!(judgement.reasons().collect::<Vec<_>>(), ["json_encoding"]);
        assert_eq!(judgement.verdict.label(), "warn");
    }

    #[test]
    fn a_root_is_asked_for_only_where_one_is_missing() {
        let host = || "idp".to_owned();
        for (problem, wanted) in [
            (TlsProblem::UntrustedCa { host: host() }, true),
            (TlsProblem::Expired { host: host() }, false),
            (TlsProblem::WrongName { host: host() }, false),
            (TlsProblem::Handshake { host: host(), reason: String::new() }, false),
        ] {
            let next = of_problem(&Problem::Tls(problem.clone())).next.unwrap();
            assert_eq!(next.contains("--ca-cert"), wanted, "{problem:?}: {next}");
        }
    }

    #[test]
    fn silence_is_unknown() {
        let outcome = Err(FetchFault::Exchange(Problem::Reset { host: "idp".into() }));
        let keys = Keys { url: String::new(), outcome, elapsed: Duration::ZERO };
        assert_eq!(judge(None, Some(&Probe::Made(keys))).verdict.label(), "unknown");
    }
}
