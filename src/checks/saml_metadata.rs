//! `saml-metadata`

use serde_json::{Value, json};

use super::{catalogue, not_asked};
use super::{saml_defects, saml_instead};
use crate::finding::{Finding, Judgement};
use crate::foreign;
use crate::request::SamlRequest;
use crate::saml::endpoint::{Endpoint, Fitness};
use crate::saml::expiry::Place;
use crate::saml::facts::SamlFacts;
use crate::saml::metadata::Reading;

/// Checks that the metadata describes exactly one identity provider that people could be sent to.
///
/// Source: SAML 2.0 Metadata, sections 2.2 to 2.4.
pub(super) fn judge(asked: &SamlRequest, facts: &SamlFacts) -> Judgement {
    let id = catalogue::SAML_METADATA;
    let Some(metadata) = &facts.metadata else {
        return not_asked(id, "no metadata to look at");
    };
    let mut judgement = match &metadata.outcome {
        Err(fault) => {
            let finding = saml_instead::of_fault(asked, metadata, fault);
            Judgement::of(id, "", vec![finding])
        }
        Ok(reading) => {
            let mut findings: Vec<Finding> =
                reading.defects.iter().map(|defect| saml_defects::of_defect(defect, &reading.entity_id)).collect();
            findings.extend(of_endpoints(reading));
            findings.extend(of_time(reading, facts));
            findings.extend(notes(reading));
            let mut judgement = Judgement::of(id, format!("the metadata of {} is complete", named(reading)), findings);
            judgement.details.extend(details(reading));
            judgement
        }
    };
    judgement.details.insert("source".to_owned(), foreign::shown(&metadata.name).into());
    judgement.took(Some(metadata.elapsed))
}

fn named(reading: &Reading) -> String {
    foreign::shown_up_to(&reading.entity_id, 100)
}

fn of_endpoints(reading: &Reading) -> Vec<Finding> {
    let sso = &reading.provider.sso;
    if sso.is_empty() {
        return vec![
            Finding::fail("no_sso_endpoint", "the identity provider names no sign-in address (`SingleSignOnService`)")
                .because("there is nowhere to send people to")
                .next("send the customer the reply")
                .tell("The metadata names no sign-in address (SingleSignOnService). Please enable SAML single sign-on for the application, and send its metadata again."),
        ];
    }
    let is_usable = |endpoint: &&Endpoint| endpoint.fitness == Fitness::Usable;
    let any = sso.iter().any(|endpoint| is_usable(&endpoint));
    let mut findings: Vec<Finding> = sso.iter().filter_map(|endpoint| of_endpoint(endpoint, any)).collect();
    if !any && findings.is_empty() {
        let bindings: Vec<&str> =
            sso.iter().map(|endpoint| endpoint.binding.rsplit(':').next().unwrap_or_default()).collect();
        findings.push(
            Finding::fail("no_browser_binding", "the identity provider takes sign-in requests neither by HTTP-Redirect nor by HTTP-POST")
                .evidence("offers", bindings.join(", "))
                .because("those are the two ways a browser can be sent there")
                .next("send the customer the reply")
                .tell("Please enable the HTTP-Redirect or the HTTP-POST binding for the sign-in address of your identity provider, and send its metadata again."),
        );
    }
    findings.extend(sso.iter().find_map(of_literal));
    if let Some(answered) = sso.iter().filter(is_usable).find_map(|endpoint| endpoint.response_location.as_ref()) {
        findings.push(
            Finding::remark(
                "response_location_ignored",
                "a sign-in address names another one for answers (`ResponseLocation`)",
            )
            .evidence("ResponseLocation", answered)
            .because("nothing is ever answered there: it is left out"),
        );
    }
    let unfit = |endpoint: &&Endpoint| endpoint.fitness.code().is_some();
    if let Some(dropped) = reading.provider.slo.iter().find(unfit) {
        findings.push(
            Finding::remark("slo_left_out", "a sign-out address cannot be used, and is left out")
                .evidence("address", dropped.judged())
                .because("people can sign in without it"),
        );
    }
    findings
}

/// A sign-in address with a number for a host: people get there as long as they are where it leads to.
fn of_literal(endpoint: &Endpoint) -> Option<Finding> {
    let (host, kind) = endpoint.literal()?;
    let finding = match kind {
        Some(kind) => Finding::warn("endpoint_private", format!("the host of a sign-in address is {kind}"))
            .because("people can sign in only where that leads to the provider: in the customer's own network, or on the provider's own machine")
            .next("ask the customer whether that is what they want, or whether their provider has a public name"),
        None => Finding::warn("host_is_ip", "the host of a sign-in address is an IP address")
            .because("few certificates are made for addresses, and an address can change hands")
            .next("ask the customer whether their provider has a name"),
    };
    Some(finding.evidence("host", host))
}

/// What is wrong with a sign-in address; a warning where another one can be used.
fn of_endpoint(endpoint: &Endpoint, another: bool) -> Option<Finding> {
    let code = endpoint.fitness.code()?;
    let address = endpoint.judged();
    let shown = foreign::shown(address);
    let again = "download the metadata again, and send it as an attachment";
    let (fact, why, tell) = match endpoint.fitness {
        Fitness::Broken(why) => (
            format!("a sign-in address {why}"),
            "nobody could be sent there, or they would end up somewhere else",
            format!("The sign-in address in your metadata cannot be used: it {why}: {shown}. Please correct it at your identity provider, {again}."),
        ),
        Fitness::Imitation => (
            "the host of a sign-in address imitates another name".to_owned(),
            "letters of another script stand where Latin ones are expected: people would sign in at somebody else's",
            "The host of the sign-in address in your metadata has letters that only look like Latin ones. Please look whether the metadata comes from your own identity provider, download it there again, and send it as an attachment.".to_owned(),
        ),
        Fitness::Everybodys => (
            "a sign-in address is Microsoft's for many organisations, not one of the customer's".to_owned(),
            "anybody with a Microsoft account could sign in through it",
            format!("The sign-in address in your metadata is Microsoft's for everybody, not the one of your own Microsoft Entra tenant: {shown}. Please download the federation metadata of the application in your own tenant, and send it as an attachment."),
        ),
        Fitness::Nowhere(kind) => (
            format!("a sign-in address leads to {kind}"),
            "nobody's browser gets to the provider by it",
            format!("The sign-in address in your metadata leads to {kind}: {shown}. Please set the address at which your colleagues reach your identity provider, {again}."),
        ),
        Fitness::NotHttps | Fitness::Usable | Fitness::OtherBinding => (
            "a sign-in address is not an https address".to_owned(),
            "everybody between a person and the provider could read and change what they send each other",
            format!("The sign-in address in your metadata does not start with https://: {shown}. Please correct it at your identity provider, {again}."),
        ),
    };
    Some(if another {
        Finding::warn(code, fact + "; another one is used instead").evidence("address", address).because(why)
    } else {
        Finding::fail(code, fact)
            .evidence("address", address)
            .because(why)
            .next("send the customer the reply")
            .tell(tell)
    })
}

fn of_time(reading: &Reading, facts: &SamlFacts) -> Option<Finding> {
    let ends = reading.ends().filter(|ends| ends.at <= facts.now)?;
    Some(
        Finding::fail(
            "metadata_expired",
            format!("the metadata says that it may not be used any more: {} ended", ends.place.words()),
        )
        .evidence("validUntil", ends.at.to_string())
        .because("whoever published it has published a newer one since, or has stopped to stand by it")
        .next("ask the customer for the address of the metadata, or for the file as it is today")
        .tell(format!(
            "The metadata was valid until {} only. {}",
            ends.at.strftime("%Y-%m-%d"),
            renewal(ends.place, facts)
        )),
    )
}

/// How the customer comes by metadata that is valid today. Some providers write theirs down once, with a date of that very
/// day: to download it anew brings the same. Others have it valid for minutes (ZITADEL: five), and no file comes in time.
fn renewal(place: Place, facts: &SamlFacts) -> String {
    let url = facts.metadata.as_ref().and_then(|metadata| metadata.url.as_ref());
    match (place, url) {
        (Place::Group, _) => "Please download it anew and send it to us, or send us its address.".to_owned(),
        (Place::Entity | Place::Role, None) => "Please send us its address, since some identity providers give out metadata that is valid for minutes only. If it has none, please download it anew and send it to us; if what you download ends on the same day, please give it a later date, or none, at your identity provider: it stands in the attribute validUntil.".to_owned(),
        (Place::Entity | Place::Role, Some(url)) => format!(
            "It still stands at {}. Please give it a later date, or none, at your identity provider: it stands in the attribute validUntil.",
            foreign::shown(url.as_str())
        ),
    }
}

fn notes(reading: &Reading) -> Vec<Finding> {
    let mut notes: Vec<Finding> = reading
        .mended
        .iter()
        .map(|mend| {
            Finding::note("metadata_mended", format!("the document was mended before it was read: {}", mend.words()))
        })
        .collect();
    if reading.collection {
        notes.push(
            Finding::remark("entity_chosen", format!("taken out of a collection of {} entities", reading.entities))
                .evidence("entity ID", &reading.entity_id),
        );
    }
    if reading.provider.want_authn_requests_signed {
        notes.push(
            Finding::remark("signed_requests_wanted", "the identity provider takes signed sign-in requests alone")
                .because("the product has to sign what it sends for this connection, and this is stored with it"),
        );
    }
    let formats = &reading.provider.name_id_formats;
    let offers_mail = formats.iter().any(|one| one.ends_with(":emailAddress") || one.ends_with(":unspecified"));
    if !formats.is_empty() && !offers_mail {
        notes.push(
            Finding::remark(
                "name_id_format",
                "the identity provider does not list e-mail addresses among its name formats",
            )
            .evidence("lists", formats.join(", "))
            .because("many send what was asked for all the same; the first sign-in shows it"),
        );
    }
    notes
}

fn details(reading: &Reading) -> Vec<(String, Value)> {
    let shown = |text: &str| foreign::shown_up_to(text, 2048);
    let endpoints = |endpoints: &[Endpoint]| -> Value {
        let usable = endpoints.iter().filter(|one| one.fitness == Fitness::Usable);
        usable.map(|one| json!({"binding": shown(&one.binding), "location": shown(&one.location)})).collect()
    };
    let provider = &reading.provider;
    let formats: Vec<String> = provider.name_id_formats.iter().map(|one| shown(one)).collect();
    let mut details = vec![
        ("entity_id", shown(&reading.entity_id).into()),
        ("sso", endpoints(&provider.sso)),
        ("slo", endpoints(&provider.slo)),
        ("name_id_formats", formats.into()),
        ("want_authn_requests_signed", provider.want_authn_requests_signed.into()),
        ("entities", reading.entities.into()),
        ("bytes", reading.bytes.into()),
        ("sha256", reading.sha256.as_str().into()),
    ];
    if let Some(ends) = reading.ends() {
        details.push(("valid_until", ends.at.to_string().into()));
    }
    if let Some(cache) = reading.cache_duration {
        details.push(("cache_seconds", cache.effective.as_secs().into()));
        details.push(("cache_clamped", cache.clamped.into()));
    }
    details.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::{Intent, run_saml};
    use crate::finding::Verdict;
    use crate::request::MetadataSource;
    use crate::request::saml_names::MetadataUrl;
    use crate::saml::facts::Metadata;

    const ORDINARY: &str = include_str!("../../fixtures/metadata/certificate-p-256/document.xml");
    const P256: &str = include_str!("../../fixtures/metadata/certificates/p256.b64");

    fn judged(text: &str) -> Vec<Judgement> {
        let bytes = text.replace("{CERT:p256}", P256).into_bytes();
        let metadata = Metadata::of_bytes("metadata\u{202e}.xml", &bytes, None, &[]);
        let source = MetadataSource::Given { name: "metadata.xml".to_owned(), bytes: bytes.into() };
        let asked = SamlRequest { metadata: Some(source), entity_id: None };
        let facts = SamlFacts { metadata: Some(metadata), now: "2026-06-01T00:00:00Z".parse().unwrap() };
        run_saml(&asked, &facts, Intent::default())
    }

    #[test]
    fn the_ordinary_document_passes_every_check_and_its_facts_are_told() {
        let judgements = judged(ORDINARY);
        assert!(judgements.iter().all(|one| one.verdict == Verdict::Pass), "{judgements:#?}");
        let [metadata, certificates, signature] = &judgements[..] else { panic!() };
        assert_eq!(metadata.details["entity_id"], "https://idp.acme.example/saml");
        assert_eq!(metadata.details["source"], "metadata\\u{202e}.xml");
        assert_eq!(metadata.details["sso"][0]["location"], "https://idp.acme.example/saml/sso");
        assert_eq!(certificates.details["certificates"][0]["key"], "EC P-256");
        assert_eq!(certificates.summary, "one signing certificate (EC P-256), valid until 2099-12-31");
        assert_eq!(signature.summary, "the metadata is not signed");
    }

    #[test]
    fn a_document_that_cannot_be_read_leaves_the_other_checks_open() {
        let judgements = judged("<html>");
        let found: Vec<_> = judgements.iter().map(|one| (one.verdict, one.findings[0].code)).collect();
        let open = (Verdict::Unknown, "not_asked");
        assert_eq!(found, [(Verdict::Fail, "html_page"), open, open]);
    }

    #[test]
    fn without_metadata_nothing_is_judged_unless_everything_has_to_be() {
        let (asked, facts) = (SamlRequest::default(), SamlFacts::default());
        assert!(run_saml(&asked, &facts, Intent::default()).is_empty());
        let all = run_saml(&asked, &facts, Intent { everything: true, ..Intent::default() });
        assert!(all.len() == 3 && all.iter().all(|one| one.verdict == Verdict::Unknown));
    }

    #[test]
    fn what_stands_in_place_of_a_certificate_is_named_to_whoever_would_download_it_again() {
        let public_key = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE6UzgteiOBwlYOueZvzROcmG/QHuMrCnDJ2a0JTSsCol3GMUS/6pl4Xt0JkTVsP1/7sgF7gJEq2A1c0PB4GS28w==";
        let judgements = judged(&ORDINARY.replace("{CERT:p256}", public_key));
        let finding = &judgements[1].findings[0];
        assert_eq!(finding.code, "cert_unreadable");
        let tell = finding.tell.as_ref().unwrap();
        assert!(finding.fact.contains("public key") && tell.contains("public key") && !tell.contains("cut"), "{tell}");
    }

    #[test]
    fn an_absurd_cache_duration_is_clamped_and_said_so() {
        let text = ORDINARY.replace(" entityID=", " cacheDuration=\"P10000Y\" entityID=");
        let judgements = judged(&text);
        assert_eq!(judgements[0].verdict, Verdict::Pass);
        assert_eq!(
            (&judgements[0].details["cache_clamped"], &judgements[0].details["cache_seconds"]),
            (&true.into(), &604_800.into())
        );
    }

    #[test]
    fn whoever_would_download_the_same_date_again_is_told_where_it_is_set() {
        let text = ORDINARY.replace(" entityID=", " validUntil=\"2026-05-31T00:00:00Z\" entityID=");
        let tell = |url: Option<&str>| {
            let mut metadata = Metadata::of_bytes("metadata.xml", text.as_bytes(), None, &[]);
            metadata.url = url.map(|url| MetadataUrl::parse(url).unwrap());
            let facts = SamlFacts { metadata: Some(metadata), now: "2026-06-01T00:00:00Z".parse().unwrap() };
            judge(&SamlRequest::default(), &facts).findings.remove(0).tell.unwrap()
        };
        assert!(tell(None).contains("download it anew") && tell(None).contains("validUntil"));
        assert!(tell(None).contains("until 2026-05-31 only. Please send us its address"));
        let published = tell(Some("https://idp.acme.example/metadata"));
        assert!(!published.contains("download") && published.contains("validUntil"), "{published}");
    }

    #[test]
    fn a_hostile_entity_id_is_printed_harmlessly() {
        let judgements = judged(&ORDINARY.replace("https://idp.acme.example/saml\"", "https://idp\u{202e}.example\""));
        assert_eq!(judgements[0].findings[0].code, "entity_id_syntax");
        assert!(!serde_json::to_string(&judgements).unwrap().contains('\u{202e}'));
    }
}
