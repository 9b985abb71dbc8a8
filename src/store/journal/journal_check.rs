//! Whether the journal has every event that it should, and how far back it goes. What a failing disk took out of it, the database
//! still has: it is written into its place again, and the damaged file is kept beside.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rusqlite::Connection;

use crate::store::database::Store;
use crate::store::db::columns::instant;
use crate::store::db::encryption::paths::sync_directory;
use crate::store::error::StoreError;
use crate::store::journal::event_match;
use crate::store::journal::line::JournalLine;
use crate::store::journal::segment::{DAMAGED, each_line, list};
use crate::store::journal::status::JournalFault;
use crate::store::journal::writer::{lines_after, turn};

/// How the journal and the audit go together.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct JournalCheck {
    /// The first event of the database that the journal has, and when that was; `None` where it has none.
    pub begins: Option<(i64, Timestamp)>,
    /// Events of the database behind that one which no line of the journal holds, by number.
    pub missing: BTreeSet<i64>,
}

/// Reads the whole journal, each line by its sum, and compares it with the audit.
///
/// # Errors
/// [`StoreError`] when either cannot be read.
pub fn check(store: &Store, directory: &Path) -> Result<JournalCheck, StoreError> {
    store.read(|view| checked(view.sql, directory))
}

fn checked(sql: &Connection, directory: &Path) -> Result<JournalCheck, StoreError> {
    let mut found = EventRanges::default();
    for path in list(directory).map_err(|error| StoreError::io(directory, &error))? {
        note_ours(sql, &path, &mut found)?;
    }
    let Some(first) = found.first() else { return Ok(JournalCheck::default()) };
    let at: i64 = sql.query_row("SELECT at FROM audit_event WHERE id = ?", [first], |r| r.get(0))?;
    // What comes after its last line is on its way, or told as not written.
    Ok(JournalCheck { begins: Some((first, instant(at))), missing: found.gaps().collect() })
}

/// Notes the events in a file that the database has too, line by line.
fn note_ours(sql: &Connection, path: &Path, found: &mut EventRanges) -> Result<(), StoreError> {
    let mut broken = None;
    let note = |line: JournalLine| {
        if broken.is_none() {
            match event_match::has(sql, &line) {
                Ok(true) => found.insert(line.event.id),
                Ok(false) => {}
                Err(fault) => broken = Some(fault),
            }
        }
    };
    each_line(path, note).map_err(|error| StoreError::io(path, &error))?;
    broken.map_or(Ok(()), |fault| Err(told(&fault)))
}

/// Numbers of events, as stretches without a gap: millions of events in their order are one.
#[derive(Default)]
struct EventRanges {
    /// First and last of each.
    ranges: BTreeMap<i64, i64>,
}

impl EventRanges {
    fn insert(&mut self, id: i64) {
        let before = self.ranges.range(..=id).next_back().map(|(first, last)| (*first, *last));
        if before.is_some_and(|(_, last)| id <= last) {
            return;
        }
        let first = before.filter(|(_, last)| last + 1 == id).map_or(id, |(first, _)| first);
        let last = self.ranges.remove(&(id + 1)).unwrap_or(id);
        self.ranges.insert(first, last);
    }

    fn first(&self) -> Option<i64> {
        self.ranges.keys().next().copied()
    }

    /// What lies between them.
    fn gaps(&self) -> impl Iterator<Item = i64> {
        self.ranges.values().zip(self.ranges.keys().skip(1)).flat_map(|(last, next)| last + 1..*next)
    }
}

fn told(fault: &JournalFault) -> StoreError {
    StoreError::other(fault.to_string())
}

/// Writes what is missing into its place again. Returns how many events that were. What was damaged is kept beside, under the
/// instant at which that was seen.
///
/// # Errors
/// [`StoreError`]; then each file is as it was, or mended.
pub fn mend(store: &Store, directory: &Path, now: Timestamp) -> Result<usize, StoreError> {
    let io = |error: std::io::Error| StoreError::io(directory, &error);
    // Nobody else is kept from appending while the whole is read: letters wait for their lines.
    if check(store, directory).is_ok_and(|found| found.missing.is_empty()) {
        return Ok(0);
    }
    let _turn = turn(directory).map_err(io)?;
    store.read(|view| {
        let missing = checked(view.sql, directory)?.missing;
        if missing.is_empty() {
            return Ok(0);
        }
        let (mut left, mut last) = (missing.clone(), None);
        for path in list(directory).map_err(io)? {
            let mut mended = MendedFile { sql: view.sql, text: String::new(), is_other: false };
            last = mended.read(&path, last, &mut left)?;
            if mended.is_other {
                mended.put_in_place(&path, now).map_err(io)?;
            }
        }
        Ok(missing.len() - left.len())
    })
}

/// A file of the journal with what was missing in it.
struct MendedFile<'c> {
    sql: &'c Connection,
    text: String,
    /// Whether it differs from what lies there.
    is_other: bool,
}

impl MendedFile<'_> {
    /// Takes the lines of a file over, and what is missing between two of ours. Gives the number of its last event of ours.
    fn read(
        &mut self,
        path: &Path,
        before: Option<i64>,
        missing: &mut BTreeSet<i64>,
    ) -> Result<Option<i64>, StoreError> {
        let mut lines = Vec::new();
        each_line(path, |line| lines.push(line)).map_err(|error| StoreError::io(path, &error))?;
        let mut last = before;
        for line in lines {
            if event_match::has(self.sql, &line).map_err(|fault| told(&fault))? {
                if let Some(last) = last {
                    self.fill(last, line.event.id, missing)?;
                }
                last = Some(line.event.id);
            }
            self.text.push_str(&line.text());
        }
        Ok(last)
    }

    /// What is missing behind `last` and before `next`.
    fn fill(&mut self, last: i64, next: i64, missing: &mut BTreeSet<i64>) -> Result<(), StoreError> {
        let mut from = last;
        while let Some(first) = missing.range(from + 1..next).next().copied() {
            let lines = lines_after(self.sql, first - 1, first).map_err(|fault| told(&fault))?;
            self.text.push_str(&lines.text);
            self.is_other = true;
            missing.remove(&first);
            from = first;
        }
        Ok(())
    }

    /// The damaged one is kept: what of it is of another database, or cannot be read, is a person's to look at.
    fn put_in_place(&self, path: &Path, now: Timestamp) -> std::io::Result<()> {
        let beside = |end: &str| -> PathBuf { path.with_extension(end) };
        let new = beside("mending");
        drop(std::fs::remove_file(&new));
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&new)?;
        file.write_all(self.text.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(path, damaged(path, now))?;
        std::fs::rename(&new, path)?;
        sync_directory(path)
    }
}

/// Where a damaged file is kept: under a name that nothing has yet, so that none takes the place of an earlier one.
fn damaged(path: &Path, now: Timestamp) -> PathBuf {
    let seen = now.strftime("%Y%m%dT%H%M%SZ");
    let names = (0_u32..).map(|n| match n {
        0 => path.with_extension(format!("{seen}.{DAMAGED}")),
        n => path.with_extension(format!("{seen}-{n}.{DAMAGED}")),
    });
    names
        .into_iter()
        .find(|name| name.symlink_metadata().is_err())
        .unwrap_or_else(|| path.with_extension(DAMAGED))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::audit_action::AuditAction;
    use crate::store::database::tests::{fresh, stamp};
    use crate::store::db::transaction::Tx;
    use crate::store::journal::segment::prune;
    use crate::store::subject::Singleton;

    fn kept(journal: &Path) -> Vec<PathBuf> {
        let all = std::fs::read_dir(journal).unwrap().map(|entry| entry.unwrap().path());
        all.filter(|path| path.extension().is_some_and(|end| end == DAMAGED)).collect()
    }

    fn event(tx: &mut Tx<'_>) -> Result<(), StoreError> {
        tx.audit(AuditAction::KeyNoted, Singleton::Database, &serde_json::json!({}))
    }

    #[test]
    fn events_in_whatever_order_are_few_stretches_and_what_lies_between() {
        let mut found = EventRanges::default();
        assert_eq!((found.first(), found.gaps().count()), (None, 0));
        (1..=90_000).rev().for_each(|id| found.insert(id));
        assert_eq!(found.ranges, [(1, 90_000)].into());
        [90_003, 90_005, 90_004, 90_003, 4, 90_009].into_iter().for_each(|id| found.insert(id));
        assert_eq!(found.ranges, [(1, 90_000), (90_003, 90_005), (90_009, 90_009)].into());
        let gaps: Vec<_> = found.gaps().collect();
        assert_eq!(gaps, [90_001, 90_002, 90_006, 90_007, 90_008]);
    }

    #[test]
    fn what_a_disk_took_out_of_the_journal_is_told_and_written_into_its_place_again() {
        let (dir, store) = fresh();
        let journal = dir.path().join("journal");
        store.keep_journal(&journal);
        (0..9).for_each(|_| store.write_blocking(stamp(), event).unwrap());
        let whole = check(&store, &journal).unwrap();
        assert_eq!((whole.begins.map(|(id, _)| id), whole.missing.len()), (Some(1), 0));
        let path = list(&journal).unwrap().pop().unwrap();
        let before = std::fs::read_to_string(&path).unwrap();
        // One line is altered, two are gone.
        let lines = before.lines().enumerate().filter(|(at, _)| !matches!(at, 6 | 7));
        let spoilt: String = lines
            .map(|(at, line)| if at == 3 { line.replace("key", "kex") } else { line.to_owned() } + "\n")
            .collect();
        std::fs::write(&path, &spoilt).unwrap();
        assert_eq!(check(&store, &journal).unwrap().missing, [4, 7, 8].into());
        assert_eq!(mend(&store, &journal, stamp().at).unwrap(), 3);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), before);
        // Damaged again, what was kept before stays.
        let again = before.replacen("key", "kex", 3).replacen("kex", "key", 2);
        std::fs::write(&path, &again).unwrap();
        assert_eq!(mend(&store, &journal, stamp().at).unwrap(), 1);
        let mut kept = kept(&journal);
        kept.sort();
        assert_eq!(
            kept.iter().map(|path| std::fs::read_to_string(path).unwrap()).collect::<Vec<_>>(),
            [again, spoilt]
        );
        // Where its time is over it goes, as the files do that are whole.
        assert_eq!(prune(&journal, Timestamp::UNIX_EPOCH).unwrap(), 0);
        assert_eq!(prune(&journal, Timestamp::MAX).unwrap(), 2);
        assert!(kept.iter().all(|path| !path.exists()));
        assert_eq!(check(&store, &journal).unwrap(), whole);
        // It goes on where it was.
        store.write_blocking(stamp(), event).unwrap();
        assert_eq!(store.journal_status().fault, None);
        assert_eq!(check(&store, &journal).unwrap().missing, BTreeSet::new());
    }
}
