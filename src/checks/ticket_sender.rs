//! `ticket-sender`

use super::catalogue;
use crate::finding::{Finding, Judgement, Verdict};
use crate::foreign;
use crate::request::OnboardingRequest;
use crate::request::mail::{Authentication, AuthenticationResult, Mail, Mailbox, Sender};

const TELL: &str = "For your team's safety we set up single sign-on only when its owner asks for it from the address of their \
    account, or confirms it to us. Please have the owner write to us from that address.";

const CALL: &str = "make sure by other means than this mail: call the owner at a number you already have, or write to the \
    address of their account; once they have confirmed, run again with --sender-verified";

/// Checks that whoever sent the mail may be taken for somebody of the owner's company; `None` where no mail was read.
///
/// Social engineering of support staff is the attack: nothing that the sender wrote speaks for the sender. What the
/// operator has confirmed by other means is a warning instead of a failure, and so in the audit record.
pub(super) fn judge(request: &OnboardingRequest) -> Option<Judgement> {
    let mail = request.mail.as_ref()?;
    let findings = match &mail.sender {
        None => vec![headless()],
        Some(sender) => of_sender(request, sender),
    };
    let findings = if mail.confirmed { confirmed(findings) } else { findings };
    let judgement = Judgement::of(catalogue::TICKET_SENDER, passed(mail), findings);
    Some(match mail.sender.as_ref().and_then(|sender| sender.from.first()) {
        Some(from) => judgement.detail("from", foreign::shown(&from.address)),
        None => judgement,
    })
}

fn passed(mail: &Mail) -> String {
    let from = mail.sender.as_ref().and_then(|sender| sender.from.first());
    let address = from.map(|from| foreign::shown(&from.address)).unwrap_or_default();
    format!("the mail comes from {address}, and the receiving server says that it is genuine")
}

fn of_sender(request: &OnboardingRequest, sender: &Sender) -> Vec<Finding> {
    let from = match sender.from.as_slice() {
        [] => return vec![nobody()],
        [one] => one,
        several => return vec![several_senders(several)],
    };
    let Some(domain) = from.domain() else { return vec![nobody()] };
    let proof = proof(&sender.authentication, &domain);
    let mut findings = Vec::new();
    findings.extend(sender.automatic.then(automatic));
    findings.extend(disguised(from));
    findings.extend(unproven(&proof, from));
    if sender.relayed {
        let Some((claimed, domain)) = sender.on_behalf_of.as_ref().and_then(|one| Some((one, one.domain()?))) else {
            findings.push(nobody_behind(from));
            return findings;
        };
        findings.push(relayed(from, claimed));
        findings.extend(disguised(claimed));
        findings.extend(distance(request, claimed, &domain));
    } else {
        findings.extend(distance(request, from, &domain));
        findings.extend(replies(sender, from, &domain, &proof));
    }
    findings
}

/// What stands between the sender's domain and the owner's: nothing, the company's other names, or everything.
fn distance(request: &OnboardingRequest, sender: &Mailbox, domain: &str) -> Option<Finding> {
    let owner = request.owner.as_ref()?;
    let owners = owner.domain().as_str();
    if owners == domain {
        return None;
    }
    let finding = if registrable(owners) == registrable(domain) {
        Finding::warn("sender_other_domain", "the mail comes from another part of the owner's domain")
            .because("it is the same company's domain, and not the one of the owner's account")
            .next("make sure that the sender belongs to the owner's team")
    } else {
        Finding::fail("sender_stranger", "the mail comes from a domain that is not the owner's")
            .because("anybody can name somebody else's address as the owner; this is how impostors ask for a way in")
            .next(CALL)
            .tell(TELL)
    };
    Some(finding.evidence("sender", &sender.address).evidence("owner", owner.to_string()))
}

/// The domain that somebody registered: `acme.example` of `mail.acme.example`. Mailbox providers are registered, too:
/// `team-domain` refuses those.
fn registrable(domain: &str) -> &str {
    psl::domain_str(domain).unwrap_or(domain)
}

/// What is known of where the mail came from.
enum Proof<'a> {
    Proven,
    NobodyTrusted,
    Missing,
    /// No method says that it failed, and none that it passed for this domain.
    Undecided(&'a [AuthenticationResult]),
    /// The domain's own policy says that it failed.
    DmarcFailed(&'a [AuthenticationResult]),
    /// Signature or path failed, and nothing passed for this domain.
    Failed(&'a [AuthenticationResult]),
}

fn proof<'a>(authentication: &'a Authentication, domain: &str) -> Proof<'a> {
    let results = match authentication {
        Authentication::NobodyTrusted => return Proof::NobodyTrusted,
        Authentication::Missing => return Proof::Missing,
        Authentication::Results(results) => results.as_slice(),
    };
    let of = |method: &'static str| results.iter().filter(move |one| one.method == method);
    let about_us = |one: &AuthenticationResult| one.domain.as_deref().is_none_or(|it| it == domain);
    // One failure outweighs any number of passes: two results of one method are a sign of forgery.
    if of("dmarc").any(|one| one.result == "fail") {
        return Proof::DmarcFailed(results);
    }
    if of("dmarc").any(|one| one.result == "pass" && about_us(one)) {
        return Proof::Proven;
    }
    let aligned =
        |one: &AuthenticationResult| one.domain.as_deref().is_some_and(|it| registrable(it) == registrable(domain));
    if of("dkim").chain(of("spf")).any(|one| one.result == "pass" && aligned(one)) {
        return Proof::Proven;
    }
    let failed = |one: &AuthenticationResult| matches!(one.result.as_str(), "fail" | "hardfail");
    if of("dkim").chain(of("spf")).any(failed) {
        return Proof::Failed(results);
    }
    Proof::Undecided(results)
}

fn unproven(proof: &Proof<'_>, from: &Mailbox) -> Option<Finding> {
    let (finding, results): (Finding, &[AuthenticationResult]) = match proof {
        Proof::Proven => return None,
        Proof::NobodyTrusted => (
            Finding::warn("authentication_unconfigured", "whether the sender is genuine was not looked at: no server is trusted to say so")
                .because("a mail's From can be typed by anybody")
                .next("set [ticket] trusted_authserv_id in the configuration to the name your mail server writes into \
                       Authentication-Results; until then, make sure of the sender yourself"),
            &[],
        ),
        Proof::Missing => (
            Finding::warn("authentication_missing", "the receiving server says nothing of whether the sender is genuine")
                .because("a mail's From can be typed by anybody; results by other servers may be the sender's own invention")
                .next("look at the mail in your mail system; if it does not say either, make sure of the sender yourself"),
            &[],
        ),
        Proof::Undecided(results) => (
            Finding::warn("sender_unproven", "neither DKIM nor SPF speaks for the sender's domain")
                .because("a mail's From can be typed by anybody; this domain does not let others tell")
                .next("make sure of the sender yourself"),
            results,
        ),
        Proof::DmarcFailed(results) => (
            Finding::fail("sender_dmarc_failed", "the mail is not from the domain it names: DMARC failed")
                .because("the domain publishes how its genuine mail is told from forged mail, and this mail is not genuine by it")
                .next(CALL)
                .tell(TELL),
            results,
        ),
        Proof::Failed(results) => (
            Finding::fail("sender_unproven_failed", "DKIM or SPF failed, and nothing speaks for the sender's domain")
                .because("the mail was altered on its way, or does not come from where it says; mailing lists do the former")
                .next(CALL)
                .tell(TELL),
            results,
        ),
    };
    let said: Vec<String> = results
        .iter()
        .take(6)
        .map(|one| match &one.domain {
            Some(domain) => format!("{}={} ({domain})", one.method, one.result),
            None => format!("{}={}", one.method, one.result),
        })
        .collect();
    let finding = finding.evidence("sender", &from.address);
    Some(if said.is_empty() { finding } else { finding.evidence("receiving server", said.join(", ")) })
}

/// A name that shows another address than the one behind it.
fn disguised(sender: &Mailbox) -> Option<Finding> {
    let name = sender.name.as_deref()?;
    let shown = name
        .split([' ', '<', '>', '(', ')', '"', '\'', ',', ';'])
        .find(|word| word.split_once('@').is_some_and(|(local, domain)| !local.is_empty() && domain.contains('.')))?;
    (!shown.eq_ignore_ascii_case(&sender.address)).then(|| {
        Finding::fail("sender_disguised", "the sender's name shows another address than the mail comes from")
            .evidence("shows", shown)
            .evidence("really is", &sender.address)
            .because("mail programs show the name alone: it is there to be taken for the address")
            .next(CALL)
            .tell(TELL)
    })
}

/// Replies that would go to another domain.
fn replies(sender: &Sender, from: &Mailbox, domain: &str, proof: &Proof<'_>) -> Option<Finding> {
    let elsewhere =
        sender.reply_to.iter().find(|one| one.domain().is_none_or(|it| registrable(&it) != registrable(domain)))?;
    let proven = matches!(proof, Proof::Proven);
    let fact = "replies to the mail would go to another domain than it comes from";
    let finding = if proven {
        Finding::warn("reply_to_elsewhere", fact).next("answer to the owner's own address")
    } else {
        Finding::fail("reply_to_elsewhere", fact).next(CALL).tell(TELL)
    };
    Some(
        finding
            .evidence("sender", &from.address)
            .evidence("replies to", &elsewhere.address)
            .because("whoever forges a sender cannot read that mailbox, and has the answer sent elsewhere"),
    )
}

fn relayed(through: &Mailbox, claimed: &Mailbox) -> Finding {
    Finding::warn("sender_relayed", "the mail was passed on, so that its first sender is known by its text alone")
        .evidence("passed on by", &through.address)
        .evidence("says it is from", &claimed.address)
        .because("what is forwarded can be edited, and the receiving server has seen the one who forwards only")
        .next("look at the first mail in your help desk, or make sure of the sender with the owner")
}

fn nobody_behind(through: &Mailbox) -> Finding {
    Finding::fail("sender_missing", "the mail was passed on, and does not say from whom")
        .evidence("passed on by", &through.address)
        .because("there is nobody to compare with the owner")
        .next(CALL)
        .tell(TELL)
}

fn automatic() -> Finding {
    Finding::fail("sender_automatic", "a program sent the mail: an out-of-office note, or a mail that came back")
        .because("nobody asks for anything in it, and an answer would be answered by the program again")
        .next("look at the mail that it answers; where it was ours, see to it that it reaches the customer")
}

fn headless() -> Finding {
    Finding::warn("sender_unknown", "a pasted text does not say who sent it")
        .because("a request is worth what its sender is worth")
        .next("make sure that it came from the owner, or from an administrator of the team")
}

fn nobody() -> Finding {
    Finding::fail("sender_missing", "the mail names no sender")
        .because("every mail of a person has one; a request without one is not a customer's")
        .next(CALL)
        .tell(TELL)
}

fn several_senders(several: &[Mailbox]) -> Finding {
    let finding = Finding::fail("sender_several", "the mail names more than one sender");
    several
        .iter()
        .take(4)
        .fold(finding, |finding, one| finding.evidence("sender", &one.address))
        .because("mail programs show one of them, and mail servers judge another")
        .next(CALL)
        .tell(TELL)
}

/// What the operator has made sure of by other means: the failures become one warning, with all they rest on.
fn confirmed(findings: Vec<Finding>) -> Vec<Finding> {
    let (failed, mut rest): (Vec<Finding>, Vec<Finding>) =
        findings.into_iter().partition(|one| one.level == Verdict::Fail);
    if failed.is_empty() {
        return rest;
    }
    let mut finding =
        Finding::warn("sender_confirmed", "you have confirmed the sender by other means (--sender-verified)");
    for one in &failed {
        finding = finding.evidence("in spite of", &one.fact);
    }
    rest.push(
        finding
            .because("the mail by itself would have been refused; the audit log keeps that you took it on your word")
            .next("note in the ticket how the owner confirmed it"),
    );
    rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::names::EmailAddress;

    fn mailbox(text: &str) -> Mailbox {
        match text.split_once('<') {
            Some((name, address)) => {
                Mailbox { name: Some(name.trim().to_owned()), address: address.trim_end_matches('>').to_owned() }
            }
            None => Mailbox { name: None, address: text.to_owned() },
        }
    }

    fn results(words: &str) -> Authentication {
        let one = |word: &str| {
            let (method, rest) = word.split_once('=').unwrap();
            let (result, domain) =
                rest.split_once('@').map_or((rest, None), |(result, domain)| (result, Some(domain.to_owned())));
            AuthenticationResult { method: method.into(), result: result.into(), domain }
        };
        Authentication::Results(words.split_whitespace().map(one).collect())
    }

    fn sent(from: &str, authentication: Authentication) -> Sender {
        Sender { from: vec![mailbox(from)], authentication, ..Sender::default() }
    }

    fn judged(sender: Option<Sender>, confirmed: bool) -> (&'static str, Vec<&'static str>) {
        let request = OnboardingRequest {
            owner: EmailAddress::parse("jane@acme.example").ok(),
            mail: Some(Mail { sender, confirmed, ..Mail::default() }),
            ..OnboardingRequest::default()
        };
        let judgement = judge(&request).unwrap();
        (judgement.verdict.label(), judgement.findings.iter().map(|one| one.code).collect())
    }

    const PASS: &str = "dkim=pass@acme.example spf=pass@acme.example dmarc=pass@acme.example";

    #[test]
    fn a_genuine_mail_from_the_owners_domain_passes() {
        for words in [PASS, "dkim=pass@acme.example", "spf=pass@mail.acme.example", "dmarc=pass"] {
            assert_eq!(judged(Some(sent("amir@acme.example", results(words))), false), ("pass", vec![]), "{words}");
        }
    }

    #[test]
    fn a_strangers_domain_is_refused_however_genuine_it_is() {
        let evil = results("dmarc=pass@evil.example");
        assert_eq!(judged(Some(sent("x@evil.example", evil)), false), ("fail", vec!["sender_stranger"]));
        let deep = results("dmarc=pass@acme.example.evil.example");
        assert_eq!(judged(Some(sent("x@acme.example.evil.example", deep)), false).0, "fail");
    }

    #[test]
    fn another_name_of_the_same_company_is_a_warning() {
        let sender = sent("jane@mail.acme.example", results("dmarc=pass@mail.acme.example"));
        assert_eq!(judged(Some(sender), false), ("warn", vec!["sender_other_domain"]));
    }

    #[test]
    fn a_failure_outweighs_any_pass() {
        let words = "dmarc=pass@acme.example dmarc=fail@acme.example";
        assert_eq!(
            judged(Some(sent("jane@acme.example", results(words))), false),
            ("fail", vec!["sender_dmarc_failed"])
        );
        let words = "dkim=fail@acme.example spf=softfail@acme.example";
        assert_eq!(
            judged(Some(sent("jane@acme.example", results(words))), false),
            ("fail", vec!["sender_unproven_failed"])
        );
    }

    #[test]
    fn a_pass_for_another_domain_proves_nothing() {
        let words = "dkim=pass@mailer.example spf=pass@mailer.example dmarc=pass@mailer.example";
        assert_eq!(judged(Some(sent("jane@acme.example", results(words))), false), ("warn", vec!["sender_unproven"]));
    }

    #[test]
    fn silence_is_a_warning() {
        for (authentication, code) in [
            (Authentication::Missing, "authentication_missing"),
            (Authentication::NobodyTrusted, "authentication_unconfigured"),
        ] {
            assert_eq!(judged(Some(sent("jane@acme.example", authentication)), false), ("warn", vec![code]));
        }
        assert_eq!(judged(None, false), ("warn", vec!["sender_unknown"]));
    }

    #[test]
    fn nobody_and_several_are_refused() {
        assert_eq!(judged(Some(Sender::default()), false), ("fail", vec!["sender_missing"]));
        let both = Sender { from: vec![mailbox("jane@acme.example"), mailbox("x@evil.example")], ..Sender::default() };
        assert_eq!(judged(Some(both), false), ("fail", vec!["sender_several"]));
    }

    #[test]
    fn what_a_program_answered_is_no_request() {
        let sender = Sender { automatic: true, ..sent("Jane <jane@acme.example>", results(PASS)) };
        assert_eq!(judged(Some(sender), false), ("fail", vec!["sender_automatic"]));
    }

    #[test]
    fn a_name_that_shows_another_address_is_refused() {
        let sender = sent("jane@acme.example <x@acme.example>", results(PASS));
        assert_eq!(judged(Some(sender), false), ("fail", vec!["sender_disguised"]));
        let sender = sent("jane@acme.example <jane@acme.example>", results(PASS));
        assert_eq!(judged(Some(sender), false), ("pass", vec![]));
    }

    #[test]
    fn replies_elsewhere_are_refused_unless_the_sender_is_proven() {
        let replying = |authentication| Sender {
            reply_to: vec![mailbox("j@other.example")],
            ..sent("jane@acme.example", authentication)
        };
        assert_eq!(judged(Some(replying(results(PASS))), false), ("warn", vec!["reply_to_elsewhere"]));
        assert_eq!(judged(Some(replying(Authentication::Missing)), false).0, "fail");
    }

    #[test]
    fn what_was_passed_on_is_a_warning_and_its_first_sender_is_judged() {
        let relayed = |first: &str| Sender {
            relayed: true,
            on_behalf_of: Some(mailbox(first)),
            ..sent("bob@product.example", results("dmarc=pass@product.example"))
        };
        assert_eq!(judged(Some(relayed("jane@acme.example")), false), ("warn", vec!["sender_relayed"]));
        assert_eq!(judged(Some(relayed("jane@mailbox.example")), false).0, "fail");
        let anonymous = Sender { on_behalf_of: None, ..relayed("x") };
        assert_eq!(judged(Some(anonymous), false), ("fail", vec!["sender_missing"]));
    }

    #[test]
    fn what_was_confirmed_by_other_means_is_a_warning_that_says_so() {
        let sender = sent("x@evil.example", results("dmarc=fail@evil.example"));
        assert_eq!(judged(Some(sender), true), ("warn", vec!["sender_confirmed"]));
        assert_eq!(judged(Some(sent("jane@acme.example", results(PASS))), true), ("pass", vec![]));
    }
}
