//! A letter that failed and still says something owed waits in the outbox again.

use crate::care::delivery::{DeliveryEvent, DeliveryState};
use crate::care::patient::PatientId;
use crate::care::plan::reminder;
use crate::care::task::TaskKind;
use crate::journey::errors::step::StepError;
use crate::journey::outbox::withdraw;
use crate::store::audit_action::AuditAction;
use crate::store::db::transaction::Tx;
use crate::store::mail::delivery::{DeliveryId, NextStep};

/// Her address was not bad after all, or there is a new one: what failed by it and is still of use goes to the one on record.
pub(in crate::journey) fn address_is_good(tx: &mut Tx<'_>, patient: PatientId) -> Result<(), StepError> {
    for letter in tx.letters_lost_with_address(patient, tx.at())? {
        send_again(tx, letter, "back in letter follow-up")?;
    }
    Ok(())
}

/// A failed letter that still says something owed waits in the outbox again. Whether it does.
pub(in crate::journey::delivery) fn send_again(
    tx: &mut Tx<'_>,
    id: DeliveryId,
    why: &str,
) -> Result<bool, StepError> {
    let letter = tx.delivery(id)?;
    let may_receive =
        letter.patient.map(|id| tx.patient(id)).transpose()?.is_some_and(|p| p.status.may_receive());
    let promises = tx.promised_by(id)?;
    let owed: Vec<_> = promises
        .iter()
        .filter(|p| p.reminder.state == reminder::ReminderState::Undeliverable)
        .filter(|p| p.reminder.expires_at > tx.at() && p.follow_up.is_open())
        .collect();
    let is_of_use = letter.expires_at > tx.at() && (promises.is_empty() || !owed.is_empty());
    if letter.state != DeliveryState::Failed || !may_receive || !is_of_use {
        return Ok(false);
    }
    tx.free_day(&letter)?;
    if !tx.settle(&letter, DeliveryEvent::Retry, &NextStep::Again(tx.at()))? {
        return Ok(false);
    }
    for promised in owed {
        tx.move_reminder(&promised.reminder, reminder::ReminderEvent::Retry, None)?;
    }
    tx.audit(AuditAction::DeliveryRetried, letter.id, &serde_json::json!({ "why": why }))?;
    tx.close_tasks_caused(TaskKind::LetterFailed, &withdraw::subject(&letter), why)?;
    Ok(true)
}
