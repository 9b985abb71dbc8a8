//! Protocols the tests put patients on, as values; the file format has tests of its own.

use std::collections::BTreeMap;
use std::sync::Arc;

use aftercare::care::protocol::{At, Kind, OnUnknown, Phase, Protocol, Series, Step};

pub(crate) fn step(name: &str, at: &str) -> Step {
    let at = if at == "two-misses" { At::AfterTwoMisses } else { At::Offset(at.parse().unwrap()) };
    Step { name: name.to_owned(), at, useful: None }
}

fn phases(rows: &[(&str, &str, &str)]) -> Vec<Phase> {
    let until = |text: &str| (!text.is_empty()).then(|| text.parse().unwrap());
    rows.iter()
        .map(|(a, u, e)| Phase { after: a.parse().unwrap(), until: until(u), every: e.parse().unwrap() })
        .collect()
}

fn series(id: &str, kind: Kind, rows: &[(&str, &str, &str)]) -> Series {
    let title = BTreeMap::from([
        ("en".to_owned(), format!("title of {id}")),
        ("es".to_owned(), format!("título de {id}")),
    ]);
    Series {
        id: id.to_owned(),
        kind,
        checklist: (kind == Kind::Checklist).then(|| "spine".to_owned()),
        leaflet: (kind == Kind::Leaflet).then(|| "rest".to_owned()),
        title,
        prepare: BTreeMap::new(),
        phases: phases(rows),
        at: Vec::new(),
        window_before: None,
        window_after: None,
        rebase: false,
        on_unknown: OnUnknown::Resend,
        remind: Vec::new(),
        booked: Vec::new(),
        missed: Vec::new(),
    }
}

/// Visits with every step of the clinical brief.
pub(crate) fn visits(rows: &[(&str, &str, &str)]) -> Series {
    Series {
        remind: vec![step("book", "-28d"), step("book-again", "-14d")],
        booked: vec![step("week-before", "-7d"), step("day-before", "-1d")],
        missed: vec![step("sorry-we-missed-you", "+1d"), step("again", "+7d"), step("staff-task", "+10d")],
        ..series("visit", Kind::Visit, rows)
    }
}

/// Checklists with invitation, nudges and the task after two misses.
pub(crate) fn checklists(rows: &[(&str, &str, &str)]) -> Series {
    Series {
        remind: vec![
            step("invite", "0d"),
            step("nudge", "+1d"),
            step("nudge-again", "+3d"),
            step("staff-task-after-two-misses", "two-misses"),
        ],
        ..series("spine-check", Kind::Checklist, rows)
    }
}

pub(crate) fn leaflets(rows: &[(&str, &str, &str)]) -> Series {
    Series { remind: vec![step("leaflet", "0d")], ..series("leaflet", Kind::Leaflet, rows) }
}

pub(crate) fn protocol(id: &str, series: Vec<Series>) -> Protocol {
    Protocol {
        id: id.to_owned(),
        version: format!("{id}-1"),
        title: id.to_owned(),
        source: "Sample".to_owned(),
        anchor: "end-of-treatment".to_owned(),
        verified: true,
        add_on: false,
        series,
    }
}

/// Every protocol of the fixture, by name.
pub(crate) fn all() -> BTreeMap<String, Arc<Protocol>> {
    let three_monthly = &[("0m", "24m", "3m"), ("24m", "60m", "6m"), ("60m", "", "12m")];
    let monthly = &[("0m", "36m", "1m"), ("36m", "", "3m")];
    let held = Series { on_unknown: OnUnknown::Hold, ..visits(three_monthly) };
    let rebase = Series { rebase: true, ..visits(three_monthly) };
    let test = Series { id: "mri".to_owned(), kind: Kind::Test, ..visits(&[("0m", "24m", "6m")]) };
    let poison =
        Series { remind: vec![step("poison", "-28d"), step("panic", "-14d")], ..visits(three_monthly) };
    [
        protocol("high", vec![visits(three_monthly)]),
        protocol("low", vec![visits(&[("0m", "24m", "6m"), ("24m", "", "12m")])]),
        protocol("spine", vec![checklists(monthly)]),
        protocol(
            "full",
            vec![visits(three_monthly), test, checklists(monthly), leaflets(&[("0m", "6m", "2m")])],
        ),
        protocol("held", vec![held]),
        protocol("rebase", vec![rebase]),
        protocol("short", vec![visits(&[("0m", "6m", "3m")])]),
        protocol("poison", vec![poison]),
        protocol("unreadable", vec![visits(three_monthly)]),
    ]
    .into_iter()
    .map(|p| (p.id.clone(), Arc::new(p)))
    .collect()
}
