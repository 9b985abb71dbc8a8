//! Alerts ring until a signed-in person takes them on, and again when whoever took one on leaves it (P6). Where each stands
//! is in its row: a restart goes on, a clock that was set back rings rather than waits.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use crate::care::alert::lifecycle::AlertState;
use crate::care::time::clock_trust::BACK;
use crate::care::time::span::later;
use crate::journey::alerts::ring::{moved_back, ring};
use crate::journey::alerts::{overdue, unreachable_rung};
use crate::journey::deps::Deps;
use crate::journey::errors::step::StepError;
use crate::store::alerts::lifecycle::{Alert, AlertId};
use crate::store::db::transaction::{Stamp, Tx};

#[cfg(test)]
mod tests;

/// Lets every alert ring whose instant has come. Returns how many notices left.
///
/// # Errors
/// [`StepError`] when the store fails; a single bad record does not stop the others.
pub async fn escalate(clinic: &Deps, now: Timestamp) -> Result<usize, StepError> {
    let horizon = later(now, BACK);
    // A fault of what is put in order here is told once the alerts have rung: it keeps none of them from it.
    let looked = unreachable_rung::look(clinic, now).await;
    let mended = mend(clinic, now).await;
    let mut total = 0;
    let mut stuck = BTreeSet::new();
    for _ in 0..10_000 {
        let due = clinic.store.read(|view| view.alerts_due(now, horizon))?;
        if due.iter().all(|alert| stuck.contains(&alert.id)) {
            break;
        }
        let (steps, known) = (clinic.clone(), stuck);
        let job = move |tx: &mut Tx<'_>| round(tx, horizon, &steps, known);
        let notices;
        (notices, stuck) = clinic.store.write(Stamp::daemon(now), job).await?;
        total += notices;
    }
    if total > 0 {
        clinic.bells.letters.notify_one();
    }
    looked.and(mended).map(|()| total)
}

/// An alert whose row cannot be read rings as the most urgent it may be.
async fn mend(clinic: &Deps, now: Timestamp) -> Result<(), StepError> {
    if clinic.store.read(|view| view.alerts_in_doubt())?.is_empty() {
        return Ok(());
    }
    let job = |tx: &mut Tx<'_>| -> Result<(), StepError> {
        for id in tx.alerts_in_doubt()? {
            if let Err(fault) = tx.shielded(|tx| tx.mend_alert(id)) {
                tracing::error!(alert = id.0, %fault, "an alert that cannot be read could not be mended");
            }
        }
        Ok(())
    };
    clinic.store.write(Stamp::daemon(now), job).await
}

type Stuck = BTreeSet<AlertId>;

/// Alerts that could not ring are given with the count, so that they do not go round and round: some stay due though they are put
/// off, because the clock runs behind them.
fn round(
    tx: &mut Tx<'_>,
    horizon: Timestamp,
    clinic: &Deps,
    mut stuck: Stuck,
) -> Result<(usize, Stuck), StepError> {
    let mut total = 0;
    for alert in tx.alerts_due(tx.at(), horizon)? {
        if stuck.contains(&alert.id) {
            continue;
        }
        let step = |tx: &mut Tx<'_>| match alert.state {
            AlertState::Acknowledged => overdue::left(tx, &alert, clinic),
            AlertState::Raised | AlertState::Closed => ring(tx, &alert, clinic),
        };
        match tx.shielded(step) {
            Ok(notices) => total += notices,
            Err(StepError::Store(fault)) if fault.is_everyones() => return Err(fault.into()),
            Err(fault) => {
                tracing::error!(alert = alert.id.0, %fault, "an alert could not ring; again in a minute");
                let id = alert.id;
                if let Err(fault) = tx.shielded(|tx| again_in_a_minute(tx, alert)) {
                    tracing::error!(alert = id.0, %fault, "an alert could not be put off");
                }
                stuck.insert(id);
            }
        }
    }
    Ok((total, stuck))
}

fn again_in_a_minute(tx: &mut Tx<'_>, alert: Alert) -> Result<(), StepError> {
    let next = later(tx.at(), SignedDuration::from_mins(1));
    if alert.state == AlertState::Acknowledged {
        // Nobody was told yet: no more is said than that it waits.
        return Ok(tx.set_clock(alert.id, next)?);
    }
    let mut later = moved_back(alert, tx.at());
    later.next_notice_at = Some(next);
    tx.climb_alert(&later)?;
    Ok(())
}
