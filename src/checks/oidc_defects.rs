//! What is wrong with a discovery document that could be read, in words for the agent and the customer: part of
//! `oidc-discovery`.

use crate::exchange::Forbidden;
use crate::finding::Finding;
use crate::oidc::discovery::Defect;
use crate::oidc::json::{Encoding, Several};

/// What is told of defects: a provider behind a proxy that hides https from it has every address wrong, and is told so once.
pub(super) fn of_defects(defects: &[Defect]) -> Vec<Finding> {
    let missing: Vec<&str> = defects
        .iter()
        .filter_map(|defect| match defect {
            Defect::Missing(member) => Some(*member),
            _ => None,
        })
        .collect();
    let plain: Vec<(&str, &str)> = defects
        .iter()
        .filter_map(|defect| match defect {
            Defect::NotHttps { member, url } => Some((*member, url.as_str())),
            _ => None,
        })
        .collect();
    let others = defects.iter().filter_map(of_defect);
    of_missing(&missing).into_iter().chain(of_plain(&plain)).chain(others).collect()
}

fn of_missing(members: &[&str]) -> Option<Finding> {
    let (fact, without) = match members {
        [] => return None,
        [member] => (format!("the document lacks the required member `{member}`"), "without it"),
        several => (format!("the document lacks the required members {}", quoted(several)), "without them"),
    };
    let tell = to_customer(&fact);
    Some(Finding::fail("discovery_missing", fact).because(format!("sign-in cannot work {without}")).tell(tell))
}

fn of_plain(endpoints: &[(&str, &str)]) -> Option<Finding> {
    let names: Vec<&str> = endpoints.iter().map(|(member, _)| *member).collect();
    let fact = match names.as_slice() {
        [] => return None,
        [member] => format!("`{member}` is not an https address"),
        several => format!("{} are not https addresses", quoted(several)),
    };
    let mut tell = to_customer(&fact);
    if names.len() > 1 {
        tell.push_str(" Behind a reverse proxy the provider often lacks the header X-Forwarded-Proto.");
    }
    let finding = Finding::fail("endpoint_not_https", fact);
    let finding = endpoints.iter().fold(finding, |finding, (member, url)| finding.evidence(*member, url));
    Some(finding.because("secrets and sign-ins would travel in clear text").tell(tell))
}

/// Names as prose has them: `` `a`, `b` and `c` ``.
fn quoted(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.as_slice() {
        [before @ .., last] if !before.is_empty() => format!("{} and {last}", before.join(", ")),
        all => all.concat(),
    }
}

fn to_customer(fact: &str) -> String {
    format!(
        "The discovery document of your identity provider is not in order: {fact}. Please ask its vendor or your administrator to mend it."
    )
}

/// What is told of one defect; `None` of those that are told together.
fn of_defect(defect: &Defect) -> Option<Finding> {
    Some(match defect {
        Defect::Missing(_) | Defect::NotHttps { .. } => return None,
        Defect::Type { member, expected } => {
            let fact = format!("the member `{member}` is not {expected}");
            let tell = to_customer(&fact);
            Finding::fail("discovery_type", fact).because("sign-in reads it").tell(tell)
        }
        Defect::IdleTypes(members) => {
            let (subject, is) = counted("member", "is", "are", members);
            Finding::warn("discovery_type", format!("{subject} {is} of the wrong type"))
                .because("nothing rests on it here, but other software may stumble")
        }
        Defect::NotUrl { member, url, why } => {
            let fact = format!("`{member}` {why}");
            let tell = to_customer(&fact);
            Finding::fail("endpoint_not_url", fact).evidence(*member, url).tell(tell)
        }
        Defect::Forbidden { member, url, why, used } => {
            let fact = format!("`{member}` leads where no request may go: {why}");
            let tell = to_customer(&match why {
                Forbidden::UserInfo { .. } => format!("`{member}` has a user name or password in it"),
                _ => format!("`{member}` is no address on the public internet"),
            });
            let because = match why {
                Forbidden::UserInfo { .. } => "a document that everybody may read has no place for a password",
                _ => "an address out of a customer's document must not make a server reach into its own network",
            };
            if *used {
                Finding::fail("egress_forbidden", fact).because(because).tell(tell)
            } else {
                Finding::warn("egress_forbidden", fact)
                    .because("nothing is sent there, but the document is not in order")
            }
            .evidence(*member, url)
        }
        Defect::Duplicates(members) => {
            let (subject, stand) = counted("member", "stands", "stand", members);
            let fact = format!("{subject} {stand} in the document twice");
            let tell = to_customer(&fact);
            Finding::fail("json_duplicate_key", fact)
                .because("two programs may read two different values, and one of them signs people in")
                .tell(tell)
        }
        Defect::Encoding(Encoding::Utf16) => Finding::warn("json_encoding", "the document is UTF-16 instead of UTF-8")
            .because("RFC 8259 asks for UTF-8, and other software will not read it"),
        Defect::Encoding(_) => Finding::note("json_encoding", "the document starts with a byte order mark"),
    })
}

/// `` the member `a` `` or `` the members `a`, `b` ``, with the verb for so many.
fn counted(noun: &str, one: &'static str, many: &'static str, names: &Several) -> (String, &'static str) {
    if names.count() == 1 { (format!("the {noun} {names}"), one) } else { (format!("the {noun}s {names}"), many) }
}
