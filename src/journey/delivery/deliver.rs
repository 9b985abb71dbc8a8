//! Letters leave: taken in hand and sealed, looked at again, sent with no transaction open, recorded fenced by the attempt.
//! One transaction records the letters that came back and takes as many new ones as lines are free, so that a letter is
//! in hand only while a line carries it, or the one before it where lines look ahead (P3).

use std::sync::Arc;

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::care::delivery::DeliveryState;
use crate::journey::delivery::assign::Next;
use crate::journey::delivery::batcher::Batcher;
use crate::journey::delivery::worker::{Bag, Worker};
use crate::journey::operations::clock_watch::ClockWatch;
use crate::journey::{Deps, StepError};
use crate::ports::{Clock, Courier, CourierConnection, Entropy, Lane};
use crate::store::mail::outbox::Purpose;

pub use crate::journey::delivery::in_flight::Hands;
pub use crate::journey::delivery::liveness::Pulse;
pub use crate::journey::delivery::rate_limit::RateLimit;
pub use crate::journey::delivery::send_one::LAST_WORDS;

/// How many letters ended how in one pass.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Delivered {
    /// Accepted by the server.
    pub sent: u32,
    /// Put off.
    pub retry: u32,
    /// Refused for good.
    pub failed: u32,
    /// Stopped by the gate.
    pub skipped: u32,
    /// Too late to be of use.
    pub lapsed: u32,
    /// Of unknown fate.
    pub unknown: u32,
}

impl Delivered {
    pub(in crate::journey::delivery) fn count(&mut self, state: DeliveryState) {
        match state {
            DeliveryState::Sent => self.sent += 1,
            DeliveryState::Pending => self.retry += 1,
            DeliveryState::Failed => self.failed += 1,
            DeliveryState::Skipped => self.skipped += 1,
            DeliveryState::Lapsed => self.lapsed += 1,
            DeliveryState::Unknown => self.unknown += 1,
            DeliveryState::Claimed => {}
        }
    }

    pub(in crate::journey::delivery) fn add(&mut self, other: Self) {
        self.sent += other.sent;
        self.retry += other.retry;
        self.failed += other.failed;
        self.skipped += other.skipped;
        self.lapsed += other.lapsed;
        self.unknown += other.unknown;
    }
}

/// Whose letters a pass carries. The daemon keeps a line for staff alone: an alert never waits behind patients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recipients {
    /// All.
    Everyone,
    /// Alerts, digests and the canary.
    Staff,
    /// Reminders and notices.
    Patients,
}

impl Recipients {
    const fn lane(self) -> Lane {
        match self {
            Self::Everyone => Lane::Shared,
            Self::Staff => Lane::Staff,
            Self::Patients => Lane::Patients,
        }
    }

    pub(in crate::journey::delivery) const fn purposes(self) -> &'static [Purpose] {
        match self {
            Self::Everyone => &Purpose::ALL,
            Self::Staff => &[Purpose::Alert, Purpose::Canary, Purpose::Digest],
            Self::Patients => &[Purpose::Notice, Purpose::Reminders],
        }
    }
}

/// What a pass needs from the world.
#[derive(Clone)]
pub struct Post {
    /// Whose letters.
    pub readers: Recipients,
    /// Who carries.
    pub courier: Arc<dyn Courier>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Jitter.
    pub entropy: Arc<dyn Entropy>,
    /// How fast the server lets us.
    pub pace: Arc<RateLimit>,
    /// Looked at before anything happens to a letter to a patient.
    pub watch: ClockWatch,
    /// Beats whenever letters come back or leave.
    pub pulse: Pulse,
    /// Cancelled when no new letter may be taken in hand.
    pub stop: CancellationToken,
}

/// Sends every letter whose instant has come. Returns when none is left, the server asks us to slow down, cannot be
/// reached, or `stop` is cancelled; letters not begun stay in the outbox. While the store fails no letter leaves, and what
/// came back is brought again until it is on record.
///
/// # Errors
/// [`StepError`] when the store goes on failing.
pub async fn deliver(clinic: &Deps, post: &Post) -> Result<Delivered, StepError> {
    if let Err(fault) = post.watch.look(clinic, &*post.clock).await {
        // Letters to staff leave all the same: to the turns the clock is in doubt.
        tracing::error!(%fault, "the clock could not be compared; letters to patients wait");
    }
    let counter = Arc::new(Batcher::new(clinic, post));
    loop {
        let mut lines = JoinSet::new();
        let lane = post.readers.lane();
        for _ in 0..post.courier.lines_for(lane).max(1) {
            lines.spawn(work(counter.join(), post.courier.line_for(lane)));
        }
        while lines.join_next().await.is_some() {}
        if !crate::journey::delivery::unrecorded::bring_again(&counter).await {
            return counter.finish();
        }
    }
}

/// One line at work. No letter, no connection: an idle pass connects to nobody. A line that looks ahead holds one letter
/// more, whose body leaves only after the record of the one before is on disk, and writes a third meanwhile.
async fn work(place: Worker, mut line: Box<dyn CourierConnection>) {
    let mut bag = Bag::default();
    loop {
        if bag.hand.is_empty() {
            place.take_in(&mut bag).await;
        }
        let next = place.visit(&mut bag);
        place.take_in(&mut bag).await;
        let looked = match next.await {
            Ok(Next::Carry(load)) => place.load(&mut bag, load),
            Ok(Next::Later) => {
                place.rest().await;
                continue;
            }
            Err(_) => {
                line.call_off();
                place.leave_owing(&mut bag);
                break;
            }
        };
        if place.is_over() {
            line.call_off();
            place.take_in(&mut bag).await;
            bag.give_back();
            continue;
        }
        let Some(now) = bag.hand.pop_front() else { continue };
        if let Some(next) = bag.hand.front() {
            next.announce(&mut *line);
        }
        let end = place.errand().carry(&mut *line, &now, looked).await;
        bag.back.push((now.into_hand(), end));
    }
    drop(place);
    line.rest().await;
}
