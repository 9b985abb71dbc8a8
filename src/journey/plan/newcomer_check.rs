//! Whether somebody can be taken in. The look at a roster asks it of every row, and the step that takes her in asks it again: what
//! the one lets pass the other does not refuse, unless the record has changed between the two.

use jiff::Timestamp;

use crate::journey::errors::people::record::RecordError;
use crate::journey::errors::step::StepError;
use crate::journey::patients::duplicates;
use crate::journey::sending_policy::{day, zone};
use crate::store::db::transaction::View;
use crate::store::people::patients::Newcomer;

/// What speaks against her by herself, whoever is on record.
///
/// # Errors
/// [`RecordError`] with the first thing that speaks against her; [`StepError`] where her zone is none.
pub fn alone(new: &Newcomer, now: Timestamp) -> Result<(), StepError> {
    if new.reference.is_canary() {
        return Err(RecordError::Reserved.into());
    }
    duplicates::refuse_name_of_husk(&new.reference)?;
    if let Some(proxy) = &new.proxy {
        proxy.check(new.email.as_ref(), day(now, &zone(&new.zone)?)).map_err(RecordError::Proxy)?;
    }
    Ok(())
}

/// The same, and what speaks against her beside those on record.
///
/// # Errors
/// As [`alone`]; the store's own.
pub fn beside(view: &View<'_>, new: &Newcomer, now: Timestamp) -> Result<(), StepError> {
    alone(new, now)?;
    duplicates::refuse_erased(view, &new.reference)?;
    duplicates::refuse_known(view, &new.reference)?;
    let Some(email) = &new.email else { return Ok(()) };
    let others = view.sharing(email)?;
    let all_agree = new.shared_inbox && others.iter().all(|(_, shared)| *shared);
    if others.is_empty() || all_agree { Ok(()) } else { Err(RecordError::SharedInbox.into()) }
}
