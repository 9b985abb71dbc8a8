//! A clinician says how things stand: a baseline, a reason known for a while (M1), bone spread (K1). Never done by the
//! daemon, nor by an account that does no doctor's work; each has its audit event.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::care::checklist::answer::{Answers, Baseline, BaselineChoice, Confirmation, Known};
use crate::care::patient::PatientId;
use crate::care::permission::Act;
use crate::care::task::TaskKind;
use crate::care::triage::tier::Code;
use crate::journey::alert_policy::written;
use crate::journey::authorize::permit;
use crate::journey::deps::Deps;
use crate::journey::errors::answer::AnswerError;
use crate::journey::errors::step::StepError;
use crate::journey::sending_policy::{day, in_days, zone};
use crate::store::answers::checklists::ChecklistVersionId;
use crate::store::db::transaction::{Tx, View};
use crate::store::error::StoreError;
use crate::store::people::clinical_history::BaselineRow;
use crate::store::subject::Subject;
use crate::store::work::tasks::NewTask;

/// A baseline has this long before it is overdue: what needs a person sooner rings by itself.
const DAYS: u64 = 14;

/// How things stand, as a clinician confirms it.
pub struct ClinicalStatement<'a> {
    /// The checklist that was answered.
    pub version: ChecklistVersionId,
    /// Each field with the word answered; what the checklist cannot read is left out.
    pub fields: &'a [(String, String)],
    /// What the clinician says of each item.
    pub choices: &'a BTreeMap<String, BaselineChoice>,
    /// When it was answered: the clinician has looked at every form up to then.
    pub seen: Timestamp,
}

/// A reason that a clinician marks as known.
#[derive(Debug, Clone, Copy)]
pub struct KnownMark {
    /// Which reason: S2 or S3.
    pub code: Code,
    /// The last day of the mark, six months away at most.
    pub until: Date,
    /// The pain on the form it is marked on, 0 to 10; `None` where none was asked.
    pub score: Option<u8>,
}

/// Confirms a baseline, item by item.
///
/// # Errors
/// `PermissionError::NotSignedIn` or `PermissionError::NotYours` for anyone but a clinician; [`AnswerError::Baseline`]
/// when a sign that is there was passed over; `ContentError::Checklist`; the store's own.
pub fn confirm(
    tx: &mut Tx<'_>,
    patient: PatientId,
    stand: &ClinicalStatement<'_>,
    clinic: &Deps,
) -> Result<(), StepError> {
    let by = permit(tx, Act::ConfirmBaseline)?;
    let checklist = clinic.care.checklists.get(tx, stand.version)?;
    let words = stand.fields.iter().map(|(field, word)| (field.as_str(), word.as_str()));
    let answers = Answers::read(&checklist, words).answers;
    let on = today(tx, clinic)?;
    let baseline = Baseline::confirm(&checklist, answers, stand.choices, Confirmation { by: &by, on })
        .map_err(AnswerError::from)?;
    let row = BaselineRow {
        version: stand.version,
        answers: written(&baseline.answers),
        marks: baseline.marks,
        confirmed_by: by,
        confirmed_on: on,
    };
    tx.insert_baseline(patient, &row)?;
    tx.review_responses_until(patient, stand.seen)?;
    Ok(tx.close_tasks_of(patient, &[TaskKind::BaselineMissing], "a baseline was confirmed")?)
}

/// Why the task opened. Which form it was is looked up where the task is shown: a number of ours says nothing to a person.
const ANSWERED: &str =
    "She answered a form, and no baseline is on record. Say of each sign whether it was known before.";

/// Asks for a baseline when a form came back and none is on record: now there is something to confirm, and a list of a
/// thousand patients taken in at once asks for each as her first form comes, not for all on one day. Confirming one is what
/// ends the task.
///
/// # Errors
/// [`StoreError`] when SQL fails.
pub(in crate::journey) fn ask(tx: &mut Tx<'_>, patient: PatientId) -> Result<(), StoreError> {
    if tx.has_baseline(patient)? {
        return Ok(());
    }
    tx.open_task(&NewTask {
        kind: TaskKind::BaselineMissing,
        cause: Subject::from(patient).to_string(),
        patient: Some(patient),
        follow_up: None,
        reason: ANSWERED.to_owned(),
        due_at: in_days(tx.at(), DAYS),
    })?;
    Ok(())
}

/// The newest confirmed baseline. One that cannot be read is logged and left out: without it the rules are stricter, and
/// neither an answer nor a page is refused for it.
///
/// # Errors
/// [`StoreError`] when SQL fails.
pub fn on_record(view: &View<'_>, patient: PatientId) -> Result<Option<BaselineRow>, StoreError> {
    match view.baseline(patient) {
        Err(fault) if fault.is_unreadable() => {
            tracing::error!(patient = patient.0, %fault, "a baseline cannot be read and is left out");
            Ok(None)
        }
        found => found,
    }
}

/// What is marked as known on that day or later. Marks that cannot be read are logged and left out, as in [`on_record`].
#[must_use]
pub fn marks(view: &View<'_>, patient: PatientId, on: Date) -> Vec<Known> {
    view.known(patient, on).unwrap_or_else(|fault| {
        tracing::error!(patient = patient.0, %fault, "marks of what is known cannot be read");
        Vec::new()
    })
}

/// Marks S2 or S3 as known until a date, six months away at most, at the pain there was on that form (M1).
///
/// # Errors
/// `PermissionError::NotSignedIn`, `PermissionError::NotYours`, [`AnswerError::Known`] for any other reason or date,
/// [`AnswerError::KnownBoneSpread`] where every soon reason is urgent; the store's own.
pub fn known(tx: &mut Tx<'_>, patient: PatientId, mark: KnownMark, clinic: &Deps) -> Result<(), StepError> {
    permit(tx, Act::MarkKnown)?;
    if tx.has_bone_spread(patient)? {
        return Err(AnswerError::KnownBoneSpread.into());
    }
    let from = today(tx, clinic)?;
    Ok(tx.insert_known(
        patient,
        Known::new(mark.code, from, mark.until).map_err(AnswerError::from)?.at(mark.score),
        from,
    )?)
}

/// Notes that bone spread is known: every reason weighs one step more from now on (K1).
///
/// # Errors
/// `PermissionError::NotSignedIn` or `PermissionError::NotYours` for anyone but a clinician; the store's own.
pub fn bone_spread(tx: &mut Tx<'_>, patient: PatientId) -> Result<(), StepError> {
    permit(tx, Act::NoteBoneSpread)?;
    Ok(tx.note_bone_spread(patient)?)
}

/// Withdraws the note that bone spread is known: the rules judge the next answers as if it had never been.
///
/// # Errors
/// `PermissionError::NotSignedIn` or `PermissionError::NotYours` for anyone but a clinician; [`AnswerError::NoReason`] without
/// one, [`AnswerError::NoBoneSpread`] where none is noted; the store's own.
pub fn withdraw_bone_spread(tx: &mut Tx<'_>, patient: PatientId, reason: &str) -> Result<(), StepError> {
    permit(tx, Act::NoteBoneSpread)?;
    if reason.trim().is_empty() {
        return Err(AnswerError::NoReason.into());
    }
    match tx.withdraw_bone_spread(patient, reason.trim())? {
        true => Ok(()),
        false => Err(AnswerError::NoBoneSpread.into()),
    }
}

fn today(tx: &Tx<'_>, clinic: &Deps) -> Result<Date, StepError> {
    Ok(day(tx.at(), &zone(&clinic.policy.zone)?))
}
