//! One batch: a transaction that records the letters that came back and takes new ones in hand.

use std::time::Duration;

use crate::care::delivery::DeliveryState;
use crate::care::plan::reminder::ReminderState;
use crate::care::refusal::receipt::Receipt;
use crate::care::time::clock_trust::ClockTrust;
use crate::care::time::span::later;
use crate::journey::alerts::other_channels::by_other_ways;
use crate::journey::delivery::due_letters::{self, BatchRequest, DueLetters};
use crate::journey::delivery::failure::server_refusal;
use crate::journey::delivery::outcome::{self, Backoff};
use crate::journey::delivery::post::Delivered;
use crate::journey::deps::Deps;
use crate::journey::errors::content::ContentError;
use crate::journey::errors::step::StepError;
use crate::journey::in_flight::ClaimedLetter;
use crate::journey::operations::guards::volume;
use crate::journey::outbox::compose::{self, ComposeOutcome};
use crate::journey::outbox::{redelivery, withdraw};
use crate::store::audit_action::AuditAction;
use crate::store::db::transaction::{Tx, View};
use crate::store::error::StoreError;
use crate::store::mail::delivery::{Delivery, DeliveryId, Purpose};
use crate::store::mail::final_check::FinalCheck;
use crate::store::mail::outbox::FoundDue;
use crate::store::subject::Singleton;

/// How long a letter waits for a record that cannot be read, or that cannot leave although it is due, before it is looked at again.
const UNREAD_RESTS: Duration = Duration::from_secs(3600);

/// A letter that came back from its worker.
pub(in crate::journey::delivery) struct CarriedLetter {
    pub(in crate::journey::delivery) held: ClaimedLetter,
    pub(in crate::journey::delivery) end: SendResult,
    /// Spreads the next try.
    pub(in crate::journey::delivery) jitter: u8,
}

/// How its trip ended.
pub(in crate::journey::delivery) enum SendResult {
    /// The server, or its silence, said something.
    Carried(Receipt),
    /// No connection could be had.
    NoConnection(Receipt),
    /// She may not receive it any more, or it says nothing that is owed: it never left.
    Stopped,
    /// It goes back as it came: no connection could be had, as others said already, or the pass ended before its turn.
    Untouched,
}

/// A letter and how its trip ended.
pub(in crate::journey::delivery) type CarriedLetterResult = (ClaimedLetter, SendResult);

/// Whether a letter in hand may leave, as the transaction saw it after which it leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::journey::delivery) enum CheckVerdict {
    /// She may receive it, and it says something that is owed.
    MayLeave,
    /// She may not, or it does not, or somebody else took it over.
    MayNot,
}

/// What a last look found, and when.
#[derive(Debug, Clone, Copy)]
pub(in crate::journey::delivery) struct FinalCheckResult {
    pub(in crate::journey::delivery) verdict: CheckVerdict,
    /// By the clock that never jumps.
    pub(in crate::journey::delivery) at: Duration,
}

/// The last look at a letter before it leaves.
pub(in crate::journey::delivery) fn look(
    view: &View<'_>,
    asked: &FinalCheck,
) -> Result<CheckVerdict, StoreError> {
    Ok(if view.may_leave(asked)? { CheckVerdict::MayLeave } else { CheckVerdict::MayNot })
}

/// What one batch did.
pub(in crate::journey::delivery) struct BatchResult {
    /// How the letters stand that came back.
    pub(in crate::journey::delivery) recorded: Vec<DeliveryState>,
    /// Letters to carry now, each in hand.
    pub(in crate::journey::delivery) taken: Vec<ClaimedLetter>,
    /// Letters that wait on or ended instead of leaving.
    pub(in crate::journey::delivery) ended: Delivered,
    /// Whether letters were set aside in whose place others may leave.
    pub(in crate::journey::delivery) set_aside: bool,
    /// Whether letters to patients are due that the limit a minute does not let leave yet.
    pub(in crate::journey::delivery) left_behind: bool,
}

/// Runs one batch. A letter that fails in it fails alone.
pub(in crate::journey::delivery) fn run(
    tx: &mut Tx<'_>,
    clinic: &Deps,
    back: &[CarriedLetter],
    request: BatchRequest,
) -> Result<BatchResult, StepError> {
    let recorded = record_all(tx, clinic, back, request.clock)?;
    let standing = tx.mail_refusal()?;
    let found = match &standing {
        None => due_letters::due(tx, clinic, request)?,
        Some(standing) => due_letters::due_while_refused(tx, request, standing)?,
    };
    let DueLetters { due, left_behind } = found;
    let Taken { taken, ended, set_aside } = take(tx, clinic, request.clock, due)?;
    let first = |held: &&ClaimedLetter| held.letter.purpose == Purpose::Reminders && held.letter.attempt == 1;
    let first = taken.iter().filter(first).count();
    volume::count(tx, &clinic.policy, u32::try_from(first).unwrap_or(u32::MAX))?;
    if let Some(standing) = standing.filter(|_| taken.iter().any(|hand| hand.letter.is_to_patient())) {
        server_refusal::probing(tx, &standing)?;
    }
    Ok(BatchResult { recorded, taken, ended, set_aside, left_behind })
}

/// Records letters that came back; gives the state each is left in.
pub(in crate::journey::delivery) fn record_all(
    tx: &mut Tx<'_>,
    clinic: &Deps,
    back: &[CarriedLetter],
    clock: ClockTrust,
) -> Result<Vec<DeliveryState>, StepError> {
    let mut recorded = Vec::new();
    for (outcome, back) in tx.each(back, |tx, back| record(tx, clinic, back, clock)).into_iter().zip(back) {
        match outcome {
            Ok(state) => recorded.push(state),
            Err(StepError::Store(fault)) if fault.is_everyones() => return Err(fault.into()),
            Err(fault) => {
                // The lease ends and `recover_leases` marks the letter unknown: nothing is forgotten.
                tracing::error!(delivery = back.held.letter.id.0, %fault, "a letter's fate could not be recorded");
            }
        }
    }
    Ok(recorded)
}

fn record(
    tx: &mut Tx<'_>,
    clinic: &Deps,
    back: &CarriedLetter,
    clock: ClockTrust,
) -> Result<DeliveryState, StepError> {
    let CarriedLetter { held: ClaimedLetter { letter, .. }, end, jitter } = back;
    match end {
        SendResult::Carried(report) | SendResult::NoConnection(report) => {
            let retry = Backoff { policy: &clinic.policy, jitter: *jitter };
            let state = match clock.sure() {
                Some(_) => outcome::record(tx, letter, report, retry)?,
                None => outcome::record_in_doubt(tx, letter, report, retry)?,
            };
            by_other_ways(tx, letter, report, clinic)?;
            Ok(state)
        }
        SendResult::Stopped => stop(tx, clinic, &back.held, clock),
        // As if it had never been taken: it counts as nothing.
        SendResult::Untouched => outcome::return_claim(tx, letter).map(|()| DeliveryState::Claimed),
    }
}

/// It ends here, unless somebody else took the letter over and that is recorded, or what stopped it a moment ago is over, or
/// part of what it says is still owed: then it is written anew.
fn stop(
    tx: &mut Tx<'_>,
    clinic: &Deps,
    held: &ClaimedLetter,
    clock: ClockTrust,
) -> Result<DeliveryState, StepError> {
    let letter = &held.letter;
    let is_owed = |tx: &Tx<'_>| -> Result<bool, StepError> {
        let promises = tx.reminders_of_delivery(letter.id)?;
        Ok(promises.is_empty() || promises.iter().any(|r| r.state == ReminderState::Due))
    };
    let goes_on = clock.sure().is_none() || tx.may_leave(&held.asked())?;
    match outcome::stopped(tx, letter)? {
        Some(reason) => withdraw::skip(tx, letter, reason)?,
        // Its turn comes again, and then it is held back.
        None if tx.is_stopped(letter.id)? => {
            outcome::return_claim(tx, letter)?;
            return Ok(DeliveryState::Claimed);
        }
        None if !goes_on && letter.doubts > 0 => redelivery::end_doubt(tx, letter, clinic)?,
        None if goes_on || is_owed(tx)? => {
            outcome::return_claim(tx, letter)?;
            return Ok(DeliveryState::Claimed);
        }
        None => withdraw::skip(tx, letter, "nothing left to say")?,
    }
    Ok(tx.delivery(letter.id)?.state)
}

/// What became of letters that were due.
#[derive(Default)]
struct Taken {
    taken: Vec<ClaimedLetter>,
    ended: Delivered,
    /// Whether some were put off, or are not asked for any more.
    set_aside: bool,
}

/// Takes letters in hand. What may not leave waits on or ends here.
fn take(tx: &mut Tx<'_>, clinic: &Deps, clock: ClockTrust, due: Vec<FoundDue>) -> Result<Taken, StepError> {
    let Taken { mut taken, mut ended, mut set_aside } = Taken::default();
    let turns = tx.each(&due, |tx, (_, due)| {
        let due = due.as_ref().map_err(StoreError::clone)?;
        compose::take(tx, due.clone(), clinic, clock)
    });
    for (turn, (id, _)) in turns.into_iter().zip(due) {
        match turn {
            Ok(ComposeOutcome::Leaves(letter, owed)) => {
                taken.push(ClaimedLetter::new(letter, owed, &clinic.in_flight))
            }
            Ok(ComposeOutcome::Stays(DeliveryState::Pending)) if is_due(tx, id)? => {
                tracing::error!(delivery = id.0, "a letter is due and neither leaves nor waits");
                rest(tx, id)?;
                set_aside = true;
            }
            Ok(ComposeOutcome::Stays(state)) => ended.count(state),
            Err(StepError::Store(fault)) if fault.is_everyones() => return Err(fault.into()),
            Err(fault) if can_wait(&fault) => {
                put_off(tx, id, &fault)?;
                set_aside = true;
            }
            Err(fault) => match tx.shielded(|tx| poison(tx, id, &fault, clinic)) {
                Err(StepError::Store(fault)) if fault.is_everyones() => return Err(fault.into()),
                Err(again) => {
                    leave(tx, id, &again);
                    set_aside = true;
                }
                Ok(state) => ended.count(state),
            },
        }
    }
    if !taken.is_empty() {
        let ids: Vec<_> = taken.iter().map(|held| held.letter.id.0).collect();
        tx.audit(AuditAction::DeliveryClaimed, Singleton::Outbox, &serde_json::json!({ "deliveries": ids }))?;
    }
    Ok(Taken { taken, ended, set_aside })
}

/// Whether a letter whose turn it was waits on and is due at once again: it would go round for ever.
fn is_due(tx: &Tx<'_>, id: DeliveryId) -> Result<bool, StoreError> {
    Ok(tx.delivery(id)?.next_at.is_some_and(|at| at <= tx.at()))
}

/// Whether a record behind a letter cannot be read, so that the letter leaves once it is mended. What was sealed in a letter
/// itself nobody can mend.
fn can_wait(fault: &StepError) -> bool {
    match fault {
        StepError::Store(fault) => fault.is_unreadable(),
        StepError::Content(ContentError::Protocol(_) | ContentError::Zone(_)) => true,
        _ => false,
    }
}

/// Its row takes no change at all: it stays, and a person is told.
fn leave(tx: &Tx<'_>, id: DeliveryId, fault: &StepError) {
    tracing::error!(delivery = id.0, %fault, "a letter can neither leave nor fail");
    tx.note_unread("delivery", id.0, "its row takes no change");
    tx.note_stuck("delivery", id.0);
}

/// It waits an hour, so that it stops no other; the record that cannot be read has a task of its own.
fn put_off(tx: &mut Tx<'_>, id: DeliveryId, fault: &StepError) -> Result<(), StepError> {
    tracing::error!(delivery = id.0, %fault, "a letter waits for a record that cannot be read");
    if let (StepError::Content(ContentError::Zone(_)), Ok(Some(patient))) =
        (fault, tx.delivery(id).map(|letter| letter.patient))
    {
        tx.note_unread("patient", patient.0, "her time zone is not in the zone database");
    }
    rest(tx, id)
}

/// It waits an hour, so that it stops no other.
fn rest(tx: &mut Tx<'_>, id: DeliveryId) -> Result<(), StepError> {
    let again = later(tx.at(), UNREAD_RESTS);
    match tx.shielded(|tx| tx.postpone(id, again)) {
        Err(fault) if fault.is_everyones() => return Err(fault.into()),
        Err(_) => tx.note_stuck("delivery", id.0),
        Ok(_) => {}
    }
    Ok(())
}

/// A letter that cannot be composed fails for good, on the record of an attempt that never left.
fn poison(
    tx: &mut Tx<'_>,
    id: DeliveryId,
    fault: &StepError,
    clinic: &Deps,
) -> Result<DeliveryState, StepError> {
    tracing::error!(delivery = id.0, %fault, "letter cannot be composed");
    let letter = tx.delivery(id)?.in_hand(tx.at());
    let letter = Delivery { message_id: Some("never-sent".to_owned()), ..letter };
    if !tx.claim(&letter, later(tx.at(), clinic.policy.lease))? {
        return Err(StoreError::conflict("that letter does not wait as it was read").into());
    }
    outcome::record(tx, &letter, &outcome::unwritable(&fault.to_string()), Backoff::exact(&clinic.policy))
}
