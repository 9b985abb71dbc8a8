//! A letter in doubt goes again word for word or not at all (P3, P17): every promise in it is still owed, to the same address,
//! and would be told the same today. Else what of it is still owed goes into a new letter, or a person is asked.

use super::enqueue;
use crate::care::address::EmailAddress;
use crate::care::delivery::{DeliveryEvent, DeliveryState};
use crate::care::plan::protocol::OnUnknown;
use crate::care::plan::reminder::{ReminderEvent, ReminderState};
use crate::care::task::TaskKind;
use crate::journey::deps::Deps;
use crate::journey::errors::content::ContentError;
use crate::journey::errors::step::StepError;
use crate::journey::outbox::contents::{self, WriteContext};
use crate::journey::outbox::enqueue::{ReminderRoute, UsefulSpan};
use crate::journey::outbox::withdraw;
use crate::journey::sending_policy::{Local, Policy, zone};
use crate::letter::content::Inputs;
use crate::store::audit_action::AuditAction;
use crate::store::db::transaction::{Tx, View};
use crate::store::mail::delivery::{Delivery, DeliveryId, NewDelivery, NextStep, Purpose};
use crate::store::plan::reminders::Reminder;

/// Why a letter in doubt does not go again.
pub(in crate::journey) const NOT_TRUE: &str = "what it says is not true any more; it may have arrived";
/// Why its promises end with it.
const NO_DAY: &str = "its letter may have arrived, and no other can leave in time";

/// Whether a second copy of a letter would be the same letter. One without promises says what it said.
pub(in crate::journey) fn is_same(
    view: &View<'_>,
    letter: &Delivery,
    occasion: WriteContext<'_>,
) -> Result<bool, StepError> {
    let Some(sealed) = sealed(letter)? else { return Ok(true) };
    let is_hers = occasion.patient.letters_to().map(EmailAddress::expose) == letter.recipient.as_deref();
    if !is_hers || view.reminders_of_delivery(letter.id)?.is_empty() {
        return Ok(is_hers);
    }
    let today = contents::written(view, &view.promised_by(letter.id)?, occasion)?;
    Ok(today.is_some_and(|today| {
        // One sealed before letters asked where she lives says what it said.
        let country = sealed.country.as_ref().and(today.country.clone());
        Inputs { written_on: sealed.written_on, country, ..today } == sealed
    }))
}

/// What was sealed into a letter, if anything was.
pub(in crate::journey) fn sealed(letter: &Delivery) -> Result<Option<Inputs>, StepError> {
    letter
        .inputs
        .as_ref()
        .map(|inputs| serde_json::from_str(inputs).map_err(|_| StepError::Content(ContentError::Sealed)))
        .transpose()
}

/// Ends a letter in doubt whose second copy would be another letter.
pub(in crate::journey) fn end_doubt(
    tx: &mut Tx<'_>,
    letter: &Delivery,
    clinic: &Deps,
) -> Result<(), StepError> {
    let mut owed = tx.reminders_of_delivery(letter.id)?;
    owed.retain(|r| r.state == ReminderState::Due);
    let successor = if owed.is_empty() { None } else { successor(tx, letter, &owed, &clinic.policy)? };
    if let Some(id) = successor {
        tx.hand_over_reminders(letter.id, id)?;
    } else if !owed.is_empty() {
        tx.move_reminders(letter.id, ReminderEvent::Lapse, Some(NO_DAY))?;
        withdraw::ask(tx, letter, TaskKind::LetterUnknown, NO_DAY)?;
    }
    tx.hold_letter(letter.id)?;
    let moved = match letter.state {
        DeliveryState::Unknown => true,
        _ => tx.settle(letter, DeliveryEvent::Skip, &NextStep::Ended(NOT_TRUE.to_owned()))?,
    };
    if moved {
        let action = match letter.state {
            DeliveryState::Unknown => AuditAction::DeliveryGivenUp,
            _ => AuditAction::DeliverySkipped,
        };
        let detail = serde_json::json!({ "reason": NOT_TRUE, "anew": successor.map(|id| id.0) });
        tx.audit(action, letter.id, &detail)?;
    }
    Ok(())
}

/// The letter that takes over what is still owed; `None` when none can leave while it is of use. Should it fall into doubt
/// as well, a person is asked: nothing is told more than twice.
fn successor(
    tx: &mut Tx<'_>,
    letter: &Delivery,
    owed: &[Reminder],
    policy: &Policy,
) -> Result<Option<DeliveryId>, StepError> {
    let Some(patient) = letter.patient.map(|id| tx.patient(id)).transpose()? else { return Ok(None) };
    let Some(expires_at) = owed.iter().map(|r| r.expires_at).max() else { return Ok(None) };
    if patient.letters_to().is_none() || !patient.status.may_receive() {
        return Ok(None);
    }
    let zone = zone(&patient.zone)?;
    let local = Local { policy, zone: &zone };
    let route = match letter.purpose {
        Purpose::Reminders => {
            enqueue::route(tx, patient.id, UsefulSpan { from: tx.at(), until: expires_at }, local)?
        }
        _ => Some(ReminderRoute::New(local.next_open(tx.at()))).filter(|_| expires_at > tx.at()),
    };
    let id = match route {
        None => return Ok(None),
        Some(ReminderRoute::Join(id)) => {
            tx.widen(id, expires_at, OnUnknown::Hold)?;
            id
        }
        Some(ReminderRoute::New(next_at)) if next_at >= expires_at => return Ok(None),
        Some(ReminderRoute::New(next_at)) => tx.enqueue(&NewDelivery {
            patient: Some(patient.id),
            recipient: None,
            purpose: letter.purpose,
            local_on: local.day(next_at),
            next_at,
            expires_at,
            on_unknown: OnUnknown::Hold,
            inputs: None,
        })?,
    };
    Ok(Some(id))
}
