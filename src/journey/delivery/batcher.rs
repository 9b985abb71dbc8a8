//! Where workers report what they sent and claim what comes next. Whoever comes first leads: while its transaction waits for
//! the writer, others join, and one commit serves them all. While those carry their letters the next transaction serves
//! the others, so that neither the disk nor the server waits for the other.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;

use super::batch;
use crate::care::delivery::{AttemptVerdict, DeliveryState as Fate};
use crate::care::time::clock_trust::ClockTrust;
use crate::journey::delivery::assign::{
    AssignReply, Assigned, Assignment, Demand, WaitingWorker, hand_over, send_ahead, send_off,
};
use crate::journey::delivery::batch::{BatchResult, CarriedLetter, CarriedLetterResult, SendResult};
use crate::journey::delivery::due_letters::{BatchLimit, BatchRequest};
use crate::journey::delivery::post::{Delivered, Post, Recipients};
use crate::journey::deps::Deps;
use crate::journey::errors::step::StepError;
use crate::journey::in_flight::ClaimedLetter;
use crate::store::db::transaction::{Stamp, Tx};
use crate::store::error::StoreError;
use crate::store::journal::sent_journal::JournalAck;

/// So many failed connections in a row, over all workers, end the pass: the server is away, and each puts a letter off.
const GIVE_UP_CONNECTING: u32 = 3;

/// One pass: its workers, and what they share.
pub(in crate::journey::delivery) struct Batcher {
    pub(in crate::journey::delivery) clinic: Deps,
    pub(in crate::journey::delivery) post: Post,
    state: Mutex<BatcherState>,
    /// Batches that nobody has answered for yet.
    open: TaskTracker,
}

#[derive(Default)]
struct BatcherState {
    waiting: Vec<WaitingWorker>,
    /// Workers that are out and take one letter more.
    asked: Vec<AssignReply>,
    /// A leader is on the way and takes everyone who waits.
    led: bool,
    /// Batches whose transaction has begun: by it a failed batch knows whether it had.
    batches: u64,
    /// Workers that have joined and not left.
    workers: usize,
    /// Failed connections in a row.
    misses: u32,
    /// No new letter is taken in hand.
    halted: bool,
    total: Delivered,
    /// Why a batch failed; while it stands no letter leaves.
    fault: Option<StepError>,
    /// Reports that are not on record yet.
    unrecorded: Vec<CarriedLetter>,
}

/// What a batch is about to record. It outlives a batch that fails.
type ReturnedBatch = Arc<OnceLock<Vec<CarriedLetter>>>;

/// A batch that waits for its commit.
struct UncommittedBatch {
    result: BatchResult,
    handed: Assigned,
}

impl Batcher {
    pub(in crate::journey::delivery) fn new(clinic: &Deps, post: &Post) -> Self {
        let open = TaskTracker::new();
        open.close();
        Self { clinic: clinic.clone(), post: post.clone(), state: Mutex::default(), open }
    }

    /// One more worker takes part.
    pub(in crate::journey::delivery) fn join(&self) {
        self.state().workers += 1;
    }

    /// A worker that is gone. What it still held is left to `recover_leases`.
    pub(in crate::journey::delivery) fn leave(&self) {
        let mut state = self.state();
        state.workers -= 1;
        state.halted |= std::thread::panicking();
        if state.everyone_waits() {
            state.waiting.clear();
        }
    }

    /// Takes what a worker brings back, and the worker in.
    pub(in crate::journey::delivery) fn exchange(
        self: &Arc<Self>,
        back: Vec<CarriedLetterResult>,
        worker: impl FnOnce(Vec<CarriedLetter>) -> WaitingWorker,
    ) {
        let mut state = self.state();
        let back = back.into_iter().map(|(held, end)| self.weigh(&mut state, held, end)).collect();
        state.waiting.push(worker(back));
        if !std::mem::replace(&mut state.led, true) {
            self.lead(state);
        }
    }

    /// Whether no letter may leave any more, not even one in hand.
    pub(in crate::journey::delivery) fn is_over(&self) -> bool {
        self.has_ended(&self.state())
    }

    /// How it all ended.
    pub(in crate::journey::delivery) fn finish(&self) -> Result<Delivered, StepError> {
        let mut state = self.state();
        state.fault.take().map_or(Ok(state.total), Err)
    }

    /// Asks for a batch. The state is let go of first: a store that is closed answers on the spot.
    fn lead(self: &Arc<Self>, state: MutexGuard<'_, BatcherState>) {
        let returned = ReturnedBatch::default();
        let leader = Leader {
            batcher: Arc::clone(self),
            batches: state.batches,
            returned: Arc::clone(&returned),
            answered: false,
            _open: self.open.token(),
        };
        drop(state);
        let batcher = Arc::clone(self);
        let clock = self.post.watch.glance(&*self.post.clock);
        let job = move |tx: &mut Tx<'_>| batcher.serve(tx, &returned, clock);
        self.clinic
            .store
            .write_then(Stamp::daemon(clock.now()), job, |done, journal| leader.finish(done, &journal));
    }

    /// Inside the transaction: everyone who came until now is served, and letters go to the workers that are out.
    fn serve(
        &self,
        tx: &mut Tx<'_>,
        returned: &OnceLock<Vec<CarriedLetter>>,
        clock: ClockTrust,
    ) -> Result<UncommittedBatch, StepError> {
        let mut demand = {
            let mut state = self.state();
            state.led = false;
            state.batches += 1;
            Demand {
                waiting: std::mem::take(&mut state.waiting),
                prefetching: std::mem::take(&mut state.asked),
            }
        };
        let limit =
            self.limit(demand.waiting.iter().map(|w| w.wants).sum::<usize>() + demand.prefetching.len());
        let back = || demand.waiting.iter_mut().flat_map(|w| std::mem::take(&mut w.back)).collect();
        let back = returned.get_or_init(back);
        let mut result =
            batch::run(tx, &self.clinic, back, BatchRequest { readers: self.post.readers, limit, clock })?;
        let now = self.post.clock.monotonic();
        self.post.liveness.beat(self.post.clock.awake());
        self.post.rate_limit.spend(now, result.taken.len());
        let handed = hand_over(tx, demand, std::mem::take(&mut result.taken), now)?;
        Ok(UncommittedBatch { result, handed })
    }

    /// How many letters may be taken in hand now, of so many that workers would take.
    fn limit(&self, wanted: usize) -> BatchLimit {
        let (policy, now) = (&self.clinic.policy, self.post.clock.monotonic());
        match self.has_ended(&self.state()) {
            true => BatchLimit { workers: 0, patients: 0 },
            false if self.post.rate_limit.is_resting(now) => BatchLimit { workers: wanted, patients: 0 },
            false => {
                let patients = self.post.rate_limit.allowance(now, policy.max_per_minute, wanted);
                BatchLimit { workers: wanted, patients }
            }
        }
    }

    fn has_ended(&self, state: &BatcherState) -> bool {
        let Post { stop, superseded, .. } = &self.post;
        state.halted || state.fault.is_some() || stop.is_cancelled() || superseded.is_cancelled()
    }

    /// Whether new letters may be taken in hand. Staff are told whatever the server asked for: an alert cannot wait.
    fn takes_more(&self, state: &BatcherState) -> bool {
        let is_resting = || self.post.rate_limit.is_resting(self.post.clock.monotonic());
        !self.has_ended(state) && (self.post.readers == Recipients::Staff || !is_resting())
    }

    /// After the commit: the letters may leave; and whether that was all.
    fn release(
        self: &Arc<Self>,
        UncommittedBatch { result, handed }: UncommittedBatch,
        journal: &JournalAck,
    ) {
        let mut state = self.state();
        result.recorded.iter().for_each(|fate| state.total.count(*fate));
        state.total.add(result.ended);
        state.waiting.extend(handed.others);
        send_ahead(handed.prefetched);
        for (worker, load) in handed.given {
            // What it holds already was taken in hand by an earlier commit.
            let journal = if worker.held.is_some() { journal.before() } else { journal.clone() };
            state.asked.extend(send_off(worker, load, journal));
        }
        // What they carry after that is taken in hand while they are out.
        if !state.asked.is_empty() && !std::mem::replace(&mut state.led, true) {
            return self.lead(state);
        }
        if !state.everyone_waits() {
            return;
        }
        if !self.takes_more(&state) {
            state.waiting.clear();
        } else if result.set_aside || result.ended != Delivered::default() {
            state.led = true;
            self.lead(state);
        } else if let Some(worker) = state.waiting.pop().filter(|_| result.left_behind) {
            drop(worker.next.send(Assignment::Later));
        } else {
            state.waiting.clear();
        }
    }

    /// Nothing was recorded: what was returned is kept for another try. The workers that returned it end, and all that wait
    /// if the batch never began; the others may still find a store that works.
    fn fail(&self, fault: StepError, batches: u64, returned: Vec<CarriedLetter>) {
        let mut state = self.state();
        state.unrecorded.extend(returned);
        if state.batches == batches {
            state.led = false;
            let waiting = std::mem::take(&mut state.waiting);
            state.unrecorded.extend(waiting.into_iter().flat_map(|worker| worker.back));
            state.asked.clear();
        }
        if !state.unrecorded.is_empty() {
            tracing::error!(%fault, "the fate of letters could not be recorded");
        }
        state.fault.get_or_insert(fault);
    }

    /// What a worker held when its turn failed never left.
    pub(in crate::journey::delivery) fn keep_unrecorded(&self, back: Vec<CarriedLetterResult>) {
        let untouched = back.into_iter().map(|(held, end)| CarriedLetter { held, end, jitter: 0 });
        self.state().unrecorded.extend(untouched);
    }

    /// Waits until every turn is answered for, then gives what is not on record.
    pub(in crate::journey::delivery) async fn unrecorded(&self) -> Vec<CarriedLetter> {
        self.open.wait().await;
        std::mem::take(&mut self.state().unrecorded)
    }

    /// What was kept is on record: the fault is over.
    pub(in crate::journey::delivery) fn settle(&self, recorded: &[Fate]) {
        tracing::info!(letters = recorded.len(), "the fate of letters is on record after all");
        let mut state = self.state();
        recorded.iter().for_each(|fate| state.total.count(*fate));
        state.fault = None;
    }

    /// What a letter's trip says about all others.
    fn weigh(&self, state: &mut BatcherState, held: ClaimedLetter, mut end: SendResult) -> CarriedLetter {
        match &mut end {
            SendResult::NoConnection(report) => {
                state.misses += 1;
                state.halted |= state.misses >= GIVE_UP_CONNECTING;
                // A worker that cannot sign in says nothing about the letter: it waits.
                match report.verdict {
                    AttemptVerdict::RefusesUs(_) | AttemptVerdict::Overloaded => {}
                    _ => report.verdict = AttemptVerdict::Unreached,
                }
                self.heed(state, report.verdict);
                if state.misses > GIVE_UP_CONNECTING {
                    end = SendResult::Untouched;
                }
            }
            SendResult::Carried(report) => {
                state.misses = 0;
                self.post.rate_limit.hear(report, self.post.clock.monotonic());
                self.heed(state, report.verdict);
            }
            SendResult::Stopped => state.misses = 0,
            // The memory could not be asked, or it is known that it fails.
            SendResult::Untouched => state.halted |= state.fault.is_none(),
        }
        let mut jitter = [0];
        if matches!(&end, SendResult::Carried(r) | SendResult::NoConnection(r) if r.verdict != AttemptVerdict::Accepted)
        {
            self.post.entropy.fill(&mut jitter);
        }
        CarriedLetter { held, end, jitter: jitter[0] }
    }

    /// What a server says to all of us, wherever in the dialogue it says so.
    fn heed(&self, state: &mut BatcherState, verdict: AttemptVerdict) {
        match verdict {
            AttemptVerdict::Overloaded => {
                self.post.rate_limit.rest(self.post.clock.monotonic());
                state.halted |= self.post.readers != Recipients::Staff;
            }
            AttemptVerdict::Accepted => self.post.rate_limit.ease(),
            AttemptVerdict::RefusesUs(_) => state.halted |= self.post.readers == Recipients::Patients,
            _ => {}
        }
    }

    fn state(&self) -> MutexGuard<'_, BatcherState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl BatcherState {
    /// Whether no letter is out any more.
    fn everyone_waits(&self) -> bool {
        !self.led && self.waiting.len() == self.workers && self.waiting.iter().all(|v| v.back.is_empty())
    }
}

/// Sees to it that nobody waits for a turn that never comes.
struct Leader {
    batcher: Arc<Batcher>,
    /// Batches begun before this one.
    batches: u64,
    returned: ReturnedBatch,
    answered: bool,
    _open: TaskTrackerToken,
}

impl Leader {
    fn finish(mut self, done: Result<UncommittedBatch, StepError>, journal: &JournalAck) {
        self.answered = true;
        match done {
            Ok(served) => self.batcher.release(served, journal),
            Err(fault) => self.fail(fault),
        }
    }

    fn fail(&mut self, fault: StepError) {
        // The turn is over, so nobody else holds it.
        let returned = Arc::get_mut(&mut self.returned).and_then(OnceLock::take);
        self.batcher.fail(fault, self.batches, returned.unwrap_or_default());
    }
}

impl Drop for Leader {
    fn drop(&mut self) {
        if !self.answered {
            self.fail(StoreError::closed().into());
        }
    }
}
