//! `saml-certificates`

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{catalogue, not_asked};
use crate::finding::{Finding, Judgement};
use crate::foreign;
use crate::saml::certificate::{Certificate, Key, NotACertificate, OtherThing, Strength};
use crate::saml::entity::KeyUse;
use crate::saml::facts::SamlFacts;
use crate::saml::metadata::Reading;

/// A certificate that ends sooner than this is worth a word.
const SOON_DAYS: i64 = 30;
/// From when on a SHA-1 certificate shows software that nobody keeps up: before, it was the rule.
///
/// Source: CA/Browser Forum ballot 118, for want of a rule of SAML's own.
const SHA1_UNTIL: Timestamp = Timestamp::constant(1_451_606_400, 0); // 2016-01-01

/// Checks that there is a key to believe the provider by, now and in the days to come.
///
/// A certificate is a box for a key here: who issued it, and what for, decides nothing. Source: SAML V2.0 Metadata
/// Interoperability Profile, section 2.6.1; NIST SP 800-131A Rev. 2 for the sizes.
pub(super) fn judge(facts: &SamlFacts) -> Judgement {
    let id = catalogue::SAML_CERTIFICATES;
    let Some(reading) = facts.reading() else {
        return not_asked(id, "there is no metadata that could be read");
    };
    let certificates: Vec<&Certificate> = reading.provider.signing_certificates().collect();
    let bench = Bench { reading, certificates: &certificates, now: facts.now };
    let listed: Vec<Value> = certificates.iter().map(|one| described(one, facts.now)).collect();
    Judgement::of(id, bench.passed(), bench.findings()).detail("certificates", listed)
}

/// The certificates of one provider, with what is needed to judge them.
struct Bench<'b> {
    reading: &'b Reading,
    certificates: &'b [&'b Certificate],
    now: Timestamp,
}

impl Bench<'_> {
    fn passed(&self) -> String {
        let kept: Vec<&&Certificate> = self.certificates.iter().filter(|one| !one.is_over(self.now)).collect();
        let until = kept.iter().map(|one| one.not_after).max().map_or_else(String::new, date);
        match kept.as_slice() {
            [one] => format!("one signing certificate ({}), valid until {until}", one.key),
            several => format!("{} signing certificates, the last valid until {until}", several.len()),
        }
    }

    fn findings(&self) -> Vec<Finding> {
        let mut findings = self.unreadable();
        if self.certificates.is_empty() {
            findings.extend(self.none());
            return findings;
        }
        findings.extend(self.certificates.iter().filter_map(|one| self.of_one(one)));
        findings.extend(self.reading.provider.authorities().next().map(|one| {
            Finding::remark("cert_authority", "the certificate of an authority stands beside the one that it issued")
                .evidence("certificate", named(one))
                .because("it signs certificates and no sign-in: it is not judged, and left out")
        }));
        findings.extend(self.of_directory());
        findings.extend(self.of_time());
        let mended = |fact| Finding::note("cert_mended", fact);
        if self.certificates.iter().any(|one| one.armoured) {
            findings.push(mended("PEM lines (`-----BEGIN …`, `-----END …`) were removed from inside a certificate"));
        }
        if self.certificates.iter().any(|one| one.cleaned) {
            findings.push(mended(
                "the text of a certificate was mended: invisible characters, other blanks than XML's or words around the PEM lines or a second layer of Base64 were removed, or missing `=` signs added at its end",
            ));
        }
        findings
    }

    /// Texts in place of certificates: a failure where there is nothing else.
    fn unreadable(&self) -> Vec<Finding> {
        let faults = self.reading.provider.signing().filter_map(|one| one.as_ref().err());
        let of = |fault: &NotACertificate| match fault {
            NotACertificate::PrivateKey => private_key("a private key stands where a certificate should"),
            fault => {
                let fact = format!("a signing certificate cannot be read: {fault}");
                if self.certificates.is_empty() {
                    Finding::fail("cert_unreadable", fact)
                        .because("there is no other key to verify what the provider says")
                        .next("send the customer the reply")
                        .tell(match fault {
                            NotACertificate::Other(thing) => in_place_of_certificate(*thing),
                            _ => "The signing certificate in your metadata cannot be read; it may have been cut or edited. Please download the metadata again and send it unchanged, as an attachment.".to_owned(),
                        })
                } else {
                    Finding::warn("cert_unreadable", fact)
                        .because("it is left out; if it is the one that signs, nobody gets in")
                }
            }
        };
        faults.map(of).collect()
    }

    /// There is not even a text.
    fn none(&self) -> Option<Finding> {
        let keys = &self.reading.provider.keys;
        if self.reading.provider.signing().next().is_some() {
            return None;
        }
        let why = if keys.iter().any(|key| key.misplaced > 0) {
            "there is one, but in another XML namespace than http://www.w3.org/2000/09/xmldsig#"
        } else if keys.iter().any(|key| key.usage.signs() && key.other_key) {
            "the key is given without a certificate, and certificates are what is stored"
        } else if keys.iter().any(|key| key.usage == KeyUse::Other) {
            "there is one, for a `use` that nobody has defined"
        } else if keys.iter().any(|key| !key.usage.signs()) {
            "what there is, is for encryption alone"
        } else {
            "nothing the provider says could be verified"
        };
        Some(
            Finding::fail("no_signing_certificate", "the metadata has no signing certificate")
                .because(why)
                .next("send the customer the reply")
                .tell("Your metadata contains no signing certificate that can be used. Please create or activate one, and send the metadata again."),
        )
    }

    /// What is to be said of one certificate, whatever the time.
    fn of_one(&self, one: &Certificate) -> Option<Finding> {
        if one.is_over(self.now) {
            return None;
        }
        let renew = |what: &str| {
            format!(
                "The signing certificate in your metadata (SHA-256 {}…) {what}. Please create a new one with RSA 2048 bits or more, and send the metadata again.",
                one.short(),
            )
        };
        let with = |finding: Finding| finding.evidence("certificate", named(one));
        match one.key.strength() {
            Strength::Weak => {
                let fact = match &one.key {
                    Key::Rsa { broken: true, .. } => format!("{} is no proper RSA key", one.key),
                    key => format!("a signing key is too weak: {key}"),
                };
                return Some(with(
                    Finding::fail("cert_weak_key", fact)
                        .because("whoever breaks it can sign in as anybody")
                        .next("send the customer the reply")
                        .tell(renew(&format!("has a key that is too weak ({})", one.key))),
                ));
            }
            Strength::TooLarge => {
                return Some(with(
                    Finding::fail("cert_key_too_large", format!("a signing key has no usable size: {}", one.key))
                        .because("no library verifies with it")
                        .next("send the customer the reply")
                        .tell(renew(&format!("has a key that is too large ({})", one.key))),
                ));
            }
            Strength::None => {
                return Some(with(
                    Finding::fail("cert_key_unusable", format!("a signing certificate holds {}", one.key))
                        .because("nothing the provider says could be verified with it")
                        .next("send the customer the reply")
                        .tell(renew("holds no key that could sign")),
                ));
            }
            Strength::Good | Strength::Unusual => {}
        }
        match one.weak_hash() {
            Some("MD5") => {
                return Some(with(
                    Finding::fail("cert_weak_sig", "a signing certificate is signed with MD5")
                        .because("MD5 certificates have been forged since 2008; whoever still makes them cannot be relied on for a key")
                        .next("send the customer the reply")
                        .tell(renew("is signed with MD5, which has been broken")),
                ));
            }
            Some(hash) if one.not_before >= SHA1_UNTIL => {
                return Some(with(
                    Finding::warn("cert_weak_sig", format!("a signing certificate is signed with {hash}"))
                        .because("it decides nothing here, since the key itself is trusted, but shows software that nobody keeps up"),
                ));
            }
            _ => {}
        }
        if one.key.strength() == Strength::Unusual {
            return Some(with(
                Finding::warn(
                    "cert_alg_unusual",
                    format!("a signing key is of a kind that SAML software seldom knows: {}", one.key),
                )
                .because("the product may not be able to verify with it: the first sign-in shows it"),
            ));
        }
        (one.version < 3).then(|| {
            with(
                Finding::warn("cert_v1", format!("a signing certificate is X.509 version {}", one.version))
                    .because("some software takes version 3 only"),
            )
        })
    }

    /// Entra has metadata of a directory beside that of each application, at the same address but for its query, and says
    /// itself which key is whose: those of a directory are in certificates of this name, whatever the directory.
    fn of_directory(&self) -> Option<Finding> {
        let of_all = |one: &&&Certificate| one.subject.starts_with("CN=accounts.accesscontrol.");
        let one = self.certificates.iter().filter(|one| !one.is_over(self.now)).find(of_all)?;
        Some(
            Finding::warn(
                "metadata_of_directory",
                "the signing certificates are those of a whole Microsoft Entra directory, not of an application",
            )
            .evidence("certificate", named(one))
            .because("an application that is set up for SAML has a certificate of its own: nobody gets in then")
            .next("ask for the metadata of the application, whose address ends in `?appid=…`, before you go on")
            .tell("The metadata you sent is that of your whole Microsoft Entra directory. Please send us the metadata of the application that you made for us; its address ends in `?appid=` and the application's id."),
        )
    }

    /// When they begin and end, taken together.
    fn of_time(&self) -> Vec<Finding> {
        let (over, kept): (Vec<&Certificate>, Vec<&Certificate>) =
            self.certificates.iter().copied().partition(|one| one.is_over(self.now));
        let (current, coming): (Vec<&Certificate>, Vec<&Certificate>) =
            kept.iter().copied().partition(|one| one.is_current(self.now));
        let mut findings = Vec::new();
        let listed = |finding: Finding, certificates: &[&Certificate]| {
            certificates.iter().take(5).fold(finding, |finding, one| finding.evidence("certificate", named(one)))
        };
        if current.is_empty() {
            let (code, fact, what) = if coming.is_empty() {
                ("cert_expired", "every signing certificate has expired", "has expired")
            } else {
                ("cert_not_yet_valid", "no signing certificate is valid yet", "is not valid yet")
            };
            findings.push(
                listed(Finding::fail(code, fact), self.certificates)
                    .evidence("today, by this machine", date(self.now))
                    .because("nothing the provider says could be believed now")
                    .next("if that is not today's date, set the clock and run again; else send the customer the reply: if the provider signs with a newer certificate, its metadata today has it")
                    .tell(format!("The signing certificate in your metadata {what}. Please make sure that your identity provider signs with a current one, then download the metadata again and send it to us.")),
            );
            return findings;
        }
        if !over.is_empty() {
            findings.push(
                listed(Finding::warn("cert_some_expired", "some of the signing certificates have expired"), &over)
                    .because("they are left out; if the provider still signs with one of them, nobody gets in"),
            );
        }
        if !coming.is_empty() {
            findings.push(listed(
                Finding::remark("cert_coming", "a signing certificate is not valid yet: kept for the change to come"),
                &coming,
            ));
        }
        let last = kept.iter().map(|one| one.not_after).max().unwrap_or(self.now);
        if days(self.now, last) < SOON_DAYS {
            findings.push(
                listed(Finding::warn("cert_expires_soon", format!("the signing certificates end within {SOON_DAYS} days")), &kept)
                    .because("from then on nobody could sign in")
                    .next("ask the customer when they change it, and for the new metadata before that day")
                    .tell(format!("The signing certificate of your identity provider is valid until {} only. Please send us the new metadata before you change it.", date(last))),
            );
        } else if let Some(soon) = current.iter().find(|one| days(self.now, one.not_after) < SOON_DAYS) {
            findings.push(
                Finding::remark(
                    "cert_rollover",
                    "a signing certificate ends within 30 days, and the next one is already there",
                )
                .evidence("certificate", named(soon)),
            );
        }
        findings
    }
}

/// What was meant for a certificate was set up so at the provider.
fn in_place_of_certificate(thing: OtherThing) -> String {
    format!(
        "In your metadata, where the signing certificate belongs, there is {}. Please put the certificate itself there (X.509), at your identity provider, then download the metadata again, and send the file unchanged.",
        thing.words()
    )
}

/// A private key in metadata, wherever it stands.
pub(super) fn private_key(fact: &str) -> Finding {
    Finding::fail("private_key_in_input", fact)
        .because("whoever holds it can sign in as anybody, and it has now travelled with the metadata")
        .next("tell the customer today, by phone if you can, and delete it from the ticket")
        .tell("Your metadata contains a private key. Please take that key out of use at once and make a new one; a private key is never sent to anybody.")
}

/// A certificate on one line.
fn named(one: &Certificate) -> String {
    format!("SHA-256 {}…, {}, {} to {}", one.short(), one.key, date(one.not_before), date(one.not_after))
}

fn date(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}

/// Whole days from `now` to `then`; negative once it has passed.
fn days(now: Timestamp, then: Timestamp) -> i64 {
    then.duration_since(now).as_secs().div_euclid(24 * 60 * 60)
}

fn described(one: &Certificate, now: Timestamp) -> Value {
    let state = match () {
        () if one.is_over(now) => "expired",
        () if one.is_current(now) => "current",
        () => "not_yet_valid",
    };
    json!({
        "sha256": one.sha256,
        "subject": foreign::shown(&one.subject),
        "not_before": one.not_before.to_string(),
        "not_after": one.not_after.to_string(),
        "days_left": days(now, one.not_after),
        "key": one.key.to_string(),
        "state": state,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::saml::facts::Metadata;

    const ORDINARY: &str = include_str!("../../fixtures/metadata/certificate-p-256/document.xml");
    const P256: &str = include_str!("../../fixtures/metadata/certificates/p256.b64");

    /// Of the ordinary document with `from` replaced, at this time.
    fn judged(from: &str, to: &str, now: &str) -> Judgement {
        assert!(ORDINARY.contains(from), "{from}");
        let text = ORDINARY.replace(from, to).replace("{CERT:p256}", P256);
        let metadata = Metadata::of_bytes("metadata.xml", text.as_bytes(), None, &[]);
        judge(&SamlFacts { metadata: Some(metadata), now: now.parse().unwrap() })
    }

    #[test]
    fn why_there_is_no_certificate_is_said() {
        let of = |from, to| {
            let judgement = judged(from, to, "2026-06-01T00:00:00Z");
            assert_eq!(judgement.reasons().collect::<Vec<_>>(), ["no_signing_certificate"], "{to}");
            judgement.findings.into_iter().find_map(|one| one.why).unwrap()
        };
        let data = "<ds:X509Data><ds:X509Certificate>{CERT:p256}</ds:X509Certificate></ds:X509Data>";
        let elsewhere = "<X509Data xmlns=\"urn:other\"><X509Certificate>{CERT:p256}</X509Certificate></X509Data>";
        for (from, to, why) in [
            (data, elsewhere, "another XML namespace"),
            (data, "<ds:KeyValue><ds:RSAKeyValue/></ds:KeyValue>", "without a certificate"),
            ("use=\"signing\"", "use=\"verification\"", "a `use` that nobody has defined"),
            ("use=\"signing\"", "use=\"encryption\"", "for encryption alone"),
            (data, "", "nothing the provider says could be verified"),
        ] {
            assert!(of(from, to).contains(why), "{to}: {}", of(from, to));
        }
    }

    #[test]
    fn the_keys_of_a_whole_directory_are_told_from_an_applications() {
        use base64::Engine as _;
        use base64::engine::general_purpose::STANDARD;

        let of = |name: &str| {
            let mut params = rcgen::CertificateParams::new(Vec::new()).unwrap();
            params.distinguished_name = rcgen::DistinguishedName::new();
            params.distinguished_name.push(rcgen::DnType::CommonName, name);
            let made = params.self_signed(&rcgen::KeyPair::generate().unwrap()).unwrap();
            judged("{CERT:p256}", &STANDARD.encode(made.der()), "2026-06-01T00:00:00Z")
        };
        let directory = of("accounts.accesscontrol.windows.net");
        assert_eq!(directory.reasons().collect::<Vec<_>>(), ["metadata_of_directory"]);
        assert_eq!(directory.verdict, crate::finding::Verdict::Warn);
        for name in ["Microsoft Azure Federated SSO Certificate", "accounts.acme.example"] {
            assert_eq!(of(name).reasons().count(), 0, "{name}");
        }
    }

    #[test]
    fn what_stands_in_place_of_a_certificate_at_the_provider_is_not_asked_for_again() {
        let (first, second) = P256.split_at(P256.len() - 20);
        let altered = format!("{first}{}", second.replace('w', "x"));
        let several = format!("{P256}{P256}");
        assert_ne!(altered, P256);
        for (text, told) in [(altered, "send it unchanged"), (several, "more than one certificate in one place")] {
            let judgement = judged("{CERT:p256}", &text, "2026-06-01T00:00:00Z");
            let [finding] = judgement.findings.as_slice() else { panic!("{judgement:#?}") };
            assert_eq!(finding.code, "cert_unreadable");
            assert!(finding.tell.as_ref().unwrap().contains(told), "{finding:?}");
        }
    }

    #[test]
    fn a_certificates_state_goes_with_the_clock() {
        for (now, state) in [
            ("2000-01-01T00:00:00Z", "not_yet_valid"),
            ("2026-06-01T00:00:00Z", "current"),
            ("2100-01-01T00:00:00Z", "expired"),
        ] {
            let judgement = judged("signing", "signing", now);
            assert_eq!(judgement.details["certificates"][0]["state"], state, "{now}");
        }
    }

    #[test]
    fn days_are_counted_whole_and_go_below_zero() {
        let now: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        for (then, expected) in [
            ("2026-01-31T00:00:00Z", 30),
            ("2026-01-30T23:59:59Z", 29),
            ("2026-01-01T00:00:00Z", 0),
            ("2025-12-31T23:59:59Z", -1),
        ] {
            assert_eq!(days(now, then.parse().unwrap()), expected, "{then}");
        }
    }

    #[test]
    fn the_year_of_sha_1_is_a_point_in_time() {
        assert_eq!(SHA1_UNTIL.to_string(), "2016-01-01T00:00:00Z");
    }
}
