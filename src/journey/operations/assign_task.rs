//! Who works on a task: somebody claims it, or puts it off until a day with a reason. The task stays open all the while.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

use crate::care::contact_kind::{ContactKind, may_snooze};
use crate::care::permission::Act;
use crate::care::task_state::TaskState;
use crate::journey::authorize::permit;
use crate::journey::errors::people::contact::ContactError;
use crate::journey::errors::step::StepError;
use crate::journey::owner_seen::OwnerSeen;
use crate::store::db::transaction::Tx;
use crate::store::work::contact_log::{ContactReport, ContactSubject};
use crate::store::work::tasks::Task;

/// The signed-in actor works on an open task from now on: one that nobody works on, or that is taken over from the
/// colleague who was seen to have it.
///
/// # Errors
/// `PermissionError`; [`ContactError::TaskIsDone`]; [`ContactError::HeldBy`] when a colleague took it on meanwhile; the
/// store's `is_not_found`.
pub fn claim(tx: &mut Tx<'_>, id: i64, seen: &OwnerSeen) -> Result<Task, StepError> {
    let me = permit(tx, Act::AssignTask)?;
    let task = open(tx, id)?;
    if let Some(owner) = task.owner.clone().filter(|owner| seen.is_outdated(Some(owner), &me)) {
        return Err(ContactError::HeldBy(owner).into());
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::care::task::TaskKind;
    use crate::journey::fixture::{Fixture, due, fixture, triage};
    use crate::store::work::tasks::NewTask;
    use jiff::ToSpan;

    fn task(fixture: &Fixture, kind: TaskKind) -> i64 {
        let new = NewTask {
            kind,
            cause: "test".to_owned(),
            patient: Some(fixture.patient),
            follow_up: None,
            reason: "x".to_owned(),
            due_at: due(),
        };
        fixture.write(("daemon", due()), move |tx| Ok(tx.open_task(&new)?)).unwrap();
        let open = fixture.clinic.store.read(|v| v.tasks_open()).unwrap();
        open.iter().find(|task| task.kind == kind).unwrap().id
    }

    fn put_off(fixture: &Fixture, id: i64, days: i64) -> Result<Task, StepError> {
        let until = due().to_zoned(TimeZone::UTC).date().checked_add(days.days()).unwrap();
        let ask = SnoozeRequest { until, reason: "she is away".to_owned() };
        fixture.write(("staff:nora", due()), move |tx| snooze(tx, id, &ask, &TimeZone::UTC))
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_task_is_put_off_with_a_reason_and_never_one_that_an_alert_or_a_hold_hangs_on() {
        let fixture = fixture(triage());
        for kind in [TaskKind::ReadAnswer, TaskKind::Hold, TaskKind::SheWrote] {
            let id = task(&fixture, kind);
            assert!(
                matches!(put_off(&fixture, id, 3), Err(StepError::Contact(ContactError::DoesNotWait))),
                "{kind:?}"
            );
        }
        let id = task(&fixture, TaskKind::Silent);
        for days in [0, 31] {
            let refused = put_off(&fixture, id, days);
            assert!(matches!(refused, Err(StepError::Contact(ContactError::SnoozeDay))), "{days}");
        }
        assert!(put_off(&fixture, id, 3).unwrap().snoozed_until.is_some());
        let claims =
            |by: &'static str, seen: OwnerSeen| fixture.write((by, due()), move |tx| claim(tx, id, &seen));
        let claimed = claims("staff:dana", OwnerSeen::Was(None)).unwrap();
        assert_eq!((claimed.owner.as_deref(), claimed.snoozed_until), (Some("dana"), None));
        let log = fixture.clinic.store.read(|v| v.contacts(ContactSubject::Task(id))).unwrap();
        assert_eq!((log.len(), log[0].report.kind), (1, ContactKind::Snoozed));
        fixture.write(("staff:dana", due()), move |tx| Ok(tx.close_task(id, "done")?)).unwrap();
        let late = claims("staff:dana", OwnerSeen::Unasked);
        assert!(matches!(late, Err(StepError::Contact(ContactError::TaskIsDone(_)))));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn two_who_claim_one_task_from_the_same_list_do_not_both_have_it() {
        let fixture = fixture(triage());
        let id = task(&fixture, TaskKind::Silent);
        let claims = |by: &'static str, was: Option<&str>| {
            let seen = OwnerSeen::Was(was.map(str::to_owned));
            fixture.write((by, due()), move |tx| claim(tx, id, &seen))
        };
        claims("staff:nora", None).unwrap();
        assert_eq!(claims("staff:nora", None).unwrap().owner.as_deref(), Some("nora"), "sent twice");
        let second = claims("staff:dana", None);
        assert!(
            matches!(&second, Err(StepError::Contact(ContactError::HeldBy(owner))) if owner == "nora"),
            "{second:?}"
        );
        let since = fixture.clinic.store.read(|v| v.task_owner_since(id)).unwrap();
        assert_eq!(since, Some(due()));
        let over = claims("staff:dana", Some("nora")).unwrap();
        assert_eq!(over.owner.as_deref(), Some("dana"), "she meant it");
    }
}
