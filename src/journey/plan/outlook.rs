//! What the coming year brings a patient: letters and tasks, laid from the rows that stand by the rules that the daemon runs
//! (P11), as if everything took place on its day.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::care::patient::{Patient, PatientStatus};
use crate::care::plan::due_steps::{self, Booking, Key, OpenFollowUp};
use crate::care::plan::follow_up::FollowUpState;
use crate::care::plan::protocol::{Series, Trigger};
use crate::care::plan::reminder::ReminderState;
use crate::care::plan::reminder_times::{Basis, TimedStep, opening_step, timed_steps};
use crate::care::plan::schedule::{Owed, nth, rebased};
use crate::care::time::calendar;
use crate::journey::deps::Deps;
use crate::journey::errors::step::StepError;
use crate::journey::sending_policy::{Local, zone};
use crate::store::db::transaction::View;
use crate::store::mail::letter_stops::LetterStop;
use crate::store::plan::follow_ups::{Enrolment, FollowUp};
use crate::store::plan::reminders::Offer;

/// One letter that will leave, or one task that will open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComingStep {
    /// The instant at which it leaves or opens.
    pub at: Timestamp,
    /// The day it leaves, in her zone.
    pub on: Date,
    /// The series it belongs to.
    pub series: String,
    /// The step of the protocol.
    pub step: String,
    /// What it is about, by language.
    pub titles: BTreeMap<String, String>,
    /// When that is due.
    pub due_on: Date,
    /// Whether a person is asked in place of a letter.
    pub asks_staff: bool,
    /// Whether letters of its kind are stopped, so that it waits in place of leaving.
    pub is_stopped: bool,
}

/// A letter or task that a change moves to another moment.
#[derive(Debug, Clone)]
pub struct ReminderChange {
    /// As it would have been.
    pub was: ComingStep,
    /// As it will be.
    pub is: ComingStep,
}

/// What a change does to the coming year.
#[derive(Debug, Clone, Default)]
pub struct OutlookChange {
    /// How many letters and tasks stay at their moment.
    pub kept: usize,
    /// Those that leave at another moment.
    pub moved: Vec<ReminderChange>,
    /// Those that fall away.
    pub dropped: Vec<ComingStep>,
    /// Those that are new.
    pub added: Vec<ComingStep>,
}

/// How far apart the same letter of two plans may be due and still be called moved, in days.
const NEAR_DAYS: i32 = 15;

impl OutlookChange {
    /// Pairs two years: what is due on the same day first, then what is due close by.
    pub(in crate::journey) fn between(was: Vec<ComingStep>, mut is: Vec<ComingStep>) -> Self {
        let mut change = Self::default();
        let mut rest = Vec::new();
        for step in was {
            match is.iter().position(|other| step.is_like(other) && other.due_on == step.due_on) {
                Some(found) => change.pair(step, is.remove(found)),
                None => rest.push(step),
            }
        }
        for step in rest {
            let far = |other: &ComingStep| (other.due_on - step.due_on).get_days().abs();
            let near =
                is.iter().enumerate().filter(|(_, other)| step.is_like(other) && far(other) <= NEAR_DAYS);
            match near.min_by_key(|(_, other)| far(other)).map(|(found, _)| found) {
                Some(found) => change.pair(step, is.remove(found)),
                None => change.dropped.push(step),
            }
        }
        change.added = is;
        change
    }

    fn pair(&mut self, was: ComingStep, is: ComingStep) {
        if was.at == is.at { self.kept += 1 } else { self.moved.push(ReminderChange { was, is }) }
    }
}

impl ComingStep {
    fn is_like(&self, other: &Self) -> bool {
        self.series == other.series && self.step == other.step
    }
}

/// One series of hers, and what is on record of it.
struct SeriesOutlook<'a> {
    series: &'a Series,
    enrolment: &'a Enrolment,
    rows: Vec<&'a FollowUp>,
    local: Local<'a>,
    now: Timestamp,
    until: Date,
    stops: &'a [LetterStop],
}

/// Everything that comes within a year, in order. Of whom no letter reaches only what a person is asked.
///
/// # Errors
/// [`StepError`] when the record cannot be read.
pub(in crate::journey) fn coming_year(
    view: &View<'_>,
    patient: &Patient,
    clinic: &Deps,
    now: Timestamp,
) -> Result<Vec<ComingStep>, StepError> {
    let pauses_until = match (patient.status, patient.paused_until) {
        (PatientStatus::Active, _) => None,
        (PatientStatus::Paused, Some(until)) => Some(until),
        _ => return Ok(Vec::new()),
    };
    let zone = zone(&patient.zone)?;
    let local = Local { policy: &clinic.policy, zone: &zone };
    let until = local.day(now).saturating_add(jiff::Span::new().years(1));
    let (written, stops) = (view.follow_ups_of(patient.id)?, view.letter_stops()?);
    let mut coming = Vec::new();
    for enrolment in &view.enrolments_of(patient.id)? {
        let protocol = clinic.protocol_cache.get(view, enrolment.version)?;
        for series in protocol.on_record() {
            let of = |f: &&FollowUp| f.enrolment == enrolment.id && f.series == series.id;
            let rows = written.iter().filter(of).collect();
            let outlook = SeriesOutlook { series, enrolment, rows, local, now, until, stops: &stops };
            coming.extend(outlook.on_record(view)?);
            if enrolment.is_active {
                coming.extend(outlook.ahead());
            }
        }
    }
    let leaves = patient.letters_to().is_some();
    coming.retain(|step| leaves || step.asks_staff);
    coming.retain(|step| step.on <= until && pauses_until.is_none_or(|last| step.on > last));
    coming.sort_by_key(|step| step.at);
    Ok(coming)
}

impl SeriesOutlook<'_> {
    fn on_record(&self, view: &View<'_>) -> Result<Vec<ComingStep>, StepError> {
        let mut coming = Vec::new();
        for follow_up in self.rows.iter().filter(|f| f.next_at.is_some()) {
            let booked = view.appointment_of(follow_up.id)?;
            let booking = match booked.filter(|_| follow_up.state == FollowUpState::Booked) {
                Some(a) => Booking::On { on: a.on, at: calendar::instant(a.on, a.at, &zone(&a.zone)?) },
                None => Booking::None,
            };
            let kept = view.reminders_of_follow_up(follow_up.id)?;
            let is_asked = kept.iter().any(|reminder| reminder.state == ReminderState::Due)
                || view.offer(follow_up.id, None)? != Offer::Nothing;
            let gone: Vec<Key> = kept.into_iter().map(|reminder| reminder.key).collect();
            let (owed, promised_from) = (follow_up.owed, follow_up.promised_from);
            let asked = view.asked_steps(follow_up, self.now)?;
            let open = OpenFollowUp {
                series: self.series,
                owed,
                booking,
                promised_from,
                gone: &gone,
                asked: &asked,
            };
            let mut steps = due_steps::outlook(&open, self.now, self.local.hours());
            if !is_asked {
                opened(self.series, owed, &mut steps);
            }
            coming.extend(self.of_steps(owed, steps));
        }
        Ok(coming)
    }

    /// The follow-ups that are not written down yet.
    fn ahead(&self) -> Vec<ComingStep> {
        let Some(last) = self.rows.iter().max_by_key(|f| f.owed.number) else { return Vec::new() };
        let anchor = match self.series.rebase {
            true => rebased(self.series, self.enrolment.anchor_on, last.owed.number, last.owed.due_on),
            false => self.enrolment.anchor_on,
        };
        let each = (last.owed.number.saturating_add(1)..).map_while(|n| nth(self.series, anchor, n));
        // What is due later may write before its date.
        let horizon = self.until.saturating_add(jiff::Span::new().days(90));
        let each = each.take_while(|owed| owed.due_on <= horizon);
        each.flat_map(|owed| {
            let basis = Basis { on: owed.due_on, closes_on: owed.closes_on, appointment_at: None };
            let timed = timed_steps(self.series, Trigger::Remind, basis, self.local.hours());
            self.of_steps(owed, due_steps::foresee(timed, self.now))
        })
        .collect()
    }

    fn of_steps(&self, owed: Owed, steps: Vec<(TimedStep<'_>, Option<&'static str>)>) -> Vec<ComingStep> {
        let leaves = steps.into_iter().filter(|(_, lapses)| lapses.is_none());
        let coming = leaves.map(|(timed, _)| ComingStep {
            // What is useful and late leaves with the next look.
            at: timed.send_at.max(self.now),
            on: timed.send_on.max(self.local.day(self.now)),
            series: self.series.id.clone(),
            step: timed.step.name.clone(),
            titles: self.series.title.clone(),
            due_on: owed.due_on,
            asks_staff: timed.step.is_staff_task(),
            is_stopped: !timed.step.is_staff_task() && self.is_stopped(&timed.step.name),
        });
        coming.collect()
    }

    fn is_stopped(&self, step: &str) -> bool {
        self.stops.iter().any(|stop| stop.kind.covers(step, self.series.kind.word()))
    }
}

/// The first letter that asks speaks as the first of its series, whichever step it is: nothing left before it.
fn opened<'s>(series: &'s Series, owed: Owed, steps: &mut [(TimedStep<'s>, Option<&'static str>)]) {
    let asks = |timed: &TimedStep<'_>| timed.trigger == Trigger::Remind && !timed.step.is_staff_task();
    let first = steps.iter_mut().find(|(timed, lapses)| lapses.is_none() && asks(timed));
    if let (Some((timed, _)), Some(opening)) = (first, opening_step(series, owed.due_on)) {
        timed.step = opening;
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn step(of: &str, due_on: Date, at: i64) -> ComingStep {
        let (series, step) = of.split_once(':').unwrap();
        ComingStep {
            at: Timestamp::from_second(at).unwrap(),
            on: due_on,
            series: series.to_owned(),
            step: step.to_owned(),
            titles: BTreeMap::new(),
            due_on,
            asks_staff: false,
            is_stopped: false,
        }
    }

    #[test]
    fn a_change_is_told_letter_by_letter() {
        let was = vec![
            step("visit:book", date(2026, 3, 1), 1),
            step("visit:book", date(2026, 6, 1), 2),
            step("spine:invite", date(2026, 3, 1), 3),
            step("visit:book", date(2026, 9, 1), 4),
        ];
        let is = vec![
            step("visit:book", date(2026, 3, 1), 1),
            step("visit:book", date(2026, 6, 10), 5),
            step("spine:invite", date(2026, 3, 1), 6),
            step("ct:book", date(2026, 9, 1), 7),
        ];
        let change = OutlookChange::between(was, is);
        let of = |steps: &[ComingStep]| steps.iter().map(|s| s.series.clone()).collect::<Vec<_>>();
        let moved: Vec<_> =
            change.moved.iter().map(|m| (m.was.at.as_second(), m.is.at.as_second())).collect();
        assert_eq!((change.kept, moved), (1, vec![(3, 6), (2, 5)]));
        assert_eq!(
            (of(&change.dropped), of(&change.added)),
            (vec!["visit".to_owned()], vec!["ct".to_owned()])
        );
    }
}
