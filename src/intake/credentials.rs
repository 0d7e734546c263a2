//! Client id and client secret. No finding and no change ever holds a byte of a secret.

use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use super::clean::{self, Mended};
use super::ledger::Ledger;
use super::{PastedSecret, SecretSource};
use crate::finding::Finding;
use crate::foreign::{self, link, lookalike, placeholder, saying};
use crate::input::Input;
use crate::makes::{self, ProviderKind, is_guid};
use crate::request::names::{ClientId, ClientSecret, EmailAddress, IssuerUrl, SECRET_BYTES};

const ID_LABELS: [&str; 7] = [
    "client id",
    "clientid",
    "application id",
    "application (client) id",
    "app id",
    "consumer key",
    "client identifier",
];

/// What a secret is called in front of it. Mails have more words for it, in more languages (`ticket/labels.tsv`), these among them;
/// where it may be a plain word (`secret`), none is taken off.
pub(crate) const SECRET_LABELS: [&str; 7] = [
    "client secret",
    "client_secret",
    "clientsecret",
    "client-secret",
    "secret value",
    "consumer secret",
    "app secret",
];

/// Whether a flag, or a name before `=`, is one that people give a secret by: in whichever case, with or without hyphens.
pub(crate) fn names_secret(name: &str) -> bool {
    const OTHERS: [&str; 11] = [
        "clientsecretvalue",
        "clientsecretkey",
        "clientpassword",
        "oidcclientsecret",
        "oauthclientsecret",
        "sharedsecret",
        "secret",
        "password",
        "passwd",
        "pass",
        "pwd",
    ];
    let letters = |name: &str| name.replace(['-', '_', '.', ' '], "").to_ascii_lowercase();
    let wanted = letters(name);
    OTHERS.contains(&wanted.as_str()) || SECRET_LABELS.iter().any(|label| letters(label) == wanted)
}

const ID: Input = Input::ClientId;
const SECRET: Input = Input::ClientSecret;

/// Reads a client id.
pub(super) fn client_id(raw: &str, ledger: &mut Ledger) -> Option<ClientId> {
    if raw.len() > clean::LINE_BYTES {
        ledger.findings.push(clean::too_long(ID, "512 characters"));
        return None;
    }
    if clean::holds_private_key(raw) {
        ledger.findings.push(clean::private_key_finding(ID));
        return None;
    }
    if let Some(control) = clean::hidden_character(raw) {
        ledger.findings.push(clean::control_finding(ID, control));
        return None;
    }
    if raw.trim().is_empty() {
        ledger.missing(ID);
        return None;
    }
    if placeholder::is_credential_stand_in(raw) {
        ledger.findings.push(placeholder_finding("client_id_placeholder", ID).evidence("customer gave", raw));
        return None;
    }
    let mut mended = Mended::new(raw);
    mended.drop_invisible();
    mended.trim();
    let only_blanks = mended.text.clone();
    mended.peel(&ID_LABELS);
    if placeholder::is_credential_stand_in(&mended.text) || placeholder::is_marks_alone(&mended.text) {
        ledger.findings.push(placeholder_finding("client_id_placeholder", ID).evidence("customer gave", raw));
        return None;
    }
    if let Some(finding) = wrong_kind(&mended.text, ID) {
        ledger.findings.push(finding.evidence("customer gave", link::without_private_parts(raw)));
        return None;
    }
    if let Some(fact) = secret_in_id(raw, &mended.text) {
        ledger.findings.push(
            Finding::fail("client_id_is_secret", fact)
                .because("the client id is shown and logged; a secret must not be, so this one is not shown here")
                .next("give the client id with --client-id, and ask the customer to make a new secret")
                .tell(
                    "The value you sent as Client ID is a client secret. Please send the Client ID, and make a new \
                     secret, because this one has been shown in the open.",
                ),
        );
        return None;
    }
    let Some(id) = ClientId::parse(&mended.text) else {
        ledger.findings.push(
            Finding::fail("client_id_syntax", "the client id has blanks inside, or is longer than 512 characters")
                .evidence("customer gave", raw)
                .because("the provider knows its client by this exact text")
                .next("ask for the Client ID alone, then give it with --client-id")
                .tell(
                    "The Client ID you sent cannot be read. Please copy it again from your identity provider, alone.",
                ),
        );
        return None;
    };
    ledger.mended(ID, raw, &mended.text, &mended.done);
    if mended.text != only_blanks {
        ledger.findings.push(
            Finding::warn("client_id_changed", "quotes, brackets or a label around the client id were removed")
                .evidence("customer gave", raw)
                .evidence("used instead", &mended.text)
                .because("a client id may hold any character, so the marks could belong to it")
                .next("compare with the ticket; if the marks belong to it, ask the customer"),
        );
    }
    if mended.text.contains(is_smart_punctuation) {
        ledger.findings.push(
            Finding::warn("client_id_smart_punctuation", "the client id holds a typographic quote or dash")
                .evidence("customer gave", raw)
                .because("mail programs and word processors put them in place of plain ones")
                .next("ask the customer to send it as plain text if the provider does not know this client"),
        );
    }
    if lookalike::holds_double(&mended.text) {
        ledger.findings.push(
            Finding::warn("client_id_confusable", "the client id holds a letter that only looks like a Latin one")
                .evidence("customer gave", raw)
                .because("it comes from another keyboard, or from a text that was recognised in a picture")
                .next("ask the customer to copy it as text if the provider does not know this client"),
        );
    }
    Some(id)
}

/// Reads a client secret.
pub(super) fn client_secret(pasted: &PastedSecret, ledger: &mut Ledger) -> Option<ClientSecret> {
    let raw = pasted.text.expose_secret();
    source_warning(pasted.source, ledger);
    ledger.remember_secret(raw.trim());
    if raw.len() > clean::LINE_BYTES || raw.trim().len() > SECRET_BYTES {
        ledger.findings.push(clean::too_long(SECRET, "8 KiB"));
        return None;
    }
    if clean::holds_private_key(raw) {
        ledger.findings.push(clean::private_key_finding(SECRET));
        return None;
    }
    if raw.trim().is_empty() {
        ledger.missing(SECRET);
        return None;
    }
    if raw.contains(char::REPLACEMENT_CHARACTER) {
        ledger.findings.push(
            Finding::fail(
                "secret_encoding",
                "the client secret is not readable text: bytes of it were lost on its way",
            )
            .because("it was saved or sent in another encoding than UTF-8, and what is left of it is not the secret")
            .next("ask the customer to send it again as plain text, or save the file as UTF-8")
            .tell("The client secret arrived damaged. Please copy it again and send it as plain text."),
        );
        return None;
    }
    if let Some(control) = clean::control_character(raw.trim()).or_else(|| raw.trim().contains('\t').then_some('\t')) {
        ledger.findings.push(clean::control_finding(SECRET, control));
        return None;
    }
    if placeholder::is_credential_stand_in(raw) || saying::is_saying(raw) {
        ledger.findings.push(placeholder_finding("secret_placeholder", SECRET));
        return None;
    }
    let text = mend_secret(raw, ledger);
    ledger.remember_secret(&text);
    if is_wrapping_alone(&text) {
        ledger.missing(SECRET);
        return None;
    }
    if placeholder::is_credential_stand_in(&text) || placeholder::is_marks_alone(&text) {
        ledger.findings.push(placeholder_finding("secret_placeholder", SECRET));
        return None;
    }
    if let Some(finding) = wrong_kind(&text, SECRET) {
        ledger.findings.push(finding);
        return None;
    }
    if makes::looks_like_client_id(&text) {
        ledger.findings.push(secret_is_client_id("the client secret looks like a client id"));
        return None;
    }
    if text.contains(is_smart_punctuation) {
        ledger.findings.push(
            Finding::warn("secret_smart_punctuation", "the client secret holds a typographic quote or dash")
                .because("mail programs and word processors put them in place of plain ones; it is sent as it stands")
                .next("if the provider refuses the secret, ask the customer to send it again as plain text")
                .tell("The client secret you sent holds a typographic quote or dash. Please send it as plain text."),
        );
    }
    if lookalike::holds_double(&text) {
        ledger.findings.push(
            Finding::warn("secret_confusable", "the client secret holds a letter that only looks like a Latin one")
                .because("it comes from another keyboard, or from a text that was recognised in a picture; it is sent as it stands")
                .next("if the provider refuses the secret, ask the customer to copy it as text")
                .tell(
                    "The client secret you sent holds a letter that only looks like a Latin one. Please copy it again \
                     and send it as text.",
                ),
        );
    }
    Some(ClientSecret::new(SecretString::from(text.as_str().to_owned())))
}

/// Cuts what surrounds a secret and says what kind of thing was cut. What stands inside stays, byte for byte, except
/// characters that cannot be seen.
fn mend_secret(raw: &str, ledger: &mut Ledger) -> Zeroizing<String> {
    let mut done = Vec::new();
    let without_break = raw.strip_suffix('\n').map_or(raw, |rest| rest.strip_suffix('\r').unwrap_or(rest));
    if without_break.len() != raw.len() {
        done.push("removed the line break at the end");
    }
    let is_hidden = |one: char| foreign::is_invisible(one) || matches!(one, '\u{a0}' | '\u{202f}' | '\u{2007}');
    let mut text = Zeroizing::new(without_break.trim().to_owned());
    if text.len() != without_break.len() {
        done.push("removed the surrounding blanks");
        ledger.findings.push(
            Finding::warn("secret_whitespace", "blanks around the client secret were cut off")
                .because("they come from copying; a secret that really starts or ends with a blank would be wrong now")
                .next("nothing, unless the provider refuses the secret"),
        );
    }
    if text.contains(is_hidden) {
        text = Zeroizing::new(text.chars().filter(|one| !is_hidden(*one)).collect());
        done.push("removed invisible characters");
        ledger.findings.push(
            Finding::warn("secret_invisible", "invisible characters in the client secret were removed")
                .because("web pages and mail programs put them in; no provider makes secrets with them")
                .next("if the provider refuses the secret, ask the customer to send it again as plain text"),
        );
    }
    let before = text.len();
    for _ in 0..3 {
        let mut inner = Mended::new(&text);
        if inner.drop_label(&SECRET_LABELS) {
            done.push("removed the label in front");
        }
        if inner.unwrap_pair() {
            done.push("removed the surrounding quotes or brackets");
        }
        inner.trim();
        text = Zeroizing::new(inner.text);
    }
    done.dedup();
    if text.len() != before {
        ledger.findings.push(
            Finding::warn("secret_unwrapped", "a label, quotes or brackets around the client secret were removed")
                .because("they come from copying; if they belong to the secret, it would be wrong now")
                .next("nothing, unless the provider refuses the secret: then give it without relying on this"),
        );
    }
    if text.contains(char::is_whitespace) {
        let fact = "the client secret has a blank or a line break inside";
        // A passphrase may well have these. What a keyboard has no key for came from a page or a mail.
        let is_typed = |one: char| matches!(one, ' ' | '\n' | '\r');
        let finding = if text.chars().all(|one| !one.is_whitespace() || is_typed(one)) {
            Finding::remark("secret_whitespace", fact)
        } else {
            Finding::warn("secret_whitespace", fact)
        };
        ledger.findings.push(
            finding
                .because("hardly any provider makes such secrets: something may have been copied along")
                .next("it is sent as it stands; if the provider refuses it, ask the customer for the secret alone"),
        );
    }
    ledger.mended_secret(&done);
    text
}

/// How a secret stands in what was given as the client id, `text` as it was mended.
fn secret_in_id(raw: &str, text: &str) -> Option<&'static str> {
    if makes::looks_like_secret(text) || labelled_secret(raw).is_some() {
        return Some("a client secret was given as the client id");
    }
    // As `curl -u` takes them.
    let (id, secret) = text.split_once(':')?;
    ((makes::looks_like_client_id(id) || is_guid(id)) && secret.len() > 5)
        .then_some("a client id and a secret were given as the client id, with a colon between them")
}

/// What a value of another field calls a secret, as in `Client secret: …` and `"client_secret": "…"`: up to the closing quote, or
/// the next blank.
pub(super) fn labelled_secret(text: &str) -> Option<&str> {
    // ASCII letters keep their places.
    let lower = text.to_ascii_lowercase();
    SECRET_LABELS.iter().find_map(|label| {
        lower.match_indices(label).find_map(|(start, label)| {
            let is_mark = |one: char| one.is_whitespace() || matches!(one, '"' | '\'' | '`' | '*');
            let behind = text.get(start + label.len()..)?.trim_start_matches(is_mark).strip_prefix([':', '='])?;
            let is_mark = |one: char| one.is_whitespace() || matches!(one, '>' | '`' | '*');
            let behind = behind.trim_start_matches(is_mark);
            let value = match behind.chars().next().filter(|one| matches!(one, '"' | '\'')) {
                Some(mark) => behind.get(1..)?.split(mark).next()?,
                None => behind.split_whitespace().next()?.trim_end_matches([',', ';', '}', ')', '`', '*']),
            };
            value.contains(char::is_alphanumeric).then_some(value)
        })
    })
}

/// Nothing but marks that stand around a secret, or a label with nothing behind it: it was lost on the way, or never there.
fn is_wrapping_alone(text: &str) -> bool {
    let bare = text.trim_matches(|one: char| !one.is_alphanumeric()).to_ascii_lowercase();
    let marks = text.chars().all(|one| {
        matches!(one, '"' | '\'' | '`' | '<' | '>' | '(' | ')' | '[' | ']' | '{' | '}' | '“' | '”' | '‘' | '’' | ' ')
    });
    marks || (SECRET_LABELS.contains(&bare.as_str()) && text.trim_end().ends_with([':', '=']))
}

/// Judges id, secret and issuer together.
pub(super) fn compare(
    id: &mut Option<ClientId>,
    secret: &mut Option<ClientSecret>,
    issuer: Option<&IssuerUrl>,
    ledger: &mut Ledger,
) {
    let Some(text) = secret.as_ref().map(|one| Zeroizing::new(one.expose().to_owned())) else { return };
    if id.as_ref().is_some_and(|one| one.as_str().eq_ignore_ascii_case(&text)) {
        // Whichever of the two it is, it is not shown: it may be the secret.
        (*id, *secret) = (None, None);
        ledger.findings.push(secret_is_client_id("the client secret is the same text as the client id"));
        return;
    }
    if !is_guid(&text) {
        return;
    }
    match issuer {
        Some(issuer) if ProviderKind::of_issuer(issuer) == ProviderKind::EntraId => {
            *secret = None;
            ledger.findings.push(
                Finding::fail("secret_is_entra_id", "the Secret ID was given in place of the secret's value")
                    .because("Entra shows two columns: `Secret ID` is only a name, `Value` is the secret")
                    .next("ask the customer for the `Value`; if it is hidden by now, they have to make a new secret")
                    .tell(
                        "What you sent as client secret is the \"Secret ID\". Please send the \"Value\" instead. Entra \
                         shows it only once: if it is hidden now, please add a new client secret and send its Value.",
                    ),
            );
        }
        None if id.as_ref().is_some_and(|one| is_guid(one.as_str())) => ledger.findings.push(
            Finding::warn("secret_is_guid", "the client secret has the shape of an identifier (a GUID)")
                .because(
                    "with Microsoft Entra that is the Secret ID, not the secret; other providers do make such secrets",
                )
                .next("if the provider is Entra, ask the customer for the `Value` of the secret"),
        ),
        _ => {}
    }
}

fn secret_is_client_id(fact: &str) -> Finding {
    Finding::fail("secret_is_client_id", fact)
        .because("the provider would refuse every sign-in")
        .next("check that the two were not pasted into each other's place; else ask the customer for the secret")
        .tell("The value you sent as Client Secret is a Client ID. Please send the Client Secret.")
}

fn source_warning(source: SecretSource, ledger: &mut Ledger) {
    match source {
        SecretSource::Environment => ledger.findings.push(
            Finding::warn("secret_in_env", "the client secret came from the environment")
                .because("other programs of the same user can read it there")
                .next("prefer --client-secret-file or --client-secret-stdin"),
        ),
        SecretSource::File { world_readable: true } => ledger.findings.push(
            Finding::warn("secret_file_readable", "the file with the client secret can be read by other users")
                .because("a secret in such a file is no secret on a shared machine")
                .next("remove the file afterwards, or make it private first: chmod 600"),
        ),
        SecretSource::File { world_readable: false }
        | SecretSource::Stdin
        | SecretSource::Prompt
        | SecretSource::Mail
        | SecretSource::Row => {}
    }
}

/// A web address, an e-mail address, a certificate or a JSON document (such as the file that Google offers for download) in the
/// place of a credential.
fn wrong_kind(text: &str, input: Input) -> Option<Finding> {
    let lower = text.get(..text.len().min(8)).unwrap_or_default().to_ascii_lowercase();
    let (code, kind) = if lower.starts_with("https://") || lower.starts_with("http://") {
        ("looks_like_url", "a web address")
    } else if EmailAddress::parse(text).is_ok_and(|address| is_at_a_real_domain(&address)) {
        ("looks_like_email", "an e-mail address")
    } else if text.contains("-----BEGIN ") {
        ("looks_like_certificate", "a certificate or key file")
    } else if is_json_object(text) {
        ("looks_like_json", "a JSON document")
    } else {
        return None;
    };
    let (what, flag) = (input.what(), input.flag());
    Some(
        Finding::fail(code, format!("{kind} was given as {what}"))
            .about(input)
            .because("a value has landed in the wrong place")
            .next(format!("look for {what} in the ticket, else ask for it; then give it with {flag}"))
            .tell(format!("What you sent as {what} is {kind}. Please send {what} from your identity provider.")),
    )
}

/// Whether a text is one whole JSON object, and not merely begins like one.
fn is_json_object(text: &str) -> bool {
    text.starts_with('{') && serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}

/// Whether an address ends like one that mail can be sent to: a password, too, may have an `@` and a dot behind it.
fn is_at_a_real_domain(address: &EmailAddress) -> bool {
    let domain = address.domain().as_str();
    let last = domain.rsplit('.').next().unwrap_or_default();
    psl::suffix(domain.as_bytes()).is_some_and(|suffix| suffix.is_known())
        // RFC 6761, RFC 6762, and what companies call their own networks.
        || matches!(last, "example" | "test" | "invalid" | "local" | "internal" | "corp" | "lan")
}

fn placeholder_finding(code: &'static str, input: Input) -> Finding {
    let (what, flag) = (input.what(), input.flag());
    Finding::fail(code, format!("{what} is a placeholder, not a value"))
        .because("it was left over from a form or a manual, or was taken out on the way")
        .next(format!("ask the customer for {what}, then give it with {flag}"))
        .tell(format!("We did not receive {what}: there was only a placeholder. Please send the real value."))
}

/// Quotes, dashes and dots as word processors make them.
fn is_smart_punctuation(one: char) -> bool {
    matches!(u32::from(one), 0x2010..=0x2015 | 0x2018..=0x201F | 0x2026 | 0x2032..=0x2033 | 0x2212 | 0x00AB | 0x00BB | 0x00B4 | 0xFF07 | 0xFF0D)
}
