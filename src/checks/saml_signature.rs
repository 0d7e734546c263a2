//! `saml-signature`

use serde_json::{Value, json};

use super::{catalogue, not_asked};
use crate::finding::{Finding, Judgement};
use crate::foreign;
use crate::saml::facts::SamlFacts;
use crate::saml::signature::{Outcome, Signature};

/// Checks the signature of the metadata, where it has one.
///
/// A broken one warns and does not fail: metadata without any is accepted, and taking the signature off is less work than
/// forging it. It says all the same that somebody or something altered the document. Source: SAML 2.0 Metadata, section 3.
pub(super) fn judge(facts: &SamlFacts) -> Judgement {
    let id = catalogue::SAML_SIGNATURE;
    let Some(reading) = facts.reading() else {
        return not_asked(id, "there is no metadata that could be read");
    };
    let mut findings: Vec<Finding> = reading.signatures.iter().map(of_signature).collect();
    if reading.signatures.is_empty() {
        findings.push(
            Finding::remark("metadata_unsigned", "the metadata is not signed")
                .because("nothing vouches for it but the way it came; many providers do not sign theirs"),
        );
    }
    let passed = if reading.signatures.is_empty() {
        "the metadata is not signed"
    } else {
        "the signature is valid: nothing was altered since; it does not prove who signed"
    };
    let listed: Vec<Value> = reading.signatures.iter().map(described).collect();
    Judgement::of(id, passed, findings).detail("signatures", listed)
}

fn of_signature(one: &Signature) -> Finding {
    let over = one.place.words();
    let resend = "The metadata was altered after your identity provider signed it, perhaps by a mail program or an editor. Please send us its address, or the file as an attachment, exactly as it was downloaded.";
    let phone =
        "ask for the address of the metadata, or compare the certificate's fingerprint with the customer by phone";
    match &one.outcome {
        Outcome::Valid { by, own, weak } => {
            let whose =
                if *own { "the certificate the provider signs sign-ins with" } else { "a certificate of its own" };
            match weak {
                None => Finding::remark("signature_valid", format!("the signature over {over} is valid"))
                    .evidence("verified with", format!("{whose}, SHA-256 {}…", by.get(..16).unwrap_or(by)))
                    .because(
                        "nothing was altered since; the key came with the document, so it does not prove who signed",
                    ),
                Some(weak) => {
                    Finding::warn("signature_weak", format!("the signature over {over} is valid, but {weak}"))
                        .because("it proves less than it seems to")
                        .next("nothing has to be done for this customer's sake alone")
                }
            }
        }
        Outcome::Altered => Finding::warn(
            "metadata_bad_signature",
            format!("the signature over {over} does not match: something was altered since"),
        )
        .because("a mail program or an editor may have done it, or somebody who wants to sign in as anybody")
        .next(phone)
        .tell(resend),
        Outcome::Malformed(why) => {
            Finding::warn("metadata_bad_signature", format!("the signature over {over} cannot be accepted: {why}"))
                .because("it proves nothing about what was read")
                .next(phone)
                .tell(resend)
        }
        Outcome::NoKey(why) => {
            Finding::warn("signature_no_key", format!("the signature over {over} cannot be verified: {why}"))
                .because("it proves nothing without a key; the metadata is as good as unsigned")
        }
        Outcome::NotVerified(why) => {
            Finding::warn("signature_not_verified", format!("the signature over {over} was not verified: {why}"))
                .because("the metadata counts as unsigned")
                .next("if you know who signs it, verify it with their own tool")
        }
    }
}

fn described(one: &Signature) -> Value {
    let (outcome, by) = match &one.outcome {
        Outcome::Valid { by, .. } => ("valid", Some(by.as_str())),
        Outcome::Altered => ("altered", None),
        Outcome::Malformed(_) => ("malformed", None),
        Outcome::NoKey(_) => ("no_key", None),
        Outcome::NotVerified(_) => ("not_verified", None),
    };
    let algorithm = one.algorithm.as_deref().map(foreign::shown);
    json!({ "over": one.place.words(), "outcome": outcome, "certificate": by, "algorithm": algorithm })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Verdict;
    use crate::saml::expiry::Place;

    fn level(outcome: Outcome) -> (Verdict, &'static str) {
        let finding = of_signature(&Signature { place: Place::Entity, algorithm: None, outcome });
        (finding.level, finding.code)
    }

    #[test]
    fn a_valid_signature_is_a_note_and_anything_else_a_warning() {
        let valid = |weak| Outcome::Valid { by: "ab".repeat(32), own: false, weak };
        assert_eq!(level(valid(None)), (Verdict::Pass, "signature_valid"));
        assert_eq!(level(valid(Some("it is weak"))), (Verdict::Warn, "signature_weak"));
        assert_eq!(level(Outcome::Altered), (Verdict::Warn, "metadata_bad_signature"));
        assert_eq!(level(Outcome::Malformed("so")), (Verdict::Warn, "metadata_bad_signature"));
        assert_eq!(level(Outcome::NoKey("so")), (Verdict::Warn, "signature_no_key"));
        assert_eq!(level(Outcome::NotVerified("so")), (Verdict::Warn, "signature_not_verified"));
    }

    #[test]
    fn whose_certificate_a_signature_was_verified_with_is_said() {
        for (own, whose) in
            [(true, "the certificate the provider signs sign-ins with"), (false, "a certificate of its own")]
        {
            let outcome = Outcome::Valid { by: "ab".repeat(32), own, weak: None };
            let finding = of_signature(&Signature { place: Place::Entity, algorithm: None, outcome });
            assert!(finding.evidence[0].value.starts_with(whose), "{finding:?}");
        }
    }

    #[test]
    fn a_signature_or_that_there_is_none_is_always_remarked() {
        const ORDINARY: &str = include_str!("../../fixtures/metadata/certificate-p-256/document.xml");
        let metadata = crate::saml::facts::Metadata::of_bytes("metadata.xml", ORDINARY.as_bytes(), None, &[]);
        let judgement = judge(&SamlFacts { metadata: Some(metadata), ..SamlFacts::default() });
        assert_eq!(judgement.findings.iter().map(|one| one.code).collect::<Vec<_>>(), ["metadata_unsigned"]);
    }
}
