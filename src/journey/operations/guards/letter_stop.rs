//! Letters of a kind are stopped, and started again: by a person, at once, and undone by as little. Letters that wait are not
//! lost; what loses its use meanwhile lapses with a task, as always. One task stands for each stop, so that none is forgotten.

use crate::care::guards::stop_kind::{KnownLetters, StopKind};
use crate::care::permission::Act;
use crate::care::plan::protocol::Trigger;
use crate::care::task::TaskKind;
use crate::journey::authorize::permit_account;
use crate::journey::deps::Deps;
use crate::journey::errors::guard::GuardError;
use crate::journey::errors::step::StepError;
use crate::letter::proof::samples;
use crate::store::audit_action::AuditAction;
use crate::store::db::transaction::{Tx, View};
use crate::store::subject::Subject;
use crate::store::work::tasks::NewTask;

/// The letters that this clinic writes: those that ship, and the steps of every protocol that was published.
///
/// # Errors
/// [`StepError`] when the store fails.
pub fn known(view: &View<'_>, clinic: &Deps) -> Result<KnownLetters, StepError> {
    let mut known = KnownLetters::default();
    for (name, kinds) in samples::STEPS {
        let whose = if kinds.contains(&"staff") { &mut known.staff } else { &mut known.patients };
        whose.insert((*name).to_owned());
    }
    for version in view.protocol_versions()? {
        // One that cannot be read has a task of its own, and its letters do not leave.
        let Ok(protocol) = clinic.protocol_cache.get(view, version.id) else { continue };
        let steps = protocol.on_record().flat_map(|series| Trigger::ALL.map(|when| series.steps(when)));
        let letters = steps.flatten().filter(|step| !step.is_staff_task());
        known.patients.extend(letters.map(|step| step.name.clone()));
    }
    Ok(known)
}

/// The kind of that word.
///
/// # Errors
/// [`GuardError`] when there is none that can be stopped; the store's own.
pub fn kind(view: &View<'_>, clinic: &Deps, word: &str) -> Result<StopKind, StepError> {
    Ok(StopKind::parse(word, &known(view, clinic)?).map_err(|fault| GuardError::of(fault, word))?)
}

/// Stops a kind of letters. Returns how many in the outbox wait for it from now on.
///
/// # Errors
/// `PermissionError`; [`GuardError::Stopped`]; the store's own.
pub fn stop(tx: &mut Tx<'_>, kind: &StopKind, reason: &str) -> Result<u32, StepError> {
    permit_account(tx, Act::StopLetters)?;
    put_in_force(tx, kind, reason)?.ok_or_else(|| GuardError::Stopped(kind.word().to_owned()).into())
}

/// Stops a kind of letters, whoever asks. Returns how many wait for it; `None` where it is stopped already.
///
/// # Errors
/// [`StepError`] when the store fails.
pub(in crate::journey::operations) fn put_in_force(
    tx: &mut Tx<'_>,
    kind: &StopKind,
    reason: &str,
) -> Result<Option<u32>, StepError> {
    if !tx.stop_letters(kind, reason)? {
        return Ok(None);
    }
    let waiting = tx.letters_of_kind(kind)?;
    let subject = Subject::LetterKind(kind.word().to_owned());
    tx.open_task(&NewTask {
        kind: TaskKind::LettersStopped,
        cause: subject.to_string(),
        patient: None,
        follow_up: None,
        reason: format!("Letters of the kind {} are stopped.", kind.word()),
        due_at: tx.at(),
    })?;
    let detail = serde_json::json!({ "waiting": waiting, "has_reason": !reason.is_empty() });
    tx.audit(AuditAction::LettersStopped, subject, &detail)?;
    tracing::warn!(kind = kind.word(), waiting, "letters of a kind are stopped");
    Ok(Some(waiting))
}

/// Starts a kind of letters again: whatever waited for it goes at its next open hour, if it is still of use. Returns how many
/// letters those are. Whoever stopped it may; else a lead, as for whatever is held.
///
/// # Errors
/// `PermissionError`; [`GuardError::NotStopped`]; the store's own.
pub fn start(tx: &mut Tx<'_>, kind: &StopKind) -> Result<u32, StepError> {
    let own =
        tx.letter_stops()?.iter().any(|stop| stop.kind == *kind && stop.stopped_by == tx.actor().word());
    permit_account(tx, if own { Act::StopLetters } else { Act::EndHold })?;
    if !tx.start_letters(kind)? {
        return Err(GuardError::NotStopped(kind.word().to_owned()).into());
    }
    let waiting = tx.letters_of_kind(kind)?;
    tx.look_at_held_back()?;
    let subject = Subject::LetterKind(kind.word().to_owned());
    tx.close_tasks_caused(TaskKind::LettersStopped, &subject.to_string(), "started again")?;
    tx.audit(AuditAction::LettersStarted, subject, &serde_json::json!({ "waiting": waiting }))?;
    tracing::info!(kind = kind.word(), waiting, "letters of a kind go on");
    Ok(waiting)
}
