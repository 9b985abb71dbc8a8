//! One pass: everything that is due at this instant happens, in the order that loses least: stored facts first (answers
//! not yet judged, alerts, pauses), then letters that are still useful, the rest recorded as lapsed (P9). `serve`,
//! `drain`, `demo` and `rehearse` all run it.

use std::time::Duration;

use crate::journey::deliver::{Delivered, Post, deliver};
use crate::journey::fall_due::{Fallen, fall_due};
use crate::journey::rescue::{Whose, rescue, resend};
use crate::journey::{Clinic, StepError, alert, canary, cover, respond, status};

/// What one pass did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Passed {
    /// What fell due.
    pub fallen: Fallen,
    /// What became of letters.
    pub delivered: Delivered,
    /// Letters marked unknown because nobody holds them any more.
    pub rescued: usize,
    /// Notices of alerts that left.
    pub notices: usize,
    /// How long it took by the clock that never jumps.
    pub elapsed: Duration,
}

/// Runs one pass.
///
/// # Errors
/// [`StepError`] when the store fails; single bad records and letters do not.
pub async fn pass(clinic: &Clinic, post: &Post, whose: Whose) -> Result<Passed, StepError> {
    let (now, began) = (post.clock.now(), post.clock.monotonic());
    let rescued = rescue(clinic, now, whose).await?;
    respond::judge_stored(clinic, now).await?;
    let notices = alert::escalate(clinic, now).await?;
    cover::check(clinic, now).await?;
    status::end_pauses(clinic, now).await?;
    resend(clinic, now).await?;
    let fallen = fall_due(clinic, now).await?;
    canary::walk(clinic, now).await?;
    let delivered = deliver(clinic, post).await?;
    Ok(Passed { fallen, delivered, rescued, notices, elapsed: post.clock.monotonic().saturating_sub(began) })
}
