//! Letters that wait while a restored backup is looked at: each was sent, is to be sent, or is dropped. What the journal, or
//! the database that was there before, knows of it is filled in; a person decides what nobody knows.

use crate::care::delivery::DeliveryState;
use crate::care::permission::Act;
use crate::care::task::TaskKind;
use crate::journey::authorize::permit_or_operator;
use crate::journey::deps::Deps;
use crate::journey::errors::people::restore::RestoreError;
use crate::journey::errors::step::StepError;
use crate::journey::outbox::final_check::prior_delivery;
use crate::journey::outbox::withdraw;
use crate::store::audit_action::AuditAction;
use crate::store::database::Store;
use crate::store::db::transaction::{Stamp, Tx, View};
use crate::store::journal::held::HeldDelivery;
use crate::store::journal::prior_doubts::PriorDoubt;
use crate::store::journal::prior_letters::{PriorRecord, PriorState};
use crate::store::mail::delivery::{Delivery, DeliveryId};
use crate::store::subject::Singleton;

/// The cause of the hold that a restore puts up.
pub const CAUSE: &str = "restore";
/// Why a letter is over that a person dropped.
const DROPPED: &str = "a person decided after a restore that it does not leave";

/// What becomes of a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeldOutcome {
    /// She has it, or it is on its way: what it promises is kept.
    WasSent,
    /// It leaves when the hold ends.
    Send,
    /// It does not leave, and nothing it says counts as told.
    Drop,
}

impl HeldOutcome {
    /// Every decision, as they are offered.
    pub const ALL: [Self; 3] = [Self::WasSent, Self::Send, Self::Drop];

    /// The word on the command line, in forms and in the audit.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::WasSent => "was-sent",
            Self::Send => "send",
            Self::Drop => "drop",
        }
    }

    /// The decision of that word; `None` for any other word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.word() == word)
    }

    /// What happens when the hold ends and nobody said anything else; `None` where a person must say.
    #[must_use]
    pub const fn proposed(known: &PriorRecord) -> Option<Self> {
        match (known.is_released, known.left) {
            (true, _) | (false, None) => Some(Self::Send),
            (false, Some(PriorState::Sent)) => Some(Self::WasSent),
            (false, Some(PriorState::InDoubt)) => None,
        }
    }
}

/// What is known of a letter, as lists sort them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeldKind {
    /// It is known to have left.
    Sent,
    /// It may have left.
    InDoubt,
    /// Nothing tells that it left.
    NotKnown,
}

impl HeldKind {
    /// Every kind, as lists offer them.
    pub const ALL: [Self; 3] = [Self::Sent, Self::InDoubt, Self::NotKnown];

    /// The kind that this knowledge makes a letter.
    #[must_use]
    pub const fn of(known: &PriorRecord) -> Self {
        match known.left {
            Some(PriorState::Sent) => Self::Sent,
            Some(PriorState::InDoubt) => Self::InDoubt,
            None => Self::NotKnown,
        }
    }

    /// The word on the command line, in JSON and in forms.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::InDoubt => "in-doubt",
            Self::NotKnown => "not-known",
        }
    }

    /// The kind of that word; `None` for any other word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.word() == word)
    }

    /// What is known, in a sentence for staff.
    #[must_use]
    pub const fn told(self) -> &'static str {
        match self {
            Self::Sent => "It left before the restore.",
            Self::InDoubt => "It may have left before the restore; nobody knows.",
            Self::NotKnown => "Nothing tells that it left.",
        }
    }
}

/// Every letter that waits of which the same is known.
///
/// # Errors
/// [`StepError`] when the store fails.
pub fn alike(view: &View<'_>, kind: HeldKind) -> Result<Vec<HeldEntry>, StepError> {
    let mut all = held(view, DeliveryId(0), u32::MAX)?;
    all.retain(|one| HeldKind::of(&one.known) == kind);
    Ok(all)
}

/// A letter that waits, and what is known of it.
#[derive(Debug, Clone)]
pub struct HeldEntry {
    /// The letter as it waits.
    pub letter: HeldDelivery,
    /// What is known of it.
    pub known: PriorRecord,
}

/// Letters to patients that wait while the restore is looked at, behind this number; at most `limit`. None where no backup
/// waits to be looked at.
///
/// # Errors
/// [`StepError`] when the store fails.
pub fn held(view: &View<'_>, after: DeliveryId, limit: u32) -> Result<Vec<HeldEntry>, StepError> {
    if !view.has_open(TaskKind::Hold, CAUSE)? {
        return Ok(Vec::new());
    }
    let letters = view.held_letters(after, limit)?;
    let known = letters.into_iter().map(|letter| -> Result<_, StepError> {
        Ok(HeldEntry { known: view.prior_knowledge(letter.id)?, letter })
    });
    known.collect()
}

/// Letters that may have left before the restore and that the outbox does not hold: nothing fell due in the copy yet, or it does
/// not have them. None where no backup waits to be looked at.
///
/// # Errors
/// [`StepError`] when the store fails.
pub fn doubts(view: &View<'_>) -> Result<Vec<PriorDoubt>, StepError> {
    if !view.has_open(TaskKind::Hold, CAUSE)? {
        return Ok(Vec::new());
    }
    Ok(view.prior_doubts()?)
}

/// Decides about letters that the outbox does not hold, by the numbers of their records. Returns how many.
///
/// # Errors
/// As [`decide`]; [`RestoreError::NotOwed`] where one is to be dropped.
pub fn decide_doubts(
    store: &Store,
    stamp: Stamp,
    records: Vec<i64>,
    decision: HeldOutcome,
) -> Result<usize, StepError> {
    store.write_blocking(stamp, move |tx: &mut Tx<'_>| -> Result<usize, StepError> {
        permit_or_operator(tx, Act::EndHold)?;
        let open = doubts(tx)?;
        for id in &records {
            let Some(doubt) = open.iter().find(|doubt| doubt.id == *id) else {
                return Err(RestoreError::NotHeld(*id).into());
            };
            let done = match decision {
                HeldOutcome::WasSent => tx.prior_was_sent(*id)?,
                HeldOutcome::Send => tx.prior_may_leave(*id)?,
                HeldOutcome::Drop => return Err(RestoreError::NotOwed(*id).into()),
            };
            let detail = serde_json::json!({ "decision": decision.word(), "before": doubt.delivery.0 });
            if done {
                tx.audit(AuditAction::RestoreDecided, Singleton::Database, &detail)?;
            }
        }
        Ok(records.len())
    })
}

/// Decides about letters, each by itself. Returns how many.
///
/// # Errors
/// `PermissionError::NotYours` for whoever may not end a hold; [`RestoreError::NotHeld`].
pub fn decide(store: &Store, stamp: Stamp, ask: HeldRequest) -> Result<usize, StepError> {
    store.write_blocking(stamp, move |tx: &mut Tx<'_>| carry_out(tx, &ask))
}

/// As [`decide`], asked for from a page of the console.
///
/// # Errors
/// As [`decide`].
pub async fn decide_from_page(clinic: &Deps, stamp: Stamp, ask: HeldRequest) -> Result<usize, StepError> {
    clinic.store.write(stamp, move |tx: &mut Tx<'_>| carry_out(tx, &ask)).await
}

/// Letters, and what becomes of all of them.
#[derive(Debug, Clone)]
pub struct HeldRequest {
    /// Their numbers in the ledger.
    pub letters: Vec<DeliveryId>,
    /// What becomes of them.
    pub decision: HeldOutcome,
}

fn carry_out(tx: &mut Tx<'_>, ask: &HeldRequest) -> Result<usize, StepError> {
    permit_or_operator(tx, Act::EndHold)?;
    let is_held = tx.has_open(TaskKind::Hold, CAUSE)?;
    for id in &ask.letters {
        let letter = tx.delivery(*id)?;
        if !is_held || letter.state != DeliveryState::Pending || letter.patient.is_none() {
            return Err(RestoreError::NotHeld(id.0).into());
        }
        apply(tx, &letter, ask.decision)?;
        let detail = serde_json::json!({ "decision": ask.decision.word() });
        tx.audit(AuditAction::RestoreDecided, *id, &detail)?;
    }
    Ok(ask.letters.len())
}

fn apply(tx: &mut Tx<'_>, letter: &Delivery, decision: HeldOutcome) -> Result<(), StepError> {
    match decision {
        HeldOutcome::WasSent => prior_delivery::was_sent(tx, letter),
        HeldOutcome::Send => Ok(tx.release_prior(letter.id)?),
        HeldOutcome::Drop => withdraw::skip(tx, letter, DROPPED),
    }
}

/// The hold of a restore ends: what is known to have left counts as sent.
///
/// # Errors
/// [`RestoreError::Undecided`] while letters are in doubt of which nobody has said anything; [`RestoreError::NotInOutbox`] while the
/// outbox does not hold one of them.
pub(in crate::journey::operations) fn end(tx: &mut Tx<'_>) -> Result<(), StepError> {
    if !tx.has_prior_letters()? {
        return Ok(());
    }
    let (mut undecided, mut left) = (0, Vec::new());
    for letter in tx.held_letters(DeliveryId(0), u32::MAX)? {
        match HeldOutcome::proposed(&tx.prior_knowledge(letter.id)?) {
            Some(HeldOutcome::WasSent) => left.push(letter.id),
            Some(HeldOutcome::Send | HeldOutcome::Drop) => {}
            None => undecided += 1,
        }
    }
    if undecided > 0 {
        return Err(RestoreError::Undecided(undecided).into());
    }
    // Those that nothing has fallen due for since would go again as if nothing were known.
    let elsewhere = tx.prior_doubts()?.len();
    if elsewhere > 0 {
        return Err(RestoreError::NotInOutbox(elsewhere).into());
    }
    for id in left {
        let letter = tx.delivery(id)?;
        prior_delivery::was_sent(tx, &letter)?;
    }
    Ok(())
}
