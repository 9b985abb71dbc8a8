//! What is to come, counted: letters, calls and visits for each month, and what a move to another protocol makes of them.

use std::io::Write;
use std::num::NonZero;
use std::ops::ControlFlow;
use std::path::Path;

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use serde::Serialize;

use crate::cli::context::Context;
use crate::cli::exit::Failure;
use crate::cli::operate::{demo, doctor};
use crate::cli::records::export;
use crate::cli::table;
use crate::daemon::assembly::engine;
use crate::journey::forecast::clinic_ahead::{ForecastRequest, forecast};
use crate::journey::forecast::plan_move::PlanMove;
use crate::store::database::OpenMode;
use crate::store::error::StoreError;
use crate::store::work::monthly_load::{MonthCounts, MonthlyLoad};

/// A move as it is typed: `FROM=TO`.
#[derive(Debug, Clone)]
pub struct PlanMoveArg {
    from: String,
    to: String,
}

impl std::fmt::Display for PlanMoveArg {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}={}", self.from, self.to)
    }
}

pub(in crate::cli::operate::rehearse) fn plan_move(text: &str) -> Result<PlanMoveArg, String> {
    match text.split_once('=') {
        Some((from, to)) if !from.is_empty() && !to.is_empty() => {
            Ok(PlanMoveArg { from: from.to_owned(), to: to.to_owned() })
        }
        _ => Err("write it as FROM=TO, two names of protocols".to_owned()),
    }
}

/// Looks the new protocol up among those that new patients are put on, and the old one among those that are in use.
pub(in crate::cli::operate::rehearse) fn read_move(
    PlanMoveArg { from, to }: &PlanMoveArg,
    ctx: &Context,
) -> Result<PlanMove, Failure> {
    let store = ctx.store(OpenMode::AsItIs)?;
    let mut protocols = engine::in_force_unpublished(Some(&store), ctx.config()?, &ctx.sources()?)?;
    let known: Vec<&str> = protocols.keys().map(String::as_str).collect();
    let hint = format!("known are {}", known.join(", "));
    let unknown =
        |name: &str| Failure::bad_input(format!("there is no protocol `{name}`")).hint(hint.clone());
    let in_use = store.read(|view| view.protocols_in_use())?;
    if !in_use.contains(from) {
        return Err(match protocols.contains_key(from) {
            true => Failure::bad_input(format!("nobody is on protocol `{from}`")),
            false => unknown(from),
        });
    }
    let to = protocols.remove(to).ok_or_else(|| unknown(to))?;
    Ok(PlanMove { from: from.clone(), to })
}

/// What one calendar month asks for.
#[derive(Debug, Clone, Serialize)]
pub(in crate::cli::operate::rehearse) struct MonthLine {
    month: String,
    letters: u64,
    calls: u64,
    visits: u64,
    /// The same after the change, where one is tried out.
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<AfterChange>,
}

#[derive(Debug, Clone, Copy, Serialize)]
struct AfterChange {
    letters: u64,
    calls: u64,
    visits: u64,
}

/// What a rehearsal that only counts says.
#[derive(Debug, Serialize)]
pub(in crate::cli::operate::rehearse) struct CountedReport {
    from: Date,
    until: Date,
    patients: u64,
    followed: u64,
    moved: u64,
    unreadable: u64,
    held: bool,
    pub(in crate::cli::operate::rehearse) months: Vec<MonthLine>,
}

pub(in crate::cli::operate::rehearse) fn count(
    request: &ForecastRequest,
    ctx: &Context,
) -> Result<CountedReport, Failure> {
    let here = &ctx.config()?.clinic.zone;
    let day = |at: Timestamp| here.to_datetime(at).date();
    let deps = ctx.deps(OpenMode::AsItIs)?;
    let (all, held) =
        deps.store.read(|view| Ok::<_, StoreError>((view.patient_count()?, view.is_held()?)))?;
    let bar = demo::bar(all, "the patients");
    let workers = std::thread::available_parallelism().map_or(1, NonZero::get);
    let seen = |done| {
        bar.set_position(done);
        ControlFlow::Continue(())
    };
    let counted = forecast(&deps, request, workers, &seen)?.unwrap_or_default();
    bar.finish_and_clear();
    Ok(CountedReport {
        from: day(request.from),
        until: day(request.until).saturating_sub(1.day()),
        patients: counted.patients,
        followed: counted.followed,
        moved: counted.moved,
        unreadable: counted.unreadable,
        held,
        months: lines(&counted.load, counted.changed.as_ref()),
    })
}

/// One line for each month that either has.
pub(in crate::cli::operate::rehearse) fn lines(
    load: &MonthlyLoad,
    changed: Option<&MonthlyLoad>,
) -> Vec<MonthLine> {
    let mut months: Vec<Date> =
        load.0.keys().chain(changed.iter().flat_map(|c| c.0.keys())).copied().collect();
    months.sort_unstable();
    months.dedup();
    let of = |load: &MonthlyLoad, month: &Date| load.0.get(month).copied().unwrap_or_default();
    let line = |month: &Date| {
        let MonthCounts { letters, calls, visits } = of(load, month);
        let after = changed.map(|changed| {
            let MonthCounts { letters, calls, visits } = of(changed, month);
            AfterChange { letters, calls, visits }
        });
        MonthLine { month: month.strftime("%Y-%m").to_string(), letters, calls, visits, after }
    };
    months.iter().map(line).collect()
}

pub(in crate::cli::operate::rehearse) fn words(
    report: &CountedReport,
    out: &mut dyn Write,
) -> std::io::Result<()> {
    writeln!(
        out,
        "Counted from {} to {} for {} patients, {} of them followed by letters now, if nobody answers or books. Nothing was \
         written.",
        report.from, report.until, report.patients, report.followed
    )?;
    if report.moved > 0 {
        writeln!(out, "The change would move {} of them.", report.moved)?;
    }
    if report.unreadable > 0 {
        writeln!(
            out,
            "{} records cannot be read and are in no count: see `aftercare doctor`.",
            report.unreadable
        )?;
    }
    if report.held {
        writeln!(out, "\n{}", doctor::HELD)?;
    }
    writeln!(out)?;
    table(&report.months, out)
}

pub(in crate::cli::operate::rehearse) fn table(
    months: &[MonthLine],
    out: &mut dyn Write,
) -> std::io::Result<()> {
    let nothing = "Nothing is due in these months.";
    if months.iter().any(|m| m.after.is_some()) {
        let header = ["month", "letters", "then", "calls", "then", "visits", "then"];
        let row = |m: &MonthLine| {
            let after = m.after.unwrap_or(AfterChange { letters: 0, calls: 0, visits: 0 });
            let pairs = [(m.letters, after.letters), (m.calls, after.calls), (m.visits, after.visits)];
            let [a, b, c] = pairs.map(|(now, then)| [now.to_string(), then.to_string()]);
            let [letters, letters_then] = a;
            let [calls, calls_then] = b;
            let [visits, visits_then] = c;
            [m.month.clone(), letters, letters_then, calls, calls_then, visits, visits_then]
        };
        return table::write(out, header, months.iter().map(row), nothing);
    }
    let row =
        |m: &MonthLine| [m.month.clone(), m.letters.to_string(), m.calls.to_string(), m.visits.to_string()];
    table::write(out, ["month", "letters", "calls", "visits"], months.iter().map(row), nothing)
}

/// The same as CSV with a header.
pub(in crate::cli::operate::rehearse) fn csv(report: &CountedReport, path: &Path) -> Result<(), Failure> {
    let mut out = csv::Writer::from_writer(export::sink(Some(path))?);
    let mut written = || -> csv::Result<()> {
        out.write_record([
            "month",
            "letters",
            "calls",
            "visits",
            "letters_then",
            "calls_then",
            "visits_then",
        ])?;
        for line in &report.months {
            let then = |of: fn(AfterChange) -> u64| line.after.map(|a| of(a).to_string()).unwrap_or_default();
            let (letters, calls, visits) =
                (line.letters.to_string(), line.calls.to_string(), line.visits.to_string());
            let after = [then(|a| a.letters), then(|a| a.calls), then(|a| a.visits)];
            let [first, second, third] = &after;
            out.write_record([&line.month, &letters, &calls, &visits, first, second, third])?;
        }
        Ok(out.flush()?)
    };
    written().map_err(|fault| Failure::failed(fault.to_string()))
}
