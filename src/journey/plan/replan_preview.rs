//! What another plan would do, worked out from the record: what is shown is what is applied (P11).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::Date;

use crate::care::plan::appointment::AppointmentState;
use crate::care::plan::diff::{FollowUpChange, same_grid};
use crate::care::plan::extra_visit::EXTRA_VISIT;
use crate::care::plan::follow_up::FollowUpState;
use crate::care::plan::protocol::{FollowUpKind, Protocol, Series, Trigger};
use crate::care::plan::replan::{
    AnchoredSeries, DoneFollowUp, ReplanWindow, Replanned, SeriesOnRecord, WrittenFollowUp, replan,
};
use crate::care::plan::schedule::Owed;
use crate::care::publication::letter_count::{LetterBasis, LetterCount};
use crate::care::task;
use crate::care::task_state::TaskState;
use crate::journey::errors::step::StepError;
use crate::journey::plan::enrol::CourseContent;
use crate::journey::protocol_cache::ProtocolCache;
use crate::store::db::transaction::View;
use crate::store::plan::appointments::Booked;
use crate::store::plan::follow_ups::{Enrolment, EnrolmentId, FollowUp, FollowUpId};
use crate::store::subject::Subject;

/// One series: what is open of it, and what becomes of it.
pub(in crate::journey) struct ReplanPreview {
    pub(in crate::journey) series: String,
    /// Open under the plan that ends, by number, with its live appointment.
    pub(in crate::journey) open: Vec<(FollowUp, Option<Booked>)>,
    /// As the new plan has it; `None` when the new plan does not have it.
    pub(in crate::journey) replanned: Option<Replanned>,
    /// What changes of what lies ahead.
    pub(in crate::journey::plan) ahead: Vec<FollowUpChange>,
    /// What falls into the past.
    pub(in crate::journey::plan) past: Vec<FollowUpChange>,
    /// How many letters of it that moves, drops and adds.
    pub(in crate::journey::plan) letters: LetterCount,
}

impl ReplanPreview {
    /// Whether the booked follow-up at that index stays as it is, under the plan that ends: the new one owes nothing near its day.
    pub(in crate::journey) fn stays(&self, at: usize) -> bool {
        self.replanned.as_ref().is_some_and(|replanned| replanned.stays.contains(&at))
    }

    /// What the open follow-up at that index counts for under the new plan; `None` when it counts for nothing of it.
    pub(in crate::journey) fn counts_for(&self, at: usize) -> Option<Owed> {
        let kept = self.replanned.iter().flat_map(|replanned| &replanned.kept);
        kept.filter(|(index, _)| *index == at).map(|(_, owed)| *owed).next()
    }
}

/// An enrolment that ends, with what takes its place.
#[derive(Debug, Clone, Copy)]
pub struct PlanChange<'a> {
    /// The enrolment that ends.
    pub old: &'a Enrolment,
    /// What she is put on in its place; `None` when it just ends.
    pub course: Option<CourseContent<'a>>,
}

/// How far ahead a difference is shown.
const HORIZON_DAYS: i64 = 730;

/// Works out what a change does to each series, from `today` to the horizon.
pub(in crate::journey) fn preview(
    view: &View<'_>,
    PlanChange { old, course }: PlanChange<'_>,
    protocol_cache: &ProtocolCache,
    today: Date,
) -> Result<Vec<ReplanPreview>, StepError> {
    let until = today.saturating_add(jiff::Span::new().days(HORIZON_DAYS));
    let record = PlanRecord::read(view, old, protocol_cache)?;
    let mut all = Vec::new();
    for name in record.names(course) {
        let open = record.open(view, &name)?;
        let to = course
            .and_then(|c| Some(AnchoredSeries { series: c.protocol.series(&name)?, anchor: c.anchor_on }));
        let stood = record.stood(&name, &open);
        let done = to.map(|to| record.done(to.series)).unwrap_or_default();
        let replanned = to.map(|to| replan(to, stood.as_ref(), &done, ReplanWindow { today, until }));
        let (was_series, is_series) =
            (record.before.as_ref().and_then(|p| p.series(&name)), to.map(|to| to.series));
        let has_new_steps = was_series.zip(is_series).is_some_and(|(was, is)| was.remind != is.remind);
        let unchanged = match (&replanned, &stood) {
            (Some(replanned), Some(stood)) if has_new_steps => replanned.unchanged(stood, until),
            _ => Vec::new(),
        };
        let (ahead, past) = match (&replanned, to) {
            (Some(replanned), Some(AnchoredSeries { series, .. })) => {
                replanned.changes(series, stood.as_ref().map(|s| (s, until)))
            }
            _ => {
                let was = stood.map(|s| s.ahead(until)).unwrap_or_default();
                (was.into_iter().map(FollowUpChange::Dropped).collect(), Vec::new())
            }
        };
        let mut one =
            ReplanPreview { series: name, open, replanned, ahead, past, letters: LetterCount::default() };
        let steps = StepChange { was: was_series, is: is_series, today };
        one.letters = one.count_letters(&unchanged, &steps);
        all.push(one);
    }
    Ok(all)
}

/// The steps of a series before and after a change, and the day of the change.
struct StepChange<'p> {
    was: Option<&'p Series>,
    is: Option<&'p Series>,
    today: Date,
}

impl<'p> StepChange<'p> {
    fn count(&self, trigger: Trigger, was: Option<Date>, is: Option<Date>) -> LetterCount {
        let basis = |series: Option<&'p Series>, on: Option<Date>| {
            Some(LetterBasis { series: series?, trigger, on: on? })
        };
        LetterCount::between(basis(self.was, was), basis(self.is, is), self.today)
    }
}

impl ReplanPreview {
    /// What is booked is reminded of from its date, everything else from the day it is due.
    fn count_letters(&self, unchanged: &[Owed], steps: &StepChange<'_>) -> LetterCount {
        let mut letters = LetterCount::default();
        let (mut left, mut taken) = (BTreeSet::new(), BTreeSet::new());
        for (at, (follow_up, booked)) in self.open.iter().enumerate() {
            let Some(booked) = booked else { continue };
            let is = self.counts_for(at);
            let goes_on = is.is_some() || self.stays(at);
            letters += steps.count(Trigger::Booked, Some(booked.on), goes_on.then_some(booked.on));
            left.insert(follow_up.owed.number);
            taken.extend(is.map(|is| is.number));
        }
        let day = |owed: Option<Owed>, booked: &BTreeSet<u32>| {
            owed.filter(|owed| !booked.contains(&owed.number)).map(|owed| owed.due_on)
        };
        for change in self.ahead.iter().chain(&self.past) {
            let is = change.is().filter(|is| is.due_on >= steps.today);
            letters += steps.count(Trigger::Remind, day(change.was(), &left), day(is, &taken));
        }
        for owed in unchanged.iter().filter(|owed| !taken.contains(&owed.number)) {
            letters += steps.count(Trigger::Remind, Some(owed.due_on), Some(owed.due_on));
        }
        letters
    }
}

/// How the task about what fell into the past names its cause; the number it begins with follows.
pub(in crate::journey::plan) fn cause(enrolment: EnrolmentId, series: &str) -> String {
    Subject::from(enrolment).part(format_args!("{series}/past/"))
}

struct PlanRecord<'o> {
    old: &'o Enrolment,
    /// The plan that ends; `None` when this version cannot read it, which must not hold her on it.
    before: Option<Arc<Protocol>>,
    plans: BTreeMap<i64, Arc<Protocol>>,
    rows: Vec<FollowUp>,
    done: Vec<(FollowUpId, Date)>,
    /// Causes of open tasks about her.
    asked: Vec<String>,
}

impl<'o> PlanRecord<'o> {
    fn read(view: &View<'_>, old: &'o Enrolment, protocol_cache: &ProtocolCache) -> Result<Self, StepError> {
        let patient = old.patient;
        let enrolments = view.enrolments_of(patient)?;
        let plans: BTreeMap<i64, Arc<Protocol>> = enrolments
            .iter()
            .filter_map(|e| Some((e.id.0, protocol_cache.get(view, e.version).ok()?)))
            .collect();
        let tasks = view.tasks_of(patient)?.into_iter();
        let asked = tasks
            .filter(|t| t.kind == task::TaskKind::ReviewPlan && t.state == TaskState::Open)
            .map(|t| t.cause);
        Ok(Self {
            old,
            before: plans.get(&old.id.0).cloned(),
            plans,
            rows: view.follow_ups_of(patient)?,
            done: view.done_on(patient)?,
            asked: asked.collect(),
        })
    }

    /// The series of the old plan, then those that only the new one has.
    fn names(&self, course: Option<CourseContent<'_>>) -> Vec<String> {
        let before = self.before.iter().flat_map(|p| &p.series).map(|s| &s.id);
        let written = self.of_old().map(|f| &f.series);
        let after = course.into_iter().flat_map(|c| &c.protocol.series).map(|s| &s.id);
        let mut names: Vec<String> = Vec::new();
        for name in before.chain(written).chain(after) {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        names
    }

    fn of_old(&self) -> impl Iterator<Item = &FollowUp> {
        self.rows.iter().filter(|f| f.enrolment == self.old.id)
    }

    fn open(&self, view: &View<'_>, name: &str) -> Result<Vec<(FollowUp, Option<Booked>)>, StepError> {
        let is_open = |f: &&FollowUp| f.series == name && f.is_open();
        let mut open: Vec<FollowUp> = self.of_old().filter(is_open).cloned().collect();
        open.sort_by_key(|f| f.owed.number);
        let with_date = |f: FollowUp| {
            let booked = match f.state {
                FollowUpState::Booked => view.appointment_of(f.id)?,
                _ => None,
            };
            Ok((f, booked.filter(|a| a.state == AppointmentState::Booked)))
        };
        open.into_iter().map(with_date).collect()
    }

    fn stood(&self, name: &str, open: &[(FollowUp, Option<Booked>)]) -> Option<SeriesOnRecord<'_>> {
        let series = self.before.as_ref()?.series(name)?;
        let last = self.of_old().filter(|f| f.series == name).map(|f| f.owed).max_by_key(|o| o.number);
        let open = open
            .iter()
            .map(|(f, booked)| WrittenFollowUp { owed: f.owed, booked_on: booked.as_ref().map(|b| b.on) });
        let prefix = cause(self.old.id, name);
        let asked = self.asked.iter().filter_map(|cause| cause.strip_prefix(&prefix)?.parse().ok()).min();
        Some(SeriesOnRecord::new(series, self.old.anchor_on, last, open.collect()).asked_since(asked))
    }

    /// What she did of a series under any plan. A visit is a visit, where no plan of hers had that series.
    fn done(&self, series: &Series) -> Vec<DoneFollowUp> {
        let is_known = self.rows.iter().any(|f| f.series == series.id);
        let counts = |f: &FollowUp| match is_known {
            true => f.series == series.id,
            false => {
                series.kind == FollowUpKind::Visit && f.kind == FollowUpKind::Visit && f.series != EXTRA_VISIT
            }
        };
        let done = self.done.iter().filter_map(|(id, on)| {
            let f = self.rows.iter().find(|f| f.id == *id).filter(|f| counts(f))?;
            let own = self.plans.get(&f.enrolment.0).and_then(|p| p.series(&f.series));
            let number = own.filter(|own| same_grid(own, series)).map(|_| f.owed.number);
            Some(DoneFollowUp { due_on: f.owed.due_on, on: *on, number })
        });
        done.collect()
    }
}
