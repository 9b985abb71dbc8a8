//! What an administrator does with the accounts of others, from a page or the command line.

use crate::care::permission::{Act, StaffRole};
use crate::journey::authorize::permit_account;
use crate::journey::deps::Deps;
use crate::journey::errors::step::StepError;
use crate::journey::operations::accounts::invitation::other_account;
use crate::store::accounts::session::EndedSessions;
use crate::store::db::transaction::{Stamp, Tx};

/// Gives an account another role. Its sessions go on, with the new role; links that it made open nothing once it may invite
/// nobody.
///
/// # Errors
/// `AccountError::Unknown`, `AccountError::Own`; the actor may not; the store's own.
pub async fn change_role(clinic: &Deps, stamp: Stamp, name: String, to: StaffRole) -> Result<(), StepError> {
    let job = move |tx: &mut Tx<'_>| -> Result<(), StepError> {
        permit_account(tx, Act::ManageAccounts)?;
        let staff = other_account(tx, &name)?;
        if !to.may(Act::ManageAccounts) {
            tx.withdraw_invitations_by(&staff.name)?;
        }
        Ok(tx.change_role(&staff, to)?)
    };
    clinic.store.write(stamp, job).await
}

/// Turns an account off and signs it out everywhere. A link by which its owner could come back in opens nothing any more.
///
/// # Errors
/// As [`change_role`].
pub async fn turn_off(clinic: &Deps, stamp: Stamp, name: String) -> Result<(), StepError> {
    let job = move |tx: &mut Tx<'_>| -> Result<(), StepError> {
        permit_account(tx, Act::ManageAccounts)?;
        let staff = other_account(tx, &name)?;
        Ok(tx.disable_staff(&staff)?)
    };
    clinic.store.write(stamp, job).await
}

/// Ends sessions of another's account. Returns how many.
///
/// # Errors
/// As [`change_role`].
pub async fn end_sessions(clinic: &Deps, stamp: Stamp, name: String) -> Result<usize, StepError> {
    let job = move |tx: &mut Tx<'_>| -> Result<usize, StepError> {
        permit_account(tx, Act::ManageAccounts)?;
        let staff = other_account(tx, &name)?;
        Ok(tx.end_sessions_of(&staff, &EndedSessions::All)?)
    };
    clinic.store.write(stamp, job).await
}
