//! Time lived forward under a simulated clock: the same passes as `serve`, one after the other, from instant to instant
//! at which something is due. `demo`, `rehearse` and the tests live like this (P11).

use std::time::Duration;

use jiff::{Timestamp, ToSpan};

use super::pass::{Passed, pass};
use crate::care::time::calendar::end_of_day;
use crate::care::time::span::{earlier, later};
use crate::clock::ManualClock;
use crate::journey::alerts::cover;
use crate::journey::delivery::failure::recover_leases::LostLeases;
use crate::journey::delivery::post::Post;
use crate::journey::deps::Deps;
use crate::journey::errors::step::StepError;
use crate::journey::operations::guards::volume;
use crate::journey::sending_policy::{day, zone};
use crate::ports::Clock;
use crate::store::db::transaction::View;

/// What is overdue after a pass (the server rests, letters are held) is looked at again this much later.
const OVERDUE: Duration = Duration::from_secs(15 * 60);

/// A pause ends at midnight where she lives, which is some hour at the clinic.
const HOUR: Duration = Duration::from_secs(3600);

/// A clinic whose time is simulated. `post.clock` must be `clock`, and the clinic's limit a minute 0: nobody waits.
pub struct SimulatedClinic<'a> {
    /// The clinic, usually on a copy of its database.
    pub clinic: &'a Deps,
    /// Its courier, usually a spool.
    pub post: &'a Post,
    /// The clock it lives by; moved by hand.
    pub clock: &'a ManualClock,
}

/// Lives until `until` (exclusive), pass by pass. `seen` is told of each; where it fails, the story ends.
///
/// # Errors
/// What `seen` returns, or [`StepError`] when the store fails.
pub async fn live<E: From<StepError>>(
    stage: &SimulatedClinic<'_>,
    until: Timestamp,
    mut seen: impl FnMut(Timestamp, Passed) -> Result<(), E>,
) -> Result<(), E> {
    while stage.clock.now() < until {
        let passed = pass(stage.clinic, stage.post, LostLeases::Overdue).await?;
        seen(stage.clock.now(), passed)?;
        stage.clock.advance_to(next(stage)?.min(until));
    }
    Ok(())
}

/// The next instant at which something may be due: the soonest row, a rested doubt, or a new day at the clinic.
fn next(stage: &SimulatedClinic<'_>) -> Result<Timestamp, StepError> {
    let (policy, now) = (&stage.clinic.policy, stage.clock.now());
    let here = zone(&policy.zone)?;
    let midnight = end_of_day(day(now, &here), &here);
    let rested = earlier(now, policy.doubt_rests);
    let is_sure = stage.post.watch.glance(stage.clock).sure().is_some();
    let ask = |view: &View<'_>| -> Result<_, StepError> {
        // While letters are held they stay overdue, however often one looks; while the clock is in doubt follow-ups do too.
        let row = match (is_sure, view.is_held()? || volume::held(view)?.is_some()) {
            (true, false) => view.next_wake()?,
            (true, true) => view.next_follow_up_at()?,
            (false, _) => None,
        };
        let pause = !view.pauses_ending(day(now, &here).saturating_add(1.day()))?.is_empty();
        let pause = pause.then(|| later(now, HOUR));
        Ok((row, view.next_doubt(rested)?.filter(|_| is_sure), view.next_notice_at()?, pause))
    };
    let (row, doubt, notice, pause) = stage.clinic.store.read(ask)?;
    let test = stage.clinic.store.read(|view| cover::next_test_at(view, stage.clinic, now))?;
    let test = test.filter(|at| *at > now);
    let row = row.map(|at| if at > now { at } else { later(now, OVERDUE) });
    let doubt = doubt.map(|at| later(at, policy.doubt_rests));
    let soonest = [row, doubt, notice, pause, test].into_iter().flatten().fold(midnight, Timestamp::min);
    Ok(soonest.max(later(now, 1.millisecond())))
}
