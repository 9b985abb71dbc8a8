//! A kind of letters is stopped or started: by a command, or from a page.

use crate::care::guards::stop_kind::StopKind;
use crate::journey::deps::Deps;
use crate::journey::errors::step::StepError;
use crate::journey::operations::guards::letter_stop;
use crate::store::db::transaction::{Stamp, Tx};

/// A kind of letters that shall be stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StopRequest {
    /// A group, or the name of a letter.
    pub kind: String,
    /// Why, in words for staff; may be empty.
    pub reason: String,
}

/// Stops a kind of letters. Returns how many in the outbox wait for it.
///
/// # Errors
/// As [`letter_stop::kind`] and [`letter_stop::stop`].
pub fn stop(clinic: &Deps, stamp: Stamp, ask: StopRequest) -> Result<u32, StepError> {
    let steps = clinic.clone();
    clinic.store.write_blocking(stamp, move |tx: &mut Tx<'_>| {
        let kind = letter_stop::kind(tx, &steps, &ask.kind)?;
        letter_stop::stop(tx, &kind, &ask.reason)
    })
}

/// Starts a kind of letters again. Returns how many letters waited for it. A daemon in this process is woken.
///
/// # Errors
/// As [`letter_stop::start`].
pub fn start(clinic: &Deps, stamp: Stamp, word: String) -> Result<u32, StepError> {
    let waiting = clinic.store.write_blocking(stamp, move |tx: &mut Tx<'_>| {
        // A kind that no protocol has any more can be started all the same.
        letter_stop::start(tx, &StopKind::stored(word))
    })?;
    clinic.bells.letters.notify_one();
    Ok(waiting)
}
