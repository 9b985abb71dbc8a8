//! Whether letters that a change puts into the outbox wait there: a page promises no letter that does not leave.

use jiff::Timestamp;

use crate::journey::deps::Deps;
use crate::journey::errors::step::StepError;
use crate::journey::operations::guards::volume;
use crate::journey::outbox::preview;
use crate::store::db::transaction::View;
use crate::store::mail::delivery::{DeliveryId, Purpose};
use crate::store::mail::letter_stops::LetterStop;

/// Why a letter waits until a person lets it go.
#[derive(Debug, Clone)]
pub enum WaitingCause {
    /// Letters of its kind are stopped.
    Stopped(LetterStop),
    /// Letters to patients are held.
    Held,
}

/// Why one of these letters does not leave at the next open hour; the first such.
///
/// # Errors
/// [`StepError`] when the store fails.
pub fn cause(
    view: &View<'_>,
    letters: &[DeliveryId],
    clinic: &Deps,
    now: Timestamp,
) -> Result<Option<WaitingCause>, StepError> {
    for id in letters {
        let letter = view.delivery(*id)?;
        if let Some(stop) = preview::stopped_by(view, &letter, clinic, now)? {
            return Ok(Some(WaitingCause::Stopped(stop)));
        }
        if view.is_held()? || (letter.purpose == Purpose::Reminders && volume::held(view)?.is_some()) {
            return Ok(Some(WaitingCause::Held));
        }
    }
    Ok(None)
}
