//! A concrete date at the clinic: booked, moved, kept, called off. Never are two dates live; one letter tells her.

use jiff::Timestamp;
use jiff::civil::Date;

use super::enrol::Slot;
use super::fall_due::{go_on, withdraw};
use super::policy::{Policy, day, later, zone};
use super::{Clinic, StepError};
use crate::care::calendar;
use crate::care::patient::Patient;
use crate::care::protocol::{OnUnknown, Trigger};
use crate::care::reminder::{Event, State};
use crate::care::task::Kind;
use crate::store::Tx;
use crate::store::appointments::Booked;
use crate::store::follow_ups::{Enrolment, FollowUp};
use crate::store::outbox::{NewDelivery, Purpose};
use crate::store::reminders::{Entry, Slot as Promised};
use crate::store::tasks::NewTask;

/// Whether the patient is written to about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tell {
    /// She gets a letter at the next open hour.
    Patient,
    /// She knows already.
    Nobody,
}

/// A date to book or to move to.
#[derive(Debug, Clone)]
pub struct Wish {
    /// Which series; `None` takes the open follow-up nearest to the date.
    pub series: Option<String>,
    /// When and where.
    pub slot: Slot,
    /// Whether she is written to.
    pub tell: Tell,
}

/// Books a date for the open visit or test nearest to it.
///
/// # Errors
/// [`StepError`]: the date is past, nothing open fits, she has died.
pub fn book(tx: &mut Tx<'_>, patient: &Patient, wish: &Wish, policy: &Policy) -> Result<FollowUp, StepError> {
    ahead(tx, &wish.slot, policy)?;
    let found = nearest(tx, patient, (wish.series.as_deref(), wish.slot.on), &["planned"])?;
    let before = tx.appointment_of(found.id)?.map_or(0, |a| a.id);
    let uid = format!("{}-{}-{before}@{}", found.id.0, tx.at_ms(), policy.message_id_domain);
    let mut appointment = Booked {
        id: 0,
        on: wish.slot.on,
        at: wish.slot.at,
        zone: policy.zone.clone(),
        place: wish.slot.place.clone(),
        uid,
        sequence: 0,
        state: "booked".to_owned(),
    };
    withdraw(tx, &found, "a date was booked")?;
    answer(tx, &found)?;
    appointment.id = tx.insert_appointment(&found, &appointment)?;
    tx.reopen_follow_up(found.id, "booked")?;
    tx.set_next(found.id, Some(tx.at()))?;
    tx.close_tasks_about(found.id, "a date was booked")?;
    let detail = serde_json::json!({ "on": wish.slot.on.to_string(), "series": found.series });
    tx.audit("appointment.booked", &format!("follow-up/{}", found.id.0), &detail)?;
    tell(tx, (patient, &found, &appointment), ("booked", wish.tell), policy)?;
    Ok(found)
}

/// Moves a booked date. Letters for the old date are withdrawn first; the calendar entry keeps its UID.
///
/// # Errors
/// [`StepError`]: nothing is booked, the date is past.
pub fn move_to(
    tx: &mut Tx<'_>,
    patient: &Patient,
    wish: &Wish,
    policy: &Policy,
) -> Result<FollowUp, StepError> {
    ahead(tx, &wish.slot, policy)?;
    let found = nearest(tx, patient, (wish.series.as_deref(), wish.slot.on), &["booked"])?;
    let mut appointment = tx.appointment_of(found.id)?.ok_or(StepError::NotBooked)?;
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
    let detail = serde_json::json!({ "on": wish.slot.on.to_string(), "series": found.series });
    tx.audit("appointment.moved", &format!("follow-up/{}", found.id.0), &detail)?;
    tell(tx, (patient, &found, &appointment), ("changed", wish.tell), policy)?;
    Ok(found)
}

/// Calls a booked date off. The follow-up is owed again.
///
/// # Errors
/// [`StepError`]: nothing is booked.
pub fn call_off(
    tx: &mut Tx<'_>,
    patient: &Patient,
    which: (Option<&str>, Tell),
    policy: &Policy,
) -> Result<FollowUp, StepError> {
    let found = nearest(tx, patient, (which.0, day(tx.at(), &zone(&policy.zone)?)), &["booked"])?;
    let mut appointment = tx.appointment_of(found.id)?.ok_or(StepError::NotBooked)?;
    withdraw(tx, &found, "the date was called off")?;
    "cancelled".clone_into(&mut appointment.state);
    appointment.sequence += 1;
    tx.update_appointment(&appointment)?;
    tx.reopen_follow_up(found.id, "planned")?;
    tx.set_next(found.id, Some(tx.at()))?;
    let detail = serde_json::json!({ "series": found.series });
    tx.audit("appointment.cancelled", &format!("follow-up/{}", found.id.0), &detail)?;
    tx.open_task(&rebook(tx, &found))?;
    tell(tx, (patient, &found, &appointment), ("cancelled", which.1), policy)?;
    Ok(found)
}

/// A date called off must not leave her without one: the letters that asked to book have gone already.
fn rebook(tx: &Tx<'_>, follow_up: &FollowUp) -> NewTask {
    NewTask {
        kind: Kind::NotBooked,
        cause: format!("follow-up/{}/called-off", follow_up.id.0),
        patient: Some(follow_up.patient),
        follow_up: Some(follow_up.id),
        reason: format!("The date for {} due on {} was called off.", follow_up.series, follow_up.owed.due_on),
        due_at: later(tx.at(), std::time::Duration::from_secs(86_400)),
    }
}

/// Records a visit or test that took place, here or elsewhere: it closes the nearest follow-up whose window holds it,
/// in each protocol she is on.
///
/// # Errors
/// [`StepError::NoFollowUp`] when none fits; [`StepError::Future`] when the day has not come for her or the clinic.
pub fn done(
    tx: &mut Tx<'_>,
    patient: &Patient,
    visit: (Option<&str>, Date, &str),
    clinic: &Clinic,
) -> Result<Vec<FollowUp>, StepError> {
    let (series, on, source) = visit;
    let here = zone(&clinic.policy.zone)?;
    let zone = zone(&patient.zone)?;
    if on > day(tx.at(), &zone).max(day(tx.at(), &here)) {
        return Err(StepError::Future);
    }
    let mut closed = Vec::new();
    for enrolment in tx.enrolments_of(patient.id)?.into_iter().filter(|e| e.is_active) {
        let Some(found) = held_on(tx, patient, (&enrolment, series), on)? else { continue };
        let protocol = clinic.shelf.get(tx, enrolment.version)?;
        let row = protocol.series(&found.series).ok_or_else(|| StepError::Protocol(protocol.id.clone()))?;
        withdraw(tx, &found, "it took place")?;
        answer(tx, &found)?;
        if let Some(mut appointment) = tx.appointment_of(found.id)?.filter(|a| a.state != "cancelled") {
            "kept".clone_into(&mut appointment.state);
            tx.update_appointment(&appointment)?;
        }
        tx.close_follow_up(found.id, ("done", source), on)?;
        tx.close_tasks_about(found.id, "it took place")?;
        let detail = serde_json::json!({ "on": on.to_string(), "source": source, "series": found.series });
        tx.audit("follow-up.done", &format!("follow-up/{}", found.id.0), &detail)?;
        go_on(tx, (&found, &enrolment, row), Some(on), (clinic, &zone))?;
        closed.push(found);
    }
    if closed.is_empty() { Err(StepError::NoFollowUp) } else { Ok(closed) }
}

/// The follow-up that a visit on that day counts for: the one booked for it, else the nearest in whose window it lies.
fn held_on(
    tx: &Tx<'_>,
    patient: &Patient,
    which: (&Enrolment, Option<&str>),
    on: Date,
) -> Result<Option<FollowUp>, StepError> {
    let mut best = None;
    for f in tx.follow_ups_of(patient.id)? {
        let is_asked = which.1.map_or(f.kind == crate::care::protocol::Kind::Visit, |s| f.series == s);
        let is_open = matches!(f.state.as_str(), "planned" | "booked" | "missed");
        if f.enrolment != which.0.id || !is_asked || !is_open {
            continue;
        }
        let is_booked = tx.appointment_of(f.id)?.is_some_and(|a| a.on == on && a.state != "cancelled");
        if is_booked || (f.owed.opens_on..=f.owed.closes_on).contains(&on) {
            let rank = (!is_booked, (f.owed.due_on - on).get_days().abs());
            best = best.filter(|(r, _)| *r <= rank).or(Some((rank, f)));
        }
    }
    Ok(best.map(|(_, f)| f))
}

/// Letters that asked for what has now happened were answered.
pub(super) fn answer(tx: &mut Tx<'_>, follow_up: &FollowUp) -> Result<(), StepError> {
    for reminder in tx.reminders_of_follow_up(follow_up.id)? {
        if reminder.state == State::Sent && reminder.delivery.is_some() {
            tx.move_reminder(&reminder, Event::Answer, None)?;
        }
    }
    Ok(())
}

fn ahead(tx: &Tx<'_>, slot: &Slot, policy: &Policy) -> Result<(), StepError> {
    let at = calendar::instant(slot.on, slot.at, &zone(&policy.zone)?);
    if at <= tx.at() { Err(StepError::Past) } else { Ok(()) }
}

fn nearest(
    tx: &Tx<'_>,
    patient: &Patient,
    which: (Option<&str>, Date),
    states: &[&str],
) -> Result<FollowUp, StepError> {
    if patient.status == crate::care::patient::Status::Deceased {
        return Err(StepError::Deceased);
    }
    let (series, on) = which;
    let fits = |f: &FollowUp| {
        f.kind.is_bookable()
            && states.contains(&f.state.as_str())
            && series.map_or(f.kind == crate::care::protocol::Kind::Visit, |s| f.series == s)
    };
    let open = tx.follow_ups_of(patient.id)?.into_iter().filter(fits);
    let nothing = if states == ["booked"] { StepError::NotBooked } else { StepError::NoFollowUp };
    open.min_by_key(|f| (f.owed.due_on - on).get_days().abs()).ok_or(nothing)
}

fn tell(
    tx: &mut Tx<'_>,
    about: (&Patient, &FollowUp, &Booked),
    news: (&str, Tell),
    policy: &Policy,
) -> Result<(), StepError> {
    let (patient, follow_up, appointment) = about;
    if news.1 == Tell::Nobody || !patient.status.may_receive() || patient.email.is_none() {
        return Ok(());
    }
    let zone_here = zone(&patient.zone)?;
    let next_at = policy.hours.next_open(tx.at(), &zone_here);
    let expires_at: Timestamp = calendar::instant(appointment.on, appointment.at, &zone(&appointment.zone)?);
    if expires_at <= tx.at() {
        return Ok(());
    }
    // A date this close is told at once, quiet hours or not: tomorrow's letter would come too late.
    let next_at = if next_at >= expires_at { tx.at() } else { next_at };
    let delivery = tx.enqueue(&NewDelivery {
        patient: Some(patient.id),
        recipient: None,
        purpose: Purpose::Notice,
        local_on: day(next_at, &zone_here),
        next_at,
        expires_at,
        on_unknown: OnUnknown::Resend,
        inputs: None,
    })?;
    // Named by appointment and move: the same date booked again is news again.
    let step = format!("{}.{}.{}", news.0, appointment.id, appointment.sequence);
    let key = (Trigger::Booked, step, appointment.on);
    let slot = Promised { send_on: day(next_at, &zone_here), send_at: next_at, expires_at };
    tx.insert_reminder(follow_up, &key, (slot, Entry::Due(delivery)))?;
    Ok(())
}
