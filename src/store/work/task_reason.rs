//! What stands behind the reason of an open task as long as it is so of her.

use rusqlite::Row;
use rusqlite::types::ValueRef;

use crate::care::record::suspected_death::CAUTION;
use crate::care::task::TaskKind;
use crate::store::db::unreadable::shown;
use crate::store::error::StoreError;

/// What whoever does an open task must know of her meanwhile: that she may have died, or why letters to her are paused, for she may
/// be in hospital. Column `at` holds how it was told that she may have died, the next one why letters are paused; nothing where it
/// is not so.
pub(in crate::store) fn meanwhile(kind: TaskKind, row: &Row<'_>, at: usize) -> Result<String, StoreError> {
    let is_null = |column| row.get_ref(column).map(|value| value == ValueRef::Null);
    // A word that nobody can read is a caution all the same.
    if !is_null(at)? {
        return Ok(format!(" {CAUTION}"));
    }
    if is_null(at + 1)? || !kind.is_call() {
        return Ok(String::new());
    }
    Ok(format!(" Letters to her are paused: {}.", shown(row, at + 1)?.trim_end_matches('.')))
}
