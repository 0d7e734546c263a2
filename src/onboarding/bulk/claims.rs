//! Who wants what among the rows of one file.
//!
//! Rows are entered in the order of the file. A row that wants what an earlier one wants waits until it is known what
//! became of that one, so that the outcome is that of one row after the other, however many are under way.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;

use super::book::{Book, Entry};
use crate::checks::{Rival, Standing, Wanted};
use crate::onboarding::plan::Outcome;
use crate::request::names::{ClientId, ClientSecret, TeamId};
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
    book: Book,
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
    /// What `request` for `team` wants.
    pub(super) fn wants(&self, line: u64, request: &OnboardingRequest, team: &TeamId) -> Wants {
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
        wanted.extend(domains.into_iter().map(|domain| {
            let key = self.hash.hash_one(("domain", domain.as_str()));
            (Wanted::Domain(domain), key)
        }));
        let client = issuer.zip(client_id).map(|named| self.hash.hash_one(("client", named)));
        Wants { line, wanted, client, values }
    }

    /// Enters a row. To be called in the order of the file.
    pub(super) fn enter(self: &Arc<Self>, wants: Wants) -> Claim {
        let (sender, receiver) = watch::channel(false);
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let mut earlier = Vec::new();
        for (_, key) in &wants.wanted {
            let pending = Pending { line: wants.line, settled: receiver.clone() };
            earlier.extend(inner.pending.insert(*key, pending).map(|before| before.settled));
        }
        let same_client = inner.enter_client(&wants);
        drop(inner);
        let claims = Arc::clone(self);
        Claim { claims, wants, earlier, same_client, settled: Some(sender), standing: Settled::Open }
    }

    /// Enters a row that is decided already, where nobody is before it; else gives back what it wants.
    pub(super) fn enter_decided(&self, wants: Wants, outcome: Outcome) -> Result<(), Wants> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = |key: &u64| inner.pending.contains_key(key) || inner.book.find(*key).is_some();
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

    /// Enters the row for the SAML identity provider that its metadata turned out to be, and waits for whoever has
    /// entered for that before. Who has come this far waits for nobody else, so that no two wait for each other.
    pub(super) async fn want_entity(&mut self, entity: EntityId) {
        let key = self.claims.hash.hash_one(("entity", entity.as_str()));
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

    /// Says what became of the row.
    pub(super) fn settle(mut self, outcome: Outcome) {
        self.standing = settled(outcome);
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        let mut inner = self.claims.inner.lock().unwrap_or_else(PoisonError::into_inner);
        for (_, key) in &self.wants.wanted {
            if inner.pending.get(key).is_some_and(|pending| pending.line == self.wants.line) {
                inner.pending.remove(key);
            }
        }
        inner.write_down(&self.wants, self.standing);
        drop(inner);
        if let Some(settled) = self.settled.take() {
            let _ = settled.send(true);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::names::{ClientId, EmailAddress, EmailDomain, IssuerUrl};
    use crate::request::{OidcRequest, ProviderRequest};

    fn request(client: &str, domain: &str) -> OnboardingRequest {
        OnboardingRequest {
            mail: None,
            owner: EmailAddress::parse("jane@acme.example").ok(),
            requested_by: None,
            provider: ProviderRequest::Oidc(OidcRequest {
                issuer: IssuerUrl::parse("https://idp.acme.example").ok(),
                client_id: ClientId::parse(client),
                client_secret: None,
            }),
            domains: vec![EmailDomain::parse(domain).unwrap()],
            vouched_domains: vec![],
            ticket: None,
            changed: vec![],
            findings: vec![],
        }
    }

    fn enter(claims: &Arc<Claims>, line: u64, team: &str, client: &str, domain: &str) -> Claim {
        claims.enter(claims.wants(line, &request(client, domain), &TeamId::new(team)))
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

    #[test]
    fn a_row_that_is_decided_at_once_is_entered_unless_somebody_is_before_it() {
        let claims = Arc::new(Claims::default());
        let wants = |line, team: &str| claims.wants(line, &request(team, "x.example"), &TeamId::new(team));
        assert!(claims.enter_decided(wants(2, "7"), Outcome::Valid).is_ok());
        assert!(claims.enter_decided(wants(3, "7"), Outcome::Valid).is_err());
        let pending = enter(&claims, 4, "8", "z", "y.example");
        let same = claims.wants(5, &request("q", "z.example"), &TeamId::new("8"));
        assert!(claims.enter_decided(same, Outcome::Valid).is_err());
        pending.settle(Outcome::Refused);
        let same = claims.wants(6, &request("q", "z.example"), &TeamId::new("8"));
        assert!(claims.enter_decided(same, Outcome::Valid).is_ok());
        assert!(claims.inner.lock().unwrap().pending.is_empty());
    }
}
