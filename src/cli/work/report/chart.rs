//! The figures as one picture: how long people took, and what became of the checklists.
//! The words carry the meaning; colour only helps.

use std::io::{Result, Write};

use crate::cli::work::report::words::{name, percent, span};
use crate::store::work::report::period::PeriodReport;

const WIDTH: f64 = 640.0;
const LEFT: f64 = 150.0;
const BAR: f64 = 300.0;
const ROW: f64 = 28.0;

/// A bar: its label, its share of the longest, what it stands for, its colour.
type Bar = (String, f64, String, &'static str);

pub(super) fn svg(out: &mut dyn Write, report: &PeriodReport) -> Result<()> {
    let (speeds, answers) = (speeds(report), answers(report));
    let rows = u16::try_from(speeds.len() + answers.len()).unwrap_or(u16::MAX);
    let height = 110.0 + f64::from(rows) * ROW;
    writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" \
         font-family=\"sans-serif\" font-size=\"13\" fill=\"#1a1a1a\">"
    )?;
    writeln!(out, "<title>Answers and alerts</title>")?;
    writeln!(
        out,
        "<desc>Median and 90th percentile from answer to first human action, by tier; and what became of checklists.</desc>"
    )?;
    let y = group(out, 24.0, "From the answer to the first human action", &speeds)?;
    group(out, y + 24.0, "Checklists that came due", &answers)?;
    writeln!(out, "</svg>")
}

fn group(out: &mut dyn Write, top: f64, title: &str, bars: &[Bar]) -> Result<f64> {
    writeln!(out, "<text x=\"16\" y=\"{top}\" font-weight=\"bold\">{}</text>", title)?;
    let mut y = top + 12.0;
    for (label, share, value, colour) in bars {
        let (middle, width) = (y + 15.0, (share * BAR).max(1.0));
        writeln!(out, "<text x=\"16\" y=\"{middle}\">{label}</text>")?;
        writeln!(
            out,
            "<rect x=\"{LEFT}\" y=\"{}\" width=\"{width:.1}\" height=\"16\" fill=\"{colour}\"/>",
            y + 2.0
        )?;
        writeln!(out, "<text x=\"{:.1}\" y=\"{middle}\">{value}</text>", LEFT + width + 8.0)?;
        y += ROW;
    }
    Ok(y)
}

/// On a scale of minutes that grows by doubling, so that a minute and a week fit on one line.
fn speeds(report: &PeriodReport) -> Vec<Bar> {
    let reach = |seconds: i64| {
        let minutes = u32::try_from(seconds / 60).unwrap_or(u32::MAX);
        (f64::from(minutes) + 1.0).log2()
    };
    let values = || report.speeds.iter().flat_map(|s| [s.median, s.p90]).flatten();
    let longest = values().map(reach).fold(1.0, f64::max);
    let bar = |label: String, value: Option<i64>, colour| {
        (label, value.map_or(0.0, |v| reach(v) / longest), span(value), colour)
    };
    let both = report.speeds.iter().filter(|s| s.raised > 0).flat_map(|s| {
        [
            bar(format!("{}, median", name(s.tier)), s.median, "#2f6f8f"),
            bar(format!("{}, 90 %", name(s.tier)), s.p90, "#8fb8cc"),
        ]
    });
    both.collect()
}

fn answers(report: &PeriodReport) -> Vec<Bar> {
    let a = report.answered;
    let share = |n: u32| f64::from(n) / f64::from(a.asked.max(1));
    [
        ("answered", a.answered, "#3b7a57"),
        ("half done", a.half_done, "#c08a2d"),
        ("no answer", a.missed, "#8a8a8a"),
    ]
    .into_iter()
    .map(|(label, n, colour)| (label.to_owned(), share(n), format!("{n} ({})", percent(n, a.asked)), colour))
    .collect()
}
