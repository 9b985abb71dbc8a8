//! The counter where lines bring letters back and get new ones. Whoever comes first leads: while its transaction waits for
//! the writer, others join, and one commit serves them all.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use super::turn::{self, Back, End, Turned};
use super::{Delivered, Post};
use crate::care::delivery::Verdict;
use crate::journey::{Clinic, StepError};
use crate::store::outbox::Delivery;
use crate::store::{Stamp, Tx};

/// So many failed connections in a row, over all lines, end the pass: the server is away, and each puts a letter off.
const GIVE_UP_CONNECTING: u32 = 3;

/// One pass's counter.
pub(super) struct Counter {
    clinic: Clinic,
    post: Post,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    waiting: Vec<Visitor>,
    /// A leader is on the way and takes everyone who waits.
    led: bool,
    /// Turns begun.
    turns: u64,
    /// Lines that live.
    lines: usize,
    /// Failed connections in a row.
    misses: u32,
    /// No new letter is taken in hand.
    halted: bool,
    total: Delivered,
    fault: Option<StepError>,
}

/// A line that waits for a letter, with the one it brings back.
struct Visitor {
    back: Option<Back>,
    next: oneshot::Sender<Delivery>,
}

/// What a leader does after its turn.
enum Then {
    /// The visitors are served, or the pass is over.
    Rest,
    /// Everyone waits, and there may be more at once.
    Again,
    /// Everyone waits for the limit a minute.
    Later,
}

impl Counter {
    pub(super) fn new(clinic: &Clinic, post: &Post) -> Self {
        Self { clinic: clinic.clone(), post: post.clone(), state: Mutex::default() }
    }

    /// A place for one more line.
    pub(super) fn join(self: &Arc<Self>) -> Place {
        self.state().lines += 1;
        Place(Arc::clone(self))
    }

    async fn visit(self: &Arc<Self>, back: Option<(Delivery, End)>) -> Option<Delivery> {
        let (next, answer) = oneshot::channel();
        let leads = {
            let mut state = self.state();
            let back = back.map(|(letter, end)| self.weigh(&mut state, letter, end));
            state.waiting.push(Visitor { back, next });
            !std::mem::replace(&mut state.led, true)
        };
        if leads {
            self.lead().await;
        }
        answer.await.ok()
    }

    /// How it all ended.
    pub(super) fn finish(&self) -> Result<Delivered, StepError> {
        let mut state = self.state();
        state.fault.take().map_or(Ok(state.total), Err)
    }

    async fn lead(self: &Arc<Self>) {
        loop {
            let turns = self.state().turns;
            let counter = Arc::clone(self);
            let job = move |tx: &mut Tx<'_>| counter.serve(tx);
            let done = self.clinic.store.write(Stamp::daemon(self.post.clock.now()), job).await;
            let then = match done {
                Ok(served) => self.hand_out(served),
                Err(fault) => self.fail(fault, turns),
            };
            match then {
                Then::Rest => return,
                Then::Again => {}
                Then::Later => tokio::select! {
                    () = self.post.stop.cancelled() => {}
                    () = tokio::time::sleep(std::time::Duration::from_secs(1)) => {}
                },
            }
        }
    }

    /// Inside the transaction: everyone who came until now is served.
    fn serve(&self, tx: &mut Tx<'_>) -> Result<(Turned, Vec<oneshot::Sender<Delivery>>), StepError> {
        let (visitors, halted) = {
            let mut state = self.state();
            state.led = false;
            state.turns += 1;
            (std::mem::take(&mut state.waiting), state.halted)
        };
        let mut back = Vec::new();
        let mut answers = Vec::new();
        for visitor in visitors {
            back.extend(visitor.back);
            answers.push(visitor.next);
        }
        let room = if halted { 0 } else { self.room(answers.len()) };
        let turned = turn::turn(tx, &self.clinic, &back, (self.post.readers, room))?;
        Ok((turned, answers))
    }

    /// How many letters may be taken in hand now.
    fn room(&self, free: usize) -> usize {
        if self.post.stop.is_cancelled() || self.post.pace.is_resting(self.post.clock.now()) {
            return 0;
        }
        self.post.pace.allowance(self.post.clock.monotonic(), self.clinic.policy.max_per_minute, free)
    }

    /// After the commit: letters to those who wait, and whether that was all.
    fn hand_out(&self, (turned, answers): (Turned, Vec<oneshot::Sender<Delivery>>)) -> Then {
        let mut state = self.state();
        turned.recorded.iter().for_each(|fate| state.total.count(*fate));
        state.total.add(turned.ended);
        let (limited, taken) = (turned.room < answers.len(), turned.taken.len());
        self.post.pace.spend(self.post.clock.monotonic(), taken);
        let mut letters = turned.taken.into_iter();
        for answer in answers {
            match letters.next() {
                // A line that is gone leaves its letter to `rescue`.
                Some(letter) => drop(answer.send(letter)),
                None => state.waiting.push(Visitor { back: None, next: answer }),
            }
        }
        if !state.everyone_waits() {
            return Then::Rest;
        }
        let stopped =
            state.halted || self.post.stop.is_cancelled() || self.post.pace.is_resting(self.post.clock.now());
        let then = match () {
            () if !stopped && turned.ended != Delivered::default() => Then::Again,
            () if !stopped && limited => Then::Later,
            () => {
                state.waiting.clear();
                Then::Rest
            }
        };
        state.led = !matches!(then, Then::Rest);
        then
    }

    /// Nothing was recorded: the leases end and `rescue` marks the letters unknown, so nothing is forgotten. The lines that
    /// brought them end, and all that wait if the turn never began; the others may still find a memory that works.
    fn fail(&self, fault: StepError, turns: u64) -> Then {
        tracing::error!(%fault, "the fate of letters could not be recorded");
        let mut state = self.state();
        state.halted = true;
        state.fault.get_or_insert(fault);
        if state.turns == turns {
            state.led = false;
            state.waiting.clear();
        }
        Then::Rest
    }

    /// What a letter's trip says about all others.
    fn weigh(&self, state: &mut State, letter: Delivery, mut end: End) -> Back {
        match &mut end {
            End::NoLine(report) => {
                state.misses += 1;
                state.halted |= state.misses >= GIVE_UP_CONNECTING;
                // A line that cannot sign in says nothing about the letter: it waits.
                if report.verdict == Verdict::Refused {
                    report.verdict = Verdict::Later;
                }
                if state.misses > GIVE_UP_CONNECTING {
                    end = End::Untouched;
                }
            }
            End::Carried(report) => {
                state.misses = 0;
                match report.verdict {
                    Verdict::Overloaded => self.post.pace.rest(self.post.clock.now()),
                    Verdict::Accepted => self.post.pace.ease(),
                    _ => {}
                }
                state.halted |= report.verdict == Verdict::Overloaded;
            }
            End::Stopped => state.misses = 0,
            // The memory could not be asked.
            End::Untouched => state.halted = true,
        }
        let mut jitter = [0];
        if matches!(&end, End::Carried(report) | End::NoLine(report) if report.verdict != Verdict::Accepted) {
            self.post.entropy.fill(&mut jitter);
        }
        Back { letter, end, jitter: jitter[0] }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Whether no letter is out any more.
    fn everyone_waits(&self) -> bool {
        !self.led && self.waiting.len() == self.lines && self.waiting.iter().all(|v| v.back.is_none())
    }
}

/// A line's place at the counter. Should the courier panic, the pass ends rather than wait for a line that is gone.
pub(super) struct Place(Arc<Counter>);

impl Place {
    /// Brings a letter back, if there is one, and gives the next; `None` when the pass is over.
    pub(super) async fn visit(&self, back: Option<(Delivery, End)>) -> Option<Delivery> {
        self.0.visit(back).await
    }

    pub(super) fn clinic(&self) -> &Clinic {
        &self.0.clinic
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.lines -= 1;
        state.halted |= std::thread::panicking();
        if state.everyone_waits() {
            state.waiting.clear();
        }
    }
}
