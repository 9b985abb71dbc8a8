//! Takes a roster in that was looked through: its sound rows are read once more, on a thread of their own, and handed to the writer
//! in batches, so that memory stays flat whatever the file holds.

use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};

use crate::care::patient::PatientStatus;
use crate::exchange::roster::row::RosterRow;
use crate::exchange::roster::row::refused_row::{RefusedRow, StopNotice};
use crate::exchange::roster::row_fault::RowFault;
use crate::exchange::roster::rows::Roster;
use crate::exchange::roster::survey::Survey;
use crate::journey::commands::roster::{
    ImportOutcome, ImportTerms, RejectedRow, RosterBatch, RosterEntry, admit_all, is_overtaken,
};
use crate::journey::deps::Deps;
use crate::journey::file_protocols::{ProtocolInForce, ProtocolsInForce};
use crate::journey::plan::enrol::{Admission, Course};
use crate::journey::status_change::StatusChange;
use crate::store::db::transaction::Stamp;

/// Rows that travel together from the reader to the writer, and how many such batches may wait: some 1 MB.
const BATCH: usize = 128;
const WAITING: usize = 8;

/// A roster that was looked through once, and how it is taken in.
pub struct SurveyedRoster {
    /// Where its rows come from.
    pub roster: Roster,
    /// Which of its rows are new, departed or passed over.
    pub survey: Survey,
    /// The protocols that its rows may name.
    pub in_force: ProtocolsInForce,
    /// How it is taken in.
    pub how: ImportTerms,
}

/// Why nobody was taken in.
#[derive(Debug)]
pub enum AdmitError {
    /// The file cannot be read any more.
    File(Vec<RowFault>),
    /// A row was refused.
    Row(RejectedRow),
    /// Another import took somebody in of whom the look knew nothing: the roster must be looked through anew.
    Overtaken,
}

/// So often a roster is looked through before others are left to come to an end first.
pub const LOOKS: usize = 4;

/// Takes the sound rows in. `read` hears how far the reader is, as [`crate::exchange::roster::rows::Lines::bytes`] counts.
///
/// # Errors
/// [`AdmitError`]; then nobody was taken in.
pub fn admit(
    surveyed: SurveyedRoster,
    clinic: &Deps,
    stamp: Stamp,
    read: impl Fn(u64) + Send + 'static,
) -> Result<ImportOutcome, AdmitError> {
    let how = surveyed.how;
    let (out, batches) = sync_channel(WAITING);
    let reader = std::thread::spawn(move || send(&surveyed, &out, &read));
    let taken = admit_all(clinic, stamp, batches.into_iter(), how);
    if let Ok(Err(faults)) = reader.join() {
        return Err(AdmitError::File(faults));
    }
    taken.map_err(|row| match is_overtaken(&row.why) {
        true => AdmitError::Overtaken,
        false => AdmitError::Row(row),
    })
}

/// Reads the sound rows again and hands them to the writer. A writer that stopped early has said why.
fn send(
    surveyed: &SurveyedRoster,
    out: &SyncSender<RosterBatch>,
    read: &impl Fn(u64),
) -> Result<(), Vec<RowFault>> {
    let mut lines = surveyed.roster.open()?;
    let mut rows = Vec::with_capacity(BATCH);
    while let Some(row) = lines.next() {
        let Some(found) = found(surveyed, row) else { continue };
        rows.push(found);
        if rows.len() == BATCH {
            read(lines.bytes());
            let full = std::mem::replace(&mut rows, Vec::with_capacity(BATCH));
            if out.send(RosterBatch::Rows(full)).is_err() {
                return Ok(());
            }
        }
    }
    for last in [RosterBatch::Rows(rows), RosterBatch::End] {
        if out.send(last).is_err() {
            break;
        }
    }
    Ok(())
}

/// What becomes of a row, with its line; of a faulty one only what it says of a death or an opt-out.
fn found(surveyed: &SurveyedRoster, row: Result<RosterRow, RefusedRow>) -> Option<(u64, RosterEntry)> {
    match row {
        Ok(row) => Some((row.line, entry(surveyed, row)?)),
        Err(row) => {
            let said = row.notice.filter(|said| surveyed.survey.departed.contains(&said.line))?;
            Some((said.line, departed(said)))
        }
    }
}

/// What becomes of a row; nothing where it is faulty, or on record as it is.
fn entry(surveyed: &SurveyedRoster, row: RosterRow) -> Option<RosterEntry> {
    let survey = &surveyed.survey;
    if survey.departed.contains(&row.line) {
        return row.stop_notice().map(departed);
    }
    if survey.reachable.contains(&row.line) {
        let (whose, contact) = (row.newcomer.reference, row.newcomer.contact);
        return Some(RosterEntry::Telephone { whose, contact });
    }
    let is_new = !survey.passed_over.contains(&row.line);
    is_new.then(|| {
        let (preferences, extra_visits) = (row.preferences.clone(), row.extra_visits.clone());
        let admission = Box::new(admission(row, &surveyed.in_force));
        RosterEntry::Newcomer { admission, preferences, extra_visits }
    })
}

/// What the roster says of someone on record.
fn departed(said: StopNotice) -> RosterEntry {
    let (to, line) = (said.status, said.line);
    let what = if to == PatientStatus::Deceased { "that she has died" } else { "that she wants no letters" };
    let reason = format!("the clinic's roster says {what} (line {line})");
    let change = StatusChange { to, reason, until: None, confirmed_by: None };
    RosterEntry::Standing { whose: said.reference, change }
}

fn admission(row: RosterRow, in_force: &ProtocolsInForce) -> Admission {
    let Some(anchor_on) = row.anchor_on else {
        let (newcomer, waiting) = (row.newcomer, row.protocols);
        return Admission { newcomer, courses: Vec::new(), waiting, next_visit: None };
    };
    let course = |name: &String| {
        let ProtocolInForce { version, protocol, .. } = in_force.get(name)?;
        Some(Course { version: *version, protocol: Arc::clone(protocol), anchor_on })
    };
    let courses = row.protocols.iter().filter_map(course).collect();
    Admission { newcomer: row.newcomer, courses, waiting: Vec::new(), next_visit: row.next_visit }
}
