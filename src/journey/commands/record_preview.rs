//! What a change of a record would come to, found by doing it and taking it back: what is shown is what is applied (P11).

use jiff::Timestamp;
use jiff::civil::Date;

use crate::care::patient::{Patient, PatientId, PatientStatus, Reference};
use crate::care::plan::appointment::AppointmentState;
use crate::care::plan::booking_remark::BookingRemark;
use crate::care::plan::follow_up::FollowUpState;
use crate::care::plan::schedule::Owed;
use crate::care::task_state::TaskState;
use crate::journey::commands::appointments::{self, AppointmentCommand};
use crate::journey::commands::guards::waiting::{self, WaitingCause};
use crate::journey::commands::patient_record::{
    PlanChangeRequest, RecordCorrection, change_plan_in, correct, take_in,
};
use crate::journey::deps::Deps;
use crate::journey::errors::step::StepError;
use crate::journey::patients::amend::{Amendment, PlanAmendment, amend};
use crate::journey::plan::enrol::Admission;
use crate::journey::plan::outlook::{ComingStep, OutlookChange, coming_year};
use crate::journey::plan::pick_follow_up;
use crate::journey::plan::replan::{Difference, propose};
use crate::journey::plan::replan_preview::PlanChange;
use crate::store::db::transaction::{Stamp, Tx, View};
use crate::store::error::StoreError;
use crate::store::mail::delivery::DeliveryId;
use crate::store::plan::appointments::Booked;
use crate::store::plan::follow_ups::{FollowUp, FollowUpId};
use crate::store::work::worklist::LedgerFilter;

/// What enrolling somebody would come to.
#[derive(Debug, Clone)]
pub struct AdmissionPreview {
    /// Letters and tasks of the first year.
    pub coming: Vec<ComingStep>,
    /// What a person would be asked at once.
    pub tasks: Vec<String>,
    /// Case codes with the same name and birth date.
    pub alike: Vec<String>,
    /// What the visit that is booked counts for, where it lies outside its window.
    pub displaced: Option<FollowUp>,
}

/// What a task asks of a person, and why.
#[derive(Debug, Clone)]
pub struct AskedTask {
    /// What is to be done.
    pub ask: &'static str,
    /// Why it is asked.
    pub reason: String,
}

/// What any change of a record would come to.
#[derive(Debug, Clone)]
pub struct ChangePreview {
    /// What becomes of the letters of the coming year.
    pub letters: OutlookChange,
    /// How many letters it puts into the outbox.
    pub written: usize,
    /// Why a letter that it puts there waits; `None` where each leaves at the next open hour.
    pub waits: Option<WaitingCause>,
    /// How many letters it takes out of the outbox.
    pub withdrawn: usize,
    /// What a person would be asked because of it.
    pub opened: Vec<AskedTask>,
    /// What nobody would be asked any more.
    pub closed: Vec<AskedTask>,
    /// Where she would stand.
    pub status: PatientStatus,
    /// Whether her plan would run and no letter of it reach her.
    pub is_unreached: bool,
}

/// What booking, moving, keeping or calling off a date would come to.
#[derive(Debug, Clone)]
pub struct AppointmentPreview {
    /// What becomes of letters and tasks.
    pub change: ChangePreview,
    /// Which series it is about.
    pub series: String,
    /// The date that is booked now; none where nothing is.
    pub was: Option<Booked>,
    /// The date that would be booked; none where nothing would.
    pub is: Option<Booked>,
    /// The day on which it would be recorded to have taken place.
    pub kept_on: Option<Date>,
    /// The hour that was asked for where the clocks jump over it, so that another is taken.
    pub skipped: Option<BookingRemark>,
    /// What it would come too close to.
    pub crowded: Vec<BookingRemark>,
    /// Her booked dates as they stand before it: the act is refused once they differ.
    pub seen: String,
    /// What it counts for, where the date lies outside its window: that takes place on no other day.
    pub displaced: Option<Owed>,
}

/// What a correction would come to.
#[derive(Debug, Clone)]
pub struct CorrectionPreview {
    /// What becomes of letters and tasks.
    pub change: ChangePreview,
    /// Case codes with the corrected name and birth date.
    pub alike: Vec<String>,
}

/// What another plan would come to.
#[derive(Debug, Clone)]
pub struct PlanPreview {
    /// What becomes of letters and tasks.
    pub change: ChangePreview,
    /// Due dates that move, by protocol.
    pub differences: Vec<PlanDifference>,
}

/// What becomes of one protocol that she is on.
#[derive(Debug, Clone)]
pub struct PlanDifference {
    /// The protocol as it will be, or the one that ends.
    pub protocol: String,
    /// Which of its due dates and letters change.
    pub difference: Difference,
}

/// Why a change that is only tried ends: it was seen, or it cannot be.
enum TriedChange<T> {
    Seen(T),
    Refused(StepError),
}

impl<T> From<StoreError> for TriedChange<T> {
    fn from(fault: StoreError) -> Self {
        Self::Refused(fault.into())
    }
}

impl<T> From<StepError> for TriedChange<T> {
    fn from(fault: StepError) -> Self {
        Self::Refused(fault)
    }
}

/// Does something, looks, and takes it back.
fn tried<T: Send + 'static>(
    clinic: &Deps,
    stamp: Stamp,
    job: impl FnOnce(&mut Tx<'_>) -> Result<T, StepError> + Send + 'static,
) -> Result<T, StepError> {
    let job = move |tx: &mut Tx<'_>| -> Result<(), TriedChange<T>> { Err(TriedChange::Seen(job(tx)?)) };
    match clinic.store.write_blocking(stamp, job) {
        Err(TriedChange::Seen(found)) => Ok(found),
        Err(TriedChange::Refused(fault)) => Err(fault),
        Ok(()) => Err(StoreError::conflict("a change that was only tried was kept").into()),
    }
}

/// What stands before or after a change.
struct Standing {
    coming: Vec<ComingStep>,
    tasks: Vec<(i64, AskedTask)>,
    waiting: Vec<DeliveryId>,
}

impl Standing {
    fn of(view: &View<'_>, patient: &Patient, clinic: &Deps, now: Timestamp) -> Result<Self, StepError> {
        let open = view.tasks_of(patient.id)?.into_iter().filter(|task| task.state == TaskState::Open);
        let reference = Some(patient.reference.as_str().to_owned());
        let pending =
            LedgerFilter { reference, state: Some("pending".to_owned()), ..LedgerFilter::default() };
        Ok(Self {
            coming: coming_year(view, patient, clinic, now)?,
            tasks: open
                .map(|task| (task.id, AskedTask { ask: task.kind.ask(), reason: task.reason }))
                .collect(),
            waiting: view.ledger(&pending)?.iter().map(|line| line.delivery.id).collect(),
        })
    }
}

/// Does something to a patient, and tells what became of her letters and tasks.
fn watched(
    tx: &mut Tx<'_>,
    whose: &Reference,
    clinic: &Deps,
    change: impl FnOnce(&mut Tx<'_>) -> Result<(), StepError>,
) -> Result<ChangePreview, StepError> {
    let now = tx.at();
    let patient = tx.patient_by_reference(whose)?;
    let was = Standing::of(tx, &patient, clinic, now)?;
    change(tx)?;
    let patient = tx.patient(patient.id)?;
    let is = Standing::of(tx, &patient, clinic, now)?;
    let missing = |these: &[(i64, AskedTask)], those: &[(i64, AskedTask)]| {
        let gone = these.iter().filter(|(id, _)| !those.iter().any(|(other, _)| other == id));
        gone.map(|(_, task)| task.clone()).collect::<Vec<_>>()
    };
    let written: Vec<_> = is.waiting.iter().filter(|id| !was.waiting.contains(id)).copied().collect();
    Ok(ChangePreview {
        written: written.len(),
        waits: waiting::cause(tx, &written, clinic, now)?,
        withdrawn: was.waiting.iter().filter(|id| !is.waiting.contains(id)).count(),
        opened: missing(&is.tasks, &was.tasks),
        closed: missing(&was.tasks, &is.tasks),
        letters: OutlookChange::between(was.coming, is.coming),
        status: patient.status,
        is_unreached: patient.status.keeps_plan()
            && !(patient.status.is_asked_by_letter() && patient.letters_to().is_some()),
    })
}

/// What enrolling somebody would come to. Nothing is recorded.
///
/// # Errors
/// As [`crate::journey::commands::patient_record::admit`].
pub fn preview_admission(
    clinic: &Deps,
    stamp: Stamp,
    admission: Admission,
) -> Result<AdmissionPreview, StepError> {
    let steps = clinic.clone();
    tried(clinic, stamp, move |tx| {
        let id = take_in(tx, &admission, &steps.policy)?;
        let patient = tx.patient(id)?;
        let tasks = tx.tasks_of(id)?.into_iter().map(|task| task.reason).collect();
        let alike = tx.alike(id, &patient.name, patient.birth_on)?;
        let coming = coming_year(tx, &patient, &steps, tx.at())?;
        let displaced = match &admission.next_visit {
            Some(slot) => counts_for(tx, id)?.filter(|one| !one.owed.holds(slot.on)),
            None => None,
        };
        let alike = alike.into_iter().map(|(_, code)| code).collect();
        Ok(AdmissionPreview { coming, tasks, alike, displaced })
    })
}

/// The follow-up of a newcomer for which a date is booked.
fn counts_for(view: &View<'_>, patient: PatientId) -> Result<Option<FollowUp>, StoreError> {
    let all = view.follow_ups_of(patient)?;
    Ok(all.into_iter().find(|one| one.state == FollowUpState::Booked))
}

/// What a correction would come to. Nothing is recorded.
///
/// # Errors
/// As [`crate::journey::commands::patient_record::correct_record`].
pub fn preview_correction(
    clinic: &Deps,
    stamp: Stamp,
    ask: RecordCorrection,
) -> Result<CorrectionPreview, StepError> {
    let steps = clinic.clone();
    tried(clinic, stamp, move |tx| {
        let whose = ask.whose.clone();
        let before = tx.patient_by_reference(&whose)?;
        let change = watched(tx, &whose, &steps, |tx| correct(tx, ask, &steps))?;
        let after = tx.patient(before.id)?;
        let alike = match (&before.name, before.birth_on) == (&after.name, after.birth_on) {
            true => Vec::new(),
            false => tx.alike(after.id, &after.name, after.birth_on)?,
        };
        Ok(CorrectionPreview { change, alike: alike.into_iter().map(|(_, code)| code).collect() })
    })
}

/// What a change of status, wishes or forms would come to. Nothing is recorded.
///
/// # Errors
/// As [`amend`].
pub fn preview_amendment(
    clinic: &Deps,
    stamp: Stamp,
    whose: Reference,
    ask: Amendment,
) -> Result<ChangePreview, StepError> {
    let steps = clinic.clone();
    tried(clinic, stamp, move |tx| {
        let id = tx.patient_by_reference(&whose)?.id;
        watched(tx, &whose, &steps, |tx| amend(tx, id, &ask, &steps))
    })
}

/// What booking, moving, keeping or calling off a date would come to. Nothing is recorded.
///
/// # Errors
/// As [`appointments::change_appointment`].
pub fn preview_appointment(
    clinic: &Deps,
    stamp: Stamp,
    whose: Reference,
    command: AppointmentCommand,
) -> Result<AppointmentPreview, StepError> {
    let steps = clinic.clone();
    tried(clinic, stamp, move |tx| {
        let patient = tx.patient_by_reference(&whose)?.id;
        let seen = appointments::dates_seen(tx, patient)?;
        let mut before = Vec::new();
        for owed in tx.follow_ups_of(patient)? {
            before.extend(live(tx, owed.id)?.map(|booked| (owed.id, booked)));
        }
        let mut touched = Vec::new();
        let change = watched(tx, &whose, &steps, |tx| {
            touched = appointments::apply(tx, &whose, &command, &steps)?;
            Ok(())
        })?;
        let was = before.into_iter().find(|(id, _)| touched.iter().any(|one| one.id == *id));
        let is = match touched.first() {
            Some(first) => live(tx, first.id)?,
            None => None,
        };
        let crowded = match (touched.first(), command.on()) {
            (Some(first), Some(on)) => pick_follow_up::crowded(tx, first, on, &steps.protocol_cache)?,
            _ => Vec::new(),
        };
        let first = touched.into_iter().next();
        let (was, owed) = (was.map(|(_, booked)| booked), first.as_ref().map(|first| first.owed));
        let displaced = owed.filter(|owed| command.on().is_some_and(|on| !owed.holds(on)));
        let series = first.map(|first| first.series).unwrap_or_default();
        let (kept_on, skipped) = (command.kept_on(), command.skipped(&steps.policy)?);
        Ok(AppointmentPreview { change, series, was, is, kept_on, skipped, crowded, seen, displaced })
    })
}

/// The date that is booked for a follow-up.
fn live(view: &View<'_>, follow_up: FollowUpId) -> Result<Option<Booked>, StoreError> {
    Ok(view.appointment_of(follow_up)?.filter(|booked| booked.state == AppointmentState::Booked))
}

/// What another plan would come to. Nothing is recorded.
///
/// # Errors
/// As [`crate::journey::commands::patient_record::change_plan`].
pub fn preview_plan(clinic: &Deps, stamp: Stamp, ask: PlanChangeRequest) -> Result<PlanPreview, StepError> {
    let steps = clinic.clone();
    tried(clinic, stamp, move |tx| {
        let mut differences = Vec::new();
        for turn in &ask.turns {
            let change = match turn {
                PlanAmendment::Instead(old, course) => PlanChange { old, course: Some(course.content()) },
                PlanAmendment::End(old, _) => PlanChange { old, course: None },
                PlanAmendment::Add(_) => continue,
            };
            let protocol = change.course.map_or(&change.old.protocol, |course| &course.protocol.id).clone();
            let difference = propose(tx, change, tx.at(), &steps)?;
            differences.push(PlanDifference { protocol, difference });
        }
        let whose = ask.whose.clone();
        let change = watched(tx, &whose, &steps, |tx| change_plan_in(tx, &ask, &steps))?;
        Ok(PlanPreview { change, differences })
    })
}
