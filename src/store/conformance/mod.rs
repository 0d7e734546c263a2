//! What every repository must do, whichever database it is over.
//!
//! A store runs the suite by [`conformance_suite!`] with a function that gives a fresh repository, its product tables
//! filled with [`PEOPLE`].

mod connections;
mod groups;
mod people;
mod scim;

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Map;

use crate::product::audit_event::{Action, AuditEvent};
use crate::product::connection::{
    ClientAuthentication, DomainProof, Endpoint, OidcSettings, ProtocolSettings, SamlSettings, SealedSecret,
    SigningCertificate, Status,
};
use crate::product::repository::{ConnectionRecord, NewClaim, Repository};
use crate::request::names::{ClientId, ConnectionId, EmailDomain, IssuerUrl, TeamId};
use crate::request::saml_names::{AccountToken, EntityId, MetadataUrl};

/// The product that the cases speak of, in SQL that every database reads.
pub(super) const PEOPLE: &str = "
    INSERT INTO product_users (id, email, name, active) VALUES
        ('u1', 'Jane.Doe@Acme.Example', 'Jane', TRUE),
        ('u2', 'amir@acme.example', NULL, TRUE),
        ('u3', 'zoe@acme.example', 'Zoe', FALSE),
        ('u4', 'OWNER@acme.example', 'Elsewhere owner', TRUE),
        ('u5', 'pat@freelance.example', 'Pat', TRUE),
        ('u6', 'gone@freelance.example', 'Gone', FALSE),
        ('u7', 'dup@twins.example', 'First', TRUE),
        ('u8', 'Dup@Twins.example', 'Second', TRUE),
        ('u9', 'a@acme.example@evil.example', 'Trick', TRUE),
        ('u10', 'uwe@Müller.example', 'Uwe', TRUE),
        ('u11', 'ute@xn--mller-kva.example', 'Ute', TRUE),
        ('u12', 'JÖRG@MÜLLER.EXAMPLE', 'Jörg', TRUE),
        ('u13', 'no-at-sign', NULL, TRUE),
        ('u14', 'boss@silent.example', 'Boss', TRUE),
        ('u15', 'dora@Dotted.Example.', 'Dora', TRUE),
        ('u16', 'solo@double.example', 'Owner', TRUE),
        ('u17', 'Solo@Double.Example', 'Of no team', TRUE),
        ('u18', 'lost@stray.example', 'Of a team that is gone', TRUE);
    INSERT INTO product_teams (id, name, owner_id, plan, management_enabled) VALUES
        ('t1', 'Acme', 'u1', 'Scale Plus', TRUE),
        ('t2', 'Globex', 'u4', NULL, FALSE),
        ('t3', 'Third', 'u1', 'Starter', FALSE),
        ('t4', NULL, 'u10', NULL, TRUE),
        ('t5', 'Silent', 'u14', NULL, TRUE),
        ('t6', 'Double', 'u16', NULL, TRUE);
    INSERT INTO product_memberships (user_id, team_id, role, since) VALUES
        ('u1', 't1', 'owner', '2024-02-01'),
        ('u1', 't3', 'admin', '2024-03-01'),
        ('u2', 't1', 'admin', '2024-02-02'),
        ('u2', 't2', 'member', '2024-02-03'),
        ('u3', 't2', 'member', NULL),
        ('u5', 't1', 'member', NULL),
        ('u6', 't1', 'member', NULL),
        ('u9', 't2', 'member', NULL),
        ('u10', 't4', 'owner', NULL),
        ('u11', 't4', 'member', NULL),
        ('u12', 't4', 'member', NULL),
        ('u12', 't2', 'member', NULL),
        ('u15', 't5', 'member', NULL),
        ('u18', 'gone', 'member', NULL);
";

/// One test a case, over the repositories that `$fresh` gives: `fn() -> (guard, Arc<dyn Repository>)`.
macro_rules! conformance_suite {
    ($fresh:path) => {
        $crate::store::conformance::conformance_suite! { @ $fresh;
            an_address_is_found_in_any_case
            an_address_is_found_in_both_spellings_of_its_domain
            legacy_duplicates_are_both_found
            owned_teams_and_memberships_are_told_apart
            active_owners_of_a_domain_are_found
            people_elsewhere_are_listed_once_a_team_in_order_of_address
            people_elsewhere_are_found_in_every_spelling_of_the_domain
            people_elsewhere_are_found_behind_a_final_dot
            people_elsewhere_are_counted_up_to_the_ceiling
            people_outside_are_active_and_owners_count
            an_international_domain_has_no_outsiders_by_spelling
            many_questions_at_once_find_what_each_finds_alone
            a_connection_reads_back_as_written
            a_reservation_has_no_settings
            a_superseded_connection_keeps_its_birth_and_releases_domains
            a_second_connection_of_a_team_is_refused
            a_domain_of_another_connection_is_refused_and_nothing_of_the_write_stays
            a_connection_does_not_change_teams
            a_dropped_transaction_leaves_no_trace
            a_change_without_an_audit_row_cannot_be_committed
            the_audit_row_may_come_before_the_change
            a_removal_releases_the_domains
            a_connection_that_is_not_there_cannot_be_changed
            a_reservation_cannot_be_switched_on
            connections_are_listed_by_creation_and_status
            a_client_used_by_another_team_is_found
            a_saml_connection_reads_back_as_written
            a_connection_may_change_its_protocol_and_keeps_its_account_token
            an_acs_url_is_written_down_with_its_audit_row
            an_entity_id_of_another_team_is_found_and_refused
            a_scim_token_reads_back_as_written_and_is_found_by_its_hash
            of_a_scim_token_only_the_ends_change
            a_scim_token_needs_its_connection_and_an_audit_row
            scim_tokens_go_with_their_connection
            the_audit_log_is_one_chain_and_its_tail_can_be_asked_for
            every_connection_names_the_row_of_its_latest_change
            a_snapshot_does_not_move
            a_transaction_sees_its_own_writes
            what_is_said_of_many_teams_at_once_is_what_is_said_of_each
            several_connections_are_written_at_once_as_they_read_back
            of_several_connections_written_at_once_none_is_kept_where_one_cannot_be
            parts_of_a_transaction_are_kept_or_undone_each_for_itself
            a_part_with_a_change_and_no_audit_row_is_not_kept
        }
    };
    (@ $fresh:path; $($case:ident)*) => {
        $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $case() {
            let (_guard, store) = $fresh();
            $crate::store::conformance::$case(store).await;
        })*
    };
}
pub(super) use conformance_suite;
pub(super) use connections::*;
pub(super) use groups::*;
pub(super) use people::*;
pub(super) use scim::*;

type Store = Arc<dyn Repository>;

fn domains<const N: usize>(names: [&str; N]) -> Vec<EmailDomain> {
    names.map(|name| EmailDomain::parse(name).unwrap()).to_vec()
}

fn team(id: &str) -> TeamId {
    TeamId::new(id)
}

fn at(second: i64) -> Timestamp {
    Timestamp::new(1_700_000_000 + second, 123_456_000).unwrap()
}

pub(super) fn record(id: &str, team_id: &str, claims: &[&str]) -> ConnectionRecord {
    let claim = |name: &&str| NewClaim { domain: EmailDomain::parse(name).unwrap(), proof: DomainProof::Owner };
    ConnectionRecord {
        id: ConnectionId::new(id),
        team_id: team(team_id),
        status: Status::Active,
        settings: Some(ProtocolSettings::Oidc(OidcSettings {
            issuer: IssuerUrl::parse("https://login.acme.example").unwrap(),
            client_id: ClientId::parse("0oa1").unwrap(),
            client_authentication: ClientAuthentication::Post,
            id_token_algorithms: vec!["RS256".to_owned(), "ES256".to_owned()],
            redirect_uri: Some("https://app.example/callback".to_owned()),
            sealed_secret: SealedSecret::new("a..b.c.d"),
        })),
        claims: claims.iter().map(claim).collect(),
        account_token: AccountToken::parse(&format!("account-token-of-{id}")).unwrap(),
        acs_url: Some("https://app.example/sso/token/acs/okta".to_owned()),
        domain_challenge: format!("challenge-{id}"),
        ticket: Some("48213".to_owned()),
        at: at(0),
    }
}

/// The same connection as [`record`], by SAML.
pub(super) fn saml_record(id: &str, team_id: &str, entity_id: &str) -> ConnectionRecord {
    let endpoint = |binding: &str, path: &str| Endpoint {
        binding: format!("urn:oasis:names:tc:SAML:2.0:bindings:{binding}"),
        location: format!("https://idp.acme.example/{path}"),
        response_location: (path == "slo").then(|| "https://idp.acme.example/slo-response".to_owned()),
    };
    let settings = SamlSettings {
        entity_id: EntityId::parse(entity_id).unwrap(),
        sso: vec![endpoint("HTTP-Redirect", "sso"), endpoint("HTTP-POST", "sso?a=1&b='2'")],
        slo: vec![endpoint("HTTP-POST", "slo")],
        name_id_formats: vec!["urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress".to_owned()],
        certificates: vec![SigningCertificate {
            sha256: "ab".repeat(32),
            not_before: at(0),
            not_after: at(3600),
            key: "RSA 2048".to_owned(),
            der: "MIIB".to_owned(),
        }],
        want_authn_requests_signed: true,
        metadata_url: MetadataUrl::parse("https://idp.acme.example/metadata?app=1"),
        metadata_sha256: "cd".repeat(32),
    };
    ConnectionRecord { settings: Some(ProtocolSettings::Saml(settings)), ..record(id, team_id, &[]) }
}

pub(super) fn event(action: Action, team_id: Option<&str>, ticket: Option<&str>) -> AuditEvent {
    AuditEvent {
        at: at(0),
        actor: "agent".to_owned(),
        action,
        ticket: ticket.map(str::to_owned),
        team_id: team_id.map(team),
        connection_id: None,
        details: Map::new(),
    }
}
