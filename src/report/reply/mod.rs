//! The mail to the customer: what was found, in their words, in the order they would mend it, with where to click.
//!
//! It never names another customer, never an internal, and never a token. As long as it is open whether whoever asked may
//! ask, it tells them nothing of the team.

mod layout;
mod recipient;
mod steps;
mod templates;

use layout::{COLUMNS, laid_out, one_line};
pub use recipient::recipient;
pub use steps::Value;
use steps::{Place, doubts_the_asker, place};
pub(super) use templates::fill;
pub use templates::{ENGLISH, MAILS, OIDC_VARIABLES, REASON_VARIABLES, Replies, ReplyError, SAML_VARIABLES, VARIABLES};

use super::{ConnectionView, ProviderView, Report};
use crate::checks::catalogue;
use crate::finding::{Finding, Judgement, Verdict, verdict_of};
use crate::foreign;
use crate::makes::ProviderKind;
use crate::onboarding::plan::Outcome;
use crate::paragraph::wrapped;

/// A mail to the customer: printable text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Letter {
    /// One line.
    pub subject: String,
    /// Plain text, every line ended.
    pub text: String,
}

/// The mail for this report; `None` for a fault of our own, of which there is nothing to tell.
#[must_use]
pub fn letter(report: &Report, replies: &Replies) -> Option<Letter> {
    let name = match report.outcome {
        Outcome::WouldOnboard | Outcome::Unchanged if report.stays_off() => "staged",
        Outcome::Refused => "refused",
        Outcome::Onboarded | Outcome::WouldOnboard => "onboarded",
        Outcome::Unchanged => "unchanged",
        Outcome::Replaced | Outcome::WouldReplace => "replaced",
        Outcome::Staged => "staged",
        // Of values that nobody looked at there is nothing to say.
        Outcome::Valid if !report.asked_provider() => return None,
        Outcome::Valid => "valid",
        Outcome::Unknown => "unanswered",
        Outcome::Failed => return None,
    };
    let writer = Writer::new(report, replies);
    let level = if report.outcome == Outcome::Unknown { Verdict::Unknown } else { Verdict::Fail };
    let (said, all_ours) =
        if matches!(name, "refused" | "unanswered") { writer.steps(level) } else { (Vec::new(), false) };
    let next = if all_ours { "" } else { replies.word("next") };
    let points = match said.len() {
        0 | 1 => replies.word("one_point").to_owned(),
        several => fill(replies.word("several_points"), &[("number", &several.to_string())]),
    };
    let (steps, notes) = (numbered(&said), writer.notes());
    let (values, provisioning) = (writer.values(), writer.provisioning());
    let mut known = writer.known();
    known.extend(about_ticket(report.ticket.as_deref()));
    known.extend([
        ("points", points),
        ("steps", steps),
        ("next", next.to_owned()),
        ("notes", notes),
        ("values", values),
        ("provisioning", provisioning),
    ]);
    filled(name, replies, &known)
}

/// The mail `name` with its variables filled in; `None` where there is no such mail.
pub(super) fn filled(name: &str, replies: &Replies, known: &[(&str, String)]) -> Option<Letter> {
    let (subject, text) = replies.mail(name)?;
    let known: Vec<(&str, &str)> = known.iter().map(|(name, value)| (*name, value.as_str())).collect();
    Some(Letter { subject: one_line(&fill(subject, &known)), text: laid_out(&fill(text, &known)) })
}

/// The ticket, and as it stands in a subject: there a Message-ID says nothing to anybody.
pub(super) fn about_ticket(ticket: Option<&str>) -> [(&'static str, String); 2] {
    let tag = ticket.filter(|ticket| !ticket.contains('@')).map(|ticket| format!(" [{ticket}]")).unwrap_or_default();
    [("ticket", ticket.unwrap_or_default().to_owned()), ("ticket_tag", tag)]
}

/// What to call somebody in a greeting: the first word of their name, else a word for anybody.
pub(super) fn greeted(name: &str, replies: &Replies) -> String {
    name.split_whitespace().next().unwrap_or(replies.word("there")).to_owned()
}

/// One thing the customer has to do.
struct Step {
    place: Place,
    sentence: String,
    values: &'static [Value],
}

/// A step as it stands in the mail: the sentence, and lines that say where to click.
type Said = (String, Vec<String>);

/// Who asked, as far as it decides what they are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asker {
    /// Somebody who may.
    Known,
    /// Perhaps nobody of the team: nothing of the team is told.
    Stranger,
    /// An owner whose account is deactivated: of the team only that is told.
    Gone,
}

struct Writer<'r> {
    report: &'r Report,
    replies: &'r Replies,
    make: ProviderKind,
    asker: Asker,
    /// A claimed domain may be somebody else's: nothing of the people in it is told.
    others_domain: bool,
    /// Colleagues' addresses may be told.
    names: bool,
}

impl<'r> Writer<'r> {
    fn new(report: &'r Report, replies: &'r Replies) -> Self {
        let doubts = |judgement: &Judgement| doubts_the_asker(judgement.id, judgement.verdict);
        let owner = verdict_of(&report.checks, catalogue::TEAM_OWNER);
        let requester = verdict_of(&report.checks, catalogue::TEAM_REQUESTER);
        // Not asked because of the owner is another matter: then no team is known, or the owner is gone.
        let nobody_known = owner == Some(Verdict::Pass) && requester == Some(Verdict::Unknown);
        let is_inactive = |judgement: &Judgement| judgement.reasons().any(|code| code == "owner_inactive");
        let asker = if nobody_known || report.checks.iter().any(doubts) {
            Asker::Stranger
        } else if requester != Some(Verdict::Pass) && report.checks.iter().any(is_inactive) {
            Asker::Gone
        } else {
            Asker::Known
        };
        // A mail whose sender is not vouched for may be answered, but is told no names.
        let vouched = report
            .checks
            .iter()
            .filter(|judgement| matches!(judgement.id, catalogue::TICKET_SENDER | catalogue::TEAM_OWNER))
            .all(|judgement| judgement.verdict == Verdict::Pass);
        let others_domain = verdict_of(&report.checks, catalogue::TEAM_DOMAIN) == Some(Verdict::Fail);
        let names = replies.name_colleagues && vouched && asker == Asker::Known && !others_domain;
        Self { report, replies, make: recognised(report), asker, others_domain, names }
    }

    /// What every template may name.
    fn known(&self) -> Vec<(&'static str, String)> {
        let report = self.report;
        let name = if self.asker == Asker::Stranger { "" } else { self.addressee_name() };
        let team = report
            .team
            .as_ref()
            .filter(|_| self.asker == Asker::Known)
            .and_then(crate::product::team::Team::shown_name);
        let provider = report.connection.as_ref().map(|connection| foreign::shown(connection.provider.name()));
        let word = |key: &str| self.replies.word(key).to_owned();
        vec![
            ("name", greeted(name, self.replies)),
            ("owner", report.owner.clone().unwrap_or_default()),
            ("team", team.unwrap_or_else(|| word("your_team"))),
            ("make", self.make_name()),
            ("provider", provider.unwrap_or_else(|| word("your_provider"))),
            ("issuer", report.request.issuer.clone().unwrap_or_default()),
            ("client_id", report.request.client_id.clone().unwrap_or_default()),
            ("domains", self.domains()),
            ("colleagues", self.colleagues(Verdict::Fail)),
        ]
    }

    /// The name of whom the reply goes to: an administrator who asked for the owner is greeted, not the owner.
    fn addressee_name(&self) -> &str {
        let report = self.report;
        let asked = report.request.requested_by.as_deref();
        let to = recipient(&report.checks, asked, report.owner.as_deref());
        let is_requester = to.is_some() && to.as_deref() == asked && asked != report.owner.as_deref();
        if is_requester { &report.requester_name } else { &report.owner_name }
    }

    fn make_name(&self) -> String {
        match self.make {
            ProviderKind::Generic => self.replies.word("your_provider").to_owned(),
            known => known.name().to_owned(),
        }
    }

    fn domains(&self) -> String {
        match self.report.domains.as_slice() {
            [] => self.replies.word("your_domain").to_owned(),
            [one] => one.clone(),
            [first @ .., last] => format!("{} {} {last}", first.join(", "), self.replies.word("and")),
        }
    }

    /// Addresses that the findings at `level` name, where they may be told.
    fn colleagues(&self, level: Verdict) -> String {
        if !self.names {
            return String::new();
        }
        let findings = self.report.checks.iter().flat_map(|judgement| &judgement.findings);
        let mut names: Vec<&str> = Vec::new();
        let evidence = findings
            .filter(|finding| finding.level == level && finding.code.starts_with("members_"))
            .flat_map(|finding| &finding.evidence);
        for evidence in evidence.filter(|evidence| evidence.label.contains('@')) {
            // Whoever is in several other teams stands there with each of them.
            if !names.contains(&evidence.label.as_str()) {
                names.push(&evidence.label);
            }
        }
        names.join(", ")
    }

    /// What the customer has to do about the findings at `level`, in the order they would do it, and whether all of it is ours
    /// to do. The same sentence is said once, and so is each place to click.
    fn steps(&self, level: Verdict) -> (Vec<Said>, bool) {
        let otherwise = self.replies.reason("otherwise");
        let mut steps: Vec<Step> = Vec::new();
        for judgement in self.report.saying(level) {
            let check = judgement.id;
            let of_team = check.is_of_team();
            let hidden =
                (self.asker == Asker::Stranger && of_team && !doubts_the_asker(judgement.id, judgement.verdict))
                    || (self.asker == Asker::Gone && of_team && check != catalogue::TEAM_OWNER)
                    || (self.others_domain && check == catalogue::TEAM_MEMBERS);
            for finding in judgement.findings.iter().filter(|one| one.level == level && !one.is_not_asked()) {
                if hidden {
                    continue;
                }
                let sentence = self.sentence(finding);
                let (place, values) = place(judgement.id, finding);
                if !steps.iter().any(|step| step.sentence == sentence) {
                    steps.push(Step { place, sentence, values });
                }
            }
        }
        if steps.is_empty() {
            steps.push(Step { place: Place::Ours, sentence: otherwise.to_owned(), values: &[] });
        }
        // Stable: within a place the order of the catalogue stays.
        steps.sort_by_key(|step| step.place);
        let all_ours = steps.iter().all(|step| step.place == Place::Ours || step.sentence == otherwise);
        (self.with_places(steps), all_ours)
    }

    fn with_places(&self, steps: Vec<Step>) -> Vec<Said> {
        let make = self.make.word().unwrap_or("generic");
        let mut named: Vec<Value> = Vec::new();
        let said = steps.into_iter().map(|step| {
            let fresh: Vec<Value> = step.values.iter().copied().filter(|value| !named.contains(value)).collect();
            named.extend(&fresh);
            let places = fresh.into_iter().filter_map(|value| {
                let place = self.replies.place(make, value.key())?;
                Some(format!("{}: {place}", self.replies.word(value.key())))
            });
            let mut places: Vec<String> = places.collect();
            if !places.is_empty() {
                let lead = match self.make {
                    ProviderKind::Generic => self.replies.word("places_of_any").to_owned(),
                    known => fill(self.replies.word("places"), &[("make", known.name())]),
                };
                places.insert(0, lead);
            }
            (step.sentence, places)
        });
        said.collect()
    }

    /// What the customer is told of one finding: the operator's own sentence, else the check's, else a general one.
    fn sentence(&self, finding: &Finding) -> String {
        let people = finding.code.starts_with("members_") && !self.names;
        let unnamed = format!("{}_unnamed", finding.code);
        let tell = finding.tell.as_deref();
        let template = match (self.replies.own_reason(finding.code), tell) {
            _ if people && finding.tell.as_ref().is_some_and(|tell| tell.contains('@')) => {
                self.replies.reason(&unnamed)
            }
            (Some(own), _) => own,
            (None, Some(tell)) => return tell.to_owned(),
            (None, None) => self.replies.reason(finding.code),
        };
        let evidence = |label: &str| {
            let found = finding.evidence.iter().find(|one| one.label == label);
            found.map(|one| one.value.clone()).unwrap_or_default()
        };
        let mut known = self.known();
        known.extend([
            ("tell", tell.unwrap_or_else(|| self.replies.reason("otherwise")).to_owned()),
            // Of what a finding rests on, only the customer's own values: the rest may name another customer.
            ("customer_gave", evidence("customer gave")),
            ("provider_says", evidence("provider says")),
            ("record_to_set", evidence("record to set")),
            ("to_register", evidence("to register")),
        ]);
        let known: Vec<(&str, &str)> = known.iter().map(|(name, value)| (*name, value.as_str())).collect();
        one_line(&fill(template, &known))
    }

    /// Warnings that the customer can do something about.
    fn notes(&self) -> String {
        let mut steps: Vec<Step> = Vec::new();
        if self.asker == Asker::Stranger {
            return String::new();
        }
        let is_told = |judgement: &&Judgement| self.asker != Asker::Gone || !judgement.id.is_of_team();
        for judgement in self.report.checks.iter().filter(is_told) {
            let told = |one: &&Finding| {
                one.level == Verdict::Warn && (one.tell.is_some() || self.replies.own_reason(one.code).is_some())
            };
            for finding in judgement.findings.iter().filter(told) {
                let sentence = self.sentence(finding);
                let (place, values) = place(judgement.id, finding);
                if !steps.iter().any(|step| step.sentence == sentence) {
                    steps.push(Step { place, sentence, values });
                }
            }
        }
        if steps.is_empty() {
            return String::new();
        }
        steps.sort_by_key(|step| step.place);
        format!("{}\n\n{}", self.replies.word("notes"), numbered(&self.with_places(steps)))
    }

    /// The connection's values that customer and product have to agree on; never a secret or a token.
    fn values(&self) -> String {
        let Some(connection) = &self.report.connection else { return String::new() };
        let rows = rows(connection);
        let widest = rows.iter().map(|(key, _)| self.replies.word(key).chars().count()).max().unwrap_or(0);
        let lines = rows.iter().map(|(key, value)| {
            format!("  {:<widest$}  {}", self.replies.word(key), foreign::shown_up_to(value, 2048))
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    /// What to enter for provisioning, where it was switched on. The token never goes by mail.
    fn provisioning(&self) -> String {
        let scim = self.report.connection.as_ref().and_then(|connection| connection.scim.as_ref());
        scim.map(|_| wrapped("", self.replies.word("provisioning"), COLUMNS)).unwrap_or_default()
    }
}

fn rows(connection: &ConnectionView) -> Vec<(&'static str, String)> {
    let mut rows = Vec::new();
    match &connection.provider {
        ProviderView::Oidc(oidc) => {
            rows.push(("issuer", oidc.issuer.clone()));
            rows.push(("client_id", oidc.client_id.clone()));
            rows.extend(oidc.redirect_uri.clone().map(|uri| ("redirect_uri", uri)));
        }
        ProviderView::Saml(saml) => {
            rows.push(("entity_id", saml.entity_id.to_string()));
            rows.extend(saml.sso.first().map(|endpoint| ("sign_in", endpoint.location.clone())));
            for certificate in &saml.certificates {
                rows.push(("valid_until", certificate.not_after.strftime("%F").to_string()));
            }
            rows.extend(connection.acs_url.clone().map(|url| ("acs_url", url)));
        }
    }
    rows.extend(connection.scim.as_ref().map(|scim| ("scim_base_url", scim.base_url.clone())));
    rows
}

/// The make of the customer's provider, by everything they sent and by what is stored.
fn recognised(report: &Report) -> ProviderKind {
    let mut addresses: Vec<&str> = Vec::new();
    addresses.extend(report.request.issuer.as_deref());
    addresses.extend(report.request.entity_id.as_deref());
    addresses.extend(report.request.metadata.as_deref());
    match report.connection.as_ref().map(|connection| &connection.provider) {
        Some(ProviderView::Oidc(oidc)) => addresses.push(&oidc.issuer),
        Some(ProviderView::Saml(saml)) => {
            addresses.push(saml.entity_id.as_str());
            addresses.extend(saml.sso.iter().map(|endpoint| endpoint.location.as_str()));
        }
        None => {}
    }
    // Metadata that was refused is no connection, and its addresses tell the make all the same.
    let described = report.checks.iter().filter(|judgement| judgement.id == catalogue::SAML_METADATA);
    addresses.extend(described.flat_map(|judgement| {
        let sign_in = judgement.details.get("sso").and_then(|sso| sso.get(0)?.get("location")?.as_str());
        let entity_id = judgement.details.get("entity_id").and_then(serde_json::Value::as_str);
        sign_in.into_iter().chain(entity_id)
    }));
    let ours = report.checks.iter().filter(|judgement| !judgement.id.is_of_team());
    let evidence = ours.flat_map(|judgement| &judgement.findings).flat_map(|finding| &finding.evidence);
    addresses.extend(evidence.map(|one| one.value.as_str()));
    ProviderKind::recognised(addresses, report.request.client_id.as_deref())
}

/// Sentences as a list, one alone as it is; each with its places below it.
fn numbered(said: &[Said]) -> String {
    let alone = said.len() == 1;
    let entries = said.iter().enumerate().map(|(position, (sentence, places))| {
        let lead = if alone { String::new() } else { format!("{}. ", position + 1) };
        let indent = " ".repeat(lead.len());
        let mut entry = wrapped(&lead, sentence, COLUMNS);
        for (position, place) in places.iter().enumerate() {
            let lead = if position == 0 { format!("{indent}  ") } else { format!("{indent}  - ") };
            let gap = if position == 0 { "\n\n" } else { "\n" };
            entry.push_str(gap);
            entry.push_str(&wrapped(&lead, place, COLUMNS));
        }
        entry
    });
    entries.collect::<Vec<_>>().join("\n\n")
}

#[cfg(test)]
mod tests;
