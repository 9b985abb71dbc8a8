//! What a signed-in person does with an alert from a page of the console.

use crate::care::alert::closure_step::ClosureStep;
use crate::journey::alerts::{acknowledge, give_back};
use crate::journey::deps::Deps;
use crate::journey::errors::step::StepError;
use crate::journey::operations::close_alert::{self, ClosureRequest};
use crate::journey::owner_seen::OwnerSeen;
use crate::store::alerts::lifecycle::AlertId;
use crate::store::db::transaction::{Stamp, Tx};
use crate::store::work::contact_log::ContactReport;

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
pub async fn keep(clinic: &Deps, stamp: Stamp, id: AlertId, seen: OwnerSeen) -> Result<(), StepError> {
    acknowledge::keep(clinic, stamp, id, seen).await.map(drop)
}

/// Gives an alert back that was taken on: it rings at once.
///
/// # Errors
/// As [`give_back::give_back`].
pub async fn give_back(clinic: &Deps, stamp: Stamp, id: AlertId, seen: OwnerSeen) -> Result<(), StepError> {
    give_back::give_back(clinic, stamp, id, seen).await.map(drop)
}

/// Closes an alert with its disposition and what follows from it.
///
/// # Errors
/// As [`close_alert::end`].
pub async fn close(
    clinic: &Deps,
    stamp: Stamp,
    id: AlertId,
    ending: ClosureRequest,
) -> Result<(), StepError> {
    close_alert::end(clinic, stamp, id, ending).await.map(drop)
}

/// Keeps an alert open whose outcome nobody knows yet, with what was done so far in its call log.
///
/// # Errors
/// As [`close_alert::not_known`].
pub async fn not_known(
    clinic: &Deps,
    stamp: Stamp,
    id: AlertId,
    report: ContactReport,
) -> Result<(), StepError> {
    close_alert::not_known(clinic, stamp, id, report).await
}

/// Takes further steps that follow from an alert that is closed.
///
/// # Errors
/// As [`close_alert::follow`].
pub async fn follow(
    clinic: &Deps,
    stamp: Stamp,
    id: AlertId,
    steps: Vec<ClosureStep>,
) -> Result<(), StepError> {
    close_alert::follow(clinic, stamp, id, steps).await.map(drop)
}
