//! What follows from a submitted form: its follow-up is done, its nudges are withdrawn, the series goes on; who asked to
//! be rung gets a task.

use jiff::civil::Date;

use crate::care::alert::lifecycle::{WorkingDays, due_at};
use crate::care::checklist::answer::Answers;
use crate::care::checklist::definition::Checklist;
use crate::care::checklist::item::{AnswerValue, PartRole};
use crate::care::patient::Patient;
use crate::care::plan::follow_up::{FollowUpEvent, FollowUpState};
use crate::care::plan::protocol::FollowUpKind as Asks;
use crate::care::task::TaskKind;
use crate::care::task_state::TaskState;
use crate::care::triage::tier::Tier;
use crate::journey::answers::baseline;
use crate::journey::deps::Deps;
use crate::journey::errors::step::StepError;
use crate::journey::plan::{book, fall_due, withdraw_follow_up};
use crate::journey::planned_follow_up::PlannedFollowUp;
use crate::journey::protocol_cache;
use crate::journey::sending_policy::{day, zone};
use crate::store::answers::responses::Response;
use crate::store::audit_action::AuditAction;
use crate::store::db::transaction::Tx;
use crate::store::plan::follow_ups::{FollowUp, FollowUpEnd};
use crate::store::subject::Subject;
use crate::store::work::tasks::NewTask;

const REASON: &str = "she answered";

/// What follows from a submitted form. If her plan cannot be worked out, the answer and its alert stand all the same,
/// and a person is asked to look.
pub(in crate::journey::answers) fn settle(
    tx: &mut Tx<'_>,
    response: &Response,
    patient: &Patient,
    clinic: &Deps,
) -> Result<(), StepError> {
    let fault = match tx.shielded(|tx| answered(tx, response, patient, clinic)) {
        Err(StepError::Store(fault)) if fault.is_everyones() => return Err(fault.into()),
        Err(fault) => fault,
        Ok(()) => return Ok(()),
    };
    tracing::error!(response = response.id.0, %fault, "an answer's follow-up could not be closed");
    tx.open_task(&NewTask {
        kind: TaskKind::ReviewPlan,
        cause: Subject::from(response.id).to_string(),
        patient: Some(patient.id),
        follow_up: response.follow_up,
        reason: format!("She answered, but her plan cannot be worked out: {fault}."),
        due_at: tx.at(),
    })?;
    Ok(())
}

/// She broke off a form half-way, and what she had said rang: she is silent no more. Whoever works on the task that says so goes on.
pub(in crate::journey::answers) fn end_silence(tx: &mut Tx<'_>, patient: &Patient) -> Result<(), StepError> {
    for task in tx.tasks_of(patient.id)? {
        let is_asked = task.kind == TaskKind::Silent && task.state == TaskState::Open;
        if is_asked && task.owner.is_none() {
            tx.close_task(task.id, REASON)?;
        }
    }
    Ok(())
}

/// The link is used up, silence is over, and what was asked is done: the follow-up of the link, and every other open one
/// of hers that asks the same checklist in these days, under whatever protocol. She is not asked twice for one answer.
fn answered(tx: &mut Tx<'_>, response: &Response, patient: &Patient, clinic: &Deps) -> Result<(), StepError> {
    tx.close_tasks_of(patient.id, &[TaskKind::Silent], REASON)?;
    if patient.status.keeps_plan() && !patient.reference.is_canary() {
        baseline::ask(tx, patient.id)?;
    }
    if let (Some(_), Some(link)) = (response.follow_up, response.link) {
        tx.use_link(link)?;
    }
    let (here, asked) = (zone(&patient.zone)?, clinic.care.checklists.get(tx, response.version)?.id.clone());
    let today = day(tx.at(), &here);
    for follow_up in tx.follow_ups_of(patient.id)? {
        let is_it = response.follow_up == Some(follow_up.id);
        if is_it && matches!(follow_up.state, FollowUpState::Planned | FollowUpState::Missed)
            || !is_it && is_open(&follow_up, today) && asks(tx, &follow_up, &asked, clinic)?
        {
            done(tx, &follow_up, response, today)?;
            go_on(tx, patient, &follow_up, clinic)?;
        }
    }
    if !patient.status.keeps_plan() {
        // The answer counts; her schedule stays off until a person wakes it.
        tx.freeze_follow_ups(patient.id)?;
    }
    Ok(())
}

fn is_open(follow_up: &FollowUp, today: Date) -> bool {
    let owed = follow_up.owed;
    follow_up.kind == Asks::Checklist
        && follow_up.state == FollowUpState::Planned
        && (owed.opens_on..=owed.closes_on).contains(&today)
}

/// Whether that very checklist is asked. Of a protocol that cannot be read nobody knows; it waits for its own answer.
fn asks(tx: &Tx<'_>, follow_up: &FollowUp, checklist: &str, clinic: &Deps) -> Result<bool, StepError> {
    let enrolment = tx.enrolment(follow_up.enrolment)?;
    let protocol = clinic.protocol_cache.get(tx, enrolment.version).ok();
    let name = protocol.and_then(|p| p.series(&follow_up.series)?.checklist.clone());
    Ok(name.as_deref() == Some(checklist))
}

/// A checklist was answered: its nudges are withdrawn, and it is recorded as done.
fn done(tx: &mut Tx<'_>, follow_up: &FollowUp, response: &Response, today: Date) -> Result<(), StepError> {
    withdraw_follow_up::withdraw(tx, follow_up, REASON)?;
    book::answer(tx, follow_up)?;
    let end = FollowUpEnd { event: FollowUpEvent::Complete, reason: "answered" };
    tx.close_follow_up(follow_up, end, today)?;
    tx.close_tasks_about(follow_up.id, REASON)?;
    let detail = serde_json::json!({ "series": follow_up.series, "response": response.id.0 });
    Ok(tx.audit(AuditAction::FollowUpDone, follow_up.id, &detail)?)
}

/// The series behind a follow-up that is done, while its enrolment is active.
fn go_on(tx: &mut Tx<'_>, patient: &Patient, follow_up: &FollowUp, clinic: &Deps) -> Result<(), StepError> {
    let enrolment = tx.enrolment(follow_up.enrolment)?;
    if !enrolment.is_active {
        return Ok(());
    }
    let protocol = clinic.protocol_cache.get(tx, enrolment.version)?;
    let series = protocol_cache::series_of(&protocol, follow_up)?;
    let planned = PlannedFollowUp { patient, follow_up, enrolment: &enrolment, series };
    fall_due::go_on(tx, &planned, None, clinic)
}

/// Whether she asked to be rung.
pub(in crate::journey::answers) fn asks_for_call(checklist: &Checklist, answers: &Answers) -> bool {
    let is_yes = Some(&AnswerValue::YesNo(true));
    checklist.in_role(PartRole::Call).any(|part| answers.get(&part.field) == is_yes)
}

/// Opens the task to ring her, once a response.
pub(in crate::journey::answers) fn open_call_task(
    tx: &mut Tx<'_>,
    response: &Response,
    days: &WorkingDays,
) -> Result<(), StepError> {
    let cause = Subject::from(response.id).to_string();
    if tx.task_closed_by(TaskKind::CallRequested, &cause)?.is_some() {
        return Ok(());
    }
    tx.open_task(&NewTask {
        kind: TaskKind::CallRequested,
        cause,
        patient: Some(response.patient),
        follow_up: None,
        reason: "She asked to be rung.".to_owned(),
        due_at: due_at(Tier::Soon, tx.at(), days).unwrap_or(tx.at()),
    })?;
    Ok(())
}
