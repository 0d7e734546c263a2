//! Values that documentation prints and nobody replaced.

/// Words that stand for a part of an address, compared in lower case without `-`, `_` and blanks. None may be a name
/// that a real host label or path segment has.
const STAND_INS: [&str; 15] = [
    "changeme",
    "companyname",
    "directoryid",
    "directorytenantid",
    "domainname",
    "environmentid",
    "mytenant",
    "oktadomain",
    "placeholder",
    "realmname",
    "replaceme",
    "subdomain",
    "tenantdomain",
    "tenantid",
    "tenantname",
];

/// Words that say in a whole field that there is no value, compared as above.
const NOTHINGS: [&str; 21] = [
    "clientid",
    "clientidhere",
    "empty",
    "fillin",
    "hidden",
    "id",
    "insert",
    "na",
    "nan",
    "none",
    "notapplicable",
    "null",
    "redacted",
    "removed",
    "tba",
    "tbc",
    "tbd",
    "tofollow",
    "todo",
    "undefined",
    "unknown",
];

/// Sayings in place of a secret, compared as above.
const EXCUSES: [&str; 36] = [
    "asabove",
    "asbefore",
    "asdiscussed",
    "attached",
    "clientsecret",
    "clientsecrethere",
    "clientsecretvalue",
    "confidential",
    "inattachment",
    "in1password",
    "notprovided",
    "onrequest",
    "password",
    "pleasesee",
    "sameasabove",
    "sameasbefore",
    "secret",
    "secrethere",
    "secretvalue",
    "seeabove",
    "seeattached",
    "seeattachment",
    "seebelow",
    "sentapart",
    "sentbyphone",
    "sentseparately",
    "sentvia1password",
    "sieheanhang",
    "sieheoben",
    "sieheunten",
    "tobesent",
    "topsecret",
    "value",
    "viaphone",
    "willfollow",
    "willsendseparately",
];

/// Whether one part of a value (a host label, a path segment, a whole id) is a stand-in.
pub(crate) fn is_stand_in(part: &str) -> bool {
    let lower = part.to_ascii_lowercase();
    let word = squeezed(&lower);
    STAND_INS.contains(&word.as_str())
        || is_your(&lower)
        || (word.starts_with("insert") && word.ends_with("here"))
        || is_one_character_repeated(&word)
        || lower == "00000000-0000-0000-0000-000000000000"
}

/// Whether a host label or a path segment is a variable as manuals and programs write them: `%TENANT_ID%`, `[tenant-id]`,
/// `:tenant_id`. No name that somebody gave looks like that.
pub(crate) fn is_variable(part: &str) -> bool {
    let in_route = part.strip_prefix(':').is_some_and(|name| {
        name.starts_with(|one: char| one.is_ascii_alphabetic())
            && name.bytes().all(|one| one.is_ascii_alphanumeric() || matches!(one, b'-' | b'_'))
    });
    in_route || is_word_between(part, "%", "%") || is_word_between(part, "[", "]")
}

/// `yourdomain`, `yourOktaDomain`: "your" and nouns that documentation uses, or behind a separator anything that ends in
/// one. `yourmechanic-app` is somebody's name.
fn is_your(lower: &str) -> bool {
    const NOUNS: [&str; 17] = [
        "app",
        "company",
        "domain",
        "here",
        "id",
        "idp",
        "issuer",
        "key",
        "name",
        "okta",
        "org",
        "organization",
        "provider",
        "realm",
        "secret",
        "tenant",
        "url",
    ];
    const BEFORE_NOUNS: [&str; 9] =
        ["account", "auth0", "azure", "client", "cognito", "custom", "keycloak", "server", "sub"];
    fn is_words(text: &str) -> bool {
        let mut words = NOUNS.iter().chain(&BEFORE_NOUNS);
        text.is_empty() || words.any(|word| text.strip_prefix(word).is_some_and(is_words))
    }
    lower.strip_prefix("your").is_some_and(|rest| {
        let (is_set_off, rest) = (rest.starts_with(['-', '_', ' ']), squeezed(rest));
        NOUNS.iter().any(|noun| rest.strip_suffix(noun).is_some_and(|before| is_set_off || is_words(before)))
    })
}

/// Whether a text holds the marks of a template: `{tenantid}`, `<tenant>`, `$VAR`, `%7B…`.
pub(crate) fn has_template_marks(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    text.contains(['{', '}', '<', '>', '$']) || ["%7b", "%7d", "%3c", "%3e"].iter().any(|mark| lower.contains(mark))
}

/// Whether a whole secret or client id is marks alone, without a letter or a digit: `-`, `--`, `?`, `…`.
pub(crate) fn is_marks_alone(text: &str) -> bool {
    !text.contains(char::is_alphanumeric)
}

/// Whether a whole secret or client id is a stand-in or a saying.
pub(crate) fn is_credential_stand_in(text: &str) -> bool {
    let trimmed = text.trim();
    let template = [("{{", "}}"), ("${", "}"), ("{", "}"), ("%", "%"), ("<%", "%>")]
        .iter()
        .any(|(open, close)| is_word_between(trimmed, open, close));
    let variable = trimmed
        .strip_prefix('$')
        .is_some_and(|name| name.len() > 2 && name.bytes().all(|one| one.is_ascii_uppercase() || one == b'_'));
    let bare = trimmed.trim_matches(['<', '>', '[', ']', '(', ')', '"', '\'', '`', '*', '.', '…']);
    let word = squeezed(&bare.to_ascii_lowercase());
    let in_brackets = is_word_between(trimmed, "<", ">") || is_word_between(trimmed, "[", "]");
    let speaks = ["secret", "redact", "client", "hidden", "removed", "paste", "insert", "your", "value"];
    template
        || variable
        || (!trimmed.is_empty() && is_one_character_repeated(trimmed))
        || is_masked(trimmed)
        || is_stand_in(bare)
        || ["your-", "your_", "your "].iter().any(|start| bare.to_ascii_lowercase().starts_with(start))
        || is_reference(trimmed)
        || NOTHINGS.contains(&word.as_str())
        || EXCUSES.contains(&word.as_str())
        || (in_brackets && speaks.iter().any(|one| word.contains(one)))
}

/// `op://vault/item/field`, `arn:aws:secretsmanager:…`: where a secret is kept, as programs write it, or what a program
/// wrote in place of a value.
fn is_reference(text: &str) -> bool {
    const STARTS: [&str; 18] = [
        "op://",
        "vault:",
        "keyvault://",
        "secret://",
        "bw://",
        "lastpass://",
        "keeper://",
        "awssm://",
        "gcpsm://",
        "arn:aws:secretsmanager:",
        "arn:aws:ssm:",
        "@microsoft.keyvault(",
        "enc[aes256_gcm,",
        "process.env.",
        "os.environ",
        "os.getenv(",
        "system.getenv(",
        "[object object]",
    ];
    let lower = text.to_ascii_lowercase();
    let is_of_google = || lower.starts_with("projects/") && lower.contains("/secrets/");
    STARTS.iter().any(|start| lower.starts_with(start)) || is_of_google()
}

/// Whether `text` is words of letters, blanks, `-` and `_` between two marks.
fn is_word_between(text: &str, open: &str, close: &str) -> bool {
    text.strip_prefix(open).and_then(|rest| rest.strip_suffix(close)).is_some_and(|inside| {
        !inside.is_empty()
            && inside.chars().all(|one| one.is_ascii_alphabetic() || matches!(one, ' ' | '-' | '_' | '.'))
    })
}

/// `xxxx`, `********`, `••••`: three or more of one character that is no digit.
fn is_one_character_repeated(text: &str) -> bool {
    let mut characters = text.chars();
    let Some(first) = characters.next() else { return false };
    let stands_for_anything = matches!(first, 'x' | 'X' | '*' | '•' | '●' | '.' | '…' | '-' | '_' | '?' | '#');
    stands_for_anything && text.chars().count() >= 3 && characters.all(|one| one.eq_ignore_ascii_case(&first))
}

/// `Rxk****************`, `••••••abcd`: a part of it was hidden, as consoles show a secret that cannot be had any more.
fn is_masked(text: &str) -> bool {
    ["****", "•••", "●●●", "∙∙∙", "▪▪▪"].iter().any(|mask| text.contains(mask))
}

fn squeezed(lower: &str) -> String {
    lower.chars().filter(|one| !matches!(one, '-' | '_' | ' ' | '/')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn your_and_a_noun_is_a_stand_in_and_a_name_that_begins_so_is_not() {
        for part in ["yourdomain", "yourOktaDomain", "YOUR_TENANT_ID", "your-auth0-domain", "your-cool-app", "yourkey"]
        {
            assert!(is_stand_in(part), "{part}");
        }
        for part in ["yourmechanic-app", "yourtango-key", "yours", "your", "yourapple", "yourmoney-idp"] {
            assert!(!is_stand_in(part), "{part}");
        }
    }
}
