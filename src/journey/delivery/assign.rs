//! Who gets which letter: workers that hold none come first, and nothing is handed over without a last look.

use std::time::Duration;

use tokio::sync::oneshot;

use crate::journey::delivery::batch::{self, CarriedLetter, CheckVerdict, FinalCheckResult};
use crate::journey::in_flight::ClaimedLetter;
use crate::store::db::transaction::Tx;
use crate::store::error::StoreError;
use crate::store::journal::sent_journal::JournalAck;
use crate::store::mail::final_check::FinalCheck;

/// A worker that waits to be sent off, with the letters it brings back.
pub(in crate::journey::delivery) struct WaitingWorker {
    pub(in crate::journey::delivery) back: Vec<CarriedLetter>,
    /// The letter it carries next, if it holds one.
    pub(in crate::journey::delivery) held: Option<FinalCheck>,
    /// How many letters it takes now.
    pub(in crate::journey::delivery) wants: usize,
    /// Whether it takes one more while it is out.
    pub(in crate::journey::delivery) takes_ahead: bool,
    pub(in crate::journey::delivery) next: oneshot::Sender<Assignment>,
}

/// What a worker does next.
pub(in crate::journey::delivery) enum Assignment {
    /// Carry the letters it holds, and these after them, once the sent journal has the claim of the first.
    Carry(WorkerLoad, JournalAck),
    /// Come again in a moment: the limit a minute is used up.
    Later,
}

/// What a worker is given once it is on disk.
pub(in crate::journey::delivery) struct WorkerLoad {
    /// Letters to carry after those it holds; none if there are no others.
    pub(in crate::journey::delivery) letters: Vec<ClaimedLetter>,
    /// What was found of the letter it sends now.
    pub(in crate::journey::delivery) checked: FinalCheckResult,
    /// A letter to write later, if the worker asked for one and there is one.
    pub(in crate::journey::delivery) ahead: Option<Prefetch>,
}

/// A letter on its way to a worker that is out; an error if there is none.
pub(in crate::journey::delivery) type Prefetch = oneshot::Receiver<ClaimedLetter>;

/// Where such a letter is awaited.
pub(in crate::journey::delivery) type AssignReply = oneshot::Sender<ClaimedLetter>;

/// What a batch gave to whom.
pub(in crate::journey::delivery) struct Assigned {
    /// Workers that carry something, once it is on disk.
    pub(in crate::journey::delivery) given: Vec<(WaitingWorker, WorkerLoad)>,
    /// Workers that got nothing; they bring nothing back any more.
    pub(in crate::journey::delivery) others: Vec<WaitingWorker>,
    /// Letters for workers that are out, each with where it is awaited, once it is on disk.
    pub(in crate::journey::delivery) prefetched: Vec<(AssignReply, ClaimedLetter)>,
}

/// Who asks for letters in a batch.
pub(in crate::journey::delivery) struct Demand {
    /// Workers that wait for their next assignment.
    pub(in crate::journey::delivery) waiting: Vec<WaitingWorker>,
    /// Workers that are sending, and prefetch one letter more.
    pub(in crate::journey::delivery) prefetching: Vec<AssignReply>,
}

/// Shares out what the workers carry next, after a last look at what they hold; what is left goes to the workers that are out.
/// Nobody gets anything before the commit: a letter whose claim is not on record would be another worker's a moment later (P3).
pub(in crate::journey::delivery) fn hand_over(
    tx: &Tx<'_>,
    demand: Demand,
    claimed: Vec<ClaimedLetter>,
    now: Duration,
) -> Result<Assigned, StoreError> {
    let (given, others) = (Vec::new(), Vec::new());
    let mut handed = Assigned { given, others, prefetched: Vec::new() };
    let workers: Vec<_> = demand.waiting.iter().map(|worker| (worker.held.is_none(), worker.wants)).collect();
    let (shares, left) = share(claimed, &workers);
    for (worker, letters) in demand.waiting.into_iter().zip(shares) {
        let verdict = match &worker.held {
            Some(held) => batch::look(tx, held)?,
            // A letter just taken was looked at as it was taken.
            None => CheckVerdict::MayLeave,
        };
        if letters.is_empty() && worker.held.is_none() {
            handed.others.push(worker);
        } else {
            let checked = FinalCheckResult { verdict, at: now };
            handed.given.push((worker, WorkerLoad { letters, checked, ahead: None }));
        }
    }
    handed.prefetched = demand.prefetching.into_iter().zip(left).collect();
    Ok(handed)
}

/// Sends letters to workers that are out. Those write them meanwhile; each leaves after a later commit than the one that claimed
/// it, and is looked at again just before.
pub(in crate::journey::delivery) fn send_ahead(prefetched: Vec<(AssignReply, ClaimedLetter)>) {
    for (ask, letter) in prefetched {
        // A worker that is gone leaves its letter to `recover_leases`.
        drop(ask.send(letter));
    }
}

/// Sends a worker off; its ask for one letter more, if it takes one.
pub(in crate::journey::delivery) fn send_off(
    worker: WaitingWorker,
    mut load: WorkerLoad,
    journal: JournalAck,
) -> Option<AssignReply> {
    let ask = worker.takes_ahead.then(|| {
        let (ask, ahead) = oneshot::channel();
        load.ahead = Some(ahead);
        ask
    });
    // A worker that is gone leaves its letters to `recover_leases`.
    worker.next.send(Assignment::Carry(load, journal)).ok().and(ask)
}

/// The most urgent letters to workers that hold none, the rest to those that want more; and what is left.
fn share<L>(letters: Vec<L>, workers: &[(bool, usize)]) -> (Vec<Vec<L>>, impl Iterator<Item = L>) {
    let mut letters = letters.into_iter();
    let mut shares: Vec<Vec<L>> = workers.iter().map(|_| Vec::new()).collect();
    for is_first_round in [true, false] {
        for ((has_none, wants), share) in workers.iter().zip(&mut shares) {
            let room = wants.saturating_sub(share.len());
            let wants = if is_first_round { room.min(usize::from(*has_none)) } else { room };
            share.extend(letters.by_ref().take(wants));
        }
    }
    (shares, letters)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journey::fixture::{due, fixture, sure, triage};
    use crate::journey::plan::fall_due::fall_due;
    use crate::store::database::tests::sabotage;
    use crate::store::db::transaction::Stamp;

    #[tokio::test(flavor = "multi_thread")]
    async fn a_worker_that_is_out_gets_no_letter_whose_claim_is_not_on_disk() {
        let fixture = fixture(triage());
        fall_due(&fixture.clinic, sure(due())).await.unwrap();
        let waits =
            fixture.clinic.store.read(|view| view.letters_waiting(fixture.patient)).unwrap().remove(0);
        let letter = ClaimedLetter::new(Box::new(waits), 1, &fixture.clinic.in_flight);
        let (ask, mut ahead) = oneshot::channel();
        let demand = Demand { waiting: Vec::new(), prefetching: vec![ask] };
        // The disk is full at the COMMIT, say: what was changed in it is as it was.
        let broken = "PRAGMA defer_foreign_keys = ON; INSERT INTO prior_promise VALUES ('x', 9)";
        let job = move |tx: &mut Tx<'_>| -> Result<Assigned, StoreError> {
            sabotage(tx, broken)?;
            hand_over(tx, demand, vec![letter], Duration::ZERO)
        };
        let done = fixture.clinic.store.write(Stamp::daemon(due()), job).await;
        assert!(done.is_err(), "the commit holds");
        assert!(ahead.try_recv().is_err(), "it holds a letter that is anybody's");
    }

    fn shares(letters: usize, workers: &[(bool, usize)]) -> (Vec<usize>, usize) {
        let (shares, left) = share((0..letters).collect(), workers);
        (shares.iter().map(Vec::len).collect(), left.count())
    }

    #[test]
    fn every_empty_hand_gets_one_before_any_gets_a_second() {
        let workers = [(false, 1), (true, 2), (true, 2), (true, 0)];
        assert_eq!(shares(1, &workers), (vec![0, 1, 0, 0], 0));
        assert_eq!(shares(3, &workers), (vec![1, 1, 1, 0], 0));
        assert_eq!(shares(4, &workers), (vec![1, 2, 1, 0], 0));
        assert_eq!(
            shares(9, &workers),
            (vec![1, 2, 2, 0], 4),
            "what nobody here wants is left to those who are out"
        );
    }

    #[test]
    fn the_most_urgent_goes_to_an_empty_hand() {
        let (shares, _) = share(vec!["urgent", "next"], &[(false, 1), (true, 1)]);
        assert_eq!(shares, [vec!["next"], vec!["urgent"]]);
    }
}
