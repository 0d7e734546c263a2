//! What came instead of metadata, in words for the agent and the customer: part of `saml-metadata`.

use super::oidc_keys;
use crate::exchange::{FetchFault, Problem, status_code};
use crate::finding::Finding;
use crate::foreign;
use crate::request::SamlRequest;
use crate::request::saml_names::EntityId;
use crate::saml::encoding::NotText;
use crate::saml::facts::{Metadata, ReadFault};
use crate::saml::metadata::{Mishap, NotMetadata, OtherRole};
use crate::saml::stranger::Stranger;

/// What every customer is asked for whose metadata is something else; where it is found is said by make, below the sentence.
const PLEASE: &str = "Please send the SAML metadata of your identity provider, an XML file.";

/// Why there is no metadata to judge.
pub(super) fn of_fault(asked: &SamlRequest, metadata: &Metadata, fault: &ReadFault) -> Finding {
    let finding = match fault {
        ReadFault::File(words) => {
            return Finding::unknown(
                "metadata_unreadable",
                format!("the metadata could not be read: {}", foreign::shown(words)),
            )
            .evidence("read from", &metadata.name)
            .because("without it there is no verdict")
            .next("look at the path and its permissions, then run again");
        }
        ReadFault::Fetch(FetchFault::Content(not)) => of_content(asked, metadata, not),
        ReadFault::Fetch(fault) => of_fetch(fault, metadata),
    };
    let label = if metadata.url.is_some() { "asked for" } else { "read from" };
    finding.evidence(label, &metadata.name)
}

fn of_fetch(fault: &FetchFault<NotMetadata>, metadata: &Metadata) -> Finding {
    let address = foreign::shown(&metadata.name);
    let tell = format!(
        "We could not read the SAML metadata at {address}. Please check the address, or send us the metadata as a file."
    );
    match fault {
        FetchFault::Exchange(problem) => of_problem(problem, tell),
        FetchFault::Redirected { status, to } => {
            Finding::fail("redirect_refused", format!("the address answers with a redirect (status {status})"))
                .evidence("redirects to", super::redirect_target(to.as_deref()))
                .because("a redirect is never followed: it could lead anywhere, a sign-in page for one")
                .next("if the target belongs to the customer, ask them whether that is the address they meant")
                .tell(tell)
        }
        FetchFault::Overloaded(status) => Finding::unknown(
            status_code(*status),
            format!("the provider answered with status {status}: it cannot serve its metadata right now"),
        )
        .next("try again in a few minutes; if it stays, ask the customer for the metadata as a file"),
        FetchFault::Status(status) => {
            let code = status_code(*status);
            let finding = match status {
                404 => Finding::fail(code, "there is no metadata at this address")
                    .next("ask the customer for the address, or for the file"),
                401 => Finding::fail(code, "the address asks for a sign-in (status 401)")
                    .next("ask the customer for the metadata as a file"),
                403 => Finding::fail(code, "the address refuses us (status 403)")
                    .because("a firewall may allow only the customer's own network")
                    .next("ask the customer for the metadata as a file"),
                _ => Finding::fail(code, format!("the address answers with status {status} instead of 200"))
                    .next("ask the customer for the metadata as a file"),
            };
            finding.tell(tell)
        }
        FetchFault::Content(_) => Finding::fail("not_metadata", "the address gives something else").tell(tell),
    }
}

fn of_problem(problem: &Problem, tell: String) -> Finding {
    let finding = oidc_keys::of_problem(problem);
    match problem {
        Problem::TooLarge { .. } => finding
            .because("by an address only one identity provider's metadata is read, and that is never as long")
            .next("download the collection yourself, then give its file and --entity-id")
            .tell(tell),
        Problem::Dns { exists_not: false, .. } => finding,
        Problem::Dns { .. } => finding.next("check the spelling with the customer").tell(tell),
        problem if problem.is_silence() => finding,
        _ => finding.tell(tell),
    }
}

fn of_content(asked: &SamlRequest, metadata: &Metadata, not: &NotMetadata) -> Finding {
    let code = not.code();
    let unchanged = "Please send the SAML metadata of your identity provider as an attachment: the XML file, exactly as it was downloaded.";
    match not {
        NotMetadata::Stranger(stranger) => of_stranger(stranger, metadata),
        NotMetadata::Namespace(found) => Finding::fail(code, "the elements are named as in metadata, but belong to another namespace")
            .evidence("namespace", found.as_deref().unwrap_or("none at all"))
            .evidence("has to be", "urn:oasis:names:tc:SAML:2.0:metadata")
            .because("what is in another namespace is something else, and no program would read it")
            .next("send the customer the reply")
            .tell(format!("The document is not valid SAML 2.0 metadata: its XML namespace is wrong. {unchanged}")),
        NotMetadata::Encoding(NotText::Unknown(name)) => {
            Finding::fail(code, "the document declares a character encoding that is not read here")
                .evidence("encoding", name)
                .next("send the customer the reply")
                .tell(format!("The metadata is in a character encoding that we cannot read. Please save it as UTF-8. {unchanged}"))
        }
        NotMetadata::Encoding(malformed) => Finding::fail(code, format!("the document cannot be read as text: {malformed}"))
            .because("a letter that was lost could be part of a name or a key")
            .next("send the customer the reply")
            .tell(format!("The metadata was damaged on its way: some of its letters cannot be read. {unchanged}")),
        NotMetadata::Doctype => Finding::fail(code, "the document has a document type declaration (DOCTYPE)")
            .because("it can make a program read files and addresses of somebody else's choosing; metadata never needs one")
            .next("send the customer the reply; if they know nothing of it, let your security team look at the file")
            .tell(format!("The metadata contains a DOCTYPE declaration, which we do not accept. {unchanged}")),
        NotMetadata::EntityReference(name) => Finding::fail(code, "the document refers to an entity that XML does not know")
            .evidence("entity", name)
            .because("what it stands for would have to be made up; web pages have such entities, metadata has not")
            .next("send the customer the reply")
            .tell(format!("The metadata is not valid XML. {unchanged}")),
        NotMetadata::TooDeep => Finding::fail(code, "the XML is nested deeper than 64 levels")
            .because("no honest metadata is, and reading on would only cost time")
            .next("let your security team look at the file")
            .tell(format!("The document is not usable SAML metadata. {PLEASE}")),
        NotMetadata::TooMany(what) => Finding::fail(code, format!("an element has more than 256 {what}"))
            .because("no honest metadata has, and reading on would only cost time")
            .next("let your security team look at the file")
            .tell(format!("The document is not usable SAML metadata. {PLEASE}")),
        NotMetadata::TooLarge(limit) => {
            Finding::fail(code, format!("the document, or one entity in it, is longer than {} MiB", limit / (1024 * 1024)))
                .because("no identity provider's own metadata is that long")
                .next("send the customer the reply")
                .tell(format!("The document is far too long for the metadata of one identity provider. {PLEASE}"))
        }
        NotMetadata::Syntax { what, line, column, cause } => {
            of_syntax(what, *line, *column, *cause).tell(format!("The metadata was damaged on its way: it is not valid XML any more. {unchanged}"))
        }
        NotMetadata::Truncated => Finding::fail(code, "the document ends in the middle")
            .because("the rest of it is missing")
            .next("send the customer the reply")
            .tell(format!("The end of the metadata is missing. {unchanged}")),
        NotMetadata::NoProvider { entity_id, role } => of_other_role(code, entity_id, role, metadata),
        NotMetadata::NoProviderAmong(entities) => {
            Finding::fail(code, format!("none of the {entities} entities in it is an identity provider for SAML 2.0"))
                .because("people sign in at an identity provider, and none is described here")
                .next("send the customer the reply")
                .tell(format!("The metadata describes no identity provider for SAML 2.0. {PLEASE}"))
        }
        NotMetadata::Ambiguous { providers, first } => listed(
            Finding::fail(code, format!("the document describes {providers} identity providers, and none was chosen")),
            "identity provider",
            first,
        )
        .because("taking the wrong one would hand the team to somebody else")
        .next("ask the customer which one is theirs, then run again with --entity-id and its id")
        .tell(format!(
            "The metadata describes {providers} identity providers. Please tell us the entity ID of yours, or send its own metadata."
        )),
        NotMetadata::NotThere { entities, first } => {
            let wanted = asked.entity_id.as_ref().map(EntityId::as_str).unwrap_or_default();
            let count = if *entities == 1 { "the one entity".to_owned() } else { format!("the {entities} entities") };
            listed(Finding::fail(code, format!("the entity ID asked for is not among {count} in the document")), "has", first)
                .evidence("asked for", wanted)
                .next("compare the spelling, or run again without --entity-id")
                .tell(format!(
                    "The metadata does not describe the entity {}. Please send the metadata of your own identity provider.",
                    foreign::shown(wanted)
                ))
        }
        NotMetadata::Twice(id) => Finding::fail(code, "the entity ID asked for stands in the document more than once")
            .evidence("entity ID", id)
            .because("two programs may take two different ones")
            .next("send the customer the reply")
            .tell("Your identity provider is described more than once in the metadata. Please send its own metadata alone."),
        NotMetadata::Io(words) => Finding::unknown("metadata_unreadable", format!("the metadata could not be read to its end: {}", foreign::shown(words)))
            .next("run again"),
    }
}

fn listed(finding: Finding, label: &str, ids: &[String]) -> Finding {
    ids.iter().fold(finding, |finding, id| finding.evidence(label, id))
}

fn of_other_role(code: &'static str, entity_id: &str, role: &OtherRole, metadata: &Metadata) -> Finding {
    let came = arrived(metadata);
    let (fact, tell) = match role {
        OtherRole::ServiceProvider => (
            "this is a service provider's metadata, not an identity provider's",
            "describes a service provider (perhaps our own file, sent back), not your identity provider.",
        ),
        OtherRole::WsFederation => (
            "this is metadata for WS-Federation alone, without a role for SAML 2.0",
            "is metadata for WS-Federation only. We need SAML 2.0.",
        ),
        OtherRole::OtherProtocol(_) => (
            "the identity provider does not speak SAML 2.0, by its own metadata",
            "is metadata that does not offer SAML 2.0. Please make sure that the application is one for SAML 2.0.",
        ),
        OtherRole::Neither => {
            ("the metadata describes no identity provider", "does not describe an identity provider.")
        }
    };
    let finding = Finding::fail(code, fact)
        .evidence("entity ID", entity_id)
        .because("people sign in at an identity provider, and none for SAML 2.0 is described here")
        .next("send the customer the reply")
        .tell(format!("{came} {tell} {PLEASE}"));
    match role {
        OtherRole::OtherProtocol(protocols) if !protocols.is_empty() => {
            finding.evidence("speaks", protocols.join(", "))
        }
        OtherRole::OtherProtocol(_) => {
            finding.evidence("speaks", "nothing that is named (no protocolSupportEnumeration)")
        }
        _ => finding,
    }
}

fn of_syntax(what: &str, line: usize, column: usize, cause: Option<Mishap>) -> Finding {
    let place = if line == 0 { String::new() } else { format!(" (line {line}, column {column})") };
    let finding =
        Finding::fail("xml_syntax", format!("the document is not well-formed XML: {}{place}", foreign::shown(what)))
            .because("programs would disagree about what it says");
    match cause {
        Some(Mishap::LateDeclaration) => {
            finding.next("if there is only white space before the `<?xml`, remove it and run again; else send the customer the reply")
        }
        Some(Mishap::SmartQuotes) => finding.next("a mail or office program has put typographic quotes into it: send the customer the reply"),
        Some(Mishap::OtherBlanks) => finding.next("it was copied from a web page, with blanks that are none: send the customer the reply"),
        Some(Mishap::WordsAfter) => finding.next("if there are other words after the last `>` (a signature), remove them and run again"),
        Some(Mishap::Quoted) => finding.next("some of its lines begin with the `>` of a mail reply: remove it and run again, or send the customer the reply"),
        None => finding.next("send the customer the reply"),
    }
}

fn of_stranger(stranger: &Stranger, metadata: &Metadata) -> Finding {
    let code = stranger.code();
    let what = foreign::shown(&stranger.words());
    let finding = Finding::fail(code, format!("instead of SAML metadata, this is {what}"));
    let came = arrived(metadata);
    let tell = format!("{came} is {what}, not SAML metadata. {PLEASE}");
    let reply = "send the customer the reply";
    match stranger {
        Stranger::Empty => finding
            .next("look whether the attachment was saved whole, or the address answers; else send the customer the reply")
            .tell(format!("{came} is empty. {PLEASE}")),
        Stranger::Archive(_) => finding
            .because("archives are not opened: what is in them is not known before")
            .next("unpack it yourself if you trust its sender, or send the customer the reply")
            .tell(format!("{came} is {what}. Please send the XML file in it by itself.")),
        Stranger::Page { .. } if metadata.url.is_some() => finding
            .because("the address is one that people open in a browser, or something in between answers")
            .next(reply)
            .tell(format!(
                "At {} there is a web page, not SAML metadata. Please send us the address of the metadata, or the metadata as a file.",
                foreign::shown(&metadata.name)
            )),
        Stranger::Page { .. } => finding
            .because("a page was saved where the file should have been downloaded")
            .next(reply)
            .tell(tell),
        Stranger::PrivateKey(_) => finding
            .because("whoever holds it can sign in as anybody, and it has now travelled")
            .next("tell the customer today, by phone if you can, and delete it from the ticket")
            .tell(format!("{came} is {what}. Please take that key out of use at once and make a new one; never send it to anybody. {PLEASE}")),
        Stranger::Discovery => finding
            .because("this customer's application speaks OpenID Connect, not SAML")
            .next("ask which of the two they want; for OpenID Connect run again with --issuer and --client-id")
            .tell(format!("{came} belongs to OpenID Connect, not to SAML. Please tell us which of the two you want to use; for SAML, please send the metadata of your SAML app, an XML file.")),
        Stranger::Address(address) => finding
            .evidence("address", address)
            .next("if it is the address of the metadata, run again with it")
            .rerun_with(["--metadata", address])
            .tell(tell),
        Stranger::Mail | Stranger::QuotedPrintable => finding
            .next("save the attachment, or the mail's text as it is shown, and run again")
            .tell("The metadata was damaged on its way through the mail. Please send the XML file of your SAML metadata as an attachment."),
        Stranger::Base64 => finding
            .next("if you know that it is metadata, decode it (`base64 -d`) and run again; else send the customer the reply")
            .tell(tell),
        Stranger::Words => finding
            .next("save the attachment by itself, or keep the XML alone, from its first `<` to its last `>`, and run again; else send the customer the reply")
            .tell("There are other words around the metadata. Please send the SAML metadata of your identity provider as a file of its own."),
        Stranger::Message(_) | Stranger::Assertion => finding
            .because("it belongs to one person's sign-in, and says nothing of keys and addresses that could be relied on")
            .next(reply)
            .tell(tell),
        Stranger::Certificate => finding
            .because("the addresses and the name of the identity provider are missing")
            .next(reply)
            .tell(tell),
        Stranger::Piece(_) => finding.because("the name of the identity provider is missing").next(reply).tell(tell),
        Stranger::File(_) | Stranger::Json | Stranger::WebService | Stranger::Xml(_) | Stranger::Text => {
            finding.next(reply).tell(tell)
        }
    }
}

/// What is judged, as the customer knows it: what they sent, or what is at their address.
fn arrived(metadata: &Metadata) -> String {
    match &metadata.url {
        Some(_) => format!("What is at {}", foreign::shown(&metadata.name)),
        None => "What you sent us".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::exchange::{Forbidden, TlsProblem};
    use crate::finding::Verdict;
    use crate::request::saml_names::MetadataUrl;

    fn metadata(url: Option<&str>) -> Metadata {
        Metadata {
            name: url.unwrap_or("metadata.xml").to_owned(),
            url: url.map(|url| MetadataUrl::parse(url).unwrap()),
            outcome: Err(ReadFault::File(String::new())),
            elapsed: Duration::ZERO,
        }
    }

    fn finding(fault: &ReadFault, url: Option<&str>) -> Finding {
        of_fault(&SamlRequest::default(), &metadata(url), fault)
    }

    #[test]
    fn each_wrong_answer_has_its_own_sentence() {
        let host = || "idp.acme.example".to_owned();
        let address = Forbidden::Address {
            host: host(),
            address: "10.0.0.1".parse().unwrap(),
            kind: "a private address",
            may_be_allowed: true,
        };
        for (fault, level, code) in [
            (FetchFault::Redirected { status: 302, to: None }, Verdict::Fail, "redirect_refused"),
            (FetchFault::Overloaded(503), Verdict::Unknown, "http_5xx"),
            (FetchFault::Overloaded(429), Verdict::Unknown, "http_429"),
            (FetchFault::Status(401), Verdict::Fail, "http_401"),
            (FetchFault::Status(403), Verdict::Fail, "http_403"),
            (FetchFault::Status(404), Verdict::Fail, "http_404"),
            (FetchFault::Status(206), Verdict::Fail, "http_unexpected"),
            (FetchFault::Exchange(Problem::Forbidden(address)), Verdict::Fail, "egress_forbidden"),
            (FetchFault::Exchange(Problem::TooLarge { limit: 5, declared: None }), Verdict::Fail, "body_too_large"),
            (FetchFault::Exchange(Problem::Tls(TlsProblem::Expired { host: host() })), Verdict::Fail, "tls_expired"),
            (FetchFault::Exchange(Problem::Dns { host: host(), exists_not: true }), Verdict::Unknown, "dns_failure"),
            (FetchFault::Exchange(Problem::Reset { host: host() }), Verdict::Unknown, "connection_reset"),
        ] {
            let finding = finding(&ReadFault::Fetch(fault), Some("https://idp.acme.example/metadata"));
            assert_eq!((finding.level, finding.code), (level, code));
            assert!(finding.next.is_some(), "{code} leaves the agent without a next step");
            assert_eq!(finding.evidence.last().unwrap().label, "asked for", "{code}");
            assert!(level == Verdict::Unknown || finding.tell.is_some(), "{code} says nothing to the customer");
        }
        let file = finding(&ReadFault::File("there is no such file".to_owned()), None);
        assert_eq!((file.level, file.code), (Verdict::Unknown, "metadata_unreadable"));
    }

    #[test]
    fn everything_that_came_instead_is_called_by_its_name_and_something_else_is_asked_for() {
        let strangers = [
            Stranger::Empty,
            Stranger::Archive("a zip file"),
            Stranger::File("a PDF"),
            Stranger::Page { sign_in: true },
            Stranger::Page { sign_in: false },
            Stranger::Certificate,
            Stranger::PrivateKey("a private key"),
            Stranger::Discovery,
            Stranger::Json,
            Stranger::Address("https://idp.acme.example/metadata".to_owned()),
            Stranger::Mail,
            Stranger::QuotedPrintable,
            Stranger::Base64,
            Stranger::Words,
            Stranger::Message("AuthnRequest"),
            Stranger::Assertion,
            Stranger::Piece("IDPSSODescriptor".to_owned()),
            Stranger::WebService,
            Stranger::Xml("rss".to_owned()),
            Stranger::Text,
        ];
        for stranger in strangers {
            let fault: ReadFault = NotMetadata::Stranger(stranger.clone()).into();
            for url in [None, Some("https://idp.acme.example/metadata")] {
                let finding = finding(&fault, url);
                assert_eq!((finding.level, finding.code), (Verdict::Fail, stranger.code()));
                assert!(finding.next.is_some() && finding.tell.is_some(), "{stranger:?}");
                let tell = finding.tell.unwrap_or_default();
                assert!(url.is_none() || !tell.contains("you sent"), "{stranger:?}: nobody sent it: {tell}");
            }
        }
    }

    #[test]
    fn what_a_provider_of_another_protocol_speaks_is_named() {
        let speaks = |protocols: &[&str]| {
            let role = OtherRole::OtherProtocol(protocols.iter().map(|&one| one.to_owned()).collect());
            let fault = NotMetadata::NoProvider { role, entity_id: "https://idp.acme.example".to_owned() };
            let finding = finding(&fault.into(), None);
            finding.evidence.iter().find(|one| one.label == "speaks").unwrap().value.clone()
        };
        assert_eq!(speaks(&["urn:mace:shibboleth:1.0"]), "urn:mace:shibboleth:1.0");
        assert!(speaks(&[]).starts_with("nothing that is named"));
    }

    #[test]
    fn a_strangers_name_is_printable() {
        let fault: ReadFault = NotMetadata::Stranger(Stranger::Xml("r\u{1b}[2Jss".to_owned())).into();
        let finding = finding(&fault, Some("https://acme.okta.com/app/exk1/sso/saml/metadata"));
        assert!(!finding.tell.unwrap().contains('\u{1b}'));
        assert!(finding.fact.contains("r\\u{1b}[2Jss"), "{}", finding.fact);
    }

    #[test]
    fn of_several_providers_the_first_are_listed_and_none_is_proposed() {
        let first: Vec<String> = ["https://a.example", "https://b.example"].map(str::to_owned).to_vec();
        let finding = finding(&NotMetadata::Ambiguous { providers: 7, first }.into(), None);
        assert!(finding.rerun_with.is_empty() && finding.next.unwrap().contains("--entity-id"));
        assert_eq!(finding.evidence.iter().filter(|one| one.label == "identity provider").count(), 2);
        assert!(finding.fact.contains('7'));
    }
}
