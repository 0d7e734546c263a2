//! The reason codes of findings, as `docs/checks.md` has them: a table for each check. A test holds that document to the source.

use super::catalogue::find;
use crate::finding::CheckId;

const DOCUMENT: &str = include_str!("../../docs/checks.md");

/// A reason code, explained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reason {
    /// The check whose findings have it.
    pub check: CheckId,
    /// The code.
    pub code: &'static str,
    /// The level of such a finding: `fail`, `warn`, `unknown` or `note`.
    pub level: &'static str,
    /// What it means.
    pub means: &'static str,
}

/// Every reason code, check by check; one that several checks have comes with each.
pub fn reasons() -> impl Iterator<Item = Reason> {
    DOCUMENT.split("\n## ").skip(1).filter_map(|section| section.split_once('\n')).flat_map(|(heading, section)| {
        let check = find(heading).map(|entry| entry.id);
        section.lines().filter_map(move |line| {
            let (code, rest) = line.strip_prefix("| `")?.split_once("` | ")?;
            let (level, means) = rest.strip_suffix(" |")?.split_once(" | ")?;
            Some(Reason { check: check?, code, level, means })
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_found_with_its_check_its_level_and_its_meaning() {
        let found: Vec<Reason> = reasons().filter(|reason| reason.code == "owner_ambiguous").collect();
        let [reason] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!((reason.check.as_str(), reason.level), ("team-owner", "fail"));
        assert!(reason.means.contains("account"), "{reason:?}");
        let rows = DOCUMENT.lines().filter(|line| line.starts_with("| `") && line.matches(" | ").count() > 1).count();
        assert_eq!(reasons().count() + verdicts_explained(), rows);
    }

    /// Rows of the table of verdicts, which stands before the first check.
    fn verdicts_explained() -> usize {
        let opening = DOCUMENT.split("\n## ").next().unwrap();
        opening.lines().filter(|line| line.starts_with("| `")).count()
    }
}
