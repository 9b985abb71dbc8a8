//! Letters leave: claim, compose, look again, send with no transaction open, record fenced by the attempt. One worker a
//! line; a worker starts its next letter only after the last one's record is on disk, so that a crash leaves at most one
//! letter a line in doubt (P3). Few letters wait claimed, for a crash cannot tell them from those in hand.

mod pace;
mod worker;

use std::sync::Arc;
use std::sync::atomic::AtomicU32;

use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::{Clinic, StepError, compose, settle};
use crate::care::delivery::State;
use crate::ports::{Clock, Courier, Entropy};
use crate::store::outbox::{Delivery, Purpose};
use crate::store::{Stamp, Tx};

pub use pace::Pace;

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
    fn count(&mut self, state: State) {
        match state {
            State::Sent => self.sent += 1,
            State::Pending => self.retry += 1,
            State::Failed => self.failed += 1,
            State::Skipped => self.skipped += 1,
            State::Lapsed => self.lapsed += 1,
            State::Unknown => self.unknown += 1,
            State::Claimed => {}
        }
    }

    fn add(&mut self, other: Self) {
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
pub enum Readers {
    /// All.
    Everyone,
    /// Alerts, digests and the canary.
    Staff,
    /// Reminders and notices.
    Patients,
}

impl Readers {
    const fn include(self, purpose: Purpose) -> bool {
        let for_patients = matches!(purpose, Purpose::Notice | Purpose::Reminders);
        match self {
            Self::Everyone => true,
            Self::Staff => !for_patients,
            Self::Patients => for_patients,
        }
    }
}

/// What a pass needs from the world.
#[derive(Clone)]
pub struct Post {
    /// Whose letters.
    pub readers: Readers,
    /// Who carries.
    pub courier: Arc<dyn Courier>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Jitter.
    pub entropy: Arc<dyn Entropy>,
    /// How fast the server lets us.
    pub pace: Arc<Pace>,
    /// Cancelled when no new letter may be taken in hand.
    pub stop: CancellationToken,
}

/// Sends every letter whose instant has come. Returns when none is left, the server asks us to slow down, cannot be
/// reached, or `stop` is cancelled; letters not begun stay in the outbox.
///
/// # Errors
/// [`StepError`] when the store fails.
pub async fn deliver(clinic: &Clinic, post: &Post) -> Result<Delivered, StepError> {
    let lines = post.courier.lines().max(1);
    let (queue, waiting) = mpsc::channel::<Delivery>(1);
    let waiting = Arc::new(Mutex::new(waiting));
    let halt = post.stop.child_token();
    let misses = Arc::new(AtomicU32::new(0));
    let mut workers = JoinSet::new();
    let mut total = Delivered::default();
    let fed = feed(clinic, post, (&queue, &halt), |tally| {
        total.add(tally);
        // Lines open only when there is a letter: an idle pass connects to nobody.
        if workers.is_empty() {
            for _ in 0..lines {
                let worker = worker::Worker::new((clinic, post), &halt, &misses);
                workers.spawn(worker.run(Arc::clone(&waiting)));
            }
        }
    })
    .await;
    drop(queue);
    while let Some(done) = workers.join_next().await {
        total.add(done.unwrap_or_default());
    }
    give_back(clinic, post, &waiting).await?;
    fed.map(|()| total)
}

/// Claims letters, most urgent purpose first, and hands them to the workers until none is due.
async fn feed(
    clinic: &Clinic,
    post: &Post,
    desk: (&mpsc::Sender<Delivery>, &CancellationToken),
    mut begin: impl FnMut(Delivered),
) -> Result<(), StepError> {
    let (queue, halt) = desk;
    let batch = post.courier.lines().max(1);
    while !halt.is_cancelled() && !post.pace.is_resting(post.clock.now()) {
        let limit = post.pace.allowance(post.clock.monotonic(), clinic.policy.max_per_minute, batch);
        if limit == 0 {
            tokio::select! {
                () = halt.cancelled() => break,
                () = tokio::time::sleep(std::time::Duration::from_secs(1)) => continue,
            }
        }
        let (letters, ended) = claim(clinic, post, limit).await?;
        if letters.is_empty() && ended == Delivered::default() {
            break;
        }
        post.pace.spend(post.clock.monotonic(), letters.len());
        begin(ended);
        for letter in letters {
            tokio::select! {
                biased;
                () = halt.cancelled() => return_one(clinic, post, letter).await?,
                place = queue.reserve() => match place {
                    Ok(place) => place.send(letter),
                    Err(_) => return_one(clinic, post, letter).await?,
                },
            }
        }
    }
    Ok(())
}

async fn claim(clinic: &Clinic, post: &Post, limit: usize) -> Result<(Vec<Delivery>, Delivered), StepError> {
    let (steps, readers) = (clinic.clone(), post.readers);
    clinic.store.write(Stamp::daemon(post.clock.now()), move |tx| take(tx, &steps, (readers, limit))).await
}

/// Claims and seals in one transaction. What may not leave ends here; a poison letter fails alone.
fn take(
    tx: &mut Tx<'_>,
    clinic: &Clinic,
    (readers, limit): (Readers, usize),
) -> Result<(Vec<Delivery>, Delivered), StepError> {
    // Held letters to patients wait; letters to staff never do.
    let readers = match (tx.is_held()?, readers) {
        (true, Readers::Patients) => return Ok((Vec::new(), Delivered::default())),
        (true, Readers::Everyone | Readers::Staff) => Readers::Staff,
        (false, readers) => readers,
    };
    let lease = super::policy::later(tx.at(), clinic.policy.lease);
    let (mut letters, mut ended) = (Vec::new(), Delivered::default());
    for purpose in Purpose::ALL.into_iter().filter(|p| readers.include(*p)) {
        if letters.len() >= limit {
            break;
        }
        for letter in tx.claim(purpose, lease, limit - letters.len())? {
            match tx.shielded(|tx| compose::seal(tx, &letter, clinic)) {
                Ok(Some(sealed)) => letters.push(sealed),
                Ok(None) => ended.count(tx.delivery(letter.id)?.state),
                Err(StepError::Store(fault)) if fault.is_everyones() => {
                    return Err(fault.into());
                }
                Err(fault) => ended.count(poison(tx, &letter, &fault, clinic)?),
            }
        }
    }
    if !letters.is_empty() {
        let ids: Vec<_> = letters.iter().map(|l| l.id.0).collect();
        tx.audit("delivery.claimed", "outbox", &serde_json::json!({ "deliveries": ids }))?;
    }
    Ok((letters, ended))
}

fn poison(
    tx: &mut Tx<'_>,
    letter: &Delivery,
    fault: &StepError,
    clinic: &Clinic,
) -> Result<State, StepError> {
    tracing::error!(delivery = letter.id.0, %fault, "letter cannot be composed");
    let sealed = Delivery { message_id: Some(String::from("never-sent")), ..letter.clone() };
    tx.seal(&sealed)?;
    settle::record(tx, letter, &worker::unwritable(&fault.to_string()), (&clinic.policy, 0))
}

async fn give_back(
    clinic: &Clinic,
    post: &Post,
    waiting: &Mutex<mpsc::Receiver<Delivery>>,
) -> Result<(), StepError> {
    let mut waiting = waiting.lock().await;
    while let Ok(letter) = waiting.try_recv() {
        return_one(clinic, post, letter).await?;
    }
    Ok(())
}

async fn return_one(clinic: &Clinic, post: &Post, letter: Delivery) -> Result<(), StepError> {
    let stamp = Stamp::daemon(post.clock.now());
    clinic.store.write(stamp, move |tx| settle::give_back(tx, &letter)).await
}
