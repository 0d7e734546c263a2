//! `Authentication-Results`: what the receiving server wrote about the sender, if it is the one that is believed.
//!
//! Source: RFC 8601, sections 2.2 and 5.

use crate::request::mail::{Authentication, AuthenticationResult};

/// Results that are read of one head.
const RESULTS: usize = 64;

/// A field of a head: its name in lower case, and its raw value.
pub(super) struct Field<'m> {
    pub(super) name: String,
    pub(super) value: &'m str,
}

/// Reads what the server `trusted` wrote into a head, from its top.
///
/// Servers put their fields on top of what they receive. Once the trusted one has spoken, whatever stands below the next
/// `Received` came with the mail: the sender may have written that.
pub(super) fn read(head: &[Field<'_>], trusted: Option<&str>) -> Authentication {
    let Some(trusted) = trusted.map(str::trim).filter(|id| !id.is_empty()) else {
        return Authentication::NobodyTrusted;
    };
    let mut results: Vec<AuthenticationResult> = Vec::new();
    let mut spoken = false;
    for field in head {
        match field.name.as_str() {
            "received" if spoken => break,
            "authentication-results" => {
                let text = without_comments(field.value);
                let mut clauses = text.split(';');
                let server = clauses.next().unwrap_or_default().split_whitespace().next().unwrap_or_default();
                if !server.eq_ignore_ascii_case(trusted) {
                    continue;
                }
                spoken = true;
                results.extend(clauses.filter_map(clause));
                results.truncate(RESULTS);
            }
            _ => {}
        }
    }
    if spoken { Authentication::Results(results) } else { Authentication::Missing }
}

/// `dkim=pass reason="x" header.d=acme.example`
fn clause(text: &str) -> Option<AuthenticationResult> {
    let mut words = text.split_whitespace();
    let (method, result) = words.next()?.split_once('=')?;
    let method = method.split('/').next().unwrap_or_default().to_ascii_lowercase();
    let wanted: &[&str] = match method.as_str() {
        "dkim" => &["header.d", "header.i"],
        "spf" => &["smtp.mailfrom", "smtp.helo"],
        "dmarc" => &["header.from"],
        _ => return None,
    };
    let properties: Vec<(&str, &str)> = words.filter_map(|word| word.split_once('=')).collect();
    let value = wanted.iter().find_map(|name| properties.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)));
    let domain = value.map(|(_, value)| {
        let value = value.trim_matches(['"', '<', '>']);
        value.rsplit_once('@').map_or(value, |(_, domain)| domain).trim_end_matches('.').to_ascii_lowercase()
    });
    Some(AuthenticationResult { method, result: result.trim_matches('"').to_ascii_lowercase(), domain })
}

/// A field's value without its comments, on one line; `;` in quotes is left out.
fn without_comments(value: &str) -> String {
    let (mut out, mut depth, mut quoted, mut escaped) = (String::with_capacity(value.len()), 0_usize, false, false);
    for one in value.chars() {
        if escaped {
            escaped = false;
        } else {
            match one {
                '\\' => escaped = true,
                '"' if depth == 0 => quoted = !quoted,
                '(' if !quoted => depth += 1,
                ')' if !quoted && depth > 0 => {
                    depth -= 1;
                    out.push(' ');
                    continue;
                }
                ';' if quoted => continue,
                '\r' | '\n' => {
                    out.push(' ');
                    continue;
                }
                _ => {}
            }
        }
        if depth == 0 {
            out.push(one);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn results(fields: &[(&str, &str)], trusted: Option<&str>) -> Authentication {
        let head: Vec<Field<'_>> =
            fields.iter().map(|(name, value)| Field { name: (*name).to_owned(), value }).collect();
        read(&head, trusted)
    }

    fn said(authentication: Authentication) -> Vec<(String, String, Option<String>)> {
        let Authentication::Results(results) = authentication else { panic!("{authentication:?}") };
        results.into_iter().map(|one| (one.method, one.result, one.domain)).collect()
    }

    const AR: &str = "authentication-results";

    #[test]
    fn results_are_read_with_their_domains_and_without_comments() {
        let value = " MX.acme.example 1;\r\n dkim=pass (2048-bit; rsa) header.d=a.example header.s=x;\r\n spf=softfail\r\n smtp.mailfrom=b@B.example; dmarc=fail (p=none) header.from=c.example; arc=none";
        assert_eq!(
            said(results(&[(AR, value)], Some("mx.acme.example"))),
            [
                ("dkim".into(), "pass".into(), Some("a.example".into())),
                ("spf".into(), "softfail".into(), Some("b.example".into())),
                ("dmarc".into(), "fail".into(), Some("c.example".into())),
            ]
        );
    }

    #[test]
    fn only_the_trusted_server_is_believed() {
        let other = (AR, "mx.evil.example; dmarc=pass header.from=a.example");
        assert_eq!(results(&[other], Some("mx.acme.example")), Authentication::Missing);
        assert_eq!(results(&[other], None), Authentication::NobodyTrusted);
        assert_eq!(results(&[other], Some(" ")), Authentication::NobodyTrusted);
        let comment = (AR, "mx.evil.example (mx.acme.example; dmarc=pass) ; spf=none");
        assert_eq!(results(&[comment], Some("mx.acme.example")), Authentication::Missing);
    }

    #[test]
    fn what_came_with_the_mail_is_not_believed() {
        let real = (AR, "mx.acme.example; dmarc=fail header.from=a.example");
        let second = (AR, "mx.acme.example; spf=fail smtp.mailfrom=a.example");
        let forged = (AR, "mx.acme.example; dmarc=pass header.from=a.example");
        let verdicts = said(results(&[real, second, ("received", "x"), forged], Some("mx.acme.example")));
        assert_eq!(verdicts.iter().map(|one| one.1.as_str()).collect::<Vec<_>>(), ["fail", "fail"]);
    }
}
