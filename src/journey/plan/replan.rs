//! An anchor, a protocol or its version changes, or a plan ends: the difference is shown first. What does not change stays
//! as it is, what lies ahead and is not done is laid again; what would fall into the past becomes a task, not a letter.

use jiff::Timestamp;
use jiff::civil::Date;

use super::discharge::end;
use super::enrol::{Course, Enrollee, OpenEnrolment, open_enrolment, write_down};
use crate::care::patient::{Patient, PatientId, PatientStatus};
use crate::care::plan::diff::{FollowUpChange, Reworded, reworded};
use crate::care::plan::protocol::Protocol;
use crate::care::plan::schedule::Owed;
use crate::care::publication::letter_count::LetterCount;
use crate::care::task::TaskKind;
use crate::care::task_state::TaskState;
use crate::journey::deps::Deps;
use crate::journey::errors::enrolment::EnrolmentError;
use crate::journey::errors::people::status::StatusError;
use crate::journey::errors::step::StepError;
use crate::journey::plan::book::kept_date::{KeptDate, KeptLetters};
use crate::journey::plan::replan_preview::{PlanChange, ReplanPreview, cause, preview};
use crate::journey::plan::withdraw_follow_up::withdraw;
use crate::journey::sending_policy::{Local, day, in_days, zone};
use crate::store::audit_action::AuditAction;
use crate::store::db::transaction::{Tx, View};
use crate::store::plan::follow_ups::{Enrolment, EnrolmentId, FollowUp};
use crate::store::subject::Subject;
use crate::store::work::tasks::NewTask;

/// Why what was open under the old plan ended.
const REPLANNED: &str = "the plan was laid again";
/// The same where nothing takes its place; why stands with the enrolment alone.
const STOPPED: &str = "her plan was ended";

/// One line of the difference a change would make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiffLine {
    /// Id of the series that the date is due in.
    pub series: String,
    /// Due date before the change; `None` when it is new.
    pub before: Option<Date>,
    /// Due date after the change; `None` when it is dropped.
    pub after: Option<Date>,
}

/// What becomes of a booked date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appointed {
    /// Id of the series that it was booked for.
    pub series: String,
    /// The day that is booked.
    pub on: Date,
    /// The due date it counts for from then on; `None` when it finds no place: a person must decide.
    pub counts_for: Option<Date>,
    /// Whether it stays as it is with its letters although it finds none: nothing of the kind is due near its day.
    pub stays: bool,
}

/// What a change would do, to be shown before it is applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The protocol's version before and after; `None` when the plan ends.
    pub versions: (String, Option<String>),
    /// What lies ahead, until the horizon.
    pub ahead: Vec<DiffLine>,
    /// What would fall into the past, and nobody has done: one task for each series, no letter.
    pub past: Vec<DiffLine>,
    /// Booked dates that count for another follow-up or find no place.
    pub booked: Vec<Appointed>,
    /// What changes beside the dates.
    pub words: Vec<Reworded>,
    /// How many letters that moves, drops and adds.
    pub letters: LetterCount,
}

impl Difference {
    /// Whether nothing at all would change for her.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        let dates = self.ahead.is_empty() && self.past.is_empty() && self.booked.is_empty();
        dates && self.words.is_empty() && Some(&self.versions.0) == self.versions.1.as_ref()
    }
}

/// Works out what a change of her plan would change within two years from today.
///
/// # Errors
/// [`StepError`] when the record cannot be read.
pub fn propose(
    view: &View<'_>,
    change: PlanChange<'_>,
    now: Timestamp,
    clinic: &Deps,
) -> Result<Difference, StepError> {
    let PlanChange { old, course } = change;
    let today = day(now, &zone(&view.patient(old.patient)?.zone)?);
    let all = preview(view, change, &clinic.protocol_cache, today)?;
    let before = clinic.protocol_cache.get(view, old.version)?;
    let mut letters = LetterCount::default();
    all.iter().for_each(|series| letters += series.letters);
    Ok(Difference {
        letters,
        versions: (before.version.clone(), course.map(|c| c.protocol.version.clone())),
        ahead: all.iter().flat_map(|w| lines(&w.series, &w.ahead)).collect(),
        past: all.iter().flat_map(|w| lines(&w.series, &w.past)).collect(),
        booked: all.iter().flat_map(appointed).collect(),
        words: course.map(|c| reworded(&before, c.protocol)).unwrap_or_default(),
    })
}

fn lines<'w>(series: &'w str, changes: &'w [FollowUpChange]) -> impl Iterator<Item = DiffLine> + 'w {
    let due = |owed: Option<Owed>| owed.map(|o| o.due_on);
    changes.iter().map(move |c| DiffLine {
        series: series.to_owned(),
        before: due(c.was()),
        after: due(c.is()),
    })
}

fn appointed(preview: &ReplanPreview) -> Vec<Appointed> {
    let each = preview.open.iter().enumerate().filter_map(|(at, (follow_up, booked))| {
        let counts_for = preview.counts_for(at).map(|owed| owed.due_on);
        let is_same = counts_for == Some(follow_up.owed.due_on);
        let on = booked.as_ref().filter(|_| !is_same)?.on;
        Some(Appointed { series: preview.series.clone(), on, counts_for, stays: preview.stays(at) })
    });
    each.collect()
}

/// Closes the old enrolment and opens the new one. What stays owed on the same day, and what is booked, goes over with
/// its letters, links and dates: her calendar keeps the entry it has.
///
/// # Errors
/// [`StepError`] when she has died, or the store fails.
pub fn apply(
    tx: &mut Tx<'_>,
    old: &Enrolment,
    course: &Course,
    clinic: &Deps,
) -> Result<EnrolmentId, StepError> {
    let patient = &tx.patient(old.patient)?;
    if patient.status == PatientStatus::Deceased {
        return Err(StatusError::Deceased.into());
    }
    let zone = zone(&patient.zone)?;
    let local = Local { policy: &clinic.policy, zone: &zone };
    let today = local.day(tx.at());
    let all = preview(tx, PlanChange { old, course: Some(course.content()) }, &clinic.protocol_cache, today)?;
    close_follow_ups(tx, old, &all, REPLANNED)?;
    tx.close_enrolment(old.id, REPLANNED, today)?;
    let enrollee = Enrollee { patient: patient.id, status: patient.status, local };
    let enrolment = open_enrolment(tx, &enrollee, course)?;
    let id = enrolment.id;
    let detail = serde_json::json!({ "protocol": course.protocol.id, "version": course.protocol.version,
        "anchor_on": course.anchor_on.to_string(), "before": old.protocol });
    tx.audit(AuditAction::EnrolmentReplanned, patient.id, &detail)?;
    for series in &all {
        carry_over(tx, patient, id, series)?;
        begin(tx, &enrolment, series, &course.protocol)?;
        ask_about_past(tx, patient.id, id, series)?;
    }
    let owed = tx.follow_ups_of(patient.id)?;
    if !owed.iter().any(|f| f.enrolment == id && f.is_open()) {
        end(tx, &tx.enrolment(id)?, local)?;
    }
    Ok(id)
}

/// Ends an enrolment with nothing in its place: its letters are withdrawn, its booked dates become tasks.
///
/// # Errors
/// [`EnrolmentError::LastPlan`] when it is her main plan and her status still keeps one; the store's own.
pub fn stop(tx: &mut Tx<'_>, old: &Enrolment, reason: &str, clinic: &Deps) -> Result<(), StepError> {
    let patient = &tx.patient(old.patient)?;
    may_stop(tx, patient.status, old, clinic)?;
    let today = day(tx.at(), &zone(&patient.zone)?);
    let all = preview(tx, PlanChange { old, course: None }, &clinic.protocol_cache, today)?;
    close_follow_ups(tx, old, &all, STOPPED)?;
    tx.close_enrolment(old.id, reason, today)?;
    let detail = serde_json::json!({ "protocol": old.protocol });
    tx.audit(AuditAction::EnrolmentEnded, old.id, &detail)?;
    if patient.status.keeps_plan() && !tx.enrolments_of(patient.id)?.iter().any(|e| e.is_active) {
        tx.open_task(&NewTask {
            kind: TaskKind::ProtocolEnded,
            cause: Subject::from(old.id).to_string(),
            patient: Some(patient.id),
            follow_up: None,
            reason: format!("Protocol {} was ended, and she is on no other.", old.protocol),
            due_at: in_days(tx.at(), 1),
        })?;
    }
    Ok(())
}

/// Whether an enrolment may end: her main plan only with another main plan beside it, or once her status keeps none.
///
/// # Errors
/// [`EnrolmentError::LastPlan`] when not.
pub fn may_stop(
    view: &View<'_>,
    status: PatientStatus,
    old: &Enrolment,
    clinic: &Deps,
) -> Result<(), StepError> {
    let is_main = |e: &Enrolment| clinic.protocol_cache.get(view, e.version).map(|p| !p.add_on);
    if !status.keeps_plan() || !is_main(old)? {
        return Ok(());
    }
    for beside in view.enrolments_of(old.patient)?.iter().filter(|e| e.is_active && e.id != old.id) {
        if is_main(beside)? {
            return Ok(());
        }
    }
    Err(EnrolmentError::LastPlan(old.protocol.clone()).into())
}

/// Ends what is open under an enrolment and does not go on under another, and what was asked about its past.
fn close_follow_ups(
    tx: &mut Tx<'_>,
    old: &Enrolment,
    all: &[ReplanPreview],
    reason: &str,
) -> Result<(), StepError> {
    for series in all {
        for (at, (follow_up, booked)) in series.open.iter().enumerate() {
            if series.counts_for(at).is_some() {
                continue;
            }
            if !series.stays(at) {
                withdraw(tx, follow_up, reason)?;
                tx.close_tasks_about(follow_up.id, reason)?;
            }
            if let Some(booked) = booked {
                let letters = if series.stays(at) { KeptLetters::GoOn } else { KeptLetters::End };
                tx.open_task(&KeptDate { follow_up, booked, letters }.ask(tx.at()))?;
            }
        }
    }
    let asked = |cause_of: &str| all.iter().any(|w| cause_of.starts_with(&cause(old.id, &w.series)));
    for task in tx.tasks_of(old.patient)?.iter().filter(|t| t.state == TaskState::Open && asked(&t.cause)) {
        tx.close_task(task.id, reason)?;
    }
    Ok(())
}

/// What stays owed or booked counts for the new enrolment.
fn carry_over(
    tx: &mut Tx<'_>,
    patient: &Patient,
    id: EnrolmentId,
    series: &ReplanPreview,
) -> Result<(), StepError> {
    let next_at = patient.status.keeps_plan().then_some(tx.at());
    for (at, (follow_up, booked)) in series.open.iter().enumerate() {
        if series.stays(at) {
            // Its own visit, under the plan that ended: it keeps its letters, and nothing follows it.
            tx.hand_over_follow_up(&FollowUp { next_at, ..follow_up.clone() })?;
        }
        let Some(owed) = series.counts_for(at) else { continue };
        let new = FollowUp { enrolment: id, owed, next_at, ..follow_up.clone() };
        tx.hand_over_follow_up(&new)?;
        if let Some(booked) = booked.as_ref().filter(|_| owed.due_on != follow_up.owed.due_on) {
            let detail =
                serde_json::json!({ "on": booked.on.to_string(), "due_on": owed.due_on.to_string() });
            tx.audit(AuditAction::AppointmentCarriedOver, follow_up.id, &detail)?;
        }
    }
    Ok(())
}

/// Writes the next of a series down where nothing that went over comes first.
fn begin(
    tx: &mut Tx<'_>,
    enrolment: &OpenEnrolment<'_>,
    preview: &ReplanPreview,
    protocol: &Protocol,
) -> Result<(), StepError> {
    let next = preview.replanned.as_ref().and_then(|replanned| replanned.next);
    let (Some(series), Some(next)) = (protocol.series(&preview.series), next) else { return Ok(()) };
    write_down(tx, enrolment, series, next).map(drop)
}

/// One task for each series, however much of it fell into the past.
fn ask_about_past(
    tx: &mut Tx<'_>,
    patient: PatientId,
    id: EnrolmentId,
    preview: &ReplanPreview,
) -> Result<(), StepError> {
    let fell = preview.replanned.as_ref().map(|replanned| &replanned.fell[..]).unwrap_or_default();
    let (Some(first), Some(last)) = (fell.first(), fell.last()) else { return Ok(()) };
    let when = match fell.len() {
        1 => format!("on {}; no letter was sent for it", last.due_on),
        n => format!("{n} times from {} to {}; no letter was sent for them", first.due_on, last.due_on),
    };
    tx.open_task(&NewTask {
        kind: TaskKind::ReviewPlan,
        cause: format!("{}{}", cause(id, &preview.series), first.number),
        patient: Some(patient),
        follow_up: None,
        reason: format!("{} would have been due {when}.", preview.series),
        due_at: in_days(tx.at(), 3),
    })?;
    Ok(())
}
