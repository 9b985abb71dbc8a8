//! The look before anything is written: every row against the rules, against the others and against the database.

use std::collections::{BTreeMap, HashSet};
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use jiff::civil::Date;

use super::{Roster, Row, RowFault};
use crate::care::address::EmailAddress;
use crate::care::calendar;
use crate::care::fit::{self, Fit};
use crate::care::patient::Patient;
use crate::care::plan::{Owed, open_on};
use crate::care::protocol::{Kind, Protocol, Series};
use crate::care::zone::find;
use crate::journey::book::window;
use crate::journey::enrol::Slot;
use crate::journey::policy::day;
use crate::store::{Store, StoreError, View};

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
    /// Rows with a fault.
    pub faulty: u64,
    /// Lines that are sound by themselves, but on record already or at odds with another row or the record.
    pub passed_over: HashSet<u64>,
}

/// Whom to tell what: each fault as it is found, and how many bytes are read.
pub struct Told<'t> {
    /// Hears every fault.
    pub fault: &'t mut dyn FnMut(RowFault),
    /// Hears of progress.
    pub bytes: &'t mut dyn FnMut(u64),
}

/// The database to compare with, and the instant it is.
pub struct Record<'s> {
    /// The database; `None` when there is none yet.
    pub store: Option<&'s Store>,
    /// Now.
    pub now: jiff::Timestamp,
    /// The clinic's zone.
    pub zone: jiff::tz::TimeZone,
}

/// Looks at the whole file. Nothing is written.
///
/// # Errors
/// Every fault of the header, or why the file cannot be read; or the store's own.
pub fn survey(roster: &Roster, record: &Record<'_>, told: &mut Told<'_>) -> Result<Survey, Stop> {
    let mut look = Look { found: Survey::default(), twins: Twins::default(), is_empty: is_empty(record)? };
    let protocols = &roster.rules.protocols;
    let mut lines = roster.open().map_err(Stop::File)?;
    while let Some(line) = lines.next() {
        look.found.rows += 1;
        match line {
            Err(faults) => {
                look.found.faulty += 1;
                faults.into_iter().for_each(&mut *told.fault);
            }
            Ok(row) => look.row(&row, (record, protocols), told)?,
        }
        if look.found.rows.is_multiple_of(4096) {
            (told.bytes)(lines.bytes());
        }
    }
    if look.twins.any() {
        look.resolve(roster, told)?;
    }
    Ok(look.found)
}

/// Why a look came to no end.
#[derive(Debug, thiserror::Error)]
pub enum Stop {
    /// The header is faulty or the file cannot be read.
    #[error("the file cannot be read as a roster")]
    File(Vec<RowFault>),
    /// The memory failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

struct Look {
    found: Survey,
    twins: Twins,
    is_empty: bool,
}

impl Look {
    fn row(
        &mut self,
        row: &Row,
        (record, protocols): (&Record<'_>, &Protocols),
        told: &mut Told<'_>,
    ) -> Result<(), StoreError> {
        self.twins.note(row);
        let verdict = match record.store.filter(|_| !self.is_empty) {
            Some(store) => store.read(|view| compare(view, row))?,
            None => Verdict::New,
        };
        let verdict = match (verdict, &row.next_visit) {
            (Verdict::New, Some(slot)) => match ahead((row, slot), record, protocols) {
                Ok(()) => Verdict::New,
                Err(wrong) => Verdict::Wrong(RowFault::at(row.line, "next_visit_at", wrong)),
            },
            (verdict, _) => verdict,
        };
        match verdict {
            Verdict::New => self.found.new += 1,
            Verdict::Same => {
                self.found.unchanged += 1;
                self.found.passed_over.insert(row.line);
            }
            Verdict::Wrong(fault) => {
                self.found.faulty += 1;
                self.found.passed_over.insert(row.line);
                (told.fault)(fault);
            }
        }
        Ok(())
    }

    /// Reads the file once more for the few rows whose marks met: are they really the same?
    fn resolve(&mut self, roster: &Roster, told: &mut Told<'_>) -> Result<(), Stop> {
        let (mut codes, mut boxes) = (BTreeMap::new(), BTreeMap::new());
        for row in roster.open().map_err(Stop::File)?.flatten() {
            let fault = self.twins.meet(&row, &mut codes, &mut boxes);
            if let Some(fault) = fault.filter(|_| self.found.passed_over.insert(row.line)) {
                (told.fault)(fault);
                self.found.faulty += 1;
                self.found.new -= 1;
            }
        }
        Ok(())
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    New,
    Same,
    Wrong(RowFault),
}

fn is_empty(record: &Record<'_>) -> Result<bool, StoreError> {
    let first = record.store.map(|store| store.read(|view| view.patients("", 1))).transpose()?;
    Ok(first.is_none_or(|patients| patients.is_empty()))
}

/// A visit of someone new must lie ahead, and fit one that she is owed.
fn ahead(
    (row, slot): (&Row, &Slot),
    record: &Record<'_>,
    protocols: &Protocols,
) -> Result<(), (String, &'static str)> {
    if calendar::instant(slot.on, slot.at, &record.zone) <= record.now {
        let hint = "leave it empty; record the visit with `aftercare visit done`";
        return Err(("lies in the past".to_owned(), hint));
    }
    if slot.on > fit::latest(day(record.now, &record.zone)) {
        return Err(("lies more than two years ahead".to_owned(), "check the year"));
    }
    let today = find(&row.newcomer.zone).map_or(slot.on, |zone| day(record.now, &zone));
    match fit::to_book(visits(row, protocols, today), slot.on) {
        Fit::One(_) | Fit::Several(_) => Ok(()),
        Fit::Outside(near) => {
            let hint =
                "check the date; if it is meant, leave it empty and give `aftercare visit book REF --anyway`";
            Err((format!("lies outside {}", near.what), hint))
        }
        Fit::Nothing => Err(("fits no visit of her protocol".to_owned(), "leave it empty")),
    }
}

/// The visits that will stand open when she is taken in.
fn visits(row: &Row, protocols: &Protocols, today: Date) -> Vec<fit::Open<String>> {
    let Some(anchor_on) = row.anchor_on else { return Vec::new() };
    let series = row.protocols.iter().filter_map(|name| protocols.get(name)).flat_map(|p| &p.series);
    let visits = series.filter(|series| series.kind == Kind::Visit);
    let open = |series: &Series, owed: Owed| fit::Open {
        what: window(&series.id, &owed),
        series: series.id.clone(),
        owed,
        booked_on: None,
    };
    let owed =
        |series| open_on(series, anchor_on, today).into_iter().flatten().map(move |owed| open(series, owed));
    visits.flat_map(owed).collect()
}

fn compare(view: &View<'_>, row: &Row) -> Result<Verdict, StoreError> {
    let patient = match view.patient_by_reference(&row.newcomer.reference) {
        Ok(patient) => patient,
        Err(fault) if fault.is_not_found() => return newcomer(view, row),
        Err(fault) => return Err(fault),
    };
    let mut differing = record_differs(&patient, row);
    let enrolments = view.enrolments_of(patient.id)?;
    // Without an anchor date the row states no plan to compare.
    if let Some(anchor_on) = row.anchor_on {
        let is_on =
            |name: &String| enrolments.iter().any(|e| e.protocol == *name && e.anchor_on == anchor_on);
        if !row.protocols.iter().all(is_on) {
            differing.push("protocol");
        }
    }
    if !visit_known(view, &patient, row)? {
        differing.push("next_visit_at");
    }
    let Some(first) = differing.first() else { return Ok(Verdict::Same) };
    let problem = format!(
        "`{}` is on record with another `{}`",
        row.newcomer.reference.as_str(),
        differing.join("`, `")
    );
    let hint = "an import never changes a record: use `aftercare patient set` or `aftercare visit`";
    Ok(Verdict::Wrong(RowFault::at(row.line, first, (problem, hint))))
}

fn record_differs(patient: &Patient, row: &Row) -> Vec<&'static str> {
    let (new, stated) = (&row.newcomer, row.stated);
    [
        ("preferred_name", patient.name != new.name),
        ("birth_date", patient.birth_on != new.birth_on),
        ("email", patient.email != new.email),
        ("language", patient.language != new.language),
        ("time_zone", patient.zone != new.zone),
        ("status", stated.status && patient.status != new.status),
        ("detail", stated.detail && patient.detail != new.detail),
        ("shared_inbox", stated.shared_inbox && patient.shared_inbox != new.shared_inbox),
    ]
    .into_iter()
    .filter_map(|(column, differs)| differs.then_some(column))
    .collect()
}

fn visit_known(view: &View<'_>, patient: &Patient, row: &Row) -> Result<bool, StoreError> {
    let Some(slot) = &row.next_visit else { return Ok(true) };
    for follow_up in view.follow_ups_of(patient.id)? {
        let found = view.appointment_of(follow_up.id)?;
        if found.is_some_and(|a| a.on == slot.on && a.at == slot.at && a.place == slot.place) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// One code written in two ways is one person.
fn newcomer(view: &View<'_>, row: &Row) -> Result<Verdict, StoreError> {
    let Some(other) = view.in_other_case(&row.newcomer.reference)? else { return inbox(view, row) };
    let wrong = (format!("differs from `{other}` on record in case only"), "write each code in one way");
    Ok(Verdict::Wrong(RowFault::at(row.line, "reference", wrong)))
}

/// Someone new may use the mailbox of others only when all records say that it is shared.
fn inbox(view: &View<'_>, row: &Row) -> Result<Verdict, StoreError> {
    let Some(email) = &row.newcomer.email else { return Ok(Verdict::New) };
    let others = view.sharing(email)?;
    let agreed = row.newcomer.shared_inbox && others.iter().all(|(_, shared)| *shared);
    if others.is_empty() || agreed {
        return Ok(Verdict::New);
    }
    let wrong = ("a patient on record uses the same address", SHARE);
    Ok(Verdict::Wrong(RowFault::at(row.line, "email", wrong)))
}

const SHARE: &str = "set `shared_inbox` on both if the people agree, or leave the address empty";

/// Marks of 64 bits of every reference and address, whatever their case: 16 bytes a row, whatever their length. Where marks
/// meet, the rows are read again and compared by the letter.
#[derive(Default)]
struct Twins {
    marker: RandomState,
    codes: HashSet<u64>,
    shared: HashSet<u64>,
    unshared: HashSet<u64>,
    met: HashSet<u64>,
}

/// Where a reference, or a mailbox and whether it is shared, was first seen.
type Codes = BTreeMap<String, u64>;
type Boxes = BTreeMap<String, (u64, bool)>;

impl Twins {
    fn note(&mut self, row: &Row) {
        let code = self.mark(row.newcomer.reference.as_str());
        if !self.codes.insert(code) {
            self.met.insert(code);
        }
        let Some(email) = row.newcomer.email.as_ref().map(EmailAddress::expose) else { return };
        let mailbox = self.mark(email);
        let alone = if row.newcomer.shared_inbox {
            self.shared.insert(mailbox);
            !self.unshared.contains(&mailbox)
        } else {
            self.unshared.insert(mailbox) && !self.shared.contains(&mailbox)
        };
        if !alone {
            self.met.insert(mailbox);
        }
    }

    fn any(&self) -> bool {
        !self.met.is_empty()
    }

    fn meet(&self, row: &Row, codes: &mut Codes, boxes: &mut Boxes) -> Option<RowFault> {
        let code = row.newcomer.reference.as_str();
        if self.met.contains(&self.mark(code)) {
            if let Some(first) = codes.get(&code.to_ascii_lowercase()) {
                let problem = format!("`{code}` stands in line {first} already");
                return Some(RowFault::at(row.line, "reference", (problem, "keep one row for each patient")));
            }
            codes.insert(code.to_ascii_lowercase(), row.line);
        }
        let email = row.newcomer.email.as_ref().map(EmailAddress::expose)?;
        if !self.met.contains(&self.mark(email)) {
            return None;
        }
        let shared = row.newcomer.shared_inbox;
        let (first, all_shared) = *boxes.entry(email.to_ascii_lowercase()).or_insert((row.line, shared));
        if first == row.line || (all_shared && shared) {
            return None;
        }
        boxes.insert(email.to_ascii_lowercase(), (first, all_shared && shared));
        Some(RowFault::at(row.line, "email", (format!("line {first} has the same address"), SHARE)))
    }

    fn mark(&self, text: &str) -> u64 {
        self.marker.hash_one(text.to_ascii_lowercase())
    }
}

impl std::fmt::Debug for Twins {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Twins").field("rows", &self.codes.len()).finish_non_exhaustive()
    }
}
