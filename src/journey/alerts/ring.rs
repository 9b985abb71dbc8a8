//! An alert rings: due notices go out, and letters of notices that no longer hold are withdrawn.

use jiff::{SignedDuration, Timestamp};

use crate::care::alert::escalation::{EscalationProgress, EscalationReason, EscalationStep};
use crate::care::alert::lifecycle::AlertEvent;
use crate::care::alert::ring_dates::RingDates;
use crate::care::delivery::DeliveryState;
use crate::care::time::span::later;
use crate::journey::alerts::cause::UNSORTED;
use crate::journey::alerts::notify;
use crate::journey::deps::Deps;
use crate::journey::errors::step::StepError;
use crate::journey::outbox::withdraw::skip;
use crate::store::alerts::lifecycle::{Alert, AlertId};
use crate::store::db::transaction::Tx;

/// Takes what still waits to tell of an alert out of both outboxes. What a line holds is stopped by the last look.
pub(in crate::journey::alerts) fn withdraw(
    tx: &mut Tx<'_>,
    id: AlertId,
    reason: &str,
) -> Result<(), StepError> {
    tx.withdraw_calls(id)?;
    withdraw_letters(tx, id, reason)
}

/// The same of its letters alone.
pub(in crate::journey) fn withdraw_letters(
    tx: &mut Tx<'_>,
    id: AlertId,
    reason: &str,
) -> Result<(), StepError> {
    for letter in tx.alert_letters_waiting(id, None)? {
        let letter = tx.delivery(letter)?;
        if letter.state == DeliveryState::Pending {
            skip(tx, &letter, reason)?;
        }
    }
    Ok(())
}

/// One alert takes every step that is due, in turn, and says when the next is.
pub(in crate::journey::alerts) fn ring(
    tx: &mut Tx<'_>,
    alert: &Alert,
    clinic: &Deps,
) -> Result<usize, StepError> {
    let (now, ladder) = (tx.at(), &clinic.care.ladder);
    let overtaken = instants(alert).is_ahead(now);
    let mut alert = moved_back(alert.clone(), now);
    let mut progress = progress(tx, &alert)?;
    let mut notices = 0;
    for step in 0..STEPS {
        let Some(notice) = ladder.next(&progress, now) else { break };
        let notice = EscalationStep { at: notice.at.max(rested(&alert, &progress)), ..notice };
        alert.next_notice_at = Some(notice.at);
        if notice.at > now && !(overtaken && step == 0) {
            break;
        }
        notify::tell(tx, &alert, &notice, clinic)?;
        let event =
            if notice.why == EscalationReason::Again { AlertEvent::Repeat } else { AlertEvent::Escalate };
        alert.state = alert.state.after(event).unwrap_or(alert.state);
        progress = progress.after(&notice, ladder, now);
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

/// The soonest that an alert of a woman who has died rings again: nobody can be helped by its hurry any more, and it ends with a
/// person all the same.
fn rested(alert: &Alert, progress: &EscalationProgress) -> Timestamp {
    let last = progress.last_at.filter(|_| alert.has_died);
    last.map_or(Timestamp::MIN, |last| later(last, AFTER_DEATH))
}

/// How long it rests between two notices then.
const AFTER_DEATH: SignedDuration = SignedDuration::from_hours(24);

/// More steps than any ladder takes at one instant; guards against a rule that does not move on.
pub(in crate::journey::alerts) const STEPS: usize = 64;

fn instants(alert: &Alert) -> RingDates {
    RingDates {
        raised_at: alert.ringing_since,
        climbed_at: alert.climbed_at,
        everyone_at: alert.everyone_at,
        last_at: alert.last_notice_at,
    }
}

/// The same alert, as if nothing of it lay in the future.
pub(in crate::journey::alerts) fn moved_back(alert: Alert, now: Timestamp) -> Alert {
    let RingDates { raised_at, climbed_at, everyone_at, last_at } = instants(&alert).no_later_than(now);
    Alert { ringing_since: raised_at, climbed_at, everyone_at, last_notice_at: last_at, ..alert }
}

pub(in crate::journey::alerts) fn progress(
    tx: &Tx<'_>,
    alert: &Alert,
) -> Result<EscalationProgress, StepError> {
    Ok(EscalationProgress {
        state: alert.state,
        tier: alert.tier.unwrap_or(UNSORTED),
        raised_at: alert.ringing_since,
        told: tx.told_of(alert.id)?,
        climbed_at: alert.climbed_at,
        everyone_at: alert.everyone_at,
        patient_at: tx.patient_told_at(alert.id)?,
        last_at: alert.last_notice_at,
        unreachable: tx.unreachable_addresses()?.into_iter().collect(),
    })
}
