//! How many rows ended how, and why: the same size for ten rows and for a million.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::super::{human, listing};
use crate::finding::{Judgement, Verdict};
use crate::onboarding::plan::Outcome;
use crate::paragraph::wrapped;

/// Lines that are named for a reason.
const LINES: usize = 8;

/// The sum of a run.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    outcomes: BTreeMap<Outcome, u64>,
    /// By level, check and code; what is the installation's fault has no check, and stands under that word.
    reasons: BTreeMap<(Verdict, &'static str, &'static str), Reason>,
    rows: u64,
}

#[derive(Debug, Clone, Default)]
struct Reason {
    rows: u64,
    /// The first lines.
    lines: Vec<u64>,
    /// The fact, as the first row has it.
    fact: String,
}

impl Tally {
    /// Counts a row.
    pub fn add(&mut self, line: u64, outcome: Outcome, judgements: &[Judgement]) {
        self.count(outcome);
        for judgement in judgements.iter().filter(|one| one.verdict != Verdict::Pass) {
            let mut seen: Vec<&str> = Vec::new();
            for finding in judgement.findings.iter().filter(|one| one.level == judgement.verdict) {
                // A reason counts once for a row.
                if finding.is_not_asked() || seen.contains(&finding.code) {
                    continue;
                }
                seen.push(finding.code);
                self.reason(judgement.verdict, judgement.id.as_str(), finding.code, &finding.fact, line);
            }
        }
    }

    /// Counts a row that could not be decided, for the reason of `code`.
    pub fn add_failed(&mut self, line: u64, outcome: Outcome, code: &'static str, message: &str) {
        self.count(outcome);
        let verdict = if outcome == Outcome::Unknown { Verdict::Unknown } else { Verdict::Fail };
        self.reason(verdict, "installation", code, message, line);
    }

    fn count(&mut self, outcome: Outcome) {
        self.rows += 1;
        *self.outcomes.entry(outcome).or_default() += 1;
    }

    fn reason(&mut self, verdict: Verdict, check: &'static str, code: &'static str, fact: &str, line: u64) {
        let reason = self.reasons.entry((verdict, check, code)).or_default();
        reason.rows += 1;
        // Rows end in any order; the lowest lines are named.
        let at = reason.lines.partition_point(|other| *other < line);
        if at < LINES {
            reason.lines.insert(at, line);
            reason.lines.truncate(LINES);
        }
        if reason.fact.is_empty() {
            fact.clone_into(&mut reason.fact);
        }
    }

    /// How many rows ended.
    #[must_use]
    pub const fn rows(&self) -> u64 {
        self.rows
    }

    /// The outcomes with their counts, in a few words: `11 onboarded, 2 refused`.
    #[must_use]
    pub fn words(&self) -> String {
        let counted: Vec<String> =
            self.outcomes.iter().map(|(outcome, rows)| format!("{rows} {}", in_words(*outcome))).collect();
        if counted.is_empty() { "no rows".to_owned() } else { counted.join(", ") }
    }

    /// The sum for people: outcomes, then the reasons by how many rows each stops, with the first of their lines.
    #[must_use]
    pub fn text(&self, look: human::Look) -> String {
        if self.rows == 0 {
            return "There were no rows.\n".to_owned();
        }
        let rows = self.outcomes.iter().map(|(outcome, rows)| [rows.to_string(), in_words(*outcome)]);
        let mut out = listing::text(["ROWS", "OUTCOME"], rows, look.width);
        for (verdict, title) in [
            (Verdict::Fail, "Refused because"),
            (Verdict::Unknown, "No verdict because"),
            (Verdict::Warn, "With a warning"),
        ] {
            let mut reasons: Vec<_> = self.reasons.iter().filter(|((level, ..), _)| *level == verdict).collect();
            reasons.sort_by_key(|(_, reason)| std::cmp::Reverse(reason.rows));
            if reasons.is_empty() {
                continue;
            }
            let _ = write!(out, "\n{title}\n");
            let columns = look.columns();
            for ((_, check, code), reason) in reasons {
                let lead = format!("{:>7}  ", reason.rows);
                let text = format!("{check}: {code} – {}{}", example(reason.rows), reason.fact);
                let _ = writeln!(out, "{}", wrapped(&lead, &text, columns));
                let _ = writeln!(out, "{}", wrapped("         ", &lines(reason), columns));
            }
        }
        out
    }
}

fn in_words(outcome: Outcome) -> String {
    outcome.as_str().replace('_', " ")
}

fn example(rows: u64) -> &'static str {
    if rows > 1 { "for instance: " } else { "" }
}

fn lines(reason: &Reason) -> String {
    let named: Vec<String> = reason.lines.iter().map(u64::to_string).collect();
    let more = reason.rows.saturating_sub(reason.lines.len() as u64);
    match (named.as_slice(), more) {
        ([one], 0) => format!("line {one}"),
        (several, 0) => format!("lines {}", several.join(", ")),
        (several, more) => format!("lines {} and {more} more", several.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::CATALOGUE;
    use crate::finding::Finding;

    fn refused(code: &'static str) -> Vec<Judgement> {
        vec![Judgement::of(CATALOGUE[0].id, "", vec![Finding::fail(code, format!("the fact of {code}"))])]
    }

    #[test]
    fn rows_are_summed_up_by_outcome_and_by_reason_with_their_lines() {
        let mut tally = Tally::default();
        for line in (2..40).rev() {
            tally.add(line, Outcome::Refused, &refused("value_missing"));
        }
        tally.add(50, Outcome::Refused, &refused("issuer_syntax"));
        tally.add(51, Outcome::Onboarded, &[]);
        assert_eq!(tally.words(), "1 onboarded, 39 refused");
        let text = tally.text(human::Look { color: false, width: None });
        assert!(text.contains("lines 2, 3, 4, 5, 6, 7, 8, 9 and 30 more"), "{text}");
        assert!(text.find("value_missing") < text.find("issuer_syntax"), "{text}");
        assert!(text.contains("line 50"), "{text}");
    }

    #[test]
    fn a_row_that_could_not_be_decided_counts_too() {
        let mut tally = Tally::default();
        tally.add_failed(3, Outcome::Failed, "store", "the disk is full");
        assert_eq!((tally.rows(), tally.words().as_str()), (1, "1 failed"));
        assert!(tally.text(human::Look { color: false, width: Some(80) }).contains("the disk is full"));
    }
}
