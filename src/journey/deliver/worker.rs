//! One worker, one line: takes a letter in hand, looks once more whether it may leave, carries it, records it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::sync::{Mutex, mpsc};
use tokio_util::sync::CancellationToken;

use super::{Delivered, Post};
use crate::care::delivery::{State, Verdict};
use crate::care::patient::Status;
use crate::journey::{Clinic, StepError, compose, settle};
use crate::ports::{Line, Outgoing, Receipt};
use crate::store::Stamp;
use crate::store::outbox::{Delivery, Report};

/// So many failed connections in a row, over all lines, end the pass: the server is away, and each puts a letter off.
const GIVE_UP_CONNECTING: u32 = 3;

pub(super) struct Worker {
    clinic: Clinic,
    post: Post,
    line: Box<dyn Line>,
    halt: CancellationToken,
    misses: Arc<AtomicU32>,
}

impl Worker {
    /// `misses` counts failed connections in a row; all workers of a pass share it.
    pub(super) fn new(
        (clinic, post): (&Clinic, &Post),
        halt: &CancellationToken,
        misses: &Arc<AtomicU32>,
    ) -> Self {
        let line = post.courier.line();
        let (clinic, post) = (clinic.clone(), post.clone());
        Self { clinic, post, line, halt: halt.clone(), misses: Arc::clone(misses) }
    }

    pub(super) async fn run(mut self, waiting: Arc<Mutex<mpsc::Receiver<Delivery>>>) -> Delivered {
        let mut tally = Delivered::default();
        // Should the courier panic, the pass ends rather than wait for a worker that is gone.
        let panic_ends_the_pass = self.halt.clone().drop_guard();
        while !self.halt.is_cancelled() {
            let Some(letter) = waiting.lock().await.recv().await else { break };
            match self.one(&letter).await {
                Ok(state) => tally.count(state),
                Err(fault) => {
                    // The lease ends and `rescue` marks the letter unknown: nothing is forgotten.
                    tracing::error!(delivery = letter.id.0, %fault, "a letter's fate could not be recorded");
                    self.halt.cancel();
                }
            }
        }
        drop(panic_ends_the_pass.disarm());
        self.line.rest().await;
        tally
    }

    async fn one(&mut self, letter: &Delivery) -> Result<State, StepError> {
        if let Err(receipt) = self.line.ready().await {
            return self.missed(letter, receipt).await;
        }
        self.misses.store(0, Ordering::Relaxed);
        if !self.clinic.store.read(|view| view.may_leave(letter.id, letter.attempt))? {
            return self.stop(letter).await;
        }
        let receipt = match self.compose(letter) {
            Ok(outgoing) => self.line.carry(&outgoing).await,
            Err(reason) => {
                tracing::error!(delivery = letter.id.0, %reason, "letter cannot be composed");
                let Report { verdict, code, enhanced, reply, digest } = unwritable(&reason);
                Receipt { verdict, code, enhanced, reply, digest }
            }
        };
        self.record(letter, receipt).await
    }

    /// No line: the letter is put off, or given back untouched where enough others found out the same.
    async fn missed(&mut self, letter: &Delivery, mut receipt: Receipt) -> Result<State, StepError> {
        let before = self.misses.fetch_add(1, Ordering::Relaxed);
        if before + 1 >= GIVE_UP_CONNECTING {
            self.halt.cancel();
        }
        if before >= GIVE_UP_CONNECTING {
            super::return_one(&self.clinic, &self.post, letter.clone()).await?;
            return Ok(State::Claimed);
        }
        // A line that cannot sign in says nothing about the letter: it waits.
        if receipt.verdict == Verdict::Refused {
            receipt.verdict = Verdict::Later;
        }
        self.record(letter, receipt).await
    }

    fn compose(&mut self, letter: &Delivery) -> Result<Outgoing, String> {
        catch_unwind(AssertUnwindSafe(|| compose::outgoing(letter, &self.clinic)))
            .unwrap_or_else(|_| Err("writing it panicked".to_owned()))
    }

    async fn record(&mut self, letter: &Delivery, receipt: Receipt) -> Result<State, StepError> {
        let now = self.post.clock.now();
        if receipt.verdict == Verdict::Overloaded {
            self.post.pace.rest(now);
            self.halt.cancel();
        } else if receipt.verdict == Verdict::Accepted {
            self.post.pace.ease();
        }
        let Receipt { verdict, code, enhanced, reply, digest } = receipt;
        let report = Report { verdict, code, enhanced, reply, digest };
        let (letter, policy) = (letter.clone(), Arc::clone(&self.clinic.policy));
        let mut jitter = [0];
        self.post.entropy.fill(&mut jitter);
        let job =
            move |tx: &mut crate::store::Tx<'_>| settle::record(tx, &letter, &report, (&policy, jitter[0]));
        self.clinic.store.write(Stamp::daemon(now), job).await
    }

    /// She may not receive it any more, or somebody else took the letter over: it ends here unless that is recorded.
    async fn stop(&mut self, letter: &Delivery) -> Result<State, StepError> {
        let letter = letter.clone();
        let job = move |tx: &mut crate::store::Tx<'_>| -> Result<State, StepError> {
            let status = letter.patient.map(|id| tx.patient(id)).transpose()?.map(|p| p.status);
            let reason = status.filter(|s| !s.may_receive()).map_or("nothing left to say", Status::word);
            settle::skip(tx, &letter, reason)?;
            Ok(tx.delivery(letter.id)?.state)
        };
        self.clinic.store.write(Stamp::daemon(self.post.clock.now()), job).await
    }
}

/// The report of a letter that cannot be written.
pub(super) fn unwritable(reason: &str) -> Report {
    let reply = format!("the letter cannot be written: {reason}");
    Report { verdict: Verdict::Refused, code: None, enhanced: None, reply, digest: None }
}
