//! A person has done a task, or its cause is gone: what the task stood for ends with it, in the same transaction.

use jiff::Timestamp;
use jiff::civil::Date;

use super::guards::volume;
use super::hold;
use crate::care::permission::Act;
use crate::care::task::TaskKind;
use crate::care::task_state::TaskState;
use crate::journey::alerts::acknowledge;
use crate::journey::authorize::{permit, permit_account, permit_or_operator};
use crate::journey::errors::answer::AnswerError;
use crate::journey::errors::booking::BookingError;
use crate::journey::errors::people::status::StatusError;
use crate::journey::errors::step::StepError;
use crate::journey::operations::restore::held_letters;
use crate::journey::patients::reversal_request;
use crate::journey::sending_policy::{day, zone};
use crate::store::db::transaction::{Tx, View};

/// Records that a task is done. Reading an answer is what its alert asked for: whoever read it has taken that on, and must
/// be signed in as for closing an alert (P6). Letters that are held are let go by a lead. Returns while what the task comes
/// back, if it stands for a condition.
///
/// # Errors
/// `PermissionError::NotSignedIn`, `PermissionError::NotYours`; [`AnswerError::FormsLocked`] while her forms are locked:
/// unlocking them ends the task; [`AnswerError::NoBaseline`] while none is confirmed; [`StatusError::MayHaveDied`]
/// while nobody has found out whether she has; [`BookingError::Unkept`] while a date that she missed stands as booked; the store's `is_not_found` when no such task is open.
pub fn close(tx: &mut Tx<'_>, id: i64, note: &str) -> Result<Option<&'static str>, StepError> {
    let task = tx.task(id)?;
    if task.state == TaskState::Open {
        match task.kind {
            TaskKind::ReadAnswer => drop(permit(tx, Act::CloseAlert)?),
            TaskKind::Hold | TaskKind::UnusualVolume => permit_or_operator(tx, Act::EndHold)?,
            TaskKind::DeathInQuestion => permit_or_operator(tx, Act::UndoDeath)?,
            _ => permit_account(tx, Act::CloseTask)?,
        }
    }
    tx.close_task(id, note)?;
    if let (TaskKind::LinkLocked, Some((patient, _))) = (task.kind, &task.patient)
        && tx.has_locked_forms(*patient)?
    {
        return Err(AnswerError::FormsLocked.into());
    }
    if let (TaskKind::BaselineMissing, Some((patient, _))) = (task.kind, &task.patient)
        && !tx.has_baseline(*patient)?
    {
        return Err(AnswerError::NoBaseline.into());
    }
    if let (TaskKind::DeathSuspected, Some((patient, _))) = (task.kind, &task.patient)
        && tx.patient(*patient)?.may_have_died()
    {
        return Err(StatusError::MayHaveDied.into());
    }
    if task.kind == TaskKind::Missed && task.state == TaskState::Open {
        if let Some(passed) = unkept(tx, id, tx.at())? {
            return Err(BookingError::Unkept(passed).into());
        }
        // Its window is over: nothing but a person can end it, and this is the end of it.
        tx.close_tasks_caused(task.kind, &task.cause, note)?;
        return Ok(None);
    }
    match (task.kind, &task.patient) {
        (TaskKind::ReadAnswer, Some((patient, _))) => acknowledge::was_read(tx, *patient)?,
        (TaskKind::DeathInQuestion, Some((patient, _))) => reversal_request::decline(tx, *patient)?,
        (TaskKind::UnusualVolume, _) => drop(volume::agree(tx)?),
        // Whoever closes it says that the clock is right.
        (TaskKind::Hold, _) if task.cause == hold::CLOCK => hold::settle(tx)?,
        (TaskKind::Hold, _) if task.cause == held_letters::CAUSE => held_letters::end(tx)?,
        _ => {}
    }
    Ok(task.kind.stands_while())
}

/// The day of the date that a task is about, if that has passed and stands as booked: she is on no other list for it.
///
/// # Errors
/// [`StepError`] when the date or its zone cannot be read.
pub fn unkept(view: &View<'_>, task: i64, now: Timestamp) -> Result<Option<Date>, StepError> {
    let Some(booked) = view.booked_behind(task)? else { return Ok(None) };
    Ok((booked.on < day(now, &zone(&booked.zone)?)).then_some(booked.on))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::care::address::EmailAddress;
    use crate::care::permission::StaffRole;
    use crate::journey::alert_policy::TriageMode;
    use crate::journey::errors::permission::PermissionError;
    use crate::journey::fixture::{Fixture, due, fixture, page, triage};
    use crate::store::answers::links::LinkPurpose;
    use crate::store::people::staff::NewStaff;
    use crate::store::work::tasks::NewTask;

    fn done(fixture: &Fixture, by: &str, id: i64) -> Result<(), StepError> {
        fixture.write((by, due()), move |tx| close(tx, id, "done").map(drop))
    }

    fn open(fixture: &Fixture, kind: TaskKind) -> Option<i64> {
        let tasks = fixture.clinic.store.read(|v| v.tasks_open()).unwrap();
        tasks.iter().find(|task| task.kind == kind).map(|task| task.id)
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn an_answer_is_read_by_somebody_who_is_signed_in_and_by_nobody_else() {
        let fixture = fixture(TriageMode::Education);
        fixture.kept(due(), page(&fixture.token(LinkPurpose::Changed), "a", &[("pain", "new")])).await;
        let id = open(&fixture, TaskKind::ReadAnswer).unwrap();
        for by in ["cli:root", "cli:nora", "daemon", "staff:", "staff:nobody"] {
            assert!(
                matches!(done(&fixture, by, id), Err(StepError::Permission(PermissionError::NotSignedIn))),
                "{by}"
            );
        }
        let ringing = |fixture: &Fixture| {
            fixture.clinic.store.read(|v| v.alerts_of(fixture.patient)).unwrap()[0].clone()
        };
        assert_eq!((open(&fixture, TaskKind::ReadAnswer), ringing(&fixture).acknowledged), (Some(id), None));
        done(&fixture, "staff:nora", id).unwrap();
        assert!(open(&fixture, TaskKind::ReadAnswer).is_none() && ringing(&fixture).acknowledged.is_some());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_missing_baseline_is_not_ticked_off_by_whoever_cannot_confirm_one() {
        let fixture = fixture(triage());
        fixture.kept(due(), page(&fixture.token(LinkPurpose::Changed), "a", &[("grip", "same")])).await;
        let id = open(&fixture, TaskKind::BaselineMissing).unwrap();
        for by in ["staff:nora", "staff:dana"] {
            let refused = done(&fixture, by, id);
            assert!(matches!(refused, Err(StepError::Answer(AnswerError::NoBaseline))), "{by}: {refused:?}");
        }
        assert_eq!(open(&fixture, TaskKind::BaselineMissing), Some(id));
        assert!(TaskKind::BaselineMissing.ends_once().is_some(), "the page says what ends it");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn letters_that_are_held_are_let_go_by_a_lead_and_by_the_operator_only_where_there_is_none() {
        let fixture = fixture(triage());
        let hold = || {
            let task = NewTask {
                kind: TaskKind::Hold,
                cause: "clock".to_owned(),
                patient: None,
                follow_up: None,
                reason: "x".to_owned(),
                due_at: due(),
            };
            fixture.write(("daemon", due()), move |tx| Ok(tx.open_task(&task)?)).unwrap();
            open(&fixture, TaskKind::Hold).unwrap()
        };
        let first = hold();
        for by in ["staff:nora", "staff:dana"] {
            assert!(
                matches!(
                    done(&fixture, by, first),
                    Err(StepError::Permission(PermissionError::NotYours(Act::EndHold)))
                ),
                "{by}"
            );
        }
        done(&fixture, "cli:root", first).unwrap();
        for (name, role) in [("lena", StaffRole::Lead), ("ada", StaffRole::Admin)] {
            let email = EmailAddress::parse("x@clinic.example").unwrap();
            let new = NewStaff {
                name: name.into(),
                email,
                role,
                password: String::new(),
                totp_secret: String::new(),
            };
            fixture.write(("cli:root", due()), move |tx| Ok(tx.insert_staff(&new)?)).unwrap();
        }
        let second = hold();
        for by in ["cli:root", "staff:nora", "staff:dana", "staff:ada"] {
            assert!(done(&fixture, by, second).is_err(), "{by}");
        }
        done(&fixture, "staff:lena", second).unwrap();
    }
}
