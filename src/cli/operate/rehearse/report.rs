//! What a rehearsal that was lived says: letters by state, promises kept, and why a letter would not leave.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::ToSpan;
use jiff::civil::Date;
use serde::Serialize;

use super::months::{self, MonthLine};
use crate::cli::exit::Failure;
use crate::cli::operate::{demo, doctor};
use crate::cli::records::export;
use crate::cli::work::ledger;
use crate::daemon::backup::rehearsal_copy::{self, Copy};
use crate::store::error::StoreError;
use crate::store::work::monthly_load::LivedSpan;
use crate::store::work::worklist::{LedgerFilter, LedgerLine};

#[derive(Debug, Serialize)]
pub(in crate::cli::operate::rehearse) struct RehearsalReport {
    from: Date,
    until: Date,
    /// What each month asks for.
    pub(in crate::cli::operate::rehearse) months: Vec<MonthLine>,
    /// How many letters stand in each state at the end, those to staff included.
    letters: BTreeMap<String, u64>,
    /// Promises in sent letters, by series and step.
    sent: BTreeMap<String, u64>,
    /// Letters that did not leave, by reason.
    not_sent: BTreeMap<String, u64>,
    /// Letters to patients wait for a person, here as in the database that was copied.
    held: bool,
    pub(in crate::cli::operate::rehearse) findings: Vec<String>,
    directory: PathBuf,
    ledger: PathBuf,
}

pub(in crate::cli::operate::rehearse) fn report(
    copy: &Copy,
    span: LivedSpan,
    directory: &Path,
) -> Result<RehearsalReport, Failure> {
    let store = &copy.engine.clinic.store;
    // Zones west of the clinic may still have yesterday.
    let since = LedgerFilter { since: Some(span.from.saturating_sub(1.day())), ..LedgerFilter::default() };
    let lines = store.read(|view| view.ledger(&since))?;
    let path = directory.join("ledger.csv");
    ledger::csv(&lines, export::sink(Some(&path))?)?;
    let load = store.read(|view| view.monthly_load(span))?;
    let (held, findings) = store.read(|view| Ok::<_, StoreError>((view.is_held()?, view.findings()?)))?;
    let mut report = RehearsalReport {
        from: span.from,
        until: span.until,
        months: months::lines(&load, None),
        letters: BTreeMap::new(),
        sent: BTreeMap::new(),
        not_sent: BTreeMap::new(),
        held,
        findings: findings.into_iter().map(|f| format!("{}: {}", f.promise, f.fact)).collect(),
        directory: rehearsal_copy::letters(directory),
        ledger: path,
    };
    lines.iter().for_each(|line| count(&mut report, line));
    Ok(report)
}

fn count(report: &mut RehearsalReport, line: &LedgerLine) {
    let state = line.delivery.state.word();
    *report.letters.entry(state.to_owned()).or_default() += 1;
    if state == "sent" {
        for step in line.steps.split(", ").filter(|s| !s.is_empty()) {
            *report.sent.entry(step.to_owned()).or_default() += 1;
        }
    } else {
        let waits = if report.held && line.reference.is_some() { "held" } else { "waiting for its hour" };
        let reason = line.delivery.reason.as_deref().unwrap_or(waits);
        let stands = ledger::stands(&line.delivery);
        *report.not_sent.entry(format!("{stands}: {reason}")).or_default() += 1;
    }
}

pub(in crate::cli::operate::rehearse) fn words(
    report: &RehearsalReport,
    out: &mut dyn std::io::Write,
) -> std::io::Result<()> {
    writeln!(out, "Rehearsed from {} to {}. Nothing left this machine.", report.from, report.until)?;
    if report.held {
        writeln!(out, "\n{}", doctor::HELD)?;
    }
    writeln!(out, "\nMonth by month")?;
    months::table(&report.months, out)?;
    writeln!(out, "\nLetters")?;
    demo::lines(out, report.letters.iter().map(|(state, n)| (*n, state.clone())))?;
    writeln!(out, "\nPromises kept in them")?;
    demo::lines(out, report.sent.iter().map(|(step, n)| (*n, step.replace(':', ": "))))?;
    if !report.not_sent.is_empty() {
        writeln!(out, "\nLetters that would not leave, and why")?;
        demo::lines(out, report.not_sent.iter().map(|(why, n)| (*n, why.clone())))?;
    }
    if !report.findings.is_empty() {
        writeln!(out, "\nWhat does not balance")?;
        demo::lines(out, report.findings.iter().map(|f| (1, f.clone())))?;
    }
    writeln!(out, "\nWhere to look\n  letters   {}", report.directory.display())?;
    writeln!(out, "  ledger    {}", report.ledger.display())
}
