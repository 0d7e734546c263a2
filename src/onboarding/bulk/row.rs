//! One row on its way: its turn at the provider's host, the provider, the rows before it, the decision.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::claims::Claim;
use super::hosts::Need;
use super::look::{self, Known};
use super::writer::Ready;
use super::{Decided, Done, FINISH, InFlight, Mode, Run, Shared};
use crate::checks::{self, Facts, Standing, Wanted};
use crate::finding::Judgement;
use crate::net::Origin;
use crate::oidc::facts::Probe;
use crate::oidc::interview::{Conclusion, Inconclusive};
use crate::onboarding::Fault;
use crate::onboarding::gather::{
    Sources, ask_who_holds_the_entity, gather_beyond, gather_proofs, provider_urls, team_question,
};
use crate::onboarding::plan::{Outcome, Plan};
use crate::request::names::IssuerUrl;
use crate::request::{MetadataSource, ProviderRequest};

/// How long a row waits for a server that asked to be left alone.
const PATIENCE: Duration = Duration::from_mins(1);

/// How often a provider is asked that answers "come back later".
const ATTEMPTS: usize = 3;

/// Takes a row to its end, and hands it over; gives it up when the run has to end first.
pub(super) async fn go(shared: Arc<Shared>, row: InFlight, known: Known) {
    let mut stop = shared.run.stop.clone();
    let time_is_up = async {
        let _ = stop.wait_for(|stop| *stop).await;
        tokio::time::sleep(FINISH).await;
    };
    let ended = tokio::select! {
        ended = decide(&shared, row, known) => ended,
        () = time_is_up => None,
    };
    match ended {
        Some(Ended::Done(done)) => super::hand_over(&shared, vec![*done]).await,
        Some(Ended::Ready(ready)) => _ = shared.ready.send(*ready).await,
        None => _ = shared.run.counts.given_up.fetch_add(1, Ordering::Relaxed),
    }
}

enum Ended {
    Done(Box<Done>),
    Ready(Box<Ready>),
}

/// Everything about a row but the writing. `None` where the run ended before its turn came.
async fn decide(shared: &Shared, mut row: InFlight, known: Known) -> Option<Ended> {
    let run = &shared.run;
    // What waits in a row is kept small: thousands of them do.
    let known = match Box::pin(after_earlier_rows(run, &mut row, known)).await {
        Ok(known) => known,
        Err(fault) => return Some(Ended::Done(Box::new(row.done(Err(fault))))),
    };
    let Known { facts, at_hand, needs_dns } = known;
    let same_again = is_same_again(&facts);
    let needs_provider = at_hand.is_none() && !same_again;
    let mut facts = if needs_provider { Box::pin(beyond(shared, &mut row, facts, needs_dns)).await? } else { facts };
    if let (Some(entity), Some(claim)) = (facts.saml.entity_id(), &mut row.claim) {
        if let Some(holder) = claim.holder(&entity) {
            // The one that is waited for may need the room to get on.
            let had_room = row.room.take().is_some();
            holder.wait().await;
            row.room = if had_room { Some(shared.turns.room().await?) } else { None };
        }
        // Only the metadata says which entity it is, so that rows that have to ask for it come in the order of their answers.
        claim.want_entity(entity).await;
        // Before the other rows are looked at: one further down that has let go of it by now is known by then.
        if run.wish.replace
            && let Err(fault) = Box::pin(ask_who_holds_the_entity(sources(run), &mut facts)).await
        {
            return Some(Ended::Done(Box::new(row.done(Err(fault)))));
        }
        look_at_others(claim, &mut facts);
    }
    let (mut judgements, mut plan) = judge(run, &row, &facts, needs_provider);
    // Who holds the entity is asked by the writer; a row that does not come to it asks here.
    let ends_here = Outcome::standing_in_the_way(&judgements).is_some_and(|outcome| run.ends_with(outcome));
    if facts.saml.entity_id().is_some() && (ends_here || matches!(run.mode, Mode::DryRun { .. })) {
        if let Err(fault) = Box::pin(ask_who_holds_the_entity(sources(run), &mut facts)).await {
            return Some(Ended::Done(Box::new(row.done(Err(fault)))));
        }
        (judgements, plan) = judge(run, &row, &facts, needs_provider);
    }
    let outcome = match (Outcome::standing_in_the_way(&judgements), at_hand) {
        (Some(stop), _) => stop,
        (None, _) if same_again => Outcome::Unchanged,
        // What stood in the way was let go of by a row further up.
        (None, Some((Outcome::Refused | Outcome::Unknown, _))) => Outcome::Valid,
        (None, Some((outcome, _))) => outcome,
        (None, None) if run.asks_providers() => plan.foretold(),
        (None, None) => Outcome::Valid,
    };
    if run.ends_with(outcome) {
        let connection = facts.connection().cloned();
        let decided = Decided { outcome, judgements: judgements.into(), facts, connection, plan: Some(plan) };
        return Some(Ended::Done(Box::new(row.done(Ok(Box::new(decided))))));
    }
    if let Some(row) = &mut facts.row {
        // Under the write lock the database says it.
        row.freed.clear();
    }
    Some(match Ready::new(run, row, facts, judgements) {
        Ok(ready) => Ended::Ready(Box::new(ready)),
        Err(refused) => {
            let (row, fault) = *refused;
            Ended::Done(Box::new(row.done(Err(fault))))
        }
    })
}

/// Waits for earlier rows that want the same, and takes note of what became of them.
async fn after_earlier_rows(run: &Run, row: &mut InFlight, mut known: Known) -> Result<Known, Fault> {
    let Some(claim) = &mut row.claim else { return Ok(known) };
    if claim.wait().await
        && let Some(question) = team_question(&row.asked.request, &Facts::default())
    {
        // One of them may have changed what the database says.
        let mut reads = run.repository.read().await?;
        let product = reads.team_facts(&[question]).await?.pop();
        known = look::known(run, &mut row.asked, product)?;
    }
    look_at_others(claim, &mut known.facts);
    Ok(known)
}

/// Takes note of what other rows want, have, and have let go of.
fn look_at_others(claim: &Claim, facts: &mut Facts) {
    if let Some(row) = &mut facts.row {
        row.rivals = claim.rivals();
        row.freed = claim.freed();
        row.entity_further_down = claim.held_further_down();
    }
}

/// Whether an earlier row is the same: then there is nothing left to do, whatever the provider says by now.
fn is_same_again(facts: &Facts) -> bool {
    let rival = facts.row.as_ref().and_then(|row| row.rival_over(&Wanted::Team));
    rival.is_some_and(|rival| rival.standing == Standing::SameAgain)
}

/// Asks the provider and DNS, in its turn. `None` where the run ended before it came.
async fn beyond(shared: &Shared, row: &mut InFlight, facts: Box<Facts>, needs_dns: bool) -> Option<Box<Facts>> {
    let run = &shared.run;
    let host = host(row);
    let need = match &host {
        Some(host) => Need::Host(host),
        None if needs_dns => Need::NameServers,
        None => Need::Processor,
    };
    if need == Need::Processor {
        row.room = Some(shared.turns.room().await?);
    }
    let request = &row.asked.request;
    let sources = sources(run);
    let mut urls = provider_urls(request, &facts.oidc);
    let mut attempt = 1;
    loop {
        if let Some(until) = rest_of(run, &urls) {
            tokio::time::sleep_until(until.into()).await;
        }
        let turn = shared.turns.take(need).await?;
        let since = Instant::now();
        if !run.asks_providers() {
            return Some(Box::new(gather_proofs(request, sources, *facts).await));
        }
        let asked = Box::new(gather_beyond(request, sources, &shared.documents, (*facts).clone()).await);
        drop(turn);
        urls = provider_urls(request, &asked.oidc);
        // "Come back later" was answered somewhere: then that is done, where it leaves the row without a verdict, or the
        // secret without one that it can be compared with.
        let silent = || Outcome::standing_in_the_way(&judge(run, row, &asked, true).0) == Some(Outcome::Unknown);
        let put_off = attempt < ATTEMPTS && may_ask_again(run, &urls, since);
        if !put_off || !(lacks_control(&asked) || silent()) {
            return Some(asked);
        }
        attempt += 1;
    }
}

/// Until when a server of `urls` asked to be left alone, where that is worth waiting for.
fn rest_of(run: &Run, urls: &[String]) -> Option<Instant> {
    let until = urls.iter().filter_map(|url| run.http.rests_until(url)).max()?;
    (until <= Instant::now() + PATIENCE).then_some(until)
}

/// Whether a server of `urls` asked after `since` to be left alone, and none for longer than is worth waiting for.
fn may_ask_again(run: &Run, urls: &[String], since: Instant) -> bool {
    urls.iter().any(|url| run.http.rested_after(url, since))
        && (rest_of(run, urls).is_some() || urls.iter().all(|url| run.http.rests_until(url).is_none()))
}

/// Whether the secret could not be judged because the question with a made-up one got no answer.
fn lacks_control(facts: &Facts) -> bool {
    let Some(Probe::Made(credentials)) = &facts.oidc.credentials else { return false };
    credentials.interview.conclusion() == Conclusion::Inconclusive(Inconclusive::NoControl)
}

fn sources(run: &Run) -> Sources<'_> {
    Sources {
        http: &run.http,
        allowed_http: &run.allowed_http,
        repository: Some(&*run.repository),
        keys: Some(&run.keys),
        config: &run.config,
        now: jiff::Timestamp::now(),
    }
}

/// By what rows take turns: the provider's host; `None` where what it has to say is at hand.
fn host(row: &InFlight) -> Option<String> {
    let request = &row.asked.request;
    let url = match &request.provider {
        ProviderRequest::Oidc(oidc) => oidc.issuer.as_ref().map(IssuerUrl::url),
        ProviderRequest::Saml(saml) => match &saml.metadata {
            Some(MetadataSource::Url(url)) => Some(url.url()),
            _ => None,
        },
    };
    Some(url.and_then(Origin::of)?.host_and_port())
}

/// The judgements, and what they amount to. A provider that was not asked is not judged.
fn judge(run: &Run, row: &InFlight, facts: &Facts, with_provider: bool) -> (Vec<Judgement>, Plan) {
    let request = &row.asked.request;
    let judgements = if with_provider && run.asks_providers() {
        checks::run_all(request, facts, &run.config.policy, run.wish.intent())
    } else {
        look::without_provider(run, request, facts)
    };
    let plan = Plan::of(request, facts, &judgements, run.wish);
    (judgements, plan)
}
