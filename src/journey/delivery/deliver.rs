//! Letters leave: taken in hand and sealed, looked at again, sent with no transaction open, recorded fenced by the attempt.
//! One transaction records the letters that came back and takes as many new ones as connections are free, so that a letter is
//! in hand only while a connection carries it, or the one before it where connections look ahead (P3).

use std::sync::Arc;

use tokio::task::JoinSet;

use crate::journey::delivery::assign::Assignment;
use crate::journey::delivery::batcher::Batcher;
use crate::journey::delivery::post::{Delivered, Post};
use crate::journey::delivery::unrecorded::retry_recording;
use crate::journey::delivery::worker::{Worker, WorkerLetters};
use crate::journey::deps::Deps;
use crate::journey::errors::step::StepError;
use crate::ports::CourierConnection;

/// Sends every letter whose instant has come. Returns when none is left, the server asks us to slow down, cannot be
/// reached, or `stop` is cancelled; letters not begun stay in the outbox. While the store fails no letter leaves, and what
/// came back is brought again until it is on record.
///
/// # Errors
/// [`StepError`] when the store goes on failing.
pub async fn deliver(clinic: &Deps, post: &Post) -> Result<Delivered, StepError> {
    if let Err(fault) = post.watch.look(clinic, &*post.clock).await {
        // Letters to staff leave all the same: to the batches the clock is in doubt.
        tracing::error!(%fault, "the clock could not be compared; letters to patients wait");
    }
    let batcher = Arc::new(Batcher::new(clinic, post));
    loop {
        let mut connections = JoinSet::new();
        let lane = post.readers.lane();
        for _ in 0..post.courier.lines_for(lane).max(1) {
            connections.spawn(work(Worker::join(&batcher), post.courier.connection_for(lane)));
        }
        while connections.join_next().await.is_some() {}
        if !retry_recording(&batcher).await {
            return batcher.finish();
        }
    }
}

/// One connection at work. No letter, no connection: an idle pass connects to nobody. A connection that looks ahead holds one letter
/// more, whose body leaves only after the record of the one before is on disk, and writes a third meanwhile.
async fn work(worker: Worker, mut connection: Box<dyn CourierConnection>) {
    let mut held = WorkerLetters::default();
    loop {
        if held.hand.is_empty() {
            worker.take_in(&mut held).await;
        }
        let next = worker.exchange(&mut held);
        worker.take_in(&mut held).await;
        let checked = match next.await {
            Ok(Assignment::Carry(load, journal)) => {
                let checked = worker.load(&mut held, load);
                // A letter leaves only when a restore would know that it may have.
                journal.done().await;
                checked
            }
            Ok(Assignment::Later) => {
                // Whoever only waits holds no connection: it may be the one that a letter to staff waits for.
                connection.rest().await;
                worker.pause().await;
                continue;
            }
            Err(_) => {
                connection.call_off();
                worker.abandon(&mut held);
                break;
            }
        };
        if worker.is_over() {
            connection.call_off();
            worker.take_in(&mut held).await;
            held.return_all();
            continue;
        }
        let Some(now) = held.hand.pop_front() else { continue };
        if let Some(next) = held.hand.front() {
            next.announce(&mut *connection);
        }
        let end = worker.context().carry(&mut *connection, &now, checked).await;
        held.back.push((now.into_hand(), end));
    }
    drop(worker);
    connection.rest().await;
}

#[cfg(test)]
mod tests {
    use std::sync::{Mutex, PoisonError};

    use tokio_util::sync::CancellationToken;

    use super::*;
    use crate::care::delivery::AttemptVerdict;
    use crate::care::refusal::receipt::Receipt;
    use crate::journey::answers::new_link::new_link;
    use crate::journey::fixture::world::{odd_post, post};
    use crate::journey::fixture::{due, fixture, sure, triage};
    use crate::journey::plan::fall_due::fall_due;
    use crate::journey::sending_policy::Policy;
    use crate::ports::{BoxFuture, Courier, LastLook, Outgoing, Readiness, Transfer};
    use crate::store::answers::links::LinkPurpose;
    use crate::store::audit_action::AuditAction;
    use crate::store::journal::segment::newest_line;

    /// Takes every letter; says when a connection is given back, which ends the pass.
    #[derive(Clone)]
    struct Resting {
        stop: CancellationToken,
    }

    impl Courier for Resting {
        fn connections(&self) -> usize {
            1
        }
        fn connection(&self) -> Box<dyn CourierConnection> {
            Box::new(self.clone())
        }
    }

    impl CourierConnection for Resting {
        fn ready(&mut self) -> BoxFuture<'_, Result<Readiness, Receipt>> {
            Box::pin(async { Ok(Readiness::AtOnce) })
        }
        fn transfer<'a>(&'a mut self, _: &'a Outgoing, _: &'a dyn LastLook) -> BoxFuture<'a, Transfer> {
            let reply = "250 ok".to_owned();
            let verdict = AttemptVerdict::Accepted;
            let receipt = Receipt { code: Some(250), ..Receipt::unsaid(verdict, reply) };
            Box::pin(async { Transfer::Over(receipt) })
        }
        fn abandoned(&mut self) -> Option<Receipt> {
            None
        }
        fn rest(&mut self) -> BoxFuture<'_, ()> {
            self.stop.cancel();
            Box::pin(async {})
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn whoever_waits_for_the_next_minute_holds_no_connection() {
        let fixture = fixture(triage());
        fall_due(&fixture.clinic, sure(due())).await.unwrap();
        new_link(&fixture.clinic, due(), fixture.token(LinkPurpose::Changed)).await.unwrap();
        let policy = Policy { max_per_minute: 1, ..(*fixture.clinic.policy).clone() };
        let clinic = Deps { policy: Arc::new(policy), ..fixture.clinic.clone() };
        let stop = CancellationToken::new();
        let post =
            Post { courier: Arc::new(Resting { stop: stop.clone() }), stop: stop.clone(), ..post(due()) };
        let pass = tokio::spawn(async move { deliver(&clinic, &post).await });
        let rested = tokio::time::timeout(std::time::Duration::from_secs(5), stop.cancelled()).await;
        stop.cancel();
        assert_eq!(pass.await.unwrap().unwrap().sent, 1, "the minute lets one leave");
        assert!(rested.is_ok(), "it held its connection while it waited");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn no_letter_leaves_before_the_sent_journal_has_its_claim() {
        let (fixture, dir) = (fixture(triage()), tempfile::tempdir().unwrap());
        fixture.clinic.store.keep_journal(dir.path());
        fall_due(&fixture.clinic, sure(due())).await.unwrap();
        let (journal, seen) = (dir.path().to_owned(), Arc::new(Mutex::new(Vec::new())));
        let noted = Arc::clone(&seen);
        let look = move || {
            let newest =
                newest_line(&journal).unwrap().map(|line| (line.event.known_action(), line.letters.len()));
            noted.lock().unwrap_or_else(PoisonError::into_inner).push(newest);
        };
        let delivered =
            deliver(&fixture.clinic, &odd_post(due(), "@nowhere.example", Arc::new(look))).await.unwrap();
        assert_eq!(delivered.sent, 1);
        let claim = Some((Some(AuditAction::DeliveryClaimed), 1));
        assert_eq!(*seen.lock().unwrap_or_else(PoisonError::into_inner), [claim]);
    }
}
