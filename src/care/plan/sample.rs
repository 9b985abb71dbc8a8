//! Series, hours and zones for the planner's tests, and the protocol under the journey's.

use std::collections::BTreeMap;

use jiff::civil::{Weekday, time};
use jiff::tz::TimeZone;
use proptest::prelude::{Just, Strategy, prop_oneof};

use super::extra_visit::extra_series;
use super::protocol::{At, OnUnknown, Phase, Protocol, Series};
use crate::care::plan::protocol::{FollowUpKind, ProtocolStep};
use crate::care::time::calendar::{OpenDays, SendingHours, Span};

pub(in crate::care) fn span(text: &str) -> Span {
    text.parse().unwrap()
}

pub(crate) fn phase(after: &str, until: &str, every: &str) -> Phase {
    let until = (!until.is_empty()).then(|| span(until));
    Phase { after: span(after), until, every: span(every) }
}

pub(in crate::care) fn step(name: &str, at: &str) -> ProtocolStep {
    ProtocolStep { name: name.to_owned(), at: At::Offset(span(at)), useful: None }
}

pub(crate) fn series(kind: FollowUpKind, phases: Vec<Phase>) -> Series {
    let visit = kind.is_bookable();
    let remind = if visit {
        vec![step("book", "-28d"), step("book-again", "-14d")]
    } else {
        vec![step("invite", "0d"), step("nudge", "1d"), step("nudge-again", "3d")]
    };
    Series {
        id: "sample".to_owned(),
        kind,
        checklist: None,
        leaflet: None,
        title: BTreeMap::new(),
        prepare: BTreeMap::new(),
        phases,
        at: Vec::new(),
        window_before: None,
        window_after: None,
        rebase: false,
        on_unknown: OnUnknown::Resend,
        remind,
        booked: if visit { vec![step("week-before", "-7d"), step("day-before", "-1d")] } else { Vec::new() },
        missed: if visit { vec![step("sorry", "1d"), step("staff-task", "10d")] } else { Vec::new() },
    }
}

pub(crate) fn protocol(series: Vec<Series>) -> Protocol {
    Protocol {
        id: "sample".to_owned(),
        version: "0".repeat(12),
        title: "Sample".to_owned(),
        source: "Sample".to_owned(),
        anchor: "end-of-treatment".to_owned(),
        verified: false,
        add_on: false,
        extra: extra_series(&series),
        series,
    }
}

/// 3-monthly for two years, 6-monthly to five, then yearly for life.
pub(in crate::care) fn high_risk() -> Series {
    series(
        FollowUpKind::Visit,
        vec![phase("0m", "24m", "3m"), phase("24m", "60m", "6m"), phase("60m", "", "12m")],
    )
}

/// Any sane series: two phases in one family of units, any kind, a few single dates.
pub(in crate::care) fn any_series() -> impl Strategy<Value = Series> {
    let unit = prop_oneof![Just('m'), Just('w'), Just('d')];
    let kind = proptest::sample::select(FollowUpKind::ALL.to_vec());
    (kind, unit, 1..20_u32, 1..40_u32, 1..9_u32, proptest::collection::vec(0..60_u32, 0..3)).prop_map(
        |(kind, unit, every, border, later, singles)| {
            let text = |n: u32| format!("{n}{unit}");
            let first = phase(&text(0), &text(border), &text(every));
            let second = phase(&text(border), "", &text(every * later));
            let mut made = series(kind, vec![first, second]);
            made.at = singles.iter().map(|n| span(&format!("{n}m"))).collect();
            made
        },
    )
}

pub(in crate::care) fn office() -> SendingHours {
    let weekdays = vec![Weekday::Monday, Weekday::Tuesday, Weekday::Wednesday, Weekday::Thursday];
    let holidays = (2000..2040).map(|y| jiff::civil::date(y, 12, 24)).collect();
    let at = time(9, 0, 0, 0);
    SendingHours {
        days: OpenDays { weekdays, holidays },
        at,
        opens: time(8, 0, 0, 0),
        closes: time(20, 0, 0, 0),
    }
}

pub(in crate::care) fn zone(name: &str) -> TimeZone {
    crate::care::time::zone::find(name).unwrap()
}
