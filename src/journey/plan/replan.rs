//! An anchor, a protocol or its version changes, or a plan ends: the difference is shown first. What does not change stays
//! as it is, what lies ahead and is not done is laid again; what would fall into the past becomes a task, not a letter.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::discharge::end;
use super::enrol::{Course, write_down};
use crate::care::patient::{Patient, PatientStatus};
use crate::care::plan::diff::{FollowUpChange, Reworded, reworded};
use crate::care::plan::protocol::Protocol;
use crate::care::plan::schedule::Owed;
use crate::care::task::TaskKind;
use crate::journey::deps::Deps;
use crate::journey::error::StepError;
use crate::journey::patients::status_error::StatusError;
use crate::journey::plan::enrolment_error::EnrolmentError;
use crate::journey::plan::replan_preview::{ReplanPreview, cause, weigh};
use crate::journey::plan::withdraw_follow_up::withdraw;
use crate::journey::sending_policy::{day, in_days, zone};
use crate::store::db::transaction::{Tx, View};
use crate::store::plan::appointments::Booked;
use crate::store::plan::follow_ups::{Enrolment, EnrolmentId, FollowUp};
use crate::store::work::tasks::NewTask;

/// How far ahead a difference is shown.
const HORIZON_DAYS: i64 = 730;

/// Why what was open ended.
const AGAIN: &str = "the plan was laid again";

/// One line of the difference a change would make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiffLine {
    /// The series.
    pub series: String,
    /// Due date before the change; `None` when it is new.
    pub before: Option<Date>,
    /// Due date after the change; `None` when it is dropped.
    pub after: Option<Date>,
}

/// What becomes of a booked date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appointed {
    /// The series.
    pub series: String,
    /// The day that is booked.
    pub on: Date,
    /// The due date it counts for from then on; `None` when it finds no place: a person must decide.
    pub counts_for: Option<Date>,
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
}

impl Difference {
    /// Whether nothing at all would change for her.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        let dates = self.ahead.is_empty() && self.past.is_empty() && self.booked.is_empty();
        dates && self.words.is_empty() && Some(&self.versions.0) == self.versions.1.as_ref()
    }
}

/// Works out what putting her on `course` in place of `old`, or on nothing, would change within two years from today.
///
/// # Errors
/// [`StepError`] when the record cannot be read.
pub fn propose(
    view: &View<'_>,
    patient: &Patient,
    change: (&Enrolment, Option<&Course>),
    wall: (&Deps, jiff::Timestamp),
) -> Result<Difference, StepError> {
    let (old, course) = change;
    let today = day(wall.1, &zone(&patient.zone)?);
    let all = weigh(view, patient, change, (&wall.0.protocol_cache, today, horizon(today)))?;
    let before = wall.0.protocol_cache.get(view, old.version)?;
    Ok(Difference {
        versions: (before.version.clone(), course.map(|c| c.protocol.version.clone())),
        ahead: all.iter().flat_map(|w| lines(&w.series, &w.ahead)).collect(),
        past: all.iter().flat_map(|w| lines(&w.series, &w.past)).collect(),
        booked: all.iter().flat_map(appointed).collect(),
        words: course.map(|c| reworded(&before, &c.protocol)).unwrap_or_default(),
    })
}

fn horizon(today: Date) -> Date {
    today.saturating_add(jiff::Span::new().days(HORIZON_DAYS))
}

fn lines<'w>(series: &'w str, changes: &'w [FollowUpChange]) -> impl Iterator<Item = DiffLine> + 'w {
    let due = |owed: Option<Owed>| owed.map(|o| o.due_on);
    changes.iter().map(move |c| DiffLine {
        series: series.to_owned(),
        before: due(c.was()),
        after: due(c.is()),
    })
}

fn appointed(weighed: &ReplanPreview) -> Vec<Appointed> {
    let each = weighed.open.iter().enumerate().filter_map(|(at, (follow_up, booked))| {
        let counts_for = weighed.home(at).map(|home| home.due_on);
        let is_same = counts_for == Some(follow_up.owed.due_on);
        let on = booked.as_ref().filter(|_| !is_same)?.on;
        Some(Appointed { series: weighed.series.clone(), on, counts_for })
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
    patient: &Patient,
    change: (&Enrolment, &Course),
    clinic: &Deps,
) -> Result<EnrolmentId, StepError> {
    if patient.status == PatientStatus::Deceased {
        return Err(StatusError::Deceased.into());
    }
    let (old, course) = change;
    let here = zone(&patient.zone)?;
    let today = day(tx.at(), &here);
    let all = weigh(tx, patient, (old, Some(course)), (&clinic.protocol_cache, today, horizon(today)))?;
    close(tx, (old, &all), AGAIN, today)?;
    let id = tx.insert_enrolment(patient.id, (course.version, &course.protocol.id), course.anchor_on);
    let id = id.map_err(|fault| match fault.is_conflict() {
        true => StepError::Enrolment(EnrolmentError::Enrolled(course.protocol.id.clone())),
        false => fault.into(),
    })?;
    let detail = serde_json::json!({ "protocol": course.protocol.id, "version": course.protocol.version,
        "anchor_on": course.anchor_on.to_string(), "before": old.protocol });
    tx.audit("enrolment.replanned", &format!("patient/{}", patient.id.0), &detail)?;
    for weighed in &all {
        go_over(tx, patient, (id, weighed))?;
        begin(tx, patient, (id, weighed, &course.protocol), (clinic, &here))?;
        decide(tx, patient, (id, weighed))?;
    }
    let owed = tx.follow_ups_of(patient.id)?;
    if !owed.iter().any(|f| f.enrolment == id && f.is_open()) {
        end(tx, &tx.enrolment(id)?, (&clinic.policy, &here))?;
    }
    Ok(id)
}

/// Ends an enrolment with nothing in its place: its letters are withdrawn, its booked dates become tasks.
///
/// # Errors
/// [`EnrolmentError::LastPlan`] when it is her main plan and her status still keeps one; the store's own.
pub fn stop(
    tx: &mut Tx<'_>,
    patient: &Patient,
    (old, reason): (&Enrolment, &str),
    clinic: &Deps,
) -> Result<(), StepError> {
    may_stop(tx, patient.status, old, clinic)?;
    let today = day(tx.at(), &zone(&patient.zone)?);
    let all = weigh(tx, patient, (old, None), (&clinic.protocol_cache, today, horizon(today)))?;
    close(tx, (old, &all), reason, today)?;
    let detail = serde_json::json!({ "protocol": old.protocol, "reason": reason });
    tx.audit("enrolment.ended", &format!("enrolment/{}", old.id.0), &detail)?;
    if patient.status.keeps_plan() && !tx.enrolments_of(patient.id)?.iter().any(|e| e.is_active) {
        tx.open_task(&NewTask {
            kind: TaskKind::ProtocolEnded,
            cause: format!("enrolment/{}", old.id.0),
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

/// Ends everything open under an enrolment, and what was asked about its past.
fn close(
    tx: &mut Tx<'_>,
    (old, all): (&Enrolment, &[ReplanPreview]),
    reason: &str,
    today: Date,
) -> Result<(), StepError> {
    for weighed in all {
        for (at, (follow_up, booked)) in weighed.open.iter().enumerate() {
            if weighed.home(at).is_none() {
                withdraw(tx, follow_up, reason)?;
                tx.close_tasks_about(follow_up.id, reason)?;
                if let Some(booked) = booked {
                    tx.open_task(&stray(tx, follow_up, booked))?;
                }
            }
        }
    }
    let asked = |cause_of: &str| all.iter().any(|w| cause_of.starts_with(&cause(old.id, &w.series)));
    for task in tx.tasks_of(old.patient)?.iter().filter(|t| t.state == "open" && asked(&t.cause)) {
        tx.close_task(task.id, reason)?;
    }
    Ok(tx.close_enrolment(old.id, reason, today)?)
}

/// What stays owed or booked counts for the new enrolment.
fn go_over(
    tx: &mut Tx<'_>,
    patient: &Patient,
    (id, weighed): (EnrolmentId, &ReplanPreview),
) -> Result<(), StepError> {
    let next_at = patient.status.keeps_plan().then_some(tx.at());
    for (at, (follow_up, booked)) in weighed.open.iter().enumerate() {
        let Some(home) = weighed.home(at) else { continue };
        tx.hand_over_follow_up(follow_up, (id, home), next_at)?;
        if let Some(booked) = booked.as_ref().filter(|_| home.due_on != follow_up.owed.due_on) {
            let detail =
                serde_json::json!({ "on": booked.on.to_string(), "due_on": home.due_on.to_string() });
            tx.audit("appointment.carried-over", &format!("follow-up/{}", follow_up.id.0), &detail)?;
        }
    }
    Ok(())
}

/// Writes the next of a series down where nothing that went over comes first.
fn begin(
    tx: &mut Tx<'_>,
    patient: &Patient,
    (id, weighed, protocol): (EnrolmentId, &ReplanPreview, &Protocol),
    (clinic, here): (&Deps, &TimeZone),
) -> Result<(), StepError> {
    let next = weighed.anew.as_ref().and_then(|anew| anew.next);
    let (Some(series), Some(next)) = (protocol.series(&weighed.series), next) else { return Ok(()) };
    let whose = (id, (patient.id, patient.status));
    write_down(tx, whose, (series, next), (&clinic.policy, here)).map(drop)
}

/// One task for each series, however much of it fell into the past.
fn decide(
    tx: &mut Tx<'_>,
    patient: &Patient,
    (id, weighed): (EnrolmentId, &ReplanPreview),
) -> Result<(), StepError> {
    let fell = weighed.anew.as_ref().map(|anew| &anew.fell[..]).unwrap_or_default();
    let (Some(first), Some(last)) = (fell.first(), fell.last()) else { return Ok(()) };
    let when = match fell.len() {
        1 => format!("on {}; no letter was sent for it", last.due_on),
        n => format!("{n} times from {} to {}; no letter was sent for them", first.due_on, last.due_on),
    };
    tx.open_task(&NewTask {
        kind: TaskKind::ReviewPlan,
        cause: format!("{}{}", cause(id, &weighed.series), first.number),
        patient: Some(patient.id),
        follow_up: None,
        reason: format!("{} would have been due {when}.", weighed.series),
        due_at: in_days(tx.at(), 3),
    })?;
    Ok(())
}

/// A date at the clinic that no plan holds any more: nobody but a person may call it off.
fn stray(tx: &Tx<'_>, follow_up: &FollowUp, booked: &Booked) -> NewTask {
    NewTask {
        kind: TaskKind::ReviewPlan,
        cause: format!("follow-up/{}/carry-over", follow_up.id.0),
        patient: Some(follow_up.patient),
        follow_up: None,
        reason: format!(
            "Her plan has no {} any more, but a date is booked on {} at {}. No letter reminds her of it: keep it or call it \
             off with her.",
            follow_up.series,
            booked.on,
            booked.at.strftime("%H:%M")
        ),
        due_at: in_days(tx.at(), 1),
    }
}
