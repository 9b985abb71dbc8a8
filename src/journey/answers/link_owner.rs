//! Whose a link is, for the words around a page: her language, her clock and her country, whatever became of the link.

use crate::care::patient::{Patient, PatientStatus};
use crate::care::time::zone::country;
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

/// The country of whoever a link was made for, whose emergency number its pages name; `None` as in [`language_of`], and where
/// her zone tells none.
#[must_use]
pub fn country_of(clinic: &Deps, token: &str) -> Option<String> {
    let owner = owner(clinic, token).filter(|her| her.status != PatientStatus::Deceased);
    owner.and_then(|her| country(&her.zone))
}

fn owner(clinic: &Deps, token: &str) -> Option<Patient> {
    let owner = clinic.store.read(|view| -> Result<_, StepError> {
        let Some(link) = find(view, &clinic.key, token)? else { return Ok(None) };
        Ok(Some(view.patient(view.record_that_stays(link.patient)?)?))
    });
    owner.ok().flatten()
}
