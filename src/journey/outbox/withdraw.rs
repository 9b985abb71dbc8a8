//! A letter that waits ends before it leaves: skipped, expired, put off; and what a person is asked then.

use std::time::Duration;

use jiff::Timestamp;

use crate::care::delivery::DeliveryEvent;
use crate::care::patient::PatientStatus;
use crate::care::plan::reminder::{ReminderEvent, ReminderState};
use crate::care::task::TaskKind;
use crate::care::time::clock_trust::Trusted;
use crate::care::time::span::later;
use crate::journey::alerts::unreachable_rung;
use crate::journey::errors::step::StepError;
use crate::journey::outbox::final_check::prior_delivery;
use crate::store::alerts::rungs::RungNews;
use crate::store::audit_action::AuditAction;
use crate::store::db::transaction::{Tx, View};
use crate::store::mail::delivery::{Delivery, NextStep, Purpose};
use crate::store::plan::reminders::{Promised, Reminder};
use crate::store::subject::Subject;
use crate::store::work::tasks::NewTask;

/// Takes a letter out because it may not or need not leave any more.
pub(in crate::journey) fn skip(tx: &mut Tx<'_>, letter: &Delivery, reason: &str) -> Result<(), StepError> {
    if tx.settle(letter, DeliveryEvent::Skip, &NextStep::Ended(reason.to_owned()))? {
        tx.move_reminders(letter.id, ReminderEvent::Cancel, Some(reason))?;
        tx.audit(AuditAction::DeliverySkipped, letter.id, &serde_json::json!({ "reason": reason }))?;
    }
    Ok(())
}

/// Takes a letter out because its use is over, by a clock that may be believed.
pub(in crate::journey) fn expire(
    tx: &mut Tx<'_>,
    letter: &Delivery,
    reason: &str,
    _now: Trusted,
) -> Result<(), StepError> {
    if prior_delivery::has_left(tx, letter)? {
        return prior_delivery::was_sent(tx, letter);
    }
    prior_delivery::take_out_kept(tx, letter)?;
    let reason = honest(letter, reason.to_owned());
    let fate = NextStep::Ended(reason.clone());
    if tx.settle(letter, DeliveryEvent::Lapse, &fate)? {
        tx.audit(AuditAction::DeliveryLapsed, letter.id, &serde_json::json!({ "reason": reason }))?;
        lapsed(tx, letter, fate.reason())?;
    }
    Ok(())
}

/// Lets a letter that may not leave yet wait until `at`.
pub(in crate::journey) fn postpone(
    tx: &mut Tx<'_>,
    letter: &Delivery,
    at: Timestamp,
) -> Result<(), StepError> {
    if tx.postpone(letter.id, at)? {
        let detail = serde_json::json!({ "until": at.to_string() });
        tx.audit(AuditAction::DeliveryPostponed, letter.id, &detail)?;
    }
    Ok(())
}

pub(in crate::journey) fn ask(
    tx: &mut Tx<'_>,
    letter: &Delivery,
    kind: TaskKind,
    why: &str,
) -> Result<(), StepError> {
    // The daily test of the chain tells by itself that it broke, and nobody lives who could be rung.
    if letter.purpose == Purpose::Canary {
        return Ok(());
    }
    // However a letter in doubt ends, what she needs is to be asked whether she has it.
    let kind =
        if letter.doubts > 0 && kind == TaskKind::LetterLapsed { TaskKind::LetterUnknown } else { kind };
    let patient = letter.patient.map(|id| tx.record_that_stays(id)).transpose()?;
    // Nobody is asked to ring the home of someone who has died.
    if patient.map(|id| tx.patient(id)).transpose()?.is_some_and(|p| p.status == PatientStatus::Deceased) {
        return Ok(());
    }
    tx.open_task(&NewTask {
        kind,
        cause: cause(letter, kind),
        patient,
        follow_up: None,
        reason: format!(
            "Letter {}{}: {why}",
            letter.id.0,
            if letter.patient.is_some() { "" } else { " to staff" }
        ),
        due_at: later(tx.at(), Duration::from_secs(8 * 3600)),
    })?;
    Ok(())
}

/// Letters to patients whose use is over end on record, for that reason, unless all letters are held: those wait for a person, who
/// may find that the clock is wrong. One that cannot be ended stops no other, nor what its transaction does besides.
pub(in crate::journey) fn expire_outlived(
    tx: &mut Tx<'_>,
    reason: &str,
    now: Trusted,
) -> Result<(), StepError> {
    if tx.is_held()? {
        return Ok(());
    }
    let outlived = tx.letters_outlived(tx.at())?;
    let ends = tx.each(&outlived, |tx, id| -> Result<(), StepError> {
        let letter = tx.delivery(*id)?;
        expire(tx, &letter, reason, now)
    });
    for (end, id) in ends.into_iter().zip(outlived) {
        match end {
            Ok(()) => {}
            Err(StepError::Store(fault)) if fault.is_everyones() => return Err(fault.into()),
            // One that cannot be read has a task of its own.
            Err(fault) => {
                tracing::error!(delivery = id.0, %fault, "a letter whose use is over stays in the outbox");
            }
        }
    }
    Ok(())
}

/// Keeps the promises that are due and still of use. The others that are due lapse, and a person is asked.
pub(in crate::journey) fn lapse_overdue(
    tx: &mut Tx<'_>,
    letter: &Delivery,
    promises: &mut Vec<Promised>,
) -> Result<(), StepError> {
    promises.retain(|p| p.reminder.state == ReminderState::Due);
    let now = tx.at();
    for overdue in promises.extract_if(.., |p| p.reminder.expires_at <= now) {
        let reason = "its use was over before it could leave";
        tx.move_reminder(&overdue.reminder, ReminderEvent::Lapse, Some(reason))?;
        if letter.doubts > 0 || !tx.is_nudge(&overdue.reminder)? {
            ask(tx, letter, TaskKind::LetterLapsed, reason)?;
        }
    }
    Ok(())
}

pub(in crate::journey) fn subject(letter: &Delivery) -> String {
    Subject::from(letter.id).to_string()
}

/// Why a letter of an alert ends that nobody need be told of any more.
pub(in crate::journey) const TAKEN_ON: &str = "a person took the alert on";

/// Letters to staff whose fate nobody knows are one task: each alert is told again anyhow.
pub(in crate::journey) fn cause(letter: &Delivery, kind: TaskKind) -> String {
    match (letter.patient, kind) {
        (None, TaskKind::LetterUnknown) => "deliveries/staff".to_owned(),
        _ => subject(letter),
    }
}

/// Why a letter ended, where it may lie in her mailbox all the same: no reason claims that it never arrived.
pub(in crate::journey) fn honest(letter: &Delivery, reason: String) -> String {
    match letter.arrival() {
        Some(arrival) => format!("{}; then: {reason}", arrival.word()),
        None => reason,
    }
}

pub(in crate::journey) fn lapsed(tx: &mut Tx<'_>, letter: &Delivery, reason: &str) -> Result<(), StepError> {
    tx.move_reminders(letter.id, ReminderEvent::Lapse, Some(reason))?;
    if unreachable_rung::rung_refused(tx, letter, reason, RungNews::Reply)? {
        return Ok(());
    }
    let mut lapsed = tx.reminders_of_delivery(letter.id)?;
    lapsed.retain(|reminder| reminder.state == ReminderState::Lapsed);
    // One in doubt may have reached her: that is asked whatever it said.
    if letter.doubts == 0 && are_nudges(tx, &lapsed)? {
        return Ok(());
    }
    ask(tx, letter, TaskKind::LetterLapsed, reason)
}

/// Whether all that lapsed is nudges: of those nobody is asked, for the form is awaited all the same and its silence counted.
pub(in crate::journey::outbox) fn are_nudges<'r>(
    view: &View<'_>,
    lapsed: impl IntoIterator<Item = &'r Reminder>,
) -> Result<bool, StepError> {
    let mut has_any = false;
    for reminder in lapsed {
        has_any = true;
        if !view.is_nudge(reminder)? {
            return Ok(false);
        }
    }
    Ok(has_any)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::care::delivery::DeliveryState;
    use crate::journey::fixture::{due, fixture, sure, triage};
    use crate::store::database::tests::sabotage;
    use crate::store::mail::delivery::DeliveryId;

    #[tokio::test(flavor = "multi_thread")]
    async fn a_letter_that_cannot_be_read_keeps_no_other_in_the_outbox_nor_undoes_what_is_written_with_it() {
        let fixture = fixture(triage());
        let letters = format!(
            "INSERT INTO delivery (id, audience, purpose, patient_id, local_on, priority, state, next_at, expires_at, created_at) \
             VALUES (501, 'patient', 'notice', {0}, '2026-03-01', 2, 'pending', 0, 0, 0), \
             (502, 'patient', 'notice', {0}, '2026-03-01', 2, 'pending', 0, 1, 0); PRAGMA ignore_check_constraints = ON; \
             UPDATE delivery SET purpose = 'rubbish' WHERE id = 501; PRAGMA ignore_check_constraints = OFF",
            fixture.patient.0
        );
        fixture.write(("daemon", due()), move |tx| Ok(sabotage(tx, &letters)?)).unwrap();
        let job = |tx: &mut Tx<'_>| -> Result<(), StepError> {
            tx.set_fact("with-it", "1")?;
            expire_outlived(tx, "its use was over", sure(due()))
        };
        fixture.write(("daemon", due()), job).unwrap();
        let store = &fixture.clinic.store;
        let ended = store.read(|view| view.delivery(DeliveryId(502))).unwrap();
        assert_eq!(ended.state, DeliveryState::Lapsed);
        assert_eq!(store.read(|view| view.fact("with-it")).unwrap().as_deref(), Some("1"));
        let met = store.unread().all();
        assert!(met.iter().any(|(place, _)| place.to_string() == "delivery/501"), "{met:?}");
    }
}
