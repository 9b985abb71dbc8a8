//! A concrete date at the clinic: booked, moved, kept, called off. Never are two dates live; one letter tells her.

pub(in crate::journey) mod extra_visit;
pub(in crate::journey) mod kept_date;

use jiff::civil::Date;

use super::fall_due::go_on;
use crate::care::patient::Patient;
use crate::care::plan::appointment::{AppointmentEvent, AppointmentState};
use crate::care::plan::follow_up::FollowUpEvent;
use crate::care::plan::protocol;
use crate::care::plan::reminder::{ReminderEvent, ReminderState};
use crate::care::plan::schedule::after;
use crate::care::task::TaskKind;
use crate::care::time::span::later;
use crate::journey::deps::Deps;
use crate::journey::errors::booking::BookingError;
use crate::journey::errors::step::StepError;
use crate::journey::plan::booking_letter::{DateChange, DateNews, is_unheard, tell};
use crate::journey::plan::booking_request::{
    AppointmentSlot, BookingRequest, CancellationRequest, CompletedVisit, Tell,
};
use crate::journey::plan::pick_follow_up;
use crate::journey::plan::withdraw_follow_up::withdraw;
use crate::journey::planned_follow_up::PlannedFollowUp;
use crate::journey::protocol_cache::series_of;
use crate::journey::sending_policy::{Policy, day, in_days, zone};
use crate::store::audit_action::AuditAction;
use crate::store::db::transaction::Tx;
use crate::store::plan::appointments::{Booked, NewAppointment};
use crate::store::plan::follow_ups::{FollowUp, FollowUpEnd};
use crate::store::subject::Subject;
use crate::store::work::tasks::NewTask;

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
    pick_follow_up::ahead(tx, &wish.slot, &clinic.policy)?;
    let wish = &on_clocks(wish, &clinic.policy)?;
    let found = pick_follow_up::to_book(tx, patient, wish)?;
    let (appointment, change) = write_down(tx, &found, wish, &clinic.policy)?;
    let news = DateNews { patient, follow_up: &found, appointment: &appointment, change };
    tell(tx, &news, wish.tell, &clinic.policy)?;
    go_past(tx, &found, wish.slot.on, clinic)?;
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
    pick_follow_up::ahead(tx, slot, policy)?;
    let found = pick_follow_up::of_newcomer(tx, patient, slot.on)?;
    let slot = slot.clone().on_clocks(&zone(&policy.zone)?);
    let wish = BookingRequest { series: None, slot, tell: Tell::Nobody, anyway: false };
    write_down(tx, &found, &wish, policy)?;
    Ok(found)
}

fn on_clocks(wish: &BookingRequest, policy: &Policy) -> Result<BookingRequest, StepError> {
    let slot = wish.slot.clone().on_clocks(&zone(&policy.zone)?);
    Ok(BookingRequest { slot, ..wish.clone() })
}

/// Records the date; gives it back with what she is to be told of it.
fn write_down(
    tx: &mut Tx<'_>,
    found: &FollowUp,
    wish: &BookingRequest,
    policy: &Policy,
) -> Result<(Booked, DateChange), StepError> {
    let last = tx.appointment_of(found.id)?;
    let untold = match last.clone() {
        Some(last) if is_untold(tx, found, &last)? => Some(last),
        _ => None,
    };
    let is_new = untold.as_ref().map_or(Ok(true), |old| is_unheard(tx, found, old))?;
    let before = last.map_or(0, |a| a.id);
    let AppointmentSlot { on, at, place } = wish.slot.clone();
    let uid = format!("{}-{}-{before}@{}", found.id.0, tx.at_ms(), policy.message_id_domain);
    let new = NewAppointment { on, at, zone: policy.zone.clone(), place, note: String::new(), uid };
    withdraw(tx, found, "a date was booked")?;
    answer(tx, found)?;
    let (appointment, change) = match untold {
        // Her calendar still holds the old date: the new one takes its place there.
        Some(old) => {
            let is_new = is_new || (old.on, old.at) == (on, at);
            let change = if is_new { DateChange::Booked } else { DateChange::Moved };
            let NewAppointment { on, at, zone, place, .. } = new;
            let (sequence, state) = (old.sequence + 1, AppointmentState::Booked);
            let appointment = Booked { on, at, zone, place, sequence, state, ..old };
            tx.update_appointment(&appointment)?;
            (appointment, change)
        }
        None => (tx.insert_appointment(found, new)?, DateChange::Booked),
    };
    tx.reopen_follow_up(found, FollowUpEvent::Book)?;
    tx.set_next(found.id, Some(tx.at()))?;
    tx.close_tasks_about(found.id, "a date was booked")?;
    let detail = serde_json::json!({ "on": wish.slot.on.to_string(), "series": found.series });
    tx.audit(AuditAction::AppointmentBooked, found.id, &detail)?;
    Ok((appointment, change))
}

/// Whether a date was called off and the letter that says so has not left.
fn is_untold(tx: &Tx<'_>, found: &FollowUp, last: &Booked) -> Result<bool, StepError> {
    let step = format!("cancelled.{}.{}", last.id, last.sequence);
    let reminders = tx.reminders_of_follow_up(found.id)?;
    Ok(last.state.after(AppointmentEvent::Rebook).is_some()
        && reminders.iter().any(|r| r.key.1 == step && r.state == ReminderState::Due))
}

/// A date that somebody insisted on may lie past the next one due: what comes in between is owed all the same.
fn go_past(tx: &mut Tx<'_>, found: &FollowUp, on: Date, clinic: &Deps) -> Result<(), StepError> {
    if on <= found.owed.closes_on {
        return Ok(());
    }
    let enrolment = tx.enrolment(found.enrolment)?;
    let protocol = clinic.protocol_cache.get(tx, enrolment.version)?;
    let series = series_of(&protocol, found)?;
    if after(series, enrolment.anchor_on, &found.owed, None).is_some_and(|next| next.due_on <= on) {
        let patient = &tx.patient(found.patient)?;
        let planned = PlannedFollowUp { patient, follow_up: found, enrolment: &enrolment, series };
        go_on(tx, &planned, None, clinic)?;
    }
    Ok(())
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
    pick_follow_up::ahead(tx, &wish.slot, &clinic.policy)?;
    let wish = &on_clocks(wish, &clinic.policy)?;
    let booked = pick_follow_up::booked(tx, patient, wish.series.as_deref(), wish.slot.on)?;
    let found = match booked.what.is_extra() {
        true => extra_visit::moved(tx, booked.what, wish.slot.on)?,
        false => pick_follow_up::near(booked, wish)?,
    };
    let mut appointment = tx.appointment_of(found.id)?.ok_or(StepError::Booking(BookingError::NotBooked))?;
    // Of an old date that no letter told her of she need not hear at all.
    let is_new = is_unheard(tx, &found, &appointment)?;
    withdraw(tx, &found, "the date was moved")?;
    appointment.on = wish.slot.on;
    appointment.at = wish.slot.at;
    if !wish.slot.place.is_empty() {
        appointment.place.clone_from(&wish.slot.place);
    }
    appointment.sequence += 1;
    appointment.state =
        appointment.state.after(AppointmentEvent::Move).ok_or(StepError::Booking(BookingError::NotBooked))?;
    tx.update_appointment(&appointment)?;
    tx.reopen_follow_up(&found, FollowUpEvent::Move)?;
    tx.set_next(found.id, Some(tx.at()))?;
    tx.close_tasks_about(found.id, "the date was moved")?;
    let detail = serde_json::json!({ "on": wish.slot.on.to_string(), "series": found.series });
    tx.audit(AuditAction::AppointmentMoved, found.id, &detail)?;
    let change = if is_new { DateChange::Booked } else { DateChange::Moved };
    let news = DateNews { patient, follow_up: &found, appointment: &appointment, change };
    tell(tx, &news, wish.tell, &clinic.policy)?;
    go_past(tx, &found, wish.slot.on, clinic)?;
    Ok(found)
}

/// Calls a booked date off. The follow-up is owed again; a visit that no plan asks for is over.
///
/// # Errors
/// [`StepError`]: nothing is booked or more than one.
pub fn call_off(
    tx: &mut Tx<'_>,
    patient: &Patient,
    wish: &CancellationRequest,
    policy: &Policy,
) -> Result<FollowUp, StepError> {
    let today = day(tx.at(), &zone(&policy.zone)?);
    let found = pick_follow_up::booked(tx, patient, wish.series.as_deref(), today)?.what;
    let mut appointment = tx.appointment_of(found.id)?.ok_or(StepError::Booking(BookingError::NotBooked))?;
    // Of a date that no letter told her of she need not hear at all.
    let never_heard = is_unheard(tx, &found, &appointment)?;
    withdraw(tx, &found, "the date was called off")?;
    appointment.state = appointment
        .state
        .after(AppointmentEvent::CallOff)
        .ok_or(StepError::Booking(BookingError::NotBooked))?;
    appointment.sequence += 1;
    tx.update_appointment(&appointment)?;
    if found.is_extra() {
        extra_visit::called_off(tx, patient, &found, policy)?;
    } else {
        tx.reopen_follow_up(&found, FollowUpEvent::CallOff)?;
        tx.set_next(found.id, Some(tx.at()))?;
    }
    tx.close_tasks_about(found.id, "the date was called off")?;
    let detail = serde_json::json!({ "series": found.series });
    tx.audit(AuditAction::AppointmentCancelled, found.id, &detail)?;
    let why = wish.reason.as_deref().map(str::trim).filter(|why| !why.is_empty());
    if found.is_extra() {
        // No plan owes it.
    } else if tx.enrolment(found.enrolment)?.is_active {
        tx.open_task(&rebook(tx, &found, why))?;
    } else {
        kept_date::called_off(tx, found.id, today)?;
    }
    let news =
        DateNews { patient, follow_up: &found, appointment: &appointment, change: DateChange::CalledOff };
    let to_tell = if never_heard { Tell::Nobody } else { wish.tell };
    tell(tx, &news, to_tell, policy)?;
    Ok(found)
}

/// A date called off must not leave her without one: the letters that asked to book have gone already.
fn rebook(tx: &Tx<'_>, follow_up: &FollowUp, why: Option<&str>) -> NewTask {
    let (series, due) = (&follow_up.series, follow_up.owed.due_on);
    let reason = match why {
        Some(why) => format!("The date for {series} due on {due} was called off: {why}."),
        None => format!("The date for {series} due on {due} was called off."),
    };
    NewTask {
        kind: TaskKind::NotBooked,
        cause: Subject::from(follow_up.id).part("called-off"),
        patient: Some(follow_up.patient),
        follow_up: Some(follow_up.id),
        reason,
        due_at: in_days(tx.at(), 1),
    }
}

/// Records a visit or test that took place, here or elsewhere: it closes the nearest follow-up whose window holds it,
/// in each protocol that has its series. A test done elsewhere leaves a task to fetch its result.
///
/// # Errors
/// [`BookingError::NoFollowUp`] when none is open, [`BookingError::Outside`] when the day lies far off what is, and
/// [`BookingError::Several`] when two series fit; [`BookingError::Future`] when the day has not come for her or the clinic.
pub fn done(
    tx: &mut Tx<'_>,
    patient: &Patient,
    visit: &CompletedVisit,
    clinic: &Deps,
) -> Result<Vec<FollowUp>, StepError> {
    let (on, source) = (visit.on, visit.source.as_str());
    let here = zone(&clinic.policy.zone)?;
    let zone = zone(&patient.zone)?;
    if on > day(tx.at(), &zone).max(day(tx.at(), &here)) {
        return Err(BookingError::Future.into());
    }
    let closed = pick_follow_up::to_record(tx, patient, visit)?;
    for found in &closed {
        let enrolment = tx.enrolment(found.enrolment)?;
        let protocol = clinic.protocol_cache.get(tx, enrolment.version)?;
        let series = series_of(&protocol, found)?;
        withdraw(tx, found, "it took place")?;
        answer(tx, found)?;
        if let Some(appointment) = tx.appointment_of(found.id)?
            && let Some(state) = appointment.state.after(AppointmentEvent::Keep)
        {
            tx.update_appointment(&Booked { state, ..appointment })?;
        }
        let end = FollowUpEnd { event: FollowUpEvent::Complete, reason: source };
        tx.close_follow_up(found, end, on)?;
        tx.close_tasks_about(found.id, "it took place")?;
        let detail = serde_json::json!({ "on": on.to_string(), "source": source, "series": found.series });
        tx.audit(AuditAction::FollowUpDone, found.id, &detail)?;
        if found.kind == protocol::FollowUpKind::Test && !HERE.contains(&source) {
            tx.open_task(&fetch(tx, found, on))?;
        }
        let planned = PlannedFollowUp { patient, follow_up: found, enrolment: &enrolment, series };
        go_on(tx, &planned, Some(on), clinic)?;
    }
    Ok(closed)
}

/// A result that lies elsewhere comes by itself to nobody (clinical brief, case 7).
fn fetch(tx: &Tx<'_>, follow_up: &FollowUp, on: Date) -> NewTask {
    NewTask {
        kind: TaskKind::ProtocolStep,
        cause: Subject::from(follow_up.id).part("result"),
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
