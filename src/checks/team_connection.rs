//! `team-connection`

use super::{Drift, Facts, Intent, Rival, RowFacts, Standing, Wanted, catalogue, not_asked};
use crate::finding::{Finding, Judgement, Verdict};
use crate::product::connection::{Connection, OidcSettings, ProtocolSettings, SamlSettings, Status};
use crate::product::facts::ProductFacts;
use crate::request::{OidcRequest, OnboardingRequest, ProviderRequest};

/// Checks that the team has no other connection: the same values again change nothing, different ones need `--replace`.
pub(super) fn judge(request: &OnboardingRequest, facts: &Facts, product: &ProductFacts, intent: Intent) -> Judgement {
    let id = catalogue::TEAM_CONNECTION;
    if product.team().is_none() {
        return not_asked(id, "which team is meant is not known");
    }
    let row = facts.row.as_ref();
    if let Some((row, rival)) = row.and_then(|row| Some((row, row.rival_over(&Wanted::Team)?))) {
        // What an earlier row of the same file wants decides, whether it was written meanwhile (a real run) or only would
        // be (a dry run).
        let of_entity = if rival.standing == Standing::SameAgain { None } else { of_entity_rival(row) };
        let findings = [of_rival(row, rival)].into_iter().chain(of_entity).collect();
        return Judgement::of(id, "", findings);
    }
    let of_client = of_same_client(product, row).or_else(|| of_same_client_in_file(row));
    let mut findings: Vec<Finding> = of_client.into_iter().chain(of_same_entity(product, row)).collect();
    let passed = match &product.connection {
        None => "the team has no connection yet".to_owned(),
        Some(connection) if connection.is_only_reserved() => "a connection is reserved for the team".to_owned(),
        Some(connection) if !request.names_provider() => {
            format!(
                "the team has a connection ({}); no values were given to compare it with",
                connection.status.as_str()
            )
        }
        Some(connection) => {
            let differs = differences(request, facts, connection);
            findings.extend(of_existing(connection, &differs, intent).map(|finding| with_author(finding, product)));
            findings.extend(of_uncompared(request, facts, connection).filter(|_| differs.is_empty()));
            let drift = if differs.is_empty() { drift(facts, connection) } else { Vec::new() };
            findings.extend(of_drift(connection, &drift, intent));
            if intent.replace && !(differs.is_empty() && drift.is_empty()) {
                findings.extend(of_superseded(connection));
                findings.extend(of_staging_over(connection, intent));
            }
            if intent.replace && !drift.is_empty() {
                "the existing connection is written anew, with what holds now".to_owned()
            } else if differs.is_empty() && connection.status == Status::Suspended && intent.stage {
                "the team has this connection, and it stays switched off".to_owned()
            } else if differs.is_empty() && connection.status == Status::Suspended {
                "the team has this connection; it is switched on again".to_owned()
            } else if differs.is_empty() {
                format!("the team already has this connection ({})", connection.status.as_str())
            } else {
                format!("the existing connection is superseded: it differs in {}", differs.join(", "))
            }
        }
    };
    if findings.iter().all(|finding| finding.level != Verdict::Fail) {
        findings.extend(of_untold(request, product));
    }
    Judgement::of(id, passed, findings)
}

/// A provider sends people back to no address but the one that was entered there, and that one is made for the team.
fn of_untold(request: &OnboardingRequest, product: &ProductFacts) -> Option<Finding> {
    let is_saml = matches!(request.provider, ProviderRequest::Saml(_)) && request.names_provider();
    let was_told = product.connection.as_ref().is_some_and(|connection| connection.acs_url.is_some());
    (is_saml && !was_told).then(|| {
        Finding::remark("acs_url_untold", "the customer has not been told their ACS URL by `ssoctl prepare`")
            .because("nobody gets in before it is entered at their identity provider: `ssoctl prepare --protocol saml` prints the mail with it")
    })
}

fn of_rival(row: &RowFacts, rival: &Rival) -> Finding {
    match rival.standing {
        Standing::SameAgain => {
            Finding::warn("row_again", format!("line {} of the file has the same request already", rival.line))
                .evidence("lines", format!("{} and {}", rival.line, row.line))
                .because("it is carried out once; the second time there is nothing left to do")
                .next("nothing, unless another team was meant on one of the two lines")
        }
        Standing::Granted | Standing::Open => row_conflict(row, rival, "ask for the same team, with different values"),
    }
}

/// Two rows of one file that cannot both be carried out.
pub(super) fn row_conflict(row: &RowFacts, rival: &Rival, what: &str) -> Finding {
    let both = format!("lines {} and {}", rival.line, row.line);
    if rival.standing == Standing::Open {
        Finding::unknown(
            "row_conflict_open",
            format!("{both} of the file {what}, and there is no verdict on the first yet"),
        )
        .because("which of the two holds depends on the one further up, whose provider did not answer")
        .next("run the same command again later, or keep one of the two rows")
    } else {
        Finding::fail("row_conflict", format!("{both} of the file {what}"))
            .evidence("lines", format!("{} and {}", rival.line, row.line))
            .because("the one further up is carried out; both cannot be")
            .next("find out which of the two rows is right, and keep only that one")
    }
}

/// Another row of the same file that uses this client for another team.
fn of_same_client_in_file(row: Option<&RowFacts>) -> Option<Finding> {
    let row = row?;
    let rival = row.rival_over(&Wanted::Client)?;
    Some(same_client().evidence("lines", format!("{} and {}", rival.line, row.line)))
}

/// Which values of the request differ from the stored connection; empty when it is the same again.
pub(super) fn differences(request: &OnboardingRequest, facts: &Facts, connection: &Connection) -> Vec<&'static str> {
    let mut differs = match (&request.provider, &connection.settings) {
        (ProviderRequest::Oidc(asked), Some(ProtocolSettings::Oidc(stored))) => of_oidc(asked, facts, stored),
        (ProviderRequest::Saml(_), Some(ProtocolSettings::Saml(stored))) => of_saml(facts, stored),
        (ProviderRequest::Oidc(_) | ProviderRequest::Saml(_), _) => return vec!["protocol"],
    };
    let mut claimed = request.claimed_domains();
    claimed.sort();
    claimed.dedup();
    if claimed != connection.domains {
        differs.push("domains");
    }
    differs
}

fn of_oidc(asked: &OidcRequest, facts: &Facts, stored: &OidcSettings) -> Vec<&'static str> {
    let issuer =
        asked.issuer.as_ref().map(|issuer| facts.oidc.settled_issuer(issuer).unwrap_or_else(|| issuer.clone()));
    let mut differs = Vec::new();
    if issuer.is_some_and(|issuer| issuer != stored.issuer) {
        differs.push("issuer");
    }
    if asked.client_id.as_ref().is_some_and(|client| *client != stored.client_id) {
        differs.push("client id");
    }
    if facts.same_secret == Some(false) {
        differs.push("client secret");
    }
    differs
}

/// What was taken from the provider's document, from trying the client and from the configuration when the connection was
/// written, and would be another now. Where the provider was not asked, nothing is known of it.
pub(super) fn drift(facts: &Facts, connection: &Connection) -> Vec<Drift> {
    let (Some(stored), Some(document)) = (connection.oidc(), facts.oidc.document()) else { return Vec::new() };
    let mut drift = Vec::new();
    let mut compare = |what, stored: &str, now: &str| {
        if stored != now {
            drift.push(Drift { what, stored: stored.to_owned(), now: now.to_owned() });
        }
    };
    if let Some(now) = facts.oidc.client_authentication() {
        compare("client authentication", stored.client_authentication.as_str(), now.as_str());
    }
    if let (Some(stored), Some(now)) = (&stored.redirect_uri, facts.oidc.asked_redirect_uri()) {
        compare("redirect URI", stored, now);
    }
    // One that is no longer offered does no harm.
    let now = document.accepted_algorithms();
    if now.iter().any(|one| !stored.id_token_algorithms.contains(one)) {
        compare("signature algorithms", &stored.id_token_algorithms.join(", "), &now.join(", "));
    }
    drift
}

fn of_saml(facts: &Facts, stored: &SamlSettings) -> Vec<&'static str> {
    if facts.same_metadata {
        return Vec::new();
    }
    // Where no metadata could be read there is nothing to compare; another check says so.
    let Some(asked) = facts.saml.settings(None) else { return Vec::new() };
    // One that has expired since it was stored is left out of what is asked for, and makes no difference.
    let keys = |settings: &SamlSettings| {
        let kept = settings.certificates.iter().filter(|one| one.not_after >= facts.saml.now);
        kept.map(|one| one.sha256.clone()).collect::<std::collections::BTreeSet<_>>()
    };
    let mut differs = Vec::new();
    if asked.entity_id != stored.entity_id {
        differs.push("entity ID");
    }
    if asked.sso != stored.sso || asked.slo != stored.slo {
        differs.push("endpoints");
    }
    if keys(&asked) != keys(stored) {
        differs.push("certificates");
    }
    if asked.name_id_formats != stored.name_id_formats
        || asked.want_authn_requests_signed != stored.want_authn_requests_signed
    {
        differs.push("sign-in options");
    }
    differs
}

fn of_existing(connection: &Connection, differs: &[&str], intent: Intent) -> Option<Finding> {
    let suspended = connection.status == Status::Suspended;
    if intent.replace || (differs.is_empty() && (!suspended || intent.reactivate)) {
        return None;
    }
    let finding = if differs.is_empty() {
        Finding::fail("connection_suspended", "the team has this connection, and it was suspended")
            .because("somebody switched it off on purpose")
            .next(format!("if it is to go on again, run: ssoctl connection activate {}", connection.id))
            .tell(
                "Single sign-on is set up for your team, and was switched off. We will find out why before it is \
                 switched on again.",
            )
    } else {
        Finding::fail(
            "connection_exists",
            format!("the team already has another connection: it differs in {}", differs.join(", ")),
        )
        .because("replacing it changes how the whole team signs in, from one moment to the next")
        .next("if the customer wants the new values instead of the old ones, run again with --replace")
        .rerun_with(["--replace"])
        .tell(
            "Single sign-on is already set up for your team, with other values. Please confirm that the new ones are \
             to replace them.",
        )
    };
    let finding = finding.evidence("connection", connection.id.as_str()).evidence("status", connection.status.as_str());
    let names = connection.settings.as_ref()?.names();
    Some(names.into_iter().fold(finding, |finding, (label, name)| finding.evidence(format!("its {label}"), name)))
}

/// A staged connection is written anew by itself, and any other where it is asked for.
fn of_drift(connection: &Connection, drift: &[Drift], intent: Intent) -> Option<Finding> {
    if drift.is_empty() || intent.replace || connection.status == Status::Staged {
        return None;
    }
    let words: Vec<&str> = drift.iter().map(|one| one.what).collect();
    let finding = drift.iter().fold(
        Finding::warn(
            "settings_outdated",
            format!("the values are the same, and what is stored no longer holds: {}", words.join(", ")),
        ),
        |finding, one| finding.evidence(format!("{} stored", one.what), &one.stored).evidence("now", &one.now),
    );
    Some(
        finding
            .because("people are signed in by what is stored, and the provider may refuse that now")
            .next("if all else is in order, run `ssoctl onboard` with the same values and --replace: they are written with what holds now"),
    )
}

/// The stored secret opens only with the sealing key, which not everybody has who may check.
fn of_uncompared(request: &OnboardingRequest, facts: &Facts, connection: &Connection) -> Option<Finding> {
    let is_given = request.oidc().is_some_and(|oidc| oidc.client_secret.is_some());
    (is_given && connection.oidc().is_some() && facts.same_secret.is_none()).then(|| {
        Finding::warn(
            "secret_not_compared",
            "the team has this connection; whether its client secret is the same was not looked at",
        )
        .because(
            "the stored one opens only with the sealing key, which cannot be read here; another secret needs --replace",
        )
        .next("have somebody run this who may read the key; `ssoctl doctor` says what keeps it from being read")
    })
}

/// Who brought the connection there: whoever lost a race to them will want to ask.
fn with_author(finding: Finding, product: &ProductFacts) -> Finding {
    let Some(row) = &product.latest_change else { return finding };
    let ticket = row.ticket.as_ref().map(|ticket| format!(", ticket {ticket}")).unwrap_or_default();
    let at = row.at.get(..19).unwrap_or(&row.at).replace('T', " ");
    finding.evidence("latest change", format!("{} by {}, {at} UTC{ticket}", row.action, row.actor))
}

/// One row holds a team's connection: to stage other values in it would switch the team's single sign-on off.
fn of_staging_over(connection: &Connection, intent: Intent) -> Option<Finding> {
    (intent.stage && connection.status == Status::Active).then(|| {
        Finding::fail("stage_over_active", "staging would switch off the connection that is on")
            .evidence("connection", connection.id.as_str())
            .because("a team has one connection, and people sign in through it right now")
            .next("leave out --stage to replace it in one step, or suspend it first")
    })
}

/// What `--replace` takes away: only the audit log keeps it.
fn of_superseded(connection: &Connection) -> Option<Finding> {
    let domains: Vec<&str> = connection.domains.iter().map(crate::request::names::EmailDomain::as_str).collect();
    let finding = Finding::note("superseded", "the values the connection has had so far");
    let names = connection.settings.as_ref()?.names();
    let finding = names.into_iter().fold(finding, |finding, (label, name)| finding.evidence(label, name));
    Some(finding.evidence("domains", domains.join(", ")))
}

/// Sign-in finds the connection by the response's issuer: two teams cannot share one.
fn of_same_entity(product: &ProductFacts, row: Option<&RowFacts>) -> Option<Finding> {
    if let Some(finding) = row.and_then(of_entity_rival) {
        return Some(finding);
    }
    if let Some((row, line)) = row.and_then(|row| Some((row, row.entity_further_down?))) {
        let lines = format!("{} and {line}: the team of the second has it until then", row.line);
        return Some(entity_id_taken().evidence("lines", lines));
    }
    let is_freed = |row: &RowFacts| row.freed.iter().any(|freed| matches!(freed, Wanted::Entity(_)));
    let other = product.same_entity.as_ref().filter(|_| !row.is_some_and(is_freed))?;
    let entity = other.saml()?.entity_id.as_str();
    let team = format!("{} ({})", other.team_name.as_deref().unwrap_or("gone"), other.team_id);
    Some(entity_id_taken().evidence("entity ID", entity).evidence("team", team))
}

/// An earlier row of the same file that brings the identity provider for another team.
fn of_entity_rival(row: &RowFacts) -> Option<Finding> {
    let entity = row.rivals.iter().map(|rival| &rival.over).find(|over| matches!(over, Wanted::Entity(_)))?;
    let rival = row.rival_of_another_team(entity)?;
    Some(match rival.standing {
        Standing::Open => row_conflict(row, rival, "bring the same SAML identity provider for different teams"),
        _ => entity_id_taken().evidence("lines", format!("{} and {}", rival.line, row.line)),
    })
}

fn entity_id_taken() -> Finding {
    Finding::fail("entity_id_taken", "another team already uses this SAML identity provider")
        .because("a response says which entity signed it, not for which team: people would end up in either")
        .next("ask the customer to make an application with an entity ID of its own for this team, or find out whose the other one is: at some makes the ID is a text that many leave as it is (`authentik`, `JumpCloud`)")
        .tell(
            "The entity ID in your SAML metadata is in use for another team already. Please create an application of its \
             own for this team in your identity provider, with an entity ID (also called issuer) that nobody else has, \
             and send us its metadata.",
        )
}

fn of_same_client(product: &ProductFacts, row: Option<&RowFacts>) -> Option<Finding> {
    let since = row.and_then(|row| row.since);
    // Those of the same run are told by their lines.
    let other = product.same_client.as_ref().filter(|one| since.is_none_or(|since| one.created_at < since))?;
    Some(
        same_client().evidence("team", format!("{} ({})", other.team_name.as_deref().unwrap_or("gone"), other.team_id)),
    )
}

fn same_client() -> Finding {
    Finding::warn("same_client", "another team uses the same issuer and client id")
        .because("their people and this team's are told apart by domain alone")
        .next("ask the customer whether both teams are theirs; a client of its own for each team is safer")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::product::connection::{ClientAuthentication, SealedSecret};
    use crate::product::team::{Team, User};
    use crate::request::SamlRequest;
    use crate::request::names::{ClientId, ConnectionId, EmailAddress, EmailDomain, IssuerUrl, TeamId, UserId};
    use crate::request::saml_names::AccountToken;

    fn request(client: &str) -> OnboardingRequest {
        OnboardingRequest {
            owner: EmailAddress::parse("jane@acme.example").ok(),
            provider: ProviderRequest::Oidc(OidcRequest {
                issuer: IssuerUrl::parse("https://idp.acme.example").ok(),
                client_id: ClientId::parse(client),
                client_secret: None,
            }),
            ..OnboardingRequest::default()
        }
    }

    fn connection(status: Status) -> Connection {
        Connection {
            id: ConnectionId::new("c1"),
            team_id: TeamId::new("7"),
            team_name: Some("Acme".into()),
            status,
            settings: Some(ProtocolSettings::Oidc(OidcSettings {
                issuer: IssuerUrl::parse("https://idp.acme.example").unwrap(),
                client_id: ClientId::parse("0oa1").unwrap(),
                client_authentication: ClientAuthentication::Basic,
                id_token_algorithms: vec!["RS256".into()],
                redirect_uri: None,
                sealed_secret: SealedSecret::new("x"),
            })),
            domains: vec![EmailDomain::parse("acme.example").unwrap()],
            acs_url: None,
            account_token: AccountToken::parse("account-token-of-c1").unwrap(),
            domain_challenge: "x".into(),
            ticket: None,
            created_at: jiff::Timestamp::UNIX_EPOCH,
            updated_at: jiff::Timestamp::UNIX_EPOCH,
        }
    }

    /// The request that names `client`, of a team that has this connection.
    fn judged(client: &str, connection: Option<Connection>, same_secret: bool, intent: Intent) -> Judgement {
        let user = User { id: UserId::new("1"), email: "jane@acme.example".into(), name: String::new(), active: true };
        let team = Team { id: TeamId::new("7"), name: "Acme".into(), plan: None, management_enabled: true };
        let product = ProductFacts { owners: vec![user], teams: vec![team], connection, ..ProductFacts::default() };
        let facts = Facts { same_secret: Some(same_secret), ..Facts::default() };
        judge(&request(client), &facts, &product, intent)
    }

    fn reason(client: &str, connection: Option<Connection>, same_secret: bool, replace: bool) -> &'static str {
        let intent = Intent { everything: true, replace, ..Intent::default() };
        let judgement = judged(client, connection, same_secret, intent);
        if judgement.verdict == crate::finding::Verdict::Pass { "pass" } else { judgement.reasons().next().unwrap() }
    }

    #[test]
    fn a_team_without_a_connection_passes() {
        assert_eq!(reason("0oa1", None, false, false), "pass");
    }

    #[test]
    fn a_secret_that_nobody_could_compare_is_not_said_to_be_the_same() {
        let (stored, mut asked) = (connection(Status::Active), request("0oa1"));
        let ProviderRequest::Oidc(oidc) = &mut asked.provider else { panic!() };
        oidc.client_secret = Some(crate::request::names::ClientSecret::new("another".to_owned().into()));
        let facts = Facts::default();
        assert_eq!(of_uncompared(&asked, &facts, &stored).unwrap().code, "secret_not_compared");
        let compared = Facts { same_secret: Some(true), ..Facts::default() };
        assert!(of_uncompared(&asked, &compared, &stored).is_none());
        assert!(of_uncompared(&request("0oa1"), &facts, &stored).is_none(), "none was given");
    }

    #[test]
    fn the_same_values_again_pass() {
        assert_eq!(reason("0oa1", Some(connection(Status::Active)), true, false), "pass");
    }

    #[test]
    fn what_becomes_of_the_connection_is_said() {
        let (plain, replace) = (Intent::default(), Intent { replace: true, ..Intent::default() });
        let stage = Intent { stage: true, ..replace };
        for (client, status, intent, said) in [
            ("0oa1", Status::Active, plain, "the team already has this connection (active)"),
            ("0oa1", Status::Suspended, replace, "the team has this connection; it is switched on again"),
            ("0oa1", Status::Suspended, stage, "the team has this connection, and it stays switched off"),
            ("0oa2", Status::Active, replace, "the existing connection is superseded: it differs in client id"),
        ] {
            let judgement = judged(client, Some(connection(status)), true, intent);
            assert_eq!(judgement.summary, said);
        }
    }

    #[test]
    fn no_values_are_no_different_values() {
        let product = ProductFacts {
            owners: vec![User {
                id: UserId::new("1"),
                email: "jane@acme.example".into(),
                name: String::new(),
                active: true,
            }],
            teams: vec![Team { id: TeamId::new("7"), name: "Acme".into(), plan: None, management_enabled: true }],
            connection: Some(connection(Status::Active)),
            ..ProductFacts::default()
        };
        let asked = OnboardingRequest { provider: ProviderRequest::Saml(SamlRequest::default()), ..request("0oa1") };
        let judgement = judge(&asked, &Facts::default(), &product, Intent::default());
        assert_eq!(judgement.verdict, crate::finding::Verdict::Pass);
        assert!(judgement.summary.contains("no values were given"), "{}", judgement.summary);
    }

    #[test]
    fn it_is_noted_where_the_customer_was_never_told_where_their_provider_sends_people() {
        use crate::request::MetadataSource;
        let metadata = Some(MetadataSource::StandardInput);
        let provider = ProviderRequest::Saml(SamlRequest { metadata, entity_id: None });
        let saml = OnboardingRequest { provider, ..request("0oa1") };
        let with = |acs_url: Option<&str>| {
            let stored = Connection { acs_url: acs_url.map(str::to_owned), ..connection(Status::Active) };
            ProductFacts { connection: Some(stored), ..ProductFacts::default() }
        };
        let code =
            |request: &OnboardingRequest, product: &ProductFacts| of_untold(request, product).map(|one| one.code);
        assert_eq!(code(&saml, &ProductFacts::default()), Some("acs_url_untold"));
        assert_eq!(code(&saml, &with(None)), Some("acs_url_untold"));
        assert_eq!(code(&saml, &with(Some("https://app.acme.example/sso/x/acs/okta"))), None);
        assert_eq!(code(&request("0oa1"), &ProductFacts::default()), None);
    }

    #[test]
    fn different_values_need_replace() {
        assert_eq!(reason("0oa2", Some(connection(Status::Active)), true, false), "connection_exists");
        assert_eq!(reason("0oa1", Some(connection(Status::Active)), false, false), "connection_exists");
        assert_eq!(reason("0oa2", Some(connection(Status::Active)), true, true), "pass");
    }

    #[test]
    fn nothing_is_staged_over_a_connection_that_is_on() {
        let intent = Intent { everything: true, replace: true, stage: true, ..Intent::default() };
        assert!(of_staging_over(&connection(Status::Active), intent).is_some());
        assert!(of_staging_over(&connection(Status::Suspended), intent).is_none());
    }

    #[test]
    fn a_suspended_connection_does_not_come_back_by_itself() {
        assert_eq!(reason("0oa1", Some(connection(Status::Suspended)), true, false), "connection_suspended");
    }

    #[test]
    fn a_stored_certificate_that_has_expired_since_makes_no_difference() {
        use crate::saml::facts::{Metadata, SamlFacts};
        const ORDINARY: &str = include_str!("../../fixtures/metadata/certificate-p-256/document.xml");
        const P256: &str = include_str!("../../fixtures/metadata/certificates/p256.b64");
        const EXPIRED: &str = include_str!("../../fixtures/metadata/certificates/expired.b64");
        let both = format!("{P256}</ds:X509Certificate><ds:X509Certificate>{EXPIRED}");
        let at = |text: &str, now: &str| {
            let metadata = Metadata::of_bytes("metadata.xml", text.as_bytes(), None, &[]);
            Facts { saml: SamlFacts { metadata: Some(metadata), now: now.parse().unwrap() }, ..Facts::default() }
        };
        let two = ORDINARY.replace("{CERT:p256}", &both);
        let stored = at(&two, "2025-06-01T00:00:00Z").saml.settings(None).unwrap();
        assert_eq!(stored.certificates.len(), 2);
        assert!(of_saml(&at(&two, "2026-06-01T00:00:00Z"), &stored).is_empty());
        let one = ORDINARY.replace("{CERT:p256}", P256);
        assert_eq!(of_saml(&at(&one, "2025-06-01T00:00:00Z"), &stored), ["certificates"]);
    }
}
