//! A pause ends by itself after its last day, and where it cannot a person is asked.

use jiff::ToSpan;
use jiff::tz::TimeZone;

use super::change;
use crate::care::patient::{PatientId, PatientStatus};
use crate::care::task::TaskKind;
use crate::care::time::clock_trust::Trusted;
use crate::journey::deps::Deps;
use crate::journey::errors::step::StepError;
use crate::journey::sending_policy::{day, zone};
use crate::journey::status_change::StatusChange;
use crate::store::db::transaction::{Stamp, Tx};
use crate::store::people::patients::Pause;
use crate::store::subject::Subject;
use crate::store::work::tasks::NewTask;

/// Ends the pauses whose last day is over where she lives: that day belongs to the pause. Returns how many.
///
/// # Errors
/// [`StepError`] when the store fails; a record that cannot be read stays paused and a person is asked.
pub async fn end_pauses(clinic: &Deps, now: Trusted) -> Result<usize, StepError> {
    let now = now.at();
    // No place on Earth is a day ahead of another by more than this.
    let latest = day(now, &zone(&clinic.policy.zone)?).saturating_add(1.day());
    let is_over = |pause: &Pause| {
        let today = day(now, &zone(&pause.zone).unwrap_or(TimeZone::UTC));
        pause.until.is_none_or(|until| today > until)
    };
    let ending = clinic.store.read(|view| view.pauses_ending(latest))?;
    let mut count = 0;
    for id in ending.into_iter().filter(is_over).map(|pause| pause.patient) {
        let back = move |tx: &mut Tx<'_>| {
            let patient = tx.patient(id)?;
            if patient.status != PatientStatus::Paused {
                return Ok(());
            }
            let reason = "the pause is over".to_owned();
            change(
                tx,
                &patient,
                &StatusChange { to: PatientStatus::Active, reason, until: None, confirmed_by: None },
            )
        };
        match clinic.store.write::<_, StepError>(Stamp::daemon(now), back).await {
            Ok(()) => count += 1,
            Err(StepError::Store(fault)) if fault.is_everyones() => return Err(fault.into()),
            Err(fault) => {
                let ask = move |tx: &mut Tx<'_>| stays_paused(tx, id, &fault);
                clinic.store.write(Stamp::daemon(now), ask).await?;
            }
        }
    }
    Ok(count)
}

fn stays_paused(tx: &mut Tx<'_>, patient: PatientId, fault: &StepError) -> Result<(), StepError> {
    let is_new = tx.open_task(&NewTask {
        kind: TaskKind::ReviewPlan,
        cause: Subject::from(patient).part("pause"),
        patient: Some(patient),
        follow_up: None,
        reason: format!("Her pause is over and cannot be ended: {fault}."),
        due_at: tx.at(),
    })?;
    if is_new {
        tracing::error!(patient = patient.0, %fault, "a pause cannot be ended");
    }
    Ok(())
}
