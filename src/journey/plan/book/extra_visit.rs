//! A visit beside the plan: staff add it with its date, she is told and reminded of it as of any other. It hangs on her main
//! protocol, whose letters it takes; where that changes it goes along as it is, and where it was called off it is over.

use jiff::civil::Date;

use crate::care::patient::{Patient, PatientStatus};
use crate::care::plan::extra_visit::{EXTRA_VISIT, place};
use crate::care::plan::follow_up::FollowUpEvent;
use crate::care::plan::protocol::FollowUpKind;
use crate::journey::deps::Deps;
use crate::journey::errors::booking::BookingError;
use crate::journey::errors::people::status::StatusError;
use crate::journey::errors::step::StepError;
use crate::journey::plan::booking_letter::{DateChange, DateNews, tell};
use crate::journey::plan::booking_request::{AppointmentSlot, ExtraVisitRequest, Tell};
use crate::journey::plan::discharge;
use crate::journey::plan::pick_follow_up::ahead;
use crate::journey::sending_policy::{Local, Policy, zone};
use crate::store::audit_action::AuditAction;
use crate::store::db::transaction::{Tx, View};
use crate::store::error::StoreError;
use crate::store::plan::appointments::NewAppointment;
use crate::store::plan::follow_ups::{EnrolmentId, FollowUp, FollowUpEnd, NewFollowUp};

/// Adds a visit that no protocol asks for, with its date.
///
/// # Errors
/// [`StepError`]: the date is past or far off, one is booked for that very hour, she is on no protocol, or has died.
pub(in crate::journey) fn add(
    tx: &mut Tx<'_>,
    patient: &Patient,
    wish: &ExtraVisitRequest,
    clinic: &Deps,
) -> Result<FollowUp, StepError> {
    let policy = &clinic.policy;
    ahead(tx, &wish.slot, policy)?;
    if patient.status == PatientStatus::Deceased {
        return Err(StatusError::Deceased.into());
    }
    let enrolment = main_enrolment(tx, patient, clinic)?;
    let added = write_down(tx, &ExtraVisitPlace { patient, enrolment }, wish, policy)?;
    let appointment = tx.appointment_of(added.id)?.ok_or_else(|| StoreError::not_found("that date"))?;
    let news = DateNews { patient, follow_up: &added, appointment: &appointment, change: DateChange::Booked };
    tell(tx, &news, wish.tell, policy)?;
    Ok(added)
}

/// Visits beside her plan that somebody has already who is taken in.
#[derive(Clone, Copy)]
pub(in crate::journey) struct KnownExtraVisits<'a> {
    /// The dates that are agreed.
    pub(in crate::journey) slots: &'a [AppointmentSlot],
    /// The protocol that they hang on; her first one where it is none of hers.
    pub(in crate::journey) main: Option<&'a str>,
}

/// Writes the visits beside her plan down that a newcomer has booked already; she knows of them.
///
/// # Errors
/// As [`add`].
pub(in crate::journey) fn of_newcomer(
    tx: &mut Tx<'_>,
    patient: &Patient,
    known: KnownExtraVisits<'_>,
    policy: &Policy,
) -> Result<(), StepError> {
    // Nobody comes to a date of hers any more; the stale cell keeps no row out.
    if known.slots.is_empty() || !patient.status.keeps_plan() {
        return Ok(());
    }
    let all = tx.enrolments_of(patient.id)?;
    let active = || all.iter().filter(|one| one.is_active);
    let main = active().find(|one| Some(one.protocol.as_str()) == known.main).or_else(|| active().next());
    let enrolment = main.ok_or(BookingError::NoPlan)?.id;
    for slot in known.slots {
        ahead(tx, slot, policy)?;
        let wish = ExtraVisitRequest { slot: slot.clone(), note: String::new(), tell: Tell::Nobody };
        write_down(tx, &ExtraVisitPlace { patient, enrolment }, &wish, policy)?;
    }
    Ok(())
}

/// Whose visit it is, and the protocol that it hangs on.
struct ExtraVisitPlace<'a> {
    patient: &'a Patient,
    enrolment: EnrolmentId,
}

fn write_down(
    tx: &mut Tx<'_>,
    beside: &ExtraVisitPlace<'_>,
    wish: &ExtraVisitRequest,
    policy: &Policy,
) -> Result<FollowUp, StepError> {
    let ExtraVisitPlace { patient, enrolment } = *beside;
    let slot = wish.slot.clone().on_clocks(&zone(&policy.zone)?);
    let number = next_number(tx, patient, &slot)?;
    let added = tx.insert_follow_up(NewFollowUp {
        enrolment,
        patient: patient.id,
        series: EXTRA_VISIT.to_owned(),
        kind: FollowUpKind::Visit,
        owed: place(number, slot.on),
        promised_from: tx.at(),
        next_at: None,
    })?;
    let AppointmentSlot { on, at, place } = slot;
    let uid = format!("{}-{}-0@{}", added.id.0, tx.at_ms(), policy.message_id_domain);
    let new = NewAppointment { on, at, zone: policy.zone.clone(), place, note: wish.note.clone(), uid };
    tx.insert_appointment(&added, new)?;
    tx.reopen_follow_up(&added, FollowUpEvent::Book)?;
    tx.set_next(added.id, Some(tx.at()))?;
    let detail = serde_json::json!({ "on": on.to_string(), "series": EXTRA_VISIT });
    tx.audit(AuditAction::AppointmentBooked, added.id, &detail)?;
    Ok(added)
}

/// The same visit due on the day it is moved to: nothing else counts from it.
pub(in crate::journey::plan) fn moved(
    tx: &mut Tx<'_>,
    stood: FollowUp,
    on: Date,
) -> Result<FollowUp, StepError> {
    let new = FollowUp { owed: place(stood.owed.number, on), next_at: Some(tx.at()), ..stood };
    tx.hand_over_follow_up(&new)?;
    Ok(new)
}

/// Ends a visit whose date was called off: nothing asks for another. If it was the last that was open under her protocol, a
/// person decides how she is followed from here (P8).
pub(in crate::journey::plan) fn called_off(
    tx: &mut Tx<'_>,
    patient: &Patient,
    stood: &FollowUp,
    policy: &Policy,
) -> Result<(), StepError> {
    let zone = zone(&patient.zone)?;
    let local = Local { policy, zone: &zone };
    let end = FollowUpEnd { event: FollowUpEvent::Cancel, reason: "the date was called off" };
    tx.close_follow_up(stood, end, local.day(tx.at()))?;
    let is_beside = |one: &FollowUp| one.enrolment == stood.enrolment && one.is_open();
    if !tx.follow_ups_of(patient.id)?.iter().any(is_beside) {
        discharge::end(tx, &tx.enrolment(stood.enrolment)?, local)?;
    }
    Ok(())
}

/// The number of the next one of hers. A form that is sent twice adds it once.
fn next_number(view: &View<'_>, patient: &Patient, slot: &AppointmentSlot) -> Result<u32, StepError> {
    let (mut last, her) = (0, view.follow_ups_of(patient.id)?);
    for one in her.iter().filter(|one| one.is_extra()) {
        last = last.max(one.owed.number);
        let booked = if one.is_open() { view.appointment_of(one.id)? } else { None };
        if booked.is_some_and(|booked| (booked.on, booked.at) == (slot.on, slot.at)) {
            let taken = format!("{} {} is booked for {} already", one.series, one.owed.number, slot.on);
            return Err(BookingError::Booked(taken).into());
        }
    }
    Ok(last.saturating_add(1))
}

/// The main protocol that she is on, else the first.
fn main_enrolment(view: &View<'_>, patient: &Patient, clinic: &Deps) -> Result<EnrolmentId, StepError> {
    let mut beside = None;
    for one in view.enrolments_of(patient.id)?.into_iter().filter(|one| one.is_active) {
        if !clinic.protocol_cache.get(view, one.version)?.add_on {
            return Ok(one.id);
        }
        beside = beside.or(Some(one.id));
    }
    beside.ok_or_else(|| BookingError::NoPlan.into())
}
