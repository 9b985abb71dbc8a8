//! The front desk: what a command asks for, done on the writer thread in one transaction, for callers outside the
//! runtime. Each fn is one step of this room with its transaction around it.

use std::sync::Arc;

use jiff::civil::Date;

use crate::care::patient::{PatientId, Reference};
use crate::journey::deps::Deps;
use crate::journey::error::StepError;
use crate::journey::operations::close_task;
use crate::journey::patients::amend::{Amendment, amend};
use crate::journey::patients::record_error::RecordError;
use crate::journey::patients::status;
use crate::journey::patients::status_change::StatusChange;
use crate::journey::plan::book;
use crate::journey::plan::booking_request::{BookingRequest, Tell};
use crate::journey::plan::enrol::{self, Admission};
use crate::journey::sending_policy::Policy;
use crate::store::database::Store;
use crate::store::db::transaction::{Stamp, Tx};
use crate::store::error::StoreError;
use crate::store::plan::follow_ups::FollowUp;

/// One row of a list.
#[derive(Debug, Clone)]
pub enum RosterEntry {
    /// Someone to take in.
    Newcomer(Admission),
    /// Someone on record, of whom the list says where she stands now.
    Standing {
        /// Who.
        whose: Reference,
        /// Where she stands.
        change: StatusChange,
    },
}

/// How a list of admissions is taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Terms {
    /// All or nobody.
    Whole,
    /// Whoever can be taken in; the others are told.
    Partial,
}

/// Someone who could not be taken in: her place in the caller's list, and why.
#[derive(Debug)]
pub struct RejectedRow {
    /// The place the caller gave.
    pub place: u64,
    /// Why.
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
    /// How many were taken in.
    pub added: u64,
    /// How many on record stand elsewhere now.
    pub changed: u64,
    /// Who was not.
    pub turned: Vec<RejectedRow>,
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
                    RosterEntry::Standing { .. } => taken.changed += 1,
                },
                (Err(why), Terms::Partial) if !is_grave(&why) => {
                    taken.turned.push(RejectedRow { place, why })
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
    }
}

/// A fault of the disk, not of the row.
fn is_grave(why: &StepError) -> bool {
    matches!(why, StepError::Store(fault) if !fault.is_conflict() && !fault.is_not_found())
}

/// Takes one patient in.
///
/// # Errors
/// As [`enrol::admit`], and when her case code is on record in the other case.
pub fn admit(clinic: &Deps, stamp: Stamp, admission: Admission) -> Result<PatientId, StepError> {
    let policy = Arc::clone(&clinic.policy);
    clinic.store.write_blocking(stamp, move |tx: &mut Tx<'_>| {
        match tx.in_other_case(&admission.newcomer.reference)? {
            Some(other) => Err(RecordError::Duplicate(other).into()),
            None => enrol::admit(tx, &admission, &policy),
        }
    })
}

/// Changes what is recorded of a patient.
///
/// # Errors
/// As [`amend`].
pub fn change(clinic: &Deps, stamp: Stamp, id: PatientId, ask: Amendment) -> Result<(), StepError> {
    let steps = clinic.clone();
    clinic.store.write_blocking(stamp, move |tx: &mut Tx<'_>| amend(tx, id, &ask, &steps))
}

/// What a command does to an appointment.
#[derive(Debug, Clone)]
pub enum AppointmentCommand {
    /// Books a date.
    Book(BookingRequest),
    /// Moves it.
    Move(BookingRequest),
    /// Calls it off: series, whether she is told, why.
    Cancel(Option<String>, Tell, Option<String>),
    /// Records that it took place: series, day, source.
    Done(Option<String>, Date, String),
}

/// Books, moves, calls off or closes a visit; gives the follow-ups it touched.
///
/// # Errors
/// [`StepError`]: no such patient, nothing fits, the date is past.
pub fn visit(
    clinic: &Deps,
    stamp: Stamp,
    whose: Reference,
    what: AppointmentCommand,
) -> Result<Vec<FollowUp>, StepError> {
    let steps = clinic.clone();
    clinic.store.write_blocking(stamp, move |tx: &mut Tx<'_>| {
        let patient = tx.patient_by_reference(&whose)?;
        let policy = &steps.policy;
        match &what {
            AppointmentCommand::Book(wish) => Ok(vec![book::book(tx, &patient, wish, &steps)?]),
            AppointmentCommand::Move(wish) => Ok(vec![book::move_to(tx, &patient, wish, &steps)?]),
            AppointmentCommand::Cancel(series, tell, reason) => {
                let off = book::call_off(tx, &patient, (series.as_deref(), *tell), policy)?;
                if let Some(reason) = reason {
                    let detail = serde_json::json!({ "reason": reason });
                    tx.audit("appointment.reason", &format!("follow-up/{}", off.id.0), &detail)?;
                }
                Ok(vec![off])
            }
            AppointmentCommand::Done(series, on, source) => {
                book::done(tx, &patient, (series.as_deref(), *on, source), &steps)
            }
        }
    })
}

/// Records that a task is done. Returns while what it comes back.
///
/// # Errors
/// As [`task::close`].
pub fn close_task(
    store: &Store,
    stamp: Stamp,
    id: i64,
    note: String,
) -> Result<Option<&'static str>, StepError> {
    store.write_blocking(stamp, move |tx: &mut Tx<'_>| close_task::close(tx, id, &note))
}
