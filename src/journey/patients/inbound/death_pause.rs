//! Letters wait where a message says that she may have died, and that can be believed: a letter to a home in mourning is cruel,
//! and so is silence towards a woman who lives because a stranger wished it. Whoever has a mark of ours is believed; an address
//! alone anybody can write down, so it is believed for a few in an hour, and beyond that a person decides.

use jiff::{SignedDuration, Timestamp};

use crate::care::inbound::ReaderNews;
use crate::care::patient::{Patient, PatientStatus};
use crate::journey::errors::step::StepError;
use crate::journey::patients::sender_match::{SenderEvidence, SenderProof};
use crate::journey::patients::status;
use crate::journey::status_change::StatusChange;
use crate::store::db::transaction::Tx;

/// What those read who must find out.
const MAY_HAVE_DIED: &str = "a message says that she may have died: ask with care before letters go on";
/// The same where nothing but an address tells who wrote.
const BY_ADDRESS: &str =
    "a message from the address on record says that she may have died: ask with care before letters go on";
/// So many begin by an address alone within [`SPAN`], over the clinic: more is no week's mourning, but somebody's plan.
const MOST: i64 = 5;
const SPAN: SignedDuration = SignedDuration::from_hours(1);

/// What a message means for the letters to her.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DeathPause {
    /// They wait, for that reason.
    Begins(&'static str),
    /// They go on: nothing proves that it is so, and a person asks.
    NotProved,
    /// Nothing changes: it tells of no death of hers, or none leave anyway.
    Stands,
}

impl DeathPause {
    /// Whether letters go on to somebody who may have died.
    pub(super) fn goes_on(self) -> bool {
        self == Self::NotProved
    }
}

/// What follows from what a message tells.
pub(super) fn of(
    tx: &Tx<'_>,
    tells: Option<ReaderNews>,
    whose: &SenderEvidence,
    patient: Option<&Patient>,
) -> Result<DeathPause, StepError> {
    let gets_letters = |patient: &Patient| {
        patient.status == PatientStatus::Active
            || patient.status == PatientStatus::Paused && patient.paused_until.is_some()
    };
    if tells != Some(ReaderNews::Died) || !patient.is_some_and(gets_letters) {
        return Ok(DeathPause::Stands);
    }
    let since = tx.at().saturating_sub(SPAN).unwrap_or(Timestamp::MIN);
    Ok(match whose.proof {
        SenderProof::Mark => DeathPause::Begins(MAY_HAVE_DIED),
        SenderProof::Address if tx.paused_since(BY_ADDRESS, since)? < MOST => DeathPause::Begins(BY_ADDRESS),
        SenderProof::Address | SenderProof::None => DeathPause::NotProved,
    })
}

/// Letters wait until a person knows whether she has died. What cannot be paused has its task all the same.
pub(super) fn begin(tx: &mut Tx<'_>, pause: DeathPause, patient: Option<&Patient>) -> Result<(), StepError> {
    let (DeathPause::Begins(reason), Some(patient)) = (pause, patient) else { return Ok(()) };
    let (to, reason) = (PatientStatus::Paused, reason.to_owned());
    let change = StatusChange { to, reason, until: None, confirmed_by: None };
    if let Err(fault) = tx.shielded(|tx| status::change(tx, patient, &change)) {
        tracing::error!(patient = patient.id.0, %fault, "a patient who may have died could not be paused");
    }
    Ok(())
}
