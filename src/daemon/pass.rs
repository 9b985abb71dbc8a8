//! One pass: everything that is due at this instant happens, in the order that loses least: stored facts first (answers
//! not yet judged, alerts, pauses), then letters that are still useful, the rest recorded as lapsed (P9). `demo` and
//! `rehearse` run it as it is, `drain` under the real clock; the loops of `serve` run its parts.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use crate::care::time::clock_trust::{ClockTrust, Trusted};
use crate::daemon::assembly::engine::Engine;
use crate::daemon::monitoring::last_drains;
use crate::exchange::webhook::lanes::{Lanes, Round};
use crate::journey::alerts::{cover, escalate, webhook_calls};
use crate::journey::answers::verdict;
use crate::journey::delivery::deliver::deliver;
use crate::journey::delivery::failure::recover_leases::{LostLeases, recover_leases, resend};
use crate::journey::delivery::failure::server_refusal;
use crate::journey::delivery::post::{Delivered, Post};
use crate::journey::deps::Deps;
use crate::journey::errors::step::StepError;
use crate::journey::operations::condition::digest;
use crate::journey::operations::guards::{volume, zone_rules};
use crate::journey::operations::{accounts, canary, standing_tasks, unreadable_rows};
use crate::journey::patients::inbound::retention;
use crate::journey::patients::proxy;
use crate::journey::patients::status::pause_end;
use crate::journey::plan::fall_due::{FallDueSummary, fall_due};
use crate::journey::protocols::carry_out::carry_out;
use crate::journey::roster::staged_import;
use crate::journey::settings::{ladder_gap, lapsed_signature};
use crate::store::db::transaction::Stamp;

/// What one pass did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Passed {
    /// The follow-ups that fell due, and what came of it.
    pub fallen: FallDueSummary,
    /// What became of letters.
    pub delivered: Delivered,
    /// Letters marked unknown because nobody holds them any more.
    pub recovered: usize,
    /// Notices of alerts that left.
    pub notices: usize,
    /// How long it took by the clock that never jumps.
    pub elapsed: Duration,
}

/// Runs one pass over everything that is due.
///
/// # Errors
/// [`StepError`] when the store fails; single bad records and letters do not.
pub async fn pass(clinic: &Deps, post: &Post, whose: LostLeases) -> Result<Passed, StepError> {
    pass_beside(clinic, post, whose, async {}).await
}

/// A pass whose letters leave while something else is done.
async fn pass_beside(
    clinic: &Deps,
    post: &Post,
    whose: LostLeases,
    beside: impl Future<Output = ()>,
) -> Result<Passed, StepError> {
    let began = post.clock.monotonic();
    let mut steps = StepsOfTurn::default();
    let clock = post.watch.look(clinic, &*post.clock).await?;
    let recovered = steps.apart("recovery", recover_leases(clinic, clock, whose).await)?;
    let notices = steps.apart("alerts", alerts(clinic, clock.now()).await)?;
    let fallen = steps.apart("plan", plan(clinic, clock).await)?.fallen;
    let (delivered, ()) = tokio::join!(deliver(clinic, post), beside);
    let delivered = delivered?;
    let elapsed = post.clock.monotonic().saturating_sub(began);
    steps.over(Passed { fallen, delivered, recovered, notices, elapsed })
}

/// `drain`: one pass by whoever holds the database alone. Signed calls are made beside the letters: no queue of patients
/// stands before an alert.
///
/// # Errors
/// As [`pass`]. A call that fails is recorded and tried again.
pub async fn once(engine: &Engine) -> Result<Passed, StepError> {
    let Engine { clinic, post, .. } = engine;
    let passed = pass_beside(clinic, post, LostLeases::Everybodys, call(engine)).await?;
    let clock = post.watch.glance(&*post.clock);
    post.watch.note(clinic, clock, &*post.clock).await?;
    clinic.store.write(Stamp::daemon(clock.now()), last_drains::note).await?;
    Ok(passed)
}

/// Stored answers that nobody judged are judged, and alerts climb; what is put in order comes behind them. Returns how many notices
/// left.
///
/// # Errors
/// [`StepError`] when the store fails; that of a single step is told once the others are done.
pub async fn alerts(clinic: &Deps, now: Timestamp) -> Result<usize, StepError> {
    let mut steps = StepsOfTurn::default();
    steps.apart("answers", verdict::judge_stored(clinic, now).await)?;
    let notices = steps.apart("alerts", escalate::escalate(clinic, now).await)?;
    steps.apart("calls", webhook_calls::look(clinic, now).await)?;
    steps.over(notices)
}

/// What the plan brought forth at this instant.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Planned {
    /// The follow-ups that fell due, and what came of it.
    pub fallen: FallDueSummary,
    /// How many pauses ended.
    pub resumed: usize,
    /// Letters in doubt that go again.
    pub resent: usize,
}

/// What waited for its hour falls due, so that letters can be taken in hand. While the clock is in doubt nothing does (P15).
///
/// # Errors
/// [`StepError`] when the store fails; that of a single step is told once the others are done.
pub async fn plan(clinic: &Deps, clock: ClockTrust) -> Result<Planned, StepError> {
    let mut steps = StepsOfTurn::default();
    steps.apart("conditions", standing_tasks::look(clinic, clock.now()).await)?;
    let planned = match clock.sure() {
        Some(now) => fall(clinic, now, &mut steps).await?,
        None => Planned::default(),
    };
    steps.apart("records", unreadable_rows::look(clinic, clock.now()).await)?;
    steps.over(planned)
}

async fn fall(clinic: &Deps, now: Trusted, steps: &mut StepsOfTurn) -> Result<Planned, StepError> {
    steps.apart("cover", cover::check(clinic, now).await)?;
    steps.apart("gaps", ladder_gap::look(clinic, now.at()).await)?;
    steps.apart("volume", volume::look(clinic, now).await)?;
    steps.apart("signature", lapsed_signature::look(clinic, now.at()).await)?;
    steps.apart("sessions", accounts::tidy(clinic, now).await)?;
    steps.apart("staged files", staged_import::prune(clinic, now).await)?;
    steps.apart("old messages", retention::prune(clinic, now).await)?;
    let resumed = steps.apart("pauses", pause_end::end_pauses(clinic, now).await)?;
    steps.apart("proxies", proxy::end_terms(clinic, now).await)?;
    steps.apart("publications", carry_out(clinic, now).await)?;
    let resent = steps.apart("doubts", resend(clinic, now).await)?;
    steps.apart("zones", zone_rules::take_on(clinic, now).await)?;
    let fallen = steps.apart("follow-ups", fall_due(clinic, now).await)?;
    steps.apart("zones", zone_rules::report(clinic, now).await)?;
    steps.apart("refusals", server_refusal::watch(clinic, now).await)?;
    steps.apart("canary", canary::walk(clinic, now).await)?;
    steps.apart("digest", digest::send_due(clinic, now).await)?;
    Ok(Planned { fallen, resumed, resent })
}

/// The steps of one turn: what ends one ends none after it, unless nothing could be recorded at all. The turn fails all the same, so
/// that people hear of a loop whose every turn does.
#[derive(Default)]
struct StepsOfTurn {
    first_fault: Option<StepError>,
}

impl StepsOfTurn {
    /// What a step brought forth; nothing where it stopped. A record that cannot be read has a task of its own.
    fn apart<T: Default>(&mut self, step: &'static str, done: Result<T, StepError>) -> Result<T, StepError> {
        match done {
            Err(fault) if !fault.ends_turn() => {
                tracing::error!(step, %fault, "a step stopped; the others go on");
                if !fault.is_unreadable() {
                    self.first_fault.get_or_insert(fault);
                }
                Ok(T::default())
            }
            done => done,
        }
    }

    /// The turn is over.
    fn over<T>(self, done: T) -> Result<T, StepError> {
        self.first_fault.map_or(Ok(done), Err)
    }
}

/// Makes the signed calls that are due, side by side to different receivers, and waits for them.
pub async fn call(engine: &Engine) {
    let mut lanes = Lanes::default();
    loop {
        // The log has told of a fault.
        drop(open_lanes(engine, &mut lanes, &engine.post.stop));
        if !lanes.ended().await {
            return;
        }
    }
}

/// Opens a lane to each receiver that has none and for whom a call is due.
///
/// # Errors
/// [`StepError`] when the store fails; the log has told of it.
pub fn open_lanes(engine: &Engine, lanes: &mut Lanes, stop: &CancellationToken) -> Result<(), StepError> {
    let Some(caller) = &engine.caller else { return Ok(()) };
    let Engine { clinic, post, .. } = engine;
    let round = Round { clinic: clinic.clone(), clock: Arc::clone(&post.clock), stop: stop.clone() };
    lanes.open(caller, &round).inspect_err(|fault| {
        tracing::error!(%fault, "the signed calls could not be read; trying again");
    })
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::{TcpListener, TcpStream};
    use std::sync::mpsc::channel;

    use super::*;
    use crate::clock::{SystemClock, SystemEntropy};
    use crate::config::load;
    use crate::config::sources::Sources;
    use crate::daemon::assembly::engine::World;
    use crate::exchange::webhook::client::WebhookClient;
    use crate::journey::alerts::webhook_calls::receiver;
    use crate::ports::Clock;
    use crate::store::alerts::webhook_calls::NewCall;
    use crate::store::database::{OpenMode, Store};
    use crate::store::db::transaction::Tx;
    use crate::store::error::StoreError;

    /// A clinic with one alert and a call for it to each address.
    fn clinic(place: &std::path::Path, urls: Vec<String>) -> Engine {
        let (store, now) = (Store::open(&place.join("a.db"), OpenMode::Create).unwrap(), SystemClock.now());
        let world = World { clock: Arc::new(SystemClock), entropy: Arc::new(SystemEntropy) };
        let (config, shipped) = (load::shipped(place).unwrap(), Sources::shipped());
        let mut engine = Engine::open(&store, config, &shipped, &world).unwrap();
        engine.caller = Some(Arc::new(WebhookClient::new(b"key".to_vec())));
        let end = now + jiff::SignedDuration::from_hours(1);
        let open = move |tx: &mut Tx<'_>| -> Result<(), StoreError> {
            let alert = crate::store::database::tests::an_alert(tx)?;
            for url in &urls {
                tx.enqueue_call(&NewCall {
                    alert: Some(alert),
                    receiver: receiver(url),
                    url,
                    body: "{}",
                    expires_at: end,
                })?;
            }
            Ok(())
        };
        store.write_blocking(Stamp::daemon(now), open).unwrap();
        engine
    }

    fn due(engine: &Engine) -> Vec<String> {
        let late = SystemClock.now() + jiff::SignedDuration::from_mins(30);
        let waiting = engine.clinic.store.read(|v| v.calls_due(late)).unwrap();
        waiting.into_iter().map(|call| call.receiver).collect()
    }

    fn hear(listener: &TcpListener) -> (TcpStream, String) {
        let mut heard = [0; 4096];
        let (mut stream, _) = listener.accept().unwrap();
        let count = stream.read(&mut heard).unwrap();
        (stream, String::from_utf8_lossy(&heard[..count]).to_lowercase())
    }

    /// Nothing in the configuration calls it any more, and its task takes no change.
    #[tokio::test(flavor = "multi_thread")]
    async fn a_step_that_stops_ends_none_after_it_and_the_turn_tells_of_it() {
        let dir = tempfile::tempdir().unwrap();
        let place = dir.path().to_owned();
        let engine = tokio::task::spawn_blocking(move || clinic(&place, Vec::new())).await.unwrap();
        let spoil = "INSERT INTO standing (kind, cause, reason, since) VALUES ('calls-refused', 'receiver/https://gone.example', 'x', 0); \
                     INSERT INTO task (kind, cause, reason, opened_at, due_at, state) \
                     VALUES ('calls-refused', 'receiver/https://gone.example', 'x', 0, 0, 'open'), ('no-cover', 'ladder', 'x', 0, 0, 'open'); \
                     CREATE TRIGGER refuse BEFORE DELETE ON standing BEGIN SELECT RAISE(ABORT, 'no'); END; \
                     CREATE TRIGGER stuck BEFORE UPDATE ON task BEGIN SELECT RAISE(ABORT, 'no'); END;";
        let now = SystemClock.now();
        let job = move |tx: &mut Tx<'_>| crate::store::database::tests::sabotage(tx, spoil);
        engine.clinic.store.write(Stamp::daemon(now), job).await.unwrap();
        let before = engine.clinic.store.read(|view| view.next_notice_at()).unwrap();
        assert!(alerts(&engine.clinic, now).await.is_err(), "people hear of a loop whose every turn fails");
        let after = engine.clinic.store.read(|view| view.next_notice_at()).unwrap();
        assert!(before <= Some(now) && after > Some(now), "the alert has rung: {before:?} {after:?}");
    }

    const YES: &[u8] = b"HTTP/1.1 204 No Content\r\n\r\n";

    #[tokio::test(flavor = "multi_thread")]
    async fn a_clinic_that_drains_from_cron_makes_its_signed_calls_too() {
        let dir = tempfile::tempdir().unwrap();
        let place = dir.path().to_owned();
        let receiver = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", receiver.local_addr().unwrap());
        let engine = tokio::task::spawn_blocking(move || clinic(&place, vec![url])).await.unwrap();
        let answer = tokio::task::spawn_blocking(move || {
            let (mut stream, heard) = hear(&receiver);
            stream.write_all(YES).unwrap();
            heard
        });
        once(&engine).await.unwrap();
        assert!(due(&engine).is_empty());
        let heard = answer.await.unwrap();
        let stamped = heard.split("x-aftercare-timestamp: ").nth(1).unwrap().split("\r\n").next().unwrap();
        let age = SystemClock.now().as_second() - stamped.parse::<i64>().unwrap();
        assert!(heard.contains("x-aftercare-signature") && (0..60).contains(&age), "{heard}");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_receiver_that_does_not_answer_keeps_no_other_waiting() {
        let dir = tempfile::tempdir().unwrap();
        let place = dir.path().to_owned();
        let (slow, quick) =
            (TcpListener::bind("127.0.0.1:0").unwrap(), TcpListener::bind("127.0.0.1:0").unwrap());
        let dead = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let urls = vec![
            format!("http://{dead}/"),
            format!("http://{}/", slow.local_addr().unwrap()),
            format!("http://{}/", quick.local_addr().unwrap()),
        ];
        let engine = tokio::task::spawn_blocking(move || clinic(&place, urls)).await.unwrap();
        let (served, wait) = channel();
        let slow = tokio::task::spawn_blocking(move || {
            let (mut stream, _) = hear(&slow);
            // It answers only when the other, whose call waited behind its own, has been served.
            wait.recv().unwrap();
            stream.write_all(YES).unwrap();
        });
        let quick = tokio::task::spawn_blocking(move || {
            let (mut stream, _) = hear(&quick);
            stream.write_all(YES).unwrap();
            served.send(()).unwrap();
        });
        call(&engine).await;
        slow.await.unwrap();
        quick.await.unwrap();
        assert_eq!(due(&engine), [format!("http://{dead}")], "only the dead one waits for another try");
    }
}
