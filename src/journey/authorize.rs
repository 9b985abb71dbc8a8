//! Whether the actor may do what is asked: one rule for the console and the command line, asked inside the transaction that
//! does it. Who may do what stands in [`crate::care::permission`].

use crate::care::actor::Actor;
use crate::care::permission::{Act, StaffRole};
use crate::journey::errors::permission::PermissionError;
use crate::journey::errors::step::StepError;
use crate::store::db::transaction::{Tx, View};

/// The actor has an account that is on, and its role may do that. Returns the account's name.
///
/// # Errors
/// [`PermissionError::NotSignedIn`], [`PermissionError::NotYours`]; the store's own.
pub fn permit(tx: &Tx<'_>, act: Act) -> Result<String, StepError> {
    let (name, role) = signed_in(tx)?.ok_or(PermissionError::NotSignedIn)?;
    if role.may(act) { Ok(name) } else { Err(PermissionError::NotYours(act).into()) }
}

/// As [`permit`]; where no account that is on may do it, whoever holds the machine may.
///
/// # Errors
/// As [`permit`].
pub fn permit_or_operator(tx: &Tx<'_>, act: Act) -> Result<(), StepError> {
    if signed_in(tx)?.is_none() && !has_somebody_for(tx, act)? {
        return Ok(());
    }
    permit(tx, act).map(drop)
}

/// If an account acts, its role may do that; of the program itself, and of whoever holds the machine, nothing is asked.
///
/// # Errors
/// As [`permit`].
pub fn permit_account(tx: &Tx<'_>, act: Act) -> Result<(), StepError> {
    match tx.actor() {
        Actor::Staff(_) => permit(tx, act).map(drop),
        _ => Ok(()),
    }
}

/// Whether an account that is on may do that.
///
/// # Errors
/// [`StepError`] when the store fails.
pub fn has_somebody_for(view: &View<'_>, act: Act) -> Result<bool, StepError> {
    Ok(view.staff()?.iter().any(|staff| staff.disabled_at.is_none() && staff.role.may(act)))
}

fn signed_in(tx: &Tx<'_>) -> Result<Option<(String, StaffRole)>, StepError> {
    let Actor::Staff(name) = tx.actor() else { return Ok(None) };
    let on = tx.staff_named(name)?.filter(|staff| staff.disabled_at.is_none());
    Ok(on.map(|staff| (staff.name, staff.role)))
}
