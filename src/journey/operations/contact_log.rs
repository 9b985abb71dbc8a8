//! The call log: what somebody tried for an alert or a task before it ends. An entry ends, silences and takes on nothing; only
//! what is handed over has another owner from then on.

use crate::care::contact::{ContactKind, may_try_again};
use crate::care::permission::Act;
use crate::care::task_state::TaskState;
use crate::journey::alerts::acknowledge;
use crate::journey::authorize::permit;
use crate::journey::errors::contact::ContactError;
use crate::journey::errors::step::StepError;
use crate::store::db::transaction::Tx;
use crate::store::work::contact_log::{ContactReport, ContactSubject};

/// The longest note, in characters.
const LONGEST: usize = 2000;

/// The signed-in actor writes an entry; an alert or a task that is handed over is the colleague's. Returns its number.
///
/// # Errors
/// [`ContactError`]; `PermissionError`; `AlertError::AlertIs` for an alert that is handed over and that nobody has taken on;
/// the store's `is_not_found` when there is no such alert or task.
pub fn log(tx: &mut Tx<'_>, subject: ContactSubject, report: &ContactReport) -> Result<i64, StepError> {
    let me = permit(tx, Act::LogContact)?;
    check(tx, report)?;
    let patient = match subject {
        ContactSubject::Alert(id) => Some(tx.alert(id)?.patient),
        ContactSubject::Task(id) => tx.task(id)?.patient.map(|(patient, _)| patient),
    };
    if let Some(to) = &report.handed_to {
        hand_over(tx, subject, to, &me)?;
    }
    Ok(tx.log_contact(subject, patient, report)?)
}

fn check(tx: &Tx<'_>, report: &ContactReport) -> Result<(), ContactError> {
    let needs_words = matches!(report.kind, ContactKind::Note | ContactKind::Snoozed);
    if needs_words && report.note.trim().is_empty() {
        return Err(ContactError::WordsMissing(report.kind));
    }
    if report.note.chars().count() > LONGEST {
        return Err(ContactError::TooLong);
    }
    match (report.kind, &report.handed_to) {
        (ContactKind::HandedOver, None) => return Err(ContactError::NoColleague),
        (ContactKind::HandedOver, Some(_)) | (_, None) => {}
        (_, Some(_)) => return Err(ContactError::NotHandedOver),
    }
    if report.again_at.is_some_and(|at| !may_try_again(tx.at(), at)) {
        return Err(ContactError::AgainAt);
    }
    Ok(())
}

/// An alert that was taken on keeps its clock: whoever has it now has what is left of it.
fn hand_over(tx: &mut Tx<'_>, subject: ContactSubject, to: &str, me: &str) -> Result<(), StepError> {
    let act = match subject {
        ContactSubject::Alert(_) => Act::TakeAlert,
        ContactSubject::Task(_) => Act::AssignTask,
    };
    permit(tx, act)?;
    let colleague = tx.staff_named(to)?.filter(|staff| staff.disabled_at.is_none() && staff.role.may(act));
    let colleague = colleague.filter(|staff| staff.name != me).ok_or(ContactError::NoColleague)?;
    match subject {
        ContactSubject::Alert(id) => acknowledge::hand_over(tx, id, &colleague.name),
        ContactSubject::Task(id) if tx.task(id)?.state == TaskState::Done => {
            Err(ContactError::TaskIsDone(id).into())
        }
        ContactSubject::Task(id) => Ok(tx.assign_task(id, &colleague.name)?),
    }
}
