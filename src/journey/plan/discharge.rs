//! A series has run to its end. A person decides how she is followed from here; who has come to the end of all that was
//! planned gets the closing letter: the signs hold for life, and how to come back (clinical brief, case 48).

use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::care::patient::{Patient, PatientId};
use crate::care::plan::extra_visit::EXTRA_VISIT;
use crate::care::plan::protocol::{At, FollowUpKind, ProtocolStep, Trigger};
use crate::care::plan::reminder_times::TimedStep;
use crate::care::task;
use crate::care::time::calendar::{Span, Unit, instant};
use crate::care::time::span::later;
use crate::journey::deps::Deps;
use crate::journey::errors::content::ContentError;
use crate::journey::errors::step::StepError;
use crate::journey::outbox::enqueue;
use crate::journey::outbox::fact_names::CLOSING;
use crate::journey::planned_follow_up::PlannedFollowUp;
use crate::journey::sending_policy::{Local, in_days, zone};
use crate::letter::content::LetterItem;
use crate::store::audit_action::AuditAction;
use crate::store::db::transaction::{Tx, View};
use crate::store::plan::follow_ups::{Enrolment, FollowUp};
use crate::store::plan::reminders::ReminderTimes;
use crate::store::subject::Subject;
use crate::store::work::tasks::NewTask;

/// Key under which the closing letter knows that a checklist goes on.
const FORM: &str = "form";
/// What it says holds for life, so it may wait long for its turn.
const OF_USE: Duration = Duration::from_secs(60 * 86_400);

/// What follows when nothing comes after this follow-up in its series. `done_on` is the day on which it took place, if
/// it did: who never came to her last visit is not let go by letter.
pub(in crate::journey) fn series_over(
    tx: &mut Tx<'_>,
    planned: &PlannedFollowUp<'_>,
    done_on: Option<Date>,
    clinic: &Deps,
) -> Result<(), StepError> {
    let PlannedFollowUp { patient, enrolment, series, .. } = *planned;
    let zone = zone(&patient.zone)?;
    let local = Local { policy: &clinic.policy, zone: &zone };
    let open = open(tx, enrolment.patient)?;
    let beside: Vec<_> = open.iter().filter(|f| f.enrolment == enrolment.id).collect();
    let is_last_course = is_course(series.kind) && !beside.iter().any(|f| is_course(f.kind));
    if beside.is_empty() {
        end(tx, enrolment, local)?;
    } else if beside.iter().all(|f| f.is_extra()) {
        // She has a date, and the end of that one asks.
    } else if series.id != EXTRA_VISIT && (series.kind.is_bookable() || is_last_course) {
        let what = format!("Series {} of protocol {}", series.id, enrolment.protocol);
        ask(tx, enrolment, &Subject::from(enrolment.id).part(&series.id), &what)?;
    }
    let is_last = is_course(series.kind) && !open.iter().any(|f| is_course(f.kind));
    let was_kept = done_on.is_some() || series.kind == FollowUpKind::Leaflet;
    // A visit beside the plan may come long after she was let go.
    let is_told = series.id == EXTRA_VISIT && was_let_go(tx, enrolment.patient)?;
    if is_last && was_kept && !is_told && had_a_plan(tx, enrolment.patient, clinic)? {
        enqueue_closing(tx, planned, local)?;
    }
    Ok(())
}

/// Closes an enrolment under which nothing is owed any more, and asks a person how she is followed from here.
pub(in crate::journey) fn end(
    tx: &mut Tx<'_>,
    enrolment: &Enrolment,
    local: Local<'_>,
) -> Result<(), StepError> {
    tx.close_enrolment(enrolment.id, "the protocol has run to its end", local.day(tx.at()))?;
    tx.audit(AuditAction::EnrolmentEnded, enrolment.id, &serde_json::json!({}))?;
    let what = format!("Protocol {}", enrolment.protocol);
    ask(tx, enrolment, &Subject::from(enrolment.id).to_string(), &what)
}

/// Asks a person once for each cause: a last visit recorded twice ends the series only once.
fn ask(tx: &mut Tx<'_>, enrolment: &Enrolment, cause: &str, what: &str) -> Result<(), StepError> {
    if tx.task_closed_by(task::TaskKind::ProtocolEnded, cause)?.is_none() {
        tx.open_task(&NewTask {
            kind: task::TaskKind::ProtocolEnded,
            cause: cause.to_owned(),
            patient: Some(enrolment.patient),
            follow_up: None,
            reason: format!("{what} has run to its end."),
            due_at: in_days(tx.at(), 14),
        })?;
    }
    Ok(())
}

fn open(tx: &View<'_>, patient: PatientId) -> Result<Vec<FollowUp>, StepError> {
    let all = tx.follow_ups_of(patient)?.into_iter();
    Ok(all.filter(|f| f.is_open()).collect())
}

/// Visits, tests and yearly letters are a course with an end; a checklist may go on without it.
pub(in crate::journey) fn is_course(kind: FollowUpKind) -> bool {
    kind != FollowUpKind::Checklist
}

/// Whether she ever was on more than add-ons: one ordered scan is no follow-up to be let go from.
fn had_a_plan(tx: &Tx<'_>, patient: PatientId, clinic: &Deps) -> Result<bool, StepError> {
    for enrolment in tx.enrolments_of(patient)? {
        match clinic.protocol_cache.get(tx, enrolment.version) {
            Ok(protocol) if !protocol.add_on => return Ok(true),
            Ok(_) | Err(StepError::Content(ContentError::Protocol(_))) => {}
            Err(fault) => return Err(fault),
        }
    }
    Ok(false)
}

/// Whether a closing letter was promised to her before.
fn was_let_go(tx: &View<'_>, patient: PatientId) -> Result<bool, StepError> {
    for follow_up in tx.follow_ups_of(patient)? {
        if tx.reminder_keys(follow_up.id)?.iter().any(|key| key.1 == CLOSING) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The closing letter is a promise like any other. It leaves on the next open day, so that the
/// clinic can put her on another plan before.
fn enqueue_closing(
    tx: &mut Tx<'_>,
    planned: &PlannedFollowUp<'_>,
    local: Local<'_>,
) -> Result<(), StepError> {
    let follow_up = planned.follow_up;
    let on = follow_up.owed.due_on;
    let key = (Trigger::Remind, CLOSING.to_owned(), on);
    if tx.reminder_keys(follow_up.id)?.contains(&key) {
        return Ok(());
    }
    let days = Span { count: 1, unit: Unit::Days };
    let step = ProtocolStep { name: key.1, at: At::Offset(days), useful: None };
    let ReminderTimes { send_on, send_at, expires_at } = closing_times(tx.at(), local);
    let timed =
        TimedStep { step: &step, trigger: key.0, basis_on: on, send_on, send_at, useful_until: expires_at };
    // Nobody looks at it again.
    if enqueue::enqueue(tx, planned, &timed, local)? == enqueue::Enqueued::Held {
        enqueue::lapse(tx, planned, &timed, enqueue::NO_DAY)?;
    }
    Ok(())
}

/// When the closing letter leaves that is owed now: the next open day.
pub(in crate::journey) fn closing_times(now: Timestamp, local: Local<'_>) -> ReminderTimes {
    let tomorrow = Span { count: 1, unit: Unit::Days }.from(local.day(now));
    let send_on = local.policy.hours.days.at_or_after(tomorrow);
    let send_at = instant(send_on, local.policy.hours.at, local.zone);
    ReminderTimes { send_on, send_at, expires_at: later(send_at, OF_USE) }
}

/// What the closing letter says; `None` when she was put on a plan again meanwhile.
pub(in crate::journey) fn closing(tx: &View<'_>, patient: &Patient) -> Result<Option<LetterItem>, StepError> {
    let open = open(tx, patient.id)?;
    let goes_on = open.iter().any(|f| f.kind == FollowUpKind::Checklist);
    let facts = goes_on.then(|| (FORM.to_owned(), "yes".to_owned()));
    Ok((!open.iter().any(|f| is_course(f.kind))).then(|| LetterItem {
        template: CLOSING.to_owned(),
        kind: "notice".to_owned(),
        title: String::new(),
        prepare: None,
        due_on: None,
        appointment: None,
        leaflet: None,
        facts: facts.into_iter().collect(),
    }))
}
