//! What a protocol asks of an example patient, laid by the planner that the daemon runs (P11), and how much that is in each
//! year.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::care::plan::due_steps::foresee;
use crate::care::plan::protocol::{FollowUpKind, Protocol, Series, Trigger};
use crate::care::plan::reminder_times::{Basis, TimedStep, timed_steps};
use crate::care::plan::schedule::{Owed, owed};
use crate::care::time::calendar::{LocalHours, Span, Unit, instant};

/// Whose plan is laid, and how far.
#[derive(Debug, Clone, Copy)]
pub struct ExamplePatient<'a> {
    /// The date everything is counted from.
    pub anchor: Date,
    /// The last day looked at.
    pub until: Date,
    /// The clinic's hours, in the zone she lives in.
    pub local: LocalHours<'a>,
}

/// One follow-up with its reminders, as previews show it.
pub struct PreviewLine<'p> {
    /// The series of the protocol that owes it.
    pub series: &'p Series,
    /// Its place on the grid.
    pub owed: Owed,
    /// Each with the reason why it will not leave, if it meets another of its follow-up.
    pub reminders: Vec<(TimedStep<'p>, Option<&'static str>)>,
}

impl<'p> PreviewLine<'p> {
    /// The letters and tasks that come while no date is booked and no answer given.
    pub fn letters(&self) -> impl Iterator<Item = &TimedStep<'p>> {
        self.reminders.iter().filter(|(_, lapses)| lapses.is_none()).map(|(laid, _)| laid)
    }

    /// The days on which a letter leaves if she never books and never answers.
    fn silent_days(&self) -> impl Iterator<Item = Date> {
        self.letters().filter(|laid| !laid.step.is_staff_task()).map(|laid| laid.send_on)
    }

    /// The days on which one leaves if she books or answers at the first.
    fn prompt_days(&self, local: LocalHours<'_>) -> Vec<Date> {
        let mut days: Vec<Date> = self.silent_days().take(1).collect();
        if self.series.kind.is_bookable() {
            let on = self.owed.due_on;
            let appointment_at = Some(instant(on, local.hours.at, local.zone));
            let basis = Basis { on, closes_on: self.owed.closes_on, appointment_at };
            let booked = timed_steps(self.series, Trigger::Booked, basis, local);
            days.extend(booked.iter().filter(|laid| !laid.step.is_staff_task()).map(|laid| laid.send_on));
        }
        days
    }
}

/// Everything owed until the last day, by due date.
#[must_use]
pub fn lines<'p>(protocol: &'p Protocol, patient: &ExamplePatient<'_>) -> Vec<PreviewLine<'p>> {
    let of = |series: &'p Series| {
        let due = owed(series, patient.anchor).take_while(|o| o.due_on <= patient.until);
        due.map(|owed| PreviewLine { series, owed, reminders: reminders(series, &owed, patient) })
            .collect::<Vec<_>>()
    };
    let mut lines: Vec<PreviewLine<'p>> = protocol.series.iter().flat_map(of).collect();
    lines.sort_by_key(|line| line.owed.due_on);
    lines
}

fn reminders<'p>(
    series: &'p Series,
    owed: &Owed,
    patient: &ExamplePatient<'_>,
) -> Vec<(TimedStep<'p>, Option<&'static str>)> {
    let basis = Basis { on: owed.due_on, closes_on: owed.closes_on, appointment_at: None };
    foresee(timed_steps(series, Trigger::Remind, basis, patient.local), Timestamp::MIN)
}

/// What one year after the anchor asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct YearLoad {
    /// Visits and tests that are due.
    pub visits: usize,
    /// Forms to fill in.
    pub checklists: usize,
    /// Letters if she books or answers at the first. What falls on one day is one letter.
    pub letters_at_least: usize,
    /// Letters if she never does.
    pub letters_at_most: usize,
}

/// The load of each year up to the last day, the first year first.
#[must_use]
pub fn years(lines: &[PreviewLine<'_>], patient: &ExamplePatient<'_>) -> Vec<YearLoad> {
    let begins = |year: i32| Span { count: year, unit: Unit::Years }.from(patient.anchor);
    let all = (0..200).take_while(|year| begins(*year) < patient.until);
    all.map(|year| {
        // What leaves before the anchor belongs to the first year.
        let from = if year == 0 { Date::MIN } else { begins(year) };
        let holds = |on: &Date| (from..begins(year + 1)).contains(on);
        let due = |of: fn(FollowUpKind) -> bool| {
            lines.iter().filter(|line| of(line.series.kind) && holds(&line.owed.due_on)).count()
        };
        let silent: BTreeSet<Date> = lines.iter().flat_map(PreviewLine::silent_days).filter(holds).collect();
        let prompt = lines.iter().flat_map(|line| line.prompt_days(patient.local));
        let prompt: BTreeSet<Date> = prompt.filter(holds).collect();
        YearLoad {
            visits: due(FollowUpKind::is_bookable),
            checklists: due(|kind| kind == FollowUpKind::Checklist),
            letters_at_least: prompt.len(),
            letters_at_most: silent.len(),
        }
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use jiff::tz::TimeZone;

    use super::*;
    use crate::care::plan::sample::{high_risk, office, phase, protocol, series};

    #[test]
    fn a_year_tells_its_visits_forms_and_letters() {
        let mut checks = series(FollowUpKind::Checklist, vec![phase("0m", "", "6m")]);
        checks.id = "check".to_owned();
        let (both, hours) = (protocol(vec![high_risk(), checks]), office());
        let local = LocalHours { hours: &hours, zone: &TimeZone::UTC };
        let patient = ExamplePatient { anchor: date(2026, 1, 15), until: date(2028, 1, 15), local };
        let lines = lines(&both, &patient);
        let years = years(&lines, &patient);
        assert_eq!(years.len(), 2);
        let first = &years[0];
        // Due every three months after the anchor: three within the year, the fourth on its last day's morrow.
        assert_eq!((first.visits, first.checklists), (3, 1));
        assert!(first.letters_at_least > 3 && first.letters_at_most >= first.visits * 2, "{years:?}");
    }
}
