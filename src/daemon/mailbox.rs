//! The mailbox of replies: what arrives there by IMAP is taken in as `aftercare bounce` does it, while the daemon runs. Each
//! message is taken in before its number is written down, so that none is lost; taken in twice it changes nothing.

mod end;
mod read_progress;
mod session;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::daemon::assembly::engine::Engine;
use crate::daemon::loops::LoopHandles;
use crate::daemon::mailbox::end::MailboxEnd;
use crate::daemon::mailbox::session::MailboxSession;
use crate::daemon::wake::clock_jump::JumpReceiver;
use crate::journey::operations::condition::mailbox::{self, MailboxFault};

/// The rest after a line was lost; it doubles up to the longest one.
const FIRST_REST: Duration = Duration::from_secs(2);
/// A server that is away is asked so often in the end, and one that refuses us from the beginning.
const LONGEST_REST: Duration = Duration::from_secs(300);

/// What the reading of the mailbox needs.
pub(super) struct MailboxLoop {
    /// The engine in force.
    pub(super) engine: watch::Receiver<Arc<Engine>>,
    /// Woken by what came.
    pub(super) handles: LoopHandles,
    /// The jumps of the clock.
    pub(super) jumps: JumpReceiver,
    /// Ends the reading of it.
    pub(super) stop: CancellationToken,
}

/// Reads the mailbox until stopped; another configuration begins anew, and so does a machine that woke from sleep: its line is
/// dead, and a server that is gone says nothing.
pub(super) async fn follow(reader: MailboxLoop) {
    let MailboxLoop { mut engine, handles, mut jumps, stop } = reader;
    let mut rest = FIRST_REST;
    loop {
        let now = Arc::clone(&engine.borrow_and_update());
        let mut session = MailboxSession::new(&now, &handles);
        let ended = tokio::select! {
            biased;
            () = stop.cancelled() => return,
            changed = engine.changed() => match changed {
                Ok(()) => continue,
                Err(_) => return,
            },
            () = jumps.next() => continue,
            // A server whose words break the library must not end the daemon, and alerts with it.
            ended = AssertUnwindSafe(session.run()).catch_unwind() => ended.unwrap_or_else(|_| MailboxEnd::broken()),
        };
        if session.has_moved_on(LONGEST_REST) {
            rest = FIRST_REST;
        }
        let told = ended.told();
        let wait = if told.as_ref().is_some_and(|fault| fault.needs_a_person) { LONGEST_REST } else { rest };
        tracing::warn!(reason = %ended, again_in = ?wait, "the mailbox of replies cannot be read");
        tell(&now, told).await;
        rest = (rest * 2).min(LONGEST_REST);
        tokio::select! {
            biased;
            () = stop.cancelled() => return,
            changed = engine.changed() => if changed.is_err() { return },
            () = jumps.next() => {}
            () = tokio::time::sleep(wait) => {}
        }
    }
}

/// A store that fails is told by others.
async fn tell(engine: &Engine, told: Option<MailboxFault>) {
    let Some(told) = told else { return };
    if let Err(fault) = mailbox::away(&engine.clinic, engine.post.clock.now(), told).await {
        tracing::error!(%fault, "that the mailbox cannot be read could not be written down");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::error::StoreError;

    #[test]
    fn a_fault_of_a_record_is_told_and_one_that_is_everyones_is_left_to_others() {
        let told = |fault: StoreError| MailboxEnd::Store(fault.into()).told();
        let of_a_record = told(StoreError::corrupt("status")).unwrap();
        assert!(of_a_record.needs_a_person && of_a_record.said.contains("impossible value"));
        assert!(told(StoreError::closed()).is_none());
    }
}
