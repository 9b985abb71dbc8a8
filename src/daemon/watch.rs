//! The clock is watched: before it was compared with what is on record, and after it jumped, letters to patients are held.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;

use crate::journey::hold::{self, Reading};
use crate::journey::{Clinic, StepError};
use crate::ports::Clock;

/// How often the last instant seen is written down, for the comparison at the next start.
const NOTE_EVERY: Duration = Duration::from_secs(600);

/// Shared by all who let letters to patients leave; each looks first.
#[derive(Clone, Default)]
pub struct Watch(Arc<Mutex<Seen>>);

#[derive(Default)]
struct Seen {
    /// The last reading that was compared with the one before it, and with the record.
    before: Option<Reading>,
    /// When it was last written down.
    noted: Duration,
}

impl Watch {
    /// Compares the clock with the reading before, the first time with the last instant on record, and holds letters to
    /// patients where it is off.
    ///
    /// # Errors
    /// [`StepError`] when the store fails; then nothing counts as compared, and the next look sees the same jump.
    pub async fn look(&self, clinic: &Clinic, clock: &dyn Clock) -> Result<(), StepError> {
        let mut seen = self.0.lock().await;
        let now = Reading { wall: clock.now(), monotonic: clock.monotonic() };
        match seen.before {
            None => hold::start(clinic, now.wall).await?,
            Some(before) => {
                if let Some(off) = hold::jump(before, now) {
                    let reason = format!("The wall clock jumped by {} minutes.", off.as_mins());
                    hold::hold(clinic, now.wall, reason).await?;
                }
            }
        }
        if seen.before.is_none() || now.monotonic.saturating_sub(seen.noted) >= NOTE_EVERY {
            hold::seen(clinic, now.wall).await?;
            seen.noted = now.monotonic;
        }
        seen.before = Some(now);
        Ok(())
    }
}
