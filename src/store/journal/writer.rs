//! Follows the audit: after each commit, and before anybody hears of it, every event that the journal does not have is
//! appended and brought to the disk, once for all that share the commit. Whatever a fault or another process left out is
//! caught up with the next one.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, OptionalExtension};

use crate::store::audit::event;
use crate::store::audit_action::AuditAction;
use crate::store::error::StoreError;
use crate::store::journal::event_match;
use crate::store::journal::letters;
use crate::store::journal::line::JournalLine;
use crate::store::journal::segment::{Segment, last_line, list};
use crate::store::journal::status::{JournalFault, JournalStatus};

/// A journal that is begun anew goes back so far, so that yesterday's backup finds what came after it.
const BACK: i64 = 2 * 86_400_000;

/// The journal of one database, if it keeps one; all handles of the database share it.
#[derive(Clone, Default)]
pub(in crate::store) struct SentJournal {
    recorder: Arc<Mutex<Option<Recorder>>>,
    status: Arc<Mutex<JournalStatus>>,
}

/// What is appended to, and how far.
struct Recorder {
    directory: PathBuf,
    /// The file appended to, and the last event that stands in it.
    open: Option<(Segment, i64)>,
}

impl SentJournal {
    /// From the next commit on events go into files in this directory.
    pub(in crate::store) fn keep_in(&self, directory: &Path) {
        let mut recorder = self.recorder();
        if recorder.as_ref().is_none_or(|known| known.directory != directory) {
            *recorder = Some(Recorder { directory: directory.to_owned(), open: None });
        }
    }

    pub(in crate::store) fn status(&self) -> JournalStatus {
        self.status.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Appends what was committed. A journal that cannot be written keeps no letter and no answer back: it is told, and what
    /// is missing follows as soon as it can be.
    pub(in crate::store) fn follow(&self, sql: &Connection) {
        let mut held = self.recorder();
        let Some(recorder) = held.as_mut() else { return };
        let done = recorder.follow(sql);
        let mut status = self.status.lock().unwrap_or_else(PoisonError::into_inner);
        match done {
            Ok(last) => {
                if status.fault.is_some() {
                    tracing::warn!("the sent journal is written again, and what was missing is in it");
                }
                *status = JournalStatus { fault: None, last };
            }
            Err(fault) => {
                recorder.open = None;
                if status.fault.as_ref() != Some(&fault) {
                    tracing::error!(%fault, "what leaves is not in the sent journal: a restore would not know of it");
                }
                status.fault = Some(fault);
            }
        }
    }

    fn recorder(&self) -> MutexGuard<'_, Option<Recorder>> {
        self.recorder.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Recorder {
    fn follow(&mut self, sql: &Connection) -> Result<i64, JournalFault> {
        // Nothing new is the rule for commits that only move a fact.
        if let Some((_, last)) = &self.open
            && newest(sql)? == *last
        {
            return Ok(*last);
        }
        let directory = self.directory.clone();
        let io = |error: std::io::Error| JournalFault::Io(directory.clone(), error.to_string());
        let _turn = turn(&self.directory).map_err(io)?;
        let (mut segment, mut last) = match self.open.take() {
            Some((segment, last)) if segment.is_untouched().map_err(io)? => (segment, last),
            _ => self.find(sql)?,
        };
        loop {
            let (text, after) = lines_after(sql, last)?;
            if text.is_empty() {
                break;
            }
            if segment.is_full() {
                segment = Segment::next(&self.directory).map_err(io)?;
            }
            segment.append(&text).map_err(io)?;
            last = after;
        }
        self.open = Some((segment, last));
        Ok(last)
    }

    /// Where to go on: after the last event that both have. After a restore that lies further back, and a new file begins.
    fn find(&self, sql: &Connection) -> Result<(Segment, i64), JournalFault> {
        let io = |error: std::io::Error| JournalFault::Io(self.directory.clone(), error.to_string());
        let files = list(&self.directory).map_err(io)?;
        let mut is_empty = true;
        if let Some(newest) = files.last() {
            match last_line(newest).map_err(io)? {
                Some(line) if event_match::has(sql, &line)? => {
                    let segment = Segment::newest(newest).map_err(io)?;
                    return Ok((segment, line.event.id));
                }
                found => is_empty = found.is_none(),
            }
        }
        match event_match::last_shared(sql, &files, &self.directory)? {
            Some(last) => Ok((Segment::next(&self.directory).map_err(io)?, last)),
            None if is_empty => Ok((Segment::next(&self.directory).map_err(io)?, beginning(sql)?)),
            None => Err(JournalFault::Foreign(self.directory.clone())),
        }
    }
}

/// Other processes that append wait for us, and we for them.
fn turn(directory: &Path) -> std::io::Result<File> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
    let path = directory.join("lock");
    let file = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(path)?;
    file.lock()?;
    Ok(file)
}

fn newest(sql: &Connection) -> Result<i64, JournalFault> {
    let ask =
        || sql.prepare_cached("SELECT coalesce(max(id), 0) FROM audit_event")?.query_row([], |r| r.get(0));
    ask().map_err(|fault| audit(&fault))
}

fn beginning(sql: &Connection) -> Result<i64, JournalFault> {
    let ask = "SELECT id FROM audit_event WHERE at < (SELECT at - ? FROM audit_event ORDER BY id DESC LIMIT 1) \
               ORDER BY id DESC LIMIT 1";
    let found = || sql.prepare(ask)?.query_row([BACK], |r| r.get(0)).optional();
    found().map(Option::unwrap_or_default).map_err(|fault| audit(&fault))
}

/// The next events as lines, and the number of the last of them.
fn lines_after(sql: &Connection, last: i64) -> Result<(String, i64), JournalFault> {
    let ask = "SELECT id, at, actor, action, subject, detail, hash FROM audit_event WHERE id > ? ORDER BY id LIMIT 2000";
    let read = || -> Result<(String, i64), StoreError> {
        let mut statement = sql.prepare_cached(ask)?;
        let mut rows = statement.query([last])?;
        let (mut text, mut last, mut key) = (String::new(), last, None);
        while let Some(row) = rows.next()? {
            let event = event(row)?;
            last = event.id;
            if key.is_none() {
                key = Some(letters::key(sql)?);
            }
            let key = key.as_deref().unwrap_or_default();
            let who = letters::who(sql, key, &event.subject)?;
            let letters = match event.known_action() {
                Some(AuditAction::DeliveryClaimed) => letters::claimed(sql, key, &event.detail)?,
                _ => Vec::new(),
            };
            text.push_str(&JournalLine { event, who, letters }.text());
        }
        Ok((text, last))
    };
    read().map_err(|fault| JournalFault::Audit(fault.to_string()))
}

fn audit(fault: &rusqlite::Error) -> JournalFault {
    JournalFault::Audit(fault.to_string())
}
