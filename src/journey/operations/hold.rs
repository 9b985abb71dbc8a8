//! What a doubt about the clock, or a restored backup, leaves on record: a task that holds letters to patients until a
//! person has looked. Alerts to staff are never held. A task about the clock closes by itself once the clock is right.

use jiff::{SignedDuration, Timestamp};

use crate::care::task::TaskKind;
use crate::care::time::clock_trust::{Doubt, Earlier, Trusted};
use crate::journey::delivery::failure::server_refusal;
use crate::journey::deps::Deps;
use crate::journey::errors::step::StepError;
use crate::store::audit_action::AuditAction;
use crate::store::db::transaction::{Stamp, Tx, View};
use crate::store::subject::Singleton;
use crate::store::work::tasks::NewTask;

/// The cause of the task that a doubt about the clock opens.
pub const CLOCK: &str = "clock";
/// The fact that keeps the last instant that was believed.
const SEEN: &str = "seen-at";
/// The fact that keeps by how many minutes the clock was off when the doubt began.
const DOUBT: &str = "clock-doubt";

/// What is on record about the clock.
pub(in crate::journey) struct ClockHold {
    /// The last instant that was believed.
    pub(in crate::journey) seen_at: Option<Timestamp>,
    /// Whether a task about the clock is open.
    pub(in crate::journey) is_held: bool,
    /// Whether that instant stands there and cannot be read: then nobody knows what the clock is to be compared with.
    pub(in crate::journey) is_damaged: bool,
    off: Option<SignedDuration>,
}

impl ClockHold {
    /// A doubt that nobody has settled.
    pub(in crate::journey) fn earlier(&self) -> Option<Earlier> {
        (self.is_held || self.is_damaged).then_some(Earlier { off: self.off })
    }

    /// A doubt in words for staff, with what lies on record and cannot be read.
    pub(in crate::journey) fn words(&self, doubt: Doubt) -> String {
        let damaged = if self.is_damaged { DAMAGED } else { "" };
        format!("{}{damaged}", doubt.words())
    }
}

/// What cannot be read, and what becomes of it: not every letter may wait for a restore.
const DAMAGED: &str = " The last instant that was believed cannot be read (record fact/seen-at): compare the clock with another. It is \
                       written anew once this is done.";

pub(in crate::journey) fn on_record(view: &View<'_>) -> Result<ClockHold, StepError> {
    let (seen, off) = (readable(view, SEEN)?, readable(view, DOUBT)?);
    let seen_at = seen.map(|at| at.and_then(|at| at.parse().ok()));
    // One that cannot be read is one of which nobody noted how far off it was: only a person or the kernel ends it.
    let off = off.flatten().and_then(|minutes| minutes.parse().ok()).map(SignedDuration::from_mins);
    Ok(ClockHold {
        seen_at: seen_at.flatten(),
        is_held: view.has_open(TaskKind::Hold, CLOCK)?,
        is_damaged: seen_at == Some(None),
        off,
    })
}

/// A fact, if it is there; `Some(None)` for one that is no text.
fn readable(view: &View<'_>, name: &str) -> Result<Option<Option<String>>, StepError> {
    match view.fact(name) {
        Ok(found) => Ok(found.map(Some)),
        Err(fault) if fault.is_unreadable() => Ok(Some(None)),
        Err(fault) => Err(fault.into()),
    }
}

/// Why the open task about the clock was opened.
pub(in crate::journey) fn reason(view: &View<'_>) -> Result<Option<String>, StepError> {
    let mut open = view.tasks_open()?.into_iter();
    Ok(open.find(|task| task.kind == TaskKind::Hold && task.cause == CLOCK).map(|task| task.reason))
}

/// Holds letters to patients because of the clock.
///
/// # Errors
/// [`StepError`] when the store fails.
pub async fn hold(clinic: &Deps, now: Timestamp, reason: String) -> Result<(), StepError> {
    let job = move |tx: &mut Tx<'_>| open(tx, reason);
    clinic.store.write(Stamp::daemon(now), job).await
}

/// Records that the clock is in doubt.
pub(in crate::journey) async fn begin(
    clinic: &Deps,
    now: Timestamp,
    record: &ClockHold,
    doubt: Doubt,
) -> Result<(), StepError> {
    let reason = record.words(doubt);
    let job = move |tx: &mut Tx<'_>| -> Result<(), StepError> {
        if let Some(off) = doubt.off() {
            tx.set_fact(DOUBT, &off.as_mins().to_string())?;
        }
        open(tx, reason)
    };
    clinic.store.write(Stamp::daemon(now), job).await
}

fn open(tx: &mut Tx<'_>, reason: String) -> Result<(), StepError> {
    tracing::error!(%reason, "the clock is in doubt: nothing falls due, and letters to patients are held");
    tx.open_task(&NewTask {
        kind: TaskKind::Hold,
        cause: CLOCK.to_owned(),
        patient: None,
        follow_up: None,
        reason,
        due_at: tx.at(),
    })?;
    Ok(())
}

/// Records that the clock is right again.
pub(in crate::journey) async fn end(clinic: &Deps, now: Trusted) -> Result<(), StepError> {
    let job = move |tx: &mut Tx<'_>| -> Result<(), StepError> {
        tx.close_tasks_caused(TaskKind::Hold, CLOCK, "the clock is right again")?;
        settle(tx)
    };
    tracing::warn!("the clock is right again: everything goes on");
    clinic.store.write(Stamp::daemon(now.at()), job).await
}

/// From here on this instant is believed. What was put off to an instant of the wrong clock is looked at again.
pub(in crate::journey) fn settle(tx: &mut Tx<'_>) -> Result<(), StepError> {
    tx.clear_fact(DOUBT)?;
    tx.set_fact(SEEN, &tx.at().to_string())?;
    tx.look_anew()?;
    server_refusal::forget_stall(tx)?;
    Ok(tx.audit(AuditAction::ClockBelieved, Singleton::Clock, &serde_json::json!({}))?)
}

/// Notes that this instant was believed.
///
/// # Errors
/// [`StepError`] when the store fails.
pub async fn seen(clinic: &Deps, now: Timestamp) -> Result<(), StepError> {
    let job = move |tx: &mut Tx<'_>| -> Result<(), StepError> { Ok(tx.set_fact(SEEN, &now.to_string())?) };
    clinic.store.write(Stamp::daemon(now), job).await
}
