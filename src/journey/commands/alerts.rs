//! What a signed-in person does with an alert from a page of the console.

use crate::journey::alerts::acknowledge;
use crate::journey::deps::Deps;
use crate::journey::errors::step::StepError;
use crate::store::alerts::lifecycle::{AlertClosure, AlertId};
use crate::store::db::transaction::{Stamp, Tx};

/// Makes the actor the owner of an alert: it is quiet until its clock runs out.
///
/// # Errors
/// As [`acknowledge::acknowledge`].
pub async fn acknowledge(clinic: &Deps, stamp: Stamp, id: AlertId) -> Result<(), StepError> {
    clinic.store.write(stamp, move |tx: &mut Tx<'_>| acknowledge::acknowledge(tx, id).map(drop)).await
}

/// Keeps an alert that was taken on: the actor has spoken with her.
///
/// # Errors
/// As [`acknowledge::keep`].
pub async fn keep(clinic: &Deps, stamp: Stamp, id: AlertId) -> Result<(), StepError> {
    acknowledge::keep(clinic, stamp, id).await.map(drop)
}

/// Closes an alert with its disposition.
///
/// # Errors
/// As [`acknowledge::close`].
pub async fn close(clinic: &Deps, stamp: Stamp, id: AlertId, ending: AlertClosure) -> Result<(), StepError> {
    clinic.store.write(stamp, move |tx: &mut Tx<'_>| acknowledge::close(tx, id, &ending).map(drop)).await
}
