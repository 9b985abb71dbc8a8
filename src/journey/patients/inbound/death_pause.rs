//! Letters wait where a message says that she may have died, and that can be believed: a letter to a home in mourning is cruel,
//! and so is silence towards a woman who lives because a stranger wished it. Whoever has a mark of ours is believed; an address
//! alone anybody can write down, so it is believed for a few in an hour, and beyond that a person decides.

use jiff::SignedDuration;

use crate::care::inbound::ReaderNews;
use crate::care::patient::{Patient, PatientStatus};
use crate::care::record::suspected_death::SuspectedDeath;
use crate::care::time::span::earlier;
use crate::journey::errors::step::StepError;
use crate::journey::patients::sender_match::SenderProof;
use crate::journey::patients::status::death_pause;
use crate::store::db::transaction::Tx;
use crate::store::people::patients::NewStatus;

/// So many begin by an address alone within [`SPAN`], over the clinic: more is no week's mourning, but somebody's plan.
const MOST: i64 = 5;
const SPAN: SignedDuration = SignedDuration::from_hours(1);

/// What a message means for the letters to her.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DeathPause {
    /// They wait, for that reason.
    Begins(SuspectedDeath),
    /// They go on: nothing proves that it is so, and a person asks.
    NotProved,
    /// Nothing changes: it tells of no death of hers, or none leave anyway.
    Stands,
}

impl DeathPause {
    /// Whether they wait from now on.
    pub(super) fn begins(self) -> bool {
        matches!(self, Self::Begins(_))
    }

    /// Whether letters go on to somebody who may have died.
    pub(super) fn goes_on(self) -> bool {
        self == Self::NotProved
    }
}

/// What follows from what a message tells.
pub(super) fn of(
    tx: &Tx<'_>,
    tells: Option<ReaderNews>,
    proof: SenderProof,
    patient: Option<&Patient>,
) -> Result<DeathPause, StepError> {
    if tells != Some(ReaderNews::Died) || !patient.is_some_and(death_pause::may_begin) {
        return Ok(DeathPause::Stands);
    }
    let by_address = SuspectedDeath::Address;
    let becomes = NewStatus {
        to: PatientStatus::Paused,
        reason: by_address.reason(),
        suspected_death: Some(by_address),
    };
    Ok(match proof {
        SenderProof::Mark => DeathPause::Begins(SuspectedDeath::Message),
        proof if is_rare(tx, proof, becomes)? => DeathPause::Begins(by_address),
        _ => DeathPause::NotProved,
    })
}

/// Letters wait until a person knows whether she has died. What cannot be paused has its task all the same.
pub(super) fn begin(tx: &mut Tx<'_>, pause: DeathPause, patient: Option<&Patient>) -> Result<(), StepError> {
    let (DeathPause::Begins(why), Some(patient)) = (pause, patient) else { return Ok(()) };
    if let Err(fault) = tx.shielded(|tx| death_pause::begin(tx, patient, why)) {
        tracing::error!(patient = patient.id.0, %fault, "a patient who may have died could not be paused");
    }
    Ok(())
}

/// Whether what a message asks for may follow by itself: it has a mark of ours, or by addresses alone few have done so lately.
pub(super) fn is_rare(tx: &Tx<'_>, proof: SenderProof, becomes: NewStatus<'_>) -> Result<bool, StepError> {
    let since = earlier(tx.at(), SPAN);
    Ok(match proof {
        SenderProof::Mark => true,
        SenderProof::Address => tx.became_since(becomes, since)? < MOST,
        SenderProof::None => false,
    })
}
