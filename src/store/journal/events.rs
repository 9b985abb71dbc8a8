//! What the journal tells of the time after a backup was made: the same as the audit of the database that was there before,
//! where that one is gone.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::care::patient::PatientId;
use crate::store::audit_action::AuditAction;
use crate::store::database::Store;
use crate::store::db::transaction::View;
use crate::store::error::StoreError;
use crate::store::events::EventSource;
use crate::store::journal::event_match;
use crate::store::journal::line::JournalLine;
use crate::store::journal::segment::{each_line, list, newest_line};
use crate::store::people::erasure::request::RepeatedErasure;
use crate::store::restore_diff::{Account, LostEvent, ReferenceCache, RestoreDiff};

/// Reads the lines of a journal that come after a copy's last event.
struct Since {
    id: i64,
    hash: Vec<u8>,
    /// Whether the copy's last event, or the one after it, was met.
    is_found: bool,
    /// Whether any line was met.
    is_empty: bool,
    last: i64,
    known: BTreeSet<Vec<u8>>,
    lines: Vec<JournalLine>,
    gap: Option<String>,
}

impl Since {
    fn of(copy: &View<'_>) -> Result<Self, StoreError> {
        let last = copy.last_events(1)?.pop().map(|event| (event.id, event.hash));
        let (id, hash) = last.unwrap_or_default();
        let (known, lines) = (BTreeSet::new(), Vec::new());
        Ok(Self { id, hash, is_found: false, is_empty: true, last: id, known, lines, gap: None })
    }

    fn add(&mut self, line: JournalLine) {
        self.is_empty = false;
        if line.event.id == self.id && line.event.hash == self.hash {
            self.is_found = true;
            return;
        }
        self.is_found |= line.event.id == self.id + 1 && line.event.chained(&self.hash) == line.event.hash;
        if !self.is_found || !self.known.insert(line.event.hash.clone()) {
            return;
        }
        // After a restore the numbers begin again behind the backup of that day; a number left out is a line that is lost.
        if line.event.id > self.last + 1 && self.gap.is_none() {
            self.gap = Some(format!(
                "events {} to {} are missing in the sent journal",
                self.last + 1,
                line.event.id - 1
            ));
        }
        self.last = line.event.id;
        self.lines.push(line);
    }
}

impl RestoreDiff {
    /// Reads what the journal in this directory knows and the copy does not; `None` where there is no journal.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be read, or does not reach back to the copy.
    pub fn from_journal(copy: &View<'_>, directory: &Path) -> Result<Option<Self>, StoreError> {
        let io = |error: std::io::Error| StoreError::io(directory, &error);
        let mut since = Since::of(copy)?;
        for path in list(directory).map_err(io)? {
            each_line(&path, |line| since.add(line)).map_err(io)?;
        }
        match (since.is_empty, since.is_found) {
            (true, _) => Ok(None),
            (false, true) => Ok(Some(Self::of_lines(copy, since))),
            (false, false) => Err(StoreError::other(
                "the sent journal begins after the copy, ends before it, or belongs to another database"
                    .to_owned(),
            )),
        }
    }

    /// Puts in what the journal tells and this audit does not have, in the order in which it happened.
    pub(in crate::store) fn go_on_from(&mut self, told: Vec<LostEvent>) {
        let own = std::mem::take(&mut self.events).into_iter();
        let mut own: BTreeMap<(i64, Vec<u8>), LostEvent> =
            own.map(|lost| ((lost.event.id, lost.event.hash.clone()), lost)).collect();
        let told = told.into_iter();
        self.events =
            told.map(|lost| own.remove(&(lost.event.id, lost.event.hash.clone())).unwrap_or(lost)).collect();
        self.events.extend(own.into_values());
    }

    /// What the journal knows and the database has lost: an older file was put in its place. `None` where the database has the
    /// journal's newest event, where the journal is empty or another database's, and right after a restore.
    ///
    /// # Errors
    /// [`StoreError`] when the journal or the audit cannot be read.
    pub fn lost_by(store: &Store, directory: &Path) -> Result<Option<Self>, StoreError> {
        let io = |error: std::io::Error| StoreError::io(directory, &error);
        // First the journal, then the audit: what another command commits meanwhile is in both.
        let Some(newest) = newest_line(directory).map_err(io)? else { return Ok(None) };
        let told = store.read(|view| match event_match::has(view.sql, &newest) {
            Ok(false) => Self::from_journal(view, directory),
            _ => Ok(None),
        });
        // It begins after the database, or is another's: that is told where it is to be written.
        Ok(told.ok().flatten().filter(|told| !told.events.is_empty()))
    }

    fn of_lines(copy: &View<'_>, since: Since) -> Self {
        let mut codes = ReferenceCache::of(copy.sql);
        let mut told = Self { torn: since.gap, told_by: EventSource::Journal, ..Self::default() };
        for JournalLine { event, who, letters } in since.lines {
            told.erased.extend(erasure(&event));
            told.events.push(LostEvent { about: codes.about(&event), at_time: None, event, who, letters });
        }
        let touched = told.touched().into_iter();
        told.accounts = touched.map(|(name, changes)| Account::known_by(name, &changes)).collect();
        told
    }
}

fn erasure(event: &crate::store::audit::AuditEvent) -> Option<RepeatedErasure> {
    if event.known_action() != Some(AuditAction::PatientErased) {
        return None;
    }
    let detail: serde_json::Value = serde_json::from_str(&event.detail).ok()?;
    let word = |fact: &str| detail[fact].as_str().map(str::to_owned);
    let patient = PatientId(event.subject.strip_prefix("patient/")?.parse().ok()?);
    Some(RepeatedErasure::told(patient, word("export")?, [word("asked_by")?, event.actor.clone()]))
}
