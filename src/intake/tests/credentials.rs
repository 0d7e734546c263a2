use super::{codes, finding, judged, oidc, pasted};
use crate::finding::Verdict;
use crate::input::Input;
use crate::intake::{RequestDraft, SecretSource};
use crate::request::OnboardingRequest;

const GUID: &str = "3f2b8a1c-2d3e-4f4a-9b9c-6d7e8f90a1b2";
const ENTRA: &str = "https://login.microsoftonline.com/8b8a1c2d-3e4f-4a5b-9c6d-7e8f90a1b2c3/v2.0";

fn secret(text: &str) -> OnboardingRequest {
    judged(RequestDraft { client_secret: Some(pasted(text, SecretSource::Stdin)), ..RequestDraft::default() })
}

fn id(text: &str) -> OnboardingRequest {
    judged(RequestDraft { client_id: Some(text.to_owned()), ..RequestDraft::default() })
}

fn both(id: &str, secret: &str, issuer: Option<&str>) -> OnboardingRequest {
    judged(RequestDraft {
        client_id: Some(id.to_owned()),
        client_secret: Some(pasted(secret, SecretSource::Stdin)),
        issuer: issuer.map(str::to_owned),
        ..RequestDraft::default()
    })
}

fn exposed(request: &OnboardingRequest) -> Option<&str> {
    oidc(request).client_secret.as_ref().map(crate::request::names::ClientSecret::expose)
}

#[test]
fn a_good_secret_is_kept_byte_for_byte() {
    let long = "aB3~".repeat(1024);
    for text in [
        "q'\"\\$(id)`;|&<>%n{}",
        &long,
        "ends.with.punctuation.",
        "-leading~dash_",
        "p\u{e4}ssword-1",
        GUID_OF_KEYCLOAK,
    ] {
        // sec-019, sec-025
        let request = secret(text);
        assert_eq!(exposed(&request), Some(text), "{:?}", request.findings);
        assert!(request.findings.is_empty() && request.changed.is_empty(), "{text}: {:?}", request.findings);
    }
}

const GUID_OF_KEYCLOAK: &str = "c1a2b3c4-0000-4000-8000-00000000aaaa";

#[test]
fn blanks_around_a_secret_are_cut_with_a_warning() {
    for text in [" CANARY", "CANARY \n", "\u{a0}CANARY\u{a0}", "CANARY\n\n", "\tCANARY"] {
        // sec-009
        let request = secret(text);
        assert_eq!(exposed(&request), Some("CANARY"));
        assert_eq!(codes(&request, Verdict::Warn), ["secret_whitespace"], "{text:?}");
        assert_eq!(request.changed[0].input, Input::ClientSecret);
    }
}

#[test]
fn one_line_break_at_the_end_is_cut_without_a_warning() {
    for text in ["CANARY\n", "CANARY\r\n"] {
        let request = secret(text);
        assert_eq!(exposed(&request), Some("CANARY"));
        assert!(request.findings.is_empty(), "{:?}", request.findings);
        assert_eq!((&request.changed[0].from, &request.changed[0].to), (&None, &None));
    }
}

#[test]
fn typographic_marks_in_a_secret_are_kept_with_a_warning() {
    // sec-018
    let request = secret("CANARY\u{2013}x");
    assert_eq!(exposed(&request), Some("CANARY\u{2013}x"));
    assert_eq!(codes(&request, Verdict::Warn), ["secret_smart_punctuation"]);
}

#[test]
fn marks_around_a_secret_are_removed_with_a_warning() {
    for text in [
        "\"CANARY-1\"",
        "`CANARY-1`",
        "\u{201c}CANARY-1\u{201d}",
        "Client Secret: CANARY-1",
        "<CANARY-1>",
        "|CANARY-1|",
        "'\"CANARY-1\"'",
        "{CANARY-1}",
        "[[CANARY-1]]",
        "<<CANARY-1>>",
        "***CANARY-1***",
        "<code>CANARY-1</code>",
        "&quot;CANARY-1&quot;",
        "&lt;CANARY-1&gt;",
        "&nbsp;CANARY-1&nbsp;",
    ] {
        let request = secret(text);
        assert_eq!(exposed(&request), Some("CANARY-1"), "{text}");
        assert_eq!(codes(&request, Verdict::Warn), ["secret_unwrapped"], "{text}");
        assert!(request.changed.iter().all(|one| one.from.is_none() && one.to.is_none()));
    }
}

#[test]
fn marks_that_machines_put_into_secrets_are_kept() {
    for text in ["_CANARY-1_", "~CANARY-1~", "{CANARY-1", "a&quot;b", "{a,\"b\"}1", "{CANARY}2}"] {
        let request = secret(text);
        assert_eq!(exposed(&request), Some(text), "{:?}", request.findings);
    }
}

#[test]
fn invisible_characters_in_a_secret_are_removed_with_a_warning() {
    let request = secret("CAN\u{200b}ARY\u{a0}1");
    assert_eq!(exposed(&request), Some("CANARY1"));
    assert_eq!(codes(&request, Verdict::Warn), ["secret_invisible"]);
}

#[test]
fn a_typed_blank_or_line_break_inside_a_secret_is_kept_and_said() {
    // csv-011, tok-096
    for text in ["CAN,ARY\"1\nline2", "p+ss w\u{f6}rd:%/="] {
        let request = secret(text);
        assert_eq!(exposed(&request), Some(text));
        assert_eq!(codes(&request, Verdict::Pass), ["secret_whitespace"], "{text:?}");
        assert_eq!(codes(&request, Verdict::Warn), [""; 0], "{text:?}");
    }
}

#[test]
fn letters_that_only_look_latin_are_warned_of() {
    for text in ["s3cr\u{435}t-value", "\u{ff21}bc-123", "se\u{441}ret-12"] {
        assert_eq!(codes(&secret(text), Verdict::Warn), ["secret_confusable"], "{text}");
        assert_eq!(codes(&id(text), Verdict::Warn), ["client_id_confusable"], "{text}");
        assert!(codes(&secret(text), Verdict::Fail).is_empty(), "{text}");
    }
    // A word in another language is what it is.
    assert!(codes(&id("m\u{fc}ller-app"), Verdict::Warn).is_empty());
}

#[test]
fn a_secret_with_an_at_sign_and_a_dot_is_no_address() {
    for text in ["Acme@2024.Pa55", "xK9@vv.q7Zt"] {
        assert_eq!(exposed(&secret(text)), Some(text));
    }
}

#[test]
fn what_is_no_secret_is_refused_with_its_reason() {
    let mebibyte = "a".repeat(1024 * 1024);
    let just_over = "a1".repeat(4097);
    let cases: [(&str, &str, &str); 32] = [
        ("sec-023", "CAN\0ARY", "control_character"),
        ("sec-026", &mebibyte, "input_too_long"),
        ("8 KiB + 2", &just_over, "input_too_long"),
        ("sec-028", "<redacted>", "secret_placeholder"),
        ("sec-031", "-----BEGIN PRIVATE KEY-----\nCANARY\n-----END PRIVATE KEY-----", "private_key_in_input"),
        ("rsa key", "-----BEGIN RSA PRIVATE KEY-----\nCANARY\n", "private_key_in_input"),
        ("bare key", "MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQC7VJTUt9Us8cKjCANARY", "private_key_in_input"),
        ("our key file", r#"{"keys":[{"kty":"oct","kid":"1","k":"CANARY"}]}"#, "private_key_in_input"),
        ("private JWK", r#"{"kty":"RSA","n":"AQAB","e":"AQAB","d":"CANARY"}"#, "private_key_in_input"),
        ("certificate", "-----BEGIN CERTIFICATE-----\nCANARY\n", "looks_like_certificate"),
        ("json", r#"{"client_secret":"CANARY"}"#, "looks_like_json"),
        ("downloaded", "{\n  \"web\": {\"client_id\": \"1\", \"client_secret\": \"CANARY\"}\n}\n", "looks_like_json"),
        ("stars", "********", "secret_placeholder"),
        ("bullets", "\u{2022}\u{2022}\u{2022}\u{2022}\u{2022}", "secret_placeholder"),
        ("x", "xxxx", "secret_placeholder"),
        ("quoted", "\"changeme\"", "secret_placeholder"),
        ("your", "your-client-secret", "secret_placeholder"),
        ("your_", "YOUR_CLIENT_SECRET", "secret_placeholder"),
        ("see", "see attached", "secret_placeholder"),
        ("saying", "ask-me-on-teams", "secret_placeholder"),
        ("secret", "secret", "secret_placeholder"),
        ("template", "{{client_secret}}", "secret_placeholder"),
        ("variable", "$CLIENT_SECRET", "secret_placeholder"),
        ("brackets", "[Client Secret here]", "secret_placeholder"),
        ("n/a", "N/A", "secret_placeholder"),
        ("url", "https://acme.okta.com", "looks_like_url"),
        ("mail", "jane@acme.example", "looks_like_email"),
        ("okta id", "0oa1b2c3d4e5f6g7h8i9", "secret_is_client_id"),
        ("google id", "123-abc.apps.googleusercontent.com", "secret_is_client_id"),
        ("escape", "CAN\u{1b}[2JARY", "control_character"),
        ("tab", "CAN\tARY", "control_character"),
        ("empty", "\n", "value_missing"),
    ];
    for (name, text, code) in cases {
        let request = secret(text);
        assert_eq!(codes(&request, Verdict::Fail), [code], "{name}: {:?}", request.findings);
        assert_eq!(exposed(&request), None, "{name}");
        assert!(!format!("{request:?}").contains("CANARY"), "{name}");
    }
}

#[test]
fn a_secret_equal_to_the_client_id_is_refused_and_neither_is_kept() {
    // sec-030
    let request = both("0oa1b2c3d4e5", "0oa1b2c3d4e5\n", None);
    assert_eq!(codes(&request, Verdict::Fail), ["secret_is_client_id"]);
    assert!(oidc(&request).client_id.is_none() && oidc(&request).client_secret.is_none());
    let in_capitals = both("0oa1b2c3d4e5", "0OA1B2C3D4E5", None);
    assert_eq!(codes(&in_capitals, Verdict::Fail), ["secret_is_client_id"]);
}

#[test]
fn an_entra_secret_id_is_told_from_the_value() {
    for issuer in [ENTRA, "https://acme.ciamlogin.com/8b8a1c2d-3e4f-4a5b-9c6d-7e8f90a1b2c3/v2.0"] {
        let request = both("11111111-2222-4333-8444-555555555555", GUID, Some(issuer));
        assert_eq!(codes(&request, Verdict::Fail), ["secret_is_entra_id"]);
        assert!(finding(&request, "secret_is_entra_id").tell.as_ref().unwrap().contains("\"Value\""));
        assert!(oidc(&request).client_secret.is_none() && oidc(&request).client_id.is_some());
    }
}

#[test]
fn a_guid_is_a_good_secret_elsewhere() {
    let request = both("portal", GUID, Some("https://kc.acme.example/realms/a"));
    assert!(request.findings.is_empty(), "{:?}", request.findings);
    let unsure = both("11111111-2222-4333-8444-555555555555", GUID, None);
    assert_eq!((codes(&unsure, Verdict::Warn), codes(&unsure, Verdict::Fail)), (vec!["secret_is_guid"], vec![]));
}

#[test]
fn the_way_a_secret_came_may_be_a_warning() {
    // sec-004
    let cases = [
        (SecretSource::Environment, vec!["secret_in_env"]),
        (SecretSource::File { world_readable: true }, vec!["secret_file_readable"]),
        (SecretSource::File { world_readable: false }, vec![]),
        (SecretSource::Prompt, vec![]),
    ];
    for (source, wanted) in cases {
        let draft = RequestDraft { client_secret: Some(pasted("CANARY-env", source)), ..RequestDraft::default() };
        let request = judged(draft);
        assert_eq!(codes(&request, Verdict::Warn), wanted);
        assert_eq!(exposed(&request), Some("CANARY-env"));
    }
}

#[test]
fn no_finding_or_change_shows_a_secret() {
    // C-01
    for text in
        [" CANARY-9 ", "\"CANARY-9\"", "CANARY\u{2013}9", "CANARY\u{200b}-9", "CANARY 9", "<CANARY-9", "CANARY-9\n"]
    {
        let request = secret(text);
        assert!(!format!("{:?}{:?}{request:?}", request.findings, request.changed).contains("CANARY"), "{text:?}");
    }
}

#[test]
fn a_good_client_id_is_taken_as_it_is() {
    for text in [
        "0oa1b2c3d4e5f6g7h8i9",
        "11111111-2222-3333-4444-555555555555",
        "123-abc.apps.googleusercontent.com",
        "3MVG9.abc_DEF",
        "portal",
        "api:acme/portal",
    ] {
        let request = id(text);
        assert_eq!(
            oidc(&request).client_id.as_ref().map(crate::request::names::ClientId::as_str),
            Some(text),
            "{:?}",
            request.findings
        );
        assert!(request.findings.is_empty() && request.changed.is_empty());
    }
}

#[test]
fn blanks_around_a_client_id_are_a_note_and_marks_a_warning() {
    let blanks = id(" 0oa1\n");
    assert!(codes(&blanks, Verdict::Warn).is_empty() && blanks.changed.len() == 1);
    for text in [
        "\"0oa1\"",
        "`0oa1`",
        "Client ID: 0oa1",
        "0oa1,",
        "<0oa1>",
        "{0oa1}",
        "_0oa1_",
        "__0oa1__",
        "~0oa1~",
        "~~0oa1~~",
        "[[0oa1]]",
        "<<0oa1>>",
        "<b>0oa1</b>",
        "&quot;0oa1&quot;",
        "&nbsp;0oa1&nbsp;",
    ] {
        let request = id(text);
        assert_eq!(oidc(&request).client_id.as_ref().unwrap().as_str(), "0oa1", "{text}");
        assert_eq!(codes(&request, Verdict::Warn), ["client_id_changed"], "{text}");
    }
}

#[test]
fn what_is_no_client_id_is_refused_with_its_reason() {
    let cases = [
        ("https://acme.okta.com", "looks_like_url"),
        ("jane@acme.example", "looks_like_email"),
        ("your-client-id", "client_id_placeholder"),
        ("<client id>", "client_id_placeholder"),
        ("{{client_id}}", "client_id_placeholder"),
        ("0oa1 0oa2", "client_id_syntax"),
        ("GOCSPX-CANARYabcdef", "client_id_is_secret"),
        ("CAN8Q~ARY~abcdefghijklmnopqrstuvwxyz0123", "client_id_is_secret"),
        ("0oa\u{7}1", "control_character"),
        ("0oa\u{202e}1b2c", "control_character"),
    ];
    for (text, code) in cases {
        let request = id(text);
        assert_eq!(codes(&request, Verdict::Fail), [code], "{text}: {:?}", request.findings);
        assert!(oidc(&request).client_id.is_none() && request.changed.is_empty());
        assert!(!format!("{request:?}").contains("CANARY") && !format!("{request:?}").contains("8Q~"));
    }
}

#[test]
fn a_secret_of_which_nothing_is_left_is_missing() {
    for text in [
        "\u{200b}",
        "\u{feff}",
        "\u{ad}",
        "\u{3164}",
        "\"\"",
        "''",
        "<>",
        "\u{201c}\u{201d}",
        "client_secret=",
        "Client Secret:",
    ] {
        let request = secret(text);
        assert_eq!(exposed(&request), None, "{text:?}");
        assert!(codes(&request, Verdict::Fail).contains(&"value_missing"), "{text:?}: {:?}", request.findings);
    }
}

#[test]
fn words_and_marks_in_the_place_of_a_secret_are_none() {
    for text in [
        "-",
        "--",
        "?",
        "\u{2026}",
        "(sent apart)",
        "sent via 1Password",
        "will send separately",
        "same as before",
        "Not applicable",
        "NaN",
        "Value",
        "[object Object]",
        "siehe unten",
        "expires on 12 March 2027",
        "will follow by phone",
        "12-March-2027",
        "see-attached-PDF",
        "op://vault/x/y",
        "vault:secret/data/sso#client",
        "arn:aws:secretsmanager:eu-central-1:123456789012:secret:sso",
        "@Microsoft.KeyVault(SecretUri=https://acme.vault.azure.net/secrets/sso)",
        "keyvault://acme/sso",
        "ENC[AES256_GCM,data:Zm9v,iv:x,tag:y,type:str]",
        "projects/acme/secrets/sso/versions/latest",
        "process.env.OIDC_CLIENT_SECRET",
        "os.environ['OIDC_CLIENT_SECRET']",
    ] {
        assert_eq!(codes(&secret(text), Verdict::Fail), ["secret_placeholder"], "{text}");
    }
    for text in ["projects/x1", "enc4f2", "op", "value-4f2", "nan0", "same-as-before-7", "sieheunten9"] {
        assert_eq!(exposed(&secret(text)), Some(text));
    }
    assert_eq!(codes(&id("--"), Verdict::Fail), ["client_id_placeholder"]);
    for text in ["{client}", "{{client_id}}"] {
        assert_eq!(codes(&id(text), Verdict::Fail), ["client_id_placeholder"], "{text}");
    }
    for text in ["yourmechanic-app", "yourtango", "_app", "app~1~", "{a:1,b:2}3"] {
        assert!(id(text).findings.is_empty(), "{text}");
    }
}

#[test]
fn a_secret_of_which_a_part_was_hidden_is_none() {
    for text in ["Rxk******************", "************abcd", "ab****yz", "abc\u{2022}\u{2022}\u{2022}\u{2022}"] {
        assert_eq!(codes(&secret(text), Verdict::Fail), ["secret_placeholder"], "{text}");
    }
    assert_eq!(exposed(&secret("a*b**c***d")), Some("a*b**c***d"));
}

#[test]
fn a_secret_that_lost_bytes_on_its_way_is_not_taken_for_one() {
    let request = secret("CANARY\u{fffd}");
    assert_eq!((exposed(&request), codes(&request, Verdict::Fail)), (None, vec!["secret_encoding"]));
}

#[test]
fn a_blank_inside_a_secret_that_nobody_types_is_warned_of() {
    for blank in ["\u{2028}", "\u{3000}", "\u{2009}"] {
        assert_eq!(codes(&secret(&format!("CAN{blank}ARY")), Verdict::Warn), ["secret_whitespace"], "{blank:?}");
    }
}

#[test]
fn the_secret_is_found_as_an_address_spells_it() {
    for issuer in ["https://idp.acme.example/CANARY%2B12%2F34", "<https://idp.acme.example/CANARY%2b12%2f34>"] {
        let request = judged(RequestDraft {
            issuer: Some(issuer.to_owned()),
            client_secret: Some(pasted("CANARY+12/34", SecretSource::Stdin)),
            ..RequestDraft::default()
        });
        assert!(codes(&request, Verdict::Fail).contains(&"secret_elsewhere"), "{request:?}");
        assert!(request.oidc().unwrap().issuer.is_none() && !format!("{request:?}").contains("CANARY"), "{request:?}");
    }
}

#[test]
fn the_secret_is_found_in_the_fields_of_saml_too() {
    let given = |entity_id: Option<&str>, metadata: Option<&str>| {
        judged(RequestDraft {
            client_secret: Some(pasted("CANARY-1234", SecretSource::Stdin)),
            entity_id: entity_id.map(str::to_owned),
            metadata: metadata.map(|word| crate::intake::PastedMetadata::Word(word.to_owned())),
            ..RequestDraft::default()
        })
    };
    for request in [given(Some("urn:CANARY-1234"), None), given(None, Some("https://idp.acme.example/CANARY-1234"))] {
        assert!(codes(&request, Verdict::Fail).contains(&"secret_elsewhere"));
        let saml = request.saml().unwrap();
        assert!(saml.entity_id.is_none() && saml.metadata.is_none());
    }
}
