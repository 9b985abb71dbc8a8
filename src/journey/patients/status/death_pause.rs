//! Letters wait while nobody knows whether she lives: a letter to a home in mourning is cruel, and a pause is undone with one click.

use super::put_on_record;
use crate::care::patient::{Patient, PatientId, PatientStatus};
use crate::care::record::suspected_death::SuspectedDeath;
use crate::care::task::TaskKind;
use crate::journey::errors::step::StepError;
use crate::journey::status_change::StatusChange;
use crate::store::db::transaction::Tx;
use crate::store::mail::delivery::Delivery;
use crate::store::people::preferences::LetterKind;
use crate::store::subject::Subject;
use crate::store::work::tasks::NewTask;

/// Whether letters to her, or what people are asked about her, have to wait for news that she may have died: not where her death
/// is known or already suspected, nor where her plan stands and no letter goes anyway. Whoever wants no letters is rung for her plan,
/// and is written to when she asks for something: that waits too.
pub(in crate::journey::patients) fn may_begin(patient: &Patient) -> bool {
    patient.status.keeps_plan() && !patient.may_have_died()
}

/// Letters to her wait until somebody has found out; neither a day nor a new address ends that.
pub(in crate::journey::patients) fn begin(
    tx: &mut Tx<'_>,
    patient: &Patient,
    why: SuspectedDeath,
) -> Result<(), StepError> {
    begin_because(tx, patient, why, why.reason().to_owned())?;
    if patient.status == PatientStatus::OptedOutEmail {
        // Her wish stands, whoever lets letters go on.
        for kind in LetterKind::ALL {
            tx.decline(patient.id, kind)?;
        }
    }
    Ok(())
}

/// As [`begin`], with a reason that says more.
pub(in crate::journey) fn begin_because(
    tx: &mut Tx<'_>,
    patient: &Patient,
    why: SuspectedDeath,
    reason: String,
) -> Result<(), StepError> {
    let to = PatientStatus::Paused;
    put_on_record(tx, patient, &StatusChange { to, reason, until: None, confirmed_by: None }, Some(why))
}

/// Whoever is taken in again may have died as she stood when a backup was restored that did not have her.
pub(in crate::journey) fn of_before(tx: &mut Tx<'_>, id: PatientId) -> Result<(), StepError> {
    let patient = tx.patient(id)?;
    let before = tx.prior_status(&patient.reference)?;
    match before.and_then(|before| before.suspected_death) {
        Some(why) if may_begin(&patient) => begin(tx, &patient, why),
        _ => Ok(()),
    }
}

/// The server of the mailbox that a letter went to says that its owner has died. Nothing changes where that mailbox is not hers, or
/// not any more.
pub(in crate::journey) fn of_owner(tx: &mut Tx<'_>, letter: &Delivery) -> Result<(), StepError> {
    let Some(id) = letter.patient.filter(|_| letter.is_to_patient()) else { return Ok(()) };
    let patient = tx.patient(tx.record_that_stays(id)?)?;
    let own = patient.email.as_ref().filter(|_| patient.proxy.is_none()).map(|email| email.expose());
    if own.is_none() || own != letter.recipient.as_deref() || !may_begin(&patient) {
        return Ok(());
    }
    if let Err(fault) = tx.shielded(|tx| begin(tx, &patient, SuspectedDeath::Message)) {
        tracing::error!(patient = id.0, %fault, "a patient who may have died could not be paused");
    }
    Ok(())
}

/// Whoever is taken in, or corrected, with name and birth date of a woman who is recorded as dead may be that woman under another
/// code: no letter leaves until a person says that it is somebody else. Gives back whether somebody is asked.
pub(in crate::journey) fn of_alike(tx: &mut Tx<'_>, id: PatientId) -> Result<bool, StepError> {
    let patient = tx.patient(id)?;
    let alike = tx.alike(id, &patient.name, patient.birth_on)?;
    let has_died = |other: &&(PatientId, String)| {
        tx.patient(other.0).is_ok_and(|other| other.status == PatientStatus::Deceased)
    };
    let Some((late, code)) = alike.iter().find(has_died) else { return Ok(false) };
    if !may_begin(&patient) {
        return Ok(false);
    }
    tx.open_task(&NewTask {
        kind: TaskKind::DeathSuspected,
        cause: Subject::from(id).part(format_args!("alike/{}", late.0)),
        patient: Some(id),
        follow_up: None,
        reason: format!(
            "{code} has the same name and birth date and is recorded as deceased. If this is another woman, let letters to her go on."
        ),
        due_at: tx.at(),
    })?;
    begin(tx, &patient, SuspectedDeath::Alike)?;
    Ok(true)
}
