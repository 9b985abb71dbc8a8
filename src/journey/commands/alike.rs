//! Several tasks or alerts that share a cause are closed at once: each is asked about by itself, whether it is still open and
//! whether the one who closes may, and each keeps the note.

use std::sync::Arc;

use crate::care::alert::lifecycle::AlertState;
use crate::care::triage::tier::Tier;
use crate::journey::alerts::acknowledge;
use crate::journey::deps::Deps;
use crate::journey::errors::alert::AlertError;
use crate::journey::errors::step::StepError;
use crate::journey::operations::close_alert::{self, ClosureRequest};
use crate::journey::operations::close_task;
use crate::journey::sending_policy::Policy;
use crate::store::alerts::lifecycle::{AlertClosure, AlertId};
use crate::store::db::transaction::{Stamp, Tx};
use crate::store::error::StoreError;

/// What became of each.
#[derive(Debug, Default)]
pub struct ClosedAlike {
    /// Those that are closed.
    pub closed: Vec<i64>,
    /// Those that stay open, and why.
    pub refused: Vec<RefusedClosure>,
}

/// One that stays open.
#[derive(Debug)]
pub struct RefusedClosure {
    /// The row of the task or alert.
    pub id: i64,
    /// Why it stays open, in words for staff.
    pub why: StepError,
}

impl ClosedAlike {
    fn of(ids: &[i64], ends: Vec<Result<(), StepError>>) -> Self {
        let mut all = Self::default();
        for (id, end) in ids.iter().zip(ends) {
            match end {
                Ok(()) => all.closed.push(*id),
                Err(why) => all.refused.push(RefusedClosure { id: *id, why }),
            }
        }
        all
    }
}

/// Closes tasks with one note each.
///
/// # Errors
/// The store's own, where nothing could be written at all.
pub async fn close_tasks(
    clinic: &Deps,
    stamp: Stamp,
    ids: Vec<i64>,
    note: String,
) -> Result<ClosedAlike, StepError> {
    let job = move |tx: &mut Tx<'_>| -> Result<ClosedAlike, StoreError> {
        let ends = tx.each(&ids, |tx, id| close_task::close(tx, *id, &note).map(drop));
        Ok(ClosedAlike::of(&ids, ends))
    };
    let all = clinic.store.write(stamp, job).await?;
    clinic.bells.letters.notify_one();
    Ok(all)
}

/// Takes alerts on where nobody has, and closes them, each with the same disposition. An emergency is closed by itself.
///
/// # Errors
/// The store's own, where nothing could be written at all.
pub async fn close_alerts(
    clinic: &Deps,
    stamp: Stamp,
    ids: Vec<i64>,
    closure: AlertClosure,
) -> Result<ClosedAlike, StepError> {
    let policy = Arc::clone(&clinic.policy);
    let ending = ClosureRequest { closure, steps: Vec::new(), says_none: false };
    let job = move |tx: &mut Tx<'_>| -> Result<ClosedAlike, StoreError> {
        let ends = tx.each(&ids, |tx, id| end(tx, AlertId(*id), &ending, &policy));
        Ok(ClosedAlike::of(&ids, ends))
    };
    Ok(clinic.store.write(stamp, job).await?)
}

fn end(tx: &mut Tx<'_>, id: AlertId, ending: &ClosureRequest, policy: &Policy) -> Result<(), StepError> {
    let alert = tx.alert(id)?;
    if alert.tier == Some(Tier::Emergency) {
        return Err(AlertError::OneByOne.into());
    }
    if alert.state == AlertState::Raised {
        acknowledge::acknowledge(tx, id)?;
    }
    close_alert::conclude(tx, id, ending, policy).map(drop)
}
