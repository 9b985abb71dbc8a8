//! A visit that no protocol asks for: staff add it with its date, and it is reminded of as any booked visit is. It belongs to a
//! series of its own that owes nothing, so that no change of plan moves it or makes another of it.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::protocol::{At, FollowUpKind, OnUnknown, ProtocolStep, Series};
use crate::care::plan::schedule::Owed;
use crate::care::time::calendar::{Span, Unit};

/// Name of the series of visits beside the plan, in every protocol.
pub const EXTRA_VISIT: &str = "extra-visit";

/// How long after its date it may still be recorded.
const OPEN_AFTER: Span = Span { count: 14, unit: Unit::Days };

/// Steps of a booked visit where a protocol has no visit of its own to take them from (clinical brief §5), in days.
const BOOKED: [(&str, i32); 2] = [("week-before", -7), ("day-before", -1)];
const MISSED: [(&str, i32); 3] = [("sorry-we-missed-you", 1), ("again", 7), ("staff-task", 10)];

/// The series of visits beside the plan in a protocol of the given series: letters as for its first visit, and no due dates.
#[must_use]
pub fn extra_series(series: &[Series]) -> Series {
    let visit = series.iter().find(|one| one.kind == FollowUpKind::Visit);
    let steps = |own: Option<&Vec<ProtocolStep>>, usual: &[(&str, i32)]| match own {
        Some(own) => own.clone(),
        None => usual.iter().map(|(name, days)| step(name, *days)).collect(),
    };
    Series {
        id: EXTRA_VISIT.to_owned(),
        kind: FollowUpKind::Visit,
        checklist: None,
        leaflet: None,
        title: visit.map_or_else(title, |visit| visit.title.clone()),
        prepare: BTreeMap::new(),
        phases: Vec::new(),
        at: Vec::new(),
        window_before: None,
        window_after: None,
        rebase: false,
        on_unknown: visit.map_or(OnUnknown::Resend, |visit| visit.on_unknown),
        remind: Vec::new(),
        booked: steps(visit.map(|visit| &visit.booked), &BOOKED),
        missed: steps(visit.map(|visit| &visit.missed), &MISSED),
    }
}

/// The place of the `number`th visit beside the plan: on its date.
#[must_use]
pub fn place(number: u32, on: Date) -> Owed {
    Owed { number, due_on: on, opens_on: on, closes_on: OPEN_AFTER.from(on) }
}

fn title() -> BTreeMap<String, String> {
    [("en", "Appointment"), ("es", "Cita")].map(|(code, word)| (code.to_owned(), word.to_owned())).into()
}

fn step(name: &str, days: i32) -> ProtocolStep {
    let at = At::Offset(Span { count: days, unit: Unit::Days });
    ProtocolStep { name: name.to_owned(), at, useful: None }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{high_risk, phase, series};
    use super::*;
    use crate::care::plan::schedule::owed;
    use jiff::civil::date;

    #[test]
    fn it_writes_as_a_booked_visit_does_and_owes_nothing() {
        let visit = high_risk();
        let extra = extra_series(std::slice::from_ref(&visit));
        assert_eq!((&extra.booked, &extra.missed), (&visit.booked, &visit.missed));
        assert!(extra.remind.is_empty(), "nobody is asked to book what is booked");
        assert_eq!(owed(&extra, date(2026, 1, 30)).next(), None);
    }

    #[test]
    fn a_protocol_without_visits_reminds_of_one_all_the_same() {
        let forms = series(FollowUpKind::Checklist, vec![phase("0m", "", "1m")]);
        let extra = extra_series(&[forms]);
        assert_eq!((extra.booked.len(), extra.missed.len()), (2, 3));
        assert!(extra.title.contains_key("es"));
    }
}
