//! What an import looks at and comes to, fault by fault.

use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use crate::cli::context::Context;
use crate::cli::exit::{Exit, Failure};
use crate::config::file::fault::Fault;
use crate::exchange::roster::row_fault::RowFault;
use crate::exchange::roster::rows::Roster;
use crate::exchange::roster::survey::{RecordOnFile, Survey, SurveyError, SurveyListener, survey};
use crate::journey::commands::roster::Terms;

/// What an import came to.
#[derive(Debug, Default, Serialize)]
pub(super) struct ImportReport {
    pub(super) file: String,
    pub(super) dry_run: bool,
    pub(super) rows: u64,
    pub(super) added: u64,
    pub(super) changed: u64,
    pub(super) unchanged: u64,
    pub(super) to_book: u64,
    pub(super) faulty: u64,
    pub(super) faults: Vec<RowFault>,
    pub(super) remarks: Vec<RowFault>,
}

pub(super) fn bar(ctx: &Context, roster: &Roster, what: &'static str) -> ProgressBar {
    if ctx.json {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{msg:11} [{bar:40}] {percent:>3}% {eta}");
    ProgressBar::new(roster.bytes())
        .with_message(what)
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

pub(super) fn look(
    roster: &Roster,
    record: &RecordOnFile<'_>,
    ctx: &Context,
    report: &mut ImportReport,
) -> Result<Survey, Failure> {
    let bar = bar(ctx, roster, "looking");
    let (faults, remarks) = (&mut report.faults, &mut report.remarks);
    let mut hear = |fault: RowFault| match ctx.json {
        true => faults.push(fault),
        false => bar.suspend(|| ctx.say(&line(&report.file, &fault))),
    };
    let mut note = |remark: RowFault| match ctx.json {
        true => remarks.push(remark),
        false => bar.suspend(|| ctx.say(&format!("remark: {}", line(&report.file, &remark)))),
    };
    let told =
        &mut SurveyListener { fault: &mut hear, remark: &mut note, bytes: &mut |n| bar.set_position(n) };
    let found = survey(roster, record, told).map_err(|stop| match stop {
        SurveyError::File(faults) => unreadable(&report.file, faults),
        SurveyError::Store(fault) => fault.into(),
    })?;
    bar.finish_and_clear();
    (report.rows, report.unchanged, report.faulty) = (found.rows, found.unchanged, found.faulty);
    Ok(found)
}

pub(super) fn unreadable(file: &str, faults: Vec<RowFault>) -> Failure {
    let faults = faults.into_iter().map(|f| Fault {
        file: file.to_owned(),
        line: usize::try_from(f.line).unwrap_or(0),
        problem: f.problem,
        hint: f.hint,
    });
    Failure { faults: faults.collect(), ..Failure::bad_input("the file cannot be taken in") }
}

pub(super) fn line(file: &str, fault: &RowFault) -> String {
    let column = fault.column.map(|c| format!("`{c}` ")).unwrap_or_default();
    format!("{file}:{}: {column}{}\n  hint: {}", fault.line, fault.problem, fault.hint)
}

/// Faulty rows keep the others out, unless those alone are wanted.
pub(super) fn sound(report: &ImportReport, survey: &Survey, terms: Terms) -> Result<(), Failure> {
    match report.faulty > 0 && terms == Terms::Whole {
        true => Err(refused(report, survey.departed.len())),
        false => Ok(()),
    }
}

/// Nothing was written down, not even that somebody has died: that must not wait for a slip in another row.
fn refused(report: &ImportReport, departed: usize) -> Failure {
    let rows = if report.faulty == 1 { "1 row is" } else { &format!("{} rows are", report.faulty) };
    let mut problem = format!("{rows} faulty; nobody was taken in");
    let mut hint = "mend them, or take the sound rows in with `--partial`".to_owned();
    if departed > 0 {
        problem += &format!(", and of {departed} who have died or want no letters that is not recorded yet");
        hint += "; do it now: letters go on to those who have died until it is recorded";
    }
    Failure::new(Exit::BadInput, problem).hint(hint).with_report(report)
}

pub(super) fn changed(survey: &Survey) -> usize {
    survey.departed.len() + survey.reachable.len()
}

pub(super) fn count(rows: usize) -> u64 {
    u64::try_from(rows).unwrap_or(u64::MAX)
}
