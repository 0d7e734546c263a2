//! The mail to the customer: what was found, in their words, in the order they would mend it.
//!
//! It never names another customer, and never an internal. Texts are templates under `replies/`.

use super::Report;
use super::paragraph::wrapped;
use crate::finding::Verdict;
use crate::onboarding::plan::Outcome;

const REFUSED: &str = include_str!("replies/refused.txt");
const ONBOARDED: &str = include_str!("replies/onboarded.txt");
const REPLACED: &str = include_str!("replies/replaced.txt");
const STAGED: &str = include_str!("replies/staged.txt");
const VALID: &str = include_str!("replies/valid.txt");

/// Columns of a mail that every program shows unbroken.
const MAIL_COLUMNS: usize = 76;

/// The mail for this report; empty while there is nothing to tell: no verdict, or a fault of our own.
#[must_use]
pub fn text(report: &Report) -> String {
    let template = match report.outcome {
        Outcome::WouldOnboard | Outcome::Unchanged if report.stays_off() => STAGED,
        Outcome::Refused => REFUSED,
        Outcome::Onboarded | Outcome::Unchanged | Outcome::WouldOnboard => ONBOARDED,
        Outcome::Replaced | Outcome::WouldReplace => REPLACED,
        Outcome::Staged => STAGED,
        Outcome::Valid => VALID,
        Outcome::Unknown | Outcome::Failed => return String::new(),
    };
    let team = report.team.as_ref().and_then(crate::product::team::Team::shown_name);
    let greeting = report.owner_name.split_whitespace().next().unwrap_or("there").to_owned();
    let wrong = numbered(&tellings(report, Verdict::Fail));
    let hints = match tellings(report, Verdict::Warn) {
        hints if hints.is_empty() => String::new(),
        hints => format!("\nPlease note:\n\n{}\n", numbered(&hints)),
    };
    let issuer = report.connection.as_ref().map(|connection| connection.provider.name().to_owned());
    fill(
        template,
        &[
            ("name", &greeting),
            ("team", team.as_deref().unwrap_or("your team")),
            ("now", if report.outcome == Outcome::Unchanged { "switched on already" } else { "now switched on" }),
            ("wrong", &wrong),
            ("hints", &hints),
            ("issuer", issuer.as_deref().unwrap_or("your identity provider")),
            ("domains", &listed(&report.domains)),
            ("provisioning", &provisioning(report)),
        ],
    )
}

/// Where accounts are provisioned, if that was switched on. The token never goes by mail.
fn provisioning(report: &Report) -> String {
    let Some(scim) = report.connection.as_ref().and_then(|connection| connection.scim.as_ref()) else {
        return String::new();
    };
    let sentence = wrapped(
        "- ",
        "Your identity provider can create, change and deactivate accounts by SCIM. Enter this base URL into its \
         provisioning app; the bearer token reaches you on another way than mail:",
        MAIL_COLUMNS,
    );
    format!("{sentence}\n  {}\n", scim.base_url)
}

/// What the customer is told, in the order of the catalogue: their own values first, then their provider, then their
/// team. The same sentence is said once.
fn tellings(report: &Report, level: Verdict) -> Vec<String> {
    let mut told: Vec<String> = Vec::new();
    for judgement in report.saying(level) {
        for finding in judgement.findings.iter().filter(|finding| finding.level == level) {
            if let Some(tell) = &finding.tell
                && !told.contains(tell)
            {
                told.push(tell.clone());
            }
        }
    }
    if told.is_empty() && level == Verdict::Fail {
        told.push(
            "Something about your request has to be cleared up on our side first. We will come back to you.".to_owned(),
        );
    }
    told
}

fn numbered(sentences: &[String]) -> String {
    match sentences {
        [one] => wrapped("", one, MAIL_COLUMNS),
        several => several
            .iter()
            .enumerate()
            .map(|(position, sentence)| wrapped(&format!("{}. ", position + 1), sentence, MAIL_COLUMNS))
            .collect::<Vec<_>>()
            .join("\n\n"),
    }
}

fn listed(domains: &[String]) -> String {
    match domains {
        [] => "your domain".to_owned(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// Replaces every `{name}` of `template` in one pass: a value that contains braces is not read again.
pub(super) fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(template.len() * 2);
    let mut rest = template;
    while let Some(start) = rest.find('{') {
        let (before, from) = rest.split_at(start);
        out.push_str(before);
        let value = from.find('}').and_then(|end| {
            let name = from.get(1..end)?;
            let (_, value) = values.iter().find(|(known, _)| *known == name)?;
            Some((end, value))
        });
        if let Some((end, value)) = value {
            out.push_str(value);
            rest = from.get(end + 1..).unwrap_or_default();
        } else {
            out.push('{');
            rest = from.get(1..).unwrap_or_default();
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_with_braces_is_not_read_again() {
        assert_eq!(fill("Hello {name}, {x} {", &[("name", "{team}"), ("team", "Acme")]), "Hello {team}, {x} {");
    }

    #[test]
    fn several_domains_read_as_a_list() {
        let domains = ["a.example", "b.example", "c.example"].map(str::to_owned);
        assert_eq!(listed(&domains), "a.example, b.example and c.example");
    }
}
