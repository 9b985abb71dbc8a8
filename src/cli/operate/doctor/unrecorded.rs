//! What cannot be put on record, for `doctor`: changes, what loops of the daemon do, the fate of letters.

use std::time::Duration;

use jiff::Timestamp;
use nix::unistd::{AccessFlags, access};

use crate::care::time::span::later;
use crate::cli::context::Context;
use crate::daemon::assembly::sending_settings::LEASE;
use crate::daemon::monitoring::commit_probe;
use crate::journey::operations::condition::failed_loops::{self, FailedLoop};
use crate::store::database::Store;
use crate::store::db::encryption::paths;
use crate::store::error::StoreError;

/// For so long it waits for its turn to write.
const TURN: Duration = Duration::from_secs(2);
/// A letter that is in hand for longer has a slow server, or cannot be put on record.
const IN_HAND: Duration = Duration::from_secs(900);

/// A promise in question, and why.
pub(super) struct Unrecorded {
    pub(super) promise: &'static str,
    pub(super) fact: String,
}

/// Looks at all of it.
pub(super) fn look(store: &Store, ctx: &Context) -> Result<Vec<Unrecorded>, StoreError> {
    let letters = long_in_hand(store, ctx.stamp().at)?.map(|fact| Unrecorded { promise: "P3", fact });
    let unable = unable(store, ctx)?.into_iter().map(|fact| Unrecorded { promise: "P18", fact });
    Ok(letters.into_iter().chain(unable).collect())
}

/// Letters that somebody has carried for long: nobody else can see whether the daemon could not put on record what became of them.
fn long_in_hand(store: &Store, now: Timestamp) -> Result<Option<String>, StoreError> {
    let long = store.read(|view| view.leases_before(later(now, LEASE.saturating_sub(IN_HAND))))?;
    Ok((long > 0).then(|| {
        format!(
            "{long} letters have been in hand for more than {} minutes: their mail server is slow, or what became of them cannot be \
             put on record, and one that the server has taken may go a second time: `journalctl -u aftercare` and `/readyz` say which",
            IN_HAND.as_secs() / 60
        )
    }))
}

/// What keeps changes from being recorded, and loops of the daemon that get nothing done. The daemon needs the directory too: lock, socket and log stand beside the file.
fn unable(store: &Store, ctx: &Context) -> Result<Vec<String>, StoreError> {
    // A change would wait for a minute, and say less.
    let tried = match store.may_write(TURN) {
        Err(fault) if fault.is_busy() => Err(format!(
            "another process has held the database for {} seconds, so no change could be tried: `fuser -v {}` shows it",
            TURN.as_secs(),
            store.path().display()
        )),
        _ => store
            .write_blocking(ctx.stamp(), commit_probe::commit_as_doctor)
            .map_err(|fault| format!("no change can be committed: {fault}")),
    };
    let place = paths::directory(store.path());
    let closed = access(place, AccessFlags::W_OK | AccessFlags::X_OK).err().map(|why| {
        format!(
            "the directory `{}` cannot be written ({}), and the daemon keeps lock, socket and log there: make it writable for the \
             service's user",
            place.display(),
            std::io::Error::from(why)
        )
    });
    let vain = store.read(failed_loops::on_record)?;
    Ok(tried.err().into_iter().chain(closed).chain(vain.iter().map(FailedLoop::sentence)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::database::tests::{fresh, sabotage, stamp};

    #[test]
    fn letters_that_nobody_could_put_on_record_are_named_once_they_are_long_in_hand() {
        let (_dir, store) = fresh();
        let claimed = "INSERT INTO delivery (audience, purpose, local_on, priority, state, frees_day, lease_until, message_id, \
                       expires_at, created_at) VALUES ('staff', 'alert', '2026-11-26', 0, 'claimed', 0, 3600000, 'x@y', 9, 0)";
        store.write_blocking(stamp(), move |tx| sabotage(tx, claimed)).unwrap();
        let after = |minutes| Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_mins(minutes);
        assert_eq!(long_in_hand(&store, after(15)).unwrap(), None);
        let told = long_in_hand(&store, after(16)).unwrap().unwrap();
        assert!(told.starts_with("1 letters have been in hand for more than 15 minutes"), "{told}");
    }
}
