//! What waits for her in the outbox once letters to her end or wait.

use crate::care::delivery::DeliveryState;
use crate::care::patient::{PatientId, PatientStatus};
use crate::care::plan::reminder::ReminderEvent;
use crate::care::record::letter_role::{LetterRole, may_leave};
use crate::care::record::suspected_death::SuspectedDeath;
use crate::journey::errors::step::StepError;
use crate::journey::outbox::withdraw;
use crate::store::db::transaction::Tx;
use crate::store::mail::delivery::Delivery;

/// Takes out of the outbox what may not reach her as she stands from now on: an answer to what she wrote may where letters of her plan
/// may not. One a worker holds is stopped by the last look.
pub(super) fn follow(
    tx: &mut Tx<'_>,
    patient: PatientId,
    status: PatientStatus,
    told: Option<SuspectedDeath>,
) -> Result<(), StepError> {
    for letter in tx.letters_waiting(patient)? {
        let role = if tx.is_answer(letter.id)? { LetterRole::Answer } else { LetterRole::Plan };
        if !may_leave(status, told, role) {
            end(tx, &letter, status.word())?;
        }
    }
    Ok(())
}

/// Takes every waiting letter of hers out of the outbox. One a worker holds is stopped by the last look.
pub(in crate::journey) fn stop(tx: &mut Tx<'_>, patient: PatientId, reason: &str) -> Result<(), StepError> {
    tx.letters_waiting(patient)?.iter().try_for_each(|letter| end(tx, letter, reason))
}

fn end(tx: &mut Tx<'_>, letter: &Delivery, reason: &str) -> Result<(), StepError> {
    match letter.state {
        DeliveryState::Pending => match tx.shielded(|tx| withdraw::skip(tx, letter, reason)) {
            // Its row takes no change; the last look keeps it from leaving.
            Err(StepError::Store(fault)) if !fault.is_everyones() => {
                tracing::error!(delivery = letter.id.0, %fault, "a letter could not be taken out of the outbox");
                tx.note_unread("delivery", letter.id.0, "its row takes no change");
                Ok(())
            }
            skipped => skipped,
        },
        // Whether it arrived stays unknown; it will not go again.
        DeliveryState::Unknown => Ok(tx.move_reminders(letter.id, ReminderEvent::Cancel, Some(reason))?),
        _ => Ok(()),
    }
}
