//! After a crash: letters in hand become `unknown`, first on record; after a rest they go again under the same
//! Message-ID, once and word for word, or wait for a person where the protocol says so (P3, P17).

use jiff::Timestamp;

use crate::care::delivery::{AttemptVerdict, DeliveryEvent, DeliveryState};
use crate::care::plan::reminder::ReminderEvent;
use crate::care::refusal::receipt::Receipt;
use crate::care::task::TaskKind;
use crate::care::time::clock_trust::{ClockTrust, Trusted};
use crate::care::time::span::earlier;
use crate::journey::delivery::outcome::{self, Backoff};
use crate::journey::deps::Deps;
use crate::journey::errors::step::StepError;
use crate::journey::outbox::contents::WriteContext;
use crate::journey::outbox::withdraw::{self, subject};
use crate::journey::outbox::{redelivery, send_window};
use crate::journey::sending_policy::zone;
use crate::store::audit_action::AuditAction;
use crate::store::db::transaction::{Stamp, Tx, View};
use crate::store::mail::delivery::{Delivery, NextStep};
use crate::store::work::tasks::NewTask;

/// Which claimed letters are beyond their worker's reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LostLeases {
    /// The process is new and holds the database alone: nobody lives who holds a letter.
    Everybodys,
    /// Only those whose lease is over and that no worker of this process holds: a lease ends by the wall clock, and a worker
    /// knows nothing of that.
    Overdue,
}

/// Marks letters that nobody holds any more as unknown. Returns how many.
///
/// # Errors
/// [`StepError`] when the store fails.
pub async fn recover_leases(clinic: &Deps, clock: ClockTrust, whose: LostLeases) -> Result<usize, StepError> {
    let horizon = match (whose, clock) {
        // That nobody lives who holds a letter is no matter of time.
        (LostLeases::Everybodys, _) => Timestamp::MAX,
        (LostLeases::Overdue, ClockTrust::Sure(now)) => now.at(),
        (LostLeases::Overdue, ClockTrust::Doubtful(..)) => return Ok(0),
    };
    let (policy, in_flight) = (std::sync::Arc::clone(&clinic.policy), clinic.in_flight.clone());
    let job = move |tx: &mut Tx<'_>| -> Result<usize, StepError> {
        let mut lost = tx.leases_over(horizon)?;
        lost.retain(|letter| !in_flight.hold(letter.id));
        let doubt = |tx: &mut Tx<'_>, letter: &Delivery| -> Result<bool, StepError> {
            let reply = "the worker died with the letter in hand".to_owned();
            let report = Receipt::unsaid(AttemptVerdict::Unknown, reply);
            outcome::record(tx, letter, &report, Backoff::exact(&policy)).map(|_| true)
        };
        one_by_one(tx, &lost, doubt)
    };
    clinic.store.write(Stamp::daemon(clock.now()), job).await
}

/// Puts letters of unknown fate back into the outbox after their rest, where the protocol lets us.
///
/// # Errors
/// [`StepError`] when the store fails.
pub async fn resend(clinic: &Deps, now: Trusted) -> Result<usize, StepError> {
    let now = now.at();
    let rested = earlier(now, clinic.policy.doubt_rests);
    let none = |view: &View<'_>| -> Result<bool, StepError> {
        Ok(view.unknown_since(rested)?.is_empty() && view.doubts_over(now)?.is_empty())
    };
    if clinic.store.read(none)? {
        return Ok(0);
    }
    let steps = clinic.clone();
    let job = move |tx: &mut Tx<'_>| -> Result<usize, StepError> {
        let over = tx.doubts_over(tx.at())?;
        one_by_one(tx, &over, |tx, letter| give_up(tx, letter).map(|()| true))?;
        let doubtful = tx.unknown_since(rested)?;
        one_by_one(tx, &doubtful, |tx, letter| revive(tx, letter, &steps))
    };
    clinic.store.write(Stamp::daemon(now), job).await
}

/// Takes a step for each letter and counts those it did something for. One that cannot be dealt with stays as it is and a
/// person is asked, so that it never stops the others.
fn one_by_one(
    tx: &mut Tx<'_>,
    letters: &[Delivery],
    step: impl FnMut(&mut Tx<'_>, &Delivery) -> Result<bool, StepError>,
) -> Result<usize, StepError> {
    let mut count = 0;
    for (end, letter) in tx.each(letters, step).into_iter().zip(letters) {
        match end {
            Ok(did) => count += usize::from(did),
            Err(StepError::Store(fault)) if fault.is_everyones() => return Err(fault.into()),
            Err(fault) => set_aside(tx, letter, &fault)?,
        }
    }
    Ok(count)
}

fn set_aside(tx: &mut Tx<'_>, letter: &Delivery, fault: &StepError) -> Result<(), StepError> {
    if tx.was_done(TaskKind::LetterUnknown, &subject(letter))? {
        return Ok(());
    }
    let is_new = tx.open_task(&NewTask {
        kind: TaskKind::LetterUnknown,
        cause: subject(letter),
        patient: letter.patient,
        follow_up: None,
        reason: format!("Letter {} may have arrived or not, and cannot be dealt with: {fault}.", letter.id.0),
        due_at: tx.at(),
    })?;
    if is_new {
        tracing::error!(delivery = letter.id.0, %fault, "a letter in doubt is set aside");
    }
    Ok(())
}

/// Nobody will ever know whether she got it, and sending it again is of no use: a person asks her (P1, P7).
fn give_up(tx: &mut Tx<'_>, letter: &Delivery) -> Result<(), StepError> {
    let reason = "its letter may have arrived; nobody knows";
    tx.move_reminders(letter.id, ReminderEvent::Lapse, Some(reason))?;
    tx.audit(AuditAction::DeliveryGivenUp, letter.id, &serde_json::json!({ "doubts": letter.doubts }))?;
    // Whoever was asked already and said it is done has dealt with it.
    if tx.was_done(TaskKind::LetterUnknown, &subject(letter))? {
        return Ok(());
    }
    withdraw::ask(tx, letter, TaskKind::LetterUnknown, reason)
}

/// Lets it go again, unless it would not be the same letter any more.
fn revive(tx: &mut Tx<'_>, letter: &Delivery, clinic: &Deps) -> Result<bool, StepError> {
    let at = match letter.patient {
        Some(id) => {
            let patient = tx.patient(id)?;
            if !send_window::lets_through(tx, &patient, letter.id)? {
                return Ok(false);
            }
            if !redelivery::is_same(tx, letter, WriteContext { patient: &patient, clinic, at: tx.at() })? {
                return redelivery::end_doubt(tx, letter, clinic).map(|()| false);
            }
            clinic.policy.hours.next_open(tx.at(), &zone(&patient.zone)?)
        }
        None => tx.at(),
    };
    if at >= letter.expires_at || letter.state != DeliveryState::Unknown {
        return Ok(false);
    }
    tx.settle(letter, DeliveryEvent::Resend, &NextStep::Again(at))?;
    tx.audit(AuditAction::DeliveryResent, letter.id, &serde_json::json!({ "doubts": letter.doubts }))?;
    Ok(true)
}
