//! How a run treats providers: many at once, each of them politely.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::support::crowd::{Crowd, HEADER, outcomes, reasons};
use crate::support::provider::{Behaviour, CLIENT_ID, CLIENT_SECRET, Provider, Reply, Route};

#[test]
fn a_provider_that_asks_to_be_left_alone_is_and_every_row_gets_its_verdict() {
    let refused: Arc<Mutex<Vec<Instant>>> = Arc::default();
    let seen: Arc<Mutex<Vec<Instant>>> = Arc::default();
    let (refusals, all) = (Arc::clone(&refused), Arc::clone(&seen));
    let asked = AtomicUsize::new(0);
    let token = Behaviour::respond(move |request, settings| {
        all.lock().unwrap().push(Instant::now());
        // The fourth question, and whatever is on its way by then.
        if asked.fetch_add(1, Ordering::SeqCst) == 4 {
            refusals.lock().unwrap().push(Instant::now());
            return Reply::error(429, "slow_down", None).with_header("Retry-After", "2");
        }
        let known =
            request.header("authorization").is_some_and(|header| header.contains(&basic(&settings.client_secret)));
        if known { Reply::error(400, "invalid_grant", None) } else { Reply::error(401, "invalid_client", None) }
    });
    let crowd = Crowd::facing(20, Provider::new().on(Route::Token, token));
    let documents = crowd.documents(&crowd.all(), 0, &["--per-host", "1"]);
    assert!(documents.iter().all(|document| document["outcome"] == "onboarded"), "{:?}", outcomes(&documents));
    let (refused, seen) = (refused.lock().unwrap(), seen.lock().unwrap());
    let rest = refused[0] + Duration::from_millis(200)..refused[0] + Duration::from_millis(1900);
    assert!(seen.iter().all(|moment| !rest.contains(moment)), "asked while it was to be left alone");
}

#[test]
fn a_question_with_a_made_up_secret_that_is_put_off_is_put_again_before_the_row_is_written() {
    let controls = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&controls);
    let token = Behaviour::respond(move |request, settings| {
        if request.header("authorization").is_some_and(|header| header.contains(&basic(&settings.client_secret))) {
            return Reply::error(400, "invalid_grant", None);
        }
        // The client itself asks a second time, and no more.
        if counter.fetch_add(1, Ordering::SeqCst) < 2 {
            return Reply::error(429, "slow_down", None).with_header("Retry-After", "1");
        }
        Reply::error(401, "invalid_client", None)
    });
    let crowd = Crowd::facing(1, Provider::new().on(Route::Token, token));
    let documents = crowd.documents(&crowd.all(), 0, &[]);
    assert_eq!((outcomes(&documents), reasons(&documents[0])), (vec![(2, "onboarded")], vec![]));
    assert_eq!(controls.load(Ordering::SeqCst), 3);
}

fn basic(secret: &str) -> String {
    use base64::Engine as _;
    let pair = base64::engine::general_purpose::STANDARD.encode(format!("{CLIENT_ID}:{secret}"));
    format!("Basic {pair}")
}

#[test]
fn a_provider_that_wants_an_hour_leaves_its_rows_without_a_verdict_at_once() {
    let busy = Behaviour::status(429).header("Retry-After", "3600");
    let crowd = Crowd::facing(6, Provider::new().on(Route::Discovery, busy));
    let started = Instant::now();
    let documents = crowd.documents(&crowd.all(), 3, &[]);
    assert!(documents.iter().all(|document| document["outcome"] == "unknown"));
    assert!(crowd.provider.requests_to(Route::Discovery).len() <= 2, "{}", crowd.provider.requests().len());
    assert!(started.elapsed() < Duration::from_secs(30));
}

#[test]
fn a_hung_provider_holds_up_its_own_rows_alone() {
    let hung = Provider::new().on(Route::Discovery, Behaviour::never_answer()).start();
    let crowd = Crowd::of(40);
    let mut list = HEADER.to_owned();
    for number in 0..40 {
        // The first half is the hung one's.
        let row = crowd.row(number);
        list += &if number < 20 { row.replace(crowd.provider.issuer(), hung.issuer()) } else { row };
    }
    let ca = hung.ca_file().display().to_string();
    let documents = crowd.documents(
        &list,
        3,
        &["--allow-origin", hung.issuer(), "--ca-cert", &ca, "--concurrency", "4", "--per-host", "2"],
    );
    let unknown = documents.iter().filter(|document| document["outcome"] == "unknown").count();
    let done = documents.iter().filter(|document| document["outcome"] == "onboarded").count();
    assert_eq!((unknown, done), (20, 20));
    assert!(reasons(&documents[0]).contains(&"oidc-discovery: timeout".to_owned()), "{:?}", reasons(&documents[0]));
    // All of its rows rest on the one question that was never answered, and on the retry of it.
    assert!(hung.requests_to(Route::Discovery).len() <= 2, "{}", hung.requests().len());
}

#[test]
fn rows_are_at_one_provider_no_more_at_once_than_is_allowed() {
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (counter, highest) = (Arc::clone(&now), Arc::clone(&most));
    let authorize = Behaviour::respond(move |_, _| {
        let here = counter.fetch_add(1, Ordering::SeqCst) + 1;
        highest.fetch_max(here, Ordering::SeqCst);
        std::thread::sleep(Duration::from_millis(30));
        counter.fetch_sub(1, Ordering::SeqCst);
        Reply::html(200, "sign in")
    });
    let crowd = Crowd::facing(24, Provider::new().on(Route::Authorize, authorize));
    crowd.documents(&crowd.all(), 0, &["--dry-run", "--per-host", "3"]);
    assert!((2..=3).contains(&most.load(Ordering::SeqCst)), "{most:?}");
}

#[test]
fn commits_are_shared_where_rows_come_fast() {
    let crowd = Crowd::of(300);
    crowd.list("list", crowd.all());
    let run = crowd.bulk(&["list", "-v", "--per-host", "32"]).expect_code(0);
    let groups = run.stderr.matches("wrote a group of").count();
    assert!(groups > 0 && groups <= 100, "{groups} commits for 300 rows");
    assert_eq!((crowd.connected(), crowd.deeds().len()), (300, 300));
    assert!(CLIENT_SECRET.starts_with("CANARY") && !run.everything().contains(CLIENT_SECRET));
    crowd.expect_sound();
}

#[test]
fn every_frame_of_the_bar_is_whole() {
    let crowd = Crowd::facing(12, Provider::new().on(Route::Authorize, Behaviour::baseline().delay_ms(150)));
    crowd.list("list", crowd.all());
    let terminal = crowd.world.terminal(crowd.words(&["list", "--dry-run", "--per-host", "2"]));
    let screen = terminal.finish().screen;
    let frames: Vec<&str> = screen.split('\r').filter(|frame| frame.contains(" rows, ")).collect();
    assert!(frames.len() > 1, "{screen:?}");
    for frame in frames {
        assert!(frame.contains("/s, ") && frame.contains(" would onboard"), "{frame:?} in {screen:?}");
    }
}
