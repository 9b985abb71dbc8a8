//! Looks through the rows of a staged file: what each would do, and what is wrong with it.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use crate::care::roster::row_verdict::StagedVerdict;
use crate::exchange::roster::row_fault::RowFault;
use crate::exchange::roster::rows::Roster;
use crate::exchange::roster::rules::{Origin, RosterRules, RosterSource, StagedCells};
use crate::exchange::roster::survey::{RecordOnFile, Survey, SurveyError, SurveyListener, survey};
use crate::store::roster::staged::RowFinding;

/// A staged roster after a look.
pub struct CheckedRoster {
    /// The rows, to be read again.
    pub roster: Roster,
    /// What the look found, to take them in by.
    pub survey: Survey,
    /// What it found of each row, to show.
    pub findings: Vec<RowFinding>,
}

/// Looks at every row. `read` hears how many were read.
///
/// # Errors
/// As [`survey`].
pub fn check(
    rows: &Arc<[StagedCells]>,
    rules: RosterRules,
    record: &RecordOnFile<'_>,
    read: &mut dyn FnMut(u64),
) -> Result<CheckedRoster, SurveyError> {
    let roster = Roster { origin: Origin::of(RosterSource::Rows(Arc::clone(rows))), rules };
    let mut faults: BTreeMap<u64, Vec<RowFault>> = BTreeMap::new();
    let mut hear = |fault: RowFault| faults.entry(fault.line).or_default().push(fault);
    let told = &mut SurveyListener { fault: &mut hear, remark: &mut |_| {}, bytes: read };
    let found = survey(&roster, record, told)?;
    let findings = rows.iter().filter(|row| !is_empty(row)).map(|row| finding(row.line, &found, &faults));
    let findings = findings.collect();
    Ok(CheckedRoster { roster, survey: found, findings })
}

fn is_empty(row: &StagedCells) -> bool {
    row.cells.iter().all(|cell| cell.trim().is_empty())
}

fn finding(line: u64, found: &Survey, faults: &BTreeMap<u64, Vec<RowFault>>) -> RowFinding {
    let is_in = |set: &HashSet<u64>| set.contains(&line);
    let wrong = faults.get(&line);
    let verdict = match wrong {
        Some(_) => StagedVerdict::Faulty,
        None if is_in(&found.departed) || is_in(&found.reachable) => StagedVerdict::Changed,
        None if is_in(&found.passed_over) => StagedVerdict::Same,
        None => StagedVerdict::New,
    };
    let faults = wrong.map(|wrong| serde_json::json!(wrong).to_string());
    RowFinding { line: i64::try_from(line).unwrap_or(i64::MAX), verdict, faults }
}
