//! A file that waits to be taken in, from a page: staged, matched, mended, discarded.

use crate::journey::errors::step::StepError;
use crate::journey::roster::staged_import::{self, MendedRow};
use crate::store::database::Store;
use crate::store::db::transaction::{Stamp, Tx};
use crate::store::roster::staged::{NewStaged, RowFinding, StagedId, StagedRow};

/// Stages a file, as the only change of its transaction; blocks until it is written.
///
/// # Errors
/// As [`staged_import::stage`].
pub fn stage_blocking(store: &Store, stamp: Stamp, new: NewStaged) -> Result<StagedId, StepError> {
    store.write_blocking(stamp, move |tx: &mut Tx<'_>| staged_import::stage(tx, &new))
}

/// Rows in the place of a file, and what its columns stand for as a list in JSON.
#[derive(Debug, Clone)]
pub struct MatchedFile {
    /// What each column stands for.
    pub matched: String,
    /// Its rows, not looked at yet.
    pub rows: Vec<StagedRow>,
}

/// Puts rows in the place of a file.
///
/// # Errors
/// As [`staged_import::match_columns`].
pub fn match_blocking(store: &Store, stamp: Stamp, id: StagedId, file: MatchedFile) -> Result<(), StepError> {
    store.write_blocking(stamp, move |tx: &mut Tx<'_>| {
        staged_import::match_columns(tx, id, &file.matched, &file.rows)
    })
}

/// Keeps what a look found.
///
/// # Errors
/// As [`staged_import::keep_findings`].
pub fn keep_findings_blocking(
    store: &Store,
    stamp: Stamp,
    id: StagedId,
    found: Vec<RowFinding>,
) -> Result<(), StepError> {
    store.write_blocking(stamp, move |tx: &mut Tx<'_>| staged_import::keep_findings(tx, id, &found))
}

/// Keeps what somebody mended.
///
/// # Errors
/// As [`staged_import::mend`].
pub fn mend_blocking(
    store: &Store,
    stamp: Stamp,
    id: StagedId,
    rows: Vec<MendedRow>,
) -> Result<(), StepError> {
    store.write_blocking(stamp, move |tx: &mut Tx<'_>| staged_import::mend(tx, id, &rows))
}

/// Deletes a staged file.
///
/// # Errors
/// As [`staged_import::discard`].
pub fn discard_blocking(store: &Store, stamp: Stamp, id: StagedId) -> Result<(), StepError> {
    store.write_blocking(stamp, move |tx: &mut Tx<'_>| staged_import::discard(tx, id))
}
