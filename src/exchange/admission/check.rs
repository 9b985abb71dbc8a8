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
    row.cells.as_ref().is_some_and(|cells| cells.iter().all(|cell| cell.trim().is_empty()))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::care::time::calendar::OpenDays;
    use crate::exchange::roster::rules::RosterTerms;

    /// A row as it is kept between upload and import: a code, a name, and what else must be there.
    fn row(line: u64, code: &str) -> StagedCells {
        let said = |name: &str| match name {
            "reference" => code.to_owned(),
            "preferred_name" => "Ana".to_owned(),
            "birth_date" => "1980-02-29".to_owned(),
            "email" => format!("{code}@home.example").to_lowercase(),
            "language" => "en".to_owned(),
            "time_zone" => "Europe/Madrid".to_owned(),
            _ => String::new(),
        };
        let cells = crate::exchange::roster::columns::known().map(said).collect();
        StagedCells { line, cells: Some(cells) }
    }

    #[test]
    fn a_kept_row_that_cannot_be_read_is_a_fault_of_its_line_and_ends_nothing() {
        let torn = StagedCells { line: 3, cells: None };
        let rows: Arc<[StagedCells]> = Arc::from(vec![row(2, "A-1"), torn, row(4, "A-2")]);
        let terms = RosterTerms {
            languages: vec!["en".to_owned()],
            protocols: BTreeMap::new(),
            add_ons: Vec::new(),
            home: None,
            country: None,
            detail: crate::care::patient::Detail::Standard,
            clinics: Vec::new(),
            order: None,
        };
        let rules = RosterRules::new(terms, jiff::civil::date(2027, 1, 1));
        let open = OpenDays { weekdays: Vec::new(), holidays: Default::default() };
        let (now, zone) = (jiff::Timestamp::UNIX_EPOCH, jiff::tz::TimeZone::UTC);
        let record = RecordOnFile { store: None, now, zone, open };
        let found = check(&rows, rules, &record, &mut |_| {}).unwrap();
        let verdicts: Vec<_> = found.findings.iter().map(|one| (one.line, one.verdict)).collect();
        let new = StagedVerdict::New;
        assert_eq!(verdicts, [(2, new), (3, StagedVerdict::Faulty), (4, new)]);
        assert_eq!((found.survey.rows, found.survey.faulty, found.survey.new), (3, 1, 2));
    }
}
