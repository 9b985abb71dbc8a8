//! A letter of which it is known that it left before a backup was restored does not leave again, whatever the backup says.

use crate::care::delivery::DeliveryEvent;
use crate::care::plan::due_steps::Key;
use crate::care::plan::reminder::{ReminderEvent, ReminderState};
use crate::journey::deps::Deps;
use crate::journey::errors::step::StepError;
use crate::store::audit_action::AuditAction;
use crate::store::db::transaction::{Tx, View};
use crate::store::journal::prior_letters::{PriorRecord, PriorState};
use crate::store::mail::delivery::{Delivery, NextStep};
use crate::store::plan::follow_ups::FollowUpId;

/// Why a letter is over, or a promise kept, that left before the restore; the ledger's own check knows it by these words.
pub(in crate::journey) const LEFT: &str = "it left before a backup was restored";

/// Ends a letter that left before; what it promises is kept by the one that left.
pub(in crate::journey) fn was_sent(tx: &mut Tx<'_>, letter: &Delivery) -> Result<(), StepError> {
    if tx.settle(letter, DeliveryEvent::Skip, &NextStep::Ended(LEFT.to_owned()))? {
        tx.move_reminders(letter.id, ReminderEvent::Accept, Some(LEFT))?;
        tx.audit(AuditAction::DeliverySkipped, letter.id, &serde_json::json!({ "reason": LEFT }))?;
    }
    Ok(())
}

/// What is known of a letter from before a restore; `None` where nothing is, or a person lets it leave all the same.
fn known(view: &View<'_>, letter: &Delivery) -> Result<Option<PriorRecord>, StepError> {
    if !view.has_prior_letters()? {
        return Ok(None);
    }
    let known = view.prior_knowledge(letter.id)?;
    Ok((!known.is_released).then_some(known))
}

/// Whether it is known that the letter left. One of which nobody knows it goes, as after any doubt (P17), once.
pub(in crate::journey::outbox) fn has_left(view: &View<'_>, letter: &Delivery) -> Result<bool, StepError> {
    Ok(known(view, letter)?.is_some_and(|known| known.left == Some(PriorState::Sent)))
}

/// The Message-ID of the letter that may have left before a restore and said exactly what this one says: a second copy is known
/// by it. `None` for any other letter.
pub(in crate::journey::outbox) fn message_id(
    view: &View<'_>,
    letter: &Delivery,
    clinic: &Deps,
) -> Result<Option<String>, StepError> {
    let twin = if view.has_prior_letters()? { view.prior_twin(letter.id)? } else { None };
    Ok(twin.map(|twin| {
        let left = clinic.key.message_id_before(twin.delivery, twin.restored_at);
        format!("{left}@{}", clinic.policy.message_id_domain)
    }))
}

/// The promises in it, by row, that another letter kept which is known to have left.
pub(in crate::journey::outbox) fn kept(view: &View<'_>, letter: &Delivery) -> Result<Vec<i64>, StepError> {
    Ok(known(view, letter)?.map(|known| known.kept).unwrap_or_default())
}

/// Whether it is known that a letter said this promise before a restore.
pub(in crate::journey::outbox) fn has_said(
    view: &View<'_>,
    follow_up: FollowUpId,
    key: &Key,
) -> Result<bool, StepError> {
    Ok(view.has_prior_letters()? && view.prior_promise(follow_up, key)? == Some(PriorState::Sent))
}

/// Takes out of a letter what another one said that left.
pub(in crate::journey::outbox) fn take_out_kept(tx: &mut Tx<'_>, letter: &Delivery) -> Result<(), StepError> {
    let kept = kept(tx, letter)?;
    if kept.is_empty() {
        return Ok(());
    }
    for reminder in tx.reminders_of_delivery(letter.id)? {
        if reminder.state == ReminderState::Due && kept.contains(&reminder.id) {
            tx.move_reminder(&reminder, ReminderEvent::Accept, Some(LEFT))?;
        }
    }
    Ok(())
}
