//! When the writer folds the log into the file: seldom, because a burst of letters touches the same pages again and again.
//!
//! SQLite itself would try at each commit once the log is long. Beside a reader who began when all was folded, as a copy in the
//! night does, nothing can be folded, and each try sorts the whole log first: a commit of 0.2 ms then takes 4 ms after a minute.

use std::ffi::c_int;

use rusqlite::Connection;
use rusqlite::hooks::Wal;

use crate::store::db::connect::FOLDED_AT;
use crate::store::error::StoreError;

/// A log that had to grow, because somebody read for long, is cut to so many bytes when it is begun anew.
const KEPT: i64 = 64 << 20;

/// Makes the connection that writes fold the log so.
pub(in crate::store) fn begin(sql: &mut Connection) -> Result<(), StoreError> {
    sql.pragma_update(None, "journal_size_limit", KEPT)?;
    every(FOLDED_AT, sql)
}

fn every(pages: c_int, sql: &mut Connection) -> Result<(), StoreError> {
    let mut folding = LogFolding { every: pages, tried_at: 0 };
    let hook = move |log: &mut Wal, length: c_int| {
        if folding.is_due(length) {
            // Where it fails, the log is as it was: the next try, or whoever closes the database last, folds it.
            drop(log.checkpoint());
        }
        Ok(())
    };
    Ok(sql.wal_hook(Some(hook))?)
}

struct LogFolding {
    every: c_int,
    /// How long the log was at the last try.
    tried_at: c_int,
}

impl LogFolding {
    /// Whether a log of so many pages is to be folded now.
    fn is_due(&mut self, length: c_int) -> bool {
        if length < self.tried_at {
            // It was folded, and begun anew.
            self.tried_at = 0;
        }
        let is_due = length - self.tried_at >= self.every;
        if is_due {
            self.tried_at = length;
        }
        is_due
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::db::connect::{prepare, reader};

    #[test]
    fn a_log_that_cannot_be_folded_is_tried_again_when_it_has_grown_as_much_again() {
        let mut folding = LogFolding { every: 100, tried_at: 0 };
        let tried: Vec<_> = (1..=350).filter(|length| folding.is_due(*length)).collect();
        assert_eq!(tried, [100, 200, 300]);
        let anew: Vec<_> = (1..=150).filter(|length| folding.is_due(*length)).collect();
        assert_eq!(anew, [100], "begun anew");
    }

    #[test]
    fn the_log_is_folded_once_whoever_kept_it_from_that_is_gone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.db");
        let mut writer = Connection::open(&path).unwrap();
        prepare(&writer).unwrap();
        every(20, &mut writer).unwrap();
        writer.execute_batch("CREATE TABLE t (x); PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
        let file = || path.metadata().unwrap().len();
        let write = || writer.execute("INSERT INTO t VALUES (randomblob(3000))", []).map(drop).unwrap();
        let (reads, begun) = (reader(&path).unwrap(), file());
        {
            let moment = reads.unchecked_transaction().unwrap();
            moment.query_row("SELECT count(*) FROM t", [], |_| Ok(())).unwrap();
            (0..50).for_each(|_| write());
            assert_eq!(file(), begun, "what is read stays as it is");
        }
        (0..50).for_each(|_| write());
        assert!(file() > begun + 50 * 3000, "{}", file());
    }
}
