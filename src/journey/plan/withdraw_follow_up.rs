//! What a follow-up promised and did not send yet is taken back.

use crate::care::delivery::DeliveryState;
use crate::care::plan::reminder::{ReminderEvent, ReminderState};
use crate::journey::errors::step::StepError;
use crate::journey::outbox::withdraw::skip;
use crate::store::db::transaction::Tx;
use crate::store::mail::delivery::DeliveryId;
use crate::store::plan::follow_ups::FollowUp;

/// Withdraws the promises of a follow-up that are still on their way.
pub(in crate::journey) fn withdraw(
    tx: &mut Tx<'_>,
    follow_up: &FollowUp,
    reason: &str,
) -> Result<(), StepError> {
    for reminder in tx.reminders_of_follow_up(follow_up.id)? {
        if reminder.state == ReminderState::Due {
            tx.move_reminder(&reminder, ReminderEvent::Cancel, Some(reason))?;
            if let Some(delivery) = reminder.delivery {
                skip_if_empty(tx, delivery, reason)?;
            }
        }
    }
    Ok(())
}

/// Skips a pending letter that carries no promise any more.
pub(in crate::journey::plan) fn skip_if_empty(
    tx: &mut Tx<'_>,
    delivery: DeliveryId,
    reason: &str,
) -> Result<(), StepError> {
    let empty = tx.reminders_of_delivery(delivery)?.iter().all(|r| r.state != ReminderState::Due);
    let letter = tx.delivery(delivery)?;
    if empty && letter.state == DeliveryState::Pending {
        skip(tx, &letter, reason)?;
    }
    Ok(())
}
