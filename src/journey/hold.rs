//! The wall clock jumped, or a backup was restored: letters to patients wait until a person has looked. Closing the task
//! lets them go; alerts to staff are never held.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::{Clinic, StepError};
use crate::care::task::Kind;
use crate::store::tasks::NewTask;
use crate::store::{Stamp, Tx};

/// A clock more than this behind is wrong.
const BACK: SignedDuration = SignedDuration::from_mins(10);
/// A clock more than this ahead of what has passed is wrong.
const AHEAD: SignedDuration = SignedDuration::from_hours(1);

/// What both clocks showed at one moment.
#[derive(Debug, Clone, Copy)]
pub struct Reading {
    /// Wall clock.
    pub wall: Timestamp,
    /// Clock that never jumps.
    pub monotonic: Duration,
}

/// By how much the wall clock jumped between two readings, if by too much.
#[must_use]
pub fn jump(before: Reading, after: Reading) -> Option<SignedDuration> {
    let passed = after.monotonic.saturating_sub(before.monotonic);
    let expected =
        before.wall.saturating_add(SignedDuration::try_from(passed).unwrap_or(SignedDuration::MAX));
    let off = after.wall.duration_since(expected.unwrap_or(Timestamp::MAX));
    (off > AHEAD || off < -BACK).then_some(off)
}

/// Holds letters to patients.
///
/// # Errors
/// [`StepError`] when the store fails.
pub async fn hold(clinic: &Clinic, now: Timestamp, reason: String) -> Result<(), StepError> {
    tracing::error!(%reason, "letters to patients are held");
    let task = NewTask {
        kind: Kind::Hold,
        cause: "clock".to_owned(),
        patient: None,
        follow_up: None,
        reason,
        due_at: now,
    };
    let job = move |tx: &mut Tx<'_>| -> Result<bool, StepError> { Ok(tx.open_task(&task)?) };
    clinic.store.write(Stamp::daemon(now), job).await.map(drop)
}

/// Compares the wall clock with the last instant this database saw, at start: it must not lie behind.
///
/// # Errors
/// [`StepError`] when the store fails.
pub async fn start(clinic: &Clinic, now: Timestamp) -> Result<(), StepError> {
    let seen = clinic.store.read(|view| view.fact("seen-at"))?.and_then(|t| t.parse::<Timestamp>().ok());
    if let Some(seen) = seen
        && now.duration_since(seen) < -BACK
    {
        let back = seen.duration_since(now).as_mins();
        hold(clinic, now, format!("The clock is {back} minutes behind the last instant on record.")).await?;
    }
    Ok(())
}

/// Notes that this instant was seen.
///
/// # Errors
/// [`StepError`] when the store fails.
pub async fn seen(clinic: &Clinic, now: Timestamp) -> Result<(), StepError> {
    let job =
        move |tx: &mut Tx<'_>| -> Result<(), StepError> { Ok(tx.set_fact("seen-at", &now.to_string())?) };
    clinic.store.write(Stamp::daemon(now), job).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(wall: i64, monotonic: u64) -> Reading {
        Reading { wall: Timestamp::from_second(wall).unwrap(), monotonic: Duration::from_secs(monotonic) }
    }

    #[test]
    fn only_large_jumps_count() {
        let before = reading(1_000_000, 50);
        for (wall, monotonic, jumped) in [
            (1_000_060, 110, false),
            (1_000_060 - 599, 110, false),
            (1_000_060 - 601, 110, true),
            (1_000_060 + 3_600, 110, false),
            (1_000_060 + 3_601, 110, true),
            // Asleep for a day: the monotonic clock slept too, the wall clock did not.
            (1_086_400, 50, true),
        ] {
            assert_eq!(jump(before, reading(wall, monotonic)).is_some(), jumped, "{wall} {monotonic}");
        }
    }
}
