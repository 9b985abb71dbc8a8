//! The call log of an alert or a task, and who works on a task: by a command, or from a page.

use crate::care::patient::Reference;
use crate::journey::alerts::acknowledge;
use crate::journey::deps::Deps;
use crate::journey::errors::step::StepError;
use crate::journey::operations::assign_task::{self, SnoozeRequest};
use crate::journey::operations::call_note::{self, CallNote};
use crate::journey::operations::contact_log;
use crate::journey::owner_seen::OwnerSeen;
use crate::store::db::transaction::{Stamp, Tx};
use crate::store::work::contact_log::{ContactReport, ContactSubject};
use crate::store::work::tasks::Task;

/// An entry of the call log, as it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ContactReceipt {
    /// The number of the entry.
    pub entry: i64,
    /// Whether a letter tells the colleague to whom an alert was handed over; `None` where none was.
    pub is_told: Option<bool>,
}

/// Writes an entry of the call log. Whoever an alert is handed over to is told of it by letter.
///
/// # Errors
/// As [`contact_log::log`].
pub async fn log(
    clinic: &Deps,
    stamp: Stamp,
    subject: ContactSubject,
    report: ContactReport,
) -> Result<ContactReceipt, StepError> {
    let steps = clinic.clone();
    let job = move |tx: &mut Tx<'_>| {
        let entry = contact_log::log(tx, subject, &report)?;
        let is_told = match (subject, &report.handed_to) {
            (ContactSubject::Alert(id), Some(to)) => Some(acknowledge::tell_colleague(tx, id, to, &steps)?),
            _ => None,
        };
        Ok::<_, StepError>(ContactReceipt { entry, is_told })
    };
    let done = clinic.store.write(stamp, job).await?;
    if done.is_told == Some(true) {
        clinic.bells.alerts.notify_one();
    }
    Ok(done)
}

/// The actor works on a task from now on.
///
/// # Errors
/// As [`assign_task::claim`].
pub async fn claim(clinic: &Deps, stamp: Stamp, id: i64, seen: OwnerSeen) -> Result<Task, StepError> {
    clinic.store.write(stamp, move |tx: &mut Tx<'_>| assign_task::claim(tx, id, &seen)).await
}

/// Puts a task off until a day.
///
/// # Errors
/// As [`assign_task::snooze`].
pub async fn snooze(clinic: &Deps, stamp: Stamp, id: i64, ask: SnoozeRequest) -> Result<Task, StepError> {
    let zone = clinic.care.days.zone.clone();
    clinic.store.write(stamp, move |tx: &mut Tx<'_>| assign_task::snooze(tx, id, &ask, &zone)).await
}

/// Notes that a patient rang.
///
/// # Errors
/// As [`call_note::note_call`].
pub async fn note_call(
    clinic: &Deps,
    stamp: Stamp,
    whose: Reference,
    call: CallNote,
) -> Result<(), StepError> {
    clinic.store.write(stamp, move |tx: &mut Tx<'_>| call_note::note_call(tx, &whose, &call)).await
}

/// The address of her form, for whoever fills it in with her on the telephone.
///
/// # Errors
/// As [`call_note::open_form`].
pub async fn open_form(clinic: &Deps, stamp: Stamp, whose: Reference) -> Result<Option<String>, StepError> {
    let steps = clinic.clone();
    clinic.store.write(stamp, move |tx: &mut Tx<'_>| call_note::open_form(tx, &whose, &steps)).await
}
