//! What is to be written, decided from the verdicts alone. Deciding never writes.

use serde::Serialize;

use crate::checks::{self, Facts, Intent};
use crate::finding::{Judgement, Verdict};
use crate::product::audit_event::Action;
use crate::product::connection::{ClientAuthentication, Connection, SamlSettings, Status};
use crate::product::repository::NewClaim;
use crate::request::names::{ClientId, ConnectionId, IssuerUrl, TeamId};
use crate::request::saml_names::AccountToken;
use crate::request::{OidcRequest, OnboardingRequest, ProviderRequest};

/// How a request ended, in the words of the contract; in the order in which a sum over many tells of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Written and switched on.
    Onboarded,
    /// Written, not switched on.
    Staged,
    /// Written over an earlier connection.
    Replaced,
    /// Would be written (dry run).
    WouldOnboard,
    /// Would be written over an earlier connection (dry run).
    WouldReplace,
    /// Every check that was asked for passed (`check`).
    Valid,
    /// The same values were there already; nothing was written.
    Unchanged,
    /// A check refused it.
    Refused,
    /// Something outside did not answer: no verdict.
    Unknown,
    /// A fault of this installation.
    Failed,
}

impl Outcome {
    /// The word in JSON and the audit log.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Onboarded => "onboarded",
            Self::Staged => "staged",
            Self::Replaced => "replaced",
            Self::WouldOnboard => "would_onboard",
            Self::WouldReplace => "would_replace",
            Self::Valid => "valid",
            Self::Unchanged => "unchanged",
            Self::Refused => "refused",
            Self::Unknown => "unknown",
            Self::Failed => "failed",
        }
    }

    /// Whether the connection was written or switched on.
    #[must_use]
    pub const fn has_written(self) -> bool {
        matches!(self, Self::Onboarded | Self::Staged | Self::Replaced)
    }

    /// Whether the team signs in through the connection from now on, and did not before.
    #[must_use]
    pub const fn has_switched_on(self) -> bool {
        matches!(self, Self::Onboarded | Self::Replaced)
    }

    /// The verdict over all judgements, before anything is planned: `None` when nothing stands in the way.
    #[must_use]
    pub fn standing_in_the_way(judgements: &[Judgement]) -> Option<Self> {
        match judgements.iter().map(|judgement| judgement.verdict).max() {
            Some(Verdict::Fail) => Some(Self::Refused),
            Some(Verdict::Unknown) => Some(Self::Unknown),
            _ => None,
        }
    }
}

/// What the operator asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is one independent wish")]
pub struct Wish {
    /// Write, but do not switch on.
    pub stage: bool,
    /// Supersede an existing connection.
    pub replace: bool,
    /// Switch an existing connection on again.
    pub reactivate: bool,
    /// Make a SCIM token when the connection goes on, unless it has one that works.
    pub scim: bool,
}

impl Wish {
    /// The same, as the checks need to know it.
    #[must_use]
    pub const fn intent(self) -> Intent {
        Intent { everything: true, replace: self.replace, reactivate: self.reactivate, stage: self.stage }
    }
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Plan {
    /// Nothing but a record of the refusal: a check stands in the way.
    Refuse,
    /// Nothing: something outside did not answer.
    NoVerdict,
    /// Nothing: the same values are there already.
    Unchanged,
    /// Switch an existing connection on.
    SwitchOn(ConnectionId),
    /// Write a connection.
    Write(Box<PlannedConnection>),
}

/// A connection to be written: all of it but the sealed secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedConnection {
    /// The row to supersede; `None` for a new one.
    pub supersedes: Option<ConnectionId>,
    /// Its challenge, kept where there is one.
    pub domain_challenge: Option<String>,
    /// Its account token, kept where there is one.
    pub account_token: Option<AccountToken>,
    /// Our assertion consumer service as the customer was told it, kept where they were.
    pub acs_url: Option<String>,
    /// Whose.
    pub team_id: TeamId,
    /// What the write comes to.
    pub kind: WriteKind,
    /// The provider's side.
    pub settings: PlannedSettings,
    /// The domains, each with what allows it.
    pub claims: Vec<NewClaim>,
}

/// What writing a connection comes to: its status afterwards, and what reports and the audit log call it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WriteKind {
    /// The team's first one, switched on.
    Onboard,
    /// Not switched on, in the place of another or not.
    Stage,
    /// In the place of another, switched on.
    Replace,
}

impl WriteKind {
    /// The connection's status after the write.
    #[must_use]
    pub const fn status(self) -> Status {
        match self {
            Self::Stage => Status::Staged,
            Self::Onboard | Self::Replace => Status::Active,
        }
    }

    /// What the audit log calls it.
    #[must_use]
    pub const fn action(self) -> Action {
        match self {
            Self::Onboard => Action::Onboarded,
            Self::Stage => Action::Staged,
            Self::Replace => Action::Replaced,
        }
    }

    /// How a request ends that was written so.
    #[must_use]
    pub const fn outcome(self) -> Outcome {
        match self {
            Self::Onboard => Outcome::Onboarded,
            Self::Stage => Outcome::Staged,
            Self::Replace => Outcome::Replaced,
        }
    }
}

/// The provider's side of a connection to write, one variant a protocol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlannedSettings {
    /// OpenID Connect. The client secret stays with the request until it is sealed.
    Oidc {
        /// The issuer the document settled.
        issuer: IssuerUrl,
        /// The client id.
        client_id: ClientId,
        /// The method that works.
        client_authentication: ClientAuthentication,
        /// The algorithms to accept.
        id_token_algorithms: Vec<String>,
    },
    /// SAML 2.0.
    Saml(Box<SamlSettings>),
}

impl Plan {
    /// Plans from verdicts and facts.
    #[must_use]
    pub fn of(request: &OnboardingRequest, facts: &Facts, judgements: &[Judgement], wish: Wish) -> Self {
        match Outcome::standing_in_the_way(judgements) {
            Some(Outcome::Refused) => return Self::Refuse,
            Some(_) => return Self::NoVerdict,
            None => {}
        }
        let existing = facts.connection();
        let stored = existing.filter(|connection| !connection.is_only_reserved());
        let same = stored.filter(|connection| checks::connection_differences(request, facts, connection).is_empty());
        if let Some(connection) = same {
            let outdated = !checks::connection_drift(facts, connection).is_empty();
            match connection.status {
                // Nobody signs in by it yet.
                Status::Staged if outdated => {}
                Status::Active | Status::Suspended if outdated && wish.replace => {}
                Status::Active => return Self::Unchanged,
                Status::Staged if wish.stage => return Self::Unchanged,
                // Staging never switches on, not even what was on before: it is written anew as staged.
                Status::Suspended | Status::Prepared if wish.stage => {}
                Status::Staged | Status::Suspended | Status::Prepared => {
                    return Self::SwitchOn(connection.id.clone());
                }
            }
        }
        // Every part is there once no check stands in the way; a part that is not means there is no verdict.
        planned(request, facts, wish, same.is_some()).map_or(Self::NoVerdict, |planned| Self::Write(Box::new(planned)))
    }

    /// What a dry run says of this plan.
    #[must_use]
    pub fn foretold(&self) -> Outcome {
        match self {
            Self::Refuse => Outcome::Refused,
            Self::NoVerdict => Outcome::Unknown,
            Self::Unchanged => Outcome::Unchanged,
            Self::Write(planned) if planned.kind == WriteKind::Replace => Outcome::WouldReplace,
            Self::Write(_) | Self::SwitchOn(_) => Outcome::WouldOnboard,
        }
    }
}

fn planned(request: &OnboardingRequest, facts: &Facts, wish: Wish, is_same: bool) -> Option<PlannedConnection> {
    let product = facts.product.as_ref()?;
    let team = product.team()?;
    let existing = product.connection.as_ref();
    let stands_before = |connection: &Connection| match connection.status {
        Status::Staged => !is_same,
        _ => !connection.is_only_reserved(),
    };
    let superseding = existing.is_some_and(stands_before);
    let kind = match (wish.stage, superseding) {
        (true, _) => WriteKind::Stage,
        (false, true) => WriteKind::Replace,
        (false, false) => WriteKind::Onboard,
    };
    let mut domains = request.claimed_domains();
    domains.sort();
    domains.dedup();
    let claims: Option<Vec<NewClaim>> = domains
        .into_iter()
        .map(|domain| {
            let proof = checks::domain_proof(&domain, product, &facts.proofs)?;
            Some(NewClaim { domain, proof })
        })
        .collect();
    Some(PlannedConnection {
        supersedes: existing.map(|connection| connection.id.clone()),
        domain_challenge: existing.map(|connection| connection.domain_challenge.clone()),
        account_token: existing.map(|connection| connection.account_token.clone()),
        acs_url: existing.and_then(|connection| connection.acs_url.clone()),
        team_id: team.id.clone(),
        kind,
        settings: match &request.provider {
            ProviderRequest::Oidc(oidc) => planned_oidc(oidc, facts)?,
            ProviderRequest::Saml(saml) => PlannedSettings::Saml(Box::new(facts.saml.settings(saml.metadata_url())?)),
        },
        claims: claims?,
    })
}

fn planned_oidc(oidc: &OidcRequest, facts: &Facts) -> Option<PlannedSettings> {
    oidc.client_secret.as_ref()?;
    Some(PlannedSettings::Oidc {
        issuer: facts.oidc.settled_issuer(oidc.issuer.as_ref()?)?,
        client_id: oidc.client_id.clone()?,
        client_authentication: facts.oidc.client_authentication()?,
        id_token_algorithms: facts.oidc.document()?.accepted_algorithms(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::{CATALOGUE, DomainBasis, DomainEvidence};
    use crate::finding::Finding;
    use crate::oidc::discovery;
    use crate::oidc::facts::{Discovery, OidcFacts};
    use crate::product::connection::{OidcSettings, ProtocolSettings, SealedSecret};
    use crate::product::facts::ProductFacts;
    use crate::product::team::{Team, User};
    use crate::request::names::{ClientSecret, EmailAddress, EmailDomain, UserId};
    use std::time::Duration;

    const ISSUER: &str = "https://idp.acme.example";

    fn request() -> OnboardingRequest {
        OnboardingRequest {
            owner: EmailAddress::parse("jane@acme.example").ok(),
            provider: ProviderRequest::Oidc(OidcRequest {
                issuer: IssuerUrl::parse(ISSUER).ok(),
                client_id: ClientId::parse("0oa1"),
                client_secret: Some(ClientSecret::new("s".into())),
            }),
            ..OnboardingRequest::default()
        }
    }

    fn facts(status: Option<Status>, stored_client: &str) -> Facts {
        let document = serde_json::json!({
            "issuer": ISSUER,
            "authorization_endpoint": format!("{ISSUER}/authorize"),
            "token_endpoint": format!("{ISSUER}/token"),
            "jwks_uri": format!("{ISSUER}/jwks"),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256", "none", "HS256"],
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        });
        let reading = discovery::read(document.to_string().as_bytes(), &|_| false).unwrap();
        let discovery =
            Discovery { url: String::new(), outcome: Ok(reading), odd_content_type: None, elapsed: Duration::ZERO };
        let connection = status.map(|status| Connection {
            id: ConnectionId::new("c1"),
            team_id: TeamId::new("7"),
            team_name: None,
            status,
            settings: (status != Status::Prepared).then(|| {
                ProtocolSettings::Oidc(OidcSettings {
                    issuer: IssuerUrl::parse(ISSUER).unwrap(),
                    client_id: ClientId::parse(stored_client).unwrap(),
                    client_authentication: ClientAuthentication::Post,
                    id_token_algorithms: vec!["RS256".into()],
                    redirect_uri: None,
                    sealed_secret: SealedSecret::new("x"),
                })
            }),
            domains: vec![EmailDomain::parse("acme.example").unwrap()],
            acs_url: None,
            account_token: AccountToken::parse("account-token-of-c1").unwrap(),
            domain_challenge: "kept".into(),
            ticket: None,
            created_at: jiff::Timestamp::UNIX_EPOCH,
            updated_at: jiff::Timestamp::UNIX_EPOCH,
        });
        let user = User { id: UserId::new("1"), email: "jane@acme.example".into(), name: String::new(), active: true };
        let team = Team { id: TeamId::new("7"), name: "Acme".into(), plan: None, management_enabled: true };
        Facts {
            oidc: OidcFacts { discovery: Some(discovery), ..OidcFacts::default() },
            product: Some(ProductFacts {
                owners: vec![user],
                teams: vec![team],
                connection,
                ..ProductFacts::default()
            }),
            proofs: vec![DomainEvidence {
                domain: EmailDomain::parse("acme.example").unwrap(),
                basis: DomainBasis::Owner,
            }],
            same_secret: Some(true),
            ..Facts::default()
        }
    }

    fn all_pass() -> Vec<Judgement> {
        CATALOGUE.iter().map(|entry| Judgement::of(entry.id, "", vec![])).collect()
    }

    fn plan(status: Option<Status>, stored_client: &str, wish: Wish) -> Plan {
        Plan::of(&request(), &facts(status, stored_client), &all_pass(), wish)
    }

    fn written(plan: Plan) -> PlannedConnection {
        match plan {
            Plan::Write(planned) => *planned,
            other => panic!("nothing to write: {other:?}"),
        }
    }

    #[test]
    fn one_failed_check_refuses_and_outranks_what_is_unknown() {
        let mut judgements = all_pass();
        judgements[1] = Judgement::of(CATALOGUE[1].id, "", vec![Finding::unknown("timeout", "")]);
        let facts = facts(None, "0oa1");
        assert_eq!(Plan::of(&request(), &facts, &judgements, Wish::default()), Plan::NoVerdict);
        judgements[2] = Judgement::of(CATALOGUE[2].id, "", vec![Finding::fail("jwks_empty", "")]);
        assert_eq!(Plan::of(&request(), &facts, &judgements, Wish::default()), Plan::Refuse);
    }

    #[test]
    fn a_warning_stops_nothing() {
        let mut judgements = all_pass();
        judgements[3] = Judgement::of(CATALOGUE[3].id, "", vec![Finding::warn("inconclusive", "")]);
        let plan = Plan::of(&request(), &facts(None, "0oa1"), &judgements, Wish::default());
        assert_eq!(plan.foretold(), Outcome::WouldOnboard);
    }

    #[test]
    fn a_new_connection_pins_safe_algorithms_and_a_method_the_provider_takes() {
        let planned = written(plan(None, "0oa1", Wish::default()));
        assert_eq!((planned.kind, planned.supersedes), (WriteKind::Onboard, None));
        let PlannedSettings::Oidc { client_authentication, id_token_algorithms, .. } = planned.settings else {
            panic!()
        };
        assert_eq!(id_token_algorithms, ["RS256"]);
        assert_eq!(client_authentication, ClientAuthentication::Post);
    }

    #[test]
    fn a_reserved_connection_keeps_its_id_and_challenge() {
        let planned = written(plan(Some(Status::Prepared), "0oa1", Wish::default()));
        assert_eq!(planned.supersedes, Some(ConnectionId::new("c1")));
        assert_eq!(planned.domain_challenge.as_deref(), Some("kept"));
        assert_eq!(planned.kind, WriteKind::Onboard);
    }

    #[test]
    fn the_same_values_again_change_nothing_or_switch_on_what_was_staged() {
        let stage = Wish { stage: true, ..Wish::default() };
        assert_eq!(plan(Some(Status::Active), "0oa1", Wish::default()), Plan::Unchanged);
        assert_eq!(plan(Some(Status::Staged), "0oa1", stage), Plan::Unchanged);
        assert_eq!(plan(Some(Status::Staged), "0oa1", Wish::default()), Plan::SwitchOn(ConnectionId::new("c1")));
    }

    #[test]
    fn the_same_values_are_written_anew_where_what_is_stored_no_longer_holds() {
        let plan = |status, wish| {
            let mut facts = facts(Some(status), "0oa1");
            let stored = facts.product.as_mut().unwrap().connection.as_mut().unwrap();
            let Some(ProtocolSettings::Oidc(oidc)) = &mut stored.settings else { panic!() };
            oidc.client_authentication = ClientAuthentication::Basic;
            Plan::of(&request(), &facts, &all_pass(), wish)
        };
        let replace = Wish { replace: true, ..Wish::default() };
        let activate = Wish { reactivate: true, ..Wish::default() };
        assert_eq!(plan(Status::Active, Wish::default()), Plan::Unchanged);
        assert_eq!(written(plan(Status::Active, replace)).kind, WriteKind::Replace);
        assert_eq!(written(plan(Status::Staged, Wish::default())).kind, WriteKind::Onboard);
        assert_eq!(written(plan(Status::Staged, activate)).kind, WriteKind::Onboard);
        assert_eq!(plan(Status::Suspended, activate), Plan::SwitchOn(ConnectionId::new("c1")));
        assert_eq!(written(plan(Status::Suspended, replace)).kind, WriteKind::Replace);
    }

    #[test]
    fn other_values_replace_in_place() {
        let replace = Wish { replace: true, ..Wish::default() };
        let planned = written(plan(Some(Status::Active), "0oa-old", replace));
        assert_eq!((planned.kind, planned.supersedes), (WriteKind::Replace, Some(ConnectionId::new("c1"))));
        assert_eq!(plan(Some(Status::Active), "0oa-old", replace).foretold(), Outcome::WouldReplace);
    }

    #[test]
    fn a_domain_without_a_proof_is_never_planned() {
        let facts = Facts { proofs: vec![], ..facts(None, "0oa1") };
        assert_eq!(Plan::of(&request(), &facts, &all_pass(), Wish::default()), Plan::NoVerdict);
    }
}
