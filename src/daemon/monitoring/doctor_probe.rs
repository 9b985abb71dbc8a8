//! What `doctor` writes to see whether the database takes a change. It is not the daemon's fact, whose sign of life would else be
//! the doctor's.

use crate::store::db::transaction::Tx;
use crate::store::error::StoreError;

/// The fact that keeps when `doctor` last looked.
const FACT: &str = "doctor-probe";

/// The change itself: one row, over and over.
///
/// # Errors
/// [`StoreError`] when it cannot be written.
pub fn commit(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    tx.set_fact(FACT, &tx.at().to_string())
}
