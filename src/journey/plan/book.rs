//! A concrete date at the clinic: booked, moved, kept, called off. Never are two dates live; one letter tells her.

use crate::journey::plan::booking_error::BookingError;
use crate::journey::plan::booking_request::{BookingRequest, Tell};
use jiff::civil::Date;

use super::fall_due::go_on;
use crate::care::patient::Patient;
use crate::care::plan::reminder::{ReminderEvent, ReminderState};
use crate::care::plan::schedule::after;
use crate::care::plan::{date_match, protocol};
use crate::care::task::TaskKind;
use crate::care::time::calendar;
use crate::journey::deps::Deps;
use crate::journey::error::StepError;
use crate::journey::plan::booking_request::AppointmentSlot;
use crate::journey::plan::withdraw_follow_up::withdraw;
use crate::journey::protocol_cache::{ProtocolCache, series_of};
use crate::journey::sending_policy::{Policy, day, in_days, later, zone};
use crate::store::db::transaction::{Tx, View};
use crate::store::plan::appointments::Booked;
use crate::store::plan::follow_ups::FollowUp;
use crate::store::work::tasks::NewTask;

use crate::journey::plan::booking_letter::tell;

/// Words for the clinic itself as the source of what is recorded as done.
const HERE: [&str; 2] = ["clinic", ""];
/// How long the result of a test done elsewhere may take to come.
const RESULT_AFTER: std::time::Duration = std::time::Duration::from_secs(7 * 86_400);

/// Books a date for the open visit or test that it fits.
///
/// # Errors
/// [`StepError`]: the date is past or far off, nothing open fits or more than one, she has died.
pub fn book(
    tx: &mut Tx<'_>,
    patient: &Patient,
    wish: &BookingRequest,
    clinic: &Deps,
) -> Result<FollowUp, StepError> {
    ahead(tx, &wish.slot, &clinic.policy)?;
    let found = crate::journey::plan::pick_follow_up::to_book(tx, patient, wish)?;
    write_down(tx, (patient, &found), wish, &clinic.policy)?;
    go_past(tx, (patient, &found), wish.slot.on, clinic)?;
    Ok(found)
}

/// Writes the visit down that a newcomer has booked already; she knows of it.
///
/// # Errors
/// As [`book`].
pub(in crate::journey) fn of_newcomer(
    tx: &mut Tx<'_>,
    patient: &Patient,
    slot: &AppointmentSlot,
    policy: &Policy,
) -> Result<FollowUp, StepError> {
    ahead(tx, slot, policy)?;
    let found = crate::journey::plan::pick_follow_up::of_newcomer(tx, patient, slot.on)?;
    let wish = BookingRequest { series: None, slot: slot.clone(), tell: Tell::Nobody, anyway: false };
    write_down(tx, (patient, &found), &wish, policy)?;
    Ok(found)
}

fn write_down(
    tx: &mut Tx<'_>,
    (patient, found): (&Patient, &FollowUp),
    wish: &BookingRequest,
    policy: &Policy,
) -> Result<(), StepError> {
    let last = tx.appointment_of(found.id)?;
    let untold = match last.clone() {
        Some(last) if is_untold(tx, found, &last)? => Some(last),
        _ => None,
    };
    let before = last.map_or(0, |a| a.id);
    let mut appointment = Booked {
        id: 0,
        on: wish.slot.on,
        at: wish.slot.at,
        zone: policy.zone.clone(),
        place: wish.slot.place.clone(),
        uid: format!("{}-{}-{before}@{}", found.id.0, tx.at_ms(), policy.message_id_domain),
        sequence: 0,
        state: "booked".to_owned(),
    };
    withdraw(tx, found, "a date was booked")?;
    answer(tx, found)?;
    let news = match untold {
        // Her calendar still holds the old date: the new one takes its place there.
        Some(Booked { id, uid, sequence, on, at, .. }) => {
            let news = if (on, at) == (appointment.on, appointment.at) { "booked" } else { "changed" };
            appointment = Booked { id, uid, sequence: sequence + 1, ..appointment };
            tx.update_appointment(&appointment)?;
            news
        }
        None => {
            appointment.id = tx.insert_appointment(found, &appointment)?;
            "booked"
        }
    };
    tx.reopen_follow_up(found.id, "booked")?;
    tx.set_next(found.id, Some(tx.at()))?;
    tx.close_tasks_about(found.id, "a date was booked")?;
    let detail = serde_json::json!({ "on": wish.slot.on.to_string(), "series": found.series });
    tx.audit("appointment.booked", &format!("follow-up/{}", found.id.0), &detail)?;
    tell(tx, (patient, found, &appointment), (news, wish.tell), policy)
}

/// Whether a date was called off and the letter that says so has not left.
fn is_untold(tx: &Tx<'_>, found: &FollowUp, last: &Booked) -> Result<bool, StepError> {
    let step = format!("cancelled.{}.{}", last.id, last.sequence);
    let reminders = tx.reminders_of_follow_up(found.id)?;
    Ok(last.state == "cancelled"
        && reminders.iter().any(|r| r.key.1 == step && r.state == ReminderState::Due))
}

/// A date that somebody insisted on may lie past the next one due: what comes in between is owed all the same.
fn go_past(
    tx: &mut Tx<'_>,
    (patient, found): (&Patient, &FollowUp),
    on: Date,
    clinic: &Deps,
) -> Result<(), StepError> {
    if on <= found.owed.closes_on {
        return Ok(());
    }
    let enrolment = tx.enrolment(found.enrolment)?;
    let protocol = clinic.protocol_cache.get(tx, enrolment.version)?;
    let series = series_of(&protocol, found)?;
    if after(series, enrolment.anchor_on, &found.owed, None).is_some_and(|next| next.due_on <= on) {
        go_on(tx, (found, &enrolment, series), None, (clinic, &zone(&patient.zone)?))?;
    }
    Ok(())
}

/// The day the one after is due, if a visit on `on` leaves less than half an interval to it.
///
/// # Errors
/// [`StepError`] when the record cannot be read.
pub fn crowded(
    view: &View<'_>,
    found: &FollowUp,
    on: Date,
    protocol_cache: &ProtocolCache,
) -> Result<Option<Date>, StepError> {
    let enrolment = view.enrolment(found.enrolment)?;
    let protocol = protocol_cache.get(view, enrolment.version)?;
    // Where the grid counts on from the visit, nothing comes close.
    let series = protocol.series(&found.series).filter(|series| !series.rebase);
    let next = series.and_then(|series| after(series, enrolment.anchor_on, &found.owed, None));
    Ok(next.filter(|next| date_match::is_crowded(on, &found.owed, next)).map(|next| next.due_on))
}

/// Moves a booked date. Letters for the old date are withdrawn first; the calendar entry keeps its UID.
///
/// # Errors
/// [`StepError`]: nothing is booked or more than one, the date is past or far off.
pub fn move_to(
    tx: &mut Tx<'_>,
    patient: &Patient,
    wish: &BookingRequest,
    clinic: &Deps,
) -> Result<FollowUp, StepError> {
    ahead(tx, &wish.slot, &clinic.policy)?;
    let booked =
        crate::journey::plan::pick_follow_up::booked(tx, patient, (wish.series.as_deref(), wish.slot.on))?;
    let found = crate::journey::plan::pick_follow_up::near(booked, wish)?;
    let mut appointment = tx.appointment_of(found.id)?.ok_or(BookingError::NotBooked)?;
    withdraw(tx, &found, "the date was moved")?;
    appointment.on = wish.slot.on;
    appointment.at = wish.slot.at;
    if !wish.slot.place.is_empty() {
        appointment.place.clone_from(&wish.slot.place);
    }
    appointment.sequence += 1;
    tx.update_appointment(&appointment)?;
    tx.reopen_follow_up(found.id, "booked")?;
    tx.set_next(found.id, Some(tx.at()))?;
    tx.close_tasks_about(found.id, "the date was moved")?;
    let detail = serde_json::json!({ "on": wish.slot.on.to_string(), "series": found.series });
    tx.audit("appointment.moved", &format!("follow-up/{}", found.id.0), &detail)?;
    tell(tx, (patient, &found, &appointment), ("changed", wish.tell), &clinic.policy)?;
    go_past(tx, (patient, &found), wish.slot.on, clinic)?;
    Ok(found)
}

/// Calls a booked date off. The follow-up is owed again.
///
/// # Errors
/// [`StepError`]: nothing is booked or more than one.
pub fn call_off(
    tx: &mut Tx<'_>,
    patient: &Patient,
    which: (Option<&str>, Tell),
    policy: &Policy,
) -> Result<FollowUp, StepError> {
    let found = crate::journey::plan::pick_follow_up::booked(
        tx,
        patient,
        (which.0, day(tx.at(), &zone(&policy.zone)?)),
    )?
    .what;
    let mut appointment = tx.appointment_of(found.id)?.ok_or(BookingError::NotBooked)?;
    withdraw(tx, &found, "the date was called off")?;
    "cancelled".clone_into(&mut appointment.state);
    appointment.sequence += 1;
    tx.update_appointment(&appointment)?;
    tx.reopen_follow_up(found.id, "planned")?;
    tx.set_next(found.id, Some(tx.at()))?;
    tx.close_tasks_about(found.id, "the date was called off")?;
    let detail = serde_json::json!({ "series": found.series });
    tx.audit("appointment.cancelled", &format!("follow-up/{}", found.id.0), &detail)?;
    tx.open_task(&rebook(tx, &found))?;
    tell(tx, (patient, &found, &appointment), ("cancelled", which.1), policy)?;
    Ok(found)
}

/// A date called off must not leave her without one: the letters that asked to book have gone already.
fn rebook(tx: &Tx<'_>, follow_up: &FollowUp) -> NewTask {
    NewTask {
        kind: TaskKind::NotBooked,
        cause: format!("follow-up/{}/called-off", follow_up.id.0),
        patient: Some(follow_up.patient),
        follow_up: Some(follow_up.id),
        reason: format!("The date for {} due on {} was called off.", follow_up.series, follow_up.owed.due_on),
        due_at: in_days(tx.at(), 1),
    }
}

/// Records a visit or test that took place, here or elsewhere: it closes the nearest follow-up whose window holds it,
/// in each protocol that has its series. A test done elsewhere leaves a task to fetch its result.
///
/// # Errors
/// [`BookingError::NoFollowUp`] when none fits, [`BookingError::Several`] when two series do; [`BookingError::Future`]
/// when the day has not come for her or the clinic.
pub fn done(
    tx: &mut Tx<'_>,
    patient: &Patient,
    visit: (Option<&str>, Date, &str),
    clinic: &Deps,
) -> Result<Vec<FollowUp>, StepError> {
    let (series, on, source) = visit;
    let here = zone(&clinic.policy.zone)?;
    let zone = zone(&patient.zone)?;
    if on > day(tx.at(), &zone).max(day(tx.at(), &here)) {
        return Err(BookingError::Future.into());
    }
    let closed = crate::journey::plan::pick_follow_up::to_record(tx, patient, (series, on))?;
    for found in &closed {
        let enrolment = tx.enrolment(found.enrolment)?;
        let protocol = clinic.protocol_cache.get(tx, enrolment.version)?;
        let row = series_of(&protocol, found)?;
        withdraw(tx, found, "it took place")?;
        answer(tx, found)?;
        if let Some(mut appointment) = tx.appointment_of(found.id)?.filter(|a| a.state != "cancelled") {
            "kept".clone_into(&mut appointment.state);
            tx.update_appointment(&appointment)?;
        }
        tx.close_follow_up(found.id, ("done", source), on)?;
        tx.close_tasks_about(found.id, "it took place")?;
        let detail = serde_json::json!({ "on": on.to_string(), "source": source, "series": found.series });
        tx.audit("follow-up.done", &format!("follow-up/{}", found.id.0), &detail)?;
        if found.kind == protocol::FollowUpKind::Test && !HERE.contains(&source) {
            tx.open_task(&fetch(tx, found, on))?;
        }
        go_on(tx, (found, &enrolment, row), Some(on), (clinic, &zone))?;
    }
    Ok(closed)
}

/// A result that lies elsewhere comes by itself to nobody (clinical brief, case 7).
fn fetch(tx: &Tx<'_>, follow_up: &FollowUp, on: Date) -> NewTask {
    NewTask {
        kind: TaskKind::ProtocolStep,
        cause: format!("follow-up/{}/result", follow_up.id.0),
        patient: Some(follow_up.patient),
        follow_up: Some(follow_up.id),
        reason: format!(
            "Fetch the result of {} {}: it was done elsewhere on {on}.",
            follow_up.series, follow_up.owed.number
        ),
        due_at: later(tx.at(), RESULT_AFTER),
    }
}

/// Letters that asked for what has now happened were answered.
pub(in crate::journey) fn answer(tx: &mut Tx<'_>, follow_up: &FollowUp) -> Result<(), StepError> {
    for reminder in tx.reminders_of_follow_up(follow_up.id)? {
        if reminder.state == ReminderState::Sent && reminder.delivery.is_some() {
            tx.move_reminder(&reminder, ReminderEvent::Answer, None)?;
        }
    }
    Ok(())
}

fn ahead(tx: &Tx<'_>, slot: &AppointmentSlot, policy: &Policy) -> Result<(), StepError> {
    let here = zone(&policy.zone)?;
    match calendar::instant(slot.on, slot.at, &here) {
        at if at <= tx.at() => Err(BookingError::Past.into()),
        _ if slot.on > date_match::latest(day(tx.at(), &here)) => Err(BookingError::TooFar.into()),
        _ => Ok(()),
    }
}
