//! What a person can change of a row: columns of a table and members of an object, where a single request has flags.

use crate::finding::Judgement;
use crate::input::Input;

/// Values that have a flag for a single request, and the column that stands for each. A flag that begins another comes after it.
const COLUMNS: [(Input, &str); 10] = [
    (Input::ClientSecret, "`client_secret`"),
    (Input::RequestedBy, "`requested_by`"),
    (Input::VouchedDomain, "`vouch_domains`"),
    (Input::ClientId, "`client_id`"),
    (Input::EntityId, "`entity_id`"),
    (Input::Metadata, "`metadata`"),
    (Input::Domain, "`domains`"),
    (Input::Issuer, "`issuer`"),
    (Input::Ticket, "`ticket`"),
    (Input::Owner, "`owner`"),
];

/// Words that are put otherwise, before the flags in what is left are.
const WORDINGS: [(&str, &str); 2] = [
    ("--client-secret-file or --client-secret-stdin", "`client_secret_file`"),
    ("`ssoctl prepare --owner …`", "`ssoctl prepare`"),
];

/// Names columns in what is said of a row. The command that does for one request what was tried for the row keeps its flags.
pub(super) fn name_columns(judgements: &mut [Judgement]) {
    for judgement in judgements {
        rename(&mut judgement.summary);
        for finding in &mut judgement.findings {
            rename(&mut finding.fact);
            finding.why.iter_mut().chain(&mut finding.next).for_each(rename);
        }
    }
}

fn rename(text: &mut String) {
    // Hardly any has one.
    if !text.contains("--") {
        return;
    }
    for (flags, column) in WORDINGS {
        replace(text, flags, column);
    }
    for (input, column) in COLUMNS {
        let flag = input.flag();
        // A value is given in its column, and tried again with it.
        replace(text, &format!("again with {flag}"), &format!("again with {column}"));
        replace(text, &format!("with {flag}"), &format!("in {column}"));
        replace(text, &format!(": {flag}"), &format!(", in {column}:"));
        replace(text, flag, column);
    }
}

fn replace(text: &mut String, from: &str, to: &str) {
    if text.contains(from) {
        *text = text.replace(from, to);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Finding;

    fn renamed(text: &str) -> String {
        let mut judgements = [Judgement::of(super::super::catalogue::TEAM_OWNER, "", vec![Finding::fail("x", text)])];
        name_columns(&mut judgements);
        judgements[0].findings[0].fact.clone()
    }

    #[test]
    fn columns_stand_where_flags_did() {
        for (text, expected) in [
            ("the client secret is missing (--client-secret-file)", "the client secret is missing (`client_secret`)"),
            ("give it with --client-id; else ask", "give it in `client_id`; else ask"),
            ("or vouch for the domain with --vouch-domain", "or vouch for the domain in `vouch_domains`"),
            ("then run again with --entity-id and its id", "then run again with `entity_id` and its id"),
            ("prefer --client-secret-file or --client-secret-stdin", "prefer `client_secret_file`"),
            ("as your help desk shows it: --ticket 48213", "as your help desk shows it, in `ticket`: 48213"),
            ("run again with --replace", "run again with --replace"),
        ] {
            assert_eq!(renamed(text), expected);
        }
    }
}
