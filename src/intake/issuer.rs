//! The issuer, out of whatever address the customer copied.

use super::address::Address;
use super::clean::{self, Mended};
use super::ledger::Ledger;
use super::wrapping::{self, Tangle, host_of};
use crate::finding::Finding;
use crate::foreign::link;
use crate::foreign::{self, placeholder};
use crate::input::Input;
use crate::makes;
use crate::request::names::{IssuerProblem, IssuerUrl, URL_CHARACTERS};

const LABELS: [&str; 47] = [
    "issuer",
    "issuer url",
    "issuer uri",
    "issuer id",
    "iss",
    "url",
    "oidc issuer",
    "oidc issuer url",
    "openid issuer",
    "openid connect issuer",
    "discovery url",
    "discovery endpoint",
    "metadata url",
    "openid configuration",
    "well-known url",
    "issuer identifier",
    "oidc url",
    "oidc discovery url",
    "oidc discovery endpoint",
    "oidc metadata url",
    "openid connect issuer url",
    "openid connect discovery url",
    "openid connect metadata document",
    "openid configuration url",
    "well-known endpoint",
    "authority",
    "okta domain",
    "provider url",
    "aussteller",
    "auth0 domain",
    "base url",
    "domain",
    "emisor",
    "emittente",
    "identity provider",
    "identity provider url",
    "idp",
    "idp url",
    "issuer url oidc",
    "oidc issuer discovery url",
    "okta issuer",
    "okta url",
    "provider",
    "tenant url",
    "url de l émetteur",
    "émetteur",
    "発行者",
];

/// References that templates and web pages write for the marks around and in an address.
const ENTITIES: [(&str, &str); 11] = [
    ("&#x2F;", "/"),
    ("&#x2f;", "/"),
    ("&#47;", "/"),
    ("&sol;", "/"),
    ("&#58;", ":"),
    ("&colon;", ":"),
    ("&lt;", "<"),
    ("&gt;", ">"),
    ("&quot;", "\""),
    ("&#39;", "'"),
    ("&nbsp;", " "),
];

const INPUT: Input = Input::Issuer;
const ASK: &str = "ask the customer for the issuer URL, then give it with --issuer";
const TELL: &str = "We could not use the issuer URL you sent. Please copy the value that your identity provider shows as \
    \"Issuer\" or \"Issuer URL\"; it starts with https:// and has nothing behind the path.";

/// Reads the issuer; what was mended or refused goes into the ledger. `allow_origins` are the origins that may be
/// plain http.
pub(super) fn read(raw: &str, allow_origins: &[String], ledger: &mut Ledger) -> Option<IssuerUrl> {
    match read_or_refuse(raw, allow_origins, ledger) {
        Ok(issuer) => issuer,
        Err(refusal) => {
            ledger.findings.push(*refusal);
            None
        }
    }
}

/// Why an issuer is refused; boxed, since it is the rare case.
pub(super) type Refusal = Box<Finding>;

fn read_or_refuse(raw: &str, allow_origins: &[String], ledger: &mut Ledger) -> Result<Option<IssuerUrl>, Refusal> {
    if raw.len() > clean::LINE_BYTES {
        return Err(clean::too_long(INPUT, "a URL may be (2048 characters)").into());
    }
    if clean::holds_private_key(raw) {
        return Err(clean::private_key_finding(INPUT).into());
    }
    if let Some(control) = clean::hidden_character(raw) {
        return Err(clean::control_finding(INPUT, control).into());
    }
    if raw.trim().is_empty() {
        ledger.missing(INPUT);
        return Ok(None);
    }
    // A document may have anything in it.
    let named = named_by_document(raw);
    let given = if named.is_some() { "a discovery document".to_owned() } else { link::without_private_parts(raw) };
    if is_bare_stand_in(raw) {
        return Err(stand_in(&given).into());
    }
    let mut mended = Mended::new(raw);
    if let Some(issuer) = named {
        mended.become_text(issuer, "took the issuer out of the discovery document");
    }
    undo_escapes(&mut mended);
    unpack(&mut mended, &given)?;
    undo_escapes(&mut mended);
    if mended.text.is_empty() {
        ledger.missing(INPUT);
        return Ok(None);
    }
    if mended.text.chars().count() > URL_CHARACTERS {
        return Err(clean::too_long(INPUT, "a URL may be (2048 characters)").into());
    }
    let has_scheme = complete_scheme(&mut mended, &given);
    if placeholder::has_template_marks(&mended.text)
        && has_scheme.as_ref().err().is_none_or(|refusal| refusal.code == "issuer_syntax")
    {
        return Err(stand_in(&given).into());
    }
    has_scheme?;
    let address = Address::read(&mended.text, &given)?;
    let text = address.to_issuer(&mut mended, &given)?;
    if link::without_private_parts(&text) != text {
        // A slash in it has moved it behind the host, and it would be hidden wherever the issuer is shown.
        return Err(syntax("a part of the issuer looks like a user name and password", &given).into());
    }
    address.check_scheme(&text, allow_origins, &given)?;
    let issuer = IssuerUrl::parse(&text).map_err(|problem| refused_by(problem, &given))?;
    let warnings = address.warnings(&given);
    if mended.done.is_empty() {
        mended.become_text(text, "wrote it in its plain form");
    } else {
        mended.text = text;
    }
    ledger.mended(INPUT, &given, &mended.text, &mended.done);
    ledger.findings.extend(warnings);
    Ok(Some(issuer))
}

pub(super) fn syntax(fact: impl Into<String>, given: &str) -> Finding {
    Finding::fail("issuer_syntax", fact)
        .evidence("customer gave", given)
        .because("sign-in compares the issuer letter by letter, so it is not guessed")
        .next(ASK)
        .tell(TELL)
}

pub(super) fn stand_in(given: &str) -> Finding {
    Finding::fail("issuer_placeholder", "the issuer still has a placeholder in it, or is a documentation example")
        .evidence("customer gave", given)
        .because("it was copied from a manual: it names nobody's identity provider")
        .next(ASK)
        .tell(
            "The issuer URL you sent still contains a placeholder from the instructions. Please replace it by your own \
             value, or copy the issuer URL from your identity provider.",
        )
}

pub(super) fn ambiguous(candidates: &[&str], given: &str) -> Finding {
    let mut finding = Finding::fail("issuer_ambiguous", "it cannot be told which address is the issuer")
        .evidence("customer gave", given);
    for one in candidates {
        finding = finding.evidence("reads as", link::without_private_parts(one));
    }
    finding
        .because("a wrong issuer would lock the team out, so it is not guessed")
        .next("ask which one it is, then give that one with --issuer")
        .tell("What you sent as issuer URL can be read in more than one way. Please send that one URL alone.")
}

fn refused_by(problem: IssuerProblem, given: &str) -> Refusal {
    syntax(format!("the issuer cannot be read: {problem}"), given).into()
}

/// `<tenant>`, `{issuer}`, `TBD`: a stand-in for the whole value.
fn is_bare_stand_in(raw: &str) -> bool {
    let text = raw.trim();
    !text.contains(['.', '/', ':']) && placeholder::is_credential_stand_in(text)
}

/// Takes the address out of what it came in.
fn unpack(mended: &mut Mended, given: &str) -> Result<(), Refusal> {
    wrapping::unpack(mended, &LABELS).map_err(|tangle| match tangle {
        Tangle::Several(addresses) => ambiguous(&addresses.iter().map(String::as_str).collect::<Vec<_>>(), given),
        Tangle::AmongWords(one) => syntax("the issuer stands among other words", given)
            .rerun_with([INPUT.flag(), &link::without_private_parts(&one)]),
        Tangle::Words => syntax("the issuer is not a URL", given),
        Tangle::FilterLink => syntax("the issuer is a mail filter's link that does not show one address", given),
    })?;
    // An authorization request names the application's own address behind the provider's.
    let is_request = mended.text.contains("redirect_uri=");
    let address = mended.text.split('?').next().filter(|_| is_request).unwrap_or(&mended.text);
    if address.matches("://").count() > 1 {
        return Err(ambiguous(&addresses_run_together(&mended.text), given).into());
    }
    Ok(())
}

/// Undoes what an address went through as a whole: `https:\/\/`, as JSON may have it, `https%3A%2F%2F`, as a query has it, and
/// `https:&#x2F;&#x2F;`, as a web page may.
fn undo_escapes(mended: &mut Mended) {
    if mended.text.contains('&') {
        let plain =
            ENTITIES.iter().fold(mended.text.clone(), |text, (entity, character)| text.replace(entity, character));
        mended.become_text(plain, "undid the escapes of a web page");
    }
    if mended.text.contains(":\\/\\/") && mended.text.matches('\\').count() == mended.text.matches("\\/").count() {
        let plain = mended.text.replace("\\/", "/");
        mended.become_text(plain, "undid the escapes of JSON");
    }
    let is_escaped = mended.text.get(..14).is_some_and(|start| start.eq_ignore_ascii_case("https%3a%2f%2f"));
    if is_escaped
        && let Some(plain) = link::decoded(&mended.text)
        && !plain.contains(|one: char| one == '%' || one.is_whitespace() || one.is_control())
    {
        mended.become_text(plain, "undid the escapes of a query");
    }
}

/// The issuer in a discovery document that was pasted whole.
fn named_by_document(text: &str) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Document {
        issuer: String,
    }
    text.trim_start()
        .starts_with('{')
        .then(|| serde_json::from_str(text).ok())?
        .map(|document: Document| document.issuer)
}

/// The first few addresses in a text that has no blanks between them.
fn addresses_run_together(text: &str) -> Vec<&str> {
    let lower = text.to_ascii_lowercase();
    let mut starts: Vec<usize> =
        ["https://", "http://"].iter().flat_map(|scheme| lower.match_indices(scheme)).map(|(start, _)| start).collect();
    starts.sort_unstable();
    let ends = starts.iter().copied().skip(1).chain([text.len()]);
    let pieces = starts.iter().zip(ends).filter_map(|(start, end)| text.get(*start..end));
    // A scheme that stands there twice is no address by itself.
    let pieces = pieces.filter(|piece| !piece.ends_with("://"));
    pieces.map(|piece| piece.trim_end_matches([',', ';', '|'])).take(3).collect()
}

/// Gives a bare host its `https://`, and refuses what is no web address.
fn complete_scheme(mended: &mut Mended, given: &str) -> Result<(), Refusal> {
    let text = mended.text.clone();
    if text.contains('\\') {
        return Err(syntax("the issuer has backslashes in it", given)
            .rerun_with([INPUT.flag(), &link::without_private_parts(&text.replace('\\', "/"))])
            .into());
    }
    let before_colon = text.split(':').next().unwrap_or_default();
    let is_scheme = before_colon.len() < text.len()
        && before_colon.starts_with(|one: char| one.is_ascii_alphabetic())
        && before_colon.bytes().all(|one| one.is_ascii_alphanumeric() || matches!(one, b'+' | b'-'));
    let host = host_of(&text);
    if let Some((_, rest)) = text.split_once("://").filter(|_| is_scheme) {
        let scheme = before_colon.to_ascii_lowercase();
        if !matches!(scheme.as_str(), "https" | "http") {
            return Err(forbidden_scheme(&scheme, given).into());
        }
        mended.become_text(format!("{scheme}://{rest}"), "wrote the scheme in lower case");
        return Ok(());
    }
    if text.contains('@') && !text.contains('/') {
        return Err(syntax("the issuer is an e-mail address, not a URL", given).into());
    }
    if is_scheme && !before_colon.eq_ignore_ascii_case("https") && !before_colon.eq_ignore_ascii_case("http") {
        let after = text.get(before_colon.len() + 1..).unwrap_or_default();
        let is_port = after
            .split('/')
            .next()
            .is_some_and(|port| !port.is_empty() && port.bytes().all(|one| one.is_ascii_digit()));
        if !is_port {
            return Err(forbidden_scheme(&before_colon.to_ascii_lowercase(), given).into());
        }
    }
    let is_odd = text.starts_with(['/', '.', '?', '#', ':']) || text.contains("://");
    match host {
        Some(host) if !is_odd && !host.starts_with("http") && !host.ends_with('.') && !host.contains('@') => {
            mended.become_text(format!("https://{text}"), "added https:// in front");
            Ok(())
        }
        _ if makes::is_guid(&text) => {
            Err(syntax("the issuer is an id, as Microsoft Entra gives its tenants, and no URL", given)
                .rerun_with([INPUT.flag(), &makes::issuer_of_entra(&text)])
                .into())
        }
        _ => Err(syntax("the issuer is not a URL", given).into()),
    }
}

fn forbidden_scheme(scheme: &str, given: &str) -> Finding {
    Finding::fail(
        "egress_forbidden",
        format!("the issuer is a `{}:` address, not https", foreign::shown_up_to(scheme, 20)),
    )
    .about(INPUT)
    .evidence("customer gave", given)
    .because("nothing but https is asked for an issuer; the address was not contacted")
    .next(ASK)
    .tell(TELL)
}
