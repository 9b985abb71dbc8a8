//! A recorded death is called a mistake: one person asks, another agrees.

use std::time::Duration;

use jiff::Timestamp;

use crate::care::patient::{Patient, PatientId};
use crate::care::permission::Act;
use crate::care::record::reversal::ReversalEvent;
use crate::care::task::TaskKind;
use crate::care::time::span::later;
use crate::journey::authorize::{has_somebody_for, permit};
use crate::journey::errors::people::status::StatusError;
use crate::journey::errors::step::StepError;
use crate::journey::status_change::StatusChange;
use crate::store::db::transaction::Tx;
use crate::store::people::death_reversals::Reversal;
use crate::store::people::patients::NewStatus;
use crate::store::subject::Subject;
use crate::store::work::tasks::NewTask;

/// The actor asks for a recorded death to be undone, or agrees with whoever asked.
///
/// # Errors
/// `PermissionError::NotSignedIn` where there are accounts and the actor has none; [`StatusError::SecondPerson`] when the
/// one who asked asks again; the store's own.
pub(in crate::journey) fn wish(
    tx: &mut Tx<'_>,
    patient: &Patient,
    change: &StatusChange,
) -> Result<ReversalRequest, StepError> {
    // Where nobody has an account, two different users of the machine are the two people.
    if has_somebody_for(tx, Act::UndoDeath)? {
        permit(tx, Act::UndoDeath)?;
    }
    let open = standing(tx, patient.id)?.filter(|asked| asked.to == change.to);
    match open {
        Some(asked) if asked.asked_by.eq_ignore_ascii_case(&tx.actor().word()) => {
            Err(StepError::Status(StatusError::SecondPerson))
        }
        Some(asked) => {
            tx.answer_reversal(&asked, ReversalEvent::Agree)?;
            tx.close_tasks_of(patient.id, &[TaskKind::DeathInQuestion], "a second person agreed")?;
            Ok(ReversalRequest::Agreed)
        }
        None => ask(tx, patient, change).map(|()| ReversalRequest::Asked),
    }
}

/// What became of a wish to undo a recorded death.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::journey) enum ReversalRequest {
    /// It is on record and waits for a second person.
    Asked,
    /// The actor is the second person.
    Agreed,
}

/// What stands asked; what nobody agreed to in time, or before the clock was set back, is over.
pub(in crate::journey::patients) fn standing(
    tx: &mut Tx<'_>,
    patient: PatientId,
) -> Result<Option<Reversal>, StepError> {
    let Some(asked) = tx.reversal_of(patient)? else { return Ok(None) };
    if is_open(&asked, tx.at()) {
        return Ok(Some(asked));
    }
    tx.answer_reversal(&asked, ReversalEvent::Expire)?;
    tx.close_tasks_of(patient, &[TaskKind::DeathInQuestion], "nobody agreed in time")?;
    Ok(None)
}

fn ask(tx: &mut Tx<'_>, patient: &Patient, change: &StatusChange) -> Result<(), StepError> {
    decline(tx, patient.id)?;
    let until = later(tx.at(), HOLDS);
    let new = NewStatus { to: change.to, reason: change.reason.trim(), suspected_death: None };
    tx.ask_reversal(patient.id, new, until)?;
    let by = tx.actor().name().to_owned();
    tx.open_task(&NewTask {
        kind: TaskKind::DeathInQuestion,
        cause: Subject::from(patient.id).to_string(),
        patient: Some(patient.id),
        follow_up: None,
        reason: format!("{by} says that her death was recorded by mistake: {}", change.reason.trim()),
        due_at: tx.at(),
    })?;
    Ok(())
}

/// Whoever has not been agreed with by then asks again.
pub(in crate::journey::patients) const HOLDS: Duration = Duration::from_secs(7 * 24 * 3600);

/// The record is right, or something else is asked: what stands asked is declined.
pub(in crate::journey) fn decline(tx: &mut Tx<'_>, patient: PatientId) -> Result<(), StepError> {
    if let Some(asked) = tx.reversal_of(patient)? {
        tx.answer_reversal(&asked, ReversalEvent::Decline)?;
        tx.close_tasks_of(patient, &[TaskKind::DeathInQuestion], "it was declined, or asked anew")?;
    }
    Ok(())
}

/// Whether somebody else can still agree.
#[must_use]
pub fn is_open(asked: &Reversal, now: Timestamp) -> bool {
    asked.asked_at <= now && now < asked.expires_at
}
