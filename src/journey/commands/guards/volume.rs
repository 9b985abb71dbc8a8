//! A person agrees that far more letters than usual leave.

use crate::journey::deps::Deps;
use crate::journey::errors::step::StepError;
use crate::journey::operations::guards::volume;
use crate::store::db::transaction::{Stamp, Tx};

/// Agrees that whatever waits now leaves, and closes the task about it. Returns how many letters that are.
///
/// # Errors
/// As [`volume::agree_and_close`].
pub fn agree(clinic: &Deps, stamp: Stamp, note: String) -> Result<u32, StepError> {
    clinic.store.write_blocking(stamp, move |tx: &mut Tx<'_>| volume::agree_and_close(tx, &note))
}
