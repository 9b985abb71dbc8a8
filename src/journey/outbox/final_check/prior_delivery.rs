//! A letter of which it is known that it left before a backup was restored does not leave again, whatever the backup says.

use crate::care::delivery::{DeliveryEvent, DeliveryState};
use crate::care::plan::reminder::{ReminderEvent, ReminderState};
use crate::journey::errors::step::StepError;
use crate::store::audit_action::AuditAction;
use crate::store::db::transaction::Tx;
use crate::store::journal::prior_letters::PriorState;
use crate::store::mail::delivery::{Delivery, NextStep};

/// Why a letter is over, or a promise kept, that left before the restore; the ledger's own check knows it by these words.
const LEFT: &str = "it left before a backup was restored";

/// Ends a letter that left before; what it promises is kept by the one that left.
pub(in crate::journey) fn was_sent(tx: &mut Tx<'_>, letter: &Delivery) -> Result<(), StepError> {
    if tx.settle(letter, DeliveryEvent::Skip, &NextStep::Ended(DeliveryState::Skipped, LEFT.to_owned()))? {
        tx.move_reminders(letter.id, ReminderEvent::Accept, Some(LEFT))?;
        tx.audit(AuditAction::DeliverySkipped, letter.id, &serde_json::json!({ "reason": LEFT }))?;
    }
    Ok(())
}

/// Asks of a letter whose turn it is whether it left before, and takes out of it what another letter said that left. Returns
/// whether it is over. One that nobody knows of goes, as after any doubt (P17), once.
pub(in crate::journey::outbox) fn ends(tx: &mut Tx<'_>, letter: &Delivery) -> Result<bool, StepError> {
    if !tx.has_prior_letters()? {
        return Ok(false);
    }
    let known = tx.prior_knowledge(letter.id)?;
    if known.is_released {
        return Ok(false);
    }
    if known.left == Some(PriorState::Sent) {
        was_sent(tx, letter)?;
        return Ok(true);
    }
    for reminder in tx.reminders_of_delivery(letter.id)? {
        if reminder.state == ReminderState::Due && known.kept.contains(&reminder.id) {
            tx.move_reminder(&reminder, ReminderEvent::Accept, Some(LEFT))?;
        }
    }
    Ok(false)
}
