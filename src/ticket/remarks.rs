//! What is to be said of a mail itself: why there is nothing in it, what its forms disagree in, what it hides.

use super::choice::Candidate;
use super::contents::Contents;
use super::labels::Field;
use super::reading::{Ticket, Value};
use crate::finding::Finding;
use crate::foreign;

/// Values and names of which more are counted than shown.
pub(super) const SHOWN: usize = 6;

/// What stands where a secret would.
pub(super) const NOT_SHOWN: &str = "(not shown)";

/// Something to be said of the mail itself.
#[derive(Debug, Clone)]
pub(super) struct Remark {
    pub(super) about: About,
    pub(super) finding: Finding,
}

/// What a remark depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum About {
    /// One value: once somebody has settled it there is nothing to be said.
    Value(Value),
    /// That values are missing: once they are all there it does not matter any more.
    Absence,
    /// The mail, whatever becomes of the values.
    Mail,
}

/// What is to be said of the mail itself.
pub(super) fn remarks(
    contents: &Contents,
    ticket: &Ticket,
    holds_key: bool,
    differing: &[(Value, Vec<Candidate<String>>)],
    damaged: &[Value],
) -> Vec<Remark> {
    let about_value = |value: Value, finding| Remark { about: About::Value(value), finding };
    let mut remarks: Vec<Remark> = Vec::new();
    remarks.extend(differing.iter().map(|(value, several)| about_value(*value, forms_differ(*value, several, ticket))));
    remarks.extend(damaged.iter().map(|value| about_value(*value, damage(*value))));
    let nothing = ticket.issuer.is_absent()
        && ticket.client_id.is_absent()
        && ticket.client_secret.is_absent()
        && ticket.metadata.is_absent();
    let absences = [
        encrypted(contents),
        unknown_charset(contents),
        wrapped_by_outlook(contents).filter(|_| nothing),
        screenshots(contents, ticket.saml_named).filter(|_| nothing),
        unread_files(contents).filter(|_| nothing),
    ];
    remarks.extend(absences.into_iter().flatten().map(|finding| Remark { about: About::Absence, finding }));
    let of_mail =
        [private_keys(contents), key_in_text(holds_key), hidden(contents), misleading_links(contents, ticket)];
    remarks.extend(of_mail.into_iter().flatten().map(|finding| Remark { about: About::Mail, finding }));
    remarks
}

fn forms_differ(value: Value, several: &[Candidate<String>], ticket: &Ticket) -> Finding {
    let what = value.input().what();
    let finding =
        Finding::fail("mail_parts_differ", format!("the plain text of the mail and its HTML differ in {what}"))
            .about(value.input());
    several
        .iter()
        .take(SHOWN)
        .fold(finding, |finding, one| finding.evidence(&one.place, ticket.shown(value, one)))
        .because("mail programs show one or the other, so nobody may have seen both")
        .next(format!(
            "look at the mail in both forms, or ask the customer; then give the right one with {}",
            value.input().flag()
        ))
        .tell(format!("Your mail holds two different values for {what}. Please send it again, alone, as plain text."))
}

fn damage(value: Value) -> Finding {
    let what = value.input().what();
    Finding::fail("mail_encoding", format!("{what} did not survive the mail's character encoding"))
        .about(value.input())
        .because("its bytes are not of the character set that the mail names, and a credential is not guessed")
        .next(format!("ask the customer to send it again, then give it with {}", value.input().flag()))
        .tell(format!(
            "What you sent as {what} arrived damaged. Please send it again as plain text, or in a text file."
        ))
}

fn unknown_charset(contents: &Contents) -> Option<Finding> {
    let mut charsets = contents.unknown_charsets.clone();
    charsets.dedup();
    charsets.truncate(SHOWN);
    let first = charsets.first()?;
    let fact = "a part of the mail is in a character set that is not known here, and was not read";
    Some(
        Finding::fail("mail_charset_unknown", fact)
            .evidence("character set", if charsets.len() == 1 { first.clone() } else { charsets.join(", ") })
            .because("its letters would be guessed")
            .next("read that part in your mail program and give the values by flags, or send the customer the reply")
            .tell(
                "We could not read your mail: it came in an unusual character encoding. Please send the values again as \
                 plain text.",
            ),
    )
}

fn encrypted(contents: &Contents) -> Option<Finding> {
    let with = contents.encrypted?;
    Some(
        Finding::fail("mail_encrypted", format!("the mail, or a part of it, is wrapped in {with} and cannot be read here"))
            .because("the values, if there are any, are inside")
            .next(
                "ask the customer to send the values unencrypted, the secret apart if need be; or open the mail in your mail \
                 program and give the values by flags",
            )
            .tell(format!(
                "Your mail reached us wrapped in {with}, and we cannot read it. Please send the values in a mail that is not \
                 encrypted; the client secret can come on another way if you like."
            )),
    )
}

fn wrapped_by_outlook(contents: &Contents) -> Option<Finding> {
    contents.tnef.then(|| {
        Finding::fail("mail_tnef", "the mail came in Outlook's own wrapping (winmail.dat), which only Outlook opens")
            .because("the values, if there are any, are inside")
            .next("open it in Outlook and give the values by flags, or send the customer the reply")
            .tell(
                "Your mail reached us as a file named winmail.dat, which we cannot open. In Outlook, please set the message \
                 format to HTML or plain text and send the values again.",
            )
    })
}

fn screenshots(contents: &Contents, saml: bool) -> Option<Finding> {
    let pictures = match contents.images {
        0 => return None,
        1 => "a picture".to_owned(),
        number => format!("{number} pictures"),
    };
    Some(
        Finding::fail("mail_screenshot_only", format!("the mail has {pictures}, and no values in its text"))
            .because("a value typed off a picture is easily a wrong one: 0 and O, l and I look alike")
            .next("send the customer the reply")
            .tell(if saml {
                "You sent us the values as a picture. Please send the SAML metadata of your identity provider instead, as \
                 an XML file or by its address, so that no letter is mistaken."
            } else {
                "You sent us the values as a picture. Please copy them into the text of your mail instead, so that no \
                 letter is mistaken."
            }),
    )
}

fn unread_files(contents: &Contents) -> Option<Finding> {
    let names: Vec<String> = contents.unread.iter().take(SHOWN).map(|name| foreign::shown_up_to(name, 60)).collect();
    (!names.is_empty()).then(|| {
        Finding::warn("mail_attachment_unread", "the mail has attachments that are not read, and no values in its text")
            .evidence("attachments", names.join(", "))
            .because("only text and SAML metadata are read: archives and office documents may hold anything")
            .next("if you open them, do it with care; the reply asks the customer for the values as text")
            .tell(
                "We could not use the files you attached. Please send the values in the text of your mail or, for SAML, \
                 the metadata as an XML file.",
            )
    })
}

/// Files with a private key in them: nobody needs one here, and it has now travelled.
fn private_keys(contents: &Contents) -> Option<Finding> {
    let names = contents.private_keys.iter().take(SHOWN).map(|name| foreign::shown_up_to(name, 60));
    let names = names.collect::<Vec<_>>().join(", ");
    (!names.is_empty()).then(|| {
        private_key("a file attached to the mail holds a private key").evidence("attachment", &names).tell(format!(
            "A file that you attached holds a private key: {names}. Please take that key out of use at once and make a \
                 new one; we never need it, and a private key is never sent to anybody."
        ))
    })
}

/// A private key in the words of the mail itself.
fn key_in_text(holds_key: bool) -> Option<Finding> {
    holds_key.then(|| {
        private_key("the text of the mail holds a private key").tell(
            "The text of your mail holds a private key. Please take that key out of use at once and make a new one; we never \
             need it, and a private key is never sent to anybody.",
        )
    })
}

fn private_key(fact: &str) -> Finding {
    Finding::warn("mail_private_key", fact)
        .because("if it is the key that the provider signs with, whoever has it can sign in as anybody")
        .next(
            "tell the customer today, by phone if you can, and delete it from the ticket; if their provider signs with it, \
             wait until it signs with another one",
        )
}

/// Text that a reader does not see, where it would have said something.
fn hidden(contents: &Contents) -> Option<Finding> {
    let lines: Vec<_> = contents.html.iter().flat_map(|section| section.page.hidden.iter().cloned()).collect();
    if lines.is_empty() {
        return None;
    }
    let layers = super::layers::layers(&lines, "").lines;
    let hits = super::extract::labelled(&lines, &layers).labelled;
    let first = hits.into_iter().find(|hit| {
        !matches!(hit.field, Field::Other | Field::Host | Field::Tenant | Field::SecretId | Field::Requester)
    })?;
    let shown = if first.field == Field::ClientSecret { NOT_SHOWN.to_owned() } else { first.value };
    Some(
        Finding::warn(
            "mail_hidden_text",
            "the mail holds values in text that its reader does not see; they were ignored",
        )
        .evidence("hidden", shown)
        .because("somebody may have put them there to be taken for the customer's")
        .next("compare the values used with what you see in the mail, and make sure of the sender"),
    )
}

/// Links that show a value that is used, and lead elsewhere.
fn misleading_links(contents: &Contents, ticket: &Ticket) -> Option<Finding> {
    let values: Vec<&str> = [
        ticket.issuer.found().map(|one| one.value.as_str()),
        ticket.owner.found().map(|one| one.value.as_str()),
        ticket.metadata.found().map(|one| one.value.name()),
    ]
    .into_iter()
    .flatten()
    .collect();
    let mismatches = contents.html.iter().flat_map(|section| &section.page.mismatches);
    let one = mismatches
        .into_iter()
        .find(|one| values.iter().any(|value| one.shown.contains(value) || value.contains(&one.shown)))?;
    Some(
        Finding::warn(
            "link_text_mismatch",
            "a link in the mail shows one address and leads to another; what it shows was used",
        )
        .evidence("shows", &one.shown)
        .evidence("leads to", &one.target)
        .because("links that lie are what phishing mails are made of; a mail filter may have rewritten it, too")
        .next("ask the customer which address is meant, unless you know the filter"),
    )
}
