//! Takes a patient in: record, enrolment and the next follow-up of each series in one transaction.

use std::sync::Arc;

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

use super::discharge::end;
use super::fall_due::first_look;
use super::policy::{Policy, day, zone};
use super::status::{Change, departure};
use super::{StepError, alike, book};
use crate::care::patient::{Patient, PatientId, Status};
use crate::care::plan::{Owed, first_from};
use crate::care::protocol::{Protocol, Series};
use crate::care::task;
use crate::store::Tx;
use crate::store::follow_ups::{EnrolmentId, FollowUp, FollowUpId};
use crate::store::patients::Newcomer;
use crate::store::protocols::ProtocolVersionId;
use crate::store::tasks::NewTask;

/// A protocol to put someone on.
#[derive(Debug, Clone)]
pub struct Course {
    /// The published version.
    pub version: ProtocolVersionId,
    /// Its content.
    pub protocol: Arc<Protocol>,
    /// From when the grid counts.
    pub anchor_on: Date,
}

/// A date at the clinic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    /// Civil date at the clinic.
    pub on: Date,
    /// Civil time at the clinic.
    pub at: Time,
    /// Where; may be empty.
    pub place: String,
}

/// Someone to take in.
#[derive(Debug, Clone)]
pub struct Admission {
    /// Who.
    pub newcomer: Newcomer,
    /// On which protocols.
    pub courses: Vec<Course>,
    /// The visit already booked, if any.
    pub next_visit: Option<Slot>,
}

/// Takes someone in. What lies before today was never promised; no letter goes out for it.
///
/// # Errors
/// [`StepError`]: the case code is taken, the address is shared without the flag, the zone is unknown.
pub fn admit(tx: &mut Tx<'_>, admission: &Admission, policy: &Policy) -> Result<PatientId, StepError> {
    let new = &admission.newcomer;
    if let Some(email) = &new.email {
        let others = tx.sharing(email)?;
        let all_agree = new.shared_inbox && others.iter().all(|(_, shared)| *shared);
        if !others.is_empty() && !all_agree {
            return Err(StepError::SharedInbox);
        }
    }
    let id = tx.insert_patient(new).map_err(|fault| match fault.is_conflict() {
        true => StepError::Duplicate(new.reference.as_str().to_owned()),
        false => fault.into(),
    })?;
    let detail: Vec<_> = admission.courses.iter().map(|c| &c.protocol.id).collect();
    let detail = serde_json::json!({ "protocols": detail, "status": new.status.word() });
    tx.audit("patient.admitted", &format!("patient/{}", id.0), &detail)?;

    alike::suspect(tx, id, (&new.name, new.birth_on))?;
    let zone = zone(&new.zone)?;
    for course in &admission.courses {
        enrol(tx, (id, new.status), course, (policy, &zone))?;
    }
    ask(tx, id, admission)?;
    if let Some(slot) = &admission.next_visit {
        let patient = tx.patient(id)?;
        book::book(
            tx,
            &patient,
            &book::Wish { series: None, slot: slot.clone(), tell: book::Tell::Nobody },
            policy,
        )?;
    }
    Ok(id)
}

/// Puts a patient on a protocol; her plan runs only while her status keeps it.
///
/// # Errors
/// [`StepError`]: she is on it already, or the store failed.
pub fn enrol(
    tx: &mut Tx<'_>,
    who: (PatientId, Status),
    course: &Course,
    wall: (&Policy, &TimeZone),
) -> Result<EnrolmentId, StepError> {
    let protocol = &course.protocol;
    let id =
        tx.insert_enrolment(who.0, (course.version, &protocol.id), course.anchor_on).map_err(|fault| {
            if fault.is_conflict() { StepError::Enrolled(protocol.id.clone()) } else { fault.into() }
        })?;
    let today = day(tx.at(), wall.1);
    let mut is_over = true;
    for series in &protocol.series {
        if let Some(owed) = first_from(series, course.anchor_on, today) {
            let next = write_down(tx, (id, who.0), (series, owed), wall)?;
            if !who.1.keeps_plan() {
                tx.set_next(next, None)?;
            }
            is_over = false;
        }
    }
    if is_over {
        end(tx, &tx.enrolment(id)?, wall)?;
    }
    Ok(id)
}

/// Writes the next follow-up of a series down, with the instant of its first step from now on.
pub(super) fn write_down(
    tx: &mut Tx<'_>,
    whose: (EnrolmentId, PatientId),
    what: (&Series, Owed),
    wall: (&Policy, &TimeZone),
) -> Result<FollowUpId, StepError> {
    let (series, owed) = what;
    let mut new = FollowUp {
        id: FollowUpId(0),
        enrolment: whose.0,
        patient: whose.1,
        series: series.id.clone(),
        kind: series.kind,
        owed,
        state: "planned".to_owned(),
        promised_from: tx.at(),
        next_at: None,
        closed_reason: None,
    };
    new.next_at = Some(first_look(&new, series, tx.at(), wall));
    Ok(tx.insert_follow_up(&new)?)
}

/// What is missing or needs a person from the first day on, so that nobody falls out by being taken in (P8).
fn ask(tx: &mut Tx<'_>, id: PatientId, admission: &Admission) -> Result<(), StepError> {
    let status = admission.newcomer.status;
    let change = Change {
        to: status,
        reason: "taken in with this status".to_owned(),
        until: None,
        confirmed_by: None,
    };
    if let Some(task) = departure(tx.at(), id, &change) {
        tx.open_task(&task)?;
    }
    if status.keeps_plan() && admission.newcomer.email.is_none() {
        tx.open_task(&unreachable(id, tx.at()))?;
    }
    if status.keeps_plan() && admission.courses.is_empty() {
        let reason = "No protocol and no anchor date on record.".to_owned();
        let cause = format!("patient/{}/no-plan", id.0);
        tx.open_task(&NewTask { kind: task::Kind::ReviewPlan, cause, reason, ..unreachable(id, tx.at()) })?;
    }
    Ok(())
}

fn unreachable(patient: PatientId, now: jiff::Timestamp) -> NewTask {
    NewTask {
        kind: task::Kind::Unreachable,
        cause: format!("patient/{}", patient.0),
        patient: Some(patient),
        follow_up: None,
        reason: "No e-mail address on record.".to_owned(),
        due_at: now,
    }
}

/// Adds a protocol (an add-on, or a first protocol) to someone who is in care already.
///
/// # Errors
/// As [`enrol`]; [`StepError::Deceased`] when she has died.
pub fn add_course(
    tx: &mut Tx<'_>,
    patient: &Patient,
    course: &Course,
    policy: &Policy,
) -> Result<(), StepError> {
    if patient.status == Status::Deceased {
        return Err(StepError::Deceased);
    }
    let zone = zone(&patient.zone)?;
    enrol(tx, (patient.id, patient.status), course, (policy, &zone))?;
    let detail =
        serde_json::json!({ "protocol": course.protocol.id, "anchor_on": course.anchor_on.to_string() });
    tx.audit("enrolment.opened", &format!("patient/{}", patient.id.0), &detail)?;
    Ok(())
}
