//! Lasting conditions and the tasks that stand for them: ticked off too early a task comes back while its condition lasts,
//! and it closes itself when the condition is over (P16). A step only opens and closes tasks; which kinds stand for a
//! condition says [`TaskKind::stands_while`](crate::care::task::TaskKind::stands_while), in one place.

use jiff::Timestamp;

use crate::journey::deps::Deps;
use crate::journey::errors::step::StepError;
use crate::store::audit_action::AuditAction;
use crate::store::db::transaction::{Stamp, Tx, View};
use crate::store::subject::Subject;
use crate::store::work::standing_tasks::Condition;
use crate::store::work::tasks::NewTask;

/// What is said of a task that came back.
const STILL: &str = " It was marked as done and is still so.";

/// Compares the conditions on record with the tasks that are open. Returns how many tasks came back.
///
/// # Errors
/// [`StepError`] when the store fails.
pub async fn look(clinic: &Deps, now: Timestamp) -> Result<usize, StepError> {
    let differs = |view: &View<'_>| -> Result<bool, StepError> {
        Ok(!view.conditions_unasked()?.is_empty() || !view.tasks_outlived()?.is_empty())
    };
    if !clinic.store.read(differs)? {
        return Ok(0);
    }
    clinic.store.write(Stamp::daemon(now), agree).await
}

fn agree(tx: &mut Tx<'_>) -> Result<usize, StepError> {
    let outlived = tx.tasks_outlived()?;
    tx.close_each(&outlived, "what it stood for is over")?;
    let unasked = tx.conditions_unasked()?;
    let mut count = 0;
    for (end, condition) in tx.each(&unasked, ask_again).into_iter().zip(&unasked) {
        match end {
            Ok(()) => count += 1,
            Err(fault) if fault.is_everyones() => return Err(fault),
            Err(fault) => {
                let kind = condition.kind.word();
                tracing::error!(kind, %fault, "a task that was marked as done too early could not come back");
            }
        }
    }
    Ok(count)
}

fn ask_again(tx: &mut Tx<'_>, condition: &Condition) -> Result<(), StepError> {
    let before = tx.last_done(condition.kind, &condition.cause)?;
    let reason = condition.reason.trim_end_matches(STILL);
    // What somebody typed as the reason of a status may end without a full stop.
    let end = if reason.ends_with(['.', '!', '?']) { "" } else { "." };
    let reason = if before.is_some() { format!("{reason}{end}{STILL}") } else { reason.to_owned() };
    tx.open_task(&NewTask {
        kind: condition.kind,
        cause: condition.cause.clone(),
        patient: condition.patient,
        follow_up: condition.follow_up,
        reason,
        due_at: tx.at(),
    })?;
    if let Some((task, by)) = before {
        tracing::warn!(task, kind = condition.kind.word(), "a task was marked as done while its cause lasts");
        let detail =
            serde_json::json!({ "kind": condition.kind.word(), "cause": condition.cause, "closed_by": by });
        tx.audit(AuditAction::TaskReopened, Subject::Task(task), &detail)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::care::patient::PatientStatus;
    use crate::care::task::TaskKind;
    use crate::journey::answers::link_access;
    use crate::journey::fixture::{Fixture, due, fixture, minutes, triage};
    use crate::journey::operations::close_task;
    use crate::journey::patients::status;
    use crate::journey::status_change::StatusChange;

    fn open(fixture: &Fixture, kind: TaskKind) -> Vec<(i64, String)> {
        let tasks = fixture.clinic.store.read(|v| v.tasks_open()).unwrap();
        tasks.into_iter().filter(|t| t.kind == kind).map(|t| (t.id, t.reason)).collect()
    }

    fn tick_off(fixture: &Fixture, id: i64) -> Option<&'static str> {
        fixture.write(("staff:nora", due()), move |tx| close_task::close(tx, id, "done")).unwrap()
    }

    fn stands(fixture: &Fixture, to: PatientStatus) {
        let her = fixture.her();
        let change = StatusChange { to, reason: "told by phone".to_owned(), until: None, confirmed_by: None };
        fixture.write(("staff:nora", due()), move |tx| status::change(tx, &her, &change)).unwrap();
    }

    /// What the program sees when a condition begins and ends; the task opens by itself where only the record tells.
    fn set(tx: &mut Tx<'_>, kind: TaskKind, is_so: bool) -> Result<(), StepError> {
        let fact = kind.word();
        match (kind, is_so) {
            (TaskKind::NoCover | TaskKind::CanaryBroken, true) => tx.set_fact(fact, "so it is")?,
            (TaskKind::NoCover | TaskKind::CanaryBroken, false) => tx.clear_fact(fact)?,
            (_, true) => drop(tx.open_task(&NewTask {
                kind,
                cause: "somewhere".to_owned(),
                patient: None,
                follow_up: None,
                reason: "So it is.".to_owned(),
                due_at: tx.at(),
            })?),
            (_, false) => tx.close_tasks_caused(kind, "somewhere", "no more")?,
        }
        Ok(())
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_task_that_stands_for_a_condition_lives_as_long_as_it() {
        let of_her = [
            TaskKind::AddressBad,
            TaskKind::Unreachable,
            TaskKind::LinkLocked,
            TaskKind::ProxyAddress,
            TaskKind::Missed,
        ];
        let of_the_clinic = |kind: &TaskKind| kind.stands_while().is_some() && !of_her.contains(kind);
        for kind in TaskKind::ALL.into_iter().filter(of_the_clinic) {
            let fixture = fixture(triage());
            fixture.write(("daemon", due()), move |tx| set(tx, kind, true)).unwrap();
            look(&fixture.clinic, due()).await.unwrap();
            for day in 1..3 {
                let [(id, _)] = open(&fixture, kind)[..] else { panic!("{kind:?}") };
                assert!(tick_off(&fixture, id).is_some(), "{kind:?}: whoever closes it is told");
                assert_eq!(look(&fixture.clinic, due() + minutes(day)).await.unwrap(), 1, "{kind:?}");
                assert_eq!(look(&fixture.clinic, due() + minutes(day)).await.unwrap(), 0, "{kind:?}");
            }
            let told = open(&fixture, kind).pop().unwrap().1;
            assert!(told.contains(". It was marked"), "{told}");
            assert_eq!(told.matches("marked as done").count(), 1, "{told}");
            // Ticked off once more before it ends: it must not come back then.
            tick_off(&fixture, open(&fixture, kind)[0].0);
            fixture.write(("daemon", due()), move |tx| set(tx, kind, false)).unwrap();
            look(&fixture.clinic, due() + minutes(9)).await.unwrap();
            assert_eq!(open(&fixture, kind), [], "{kind:?}");
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_dead_address_is_asked_about_until_there_is_another_way() {
        let fixture = fixture(triage());
        stands(&fixture, PatientStatus::AddressBad);
        for _ in 0..2 {
            tick_off(&fixture, open(&fixture, TaskKind::AddressBad)[0].0);
            look(&fixture.clinic, due()).await.unwrap();
            assert_eq!(open(&fixture, TaskKind::AddressBad).len(), 1);
        }
        stands(&fixture, PatientStatus::OptedOutEmail);
        assert_eq!(
            (open(&fixture, TaskKind::AddressBad).len(), open(&fixture, TaskKind::OptedOut).len()),
            (0, 1)
        );
        let agreed = open(&fixture, TaskKind::OptedOut)[0].0;
        assert_eq!(tick_off(&fixture, agreed), None, "agreeing on paper is the end of the matter");
        look(&fixture.clinic, due()).await.unwrap();
        assert!(fixture.clinic.store.read(|v| v.tasks_open()).unwrap().is_empty());
        let came_back = fixture.clinic.store.read(|v| v.tasks_all()).unwrap().len();
        assert_eq!(came_back, 4, "three about the address, one about the other way");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn locked_forms_are_asked_about_until_they_are_opened_and_never_after_a_death() {
        let (fixture, count) =
            (fixture(triage()), |fixture: &Fixture| open(fixture, TaskKind::LinkLocked).len());
        let her = fixture.patient;
        fixture.write(("daemon", due()), move |tx| Ok(tx.lock_forms(her)?)).unwrap();
        look(&fixture.clinic, due()).await.unwrap();
        assert_eq!(count(&fixture), 1, "whatever became of the task that came with the lock");
        stands(&fixture, PatientStatus::Deceased);
        look(&fixture.clinic, due()).await.unwrap();
        assert_eq!(count(&fixture), 0, "nobody rings the home of someone who has died");
        for by in ["staff:nora", "staff:dana"] {
            let (her, back) = (fixture.her(), "another record was meant".to_owned());
            let back =
                StatusChange { to: PatientStatus::Active, reason: back, until: None, confirmed_by: None };
            fixture.write((by, due()), move |tx| status::change(tx, &her, &back)).unwrap();
        }
        look(&fixture.clinic, due()).await.unwrap();
        assert_eq!(count(&fixture), 1);
        fixture.write(("staff:nora", due()), move |tx| link_access::unlock(tx, her)).unwrap();
        look(&fixture.clinic, due()).await.unwrap();
        assert_eq!(count(&fixture), 0);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn whoever_closes_a_hold_ends_it() {
        let fixture = fixture(triage());
        fixture.write(("daemon", due()), |tx| set(tx, TaskKind::Hold, true)).unwrap();
        let hold = open(&fixture, TaskKind::Hold)[0].0;
        // There is no lead here: the operator closes it.
        let done = fixture.write(("cli:root", due()), move |tx| close_task::close(tx, hold, "done"));
        assert_eq!(done.unwrap(), None);
        look(&fixture.clinic, due()).await.unwrap();
        assert!(!fixture.clinic.store.read(|v| v.is_held()).unwrap());
    }
}
