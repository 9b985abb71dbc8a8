//! A letter to one patient that says one thing and is not of the plan: it knows no hours but those it is given.

use std::time::Duration;

use jiff::Timestamp;

use crate::care::patient::Patient;
use crate::care::plan::protocol::OnUnknown;
use crate::care::time::span::later;
use crate::journey::errors::step::StepError;
use crate::journey::outbox::contents::frame;
use crate::journey::sending_policy::{day, zone};
use crate::letter::content::{Inputs, LetterItem};
use crate::store::db::transaction::Tx;
use crate::store::mail::delivery::{DeliveryId, NewDelivery, Purpose};

/// What such a letter says, and for how long that is of use.
pub(in crate::journey) struct NoticeLetter {
    /// The one thing it says.
    pub(in crate::journey) says: LetterItem,
    /// Whether nobody on the alert ladder is reachable, where the letter says so.
    pub(in crate::journey) no_cover: bool,
    /// Not before this instant.
    pub(in crate::journey) leaves_at: Timestamp,
    /// For how long it is of use from then on.
    pub(in crate::journey) of_use: Duration,
}

/// Puts a notice into the outbox. Whether she may be written to is for the caller to ask.
pub(in crate::journey) fn enqueue(
    tx: &mut Tx<'_>,
    patient: &Patient,
    letter: NoticeLetter,
) -> Result<DeliveryId, StepError> {
    let (now, here) = (tx.at(), zone(&patient.zone)?);
    let NoticeLetter { says, no_cover, leaves_at, of_use } = letter;
    let inputs = Inputs { no_cover, ..frame(patient, vec![says], now, &here) };
    Ok(tx.enqueue(&NewDelivery {
        patient: Some(patient.id),
        recipient: None,
        purpose: Purpose::Notice,
        local_on: day(leaves_at, &here),
        next_at: leaves_at,
        expires_at: later(leaves_at, of_use),
        on_unknown: OnUnknown::Resend,
        inputs: serde_json::to_string(&inputs).ok(),
    })?)
}
