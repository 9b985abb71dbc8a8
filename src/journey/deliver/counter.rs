//! The counter where lines bring letters back and get new ones. Whoever comes first leads: while its transaction waits for
//! the writer, others join, and one commit serves them all.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use super::turn::{self, Back, End, InHand, Looked, Trip, Turned};
use super::{Delivered, Post};
use crate::care::delivery::Verdict;
use crate::journey::{Clinic, StepError};
use crate::store::outbox::Delivery;
use crate::store::{Coming, Stamp, StoreError, Tx};

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
    back: Vec<Back>,
    /// The letter it carries next, if it holds one.
    held: Option<InHand>,
    wants: usize,
    next: oneshot::Sender<Next>,
}

/// What a line does next.
enum Next {
    /// Make these ready.
    Carry(Load),
    /// Come again in a moment: the limit a minute is used up.
    Later,
}

/// What a line is given before the transaction is on disk, so that it has it ready by then.
pub(super) struct Load {
    /// Letters to carry after the one it holds; none if there are no others.
    pub(super) letters: Vec<Delivery>,
    /// What was found of the letter it carries now.
    pub(super) looked: Looked,
    /// When anything may leave; an error if nothing ever may.
    pub(super) on_disk: oneshot::Receiver<Coming>,
}

/// Lines that got something, and those that got nothing.
type HandedOver = (Vec<oneshot::Sender<Coming>>, Vec<Visitor>);

/// A turn that waits for its commit.
struct Served {
    turned: Turned,
    /// Lines that got something, to be told when it is on disk.
    given: Vec<oneshot::Sender<Coming>>,
    /// Lines that got nothing; they bring nothing back any more.
    others: Vec<Visitor>,
    limited: bool,
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

    fn visit(self: &Arc<Self>, back: Vec<Trip>, held: Option<InHand>) -> oneshot::Receiver<Next> {
        let (next, answer) = oneshot::channel();
        let mut state = self.state();
        let back: Vec<_> =
            back.into_iter().map(|(letter, end)| self.weigh(&mut state, letter, end)).collect();
        let wants = self.wants(&back, held);
        state.waiting.push(Visitor { back, held, wants, next });
        if !std::mem::replace(&mut state.led, true) {
            self.lead(state);
        }
        answer
    }

    /// How it all ended.
    pub(super) fn finish(&self) -> Result<Delivered, StepError> {
        let mut state = self.state();
        state.fault.take().map_or(Ok(state.total), Err)
    }

    /// Asks for a turn. The state is let go of first: a store that is closed answers on the spot.
    fn lead(self: &Arc<Self>, state: MutexGuard<'_, State>) {
        let leader = Leader { counter: Arc::clone(self), turns: state.turns, answered: false };
        drop(state);
        let counter = Arc::clone(self);
        let job = move |tx: &mut Tx<'_>| counter.serve(tx);
        self.clinic.store.write_then(Stamp::daemon(self.post.clock.now()), job, |done| leader.finish(done));
    }

    /// Inside the transaction: everyone who came until now is served.
    fn serve(&self, tx: &mut Tx<'_>) -> Result<Served, StepError> {
        let (mut visitors, takes_more) = {
            let mut state = self.state();
            state.led = false;
            state.turns += 1;
            (std::mem::take(&mut state.waiting), self.takes_more(&state))
        };
        let back: Vec<Back> = visitors.iter_mut().flat_map(|v| std::mem::take(&mut v.back)).collect();
        let room = if takes_more { self.allowance(wanted(&visitors)) } else { 0 };
        let mut turned = turn::turn(tx, &self.clinic, &back, (self.post.readers, room))?;
        self.post.pace.spend(self.post.clock.monotonic(), turned.taken.len());
        let limited = room < wanted(&visitors);
        let (given, others) = hand_over(tx, visitors, std::mem::take(&mut turned.taken))?;
        Ok(Served { turned, given, others, limited })
    }

    /// One, and one more to look ahead to for a line that carried one: at the start all lines get their first before any
    /// gets a second.
    fn wants(&self, back: &[Back], held: Option<InHand>) -> usize {
        usize::from(held.is_none()) + usize::from(self.post.courier.looks_ahead() && !back.is_empty())
    }

    /// Whether no letter may leave any more, not even one in hand.
    fn is_over(&self, state: &State) -> bool {
        state.halted || self.post.stop.is_cancelled()
    }

    /// Whether new letters may be taken in hand.
    fn takes_more(&self, state: &State) -> bool {
        !self.is_over(state) && !self.post.pace.is_resting(self.post.clock.now())
    }

    /// How many of so many letters the limit a minute lets leave now.
    fn allowance(&self, free: usize) -> usize {
        self.post.pace.allowance(self.post.clock.monotonic(), self.clinic.policy.max_per_minute, free)
    }

    /// After the commit: the letters may leave; and whether that was all.
    fn release(self: &Arc<Self>, Served { turned, given, others, limited }: Served) {
        let mut state = self.state();
        turned.recorded.iter().for_each(|fate| state.total.count(*fate));
        state.total.add(turned.ended);
        state.waiting.extend(others);
        given.into_iter().for_each(|line| drop(line.send(self.clinic.store.expect_one())));
        if !state.everyone_waits() {
            return;
        }
        if !self.takes_more(&state) {
            state.waiting.clear();
        } else if turned.ended != Delivered::default() {
            state.led = true;
            self.lead(state);
        } else if let Some(visitor) = state.waiting.pop().filter(|_| limited) {
            drop(visitor.next.send(Next::Later));
        } else {
            state.waiting.clear();
        }
    }

    /// Nothing was recorded: the leases end and `rescue` marks the letters unknown, so nothing is forgotten. The lines that
    /// brought them end, and all that wait if the turn never began; the others may still find a memory that works.
    fn fail(&self, fault: StepError, turns: u64) {
        tracing::error!(%fault, "the fate of letters could not be recorded");
        let mut state = self.state();
        state.halted = true;
        state.fault.get_or_insert(fault);
        if state.turns == turns {
            state.led = false;
            state.waiting.clear();
        }
    }

    /// What a letter's trip says about all others.
    fn weigh(&self, state: &mut State, letter: Box<Delivery>, mut end: End) -> Back {
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
        !self.led && self.waiting.len() == self.lines && self.waiting.iter().all(|v| v.back.is_empty())
    }
}

/// How many letters they would take.
fn wanted(visitors: &[Visitor]) -> usize {
    visitors.iter().map(|v| v.wants).sum()
}

/// Gives the lines what they carry next, after a last look at what they hold. Nothing leaves before the commit.
fn hand_over(tx: &Tx<'_>, visitors: Vec<Visitor>, taken: Vec<Delivery>) -> Result<HandedOver, StoreError> {
    let (mut given, mut others) = (Vec::new(), Vec::new());
    for (visitor, letters) in share(visitors, taken) {
        let looked = match visitor.held {
            Some(held) => turn::look(tx, held)?,
            // A letter just taken was looked at as it was taken.
            None => Looked::MayLeave,
        };
        if letters.is_empty() && visitor.held.is_none() {
            others.push(visitor);
            continue;
        }
        let (done, on_disk) = oneshot::channel();
        // A line that is gone leaves its letters to `rescue`.
        drop(visitor.next.send(Next::Carry(Load { letters, looked, on_disk })));
        given.push(done);
    }
    Ok((given, others))
}

/// The most urgent letters to lines that hold none.
fn share(visitors: Vec<Visitor>, letters: Vec<Delivery>) -> Vec<(Visitor, Vec<Delivery>)> {
    let mut letters = letters.into_iter();
    let mut shares: Vec<_> = visitors.into_iter().map(|v| (v, Vec::new())).collect();
    for first_round in [true, false] {
        for (visitor, share) in &mut shares {
            let first = visitor.held.is_none() && share.is_empty();
            if share.len() < visitor.wants && (first || !first_round) {
                share.extend(letters.next());
            }
        }
    }
    shares
}

/// Sees to it that nobody waits for a turn that never comes.
struct Leader {
    counter: Arc<Counter>,
    /// Turns begun before this one.
    turns: u64,
    answered: bool,
}

impl Leader {
    fn finish(mut self, done: Result<Served, StepError>) {
        self.answered = true;
        match done {
            Ok(served) => self.counter.release(served),
            Err(fault) => self.counter.fail(fault, self.turns),
        }
    }
}

impl Drop for Leader {
    fn drop(&mut self) {
        if !self.answered {
            self.counter.fail(StoreError::closed().into(), self.turns);
        }
    }
}

/// A line's place at the counter. Should the courier panic, the pass ends rather than wait for a line that is gone.
pub(super) struct Place(Arc<Counter>);

impl Place {
    /// Brings letters back and gives what to carry next; `None` when the pass is over.
    pub(super) async fn visit(
        &self,
        mut back: Vec<Trip>,
        held: Option<InHand>,
        mut coming: Option<Coming>,
    ) -> Option<Load> {
        loop {
            let next = self.0.visit(std::mem::take(&mut back), held);
            drop(coming.take());
            match next.await.ok()? {
                Next::Carry(load) => return Some(load),
                Next::Later => tokio::select! {
                    () = self.0.post.stop.cancelled() => {}
                    () = tokio::time::sleep(std::time::Duration::from_secs(1)) => {}
                },
            }
        }
    }

    /// Whether no letter may leave any more, not even one in hand.
    pub(super) fn is_over(&self) -> bool {
        self.0.is_over(&self.0.state())
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
