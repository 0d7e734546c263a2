//! The mail that `ssoctl prepare` prints, answered as customers answer it: below its lines or within them, quoted or not.

use clap::ValueEnum as _;
use secrecy::ExposeSecret as _;
use ssoctl::intake::RequestDraft;
use ssoctl::product::team::Team;
use ssoctl::report::idp_guide::IdpGuide;
use ssoctl::report::{Entries, Prepared, Replies};
use ssoctl::request::names::TeamId;
use ssoctl::ticket::{self, Settings};

const ID: &str = "0oa1b2c3d4E5f6G7h8i9";
const SECRET: &str = "kD3-xZ_9qLmT7vRw2Yb8NcJ5hPs4GfA6uEoQ1iXy";
const ISSUER: &str = "https://acme.okta.example/oauth2/default";
const OWNER: &str = "jane@acme.example";
const METADATA: &str = "https://acme.okta.example/app/exk1/sso/saml/metadata";

fn oidc() -> Entries {
    Entries::Oidc {
        redirect_uri: "https://app.product.example/sso/oidc/callback".to_owned(),
        initiate_login_uri: "https://app.product.example/sso/oidc/login".to_owned(),
    }
}

fn saml() -> Entries {
    Entries::Saml {
        account_token: "AbC_dEf-0123456789abcdefghijklmn".to_owned(),
        acs_url: "https://app.product.example/sso/AbC/acs/okta".to_owned(),
        entity_id: "https://app.product.example/sso/AbC/metadata".to_owned(),
        relay_state: Some("https://app.product.example/start".to_owned()),
        sp_metadata: String::new(),
    }
}

/// The issuer of a make that has the same one for everybody: our mail names it.
const fn shared_issuer(idp: Option<IdpGuide>) -> Option<&'static str> {
    match idp {
        Some(IdpGuide::Google) => Some("https://accounts.google.com"),
        _ => None,
    }
}

/// What a customer is sent for one make of identity provider.
fn letter(idp: Option<IdpGuide>, entries: Entries) -> String {
    let prepared = Prepared {
        team: Team { id: TeamId::new("1042"), name: "Acme".to_owned(), plan: None, management_enabled: true },
        owner: OWNER.to_owned(),
        owner_name: "Jane Doe".to_owned(),
        ticket: Some("48213".to_owned()),
        connection_id: "c1".to_owned(),
        status: ssoctl::product::connection::Status::Prepared,
        idp,
        domain: "acme.example".to_owned(),
        not_theirs: None,
        challenge_name: "_ssoctl-challenge.your-other-domain.example".to_owned(),
        challenge: "y47S29omzzIw57uLNiY7PsIb".to_owned(),
        entries,
    };
    prepared.letter(Replies::built_in()).unwrap().text
}

fn makes() -> impl Iterator<Item = Option<IdpGuide>> {
    IdpGuide::value_variants().iter().copied().map(Some).chain([None])
}

fn read(body: &str) -> RequestDraft {
    let mail = format!(
        "From: Jane Doe <{OWNER}>\nTo: support@product.example\nSubject: Re: Single sign-on [48213]\n\
         MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n{body}"
    );
    ticket::read(mail.as_bytes(), &Settings::default()).unwrap().into_draft(RequestDraft::default())
}

fn quoted(text: &str) -> String {
    text.lines().map(|line| if line.is_empty() { ">\n".to_owned() } else { format!("> {line}\n") }).collect()
}

/// The text with each answer put behind the line that asks for it: on a line of its own, or on that line.
fn answered(text: &str, prefix: &str, answers: &[(&str, &str)], same_line: Option<&str>) -> String {
    let mut out = String::new();
    for line in text.lines() {
        out.push_str(line);
        let bare = line.strip_prefix(prefix).unwrap_or(line);
        if let Some((_, answer)) = answers.iter().find(|(asks, _)| bare.starts_with(asks)) {
            out.push_str(same_line.unwrap_or("\n"));
            out.push_str(answer);
        }
        out.push('\n');
    }
    out
}

fn oidc_answers(idp: Option<IdpGuide>) -> [(&'static str, &'static str); 4] {
    [
        ("- the client ID", ID),
        ("- the client secret", SECRET),
        ("- the issuer URL", shared_issuer(idp).unwrap_or(ISSUER)),
        ("- the e-mail address with which", OWNER),
    ]
}

#[track_caller]
fn holds_oidc(body: &str, issuer: &str, how: &str) {
    let draft = read(body);
    let secret = draft.client_secret.as_ref().map(|secret| secret.text.expose_secret());
    let found = (draft.client_id.as_deref(), secret, draft.issuer.as_deref(), draft.owner.as_deref());
    assert_eq!(found, (Some(ID), Some(SECRET), Some(issuer), Some(OWNER)), "{how}\n{:?}\n{body}", draft.noted);
    assert!(draft.noted.is_empty() && draft.metadata.is_none() && draft.domains.is_empty(), "{how}: {draft:?}");
}

#[test]
fn our_own_mail_holds_no_values() {
    for idp in makes() {
        for (text, issuer) in [(letter(idp, oidc()), shared_issuer(idp)), (letter(idp, saml()), None)] {
            for body in [text.clone(), quoted(&text)] {
                let draft = read(&body);
                let found = (draft.owner.as_deref(), draft.issuer.as_deref(), draft.client_id.as_deref());
                assert_eq!(found, (None, issuer, None), "{idp:?}: {:?}\n{body}", draft.mail);
                assert!(
                    draft.metadata.is_none() && draft.client_secret.is_none(),
                    "{idp:?}: {:?}\n{body}",
                    draft.metadata
                );
                assert!(draft.domains.is_empty() && draft.noted.is_empty(), "{idp:?}: {draft:?}\n{body}");
            }
        }
    }
}

#[test]
fn answers_to_our_own_mail_are_read_wherever_they_stand() {
    for idp in makes() {
        let (text, answers) = (letter(idp, oidc()), oidc_answers(idp));
        let issuer = shared_issuer(idp).unwrap_or(ISSUER);
        for (prefix, body) in [("", text.clone()), ("> ", quoted(&text))] {
            for same_line in [None, Some(": "), Some(" -> ")] {
                let how = format!("{idp:?}, {prefix:?}, {same_line:?}");
                holds_oidc(&answered(&body, prefix, &answers, same_line), issuer, &how);
            }
            let indented = answers.map(|(asks, answer)| (asks, format!("  {answer}\n")));
            let indented: Vec<(&str, &str)> = indented.iter().map(|(asks, answer)| (*asks, answer.as_str())).collect();
            holds_oidc(&answered(&body, prefix, &indented, None), issuer, &format!("{idp:?}, {prefix:?}, indented"));
        }
        let above = format!(
            "Client ID: {ID}\nClient secret: {SECRET}\nIssuer URL: {issuer}\nOwner: {OWNER}\n\nOn Wed 11 Nov 2026, Support wrote:\n{}",
            quoted(&text)
        );
        holds_oidc(&above, issuer, "above the quotation");
    }
}

#[test]
fn answers_to_our_own_mail_for_saml_are_read_wherever_they_stand() {
    let answers = [("- the metadata of your identity provider", METADATA), ("- the e-mail address with which", OWNER)];
    for idp in makes() {
        let text = letter(idp, saml());
        for (prefix, body) in [("", text.clone()), ("> ", quoted(&text))] {
            for same_line in [None, Some(": ")] {
                let body = answered(&body, prefix, &answers, same_line);
                let draft = read(&body);
                let metadata = draft.metadata.as_ref().map(|one| format!("{one:?}")).unwrap_or_default();
                assert!(metadata.contains(METADATA), "{idp:?}, {same_line:?}: {metadata} {:?}\n{body}", draft.noted);
                assert_eq!(draft.owner.as_deref(), Some(OWNER), "{idp:?}\n{body}");
                assert!(draft.noted.is_empty() && draft.client_id.is_none(), "{idp:?}: {draft:?}\n{body}");
            }
        }
    }
}
