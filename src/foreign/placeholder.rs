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

/// Longest sentence that is read as one, in bytes.
const SAYING_BYTES: usize = 120;

/// Words of which one at least is in a sentence that stands in a secret's place: how the secret comes, or where it is.
const WAYS: [&str; 113] = [
    "1password",
    "adjunto",
    "allegato",
    "anhang",
    "anruf",
    "apart",
    "aparte",
    "aparté",
    "ask",
    "attached",
    "attachment",
    "available",
    "bekannt",
    "bijlage",
    "bilaga",
    "bilagan",
    "bitwarden",
    "brief",
    "call",
    "chat",
    "communiqué",
    "comunicado",
    "courrier",
    "dashlane",
    "document",
    "dokument",
    "doorgegeven",
    "email",
    "encrypted",
    "enviada",
    "enviado",
    "enviar",
    "enviaremos",
    "enviará",
    "envoyé",
    "envoyée",
    "folgt",
    "follow",
    "follows",
    "geschickt",
    "gesendet",
    "given",
    "inviato",
    "jointe",
    "keepass",
    "keeper",
    "kommt",
    "lastpass",
    "later",
    "letter",
    "link",
    "mail",
    "message",
    "mitgeteilt",
    "mündlich",
    "nachfolgend",
    "nachgereicht",
    "onetimesecret",
    "osobno",
    "pdf",
    "pending",
    "phone",
    "privatebin",
    "provided",
    "pwpush",
    "request",
    "schicken",
    "screenshot",
    "secure",
    "see",
    "send",
    "senden",
    "sending",
    "sent",
    "separado",
    "separat",
    "separata",
    "separatamente",
    "separate",
    "separately",
    "separater",
    "share",
    "shared",
    "siehe",
    "signal",
    "skickas",
    "slack",
    "sms",
    "sparat",
    "sparate",
    "tard",
    "teams",
    "telefon",
    "telefonicamente",
    "telefonicznie",
    "telefonisch",
    "telefono",
    "telefoonisch",
    "telephone",
    "teléfono",
    "text",
    "transmis",
    "tresor",
    "téléphone",
    "ultérieurement",
    "vault",
    "whatsapp",
    "yopass",
    "załącznik",
    "załączniku",
    "zip",
    "übermittelt",
    "документ",
];

/// Words of which one at least is in a sentence about how long a secret holds, or since when. Numbers may stand beside them.
const TERMS: [&str; 45] = [
    "abgelaufen",
    "ablauf",
    "caduca",
    "created",
    "days",
    "erstellt",
    "expira",
    "expiration",
    "expire",
    "expired",
    "expires",
    "expiring",
    "expiry",
    "giltig",
    "gyldig",
    "gültig",
    "jahr",
    "jahre",
    "jours",
    "läuft",
    "meses",
    "mesi",
    "mois",
    "monate",
    "months",
    "never",
    "scade",
    "tage",
    "until",
    "valable",
    "valid",
    "valida",
    "validade",
    "valide",
    "validity",
    "valido",
    "vence",
    "verloopt",
    "válida",
    "válido",
    "ważny",
    "wygasa",
    "year",
    "years",
    "действителен",
];

/// Months as a sentence names them, or the first letters of them.
const MONTHS: [&str; 71] = [
    "januar",
    "january",
    "janvier",
    "enero",
    "janeiro",
    "gennaio",
    "januari",
    "jan",
    "februar",
    "february",
    "février",
    "febrero",
    "fevereiro",
    "febbraio",
    "februari",
    "feb",
    "march",
    "märz",
    "mars",
    "marzo",
    "março",
    "maart",
    "mar",
    "april",
    "avril",
    "abril",
    "aprile",
    "apr",
    "may",
    "mai",
    "mayo",
    "maio",
    "maggio",
    "mei",
    "june",
    "juni",
    "juin",
    "junio",
    "junho",
    "giugno",
    "jun",
    "july",
    "juli",
    "juillet",
    "julio",
    "julho",
    "luglio",
    "jul",
    "august",
    "août",
    "agosto",
    "augustus",
    "aug",
    "september",
    "septembre",
    "septiembre",
    "setembro",
    "sep",
    "sept",
    "october",
    "oktober",
    "octobre",
    "octubre",
    "outubro",
    "oct",
    "okt",
    "november",
    "nov",
    "december",
    "dezember",
    "dec",
];

/// What such a sentence says where no blank parts words.
const UNPARTED: [&str; 24] = [
    "お知らせ",
    "メール",
    "別途",
    "单独",
    "参照",
    "另外",
    "另行",
    "後ほど",
    "後日",
    "有効",
    "有效",
    "期限",
    "添付",
    "电话",
    "稍后",
    "送りします",
    "送付",
    "連絡",
    "附件",
    "電話",
    "별도",
    "유효",
    "전화",
    "첨부",
];

/// Words that such a sentence has besides.
const FILLING: [&str; 136] = [
    "a",
    "ab",
    "above",
    "already",
    "am",
    "an",
    "and",
    "apart",
    "as",
    "at",
    "até",
    "au",
    "auf",
    "be",
    "been",
    "bei",
    "below",
    "bis",
    "by",
    "can",
    "da",
    "dans",
    "de",
    "del",
    "dem",
    "den",
    "der",
    "dia",
    "die",
    "dig",
    "do",
    "e",
    "een",
    "el",
    "en",
    "er",
    "es",
    "file",
    "for",
    "from",
    "has",
    "hasta",
    "have",
    "het",
    "i",
    "ich",
    "ihnen",
    "il",
    "im",
    "in",
    "is",
    "it",
    "jest",
    "jusqu",
    "kann",
    "la",
    "le",
    "les",
    "lo",
    "los",
    "me",
    "med",
    "mich",
    "mir",
    "mit",
    "my",
    "na",
    "nachricht",
    "next",
    "no",
    "nos",
    "not",
    "nous",
    "num",
    "o",
    "oben",
    "och",
    "od",
    "of",
    "on",
    "one",
    "os",
    "our",
    "over",
    "own",
    "page",
    "par",
    "password",
    "per",
    "pièce",
    "please",
    "plus",
    "por",
    "protected",
    "s",
    "se",
    "sera",
    "será",
    "shortly",
    "sie",
    "soon",
    "te",
    "text",
    "the",
    "through",
    "time",
    "to",
    "today",
    "tomorrow",
    "tot",
    "um",
    "un",
    "una",
    "und",
    "uns",
    "unten",
    "up",
    "upon",
    "us",
    "using",
    "ver",
    "via",
    "voir",
    "vous",
    "w",
    "we",
    "werden",
    "will",
    "wir",
    "wird",
    "with",
    "wordt",
    "y",
    "you",
    "zostanie",
    "zum",
];

/// Programs that keep secrets: in a secret's place, their name alone says where it is.
const KEEPERS: [&str; 7] = ["1password", "bitwarden", "dashlane", "keepass", "keeper", "lastpass", "onetimesecret"];

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

/// Whether a secret is a sentence that says how the secret comes, whatever stands between its words: `ask-me-on-teams`,
/// `kommt_per_SMS`. Every word of it has to be one of those, so that no passphrase is taken for one.
pub(crate) fn is_saying(text: &str) -> bool {
    if text.len() > SAYING_BYTES {
        return false;
    }
    let lower = text.to_lowercase();
    if !lower.contains(|one: char| one.is_ascii_alphabetic()) && UNPARTED.iter().any(|saying| lower.contains(saying)) {
        return true;
    }
    let words: Vec<&str> = lower.split(|one: char| !one.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let is_way = |word: &&str| WAYS.contains(word);
    let is_term = |word: &&str| TERMS.contains(word);
    let is_known = |word: &&str| is_way(word) || is_term(word) || MONTHS.contains(word) || FILLING.contains(word);
    match words.as_slice() {
        [] => false,
        [one] => KEEPERS.contains(one),
        several if several.iter().any(is_term) || is_day(several) => {
            several.iter().all(|word| is_known(word) || is_number(word))
        }
        several => several.iter().all(is_known) && several.iter().any(is_way),
    }
}

/// Whether among words there is the name of a month with numbers beside it, or a number of digits for each part of a day.
fn is_day(words: &[&str]) -> bool {
    let is_digits = |word: &str| word.bytes().all(|one| one.is_ascii_digit());
    let named = || words.iter().any(|word| MONTHS.contains(word)) && words.iter().any(|word| is_number(word));
    let numbers = words.iter().filter(|word| is_digits(word)).count();
    named() || numbers == 3 && words.len() > 3 && words.iter().any(|word| is_digits(word) && word.len() == 4)
}

/// A number as days and years have them: `12`, `12th`, `2027`.
fn is_number(word: &str) -> bool {
    let digits = word.trim_end_matches(|one: char| one.is_ascii_alphabetic());
    let ordinal = word.get(digits.len()..).unwrap_or_default();
    (1..=4).contains(&digits.len())
        && digits.bytes().all(|one| one.is_ascii_digit())
        && ["", "st", "nd", "rd", "th", "er"].contains(&ordinal)
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

    #[test]
    fn a_sentence_in_a_secrets_place_is_told_from_a_passphrase() {
        for text in [
            "ask-me-on-teams",
            "will-send-on-Teams",
            "shared_via_1Password",
            "(sent separately)",
            "SENT-BY-SMS",
            "in-the-vault",
            "given-by-phone-tomorrow",
            "per-separater-Mail",
            "kommt-per-SMS",
            "WIRD-NACHGEREICHT",
            "s.Anhang",
            "see_attached_file",
            "available-upon-request",
            "Bitwarden",
            "see-attached-PDF",
            "expires on 12 March 2027",
            "expires-on-12th-March-2027",
            "12-March-2027",
            "valid until 2027-03-12",
            "gültig bis 12.03.2027",
            "läuft am 12. März 2027 ab",
            "expire le 12 mars 2027",
            "caduca el 12 de marzo de 2027",
            "válido até 12/03/2027",
            "scade il 12 marzo 2027",
            "24 months",
            "never-expires",
            "will be sent on 12.03.2027",
            "2027年3月12日まで有効",
            "別途お送りします",
        ] {
            assert!(is_saying(text), "{text}");
        }
        for text in [
            "correct-horse-battery-staple",
            "ask-me-on-teams-7",
            "phone-ocean-hat",
            "teams",
            "later",
            "march",
            "march-ocean-2027",
            "12-13-2027",
            "123-456-7890",
            "may-7-ask-jane",
            "in-the",
            "a1-B2-c3",
            "-",
            "",
        ] {
            assert!(!is_saying(text), "{text}");
        }
    }
}
