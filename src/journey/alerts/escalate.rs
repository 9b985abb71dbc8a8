//! Alerts ring until a signed-in person takes them on, and again when whoever took one on leaves it (P6). Where each stands
//! is in its row: a restart goes on, a clock that was set back rings rather than waits.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use crate::care::alert::escalation::{EscalationProgress, EscalationReason};
use crate::care::alert::lifecycle::{AlertEvent, AlertState};
use crate::journey::answers::raise_alert::UNSORTED;
use crate::journey::delivery::outcome;
use crate::journey::{Deps, StepError};
use crate::store::alerts::alerts::{Alert, AlertId};
use crate::store::{Stamp, Tx};

#[cfg(test)]
mod tests;

pub use crate::journey::alerts::acknowledge::{acknowledge, close, end, keep, renew, take_on};
pub(in crate::journey) use crate::journey::alerts::acknowledge::{play, was_read};
pub(in crate::journey) use crate::journey::alerts::notify::{enqueue, item};
pub(in crate::journey) use crate::journey::alerts::unreachable_rung::rung_refused;

/// A wall clock this far behind what was recorded was set back.
pub(in crate::journey::alerts) const BACK: SignedDuration = SignedDuration::from_mins(10);
/// More steps than any ladder takes at one instant; guards against a rule that does not move on.
const STEPS: usize = 64;

/// Lets every alert ring whose instant has come. Returns how many notices left.
///
/// # Errors
/// [`StepError`] when the store fails; a single bad record does not stop the others.
pub async fn escalate(clinic: &Deps, now: Timestamp) -> Result<usize, StepError> {
    crate::journey::alerts::unreachable_rung::look(clinic, now).await?;
    let horizon = now.saturating_add(BACK).unwrap_or(Timestamp::MAX);
    let mut total = mend(clinic, now).await.map(|_| 0)?;
    let mut stuck = BTreeSet::new();
    for _ in 0..10_000 {
        let due = clinic.store.read(|view| view.alerts_due(now, horizon))?;
        if due.iter().all(|alert| stuck.contains(&alert.id)) {
            break;
        }
        let (steps, known) = (clinic.clone(), stuck);
        let job = move |tx: &mut Tx<'_>| round(tx, horizon, (&steps, known));
        let notices;
        (notices, stuck) = clinic.store.write(Stamp::daemon(now), job).await?;
        total += notices;
    }
    if total > 0 {
        clinic.bells.letters.notify_one();
    }
    Ok(total)
}

/// An alert whose row cannot be read rings as the most urgent it may be.
async fn mend(clinic: &Deps, now: Timestamp) -> Result<usize, StepError> {
    if clinic.store.read(|view| view.alerts_in_doubt())?.is_empty() {
        return Ok(0);
    }
    let job = |tx: &mut Tx<'_>| -> Result<usize, StepError> {
        let in_doubt = tx.alerts_in_doubt()?;
        for id in &in_doubt {
            if let Err(fault) = tx.shielded(|tx| tx.mend_alert(*id)) {
                tracing::error!(alert = id.0, %fault, "an alert that cannot be read could not be mended");
            }
        }
        Ok(in_doubt.len())
    };
    clinic.store.write(Stamp::daemon(now), job).await
}

type Stuck = BTreeSet<AlertId>;

/// Alerts that could neither ring nor be put off are given with the count, so that they do not ring round and round.
fn round(
    tx: &mut Tx<'_>,
    horizon: Timestamp,
    (clinic, mut stuck): (&Deps, Stuck),
) -> Result<(usize, Stuck), StepError> {
    let mut total = 0;
    for alert in tx.alerts_due(tx.at(), horizon)? {
        if stuck.contains(&alert.id) {
            continue;
        }
        let step = |tx: &mut Tx<'_>| match alert.state {
            AlertState::Acknowledged => crate::journey::alerts::overdue::left(tx, &alert, clinic),
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
                    stuck.insert(id);
                }
            }
        }
    }
    Ok((total, stuck))
}

fn again_in_a_minute(tx: &mut Tx<'_>, alert: Alert) -> Result<(), StepError> {
    let next = tx.at().saturating_add(SignedDuration::from_mins(1)).unwrap_or(Timestamp::MAX);
    if alert.state == AlertState::Acknowledged {
        tx.remind_owner(alert.id, next)?;
        return Ok(());
    }
    let mut later = moved_back(alert, tx.at());
    later.next_notice_at = Some(next);
    tx.climb_alert(&later)?;
    Ok(())
}

/// One alert takes every step that is due, in turn, and says when the next is.
pub(in crate::journey::alerts) fn ring(
    tx: &mut Tx<'_>,
    alert: &Alert,
    clinic: &Deps,
) -> Result<usize, StepError> {
    let (now, ladder) = (tx.at(), &clinic.care.ladder);
    let overtaken = is_ahead(alert, now);
    let mut alert = moved_back(alert.clone(), now);
    let mut progress = progress(tx, &alert)?;
    let mut notices = 0;
    for step in 0..STEPS {
        let Some(notice) = ladder.next(&progress, now) else { break };
        alert.next_notice_at = Some(notice.at);
        if notice.at > now && !(overtaken && step == 0) {
            break;
        }
        crate::journey::alerts::notify::tell(tx, &alert, &notice, clinic)?;
        let event =
            if notice.why == EscalationReason::Again { AlertEvent::Repeat } else { AlertEvent::Escalate };
        alert.state = alert.state.after(event).unwrap_or(alert.state);
        progress = progress.after((&notice, ladder), now);
        notices += 1;
    }
    if notices > 0 {
        tx.remember_told(alert.id, &progress.told)?;
    }
    if alert.next_notice_at.is_none_or(|at| at <= now) {
        alert.next_notice_at = now.saturating_add(SignedDuration::from_mins(1)).ok();
    }
    (alert.climbed_at, alert.everyone_at) = (progress.climbed_at, progress.everyone_at);
    alert.last_notice_at = progress.last_at;
    alert.notices = alert.notices.saturating_add(u32::try_from(notices).unwrap_or(u32::MAX));
    tx.climb_alert(&alert)?;
    Ok(notices)
}

fn progress(tx: &Tx<'_>, alert: &Alert) -> Result<EscalationProgress, StepError> {
    Ok(EscalationProgress {
        state: alert.state,
        tier: alert.tier.unwrap_or(UNSORTED),
        raised_at: alert.ringing_since,
        told: tx.told_of(alert.id)?,
        climbed_at: alert.climbed_at,
        everyone_at: alert.everyone_at,
        patient_at: tx.patient_told_at(alert.id)?,
        last_at: alert.last_notice_at,
        unreachable: tx.rung_faults()?.into_iter().map(|fault| fault.address).collect(),
    })
}

fn is_ahead(alert: &Alert, now: Timestamp) -> bool {
    let newest = alert.last_notice_at.unwrap_or(alert.ringing_since).max(alert.ringing_since);
    newest.duration_since(now) > BACK
}

/// The same alert, as if nothing of it lay in the future.
fn moved_back(alert: Alert, now: Timestamp) -> Alert {
    let cap = |at: Option<Timestamp>| at.map(|at| at.min(now));
    Alert {
        ringing_since: alert.ringing_since.min(now),
        climbed_at: cap(alert.climbed_at),
        everyone_at: cap(alert.everyone_at),
        last_notice_at: cap(alert.last_notice_at),
        ..alert
    }
}

/// Takes what still waits to tell of an alert out of both outboxes. What a line holds is stopped by the last look.
pub(in crate::journey::alerts) fn withdraw(
    tx: &mut Tx<'_>,
    id: AlertId,
    reason: &str,
) -> Result<(), StepError> {
    tx.withdraw_calls(id)?;
    for letter in tx.alert_letters_waiting(id, None)? {
        let letter = tx.delivery(letter)?;
        if letter.state == crate::care::delivery::DeliveryState::Pending {
            outcome::skip(tx, &letter, reason)?;
        }
    }
    Ok(())
}

pub(in crate::journey::alerts) const fn why_word(why: EscalationReason) -> &'static str {
    match why {
        EscalationReason::Rung(_) => "rung",
        EscalationReason::Everyone => "everyone",
        EscalationReason::Again => "again",
    }
}
