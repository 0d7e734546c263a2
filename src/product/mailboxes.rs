//! Who runs a mail domain: the company itself, or a provider at which anybody may have an address.

use std::cmp::Ordering;

use crate::request::names::EmailDomain;

/// The public mailbox providers, one a line, in order of their bytes; lines that start with `#`, before them all, say where
/// it comes from and as of when.
const PUBLIC_MAILBOXES: &str = include_str!("public_mailboxes.txt");

/// The disposable mailbox providers, one a line, in order of their bytes: made by `build.rs`.
const DISPOSABLE_MAILBOXES: &str = include_str!(concat!(env!("OUT_DIR"), "/disposable_mailboxes.txt"));

/// Names below these are given by Microsoft or Google to a tenant, before or beside its own domains.
const TENANT_ZONES: [&str; 5] =
    ["onmicrosoft.com", "onmicrosoft.us", "onmicrosoft.de", "partner.onmschina.cn", "test-google-a.com"];

/// Top-level domains that the public DNS will not have (RFC 2606, 6761, 6762, 7686, 9476; ICANN's `internal`).
const NOT_PUBLIC: [&str; 7] = ["internal", "local", "localhost", "test", "invalid", "onion", "alt"];

/// What kind of mail domain a name is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DomainKind {
    /// Nothing speaks against its belonging to one company.
    Company,
    /// A provider of mailboxes for everybody (`gmail.com`).
    PublicMailbox,
    /// A provider of throw-away mailboxes (`mailinator.com`).
    Disposable,
    /// A suffix under which anybody registers names (`co.uk`, `github.io`).
    PublicSuffix,
    /// Not a name of the public DNS (`acme.internal`, a top-level domain that does not exist). `.example` counts as
    /// a company's, so that documentation and tests can be run.
    NotPublic,
    /// A provider's name for a tenant (`acme.onmicrosoft.com`): the company's, but nobody's mail domain of record.
    TenantDomain,
}

/// Tells who runs a mail domain.
///
/// `extra_public` are further public mailbox providers, `company` domains to accept although a list has them; both as
/// the configuration spells them. `company` also admits a name outside the public DNS, but never a public suffix: that
/// belongs to nobody. A name below a mailbox provider's domain counts as the provider's.
#[must_use]
pub fn domain_kind(domain: &EmailDomain, extra_public: &[String], company: &[String]) -> DomainKind {
    let name = domain.as_str();
    let suffix = psl::suffix(name.as_bytes());
    let is_suffix = suffix.is_some_and(|suffix| suffix.is_known() && suffix.as_bytes().len() == name.len());
    if !is_suffix && is_listed(domain, company) {
        return DomainKind::Company;
    }
    if has_line(PUBLIC_MAILBOXES, name) || is_listed(domain, extra_public) {
        return DomainKind::PublicMailbox;
    }
    if is_suffix || TENANT_ZONES.contains(&name) {
        return DomainKind::PublicSuffix;
    }
    if TENANT_ZONES.iter().any(|zone| is_below(name, zone)) {
        return DomainKind::TenantDomain;
    }
    let top = name.rsplit('.').next().unwrap_or_default();
    let known = suffix.is_some_and(|suffix| suffix.is_known());
    if NOT_PUBLIC.contains(&top) || top == "arpa" || (!known && top != "example") {
        return DomainKind::NotPublic;
    }
    let within = names_up_to_registrable(name);
    if within.clone().any(|part| has_line(PUBLIC_MAILBOXES, part)) {
        return DomainKind::PublicMailbox;
    }
    if within.clone().any(|part| has_line(DISPOSABLE_MAILBOXES, part)) {
        return DomainKind::Disposable;
    }
    DomainKind::Company
}

/// The name and its parents as far as the one somebody registered: a public suffix above says nothing about it.
fn names_up_to_registrable(name: &str) -> impl Iterator<Item = &str> + Clone {
    let registrable = psl::domain(name.as_bytes()).map_or(name.len(), |domain| domain.as_bytes().len());
    let starts = std::iter::once(0).chain(name.match_indices('.').map(|(position, _)| position + 1));
    starts.filter_map(|start| name.get(start..)).take_while(move |part| part.len() >= registrable)
}

/// Whether `line` is one of `sorted`, looked up by halves and without an index.
fn has_line(sorted: &str, line: &str) -> bool {
    let mut rest = sorted.as_bytes();
    while !rest.is_empty() {
        let (before, after) = rest.split_at(rest.len() / 2);
        let start = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
        let end = after.iter().position(|&byte| byte == b'\n').map_or(rest.len(), |at| before.len() + at);
        match line.as_bytes().cmp(rest.get(start..end).unwrap_or_default()) {
            Ordering::Equal => return true,
            Ordering::Less => rest = rest.get(..start).unwrap_or_default(),
            Ordering::Greater => rest = rest.get(end + 1..).unwrap_or_default(),
        }
    }
    false
}

fn is_listed(domain: &EmailDomain, list: &[String]) -> bool {
    list.iter().any(|one| {
        let one = one.trim().trim_start_matches('@').trim_end_matches('.');
        one.eq_ignore_ascii_case(domain.as_str()) || EmailDomain::parse(one).is_ok_and(|parsed| parsed == *domain)
    })
}

fn is_below(name: &str, zone: &str) -> bool {
    name.strip_suffix(zone).is_some_and(|rest| rest.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(domain: &str) -> DomainKind {
        domain_kind(&EmailDomain::parse(domain).unwrap(), &[], &[])
    }

    #[test]
    fn each_kind_of_domain_is_told() {
        let cases = [
            ("acme-corp.com", DomainKind::Company),
            ("acme.example", DomainKind::Company),
            ("it.acme.co.uk", DomainKind::Company),
            ("xn--mller-gmbh-9db.de", DomainKind::Company),
            ("gmail.com", DomainKind::PublicMailbox), // dom-008
            ("googlemail.com", DomainKind::PublicMailbox),
            ("hotmail.co.uk", DomainKind::PublicMailbox),
            ("yahoo.co.jp", DomainKind::PublicMailbox),
            ("t-online.de", DomainKind::PublicMailbox),
            ("qq.com", DomainKind::PublicMailbox),
            ("mail.ru", DomainKind::PublicMailbox),
            ("intern.gmx.de", DomainKind::PublicMailbox),
            ("mailinator.com", DomainKind::Disposable), // eml-053
            ("sub.mailinator.com", DomainKind::Disposable),
            ("guerrillamail.com", DomainKind::Disposable),
            ("tempmail.com", DomainKind::Disposable),
            ("users.noreply.github.com", DomainKind::PublicMailbox),
            ("co.uk", DomainKind::PublicSuffix),
            ("github.io", DomainKind::PublicSuffix),
            ("xn--55qx5d.cn", DomainKind::PublicSuffix),
            ("onmicrosoft.com", DomainKind::PublicSuffix),
            ("acme.onmicrosoft.com", DomainKind::TenantDomain), // dom-016
            ("acme.mail.onmicrosoft.com", DomainKind::TenantDomain),
            ("acme.internal", DomainKind::NotPublic), // dom-027
            ("acme.local", DomainKind::NotPublic),
            ("acme.test", DomainKind::NotPublic),
            ("acme.home.arpa", DomainKind::NotPublic),
            ("acme.con", DomainKind::NotPublic),
            ("acme.corp", DomainKind::NotPublic),
        ];
        for (domain, wanted) in cases {
            assert_eq!(kind(domain), wanted, "{domain}");
        }
    }

    #[test]
    fn the_configuration_adds_providers_and_excepts_companies() {
        let judge = |domain: &str, public: &[&str], company: &[&str]| {
            let owned = |list: &[&str]| list.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>();
            domain_kind(&EmailDomain::parse(domain).unwrap(), &owned(public), &owned(company))
        };
        assert_eq!(judge("mail.acme.com", &["@Mail.ACME.com"], &[]), DomainKind::PublicMailbox);
        assert_eq!(judge("proton.me", &[], &["Proton.me"]), DomainKind::Company);
        assert_eq!(judge("mailinator.com", &[], &["mailinator.com"]), DomainKind::Company);
        assert_eq!(judge("acme.internal", &[], &["acme.internal"]), DomainKind::Company);
        assert_eq!(judge("co.uk", &[], &["co.uk"]), DomainKind::PublicSuffix);
    }

    #[test]
    fn the_list_is_sorted_and_every_line_is_a_domain() {
        let lines: Vec<&str> = PUBLIC_MAILBOXES.lines().filter(|line| !line.starts_with('#')).collect();
        assert!(lines.len() > 300);
        assert!(lines.is_sorted_by(|one, next| one < next));
        for line in lines {
            assert_eq!(EmailDomain::parse(line).unwrap().as_str(), line);
            assert_eq!(kind(line), DomainKind::PublicMailbox, "{line}");
        }
    }

    #[test]
    fn every_disposable_provider_is_found_and_no_part_of_a_name_is() {
        let lines: Vec<&str> = DISPOSABLE_MAILBOXES.lines().collect();
        assert!(lines.len() > 50_000);
        assert!(lines.is_sorted_by(|one, next| one < next));
        for line in &lines {
            assert!(has_line(DISPOSABLE_MAILBOXES, line), "{line}");
        }
        for absent in ["", "\n", "mailinator", "ailinator.com", "mailinator.com\n", "zzzz.zz", "0"] {
            assert!(!has_line(DISPOSABLE_MAILBOXES, absent), "{absent:?}");
        }
        let few = "a\nbb\nccc";
        for (line, wanted) in [("a", true), ("bb", true), ("ccc", true), ("b", false), ("cc", false), ("", false)] {
            assert_eq!(has_line(few, line), wanted, "{line}");
        }
    }

    #[test]
    fn a_name_of_very_many_labels_is_judged() {
        assert_eq!(kind(&format!("{}mailinator.com", "a.".repeat(110))), DomainKind::Disposable);
    }
}
