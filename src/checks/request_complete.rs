//! `request-complete`

use super::{Intent, catalogue};
use crate::finding::{Judgement, Verdict};
use crate::request::OnboardingRequest;

/// Checks that the required values are there and well-formed, and says what was mended.
///
/// Intake found all of this while it read the values; the check only sums it up.
pub(super) fn judge(request: &OnboardingRequest, intent: Intent) -> Judgement {
    let mended = request.changed.len();
    let passed = match (mended, intent.everything) {
        (0, true) => "every value is there and well-formed".to_owned(),
        (0, false) => "every value given is well-formed".to_owned(),
        (1, _) => "one value was mended".to_owned(),
        (_, _) => format!("{mended} values were mended"),
    };
    let mut judgement = Judgement::of(catalogue::REQUEST_COMPLETE, passed, request.findings.clone());
    if judgement.verdict == Verdict::Pass && mended > 0 {
        let fields: Vec<&str> = request.changed.iter().map(|change| change.input.field()).collect();
        judgement = judgement.detail("mended", fields);
    }
    judgement
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Finding;

    fn request(findings: Vec<Finding>) -> OnboardingRequest {
        OnboardingRequest { findings, ..OnboardingRequest::default() }
    }

    #[test]
    fn a_request_without_findings_passes() {
        let judgement = judge(&request(vec![]), Intent { everything: true, ..Intent::default() });
        assert_eq!(judgement.verdict, Verdict::Pass);
    }

    #[test]
    fn the_fields_that_were_mended_are_listed_where_nothing_is_wrong() {
        let change =
            crate::request::Change { input: crate::input::Input::Issuer, from: None, to: None, why: "cut".to_owned() };
        let mended = |findings| OnboardingRequest { changed: vec![change.clone()], ..request(findings) };
        let judgement = judge(&mended(vec![]), Intent::default());
        assert_eq!(judgement.summary, "one value was mended");
        assert_eq!(judgement.details["mended"], serde_json::json!(["issuer"]));
        let missing = Finding::fail("value_missing", "no issuer was given");
        assert!(!judge(&mended(vec![missing]), Intent::default()).details.contains_key("mended"));
        assert!(!judge(&request(vec![]), Intent::default()).details.contains_key("mended"));
    }

    #[test]
    fn a_missing_value_fails() {
        let missing = Finding::fail("value_missing", "no issuer was given");
        let judgement = judge(&request(vec![missing]), Intent::default());
        assert_eq!((judgement.verdict, judgement.summary.as_str()), (Verdict::Fail, "no issuer was given"));
    }
}
