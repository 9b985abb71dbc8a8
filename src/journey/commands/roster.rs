//! A roster is taken in: newcomers and where those on record stand, in one transaction, on the writer thread.

use std::sync::Arc;

use crate::care::contact::PatientContact;
use crate::care::patient::{PatientId, Reference};
use crate::care::permission::Act;
use crate::journey::authorize::permit_account;
use crate::journey::deps::Deps;
use crate::journey::errors::people::record::RecordError;
use crate::journey::errors::step::StepError;
use crate::journey::patients::{contact, opt_out, status};
use crate::journey::plan::book::extra_visit::{self, KnownExtraVisits};
use crate::journey::plan::booking_request::AppointmentSlot;
use crate::journey::plan::enrol::{self, Admission};
use crate::journey::roster::booking_list::{self, BookingPace, Unbooked};
use crate::journey::roster::undo::{self, UndoOutcome};
use crate::journey::sending_policy::Policy;
use crate::journey::status_change::{LetterPreferences, StatusChange};
use crate::store::audit_action::AuditAction;
use crate::store::database::Store;
use crate::store::db::transaction::{Stamp, Tx};
use crate::store::error::StoreError;
use crate::store::roster::imports::{ImportId, NewImport};

/// One row of a list.
#[derive(Debug, Clone)]
pub enum RosterEntry {
    /// Someone to take in.
    Newcomer {
        /// Her record and her plan.
        admission: Box<Admission>,
        /// Which letters she gets, and from when on.
        preferences: LetterPreferences,
        /// Visits beside her plan that are booked already.
        extra_visits: Vec<AppointmentSlot>,
    },
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

/// What the reader of a list hands to the writer.
#[derive(Debug, Clone)]
pub enum RosterBatch {
    /// Rows that follow one another, each with its place as the caller counts it.
    Rows(Vec<(u64, RosterEntry)>),
    /// The list is complete. Without it the reader broke off, and nothing is recorded.
    End,
}

/// How a list of admissions is taken in.
#[derive(Debug, Clone, Copy)]
pub struct ImportTerms {
    /// What becomes of the others when one fails.
    pub terms: Terms,
    /// How many dates are booked a working day with those who come in mid-course.
    pub bookings_a_day: u32,
}

/// What becomes of a list when somebody on it cannot be taken in.
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
    /// How many dates a person must book, because no letter asks for them.
    pub to_book: u64,
    /// The import on record; none where nothing changed.
    pub import: Option<ImportId>,
    /// Those who could not be taken in.
    pub rejected: Vec<RejectedRow>,
}

/// Whom an import has brought so far, and what of theirs a person must book.
#[derive(Default)]
struct Brought {
    patients: Vec<PatientId>,
    unbooked: Vec<Unbooked>,
}

/// Takes everyone in whom `batches` yields, in one transaction, pulling from it on the writer thread: a bounded channel
/// keeps memory flat. Without a [`RosterBatch::End`] nothing is recorded.
///
/// # Errors
/// With [`Terms::Whole`] the first who cannot be taken in; then nobody was. Otherwise only the store's own.
pub fn admit_all<B>(
    clinic: &Deps,
    stamp: Stamp,
    batches: B,
    how: ImportTerms,
) -> Result<ImportOutcome, RejectedRow>
where
    B: Iterator<Item = RosterBatch> + Send + 'static,
{
    let policy = Arc::clone(&clinic.policy);
    clinic.store.write_blocking(stamp, move |tx: &mut Tx<'_>| {
        permit_account(tx, Act::ImportRoster).map_err(|why| RejectedRow { place: 0, why })?;
        tx.expect_many()?;
        let (mut taken, mut brought) = (ImportOutcome::default(), Brought::default());
        let (mut batches, mut is_complete) = (batches, false);
        let rows = std::iter::from_fn(|| match batches.next()? {
            RosterBatch::Rows(rows) => Some(rows),
            RosterBatch::End => {
                is_complete = true;
                None
            }
        });
        for (place, entry) in rows.flatten() {
            let done = match how.terms {
                Terms::Whole => take(tx, &entry, &policy),
                Terms::Partial => tx.shielded(|tx| take(tx, &entry, &policy)),
            };
            match (done, how.terms) {
                (Ok(None), _) => taken.changed += 1,
                (Ok(Some(one)), _) => {
                    taken.added += 1;
                    brought.patients.extend(one.patients);
                    brought.unbooked.extend(one.unbooked);
                }
                (Err(why), Terms::Partial) if !is_fatal(&why) => {
                    taken.rejected.push(RejectedRow { place, why })
                }
                (Err(why), _) => return Err(RejectedRow { place, why }),
            }
        }
        if !is_complete {
            return Err(StoreError::conflict("the list broke off").into());
        }
        let pace = BookingPace { a_day: how.bookings_a_day, policy: &policy };
        write_down(tx, &mut taken, brought, &pace).map_err(|why| RejectedRow { place: 0, why })?;
        Ok(taken)
    })
}

/// Records the import and opens its list. One that changed nothing leaves nothing.
fn write_down(
    tx: &mut Tx<'_>,
    taken: &mut ImportOutcome,
    brought: Brought,
    pace: &BookingPace<'_>,
) -> Result<(), StepError> {
    if taken.added + taken.changed == 0 {
        return Ok(());
    }
    taken.to_book = u64::try_from(brought.unbooked.len()).unwrap_or(u64::MAX);
    let stored = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    let (added, changed) = (stored(taken.added), stored(taken.changed));
    let new = NewImport { added, changed, bookings_a_day: pace.a_day };
    let import = tx.insert_import(&new, &brought.patients)?;
    taken.import = Some(import);
    let detail =
        serde_json::json!({ "added": taken.added, "changed": taken.changed, "to_book": taken.to_book });
    tx.audit(AuditAction::RosterImported, import, &detail)?;
    booking_list::open(tx, import, brought.unbooked, pace)
}

/// Takes one row in; gives back whom it brought, if it is somebody new.
fn take(tx: &mut Tx<'_>, entry: &RosterEntry, policy: &Policy) -> Result<Option<Brought>, StepError> {
    match entry {
        RosterEntry::Newcomer { admission, preferences, extra_visits } => {
            let admitted = enrol::admit_unasked(tx, admission, preferences, policy);
            let admitted = admitted.map_err(|why| overtaken(tx, admission, why))?;
            let main = admission.courses.iter().map(|course| &course.protocol).find(|one| !one.add_on);
            let known = KnownExtraVisits { slots: extra_visits, main: main.map(|one| one.id.as_str()) };
            extra_visit::of_newcomer(tx, &tx.patient(admitted.patient)?, known, policy)?;
            ask_for_newcomer(tx, admitted.patient, preferences)?;
            let unbooked = booking_list::unbooked(admission, &admitted).collect();
            return Ok(Some(Brought { patients: vec![admitted.patient], unbooked }));
        }
        RosterEntry::Standing { whose, change } => {
            let patient = tx.patient_by_reference(whose)?;
            status::change(tx, &patient, change)?;
        }
        RosterEntry::Telephone { whose, contact } => {
            let patient = tx.patient_by_reference(whose)?;
            contact::fill_in(tx, patient.id, contact)?;
        }
    }
    Ok(None)
}

/// What no letter tells somebody who was just taken in, a person does.
fn ask_for_newcomer(tx: &mut Tx<'_>, id: PatientId, told: &LetterPreferences) -> Result<(), StepError> {
    let patient = tx.patient(id)?;
    if !patient.status.keeps_plan() {
        // Nobody is asked to agree another way with somebody who is not followed here.
        for kind in &told.declined {
            tx.decline(id, *kind)?;
        }
        return Ok(());
    }
    opt_out::decline(tx, id, &told.declined)?;
    match patient.paused_until {
        Some(last) => status::booked_in_pause::ask(tx, id, Some(last)),
        None => Ok(()),
    }
}

/// Who was nobody on record at the look, and is now, is no newcomer: the roster must be looked through anew. Told before her own
/// address, which her own record has of course.
fn overtaken(tx: &Tx<'_>, admission: &Admission, why: StepError) -> StepError {
    let is_of_another =
        matches!(why, StepError::Record(RecordError::Duplicate(_) | RecordError::SharedInbox));
    let code = &admission.newcomer.reference;
    match is_of_another && tx.patient_by_reference(code).is_ok() {
        true => RecordError::Overtaken(code.as_str().to_owned()).into(),
        false => why,
    }
}

/// No other row would fare better, or somebody ended the work, or the look was overtaken. A record that cannot be read is its own
/// row's fault.
fn is_fatal(why: &StepError) -> bool {
    match why {
        StepError::Store(fault) => fault.is_everyones() || fault.is_stopped() || fault.is_damaged(),
        why => is_overtaken(why),
    }
}

/// Whether another import took her in after the look.
#[must_use]
pub fn is_overtaken(why: &StepError) -> bool {
    matches!(why, StepError::Record(RecordError::Overtaken(_)))
}

/// Undoes an import: whoever it brought and has had nothing sent and no change since is removed.
///
/// # Errors
/// As [`undo::undo`].
pub fn undo(store: &Store, stamp: Stamp, import: ImportId) -> Result<UndoOutcome, StepError> {
    store.write_blocking(stamp, move |tx: &mut Tx<'_>| undo::undo(tx, import))
}
