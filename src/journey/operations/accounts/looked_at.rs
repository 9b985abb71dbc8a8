//! What somebody looked at goes on record, apart from the audit.

use jiff::Timestamp;

use crate::journey::deps::Deps;
use crate::journey::errors::step::StepError;
use crate::store::accounts::record_views::NewView;
use crate::store::db::transaction::{Stamp, Tx};

/// Notes a look; the same one within an hour is noted once.
///
/// # Errors
/// [`StepError`] when the store fails.
pub async fn note(clinic: &Deps, now: Timestamp, look: NewView) -> Result<(), StepError> {
    let job = move |tx: &mut Tx<'_>| -> Result<(), StepError> { Ok(tx.note_view(&look)?) };
    clinic.store.write(Stamp::daemon(now), job).await
}
