//! The report for people: a line per check, what is wrong and what to do about it, what was or would be written, and
//! the mail to send. Readable without colour, and in a pipe.

use std::fmt::Write as _;

use comfy_table::{Attribute, Cell, Color, ContentArrangement, Table, presets};

use super::{ProviderView, Report};
use crate::finding::{Finding, Judgement, Verdict};
use crate::foreign;
use crate::onboarding::plan::{Outcome, Plan, WriteKind};
use crate::paragraph::{self, wrapped};
use crate::product::connection::{DomainProof, Status};

/// How to draw.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// Use colour.
    pub color: bool,
    /// Columns of the terminal; `None` for a pipe, where lines are as long as they are.
    pub width: Option<u16>,
}

impl Look {
    /// Columns that sentences are broken at.
    #[must_use]
    pub fn columns(self) -> usize {
        paragraph::columns(self.width)
    }
}

/// The whole report.
#[must_use]
pub fn text(report: &Report, look: Look) -> String {
    let mut out = heading(report);
    if !out.is_empty() {
        out.push('\n');
    }
    let _ = writeln!(out, "{}", table(&report.checks, look));
    out.push_str(&problems(report, look));
    out.push_str(&notes(report, look));
    out.push_str(&changes(report, look));
    out.push_str(&allowed(report));
    out.push_str(&foretold(report));
    out.push_str(&ending(report, look));
    out
}

/// How it ended and the mail to send: all that is left to say once the rest has been shown with the question.
#[must_use]
pub fn ending(report: &Report, look: Look) -> String {
    let mut out = result(report, look);
    if !report.reply.is_empty() {
        let rule = "-".repeat(72);
        let subject = &report.reply_subject;
        let _ = write!(out, "\n{}\n{rule}\nSubject: {subject}\n\n{}{rule}\n", reply_title(report), report.reply);
    }
    out
}

/// What is shown before the question whether to write: verdicts, what is wrong, what was mended, and what will change.
#[must_use]
pub fn proposal(report: &Report, plan: &Plan, look: Look) -> String {
    let mut out = heading(report);
    let _ = writeln!(out, "\n{}", table(&report.checks, look));
    out.push_str(&problems(report, look));
    out.push_str(&notes(report, look));
    out.push_str(&changes(report, look));
    out.push_str(&allowed(report));
    if let Plan::Write(planned) = plan {
        let _ = write!(out, "\nTo be written\n{}", connection_lines(report));
        if planned.kind.status() == Status::Active {
            out.push_str("  From then on single sign-on is the only way in for this team.\n");
        }
        out.push_str(&superseded(report));
    } else if let Plan::SwitchOn(_) = plan {
        let _ = write!(out, "\nTo be switched on as it is stored\n{}", connection_lines(report));
        out.push_str("  From then on single sign-on is the only way in for this team.\n");
    }
    out
}

/// The connection as a plan or a dry run foresees it.
fn connection_lines(report: &Report) -> String {
    let Some(connection) = &report.connection else { return String::new() };
    let mut out = String::new();
    if let Some(status) = connection.status {
        let _ = writeln!(out, "  status     {}", status.as_str());
    }
    match &connection.provider {
        ProviderView::Oidc(oidc) => {
            let method = oidc.token_endpoint_auth_method.map(|method| format!(" ({method})")).unwrap_or_default();
            let _ = writeln!(out, "  issuer     {}\n  client id  {}{method}", oidc.issuer, oidc.client_id);
        }
        ProviderView::Saml(saml) => {
            let _ = writeln!(out, "  entity ID  {}", saml.entity_id);
            for endpoint in &saml.sso {
                let _ =
                    writeln!(out, "  sign-in    {} ({})", foreign::shown(&endpoint.location), endpoint.binding_name());
            }
        }
    }
    for claim in &connection.claims {
        let _ = writeln!(out, "  domain     {} ({})", claim.domain, basis(claim.proof));
    }
    if connection.provisions {
        out.push_str(
            "  SCIM       a bearer token, shown once, unless the connection has one that works (--no-scim: none)\n",
        );
    }
    out
}

/// What the team's connection was before: nothing but the audit log keeps it.
fn superseded(report: &Report) -> String {
    let mut findings = report.checks.iter().flat_map(|judgement| &judgement.findings);
    let Some(finding) = findings.find(|finding| finding.code == "superseded") else { return String::new() };
    let widest = finding.evidence.iter().map(|one| one.label.chars().count()).max().unwrap_or(0).max("client id".len());
    finding.evidence.iter().fold("\nIn place of\n".to_owned(), |mut out, one| {
        let _ = writeln!(out, "  {:<widest$}  {}", one.label, one.value);
        out
    })
}

/// What a domain is claimed on, in words.
#[must_use]
pub const fn basis(proof: DomainProof) -> &'static str {
    match proof {
        DomainProof::Owner => "the owner's own",
        DomainProof::Dns => "proven by DNS",
        DomainProof::Operator => "on your word",
    }
}

/// The deed, as a question begins.
#[must_use]
pub fn deed(plan: &Plan) -> &'static str {
    match plan {
        Plan::Write(planned) if planned.kind == WriteKind::Stage => "Write it without switching it on",
        Plan::Write(planned) if planned.kind == WriteKind::Replace => "Replace the existing connection",
        _ => "Switch single sign-on on",
    }
}

fn heading(report: &Report) -> String {
    let mut rows: Vec<(&str, String)> = Vec::new();
    if let Some(ticket) = &report.ticket {
        rows.push(("ticket", ticket.clone()));
    }
    if let Some(team) = &report.team {
        rows.push(("team", team.label()));
    }
    if let Some(owner) = &report.owner {
        rows.push(("owner", owner.clone()));
    }
    if let Some(issuer) = &report.request.issuer {
        rows.push(("issuer", issuer.clone()));
    }
    if let Some(client) = &report.request.client_id {
        rows.push(("client id", client.clone()));
    }
    if let Some(metadata) = &report.request.metadata {
        rows.push(("metadata", metadata.clone()));
    }
    if let Some(ProviderView::Saml(saml)) = report.connection.as_ref().map(|connection| &connection.provider) {
        rows.push(("entity ID", saml.entity_id.to_string()));
        for one in &saml.certificates {
            rows.push(("signed by", format!("{} ({}, until {})", one.sha256, one.key, one.not_after.strftime("%F"))));
        }
    }
    if !report.domains.is_empty() {
        rows.push(("domains", report.domains.join(", ")));
    }
    rows.iter().fold(String::new(), |mut out, (label, value)| {
        let _ = writeln!(out, "{label:<10} {value}");
        out
    })
}

const fn tint(verdict: Verdict) -> Color {
    match verdict {
        Verdict::Pass => Color::Green,
        Verdict::Warn | Verdict::Unknown => Color::Yellow,
        Verdict::Fail => Color::Red,
    }
}

/// The table of verdicts.
#[must_use]
pub fn table(checks: &[Judgement], look: Look) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    if look.color {
        table.enforce_styling();
    } else {
        table.force_no_tty();
    }
    match look.width {
        Some(width) => {
            // A very wide terminal needs no padding, and a very narrow one no table of single letters.
            table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width.clamp(60, 140));
        }
        None => {
            table.set_content_arrangement(ContentArrangement::Disabled);
        }
    }
    for judgement in checks {
        let verdict = Cell::new(judgement.verdict.label());
        let verdict =
            if look.color { verdict.fg(tint(judgement.verdict)).add_attribute(Attribute::Bold) } else { verdict };
        let took = judgement.elapsed_ms.map(|elapsed| format!("{elapsed} ms")).unwrap_or_default();
        table.add_row(vec![verdict, Cell::new(judgement.id.as_str()), Cell::new(&judgement.summary), Cell::new(took)]);
    }
    table.to_string().lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

/// Every finding that is more than a note, with what to do.
fn problems(report: &Report, look: Look) -> String {
    let mut out = String::new();
    let mut judgements: Vec<&Judgement> = report.checks.iter().filter(|one| one.verdict != Verdict::Pass).collect();
    judgements.sort_by_key(|judgement| std::cmp::Reverse(judgement.verdict));
    for judgement in judgements {
        for finding in judgement.findings.iter().filter(|one| one.level != Verdict::Pass && !one.is_not_asked()) {
            let _ = write!(out, "\n{}", one_finding(report, judgement, finding, look));
        }
    }
    out
}

fn one_finding(report: &Report, judgement: &Judgement, finding: &Finding, look: Look) -> String {
    let label = format!("{:<7}", finding.level.label());
    let label = match (look.color, finding.level) {
        (false, _) => label,
        (true, Verdict::Fail) => console::style(label).red().bold().force_styling(true).to_string(),
        (true, _) => console::style(label).yellow().bold().force_styling(true).to_string(),
    };
    let columns = look.columns();
    let paragraph = |lead: &str, text: &str| wrapped(lead, text, columns) + "\n";
    let head = paragraph("        ", &format!("{}: {}", judgement.id, finding.fact));
    let mut out = format!("{label}{}", head.get(7..).unwrap_or_default());
    let widest = finding.evidence.iter().map(|one| one.label.chars().count()).max().unwrap_or(0);
    for evidence in &finding.evidence {
        let _ = writeln!(out, "        {:<widest$}  {}", evidence.label, evidence.value);
    }
    if let Some(why) = &finding.why {
        out.push_str(&paragraph("        why   ", why));
    }
    let rerun = (!finding.rerun_with.is_empty()).then(|| report.command.with(&finding.rerun_with).to_string());
    match (&finding.next, rerun) {
        (Some(next), Some(command)) => {
            out.push_str(&paragraph("        next  ", &format!("{next}:")));
            let _ = writeln!(out, "              {command}");
        }
        (Some(next), None) => {
            out.push_str(&paragraph("        next  ", next));
        }
        (None, Some(command)) => {
            let _ = writeln!(out, "        next  run again with:\n              {command}");
        }
        (None, None) => {}
    }
    out
}

/// What speaks against nothing, and somebody should know.
fn notes(report: &Report, look: Look) -> String {
    let columns = look.columns();
    let mut out = String::new();
    for judgement in report.checks.iter() {
        for finding in judgement.findings.iter().filter(|finding| finding.is_remark) {
            let why = finding.why.as_ref().map(|why| format!("; {why}")).unwrap_or_default();
            let line = format!("{}: {}{why}", judgement.id, finding.fact);
            out.push_str(&wrapped("  ", &line, columns));
            out.push('\n');
        }
    }
    if out.is_empty() { out } else { format!("\nAlso noted\n{out}") }
}

fn changes(report: &Report, look: Look) -> String {
    if report.request.changed.is_empty() {
        return String::new();
    }
    let mut out = "\nChanged on the way\n".to_owned();
    for change in &report.request.changed {
        let _ =
            writeln!(out, "{}", wrapped("  ", &format!("{}: {}", change.input.field(), change.why), look.columns()));
        if let (Some(from), Some(to)) = (&change.from, &change.to) {
            let _ = writeln!(out, "      from  {from}\n      to    {to}");
        }
    }
    out
}

fn allowed(report: &Report) -> String {
    if report.allowed_origins.is_empty() {
        return String::new();
    }
    let mut out = "\nATTENTION: the guard against private addresses was opened (--allow-origin) for\n".to_owned();
    for origin in &report.allowed_origins {
        let _ = writeln!(out, "  {origin}");
    }
    out
}

/// What a dry run would have written, and what a replaced connection was before.
fn foretold(report: &Report) -> String {
    match report.outcome {
        Outcome::WouldOnboard | Outcome::WouldReplace => {
            format!("\nWould be written\n{}{}", connection_lines(report), superseded(report))
        }
        Outcome::Replaced | Outcome::Staged => superseded(report),
        _ => String::new(),
    }
}

fn result(report: &Report, look: Look) -> String {
    let warnings = report.saying(Verdict::Warn).count();
    let besides = match warnings {
        0 => String::new(),
        1 => ", with 1 warning".to_owned(),
        several => format!(", with {several} warnings"),
    };
    let sentence = match report.outcome {
        Outcome::Onboarded => format!("Done: single sign-on is switched on{besides}."),
        Outcome::Staged => format!("Staged: everything is written, nothing is switched on yet{besides}."),
        Outcome::Replaced => format!("Done: the connection was replaced and is switched on{besides}."),
        Outcome::Unchanged => {
            "Unchanged: the team has exactly this connection already; nothing was written.".to_owned()
        }
        Outcome::WouldOnboard if report.stays_off() => {
            format!("Would be staged, not switched on{besides}. This was a dry run: nothing was written.")
        }
        Outcome::WouldOnboard => format!("Would be switched on{besides}. This was a dry run: nothing was written."),
        Outcome::WouldReplace => {
            format!("Would replace the existing connection{besides}. This was a dry run: nothing was written.")
        }
        Outcome::Valid => format!("Valid: nothing speaks against these values{besides}. Nothing was written."),
        Outcome::Refused => "Refused: the reasons are above. No connection was written.".to_owned(),
        Outcome::Unknown => {
            "No verdict: something outside did not answer, so nothing was written. Try again.".to_owned()
        }
        Outcome::Failed => "Failed: a fault of this installation; nothing was written.".to_owned(),
    };
    let colored = match (look.color, report.outcome) {
        (false, _) => sentence,
        (true, Outcome::Refused | Outcome::Failed) => {
            console::style(sentence).red().bold().force_styling(true).to_string()
        }
        (true, Outcome::Unknown) => console::style(sentence).yellow().bold().force_styling(true).to_string(),
        (true, _) => console::style(sentence).green().bold().force_styling(true).to_string(),
    };
    let mut out = format!("\n{colored}\n");
    if let Some(connection) = &report.connection
        && let (Some(id), Some(status)) = (&connection.id, connection.status)
    {
        let _ = writeln!(out, "  connection  {id} ({})", status.as_str());
        if let (ProviderView::Saml(_), Some(acs)) = (&connection.provider, &connection.acs_url) {
            let _ = writeln!(out, "  ACS URL     {acs}");
        }
        let command = |verb: &str| report.command.beside(verb).to_string();
        if report.outcome.has_written() {
            let staged = report.outcome == Outcome::Staged;
            if staged {
                let _ = writeln!(out, "  switch on   {}", command(&format!("connection activate {id}")));
            }
            let undo = if staged { "remove" } else { "suspend" };
            let _ = writeln!(out, "  to undo     {}", command(&format!("connection {undo} {id}")));
        }
        if let Some(scim) = &connection.scim
            && let Some(token) = &scim.token
        {
            let _ = write!(
                out,
                "\nSCIM, for the customer's provisioning app\n  base URL      {}\n  bearer token  {}\n{}\n  if it is lost: {}\n",
                scim.base_url,
                token.expose(),
                wrapped("  ", HAND_OVER, look.columns()),
                command(&format!("scim rotate {id}")),
            );
        }
    }
    out
}

/// What an agent does with a SCIM token.
const HAND_OVER: &str =
    "The token is shown this once and stored nowhere. Hand it over by a safe channel, never by mail;";

fn reply_title(report: &Report) -> &'static str {
    match report.outcome {
        Outcome::Refused => "Reply to the customer",
        Outcome::WouldOnboard if report.stays_off() => "Reply to the customer, once it is staged",
        Outcome::WouldOnboard | Outcome::WouldReplace => "Reply to the customer, once it is switched on",
        Outcome::Unknown => "Reply to the customer, if it stays like this",
        _ => "Reply to the customer, ready to send",
    }
}
