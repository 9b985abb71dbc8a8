//! What is recorded of one patient changes: she is taken in, corrected, put elsewhere, or her forms open again. The blocking
//! functions are for callers outside the runtime, the async ones for pages.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::care::patient::{PatientId, PatientStatus, Reference};
use crate::care::permission::Act;
use crate::care::record::reversal::ReversalEvent;
use crate::care::record::version::record_version;
use crate::journey::answers::link_access;
use crate::journey::authorize::permit_account;
use crate::journey::deps::Deps;
use crate::journey::errors::people::record::RecordError;
use crate::journey::errors::step::StepError;
use crate::journey::patients::amend::{Amendment, Correction, PlanAmendment, amend};
use crate::journey::patients::contact::ContactChange;
use crate::journey::patients::{death_reversal, status};
use crate::journey::plan::enrol::{self, Admission};
use crate::journey::sending_policy::Policy;
use crate::journey::status_change::StatusChange;
use crate::store::db::transaction::{Stamp, Tx};
use crate::store::plan::follow_ups::EnrolmentId;

/// A correction of a record as its author saw it.
#[derive(Debug, Clone)]
pub struct RecordCorrection {
    /// Case code of the patient whose record it is.
    pub whose: Reference,
    /// The mark of the record that its author saw ([`record_version`]).
    pub seen: String,
    /// What is to be written differently.
    pub correction: Correction,
}

/// Another plan for a patient, as its author saw the one before.
#[derive(Debug, Clone)]
pub struct PlanChangeRequest {
    /// Case code of the patient whose plan it is.
    pub whose: Reference,
    /// The enrolments that its author saw in force.
    pub seen: Vec<EnrolmentId>,
    /// What changes, in order.
    pub turns: Vec<PlanAmendment>,
}

/// Takes one patient in.
///
/// # Errors
/// As [`enrol::admit`], and when her case code is on record in the other case.
pub fn admit(clinic: &Deps, stamp: Stamp, admission: Admission) -> Result<PatientId, StepError> {
    let policy = Arc::clone(&clinic.policy);
    clinic.store.write_blocking(stamp, move |tx: &mut Tx<'_>| take_in(tx, &admission, &policy))
}

pub(in crate::journey::commands) fn take_in(
    tx: &mut Tx<'_>,
    admission: &Admission,
    policy: &Policy,
) -> Result<PatientId, StepError> {
    permit_account(tx, Act::EnrolPatient)?;
    match tx.in_other_case(&admission.newcomer.reference)? {
        Some(other) => Err(StepError::Record(RecordError::Duplicate(other))),
        None => enrol::admit(tx, admission, policy),
    }
}

/// Corrects a record, unless it is not any more what the author of the correction saw.
///
/// # Errors
/// [`RecordError::Changed`]; as [`amend`].
pub fn correct_record(clinic: &Deps, stamp: Stamp, ask: RecordCorrection) -> Result<(), StepError> {
    let steps = clinic.clone();
    clinic.store.write_blocking(stamp, move |tx: &mut Tx<'_>| correct(tx, ask, &steps))
}

pub(in crate::journey::commands) fn correct(
    tx: &mut Tx<'_>,
    ask: RecordCorrection,
    clinic: &Deps,
) -> Result<(), StepError> {
    permit_account(tx, Act::CorrectRecord)?;
    let patient = tx.patient_by_reference(&ask.whose)?;
    if record_version(&patient) != ask.seen {
        return Err(RecordError::Changed.into());
    }
    let amendment = Amendment { correction: ask.correction, ..Amendment::default() };
    amend(tx, patient.id, &amendment, clinic)
}

/// Changes what she is on, unless it is not any more what the author of the change saw.
///
/// # Errors
/// [`RecordError::Changed`]; as [`amend`].
pub fn change_plan(clinic: &Deps, stamp: Stamp, ask: PlanChangeRequest) -> Result<(), StepError> {
    let steps = clinic.clone();
    clinic.store.write_blocking(stamp, move |tx: &mut Tx<'_>| change_plan_in(tx, &ask, &steps))
}

pub(in crate::journey::commands) fn change_plan_in(
    tx: &mut Tx<'_>,
    ask: &PlanChangeRequest,
    clinic: &Deps,
) -> Result<(), StepError> {
    permit_account(tx, Act::ChangePlan)?;
    let patient = tx.patient_by_reference(&ask.whose)?;
    let active = tx.enrolments_of(patient.id)?.into_iter().filter(|enrolment| enrolment.is_active);
    let active: BTreeSet<i64> = active.map(|enrolment| enrolment.id.0).collect();
    if active != ask.seen.iter().map(|id| id.0).collect() {
        return Err(RecordError::Changed.into());
    }
    let amendment = Amendment { turns: ask.turns.clone(), ..Amendment::default() };
    amend(tx, patient.id, &amendment, clinic)
}

/// Changes what is recorded of a patient.
///
/// # Errors
/// As [`amend`].
pub fn amend_record(clinic: &Deps, stamp: Stamp, id: PatientId, ask: Amendment) -> Result<(), StepError> {
    let steps = clinic.clone();
    clinic.store.write_blocking(stamp, move |tx: &mut Tx<'_>| {
        permit_account(tx, Act::ChangeRecord)?;
        amend(tx, id, &ask, &steps)
    })
}

/// A change of status, and what somebody looked at before she asked for it.
#[derive(Debug, Clone)]
pub struct CheckedStatus {
    /// The change that is asked for.
    pub change: StatusChange,
    /// Her status as it stood then; `None` where nobody looked first.
    pub seen: Option<PatientStatus>,
}

/// Changes a patient's status and wakes whoever sends letters.
///
/// # Errors
/// [`RecordError::Changed`] when her status is not any more what was seen; as [`status::change`].
pub async fn change_status(
    clinic: &Deps,
    stamp: Stamp,
    whose: Reference,
    ask: CheckedStatus,
) -> Result<(), StepError> {
    let write = move |tx: &mut Tx<'_>| -> Result<(), StepError> {
        permit_account(tx, Act::ChangeRecord)?;
        let patient = tx.patient_by_reference(&whose)?;
        match ask.seen {
            Some(seen) if seen != patient.status => Err(RecordError::Changed.into()),
            _ => status::change(tx, &patient, &ask.change),
        }
    };
    clinic.store.write(stamp, write).await?;
    clinic.bells.letters.notify_one();
    Ok(())
}

/// Changes how a patient is reached by telephone.
///
/// # Errors
/// As [`amend`].
pub async fn change_contact(
    clinic: &Deps,
    stamp: Stamp,
    whose: Reference,
    change: ContactChange,
) -> Result<(), StepError> {
    let steps = clinic.clone();
    let write = move |tx: &mut Tx<'_>| -> Result<(), StepError> {
        let patient = tx.patient_by_reference(&whose)?;
        let correction = Correction { contact: Some(change), ..Correction::default() };
        amend(tx, patient.id, &Amendment { correction, ..Amendment::default() }, &steps)
    };
    clinic.store.write(stamp, write).await
}

/// Agrees that a recorded death is a mistake, or says that it is none.
///
/// # Errors
/// As [`death_reversal::agree`] and [`death_reversal::refuse`].
pub async fn answer_reversal(
    clinic: &Deps,
    stamp: Stamp,
    whose: Reference,
    agrees: ReversalEvent,
) -> Result<(), StepError> {
    let write = move |tx: &mut Tx<'_>| -> Result<(), StepError> {
        permit_account(tx, Act::UndoDeath)?;
        let patient = tx.patient_by_reference(&whose)?;
        match agrees {
            ReversalEvent::Agree => death_reversal::agree(tx, &patient),
            ReversalEvent::Decline | ReversalEvent::Expire => death_reversal::refuse(tx, patient.id),
        }
    };
    clinic.store.write(stamp, write).await?;
    clinic.bells.letters.notify_one();
    Ok(())
}

/// Unlocks her forms after somebody has spoken with her.
///
/// # Errors
/// As [`link_access::unlock`].
pub async fn unlock(clinic: &Deps, stamp: Stamp, whose: Reference) -> Result<(), StepError> {
    let write = move |tx: &mut Tx<'_>| -> Result<(), StepError> {
        permit_account(tx, Act::OpenForms)?;
        let patient = tx.patient_by_reference(&whose)?;
        link_access::unlock(tx, patient.id)
    };
    clinic.store.write(stamp, write).await
}
