//! Alerts ring until a signed-in person takes them on (P6). Where each stands is in its row: a restart goes on, a clock
//! that was set back rings rather than waits.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::raise::{UNSORTED, cause};
use super::{Clinic, StepError, settle};
use crate::care::alert::{Event, State};
use crate::care::delivery;
use crate::care::ladder::{Notice, PatientLetter, Progress, Why};
use crate::care::patient::PatientId;
use crate::care::task::Kind;
use crate::care::tier::Tier;
use crate::store::alerts::{Alert, AlertId, Audience, Ending};
use crate::store::notices::{Channel, Told};
use crate::store::staff::Role;
use crate::store::{Stamp, Tx};

mod tell;

pub(super) use tell::{enqueue, item};

/// A wall clock this far behind what was recorded was set back.
const BACK: SignedDuration = SignedDuration::from_mins(10);
/// More steps than any ladder takes at one instant; guards against a rule that does not move on.
const STEPS: usize = 64;

/// Lets every alert ring whose instant has come. Returns how many notices left.
///
/// # Errors
/// [`StepError`] when the store fails; a single bad record does not stop the others.
pub async fn escalate(clinic: &Clinic, now: Timestamp) -> Result<usize, StepError> {
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
async fn mend(clinic: &Clinic, now: Timestamp) -> Result<usize, StepError> {
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
    (clinic, mut stuck): (&Clinic, Stuck),
) -> Result<(usize, Stuck), StepError> {
    let mut total = 0;
    for alert in tx.alerts_due(tx.at(), horizon)? {
        if stuck.contains(&alert.id) {
            continue;
        }
        match tx.shielded(|tx| ring(tx, &alert, clinic)) {
            Ok(notices) => total += notices,
            Err(StepError::Store(fault)) if fault.is_everyones() => return Err(fault.into()),
            Err(fault) => {
                tracing::error!(alert = alert.id.0, %fault, "an alert could not ring; again in a minute");
                let mut later = moved_back(alert, tx.at());
                later.next_notice_at = tx.at().saturating_add(SignedDuration::from_mins(1)).ok();
                if let Err(fault) = tx.shielded(|tx| tx.climb_alert(&later)) {
                    tracing::error!(alert = later.id.0, %fault, "an alert could not be put off");
                    stuck.insert(later.id);
                }
            }
        }
    }
    Ok((total, stuck))
}

/// One alert takes every step that is due, in turn, and says when the next is.
fn ring(tx: &mut Tx<'_>, alert: &Alert, clinic: &Clinic) -> Result<usize, StepError> {
    let now = tx.at();
    let overtaken = is_ahead(alert, now);
    let mut alert = moved_back(alert.clone(), now);
    let mut notices = 0;
    for step in 0..STEPS {
        let Some(notice) = clinic.care.ladder.next(&progress(&alert), now) else { break };
        alert.next_notice_at = Some(notice.at);
        if notice.at > now && !(overtaken && step == 0) {
            break;
        }
        tell::tell(tx, &alert, &notice, clinic)?;
        let event = if notice.why == Why::Again { Event::Repeat } else { Event::Escalate };
        alert.state = alert.state.after(event).unwrap_or(alert.state);
        alert.told = u32::try_from(notice.told).unwrap_or(u32::MAX);
        alert.last_notice_at = Some(now);
        alert.notices += 1;
        notices += 1;
    }
    if alert.next_notice_at.is_none_or(|at| at <= now) {
        alert.next_notice_at = now.saturating_add(SignedDuration::from_mins(1)).ok();
    }
    tx.climb_alert(&alert)?;
    Ok(notices)
}

fn progress(alert: &Alert) -> Progress {
    Progress {
        state: alert.state,
        tier: alert.tier.unwrap_or(UNSORTED),
        raised_at: alert.ringing_since,
        told: usize::try_from(alert.told).unwrap_or(usize::MAX),
        last_at: alert.last_notice_at,
    }
}

fn is_ahead(alert: &Alert, now: Timestamp) -> bool {
    let newest = alert.last_notice_at.unwrap_or(alert.ringing_since).max(alert.ringing_since);
    newest.duration_since(now) > BACK
}

/// The same alert, as if nothing of it lay in the future.
fn moved_back(alert: Alert, now: Timestamp) -> Alert {
    Alert {
        ringing_since: alert.ringing_since.min(now),
        last_notice_at: alert.last_notice_at.map(|at| at.min(now)),
        ..alert
    }
}

/// [`acknowledge`] for the edge: whoever is stamped takes the alert on.
///
/// # Errors
/// As [`acknowledge`].
pub async fn take_on(clinic: &Clinic, stamp: Stamp, id: AlertId) -> Result<Alert, StepError> {
    clinic.store.write(stamp, move |tx| acknowledge(tx, id)).await
}

/// [`close`] for the edge: whoever is stamped ends the alert.
///
/// # Errors
/// As [`close`].
pub async fn end(clinic: &Clinic, stamp: Stamp, id: AlertId, ending: Ending) -> Result<Alert, StepError> {
    clinic.store.write(stamp, move |tx| close(tx, id, &ending)).await
}

/// The signed-in actor takes an alert on: it never rings again, and what still waits to ring is withdrawn.
///
/// # Errors
/// [`StepError::NotSignedIn`] for anyone but staff; [`StepError::AlertIs`] when it does not ring.
pub fn acknowledge(tx: &mut Tx<'_>, id: AlertId) -> Result<Alert, StepError> {
    signed_in(tx)?;
    let alert = tx.alert(id)?;
    if alert.state.after(Event::Acknowledge).is_none() {
        return Err(StepError::AlertIs(id.0, alert.state.word()));
    }
    let by = tx.actor().to_owned();
    quiet(tx, id, &by)?;
    Ok(tx.alert(id)?)
}

/// The actor has read her unsorted answers: their alerts ring no more.
pub(super) fn was_read(tx: &mut Tx<'_>, patient: PatientId) -> Result<(), StepError> {
    let by = tx.actor().to_owned();
    for alert in tx.alerts_open_of(patient)? {
        if alert.tier.is_none() && alert.state == State::Raised {
            quiet(tx, alert.id, &by)?;
        }
    }
    Ok(())
}

fn quiet(tx: &mut Tx<'_>, id: AlertId, by: &str) -> Result<(), StepError> {
    tx.acknowledge_alert(id, by)?;
    tx.drop_calls(id)?;
    for letter in tx.alert_letters_waiting(id, None)? {
        let letter = tx.delivery(letter)?;
        if letter.state == delivery::State::Pending {
            settle::skip(tx, &letter, "a person took the alert on")?;
        }
    }
    Ok(())
}

/// The signed-in actor ends an acknowledged alert with what was done and what it was.
///
/// # Errors
/// [`StepError::NotSignedIn`], [`StepError::DoctorCloses`], [`StepError::NothingDone`], or [`StepError::AlertIs`] when
/// nobody acknowledged it yet.
pub fn close(tx: &mut Tx<'_>, id: AlertId, ending: &Ending) -> Result<Alert, StepError> {
    let role = signed_in(tx)?;
    let alert = tx.alert(id)?;
    if !may_close(role, alert.tier) {
        return Err(StepError::DoctorCloses);
    }
    if alert.state.after(Event::Close).is_none() {
        return Err(StepError::AlertIs(id.0, alert.state.word()));
    }
    if ending.dispositions.is_empty() {
        return Err(StepError::NothingDone);
    }
    tx.close_alert(id, ending)?;
    tx.review_responses(id)?;
    tx.close_tasks_caused(Kind::ReadAnswer, &cause(id), "its alert was closed")?;
    Ok(tx.alert(id)?)
}

/// The canary plays the person; only its own alerts, never a patient's.
pub(super) fn play(tx: &mut Tx<'_>, id: AlertId, ending: &Ending) -> Result<(), StepError> {
    let alert = tx.alert(id)?;
    if alert.audience != Audience::Canary {
        return Err(StepError::NotSignedIn);
    }
    tx.acknowledge_alert(id, "canary")?;
    tx.close_alert(id, ending)?;
    tx.review_responses(id)?;
    Ok(())
}

/// Who may close what: an emergency or urgent alert is closed by a doctor or above, any other by everyone who signs in.
#[must_use]
pub fn may_close(role: Role, tier: Option<Tier>) -> bool {
    role >= Role::Doctor || tier.is_none_or(|tier| tier < Tier::Urgent)
}

fn signed_in(tx: &Tx<'_>) -> Result<Role, StepError> {
    let name = tx.actor().strip_prefix("staff:").unwrap_or_default().to_owned();
    let on = tx.staff_named(&name)?.filter(|staff| staff.disabled_at.is_none());
    on.map(|staff| staff.role).ok_or(StepError::NotSignedIn)
}

const fn why_word(why: Why) -> &'static str {
    match why {
        Why::Rung(_) => "rung",
        Why::Everyone => "everyone",
        Why::Again => "again",
    }
}

#[cfg(test)]
mod tests;
