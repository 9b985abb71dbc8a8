//! An anchor or a protocol changes: the difference is shown first, then what lies ahead and is not done is laid again.
//! History stays; what would fall into the past becomes a task, not a letter.

use jiff::civil::Date;

use super::enrol::{self, Course};
use super::policy::{Policy, day, later, zone};
use super::{Clinic, StepError};
use crate::care::patient::Patient;
use crate::care::plan::{Owed, first_from, owed};
use crate::care::protocol::{Protocol, Series};
use crate::care::task::Kind;
use crate::store::appointments::Booked;
use crate::store::follow_ups::{Enrolment, EnrolmentId, FollowUp};
use crate::store::tasks::NewTask;
use crate::store::{Tx, View};

/// One line of the difference a change would make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The series.
    pub series: String,
    /// Due date before the change; `None` when it is new.
    pub before: Option<Date>,
    /// Due date after the change; `None` when it is dropped.
    pub after: Option<Date>,
}

/// What a change would do, to be shown before it is applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What lies ahead, until the horizon.
    pub ahead: Vec<Line>,
    /// Follow-ups that would lie in the past, still open and not done: a person must decide.
    pub past: Vec<Line>,
}

/// Works out what putting her on `course` in place of `old` would change within two years from today.
///
/// # Errors
/// [`StepError`] when the record cannot be read.
pub fn propose(
    view: &View<'_>,
    patient: &Patient,
    change: (&Enrolment, &Course),
    wall: (&Clinic, jiff::Timestamp),
) -> Result<Difference, StepError> {
    let (old, course) = change;
    let (clinic, now) = wall;
    let today = day(now, &zone(&patient.zone)?);
    let horizon = today.saturating_add(jiff::Span::new().days(730));
    let before = clinic.shelf.get(view, old.version)?;
    let done = closed(view, old.id, patient)?;
    let mut difference = Difference { ahead: Vec::new(), past: Vec::new() };
    for id in series_names(&before, &course.protocol) {
        let was = before.series(id).map(|s| dates(s, old.anchor_on, (today, horizon))).unwrap_or_default();
        let will = course.protocol.series(id).map(|s| dates(s, course.anchor_on, (today, horizon)));
        difference.ahead.extend(pair(id, &was, &will.unwrap_or_default()));
        if let Some(series) = course.protocol.series(id) {
            let missed = past(series, course.anchor_on, today, &done);
            let line = |o: Owed| Line { series: id.to_owned(), before: None, after: Some(o.due_on) };
            difference.past.extend(missed.map(line));
        }
    }
    Ok(difference)
}

/// Closes the old enrolment and opens the new one. A booked date moves over to the follow-up nearest to it.
///
/// # Errors
/// [`StepError`] when the store fails.
pub fn apply(
    tx: &mut Tx<'_>,
    patient: &Patient,
    change: (&Enrolment, &Course),
    policy: &Policy,
) -> Result<EnrolmentId, StepError> {
    let (old, course) = change;
    let here = zone(&patient.zone)?;
    let today = day(tx.at(), &here);
    let open: Vec<FollowUp> =
        tx.follow_ups_of(patient.id)?.into_iter().filter(|f| f.enrolment == old.id).collect();
    for follow_up in open.iter().filter(|f| matches!(f.state.as_str(), "planned" | "booked")) {
        super::fall_due::withdraw(tx, follow_up, "the plan was laid again")?;
        tx.close_tasks_about(follow_up.id, "the plan was laid again")?;
    }
    let done = closed(tx, old.id, patient)?;
    tx.close_enrolment(old.id, "the plan was laid again", today)?;
    let id = enrol::enrol(tx, (patient.id, patient.status), course, (policy, &here))?;
    let detail = serde_json::json!({ "protocol": course.protocol.id, "version": course.protocol.version,
        "anchor_on": course.anchor_on.to_string(), "before": old.protocol });
    tx.audit("enrolment.replanned", &format!("patient/{}", patient.id.0), &detail)?;
    carry_over(tx, patient, (id, &open))?;
    for series in &course.protocol.series {
        for missed in past(series, course.anchor_on, today, &done) {
            tx.open_task(&decide(tx, patient, series, missed))?;
        }
    }
    Ok(id)
}

fn decide(tx: &Tx<'_>, patient: &Patient, series: &Series, missed: Owed) -> NewTask {
    NewTask {
        kind: Kind::ReviewPlan,
        cause: format!("patient/{}/{}/{}", patient.id.0, series.id, missed.due_on),
        patient: Some(patient.id),
        follow_up: None,
        reason: format!("{} would have been due on {}; no letter was sent for it.", series.id, missed.due_on),
        due_at: later(tx.at(), std::time::Duration::from_secs(3 * 86_400)),
    }
}

/// Live appointments of the old plan move to the nearest new follow-up of the same kind, without a letter: the date
/// itself has not changed, and her calendar keeps the entry she has.
fn carry_over(tx: &mut Tx<'_>, patient: &Patient, plan: (EnrolmentId, &[FollowUp])) -> Result<(), StepError> {
    let (id, before) = plan;
    for old in before.iter().filter(|f| f.state == "booked") {
        let Some(mut appointment) = tx.appointment_of(old.id)?.filter(|a| a.state == "booked") else {
            continue;
        };
        let candidates = tx.follow_ups_of(patient.id)?.into_iter();
        let fits = |f: &FollowUp| f.enrolment == id && f.kind == old.kind && f.state == "planned";
        let nearest =
            candidates.filter(fits).min_by_key(|f| (f.owed.due_on - appointment.on).get_days().abs());
        let Some(new) = nearest else {
            "cancelled".clone_into(&mut appointment.state);
            tx.update_appointment(&appointment)?;
            tx.open_task(&stray(tx, old, &appointment))?;
            continue;
        };
        tx.hand_over_appointment(&appointment, new.id)?;
        tx.reopen_follow_up(new.id, "booked")?;
        if patient.status.keeps_plan() {
            tx.set_next(new.id, Some(tx.at()))?;
        }
        let detail = serde_json::json!({ "on": appointment.on.to_string(), "from": old.id.0 });
        tx.audit("appointment.carried-over", &format!("follow-up/{}", new.id.0), &detail)?;
    }
    Ok(())
}

fn stray(tx: &Tx<'_>, old: &FollowUp, appointment: &Booked) -> NewTask {
    NewTask {
        kind: Kind::ReviewPlan,
        cause: format!("follow-up/{}/carry-over", old.id.0),
        patient: Some(old.patient),
        follow_up: None,
        reason: format!("The new plan has no place for the date booked on {}.", appointment.on),
        due_at: later(tx.at(), std::time::Duration::from_secs(86_400)),
    }
}

fn series_names<'p>(before: &'p Protocol, after: &'p Protocol) -> Vec<&'p str> {
    let mut names: Vec<&str> = before.series.iter().map(|s| s.id.as_str()).collect();
    names.extend(after.series.iter().map(|s| s.id.as_str()).filter(|id| before.series(id).is_none()));
    names
}

fn dates(series: &Series, anchor: Date, span: (Date, Date)) -> Vec<Date> {
    let Some(first) = first_from(series, anchor, span.0) else { return Vec::new() };
    let ahead = (first.number..).map_while(|n| crate::care::plan::nth(series, anchor, n));
    ahead.map(|o| o.due_on).take_while(|d| *d <= span.1).collect()
}

fn pair(series: &str, was: &[Date], will: &[Date]) -> Vec<Line> {
    (0..was.len().max(will.len()))
        .map(|i| Line { series: series.to_owned(), before: was.get(i).copied(), after: will.get(i).copied() })
        .filter(|l| l.before != l.after)
        .collect()
}

/// Follow-ups of the new grid that are past due, still within their window, and not done.
fn past(series: &Series, anchor: Date, today: Date, done: &[Date]) -> impl Iterator<Item = Owed> {
    let bookable = series.kind.is_bookable();
    owed(series, anchor)
        .take_while(move |o| o.due_on < today)
        .filter(move |o| bookable && o.closes_on >= today)
        .filter(|o| !done.iter().any(|d| (o.opens_on..=o.closes_on).contains(d)))
}

/// The days on which something of the old plan was done.
fn closed(view: &View<'_>, old: EnrolmentId, patient: &Patient) -> Result<Vec<Date>, StepError> {
    Ok(view.done_on(patient.id, old)?)
}
