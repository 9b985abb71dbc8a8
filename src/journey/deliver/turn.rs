//! One turn at the counter: a transaction that records the letters that came back and takes new ones in hand.

use super::{Delivered, Readers};
use crate::care::delivery::{State, Verdict};
use crate::journey::compose::{self, Turn};
use crate::journey::{Clinic, StepError, policy, settle};
use crate::store::outbox::{Delivery, DeliveryId, FoundDue, Report};
use crate::store::{StoreError, Tx, View};

/// A letter that came back from its line.
pub(super) struct Back {
    pub(super) letter: Box<Delivery>,
    pub(super) end: End,
    /// Spreads the next try.
    pub(super) jitter: u8,
}

/// How its trip ended.
pub(super) enum End {
    /// The server, or its silence, said something.
    Carried(Report),
    /// No line could be had.
    NoLine(Report),
    /// She may not receive it any more, or it says nothing that is owed: it never left.
    Stopped,
    /// It goes back as it came: no line could be had, as others said already, or the pass ended before its turn.
    Untouched,
}

/// A letter and how its trip ended.
pub(super) type Trip = (Box<Delivery>, End);

/// Whether a letter in hand may leave, as the transaction saw it after which it leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Looked {
    /// She may receive it, and it says something that is owed.
    MayLeave,
    /// She may not, or it does not, or somebody else took it over.
    MayNot,
}

/// A letter that a line holds: which, and its attempt.
pub(super) type InHand = (DeliveryId, u32);

/// The last look at a letter before it leaves.
pub(super) fn look(view: &View<'_>, (id, attempt): InHand) -> Result<Looked, StoreError> {
    Ok(if view.may_leave(id, attempt)? { Looked::MayLeave } else { Looked::MayNot })
}

/// How many letters a turn may take in hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Room {
    /// As many as lines would take: so many to staff.
    pub(super) lines: usize,
    /// As many as the limit a minute, and a server that asked for a rest, let leave to patients.
    pub(super) patients: usize,
}

/// What one turn at the counter did.
pub(super) struct Turned {
    /// How the letters stand that came back.
    pub(super) recorded: Vec<State>,
    /// Letters to carry now, each in hand.
    pub(super) taken: Vec<Delivery>,
    /// Letters that wait on or ended instead of leaving.
    pub(super) ended: Delivered,
    /// Whether letters to patients are due that the limit a minute does not let leave yet.
    pub(super) left_behind: bool,
}

/// One turn. A letter that fails at the counter fails alone.
pub(super) fn turn(
    tx: &mut Tx<'_>,
    clinic: &Clinic,
    back: &[Back],
    wish: (Readers, Room),
) -> Result<Turned, StepError> {
    let recorded = record_all(tx, back, clinic)?;
    let (due, left_behind) = due(tx, wish)?;
    let (taken, ended) = take(tx, clinic, due)?;
    Ok(Turned { recorded, taken, ended, left_behind })
}

/// Records letters that came back; gives the state each is left in.
pub(super) fn record_all(tx: &mut Tx<'_>, back: &[Back], clinic: &Clinic) -> Result<Vec<State>, StepError> {
    let mut recorded = Vec::new();
    for (outcome, back) in tx.each(back, |tx, back| record(tx, back, clinic)).into_iter().zip(back) {
        match outcome {
            Ok(state) => recorded.push(state),
            Err(StepError::Store(fault)) if fault.is_everyones() => return Err(fault.into()),
            Err(fault) => {
                // The lease ends and `rescue` marks the letter unknown: nothing is forgotten.
                tracing::error!(delivery = back.letter.id.0, %fault, "a letter's fate could not be recorded");
            }
        }
    }
    Ok(recorded)
}

/// Letters that may be taken in hand, most urgent purpose first; and whether others to patients are due that may not yet.
fn due(tx: &Tx<'_>, (readers, room): (Readers, Room)) -> Result<(Vec<FoundDue>, bool), StepError> {
    let find = |whose: Readers, limit| tx.letters_due(whose.purposes(), tx.at(), limit);
    // Held letters to patients wait; letters to staff never do.
    let readers = match (room.lines > 0 && tx.is_held()?, readers) {
        _ if room.lines == 0 => return Ok((Vec::new(), false)),
        (true, Readers::Patients) => return Ok((Vec::new(), false)),
        (true, Readers::Everyone | Readers::Staff) => Readers::Staff,
        (false, readers) => readers,
    };
    if readers == Readers::Staff || room.patients >= room.lines {
        return Ok((find(readers, room.lines)?, false));
    }
    let staff = if readers == Readers::Everyone { room.lines } else { 0 };
    let mut due = find(Readers::Staff, staff)?;
    let allowed = room.patients.min(room.lines - due.len());
    let patients = find(Readers::Patients, allowed + 1)?;
    let left_behind = patients.len() > allowed;
    due.extend(patients.into_iter().take(allowed));
    Ok((due, left_behind))
}

fn record(tx: &mut Tx<'_>, back: &Back, clinic: &Clinic) -> Result<State, StepError> {
    let Back { letter, end, jitter } = back;
    match end {
        End::Carried(report) | End::NoLine(report) => {
            settle::record(tx, letter, report, (&clinic.policy, *jitter))
        }
        End::Stopped => stop(tx, letter),
        // As if it had never been taken: it counts as nothing.
        End::Untouched => settle::give_back(tx, letter).map(|()| State::Claimed),
    }
}

/// It ends here, unless somebody else took the letter over and that is recorded.
fn stop(tx: &mut Tx<'_>, letter: &Delivery) -> Result<State, StepError> {
    let reason = settle::stopped(tx, letter)?.unwrap_or("nothing left to say");
    settle::skip(tx, letter, reason)?;
    Ok(tx.delivery(letter.id)?.state)
}

/// Takes letters in hand. What may not leave waits on or ends here.
fn take(
    tx: &mut Tx<'_>,
    clinic: &Clinic,
    due: Vec<FoundDue>,
) -> Result<(Vec<Delivery>, Delivered), StepError> {
    let (mut taken, mut ended) = (Vec::new(), Delivered::default());
    let turns = tx.each(&due, |tx, (_, due)| {
        let due = due.as_ref().map_err(StoreError::again)?;
        compose::take(tx, due.clone(), clinic)
    });
    for (turn, (id, _)) in turns.into_iter().zip(due) {
        match turn {
            Ok(Turn::Leaves(letter)) => taken.push(*letter),
            Ok(Turn::Stays(state)) => ended.count(state),
            Err(StepError::Store(fault)) if fault.is_everyones() => return Err(fault.into()),
            Err(fault) => ended.count(poison(tx, id, &fault, clinic)?),
        }
    }
    if !taken.is_empty() {
        let ids: Vec<_> = taken.iter().map(|l| l.id.0).collect();
        tx.audit("delivery.claimed", "outbox", &serde_json::json!({ "deliveries": ids }))?;
    }
    Ok((taken, ended))
}

/// A letter that cannot be composed fails for good, on the record of an attempt that never left.
fn poison(tx: &mut Tx<'_>, id: DeliveryId, fault: &StepError, clinic: &Clinic) -> Result<State, StepError> {
    tracing::error!(delivery = id.0, %fault, "letter cannot be composed");
    let letter = tx.delivery(id)?.in_hand(tx.at());
    let letter = Delivery { message_id: Some("never-sent".to_owned()), ..letter };
    tx.claim(&letter, policy::later(tx.at(), clinic.policy.lease))?;
    settle::record(tx, &letter, &unwritable(&fault.to_string()), (&clinic.policy, 0))
}

/// The report of a letter that cannot be written.
pub(super) fn unwritable(reason: &str) -> Report {
    let reply = format!("the letter cannot be written: {reason}");
    Report { verdict: Verdict::Refused, code: None, enhanced: None, reply, digest: None }
}
