//! Whose a link is, for the words around a page: her language and her clock, whatever became of the link.

use crate::care::patient::{Patient, PatientStatus};
use crate::journey::deps::Deps;
use crate::journey::errors::step::StepError;
use crate::journey::link_key::find;

/// The zone she lives in, for an hour on a page that is hers; `None` where it cannot be read.
#[must_use]
pub fn zone_of(clinic: &Deps, token: &str) -> Option<String> {
    owner(clinic, token).map(|her| her.zone)
}

/// The language of whoever a link was made for, expired or used: a page that stays shut is read in it too. `None` for one that
/// we never made, and for one whose owner has died, which looks the same.
#[must_use]
pub fn language_of(clinic: &Deps, token: &str) -> Option<String> {
    let owner = owner(clinic, token).filter(|her| her.status != PatientStatus::Deceased);
    owner.map(|her| her.letter_language().to_owned())
}

fn owner(clinic: &Deps, token: &str) -> Option<Patient> {
    let owner = clinic.store.read(|view| -> Result<_, StepError> {
        let Some(link) = find(view, &clinic.key, token)? else { return Ok(None) };
        Ok(Some(view.patient(view.record_that_stays(link.patient)?)?))
    });
    owner.ok().flatten()
}
