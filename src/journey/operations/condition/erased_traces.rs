//! After a record was erased the database's file is written anew, so that nothing of it lies in pages that are not in use any
//! more. All changes wait while it is written, so it has to be done within a moment, is tried once a night, and what a short
//! moment is too short for is done by a person in a quiet hour. That it was begun is on record before it begins: a program that
//! was ended over it does not begin again at once.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::journey::errors::step::StepError;
use crate::store::database::Store;
use crate::store::db::transaction::{Stamp, Tx, View};

/// The fact that remembers when it was tried last, until it is done.
const TRIED: &str = "erased-traces-tried";
/// The fact that remembers after which erasure the file was written anew.
const WRITTEN: &str = "erased-traces-written";
/// It is tried again in the next night.
const REST: SignedDuration = SignedDuration::from_hours(20);
/// How long changes wait at most until it is given up. What SQLite does at its end is not ended, and takes as long again:
/// together that is less than a change waits for its turn, and far less than the watchdog does.
pub const MOMENT: Duration = Duration::from_secs(15);
/// Whoever has stopped the daemon waits for its end.
const WHOLE: Duration = Duration::MAX;

/// What is left to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwedTraces {
    /// The erasure after which nothing was written anew.
    seen: String,
    /// Only the log is still to be folded.
    is_written: bool,
}

/// What is to be done now, if anything is.
///
/// # Errors
/// [`StepError`] when the store fails.
pub fn owed(view: &View<'_>, now: Timestamp) -> Result<Option<OwedTraces>, StepError> {
    let Some(owed) = left(view)? else { return Ok(None) };
    let rests = tried(view)?.is_some_and(|at| at <= now && now.duration_since(at) < REST);
    Ok(Some(owed).filter(|owed| owed.is_written || !rests))
}

/// When it was tried without coming to an end, where it still is to be done.
///
/// # Errors
/// [`StepError`] when the store fails.
pub fn tried_in_vain(view: &View<'_>) -> Result<Option<Timestamp>, StepError> {
    match left(view)? {
        Some(owed) if !owed.is_written => tried(view),
        _ => Ok(None),
    }
}

/// Does what is owed; the file is written within that time or not at all.
///
/// # Errors
/// [`StepError`]; `is_stopped` when the time was too short.
pub fn clear(store: &Store, stamp: Stamp, owed: OwedTraces, within: Duration) -> Result<(), StepError> {
    let OwedTraces { seen, is_written } = owed;
    if !is_written {
        begun(store, stamp.clone())?;
        store.write_anew(within)?;
        let seen = seen.clone();
        let written = move |tx: &mut Tx<'_>| -> Result<(), StepError> { Ok(tx.set_fact(WRITTEN, &seen)?) };
        store.write_blocking(stamp.clone(), written)?;
    }
    store.fold_log()?;
    store.write_blocking(stamp, move |tx: &mut Tx<'_>| -> Result<(), StepError> {
        tx.clear_fact(TRIED)?;
        tx.clear_fact(WRITTEN)?;
        Ok(tx.note_traces_gone(&seen)?)
    })
}

/// Writes the file anew however long it takes, for whoever has stopped the daemon.
///
/// # Errors
/// As [`clear`].
pub fn clear_whole(store: &Store, stamp: Stamp) -> Result<(), StepError> {
    match store.read(left)? {
        Some(owed) => clear(store, stamp, OwedTraces { is_written: false, ..owed }, WHOLE),
        None => {
            store.write_anew(WHOLE)?;
            Ok(store.fold_log()?)
        }
    }
}

fn begun(store: &Store, stamp: Stamp) -> Result<(), StepError> {
    store.write_blocking(stamp, |tx: &mut Tx<'_>| Ok(tx.set_fact(TRIED, &tx.at().to_string())?))
}

fn left(view: &View<'_>) -> Result<Option<OwedTraces>, StepError> {
    let Some(seen) = view.erased_traces()? else { return Ok(None) };
    let is_written = view.fact(WRITTEN)?.as_ref() == Some(&seen);
    Ok(Some(OwedTraces { seen, is_written }))
}

fn tried(view: &View<'_>) -> Result<Option<Timestamp>, StepError> {
    Ok(view.fact(TRIED)?.and_then(|at| at.parse().ok()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journey::fixture::{due, fixture, triage};

    fn hours(n: i64) -> Timestamp {
        due() + SignedDuration::from_hours(n)
    }

    fn remembers(store: &Store, fact: &'static str) {
        let job = move |tx: &mut Tx<'_>| tx.set_fact(fact, "2027-01-01T00:00:00Z");
        store.write_blocking(Stamp::daemon(due()), job).unwrap();
    }

    #[test]
    fn what_was_ended_over_it_rests_a_day_and_what_only_the_log_lacks_is_not_written_twice() {
        let fixture = fixture(triage());
        let store = &fixture.clinic.store;
        let next = |now| store.read(|view| owed(view, now)).unwrap();
        let in_vain = || store.read(tried_in_vain).unwrap();
        assert_eq!((next(due()), in_vain()), (None, None));
        remembers(store, "erased-traces");
        let first = next(due()).unwrap();
        // Killed in the middle: all that stands is that it was begun.
        begun(store, Stamp::daemon(due())).unwrap();
        assert_eq!((next(hours(1)), in_vain()), (None, Some(due())));
        assert_eq!(next(hours(24)), Some(first.clone()));
        let stopped = clear(store, Stamp::daemon(hours(24)), first.clone(), Duration::ZERO).unwrap_err();
        assert!(matches!(&stopped, StepError::Store(fault) if fault.is_stopped()), "{stopped}");
        assert_eq!((next(hours(25)), in_vain()), (None, Some(hours(24))));
        // It is written, and somebody reads so long that the log cannot be folded.
        remembers(store, WRITTEN);
        assert_eq!(next(hours(25)), Some(OwedTraces { is_written: true, ..first }));
        assert_eq!(in_vain(), None);
        clear(store, Stamp::daemon(hours(25)), next(hours(25)).unwrap(), Duration::ZERO).unwrap();
        assert_eq!((next(hours(25)), in_vain()), (None, None));
    }
}
