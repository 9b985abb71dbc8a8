//! A task of the worklist is done: by a command, or from a page.

use crate::journey::deps::Deps;
use crate::journey::errors::step::StepError;
use crate::journey::operations::close_task;
use crate::journey::roster::booking_list;
use crate::store::database::Store;
use crate::store::db::transaction::{Stamp, Tx};
use crate::store::plan::follow_ups::FollowUpId;

/// Closes a task, for callers outside the runtime. Returns the standing fact while which it comes back, if there is one.
///
/// # Errors
/// As [`close_task::close`].
pub fn close_blocking(
    store: &Store,
    stamp: Stamp,
    id: i64,
    note: String,
) -> Result<Option<&'static str>, StepError> {
    store.write_blocking(stamp, move |tx: &mut Tx<'_>| close_task::close(tx, id, &note))
}

/// Closes a task, from a page. A hold that ends lets letters go: their loop is woken.
///
/// # Errors
/// [`StepError`]; the store's `is_not_found` when no such task is open.
pub async fn close(clinic: &Deps, stamp: Stamp, id: i64, note: String) -> Result<(), StepError> {
    clinic.store.write(stamp, move |tx: &mut Tx<'_>| close_task::close(tx, id, &note).map(drop)).await?;
    clinic.bells.letters.notify_one();
    Ok(())
}

/// A line of a list of dates to book that a person decides about.
#[derive(Debug, Clone)]
pub struct SettledBooking {
    /// The task behind the list.
    pub task: i64,
    /// What is not booked.
    pub follow_up: FollowUpId,
    /// Why, in words for staff.
    pub note: String,
}

/// Decides that no date is booked for somebody on an import's list.
///
/// # Errors
/// As [`booking_list::settle`].
pub fn settle_booking(store: &Store, stamp: Stamp, ask: SettledBooking) -> Result<(), StepError> {
    store.write_blocking(stamp, move |tx: &mut Tx<'_>| {
        booking_list::settle(tx, ask.task, ask.follow_up, &ask.note)
    })
}
