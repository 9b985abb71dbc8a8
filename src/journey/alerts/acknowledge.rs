//! What a person does about an alert: takes it on, says that it is in hand, closes it (P6).

use crate::care::alert::lifecycle::{AlertEvent, AlertState, renewed_until};
use crate::care::alert::rung::Identity;
use crate::care::patient::PatientId;
use crate::care::permission::Act;
use crate::care::task::TaskKind;
use crate::journey::alerts::cause::{UNSORTED, cause};
use crate::journey::alerts::notify;
use crate::journey::alerts::ring::withdraw;
use crate::journey::authorize::permit;
use crate::journey::deps::Deps;
use crate::journey::errors::alert::AlertError;
use crate::journey::errors::permission::PermissionError;
use crate::journey::errors::step::StepError;
use crate::journey::owner_seen::OwnerSeen;
use crate::store::alerts::lifecycle::{Alert, AlertClosure, AlertId, Audience};
use crate::store::alerts::notices::{Channel, NoticeReason, SentNotice};
use crate::store::db::transaction::{Stamp, Tx};

/// [`acknowledge`] for the edge: whoever is stamped takes the alert on.
///
/// # Errors
/// As [`acknowledge`].
pub(crate) async fn take_on(clinic: &Deps, stamp: Stamp, id: AlertId) -> Result<Alert, StepError> {
    clinic.store.write(stamp, move |tx| acknowledge(tx, id)).await
}

/// [`renew`] for the edge: whoever is stamped keeps the alert, unless it is by now a colleague's whom nobody saw to have it.
///
/// # Errors
/// As [`renew`]; [`AlertError::HeldBy`].
pub(crate) async fn keep(
    clinic: &Deps,
    stamp: Stamp,
    id: AlertId,
    seen: OwnerSeen,
) -> Result<Alert, StepError> {
    let steps = clinic.clone();
    let job = move |tx: &mut Tx<'_>| {
        still_as_seen(tx, id, &seen)?;
        renew(tx, id, &steps)
    };
    clinic.store.write(stamp, job).await
}

/// That nobody took the alert over since the actor saw who had it: asked in the transaction that acts on it.
pub(in crate::journey::alerts) fn still_as_seen(
    tx: &Tx<'_>,
    id: AlertId,
    seen: &OwnerSeen,
) -> Result<(), StepError> {
    let alert = tx.alert(id)?;
    let owner = alert.acknowledged.filter(|_| alert.state == AlertState::Acknowledged).map(|(by, _)| by);
    match owner.filter(|owner| seen.is_outdated(Some(owner), &tx.actor().word())) {
        Some(owner) => Err(AlertError::HeldBy(owner).into()),
        None => Ok(()),
    }
}

/// The signed-in actor takes an alert on: it is quiet until its clock runs out, and what still waits to ring is withdrawn.
///
/// # Errors
/// [`PermissionError::NotSignedIn`] for anyone but staff; [`AlertError::AlertIs`] when it does not ring.
pub(crate) fn acknowledge(tx: &mut Tx<'_>, id: AlertId) -> Result<Alert, StepError> {
    permit(tx, Act::TakeAlert)?;
    let alert = tx.alert(id)?;
    if alert.state.after(AlertEvent::Acknowledge).is_none() {
        return Err(AlertError::AlertIs(id.0, alert.state.word()).into());
    }
    let by = tx.actor().word();
    // Not before the instant by which somebody must have spoken with her; how much later is worked out then.
    tx.acknowledge_alert(id, &by, Some(alert.due_at.max(tx.at())))?;
    withdraw(tx, id, "a person took the alert on")?;
    Ok(tx.alert(id)?)
}

/// The signed-in actor has spoken with the patient and keeps the alert open, because what it was is not known yet: it is in
/// the actor's hands from now on, and its clock begins anew.
///
/// # Errors
/// [`PermissionError::NotSignedIn`] for anyone but staff; [`AlertError::AlertIs`] when nobody has taken it on.
pub(crate) fn renew(tx: &mut Tx<'_>, id: AlertId, clinic: &Deps) -> Result<Alert, StepError> {
    permit(tx, Act::TakeAlert)?;
    let alert = tx.alert(id)?;
    if alert.state.after(AlertEvent::Renew).is_none() {
        return Err(AlertError::AlertIs(id.0, alert.state.word()).into());
    }
    let clock = renewed_until(alert.tier.unwrap_or(UNSORTED), tx.at(), &clinic.care.days);
    tx.renew_alert(id, clock)?;
    withdraw(tx, id, "its owner has it in hand")?;
    Ok(tx.alert(id)?)
}

/// The signed-in actor hands an alert that was taken on over to a colleague's account. Its clock goes on: what is left of it is
/// the colleague's.
///
/// # Errors
/// [`PermissionError::NotSignedIn`] for anyone but staff; [`AlertError::AlertIs`] when nobody has taken it on.
pub(in crate::journey) fn hand_over(tx: &mut Tx<'_>, id: AlertId, to: &str) -> Result<(), StepError> {
    permit(tx, Act::TakeAlert)?;
    let alert = tx.alert(id)?;
    if alert.state.after(AlertEvent::HandOver).is_none() {
        return Err(AlertError::AlertIs(id.0, alert.state.word()).into());
    }
    tx.hand_alert_over(id, to)?;
    Ok(())
}

/// Tells the colleague to whom an alert was handed over: one letter, in the words in which the ladder is told. Returns whether one
/// goes; an account without an address that works gets none.
pub(in crate::journey) fn tell_colleague(
    tx: &mut Tx<'_>,
    id: AlertId,
    to: &str,
    clinic: &Deps,
) -> Result<bool, StepError> {
    // What waits to remind whoever had it reminds nobody any more.
    withdraw(tx, id, "its alert was handed over")?;
    let Some(colleague) = tx.staff_named(to)? else { return Ok(false) };
    let who = Identity { id: None, name: colleague.name, address: colleague.email };
    let Some(letter) = notify::to_colleague(tx, &tx.alert(id)?, &who, clinic)? else { return Ok(false) };
    let (round, channel) = (tx.alert(id)?.round, Channel::Email(letter));
    tx.note_notice(id, &SentNotice { why: NoticeReason::Owner, round, rung: Some(who), channel })?;
    Ok(true)
}

/// The actor has read her unsorted answers: their alerts ring no more, and nothing else is asked for them.
pub(in crate::journey) fn was_read(tx: &mut Tx<'_>, patient: PatientId) -> Result<(), StepError> {
    let by = tx.actor().word();
    for alert in tx.alerts_open_of(patient)? {
        if alert.tier.is_some() {
            continue;
        }
        match alert.state {
            AlertState::Raised => {
                tx.acknowledge_alert(alert.id, &by, None)?;
            }
            AlertState::Acknowledged => {
                tx.rest_alert(alert.id)?;
            }
            AlertState::Closed => {}
        }
        withdraw(tx, alert.id, "a person has read the answer")?;
    }
    Ok(())
}

/// The signed-in actor ends an acknowledged alert with what was done and what it was.
///
/// # Errors
/// [`PermissionError::NotSignedIn`], [`PermissionError::NotYours`], [`AlertError::NothingDone`], or
/// [`AlertError::AlertIs`] when nobody acknowledged it yet.
pub(crate) fn close(tx: &mut Tx<'_>, id: AlertId, ending: &AlertClosure) -> Result<Alert, StepError> {
    let alert = tx.alert(id)?;
    permit(tx, Act::closing(alert.tier))?;
    if alert.state.after(AlertEvent::Close).is_none() {
        return Err(AlertError::AlertIs(id.0, alert.state.word()).into());
    }
    if ending.dispositions.is_empty() {
        return Err(AlertError::NothingDone.into());
    }
    tx.close_alert(id, ending)?;
    withdraw(tx, id, "its alert was closed")?;
    tx.review_responses(id)?;
    tx.close_tasks_caused(TaskKind::ReadAnswer, &cause(id), "its alert was closed")?;
    Ok(tx.alert(id)?)
}

/// The canary plays the person; only its own alerts, never a patient's.
pub(in crate::journey) fn play(tx: &mut Tx<'_>, id: AlertId, ending: &AlertClosure) -> Result<(), StepError> {
    let alert = tx.alert(id)?;
    if alert.audience != Audience::Canary {
        return Err(PermissionError::NotSignedIn.into());
    }
    tx.acknowledge_alert(id, "canary", None)?;
    tx.close_alert(id, ending)?;
    tx.review_responses(id)?;
    Ok(())
}
