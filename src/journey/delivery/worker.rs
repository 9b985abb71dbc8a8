//! A worker of a pass: the letters one connection holds.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;

use crate::journey::delivery::assign::{Assignment, Prefetch, WaitingWorker, WorkerLoad};
use crate::journey::delivery::batch::{CarriedLetterResult, FinalCheckResult, SendResult};
use crate::journey::delivery::batcher::Batcher;
use crate::journey::delivery::send_one::{HeldLetter, SendContext};
use crate::journey::in_flight::ClaimedLetter;

/// So many letters a worker that looks ahead holds when it sets out: the one it carries, and the one whose envelope travels
/// with that one's body.
const IN_HAND: usize = 2;

/// A worker of a pass. Should the courier panic, the pass ends rather than wait for a worker that is gone.
pub(in crate::journey::delivery) struct Worker(pub(in crate::journey::delivery) Arc<Batcher>);

/// What a worker has with it.
#[derive(Default)]
pub(in crate::journey::delivery) struct WorkerLetters {
    /// Letters that it carried, or that may not leave any more.
    pub(in crate::journey::delivery) back: Vec<CarriedLetterResult>,
    /// Letters to carry, in this order.
    pub(in crate::journey::delivery) hand: VecDeque<HeldLetter>,
    /// A letter that is on its way to it.
    pub(in crate::journey::delivery) ahead: Option<Prefetch>,
}

impl Worker {
    /// One more worker of that pass.
    pub(in crate::journey::delivery) fn join(batcher: &Arc<Batcher>) -> Self {
        batcher.join();
        Self(Arc::clone(batcher))
    }

    /// Brings back what was carried and asks for what comes next; [`Assignment`] says what.
    pub(in crate::journey::delivery) fn exchange(
        &self,
        held: &mut WorkerLetters,
    ) -> oneshot::Receiver<Assignment> {
        let (next, answer) = oneshot::channel();
        let back = std::mem::take(&mut held.back);
        // At the start all workers get their first before any gets a second.
        let looks_ahead = self.0.post.courier.looks_ahead() && !back.is_empty();
        let holds = held.hand.len() + usize::from(held.ahead.is_some());
        let held = held.hand.front().map(HeldLetter::asked);
        let wants = if looks_ahead { IN_HAND } else { 1 }.saturating_sub(holds);
        let takes_ahead = looks_ahead && holds <= IN_HAND;
        self.0.exchange(back, |back| WaitingWorker { back, held, wants, takes_ahead, next });
        answer
    }

    /// Takes in what is on its way to the worker, if anything is, and writes it.
    pub(in crate::journey::delivery) async fn take_in(&self, held: &mut WorkerLetters) {
        // It ends without a letter where none could be taken.
        if let Some(ahead) = held.ahead.as_mut()
            && let Ok(letter) = ahead.await
        {
            held.hand.push_back(self.hold(letter));
        }
        held.ahead = None;
    }

    /// Takes in an assignment, and says what was found of the letter it carries now.
    pub(in crate::journey::delivery) fn load(
        &self,
        held: &mut WorkerLetters,
        load: WorkerLoad,
    ) -> FinalCheckResult {
        held.hand.extend(load.letters.into_iter().map(|letter| self.hold(letter)));
        held.ahead = load.ahead;
        load.checked
    }

    fn hold(&self, letter: ClaimedLetter) -> HeldLetter {
        HeldLetter::new(letter, &self.0.clinic, &*self.0.post.courier)
    }

    /// Waits a moment, or until no letter may leave any more.
    pub(in crate::journey::delivery) async fn pause(&self) {
        tokio::select! {
            () = self.0.post.stop.cancelled() => {}
            () = self.0.post.superseded.cancelled() => {}
            () = tokio::time::sleep(Duration::from_secs(1)) => {}
        }
    }

    /// Leaves behind what the worker still holds, to be given back once that can be recorded.
    pub(in crate::journey::delivery) fn abandon(&self, held: &mut WorkerLetters) {
        held.return_all();
        self.0.keep_unrecorded(std::mem::take(&mut held.back));
    }

    /// Whether no letter may leave any more, not even one in hand.
    pub(in crate::journey::delivery) fn is_over(&self) -> bool {
        self.0.is_over()
    }

    /// Lends what carrying a letter needs.
    pub(in crate::journey::delivery) fn context(&self) -> SendContext<'_> {
        SendContext { clinic: &self.0.clinic, post: &self.0.post }
    }
}

impl WorkerLetters {
    /// Gives everything in hand back as it came.
    pub(in crate::journey::delivery) fn return_all(&mut self) {
        self.back.extend(self.hand.drain(..).map(|held| (held.into_hand(), SendResult::Untouched)));
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.0.leave();
    }
}
