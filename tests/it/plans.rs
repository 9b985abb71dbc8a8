//! What the sample clinic decided: its hours, and the protocols it puts patients on, as values.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use aftercare::care::address::EmailAddress;
use aftercare::care::guards::volume::UnusualVolume;
use aftercare::care::plan::extra_visit::extra_series;
use aftercare::care::plan::protocol::{At, FollowUpKind, OnUnknown, Phase, Protocol, ProtocolStep, Series};
use aftercare::care::time::calendar::{OpenDays, SendingHours};
use aftercare::journey::sending_policy::Policy;
use jiff::civil::{Weekday, date, time};

/// Open Monday to Friday from 8 to 20, letters at 9; closed on Christmas Day and Epiphany.
pub(crate) fn policy() -> Policy {
    let holidays = (2020..2045).flat_map(|y| [date(y, 12, 25), date(y, 1, 6)]).collect();
    let days = OpenDays { weekdays: Weekday::Monday.cycle_forward().take(5).collect(), holidays };
    let address = |text: &str| EmailAddress::parse(text).unwrap();
    Policy {
        hours: SendingHours {
            days,
            at: time(9, 0, 0, 0),
            opens: time(8, 0, 0, 0),
            closes: time(20, 0, 0, 0),
        },
        zone: crate::clinic::ZONE.to_owned(),
        detail: aftercare::care::patient::Detail::Standard,
        weekly_cap: 2,
        daily_cap: 2,
        max_per_minute: 0,
        unusual_volume: UnusualVolume::Waits,
        retry: [60, 300, 900, 3600].map(Duration::from_secs).to_vec(),
        give_up_after: Duration::from_secs(48 * 3600),
        lease: Duration::from_secs(600),
        doubt_rests: Duration::from_secs(900),
        from: ("Sample Clinic".to_owned(), address("letters@clinic.example")),
        reply_to: None,
        own_addresses: vec![address("letters@clinic.example"), address("doctor@clinic.example")],
        leaflets: ["warning-signs", "late-effects", "bone-health", "dilator", "treatment-options", "rest"]
            .map(str::to_owned)
            .into(),
        retention: aftercare::care::record::retention::RetentionPeriods::default(),
        message_id_domain: "clinic.example".to_owned(),
        public_url: Some("https://care.clinic.example".to_owned()),
    }
}

pub(crate) fn step(name: &str, at: &str) -> ProtocolStep {
    let at = if at == "two-misses" { At::AfterTwoMisses } else { At::Offset(at.parse().unwrap()) };
    ProtocolStep { name: name.to_owned(), at, useful: None }
}

fn phases(rows: &[(&str, &str, &str)]) -> Vec<Phase> {
    let until = |text: &str| (!text.is_empty()).then(|| text.parse().unwrap());
    rows.iter()
        .map(|(a, u, e)| Phase { after: a.parse().unwrap(), until: until(u), every: e.parse().unwrap() })
        .collect()
}

fn series(id: &str, kind: FollowUpKind, rows: &[(&str, &str, &str)]) -> Series {
    let title = BTreeMap::from([
        ("en".to_owned(), format!("title of {id}")),
        ("es".to_owned(), format!("título de {id}")),
    ]);
    Series {
        id: id.to_owned(),
        kind,
        checklist: (kind == FollowUpKind::Checklist).then(|| "spine".to_owned()),
        leaflet: (kind == FollowUpKind::Leaflet).then(|| "rest".to_owned()),
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
        ..series("visit", FollowUpKind::Visit, rows)
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
        ..series("spine-check", FollowUpKind::Checklist, rows)
    }
}

pub(crate) fn leaflets(rows: &[(&str, &str, &str)]) -> Series {
    Series { remind: vec![step("leaflet", "0d")], ..series("leaflet", FollowUpKind::Leaflet, rows) }
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
        extra: extra_series(&series),
        series,
    }
}

/// Every protocol of the fixture, by name.
pub(crate) fn all() -> BTreeMap<String, Arc<Protocol>> {
    let three_monthly = &[("0m", "24m", "3m"), ("24m", "60m", "6m"), ("60m", "", "12m")];
    let monthly = &[("0m", "36m", "1m"), ("36m", "", "3m")];
    let held = Series { on_unknown: OnUnknown::Hold, ..visits(three_monthly) };
    let rebase = Series { rebase: true, ..visits(three_monthly) };
    let test = Series { id: "mri".to_owned(), kind: FollowUpKind::Test, ..visits(&[("0m", "24m", "6m")]) };
    let mut thrice = visits(three_monthly);
    thrice.remind.push(step("book-last", "-7d"));
    let panic = Series { remind: vec![step("panic", "-28d")], ..visits(three_monthly) };
    let poison =
        Series { remind: vec![step("poison", "-28d"), step("panic", "-14d")], ..visits(three_monthly) };
    [
        protocol("high", vec![visits(three_monthly)]),
        protocol("thrice", vec![thrice]),
        protocol("low", vec![visits(&[("0m", "24m", "6m"), ("24m", "", "12m")])]),
        protocol("spine", vec![checklists(monthly)]),
        protocol(
            "full",
            vec![visits(three_monthly), test, checklists(monthly), leaflets(&[("0m", "6m", "2m")])],
        ),
        protocol("held", vec![held]),
        protocol("rebase", vec![rebase]),
        protocol("short", vec![visits(&[("0m", "6m", "3m")])]),
        protocol("review", vec![Series { id: "review".to_owned(), ..visits(&[("0m", "6m", "3m")]) }]),
        protocol("ending", vec![visits(&[("0m", "6m", "3m")]), checklists(monthly)]),
        protocol("letters", vec![leaflets(&[("0m", "4m", "2m")]), checklists(monthly)]),
        protocol("poison", vec![poison]),
        protocol("panic", vec![panic]),
        protocol("unreadable", vec![visits(three_monthly)]),
    ]
    .into_iter()
    .map(|p| (p.id.clone(), Arc::new(p)))
    .collect()
}
