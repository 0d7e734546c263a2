//! Whole mails: what the case list asks for, what is hostile, and what must hold of any bytes.

use proptest::prelude::*;
use secrecy::ExposeSecret as _;

use super::{Choice, MAIL_BYTES, Pattern, Settings, Ticket, Unreadable, Value, read, read_pasted};
use crate::input::Input;
use crate::intake::{Completeness, PastedMetadata, PastedSecret, RequestDraft, SecretSource};
use crate::request::mail::Authentication;

fn mail(text: &str) -> Ticket {
    read(text.as_bytes(), &Settings::default()).unwrap()
}

fn draft(text: &str) -> RequestDraft {
    mail(text).into_draft(RequestDraft::default())
}

fn codes(draft: &RequestDraft) -> Vec<&'static str> {
    draft.noted.iter().map(|finding| finding.code).collect()
}

fn secret(draft: &RequestDraft) -> Option<&str> {
    draft.client_secret.as_ref().map(|secret| secret.text.expose_secret())
}

const HEAD: &str =
    "From: Jane <jane@acme.example>\nSubject: SSO #48213\nMessage-ID: <m1@acme.example>\nMIME-Version: 1.0\n";

fn plain(body: &str) -> String {
    format!("{HEAD}Content-Type: text/plain; charset=utf-8\n\n{body}")
}

fn html(body: &str) -> String {
    format!("{HEAD}Content-Type: text/html; charset=utf-8\n\n{body}")
}

#[test]
fn angle_brackets_are_left_to_intake() {
    // msg-007
    let draft = draft(&plain(
        "Client ID: 0oa1\nClient Secret: CANARY1\nIssuer: <https://idp.acme-corp.example>\nOwner: j@acme.example\n",
    ));
    assert_eq!(draft.issuer.as_deref(), Some("https://idp.acme-corp.example"));
    assert_eq!((draft.client_id.as_deref(), secret(&draft)), (Some("0oa1"), Some("CANARY1")));
}

#[test]
fn marks_that_touch_a_value_are_no_part_of_it_and_those_that_may_be_a_secrets_are_asked_about() {
    let (id, key, issuer, owner) = (
        "0oa1b2c3d4E5f6G7h8i9",
        "kD3xZ9qLmT7vRw2Yb8NcJ5hPs4GfA6uEoQ1iXy",
        "https://acme.okta.com",
        "jane@acme.example",
    );
    for (open, close, is_plain) in [
        ("{", "}", true),
        ("{{", "}}", true),
        ("[[", "]]", true),
        ("<<", ">>", true),
        ("“", "”", true),
        ("`", "`", true),
        ("***", "***", true),
        ("&quot;", "&quot;", true),
        ("&lt;", "&gt;", true),
        ("&nbsp;", "&nbsp;", true),
        ("<code>", "</code>", true),
        ("{noformat}", "{noformat}", true),
        ("_", "_", false),
        ("__", "__", false),
        ("~", "~", false),
        ("~~", "~~", false),
    ] {
        let ticket = mail(&plain(&format!(
            "Client ID: {open}{id}{close}\nClient secret: {open}{key}{close}\nIssuer: {open}{issuer}{close}\n\
             Owner: {open}{owner}{close}\n"
        )));
        assert_eq!(ticket.client_secret.contested().len(), if is_plain { 0 } else { 2 }, "{open}");
        let request = ticket.into_draft(RequestDraft::default()).normalise(Completeness::Everything, 50);
        let oidc = request.oidc().unwrap();
        assert_eq!(oidc.client_id.as_ref().map(ToString::to_string).as_deref(), Some(id), "{open}");
        assert_eq!(oidc.issuer.as_ref().map(ToString::to_string).as_deref(), Some(issuer), "{open}");
        assert_eq!(request.owner.as_ref().map(ToString::to_string).as_deref(), Some(owner), "{open}");
        let secret = oidc.client_secret.as_ref().map(|secret| secret.expose().to_owned());
        assert_eq!(secret.as_deref(), is_plain.then_some(key), "{open}");
    }
    // An address is never cut within its name.
    let owner = draft(&plain("Owner: jane@acme.example_evil.example\n")).owner;
    assert_ne!(owner.as_deref(), Some("jane@acme.example"));
    let issuer = draft(&plain("Issuer: {https://{tenant}.okta.com}\nClient ID: 0oa1b2c3d4E5f6G7h8i9\n")).issuer;
    assert!(issuer.is_none_or(|issuer| issuer.contains("{tenant}")));
}

#[test]
fn emphasis_in_one_form_of_a_mail_and_none_in_the_other_is_no_difference() {
    let (id, key) = ("0oa1b2c3d4E5f6G7h8i9", "kD3xZ9qLmT7vRw2Yb8NcJ5hPs4GfA6uEoQ1iXy");
    let draft = draft(&format!(
        "{HEAD}Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\n\nClient ID: _{id}_\n\
         Client secret: _{key}_\n--b\nContent-Type: text/html\n\n<p>Client ID: <i>{id}</i><p>Client secret: <i>{key}</i>\n--b--\n"
    ));
    assert_eq!((draft.client_id.as_deref(), secret(&draft)), (Some(id), Some(key)));
    assert!(codes(&draft).is_empty(), "{:?}", codes(&draft));
}

#[test]
fn a_text_without_a_head_is_read_from_its_first_line_on() {
    let (id, key) = ("0oa1b2c3d4E5f6G7h8i9", "kD3xZ9qLmT7vRw2Yb8NcJ5hPs4GfA6uEoQ1iXy");
    for text in [
        format!("Q1. What is your client ID?\n{id}\nQ2. What is your client secret?\n{key}\n\nThanks\n"),
        format!("*Contact:* Jane\n*Client ID:* {id}\n*Client secret:* {key}\n\nThanks\n"),
        format!("||Field||Value||\n|Client ID|{id}|\n|Client secret|{key}|\n\nThanks\n"),
        format!("[12.11.26, 10:02:11] Jane: Client ID {id}\n[12.11.26, 10:02:20] Jane: Secret {key}\n\nThanks\n"),
    ] {
        let ticket = mail(&text);
        assert!(ticket.sender.is_none(), "{text}");
        let draft = ticket.into_draft(RequestDraft::default());
        assert_eq!((draft.client_id.as_deref(), secret(&draft)), (Some(id), Some(key)), "{text}");
    }
    for head in
        ["Received: by x\n", "X-Mailer: y\n", "From jane@acme.example Thu Nov 12\nSubject: SSO\n", "Date: today\n"]
    {
        assert!(mail(&format!("{head}\nClient ID: {id}\n")).sender.is_some(), "{head}");
    }
}

#[test]
fn a_value_that_takes_the_place_of_another_is_taken_or_asked_about() {
    let (old, new) = ("0oaZZZZZZZd4E5f6G7h8", "0oa1b2c3d4E5f6G7h8i9");
    let id = |text: &str| mail(&plain(text)).client_id;
    let struck = id(&format!("Client ID: ~~{old}~~ {new}\n"));
    assert_eq!(struck.found().map(|one| one.value.as_str()), Some(new));
    let alone = id(&format!("Client ID: ~~{new}~~ (valid)\n"));
    assert!(alone.found().is_some_and(|one| one.value.contains(new)));
    assert_eq!(id(&format!("Client ID: {old} -> {new}\n")).contested().len(), 2);
    let quoted =
        format!("The client ID should be {new}\n\nOn Thu, Nov 12, 2026 at 9:00 AM Jane wrote:\n> Client ID: {old}\n");
    assert_eq!(id(&quoted).found().map(|one| one.value.as_str()), Some(new));
}

#[test]
fn a_value_in_brackets_behind_its_label_is_read_and_a_remark_is_none() {
    let (id, key) = ("0oa1b2c3d4E5f6G7h8i9", "kD3xZ9qLmT7vRw2Yb8NcJ5hPs4GfA6uEoQ1iXy");
    let text = format!(
        "Client ID ({id}), Client Secret ({key}), Issuer (https://acme.okta.example), and I am the owner of the team (jane@acme.example).\n"
    );
    let read = draft(&plain(&text));
    assert_eq!((read.client_id.as_deref(), secret(&read)), (Some(id), Some(key)));
    assert_eq!(read.issuer.as_deref(), Some("https://acme.okta.example"));
    assert_eq!(read.owner.as_deref(), Some("jane@acme.example"));
    let remark = draft(&plain(&format!("Client Secret (created with OktaAdmin2027Console99): {key}\n")));
    assert_eq!(secret(&remark), Some(key));
}

#[test]
fn a_secret_with_an_entity_in_it_is_asked_about() {
    let secret = |text: &str| mail(&plain(text)).client_secret;
    assert_eq!(secret("Client secret: kD3x&amp;Z9qLmT7vRw2\n").contested().len(), 2);
    assert!(secret("Client secret: kD3x&Z9qLmT7vRw2&amp\n").found().is_some());
}

#[test]
fn a_mail_is_read_as_whatever_editor_saved_it() {
    let values =
        "Client ID: 0oa1\nClient Secret: CANARY1\nIssuer: https://idp.acme-corp.example\nOwner: j@acme.example\n";
    let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    for (file, has_sender) in [
        (plain(values).replace('\n', "\r").into_bytes(), true),
        (format!("\n \r\n{}", plain(values)).into_bytes(), true),
        (wide(&format!("\u{feff}{}", plain(values))), true),
        (wide(&format!("\u{feff}{}", values.replace('\n', "\r\n"))), false),
        (wide(values), false),
        (values.replace('\n', "\r").into_bytes(), false),
    ] {
        for ticket in [read(&file, &Settings::default()).unwrap(), read_pasted(&file, &Settings::default()).unwrap()] {
            assert_eq!(ticket.sender.is_some(), has_sender, "{}", String::from_utf8_lossy(&file));
            let draft = ticket.into_draft(RequestDraft::default());
            assert_eq!(draft.issuer.as_deref(), Some("https://idp.acme-corp.example"));
            assert_eq!((draft.owner.as_deref(), secret(&draft)), (Some("j@acme.example"), Some("CANARY1")));
        }
    }
}

#[test]
fn of_several_metadata_files_the_one_of_an_identity_provider_is_meant() {
    let file = |name: &str, role: &str| {
        format!(
            "--b\nContent-Type: text/xml; name={name}\nContent-Disposition: attachment\n\n<EntityDescriptor \
             entityID='{name}'><{role}/></EntityDescriptor>\n"
        )
    };
    let metadata = |files: &[(&str, &str)]| {
        let files: String = files.iter().map(|(name, role)| file(name, role)).collect();
        mail(&format!("{HEAD}Content-Type: multipart/mixed; boundary=b\n\n{files}--b--\n")).metadata
    };
    let (ours, theirs, other) =
        (("ours.xml", "SPSSODescriptor"), ("theirs.xml", "IDPSSODescriptor"), ("other.xml", "IDPSSODescriptor"));
    for files in [[ours, theirs], [theirs, ours]] {
        assert_eq!(
            metadata(&files).found().map(|one| one.value.name().to_owned()).as_deref(),
            Some("attachment:theirs.xml")
        );
    }
    assert_eq!(metadata(&[theirs, other]).contested().len(), 2);
    assert_eq!(metadata(&[ours]).found().map(|one| one.value.name()), Some("attachment:ours.xml"));
}

#[test]
fn metadata_that_was_cut_off_in_the_text_is_what_was_meant_unless_there_is_another() {
    let cut = "<?xml version=\"1.0\"?>\n<md:EntityDescriptor entityID=\"https://idp.acme.example\">\n<md:IDPSSO";
    let name = |text: &str| mail(&plain(text)).metadata.found().map(|one| one.value.name().to_owned());
    let said = format!("Owner: jane@acme.example\n\n{cut}\n\nRegards");
    assert_eq!(name(&said).as_deref(), Some("inline"));
    assert_eq!(draft(&plain(&said)).owner.as_deref(), Some("jane@acme.example"));
    let address = "https://idp.acme.example/saml/metadata";
    assert_eq!(name(&format!("{cut}\n\nMetadata URL: {address}")).as_deref(), Some(address));
    assert_eq!(name(&format!("{cut}\n\nClient ID: 0oa1b2c3d4E5f6G7h8i9")), None);
    assert_eq!(name("Our metadata starts with <EntityDescriptor> as it should"), None);
}

#[test]
fn a_private_key_among_the_attachments_is_noticed_in_whatever_form() {
    use base64::Engine as _;
    let with_file = |name: &str, bytes: &[u8]| {
        let encoded = base64::engine::general_purpose::STANDARD.encode(bytes);
        let text = format!(
            "{HEAD}Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nOwner: jane@acme.example\n--b\n\
             Content-Type: application/octet-stream; name={name}\nContent-Disposition: attachment; filename={name}\n\
             Content-Transfer-Encoding: base64\n\n{encoded}\n--b--\n"
        );
        draft(&text).noted.iter().any(|one| one.code == "mail_private_key")
    };
    let armoured = b"-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n";
    let store = b"\x30\x82\x09\xF1\x02\x01\x03\x30\x82\x09\xB7\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x01";
    assert!(with_file("idp.key", armoured) && with_file("idp.txt", armoured) && with_file("idp.pfx", store));
    assert!(!with_file("idp.cer", b"\x30\x82\x03\x55\x30\x82\x02\x3D\xA0\x03\x02\x01\x02"));
    assert!(!with_file("idp.pem", b"-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----\n"));
}

#[test]
fn a_mail_about_saml_without_metadata_is_asked_for_it_and_for_no_client() {
    let missing = |text: &str| {
        let request = draft(&plain(text)).normalise(Completeness::Everything, 10);
        let missing = request.findings.iter().filter(|one| one.code == "value_missing");
        missing.map(|one| one.fact.clone()).collect::<Vec<_>>().join(" ")
    };
    for text in [
        "Please enable SAML single sign-on for our team.\nOwner: jane@acme.example\n",
        "We use SAML 2.0.\nIdentity Provider Issuer: http://www.okta.com/exk1\nOwner: jane@acme.example\n",
        "Owner: jane@acme.example\nSign-in URL: https://acme.okta.com/app/acme_1/exk1/sso/saml\n",
    ] {
        assert_eq!(missing(text), "the SAML metadata is missing (--metadata)", "{text}");
    }
    for text in [
        "Please enable single sign-on for our team.\nOwner: jane@acme.example\n",
        "Please enable OpenID Connect, not SAML.\nOwner: jane@acme.example\n",
        "Not as SAML as before.\nOwner: jane@acme.example\nClient ID: 0oa1b2c3d4E5f6G7h8i9\n",
        "Thanks!\nOwner: jane@acme.example\n\nOn Mon, 1 Jun 2026, Support wrote:\n> Do you want OpenID or SAML?\n",
    ] {
        assert!(
            missing(text).contains("--issuer") && !missing(text).contains("--metadata"),
            "{text}: {}",
            missing(text)
        );
    }
    let picture = format!(
        "{HEAD}Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nour SAML setup\n--b\n\
         Content-Type: image/png; name=a.png\nContent-Disposition: attachment; filename=a.png\n\n\u{89}PNG\n--b--\n"
    );
    let tell = draft(&picture).noted.remove(0).tell.unwrap();
    assert!(tell.contains("SAML metadata"), "{tell}");
    // What a flag gives counts more than words.
    let flags = RequestDraft { issuer: Some("https://acme.okta.com".to_owned()), ..RequestDraft::default() };
    assert!(!mail(&plain("our SAML setup")).into_draft(flags).is_about_saml());
}

#[test]
fn a_private_key_in_the_text_of_a_mail_is_noticed_and_metadata_has_a_word_of_its_own() {
    let key = "-----BEGIN PRIVATE KEY-----\nMIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQC7VJTUt9Us8cKj\n-----END PRIVATE KEY-----\n";
    let bare = key.lines().nth(1).unwrap();
    let certificate = "-----BEGIN CERTIFICATE-----\nMIIDVTCCAj2gAwIBAgIUPZzX0vDqJrjyqJ7WqEoVbQ2rZVkwDQYJKoZIhvcNAQEL\n-----END CERTIFICATE-----\n";
    let said = |body: &str| {
        let of_key = |text: &str| draft(text).noted.iter().filter(|one| one.code == "mail_private_key").count();
        (of_key(&plain(body)), of_key(&html(&format!("<pre>{}</pre>", body.replace('<', "&lt;")))))
    };
    let values = "Owner: jane@acme.example\nClient ID: 0oa1b2c3d4E5f6G7h8i9\n";
    assert_eq!(said(&format!("{values}\nand our key:\n\n{key}")), (1, 1));
    assert_eq!(said(&format!("{values}\n> {bare}")), (1, 1));
    assert_eq!(said(&format!("{values}\n{certificate}")), (0, 0));
    let metadata = format!("<EntityDescriptor entityID=\"a\">\n<Key>\n{key}</Key>\n</EntityDescriptor>\n");
    assert_eq!(said(&format!("Owner: jane@acme.example\n\n{metadata}")), (0, 0));
}

#[test]
fn a_secret_that_ends_where_the_encoding_was_damaged_is_asked_for() {
    use base64::Engine as _;
    let body =
        "Issuer: https://idp.acme-corp.example\nClient Secret: CANARY0123456789abcdefghijklmnopqrstuvwxyz0123456789\n";
    let encoded = base64::engine::general_purpose::STANDARD.encode(body);
    let folded = |text: &str| {
        text.as_bytes().chunks(76).map(|line| str::from_utf8(line).unwrap().to_owned() + "\n").collect::<String>()
    };
    let read =
        |body: &str| draft(&format!("{HEAD}Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\n{body}"));
    let whole = read(&folded(&encoded));
    assert!(secret(&whole).is_some() && codes(&whole).is_empty());
    let with_footer =
        read(&format!("{}\n_______________\nTo leave this list, write to x@list.example\n", folded(&encoded)));
    assert_eq!(secret(&with_footer), secret(&whole));
    for damaged in [
        folded(&encoded[..101]),
        folded(&format!("{}!{}", &encoded[..101], &encoded[102..])),
        folded(&format!("{}!!!!{}", &encoded[..100], &encoded[104..])),
    ] {
        let draft = read(&damaged);
        assert_eq!((secret(&draft), codes(&draft).contains(&"mail_encoding")), (None, true), "{damaged}");
        assert_eq!(draft.issuer.as_deref(), Some("https://idp.acme-corp.example"));
    }
}

#[test]
fn an_attached_page_is_read_as_one() {
    let page = "<p>Client ID: 0oa1</p><p>Client Secret: CANARY1</p><p>Issuer: https://idp.acme-corp.example</p>";
    for head in ["text/html; name=page.html", "application/octet-stream; name=page.htm"] {
        let draft = draft(&format!(
            "{HEAD}Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nSee the file.\n--b\n\
             Content-Type: {head}\nContent-Disposition: attachment\n\n{page}\n--b--\n"
        ));
        assert_eq!(draft.issuer.as_deref(), Some("https://idp.acme-corp.example"), "{head}");
        assert_eq!((draft.client_id.as_deref(), secret(&draft)), (Some("0oa1"), Some("CANARY1")), "{head}");
    }
}

#[test]
fn the_fields_of_a_form_show_their_values_and_its_buttons_none() {
    let (id, key, issuer) = ("0oa1b2c3d4E5f6G7h8i9", "kD3xZ9&qLmT7vRw2Yb8", "https://idp.acme.example");
    let escaped = key.replace('&', "&amp;");
    for body in [
        format!(
            "<form><label>Client ID</label><input type=text value='{id}' readonly><label>Client secret</label>\
             <input type=password value='{escaped}'><button>Copy</button><label>Issuer</label><textarea>{issuer}</textarea></form>"
        ),
        format!(
            "<table><tr><td>Client ID</td><td><input value='{id}'></td></tr><tr><td>Client secret</td><td><input \
             value='{escaped}'></td></tr><tr><td>Issuer</td><td><input type=url value='{issuer}'></td></tr></table>"
        ),
        format!(
            "<div>Client ID</div><div><input value='{id}'></div><div>Client secret</div><div><input value='{escaped}'></div>\
             <div>Issuer</div><div><input value='{issuer}'></div>"
        ),
    ] {
        let draft = draft(&html(&body));
        assert_eq!(draft.issuer.as_deref(), Some(issuer), "{body}");
        assert_eq!((draft.client_id.as_deref(), secret(&draft)), (Some(id), Some(key)), "{body}");
    }
    for field in ["type=hidden", "type=submit", "style='display:none'", "hidden"] {
        assert_eq!(secret(&draft(&html(&format!("Client secret<input {field} value='{escaped}'>")))), None, "{field}");
    }
}

#[test]
fn a_link_that_lies_is_said_and_entities_are_read() {
    // msg-010
    let body =
        "<p>Issuer: <a href=\"https://evil.example\">https://idp.acme.example</a><br>Client Secret: CANARY&amp;1</p>";
    let draft = draft(&html(body));
    assert_eq!(draft.issuer.as_deref(), Some("https://idp.acme.example"));
    assert_eq!(secret(&draft), Some("CANARY&1"));
    assert_eq!(codes(&draft), ["link_text_mismatch"]);
}

#[test]
fn a_link_may_lie_in_its_host_and_in_its_path_and_the_value_shown_is_the_only_one() {
    let tenant = |id: &str| format!("https://login.microsoftonline.com/{id}-2222-4333-8444-555555555555/v2.0");
    for (target, shown) in [
        ("//evil.example/", "https://127.0.0.1:46001".to_owned()),
        ("https://evil.example", "https://localhost:46001".to_owned()),
        ("javascript:x", "https://idp.acme.example".to_owned()),
        (tenant("bbbbbbbb").as_str(), tenant("aaaaaaaa")),
    ] {
        let draft = draft(&html(&format!("<p>Issuer: <a href='{target}'>{shown}</a></p>")));
        assert_eq!((draft.issuer.as_deref(), codes(&draft)), (Some(shown.as_str()), vec!["link_text_mismatch"]));
    }
}

#[test]
fn the_tenant_of_an_application_is_known_in_the_languages_of_the_console() {
    let (id, tenant) = ("3f2504e0-4f89-41d3-9a0c-0305e82c3301", "6ba7b810-9dad-41d1-80b4-00c04fd430c8");
    for text in [
        format!("Id. de aplicación (cliente) : {id}\nId. de directorio (inquilino) : {tenant}\n"),
        format!("ID applicazione (client) : {id}\nID della directory (tenant) : {tenant}\n"),
    ] {
        let draft = draft(&plain(&text));
        assert_eq!(draft.client_id.as_deref(), Some(id), "{text}");
        assert!(draft.issuer.is_some_and(|issuer| issuer.contains(tenant)), "{text}");
    }
}

#[test]
fn an_issuer_is_made_of_the_one_tenant_that_a_mail_names_for_an_application_of_entras() {
    let (app, one, other) = [
        "3f2504e0-4f89-41d3-9a0c-0305e82c3301",
        "6BA7B810-9dad-41d1-80b4-00c04fd430c8",
        "1b4e28ba-2fa1-41d2-883f-0016d3cca427",
    ]
    .into();
    let issuer = |text: &str| draft(&plain(text)).issuer;
    let made = Some("https://login.microsoftonline.com/6ba7b810-9dad-41d1-80b4-00c04fd430c8/v2.0".to_owned());
    assert_eq!(issuer(&format!("Client ID: {app}\nTenant ID: {one}\n")), made);
    assert_eq!(issuer(&format!("Client ID: {app}\nThe tenant ID is {one}.\n")), made);
    // What is said goes before what could be made, and nothing is made where it is not plain of what.
    let said = issuer(&format!("Client ID: {app}\nTenant ID: {one}\nIssuer: https://idp.acme.example\n"));
    assert_eq!(said.as_deref(), Some("https://idp.acme.example"));
    assert_eq!(issuer(&format!("Client ID: {app}\nTenant ID: {one}\nTenant ID: {other}\n")), None);
    assert_eq!(issuer(&format!("Client ID: 0oa1b2c3d4e5\nTenant ID: {one}\n")), None);
    assert_eq!(issuer(&format!("Client ID: {app}\nTenant ID: acme\n")), None);
}

#[test]
fn the_body_of_a_form_is_read_by_its_names() {
    let form =
        draft(&plain("client_id=0oa1b2c3d4e5&client_secret=a%26b%3Dc-123&issuer=https%3A%2F%2Fidp.acme.example\n"));
    assert_eq!((form.client_id.as_deref(), secret(&form)), (Some("0oa1b2c3d4e5"), Some("a&b=c-123")));
    assert_eq!(form.issuer.as_deref(), Some("https://idp.acme.example"));
    // A bare `&` may belong to the secret, and what is cut is never sent.
    let bare = draft(&plain("client_id=0oa1b2c3d4e5&client_secret=abc&def-123\n"));
    assert_ne!(secret(&bare), Some("abc"));
}

#[test]
fn a_soft_line_break_does_not_glue_the_next_label_to_a_secret() {
    // msg-013
    let text = format!(
        "{HEAD}Content-Type: text/plain; charset=us-ascii; format=flowed\n\nClient Secret: CANARY1 \nIssuer: https://idp.acme.example\n"
    );
    assert_eq!(secret(&draft(&text)), Some("CANARY1"));
}

#[test]
fn forms_that_disagree_are_refused() {
    // msg-014
    let text = format!(
        "{HEAD}Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\n\nClient Secret: CANARY1\n--b\n\
         Content-Type: text/html\n\nClient Secret: CANARY2\n--b--\n"
    );
    let draft = draft(&text);
    assert!(draft.client_secret.is_none() && draft.contested == [Input::ClientSecret]);
    assert_eq!(codes(&draft), ["mail_parts_differ"]);
    assert!(!format!("{:?}", draft.noted).contains("CANARY"), "{:?}", draft.noted);
}

#[test]
fn characters_that_nobody_sees_hide_no_label_and_are_left_to_intake_in_a_value() {
    let lines = ["Client ID: 0oa1b2c3d4", "Client Secret: CANARY-1-ab", "Issuer: https://a.example"].map(String::from);
    for unseen in ["\u{200f}", "\u{200e}", "\u{200b}", "\u{ad}", "\u{2060}", "\u{feff}", "\u{202b}", "\u{2066}"] {
        let before = lines.clone().map(|line| format!("{unseen}{line}"));
        let within = lines.clone().map(|line| line.replace(' ', &format!("{unseen} ")));
        for text in [plain(&before.join("\n")), html(&before.join("<br>")), plain(&within.join("\n"))] {
            let draft = draft(&text);
            let found = (draft.client_id.as_deref(), secret(&draft), draft.issuer.as_deref());
            assert_eq!(found, (Some("0oa1b2c3d4"), Some("CANARY-1-ab"), Some("https://a.example")), "{text:?}");
        }
    }
    // eml-038
    let draft = draft(&plain("\u{200f}Owner: \u{200f}owner@acme.example"));
    assert_eq!(draft.owner.as_deref(), Some("\u{200f}owner@acme.example"));
}

#[test]
fn a_member_of_json_with_two_values_is_not_decided_by_the_last_one() {
    let object = "{\"client_id\":\"0oa1b2c3d4\",\"client_secret\":\"CANARY-2-zz\",\"client_secret\":\"CANARY-1-ab\"}";
    let file =
        format!("{HEAD}Content-Type: application/json; name=sso.json\nContent-Disposition: attachment\n\n{object}");
    for text in [plain(object), file] {
        let draft = draft(&text);
        assert!(draft.client_secret.is_none() && draft.contested == [Input::ClientSecret], "{text}");
        assert_eq!((draft.client_id.as_deref(), codes(&draft)), (Some("0oa1b2c3d4"), vec!["candidates_compete"]));
    }
    let same = draft(&plain(&object.replace("CANARY-2-zz", "CANARY-1-ab")));
    assert_eq!(secret(&same), Some("CANARY-1-ab"));
}

#[test]
fn a_private_key_in_a_secrets_place_is_refused_as_one_and_not_kept() {
    let key = "-----BEGIN PRIVATE KEY-----";
    for text in [
        plain(&format!("Client ID: 0oa1b2c3\nClient Secret: {key}\nMIIEvCANARY\n-----END PRIVATE KEY-----\n")),
        plain(&format!("Client Secret:\n{key}\nMIIEvCANARY\n-----END PRIVATE KEY-----\n")),
        plain(&format!("{{\"client_secret\": \"{key}\\nMIIEvCANARY\\n-----END PRIVATE KEY-----\"}}")),
        html(&format!("<p>Client Secret: {key}<br>MIIEvCANARY<br>-----END PRIVATE KEY-----</p>")),
    ] {
        let draft = draft(&text);
        assert_eq!(secret(&draft), Some(key), "{text}");
        let found = draft.normalise(Completeness::WhatIsGiven, 50).findings;
        assert!(found.iter().any(|finding| finding.code == "private_key_in_input"), "{found:?}");
    }
}

#[test]
fn a_secret_with_a_label_in_it_is_whole_or_asked_for_and_never_cut() {
    for whole in [
        "CANARY1-abcIssuer:x-1",
        "CANARY1/secret:x",
        "CANARY1issuer=x",
        "CANARY1_key;secret=x",
        "\"CANARY1 issuer: x\"",
    ] {
        for label in ["Client Secret: ", "client secret is ", "Client Secret - "] {
            let draft = draft(&plain(&format!("{label}{whole}\nClient ID: 0oa1b2c3d4\n")));
            let found = secret(&draft);
            assert!(
                found == Some(whole) || found.is_none() && !draft.contested.is_empty(),
                "{label}{whole}: {found:?}"
            );
        }
    }
    assert_eq!(secret(&draft(&plain("Client Secret: CANARY1-abcIssuer:x-1"))), Some("CANARY1-abcIssuer:x-1"));
    for asked in [
        "Client Secret: CANARY1-secret:x-123",
        "Client Secret: CANARY1-client-secret: x-123",
        "Client Secret: secret:CANARY1",
        "Client Secret: OIDC_CLIENT_SECRET=CANARY1",
        "Client Secret: CANARY1abcIssuer: https://a.example",
        "Client Secret: CANARY1abcClient ID: 0oa1b2c3d4",
        "Client Secret: CANARY1abc,Issuer: https://a.example",
        "client secret is CANARY1-secret:x-123",
        "Client Secret:\nCANARY1-secret:x-123",
    ] {
        let draft = draft(&plain(asked));
        assert!(draft.client_secret.is_none() && draft.contested == [Input::ClientSecret], "{asked}");
        assert!(!format!("{:?}", draft.noted).contains("CANARY"), "{:?}", draft.noted);
    }
    for apart in
        ["Client Secret: CANARY1-x Issuer: https://a.example", "Client Secret: CANARY1-x, issuer=https://a.example"]
    {
        assert_eq!(secret(&draft(&plain(apart))), Some("CANARY1-x"), "{apart}");
    }
}

#[test]
fn what_may_be_the_secret_is_not_shown_where_client_ids_compete() {
    let shown = |body: &str| -> Vec<String> {
        let draft = draft(&plain(body));
        assert_eq!(codes(&draft), ["candidates_compete"], "{body}");
        draft.noted[0].evidence.iter().map(|one| one.value.clone()).collect()
    };
    let hidden = "(not shown)".to_owned();
    let (id, secret) = ("0oa1b2c3d4E5f6G7h8i9", "CANARY-x7Kp9vQ2mN4r");
    assert_eq!(shown(&format!("Client ID: {id}\nApplication ID: {secret}\n")), [id.to_owned(), hidden.clone()]);
    let both = format!("Client ID: {id}\nClient ID: {secret}\nClient secret: {secret}\n");
    assert_eq!(shown(&both), [id.to_owned(), hidden.clone()]);
    assert_eq!(shown(&format!("Client ID: product\nClient ID: {id}\n")), ["product".to_owned(), id.to_owned()]);
    let shaped = format!("Client ID: {id}\nClient ID: abc8Q~{}\n", "CANARY0123".repeat(4).get(..34).unwrap());
    assert_eq!(shown(&shaped), [id.to_owned(), hidden]);
}

#[test]
fn a_remark_about_a_secret_is_none() {
    for remark in [
        "Client secret valid until 2027-01-01",
        "Client secret valid until: 2027-01-01",
        "client secret expires: never",
        "Client secret: 2027-01-01",
        "Client secret: valid until 2027-01-01",
        "Client secret expiration date: 01.01.2027",
        "Client secret name: sso-prod-2026-a",
        "Client secret description: sso-prod-2026-a",
        "Client Secret gültig bis: 01.01.2027",
        "Secret valable jusqu'au : 01/01/2027",
        "The client secret is valid until 2027-01-01",
        "Old client secret: CANARY-1-abc",
    ] {
        let alone = draft(&plain(&format!("{remark}\n")));
        assert!(secret(&alone).is_none() && alone.contested.is_empty(), "{remark}: {:?}", secret(&alone));
        for text in
            [format!("{remark}\nClient secret: CANARY-2-xyz\n"), format!("Client secret: CANARY-2-xyz\n{remark}\n")]
        {
            assert_eq!(secret(&draft(&plain(&text))), Some("CANARY-2-xyz"), "{text}");
        }
    }
    let dated = "Client secret (valid until 2027-01-01): CANARY-2-xyz";
    assert_eq!(secret(&draft(&plain(dated))), Some("CANARY-2-xyz"));
}

#[test]
fn a_secret_that_a_sentence_gives_in_place_of_another_is_not_passed_over() {
    const OLD: &str = "kD3xZ9qLmT7vRw2Yb8NcJ5hPs4GfA6uEoQ1iXy";
    const NEW: &str = "Zt7Kq2LwX9rP4yMdE5hUaJ8cGfR3sQoT1iVx0Wb";
    let secrets = |text: &str| mail(&plain(text)).client_secret.contested().len();
    for text in [
        format!("Client secret: {OLD}\n\nEDIT: ignore the above secret, I rotated it. New one: {NEW}"),
        format!("The secret below has expired, the new one is {NEW}\n\n> Client secret: {OLD}"),
        format!("We rotated the secret. Please replace it with {NEW}.\n\n> Client secret: {OLD}"),
        format!("Das Secret unten ist abgelaufen, bitte stattdessen {NEW} verwenden.\n\n> Client secret: {OLD}"),
    ] {
        assert_eq!(secrets(&text), 2, "{text}");
    }
    for text in [
        format!("The old secret {NEW} was revoked.\n\nClient secret: {OLD}"),
        format!("We made a secret for you ({OLD}), see below.\n\nClient secret: {OLD}"),
        format!("The secret's SHA-256 starts with 9f86d081884c7d659a2feaa0c55ad015.\n\nClient secret: {OLD}"),
        format!("Client secret: {OLD}\n\n> we only have the secret, and it is {NEW} as far as we know"),
    ] {
        assert_eq!(secrets(&text), 0, "{text}");
        assert_eq!(secret(&draft(&plain(&text))), Some(OLD), "{text}");
    }
    let alone = format!("The secret is in our vault, the job is {NEW}");
    assert!(mail(&plain(&alone)).client_secret.is_absent());
}

#[test]
fn what_programs_call_the_values_in_files_of_their_own_is_known() {
    let keycloak = "{\n  \"realm\": \"acme\",\n  \"auth-server-url\": \"https://id.acme.example/\",\n  \"resource\": \"portal\",\n  \
                    \"credentials\": {\n    \"secret\": \"aB3xZ9qLmT7vRw2Y\"\n  }\n}";
    let tenant = "c0ffee12-3456-4789-8abc-def012345678";
    let azure = format!(
        "{{\"appId\": \"3f2504e0-4f89-41d3-9a0c-0305e82c3301\", \"password\": \"aB3xZ9qLmT7vRw2Y\", \"tenant\": \"{tenant}\"}}"
    );
    let list = "[\n{\"name\": \"CLIENT_ID\", \"value\": \"portal\"},\n{\"name\": \"CLIENT_SECRET\", \"value\": \
                \"aB3xZ9qLmT7vRw2Y\"},\n{\"name\": \"ISSUER\", \"value\": \"https://id.acme.example\"}\n]";
    for (text, id, issuer) in [
        (keycloak, "portal", "https://id.acme.example/realms/acme".to_owned()),
        (&azure, "3f2504e0-4f89-41d3-9a0c-0305e82c3301", format!("https://login.microsoftonline.com/{tenant}/v2.0")),
        (list, "portal", "https://id.acme.example".to_owned()),
    ] {
        let draft = draft(&plain(text));
        assert_eq!((draft.client_id.as_deref(), draft.issuer.as_deref()), (Some(id), Some(issuer.as_str())), "{text}");
        assert_eq!(secret(&draft), Some("aB3xZ9qLmT7vRw2Y"), "{text}");
    }
}

#[test]
fn a_domain_is_the_issuer_where_it_is_one_at_its_make_and_nothing_else_is_named() {
    let issuer = |text: &str| draft(&plain(&format!("Client ID: a1b2c3d4\n{text}"))).issuer;
    for text in ["Domain: acme.eu.auth0.com", "Domain\nacme.eu.auth0.com", "Tenant: acme.eu.auth0.com"] {
        assert_eq!(issuer(text).as_deref(), Some("acme.eu.auth0.com"), "{text}");
    }
    assert_eq!(issuer("Domain: https://acme.okta.com").as_deref(), Some("https://acme.okta.com"));
    let named = "Domain: acme.okta.com\nIssuer: https://acme.okta.com/oauth2/default";
    assert_eq!(issuer(named).as_deref(), Some("https://acme.okta.com/oauth2/default"));
    for text in ["Domain: acme.example", "Domain: acme.auth.eu-central-1.amazoncognito.com", "Domain: manage.auth0.com"]
    {
        assert_eq!(issuer(text), None, "{text}");
    }
}

#[test]
fn a_directorys_metadata_beside_an_applications_values_is_a_line_of_the_console() {
    let values = "Client ID: 3f2504e0-4f89-41d3-9a0c-0305e82c3301\nClient secret: aB3xZ9qLmT7vRw2Y\nIssuer: \
                  https://login.microsoftonline.com/acme.example/v2.0\n";
    let directory = "https://login.microsoftonline.com/acme.example/federationmetadata/2007-06/federationmetadata.xml";
    let metadata = |text: &str| mail(&plain(text)).metadata.found().map(|one| one.value.name().to_owned());
    assert_eq!(metadata(&format!("{values}Federation metadata document: {directory}")), None);
    assert!(metadata(&format!("{values}Federation metadata: {directory}?appid=1")).is_some());
    assert!(metadata(&format!("Federation metadata document: {directory}")).is_some());
    let realm = "https://id.acme.example/realms/acme";
    let descriptor = format!("SAML 2.0 Identity Provider Metadata: {realm}/protocol/saml/descriptor");
    let oidc = format!("Client ID: product\nClient secret: aB3xZ9qLmT7vRw2Y\nIssuer: {realm}\n");
    assert_eq!(metadata(&format!("{oidc}{descriptor}")), None);
    assert!(metadata(&descriptor).is_some());
}

#[test]
fn of_two_issuers_one_below_the_other_none_is_guessed() {
    let issuers = |text: &str| mail(&plain(text)).issuer.contested().len();
    assert_eq!(issuers("Issuer: https://acme.okta.com/oauth2/default or https://acme.okta.com"), 2);
    assert_eq!(issuers("Issuer: https://acme.okta.com/ <https://acme.okta.com>"), 0);
}

#[test]
fn a_mail_that_a_program_answered_with_is_told_by_its_head() {
    let automatic = |field: &str| mail(&format!("{field}\n{}", plain("Away until Monday."))).sender.unwrap().automatic;
    for field in [
        "Auto-Submitted: auto-replied (vacation)",
        "X-Autoreply: yes",
        "Return-Path: <>",
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b",
    ] {
        assert!(automatic(field), "{field}");
    }
    for field in
        ["Auto-Submitted: auto-generated", "Auto-Submitted: no", "Return-Path: <jane@acme.example>", "X-Autoreply: no"]
    {
        assert!(!automatic(field), "{field}");
    }
}

#[test]
fn a_mail_that_is_attached_as_a_file_of_no_type_is_read() {
    let inner = plain("Client ID: a1b2c3d4\nClient secret: aB3xZ9qLmT7vRw2Y\n");
    let attached = |name: &str| {
        draft(&format!(
            "{HEAD}Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: application/octet-stream; \
             name={name}\nContent-Disposition: attachment\n\n{inner}\n--b--\n"
        ))
    };
    assert_eq!(secret(&attached("request.eml")), Some("aB3xZ9qLmT7vRw2Y"));
    assert_eq!(secret(&attached("request.bin")), None);
}

#[test]
fn of_an_old_and_a_new_secret_the_new_one_is_read_where_that_is_said() {
    let (old, new) = ("CANARY-1-abc", "CANARY-2-xyz");
    for text in [
        format!("Old client secret: {old}\nNew client secret: {new}"),
        format!("old secret: {old} / new secret: {new}"),
        format!("New secret:\n{new}\nOld secret:\n{old}"),
        format!("Client secret (old): {old}\nClient secret (new): {new}"),
        format!("| Old client secret | {old} |\n| New client secret | {new} |"),
        format!("Altes Client-Geheimnis: {old}\nNeues Client-Geheimnis: {new}"),
        format!("The old client secret was {old}, client secret: {new}"),
    ] {
        assert_eq!(secret(&draft(&plain(&text))), Some(new), "{text}");
    }
    let unsaid = draft(&plain(&format!("Client secret: {old}\nNew client secret: {new}\n")));
    assert!(secret(&unsaid).is_none() && codes(&unsaid) == ["candidates_compete"]);
    assert!(unsaid.noted[0].evidence.iter().all(|one| one.value == "(not shown)"));
}

#[test]
fn what_a_newer_mail_has_that_looks_like_a_value_competes_with_an_older_mails() {
    let (id, old, new) = ("0oa1b2c3d4E5f6G7h8i9", "kD3xZ9qLmT7vRw2Yb8NcJ5hPs4", "Zt7Kq2LwX9rP4yMdE5hUaJ8cGf");
    let issuer = "https://acme.okta.com";
    let answered = |text: &str| {
        mail(&plain(&format!(
            "{text}\n\nOn Thu, Nov 12, 2026 at 9:00 AM Jane wrote:\n> Client ID: {id}\n> Client secret: {old}\n> Issuer: {issuer}\n"
        )))
    };
    for text in ["Here is the new one: {}", "{}", "Please try {} instead."] {
        let ticket = answered(&text.replace("{}", new));
        assert_eq!(ticket.client_secret.contested().len(), 2, "{text}");
    }
    assert_eq!(
        answered("The client ID changed to 0oaZ2c3d4E5f6G7h8i0j, all else stays.").client_id.contested().len(),
        2
    );
    assert_eq!(answered("New app: 0oaZ2c3d4E5f6G7h8i0j").client_id.contested().len(), 2);
    assert_eq!(answered("The issuer has changed to https://id.acme.example meanwhile").issuer.contested().len(), 2);
    for text in [
        "Any news?\n\nref:!00D58JxQdKm7.!5008ZmT4vRw5d7:ref",
        "See https://acme.example/kD3xZ9qLmT7vRw2Yb8NcJ5hPs5 and AADSTS50011, trace 9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d",
    ] {
        let ticket = answered(text);
        let found = |choice: &Choice<String>| choice.found().map(|one| one.value.clone());
        assert_eq!(found(&ticket.client_id).as_deref(), Some(id), "{text}");
        assert_eq!(found(&ticket.issuer).as_deref(), Some(issuer), "{text}");
        assert!(ticket.client_secret.found().is_some(), "{text}");
    }
}

#[test]
fn a_secret_that_is_said_to_be_of_no_use_is_none_and_what_replaces_it_is_no_old_one() {
    let (old, new) = ("kD3xZ9qLmT7vRw2Yb8NcJ5hPs4", "Zt7Kq2LwX9rP4yMdE5hUaJ8cGf");
    for text in [
        "Client secret: {} (revoked this morning)",
        "Client secret: {} (expired, new one follows)",
        "Disabled client secret: {}",
        "Leaked secret: {}",
    ] {
        assert_eq!(secret(&draft(&plain(&text.replace("{}", old)))), None, "{text}");
    }
    for text in [
        "Client secret: {} (old one deleted)",
        "Client secret: {} (the expired ones are deleted)",
        "Client secret: {} (old portal app)",
    ] {
        assert_eq!(secret(&draft(&plain(&text.replace("{}", new)))), Some(new), "{text}");
    }
    for text in [
        "Das alte Secret ist ungültig, hier das neue: {}",
        "Das alte Secret ist ungültig, hier das neue:\n{}",
        "L'ancien secret n'est plus valable, voici le nouveau :\n{}",
        "P.S. I copied the wrong secret, this is the correct one:\n{}",
        "The expired secret was replaced by this one: {}",
        "Sorry, wrong secret. Please use {}",
    ] {
        let ticket = mail(&plain(&format!("Client secret: {old}\n\n{}\n", text.replace("{}", new))));
        assert_eq!(ticket.client_secret.contested().len(), 2, "{text}");
    }
}

#[test]
fn what_is_made_of_a_secret_or_leads_to_it_is_none() {
    for text in [
        "Client secret hash (SHA-256) for comparison: 9f86d081884c7d659a2feaa0c55ad015",
        "Client secret fingerprint: 9f86d081884c7d65",
        "Client secret reference: CSR-20261112-0042x",
        "Client secret path: secret/data/product/sso#client_secret",
        "Secret version: 3f2504e04f8941d39a0c",
        "SCIM secret token: kD3xZ9qLmT7vRw2Yb8NcJ5hPs4",
        "Client secret: secret.txt",
    ] {
        assert_eq!(secret(&draft(&plain(text))), None, "{text}");
    }
    assert_eq!(secret(&draft(&plain("Client secret version 2: kD3xZ9qLmT7vRw2"))), Some("kD3xZ9qLmT7vRw2"));
}

#[test]
fn a_saying_in_a_secrets_place_is_one_whatever_ends_it() {
    for text in ["Client secret: sent-by-phone.", "クライアントシークレットは別メールでお送りします。"]
    {
        assert!(mail(&plain(text)).client_secret.contested().is_empty(), "{text}");
    }
}

#[test]
fn an_address_in_another_sentence_or_below_a_letter_is_not_the_owners() {
    let owner = |text: &str| draft(&plain(text)).owner;
    for text in [
        "The team owner is Jane Doe, in cc. For technical questions ask bob@acme.example.",
        "Inhaberin ist Jane Doe. Fragen bitte an bob@acme.example.",
        "Team owner: Jane Doe, Acme Corp., Berlin. Support: it@acme.example",
        "Kind regards\nJane Doe\n\nAcme e.K.\nInhaber: Max Muster\nE-Mail: info@acme.example",
        "Mit freundlichen Grüßen\nJane Doe\n\nAcme e.K. | Inhaber: Max Muster | info@acme.example",
        "Application owner: bob@acme.example",
        "The owner of the Okta app is bob@acme.example.",
    ] {
        assert_eq!(owner(text), None, "{text}");
    }
    for text in [
        "Owner: Jane Doe. E-mail: jane@acme.example",
        "Owner: Dr. J. Doe jane@acme.example",
        "Owner: jane@acme.example. Thanks! Bob (bob@acme.example)",
        "Thanks\nBob\n\nOwner: jane@acme.example",
        "Thanks, Bob\n\nClient ID: 0oa1b2c3d4E5f6G7h8i9\nInhaber: Jane Doe\njane@acme.example",
    ] {
        assert_eq!(owner(text).as_deref(), Some("jane@acme.example"), "{text}");
    }
}

#[test]
fn a_label_with_another_name_of_its_value_is_one_label() {
    let (id, key) = ("0oa1b2c3d4E5f6G7h8i9", "kD3xZ9qLmT7vRw2Yb8NcJ5hPs4");
    for (first, second) in [
        ("2. Client ID (Application ID)", "3. Client Secret (Value, not Secret ID)"),
        ("Client ID / Application ID", "Client secret / secret value"),
        ("Client ID or Application ID", "Client Secret or Application Secret"),
        ("クライアントID（アプリケーションID）", "クライアントシークレット（値）"),
    ] {
        let draft = draft(&plain(&format!("{first}\n{id}\n{second}\n{key}\n")));
        assert_eq!((draft.client_id.as_deref(), secret(&draft)), (Some(id), Some(key)), "{first}");
    }
    let pair = draft(&plain("Client ID / Client secret\n0oa1b2c3d4E5f6G7h8i9\n"));
    assert_eq!(secret(&pair), None);
}

#[test]
fn sentences_and_arrows_without_blanks_part_labels_and_values() {
    let (id, key) = ("0oa1b2c3d4E5f6G7h8i9", "kD3xZ9qLmT7vRw2Yb8NcJ5hPs4");
    for text in [
        format!(
            "クライアントIDは {id} です。クライアントシークレットは {key} です。発行者は https://acme.okta.com です。"
        ),
        format!("クライアントID: {id}、クライアントシークレット: {key}、発行者: https://acme.okta.com"),
        format!("・クライアントID→{id}\n・シークレット→{key}\n・Issuer→https://acme.okta.com"),
        format!(
            "Please use {id} as the client ID, {key} as the client secret and https://acme.okta.com as issuer please."
        ),
    ] {
        let draft = draft(&plain(&text));
        assert_eq!((draft.client_id.as_deref(), secret(&draft)), (Some(id), Some(key)), "{text}");
        assert_eq!(draft.issuer.as_deref(), Some("https://acme.okta.com"), "{text}");
    }
}

#[test]
fn an_address_that_is_broken_in_its_path_is_asked_about() {
    let issuer = |text: &str| mail(&plain(&format!("Issuer: {text}\nOwner: j@a.example\n"))).issuer;
    let whole = "https://login.microsoftonline.com/6ba7b810-9dad-41d1-80b4-00c04fd430c8/v2.0";
    for at in [whole.find("80b4").unwrap(), whole.find("v2.0").unwrap()] {
        let (start, end) = whole.split_at(at);
        let contested = issuer(&format!("{start}\n{end}"));
        assert!(contested.contested().iter().any(|one| one.value == whole), "{start}");
    }
    for text in
        ["https://acme.okta.com/\nJane", "https://acme.okta.com/a/\n2026-11-12", "https://login-\nacme.okta.com"]
    {
        assert!(issuer(text).contested().is_empty(), "{text}");
    }
}

#[test]
fn a_domain_that_is_not_meant_is_not_claimed() {
    let domains = |text: &str| draft(&plain(text)).domains;
    assert_eq!(domains("Domains: a.example (not b.example), c.example"), ["a.example", "c.example"]);
    assert_eq!(domains("E-Mail-Domänen: a.example und b.example (ohne c.example)"), ["a.example", "b.example"]);
}

#[test]
fn a_tenant_beside_a_client_id_in_quotes_names_the_issuer() {
    let (id, tenant) = ("3f2504e0-4f89-41d3-9a0c-0305e82c3301", "6ba7b810-9dad-41d1-80b4-00c04fd430c8");
    for text in [
        format!("client_id = \"{id}\"\ntenant_id = \"{tenant}\"\n"),
        format!("\"AzureAd\": {{\n  \"TenantId\": \"{tenant}\",\n  \"ClientId\": \"{id}\",\n}}\n"),
    ] {
        let issuer = mail(&plain(&text)).issuer;
        assert!(issuer.found().is_some_and(|one| one.value.contains(tenant)), "{text}");
    }
}

#[test]
fn a_link_that_a_filter_rewrote_is_the_one_behind_it() {
    let safe = |path: &str, tail: &str| {
        format!("https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Facme.okta.com%2F{path}&data={tail}")
    };
    let defense = "https://urldefense.com/v3/__https://acme.okta.com/oauth2__;!!abc$";
    let issuer = "https://acme.okta.com/oauth2";
    let parts = |plain: &str, html: &str| {
        format!(
            "{HEAD}Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\n\n{plain}\n--b\n\
             Content-Type: text/html\n\n<p>{html}</p>\n--b--\n"
        )
    };
    for wrapped in [safe("oauth2", "05"), defense.to_owned()] {
        let text = parts(&format!("Issuer: {wrapped}"), &format!("Issuer: <a href='{wrapped}'>{issuer}</a>"));
        let draft = draft(&text);
        assert_eq!((draft.issuer.as_deref(), codes(&draft)), (Some(issuer), vec![]), "{wrapped}");
    }
    for one in [
        format!("Issuer: {}\nIssuer: {}", safe("oauth2", "05"), safe("oauth2", "06")),
        format!("Issuer: {} <{issuer}>", safe("oauth2", "05")),
        format!("Issuer: {defense}\nIssuer: {}", safe("oauth2%2F.well-known%2Fopenid-configuration", "05")),
        format!("we use\n{}\nand\n{issuer}", safe("oauth2", "05")),
    ] {
        let draft = draft(&plain(&one));
        assert!(draft.issuer.is_some() && draft.noted.is_empty(), "{one}: {:?}", draft.noted);
    }
    let metadata = draft(&plain(&format!("{}\n{}", safe("saml%2Fmetadata", "05"), safe("saml%2Fmetadata", "06"))));
    assert!(metadata.metadata.is_some() && metadata.noted.is_empty(), "{:?}", metadata.noted);
    let two = draft(&plain(&format!("Issuer: {}\nIssuer: {issuer}", safe("oauth3", "05"))));
    assert_eq!(codes(&two), ["candidates_compete"]);
}

#[test]
fn a_placeholder_is_no_value_beside_a_value() {
    let issuer = |body: &str| draft(&plain(body)).issuer;
    assert_eq!(issuer("The issuer URL is https://<Domain>/ with the slash.\n"), None);
    assert_eq!(issuer("The issuer URL is https://login.example/<tenant id>/v2.0\n"), None);
    assert_eq!(issuer("Issuer URL: https://<Domain>/\nhttps://a.okta.com/\n").as_deref(), Some("https://a.okta.com/"));
    assert_eq!(issuer("Issuer: https://a.example<https://a.example>").as_deref(), Some("https://a.example"));
    let filled = draft(&plain(
        "Client ID: yourkey\nClient secret: your-secret\nClient ID: 0oa1b2c3\nClient secret: s-1-2-3-4\n",
    ));
    assert_eq!((filled.client_id.as_deref(), secret(&filled)), (Some("0oa1b2c3"), Some("s-1-2-3-4")));
    let alone = draft(&plain("Client ID: yourkey\n")).normalise(Completeness::WhatIsGiven, 50).findings;
    assert!(alone.iter().any(|finding| finding.code == "client_id_placeholder"), "{alone:?}");
}

#[test]
fn what_stands_in_for_a_value_is_none_and_the_value_is_looked_for_further() {
    let (id, value) = ("0oa1b2c3d4E5f6G7h8i9", "kD3-xZ_9qLmT7vRw2");
    for nothing in
        ["-", "—", "–", "n/a", "N/A", "see below", "(attached)", "(see attachment)", "tbd", "```", "...", "?"]
    {
        for text in [
            format!("Client ID: {nothing}\nClient secret: {nothing}\n\nClient ID: {id}\nClient secret: {value}\n"),
            format!("Client ID: {id}\nClient secret: {value}\n\nClient ID: {nothing}\nClient secret: {nothing}\n"),
            format!("Client ID: {nothing}\nClient secret: {nothing}\n\n> Client ID: {id}\n> Client secret: {value}\n"),
        ] {
            let draft = draft(&plain(&text));
            assert_eq!((draft.client_id.as_deref(), secret(&draft)), (Some(id), Some(value)), "{text}");
        }
        let alone = draft(&plain(&format!("Client ID: {nothing}\nClient secret: {nothing}\n")))
            .normalise(Completeness::Everything, 50);
        let oidc = alone.oidc().unwrap();
        assert!(oidc.client_id.is_none() && oidc.client_secret.is_none(), "{nothing}");
    }
    for text in [
        format!("Client ID:\n```\n{id}\n```\nClient secret:\n```text\n{value}\n```\n"),
        format!("Client ID: {id}\nClient secret: ```\n{value}\n```\n"),
        format!("Client ID: {id}\nClient secret: see below\n\n{value}\n"),
        format!("```\nClient ID: {id}\nClient secret: {value}\n```\n"),
    ] {
        let draft = draft(&plain(&text));
        assert_eq!((draft.client_id.as_deref(), secret(&draft)), (Some(id), Some(value)), "{text}");
    }
}

#[test]
fn labels_are_known_in_whatever_form_their_letters_come() {
    use unicode_normalization::UnicodeNormalization as _;

    let (id, value, issuer) = ("0oa1b2c3d4E5f6G7h8i9", "kD3-xZ_9qLmT7vRw2", "https://a.example/o");
    for text in [
        format!("Émetteur : {issuer}\nIdentifiant du client : {id}\nSecret du client : {value}\n"),
        format!("İstemci Kimliği: {id}\nİSTEMCİ PAROLASI: {value}\nIssuer: {issuer}\n"),
        format!("クライアントIDは {id}\nクライアントシークレットは：{value}\n発行者は、{issuer}\n"),
        format!("クライアントIDは{id}です。\nクライアントシークレットは {value} です\n発行者は{issuer}です\n"),
        format!("アプリケーション (クライアント) IDは：{id}\nシークレットは{value}\nイシュアーは {issuer}\n"),
        format!("클라이언트 ID는 {id}입니다\n클라이언트 시크릿: {value}\n발급자: {issuer}\n"),
        format!("ＣｌｉｅｎｔＩＤ：{id}\nClient Secret: {value}\nIssuer: {issuer}\n"),
    ] {
        for text in [text.clone(), text.nfd().collect()] {
            let draft = draft(&plain(&text));
            let found = (draft.client_id.as_deref(), secret(&draft), draft.issuer.as_deref());
            assert_eq!(found, (Some(id), Some(value), Some(issuer)), "{text}");
        }
    }
    for text in [
        format!("■クライアントID\n　{id}\n■クライアントシークレット\n　{value}\n■発行者\n　{issuer}\n"),
        format!("①クライアントID：{id}\n②クライアントシークレット：{value}\n③Issuer：{issuer}\n"),
        format!("【クライアントID】{id}\n【クライアントシークレット】{value}\n【発行者URL】{issuer}\n"),
        format!("【Client ID】\n{id}\n\n【Client Secret】\n{value}\n\n【Issuer URL】：{issuer}\n"),
        format!("1、クライアントID：{id}\n2、クライアントシークレット：{value}\n3、Issuer：{issuer}\n"),
        format!(
            "（１）クライアントＩＤ　：　{id}\n（２）シークレット　：　{value}\n（３）発行者ＵＲＬ　：　{issuer}\n"
        ),
        format!("クライアントID\n: {id}\nシークレット\n: {value}\n発行者\n: {issuer}\n"),
        format!("✔ Client ID: {id}\n➤ Client Secret: {value}\n▪ Issuer: {issuer}\n"),
    ] {
        let draft = draft(&plain(&text));
        let found = (draft.client_id.as_deref(), secret(&draft), draft.issuer.as_deref());
        assert_eq!(found, (Some(id), Some(value), Some(issuer)), "{text}");
    }
    assert_eq!(
        draft(&plain("チームオーナーのメールアドレスは jane@a.example です。")).owner.as_deref(),
        Some("jane@a.example")
    );
}

#[test]
fn a_part_of_a_secret_is_never_taken_for_the_whole() {
    let (start, end) = ("kD3-xZ_9qLmT7vRw2Yb8", "NcJ5hPs4GfA6uEoQ1iXy");
    for text in [
        format!("Client Secret: {start}\n{end}\nIssuer: https://a.example\n"),
        format!("Client Secret:\n{start}\n{end}\n"),
        format!("Client Secret: {start} {end}\n"),
        format!("Client Secret: {start} {end}, Issuer: https://a.example\n"),
        format!("Client Secret: {start} + {end}\n"),
        format!("Client Secret (dev / prod): {start} / {end}\n"),
        format!("Client Secret: {start} (old), {end} (new)\n"),
        format!("Client Secret: {start}[...]\n"),
        "Client Secret: kD3-xZ_9XXXXXXXXXXXX1iXy\n".to_owned(),
        format!("Client Secret part 1: {start}\nClient Secret part 2: {end}\n"),
        format!("First half of the client secret: {start}\n"),
        format!("Client Secret (first half): {start}\n"),
        format!("Client Secret: {start} (first 20 characters, rest via SMS)\n"),
        "Password for the client secret: CANARY-Tr0ub4dor\n".to_owned(),
        "Client Secret: pwpush.com/p/abc123def456\n".to_owned(),
    ] {
        assert_eq!(secret(&draft(&plain(&text))), None, "{text}");
    }
    for behind in ["Thanks\nJane", "Jean-Paul", "0049-30-1234567", "12/31/2028", "SUP-1234", "image001.png", "Okta"] {
        let draft = draft(&plain(&format!("Client Secret: {start}{end}\n{behind}\n")));
        assert_eq!(secret(&draft), Some(format!("{start}{end}").as_str()), "{behind}");
    }
}

#[test]
fn a_value_may_stand_before_what_it_is_called() {
    let (id, value, issuer, owner) =
        ("0oa1b2c3d4E5f6G7h8i9", "kD3-xZ_9qLmT7vRw2Yb8", "https://a.example/o", "jane@a.example");
    for text in [
        format!(
            "Please use {id} as the client ID and {value} as the client secret. {issuer} is the issuer, {owner} the owner.\nOwner: {owner}"
        ),
        format!(
            "We have {id} as our client ID, {value} as our client secret and {issuer} as issuer. Owner is {owner}."
        ),
        format!(
            "Bitte {id} als Client-ID und {value} als Client-Secret eintragen.\n{issuer} ist der Aussteller\nInhaber: {owner}"
        ),
        format!("{id} as client id\n{value} as client secret\n{issuer} as issuer\n{owner} as owner"),
        format!(
            "{id} is the client ID.\n{value} is the client secret.\n{issuer} is the issuer.\n{owner} is the owner."
        ),
        format!("Here you go: {id} (client ID), {value} (client secret), {issuer} (issuer), {owner} (team owner)"),
        format!("{id} <- client ID\n{value} <- client secret\n{issuer} <- issuer\n{owner} - owner"),
    ] {
        let draft = draft(&plain(&text));
        let found = (draft.client_id.as_deref(), secret(&draft), draft.issuer.as_deref(), draft.owner.as_deref());
        assert_eq!(found, (Some(id), Some(value), Some(issuer), Some(owner)), "{text}");
    }
    for text in [
        "Please do not use kD3-xZ_9qLmT7vRw2Yb8 as the client secret.",
        "kD3-xZ_9qLmT7vRw2Yb8 is not the client secret.",
        "We use kD3-xZ_9qLmT7vRw2Yb8 not as the client secret.",
        "jane@a.example as the owner does not work",
        "Is kD3-xZ_9qLmT7vRw2Yb8 the client secret?",
        "kD3-xZ_9qLmT7vRw2Yb8 is the client secret?",
        "kD3-xZ_9qLmT7vRw2Yb8 as the client secret does not work.",
        "kD3-xZ_9qLmT7vRw2Yb8 is the client secret name",
        "kD3-xZ_9qLmT7vRw2Yb8 is the client secret, but it expired.",
        "kD3-xZ_9qLmT7vRw2Yb8 (client secret) does not work",
        "We removed kD3-xZ_9qLmT7vRw2Yb8 as the client secret.",
        "Delete kD3-xZ_9qLmT7vRw2Yb8 as client secret",
        "If you still have kD3-xZ_9qLmT7vRw2Yb8 as the client secret, tell us.",
        "We replaced jane@a.example as the owner.",
        "You have https://old.example as the issuer.",
        "It was previously kD3-xZ_9qLmT7vRw2Yb8 as the client secret.",
        "kD3-xZ_9qLmT7vRw2Yb8 is the old client secret.",
        "ACME-SSO-2026-000123 - Client secret",
        "2026-11-12 - client secret",
        "https://a.example is not the issuer",
        "SSO set-up as the owner",
    ] {
        let draft = draft(&plain(text));
        assert_eq!((secret(&draft), draft.issuer.as_deref(), draft.owner.as_deref()), (None, None, None), "{text}");
    }
}

#[test]
fn what_consoles_and_settings_write_around_a_value_is_none_of_it() {
    let (id, value) = ("3f2504e0-4f89-41d3-9a0c-0305e82c3301", "kD3-xZ_9qLmT7vRw2Yb8");
    for text in [
        format!("Application (client) ID\n:\n{id}\nClient secret\n:\n{value}\n"),
        format!("Client ID\n{id}\nCopy to clipboard\nClient Secret\nhide client secret\n{value}\n"),
        format!("Client ID\n\n{id}\n\nCopy\n\nClient secret\n\nHide\n\n{value}\n"),
        format!("Client ID\n{id}\nClient secret\nShow client secret\nCopy\n{value}\n"),
        format!("Client ID: {id}\n\nCreation date\tSecret\tStatus\nNov 12, 2026\t{value}\tActive\n"),
        format!("<o>\n<clientId>{id}</clientId>\n<clientSecret>{value}</clientSecret>\n</o>\n"),
        format!("<add key=\"ClientId\" value=\"{id}\" />\n<add key=\"ClientSecret\" value=\"{value}\" />\n"),
        format!("Client ID: {id}\nClient Secret (not the Secret ID): {value}\n"),
        format!("Client ID: {id}\nClient secret (Value, not the Secret ID!): {value}, Issuer: https://a.example\n"),
        format!("Client ID: {id}\nThe client secret is the following: {value}\n"),
        format!("Client ID: {id}\nClient Secret: ||{value}||\n"),
        format!("Client ID: {id}\nSecret 1 (expired): CANARY-1-old-2-old\nSecret 2 (active): {value}\n"),
    ] {
        let draft = draft(&plain(&text));
        assert_eq!((draft.client_id.as_deref(), secret(&draft)), (Some(id), Some(value)), "{text}");
    }
    let masked = "Creation date\tSecret\tStatus\nNov 12, 2026\t••••••••••••\tActive\n";
    assert_eq!(secret(&draft(&plain(masked))), None);
}

#[test]
fn rows_with_commas_are_read_below_the_heading_that_names_them() {
    let (id, value) = ("0oa1b2c3d4E5f6G7h8i9", "kD3-xZ_9qLmT7vRw2Yb8");
    for text in [
        format!("client_id,client_secret,issuer\n{id},{value},https://a.example\n"),
        format!("Client ID; Client Secret; Issuer\n{id}; {value}; https://a.example\n"),
    ] {
        let draft = draft(&plain(&text));
        let found = (draft.client_id.as_deref(), secret(&draft), draft.issuer.as_deref());
        assert_eq!(found, (Some(id), Some(value), Some("https://a.example")), "{text}");
    }
    let uneven = format!("client_id,client_secret\n{id},kD3,xZ_9qLmT7vRw2Yb8\n");
    assert_eq!(secret(&draft(&plain(&uneven))), None);
}

#[test]
fn a_title_in_a_signature_makes_nobody_a_teams_owner() {
    for text in [
        "Kind regards\nJane Doe\nOwner\njane@a.example\n",
        "Thanks,\n\nJane Doe\nOwner\n\njane@a.example\n",
        "Best,\nJane Doe | Owner | jane@a.example | +1 555\n",
    ] {
        assert_eq!(draft(&plain(text)).owner, None, "{text}");
    }
    for text in [
        "Thanks\n\nOwner\njane@a.example\n",
        "Client ID | Owner | Issuer\n--- | --- | ---\n0oa1 | jane@a.example | https://b.example\n",
        "Company\nAcme Works\nOwner\njane@a.example\n",
        "Thanks\nJane Doe\nOwner: jane@a.example\n",
    ] {
        assert_eq!(draft(&plain(text)).owner.as_deref(), Some("jane@a.example"), "{text}");
    }
}

#[test]
fn the_owner_of_something_else_is_no_rival_of_the_teams() {
    for line in [
        "Case Owner: Bob Agent\nCase Owner Email: bob@b.example",
        "Contact owner: bob@b.example",
        "List owner: it-owner@b.example",
        "Jane Doe | Product Owner | jane@b.example",
        "To contact the owner of this group, write to it+owners@b.example",
    ] {
        let owner = draft(&plain(&format!("Team owner: jane@a.example\n\n{line}\n"))).owner;
        assert_eq!(owner.as_deref(), Some("jane@a.example"), "{line}");
        assert_eq!(draft(&plain(&format!("{line}\n"))).owner, None, "{line}");
    }
}

#[test]
fn the_value_that_a_console_shows_is_the_secret_and_its_secret_id_never() {
    let (value, id) = ("xyz8Q~CANARYntraSecretValue0123456789abcd", "9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d");
    let unshaped = "a1b2c3d4-CANARY-e5f6";
    for text in [
        format!("Description\tExpires\tValue\tSecret ID\nproduct\t12/11/2028\t{value}\t{id}\n"),
        format!("Description\nExpires\nValue\nSecret ID\nproduct\n12/11/2028\n{value}\n{id}\n"),
        format!("Value\nSecret ID\n\n{value}\n{id}\n"),
        format!("説明\t有効期限\t値\tシークレット ID\nproduct\t2028/12/11\t{value}\t{id}\n"),
        format!("Something\tElse\tHere\tValue\tSecret ID\na\tb\tc\t{value}\t{id}\n"),
        format!("Description\nDate d'expiration\nValeur\nID de secret\nproduct\n12/11/2028\n{value}\n{id}\n"),
        format!("Value: {value}\nSecret ID: {id}\n"),
        format!("Value\n{value}\nSecret ID\n{id}\n"),
        format!("Wert: {value}\nGeheime ID: {id}\n"),
        format!("| Value | {value} |\n| Secret ID | {id} |\n"),
        format!("Client secret: {id}\nValue: {value}\n"),
        format!("Client secret: {value}\nClient secret: {id}\n"),
    ] {
        assert_eq!(secret(&draft(&plain(&text))), Some(value), "{text}");
        if text.contains("Secret ID") || text.contains("Geheime ID") {
            assert_eq!(secret(&draft(&plain(&text.replace(value, unshaped)))), Some(unshaped), "{text}");
        }
    }
    for text in [format!("Secret ID: {id}\n"), format!("Value\tSecret ID\n\t{id}\n"), "Value: 12\n".to_owned()] {
        assert_eq!(secret(&draft(&plain(&text))), None, "{text}");
    }
}

#[test]
fn attached_texts_are_read_whatever_the_mail_program_calls_them() {
    use base64::Engine as _;

    let encoded = |bytes: &[u8]| base64::engine::general_purpose::STANDARD.encode(bytes);
    let lines = "Client ID: 0oa1b2c3d4\r\nClient Secret: CANARY-1-ab\r\nIssuer: https://a.example\r\n";
    let table = "Client ID;Client Secret;Issuer\r\n0oa1b2c3d4;CANARY-1-ab;https://a.example\r\n";
    let pairs = "Client ID,0oa1b2c3d4\nClient Secret,CANARY-1-ab\nIssuer,https://a.example\n";
    let wide = |text: &str, little: bool, mark: bool| -> Vec<u8> {
        let units = mark.then_some(0xfeff).into_iter().chain(text.encode_utf16());
        units.flat_map(|unit: u16| if little { unit.to_le_bytes() } else { unit.to_be_bytes() }).collect()
    };
    let mut files: Vec<(&str, &str, Vec<u8>)> = vec![
        ("application/octet-stream", "sso.txt", lines.as_bytes().to_vec()),
        ("application/octet-stream", "SSO.CSV", table.as_bytes().to_vec()),
        ("text/csv", "sso.csv", table.as_bytes().to_vec()),
        ("text/csv", "sso.csv", pairs.as_bytes().to_vec()),
        ("application/vnd.ms-excel", "sso.csv", pairs.as_bytes().to_vec()),
        ("text/plain", "sso.csv", table.as_bytes().to_vec()),
    ];
    for (little, mark) in [(true, true), (false, true), (true, false), (false, false)] {
        files.push(("text/plain", "sso.txt", wide(lines, little, mark)));
        files.push(("text/plain; charset=utf-8", "sso.txt", wide(lines, little, mark)));
        files.push(("application/octet-stream", "sso.txt", wide(lines, little, mark)));
        files.push(("text/csv", "sso.csv", wide(table, little, mark)));
    }
    for (kind, name, bytes) in files {
        let text = format!(
            "{HEAD}Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nsee the file\n--b\n\
             Content-Type: {kind}\nContent-Disposition: attachment; filename={name}\n\
             Content-Transfer-Encoding: base64\n\n{}\n--b--\n",
            encoded(&bytes)
        );
        let draft = draft(&text);
        let found = (draft.client_id.as_deref(), secret(&draft), draft.issuer.as_deref());
        let wanted = (Some("0oa1b2c3d4"), Some("CANARY-1-ab"), Some("https://a.example"));
        assert_eq!(found, wanted, "{kind} {name} {bytes:?}");
    }
    for (kind, body) in [("text/plain", lines.to_owned()), ("text/html", lines.replace("\r\n", "<br>"))] {
        let footer = "_______________________________________________\nSSO mailing list\nhttps://lists.example/sso\n";
        for between in ["\n\n", "\n"] {
            let text = format!(
                "{HEAD}Content-Type: {kind}; charset=utf-8\nContent-Transfer-Encoding: base64\n\n{}{between}{footer}",
                encoded(body.as_bytes())
            );
            let draft = draft(&text);
            assert_eq!(
                (draft.client_id.as_deref(), secret(&draft)),
                (Some("0oa1b2c3d4"), Some("CANARY-1-ab")),
                "{text}"
            );
        }
    }
}

#[test]
fn what_is_no_mail_is_named_and_html_alone_is_read() {
    let settings = Settings::default();
    for start in [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".as_slice(), b"%PDF-1.7", b"PK\x03\x04", b"\x89PNG\r\n\x1a\n"] {
        let file = [start, b"\nClient ID: 0oa1b2c3d4\n"].concat();
        for outcome in [read(&file, &settings), read_pasted(&file, &settings)] {
            assert!(matches!(outcome, Err(Unreadable::NoMail(_))), "{start:?}");
        }
    }
    let body = "<table><tr><td>Client ID</td><td>0oa1b2c3d4</td></tr></table><p hidden>Client ID: evil-1</p>";
    for text in
        [format!("<!DOCTYPE html>\n<html><body>{body}</body></html>"), format!("  <HTML>{body}"), body.to_owned()]
    {
        let ticket = read_pasted(text.as_bytes(), &settings).unwrap();
        assert!(ticket.sender.is_none());
        assert_eq!(ticket.into_draft(RequestDraft::default()).client_id.as_deref(), Some("0oa1b2c3d4"), "{text}");
    }
}

#[test]
fn a_text_that_was_saved_without_a_head_is_read_as_one_that_was_pasted() {
    let settings = Settings::default();
    let values =
        "Client ID: 0oa1b2c3d4\nClient Secret: CANARY-1\nIssuer: https://acme.example\nOwner: jane@acme.example\n";
    let turned =
        "Owner: jane@acme.example\nIssuer: https://acme.example\nClient-ID: 0oa1b2c3d4\n\nClient Secret: CANARY-1\n";
    for text in [values, turned] {
        let ticket = read(text.as_bytes(), &settings).unwrap();
        assert!(ticket.sender.is_none(), "{text}");
        let draft = ticket.into_draft(RequestDraft::default());
        assert_eq!(
            (draft.client_id.as_deref(), draft.owner.as_deref()),
            (Some("0oa1b2c3d4"), Some("jane@acme.example"))
        );
        assert_eq!(secret(&draft), Some("CANARY-1"), "{text}");
    }
    // Whatever fields a mail has, it is one.
    for field in ["Date: today", "X-Mailer: x", "Received: from a", "Content-Type: text/plain"] {
        assert!(read(format!("{field}\n{values}").as_bytes(), &settings).unwrap().sender.is_some(), "{field}");
        assert!(
            read(format!("Owner: a@b.example\n{field}\n\n{values}").as_bytes(), &settings).unwrap().sender.is_some()
        );
    }
}

#[test]
fn an_encrypted_mail_is_named_and_the_customer_asked() {
    let armour = "-----BEGIN PGP MESSAGE-----\n\nhQEMA0CANARY\n=abcd\n-----END PGP MESSAGE-----\n";
    let pgp = "multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=b";
    for (text, with) in [
        (
            format!(
                "{HEAD}Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\n\
                 Content-Transfer-Encoding: base64\n\nMIAGCSqGSIb3DQEHA6CA\n"
            ),
            "S/MIME",
        ),
        (
            format!(
                "{HEAD}Content-Type: {pgp}\n\n--b\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n\n--b\n\
                 Content-Type: application/octet-stream; name=encrypted.asc\n\n{armour}\n--b--\n"
            ),
            "OpenPGP",
        ),
        (plain(&format!("Hello,\n\n{armour}")), "OpenPGP"),
    ] {
        let draft = draft(&text);
        assert_eq!(codes(&draft), ["mail_encrypted"], "{text}");
        let finding = &draft.noted[0];
        assert!(finding.fact.contains(with) && finding.next.as_ref().unwrap().starts_with("ask the customer to"));
    }
    let pasted = read_pasted(armour.as_bytes(), &Settings::default()).unwrap();
    assert!(pasted.is_encrypted());
    let signed = draft(&plain("-----BEGIN PGP SIGNED MESSAGE-----\n\nClient ID: 0oa1b2c3d4\n"));
    assert!(!codes(&signed).contains(&"mail_encrypted"));
}

#[test]
fn limits_are_limits() {
    // msg-029
    let long = format!("Subject: {}\n\nx", "a".repeat(10 << 20));
    assert_eq!(read(long.as_bytes(), &Settings::default()).err(), Some(Unreadable::HeadTooLong));
    let large = vec![b'a'; MAIL_BYTES + 1];
    assert_eq!(read(&large, &Settings::default()).err(), Some(Unreadable::TooLarge));
    assert_eq!(read(b"", &Settings::default()).err(), Some(Unreadable::Empty));
}

#[test]
fn mails_within_mails_are_read_so_far_and_no_further() {
    let mut text = String::new();
    for _ in 0..390 {
        text.push_str("From: a@b.example\nContent-Type: message/rfc822\n\n");
    }
    text.push_str("Client ID: 0oa1b2c3\n");
    let ticket = mail(&text);
    assert!(ticket.client_id.is_absent());
    let digest = "Content-Type: multipart/digest; boundary=b\n\n--b\n\n".repeat(390);
    let _ = read(digest.as_bytes(), &Settings::default());
}

#[test]
fn many_parts_without_end_take_no_time() {
    let opening = (0..390)
        .map(|number| format!("Content-Type: multipart/mixed; boundary=b{number}\n\n--b{number}\n"))
        .collect::<String>();
    let text = format!("From: a@b.example\n{opening}\n\n{}", "x".repeat(64).repeat(20_000));
    let _ = read(text.as_bytes(), &Settings::default());
}

#[test]
fn endless_lines_and_endless_documents_take_neither_time_nor_memory() {
    for body in [
        "a: b ".repeat(1 << 17),
        "<?xml version=\"1.0\"?>\n".repeat(20_000),
        "https://a.example ".repeat(25_000),
        "Client ID: x\n".repeat(20_000),
        "From: a\nTo: b\nSubject: c\n".repeat(8_000),
        "a\t".repeat(1 << 17),
        format!("{}\n", "a\t".repeat(100)).repeat(500),
        "a  b ".repeat(1 << 15),
        format!("{{\"a\":[{}\n", "{},".repeat(200)).repeat(200),
        "client id < ".repeat(1 << 15),
        "http://".repeat(1 << 15),
        ":) ".repeat(1 << 15),
        format!("<?xml {}", "EntityDescriptor".repeat(1 << 15)),
        "a<br>".repeat(1 << 15),
        "<td>a".repeat(1 << 15),
    ] {
        let _ = mail(&plain(&body)).into_draft(RequestDraft::default());
        let _ = mail(&html(&body)).into_draft(RequestDraft::default());
    }
    for body in [
        "<a href='https://b.example'>https://a.example</a><p hidden>".repeat(20_000),
        format!("<div hidden>{}", "a<br>".repeat(1 << 15)),
        "<i hidden>Issuer: https://a.example</i>".repeat(25_000),
        format!("<p {}>", (0..15_000).map(|number| format!("a{number} ")).collect::<String>()),
        format!("<table><tr>{}", "<td>a".repeat(1 << 15)),
    ] {
        let _ = mail(&html(&body));
    }
    let domains: String = (0..1_000).map(|number| format!("a{number}.example ")).collect();
    let parts = format!("--b\nContent-Type: text/plain\n\nDomains: {domains}\n").repeat(20);
    let _ = mail(&format!("{HEAD}Content-Type: multipart/mixed; boundary=b\n\n{parts}--b--\n"));
}

#[test]
fn values_above_a_text_without_end_are_read() {
    let values = "Client ID: 0oa1b2c3d4\nClient Secret: s-1-2-3-4\n";
    for rest in ["a\t".repeat(1 << 20), "a\tb\n".repeat(20_000), "{\"a\":[{},\n".repeat(10_000)] {
        let draft = draft(&plain(&format!("{values}{rest}")));
        assert_eq!((draft.client_id.as_deref(), secret(&draft)), (Some("0oa1b2c3d4"), Some("s-1-2-3-4")));
    }
}

#[test]
fn unknown_character_sets_are_named_and_known_ones_decoded() {
    // msg-031
    let named = |charset: &str, body: &[u8]| {
        let mut bytes = format!("{HEAD}Content-Type: text/plain; charset={charset}\n\n").into_bytes();
        bytes.extend_from_slice(body);
        read(&bytes, &Settings::default()).unwrap().into_draft(RequestDraft::default())
    };
    assert_eq!(named("windows-1252", b"Client ID:\xa0abc-\xe9").client_id.as_deref(), Some("abc-é"));
    assert_eq!(named("gb18030", b"\xbf\xcd\xbb\xa7\xb6\xcbID: abc-1").client_id.as_deref(), Some("abc-1"));
    let unknown = named("x-unheard-of", b"Client ID: abc-1");
    assert!(unknown.client_id.is_none());
    assert_eq!(codes(&unknown), ["mail_charset_unknown"]);
}

#[test]
fn bytes_that_did_not_survive_make_no_credential() {
    // msg-032
    let mut bytes = plain("Client Secret: caf").into_bytes();
    bytes.extend_from_slice(b"\xe9-0123456789\n");
    let draft = read(&bytes, &Settings::default()).unwrap().into_draft(RequestDraft::default());
    assert!(draft.client_secret.is_none());
    assert_eq!(codes(&draft), ["mail_encoding"]);
}

#[test]
fn hidden_text_is_ignored_and_said() {
    // msg-038
    let draft =
        draft(&html("<p>Issuer: https://a.example</p><span style='display:none'>Issuer: https://evil.example</span>"));
    assert_eq!(draft.issuer.as_deref(), Some("https://a.example"));
    assert_eq!(codes(&draft), ["mail_hidden_text"]);
}

#[test]
fn outlooks_own_wrapping_is_recognised() {
    // msg-024
    let text = format!(
        "{HEAD}Content-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: base64\n\neJ8+Ig==\n"
    );
    assert_eq!(codes(&draft(&text)), ["mail_tnef"]);
}

#[test]
fn flags_go_before_what_the_mail_says_and_settle_what_competes() {
    let text = plain(
        "Client ID: 0oa1b2c3\nClient ID: 0oa9z8y7\nClient Secret: s-1-2-3-4\nIssuer: https://a.example\nOwner: j@acme.example",
    );
    let given = RequestDraft {
        client_id: Some("mine".into()),
        owner: Some("x@acme.example".into()),
        ..RequestDraft::default()
    };
    let draft = mail(&text).into_draft(given);
    assert_eq!((draft.client_id.as_deref(), draft.owner.as_deref()), (Some("mine"), Some("x@acme.example")));
    assert!(draft.contested.is_empty() && draft.noted.is_empty(), "{:?}", draft.noted);
    let places = draft.mail.unwrap().sources;
    assert!(places.iter().all(|source| ![Input::ClientId, Input::Owner].contains(&source.input)), "{places:?}");
}

#[test]
fn the_environments_secret_fills_a_gap_and_replaces_nothing() {
    let environment = || {
        let secret = PastedSecret { text: "from-the-environment".to_owned().into(), source: SecretSource::Environment };
        RequestDraft { client_secret: Some(secret), ..RequestDraft::default() }
    };
    let of = |body: &str| mail(&plain(body)).into_draft(environment());
    assert_eq!(secret(&of("Client Secret: in-the-mail-1")), Some("in-the-mail-1"));
    assert_eq!(secret(&of("Client Secret: in-the-mail-1\nClient Secret: in-the-mail-2")), None);
    assert_eq!(secret(&of("Client ID: 0oa1b2c3")), Some("from-the-environment"));
    assert_eq!(secret(&of("SAML metadata: https://a.example/saml/metadata")), None);
}

#[test]
fn somebody_may_settle_what_competes() {
    let mut ticket = mail(&plain("Client ID: 0oa1b2c3\nClient ID: 0oa9z8y7"));
    ticket.settle(Value::ClientId, 7);
    assert_eq!(ticket.client_id.contested().len(), 2);
    ticket.settle(Value::ClientId, 1);
    let draft = ticket.into_draft(RequestDraft::default());
    assert_eq!(draft.client_id.as_deref(), Some("0oa9z8y7"));
    assert!(draft.contested.is_empty() && draft.noted.is_empty());
}

#[test]
fn the_sender_is_offered_as_the_owner_and_never_taken() {
    let mut ticket = mail(&plain("Client ID: 0oa1b2c3"));
    assert_eq!(ticket.offered_owner(), Some("jane@acme.example"));
    assert!(ticket.clone().into_draft(RequestDraft::default()).owner.is_none());
    ticket.take_offered_owner();
    let draft = ticket.into_draft(RequestDraft::default());
    assert_eq!((draft.owner.as_deref(), draft.requested_by), (Some("jane@acme.example"), None));
}

#[test]
fn metadata_in_a_mail_is_never_a_path_of_this_machine() {
    for body in [
        "Metadata: /etc/passwd",
        "Metadata: ../../secret.xml",
        "Metadata: file:///etc/passwd",
        "Metadata: -",
        "Metadata: ssoctl.key/metadata.xml",
        "Metadata: C:\\x.xml",
    ] {
        let draft = draft(&plain(body));
        let local = draft.metadata.as_ref().is_some_and(|metadata| {
            metadata.path().is_some() || matches!(metadata, PastedMetadata::Word(word) if !word.starts_with("https://"))
        });
        assert!(!local, "{body}: {:?}", draft.metadata);
    }
}

#[test]
fn a_pasted_text_has_no_sender_and_a_pasted_mail_has() {
    let settings = Settings { trusted_authserv_id: Some("mx.acme.example".into()), ..Settings::default() };
    let pasted = read_pasted(b"Hello\nFrom: x\nClient ID: 0oa1b2c3\n", &settings).unwrap();
    assert!(pasted.sender.is_none() && pasted.client_id.found().is_some());
    let whole = read_pasted(plain("Client ID: 0oa1b2c3").as_bytes(), &settings).unwrap();
    assert_eq!(whole.sender.map(|sender| sender.authentication), Some(Authentication::Missing));
    assert_eq!(read_pasted(b" \n", &settings).err(), Some(Unreadable::Empty));
    let marked = format!("\u{feff}{}", plain("Client ID: 0oa1b2c3"));
    for ticket in [read(marked.as_bytes(), &settings), read_pasted(marked.as_bytes(), &settings)] {
        let from = ticket.unwrap().sender.unwrap().from;
        assert_eq!(from.first().map(|one| one.address.as_str()), Some("jane@acme.example"));
    }
}

#[test]
fn the_ticket_is_the_number_in_the_subject_else_the_message_id() {
    assert_eq!(draft(&plain("x")).ticket.as_deref(), Some("48213"));
    let settings = Settings { pattern: Pattern::parse("[SUP-{number}]").unwrap(), ..Settings::default() };
    let other = read(plain("x").as_bytes(), &settings).unwrap().into_draft(RequestDraft::default());
    assert_eq!(other.ticket.as_deref(), Some("m1@acme.example"));
    let long = plain("Client ID: 0oa1b2c3").replace("m1@", &format!("{}@", "m".repeat(900)));
    let without = read(long.as_bytes(), &settings).unwrap().into_draft(RequestDraft::default());
    assert_eq!((without.ticket, without.client_id.as_deref()), (None, Some("0oa1b2c3")), "no reference, no refusal");
}

/// Pieces that mails are made of, so that the strategies reach beyond the first line.
fn scraps() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        6 => prop::sample::select(vec![
            "From: a@b.example\n", "Subject: =?utf-8?Q?#48213?=\n", "MIME-Version: 1.0\n", "\n", "\r\n", "--b\n", "--b--\n",
            "Content-Type: multipart/alternative; boundary=b\n\n", "Content-Type: multipart/mixed; boundary=\"b\"\n\n",
            "Content-Type: text/html; charset=utf-8\n\n", "Content-Type: text/plain; charset=iso-2022-jp\n\n",
            "Content-Type: message/rfc822\n\n", "Content-Transfer-Encoding: base64\n", "Content-Transfer-Encoding: quoted-printable\n",
            "Content-Disposition: attachment; filename=m.xml\n", "Client ID: ", "Client Secret", ":", "=", " is ", "0oa1b2c3d4E5f6G7h8i9",
            "https://a.example", "<", ">", "\"", "| Client ID | x |\n", "{\"client_id\": \"x\"}", "> ", "-- \n", "On Monday, T <t@a.example> wrote:\n",
            "<table><tr><td>", "</td></tr></table>", "<a href=\"https://b.example\">", "</a>", "<br>", "<p style=\"display:none\">", "&amp;", "=3D=\n",
            "<?xml version=\"1.0\"?>", "<md:EntityDescriptor a=\"b\">", "</md:EntityDescriptor>", "Authentication-Results: x; dmarc=pass (\n", "Owner: j@a.example",
            "\u{feff}", "\u{202e}", "\u{1b}[2J", "クライアントID：", "：", "？", "Reply-To: <>\n", "From: ;,<@>\n",
        ]).prop_map(|piece| piece.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..12),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn no_bytes_make_reading_panic_and_nothing_said_moves_the_cursor(bytes in scraps()) {
        // C-07
        let settings = Settings { trusted_authserv_id: Some("x".into()), relays: vec!["b.example".into()], ..Settings::default() };
        for ticket in [read(&bytes, &settings), read_pasted(&bytes, &settings)].into_iter().flatten() {
            let draft = ticket.into_draft(RequestDraft::default());
            for finding in &draft.noted {
                let mut shown = vec![finding.fact.as_str()];
                shown.extend(finding.evidence.iter().flat_map(|one| [one.label.as_str(), one.value.as_str()]));
                prop_assert!(shown.concat().chars().all(crate::foreign::is_harmless), "{finding:?}");
            }
            for source in draft.mail.iter().flat_map(|mail| &mail.sources) {
                prop_assert!(source.place.chars().all(crate::foreign::is_harmless), "{source:?}");
            }
        }
    }

    #[test]
    fn a_secret_is_never_said(word in "[a-zA-Z0-9~_.-]{16,40}") {
        for body in [format!("Client Secret: {word}\nClient Secret: x{word}"), format!("the secret is {word}."), format!("Secret\n{word}")] {
            let ticket = mail(&plain(&body));
            let said = format!("{:?}", ticket.into_draft(RequestDraft::default()));
            prop_assert!(!said.contains(&word), "{said}");
        }
    }
}
