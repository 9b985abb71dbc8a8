//! A row that is not taken in as it stands, and what it says all the same.

use jiff::civil::Date;

use crate::care::patient::{PatientStatus, Reference};
use crate::exchange::roster::row_fault::RowFault;

/// A row that is not taken in as it stands.
#[derive(Debug)]
pub struct RefusedRow {
    /// Each fault, with its column.
    pub faults: Vec<RowFault>,
    /// That she has died or wants no letters, where the row says so of somebody it names for certain: an address that is
    /// none must not keep letters going to the dead.
    pub notice: Option<StopNotice>,
}

impl From<Vec<RowFault>> for RefusedRow {
    fn from(faults: Vec<RowFault>) -> Self {
        Self { faults, notice: None }
    }
}

/// Who has died or wants no letters, and by which she is known for certain.
#[derive(Debug, Clone)]
pub struct StopNotice {
    /// The line of the file that says so.
    pub line: u64,
    /// The case code that the row names.
    pub reference: Reference,
    /// Her birth date: two people may have had one code.
    pub birth_on: Date,
    /// That she has died, or wants no letters.
    pub status: PatientStatus,
}
