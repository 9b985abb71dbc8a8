//! Alerts and tasks as lines from which somebody rings: with her name, her number, and what was tried last.

use minijinja::{Value, context};

use crate::care::patient::{Patient, PatientId, PatientStatus};
use crate::care::permission::StaffRole;
use crate::care::triage::tier::Tier;
use crate::store::alerts::lifecycle::Alert;
use crate::store::db::transaction::View;
use crate::store::error::StoreError;
use crate::store::work::contact_log::ContactSubject;
use crate::store::work::tasks::Task;
use crate::web::console::layout::time_format::{TimeFormat, day};
use crate::web::console::patients::{contact, response};
use crate::web::console::worklist::lines::{alert_line, task_line};
use crate::web::console::worklist::{contact_form, task_words};
use crate::web::locale::reader::ReaderWords;

/// Who she is and how she is rung. A record that cannot be read keeps no list from being shown.
///
/// # Errors
/// [`StoreError`] when SQL fails.
pub(in crate::web::console) fn caller(
    view: &View<'_>,
    patient: PatientId,
    times: &TimeFormat,
) -> Result<Value, StoreError> {
    let who = readable(view, patient)?;
    Ok(context! {
        name => who.as_ref().map(|who| who.name.expose().to_owned()),
        born => who.as_ref().map(|who| day(who.birth_on)),
        contact => to_ring(view, patient, times)?,
    })
}

/// Her record; none where it cannot be read.
fn readable(view: &View<'_>, patient: PatientId) -> Result<Option<Patient>, StoreError> {
    match view.patient(patient) {
        Ok(patient) => Ok(Some(patient)),
        Err(fault) if fault.is_unreadable() || fault.is_not_found() => Ok(None),
        Err(fault) => Err(fault),
    }
}

/// What staff need to know that it is she whom they ring; none where her record cannot be read.
///
/// # Errors
/// [`StoreError`] when SQL fails.
pub(in crate::web::console) fn identity(
    view: &View<'_>,
    patient: PatientId,
) -> Result<Option<Value>, StoreError> {
    Ok(readable(view, patient)?.as_ref().map(response::patient))
}

/// How she is rung, and what her clock shows where that is another hour than the clinic's. While an emergency of hers is open
/// nobody waits for the best time.
///
/// # Errors
/// [`StoreError`] when SQL fails.
pub(in crate::web::console) fn to_ring(
    view: &View<'_>,
    patient: PatientId,
    times: &TimeFormat,
) -> Result<Value, StoreError> {
    let who = readable(view, patient)?;
    let died = who.as_ref().is_some_and(|who| who.status == PatientStatus::Deceased);
    let hers = who.and_then(|who| times.elsewhere(times.now, &who.zone));
    let is_emergency = |alert: &Alert| alert.tier == Some(Tier::Emergency);
    let now = view.alerts_open_of(patient)?.iter().any(is_emergency);
    Ok(context! { now, died, ..contact::words(&view.contact(patient)?.details, hers) })
}

/// One alert with who she is, her number, and what was tried last.
///
/// # Errors
/// [`StoreError`] when SQL fails.
pub(in crate::web::console) fn alert_to_ring(
    view: &View<'_>,
    alert: &Alert,
    times: &TimeFormat,
    reader: &ReaderWords,
) -> Result<Value, StoreError> {
    let last = contact_form::last(view, ContactSubject::Alert(alert.id), times)?;
    Ok(context! { last, who => caller(view, alert.patient, times)?, ..alert_line(alert, times, reader) })
}

/// One task with who she is, her number, what was tried last, and where it is done.
///
/// # Errors
/// [`StoreError`] when SQL fails.
pub(in crate::web::console) fn task_to_do(
    view: &View<'_>,
    task: &Task,
    times: &TimeFormat,
    role: StaffRole,
) -> Result<Value, StoreError> {
    let last = contact_form::last(view, ContactSubject::Task(task.id), times)?;
    let who = task.patient.as_ref().map(|(id, _)| caller(view, *id, times)).transpose()?;
    Ok(context! { last, who, way => task_words::way(task, role), ..task_line(task, times) })
}
