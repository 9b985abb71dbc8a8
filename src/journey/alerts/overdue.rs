//! An alert that was taken on and stands open when its clock runs out: whoever has it is told, and if that is in vain it
//! rings the ladder as if it had just been raised.

use jiff::Timestamp;

use crate::care::alert::lifecycle::{AcknowledgedAlert, AlertEvent, AlertState};
use crate::care::alert::rung::Identity;
use crate::care::time::clock_trust;
use crate::care::time::span::later;
use crate::journey::alerts::cause::UNSORTED;
use crate::journey::alerts::notify;
use crate::journey::alerts::ring::{ring, withdraw};
use crate::journey::deps::Deps;
use crate::journey::errors::alert::AlertError;
use crate::journey::errors::step::StepError;
use crate::store::alerts::lifecycle::Alert;
use crate::store::alerts::notices::{Channel, NoticeReason, SentNotice};
use crate::store::db::transaction::Tx;

/// Reminds the owner, or raises the alert again: when the owner was reminded already, cannot be written to, or took it on
/// under a clock that was wrong.
pub(in crate::journey::alerts) fn left(
    tx: &mut Tx<'_>,
    alert: &Alert,
    clinic: &Deps,
) -> Result<usize, StepError> {
    let is_ahead = alert.acknowledged.as_ref().is_some_and(|(_, at)| clock_trust::is_ahead(*at, tx.at()));
    if !is_ahead && let Some(at) = has_time(tx.at(), alert, clinic) {
        tx.set_clock(alert.id, at)?;
        return Ok(0);
    }
    let owner = if is_ahead || alert.owner_told_at.is_some() { None } else { owner(tx, alert)? };
    match owner.filter(|_| alert.state.after(AlertEvent::Remind).is_some()) {
        Some(owner) => remind(tx, alert, &owner, clinic).map(|()| 1),
        None => raise_again(tx, alert, clinic),
    }
}

/// Until when whoever took the alert on has time, if that is not over.
fn has_time(now: Timestamp, alert: &Alert, clinic: &Deps) -> Option<Timestamp> {
    let (_, at) = alert.acknowledged.as_ref().filter(|_| alert.owner_told_at.is_none())?;
    let tier = alert.tier.unwrap_or(UNSORTED);
    let taken = AcknowledgedAlert { tier, due_at: alert.due_at, acknowledged_at: *at };
    let patience = clinic.care.ladder.patience(tier);
    Some(taken.remind_at(patience, &clinic.care.days)).filter(|at| *at > now)
}

fn remind(tx: &mut Tx<'_>, alert: &Alert, owner: &Identity, clinic: &Deps) -> Result<(), StepError> {
    let next = later(tx.at(), clinic.care.ladder.patience(alert.tier.unwrap_or(UNSORTED)));
    tx.remind_owner(alert.id, next)?;
    let letter = notify::to_owner(tx, alert, owner, clinic)?;
    let told = SentNotice {
        why: NoticeReason::Owner,
        round: alert.round,
        rung: Some(owner.clone()),
        channel: Channel::Email(letter),
    };
    Ok(tx.note_notice(alert.id, &told)?)
}

fn raise_again(tx: &mut Tx<'_>, alert: &Alert, clinic: &Deps) -> Result<usize, StepError> {
    if alert.state.after(AlertEvent::Reopen) != Some(AlertState::Raised) {
        return Err(AlertError::AlertIs(alert.id.0, alert.state.word()).into());
    }
    withdraw(tx, alert.id, "the alert was raised again")?;
    tx.reopen_alert(alert.id)?;
    tracing::warn!(alert = alert.id.0, "an alert was taken on and left: it rings again");
    ring(tx, &tx.alert(alert.id)?, clinic)
}

/// Whoever has the alert, if there is an account to write to.
fn owner(tx: &Tx<'_>, alert: &Alert) -> Result<Option<Identity>, StepError> {
    let Some((by, _)) = &alert.acknowledged else { return Ok(None) };
    let Some(name) = by.strip_prefix("staff:") else { return Ok(None) };
    let account = tx.staff_named(name)?.filter(|staff| staff.disabled_at.is_none());
    Ok(account.map(|staff| Identity { id: None, name: staff.name, address: staff.email }))
}
