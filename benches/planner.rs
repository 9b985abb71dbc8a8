//! How many follow-ups a core lays in a second: due date, window, every letter's day, instant and last use.
//!
//! `cargo bench --bench planner`; the aim of issue 2 is 1,000,000 a second.

use std::io::Write;
use std::time::Duration;

use aftercare::care::plan::protocol::{Protocol, Series, Trigger};
use aftercare::care::plan::reminder_times::{Basis, timed_steps};
use aftercare::care::plan::schedule::owed;
use aftercare::care::time::calendar::{LocalHours, OpenDays, SendingHours};
use aftercare::care::time::zone;
use aftercare::config::embedded;
use aftercare::config::protocols::protocol;
use jiff::civil::{Date, Weekday, date, time};
use jiff::tz::TimeZone;

const PROTOCOLS: [&str; 3] = ["sgo2017-high", "nccn", "bgcs-pifu"];
const ZONES: [&str; 4] = ["Europe/Madrid", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca"];
const PATIENTS: i32 = 3_000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut out = std::io::stdout().lock();
    for name in PROTOCOLS {
        let text = embedded::text(&format!("protocols/{name}.toml")).ok_or("not shipped")?;
        let protocol = protocol::read(name, &text, &["en", "es"]).map_err(|_| "faulty protocol")?;
        for zone_name in ZONES {
            let zone = zone::find(zone_name)?;
            let (laid, took) = timed(|| years(&protocol, &zone));
            let rate = f64::from(laid) / took.as_secs_f64();
            writeln!(out, "{name:14} {zone_name:20} {laid:>8} follow-ups {rate:>12.0}/s")?;
        }
    }
    Ok(())
}

/// Lays ten years of every series for many anchors; returns how many follow-ups that were.
fn years(protocol: &Protocol, zone: &TimeZone) -> u32 {
    let hours = office_hours();
    let mut laid = 0;
    for patient in 0..PATIENTS {
        let anchor = date(2024, 1, 1).saturating_add(jiff::Span::new().days(patient % 700));
        laid += protocol
            .series
            .iter()
            .map(|s| series_years(s, anchor, LocalHours { hours: &hours, zone }))
            .sum::<u32>();
    }
    laid
}

fn series_years(series: &Series, anchor: Date, local: LocalHours<'_>) -> u32 {
    let end = anchor.saturating_add(jiff::Span::new().years(10));
    let mut laid = 0;
    for follow_up in owed(series, anchor).take_while(|o| o.due_on <= end) {
        let basis = Basis { on: follow_up.due_on, closes_on: follow_up.closes_on, appointment_at: None };
        std::hint::black_box(timed_steps(series, Trigger::Remind, basis, local));
        laid += 1;
    }
    laid
}

fn office_hours() -> SendingHours {
    let weekdays =
        vec![Weekday::Monday, Weekday::Tuesday, Weekday::Wednesday, Weekday::Thursday, Weekday::Friday];
    let holidays = (2024..2036).flat_map(|y| [date(y, 1, 1), date(y, 12, 25), date(y, 12, 26)]).collect();
    let days = OpenDays { weekdays, holidays };
    SendingHours { days, at: time(9, 0, 0, 0), opens: time(8, 0, 0, 0), closes: time(20, 0, 0, 0) }
}

#[expect(clippy::disallowed_methods, reason = "a bench measures real time")]
fn timed<T>(work: impl Fn() -> T) -> (T, Duration) {
    std::hint::black_box(work());
    let start = std::time::Instant::now();
    let done = work();
    (done, start.elapsed())
}
