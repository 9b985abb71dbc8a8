//! What the coming weeks ask of the clinic: dates booked, visits and tests due and not booked, forms, tasks. Of each series
//! only the next follow-up stands on record; those after it are counted from the plan.

use jiff::ToSpan;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

use crate::care::plan::follow_up::FollowUpState;
use crate::care::plan::protocol::FollowUpKind;
use crate::care::plan::schedule::nth;
use crate::care::time::calendar::instant;
use crate::journey::errors::step::StepError;
use crate::journey::protocol_cache::ProtocolCache;
use crate::store::db::transaction::View;
use crate::store::work::report::open_ahead::{OpenPlace, WeekFilter};

/// How many weeks are looked ahead.
const WEEKS: i64 = 8;

/// What is due in a week to come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WeekAhead {
    /// The first day of the week.
    pub from: Date,
    /// Dates at the clinic in it.
    pub booked: u32,
    /// Visits and tests due in it that nobody booked.
    pub unbooked: u32,
    /// Checklists due in it.
    pub forms: u32,
    /// Open tasks due in it; those overdue stand in the first week.
    pub tasks: u32,
}

/// From which day on, and whose.
#[derive(Debug, Clone, Copy)]
pub(in crate::journey::forecast) struct WeekRequest<'a> {
    pub(in crate::journey::forecast) today: Date,
    pub(in crate::journey::forecast) zone: &'a TimeZone,
    pub(in crate::journey::forecast) protocol: Option<&'a str>,
}

/// Counts the weeks that begin today.
///
/// # Errors
/// [`StepError`] when the store fails.
pub(in crate::journey::forecast) fn week_load(
    view: &View<'_>,
    protocols: &ProtocolCache,
    request: &WeekRequest<'_>,
) -> Result<Vec<WeekAhead>, StepError> {
    let mut weeks = Vec::new();
    for number in 0..WEEKS {
        let day = |weeks: i64| request.today.saturating_add((weeks * 7).days());
        let (first_on, end_on) = (day(number), day(number + 1));
        let starts = |on| instant(on, Time::midnight(), request.zone);
        let filter = WeekFilter {
            from: if number == 0 { jiff::Timestamp::MIN } else { starts(first_on) },
            until: starts(end_on),
            first_on,
            end_on,
            protocol: request.protocol,
        };
        let (booked, tasks) = (view.booked_in(&filter)?, view.tasks_in(&filter)?);
        weeks.push(WeekAhead { from: first_on, booked, unbooked: 0, forms: 0, tasks });
    }
    let end = request.today.saturating_add((WEEKS * 7).days());
    for place in view.open_places(end, request.protocol)? {
        count_place(view, protocols, &place, &mut weeks)?;
    }
    Ok(weeks)
}

/// Counts what is due at a place of the plan, and what follows it within the weeks.
fn count_place(
    view: &View<'_>,
    protocols: &ProtocolCache,
    place: &OpenPlace,
    weeks: &mut [WeekAhead],
) -> Result<(), StepError> {
    let plan = match protocols.get(view, place.version) {
        Ok(plan) => plan,
        Err(StepError::Store(fault)) if fault.is_everyones() => return Err(fault.into()),
        // It is noted as unreadable; the others are counted.
        Err(_) => return Ok(()),
    };
    let Some(series) = plan.series(&place.series) else { return Ok(()) };
    let later = |number: &u32| number.checked_add(1);
    let following = std::iter::successors(later(&place.number).filter(|_| place.is_last), later)
        .map_while(|number| nth(series, place.anchor_on, number))
        .map(|owed| owed.due_on);
    let here = std::iter::once(place.due_on).filter(|_| place.state == FollowUpState::Planned);
    let Some(end) = weeks.last().map(|week| week.from.saturating_add(7.days())) else { return Ok(()) };
    for due_on in here.chain(following).take_while(|due_on| *due_on < end) {
        let Some(week) = weeks.iter_mut().rev().find(|week| week.from <= due_on) else { continue };
        match series.kind {
            FollowUpKind::Visit | FollowUpKind::Test => week.unbooked += place.count,
            FollowUpKind::Checklist => week.forms += place.count,
            FollowUpKind::Leaflet => {}
        }
    }
    Ok(())
}
