//! One pass: everything that is due at this instant happens, in the order that loses least: stored facts first (answers
//! not yet judged, alerts, pauses), then letters that are still useful, the rest recorded as lapsed (P9). `demo` and
//! `rehearse` run it as it is, `drain` under the real clock; the loops of `serve` run its parts.

use std::time::Duration;

use jiff::Timestamp;

use super::engine::Engine;
use crate::care::trust::ClockTrust;
use crate::journey::deliver::{Delivered, Post, deliver};
use crate::journey::fall_due::{Fallen, fall_due};
use crate::journey::rescue::{Whose, rescue, resend};
use crate::journey::{Clinic, StepError, alert, canary, cover, respond, staff, standing, status};

/// What one pass did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Passed {
    /// What fell due.
    pub fallen: Fallen,
    /// What became of letters.
    pub delivered: Delivered,
    /// Letters marked unknown because nobody holds them any more.
    pub rescued: usize,
    /// Notices of alerts that left.
    pub notices: usize,
    /// How long it took by the clock that never jumps.
    pub elapsed: Duration,
}

/// Runs one pass.
///
/// # Errors
/// [`StepError`] when the store fails; single bad records and letters do not.
pub async fn pass(clinic: &Clinic, post: &Post, whose: Whose) -> Result<Passed, StepError> {
    pass_beside(clinic, post, whose, async {}).await
}

/// A pass whose letters leave while something else is done.
async fn pass_beside(
    clinic: &Clinic,
    post: &Post,
    whose: Whose,
    beside: impl Future<Output = ()>,
) -> Result<Passed, StepError> {
    let began = post.clock.monotonic();
    let clock = post.watch.look(clinic, &*post.clock).await?;
    let rescued = rescue(clinic, clock, whose).await?;
    let notices = alerts(clinic, clock.now()).await?;
    let fallen = plan(clinic, clock).await?.fallen;
    let (delivered, ()) = tokio::join!(deliver(clinic, post), beside);
    let delivered = delivered?;
    Ok(Passed { fallen, delivered, rescued, notices, elapsed: post.clock.monotonic().saturating_sub(began) })
}

/// `drain`: one pass by whoever holds the database alone. Signed calls are made beside the letters: no queue of patients
/// stands before an alert.
///
/// # Errors
/// As [`pass`]. A call that fails is recorded and tried again.
pub async fn once(engine: &Engine) -> Result<Passed, StepError> {
    let Engine { clinic, post, .. } = engine;
    let passed = pass_beside(clinic, post, Whose::Everybodys, call(engine)).await?;
    let clock = post.watch.glance(&*post.clock);
    post.watch.note(clinic, clock, &*post.clock).await?;
    Ok(passed)
}

/// Stored answers that nobody judged are judged, and alerts climb. Returns how many notices left.
///
/// # Errors
/// [`StepError`] when the store fails.
pub async fn alerts(clinic: &Clinic, now: Timestamp) -> Result<usize, StepError> {
    respond::judge_stored(clinic, now).await?;
    alert::escalate(clinic, now).await
}

/// What the plan brought forth at this instant.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Planned {
    /// What fell due.
    pub fallen: Fallen,
    /// Pauses that ended.
    pub resumed: usize,
    /// Letters in doubt that go again.
    pub resent: usize,
}

/// What waited for its hour falls due, so that letters can be taken in hand. While the clock is in doubt nothing does (P15).
///
/// # Errors
/// [`StepError`] when the store fails.
pub async fn plan(clinic: &Clinic, clock: ClockTrust) -> Result<Planned, StepError> {
    standing::look(clinic, clock.now()).await?;
    let Some(now) = clock.sure() else { return Ok(Planned::default()) };
    cover::check(clinic, now).await?;
    staff::tidy(clinic, now).await?;
    let resumed = status::end_pauses(clinic, now).await?;
    let resent = resend(clinic, now).await?;
    let fallen = fall_due(clinic, now).await?;
    canary::walk(clinic, now).await?;
    Ok(Planned { fallen, resumed, resent })
}

/// Makes the signed calls that are due.
pub async fn call(engine: &Engine) {
    if let Some(caller) = &engine.caller
        && let Err(fault) = caller.call_due(&engine.clinic, engine.post.clock.now()).await
    {
        tracing::error!(%fault, "a turn of the calls failed; trying again");
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpListener;
    use std::sync::Arc;

    use super::*;
    use crate::clock::{SystemClock, SystemEntropy};
    use crate::config::{Sources, load};
    use crate::daemon::engine::World;
    use crate::exchange::webhook::Caller;
    use crate::ports::Clock;
    use crate::store::{Open, Stamp, Store, StoreError, Tx};

    #[tokio::test(flavor = "multi_thread")]
    async fn a_clinic_that_drains_from_cron_makes_its_signed_calls_too() {
        let dir = tempfile::tempdir().unwrap();
        let (place, now) = (dir.path().to_owned(), SystemClock.now());
        let receiver = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", receiver.local_addr().unwrap());
        let build = move || {
            let store = Store::open(&place.join("a.db"), Open::Create).unwrap();
            let world = World { clock: Arc::new(SystemClock), entropy: Arc::new(SystemEntropy) };
            let (config, shipped) = (load::shipped(&place).unwrap(), Sources::shipped());
            let mut engine = Engine::open(&store, config, &shipped, &world).unwrap();
            engine.caller = Some(Arc::new(Caller::new(b"key".to_vec())));
            let end = now + jiff::SignedDuration::from_hours(1);
            let open = move |tx: &mut Tx<'_>| -> Result<_, StoreError> { tx.enqueue_call(&url, "{}", end) };
            store.write_blocking(Stamp::daemon(now), open).unwrap();
            engine
        };
        let engine = tokio::task::spawn_blocking(build).await.unwrap();
        let answer = tokio::task::spawn_blocking(move || {
            let mut heard = [0; 4096];
            let (mut stream, _) = receiver.accept().unwrap();
            let count = stream.read(&mut heard).unwrap();
            stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").unwrap();
            String::from_utf8_lossy(&heard[..count]).to_lowercase()
        });
        once(&engine).await.unwrap();
        let late = SystemClock.now() + jiff::SignedDuration::from_mins(30);
        assert!(engine.clinic.store.read(|v| v.calls_due(late)).unwrap().is_empty());
        assert!(answer.await.unwrap().contains("x-aftercare-signature"));
    }
}
