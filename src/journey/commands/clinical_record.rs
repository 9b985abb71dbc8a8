//! A clinician says what was there before, from an answered form or a patient's page.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::care::checklist::answer::BaselineChoice;
use crate::care::checklist::item::PartRole;
use crate::care::patient::Reference;
use crate::care::triage::tier::Code;
use crate::journey::alert_policy;
use crate::journey::answers::baseline::{self, ClinicalStatement};
use crate::journey::deps::Deps;
use crate::journey::errors::step::StepError;
use crate::store::answers::responses::ResponseId;
use crate::store::db::transaction::{Stamp, Tx};
use crate::store::error::StoreError;

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

/// A reason of an answered form that is known, so that it raises no alert for a while.
#[derive(Debug, Clone, Copy)]
pub struct MarkRequest {
    /// The form that gave the reason.
    pub form: ResponseId,
    /// The rule that led to the alert.
    pub code: Code,
    /// The last day it counts as known.
    pub until: Date,
}

/// Marks a reason of an answered form as known until a day (M1).
///
/// # Errors
/// As [`baseline::known`].
pub async fn mark_known(clinic: &Deps, stamp: Stamp, mark: MarkRequest) -> Result<(), StepError> {
    let steps = clinic.clone();
    let write = move |tx: &mut Tx<'_>| -> Result<(), StepError> {
        let response = tx.response(mark.form)?;
        let checklist = steps.care.checklists.get(tx, response.version)?;
        let said = alert_policy::read(&checklist, &response.answers)?;
        let score = checklist.in_role(PartRole::PainScore).find_map(|part| said.score(&part.field));
        baseline::known(
            tx,
            response.patient,
            baseline::KnownMark { code: mark.code, until: mark.until, score },
            &steps,
        )
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

/// Withdraws the note that bone spread is known.
///
/// # Errors
/// As [`baseline::withdraw_bone_spread`].
pub async fn withdraw_bone_spread(
    clinic: &Deps,
    stamp: Stamp,
    whose: Reference,
    reason: String,
) -> Result<(), StepError> {
    let write = move |tx: &mut Tx<'_>| -> Result<(), StepError> {
        let patient = tx.patient_by_reference(&whose)?;
        baseline::withdraw_bone_spread(tx, patient.id, &reason)
    };
    clinic.store.write(stamp, write).await
}
