//! The words between facts, checks and reports: what a check found, how bad it is, and what to do about it.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::foreign;
use crate::input::Input;

/// The stable name of a check, kebab-case, as `ssoctl explain` knows it (`oidc-discovery`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct CheckId(&'static str);

impl CheckId {
    /// Names a check; the catalogue in [`crate::checks`] is the only place that should.
    #[must_use]
    pub const fn new(id: &'static str) -> Self {
        Self(id)
    }

    /// The id as text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.0
    }

    /// Whether the check rests on the product database.
    #[must_use]
    pub fn is_of_team(self) -> bool {
        self.0.starts_with("team-")
    }

    /// Whether the check rests on what the identity provider says.
    #[must_use]
    pub fn is_of_provider(self) -> bool {
        self.0.starts_with("oidc-") || self.0.starts_with("saml-")
    }
}

impl std::fmt::Display for CheckId {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.pad(self.0)
    }
}

/// What a check says, from best to worst.
///
/// `Unknown` ranks below `Fail`: a request with one proven fault is refused, whatever else could not be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Everything the check looks at is in order.
    Pass,
    /// Nothing forbids going on, but a person should know.
    Warn,
    /// It could not be told, and the finding says why. Never counted as a pass.
    Unknown,
    /// The request must not be carried out.
    Fail,
}

impl Verdict {
    /// The word shown to people and in JSON.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Warn => "warn",
            Self::Unknown => "unknown",
            Self::Fail => "fail",
        }
    }
}

/// One named value that supports a finding: made printable when it is added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Evidence {
    /// Whose value it is, in the reader's words (`customer gave`).
    pub label: String,
    /// The value, already safe to print.
    pub value: String,
}

/// One thing a check found, with the three texts every failure owes its reader: the fact, what the agent can do, and
/// what to tell the customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Stable reason in `snake_case` for scripts (`issuer_mismatch`).
    pub code: &'static str,
    /// How bad it is. `Pass` is a note: worth saying, needing nothing.
    pub level: Verdict,
    /// What was found, one clause without a final stop.
    pub fact: String,
    /// The values it rests on.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Evidence>,
    /// Why it matters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// What the agent does next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// Flags to run again with, once the customer has confirmed. Values are printable, quoting is the report's.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rerun_with: Vec<String>,
    /// What the customer is told, in whole sentences.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tell: Option<String>,
    /// Whether a note is shown to people, too: what else there is to show, its level says.
    #[serde(skip)]
    pub is_remark: bool,
    /// Which value of the request it is about, where its code could be of several.
    #[serde(skip)]
    pub about: Option<Input>,
}

/// The code of a finding that says that a check was not asked.
pub const NOT_ASKED: &str = "not_asked";

impl Finding {
    fn new(level: Verdict, code: &'static str, fact: impl Into<String>) -> Self {
        Self {
            code,
            level,
            fact: fact.into(),
            evidence: Vec::new(),
            why: None,
            next: None,
            rerun_with: Vec::new(),
            tell: None,
            is_remark: false,
            about: None,
        }
    }

    /// Worth keeping on record, needing nothing.
    #[must_use]
    pub fn note(code: &'static str, fact: impl Into<String>) -> Self {
        Self::new(Verdict::Pass, code, fact)
    }

    /// A [`note`](Self::note) that people are shown, too: it speaks against nothing, and somebody should know.
    #[must_use]
    pub fn remark(code: &'static str, fact: impl Into<String>) -> Self {
        Self { is_remark: true, ..Self::note(code, fact) }
    }

    /// Nothing forbids going on, but a person should know.
    #[must_use]
    pub fn warn(code: &'static str, fact: impl Into<String>) -> Self {
        Self::new(Verdict::Warn, code, fact)
    }

    /// It could not be told.
    #[must_use]
    pub fn unknown(code: &'static str, fact: impl Into<String>) -> Self {
        Self::new(Verdict::Unknown, code, fact)
    }

    /// The check could not even be asked; what keeps it waiting has failed elsewhere, and is told there.
    #[must_use]
    pub fn not_asked(why: &str) -> Self {
        Self::unknown(NOT_ASKED, format!("not asked: {why}"))
    }

    /// Whether it says that the check was not asked: no reason of its own.
    #[must_use]
    pub fn is_not_asked(&self) -> bool {
        self.code == NOT_ASKED
    }

    /// The request must not be carried out.
    #[must_use]
    pub fn fail(code: &'static str, fact: impl Into<String>) -> Self {
        Self::new(Verdict::Fail, code, fact)
    }

    /// Says which value of the request it is about.
    #[must_use]
    pub const fn about(mut self, input: Input) -> Self {
        self.about = Some(input);
        self
    }

    /// Adds a value the finding rests on; foreign text is made printable here.
    #[must_use]
    pub fn evidence(mut self, label: impl Into<String>, value: impl AsRef<str>) -> Self {
        self.evidence.push(Evidence { label: label.into(), value: foreign::shown(value.as_ref()) });
        self
    }

    /// Says why it matters.
    #[must_use]
    pub fn because(mut self, why: impl Into<String>) -> Self {
        self.why = Some(why.into());
        self
    }

    /// Says what the agent does next.
    #[must_use]
    pub fn next(mut self, next: impl Into<String>) -> Self {
        self.next = Some(next.into());
        self
    }

    /// Names the flags to run again with.
    #[must_use]
    pub fn rerun_with<I, S>(mut self, words: I) -> Self
    where
        I: IntoIterator<Item = S>,
        S: AsRef<str>,
    {
        // Whole: half a URL in a command is worse than none.
        self.rerun_with.extend(words.into_iter().map(|word| foreign::shown_up_to(word.as_ref(), 4096)));
        self
    }

    /// Says what the customer is told.
    #[must_use]
    pub fn tell(mut self, tell: impl Into<String>) -> Self {
        self.tell = Some(tell.into());
        self
    }
}

/// What one check says about one request.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Judgement {
    /// Which check.
    pub id: CheckId,
    /// The worst of the findings, `pass` when there is none.
    pub verdict: Verdict,
    /// One line for a person.
    pub summary: String,
    /// What was found, worst first within the order they were added.
    pub findings: Vec<Finding>,
    /// Facts for scripts: shape per check, documented in `ssoctl explain`.
    pub details: Map<String, Value>,
    /// How long the facts took to gather, milliseconds; absent where nothing was fetched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub elapsed_ms: Option<u64>,
}

impl Judgement {
    /// Sums up `findings`: the verdict is the worst of them, and the summary is the worst one's fact, or `passed`.
    #[must_use]
    pub fn of(id: CheckId, passed: impl Into<String>, mut findings: Vec<Finding>) -> Self {
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.level));
        // Every refusal says what the agent does next (design section 4). Of many that is the same.
        for refusal in findings.iter_mut().filter(|one| one.level == Verdict::Fail && one.next.is_none()) {
            let next = match refusal.tell {
                Some(_) => "send the reply; once the customer has mended it, run again",
                None => "mend it, then run again",
            };
            refusal.next = Some(next.to_owned());
        }
        let verdict = findings.first().map_or(Verdict::Pass, |worst| worst.level);
        let summary = match findings.first() {
            Some(worst) if verdict != Verdict::Pass => {
                let more = findings.iter().filter(|finding| finding.level == verdict).count() - 1;
                if more == 0 { worst.fact.clone() } else { format!("{} (and {more} more)", worst.fact) }
            }
            _ => passed.into(),
        };
        Self { id, verdict, summary, findings, details: Map::new(), elapsed_ms: None }
    }

    /// Adds a fact for scripts.
    #[must_use]
    pub fn detail(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.details.insert(name.to_owned(), value.into());
        self
    }

    /// Records how long the facts took to gather.
    #[must_use]
    pub fn took(mut self, elapsed: Option<std::time::Duration>) -> Self {
        self.elapsed_ms = elapsed.map(|elapsed| u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX));
        self
    }

    /// The judgement in short for the audit log: `None` for a plain pass, which needs no mention.
    #[must_use]
    pub fn notable(&self) -> Option<Value> {
        (self.verdict != Verdict::Pass).then(|| {
            let reasons: Vec<&str> = self.reasons().collect();
            serde_json::json!({ "id": self.id, "verdict": self.verdict, "reasons": reasons })
        })
    }

    /// The codes of the findings at the judgement's own level: why it says what it says.
    pub fn reasons(&self) -> impl Iterator<Item = &'static str> {
        self.findings.iter().filter(|finding| finding.level == self.verdict).map(|finding| finding.code)
    }
}

/// What `check` says among `judgements`; `None` where it was not made.
#[must_use]
pub fn verdict_of(judgements: &[Judgement], check: CheckId) -> Option<Verdict> {
    judgements.iter().find(|judgement| judgement.id == check).map(|judgement| judgement.verdict)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: CheckId = CheckId::new("some-check");

    #[test]
    fn no_finding_is_a_pass() {
        let judgement = Judgement::of(ID, "all is well", vec![]);
        assert_eq!((judgement.verdict, judgement.summary.as_str()), (Verdict::Pass, "all is well"));
    }

    #[test]
    fn the_worst_finding_decides_and_stands_first() {
        let findings = vec![Finding::warn("a", "a"), Finding::fail("b", "b"), Finding::unknown("c", "c")];
        let judgement = Judgement::of(ID, "", findings);
        assert_eq!(judgement.verdict, Verdict::Fail);
        assert_eq!(judgement.summary, "b");
        assert_eq!(judgement.findings.iter().map(|finding| finding.code).collect::<Vec<_>>(), ["b", "c", "a"]);
    }

    #[test]
    fn a_note_does_not_spoil_a_pass() {
        let judgement = Judgement::of(ID, "fine", vec![Finding::note("a", "an aside")]);
        assert_eq!((judgement.verdict, judgement.summary.as_str()), (Verdict::Pass, "fine"));
    }

    #[test]
    fn evidence_is_printable() {
        let finding = Finding::fail("a", "a").evidence("gave", "\u{1b}[2J");
        assert_eq!(finding.evidence.first().map(|one| one.value.as_str()), Some("\\u{1b}[2J"));
    }
}
