//! `aftercare report`: what the clinic learns from a stretch of time.

use std::io::Write;

use jiff::ToSpan;
use jiff::civil::Date;
use serde_json::{Value, json};

use crate::care::triage::tier::Tier;
use crate::cli::context::Context;
use crate::cli::exit::Failure;
use crate::cli::work::report::figures::ReportFigures;
use crate::cli::work::report::words::{name, percent, span};
use crate::config::sources::Sources;
use crate::daemon::assembly::engine;
use crate::journey::forecast::clinic_figures::{self, FiguresRequest};
use crate::store::database::OpenMode;
use crate::store::work::report::overdue::OverdueFilter;
use crate::store::work::report::period::{PeriodReport, Speed};

mod chart;
mod figures;
pub mod words;

/// Sum up a stretch of time: how fast people acted, how many answered, whether there are hands enough
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  aftercare report --since 2027-01-01 --until 2027-03-31 --format svg > report.svg"
)]
pub struct ReportArgs {
    /// First day; 90 days before the last one when left out.
    #[arg(long, value_name = "DATE")]
    pub since: Option<Date>,
    /// Last day; today when left out.
    #[arg(long, value_name = "DATE")]
    pub until: Option<Date>,
    /// Only patients who are or were on this protocol.
    #[arg(long, value_name = "PROTOCOL")]
    pub protocol: Option<String>,
    /// How it is written.
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = ["text", "json", "csv", "svg"])]
    pub format: String,
}

/// Sums up the days from the first to the last, both included, and writes them to stdout.
///
/// # Errors
/// 65 when the last day lies before the first.
pub fn run(args: &ReportArgs, ctx: &Context) -> Result<(), Failure> {
    let zone = ctx.config()?.clinic.zone.clone();
    let last = args.until.unwrap_or_else(|| zone.to_datetime(ctx.stamp().at).date());
    let first = args.since.unwrap_or_else(|| last.saturating_sub(90.days()));
    if last < first {
        return Err(Failure::bad_input("the last day lies before the first")
            .hint("give --since DATE before --until DATE"));
    }
    let store = ctx.store(OpenMode::AsItIs)?;
    let now = ctx.stamp().at;
    let request = FiguresRequest { first_on: first, last_on: last, protocol: args.protocol.clone(), now };
    let counted =
        clinic_figures::figures(&store, &engine::protocol_cache(&Sources::shipped()), &zone, &request)?;
    let today = zone.to_datetime(now).date();
    let filter =
        OverdueFilter { today, protocol: args.protocol.as_deref(), after: None, limit: figures::OVERDUE };
    let overdue = store.read(|view| view.overdue_visits(&filter))?.rows;
    let figures = ReportFigures { counted, overdue };
    let report = &figures.counted.period;
    let format = if ctx.json { "json" } else { args.format.as_str() };
    let mut out = std::io::stdout().lock();
    match format {
        "json" => {
            let mut document = document(report, first, last);
            figures.add_to(&mut document);
            writeln!(out, "{document:#}")?;
        }
        "csv" => {
            csv(&mut out, report)?;
            let mut more = csv::Writer::from_writer(&mut out);
            let written = figures.cells().iter().try_for_each(|cells| more.write_record(cells));
            written.map_err(std::io::Error::from)?;
            more.flush()?;
        }
        "svg" => chart::svg(&mut out, report)?,
        _ => {
            text(&mut out, report, first, last)?;
            figures.text(&mut out)?;
        }
    }
    Ok(out.flush()?)
}

fn text(out: &mut dyn Write, report: &PeriodReport, first: Date, last: Date) -> std::io::Result<()> {
    writeln!(out, "From {first} to {last}\n")?;
    writeln!(out, "From the answer to the first human action")?;
    writeln!(
        out,
        "  {:<10} {:>7} {:>9} {:>8} {:>9} {:>9} {:>9}",
        "tier", "raised", "acted on", "in time", "median", "90 %", "slowest"
    )?;
    for Speed { tier, raised, acted, in_time, median, p90, max } in &report.speeds {
        let (median, p90, max) = (span(*median), span(*p90), span(*max));
        writeln!(
            out,
            "  {:<10} {raised:>7} {acted:>9} {in_time:>8} {median:>9} {p90:>9} {max:>9}",
            name(*tier)
        )?;
    }
    let a = report.answered;
    writeln!(out, "\nChecklists")?;
    writeln!(
        out,
        "  {} came due: {} answered ({}), {} half done, {} closed without an answer",
        a.asked,
        a.answered,
        percent(a.answered, a.asked),
        a.half_done,
        a.missed
    )?;
    writeln!(out, "  {} came without being asked for", a.unasked)?;
    let c = report.capacity;
    writeln!(out, "\nHands needed")?;
    writeln!(
        out,
        "  {} patients x {:.2} forms a week x {:.1} % that ring = {:.1} alerts a week",
        c.patients,
        c.forms_a_week,
        c.alert_rate * 100.0,
        c.alerts_a_week
    )
}

fn document(report: &PeriodReport, first: Date, last: Date) -> Value {
    let speed = |s: &Speed| {
        json!({ "tier": s.tier.map(Tier::word), "raised": s.raised, "acted": s.acted, "in_time": s.in_time,
            "median_s": s.median, "p90_s": s.p90, "max_s": s.max })
    };
    let (a, c) = (report.answered, report.capacity);
    json!({
        "since": first.to_string(), "until": last.to_string(),
        "speeds": report.speeds.iter().map(speed).collect::<Vec<_>>(),
        "checklists": { "asked": a.asked, "answered": a.answered, "half_done": a.half_done, "missed": a.missed,
            "unasked": a.unasked },
        "capacity": { "patients": c.patients, "forms_a_week": c.forms_a_week, "alert_rate": c.alert_rate,
            "alerts_a_week": c.alerts_a_week },
    })
}

/// One figure a line, so that any table program can read it.
fn csv(out: &mut dyn Write, report: &PeriodReport) -> std::io::Result<()> {
    let mut table = csv::Writer::from_writer(out);
    let mut line = |topic: &str, figure: &str, value: String| table.write_record([topic, figure, &value]);
    line("topic", "figure", "value".to_owned())?;
    let seconds = |value: Option<i64>| value.map(|s| s.to_string()).unwrap_or_default();
    for s in &report.speeds {
        let tier = name(s.tier);
        line(tier, "raised", s.raised.to_string())?;
        line(tier, "acted", s.acted.to_string())?;
        line(tier, "in_time", s.in_time.to_string())?;
        line(tier, "median_s", seconds(s.median))?;
        line(tier, "p90_s", seconds(s.p90))?;
        line(tier, "max_s", seconds(s.max))?;
    }
    let a = report.answered;
    for (figure, value) in [
        ("asked", a.asked),
        ("answered", a.answered),
        ("half_done", a.half_done),
        ("missed", a.missed),
        ("unasked", a.unasked),
        ("patients", report.capacity.patients),
    ] {
        line("checklists", figure, value.to_string())?;
    }
    let c = report.capacity;
    line("capacity", "forms_a_week", format!("{:.4}", c.forms_a_week))?;
    line("capacity", "alert_rate", format!("{:.4}", c.alert_rate))?;
    line("capacity", "alerts_a_week", format!("{:.4}", c.alerts_a_week))?;
    table.flush()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::work::report::period::{Capacity, ResponseRate};

    pub(in crate::cli) fn sample() -> PeriodReport {
        let speed = |tier, median| Speed {
            tier,
            raised: 4,
            acted: 3,
            in_time: 2,
            median,
            p90: median.map(|s| s * 3),
            max: median.map(|s| s * 4),
        };
        PeriodReport {
            speeds: vec![speed(Some(Tier::Emergency), Some(600)), speed(None, None)],
            answered: ResponseRate { asked: 40, answered: 30, half_done: 2, missed: 8, unasked: 1 },
            capacity: Capacity { patients: 20, forms_a_week: 0.25, alert_rate: 0.2, alerts_a_week: 1.0 },
        }
    }

    fn written(write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>) -> String {
        let mut out = Vec::new();
        write(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_words_say_speed_answers_and_hands() {
        let day = jiff::civil::date(2027, 1, 1);
        let text = written(|out| super::text(out, &sample(), day, day));
        for part in ["emergency", "10 min", "30 answered (75 %)", "20 patients x 0.25", "1.0 alerts a week"] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }

    #[test]
    fn every_line_of_the_table_has_three_cells() {
        let table = written(|out| csv(out, &sample()));
        assert!(table.lines().all(|line| line.split(',').count() == 3));
        assert!(table.contains("emergency,median_s,600"));
    }

    #[test]
    fn the_picture_is_one_svg_with_words_for_those_who_cannot_see_it() {
        let picture = written(|out| crate::cli::work::report::chart::svg(out, &sample()));
        assert!(picture.starts_with("<svg ") && picture.trim_end().ends_with("</svg>"));
        for part in ["<title>", "<desc>", "role=\"img\"", "10 min"] {
            assert!(picture.contains(part), "{part}");
        }
        assert_eq!(picture.matches("<rect").count(), picture.matches("/>").count());
    }
}
