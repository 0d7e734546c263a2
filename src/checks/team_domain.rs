//! `team-domain`

use super::team_connection::row_conflict;
use super::{
    DomainBasis, DomainEvidence, Facts, RowFacts, Wanted, catalogue, challenge_name, challenge_value, not_asked,
};
use crate::config::Policy;
use crate::finding::{Finding, Judgement, NOT_ASKED};
use crate::foreign;
use crate::product::connection::{DomainClaim, DomainProof};
use crate::product::facts::ProductFacts;
use crate::product::mailboxes::{DomainKind, domain_kind};
use crate::request::OnboardingRequest;
use crate::request::names::EmailDomain;

/// Checks that every claimed domain is the team's to claim: no mailbox provider's, no public suffix, nobody else's, and
/// the owner's own or proven.
pub(super) fn judge(request: &OnboardingRequest, product: &ProductFacts, facts: &Facts, policy: &Policy) -> Judgement {
    let (facts, proofs, row) = (product, &facts.proofs, facts.row.as_ref());
    let domains = request.claimed_domains();
    let findings = domains
        .iter()
        .flat_map(|domain| {
            let kind = of_kind(domain, policy);
            let refused = kind.as_ref().is_some_and(|finding| finding.level == crate::finding::Verdict::Fail);
            // A domain that nobody may claim needs no proof: one reason is enough.
            let proof = if refused { None } else { of_proof(domain, facts, proofs) };
            let claim = of_rival(domain, row).or_else(|| of_claim(domain, facts, row));
            [kind, claim, proof].into_iter().flatten().collect::<Vec<_>>()
        })
        .collect();
    let findings: Vec<Finding> = findings;
    if facts.team().is_none() && findings.is_empty() {
        return not_asked(catalogue::TEAM_DOMAIN, "which team is meant is not known");
    }
    let names: Vec<&str> = domains.iter().map(EmailDomain::as_str).collect();
    let passed = match names.as_slice() {
        [one] => format!("{one} is the team's to claim"),
        several => format!("{} are the team's to claim", several.join(", ")),
    };
    Judgement::of(catalogue::TEAM_DOMAIN, passed, findings).detail("domains", names)
}

/// What can be said of the domains that are named while nobody knows whose team it is about; `None` where that is nothing.
pub(super) fn judge_alone(request: &OnboardingRequest, policy: &Policy) -> Option<Judgement> {
    let domains = request.claimed_domains();
    let findings: Vec<Finding> = domains.iter().filter_map(|domain| of_kind(domain, policy)).collect();
    let names: Vec<&str> = domains.iter().map(EmailDomain::as_str).collect();
    (!findings.is_empty()).then(|| Judgement::of(catalogue::TEAM_DOMAIN, "", findings).detail("domains", names))
}

/// How `domain` came to be provable, for the stored claim; `None` while it is not.
pub(super) fn proof_of(domain: &EmailDomain, facts: &ProductFacts, proofs: &[DomainEvidence]) -> Option<DomainProof> {
    match &proofs.iter().find(|proof| proof.domain == *domain)?.basis {
        DomainBasis::Owner => Some(DomainProof::Owner),
        DomainBasis::Established => facts.claims.iter().find(|claim| claim.domain == *domain).map(|claim| claim.proof),
        DomainBasis::Operator => Some(DomainProof::Operator),
        DomainBasis::Dns(Ok(records)) => {
            let challenge = facts.connection.as_ref()?.domain_challenge.as_str();
            let wanted = [challenge_value(challenge), challenge.to_owned()];
            records.iter().any(|record| wanted.iter().any(|one| one == plain(record))).then_some(DomainProof::Dns)
        }
        DomainBasis::Dns(Err(_)) | DomainBasis::NotPrepared => None,
    }
}

/// A record without the quotes that many a DNS console keeps as a part of the value.
fn plain(record: &str) -> &str {
    record.trim().trim_matches('"').trim()
}

fn of_kind(domain: &EmailDomain, policy: &Policy) -> Option<Finding> {
    let ask = format!(
        "Please tell us the mail domain that belongs to your company; {domain} cannot be used for single sign-on."
    );
    let refuse = |code, fact: String, why: &str| {
        Some(
            Finding::fail(code, fact)
                .because(why)
                .next("ask the customer for an owner account at the company's own domain, or claim that domain with --domain")
                .tell(ask.clone()),
        )
    };
    match domain_kind(domain, &policy.public_mailbox_domains, &policy.company_domains) {
        DomainKind::PublicMailbox if policy.refuse_public_mailboxes => refuse(
            "free_mail",
            format!("{domain} is a public mailbox provider"),
            "everybody with a mailbox there would be added to the team",
        ),
        DomainKind::Disposable if policy.refuse_disposable_mailboxes => refuse(
            "disposable_mail",
            format!("{domain} is a disposable mailbox provider"),
            "anybody can have an address there for ten minutes, and would be added to the team",
        ),
        DomainKind::PublicSuffix => refuse(
            "public_suffix",
            format!("{domain} is a public suffix, under which anybody registers names"),
            "it belongs to no single company",
        ),
        DomainKind::NotPublic => refuse(
            "domain_not_public",
            format!("{domain} is not a name of the public internet"),
            "mail to it proves nothing, and another company may use the same name inside",
        ),
        DomainKind::TenantDomain => Some(
            Finding::warn(
                "tenant_domain",
                format!("{domain} is a tenant's technical domain, not a company's mail domain"),
            )
            .because("people's addresses are usually at the company's own domain, which would not be covered")
            .next("ask the customer for the domain in their people's e-mail addresses"),
        ),
        DomainKind::PublicMailbox | DomainKind::Disposable | DomainKind::Company => None,
    }
}

/// An earlier row of the same file that claims the domain for another team. It is said once, whether the claim was
/// written meanwhile (a real run) or only would be (a dry run).
fn of_rival(domain: &EmailDomain, row: Option<&RowFacts>) -> Option<Finding> {
    let row = row?;
    // A row for the same team is another check's to judge.
    let rival = row.rival_of_another_team(&Wanted::Domain(domain.clone()))?;
    Some(row_conflict(row, rival, &format!("claim {domain} for different teams")))
}

fn of_claim(domain: &EmailDomain, facts: &ProductFacts, row: Option<&RowFacts>) -> Option<Finding> {
    if row.is_some_and(|row| row.is_freed(&Wanted::Domain(domain.clone()))) {
        return None;
    }
    let is_the_owners = |claim: &DomainClaim| facts.teams.iter().any(|team| team.id == claim.team_id);
    let claim = facts.claims.iter().find(|claim| claim.domain == *domain && !is_the_owners(claim))?;
    let holder = foreign::shown(claim.team_name.as_deref().unwrap_or("a team that is gone"));
    let holder = format!("{holder} (team {})", foreign::shown(claim.team_id.as_str()));
    // A member of that very team may have been named as its owner, or the owner's address be mistyped.
    if facts.teams.is_empty() {
        return Some(
            Finding::unknown(
                NOT_ASKED,
                format!("{domain} is claimed by {holder}; whether that is the team meant is not known"),
            )
            .evidence("connection", claim.connection_id.as_str()),
        );
    }
    Some(
        Finding::fail("domain_claimed", format!("{domain} is already claimed by another team"))
            .evidence("claimed by", &holder)
            .evidence("connection", claim.connection_id.as_str())
            .because("one domain leads to one sign-in; two teams cannot share it")
            .next("find out which of the two teams it belongs to; `ssoctl connection remove` releases it")
            // Whose it is stays with us: the customer may be a stranger.
            .tell(format!("The domain {domain} is already in use for single sign-on by another team. We will look into it with you.")),
    )
}

fn of_proof(domain: &EmailDomain, facts: &ProductFacts, proofs: &[DomainEvidence]) -> Option<Finding> {
    let proof = proofs.iter().find(|proof| proof.domain == *domain)?;
    match (&proof.basis, proof_of(domain, facts, proofs)) {
        (DomainBasis::Operator, _) => Some(
            Finding::warn("domain_vouched", format!("{domain} is claimed on your word, without a DNS proof")).because(
                "people from this domain will be added to the team; the audit log keeps that you vouched for it",
            ),
        ),
        (_, Some(_)) => None,
        (DomainBasis::Dns(Err(problem)), _) => Some(
            Finding::unknown("dns_failure", format!("the DNS proof of {domain} could not be read: {problem}"))
                .next("try again in a few minutes"),
        ),
        (DomainBasis::NotPrepared, _) => Some(
            Finding::fail(
                "domain_not_proven",
                format!("{domain} is not the owner's domain, and nothing proves it is the team's"),
            )
            .because("whoever claims a domain gets everybody in it; a proof keeps strangers' domains out")
            .next("run `ssoctl prepare --owner …` for the DNS record, or vouch for the domain with --vouch-domain")
            .tell(format!(
                "To use {domain} as well, we need a proof that it is yours. We will send you a DNS record to set."
            )),
        ),
        (basis, None) => {
            let challenge =
                facts.connection.as_ref().map(|one| challenge_value(&one.domain_challenge)).unwrap_or_default();
            let record = format!("{} TXT \"{}\"", challenge_name(domain), challenge);
            let there = match basis {
                DomainBasis::Dns(Ok(records)) => records.as_slice(),
                _ => &[],
            };
            let finding = Finding::fail("domain_not_proven", format!("DNS does not show that {domain} is the team's"))
                .evidence("record to set", &record);
            // An old record of the team's, a cut one, or another team's.
            let finding = there.iter().take(3).fold(finding, |finding, one| finding.evidence("there is", plain(one)));
            Some(
                finding
                    .because("whoever claims a domain gets everybody in it; a proof keeps strangers' domains out")
                    .next("ask the customer to set the record, or vouch for the domain with --vouch-domain")
                    .tell(format!(
                        "To use {domain} as well, please set this DNS record and tell us when it is done: {}",
                        foreign::shown(&record)
                    )),
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::Problem;
    use crate::product::connection::{Connection, Status};
    use crate::product::team::{Team, User};
    use crate::request::names::{ConnectionId, EmailAddress, TeamId, UserId};

    fn domain(text: &str) -> EmailDomain {
        EmailDomain::parse(text).unwrap()
    }

    fn facts() -> ProductFacts {
        let user = User { id: UserId::new("1"), email: "jane@acme.example".into(), name: String::new(), active: true };
        let team = Team { id: TeamId::new("7"), name: "Acme".into(), plan: None, management_enabled: true };
        let connection = Connection {
            id: ConnectionId::new("c"),
            team_id: TeamId::new("7"),
            team_name: None,
            status: Status::Prepared,
            settings: None,
            domains: vec![],
            acs_url: None,
            account_token: crate::request::saml_names::AccountToken::parse("account-token-of-c1").unwrap(),
            domain_challenge: "s0me-challenge".into(),
            ticket: None,
            created_at: jiff::Timestamp::UNIX_EPOCH,
            updated_at: jiff::Timestamp::UNIX_EPOCH,
        };
        ProductFacts { owners: vec![user], teams: vec![team], connection: Some(connection), ..ProductFacts::default() }
    }

    fn reason(claimed: &str, basis: DomainBasis, facts: &ProductFacts) -> &'static str {
        let request = OnboardingRequest {
            owner: EmailAddress::parse(&format!("jane@{claimed}")).ok(),
            domains: vec![domain(claimed)],
            ..OnboardingRequest::default()
        };
        let proofs = vec![DomainEvidence { domain: domain(claimed), basis }];
        judge(&request, facts, &Facts { proofs, ..Facts::default() }, &Policy::default())
            .reasons()
            .next()
            .unwrap_or("pass")
    }

    #[test]
    fn the_owners_own_company_domain_passes() {
        assert_eq!(reason("acme.example", DomainBasis::Owner, &facts()), "pass");
    }

    #[test]
    fn domains_that_belong_to_everybody_are_refused() {
        for (name, code) in [
            ("gmail.com", "free_mail"),
            ("mailinator.com", "disposable_mail"),
            ("co.uk", "public_suffix"),
            ("acme.internal", "domain_not_public"),
            ("acme.onmicrosoft.com", "tenant_domain"),
        ] {
            assert_eq!(reason(name, DomainBasis::Owner, &facts()), code, "{name}");
        }
    }

    #[test]
    fn another_teams_domain_is_refused_and_not_named_to_the_customer() {
        let mut facts = facts();
        facts.claims.push(DomainClaim {
            domain: domain("acme.example"),
            connection_id: ConnectionId::new("x"),
            team_id: TeamId::new("8"),
            team_name: Some("Rival".into()),
            proof: DomainProof::Owner,
        });
        assert_eq!(reason("acme.example", DomainBasis::Owner, &facts), "domain_claimed");
        let finding = of_claim(&domain("acme.example"), &facts, None).unwrap();
        assert!(!finding.tell.unwrap().contains("Rival"));
    }

    #[test]
    fn a_claim_is_nobody_elses_while_the_team_is_not_known() {
        let claim = DomainClaim {
            domain: domain("acme.example"),
            connection_id: ConnectionId::new("x"),
            team_id: TeamId::new("7"),
            team_name: Some("Acme".into()),
            proof: DomainProof::Owner,
        };
        let unknown = ProductFacts { claims: vec![claim], ..ProductFacts::default() };
        assert_eq!(reason("acme.example", DomainBasis::Owner, &unknown), "not_asked");
        let finding = of_claim(&domain("acme.example"), &unknown, None).unwrap();
        assert_eq!((finding.level, finding.tell), (crate::finding::Verdict::Unknown, None));
        let [team] = <[Team; 1]>::try_from(facts().teams).unwrap();
        let other = Team { id: TeamId::new("8"), ..team.clone() };
        let several = ProductFacts { teams: vec![team, other.clone()], ..unknown.clone() };
        assert_eq!(reason("acme.example", DomainBasis::Owner, &several), "not_asked", "it may be this one of theirs");
        let others = ProductFacts { teams: vec![other.clone(), other], ..unknown };
        assert_eq!(reason("acme.example", DomainBasis::Owner, &others), "domain_claimed", "none of theirs has it");
    }

    #[test]
    fn a_further_domain_needs_the_teams_own_challenge_in_dns() {
        let dns = |record: &str| DomainBasis::Dns(Ok(vec![record.to_owned()]));
        assert_eq!(reason("other.example", dns("ssoctl-domain-verification=s0me-challenge"), &facts()), "pass");
        assert_eq!(reason("other.example", dns("s0me-challenge"), &facts()), "pass");
        assert_eq!(reason("other.example", dns("\"ssoctl-domain-verification=s0me-challenge\""), &facts()), "pass");
        assert_eq!(reason("other.example", dns("another"), &facts()), "domain_not_proven");
        let proof = DomainEvidence { domain: domain("other.example"), basis: dns("ssoctl-domain-verification=old") };
        let finding = of_proof(&domain("other.example"), &facts(), &[proof]).unwrap();
        let told: Vec<&str> = finding.evidence.iter().map(|one| one.value.as_str()).collect();
        assert_eq!(told[1..], ["ssoctl-domain-verification=old"]);
        assert_eq!(reason("other.example", DomainBasis::NotPrepared, &facts()), "domain_not_proven");
        let silence = DomainBasis::Dns(Err(Problem::Dns { host: "x".into(), exists_not: false }));
        assert_eq!(reason("other.example", silence, &facts()), "dns_failure");
    }

    #[test]
    fn an_operators_word_is_a_warning() {
        assert_eq!(reason("other.example", DomainBasis::Operator, &facts()), "domain_vouched");
    }
}
