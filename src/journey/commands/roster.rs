//! A roster is taken in: newcomers and where those on record stand, in one transaction, on the writer thread.

use std::sync::Arc;

use crate::care::contact::PatientContact;
use crate::care::patient::Reference;
use crate::journey::deps::Deps;
use crate::journey::errors::step::StepError;
use crate::journey::patients::{contact, status};
use crate::journey::plan::enrol::{self, Admission};
use crate::journey::sending_policy::Policy;
use crate::journey::status_change::StatusChange;
use crate::store::db::transaction::{Stamp, Tx};
use crate::store::error::StoreError;

/// One row of a list.
#[derive(Debug, Clone)]
pub enum RosterEntry {
    /// Someone to take in.
    Newcomer(Admission),
    /// Someone on record, of whom the list says where she stands now.
    Standing {
        /// The case code that she is on record under.
        whose: Reference,
        /// Her status as the list has it.
        change: StatusChange,
    },
    /// Someone on record, of whom the list has telephone numbers where the record has none.
    Telephone {
        /// The case code that she is on record under.
        whose: Reference,
        /// What the list knows; it fills only fields that the record leaves empty.
        contact: PatientContact,
    },
}

/// How a list of admissions is taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Terms {
    /// All or nobody, at the first row that fails.
    Whole,
    /// Whoever can be taken in; the others are told.
    Partial,
}

/// Someone who could not be taken in: her place in the caller's list, and why.
#[derive(Debug)]
pub struct RejectedRow {
    /// The row's place as the caller counts it.
    pub place: u64,
    /// Why she could not be taken in.
    pub why: StepError,
}

impl From<StoreError> for RejectedRow {
    fn from(fault: StoreError) -> Self {
        Self { place: 0, why: fault.into() }
    }
}

/// What taking a list in came to.
#[derive(Debug, Default)]
pub struct ImportOutcome {
    /// How many were taken in as new.
    pub added: u64,
    /// How many on record stand elsewhere now, or have telephone numbers that they had not.
    pub changed: u64,
    /// Those who could not be taken in.
    pub rejected: Vec<RejectedRow>,
}

/// Takes everyone in whom `batches` yields, in one transaction, pulling from it on the writer thread: a bounded channel
/// keeps memory flat. An empty batch says that the list is complete; without it nothing is recorded.
///
/// # Errors
/// With [`Terms::Whole`] the first who cannot be taken in; then nobody was. Otherwise only the store's own.
pub fn admit_all<B>(
    clinic: &Deps,
    stamp: Stamp,
    batches: B,
    terms: Terms,
) -> Result<ImportOutcome, RejectedRow>
where
    B: Iterator<Item = Vec<(u64, RosterEntry)>> + Send + 'static,
{
    let policy = Arc::clone(&clinic.policy);
    clinic.store.write_blocking(stamp, move |tx: &mut Tx<'_>| {
        tx.expect_many()?;
        let mut taken = ImportOutcome::default();
        let (mut batches, mut is_complete) = (batches, false);
        let full = std::iter::from_fn(|| {
            let batch = batches.next()?;
            is_complete = batch.is_empty();
            (!is_complete).then_some(batch)
        });
        for (place, entry) in full.flatten() {
            let done = match terms {
                Terms::Whole => take(tx, &entry, &policy),
                Terms::Partial => tx.shielded(|tx| take(tx, &entry, &policy)),
            };
            match (done, terms) {
                (Ok(()), _) => match entry {
                    RosterEntry::Newcomer(_) => taken.added += 1,
                    RosterEntry::Standing { .. } | RosterEntry::Telephone { .. } => taken.changed += 1,
                },
                (Err(why), Terms::Partial) if !is_fatal(&why) => {
                    taken.rejected.push(RejectedRow { place, why })
                }
                (Err(why), _) => return Err(RejectedRow { place, why }),
            }
        }
        if is_complete { Ok(taken) } else { Err(StoreError::conflict("the list broke off").into()) }
    })
}

fn take(tx: &mut Tx<'_>, entry: &RosterEntry, policy: &Policy) -> Result<(), StepError> {
    match entry {
        RosterEntry::Newcomer(admission) => enrol::admit(tx, admission, policy).map(drop),
        RosterEntry::Standing { whose, change } => {
            let patient = tx.patient_by_reference(whose)?;
            status::change(tx, &patient, change)
        }
        RosterEntry::Telephone { whose, contact } => {
            let patient = tx.patient_by_reference(whose)?;
            contact::fill_in(tx, patient.id, contact)
        }
    }
}

/// A fault of the disk, not of the row.
fn is_fatal(why: &StepError) -> bool {
    matches!(why, StepError::Store(fault) if !fault.is_conflict() && !fault.is_not_found())
}
