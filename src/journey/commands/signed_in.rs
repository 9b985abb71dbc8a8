//! What a signed-in person does from a page of the console: each a change of its own, signed with her name.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::care::checklist::answer::BaselineChoice;
use crate::care::checklist::item::PartRole;
use crate::care::patient::Reference;
use crate::care::triage::tier::Code;
use crate::journey::alert_policy;
use crate::journey::alerts::cover;
use crate::journey::answers::baseline::{ClinicalStatement, KnownMark};
use crate::journey::answers::{baseline, link_access};
use crate::journey::deps::Deps;
use crate::journey::error::StepError;
use crate::journey::operations::close_task;
use crate::journey::patients::status_change::StatusChange;
use crate::journey::patients::{death_reversal, status};
use crate::store::alerts::lifecycle::{AlertClosure, AlertId};
use crate::store::answers::responses::ResponseId;
use crate::store::db::transaction::{Stamp, Tx};
use crate::store::error::StoreError;
use crate::store::people::death_reversals::ReversalOutcome;

/// Takes an alert on.
///
/// # Errors
/// As [`acknowledge::acknowledge`].
pub async fn acknowledge(clinic: &Deps, stamp: Stamp, id: AlertId) -> Result<(), StepError> {
    clinic
        .store
        .write(stamp, move |tx: &mut Tx<'_>| {
            crate::journey::alerts::acknowledge::acknowledge(tx, id).map(drop)
        })
        .await
}

/// Keeps an alert that was taken on: the actor has spoken with her.
///
/// # Errors
/// As [`acknowledge::renew`].
pub async fn keep(clinic: &Deps, stamp: Stamp, id: AlertId) -> Result<(), StepError> {
    crate::journey::alerts::acknowledge::keep(clinic, stamp, id).await.map(drop)
}

/// Agrees that a recorded death is a mistake, or says that it is none.
///
/// # Errors
/// As [`reversal::agree`] and [`reversal::refuse`].
pub async fn answer_reversal(
    clinic: &Deps,
    stamp: Stamp,
    whose: Reference,
    agrees: ReversalOutcome,
) -> Result<(), StepError> {
    let write = move |tx: &mut Tx<'_>| -> Result<(), StepError> {
        let patient = tx.patient_by_reference(&whose)?;
        match agrees {
            ReversalOutcome::Agreed => death_reversal::agree(tx, &patient),
            ReversalOutcome::Declined | ReversalOutcome::Expired => death_reversal::refuse(tx, patient.id),
        }
    };
    clinic.store.write(stamp, write).await?;
    clinic.bells.letters.notify_one();
    Ok(())
}

/// Ends an alert.
///
/// # Errors
/// As [`acknowledge::close`].
pub async fn close(clinic: &Deps, stamp: Stamp, id: AlertId, ending: AlertClosure) -> Result<(), StepError> {
    clinic
        .store
        .write(stamp, move |tx: &mut Tx<'_>| {
            crate::journey::alerts::acknowledge::close(tx, id, &ending).map(drop)
        })
        .await
}

/// Ends a task. A hold that ends lets letters go: their loop is woken.
///
/// # Errors
/// [`StepError`]; the store's `is_not_found` when no such task is open.
pub async fn close_task(clinic: &Deps, stamp: Stamp, id: i64, note: String) -> Result<(), StepError> {
    clinic.store.write(stamp, move |tx: &mut Tx<'_>| close_task::close(tx, id, &note).map(drop)).await?;
    clinic.bells.letters.notify_one();
    Ok(())
}

/// Confirms the test alerts that are open.
///
/// # Errors
/// As [`cover::confirm`].
pub async fn confirm_tests(clinic: &Deps, stamp: Stamp) -> Result<(), StepError> {
    clinic.store.write(stamp, |tx: &mut Tx<'_>| cover::confirm(tx).map(drop)).await
}

/// Makes an answered form her baseline, with what the clinician says of each item.
///
/// # Errors
/// As [`baseline::confirm`].
pub async fn confirm_baseline(
    clinic: &Deps,
    stamp: Stamp,
    form: ResponseId,
    choices: BTreeMap<String, BaselineChoice>,
) -> Result<(), StepError> {
    let steps = clinic.clone();
    let write = move |tx: &mut Tx<'_>| -> Result<(), StepError> {
        let response = tx.response(form)?;
        let words: BTreeMap<String, String> =
            serde_json::from_str(&response.answers).map_err(|_| StoreError::corrupt("answers"))?;
        let fields: Vec<(String, String)> = words.into_iter().collect();
        let (version, seen) = (response.version, response.answered_at);
        let stand = ClinicalStatement { version, fields: &fields, choices: &choices, seen };
        baseline::confirm(tx, response.patient, &stand, &steps)
    };
    clinic.store.write(stamp, write).await
}

/// Marks a reason of an answered form as known until a day (M1).
///
/// # Errors
/// As [`baseline::known`].
pub async fn mark_known(
    clinic: &Deps,
    stamp: Stamp,
    form: ResponseId,
    mark: (Code, Date),
) -> Result<(), StepError> {
    let steps = clinic.clone();
    let write = move |tx: &mut Tx<'_>| -> Result<(), StepError> {
        let response = tx.response(form)?;
        let checklist = steps.care.checklists.get(tx, response.version)?;
        let said = alert_policy::read(&checklist, &response.answers);
        let score = checklist.in_role(PartRole::PainScore).find_map(|part| said.score(&part.field));
        let mark = KnownMark { code: mark.0, until: mark.1, score };
        baseline::known(tx, response.patient, mark, &steps)
    };
    clinic.store.write(stamp, write).await
}

/// Notes that bone spread is known.
///
/// # Errors
/// As [`baseline::bone_spread`].
pub async fn note_bone_spread(clinic: &Deps, stamp: Stamp, whose: Reference) -> Result<(), StepError> {
    let write = move |tx: &mut Tx<'_>| -> Result<(), StepError> {
        let patient = tx.patient_by_reference(&whose)?;
        baseline::bone_spread(tx, patient.id)
    };
    clinic.store.write(stamp, write).await
}

/// Opens her forms again after somebody has spoken with her.
///
/// # Errors
/// As [`door::unlock`].
pub async fn unlock(clinic: &Deps, stamp: Stamp, whose: Reference) -> Result<(), StepError> {
    let write = move |tx: &mut Tx<'_>| -> Result<(), StepError> {
        let patient = tx.patient_by_reference(&whose)?;
        link_access::unlock(tx, patient.id)
    };
    clinic.store.write(stamp, write).await
}

/// Changes where a patient stands.
///
/// # Errors
/// As [`status::change`].
pub async fn change_status(
    clinic: &Deps,
    stamp: Stamp,
    whose: Reference,
    change: StatusChange,
) -> Result<(), StepError> {
    let write = move |tx: &mut Tx<'_>| -> Result<(), StepError> {
        let patient = tx.patient_by_reference(&whose)?;
        status::change(tx, &patient, &change)
    };
    clinic.store.write(stamp, write).await?;
    clinic.bells.letters.notify_one();
    Ok(())
}
