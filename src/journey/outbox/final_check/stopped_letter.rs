//! Letters of a kind that is stopped: they wait in the outbox until the kind is started again or their use is over. What else
//! a letter says does not wait with it.

use jiff::{Timestamp, ToSpan};

use crate::care::plan::reminder::ReminderEvent;
use crate::care::task::TaskKind;
use crate::care::time::calendar::instant;
use crate::journey::errors::step::StepError;
use crate::journey::outbox::enqueue::{ReminderRoute, UsefulSpan, route};
use crate::journey::outbox::withdraw;
use crate::journey::sending_policy::Local;
use crate::store::audit_action::AuditAction;
use crate::store::db::transaction::Tx;
use crate::store::mail::delivery::{Delivery, NewDelivery, Purpose};
use crate::store::plan::reminders::Reminder;

/// Lets a letter wait until its kind is started again; it is looked at sooner only when something in it loses its use. What has
/// lost its use already lapses here, so that the letter is never due again at once.
pub(in crate::journey) fn hold_back(tx: &mut Tx<'_>, letter: &Delivery) -> Result<(), StepError> {
    let mut promises = tx.promised_by(letter.id)?;
    withdraw::lapse_overdue(tx, letter, &mut promises)?;
    let until = promises.iter().map(|one| one.reminder.expires_at).min().unwrap_or(letter.expires_at);
    tx.hold_back(letter.id)?;
    if tx.postpone(letter.id, until.min(letter.expires_at))? {
        tx.audit(AuditAction::DeliveryHeldBack, letter.id, &serde_json::json!({}))?;
    }
    Ok(())
}

/// Puts promises that are stopped into another letter of hers, so that the rest of this one can leave now.
pub(in crate::journey) fn set_apart(
    tx: &mut Tx<'_>,
    letter: &Delivery,
    stopped: &[&Reminder],
    local: Local<'_>,
) -> Result<(), StepError> {
    let (Some(patient), Some(until)) = (letter.patient, stopped.iter().map(|one| one.expires_at).max())
    else {
        return Ok(());
    };
    let from = tomorrow(tx.at(), local);
    let to = match route(tx, patient, UsefulSpan { from, until }, local)? {
        Some(ReminderRoute::Join(other)) => {
            tx.widen(other, until, letter.on_unknown)?;
            other
        }
        Some(ReminderRoute::New(at)) => tx.enqueue(&NewDelivery {
            patient: Some(patient),
            recipient: None,
            purpose: Purpose::Reminders,
            local_on: local.day(at),
            next_at: at,
            expires_at: until,
            on_unknown: letter.on_unknown,
            inputs: None,
        })?,
        None => return lapse(tx, letter, stopped),
    };
    for reminder in stopped {
        tx.carry_in(reminder.id, to)?;
    }
    let detail = serde_json::json!({ "in": to.0, "promises": stopped.len() });
    Ok(tx.audit(AuditAction::DeliverySplit, letter.id, &detail)?)
}

fn lapse(tx: &mut Tx<'_>, letter: &Delivery, stopped: &[&Reminder]) -> Result<(), StepError> {
    let reason = "letters of its kind are stopped, and no later day was of use";
    for reminder in stopped {
        tx.move_reminder(reminder, ReminderEvent::Lapse, Some(reason))?;
    }
    if withdraw::are_nudges(tx, stopped.iter().copied())? {
        return Ok(());
    }
    withdraw::ask(tx, letter, TaskKind::LetterLapsed, reason)
}

fn tomorrow(now: Timestamp, local: Local<'_>) -> Timestamp {
    instant(local.day(now).saturating_add(1.day()), local.policy.hours.at, local.zone)
}
