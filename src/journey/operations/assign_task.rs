//! Who works on a task: somebody claims it, or puts it off until a day with a reason. The task stays open all the while.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

use crate::care::contact::{ContactKind, may_snooze};
use crate::care::permission::Act;
use crate::care::task_state::TaskState;
use crate::journey::authorize::permit;
use crate::journey::errors::contact::ContactError;
use crate::journey::errors::step::StepError;
use crate::store::db::transaction::Tx;
use crate::store::work::contact_log::{ContactReport, ContactSubject};
use crate::store::work::tasks::Task;

/// The signed-in actor works on an open task from now on, whoever had it before.
///
/// # Errors
/// `PermissionError`; [`ContactError::TaskIsDone`]; the store's `is_not_found`.
pub fn claim(tx: &mut Tx<'_>, id: i64) -> Result<Task, StepError> {
    let me = permit(tx, Act::AssignTask)?;
    let task = open(tx, id)?;
    if task.owner.as_ref() != Some(&me) || task.snoozed_until.is_some() {
        tx.assign_task(id, &me)?;
    }
    Ok(tx.task(id)?)
}

/// A day until which a task is put off, and why.
#[derive(Clone)]
pub struct SnoozeRequest {
    /// On the morning of that day it is back.
    pub until: Date,
    /// In the person's words, for staff only.
    pub reason: String,
}

/// An open task leaves the worklist until the morning of a day in the clinic's zone. It comes back by itself.
///
/// # Errors
/// `PermissionError`; [`ContactError`]; the store's `is_not_found`.
pub fn snooze(tx: &mut Tx<'_>, id: i64, ask: &SnoozeRequest, zone: &TimeZone) -> Result<Task, StepError> {
    permit(tx, Act::AssignTask)?;
    let task = open(tx, id)?;
    if !task.kind.may_wait() {
        return Err(ContactError::DoesNotWait.into());
    }
    if ask.reason.trim().is_empty() {
        return Err(ContactError::WordsMissing(ContactKind::Snoozed).into());
    }
    let today = tx.at().to_zoned(zone.clone()).date();
    let morning = zone.to_ambiguous_timestamp(ask.until.to_datetime(Time::midnight())).compatible().ok();
    let until = morning.filter(|_| may_snooze(today, ask.until)).ok_or(ContactError::SnoozeDay)?;
    tx.snooze_task(id, until)?;
    let report = ContactReport {
        kind: ContactKind::Snoozed,
        handed_to: None,
        note: ask.reason.clone(),
        again_at: Some(until),
    };
    tx.log_contact(ContactSubject::Task(id), task.patient.map(|(patient, _)| patient), &report)?;
    Ok(tx.task(id)?)
}

fn open(tx: &Tx<'_>, id: i64) -> Result<Task, StepError> {
    let task = tx.task(id)?;
    match task.state {
        TaskState::Open => Ok(task),
        TaskState::Done => Err(ContactError::TaskIsDone(id).into()),
    }
}
