//! What stands behind the reason of an open task as long as it is so of her.

use rusqlite::Row;
use rusqlite::types::ValueRef;

use crate::care::record::suspected_death::{CAUTION, SuspectedDeath};
use crate::care::task::TaskKind;
use crate::store::db::unreadable::shown;
use crate::store::error::StoreError;

/// What whoever does an open task must know of her meanwhile: that she may have died, or why letters to her are paused, for she may
/// be in hospital. Column `at` holds why they are; nothing where they are not.
pub(in crate::store) fn meanwhile(kind: TaskKind, row: &Row<'_>, at: usize) -> Result<String, StoreError> {
    if row.get_ref(at)? == ValueRef::Null {
        return Ok(String::new());
    }
    let why = shown(row, at)?;
    Ok(match SuspectedDeath::parse(&why) {
        Some(_) => format!(" {CAUTION}"),
        None if kind.is_call() => format!(" Letters to her are paused: {}.", why.trim_end_matches('.')),
        None => String::new(),
    })
}
