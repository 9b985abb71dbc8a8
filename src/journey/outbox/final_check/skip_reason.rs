//! What stops a letter whose turn has come: asked alike of one that is about to be sealed and of one that is only previewed (P11).
//! What follows from it is its caller's.

use crate::care::patient::{Patient, PatientStatus};
use crate::journey::errors::step::StepError;
use crate::journey::outbox::final_check::prior_delivery::{self, LEFT};
use crate::journey::outbox::opt_out_reasons::NO_ADDRESS;
use crate::journey::outbox::send_window;
use crate::journey::outbox::withdraw::TAKEN_ON;
use crate::store::db::transaction::View;
use crate::store::mail::delivery::Delivery;

/// Why a letter does not leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::journey::outbox) enum SkipReason {
    /// Nobody need be told of the alert any more.
    TakenOn,
    /// Her status lets no letter through.
    Status(PatientStatus),
    /// It is known to have left before a backup was restored.
    Left,
    /// There is no address to send it to.
    NoAddress,
}

impl SkipReason {
    /// The reason as the ledger has it.
    pub(in crate::journey::outbox) const fn word(self) -> &'static str {
        match self {
            Self::TakenOn => TAKEN_ON,
            Self::Status(status) => status.word(),
            Self::Left => LEFT,
            Self::NoAddress => NO_ADDRESS,
        }
    }
}

/// What stops a letter to staff, or to a patient as she stands when it would leave ([`super::proxy_term`]); `None` if nothing does.
pub(in crate::journey::outbox) fn of(
    view: &View<'_>,
    letter: &Delivery,
    patient: Option<&Patient>,
) -> Result<Option<SkipReason>, StepError> {
    if !view.is_wanted(letter.id)? {
        return Ok(Some(SkipReason::TakenOn));
    }
    let Some(patient) = patient else { return Ok(None) };
    if !send_window::lets_through(view, patient, letter.id)? {
        return Ok(Some(SkipReason::Status(patient.status)));
    }
    if prior_delivery::has_left(view, letter)? {
        return Ok(Some(SkipReason::Left));
    }
    Ok(patient.letters_to().is_none().then_some(SkipReason::NoAddress))
}
