//! Somebody who is not the patient says that she reads her letters: each more tells a stranger of an illness, so letters to that address
//! wait as for one that a mail server refused, and a person asks the patient for another.

use crate::care::inbound::ReaderNews;
use crate::care::patient::{Patient, PatientStatus};
use crate::journey::errors::step::StepError;
use crate::journey::patients::inbound::death_pause::is_rare;
use crate::journey::patients::proxy;
use crate::journey::patients::sender_match::SenderEvidence;
use crate::journey::patients::status::address_lost;
use crate::store::db::transaction::Tx;
use crate::store::people::patients::NewStatus;

/// The reason of the status, as those read it who ask for another address.
const WHY: &str = "somebody who reads this address says that she is not the patient";

/// Stops letters to an address that a stranger reads; gives back whether it did. A letter that went to an older address, or words that
/// nothing shows to come from where letters go, prove nothing of this one.
pub(super) fn stop(
    tx: &mut Tx<'_>,
    tells: Option<ReaderNews>,
    whose: &SenderEvidence,
    patient: Option<&Patient>,
) -> Result<bool, StepError> {
    let Some(patient) = patient.filter(|_| tells == Some(ReaderNews::OtherReader)) else { return Ok(false) };
    let Some(email) = patient.letters_to().map(|email| email.expose().to_owned()) else { return Ok(false) };
    let to = whose.delivery.map(|id| tx.delivery(id)).transpose()?.and_then(|letter| letter.recipient);
    let is_of_older = to.is_some_and(|to| !to.eq_ignore_ascii_case(&email));
    let becomes = NewStatus { to: PatientStatus::AddressBad, reason: WHY, suspected_death: None };
    if is_of_older || !is_rare(tx, whose.proof, becomes)? {
        return Ok(false);
    }
    match &patient.proxy {
        Some(proxy) => proxy::address_refused(tx, &proxy.email)?,
        None => address_lost::record(tx, patient, WHY)?,
    }
    Ok(true)
}
