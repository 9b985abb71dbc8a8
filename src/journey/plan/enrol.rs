//! Takes a patient in: record, enrolment and the next follow-up of each series in one transaction.

use std::sync::Arc;

use jiff::civil::Date;

use super::book;
use super::discharge::end;
use super::fall_due::first_look;
use super::unbooked::{self, is_too_late_to_ask};
use crate::care::patient::{Patient, PatientId, PatientStatus};
use crate::care::plan::due_steps::NOT_BOOKED;
use crate::care::plan::protocol::{Protocol, Series};
use crate::care::plan::schedule::Owed;
use crate::care::task;
use crate::journey::errors::enrolment::EnrolmentError;
use crate::journey::errors::people::record::RecordError;
use crate::journey::errors::people::status::StatusError;
use crate::journey::errors::step::StepError;
use crate::journey::patients::duplicates;
use crate::journey::patients::status::{death_pause, status_task};
use crate::journey::plan::booking_request::AppointmentSlot;
use crate::journey::plan::expiry::task_of;
use crate::journey::plan::newcomer_check;
use crate::journey::sending_policy::{Local, Policy, zone};
use crate::journey::status_change::{LetterPreferences, StatusChange};
use crate::store::audit_action::AuditAction;
use crate::store::db::transaction::Tx;
use crate::store::people::patients::{NewStatus, Newcomer};
use crate::store::plan::enrolments::NewEnrolment;
use crate::store::plan::follow_ups::{EnrolmentId, FollowUp, NewFollowUp};
use crate::store::plan::protocols::ProtocolVersionId;
use crate::store::subject::Subject;
use crate::store::work::tasks::NewTask;

/// Why somebody stands where she does who was just taken in.
const TAKEN_IN: &str = "taken in with this status";

/// A protocol to put someone on.
#[derive(Debug, Clone)]
pub struct Course {
    /// The stored row of the published version.
    pub version: ProtocolVersionId,
    /// The protocol as that version has it.
    pub protocol: Arc<Protocol>,
    /// From when the grid counts.
    pub anchor_on: Date,
}

impl Course {
    /// The course without the row that holds its version.
    #[must_use]
    pub fn content(&self) -> CourseContent<'_> {
        CourseContent { protocol: &self.protocol, anchor_on: self.anchor_on }
    }
}

/// What decides a patient's dates: enough to work a change out, also to a version that has no row yet.
#[derive(Debug, Clone, Copy)]
pub struct CourseContent<'a> {
    /// The protocol with its series.
    pub protocol: &'a Arc<Protocol>,
    /// From when the grid counts.
    pub anchor_on: Date,
}

/// Someone to take in.
#[derive(Debug, Clone)]
pub struct Admission {
    /// Her record as it will stand.
    pub newcomer: Newcomer,
    /// The protocols she is put on at once, each from its anchor date.
    pub courses: Vec<Course>,
    /// Protocols that wait for an anchor date.
    pub waiting: Vec<String>,
    /// The visit already booked, if any.
    pub next_visit: Option<AppointmentSlot>,
}

/// Whoever was taken in, and what of hers a person must book because no letter asks for it.
#[derive(Debug)]
pub struct Admitted {
    /// The row that she has now.
    pub patient: PatientId,
    /// What is due so soon that the days of its letters have passed.
    pub unasked: Vec<FollowUp>,
    /// What is past due and may still take place.
    pub overdue: Vec<FollowUp>,
}

/// Takes someone in. What lies before today was never promised; no letter goes out for it. What is past due but may still
/// take place is owed: a person books it.
///
/// # Errors
/// [`StepError`]: the case code is taken, the address is shared without the flag, the zone is unknown.
pub fn admit(tx: &mut Tx<'_>, admission: &Admission, policy: &Policy) -> Result<PatientId, StepError> {
    let admitted = admit_unasked(tx, admission, &LetterPreferences::default(), policy)?;
    ask_to_book(tx, &admitted.unasked)?;
    Ok(admitted.patient)
}

/// As [`admit`], and nobody is asked yet to book what no letter asks for: the caller must.
///
/// # Errors
/// As [`admit`].
pub(in crate::journey) fn admit_unasked(
    tx: &mut Tx<'_>,
    admission: &Admission,
    preferences: &LetterPreferences,
    policy: &Policy,
) -> Result<Admitted, StepError> {
    let admission =
        &Admission { newcomer: duplicates::as_before(tx, &admission.newcomer)?, ..admission.clone() };
    let new = &admission.newcomer;
    policy.refuse_own(new.email.as_ref())?;
    if let Some(proxy) = &new.proxy {
        policy.refuse_own_of(proxy)?;
    }
    let id = insert(tx, new)?;
    // Where she stood before a restore may stand in the place of her pause.
    let until = preferences.paused_until.filter(|_| new.status == PatientStatus::Paused);
    if until.is_some() {
        let paused = NewStatus { to: new.status, reason: TAKEN_IN, suspected_death: None };
        tx.set_status(id, paused, until)?;
    }
    let detail: Vec<_> = admission.courses.iter().map(|c| &c.protocol.id).collect();
    let detail = serde_json::json!({ "protocols": detail, "status": new.status.word() });
    tx.audit(AuditAction::PatientAdmitted, id, &detail)?;

    death_pause::of_before(tx, id)?;
    if !death_pause::of_alike(tx, id)? {
        duplicates::suspect(tx, id, &new.name, new.birth_on)?;
    }
    let zone = zone(&new.zone)?;
    let enrollee = Enrollee { patient: id, status: new.status, local: Local { policy, zone: &zone } };
    let mut admitted = Admitted { patient: id, unasked: Vec::new(), overdue: Vec::new() };
    let mut booked_on = admission.next_visit.as_ref().map(|slot| slot.on);
    for course in &admission.courses {
        // The date in the roster is that of her first protocol.
        let booked_on = booked_on.take();
        let opened = open_course(tx, &enrollee, course, booked_on)?;
        admitted.unasked.extend(opened.unasked);
        admitted.overdue.extend(opened.overdue);
    }
    ask(tx, id, admission, until)?;
    if let Some(slot) = &admission.next_visit {
        let patient = tx.patient(id)?;
        // Nobody comes to a date of hers any more; the stale cell keeps no row out.
        if !patient.status.keeps_plan() {
            return Ok(admitted);
        }
        let booked = book::of_newcomer(tx, &patient, slot, policy)?;
        admitted.unasked.retain(|follow_up| follow_up.id != booked.id);
        admitted.overdue.retain(|follow_up| follow_up.id != booked.id);
    }
    Ok(admitted)
}

fn insert(tx: &mut Tx<'_>, new: &Newcomer) -> Result<PatientId, StepError> {
    newcomer_check::beside(tx, new, tx.at())?;
    let twice = || StepError::Record(RecordError::Duplicate(new.reference.as_str().to_owned()));
    tx.insert_patient(new).map_err(|fault| if fault.is_conflict() { twice() } else { fault.into() })
}

/// What of a course a person must book, apart from what letters ask for.
#[derive(Default)]
struct OpenedCourse {
    unasked: Vec<FollowUp>,
    overdue: Vec<FollowUp>,
}

/// A patient as a plan is written for her: it runs only while her status keeps one.
#[derive(Clone, Copy)]
pub(in crate::journey::plan) struct Enrollee<'a> {
    pub(in crate::journey::plan) patient: PatientId,
    pub(in crate::journey::plan) status: PatientStatus,
    /// The clinic's policy, read in her own time zone.
    pub(in crate::journey::plan) local: Local<'a>,
}

/// An enrolment to which follow-ups are written.
#[derive(Clone, Copy)]
pub(in crate::journey::plan) struct OpenEnrolment<'a> {
    pub(in crate::journey::plan) id: EnrolmentId,
    pub(in crate::journey::plan) enrollee: Enrollee<'a>,
}

/// Opens an enrolment on record.
///
/// # Errors
/// [`EnrolmentError::Enrolled`] when she is on that protocol already; the store's own.
pub(in crate::journey::plan) fn open_enrolment<'a>(
    tx: &mut Tx<'_>,
    enrollee: &Enrollee<'a>,
    course: &Course,
) -> Result<OpenEnrolment<'a>, StepError> {
    let protocol = &course.protocol;
    let id = tx.insert_enrolment(&NewEnrolment {
        patient: enrollee.patient,
        version: course.version,
        protocol: &protocol.id,
        anchor_on: course.anchor_on,
    });
    let id = id.map_err(|fault| match fault.is_conflict() {
        true => StepError::Enrolment(EnrolmentError::Enrolled(protocol.id.clone())),
        false => fault.into(),
    })?;
    Ok(OpenEnrolment { id, enrollee: *enrollee })
}

/// Writes the enrolment down with what stands open of each series. Gives back what no letter will ask her to book any
/// more: it is due so soon that their days have passed, or past due and may still take place. The last is owed, unless a visit
/// is booked for `booked_on`, beyond its window.
fn open_course(
    tx: &mut Tx<'_>,
    enrollee: &Enrollee<'_>,
    course: &Course,
    booked_on: Option<Date>,
) -> Result<OpenedCourse, StepError> {
    let local = enrollee.local;
    let enrolment = open_enrolment(tx, enrollee, course)?;
    let today = local.day(tx.at());
    let (mut is_over, mut opened) = (true, OpenedCourse::default());
    for series in &course.protocol.series {
        let [overdue, next] = unbooked::stands_open(series, course.anchor_on, today, booked_on);
        if let Some(owed) = overdue {
            let overdue = write_down(tx, &enrolment, series, owed)?;
            let is_asked_for = series.kind.is_bookable() && enrollee.status.keeps_plan();
            opened.overdue.extend(Some(overdue).filter(|_| is_asked_for));
            is_over = false;
        }
        if let Some(owed) = next {
            let next = write_down(tx, &enrolment, series, owed)?;
            let asks_nobody = |next: &FollowUp| is_too_late_to_ask(&next.owed, next.next_at, series, local);
            opened.unasked.extend(Some(next).filter(asks_nobody));
            is_over = false;
        }
    }
    if is_over {
        end(tx, &tx.enrolment(enrolment.id)?, local)?;
    }
    Ok(opened)
}

/// Writes a follow-up of a series down, with the instant of its first step from now on. Nothing older leaves.
pub(in crate::journey::plan) fn write_down(
    tx: &mut Tx<'_>,
    enrolment: &OpenEnrolment<'_>,
    series: &Series,
    owed: Owed,
) -> Result<FollowUp, StepError> {
    let Enrollee { patient, status, local } = enrolment.enrollee;
    let mut new = NewFollowUp {
        enrolment: enrolment.id,
        patient,
        series: series.id.clone(),
        kind: series.kind,
        owed,
        promised_from: tx.at(),
        next_at: None,
    };
    new.next_at = status.keeps_plan().then(|| first_look(&new, series, tx.at(), local));
    Ok(tx.insert_follow_up(new)?)
}

/// A person books with her what no letter asks her to book.
fn ask_to_book(tx: &mut Tx<'_>, unasked: &[FollowUp]) -> Result<(), StepError> {
    for follow_up in unasked {
        let (number, due_on) = (follow_up.owed.number, follow_up.owed.due_on);
        tx.open_task(&NewTask {
            reason: format!("{} {number} is due on {due_on}, too soon for a letter.", follow_up.series),
            ..task_of(tx, follow_up, task::TaskKind::NotBooked, NOT_BOOKED)
        })?;
    }
    Ok(())
}

/// What is missing or needs a person from the first day on, so that nobody falls out by being taken in (P8).
fn ask(tx: &mut Tx<'_>, id: PatientId, admission: &Admission, until: Option<Date>) -> Result<(), StepError> {
    let status = admission.newcomer.status;
    let change = StatusChange { to: status, reason: TAKEN_IN.to_owned(), until, confirmed_by: None };
    if let Some(task) = status_task::task(tx.at(), id, &change) {
        tx.open_task(&task)?;
    }
    if status.is_asked_by_letter() && admission.newcomer.email.is_none() && admission.newcomer.proxy.is_none()
    {
        tx.open_task(&unreachable(id, tx.at()))?;
    }
    if status.keeps_plan() && admission.courses.is_empty() {
        let reason = match admission.waiting.join("+") {
            none if none.is_empty() => "No protocol and no anchor date on record.".to_owned(),
            names => format!("No anchor date on record. The protocol {names} waits for it."),
        };
        let cause = no_plan(id);
        tx.open_task(&NewTask {
            kind: task::TaskKind::ReviewPlan,
            cause,
            reason,
            ..unreachable(id, tx.at())
        })?;
    }
    Ok(())
}

fn no_plan(patient: PatientId) -> String {
    Subject::from(patient).part("no-plan")
}

/// The task about somebody to whom no letter can go.
pub(in crate::journey) fn unreachable(patient: PatientId, now: jiff::Timestamp) -> NewTask {
    NewTask {
        kind: task::TaskKind::Unreachable,
        cause: Subject::from(patient).to_string(),
        patient: Some(patient),
        follow_up: None,
        reason: "No e-mail address on record.".to_owned(),
        due_at: now,
    }
}

/// Adds a protocol (an add-on, or a first protocol) to someone who is in care already.
///
/// # Errors
/// [`EnrolmentError::Enrolled`] when she is on it already, [`StatusError::Deceased`] when she has died; the store's own.
pub fn add_course(
    tx: &mut Tx<'_>,
    patient: &Patient,
    course: &Course,
    policy: &Policy,
) -> Result<(), StepError> {
    if patient.status == PatientStatus::Deceased {
        return Err(StatusError::Deceased.into());
    }
    let zone = zone(&patient.zone)?;
    let local = Local { policy, zone: &zone };
    let enrollee = Enrollee { patient: patient.id, status: patient.status, local };
    let opened = open_course(tx, &enrollee, course, None)?;
    ask_to_book(tx, &opened.unasked)?;
    tx.close_tasks_for(patient.id, &no_plan(patient.id), "a plan was laid")?;
    let detail =
        serde_json::json!({ "protocol": course.protocol.id, "anchor_on": course.anchor_on.to_string() });
    tx.audit(AuditAction::EnrolmentOpened, patient.id, &detail)?;
    Ok(())
}
