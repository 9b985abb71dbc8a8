//! The look before anything is written: every row against the rules, against the others and against the database.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use jiff::civil::Date;

use super::compare::{compare, compare_notice, first};
use crate::care::plan::booking_remark;
use crate::care::plan::date_match::{self, Fit};
use crate::care::plan::protocol::{FollowUpKind, Protocol, Series};
use crate::care::plan::schedule::{Owed, open_on};
use crate::care::time::calendar::{self, OpenDays};
use crate::care::time::zone::find;
use crate::exchange::roster::compare::RowVerdict;
use crate::exchange::roster::duplicates::DuplicateRows;
use crate::exchange::roster::leading_zeros::ReferenceWidths;
use crate::exchange::roster::row::RosterRow;
use crate::exchange::roster::row::refused_row::RefusedRow;
use crate::exchange::roster::row_fault::{CellFault, RowFault};
use crate::exchange::roster::rows::Roster;
use crate::journey::plan::booking_request::AppointmentSlot;
use crate::journey::plan::pick_follow_up::window;
use crate::journey::sending_policy::day;
use crate::store::database::Store;
use crate::store::error::StoreError;

type Protocols = BTreeMap<String, Arc<Protocol>>;

/// What the look found.
#[derive(Debug, Default)]
pub struct Survey {
    /// Rows in the file, the header not counted.
    pub rows: u64,
    /// Rows that would be taken in.
    pub new: u64,
    /// Rows that are on record exactly so.
    pub unchanged: u64,
    /// Rows that tell of someone on record that she has died or wants no letters.
    pub departed: HashSet<u64>,
    /// Rows that tell telephone numbers of someone on record who has none.
    pub reachable: HashSet<u64>,
    /// Rows with a fault.
    pub faulty: u64,
    /// Lines that are sound by themselves, but on record already or at odds with another row or the record.
    pub passed_over: HashSet<u64>,
}

/// Whom to tell what: each fault as it is found, and how many bytes are read.
pub struct SurveyListener<'t> {
    /// Called with every fault.
    pub fault: &'t mut dyn FnMut(RowFault),
    /// Hears what is sound and yet somebody should look at.
    pub remark: &'t mut dyn FnMut(RowFault),
    /// Called with the bytes read so far.
    pub bytes: &'t mut dyn FnMut(u64),
}

/// The database to compare with, and the instant it is.
pub struct RecordOnFile<'s> {
    /// The database; `None` when there is none yet.
    pub store: Option<&'s Store>,
    /// The instant of the look.
    pub now: jiff::Timestamp,
    /// The clinic's zone, in which visits are booked.
    pub zone: jiff::tz::TimeZone,
    /// The days on which the clinic is open.
    pub open: OpenDays,
}

/// Looks at the whole file. Nothing is written.
///
/// # Errors
/// Every fault of the header, or why the file cannot be read; or the store's own.
pub fn survey(
    roster: &Roster,
    record: &RecordOnFile<'_>,
    told: &mut SurveyListener<'_>,
) -> Result<Survey, SurveyError> {
    let is_empty = is_empty(record)?;
    let mut look = Look {
        record,
        protocols: &roster.rules.protocols,
        found: Survey::default(),
        twins: DuplicateRows::default(),
        digits: ReferenceWidths::default(),
        is_empty,
    };
    let mut lines = roster.open().map_err(SurveyError::File)?;
    while let Some(line) = lines.next() {
        look.found.rows += 1;
        match line {
            Err(row) => look.faulty(row, told)?,
            Ok(row) => look.row(&row, told)?,
        }
        if look.found.rows.is_multiple_of(4096) {
            (told.bytes)(lines.bytes());
        }
    }
    lines.remarks().into_iter().for_each(&mut *told.remark);
    if let Some(remark) = look.digits.remark() {
        (told.remark)(remark);
    }
    if look.twins.any() {
        look.resolve(roster, told)?;
    }
    Ok(look.found)
}

/// Why a look came to no end.
#[derive(Debug, thiserror::Error)]
pub enum SurveyError {
    /// The header is faulty or the file cannot be read.
    #[error("the file cannot be read as a roster")]
    File(Vec<RowFault>),
    /// The database cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// One look at a roster.
struct Look<'l> {
    record: &'l RecordOnFile<'l>,
    protocols: &'l Protocols,
    found: Survey,
    twins: DuplicateRows,
    digits: ReferenceWidths,
    is_empty: bool,
}

impl<'l> Look<'l> {
    /// The database, where somebody is on record.
    fn known(&self) -> Option<&'l Store> {
        self.record.store.filter(|_| !self.is_empty)
    }

    fn row(&mut self, row: &RosterRow, told: &mut SurveyListener<'_>) -> Result<(), StoreError> {
        let record = self.record;
        self.twins.note(row);
        self.digits.note(row);
        row.remarks.iter().cloned().for_each(&mut *told.remark);
        let verdict = match self.known() {
            Some(store) => store.read(|view| compare(view, row, record.now))?,
            None => first(row, record.now)?,
        };
        let verdict = match (verdict, &row.next_visit) {
            (RowVerdict::New, Some(slot)) => match ahead(row, slot, record, self.protocols) {
                Ok(()) => RowVerdict::New,
                Err(wrong) => RowVerdict::Wrong(RowFault::at(row.line, "next_visit_at", wrong)),
            },
            (verdict, _) => verdict,
        };
        let verdict = match (verdict, row.extra_visits.iter().find_map(|slot| in_reach(slot, record).err())) {
            (RowVerdict::New, Some(wrong)) => {
                RowVerdict::Wrong(RowFault::at(row.line, "extra_visits", wrong))
            }
            (verdict, _) => verdict,
        };
        if matches!(verdict, RowVerdict::New) {
            odd(row, record).into_iter().for_each(&mut *told.remark);
        }
        self.count(row.line, verdict, told);
        Ok(())
    }

    /// A row with a fault: what it says of a death or an opt-out counts all the same, and the faults are remarks then.
    fn faulty(&mut self, row: RefusedRow, told: &mut SurveyListener<'_>) -> Result<(), StoreError> {
        let known = self.known().zip(row.notice.as_ref());
        let found = match known {
            Some((store, said)) => store.read(|view| compare_notice(view, said))?.map(|v| (said.line, v)),
            None => None,
        };
        let Some((line, verdict)) = found else {
            self.found.faulty += 1;
            row.faults.into_iter().for_each(&mut *told.fault);
            return Ok(());
        };
        let is_taken = matches!(verdict, RowVerdict::Departed);
        row.faults.into_iter().filter(|_| is_taken).for_each(&mut *told.remark);
        self.count(line, verdict, told);
        Ok(())
    }

    fn count(&mut self, line: u64, verdict: RowVerdict, told: &mut SurveyListener<'_>) {
        match verdict {
            RowVerdict::New => self.found.new += 1,
            RowVerdict::Departed => {
                self.found.passed_over.insert(line);
                self.found.departed.insert(line);
            }
            RowVerdict::Reachable => {
                self.found.passed_over.insert(line);
                self.found.reachable.insert(line);
            }
            RowVerdict::Same => {
                self.found.unchanged += 1;
                self.found.passed_over.insert(line);
            }
            RowVerdict::Wrong(fault) => {
                self.found.faulty += 1;
                self.found.passed_over.insert(line);
                (told.fault)(fault);
            }
        }
    }

    /// Reads the file once more for the few rows whose marks met: are they really the same?
    fn resolve(&mut self, roster: &Roster, told: &mut SurveyListener<'_>) -> Result<(), SurveyError> {
        let (mut codes, mut boxes) = (BTreeMap::new(), BTreeMap::new());
        for row in roster.open().map_err(SurveyError::File)?.flatten() {
            let fault = self.twins.meet(&row, &mut codes, &mut boxes);
            if let Some(fault) = fault.filter(|_| self.found.passed_over.insert(row.line)) {
                (told.fault)(fault);
                self.found.faulty += 1;
                // The file may be another one than at the first look: who takes them in asks again.
                self.found.new = self.found.new.saturating_sub(1);
            }
        }
        Ok(())
    }
}

fn is_empty(record: &RecordOnFile<'_>) -> Result<bool, StoreError> {
    let first = record.store.map(|store| store.read(|view| view.patients("", 1))).transpose()?;
    Ok(first.is_none_or(|patients| patients.is_empty()))
}

/// What is odd about the date of a visit that she has already.
fn odd(row: &RosterRow, record: &RecordOnFile<'_>) -> Vec<RowFault> {
    let Some(slot) = &row.next_visit else { return Vec::new() };
    let found = booking_remark::odd(slot.on.to_datetime(slot.at), &record.zone, &record.open);
    let hint = "taken in all the same; check the date and the hour";
    let remark =
        |odd| RowFault::at(row.line, "next_visit_at", CellFault::new(ToString::to_string(&odd), hint));
    found.into_iter().map(remark).collect()
}

/// A visit of someone new must lie ahead, and fit one that she is owed.
fn ahead(
    row: &RosterRow,
    slot: &AppointmentSlot,
    record: &RecordOnFile<'_>,
    protocols: &Protocols,
) -> Result<(), CellFault> {
    in_reach(slot, record)?;
    let today = find(&row.newcomer.zone).map_or(slot.on, |zone| day(record.now, &zone));
    match date_match::to_book(visits(row, protocols, today), slot.on) {
        Fit::One(_) | Fit::Several(_) => Ok(()),
        Fit::Outside(near) => {
            let hint =
                "check the date; if it is meant, leave it empty and give `aftercare visit book REF --anyway`";
            Err(CellFault::new(format!("lies outside {}", near.what), hint))
        }
        Fit::Nothing => Err(CellFault::new("fits no visit of her protocol", "leave it empty")),
    }
}

/// A date to come, and none that nobody can have meant.
fn in_reach(slot: &AppointmentSlot, record: &RecordOnFile<'_>) -> Result<(), CellFault> {
    if calendar::instant(slot.on, slot.at, &record.zone) <= record.now {
        let hint = "leave it empty; record the visit with `aftercare visit done`";
        return Err(CellFault::new("lies in the past", hint));
    }
    if slot.on > date_match::latest(day(record.now, &record.zone)) {
        return Err(CellFault::new("lies more than two years ahead", "check the year"));
    }
    Ok(())
}

/// The visits that will stand open when she is taken in.
fn visits(row: &RosterRow, protocols: &Protocols, today: Date) -> Vec<date_match::OpenCandidate<String>> {
    let Some(anchor_on) = row.anchor_on else { return Vec::new() };
    let series = row.protocols.iter().filter_map(|name| protocols.get(name)).flat_map(|p| &p.series);
    let visits = series.filter(|series| series.kind == FollowUpKind::Visit);
    let open = |series: &Series, owed: Owed| date_match::OpenCandidate {
        what: window(&series.id, &owed),
        series: series.id.clone(),
        owed,
        booked_on: None,
    };
    let owed =
        |series| open_on(series, anchor_on, today).into_iter().flatten().map(move |owed| open(series, owed));
    visits.flat_map(owed).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::exchange::roster::rules::{Origin, RosterRules, RosterSource, RosterTerms};

    const HEAD: &str = "reference,preferred_name,birth_date,email,language,time_zone,protocol,anchor_on\n";
    const ROW: &str = "R-1,Ana,1980-02-29,,en,Etc/GMT-1,,\n";

    fn rules() -> RosterRules {
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
        RosterRules::new(terms, jiff::civil::date(2027, 1, 1))
    }

    #[test]
    fn a_file_that_changes_between_two_looks_ends_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let (file, other) = (dir.path().join("p.csv"), dir.path().join("q.csv"));
        std::fs::write(&file, format!("{HEAD}{}", ROW.repeat(2))).unwrap();
        std::fs::write(&other, format!("{HEAD}{}", ROW.repeat(9))).unwrap();
        let roster = Roster { origin: Origin::of(RosterSource::File(file.clone())), rules: rules() };
        let open = OpenDays { weekdays: Vec::new(), holidays: Default::default() };
        let (now, zone) = (jiff::Timestamp::UNIX_EPOCH, jiff::tz::TimeZone::UTC);
        let record = RecordOnFile { store: None, now, zone, open };
        let mut faults = 0;
        let mut told = SurveyListener {
            fault: &mut |_| faults += 1,
            // The name of the zone is remarked, and a program of the clinic's writes the list anew meanwhile.
            remark: &mut |_| drop(std::fs::rename(&other, &file)),
            bytes: &mut |_| {},
        };
        let found = survey(&roster, &record, &mut told).unwrap();
        assert_eq!((found.rows, found.new, faults), (2, 0, 8));
    }
}
