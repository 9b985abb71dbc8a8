//! Writes what the audit has and the journal does not: every event is appended and brought to the disk, once for all that was
//! committed meanwhile. Whatever a fault or another process left out is caught up with the next one. It works on a thread of its
//! own, since a disk may neither write nor fail, but hang.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, RecvTimeoutError, TryRecvError};
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension};

use crate::store::audit::event;
use crate::store::audit_action::AuditAction;
use crate::store::db::connect;
use crate::store::error::StoreError;
use crate::store::journal::event_match;
use crate::store::journal::letters;
use crate::store::journal::line::JournalLine;
use crate::store::journal::segment::{Segment, last_line, list};
use crate::store::journal::status::JournalFault;

/// A journal that is begun anew goes back so far, so that the backups that are kept find what came after them.
const BACK: i64 = 400 * 86_400_000;
/// So many lines are written at once.
const MOST_LINES: usize = 2_000;

/// What is appended to, and how far.
pub(in crate::store::journal) struct JournalWriter {
    /// The database whose audit it follows.
    database: PathBuf,
    directory: PathBuf,
    /// Reads the audit; `None` until it was needed.
    audit: Option<Connection>,
    /// The file appended to, and the last event that stands in it.
    open: Option<(Segment, i64)>,
}

impl JournalWriter {
    pub(in crate::store::journal) fn new(database: &Path, directory: &Path) -> Self {
        let (database, directory) = (database.to_owned(), directory.to_owned());
        Self { database, directory, audit: None, open: None }
    }

    /// Appends what was committed; gives the number of the last event that the journal has now.
    ///
    /// # Errors
    /// [`JournalFault`]; then everything is looked for anew the next time.
    pub(in crate::store::journal) fn follow(&mut self) -> Result<i64, JournalFault> {
        let done = self.audit().and_then(|audit| {
            let done = self.append_new(&audit);
            self.audit = Some(audit);
            done
        });
        if done.is_err() {
            (self.audit, self.open) = (None, None);
        }
        done
    }

    fn audit(&mut self) -> Result<Connection, JournalFault> {
        let opened = self.audit.take().map_or_else(|| connect::reader(&self.database), Ok);
        opened.map_err(|fault| JournalFault::Audit(fault.to_string()))
    }

    fn append_new(&mut self, sql: &Connection) -> Result<i64, JournalFault> {
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
            let lines = lines_after(sql, last, i64::MAX)?;
            if lines.text.is_empty() {
                break;
            }
            if segment.is_full() {
                segment = Segment::next(&self.directory).map_err(io)?;
            }
            segment.append(&lines.text).map_err(io)?;
            last = lines.last;
            if lines.count < MOST_LINES {
                break;
            }
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
            None if is_empty => {
                let last = beginning(sql)?;
                if newest(sql)? > last + 1 {
                    tracing::warn!(
                        directory = %self.directory.display(),
                        after = last,
                        "there is no sent journal: it is begun anew with what the database has of the last 400 days"
                    );
                }
                Ok((Segment::next(&self.directory).map_err(io)?, last))
            }
            None => Err(JournalFault::Foreign(self.directory.clone())),
        }
    }
}

/// The writer on its thread: whoever asks it waits for so long and no longer.
pub(in crate::store::journal) struct JournalDisk {
    directory: PathBuf,
    patience: Duration,
    /// `None` only while it is dropped.
    asks: Option<mpsc::Sender<()>>,
    done: mpsc::Receiver<Result<i64, JournalFault>>,
    thread: Option<JoinHandle<()>>,
    /// Whether it owes an answer that did not come in time.
    is_silent: bool,
}

impl JournalDisk {
    /// Starts the thread; nothing is written before it is asked to.
    ///
    /// # Errors
    /// The system's.
    pub(in crate::store::journal) fn start(
        mut writer: JournalWriter,
        patience: Duration,
    ) -> std::io::Result<Self> {
        let (asks, asked) = mpsc::channel();
        let (tell, done) = mpsc::channel();
        let directory = writer.directory.clone();
        let work = move || while asked.recv().is_ok() && tell.send(writer.follow()).is_ok() {};
        let thread = std::thread::Builder::new().name("journal-disk".to_owned()).spawn(work)?;
        Ok(Self { directory, patience, asks: Some(asks), done, thread: Some(thread), is_silent: false })
    }

    /// Whether it did not answer in time when it was last asked: nobody waits for it then but for a moment.
    pub(in crate::store::journal) const fn is_silent(&self) -> bool {
        self.is_silent
    }

    /// How soon one that is silent is asked again by itself.
    pub(in crate::store::journal) fn pause(&self) -> Duration {
        self.patience / 5
    }

    /// Has what was committed appended; gives the number of the last event that the journal has now.
    ///
    /// # Errors
    /// [`JournalFault`]; `Silent` when no answer came in time, then and until the disk answers again.
    pub(in crate::store::journal) fn follow(&mut self) -> Result<i64, JournalFault> {
        if self.is_silent {
            match self.done.try_recv() {
                Err(TryRecvError::Empty) => return Err(JournalFault::Silent(self.directory.clone())),
                Err(TryRecvError::Disconnected) => return Err(JournalFault::Gone),
                // It speaks of what was committed before the silence, and more was since: it is asked anew.
                Ok(_) => {}
            }
        }
        if self.asks.as_ref().is_none_or(|asks| asks.send(()).is_err()) {
            return Err(JournalFault::Gone);
        }
        // One that was silent proves itself first: a disk that is slow each time keeps people waiting once, not each time.
        let within = if self.is_silent { self.patience / 10 } else { self.patience };
        let answered = self.done.recv_timeout(within);
        self.is_silent = answered == Err(RecvTimeoutError::Timeout);
        match answered {
            Ok(done) => done,
            Err(RecvTimeoutError::Timeout) => Err(JournalFault::Silent(self.directory.clone())),
            Err(RecvTimeoutError::Disconnected) => Err(JournalFault::Gone),
        }
    }
}

impl Drop for JournalDisk {
    fn drop(&mut self) {
        drop(self.asks.take());
        // One that is silent ends when its disk answers, and nobody waits for that. One that panicked is at its end.
        if let Some(thread) = self.thread.take().filter(|_| !self.is_silent) {
            drop(thread.join());
        }
    }
}

/// Other processes that append wait for us, and we for them.
pub(in crate::store::journal) fn turn(directory: &Path) -> std::io::Result<File> {
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

/// Events on their way into a file.
pub(in crate::store::journal) struct EventLines {
    pub(in crate::store::journal) text: String,
    /// The number of the last of them.
    last: i64,
    count: usize,
}

/// The next events up to that number, [`MOST_LINES`] at most.
pub(in crate::store::journal) fn lines_after(
    sql: &Connection,
    last: i64,
    to: i64,
) -> Result<EventLines, JournalFault> {
    let ask = "SELECT id, at, actor, action, subject, detail, hash FROM audit_event WHERE id > ? AND id <= ? \
               ORDER BY id LIMIT ?";
    let read = || -> Result<EventLines, StoreError> {
        let mut statement = sql.prepare_cached(ask)?;
        let mut rows = statement.query((last, to, i64::try_from(MOST_LINES).unwrap_or(i64::MAX)))?;
        let (mut lines, mut key) = (EventLines { text: String::new(), last, count: 0 }, None);
        while let Some(row) = rows.next()? {
            let event = event(row)?;
            (lines.last, lines.count) = (event.id, lines.count + 1);
            if key.is_none() {
                key = Some(letters::key(sql)?);
            }
            let key = key.as_deref().unwrap_or_default();
            let who = letters::who(sql, key, &event.subject)?;
            let letters = match event.known_action() {
                Some(AuditAction::DeliveryClaimed) => letters::claimed(sql, key, &event.detail)?,
                _ => Vec::new(),
            };
            lines.text.push_str(&JournalLine { event, who, letters }.text());
        }
        Ok(lines)
    };
    read().map_err(|fault| JournalFault::Audit(fault.to_string()))
}

fn audit(fault: &rusqlite::Error) -> JournalFault {
    JournalFault::Audit(fault.to_string())
}
