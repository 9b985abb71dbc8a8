//! Two records with the same name and birth date may be one person: she would get every letter twice, and after her death
//! one record would still write to her family. A task asks a person to compare them; nothing is merged by itself.

use jiff::civil::Date;

use crate::care::patient::{Patient, PatientId, PatientStatus, PreferredName, Reference};
use crate::care::task::TaskKind;
use crate::care::time::span::later;
use crate::journey::errors::people::record::RecordError;
use crate::journey::errors::step::StepError;
use crate::store::db::transaction::{Tx, View};
use crate::store::people::patients::Newcomer;
use crate::store::subject::Subject;
use crate::store::work::tasks::NewTask;

/// A day to compare two records; a death cannot wait so long.
const TIME_TO_COMPARE: std::time::Duration = std::time::Duration::from_secs(86_400);

/// Somebody to take in as she was known to stand when a backup was restored that did not have her: whoever left or died before
/// is not written to because an old list says that she is active.
pub(in crate::journey) fn as_before(view: &View<'_>, newcomer: &Newcomer) -> Result<Newcomer, StepError> {
    let before = view.prior_status(&newcomer.reference)?;
    // Whoever may have died then is paused for that once she is on record.
    let before = before.filter(|before| before.suspected_death.is_none() && !before.status.may_receive());
    let before = before.map(|before| before.status);
    let status = before.filter(|_| newcomer.status.may_receive()).unwrap_or(newcomer.status);
    Ok(Newcomer { status, ..newcomer.clone() })
}

/// Asks a person to compare a record, new or corrected, with those that look like it; once for all of them.
pub(in crate::journey) fn suspect(
    tx: &mut Tx<'_>,
    id: PatientId,
    name: &PreferredName,
    birth_on: Date,
) -> Result<(), StepError> {
    let others = tx.alike(id, name, birth_on)?;
    let Some((first, other)) = others.first() else { return Ok(()) };
    let task = NewTask {
        kind: TaskKind::DuplicateSuspected,
        cause: Subject::from(PatientId(first.0.min(id.0))).part("alike"),
        patient: Some(id),
        follow_up: None,
        reason: format!("Same name and birth date as {other}."),
        due_at: later(tx.at(), TIME_TO_COMPARE),
    };
    tx.open_task(&task)?;
    Ok(())
}

/// Asks of each record that looks like hers and is recorded as deceased, however long ago: she may be that woman.
pub(in crate::journey) fn ask_of_the_dead(tx: &mut Tx<'_>, of: &Patient) -> Result<(), StepError> {
    for (id, _) in tx.alike(of.id, &of.name, of.birth_on)? {
        if tx.patient(id).is_ok_and(|other| other.status == PatientStatus::Deceased) {
            ask_after_death(tx, id)?;
        }
    }
    Ok(())
}

/// A death was recorded: whoever looks like her and still gets letters may be her.
pub(in crate::journey) fn ask_after_death(tx: &mut Tx<'_>, late: PatientId) -> Result<(), StepError> {
    let late = tx.patient(late)?;
    for (id, _) in tx.alike(late.id, &late.name, late.birth_on)? {
        // One whose record cannot be read may well be her.
        let keeps_plan = match tx.patient(id) {
            Err(fault) if fault.is_unreadable() => true,
            other => other?.status.keeps_plan(),
        };
        if keeps_plan {
            let reason = format!(
                "{} has the same name and birth date and is recorded as deceased.",
                late.reference.as_str()
            );
            tx.open_task(&NewTask {
                kind: TaskKind::DuplicateSuspected,
                cause: Subject::from(id).part(format_args!("alike/{}", late.id.0)),
                patient: Some(id),
                follow_up: None,
                reason,
                due_at: tx.at(),
            })?;
        }
    }
    Ok(())
}

/// Whose case code is taken is told that first: the address that she shares with herself says nothing.
///
/// # Errors
/// [`RecordError::HasDied`] where her death is on record, else [`RecordError::Duplicate`]; the store's own.
pub(in crate::journey) fn refuse_known(view: &View<'_>, reference: &Reference) -> Result<(), StepError> {
    if !view.is_known(reference)? {
        return Ok(());
    }
    let code = reference.as_str().to_owned();
    let known = view.patient_by_reference(reference);
    let has_died = known.is_ok_and(|known| known.status == PatientStatus::Deceased);
    Err(if has_died { RecordError::HasDied(code) } else { RecordError::Duplicate(code) }.into())
}

/// The case code of somebody whose record was erased is given to nobody: her name is gone, and a list from elsewhere must not
/// bring her back.
///
/// # Errors
/// [`RecordError::Erased`]; the store's own.
pub(in crate::journey) fn refuse_erased(view: &View<'_>, reference: &Reference) -> Result<(), StepError> {
    match view.erased_under(reference)? {
        Some(_) => Err(RecordError::Erased(reference.as_str().to_owned()).into()),
        None => Ok(()),
    }
}

/// Nor is one that reads like a husk's.
///
/// # Errors
/// [`RecordError::Erased`].
pub(in crate::journey) fn refuse_name_of_husk(reference: &Reference) -> Result<(), RecordError> {
    let husk = reference.as_str().strip_prefix("erased-").and_then(|id| id.parse::<i64>().ok());
    husk.map_or(Ok(()), |_| Err(RecordError::Erased(reference.as_str().to_owned())))
}
