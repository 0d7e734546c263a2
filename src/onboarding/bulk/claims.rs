//! Who wants what among the rows of one file.
//!
//! Rows are entered in the order of the file. A row that wants what an earlier one wants waits until it is known what
//! became of that one, so that the outcome is that of one row after the other, however many are under way. What the stored
//! connection of a row's team holds and the row does not ask for is free once the row has replaced it: whoever wants that waits
//! for the row, and it for those before it.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;

use super::book::{Book, Entry};
use crate::checks::{Rival, Standing, Wanted};
use crate::onboarding::plan::Outcome;
use crate::product::connection::Connection;
use crate::request::names::{ClientId, ClientSecret, EmailDomain, TeamId};
use crate::request::saml_names::EntityId;
use crate::request::{MetadataSource, OnboardingRequest};

/// What a row wants, as it is known by.
#[derive(Debug, Clone)]
pub(super) struct Wants {
    line: u64,
    /// What only one row can have, each with its key.
    wanted: Vec<(Wanted, u64)>,
    /// The key of its client, which several may have: nobody waits for another because of it.
    client: Option<u64>,
    values: u64,
    /// What the stored connection holds, and lets go of when it is replaced: domains that the row does not ask for.
    held: Vec<u64>,
    /// The key of the SAML entity that the metadata begins with, where that is at hand: two rows with it come in the
    /// order of the file. Which entity the row wants is known once all of its metadata is.
    begins_with: Option<u64>,
    /// The SAML entity of the stored connection. Whether it stays is known once the row's metadata is.
    held_entity: Option<u64>,
}

/// The rows of one file.
#[derive(Default)]
pub(super) struct Claims {
    hash: RandomState,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    /// The latest row that wants it and is not settled.
    pending: HashMap<u64, Pending>,
    /// The row that is not settled and whose team's stored connection has that SAML entity.
    holders: HashMap<u64, Pending>,
    book: Book,
    /// The book has something that was let go of.
    has_freed: bool,
}

struct Pending {
    line: u64,
    settled: watch::Receiver<bool>,
}

/// A row that was entered: settled at last when this is dropped.
pub(super) struct Claim {
    claims: Arc<Claims>,
    wants: Wants,
    earlier: Vec<watch::Receiver<bool>>,
    same_client: Option<Rival>,
    settled: Option<watch::Sender<bool>>,
    standing: Settled,
    lets_go: bool,
}

/// What became of a row, as far as it matters to others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Settled {
    /// It has, or would get, what it wants.
    Granted,
    /// It gets nothing: what it wants is free again.
    Free,
    /// Nobody knows.
    Open,
}

impl Claims {
    /// What `request` for `team` wants, where `replaced` is the stored connection that it may take the place of.
    pub(super) fn wants(
        &self,
        line: u64,
        request: &OnboardingRequest,
        team: &TeamId,
        replaced: Option<&Connection>,
    ) -> Wants {
        let mut domains = request.claimed_domains();
        domains.sort();
        domains.dedup();
        let oidc = request.oidc();
        let issuer = oidc.and_then(|oidc| oidc.issuer.as_ref()).map(|issuer| issuer.as_str().trim_end_matches('/'));
        let client = oidc.and_then(|oidc| oidc.client_id.as_ref());
        let secret = oidc.and_then(|oidc| oidc.client_secret.as_ref()).map(ClientSecret::expose);
        let client_id = client.map(ClientId::as_str);
        let saml = request.saml().map(|saml| {
            let given = match &saml.metadata {
                Some(MetadataSource::Given { bytes, .. }) => Some(self.hash.hash_one(bytes)),
                _ => None,
            };
            (saml.metadata.as_ref().map(MetadataSource::name).filter(|_| given.is_none()), given, &saml.entity_id)
        });
        let values = self.hash.hash_one((team.as_str(), issuer, client_id, secret, saml, &domains));
        let mut wanted = vec![(Wanted::Team, self.hash.hash_one(("team", team.as_str())))];
        let stored = replaced.map(|connection| connection.domains.as_slice()).unwrap_or_default();
        let held = stored.iter().filter(|domain| !domains.contains(domain)).map(|domain| self.key_of_domain(domain));
        let held = held.collect();
        let held_entity = replaced.and_then(Connection::saml);
        let held_entity = held_entity.map(|saml| self.key_of_entity(&saml.entity_id));
        wanted.extend(domains.into_iter().map(|domain| {
            let key = self.key_of_domain(&domain);
            (Wanted::Domain(domain), key)
        }));
        let client = issuer.zip(client_id).map(|named| self.hash.hash_one(("client", named)));
        Wants { line, wanted, client, values, held, begins_with: None, held_entity }
    }

    /// The same of a row whose metadata begins with `entity`.
    pub(super) fn beginning_with(&self, wants: Wants, entity: &EntityId) -> Wants {
        Wants { begins_with: Some(self.hash.hash_one(("begins with", entity.as_str()))), ..wants }
    }

    fn key_of_domain(&self, domain: &EmailDomain) -> u64 {
        self.hash.hash_one(("domain", domain.as_str()))
    }

    fn key_of_entity(&self, entity: &EntityId) -> u64 {
        self.hash.hash_one(("entity", entity.as_str()))
    }

    /// Enters a row. To be called in the order of the file.
    pub(super) fn enter(self: &Arc<Self>, wants: Wants) -> Claim {
        let (sender, receiver) = watch::channel(false);
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let mut earlier = Vec::new();
        let pending = || Pending { line: wants.line, settled: receiver.clone() };
        for key in wants.wanted.iter().map(|(_, key)| key).chain(&wants.held).chain(&wants.begins_with) {
            earlier.extend(inner.pending.insert(*key, pending()).map(|before| before.settled));
        }
        if let Some(entity) = wants.held_entity {
            inner.holders.insert(entity, pending());
        }
        let same_client = inner.enter_client(&wants);
        drop(inner);
        let claims = Arc::clone(self);
        Claim { claims, wants, earlier, same_client, settled: Some(sender), standing: Settled::Open, lets_go: false }
    }

    /// Enters a row that is decided already, where nobody is before it; else gives back what it wants.
    pub(super) fn enter_decided(&self, wants: Wants, outcome: Outcome) -> Result<(), Wants> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = |key: &u64| {
            inner.pending.contains_key(key) || inner.book.find(*key).is_some() || inner.freed(*key).is_some()
        };
        if wants.wanted.iter().any(|(_, key)| taken(key)) {
            return Err(wants);
        }
        // Of what is stored already, the database knows who else has that client.
        let shared = |key: u64| inner.book.find(key).is_some();
        if outcome != Outcome::Unchanged && wants.client.is_some_and(shared) {
            return Err(wants);
        }
        inner.enter_client(&wants);
        inner.write_down(&wants, settled(outcome));
        if lets_go(outcome) {
            inner.write_down_freed(&wants);
        }
        Ok(())
    }
}

impl Inner {
    /// Notes which client the row names; the row further up that named it first.
    fn enter_client(&mut self, wants: &Wants) -> Option<Rival> {
        let key = wants.client?;
        // Whose it is stands in place of the values: the same team may come twice.
        let (_, team) = wants.wanted.first()?;
        if let Some(entry) = self.book.find(key) {
            let of_another = entry.values != *team;
            return of_another.then_some(Rival { line: entry.line, over: Wanted::Client, standing: Standing::Granted });
        }
        self.book.add(Entry { key, line: wants.line, values: *team, granted: true });
        None
    }

    /// The line of the row that let go of what goes by `key`.
    fn freed(&self, key: u64) -> Option<u64> {
        self.has_freed.then(|| self.book.find(key_of_freed(key)))?.map(|entry| entry.line)
    }

    fn write_down_freed(&mut self, wants: &Wants) {
        let is_kept = |held: &u64| wants.wanted.iter().any(|(_, key)| key == held);
        for key in wants.held.iter().chain(&wants.held_entity).filter(|held| !is_kept(held)) {
            self.book.add(Entry { key: key_of_freed(*key), line: wants.line, values: 0, granted: true });
            self.has_freed = true;
        }
    }

    fn write_down(&mut self, wants: &Wants, standing: Settled) {
        if standing == Settled::Free {
            return;
        }
        for (_, key) in &wants.wanted {
            let entry =
                Entry { key: *key, line: wants.line, values: wants.values, granted: standing == Settled::Granted };
            // The first holds: a row after it that got the same under way had nothing to take from it.
            if self.book.find(*key).is_none() {
                self.book.add(entry);
            }
        }
    }
}

/// The key under which stands who let go of what goes by `key`.
const fn key_of_freed(key: u64) -> u64 {
    !key
}

/// Whether a row that ended so has, or would have, taken the place of what was stored.
const fn lets_go(outcome: Outcome) -> bool {
    match outcome {
        Outcome::Onboarded
        | Outcome::Staged
        | Outcome::Replaced
        | Outcome::WouldOnboard
        | Outcome::WouldReplace
        | Outcome::Valid => true,
        Outcome::Unchanged | Outcome::Refused | Outcome::Unknown | Outcome::Failed => false,
    }
}

fn settled(outcome: Outcome) -> Settled {
    match outcome {
        Outcome::Refused => Settled::Free,
        Outcome::Unknown | Outcome::Failed => Settled::Open,
        Outcome::Onboarded
        | Outcome::Staged
        | Outcome::Replaced
        | Outcome::Unchanged
        | Outcome::WouldOnboard
        | Outcome::WouldReplace
        | Outcome::Valid => Settled::Granted,
    }
}

impl Claim {
    /// Waits until every earlier row that wants the same is settled; whether there was one to wait for.
    pub(super) async fn wait(&mut self) -> bool {
        let waited = !self.earlier.is_empty();
        for mut earlier in std::mem::take(&mut self.earlier) {
            // Dropped is settled too.
            let _ = earlier.wait_for(|settled| *settled).await;
        }
        waited
    }

    /// The row further up whose team holds that entity now, while it is not settled. To be waited for before
    /// [`want_entity`](Self::want_entity): so far this row is one that others further down wait for, and no others.
    pub(super) fn holder(&self, entity: &EntityId) -> Option<Holder> {
        let inner = self.claims.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let holder = inner.holders.get(&self.claims.key_of_entity(entity))?;
        (holder.line < self.wants.line).then(|| Holder(holder.settled.clone()))
    }

    /// Enters the row for the SAML identity provider that its metadata turned out to be, and waits for whoever has
    /// entered for that before. Who has come this far waits for nobody else, so that no two wait for each other.
    pub(super) async fn want_entity(&mut self, entity: EntityId) {
        let key = self.claims.key_of_entity(&entity);
        let Some(settled) = self.settled.as_ref().map(watch::Sender::subscribe) else { return };
        let before = {
            let mut inner = self.claims.inner.lock().unwrap_or_else(PoisonError::into_inner);
            inner.pending.insert(key, Pending { line: self.wants.line, settled })
        };
        self.wants.wanted.push((Wanted::Entity(entity), key));
        self.earlier.extend(before.map(|before| before.settled));
        self.wait().await;
    }

    /// The earlier rows that want the same and were not refused it.
    pub(super) fn rivals(&self) -> Vec<Rival> {
        let inner = self.claims.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let wanted = self.wants.wanted.iter();
        wanted
            .filter_map(|(wanted, key)| {
                let entry = inner.book.find(*key)?;
                let standing = match (entry.granted, entry.values == self.wants.values) {
                    (false, _) => Standing::Open,
                    (true, true) => Standing::SameAgain,
                    (true, false) => Standing::Granted,
                };
                Some(Rival { line: entry.line, over: wanted.clone(), standing })
            })
            .chain(self.same_client.clone())
            .collect()
    }

    /// What the row wants and a row further up let go of, whatever is stored.
    pub(super) fn freed(&self) -> Vec<Wanted> {
        let inner = self.claims.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let is_free = |key: u64| inner.freed(key).is_some_and(|line| line < self.wants.line);
        let wanted = self.wants.wanted.iter().filter(|(_, key)| is_free(*key));
        wanted.map(|(wanted, _)| wanted.clone()).collect()
    }

    /// The line of the row further down whose team holds the entity that this one wants, or held it until that row was
    /// carried out: in its turn this one comes before.
    pub(super) fn held_further_down(&self) -> Option<u64> {
        let inner = self.claims.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let (_, key) = self.wants.wanted.iter().find(|(wanted, _)| matches!(wanted, Wanted::Entity(_)))?;
        let holder = inner.holders.get(key).map(|holder| holder.line).or_else(|| inner.freed(*key))?;
        (holder > self.wants.line).then_some(holder)
    }

    /// Says what became of the row.
    pub(super) fn settle(mut self, outcome: Outcome) {
        self.standing = settled(outcome);
        self.lets_go = lets_go(outcome);
    }
}

/// A row further up that is not settled.
pub(super) struct Holder(watch::Receiver<bool>);

impl Holder {
    /// Waits until it is.
    pub(super) async fn wait(mut self) {
        // Dropped is settled too.
        let _ = self.0.wait_for(|settled| *settled).await;
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        let mut inner = self.claims.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let line = self.wants.line;
        let is_this = |pending: Option<&Pending>| pending.is_some_and(|pending| pending.line == line);
        for key in self.wants.wanted.iter().map(|(_, key)| key).chain(&self.wants.held).chain(&self.wants.begins_with) {
            if is_this(inner.pending.get(key)) {
                inner.pending.remove(key);
            }
        }
        if let Some(entity) = self.wants.held_entity
            && is_this(inner.holders.get(&entity))
        {
            inner.holders.remove(&entity);
        }
        inner.write_down(&self.wants, self.standing);
        if self.lets_go {
            inner.write_down_freed(&self.wants);
        }
        drop(inner);
        if let Some(settled) = self.settled.take() {
            let _ = settled.send(true);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::product::connection::{ProtocolSettings, SamlSettings};
    use crate::request::names::{EmailAddress, IssuerUrl};
    use crate::request::{OidcRequest, ProviderRequest};

    fn request(client: &str, domain: &str) -> OnboardingRequest {
        OnboardingRequest {
            owner: EmailAddress::parse("jane@acme.example").ok(),
            provider: ProviderRequest::Oidc(OidcRequest {
                issuer: IssuerUrl::parse("https://idp.acme.example").ok(),
                client_id: ClientId::parse(client),
                client_secret: None,
            }),
            domains: vec![EmailDomain::parse(domain).unwrap()],
            ..OnboardingRequest::default()
        }
    }

    fn enter(claims: &Arc<Claims>, line: u64, team: &str, client: &str, domain: &str) -> Claim {
        claims.enter(claims.wants(line, &request(client, domain), &TeamId::new(team), None))
    }

    fn standings(claim: &Claim) -> Vec<(u64, Wanted, Standing)> {
        claim.rivals().into_iter().map(|rival| (rival.line, rival.over, rival.standing)).collect()
    }

    #[tokio::test]
    async fn a_later_row_waits_for_an_earlier_one_and_learns_what_became_of_it() {
        let claims = Arc::new(Claims::default());
        let first = enter(&claims, 2, "7", "a", "acme.example");
        let mut second = enter(&claims, 3, "7", "b", "other.example");
        let mut third = enter(&claims, 4, "8", "c", "acme.example");
        let mut stranger = enter(&claims, 5, "9", "d", "globex.example");
        assert!(!stranger.wait().await);
        assert!(tokio::time::timeout(std::time::Duration::from_millis(20), second.wait()).await.is_err());
        first.settle(Outcome::Onboarded);
        third.wait().await;
        assert_eq!(standings(&second), [(2, Wanted::Team, Standing::Granted)]);
        let domain = Wanted::Domain(EmailDomain::parse("acme.example").unwrap());
        assert_eq!(standings(&third), [(2, domain, Standing::Granted)]);
        assert!(standings(&stranger).is_empty());
    }

    #[tokio::test]
    async fn what_a_refused_row_wanted_is_free_for_the_next() {
        let claims = Arc::new(Claims::default());
        let first = enter(&claims, 2, "7", "a", "acme.example");
        let mut second = enter(&claims, 3, "7", "b", "acme.example");
        let mut third = enter(&claims, 4, "7", "a", "acme.example");
        first.settle(Outcome::Refused);
        assert!(second.wait().await && second.rivals().is_empty());
        second.settle(Outcome::WouldOnboard);
        third.wait().await;
        assert!(standings(&third).contains(&(3, Wanted::Team, Standing::Granted)));
    }

    #[tokio::test]
    async fn the_same_row_again_is_known_and_one_without_a_verdict_is_open() {
        let claims = Arc::new(Claims::default());
        enter(&claims, 2, "7", "a", "acme.example").settle(Outcome::Unchanged);
        let again = enter(&claims, 9, "7", "a", "acme.example");
        assert!(standings(&again).contains(&(2, Wanted::Team, Standing::SameAgain)));
        drop(enter(&claims, 10, "8", "x", "globex.example"));
        let after = enter(&claims, 11, "8", "y", "other.example");
        assert_eq!(standings(&after), [(10, Wanted::Team, Standing::Open)]);
    }

    #[tokio::test]
    async fn rows_with_the_same_client_are_told_and_do_not_wait() {
        let claims = Arc::new(Claims::default());
        let first = enter(&claims, 2, "7", "a", "acme.example");
        let mut second = enter(&claims, 3, "8", "a", "globex.example");
        assert!(!second.wait().await);
        assert_eq!(standings(&second), [(2, Wanted::Client, Standing::Granted)]);
        assert!(standings(&first).is_empty());
        first.settle(Outcome::Refused);
        let corrected = enter(&claims, 4, "7", "a", "acme.example");
        assert!(standings(&corrected).is_empty(), "the same team may try again");
    }

    #[tokio::test]
    async fn of_two_rows_with_the_same_entity_the_second_waits_for_the_first() {
        let claims = Arc::new(Claims::default());
        let entity = || EntityId::parse("https://idp.acme.example").unwrap();
        let mut late = enter(&claims, 2, "7", "a", "acme.example");
        let mut first = enter(&claims, 3, "8", "b", "globex.example");
        first.want_entity(entity()).await;
        let waiting = tokio::time::timeout(std::time::Duration::from_millis(20), late.want_entity(entity()));
        assert!(waiting.await.is_err());
        first.settle(Outcome::Onboarded);
        late.wait().await;
        assert_eq!(standings(&late), [(3, Wanted::Entity(entity()), Standing::Granted)]);
    }

    #[tokio::test]
    async fn of_two_rows_whose_metadata_begins_alike_the_one_further_down_waits() {
        let claims = Arc::new(Claims::default());
        let entity = EntityId::parse("https://idp.acme.example").unwrap();
        let of = |line, team, domain: &str| {
            let wants = claims.wants(line, &request("a", domain), &TeamId::new(team), None);
            claims.enter(claims.beginning_with(wants, &entity))
        };
        let mut first = of(2, "7", "acme.example");
        let mut second = of(3, "8", "globex.example");
        assert!(!first.wait().await);
        assert!(tokio::time::timeout(std::time::Duration::from_millis(20), second.wait()).await.is_err());
        first.settle(Outcome::Onboarded);
        let mut third = of(4, "9", "initech.example");
        drop(second);
        third.wait().await;
    }

    fn holding(domains: &[&str]) -> Connection {
        Connection {
            id: crate::request::names::ConnectionId::new("c"),
            team_id: TeamId::new("7"),
            team_name: None,
            status: crate::product::connection::Status::Active,
            settings: None,
            domains: domains.iter().map(|domain| EmailDomain::parse(domain).unwrap()).collect(),
            acs_url: None,
            account_token: crate::request::saml_names::AccountToken::parse("account-token-of-c1").unwrap(),
            domain_challenge: "s0me-challenge".into(),
            ticket: None,
            created_at: jiff::Timestamp::UNIX_EPOCH,
            updated_at: jiff::Timestamp::UNIX_EPOCH,
        }
    }

    #[tokio::test]
    async fn what_a_replaced_connection_lets_go_of_is_for_rows_further_down_alone() {
        for (outcome, freed) in [
            (Outcome::WouldReplace, vec![Wanted::Domain(EmailDomain::parse("old.example").unwrap())]),
            (Outcome::Refused, vec![]),
            (Outcome::Unchanged, vec![]),
        ] {
            let claims = Arc::new(Claims::default());
            let stored = holding(&["kept.example", "old.example"]);
            let wants = claims.wants(3, &request("a", "kept.example"), &TeamId::new("7"), Some(&stored));
            let mut before = enter(&claims, 2, "8", "b", "old.example");
            let mut replacing = claims.enter(wants);
            let mut after = enter(&claims, 4, "9", "c", "old.example");
            assert!(!before.wait().await);
            let waiting = tokio::time::timeout(std::time::Duration::from_millis(20), after.wait());
            assert!(waiting.await.is_err(), "{outcome:?}");
            before.settle(Outcome::Refused);
            assert!(replacing.wait().await, "{outcome:?}");
            replacing.settle(outcome);
            after.wait().await;
            assert_eq!(after.freed(), freed, "{outcome:?}");
            drop(after);
        }
    }

    #[test]
    fn what_a_row_that_is_decided_at_once_lets_go_of_is_free_as_well() {
        for (outcome, freed) in [(Outcome::Valid, 1), (Outcome::Unchanged, 0), (Outcome::Refused, 0)] {
            let claims = Arc::new(Claims::default());
            let stored = holding(&["kept.example", "old.example"]);
            let wants = claims.wants(2, &request("a", "kept.example"), &TeamId::new("7"), Some(&stored));
            assert!(claims.enter_decided(wants, outcome).is_ok());
            assert_eq!(enter(&claims, 3, "9", "c", "old.example").freed().len(), freed, "{outcome:?}");
        }
    }

    #[tokio::test]
    async fn of_two_rows_whose_team_holds_an_entity_the_later_one_is_the_holder() {
        let claims = Arc::new(Claims::default());
        let entity = || EntityId::parse("https://idp.acme.example").unwrap();
        let stored = Connection {
            settings: Some(ProtocolSettings::Saml(SamlSettings {
                entity_id: entity(),
                sso: Vec::new(),
                slo: Vec::new(),
                name_id_formats: Vec::new(),
                certificates: Vec::new(),
                want_authn_requests_signed: false,
                metadata_url: None,
                metadata_sha256: String::new(),
            })),
            ..holding(&[])
        };
        let wants = |line| claims.wants(line, &request("a", "acme.example"), &TeamId::new("7"), Some(&stored));
        let (first, second) = (claims.enter(wants(2)), claims.enter(wants(3)));
        let other = enter(&claims, 4, "8", "b", "globex.example");
        first.settle(Outcome::Refused);
        assert!(other.holder(&entity()).is_some(), "the second is not settled");
        second.settle(Outcome::Refused);
        assert!(other.holder(&entity()).is_none());
    }

    #[test]
    fn a_row_that_is_decided_at_once_is_entered_unless_somebody_is_before_it() {
        let claims = Arc::new(Claims::default());
        let wants = |line, team: &str| claims.wants(line, &request(team, "x.example"), &TeamId::new(team), None);
        assert!(claims.enter_decided(wants(2, "7"), Outcome::Valid).is_ok());
        assert!(claims.enter_decided(wants(3, "7"), Outcome::Valid).is_err());
        let pending = enter(&claims, 4, "8", "z", "y.example");
        let same = claims.wants(5, &request("q", "z.example"), &TeamId::new("8"), None);
        assert!(claims.enter_decided(same, Outcome::Valid).is_err());
        pending.settle(Outcome::Refused);
        let same = claims.wants(6, &request("q", "z.example"), &TeamId::new("8"), None);
        assert!(claims.enter_decided(same, Outcome::Valid).is_ok());
        assert!(claims.inner.lock().unwrap().pending.is_empty());
    }
}
