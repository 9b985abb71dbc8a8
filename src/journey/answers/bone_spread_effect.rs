//! What a note of known bone spread would change, told before it is made: her newest forms, judged as if it stood (K1).

use jiff::civil::Date;

use crate::care::patient::PatientId;
use crate::care::triage::case::{BoneSpread, Case, History};
use crate::care::triage::judge::judge;
use crate::care::triage::tier::Tier;
use crate::journey::answers::clinical_history;
use crate::journey::deps::Deps;
use crate::journey::errors::step::StepError;
use crate::store::answers::responses::Response;
use crate::store::db::transaction::View;

/// A form of hers, as it was judged and as it would be with known bone spread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResponsePreview {
    /// Her civil day then.
    pub on: Date,
    /// The tier that it was given then.
    pub tier: Tier,
    /// What the same answers would be from now on.
    pub lifted: Tier,
}

/// What known bone spread would make of her newest forms, newest first: none of them is judged anew on record.
///
/// # Errors
/// [`StepError`] when the store fails.
pub fn bone_spread_effect(
    view: &View<'_>,
    patient: PatientId,
    clinic: &Deps,
) -> Result<Vec<ResponsePreview>, StepError> {
    let judged = view.responses_of(patient)?.into_iter().filter(|form| form.tier.is_some());
    judged.take(SHOWN_FORMS).map(|form| with_bone_spread(view, &form, clinic)).collect()
}

/// The same answers judged as they would be with the note. What a mark hides so far counts then (K1, M1), so the stored tier
/// alone does not tell; nor is the form ever shown as less than that tier lifted.
fn with_bone_spread(view: &View<'_>, form: &Response, clinic: &Deps) -> Result<ResponsePreview, StepError> {
    let tier = form.tier.unwrap_or(Tier::Routine);
    let shown = |lifted: Tier| ResponsePreview { on: form.answered_on, tier, lifted };
    // Nobody knows what a form meant whose version, or whose answers, cannot be read.
    let Ok(checklist) = clinic.care.checklists.get(view, form.version) else {
        return Ok(shown(tier.lifted()));
    };
    let Ok(answers) = clinical_history::stored_answers(view, form, &checklist) else {
        return Ok(shown(tier.lifted()));
    };
    let history = History { bone: BoneSpread::Known, ..clinical_history::of(view, form, clinic)? };
    let stage = form.stage;
    let case = Case { answers: &answers, stage, answered_on: form.answered_on, history: &history };
    Ok(shown(judge(&checklist, &case).tier.max(tier.lifted())))
}

/// So many forms show what a note would change.
const SHOWN_FORMS: usize = 5;
