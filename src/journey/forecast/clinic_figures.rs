//! The figures of a report, all that the page and the command show: what became of a period, and what is to come from today on.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::week_load::{WeekAhead, WeekRequest, week_load};
use crate::care::time::calendar::instant;
use crate::journey::errors::step::StepError;
use crate::journey::protocol_cache::ProtocolCache;
use crate::journey::sending_policy::day;
use crate::store::database::Store;
use crate::store::work::report::alert_months::{AlertMonth, ReportMonth};
use crate::store::work::report::checklist_months::{ChecklistCounts, ChecklistMonth};
use crate::store::work::report::letter_months::LetterFate;
use crate::store::work::report::period::PeriodReport;
use crate::store::work::report::{ReportScope, ReportSpan};

/// Which figures are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FiguresRequest {
    /// First day of the period, on the clinic's calendar.
    pub first_on: Date,
    /// The last day of the period.
    pub last_on: Date,
    /// Only patients who are or were on this protocol.
    pub protocol: Option<String>,
    /// When it is asked; the weeks to come begin with this day.
    pub now: Timestamp,
}

/// All figures of a report.
#[derive(Debug, Clone, PartialEq)]
pub struct ClinicFigures {
    /// The sums of the period.
    pub period: PeriodReport,
    /// Its months, each by its first day.
    pub months: Vec<Date>,
    /// Checklists by month and protocol.
    pub checklists: Vec<ChecklistMonth>,
    /// Protocols that somebody is on, whether or not one of them was asked anything.
    pub protocols: Vec<String>,
    /// Alerts, a row for each month.
    pub alerts: Vec<AlertMonth>,
    /// Letters by month and what became of them.
    pub letters: Vec<LetterFate>,
    /// The weeks to come.
    pub weeks: Vec<WeekAhead>,
    /// How many visits and tests are overdue now.
    pub overdue: u32,
}

impl ClinicFigures {
    /// What became of the checklists of one month, or of one protocol.
    #[must_use]
    pub fn checklists_where(&self, is_meant: impl Fn(&ChecklistMonth) -> bool) -> ChecklistCounts {
        let mut counts = ChecklistCounts::default();
        self.checklists.iter().filter(|row| is_meant(row)).for_each(|row| counts.add(&row.counts));
        counts
    }
}

/// Counts the figures. Each is a question of its own, so that no reader of the store is held for all of them.
///
/// # Errors
/// [`StepError`] when the store fails.
pub fn figures(
    store: &Store,
    protocols: &ProtocolCache,
    zone: &TimeZone,
    request: &FiguresRequest,
) -> Result<ClinicFigures, StepError> {
    let FiguresRequest { first_on, last_on, now, .. } = *request;
    let (protocol, today) = (request.protocol.as_deref(), day(now, zone));
    let end_on = last_on.saturating_add(1.day());
    let starts = |on: Date| instant(on, Time::midnight(), zone);
    let span = ReportSpan { from: starts(first_on), until: starts(end_on), first_on, end_on };
    let scope = ReportScope { span, protocol };
    let months = months(first_on, last_on);
    let ends = |month: &Date| starts(month.saturating_add(1.month()).min(end_on));
    let bounds: Vec<ReportMonth> =
        months.iter().map(|month| ReportMonth { first_on: *month, until: ends(month) }).collect();
    let checklists = store.read(|view| view.checklist_months(&scope))?;
    let mut counts = ChecklistCounts::default();
    checklists.iter().for_each(|row| counts.add(&row.counts));
    let weeks = WeekRequest { today, zone, protocol };
    Ok(ClinicFigures {
        period: store.read(|view| view.period_report(&scope, &counts))?,
        protocols: store.read(|view| view.protocols_in_use())?,
        alerts: store.read(|view| view.alert_months(&scope, &bounds))?,
        letters: store.read(|view| view.letter_months(&scope))?,
        weeks: store.read(|view| week_load(view, protocols, &weeks))?,
        overdue: store.read(|view| view.overdue_size(today, protocol))?,
        months,
        checklists,
    })
}

/// The months that a period touches.
fn months(first_on: Date, last_on: Date) -> Vec<Date> {
    let next = |month: &Date| month.checked_add(1.month()).ok();
    std::iter::successors(Some(first_on.first_of_month()), next).take_while(|m| *m <= last_on).collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_period_has_every_month_that_it_touches() {
        assert_eq!(months(date(2026, 2, 28), date(2026, 2, 28)), [date(2026, 2, 1)]);
        let over_new_year = [date(2025, 12, 1), date(2026, 1, 1), date(2026, 2, 1)];
        assert_eq!(months(date(2025, 12, 31), date(2026, 2, 1)), over_new_year);
    }
}
